// SPDX-License-Identifier: EUPL-1.2

use proptest::prelude::*;

use super::*;

fn seconds(n: u64) -> Duration {
    Duration::from_secs(n)
}

fn call() -> Event {
    Event::Call("meldestelle".into())
}

fn after(course: &Course, now: u64, event: Event) -> (Course, Vec<Effect>) {
    course.next(seconds(now), event).unwrap()
}

fn stands(phase: Phase) -> Event {
    Event::Stands(Standing {
        phase,
        position: 1,
        wait: None,
    })
}

/// After these events, one a second, and what the last of them asked for.
fn gone_through(events: impl IntoIterator<Item = Event>) -> (Course, Vec<Effect>) {
    let (mut course, mut effects) = (Course::default(), Vec::new());
    for (now, event) in events.into_iter().enumerate() {
        (course, effects) = after(&course, now as u64, event);
    }
    (course, effects)
}

fn called() -> [Event; 3] {
    [call(), stands(Phase::Called), Event::Called]
}

fn talking() -> Course {
    let answered = [Event::Rings, stands(Phase::Talking), Event::Answered];
    let course = gone_through(called().into_iter().chain(answered)).0;
    assert_eq!(course.state(), CallState::Talking);
    course
}

/// Proves T1, T2: a department is waited for and called when it is our turn, rings and answers; a second call beside it is refused.
#[test]
fn a_call_comes_about() {
    let (course, effects) = after(&Course::default(), 0, call());
    assert_eq!(course.state(), CallState::Waiting);
    assert_eq!(effects, [Effect::Enter("meldestelle".into())]);
    assert_eq!(
        course.next(seconds(1), call()),
        Err(Refusal(CallState::Waiting))
    );
    let pause = course.next(seconds(1), Event::Pause(true));
    assert_eq!(pause, Err(Refusal(CallState::Waiting)));
    let third = Standing {
        phase: Phase::Waiting,
        position: 3,
        wait: Some(seconds(240)),
    };
    let (course, effects) = after(&course, 1, Event::Stands(third));
    assert_eq!((course.standing(), effects), (Some(third), vec![]));
    let course = after(&course, 2, stands(Phase::Called)).0;
    let (course, effects) = after(&course, 2, Event::Called);
    assert_eq!(
        (course.state(), course.standing(), effects),
        (CallState::Waiting, None, vec![Effect::Begin])
    );
    let course = after(&course, 3, Event::Rings).0;
    assert_eq!(course.state(), CallState::Ringing);
    let course = after(&course, 4, Event::Answered).0;
    let course = after(&course, 4, stands(Phase::Talking)).0;
    let (course, effects) = after(&course, 5, Event::OtherEnded);
    assert_eq!((course.reason(), effects), (None, vec![Effect::End]));
    let (course, effects) = after(&course, 6, Event::Gone);
    assert_eq!(course.reason(), Some(Reason::OtherHungUp));
    assert_eq!(effects, [Effect::Leave]);
    assert_eq!(after(&course, 7, call()).0.state(), CallState::Waiting);
}

/// Proves D8: who is handed over waits in the old place and is called again, whatever is heard of first: that the place waits, or that
/// the other side has ended the call.
#[test]
fn a_hand_over_waits_again() {
    for events in [
        vec![stands(Phase::Waiting), Event::OtherEnded],
        vec![Event::OtherEnded, stands(Phase::Waiting)],
    ] {
        let mut course = talking();
        let mut all = Vec::new();
        for event in events {
            let (next, effects) = after(&course, 10, event);
            (course, all) = (next, [all, effects].concat());
        }
        assert_eq!(
            (course.state(), all),
            (CallState::Waiting, vec![Effect::End])
        );
        let course = after(&course, 11, stands(Phase::Called)).0;
        let (course, effects) = after(&course, 11, Event::Called);
        assert_eq!(effects, [Effect::Begin]);
        assert_eq!(
            after(&course, 12, Event::Answered).0.state(),
            CallState::Talking
        );
    }
    // The next one may be there before the first has gone.
    let course = after(&talking(), 10, stands(Phase::Called)).0;
    let course = after(&course, 10, Event::Called).0;
    let (_, effects) = after(&course, 11, Event::OtherEnded);
    assert_eq!(effects, [Effect::End, Effect::Begin]);
    let (_, effects) = after(&course, 11, Event::Stalled);
    assert_eq!(effects, [Effect::End, Effect::Begin]);
}

/// Proves T1, T15: who is not answered keeps the place; who leaves gives it up; a conversation needs none.
#[test]
fn a_place_is_kept_and_given_up() {
    let ringing = gone_through(called().into_iter().chain([Event::Rings])).0;
    let (course, effects) = after(&ringing, 30, Event::Failed(Reason::Busy));
    assert_eq!(
        (course.state(), effects),
        (CallState::Waiting, vec![Effect::End])
    );
    let (course, effects) = after(&course, 31, Event::HangUp);
    assert_eq!(
        (course.reason(), effects),
        (Some(Reason::HungUp), vec![Effect::Leave])
    );
    let (course, effects) = after(&ringing, 30, Event::HangUp);
    assert_eq!(effects, [Effect::End, Effect::Leave]);
    assert_eq!(after(&course, 31, Event::Gone).0, course);
    let (_, effects) = after(&ringing, 30, Event::Failed(Reason::Device));
    assert_eq!(effects, [Effect::End, Effect::Leave]);
    let (course, effects) = after(&talking(), 30, Event::Refused(Reason::Unreachable));
    assert_eq!(
        (course.state(), effects),
        (CallState::Talking, vec![Effect::Leave])
    );
    let (course, effects) = after(&course, 31, Event::OtherEnded);
    assert_eq!(
        (course.reason(), effects),
        (Some(Reason::OtherHungUp), vec![Effect::End])
    );
    let refused = gone_through([call(), Event::Refused(Reason::Closed)]);
    assert_eq!(
        (refused.0.reason(), refused.1),
        (Some(Reason::Closed), vec![Effect::Leave])
    );
}

/// Proves T1: nobody waits for ever: not for the exchange, not for a clerk, not for a link. Only a place in the queue is kept as long as
/// it takes.
#[test]
fn nothing_is_waited_for_without_end() {
    let queueing = after(&Course::default(), 0, call()).0;
    assert_eq!(queueing.deadline(), Some(SETUP));
    let (ended, effects) = after(&queueing, 20, Event::Tick);
    assert_eq!(
        (ended.reason(), effects),
        (Some(Reason::Unreachable), vec![Effect::Leave])
    );
    assert_eq!(
        after(&queueing, 5, stands(Phase::Waiting)).0.deadline(),
        None
    );
    let waiting = gone_through(called()).0;
    assert_eq!(waiting.deadline(), Some(seconds(2) + SETUP));
    let ended = after(&waiting, 22, Event::Tick).0;
    assert_eq!(ended.reason(), Some(Reason::Unreachable));
    let ringing = after(&waiting, 5, Event::Rings).0;
    assert_eq!(ringing.deadline(), Some(seconds(5) + RINGING));
    let ended = after(&ringing, 125, Event::Tick).0;
    assert_eq!(ended.reason(), Some(Reason::Unanswered));
    let parting = after(&talking(), 10, Event::OtherEnded).0;
    let ended = after(&parting, 15, Event::Tick).0;
    assert_eq!(ended.reason(), Some(Reason::OtherHungUp));
}

/// Proves D2: each side can pause; nothing flows until both go on.
#[test]
fn both_sides_can_pause() {
    let (course, effects) = after(&talking(), 1, Event::Pause(true));
    assert_eq!(course.state(), CallState::Paused);
    assert_eq!(effects, [Effect::Tell(true), Effect::Hush(true)]);
    let (course, effects) = after(&course, 2, Event::Held(true));
    assert_eq!((course.state(), effects), (CallState::Paused, vec![]));
    let (course, effects) = after(&course, 3, Event::Pause(false));
    assert_eq!(
        (course.state(), effects),
        (CallState::Held, vec![Effect::Tell(false)])
    );
    let (course, effects) = after(&course, 4, Event::Held(false));
    assert_eq!(
        (course.state(), effects),
        (CallState::Talking, vec![Effect::Hush(false)])
    );
    // A pause is no loss.
    let held = after(&course, 5, Event::Held(true)).0;
    assert_eq!(after(&held, 6, Event::Stalled).0, held);
}

/// Proves T11: a lost link is mended: first it may come back by itself, then it is tried again and again, and at last given up.
#[test]
fn a_lost_link_is_mended() {
    let lost = after(&talking(), 10, Event::Stalled).0;
    assert_eq!(lost.state(), CallState::Mending);
    assert_eq!(after(&lost, 11, Event::Flows).0.state(), CallState::Talking);
    let (mut course, mut tries) = (lost, Vec::new());
    while let Some(at) = course.deadline() {
        let (next, effects) = course.next(at, Event::Tick).unwrap();
        if effects == [Effect::Mend] {
            tries.push(at.as_secs() - 10);
        }
        course = next;
    }
    assert_eq!(tries, (2..60).step_by(5).collect::<Vec<_>>());
    assert_eq!(course.reason(), Some(Reason::Lost));
}

/// Proves T11: a try that the other side has agreed to late is not given up in the middle of it.
#[test]
fn a_slow_try_is_waited_for() {
    let lost = after(&talking(), 10, Event::Stalled).0;
    let (mending, effects) = after(&lost, 12, Event::Tick);
    assert_eq!(effects, [Effect::Mend]);
    // Agreed to at once, it changes nothing.
    let course = after(&mending, 13, Event::Agreed).0;
    assert_eq!(course.deadline(), Some(seconds(17)));
    let course = after(&mending, 16, Event::Agreed).0;
    assert_eq!(after(&course, 18, Event::Tick).1, []);
    assert_eq!(after(&course, 19, Event::Tick).1, [Effect::Mend]);
    assert_eq!(
        after(&course, 18, Event::Flows).0.state(),
        CallState::Talking
    );
}

fn anything() -> impl Strategy<Value = Event> {
    let phases = [
        Phase::Waiting,
        Phase::Called,
        Phase::Ringing,
        Phase::Talking,
    ];
    prop_oneof![
        2 => Just(call()),
        1 => Just(Event::HangUp),
        1 => any::<bool>().prop_map(Event::Pause),
        1 => any::<bool>().prop_map(Event::Mute),
        3 => prop::sample::select(phases.to_vec()).prop_map(stands),
        4 => Just(Event::Called),
        1 => Just(Event::Gone),
        1 => prop::sample::select(Reason::ALL.to_vec()).prop_map(Event::Refused),
        1 => Just(Event::Rings),
        3 => Just(Event::Answered),
        1 => prop::sample::select(Reason::ALL.to_vec()).prop_map(Event::Failed),
        1 => any::<bool>().prop_map(Event::Held),
        1 => any::<bool>().prop_map(Event::Camera),
        1 => Just(Event::OtherEnded),
        3 => Just(Event::Stalled),
        1 => Just(Event::Flows),
        1 => Just(Event::NoWay),
        1 => Just(Event::Agreed),
        3 => Just(Event::Tick),
    ]
}

/// Proves T1: who is not seen learns that, in every state of a call, until the camera is back or the call is another one.
#[test]
fn a_camera_that_is_away_is_known() {
    let away = after(&talking(), 10, Event::Camera(false)).0;
    assert!(away.unseen());
    assert_eq!(away.state(), CallState::Talking);
    assert!(!after(&away, 11, Event::Camera(true)).0.unseen());
    let ended = after(&away, 11, Event::HangUp).0;
    let again = after(&ended, 12, Event::Call("building".into())).0;
    assert!(!again.unseen());
}

proptest! {
    /// Proves T1, T15, X1: what was begun is ended exactly once, the place in the queue too, and never is a second one beside it; the
    /// ends are open only from our turn on; sound and picture flow exactly while nobody pauses; whatever is waited for has a time at
    /// which it is given up.
    #[test]
    fn every_call_ends(events in prop::collection::vec((0_u64..30, anything()), 0..80)) {
        let (mut course, mut now) = (Course::default(), 0);
        let (mut place, mut open, mut hushed, mut turns) = (false, false, false, 0);
        for (passed, event) in events {
            now += passed;
            let is_turn = event == Event::Called;
            let Ok((next, effects)) = course.next(seconds(now), event) else { continue };
            turns += u32::from(is_turn && place);
            for effect in effects {
                match effect {
                    Effect::Enter(_) => {
                        prop_assert!(!place && !open);
                        (place, turns) = (true, 0);
                    }
                    Effect::Leave => {
                        prop_assert!(place);
                        place = false;
                    }
                    Effect::Begin => {
                        prop_assert!(place && !open && turns > 0);
                        (open, hushed, turns) = (true, false, 0);
                    }
                    Effect::End => {
                        prop_assert!(open);
                        open = false;
                    }
                    Effect::Hush(is) => {
                        prop_assert!(open && hushed != is);
                        hushed = is;
                    }
                    Effect::Tell(_) | Effect::Mute(_) | Effect::Mend => prop_assert!(open),
                }
            }
            course = next;
            let state = course.state();
            let is_over = matches!(state, CallState::Idle | CallState::Ended);
            prop_assert_eq!(is_over, !open && !place);
            prop_assert_eq!(course.reason().is_some(), state == CallState::Ended);
            if open && state.is_answered() {
                prop_assert_eq!(hushed, !course.expects_flow());
            }
            let has_place = course.standing().is_some();
            if matches!(state, CallState::Waiting | CallState::Ringing | CallState::Mending) && !has_place {
                prop_assert!(course.deadline().is_some());
            }
        }
    }
}
