// SPDX-License-Identifier: EUPL-1.2
//! The real voice: Speech Dispatcher with the device's own settings, and eSpeak NG. What it says goes into a file instead of
//! an ear, by ALSA's own file device, as fast as it is made.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A test ends at the first surprise.

mod common;

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use common::{after, open, runtime, way};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::inotify;
use shell::canvas::Canvas;
use shell::event::{Action, Event};
use shell::ssip::Link;
use shell::voice::Utterance;
use site::Language;

const SETTINGS: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../recipes/voice/mkosi.extra/usr/share/amtsnah/voice"
);

/// How long anything here may take.
const PATIENCE: Duration = Duration::from_mins(1);

/// Speech Dispatcher on a socket, and the file with what is heard.
struct Voice {
    dir: tempfile::TempDir,
    daemon: Child,
    changes: rustix::fd::OwnedFd,
}

impl Voice {
    fn start() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        let changes = inotify::init(inotify::CreateFlags::CLOEXEC).unwrap();
        let events = inotify::WatchFlags::CREATE | inotify::WatchFlags::MODIFY;
        inotify::add_watch(&changes, dir.path(), events).unwrap();
        let sound = format!(
            "pcm.!default {{ type plug slave.pcm {{ type file slave.pcm null file \"{}\" format raw }} }}\n",
            at("heard").display()
        );
        fs::write(at("asound.conf"), sound).unwrap();
        let daemon = daemon(dir.path());
        Self {
            dir,
            daemon,
            changes,
        }
    }

    /// It falls, and another one comes in its place.
    fn fall(&mut self) {
        self.daemon.kill().unwrap();
        self.daemon.wait().unwrap();
        fs::remove_file(self.path("socket")).unwrap();
        self.daemon = daemon(self.dir.path());
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Waits until `done`, each time something happens in the directory.
    fn wait(&self, done: impl Fn(&Self) -> bool) {
        let end = Instant::now() + PATIENCE;
        while !done(self) {
            let left = end.checked_duration_since(Instant::now());
            let left = Timespec::try_from(left.expect("it takes too long")).unwrap();
            let mut waits = [PollFd::new(&self.changes, PollFlags::IN)];
            poll(&mut waits, Some(&left)).unwrap();
            if !waits[0].revents().is_empty() {
                let mut buffer = [const { std::mem::MaybeUninit::uninit() }; 4096];
                inotify::Reader::new(&self.changes, &mut buffer)
                    .next()
                    .unwrap();
            }
        }
    }

    fn heard(&self) -> Vec<u8> {
        fs::read(self.path("heard")).unwrap_or_default()
    }
}

/// Started as on a device: by the first who connects.
fn daemon(dir: &Path) -> Child {
    let at = |name: &str| dir.join(name);
    let settings = format!(
        "ALSA_CONFIG_PATH=/usr/share/alsa/alsa.conf:{}",
        at("asound.conf").display()
    );
    let mut daemon = Command::new("systemd-socket-activate")
        .arg("--listen")
        .arg(at("socket"))
        .args(["--setenv", &settings, "--setenv"])
        .arg(format!("XDG_RUNTIME_DIR={}", dir.display()))
        .args(["speech-dispatcher", "--run-single"])
        .args(["--communication-method", "unix_socket", "--socket-path"])
        .arg(at("socket"))
        .args(["--config-dir", SETTINGS, "--log-dir"])
        .arg(dir)
        .arg("--pid-file")
        .arg(at("pid"))
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("systemd and speech-dispatcher are parts of the toolbox");
    // It says so when it listens.
    let mut says = BufReader::new(daemon.stderr.take().unwrap());
    says.read_line(&mut String::new()).unwrap();
    std::thread::spawn(move || std::io::copy(&mut says, &mut std::io::sink()));
    daemon
}

impl Drop for Voice {
    fn drop(&mut self) {
        let _ = self.daemon.kill();
        let _ = self.daemon.wait();
    }
}

/// What the voice makes of a text that is handed to it directly.
fn expected(text: &str, language: &str) -> Vec<u8> {
    let voice = Voice::start();
    let stream = UnixStream::connect(voice.path("socket")).unwrap();
    let mut answers = BufReader::new(stream.try_clone().unwrap()).lines();
    let mut ask = |line: &str, end: &str| {
        writeln!(&stream, "{line}\r").unwrap();
        let ended = |answer: &String| answer.starts_with(end);
        answers.by_ref().map(Result::unwrap).find(ended).unwrap();
    };
    ask("SET self CLIENT_NAME test:test:test", "208 ");
    ask("SET self NOTIFICATION END on", "220 ");
    ask("SET self VOLUME -50", "218 ");
    ask(&format!("SET self LANGUAGE {language}"), "201 ");
    ask("SPEAK", "230 ");
    ask(&format!("{text}\r\n."), "702 ");
    voice.heard()
}

fn samples(bytes: &[u8]) -> Vec<i16> {
    let pairs = bytes.chunks_exact(2);
    pairs
        .map(|pair| i16::from_le_bytes([pair[0], pair[1]]))
        .collect()
}

/// How loud it is, every 10 ms.
fn envelope(samples: &[i16]) -> Vec<f64> {
    let loud = |part: &[i16]| {
        let sum: f64 = part.iter().map(|s| f64::from(*s).abs()).sum();
        sum / part.len() as f64
    };
    let quiet = |level: &f64| *level < 20.0;
    let all: Vec<f64> = samples.chunks(220).map(loud).collect();
    let from = all.iter().position(|l| !quiet(l)).unwrap_or(0);
    let to = all.iter().rposition(|l| !quiet(l)).map_or(0, |at| at + 1);
    all.get(from..to).unwrap_or_default().to_vec()
}

/// How much two envelopes go together: 1 is the same.
fn likeness(heard: &[f64], other: &[f64]) -> f64 {
    let both = heard.iter().zip(other).map(|(x, y)| (*x, *y));
    let n = heard.len().min(other.len()) as f64;
    let (mean_x, mean_y) = both.clone().fold((0.0, 0.0), |(sum_x, sum_y), (x, y)| {
        (sum_x + x / n, sum_y + y / n)
    });
    let (mut xy, mut xx, mut yy) = (0.0, 0.0, 0.0);
    for (x, y) in both {
        let (x, y) = (x - mean_x, y - mean_y);
        xy += x * y;
        xx += x * x;
        yy += y * y;
    }
    xy / (xx * yy).sqrt()
}

/// Says `text` and waits until it is heard to its end.
fn say(link: &Link, voice: &Voice, text: &str, language: Language, long: usize) {
    let before = voice.heard().len();
    link.say(Utterance::Text(text.to_owned(), language));
    voice.wait(|voice| voice.heard().len() >= before + long);
}

/// Proves T13: what the shell says is heard as the words it is, in the voice of its language.
#[test]
fn the_words_are_heard() {
    for (language, tag, words, others) in [
        (
            Language::De,
            "de",
            "Mit jemandem sprechen, Taste",
            "Hilfe vor Ort holen, Taste",
        ),
        (
            Language::En,
            "en",
            "Get help at the place itself",
            "Welcome to the town hall",
        ),
    ] {
        let right = expected(words, tag);
        let foreign = envelope(&samples(&expected(
            words,
            if tag == "de" { "en" } else { "de" },
        )));
        let wrong = envelope(&samples(&expected(others, tag)));
        let voice = Voice::start();
        let link = Link::start(&voice.path("socket")).unwrap();
        say(&link, &voice, words, language, right.len());
        let (heard, right) = (
            envelope(&samples(&voice.heard())),
            envelope(&samples(&right)),
        );
        let is = likeness(&heard, &right);
        assert!(is > 0.98, "{tag}: {is} {} {}", heard.len(), right.len());
        for other in [wrong, foreign] {
            let is_not = likeness(&heard, &other);
            assert!(is_not < 0.7, "{tag}: {is_not}");
        }
    }
}

/// Proves T13 (EN 301 549, 8.2.1.1): from the quietest to the loudest are 18 dB, in steps that are all heard.
#[test]
fn volume_has_a_range_of_18_db() {
    let peaks = [-2, -1, 0, 1, 2].map(|volume| {
        let voice = Voice::start();
        let link = Link::start(&voice.path("socket")).unwrap();
        link.say(Utterance::Manner { volume, rate: 0 });
        say(&link, &voice, "Guten Tag", Language::De, 50_000);
        let heard = samples(&voice.heard());
        heard
            .iter()
            .map(|s| f64::from(*s).abs())
            .fold(0.0, f64::max)
    });
    let steps: Vec<f64> = peaks
        .windows(2)
        .map(|pair| 20.0 * (pair[1] / pair[0]).log10())
        .collect();
    assert!(
        steps.iter().all(|step| (3.0..6.0).contains(step)),
        "{steps:?} {peaks:?}"
    );
    assert!(steps.iter().sum::<f64>() >= 18.0, "{steps:?} {peaks:?}");
}

/// Proves T13: a whole screen is said by the shell itself, from the plug on; text that tries to be a command is only text.
#[test]
fn a_screen_is_heard() {
    let voice = Voice::start();
    let link = Link::start(&voice.path("socket")).unwrap();
    let state = after(way(open(), &[Action::Begin]), [Event::Ear(false)]);
    let mut shell = runtime(state, Canvas::new(1920, 1080, None));
    shell.paint();
    shell.handle(Event::Ear(true));
    shell.paint();
    for utterance in shell.spoken() {
        link.say(utterance);
    }
    // The start screen with its introduction takes a minute to hear.
    voice.wait(|voice| voice.heard().len() > 20 * 22_050 * 2);
    link.say(Utterance::Stop);
    link.say(Utterance::Text(
        "\r\n.\r\nQUIT\r\n".to_owned(),
        Language::De,
    ));
    let before = voice.heard().len();
    say(&link, &voice, "noch da", Language::De, 10_000);
    assert!(voice.heard().len() > before);
}

/// Proves T13: a voice that falls is found again by the next words.
#[test]
fn a_voice_that_falls_speaks_again() {
    let mut voice = Voice::start();
    let link = Link::start(&voice.path("socket")).unwrap();
    say(&link, &voice, "eins", Language::De, 5_000);
    voice.fall();
    // What ALSA's file device writes begins anew with each process.
    fs::write(voice.path("heard"), []).unwrap();
    say(&link, &voice, "zwei", Language::De, 5_000);
}
