// SPDX-License-Identifier: EUPL-1.2
//! The C interface that the suite calls.

use std::{
    io,
    os::{
        fd::{AsRawFd, OwnedFd},
        unix::net::UnixStream,
    },
    sync::{Arc, LazyLock},
    time::Instant,
};

use compositor::{Input, Share};
use wayland_sys::client::{wl_display, wl_display_get_fd, wl_proxy, wl_proxy_get_id};
use wlcs::{
    Pointer, Touch, Wlcs, extension_list,
    ffi_display_server_api::{
        WlcsExtensionDescriptor, WlcsIntegrationDescriptor, WlcsServerIntegration,
    },
    ffi_wrappers::wlcs_server,
    wlcs_server_integration,
};

use crate::server::{Order, SIDE, Server};

/// The variable that lets clients attach buffers early.
pub const EARLY_BUFFERS: &str = "WLCS_EARLY_BUFFERS";

/// What the compositor offers: a test that needs something else is skipped, one that needs this and does not find it fails.
static EXTENSIONS: &[WlcsExtensionDescriptor] = extension_list!(
    ("wl_compositor", 6),
    ("wl_subcompositor", 1),
    ("wl_shm", 1),
    ("wl_seat", 9),
    ("wl_output", 4),
    ("xdg_wm_base", 6),
    ("ext_foreign_toplevel_list_v1", 1),
    ("wl_data_device_manager", 3),
    ("zwlr_layer_shell_v1", 4),
    ("zwp_input_method_manager_v2", 1),
    ("zwp_text_input_manager_v3", 1),
    ("zxdg_output_manager_v1", 3),
);

static DESCRIPTOR: WlcsIntegrationDescriptor = WlcsIntegrationDescriptor {
    version: 1,
    num_extensions: EXTENSIONS.len(),
    supported_extensions: EXTENSIONS.as_ptr(),
};

wlcs_server_integration!(Integration);

/// Milliseconds since the first event.
fn now() -> u32 {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    u32::try_from(START.elapsed().as_millis()).unwrap_or(u32::MAX)
}

fn share(x: f64, y: f64) -> Share {
    Share {
        x: x / f64::from(SIDE),
        y: y / f64::from(SIDE),
    }
}

/// A 24.8 fixed point number.
fn fixed(number: i32) -> f64 {
    f64::from(number) / 256.0
}

/// One test's server.
#[derive(Debug, Default)]
pub struct Integration {
    server: Option<Arc<Server>>,
}

impl Integration {
    fn inject(server: &Server, inputs: &[Input]) {
        server.order(Order::Inject(inputs.to_vec()));
    }
}

impl Wlcs for Integration {
    type Pointer = Mouse;
    type Touch = Finger;

    fn new() -> Self {
        Self::default()
    }

    fn start(&mut self) {
        let early_buffers = std::env::var_os(EARLY_BUFFERS).is_some();
        self.server = Server::start(early_buffers).map(Arc::new);
    }

    fn stop(&mut self) {
        self.server = None;
    }

    fn create_client_socket(&self) -> io::Result<OwnedFd> {
        let server = self.server.as_ref().ok_or(io::ErrorKind::NotConnected)?;
        let (theirs, ours) = UnixStream::pair()?;
        server.order(Order::Connect(ours, theirs.as_raw_fd()));
        Ok(theirs.into())
    }

    fn position_window_absolute(
        &self,
        display: *mut wl_display,
        surface: *mut wl_proxy,
        x: i32,
        y: i32,
    ) {
        // SAFETY: the suite passes a display and a proxy of libwayland-client that live during the call, and these two
        // functions only read them.
        #[allow(unsafe_code)]
        let (client, surface) = unsafe { (wl_display_get_fd(display), wl_proxy_get_id(surface)) };
        if let Some(server) = &self.server {
            server.order(Order::Place {
                client,
                surface,
                x,
                y,
            });
        }
    }

    fn create_pointer(&mut self) -> Option<Mouse> {
        self.server.clone().map(Mouse)
    }

    fn create_touch(&mut self) -> Option<Finger> {
        self.server.clone().map(Finger)
    }

    fn get_descriptor(&self) -> &WlcsIntegrationDescriptor {
        &DESCRIPTOR
    }
}

/// A pointer of a test.
#[derive(Debug)]
pub struct Mouse(Arc<Server>);

impl Mouse {
    fn button(&self, button: i32, pressed: bool) {
        let event = Input::Button {
            button: button.cast_unsigned(),
            pressed,
            time: now(),
        };
        Integration::inject(&self.0, &[event]);
    }
}

impl Pointer for Mouse {
    fn move_absolute(&mut self, x: i32, y: i32) {
        let at = share(fixed(x), fixed(y));
        Integration::inject(&self.0, &[Input::PointerAt { at, time: now() }]);
    }

    fn move_relative(&mut self, dx: i32, dy: i32) {
        let event = Input::PointerBy {
            dx: fixed(dx),
            dy: fixed(dy),
            time: now(),
        };
        Integration::inject(&self.0, &[event]);
    }

    fn button_up(&mut self, button: i32) {
        self.button(button, false);
    }

    fn button_down(&mut self, button: i32) {
        self.button(button, true);
    }
}

/// A finger of a test. The suite passes whole pixels, whatever the type in its header says.
#[derive(Debug)]
pub struct Finger(Arc<Server>);

impl Touch for Finger {
    fn touch_down(&mut self, x: i32, y: i32) {
        let event = Input::TouchDown {
            slot: 0,
            at: share(f64::from(x), f64::from(y)),
            time: now(),
        };
        Integration::inject(&self.0, &[event, Input::TouchFrame]);
    }

    fn touch_move(&mut self, x: i32, y: i32) {
        let event = Input::TouchMotion {
            slot: 0,
            at: share(f64::from(x), f64::from(y)),
            time: now(),
        };
        Integration::inject(&self.0, &[event, Input::TouchFrame]);
    }

    fn touch_up(&mut self) {
        let event = Input::TouchUp {
            slot: 0,
            time: now(),
        };
        Integration::inject(&self.0, &[event, Input::TouchFrame]);
    }
}
