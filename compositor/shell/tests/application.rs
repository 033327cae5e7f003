// SPDX-License-Identifier: EUPL-1.2
//! Applications in front of the shell: when they are seen, and that the keyboard on the screen types into them. The last test is
//! a terminal emulator, a real application with text-input, between the real compositor and the real shell.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A test ends at the first surprise.

mod common;

use std::fs;
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use api::applications::RunState;
use api::clerk::ClerkState;
use api::session::SessionState;
use common::{after, application, case, open, runtime, session, way};
use compositor::{Compositor, Input, Rank, Rules, Screen as Output, Settings, Share};
use proptest::prelude::*;
use shell::canvas::Canvas;
use shell::event::{Action, Effect, Event, Typed};
use shell::i18n::Texts;
use shell::keyboard::Layout;
use shell::runtime::{Key, Runtime};
use shell::screens;
use shell::state::application::Purpose;
use shell::state::{Outage, Screen, State};
use shell::update::update;

/// Somebody with an application in front.
fn running() -> State {
    let home = way(open(), &[Action::Begin]);
    after(home, [application()])
}

fn typing(purpose: Purpose) -> State {
    after(running(), [Event::Field(Some(purpose))])
}

fn types(state: State, action: Action) -> (State, Vec<Typed>) {
    let (state, effects) = update(state, Event::Act(action));
    let typed = effects.into_iter().filter_map(|effect| match effect {
        Effect::Type(typed) => Some(typed),
        _ => None,
    });
    (state, typed.collect())
}

/// Proves T12, T15: an application is seen by who has begun, and not by anybody else, nor over what the shell has to say.
#[test]
fn an_application_is_seen_only_by_its_visitor() {
    assert_eq!(running().screen(), Screen::Application);
    assert_eq!(
        after(open(), [application()]).screen(),
        Screen::Attract,
        "nobody is there"
    );
    let warned = session(SessionState::Warned, Some(42), 0);
    assert_eq!(after(running(), [warned]).screen(), Screen::TimeLeft);
    assert_eq!(way(running(), &[Action::Finish]).screen(), Screen::End);
    assert_eq!(
        way(running(), &[Action::Languages]).screen(),
        Screen::Languages
    );
    let update = after(running(), [Event::Outage(Outage::Update, true)]);
    assert_ne!(update.screen(), Screen::Application);
    let gone = after(running(), [Event::Application(None)]);
    assert_ne!(gone.screen(), Screen::Application);
}

/// Proves C6: at a case an application is seen while its clerk is signed in and a case is open; locked, asked or without a case it is not.
#[test]
fn at_a_case_an_application_is_seen_only_by_its_clerk() {
    let active = session(SessionState::Active, Some(99), 0);
    let desk = case::open(ClerkState::SignedIn);
    let without = after(desk, [application()]);
    assert_ne!(without.screen(), Screen::Application);
    let with = after(without, [active]);
    assert_eq!(with.screen(), Screen::Application);
    for state in [
        ClerkState::Locked,
        ClerkState::SignedOut,
        ClerkState::Unset,
        ClerkState::Damaged,
    ] {
        let left = after(with.clone(), [case::clerk(state, None)]);
        assert_ne!(left.screen(), Screen::Application, "{state:?}");
    }
    // The clerk can go back to the case, and on with the application.
    let back = way(with.clone(), &[Action::Back]);
    assert_ne!(back.screen(), Screen::Application);
    assert_eq!(way(back, &[Action::Resume]).screen(), Screen::Application);
    // Whoever has keys is not shown others.
    let field = after(with, [Event::Field(Some(Purpose::Text))]);
    assert!(field.typing.unwrap().away);
}

/// Proves T10, T14: a field gets the keys it is for, in the language spoken, and keeps them while it is typed into.
#[test]
fn a_field_gets_its_keys() {
    for (purpose, layout, signs) in [
        (Purpose::Text, Layout::German, false),
        (Purpose::Email, Layout::Email, false),
        (Purpose::Digits, Layout::Digits, false),
        (Purpose::Date, Layout::Date, false),
        (Purpose::Signs, Layout::German, true),
    ] {
        let keyboard = typing(purpose).typing.unwrap().keyboard;
        assert_eq!((keyboard.layout, keyboard.signs), (layout, signs));
    }
    let arabic = State {
        language: site::Language::Ar,
        ..running()
    };
    let arabic = after(arabic, [Event::Field(Some(Purpose::Text))]);
    assert_eq!(arabic.typing.unwrap().keyboard.layout, Layout::Arabic);
    let capital = way(typing(Purpose::Text), &[Action::Shift]);
    let same = after(capital, [Event::Field(Some(Purpose::Text))]);
    assert!(same.typing.unwrap().keyboard.shift);
}

/// Proves T10: keys on the screen type; without a field, and on any other screen, they type nothing anywhere.
#[test]
fn keys_type_into_the_field() {
    let state = way(typing(Purpose::Text), &[Action::Shift]);
    let (state, typed) = types(state, Action::Type('Ä'));
    assert_eq!(typed, [Typed::Char('Ä')]);
    assert!(!state.typing.unwrap().keyboard.shift);
    let (state, typed) = types(state, Action::Delete);
    assert_eq!(typed, [Typed::Backspace]);
    let (state, typed) = types(state, Action::Confirm);
    assert_eq!(typed, [Typed::Enter]);
    // What is no text is not typed, whoever asks for it.
    let (state, typed) = types(state, Action::Type('\u{1b}'));
    assert_eq!(typed, []);
    let over = way(state.clone(), &[Action::Languages]);
    assert_eq!(types(over, Action::Type('a')).1, []);
    let gone = after(state, [Event::Field(None)]);
    assert_eq!(types(gone, Action::Type('a')).1, []);
}

/// Proves T13: a Braille line's keys type into the application too.
#[test]
fn other_keyboards_type_into_the_field() {
    let mut shell = runtime(typing(Purpose::Text), Canvas::new(1280, 800, None));
    shell.paint();
    let effects = shell.key(Key::Char('b'));
    assert!(effects.contains(&Effect::Type(Typed::Char('b'))));
    let effects = shell.key(Key::Backspace);
    assert!(effects.contains(&Effect::Type(Typed::Backspace)));
}

fn anything() -> impl Strategy<Value = Event> {
    let purpose = prop::sample::select(common::PURPOSES.to_vec());
    let act = prop::sample::select(vec![
        Action::Begin,
        Action::Back,
        Action::Finish,
        Action::Languages,
        Action::MoreTime,
        Action::Inform,
        Action::HideKeys,
        Action::ShowKeys,
        Action::Resume,
        Action::Shift,
        Action::Type('a'),
        Action::Confirm,
        Action::Leave,
    ]);
    prop_oneof![
        act.prop_map(Event::Act),
        any::<bool>().prop_map(|there| Event::Application(there.then(|| "x".to_owned()))),
        prop::option::of(purpose).prop_map(Event::Field),
        prop::sample::select(vec![
            SessionState::Idle,
            SessionState::Active,
            SessionState::Warned,
            SessionState::Ending,
            SessionState::Erased
        ])
        .prop_map(|state| session(state, Some(60), 0)),
        prop::sample::select(RunState::ALL.to_vec())
            .prop_map(|state| case::applications(state, None)),
        prop::sample::select(vec![
            ClerkState::SignedIn,
            ClerkState::Locked,
            ClerkState::SignedOut
        ])
        .prop_map(|state| case::clerk(state, None)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    /// Proves T12, C6: whatever happens, a frame is left exactly where an application is in front and may be seen, and nothing is typed without one.
    #[test]
    fn a_frame_is_left_only_for_an_application(events in prop::collection::vec(anything(), 0..20), is_case: bool) {
        let (texts, mut engine) = (Texts::default(), common::engine());
        let canvas = Canvas::new(640, 400, None);
        let mut state = if is_case { case::open(ClerkState::SignedIn) } else { open() };
        for event in events {
            let before = state.screen();
            let (next, effects) = update(state, event);
            state = next;
            let types = effects.iter().any(|effect| matches!(effect, Effect::Type(_)));
            prop_assert!(!types || before == Screen::Application);
            if state.screen() == Screen::Application {
                let there = state.application.as_ref().is_some_and(|app| !app.away);
                prop_assert!(there && state.session.is_some());
                prop_assert!(!is_case || state.is_signed_in() && state.has_case());
            }
        }
        let scene = screens::show(&state, &texts, &canvas, &mut engine);
        prop_assert_eq!(scene.frame.is_some(), state.screen() == Screen::Application);
    }
}

const WIDTH: u16 = 1280;
const HEIGHT: u16 = 800;
const DEADLINE: Duration = Duration::from_mins(1);

/// A compositor with a screen in memory, the shell's program, and one that is told what it has to show.
struct Device {
    compositor: Compositor,
    root: tempfile::TempDir,
    shell: Child,
    expected: Runtime,
}

impl Device {
    fn new() -> Self {
        let screen = Output::Memory {
            width: WIDTH,
            height: HEIGHT,
        };
        let compositor = Compositor::new(screen, Settings::default(), Rules::kiosk()).unwrap();
        let root = tempfile::tempdir().unwrap();
        for (name, rank) in [("shell", Rank::Shell), ("application", Rank::Application)] {
            let socket = UnixListener::bind(root.path().join(name)).unwrap();
            compositor.listen(socket, rank).unwrap();
        }
        let site = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../recipes/site");
        let shell = Command::new(env!("CARGO_BIN_EXE_shell"))
            .arg("--no-trust")
            .arg("--site")
            .arg(site.join("site.toml"))
            .arg("--procedures")
            .arg(site.join("procedures.xml"))
            .args(["--site-store", "/nonexistent", "--braille", "/nonexistent"])
            .env("WAYLAND_DISPLAY", root.path().join("shell"))
            .spawn()
            .unwrap();
        // The screen in memory has four pixels a millimetre.
        let mm = Some((f32::from(WIDTH) / 4.0, f32::from(HEIGHT) / 4.0));
        let canvas = Canvas::new(WIDTH.into(), HEIGHT.into(), mm);
        let informed = after(open(), [Event::Catalogue(common::catalogue())]);
        let home = way(informed, &[Action::Begin]);
        Self {
            compositor,
            root,
            shell,
            expected: runtime(home, canvas),
        }
    }

    fn until(&mut self, what: &str, mut differs: impl FnMut(&mut Self) -> Option<String>) {
        let start = Instant::now();
        while let Some(difference) = differs(self) {
            let waits = start.elapsed() < DEADLINE;
            assert!(waits, "{what} did not come: {difference}");
            let wait = Some(Duration::from_millis(5));
            self.compositor.turn(wait).unwrap();
        }
    }

    /// Waits until the screen shows from `top` on what it has to: what is above tells the time.
    fn until_shown(&mut self, what: &str, top: usize) {
        self.expected.paint();
        let frame = self.expected.scene().frame;
        self.until(what, |device| {
            let Some(seen) = device.compositor.snapshot().unwrap() else {
                return Some("the screen is dark".to_owned());
            };
            let pixels = device.expected.pixels().unwrap();
            let places = (top..usize::from(HEIGHT)).step_by(3);
            places
                .flat_map(|y| (0..usize::from(WIDTH)).step_by(3).map(move |x| (x, y)))
                .filter(|(x, y)| frame.is_none_or(|frame| !frame.contains(*x as f32, *y as f32)))
                .find_map(|(x, y)| {
                    let wanted = pixels.pixel(x as u32, y as u32).unwrap();
                    let wanted = [wanted.red(), wanted.green(), wanted.blue()];
                    let found = seen.pixel(x, y).unwrap();
                    // Edges depend a little on how much was painted at once.
                    let far = |(a, b): (&u8, &u8)| a.abs_diff(*b) > 24;
                    let differs = found.iter().zip(&wanted).any(far);
                    differs.then(|| format!("at {x}, {y} is {found:?}, not {wanted:?}"))
                })
        });
    }

    /// Touches what does `action`, and waits until the screen has followed.
    fn touch(&mut self, action: Action) {
        self.expected.paint();
        let control = self.expected.scene().tree.control(action);
        let (x, y) = control
            .unwrap_or_else(|| panic!("{action:?}"))
            .rect
            .centre();
        self.touch_at(x, y);
        self.expected.handle(Event::Act(action));
        self.until_shown(&format!("what follows {action:?}"), self.top());
    }

    fn touch_at(&mut self, x: f32, y: f32) {
        let at = Share {
            x: f64::from(x) / f64::from(WIDTH),
            y: f64::from(y) / f64::from(HEIGHT),
        };
        for input in [
            Input::TouchDown {
                slot: 0,
                at,
                time: 1,
            },
            Input::TouchFrame,
            Input::TouchUp { slot: 0, time: 2 },
            Input::TouchFrame,
        ] {
            self.compositor.inject(input);
        }
    }

    /// Where the frame of an application ends.
    fn top(&self) -> usize {
        self.expected
            .scene()
            .frame
            .map_or(usize::from(HEIGHT) * 4 / 5, |frame| frame.y as usize)
    }

    /// Starts a terminal emulator that writes what is typed into a file.
    fn terminal(&mut self) -> (Child, PathBuf) {
        let file = self.root.path().join("typed");
        let child = Command::new("foot")
            .args(["--config", "/dev/null", "--title", "Formular", "--"])
            .args(["sh", "-c", "cat > \"$0\""])
            .arg(&file)
            .env("WAYLAND_DISPLAY", self.root.path().join("application"))
            .env("XDG_RUNTIME_DIR", self.root.path())
            .env("HOME", self.root.path())
            .env("LC_ALL", "C.UTF-8")
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        (child, file)
    }
}

impl Drop for Device {
    fn drop(&mut self) {
        let _ = self.shell.kill();
        let _ = self.shell.wait();
    }
}

/// Proves T10, T12: a real application is shown in the frame between header and bar, and the keyboard on the screen types into
/// it, capitals, signs, deleting and Enter included; it gives its room back, and when the application is gone the shell is there.
#[test]
fn the_keyboard_on_the_screen_types_into_a_real_application() {
    let mut device = Device::new();
    // What is below tells where one is: at home one can end.
    let resting = runtime(open(), *device.expected.canvas());
    let home = std::mem::replace(&mut device.expected, resting);
    device.until_shown("the first screen", usize::from(HEIGHT) * 9 / 10);
    device.touch_at(f32::from(WIDTH) / 2.0, f32::from(HEIGHT) / 3.0);
    device.expected = home;
    device.until_shown("the home screen", usize::from(HEIGHT) * 9 / 10);

    let (mut terminal, file) = device.terminal();
    device.expected.handle(application());
    device.expected.handle(Event::Field(Some(Purpose::Text)));
    device.expected.paint();
    device.until_shown("the application and its keys", device.top());
    let frame = device.expected.scene().frame.unwrap();
    let (x, y) = frame.centre();
    let shown = device.compositor.snapshot().unwrap().unwrap();
    let ground = device.expected.pixels().unwrap();
    let ground = ground.pixel(x as u32, y as u32).unwrap();
    assert_ne!(
        shown.pixel(x as usize, y as usize),
        Some([ground.red(), ground.green(), ground.blue()]),
        "the application is seen in the frame"
    );

    device.touch(Action::Shift);
    for letter in "Gru".chars() {
        device.touch(Action::Type(letter));
    }
    device.touch(Action::Type('ß'));
    device.touch(Action::Signs);
    device.touch(Action::Type('7'));
    device.touch(Action::Delete);
    device.touch(Action::HideKeys);
    assert!(device.expected.scene().frame.unwrap().h > frame.h);
    device.touch(Action::ShowKeys);
    // What the shell has to say is not hidden by the application, and its field is not typed into meanwhile.
    device.touch(Action::Languages);
    assert_eq!(device.expected.scene().frame, None);
    device.expected.handle(Event::Field(None));
    device.touch(Action::Languages);
    device.expected.handle(Event::Field(Some(Purpose::Text)));
    device.until_shown("the keys again", device.top());
    device.touch(Action::Confirm);
    device.until("what was typed", |_| {
        let typed = fs::read_to_string(&file).unwrap_or_default();
        (typed != "Gruß\n").then(|| format!("{typed:?} is typed"))
    });

    terminal.kill().unwrap();
    terminal.wait().unwrap();
    device.expected.handle(Event::Field(None));
    device.expected.handle(Event::Application(None));
    device.until_shown("the home screen again", usize::from(HEIGHT) / 5);
}
