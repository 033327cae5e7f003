// SPDX-License-Identifier: EUPL-1.2
//! What is read and what keys do, in examples and for anything that can happen.

use proptest::prelude::*;

use super::*;
use crate::focus::Step;

fn passage(text: &str, kind: Kind, action: Option<Action>) -> Passage {
    Passage {
        kind,
        text: text.chars().collect(),
        language: Language::De,
        action,
        typed: matches!(kind, Kind::Field | Kind::Secret),
    }
}

fn stand(page: usize) -> Stand {
    Stand {
        screen: Screen::Attract,
        page,
        language: Language::De,
    }
}

fn edges() -> Edges {
    Edges {
        start: "Anfang".into(),
        end: "Ende".into(),
    }
}

fn home() -> Vec<Passage> {
    vec![
        passage("13:05", Kind::Text, None),
        passage("Was möchten Sie tun?", Kind::Heading, None),
        passage(
            "Mit jemandem sprechen, Taste",
            Kind::Control,
            Some(Action::Talk),
        ),
        passage("Hilfe, Taste", Kind::Control, Some(Action::Help)),
        passage("Beenden", Kind::Control, Some(Action::Finish)),
    ]
}

fn reader(cells: usize, passages: Vec<Passage>) -> Reader {
    let mut reader = Reader::default();
    reader.resize(cells);
    reader.show(stand(0), passages, None, edges());
    reader
}

fn text(reader: &Reader) -> String {
    reader.shown().unwrap().text
}

/// Proves T13: a new screen begins at its heading, long pieces are panned word by word, and both ends are said.
#[test]
fn a_screen_is_read_from_its_heading() {
    let mut reader = reader(12, home());
    assert_eq!(text(&reader), "Was möchten");
    assert_eq!(reader.press(Command::Forward), Deed::Nothing);
    assert_eq!(text(&reader), "Sie tun?");
    assert_eq!(
        reader.press(Command::Forward),
        Deed::Focus(Some(Action::Talk))
    );
    assert_eq!(text(&reader), "Mit jemandem");
    assert_eq!(reader.shown().unwrap().cursor, Some(0));
    reader.press(Command::Last);
    assert_eq!(reader.press(Command::Forward), Deed::Nothing);
    assert_eq!(text(&reader), "Ende");
    reader.press(Command::First);
    assert_eq!(reader.press(Command::Backward), Deed::Nothing);
    assert_eq!(text(&reader), "Anfang");
    reader.show(stand(1), home(), None, edges());
    assert_eq!(text(&reader), "Was möchten");
}

/// Proves T13: who has not moved the fingers feels the heading also where it comes later than the rest of its screen, as it does on the
/// last screen of a new shell; who has moved them stays.
#[test]
fn a_late_heading_is_felt() {
    let mut late = home();
    late.remove(1);
    let mut still = reader(40, late.clone());
    assert_eq!(text(&still), "13:05");
    still.show(stand(0), home(), None, edges());
    assert_eq!(text(&still), "Was möchten Sie tun?");
    let mut moved = reader(40, late);
    moved.press(Command::Next);
    moved.show(stand(0), home(), Some(Action::Talk), edges());
    assert_eq!(text(&moved), "Mit jemandem sprechen, Taste");
}

/// Proves T13: a routing key acts on the control above it, and on nothing else.
#[test]
fn routing_keys_act_on_controls() {
    let mut reader = reader(40, home());
    assert_eq!(reader.press(Command::Route(0)), Deed::Nothing, "a heading");
    reader.press(Command::Next);
    assert_eq!(reader.press(Command::Route(27)), Deed::Act(Action::Talk));
    assert_eq!(
        reader.press(Command::Route(28)),
        Deed::Nothing,
        "beyond the text"
    );
    reader.press(Command::Last);
    reader.press(Command::Next);
    assert_eq!(reader.press(Command::Route(0)), Deed::Nothing, "a notice");
    assert_eq!(reader.press(Command::Choose), Deed::Act(Action::Finish));
}

/// Proves T13: reading follows the keyboard's focus; what happens elsewhere on the screen tears nobody away.
#[test]
fn reading_follows_the_focus_and_nothing_else() {
    let mut reader = reader(12, home());
    reader.show(stand(0), home(), Some(Action::Help), edges());
    assert_eq!(text(&reader), "Hilfe, Taste");
    reader.press(Command::Previous);
    reader.press(Command::Forward);
    let mut later = home();
    later[0] = passage("13:06", Kind::Text, None);
    later.insert(
        0,
        passage(
            "Der Drucker hat kein Papier",
            Kind::Control,
            Some(Action::Inform),
        ),
    );
    reader.show(stand(0), later, Some(Action::Talk), edges());
    assert_eq!(text(&reader), "sprechen,");
    // What is read changes where it is.
    reader.press(Command::First);
    reader.press(Command::Next);
    let mut later = home();
    later.insert(
        0,
        passage(
            "Der Drucker hat kein Papier",
            Kind::Control,
            Some(Action::Inform),
        ),
    );
    later[1] = passage("13:07", Kind::Text, None);
    reader.show(stand(0), later, None, edges());
    assert_eq!(text(&reader), "13:07");
    assert_eq!(
        reader.press(Command::Key(Key::Step(Step::Next))),
        Deed::Key(Key::Step(Step::Next))
    );
}

/// Proves T13: whoever types feels what was typed, with the cursor after it.
#[test]
fn typing_is_felt() {
    let field = |typed: &str| {
        let mut passages = home();
        passages.push(passage(&format!("Suche {typed}"), Kind::Field, None));
        passages
    };
    let mut reader = reader(10, field("aus"));
    assert_eq!(
        reader.press(Command::Key(Key::Char('w'))),
        Deed::Key(Key::Char('w'))
    );
    reader.show(stand(0), field("ausw"), None, edges());
    let shown = reader.shown().unwrap();
    assert_eq!((shown.text.as_str(), shown.cursor), ("Suche ausw", Some(9)));
    reader.press(Command::Home);
    reader.show(stand(0), field("auswe"), None, edges());
    assert_eq!(text(&reader), "Was", "typed by somebody else");
}

fn any_passage() -> impl Strategy<Value = Passage> {
    let kind = prop_oneof![
        Just(Kind::Text),
        Just(Kind::Heading),
        Just(Kind::Control),
        Just(Kind::Field),
        Just(Kind::Secret),
        Just(Kind::Progress)
    ];
    let words = prop::collection::vec("[a-zäß]{1,14}", 0..9);
    (words, kind, prop::option::of(0usize..6)).prop_map(|(words, kind, action)| {
        passage(&words.join(" "), kind, action.map(Action::Department))
    })
}

fn any_command() -> impl Strategy<Value = Command> {
    prop_oneof![
        Just(Command::Forward),
        Just(Command::Backward),
        Just(Command::Next),
        Just(Command::Previous),
        Just(Command::First),
        Just(Command::Last),
        Just(Command::Begin),
        Just(Command::End),
        Just(Command::Home),
        Just(Command::Choose),
        any::<usize>().prop_map(Command::Route),
        any::<char>().prop_map(|c| Command::Key(Key::Char(c))),
    ]
}

#[derive(Clone, Debug)]
enum Happening {
    Press(Command),
    Show(usize, Vec<Passage>, Option<usize>),
    Resize(usize),
}

fn any_happening() -> impl Strategy<Value = Happening> {
    let passages = prop::collection::vec(any_passage(), 0..7);
    prop_oneof![
        6 => any_command().prop_map(Happening::Press),
        2 => (0usize..2, passages, prop::option::of(0usize..6))
            .prop_map(|(page, passages, focus)| Happening::Show(page, passages, focus)),
        1 => (0usize..90).prop_map(Happening::Resize),
    ]
}

proptest! {
    /// Proves T13: panning from the first piece to the end shows every character once and in order, and back again.
    #[test]
    fn panning_shows_everything_once(passages in prop::collection::vec(any_passage(), 1..7), cells in 1usize..50) {
        let words = |text: &str| text.chars().filter(|c| *c != ' ').collect::<String>();
        let all: String = passages.iter().map(|p| words(&p.text.iter().collect::<String>())).collect();
        let mut reader = reader(cells, passages);
        reader.press(Command::First);
        let pan = |reader: &mut Reader, way| {
            let mut parts = Vec::new();
            while reader.notice.is_none() {
                parts.push(words(&text(reader)));
                reader.press(way);
            }
            parts
        };
        let mut there = pan(&mut reader, Command::Forward);
        prop_assert_eq!(there.concat(), all);
        reader.press(Command::Last);
        reader.press(Command::End);
        let back = pan(&mut reader, Command::Backward);
        there.reverse();
        prop_assert_eq!(there, back);
    }

    /// Proves T13: whatever happens, no more is shown than there are cells, the cursor is on one of them, and what is done is what is
    /// felt.
    #[test]
    fn anything_is_survived(happenings in prop::collection::vec(any_happening(), 1..40)) {
        let mut reader = Reader::default();
        let mut cells = 0;
        for happening in happenings {
            match happening {
                Happening::Press(command) => {
                    let deed = reader.press(command);
                    let read = reader.passages.get(reader.at).and_then(|passage| passage.action);
                    match deed {
                        Deed::Act(action) => prop_assert_eq!(read, Some(action)),
                        Deed::Focus(focus) => prop_assert_eq!(read, focus),
                        _ => {}
                    }
                }
                Happening::Show(page, passages, focus) => {
                    reader.show(stand(page), passages, focus.map(Action::Department), edges());
                }
                Happening::Resize(to) => {
                    cells = to;
                    reader.resize(to);
                }
            }
            match reader.shown() {
                None => prop_assert!(cells == 0 || reader.stand.is_none()),
                Some(shown) => {
                    prop_assert!(shown.text.chars().count() <= cells);
                    prop_assert!(shown.cursor.is_none_or(|cursor| cursor < cells));
                }
            }
        }
    }
}
