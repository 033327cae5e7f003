// SPDX-License-Identifier: EUPL-1.2
//! Somebody reads and uses the terminal with the fingers alone.

use qemu::{Braille, Deadline};

use crate::device::{boot, soon, terminal, wait_home};
use crate::words::{FINISH, HOME, INFORM, LEAVE, WHERE};

/// Keys at the ends of the line, as brltty has them: to the piece before and the next, on in a long one, and together to the last.
const PREVIOUS: u8 = 4;
const NEXT: u8 = 6;
const LAST: [u8; 2] = [3, 6];
const FORWARD: u8 = 5;

/// The first screen, and what begins a visit there.
const WELCOME: &str = "Willkommen im Rathaus";
const BEGIN: &str = "Beginnen";
/// What brltty itself shows while nobody has told it anything: no piece of a screen.
const BETWEEN: [&str; 2] = ["", "Amtsnah"];
/// The heading of the last screen.
const ERASED: &str = "sind gelöscht";

/// Goes on until these words are felt.
fn find(line: &Braille<'_>, key: u8, words: &str) {
    let mut way = Vec::new();
    loop {
        let felt = line.text();
        if felt.contains(words) {
            return;
        }
        assert!(way.len() < 40, "{words}: {way:#?}");
        press_until(line, &[key], "another piece", |text| {
            text != felt && !BETWEEN.contains(&text)
        });
        way.push(felt);
    }
}

/// Presses keys until something is felt that is right. What is pressed in the moment in which a new brltty has come may be lost: who
/// feels no change presses again.
fn press_until(line: &Braille<'_>, keys: &[u8], what: &str, is_it: impl Fn(&str) -> bool) {
    const TIMES: usize = 4;
    for time in 1..=TIMES {
        line.press(keys).unwrap();
        match line.wait(what, Deadline::secs(20), &is_it) {
            Ok(_) => return,
            Err(error) => eprintln!("keys {keys:?}, time {time}: {error}"),
        }
    }
    panic!("{what} is not felt after {TIMES} times");
}

/// Proves T10, T13: a Braille line that is plugged into a running terminal tells what is on the screen, and its keys lead through a
/// whole visit; proves T15: what fed it ends with the visit, and serves the next one.
#[test]
fn a_visit_by_braille() {
    let vm = terminal().copy().start().unwrap();
    vm.wait_state_open(boot()).unwrap();
    wait_home(&vm);
    let line = vm.plug_braille("line").unwrap();
    line.wait_text(WELCOME, soon()).unwrap();
    find(&line, FORWARD, BEGIN);
    line.route(1).unwrap();
    vm.wait_text(HOME, soon()).unwrap();
    line.wait_text(HOME, soon()).unwrap();
    find(&line, NEXT, INFORM);
    line.route(0).unwrap();
    vm.wait_text(WHERE, soon()).unwrap();
    line.wait_text(WHERE, soon()).unwrap();
    find(&line, NEXT, FINISH);
    line.route(2).unwrap();
    // A new brltty shows the new shell's last screen.
    line.wait_text(ERASED, soon()).unwrap();
    press_until(&line, &LAST, FINISH, |text| text.contains(FINISH));
    find(&line, PREVIOUS, LEAVE);
    line.route(0).unwrap();
    line.wait_text(WELCOME, soon()).unwrap();
}
