// SPDX-License-Identifier: EUPL-1.2
//! Where an exchange keeps what outlives a restart: SQLite and the real PostgreSQL do the same, and one that is away stops nobody.

use std::time::Duration;

use exchange::config;
use exchange::queue::{Effect, Pace, Ticket};
use exchange::state::State;
use exchange::store::{Store, StoreError};
use serde_json::json;

use crate::phone::{Credentials, Phone};
use crate::place::Place;
use crate::postgres::{PASSWORD, Postgres};

const S: Duration = Duration::from_secs(1);

fn opened(place: &Place) -> (config::Config, State) {
    let config = config::load(&place.config()).unwrap();
    (config, State::open(&place.state()).unwrap())
}

async fn keeps_all(place: &Place) {
    let (config, state) = opened(place);
    let store = Store::open(&config, &state).await.unwrap();
    // Accounts.
    assert_eq!(store.hash("one").await.unwrap(), None);
    for hash in ["$first", "$second"] {
        store.set_hash("one", hash).await.unwrap();
        assert_eq!(store.hash("one").await.unwrap().as_deref(), Some(hash));
    }
    // Terminals: a code holds once, for its terminal, for a time; the newest certificate counts.
    store.allow("lobby", "code", 10 * S).await.unwrap();
    for (terminal, code, now) in [
        ("lobby", "other", S),
        ("library", "code", S),
        ("lobby", "code", 10 * S),
    ] {
        assert!(
            !store.enrol(terminal, code, b"c", now).await.unwrap(),
            "{terminal} {code}"
        );
    }
    assert!(
        store
            .enrol("lobby", "code", b"certificate", S)
            .await
            .unwrap()
    );
    assert!(!store.enrol("lobby", "code", b"again", S).await.unwrap());
    assert_eq!(
        store.terminal(b"certificate").await.unwrap().as_deref(),
        Some("lobby")
    );
    store.allow("lobby", "new", 10 * S).await.unwrap();
    assert!(store.enrol("lobby", "new", b"newer", S).await.unwrap());
    assert_eq!(store.terminal(b"certificate").await.unwrap(), None);
    assert!(store.revoke("lobby").await.unwrap() && !store.revoke("lobby").await.unwrap());
    assert_eq!(store.terminal(b"newer").await.unwrap(), None);
    // The queue; what is said twice is the same as said once.
    let ticket = |number: u64, department: &str| Ticket {
        id: format!("ticket-{number}"),
        number,
        terminal: "lobby".to_owned(),
        department: department.to_owned(),
        taken: Duration::from_millis(1_795_856_528_123),
    };
    let learned = |count| Pace {
        mean: 90 * S,
        count,
    };
    let counted = || Effect::Counted {
        day: "2026-12-01".to_owned(),
        department: "registration".to_owned(),
        outcome: "done",
    };
    for _ in 0..2 {
        let effects = [
            Effect::Keep(ticket(7, "registration")),
            Effect::Keep(ticket(3, "registration")),
            Effect::Keep(ticket(5, "registration")),
            Effect::Keep(ticket(7, "night")),
            Effect::Forget("ticket-5".to_owned()),
            Effect::Learned("registration".to_owned(), learned(1)),
            Effect::Learned("registration".to_owned(), learned(2)),
            counted(),
        ];
        store.keep(&effects).await.unwrap();
    }
    drop(store);
    // By whoever opens it next.
    let store = Store::open(&config, &state).await.unwrap();
    store.probe().await.unwrap();
    let (tickets, paces) = store.queue().await.unwrap();
    assert_eq!(tickets, [ticket(3, "registration"), ticket(7, "night")]);
    assert_eq!(paces, [("registration".to_owned(), learned(2))]);
    assert_eq!(store.hash("one").await.unwrap().as_deref(), Some("$second"));
}

/// Proves X1, X6: SQLite and PostgreSQL, by its socket and by TLS, keep the same.
#[tokio::test]
async fn both_databases_keep_the_same() {
    keeps_all(&Place::new()).await;
    let database = Postgres::new();
    keeps_all(&Place::keeping(&database.by_socket())).await;
    let outcomes = "SELECT day, department, outcome, count FROM outcome";
    assert_eq!(
        database.ask("exchange", outcomes),
        "2026-12-01|registration|done|2"
    );
    let database = Postgres::new();
    let place = Place::keeping(&database.by_tls());
    keeps_all(&place).await;
    // Not by a program that knows less.
    database.ask("exchange", "INSERT INTO form VALUES (1000)");
    let (config, state) = opened(&place);
    let error = Store::open(&config, &state).await.unwrap_err();
    assert!(matches!(error, StoreError::Newer), "{error}");
}

/// Proves X1: a database of before steps were counted is taken over.
#[tokio::test]
async fn an_older_file_is_taken_over() {
    let place = Place::new();
    let (config, state) = opened(&place);
    let store = Store::open(&config, &state).await.unwrap();
    store.set_hash("one", "$hash").await.unwrap();
    drop(store);
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(state.database());
    let pool = sqlx::SqlitePool::connect_with(options).await.unwrap();
    sqlx::query("DROP TABLE form").execute(&pool).await.unwrap();
    pool.close().await;
    let store = Store::open(&config, &state).await.unwrap();
    assert_eq!(store.hash("one").await.unwrap().as_deref(), Some("$hash"));
}

/// Proves X1, X6: the server proves itself by TLS, and so do we; what is wrong is told with the next step and without the secret, and
/// `check` asks nothing of the network.
#[test]
fn who_cannot_prove_themselves_is_told() {
    let mut database = Postgres::new();
    let foreign = Place::start();
    let localhost = format!("localhost:{}", database.port());
    let numeric = format!("127.0.0.1:{}", database.port());
    let (own, other) = (
        database.path("authority.pem"),
        foreign.state().join("authority.pem"),
    );
    let asked = |store: String| {
        let place = Place::keeping(&store);
        assert!(place.run(&["check"], "").status.success());
        let output = place.run(&["enrol", "lobby"], "");
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(!said.contains(PASSWORD), "{said}");
        (output.status.success(), said)
    };
    assert!(asked(database.store(&localhost, Some(&own))).0);
    for (server, authority) in [
        (&localhost, Some(&*other)),
        (&localhost, None),
        // The certificate has another name.
        (&numeric, Some(&*own)),
    ] {
        let (well, said) = asked(database.store(server, authority));
        assert!(!well && said.contains("names who certified it"), "{said}");
    }
    database.kill();
    let (well, said) = asked(database.by_tls());
    assert!(
        !well && said.contains("does PostgreSQL run there"),
        "{said}"
    );
    database.start_with("ssl=off");
    let (well, said) = asked(database.by_tls());
    assert!(!well && said.contains("offer TLS"), "{said}");
    assert!(asked(database.by_socket()).0);
    database.set_password("falsch");
    let (well, said) = asked(database.by_socket());
    assert!(!well && said.contains("pg_hba.conf"), "{said}");
    database.set_password(PASSWORD);
    let nowhere = database.by_socket().replace("/exchange\"", "/nowhere\"");
    let (well, said) = asked(nowhere);
    assert!(
        !well && (said.contains("createdb") || said.contains("pg_hba.conf")),
        "{said}"
    );
    // `check` looks at the file with the password, and at the authority's.
    let place = Place::keeping(&database.by_tls());
    let open = std::os::unix::fs::PermissionsExt::from_mode(0o644);
    std::fs::set_permissions(database.path("password"), open).unwrap();
    let output = place.run(&["check"], "");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        !output.status.success() && said.contains("everybody on this machine"),
        "{said}"
    );
    database.set_password("");
    assert!(!place.run(&["check"], "").status.success());
    database.set_password(PASSWORD);
    std::fs::write(&own, "none").unwrap();
    let output = place.run(&["check"], "");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        !output.status.success() && said.contains("no certificate"),
        "{said}"
    );
}

/// Proves X6: an exchange that begins before its database waits for it.
#[test]
fn a_late_database_is_waited_for() {
    let mut database = Postgres::new();
    let mut place = Place::start_keeping(&database.by_tls());
    place.kill();
    database.kill();
    place.begin();
    place.told("waits for the database");
    database.start();
    place.reach_all();
    place.sign_in("one");
}

/// How a database is away.
#[derive(Clone, Copy, PartialEq)]
enum Away {
    /// It falls.
    Fallen,
    /// Nothing comes from it any more, and nobody says so.
    Silent,
}

/// A desk and a terminal talk; the database goes away and comes back.
fn talks_through(away: Away) {
    let mut database = Postgres::new();
    let place = Place::start_keeping(&database.by_tls());
    let one = place.sign_in("one");
    let mut desk = Phone::connect(&place, "desk.one");
    let account = Credentials::of(&one.json("/api/desk/account"));
    assert_eq!(desk.register(&account).0.status(), 200);
    let stream = one.events("/api/desk/events");
    stream.until("its state", |name, _| name == "state");
    one.presence("free");
    place.enrol("lobby");
    place.enrol("library");
    let lobby = place.terminal(Some("lobby"));
    let library = place.terminal(Some("library"));
    let ticket = lobby.take("registration");
    let account = Credentials::of(&lobby.json("/api/terminal/account"));
    // Somebody waits: they keep their place.
    let waits = library.take("registration");
    let waiting = format!("/api/terminal/tickets/{}", waits["id"].as_str().unwrap());
    let watched = library.events(&waiting);
    watched.until("waits", |_, state| state["phase"] == "waiting");

    match away {
        Away::Fallen => database.kill(),
        Away::Silent => database.freeze(true),
    }
    let mut terminal = Phone::connect(&place, "terminal.lobby");
    let uri = ticket["uri"].as_str().unwrap();
    let (call, ok) = std::thread::scope(|scope| {
        let caller = scope.spawn(|| terminal.invite(uri, &account, &[]));
        let invite = desk.next();
        desk.answer(&invite, "200 OK", "v=0\r\n");
        caller.join().unwrap()
    });
    assert_eq!(ok.status(), 200, "{}", ok.head);
    terminal.within("ACK", &call, 2, &ok);
    assert!(desk.next().first().starts_with("ACK"));
    stream.until("talks", |_, state| state["talking"] == json!(true));
    place.told("the database is away");
    // Whoever is known goes on; nobody new begins.
    assert_eq!(lobby.get("/api/terminal/account").0, 200);
    assert_eq!(lobby.get("/api/terminal/directory").0, 200);
    let body = json!({"desk": "two", "password": crate::place::PASSWORD}).to_string();
    assert_eq!(place.browser("two").post("/api/desk/sign-in", &body).0, 503);
    terminal.within("BYE", &call, 3, &ok);
    let bye = desk.next();
    assert!(bye.first().starts_with("BYE"), "{}", bye.head);
    desk.answer(&bye, "200 OK", "");
    assert_eq!(terminal.next().status(), 200);
    stream.until("over", |_, state| state["talking"] == json!(false));
    let refused = lobby.post("/api/terminal/tickets", "{\"department\":\"registration\"}");
    assert_eq!(refused.0, 503, "{}", refused.1);
    assert_eq!(
        one.post("/api/desk/outcome", "{\"outcome\":\"done\"}").0,
        204
    );
    // The next one is called, although nothing can be written.
    one.presence("free");
    watched.until("called", |_, state| state["phase"] == "called");

    match away {
        Away::Fallen => database.start(),
        Away::Silent => database.freeze(false),
    }
    place.told("the database is back");
    let kept = database.ask("exchange", "SELECT id FROM ticket");
    assert_eq!(
        Some(&*kept),
        waits["id"].as_str(),
        "who waits is kept, who talked is not"
    );
    assert_eq!(
        database.ask("exchange", "SELECT outcome, count FROM outcome"),
        "done|1"
    );
    assert_eq!(
        database.ask("exchange", "SELECT department, count FROM pace"),
        "registration|1"
    );
    lobby.take("registration");
    place.sign_in("two");
    assert!(!place.log().contains(PASSWORD));
}

/// Proves X1, X6: a database that falls stops nobody who talks or waits, and has everything when it is back.
#[test]
fn a_fallen_database_stops_nobody() {
    talks_through(Away::Fallen);
}

/// Proves X1, X6: neither does one that is silent; the proxy is not kept waiting for it.
#[test]
fn a_silent_database_stops_nobody() {
    talks_through(Away::Silent);
}
