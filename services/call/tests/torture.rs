// SPDX-License-Identifier: EUPL-1.2
//! Hostile SIP: what RFC 4475 tortures with, and what chance makes of it, against all that reads what comes from the line.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A test ends at the first surprise.

use call::signalling::gate::{Broken, FIELDS, Gate, HEAD, Item, Unsound};
use call::signalling::sdp::{Direction, Remote, Unfit, answer, directed, with_screen};
use proptest::prelude::*;
use rsipstack::sip::prelude::*;
use rsipstack::sip::{Header, SipMessage};

/// What the gate makes of it.
fn pass(bytes: &[u8]) -> Result<Vec<Item>, Broken> {
    let mut items = Vec::new();
    Gate::default()
        .read(bytes, |item| items.push(item))
        .map(|()| items)
}

/// A request with these lines between the mandatory ones and the end.
fn request(start: &str, lines: &str) -> Vec<u8> {
    format!(
        "{start}\r\nVia: SIP/2.0/TLS 192.0.2.1:5061;branch=z9hG4bK1\r\nFrom: <sip:a@a.test>;tag=1\r\nTo: <sip:b@b.test>;tag=2\r\n\
         Call-ID: c@d\r\n{lines}\r\n"
    )
    .into_bytes()
}

const BYE: &str = "BYE sip:b@b.test SIP/2.0";
const SOUND: &str = "CSeq: 2 BYE\r\nContent-Length: 0\r\n";

/// Reads all of a message that the agent and the stack below it read.
fn read(message: &[u8]) {
    let Ok(message) = SipMessage::try_from(message) else {
        return;
    };
    let (headers, body) = match &message {
        SipMessage::Request(request) => (&request.headers, &request.body),
        SipMessage::Response(response) => (&response.headers, &response.body),
    };
    for header in headers.iter() {
        match header {
            Header::Via(one) => drop(one.typed()),
            Header::From(one) => drop(one.typed()),
            Header::To(one) => drop(one.typed()),
            Header::Contact(one) => drop(one.typed()),
            Header::CSeq(one) => drop(one.typed()),
            Header::Route(one) => drop(one.typed()),
            Header::RecordRoute(one) => drop(one.typed()),
            Header::WwwAuthenticate(one) => drop(one.typed()),
            Header::ProxyAuthenticate(one) => drop(one.typed()),
            _ => {}
        }
    }
    let _ = Remote::new(body);
    let _ = message.to_string();
}

/// Proves X1: what RFC 4475 calls valid goes on, in whatever form.
#[test]
fn tortuous_but_sound_messages_go_on() {
    for message in [
        request(BYE, SOUND),
        // 3.1.1.1: white space and folded lines wherever they may be, compact names.
        request(
            BYE,
            "cseq:     0009\r\n  BYE\r\nl: 0\r\nSubject:\r\nNewFangledHeader: newfangled value\r\n continued\r\nunknown: ;;,,;;,;\r\n",
        )
        .into_iter()
        .collect(),
        // 3.1.1.2: methods of any token.
        request(
            "!interesting-Method0123456789_*+`.%indeed'~ sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*@b.test SIP/2.0",
            "CSeq: 139122385 !interesting-Method0123456789_*+`.%indeed'~\r\nContent-Length: 0\r\n",
        ),
        // 3.1.1.13: a response with no reason but a space.
        request("SIP/2.0 100 ", "CSeq: 1 INVITE\r\nContent-Length: 0\r\n"),
    ] {
        // A folded CSeq is beyond what we take in; everything else goes on.
        let items = pass(&message).unwrap();
        assert_eq!(items.len(), 1);
        if let Some(Item::Message(message)) = items.first() {
            read(message);
        }
    }
    assert_eq!(
        pass(&request(BYE, SOUND)).unwrap(),
        [Item::Message(request(BYE, SOUND))]
    );
}

/// Proves X1: what RFC 4475 calls invalid, and what only we refuse, stays outside, and the line goes on where it can.
#[test]
fn unsound_messages_stay_outside() {
    let refused = |start: &str, lines: &str| {
        let mut bytes = request(start, lines);
        bytes.extend(request(BYE, SOUND));
        let items = pass(&bytes).unwrap();
        assert_eq!(items.len(), 2, "{start}");
        let [Item::Refused(why), Item::Message(_)] = items.as_slice() else {
            panic!("{start}\n{lines}: {items:?}");
        };
        *why
    };
    for (start, lines, why) in [
        // 3.1.2.4: a number beyond the limit, none, several.
        (
            BYE,
            "CSeq: 36893488147419103232 BYE\r\nl: 0\r\n",
            Unsound::Sequence,
        ),
        (BYE, "CSeq: 2147483648 BYE\r\nl: 0\r\n", Unsound::Sequence),
        (BYE, "l: 0\r\n", Unsound::Mandatory),
        (
            BYE,
            "CSeq: 1 BYE\r\nCSeq: 2 BYE\r\nl: 0\r\n",
            Unsound::Mandatory,
        ),
        (
            BYE,
            "CSeq: 1 BYE\r\nCall-ID: other\r\nl: 0\r\n",
            Unsound::Mandatory,
        ),
        // 3.1.2.17, 3.1.2.18: a CSeq of another method.
        (BYE, "CSeq: 8 INVITE\r\nl: 0\r\n", Unsound::Sequence),
        // 3.1.2.7: an address in angle brackets; 3.1.2.8, 3.1.2.9: spaces in the start line.
        ("BYE <sip:b@b.test> SIP/2.0", SOUND, Unsound::Start),
        ("BYE sip:b@b.test; lr SIP/2.0", SOUND, Unsound::Start),
        ("BYE  sip:b@b.test  SIP/2.0", SOUND, Unsound::Start),
        ("BYE sip:b@b.test SIP/2.0  ", SOUND, Unsound::Start),
        // 3.1.2.16: another version; 3.1.2.19: a code that is none.
        ("BYE sip:b@b.test SIP/7.0", SOUND, Unsound::Start),
        (
            "SIP/2.0 4294967301 better not break the receiver",
            SOUND,
            Unsound::Start,
        ),
        ("SIP/2.0 099 no", SOUND, Unsound::Start),
        ("GET / HTTP/1.1", SOUND, Unsound::Start),
        (BYE, "CSeq: 2 BYE\r\nl: 0\r\nno field\r\n", Unsound::Field),
        (BYE, "CSeq: 2 BYE\r\nl: 0\r\n: nothing\r\n", Unsound::Field),
        (
            BYE,
            "CSeq: 2 BYE\r\nl: 0\r\nSubject: a\0b\r\n",
            Unsound::Text,
        ),
        (
            BYE,
            "CSeq: 2 BYE\r\nl: 0\r\nSubject: a\rb\r\n",
            Unsound::Text,
        ),
        (
            BYE,
            &format!("CSeq: 2 BYE\r\nl: 0\r\n{}", "a: b\r\n".repeat(FIELDS)),
            Unsound::Size,
        ),
        (
            BYE,
            &format!("CSeq: 2 BYE\r\nl: 0\r\na: {}\r\n", "x".repeat(5000)),
            Unsound::Size,
        ),
    ] {
        assert_eq!(refused(start, lines), why, "{start}\n{lines}");
    }
}

/// Proves X1: a stream whose lengths cannot be trusted is cut, before it costs memory.
#[test]
fn a_stream_without_lengths_is_cut() {
    for (lines, why) in [
        // 3.1.2.3: a negative length; 3.1.2.2, 3.3.9: several, too large a one; none at all.
        ("Content-Length: -999\r\n", Broken::Length),
        ("Content-Length: 1\r\nl: 2\r\n", Broken::Length),
        ("Content-Length: 0x10\r\n", Broken::Length),
        ("Content-Length: 18446744073709551615\r\n", Broken::Length),
        (
            "Content-Length: 9999\r\nContent-Length: 9999999999\r\n",
            Broken::Length,
        ),
        ("Content-Length: 99999\r\n", Broken::Body),
        ("Subject: none\r\n", Broken::Length),
    ] {
        let cut = pass(&request(BYE, &format!("CSeq: 2 BYE\r\n{lines}")));
        assert_eq!(cut, Err(why), "{lines}");
    }
    assert_eq!(pass(&vec![b'x'; HEAD + 4]), Err(Broken::Head));
}

/// Proves X1: it does not matter how a stream is cut into pieces; who asks whether we are there is heard.
#[test]
fn pieces_do_not_matter() {
    let mut stream = b"\r\n\r\n".to_vec();
    stream.extend(request(BYE, SOUND));
    stream.extend(b"\r\n");
    stream.extend(request(BYE, "CSeq: 3 BYE\r\nContent-Length: 4\r\n\r\nbody").split_off(0));
    let whole = pass(&stream).unwrap();
    let mut gate = Gate::default();
    let mut items = Vec::new();
    for byte in &stream {
        gate.read(&[*byte], |item| items.push(item)).unwrap();
    }
    let messages = |items: &[Item]| {
        let kept = items.iter().filter(|item| matches!(item, Item::Message(_)));
        kept.cloned().collect::<Vec<_>>()
    };
    assert_eq!(messages(&whole), messages(&items));
    assert_eq!(whole.first(), Some(&Item::Ping));
}

/// A description as a browser makes it.
const SDP: &str = "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE audio0 video1\r\na=fingerprint:sha-256 AA:BB\r\n\
    m=audio 9 UDP/TLS/RTP/SAVPF 97\r\nc=IN IP4 0.0.0.0\r\na=mid:audio0\r\na=ice-ufrag:abcd\r\na=ice-pwd:0123456789abcdefghijkl\r\n\
    a=setup:actpass\r\na=sendrecv\r\na=rtpmap:97 OPUS/48000/2\r\n\
    m=video 9 UDP/TLS/RTP/SAVPF 96\r\nc=IN IP4 0.0.0.0\r\na=mid:video1\r\na=ice-ufrag:abcd\r\na=ice-pwd:0123456789abcdefghijkl\r\n\
    a=setup:actpass\r\na=sendrecv\r\na=rtpmap:96 VP8/90000\r\n";

/// Proves X1, X3: media in the clear, or with keys that the exchange could read, are no media; neither is what is beyond the limits.
#[test]
fn only_encrypted_media_exist() {
    let fit = Remote::new(SDP.as_bytes()).unwrap();
    assert_eq!(fit.direction, Direction::Both);
    assert_eq!(fit.answers(SDP), Ok(()));
    assert_eq!(fit.continues(&fit), Ok(()));
    for (from, to, why) in [
        ("UDP/TLS/RTP/SAVPF 97", "RTP/AVP 97", Unfit::Clear),
        ("UDP/TLS/RTP/SAVPF 96", "RTP/SAVPF 96", Unfit::Clear),
        ("a=fingerprint:sha-256 AA:BB\r\n", "", Unfit::Clear),
        ("sha-256", "md5", Unfit::Clear),
        (
            "a=mid:audio0\r\n",
            "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:x\r\n",
            Unfit::Clear,
        ),
        ("a=ice-ufrag:abcd\r\n", "", Unfit::Form),
        ("v=0", "v=1", Unfit::Form),
        ("s=-", "s", Unfit::Form),
        ("m=audio 9", "m=audio x", Unfit::Form),
        ("t=0 0", "t=\u{1}", Unfit::Form),
    ] {
        assert!(SDP.contains(from));
        let changed = SDP.replace(from, to);
        assert_eq!(Remote::new(changed.as_bytes()), Err(why), "{from} -> {to}");
    }
    let candidates = format!(
        "{SDP}{}",
        "a=candidate:1 1 UDP 1 127.0.0.1 9 typ host\r\n".repeat(33)
    );
    assert_eq!(Remote::new(candidates.as_bytes()), Err(Unfit::Size));
    let anew = SDP.replace("abcd", "efgh");
    let mut anew = Remote::new(anew.as_bytes()).unwrap();
    let way = "a=candidate:1 1 UDP 1 127.0.0.1 9 typ host\r\n";
    let reached = Remote::new(format!("{SDP}{way}").as_bytes()).unwrap();
    anew.reached_as(&reached);
    assert!(anew.text.contains(&format!("a=mid:audio0\r\n{way}")));
    assert_eq!(anew.continues(&fit), Err(Unfit::Anew));
    let (one, _) = SDP.split_once("m=video").unwrap();
    let one = Remote::new(one.as_bytes()).unwrap();
    assert_eq!(
        (one.continues(&fit), one.answers(SDP)),
        (Err(Unfit::Media), Err(Unfit::Media))
    );
}

/// Proves D2: a pause is said and understood in descriptions.
#[test]
fn descriptions_pause() {
    let paused = directed(SDP, 7, 3, Direction::None);
    assert!(paused.contains("o=- 7 3 IN IP4 0.0.0.0\r\n") && !paused.contains("sendrecv"));
    assert_eq!(
        Remote::new(paused.as_bytes()).unwrap().direction,
        Direction::None
    );
    let held = SDP.replace("sendrecv", "sendonly");
    let held = format!(
        "{held}m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:2\r\na=ice-ufrag:abcd\r\na=ice-pwd:x\r\n"
    );
    let held = Remote::new(held.as_bytes()).unwrap();
    let answered = answer(SDP, 7, 4, &held);
    assert!(answered.contains("a=recvonly") && answered.contains("a=setup:passive"));
    // What was added is refused.
    assert!(answered.contains("m=video 0 "));
    assert!(answered.contains("a=group:BUNDLE audio0 video1\r\n"));
    assert_eq!(
        Remote::new(answered.as_bytes()).unwrap().direction,
        Direction::Receive
    );
}

/// What a terminal offers: it takes in a screen too.
const SCREEN: &str = "m=video 9 UDP/TLS/RTP/SAVPF 96\r\nc=IN IP4 0.0.0.0\r\na=mid:video2\r\na=ice-ufrag:abcd\r\na=ice-pwd:0123456789abcdefghijkl\r\n\
    a=setup:actpass\r\na=recvonly\r\na=rtpmap:96 VP8/90000\r\n";

/// Proves D3, D2: what the second picture is for is said once, it only comes, a pause stops it too, and a desk that refuses it or knows
/// nothing of it is answered as it has offered.
#[test]
fn a_screen_only_comes() {
    let ours = with_screen(&format!("{SDP}{SCREEN}"));
    let ours = ours.replace("audio0 video1\r\n", "audio0 video1 video2\r\n");
    assert_eq!(ours.matches("a=content:slides\r\n").count(), 1);
    let (_, screen) = ours.rsplit_once("m=video").unwrap();
    assert!(screen.contains("a=content:slides"));
    assert_eq!(with_screen(SDP), SDP);
    let ways = |text: &str| -> Vec<String> {
        let lines = text.lines().filter_map(|line| line.strip_prefix("a="));
        let known = ["sendrecv", "sendonly", "recvonly", "inactive"];
        let ways = lines.filter(|line| known.contains(line));
        ways.map(str::to_owned).collect()
    };
    let said = |direction| ways(&directed(&ours, 7, 3, direction));
    assert_eq!(said(Direction::Both), ["sendrecv", "sendrecv", "recvonly"]);
    assert_eq!(said(Direction::None), ["inactive"; 3]);
    // What the desk offers for all of itself and for its screen, and what is answered.
    for (all, screen, answered) in [
        ("sendrecv", "sendonly", ["sendrecv", "sendrecv", "recvonly"]),
        ("sendrecv", "recvonly", ["sendrecv", "sendrecv", "inactive"]),
        ("sendrecv", "inactive", ["sendrecv", "sendrecv", "inactive"]),
        ("sendonly", "sendonly", ["recvonly", "recvonly", "recvonly"]),
        ("inactive", "inactive", ["inactive"; 3]),
    ] {
        let offer = ours.replace("a=recvonly", &format!("a={screen}"));
        let offer = offer.replace("a=sendrecv", &format!("a={all}"));
        let offer = Remote::new(offer.as_bytes()).unwrap();
        let answer = answer(&ours, 7, 4, &offer);
        assert_eq!(ways(&answer), answered, "{all} {screen}");
        assert_eq!(
            Remote::new(answer.as_bytes()).unwrap().answers(&ours),
            Ok(())
        );
    }
    let refuses = ours.replacen("m=video 9", "m=video 8", 1);
    let refuses =
        refuses
            .replacen("m=video 9", "m=video 0", 1)
            .replacen("m=video 8", "m=video 9", 1);
    let refuses = Remote::new(refuses.as_bytes()).unwrap();
    assert_eq!(refuses.answers(&ours), Ok(()));
    assert_eq!(refuses.direction, Direction::Both);
    let answer = answer(&ours, 7, 4, &refuses);
    assert_eq!(answer.matches("m=video 0 ").count(), 1);
    assert!(answer.contains("a=group:BUNDLE audio0 video1\r\n"));
    assert_eq!(ways(&answer), ["sendrecv", "sendrecv", "inactive"]);
}

fn hostile() -> impl Strategy<Value = Vec<u8>> {
    let seeds = prop::sample::select(vec![
        request(BYE, SOUND),
        request(
            "INVITE sip:b@[::1]:5061;transport=tls;lr SIP/2.0",
            "CSeq: 1 INVITE\r\nRecord-Route: <sip:p;lr>, <sips:q;lr>\r\nContact: \"x\" <sip:a@192.0.2.1:9;ob>;q=0.1, <sip:b@c>\r\n\
             Content-Type: application/sdp\r\nContent-Length: 5\r\n\r\nv=0\r\n",
        ),
        request(
            "SIP/2.0 407 Proxy Authentication Required",
            "CSeq: 1 INVITE\r\nProxy-Authenticate: Digest realm=\"a,b\", nonce=\"c==\", qop=\"auth,auth-int\", algorithm=SHA-256, \
             stale=true\r\nl: 0\r\n",
        ),
    ]);
    let pieces = [
        &b"["[..],
        b"]",
        b":",
        b"\xc3\xa4",
        b"\"",
        b"<",
        b">",
        b";",
        b",",
        b"=",
        b"\r\n",
        b"\r\n ",
        b"@",
        b"%00",
        b"\0",
        b"\xff",
        b"99999999999999999999",
        b"Digest",
        b"*",
    ];
    let change = (
        any::<prop::sample::Index>(),
        prop::sample::select(pieces.to_vec()),
        0_usize..12,
    );
    (seeds, prop::collection::vec(change, 0..6)).prop_map(|(mut bytes, changes)| {
        for (at, piece, cut) in changes {
            let at = at.index(bytes.len() + 1);
            let end = (at + cut).min(bytes.len());
            bytes.splice(at..end, piece.iter().copied());
        }
        bytes
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, failure_persistence: None, ..ProptestConfig::default() })]

    /// Proves X1: nothing that comes from the line makes anything of ours panic, and what goes on keeps the limits.
    #[test]
    fn nothing_panics(bytes in hostile()) {
        for item in pass(&bytes).into_iter().flatten() {
            if let Item::Message(message) = item {
                prop_assert!(message.len() <= bytes.len());
                read(&message);
            }
        }
        // Also what the gate would not let through.
        read(&bytes);
    }

    /// Proves X1: no description makes anything of ours panic.
    #[test]
    fn no_description_panics(cut in 0..SDP.len(), piece in ".{0,20}", offered in any::<bool>()) {
        let mut text = SDP.as_bytes().to_vec();
        text.splice(cut..cut, piece.bytes());
        if let Ok(remote) = Remote::new(&text) {
            let _ = remote.answers(SDP);
            if offered {
                let _ = answer(SDP, 1, 2, &remote);
            }
        }
    }
}
