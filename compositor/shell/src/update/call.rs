// SPDX-License-Identifier: EUPL-1.2
//! A conversation: called, paused, written in, ended. Pure, like all of [`crate::update`].

use api::call::Status;
use api::secret::Secret;

use super::{papers, scan_asked};
use crate::event::{Action, Call, CallRequest, Effect, SessionRequest};
use crate::field;
use crate::keyboard::{Keyboard, Layout};
use crate::state::State;
use crate::state::call::{Line, MAX_LINES, Over, PRESENCE, Side, View};
use crate::state::papers::is_hidden;

/// What takes the character before it back (RFC 4103, as in T.140).
const BACKSPACE: char = '\u{8}';
/// What begins a new line there.
const NEW_LINE: char = '\u{2028}';
/// In one piece, so that it can be read whole.
const MAX_PIECE: usize = 200;

/// Takes in what the service tells.
pub fn news(state: &mut State, news: Call) {
    match news {
        Call::Gone => stands(state, None),
        Call::Status(status) => stands(state, Some(status)),
        Call::Written(text) if state.call.stands().is_answered() => {
            write(&mut state.call.lines, Side::Theirs, text.expose());
        }
        Call::Written(_) => {}
    }
}

fn stands(state: &mut State, told: Option<Status>) {
    let was_on = state.call.is_on();
    let call = &mut state.call;
    call.ends = false;
    call.status = told;
    let now = call.stands();
    if call.is_on() {
        call.over = None;
        call.was_answered |= now.is_answered();
    } else if was_on {
        let reason = call.status.as_ref().and_then(|status| status.reason);
        call.over = Over::of(reason);
        call.lines.clear();
        call.keyboard = None;
        call.papers.forget();
    }
    if !now.is_answered() {
        call.keyboard = None;
    }
}

/// Adds what somebody has written. Whatever comes from elsewhere is shown, and only that: no sign that is not seen.
fn write(lines: &mut Vec<Line>, side: Side, text: &str) {
    for c in text.chars() {
        let open = lines
            .iter()
            .rposition(|line| line.side == side && !line.ended);
        let open = open.and_then(|at| lines.get_mut(at));
        match (c, open) {
            (BACKSPACE, Some(line)) => {
                line.text.pop();
            }
            (NEW_LINE | '\n' | '\r', Some(line)) => line.ended = true,
            (c, _) if c.is_control() || is_hidden(c) => {}
            (c, open) => {
                if let Some(line) = open {
                    if line.text.chars() < MAX_PIECE && line.text.push(c) {
                        continue;
                    }
                    line.ended = true;
                }
                let mut line = Line {
                    side,
                    text: Secret::with_room(),
                    ended: false,
                };
                line.text.push(c);
                lines.push(line);
            }
        }
    }
    lines.retain(|line| !line.ended || line.text.chars() > 0);
    let many = lines.len().saturating_sub(MAX_LINES);
    lines.drain(..many);
}

/// Calls somebody of this department.
pub fn begin(state: &mut State, department: usize) -> Option<Effect> {
    if !state.can_call() || state.call.is_on() || !state.is_staffed(department) {
        return None;
    }
    let id = state.site.departments.get(department)?.id.clone();
    state.call.over = None;
    Some(Effect::Call(CallRequest::Call(id)))
}

/// Does what the visitor wants in a conversation.
pub fn act(state: &mut State, view: View, action: Action) -> Option<Effect> {
    let ask = |request| Some(Effect::Call(request));
    match (view, action) {
        (View::Over(_), Action::Back) => {
            state.call.over = None;
            None
        }
        (View::Over(_), Action::Call) => begin(state, state.called_department()?),
        (View::Over(_), _) => None,
        (_, Action::HangUp) => {
            state.call.ends = true;
            ask(CallRequest::HangUp)
        }
        (View::Rings, _) => None,
        (_, Action::Mute) => {
            let muted = state.call.status.as_ref()?.muted;
            ask(CallRequest::Mute(!muted))
        }
        (View::Talks | View::Held, Action::Pause) => ask(CallRequest::Pause(true)),
        (View::Paused, Action::Pause) => ask(CallRequest::Pause(false)),
        (
            View::Talks,
            action @ (Action::Agree | Action::Decline | Action::Understood | Action::StopPrinting),
        ) => match state.scan_asked() {
            // One of the two at a time.
            Some(_) => scan_asked::act(state, action),
            None => papers::act(state, action),
        },
        (
            View::Talks,
            action @ (Action::ScanNow
            | Action::ScanAgain
            | Action::StopScanning
            | Action::TurnPage
            | Action::FinishScan),
        ) => scan_asked::act(state, action),
        (View::Talks, action) => {
            let sent = keys(state, action)?;
            write(&mut state.call.lines, Side::Ours, sent.expose());
            ask(CallRequest::Write(sent))
        }
        _ => None,
    }
}

/// What a key of the keyboard on the screen, or of a real one, sends.
fn keys(state: &mut State, action: Action) -> Option<Secret> {
    let piece = |c: char| {
        let mut piece = Secret::default();
        piece.push(c);
        Some(piece)
    };
    let languages = &state.site.languages;
    if action == Action::Write {
        state.call.keyboard = match state.call.keyboard {
            Some(_) => None,
            None => Some(Keyboard::new(Layout::of(state.language))),
        };
        return None;
    }
    let keyboard = state.call.keyboard.as_mut()?;
    match action {
        Action::Type(c) => {
            if keyboard.shift {
                keyboard.typed();
                field::recase(keyboard, &mut state.focus);
            }
            field::is_typed(c).then(|| piece(c)).flatten()
        }
        Action::Delete => {
            let mut lines = state.call.lines.iter().rev();
            let open = lines.find(|line| line.side == Side::Ours && !line.ended);
            open.filter(|line| line.text.chars() > 0)
                .and_then(|_| piece(BACKSPACE))
        }
        Action::Confirm => piece(NEW_LINE),
        Action::HideKeys => {
            state.call.keyboard = None;
            None
        }
        action => {
            field::keys(keyboard, action, languages);
            if action == Action::Shift {
                field::recase(keyboard, &mut state.focus);
            }
            None
        }
    }
}

/// Time has passed: who talks is there.
pub fn tick(state: &mut State) -> Option<Effect> {
    let due = state.call.presence?;
    if state.now.uptime < due {
        return None;
    }
    state.call.presence = Some(state.now.uptime + PRESENCE);
    Some(Effect::Session(SessionRequest::Presence))
}

/// The picture has so much room.
pub fn frame(state: &mut State, room: (u32, u32)) {
    state.call.room = Some(room).filter(|(width, height)| *width > 0 && *height > 0);
}

/// Tells the service how much room the picture has in a conversation: it lays out in it what the other side shares.
pub fn tell_room(state: &mut State) -> Option<Effect> {
    let call = &mut state.call;
    if !call.is_on() {
        call.told_room = None;
        return None;
    }
    let (width, height) = call.room.filter(|room| call.told_room != Some(*room))?;
    call.told_room = Some((width, height));
    Some(Effect::Call(CallRequest::Room(width, height)))
}

/// What has to follow from what has happened: a conversation does not outlive the visit, and a visitor who talks is there.
pub fn follow(state: &mut State) -> Option<Effect> {
    let talks = state.call_view().is_some() && state.call.is_on();
    match (talks && state.is_active(), state.call.presence) {
        (true, None) => state.call.presence = Some(state.now.uptime + PRESENCE),
        (false, Some(_)) => state.call.presence = None,
        _ => {}
    }
    let nobody = state.visit.here().is_none();
    if nobody && state.call.is_on() && !state.call.ends {
        state.call.ends = true;
        return Some(Effect::Call(CallRequest::HangUp));
    }
    None
}
