// SPDX-License-Identifier: EUPL-1.2
//! Virtual machines for the whole-system tests: QEMU with Secure Boot firmware and a TPM, seen and touched as a person
//! would.
//!
//! A [`State`] is what a machine keeps while it is off (disk, firmware variables, TPM). A [`Machine`] is a state and
//! what it is made of. Switching it on gives a [`Vm`]; switching that off gives the machine back. So a test can only
//! touch the disk of a machine that is off, and nothing is left behind whatever a test does: a dropped [`Vm`] is
//! killed and reaped, and if the test itself is killed, the kernel ends QEMU and the TPM with it.
//!
//! Every wait has a [`Deadline`] and listens to events; when it fails, the error says what was awaited, which boot
//! stage was reached, the last console lines, and where the picture of the screen is.
//!
//! ```no_run
//! use qemu::{Deadline, Kind, Machine, Outcome, Stage, State};
//!
//! /// Proves T12: a flipped bit in `/usr` never reaches the shell.
//! fn flipped_bit_is_refused(image: &std::path::Path) -> Outcome {
//!     // First boot: the device makes its own state.
//!     let vm = Machine::new("terminal", State::fresh(image)?).start()?;
//!     vm.wait_stage(Stage::Shell, Deadline::secs(180))?;
//!     vm.wait_text("Wohngeld", Deadline::secs(20))?.tap()?;
//!     vm.wait_text("Zurück", Deadline::secs(20))?.tap()?;
//!     let machine = vm.power_down(Deadline::secs(60))?;
//!
//!     // The same device again, from a snapshot, after an attacker had its disk.
//!     let dir = tempfile::tempdir().unwrap();
//!     let snapshot = machine.state().snapshot(dir.path())?;
//!     let attacked = machine.twin(State::from_snapshot(&snapshot)?);
//!     let mut disk = attacked.state().disk()?;
//!     let usr = disk.only(Kind::Usr)?;
//!     let offset = disk.first_data(&usr, usr.len() / 2)?;
//!     disk.flip_bit(&usr, offset)?;
//!     let vm = attacked.start()?;
//!     vm.wait_serial("is corrupted", Deadline::secs(120))?;
//!     assert!(vm.stage() < Stage::Shell);
//!     Ok(())
//! }
//! ```
//!
//! Debian packages: qemu-system-x86 qemu-system-gui qemu-utils ovmf swtpm swtpm-tools mtools tesseract-ocr
//! tesseract-ocr-deu, and weston for a graphics card that draws.

mod accel;
mod addon;
mod args;
mod braille;
mod console;
mod deadline;
mod desk;
mod disk;
mod error;
mod esp;
mod figures;
mod hardware;
mod hub;
mod input;
mod keys;
mod machine;
mod ocr;
pub mod packet;
pub mod painter;
mod pin;
mod preexec;
mod process;
mod qmp;
pub mod residue;
mod screen;
mod second;
mod sound;
mod stage;
mod state;
mod tpm;
mod variables;
mod vm;
mod watch;
mod wire;

pub use accel::{Kvm, kvm};
pub use addon::Addon;
pub use braille::Braille;
pub use deadline::Deadline;
pub use disk::{Disk, Kind, Partition};
pub use error::{Error, Report, Result};
pub use esp::Esp;
pub use figures::{Figures, measure};
pub use hardware::{
    Accelerator, Bus, Display, ExtraDisk, Gpu, InstructionCount, Nic, Pointer, Usb,
};
pub use hub::{Event, Line, Reached};
pub use input::Found;
pub use keys::Layout;
pub use machine::Machine;
pub use ocr::{Word, Words};
pub use screen::{Rect, Rgb, Screen};
pub use sound::{Outlet, Recording};
pub use stage::{MARKERS, Marker, STATE_OPEN, Stage, StageTracker, TROUBLES};
pub use state::{Format, Snapshot, State, base_dir};
pub use variables::Variables;
pub use vm::Vm;
pub use watch::Mark;
pub use wire::Wire;

/// What a scenario returns.
pub type Outcome = Result<()>;
