// SPDX-License-Identifier: EUPL-1.2
//! The harness against real machines that have nothing but their firmware.

use std::{
    fs,
    io::{BufRead, BufReader, Read},
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Command, Stdio},
};

use qemu::{
    Deadline, Display, Error, InstructionCount, Layout, Machine, Outcome, Pointer, Screen, Stage,
    State, Usb,
};
use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    process::{Pid, PidfdFlags, pidfd_open},
};

/// A machine without a disk ends in its firmware's own screen.
fn machine() -> Result<Machine, Error> {
    Ok(Machine::new("firmware", State::diskless()?))
}

/// Whether a process exists and is more than an entry that waits to be reaped.
fn runs(id: u32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
    let state = stat.rsplit(')').next().unwrap_or_default().trim_start();
    !state.is_empty() && !state.starts_with(['Z', 'X'])
}

fn is_empty(dir: &Path) -> bool {
    fs::read_dir(dir).is_ok_and(|mut entries| entries.next().is_none())
}

/// Proves O9: screen, keyboard, console, TPM, events and reset of a real machine, and that a power cut leaves nothing.
#[test]
fn firmware_is_seen_and_operated() -> Outcome {
    let machine = machine()?.without_keyboard().usb(Usb::Mouse);
    let tpm = machine.state().tpm();
    assert!(is_empty(&tpm));
    let vm = machine.start()?;

    vm.wait_stage(Stage::Firmware, Deadline::secs(60))?;
    assert!(!is_empty(&tpm), "the TPM has made its state");
    // Without a disk the firmware says so and waits for a key.
    let text = vm.wait_text("Boot Manager", Deadline::secs(60))?;
    assert!(text.place().width > 0);
    let before = vm.screen()?;
    assert_eq!((before.width(), before.height()), (1280, 800));
    assert!(before.colours() > 2 && before.share_of([0, 0, 0], 8) < 0.99);

    // The key leads to its menu, so the screen changes.
    vm.keys(&["down"])?;
    vm.wait_change(&before, 0.001, Deadline::secs(30))?;
    vm.serial_send(b"\x1b")?;

    let mark = vm.mark();
    vm.reset()?;
    vm.wait_event_since(mark, "RESET", Deadline::secs(20))?;
    assert_eq!(vm.resets(), 1);
    assert_eq!(vm.stages()[0].boot, 0);

    let processes = vm.processes();
    assert_eq!(processes.len(), 2, "QEMU and the TPM");
    assert!(processes.iter().all(|&id| runs(id)));
    let artefacts = vm.artefacts().to_owned();
    let machine = vm.power_cut()?;
    assert!(processes.iter().all(|&id| !runs(id)));
    assert!(
        !artefacts.exists(),
        "nothing went wrong, so nothing is kept"
    );

    // The same machine, with the same TPM and firmware, starts again after the cut.
    let vm = machine.start()?;
    vm.wait_stage(Stage::Firmware, Deadline::secs(60))?;
    let processes = vm.processes();
    drop(vm);
    assert!(processes.iter().all(|&id| !runs(id)));
    Ok(())
}

/// Proves O9: a failed wait says what was awaited, how far the machine came, and keeps picture and log.
#[test]
fn failed_waits_explain_themselves() -> Outcome {
    let dir = tempfile::tempdir().unwrap();
    let vm = machine()?.without_tpm().artefacts(dir.path()).start()?;
    vm.wait_stage(Stage::Firmware, Deadline::secs(60))?;
    let deadline = Deadline::after(std::time::Duration::from_millis(300));
    let error = vm.wait_serial("das kommt nie", deadline).unwrap_err();
    assert!(error.is_timeout());
    let text = format!("{error:?}");
    for part in [
        "das kommt nie",
        "did not happen within",
        "reached “",
        "not “",
        "console: ",
        "screen: ",
    ] {
        assert!(text.contains(part), "{part} is missing in {text}");
    }
    let report = error.report().unwrap();
    Screen::load(report.screenshot.as_ref().unwrap())?;
    assert!(fs::metadata(&report.serial_log).unwrap().len() > 0);

    // The monitor's refusal is an error with QEMU's words, and the machine lives on.
    let error = vm.keys(&["gibtesnicht"]).unwrap_err();
    assert!(matches!(error, Error::Refused { .. }), "{error}");

    // QEMU ends while something is awaited: noticed at once, not at the deadline.
    vm.command("quit", &serde_json::Value::Null)?;
    let long = Deadline::secs(600);
    let error = vm.wait_event("GUEST_PANICKED", long).unwrap_err();
    assert!(matches!(error, Error::Ended { .. }), "{error}");
    assert!(long.waited().as_secs() < 60);
    let error = vm.tap(1, 1).unwrap_err();
    assert!(matches!(error, Error::Ended { .. }), "{error}");
    Ok(())
}

/// Proves O9: a machine whose disk is no disk fails with QEMU's own words.
#[test]
fn refused_machines_say_why() -> Outcome {
    let dir = tempfile::tempdir().unwrap();
    let missing = Path::new("/gibt/es/nicht.raw");
    let error = machine()?
        .without_tpm()
        .artefacts(dir.path())
        .usb(Usb::Storage(missing.into()))
        .start()
        .unwrap_err();
    assert!(error.to_string().contains("nicht.raw"), "{error}");
    assert!(State::fresh(missing).is_err());
    let error = machine()?.display(Display::Vnc(80)).start().unwrap_err();
    assert!(error.to_string().contains("5900"), "{error}");
    Ok(())
}

/// Proves O9: every kind of input is accepted by a machine that has it, and things are plugged in while it runs.
#[test]
fn inputs_and_plugs_are_accepted() -> Outcome {
    let stick = tempfile::NamedTempFile::new().unwrap();
    stick.as_file().set_len(1 << 20).unwrap();
    let free = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let display = Display::Vnc(free.port());
    let vm = machine()?
        .without_tpm()
        .pointer(Pointer::Both)
        .resolution(1024, 768)
        .display(display)
        .start()?;
    let mut greeting = [0; 4];
    TcpStream::connect(free)
        .unwrap()
        .read_exact(&mut greeting)
        .unwrap();
    assert_eq!(&greeting, b"RFB ");
    assert_eq!((vm.screen()?.width() > 0, vm.resets()), (true, 0));
    vm.tap(10_000, 10_000)?;
    vm.finger_down(1, 5, 5)?;
    vm.finger_move(1, 50, 50)?;
    vm.finger_up(1)?;
    vm.point(3, 3)?;
    vm.type_text("Ab-1 ", Layout::German)?;
    vm.keys(&["ctrl", "alt", "f2"])?;
    vm.keys(&["alt", "sysrq", "b"])?;
    vm.plug("stick", &Usb::Storage(stick.path().into()))?;
    vm.plug("keyboard", &Usb::Keyboard)?;
    vm.plug("reader", &Usb::CardReader)?;
    vm.plug("loudspeaker", &Usb::Audio)?;
    vm.plug("cable", &Usb::Network)?;
    vm.unplug("keyboard", Deadline::secs(20))?;
    assert!(vm.instructions().is_err());
    Ok(())
}

/// Proves O9: the guest's instructions are counted, so that boots can be compared whatever the host is busy with.
#[test]
fn instructions_are_counted() -> Outcome {
    let count = InstructionCount {
        shift: 1,
        real_time: false,
    };
    let vm = machine()?.without_tpm().count_instructions(count).start()?;
    let early = vm.instructions()?;
    vm.wait_stage(Stage::Firmware, Deadline::secs(120))?;
    let late = vm.instructions()?;
    assert!(late > early && late > 1_000_000, "{early} … {late}");
    Ok(())
}

/// Proves O9: when the owner of a machine is killed, the kernel ends QEMU and the TPM.
#[test]
fn a_killed_owner_leaves_nothing() -> Outcome {
    const OWNER: &str = "AMTSNAH_TEST_OWNER";
    if std::env::var_os(OWNER).is_some() {
        let machine = machine()?;
        let state = machine.state().dir().to_owned();
        let vm = machine.start()?;
        // Parts of the line below are read by the test that started this process.
        println!("\nowns {:?} {}", vm.processes(), state.display());
        loop {
            std::thread::park();
        }
    }
    let dir = tempfile::tempdir().unwrap();
    let mut owner = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "a_killed_owner_leaves_nothing", "--nocapture"])
        .env(OWNER, "1")
        .env("AMTSNAH_VM_DIR", dir.path())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(owner.stdout.take().unwrap()).lines();
    let line = lines
        .map_while(Result::ok)
        .find(|line| line.starts_with("owns "))
        .unwrap();
    let (ids, state) = line.trim_start_matches("owns [").split_once("] ").unwrap();
    let watches: Vec<_> = ids
        .split(", ")
        .map(|id| Pid::from_raw(id.parse().unwrap()).unwrap())
        .map(|id| pidfd_open(id, PidfdFlags::empty()).unwrap())
        .collect();
    assert_eq!(watches.len(), 2);
    assert!(Path::new(state).exists());
    owner.kill().unwrap();
    owner.wait().unwrap();
    for watch in &watches {
        let limit = Timespec {
            tv_sec: 20,
            tv_nsec: 0,
        };
        let ended = poll(&mut [PollFd::new(watch, PollFlags::IN)], Some(&limit)).unwrap();
        assert_eq!(ended, 1, "a program outlived its owner");
    }
    Ok(())
}
