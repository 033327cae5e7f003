// SPDX-License-Identifier: EUPL-1.2
//! Whoever cannot touch: everything can be reached and done with a keyboard, and with one or two switches.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A test ends at the first surprise.

mod common;

use std::collections::HashSet;

use api::session::SessionState;
use api::trust::TrustState;
use common::matrix::{EXTREME, Setting, Shown, UPRIGHT, USUAL, each_page};
use common::{after, open, runtime, session, status, way};
use shell::access::Tree;
use shell::event::{Action, Event};
use shell::focus::{Step, step};
use shell::i18n::Texts;
use shell::runtime::{Key, Runtime};
use shell::state::{Modes, Place, Screen, State};
use shell::theme::TextSize;
use site::Language;

fn settings() -> Vec<Setting> {
    let large = Modes {
        text: TextSize::Largest,
        ..Modes::default()
    };
    let low = Modes {
        lower: true,
        ..Modes::default()
    };
    let setting = |device, language, modes| Setting {
        device,
        language,
        modes,
    };
    vec![
        setting(USUAL, Language::De, Modes::default()),
        setting(USUAL, Language::Ar, large),
        setting(UPRIGHT, Language::De, low),
        setting(UPRIGHT, Language::Ar, Modes::default()),
        setting(EXTREME[0], Language::De, large),
        setting(EXTREME[1], Language::De, large),
    ]
}

fn pages(setting: &Setting) -> Vec<Shown> {
    let canvas = setting.device.canvas(2);
    let (texts, mut engine) = (Texts::default(), common::engine());
    each_page(
        setting.language,
        setting.modes,
        &canvas,
        &texts,
        &mut engine,
    )
}

/// Where this step leads to again and again, beginning nowhere.
fn round(tree: &Tree, way: Step) -> Vec<Action> {
    let mut met: Vec<Action> = Vec::new();
    let mut at = step(tree, None, way);
    while let Some(action) = at.filter(|action| !met.contains(action)) {
        met.push(action);
        at = step(tree, at, way);
    }
    assert_eq!(at, met.first().copied(), "it does not come round");
    met
}

/// Everything the arrows lead to from here.
fn reached(tree: &Tree, from: Action) -> HashSet<Action> {
    let mut met = HashSet::from([from]);
    let mut open = vec![from];
    while let Some(at) = open.pop() {
        for way in [Step::Left, Step::Right, Step::Up, Step::Down] {
            let next = step(tree, Some(at), way).unwrap();
            if met.insert(next) {
                open.push(next);
            }
        }
    }
    met
}

/// Proves T13: on every page of every screen Tab meets everything once, in the order of reading, and comes round; the other way
/// it is the other way round; and the arrows lead from everything to everything, so there is no trap.
#[test]
fn keys_reach_everything() {
    let mut wrong = Vec::new();
    for setting in settings() {
        for shown in pages(&setting) {
            let tree = &shown.scene.tree;
            let all: Vec<Action> = tree.controls().map(|control| control.action).collect();
            let name = setting.name(&shown.name);
            assert_eq!(round(tree, Step::Next), all, "{name}");
            let back: Vec<Action> = all.iter().rev().copied().collect();
            assert_eq!(round(tree, Step::Previous), back, "{name}");
            for from in &all {
                let met = reached(tree, *from);
                let missed: Vec<_> = all.iter().filter(|to| !met.contains(to)).collect();
                if !missed.is_empty() {
                    wrong.push(format!("{name}: arrows from {from:?} miss {missed:?}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Presses the one switch until `action` is chosen.
fn choose(shell: &mut Runtime, action: Action) {
    let most = shell.scene().tree.controls().count() + 1;
    for _ in 0..most {
        shell.key(Key::Step(Step::Next));
        shell.paint();
        if shell.state().focus == Some(action) {
            return;
        }
    }
    panic!("{action:?} is not to be reached");
}

/// Proves T13: Enter and the space bar do what has the focus, on every screen.
#[test]
fn enter_and_space_act() {
    let setting = settings()[0];
    for shown in pages(&setting) {
        let controls = shown.scene.tree.controls().map(|control| control.action);
        for (i, action) in controls.enumerate() {
            let focused = Event::Focus(Some(action));
            let events = [focused.clone(), Event::Presence, Event::Act(action)];
            let expected = after(shown.state.clone(), events);
            let mut shell = runtime(shown.state.clone(), setting.device.canvas(4));
            shell.handle(focused);
            shell.key(if i % 2 == 0 { Key::Enter } else { Key::Space });
            assert_eq!(*shell.state(), expected, "{}: {action:?}", shown.name);
        }
    }
}

/// Proves T13: with two switches, one that goes on and one that does, a visitor comes from the first screen to a department, turns
/// its pages, hears how to talk to somebody, and ends the visit. What is chosen is always to be seen.
#[test]
fn two_switches_are_enough() {
    let attract = State {
        modes: Modes {
            text: TextSize::Largest,
            ..Modes::default()
        },
        ..open()
    };
    let mut shell = runtime(attract, USUAL.canvas(4));
    shell.paint();
    let visit = [
        Action::Begin,
        Action::Inform,
        Action::Authority(0),
        Action::Department(0),
        Action::Page(1),
        Action::Page(0),
        Action::Talk,
        Action::Finish,
        Action::Leave,
    ];
    for action in visit {
        let more = |shell: &Runtime| {
            let tree = &shell.scene().tree;
            let next = Action::Page(shell.state().page() + 1);
            (tree.control(action).is_none() && tree.control(next).is_some()).then_some(next)
        };
        while let Some(next) = more(&shell) {
            choose(&mut shell, next);
            shell.key(Key::Enter);
            shell.paint();
        }
        choose(&mut shell, action);
        shell.key(Key::Enter);
        if action == Action::Finish {
            shell.handle(session(SessionState::Erased, None, 100));
        }
        shell.paint();
        let focus = shell.state().focus;
        let seen = focus.is_none_or(|focus| shell.scene().tree.control(focus).is_some());
        assert!(seen, "after {action:?} the focus is lost on {focus:?}");
    }
    assert_eq!(shell.state().screen(), Screen::Attract);
    assert!(shell.state().is_at_rest());
}

/// Proves O2, T13: a key that is typed on a keyboard is taken in whichever page is shown, and then its own page is.
#[test]
fn a_secret_is_typed_on_any_page() {
    for (stage, typed) in [(TrustState::Recovery, 'c'), (TrustState::Pin, '7')] {
        let state = State {
            modes: Modes {
                text: TextSize::Largest,
                ..Modes::default()
            },
            ..after(open(), [status(stage)])
        };
        let mut shell = runtime(state, EXTREME[0].canvas(4));
        shell.paint();
        let more = Action::Page(1);
        assert!(shell.scene().tree.control(more).is_some(), "{stage:?}");
        if stage == TrustState::Pin {
            shell.handle(Event::Act(more));
            shell.paint();
        }
        let shown = |shell: &Runtime| shell.scene().tree.control(Action::Delete).is_some();
        assert!(!shown(&shell), "{stage:?}");
        shell.key(Key::Char(typed));
        shell.paint();
        assert!(shown(&shell), "{stage:?}");
        assert_eq!(shell.state().entry.chars(), 1);
        shell.key(Key::Backspace);
        assert_eq!(shell.state().entry.chars(), 0);
        shell.key(Key::Enter);
        assert!(shell.state().problem.is_some());
    }
}

/// Proves T13: whoever turns pages with the keyboard stays at the button that turns them, and at the nearest where there is none.
#[test]
fn focus_stays_where_pages_turn() {
    let home = way(open(), &[Action::Begin]);
    let large = State {
        modes: Modes {
            text: TextSize::Largest,
            ..Modes::default()
        },
        ..home
    };
    let mut shell = runtime(large, EXTREME[0].canvas(4));
    shell.paint();
    choose(&mut shell, Action::Page(1));
    let mut turned = 0;
    while let Some(focus @ Action::Page(page)) = shell.state().focus
        && page > turned
    {
        shell.key(Key::Enter);
        shell.paint();
        assert_eq!(shell.state().page(), page);
        turned = page;
        let chosen = shell.state().focus.expect("something has the focus");
        assert!(shell.scene().tree.control(chosen).is_some(), "{focus:?}");
    }
    assert!(turned > 0);
    assert_eq!(shell.state().screen(), Screen::At(Place::Home));
}
