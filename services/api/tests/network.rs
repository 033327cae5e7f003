// SPDX-License-Identifier: EUPL-1.2
//! The contract over a real connection: two peers on a socket pair, no bus daemon.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A test ends at the first surprise.

mod common;

use api::network::{
    BUS_NAME, Condition, INTERFACE, Kind, Link, Network1ProxyBlocking, PATH, serve,
};
use zbus::proxy::CacheProperties;

/// Proves C13: the published XML is what the service really offers, and what it publishes arrives.
#[test]
fn published_xml_matches_live_introspection() {
    let (server, client) = common::connections();
    let service = serve(&server).unwrap();
    let live = common::introspect(&client, BUS_NAME, PATH);
    let published = include_str!("../xml/de.amtsnah.Network1.xml");
    assert_eq!(
        common::interface_of(published, INTERFACE),
        common::interface_of(&live, INTERFACE),
        "live:\n{live}"
    );
    let proxy = Network1ProxyBlocking::builder(&client)
        .destination(BUS_NAME)
        .unwrap()
        .cache_properties(CacheProperties::No)
        .build()
        .unwrap();
    let told = || Link::from_words(&proxy.link().unwrap());
    assert_eq!(told(), Some(Link::UNKNOWN));
    let wired = Link {
        condition: Condition::NoCarrier,
        kind: Kind::Wired,
    };
    service.set(wired).unwrap();
    assert_eq!(told(), Some(wired));
}
