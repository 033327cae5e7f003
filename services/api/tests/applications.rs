// SPDX-License-Identifier: EUPL-1.2
//! The contract over a real connection: two peers on a socket pair, no bus daemon.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A test ends at the first surprise.

mod common;

use std::time::Duration;

use api::applications::{
    Applications1ProxyBlocking, ApplicationsError, BUS_NAME, Call, Fall, INTERFACE, PATH, RunState,
    Status, serve,
};
use zbus::proxy::CacheProperties;

/// Proves C2: the published XML is what the service really offers; what it publishes arrives whole, calls and answers too, and what
/// is no id or no size does not reach the service.
#[test]
fn published_xml_matches_live_introspection() {
    let (server, client) = common::connections();
    let (service, requests) = serve(&server, Status::default()).unwrap();
    let live = common::introspect(&client, BUS_NAME, PATH);
    let published = include_str!("../xml/de.amtsnah.Applications1.xml");
    assert_eq!(
        common::interface_of(published, INTERFACE),
        common::interface_of(&live, INTERFACE),
        "live:\n{live}"
    );
    let proxy = Applications1ProxyBlocking::builder(&client)
        .destination(BUS_NAME)
        .unwrap()
        .cache_properties(CacheProperties::No)
        .build()
        .unwrap();
    let answers = std::thread::spawn(move || {
        for _ in 0..2 {
            let request = requests.recv_blocking().unwrap();
            request.answer.send(match request.call {
                Call::Start(id, size) => {
                    Err(ApplicationsError::NotReleased(format!("{id} {size:?}")))
                }
                Call::Stop => Ok(()),
            });
        }
    });
    let not_released = ApplicationsError::NotReleased("registry (1280, 640)".into());
    let too_long = "x".repeat(41);
    for (id, width) in [("", 800), (&too_long, 800), ("a", 0), ("a", 100_000)] {
        let refused = proxy.start(id.into(), width, 600);
        assert!(matches!(refused, Err(ApplicationsError::BadInput(_))));
    }
    assert_eq!(proxy.start("registry".into(), 1280, 640), Err(not_released));
    assert_eq!(proxy.stop(), Ok(()));
    answers.join().unwrap();
    service
        .set(&Status {
            released: vec!["registry".into()],
            state: RunState::Restarting,
            application: "registry".into(),
            reason: Some(Fall::Crashed),
            retry: Some(Duration::from_secs(7)),
        })
        .unwrap();
    assert_eq!(proxy.applications().unwrap(), ["registry"]);
    assert_eq!(proxy.state().unwrap(), RunState::Restarting);
    assert_eq!(proxy.application().unwrap(), "registry");
    assert_eq!(proxy.reason().unwrap(), "crashed");
    assert_eq!(proxy.retry().unwrap(), 7000);
}
