// SPDX-License-Identifier: EUPL-1.2
//! What always holds of the queue.

use proptest::prelude::*;

use super::*;

const S: Duration = Duration::from_secs(1);

fn plan() -> Plan {
    let department = |overflow: Option<&str>| DepartmentPlan {
        overflow: overflow.map(|to| (to.to_owned(), 300 * S)),
    };
    let desk = |id: &str, served: &[&str]| {
        let served = served.iter().map(|d| (*d).to_owned()).collect();
        (id.to_owned(), served)
    };
    Plan {
        departments: BTreeMap::from([
            ("id".to_owned(), department(Some("dog"))),
            ("dog".to_owned(), department(None)),
        ]),
        desks: BTreeMap::from([
            desk("one", &["id"]),
            desk("two", &["id", "dog"]),
            desk("three", &["dog"]),
        ]),
    }
}

fn ready(queue: &mut Queue, now: Duration, desk: &str) {
    queue.sign_in(now, desk).unwrap();
    queue.watch_desk(now, desk, true).unwrap();
    queue.register(now, desk, Some(now + 3600 * S)).unwrap();
    queue.presence(now, desk, Presence::Free).unwrap();
}

fn take(queue: &mut Queue, now: Duration, who: &str, department: &str) {
    queue
        .take(now, format!("t-{who}"), who, department)
        .unwrap();
    queue
        .watch_ticket(now, &format!("t-{who}"), who, true)
        .unwrap();
}

fn phase(queue: &Queue, now: Duration, who: &str) -> Phase {
    queue.standing(now, &format!("t-{who}"), who).unwrap().phase
}

/// Proves T2, D2: first come, first served; all free desks of the department ring; who answers talks, the others go on.
#[test]
fn all_free_desks_ring_for_the_first() {
    let mut queue = Queue::new(plan());
    for who in ["a", "b"] {
        take(&mut queue, S, who, "id");
    }
    assert_eq!(queue.standing(S, "t-b", "b").unwrap().position, 2);
    queue.sign_in(S, "one").unwrap();
    assert_eq!(phase(&queue, S, "a"), Phase::Waiting);
    ready(&mut queue, S, "one");
    assert_eq!(phase(&queue, S, "a"), Phase::Called);
    ready(&mut queue, S, "two");
    // The second desk is free for the second ticket.
    assert_eq!(phase(&queue, S, "b"), Phase::Called);
    assert_eq!(queue.invite(S, "t-a", "a").unwrap().0, ["one"]);
    queue.answered(S, "t-a", "one").unwrap();
    assert_eq!(phase(&queue, S, "a"), Phase::Talking);
    queue.invite(S, "t-b", "b").unwrap();
    queue.answered(S, "t-b", "two").unwrap();
    queue.ended(61 * S, "t-a").unwrap();
    assert_eq!(queue.standing(S, "t-a", "a"), Err(Refusal::NoTicket));
    // After a conversation a clerk is busy until they say otherwise.
    take(&mut queue, 62 * S, "c", "id");
    assert_eq!(phase(&queue, 62 * S, "c"), Phase::Waiting);
    queue.presence(63 * S, "one", Presence::Free).unwrap();
    assert_eq!(phase(&queue, 63 * S, "c"), Phase::Called);
}

/// Proves T2: several free desks ring for one ticket, and the first to answer takes it.
#[test]
fn the_first_answer_wins() {
    let mut queue = Queue::new(plan());
    ready(&mut queue, S, "one");
    ready(&mut queue, S, "two");
    take(&mut queue, S, "a", "id");
    take(&mut queue, S, "b", "id");
    assert_eq!(queue.invite(S, "t-a", "a").unwrap().0, ["one", "two"]);
    assert_eq!(phase(&queue, S, "b"), Phase::Waiting);
    assert_eq!(queue.answered(S, "t-a", "three"), Err(Refusal::NotItsTurn));
    queue.answered(S, "t-a", "two").unwrap();
    assert_eq!(queue.answered(S, "t-a", "two"), Ok(vec![]));
    assert_eq!(queue.answered(S, "t-a", "one"), Err(Refusal::NotItsTurn));
    assert_eq!(phase(&queue, S, "b"), Phase::Called);
}

/// Proves D8: a ticket that is handed over waits for the other department with its place by time, and its first desk counts the outcome
/// once.
#[test]
fn a_conversation_is_handed_over() {
    let mut queue = Queue::new(plan());
    take(&mut queue, S, "a", "id");
    take(&mut queue, 2 * S, "b", "dog");
    ready(&mut queue, 3 * S, "one");
    queue.invite(3 * S, "t-a", "a").unwrap();
    assert_eq!(
        queue.hand_over(3 * S, "one", "dog"),
        Err(Refusal::NoConversation)
    );
    queue.answered(3 * S, "t-a", "one").unwrap();
    assert_eq!(
        queue.hand_over(4 * S, "one", "cat"),
        Err(Refusal::NoDepartment)
    );
    let effects = queue.hand_over(4 * S, "one", "dog").unwrap();
    assert!(
        matches!(&effects[..], [Effect::Keep(ticket)] if ticket.department == "dog" && ticket.taken == S)
    );
    assert_eq!(queue.standing(4 * S, "t-a", "a").unwrap().position, 1);
    // The end of the first call is not the end of the ticket.
    assert_eq!(queue.ended(5 * S, "t-a"), Err(Refusal::NotItsTurn));
    ready(&mut queue, 6 * S, "three");
    assert_eq!(queue.invite(6 * S, "t-a", "a").unwrap().0, ["three"]);
    assert_eq!(queue.outcome("one").as_deref(), Ok("id"));
    assert_eq!(queue.outcome("one"), Err(Refusal::NoConversation));
}

/// Proves X1 (a desk that is lost): its ticket stays, and keeps its place.
#[test]
fn a_lost_desk_loses_no_ticket() {
    let mut queue = Queue::new(plan());
    ready(&mut queue, S, "one");
    take(&mut queue, S, "a", "id");
    take(&mut queue, S, "b", "id");
    queue.watch_desk(2 * S, "one", false).unwrap();
    assert_eq!(phase(&queue, 2 * S, "a"), Phase::Waiting);
    queue.watch_desk(3 * S, "one", true).unwrap();
    assert_eq!(phase(&queue, 3 * S, "a"), Phase::Called);
    queue.invite(3 * S, "t-a", "a").unwrap();
    queue.answered(4 * S, "t-a", "one").unwrap();
    queue.watch_desk(5 * S, "one", false).unwrap();
    queue.tick(6 * S);
    assert_eq!(phase(&queue, 6 * S, "a"), Phase::Talking);
    queue.tick(5 * S + GRACE);
    assert_eq!(phase(&queue, 65 * S, "a"), Phase::Waiting);
    assert_eq!(queue.standing(65 * S, "t-a", "a").unwrap().position, 1);
    ready(&mut queue, 66 * S, "two");
    assert_eq!(phase(&queue, 66 * S, "a"), Phase::Called);
}

/// Proves D2: desks that let it ring go on a break, so that the next ones ring instead.
#[test]
fn who_lets_it_ring_is_away() {
    let mut queue = Queue::new(plan());
    ready(&mut queue, S, "one");
    take(&mut queue, S, "a", "id");
    queue.invite(S, "t-a", "a").unwrap();
    queue.failed(31 * S, "t-a", Failure::Unanswered).unwrap();
    assert_eq!(phase(&queue, 31 * S, "a"), Phase::Waiting);
    assert_eq!(queue.desk(31 * S, "one").unwrap().0, Presence::Break);
    ready(&mut queue, 32 * S, "two");
    queue.invite(32 * S, "t-a", "a").unwrap();
    queue.failed(33 * S, "t-a", Failure::Cancelled).unwrap();
    assert_eq!(queue.standing(33 * S, "t-a", "a"), Err(Refusal::NoTicket));
    assert_eq!(queue.desk(33 * S, "two").unwrap().0, Presence::Free);
}

/// Proves T2: who waits too long is also served by the overflow department, and nobody else's desks before that.
#[test]
fn overflow_helps_out() {
    let mut queue = Queue::new(plan());
    ready(&mut queue, S, "three");
    take(&mut queue, S, "a", "id");
    assert_eq!(phase(&queue, S, "a"), Phase::Waiting);
    assert!(queue.desk(S, "three").unwrap().1.is_empty());
    assert_eq!(queue.deadline(S), Some(301 * S));
    queue.tick(301 * S);
    assert_eq!(phase(&queue, 301 * S, "a"), Phase::Called);
    assert_eq!(queue.desk(301 * S, "three").unwrap().1.len(), 1);
}

/// Proves X1: tickets are their terminal's alone, and a terminal has one.
#[test]
fn tickets_are_their_terminals_alone() {
    let mut queue = Queue::new(plan());
    take(&mut queue, S, "a", "id");
    assert_eq!(
        queue.take(S, "x".into(), "a", "dog"),
        Err(Refusal::HasTicket)
    );
    assert_eq!(
        queue.take(S, "x".into(), "b", "none"),
        Err(Refusal::NoDepartment)
    );
    assert_eq!(queue.standing(S, "t-a", "b"), Err(Refusal::NoTicket));
    assert_eq!(queue.leave(S, "t-a", "b"), Err(Refusal::NoTicket));
    assert_eq!(queue.invite(S, "t-a", "b").unwrap_err(), Refusal::NoTicket);
    assert_eq!(
        queue.invite(S, "t-a", "a").unwrap_err(),
        Refusal::NotItsTurn
    );
    // A terminal that is gone for too long has none.
    queue.watch_ticket(S, "t-a", "a", false).unwrap();
    assert_eq!(queue.tick(S + GRACE), [Effect::Forget("t-a".into())]);
}

/// Proves T2: what was kept on disk comes back in order, and learns go on.
#[test]
fn a_restart_keeps_the_order() {
    let mut queue = Queue::new(plan());
    let mut kept = Vec::new();
    for who in ["a", "b"] {
        for effect in queue.take(S, format!("t-{who}"), who, "id").unwrap() {
            let Effect::Keep(ticket) = effect else {
                panic!("{effect:?}")
            };
            kept.insert(0, ticket);
        }
    }
    let pace = Pace {
        mean: 600 * S,
        count: 3,
    };
    let mut queue = Queue::new(plan());
    let gone = Ticket {
        department: "gone".into(),
        id: "t-c".into(),
        number: 9,
        ..kept[0].clone()
    };
    kept.push(gone);
    let effects = queue.restore(
        9 * S,
        kept,
        [("id".to_owned(), pace), ("gone".to_owned(), pace)],
    );
    assert_eq!(effects, [Effect::Forget("t-c".into())]);
    assert_eq!(queue.standing(9 * S, "t-b", "b").unwrap().position, 2);
    ready(&mut queue, 10 * S, "one");
    assert_eq!(phase(&queue, 10 * S, "a"), Phase::Called);
    assert_eq!(
        queue.standing(10 * S, "t-b", "b").unwrap().wait,
        Some(600 * S)
    );
    take(&mut queue, 11 * S, "c", "id");
    assert_eq!(queue.standing(11 * S, "t-c", "c").unwrap().position, 3);
}

/// Proves O10: a desk that practises is rung by its own practice alone, and nobody waits for it; what was chosen before holds again when it
/// ends, by whomever.
#[test]
fn practice_rings_its_own_desk_alone() {
    let mut queue = Queue::new(plan());
    ready(&mut queue, S, "one");
    ready(&mut queue, S, "two");
    queue.begin_practice(S, "one", "p".into()).unwrap();
    queue.watch_practice(S, "one", "p", true).unwrap();
    assert_eq!(
        queue.begin_practice(S, "one", "q".into()),
        Err(Refusal::Practises)
    );
    // Only for departments of the desk, and only by the page whose it is.
    for (desk, id, department, refusal) in [
        ("one", "p", "dog", Refusal::NoDepartment),
        ("one", "q", "id", Refusal::NoPractice),
        ("two", "p", "id", Refusal::NoPractice),
        ("none", "p", "id", Refusal::NoDesk),
    ] {
        let asked = queue.call_practice(S, desk, id, "c".into(), department);
        assert_eq!(asked, Err(refusal));
    }
    assert_eq!(
        queue.invite_practice(S, "c", "p").unwrap_err(),
        Refusal::NoTicket
    );
    queue
        .call_practice(S, "one", "p", "c".into(), "id")
        .unwrap();
    take(&mut queue, S, "a", "id");
    assert_eq!(queue.invite(S, "t-a", "a").unwrap().0, ["two"]);
    // Neither calls the other's.
    assert_eq!(queue.invite(S, "c", "a").unwrap_err(), Refusal::NoTicket);
    assert_eq!(
        queue.invite_practice(S, "t-a", "p").unwrap_err(),
        Refusal::NoTicket
    );
    assert_eq!(queue.invite_practice(S, "c", "p").unwrap().0, "one");
    assert_eq!(
        queue.invite_practice(S, "c", "p").unwrap_err(),
        Refusal::NotItsTurn
    );
    assert_eq!(queue.answered(S, "c", "two"), Err(Refusal::NotItsTurn));
    assert_eq!(queue.answered(S, "c", "one"), Ok(vec![]));
    assert_eq!(queue.desk(S, "one").unwrap().0, Presence::Free);
    assert!(!queue.desk(S, "one").unwrap().2);
    assert_eq!(queue.outcome("one"), Err(Refusal::NoConversation));
    assert_eq!(
        queue.hand_over(S, "one", "dog"),
        Err(Refusal::NoConversation)
    );
    assert_eq!(queue.ended(2 * S, "c"), Ok(vec![]));
    take(&mut queue, 2 * S, "b", "id");
    assert_eq!(phase(&queue, 2 * S, "b"), Phase::Waiting);
    queue.end_practice(3 * S, "one", None).unwrap();
    assert_eq!(phase(&queue, 3 * S, "b"), Phase::Called);
    // Citizens are first.
    assert_eq!(
        queue.begin_practice(3 * S, "one", "r".into()),
        Err(Refusal::Occupied)
    );
}

/// Proves O10: a practice does not outlive its page, the session or the desk's own page; a call of it that comes to nothing leaves the
/// desk what it was.
#[test]
fn practice_ends_by_itself() {
    let mut queue = Queue::new(plan());
    ready(&mut queue, S, "one");
    queue.begin_practice(S, "one", "p".into()).unwrap();
    queue.watch_practice(S, "one", "p", true).unwrap();
    queue
        .call_practice(S, "one", "p", "c".into(), "id")
        .unwrap();
    queue.invite_practice(S, "c", "p").unwrap();
    queue.failed(2 * S, "c", Failure::Unanswered).unwrap();
    assert_eq!(queue.desk(2 * S, "one").unwrap().0, Presence::Free);
    assert_eq!(
        queue.failed(2 * S, "c", Failure::Cancelled),
        Err(Refusal::NoTicket)
    );
    // Its page is gone: for a while it may come back, and then it is over.
    queue.watch_practice(3 * S, "one", "p", false).unwrap();
    assert_eq!(queue.deadline(3 * S), Some(3 * S + PRACTICE_GRACE));
    queue.tick(2 * S + PRACTICE_GRACE);
    assert!(queue.practice_of("one").is_some());
    queue.tick(3 * S + PRACTICE_GRACE);
    assert_eq!(queue.practice_of("one"), None);
    take(&mut queue, 20 * S, "a", "id");
    assert_eq!(phase(&queue, 20 * S, "a"), Phase::Called);
    queue.leave(20 * S, "t-a", "a").unwrap();
    // One whose page is gone gives way to the next; a session that begins anew ends it; so does signing out.
    for (n, end) in [Queue::sign_in, |queue: &mut Queue, now, desk: &str| {
        Ok(queue.sign_out(now, desk))
    }]
    .into_iter()
    .enumerate()
    {
        queue
            .begin_practice(21 * S, "one", format!("a{n}"))
            .unwrap();
        queue
            .begin_practice(21 * S, "one", format!("b{n}"))
            .unwrap();
        end(&mut queue, 21 * S, "one").unwrap();
        assert_eq!(queue.practice_of("one"), None);
    }
    // The desk's own page is gone for good.
    ready(&mut queue, 22 * S, "one");
    queue.begin_practice(22 * S, "one", "p".into()).unwrap();
    queue.watch_practice(22 * S, "one", "p", true).unwrap();
    queue.watch_desk(22 * S, "one", false).unwrap();
    assert_eq!(queue.reaches(22 * S, "one", "p"), Some(false));
    queue.tick(22 * S + GRACE);
    assert_eq!(queue.reaches(82 * S, "one", "p"), None);
}

/// Proves O10: time that passes in practice is not learned as a conversation's, and a desk that practises is none that would be free soon.
#[test]
fn practice_is_in_no_estimate() {
    let pace = Pace {
        mean: 600 * S,
        count: 9,
    };
    let mut queue = Queue::new(plan());
    queue.restore(S, vec![], [("id".to_owned(), pace)]);
    ready(&mut queue, S, "one");
    ready(&mut queue, S, "two");
    take(&mut queue, S, "a", "id");
    queue.invite(S, "t-a", "a").unwrap();
    queue.answered(S, "t-a", "one").unwrap();
    queue.ended(61 * S, "t-a").unwrap();
    queue.presence(61 * S, "two", Presence::Break).unwrap();
    assert!(queue.outlook(61 * S, "id").1.is_some());
    queue.begin_practice(61 * S, "one", "p".into()).unwrap();
    assert_eq!(queue.outlook(61 * S, "id").1, None);
    queue.watch_practice(61 * S, "one", "p", true).unwrap();
    queue.end_practice(900 * S, "one", Some("p")).unwrap();
    assert_eq!(queue.presence(900 * S, "one", Presence::Free), Ok(vec![]));
}

#[derive(Clone, Debug)]
enum Act {
    Take(usize, usize),
    Leave(usize),
    WatchTicket(usize, bool),
    SignIn(usize),
    SignOut(usize),
    Say(usize, Presence),
    WatchDesk(usize, bool),
    Register(usize, Option<u64>),
    Invite(usize),
    Answered(usize, usize),
    Failed(usize, Failure),
    Ended(usize),
    HandOver(usize, usize),
    NewProxy,
    Pass(u64),
    Practise(usize),
    WatchPractice(usize, bool),
    CallPractice(usize, usize),
    InvitePractice(usize),
    AnsweredPractice(usize, usize),
    FailedPractice(usize, Failure),
    EndedPractice(usize),
    EndPractice(usize),
}

impl Act {
    /// Of a practice, and of nothing else.
    fn practises(&self) -> bool {
        matches!(
            self,
            Self::Practise(_)
                | Self::WatchPractice(..)
                | Self::CallPractice(..)
                | Self::InvitePractice(_)
                | Self::AnsweredPractice(..)
                | Self::FailedPractice(..)
                | Self::EndedPractice(_)
                | Self::EndPractice(_)
        )
    }
}

fn act() -> impl Strategy<Value = Act> {
    let (terminal, desk, desk2) = (0_usize..6, 0_usize..3, 0_usize..3);
    let presence = prop_oneof![
        3 => Just(Presence::Free),
        1 => Just(Presence::Busy),
        1 => Just(Presence::Break),
    ];
    let failure = prop_oneof![
        Just(Failure::Cancelled),
        Just(Failure::Unanswered),
        Just(Failure::Unreached),
    ];
    prop_oneof![
        1 => Just(Act::NewProxy),
        4 => (terminal.clone(), 0_usize..2).prop_map(|(t, d)| Act::Take(t, d)),
        1 => terminal.clone().prop_map(Act::Leave),
        2 => (terminal.clone(), prop::bool::weighted(0.8)).prop_map(|(t, w)| Act::WatchTicket(t, w)),
        3 => desk.clone().prop_map(Act::SignIn),
        1 => desk.clone().prop_map(Act::SignOut),
        4 => (desk.clone(), presence).prop_map(|(d, p)| Act::Say(d, p)),
        4 => (desk.clone(), prop::bool::weighted(0.9)).prop_map(|(d, w)| Act::WatchDesk(d, w)),
        4 => (desk.clone(), prop::option::weighted(0.9, 1_u64..900)).prop_map(|(d, u)| Act::Register(d, u)),
        4 => terminal.clone().prop_map(Act::Invite),
        4 => (terminal.clone(), desk.clone()).prop_map(|(t, d)| Act::Answered(t, d)),
        1 => (desk, 0_usize..2).prop_map(|(d, to)| Act::HandOver(d, to)),
        1 => (terminal.clone(), failure.clone()).prop_map(|(t, f)| Act::Failed(t, f)),
        3 => practice(desk2, failure),
        2 => terminal.prop_map(Act::Ended),
        2 => (0_u64..400).prop_map(Act::Pass),
    ]
}

fn practice(
    desk: std::ops::Range<usize>,
    failure: impl Strategy<Value = Failure>,
) -> impl Strategy<Value = Act> {
    let two = (desk.clone(), desk.clone());
    prop_oneof![
        3 => desk.clone().prop_map(Act::Practise),
        3 => (desk.clone(), prop::bool::weighted(0.8)).prop_map(|(d, w)| Act::WatchPractice(d, w)),
        3 => (desk.clone(), 0_usize..2).prop_map(|(d, to)| Act::CallPractice(d, to)),
        3 => desk.clone().prop_map(Act::InvitePractice),
        3 => two.prop_map(|(d, by)| Act::AnsweredPractice(d, by)),
        1 => (desk.clone(), failure).prop_map(|(d, f)| Act::FailedPractice(d, f)),
        1 => desk.clone().prop_map(Act::EndedPractice),
        1 => desk.prop_map(Act::EndPractice),
    ]
}

const DESKS: [&str; 3] = ["one", "two", "three"];
const DEPARTMENTS: [&str; 2] = ["id", "dog"];

fn apply(queue: &mut Queue, now: Duration, act: &Act) -> Vec<Effect> {
    let (ticket, name) = (|t: usize| format!("t-{t}"), |t: usize| t.to_string());
    let (own, call) = (|d: usize| format!("p-{d}"), |d: usize| format!("c-{d}"));
    let done = match *act {
        Act::Take(t, d) => queue.take(now, ticket(t), &name(t), DEPARTMENTS[d]),
        Act::Leave(t) => queue.leave(now, &ticket(t), &name(t)),
        Act::WatchTicket(t, w) => queue.watch_ticket(now, &ticket(t), &name(t), w),
        Act::SignIn(d) => queue.sign_in(now, DESKS[d]),
        Act::SignOut(d) => Ok(queue.sign_out(now, DESKS[d])),
        Act::Say(d, p) => queue.presence(now, DESKS[d], p),
        Act::WatchDesk(d, w) => queue.watch_desk(now, DESKS[d], w),
        Act::Register(d, u) => {
            queue.register(now, DESKS[d], u.map(|u| now + Duration::from_secs(u)))
        }
        Act::Invite(t) => queue.invite(now, &ticket(t), &name(t)).map(|done| done.1),
        Act::Answered(t, d) => queue.answered(now, &ticket(t), DESKS[d]),
        Act::Failed(t, f) => queue.failed(now, &ticket(t), f),
        Act::HandOver(d, to) => queue.hand_over(now, DESKS[d], DEPARTMENTS[to]),
        Act::NewProxy => Ok(queue.proxy_fell(now)),
        Act::Practise(d) => queue.begin_practice(now, DESKS[d], own(d)),
        Act::WatchPractice(d, w) => queue.watch_practice(now, DESKS[d], &own(d), w),
        Act::CallPractice(d, to) => {
            queue.call_practice(now, DESKS[d], &own(d), call(d), DEPARTMENTS[to])
        }
        Act::InvitePractice(d) => queue.invite_practice(now, &call(d), &own(d)).map(|done| {
            assert_eq!(done.0, DESKS[d], "another desk rings");
            done.1
        }),
        Act::AnsweredPractice(d, by) => queue.answered(now, &call(d), DESKS[by]),
        Act::FailedPractice(d, f) => queue.failed(now, &call(d), f),
        Act::EndedPractice(d) => queue.ended(now, &call(d)),
        Act::EndPractice(d) => queue.end_practice(now, DESKS[d], None),
        Act::Ended(t) => queue.ended(now, &ticket(t)),
        Act::Pass(_) => Ok(queue.tick(now)),
    };
    // What is refused changes nothing; that is checked like everything else.
    done.unwrap_or_default()
}

fn desks_of(entry: &Entry) -> BTreeSet<String> {
    match &entry.step {
        Step::Called { desks, .. } | Step::Ringing { desks, .. } => desks.clone(),
        _ => BTreeSet::new(),
    }
}

/// Tickets and desks say the same of each other.
fn consistent(queue: &Queue) {
    let mut terminals = BTreeSet::new();
    for entry in queue.entries.values() {
        let id = &entry.ticket.id;
        assert!(
            terminals.insert(&entry.ticket.terminal),
            "two tickets of one terminal"
        );
        let kept = desks_of(entry);
        assert!(kept.len() <= FORKS);
        let says: BTreeSet<_> = queue
            .desks
            .iter()
            .filter(|(_, desk)| desk.rings.as_ref() == Some(id))
            .map(|(desk, _)| desk.clone())
            .collect();
        assert_eq!(kept, says, "desks that ring for {id}");
        assert_eq!(
            entry.step != Step::Waiting && kept.is_empty(),
            matches!(entry.step, Step::Talking { .. })
        );
        for (name, desk) in &queue.desks {
            let talks = matches!(&entry.step, Step::Talking { desk } if desk == name);
            assert_eq!(desk.talks.as_ref() == Some(id), talks, "{name} and {id}");
        }
    }
    for desk in queue.desks.values() {
        for id in desk.rings.iter().chain(&desk.talks) {
            assert!(queue.find(id).is_some(), "a desk is kept for nobody");
        }
        assert!(desk.rings.is_none() || desk.talks.is_none());
        assert!(desk.rings.is_none() || desk.presence == Presence::Free);
        let occupied = desk.rings.is_some() || desk.talks.is_some();
        assert!(
            desk.practice.is_none() || !occupied,
            "a citizen at a desk that practises"
        );
    }
}

fn could_serve(queue: &Queue, now: Duration, entry: &Entry, desk: &str) -> bool {
    queue
        .served_by(now, entry)
        .iter()
        .any(|d| queue.plan.desks[desk].contains(*d))
}

proptest! {
    /// Proves T2, D2, X1: whatever happens in whatever order, the queue agrees with itself, nobody waits while a desk that could
    /// take them is idle, and no desk rings for a ticket while an older one waits that it serves.
    #[test]
    fn the_queue_is_fair(acts in prop::collection::vec(act(), 1..120)) {
        let mut queue = Queue::new(plan());
        let mut now = S;
        let mut kept = BTreeSet::new();
        for act in &acts {
            if let Act::Pass(seconds) = act {
                now += Duration::from_secs(*seconds);
            }
            let before = queue.clone();
            for effect in apply(&mut queue, now, act) {
                match effect {
                    Effect::Keep(ticket) => { kept.insert(ticket.id); }
                    Effect::Forget(id) => { kept.remove(&id); }
                    Effect::Learned(..) | Effect::Counted { .. } => {}
                }
            }
            consistent(&queue);
            if act.practises() {
                // What citizens have, desks chose to be, and estimates know is the same, but that a desk is back or the proxy lost it.
                prop_assert_eq!(&queue.paces, &before.paces);
                for (id, desk) in &queue.desks {
                    prop_assert_eq!(desk.presence, before.desks[id].presence, "{:?}: {}", act, id);
                }
                let same = queue.entries.keys().eq(before.entries.keys());
                prop_assert!(same, "{:?}: tickets", act);
            }
            // On disk is who still waits, and nobody else.
            let wait: BTreeSet<String> = queue
                .entries
                .values()
                .filter(|entry| !matches!(entry.step, Step::Talking { .. }))
                .map(|entry| entry.ticket.id.clone())
                .collect();
            prop_assert_eq!(&kept, &wait);
            for entry in queue.entries.values().filter(|e| e.step == Step::Waiting) {
                for (id, desk) in &queue.desks {
                    prop_assert!(!(desk.may_ring(now) && could_serve(&queue, now, entry, id)), "{act:?}: idle beside a waiting ticket");
                }
            }
            for (number, entry) in &queue.entries {
                let newly: Vec<_> = desks_of(entry)
                    .into_iter()
                    .filter(|desk| before.entries.get(number).is_none_or(|e| !desks_of(e).contains(desk)))
                    .collect();
                for (_, older) in queue.entries.range(..number).filter(|(_, e)| e.step == Step::Waiting) {
                    for desk in &newly {
                        prop_assert!(!could_serve(&queue, now, older, desk), "{act:?}: the younger first");
                    }
                }
            }
            // Time that matters is known beforehand.
            if let Some(at) = queue.deadline(now) {
                prop_assert!(at > now);
                let mut later = queue.clone();
                prop_assert_eq!(later.tick(at.saturating_sub(Duration::from_nanos(1))), vec![]);
                prop_assert_eq!(&later.entries, &queue.entries);
            }
        }
    }
}
