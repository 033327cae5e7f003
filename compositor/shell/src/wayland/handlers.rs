// SPDX-License-Identifier: EUPL-1.2
//! What the compositor says, handed on to the loop.

use smithay_client_toolkit::compositor::CompositorHandler;
use smithay_client_toolkit::output::{OutputHandler, OutputState};
use smithay_client_toolkit::reexports::client::protocol::{
    wl_keyboard::WlKeyboard, wl_output, wl_output::WlOutput, wl_pointer::WlPointer,
    wl_seat::WlSeat, wl_surface::WlSurface, wl_touch::WlTouch,
};
use smithay_client_toolkit::reexports::client::{Connection, QueueHandle};
use smithay_client_toolkit::registry::{ProvidesRegistryState, RegistryState};
use smithay_client_toolkit::seat::keyboard::{
    KeyEvent, KeyboardHandler, Keysym, Modifiers, RawModifiers,
};
use smithay_client_toolkit::seat::pointer::{PointerEvent, PointerEventKind, PointerHandler};
use smithay_client_toolkit::seat::touch::TouchHandler;
use smithay_client_toolkit::seat::{Capability, SeatHandler, SeatState};
use smithay_client_toolkit::shell::wlr_layer::{
    LayerShellHandler, LayerSurface, LayerSurfaceConfigure,
};
use smithay_client_toolkit::shell::xdg::window::{Window, WindowConfigure, WindowHandler};
use smithay_client_toolkit::shm::{Shm, ShmHandler};
use smithay_client_toolkit::{delegate_registry, registry_handlers};

use super::keys;
use super::window::{App, RunError};
use crate::event::Event;
use crate::focus::Step;
use crate::press::{Finger, Motion};
use crate::runtime::Key;
use crate::state::Screen;

type Qh = QueueHandle<App>;

impl App {
    fn finger(&mut self, finger: Finger, motion: Motion) {
        let effects = self.runtime.finger(finger, motion);
        self.run(effects);
    }
}

impl CompositorHandler for App {
    fn scale_factor_changed(&mut self, _: &Connection, _: &Qh, _: &WlSurface, _: i32) {}
    fn transform_changed(
        &mut self,
        _: &Connection,
        _: &Qh,
        _: &WlSurface,
        _: wl_output::Transform,
    ) {
    }
    fn frame(&mut self, _: &Connection, _: &Qh, _: &WlSurface, _: u32) {
        self.shown();
    }
    fn surface_enter(&mut self, _: &Connection, _: &Qh, _: &WlSurface, _: &WlOutput) {}
    fn surface_leave(&mut self, _: &Connection, _: &Qh, _: &WlSurface, _: &WlOutput) {}
}

impl OutputHandler for App {
    fn output_state(&mut self) -> &mut OutputState {
        &mut self.outputs
    }
    fn new_output(&mut self, _: &Connection, _: &Qh, _: WlOutput) {
        self.fit();
    }
    fn update_output(&mut self, _: &Connection, _: &Qh, _: WlOutput) {
        self.fit();
    }
    fn output_destroyed(&mut self, _: &Connection, _: &Qh, _: WlOutput) {}
}

impl LayerShellHandler for App {
    fn closed(&mut self, _: &Connection, _: &Qh, _: &LayerSurface) {
        // Without it applications would have no frame.
        self.stop(RunError::Closed);
    }
    fn configure(
        &mut self,
        _: &Connection,
        _: &Qh,
        layer: &LayerSurface,
        _: LayerSurfaceConfigure,
        _: u32,
    ) {
        if let Some(frame) = &mut self.frame {
            frame.configure(layer);
        }
    }
}

impl WindowHandler for App {
    fn request_close(&mut self, _: &Connection, _: &Qh, _: &Window) {
        self.stop(RunError::Closed);
    }
    fn configure(
        &mut self,
        _: &Connection,
        _: &Qh,
        _: &Window,
        configure: WindowConfigure,
        _: u32,
    ) {
        let (width, height) = configure.new_size;
        self.size = Some((width.map_or(0, u32::from), height.map_or(0, u32::from)));
        self.fit();
    }
}

impl SeatHandler for App {
    fn seat_state(&mut self) -> &mut SeatState {
        &mut self.seats
    }
    fn new_seat(&mut self, _: &Connection, _: &Qh, _: WlSeat) {}
    fn new_capability(&mut self, _: &Connection, qh: &Qh, seat: WlSeat, capability: Capability) {
        let failed = match capability {
            Capability::Keyboard if self.keyboard.is_none() => self
                .seats
                .get_keyboard(qh, &seat, None)
                .map(|keyboard| self.keyboard = Some(keyboard))
                .err()
                .map(|e| e.to_string()),
            Capability::Pointer if self.pointer.is_none() => self
                .seats
                .get_pointer(qh, &seat)
                .map(|pointer| self.pointer = Some(pointer))
                .err()
                .map(|e| e.to_string()),
            Capability::Touch if self.touch.is_none() => self
                .seats
                .get_touch(qh, &seat)
                .map(|touch| self.touch = Some(touch))
                .err()
                .map(|e| e.to_string()),
            _ => None,
        };
        if let Some(error) = failed {
            tracing::warn!("cannot use the {capability}: {error}");
        }
    }
    fn remove_capability(&mut self, _: &Connection, _: &Qh, _: WlSeat, capability: Capability) {
        match capability {
            Capability::Keyboard => {
                if let Some(keyboard) = self.keyboard.take() {
                    keyboard.release();
                }
            }
            Capability::Pointer => {
                if let Some(pointer) = self.pointer.take() {
                    pointer.release();
                }
                self.finger(Finger::Pointer, Motion::Cancel);
            }
            Capability::Touch => {
                if let Some(touch) = self.touch.take() {
                    touch.release();
                }
            }
            _ => {}
        }
    }
    fn remove_seat(&mut self, _: &Connection, _: &Qh, _: WlSeat) {}
}

impl KeyboardHandler for App {
    fn enter(
        &mut self,
        _: &Connection,
        _: &Qh,
        _: &WlKeyboard,
        _: &WlSurface,
        _: u32,
        _: &[u32],
        _: &[Keysym],
    ) {
        // From an application one comes to something, and sees where one is.
        let screen = self.runtime.state().screen();
        if matches!(screen, Screen::Application | Screen::Call(_)) {
            let effects = self.runtime.key(Key::Step(Step::Next));
            self.run(effects);
        }
    }
    fn leave(&mut self, _: &Connection, _: &Qh, _: &WlKeyboard, _: &WlSurface, _: u32) {
        self.event(Event::Focus(None));
    }
    fn press_key(&mut self, _: &Connection, _: &Qh, _: &WlKeyboard, _: u32, event: KeyEvent) {
        if let Some(key) = keys::meaning(&event) {
            let effects = self.runtime.key(key);
            self.run(effects);
        }
    }
    fn repeat_key(&mut self, _: &Connection, _: &Qh, _: &WlKeyboard, _: u32, _: KeyEvent) {}
    fn release_key(&mut self, _: &Connection, _: &Qh, _: &WlKeyboard, _: u32, _: KeyEvent) {}
    fn update_modifiers(
        &mut self,
        _: &Connection,
        _: &Qh,
        _: &WlKeyboard,
        _: u32,
        _: Modifiers,
        _: RawModifiers,
        _: u32,
    ) {
    }
}

/// The left button of a mouse.
const LEFT: u32 = 0x110;

impl PointerHandler for App {
    fn pointer_frame(&mut self, _: &Connection, _: &Qh, _: &WlPointer, events: &[PointerEvent]) {
        for event in events {
            let (x, y) = (event.position.0 as f32, event.position.1 as f32);
            match event.kind {
                PointerEventKind::Press { button: LEFT, .. } => {
                    self.finger(Finger::Pointer, Motion::Down(x, y));
                }
                PointerEventKind::Release { button: LEFT, .. } => {
                    self.finger(Finger::Pointer, Motion::Up);
                }
                PointerEventKind::Motion { .. } => self.finger(Finger::Pointer, Motion::Move(x, y)),
                PointerEventKind::Leave { .. } => self.finger(Finger::Pointer, Motion::Cancel),
                _ => {}
            }
        }
    }
}

impl TouchHandler for App {
    fn down(
        &mut self,
        _: &Connection,
        _: &Qh,
        _: &WlTouch,
        _: u32,
        _: u32,
        _: WlSurface,
        id: i32,
        (x, y): (f64, f64),
    ) {
        self.finger(Finger::Touch(id), Motion::Down(x as f32, y as f32));
    }
    fn up(&mut self, _: &Connection, _: &Qh, _: &WlTouch, _: u32, _: u32, id: i32) {
        self.finger(Finger::Touch(id), Motion::Up);
    }
    fn motion(&mut self, _: &Connection, _: &Qh, _: &WlTouch, _: u32, id: i32, (x, y): (f64, f64)) {
        self.finger(Finger::Touch(id), Motion::Move(x as f32, y as f32));
    }
    fn shape(&mut self, _: &Connection, _: &Qh, _: &WlTouch, _: i32, _: f64, _: f64) {}
    fn orientation(&mut self, _: &Connection, _: &Qh, _: &WlTouch, _: i32, _: f64) {}
    fn cancel(&mut self, _: &Connection, _: &Qh, _: &WlTouch) {
        // All touches are taken at once, whichever was held.
        self.runtime.cancel();
    }
}

impl ShmHandler for App {
    fn shm_state(&mut self) -> &mut Shm {
        &mut self.shm
    }
}

impl ProvidesRegistryState for App {
    fn registry(&mut self) -> &mut RegistryState {
        &mut self.registry
    }
    registry_handlers![OutputState, SeatState];
}

delegate_registry!(App);
smithay_client_toolkit::delegate_dispatch2!(App);
