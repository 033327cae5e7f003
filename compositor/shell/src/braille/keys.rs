// SPDX-License-Identifier: EUPL-1.2
//! Which keys of a Braille line mean anything here. brltty has a table of each line's keys and tells commands, and characters where
//! the line has a keyboard of dots (`brlapi_keycodes.h`).

use super::reader::Command;
use crate::focus::Step;
use crate::runtime::Key;

/// Modifiers: the upper half of a code.
const SHIFT: u64 = 0x1 << 32;
const CONTROL: u64 = 0x4 << 32;
const ALT: u64 = 0x8 << 32;

/// What kind of code.
const TYPE: u64 = 0xe000_0000;
const COMMAND: u64 = 0x2000_0000;
/// The block of a command, and its number or argument.
const BLOCK: u64 = 0x1fff_0000;
const ARGUMENT: u64 = 0xffff;
const ROUTE: u64 = 0x1_0000;

/// What a key means; many mean nothing. brltty's own menus and settings are among those: they never open.
pub fn meaning(code: u64) -> Option<Command> {
    match code & TYPE {
        COMMAND if code & BLOCK == ROUTE => Some(Command::Route((code & ARGUMENT) as usize)),
        COMMAND if code & BLOCK == 0 => basic(code & ARGUMENT),
        0 if code & (CONTROL | ALT) == 0 => symbol(code & !TYPE & 0xffff_ffff, code & SHIFT != 0),
        _ => None,
    }
}

/// Commands without an argument, by their numbers (`BRLAPI_KEY_CMD_*`).
fn basic(number: u64) -> Option<Command> {
    Some(match number {
        // LNUP, WINUP, PRDIFLN, ATTRUP, PRPGRPH, PRPROMPT, MENU_PREV_ITEM
        1 | 3 | 5 | 7 | 13 | 15 | 57 => Command::Previous,
        // LNDN, WINDN, NXDIFLN, ATTRDN, NXPGRPH, NXPROMPT, MENU_NEXT_ITEM
        2 | 4 | 6 | 8 | 14 | 16 | 58 => Command::Next,
        // TOP, TOP_LEFT, MENU_FIRST_ITEM
        9 | 11 | 55 => Command::First,
        // BOT, BOT_LEFT, MENU_LAST_ITEM
        10 | 12 | 56 => Command::Last,
        // CHRLT, HWINLT, FWINLT, FWINLTSKIP, PRNBWIN
        19 | 21 | 23 | 25 | 122 => Command::Backward,
        // CHRRT, HWINRT, FWINRT, FWINRTSKIP, NXNBWIN
        20 | 22 | 24 | 26 | 123 => Command::Forward,
        // LNBEG
        27 => Command::Begin,
        // LNEND
        28 => Command::End,
        // HOME, BACK, RETURN
        29..=31 => Command::Home,
        _ => return None,
    })
}

/// Symbols as X has them.
fn symbol(symbol: u64, shift: bool) -> Option<Command> {
    let key = match symbol {
        0xff0d => return Some(Command::Choose),
        0x20 => Key::Space,
        0xff08 => Key::Backspace,
        0xff09 if shift => Key::Step(Step::Previous),
        0xff09 => Key::Step(Step::Next),
        0xff1b => Key::Escape,
        0xff51 => Key::Step(Step::Left),
        0xff52 => Key::Step(Step::Up),
        0xff53 => Key::Step(Step::Right),
        0xff54 => Key::Step(Step::Down),
        0xff50 => return Some(Command::First),
        0xff57 => return Some(Command::Last),
        0xff55 => return Some(Command::Previous),
        0xff56 => return Some(Command::Next),
        // Latin 1, and everything else by its number in Unicode.
        _ => {
            let number = match symbol {
                0x21..=0xff => symbol,
                0x0100_0000..=0x0110_ffff => symbol - 0x0100_0000,
                _ => return None,
            };
            let c = char::from_u32(u32::try_from(number).ok()?)?;
            match c {
                ' ' => Key::Space,
                c if c.is_control() => return None,
                c => Key::Char(c),
            }
        }
    };
    Some(Command::Key(key))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Proves T13: keys mean what `brlapi_constants.h` says they are.
    #[test]
    fn keys_have_meanings() {
        assert_eq!(meaning(0x2000_0018), Some(Command::Forward));
        assert_eq!(meaning(0x2000_0017), Some(Command::Backward));
        assert_eq!(meaning(0x2001_0005), Some(Command::Route(5)));
        assert_eq!(meaning(0x0100_00df), Some(Command::Key(Key::Char('ß'))));
        assert_eq!(meaning(0xe4), Some(Command::Key(Key::Char('ä'))));
        assert_eq!(meaning(0xff0d), Some(Command::Choose));
        assert_eq!(
            meaning(SHIFT | 0xff09),
            Some(Command::Key(Key::Step(Step::Previous)))
        );
        // PREFMENU, a function key, Control with a letter.
        for nothing in [0x2000_0034, 0xffbe, CONTROL | 0x63] {
            assert_eq!(meaning(nothing), None, "{nothing:#x}");
        }
    }

    proptest! {
        #[test]
        fn any_code_is_survived(code: u64) {
            let _ = meaning(code);
        }
    }
}
