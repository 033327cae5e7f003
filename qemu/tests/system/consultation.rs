// SPDX-License-Identifier: EUPL-1.2
//! A consultation: somebody at the terminal, a clerk in a browser, and all that is between them as it is delivered.

use std::net::{IpAddr, UdpSocket};

use qemu::{Addon, Machine, Screen};

use crate::children::wait_within;
use crate::device::{SITE, boot, soon, terminal, wait_home};
use crate::probe::Probe;
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
/// A visit without a touch is asked about after so long, in seconds, and the call is longer than that, as the desk counts it.
const REST: (&str, &str) = ("idle = 120", "idle = 80");
const LONGER: [&str; 9] = ["1:3", "1:4", "1:5", "2:", "3:", "4:", "5:", "6:", "7:"];
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

/// A terminal with a camera, a sound card, a site that names this town, and a code from its exchange.
fn machine(town: &Town) -> Machine {
    let site = SITE.replacen(HOURS.0, HOURS.1, 1);
    let site = site.replacen(REST.0, REST.1, 1);
    let site = site.replacen("[session]", &format!("{}\n[session]", town.section()), 1);
    let devices = "[Unit]\nWants=modprobe@vivid.service modprobe@snd_aloop.service\n\
         After=modprobe@vivid.service modprobe@snd_aloop.service\n";
    let probe = Probe::new()
        .site(site, &["shell", "call-enrol", "call"])
        .lays("call.service.d/50-devices.conf", devices);
    let machine = terminal().copy();
    let esp = machine.state().disk().unwrap().esp().unwrap();
    esp.write(&Addon::place("probe"), &probe.sign()).unwrap();
    let written = format!("{TERMINAL} {}\n", town.code());
    esp.write("amtsnah/enrolment", written.as_bytes()).unwrap();
    machine
}

/// Waits for something at the desk that the terminal does.
fn wait_at_desk<T>(clerk: &Clerk, what: &str, look: impl Fn() -> Option<T>) -> T {
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

/// Proves T1, T2, T13, T15, D2, D3, X1: a terminal that was given a code enrols by itself; somebody touches the department and the call; it rings at
/// the desk and is answered; the clerk sees the terminal's moving picture, the screen shows the clerk's, with the own one in its corner, and
/// then a screen beside it, for longer than a visit goes on without a touch; it is ended, the screen says that all is deleted, and the next one is welcome.
#[test]
fn somebody_and_a_clerk_face_to_face() {
    let town = Town::start(address(), &DEPARTMENTS);
    let clerk: Clerk = town.desk();
    clerk.signs_in();
    let vm = machine(&town).start().unwrap();
    vm.wait_state_open(boot()).unwrap();
    wait_home(&vm);
    words::begin(&vm);
    words::go_to_topics(&vm);
    words::touch(&vm, "Meldestelle");
    words::touch(&vm, words::TALK);
    clerk.presses(4);
    clerk.heading("Sie sind frei");
    // Before the device is enrolled and its service has started, the main button of this screen is another one.
    vm.wait_text(words::READY, boot()).unwrap();
    words::touch_main(&vm);
    vm.wait_text(words::RINGS, soon()).unwrap();
    wait_at_desk(&clerk, "the ring at the desk", || {
        clerk.text().contains("registration").then_some(())
    });
    clerk.touches("Annehmen");
    let first = wait_at_desk(&clerk, "the terminal's picture", || {
        // Before it is painted, both sides of it are alike.
        clerk
            .looks()
            .filter(|seen| seen.frames > 0 && seen.left != seen.right)
    });
    let moved = wait_at_desk(&clerk, "its movement", || {
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
    // Text and papers have their ways too.
    wait_at_desk(&clerk, "the way of papers", || {
        clerk.text().contains(PAPERS_GO).then_some(())
    });
    // A screen is shown beside the face.
    wait_at_desk(&clerk, "a way for a screen", || clerk.asks(SHARES));
    clerk.presses(6);
    wait_at_desk(&clerk, "the screen at the desk", || {
        clerk.text().contains("Die Person sieht").then_some(())
    });
    vm.wait_text(words::SHOWN_SCREEN, boot()).unwrap();
    let beside = |screen: &Screen| {
        // The own picture makes room.
        let is_alone = screen.share_of(BLUE, 70) < 0.0001;
        Ok((is_alone && green(screen) > 0.0005).then_some(()))
    };
    vm.wait_screen("both pictures", boot(), beside).unwrap();
    // Who talks is there, whatever else is not touched.
    wait_at_desk(&clerk, "more than a visit's rest", || {
        let text = clerk.text();
        LONGER.iter().any(|time| text.contains(time)).then_some(())
    });
    let screen = vm.screen().unwrap();
    assert_eq!(screen.find_text(words::MORE_TIME).unwrap(), None);
    vm.screen()
        .unwrap()
        .save(std::path::Path::new("/cache/shown.png"))
        .unwrap();
    words::touch(&vm, words::HANG_UP);
    wait_at_desk(&clerk, "the end at the desk", || {
        (clerk.text().contains("beendet") && clerk.has_no_picture()).then_some(())
    });
    words::touch(&vm, words::FINISH);
    vm.wait_text(words::LEAVE, soon()).unwrap();
    words::touch(&vm, words::LEAVE);
    vm.wait_text(words::ATTRACT, soon()).unwrap();
    assert_eq!(vm.resets(), 0);
    drop(clerk);
}
