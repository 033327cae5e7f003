// SPDX-License-Identifier: EUPL-1.2
//! What is read out, and when it is silent: a pure machine that compares what is on the screen with what was told last.
//!
//! * A new screen, or another page of it, is told whole: what there is to read, then what can be chosen.
//! * What the keyboard or a finger comes to is told by name, kind and state.
//! * What changes by itself is told where the screen marks it as live; a count-down only every ten steps.
//! * Whoever goes on interrupts what is being told (EN 301 549, 5.1.3.7), and can have it again (5.1.3.8). Of a secret
//!   only its length is told (5.1.3.5).

use site::Language;

use crate::event::Action;
use crate::i18n::Speech;
use crate::reading::{Kind, Part, Piece};
use crate::state::{Screen, State};

/// Something for the voice to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Utterance {
    /// Be silent, and forget what is yet to be said.
    Stop,
    /// Say this after what is being said.
    Text(String, Language),
    /// Say this character by its name.
    Char(char, Language),
    /// How loud and how fast from now on, each from -2 to 2.
    Manner {
        /// How loud.
        volume: i8,
        /// How fast.
        rate: i8,
    },
    /// Nobody listens any more.
    Close,
}

/// Whether there is a voice for a language: Debian has none for Upper Sorbian, and what reads Arabic without its vowels
/// cannot be understood.
pub const fn speaks(language: Language) -> bool {
    matches!(language, Language::De | Language::DeLeicht | Language::En)
}

/// More choices than these are counted, not named: a keyboard is no list.
const NAMED: usize = 8;

/// What was told last.
#[derive(Clone, Debug, PartialEq)]
struct Told {
    screen: Screen,
    page: usize,
    language: Language,
    focus: Option<Action>,
    pieces: Vec<Piece>,
    volume: i8,
    rate: i8,
}

/// The voice.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Voice {
    told: Option<Told>,
    /// Whether it was told how it is used.
    introduced: bool,
    /// Whether something may still be said.
    open: bool,
}

impl Voice {
    /// Compares what is on the screen with what was told, and says what to tell now.
    pub fn look(&mut self, state: &State, pieces: &[Piece], speech: &Speech<'_>) -> Vec<Utterance> {
        if !state.is_read_out() {
            return self.fall_silent(state);
        }
        self.open = true;
        let now = Told {
            screen: state.screen(),
            page: state.page(),
            language: state.language,
            focus: state.focus,
            pieces: pieces.to_vec(),
            volume: state.modes.volume,
            rate: state.modes.rate,
        };
        let mut says = Vec::new();
        let manner = Utterance::Manner {
            volume: now.volume,
            rate: now.rate,
        };
        match &self.told {
            None => {
                says.extend([Utterance::Stop, manner]);
                if !std::mem::replace(&mut self.introduced, true) && now.screen != Screen::End {
                    says.push(Utterance::Text(speech.get("voice-how"), state.language));
                }
                says.extend(screen(pieces, state.language, speech));
            }
            Some(last)
                if (last.screen, last.page, last.language)
                    != (now.screen, now.page, now.language) =>
            {
                says.push(Utterance::Stop);
                says.extend(screen(pieces, state.language, speech));
            }
            Some(last) => {
                if (last.volume, last.rate) != (now.volume, now.rate) {
                    says.extend([Utterance::Stop, manner]);
                }
                says.extend(changes(last, &now, speech));
            }
        }
        self.told = Some(now);
        says
    }

    fn fall_silent(&mut self, state: &State) -> Vec<Utterance> {
        let mut says = Vec::new();
        if self.told.take().is_some() {
            says.push(Utterance::Stop);
        }
        if state.is_at_rest() {
            self.introduced = false;
        }
        // The next visitor begins anew; and without an ear there is nothing to play on.
        if self.open && (state.is_at_rest() || !state.has_ear()) {
            self.open = false;
            says.push(Utterance::Close);
        }
        says
    }

    /// Whether it reads out.
    pub fn is_on(&self) -> bool {
        self.told.is_some()
    }

    /// Somebody did something: what is being said is no longer wanted.
    pub fn interrupt(&self) -> Option<Utterance> {
        self.is_on().then_some(Utterance::Stop)
    }

    /// Everything on the screen again, from the next [`Voice::look`] on.
    pub fn again(&mut self) {
        self.told = None;
    }
}

/// A piece alone, as when a finger comes to it.
pub fn piece(piece: &Piece, speech: &Speech<'_>) -> Utterance {
    Utterance::Text(piece.line(speech), piece.language)
}

/// Everything there is to say of a screen.
fn screen(pieces: &[Piece], language: Language, speech: &Speech<'_>) -> Vec<Utterance> {
    let main = || pieces.iter().filter(|piece| piece.part == Part::Main);
    let is_choice = |piece: &&Piece| piece.kind == Kind::Control;
    let choices = main().filter(is_choice).count();
    let named = choices <= NAMED;
    let mut says: Vec<Utterance> = main()
        // A picture of the place has nothing that the heading does not say.
        .filter(|piece| piece.kind != Kind::Picture && (named || piece.kind != Kind::Control))
        .map(|said| match said.kind {
            Kind::Control => Utterance::Text(said.name.clone(), said.language),
            _ => piece(said, speech),
        })
        .collect();
    if choices > 0 {
        let count = speech.with("voice-choices", &[("count", choices.into())]);
        says.push(Utterance::Text(count, language));
    }
    says
}

/// What is different on the same screen.
fn changes(last: &Told, now: &Told, speech: &Speech<'_>) -> Vec<Utterance> {
    let focused = |told: &Told| {
        let focus = told.focus?;
        let mut pieces = told.pieces.iter();
        pieces.find(|piece| piece.action == Some(focus)).cloned()
    };
    let (before, after) = (focused(last), focused(now));
    let mut says = Vec::new();
    if let Some(piece) = after
        .as_ref()
        .filter(|after| before.as_ref() != Some(*after))
    {
        says.push(Utterance::Stop);
        says.push(self::piece(piece, speech));
    }
    if last.pieces == now.pieces {
        return says;
    }
    let same = |piece: &Piece, other: &Piece| piece.kind == other.kind && piece.name == other.name;
    for piece in &now.pieces {
        let old = last.pieces.iter().find(|old| same(piece, old));
        match piece.kind {
            Kind::Field => says.extend(old.and_then(|old| typed(old, piece, speech))),
            Kind::Secret if old.is_some_and(|old| old.value != piece.value) => {
                says.extend([Utterance::Stop, self::piece(piece, speech)]);
            }
            Kind::Control | Kind::Secret => {}
            _ if !piece.live || old == Some(piece) => {}
            _ if last.pieces.iter().any(|old| is_step(old, piece)) => {}
            _ => says.push(self::piece(piece, speech)),
        }
    }
    // What a switch that the keyboard is not on has become, such as the bar's.
    for piece in now
        .pieces
        .iter()
        .filter(|piece| piece.kind == Kind::Control)
    {
        let old = last.pieces.iter().find(|old| old.action == piece.action);
        let flipped =
            old.is_some_and(|old| (old.on, &old.description) != (piece.on, &piece.description));
        if flipped && piece.action != now.focus && piece.part == Part::Toolbar {
            says.push(self::piece(piece, speech));
        }
    }
    says
}

/// What was typed into a field or taken from it.
fn typed(old: &Piece, new: &Piece, speech: &Speech<'_>) -> Option<Utterance> {
    if old.value == new.value {
        return None;
    }
    let mut added = new
        .value
        .strip_prefix(old.value.as_str())
        .unwrap_or_default()
        .chars();
    if let (Some(c), None) = (added.next(), added.next()) {
        return Some(Utterance::Char(c, new.language));
    }
    let mut taken = old
        .value
        .strip_prefix(new.value.as_str())
        .unwrap_or_default()
        .chars();
    if let (Some(c), None) = (taken.next(), taken.next()) {
        let gone = speech.with("voice-deleted", &[("letter", c.to_string().into())]);
        return Some(Utterance::Text(gone, speech.language));
    }
    Some(piece(new, speech))
}

/// Whether `new` is `old` with other numbers, of which not every one is worth a word.
fn is_step(old: &Piece, new: &Piece) -> bool {
    let digits = |c: char| c.is_ascii_digit();
    let frame = |text: &str| text.replace(digits, "");
    let number = |text: &str| {
        let from = text.find(digits)?;
        let rest = text.get(from..)?;
        let to = rest.find(|c| !digits(c)).unwrap_or(rest.len());
        rest.get(..to)?.parse::<u32>().ok()
    };
    new.kind == old.kind
        && new.name != old.name
        && frame(&new.name) == frame(&old.name)
        && number(&new.name).is_some_and(|number| number % 10 != 0)
}
