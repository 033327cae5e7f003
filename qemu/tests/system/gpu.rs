// SPDX-License-Identifier: EUPL-1.2
//! A terminal whose graphics card draws.

use std::path::Path;

use qemu::painter::{FIRST, SECOND};
use qemu::{Addon, Gpu, Rgb, Usb, Vm};

use crate::device::{boot, soon, terminal, tool, wait_home};
use crate::probe::{LOADER, Probe, held};
use crate::words::begin;

/// The program that paints, as a file.
const PAINTER: &str = "painter";
/// Where applications meet the compositor; at a terminal it is a call (`recipes/call`).
const SOCKET: &str = "/run/call/wayland";
/// A unit of the compositor's with which it draws by any GPU, also by one that is known to be slow.
const DRAW: &str = "[Service]\nExecStart=\nExecStart=/usr/lib/amtsnah/compositor --site /usr/share/amtsnah/site/site.toml \
                    --drawing gles\n";

/// How much of the screen an application has at least.
const SHARE: f64 = 0.5;
/// How far a colour may be from what was painted.
const TOLERANCE: u8 = 2;

/// The painter without what only a debugger reads.
fn painter(scratch: &Path) -> Vec<u8> {
    let program = scratch.join(PAINTER);
    tool(
        std::process::Command::new("strip")
            .arg("-o")
            .arg(&program)
            .arg(env!("CARGO_BIN_EXE_painter")),
    );
    std::fs::read(program).unwrap()
}

fn wait_colour(vm: &Vm, colour: Rgb) {
    let awaited = format!("{colour:?} on the screen");
    vm.wait_screen(&awaited, soon(), |screen| {
        Ok((screen.share_of(colour, TOLERANCE) > SHARE).then_some(()))
    })
    .unwrap();
}

/// Proves T12: where a GPU draws, an application paints in its memory, and its pictures are seen and given back. Memory that the
/// GPU does not know and more buffers than the compositor has place for are refused; who asks for an empty picture is sent away.
#[test]
fn an_application_paints_by_the_gpu() {
    let scratch = tempfile::tempdir().unwrap();
    let paint = format!("{LOADER} {} {SOCKET}", held(PAINTER));
    let probe = Probe::new()
        .holds(PAINTER, painter(scratch.path()))
        .lays("compositor.service.d/draw.conf", DRAW)
        .when_plugged(&Usb::CardReader, "", &[&paint]);
    let machine = terminal().copy().gpu(Gpu::Virgl);
    let esp = machine.state().disk().unwrap().esp().unwrap();
    esp.write(&Addon::place("probe"), &probe.sign()).unwrap();
    let vm = machine.start().unwrap();
    vm.wait_state_open(boot()).unwrap();
    wait_home(&vm);
    begin(&vm);

    vm.plug("reader", &Usb::CardReader).unwrap();
    for line in [
        "an empty picture ends the connection",
        "plain memory is refused",
        "64 pictures are taken",
        "picture 1 is seen",
    ] {
        vm.wait_serial(&format!("painter: {line}"), soon()).unwrap();
    }
    wait_colour(&vm, FIRST);
    vm.tap(640, 400).unwrap();
    vm.wait_serial("painter: picture 2 is seen", soon())
        .unwrap();
    wait_colour(&vm, SECOND);
    vm.tap(640, 400).unwrap();
    vm.wait_serial("painter: a picture is given back", soon())
        .unwrap();
}
