// SPDX-License-Identifier: EUPL-1.2
//! The client that every compositor shows: a window as large as the screen, which goes through the phases.
//!
//! What it says on standard output, a line each: `first-frame TIME`, then for each phase `begin 0` and `end FRAMES`.

use std::{
    io::ErrorKind,
    os::fd::AsFd,
    time::{Duration, Instant},
};

use clap::Args;
use miette::{IntoDiagnostic, Result, WrapErr, miette};
use rustix::{
    event::{PollFd, PollFlags, poll},
    fs::{MemfdFlags, ftruncate, memfd_create},
    io::pwrite,
    time::{ClockId, clock_gettime},
};
use wayland_client::{
    Connection, Dispatch, EventQueue, Proxy, QueueHandle,
    backend::WaylandError,
    delegate_noop, event_created_child,
    globals::{GlobalList, GlobalListContents, registry_queue_init},
    protocol::{
        wl_buffer::{self, WlBuffer},
        wl_callback::{self, WlCallback},
        wl_compositor::WlCompositor,
        wl_registry::{self, WlRegistry},
        wl_shm::{Format, WlShm},
        wl_shm_pool::WlShmPool,
        wl_surface::WlSurface,
    },
};
use wayland_protocols::xdg::shell::client::{
    xdg_surface::{self, XdgSurface},
    xdg_toplevel::{self, XdgToplevel},
    xdg_wm_base::{self, XdgWmBase},
};
use wayland_protocols_wlr::output_management::v1::client::{
    zwlr_output_configuration_head_v1::ZwlrOutputConfigurationHeadV1,
    zwlr_output_configuration_v1::{self, ZwlrOutputConfigurationV1},
    zwlr_output_head_v1::ZwlrOutputHeadV1,
    zwlr_output_manager_v1::{self, ZwlrOutputManagerV1},
    zwlr_output_mode_v1::ZwlrOutputModeV1,
};

/// The screen.
pub const SIZE: (i32, i32) = (1920, 1080);
/// Side of the square that changes in a slightly damaged frame.
const SLIGHT: i32 = 64;
/// How long a compositor may take to do anything.
const PATIENCE: Duration = Duration::from_secs(20);
/// So many pictures the client has, so that it never waits for one to be given back.
const BUFFERS: usize = 3;
const PIXEL: i32 = 4;

/// What the client does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Every frame is all new.
    Full,
    /// A small square of every frame is new.
    Slight,
    /// Nothing at all.
    Still,
}

/// All phases in order.
pub const PHASES: [Phase; 3] = [Phase::Full, Phase::Slight, Phase::Still];

impl Phase {
    /// Its name in a report.
    pub fn name(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Slight => "slight",
            Self::Still => "still",
        }
    }
}

/// Options of the client.
#[derive(Debug, Args)]
pub struct Options {
    /// How long each phase is
    #[arg(long)]
    seconds: u64,
}

/// Nanoseconds of the clock that all processes share.
pub fn now() -> u64 {
    let time = clock_gettime(ClockId::Monotonic);
    time.tv_sec.unsigned_abs() * 1_000_000_000 + time.tv_nsec.unsigned_abs()
}

/// Connects to the compositor of the environment and goes through the phases.
pub fn run(options: &Options) -> Result<()> {
    let mut client = Client::connect()?;
    client.frame(Phase::Full)?;
    client.until("the first frame", |state| !state.waiting)?;
    println!("first-frame {}", now());
    client.fit_screen()?;
    let seconds = Duration::from_secs(options.seconds);
    for phase in PHASES {
        // What a change of phase costs belongs to none.
        client.go_on(phase, Duration::from_secs(1))?;
        println!("begin 0");
        let frames = client.go_on(phase, seconds)?;
        println!("end {frames}");
    }
    Ok(())
}

#[derive(Debug, Default)]
struct State {
    size: (i32, i32),
    configured: Option<u32>,
    waiting: bool,
    in_use: [bool; BUFFERS],
    heads: Vec<ZwlrOutputHeadV1>,
    heads_known: Option<u32>,
    screen_set: Option<bool>,
}

struct Client {
    connection: Connection,
    queue: EventQueue<State>,
    globals: GlobalList,
    state: State,
    shm: WlShm,
    surface: WlSurface,
    role: XdgSurface,
    buffers: Vec<WlBuffer>,
    size: (i32, i32),
}

impl Client {
    /// A window that has its first size.
    fn connect() -> Result<Self> {
        let connection = connect()?;
        let (globals, queue) = registry_queue_init::<State>(&connection).into_diagnostic()?;
        let handle = queue.handle();
        let compositor: WlCompositor = globals.bind(&handle, 4..=4, ()).into_diagnostic()?;
        let base: XdgWmBase = globals.bind(&handle, 1..=1, ()).into_diagnostic()?;
        let shm = globals.bind(&handle, 1..=1, ()).into_diagnostic()?;
        let surface = compositor.create_surface(&handle, ());
        let role = base.get_xdg_surface(&surface, &handle, ());
        let window = role.get_toplevel(&handle, ());
        window.set_fullscreen(None);
        surface.commit();
        let mut client = Self {
            connection,
            queue,
            globals,
            state: State::default(),
            shm,
            surface,
            role,
            buffers: Vec::new(),
            size: (0, 0),
        };
        client.until("the first size", |state| state.configured.is_some())?;
        Ok(client)
    }

    /// Asks a compositor that begins with another screen for ours.
    fn fit_screen(&mut self) -> Result<()> {
        if self.state.size == SIZE {
            return Ok(());
        }
        let handle = self.queue.handle();
        let manager: ZwlrOutputManagerV1 = self
            .globals
            .bind(&handle, 1..=1, ())
            .into_diagnostic()
            .wrap_err_with(|| format!("the screen has {:?} pixels", self.state.size))?;
        self.until("the screens", |state| state.heads_known.is_some())?;
        let serial = self.state.heads_known.unwrap_or_default();
        let set = manager.create_configuration(serial, &handle, ());
        for head in &self.state.heads {
            let (width, height) = SIZE;
            set.enable_head(head, &handle, ())
                .set_custom_mode(width, height, 0);
        }
        set.apply();
        self.until("the screen's change", |state| state.screen_set.is_some())?;
        if self.state.screen_set != Some(true) {
            return Err(miette!("the compositor keeps its screen"));
        }
        self.until("the size of the screen", |state| state.size == SIZE)
    }

    /// Draws frame after frame for so long; returns how many were shown.
    fn go_on(&mut self, phase: Phase, how_long: Duration) -> Result<u64> {
        let end = Instant::now() + how_long;
        let mut frames = 0;
        loop {
            if phase != Phase::Still && !self.state.waiting {
                frames += u64::from(self.frame(phase)?);
            }
            let rest = end.saturating_duration_since(Instant::now());
            if rest.is_zero() {
                return Ok(frames);
            }
            self.read(rest)?;
        }
    }

    /// Hands a picture over and asks to be told when it is seen; false while none is free.
    fn frame(&mut self, phase: Phase) -> Result<bool> {
        if self.size != self.state.size {
            self.size = self.state.size;
            self.make_buffers()?;
        }
        let free = self.state.in_use.iter().position(|in_use| !in_use);
        let Some(free) = free else {
            return Ok(false);
        };
        if let Some(serial) = self.state.configured.take() {
            self.role.ack_configure(serial);
        }
        let (width, height) = match phase {
            Phase::Full => self.size,
            Phase::Slight | Phase::Still => (SLIGHT, SLIGHT),
        };
        self.surface.attach(Some(&self.buffers[free]), 0, 0);
        self.surface.damage_buffer(0, 0, width, height);
        self.surface.frame(&self.queue.handle(), ());
        self.surface.commit();
        self.state.in_use[free] = true;
        self.state.waiting = true;
        self.queue.flush().into_diagnostic()?;
        Ok(true)
    }

    /// Pictures of one grey each. Drawing them anew would take the machine's time and show the compositor nothing else.
    fn make_buffers(&mut self) -> Result<()> {
        let (width, height) = self.size;
        let bytes = width * height * PIXEL;
        for buffer in self.buffers.drain(..) {
            buffer.destroy();
        }
        self.state.in_use = [false; BUFFERS];
        let handle = self.queue.handle();
        for number in 0..BUFFERS {
            let memory = memfd_create("picture", MemfdFlags::CLOEXEC).into_diagnostic()?;
            ftruncate(&memory, u64::from(bytes.unsigned_abs())).into_diagnostic()?;
            let row = vec![0x40 + 0x10 * number as u8; (width * PIXEL) as usize];
            for y in 0..height {
                let offset = u64::from((y * width * PIXEL).unsigned_abs());
                pwrite(&memory, &row, offset).into_diagnostic()?;
            }
            let pool = self.shm.create_pool(memory.as_fd(), bytes, &handle, ());
            let stride = width * PIXEL;
            let buffer =
                pool.create_buffer(0, width, height, stride, Format::Xrgb8888, &handle, number);
            pool.destroy();
            self.buffers.push(buffer);
        }
        Ok(())
    }

    /// Reads events until something holds.
    fn until(&mut self, what: &str, holds: impl Fn(&State) -> bool) -> Result<()> {
        let end = Instant::now() + PATIENCE;
        while !holds(&self.state) {
            let rest = end.saturating_duration_since(Instant::now());
            if rest.is_zero() {
                return Err(miette!("{what} did not come"));
            }
            self.read(rest)?;
        }
        Ok(())
    }

    /// Handles what has come, or waits for it at most so long.
    fn read(&mut self, timeout: Duration) -> Result<()> {
        self.queue.flush().into_diagnostic()?;
        if self
            .queue
            .dispatch_pending(&mut self.state)
            .into_diagnostic()?
            > 0
        {
            return Ok(());
        }
        let Some(guard) = self.queue.prepare_read() else {
            return Ok(());
        };
        let timeout = timeout.try_into().into_diagnostic()?;
        let fd = self.connection.as_fd();
        if poll(&mut [PollFd::new(&fd, PollFlags::IN)], Some(&timeout)).into_diagnostic()? > 0 {
            match guard.read() {
                // Another kind of event has woken us.
                Err(WaylandError::Io(error)) if error.kind() == ErrorKind::WouldBlock => {}
                read => drop(read.into_diagnostic()?),
            }
            self.queue
                .dispatch_pending(&mut self.state)
                .into_diagnostic()?;
        }
        Ok(())
    }
}

/// A socket's file is there a moment before anybody listens on it.
fn connect() -> Result<Connection> {
    let end = Instant::now() + PATIENCE;
    loop {
        match Connection::connect_to_env() {
            Ok(connection) => return Ok(connection),
            Err(_) if Instant::now() < end => std::thread::yield_now(),
            Err(error) => return Err(error).into_diagnostic(),
        }
    }
}

impl Dispatch<WlRegistry, GlobalListContents> for State {
    fn event(
        _: &mut Self,
        _: &WlRegistry,
        _: wl_registry::Event,
        _: &GlobalListContents,
        _: &Connection,
        _: &QueueHandle<Self>,
    ) {
    }
}

impl Dispatch<WlCallback, ()> for State {
    fn event(
        state: &mut Self,
        _: &WlCallback,
        _: wl_callback::Event,
        (): &(),
        _: &Connection,
        _: &QueueHandle<Self>,
    ) {
        state.waiting = false;
    }
}

impl Dispatch<WlBuffer, usize> for State {
    fn event(
        state: &mut Self,
        _: &WlBuffer,
        event: wl_buffer::Event,
        number: &usize,
        _: &Connection,
        _: &QueueHandle<Self>,
    ) {
        if let wl_buffer::Event::Release = event {
            state.in_use[*number] = false;
        }
    }
}

impl Dispatch<XdgWmBase, ()> for State {
    fn event(
        _: &mut Self,
        base: &XdgWmBase,
        event: xdg_wm_base::Event,
        (): &(),
        _: &Connection,
        _: &QueueHandle<Self>,
    ) {
        if let xdg_wm_base::Event::Ping { serial } = event {
            base.pong(serial);
        }
    }
}

impl Dispatch<XdgSurface, ()> for State {
    fn event(
        state: &mut Self,
        _: &XdgSurface,
        event: xdg_surface::Event,
        (): &(),
        _: &Connection,
        _: &QueueHandle<Self>,
    ) {
        if let xdg_surface::Event::Configure { serial } = event {
            state.configured = Some(serial);
        }
    }
}

impl Dispatch<XdgToplevel, ()> for State {
    fn event(
        state: &mut Self,
        _: &XdgToplevel,
        event: xdg_toplevel::Event,
        (): &(),
        _: &Connection,
        _: &QueueHandle<Self>,
    ) {
        if let xdg_toplevel::Event::Configure { width, height, .. } = event
            && width > 0
            && height > 0
        {
            state.size = (width, height);
        }
    }
}

impl Dispatch<ZwlrOutputManagerV1, ()> for State {
    fn event(
        state: &mut Self,
        _: &ZwlrOutputManagerV1,
        event: zwlr_output_manager_v1::Event,
        (): &(),
        _: &Connection,
        _: &QueueHandle<Self>,
    ) {
        match event {
            zwlr_output_manager_v1::Event::Head { head } => state.heads.push(head),
            zwlr_output_manager_v1::Event::Done { serial } => state.heads_known = Some(serial),
            _ => {}
        }
    }

    event_created_child!(State, ZwlrOutputManagerV1, [
        zwlr_output_manager_v1::EVT_HEAD_OPCODE => (ZwlrOutputHeadV1, ()),
    ]);
}

impl Dispatch<ZwlrOutputHeadV1, ()> for State {
    fn event(
        _: &mut Self,
        _: &ZwlrOutputHeadV1,
        _: <ZwlrOutputHeadV1 as Proxy>::Event,
        (): &(),
        _: &Connection,
        _: &QueueHandle<Self>,
    ) {
    }

    event_created_child!(State, ZwlrOutputHeadV1, [
        wayland_protocols_wlr::output_management::v1::client::zwlr_output_head_v1::EVT_MODE_OPCODE
            => (ZwlrOutputModeV1, ()),
    ]);
}

impl Dispatch<ZwlrOutputConfigurationV1, ()> for State {
    fn event(
        state: &mut Self,
        _: &ZwlrOutputConfigurationV1,
        event: zwlr_output_configuration_v1::Event,
        (): &(),
        _: &Connection,
        _: &QueueHandle<Self>,
    ) {
        state.screen_set = Some(matches!(
            event,
            zwlr_output_configuration_v1::Event::Succeeded
        ));
    }
}

delegate_noop!(State: ignore WlCompositor);
delegate_noop!(State: ignore WlSurface);
delegate_noop!(State: ignore WlShm);
delegate_noop!(State: ignore WlShmPool);
delegate_noop!(State: ignore ZwlrOutputModeV1);
delegate_noop!(State: ignore ZwlrOutputConfigurationHeadV1);
