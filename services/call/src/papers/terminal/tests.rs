// SPDX-License-Identifier: EUPL-1.2

use std::collections::VecDeque;

use proptest::prelude::*;

use api::scan::Trouble;

use super::super::paper::{self, Offer, Refusal};
use super::super::{ALL_BYTES, BYTES, CHUNK, DOCUMENTS, NUMBERS, WINDOW};
use super::*;

fn pdf(bytes: usize, seed: u8) -> Vec<u8> {
    let mut content = b"%PDF-1.7\n".to_vec();
    content.extend((content.len()..bytes).map(|n| (n / 7) as u8 ^ seed));
    content
}

fn offer(id: u32, content: &[u8]) -> Offer {
    Offer {
        id,
        kind: Kind::Pdf,
        bytes: content.len() as u32,
        hash: paper::hash(content),
        name: format!("{id}.pdf"),
    }
}

fn first(offer: Offer) -> Frame {
    Frame::Offer { turn: 0, offer }
}

fn add(papers: &mut Papers, content: &[u8]) -> (u32, Vec<Frame>) {
    let content = Zeroizing::new(content.to_vec());
    papers.offer(Kind::Pdf, "a.pdf", content).unwrap()
}

fn take(papers: &mut Papers, frame: &Frame) -> Step {
    papers.take(&frame.encode()).unwrap()
}

/// A desk's document that has arrived at the terminal.
fn received(papers: &mut Papers, id: u32) {
    let content = pdf(100, id as u8);
    take(papers, &first(offer(id, &content)));
    let chunk = Frame::Chunk {
        id,
        from: 0,
        bytes: content,
    };
    let step = take(papers, &chunk);
    assert_eq!(step.send, [Frame::Have { id, bytes: 100 }]);
}

/// Proves T5: what the desk shows is shown once it is there, follows its page and its pointer, and goes when it is taken back.
#[test]
fn what_is_shown_follows_the_desk() {
    let mut papers = Papers::default();
    let content = pdf(100, 0);
    take(&mut papers, &first(offer(1, &content)));
    take(&mut papers, &Frame::Show { id: 1, page: 2 });
    assert_eq!(papers.shown(), None);
    assert_eq!(take(&mut papers, &Frame::Point { x: 1, y: 2 }).told, None);
    let bytes = content.clone();
    take(
        &mut papers,
        &Frame::Chunk {
            id: 1,
            from: 0,
            bytes,
        },
    );
    assert_eq!(papers.shown(), Some(Shown { id: 1, page: 2 }));
    assert_eq!(papers.inbox().content(1), Some(&*content));
    take(&mut papers, &Frame::Show { id: 9, page: 1 });
    assert_eq!(papers.shown(), Some(Shown { id: 1, page: 2 }));
    let step = take(&mut papers, &Frame::Point { x: 1, y: 2 });
    assert_eq!(step.told, Some(Told::Points(Some((1, 2)))));
    take(&mut papers, &Frame::Drop { id: 1 });
    assert_eq!((papers.shown(), papers.inbox().content(1)), (None, None));
    // Its number does not come again.
    let step = take(&mut papers, &first(offer(1, &content)));
    let why = Refusal::Number;
    assert_eq!(step.send, [Frame::Refuse { id: 1, why }]);
}

/// Proves D3: the desk shows a page or its screen, the one in the place of the other, and nothing of either once it says so.
#[test]
fn a_page_and_a_screen_take_turns() {
    let mut papers = Papers::default();
    received(&mut papers, 1);
    let page = Shown { id: 1, page: 1 };
    let mut shows = |frame: &Frame| {
        assert_eq!(take(&mut papers, frame).told, Some(Told::Changed));
        (papers.shown(), papers.shares())
    };
    let show = Frame::Show { id: 1, page: 1 };
    assert_eq!(shows(&show), (Some(page), false));
    assert_eq!(shows(&Frame::Share), (None, true));
    // What is not there cannot take the place of anything.
    assert_eq!(shows(&Frame::Show { id: 9, page: 1 }), (None, true));
    assert_eq!(shows(&show), (Some(page), false));
    assert_eq!(shows(&Frame::Share), (None, true));
    assert_eq!(shows(&Frame::Hide), (None, false));
}

/// Proves T7, D4: a print is asked for once, the citizen answers first, and the desk hears of it, after a break too.
#[test]
fn the_citizen_is_asked_before_anything_is_printed() {
    let mut papers = Papers::default();
    let print = |request| Frame::Print {
        request,
        id: 1,
        copies: 2,
    };
    let printing = |request, answer| vec![Frame::Printing { request, answer }];
    assert_eq!(
        take(&mut papers, &print(1)).send,
        printing(1, Answer::NotNow)
    );
    received(&mut papers, 1);
    assert_eq!(take(&mut papers, &print(2)).told, Some(Told::Changed));
    // Nothing is printed that nobody has agreed to.
    assert_eq!(papers.answer(2, Answer::Printed), None);
    assert_eq!(papers.answer(3, Answer::Agreed), None);
    assert_eq!(
        take(&mut papers, &print(3)).send,
        printing(3, Answer::NotNow)
    );
    assert_eq!(take(&mut papers, &print(2)), Step::default());
    let agreed = papers.answer(2, Answer::Agreed);
    assert_eq!(agreed, Some(printing(2, Answer::Agreed)));
    assert_eq!(papers.answer(2, Answer::Agreed), None);
    let hello = take(
        &mut papers,
        &Frame::Hello {
            asks: true,
            ids: vec![1],
        },
    );
    assert!(hello.send.contains(&Frame::Printing {
        request: 2,
        answer: Answer::Agreed
    }));
    assert!(papers.answer(2, Answer::Printed).is_some());
    assert_eq!(
        take(&mut papers, &print(2)).send,
        printing(2, Answer::Printed)
    );
    take(&mut papers, &print(4));
    // Who takes the document back asks no more.
    take(&mut papers, &Frame::Drop { id: 1 });
    assert_eq!(papers.answer(4, Answer::Agreed), None);
}

/// Proves T6, D4: a scan is asked for once; the desk hears each answer in an order that can be, after a break too; and another one is
/// taken only when the one before is over.
#[test]
fn a_scan_is_asked_for_and_answered_in_order() {
    let mut papers = Papers::default();
    let asks = |request| Frame::Scan { request };
    let says = |request, answer| vec![scanning(request, answer)];
    let not_now = |request| {
        let says = Scanning::NotNow;
        vec![Frame::Scanning { request, says }]
    };
    let jam = ScanAnswer::Hindered(Trouble::Jam);
    assert_eq!(papers.answer_scan(1, ScanAnswer::Agreed), None);
    assert_eq!(take(&mut papers, &asks(2)).told, Some(Told::Changed));
    assert_eq!(take(&mut papers, &asks(2)), Step::default());
    assert_eq!(take(&mut papers, &asks(3)).send, not_now(3));
    // Nothing is sent that nobody has agreed to.
    for early in [jam, ScanAnswer::Sent] {
        assert_eq!(papers.answer_scan(2, early), None);
    }
    for answer in [ScanAnswer::Agreed, jam, ScanAnswer::Agreed] {
        assert_eq!(papers.answer_scan(2, answer), Some(says(2, answer)));
        assert_eq!(papers.answer_scan(2, answer), None);
        let hello = Frame::Hello {
            asks: true,
            ids: vec![],
        };
        let hello = take(&mut papers, &hello).send;
        assert!(hello.contains(&scanning(2, answer)), "{hello:?}");
        assert_eq!(take(&mut papers, &asks(2)).send, says(2, answer));
        assert_eq!(take(&mut papers, &asks(3)).send, not_now(3));
    }
    assert!(papers.answer_scan(2, ScanAnswer::Sent).is_some());
    for late in [ScanAnswer::Agreed, jam, ScanAnswer::Declined] {
        assert_eq!(papers.answer_scan(2, late), None);
    }
    assert_eq!(take(&mut papers, &asks(1)).send, not_now(1));
    assert_eq!(take(&mut papers, &asks(4)).told, Some(Told::Changed));
    let gone = ScanAnswer::Failed(Trouble::Gone);
    assert_eq!(papers.answer_scan(4, gone), Some(says(4, gone)));
    // Only the terminal answers.
    let step = take(&mut papers, &scanning(4, ScanAnswer::Sent));
    assert_eq!(step, Step::default());
}

/// Proves T17: no document that is too large, too many, too much in all, damaged, or another than it says.
#[test]
fn limits_hold() {
    let mut inbox = Inbox::default();
    let claims = |id, bytes| Offer {
        bytes,
        ..offer(id, b"%PDF-")
    };
    let refuse = |id, why| Frame::Refuse { id, why };
    assert_eq!(inbox.offer(0, claims(1, 0)), refuse(1, Refusal::Size));
    assert_eq!(
        inbox.offer(0, claims(2, BYTES + 1)),
        refuse(2, Refusal::Size)
    );
    for id in 3..3 + ALL_BYTES / BYTES {
        assert_eq!(
            inbox.offer(0, claims(id, BYTES)),
            Frame::Want {
                id,
                turn: 0,
                from: 0
            }
        );
    }
    assert_eq!(inbox.offer(0, claims(9, 1)), refuse(9, Refusal::Room));
    assert_eq!(
        inbox.offer(0, claims(NUMBERS + 1, 1)),
        refuse(NUMBERS + 1, Refusal::Number)
    );
    assert!(inbox.keep(&[]));
    for id in 10..10 + DOCUMENTS as u32 {
        assert_eq!(
            inbox.offer(0, claims(id, 9)),
            Frame::Want {
                id,
                turn: 0,
                from: 0
            }
        );
    }
    assert_eq!(inbox.offer(0, claims(60, 1)), refuse(60, Refusal::Room));
    // The same again, but not the same document.
    assert_eq!(inbox.offer(0, claims(10, 8)), refuse(10, Refusal::Number));
    let damaged = |id| Some(refuse(id, Refusal::Damaged));
    assert_eq!(inbox.chunk(10, 0, &[0; 10]).reply, damaged(10));
    assert_eq!(inbox.chunk(11, 0, b"%PDF-1.7\n").reply, damaged(11));
    let page = b"<html>";
    inbox.offer(0, offer(61, page));
    assert_eq!(inbox.chunk(61, 0, page).reply, damaged(61));
    assert_eq!(inbox.chunk(61, 0, page).reply, None);

    let mut papers = Papers::default();
    let mut offered = |name: &str, content: Vec<u8>| {
        let content = Zeroizing::new(content);
        papers.offer(Kind::Pdf, name, content).map(drop)
    };
    assert_eq!(offered("a", pdf(BYTES as usize + 1, 0)), Err(Unsent::Size));
    assert_eq!(offered("a", Vec::new()), Err(Unsent::Size));
    assert_eq!(offered("../a", pdf(99, 0)), Err(Unsent::Form));
    assert_eq!(offered("a", vec![0; 99]), Err(Unsent::Form));
    for _ in 0..DOCUMENTS {
        assert_eq!(offered("a", pdf(99, 0)), Ok(()));
    }
    assert_eq!(offered("a", pdf(99, 0)), Err(Unsent::Room));
}

/// Two sides and what is under way between them.
#[derive(Default)]
struct Way {
    sides: [Papers; 2],
    going: [VecDeque<Vec<u8>>; 2],
    most: usize,
}

impl Way {
    fn send(&mut self, from: usize, frames: &[Frame]) {
        let way = &mut self.going[from];
        way.extend(frames.iter().map(Frame::encode));
        let chunks = way.iter().filter(|frame| frame[0] == 0x12);
        self.most = self.most.max(chunks.map(|chunk| chunk.len() - 9).sum());
    }

    /// One message arrives; says whether there was one.
    fn arrive(&mut self, from: usize) -> bool {
        let Some(bytes) = self.going[from].pop_front() else {
            return false;
        };
        let step = self.sides[1 - from].take(&bytes).unwrap();
        self.send(1 - from, &step.send);
        true
    }

    /// All that is under way is lost, and one of them or both have a new channel.
    fn cut(&mut self, notice: [bool; 2]) {
        self.going = Default::default();
        for (side, _) in notice
            .into_iter()
            .enumerate()
            .filter(|(_, notices)| *notices)
        {
            let frames = self.sides[side].open();
            self.send(side, &frames);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Proves T5, T11: however often the link breaks, and whichever side notices, what was offered and not taken back arrives as it
    /// was, goes on from where it stopped, and never more of it is under way than may be.
    #[test]
    fn papers_arrive_through_breaks(
        sizes in prop::collection::vec((0_usize..2, 9_usize..200_000, any::<bool>()), 1..6),
        events in prop::collection::vec(prop_oneof![
            8 => (0_usize..2).prop_map(Some),
            1 => Just(None),
        ], 0..120),
        notice in prop::sample::select(vec![[true, false], [false, true], [true, true]]),
    ) {
        let mut way = Way::default();
        way.cut([true, true]);
        let mut kept = Vec::new();
        for (n, (side, bytes, dropped)) in sizes.into_iter().enumerate() {
            let content = pdf(bytes, n as u8);
            let (id, frames) = add(&mut way.sides[side], &content);
            way.send(side, &frames);
            if dropped {
                way.arrive(side);
                let frame = way.sides[side].outbox.drop(id).unwrap();
                way.send(side, &[frame]);
            } else {
                kept.push((side, id, content));
            }
        }
        for event in events {
            match event {
                Some(side) => { way.arrive(side); }
                None => way.cut(notice),
            }
        }
        while way.arrive(0) || way.arrive(1) {}
        for side in 0..2 {
            let mine: Vec<_> = kept.iter().filter(|(from, ..)| *from == side).collect();
            prop_assert_eq!(way.sides[1 - side].inbox().list().count(), mine.len());
            for (_, id, content) in mine {
                prop_assert_eq!(way.sides[1 - side].inbox().content(*id), Some(&**content));
            }
            prop_assert!(way.sides[side].outbox().list().all(|(_, sent)| sent == super::super::outbox::Sent::Whole));
        }
        prop_assert!(way.most < WINDOW as usize + CHUNK);
    }

    /// Proves T17: whatever frames come in whatever order, nothing falls, and the limits hold.
    #[test]
    fn whatever_comes_is_borne(frames in prop::collection::vec(frame(), 0..200)) {
        let mut papers = Papers::default();
        add(&mut papers, &pdf(40_000, 1));
        for frame in frames {
            take(&mut papers, &frame);
            prop_assert!(papers.inbox().list().count() <= DOCUMENTS);
            prop_assert!(papers.inbox().list().all(|(offer, bytes)| bytes <= offer.bytes));
            if let Some(shown) = papers.shown() {
                prop_assert!(papers.inbox().content(shown.id).is_some());
            }
        }
    }
}

fn frame() -> impl Strategy<Value = Frame> {
    let id = 1_u32..5;
    let place = || prop::sample::select(vec![0, 1, 9, 20, 16_384, 40_000, u32::MAX]);
    let number = prop_oneof![any::<u32>().prop_map(|n| n.max(1)), 1_u32..5];
    prop_oneof![
        (any::<bool>(), prop::collection::vec(id.clone(), 0..4))
            .prop_map(|(asks, ids)| Frame::Hello { asks, ids }),
        (id.clone(), 9_usize..30).prop_map(|(id, bytes)| first(offer(id, &pdf(bytes, id as u8)))),
        (id.clone(), place()).prop_map(|(id, bytes)| first(Offer {
            bytes,
            ..offer(id, b"%PDF-")
        })),
        (number.clone(), 0_u8..3, place()).prop_map(|(id, turn, from)| Frame::Want {
            id,
            turn,
            from
        }),
        (number, place()).prop_map(|(id, bytes)| Frame::Have { id, bytes }),
        (id.clone(), place(), 1_usize..30).prop_map(|(id, from, bytes)| Frame::Chunk {
            id,
            from,
            bytes: pdf(bytes.max(9), id as u8),
        }),
        (id.clone(), prop::sample::select(Refusal::ALL.to_vec()))
            .prop_map(|(id, why)| Frame::Refuse { id, why }),
        id.clone().prop_map(|id| Frame::Drop { id }),
        (id.clone(), 1_u16..5).prop_map(|(id, page)| Frame::Show { id, page }),
        Just(Frame::Hide),
        any::<(u16, u16)>().prop_map(|(x, y)| Frame::Point { x, y }),
        (id.clone(), id.clone(), 1_u8..3).prop_map(|(request, id, copies)| Frame::Print {
            request,
            id,
            copies
        }),
        (id.clone(), prop::sample::select(Answer::ALL.to_vec()))
            .prop_map(|(request, answer)| Frame::Printing { request, answer }),
        id.clone().prop_map(|request| Frame::Scan { request }),
        id.prop_map(|request| scanning(request, ScanAnswer::Agreed)),
    ]
}
