// SPDX-License-Identifier: EUPL-1.2

use proptest::prelude::*;

use super::*;

fn seconds(n: u64) -> Duration {
    Duration::from_secs(n)
}

fn look(printer: Printer, job: Option<(u64, Progress)>) -> Event {
    Event::Looked(Look { printer, job })
}

fn ready() -> Event {
    look(Printer::Ready, None)
}

fn hindered(hindrance: Hindrance) -> Printer {
    Printer::Hindered(hindrance)
}

fn at(stand: Stand, out: Option<u32>) -> (u64, Progress) {
    (1, Progress { stand, out })
}

/// The course after these, one second after the other from `start` on, and what the last one asked for.
fn after(course: Course, start: u64, events: &[Event]) -> (Course, Vec<Effect>) {
    let mut now = seconds(start);
    events
        .iter()
        .fold((course, Vec::new()), |(course, _), event| {
            now += seconds(1);
            course.next(now, *event).unwrap()
        })
}

/// A job of two pages that the printer has, whole, under the number 7.
fn sent() -> Course {
    let words = [
        Word::Pages(2),
        Word::Taken(7),
        Word::Page(1),
        Word::Page(2),
        Word::Sent,
    ];
    let said = words.map(|word| Event::Said(1, word));
    let before = [ready(), Event::Print];
    after(Course::default(), 0, &[&before[..], &said].concat()).0
}

fn state(course: &Course) -> JobState {
    course.status().job.state
}

/// Proves T7: a document waits, comes out page by page, and is done when the printer says so.
#[test]
fn a_job_goes_its_way() {
    let (course, effects) = after(Course::default(), 0, &[ready(), Event::Print]);
    assert_eq!(effects, [Effect::Run(1)]);
    assert_eq!(state(&course), JobState::Waiting);
    let job = |event| after(sent(), 10, &[event]).0.status().job;
    assert_eq!((job(ready()).page, job(ready()).pages), (2, 2));
    let first = job(look(Printer::Ready, Some(at(Stand::Printing, Some(0)))));
    assert_eq!((first.state, first.page), (JobState::Printing, 1));
    let second = job(look(Printer::Ready, Some(at(Stand::Printing, Some(1)))));
    assert_eq!((second.state, second.page), (JobState::Printing, 2));
    let (course, effects) = after(
        sent(),
        10,
        &[look(Printer::Ready, Some(at(Stand::Done, Some(2))))],
    );
    assert_eq!(
        (state(&course), course.status().job.page),
        (JobState::Done, 2)
    );
    assert_eq!(effects, [Effect::Forget(7)]);
    // The next one is another one.
    let (course, effects) = after(course, 20, &[Event::Print]);
    assert_eq!((course.status().job.id, effects), (2, vec![Effect::Run(2)]));
}

/// Proves C13, T7: what keeps the printer from printing is told, and it goes on by itself afterwards.
#[test]
fn out_of_paper_is_told_and_goes_on() {
    let empty = hindered(Hindrance::PaperOut);
    let (course, _) = after(
        sent(),
        10,
        &[look(empty, Some(at(Stand::Stopped, Some(1))))],
    );
    assert_eq!(state(&course), JobState::Stopped(Hindrance::PaperOut));
    assert_eq!(course.status().printer, empty);
    let (course, _) = after(
        course,
        500,
        &[look(Printer::Ready, Some(at(Stand::Printing, Some(1))))],
    );
    assert_eq!(state(&course), JobState::Printing);
    assert_eq!(course.status().job.page, 2);
}

/// Proves T7: a printer that goes away is told, comes back or has lost the job: nothing waits for ever.
#[test]
fn a_printer_that_vanishes_is_given_up() {
    let away = look(hindered(Hindrance::Offline), None);
    let (course, _) = after(sent(), 10, &[away]);
    assert_eq!(state(&course), JobState::Stopped(Hindrance::Offline));
    let (back, _) = after(
        course,
        20,
        &[look(Printer::Ready, Some(at(Stand::Printing, None)))],
    );
    assert_eq!(state(&back), JobState::Printing);
    let (lost, effects) = after(course, 11 + LOST.as_secs(), &[away]);
    assert_eq!(state(&lost), JobState::Failed(Failure::Gone));
    assert_eq!(effects, [Effect::Kill, Effect::Revoke(7)]);
    let (anew, _) = after(
        course,
        20,
        &[look(Printer::Ready, Some(at(Stand::Unknown, None)))],
    );
    assert_eq!(state(&anew), JobState::Failed(Failure::Gone));
    // One that was never away has printed what it has forgotten.
    let (done, _) = after(
        sent(),
        10,
        &[look(Printer::Ready, Some(at(Stand::Unknown, None)))],
    );
    assert_eq!(state(&done), JobState::Done);
}

/// Proves T7: cancelling ends the process and takes the job back, also one that the printer takes a moment later.
#[test]
fn cancelling_takes_it_back() {
    let (course, effects) = after(sent(), 10, &[Event::Cancel(1)]);
    assert_eq!(state(&course), JobState::Failed(Failure::Cancelled));
    assert_eq!(effects, [Effect::Kill, Effect::Revoke(7)]);
    assert_eq!(
        course.next(seconds(20), Event::Cancel(1)),
        Err(Refusal::NoJob)
    );
    let (course, effects) = after(
        Course::default(),
        0,
        &[ready(), Event::Print, Event::Cancel(1)],
    );
    assert_eq!(effects, [Effect::Kill]);
    let (course, effects) = after(course, 10, &[Event::Said(1, Word::Taken(9))]);
    assert_eq!(effects, [Effect::Revoke(9)]);
    assert_eq!(state(&course), JobState::Failed(Failure::Cancelled));
}

/// Proves T7: a document that cannot be drawn is refused with its reason, also where drawing it took the process along.
#[test]
fn a_document_that_cannot_be_drawn_is_refused() {
    let begin = [ready(), Event::Print];
    let (course, _) = after(Course::default(), 0, &begin);
    let failed = Event::Said(1, Word::Failed(Failure::Encrypted));
    assert_eq!(
        state(&after(course, 5, &[failed]).0),
        JobState::Failed(Failure::Encrypted)
    );
    let (crashed, _) = after(course, 5, &[Event::Ended(1)]);
    assert_eq!(state(&crashed), JobState::Failed(Failure::Damaged));
    // One that has sent everything ends too.
    assert_eq!(
        state(&after(sent(), 10, &[Event::Ended(1)]).0),
        JobState::Printing
    );
}

/// Proves T7: one job at a time, none without a printer.
#[test]
fn one_job_at_a_time() {
    let none = Course::default();
    assert_eq!(none.next(seconds(1), Event::Print), Err(Refusal::NoPrinter));
    assert_eq!(sent().next(seconds(10), Event::Print), Err(Refusal::Busy));
}

fn anything() -> impl Strategy<Value = Event> {
    let printer = prop_oneof![
        Just(Printer::Absent),
        Just(Printer::Ready),
        prop::sample::select(Hindrance::ALL.to_vec()).prop_map(Printer::Hindered),
    ];
    let stands = [
        Stand::Pending,
        Stand::Printing,
        Stand::Stopped,
        Stand::Done,
        Stand::GivenUp,
        Stand::Unknown,
    ];
    let progress = (
        1_u64..4,
        prop::sample::select(stands.to_vec()),
        prop::option::of(0_u32..5),
    );
    let job = progress.prop_map(|(id, stand, out)| (id, Progress { stand, out }));
    let word = prop_oneof![
        (0_u32..5).prop_map(Word::Pages),
        (1_i32..9).prop_map(Word::Taken),
        (0_u32..9).prop_map(Word::Page),
        Just(Word::Sent),
        prop::sample::select(Failure::ALL.to_vec()).prop_map(Word::Failed),
    ];
    prop_oneof![
        2 => Just(Event::Print),
        1 => (1_u64..4).prop_map(Event::Cancel),
        4 => (1_u64..4, word).prop_map(|(id, word)| Event::Said(id, word)),
        1 => (1_u64..4).prop_map(Event::Ended),
        4 => (printer, prop::option::of(job)).prop_map(|(printer, job)| look(printer, job)),
        4 => Just(Event::Tick),
    ]
}

proptest! {
    /// Proves T7, T15: whatever comes in whatever order: at most one process runs; a job that ended stays ended; one that failed with a
    /// number of the printer's is taken back; pages never exceed what there is; the printer is asked again and again.
    #[test]
    fn nothing_is_stuck(events in prop::collection::vec((0_u64..70, anything()), 0..60)) {
        let (mut course, mut now) = (Course::default(), 0);
        let (mut number, mut was_looking) = (None, false);
        for (passed, event) in events {
            now += passed;
            if matches!(event, Event::Looked(_)) && !was_looking {
                continue;
            }
            let before = course.status().job;
            let Ok((next, effects)) = course.next(seconds(now), event) else { continue };
            let job = next.status().job;
            prop_assert!(job.page <= job.pages);
            if let Event::Said(id, Word::Taken(n)) = event
                && id == before.id && before.state.is_under_way()
            {
                number = Some(n);
            }
            for effect in &effects {
                if let Effect::Run(id) = effect {
                    prop_assert!(!before.state.is_under_way());
                    prop_assert_eq!(*id, before.id + 1);
                    number = None;
                }
            }
            if job.id == before.id && !before.state.is_under_way() {
                prop_assert_eq!(job.state, before.state);
            }
            if let (true, JobState::Failed(_)) = (before.state.is_under_way(), job.state) {
                prop_assert!(effects.contains(&Effect::Kill));
                prop_assert_eq!(number.map(Effect::Revoke), effects.get(1).copied());
            }
            match event {
                Event::Tick => was_looking |= effects.iter().any(|e| matches!(e, Effect::Look(_))),
                Event::Looked(_) => was_looking = false,
                _ => {}
            }
            prop_assert_eq!(next.deadline().is_none(), was_looking);
            course = next;
        }
    }
}
