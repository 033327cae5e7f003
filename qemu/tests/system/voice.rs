// SPDX-License-Identifier: EUPL-1.2
//! The screen is read out, to one person.

use std::time::Duration;

use qemu::{Outlet, Recording, Usb};

use crate::device::{boot, soon, terminal, wait_home};
use crate::words;

/// A few words.
const WORDS: Duration = Duration::from_secs(2);

/// Proves T13 and T17: without an ear the device says that it needs one; a handset that is plugged in begins the voice by itself; a
/// blind person goes through a whole visit by ear and keyboard, the last screen included, which is another process's; and
/// the loudspeaker never says a word.
#[test]
fn a_visit_by_ear() {
    let scratch = tempfile::tempdir_in(qemu::base_dir()).unwrap();
    let dir = scratch.path();
    let [ear, room] = [Outlet::Handset, Outlet::Loudspeaker].map(|at| Recording::new(dir, at));
    let vm = terminal().copy().sound(dir).start().unwrap();
    vm.wait_state_open(boot()).unwrap();
    wait_home(&vm);
    words::touch(&vm, words::READ_OUT);
    vm.wait_text(words::NO_EAR, soon()).unwrap();
    assert_eq!(
        (ear.heard(), room.heard()),
        (Duration::ZERO, Duration::ZERO)
    );

    let hears = |more: Duration| {
        let before = ear.heard();
        assert!(
            ear.wait(before + more, soon()).unwrap(),
            "heard {before:?}, then no more"
        );
    };
    vm.plug("handset", &Usb::Handset).unwrap();
    hears(WORDS);
    vm.wait_text(words::ATTRACT, soon()).unwrap();
    vm.keys(&["ret"]).unwrap();
    vm.wait_text(words::HOME, soon()).unwrap();
    hears(WORDS);
    for key in ["tab", "tab", "ret"] {
        vm.keys(&[key]).unwrap();
    }
    vm.wait_text(words::WHERE, soon()).unwrap();
    hears(WORDS);
    vm.keys(&["esc"]).unwrap();
    vm.wait_text(words::HOME, soon()).unwrap();
    vm.keys(&["esc"]).unwrap();
    vm.wait_text(words::LEAVE, soon()).unwrap();
    hears(WORDS);

    vm.unplug("handset", soon()).unwrap();
    let before = ear.heard();
    // The last screen goes by itself; nothing of what follows is said.
    vm.wait_text(words::ATTRACT, soon()).unwrap();
    words::begin(&vm);
    assert_eq!((ear.heard(), room.heard()), (before, Duration::ZERO));
}
