// SPDX-License-Identifier: EUPL-1.2
//! `zwp_input_method`: what the keyboard on the screen writes; only for the shell, and only one.

mod unavailable;

use smithay::{
    desktop::{PopupKind, PopupManager},
    reexports::{
        wayland_protocols_misc::zwp_input_method_v2::server::{
            zwp_input_method_keyboard_grab_v2::ZwpInputMethodKeyboardGrabV2,
            zwp_input_method_manager_v2::{self, ZwpInputMethodManagerV2},
            zwp_input_method_v2::{self, ZwpInputMethodV2},
            zwp_input_popup_surface_v2::ZwpInputPopupSurfaceV2,
        },
        wayland_server::{
            Client, DataInit, Dispatch, DisplayHandle, backend::ClientId, delegate_dispatch,
            delegate_global_dispatch, protocol::wl_surface::WlSurface,
        },
    },
    utils::{Logical, Rectangle},
    wayland::{
        input_method::{
            InputMethodHandler, InputMethodKeyboardUserData, InputMethodManagerGlobalData,
            InputMethodManagerState, InputMethodPopupSurfaceUserData, InputMethodUserData,
            PopupSurface,
        },
        text_input::TextInputSeat,
    },
};

use unavailable::Unavailable;

use crate::{state::Kiosk, windows::Window};

impl InputMethodHandler for Kiosk {
    fn new_popup(&mut self, surface: PopupSurface) {
        if let Err(error) = self.popups.track_popup(PopupKind::from(surface)) {
            tracing::debug!(%error, "an input method's popup without a living parent");
        }
    }

    fn dismiss_popup(&mut self, surface: PopupSurface) {
        if let Some(parent) = surface.get_parent().map(|parent| parent.surface.clone())
            && let Err(error) = PopupManager::dismiss_popup(&parent, &PopupKind::from(surface))
        {
            tracing::debug!(%error, "dismiss an input method's popup");
        }
    }

    fn popup_repositioned(&mut self, _surface: PopupSurface) {
        self.queue_redraw();
    }

    fn parent_geometry(&self, parent: &WlSurface) -> Rectangle<i32, Logical> {
        self.window(parent)
            .map(Window::geometry)
            .unwrap_or_default()
    }
}

impl Dispatch<ZwpInputMethodManagerV2, ()> for Kiosk {
    fn request(
        state: &mut Self,
        client: &Client,
        manager: &ZwpInputMethodManagerV2,
        request: zwp_input_method_manager_v2::Request,
        data: &(),
        display: &DisplayHandle,
        init: &mut DataInit<'_, Self>,
    ) {
        let comes = match request {
            zwp_input_method_manager_v2::Request::GetInputMethod { input_method, .. }
                if state.has_input_method =>
            {
                return Unavailable::init(input_method, init);
            }
            zwp_input_method_manager_v2::Request::GetInputMethod { .. } => true,
            _ => false,
        };
        // The fields know of the focus already; smithay would tell them again.
        let fields = state.devices.seat.text_input().clone();
        let focus = fields.focus();
        fields.set_focus(None);
        <InputMethodManagerState as Dispatch<ZwpInputMethodManagerV2, (), Self>>::request(
            state, client, manager, request, data, display, init,
        );
        fields.set_focus(focus);
        if comes {
            state.has_input_method = true;
            state.tell_input_method(client, display, init);
        }
    }
}

impl Dispatch<ZwpInputMethodV2, InputMethodUserData<Self>> for Kiosk {
    fn request(
        state: &mut Self,
        client: &Client,
        method: &ZwpInputMethodV2,
        request: zwp_input_method_v2::Request,
        data: &InputMethodUserData<Self>,
        display: &DisplayHandle,
        init: &mut DataInit<'_, Self>,
    ) {
        <InputMethodManagerState as Dispatch<
            ZwpInputMethodV2,
            InputMethodUserData<Self>,
            Self,
        >>::request(state, client, method, request, data, display, init);
    }

    fn destroyed(
        state: &mut Self,
        client: ClientId,
        method: &ZwpInputMethodV2,
        data: &InputMethodUserData<Self>,
    ) {
        <InputMethodManagerState as Dispatch<
            ZwpInputMethodV2,
            InputMethodUserData<Self>,
            Self,
        >>::destroyed(state, client, method, data);
        // smithay has told the fields to leave; the focus itself has not changed.
        state.has_input_method = false;
        state.devices.seat.text_input().enter();
    }
}

delegate_global_dispatch!(Kiosk: [ZwpInputMethodManagerV2: InputMethodManagerGlobalData] => InputMethodManagerState);
delegate_dispatch!(Kiosk: [ZwpInputMethodKeyboardGrabV2: InputMethodKeyboardUserData<Self>] => InputMethodManagerState);
delegate_dispatch!(Kiosk: [ZwpInputPopupSurfaceV2: InputMethodPopupSurfaceUserData] => InputMethodManagerState);
