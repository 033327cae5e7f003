// SPDX-License-Identifier: EUPL-1.2
//! SIP through the real Kamailio: who may register, who may call whom, and what a call does.

use std::io::{Read as _, Write as _};
use std::net::{TcpStream, UdpSocket};
use std::process::Command;
use std::sync::mpsc::channel;
use std::time::Duration;

use serde_json::json;

use crate::phone::{Credentials, Phone, Tunnel};
use crate::place::{DEADLINE, DOMAIN, Place};

/// SIPp registers once; what it registers as, whose account, and what the answer has to be.
fn sipp(place: &Place, name: &str, credentials: &Credentials, status: u16) -> bool {
    let scenario = format!(
        r#"<?xml version="1.0"?>
<scenario name="register">
<send retrans="500"><![CDATA[
REGISTER sip:{DOMAIN} SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];rport;branch=[branch]
Max-Forwards: 70
From: <sip:{name}@{DOMAIN}>;tag=[call_number]
To: <sip:{name}@{DOMAIN}>
Call-ID: [call_id]
CSeq: 1 REGISTER
Contact: <sip:{name}@[local_ip]:[local_port];transport=[transport]>
Content-Length: 0

]]></send>
<recv response="401" auth="true"/>
<send retrans="500"><![CDATA[
REGISTER sip:{DOMAIN} SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];rport;branch=[branch]
Max-Forwards: 70
From: <sip:{name}@{DOMAIN}>;tag=[call_number]
To: <sip:{name}@{DOMAIN}>
Call-ID: [call_id]
CSeq: 2 REGISTER
Contact: <sip:{name}@[local_ip]:[local_port];transport=[transport]>
[authentication username={user} password={password}]
Content-Length: 0

]]></send>
<recv response="{status}"/>
</scenario>
"#,
        user = credentials.user,
        password = credentials.password,
    );
    let file = place.path("register.xml");
    std::fs::write(&file, scenario).unwrap();
    // Debian's SIPp gives up in the middle of a TLS handshake: it is done for it.
    let tunnel = Tunnel::to(place);
    let ran = Command::new("sipp")
        .args([
            "-sf",
            &file,
            "-t",
            "t1",
            "-m",
            "1",
            "-nostdin",
            "-timeout",
            "60",
            "-timeout_error",
        ])
        .args(["-i", "127.0.0.1", &tunnel.address.to_string()])
        .current_dir(place.path(""))
        .output()
        .unwrap();
    ran.status.success()
}

fn expired(place: &Place, user: &str) -> Credentials {
    let secret = std::fs::read_to_string(place.state().join("sip.secret")).unwrap();
    let secret = api::secret::Secret::new(secret).unwrap();
    let user = format!("1700000000:{user}");
    Credentials {
        password: exchange::account::password(&secret, &user),
        user,
    }
}

/// Proves X1, and that SIPp agrees: a good account registers; one that has ended, somebody else's, or a wrong password does not,
/// and neither does a desk at which nobody is signed in.
#[test]
fn only_good_accounts_register() {
    let place = Place::start();
    let one = place.sign_in("one");
    let account = Credentials::of(&one.json("/api/desk/account"));
    assert!(sipp(&place, "desk.one", &account, 200));
    assert!(sipp(&place, "desk.one", &expired(&place, "desk.one"), 403));
    assert!(sipp(&place, "desk.two", &account, 403));
    let wrong = Credentials {
        password: "AAAA".to_owned(),
        ..account.clone()
    };
    assert!(sipp(&place, "desk.one", &wrong, 401));
    assert_eq!(one.post("/api/desk/sign-out", "{}").0, 204);
    // The account itself still holds for minutes; that nobody is signed in is what counts.
    assert!(sipp(&place, "desk.one", &account, 403));
}

/// Proves X1: what was heard once cannot be said again, and terminals do not register.
#[test]
fn replayed_proofs_are_refused() {
    let place = Place::start();
    let one = place.sign_in("one");
    let account = Credentials::of(&one.json("/api/desk/account"));
    let mut phone = Phone::connect(&place, "desk.one");
    let (answer, proof) = phone.register(&account);
    assert_eq!(answer.status(), 200, "{}", answer.head);
    let mut thief = Phone::connect(&place, "desk.one");
    let mut lines = thief.lines("REGISTER", &format!("sip:{DOMAIN}"), "other", 2);
    lines.push(proof);
    thief.send(&lines, "");
    assert_eq!(thief.next().status(), 401);
    place.enrol("lobby");
    let lobby = place.terminal(Some("lobby"));
    let account = Credentials::of(&lobby.json("/api/terminal/account"));
    let mut phone = Phone::connect(&place, "terminal.lobby");
    assert_eq!(phone.register(&account).0.status(), 403);
}

/// Proves X1: nothing answers SIP that is not encrypted, by UDP or TCP, on any port of it.
#[test]
fn plaintext_is_refused() {
    let place = Place::start();
    let options = format!(
        "OPTIONS sip:{DOMAIN} SIP/2.0\r\nVia: SIP/2.0/TCP 127.0.0.1;branch=z9hG4bK1\r\nFrom: <sip:a@{DOMAIN}>;tag=1\r\nTo: <sip:a@{DOMAIN}>\r\n\
         Call-ID: 1\r\nCSeq: 1 OPTIONS\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n"
    );
    for port in [5061, 8444, 8080, 8443] {
        let mut stream = TcpStream::connect(place.at(port)).unwrap();
        stream.set_read_timeout(Some(DEADLINE)).unwrap();
        stream.write_all(options.as_bytes()).unwrap();
        let mut said = Vec::new();
        // Closed, perhaps with a TLS alert.
        let _ = stream.read_to_end(&mut said);
        assert!(!said.windows(3).any(|window| window == b"SIP"), "{port}");
    }
    for port in [5060, 5061, 8444] {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.connect(place.at(port)).unwrap();
        socket
            .set_read_timeout(Some(Duration::from_secs(5)))
            .unwrap();
        socket.send(options.as_bytes()).unwrap();
        // Nobody listens: the kernel says so at once.
        assert_eq!(
            socket.recv(&mut [0; 64]).unwrap_err().kind(),
            std::io::ErrorKind::ConnectionRefused
        );
    }
}

/// Proves X1: terminals call their own ticket and nothing else; desks and strangers call nobody; nothing is relayed elsewhere.
#[test]
fn calls_go_to_tickets_only() {
    let place = Place::start();
    let one = place.sign_in("one");
    let desk = Credentials::of(&one.json("/api/desk/account"));
    place.enrol("lobby");
    place.enrol("library");
    let (lobby, library) = (
        place.terminal(Some("lobby")),
        place.terminal(Some("library")),
    );
    let account = Credentials::of(&lobby.json("/api/terminal/account"));
    let ticket = library.take("registration");
    let uri = ticket["uri"].as_str().unwrap().to_owned();
    let mut phone = Phone::connect(&place, "terminal.lobby");
    let mut call = |uri: &str, credentials: &Credentials, more: &[&str]| {
        phone.invite(uri, credentials, more).1.status()
    };
    // Somebody else's ticket, and none.
    assert_eq!(call(&uri, &account, &[]), 404);
    assert_eq!(
        call(&format!("sip:{}@{DOMAIN}", "a".repeat(26)), &account, &[]),
        404
    );
    assert_eq!(call(&format!("sip:desk.one@{DOMAIN}"), &account, &[]), 404);
    assert_eq!(call("sip:somebody@198.51.100.7", &account, &[]), 403);
    assert_eq!(call(&uri, &account, &["Route: <sip:198.51.100.7;lr>"]), 403);
    assert_eq!(call(&uri, &expired(&place, "terminal.lobby"), &[]), 403);
    assert_eq!(call(&uri, &desk, &[]), 403);
    let mut phone = Phone::connect(&place, "desk.one");
    assert_eq!(phone.register(&desk).0.status(), 200);
    assert_eq!(phone.invite(&uri, &desk, &[]).1.status(), 403);
    // Not its turn: nobody is free.
    let own = Credentials::of(&library.json("/api/terminal/account"));
    let mut phone = Phone::connect(&place, "terminal.library");
    assert_eq!(phone.invite(&uri, &own, &[]).1.status(), 480);
    for method in [
        "MESSAGE",
        "SUBSCRIBE",
        "PUBLISH",
        "REFER",
        "OPTIONS",
        "INFO",
    ] {
        let lines = phone.lines(method, &uri, method, 1);
        phone.send(&lines, "");
        assert_eq!(phone.next().status(), 405, "{method}");
    }
    // A message beyond all bounds.
    let lines = phone.lines("MESSAGE", &uri, "long", 1);
    phone.send(&lines, &"x".repeat(40_000));
    assert!(phone.receive().is_none_or(|answer| answer.status() == 513));
}

/// Proves T2, D2, X1: a call to a ticket rings at all free desks of the department at once; the first answer wins, the others stop;
/// the queue knows who talks; and when it is over the ticket is gone. Nothing of one side's headers reaches the other.
#[test]
fn a_call_rings_at_all_free_desks() {
    let place = Place::start();
    let (one, two) = (place.sign_in("one"), place.sign_in("two"));
    let page = format!("https://{DOMAIN}:8080");
    let mut phones = Vec::new();
    let mut streams = Vec::new();
    for (name, browser) in [("desk.one", &one), ("desk.two", &two)] {
        let mut phone = Phone::browse(&place, name, &page).unwrap();
        let account = Credentials::of(&browser.json("/api/desk/account"));
        assert_eq!(phone.register(&account).0.status(), 200);
        let stream = browser.events("/api/desk/events");
        stream.until("its state", |name, _| name == "state");
        browser.presence("free");
        stream.until("free", |_, state| state["presence"] == "free");
        phones.push(phone);
        streams.push(stream);
    }
    place.enrol("lobby");
    let lobby = place.terminal(Some("lobby"));
    let ticket = lobby.take("registration");
    assert_eq!(ticket["phase"], "called", "{ticket}");
    let uri = ticket["uri"].as_str().unwrap().to_owned();
    let path = format!("/api/terminal/tickets/{}", ticket["id"].as_str().unwrap());
    let watched = lobby.events(&path);
    for stream in &streams {
        let state = stream.until("rings", |_, state| {
            state["waiting"][0]["rings"] == json!(true)
        });
        assert_eq!(state["waiting"][0]["topic"], "Ausweis und Wohnsitz");
        assert!(!state.to_string().contains("lobby"), "{state}");
    }
    let account = Credentials::of(&lobby.json("/api/terminal/account"));
    let mut terminal = Phone::connect(&place, "terminal.lobby");
    let (rings, heard) = channel();
    terminal.rings = Some(rings);
    let [mut first, mut second] = <[Phone; 2]>::try_from(phones).ok().unwrap();
    let (call, ok, missed) = std::thread::scope(|scope| {
        let caller =
            scope.spawn(|| terminal.invite(&uri, &account, &["User-Agent: of the terminal"]));
        let (at_first, at_second) = (first.next(), second.next());
        for invite in [&at_first, &at_second] {
            assert!(invite.first().starts_with("INVITE sip:"), "{}", invite.head);
            assert!(!invite.head.contains("of the terminal"));
            assert!(!invite.head.contains("Proxy-Authorization"));
            assert_eq!(invite.body, "v=0\r\n");
        }
        // A desk that has not said anything yet is not cancelled.
        first.answer(&at_first, "180 Ringing", "");
        second.answer(&at_second, "180 Ringing", "");
        for _ in 0..2 {
            heard.recv_timeout(DEADLINE).unwrap();
        }
        second.answer(&at_second, "200 OK", "v=0\r\n");
        let (call, ok) = caller.join().unwrap();
        let cancel = first.next();
        (call, ok, (at_first, cancel))
    });
    assert_eq!(ok.status(), 200, "{}", ok.head);
    assert!(!ok.head.contains("of the desk"));
    let (invited, cancel) = missed;
    assert!(cancel.first().starts_with("CANCEL"), "{}", cancel.head);
    first.answer(&cancel, "200 OK", "");
    first.answer(&invited, "487 Request Terminated", "");
    terminal.within("ACK", &call, 2, &ok);
    assert!(second.next().first().starts_with("ACK"));
    watched.until("talks", |_, state| state["phase"] == "talking");
    streams[1].until("talks", |_, state| {
        state["talking"] == json!(true) && state["presence"] == "busy"
    });
    streams[0].until("nobody waits", |_, state| {
        state["waiting"] == json!([]) && state["presence"] == "free"
    });
    // Whoever is not of the call ends nothing.
    let mut stranger = Phone::connect(&place, "terminal.library");
    stranger.within("BYE", "other", 3, &ok);
    assert_eq!(stranger.next().status(), 481);
    terminal.within("BYE", &call, 3, &ok);
    let bye = second.next();
    let bye = if bye.first().starts_with("BYE") {
        bye
    } else {
        second.next()
    };
    second.answer(&bye, "200 OK", "");
    assert_eq!(terminal.next().status(), 200);
    watched.until("over", |name, _| name == "over");
    assert_eq!(lobby.get(&path).0, 404);
}

/// Proves D2: nobody answers: the desk is on a break, and the ticket waits again.
#[test]
fn a_declined_call_waits_again() {
    let place = Place::start();
    let one = place.sign_in("one");
    let mut phone = Phone::connect(&place, "desk.one");
    let account = Credentials::of(&one.json("/api/desk/account"));
    assert_eq!(phone.register(&account).0.status(), 200);
    let stream = one.events("/api/desk/events");
    stream.until("its state", |name, _| name == "state");
    one.presence("free");
    place.enrol("lobby");
    let lobby = place.terminal(Some("lobby"));
    let ticket = lobby.take("registration");
    let path = format!("/api/terminal/tickets/{}", ticket["id"].as_str().unwrap());
    let watched = lobby.events(&path);
    watched.until("called", |_, state| state["phase"] == "called");
    let account = Credentials::of(&lobby.json("/api/terminal/account"));
    let mut terminal = Phone::connect(&place, "terminal.lobby");
    let uri = ticket["uri"].as_str().unwrap();
    let (_, answer) = std::thread::scope(|scope| {
        let caller = scope.spawn(|| terminal.invite(uri, &account, &[]));
        let invite = phone.next();
        phone.answer(&invite, "486 Busy Here", "");
        caller.join().unwrap()
    });
    assert_eq!(answer.status(), 486);
    stream.until("break", |_, state| state["presence"] == "break");
    watched.until("waits", |_, state| state["phase"] == "waiting");
}

/// Proves X1: a page of somebody else does not speak SIP here, and HTTP gets nothing.
#[test]
fn other_pages_speak_no_sip() {
    let place = Place::start();
    let refused = Phone::browse(&place, "desk.one", "https://evil.example")
        .err()
        .unwrap();
    assert!(refused.starts_with("HTTP/1.1 403 "), "{refused}");
    assert!(Phone::browse(&place, "desk.one", &format!("https://{DOMAIN}:8080")).is_ok());
}

/// Proves D2, X1, X2: the side that has no address of its own, a page behind NAT, changes the call and ends it; the terminal waits
/// for no desk any more, and the desk is busy until it says otherwise.
#[test]
fn a_page_pauses_and_ends() {
    let place = Place::start();
    let one = place.sign_in("one");
    let page = format!("https://{DOMAIN}:8080");
    let mut desk = Phone::browse(&place, "desk.one", &page).unwrap();
    let account = Credentials::of(&one.json("/api/desk/account"));
    assert_eq!(desk.register(&account).0.status(), 200);
    let stream = one.events("/api/desk/events");
    stream.until("its state", |name, _| name == "state");
    one.presence("free");
    place.enrol("lobby");
    let lobby = place.terminal(Some("lobby"));
    let ticket = lobby.take("registration");
    let account = Credentials::of(&lobby.json("/api/terminal/account"));
    let mut terminal = Phone::connect(&place, "terminal.lobby");
    let uri = ticket["uri"].as_str().unwrap();
    let (call, ok, invite) = std::thread::scope(|scope| {
        let caller = scope.spawn(|| terminal.invite(uri, &account, &[]));
        let invite = desk.next();
        desk.answer(&invite, "200 OK", "v=0\r\n");
        let (call, ok) = caller.join().unwrap();
        (call, ok, invite)
    });
    terminal.within("ACK", &call, 2, &ok);
    assert!(desk.next().first().starts_with("ACK"));
    // A contact that is nowhere has become one that is found.
    desk.within_as_called("INVITE", 1, &invite);
    let changed = terminal.next();
    assert!(changed.first().starts_with("INVITE"), "{}", changed.head);
    assert!(changed.contact().contains(";alias="), "{}", changed.head);
    terminal.answer(&changed, "200 OK", "v=0\r\n");
    assert_eq!(desk.next().status(), 200);
    desk.within_as_called("ACK", 1, &invite);
    assert!(terminal.next().first().starts_with("ACK"));
    desk.within_as_called("BYE", 2, &invite);
    let bye = terminal.next();
    assert!(bye.first().starts_with("BYE"), "{}", bye.head);
    terminal.answer(&bye, "200 OK", "");
    assert_eq!(desk.next().status(), 200);
    stream.until("over", |_, state| {
        state["talking"] == json!(false) && state["presence"] == "busy"
    });
}
