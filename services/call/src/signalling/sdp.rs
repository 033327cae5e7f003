// SPDX-License-Identifier: EUPL-1.2
//! Descriptions: what of the other side's is let through to the media, and how ours say that a call is paused. Pure.
//!
//! Only encrypted media exist here: a description without DTLS is no description.

use std::fmt::Write;

use sha2::{Digest, Sha256, Sha384, Sha512};
use thiserror::Error;

/// The most bytes of a description.
pub const BYTES: usize = super::gate::BODY;
/// The most media: one more than we offer.
const MEDIA: usize = 5;
/// The most lines.
const LINES: usize = 512;
/// The most ways to the other side that are tried.
const CANDIDATES: usize = 32;
/// The most bytes of a line.
const LINE: usize = 1024;
/// Media that go one way together (RFC 9143).
const BUNDLE: &str = "a=group:BUNDLE";
/// What the second picture is: a screen that the other side shares (RFC 4796), and how large it may be at most (RFC 6236). Whoever does not
/// know this sends none.
const SCREEN: &str = "a=content:slides\r\na=imageattr:* recv [x=[2:1600],y=[2:1200]]\r\n";

/// Which way media flow, as the description's owner sees it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Direction {
    /// Both ways.
    #[default]
    Both,
    /// From the owner.
    Send,
    /// To the owner.
    Receive,
    /// No way: paused.
    None,
}

impl Direction {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Both, Self::Send, Self::Receive, Self::None];

    /// The attribute.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Both => "sendrecv",
            Self::Send => "sendonly",
            Self::Receive => "recvonly",
            Self::None => "inactive",
        }
    }

    /// The same as the other side sees it, where it wants no more than it is offered.
    #[must_use]
    pub const fn answered(self) -> Self {
        match self {
            Self::Both => Self::Both,
            Self::Send => Self::Receive,
            Self::Receive => Self::Send,
            Self::None => Self::None,
        }
    }

    /// The same for what only comes to the owner.
    #[must_use]
    const fn coming(self) -> Self {
        match self {
            Self::Both | Self::Receive => Self::Receive,
            Self::Send | Self::None => Self::None,
        }
    }

    fn of(line: &str) -> Option<Self> {
        let word = line.strip_prefix("a=")?;
        Self::ALL.into_iter().find(|one| one.as_str() == word)
    }
}

/// Why a description is not let through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Unfit {
    /// More than we take in.
    #[error("a description beyond the limits")]
    Size,
    /// Not what a description looks like.
    #[error("this is no description")]
    Form,
    /// Media in the clear, or keys in the description.
    #[error("a description of media that are not encrypted by DTLS")]
    Clear,
    /// The media are not those that we offered.
    #[error("a description of other media")]
    Media,
    /// It begins the connection anew, which only we do.
    #[error("an offer to connect anew")]
    Anew,
}

/// A description that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remote {
    /// The text as it came.
    pub text: String,
    /// The ways its sound and pictures flow.
    pub direction: Direction,
    media: Vec<Media>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Media {
    kind: String,
    mid: String,
    refused: bool,
    ufrag: String,
    direction: Direction,
}

impl Remote {
    /// Looks at what came.
    pub fn new(bytes: &[u8]) -> Result<Self, Unfit> {
        if bytes.len() > BYTES {
            return Err(Unfit::Size);
        }
        let text = std::str::from_utf8(bytes).map_err(|_| Unfit::Form)?;
        let sections = sections(text)?;
        let (session, parts) = sections.split_first().ok_or(Unfit::Form)?;
        let mut media = Vec::new();
        let mut directions = Vec::new();
        for part in parts {
            let one = read(session, part)?;
            // The first of each kind is the other side itself. It may share a screen while it pauses, or not.
            let first = media.iter().all(|other: &Media| other.kind != one.kind);
            if one.kind != "application" && first && !one.refused {
                directions.push(one.direction);
            }
            media.push(one);
        }
        // Where sound and picture differ, what flows at all counts.
        let sends = directions
            .iter()
            .any(|d| matches!(d, Direction::Both | Direction::Send));
        let receives = directions
            .iter()
            .any(|d| matches!(d, Direction::Both | Direction::Receive));
        Ok(Self {
            text: text.to_owned(),
            direction: match (sends, receives) {
                (true, true) => Direction::Both,
                (true, false) => Direction::Send,
                (false, true) => Direction::Receive,
                (false, false) => Direction::None,
            },
            media,
        })
    }

    /// Takes over the ways to the other side that `known` has named, where this names none: a browser that answers before it has
    /// looked for ways tells of none, and finds us. A relay lets through only whom we have named, wherever that one's port is now.
    pub fn reached_as(&mut self, known: &Self) {
        let named = |text: &str| -> Vec<String> {
            let lines = text.lines().filter(|line| line.starts_with("a=candidate:"));
            lines.map(str::to_owned).collect()
        };
        if !named(&self.text).is_empty() {
            return;
        }
        let (ways, mut media, mut out) = (named(&known.text), 0, String::new());
        for line in self.text.lines() {
            media += usize::from(line.starts_with("m="));
            out.push_str(line);
            out.push_str("\r\n");
            // All media go the way of the first.
            if media == 1 && line.starts_with("a=mid:") {
                for way in &ways {
                    let _ = write!(out, "{way}\r\n");
                }
            }
        }
        self.text = out;
    }

    /// Whether it answers `offer`: the same media in the same order.
    pub fn answers(&self, offer: &str) -> Result<(), Unfit> {
        let offer = sections(offer)?;
        let offered = offer.iter().skip(1).filter_map(|part| kind(part));
        if offered.eq(self.media.iter().map(|one| one.kind.as_str())) {
            Ok(())
        } else {
            Err(Unfit::Media)
        }
    }

    /// Whether the connection stays the one that `known` has described.
    pub fn continues(&self, known: &Self) -> Result<(), Unfit> {
        for (new, old) in self.media.iter().zip(&known.media) {
            if new.kind != old.kind || new.mid != old.mid {
                return Err(Unfit::Media);
            }
            if !new.refused && new.ufrag != old.ufrag {
                return Err(Unfit::Anew);
            }
        }
        if self.media.len() < known.media.len() {
            return Err(Unfit::Media);
        }
        Ok(())
    }
}

/// The lines of the session and of each of the media.
fn sections(text: &str) -> Result<Vec<Vec<&str>>, Unfit> {
    let mut sections = vec![Vec::new()];
    let mut candidates = 0;
    for (number, line) in text.lines().enumerate() {
        if number >= LINES || line.len() > LINE {
            return Err(Unfit::Size);
        }
        if line.chars().any(char::is_control) || line.as_bytes().get(1) != Some(&b'=') {
            return Err(Unfit::Form);
        }
        candidates += usize::from(line.starts_with("a=candidate:"));
        if line.starts_with("m=") {
            sections.push(Vec::new());
        }
        if let Some(section) = sections.last_mut() {
            section.push(line);
        }
    }
    let first = sections.first().and_then(|session| session.first());
    if first != Some(&"v=0") {
        return Err(Unfit::Form);
    }
    if sections.len() > MEDIA + 1 || candidates > CANDIDATES {
        return Err(Unfit::Size);
    }
    Ok(sections)
}

fn kind<'a>(part: &[&'a str]) -> Option<&'a str> {
    part.first()?.strip_prefix("m=")?.split(' ').next()
}

fn read(session: &[&str], media: &[&str]) -> Result<Media, Unfit> {
    let mut fields = media
        .first()
        .and_then(|line| line.strip_prefix("m="))
        .ok_or(Unfit::Form)?
        .split(' ');
    let mut field = || fields.next().ok_or(Unfit::Form);
    let (kind, port, protocol) = (field()?, field()?, field()?);
    let port: u16 = port.parse().map_err(|_| Unfit::Form)?;
    let value = |name: &str| {
        let find = |lines: &[&str]| {
            lines
                .iter()
                .find_map(|line| Some(line.strip_prefix("a=")?.strip_prefix(name)?.to_owned()))
        };
        find(media).or_else(|| find(session))
    };
    let one = Media {
        kind: kind.to_owned(),
        mid: value("mid:").unwrap_or_default(),
        refused: port == 0 && value("bundle-only").is_none(),
        ufrag: value("ice-ufrag:").unwrap_or_default(),
        direction: {
            let of = |lines: &[&str]| lines.iter().find_map(|line| Direction::of(line));
            of(media).or_else(|| of(session)).unwrap_or_default()
        },
    };
    if one.refused {
        return Ok(one);
    }
    let encrypted = matches!(
        (kind, protocol),
        ("audio" | "video", "UDP/TLS/RTP/SAVPF") | ("application", "UDP/DTLS/SCTP")
    );
    let proven = value("fingerprint:").is_some_and(|print| {
        let hash = print.split(' ').next().unwrap_or_default();
        ["sha-256", "sha-384", "sha-512"].contains(&hash.to_ascii_lowercase().as_str())
    });
    if !encrypted || !proven || value("crypto:").is_some() {
        return Err(Unfit::Clear);
    }
    if one.ufrag.is_empty() || value("ice-pwd:").is_none() {
        return Err(Unfit::Form);
    }
    Ok(one)
}

/// Our description with the fingerprint of `certificate` (DER) by the `turn`th hash.
///
/// The certificate is the same for all connections of a process. A browser takes a connection that keeps its fingerprint for the
/// one it has, whose keys are gone with it; another fingerprint is another connection (RFC 8842 3.1).
pub fn proven(text: &str, certificate: &[u8], turn: u32) -> String {
    let (name, hash) = match turn % 3 {
        0 => ("sha-256", Sha256::digest(certificate).to_vec()),
        1 => ("sha-384", Sha384::digest(certificate).to_vec()),
        _ => ("sha-512", Sha512::digest(certificate).to_vec()),
    };
    let hash: Vec<String> = hash.iter().map(|byte| format!("{byte:02X}")).collect();
    let mut out = String::with_capacity(text.len() + 256);
    for line in text.lines() {
        if line.starts_with("a=fingerprint:") {
            // Writing to a string does not fail.
            let _ = write!(out, "a=fingerprint:{name} {}\r\n", hash.join(":"));
        } else {
            out.push_str(line);
            out.push_str("\r\n");
        }
    }
    out
}

/// Our description with what its second picture is for.
pub fn with_screen(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + SCREEN.len());
    let mut pictures = 0;
    for line in text.lines() {
        pictures += usize::from(line.starts_with("m=video"));
        out.push_str(line);
        out.push_str("\r\n");
        if pictures == 2 && line.starts_with("m=video") {
            out.push_str(SCREEN);
        }
    }
    out
}

/// Our description `text` as the `version`th of session `id`, with its sound and pictures flowing as `direction` says; a screen only comes.
pub fn directed(text: &str, id: u64, version: u32, direction: Direction) -> String {
    let mut out = String::with_capacity(text.len());
    let (mut flows, mut pictures) = (false, 0);
    for line in text.lines() {
        if line.starts_with("m=") {
            flows = !line.starts_with("m=application");
            pictures += usize::from(line.starts_with("m=video"));
        }
        if line.starts_with("o=") {
            // Writing to a string does not fail.
            let _ = write!(out, "o=- {id} {version} IN IP4 0.0.0.0\r\n");
        } else if flows && Direction::of(line).is_some() {
            let is_screen = pictures > 1;
            let direction = if is_screen {
                direction.coming()
            } else {
                direction
            };
            let _ = write!(out, "a={}\r\n", direction.as_str());
        } else {
            out.push_str(line);
            out.push_str("\r\n");
        }
    }
    out
}

/// Our answer to an offer that only changes which way media flow, from `text`, the description we have offered last. Media that
/// were added, or that the other side has refused, are refused.
pub fn answer(text: &str, id: u64, version: u32, offer: &Remote) -> String {
    let whole = directed(text, id, version, offer.direction.answered())
        // The other side has taken the active part when it answered us, so ours is the passive one.
        .replace("a=setup:actpass\r\n", "a=setup:passive\r\n");
    let mut ours = whole.trim_end().split("\r\nm=");
    let session = ours.next().unwrap_or_default();
    let ours: Vec<&str> = ours.collect();
    let kept = offer.media.iter().zip(&ours);
    let kept = kept.filter(|(media, _)| !media.refused);
    // What is refused goes no way with the others.
    let group = kept.fold(BUNDLE.to_owned(), |line, (media, _)| {
        format!("{line} {}", media.mid)
    });
    let mut out = String::with_capacity(text.len());
    for line in session.lines() {
        let line = match line.strip_prefix(BUNDLE) {
            Some(_) => &group,
            None => line,
        };
        out.push_str(line);
        out.push_str("\r\n");
    }
    let mut ours = ours.into_iter();
    let mut pictures = 0;
    for media in &offer.media {
        let part = ours.next().filter(|_| !media.refused);
        pictures += usize::from(media.kind == "video");
        let sends = media.direction.answered().coming() == Direction::Receive;
        // Writing to a string does not fail.
        let _ = match part {
            // Nothing of a screen comes that is not offered.
            Some(part) if pictures > 1 && !sends => {
                let part = part.replace("\r\na=recvonly", "\r\na=inactive");
                write!(out, "m={part}\r\n")
            }
            Some(part) => write!(out, "m={part}\r\n"),
            None => write!(out, "{}", refused(media)),
        };
    }
    out
}

fn refused(Media { kind, mid, .. }: &Media) -> String {
    let protocol = match kind.as_str() {
        "application" => "UDP/DTLS/SCTP webrtc-datachannel",
        _ => "UDP/TLS/RTP/SAVPF 0",
    };
    format!("m={kind} 0 {protocol}\r\nc=IN IP4 0.0.0.0\r\na=inactive\r\na=mid:{mid}\r\n")
}
