// SPDX-License-Identifier: EUPL-1.2
//! What the processes of pages and documents say, and what they are told: packets on a socket, some with descriptors of sealed memory.
//! Nothing of a page is in the packets themselves.

use std::fmt;
use std::io::{IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use api::scan::Trouble;
use rustix::io::Errno;
use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags, recvmsg, sendmsg,
};

/// The longest packet: a title, a language and a word before them.
const PACKET: usize = 512;
/// The most descriptors of one.
const DESCRIPTORS: usize = 2;

/// One packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Word {
    /// So many percent of the page are there.
    Came(u8),
    /// The page is there: two descriptors, of itself and of its small picture.
    Page,
    /// The document is there: its descriptor.
    Bound,
    /// It came to nothing.
    Failed(Trouble),
    /// To a process that makes a document: its language and its title.
    Title(String, String),
    /// The next page, turned so often: its descriptor.
    Sheet(u8),
}

impl Word {
    /// Reads a packet.
    pub fn parse(packet: &str) -> Option<Self> {
        let (word, rest) = packet.split_once(' ').unwrap_or((packet, ""));
        Some(match word {
            "came" => Self::Came(rest.parse().ok()?),
            "page" if rest.is_empty() => Self::Page,
            "bound" if rest.is_empty() => Self::Bound,
            "failed" => Self::Failed(Trouble::parse(rest)?),
            "title" => {
                let (language, title) = rest.split_once(' ')?;
                Self::Title(language.to_owned(), title.to_owned())
            }
            "sheet" => Self::Sheet(rest.parse().ok().filter(|turns| *turns < 4)?),
            _ => return None,
        })
    }
}

impl fmt::Display for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Came(percent) => write!(f, "came {percent}"),
            Self::Page => f.write_str("page"),
            Self::Bound => f.write_str("bound"),
            Self::Failed(trouble) => write!(f, "failed {}", trouble.as_str()),
            Self::Title(language, title) => write!(f, "title {language} {title}"),
            Self::Sheet(turns) => write!(f, "sheet {turns}"),
        }
    }
}

/// Says `word`, with descriptors.
pub fn say(socket: impl AsFd, word: &Word, with: &[BorrowedFd<'_>]) -> Result<(), Errno> {
    let packet = word.to_string();
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(DESCRIPTORS))];
    let mut control = SendAncillaryBuffer::new(&mut space);
    if !with.is_empty() && !control.push(SendAncillaryMessage::ScmRights(with)) {
        return Err(Errno::TOOBIG);
    }
    let packet = [IoSlice::new(packet.as_bytes())];
    loop {
        match sendmsg(&socket, &packet, &mut control, SendFlags::NOSIGNAL) {
            Err(Errno::INTR) => {}
            result => return result.map(drop),
        }
    }
}

/// Hears the next word and its descriptors; nothing when nobody says anything any more, or something else.
pub fn hear(socket: impl AsFd) -> Option<(Word, Vec<OwnedFd>)> {
    let mut packet = [0; PACKET];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(DESCRIPTORS))];
    let mut control = RecvAncillaryBuffer::new(&mut space);
    let length = loop {
        let mut room = [IoSliceMut::new(&mut packet)];
        match recvmsg(&socket, &mut room, &mut control, RecvFlags::CMSG_CLOEXEC) {
            Ok(got) => break got.bytes,
            Err(Errno::INTR) => {}
            Err(_) => return None,
        }
    };
    let mut descriptors = Vec::new();
    for message in control.drain() {
        if let RecvAncillaryMessage::ScmRights(all) = message {
            descriptors.extend(all);
        }
    }
    let packet = std::str::from_utf8(packet.get(..length)?).ok()?;
    Some((Word::parse(packet)?, descriptors))
}

#[cfg(test)]
mod tests {
    use api::scan::MAX_TITLE;
    use api::session::document;
    use rustix::net::{AddressFamily, SocketFlags, SocketType, socketpair};

    use super::*;

    /// Proves T6: every word arrives as it was said, with its descriptors, and nothing else is taken for one.
    #[test]
    fn words_arrive_as_they_are_said() {
        let (here, there) = socketpair(
            AddressFamily::UNIX,
            SocketType::SEQPACKET,
            SocketFlags::CLOEXEC,
            None,
        )
        .unwrap();
        let mut words = vec![
            Word::Came(100),
            Word::Page,
            Word::Bound,
            Word::Title("de-leicht".into(), "ü".repeat(MAX_TITLE / 2)),
            Word::Title("de".into(), "Ausweis, kopiert".into()),
            Word::Sheet(3),
        ];
        words.extend(Trouble::ALL.map(Word::Failed));
        for word in words {
            say(&here, &word, &[]).unwrap();
            let (heard, none) = hear(&there).unwrap();
            assert_eq!((heard, none.len()), (word, 0));
        }
        let two = [
            document::seal(b"page").unwrap(),
            document::seal(b"small").unwrap(),
        ];
        say(&here, &Word::Page, &[two[0].as_fd(), two[1].as_fd()]).unwrap();
        let (_, arrived) = hear(&there).unwrap();
        assert_eq!(**document::read(&arrived[1]).unwrap(), *b"small");
        for packet in [
            "",
            "page 1",
            "came 256",
            "failed on fire",
            "sheet 4",
            "title",
            "a b",
        ] {
            assert_eq!(Word::parse(packet), None, "{packet}");
        }
        drop(here);
        assert!(hear(&there).is_none());
    }
}
