// SPDX-License-Identifier: EUPL-1.2
//! The shell and a Braille line, with brltty between them: its virtual line speaks text on a socket.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A test ends at the first surprise.

mod common;

use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use api::trust::TrustState;
use common::{after, open, runtime, start, status};
use shell::braille::{Display, News};
use shell::canvas::Canvas;
use shell::event::{Action, Effect, Event, SessionRequest};
use shell::reading::{self, Kind};
use shell::runtime::Runtime;
use shell::state::{Place, Screen, State};
use site::Language;
use tempfile::TempDir;

/// The configuration of the image.
const CONFIGURATION: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../recipes/braille/mkosi.extra/etc/brltty.conf"
);
/// Somebody who is not root, as in the image.
const NOBODY: &str = "65534";

/// What is heard, from either side of brltty.
enum Heard {
    /// By the shell.
    News(News),
    /// By the line: characters and dots of its cells.
    Text(String),
    Dots(String),
}

/// A Braille line and its brltty, ended with the test.
struct Line {
    brltty: Child,
    cells: UnixStream,
}

impl Line {
    /// Plugs in a line of so many cells. brltty's socket comes in `api`.
    fn plug(api: &Path, cells: usize, heard: &Sender<Heard>) -> Self {
        let scratch = tempfile::tempdir().unwrap();
        let socket = scratch.path().join("line");
        let listener = UnixListener::bind(&socket).unwrap();
        for shared in [scratch.path(), &socket, api] {
            open_to_all(shared);
        }
        // Where the socket is, is compiled in: a mount of our own lies over it, as in the unit.
        let script = r#"mount --bind "$1" /var/lib/BrlAPI && shift && exec "$@""#;
        let brltty = Command::new("unshare")
            .args(["--mount", "sh", "-ec", script, "sh"])
            .arg(api)
            .args([
                "setpriv",
                "--reuid",
                NOBODY,
                "--regid",
                NOBODY,
                "--clear-groups",
            ])
            .args(["--bounding-set=-all", "--no-new-privs"])
            .args(["brltty", "--no-daemon", "--quiet", "--standard-error"])
            .args(["--log-level=warning", "--configuration-file", CONFIGURATION])
            .args([
                "--api-parameters=Auth=user:root,Host=:0",
                "--braille-driver=vr",
            ])
            .arg(format!("--braille-device=client:{}", socket.display()))
            .stdin(Stdio::null())
            .spawn()
            .expect("the toolbox has brltty");
        let (cells_socket, _) = listener.accept().unwrap();
        let mut line = Self {
            brltty,
            cells: cells_socket,
        };
        line.press(&format!("cells {cells}"));
        let (reader, heard) = (
            BufReader::new(line.cells.try_clone().unwrap()),
            heard.clone(),
        );
        thread::spawn(move || {
            for said in reader.lines().map_while(Result::ok) {
                let quoted = said
                    .split_once('"')
                    .and_then(|(_, rest)| rest.rsplit_once('"'));
                let Some((quoted, _)) = quoted else { continue };
                let heard_now = if said.starts_with("Visual") {
                    Heard::Text(quoted.replace(r#"\""#, "\"").replace(r"\\", r"\"))
                } else {
                    Heard::Dots(quoted.to_owned())
                };
                if heard.send(heard_now).is_err() {
                    return;
                }
            }
        });
        line
    }

    /// Presses a key of the line.
    fn press(&mut self, key: &str) {
        self.cells.write_all(format!("{key}\n").as_bytes()).unwrap();
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        let _ = self.brltty.kill();
        let _ = self.brltty.wait();
    }
}

fn open_to_all(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o777)).unwrap();
}

/// A person at the line, and the shell's loop without its window.
struct Desk {
    runtime: Runtime,
    display: Display,
    api: TempDir,
    inbox: Receiver<Heard>,
    heard: Sender<Heard>,
    text: String,
    dots: String,
    cells: Option<usize>,
    keys: usize,
    effects: Vec<Effect>,
}

impl Desk {
    fn new(state: State) -> Self {
        let root = tempfile::tempdir().unwrap();
        open_to_all(root.path());
        let (heard, inbox) = channel();
        let news = heard.clone();
        let display = Display::start(root.path().join("braille/api"), move |told| {
            news.send(Heard::News(told)).is_ok()
        })
        .unwrap();
        let mut runtime = runtime(state, Canvas::new(1280, 800, None));
        runtime.paint();
        Self {
            runtime,
            display,
            api: root,
            inbox,
            heard,
            text: String::new(),
            dots: String::new(),
            cells: None,
            keys: 0,
            effects: Vec::new(),
        }
    }

    fn plug(&self, cells: usize) -> Line {
        let api = self.api.path().join("braille/api");
        std::fs::create_dir_all(&api).unwrap();
        open_to_all(api.parent().unwrap());
        Line::plug(&api, cells, &self.heard)
    }

    fn unplug(&self, line: Line) {
        drop(line);
        std::fs::remove_dir_all(self.api.path().join("braille")).unwrap();
    }

    fn event(&mut self, event: Event) {
        let effects = self.runtime.handle(event);
        self.take(effects);
    }

    fn take(&mut self, effects: Vec<Effect>) {
        self.effects.extend(effects);
        self.runtime.paint();
        self.display.show(&self.runtime);
    }

    /// Goes on until this is so.
    #[track_caller]
    fn until(&mut self, what: &str, is_so: impl Fn(&Self) -> bool) {
        let end = Instant::now() + Duration::from_mins(1);
        while !is_so(self) {
            let left = end.saturating_duration_since(Instant::now());
            match self.inbox.recv_timeout(left) {
                Ok(Heard::Text(text)) => self.text = text,
                Ok(Heard::Dots(dots)) => self.dots = dots,
                Ok(Heard::News(told)) => {
                    match told {
                        News::Cells(cells) => self.cells = Some(cells),
                        News::Key(_) => self.keys += 1,
                    }
                    let effects = self.display.news(told, &mut self.runtime);
                    self.take(effects);
                }
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => panic!(
                    "{what}: the line says {:?} on {:?} cells, the screen is {:?}",
                    self.text,
                    self.cells,
                    self.screen()
                ),
            }
        }
    }

    fn screen(&self) -> Screen {
        self.runtime.state().screen()
    }

    #[track_caller]
    fn feels(&mut self, words: &str) {
        self.until(words, |desk| desk.text.starts_with(words));
    }

    /// A screen begins at its heading.
    #[track_caller]
    fn feels_heading(&mut self) {
        let pieces = reading::pieces(&self.runtime.scene().tree);
        let heading = pieces.iter().find(|piece| piece.kind == Kind::Heading);
        let first = heading.unwrap().name.split_whitespace().next().unwrap();
        self.feels(first);
    }

    /// Presses a key, which has to reach the shell: the virtual line reads one at a time.
    #[track_caller]
    fn press(&mut self, line: &mut Line, key: &str) {
        let before = self.keys;
        line.press(key);
        self.until(key, |desk| desk.keys > before);
    }

    /// Presses a key until these words are felt; what was felt on the way.
    #[track_caller]
    fn press_until(&mut self, line: &mut Line, key: &str, words: &str) -> Vec<String> {
        let mut way = Vec::new();
        while !self.text.contains(words) {
            assert!(way.len() < 60, "{words}: {way:#?}");
            let before = self.text.clone();
            way.push(before.clone());
            self.press(line, key);
            self.until(words, |desk| desk.text != before);
        }
        way
    }
}

fn home() -> State {
    common::way(open(), &[Action::Begin])
}

/// Proves T10, T13: whoever plugs in a Braille line feels the screen that is there, goes through all of it by the line's keys, opens
/// another one by a routing key, and comes back.
#[test]
fn a_screen_is_felt_and_used() {
    let mut desk = Desk::new(open());
    let mut line = desk.plug(40);
    desk.feels("Willkommen");
    desk.press_until(&mut line, "FWINRT", "Taste");
    desk.press(&mut line, "ROUTE 1");
    desk.until("begun", |desk| desk.screen() == Screen::At(Place::Home));
    assert!(
        desk.effects
            .contains(&Effect::Session(SessionRequest::Begin(Language::De))),
        "{:?}",
        desk.effects
    );
    desk.feels_heading();
    desk.press_until(&mut line, "LNDN", "Informationen");
    assert_eq!(desk.runtime.state().focus, Some(Action::Inform));
    desk.press(&mut line, "ROUTE 3");
    desk.until("informed", |desk| {
        matches!(desk.screen(), Screen::At(Place::Authorities(_)))
    });
    desk.feels_heading();
    desk.press_until(&mut line, "LNDN", "Zurück");
    desk.press(&mut line, "KEY_ENTER");
    desk.until("back", |desk| desk.screen() == Screen::At(Place::Home));
    desk.feels_heading();
    // Nothing is beyond the last piece.
    desk.press(&mut line, "BOT");
    desk.press_until(&mut line, "FWINRT", "Ende der Seite");
}

/// Proves T13: every word of every screen is felt by panning alone; proves T15: nothing asks who is there but the shell.
#[test]
fn every_word_of_a_screen_is_felt() {
    let mut desk = Desk::new(home());
    let mut line = desk.plug(20);
    desk.until("there", |desk| desk.cells == Some(20));
    desk.press(&mut line, "TOP");
    let pieces = reading::pieces(&desk.runtime.scene().tree);
    desk.feels(&pieces[0].name.chars().take(9).collect::<String>());
    let mut way = desk.press_until(&mut line, "FWINRT", "Ende der Seite");
    way.retain(|part| part.chars().count() <= 20);
    let felt = way.join(" ");
    let squeezed = |text: &str| text.split_whitespace().collect::<String>();
    for piece in pieces {
        assert!(
            squeezed(&felt).contains(&squeezed(&piece.name)),
            "{}: {felt}",
            piece.name
        );
    }
}

/// Proves T13: brltty and the line may come and go, before the shell or after it, with another number of cells; its own menus and
/// messages are never met.
#[test]
fn lines_come_and_go() {
    let mut desk = Desk::new(home());
    let mut line = desk.plug(40);
    desk.until("there", |desk| desk.cells == Some(40));
    desk.press_until(&mut line, "LNDN", "Hilfe");
    for own in ["PREFMENU", "HELP", "LEARN", "INFO", "FREEZE", "RESTARTBRL"] {
        desk.press(&mut line, own);
    }
    desk.press_until(&mut line, "LNUP", "Informationen");
    line.press("cells 12");
    desk.until("another size", |desk| {
        desk.cells == Some(12) && desk.text.trim_end().chars().count() <= 12
    });
    desk.feels("Information");
    desk.unplug(line);
    desk.until("gone", |desk| desk.cells == Some(0));
    desk.text.clear();
    let mut line = desk.plug(80);
    desk.until("again", |desk| desk.cells == Some(80));
    desk.feels("Information");
    desk.press_until(&mut line, "LNUP", "Mit jemandem");
}

/// Proves T13, C6: of a PIN only dots are felt, and keys of dots type it.
#[test]
fn a_secret_is_dots() {
    let mut desk = Desk::new(after(start(), [status(TrustState::Pin)]));
    let mut line = desk.plug(40);
    desk.until("there", |desk| desk.cells == Some(40));
    desk.until("the heading", |desk| !desk.text.trim().is_empty());
    for digit in "1379".chars() {
        desk.press(&mut line, &format!("PASSCHAR {}", u32::from(digit)));
    }
    let full = "12345678";
    desk.until("four characters", |desk| {
        desk.dots.split('|').filter(|cell| *cell == full).count() >= 4
    });
    assert_eq!(desk.runtime.state().entry.chars(), 4);
    assert!(!desk.text.contains('3'), "{}", desk.text);
}

/// Proves T13, T14: text is felt in the dots of its language; progress changes under the fingers.
#[test]
fn languages_have_their_dots() {
    let mut state = home();
    state.language = Language::Ar;
    let mut desk = Desk::new(state);
    let mut line = desk.plug(40);
    desk.until("there", |desk| desk.cells == Some(40));
    // Alef is dot 1 and lam dots 123 in every Arabic Braille.
    desk.press_until(&mut line, "LNDN", "ال");
    let letters: Vec<char> = desk.text.chars().collect();
    let at = letters
        .windows(2)
        .position(|pair| pair == ['ا', 'ل'])
        .unwrap();
    desk.until("Arabic dots", |desk| {
        let cells: Vec<&str> = desk.dots.split('|').map(str::trim).collect();
        let plain =
            |cell: Option<&&str>| cell.unwrap_or(&"").trim_end_matches(['7', '8']).to_owned();
        plain(cells.get(at)) == "1" && plain(cells.get(at + 1)) == "123"
    });
    let ending = [
        Event::Act(Action::Finish),
        common::session(api::session::SessionState::Ending, None, 30),
    ];
    for event in ending {
        desk.event(event);
    }
    desk.feels_heading();
    desk.press_until(&mut line, "LNDN", "30");
    desk.event(common::session(
        api::session::SessionState::Ending,
        None,
        60,
    ));
    desk.until("more is deleted", |desk| desk.text.contains("60"));
}
