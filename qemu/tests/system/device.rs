// SPDX-License-Identifier: EUPL-1.2
//! Devices that scenarios start from.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::time::Duration;

use qemu::{Deadline, Machine, Snapshot, Stage, State, Vm};

/// Room for the second slot and `/var`, beside the image.
const DISK_BYTES: u64 = 4 << 30;
/// The site that images have.
pub const SITE: &str = include_str!("../../../recipes/site/site.toml");
/// The PIN of the sample case.
pub const PIN: &str = "481537";

/// Whether everything is tried that takes long.
pub fn soak() -> bool {
    std::env::var_os("AMTSNAH_SOAK").is_some()
}

/// How long a boot may take on a busy machine without KVM, before it counts as not reaching something.
pub fn boot() -> Deadline {
    Deadline::secs(400)
}

/// How long a screen may take to change.
pub fn soon() -> Deadline {
    Deadline::secs(90)
}

/// A device after its first boot, switched off by a power cut.
pub struct Device {
    flavour: &'static str,
    first_boot: Duration,
    snapshot: Snapshot,
    // Removed with the device.
    _dir: tempfile::TempDir,
}

impl Device {
    /// A copy of the device, switched off.
    pub fn copy(&self) -> Machine {
        Machine::new(self.flavour, State::from_snapshot(&self.snapshot).unwrap())
    }

    /// How long its first boot took, to the home screen with `/var` open.
    pub fn first_boot(&self) -> Duration {
        self.first_boot
    }

    /// Its snapshot.
    pub fn snapshot(&self) -> &Snapshot {
        &self.snapshot
    }
}

/// The terminal after its first boot.
pub fn terminal() -> &'static Device {
    static DEVICE: OnceLock<Device> = OnceLock::new();
    DEVICE.get_or_init(|| {
        let vm = factory_new("terminal").start().unwrap();
        vm.wait_state_open(boot()).unwrap();
        wait_home(&vm);
        wait_blessed(&vm);
        device("terminal", vm)
    })
}

/// Waits for boot counting: this boot was good, so its entry has no tries left to lose. The entry gets another name by that, and who
/// cuts the power while it does may be left without any (FAT).
fn wait_blessed(vm: &Vm) {
    vm.wait_serial("Finished systemd-bless-boot", boot())
        .unwrap();
}

/// The case after its first boot, with [`PIN`] and no password yet.
pub fn case() -> &'static Device {
    static DEVICE: OnceLock<Device> = OnceLock::new();
    DEVICE.get_or_init(|| {
        let vm = factory_new("case").start().unwrap();
        vm.choose_pin(PIN, boot()).unwrap();
        vm.wait_state_open(boot()).unwrap();
        vm.wait_text(crate::words::CHOOSE_PASSWORD, boot()).unwrap();
        wait_blessed(&vm);
        device("case", vm)
    })
}

fn device(flavour: &'static str, vm: Vm) -> Device {
    let first_boot = vm.uptime();
    let machine = vm.power_cut().unwrap();
    let dir = tempfile::Builder::new()
        .prefix("amtsnah-device-")
        .tempdir_in(qemu::base_dir())
        .unwrap();
    let snapshot = machine.state().snapshot(dir.path()).unwrap();
    Device {
        flavour,
        first_boot,
        snapshot,
        _dir: dir,
    }
}

/// A device as it leaves the installer's hands: the image on its disk, firmware in setup mode, an empty TPM.
pub fn factory_new(flavour: &str) -> Machine {
    let state = State::fresh(&image(flavour)).unwrap();
    state.grow_disk(DISK_BYTES).unwrap();
    Machine::new(flavour, state)
}

/// Waits until the first screen is there, on which a visit begins.
pub fn wait_home(vm: &Vm) {
    vm.wait_stage(Stage::Shell, boot()).unwrap();
    vm.wait_text(crate::words::ATTRACT, boot()).unwrap();
}

/// The disk image of a flavour.
pub fn image(flavour: &str) -> PathBuf {
    output_of(flavour, ".raw")
}

/// What the build of a flavour made: the file with the shortest name that ends so.
pub fn output_of(flavour: &str, end: &str) -> PathBuf {
    let dir = folder("AMTSNAH_IMAGES").join(flavour);
    std::fs::read_dir(&dir)
        .unwrap_or_else(|error| panic!("{}: {error}", dir.display()))
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.to_string_lossy().ends_with(end))
        .min_by_key(|path| path.as_os_str().len())
        .unwrap_or_else(|| panic!("nothing in {} ends with {end}", dir.display()))
}

/// The folder of the keys that the image was signed with.
pub fn keys() -> PathBuf {
    folder("AMTSNAH_KEYS")
}

/// The operator's private key.
pub fn operator_key() -> PathBuf {
    keys().join("operator.key")
}

/// A certificate of the keys that the image was made with, in DER.
pub fn certificate(name: &str) -> Vec<u8> {
    let file = keys().join(format!("{name}.crt"));
    tool(
        Command::new("openssl")
            .args(["x509", "-outform", "DER", "-in"])
            .arg(file),
    )
}

fn folder(variable: &str) -> PathBuf {
    PathBuf::from(std::env::var_os(variable).unwrap_or_else(|| {
        panic!("{variable} is not set: run these tests by `cargo os test system`")
    }))
}

/// Runs a tool on this side and returns its output.
pub fn tool(command: &mut Command) -> Vec<u8> {
    let output = command.stdin(Stdio::null()).output().unwrap();
    assert!(
        output.status.success(),
        "{command:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    output.stdout
}

/// The recovery key of a device that is off, read as the operator does: from its disk, with the private key. Also the code that it
/// lies under.
pub fn recovery_key(machine: &Machine, scratch: &Path) -> (String, String) {
    let esp = machine.state().disk().unwrap().esp().unwrap();
    let files: Vec<String> = esp
        .list()
        .unwrap()
        .into_iter()
        .filter(|path| path.to_lowercase().starts_with("amtsnah/recovery/"))
        .collect();
    assert_eq!(files.len(), 1, "{files:?}");
    let code = Path::new(&files[0])
        .file_stem()
        .unwrap()
        .to_string_lossy()
        .into_owned();
    let sealed = scratch.join("recovery.pem");
    std::fs::write(&sealed, esp.read(&files[0]).unwrap()).unwrap();
    let text = tool(
        Command::new("openssl")
            .args(["cms", "-decrypt", "-inform", "PEM", "-inkey"])
            .arg(operator_key())
            .arg("-in")
            .arg(&sealed),
    );
    let text = String::from_utf8(text).unwrap();
    let key = text
        .lines()
        .find_map(|line| line.strip_prefix("recovery key: "))
        .unwrap()
        .trim()
        .to_owned();
    assert!(text.contains(&code), "the code names another file");
    (code, key)
}
