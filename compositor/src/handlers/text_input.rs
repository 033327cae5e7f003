// SPDX-License-Identifier: EUPL-1.2
//! `zwp_text_input`: fields that want to be typed into by the keyboard on the screen.
//!
//! Two things are done here before smithay hears of them: values that no version of the protocol knows, on which it would
//! panic, are dropped; and a field that goes away while it is typed into is disabled first, which smithay forgets where its
//! client has another one.

use smithay::{
    reexports::{
        wayland_protocols::wp::text_input::zv3::server::{
            zwp_text_input_manager_v3::ZwpTextInputManagerV3,
            zwp_text_input_v3::{self, ZwpTextInputV3},
        },
        wayland_server::{
            Client, DataInit, Dispatch, DisplayHandle, backend::ClientId, delegate_dispatch,
            delegate_global_dispatch,
        },
    },
    wayland::text_input::{TextInputManagerState, TextInputSeat, TextInputUserData},
};

use crate::state::Kiosk;

impl Dispatch<ZwpTextInputV3, TextInputUserData> for Kiosk {
    fn request(
        state: &mut Self,
        client: &Client,
        field: &ZwpTextInputV3,
        request: zwp_text_input_v3::Request,
        data: &TextInputUserData,
        display: &DisplayHandle,
        init: &mut DataInit<'_, Self>,
    ) {
        use zwp_text_input_v3::Request;
        let requests = match request {
            Request::SetTextChangeCause { cause } if cause.into_result().is_err() => return,
            Request::SetContentType { hint, purpose }
                if hint.into_result().is_err() || purpose.into_result().is_err() =>
            {
                return;
            }
            Request::Destroy => {
                let mut active = false;
                state
                    .devices
                    .seat
                    .text_input()
                    .with_active_text_input(|other, _| {
                        active = other == field;
                    });
                if active {
                    vec![Request::Disable, Request::Commit, Request::Destroy]
                } else {
                    vec![Request::Destroy]
                }
            }
            request => vec![request],
        };
        for request in requests {
            <TextInputManagerState as Dispatch<ZwpTextInputV3, TextInputUserData, Self>>::request(
                state, client, field, request, data, display, init,
            );
        }
    }

    fn destroyed(
        state: &mut Self,
        client: ClientId,
        field: &ZwpTextInputV3,
        data: &TextInputUserData,
    ) {
        <TextInputManagerState as Dispatch<ZwpTextInputV3, TextInputUserData, Self>>::destroyed(
            state, client, field, data,
        );
    }
}

delegate_global_dispatch!(Kiosk: [ZwpTextInputManagerV3: ()] => TextInputManagerState);
delegate_dispatch!(Kiosk: [ZwpTextInputManagerV3: ()] => TextInputManagerState);
