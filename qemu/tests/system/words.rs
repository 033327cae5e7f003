// SPDX-License-Identifier: EUPL-1.2
//! What is read on the screen and touched on the way: the one place for these words.

use qemu::Vm;

use crate::device::soon;

/// The first screen: nobody has begun yet. A touch anywhere begins.
pub const ATTRACT: &str = "Willkommen im Rathaus";
/// The screen with the four ways.
pub const HOME: &str = "Guten Tag";
/// The way to the departments.
pub const INFORM: &str = "Informationen";
/// The town's own authority, in the list of authorities.
pub const TOWN: &str = "Stadtverwaltung";
/// On the page of a department.
pub const HOURS: &str = "Öffnungszeiten";
/// One step back.
pub const BACK: &str = "Zurück";
/// The end of a visit, in the bar.
pub const FINISH: &str = "Beenden";
/// On the last screen, the way out; it is there once all is erased.
pub const LEAVE: &str = "Fertig";

/// Begins a visit.
pub fn begin(vm: &Vm) {
    touch(vm, ATTRACT);
    vm.wait_text(HOME, soon()).unwrap();
}

/// Goes from the four ways to the topics of the town.
pub fn go_to_topics(vm: &Vm) {
    touch(vm, INFORM);
    touch(vm, TOWN);
}

/// Waits for `word` and touches it.
pub fn touch(vm: &Vm, word: &str) {
    vm.wait_text(word, soon()).unwrap().tap().unwrap();
}
