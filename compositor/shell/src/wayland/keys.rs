// SPDX-License-Identifier: EUPL-1.2
//! Which keys of a keyboard mean anything here.

use smithay_client_toolkit::seat::keyboard::{KeyEvent, Keysym};

use crate::focus::Step;
use crate::runtime::Key;

/// What a key means; most mean nothing.
pub fn meaning(event: &KeyEvent) -> Option<Key> {
    Some(match event.keysym {
        Keysym::Tab | Keysym::KP_Tab => Key::Step(Step::Next),
        Keysym::ISO_Left_Tab => Key::Step(Step::Previous),
        Keysym::Left | Keysym::KP_Left => Key::Step(Step::Left),
        Keysym::Right | Keysym::KP_Right => Key::Step(Step::Right),
        Keysym::Up | Keysym::KP_Up => Key::Step(Step::Up),
        Keysym::Down | Keysym::KP_Down => Key::Step(Step::Down),
        Keysym::Return | Keysym::KP_Enter => Key::Enter,
        Keysym::space | Keysym::KP_Space => Key::Space,
        Keysym::Escape => Key::Escape,
        Keysym::BackSpace => Key::Backspace,
        // On the keypad they feel alike on every keyboard; others have keys of their own for them.
        Keysym::KP_Add | Keysym::XF86_AudioRaiseVolume => Key::Louder,
        Keysym::KP_Subtract | Keysym::XF86_AudioLowerVolume => Key::Quieter,
        Keysym::KP_Multiply => Key::Again,
        Keysym::Pause => Key::Lock,
        _ => {
            let mut chars = event.utf8.as_deref()?.chars();
            let (c, None) = (chars.next()?, chars.next()) else {
                return None;
            };
            Key::Char(Some(c).filter(|c| !c.is_control())?)
        }
    })
}
