// SPDX-License-Identifier: EUPL-1.2
//! What follows what: pure, without a screen.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A test ends at the first surprise.

mod common;

use std::time::Duration;

use api::trust::{RECOVERY_LETTERS, Task, TrustState};
use common::{after, moment, start, status};
use proptest::prelude::*;
use shell::event::{Action, Effect, Event, Refusal, Trust};
use shell::state::{IDLE, IDLE_RECOVERY, LOST, Problem, Screen, Stage, State};
use shell::update::{sleep, update};
use site::Language;

fn act(action: Action) -> Event {
    Event::Act(action)
}

fn enter(digits: &str) -> Vec<Event> {
    let digits = digits.chars().map(|c| act(Action::Digit(c)));
    digits.chain([act(Action::Confirm)]).collect()
}

fn open() -> State {
    after(start(), [status(TrustState::Open)])
}

/// Proves T2: from the first screen to a department of another authority and back.
#[test]
fn departments_open_and_close() {
    let state = after(
        open(),
        [act(Action::Authority(1)), act(Action::Department(8))],
    );
    assert_eq!(state.screen(), Screen::Department(8));
    let state = after(state, [act(Action::Back)]);
    assert_eq!((state.screen(), state.visit.authority), (Screen::Home, 1));
    let state = after(
        state,
        [
            act(Action::Department(999)),
            act(Action::Authority(999)),
            act(Action::Page(999)),
        ],
    );
    assert_eq!(
        (state.screen(), state.visit.authority, state.visit.page),
        (Screen::Home, 1, 0)
    );
}

/// Proves T14: a language is chosen, kept while walking, and forgotten at the end.
#[test]
fn language_is_chosen_and_forgotten() {
    let state = after(
        open(),
        [
            act(Action::Department(0)),
            act(Action::Languages),
            act(Action::Speak(Language::Ar)),
        ],
    );
    assert_eq!(
        (state.screen(), state.language),
        (Screen::Department(0), Language::Ar)
    );
    let state = after(state, [act(Action::Finish)]);
    assert_eq!(
        (state.screen(), state.language),
        (Screen::Home, Language::De)
    );
}

/// Proves T15: sixty seconds without anybody, and nothing of the visit is left; before that the screen says so.
#[test]
fn visit_ends_by_itself() {
    let visit = after(
        open(),
        [
            act(Action::Languages),
            act(Action::Speak(Language::Hsb)),
            act(Action::Department(3)),
        ],
    );
    let late = after(visit.clone(), [Event::Tick(moment(59))]);
    assert_eq!(
        (late.screen(), late.seconds_left()),
        (Screen::Department(3), Some(1))
    );
    assert_eq!(after(late.clone(), [Event::Presence]).seconds_left(), None);
    let over = after(late, [Event::Tick(moment(60))]);
    assert_eq!(
        (over.screen(), over.language, over.is_at_rest()),
        (Screen::Home, Language::De, true)
    );
    // Somebody who is there is not sent away.
    let stays = after(
        visit,
        [
            Event::Tick(moment(50)),
            Event::Presence,
            Event::Tick(moment(100)),
        ],
    );
    assert_eq!(stays.screen(), Screen::Department(3));
    assert_eq!(IDLE, Duration::from_mins(1));
}

/// Proves C6: a PIN goes to the service and leaves the shell; a wrong one is said so and asked for again.
#[test]
fn pin_is_asked_for_and_handed_on() {
    let state = after(start(), [status(TrustState::Pin)]);
    let (state, effects) =
        enter("135790")
            .into_iter()
            .fold((state, Vec::new()), |(state, mut all), event| {
                let (state, effects) = update(state, event);
                all.extend(effects);
                (state, all)
            });
    let [Effect::Submit(Task::SubmitPin, secret)] = effects.as_slice() else {
        panic!("{effects:?}")
    };
    assert_eq!(
        (secret.expose(), state.entry.chars(), state.screen()),
        ("135790", 0, Screen::Wait(Task::SubmitPin))
    );
    // Nothing that is typed meanwhile counts.
    let waiting = after(state, enter("222222"));
    assert_eq!(waiting.entry.chars(), 0);
    let wrong = after(
        waiting,
        [Event::Trust(Trust::Answer(Err(Refusal::WrongPin)))],
    );
    assert_eq!(
        (wrong.screen(), wrong.problem),
        (Screen::Pin, Some(Problem::WrongPin))
    );
    let (opened, effects) = update(wrong, status(TrustState::Open));
    assert_eq!(
        (opened.screen(), opened.problem, effects.as_slice()),
        (Screen::Home, None, &[][..])
    );
}

/// Proves C6: the order in which answer and state arrive does not matter.
#[test]
fn answer_and_state_may_cross() {
    let waiting = after(after(start(), [status(TrustState::Pin)]), enter("135790"));
    let answer = Event::Trust(Trust::Answer(Err(Refusal::WrongPin)));
    let orders = [
        vec![
            status(TrustState::Opening),
            status(TrustState::Pin),
            answer.clone(),
        ],
        vec![
            status(TrustState::Opening),
            answer.clone(),
            status(TrustState::Pin),
        ],
        vec![answer, status(TrustState::Pin)],
    ];
    for order in orders {
        let state = after(waiting.clone(), order);
        assert_eq!(
            (state.screen(), state.problem),
            (Screen::Pin, Some(Problem::WrongPin))
        );
    }
    let opening = after(waiting, [status(TrustState::Opening)]);
    assert_eq!(
        opening.screen(),
        Screen::Wait(Task::SubmitPin),
        "goes on saying what is waited for"
    );
}

/// Proves C6: a new PIN is entered twice, is not a weak one, and a slip is no harm.
#[test]
fn new_pin_is_entered_twice() {
    let new = after(start(), [status(TrustState::NewPin)]);
    assert_eq!(
        after(new.clone(), enter("12345")).problem,
        Some(Problem::TooShort)
    );
    assert_eq!(
        after(new.clone(), enter("123456")).problem,
        Some(Problem::Weak)
    );
    let again = after(new, enter("135790"));
    assert_eq!(again.screen(), Screen::NewPin { again: true });
    let slip = after(again.clone(), enter("135791"));
    assert_eq!(
        (slip.screen(), slip.problem),
        (Screen::NewPin { again: false }, Some(Problem::Mismatch))
    );
    assert_eq!(
        after(again.clone(), [act(Action::StartOver)]).stage,
        Stage::NewPin(None)
    );
    assert_eq!(
        after(again, enter("135790")).screen(),
        Screen::Wait(Task::ChoosePin)
    );
}

/// Proves O2: the recovery key is sent only when complete, with its dashes, and can be mended after a refusal.
#[test]
fn recovery_key_is_entered() {
    let recovery = after(start(), [status(TrustState::Recovery)]);
    let short = after(
        recovery.clone(),
        [
            act(Action::Letter('c')),
            act(Action::Digit('1')),
            act(Action::Confirm),
        ],
    );
    assert_eq!(
        (short.entry.chars(), short.problem),
        (1, Some(Problem::KeyShort(RECOVERY_LETTERS - 1)))
    );
    let letters = "cbdefghijklnrtuv".repeat(5);
    let full = after(recovery, letters.chars().map(|c| act(Action::Letter(c))));
    assert_eq!(full.entry.chars(), RECOVERY_LETTERS);
    let (sent, effects) = update(full, act(Action::Confirm));
    let [Effect::Submit(Task::SubmitRecoveryKey, key)] = effects.as_slice() else {
        panic!("{effects:?}")
    };
    assert!(key.expose().starts_with("cbdefghi-jklnrtuv-") && key.expose().len() == 71);
    let refused = after(sent, [Event::Trust(Trust::Answer(Err(Refusal::WrongKey)))]);
    assert_eq!(
        (refused.entry.chars(), refused.problem),
        (RECOVERY_LETTERS, Some(Problem::WrongKey))
    );
    // Dictated on the telephone: ten minutes, not one.
    let slow = after(refused, [Event::Tick(moment(300))]);
    assert_eq!(slow.entry.chars(), RECOVERY_LETTERS);
    assert_eq!(
        after(slow, [Event::Tick(moment(IDLE_RECOVERY.as_secs()))])
            .entry
            .chars(),
        0
    );
}

/// Proves O2: without the service the device waits and says so; what is open stays open.
#[test]
fn service_may_come_and_go() {
    let gone = Event::Trust(Trust::Gone);
    assert_eq!(after(start(), [gone.clone()]).screen(), Screen::Start);
    assert_eq!(
        after(start(), [status(TrustState::Pin), gone.clone()]).screen(),
        Screen::Start
    );
    assert_eq!(after(open(), [gone]).screen(), Screen::Home);
    assert!(!start().is_slow() && after(start(), [Event::Tick(moment(61))]).is_slow());
}

/// Proves C13: a check that never ends is not a dead end.
#[test]
fn lost_answer_is_no_dead_end() {
    let waiting = after(after(start(), [status(TrustState::Pin)]), enter("135790"));
    let lost = after(waiting, [Event::Tick(moment(LOST.as_secs()))]);
    assert_eq!(
        (lost.screen(), lost.problem),
        (Screen::Pin, Some(Problem::Failed))
    );
}

fn actions() -> impl Strategy<Value = Action> {
    prop_oneof![
        (0usize..8).prop_map(Action::Authority),
        (0usize..4).prop_map(Action::Page),
        (0usize..16).prop_map(Action::Department),
        (0usize..5).prop_map(|i| Action::Speak(Language::ALL[i])),
        prop::char::range('0', '9').prop_map(Action::Digit),
        any::<char>().prop_map(Action::Digit),
        prop::sample::select(&api::trust::MODHEX[..]).prop_map(Action::Letter),
        any::<char>().prop_map(Action::Letter),
        Just(Action::Back),
        Just(Action::Finish),
        Just(Action::Languages),
        Just(Action::Delete),
        Just(Action::Confirm),
        Just(Action::StartOver),
    ]
}

fn events() -> impl Strategy<Value = Event> {
    let refusal = prop::sample::select(
        &[
            Refusal::WrongPin,
            Refusal::WrongKey,
            Refusal::LockedOut,
            Refusal::BadInput,
            Refusal::Failed,
        ][..],
    );
    prop_oneof![
        20 => actions().prop_map(Event::Act),
        2 => prop::sample::select(&TrustState::ALL[..]).prop_map(status),
        1 => Just(Event::Trust(Trust::Gone)),
        1 => refusal.prop_map(|refusal| Event::Trust(Trust::Answer(Err(refusal)))),
        1 => Just(Event::Trust(Trust::Answer(Ok(())))),
        3 => (0u64..2000).prop_map(|uptime| Event::Tick(moment(uptime))),
        1 => Just(Event::Presence),
        1 => prop::option::of(actions()).prop_map(Event::Press),
        1 => prop::option::of(actions()).prop_map(Event::Focus),
        1 => Just(Event::Site(common::site())),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Proves T12, T13: no sequence of events panics or ends where there is no way back.
    #[test]
    fn no_way_leads_astray(events in prop::collection::vec(events(), 0..120)) {
        let state = after(start(), events);
        let base = match state.stage {
            Stage::Open => Screen::Home,
            Stage::Opening => Screen::Start,
            Stage::Pin => Screen::Pin,
            Stage::NewPin(_) => Screen::NewPin { again: false },
            Stage::Recovery { .. } => Screen::Recovery,
        };
        // By hand: two touches at most, and those a screen offers.
        let by_hand = after(state.clone(), [act(Action::Back), act(Action::StartOver), act(Action::Finish)]);
        if state.busy.is_none() {
            prop_assert_eq!(by_hand.screen(), base);
        }
        // By itself: the sum of all times, and then once more for the visit after a lost check.
        let now = state.now.uptime.as_secs();
        let alone = after(state, [now + 700, now + 1400, now + 2100].map(|uptime| Event::Tick(moment(uptime))));
        prop_assert_eq!(alone.screen(), base);
        prop_assert!(alone.is_at_rest() || matches!(alone.stage, Stage::Opening));
        prop_assert_eq!(alone.busy, None);
    }

    /// Proves T15: secrets are only where they are entered, and only as long as allowed.
    #[test]
    fn secrets_stay_where_they_belong(events in prop::collection::vec(events(), 0..120)) {
        let mut state = start();
        for event in events {
            let (next, effects) = update(state, event);
            for effect in effects {
                let Effect::Submit(task, secret) = effect else { continue };
                let length = secret.chars();
                let fits = if task == Task::SubmitRecoveryKey { length == 71 } else { (6..=16).contains(&length) };
                prop_assert!(fits);
            }
            state = next;
            prop_assert!(state.entry.chars() <= RECOVERY_LETTERS);
            if matches!(state.stage, Stage::Open) {
                prop_assert_eq!(state.entry.chars(), 0);
            }
        }
    }

    /// Proves T13: the loop sleeps until something happens: a deadline is never missed and never spins.
    #[test]
    fn deadlines_lie_ahead(events in prop::collection::vec(events(), 0..60)) {
        let state = after(start(), events);
        let until_minute = Duration::from_mins(1);
        prop_assert!(sleep(&state, until_minute) <= until_minute);
        if let Some(deadline) = state.next_deadline() {
            let at = shell::event::Moment { uptime: deadline, ..state.now };
            let next = after(state.clone(), [Event::Tick(at)]);
            // Waking up at a deadline moves it on or takes it away.
            prop_assert!(next.next_deadline().is_none_or(|next| next > deadline), "{:?} {:?}", state.next_deadline(), next.next_deadline());
        }
    }
}
