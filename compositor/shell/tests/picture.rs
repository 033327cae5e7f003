// SPDX-License-Identifier: EUPL-1.2
//! Pixels: repainting a part equals painting all, and what a person would read can be read.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A test ends at the first surprise.

mod common;

use std::process::Command;

use api::trust::TrustState;
use common::{after, runtime, start, status, walk, way};
use shell::canvas::Canvas;
use shell::event::{Action, Event};
use shell::focus::Step;
use shell::press::{Finger, Motion};
use shell::runtime::{Key, Runtime};
use site::Language;

/// A screen small enough to paint often.
fn small() -> Canvas {
    Canvas::new(480, 300, None)
}

fn same_as_new(runtime: &mut Runtime, step: &str) {
    runtime.paint();
    let mut fresh = common::runtime(runtime.state().clone(), *runtime.canvas());
    fresh.paint();
    let (painted, fresh) = (runtime.pixels().unwrap(), fresh.pixels().unwrap());
    // Smoothed edges are computed relative to the part that is painted: single pixels of a corner may differ a little.
    // What was forgotten would differ in hundreds.
    let differ = painted
        .data()
        .iter()
        .zip(fresh.data())
        .filter(|(a, b)| a.abs_diff(**b) > 24)
        .count();
    assert!(
        differ < 64,
        "{step}: a part was not repainted, {differ} bytes differ"
    );
}

/// Proves T13: whatever happens, what is on the screen is what the state says, although only parts are painted.
#[test]
fn partial_repaint_equals_whole() {
    let home = way(common::open(), &[Action::Begin]);
    let mut shell = runtime(home, small());
    same_as_new(&mut shell, "home");
    for step in [Step::Next, Step::Next, Step::Down, Step::Right] {
        shell.key(Key::Step(step));
        same_as_new(&mut shell, "focus");
    }
    let (x, y) = shell
        .scene()
        .tree
        .control(Action::Talk)
        .unwrap()
        .rect
        .centre();
    shell.finger(Finger::Touch(1), Motion::Down(x, y));
    same_as_new(&mut shell, "pressed");
    shell.finger(Finger::Touch(1), Motion::Up);
    same_as_new(&mut shell, "authorities");
    for event in [
        Event::Act(Action::Languages),
        Event::Act(Action::Speak(Language::Ar)),
        Event::Act(Action::Larger),
        Event::Act(Action::Contrast),
        Event::Act(Action::Lower),
        Event::Tick(common::moment(70)),
    ] {
        shell.handle(event);
        same_as_new(&mut shell, "language");
    }
    let mut shell = runtime(after(start(), [status(TrustState::Pin)]), small());
    same_as_new(&mut shell, "pin");
    for c in "13579".chars() {
        shell.key(Key::Char(c));
        same_as_new(&mut shell, "digit");
    }
    shell.key(Key::Enter);
    same_as_new(&mut shell, "too short");
    shell.key(Key::Backspace);
    same_as_new(&mut shell, "deleted");
}

/// Proves T13: the minute repaints the clock and nothing else, and nothing new repaints nothing.
#[test]
fn minute_repaints_the_clock_only() {
    let canvas = Canvas::new(1280, 800, None);
    let mut shell = runtime(common::open(), canvas);
    shell.paint().expect("all of it");
    assert_eq!(shell.paint(), None);
    shell.handle(Event::Tick(common::moment(30)));
    assert_eq!(shell.paint(), None, "half a minute changes nothing");
    shell.handle(Event::Tick(common::moment(61)));
    let damage = shell.paint().expect("the clock");
    assert!(
        damage.h < 90.0 && damage.y < 70.0 && damage.x > 640.0,
        "{damage:?}"
    );
}

/// Proves C6: hardware keys enter a PIN and a recovery key, and touch does what it says.
#[test]
fn keys_and_touch_reach_the_state() {
    let mut shell = runtime(after(start(), [status(TrustState::Recovery)]), small());
    shell.paint();
    for c in "cbX1D".chars() {
        shell.key(Key::Char(c));
    }
    assert_eq!(shell.state().entry.expose(), "cbd");
    shell.key(Key::Backspace);
    assert_eq!(shell.state().entry.expose(), "cb");
}

fn read(picture: &std::path::Path, mode: &str) -> String {
    let output = Command::new("tesseract")
        .arg(picture)
        .args(["-", "-l", "deu", "--psm", mode])
        .output()
        .expect("the toolbox has tesseract");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

const HOME: &[&str] = &[
    "Weißbach an der",
    "jemandem sprechen",
    "Informationen",
    "Hilfe",
    "Beenden",
];
const TOWN: &[&str] = &["Meldestelle", "Standesamt", "Kita-Beiträge", "Hundesteuer"];
const DISTRICT: &[&str] = &["Wohngeld", "Elterngeld", "Kfz-Zulassung", "Fahrerlaubnis"];
const DEPARTMENT: &[&str] = &[
    "Heirat und Geburt",
    "Öffnungszeiten",
    "Standesamt",
    "Montag",
    "geschlossen",
];

/// Proves T2: what a person reads on the first screens is the place and its departments.
#[test]
fn screens_can_be_read_by_a_reader() {
    let dir = tempfile::tempdir().unwrap();
    let pages: [(u32, u32, &str, &[&str]); 8] = [
        (1280, 800, "attract", &["Willkommen", "Beginnen", "jemand"]),
        (1920, 1080, "home", HOME),
        (1080, 1920, "home", HOME),
        (1280, 800, "topics-0", TOWN),
        (1280, 800, "topics-1", DISTRICT),
        (1280, 800, "department-1", DEPARTMENT),
        (1280, 800, "start", &["Einen Moment bitte", "startet"]),
        (1280, 800, "recovery", &["verschlossen", "KTBV"]),
    ];
    for (width, height, name, words) in pages {
        let state = walk(Language::De)
            .into_iter()
            .find(|(other, _)| other == name)
            .unwrap()
            .1;
        let mut shell = runtime(state, Canvas::new(width, height, None));
        shell.paint();
        let pixels = shell.pixels().unwrap();
        let colours: std::collections::HashSet<_> = pixels
            .pixels()
            .iter()
            .map(|p| (p.red(), p.green(), p.blue()))
            .collect();
        assert!(colours.len() > 50, "{name} is empty");
        let file = dir.path().join("screen.png");
        std::fs::write(&file, pixels.encode_png().unwrap()).unwrap();
        // A reader may miss a word beside a frame in one way of looking, but not in two.
        let text = ["11", "3"].map(|mode| read(&file, mode)).join("\n");
        for word in words {
            assert!(
                text.contains(word),
                "{name} at {width}x{height}: {word} not in\n{text}"
            );
        }
    }
}
