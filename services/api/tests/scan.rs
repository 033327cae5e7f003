// SPDX-License-Identifier: EUPL-1.2
//! The contract over a real connection: two peers on a socket pair, no bus daemon.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A test ends at the first surprise.

mod common;

use api::scan::{
    BUS_NAME, Call, INTERFACE, MAX_TITLE, PATH, Page, Reply, Scan1ProxyBlocking, ScanError, Status,
    Trouble, Work, serve,
};
use api::session::document;
use zbus::proxy::CacheProperties;

/// Proves T6: the published XML is what the service really offers; calls, pictures, answers and what it publishes arrive whole, and
/// what is no title or language does not reach the service.
#[test]
fn published_xml_matches_live_introspection() {
    let (server, client) = common::connections();
    let (service, requests) = serve(&server).unwrap();
    let live = common::introspect(&client, BUS_NAME, PATH);
    let published = include_str!("../xml/de.amtsnah.Scan1.xml");
    assert_eq!(
        common::interface_of(published, INTERFACE),
        common::interface_of(&live, INTERFACE),
        "live:\n{live}"
    );
    let proxy = Scan1ProxyBlocking::builder(&client)
        .destination(BUS_NAME)
        .unwrap()
        .cache_properties(CacheProperties::No)
        .build()
        .unwrap();
    let picture = document::seal(b"\x89PNG").unwrap();
    let finish = |title: &str, language: &str| Call::Finish {
        title: title.to_owned(),
        language: language.to_owned(),
    };
    let expected = vec![
        (Call::Scan, Ok(Reply::Page(7))),
        (Call::Again(7), Ok(Reply::Page(8))),
        (Call::Cancel, Ok(Reply::Done)),
        (Call::Turn(8), Ok(Reply::Done)),
        (Call::Preview(8), Ok(Reply::Preview(picture))),
        (Call::Discard(8), Err(ScanError::BadInput("no".into()))),
        (finish("Ausweis, kopiert", "de-leicht"), Ok(Reply::Done)),
        (Call::Clear, Ok(Reply::Done)),
        // An answer that this call cannot have.
        (Call::Scan, Ok(Reply::Done)),
    ];
    let answers = std::thread::spawn(move || {
        for (call, answer) in expected {
            let request = requests.recv_blocking().unwrap();
            assert_eq!(request.call, call);
            request.answer.send(answer);
        }
    });
    for (title, language) in [
        ("", "de"),
        (" ", "de"),
        ("a\nb", "de"),
        ("x".repeat(MAX_TITLE + 1).as_str(), "de"),
        ("Ausweis", "tlh?"),
    ] {
        let refused = proxy.finish(title.into(), language.into());
        assert!(matches!(refused, Err(ScanError::BadInput(_))), "{title:?}");
    }
    assert_eq!(proxy.scan(), Ok(7));
    assert_eq!(proxy.again(7), Ok(8));
    proxy.cancel().unwrap();
    proxy.turn(8).unwrap();
    let picture = proxy.preview(8).unwrap();
    assert_eq!(**document::read(picture).unwrap(), *b"\x89PNG");
    assert_eq!(proxy.discard(8), Err(ScanError::BadInput("no".into())));
    proxy
        .finish("Ausweis, kopiert".into(), "de-leicht".into())
        .unwrap();
    proxy.clear().unwrap();
    assert!(matches!(proxy.scan(), Err(ScanError::Failed(_))));
    answers.join().unwrap();

    let told = || Status {
        is_there: proxy.scanner().unwrap(),
        work: Work::from_words(&proxy.work().unwrap()).unwrap(),
        pages: proxy
            .pages()
            .unwrap()
            .iter()
            .map(Page::from_words)
            .collect(),
        document: Some(proxy.document().unwrap()).filter(|id| *id > 0),
    };
    assert_eq!(told(), Status::default());
    let pages = vec![Page { id: 7, turns: 1 }, Page { id: 9, turns: 0 }];
    for (work, document) in [
        (Work::Scanning(40), None),
        (Work::Trouble(Trouble::Jam), None),
        (Work::Done, Some(3)),
    ] {
        let status = Status {
            is_there: true,
            work,
            pages: pages.clone(),
            document,
        };
        service.set(&status).unwrap();
        assert_eq!(told(), status);
    }
}
