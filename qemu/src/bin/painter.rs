// SPDX-License-Identifier: EUPL-1.2
//! An application that paints in the memory of the GPU: a program that scenarios lay into a device with a signed add-on.
//!
//! It shows a window of [`FIRST`], at a touch one of [`SECOND`], and says on standard output, a line each with its own name before it,
//! what it was offered, what was taken and what was refused. Before, it asks for what no compositor should give.

use std::error::Error;
use std::fs::{self, File};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::MetadataExt;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;
use gbm::{BufferObjectFlags, Device, Format, Modifier};
use qemu::painter::{FIRST, SECOND};
use rustix::fs::{MemfdFlags, ftruncate, memfd_create};
use wayland_client::globals::{GlobalList, GlobalListContents, registry_queue_init};
use wayland_client::protocol::wl_buffer::{self, WlBuffer};
use wayland_client::protocol::wl_callback::{self, WlCallback};
use wayland_client::protocol::wl_compositor::WlCompositor;
use wayland_client::protocol::wl_registry::{self, WlRegistry};
use wayland_client::protocol::wl_seat::WlSeat;
use wayland_client::protocol::wl_surface::WlSurface;
use wayland_client::protocol::wl_touch::{self, WlTouch};
use wayland_client::{
    Connection, Dispatch, EventQueue, QueueHandle, delegate_noop, event_created_child,
};
use wayland_protocols::wp::linux_dmabuf::zv1::client::zwp_linux_buffer_params_v1::{
    self as params, Flags, ZwpLinuxBufferParamsV1,
};
use wayland_protocols::wp::linux_dmabuf::zv1::client::zwp_linux_dmabuf_feedback_v1::{
    self as feedback, ZwpLinuxDmabufFeedbackV1,
};
use wayland_protocols::wp::linux_dmabuf::zv1::client::zwp_linux_dmabuf_v1::ZwpLinuxDmabufV1;
use wayland_protocols::xdg::shell::client::xdg_surface::{self, XdgSurface};
use wayland_protocols::xdg::shell::client::xdg_toplevel::{self, XdgToplevel};
use wayland_protocols::xdg::shell::client::xdg_wm_base::{self, XdgWmBase};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// Where the nodes of graphics cards are.
const NODES: &str = "/dev/dri";
/// The window's size where the compositor leaves it to us.
const USUAL: (u32, u32) = (640, 400);
/// Bytes of a pixel.
const PIXEL: u32 = 4;
/// More buffers than anybody needs.
const TOO_MANY: usize = 1000;

/// Shows a window that is painted in the memory of the GPU.
#[derive(Debug, Parser)]
struct Args {
    /// The compositor's socket.
    socket: PathBuf,
}

fn main() -> ExitCode {
    match paint(&Args::parse().socket) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("painter: {error}");
            ExitCode::FAILURE
        }
    }
}

#[derive(Debug, Default)]
struct Seen {
    size: Option<(u32, u32)>,
    configured: Option<u32>,
    device: Option<u64>,
    feedback_done: bool,
    made: Option<std::result::Result<WlBuffer, ()>>,
    frames: u32,
    released: u32,
    touches: u32,
}

/// What a buffer is made of.
struct Memory {
    fd: OwnedFd,
    offset: u32,
    stride: u32,
    modifier: u64,
}

struct Painter {
    queue: EventQueue<Seen>,
    globals: GlobalList,
    seen: Seen,
    dmabuf: ZwpLinuxDmabufV1,
    size: (u32, u32),
}

fn paint(socket: &Path) -> Result<()> {
    let mut painter = Painter::connect(socket)?;
    let handle = painter.queue.handle();
    painter.dmabuf.get_default_feedback(&handle, ());
    painter.until(|seen| seen.feedback_done)?;
    let number = painter.seen.device.ok_or("no device was named")?;
    let node = node(number)?;
    println!("painter: paints by {}", node.display());
    let gpu = Device::new(File::options().read(true).write(true).open(node)?)?;

    ask_too_much(socket, &mut painter, &gpu)?;

    let compositor: WlCompositor = painter.globals.bind(&handle, 4..=4, ())?;
    let base: XdgWmBase = painter.globals.bind(&handle, 1..=1, ())?;
    let seat: WlSeat = painter.globals.bind(&handle, 1..=1, ())?;
    let _touch = seat.get_touch(&handle, ());
    let surface = compositor.create_surface(&handle, ());
    let role = base.get_xdg_surface(&surface, &handle, ());
    let window = role.get_toplevel(&handle, ());
    window.set_title("Painter".to_owned());
    surface.commit();
    painter.until(|seen| seen.configured.is_some())?;
    painter.size = painter.seen.size.unwrap_or(USUAL);
    let mut buffers = Vec::new();
    for colour in [FIRST, SECOND] {
        let buffer = painter.buffer(&fill(&gpu, painter.size, colour)?)?;
        buffers.push(buffer.ok_or("the GPU's memory is refused")?);
    }
    for (number, buffer) in (1..).zip(&buffers) {
        if let Some(serial) = painter.seen.configured.take() {
            role.ack_configure(serial);
        }
        surface.attach(Some(buffer), 0, 0);
        surface.damage_buffer(0, 0, i32::MAX, i32::MAX);
        surface.frame(&handle, ());
        surface.commit();
        painter.until(|seen| seen.frames == number)?;
        println!("painter: picture {number} is seen");
        painter.until(|seen| seen.touches == number)?;
    }
    painter.until(|seen| seen.released > 0)?;
    println!("painter: a picture is given back");
    painter.until(|_| false)
}

/// Asks for an empty picture, for one in the processor's memory, and for more than a client may have.
fn ask_too_much(socket: &Path, painter: &mut Painter, gpu: &Device<File>) -> Result<()> {
    let (width, height) = painter.size;
    let plain = memfd_create("plain", MemfdFlags::CLOEXEC)?;
    ftruncate(&plain, u64::from(width * height * PIXEL))?;
    let plain = Memory {
        fd: plain,
        offset: 0,
        stride: width * PIXEL,
        modifier: Modifier::Linear.into(),
    };
    let mut liar = Painter::connect(socket)?;
    liar.size = (width, 0);
    let ended = liar.buffer(&plain).is_err();
    println!(
        "painter: an empty picture {}",
        if ended {
            "ends the connection"
        } else {
            "is let pass"
        }
    );
    let taken = painter.buffer(&plain)?.is_some();
    println!(
        "painter: plain memory is {}",
        if taken { "taken" } else { "refused" }
    );

    let memory = fill(gpu, painter.size, FIRST)?;
    let mut many = Vec::new();
    while many.len() < TOO_MANY
        && let Some(buffer) = painter.buffer(&memory)?
    {
        many.push(buffer);
    }
    println!("painter: {} pictures are taken", many.len());
    many.iter().for_each(WlBuffer::destroy);
    Ok(())
}

/// The node of a device number.
fn node(number: u64) -> Result<PathBuf> {
    for entry in fs::read_dir(NODES)? {
        let path = entry?.path();
        if fs::metadata(&path)?.rdev() == number {
            return Ok(path);
        }
    }
    Err(format!("no node in {NODES} has the number {number}").into())
}

/// The GPU's memory in one colour.
fn fill(gpu: &Device<File>, (width, height): (u32, u32), colour: [u8; 3]) -> Result<Memory> {
    let mut object = gpu.create_buffer_object::<()>(
        width,
        height,
        Format::Xrgb8888,
        BufferObjectFlags::RENDERING | BufferObjectFlags::LINEAR,
    )?;
    let [red, green, blue] = colour;
    object.map_mut(0, 0, width, height, |mapped| {
        let stride = mapped.stride() as usize;
        for row in mapped.buffer_mut().chunks_mut(stride) {
            for pixel in row.chunks_exact_mut(PIXEL as usize) {
                pixel.copy_from_slice(&[blue, green, red, 0xff]);
            }
        }
    })?;
    Ok(Memory {
        fd: object.fd_for_plane(0)?,
        offset: object.offset(0),
        stride: object.stride_for_plane(0),
        modifier: object.modifier().into(),
    })
}

impl Painter {
    /// Connects to a compositor that takes buffers of a GPU's memory.
    fn connect(socket: &Path) -> Result<Self> {
        let connection = Connection::from_socket(UnixStream::connect(socket)?)?;
        let (globals, queue) = registry_queue_init::<Seen>(&connection)?;
        let dmabuf = globals.bind(&queue.handle(), 4..=5, ())?;
        Ok(Self {
            queue,
            globals,
            seen: Seen::default(),
            dmabuf,
            size: USUAL,
        })
    }

    /// Asks for a buffer of this memory; `None` if the compositor refuses.
    fn buffer(&mut self, memory: &Memory) -> Result<Option<WlBuffer>> {
        let handle = self.queue.handle();
        let made = self.dmabuf.create_params(&handle, ());
        let modifier = memory.modifier;
        let (high, low) = ((modifier >> 32) as u32, modifier as u32);
        made.add(
            memory.fd.as_fd(),
            0,
            memory.offset,
            memory.stride,
            high,
            low,
        );
        let (width, height) = (self.size.0.cast_signed(), self.size.1.cast_signed());
        made.create(width, height, Format::Xrgb8888 as u32, Flags::empty());
        self.until(|seen| seen.made.is_some())?;
        Ok(self.seen.made.take().and_then(std::result::Result::ok))
    }

    /// Handles what comes until something holds.
    fn until(&mut self, holds: impl Fn(&Seen) -> bool) -> Result<()> {
        while !holds(&self.seen) {
            self.queue.blocking_dispatch(&mut self.seen)?;
        }
        Ok(())
    }
}

impl Dispatch<WlRegistry, GlobalListContents> for Seen {
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

/// Handles the events of one kind of object.
macro_rules! on {
    ($object:ty, $event:path, |$seen:ident, $on:ident, $it:ident| $body:expr) => {
        impl Dispatch<$object, ()> for Seen {
            fn event(
                $seen: &mut Self,
                $on: &$object,
                $it: $event,
                (): &(),
                _: &Connection,
                _: &QueueHandle<Self>,
            ) {
                $body
            }
        }
    };
}

on!(WlCallback, wl_callback::Event, |seen, _callback, _event| {
    seen.frames += 1;
});
on!(WlBuffer, wl_buffer::Event, |seen, _buffer, _event| {
    seen.released += 1;
});
on!(WlTouch, wl_touch::Event, |seen, _touch, event| {
    if let wl_touch::Event::Down { .. } = event {
        seen.touches += 1;
    }
});
on!(XdgWmBase, xdg_wm_base::Event, |_seen, base, event| {
    if let xdg_wm_base::Event::Ping { serial } = event {
        base.pong(serial);
    }
});
on!(XdgSurface, xdg_surface::Event, |seen, _surface, event| {
    if let xdg_surface::Event::Configure { serial } = event {
        seen.configured = Some(serial);
    }
});
on!(XdgToplevel, xdg_toplevel::Event, |seen, _window, event| {
    if let xdg_toplevel::Event::Configure { width, height, .. } = event
        && let (Ok(width), Ok(height)) = (u32::try_from(width), u32::try_from(height))
        && width * height > 0
    {
        seen.size = Some((width, height));
    }
});
on!(
    ZwpLinuxDmabufFeedbackV1,
    feedback::Event,
    |seen, _feedback, event| match event {
        feedback::Event::MainDevice { device } => {
            seen.device = device.try_into().ok().map(u64::from_ne_bytes);
        }
        feedback::Event::Done => seen.feedback_done = true,
        _ => {}
    }
);

impl Dispatch<ZwpLinuxBufferParamsV1, ()> for Seen {
    fn event(
        seen: &mut Self,
        _: &ZwpLinuxBufferParamsV1,
        event: params::Event,
        (): &(),
        _: &Connection,
        _: &QueueHandle<Self>,
    ) {
        seen.made = match event {
            params::Event::Created { buffer } => Some(Ok(buffer)),
            _ => Some(Err(())),
        };
    }

    event_created_child!(Seen, ZwpLinuxBufferParamsV1, [
        params::EVT_CREATED_OPCODE => (WlBuffer, ()),
    ]);
}

delegate_noop!(Seen: ignore WlCompositor);
delegate_noop!(Seen: ignore WlSeat);
delegate_noop!(Seen: ignore WlSurface);
delegate_noop!(Seen: ignore ZwpLinuxDmabufV1);
