// SPDX-License-Identifier: EUPL-1.2
//! `zwp_text_input`: fields that want to be typed into by the keyboard on the screen.
//!
//! Three things are done here before smithay hears of them. Values that no version of the protocol knows, on which it would
//! panic, are dropped. A field that goes away while it is typed into is disabled first, which smithay forgets where its
//! client has another one. And as long as no input method is there, fields are told of the focus, and what they say is kept
//! for the input method that comes; smithay does neither.

use smithay::{
    reexports::{
        wayland_protocols::wp::text_input::zv3::server::{
            zwp_text_input_manager_v3::{self, ZwpTextInputManagerV3},
            zwp_text_input_v3::{Request, ZwpTextInputV3},
        },
        wayland_server::{
            Client, DataInit, Dispatch, DisplayHandle, Resource, backend::ClientId,
            delegate_global_dispatch, protocol::wl_surface::WlSurface,
        },
    },
    wayland::text_input::{TextInputManagerState, TextInputSeat, TextInputUserData},
};

use crate::state::Kiosk;

/// So many fields may wait for an input method.
const MAX_FIELDS: usize = 64;

/// So many commits of a field are counted; beyond that its serials do not match, and an input method is not heard.
const MAX_COMMITS: u32 = 10_000;

/// What a field has said while no input method was there.
#[derive(Debug)]
pub struct Field {
    resource: ZwpTextInputV3,
    /// How often it has committed: its serial.
    commits: u32,
    pending: Vec<Request>,
    current: Vec<Request>,
}

impl Field {
    fn hear(&mut self, request: Request) {
        match request {
            Request::Enable | Request::Disable => self.pending = vec![request],
            Request::Commit => {
                self.commits = (self.commits + 1).min(MAX_COMMITS);
                match self.pending.first() {
                    Some(Request::Enable) => self.current = std::mem::take(&mut self.pending),
                    Some(Request::Disable) => {
                        self.current.clear();
                        self.pending.clear();
                    }
                    _ => std::mem::take(&mut self.pending)
                        .into_iter()
                        .for_each(|request| replace(&mut self.current, request)),
                }
            }
            request => replace(&mut self.pending, request),
        }
    }
}

/// The last request of a kind counts.
fn replace(requests: &mut Vec<Request>, request: Request) {
    let kind = std::mem::discriminant(&request);
    requests.retain(|other| std::mem::discriminant(other) != kind);
    requests.push(request);
}

impl Kiosk {
    /// The keyboard has gone to another surface: tells the fields, as long as no input method is there.
    pub fn tell_fields(&mut self, focused: Option<&WlSurface>) {
        let old = std::mem::replace(&mut self.fields_focus, focused.cloned());
        if self.has_input_method {
            return;
        }
        let fields = self.devices.seat.text_input().clone();
        let smithays = fields.focus();
        if let Some(old) = old {
            fields.set_focus(Some(old));
            fields.leave();
        }
        if let Some(new) = focused {
            fields.set_focus(Some(new.clone()));
            fields.enter();
        }
        fields.set_focus(smithays);
    }

    /// An input method has come: it hears what the fields have said so far.
    pub fn tell_input_method(
        &mut self,
        client: &Client,
        display: &DisplayHandle,
        init: &mut DataInit<'_, Self>,
    ) {
        for field in std::mem::take(&mut self.fields) {
            let Some(data) = field.resource.data::<TextInputUserData>() else {
                continue;
            };
            let mut requests = Vec::new();
            requests.extend((1..field.commits).map(|_| Request::Commit));
            requests.extend(field.current);
            requests.extend((field.commits > 0).then_some(Request::Commit));
            requests.extend(field.pending);
            for request in requests {
                forward(self, client, &field.resource, request, data, display, init);
            }
        }
    }
}

fn forward(
    state: &mut Kiosk,
    client: &Client,
    field: &ZwpTextInputV3,
    request: Request,
    data: &TextInputUserData,
    display: &DisplayHandle,
    init: &mut DataInit<'_, Kiosk>,
) {
    <TextInputManagerState as Dispatch<ZwpTextInputV3, TextInputUserData, Kiosk>>::request(
        state, client, field, request, data, display, init,
    );
}

impl Dispatch<ZwpTextInputV3, TextInputUserData> for Kiosk {
    fn request(
        state: &mut Self,
        client: &Client,
        field: &ZwpTextInputV3,
        request: Request,
        data: &TextInputUserData,
        display: &DisplayHandle,
        init: &mut DataInit<'_, Self>,
    ) {
        match request {
            Request::SetTextChangeCause { cause } if cause.into_result().is_err() => {}
            Request::SetContentType { hint, purpose }
                if hint.into_result().is_err() || purpose.into_result().is_err() => {}
            Request::Destroy => {
                let mut active = false;
                let fields = state.devices.seat.text_input().clone();
                fields.with_active_text_input(|other, _| active = other == field);
                if active {
                    for request in [Request::Disable, Request::Commit] {
                        forward(state, client, field, request, data, display, init);
                    }
                }
                forward(state, client, field, Request::Destroy, data, display, init);
            }
            request if !state.has_input_method => {
                let known = state
                    .fields
                    .iter()
                    .position(|known| known.resource == *field);
                let index = known.or_else(|| {
                    let new = Field {
                        resource: field.clone(),
                        commits: 0,
                        pending: Vec::new(),
                        current: Vec::new(),
                    };
                    (state.fields.len() < MAX_FIELDS).then(|| {
                        state.fields.push(new);
                        state.fields.len() - 1
                    })
                });
                if let Some(field) = index.and_then(|index| state.fields.get_mut(index)) {
                    field.hear(request);
                }
            }
            request => forward(state, client, field, request, data, display, init),
        }
    }

    fn destroyed(
        state: &mut Self,
        client: ClientId,
        field: &ZwpTextInputV3,
        data: &TextInputUserData,
    ) {
        state.fields.retain(|known| known.resource != *field);
        <TextInputManagerState as Dispatch<ZwpTextInputV3, TextInputUserData, Self>>::destroyed(
            state, client, field, data,
        );
    }
}

impl Dispatch<ZwpTextInputManagerV3, ()> for Kiosk {
    fn request(
        state: &mut Self,
        client: &Client,
        manager: &ZwpTextInputManagerV3,
        request: zwp_text_input_manager_v3::Request,
        data: &(),
        display: &DisplayHandle,
        init: &mut DataInit<'_, Self>,
    ) {
        let makes = matches!(
            request,
            zwp_text_input_manager_v3::Request::GetTextInput { .. }
        );
        <TextInputManagerState as Dispatch<ZwpTextInputManagerV3, (), Self>>::request(
            state, client, manager, request, data, display, init,
        );
        let focused = state.fields_focus.as_ref().and_then(Resource::client);
        if makes && !state.has_input_method && focused.as_ref() == Some(client) {
            state.devices.seat.text_input().enter();
        }
    }
}

delegate_global_dispatch!(Kiosk: [ZwpTextInputManagerV3: ()] => TextInputManagerState);
