// SPDX-License-Identifier: EUPL-1.2
//! Which of the sound cards is heard by one person only.

use std::collections::BTreeSet;

use site::UsbId;

use crate::terminals::Terminal;

/// A sound card that can play.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Card {
    /// ALSA's number of it; another card may get it later.
    pub number: u32,
    /// ALSA's name of it, such as `PCH`.
    pub id: String,
    /// Its USB device, if it is one, and what that says its sound comes out of.
    pub usb: Option<(UsbId, BTreeSet<Terminal>)>,
    /// Whether something is plugged into its jack for headphones; nothing if it has none.
    pub jack: Option<bool>,
}

impl Card {
    /// Whether only one person hears it. What a USB device says of itself counts only if it says nothing else, since a
    /// loudspeaker may have a headphone jack too; a device that the site names counts in any case.
    fn is_private(&self, named: &BTreeSet<UsbId>) -> bool {
        match (&self.usb, self.jack) {
            (Some((id, terminals)), _) => {
                let says = !terminals.is_empty() && terminals.iter().all(|t| t.is_at_the_ear());
                named.contains(id) || says
            }
            (None, jack) => jack == Some(true),
        }
    }
}

/// The card that only one person hears. A plug in a jack goes before what is always there: somebody has just put it in.
pub fn choose<'a>(cards: &'a [Card], named: &BTreeSet<UsbId>) -> Option<&'a Card> {
    let private = || cards.iter().filter(|card| card.is_private(named));
    private()
        .find(|card| card.usb.is_none())
        .or_else(|| private().min_by_key(|card| card.number))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn usb(number: u32, id: &str, terminals: &[Terminal]) -> Card {
        let id = UsbId::parse(id).unwrap();
        Card {
            number,
            usb: Some((id, terminals.iter().copied().collect())),
            ..Card::default()
        }
    }

    fn built_in(number: u32, jack: Option<bool>) -> Card {
        Card {
            number,
            jack,
            ..Card::default()
        }
    }

    /// Proves T13 and T17: a loudspeaker is never taken for an ear, a handset and plugged-in headphones are.
    #[test]
    fn only_what_one_person_hears_is_an_ear() {
        let named = BTreeSet::from([UsbId::parse("1234:5678").unwrap()]);
        let number = |cards: &[Card]| choose(cards, &named).map(|card| card.number);
        let speaker = usb(1, "0000:0001", &[Terminal::Other]);
        let both = usb(2, "0000:0002", &[Terminal::Other, Terminal::Headphones]);
        let silent = usb(3, "0000:0003", &[]);
        let handset = usb(4, "0000:0004", &[Terminal::Handset]);
        let known = usb(5, "1234:5678", &[Terminal::Other]);
        assert_eq!(number(&[speaker.clone(), both, silent]), None);
        assert_eq!(number(&[built_in(0, None), built_in(6, Some(false))]), None);
        assert_eq!(number(&[speaker, known.clone(), handset.clone()]), Some(4));
        assert_eq!(number(std::slice::from_ref(&known)), Some(5));
        assert_eq!(number(&[handset, built_in(6, Some(true))]), Some(6));
    }

    proptest! {
        /// Proves T17: whatever is plugged in, what is chosen is private.
        #[test]
        fn what_is_chosen_is_private(cards in proptest::collection::vec((0u32..8, any::<Option<bool>>(), any::<bool>(), 0u16..4), 0..6)) {
            let cards: Vec<Card> = cards.into_iter().map(|(number, jack, is_usb, kind)| {
                let terminal = [Terminal::Other, Terminal::Handset, Terminal::Headset, Terminal::Headphones];
                if is_usb { usb(number, "0000:0001", &terminal[kind as usize..=kind as usize]) } else { built_in(number, jack) }
            }).collect();
            let named = BTreeSet::new();
            match choose(&cards, &named) {
                Some(card) => prop_assert!(card.is_private(&named)),
                None => prop_assert!(!cards.iter().any(|card| card.is_private(&named))),
            }
        }
    }
}
