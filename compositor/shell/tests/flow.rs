// SPDX-License-Identifier: EUPL-1.2
//! What follows what: pure, without a screen.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A test ends at the first surprise.

mod common;

use std::sync::Arc;
use std::time::Duration;

use api::network::{Condition, Kind, Link};
use api::session::SessionState;
use api::trust::{RECOVERY_LETTERS, Task, TrustState};
use common::{after, moment, open, session, start, status, way};
use proptest::prelude::*;
use shell::event::{Action, Effect, Event, Refusal, Session, SessionRequest, Trust};
use shell::keyboard::Layout;
use shell::state::link::{LINK_GRACE, LINK_START};
use shell::state::{
    IDLE, IDLE_NOTICE, IDLE_RECOVERY, Identity, LOST, MAX_QUERY, Modes, Outage, Place, Problem,
    Screen, Stage, State, Way,
};
use shell::theme::{TextSize, Theme};
use shell::update::{sleep, update};
use site::Language;

fn act(action: Action) -> Event {
    Event::Act(action)
}

fn enter(digits: &str) -> Vec<Event> {
    let digits = digits.chars().map(|c| act(Action::Digit(c)));
    digits.chain([act(Action::Confirm)]).collect()
}

/// Proves T2: from the first screen to a department of another authority and back, step by step.
#[test]
fn departments_open_and_close() {
    let at = |state: &State, place| assert_eq!(state.screen(), Screen::At(place));
    assert_eq!(open().screen(), Screen::Attract);
    let state = way(open(), &[Action::Begin]);
    at(&state, Place::Home);
    let state = way(state, &[Action::Inform]);
    at(&state, Place::Authorities(Way::Inform));
    let state = way(state, &[Action::Authority(1), Action::Page(1)]);
    at(&state, Place::Topics(Way::Inform, 1));
    let state = way(state, &[Action::Department(8)]);
    at(&state, Place::Department(8));
    let state = way(state, &[Action::Talk]);
    at(&state, Place::Talk(8));
    // To and fro between the two pages of a department is not a way that grows.
    let state = way(state, &[Action::Inform, Action::Talk, Action::Inform]);
    at(&state, Place::Department(8));
    let state = way(state, &[Action::Back]);
    at(&state, Place::Topics(Way::Inform, 1));
    assert_eq!(state.page(), 1, "the page is still the one that was left");
    let lost = [
        Action::Department(999),
        Action::Department(0),
        Action::Authority(999),
    ];
    at(&way(state.clone(), &lost), Place::Topics(Way::Inform, 1));
    let state = way(state, &[Action::Back, Action::Back, Action::Back]);
    at(&state, Place::Home);
}

/// Proves T4, C14: from the information way to the description of a service and back, and from there to somebody to talk to; a
/// way that leads back to where it has been grows no longer. Services of an authority without departments are found too.
#[test]
fn services_are_found_and_read() {
    let at = |state: &State, place| assert_eq!(state.screen(), Screen::At(place));
    let informed = after(open(), [Event::Catalogue(common::catalogue())]);
    let topics = way(
        informed.clone(),
        &[Action::Begin, Action::Inform, Action::Authority(0)],
    );
    let services = way(topics.clone(), &[Action::Department(0)]);
    at(&services, Place::Services(0));
    assert!(services.services(0).len() >= 2);
    let read = way(services.clone(), &[Action::Service(0), Action::Page(1)]);
    at(&read, Place::Service(0));
    // One of another department, none at all, and a form that there is not.
    let lost = [Action::Service(13), Action::Service(999), Action::Form];
    assert_eq!(way(read.clone(), &lost), read);
    assert_eq!(way(services.clone(), &[Action::Service(13)]), services);
    let talk = way(read.clone(), &[Action::Talk]);
    at(&talk, Place::Talk(0));
    let round = [Action::Inform, Action::Service(0), Action::Talk].repeat(50);
    let round = way(talk.clone(), &round);
    at(&round, Place::Talk(0));
    assert!(round.visit.stops.len() <= talk.visit.stops.len());
    let back = way(talk, &[Action::Back, Action::Back, Action::Back]);
    at(&back, Place::Topics(Way::Inform, 0));
    let hours = way(services, &[Action::Hours]);
    at(&hours, Place::Department(0));
    let dog = way(
        topics.clone(),
        &[Action::Department(3), Action::Service(10)],
    );
    at(&way(dog, &[Action::Form]), Place::Form(10));
    // What belongs to the town as a whole, and to a fund that has no departments here.
    at(&way(topics, &[Action::Service(21)]), Place::Service(21));
    let fund = [Action::Begin, Action::Inform, Action::Authority(2)];
    let child = way(way(informed.clone(), &fund), &[Action::Service(22)]);
    at(&child, Place::Service(22));
    at(&way(child, &[Action::Talk]), Place::Help);
    for (number, service) in common::catalogue().numbers(|_| true).into_iter().zip(0..) {
        let known = informed.department_of(number).is_some();
        let beside = informed.site.authorities.iter();
        let mut beside = beside.map(|authority| informed.services_beside(&authority.id));
        assert!(
            known || beside.any(|all| all.contains(&service)),
            "{number}"
        );
    }
}

/// Proves T4, T10, T15: what is typed finds services as one types; it is limited, can be taken back, lasts while the way leads
/// through the field, and is gone with it and with the visit.
#[test]
fn words_find_services() {
    let informed = after(open(), [Event::Catalogue(common::catalogue())]);
    let search = [Action::Begin, Action::Inform, Action::Search];
    let state = way(informed, &search);
    assert_eq!(state.screen(), Screen::At(Place::Search));
    let entered = |state: &State| {
        state
            .search
            .as_ref()
            .map(|search| search.text.expose().to_owned())
    };
    let found = |state: &State| state.search.as_ref().unwrap().found.clone();
    let typed = way(state.clone(), &common::letters(" fuherschein"));
    assert_eq!(
        (entered(&typed).as_deref(), &found(&typed)[..1]),
        (Some("fuherschein"), &[17][..])
    );
    // What is not offered, and what cannot be typed.
    let lost = [
        Action::Service(0),
        Action::Type('\n'),
        Action::Type('\u{202e}'),
        Action::Form,
    ];
    assert_eq!(way(typed.clone(), &lost), typed);
    let read = way(typed.clone(), &[Action::Service(17)]);
    assert_eq!(read.screen(), Screen::At(Place::Service(17)));
    let back = way(read, &[Action::Back, Action::Delete]);
    assert_eq!(entered(&back).as_deref(), Some("fuherschei"));
    let shown = way(typed.clone(), &[Action::Confirm]);
    assert_eq!(shown.screen(), Screen::At(Place::Found));
    assert_eq!(
        way(shown, &[Action::Service(17)]).screen(),
        Screen::At(Place::Service(17))
    );
    // In another language the same words may find something else, and the way to a human is always there.
    let english = way(state.clone(), &common::letters("driving"));
    assert_eq!(found(&english), [0; 0]);
    let english = way(english, &[Action::Languages, Action::Speak(Language::En)]);
    assert!(found(&english).contains(&17));
    let talk = way(english, &[Action::Talk]);
    assert_eq!(talk.screen(), Screen::At(Place::Authorities(Way::Talk)));
    let long = way(state.clone(), &common::letters(&"ä".repeat(500)));
    assert_eq!(entered(&long).unwrap().chars().count(), MAX_QUERY);
    assert_eq!(
        way(state.clone(), &[Action::Confirm, Action::Delete]),
        state
    );
    assert_eq!(entered(&way(typed.clone(), &[Action::Back])), None);
    assert_eq!(entered(&way(typed.clone(), &[Action::Finish])), None);
    assert_eq!(
        entered(&after(typed, [Event::Tick(moment(IDLE.as_secs()))])),
        None
    );
}

/// Proves T10, T13: a capital is one letter, and the choice of the keyboard stays on its key.
#[test]
fn keys_can_be_chosen_one_after_the_other() {
    let informed = after(open(), [Event::Catalogue(common::catalogue())]);
    let search = [Action::Begin, Action::Inform, Action::Search];
    let state = way(informed, &search);
    let chosen = after(
        state,
        [Event::Focus(Some(Action::Type('ä'))), act(Action::Shift)],
    );
    assert_eq!(chosen.focus, Some(Action::Type('Ä')));
    let typed = way(chosen, &[Action::Type('Ä')]);
    assert_eq!(typed.focus, Some(Action::Type('ä')));
    assert!(!typed.search.unwrap().keyboard.shift);
}

/// Proves T2: with one authority nobody is asked for it.
#[test]
fn one_authority_is_no_question() {
    let mut site = site::Site::clone(&common::site());
    site.departments
        .retain(|department| department.authority == "town");
    let state = State {
        site: Arc::new(site),
        ..open()
    };
    let state = way(state, &[Action::Begin, Action::Talk]);
    assert_eq!(state.screen(), Screen::At(Place::Topics(Way::Talk, 0)));
}

/// Proves T14: a language is chosen, kept while walking, and forgotten at the end; whoever touches a language on the first
/// screen begins in it.
#[test]
fn language_is_chosen_and_forgotten() {
    let arabic = [Action::Languages, Action::Speak(Language::Ar)];
    let state = way(way(open(), &[Action::Begin, Action::Help]), &arabic);
    assert_eq!(
        (state.screen(), state.language),
        (Screen::At(Place::Help), Language::Ar)
    );
    let end = way(state, &[Action::Finish]);
    assert_eq!((end.screen(), end.language), (Screen::End, Language::Ar));
    let erased = after(end, [session(SessionState::Erased, None, 100)]);
    let rest = way(erased, &[Action::Rate(2), Action::Leave]);
    assert_eq!(
        (rest.screen(), rest.language),
        (Screen::Attract, Language::De)
    );
    let begun = way(open(), &[Action::Speak(Language::Hsb)]);
    assert_eq!(
        (begun.screen(), begun.language),
        (Screen::At(Place::Home), Language::Hsb)
    );
}

/// Proves T13: text, colours, height are changed on every screen, stay while walking, and end with the visit. Where no voice
/// is there the screen says so instead of doing nothing.
#[test]
fn modes_last_as_long_as_the_visit() {
    let modes = [
        Action::Larger,
        Action::Contrast,
        Action::Contrast,
        Action::Lower,
    ];
    for stage in [TrustState::Opening, TrustState::Pin, TrustState::Recovery] {
        let state = way(after(start(), [status(stage)]), &modes);
        assert_eq!(state.modes.text, TextSize::Large, "{stage:?}");
    }
    let state = way(way(open(), &modes), &[Action::Begin, Action::Help]);
    let chosen = Modes {
        text: TextSize::Large,
        theme: Theme::Dark,
        lower: true,
        ..Modes::default()
    };
    assert_eq!(state.modes, chosen);
    let silent = way(state.clone(), &[Action::Voice]);
    assert_eq!(
        (silent.screen(), silent.modes.voice),
        (Screen::NoVoice, false)
    );
    let back = way(silent, &[Action::Back]);
    assert_eq!(back.screen(), Screen::At(Place::Help));
    let end = way(state, &[Action::Finish]);
    assert_eq!(end.modes, chosen, "the last screen is the visitor's too");
    let erased = after(end, [session(SessionState::Erased, None, 100)]);
    assert_eq!(way(erased, &[Action::Leave]).modes, Modes::default());
}

/// Proves T13: who still reads the last screen puts its end off.
#[test]
fn the_last_screen_waits_for_its_reader() {
    let asks = |state: State| update(state, Event::Presence).1;
    let presence = [Effect::Session(SessionRequest::Presence)];
    let end = way(open(), &[Action::Begin, Action::Finish]);
    let ending = after(end, [session(SessionState::Ending, None, 50)]);
    assert_eq!(asks(ending.clone()), []);
    let erased = after(ending, [session(SessionState::Erased, None, 100)]);
    assert_eq!(asks(erased.clone()), presence);
    let left = way(erased, &[Action::Leave]);
    assert_eq!(asks(left), []);
}

/// Proves T13: what was chosen or entered without a visit is forgotten by itself; before that the screen asks, and the
/// time-out can be put off, again and again.
#[test]
fn what_was_begun_is_forgotten() {
    let pin = after(start(), [status(TrustState::Pin), act(Action::Digit('1'))]);
    let chosen = way(open(), &[Action::Larger]);
    for (begun, screen) in [(pin, Screen::Pin), (chosen, Screen::Attract)] {
        let notice = IDLE.as_secs() - IDLE_NOTICE.as_secs();
        let before = after(begun.clone(), [Event::Tick(moment(notice - 1))]);
        assert_eq!(before.screen(), screen);
        let late = after(before, [Event::Tick(moment(IDLE.as_secs() - 1))]);
        assert_eq!(
            (late.screen(), late.seconds_left()),
            (Screen::TimeLeft, Some(1))
        );
        // Somebody passing by is no answer, but any answer counts.
        assert_eq!(
            after(late.clone(), [Event::Presence]).screen(),
            Screen::TimeLeft
        );
        let over = after(late, [Event::Tick(moment(IDLE.as_secs()))]);
        assert_eq!((over.screen(), over.is_at_rest()), (screen, true));
        let mut stays = begun;
        for time in 1..20 {
            stays = after(stays, [Event::Tick(moment(time * (notice + 5)))]);
            assert_eq!(stays.screen(), Screen::TimeLeft, "time {time}");
            stays = way(stays, &[Action::MoreTime]);
            assert_eq!(stays.screen(), screen, "time {time}");
        }
    }
    // WCAG 2.2.1: at least 20 seconds to answer.
    assert!(IDLE_NOTICE >= Duration::from_secs(20));
}

/// Proves C13: what is out of order is said where it matters, and no longer when it works again.
#[test]
fn outages_come_and_go() {
    let broken = Event::Outage(Outage::Printer, true);
    let state = after(way(open(), &[Action::Begin]), [broken]);
    let read = way(state, &[Action::Outage(Outage::Printer)]);
    assert_eq!(read.screen(), Screen::At(Place::Outage(Outage::Printer)));
    let whole = after(read, [Event::Outage(Outage::Printer, false)]);
    assert_eq!(whole.screen(), Screen::At(Place::Home));
    let update = after(open(), [Event::Outage(Outage::Update, true)]);
    let begun = way(update, &[Action::Begin]);
    assert_eq!(begun.screen(), Screen::At(Place::Outage(Outage::Update)));
    let ready = after(begun, [Event::Outage(Outage::Update, false)]);
    assert_eq!(ready.screen(), Screen::Attract);
}

fn link(condition: Condition) -> Event {
    let kind = Kind::Wired;
    Event::Link(Some(Link { condition, kind }))
}

/// Proves C13: a terminal says that it has no link when that lasts, and not while it starts, while an address is asked for again, or
/// where nobody tells; a visitor who reads of it is led back when there is one again.
#[test]
fn a_lost_link_is_told_when_it_lasts() {
    let seconds = |time: Duration| Event::Tick(moment(time.as_secs()));
    let is_told = |state: &State| state.outages.contains(&Outage::Network);
    let (start, grace) = (LINK_START, LINK_GRACE);
    // From the start, without an address.
    let none = after(open(), [link(Condition::NoCarrier)]);
    assert_eq!(none.next_deadline(), Some(start));
    let early = after(none, [seconds(start / 2)]);
    assert!(!is_told(&early));
    let told = after(early.clone(), [seconds(start)]);
    assert!(is_told(&told));
    assert_eq!(told.next_deadline(), None);
    let came = after(early, [link(Condition::Connected), seconds(start)]);
    assert!(!is_told(&came));
    // Later: however it changes, it is the time without a link that counts.
    let later = start * 3;
    let lost = after(came, [seconds(later), link(Condition::NoCarrier)]);
    let halfway = later + grace / 2;
    let back = after(lost.clone(), [seconds(halfway), link(Condition::Connected)]);
    assert!(!is_told(&after(back, [seconds(later + grace)])));
    let news = [
        seconds(halfway),
        link(Condition::Connecting),
        seconds(later + grace),
    ];
    let told = after(lost.clone(), news);
    assert!(is_told(&told));
    let read = way(told, &[Action::Begin, Action::Outage(Outage::Network)]);
    assert_eq!(read.screen(), Screen::At(Place::Outage(Outage::Network)));
    let unknown = Event::Link(Some(Link::UNKNOWN));
    for news in [link(Condition::Connected), Event::Link(None), unknown] {
        let again = after(read.clone(), [news]);
        assert_eq!(again.screen(), Screen::At(Place::Home));
        assert!(!is_told(&after(again, [seconds(later * 2)])));
    }
    // A clerk reads of it in the strip.
    let identity = Identity {
        is_case: true,
        ..Identity::default()
    };
    let clerks = State::new(common::site(), identity, moment(0), true);
    let clerks = after(clerks, [link(Condition::NoCarrier), seconds(later)]);
    assert!(!is_told(&clerks));
}

/// Proves C6: a PIN goes to the service and leaves the shell; a wrong one is said so and asked for again.
#[test]
fn pin_is_asked_for_and_handed_on() {
    let state = after(start(), [status(TrustState::Pin)]);
    let (state, effects) =
        enter("135790")
            .into_iter()
            .fold((state, Vec::new()), |(state, mut all), event| {
                let (state, effects) = update(state, event);
                all.extend(effects);
                (state, all)
            });
    let [Effect::Submit(Task::SubmitPin, secret)] = effects.as_slice() else {
        panic!("{effects:?}")
    };
    assert_eq!(
        (secret.expose(), state.entry.chars(), state.screen()),
        ("135790", 0, Screen::Wait(Task::SubmitPin))
    );
    // Nothing that is typed meanwhile counts.
    let waiting = after(state, enter("222222"));
    assert_eq!(waiting.entry.chars(), 0);
    let wrong = after(
        waiting,
        [Event::Trust(Trust::Answer(Err(Refusal::WrongPin)))],
    );
    assert_eq!(
        (wrong.screen(), wrong.problem),
        (Screen::Pin, Some(Problem::WrongPin))
    );
    let ready = after(wrong, [session(SessionState::Idle, None, 0)]);
    let (opened, effects) = update(ready, status(TrustState::Open));
    assert_eq!(
        (opened.screen(), opened.problem, effects.as_slice()),
        (Screen::Attract, None, &[][..])
    );
}

/// Proves C6: the order in which answer and state arrive does not matter.
#[test]
fn answer_and_state_may_cross() {
    let waiting = after(after(start(), [status(TrustState::Pin)]), enter("135790"));
    let answer = Event::Trust(Trust::Answer(Err(Refusal::WrongPin)));
    let orders = [
        vec![
            status(TrustState::Opening),
            status(TrustState::Pin),
            answer.clone(),
        ],
        vec![
            status(TrustState::Opening),
            answer.clone(),
            status(TrustState::Pin),
        ],
        vec![answer, status(TrustState::Pin)],
    ];
    for order in orders {
        let state = after(waiting.clone(), order);
        assert_eq!(
            (state.screen(), state.problem),
            (Screen::Pin, Some(Problem::WrongPin))
        );
    }
    let opening = after(waiting, [status(TrustState::Opening)]);
    assert_eq!(
        opening.screen(),
        Screen::Wait(Task::SubmitPin),
        "goes on saying what is waited for"
    );
}

/// Proves C6: a new PIN is entered twice, is not a weak one, and a slip is no harm.
#[test]
fn new_pin_is_entered_twice() {
    let new = after(start(), [status(TrustState::NewPin)]);
    assert_eq!(
        after(new.clone(), enter("12345")).problem,
        Some(Problem::TooShort)
    );
    assert_eq!(
        after(new.clone(), enter("123456")).problem,
        Some(Problem::Weak)
    );
    let again = after(new, enter("135790"));
    assert_eq!(again.screen(), Screen::NewPin { again: true });
    let slip = after(again.clone(), enter("135791"));
    assert_eq!(
        (slip.screen(), slip.problem),
        (Screen::NewPin { again: false }, Some(Problem::Mismatch))
    );
    assert_eq!(
        after(again.clone(), [act(Action::StartOver)]).stage,
        Stage::NewPin(None)
    );
    assert_eq!(
        after(again, enter("135790")).screen(),
        Screen::Wait(Task::ChoosePin)
    );
}

/// Proves O2: the recovery key is sent only when complete, with its dashes, and can be mended after a refusal.
#[test]
fn recovery_key_is_entered() {
    let recovery = after(start(), [status(TrustState::Recovery)]);
    let short = after(
        recovery.clone(),
        [
            act(Action::Letter('c')),
            act(Action::Digit('1')),
            act(Action::Confirm),
        ],
    );
    assert_eq!(
        (short.entry.chars(), short.problem),
        (1, Some(Problem::KeyShort(RECOVERY_LETTERS - 1)))
    );
    let letters = "cbdefghijklnrtuv".repeat(5);
    let full = after(recovery, letters.chars().map(|c| act(Action::Letter(c))));
    assert_eq!(full.entry.chars(), RECOVERY_LETTERS);
    let (sent, effects) = update(full, act(Action::Confirm));
    let [Effect::Submit(Task::SubmitRecoveryKey, key)] = effects.as_slice() else {
        panic!("{effects:?}")
    };
    assert!(key.expose().starts_with("cbdefghi-jklnrtuv-") && key.expose().len() == 71);
    let refused = after(sent, [Event::Trust(Trust::Answer(Err(Refusal::WrongKey)))]);
    assert_eq!(
        (refused.entry.chars(), refused.problem),
        (RECOVERY_LETTERS, Some(Problem::WrongKey))
    );
    // Dictated on the telephone: ten minutes, not one.
    let slow = after(refused, [Event::Tick(moment(300))]);
    assert_eq!(slow.entry.chars(), RECOVERY_LETTERS);
    assert_eq!(
        after(slow, [Event::Tick(moment(IDLE_RECOVERY.as_secs()))])
            .entry
            .chars(),
        0
    );
}

/// Proves O2: without the service the device waits and says so; what is open stays open.
#[test]
fn service_may_come_and_go() {
    let gone = Event::Trust(Trust::Gone);
    assert_eq!(after(start(), [gone.clone()]).screen(), Screen::Start);
    assert_eq!(
        after(start(), [status(TrustState::Pin), gone.clone()]).screen(),
        Screen::Start
    );
    assert_eq!(after(open(), [gone]).screen(), Screen::Attract);
    assert!(!start().is_slow() && after(start(), [Event::Tick(moment(61))]).is_slow());
}

/// Proves C13: a check that never ends is not a dead end.
#[test]
fn lost_answer_is_no_dead_end() {
    let waiting = after(after(start(), [status(TrustState::Pin)]), enter("135790"));
    let lost = after(waiting, [Event::Tick(moment(LOST.as_secs()))]);
    assert_eq!(
        (lost.screen(), lost.problem),
        (Screen::Pin, Some(Problem::Failed))
    );
}

fn actions() -> impl Strategy<Value = Action> {
    prop_oneof![
        (0usize..8).prop_map(Action::Authority),
        (0usize..4).prop_map(Action::Page),
        (0usize..16).prop_map(Action::Department),
        (0usize..31).prop_map(Action::Service),
        Just(Action::Hours),
        Just(Action::Form),
        Just(Action::Search),
        Just(Action::Shift),
        Just(Action::Signs),
        (0usize..5).prop_map(Action::MoreKeys),
        (0usize..6).prop_map(|i| Action::Keys(Layout::ALL[i])),
        any::<char>().prop_map(Action::Type),
        prop::char::range('a', 'z').prop_map(Action::Type),
        (0usize..5).prop_map(|i| Action::Speak(Language::ALL[i])),
        prop::char::range('0', '9').prop_map(Action::Digit),
        any::<char>().prop_map(Action::Digit),
        prop::sample::select(&api::trust::MODHEX[..]).prop_map(Action::Letter),
        any::<char>().prop_map(Action::Letter),
        Just(Action::Back),
        Just(Action::Finish),
        Just(Action::Languages),
        Just(Action::Delete),
        Just(Action::Confirm),
        Just(Action::StartOver),
        prop::sample::select(
            &[
                Action::Begin,
                Action::Talk,
                Action::Inform,
                Action::Deliver,
                Action::Help,
                Action::MoreTime,
                Action::Leave,
                Action::Larger,
                Action::Contrast,
                Action::Voice,
                Action::Louder,
                Action::Slower,
                Action::Again,
                Action::Lower,
            ][..]
        ),
        any::<u8>().prop_map(Action::Rate),
        prop::sample::select(&Outage::ALL[..]).prop_map(Action::Outage),
    ]
}

fn events() -> impl Strategy<Value = Event> {
    let refusal = prop::sample::select(
        &[
            Refusal::WrongPin,
            Refusal::WrongKey,
            Refusal::LockedOut,
            Refusal::BadInput,
            Refusal::Failed,
        ][..],
    );
    prop_oneof![
        20 => actions().prop_map(Event::Act),
        2 => prop::sample::select(&TrustState::ALL[..]).prop_map(status),
        2 => prop::sample::select(&SessionState::ALL[..]).prop_map(|state| session(state, Some(900), 40)),
        1 => Just(Event::Session(Session::Gone)),
        1 => Just(Event::Trust(Trust::Gone)),
        1 => refusal.prop_map(|refusal| Event::Trust(Trust::Answer(Err(refusal)))),
        1 => Just(Event::Trust(Trust::Answer(Ok(())))),
        3 => (0u64..2000).prop_map(|uptime| Event::Tick(moment(uptime))),
        1 => Just(Event::Presence),
        1 => prop::option::of(actions()).prop_map(Event::Press),
        1 => prop::option::of(actions()).prop_map(Event::Focus),
        1 => Just(Event::Site(common::site())),
        2 => prop::sample::select(vec![common::catalogue(), Arc::default()]).prop_map(Event::Catalogue),
        1 => prop::sample::select(&Condition::ALL[..]).prop_map(link),
        1 => Just(Event::Link(None)),
        1 => (prop::sample::select(&Outage::ALL[..]), any::<bool>()).prop_map(|(outage, is)| Event::Outage(outage, is)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Proves T12, T13: no sequence of events panics or ends where there is no way back.
    #[test]
    fn no_way_leads_astray(events in prop::collection::vec(events(), 0..120)) {
        let state = after(start(), events);
        let state = after(state, [session(SessionState::Ending, None, 1), session(SessionState::Idle, None, 0)]);
        let base = match state.stage {
            Stage::Open if state.outages.contains(&Outage::Update) => {
                Screen::At(Place::Outage(Outage::Update))
            }
            Stage::Open => Screen::Attract,
            Stage::Opening => Screen::Start,
            Stage::Pin => Screen::Pin,
            Stage::NewPin(_) => Screen::NewPin { again: false },
            Stage::Recovery { .. } => Screen::Recovery,
        };
        // By hand: two touches at most, and those a screen offers.
        let by_hand = after(state.clone(), [
            act(Action::Back), act(Action::MoreTime), act(Action::StartOver), act(Action::Finish), act(Action::Leave),
        ]);
        if state.busy.is_none() {
            prop_assert_eq!(by_hand.screen(), base);
        }
        // By itself: the sum of all times, and then once more for the visit after a lost check.
        let now = state.now.uptime.as_secs();
        let alone = after(state, [now + 700, now + 1400, now + 2100].map(|uptime| Event::Tick(moment(uptime))));
        prop_assert_eq!(alone.screen(), base);
        prop_assert!(alone.is_at_rest() || matches!(alone.stage, Stage::Opening));
        prop_assert_eq!(alone.busy, None);
    }

    /// Proves T15: secrets are only where they are entered, and only as long as allowed.
    #[test]
    fn secrets_stay_where_they_belong(events in prop::collection::vec(events(), 0..120)) {
        let mut state = start();
        for event in events {
            let (next, effects) = update(state, event);
            for effect in effects {
                let Effect::Submit(task, secret) = effect else { continue };
                let length = secret.chars();
                let fits = if task == Task::SubmitRecoveryKey { length == 71 } else { (6..=16).contains(&length) };
                prop_assert!(fits);
            }
            state = next;
            prop_assert!(state.entry.chars() <= RECOVERY_LETTERS);
            let leads = state.visit.stops.iter().any(|stop| stop.place == Place::Search);
            prop_assert_eq!(state.search.is_some(), leads);
            prop_assert!(state.search.as_ref().is_none_or(|search| search.text.chars() <= MAX_QUERY));
            if matches!(state.stage, Stage::Open) {
                prop_assert_eq!(state.entry.chars(), 0);
            }
        }
    }

    /// Proves T13: the loop sleeps until something happens: a deadline is never missed and never spins.
    #[test]
    fn deadlines_lie_ahead(events in prop::collection::vec(events(), 0..60)) {
        let state = after(start(), events);
        let until_minute = Duration::from_mins(1);
        prop_assert!(sleep(&state, until_minute) <= until_minute);
        if let Some(deadline) = state.next_deadline() {
            let at = shell::event::Moment { uptime: deadline, ..state.now };
            let next = after(state.clone(), [Event::Tick(at)]);
            // Waking up at a deadline moves it on or takes it away.
            prop_assert!(next.next_deadline().is_none_or(|next| next > deadline), "{:?} {:?}", state.next_deadline(), next.next_deadline());
        }
    }
}
