// SPDX-License-Identifier: EUPL-1.2

use std::fmt::Write;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::super::paper::is_name;
use super::super::{ALL_BYTES, BYTES, NUMBERS, WINDOW};
use super::*;

fn vectors() -> Value {
    serde_json::from_str(include_str!("../vectors.json")).unwrap()
}

/// Bytes as the vectors write them: the last one as often as it says behind `*`.
fn bytes(written: &Value) -> Vec<u8> {
    let written = written.as_str().unwrap();
    let (hex, times) = written.split_once('*').unwrap_or((written, "1"));
    let digits = hex.as_bytes().chunks_exact(2);
    let byte = |pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    let mut bytes: Vec<u8> = digits.map(byte).collect();
    if let Some(last) = bytes.last().copied() {
        bytes.extend(std::iter::repeat_n(
            last,
            times.parse::<usize>().unwrap() - 1,
        ));
    }
    bytes
}

fn hex(bytes: &[u8]) -> String {
    let mut digits = String::new();
    for byte in bytes {
        write!(digits, "{byte:02x}").unwrap();
    }
    digits
}

/// A frame as the vectors write it.
fn written(frame: &Frame) -> Value {
    match frame {
        Frame::Hello { asks, ids } => json!({"is": "hello", "asks": asks, "ids": ids}),
        Frame::Offer { turn, offer } => json!({
            "is": "offer", "turn": turn, "id": offer.id, "kind": offer.kind, "bytes": offer.bytes,
            "hash": hex(&offer.hash), "name": offer.name,
        }),
        Frame::Want { id, turn, from } => {
            json!({"is": "want", "id": id, "turn": turn, "from": from})
        }
        Frame::Chunk { id, from, bytes } => {
            json!({"is": "chunk", "id": id, "from": from, "bytes": hex(bytes)})
        }
        Frame::Have { id, bytes } => json!({"is": "have", "id": id, "bytes": bytes}),
        Frame::Refuse { id, why } => json!({"is": "refuse", "id": id, "why": why.as_str()}),
        Frame::Drop { id } => json!({"is": "drop", "id": id}),
        Frame::Show { id, page } => json!({"is": "show", "id": id, "page": page}),
        Frame::Hide => json!({"is": "hide"}),
        Frame::Point { x, y } => json!({"is": "point", "x": x, "y": y}),
        Frame::Lift => json!({"is": "lift"}),
        Frame::Share => json!({"is": "share"}),
        Frame::Print {
            request,
            id,
            copies,
        } => json!({"is": "print", "request": request, "id": id, "copies": copies}),
        Frame::Printing { request, answer } => {
            let word = match answer {
                Answer::Agreed => "agreed",
                Answer::Declined => "declined",
                Answer::Printed => "printed",
                Answer::Failed => "failed",
                Answer::NotNow => "not-now",
            };
            json!({"is": "printing", "request": request, "answer": word})
        }
        Frame::Scan { request } => json!({"is": "scan", "request": request}),
        Frame::Scanning { request, says } => {
            let (word, reason) = match says {
                Scanning::Answered(answer) => answer.words(),
                Scanning::NotNow => ("not-now", ""),
            };
            let reason = (!reason.is_empty()).then_some(reason);
            json!({"is": "scanning", "request": request, "says": word, "reason": reason})
        }
    }
}

/// Proves T5, X2: what both sides have agreed on is read and written as the vectors say, and what they refuse is refused.
#[test]
fn frames_are_as_agreed_on() {
    let vectors = vectors();
    for vector in vectors["good"].as_array().unwrap() {
        let sent = bytes(&vector["bytes"]);
        let frame = Frame::decode(&sent).unwrap_or_else(|error| panic!("{vector}: {error}"));
        let mut expected = vector["frame"].clone();
        if expected["is"] == "chunk" {
            expected["bytes"] = hex(&bytes(&expected["bytes"])).into();
        }
        assert_eq!(written(&frame), expected);
        assert_eq!(frame.encode(), sent, "{vector}");
    }
    for vector in vectors["refused"].as_array().unwrap() {
        let sent = bytes(&vector["bytes"]);
        assert!(Frame::decode(&sent).is_err(), "{vector}");
    }
    for (list, good) in [("good", true), ("bad", false)] {
        for name in vectors["names"][list].as_array().unwrap() {
            assert_eq!(is_name(name.as_str().unwrap()), good, "{name}");
        }
    }
    let limits = json!({
        "BYTES": BYTES, "ALL_BYTES": ALL_BYTES, "DOCUMENTS": DOCUMENTS, "NUMBERS": NUMBERS,
        "NAME": NAME, "CHUNK": CHUNK, "WINDOW": WINDOW, "PAGES": PAGES, "COPIES": COPIES,
        "FRAME": FRAME,
    });
    assert_eq!(limits, vectors["limits"]);
}

proptest! {
    /// Proves T17: whatever comes is a frame that is written in the same bytes again, or it is refused.
    #[test]
    fn whatever_comes_is_read_or_refused(
        kind in prop::sample::select(vec![0x01_u8, 0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x20, 0x21, 0x22, 0x23, 0x24, 0x30, 0x31, 0x32, 0x33, 0x7f]),
        rest in prop::collection::vec(prop_oneof![3 => 0_u8..6, 1 => any::<u8>()], 0..200),
    ) {
        let mut sent = vec![kind];
        sent.extend(rest);
        if let Ok(frame) = Frame::decode(&sent) {
            prop_assert_eq!(frame.encode(), sent);
        }
    }
}
