// SPDX-License-Identifier: EUPL-1.2
//! The keyboard on the screen and the real one: both type into the same field, and every key can be hit.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A test ends at the first surprise.

mod common;

use std::collections::BTreeSet;

use accesskit::Role;
use common::{after, open, runtime, way};
use shell::canvas::{Canvas, GAP, Rect, TARGET};
use shell::event::{Action, Event};
use shell::focus::Step;
use shell::i18n::Texts;
use shell::keyboard::{Keyboard, Layout};
use shell::press::{Finger, Motion};
use shell::runtime::{Key, Runtime};
use shell::screens;
use shell::state::{Modes, Place, Screen, Search, State};
use shell::theme::TextSize;
use site::Language;

fn searching() -> State {
    let informed = after(open(), [Event::Catalogue(common::catalogue())]);
    way(informed, &[Action::Begin, Action::Inform, Action::Search])
}

fn entered(shell: &Runtime) -> String {
    let search = shell.state().search.as_ref().unwrap();
    search.text.expose().to_owned()
}

/// Screens by pixels and inches of their diagonal.
fn canvases() -> Vec<Canvas> {
    let sizes = [
        (1920, 1080, 22.0),
        (1080, 1920, 22.0),
        (1920, 1080, 15.0),
        (1080, 1920, 15.0),
        (1920, 1080, 32.0),
        (1920, 1200, 14.0),
    ];
    let canvas = |(w, h, inches): (u32, u32, f32)| {
        let diagonal = (w as f32).hypot(h as f32);
        let mm = |px: u32| px as f32 / diagonal * inches * 25.4;
        Canvas::new(w, h, Some((mm(w), mm(h))))
    };
    sizes.map(canvas).to_vec()
}

/// Proves T10, T13: on every screen from 14 to 32 inch, upright too, with the largest text and everything low, every key of every
/// layout is on one of its parts, at least 15 mm large and 4 mm from the next, and no text is cut.
#[test]
fn every_key_can_be_hit() {
    let (texts, mut engine) = (Texts::default(), common::engine());
    let modes = [
        (TextSize::Normal, false),
        (TextSize::Largest, false),
        (TextSize::Normal, true),
    ];
    for canvas in canvases() {
        for layout in Layout::ALL {
            for (text, lower) in modes {
                let name = format!("{layout:?} {text:?} {lower} on {canvas:?}");
                let keyboard = Keyboard::new(layout);
                let mut state = State {
                    modes: Modes {
                        text,
                        lower,
                        ..Modes::default()
                    },
                    search: Some(Search {
                        keyboard,
                        ..Search::new(Language::De)
                    }),
                    ..searching()
                };
                let mut missing: BTreeSet<char> = layout.rows().concat().chars().collect();
                for _ in 0..20 {
                    let scene = screens::show(&state, &texts, &canvas, &mut engine);
                    assert!(
                        !scene.crowded && scene.cut.is_empty(),
                        "{name}: {:?}",
                        scene.cut
                    );
                    let controls: Vec<_> = scene.tree.controls().collect();
                    let screen = Rect::new(0.0, 0.0, canvas.width as f32, canvas.height as f32);
                    for (i, control) in controls.iter().enumerate() {
                        let (what, rect) = (control.action, control.rect);
                        let least = TARGET * canvas.px_per_mm - 1.01;
                        assert!(
                            rect.w >= least && rect.h >= least,
                            "{name}: {what:?} {rect:?}"
                        );
                        assert!(
                            rect.lies_in(&screen.outset(0.5)),
                            "{name}: {what:?} {rect:?}"
                        );
                        for other in &controls[i + 1..] {
                            let apart = rect.distance(&other.rect);
                            let near = apart >= GAP * canvas.px_per_mm - 1.01;
                            assert!(near, "{name}: {what:?} and {:?}: {apart}", other.action);
                        }
                        if let Action::Type(c) = what {
                            missing.remove(&c);
                        }
                    }
                    for needed in [Action::Delete, Action::Confirm, Action::Back, Action::Talk] {
                        assert!(scene.tree.control(needed).is_some(), "{name}: {needed:?}");
                    }
                    let more = controls.iter().find_map(|control| match control.action {
                        Action::MoreKeys(part) if part > 0 => Some(control.action),
                        _ => None,
                    });
                    let Some(more) = more else { break };
                    state = way(state, &[more]);
                }
                assert_eq!(missing, BTreeSet::new(), "{name}");
            }
        }
    }
}

/// Proves T10: a real keyboard types into the same field, spaces and capitals included; Enter shows what was found, Escape goes
/// back, and nothing that is typed on another screen gets there.
#[test]
fn real_keyboard_types_into_the_field() {
    let mut shell = runtime(searching(), Canvas::new(480, 300, None));
    shell.paint();
    for key in "Hund "
        .chars()
        .map(|c| if c == ' ' { Key::Space } else { Key::Char(c) })
    {
        shell.key(key);
    }
    for c in "anmß".chars() {
        shell.key(Key::Char(c));
    }
    assert_eq!(entered(&shell), "Hund anmß");
    shell.paint();
    shell.key(Key::Backspace);
    assert_eq!(entered(&shell), "Hund anm");
    shell.paint();
    shell.key(Key::Enter);
    assert_eq!(shell.state().screen(), Screen::At(Place::Found));
    shell.paint();
    for c in "xyz".chars() {
        shell.key(Key::Char(c));
    }
    shell.key(Key::Escape);
    shell.paint();
    assert_eq!(shell.state().screen(), Screen::At(Place::Search));
    assert_eq!(entered(&shell), "Hund anm");
    shell.key(Key::Escape);
    assert_eq!(shell.state().search, None);
}

/// Proves T10, T13: keys can be chosen and pressed one after the other by keyboard or switch, and typing on a real keyboard in
/// between goes to the field.
#[test]
fn keys_can_be_walked() {
    let mut shell = runtime(searching(), Canvas::new(1280, 800, None));
    shell.paint();
    let press = |shell: &mut Runtime, action| {
        for _ in 0..80 {
            if shell.state().focus == Some(action) {
                shell.key(Key::Enter);
                shell.paint();
                return;
            }
            shell.key(Key::Step(Step::Next));
        }
        panic!("{action:?} cannot be reached");
    };
    for c in "auto".chars() {
        press(&mut shell, Action::Type(c));
    }
    assert_eq!(entered(&shell), "auto");
    shell.key(Key::Char('s'));
    shell.key(Key::Space);
    assert_eq!(
        (entered(&shell).as_str(), shell.state().focus),
        ("autos ", None)
    );
    shell.paint();
    press(&mut shell, Action::Shift);
    assert_eq!(shell.state().focus, Some(Action::Shift));
    press(&mut shell, Action::Type('K'));
    assert_eq!(shell.state().focus, Some(Action::Type('k')));
    press(&mut shell, Action::Delete);
    assert_eq!(entered(&shell), "autos ");
}

/// Proves T13: who hears the screen, or walks through it, comes from the field to what it found, and then to the keys.
#[test]
fn results_come_before_keys() {
    for canvas in [Canvas::new(1920, 1080, None), Canvas::new(1080, 1920, None)] {
        let mut shell = runtime(searching(), canvas);
        shell.paint();
        for c in "hund".chars() {
            shell.key(Key::Char(c));
        }
        shell.paint();
        let found = shell.state().search.as_ref().unwrap().found[0];
        let nodes = shell.scene().tree.nodes();
        let at = |is: &dyn Fn(&accesskit::Node) -> bool| nodes.iter().position(is).unwrap();
        let field = at(&|node| node.role() == Role::SearchInput);
        let key = at(&|node| node.label() == Some("q"));
        let result =
            at(&|node| node.label() == Some("Hund anmelden und Hundesteuermarke erhalten"));
        assert!(field < result && result < key);
        shell.key(Key::Step(Step::Next));
        shell.key(Key::Enter);
        assert_eq!(shell.state().screen(), Screen::At(Place::Service(found)));
    }
}

/// Proves T13, T15: the field tells its name and what is in it, in the language of what is in it; keys tell theirs; and what was
/// typed is in no debug output.
#[test]
fn field_and_keys_are_told() {
    let mut shell = runtime(searching(), Canvas::new(1280, 800, None));
    shell.paint();
    let touch = |shell: &mut Runtime, action| {
        let (x, y) = shell.scene().tree.control(action).unwrap().rect.centre();
        shell.finger(Finger::Touch(1), Motion::Down(x, y));
        shell.finger(Finger::Touch(1), Motion::Up);
        shell.paint();
    };
    for c in "zebrazahn".chars() {
        touch(&mut shell, Action::Type(c));
    }
    assert!(!format!("{:?}", shell.state()).contains("zebrazahn"));
    let nodes = shell.scene().tree.nodes();
    let field = nodes
        .iter()
        .find(|node| node.role() == Role::SearchInput)
        .unwrap();
    assert_eq!(
        (field.label(), field.value(), field.language()),
        (Some("Was suchen Sie?"), Some("zebrazahn"), Some("de"))
    );
    assert_eq!(
        nodes
            .iter()
            .filter(|node| node.value() == Some("zebrazahn"))
            .count(),
        1
    );
    let says = |text: &str| {
        nodes
            .iter()
            .any(|node| node.role() == Role::Status && node.value().or(node.label()) == Some(text))
    };
    assert!(says("Dazu steht hier nichts."));
    for layout in [Layout::Sorbian, Layout::Arabic] {
        touch(&mut shell, Action::Keys(layout));
    }
    let key = shell.scene().tree.node(Action::Type('ض')).unwrap();
    assert_eq!((key.role(), key.language()), (Role::Button, Some("ar")));
    // As on a real keyboard, in either direction of reading.
    let x = |c| shell.scene().tree.control(Action::Type(c)).unwrap().rect.x;
    assert!(x('ض') < x('ص'));
}
