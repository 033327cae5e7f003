// SPDX-License-Identifier: EUPL-1.2
//! A conversation: what follows what, without a screen, and the link to the service of calls over a real bus.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A test ends at the first surprise.

mod bus;
mod common;

use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use accesskit::Role;
use api::call::{self, BUS_NAME, CallState, INTERFACE, PATH, Reason, Status, serve};
use api::secret::Secret;
use api::session::{Outcome, SessionState};
use bus::Bus;
use common::{after, application, before_call, letters, moment, open, session, way, written};
use proptest::prelude::*;
use shell::call::Link;
use shell::canvas::Canvas;
use shell::event::{Action, Call, CallRequest, Effect, Event, Moment, SessionRequest};
use shell::state::call::{MAX_LINES, Over, PRESENCE, Side, View};
use shell::state::{Place, Screen, State};
use shell::update::update;
use site::TimeOfDay;
use zbus::blocking::connection::Builder;
use zbus::blocking::fdo::DBusProxy;

const DEADLINE: Duration = Duration::from_secs(20);

/// The call is over, and its window gone.
fn over(reason: Option<Reason>) -> [Event; 2] {
    [stands(CallState::Ended, reason), Event::Application(None)]
}

/// A visitor before the first department, whom the session service knows.
fn ready() -> State {
    let home = way(open(), &[Action::Begin]);
    let home = after(home, [session(SessionState::Active, Some(600), 0)]);
    before_call(home)
}

fn stands(state: CallState, reason: Option<Reason>) -> Event {
    common::call(state, reason)
}

fn talking() -> State {
    let news = [stands(CallState::Talking, None), application()];
    after(ready(), news)
}

fn act(state: State, action: Action) -> (State, Vec<Effect>) {
    update(state, Event::Act(action))
}

/// What is asked of the service of calls.
fn asked(effects: Vec<Effect>) -> Vec<CallRequest> {
    let calls = effects.into_iter().filter_map(|effect| match effect {
        Effect::Call(request) => Some(request),
        _ => None,
    });
    calls.collect()
}

fn ask(state: State, action: Action) -> Vec<CallRequest> {
    asked(act(state, action).1)
}

fn secret(text: &str) -> Secret {
    Secret::new(text.to_owned()).unwrap()
}

/// Proves T1, T2: the department that is looked at is called, by one touch, and ringing can be cancelled.
#[test]
fn a_department_is_called() {
    let state = ready();
    assert_eq!(state.screen(), Screen::At(Place::Talk(0)));
    let id = state.site.departments[0].id.clone();
    assert_eq!(ask(state, Action::Call), [CallRequest::Call(id)]);
    let rings = after(ready(), [stands(CallState::Ringing, None)]);
    assert_eq!(rings.screen(), Screen::Call(View::Rings));
    assert_eq!(ask(rings, Action::HangUp), [CallRequest::HangUp]);
}

/// Proves T16: help at the place is one touch away, where somebody is there to give it; otherwise the screen says who is to be telephoned.
#[test]
fn help_is_called() {
    let helper = open().site.help.unwrap();
    let id = open().site.departments[helper].id.clone();
    let state = way(ready(), &[Action::Back, Action::Help]);
    assert_eq!(state.screen(), Screen::At(Place::Help));
    assert_eq!(ask(state.clone(), Action::Call), [CallRequest::Call(id)]);
    let night = Moment {
        time: TimeOfDay::from_minutes(22 * 60).unwrap(),
        ..moment(1)
    };
    for nobody in [Event::Tick(night), Event::Call(Call::Gone)] {
        let state = after(state.clone(), [nobody]);
        assert_eq!(state.screen(), Screen::At(Place::Help));
        assert_eq!(ask(state, Action::Call), []);
    }
    // After the call it is the same screen.
    let rings = after(state, [stands(CallState::Ringing, None)]);
    let ended = after(rings, over(Some(Reason::HungUp)));
    assert_eq!(ended.screen(), Screen::At(Place::Help));
}

/// Proves T3: nobody is called when nobody is there, nor where the device has no service for it.
#[test]
fn nobody_is_called_who_is_not_there() {
    let night = Moment {
        time: TimeOfDay::from_minutes(22 * 60).unwrap(),
        ..moment(1)
    };
    let closed = after(ready(), [Event::Tick(night)]);
    assert_eq!(ask(closed, Action::Call), []);
    let without = after(ready(), [Event::Call(Call::Gone)]);
    assert_eq!(without.screen(), Screen::At(Place::Talk(0)));
    assert_eq!(ask(without, Action::Call), []);
}

/// Proves T1: sound, pause and the end are one touch each, and the way on from a pause too.
#[test]
fn a_conversation_is_muted_paused_and_ended() {
    let state = talking();
    assert_eq!(state.screen(), Screen::Call(View::Talks));
    assert_eq!(ask(state.clone(), Action::Mute), [CallRequest::Mute(true)]);
    assert_eq!(
        ask(state.clone(), Action::Pause),
        [CallRequest::Pause(true)]
    );
    let paused = after(state.clone(), [stands(CallState::Paused, None)]);
    assert_eq!(paused.screen(), Screen::Call(View::Paused));
    assert_eq!(ask(paused, Action::Pause), [CallRequest::Pause(false)]);
    assert_eq!(ask(state.clone(), Action::HangUp), [CallRequest::HangUp]);
    // Who wanted it to end needs no word of it.
    let ended = after(state, over(Some(Reason::HungUp)));
    assert_eq!(ended.screen(), Screen::At(Place::Talk(0)));
}

/// Proves T1, T13: who is not seen is told so on the screen, and by voice and Braille, until the camera is back.
#[test]
fn who_is_not_seen_is_told() {
    let is_told = |state: &State| {
        let mut shell = common::runtime(state.clone(), Canvas::new(1920, 1080, None));
        shell.paint();
        let mut nodes = shell.scene().tree.nodes().iter();
        nodes.any(|node| {
            let says = node.value().or(node.label()).unwrap_or_default();
            node.role() == Role::Status && says.contains("sieht Sie aber nicht")
        })
    };
    let talks = talking();
    assert!(!is_told(&talks));
    let away = after(talks, [common::unseen(true)]);
    assert!(is_told(&away));
    assert!(!is_told(&after(away, [common::unseen(false)])));
}

/// Proves D3, T13: whoever is shown a screen is told so on the screen, and by voice and Braille, as long as it is; no page is shown then.
#[test]
fn a_shared_screen_is_told() {
    let is_told = |state: &State| {
        let mut shell = common::runtime(state.clone(), Canvas::new(1920, 1080, None));
        shell.paint();
        let mut nodes = shell.scene().tree.nodes().iter();
        nodes.any(|node| {
            let says = node.value().or(node.label()).unwrap_or_default();
            node.role() == Role::Status && says.contains("etwas auf seinem Bildschirm")
        })
    };
    let talks = talking();
    assert!(!is_told(&talks));
    let shares = after(talks, [common::shares(true)]);
    assert!(is_told(&shares) && shares.call.papers.shown().is_none());
    assert!(!is_told(&after(shares, [common::shares(false)])));
}

/// Proves D3: the service learns how much room the picture has, in each conversation and when that changes, and nobody else does.
#[test]
fn the_room_of_the_picture_is_told() {
    let rooms = |state: State, event: Event| {
        let (state, effects) = update(state, event);
        let rooms = effects.into_iter().filter_map(|effect| match effect {
            Effect::Call(CallRequest::Room(width, height)) => Some((width, height)),
            _ => None,
        });
        (state, rooms.collect::<Vec<_>>())
    };
    let frame = Event::Frame(1920, 800);
    let (talks, told) = rooms(talking(), frame.clone());
    assert_eq!(told, [(1920, 800)]);
    let (talks, told) = rooms(talks, frame);
    assert_eq!(told, []);
    let (talks, told) = rooms(talks, Event::Frame(1080, 1200));
    assert_eq!(told, [(1080, 1200)]);
    let (talks, told) = rooms(talks, Event::Frame(0, 1200));
    assert_eq!(told, []);
    let (talks, _) = rooms(talks, Event::Frame(1080, 1200));
    let (ended, told) = rooms(talks, common::call(CallState::Ended, None));
    assert_eq!(told, []);
    let (_, told) = rooms(ended, common::call(CallState::Ringing, None));
    assert_eq!(told, [(1080, 1200)]);
}

/// Proves T1, C13: every other end is told, can be left, and can be tried again.
#[test]
fn every_end_is_told() {
    let ends = Reason::ALL.map(Some).into_iter().chain([None]);
    for reason in ends.filter(|reason| *reason != Some(Reason::HungUp)) {
        let ended = after(talking(), over(reason));
        let Screen::Call(View::Over(over)) = ended.screen() else {
            panic!("{reason:?} leads to {:?}", ended.screen());
        };
        assert_eq!(ask(ended.clone(), Action::Call).len(), 1, "{over:?}");
        let left = way(ended, &[Action::Back]);
        assert_eq!(left.screen(), Screen::At(Place::Talk(0)), "{over:?}");
    }
    // The service itself has fallen.
    let gone = after(talking(), [Event::Call(Call::Gone)]);
    assert_eq!(gone.screen(), Screen::Call(View::Over(Over::Failed)));
    assert_eq!(ask(gone, Action::Call), []);
}

/// Proves T15: a conversation ends with the visit, is a matter that was settled, and leaves the next visitor nothing to read.
#[test]
fn a_conversation_does_not_outlive_the_visit() {
    let (state, effects) = act(after(talking(), [written("Frau Muster")]), Action::Finish);
    let end = Effect::Session(SessionRequest::End(Outcome::Done));
    assert!(effects.contains(&end), "{effects:?}");
    assert_eq!(asked(effects), [CallRequest::HangUp]);
    assert!(state.call.lines.is_empty());
    // The service is asked again only if it says that there still is one.
    let (state, effects) = update(state, Event::Tick(moment(3)));
    assert_eq!(asked(effects), []);
    let (state, effects) = update(state, stands(CallState::Talking, None));
    assert_eq!(asked(effects), [CallRequest::HangUp]);
    let state = after(state, over(Some(Reason::OtherHungUp)));
    let erased = session(SessionState::Erased, Some(20), 100);
    let idle = session(SessionState::Idle, None, 0);
    let next = way(after(state, [erased, idle]), &[Action::Begin]);
    assert_eq!(next.screen(), Screen::At(Place::Home));
}

/// Proves T13: who talks is there without touching the screen, and who does not is not.
#[test]
fn who_talks_is_there() {
    let presence =
        |effects: Vec<Effect>| effects.contains(&Effect::Session(SessionRequest::Presence));
    let state = talking();
    let due = state.next_deadline().unwrap();
    assert!(due <= state.now.uptime + PRESENCE);
    let later = moment(due.as_secs() + 1);
    let (state, effects) = update(state, Event::Tick(later));
    assert!(presence(effects));
    let (state, effects) = update(state, Event::Tick(later));
    assert!(!presence(effects), "once in a while is enough");
    let over = over(Some(Reason::OtherHungUp));
    let much_later = moment(due.as_secs() + 120);
    let (_, effects) = update(after(state, over), Event::Tick(much_later));
    assert!(!presence(effects));
    let (_, effects) = update(ready(), Event::Tick(later));
    assert!(!presence(effects));
}

/// Proves T13 (EN 301 549, 6.2): every letter goes out as it is typed, what is deleted is deleted on both sides, and both sides
/// read the same.
#[test]
fn what_is_typed_goes_out_at_once() {
    let mut state = way(talking(), &[Action::Write]);
    let mut sent = String::new();
    let mut type_in = |actions: &[Action], state: &mut State| {
        for action in actions {
            let (next, effects) = act(state.clone(), *action);
            for request in asked(effects) {
                let CallRequest::Write(piece) = request else {
                    panic!("{request:?}")
                };
                sent.push_str(piece.expose());
            }
            *state = next;
        }
    };
    type_in(&letters("Jax"), &mut state);
    type_in(&[Action::Delete, Action::Confirm], &mut state);
    // A line that has ended is not taken back.
    type_in(&[Action::Delete], &mut state);
    assert_eq!(sent, "Jax\u{8}\u{2028}");
    let ours = &state.call.lines[0];
    assert_eq!((ours.side, ours.text.expose()), (Side::Ours, "Ja"));
    let read = after(talking(), [written(&sent)]);
    assert_eq!(read.call.lines[0].text, ours.text);
    // Nothing is typed without keys.
    let hidden = way(state, &[Action::HideKeys]);
    assert_eq!(ask(hidden, Action::Type('a')), []);
}

proptest! {
    /// Proves T12, T17: whatever the other side sends is kept within limits, and no sign in it is one that is not seen.
    #[test]
    fn what_comes_is_kept_small(pieces in prop::collection::vec("\\PC{0,60}|[\u{0}-\u{20}\u{2028}\u{202e}a]{0,200}", 0..80)) {
        let mut state = talking();
        for piece in pieces {
            if let Ok(piece) = Secret::new(piece) {
                state = after(state, [Event::Call(Call::Written(piece))]);
            }
        }
        prop_assert!(state.call.lines.len() <= MAX_LINES);
        for line in &state.call.lines {
            let text = line.text.expose();
            prop_assert!(text.chars().count() <= 200);
            let hidden = |c: char| c.is_control() || ('\u{202a}'..='\u{202e}').contains(&c);
            prop_assert!(!text.contains(hidden), "{text:?}");
        }
    }
}

fn wait_for(news: &Receiver<Call>, expected: &Call) {
    loop {
        let told = news
            .recv_timeout(DEADLINE)
            .unwrap_or_else(|_| panic!("{expected:?} was not told"));
        if told == *expected {
            return;
        }
        assert!(!matches!(told, Call::Written(_)), "from whom?");
    }
}

/// Proves T1, T12: requests and news arrive, and text is the service's own: what anybody else sends in its name is not read.
#[test]
fn news_and_requests_arrive() {
    let bus = Bus::start();
    let (sender, news) = channel();
    let address = bus.address.clone();
    let link = Link::start_on(
        move || Builder::address(address.as_str())?.build(),
        move |told| sender.send(told).is_ok(),
    )
    .unwrap();
    let connection = bus.connect();
    let (publisher, requests) = serve(&connection, Status::default()).unwrap();
    connection.request_name(BUS_NAME).unwrap();
    wait_for(&news, &Call::Status(Status::default()));
    let service = std::thread::spawn(move || {
        let mut seen = Vec::new();
        for _ in 0..5 {
            let request = requests.recv_blocking().unwrap();
            seen.push(request.call);
            request.answer.send(Ok(()));
        }
        seen
    });
    for request in [
        CallRequest::Call("registry".into()),
        CallRequest::Mute(true),
        CallRequest::Pause(true),
        CallRequest::Write(secret("ä")),
        CallRequest::HangUp,
    ] {
        link.ask(request);
    }
    assert_eq!(
        service.join().unwrap(),
        [
            call::Call::Call("registry".into()),
            call::Call::Mute(true),
            call::Call::Pause(true),
            call::Call::SendText("ä".into()),
            call::Call::HangUp,
        ]
    );
    let talks = Status {
        state: CallState::Talking,
        department: "registry".into(),
        ..Status::default()
    };
    publisher.set(&talks).unwrap();
    wait_for(&news, &Call::Status(talks));
    // Somebody else, to each who is there.
    let other = bus.connect();
    let names = DBusProxy::new(&other).unwrap().list_names().unwrap();
    for name in names.iter().filter(|name| name.starts_with(':')) {
        other
            .emit_signal(Some(name.as_str()), PATH, INTERFACE, "Text", &"falsch")
            .unwrap();
    }
    publisher.text("richtig").unwrap();
    wait_for(&news, &Call::Written(secret("richtig")));
    drop((publisher, connection));
    wait_for(&news, &Call::Gone);
}
