// SPDX-License-Identifier: EUPL-1.2
//! Objects of the compositor's that say nothing worth hearing.

use smithay_client_toolkit::dispatch2::Dispatch2;
use smithay_client_toolkit::reexports::client::{Connection, Proxy, QueueHandle};

use super::window::App;

/// For objects that only do what they are asked to.
pub struct Silent;

impl<Object: Proxy> Dispatch2<Object, App> for Silent {
    fn event(
        &self,
        _: &mut App,
        _: &Object,
        _: Object::Event,
        _: &Connection,
        _: &QueueHandle<App>,
    ) {
    }
}
