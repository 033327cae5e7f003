// SPDX-License-Identifier: EUPL-1.2
//! What a clerk does at a case before it opens.

use crate::{deadline::Deadline, error::Result, keys::Layout, vm::Vm};

impl Vm {
    /// Chooses the PIN of a factory-new case and repeats it; each screen may take until `deadline`.
    pub fn choose_pin(&self, pin: &str, deadline: Deadline) -> Result<()> {
        // On one line of the screen, which the whole heading is not.
        self.wait_text("wählen Sie", deadline)?;
        self.type_pin(pin)?;
        self.wait_text("wiederholen", deadline)?;
        self.type_pin(pin)
    }

    /// Enters the PIN when it is asked for.
    pub fn enter_pin(&self, pin: &str, deadline: Deadline) -> Result<()> {
        self.wait_text("PIN", deadline)?;
        self.type_pin(pin)
    }

    fn type_pin(&self, pin: &str) -> Result<()> {
        self.type_text(pin, Layout::German)?;
        self.keys(&["ret"])
    }
}
