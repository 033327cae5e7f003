// SPDX-License-Identifier: EUPL-1.2
//! The clerk of a case: chooses a password, signs in, locks, begins and ends a case, signs out. A case is a session of the
//! session service; the clerk service says who may see it. Pure, like all of [`crate::update`].

use api::clerk::{
    ClerkState, MAX_PASSWORD_CHARS, MIN_PASSWORD_CHARS, Status, Task, password_is_acceptable,
};
use api::session::{self, Outcome, SessionState};

use super::{rest, session as visit, take};
use crate::event::{Action, Clerk, ClerkRefusal, ClerkRequest, Effect, SessionRequest};
use crate::field;
use crate::manner;
use crate::state::clerk::{Ask, Checking, Launch, Problem, View};
use crate::state::{LOST, Modes, Screen, State};

/// Does what a person at a case wants; nothing if that is no matter of the case's.
pub fn act(state: &mut State, action: Action) -> Option<Vec<Effect>> {
    if action == Action::Lock {
        let locks = state.is_signed_in();
        return Some(locks.then(|| ask(ClerkRequest::Lock)).into_iter().collect());
    }
    let Screen::Case(view) = state.screen() else {
        return None;
    };
    let effect = match (view, action) {
        (View::Choose { .. } | View::SignIn | View::Locked, action) => {
            return password(state, view, action);
        }
        (View::Desk, Action::BeginCase) if !state.has_case() => return Some(begin(state)),
        (View::Desk, Action::EndCase) if state.has_case() => asks(state, Some(Ask::EndCase)),
        (View::Desk, Action::SignOut) if state.has_case() => asks(state, Some(Ask::SignOut)),
        // Once nobody is signed in the case ends: see `settle`.
        (View::Desk | View::Ask(Ask::SignOut), Action::SignOut) => Some(ask(ClerkRequest::SignOut)),
        (View::Ask(Ask::EndCase), Action::Erase) => Some(end()),
        (View::Desk, Action::Application(i)) => start(state, i),
        (View::Launch(Launch::Failed(_)), Action::StartAgain) => again(state),
        (View::Launch(_), Action::StopApplication) => Some(Effect::Stop),
        (View::Ask(_), Action::Back) => asks(state, None),
        (_, Action::Finish) => None,
        _ => return None,
    };
    Some(effect.into_iter().collect())
}

fn ask(request: ClerkRequest) -> Effect {
    Effect::Clerk(request)
}

fn asks(state: &mut State, question: Option<Ask>) -> Option<Effect> {
    if let Some(clerk) = &mut state.clerk {
        clerk.ask = question;
    }
    None
}

/// Starts a released application: in a case, with whose end it ends, and one at a time.
fn start(state: &State, i: usize) -> Option<Effect> {
    if !state.has_case() || state.application.is_some() {
        return None;
    }
    let released = state.released_applications()?;
    Some(Effect::Start(released.get(i)?.id.clone()))
}

fn again(state: &State) -> Option<Effect> {
    Some(Effect::Start(state.started_application()?.id.clone()))
}

fn begin(state: &mut State) -> Vec<Effect> {
    if let Some(clerk) = &mut state.clerk {
        clerk.deleted = None;
        clerk.since = None;
    }
    let mut effects = vec![Effect::Session(SessionRequest::Begin(state.language))];
    if state.modes != Modes::default() {
        let manner = manner::to_word(state.modes);
        effects.push(Effect::Session(SessionRequest::Prefer(manner)));
    }
    effects
}

fn end() -> Effect {
    Effect::Session(SessionRequest::End(Outcome::Done))
}

fn password(state: &mut State, view: View, action: Action) -> Option<Vec<Effect>> {
    let waits = state.seconds_to_retry().is_some();
    let languages = state.site.languages.clone();
    let clerk = state.clerk.as_mut()?;
    let entry = &mut clerk.password;
    match action {
        Action::Type(c) => {
            if field::is_typed(c) && entry.text.chars() < MAX_PASSWORD_CHARS {
                entry.text.push(c);
            }
            clerk.problem = None;
            if entry.keyboard.shift {
                entry.keyboard.typed();
                field::recase(&entry.keyboard, &mut state.focus);
            }
        }
        Action::Delete => {
            entry.text.pop();
            // Whoever begins anew has not asked for it to be seen.
            entry.shown &= entry.text.chars() > 0;
            clerk.problem = None;
        }
        // Over an empty field it would wait for whoever types next.
        Action::Reveal if entry.text.chars() == 0 => {}
        Action::Reveal => entry.shown = !entry.shown,
        Action::StartOver if matches!(view, View::Choose { .. }) => clerk.forget(),
        Action::Confirm if waits => {}
        Action::Confirm => {
            state.over_page = 0;
            return Some(confirm(state, view).into_iter().collect());
        }
        action => {
            if !field::keys(&mut entry.keyboard, action, &languages) {
                return None;
            }
            if action == Action::Shift {
                field::recase(&entry.keyboard, &mut state.focus);
            }
        }
    }
    // The keys have a page of their own where there is not room for all: the first.
    state.over_page = 0;
    Some(Vec::new())
}

fn confirm(state: &mut State, view: View) -> Option<Effect> {
    let since = state.now.uptime;
    let clerk = state.clerk.as_mut()?;
    let typed = clerk.password.text.chars();
    if typed == 0 {
        return None;
    }
    let task = match view {
        View::SignIn => Task::SignIn,
        View::Locked => Task::Unlock,
        _ => Task::Choose,
    };
    clerk.problem = None;
    if task == Task::Choose {
        match clerk.first.take() {
            None if password_is_acceptable(clerk.password.text.expose()) => {
                clerk.first = Some(take(&mut clerk.password.text));
                clerk.password.shown = false;
                return None;
            }
            None if typed < MIN_PASSWORD_CHARS => {
                clerk.problem = Some(Problem::Short);
                return None;
            }
            None => {
                clerk.forget();
                clerk.problem = Some(Problem::Weak);
                return None;
            }
            Some(first) if first != clerk.password.text => {
                clerk.forget();
                clerk.problem = Some(Problem::Mismatch);
                return None;
            }
            Some(_) => {}
        }
    }
    let password = take(&mut clerk.password.text);
    clerk.password.shown = false;
    clerk.checking = Some(Checking { task, since });
    Some(ask(ClerkRequest::Password(task, password)))
}

/// Takes in what the clerk service tells.
pub fn news(state: &mut State, news: Clerk) -> Vec<Effect> {
    let now = state.now.uptime;
    let Some(clerk) = &mut state.clerk else {
        return Vec::new();
    };
    match news {
        Clerk::Gone => {
            clerk.status = None;
            clerk.checking = None;
            clerk.forget();
            state.over = None;
            state.stage_since = now;
        }
        Clerk::Status(status) => stands(state, status),
        // The new state follows by itself, or is there already.
        Clerk::Answer(Ok(())) => clerk.checking = None,
        Clerk::Answer(Err(refusal)) => {
            clerk.checking = None;
            clerk.first = None;
            clerk.problem = match refusal {
                ClerkRefusal::Wrong => Some(Problem::Wrong),
                ClerkRefusal::BadInput => Some(Problem::Weak),
                // The strip of the screen says for how long.
                ClerkRefusal::TooEarly => None,
                ClerkRefusal::Failed => Some(Problem::Failed),
            };
            state.last_presence = now;
        }
    }
    settle(state)
}

fn stands(state: &mut State, status: Status) {
    let Some(clerk) = &mut state.clerk else {
        return;
    };
    let before = clerk.status.replace(status).map(|status| status.state);
    if before == Some(status.state) {
        return;
    }
    clerk.checking = None;
    clerk.forget();
    // Nothing of the clerk's lies over the lock.
    state.over = None;
    state.over_page = 0;
    state.last_presence = state.now.uptime;
    if status.state == ClerkState::SignedOut && before.is_some() {
        rest(state);
    }
}

/// Takes in where the session stands.
pub fn session(state: &mut State, status: session::Status) -> Vec<Effect> {
    let now = status.state;
    let before = state.session.replace(status).map(|status| status.state);
    if before.is_none() && now != SessionState::Idle {
        visit::take_up(state);
    }
    let time = state.now.time;
    let Some(clerk) = &mut state.clerk else {
        return Vec::new();
    };
    match now {
        SessionState::Active | SessionState::Warned => {
            let is_new = before.is_some_and(|before| !before.is_open());
            if is_new {
                clerk.since = Some(time);
            }
            clerk.deleted = None;
        }
        SessionState::Ending => {
            clerk.ask = None;
            clerk.since = None;
        }
        // Told by the service that did it, and for a short time only: kept until the next case.
        SessionState::Erased if before != Some(SessionState::Erased) => {
            clerk.deleted = Some(time);
            clerk.since = None;
        }
        SessionState::Erased | SessionState::Idle => clerk.since = None,
    }
    settle(state)
}

/// What follows from where both services stand. Nobody signed in: no case is open. A case ends when the clerk says so, not
/// because of the time that citizens have at a terminal.
fn settle(state: &State) -> Vec<Effect> {
    let request = if state.has_case() && state.is_signed_out() {
        Some(SessionRequest::End(Outcome::Done))
    } else if state.clerk.is_some() && state.is_warned() {
        Some(SessionRequest::Extend)
    } else {
        None
    };
    request.map(Effect::Session).into_iter().collect()
}

/// Somebody is there.
pub fn present(state: &State) -> Option<Effect> {
    state.is_signed_in().then(|| ask(ClerkRequest::Presence))
}

/// What the session service has to hear of how the clerk wants the screen: the process that shows the end is another one.
pub fn follows(before: &State, state: &State) -> Vec<Effect> {
    let mut requests = Vec::new();
    if state.has_case() && before.has_case() {
        if before.language != state.language {
            requests.push(SessionRequest::Speak(state.language));
        }
        if before.modes != state.modes {
            requests.push(SessionRequest::Prefer(manner::to_word(state.modes)));
        }
    }
    requests.into_iter().map(Effect::Session).collect()
}

/// Time has passed: a password half typed does not stay for the next one who comes, and an answer that does not come is lost.
pub fn tick(state: &mut State) {
    let uptime = state.now.uptime;
    let forgets = state.password_end().is_some_and(|end| uptime >= end);
    let Some(clerk) = &mut state.clerk else {
        return;
    };
    if forgets {
        clerk.forget();
    }
    if clerk
        .checking
        .is_some_and(|checking| uptime >= checking.since + LOST)
    {
        clerk.checking = None;
        clerk.first = None;
        clerk.problem = Some(Problem::Failed);
    }
}
