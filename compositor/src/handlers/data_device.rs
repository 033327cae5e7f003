// SPDX-License-Identifier: EUPL-1.2
//! `wl_data_device`: a clipboard, without which some toolkits hear no input at all. In a kiosk it never leaves the client
//! that has filled it, and nothing is dragged anywhere.

use smithay::{
    reexports::wayland_server::{
        Client, DataInit, Dispatch, DisplayHandle, Resource,
        backend::ClientId,
        delegate_dispatch, delegate_global_dispatch,
        protocol::{
            wl_data_device::{self, WlDataDevice},
            wl_data_device_manager::WlDataDeviceManager,
            wl_data_source::WlDataSource,
            wl_surface::WlSurface,
        },
    },
    wayland::selection::{
        SelectionHandler,
        data_device::{
            ClientDndGrabHandler, DataDeviceHandler, DataDeviceState, DataDeviceUserData,
            DataSourceUserData, ServerDndGrabHandler, clear_data_device_selection,
            set_data_device_focus,
        },
    },
};

use crate::{rules::Placement, state::Kiosk};

impl SelectionHandler for Kiosk {
    type SelectionUserData = ();
}

impl DataDeviceHandler for Kiosk {
    fn data_device_state(&self) -> &DataDeviceState {
        &self.globals.data_device
    }
}

impl ClientDndGrabHandler for Kiosk {}

impl ServerDndGrabHandler for Kiosk {}

impl Kiosk {
    /// The keyboard has gone to another surface: what another client has copied is forgotten.
    pub fn hand_over_clipboard(&mut self, focused: Option<&WlSurface>) {
        let client = focused.and_then(Resource::client);
        let seat = self.devices.seat.clone();
        if self.rules.placement == Placement::Frame
            && self.clipboard_owner.is_some()
            && self.clipboard_owner != client
        {
            self.clipboard_owner = None;
            clear_data_device_selection::<Self>(&self.display, &seat);
        }
        set_data_device_focus::<Self>(&self.display, &seat, client);
    }
}

impl Dispatch<WlDataDevice, DataDeviceUserData> for Kiosk {
    fn request(
        state: &mut Self,
        client: &Client,
        device: &WlDataDevice,
        request: wl_data_device::Request,
        data: &DataDeviceUserData,
        display: &DisplayHandle,
        init: &mut DataInit<'_, Self>,
    ) {
        if let wl_data_device::Request::StartDrag { .. } = request {
            return;
        }
        // smithay lets only the client set it that has the keyboard.
        if let wl_data_device::Request::SetSelection { .. } = request
            && state
                .devices
                .keyboard
                .client_of_object_has_focus(&device.id())
        {
            state.clipboard_owner = Some(client.clone());
        }
        <DataDeviceState as Dispatch<WlDataDevice, DataDeviceUserData, Self>>::request(
            state, client, device, request, data, display, init,
        );
    }

    fn destroyed(
        state: &mut Self,
        client: ClientId,
        device: &WlDataDevice,
        data: &DataDeviceUserData,
    ) {
        <DataDeviceState as Dispatch<WlDataDevice, DataDeviceUserData, Self>>::destroyed(
            state, client, device, data,
        );
    }
}

delegate_global_dispatch!(Kiosk: [WlDataDeviceManager: ()] => DataDeviceState);
delegate_dispatch!(Kiosk: [WlDataDeviceManager: ()] => DataDeviceState);
delegate_dispatch!(Kiosk: [WlDataSource: DataSourceUserData] => DataDeviceState);
