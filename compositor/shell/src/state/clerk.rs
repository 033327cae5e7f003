// SPDX-License-Identifier: EUPL-1.2
//! What the shell of a case knows beyond a terminal's: where the clerk stands, what is typed, and what the strip shows.
//!
//! ```text
//! Choose ──► Choose again ──► Desk ◄──────────── SignIn | Locked      (each ◄──► Checking)
//!                              │ ▲ ▲──► Launch ──► (an application in front)
//!                              │ ▲
//!            Ask(EndCase | SignOut) ──► Deleting ──► Desk | SignIn
//! ```

use std::time::Duration;

use api::applications::{self, Fall, RunState};
use api::clerk::{ClerkState, Status, Task};
use api::inventory::Device;
use api::secret::Secret;
use api::session::SessionState;
use site::{Application, Language, TimeOfDay};

use super::{LOST, Place, SLOW, Screen, Stage, State};
use crate::keyboard::{Keyboard, Layout};

/// A password being typed. It is the clerk's, and overwritten when it is no longer needed.
#[derive(Clone, Debug, PartialEq)]
pub struct Password {
    /// What was typed.
    pub text: Secret,
    /// The keys to type with.
    pub keyboard: Keyboard,
    /// Whether it can be read, or is only dots.
    pub shown: bool,
}

impl Default for Password {
    fn default() -> Self {
        Self {
            text: Secret::with_room(),
            keyboard: Keyboard::new(Layout::of(Language::De)),
            shown: false,
        }
    }
}

/// Why a password was not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Problem {
    /// Not the right one.
    Wrong,
    /// Too short to be chosen.
    Short,
    /// Too easy to guess.
    Weak,
    /// The two entries of a new one differ.
    Mismatch,
    /// The service failed.
    Failed,
}

/// What the clerk is asked before it is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Ask {
    /// To end the case and delete it.
    EndCase,
    /// To sign out, which ends the case too.
    SignOut,
}

/// What feeds the case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Power {
    /// No battery is there: it runs from the mains.
    Mains,
    /// The battery is charged.
    Charging,
    /// It runs from the battery.
    Battery,
    /// The battery is full, and the mains feed it.
    Full,
}

/// What is told of the battery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Battery {
    /// What feeds the case.
    pub power: Power,
    /// How full the battery is.
    pub percent: u8,
}

/// A battery that is no fuller than this is said to be nearly empty.
pub const LOW_BATTERY: u8 = 20;

impl Battery {
    /// Whether it is nearly empty and not being charged.
    pub fn is_low(&self) -> bool {
        self.power == Power::Battery && self.percent <= LOW_BATTERY
    }
}

/// A password that was handed over and not answered yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checking {
    /// What for.
    pub task: Task,
    /// Since when (uptime).
    pub since: Duration,
}

/// Everything the shell knows of a case and its clerk.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Clerk {
    /// Where the signing in stands; nothing while the service is not there.
    pub status: Option<Status>,
    /// What is being typed.
    pub password: Password,
    /// The first entry of a new password, once it is made.
    pub first: Option<Secret>,
    /// What was wrong with the last entry.
    pub problem: Option<Problem>,
    /// What is being checked.
    pub checking: Option<Checking>,
    /// What the clerk is asked.
    pub ask: Option<Ask>,
    /// When the open case was begun, if this process saw it.
    pub since: Option<TimeOfDay>,
    /// When the last case was deleted, as the session service has told.
    pub deleted: Option<TimeOfDay>,
    /// The battery; nothing while nobody tells.
    pub battery: Option<Battery>,
    /// The devices that are plugged in or missing; nothing while nobody tells.
    pub devices: Option<Vec<Device>>,
    /// The released applications, and the one that was started; nothing while nobody tells.
    pub applications: Option<applications::Status>,
}

impl Clerk {
    /// Forgets what was typed and asked.
    pub fn forget(&mut self) {
        self.password = Password::default();
        self.first = None;
        self.problem = None;
        self.ask = None;
    }

    /// Whether anything was typed that has to be forgotten when nobody is there.
    pub fn has_entry(&self) -> bool {
        self.password.text.chars() > 0 || self.first.is_some()
    }

    fn stands(&self, state: ClerkState) -> bool {
        self.status.is_some_and(|status| status.state == state)
    }
}

/// What the clerk waits for, or is told, of an application that was started and has no window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Launch {
    /// It is being started.
    Starting,
    /// It fell, and is started again.
    Restarting(Fall),
    /// It fell, and is not started again by itself.
    Failed(Fall),
}

/// Which screen of a case is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum View {
    /// A password has to be chosen: first entry or second.
    Choose {
        /// Whether it is the second entry.
        again: bool,
    },
    /// Nobody is signed in.
    SignIn,
    /// The clerk is away.
    Locked,
    /// A password is being checked.
    Checking(Task),
    /// What is kept of the password is damaged.
    Damaged,
    /// The desk.
    Desk,
    /// An application was started and has no window.
    Launch(Launch),
    /// The clerk is asked something.
    Ask(Ask),
    /// The case is being deleted.
    Deleting,
}

impl View {
    /// Whether a password is typed on it.
    pub const fn has_field(self) -> bool {
        matches!(self, Self::Choose { .. } | Self::SignIn | Self::Locked)
    }
}

impl State {
    /// The screen of a case whose volume is open and whose services are there.
    pub fn view(&self) -> Option<View> {
        let clerk = self.clerk.as_ref().filter(|_| self.stage == Stage::Open)?;
        let (session, status) = (self.session.as_ref()?, clerk.status?);
        if let Some(checking) = clerk.checking {
            return Some(View::Checking(checking.task));
        }
        if session.state == SessionState::Ending {
            return Some(View::Deleting);
        }
        Some(match status.state {
            ClerkState::Unset => View::Choose {
                again: clerk.first.is_some(),
            },
            ClerkState::SignedOut => View::SignIn,
            ClerkState::Locked => View::Locked,
            ClerkState::Damaged => View::Damaged,
            ClerkState::SignedIn => match (clerk.ask, self.launch()) {
                (Some(ask), _) => View::Ask(ask),
                (None, Some(launch)) => View::Launch(launch),
                (None, None) => View::Desk,
            },
        })
    }

    /// How far an application is that was started and has no window. It is its case's, and not seen without one.
    fn launch(&self) -> Option<Launch> {
        let status = self.clerk.as_ref()?.applications.as_ref()?;
        if !self.has_case() || self.application.is_some() {
            return None;
        }
        let fall = status.reason.unwrap_or(Fall::Crashed);
        match status.state {
            RunState::Stopped => None,
            RunState::Running => Some(Launch::Starting),
            RunState::Restarting => Some(Launch::Restarting(fall)),
            RunState::Failed => Some(Launch::Failed(fall)),
        }
    }

    /// The applications that may be started, as the site has them; nothing while their service is not there.
    pub fn released_applications(&self) -> Option<Vec<&Application>> {
        let status = self.clerk.as_ref()?.applications.as_ref()?;
        let all = self.site.applications.iter();
        Some(
            all.filter(|app| status.released.contains(&app.id))
                .collect(),
        )
    }

    /// The application that was started.
    pub fn started_application(&self) -> Option<&Application> {
        let status = self.clerk.as_ref()?.applications.as_ref()?;
        let all = &self.site.applications;
        all.iter().find(|app| app.id == status.application)
    }

    /// Whether the clerk is signed in and there.
    pub fn is_signed_in(&self) -> bool {
        let clerk = self.clerk.as_ref();
        self.view().is_some() && clerk.is_some_and(|clerk| clerk.stands(ClerkState::SignedIn))
    }

    /// Whether nobody is signed in, so that no case may be open.
    pub fn is_signed_out(&self) -> bool {
        let clerk = self.clerk.as_ref();
        clerk.is_some_and(|clerk| {
            // Where the password is damaged nobody can come back to a case.
            clerk.stands(ClerkState::SignedOut)
                || clerk.stands(ClerkState::Unset)
                || clerk.stands(ClerkState::Damaged)
        })
    }

    /// Whether a case is open.
    pub fn has_case(&self) -> bool {
        self.clerk.is_some() && (self.is_active() || self.is_warned())
    }

    /// Whether text is typed into a field of this screen.
    pub fn has_field(&self) -> bool {
        match self.screen() {
            Screen::At(Place::Search) => self.search.is_some(),
            Screen::Case(view) => view.has_field(),
            Screen::Application => self.typing.is_some(),
            Screen::Call(_) => self.call.keyboard.is_some(),
            _ => false,
        }
    }

    /// Whether the check of a password takes longer than usual.
    pub fn checks_slowly(&self) -> bool {
        let checking = self.clerk.as_ref().and_then(|clerk| clerk.checking);
        checking.is_some_and(|checking| self.now.uptime >= checking.since + SLOW)
    }

    /// The whole seconds until another password is taken, if that is not now.
    pub fn seconds_to_retry(&self) -> Option<u64> {
        let retry = self.clerk.as_ref()?.status?.retry?;
        let left = retry.saturating_sub(self.now.uptime);
        (!left.is_zero()).then(|| left.as_millis().div_ceil(1000) as u64)
    }

    /// When what was typed is forgotten if nobody comes (uptime).
    pub fn password_end(&self) -> Option<Duration> {
        let clerk = self.clerk.as_ref().filter(|clerk| clerk.has_entry())?;
        clerk
            .checking
            .is_none()
            .then(|| self.last_presence + super::IDLE)
    }

    /// When the next tick changes something on the screens of a case (uptime).
    pub(super) fn case_deadline(&self) -> Option<Duration> {
        let clerk = self.clerk.as_ref()?;
        let retry = self.seconds_to_retry().and_then(|seconds| {
            let retry = clerk.status?.retry?;
            Some(retry.saturating_sub(Duration::from_secs(seconds.saturating_sub(1))))
        });
        let slow = if self.checks_slowly() { LOST } else { SLOW };
        let lost = clerk.checking.map(|checking| checking.since + slow);
        [retry, lost, self.password_end()]
            .into_iter()
            .flatten()
            .min()
    }
}
