// SPDX-License-Identifier: EUPL-1.2
//! A consultation: somebody at the terminal, a clerk in a browser, and all that is between them as it is delivered.

use std::net::{IpAddr, UdpSocket};

use qemu::residue::{Canaries, Hits};
use qemu::{Addon, Machine, Screen, Vm};

use crate::children::wait_within;
use crate::device::{SITE, boot, soon, terminal, wait_home};
use crate::paperwork::{self, Beside};
use crate::probe::Probe;
use crate::residue::{HOST, residue};
use crate::town::{Clerk, TERMINAL, Town};
use crate::words;

/// Departments of the site; the first is always open, the last never.
const DEPARTMENTS: [&str; 2] = ["registration", "building"];
/// Its hours in the site, and those that hold here.
const HOURS: (&str, &str) = (
    r#"hours = { mo = ["9:00-12:00"], tu = ["9:00-12:00", "13:00-18:00"], we = ["9:00-12:00"], th = ["9:00-12:00", "13:00-18:00"], fr = ["9:00-12:00"] }"#,
    r#"hours = { mo = ["0:00-24:00"], tu = ["0:00-24:00"], we = ["0:00-24:00"], th = ["0:00-24:00"], fr = ["0:00-24:00"], sa = ["0:00-24:00"], su = ["0:00-24:00"] }"#,
);
/// What the desk says of papers once they have a way.
const PAPERS_GO: &str = "Was im Gespräch dazukommt, liegt hier.";
/// A visit without a touch is asked about after so long, in seconds; who talks is not touching anything for longer.
const REST: (&str, &str) = ("idle = 120", "idle = 80");
/// The call's clock at the desk, in seconds.
const CLOCK: &str = "document.querySelector('p.time')?.textContent.split(':').reduce((all, part) => all * 60 + Number(part), 0) ?? 0";
/// Whether the page offers to show a screen.
const SHARES: &str = "document.querySelector('#share:not([aria-disabled])') !== null";
/// The green of the camera that Chromium makes up.
const GREEN: [u8; 3] = [0, 150, 0];

/// The blue bar of the terminal's own camera.
const BLUE: [u8; 3] = [0, 0, 190];

/// The address of this machine that a guest reaches by its router, and a browser here as well.
fn address() -> IpAddr {
    let socket = UdpSocket::bind("0.0.0.0:0").unwrap();
    // Nothing is sent: the system only looks for the way.
    socket.connect("192.0.2.1:9").unwrap();
    socket.local_addr().unwrap().ip()
}

/// A terminal with a camera, a sound card, a site that names this town and what is beside it, and a code from its exchange.
fn machine(town: &Town, beside: &Beside) -> Machine {
    let site = beside.site(SITE, HOST);
    let site = site.replacen(HOURS.0, HOURS.1, 1);
    let site = site.replacen(REST.0, REST.1, 1);
    let site = site.replacen("[session]", &format!("{}\n[session]", town.section()), 1);
    let devices = "[Unit]\nWants=modprobe@vivid.service modprobe@snd_aloop.service\n\
         After=modprobe@vivid.service modprobe@snd_aloop.service\n";
    let probe = Probe::new()
        .site(site, &["shell", "call-enrol", "call", "print", "scan"])
        .lays("call.service.d/50-devices.conf", devices);
    let machine = terminal().copy();
    let esp = machine.state().disk().unwrap().esp().unwrap();
    esp.write(&Addon::place("probe"), &probe.sign()).unwrap();
    let written = format!("{TERMINAL} {}\n", town.code());
    esp.write("amtsnah/enrolment", written.as_bytes()).unwrap();
    machine
}

/// Waits for something at the desk that the terminal does.
pub fn wait_at_desk<T>(clerk: &Clerk, what: &str, look: impl Fn() -> Option<T>) -> T {
    let end = boot();
    let seen = wait_within(end.left() * 2, what, || {
        let late = || end.passed().then(|| Err(clerk.text()));
        look().map(Ok).or_else(late)
    });
    seen.unwrap_or_else(|page| panic!("no {what} at the desk, which says: {page}"))
}

/// How much of the screen is the desk's camera.
fn green(screen: &Screen) -> f64 {
    screen.share_of(GREEN, 70)
}

/// Somebody touches the department and the call; it rings at the desk and is answered.
fn calls(vm: &Vm, clerk: &Clerk) {
    words::begin(vm);
    words::go_to_topics(vm);
    words::touch(vm, "Meldestelle");
    words::touch(vm, words::TALK);
    clerk.presses(4);
    clerk.heading("Sie sind frei");
    // Before the device is enrolled and its service has started, the main button of this screen is another one.
    vm.wait_text(words::READY, boot()).unwrap();
    words::touch_main(vm);
    vm.wait_text(words::RINGS, soon()).unwrap();
    wait_at_desk(clerk, "the ring at the desk", || {
        clerk.text().contains("registration").then_some(())
    });
    clerk.touches("Annehmen");
}

/// Each sees the other, and the person at the terminal themself.
fn see_each_other(vm: &Vm, clerk: &Clerk) {
    let first = wait_at_desk(clerk, "the terminal's picture", || {
        // Before it is painted, both sides of it are alike.
        clerk
            .looks()
            .filter(|seen| seen.frames > 0 && seen.left != seen.right)
    });
    let moved = wait_at_desk(clerk, "its movement", || {
        clerk
            .looks()
            .filter(|seen| seen.frames >= first.frames + 20)
    });
    println!("at the desk: {first:?}, {moved:?}");
    let shows = |screen: &Screen| Ok((green(screen) > 0.05).then(|| screen.clone()));
    let before = vm
        .wait_screen("the clerk's picture", boot(), shows)
        .unwrap();
    let changes = |screen: &Screen| Ok(screen.differs(&before, 0.0002).then_some(()));
    vm.wait_screen("its movement", soon(), changes).unwrap();
    let own = |screen: &Screen| Ok((screen.share_of(BLUE, 70) > 0.0005).then_some(()));
    vm.wait_screen("the own picture", soon(), own).unwrap();
}

/// The clerk shows a screen, which the person is told, and takes it away. A machine that is emulated does not decode one of 1600x900 in any
/// time that is waited for: that it is seen beside the face, `services/call/tests/sharing.rs` shows.
fn shows_a_screen(vm: &Vm, clerk: &Clerk) {
    wait_at_desk(clerk, "a way for a screen", || clerk.asks(SHARES));
    clerk.presses(6);
    wait_at_desk(clerk, "the screen at the desk", || {
        clerk.text().contains("Die Person sieht").then_some(())
    });
    vm.wait_text(words::SHOWN_SCREEN, boot()).unwrap();
    clerk.presses(6);
    let face = |screen: &Screen| {
        let is_told = screen.find_text(words::SHOWN_SCREEN)?.is_some();
        Ok((!is_told && green(screen) > 0.05).then_some(()))
    };
    vm.wait_screen("the face alone", boot(), face).unwrap();
}

/// The clerk pauses: nobody is seen. Then they are there again.
fn pauses(vm: &Vm, clerk: &Clerk) {
    clerk.presses(8);
    vm.wait_text(words::HELD, boot()).unwrap();
    let nobody = |screen: &Screen| {
        let is_nobody = green(screen) < 0.0001 && screen.share_of(BLUE, 70) < 0.0001;
        Ok(is_nobody.then_some(()))
    };
    vm.wait_screen("nobody", soon(), nobody).unwrap();
    clerk.presses(8);
    let face = |screen: &Screen| Ok((green(screen) > 0.05).then_some(()));
    vm.wait_screen("the face again", boot(), face).unwrap();
}

/// What of a conversation is in a device's memory.
pub fn left(vm: &Vm, canaries: &Canaries) -> Hits {
    let scratch = tempfile::tempdir_in(qemu::base_dir()).unwrap();
    residue(vm, scratch.path(), canaries)
}

/// Proves T1, T2, T5, T6, T7, T13, T15, D2, D3, X1: a terminal that was given a code enrols by itself; somebody touches the department and
/// the call; it rings at the desk and is answered; each sees the other move. The clerk shows a screen, which is told, writes, shows a paper, has it printed
/// there and gets another one that is scanned there, all with real machines, and pauses; for longer than a visit goes on without a touch. It
/// is ended, the screen says that all is deleted, which it is, and the next one is welcome.
#[test]
fn somebody_and_a_clerk_face_to_face() {
    let town = Town::start(address(), &DEPARTMENTS);
    let beside = Beside::start();
    let clerk: Clerk = town.desk();
    clerk.signs_in();
    let vm = machine(&town, &beside).start().unwrap();
    vm.wait_state_open(boot()).unwrap();
    wait_home(&vm);
    calls(&vm, &clerk);
    see_each_other(&vm, &clerk);
    // Text and papers have their ways too.
    wait_at_desk(&clerk, "the way of papers", || {
        clerk.text().contains(PAPERS_GO).then_some(())
    });
    shows_a_screen(&vm, &clerk);
    paperwork::writes(&vm, &clerk);
    paperwork::shows(&vm, &clerk, &town);
    beside.prints(&vm, &clerk);
    let canaries = paperwork::scans(&vm, &clerk, beside.canaries());
    pauses(&vm, &clerk);
    // Who talks is there, whatever else is not touched.
    let rested = clerk.number(CLOCK) + 95.0;
    wait_at_desk(&clerk, "more than a visit's rest", || {
        (clerk.number(CLOCK) > rested).then_some(())
    });
    let screen = vm.screen().unwrap();
    assert_eq!(screen.find_text(words::MORE_TIME).unwrap(), None);
    words::touch(&vm, words::HANG_UP);
    wait_at_desk(&clerk, "the end at the desk", || {
        (clerk.text().contains("beendet") && clerk.has_no_picture()).then_some(())
    });
    words::touch(&vm, words::FINISH);
    vm.wait_text(words::ERASED, soon()).unwrap();
    assert_eq!(left(&vm, &canaries), Hits::default());
    vm.wait_text(words::ATTRACT, soon()).unwrap();
    assert_eq!(vm.resets(), 0);
}
