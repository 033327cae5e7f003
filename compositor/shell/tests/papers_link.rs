// SPDX-License-Identifier: EUPL-1.2
//! The papers of a conversation over a real bus: what comes of the services and what goes to them.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A test ends at the first surprise.

mod bus;

use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use api::call::BUS_NAME as CALL;
use api::call::papers::{
    self, Print, PrintAnswer, Received, Shown, Status as PapersStatus, serve as serve_papers,
};
use api::print::{BUS_NAME as PRINT, Call, Drawing, PrintError, Reply, Request, serve};
use api::session::{Kind, document};
use bus::Bus;
use shell::event::{Papers, PapersRequest};
use shell::papers::{Link, News, Request as Asks};
use shell::state::papers::{Drawn, Wish};
use zbus::blocking::connection::Builder;

const DEADLINE: Duration = Duration::from_secs(20);

fn next(news: &Receiver<News>) -> News {
    news.recv_timeout(DEADLINE).expect("news")
}

/// The same; where the service stands may be told again for each of its properties.
fn other(news: &Receiver<News>) -> News {
    loop {
        let told = next(news);
        if !matches!(told, News::Papers(Papers::Status(_))) {
            return told;
        }
    }
}

/// A PNG of two pixels by three.
fn small_png() -> Vec<u8> {
    let mut out = Vec::new();
    let mut encoder = png::Encoder::new(&mut out, 2, 3);
    encoder.set_color(png::ColorType::Rgb);
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(&[255; 18]).unwrap();
    writer.finish().unwrap();
    out
}

/// The service of calls gives a document, and takes answers until there are two.
fn give(requests: &async_channel::Receiver<papers::Request>) -> Vec<PrintAnswer> {
    let mut answers = Vec::new();
    while answers.len() < 2 {
        let request = requests.recv_blocking().unwrap();
        let reply = match request.call {
            papers::Call::Open(4) => papers::Reply::Opened(document::seal(b"%PDF-1.7").unwrap()),
            papers::Call::Answer(1, answer) => {
                answers.push(answer);
                papers::Reply::Done
            }
            call => panic!("{call:?}"),
        };
        request.answer.send(Ok(reply));
    }
    answers
}

/// The printing service draws a page well, then one that is none, then none, and prints.
fn take(requests: &async_channel::Receiver<Request>) {
    let mut pictures = [small_png(), b"no picture".to_vec()].into_iter();
    for _ in 0..4 {
        let request = requests.recv_blocking().unwrap();
        let (content, reply) = match request.call {
            Call::Draw(Drawing {
                kind: Kind::Pdf,
                content,
                page: 2,
                width: 300,
                height: 400,
            }) => {
                let picture = pictures.next().map(|picture| document::seal(&picture));
                let none = PrintError::BadInput("the document is damaged".into());
                let reply = picture.map(|picture| Reply::Drawn(picture.unwrap(), 9));
                (content, reply.ok_or(none))
            }
            Call::Print(Kind::Pdf, content, 2) => (content, Ok(Reply::Job(7))),
            call => panic!("{call:?}"),
        };
        assert_eq!(*document::read(content).unwrap(), b"%PDF-1.7");
        request.answer.send(reply);
    }
}

/// Proves D3, D4, T15: news, pages, answers and prints arrive; a document goes as sealed memory from one service to the other, and a
/// picture that is none is no page.
#[test]
fn papers_arrive() {
    let bus = Bus::start();
    let (sender, news) = channel();
    let address = bus.address.clone();
    let link = Link::start_on(
        move || Builder::address(address.as_str())?.build(),
        move |told| sender.send(told).is_ok(),
    )
    .unwrap();
    let printing = bus.connect();
    let (_printer, pages) = serve(&printing).unwrap();
    printing.request_name(PRINT).unwrap();
    let calls = bus.connect();
    let (publisher, requests) = serve_papers(&calls).unwrap();
    calls.request_name(CALL).unwrap();
    let told = |status: &PapersStatus| News::Papers(Papers::Status(status.clone()));
    while next(&news) != told(&PapersStatus::default()) {}
    let notice = Received {
        id: 4,
        kind: Kind::Pdf,
        name: "Bescheid.pdf".into(),
        bytes: 8,
        had: 8,
        whole: true,
    };
    let status = PapersStatus {
        received: vec![notice],
        shown: Shown { id: 4, page: 2 },
        print: Print {
            request: 1,
            id: 4,
            copies: 2,
            answer: String::new(),
        },
        ..PapersStatus::default()
    };
    publisher.set(&status).unwrap();
    while next(&news) != told(&status) {}
    for at in [Some((3, 4)), None] {
        publisher.pointer(at).unwrap();
        assert_eq!(other(&news), News::Papers(Papers::Points(at)));
    }

    let opens = std::thread::spawn(move || give(&requests));
    let prints = std::thread::spawn(move || take(&pages));
    let wish = Wish {
        document: 4,
        kind: Kind::Pdf,
        page: 2,
        width: 300,
        height: 400,
    };
    for is_good in [true, false, false] {
        link.draw(wish);
        let News::Drawn(what, drawn) = other(&news) else {
            panic!("a page")
        };
        assert_eq!((what, drawn.is_some()), (wish, is_good));
        if let Some(Drawn { pixels, pages }) = drawn {
            assert_eq!((pixels.0.width(), pixels.0.height(), pages), (2, 3, 9));
        }
    }
    link.ask(Asks::Wish(PapersRequest::Answer(1, PrintAnswer::Agreed)));
    link.ask(Asks::Wish(PapersRequest::Print {
        document: 4,
        kind: Kind::Pdf,
        copies: 2,
    }));
    assert_eq!(other(&news), News::Printed(Some(7)));
    link.ask(Asks::Wish(PapersRequest::Answer(1, PrintAnswer::Printed)));
    assert_eq!(
        opens.join().unwrap(),
        [PrintAnswer::Agreed, PrintAnswer::Printed]
    );
    prints.join().unwrap();
    calls.release_name(CALL).unwrap();
    while next(&news) != News::Papers(Papers::Gone) {}
    // Nobody is there to open a document.
    link.draw(wish);
    assert_eq!(other(&news), News::Drawn(wish, None));
}
