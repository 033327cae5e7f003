// SPDX-License-Identifier: EUPL-1.2
//! The contract of a call's papers over a real connection: two peers on a socket pair, no bus daemon.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A test ends at the first surprise.

mod common;

use api::call::papers::{
    Call, INTERFACE, Papers1ProxyBlocking, PapersError, Print, PrintAnswer, Received, Reply,
    Request, Scan, ScanAnswer, Sent, SentState, Shown, Status, serve,
};
use api::call::{BUS_NAME, PATH};
use api::scan::Trouble;
use api::session::Kind;
use api::session::document::{read, seal};
use zbus::proxy::CacheProperties;
use zbus::zvariant::OwnedFd;

/// The service, for five calls.
fn answer(requests: &async_channel::Receiver<Request>) {
    for _ in 0..5 {
        let request = requests.recv_blocking().unwrap();
        request.answer.send(match request.call {
            Call::Open(1) => Ok(Reply::Opened(seal(b"theirs").unwrap())),
            Call::Open(_) => Err(PapersError::NotFound("none".into())),
            Call::Send(kind, name, document) => {
                assert_eq!((kind, &*name), (Kind::Pdf, "a.pdf"));
                assert_eq!(**read(document).unwrap(), *b"ours");
                Ok(Reply::Sent(7))
            }
            Call::Answer(request, answer) => {
                assert_eq!((request, answer), (3, PrintAnswer::Declined));
                Ok(Reply::Done)
            }
            Call::AnswerScan(request, answer) => {
                assert_eq!((request, answer), (4, ScanAnswer::Hindered(Trouble::Jam)));
                Ok(Reply::Done)
            }
        });
    }
}

/// Proves T5, X1: the published XML is what the service really offers; documents pass as sealed memory both ways, what is published
/// arrives whole, and what is no name or no answer does not reach the service.
#[test]
fn published_xml_matches_live_introspection() {
    let (server, client) = common::connections();
    let (service, requests) = serve(&server).unwrap();
    let live = common::introspect(&client, BUS_NAME, PATH);
    let published = include_str!("../xml/de.amtsnah.Call1.xml");
    assert_eq!(
        common::interface_of(published, INTERFACE),
        common::interface_of(&live, INTERFACE),
        "live:\n{live}"
    );
    let proxy = Papers1ProxyBlocking::builder(&client)
        .destination(BUS_NAME)
        .unwrap()
        .cache_properties(CacheProperties::No)
        .build()
        .unwrap();
    let calls = std::thread::spawn(move || answer(&requests));
    let ours = || OwnedFd::from(seal(b"ours").unwrap());
    for name in ["", &"x".repeat(121)] {
        let refused = proxy.send_document(Kind::Pdf, name.into(), ours());
        assert!(matches!(refused, Err(PapersError::BadInput(_))));
    }
    let refused = proxy.answer_print(3, "yes".into());
    assert!(matches!(refused, Err(PapersError::BadInput(_))));
    for (answer, reason) in [("yes", ""), ("sent", "jam"), ("failed", "")] {
        let refused = proxy.answer_scan(4, answer.into(), reason.into());
        assert!(matches!(refused, Err(PapersError::BadInput(_))));
    }
    let document = proxy.open_document(1).unwrap();
    assert_eq!(**read(document).unwrap(), *b"theirs");
    assert_eq!(
        proxy.open_document(2).unwrap_err(),
        PapersError::NotFound("none".into())
    );
    let sent = proxy.send_document(Kind::Pdf, "a.pdf".into(), ours());
    assert_eq!(sent, Ok(7));
    assert_eq!(proxy.answer_print(3, "declined".into()), Ok(()));
    assert_eq!(
        proxy.answer_scan(4, "hindered".into(), "jam".into()),
        Ok(())
    );
    calls.join().unwrap();

    assert_eq!(proxy.received().unwrap(), []);
    assert_eq!(proxy.shown().unwrap(), Shown::default());
    let mut points = proxy.receive_pointer().unwrap();
    let status = Status {
        received: vec![Received {
            id: 1,
            kind: Kind::Png,
            name: "Plan.png".into(),
            bytes: 9,
            had: 9,
            whole: true,
        }],
        sent: vec![Sent {
            id: 7,
            kind: Kind::Pdf,
            name: "a.pdf".into(),
            bytes: 4,
            had: 0,
            state: SentState::Going,
        }],
        shown: Shown { id: 1, page: 2 },
        shares: true,
        print: Print {
            request: 3,
            id: 1,
            copies: 2,
            answer: String::new(),
        },
        scan: Scan {
            request: 4,
            answer: "failed".into(),
            reason: "gone".into(),
        },
    };
    service.set(&status).unwrap();
    service.pointer(Some((1, 65_535))).unwrap();
    assert_eq!(proxy.received().unwrap(), status.received);
    assert_eq!(proxy.sent().unwrap(), status.sent);
    assert_eq!(proxy.shown().unwrap(), status.shown);
    assert!(proxy.shares().unwrap());
    assert_eq!(proxy.print().unwrap(), status.print);
    assert_eq!(proxy.scan().unwrap(), status.scan);
    let point = points.next().unwrap();
    let point = point.args().unwrap();
    assert_eq!((point.points, point.x, point.y), (true, 1, 65_535));
}
