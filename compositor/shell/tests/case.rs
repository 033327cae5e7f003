// SPDX-License-Identifier: EUPL-1.2
//! The clerk's way at a case: choosing a password, signing in, the desk, a case and its end, the lock, signing out.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A test ends at the first surprise.

mod common;

use std::time::Duration;

use api::applications::{Fall, RunState};
use api::clerk::{ClerkState, Task};
use api::inventory::{Condition, Kind};
use api::network;
use api::session::{Outcome, SessionState};
use api::trust::TrustState;
use common::case::{PASSWORD, answer, applications, battery, clerk, device, devices, open, start};
use common::{after, letters, moment, session, status, way};
use proptest::prelude::*;
use shell::event::{
    Action, Clerk, ClerkRefusal, ClerkRequest, Effect, Event, Session, SessionRequest,
};
use shell::runtime::Key;
use shell::state::clerk::{Ask, Launch, Power, Problem, View};
use shell::state::{IDLE, LOST, Modes, SLOW, Screen, State};
use shell::theme::{TextSize, Theme};
use shell::update::update;
use site::Language;

fn at(state: &State, view: View) {
    assert_eq!(state.screen(), Screen::Case(view));
}

fn act(state: State, action: Action) -> (State, Vec<Effect>) {
    update(state, Event::Act(action))
}

fn asked(effects: &[Effect], request: &ClerkRequest) -> bool {
    effects
        .iter()
        .any(|effect| matches!(effect, Effect::Clerk(asked) if asked == request))
}

fn told(effects: &[Effect], request: &SessionRequest) -> bool {
    effects
        .iter()
        .any(|effect| matches!(effect, Effect::Session(told) if told == request))
}

fn submitted(effects: &[Effect]) -> Option<(Task, String)> {
    effects.iter().find_map(|effect| match effect {
        Effect::Clerk(ClerkRequest::Password(task, secret)) => {
            Some((*task, secret.expose().to_owned()))
        }
        _ => None,
    })
}

fn problem(state: &State) -> Option<Problem> {
    state.clerk.as_ref().unwrap().problem
}

fn entered(state: &State) -> usize {
    state.clerk.as_ref().unwrap().password.text.chars()
}

/// Types a password on this screen and confirms it.
fn submit(state: State, password: &str) -> (State, Vec<Effect>) {
    act(way(state, &letters(password)), Action::Confirm)
}

/// Proves C6: a case shows nothing before its volume is open and the services are there; a terminal knows no clerk.
#[test]
fn a_case_waits_for_its_services() {
    let idle = session(SessionState::Idle, None, 0);
    let state = after(start(), [status(TrustState::Pin)]);
    assert_eq!(state.screen(), Screen::Pin);
    let state = after(state, [status(TrustState::Open)]);
    assert_eq!(state.screen(), Screen::Start);
    let state = after(state, [clerk(ClerkState::Unset, None)]);
    assert_eq!(state.screen(), Screen::Start);
    let state = after(state, [idle]);
    at(&state, View::Choose { again: false });
    let gone = after(state.clone(), [Event::Clerk(Clerk::Gone)]);
    assert_eq!(gone.screen(), Screen::Start);
    let gone = after(state, [Event::Session(Session::Gone)]);
    assert_eq!(gone.screen(), Screen::Start);
    let terminal = after(common::open(), [clerk(ClerkState::SignedIn, None)]);
    assert_eq!(terminal.screen(), Screen::Attract);
    assert_eq!(act(terminal, Action::Lock).1, []);
}

/// Proves C6: a new password is entered twice; one that is weak, short or not the same again is not handed over, and nothing of it stays.
#[test]
fn a_password_is_chosen_twice() {
    let choose = open(ClerkState::Unset);
    let (again, effects) = submit(choose.clone(), PASSWORD);
    at(&again, View::Choose { again: true });
    assert_eq!((entered(&again), submitted(&effects)), (0, None));
    let (state, effects) = submit(again.clone(), PASSWORD);
    at(&state, View::Checking(Task::Choose));
    assert_eq!(
        submitted(&effects),
        Some((Task::Choose, PASSWORD.to_owned()))
    );
    assert_eq!(entered(&state), 0);
    let state = after(state, [clerk(ClerkState::SignedIn, None), answer(Ok(()))]);
    at(&state, View::Desk);

    let (state, effects) = submit(again.clone(), "lager 8 kiste");
    at(&state, View::Choose { again: false });
    let is = (problem(&state), entered(&state), submitted(&effects));
    assert_eq!(is, (Some(Problem::Mismatch), 0, None));
    for (password, wrong) in [("kurz", Problem::Short), ("aaaaaaaaaa", Problem::Weak)] {
        let (state, effects) = submit(choose.clone(), password);
        at(&state, View::Choose { again: false });
        assert_eq!((problem(&state), submitted(&effects)), (Some(wrong), None));
    }
    let over = way(again.clone(), &[Action::StartOver]);
    at(&over, View::Choose { again: false });
    // Half chosen, and nobody there any more.
    let end = again.password_end().unwrap();
    assert_eq!(end, again.last_presence + IDLE);
    let left = after(again, [Event::Tick(moment(end.as_secs()))]);
    at(&left, View::Choose { again: false });
    assert_eq!(left.password_end(), None);
}

/// Proves C2, C6: a wrong password is said, the right one leads to the desk; what was typed is not kept, and too early a try is not
/// made at all.
#[test]
fn a_clerk_signs_in() {
    let sign_in = open(ClerkState::SignedOut);
    let (state, effects) = submit(sign_in.clone(), "falsches Wort");
    at(&state, View::Checking(Task::SignIn));
    let expected = Some((Task::SignIn, "falsches Wort".to_owned()));
    assert_eq!(submitted(&effects), expected);
    let state = after(state, [answer(Err(ClerkRefusal::Wrong))]);
    at(&state, View::SignIn);
    assert_eq!(
        (problem(&state), entered(&state)),
        (Some(Problem::Wrong), 0)
    );
    let waits = after(state, [clerk(ClerkState::SignedOut, Some(80))]);
    assert_eq!(waits.seconds_to_retry(), Some(80));
    let (early, effects) = submit(waits, PASSWORD);
    at(&early, View::SignIn);
    assert_eq!(submitted(&effects), None);
    assert_eq!(early.next_deadline(), Some(Duration::from_secs(1)));
    let later = after(early, [Event::Tick(moment(80))]);
    assert_eq!(later.seconds_to_retry(), None);
    let (state, effects) = act(later, Action::Confirm);
    let expected = Some((Task::SignIn, PASSWORD.to_owned()));
    assert_eq!(submitted(&effects), expected);
    // How long the device has been on does not matter.
    assert!(!state.checks_slowly());
    assert_eq!(state.next_deadline(), Some(Duration::from_secs(80) + SLOW));
    let slow = after(state.clone(), [Event::Tick(moment(80 + SLOW.as_secs()))]);
    assert!(slow.checks_slowly());
    assert_eq!(slow.next_deadline(), Some(Duration::from_secs(80) + LOST));
    // An answer that never comes is said to be lost.
    let lost = after(state.clone(), [Event::Tick(moment(80 + LOST.as_secs()))]);
    at(&lost, View::SignIn);
    assert_eq!(problem(&lost), Some(Problem::Failed));
    let desk = after(state, [clerk(ClerkState::SignedIn, None), answer(Ok(()))]);
    at(&desk, View::Desk);
    let (_, effects) = update(desk, Event::Presence);
    assert!(asked(&effects, &ClerkRequest::Presence));
}

/// Proves C6: one key locks from wherever the clerk is, also from the list of languages; nothing lies over the lock, and it opens
/// onto the same case.
#[test]
fn one_key_locks() {
    let desk = after(
        open(ClerkState::SignedIn),
        [session(SessionState::Active, None, 0)],
    );
    for place in [&[][..], &[Action::EndCase], &[Action::Languages]] {
        let state = way(desk.clone(), place);
        let mut shell = common::runtime(state, common::matrix::USUAL.canvas(4));
        shell.paint();
        let effects = shell.key(Key::Lock);
        assert!(asked(&effects, &ClerkRequest::Lock), "{place:?}");
        let locked = after(shell.state().clone(), [clerk(ClerkState::Locked, None)]);
        at(&locked, View::Locked);
        assert!(locked.has_case());
        let (state, effects) = submit(locked, PASSWORD);
        let expected = Some((Task::Unlock, PASSWORD.to_owned()));
        assert_eq!(submitted(&effects), expected);
        let state = after(state, [clerk(ClerkState::SignedIn, None)]);
        at(&state, View::Desk);
        assert!(state.has_case());
    }
    // Nobody is there: nobody to lock out.
    let sign_in = open(ClerkState::SignedOut);
    assert_eq!(act(sign_in, Action::Lock).1, []);
}

/// Proves C6: a password is shown while its clerk wants to see it; nobody can leave that switched on for the next one who types.
#[test]
fn showing_a_password_does_not_wait_for_the_next_one() {
    let locked = open(ClerkState::Locked);
    let shown = |state: &State| state.clerk.as_ref().unwrap().password.shown;
    let waiting = way(locked.clone(), &[Action::Reveal]);
    assert!(!shown(&waiting));
    let typing = way(waiting, &[Action::Type('k'), Action::Reveal]);
    assert!(shown(&typing));
    assert!(!shown(&way(typing, &[Action::Delete])));
}

/// Proves C12: where the password is damaged nobody comes back to the case that is open: it ends.
#[test]
fn a_case_that_nobody_can_come_back_to_ends() {
    let active = session(SessionState::Active, None, 0);
    let case = after(open(ClerkState::Locked), [active]);
    assert!(case.has_case());
    let (_, effects) = update(case, clerk(ClerkState::Damaged, None));
    let ends = Effect::Session(SessionRequest::End(Outcome::Done));
    assert!(effects.contains(&ends), "{effects:?}");
}

/// Proves C2, C12: a case is begun, ended after a question, and said to be deleted when the service that did it says so, by another
/// process of the shell too; the clerk stays signed in and the screen stays as the clerk wants it.
#[test]
fn a_case_begins_and_is_deleted() {
    let modes = Modes {
        text: TextSize::Large,
        theme: Theme::Dark,
        ..Modes::default()
    };
    let desk = State {
        modes,
        ..open(ClerkState::SignedIn)
    };
    let (state, effects) = act(desk, Action::BeginCase);
    assert!(told(&effects, &SessionRequest::Begin(Language::De)));
    assert!(told(&effects, &SessionRequest::Prefer("150-dark".into())));
    let state = after(state, [session(SessionState::Active, Some(120), 0)]);
    at(&state, View::Desk);
    assert!(state.has_case() && state.clerk.as_ref().unwrap().since.is_some());
    let (state, effects) = act(state, Action::Contrast);
    assert!(told(&effects, &SessionRequest::Prefer("150".into())));
    // Time-outs are for citizens at a terminal.
    let (state, effects) = update(state, session(SessionState::Warned, Some(180), 0));
    at(&state, View::Desk);
    assert!(told(&effects, &SessionRequest::Extend));
    let state = way(state, &[Action::EndCase]);
    at(&state, View::Ask(Ask::EndCase));
    at(&way(state.clone(), &[Action::Back]), View::Desk);
    let (state, effects) = act(state, Action::Erase);
    assert!(told(&effects, &SessionRequest::End(Outcome::Done)));
    let state = after(state, [session(SessionState::Ending, None, 10)]);
    at(&state, View::Deleting);
    assert_eq!(state.clerk.as_ref().unwrap().deleted, None);
    // Another process.
    let erased = session(SessionState::Erased, Some(20), 100);
    let events = [
        status(TrustState::Open),
        clerk(ClerkState::SignedIn, None),
        session(SessionState::Ending, None, 60),
        erased,
        session(SessionState::Idle, None, 0),
    ];
    let state = after(start(), events);
    at(&state, View::Desk);
    let now = state.now.time;
    assert_eq!(state.clerk.as_ref().unwrap().deleted, Some(now));
    let state = way(state, &[Action::BeginCase]);
    assert_eq!(state.clerk.as_ref().unwrap().deleted, None);
}

/// Proves C2, C6: signing out with an open case asks first and ends the case; without one it is done at once. The next clerk finds the
/// screen as the place meant it.
#[test]
fn signing_out_ends_the_case() {
    let desk = State {
        language: Language::En,
        ..open(ClerkState::SignedIn)
    };
    let (state, effects) = act(desk.clone(), Action::SignOut);
    assert!(asked(&effects, &ClerkRequest::SignOut));
    let state = after(state, [clerk(ClerkState::SignedOut, None)]);
    at(&state, View::SignIn);
    assert_eq!(state.language, Language::De);

    let case = after(desk, [session(SessionState::Active, Some(120), 0)]);
    let (state, effects) = act(case, Action::SignOut);
    at(&state, View::Ask(Ask::SignOut));
    assert!(!asked(&effects, &ClerkRequest::SignOut));
    let (state, effects) = act(state, Action::SignOut);
    assert!(asked(&effects, &ClerkRequest::SignOut));
    let (state, effects) = update(state, clerk(ClerkState::SignedOut, None));
    assert!(told(&effects, &SessionRequest::End(Outcome::Done)));
    let state = after(state, [session(SessionState::Ending, None, 10)]);
    at(&state, View::Deleting);
    let state = after(state, [session(SessionState::Erased, Some(9), 100)]);
    at(&state, View::SignIn);
    assert!(state.clerk.as_ref().unwrap().deleted.is_some());
}

/// Proves C1, C13: the strip says what is told of link, devices, battery and case and nothing that nobody told, in words.
#[test]
fn the_strip_says_what_is_known() {
    let (texts, mut engine) = (shell::i18n::Texts::default(), common::engine());
    let canvas = common::matrix::EXTREME[0].canvas(2);
    let mut says = |state: &State, text: &str| {
        let scene = shell::screens::show(state, &texts, &canvas, &mut engine);
        let seen = scene.items.iter().any(|item| match &item.paint {
            shell::scene::Paint::Words(words) => words.text.contains(text),
            _ => false,
        });
        assert!(seen, "{text}");
    };
    let desk = open(ClerkState::SignedIn);
    says(&desk, "Verbindung unbekannt");
    for (condition, kind, text) in [
        ("connected", "wired", "Netz über Kabel"),
        ("connected", "mobile", "Netz über Mobilfunk"),
        ("connected", "by pigeon", "Netz verbunden"),
        ("connecting", "none", "Netz wird verbunden"),
        ("no-carrier", "wired", "LAN-Kabel prüfen"),
        ("no-carrier", "none", "Keine Verbindung eingerichtet"),
        ("on fire", "wired", "Verbindung unbekannt"),
    ] {
        let told = network::Link::from_words(&(kind.to_owned(), condition.to_owned()));
        says(&after(desk.clone(), [Event::Link(told)]), text);
    }
    says(&desk, "Netzbetrieb");
    says(&desk, "Kein Fall");
    says(&desk, "Keine Geräte");
    says(
        &after(desk.clone(), [Event::Devices(None)]),
        "Geräte unbekannt",
    );
    let mut plugged = vec![device(Condition::Ready, Kind::Printer)];
    says(&after(desk.clone(), [devices(&plugged)]), "Drucker");
    plugged.push(device(Condition::Ready, Kind::CardReader));
    says(&after(desk.clone(), [devices(&plugged)]), "2 Geräte");
    plugged.insert(0, device(Condition::Refused, Kind::Other));
    says(
        &after(desk.clone(), [devices(&plugged)]),
        "Gerät nicht erlaubt",
    );
    plugged.insert(0, device(Condition::Missing, Kind::Scanner));
    says(&after(desk.clone(), [devices(&plugged)]), "Scanner fehlt");
    let unknown = after(desk.clone(), [Event::Battery(None)]);
    says(&unknown, "Akku unbekannt");
    let low = after(desk.clone(), [battery(Power::Battery, 12)]);
    says(&low, "Akku 12 %");
    let case = after(desk, [session(SessionState::Active, Some(9), 0)]);
    says(&case, "Fall seit 10:15 Uhr");
}

fn events() -> impl Strategy<Value = Event> {
    let actions = prop_oneof![
        Just(Action::Type('k')),
        Just(Action::Delete),
        Just(Action::Confirm),
        Just(Action::Reveal),
        Just(Action::Lock),
        Just(Action::BeginCase),
        Just(Action::EndCase),
        Just(Action::Erase),
        Just(Action::SignOut),
        Just(Action::Back),
        Just(Action::Finish),
        Just(Action::Languages),
        Just(Action::Larger),
        Just(Action::Begin),
    ];
    let clerks =
        prop::sample::select(ClerkState::ALL.to_vec()).prop_map(|state| clerk(state, None));
    let sessions = prop_oneof![
        Just(session(SessionState::Idle, None, 0)),
        Just(session(SessionState::Active, Some(99), 0)),
        Just(session(SessionState::Warned, Some(99), 0)),
        Just(session(SessionState::Ending, None, 50)),
        Just(session(SessionState::Erased, Some(99), 100)),
        Just(Event::Session(Session::Gone)),
        Just(Event::Session(Session::Refused(SessionRequest::Begin(
            Language::De
        )))),
    ];
    prop_oneof![
        8 => actions.prop_map(Event::Act),
        3 => clerks,
        3 => sessions,
        1 => Just(Event::Clerk(Clerk::Gone)),
        1 => Just(answer(Ok(()))),
        1 => Just(answer(Err(ClerkRefusal::Wrong))),
        1 => Just(Event::Presence),
        1 => (0..500u64).prop_map(|seconds| Event::Tick(moment(seconds))),
    ]
}

proptest! {
    /// Proves C6, C16: whatever is done and told in whatever order, what is the clerk's is seen only while the clerk service says that the
    /// clerk is signed in, a terminal's screens never appear, and passwords go to the clerk service only, and only where one is
    /// asked for.
    #[test]
    fn only_a_clerk_who_is_there_sees_the_desk(events in prop::collection::vec(events(), 0..120)) {
        let mut state = open(ClerkState::SignedOut);
        for event in events {
            let before = state.screen();
            let (next, effects) = update(state, event);
            state = next;
            let said = state.clerk.as_ref().unwrap().status.map(|status| status.state);
            match state.screen() {
                Screen::Case(View::Desk | View::Ask(_)) => prop_assert_eq!(said, Some(ClerkState::SignedIn)),
                Screen::Case(_) | Screen::Start | Screen::Languages | Screen::NoVoice => {}
                other => prop_assert!(false, "{:?}", other),
            }
            if submitted(&effects).is_some() {
                let asks = matches!(before, Screen::Case(view) if view.has_field());
                prop_assert!(asks, "{:?}", before);
            }
            let hands_over = effects.iter().any(|effect| matches!(effect, Effect::Submit(..)));
            prop_assert!(!hands_over);
        }
    }
}

/// Proves C2, C7: in a case the released applications are on the desk, and pressing one starts it; what the site does not release,
/// or its service does not tell of, is not there; without a case nothing is started.
#[test]
fn released_applications_are_started_from_the_desk() {
    let tiles = |state: &State| {
        let mut shell = common::runtime(state.clone(), common::matrix::USUAL.canvas(4));
        shell.paint();
        let tree = &shell.scene().tree;
        (0..9)
            .filter(|i| tree.control(Action::Application(*i)).is_some())
            .count()
    };
    let starts = |state: &State, i| {
        let (_, effects) = act(state.clone(), Action::Application(i));
        effects.into_iter().find_map(|effect| match effect {
            Effect::Start(id) => Some(id),
            _ => None,
        })
    };
    let desk = open(ClerkState::SignedIn);
    assert_eq!(tiles(&desk), 0);
    assert_eq!(starts(&desk, 0), None);
    let case = after(desk, [session(SessionState::Active, None, 0)]);
    assert_eq!(tiles(&case), 3);
    assert_eq!(starts(&case, 1).as_deref(), Some("housing-benefit"));
    assert_eq!(starts(&case, 3), None);
    let mut some = applications(RunState::Stopped, None);
    if let Event::Applications(Some(status)) = &mut some {
        status.released = vec!["parental-benefit".into(), "unknown".into()];
    }
    let some = after(case.clone(), [some]);
    assert_eq!(tiles(&some), 1);
    assert_eq!(starts(&some, 0).as_deref(), Some("parental-benefit"));
    let gone = after(case, [Event::Applications(None)]);
    assert_eq!((tiles(&gone), starts(&gone, 0)), (0, None));
}

/// Proves C2, C13: while an application is started the clerk is told, when it fell too; it can be stopped at any time and started
/// again when it was given up; locked, nothing of it is seen.
#[test]
fn a_fallen_application_is_told() {
    let case = after(
        open(ClerkState::SignedIn),
        [session(SessionState::Active, None, 0)],
    );
    let has = |effects: &[Effect], effect: &Effect| effects.contains(effect);
    let starts = after(case.clone(), [applications(RunState::Running, None)]);
    at(&starts, View::Launch(Launch::Starting));
    assert!(has(
        &act(starts.clone(), Action::StopApplication).1,
        &Effect::Stop
    ));
    let front = after(starts.clone(), [common::application()]);
    assert_eq!(front.screen(), Screen::Application);
    assert!(has(
        &act(front.clone(), Action::StopApplication).1,
        &Effect::Stop
    ));
    // Its window goes first.
    let falls = after(front, [Event::Application(None)]);
    at(&falls, View::Launch(Launch::Starting));
    for fall in Fall::ALL {
        let falls = after(
            falls.clone(),
            [applications(RunState::Restarting, Some(fall))],
        );
        at(&falls, View::Launch(Launch::Restarting(fall)));
        let early = act(falls.clone(), Action::StartAgain).1;
        assert!(!has(&early, &Effect::Start("registry".into())));
        let failed = after(falls, [applications(RunState::Failed, Some(fall))]);
        at(&failed, View::Launch(Launch::Failed(fall)));
        let again = act(failed.clone(), Action::StartAgain).1;
        assert!(has(&again, &Effect::Start("registry".into())));
        let stopped = act(failed.clone(), Action::StopApplication).1;
        assert!(has(&stopped, &Effect::Stop));
        let locked = after(failed, [clerk(ClerkState::Locked, None)]);
        at(&locked, View::Locked);
    }
    let stopped = after(falls, [applications(RunState::Stopped, None)]);
    at(&stopped, View::Desk);
    let over = after(starts, [session(SessionState::Ending, None, 10)]);
    at(&over, View::Deleting);
}
