// SPDX-License-Identifier: EUPL-1.2

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;

const START: Duration = Duration::from_secs(100);

/// A course at [`START`] with a scanner.
fn ready() -> Course {
    let (course, _) = Course::default().next(START, Event::Tick).unwrap();
    course.next(START, Event::Looked(true)).unwrap().0
}

fn after(course: &Course, events: &[Event]) -> (Course, Vec<Effect>) {
    let mut course = course.clone();
    let mut all = Vec::new();
    for event in events {
        let (next, effects) = course.next(START, *event).unwrap();
        course = next;
        all.extend(effects);
    }
    (course, all)
}

fn ids(course: &Course) -> Vec<u64> {
    course.status().pages.iter().map(|page| page.id).collect()
}

/// Proves T6: page after page, turned, and all of them become one document.
#[test]
fn pages_become_a_document() {
    let events = [
        Event::Scan,
        Event::Came(1, 50),
        Event::Kept(1, 1000),
        Event::Scan,
        Event::Kept(2, 1000),
        Event::Turn(2),
        Event::Finish,
    ];
    let (course, effects) = after(&ready(), &events);
    assert_eq!(effects, [Effect::Take(1), Effect::Take(2), Effect::Bind(3)]);
    assert_eq!(course.status().work, Work::Binding);
    assert_eq!(course.status().pages[1], Page { id: 2, turns: 1 });
    let (course, effects) = after(&course, &[Event::Stored(3, 9)]);
    assert_eq!(effects, [Effect::Drop(1), Effect::Drop(2)]);
    let status = course.status();
    assert_eq!((status.work, status.document), (Work::Done, Some(9)));
    assert_eq!(status.pages, []);
    // The next page begins another.
    assert_eq!(after(&course, &[Event::Scan]).0.status().document, None);
}

/// Proves T6: once more is once more: the page comes to the place of the old one, which stays until then.
#[test]
fn once_more_takes_the_old_place() {
    let events = [
        Event::Scan,
        Event::Kept(1, 10),
        Event::Scan,
        Event::Kept(2, 10),
        Event::Again(1),
    ];
    let (course, _) = after(&ready(), &events);
    assert_eq!(ids(&course), [1, 2]);
    let (gone, effects) = after(&course, &[Event::Failed(3, Trouble::Gone)]);
    assert_eq!(ids(&gone), [1, 2]);
    assert_eq!(effects, [Effect::Kill]);
    let (course, effects) = after(&course, &[Event::Kept(3, 10)]);
    assert_eq!(ids(&course), [3, 2]);
    assert_eq!(effects, [Effect::Drop(1)]);
}

/// Proves T6, C13: a scanner that is pulled out, or says nothing any more, is told; nothing that is there is lost, and nothing is stuck.
#[test]
fn trouble_loses_nothing() {
    let (course, _) = after(
        &ready(),
        &[
            Event::Scan,
            Event::Kept(1, 10),
            Event::Scan,
            Event::Came(2, 40),
        ],
    );
    let (gone, _) = after(&course, &[Event::Failed(2, Trouble::Gone)]);
    assert_eq!(gone.status().work, Work::Trouble(Trouble::Gone));
    // It is looked for at once, and comes back.
    let (looking, effects) = after(&gone, &[Event::Tick]);
    assert_eq!(effects, [Effect::Look]);
    let (absent, _) = after(&looking, &[Event::Looked(false)]);
    assert_eq!(absent.next(START, Event::Scan), Err(Refusal::NoScanner));
    assert_eq!(ids(&absent), [1]);
    assert!(absent.next(START, Event::Finish).is_ok());

    let late = course.deadline().unwrap();
    assert_eq!(late, START + SILENCE);
    let (silent, effects) = course.next(late, Event::Tick).unwrap();
    assert_eq!(silent.status().work, Work::Trouble(Trouble::Silent));
    assert_eq!(effects, [Effect::Kill]);
    // What it says afterwards is nobody's.
    let (same, effects) = silent.next(late, Event::Kept(2, 10)).unwrap();
    assert_eq!((ids(&same), effects), (vec![1], vec![Effect::Drop(2)]));
}

/// Proves T15: no more pages and no more bytes than a document may have.
#[test]
fn limits_hold() {
    let mut course = ready();
    for id in 1..=MAX_PAGES as u64 {
        course = after(&course, &[Event::Scan, Event::Kept(id, 1)]).0;
    }
    assert_eq!(course.next(START, Event::Scan), Err(Refusal::Full));
    let (course, _) = after(&course, &[Event::Again(1)]);
    assert_eq!(course.next(START, Event::Scan), Err(Refusal::Busy));
    let id = course.last();
    let most = MAX_BYTES - (MAX_PAGES as u64 - 1);
    let (fits, _) = after(&course, &[Event::Kept(id, most)]);
    assert_eq!(fits.status().work, Work::Kept);
    let (over, effects) = after(&course, &[Event::Kept(id, most + 1)]);
    assert_eq!(over.status().work, Work::Trouble(Trouble::Full));
    assert_eq!(effects, [Effect::Drop(id)]);
    assert_eq!(over.status().pages.len(), MAX_PAGES);
}

fn anything() -> impl Strategy<Value = Event> {
    let id = 0_u64..8;
    prop_oneof![
        3 => Just(Event::Scan),
        1 => id.clone().prop_map(Event::Again),
        1 => Just(Event::Cancel),
        1 => id.clone().prop_map(Event::Turn),
        1 => id.clone().prop_map(Event::Discard),
        1 => Just(Event::Clear),
        1 => Just(Event::Finish),
        2 => (id.clone(), any::<u8>()).prop_map(|(id, percent)| Event::Came(id, percent)),
        3 => (id.clone(), prop_oneof![0_u64..1000, 0..MAX_BYTES])
            .prop_map(|(id, bytes)| Event::Kept(id, bytes)),
        1 => (id.clone(), 1_u64..9).prop_map(|(id, document)| Event::Stored(id, document)),
        1 => (id, 0..Trouble::ALL.len()).prop_map(|(id, i)| Event::Failed(id, Trouble::ALL[i])),
        2 => any::<bool>().prop_map(Event::Looked),
        3 => Just(Event::Tick),
    ]
}

proptest! {
    /// Proves T6, T15: whatever comes in whatever order: at most one process runs, a page that is there stays until somebody gives it up
    /// or it is in a document, what is forgotten is forgotten once, limits hold, and nothing is under way without a deadline.
    #[test]
    fn nothing_is_stuck_and_nothing_lost(events in prop::collection::vec((0_u64..70, anything()), 0..80)) {
        let (mut course, mut now) = (Course::default(), 0);
        let (mut is_running, mut was_looking) = (false, false);
        let mut kept: BTreeSet<u64> = BTreeSet::new();
        for (passed, event) in events {
            now += passed;
            // Whoever looks answers once.
            if matches!(event, Event::Looked(_)) && !was_looking {
                continue;
            }
            let before = course.status();
            let Ok((next, effects)) = course.next(Duration::from_secs(now), event) else {
                continue;
            };
            if matches!(event, Event::Looked(_)) {
                was_looking = false;
            }
            let (mut dropped, was_running) = (BTreeSet::new(), is_running);
            for effect in effects {
                match effect {
                    Effect::Take(id) | Effect::Bind(id) => {
                        prop_assert!(!is_running && id > course.last);
                        is_running = true;
                    }
                    Effect::Kill => {
                        prop_assert!(is_running);
                        is_running = false;
                    }
                    Effect::Drop(id) => prop_assert!(dropped.insert(id)),
                    Effect::Look => {
                        prop_assert!(!is_running && !was_looking);
                        was_looking = true;
                    }
                }
            }
            let status = next.status();
            let ended = matches!(event, Event::Kept(..) | Event::Stored(..));
            if ended && was_running && !status.work.is_under_way() && before.work.is_under_way() {
                is_running = false;
            }
            prop_assert_eq!(is_running, status.work.is_under_way());
            prop_assert!(!status.work.is_under_way() || next.deadline().is_some());
            prop_assert!(was_looking || next.deadline().is_some());
            let pages: BTreeSet<u64> = status.pages.iter().map(|page| page.id).collect();
            prop_assert_eq!(pages.len(), status.pages.len());
            for id in kept.difference(&pages) {
                prop_assert!(dropped.contains(id));
                let wanted = matches!(event, Event::Clear | Event::Discard(_) | Event::Stored(..) | Event::Kept(..));
                prop_assert!(wanted, "{:?} lost a page", event);
            }
            prop_assert!(pages.is_disjoint(&dropped));
            prop_assert!(pages.len() <= MAX_PAGES && next.bytes() <= MAX_BYTES);
            kept = pages;
            course = next;
        }
    }
}
