// SPDX-License-Identifier: EUPL-1.2
//! Which keys a citizen's keyboard may send.
//!
//! The policy works on evdev key codes, before any keyboard layout is consulted: a key that is not on the list does not
//! exist for the client, and does not change the modifier state either. It is an allow list, so a keyboard with keys
//! nobody has thought of (power, sleep, browser, programmable) adds nothing.

use std::collections::BTreeSet;

/// What the policy says about one key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyClass {
    /// Types text or moves about in it: goes to the client.
    Plain,
    /// Ctrl, Alt or Super: never goes to the client, and while it is held nothing else does.
    Command,
    /// Anything else: dropped.
    Other,
}

/// Says what an evdev key code (`KEY_*` of `linux/input-event-codes.h`) is for the kiosk.
///
/// Caps Lock is among the dropped: a citizen who presses it by mistake would find the PIN of an identity card wrong
/// without seeing why. The right Alt key is `AltGr` on the German layout, without it there is no `@`.
#[must_use]
pub const fn classify(code: u32) -> KeyClass {
    match code {
        1            // Escape
        | 2..=13     // digits, ß, ´
        | 14 | 15    // Backspace, Tab
        | 16..=27    // q … +
        | 28         // Enter
        | 30..=41    // a … ä, ^
        | 42 | 54    // Shift
        | 43         // #
        | 44..=53    // y … -
        | 55         // keypad *
        | 57         // Space
        | 71..=83    // keypad digits, -, +, comma
        | 86         // < (the key that ISO keyboards have more than ANSI ones)
        | 96 | 98    // keypad Enter, /
        | 100        // AltGr
        | 102..=109  // Home, Up, PageUp, Left, Right, End, Down, PageDown
        | 111        // Delete
        | 114 | 115  // quieter, louder: the voice that reads out
        | 119        // Pause, by which a clerk locks a case
        => KeyClass::Plain,
        // Left and right Ctrl, left Alt, left and right Super.
        29 | 97 | 56 | 125 | 126 => KeyClass::Command,
        _ => KeyClass::Other,
    }
}

/// Whether a key leads from an application to the shell and back: the menu key (`KEY_COMPOSE`), without which nobody who has only
/// a keyboard would get out (EN 301 549 clause 9.2.1.2). No client hears of it.
#[must_use]
pub const fn leads_to_shell(code: u32) -> bool {
    code == 127
}

/// Whether a key is for the shell even while an application has the keyboard: Pause, by which a clerk locks a case.
#[must_use]
pub const fn is_shells(code: u32) -> bool {
    code == 119
}

/// Remembers which keys are held and decides for each press and release whether the client hears of it.
///
/// Two promises, whatever the keyboards send: the client never hears of a key that is not [`KeyClass::Plain`], and it
/// hears of a release exactly when it has heard of the press (no stuck and no phantom keys).
#[derive(Clone, Debug, Default)]
pub struct KeyGate {
    passed: BTreeSet<u32>,
    commands: BTreeSet<u32>,
}

impl KeyGate {
    /// Takes one key event and returns whether it goes on to the client.
    pub fn pass(&mut self, code: u32, pressed: bool) -> bool {
        match (classify(code), pressed) {
            (KeyClass::Command, true) => {
                self.commands.insert(code);
                false
            }
            (KeyClass::Command, false) => {
                self.commands.remove(&code);
                false
            }
            (KeyClass::Plain, true) => self.commands.is_empty() && self.passed.insert(code),
            (KeyClass::Plain, false) => self.passed.remove(&code),
            (KeyClass::Other, _) => false,
        }
    }

    /// Forgets all held keys and returns those the client has seen pressed and must see released.
    pub fn release_all(&mut self) -> Vec<u32> {
        self.commands.clear();
        std::mem::take(&mut self.passed).into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Proves T12: function keys, `SysRq`, Print, menu, power, sleep and media keys (but those for volume) are nobody's.
    #[test]
    fn dangerous_keys_are_dropped() {
        let function_keys = (59..=68).chain([87, 88]).chain(183..=194);
        let special = [
            58, 69, 70, 99, 110, 113, 116, 127, 128, 139, 142, 143, 148, 150, 152, 172, 210,
        ];
        for code in function_keys.chain(special) {
            assert_eq!(classify(code), KeyClass::Other, "code {code}");
        }
    }

    /// Proves T12: Ctrl+Alt+F2 and Ctrl+Alt+Delete never arrive, nor does any key while Ctrl, Alt or Super is held.
    #[test]
    fn combinations_are_dropped() {
        for command in [29, 97, 56, 125, 126] {
            let mut gate = KeyGate::default();
            assert!(!gate.pass(command, true));
            assert!(!gate.pass(111, true));
            assert!(!gate.pass(30, true));
            assert!(!gate.pass(30, false));
            assert!(!gate.pass(command, false));
            assert!(gate.pass(30, true), "typing works again after {command}");
        }
    }

    /// Proves C6: the one key that locks a case arrives, and not together with a command.
    #[test]
    fn pause_passes_alone() {
        let mut gate = KeyGate::default();
        assert!(gate.pass(119, true) && gate.pass(119, false));
        assert!(!gate.pass(29, true));
        assert!(!gate.pass(119, true));
    }

    #[test]
    fn german_text_passes() {
        // "Ä@ß 7" as typed: Shift+ä, AltGr+q, ß, Space, 7.
        let mut gate = KeyGate::default();
        for code in [42, 40, 100, 16, 12, 57, 8] {
            assert!(gate.pass(code, true), "press {code}");
        }
        assert_eq!(gate.release_all(), [8, 12, 16, 40, 42, 57, 100]);
    }

    proptest! {
        /// Proves T12: over any sequence of key events, with repeated and unmatched ones among them.
        #[test]
        fn presses_and_releases_pair_up(events in prop::collection::vec((0u32..0x300, any::<bool>()), 0..400)) {
            let mut gate = KeyGate::default();
            let mut held = BTreeSet::new();
            let mut commands = BTreeSet::new();
            for (code, pressed) in events {
                let passed = gate.pass(code, pressed);
                if classify(code) == KeyClass::Command {
                    if pressed { commands.insert(code); } else { commands.remove(&code); }
                }
                if passed {
                    prop_assert_eq!(classify(code), KeyClass::Plain);
                    if pressed {
                        prop_assert!(commands.is_empty());
                        prop_assert!(held.insert(code), "pressed twice");
                    } else {
                        prop_assert!(held.remove(&code), "released without a press");
                    }
                } else if !pressed {
                    prop_assert!(!held.contains(&code), "release withheld");
                }
            }
            prop_assert_eq!(gate.release_all(), held.into_iter().collect::<Vec<_>>());
        }
    }
}
