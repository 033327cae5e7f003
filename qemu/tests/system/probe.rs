// SPDX-License-Identifier: EUPL-1.2
//! Faults inside a device, set off from outside by plugging something in.
//!
//! ```text
//!  add-on's initrd ──tmpfiles──► /run: units, udev rules ──► main system: a thing is plugged in ──► its unit runs
//! ```
//!
//! The image stays as it was built and verified. What is here comes with an add-on that only the image's own keys can sign.

use std::path::Path;
use std::process::Command;

use qemu::{Addon, Usb};

use crate::device::{keys, tool};

/// Where the add-on's files are in the initrd.
const INITRD: &str = "usr/share/probe";
/// Where they are in the main system.
const MAIN: &str = "/run/probe";

/// Runs a program whose file carries no permission to be run, as those that are [`held`].
pub const LOADER: &str = "/usr/lib64/ld-linux-x86-64.so.2";

/// What happens in a device when something is plugged in.
pub struct Probe {
    addon: Addon,
    rules: Vec<String>,
}

impl Probe {
    /// Nothing happens yet.
    pub fn new() -> Self {
        Self {
            addon: Addon::new(),
            rules: Vec::new(),
        }
    }

    /// A file that commands find as [`held`].
    pub fn holds(mut self, name: &str, content: impl Into<Vec<u8>>) -> Self {
        self.addon = self.addon.file(&format!("{INITRD}/files/{name}"), content);
        self
    }

    /// A unit, or a part of one, that the main system has from its start.
    pub fn lays(mut self, name: &str, text: &str) -> Self {
        self.addon = self.addon.file(&format!("{INITRD}/units/{name}"), text);
        self
    }

    /// Holds the program of somebody who uses the device, for [`citizen`].
    pub fn citizen(self) -> Self {
        let scratch = tempfile::tempdir_in(qemu::base_dir()).unwrap();
        let program = scratch.path().join("citizen");
        tool(
            Command::new("strip")
                .arg("-o")
                .arg(&program)
                .arg(env!("CARGO_BIN_EXE_citizen")),
        );
        self.holds("citizen", std::fs::read(program).unwrap())
    }

    /// These services have another site.
    pub fn site(mut self, site: impl Into<Vec<u8>>, services: &[&str]) -> Self {
        let bound = format!(
            "[Service]\nBindReadOnlyPaths={}:/usr/share/amtsnah/site/site.toml\n",
            held("site.toml")
        );
        for service in services {
            self = self.lays(&format!("{service}.service.d/50-site.conf"), &bound);
        }
        self.holds("site.toml", site)
    }

    /// Runs commands, one after the other, when `device` is plugged in. `unit` is what else the unit says.
    pub fn when_plugged(self, device: &Usb, unit: &str, commands: &[&str]) -> Self {
        self.when("usb_device", "ATTR", device, unit, commands, "")
    }

    /// The same for a device with a serial number, which commands have as `%i`.
    pub fn when_numbered(self, device: &Usb, unit: &str, commands: &[&str]) -> Self {
        self.when(
            "usb_device",
            "ATTR",
            device,
            unit,
            commands,
            "@$attr{serial}",
        )
    }

    /// The same when the kernel takes `device` into use: only then does it have interfaces.
    pub fn when_used(self, device: &Usb, commands: &[&str]) -> Self {
        // An interface has the numbers of the device that it belongs to.
        self.when("usb_interface", "ATTRS", device, "", commands, "")
    }

    fn when(
        mut self,
        kind: &str,
        numbers: &str,
        device: &Usb,
        unit: &str,
        commands: &[&str],
        instance: &str,
    ) -> Self {
        let stem = format!("probe-{}", self.rules.len());
        let template = if instance.is_empty() { "" } else { "@" };
        let wanted = format!("{stem}{instance}.service");
        let name = format!("{stem}{template}.service");
        let (vendor, product) = ids(device);
        self.rules.push(format!(
            "ACTION==\"add\", SUBSYSTEM==\"usb\", ENV{{DEVTYPE}}==\"{kind}\", {numbers}{{idVendor}}==\"{vendor}\", \
             {numbers}{{idProduct}}==\"{product}\", TAG+=\"systemd\", ENV{{SYSTEMD_WANTS}}+=\"{wanted}\"\n"
        ));
        let commands = commands.join("\nExecStart=");
        let text = format!(
            "[Unit]\n{unit}\n[Service]\nType=oneshot\nStandardOutput=tty\nTTYPath=/dev/console\nExecStart={commands}\n"
        );
        self.addon = self.addon.file(&format!("{INITRD}/units/{name}"), text);
        self
    }

    /// The add-on, signed with the image's own key.
    pub fn sign(self) -> Vec<u8> {
        let copies = format!(
            "C+ /run/systemd/system - - - - /{INITRD}/units\n\
             C+ /run/udev/rules.d - - - - /{INITRD}/rules\n\
             C+ {MAIN} - - - - /{INITRD}/files\n"
        );
        self.addon
            .file(
                &format!("{INITRD}/rules/99-probe.rules"),
                self.rules.concat(),
            )
            .file("usr/lib/tmpfiles.d/probe.conf", copies)
            .sign(&keys().join("db.key"), &keys().join("db.crt"))
            .unwrap()
    }
}

/// Where commands find a file.
pub fn held(name: &str) -> String {
    format!("{MAIN}/{name}")
}

/// The command by which somebody does `what`, where the probe holds a [`Probe::citizen`].
pub fn citizen(what: &str) -> String {
    format!("{LOADER} {} {what}", held("citizen"))
}

/// An add-on that would switch the device off, signed with a key that the device does not know.
pub fn foreign(scratch: &Path) -> Vec<u8> {
    let (key, certificate) = (scratch.join("foreign.key"), scratch.join("foreign.crt"));
    tool(
        Command::new("openssl")
            .args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-sha256"])
            .args(["-subj", "/CN=foreign", "-keyout"])
            .arg(&key)
            .arg("-out")
            .arg(&certificate),
    );
    Addon::new()
        .parameter("systemd.unit=poweroff.target")
        .sign(&key, &certificate)
        .unwrap()
}

/// Vendor and product of what QEMU plugs in.
pub fn ids(device: &Usb) -> (&'static str, &'static str) {
    match device {
        Usb::CardReader => ("08e6", "4433"),
        Usb::Hub => ("0409", "55aa"),
        Usb::Audio | Usb::Handset => ("46f4", "0002"),
        Usb::Storage(_) => ("46f4", "0001"),
        Usb::Network => ("0525", "a4a2"),
        other => panic!("{other:?} has no number of its own"),
    }
}
