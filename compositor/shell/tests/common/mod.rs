// SPDX-License-Identifier: EUPL-1.2
//! What the tests of the shell have in common: the sample place, a fixed moment, and a walk to every screen.

#![allow(dead_code)] // Each test uses its part.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use api::trust::{Status, TrustState};
use shell::canvas::Canvas;
use shell::event::{Action, Event, Moment, Refusal, Trust};
use shell::paint::Painter;
use shell::runtime::Runtime;
use shell::state::{Identity, State};
use shell::text::{Engine, FONT_DIR};
use shell::update::update;
use site::{Language, Site, TimeOfDay, Weekday};

pub const SAMPLE: &str = include_str!("../../../../recipes/site/site.toml");

pub fn site() -> Arc<Site> {
    Arc::new(site::parse("site.toml", SAMPLE).unwrap())
}

pub fn moment(uptime: u64) -> Moment {
    Moment {
        uptime: Duration::from_secs(uptime),
        year: 2026,
        month: 11,
        day: 24,
        weekday: Weekday::Tuesday,
        time: TimeOfDay::from_minutes(((615 + uptime / 60) % 1440) as u16).unwrap(),
    }
}

pub fn start() -> State {
    let identity = Identity {
        version: "2026.11.1".into(),
    };
    State::new(site(), identity, moment(0), false)
}

pub fn status(state: TrustState) -> Event {
    let recovery = state == TrustState::Recovery;
    let text = |text: &str| {
        if recovery {
            text.to_owned()
        } else {
            String::new()
        }
    };
    Event::Trust(Trust::Status(Status {
        state,
        code: text("KTBV-NRHD"),
        reason: text("foreign-volume"),
    }))
}

pub fn after(state: State, events: impl IntoIterator<Item = Event>) -> State {
    events
        .into_iter()
        .fold(state, |state, event| update(state, event).0)
}

fn digits(digits: &str) -> Vec<Event> {
    digits
        .chars()
        .map(|c| Event::Act(Action::Digit(c)))
        .collect()
}

/// Every screen in every shape that differs in what can be touched or read, by name.
pub fn walk(language: Language) -> Vec<(String, State)> {
    let speak = [
        Event::Act(Action::Languages),
        Event::Act(Action::Speak(language)),
    ];
    let in_stage = |stage| after(after(start(), [status(stage)]), speak.clone());
    let act = |action| vec![Event::Act(action)];
    let refused = |refusal| Event::Trust(Trust::Answer(Err(refusal)));
    let home = in_stage(TrustState::Open);
    let (pin, new_pin) = (in_stage(TrustState::Pin), in_stage(TrustState::NewPin));
    let recovery = in_stage(TrustState::Recovery);
    let typed = |digits_typed: &str| [digits(digits_typed), act(Action::Confirm)].concat();
    let key: Vec<Event> = "cbdefghijklnrtuv"
        .repeat(4)
        .chars()
        .map(|c| Event::Act(Action::Letter(c)))
        .collect();

    let mut screens = vec![
        (
            "start".to_owned(),
            State {
                language,
                ..start()
            },
        ),
        (
            "start-slow".to_owned(),
            State {
                language,
                ..after(start(), [Event::Tick(moment(70))])
            },
        ),
        ("home".to_owned(), home.clone()),
        (
            "home-second".to_owned(),
            after(home.clone(), act(Action::Authority(1))),
        ),
        (
            "home-leaving".to_owned(),
            after(
                after(home.clone(), act(Action::Authority(1))),
                [Event::Tick(moment(50))],
            ),
        ),
        (
            "languages".to_owned(),
            after(home.clone(), act(Action::Languages)),
        ),
        (
            "pin".to_owned(),
            after(pin.clone(), digits("1234567890123456")),
        ),
        ("pin-wait".to_owned(), after(pin.clone(), typed("135790"))),
        ("new-pin".to_owned(), new_pin.clone()),
        (
            "new-pin-again".to_owned(),
            after(new_pin.clone(), typed("135790")),
        ),
        (
            "new-pin-mismatch".to_owned(),
            after(new_pin.clone(), [typed("135790"), typed("1")].concat()),
        ),
        (
            "new-pin-weak".to_owned(),
            after(new_pin.clone(), typed("123456")),
        ),
        ("new-pin-short".to_owned(), after(new_pin, typed("1"))),
        ("recovery".to_owned(), recovery.clone()),
        (
            "recovery-short".to_owned(),
            after(recovery.clone(), act(Action::Confirm)),
        ),
    ];
    for (name, refusal) in [
        ("wrong", Refusal::WrongPin),
        ("locked", Refusal::LockedOut),
        ("failed", Refusal::Failed),
    ] {
        let events = [typed("135790"), vec![refused(refusal)]].concat();
        screens.push((format!("pin-{name}"), after(pin.clone(), events)));
    }
    for (name, refusal) in [
        ("wrong", Refusal::WrongKey),
        ("locked", Refusal::LockedOut),
        ("failed", Refusal::Failed),
    ] {
        let events = [key.clone(), act(Action::Confirm), vec![refused(refusal)]].concat();
        screens.push((format!("recovery-{name}"), after(recovery.clone(), events)));
    }
    for i in 0..home.site.departments.len() {
        screens.push((
            format!("department-{i}"),
            after(home.clone(), act(Action::Department(i))),
        ));
    }
    screens
}

/// Sizes in pixels with, or without, the size in millimetres the screen reports.
pub fn canvases() -> Vec<Canvas> {
    vec![
        Canvas::new(1280, 800, None),
        Canvas::new(1920, 1080, None),
        Canvas::new(1080, 1920, None),
        // A case: 14 inch.
        Canvas::new(1920, 1080, Some((309.0, 174.0))),
        Canvas::new(1920, 1200, Some((301.0, 188.0))),
        Canvas::new(2560, 1600, Some((286.0, 179.0))),
        // A terminal: 32 inch, upright.
        Canvas::new(2160, 3840, Some((398.0, 708.0))),
    ]
}

pub fn engine() -> Engine {
    Engine::new(Path::new(FONT_DIR)).unwrap()
}

pub fn runtime(state: State, canvas: Canvas) -> Runtime {
    let mut painter = Painter::default();
    let picture = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../recipes/site/picture.svg");
    painter.load_picture(&picture).unwrap();
    Runtime::new(state, engine(), painter, canvas)
}
