// SPDX-License-Identifier: EUPL-1.2
//! Every screen, in every language, on every kind of screen: what can be touched is large and apart, and every text
//! is whole.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A test ends at the first surprise.

mod common;

use std::num::NonZero;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;

use api::scan::Work;
use common::matrix::{self, Setting, Shown, each_page};
use shell::access::Control;
use shell::canvas::{Canvas, GAP, Rect, TARGET};
use shell::event::Action;
use shell::i18n::Texts;
use shell::scene::{Paint, Scene};
use shell::screens;
use shell::state::call;
use shell::state::clerk::{Ask, Launch, View};
use shell::state::papers::Step;
use shell::state::scan_asked::ScanStep;
use shell::state::{Modes, Outage, Place, Screen, State};
use shell::theme::{TextSize, Theme};
use site::Language;

/// Rounding to pixels may take this much, in pixels.
const ROUNDING: f32 = 1.01;

/// An application has at least this height, in millimetres: a field of a form and what it is called, in large letters.
const FRAME: f32 = 25.0;

/// Calls `check` for every page of every screen in these settings, on all processors, and fails at the end with all that was wrong.
fn each(settings: &[Setting], check: impl Fn(&str, &Setting, &Canvas, &Shown) + Sync) {
    let threads = thread::available_parallelism().map_or(1, NonZero::get);
    let share = settings.len().div_ceil(threads).max(1);
    let wrong = thread::scope(|scope| {
        let looking: Vec<_> = settings
            .chunks(share)
            .map(|some| scope.spawn(|| wrong_in(some, &check)))
            .collect();
        let found = looking.into_iter().map(|found| found.join().unwrap());
        found.collect::<Vec<_>>().concat()
    });
    assert!(wrong.is_empty(), "{} screens: {wrong:#?}", wrong.len());
}

fn wrong_in(settings: &[Setting], check: &impl Fn(&str, &Setting, &Canvas, &Shown)) -> Vec<String> {
    let (texts, mut engine) = (Texts::default(), common::engine());
    let mut wrong = Vec::new();
    for setting in settings {
        let canvas = setting.device.canvas(1);
        let (language, modes) = (setting.language, setting.modes);
        let pages = each_page(language, modes, &canvas, &texts, &mut engine);
        for screen in pages.chunk_by(|a, b| a.screen == b.screen) {
            for shown in screen {
                let name = setting.name(&shown.name);
                let safe = AssertUnwindSafe(|| check(&name, setting, &canvas, shown));
                if catch_unwind(safe).is_err() {
                    wrong.push(name);
                }
            }
            // Where there are several pages, each way is on one of them.
            for way in ways_on(&screen[0].state) {
                let offers = |shown: &Shown| shown.scene.tree.control(way).is_some();
                if !screen.iter().any(offers) {
                    let name = setting.name(&screen[0].screen);
                    wrong.push(format!("{name}: {way:?} is missing"));
                }
            }
        }
    }
    wrong
}

/// What is shown where a text is missing: its name, such as `call-now`.
fn is_key(text: &str) -> bool {
    let is_part = |part: &str| !part.is_empty() && part.bytes().all(|c| c.is_ascii_lowercase());
    text.contains('-') && text.split('-').all(is_part)
}

/// Checks one screen.
fn check(name: &str, setting: &Setting, canvas: &Canvas, Shown { scene, state, .. }: &Shown) {
    let screen = Rect::new(0.0, 0.0, canvas.width as f32, canvas.height as f32);
    let inside = |rect: &Rect| rect.lies_in(&screen.outset(0.5));
    assert_eq!(scene.cut, Vec::<String>::new(), "{name}: texts are cut");
    assert!(!scene.crowded, "{name}: not everything has room");
    // What is asked for is there: large text takes pages, not smaller letters. On the lower part of a screen, and with all 16
    // keys on the smallest screens, it may become a little smaller.
    let modes = setting.modes;
    if modes.text != TextSize::Normal && !modes.lower {
        let shrunk = scene.shrunk;
        assert!(shrunk > 0.92, "{name}: text is only {shrunk} of its size");
    }
    let texts: Vec<(&Rect, &str)> = scene
        .items
        .iter()
        .filter_map(|item| match &item.paint {
            Paint::Words(words) => Some((&item.rect, words.text.as_str())),
            _ => None,
        })
        .collect();
    for (i, (rect, text)) in texts.iter().enumerate() {
        assert!(!is_key(text), "{name}: there is no text `{text}`");
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
    for (rect, text) in &texts {
        let (x, y) = rect.centre();
        let around = controls.iter().find(|control| control.rect.contains(x, y));
        let inside = |control: &Control| {
            rect.x >= control.rect.x - 1.0 && rect.right() <= control.rect.right() + 1.0
        };
        assert!(
            around.is_none_or(inside),
            "{name}: {text:?} leaves its button {around:?}"
        );
    }
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
    // While one writes in a conversation there may be no room for the face; nor while one scans, where letters are large or
    // everything is low.
    let is_scarce = modes.text != TextSize::Normal || modes.lower;
    let scans = is_scarce && state.scan_asked().is_some();
    let writes = state.call_view().is_some() && state.call.keyboard.is_some() || scans;
    let shows = matches!(
        state.screen(),
        Screen::Application | Screen::Call(call::View::Talks)
    );
    assert!(
        scene.frame.is_some() == shows || shows && writes,
        "{name}: the frame"
    );
    if let Some(frame) = scene.frame {
        assert!(
            inside(&frame),
            "{name}: the frame {frame:?} leaves the screen"
        );
        let high = frame.h / canvas.px_per_mm;
        assert!(high >= FRAME, "{name}: the frame is {high} mm high");
        for (rect, what) in texts
            .iter()
            .map(|(rect, text)| (**rect, *text))
            .chain(controls.iter().map(|control| (control.rect, control.name)))
        {
            let apart = !rect.overlaps(&frame.outset(-1.0));
            assert!(apart, "{name}: {what:?} is where the application is");
        }
    }
    for action in BAR {
        let offered = scene.tree.control(action).is_some();
        assert!(offered, "{name}: {action:?} is missing");
    }
}

/// What is in the bar of every page.
const BAR: [Action; 4] = [
    Action::Larger,
    Action::Contrast,
    Action::Voice,
    Action::Lower,
];

/// What has to be offered on the pages of a screen, besides the bar.
fn ways_on(state: &State) -> Vec<Action> {
    match state.screen() {
        // These end by themselves: see the test of time in `flow.rs`.
        Screen::Start | Screen::Wait(_) | Screen::End => vec![],
        Screen::Attract => vec![Action::Languages, Action::Begin],
        Screen::At(Place::Home) => vec![Action::Languages, Action::Finish],
        Screen::At(Place::Outage(Outage::Update)) => vec![Action::Languages],
        Screen::At(_) => vec![Action::Languages, Action::Back, Action::Finish],
        Screen::Languages | Screen::NoVoice => vec![Action::Languages, Action::Back],
        Screen::Case(view) => on_case(state, view),
        Screen::Application => beside_application(state),
        Screen::Call(view) => in_call(state, view),
        Screen::Voice => {
            let turns = [
                Action::Silence,
                Action::Louder,
                Action::Quieter,
                Action::Faster,
                Action::Slower,
            ];
            [&[Action::Languages, Action::Back], &turns[..]].concat()
        }
        Screen::TimeLeft => vec![Action::MoreTime, Action::Leave],
        Screen::Pin | Screen::NewPin { .. } => {
            let digits = ('0'..='9').map(Action::Digit);
            digits.chain([Action::Delete, Action::Confirm]).collect()
        }
        Screen::Recovery => {
            let letters = "cbdefghijklnrtuv".chars().map(Action::Letter);
            letters.chain([Action::Delete, Action::Confirm]).collect()
        }
    }
}

/// The same on a screen of a case.
fn on_case(state: &State, view: View) -> Vec<Action> {
    let mut ways = match view {
        View::Choose { again } => {
            let field = [Action::Reveal, Action::Delete, Action::Confirm];
            let over = again.then_some(Action::StartOver);
            field.into_iter().chain(over).collect()
        }
        View::SignIn | View::Locked => vec![Action::Reveal, Action::Delete, Action::Confirm],
        // These end by themselves, or never.
        View::Checking(_) | View::Deleting | View::Damaged => vec![],
        View::Desk if state.has_application_away() => {
            vec![Action::Resume, Action::EndCase, Action::SignOut]
        }
        View::Desk if state.has_case() => vec![Action::EndCase, Action::SignOut],
        View::Desk => vec![Action::BeginCase, Action::SignOut],
        View::Launch(Launch::Failed(_)) => vec![Action::StopApplication, Action::StartAgain],
        View::Launch(_) => vec![Action::StopApplication],
        View::Ask(Ask::EndCase) => vec![Action::Back, Action::Erase],
        View::Ask(Ask::SignOut) => vec![Action::Back, Action::SignOut],
    };
    ways.push(Action::Languages);
    ways.extend(state.is_signed_in().then_some(Action::Lock));
    ways
}

/// The same in a conversation. While keys are there, the buttons are where there is room for them.
fn in_call(state: &State, view: call::View) -> Vec<Action> {
    let mut ways = match view {
        call::View::Rings => vec![Action::HangUp],
        call::View::Talks if state.call.keyboard.is_some() => {
            vec![Action::HideKeys, Action::Delete, Action::Confirm]
        }
        call::View::Talks if state.asked().is_some() => asked(state),
        call::View::Talks if state.scan_asked().is_some() => scan_asked(state),
        call::View::Talks => vec![Action::Mute, Action::Pause, Action::Write, Action::HangUp],
        call::View::Paused | call::View::Held => {
            vec![Action::Mute, Action::Pause, Action::HangUp]
        }
        call::View::Mending => vec![Action::Mute, Action::HangUp],
        call::View::Over(call::Over::Ended) => vec![Action::Back],
        call::View::Over(_) => vec![Action::Back, Action::Call],
    };
    ways.extend([Action::Languages, Action::Finish]);
    ways
}

/// The same while something is asked or told of printing.
fn asked(state: &State) -> Vec<Action> {
    let mut ways = match state.asked().map(|asked| asked.step) {
        Some(Step::Question) => vec![Action::Agree, Action::Decline],
        Some(Step::Over(_)) => vec![Action::Understood],
        Some(Step::Printing) if state.print.is_some_and(|print| print.job.id > 0) => {
            vec![Action::StopPrinting]
        }
        _ => vec![],
    };
    ways.push(Action::HangUp);
    ways
}

/// The same while a paper is scanned for the other side.
fn scan_asked(state: &State) -> Vec<Action> {
    let scan = &state.scan;
    let mut ways = match state.scan_asked().map(|asked| asked.step) {
        Some(ScanStep::Question) => vec![Action::Agree, Action::Decline],
        Some(ScanStep::Over(_)) => vec![Action::Understood],
        Some(ScanStep::Scans(scans)) => match (scan.work(), scan.last()) {
            (Work::Scanning(_), _) => vec![Action::StopScanning],
            (Work::Binding, _) => vec![],
            (Work::Trouble(_), Some(_)) => {
                vec![Action::ScanNow, Action::FinishScan, Action::Decline]
            }
            (_, None) => vec![Action::ScanNow, Action::Decline],
            (_, Some(page)) if scans.good != Some(page.id) => {
                vec![Action::Agree, Action::TurnPage, Action::ScanAgain]
            }
            _ => vec![Action::FinishScan, Action::ScanNow, Action::Decline],
        },
        _ => vec![],
    };
    ways.push(Action::HangUp);
    ways
}

/// The same beside an application.
fn beside_application(state: &State) -> Vec<Action> {
    let mut ways = match state.typing {
        None => vec![],
        Some(typing) if typing.away => vec![Action::ShowKeys],
        Some(_) => vec![Action::HideKeys, Action::Delete, Action::Confirm],
    };
    let keys = state.typing.is_some_and(|typing| !typing.away);
    if state.clerk.is_none() {
        ways.extend([Action::Finish, Action::Languages]);
    } else {
        // Where there are keys they are put away first.
        if !keys {
            ways.push(Action::Back);
            ways.extend(state.typing.is_none().then_some(Action::StopApplication));
        }
        ways.push(Action::Lock);
    }
    ways
}

/// The settings of `among` with this size of text; colours take no room.
fn with_text(among: &[Setting], text: TextSize) -> Vec<Setting> {
    let mut settings: Vec<Setting> = Vec::new();
    for setting in among.iter().filter(|setting| setting.modes.text == text) {
        let modes = Modes {
            theme: Theme::Paper,
            ..setting.modes
        };
        let setting = Setting { modes, ..*setting };
        if !settings.contains(&setting) {
            settings.push(setting);
        }
    }
    settings
}

fn all_with(text: TextSize) -> Vec<Setting> {
    with_text(&matrix::everything(), text)
}

/// Proves T10, T13, T14: on every screen, in every language: targets are on the screen, at least 15 mm large and 4 mm apart;
/// every text is whole, on the screen and over no other; every screen offers its way on, and no two targets do the same.
/// The same with everything low.
#[test]
fn screens_can_be_read_and_touched() {
    each(&all_with(TextSize::Normal), check);
}

/// Proves T13: the same with text half as large again, and twice as large, which then is that large.
#[test]
fn large_text_can_be_read_and_touched() {
    let (large, largest) = (all_with(TextSize::Large), all_with(TextSize::Largest));
    if matrix::soak() {
        each(&large, check);
        each(&largest, check);
    } else {
        // The languages with the longest words, and from right to left.
        let usual = |setting: &&Setting| matches!(setting.language, Language::De | Language::Ar);
        let of = |settings: &[Setting]| -> Vec<Setting> {
            settings.iter().filter(usual).copied().collect()
        };
        each(&of(&largest), check);
        each(&with_text(&matrix::sample(), TextSize::Largest), check);
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
