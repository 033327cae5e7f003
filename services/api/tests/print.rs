// SPDX-License-Identifier: EUPL-1.2
//! The contract over a real connection: two peers on a socket pair, no bus daemon.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A test ends at the first surprise.

mod common;

use api::print::{
    BUS_NAME, Call, Drawing, Failure, Hindrance, INTERFACE, Job, JobState, MAX_COPIES, MAX_SIDE,
    PATH, Print1ProxyBlocking, PrintError, Printer, Reply, Status, serve,
};
use api::session::{Kind, document};
use zbus::proxy::CacheProperties;

/// Proves T7, D3: the published XML is what the service really offers; calls, documents, answers and what it publishes arrive whole, and
/// a number of copies that nobody needs does not reach the service, nor a picture that is larger than any screen.
#[test]
fn published_xml_matches_live_introspection() {
    let (server, client) = common::connections();
    let (service, requests) = serve(&server).unwrap();
    let live = common::introspect(&client, BUS_NAME, PATH);
    let published = include_str!("../xml/de.amtsnah.Print1.xml");
    assert_eq!(
        common::interface_of(published, INTERFACE),
        common::interface_of(&live, INTERFACE),
        "live:\n{live}"
    );
    let proxy = Print1ProxyBlocking::builder(&client)
        .destination(BUS_NAME)
        .unwrap()
        .cache_properties(CacheProperties::No)
        .build()
        .unwrap();
    let answers = std::thread::spawn(move || {
        let request = requests.recv_blocking().unwrap();
        let Call::Print(Kind::Pdf, content, 2) = request.call else {
            panic!("{:?}", request.call)
        };
        assert_eq!(*document::read(content).unwrap(), b"%PDF-1.7");
        request.answer.send(Ok(Reply::Job(7)));
        let request = requests.recv_blocking().unwrap();
        assert!(matches!(request.call, Call::Cancel(7)));
        let error = PrintError::NotExpected("it is done".into());
        request.answer.send(Err(error));
        let request = requests.recv_blocking().unwrap();
        let Call::Draw(Drawing {
            kind: Kind::Png,
            content,
            page: 3,
            width: 640,
            height: MAX_SIDE,
        }) = request.call
        else {
            panic!("{:?}", request.call)
        };
        assert_eq!(*document::read(content).unwrap(), b"%PDF-1.7");
        let picture = document::seal(b"picture").unwrap();
        request.answer.send(Ok(Reply::Drawn(picture, 4)));
    });
    let print = |copies| {
        let content = document::seal(b"%PDF-1.7").unwrap();
        proxy.print(Kind::Pdf, content.into(), copies)
    };
    for copies in [0, MAX_COPIES + 1, u32::MAX] {
        assert!(matches!(print(copies), Err(PrintError::BadInput(_))));
    }
    assert_eq!(print(2), Ok(7));
    let refused = PrintError::NotExpected("it is done".into());
    assert_eq!(proxy.cancel(7), Err(refused));
    let draw = |width, height| {
        let content = document::seal(b"%PDF-1.7").unwrap();
        proxy.draw(Kind::Png, content.into(), 3, width, height)
    };
    for (width, height) in [(0, 1), (1, 0), (MAX_SIDE + 1, 1), (1, u32::MAX)] {
        assert!(matches!(draw(width, height), Err(PrintError::BadInput(_))));
    }
    let (picture, pages) = draw(640, MAX_SIDE).unwrap();
    assert_eq!((*document::read(picture).unwrap()).as_slice(), b"picture");
    assert_eq!(pages, 4);
    answers.join().unwrap();

    let told = || {
        let printer = Printer::from_words(&proxy.printer().unwrap());
        let job = Job::from_words(&proxy.job().unwrap()).unwrap();
        Status { printer, job }
    };
    assert_eq!(told(), Status::default());
    for (printer, state) in [
        (
            Printer::Hindered(Hindrance::PaperOut),
            JobState::Stopped(Hindrance::PaperOut),
        ),
        (Printer::Ready, JobState::Failed(Failure::Encrypted)),
    ] {
        let (id, page, pages) = (7, 1, 4);
        let job = Job {
            id,
            state,
            page,
            pages,
        };
        let status = Status { printer, job };
        service.set(&status).unwrap();
        assert_eq!(told(), status);
    }
}
