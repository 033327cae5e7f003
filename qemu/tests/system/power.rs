// SPDX-License-Identifier: EUPL-1.2
//! Power cuts.

use std::hash::{BuildHasher, RandomState};
use std::ops::Range;
use std::time::Duration;

use qemu::{Deadline, Kind};

use crate::device::{boot, factory_new, soak, terminal, wait_home};

/// How many instants are tried under `--soak`; otherwise [`SAMPLE`] of each half, other ones each time.
const CUTS: u64 = 10;
const SAMPLE: u64 = 2;

/// Cuts in these tenths of a first boot, or in some of them.
fn cut_in_some(parts: Range<u64>) {
    let count = parts.end - parts.start;
    let tried = if soak() { count } else { SAMPLE };
    let first = RandomState::new().hash_one(count) % count;
    // Spread over the half: neighbours are alike.
    for n in 0..tried {
        cut_in(parts.start + (first + n * count / tried) % count);
    }
}

/// One cut at a random instant of the `part`-th tenth of a first boot. The next boot succeeds without help.
fn cut_in(part: u64) {
    let tenth = terminal().first_boot() / u32::try_from(CUTS).unwrap();
    let random = RandomState::new().hash_one(part) % u64::try_from(tenth.as_millis()).unwrap();
    let instant = tenth * u32::try_from(part).unwrap() + Duration::from_millis(random);
    eprintln!("cut {part}: after {} ms", instant.as_millis());
    let vm = factory_new("terminal").start().unwrap();
    // Nothing is expected to happen by then; the wait ends by its deadline or because the machine went off by itself.
    let _ = vm.wait_event("SHUTDOWN", Deadline::after(instant));
    let vm = vm.power_cut().unwrap().start().unwrap();
    vm.wait_state_open(boot()).unwrap();
    wait_home(&vm);
}

/// Proves O2 (never bricked): the earlier half of the first boot.
#[test]
fn power_cuts_in_the_first_half_of_the_first_boot() {
    cut_in_some(0..CUTS / 2);
}

/// Proves O2 (never bricked): the later half of the first boot.
#[test]
fn power_cuts_in_the_second_half_of_the_first_boot() {
    cut_in_some(CUTS / 2..CUTS);
}

/// Proves O2 (never bricked): the partition is there and what was being made in it is not, as after a cut at the worst moment.
#[test]
fn a_half_made_volume_is_made_anew() {
    let machine = terminal().copy();
    let mut disk = machine.state().disk().unwrap();
    let var = disk.only(Kind::Var).unwrap();
    // Both headers and the key slots.
    disk.write(&var, 0, &vec![0; 16 << 20]).unwrap();
    let vm = machine.start().unwrap();
    vm.wait_state_open(boot()).unwrap();
    wait_home(&vm);
}
