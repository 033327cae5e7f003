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
use shell::state::{Screen, State};
use site::Language;

/// Rounding to pixels may take this much, in pixels.
const ROUNDING: f32 = 1.01;

/// Calls `check` for everything there is, and fails at the end with all that was wrong.
fn each(check: impl Fn(&str, &State, &Canvas, &Scene)) {
    let (texts, mut engine) = (Texts::default(), common::engine());
    let mut wrong = Vec::new();
    for canvas in common::canvases() {
        for language in Language::ALL {
            for (name, state) in common::walk(language) {
                let scene = screens::show(&state, &texts, &canvas, &mut engine);
                let size = format!(
                    "{}x{} ({:.0} units wide)",
                    canvas.width,
                    canvas.height,
                    canvas.w()
                );
                let name = format!("{name} in {} on {size}", language.tag());
                let checked =
                    catch_unwind(AssertUnwindSafe(|| check(&name, &state, &canvas, &scene)));
                if checked.is_err() {
                    wrong.push(name);
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} screens: {wrong:#?}", wrong.len());
}

/// Proves T10, T13, T14: targets are on the screen, at least 15 mm large and 4 mm apart; every text fits its place and
/// lies on the screen; every screen but the first offers a way back, and no two targets do the same.
#[test]
fn screens_can_be_read_and_touched() {
    each(|name, state, canvas, scene| {
        let screen = Rect::new(0.0, 0.0, canvas.width as f32, canvas.height as f32);
        let inside = |rect: &Rect| {
            rect.x >= -0.5
                && rect.y >= -0.5
                && rect.right() <= screen.w + 0.5
                && rect.bottom() <= screen.h + 0.5
        };
        assert_eq!(scene.cut, Vec::<String>::new(), "{name}: texts are cut");
        assert!(!scene.crowded, "{name}: not everything has room");
        for item in &scene.items {
            if let Paint::Words(words) = &item.paint {
                assert!(
                    inside(&item.rect),
                    "{name}: {:?} at {:?} leaves the screen",
                    words.text,
                    item.rect
                );
            }
        }
        for (i, target) in scene.targets.iter().enumerate() {
            let what = format!("{name}: {:?}", target.action);
            assert!(
                inside(&target.rect),
                "{what} at {:?} leaves the screen",
                target.rect
            );
            // A unit is a millimetre or more on all of these screens.
            let least = TARGET * canvas.px_per_mm - ROUNDING;
            assert!(
                target.rect.w >= least && target.rect.h >= least,
                "{what} is {:?}, less than {least} px",
                target.rect
            );
            assert!(!target.name.is_empty(), "{what} has no name");
            for other in &scene.targets[i + 1..] {
                let apart = target.rect.distance(&other.rect);
                let least = GAP * canvas.px_per_mm - ROUNDING;
                assert!(
                    apart >= least,
                    "{what} is {apart} px from {:?}, less than {least}",
                    other.action
                );
                assert_ne!(target.action, other.action, "{what} is there twice");
            }
        }
        let offers = |action| scene.target(action).is_some();
        let way_on = match state.screen() {
            // These end by themselves: see the test of time in `flow.rs`.
            Screen::Start | Screen::Wait(_) => true,
            Screen::Home => {
                offers(Action::Languages)
                    && offers(Action::Department(0)) | offers(Action::Department(6))
            }
            Screen::Department(_) => {
                offers(Action::Back) && offers(Action::Finish) && offers(Action::Languages)
            }
            Screen::Languages => {
                offers(Action::Back)
                    && Language::ALL
                        .into_iter()
                        .all(|language| offers(Action::Speak(language)))
            }
            Screen::Pin | Screen::NewPin { .. } => {
                ('0'..='9').all(|c| offers(Action::Digit(c)))
                    && offers(Action::Delete)
                    && offers(Action::Confirm)
            }
            Screen::Recovery => {
                "cbdefghijklnrtuv"
                    .chars()
                    .all(|c| offers(Action::Letter(c)))
                    && offers(Action::Delete)
                    && offers(Action::Confirm)
            }
        };
        assert!(way_on, "{name}: a way is missing among {:?}", scene.targets);
    });
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
    let x = |scene: &Scene, action| scene.target(action).unwrap().rect.x;
    let (german, arabic) = (
        scene(Language::De, "department-0"),
        scene(Language::Ar, "department-0"),
    );
    assert!(x(&german, Action::Languages) < x(&german, Action::Finish));
    assert!(x(&arabic, Action::Languages) > x(&arabic, Action::Finish));
    let (german, arabic) = (scene(Language::De, "home"), scene(Language::Ar, "home"));
    assert!(x(&german, Action::Department(0)) < x(&german, Action::Department(1)));
    assert!(x(&arabic, Action::Department(0)) > x(&arabic, Action::Department(1)));
    let arabic = scene(Language::Ar, "pin");
    assert!(x(&arabic, Action::Digit('1')) < x(&arabic, Action::Digit('2')));
}
