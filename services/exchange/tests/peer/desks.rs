// SPDX-License-Identifier: EUPL-1.2
//! What desks may do over HTTPS.

use serde_json::json;

use crate::place::{DOMAIN, PASSWORD, Place};

/// Proves D2, X1: signing in takes the password; the cookie is for this host, over TLS, for no script and no other page; signing
/// out ends it.
#[test]
fn a_desk_signs_in_and_out() {
    let place = Place::start();
    let browser = place.browser("one");
    assert_eq!(browser.get("/api/desk/account").0, 401);
    for (desk, password) in [
        ("one", "falsch"),
        ("none", PASSWORD),
        ("one", ""),
        ("lobby", PASSWORD),
    ] {
        let body = json!({"desk": desk, "password": password}).to_string();
        assert_eq!(browser.post("/api/desk/sign-in", &body).0, 401, "{desk}");
    }
    let one = place.sign_in("one");
    let jar = std::fs::read_to_string(place.path("one")).unwrap();
    let line = jar
        .lines()
        .find(|line| line.contains("__Host-desk"))
        .unwrap();
    assert!(
        line.starts_with("#HttpOnly_exchange.test\tFALSE\t/\tTRUE\t0\t"),
        "{line}"
    );
    let account = one.json("/api/desk/account");
    assert_eq!(account["uri"], format!("sip:desk.one@{DOMAIN}"));
    assert_eq!(account["wss"], format!("wss://{DOMAIN}:8444/"));
    assert!(
        account["ice"][0]["urls"][1]
            .as_str()
            .unwrap()
            .starts_with("turns:")
    );
    // Another page cannot ask in its name, even with the cookie.
    let other = "https://evil.example";
    assert_eq!(
        one.post_from(other, "/api/desk/presence", "{\"presence\":\"free\"}")
            .0,
        403
    );
    assert_eq!(
        one.post_from(
            &format!("https://{DOMAIN}:8080"),
            "/api/desk/presence",
            "{\"presence\":\"free\"}"
        )
        .0,
        204
    );
    let headers = one.headers("/api/desk/account");
    for said in [
        "cache-control: no-store",
        "frame-ancestors 'none'",
        "nosniff",
        "strict-transport-security",
    ] {
        assert!(headers.contains(said), "{headers}");
    }
    assert_eq!(one.post("/api/desk/sign-out", "{}").0, 204);
    assert_eq!(one.get("/api/desk/account").0, 401);
    // There is no page where none is installed.
    assert_eq!(one.get("/").0, 404);
}

/// Proves X1: wrong passwords are made slow, and bodies without end or sense are refused.
#[test]
fn guessing_is_slow() {
    let place = Place::start();
    let browser = place.browser("one");
    let wrong = json!({"desk": "one", "password": "geraten"}).to_string();
    // Each wait is twice the one before: no machine is so slow that it always comes after it.
    let statuses: Vec<u16> = (0..12)
        .map(|_| browser.post("/api/desk/sign-in", &wrong).0)
        .take_while(|status| *status == 401)
        .collect();
    assert!((4..12).contains(&statuses.len()), "{statuses:?}");
    assert_eq!(browser.post("/api/desk/sign-in", &wrong).0, 429);
    let long = json!({"desk": "one", "password": "x".repeat(20_000)}).to_string();
    assert_eq!(browser.post("/api/desk/sign-in", &long).0, 413);
    assert_eq!(browser.post("/api/desk/sign-in", "{").0, 400);
    assert_eq!(browser.post("/api/desk/sign-in", "{\"desk\":1}").0, 422);
    // Another desk is not locked out.
    place.sign_in("two");
}

/// Proves D2, X1: a desk sees who waits for its departments and for how long, and nothing of another authority.
#[test]
fn a_desk_sees_only_its_authority() {
    let place = Place::start();
    let (one, district) = (place.sign_in("one"), place.sign_in("district"));
    let (at_one, at_district) = (
        one.events("/api/desk/events"),
        district.events("/api/desk/events"),
    );
    at_one.until("nobody", |_, state| state["waiting"] == json!([]));
    at_district.until("nobody", |_, state| state["waiting"] == json!([]));
    place.enrol("library");
    let library = place.terminal(Some("library"));
    let ticket = library.take("vehicles");
    let state = at_district.until("somebody", |_, state| state["waiting"] != json!([]));
    assert_eq!(state["waiting"][0]["department"], "vehicles");
    let id = ticket["id"].as_str().unwrap();
    assert!(
        !state.to_string().contains(id) && !state.to_string().contains("library"),
        "{state}"
    );
    assert_eq!(
        library.delete(&format!("/api/terminal/tickets/{id}")).0,
        204
    );
    library.take("registration");
    let state = at_one.until("somebody", |_, state| state["waiting"] != json!([]));
    assert_eq!(state["waiting"][0]["department"], "registration");
    at_district.until("nobody again", |_, state| state["waiting"] == json!([]));
    // Signing out ends the stream.
    assert_eq!(one.post("/api/desk/sign-out", "{}").0, 204);
    at_one.until("over", |name, _| name == "over");
}
