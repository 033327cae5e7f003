// SPDX-License-Identifier: EUPL-1.2
//! Applications in front of the shell, and typing into them. Pure, like all of [`crate::update`].

use crate::event::{Action, Effect, Typed};
use crate::field;
use crate::state::State;
use crate::state::application::{Application, Purpose, Typing};

/// An application has a window or another title, or none has one any more.
pub fn news(state: &mut State, title: Option<String>) {
    state.application = title.map(|title| Application {
        title,
        // One that only changes its title stays where it is.
        away: state.application.as_ref().is_some_and(|old| old.away),
    });
}

/// A field wants to be typed into, or none does any more.
pub fn field(state: &mut State, purpose: Option<Purpose>) {
    let known = state.typing.map(|typing| typing.purpose);
    if known != purpose {
        let away = state.clerk.is_some();
        state.typing = purpose.map(|purpose| Typing::new(purpose, state.language, away));
    }
}

/// The clerk goes on with the application that was left running.
pub fn resume(state: &mut State) {
    if let Some(application) = &mut state.application {
        application.away = false;
    }
}

/// Does what a person wants beside an application.
pub fn act(state: &mut State, action: Action) -> Option<Effect> {
    if action == Action::Back && state.clerk.is_some() {
        if let Some(application) = &mut state.application {
            application.away = true;
        }
        return None;
    }
    if action == Action::StopApplication {
        return state.started_application().map(|_| Effect::Stop);
    }
    let typing = state.typing.as_mut()?;
    match action {
        Action::Type(c) => {
            if typing.keyboard.shift {
                typing.keyboard.typed();
                field::recase(&typing.keyboard, &mut state.focus);
            }
            field::is_typed(c).then_some(Effect::Type(Typed::Char(c)))
        }
        Action::Delete => Some(Effect::Type(Typed::Backspace)),
        Action::Confirm => Some(Effect::Type(Typed::Enter)),
        Action::HideKeys => {
            typing.away = true;
            None
        }
        Action::ShowKeys => {
            typing.away = false;
            None
        }
        action => {
            field::keys(&mut typing.keyboard, action, &state.site.languages);
            if action == Action::Shift {
                field::recase(&typing.keyboard, &mut state.focus);
            }
            None
        }
    }
}
