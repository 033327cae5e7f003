// SPDX-License-Identifier: EUPL-1.2
//! The contract over a real connection: two peers on a socket pair, no bus daemon.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A test ends at the first surprise.

mod common;

use api::inventory::{
    BUS_NAME, Condition, Device, INTERFACE, Inventory1ProxyBlocking, Kind, PATH, devices_from,
    serve,
};
use zbus::proxy::CacheProperties;

/// Proves C1: the published XML is what the service really offers, and what it publishes arrives.
#[test]
fn published_xml_matches_live_introspection() {
    let (server, client) = common::connections();
    let service = serve(&server).unwrap();
    let live = common::introspect(&client, BUS_NAME, PATH);
    let published = include_str!("../xml/de.amtsnah.Inventory1.xml");
    assert_eq!(
        common::interface_of(published, INTERFACE),
        common::interface_of(&live, INTERFACE),
        "live:\n{live}"
    );
    let proxy = Inventory1ProxyBlocking::builder(&client)
        .destination(BUS_NAME)
        .unwrap()
        .cache_properties(CacheProperties::No)
        .build()
        .unwrap();
    assert_eq!(proxy.devices().unwrap(), []);
    let reader = Device {
        condition: Condition::Ready,
        kind: Kind::CardReader,
    };
    service.set(vec![reader]).unwrap();
    assert_eq!(devices_from(&proxy.devices().unwrap()), [reader]);
}
