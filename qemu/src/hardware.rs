// SPDX-License-Identifier: EUPL-1.2
//! What a machine is made of.

use std::path::PathBuf;

/// Who executes the guest's instructions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Accelerator {
    /// KVM where it really runs a guest, emulation elsewhere.
    #[default]
    Auto,
    /// The host's processor.
    Kvm,
    /// Emulation; with `threads`, each virtual processor has its own thread.
    Tcg {
        /// Whether virtual processors run side by side.
        threads: bool,
    },
}

/// Counts the guest's instructions; needs emulation with one thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InstructionCount {
    /// One instruction takes 2^shift virtual nanoseconds.
    pub shift: u8,
    /// Whether the guest's idle time also passes outside.
    pub real_time: bool,
}

/// How the disk is attached.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Bus {
    /// virtio-blk: the fastest here.
    #[default]
    Virtio,
    /// `NVMe`, as in today's laptops.
    Nvme,
    /// SATA, as in older terminals.
    Sata,
    /// USB mass storage.
    Usb,
}

/// Another disk beside the system's own.
#[derive(Clone, Debug)]
pub struct ExtraDisk {
    /// The raw image; the guest writes to it.
    pub image: PathBuf,
    /// How it is attached.
    pub bus: Bus,
}

/// A network card.
#[derive(Clone, Debug)]
pub enum Nic {
    /// QEMU's own network with DHCP and DNS.
    User {
        /// TCP ports of the host's loopback and the guest's ports they lead to.
        forwards: Vec<(u16, u16)>,
        /// Whether the guest cannot reach anything but the host's forwarded ports.
        isolated: bool,
    },
    /// A cable whose other end is in this process: see [`Wire`](crate::Wire).
    Wire {
        /// The socket that is the guest's.
        guest: PathBuf,
        /// The socket that it sends to.
        host: PathBuf,
    },
    /// A tap device that exists.
    Tap(String),
}

/// Something in a USB socket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Usb {
    /// A keyboard.
    Keyboard,
    /// A mouse.
    Mouse,
    /// A device with absolute coordinates.
    Tablet,
    /// A hub.
    Hub,
    /// A stick with this raw image; the guest writes to it.
    Storage(PathBuf),
    /// A smart card reader without a card.
    CardReader,
    /// A network card with a network of its own.
    Network,
    /// A loudspeaker that nobody hears.
    Audio,
    /// A handset, heard in a machine with sound ([`crate::Machine::sound`]).
    Handset,
}

/// What a person points with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pointer {
    /// A touch screen.
    #[default]
    Touch,
    /// A tablet: a mouse with absolute coordinates.
    Tablet,
    /// Both; [`crate::Vm::tap`] uses the touch screen.
    Both,
    /// None.
    None,
}

/// The graphics card.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Gpu {
    /// virtio-gpu without VGA compatibility.
    #[default]
    Virtio,
    /// virtio-gpu that starts as VGA.
    VirtioVga,
    /// virtio-gpu that draws: what the guest asks of OpenGL is done on the host. It has one screen, which only tests see.
    Virgl,
}

/// Where a person sees the screen; tests see it in any case.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Display {
    /// Nowhere.
    #[default]
    None,
    /// In a window.
    Window,
    /// By VNC on this port of the host's loopback, 5900 or higher.
    Vnc(u16),
}

/// Everything about a machine except what it keeps while off.
#[derive(Clone, Debug)]
pub(crate) struct Hardware {
    pub accelerator: Accelerator,
    pub cpu_model: Option<String>,
    pub cpus: u8,
    pub memory_mib: u32,
    pub instruction_count: Option<InstructionCount>,
    pub memory_statistics: bool,
    pub clock: Option<String>,
    pub bus: Bus,
    pub extra_disks: Vec<ExtraDisk>,
    pub tpm: bool,
    pub nics: Vec<Nic>,
    pub usb: Vec<Usb>,
    pub sound: Option<PathBuf>,
    pub pointer: Pointer,
    pub keyboard: bool,
    pub gpu: Gpu,
    pub resolution: (u32, u32),
    pub screens: u8,
    pub display: Display,
    pub serial_number: String,
}

impl Default for Hardware {
    fn default() -> Self {
        Self {
            accelerator: Accelerator::Auto,
            cpu_model: None,
            cpus: 1,
            // The kernel wipes all free memory at start (`init_on_free`): more only takes longer.
            memory_mib: 1024,
            instruction_count: None,
            memory_statistics: false,
            clock: None,
            bus: Bus::Virtio,
            extra_disks: Vec::new(),
            tpm: true,
            nics: vec![Nic::User {
                forwards: Vec::new(),
                isolated: false,
            }],
            usb: Vec::new(),
            sound: None,
            pointer: Pointer::Touch,
            keyboard: true,
            gpu: Gpu::Virtio,
            resolution: (1280, 800),
            screens: 1,
            display: Display::None,
            serial_number: "amtsnah-0".to_owned(),
        }
    }
}
