// SPDX-License-Identifier: EUPL-1.2
//! `ext_foreign_toplevel_list`: tells the shell which applications have a window, and that one has gone, by its own will, by
//! a crash, or because it did not answer any more.

use smithay::{
    delegate_foreign_toplevel_list,
    wayland::foreign_toplevel_list::{ForeignToplevelListHandler, ForeignToplevelListState},
};

use crate::state::Kiosk;

impl ForeignToplevelListHandler for Kiosk {
    fn foreign_toplevel_list_state(&mut self) -> &mut ForeignToplevelListState {
        &mut self.globals.toplevel_list
    }
}

delegate_foreign_toplevel_list!(Kiosk);
