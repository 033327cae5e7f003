// SPDX-License-Identifier: EUPL-1.2
//! The figures of a flavour that only a running machine shows.

use std::path::Path;
use std::time::Duration;

use crate::{Deadline, Error, InstructionCount, Machine, Result, Stage, State, Vm, hub::Reached};

/// Processors of the machine whose times are taken.
const CPUS: u8 = 2;

/// The PIN that the measured case gets.
const PIN: &str = "481537";

/// What one first boot and two second boots showed.
#[derive(Clone, Copy, Debug)]
pub struct Figures {
    /// From power on to the first frame of a factory-new device, key enrolment and the making of `/var` beside it included.
    pub first_boot: Duration,
    /// The firmware's and boot loader's part of the second boot.
    pub firmware: Duration,
    /// From the start of the kernel to the first frame of the second boot.
    pub second_boot: Duration,
    /// Guest instructions from power on to the first frame of a second boot.
    pub instructions: u64,
    /// Memory used at the home screen, in bytes.
    pub memory: u64,
}

/// Boots the image three times and measures. `disk_bytes` is the size of the disk it is flashed to.
pub fn measure(
    flavour: &str,
    image: &Path,
    disk_bytes: u64,
    deadline: Deadline,
) -> Result<Figures> {
    let state = State::fresh(image)?;
    state.grow_disk(disk_bytes)?;
    let vm = Machine::new(flavour, state).cpus(CPUS).start()?;
    let first_boot = vm.wait_stage(Stage::Shell, deadline)?;
    let pin = (flavour == "case").then_some(PIN);
    if let Some(pin) = pin {
        vm.choose_pin(pin, deadline)?;
    }
    vm.wait_state_open(deadline)?;

    let vm = vm.power_cut()?.memory_statistics().start()?;
    let shown = vm.wait_stage(Stage::Shell, deadline)?;
    if let Some(pin) = pin {
        vm.enter_pin(pin, deadline)?;
    }
    vm.wait_state_open(deadline)?;
    let firmware = kernel_started(&vm)?;
    let memory = vm.memory_used(deadline)?;

    let vm = vm
        .power_cut()?
        // Counted in one thread: a second processor's waiting would be counted too.
        .cpus(1)
        .count_instructions(InstructionCount {
            shift: 1,
            real_time: false,
        })
        .start()?;
    vm.wait_stage(Stage::Shell, deadline)?;
    let instructions = vm.instructions()?;
    Ok(Figures {
        first_boot,
        firmware,
        second_boot: shown.saturating_sub(firmware),
        instructions,
        memory,
    })
}

fn kernel_started(vm: &Vm) -> Result<Duration> {
    vm.stages()
        .iter()
        .find(|Reached { stage, .. }| *stage >= Stage::Kernel)
        .map(|reached| reached.at)
        .ok_or_else(|| Error::Machine("the start of the kernel was not seen".to_owned()))
}
