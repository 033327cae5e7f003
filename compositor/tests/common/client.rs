// SPDX-License-Identifier: EUPL-1.2
//! A small real Wayland client that notes what it hears.

use std::{
    fs::File,
    io::Write,
    os::{
        fd::AsFd,
        unix::{fs::FileExt, net::UnixStream},
    },
};

use wayland_client::{
    Connection, Dispatch, EventQueue, Proxy, QueueHandle, WEnum, delegate_noop,
    globals::GlobalListContents,
    protocol::{
        wl_buffer::WlBuffer,
        wl_callback::{self, WlCallback},
        wl_compositor::WlCompositor,
        wl_data_device::{self, WlDataDevice},
        wl_data_device_manager::WlDataDeviceManager,
        wl_data_offer::WlDataOffer,
        wl_data_source::WlDataSource,
        wl_keyboard::{self, WlKeyboard},
        wl_output::{self, WlOutput},
        wl_pointer::{self, WlPointer},
        wl_region::WlRegion,
        wl_registry::{self, WlRegistry},
        wl_seat::WlSeat,
        wl_shm::{Format, WlShm},
        wl_shm_pool::WlShmPool,
        wl_subcompositor::WlSubcompositor,
        wl_subsurface::WlSubsurface,
        wl_surface::WlSurface,
        wl_touch::{self, WlTouch},
    },
};
use wayland_protocols::{
    ext::{
        foreign_toplevel_list::v1::client::{
            ext_foreign_toplevel_handle_v1::{self, ExtForeignToplevelHandleV1},
            ext_foreign_toplevel_list_v1::{self, ExtForeignToplevelListV1},
        },
        idle_notify::v1::client::{
            ext_idle_notification_v1::{self, ExtIdleNotificationV1},
            ext_idle_notifier_v1::ExtIdleNotifierV1,
        },
        session_lock::v1::client::{
            ext_session_lock_manager_v1::ExtSessionLockManagerV1,
            ext_session_lock_v1::{self, ExtSessionLockV1},
        },
    },
    wp::presentation_time::client::{
        wp_presentation::WpPresentation,
        wp_presentation_feedback::{self, WpPresentationFeedback},
    },
    wp::viewporter::client::{wp_viewport::WpViewport, wp_viewporter::WpViewporter},
    xdg::shell::client::{
        xdg_popup::XdgPopup,
        xdg_positioner::XdgPositioner,
        xdg_surface::{self, XdgSurface},
        xdg_toplevel::{self, XdgToplevel},
        xdg_wm_base::{self, XdgWmBase},
    },
};

use wayland_protocols_wlr::layer_shell::v1::client::{
    zwlr_layer_shell_v1::ZwlrLayerShellV1,
    zwlr_layer_surface_v1::{self, ZwlrLayerSurfaceV1},
};

use super::{
    heads::Heads,
    typing::{Field, Method},
};

/// The text of a key map, which nobody wants to read in a failure.
#[derive(Clone, PartialEq)]
pub struct Keymap(pub String);

impl std::fmt::Debug for Keymap {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{} characters", self.0.len())
    }
}

/// What a client has heard.
#[derive(Debug, Default)]
#[allow(clippy::struct_excessive_bools)]
pub struct Seen {
    pub globals: Vec<(u32, String, u32)>,
    pub synced: u32,
    pub disconnected: bool,
    pub size: (i32, i32),
    pub states: Vec<u8>,
    pub configured: Option<u32>,
    pub mode: Option<(i32, i32)>,
    pub millimetres: Option<(i32, i32)>,
    pub keyboard_focus: bool,
    pub keys: Vec<(u32, bool)>,
    pub modifiers: Vec<u32>,
    /// The texts of the key maps.
    pub keymaps: Vec<Keymap>,
    pub touches: Vec<(f64, f64)>,
    pub lifted: usize,
    pub cancelled: usize,
    pub pointer: Option<(f64, f64)>,
    pub buttons: Vec<u32>,
    pub frames: u32,
    pub presented: u32,
    pub discarded: u32,
    /// Does not answer pings.
    pub silent: bool,
    pub layer_size: Option<(u32, u32)>,
    /// What the shell hears of applications: their titles, and how many have gone.
    pub titles: Vec<String>,
    pub closed: usize,
    pub offers: usize,
    pub selections: Vec<bool>,
    pub locked: bool,
    pub idled: bool,
    pub field: Field,
    pub method: Method,
    pub heads: Heads,
}

pub struct Client {
    pub connection: Connection,
    pub queue: EventQueue<Seen>,
    pub seen: Seen,
    pub registry: WlRegistry,
    pub surface: Option<WlSurface>,
    pub role: Option<(XdgSurface, XdgToplevel)>,
    memory: Vec<File>,
    asked: u32,
}

impl Client {
    pub fn new(stream: UnixStream) -> Self {
        stream.set_nonblocking(true).unwrap();
        let connection = Connection::from_socket(stream).unwrap();
        let queue = connection.new_event_queue();
        let registry = connection.display().get_registry(&queue.handle(), ());
        let mut client = Self {
            connection,
            queue,
            seen: Seen::default(),
            registry,
            surface: None,
            role: None,
            memory: Vec::new(),
            asked: 0,
        };
        client.sync();
        client
    }

    pub fn handle(&self) -> QueueHandle<Seen> {
        self.queue.handle()
    }

    /// Sends what is to be sent and handles what has come, without waiting.
    pub fn step(&mut self) {
        let mut ok = self.queue.flush().is_ok();
        if let Some(guard) = self.queue.prepare_read() {
            match guard.read() {
                Err(wayland_client::backend::WaylandError::Io(error))
                    if error.kind() == std::io::ErrorKind::WouldBlock => {}
                read => ok &= read.is_ok(),
            }
        }
        ok &= self.queue.dispatch_pending(&mut self.seen).is_ok();
        self.seen.disconnected |= !ok;
    }

    /// Asks for an answer to everything sent so far; returns the number it will have.
    pub fn sync(&mut self) -> u32 {
        self.asked += 1;
        self.connection.display().sync(&self.handle(), self.asked);
        self.asked
    }

    pub fn globals_are_known(&self) -> bool {
        self.seen.synced >= 1
    }

    pub fn offers(&self, interface: &str) -> bool {
        self.seen
            .globals
            .iter()
            .any(|(_, name, _)| name == interface)
    }

    pub fn bind<I: Proxy + 'static>(&self) -> I
    where
        Seen: Dispatch<I, ()>,
    {
        let name = I::interface().name;
        let (number, _, version) = self
            .seen
            .globals
            .iter()
            .find(|(_, found, _)| found == name)
            .unwrap();
        self.registry.bind(
            *number,
            (*version).min(I::interface().version),
            &self.handle(),
            (),
        )
    }

    /// Binds what another client has been offered by this number.
    pub fn guess<I: Proxy + 'static>(&self, number: u32) -> I
    where
        Seen: Dispatch<I, ()>,
    {
        self.registry.bind(number, 1, &self.handle(), ())
    }

    /// Binds all that a shell needs and makes a window without a picture.
    pub fn make_window(&mut self) {
        let handle = self.handle();
        let seat: WlSeat = self.bind();
        seat.get_keyboard(&handle, ());
        seat.get_touch(&handle, ());
        seat.get_pointer(&handle, ());
        if self.offers("wl_output") {
            let _: WlOutput = self.bind();
        }
        let surface = self.bind::<WlCompositor>().create_surface(&handle, ());
        let xdg_surface = self
            .bind::<XdgWmBase>()
            .get_xdg_surface(&surface, &handle, ());
        let toplevel = xdg_surface.get_toplevel(&handle, ());
        surface.commit();
        self.surface = Some(surface);
        self.role = Some((xdg_surface, toplevel));
    }

    /// Fills the window, in the size it was told, with one colour.
    pub fn paint(&mut self, colour: [u8; 3]) {
        let (width, height) = self.seen.size;
        let buffer = self.buffer(width, height, |_, _| colour);
        self.show(&buffer, (width, height));
    }

    /// Shows a buffer and asks to be told when it is seen.
    pub fn show(&mut self, buffer: &WlBuffer, (width, height): (i32, i32)) {
        let handle = self.handle();
        let surface = self.surface.clone().unwrap();
        if let (Some((xdg_surface, _)), Some(serial)) = (&self.role, self.seen.configured.take()) {
            xdg_surface.ack_configure(serial);
        }
        surface.attach(Some(buffer), 0, 0);
        surface.damage_buffer(0, 0, width, height);
        surface.frame(&handle, ());
        self.bind::<WpPresentation>()
            .feedback(&surface, &handle, ());
        surface.commit();
    }

    pub fn buffer(
        &mut self,
        width: i32,
        height: i32,
        colour: impl Fn(i32, i32) -> [u8; 3],
    ) -> WlBuffer {
        let mut pixels = Vec::new();
        for y in 0..height {
            for x in 0..width {
                let [red, green, blue] = colour(x, y);
                pixels.extend([blue, green, red, 0xff]);
            }
        }
        let pool = self.pool(&pixels);
        pool.create_buffer(
            0,
            width,
            height,
            width * 4,
            Format::Xrgb8888,
            &self.handle(),
            (),
        )
    }

    /// A pool of memory with this content; the file stays in reach as `last_memory`.
    pub fn pool(&mut self, content: &[u8]) -> WlShmPool {
        let mut memory = tempfile::tempfile().unwrap();
        memory.write_all(content).unwrap();
        let size = content.len().try_into().unwrap();
        let pool = self
            .bind::<WlShm>()
            .create_pool(memory.as_fd(), size, &self.handle(), ());
        self.memory.push(memory);
        pool
    }

    /// Closes this side's descriptors.
    pub fn forget_memory(&mut self) {
        self.memory.clear();
    }

    pub fn last_memory(&self) -> &File {
        self.memory.last().unwrap()
    }
}

impl Dispatch<WlRegistry, ()> for Seen {
    fn event(
        seen: &mut Self,
        _: &WlRegistry,
        event: wl_registry::Event,
        (): &(),
        _: &Connection,
        _: &QueueHandle<Self>,
    ) {
        if let wl_registry::Event::Global {
            name,
            interface,
            version,
        } = event
        {
            seen.globals.push((name, interface, version));
        }
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

impl Dispatch<WlCallback, u32> for Seen {
    fn event(
        seen: &mut Self,
        _: &WlCallback,
        _: wl_callback::Event,
        number: &u32,
        _: &Connection,
        _: &QueueHandle<Self>,
    ) {
        seen.synced = *number;
    }
}

impl Dispatch<WlCallback, ()> for Seen {
    fn event(
        seen: &mut Self,
        _: &WlCallback,
        _: wl_callback::Event,
        (): &(),
        _: &Connection,
        _: &QueueHandle<Self>,
    ) {
        seen.frames += 1;
    }
}

impl Dispatch<XdgToplevel, ()> for Seen {
    fn event(
        seen: &mut Self,
        _: &XdgToplevel,
        event: xdg_toplevel::Event,
        (): &(),
        _: &Connection,
        _: &QueueHandle<Self>,
    ) {
        if let xdg_toplevel::Event::Configure {
            width,
            height,
            states,
        } = event
        {
            seen.size = (width, height);
            seen.states = states;
        }
    }
}

impl Dispatch<XdgSurface, ()> for Seen {
    fn event(
        seen: &mut Self,
        _: &XdgSurface,
        event: xdg_surface::Event,
        (): &(),
        _: &Connection,
        _: &QueueHandle<Self>,
    ) {
        if let xdg_surface::Event::Configure { serial } = event {
            seen.configured = Some(serial);
        }
    }
}

impl Dispatch<XdgWmBase, ()> for Seen {
    fn event(
        seen: &mut Self,
        base: &XdgWmBase,
        event: xdg_wm_base::Event,
        (): &(),
        _: &Connection,
        _: &QueueHandle<Self>,
    ) {
        if let xdg_wm_base::Event::Ping { serial } = event
            && !seen.silent
        {
            base.pong(serial);
        }
    }
}

impl Dispatch<WlOutput, ()> for Seen {
    fn event(
        seen: &mut Self,
        _: &WlOutput,
        event: wl_output::Event,
        (): &(),
        _: &Connection,
        _: &QueueHandle<Self>,
    ) {
        match event {
            wl_output::Event::Mode { width, height, .. } => seen.mode = Some((width, height)),
            wl_output::Event::Geometry {
                physical_width,
                physical_height,
                ..
            } => {
                seen.millimetres = Some((physical_width, physical_height));
            }
            _ => {}
        }
    }
}

impl Dispatch<WlKeyboard, ()> for Seen {
    fn event(
        seen: &mut Self,
        _: &WlKeyboard,
        event: wl_keyboard::Event,
        (): &(),
        _: &Connection,
        _: &QueueHandle<Self>,
    ) {
        match event {
            wl_keyboard::Event::Enter { .. } => seen.keyboard_focus = true,
            wl_keyboard::Event::Leave { .. } => seen.keyboard_focus = false,
            wl_keyboard::Event::Key { key, state, .. } => {
                seen.keys
                    .push((key, state == WEnum::Value(wl_keyboard::KeyState::Pressed)));
            }
            wl_keyboard::Event::Keymap { fd, size, .. } => {
                let mut text = vec![0; size as usize];
                File::from(fd).read_exact_at(&mut text, 0).unwrap();
                seen.keymaps.push(Keymap(String::from_utf8(text).unwrap()));
            }
            wl_keyboard::Event::Modifiers { mods_depressed, .. } => {
                seen.modifiers.push(mods_depressed);
            }
            _ => {}
        }
    }
}

impl Dispatch<WlTouch, ()> for Seen {
    fn event(
        seen: &mut Self,
        _: &WlTouch,
        event: wl_touch::Event,
        (): &(),
        _: &Connection,
        _: &QueueHandle<Self>,
    ) {
        match event {
            wl_touch::Event::Down { x, y, .. } => seen.touches.push((x, y)),
            wl_touch::Event::Up { .. } => seen.lifted += 1,
            wl_touch::Event::Cancel => seen.cancelled += 1,
            _ => {}
        }
    }
}

impl Dispatch<WlPointer, ()> for Seen {
    fn event(
        seen: &mut Self,
        _: &WlPointer,
        event: wl_pointer::Event,
        (): &(),
        _: &Connection,
        _: &QueueHandle<Self>,
    ) {
        match event {
            wl_pointer::Event::Enter {
                surface_x,
                surface_y,
                ..
            }
            | wl_pointer::Event::Motion {
                surface_x,
                surface_y,
                ..
            } => {
                seen.pointer = Some((surface_x, surface_y));
            }
            wl_pointer::Event::Button { button, .. } => seen.buttons.push(button),
            _ => {}
        }
    }
}

impl Dispatch<WpPresentationFeedback, ()> for Seen {
    fn event(
        seen: &mut Self,
        _: &WpPresentationFeedback,
        event: wp_presentation_feedback::Event,
        (): &(),
        _: &Connection,
        _: &QueueHandle<Self>,
    ) {
        match event {
            wp_presentation_feedback::Event::Presented { .. } => seen.presented += 1,
            wp_presentation_feedback::Event::Discarded => seen.discarded += 1,
            _ => {}
        }
    }
}

impl Dispatch<ZwlrLayerSurfaceV1, ()> for Seen {
    fn event(
        seen: &mut Self,
        layer: &ZwlrLayerSurfaceV1,
        event: zwlr_layer_surface_v1::Event,
        (): &(),
        _: &Connection,
        _: &QueueHandle<Self>,
    ) {
        if let zwlr_layer_surface_v1::Event::Configure {
            serial,
            width,
            height,
        } = event
        {
            layer.ack_configure(serial);
            seen.layer_size = Some((width, height));
        }
    }
}

impl Dispatch<ExtForeignToplevelListV1, ()> for Seen {
    fn event(
        _: &mut Self,
        _: &ExtForeignToplevelListV1,
        _: ext_foreign_toplevel_list_v1::Event,
        (): &(),
        _: &Connection,
        _: &QueueHandle<Self>,
    ) {
    }

    wayland_client::event_created_child!(Seen, ExtForeignToplevelListV1, [
        ext_foreign_toplevel_list_v1::EVT_TOPLEVEL_OPCODE => (ExtForeignToplevelHandleV1, ()),
    ]);
}

impl Dispatch<ExtForeignToplevelHandleV1, ()> for Seen {
    fn event(
        seen: &mut Self,
        _: &ExtForeignToplevelHandleV1,
        event: ext_foreign_toplevel_handle_v1::Event,
        (): &(),
        _: &Connection,
        _: &QueueHandle<Self>,
    ) {
        match event {
            ext_foreign_toplevel_handle_v1::Event::Title { title } => seen.titles.push(title),
            ext_foreign_toplevel_handle_v1::Event::Closed => seen.closed += 1,
            _ => {}
        }
    }
}

impl Dispatch<WlDataDevice, ()> for Seen {
    fn event(
        seen: &mut Self,
        _: &WlDataDevice,
        event: wl_data_device::Event,
        (): &(),
        _: &Connection,
        _: &QueueHandle<Self>,
    ) {
        match event {
            wl_data_device::Event::DataOffer { .. } => seen.offers += 1,
            wl_data_device::Event::Selection { id } => seen.selections.push(id.is_some()),
            _ => {}
        }
    }

    wayland_client::event_created_child!(Seen, WlDataDevice, [
        wl_data_device::EVT_DATA_OFFER_OPCODE => (WlDataOffer, ()),
    ]);
}

impl Dispatch<ExtSessionLockV1, ()> for Seen {
    fn event(
        seen: &mut Self,
        _: &ExtSessionLockV1,
        event: ext_session_lock_v1::Event,
        (): &(),
        _: &Connection,
        _: &QueueHandle<Self>,
    ) {
        seen.locked |= matches!(event, ext_session_lock_v1::Event::Locked);
    }
}

impl Dispatch<ExtIdleNotificationV1, ()> for Seen {
    fn event(
        seen: &mut Self,
        _: &ExtIdleNotificationV1,
        event: ext_idle_notification_v1::Event,
        (): &(),
        _: &Connection,
        _: &QueueHandle<Self>,
    ) {
        seen.idled = matches!(event, ext_idle_notification_v1::Event::Idled);
    }
}

delegate_noop!(Seen: ignore ZwlrLayerShellV1);
delegate_noop!(Seen: ignore WlDataDeviceManager);
delegate_noop!(Seen: ignore WlDataSource);
delegate_noop!(Seen: ignore WlDataOffer);
delegate_noop!(Seen: ignore ExtSessionLockManagerV1);
delegate_noop!(Seen: ignore ExtIdleNotifierV1);
delegate_noop!(Seen: ignore WlCompositor);
delegate_noop!(Seen: ignore WlSurface);
delegate_noop!(Seen: ignore WlShm);
delegate_noop!(Seen: ignore WlShmPool);
delegate_noop!(Seen: ignore WlBuffer);
delegate_noop!(Seen: ignore WlSeat);
delegate_noop!(Seen: ignore WpPresentation);
delegate_noop!(Seen: ignore WlRegion);
delegate_noop!(Seen: ignore WlSubcompositor);
delegate_noop!(Seen: ignore WlSubsurface);
delegate_noop!(Seen: ignore XdgPositioner);
delegate_noop!(Seen: ignore XdgPopup);
delegate_noop!(Seen: ignore WpViewporter);
delegate_noop!(Seen: ignore WpViewport);
