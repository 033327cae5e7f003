// SPDX-License-Identifier: EUPL-1.2
//! A machine that is off.

use std::path::{Path, PathBuf};

use crate::{
    error::Result,
    hardware::{
        Accelerator, Bus, Display, ExtraDisk, Gpu, Hardware, InstructionCount, Nic, Pointer, Usb,
    },
    state::State,
    vm::Vm,
};

/// A machine that is off: what it is made of and what it keeps.
///
/// By default it has one processor, 1 GiB, Secure Boot firmware, a TPM, a touch screen of 1280 x 800, a keyboard, and
/// a network card with a way out.
#[derive(Debug)]
pub struct Machine {
    pub(crate) name: String,
    pub(crate) state: State,
    pub(crate) hardware: Hardware,
    pub(crate) artefacts: Option<PathBuf>,
}

impl Machine {
    /// A machine of a flavour, such as `terminal` or `case`.
    pub fn new(flavour: &str, state: State) -> Self {
        Self {
            name: flavour.to_owned(),
            state,
            hardware: Hardware::default(),
            artefacts: None,
        }
    }

    /// Switches it on.
    pub fn start(self) -> Result<Vm> {
        Vm::start(self)
    }

    /// What it keeps while it is off.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Takes out what it keeps.
    pub fn into_state(self) -> State {
        self.state
    }

    /// A machine of the same make with another state.
    #[must_use]
    pub fn twin(&self, state: State) -> Self {
        Self {
            name: self.name.clone(),
            state,
            hardware: self.hardware.clone(),
            artefacts: self.artefacts.clone(),
        }
    }

    /// Folder for serial log and pictures. Without it they are kept only when something went wrong.
    #[must_use]
    pub fn artefacts(mut self, dir: &Path) -> Self {
        self.artefacts = Some(dir.to_owned());
        self
    }

    /// Who executes the guest's instructions.
    #[must_use]
    pub fn accelerator(mut self, accelerator: Accelerator) -> Self {
        self.hardware.accelerator = accelerator;
        self
    }

    /// Number of processors.
    #[must_use]
    pub fn cpus(mut self, count: u8) -> Self {
        self.hardware.cpus = count;
        self
    }

    /// Processor model in QEMU's words.
    #[must_use]
    pub fn cpu_model(mut self, model: &str) -> Self {
        self.hardware.cpu_model = Some(model.to_owned());
        self
    }

    /// Memory in MiB.
    #[must_use]
    pub fn memory_mib(mut self, size: u32) -> Self {
        self.hardware.memory_mib = size;
        self
    }

    /// Counts instructions, for [`Vm::instructions`]. Emulates, whatever else was asked.
    #[must_use]
    pub fn count_instructions(mut self, count: InstructionCount) -> Self {
        self.hardware.instruction_count = Some(count);
        self.hardware.accelerator = Accelerator::Tcg { threads: false };
        self
    }

    /// Lets the guest's memory balloon report, for [`Vm::memory_used`].
    #[must_use]
    pub fn memory_statistics(mut self) -> Self {
        self.hardware.memory_statistics = true;
        self
    }

    /// Where its clock begins, such as `2026-03-01T08:00:00`.
    #[must_use]
    pub fn clock(mut self, base: &str) -> Self {
        self.hardware.clock = Some(base.to_owned());
        self
    }

    /// How its disk is attached.
    #[must_use]
    pub fn bus(mut self, bus: Bus) -> Self {
        self.hardware.bus = bus;
        self
    }

    /// Adds a disk.
    #[must_use]
    pub fn extra_disk(mut self, image: &Path, bus: Bus) -> Self {
        let image = image.to_owned();
        self.hardware.extra_disks.push(ExtraDisk { image, bus });
        self
    }

    /// Takes out the TPM.
    #[must_use]
    pub fn without_tpm(mut self) -> Self {
        self.hardware.tpm = false;
        self
    }

    /// Takes out its network cards.
    #[must_use]
    pub fn without_network(mut self) -> Self {
        self.hardware.nics.clear();
        self
    }

    /// Adds a network card.
    #[must_use]
    pub fn nic(mut self, nic: Nic) -> Self {
        self.hardware.nics.push(nic);
        self
    }

    /// Plugs something into a USB socket.
    #[must_use]
    pub fn usb(mut self, device: Usb) -> Self {
        self.hardware.usb.push(device);
        self
    }

    /// Gives it a loudspeaker, and records what is heard of it and of a handset in `dir`: see [`crate::Recording`].
    #[must_use]
    pub fn sound(mut self, dir: &Path) -> Self {
        self.hardware.sound = Some(dir.to_owned());
        self
    }

    /// What a person points with.
    #[must_use]
    pub fn pointer(mut self, pointer: Pointer) -> Self {
        self.hardware.pointer = pointer;
        self
    }

    /// Takes away the keyboard.
    #[must_use]
    pub fn without_keyboard(mut self) -> Self {
        self.hardware.keyboard = false;
        self
    }

    /// The graphics card.
    #[must_use]
    pub fn gpu(mut self, gpu: Gpu) -> Self {
        self.hardware.gpu = gpu;
        self
    }

    /// Size of the screen.
    #[must_use]
    pub fn resolution(mut self, width: u32, height: u32) -> Self {
        self.hardware.resolution = (width, height);
        self
    }

    /// Gives its graphics card a second socket, for [`Vm::plug_screen`].
    #[must_use]
    pub fn second_screen(mut self) -> Self {
        self.hardware.screens = 2;
        self
    }

    /// Where a person sees the screen.
    #[must_use]
    pub fn display(mut self, display: Display) -> Self {
        self.hardware.display = display;
        self
    }

    /// Its serial number, which also gives its network cards their addresses.
    #[must_use]
    pub fn serial_number(mut self, number: &str) -> Self {
        number.clone_into(&mut self.hardware.serial_number);
        self
    }
}
