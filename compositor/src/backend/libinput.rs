// SPDX-License-Identifier: EUPL-1.2
//! Real keyboards, mice and touch screens, by libinput and udev, opened and grabbed by ourselves.

use std::{
    cell::RefCell,
    fs::OpenOptions,
    os::{
        fd::{AsFd, OwnedFd},
        unix::fs::OpenOptionsExt,
    },
    path::Path,
    rc::Rc,
};

use smithay::{
    backend::{
        input::{
            AbsolutePositionEvent, Axis, ButtonState, Event, InputEvent, KeyState,
            KeyboardKeyEvent, PointerAxisEvent, PointerButtonEvent, PointerMotionEvent, TouchEvent,
        },
        libinput::LibinputInputBackend,
    },
    reexports::{
        calloop::LoopHandle,
        input::{Libinput, LibinputInterface},
    },
};

use site::Devices;

use super::{grab::grab, identity};
use crate::{
    Error,
    input::{Input, Share},
    state::Kiosk,
};

/// The one seat.
pub const SEAT: &str = "seat0";
/// Distance between evdev and XKB key codes.
const XKB_OFFSET: u32 = 8;
/// `O_ACCMODE` values of open(2), which libinput passes as a number.
const ACCESS_MODE: i32 = 0o3;

/// Opens the devices that the site allows, for us alone.
struct Exclusive(Rc<RefCell<Devices>>);

impl LibinputInterface for Exclusive {
    fn open_restricted(&mut self, path: &Path, flags: i32) -> Result<OwnedFd, i32> {
        let io_error = rustix::io::Errno::IO.raw_os_error();
        let device = OpenOptions::new()
            .read(true)
            .write(flags & ACCESS_MODE != 0)
            .custom_flags(flags & !ACCESS_MODE)
            .open(path)
            .map_err(|error| {
                tracing::error!(path = %path.display(), %error, "open the input device");
                error.raw_os_error().unwrap_or(io_error)
            })?;
        let identity = identity::of(&device).map_err(|error| {
            tracing::error!(path = %path.display(), %error, "input device refused: it does not say what it is");
            error.raw_os_error().unwrap_or(io_error)
        })?;
        if !self.0.borrow().allows_input(identity.bus, identity.id) {
            tracing::warn!(path = %path.display(), ?identity, "input device refused: the site does not allow it");
            return Err(rustix::io::Errno::ACCESS.raw_os_error());
        }
        // A device that others hear too would let keys through to the kernel's console.
        grab(device.as_fd()).map_err(|error| {
            tracing::error!(path = %path.display(), %error, "input device refused: it cannot be grabbed");
            error.raw_os_error().unwrap_or(io_error)
        })?;
        tracing::info!(path = %path.display(), "input device");
        Ok(device.into())
    }

    fn close_restricted(&mut self, device: OwnedFd) {
        drop(device);
    }
}

/// The devices that are heard.
pub struct Hearing {
    context: Libinput,
    allowed: Rc<RefCell<Devices>>,
}

impl std::fmt::Debug for Hearing {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_tuple("Hearing")
            .field(&self.allowed)
            .finish()
    }
}

impl Hearing {
    /// Closes all devices, and opens those that are allowed now.
    fn allow(&mut self, devices: Devices) {
        self.context.suspend();
        self.allowed.replace(devices);
        if self.context.resume().is_err() {
            tracing::error!("libinput: open the input devices again");
        }
    }
}

impl Kiosk {
    /// Hears other devices from now on. What is held is let go of: nobody hears its end any more.
    pub fn hear(&mut self, devices: &Devices) {
        if let Some(hearing) = &mut self.hearing {
            hearing.allow(devices.clone());
            self.release_keys();
            self.cancel_touches();
        }
    }
}

/// Begins to listen to the seat's devices, those that come later among them.
pub fn listen(events: &LoopHandle<'static, Kiosk>, devices: Devices) -> Result<Hearing, Error> {
    let allowed = Rc::new(RefCell::new(devices));
    let mut context = Libinput::new_with_udev(Exclusive(Rc::clone(&allowed)));
    context
        .udev_assign_seat(SEAT)
        .map_err(|()| Error::InputSeat(SEAT))?;
    events
        .insert_source(
            LibinputInputBackend::new(context.clone()),
            |event, (), kiosk| {
                if let Some(input) = translate(&event) {
                    kiosk.input(input);
                }
            },
        )
        .map_err(|error| Error::Loop(error.error))?;
    Ok(Hearing { context, allowed })
}

/// Brings an event to the plain form; `None` for what has no meaning here (gestures, tablets, switches).
fn translate(event: &InputEvent<LibinputInputBackend>) -> Option<Input> {
    Some(match event {
        InputEvent::Keyboard { event } => Input::Key {
            code: event.key_code().raw().checked_sub(XKB_OFFSET)?,
            pressed: event.state() == KeyState::Pressed,
            time: event.time_msec(),
        },
        InputEvent::TouchDown { event } => Input::TouchDown {
            slot: slot(event),
            at: share(event),
            time: event.time_msec(),
        },
        InputEvent::TouchMotion { event } => Input::TouchMotion {
            slot: slot(event),
            at: share(event),
            time: event.time_msec(),
        },
        InputEvent::TouchUp { event } => Input::TouchUp {
            slot: slot(event),
            time: event.time_msec(),
        },
        InputEvent::TouchFrame { .. } => Input::TouchFrame,
        InputEvent::TouchCancel { .. } => Input::TouchCancel,
        InputEvent::PointerMotionAbsolute { event } => Input::PointerAt {
            at: share(event),
            time: event.time_msec(),
        },
        InputEvent::PointerMotion { event } => Input::PointerBy {
            dx: event.delta_x(),
            dy: event.delta_y(),
            time: event.time_msec(),
        },
        InputEvent::PointerButton { event } => Input::Button {
            button: event.button_code(),
            pressed: event.state() == ButtonState::Pressed,
            time: event.time_msec(),
        },
        InputEvent::PointerAxis { event } => Input::Scroll {
            down: event.amount(Axis::Vertical)?,
            time: event.time_msec(),
        },
        _ => return None,
    })
}

fn slot(event: &impl TouchEvent<LibinputInputBackend>) -> u32 {
    // A device without slots has one finger.
    i32::from(event.slot()).try_into().unwrap_or(0)
}

fn share(event: &impl AbsolutePositionEvent<LibinputInputBackend>) -> Share {
    Share {
        x: event.x_transformed(1),
        y: event.y_transformed(1),
    }
}
