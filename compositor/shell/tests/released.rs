// SPDX-License-Identifier: EUPL-1.2
//! A released application, with everything that takes part: the tile is pressed in the real shell, the real service runs the real
//! `FreeRDP`, which shows the sign-in of a real terminal server (xrdp) in the frame that the real compositor gives it. Only who is
//! signed in is told by the test.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A test ends at the first surprise.

mod bus;
mod common;

use std::fs;
use std::net::TcpListener;
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use api::applications::{Fall, RunState};
use api::clerk::ClerkState;
use api::session::SessionState;
use api::trust::TrustState;
use applications::program::Place;
use bus::Bus;
use common::{after, application, case, runtime, session};
use compositor::{Compositor, Input, Rank, Rules, Screen as Output, Settings, Share};
use rustix::process::{Pid, Signal, kill_process};
use shell::canvas::Canvas;
use shell::event::{Action, Event};
use shell::runtime::Runtime;
use shell::state::State;
use site::{LastGood, Site};

const WIDTH: u16 = 1280;
const HEIGHT: u16 = 800;
const DEADLINE: Duration = Duration::from_mins(2);
/// A screen that has not changed for so long is whole.
const QUIET: Duration = Duration::from_secs(1);
/// What the terminal server's sign-in lies on.
const GROUND: [u8; 3] = [0x1f, 0x7a, 0x3d];

/// A terminal server.
struct Server {
    root: PathBuf,
    port: u16,
    program: Option<Child>,
}

impl Server {
    /// Makes its certificate; it does not run yet.
    fn new(root: &Path) -> Self {
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = free.local_addr().unwrap().port();
        let files = ["key.pem", "cert.pem"].map(|name| root.join(name));
        let made = Command::new("openssl")
            .args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-batch"])
            .args(["-days", "10", "-subj", "/CN=server.example", "-keyout"])
            .arg(&files[0])
            .arg("-out")
            .arg(&files[1])
            .stderr(Stdio::null())
            .status();
        assert!(made.unwrap().success());
        let [key, certificate] = files.map(|path| path.display().to_string());
        let [r, g, b] = GROUND;
        let settings = format!(
            "[Globals]\nini_version=1\nfork=false\nport=tcp://127.0.0.1:{port}\nsecurity_layer=tls\n\
             certificate={certificate}\nkey_file={key}\nssl_protocols=TLSv1.2, TLSv1.3\nmax_bpp=32\n\
             ls_top_window_bg_color={r:02x}{g:02x}{b:02x}\nls_bg_color=ffffff\n\
             [Logging]\nLogFile=/dev/null\nLogLevel=ERROR\nEnableSyslog=false\n\
             [Channels]\ndrdynvc=true\n\
             [Desk]\nname=Desk\nlib=libvnc.so\nusername=ask\npassword=ask\nip=127.0.0.1\nport=-1\n"
        );
        fs::write(root.join("xrdp.ini"), settings).unwrap();
        Self {
            root: root.to_owned(),
            port,
            program: None,
        }
    }

    /// By what it is known.
    fn fingerprint(&self) -> String {
        let output = Command::new("openssl")
            .args(["x509", "-noout", "-fingerprint", "-sha256", "-in"])
            .arg(self.root.join("cert.pem"))
            .output();
        let text = String::from_utf8(output.unwrap().stdout).unwrap();
        text.trim().split_once('=').unwrap().1.to_owned()
    }

    fn start(&mut self) {
        let program = Command::new("xrdp")
            .arg("--nodaemon")
            .arg("--config")
            .arg(self.root.join("xrdp.ini"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        self.program = Some(program.expect("the toolbox has xrdp"));
    }

    fn stop(&mut self) {
        if let Some(mut program) = self.program.take() {
            program.kill().unwrap();
            program.wait().unwrap();
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
    }
}

/// The sample place with two applications: of this server, and of one that is known by another certificate.
fn place(root: &Path, server: &Server) -> (PathBuf, Arc<Site>) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../recipes/site");
    fs::copy(folder.join("picture.svg"), root.join("picture.svg")).unwrap();
    let (before, rest) = common::SAMPLE.split_once("[[application]]").unwrap();
    let (_, after) = rest.split_once("[[authority]]").unwrap();
    let known = server.fingerprint();
    let other = "00:".repeat(31) + "00";
    let one = |id: &str, name: &str, certificate: &str| {
        let port = server.port;
        format!(
            "[[application]]\nid = \"{id}\"\nname = \"{name}\"\n\
             rdp = {{ host = \"127.0.0.1\", port = {port}, certificate = \"{certificate}\" }}\n\n"
        )
    };
    let text = format!(
        "{before}{}{}[[authority]]{after}",
        one("registry", "Meldewesen", &known),
        one("housing-benefit", "Wohngeld", &other)
    );
    let file = root.join("site.toml");
    fs::write(&file, &text).unwrap();
    (file, Arc::new(site::parse("site.toml", &text).unwrap()))
}

/// What is connected to the bus as long as the test lasts.
struct Services {
    _connections: Vec<zbus::blocking::Connection>,
}

/// Tells that a case is open and its clerk signed in.
fn tell(bus: &Bus) -> Services {
    let open = api::trust::Status {
        state: TrustState::Open,
        code: String::new(),
        reason: String::new(),
    };
    let active = api::session::Status {
        state: SessionState::Active,
        language: "de".into(),
        ..api::session::Status::default()
    };
    let signed_in = api::clerk::Status {
        state: ClerkState::SignedIn,
        retry: None,
    };
    let [trust, session, clerk] = [(); 3].map(|()| bus.connect());
    api::trust::serve(&trust, open).unwrap();
    trust.request_name(api::trust::BUS_NAME).unwrap();
    api::session::serve(&session, active).unwrap();
    session.request_name(api::session::BUS_NAME).unwrap();
    api::clerk::serve(&clerk, signed_in).unwrap();
    clerk.request_name(api::clerk::BUS_NAME).unwrap();
    Services {
        _connections: vec![trust, session, clerk],
    }
}

/// The device, and one that is told what it has to show.
struct Device {
    compositor: Compositor,
    shell: Child,
    expected: Runtime,
    root: tempfile::TempDir,
    _services: Services,
    _bus: Bus,
}

impl Device {
    fn new(root: tempfile::TempDir, server: &Server) -> Self {
        let screen = Output::Memory {
            width: WIDTH,
            height: HEIGHT,
        };
        let rules = Rules {
            answer_within: Duration::from_secs(2),
            ..Rules::kiosk()
        };
        let compositor = Compositor::new(screen, Settings::default(), rules).unwrap();
        for (name, rank) in [("shell", Rank::Shell), ("wayland", Rank::Application)] {
            let socket = UnixListener::bind(root.path().join(name)).unwrap();
            compositor.listen(socket, rank).unwrap();
        }
        let (file, site) = place(root.path(), server);
        let bus = Bus::start();
        let services = tell(&bus);
        let (connection, store) = (
            bus.connect(),
            LastGood::new(&file, Path::new("/nonexistent")),
        );
        let place = Place {
            program: "/usr/bin/wlfreerdp3".into(),
            socket: root.path().join("wayland"),
            home: root.path().to_owned(),
        };
        std::thread::spawn(move || {
            applications::service::run(&connection, &store, place, || Ok(()))
        });
        let os_release = root.path().join("os-release");
        fs::write(&os_release, "VARIANT_ID=case\n").unwrap();
        let recipe = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../recipes/site");
        let shell = Command::new(env!("CARGO_BIN_EXE_shell"))
            .arg("--site")
            .arg(&file)
            .arg("--procedures")
            .arg(recipe.join("procedures.xml"))
            .arg("--os-release")
            .arg(&os_release)
            .args(["--site-store", "/nonexistent", "--braille", "/nonexistent"])
            .env("WAYLAND_DISPLAY", root.path().join("shell"))
            .env("DBUS_SYSTEM_BUS_ADDRESS", &bus.address)
            .spawn()
            .unwrap();
        // The screen in memory has four pixels a millimetre.
        let mm = Some((f32::from(WIDTH) / 4.0, f32::from(HEIGHT) / 4.0));
        let canvas = Canvas::new(WIDTH.into(), HEIGHT.into(), mm);
        let state = State {
            site,
            ..case::open(ClerkState::SignedIn)
        };
        let state = after(state, [session(SessionState::Active, None, 0)]);
        Self {
            compositor,
            shell,
            expected: runtime(state, canvas),
            root,
            _services: services,
            _bus: bus,
        }
    }

    fn until(&mut self, what: &str, mut differs: impl FnMut(&mut Self) -> Option<String>) {
        let start = Instant::now();
        while let Some(difference) = differs(self) {
            let waits = start.elapsed() < DEADLINE;
            if !waits {
                self.keep(what);
            }
            assert!(waits, "{what} did not come: {difference}");
            let wait = Some(Duration::from_millis(5));
            self.compositor.turn(wait).unwrap();
        }
    }

    /// Waits until the screen shows what it has to, besides the strip, which tells the time, and what is in the frame.
    fn until_shown(&mut self, what: &str) {
        self.expected.paint();
        let frame = self.expected.scene().frame;
        let top = usize::from(HEIGHT) / 6;
        self.until(what, |device| {
            let Some(seen) = device.compositor.snapshot().unwrap() else {
                return Some("the screen is dark".to_owned());
            };
            let pixels = device.expected.pixels().unwrap();
            let places = (top..usize::from(HEIGHT)).step_by(3);
            places
                .flat_map(|y| (0..usize::from(WIDTH)).step_by(3).map(move |x| (x, y)))
                .filter(|(x, y)| frame.is_none_or(|frame| !frame.contains(*x as f32, *y as f32)))
                .find_map(|(x, y)| {
                    let wanted = pixels.pixel(x as u32, y as u32).unwrap();
                    let wanted = [wanted.red(), wanted.green(), wanted.blue()];
                    let found = seen.pixel(x, y).unwrap();
                    // Edges depend a little on how much was painted at once.
                    let far = |(a, b): (&u8, &u8)| a.abs_diff(*b) > 24;
                    let differs = found.iter().zip(&wanted).any(far);
                    differs.then(|| format!("at {x}, {y} is {found:?}, not {wanted:?}"))
                })
        });
    }

    /// What is in the frame.
    fn frame(&mut self) -> Vec<[u8; 3]> {
        self.expected.paint();
        let frame = self.expected.scene().frame.unwrap();
        let Some(seen) = self.compositor.snapshot().unwrap() else {
            return Vec::new();
        };
        let (x, y) = (frame.x as usize, frame.y as usize);
        let (right, bottom) = (frame.right() as usize, frame.bottom() as usize);
        (y + 1..bottom)
            .flat_map(|y| (x + 1..right).map(move |x| (x, y)))
            .map(|(x, y)| seen.pixel(x, y).unwrap())
            .collect()
    }

    /// Waits until the application is in front, and the frame shows the server's sign-in from edge to edge.
    fn until_signing_in(&mut self, what: &str) {
        self.tells(RunState::Running, None);
        self.expected.handle(application());
        self.until_shown(what);
        self.until(what, |device| {
            let frame = device.frame();
            let near = |pixel: &[u8; 3]| pixel.iter().zip(GROUND).all(|(a, b)| a.abs_diff(b) < 9);
            let is_ground = frame.iter().filter(|pixel| near(pixel)).count();
            let edges = frame.first().is_some_and(near) && frame.last().is_some_and(near);
            // The sign-in itself lies on it.
            let is_there = edges && is_ground > frame.len() / 2 && is_ground < frame.len();
            (!is_there).then(|| format!("{is_ground} of {} pixels are its ground", frame.len()))
        });
    }

    /// Waits until nothing has come for a while: a server paints its screen in pieces.
    fn until_quiet(&mut self) {
        let start = Instant::now();
        loop {
            let (turn, frame) = (Instant::now(), self.frame());
            while turn.elapsed() < QUIET {
                let left = QUIET.saturating_sub(turn.elapsed());
                self.compositor.turn(Some(left)).unwrap();
            }
            if self.frame() == frame {
                return;
            }
            assert!(start.elapsed() < DEADLINE, "it is never quiet");
        }
    }

    fn tells(&mut self, state: RunState, reason: Option<Fall>) {
        self.expected.handle(Event::Application(None));
        self.expected.handle(case::applications(state, reason));
    }

    fn touch(&mut self, action: Action) {
        self.expected.paint();
        let control = self.expected.scene().tree.control(action);
        let rect = control.unwrap_or_else(|| panic!("{action:?}")).rect;
        let (x, y) = rect.centre();
        self.touch_at(x, y);
    }

    fn touch_at(&mut self, x: f32, y: f32) {
        let at = Share {
            x: f64::from(x) / f64::from(WIDTH),
            y: f64::from(y) / f64::from(HEIGHT),
        };
        let time = 1;
        for input in [
            Input::TouchDown { slot: 0, at, time },
            Input::TouchFrame,
            Input::TouchUp { slot: 0, time },
            Input::TouchFrame,
        ] {
            self.compositor.inject(input);
        }
    }

    fn press(&mut self, code: u32) {
        for pressed in [true, false] {
            self.compositor.inject(Input::Key {
                code,
                pressed,
                time: 1,
            });
        }
    }

    /// The process of the application that runs.
    fn client() -> Option<Pid> {
        let all = fs::read_dir("/proc").unwrap().filter_map(Result::ok);
        let mut ours = all.filter_map(|entry| {
            let pid: i32 = entry.file_name().to_str()?.parse().ok()?;
            let stat = fs::read_to_string(entry.path().join("stat")).ok()?;
            let (name, rest) = stat.rsplit_once(") ")?;
            let parent = rest.split(' ').nth(1)?.parse::<u32>().ok()?;
            let is_ours = name.ends_with("(wlfreerdp3") && parent == std::process::id();
            is_ours.then(|| Pid::from_raw(pid))?
        });
        ours.next()
    }

    /// Keeps the picture for whoever looks into a failure.
    fn keep(&mut self, what: &str) {
        if let Ok(Some(seen)) = self.compositor.snapshot() {
            let file = std::env::temp_dir().join("released.ppm");
            let mut ppm = format!("P6 {WIDTH} {HEIGHT} 255\n").into_bytes();
            for y in 0..usize::from(HEIGHT) {
                ppm.extend((0..usize::from(WIDTH)).flat_map(|x| seen.pixel(x, y).unwrap()));
            }
            fs::write(&file, ppm).unwrap();
            eprintln!("{what}: the screen is in {}", file.display());
        }
        let kept = self.root.path().read_dir().unwrap().count();
        eprintln!("{kept} files of the test");
    }
}

impl Drop for Device {
    fn drop(&mut self) {
        let _ = self.shell.kill();
        let _ = self.shell.wait();
        if let Some(client) = Self::client() {
            let _ = kill_process(client, Signal::KILL);
        }
    }
}

/// Letters of the keyboard, by `KEY_*`.
const M: u32 = 50;
const BACKSPACE: u32 = 14;

/// Proves C2, C3, C7, C13: a released application is started from the desk and shows a session of its server in the frame, of the
/// frame's size; it is typed into. When its server goes the clerk is told, and when it is back so is the session. One that does not
/// answer is ended and started again. It is stopped from beside it, and a server with another certificate is refused.
#[test]
fn a_session_of_a_terminal_server_is_started_and_kept_up() {
    let root = tempfile::tempdir().unwrap();
    let mut server = Server::new(root.path());
    let mut device = Device::new(root, &server);
    device.tells(RunState::Stopped, None);
    device.until_shown("the desk");

    // The server is not there yet.
    device.touch(Action::Application(0));
    let unreachable = Some(Fall::Unreachable);
    device.tells(RunState::Restarting, unreachable);
    device.until_shown("that the server is not reached");
    server.start();
    device.until_signing_in("the server's sign-in");

    device.until_quiet();
    let before = device.frame();
    for _ in 0..3 {
        device.press(M);
    }
    device.until("what is typed", |device| {
        let changed = device
            .frame()
            .iter()
            .zip(&before)
            .filter(|(a, b)| a != b)
            .count();
        (changed < 30).then(|| format!("{changed} pixels have changed"))
    });
    for _ in 0..3 {
        device.press(BACKSPACE);
    }
    device.until("the empty field", |device| {
        let changed = device
            .frame()
            .iter()
            .zip(&before)
            .filter(|(a, b)| a != b)
            .count();
        (changed > 0).then(|| format!("{changed} pixels have changed"))
    });

    // The server goes, and comes back.
    server.stop();
    device.tells(RunState::Restarting, unreachable);
    device.until_shown("that the server is lost");
    server.start();
    device.until_signing_in("the sign-in again");

    // The program hangs, and is used all the same.
    let hangs = Device::client().expect("it runs");
    kill_process(hangs, Signal::STOP).unwrap();
    let frame = device.expected.scene().frame.unwrap();
    let (x, y) = frame.centre();
    device.touch_at(x, y);
    device.tells(RunState::Restarting, Some(Fall::Crashed));
    device.until_shown("that it hangs");
    device.until_signing_in("the sign-in after that");
    assert_ne!(Device::client(), Some(hangs));

    device.touch(Action::StopApplication);
    device.tells(RunState::Stopped, None);
    device.until_shown("the desk again");
    assert_eq!(Device::client(), None);

    // Of the other application the certificate is another one.
    device.touch(Action::Application(1));
    let Event::Applications(Some(mut failed)) =
        case::applications(RunState::Failed, Some(Fall::Untrusted))
    else {
        unreachable!()
    };
    failed.application = "housing-benefit".into();
    device.expected.handle(Event::Applications(Some(failed)));
    device.until_shown("that the server is another one");
    device.touch(Action::StopApplication);
    device.tells(RunState::Stopped, None);
    device.until_shown("the desk at last");
}
