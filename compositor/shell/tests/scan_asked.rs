// SPDX-License-Identifier: EUPL-1.2
//! What a desk asks to be scanned in a conversation: what follows what, without a screen. The way with the real scanning service is in
//! `services/scan/tests/conversation.rs`.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A test ends at the first surprise.

mod common;

use api::call::papers::{Print, ScanAnswer, SentState};
use api::call::{CallState, Reason};
use api::print::{Job, JobState, Printer, Status};
use api::scan::{Page, Trouble, Work};
use api::session::SessionState;
use common::{
    after, asks, asks_scan, before_call, moment, open, page_picture, scanner, session, told, way,
};
use proptest::prelude::*;
use shell::event::{Action, Effect, Event, Papers, PapersRequest, ScanRequest};
use shell::state::papers::{SETTLE, Step};
use shell::state::scan::Purpose;
use shell::state::scan_asked::{ScanOver, ScanStep};
use shell::state::{Place, Screen, State};
use shell::update::update;

const PAGES: [Page; 2] = [Page { id: 7, turns: 0 }, Page { id: 8, turns: 0 }];

/// A conversation at a device with a scanner.
fn talking() -> State {
    let home = way(open(), &[Action::Begin]);
    let home = after(home, [session(SessionState::Active, Some(600), 0)]);
    let talks = common::call(CallState::Talking, None);
    after(before_call(home), [talks, scanner(Work::Idle, &[], None)])
}

/// The moment after which a question can be answered.
fn later() -> Event {
    Event::Tick(moment(SETTLE.as_secs() + 1))
}

/// What follows besides that somebody is there.
fn does(state: State, event: Event) -> (State, Vec<Effect>) {
    let (state, effects) = update(state, event);
    let effects = effects.into_iter();
    let others = effects.filter(|effect| !matches!(effect, Effect::Session(_)));
    (state, others.collect())
}

fn act(state: State, action: Action) -> (State, Vec<Effect>) {
    does(state, Event::Act(action))
}

fn answer(answer: ScanAnswer) -> Effect {
    Effect::Papers(PapersRequest::AnswerScan(1, answer))
}

fn step(state: &State) -> Option<ScanStep> {
    state.scan_asked().map(|asked| asked.step)
}

/// One that was asked, and can answer.
fn asked() -> State {
    after(talking(), [asks_scan(1, None, None), later()])
}

/// One that has agreed.
fn agreed() -> State {
    let (state, effects) = act(asked(), Action::Agree);
    assert_eq!(effects, [answer(ScanAnswer::Agreed)]);
    state
}

/// One whose document goes to the desk.
fn goes() -> State {
    let kept = after(agreed(), [scanner(Work::Kept, &PAGES[..1], None)]);
    let (sends, effects) = act(way(kept, &[Action::Agree]), Action::FinishScan);
    assert_eq!(effects, [Effect::Scan(ScanRequest::Finish)]);
    let binding = after(sends, [scanner(Work::Binding, &PAGES[..1], None)]);
    let (goes, effects) = does(binding, scanner(Work::Done, &[], Some(3)));
    assert_eq!(effects, [Effect::Send(3)]);
    after(goes, [Event::Sent(3, Some(1))])
}

/// Proves T6, D4: the visitor is asked first, in the conversation, and can say no; a finger that came down before the question is no
/// answer to it, and what the desk heard is not asked again.
#[test]
fn a_scan_is_asked_for() {
    let early = after(talking(), [asks_scan(1, None, None)]);
    assert_eq!(step(&early), Some(ScanStep::Question));
    assert_eq!(act(early, Action::Agree).1, []);
    let (declined, effects) = act(asked(), Action::Decline);
    assert_eq!(effects, [answer(ScanAnswer::Declined)]);
    let heard = asks_scan(1, Some(ScanAnswer::Declined), None);
    let declined = after(declined, [heard]);
    assert_eq!(step(&declined), None);
    let again = after(declined, [asks_scan(2, None, None)]);
    assert_eq!(step(&again), Some(ScanStep::Question));
    // Everything of the conversation goes on, whatever is asked.
    for state in [asked(), agreed(), goes()] {
        for action in [Action::HangUp, Action::Mute, Action::Pause] {
            assert_eq!(act(state.clone(), action).1.len(), 1, "{action:?}");
        }
        assert!(matches!(state.screen(), Screen::Call(_)));
    }
}

/// Proves T6, D4: page by page, each looked at, until the visitor sends all of it; the desk hears that it has come once it has come.
#[test]
fn pages_are_looked_at_and_sent() {
    let lay = agreed();
    let (lay, effects) = act(lay, Action::ScanNow);
    assert_eq!(effects, [Effect::Scan(ScanRequest::Scan)]);
    let scanning = after(lay, [scanner(Work::Scanning(10), &[], None)]);
    assert_eq!(act(scanning.clone(), Action::ScanNow).1, []);
    assert_eq!(act(scanning.clone(), Action::Decline).1, []);
    let (_, effects) = act(scanning.clone(), Action::StopScanning);
    assert_eq!(effects, [Effect::Scan(ScanRequest::Cancel)]);
    let (kept, effects) = does(scanning, scanner(Work::Kept, &PAGES[..1], None));
    assert_eq!(effects, [Effect::Scan(ScanRequest::Preview(7))]);
    let kept = after(kept, [Event::Scanned(7, page_picture())]);
    for (action, request) in [
        (Action::TurnPage, ScanRequest::Turn(7)),
        (Action::ScanAgain, ScanRequest::Again(7)),
    ] {
        assert_eq!(act(kept.clone(), action).1, [Effect::Scan(request)]);
    }
    let (good, effects) = act(kept, Action::Agree);
    assert_eq!(effects, []);
    let (more, effects) = act(good, Action::ScanNow);
    assert_eq!(effects, [Effect::Scan(ScanRequest::Scan)]);
    let second = after(more, [scanner(Work::Kept, &PAGES, None)]);
    // The second is looked at as the first was.
    let Some(ScanStep::Scans(scans)) = step(&second) else {
        panic!("{:?}", step(&second))
    };
    assert_eq!(scans.good, Some(7));

    let goes = goes();
    assert_eq!(
        step(&goes),
        Some(ScanStep::Goes {
            document: 3,
            id: Some(1)
        })
    );
    let half = asks_scan(1, Some(ScanAnswer::Agreed), Some((50, SentState::Going)));
    let (half, effects) = does(goes, half);
    assert_eq!((half.sent_percent(Some(1)), effects), (50, vec![]));
    let whole = asks_scan(1, Some(ScanAnswer::Agreed), Some((100, SentState::Whole)));
    let (sent, effects) = does(half, whole);
    assert_eq!(effects, [answer(ScanAnswer::Sent)]);
    assert_eq!(step(&sent), Some(ScanStep::Over(ScanOver::Sent)));
    let (read, effects) = act(sent, Action::Understood);
    assert_eq!((step(&read), effects), (None, vec![]));
}

/// Proves T15, D4: what was scanned before the question is not what the desk gets; what nobody sends any more is forgotten.
#[test]
fn only_what_was_asked_for_is_sent() {
    let before = after(talking(), [scanner(Work::Kept, &PAGES, None)]);
    let before = after(before, [asks_scan(1, None, None), later()]);
    let (state, effects) = act(before, Action::Agree);
    let clear = Effect::Scan(ScanRequest::Clear);
    assert_eq!(effects, [answer(ScanAnswer::Agreed), clear]);
    assert_eq!(act(state.clone(), Action::FinishScan).1, []);
    assert_eq!(act(state.clone(), Action::Agree).1, []);
    // An old document is not sent either.
    let (old, effects) = does(state.clone(), scanner(Work::Done, &[], Some(2)));
    assert_eq!((effects, step(&old).is_some()), (vec![], true));
    let clear = after(state, [scanner(Work::Idle, &[], None)]);
    assert_eq!(act(clear, Action::ScanNow).1.len(), 1);

    let kept = after(agreed(), [scanner(Work::Kept, &PAGES, None)]);
    let (state, effects) = act(kept.clone(), Action::Decline);
    let clear = || Effect::Scan(ScanRequest::Clear);
    assert_eq!(effects, [answer(ScanAnswer::Declined), clear()]);
    assert_eq!(step(&state), None);
    let ended = common::call(CallState::Ended, Some(Reason::OtherHungUp));
    let (state, effects) = does(kept.clone(), ended);
    assert_eq!((state.scan.asked, effects), (None, vec![clear()]));
    let (_, effects) = act(kept, Action::Finish);
    assert!(effects.contains(&clear()), "{effects:?}");
}

/// Proves C13, D4: what keeps the scanner is told to both sides, and that it goes on; nobody is asked for what cannot be done; and what
/// comes to nothing comes to an end on both sides.
#[test]
fn a_scanner_in_trouble_is_told_to_both() {
    for trouble in Trouble::ALL {
        let fails = scanner(Work::Trouble(trouble), &[], None);
        let (state, effects) = does(agreed(), fails.clone());
        assert_eq!(effects, [answer(ScanAnswer::Hindered(trouble))]);
        assert_eq!(does(state.clone(), fails).1, []);
        let (_, effects) = does(state.clone(), scanner(Work::Scanning(0), &[], None));
        assert_eq!(effects, [answer(ScanAnswer::Agreed)]);
        let (_, effects) = act(state, Action::Decline);
        let clear = Effect::Scan(ScanRequest::Clear);
        assert_eq!(effects, [answer(ScanAnswer::Failed(trouble)), clear]);
    }
    let gone = ScanAnswer::Failed(Trouble::Gone);
    let none = after(talking(), [Event::Scan(None)]);
    let (state, effects) = does(none, asks_scan(1, None, None));
    assert_eq!(effects, [answer(gone)]);
    assert_eq!(step(&state), Some(ScanStep::Over(ScanOver::NoScanner)));
    // Pulled out, or with its service, while the visitor holds the paper.
    let (_, effects) = does(agreed(), Event::Scan(None));
    assert_eq!(effects, [answer(ScanAnswer::Hindered(Trouble::Gone))]);
    // Neither the service of calls nor the desk take it.
    let kept = after(agreed(), [scanner(Work::Kept, &PAGES, None)]);
    let binding = after(
        way(kept, &[Action::Agree, Action::FinishScan]),
        [scanner(Work::Binding, &PAGES, None)],
    );
    let going = after(binding, [scanner(Work::Done, &[], Some(3))]);
    let failed = [answer(ScanAnswer::Failed(Trouble::Other))];
    assert_eq!(does(going.clone(), Event::Sent(2, None)).1, []);
    let (state, effects) = does(going, Event::Sent(3, None));
    assert_eq!(effects, failed);
    assert_eq!(step(&state), Some(ScanStep::Over(ScanOver::NotSent)));
    let refused = asks_scan(1, Some(ScanAnswer::Agreed), Some((0, SentState::Refused)));
    assert_eq!(does(goes(), refused).1, failed);
}

/// Proves T6, T11: a link that is lost takes nothing away: it goes on where it stood; a process of the shell that has fallen leaves
/// nobody waiting.
#[test]
fn it_outlives_a_break() {
    for state in [asked(), agreed(), goes()] {
        let mending = common::call(CallState::Mending, None);
        let (lost, effects) = does(state.clone(), mending);
        assert_eq!((step(&lost), effects), (None, vec![]));
        let back = after(lost, [common::call(CallState::Talking, None)]);
        assert_eq!(step(&back), step(&state));
    }
    for heard in [ScanAnswer::Agreed, ScanAnswer::Hindered(Trouble::Jam)] {
        let (state, effects) = does(talking(), asks_scan(1, Some(heard), None));
        let failed = answer(ScanAnswer::Failed(Trouble::Other));
        assert_eq!(effects, [failed, Effect::Scan(ScanRequest::Clear)]);
        assert_eq!(step(&state), None);
    }
}

/// Proves D4: a scan and a print are asked for one after the other; what is to be read of one makes way for the other.
#[test]
fn prints_and_scans_wait_for_each_other() {
    let ready = Event::Print(Some(Status {
        printer: Printer::Ready,
        job: Job::default(),
    }));
    let both = |print: Print, scan: u32| {
        let Event::Papers(Papers::Status(prints)) = told(0, print) else {
            panic!("papers")
        };
        let Event::Papers(Papers::Status(scans)) = asks_scan(scan, None, None) else {
            panic!("papers")
        };
        let scan = scans.scan;
        Event::Papers(Papers::Status(api::call::papers::Status { scan, ..prints }))
    };
    let scans = after(agreed(), [ready.clone(), both(asks(1, 1), 1)]);
    assert!(scans.asked().is_none() && step(&scans).is_some());
    let stops = way(scans, &[Action::Decline]);
    assert_eq!(stops.asked().unwrap().step, Step::Question);
    assert_eq!(step(&stops), None);
    let prints = after(talking(), [ready, both(asks(1, 1), 0), later()]);
    let prints = after(prints, [both(asks(1, 1), 1)]);
    assert!(prints.asked().is_some() && step(&prints).is_none());
    let printed = Event::Print(Some(Status {
        printer: Printer::Ready,
        job: Job {
            id: 5,
            state: JobState::Done,
            page: 1,
            pages: 1,
        },
    }));
    let agree = way(prints, &[Action::Agree]);
    let over = after(agree, [Event::Printed(Some(5)), printed]);
    assert!(over.asked().is_none());
    assert_eq!(step(&over), Some(ScanStep::Question));
}

/// Everything that can happen around a scan.
fn event() -> impl Strategy<Value = Event> {
    let state = prop::sample::select(CallState::ALL.to_vec());
    let call = state.prop_map(|state| common::call(state, None));
    let talks = Just(common::call(CallState::Talking, None));
    let heard = prop::sample::select(vec![
        None,
        None,
        None,
        Some(ScanAnswer::Agreed),
        Some(ScanAnswer::Hindered(Trouble::Jam)),
        Some(ScanAnswer::Sent),
    ]);
    let sent = prop::sample::select(vec![
        None,
        Some((50, SentState::Going)),
        Some((100, SentState::Whole)),
        Some((0, SentState::Refused)),
    ]);
    let papers = (0..3_u32, heard, sent).prop_map(|(n, heard, sent)| asks_scan(n, heard, sent));
    let works = prop::sample::select(vec![
        (Work::Idle, 0),
        (Work::Idle, 0),
        (Work::Scanning(10), 0),
        (Work::Kept, 1),
        (Work::Kept, 2),
        (Work::Binding, 1),
        (Work::Done, 0),
        (Work::Done, 0),
        (Work::Trouble(Trouble::Jam), 1),
        (Work::Trouble(Trouble::Gone), 0),
    ]);
    let scans = (works, 1..4_u64).prop_map(|((work, pages), document)| {
        let document = (work == Work::Done).then_some(document);
        scanner(work, &PAGES[..pages], document)
    });
    let taken = (1..4_u64, prop::option::of(Just(1))).prop_map(|(n, id)| Event::Sent(n, id));
    let actions = prop::sample::select(vec![
        Action::Agree,
        Action::Agree,
        Action::Agree,
        Action::Decline,
        Action::ScanNow,
        Action::FinishScan,
        Action::FinishScan,
        Action::TurnPage,
        Action::ScanAgain,
        Action::Understood,
        Action::HangUp,
        Action::Write,
        Action::Languages,
        Action::Back,
        Action::Finish,
        Action::Begin,
        Action::Deliver,
        Action::Scan(Purpose::Keep),
    ]);
    prop_oneof![
        1 => call,
        3 => talks,
        5 => papers,
        1 => Just(Event::Papers(Papers::Gone)),
        6 => scans,
        1 => Just(Event::Scan(None)),
        2 => taken,
        8 => actions.prop_map(Event::Act),
        // A tick: the time is put in where it is taken.
        4 => Just(later()),
    ]
}

proptest! {
    /// Proves T6, T15, D4: whatever happens in whatever order, nothing goes to the desk that the visitor was not asked about, has not
    /// agreed to and has not sent, each time; the desk hears each answer in an order that can be; nothing is scanned but by the
    /// visitor's hand; and nothing of it is left after the conversation.
    #[test]
    fn nothing_is_sent_unasked(events in prop::collection::vec(event(), 1..120)) {
        let mut state = talking();
        let mut now = 1;
        // What the desk has heard of the request in this conversation; whether the visitor has wanted what is scanned for it sent.
        let mut heard: Option<(u32, ScanAnswer)> = None;
        let mut sends = false;
        for event in events {
            let event = match event {
                Event::Tick(_) => {
                    now += 1;
                    Event::Tick(moment(now))
                }
                event => event,
            };
            let before = state.scan_asked().copied();
            if let Event::Papers(Papers::Status(told)) = &event {
                // A service that has begun anew counts anew.
                let is_new = state.scan.asked.is_none_or(|asked| asked.request != told.scan.request);
                let forgets = is_new && told.scan.answer.is_empty();
                heard = heard.filter(|(request, _)| !(forgets && *request == told.scan.request));
            }
            let acts = |actions: &[Action]| matches!(event, Event::Act(action) if actions.contains(&action));
            let (next, effects) = update(state.clone(), event.clone());
            let clears = effects.contains(&Effect::Scan(ScanRequest::Clear));
            for effect in effects {
                match effect {
                    Effect::Papers(PapersRequest::AnswerScan(request, answer)) => {
                        let known = heard.filter(|(known, _)| *known == request);
                        let known = known.map(|(_, answer)| answer);
                        // Of what a process that fell has said nobody knows here.
                        let fell = answer == ScanAnswer::Failed(Trouble::Other) && state.scan.asked.is_none();
                        prop_assert!(fell || answer.follows(known), "{known:?} {answer:?}");
                        if answer == ScanAnswer::Agreed && known.is_none() {
                            prop_assert!(acts(&[Action::Agree]), "{event:?}");
                            prop_assert_eq!(before.map(|asked| asked.step), Some(ScanStep::Question));
                            sends = false;
                        }
                        heard = Some((request, answer));
                    }
                    Effect::Scan(ScanRequest::Finish) => {
                        prop_assert!(acts(&[Action::FinishScan]), "{event:?}");
                        sends = true;
                    }
                    Effect::Scan(ScanRequest::Scan | ScanRequest::Again(_)) => {
                        prop_assert!(acts(&[Action::ScanNow, Action::ScanAgain]), "{event:?}");
                        sends = false;
                    }
                    Effect::Send(_) => {
                        prop_assert!(sends, "{event:?} sends unasked");
                        let agreed = heard.is_some_and(|(_, answer)| !answer.is_last());
                        prop_assert!(agreed, "{event:?} sends what nobody has agreed to");
                        sends = false;
                    }
                    _ => {}
                }
            }
            let (was, is) = (state.scan.asked, next.scan.asked);
            let scans = |asked: Option<shell::state::scan_asked::ScanAsked>| {
                asked.is_some_and(|asked| matches!(asked.step, ScanStep::Scans(_)))
            };
            let goes = is.is_some_and(|asked| matches!(asked.step, ScanStep::Goes { .. }));
            if scans(was) && !scans(is) && !goes {
                prop_assert!(clears, "{event:?} leaves pages");
            }
            state = next;
            if !state.call.stands().is_answered() || state.visit.here().is_none() {
                prop_assert_eq!(state.scan.asked, None);
                (heard, sends) = (None, false);
            }
            let at_scanner = state.screen() == Screen::At(Place::Scan(Purpose::Keep));
            prop_assert!(!(at_scanner && state.scan_asked().is_some()));
        }
    }
}
