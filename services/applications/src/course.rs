// SPDX-License-Identifier: EUPL-1.2
//! How an application that was started goes on. Pure: time comes in with every event.

use std::time::Duration;

use api::applications::{Fall, RunState};

/// The pause before the first restart; each that follows is twice as long.
const PAUSE: Duration = Duration::from_secs(1);
/// After so many falls in a row it is not started again by itself.
pub const FALLS: u32 = 6;
/// What ran for so long fell for a new reason.
pub const STEADY: Duration = Duration::from_mins(1);

/// What can happen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// Somebody wants this application, in a place of so many pixels.
    Start(String, (u32, u32)),
    /// Somebody wants it no more.
    Stop,
    /// It ended as it should: signed out at its server.
    Ended,
    /// It fell.
    Fell(Fall),
    /// Time has passed.
    Tick,
}

/// What has to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Run the program of this application.
    Run(String, (u32, u32)),
    /// End the program.
    Kill,
}

/// A call that has no place in the present state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not in state {}", .0.as_str())]
pub struct Refusal(pub RunState);

/// What was started.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Started {
    id: String,
    size: (u32, u32),
    /// Falls in a row.
    falls: u32,
    /// Why it fell last.
    reason: Option<Fall>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Stopped,
    Running {
        started: Started,
        since: Duration,
    },
    Restarting {
        started: Started,
        at: Duration,
    },
    Failed(Started),
}

/// Where an application stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Course(State);

impl Course {
    /// The state's name.
    pub fn state(&self) -> RunState {
        match &self.0 {
            State::Stopped => RunState::Stopped,
            State::Running { .. } => RunState::Running,
            State::Restarting { .. } => RunState::Restarting,
            State::Failed(_) => RunState::Failed,
        }
    }

    /// The id of what was started.
    pub fn application(&self) -> Option<&str> {
        self.started().map(|started| started.id.as_str())
    }

    /// Why it fell last.
    pub fn reason(&self) -> Option<Fall> {
        self.started().and_then(|started| started.reason)
    }

    /// When it is started again.
    pub fn retry(&self) -> Option<Duration> {
        match &self.0 {
            State::Restarting { at, .. } => Some(*at),
            _ => None,
        }
    }

    /// When [`Event::Tick`] changes something.
    pub fn deadline(&self) -> Option<Duration> {
        match &self.0 {
            State::Restarting { at, .. } => Some(*at),
            // What fell before is forgotten.
            State::Running { started, since } if started.reason.is_some() => Some(*since + STEADY),
            _ => None,
        }
    }

    fn started(&self) -> Option<&Started> {
        match &self.0 {
            State::Stopped => None,
            State::Running { started, .. }
            | State::Restarting { started, .. }
            | State::Failed(started) => Some(started),
        }
    }

    /// The course after `event` at `now`, and what has to be done.
    pub fn next(&self, now: Duration, event: Event) -> Result<(Self, Vec<Effect>), Refusal> {
        let run = |started: Started| {
            let effect = Effect::Run(started.id.clone(), started.size);
            let since = now;
            (State::Running { started, since }, vec![effect])
        };
        let (state, effects) = match (self.0.clone(), event) {
            (State::Stopped | State::Failed(_), Event::Start(id, size)) => run(Started {
                id,
                size,
                falls: 0,
                reason: None,
            }),
            (State::Running { .. }, Event::Stop) => (State::Stopped, vec![Effect::Kill]),
            (State::Restarting { .. } | State::Failed(_), Event::Stop) => {
                (State::Stopped, Vec::new())
            }
            (State::Running { .. }, Event::Ended) => (State::Stopped, Vec::new()),
            (State::Running { started, since }, Event::Fell(fall)) => {
                (fallen(started, since, now, fall), Vec::new())
            }
            (State::Running { mut started, since }, Event::Tick) => {
                if now >= since + STEADY {
                    started.falls = 0;
                    started.reason = None;
                }
                (State::Running { started, since }, Vec::new())
            }
            (State::Restarting { started, at }, Event::Tick) if now >= at => run(started),
            // A program that ends after it was given up, and time that changes nothing.
            (state, Event::Ended | Event::Fell(_) | Event::Tick) => (state, Vec::new()),
            (State::Running { .. } | State::Restarting { .. }, Event::Start(..))
            | (State::Stopped, Event::Stop) => return Err(Refusal(self.state())),
        };
        Ok((Self(state), effects))
    }
}

fn fallen(mut started: Started, since: Duration, now: Duration, fall: Fall) -> State {
    if now >= since + STEADY {
        started.falls = 0;
    }
    started.falls += 1;
    started.reason = Some(fall);
    // To ask a server that is another one again and again proves nothing.
    if fall == Fall::Untrusted || started.falls >= FALLS {
        return State::Failed(started);
    }
    let at = now + PAUSE * 2_u32.pow(started.falls - 1);
    State::Restarting { started, at }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SIZE: (u32, u32) = (1280, 640);

    fn seconds(n: u64) -> Duration {
        Duration::from_secs(n)
    }

    fn start() -> Event {
        Event::Start("registry".into(), SIZE)
    }

    fn after(course: &Course, now: u64, event: Event) -> Course {
        course.next(seconds(now), event).unwrap().0
    }

    /// Proves C2: what crashes is started again after pauses that grow, and given up after a few.
    #[test]
    fn a_crash_restarts_with_back_off() {
        let (mut course, effects) = Course::default().next(seconds(0), start()).unwrap();
        let run = vec![Effect::Run("registry".into(), SIZE)];
        assert_eq!(effects, run);
        let mut now = seconds(10);
        let mut pauses = Vec::new();
        while course.state() == RunState::Running {
            course = course.next(now, Event::Fell(Fall::Crashed)).unwrap().0;
            let Some(at) = course.retry() else { break };
            pauses.push(at.saturating_sub(now).as_secs());
            let early = course.next(at.saturating_sub(Duration::from_millis(1)), Event::Tick);
            assert_eq!(early.unwrap(), (course.clone(), Vec::new()));
            let (next, effects) = course.next(at, Event::Tick).unwrap();
            assert_eq!(effects, run);
            (course, now) = (next, at);
        }
        assert_eq!(pauses, [1, 2, 4, 8, 16]);
        assert_eq!(course.state(), RunState::Failed);
        assert_eq!(course.reason(), Some(Fall::Crashed));
        // Somebody can ask for it again, and then it has all its tries.
        let again = after(&course, 100, start());
        assert_eq!((again.state(), again.reason()), (RunState::Running, None));
        let fallen = after(&again, 100, Event::Fell(Fall::Crashed));
        assert_eq!(fallen.retry(), Some(seconds(101)));
    }

    /// Proves C2: what ran for a while has all its tries again, and nothing is said of old falls.
    #[test]
    fn a_steady_run_forgets() {
        let mut course = after(&Course::default(), 0, start());
        for _ in 0..3 {
            course = after(&course, 1, Event::Fell(Fall::Unreachable));
            course = after(&course, 50, Event::Tick);
        }
        assert_eq!(course.reason(), Some(Fall::Unreachable));
        assert_eq!(course.deadline(), Some(seconds(110)));
        let steady = after(&course, 110, Event::Tick);
        assert_eq!((steady.reason(), steady.deadline()), (None, None));
        let fallen = after(&course, 200, Event::Fell(Fall::Crashed));
        assert_eq!(fallen.retry(), Some(seconds(201)));
    }

    /// Proves C3: a server that cannot prove itself is not asked again by itself.
    #[test]
    fn an_unproven_server_is_not_asked_again() {
        let course = after(&Course::default(), 0, start());
        let fallen = after(&course, 1, Event::Fell(Fall::Untrusted));
        assert_eq!(
            (fallen.state(), fallen.reason()),
            (RunState::Failed, Some(Fall::Untrusted))
        );
        assert_eq!(fallen.deadline(), None);
    }

    /// Proves C2: who stops it ends it; one that ends by itself is not started again; a second one is not started beside it.
    #[test]
    fn stopping_ends_it() {
        let course = after(&Course::default(), 0, start());
        let (stopped, effects) = course.next(seconds(1), Event::Stop).unwrap();
        assert_eq!(
            (stopped.state(), effects),
            (RunState::Stopped, vec![Effect::Kill])
        );
        assert_eq!(after(&course, 1, Event::Ended), Course::default());
        let refusal = Refusal(RunState::Running);
        assert_eq!(course.next(seconds(1), start()), Err(refusal));
        let refusal = Refusal(RunState::Stopped);
        assert_eq!(stopped.next(seconds(1), Event::Stop), Err(refusal));
        // It has ended all the same, a moment later.
        let late = after(&stopped, 1, Event::Fell(Fall::Crashed));
        assert_eq!(late.state(), RunState::Stopped);
    }

    fn anything() -> impl Strategy<Value = Event> {
        prop_oneof![
            Just(start()),
            Just(Event::Stop),
            Just(Event::Ended),
            prop::sample::select(Fall::ALL.to_vec()).prop_map(Event::Fell),
            Just(Event::Tick),
        ]
    }

    proptest! {
        /// Proves C2: at most one program runs; it runs exactly in `running`; whatever waits has a time at which it goes on.
        #[test]
        fn one_program_at_a_time(events in prop::collection::vec((0_u64..90, anything()), 0..60)) {
            let (mut course, mut now, mut runs) = (Course::default(), 0, false);
            for (passed, event) in events {
                now += passed;
                // A program's end is only told of one that runs.
                let ends = matches!(event, Event::Ended | Event::Fell(_));
                if ends && !runs {
                    continue;
                }
                let Ok((next, effects)) = course.next(seconds(now), event) else { continue };
                runs &= !ends;
                for effect in effects {
                    match effect {
                        Effect::Run(..) => {
                            prop_assert!(!runs);
                            runs = true;
                        }
                        Effect::Kill => {
                            prop_assert!(runs);
                            runs = false;
                        }
                    }
                }
                course = next;
                prop_assert_eq!(runs, course.state() == RunState::Running);
                prop_assert_eq!(course.retry().is_some(), course.state() == RunState::Restarting);
                prop_assert_eq!(course.application().is_some(), course.state() != RunState::Stopped);
                if let Some(at) = course.retry() {
                    let longest = PAUSE * 2_u32.pow(FALLS - 2);
                    prop_assert!(at <= seconds(now) + longest);
                }
            }
        }
    }
}
