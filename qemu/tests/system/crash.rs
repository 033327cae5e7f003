// SPDX-License-Identifier: EUPL-1.2
//! Programs of the device crash, and a site configuration is wrong.

use std::time::Instant;

use qemu::{Addon, InstructionCount, Usb, Vm};

use crate::device::{SITE, boot, soak, soon, terminal, wait_home};
use crate::probe::{Probe, foreign, held};
use crate::words;

/// What the image has.
const PLACE: &str = "Weißbach an der Löbnitz";
/// Said on the console right before a program is ended, and after.
const NOW: &str = "probe: now";
const DONE: &str = "probe: done";
/// What a device may need to be back: two seconds of a processor that does no more than an instruction a nanosecond.
const TWO_SECONDS: u64 = 2_000_000_000;

/// A site configuration of another place.
fn site_of(place: &str) -> String {
    SITE.replacen(PLACE, place, 1)
}

/// Goes on with the visit to a page of its own, ends a program by plugging `device` in, and waits for the home page.
fn crash(vm: &Vm, device: &Usb) {
    words::go_to_topics(vm);
    words::touch(vm, "Meldestelle");
    vm.wait_text(words::HOURS, soon()).unwrap();
    let mark = vm.mark();
    vm.plug("cause", device).unwrap();
    vm.wait_serial_since(mark, NOW, soon()).unwrap();
    let since = Instant::now();
    let before = soak().then(|| vm.instructions().unwrap());
    vm.wait_text(words::HOME, soon()).unwrap();
    let seconds = since.elapsed().as_secs_f64();
    eprintln!("{device:?}: back after {seconds:.1} s");
    if let Some(before) = before {
        let took = vm.instructions().unwrap() - before;
        eprintln!("{device:?}: {took} instructions");
        assert!(took < TWO_SECONDS, "{took} instructions");
    }
    vm.wait_serial_since(mark, DONE, soon()).unwrap();
    vm.unplug("cause", soon()).unwrap();
}

/// Proves T12 (crash): whatever part of the screen crashes, the visitor, whose visit goes on, meets the home page again; within two seconds, which
/// only `--soak` counts. Proves O4: a newer site configuration is taken up; one that the device cannot accept is put aside, and
/// the last good one stays. Proves O2: an add-on with another signature than the image's is not taken in, and one with it does not keep `/var` shut.
#[test]
fn the_screen_comes_back_with_the_last_good_site() {
    let scratch = tempfile::tempdir().unwrap();
    let say = |word| format!("/usr/bin/echo {word}");
    let end = |unit| format!("/usr/bin/systemctl kill --kill-whom=main --signal=ABRT {unit}");
    let lay = |name| format!("/usr/bin/cp {} /var/lib/site/candidate.toml", held(name));
    let probe = Probe::new()
        .holds("first", site_of("Schönau"))
        .holds("second", site_of("Lindenau"))
        .holds(
            "bad",
            site_of("Falschheim").replacen("kind = \"", "kind = \"k", 1),
        )
        .when_plugged(
            &Usb::CardReader,
            "",
            &[&lay("first"), &say(NOW), &end("shell.service"), &say(DONE)],
        )
        .when_plugged(
            &Usb::Hub,
            "",
            &[
                &lay("second"),
                &say(NOW),
                &end("compositor.service"),
                &say(DONE),
            ],
        )
        .when_plugged(&Usb::Audio, "SuccessAction=poweroff-force", &[&lay("bad")]);
    let machine = terminal().copy();
    let esp = machine.state().disk().unwrap().esp().unwrap();
    esp.write(&Addon::place("foreign"), &foreign(scratch.path()))
        .unwrap();
    esp.write(&Addon::place("probe"), &probe.sign()).unwrap();

    let machine = if soak() {
        machine.count_instructions(InstructionCount {
            shift: 1,
            real_time: true,
        })
    } else {
        machine
    };
    let vm = machine.start().unwrap();
    vm.wait_state_open(boot()).unwrap();
    wait_home(&vm);
    vm.wait_text("Weißbach", soon()).unwrap();

    words::begin(&vm);
    // Only a shell that is new takes up the site that was laid down right before.
    crash(&vm, &Usb::CardReader);
    vm.wait_text("Schönau", soon()).unwrap();
    crash(&vm, &Usb::Hub);
    vm.wait_text("Lindenau", soon()).unwrap();
    assert_eq!(vm.resets(), 0);

    // The next start is the image alone. It finds the bad site in the store, beside the last good one.
    vm.plug("audio", &Usb::Audio).unwrap();
    let machine = vm.wait_off(boot()).unwrap();
    for name in ["foreign", "probe"] {
        esp.remove(&Addon::place(name)).unwrap();
    }
    let vm = machine.start().unwrap();
    wait_home(&vm);
    vm.wait_text("Lindenau", boot()).unwrap();
}
