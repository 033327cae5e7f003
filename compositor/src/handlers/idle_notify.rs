// SPDX-License-Identifier: EUPL-1.2
//! `ext_idle_notify`: tells when nobody has touched anything for a while; only for the shell.

use smithay::{
    reexports::{
        wayland_protocols::ext::idle_notify::v1::server::{
            ext_idle_notification_v1::ExtIdleNotificationV1,
            ext_idle_notifier_v1::ExtIdleNotifierV1,
        },
        wayland_server::{Client, DataInit, DisplayHandle, GlobalDispatch, New, delegate_dispatch},
    },
    wayland::idle_notify::{IdleNotificationUserData, IdleNotifierHandler, IdleNotifierState},
};

use crate::{client::is_shell, state::Kiosk};

impl IdleNotifierHandler for Kiosk {
    fn idle_notifier_state(&mut self) -> &mut IdleNotifierState<Self> {
        &mut self.globals.idle_notifier
    }
}

// smithay offers it to everybody.
impl GlobalDispatch<ExtIdleNotifierV1, ()> for Kiosk {
    fn bind(
        state: &mut Self,
        display: &DisplayHandle,
        client: &Client,
        resource: New<ExtIdleNotifierV1>,
        data: &(),
        init: &mut DataInit<'_, Self>,
    ) {
        <IdleNotifierState<Self> as GlobalDispatch<ExtIdleNotifierV1, (), Self>>::bind(
            state, display, client, resource, data, init,
        );
    }

    fn can_view(client: Client, (): &()) -> bool {
        is_shell(&client)
    }
}

delegate_dispatch!(Kiosk: [ExtIdleNotifierV1: ()] => IdleNotifierState<Kiosk>);
delegate_dispatch!(Kiosk: [ExtIdleNotificationV1: IdleNotificationUserData] => IdleNotifierState<Kiosk>);
