// SPDX-License-Identifier: EUPL-1.2
//! Clerks who sign in at the identity provider of their authority: a real one, and one that does what it never should.

use std::fs::{Permissions, set_permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::place::{PASSWORD, Place};
use crate::provider::{Provider, SECRET, Walk, location};

/// Both authorities have the same provider, with desks of their own.
fn town(provider: &Provider, more: &str) -> String {
    let named = provider.named("{ meldestelle = [\"one\", \"two\"], buergerbuero = [\"two\"] }");
    format!("{named}{more}\n")
}

fn start(provider: &Provider) -> Place {
    let district = provider.named("{ landkreis = [\"district\"] }");
    Place::start_with(&town(provider, ""), &district)
}

/// The most memory that a process has had, in kB.
fn most(id: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.unwrap()
        .trim()
        .trim_end_matches(" kB")
        .parse()
        .unwrap()
}

/// Proves D2, X1: a clerk signs in with the account of the authority, gets a desk of their group, is known by the session's cookie alone
/// after that, and signs out at the provider too. Another person gets another desk, and none where all are taken.
#[test]
fn a_clerk_signs_in_at_the_provider() {
    let provider = Provider::start();
    let place = start(&provider);
    let anna = Walk::new(&place, &provider, "anna");
    let ways = anna.browser.json("/api/desk/ways");
    assert_eq!(ways["passwords"], true);
    assert_eq!(ways["providers"][0]["authority"], "town");
    assert_eq!(ways["providers"][1]["name"]["en"], "District");
    // What the provider is asked for.
    let sent = anna.begin();
    for asked in [
        "response_type=code",
        "scope=openid+profile",
        "code_challenge_method=S256",
        "nonce=",
        "redirect_uri=https%3A%2F%2Fexchange.test%3A8080%2Fapi%2Fdesk%2Fprovider%2Ftown%2Fcallback",
    ] {
        assert!(sent.contains(asked), "{sent}");
    }
    let jar = || std::fs::read_to_string(place.path("anna")).unwrap();
    let line = jar()
        .lines()
        .find(|line| line.contains("__Host-sign-in"))
        .unwrap()
        .to_owned();
    assert!(
        line.starts_with("#HttpOnly_exchange.test\tFALSE\t/\tTRUE\t"),
        "{line}"
    );
    let answer = anna.browser.headers("/api/desk/provider/town");
    assert!(
        answer.contains("SameSite=Lax; Max-Age=600") && answer.contains("frame-ancestors"),
        "{answer}"
    );
    assert_eq!(anna.go("anna"), "/");
    // The one is gone, the other is there.
    assert!(
        !jar().contains("__Host-sign-in") && jar().contains("__Host-desk"),
        "{}",
        jar()
    );
    let seated = anna.browser.json("/api/desk/session");
    assert_eq!(seated["desk"], "one");
    assert!(
        seated["person"].as_str().unwrap().starts_with("anna@"),
        "{seated}"
    );
    // The session is as any other: it rings.
    anna.browser.presence("free");
    // Of Bert the provider says what he may only when it is asked for more.
    let bert = Walk::new(&place, &provider, "bert");
    assert_eq!(bert.go("bert"), "/");
    assert_eq!(bert.browser.json("/api/desk/session")["desk"], "two");
    // The same person again, from elsewhere, has their desk, and the older session ends.
    let again = Walk::new(&place, &provider, "anna-again");
    assert_eq!(again.go("anna"), "/");
    assert_eq!(again.browser.json("/api/desk/session")["desk"], "one");
    assert_eq!(anna.browser.get("/api/desk/session").0, 401);
    // Somebody of the other authority.
    let dora = Walk::new(&place, &provider, "dora").of("district");
    assert_eq!(dora.go("dora"), "/");
    assert_eq!(dora.browser.json("/api/desk/session")["desk"], "district");
    // Signing out leads to the provider, which knows whom it is about, and back.
    let (status, answer) = again.browser.post("/api/desk/sign-out", "{}");
    assert_eq!(status, 200, "{answer}");
    assert_eq!(again.browser.get("/api/desk/session").0, 401);
    let next: serde_json::Value = serde_json::from_str(&answer).unwrap();
    let next = next["next"].as_str().unwrap();
    assert!(
        next.starts_with(&format!(
            "{}/session/end?id_token_hint=eyJ",
            provider.issuer()
        )),
        "{next}"
    );
    assert!(
        next.ends_with(
            "&client_id=amtsnah&post_logout_redirect_uri=https%3A%2F%2Fexchange.test%3A8080%2F"
        ),
        "{next}"
    );
    // A desk's own password goes on, and then nothing leads to a provider.
    let one = place.sign_in("one");
    assert_eq!(one.json("/api/desk/session")["person"], "");
    assert_eq!(one.post("/api/desk/sign-out", "{}").0, 204);
    // Nothing that could be used again is in the log.
    let log = place.log();
    for secret in [
        SECRET,
        "nur-fuer-Austausch",
        "eyJ",
        "code=",
        "anna",
        "client_secret",
    ] {
        assert!(!log.contains(secret), "{secret} is in the log");
    }
}

/// Proves D2: all desks of a group are taken, or a person has no group that has one: neither signs in, nobody is put out, and each is told.
#[test]
fn who_has_no_desk_is_told() {
    let provider = Provider::start();
    let place = start(&provider);
    let carla = Walk::new(&place, &provider, "carla");
    assert_eq!(carla.go("carla"), "/?sign-in=no-desk");
    assert_eq!(carla.browser.get("/api/desk/session").0, 401);
    // Dora belongs to the district: at the town she has nothing.
    assert_eq!(
        Walk::new(&place, &provider, "dora").go("dora"),
        "/?sign-in=no-desk"
    );
    // Bert may sit at both; the first is Anna's, the second somebody's with its password.
    let anna = Walk::new(&place, &provider, "anna");
    assert_eq!(anna.go("anna"), "/");
    let two = place.sign_in("two");
    assert_eq!(
        Walk::new(&place, &provider, "bert").go("bert"),
        "/?sign-in=taken"
    );
    assert_eq!(anna.browser.json("/api/desk/session")["desk"], "one");
    assert_eq!(two.json("/api/desk/session")["desk"], "two");
    // Who says no at the provider is not signed in, and can begin again.
    let no = Walk::new(&place, &provider, "no");
    let back = no.come("no=no");
    assert_eq!(location(&no.browser.headers(&back)), "/?sign-in=refused");
    place.told("it refuses (access_denied)");
}

/// Proves X1: whoever comes back has to be who was sent: with the same browser, once, for the same authority, from the same provider, and not
/// because another page wanted it.
#[test]
fn who_comes_back_was_sent() {
    let provider = Provider::start();
    let place = start(&provider);
    let anna = Walk::new(&place, &provider, "anna");
    let late = "/?sign-in=late";
    let at = |walk: &Walk<'_>, path: &str| location(&walk.browser.headers(path));
    // Another state.
    let back = anna.come("login=anna");
    let (before, rest) = back.split_once("&state=").unwrap();
    let other = format!("{before}&state={}{}", "a".repeat(26), &rest[26..]);
    assert_eq!(at(&anna, &other), late);
    // Another browser: somebody is to be signed in as somebody else. The code is worth nothing after that, for whoever began it neither.
    let back = anna.come("login=anna");
    let victim = Walk::new(&place, &provider, "victim");
    assert_eq!(at(&victim, &back), late);
    assert_eq!(at(&anna, &back), late);
    // A browser that is under way itself, with what another one brings.
    victim.begin();
    let back = anna.come("login=anna");
    assert_eq!(at(&victim, &back), late);
    // A second time.
    let back = anna.come("login=anna");
    assert_eq!(at(&anna, &back), "/");
    assert_eq!(at(&anna, &back), late);
    // With the state of a new sign-in, and the cookie, but a code that was used: the provider does not take it.
    let fresh = anna.come("login=anna");
    let code = |path: &str| {
        path.split_once("code=")
            .unwrap()
            .1
            .split_once('&')
            .unwrap()
            .0
            .to_owned()
    };
    let replayed = fresh.replace(&code(&fresh), &code(&back));
    assert_eq!(at(&anna, &replayed), late);
    place.told("it does not take the code (invalid_grant)");
    // For another authority, or from another provider.
    let back = anna.come("login=anna");
    assert_eq!(at(&anna, &back.replace("/town/", "/district/")), late);
    let back = anna.come("login=anna");
    let (before, _) = back.split_once("&iss=").unwrap();
    assert_eq!(
        at(&anna, &format!("{before}&iss=https%3A%2F%2Fother.example")),
        "/?sign-in=untrusted"
    );
    let back = anna.come("login=anna");
    let (before, _) = back.split_once("&iss=").unwrap();
    assert_eq!(at(&anna, before), "/?sign-in=untrusted");
    // The provider was asked about none of them but the one whose code was used.
    assert_eq!(place.log().matches("(invalid_grant)").count(), 1);
    // Another page.
    let cross = ["--header", "Sec-Fetch-Site: cross-site"];
    assert_eq!(
        anna.browser.get_with("/api/desk/provider/town", &cross).0,
        403
    );
    let ours = ["--header", "Sec-Fetch-Site: same-origin"];
    assert_eq!(
        anna.browser.get_with("/api/desk/provider/town", &ours).0,
        303
    );
    assert_eq!(anna.browser.get("/api/desk/provider/nowhere").0, 404);
    assert_eq!(at(&anna, "/api/desk/provider/town/callback"), late);
    assert_eq!(
        at(
            &anna,
            &format!("/api/desk/provider/town/callback?{}", "a".repeat(9000))
        ),
        late
    );
}

/// Proves X1: a token that is not right signs nobody in, whatever is wrong with it, and the log says what it is.
#[test]
fn wrong_tokens_sign_nobody_in() {
    let provider = Provider::start();
    let place = start(&provider);
    for (mode, why) in [
        ("foreign-nonce", "it belongs to another sign-in"),
        ("another-client", "it is for somebody else"),
        ("another-beside", "it is for somebody else"),
        ("another-issuer", "somebody else made it"),
        ("expired", "it is over"),
        ("none", "not signed in a way that is allowed"),
        ("HS256", "not signed in a way that is allowed"),
        ("impostor", "its signature is not the provider's"),
        ("stranger", "a key that the provider does not name"),
    ] {
        provider.does(mode);
        let before = place.log().len();
        let walk = Walk::new(&place, &provider, mode);
        assert_eq!(walk.go("anna"), "/?sign-in=untrusted", "{mode}");
        assert_eq!(walk.browser.get("/api/desk/session").0, 401, "{mode}");
        place.told_since(before, why);
    }
    provider.does("right");
    assert_eq!(Walk::new(&place, &provider, "right").go("anna"), "/");
}

/// Proves X1: a provider changes its keys, and clerks sign in as before; but nobody can have it asked for keys again and again.
#[test]
fn keys_change() {
    let provider = Provider::start();
    let place = start(&provider);
    let walk = Walk::new(&place, &provider, "anna");
    assert_eq!(walk.go("anna"), "/");
    provider.rotate("PS256");
    assert_eq!(walk.go("anna"), "/");
    // Within half a minute.
    provider.rotate("ES256");
    assert_eq!(walk.go("anna"), "/?sign-in=untrusted");
    place.told("a key that the provider does not name");
}

/// Proves D2, X1: a provider that is away, silent, broken, or sends without end costs its own clerks a moment and a message; who is signed in
/// stays so, and the passwords of desks go on.
#[test]
fn a_provider_fails() {
    let mut provider = Provider::start();
    let place = start(&provider);
    assert_eq!(Walk::new(&place, &provider, "anna").go("anna"), "/");
    let signed_in = place.browser("anna");
    let mut failing = start(&provider);
    let before = most(failing.id());
    // What is asked for first: its description, its tokens, its keys, more of the person.
    for (mode, word) in [
        ("fails /.well-known", "away"),
        ("elsewhere /.well-known", "away"),
        ("flood /.well-known", "untrusted"),
        ("silent /.well-known", "away"),
    ] {
        provider.does(mode);
        let begun = Instant::now();
        let walk = Walk::new(&failing, &provider, "first");
        assert_eq!(walk.begin(), format!("/?sign-in={word}"), "{mode}");
        assert!(begun.elapsed() < Duration::from_secs(25), "{mode}");
    }
    failing.told("it answers with more than");
    failing.told("it does not answer in time");
    for (mode, word) in [
        ("fails /token", "away"),
        ("flood /token", "untrusted"),
        ("flood /jwks", "untrusted"),
        ("silent /token", "away"),
        ("flood /me", "untrusted"),
    ] {
        provider.does("right");
        let walk = Walk::new(&failing, &provider, "bert");
        let back = walk.come("login=bert");
        provider.does(mode);
        let answer = walk.browser.headers(&back);
        assert_eq!(location(&answer), format!("/?sign-in={word}"), "{mode}");
    }
    // 100 MB are not taken in.
    let after = most(failing.id());
    assert!(after < before + 40_000, "{before} kB, then {after} kB");
    failing.end();
    provider.end();
    let away = Walk::new(&place, &provider, "away");
    // Its description is known still: the browser is sent there, and finds nobody.
    assert!(away.begin().starts_with(&provider.issuer()));
    assert_eq!(signed_in.json("/api/desk/session")["desk"], "one");
    assert_eq!(
        place.sign_in("two").json("/api/desk/session")["desk"],
        "two"
    );
    // Signing out does not wait for it.
    assert_eq!(signed_in.post("/api/desk/sign-out", "{}").0, 200);
    let unknown = start(&provider);
    assert_eq!(
        Walk::new(&unknown, &provider, "anna").begin(),
        "/?sign-in=away"
    );
    unknown.told("it is not reached");
}

/// Proves D2: an authority may have no passwords beside its provider; others have theirs.
#[test]
fn passwords_may_be_none() {
    let provider = Provider::start();
    let place = Place::start_with(&town(&provider, "passwords = false"), "");
    let body = json!({"desk": "one", "password": PASSWORD}).to_string();
    let one = place.browser("one");
    assert_eq!(one.post("/api/desk/sign-in", &body).0, 401);
    place.sign_in("district");
    assert_eq!(one.json("/api/desk/ways")["passwords"], true);
    assert_eq!(Walk::new(&place, &provider, "anna").go("anna"), "/");
}

/// Proves X1: what is missing, or open to others, is told before anything begins; a provider that cannot prove its name is not believed.
#[test]
fn the_configuration_is_checked() {
    let provider = Provider::start();
    let checked = |town: &str| {
        let output = Place::with_providers(town, "").run(&["check"], "");
        let said = String::from_utf8_lossy(&output.stderr).into_owned()
            + &String::from_utf8_lossy(&output.stdout);
        assert!(!said.contains(SECRET), "{said}");
        (output.status.success(), said)
    };
    let right = town(&provider, "");
    assert!(checked(&right).1.contains("1 with an identity provider"));
    let file = |key: &str, name: &str| format!("{key} = \"{}\"\n", provider.path(name).display());
    let secret = file("secret", "secret");
    for (wrong, told) in [
        (right.replace(&secret, ""), "exchange.provider.town"),
        (right.replace("/secret\"", "/none\""), "it cannot be read"),
        (right.replace("authority.pem", "key.pem"), "no certificate"),
        (right.replace("https://", "http://"), "https alone"),
    ] {
        let (well, said) = checked(&wrong);
        assert!(!well && said.contains(told), "{wrong}\n{said}");
    }
    // Or systemd hands it over: then nobody asks who may read it.
    let credentials = provider.path("credentials");
    std::fs::create_dir(&credentials).unwrap();
    std::fs::write(credentials.join("exchange.provider.town"), SECRET).unwrap();
    let place = Place::with_providers(&right.replace(&secret, ""), "");
    assert!(place.run_with(&credentials, &["check"]).status.success());
    let mode = |mode| set_permissions(provider.path("secret"), Permissions::from_mode(mode));
    mode(0o644).unwrap();
    let (well, said) = checked(&right);
    assert!(!well, "{said}");
    assert!(said.contains("everybody on this machine"), "{said}");
    mode(0o600).unwrap();
    let stranger = right.replace(&file("authority", "authority.pem"), "");
    let place = Place::start_with(&stranger, "");
    let walk = Walk::new(&place, &provider, "anna");
    assert_eq!(walk.begin(), "/?sign-in=untrusted");
    place.told("it cannot prove who it is");
}
