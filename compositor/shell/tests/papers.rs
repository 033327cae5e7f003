// SPDX-License-Identifier: EUPL-1.2
//! The papers of a conversation: what follows what, without a screen, and what is said of them. The link to the services is in
//! `papers_link.rs`; that the printing service draws and prints them is proven in `services/print`.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A test ends at the first surprise.

mod common;

use std::collections::HashSet;

use api::call::papers::{Print, PrintAnswer, Status as PapersStatus};
use api::call::{CallState, Reason};
use api::print::{Failure, Hindrance, Job, JobState, Printer, Status};
use api::session::{Kind, SessionState};
use common::{
    ROOM, after, asks, before_call, moment, open, page_picture, session, told, way, wish,
};
use proptest::prelude::*;
use shell::canvas::Canvas;
use shell::event::{Action, Effect, Event, Papers, PapersRequest};
use shell::i18n::Texts;
use shell::node::Pixels;
use shell::reading;
use shell::screens;
use shell::state::papers::{Drawn, SETTLE, Sheet, Step, Wish};
use shell::state::print::{Paper, Printing, Request};
use shell::state::{Screen, State};
use shell::update::update;
use site::Language;

/// A conversation, on a screen that has room for a page.
fn talking() -> State {
    let home = way(open(), &[Action::Begin]);
    let home = after(home, [session(SessionState::Active, Some(600), 0)]);
    let talks = common::call(CallState::Talking, None);
    after(before_call(home), [talks, Event::Room(Some(ROOM))])
}

fn ended() -> Event {
    common::call(CallState::Ended, Some(Reason::OtherHungUp))
}

fn printer(printer: Printer, job: Job) -> Event {
    Event::Print(Some(Status { printer, job }))
}

fn ready() -> Event {
    printer(Printer::Ready, Job::default())
}

fn job(id: u64, state: JobState) -> Job {
    Job {
        id,
        state,
        page: 1,
        pages: 2,
    }
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

fn answer(request: u32, answer: PrintAnswer) -> Effect {
    Effect::Papers(PapersRequest::Answer(request, answer))
}

fn prints(copies: u32) -> Effect {
    Effect::Papers(PapersRequest::Print {
        document: 1,
        kind: Kind::Pdf,
        copies,
    })
}

fn drawn() -> Drawn {
    Drawn {
        pixels: Pixels(page_picture()),
        pages: 24,
    }
}

/// Proves D3: what the desk shows is drawn as large as there is room, a newer wish overtakes an older one, and all of it is forgotten with
/// the conversation.
#[test]
fn what_is_shown_is_drawn() {
    let (state, effects) = does(talking(), told(2, Print::default()));
    assert_eq!(effects, [Effect::Draw(wish(2))]);
    assert_eq!(state.call.papers.sheet(), Sheet::Comes);
    // Told again, nothing is drawn again.
    let (state, effects) = does(state, told(2, Print::default()));
    assert_eq!(effects, []);
    let (state, effects) = does(state, told(3, Print::default()));
    assert_eq!(effects, [Effect::Draw(wish(3))]);
    let state = after(state, [Event::Drawn(wish(2), Some(drawn()))]);
    assert_eq!(state.call.papers.sheet(), Sheet::Comes);
    let there = after(state, [Event::Drawn(wish(3), Some(drawn()))]);
    assert_eq!(there.call.papers.sheet(), Sheet::There(&drawn()));
    // In another size it is seen as it was, until it has come.
    let (larger, effects) = does(there.clone(), Event::Room(Some((800, 900))));
    let wanted = Wish {
        width: 800,
        height: 900,
        ..wish(3)
    };
    assert_eq!(effects, [Effect::Draw(wanted)]);
    assert_eq!(larger.call.papers.sheet(), Sheet::There(&drawn()));
    let fails = after(larger, [Event::Drawn(wanted, None)]);
    assert_eq!(fails.call.papers.sheet(), Sheet::Fails);
    let at = Event::Papers(Papers::Points(Some((7, 9))));
    let points = after(there.clone(), [at.clone()]);
    assert_eq!(points.call.papers.pointer, Some((7, 9)));
    let turned = after(points, [told(4, Print::default())]);
    assert_eq!(turned.call.papers.pointer, None);
    let hidden = after(there.clone(), [told(0, Print::default()), at]);
    let papers = &hidden.call.papers;
    assert_eq!((papers.wish, papers.pointer), (None, None));
    assert_eq!(papers.drawn, None);
    for end in [ended(), Event::Act(Action::Finish)] {
        let over = after(there.clone(), [end]);
        let papers = &over.call.papers;
        assert_eq!((papers.wish, papers.drawn.is_some()), (None, false));
        assert_eq!(papers.status, PapersStatus::default());
    }
}

/// Proves D3, C13: what the services tell in another order, or do not tell any more, leads to the same.
#[test]
fn the_order_of_news_does_not_matter() {
    let home = way(open(), &[Action::Begin]);
    let state = before_call(after(home, [session(SessionState::Active, Some(600), 0)]));
    let state = after(state, [told(2, asks(1, 1)), Event::Room(Some(ROOM))]);
    assert_eq!((state.asked(), state.call.papers.wish), (None, None));
    let (state, effects) = does(state, common::call(CallState::Talking, None));
    assert_eq!(effects, [Effect::Draw(wish(2))]);
    assert!(state.asked().is_some());
    let gone = after(state, [Event::Papers(Papers::Gone)]);
    assert_eq!((gone.asked(), gone.call.papers.wish), (None, None));
    // A process that has fallen had agreed: it is not printed a second time, and the desk is not left waiting.
    let agreed = Print {
        answer: "agreed".into(),
        ..asks(7, 1)
    };
    let (state, effects) = does(talking(), told(0, agreed.clone()));
    assert_eq!(effects, [answer(7, PrintAnswer::Failed)]);
    let (state, effects) = does(state, told(1, agreed));
    assert_eq!(effects, [Effect::Draw(wish(1))]);
    assert_eq!(state.asked(), None);
}

/// Proves T7, D4: the visitor is asked before anything is printed; the desk hears the answer and how it ended, and the visitor where it
/// stands until the paper is there.
#[test]
fn a_print_is_asked_for() {
    let asked = after(talking(), [ready(), told(2, asks(1, 3))]);
    assert_eq!(asked.asked().unwrap().step, Step::Question);
    assert!(asked.asked().unwrap().name.starts_with("Bescheid"));
    // A finger that came down before the question is no answer to it.
    let (asked, effects) = act(asked, Action::Agree);
    assert_eq!(effects, []);
    let asked = after(asked, [later()]);
    // Everything of the conversation goes on.
    assert_eq!(act(asked.clone(), Action::HangUp).1.len(), 1);
    assert_eq!(act(asked.clone(), Action::Mute).1.len(), 1);
    let (declined, effects) = act(asked.clone(), Action::Decline);
    assert_eq!(effects, [answer(1, PrintAnswer::Declined)]);
    assert_eq!(declined.asked(), None);
    // Told by the service too, it is not asked again; another print is.
    let done = Print {
        answer: "declined".into(),
        ..asks(1, 3)
    };
    let declined = after(declined, [told(2, done)]);
    assert_eq!(declined.asked(), None);
    let again = after(declined, [told(2, asks(2, 1))]);
    assert_eq!(again.asked().unwrap().step, Step::Question);

    let (agreed, effects) = act(asked, Action::Agree);
    assert_eq!(effects, [answer(1, PrintAnswer::Agreed), prints(3)]);
    let (agreed, effects) = act(agreed, Action::Agree);
    assert_eq!(effects, []);
    let printing = printer(Printer::Ready, job(5, JobState::Printing));
    let going = after(agreed, [Event::Printed(Some(5)), printing]);
    assert_eq!(going.asked().unwrap().step, Step::Printing);
    let (going, effects) = act(going, Action::StopPrinting);
    assert_eq!(effects, [Effect::StopPrinting(5)]);
    let cancelled = job(5, JobState::Failed(Failure::Cancelled));
    let (_, effects) = does(going.clone(), printer(Printer::Ready, cancelled));
    assert_eq!(effects, [answer(1, PrintAnswer::Failed)]);
    let done = job(5, JobState::Done);
    let (done, effects) = does(going, printer(Printer::Ready, done));
    assert_eq!(effects, [answer(1, PrintAnswer::Printed)]);
    assert!(matches!(done.asked().unwrap().step, Step::Over(_)));
    let (read, effects) = act(done, Action::Understood);
    assert_eq!((read.asked(), effects), (None, vec![]));
}

/// Proves C13, D4: with no printer, one in trouble, one that is busy or one that does not take it, both sides hear what is so, and
/// nobody waits.
#[test]
fn a_printer_in_trouble_is_told_to_both() {
    let asked = after(talking(), [told(0, asks(1, 1)), later()]);
    let failed = [
        answer(1, PrintAnswer::Agreed),
        answer(1, PrintAnswer::Failed),
    ];
    let jam = printer(Printer::Hindered(Hindrance::Jam), Job::default());
    for state in [asked.clone(), after(asked.clone(), [jam])] {
        let (state, effects) = act(state, Action::Agree);
        assert_eq!(effects, failed);
        assert!(matches!(state.asked().unwrap().step, Step::Over(_)));
    }
    let ready = after(asked, [ready()]);
    let (taken, _) = act(ready.clone(), Action::Agree);
    let (_, effects) = does(taken.clone(), Event::Printed(None));
    assert_eq!(effects, [answer(1, PrintAnswer::Failed)]);
    let (_, effects) = does(taken.clone(), Event::Print(None));
    assert_eq!(effects, [answer(1, PrintAnswer::Failed)]);
    // Out of paper it waits, and so does the answer.
    let empty = Hindrance::PaperOut;
    let stops = printer(Printer::Hindered(empty), job(5, JobState::Stopped(empty)));
    let taken = after(taken, [Event::Printed(Some(5))]);
    let (stopped, effects) = does(taken, stops);
    assert_eq!(effects, []);
    let done = printer(Printer::Ready, job(5, JobState::Done));
    let (done, effects) = does(stopped, done);
    assert_eq!(effects, [answer(1, PrintAnswer::Printed)]);
    // While the one before comes out, the next waits for it.
    let more = after(done, [told(0, asks(2, 1)), Event::Tick(moment(9))]);
    let printing = printer(Printer::Ready, job(6, JobState::Printing));
    let mut busy = after(more, [printing]);
    busy.printing = Some(other(6));
    let (waits, effects) = act(busy, Action::Agree);
    assert_eq!(effects, [answer(2, PrintAnswer::Agreed)]);
    let free = printer(Printer::Ready, job(6, JobState::Done));
    let (_, effects) = does(waits, free);
    assert_eq!(effects, [prints(1)]);
}

/// Something else that the printer has as this job.
fn other(job: u64) -> Printing {
    Printing {
        paper: Paper::Scanned,
        request: Request::Taken(job),
    }
}

/// Proves T13: who hears the screen is told which page of which document is shown, each time it changes, and what is asked.
#[test]
fn papers_are_told_to_who_does_not_see_them() {
    let (texts, mut engine) = (Texts::default(), common::engine());
    let canvas = Canvas::new(1920, 1080, None);
    let mut says = |state: &State| -> Vec<String> {
        let scene = screens::show(state, &texts, &canvas, &mut engine);
        let pieces = reading::pieces(&scene.tree).into_iter();
        let live = pieces.filter(|piece| piece.live);
        let speech = texts.speak(Language::De);
        live.map(|piece| piece.line(&speech)).collect()
    };
    let comes = after(talking(), [told(2, Print::default())]);
    let there = after(comes.clone(), [Event::Drawn(wish(2), Some(drawn()))]);
    let said = says(&there).concat();
    assert!(said.contains("Bescheid über die Bewilligung"), "{said}");
    assert!(said.contains("Seite 2 von 24"), "{said}");
    let said = says(&comes).concat();
    assert!(said.contains("wird geholt"), "{said}");
    let asked = after(there, [told(2, asks(1, 1))]);
    let said = says(&asked).concat();
    assert!(said.contains("Möchten Sie „Bescheid"), "{said}");
}

/// Everything that can happen around papers.
fn event() -> impl Strategy<Value = Event> {
    let state = prop::sample::select(CallState::ALL.to_vec());
    let reason = prop::sample::select(vec![None, Some(Reason::HungUp), Some(Reason::Lost)]);
    let call = (state, reason).prop_map(|(state, reason)| common::call(state, reason));
    let talks = Just(common::call(CallState::Talking, None));
    let word = prop::sample::select(vec!["", "", "", "agreed", "declined", "printed", "failed"]);
    let papers = (0..4_u32, 0..3_u32, word).prop_map(|(page, request, word)| {
        let print = Print {
            answer: word.into(),
            ..asks(request, 1)
        };
        told(page, print)
    });
    let nothing = Just(Event::Papers(Papers::Status(PapersStatus::default())));
    let gone = Just(Event::Papers(Papers::Gone));
    let points = prop::option::of((any::<u16>(), any::<u16>()))
        .prop_map(|at| Event::Papers(Papers::Points(at)));
    let room = prop::option::of(Just(ROOM)).prop_map(Event::Room);
    let page = (1..4_u32, any::<bool>())
        .prop_map(|(page, is_good)| Event::Drawn(wish(page), is_good.then(drawn)));
    let states = prop::sample::select(vec![
        JobState::None,
        JobState::Waiting,
        JobState::Printing,
        JobState::Stopped(Hindrance::Jam),
        JobState::Done,
        JobState::Failed(Failure::Gone),
    ]);
    let printers = prop::sample::select(vec![
        Printer::Absent,
        Printer::Ready,
        Printer::Ready,
        Printer::Hindered(Hindrance::Jam),
    ]);
    let print =
        (printers, 0..3_u64, states).prop_map(|(is, id, state)| printer(is, job(id, state)));
    let taken = prop::option::of(1..3_u64).prop_map(Event::Printed);
    let actions = prop::sample::select(vec![
        Action::Agree,
        Action::Agree,
        Action::Agree,
        Action::Decline,
        Action::Understood,
        Action::StopPrinting,
        Action::HangUp,
        Action::Pause,
        Action::Write,
        Action::Type('a'),
        Action::Languages,
        Action::Back,
        Action::Finish,
        Action::Begin,
    ]);
    let session = prop::sample::select(vec![SessionState::Active, SessionState::Idle])
        .prop_map(|state| session(state, Some(600), 0));
    prop_oneof![
        1 => call,
        3 => talks,
        6 => papers,
        1 => nothing,
        1 => gone,
        1 => points,
        1 => room,
        1 => page,
        3 => print,
        2 => taken,
        8 => actions.prop_map(Event::Act),
        1 => session,
        // A tick: the time is put in where it is taken.
        4 => Just(later()),
    ]
}

proptest! {
    /// Proves T7, T15, D4: whatever happens in whatever order, nothing is printed that the visitor was not asked about and has not agreed
    /// to, each time; the desk hears each answer once and in order; and nothing of papers is left after the conversation.
    #[test]
    fn nothing_is_printed_unasked(events in prop::collection::vec(event(), 1..120)) {
        let mut state = talking();
        let mut now = 1;
        // What was agreed to and not handed to the printer yet; what was answered, in this conversation.
        let mut agreed = 0;
        let mut answered: HashSet<(u32, PrintAnswer)> = HashSet::new();
        for event in events {
            let event = match event {
                Event::Tick(_) => {
                    now += 1;
                    Event::Tick(moment(now))
                }
                event => event,
            };
            let asked = state.asked().filter(|asked| asked.step == Step::Question);
            let asked = asked.map(|asked| asked.request);
            let agrees = matches!(event, Event::Act(Action::Agree));
            let (next, effects) = update(state.clone(), event.clone());
            for effect in effects {
                match effect {
                    Effect::Papers(PapersRequest::Answer(request, PrintAnswer::Agreed)) => {
                        prop_assert!(agrees && asked == Some(request), "{event:?}");
                        agreed += 1;
                        answered.insert((request, PrintAnswer::Agreed));
                    }
                    Effect::Papers(PapersRequest::Print { .. }) => {
                        prop_assert!(agreed > 0, "{event:?} prints unasked");
                        agreed -= 1;
                    }
                    Effect::Papers(PapersRequest::Answer(request, PrintAnswer::Printed)) => {
                        let job = next.print.map(|print| print.job.state);
                        prop_assert_eq!(job, Some(JobState::Done));
                        prop_assert!(answered.contains(&(request, PrintAnswer::Agreed)));
                    }
                    Effect::Papers(PapersRequest::Answer(request, PrintAnswer::Declined)) => {
                        prop_assert_eq!(asked, Some(request));
                    }
                    _ => {}
                }
            }
            state = next;
            let papers = &state.call.papers;
            if !state.call.stands().is_answered() || state.visit.here().is_none() {
                prop_assert!(papers.drawn.is_none() && papers.wish.is_none());
                prop_assert!(papers.asked.is_none() && papers.pointer.is_none());
                (agreed, answered) = (0, HashSet::new());
            }
            prop_assert!(state.asked().is_none() || matches!(state.screen(), Screen::Call(_) | Screen::Languages));
        }
        let after = after(state, [ended(), Event::Papers(Papers::Status(PapersStatus::default()))]);
        let room = after.call.papers.room;
        prop_assert_eq!(&after.call.papers, &shell::state::papers::Papers { room, ..Default::default() });
    }
}
