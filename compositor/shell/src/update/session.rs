// SPDX-License-Identifier: EUPL-1.2
//! The visit and the session service: the service says when a visit ends and how far it is erased, the shell says who is
//! there and what they choose. A new process of the shell takes up what the service tells of the old one's visitor.

use api::session::{Outcome, SessionState, Status};
use site::Language;

use super::rest;
use crate::event::{Effect, Session, SessionRequest};
use crate::manner;
use crate::state::{Ending, Modes, Place, State};

/// What the service has to hear of when it changes.
#[derive(Clone, Copy, Debug)]
pub struct Glance {
    language: Language,
    modes: Modes,
    place: Option<Place>,
}

impl Glance {
    /// What is so now.
    pub fn at(state: &State) -> Self {
        Self {
            language: state.language,
            modes: state.modes,
            place: state.visit.here().map(|stop| stop.place),
        }
    }

    /// What the service has to hear now that `state` has followed.
    pub fn changes(self, state: &State) -> Vec<Effect> {
        let now = Self::at(state);
        let mut requests = Vec::new();
        let Some(place) = now.place else {
            return Vec::new();
        };
        let is_new = self.place.is_none();
        if is_new && is_open(state) {
            // Taken up from the service: it knows.
            return Vec::new();
        }
        if is_new {
            requests.push(SessionRequest::Begin(now.language));
        } else if now.language != self.language {
            requests.push(SessionRequest::Speak(now.language));
        }
        if now.modes != if is_new { Modes::default() } else { self.modes } {
            requests.push(SessionRequest::Prefer(manner::to_word(now.modes)));
        }
        if self.place != now.place
            && let Some(service) = service(state, place)
        {
            requests.push(SessionRequest::Note(service.to_owned()));
        }
        requests.into_iter().map(Effect::Session).collect()
    }
}

/// What a place is about, by its id.
fn service(state: &State, place: Place) -> Option<&str> {
    match place {
        Place::Department(i) | Place::Talk(i) => Some(&state.site.departments.get(i)?.id),
        Place::Service(n) => Some(&state.catalogue.get(n)?.id),
        _ => None,
    }
}

fn is_open(state: &State) -> bool {
    let session = state.session.as_ref();
    session.is_some_and(|status| status.state.is_open())
}

/// Takes in what the service tells.
pub fn news(state: &mut State, news: Session) -> Option<Effect> {
    match news {
        Session::Gone => {
            // Whoever was there: when the service is back it erases first.
            rest(state);
            state.session = None;
            state.stage_since = state.now.uptime;
        }
        Session::Status(status) => stands(state, status),
        Session::Leave => return Some(Effect::Leave),
        // Nobody is let in whom the service cannot erase again, and nothing is left to end.
        Session::Refused(SessionRequest::Begin(_) | SessionRequest::End(_)) if !is_open(state) => {
            rest(state);
        }
        // The status tells where it really stands.
        Session::Refused(_) => {}
    }
    None
}

fn stands(state: &mut State, status: Status) {
    let now = status.state;
    let before = state.session.replace(status).map(|status| status.state);
    match now {
        SessionState::Idle if before == Some(SessionState::Idle) => {}
        SessionState::Idle => rest(state),
        SessionState::Active | SessionState::Warned => {
            if state.visit.stops.is_empty() && state.ending.is_none() {
                take_up(state);
                state.visit.go(Place::Home);
            }
        }
        SessionState::Ending | SessionState::Erased => {
            // The next visitor may have begun while the device still said that all is erased.
            let is_over = before.is_none_or(SessionState::is_open) || now == SessionState::Ending;
            if is_over && state.ending.is_none() {
                if before.is_none() {
                    take_up(state);
                }
                farewell(state);
            }
            let percent = state.session.as_ref().map_or(0, |status| status.progress);
            if let Some(ending) = &mut state.ending {
                ending.percent = percent;
            }
        }
    }
}

/// What the visitor chose before this process was there.
pub fn take_up(state: &mut State) {
    let Some(status) = &state.session else { return };
    if let Some(language) = Language::from_tag(&status.language)
        && state.site.languages.contains(&language)
    {
        state.language = language;
    }
    state.modes = manner::from_word(&status.manner);
}

/// Ends the visit while the visitor may be there: what is left is to say so, in the visitor's own way.
fn farewell(state: &mut State) {
    let (language, modes) = (state.language, state.modes);
    rest(state);
    state.language = language;
    state.modes = modes;
    state.ending = Some(Ending {
        percent: 0,
        rating: None,
    });
}

/// The visitor ends the visit; without one what was chosen is forgotten.
pub fn finish(state: &mut State) -> Option<Effect> {
    let Some(stop) = state.visit.here() else {
        rest(state);
        return None;
    };
    let outcome = match stop.place {
        _ if state.call.was_answered => Outcome::Done,
        Place::Talk(_) | Place::Form(_) | Place::Help | Place::Deliver => Outcome::Referred,
        Place::Outage(_) => Outcome::Failed,
        _ => Outcome::Done,
    };
    farewell(state);
    Some(Effect::Session(SessionRequest::End(outcome)))
}
