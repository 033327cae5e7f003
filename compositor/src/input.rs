// SPDX-License-Identifier: EUPL-1.2
//! From a device's event to what the client hears.
//!
//! Devices of every kind are first brought to [`Input`], a plain value, so that tests speak the same language as libinput.

use smithay::{
    backend::input::{Axis, AxisSource, ButtonState, KeyState, TouchSlot},
    input::{
        keyboard::FilterResult,
        pointer::{AxisFrame, ButtonEvent, MotionEvent},
        touch,
    },
    reexports::wayland_server::protocol::wl_surface::WlSurface,
    utils::{Logical, Point, SERIAL_COUNTER, Transform},
};

use crate::{
    pointer::clamp,
    policy::{KeyClass, classify, is_shells, leads_to_shell},
    state::Kiosk,
};

/// `BTN_LEFT`; no other button has a meaning.
const LEFT_BUTTON: u32 = 0x110;
/// Distance between evdev and XKB key codes.
const XKB_OFFSET: u32 = 8;

/// A place on the screen from (0, 0), top left, to (1, 1), bottom right.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Share {
    /// From the left.
    pub x: f64,
    /// From the top.
    pub y: f64,
}

/// One event of one device. Times are in milliseconds of the monotonic clock.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Input {
    /// A key by its evdev code.
    Key {
        /// `KEY_*`.
        code: u32,
        /// Down or up.
        pressed: bool,
        /// When.
        time: u32,
    },
    /// A finger comes down.
    TouchDown {
        /// Which finger.
        slot: u32,
        /// Where.
        at: Share,
        /// When.
        time: u32,
    },
    /// A finger moves.
    TouchMotion {
        /// Which finger.
        slot: u32,
        /// Where to.
        at: Share,
        /// When.
        time: u32,
    },
    /// A finger is lifted.
    TouchUp {
        /// Which finger.
        slot: u32,
        /// When.
        time: u32,
    },
    /// The touch events so far belong together.
    TouchFrame,
    /// The device takes the touches back.
    TouchCancel,
    /// An absolute pointer is somewhere.
    PointerAt {
        /// Where.
        at: Share,
        /// When.
        time: u32,
    },
    /// A mouse has moved by so many pixels.
    PointerBy {
        /// To the right.
        dx: f64,
        /// Downwards.
        dy: f64,
        /// When.
        time: u32,
    },
    /// A pointer's button.
    Button {
        /// `BTN_*`.
        button: u32,
        /// Down or up.
        pressed: bool,
        /// When.
        time: u32,
    },
    /// A wheel or two fingers on a pad: pixels downwards.
    Scroll {
        /// How far.
        down: f64,
        /// When.
        time: u32,
    },
}

/// Whether an input says that somebody is there: a mouse that trembles on a table does not, nor does a key that nobody hears of.
fn is_somebody(input: &Input) -> bool {
    match input {
        Input::PointerAt { .. } | Input::PointerBy { .. } => false,
        Input::Key { code, .. } => classify(*code) == KeyClass::Plain || leads_to_shell(*code),
        _ => true,
    }
}

impl Kiosk {
    /// Handles one event of a device.
    pub fn input(&mut self, input: Input) {
        if is_somebody(&input) {
            self.globals.idle_notifier.note_activity();
        }
        match input {
            Input::Key {
                code,
                pressed,
                time,
            } => {
                if leads_to_shell(code) {
                    if pressed {
                        self.turn_keyboard();
                    }
                    return;
                }
                if pressed && is_shells(code) {
                    self.give_shell_the_keyboard();
                }
                if self.gate.pass(code, pressed) {
                    self.send_key(code, pressed, time);
                    if let Some(target) = self.keyboard_target.clone() {
                        self.ask_whether_alive(&target);
                    }
                }
            }
            Input::TouchDown { slot, at, time } => {
                if self.pointer.hide() {
                    self.queue_redraw();
                }
                let location = self.place(at);
                let hit = self.surface_at(location);
                let on = hit.as_ref().map(|hit| hit.surface.clone());
                if !self.fingers.down(slot, location, on) {
                    return;
                }
                self.pressed(hit.as_ref());
                let focus = hit.map(|hit| (hit.surface, hit.begin));
                let event = touch::DownEvent {
                    slot: slot_of(slot),
                    location,
                    serial: SERIAL_COUNTER.next_serial(),
                    time,
                };
                self.devices.touch.clone().down(self, focus, &event);
            }
            Input::TouchMotion { slot, at, time } => {
                let location = self.place(at);
                if !self.fingers.motion(slot, location) {
                    return;
                }
                let event = touch::MotionEvent {
                    slot: slot_of(slot),
                    location,
                    time,
                };
                // A finger stays with the surface that it came down on.
                self.devices.touch.clone().motion(self, None, &event);
            }
            Input::TouchUp { slot, time } => {
                if !self.fingers.up(slot) {
                    return;
                }
                let event = touch::UpEvent {
                    slot: slot_of(slot),
                    serial: SERIAL_COUNTER.next_serial(),
                    time,
                };
                self.devices.touch.clone().up(self, &event);
            }
            Input::TouchFrame => self.devices.touch.clone().frame(self),
            Input::TouchCancel => self.cancel_touches(),
            Input::PointerAt { at, time } => {
                let location = self.place(at);
                self.move_pointer(location, time);
            }
            Input::PointerBy { dx, dy, time } => {
                let location = self.pointer.at() + Point::from((dx, dy));
                self.move_pointer(location, time);
            }
            Input::Button {
                button,
                pressed,
                time,
            } => self.send_button(button, pressed, time),
            Input::Scroll { down, time } => {
                let frame = AxisFrame::new(time)
                    .source(AxisSource::Continuous)
                    .value(Axis::Vertical, down);
                let pointer = self.devices.pointer.clone();
                pointer.axis(self, frame);
                pointer.frame(self);
            }
        }
    }

    /// Takes all touches back: the client acts on none of them.
    pub fn cancel_touches(&mut self) {
        let touch = self.devices.touch.clone();
        let time = self.clock.now().as_millis();
        let held = self.fingers.cancel();
        for (slot, location) in &held {
            let event = touch::MotionEvent {
                slot: slot_of(*slot),
                location: *location,
                time,
            };
            // smithay tells nobody of the end of a touch that is at rest since the last frame.
            touch.motion(self, None, &event);
        }
        if !held.is_empty() {
            touch.cancel(self);
        }
    }

    /// Releases every key the client holds for pressed; for keyboards that are unplugged or a client that is new.
    pub fn release_keys(&mut self) {
        let time = self.clock.now().as_millis();
        for code in self.gate.release_all() {
            self.send_key(code, false, time);
        }
    }

    fn send_key(&mut self, code: u32, pressed: bool, time: u32) {
        let state = if pressed {
            KeyState::Pressed
        } else {
            KeyState::Released
        };
        let serial = SERIAL_COUNTER.next_serial();
        let keyboard = self.devices.keyboard.clone();
        keyboard.input::<(), _>(
            self,
            (code + XKB_OFFSET).into(),
            state,
            serial,
            time,
            |_, _, _| FilterResult::Forward,
        );
    }

    fn send_button(&mut self, button: u32, pressed: bool, time: u32) {
        if button != LEFT_BUTTON {
            return;
        }
        if pressed {
            let hit = self.surface_at(self.pointer.at());
            self.pressed(hit.as_ref());
        }
        let state = if pressed {
            ButtonState::Pressed
        } else {
            ButtonState::Released
        };
        let event = ButtonEvent {
            serial: SERIAL_COUNTER.next_serial(),
            time,
            button,
            state,
        };
        let pointer = self.devices.pointer.clone();
        pointer.button(self, &event);
        pointer.frame(self);
    }

    fn move_pointer(&mut self, to: Point<f64, Logical>, time: u32) {
        self.pointer.show_at(to, self.size());
        self.queue_redraw();
        self.aim_pointer(time);
    }

    /// Tells the client where the pointer is; also after the picture under a resting pointer has changed.
    pub fn aim_pointer(&mut self, time: u32) {
        let location = self.pointer.at();
        let hit = self.surface_at(location);
        let focus = hit.map(|hit| (hit.surface, hit.begin));
        self.aim.clone_from(&focus);
        let event = MotionEvent {
            location,
            serial: SERIAL_COUNTER.next_serial(),
            time,
        };
        let pointer = self.devices.pointer.clone();
        pointer.motion(self, focus, &event);
        pointer.frame(self);
    }

    /// Where a share of the panel is on the screen as it is turned.
    fn place(&self, at: Share) -> Point<f64, Logical> {
        let size = self.size();
        let turned = self
            .lit
            .as_ref()
            .map_or(Transform::Normal, |lit| lit.output.current_transform());
        let panel = turned.transform_size(size).to_f64();
        let point = Point::from((at.x * panel.w, at.y * panel.h));
        let upright = turned.transform_point_in(point, &panel);
        clamp(upright, size)
    }

    /// Lifts the fingers that are down on a surface that is going away.
    pub fn lift_touches(&mut self, surface: &WlSurface) {
        let slots = self.fingers.on(surface);
        let time = self.clock.now().as_millis();
        for slot in &slots {
            self.input(Input::TouchUp { slot: *slot, time });
        }
        if !slots.is_empty() {
            self.input(Input::TouchFrame);
        }
    }
}

fn slot_of(slot: u32) -> TouchSlot {
    TouchSlot::from(Some(slot))
}
