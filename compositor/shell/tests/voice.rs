// SPDX-License-Identifier: EUPL-1.2
//! What is read out, and when: the whole shell without its window.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A test ends at the first surprise.

mod common;

use api::clerk::ClerkState;
use api::session::SessionState;
use api::trust::TrustState;
use common::case::{self, PASSWORD};
use common::{after, catalogue, letters, open, runtime, session, start, status, way};
use proptest::prelude::*;
use shell::canvas::Canvas;
use shell::event::{Action, Event};
use shell::focus::Step;
use shell::press::{Finger, Motion};
use shell::runtime::{Key, Runtime};
use shell::state::{Modes, Over, Place, STEPS, Screen, State};
use shell::voice::Utterance;
use site::Language;

/// A shell that reads out what `state` shows, from the plug on.
fn listening(state: State) -> (Runtime, Vec<Utterance>) {
    let state = after(state, [Event::Ear(false)]);
    let mut shell = runtime(state, Canvas::new(1920, 1080, None));
    shell.paint();
    assert_eq!(shell.spoken(), [], "nobody listens yet");
    shell.handle(Event::Ear(true));
    let said = said(&mut shell);
    (shell, said)
}

fn said(shell: &mut Runtime) -> Vec<Utterance> {
    shell.paint();
    shell.spoken()
}

fn texts(said: &[Utterance]) -> Vec<&str> {
    let texts = said.iter().filter_map(|utterance| match utterance {
        Utterance::Text(text, _) => Some(text.as_str()),
        _ => None,
    });
    texts.collect()
}

fn is_silenced(said: &[Utterance]) -> bool {
    said.first() == Some(&Utterance::Stop)
}

/// Proves T13 and UX "Attract": the voice begins by itself when something is plugged in, says how it is used and all that the
/// screen says; what was there from the start does not begin it.
#[test]
fn a_plug_begins_the_voice() {
    let (shell, said) = listening(open());
    assert!(shell.state().is_read_out());
    assert!(is_silenced(&said), "{said:?}");
    let texts = texts(&said);
    let expected = [
        "Pfeiltasten",
        "Willkommen",
        "Zum Beginnen berühren",
        "Möglichkeiten",
    ];
    for words in expected {
        assert!(
            texts.iter().any(|text| text.contains(words)),
            "{words}: {texts:#?}"
        );
    }
    let built_in = after(open(), [Event::Ear(true)]);
    assert!(!built_in.modes.voice && built_in.can_speak());
    assert!(way(built_in, &[Action::Voice]).is_read_out());
}

/// Proves T17: without something that only one person hears nothing is said, and nothing more once it is gone.
#[test]
fn nothing_is_said_into_the_room() {
    let alone = way(after(open(), [Event::Ear(false)]), &[Action::Voice]);
    assert_eq!(
        (alone.screen(), alone.modes.voice),
        (Screen::NoVoice, false)
    );
    let (mut shell, _) = listening(open());
    shell.handle(Event::Act(Action::Begin));
    assert!(!said(&mut shell).is_empty());
    shell.handle(Event::Ear(false));
    assert_eq!(said(&mut shell), [Utterance::Stop, Utterance::Close]);
    shell.handle(Event::Act(Action::Help));
    assert_eq!(said(&mut shell), []);
}

/// Proves T13: the keyboard's way is told by name, kind and state, and interrupts what was being said.
#[test]
fn what_the_keyboard_comes_to_is_told() {
    let (mut shell, _) = listening(way(open(), &[Action::Begin]));
    shell.key(Key::Step(Step::Next));
    let first = said(&mut shell);
    assert!(is_silenced(&first));
    let told = texts(&first).join(" ");
    assert!(told.contains("Mit jemandem sprechen, Taste"), "{told}");
    while shell.state().focus != Some(Action::Lower) {
        shell.key(Key::Step(Step::Next));
        shell.paint();
    }
    let off = shell.spoken();
    assert!(texts(&off).last().unwrap().contains("aus"), "{off:?}");
    shell.key(Key::Enter);
    let on = said(&mut shell);
    assert!(texts(&on).last().unwrap().contains("ein"), "{on:?}");
}

/// Proves T13 (EN 301 549, 5.1.3.8): everything can be heard again, louder and faster, within its limits; the next visitor
/// begins with what is usual.
#[test]
fn it_can_be_heard_again_and_louder() {
    let (mut shell, first) = listening(way(open(), &[Action::Begin]));
    shell.key(Key::Again);
    let again = said(&mut shell);
    let screen = |said: &[Utterance]| texts(said).last().copied().map(str::to_owned);
    assert_eq!(screen(&again), screen(&first));
    for _ in 0..5 {
        shell.key(Key::Louder);
    }
    let manner = Utterance::Manner {
        volume: STEPS,
        rate: 0,
    };
    assert!(said(&mut shell).contains(&manner));
    shell.handle(Event::Act(Action::Voice));
    assert_eq!(shell.state().screen(), Screen::Voice);
    shell.handle(Event::Act(Action::Faster));
    assert!(
        texts(&said(&mut shell))
            .iter()
            .any(|text| text.contains("Tempo 4"))
    );
    shell.handle(Event::Act(Action::Voice));
    assert!(!shell.state().modes.voice && shell.state().over.is_none());
    let left = way(shell.state().clone(), &[Action::Finish]);
    let gone = after(left, [session(SessionState::Erased, None, 100)]);
    assert_eq!(way(gone, &[Action::Leave]).modes.volume, 0);
}

/// Proves T13: a finger first hears what it is on; only the second touch of the same thing chooses it.
#[test]
fn a_finger_finds_before_it_chooses() {
    let (mut shell, _) = listening(way(open(), &[Action::Begin]));
    let (x, y) = shell
        .scene()
        .tree
        .control(Action::Help)
        .unwrap()
        .rect
        .centre();
    let (away, high) = shell
        .scene()
        .tree
        .control(Action::Talk)
        .unwrap()
        .rect
        .centre();
    let finger = Finger::Touch(1);
    shell.finger(finger, Motion::Down(away, high));
    shell.finger(finger, Motion::Move(x, y));
    shell.finger(finger, Motion::Up);
    assert_eq!(shell.state().screen(), Screen::At(Place::Home));
    let told = said(&mut shell);
    assert!(texts(&told).last().unwrap().contains("Hilfe"), "{told:?}");
    shell.finger(finger, Motion::Down(x, y));
    shell.finger(finger, Motion::Move(away, high));
    shell.finger(finger, Motion::Up);
    assert_eq!(
        shell.state().screen(),
        Screen::At(Place::Home),
        "it slid away"
    );
    shell.finger(finger, Motion::Down(x, y));
    shell.finger(finger, Motion::Up);
    shell.finger(finger, Motion::Down(x, y));
    shell.finger(finger, Motion::Up);
    assert_eq!(shell.state().screen(), Screen::At(Place::Help));
}

/// Proves T13 (EN 301 549, 5.1.3.5): digits of a PIN are never told, only how many there are.
#[test]
fn secrets_are_not_told() {
    let pin = after(start(), [status(TrustState::Pin)]);
    let (mut shell, _) = listening(pin);
    for digit in "4711".chars() {
        shell.key(Key::Char(digit));
        let said = said(&mut shell);
        let all = texts(&said).join(" ");
        assert!(all.contains("Zeichen eingegeben"), "{said:?}");
        assert!(
            !said.iter().any(|u| matches!(u, Utterance::Char(..))),
            "{said:?}"
        );
        assert!(
            !all.contains(digit) || digit == '4' && all.contains("4 Zeichen"),
            "{all}"
        );
    }
}

/// Proves T13: letters typed into the search are told one by one, and what it finds.
#[test]
fn typed_letters_are_told() {
    let informed = after(open(), [Event::Catalogue(catalogue())]);
    let search = [Action::Begin, Action::Inform, Action::Search];
    let (mut shell, _) = listening(way(informed, &search));
    assert_eq!(shell.state().screen(), Screen::At(Place::Search));
    shell.key(Key::Char('h'));
    let letter = said(&mut shell);
    assert!(
        letter.contains(&Utterance::Char('h', Language::De)),
        "{letter:?}"
    );
    shell.key(Key::Char('u'));
    shell.key(Key::Char('n'));
    shell.key(Key::Char('d'));
    shell.paint();
    shell.spoken();
    shell.key(Key::Backspace);
    let gone = said(&mut shell);
    assert!(
        texts(&gone).iter().any(|text| text.contains("d gelöscht")),
        "{gone:?}"
    );
}

/// Proves T14: where there is no voice for a language the screen says so instead of being silent.
#[test]
fn a_language_without_a_voice_says_so() {
    let (shell, _) = listening(way(open(), &[Action::Begin]));
    let state = way(
        shell.state().clone(),
        &[Action::Languages, Action::Speak(Language::Hsb)],
    );
    assert_eq!(
        (state.over, state.modes.voice),
        (Some(Over::NoVoice), false)
    );
    let english = way(
        shell.state().clone(),
        &[Action::Languages, Action::Speak(Language::En)],
    );
    assert!(english.is_read_out());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// Proves T17: whatever happens, nothing is said while there is no ear.
    #[test]
    fn silence_without_an_ear(keys in proptest::collection::vec(0u8..8, 1..24)) {
        let (mut shell, _) = listening(open());
        let mut there = true;
        for key in keys {
            match key {
                0 => { there = false; shell.handle(Event::Ear(false)); }
                1 => { there = true; shell.handle(Event::Ear(true)); }
                2 => { shell.key(Key::Step(Step::Next)); }
                3 => { shell.key(Key::Enter); }
                4 => { shell.key(Key::Escape); }
                5 => { shell.handle(Event::Act(Action::Voice)); }
                6 => { shell.key(Key::Again); }
                _ => { shell.finger(Finger::Touch(0), Motion::Down(700.0, 500.0)); shell.finger(Finger::Touch(0), Motion::Up); }
            }
            let said = said(&mut shell);
            let speaks = said.iter().any(|u| matches!(u, Utterance::Text(..) | Utterance::Char(..)));
            prop_assert!(there || !speaks, "{:?}", said);
        }
    }
}

/// Proves T13: who had it read out to them and comes back to a new shell hears it when there is something to hear it with, and not before.
#[test]
fn nothing_is_said_before_there_is_an_ear() {
    let home = way(open(), &[Action::Begin]);
    let modes = Modes {
        voice: true,
        ..Modes::default()
    };
    let state = State { modes, ..home };
    let mut shell = runtime(state, Canvas::new(1920, 1080, None));
    shell.key(Key::Step(Step::Next));
    assert_eq!(said(&mut shell), []);
    shell.handle(Event::Ear(true));
    assert!(!texts(&said(&mut shell)).is_empty());
}

/// Proves T13: what a Braille line's key leads to is said at once, whatever is being said.
#[test]
fn another_focus_interrupts() {
    let (mut shell, _) = listening(way(open(), &[Action::Begin]));
    shell.handle(Event::Focus(Some(Action::Talk)));
    let said = said(&mut shell);
    let stop = said.iter().position(|said| *said == Utterance::Stop);
    let text = said
        .iter()
        .position(|said| matches!(said, Utterance::Text(..)));
    assert!(stop.is_some() && stop < text, "{said:?}");
}

/// Proves C6 and T13: of a password it is said how long it is and never what it is, not even while the clerk lets it be shown.
#[test]
fn a_password_is_not_said() {
    let hidden = way(case::open(ClerkState::SignedOut), &letters(PASSWORD));
    let shown = way(hidden.clone(), &[Action::Reveal]);
    for state in [hidden, shown] {
        let (mut shell, first) = listening(state);
        shell.key(Key::Again);
        let again = said(&mut shell);
        let all = [texts(&first), texts(&again)].concat().join("\n");
        assert!(all.contains(&PASSWORD.chars().count().to_string()), "{all}");
        assert!(!all.contains(PASSWORD), "{all}");
        // The tree is all that a Braille line or any other aid gets.
        let tree = format!("{:?}", shell.scene().tree.nodes());
        assert!(!tree.contains(PASSWORD), "{tree}");
    }
}
