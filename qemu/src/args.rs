// SPDX-License-Identifier: EUPL-1.2
//! QEMU's command line for a machine. Pure: what is found on the host is passed in.

use std::{ffi::OsString, path::Path};

use crate::{
    hardware::{Bus, Display, Gpu, Hardware, Nic, Pointer, Usb},
    sound::Outlet,
    state::Format,
};

/// Firmware with Secure Boot and system management mode, so that the guest cannot write its variables directly.
const FIRMWARE: &str = "/usr/share/OVMF/OVMF_CODE_4M.secboot.fd";

/// The processor that is emulated: all that emulation can do. Its instructions for hashes and ciphers run in the
/// emulator's own compiled code, which verity and measured boot live on: to a full system it took 52 s of processor time
/// here, against 71 s for `Haswell`, 72 s for `Westmere`, 77 s for `Nehalem`. Five-level page tables are left out, since
/// they lengthen every page walk.
/// Without the "fast string" flags the kernel clears and copies memory by wide moves instead of `rep stosb`, which is emulated
/// byte by byte: 111 s instead of 144 s of processor time to the first frame.
const EMULATED_CPU: &str = "max,la57=off,erms=off,fsrm=off,fsrs=off,fzrm=off";

/// QEMU counts VNC displays from this port.
pub const VNC_BASE: u16 = 5900;

/// Where sound goes; it cannot be added while the machine runs.
pub const SILENCE: &str = "silence";

/// Who executes, once it is known whether KVM works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    Kvm,
    Tcg { threads: bool },
}

/// What the command line needs beside the hardware.
pub struct Places<'a> {
    pub name: &'a str,
    pub vars: &'a Path,
    pub disk: Option<(&'a Path, Format)>,
    pub monitor_fd: i32,
    pub serial_fd: i32,
    pub tpm_fd: Option<i32>,
    /// Where the second screen's viewer connects.
    pub viewer: &'a Path,
}

/// Collects arguments; paths need their commas doubled.
#[derive(Default)]
struct Args(Vec<OsString>);

impl Args {
    fn flag(&mut self, flag: &str) {
        self.0.push(flag.into());
    }

    fn pair(&mut self, flag: &str, value: impl Into<OsString>) {
        self.flag(flag);
        self.0.push(value.into());
    }

    fn device(&mut self, value: &str) {
        self.pair("-device", value);
    }

    fn drive(&mut self, options: &str, file: &Path) {
        let mut value = OsString::from(options);
        value.push(",file=");
        value.push(escape(file));
        self.pair("-drive", value);
    }
}

/// QEMU ends a value at a comma unless it is doubled.
pub fn escape(path: &Path) -> OsString {
    // Only valid UTF-8 can hold a comma that QEMU would split at and that this replacement would miss otherwise.
    match path.to_str() {
        Some(text) => text.replace(',', ",,").into(),
        None => path.into(),
    }
}

/// The whole command line, without the program.
pub fn arguments(hardware: &Hardware, engine: Engine, places: &Places<'_>) -> Vec<OsString> {
    let mut args = Args::default();
    args.flag("-no-user-config");
    args.flag("-nodefaults");
    // The clock of the tests begins when the processor does.
    args.flag("-S");
    args.pair(
        "-name",
        format!("{},debug-threads=on", places.name.replace(',', "_")),
    );
    processor(&mut args, hardware, engine);
    firmware(&mut args, places);
    channels(&mut args, places);
    // Before the disks: one may be a USB disk.
    args.device("qemu-xhci,id=usb");
    disks(&mut args, hardware, places);
    screen(&mut args, hardware, places.viewer);
    nics(&mut args, hardware);
    args.device("virtio-rng-pci");
    if hardware.memory_statistics {
        args.device("virtio-balloon-pci,id=balloon");
    }
    args.pair("-audiodev", format!("none,id={SILENCE}"));
    if let Some(dir) = &hardware.sound {
        sound(&mut args, dir);
    }
    for (number, usb) in hardware.usb.iter().enumerate() {
        usb_device(&mut args, number, usb);
    }
    args.0
}

fn processor(args: &mut Args, hardware: &Hardware, engine: Engine) {
    args.pair("-machine", "q35,smm=on,vmport=off,hpet=off");
    let (accelerator, model) = match engine {
        Engine::Kvm => ("kvm", "host"),
        Engine::Tcg { threads: true } if hardware.instruction_count.is_none() => {
            ("tcg,thread=multi,tb-size=512", EMULATED_CPU)
        }
        Engine::Tcg { .. } => ("tcg,thread=single,tb-size=512", EMULATED_CPU),
    };
    args.pair("-accel", accelerator);
    args.pair("-cpu", hardware.cpu_model.as_deref().unwrap_or(model));
    args.pair("-smp", hardware.cpus.to_string());
    args.pair("-m", format!("{}M", hardware.memory_mib));
    if let Some(count) = hardware.instruction_count {
        let sleep = if count.real_time { "on" } else { "off" };
        args.pair("-icount", format!("shift={},sleep={sleep}", count.shift));
    }
    let base = hardware.clock.as_deref().unwrap_or("utc");
    args.pair("-rtc", format!("base={base}"));
    let serial = hardware.serial_number.replace(',', ",,");
    args.pair(
        "-smbios",
        format!("type=1,manufacturer=Amtsnah,product=VM,serial={serial}"),
    );
    // A panic is an event that tests wait for; the guest's own reaction (a reboot) is the product's.
    args.pair("-action", "panic=none");
    args.device("pvpanic-pci");
}

fn firmware(args: &mut Args, places: &Places<'_>) {
    args.pair("-global", "driver=cfi.pflash01,property=secure,value=on");
    // Suspend to memory would bypass the firmware's lock; the secure build asks for this.
    args.pair("-global", "ICH9-LPC.disable_s3=1");
    args.drive(
        "if=pflash,format=raw,unit=0,readonly=on",
        Path::new(FIRMWARE),
    );
    args.drive("if=pflash,format=raw,unit=1", places.vars);
}

fn channels(args: &mut Args, places: &Places<'_>) {
    args.pair(
        "-chardev",
        format!("socket,id=monitor,fd={}", places.monitor_fd),
    );
    args.pair("-mon", "chardev=monitor,mode=control");
    args.pair(
        "-chardev",
        format!("socket,id=console,fd={}", places.serial_fd),
    );
    args.device("isa-serial,chardev=console");
    if let Some(fd) = places.tpm_fd {
        args.pair("-chardev", format!("socket,id=tpm,fd={fd}"));
        args.pair("-tpmdev", "emulator,id=tpm,chardev=tpm");
        // CRB needs fewer slow register accesses than TIS; both are in real machines.
        args.device("tpm-crb,tpmdev=tpm");
    }
}

fn disks(args: &mut Args, hardware: &Hardware, places: &Places<'_>) {
    // Flushes are honoured and nothing else is: what a power cut leaves is what the guest had flushed.
    let options = |id: &str, format: Format| {
        format!(
            "if=none,id={id},format={},cache=writeback,discard=unmap,detect-zeroes=unmap",
            format.name()
        )
    };
    if let Some((file, format)) = places.disk {
        args.drive(&options("disk", format), file);
        let device = block_device(hardware.bus, "disk");
        args.device(&format!("{device},serial=disk,bootindex=1"));
    }
    for (number, extra) in hardware.extra_disks.iter().enumerate() {
        let id = format!("extra{number}");
        args.drive(&options(&id, Format::Raw), &extra.image);
        let device = block_device(extra.bus, &id);
        args.device(&format!("{device},serial={id}"));
    }
}

fn block_device(bus: Bus, drive: &str) -> String {
    let device = match bus {
        Bus::Virtio => "virtio-blk-pci",
        Bus::Nvme => "nvme",
        Bus::Sata => "ide-hd",
        Bus::Usb => "usb-storage",
    };
    format!("{device},drive={drive},id={drive}-device")
}

fn screen(args: &mut Args, hardware: &Hardware, viewer: &Path) {
    let (width, height) = hardware.resolution;
    let gpu = match hardware.gpu {
        Gpu::Virtio => "virtio-gpu-pci",
        Gpu::VirtioVga => "virtio-vga",
        Gpu::Virgl => "virtio-gpu-gl-pci",
    };
    let screens = hardware.screens;
    args.device(&format!(
        "{gpu},id=gpu,xres={width},yres={height},max_outputs={screens}"
    ));
    if screens > 1 {
        let mut server = OsString::from("unix:");
        server.push(escape(viewer));
        server.push(",id=second,display=gpu,head=1");
        args.pair("-vnc", server);
    }
    if hardware.keyboard {
        args.device("virtio-keyboard-pci");
    }
    if matches!(hardware.pointer, Pointer::Touch | Pointer::Both) {
        args.device("virtio-multitouch-pci");
    }
    if matches!(hardware.pointer, Pointer::Tablet | Pointer::Both) {
        args.device("virtio-tablet-pci");
    }
    match hardware.display {
        // A card that draws needs the window that `desk` has a place for.
        _ if hardware.gpu == Gpu::Virgl => args.pair("-display", "sdl,gl=on"),
        Display::None => args.pair("-display", "none"),
        // GTK tells the guest its first, smaller window's size; SDL keeps the resolution asked for.
        Display::Window => args.pair("-display", "sdl"),
        Display::Vnc(port) => {
            args.pair("-display", "none");
            let number = port.saturating_sub(VNC_BASE);
            args.pair("-vnc", format!("127.0.0.1:{number}"));
        }
    }
}

fn nics(args: &mut Args, hardware: &Hardware) {
    if hardware.nics.is_empty() {
        args.pair("-nic", "none");
    }
    for (number, nic) in hardware.nics.iter().enumerate() {
        let id = netdev(number);
        let net = match nic {
            Nic::User { forwards, isolated } => {
                let restrict = if *isolated { "on" } else { "off" };
                let mut net = format!("user,id={id},restrict={restrict}");
                for (host, guest) in forwards {
                    net.push_str(&forward(*host, *guest));
                }
                net
            }
            Nic::Wire { guest, host } => {
                let ends = [("local", guest), ("remote", host)];
                let ends = ends
                    .map(|(end, path)| format!("{end}.type=unix,{end}.path={}", path.display()));
                format!("dgram,id={id},{}", ends.join(","))
            }
            Nic::Tap(name) => format!("tap,id={id},ifname={name},script=no,downscript=no"),
        };
        args.pair("-netdev", net);
        // Cards of two machines on one cable must differ: the serial number tells machines apart.
        let [high, low] = checksum(&hardware.serial_number).to_be_bytes();
        // The firmware has no driver for this card, and without its ROM does not try to boot from the network for minutes.
        args.device(&format!(
            "e1000e,netdev={id},mac=52:54:00:{high:02x}:{low:02x}:{number:02x},romfile="
        ));
    }
}

/// What the cable of a network card is called.
pub fn netdev(number: usize) -> String {
    format!("net{number}")
}

fn forward(host: u16, guest: u16) -> String {
    format!(",hostfwd=tcp:127.0.0.1:{host}-:{guest}")
}

/// A small number from a name.
fn checksum(name: &str) -> u16 {
    name.bytes().fold(17, |sum: u16, byte| {
        sum.wrapping_mul(31).wrapping_add(byte.into())
    })
}

/// Driver and extra options of a USB device; `id` also names what it needs besides.
pub fn usb_driver(usb: &Usb) -> &'static str {
    match usb {
        Usb::Keyboard => "usb-kbd",
        Usb::Mouse => "usb-mouse",
        Usb::Tablet => "usb-tablet",
        Usb::Hub => "usb-hub",
        Usb::Storage(_) => "usb-storage",
        Usb::CardReader => "usb-ccid",
        Usb::Network => "usb-net",
        Usb::Audio | Usb::Handset => "usb-audio",
    }
}

/// A loudspeaker on the board; the handset is plugged in. Both are recorded.
fn sound(args: &mut Args, dir: &Path) {
    for outlet in [Outlet::Handset, Outlet::Loudspeaker] {
        let file = outlet.file(dir).display().to_string().replace(',', ",,");
        args.pair("-audiodev", format!("wav,id={},path={file}", outlet.id()));
    }
    args.device("ich9-intel-hda,id=hda");
    let id = Outlet::Loudspeaker.id();
    args.device(&format!("hda-output,bus=hda.0,audiodev={id}"));
}

fn usb_device(args: &mut Args, number: usize, usb: &Usb) {
    let id = format!("usb{number}");
    let driver = usb_driver(usb);
    let needs = match usb {
        Usb::Storage(image) => {
            args.drive(&format!("if=none,id={id}-drive,format=raw"), image);
            format!(",drive={id}-drive")
        }
        Usb::Network => {
            args.pair("-netdev", format!("user,id={id}-net,restrict=on"));
            format!(",netdev={id}-net")
        }
        Usb::Audio => format!(",audiodev={SILENCE}"),
        Usb::Handset => format!(",audiodev={}", Outlet::Handset.id()),
        _ => String::new(),
    };
    args.device(&format!("{driver},bus=usb.0,id={id}{needs}"));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hardware::InstructionCount;

    fn line(hardware: &Hardware, engine: Engine) -> String {
        let places = Places {
            name: "terminal",
            vars: Path::new("/v,a/vars.fd"),
            disk: Some((Path::new("/d/disk.qcow2"), Format::Qcow2)),
            monitor_fd: 5,
            serial_fd: 6,
            tpm_fd: hardware.tpm.then_some(7),
            viewer: Path::new("/v/second.sock"),
        };
        let args = arguments(hardware, engine, &places);
        let args: Vec<_> = args.iter().map(|arg| arg.to_str().unwrap()).collect();
        args.join(" ")
    }

    /// Proves O2: every machine has firmware whose variables only system management mode may write, and a TPM.
    #[test]
    fn secure_boot_is_always_real() {
        let line = line(&Hardware::default(), Engine::Tcg { threads: true });
        assert!(line.contains("-machine q35,smm=on"));
        assert!(line.contains("driver=cfi.pflash01,property=secure,value=on"));
        assert!(line.contains("OVMF_CODE_4M.secboot.fd"));
        assert!(line.contains("tpm-crb,tpmdev=tpm"));
        assert!(line.contains("user,id=net0,restrict=off"));
        assert!(
            line.contains("file=/v,,a/vars.fd"),
            "commas are doubled: {line}"
        );
    }

    /// Proves O9: counting instructions forces one thread; devices appear as asked.
    #[test]
    fn hardware_appears_as_asked() {
        let hardware = Hardware {
            instruction_count: Some(InstructionCount {
                shift: 1,
                real_time: false,
            }),
            tpm: false,
            pointer: Pointer::Tablet,
            display: Display::Vnc(5907),
            nics: vec![Nic::User {
                forwards: vec![(8443, 443)],
                isolated: true,
            }],
            usb: vec![Usb::Keyboard, Usb::Storage("/stick".into())],
            bus: Bus::Nvme,
            screens: 2,
            ..Hardware::default()
        };
        let line = line(&hardware, Engine::Tcg { threads: true });
        for part in [
            "tcg,thread=single",
            "-icount shift=1,sleep=off",
            "virtio-tablet-pci",
            "-vnc 127.0.0.1:7",
            "max_outputs=2",
            "-vnc unix:/v/second.sock,id=second,display=gpu,head=1",
            "restrict=on,hostfwd=tcp:127.0.0.1:8443-:443",
            "usb-kbd,bus=usb.0,id=usb0",
            "if=none,id=usb1-drive,format=raw,file=/stick",
            "nvme,drive=disk,id=disk-device,serial=disk,bootindex=1",
        ] {
            assert!(line.contains(part), "{part} is missing in {line}");
        }
        for part in ["multitouch", "tpm", "-nic none"] {
            assert!(!line.contains(part), "{part} is in {line}");
        }
    }
}
