// SPDX-License-Identifier: EUPL-1.2
//! One answer for all network cards. Pure.

use std::time::Duration;

use api::network::{Condition, Kind, Link};

/// A way out may come after all that networkd tells of, by a router's advertisement.
const WAY_OUT: Duration = Duration::from_secs(2);
/// The longest pause while there is none.
const SELDOM: Duration = Duration::from_secs(20);
/// And it may end so, when the router has not been heard for long.
const EXPIRY: Duration = Duration::from_mins(1);

/// How far a network card has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It was not switched on yet.
    Starting,
    /// Nothing comes in.
    NoCarrier,
    /// Something is at the other end.
    Carrier,
    /// It has an address that is good for more than the next machine.
    Routable,
}

/// A network card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Card {
    /// What a link over it is made of.
    pub kind: Kind,
    /// How far it has come.
    pub state: State,
    /// Whether a way leads out of the place's network.
    pub leads_out: bool,
}

/// The link: the one that is connected, else the one that is nearest to it; of equal ones a cable goes before radio (C4).
pub fn judge(cards: &[Card]) -> Link {
    let links = cards.iter().map(|card| Link {
        condition: condition(*card),
        kind: card.kind,
    });
    let nothing = Link {
        condition: Condition::NoCarrier,
        kind: Kind::None,
    };
    links.min().unwrap_or(nothing)
}

/// When to look again although networkd has told of nothing: it tells of cables and addresses, but not of routes. `looks` is how
/// often this was the answer before: where a place gives no way out, it is asked for less and less.
pub fn look_again(link: Link, looks: u32) -> Option<Duration> {
    match (link.condition, link.kind) {
        (Condition::Connected, _) | (Condition::Connecting, Kind::None) => Some(EXPIRY),
        (Condition::NoCarrier, _) => None,
        (Condition::Connecting, _) => Some(WAY_OUT.saturating_mul(looks.max(1)).min(SELDOM)),
    }
}

const fn condition(card: Card) -> Condition {
    match card.state {
        State::NoCarrier => Condition::NoCarrier,
        State::Routable if card.leads_out => Condition::Connected,
        State::Starting | State::Carrier | State::Routable => Condition::Connecting,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const STATES: [State; 4] = [
        State::Starting,
        State::NoCarrier,
        State::Carrier,
        State::Routable,
    ];

    fn cards() -> impl Strategy<Value = Vec<Card>> {
        let kind =
            prop::sample::select(&[Kind::Wired, Kind::Wireless, Kind::Mobile, Kind::Other][..]);
        let card = (kind, prop::sample::select(&STATES[..]), any::<bool>());
        let card = card.prop_map(|(kind, state, leads_out)| Card {
            kind,
            state,
            leads_out,
        });
        prop::collection::vec(card, 0..6)
    }

    /// Proves C13: a device without a card says so, and a card is connected only with an address and a way out.
    #[test]
    fn each_card_is_judged() {
        let link = |condition, kind| Link { condition, kind };
        assert_eq!(judge(&[]), link(Condition::NoCarrier, Kind::None));
        for (state, leads_out, condition) in [
            (State::Starting, false, Condition::Connecting),
            (State::NoCarrier, true, Condition::NoCarrier),
            (State::Carrier, true, Condition::Connecting),
            (State::Routable, false, Condition::Connecting),
            (State::Routable, true, Condition::Connected),
        ] {
            let kind = Kind::Wired;
            let card = Card {
                kind,
                state,
                leads_out,
            };
            assert_eq!(judge(&[card]), link(condition, kind), "{card:?}");
        }
    }

    proptest! {
        /// Proves C4: a cable that leads out is the link whatever else does; without one it is a link that leads out, if there is any.
        #[test]
        fn a_cable_goes_before_radio(cards in cards()) {
            let link = judge(&cards);
            let connects = |card: &&Card| card.state == State::Routable && card.leads_out;
            prop_assert_eq!(link.is_connected(), cards.iter().any(|card| connects(&card)));
            if link.is_connected() {
                let by_cable = cards.iter().filter(connects).any(|card| card.kind == Kind::Wired);
                prop_assert_eq!(link.kind == Kind::Wired, by_cable);
            }
        }

        /// Proves C13: the order in which cards are listed says nothing, and one more card makes nothing worse.
        #[test]
        fn order_says_nothing(mut cards in cards(), more in cards()) {
            let link = judge(&cards);
            cards.reverse();
            prop_assert_eq!(judge(&cards), link);
            cards.extend(more);
            prop_assert!(judge(&cards) <= link);
        }
    }
}
