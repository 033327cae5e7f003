// SPDX-License-Identifier: EUPL-1.2
//! Screens are connected, turned and mirrored while people see them.

use qemu::{Addon, Screen, Usb};

use crate::device::{SITE, boot, soon, terminal, wait_home};
use crate::probe::{Probe, held};
use crate::usb::number;
use crate::words;

/// The second screen, of another shape than the first.
const SECOND: (u16, u16) = (800, 600);
const BLACK: [u8; 3] = [0; 3];

fn changed(changes: &[(&str, &str)]) -> String {
    changes.iter().fold(SITE.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "{from}");
        text.replacen(from, to, 1)
    })
}

/// Puts a site configuration into the store as the shell does with one that it has accepted: it has its final name when it is whole.
fn accept(name: &str) -> [String; 2] {
    [
        format!("/usr/bin/cp {} /var/lib/site/site.toml.new", held(name)),
        "/usr/bin/mv /var/lib/site/site.toml.new /var/lib/site/site.toml".to_owned(),
    ]
}

fn is_second(screen: &Screen) -> bool {
    (screen.width(), screen.height()) == (SECOND.0.into(), SECOND.1.into())
}

/// Proves C16 and T12: a second screen that is plugged in is black, and mirrors the first where the site wants it, upright and whole;
/// unplugged it leaves the first as it is. Proves O4 and T10: a newer site configuration turns the screen and changes what is heard at
/// once, and what USB devices are used from the next one on, without a restart of anything: the visitor is where he was.
#[test]
fn screens_follow_the_site() {
    let turned = changed(&[
        ("rotation = 0", "rotation = 180"),
        ("second = \"black\"", "second = \"mirror\""),
        // All that a virtual machine has to be touched.
        (", \"virtual\"]", "]"),
        ("\"audio\", ", ""),
    ]);
    let (turn, restore) = (accept("turned"), accept("usual"));
    let probe = Probe::new()
        .holds("turned", turned)
        .holds("usual", SITE)
        .when_plugged(&Usb::CardReader, "", &turn.each_ref().map(String::as_str))
        .when_plugged(&Usb::Hub, "", &restore.each_ref().map(String::as_str));
    let machine = terminal().copy().second_screen();
    let esp = machine.state().disk().unwrap().esp().unwrap();
    esp.write(&Addon::place("probe"), &probe.sign()).unwrap();
    let vm = machine.start().unwrap();
    vm.wait_state_open(boot()).unwrap();
    wait_home(&vm);

    vm.plug_screen(SECOND.0, SECOND.1).unwrap();
    let black =
        |screen: &Screen| Ok((is_second(screen) && screen.share_of(BLACK, 0) >= 1.0).then_some(()));
    vm.wait_second_screen("a black second screen", soon(), black)
        .unwrap();

    words::begin(&vm);
    vm.plug("turn", &Usb::CardReader).unwrap();
    let place = vm
        .wait_screen("the screen upside down", soon(), |screen| {
            screen.upside_down().find_text(words::INFORM)
        })
        .unwrap();
    vm.wait_second_screen("an upright mirror", soon(), |screen| {
        Ok(if is_second(screen) {
            screen.find_text(words::INFORM)?
        } else {
            None
        })
    })
    .unwrap();
    // Nobody hears this: where the way to the departments is now.
    let (x, y) = place.middle();
    let (width, height) = {
        let screen = vm.screen().unwrap();
        (screen.width(), screen.height())
    };
    vm.tap(width - 1 - x, height - 1 - y).unwrap();

    // A USB device that the image's own site uses is refused by now.
    let mark = vm.mark();
    vm.plug("sound", &Usb::Audio).unwrap();
    vm.wait_serial_since(mark, &number(&Usb::Audio), soon())
        .unwrap();

    vm.plug("restore", &Usb::Hub).unwrap();
    vm.wait_second_screen("a black second screen again", soon(), black)
        .unwrap();
    vm.wait_text(words::INFORM, soon()).unwrap();
    vm.plug_screen(0, 0).unwrap();
    words::touch(&vm, words::INFORM);
    vm.wait_text(words::WHERE, soon()).unwrap();
    assert_eq!(vm.resets(), 0);
}
