// SPDX-License-Identifier: EUPL-1.2
//! Reading out: begun by a plug or by hand, louder and faster for as long as the visitor is there.

use crate::event::Action;
use crate::state::{Over, STEPS, Screen, State};

/// Something that only one person hears has come or gone. What is put in while the device runs begins the voice by itself;
/// what was there before it, such as a handset on its hook, does not.
pub fn ear(state: &mut State, there: bool) {
    let before = state.ear.replace(there);
    if there && before == Some(false) {
        state.modes.voice = state.can_speak();
        state.last_presence = state.now.uptime;
        if state.over == Some(Over::NoVoice) && state.can_speak() {
            state.over = None;
        }
    }
    if !there && before == Some(true) {
        state.modes.voice = false;
        if state.over == Some(Over::Voice) {
            state.over = None;
        }
    }
}

/// The button of the bar: on; then how loud and how fast; then off.
pub fn press(state: &mut State, screen: Screen) {
    let asks = screen == Screen::Voice;
    state.over = match state.over {
        Some(Over::Voice | Over::NoVoice) => None,
        over => over,
    };
    if asks {
        state.modes.voice = false;
    } else if !std::mem::replace(&mut state.modes.voice, true) {
        // It tells by itself how it is used.
    } else {
        state.over = Some(Over::Voice);
    }
}

/// Louder, more quietly, faster, more slowly.
pub fn turn(state: &mut State, action: Action) {
    if !state.is_read_out() {
        return;
    }
    let modes = &mut state.modes;
    let (value, by) = match action {
        Action::Louder => (&mut modes.volume, 1),
        Action::Quieter => (&mut modes.volume, -1),
        Action::Faster => (&mut modes.rate, 1),
        _ => (&mut modes.rate, -1),
    };
    *value = (*value + by).clamp(-STEPS, STEPS);
}

/// What lies over the screen after another language was chosen: that there is no voice for it, if somebody listens.
pub fn language_changed(state: &mut State) -> Option<Over> {
    let listens = state.modes.voice && !state.can_speak();
    listens.then(|| {
        state.modes.voice = false;
        Over::NoVoice
    })
}
