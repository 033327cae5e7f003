// SPDX-License-Identifier: EUPL-1.2
//! The way to brltty. Neither it nor its socket has to be there: it runs while a Braille line is plugged in, and begins anew with
//! every session.

use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use rustix::event::{EventfdFlags, PollFd, PollFlags, eventfd, poll};
use rustix::fs::inotify;
use rustix::io::Errno;
use site::Language;

use super::protocol::{Ask, Told, read, write};
use super::reader::Shown;

/// The name of brltty's socket in its directory.
const SOCKET: &str = "0";
/// The first and the longest pause between attempts on a socket that is there but does not answer.
const PAUSE: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(2));
/// An answer that takes longer does not come.
const PATIENCE: Duration = Duration::from_secs(5);
/// Nobody presses more keys in a second: what is more is not taken in.
const MOST_KEYS: u32 = 50;

/// What the line tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum News {
    /// It has so many cells; none if there is no line (any more).
    Cells(usize),
    /// A key was pressed, by its code in `BrlAPI`.
    Key(u64),
}

/// What is to be shown, and the bell that says so.
#[derive(Debug)]
struct Wish {
    shown: Mutex<Option<Shown>>,
    bell: OwnedFd,
}

/// The way to brltty.
#[derive(Debug)]
pub struct Link(Arc<Wish>);

impl Link {
    /// Starts the thread. brltty's socket is in `directory`.
    pub fn start(
        directory: PathBuf,
        news: impl Fn(News) -> bool + Send + 'static,
    ) -> io::Result<Self> {
        let wish = Arc::new(Wish {
            shown: Mutex::default(),
            bell: eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?,
        });
        let shared = Arc::clone(&wish);
        thread::Builder::new()
            .name("braille".into())
            .spawn(move || run(&directory, &shared, &news))?;
        Ok(Self(wish))
    }

    /// Shows this from now on. It never waits; of several in a row only the last is shown.
    pub fn show(&self, shown: Option<Shown>) {
        let mut wished = self.0.shown.lock().unwrap_or_else(PoisonError::into_inner);
        if *wished != shown {
            *wished = shown;
            // A bell that rings already need not ring again.
            let _ = rustix::io::write(&self.0.bell, &1u64.to_ne_bytes());
        }
    }
}

/// Why a conversation with brltty has ended.
enum End {
    /// Nobody listens to the news any more.
    Unheard,
    /// The line is another one: it begins anew.
    Resized,
}

fn run(directory: &Path, wish: &Wish, news: &impl Fn(News) -> bool) {
    let mut pause = PAUSE.0;
    loop {
        // Before the attempt, so that nothing between it and the waiting is missed.
        let watch = match watch(directory) {
            Ok(watch) => watch,
            Err(error) => {
                tracing::error!("cannot watch for a Braille line: {error}");
                return;
            }
        };
        let mut spoke = false;
        let stream = UnixStream::connect(directory.join(SOCKET));
        match stream.and_then(|stream| converse(stream, wish, news, &mut spoke)) {
            Ok(End::Unheard) => return,
            Ok(End::Resized) => continue,
            Err(error) if !spoke => tracing::debug!("no Braille line: {error}"),
            Err(error) => {
                tracing::info!("the Braille line has gone: {error}");
                pause = PAUSE.0;
                if !news(News::Cells(0)) {
                    return;
                }
            }
        }
        // A socket that does not answer may be a moment old, or left behind: brltty makes another one then.
        if directory.join(SOCKET).exists() && pause < PAUSE.1 {
            thread::sleep(pause);
            pause *= 2;
        } else {
            pause = PAUSE.0;
            if let Err(error) = wait(&watch) {
                tracing::error!("cannot wait for a Braille line: {error}");
                return;
            }
        }
    }
}

/// Watches for the socket: its directory, and where that would come.
fn watch(directory: &Path) -> rustix::io::Result<OwnedFd> {
    use inotify::WatchFlags;

    let watch = inotify::init(inotify::CreateFlags::CLOEXEC)?;
    let flags = WatchFlags::CREATE | WatchFlags::MOVED_TO | WatchFlags::ATTRIB;
    for place in directory.ancestors().take(3) {
        match inotify::add_watch(&watch, place, flags) {
            // Not there yet, or not ours yet: the one above tells when that changes.
            Ok(_) | Err(Errno::NOENT | Errno::ACCESS | Errno::NOTDIR) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(watch)
}

/// Waits until something changes there. What, does not matter: it is looked for anew.
fn wait(watch: &OwnedFd) -> rustix::io::Result<()> {
    loop {
        match rustix::io::read(watch, &mut [0; 4096]) {
            Err(Errno::INTR) => {}
            read => return read.map(drop),
        }
    }
}

/// Speaks with brltty until one of us has enough; notes whether there was a line.
fn converse(
    mut stream: UnixStream,
    wish: &Wish,
    news: &impl Fn(News) -> bool,
    spoke: &mut bool,
) -> io::Result<End> {
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    greet(&mut stream)?;
    let cells = size(&mut stream)?;
    for ask in [Ask::Enter, Ask::Keys] {
        ask.send(&mut stream)?;
        await_answer(&mut stream, |told| (told == Told::Other).then_some(()))?;
    }
    tracing::info!("a Braille line of {cells} cells");
    *spoke = true;
    if !news(News::Cells(cells)) {
        return Ok(End::Unheard);
    }
    let (mut last, mut table, mut keys) = (None, None, Keys::default());
    // What was wished while nobody was there.
    let mut rung = true;
    loop {
        if rung {
            let wished = wish.shown.lock().unwrap_or_else(PoisonError::into_inner);
            let wished = wished
                .clone()
                .filter(|wished| last.as_ref() != Some(wished));
            if let Some(shown) = wished {
                say(&mut stream, &shown, cells, &mut table)?;
                last = Some(shown);
            }
        }
        let told;
        (told, rung) = next(&stream, wish)?;
        if !told {
            continue;
        }
        match read(&mut stream)? {
            Told::Key(code) => {
                let heard = !keys.one_more(Instant::now()) || news(News::Key(code));
                if !heard {
                    return Ok(End::Unheard);
                }
            }
            // Told twice, and once too often when the line has just come.
            Told::Resized => Ask::Size.send(&mut stream)?,
            // brltty keeps room for a connection's first size only.
            Told::Size(now) if now != cells => return Ok(End::Resized),
            Told::Refused(why) => tracing::warn!("brltty refused something: error {why}"),
            _ => {}
        }
    }
}

/// Says who we are; brltty knows by our user whether we may.
fn greet(stream: &mut UnixStream) -> io::Result<()> {
    let refused = |what| Err(io::Error::new(io::ErrorKind::PermissionDenied, what));
    match read(stream)? {
        Told::Version(8..) => Ask::Version.send(stream)?,
        _ => return refused("brltty speaks another version"),
    }
    match read(stream)? {
        Told::Known(true) => Ok(()),
        _ => refused("brltty does not know us"),
    }
}

/// How many cells the line has, once there is one.
fn size(stream: &mut UnixStream) -> io::Result<usize> {
    Ask::Sizes.send(stream)?;
    loop {
        Ask::Size.send(stream)?;
        let cells = await_answer(stream, |told| match told {
            Told::Size(cells) => Some(cells),
            _ => None,
        })?;
        if cells > 0 {
            return Ok(cells);
        }
        // brltty is there before the line is.
        stream.set_read_timeout(None)?;
        await_answer(stream, |told| (told == Told::Resized).then_some(()))?;
        stream.set_read_timeout(Some(PATIENCE))?;
    }
}

/// Reads until this comes.
fn await_answer<T>(stream: &mut UnixStream, is_it: impl Fn(Told) -> Option<T>) -> io::Result<T> {
    loop {
        let told = read(stream)?;
        if let Told::Refused(why) = told {
            return Err(io::Error::other(format!("brltty refused: error {why}")));
        }
        if let Some(it) = is_it(told) {
            return Ok(it);
        }
    }
}

fn say(
    stream: &mut UnixStream,
    shown: &Shown,
    cells: usize,
    table: &mut Option<Language>,
) -> io::Result<()> {
    if *table != Some(shown.language) {
        Ask::Table(shown.language).send(stream)?;
        *table = Some(shown.language);
    }
    write(stream, shown, cells)
}

/// Waits until brltty says something, or the bell rings: whether each is so.
fn next(stream: &UnixStream, wish: &Wish) -> io::Result<(bool, bool)> {
    let mut both = [
        PollFd::new(stream, PollFlags::IN),
        PollFd::new(&wish.bell, PollFlags::IN),
    ];
    match poll(&mut both, None) {
        Err(Errno::INTR) => return Ok((false, false)),
        polled => polled?,
    };
    let [told, rung] = [0, 1].map(|n: usize| !both[n].revents().is_empty());
    if rung {
        // Silent again; whoever wishes after this rings anew.
        let _ = rustix::io::read(&wish.bell, &mut [0; 8]);
    }
    Ok((told, rung))
}

/// Counts keys in a second.
#[derive(Debug, Default)]
struct Keys {
    since: Option<Instant>,
    count: u32,
}

impl Keys {
    /// Whether one more is taken in.
    fn one_more(&mut self, now: Instant) -> bool {
        match self.since {
            Some(since) if now.duration_since(since) < Duration::from_secs(1) => self.count += 1,
            _ => (self.since, self.count) = (Some(now), 1),
        }
        self.count <= MOST_KEYS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Proves T12: a line whose keys never stop does not keep the shell busy.
    #[test]
    fn a_flood_of_keys_is_dammed() {
        let (start, mut keys) = (Instant::now(), Keys::default());
        let ms = Duration::from_millis;
        let taken = (0..2000u64)
            .filter(|n| keys.one_more(start + ms(*n)))
            .count();
        assert_eq!(taken, 2 * MOST_KEYS as usize);
    }
}
