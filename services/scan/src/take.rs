// SPDX-License-Identifier: EUPL-1.2
//! The process of a page: it alone reads what the scanner sends, and everything of it ends with it but the packed page, which is handed
//! over in sealed memory.

use std::io::{self, BufReader};
use std::os::fd::AsFd;

use api::scan::Trouble;
use api::session::document;
use rustix::process::{Pid, Resource, Rlimit, prlimit};

use crate::pack::pack;
use crate::picture::{Picture, PictureError};
use crate::word::{Word, say};

/// Bytes of memory: a page in colour, packed and unpacked, or a document of many.
const MEMORY: u64 = 1536 << 20;
/// Seconds of computing, on a slow machine.
const SECONDS: u64 = 300;

/// Keeps a process within limits: this one, or one that was just started.
pub fn confine(process: Option<Pid>) -> io::Result<()> {
    let limit = |resource, most| {
        let most = Some(most);
        let new = Rlimit {
            current: most,
            maximum: most,
        };
        prlimit(process, resource, new).map(drop)
    };
    limit(Resource::As, MEMORY)?;
    limit(Resource::Cpu, SECONDS)?;
    Ok(limit(Resource::Core, 0)?)
}

/// Reads a picture from standard input, packs it and hands it over at standard output, a socket.
pub fn run() {
    let socket = rustix::stdio::stdout();
    let taken = take(|percent| {
        // Whoever does not listen any more ends this process.
        let _ = say(socket, &Word::Came(percent), &[]);
    });
    let said = match taken {
        Ok([page, small]) => say(socket, &Word::Page, &[page.as_fd(), small.as_fd()]),
        Err(trouble) => say(socket, &Word::Failed(trouble), &[]),
    };
    if let Err(error) = said {
        tracing::warn!("nobody takes the page: {error}");
    }
}

fn take(came: impl FnMut(u8)) -> Result<[std::os::fd::OwnedFd; 2], Trouble> {
    let picture = Picture::read(BufReader::new(io::stdin().lock()), came).map_err(|error| {
        tracing::warn!("{error}");
        match error {
            PictureError::TooLarge => Trouble::Full,
            PictureError::Strange => Trouble::Damaged,
            // Why it is torn, whoever tore it says better.
            PictureError::Torn(_) => Trouble::Gone,
        }
    })?;
    let packed = pack(picture).map_err(|error| {
        tracing::warn!("{error}");
        Trouble::Damaged
    })?;
    let seal = |content: &[u8]| {
        document::seal(content).map_err(|error| {
            tracing::error!("{error}");
            Trouble::Other
        })
    };
    Ok([seal(&packed.page)?, seal(&packed.small)?])
}
