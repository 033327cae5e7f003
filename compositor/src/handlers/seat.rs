// SPDX-License-Identifier: EUPL-1.2
//! `wl_seat`: keyboard, pointer and touch.

use smithay::{
    delegate_seat,
    input::{Seat, SeatHandler, SeatState, pointer::CursorImageStatus},
    reexports::wayland_server::protocol::wl_surface::WlSurface,
};

use crate::state::Kiosk;

impl SeatHandler for Kiosk {
    type KeyboardFocus = WlSurface;
    type PointerFocus = WlSurface;
    type TouchFocus = WlSurface;

    fn seat_state(&mut self) -> &mut SeatState<Self> {
        &mut self.globals.seat
    }

    fn focus_changed(&mut self, _seat: &Seat<Self>, focused: Option<&WlSurface>) {
        self.hand_over_clipboard(focused);
        self.tell_fields(focused);
    }

    /// A client's own pointer picture is not shown: a hidden or misleading pointer is of no use to a citizen.
    fn cursor_image(&mut self, _seat: &Seat<Self>, _image: CursorImageStatus) {}
}

delegate_seat!(Kiosk);
