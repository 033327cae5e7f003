// SPDX-License-Identifier: EUPL-1.2
//! The screens of a case, for pictures.

use std::time::Duration;

use api::applications::{self, Fall, RunState};
use api::clerk::{self, ClerkState};
use api::inventory::{Condition, Device, Kind};
use api::network::{self, Link};
use api::session::SessionState;
use clap::ValueEnum;
use shell::event::{Action, Clerk, ClerkRefusal, Event};
use shell::state::application::Purpose;
use shell::state::clerk::{Battery, Power};

/// Which screen of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Which {
    Choose,
    ChooseAgain,
    ChooseWeak,
    SignIn,
    SignInTyping,
    SignInShown,
    SignInWrong,
    SignInWait,
    Checking,
    Locked,
    Damaged,
    Desk,
    DeskOpen,
    DeskDeleted,
    EndCase,
    SignOut,
    Deleting,
    Application,
    ApplicationKeys,
    DeskApplication,
    Starting,
    Restarting,
    Untrusted,
}

fn stands(state: ClerkState, retry: Option<u64>) -> Event {
    Event::Clerk(Clerk::Status(clerk::Status {
        state,
        retry: retry.map(Duration::from_secs),
    }))
}

/// What leads there, from an open volume without news of the clerk.
pub fn events(which: Which) -> Vec<Event> {
    let session = super::session;
    let state = match which {
        Which::Choose | Which::ChooseAgain | Which::ChooseWeak => ClerkState::Unset,
        Which::SignIn
        | Which::SignInTyping
        | Which::SignInShown
        | Which::SignInWrong
        | Which::SignInWait
        | Which::Checking => ClerkState::SignedOut,
        Which::Locked => ClerkState::Locked,
        Which::Damaged => ClerkState::Damaged,
        Which::Desk
        | Which::DeskOpen
        | Which::DeskDeleted
        | Which::EndCase
        | Which::SignOut
        | Which::Deleting
        | Which::Application
        | Which::ApplicationKeys
        | Which::DeskApplication
        | Which::Starting
        | Which::Restarting
        | Which::Untrusted => ClerkState::SignedIn,
    };
    let typed = |text: &str| text.chars().map(|c| Event::Act(Action::Type(c))).collect();
    let act = |action| Event::Act(action);
    let wrong = || Event::Clerk(Clerk::Answer(Err(ClerkRefusal::Wrong)));
    let battery = Event::Battery(Some(Battery {
        power: Power::Battery,
        percent: 87,
    }));
    let window = Event::Application(Some(String::new()));
    let devices = [Kind::Printer, Kind::CardReader].map(|kind| Device {
        condition: Condition::Ready,
        kind,
    });
    let devices = Event::Devices(Some(devices.to_vec()));
    let link = Event::Link(Some(Link {
        condition: network::Condition::Connected,
        kind: network::Kind::Wired,
    }));
    let ids = ["registry", "housing-benefit", "parental-benefit"];
    let applications = |state, reason| {
        let started = state != RunState::Stopped;
        Event::Applications(Some(applications::Status {
            released: ids.map(str::to_owned).into(),
            state,
            application: if started { ids[0] } else { "" }.to_owned(),
            reason,
            retry: None,
        }))
    };
    let released = applications(RunState::Stopped, None);
    let mut events = vec![link, battery, devices, released, stands(state, None)];
    let (open, typing): (Vec<Event>, Vec<Event>) =
        (vec![session(SessionState::Active)], typed("lager 7 kiste"));
    let more = match which {
        Which::Choose | Which::SignIn | Which::Locked | Which::Damaged | Which::Desk => vec![],
        Which::ChooseAgain | Which::Checking => [typing, vec![act(Action::Confirm)]].concat(),
        Which::ChooseWeak => [typed("aaaaaaaa"), vec![act(Action::Confirm)]].concat(),
        Which::SignInTyping => typing,
        Which::SignInShown => [typing, vec![act(Action::Reveal)]].concat(),
        Which::SignInWrong => [typing, vec![act(Action::Confirm), wrong()]].concat(),
        Which::SignInWait => vec![wrong(), stands(state, Some(40))],
        Which::DeskOpen => open,
        Which::DeskDeleted => [open, vec![session(SessionState::Erased)]].concat(),
        Which::EndCase => [open, vec![act(Action::EndCase)]].concat(),
        Which::SignOut => [open, vec![act(Action::SignOut)]].concat(),
        Which::Deleting => [open, vec![session(SessionState::Ending)]].concat(),
        Which::Application => {
            let runs = applications(RunState::Running, None);
            [open, vec![runs, window]].concat()
        }
        Which::ApplicationKeys => {
            let field = Event::Field(Some(Purpose::Text));
            [open, vec![window, field, act(Action::ShowKeys)]].concat()
        }
        Which::DeskApplication => {
            let runs = applications(RunState::Running, None);
            [open, vec![runs, window, act(Action::Back)]].concat()
        }
        Which::Starting => [open, vec![applications(RunState::Running, None)]].concat(),
        Which::Restarting => {
            let falls = applications(RunState::Restarting, Some(Fall::Unreachable));
            [open, vec![falls]].concat()
        }
        Which::Untrusted => {
            let failed = applications(RunState::Failed, Some(Fall::Untrusted));
            [open, vec![failed]].concat()
        }
    };
    events.extend(more);
    events
}
