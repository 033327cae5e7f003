// SPDX-License-Identifier: EUPL-1.2
//! The application in front, and its field that is typed into.

use site::Language;

use super::State;
use super::clerk::View;
use crate::keyboard::{Keyboard, Layout};
use crate::state::{Outage, Stage};

/// An application that has a window.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Application {
    /// What it calls its window.
    pub title: String,
    /// Whether the clerk has gone back to the desk and left it running.
    pub away: bool,
}

/// What a field is for, as `zwp_text_input_v3.content_purpose` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// Text of any kind.
    Text,
    /// An e-mail address.
    Email,
    /// Digits alone.
    Digits,
    /// A date.
    Date,
    /// Digits with signs between them: a number, a telephone number, a time.
    Signs,
}

/// A field that is typed into by the keyboard on the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Typing {
    /// What for.
    pub purpose: Purpose,
    /// The keys.
    pub keyboard: Keyboard,
    /// Whether the keys are put away.
    pub away: bool,
}

impl Typing {
    /// Keys for a field; where people have real ones those on the screen wait.
    pub fn new(purpose: Purpose, language: Language, away: bool) -> Self {
        let text = Layout::of(language);
        let layout = match purpose {
            Purpose::Text | Purpose::Signs => text,
            Purpose::Email => Layout::Email,
            Purpose::Digits => Layout::Digits,
            Purpose::Date => Layout::Date,
        };
        let keyboard = Keyboard {
            signs: purpose == Purpose::Signs,
            ..Keyboard::new(layout)
        };
        Self {
            purpose,
            keyboard,
            away,
        }
    }
}

impl State {
    /// Whether an application may be seen now: somebody is there, and no screen of ours goes before it.
    pub(super) fn shows_application(&self) -> bool {
        let there = self.application.as_ref().is_some_and(|app| !app.away);
        there && self.may_show_application()
    }

    /// The same for one that the clerk has left running.
    pub fn has_application_away(&self) -> bool {
        let away = self.application.as_ref().is_some_and(|app| app.away);
        away && self.may_show_application()
    }

    fn may_show_application(&self) -> bool {
        if self.clerk.is_some() {
            return self.view() == Some(View::Desk) && self.has_case();
        }
        let is_open = self.stage == Stage::Open && !self.outages.contains(&Outage::Update);
        is_open && self.session.is_some() && self.visit.here().is_some()
    }
}
