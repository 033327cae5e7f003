// SPDX-License-Identifier: EUPL-1.2
//! The only thing that changes the [`State`]. No clock, no file, no socket: time and news come in as events, and what
//! is to be done goes out as effects.

use std::time::Duration;

use api::secret::Secret;
use api::trust::pin_is_acceptable;
use api::trust::{
    MAX_PIN_DIGITS, MIN_PIN_DIGITS, MODHEX, RECOVERY_LETTERS, RecoveryKey, Status, Task, TrustState,
};
use site::Language;

use crate::event::{Action, Effect, Event, Moment, Refusal, Session, Trust};
use crate::state::{Busy, LOST, Problem, Screen, Stage, State, Visit};

/// The state after `event`, and what has to be done.
pub fn update(mut state: State, event: Event) -> (State, Vec<Effect>) {
    let mut effects = Vec::new();
    let before = state.screen();
    match event {
        Event::Tick(now) => tick(&mut state, now),
        Event::Presence => state.last_presence = state.now.uptime,
        Event::Press(action) => state.pressed = action,
        Event::Focus(action) => state.focus = action,
        Event::Act(action) => {
            state.last_presence = state.now.uptime;
            effects.extend(act(&mut state, action));
        }
        Event::Trust(news) => trust(&mut state, news),
        Event::Session(news) => effects.extend(session(&mut state, news)),
        Event::Site(site) => {
            state.site = site;
            // Numbers of the old site mean nothing in the new one.
            state.visit = Visit::default();
            if !state.site.languages.contains(&state.language) {
                state.language = Language::De;
            }
        }
    }
    if state.screen() != before {
        state.pressed = None;
        state.focus = None;
    }
    (state, effects)
}

fn tick(state: &mut State, now: Moment) {
    // A clock that goes back is not ours: uptime only goes forward.
    let uptime = state.now.uptime.max(now.uptime);
    state.now = Moment { uptime, ..now };
    if state.idle_end().is_some_and(|end| uptime >= end) {
        rest(state);
    }
    if state.busy.is_some_and(|busy| uptime >= busy.since + LOST) {
        state.busy = None;
        state.problem = Some(Problem::Failed);
        state.last_presence = uptime;
    }
}

/// Ends the visit: nothing of it stays.
fn rest(state: &mut State) {
    state.language = Language::De;
    state.choosing_language = false;
    state.visit = Visit::default();
    state.problem = None;
    state.entry.clear();
    if let Stage::NewPin(first) = &mut state.stage {
        *first = None;
    }
}

fn act(state: &mut State, action: Action) -> Option<Effect> {
    // What was touched may be gone by now: only what the present screen offers does anything.
    match (state.screen(), action) {
        (Screen::Start | Screen::Wait(_), _) => {}
        (Screen::Languages, Action::Speak(language)) => {
            if state.site.languages.contains(&language) {
                state.language = language;
                state.choosing_language = false;
            }
        }
        (Screen::Languages, Action::Back | Action::Languages) => state.choosing_language = false,
        (_, Action::Finish) => rest(state),
        (Screen::Languages, _) => {}
        (_, Action::Languages) => state.choosing_language = true,
        (Screen::Home, action) => home(state, action),
        (Screen::Department(_), Action::Back) => state.visit.department = None,
        (Screen::Department(_), _) => {}
        (Screen::Pin | Screen::NewPin { .. } | Screen::Recovery, action) => {
            return secret(state, action);
        }
    }
    None
}

fn home(state: &mut State, action: Action) {
    match action {
        Action::Authority(i) if i < state.authorities().len() => {
            state.visit = Visit {
                authority: i,
                ..Visit::default()
            };
        }
        Action::Page(page) if page < state.pages() => state.visit.page = page,
        Action::Department(i) if state.site.departments.get(i).is_some() => {
            state.visit.department = Some(i);
        }
        _ => {}
    }
}

fn secret(state: &mut State, action: Action) -> Option<Effect> {
    let keypad = !matches!(state.stage, Stage::Recovery { .. });
    match action {
        Action::Digit(digit) if keypad && digit.is_ascii_digit() => {
            type_in(state, digit, MAX_PIN_DIGITS);
        }
        Action::Letter(letter) if !keypad && MODHEX.contains(&letter) => {
            type_in(state, letter, RECOVERY_LETTERS);
        }
        Action::Delete => {
            state.entry.pop();
            state.problem = None;
        }
        Action::Confirm => return confirm(state),
        Action::StartOver => {
            if let Stage::NewPin(first) = &mut state.stage {
                *first = None;
                state.entry.clear();
                state.problem = None;
            }
        }
        _ => {}
    }
    None
}

fn type_in(state: &mut State, c: char, most: usize) {
    if state.entry.chars() < most {
        state.entry.push(c);
    }
    state.problem = None;
}

fn confirm(state: &mut State) -> Option<Effect> {
    match &mut state.stage {
        Stage::Pin if state.entry.chars() < MIN_PIN_DIGITS => {
            state.problem = Some(Problem::TooShort);
            None
        }
        Stage::Pin => Some(submit(state, Task::SubmitPin)),
        Stage::NewPin(first @ None) => {
            if pin_is_acceptable(state.entry.expose()) {
                *first = Some(take(&mut state.entry));
                state.problem = None;
            } else {
                let short = state.entry.chars() < MIN_PIN_DIGITS;
                state.problem = Some(if short {
                    Problem::TooShort
                } else {
                    Problem::Weak
                });
                if !short {
                    state.entry.clear();
                }
            }
            None
        }
        Stage::NewPin(Some(first)) if *first == state.entry => Some(submit(state, Task::ChoosePin)),
        Stage::NewPin(first) => {
            *first = None;
            state.entry.clear();
            state.problem = Some(Problem::Mismatch);
            None
        }
        Stage::Recovery { .. } if RecoveryKey::parse(state.entry.expose()).is_ok() => {
            Some(submit(state, Task::SubmitRecoveryKey))
        }
        Stage::Recovery { .. } => {
            let missing = RECOVERY_LETTERS.saturating_sub(state.entry.chars());
            state.problem = Some(Problem::KeyShort(missing));
            None
        }
        Stage::Opening | Stage::Open => None,
    }
}

/// The secret, leaving an empty one with room behind.
fn take(entry: &mut Secret) -> Secret {
    std::mem::replace(entry, Secret::with_room())
}

fn submit(state: &mut State, task: Task) -> Effect {
    state.busy = Some(Busy {
        task,
        since: state.now.uptime,
    });
    state.problem = None;
    // A recovery key stays, so that one wrong letter of 64 can be mended; a PIN does not.
    let entry = if task == Task::SubmitRecoveryKey {
        state.entry.clone()
    } else {
        take(&mut state.entry)
    };
    // A recovery key goes out as systemd writes it, with its dashes.
    let key = (task == Task::SubmitRecoveryKey).then(|| RecoveryKey::parse(entry.expose()));
    let secret = match key {
        Some(Ok(key)) => Secret::new(key.expose().to_owned()).unwrap_or(entry),
        _ => entry,
    };
    Effect::Submit(task, secret)
}

fn trust(state: &mut State, news: Trust) {
    match news {
        // What is open stays open when the service goes; before that there is nothing to do but wait for it.
        Trust::Gone if state.stage == Stage::Open => {}
        Trust::Gone => enter(state, Stage::Opening),
        Trust::Status(Status {
            state: told,
            code,
            reason,
        }) => {
            let next = match told {
                TrustState::Opening => Stage::Opening,
                TrustState::NewPin => Stage::NewPin(None),
                TrustState::Pin => Stage::Pin,
                TrustState::Recovery => Stage::Recovery { code, reason },
                TrustState::Open => Stage::Open,
            };
            enter(state, next);
        }
        // The new state follows by itself.
        Trust::Answer(Ok(())) => {}
        Trust::Answer(Err(refusal)) => {
            state.busy = None;
            state.last_presence = state.now.uptime;
            // The service may already have left for another state: what was wrong is said wherever it went back to.
            if state.stage != Stage::Open {
                if let Stage::NewPin(first) = &mut state.stage {
                    *first = None;
                }
                state.problem = Some(match refusal {
                    Refusal::WrongPin => Problem::WrongPin,
                    Refusal::WrongKey => Problem::WrongKey,
                    Refusal::LockedOut => Problem::LockedOut,
                    Refusal::BadInput if matches!(state.stage, Stage::Recovery { .. }) => {
                        Problem::WrongKey
                    }
                    Refusal::BadInput => Problem::Weak,
                    Refusal::Failed => Problem::Failed,
                });
            }
        }
    }
}

fn session(state: &mut State, news: Session) -> Option<Effect> {
    match news {
        Session::Gone => state.session = None,
        Session::Status(status) => state.session = Some(status),
        Session::Leave => return Some(Effect::Leave),
        // The status tells where it really stands.
        Session::Refused(_) => {}
    }
    None
}

/// Goes to `next`. The same stage again, as after a repeated signal, keeps what was entered.
fn enter(state: &mut State, next: Stage) {
    if std::mem::discriminant(&state.stage) == std::mem::discriminant(&next) {
        if matches!(next, Stage::Recovery { .. }) {
            state.stage = next;
        }
        return;
    }
    // While something is checked the service passes through "opening": the visitor goes on seeing what is waited for.
    let checking = next == Stage::Opening && state.busy.is_some();
    let returns = state.stage == Stage::Opening && next != Stage::Open;
    if !checking {
        state.busy = None;
    }
    if !(checking || returns && matches!(next, Stage::Recovery { .. })) {
        state.entry.clear();
    }
    if next != Stage::Opening && !returns {
        state.problem = None;
    }
    state.stage = next;
    state.stage_since = state.now.uptime;
    state.last_presence = state.now.uptime;
    state.choosing_language = false;
    state.visit = Visit::default();
}

/// How long the loop may sleep at most before the next tick matters.
pub fn sleep(state: &State, until_minute: Duration) -> Duration {
    let deadline = state
        .next_deadline()
        .map(|at| at.saturating_sub(state.now.uptime));
    deadline.map_or(until_minute, |deadline| deadline.min(until_minute))
}
