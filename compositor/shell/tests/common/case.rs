// SPDX-License-Identifier: EUPL-1.2
//! A case and its clerk: what the services tell, and a walk to every screen.

use std::time::Duration;

use api::applications::{self, Fall, RunState};
use api::clerk::{self, ClerkState};
use api::inventory::{Condition, Device, Kind};
use api::network;
use api::session::SessionState;
use api::trust::TrustState;
use shell::event::{Action, Clerk, ClerkRefusal, Event};
use shell::state::application::Purpose;
use shell::state::clerk::{Battery, Power};
use shell::state::{Identity, Modes, State};
use site::Language;

use super::{after, application, letters, moment, session, site, status, way};

pub const PASSWORD: &str = "lager 7 kiste";

/// What the clerk service tells.
pub fn clerk(state: ClerkState, retry: Option<u64>) -> Event {
    Event::Clerk(Clerk::Status(clerk::Status {
        state,
        retry: retry.map(Duration::from_secs),
    }))
}

pub fn answer(answer: Result<(), ClerkRefusal>) -> Event {
    Event::Clerk(Clerk::Answer(answer))
}

pub fn battery(power: Power, percent: u8) -> Event {
    Event::Battery(Some(Battery { power, percent }))
}

pub fn device(condition: Condition, kind: Kind) -> Device {
    Device { condition, kind }
}

pub fn devices(devices: &[Device]) -> Event {
    Event::Devices(Some(devices.to_vec()))
}

/// How the link stands.
pub fn link(condition: network::Condition, kind: network::Kind) -> Event {
    Event::Link(Some(network::Link { condition, kind }))
}

/// What the service of the applications tells: all that the site has are released, and the first one stands so.
pub fn applications(state: RunState, reason: Option<Fall>) -> Event {
    let released: Vec<String> = site()
        .applications
        .iter()
        .map(|application| application.id.clone())
        .collect();
    let started = (state != RunState::Stopped).then(|| released.first().cloned());
    Event::Applications(Some(applications::Status {
        application: started.flatten().unwrap_or_default(),
        released,
        state,
        reason,
        retry: None,
    }))
}

/// A case that is switched on.
pub fn start() -> State {
    let identity = Identity {
        version: "2026.11.1".into(),
        is_case: true,
    };
    State::new(site(), identity, moment(0), false)
}

/// A case whose volume is open, with the clerk in this state.
pub fn open(state: ClerkState) -> State {
    let idle = session(SessionState::Idle, None, 0);
    let battery = battery(Power::Mains, 0);
    let none = devices(&[]);
    let stopped = applications(RunState::Stopped, None);
    let events = [
        status(TrustState::Open),
        idle,
        battery,
        none,
        stopped,
        clerk(state, None),
    ];
    after(start(), events)
}

/// A password, and the key that confirms it.
pub fn typed(password: &str) -> Vec<Action> {
    let mut actions = letters(password);
    actions.push(Action::Confirm);
    actions
}

/// Every screen of a case, by name.
pub fn walk_with(language: Language, modes: Modes) -> Vec<(String, State)> {
    let with = |state| State {
        language,
        modes,
        ..open(state)
    };
    let mut screens: Vec<(String, State)> = Vec::new();
    let mut add = |name: &str, state: State| screens.push((format!("case-{name}"), state));
    let choose = with(ClerkState::Unset);
    add("choose", choose.clone());
    let again = way(choose.clone(), &typed(PASSWORD));
    add("choose-again", again.clone());
    add("choose-mismatch", way(again, &typed("anders")));
    for (name, password) in [("short", "kurz"), ("weak", "aaaaaaaa")] {
        let state = way(choose.clone(), &typed(password));
        add(&format!("choose-{name}"), state);
    }
    let sign_in = with(ClerkState::SignedOut);
    add("sign-in", sign_in.clone());
    let long = way(sign_in.clone(), &letters(&"Weißbach ".repeat(9)));
    add("sign-in-long", long.clone());
    add("sign-in-shown", way(long, &[Action::Reveal]));
    let checking = way(sign_in.clone(), &typed(PASSWORD));
    add("checking", checking.clone());
    for (name, refusal) in [
        ("wrong", ClerkRefusal::Wrong),
        ("failed", ClerkRefusal::Failed),
    ] {
        let state = after(checking.clone(), [answer(Err(refusal))]);
        add(&format!("sign-in-{name}"), state);
    }
    let waits = [
        answer(Err(ClerkRefusal::Wrong)),
        clerk(ClerkState::SignedOut, Some(900)),
    ];
    add("sign-in-wait", after(checking, waits));
    add("locked", with(ClerkState::Locked));
    add("damaged", with(ClerkState::Damaged));
    let desk = with(ClerkState::SignedIn);
    add("desk", desk.clone());
    let refused = device(Condition::Refused, Kind::Other);
    let low = after(
        desk.clone(),
        [battery(Power::Battery, 7), devices(&[refused])],
    );
    let active = session(SessionState::Active, Some(99), 0);
    let case = after(low, [active, battery(Power::Charging, 100)]);
    // The session service tells of German; the walk goes on in its own language.
    let case = State { language, ..case };
    add("desk-open", case.clone());
    let missing = device(Condition::Missing, Kind::CardReader);
    add("desk-missing", after(case.clone(), [devices(&[missing])]));
    add("end-case", way(case.clone(), &[Action::EndCase]));
    add("sign-out", way(case.clone(), &[Action::SignOut]));
    add(
        "desk-gone",
        after(case.clone(), [Event::Applications(None)]),
    );
    let starts = after(case.clone(), [applications(RunState::Running, None)]);
    add("starting", starts.clone());
    for fall in Fall::ALL {
        let failed = applications(RunState::Failed, Some(fall));
        let failed = after(starts.clone(), [failed]);
        add(&format!("failed-{}", fall.as_str()), failed);
    }
    let falls = applications(RunState::Restarting, Some(Fall::Crashed));
    add("restarting", after(starts.clone(), [falls]));
    let running = after(starts, [application()]);
    add("application", running.clone());
    let typing = after(running.clone(), [Event::Field(Some(Purpose::Text))]);
    add("application-typing", typing.clone());
    add("application-keys", way(typing, &[Action::ShowKeys]));
    add("desk-application", way(running, &[Action::Back]));
    let going = after(case, [session(SessionState::Ending, None, 30)]);
    add("deleting", going.clone());
    let gone = after(going, [session(SessionState::Erased, Some(20), 100)]);
    add(
        "desk-deleted",
        after(gone.clone(), [battery(Power::Full, 100)]),
    );
    let signed_out = State {
        language,
        modes,
        ..after(gone, [clerk(ClerkState::SignedOut, None)])
    };
    add("sign-in-deleted", signed_out);
    // The strip is on all of them: each tells of another link.
    let links: Vec<Event> = network::Condition::ALL
        .iter()
        .flat_map(|condition| network::Kind::ALL.map(|kind| link(*condition, kind)))
        .collect();
    let with_links = screens.into_iter().zip(links.iter().cycle());
    with_links
        .map(|((name, state), link)| (name, after(state, [link.clone()])))
        .collect()
}
