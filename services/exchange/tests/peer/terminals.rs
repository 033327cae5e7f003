// SPDX-License-Identifier: EUPL-1.2
//! What terminals may do, with certificates on both sides.

use serde_json::json;

use crate::place::Place;

/// Proves X1: a terminal is enrolled with a code that works once; whoever has no certificate of ours, or one that was revoked,
/// is not let in.
#[test]
fn a_terminal_is_enrolled_once() {
    let place = Place::start();
    let code = place.printed(&["enrol", "lobby"]).trim().to_owned();
    let ask = |terminal: &str, code: &str, request: &str| {
        let body = json!({"terminal": terminal, "code": code, "request": request}).to_string();
        place.browser("nobody").post("/enrol", &body)
    };
    let request = place.request("lobby");
    assert_eq!(ask("lobby", "aaaa-aaaa-aaaa", &request).0, 403);
    assert_eq!(ask("library", &code, &request).0, 403);
    assert_eq!(ask("lobby", &code, "no request").0, 400);
    let (status, answer) = ask("lobby", &code, &request);
    assert_eq!(status, 201, "{answer}");
    let answer: serde_json::Value = serde_json::from_str(&answer).unwrap();
    std::fs::write(
        place.path("lobby.pem"),
        answer["certificate"].as_str().unwrap(),
    )
    .unwrap();
    // Used up.
    assert_eq!(ask("lobby", &code, &request).0, 403);
    let lobby = place.terminal(Some("lobby"));
    assert_eq!(lobby.get("/api/terminal/account").0, 200);
    // Without a certificate there is not even a connection; with one of somebody else's authority neither.
    assert_eq!(place.terminal(None).get("/api/terminal/account").0, 0);
    let foreign = Place::start();
    foreign.enrol("lobby");
    for name in ["lobby.pem", "lobby.key"] {
        std::fs::copy(foreign.path(name), place.path(&format!("foreign-{name}"))).unwrap();
    }
    std::fs::rename(place.path("foreign-lobby.pem"), place.path("foreign.pem")).unwrap();
    std::fs::rename(place.path("foreign-lobby.key"), place.path("foreign.key")).unwrap();
    assert_eq!(
        place
            .terminal(Some("foreign"))
            .get("/api/terminal/account")
            .0,
        0
    );
    // A new code ends the old certificate only when it is used; revoking ends it at once.
    assert!(place.printed(&["revoke", "lobby"]).contains("lobby"));
    assert_eq!(lobby.get("/api/terminal/account").0, 403);
}

/// Proves T2, T3, X1, X4: a terminal sees its authorities, who is there and until when, and takes a ticket where somebody is.
#[test]
fn a_terminal_sees_its_authorities() {
    let place = Place::start();
    place.enrol("lobby");
    place.enrol("library");
    let (lobby, library) = (
        place.terminal(Some("lobby")),
        place.terminal(Some("library")),
    );
    let ids = |directory: &serde_json::Value| -> Vec<String> {
        let all = directory.as_array().unwrap();
        all.iter()
            .map(|authority| authority["id"].as_str().unwrap().to_owned())
            .collect()
    };
    let directory = lobby.json("/api/terminal/directory");
    assert_eq!(ids(&directory), ["town"]);
    let departments = &directory[0]["departments"];
    assert_eq!(departments[0]["open"], json!(true));
    assert_eq!(departments[0]["until"], "24:00");
    assert_eq!(departments[0]["wait"], json!(null), "nothing is known yet");
    assert_eq!(departments[1]["open"], json!(false));
    let directory = library.json("/api/terminal/directory");
    assert_eq!(ids(&directory), ["town", "district"]);
    assert_eq!(directory[1]["name"]["en"], "District");
    let take = |department: &str| {
        let body = json!({"department": department}).to_string();
        lobby.post("/api/terminal/tickets", &body)
    };
    assert_eq!(take("vehicles").0, 404, "another authority's");
    assert_eq!(take("none").0, 404);
    assert_eq!(take("night").0, 409, "closed");
    let first = library.take("registration");
    let second = lobby.take("registration");
    assert_eq!(
        (&first["position"], &second["position"]),
        (&json!(1), &json!(2))
    );
    assert_eq!(take("registration").0, 409, "has one");
    assert_eq!(library.json("/api/terminal/tickets"), json!([first]));
    // Tickets are their terminal's alone.
    let path = format!("/api/terminal/tickets/{}", second["id"].as_str().unwrap());
    assert_eq!(library.get(&path).0, 404);
    assert_eq!(library.delete(&path).0, 404);
    let stream = lobby.events(&path);
    stream.until("second", |_, state| state["position"] == json!(2));
    let path = format!("/api/terminal/tickets/{}", first["id"].as_str().unwrap());
    assert_eq!(library.delete(&path).0, 204);
    stream.until("first", |_, state| state["position"] == json!(1));
}
