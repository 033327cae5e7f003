// SPDX-License-Identifier: EUPL-1.2
//! The running process of a page for the screen, and the one packet that it hands over: a word, and the page as sealed memory beside it.

use std::io::{self, IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::thread;

use api::print::{Failure, MAX_DRAWINGS, MAX_PICTURE, PrintError};
use api::session::{Kind, document};
use rustix::io::Errno;
use rustix::net::{
    AddressFamily, RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags, SocketFlags, SocketType, recvmsg, sendmsg, socketpair,
};

use crate::program::word_of;
use crate::word::{LINE, Word};

/// What a page's process is to do.
#[derive(Clone, Copy, Debug)]
pub struct Order {
    /// What the document is.
    pub kind: Kind,
    /// Which page, from 1 on.
    pub page: u32,
    /// How many pixels across there is room for.
    pub width: u16,
    /// How many down.
    pub height: u16,
}

/// What came of it: the page, and how many there are.
pub type Drawn = Result<(OwnedFd, u32), PrintError>;

/// The pages that are drawn now.
#[derive(Debug, Default)]
pub struct Drawings(Arc<()>);

impl Drawings {
    /// Whether another one may begin.
    pub fn has_room(&self) -> bool {
        // Each has a share, and so has what counts them.
        Arc::strong_count(&self.0) <= MAX_DRAWINGS
    }

    /// Has `program` draw a page of `content`; `tell` hears what came of it, unless the thread for it cannot be started.
    pub fn start(
        &self,
        program: &Path,
        order: Order,
        content: OwnedFd,
        tell: impl FnOnce(Drawn) + Send + 'static,
    ) -> io::Result<()> {
        let under_way = Arc::clone(&self.0);
        let mut program = command(program, order);
        let started = thread::Builder::new().name("page".into()).spawn(move || {
            let drawn = run(&mut program, content);
            if let Err(error) = &drawn {
                tracing::warn!("a page is not drawn: {error}");
            }
            // Whoever hears of it can ask for the next.
            drop(under_way);
            tell(drawn);
        });
        started.map(drop)
    }
}

fn cannot_start(error: &io::Error) -> PrintError {
    PrintError::Failed(format!("cannot start the process of a page: {error}"))
}

fn command(program: &Path, order: Order) -> Command {
    let mut command = Command::new(program);
    command
        .arg("show")
        .args(["--kind", word_of(order.kind)])
        .args(["--page", &order.page.to_string()])
        .args(["--width", &order.width.to_string()])
        .args(["--height", &order.height.to_string()])
        .current_dir("/");
    command
}

fn run(program: &mut Command, content: OwnedFd) -> Drawn {
    let pair = socketpair(
        AddressFamily::UNIX,
        SocketType::SEQPACKET,
        SocketFlags::CLOEXEC,
        None,
    );
    let (here, there) = pair.map_err(|errno| cannot_start(&errno.into()))?;
    let started = program
        .stdin(Stdio::from(content))
        .stdout(Stdio::from(there))
        .spawn();
    // The other end is the process's alone: with it the socket ends.
    program.stdin(Stdio::null()).stdout(Stdio::null());
    let mut child = started.map_err(|error| cannot_start(&error))?;
    let heard = hear(&here);
    if let Err(error) = child.kill().and_then(|()| child.wait()) {
        tracing::error!("cannot end the process of a page: {error}");
    }
    let bad = |text: &str| Err(PrintError::BadInput(text.to_owned()));
    match heard {
        Some((Word::Drawn(pages), Some(picture))) => {
            let size = document::size(&picture, MAX_PICTURE);
            size.map_err(|error| PrintError::Failed(format!("a drawn page is none: {error}")))?;
            Ok((picture, pages))
        }
        Some((Word::NoPage(pages), None)) => {
            bad(&format!("the document has only the pages 1 to {pages}"))
        }
        Some((Word::Failed(Failure::Encrypted), None)) => bad("the document is locked"),
        Some((Word::Failed(Failure::TooLarge), None)) => bad("the page is too large to draw"),
        Some((Word::Failed(_), None)) => bad("the document is damaged"),
        // Without a word: what it drew was too much for it.
        _ => bad("the page is too much to draw"),
    }
}

/// Says `word`, and hands over `picture` with it.
pub fn say(socket: impl AsFd, word: Word, picture: Option<BorrowedFd<'_>>) -> Result<(), Errno> {
    let packet = word.to_string();
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut control = SendAncillaryBuffer::new(&mut space);
    let with = picture.as_slice();
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

/// Hears the word and what is beside it; nothing when nothing is said, or something else.
fn hear(socket: impl AsFd) -> Option<(Word, Option<OwnedFd>)> {
    let mut packet = [0; LINE as usize];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut control = RecvAncillaryBuffer::new(&mut space);
    let length = loop {
        let mut room = [IoSliceMut::new(&mut packet)];
        match recvmsg(&socket, &mut room, &mut control, RecvFlags::CMSG_CLOEXEC) {
            Ok(got) => break got.bytes,
            Err(Errno::INTR) => {}
            Err(_) => return None,
        }
    };
    let mut picture = None;
    for message in control.drain() {
        if let RecvAncillaryMessage::ScmRights(all) = message {
            picture = all.last();
        }
    }
    let packet = std::str::from_utf8(packet.get(..length)?).ok()?;
    Some((Word::parse(packet)?, picture))
}
