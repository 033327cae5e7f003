// SPDX-License-Identifier: EUPL-1.2
//! Every screen, in every language, on every kind of screen: what can be touched is large and apart, and every text
//! is whole.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A test ends at the first surprise.

mod common;

use std::panic::{AssertUnwindSafe, catch_unwind};

use shell::canvas::{Canvas, GAP, Rect, TARGET};
use shell::event::Action;
use shell::i18n::Texts;
use shell::scene::{Paint, Scene};
use shell::screens;
use shell::state::{Modes, Outage, Place, Screen, State};
use shell::theme::TextSize;
use site::Language;

/// Rounding to pixels may take this much, in pixels.
const ROUNDING: f32 = 1.01;

/// Calls `check` for every screen and each of its pages, and fails at the end with all that was wrong.
fn each(
    canvases: &[Canvas],
    all: &[Modes],
    languages: &[Language],
    check: impl Fn(&str, &State, &Canvas, &Scene),
) {
    let (texts, mut engine) = (Texts::default(), common::engine());
    let mut wrong = Vec::new();
    for canvas in canvases {
        for (language, modes) in languages
            .iter()
            .copied()
            .flat_map(|language| all.iter().map(move |modes| (language, *modes)))
        {
            for (name, mut state) in common::walk_with(language, modes) {
                loop {
                    let scene = screens::show(&state, &texts, canvas, &mut engine);
                    let (page, tag) = (state.page(), language.tag());
                    let (w, h, wide) = (canvas.width, canvas.height, canvas.w());
                    let name =
                        format!("{name}/{page} in {tag} on {w}x{h} ({wide:.0} units) {modes:?}");
                    let safe = AssertUnwindSafe(|| check(&name, &state, canvas, &scene));
                    if catch_unwind(safe).is_err() {
                        wrong.push(name);
                    }
                    let next = Action::Page(page + 1);
                    if scene.tree.control(next).is_none() {
                        break;
                    }
                    state = common::way(state, &[next]);
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} screens: {wrong:#?}", wrong.len());
}

/// Checks one screen.
fn check(name: &str, state: &State, canvas: &Canvas, scene: &Scene) {
    let screen = Rect::new(0.0, 0.0, canvas.width as f32, canvas.height as f32);
    let inside = |rect: &Rect| rect.lies_in(&screen.outset(0.5));
    assert_eq!(scene.cut, Vec::<String>::new(), "{name}: texts are cut");
    assert!(!scene.crowded, "{name}: not everything has room");
    let texts: Vec<(&Rect, &str)> = scene
        .items
        .iter()
        .filter_map(|item| match &item.paint {
            Paint::Words(words) => Some((&item.rect, words.text.as_str())),
            _ => None,
        })
        .collect();
    for (i, (rect, text)) in texts.iter().enumerate() {
        assert!(
            inside(rect),
            "{name}: {text:?} at {rect:?} leaves the screen"
        );
        for (other, over) in &texts[i + 1..] {
            let apart = !rect.outset(-0.6).overlaps(&other.outset(-0.6));
            assert!(apart, "{name}: {text:?} lies over {over:?}");
        }
    }
    let controls: Vec<_> = scene.tree.controls().collect();
    for (i, control) in controls.iter().enumerate() {
        let (what, rect) = (format!("{name}: {:?}", control.action), control.rect);
        assert!(inside(&rect), "{what} at {rect:?} leaves the screen");
        // A unit is a millimetre or more on all of these screens.
        let least = TARGET * canvas.px_per_mm - ROUNDING;
        let large = rect.w >= least && rect.h >= least;
        assert!(large, "{what} is {rect:?}, less than {least} px");
        assert!(!control.name.is_empty(), "{what} has no name");
        for other in &controls[i + 1..] {
            let apart = rect.distance(&other.rect);
            let least = GAP * canvas.px_per_mm - ROUNDING;
            let over = other.action;
            assert!(
                apart >= least,
                "{what} is {apart} px from {over:?}, less than {least}"
            );
            assert_ne!(control.action, other.action, "{what} is there twice");
        }
    }
    let ways = ways_on(state);
    for action in ways {
        let offered = scene.tree.control(action).is_some();
        assert!(offered, "{name}: {action:?} is missing among {controls:?}");
    }
}

/// Whether everything there is has to be seen.
fn soak() -> bool {
    std::env::var_os("AMTSNAH_SOAK").is_some()
}

/// What has to be offered.
fn ways_on(state: &State) -> Vec<Action> {
    let bar = [
        Action::Larger,
        Action::Contrast,
        Action::Voice,
        Action::Lower,
    ];
    let own = match state.screen() {
        // These end by themselves: see the test of time in `flow.rs`.
        Screen::Start | Screen::Wait(_) | Screen::End => vec![],
        Screen::Attract => vec![Action::Languages, Action::Begin],
        Screen::At(Place::Home) => vec![Action::Languages, Action::Finish],
        Screen::At(Place::Outage(Outage::Update)) => vec![Action::Languages],
        Screen::At(_) => vec![Action::Languages, Action::Back, Action::Finish],
        Screen::Languages | Screen::NoVoice => vec![Action::Languages, Action::Back],
        Screen::TimeLeft => vec![Action::MoreTime, Action::Leave],
        Screen::Pin | Screen::NewPin { .. } => {
            let digits = ('0'..='9').map(Action::Digit);
            digits.chain([Action::Delete, Action::Confirm]).collect()
        }
        Screen::Recovery => {
            let letters = "cbdefghijklnrtuv".chars().map(Action::Letter);
            letters.chain([Action::Delete, Action::Confirm]).collect()
        }
    };
    own.into_iter().chain(bar).collect()
}

/// Proves T10, T13, T14: on every screen, in every language: targets are on the screen, at least 15 mm large and 4 mm apart;
/// every text is whole, on the screen and over no other; every screen offers its way on, and no two targets do the same.
#[test]
fn screens_can_be_read_and_touched() {
    let canvases = common::canvases();
    // A usual screen lying down and upright, and a case; all of them take minutes.
    let some = if soak() {
        canvases
    } else {
        canvases[1..4].to_vec()
    };
    each(&some, &[Modes::default()], &Language::ALL, check);
}

/// Proves T13: the same with text of every size, and with everything low.
#[test]
fn every_mode_can_be_read_and_touched() {
    let modes = [
        (TextSize::Large, false),
        (TextSize::Largest, false),
        (TextSize::Normal, true),
        (TextSize::Largest, true),
    ]
    .map(|(text, lower)| Modes {
        text,
        lower,
        ..Modes::default()
    });
    let canvases = common::canvases();
    // Lying down and upright, the smallest and a usual one; all of them take minutes.
    let some = if soak() {
        canvases
    } else {
        vec![Canvas::new(1920, 1080, None), Canvas::new(1080, 1920, None)]
    };
    // All of it takes minutes: otherwise the largest text, in the language with the longest words.
    if soak() {
        each(&some, &modes, &Language::ALL, check);
    } else {
        each(&some, &modes[1..2], &[Language::De], check);
    }
}

/// Proves T14: in Arabic the order of reading is turned, but a keypad is not.
#[test]
fn arabic_is_mirrored() {
    let (texts, mut engine) = (Texts::default(), common::engine());
    let canvas = Canvas::new(1280, 800, None);
    let mut scene = |language, screen: &str| {
        let state = common::walk(language)
            .into_iter()
            .find(|(name, _)| name == screen)
            .unwrap()
            .1;
        screens::show(&state, &texts, &canvas, &mut engine)
    };
    let x = |scene: &Scene, action| scene.tree.control(action).unwrap().rect.x;
    let (german, arabic) = (scene(Language::De, "home"), scene(Language::Ar, "home"));
    assert!(x(&german, Action::Languages) < x(&german, Action::Finish));
    assert!(x(&arabic, Action::Languages) > x(&arabic, Action::Finish));
    assert!(x(&german, Action::Talk) < x(&german, Action::Inform));
    assert!(x(&arabic, Action::Talk) > x(&arabic, Action::Inform));
    let arabic = scene(Language::Ar, "pin");
    assert!(x(&arabic, Action::Digit('1')) < x(&arabic, Action::Digit('2')));
}

/// Proves T13: what can be touched is a node of the accessibility tree with role, name, bounds and what it does; text is told
/// in the language it is written in, and secrets are not told at all.
#[test]
fn tree_tells_what_the_picture_shows() {
    use accesskit::{Action as Does, Role};

    let (texts, mut engine) = (Texts::default(), common::engine());
    let canvas = Canvas::new(1280, 800, None);
    let screens = common::walk(Language::De);
    let mut scene = |screen: &str| {
        let state = &screens.iter().find(|(name, _)| name == screen).unwrap().1;
        screens::show(state, &texts, &canvas, &mut engine)
    };
    let attract = scene("attract");
    let arabic = attract.tree.node(Action::Speak(Language::Ar)).unwrap();
    assert_eq!(
        (arabic.role(), arabic.language()),
        (Role::Button, Some("ar"))
    );
    assert!(arabic.supports_action(Does::Click) && arabic.bounds().is_some());
    let roles = |scene: &Scene, role| {
        let nodes = scene.tree.nodes().iter();
        nodes.filter(|node| node.role() == role).count()
    };
    assert_eq!(roles(&attract, Role::Toolbar), 1);
    assert_eq!(roles(&attract, Role::Heading), 1);
    assert_eq!(roles(&scene("end"), Role::ProgressIndicator), 1);
    // What a person would see as text is all there to be heard.
    let department = scene("department-0");
    let heard: Vec<String> = department
        .tree
        .nodes()
        .iter()
        .flat_map(|node| [node.label(), node.value()])
        .flatten()
        .map(str::to_owned)
        .collect();
    for item in &department.items {
        if let Paint::Words(words) = &item.paint {
            let told = heard.iter().any(|heard| heard.contains(&words.text));
            assert!(told, "{:?} cannot be heard", words.text);
        }
    }
    let pin = scene("pin");
    let entry = pin
        .tree
        .nodes()
        .iter()
        .find(|n| n.role() == Role::PasswordInput);
    assert_eq!(entry.and_then(|node| node.value()), Some("16"));
}
