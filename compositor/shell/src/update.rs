// SPDX-License-Identifier: EUPL-1.2
//! The only thing that changes the [`State`]. No clock, no file, no socket: time and news come in as events, and what
//! is to be done goes out as effects.

mod application;
mod call;
mod clerk;
mod link;
mod papers;
mod print;
mod scan;
mod scan_asked;
mod session;
mod voice;

use std::time::Duration;

use api::secret::Secret;
use api::trust::pin_is_acceptable;
use api::trust::{
    MAX_PIN_DIGITS, MIN_PIN_DIGITS, MODHEX, RECOVERY_LETTERS, RecoveryKey, Status, Task, TrustState,
};
use site::Language;

use crate::event::{
    Action, Effect, Event, MAX_RATING, Moment, Refusal, Session, SessionRequest, Trust,
};
use crate::field;
use crate::state::scan::Purpose;
use crate::state::{
    Busy, LOST, Modes, Outage, Over, Place, Problem, Screen, Stage, State, Visit, Way,
};

/// The state after `event`, and what has to be done.
pub fn update(mut state: State, event: Event) -> (State, Vec<Effect>) {
    let mut effects = Vec::new();
    let before = state.screen();
    let glance = session::Glance::at(&state);
    let acts = matches!(event, Event::Act(_)) && state.clerk.is_some();
    let was = acts.then(|| state.clone());
    match event {
        Event::Tick(now) => {
            tick(&mut state, now);
            effects.extend(call::tick(&mut state));
        }
        // Whether somebody needs more time is asked, not guessed: see `Screen::TimeLeft`.
        Event::Presence if before == Screen::TimeLeft => {}
        Event::Presence => effects.extend(present(&mut state)),
        Event::Press(action) => state.pressed = action,
        Event::Focus(action) => state.focus = action,
        Event::Act(action) => {
            match clerk::act(&mut state, action) {
                Some(done) => effects.extend(done),
                None => effects.extend(act(&mut state, action)),
            }
            effects.extend(present(&mut state));
        }
        Event::Trust(news) => trust(&mut state, news),
        Event::Clerk(news) => effects.extend(clerk::news(&mut state, news)),
        Event::Battery(battery) => {
            if let Some(clerk) = &mut state.clerk {
                clerk.battery = battery;
            }
        }
        Event::Devices(devices) => {
            if let Some(clerk) = &mut state.clerk {
                clerk.devices = devices;
            }
        }
        Event::Applications(status) => {
            if let Some(clerk) = &mut state.clerk {
                clerk.applications = status;
            }
        }
        Event::Session(Session::Status(status)) if state.clerk.is_some() => {
            effects.extend(clerk::session(&mut state, status));
        }
        Event::Session(news) => effects.extend(session::news(&mut state, news)),
        Event::Application(title) => application::news(&mut state, title),
        Event::Field(purpose) => application::field(&mut state, purpose),
        Event::Ear(there) => voice::ear(&mut state, there),
        Event::Call(news) => call::news(&mut state, news),
        Event::Papers(news) => papers::news(&mut state, news),
        Event::Room(room) => papers::room(&mut state, room),
        Event::Frame(width, height) => call::frame(&mut state, (width, height)),
        Event::Drawn(wish, drawn) => papers::drawn(&mut state, wish, drawn),
        Event::Link(told) => link::news(&mut state, told),
        Event::Print(told) => print::news(&mut state, told),
        Event::Printed(job) => print::answer(&mut state, job),
        Event::Sent(document, id) => effects.extend(scan_asked::sent(&mut state, document, id)),
        Event::Scan(told) => effects.extend(scan::news(&mut state, told)),
        Event::Scanned(page, pixels) => scan::picture(&mut state, page, pixels),
        Event::Outage(which, is_out) => outage(&mut state, which, is_out),
        Event::Site(site) => {
            state.site = site;
            // Numbers of the old site mean nothing in the new one.
            state.visit.stops.truncate(1);
            state.printing = None;
            if !state.site.languages.contains(&state.language) {
                state.language = Language::De;
            }
        }
        Event::Catalogue(catalogue) => {
            state.catalogue = catalogue;
            state.visit.stops.truncate(1);
            state.printing = None;
        }
    }
    field::keep(&mut state);
    effects.extend(call::follow(&mut state));
    effects.extend(call::tell_room(&mut state));
    effects.extend(papers::follow(&mut state));
    effects.extend(scan_asked::follow(&mut state));
    effects.extend(glance.changes(&state));
    effects.extend(was.into_iter().flat_map(|was| clerk::follows(&was, &state)));
    if state.screen() != before {
        state.pressed = None;
        state.focus = None;
        state.over_page = 0;
    }
    (state, effects)
}

/// Somebody is there.
fn present(state: &mut State) -> Vec<Effect> {
    state.last_presence = state.now.uptime;
    let counts = match state.ending {
        None => state.is_active(),
        Some(_) => state.is_erased(),
    };
    let counted = counts.then_some(Effect::Session(SessionRequest::Presence));
    counted.into_iter().chain(clerk::present(state)).collect()
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
    clerk::tick(state);
    link::tick(state);
}

/// Something is out of order, or no longer.
fn outage(state: &mut State, outage: Outage, is_out: bool) {
    if is_out {
        state.outages.insert(outage);
        return;
    }
    state.outages.remove(&outage);
    // Nothing to read about it any more.
    let stops = &mut state.visit.stops;
    stops.retain(|stop| stop.place != Place::Outage(outage));
}

/// Ends the visit: nothing of it stays.
fn rest(state: &mut State) {
    state.over_page = 0;
    state.language = Language::De;
    state.modes = Modes::default();
    state.over = None;
    state.visit = Visit::default();
    state.printing = None;
    state.scan.preview = None;
    state.scan.copied = None;
    state.ending = None;
    state.problem = None;
    state.entry.clear();
    state.call.forget();
    if let Some(clerk) = &mut state.clerk {
        clerk.forget();
    }
    if let Stage::NewPin(first) = &mut state.stage {
        *first = None;
    }
}

// The order of the arms says which screen goes before which.
#[allow(clippy::match_same_arms)]
fn act(state: &mut State, action: Action) -> Option<Effect> {
    // What was touched may be gone by now: only what the present screen offers does anything.
    match (state.screen(), action) {
        (_, Action::Larger) => state.modes.text = state.modes.text.next(),
        (_, Action::Contrast) => state.modes.theme = state.modes.theme.next(),
        (_, Action::Lower) => state.modes.lower = !state.modes.lower,
        (_, Action::Louder | Action::Quieter | Action::Faster | Action::Slower) => {
            voice::turn(state, action);
        }
        (_, Action::Again) => {}
        (Screen::Voice, Action::Silence) => voice::press(state, Screen::Voice),
        (screen, Action::Voice) if state.can_speak() => voice::press(state, screen),
        (Screen::At(place), action @ Action::Page(_)) => visit(state, place, action),
        (_, Action::Page(page)) => state.over_page = page.min(PAGES),
        (Screen::Wait(_), _) => {}
        (Screen::NoVoice, Action::Voice | Action::Back) | (Screen::Voice, Action::Back) => {
            state.over = None;
        }
        (_, Action::Voice) => state.over = Some(Over::NoVoice),
        // The answer is that somebody is there, which every action is.
        (Screen::TimeLeft, Action::Finish | Action::Leave) => return session::finish(state),
        (Screen::TimeLeft, _) => {
            return state
                .is_warned()
                .then_some(Effect::Session(SessionRequest::Extend));
        }
        (Screen::End, action) => return end(state, action),
        (Screen::Languages, Action::Speak(language)) => {
            if state.site.languages.contains(&language) {
                state.language = language;
                state.over = voice::language_changed(state);
                field::find(state);
            }
        }
        (Screen::Languages, Action::Back | Action::Languages) => state.over = None,
        (Screen::Start, Action::Finish) => {}
        (_, Action::Finish) => return session::finish(state),
        (_, Action::Languages) => state.over = Some(Over::Languages),
        (Screen::Start | Screen::Languages | Screen::Voice | Screen::NoVoice, _) => {}
        (Screen::Attract, Action::Begin) => state.visit.go(Place::Home),
        (Screen::Attract, Action::Speak(language)) if state.site.languages.contains(&language) => {
            state.language = language;
            state.visit.go(Place::Home);
        }
        (Screen::Case(_), Action::Resume) => application::resume(state),
        (Screen::Attract | Screen::Case(_), _) => {}
        (Screen::Application, action) => return application::act(state, action),
        (Screen::Call(view), action) => return call::act(state, view, action),
        (Screen::At(Place::Talk(i)), Action::Call) => return call::begin(state, i),
        (Screen::At(Place::Help), Action::Call) => return call::begin(state, state.helper()?),
        (Screen::At(Place::Print(n)), action @ (Action::PrintNow | Action::StopPrinting)) => {
            return print::act(state, n, action);
        }
        (
            Screen::At(Place::Scan(purpose)),
            action @ (Action::ScanNow
            | Action::ScanAgain
            | Action::StopScanning
            | Action::TurnPage
            | Action::FinishScan
            | Action::PrintNow
            | Action::StopPrinting),
        ) => return scan::act(state, purpose, action),
        (Screen::At(place), action) => visit(state, place, action),
        (Screen::Pin | Screen::NewPin { .. } | Screen::Recovery, action) => {
            return secret(state, action);
        }
    }
    None
}

fn end(state: &mut State, action: Action) -> Option<Effect> {
    let ending = state.ending.as_mut()?;
    match action {
        Action::Rate(rating) if (1..=MAX_RATING).contains(&rating) && ending.rating.is_none() => {
            ending.rating = Some(rating);
            return Some(Effect::Session(SessionRequest::Rate(rating)));
        }
        // Before that nobody else can begin.
        Action::Leave | Action::Finish if ending.percent == 100 => rest(state),
        _ => {}
    }
    None
}

/// No place has more pages than this.
const PAGES: usize = 1000;

fn visit(state: &mut State, place: Place, action: Action) {
    let next = match (place, action) {
        (_, Action::Page(page)) => {
            match state.visit.stops.last_mut() {
                Some(stop) => stop.page = page.min(PAGES),
                None => state.over_page = page.min(PAGES),
            }
            return;
        }
        // From home the way back is the end of the visit.
        (_, Action::Back) => {
            if state.visit.stops.len() > 1 {
                state.visit.stops.pop();
            }
            return;
        }
        (Place::Search, Action::Confirm) if has_query(state) => Place::Found,
        (Place::Search, action) if field::press(state, action) => return,
        (Place::Search | Place::Found, Action::Service(n)) if has_found(state, n) => {
            Place::Service(n)
        }
        (Place::Authorities(Way::Inform) | Place::Topics(Way::Inform, _), Action::Search)
            if !state.catalogue.is_empty() =>
        {
            Place::Search
        }
        (Place::Help, _) => return,
        (_, Action::Help) => Place::Help,
        (Place::Home | Place::Search | Place::Found, Action::Talk) => topics(state, Way::Talk),
        (Place::Home, Action::Inform) => topics(state, Way::Inform),
        (Place::Home, Action::Deliver) => Place::Deliver,
        (Place::Deliver, Action::Scan(purpose))
            if state.can_scan() && (purpose == Purpose::Keep || state.has_printer()) =>
        {
            Place::Scan(purpose)
        }
        (Place::Home, Action::Outage(outage)) if state.outages.contains(&outage) => {
            Place::Outage(outage)
        }
        (Place::Authorities(way), Action::Authority(i)) if i < state.offering(way).len() => {
            Place::Topics(way, i)
        }
        (Place::Topics(way, authority), Action::Department(i))
            if state.topics(way, authority).contains(&i) =>
        {
            match way {
                Way::Talk => Place::Talk(i),
                Way::Inform => inform(state, i),
            }
        }
        (Place::Topics(Way::Inform, authority), Action::Service(n))
            if state
                .authority(Way::Inform, authority)
                .is_some_and(|id| state.services_beside(id).contains(&n)) =>
        {
            Place::Service(n)
        }
        (Place::Services(i), Action::Service(n)) if state.services(i).contains(&n) => {
            Place::Service(n)
        }
        (Place::Services(i), Action::Hours) => Place::Department(i),
        (Place::Department(i) | Place::Services(i), Action::Talk) => Place::Talk(i),
        (Place::Talk(i), Action::Inform) => inform(state, i),
        (Place::Service(n) | Place::Form(n), Action::Talk) => state.talk_about(n),
        (Place::Service(n) | Place::Form(n), Action::Print) if state.has_printer() => {
            Place::Print(n)
        }
        (Place::Service(n), Action::Form) if has_form(state, n) => Place::Form(n),
        _ => return,
    };
    print::enter(state, next);
    state.visit.turn(next);
}

/// What there is to read of a department.
fn inform(state: &State, department: usize) -> Place {
    if state.services(department).is_empty() {
        Place::Department(department)
    } else {
        Place::Services(department)
    }
}

fn has_query(state: &State) -> bool {
    let search = state.search.as_ref();
    search.is_some_and(|search| search.text.chars() > 0)
}

fn has_found(state: &State, service: usize) -> bool {
    let search = state.search.as_ref();
    search.is_some_and(|search| search.found.contains(&service))
}

fn has_form(state: &State, service: usize) -> bool {
    let service = state.catalogue.get(service);
    service.is_some_and(|service| {
        let mut forms = service.forms(state.language);
        forms.any(|form| form.target.is_some())
    })
}

/// The topics, or the authorities first where there are several.
fn topics(state: &State, way: Way) -> Place {
    if state.offering(way).len() > 1 {
        Place::Authorities(way)
    } else {
        Place::Topics(way, 0)
    }
}

fn secret(state: &mut State, action: Action) -> Option<Effect> {
    let keypad = !matches!(state.stage, Stage::Recovery { .. });
    if matches!(
        action,
        Action::Digit(_) | Action::Letter(_) | Action::Delete | Action::Confirm
    ) {
        // Where keys and what there is to read have pages of their own: the keys of a PIN come first, those of a key last.
        state.over_page = if keypad { 0 } else { PAGES };
    }
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
    state.over = None;
    if state.stage != Stage::Open {
        state.visit = Visit::default();
        state.ending = None;
    }
}

/// How long the loop may sleep at most before the next tick matters.
pub fn sleep(state: &State, until_minute: Duration) -> Duration {
    let deadline = state
        .next_deadline()
        .map(|at| at.saturating_sub(state.now.uptime));
    deadline.map_or(until_minute, |deadline| deadline.min(until_minute))
}
