// SPDX-License-Identifier: EUPL-1.2
//! Practice (O10) through the real Kamailio: its account calls its own desk, and nobody else.

use serde_json::{Value, json};

use crate::client::{Client, Events};
use crate::phone::{Credentials, Phone};
use crate::place::{DOMAIN, Place};

/// A desk that is registered and free, with the stream that its page listens to.
fn free<'a>(place: &'a Place, desk: &str) -> (Client<'a>, Phone, Events) {
    let browser = place.sign_in(desk);
    let page = format!("https://{DOMAIN}:8080");
    let mut phone = Phone::browse(place, &format!("desk.{desk}"), &page).unwrap();
    let account = Credentials::of(&browser.json("/api/desk/account"));
    assert_eq!(phone.register(&account).0.status(), 200);
    let stream = browser.events("/api/desk/events");
    stream.until("its state", |name, _| name == "state");
    browser.presence("free");
    stream.until("free", |_, state| state["presence"] == "free");
    (browser, phone, stream)
}

fn posted(browser: &Client<'_>, path: &str, body: &Value, status: u16) -> Value {
    let (found, answer) = browser.post(path, &body.to_string());
    assert_eq!(found, status, "{path}: {answer}");
    serde_json::from_str(&answer).unwrap_or_default()
}

/// A practice and its path, the address that it may call, and its account.
fn call(browser: &Client<'_>, path: &str) -> (String, Credentials, String) {
    let body = json!({"department": "registration"});
    let called = posted(browser, &format!("{path}/call"), &body, 201);
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let name = text(&called["account"]["uri"]);
    let name = name.strip_prefix("sip:").unwrap();
    let name = name.strip_suffix(&format!("@{DOMAIN}")).unwrap().to_owned();
    (
        text(&called["uri"]),
        Credentials::of(&called["account"]),
        name,
    )
}

/// Proves O10, X1: a practice rings its own desk through the proxy, as a citizen would, and no other desk; its account calls no ticket of
/// a citizen, no desk by name and nobody elsewhere, is not registered, and reaches nothing once the practice is over. A citizen rings the
/// other desk meanwhile; nothing of it is counted or waits.
#[test]
fn practice_calls_its_own_desk_alone() {
    let place = Place::start();
    let (one, mut phone, stream) = free(&place, "one");
    let (two, mut other, beside) = free(&place, "two");
    let begun = posted(&one, "/api/desk/practice", &json!({}), 201);
    assert_eq!(
        begun["departments"],
        json!([{"id": "registration", "name": {"de": "Ausweis und Wohnsitz"}}])
    );
    let path = format!("/api/desk/practice/{}", begun["id"].as_str().unwrap());
    let watched = one.events(&path);
    watched.until("reachable", |_, state| state["reachable"] == json!(true));
    stream.until("practises", |_, state| state["practice"].is_object());
    // One at a time; not another desk's; for no department but the desk's.
    posted(&one, "/api/desk/practice", &json!({}), 409);
    let body = json!({"department": "registration"});
    posted(&two, &format!("{path}/call"), &body, 404);
    let night = json!({"department": "night"});
    posted(&one, &format!("{path}/call"), &night, 404);
    assert_eq!(two.delete(&path).0, 404);

    // A citizen comes: the other desk alone rings for them.
    place.enrol("lobby");
    let lobby = place.terminal(Some("lobby"));
    let ticket = lobby.take("registration");
    let path_of_ticket = format!("/api/terminal/tickets/{}", ticket["id"].as_str().unwrap());
    let waits = lobby.events(&path_of_ticket);
    beside.until("rings", |_, state| {
        state["waiting"][0]["rings"] == json!(true)
    });
    let seen = stream.until("waits", |_, state| state["waiting"][0].is_object());
    assert_eq!(seen["waiting"][0]["rings"], json!(false), "{seen}");

    let (uri, account, name) = call(&one, &path);
    let seen = stream.until("called", |_, state| {
        state["practice"]["department"] == "registration"
    });
    assert_eq!(seen["practice"]["topic"], "Ausweis und Wohnsitz");
    assert_eq!(seen["presence"], "free");
    let mut page = Phone::connect(&place, &name);
    for (address, status) in [
        (ticket["uri"].as_str().unwrap().to_owned(), 404),
        (format!("sip:desk.one@{DOMAIN}"), 404),
        (format!("sip:desk.two@{DOMAIN}"), 404),
        (format!("sip:{}@{DOMAIN}", "a".repeat(26)), 404),
        ("sip:somebody@198.51.100.7".to_owned(), 403),
    ] {
        assert_eq!(page.invite(&address, &account, &[]).1.status(), status);
    }
    assert_eq!(page.register(&account).0.status(), 403);
    // A terminal cannot call a practice either, nor a desk's own account.
    let terminal = Credentials::of(&lobby.json("/api/terminal/account"));
    let mut phone_of_lobby = Phone::connect(&place, "terminal.lobby");
    assert_eq!(phone_of_lobby.invite(&uri, &terminal, &[]).1.status(), 404);
    let mut thief = Phone::connect(&place, "terminal.lobby");
    assert_eq!(thief.invite(&uri, &account, &[]).1.status(), 403);

    let (dialog, ok) = std::thread::scope(|scope| {
        let caller = scope.spawn(|| page.invite(&uri, &account, &[]));
        let invite = phone.next();
        assert!(invite.first().starts_with("INVITE sip:"), "{}", invite.head);
        assert!(invite.header("From").contains("sip:practice."));
        phone.answer(&invite, "200 OK", "v=0\r\n");
        caller.join().unwrap()
    });
    assert_eq!(ok.status(), 200, "{}", ok.head);
    page.within("ACK", &dialog, 2, &ok);
    assert!(phone.next().first().starts_with("ACK"));
    // What is said of conversations says nothing of practice.
    let done = json!({"outcome": "done"});
    posted(&one, "/api/desk/outcome", &done, 409);
    page.within("BYE", &dialog, 3, &ok);
    let bye = phone.next();
    assert!(bye.first().starts_with("BYE"), "{}", bye.head);
    phone.answer(&bye, "200 OK", "");
    assert_eq!(page.next().status(), 200);
    stream.until("free still", |_, state| {
        state["practice"]["department"].is_null() && state["presence"] == "free"
    });

    // The other desk was never rung by it: the first thing that it hears of is the citizen.
    let answer = std::thread::scope(|scope| {
        let uri = ticket["uri"].as_str().unwrap();
        let caller = scope.spawn(|| phone_of_lobby.invite(uri, &terminal, &[]).1.status());
        let invite = other.next();
        assert!(invite.header("From").contains("sip:terminal.lobby"));
        other.answer(&invite, "486 Busy Here", "");
        caller.join().unwrap()
    });
    assert_eq!(answer, 486);
    waits.until("waits", |_, state| state["phase"] == "waiting");

    // Over: the citizen rings here now, and the account reaches nobody, not even with the address of before.
    let (uri, account, name) = call(&one, &path);
    assert_eq!(one.delete("/api/desk/practice").0, 204);
    watched.until("over", |name, _| name == "over");
    stream.until("free", |_, state| {
        state["practice"].is_null() && state["waiting"][0]["rings"] == json!(true)
    });
    let mut page = Phone::connect(&place, &name);
    assert_eq!(page.invite(&uri, &account, &[]).1.status(), 404);
    posted(&one, "/api/desk/practice", &json!({}), 409);
}

/// Proves O10: a practice whose page is closed is over in a moment, and signing out ends it at once, with all that it could do.
#[test]
fn practice_ends_with_its_page_and_its_session() {
    let place = Place::start();
    let (one, _phone, stream) = free(&place, "one");
    let begun = posted(&one, "/api/desk/practice", &json!({}), 201);
    let path = format!("/api/desk/practice/{}", begun["id"].as_str().unwrap());
    drop(one.events(&path));
    stream.until("practises", |_, state| state["practice"].is_object());
    stream.until("over", |_, state| state["practice"].is_null());
    let begun = posted(&one, "/api/desk/practice", &json!({}), 201);
    let path = format!("/api/desk/practice/{}", begun["id"].as_str().unwrap());
    let watched = one.events(&path);
    watched.until("reachable", |_, state| state["reachable"] == json!(true));
    let (uri, account, name) = call(&one, &path);
    assert_eq!(one.post("/api/desk/sign-out", "{}").0, 204);
    watched.until("over", |name, _| name == "over");
    let mut page = Phone::connect(&place, &name);
    assert_eq!(page.invite(&uri, &account, &[]).1.status(), 404);
    let body = json!({"department": "registration"});
    posted(&one, &format!("{path}/call"), &body, 401);
}
