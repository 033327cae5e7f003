// SPDX-License-Identifier: EUPL-1.2
//! What the tests of the contracts have in common: two peers on a socket pair, and what an XML says.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A test ends at the first surprise.

use std::os::unix::net::UnixStream;

use zbus::blocking::{Connection, connection::Builder};

/// A server, which serves nothing of ours yet, and a client of it.
pub fn connections() -> (Connection, Connection) {
    let (a, b) = UnixStream::pair().unwrap();
    let guid = zbus::Guid::generate();
    // Both ends shake hands with each other, so they have to be built side by side.
    let server = std::thread::spawn(move || {
        Builder::async_io_unix_stream(a)
            .server(guid)
            .unwrap()
            .p2p()
            // Something is served from the start: then the connection is built only when calls are heard, and none is lost.
            .serve_at("/", zbus::fdo::ObjectManager)
            .unwrap()
            .build()
            .unwrap()
    });
    let client = Builder::async_io_unix_stream(b).p2p().build().unwrap();
    (server.join().unwrap(), client)
}

/// What the object at `path` says of itself.
pub fn introspect(client: &Connection, name: &'static str, path: &'static str) -> String {
    zbus::blocking::fdo::IntrospectableProxy::builder(client)
        .destination(name)
        .unwrap()
        .path(path)
        .unwrap()
        .build()
        .unwrap()
        .introspect()
        .unwrap()
}

/// The `<interface>` with this name in an introspection document, without comments and layout.
pub fn interface_of(xml: &str, name: &str) -> String {
    let start = xml
        .find(&format!("<interface name=\"{name}\""))
        .expect("our interface");
    let rest = &xml[start..];
    let end = rest.find("</interface>").expect("its end");
    let mut out = String::new();
    let mut rest = &rest[..end];
    while let Some(comment) = rest.find("<!--") {
        out.push_str(&rest[..comment]);
        rest = rest[comment..].split_once("-->").expect("comment's end").1;
    }
    out.push_str(rest);
    out.lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect::<Vec<_>>()
        .join("\n")
}
