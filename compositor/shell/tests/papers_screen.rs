// SPDX-License-Identifier: EUPL-1.2
//! Papers beside the face, as the compositor shows them: the shell's program on a screen in memory, another program as the face, and the
//! services by their contracts.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A test ends at the first surprise.

mod bus;
mod common;

use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use api::call::papers::{self, Print, Received, Shown, Status as PapersStatus};
use api::call::{self, CallState};
use api::print::{self, Call, Reply};
use api::session::{Kind, SessionState, document};
use api::trust::TrustState;
use bus::Bus;
use common::{after, application, open, page_picture, runtime, session, way};
use compositor::{Compositor, Rank, Rules, Screen as Output, Settings};
use shell::canvas::Canvas;
use shell::event::{Action, Effect, Event, Papers};
use shell::node::Pixels;
use shell::runtime::Runtime;
use shell::state::papers::Drawn;
use zbus::blocking::Connection;

const WIDTH: u16 = 1280;
const HEIGHT: u16 = 800;
const DEADLINE: Duration = Duration::from_mins(1);

/// A process that ends with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A visitor who talks to somebody.
struct Services {
    papers: papers::Publisher,
    _connections: Vec<Connection>,
}

fn services(bus: &Bus) -> Services {
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
    let talks = call::Status {
        state: CallState::Talking,
        department: common::site().departments[0].id.clone(),
        ..call::Status::default()
    };
    let [trust, visit, calls, printing] = [(); 4].map(|()| bus.connect());
    api::trust::serve(&trust, open).unwrap();
    trust.request_name(api::trust::BUS_NAME).unwrap();
    api::session::serve(&visit, active).unwrap();
    visit.request_name(api::session::BUS_NAME).unwrap();
    let (_, draws) = print::serve(&printing).unwrap();
    printing.request_name(print::BUS_NAME).unwrap();
    let (papers, opens) = papers::serve(&calls).unwrap();
    call::serve(&calls, talks).unwrap();
    calls.request_name(call::BUS_NAME).unwrap();
    std::thread::spawn(move || {
        while let Ok(request) = opens.recv_blocking() {
            let content = document::seal(b"%PDF-1.7").unwrap();
            request.answer.send(Ok(papers::Reply::Opened(content)));
        }
    });
    std::thread::spawn(move || {
        while let Ok(request) = draws.recv_blocking() {
            assert!(matches!(request.call, Call::Draw(_)), "{:?}", request.call);
            let picture = document::seal(&page_picture().encode_png().unwrap()).unwrap();
            request.answer.send(Ok(Reply::Drawn(picture, 3)));
        }
    });
    Services {
        papers,
        _connections: vec![trust, visit, calls, printing],
    }
}

/// The device, and one that is told what it has to show.
struct Device {
    compositor: Compositor,
    expected: Runtime,
    services: Services,
    _programs: [Running; 2],
    _bus: Bus,
    _root: tempfile::TempDir,
}

impl Device {
    fn new() -> Self {
        let screen = Output::Memory {
            width: WIDTH,
            height: HEIGHT,
        };
        let compositor = Compositor::new(screen, Settings::default(), Rules::kiosk()).unwrap();
        let root = tempfile::tempdir().unwrap();
        for (name, rank) in [("shell", Rank::Shell), ("face", Rank::Application)] {
            let socket = UnixListener::bind(root.path().join(name)).unwrap();
            compositor.listen(socket, rank).unwrap();
        }
        let bus = Bus::start();
        let services = services(&bus);
        let site = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../recipes/site");
        let shell = Command::new(env!("CARGO_BIN_EXE_shell"))
            .arg("--site")
            .arg(site.join("site.toml"))
            .arg("--procedures")
            .arg(site.join("procedures.xml"))
            .args(["--site-store", "/nonexistent", "--braille", "/nonexistent"])
            .env("WAYLAND_DISPLAY", root.path().join("shell"))
            .env("DBUS_SYSTEM_BUS_ADDRESS", &bus.address)
            .spawn()
            .unwrap();
        let face = Command::new("foot")
            .args(["--config", "/dev/null", "--", "sleep", "600"])
            .env("WAYLAND_DISPLAY", root.path().join("face"))
            .env("XDG_RUNTIME_DIR", root.path())
            .env("HOME", root.path())
            .env("LC_ALL", "C.UTF-8")
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // The screen in memory has four pixels a millimetre.
        let mm = Some((f32::from(WIDTH) / 4.0, f32::from(HEIGHT) / 4.0));
        let canvas = Canvas::new(WIDTH.into(), HEIGHT.into(), mm);
        let talks = [
            session(SessionState::Active, None, 0),
            common::call(CallState::Talking, None),
            application(),
        ];
        let talks = after(way(open(), &[Action::Begin]), talks);
        Self {
            compositor,
            expected: runtime(talks, canvas),
            services,
            _programs: [Running(shell), Running(face)],
            _bus: bus,
            _root: root,
        }
    }

    /// The desk shows this page, or none.
    fn show(&mut self, page: u32) {
        let status = PapersStatus {
            received: vec![Received {
                id: 1,
                kind: Kind::Pdf,
                name: "Bescheid.pdf".into(),
                bytes: 8,
                had: 8,
                whole: true,
            }],
            shown: Shown {
                id: u32::from(page > 0),
                page,
            },
            print: Print::default(),
            ..PapersStatus::default()
        };
        self.services.papers.set(&status).unwrap();
        self.expected.handle(Event::Papers(Papers::Status(status)));
        self.expected.paint();
        for effect in self.expected.wishes() {
            if let Effect::Draw(wish) = effect {
                let drawn = Drawn {
                    pixels: Pixels(page_picture()),
                    pages: 3,
                };
                self.expected.handle(Event::Drawn(wish, Some(drawn)));
            }
        }
    }

    /// Waits until the screen shows what it has to around the frame, and the face from edge to edge in it. Gives the frame's width.
    fn until_shown(&mut self, what: &str) -> f32 {
        self.expected.paint();
        let frame = self.expected.scene().frame.unwrap();
        let start = Instant::now();
        while let Some(difference) = self.differs() {
            assert!(start.elapsed() < DEADLINE, "{what}: {difference}");
            let wait = Some(Duration::from_millis(5));
            self.compositor.turn(wait).unwrap();
        }
        frame.w
    }

    fn differs(&mut self) -> Option<String> {
        let Some(seen) = self.compositor.snapshot().unwrap() else {
            return Some("the screen is dark".to_owned());
        };
        let frame = self.expected.scene().frame.unwrap();
        let pixels = self.expected.pixels().unwrap();
        let wanted = |x: usize, y: usize| {
            let pixel = pixels.pixel(x as u32, y as u32).unwrap();
            [pixel.red(), pixel.green(), pixel.blue()]
        };
        let far = |a: [u8; 3], b: [u8; 3]| a.iter().zip(b).any(|(a, b)| a.abs_diff(b) > 24);
        // What is above tells the time.
        for y in (frame.y as usize..usize::from(HEIGHT)).step_by(3) {
            for x in (0..usize::from(WIDTH)).step_by(3) {
                let (is, ground) = (seen.pixel(x, y).unwrap(), wanted(x, y));
                if !frame.outset(1.0).contains(x as f32, y as f32) && far(is, ground) {
                    return Some(format!("at {x}, {y} is {is:?}, not {ground:?}"));
                }
            }
        }
        let (left, right) = (frame.x as usize + 4, frame.right() as usize - 4);
        let (top, bottom) = (frame.y as usize + 4, frame.bottom() as usize - 4);
        let bare = [(left, bottom), (right, top), (right, bottom)].into_iter();
        let mut bare = bare.filter(|(x, y)| !far(seen.pixel(*x, *y).unwrap(), wanted(*x, *y)));
        bare.next().map(|place| format!("no face at {place:?}"))
    }
}

/// Proves D3, T12: where a page is shown the face becomes narrower and the page stands beside it, never over it nor under it; without one
/// the face has all of its frame again.
#[test]
fn a_page_stands_beside_the_face() {
    let mut device = Device::new();
    let all = device.until_shown("the face");
    device.show(2);
    let some = device.until_shown("the page beside the face");
    assert!(some < all * 0.7, "{some} of {all}");
    device.show(0);
    let again = device.until_shown("the face alone");
    assert!((again - all).abs() < 1.0, "{again} of {all}");
}
