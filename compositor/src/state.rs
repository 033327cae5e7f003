// SPDX-License-Identifier: EUPL-1.2
//! The kiosk's state: what every protocol handler and backend works on.

use smithay::{
    desktop::PopupManager,
    input::{
        Seat, SeatState,
        keyboard::{KeyboardHandle, ModifiersState, XkbConfig},
        pointer::PointerHandle,
        touch::TouchHandle,
    },
    output::{Mode, Output},
    reexports::{
        calloop::LoopHandle,
        wayland_server::{DisplayHandle, backend::GlobalId},
    },
    utils::{Clock, Logical, Monotonic, Size},
    wayland::{
        compositor::CompositorState, cursor_shape::CursorShapeManagerState,
        fractional_scale::FractionalScaleManagerState, output::OutputManagerState,
        presentation::PresentationState, shell::xdg::XdgShellState, shm::ShmState,
        single_pixel_buffer::SinglePixelBufferState, viewporter::ViewporterState,
    },
};

use crate::{
    Error, backend::Backend, client::Admission, frame::Frame, pointer::Pointer, policy::KeyGate,
    windows::Windows,
};

/// Layout of the citizens' keyboards.
const LAYOUT: &str = "de";
/// A held key repeats after this many milliseconds: late, for trembling hands.
const REPEAT_DELAY: i32 = 700;
/// Repetitions a second.
const REPEAT_RATE: i32 = 20;

/// The protocol objects a client can bind.
#[derive(Debug)]
#[allow(missing_docs)]
pub struct Globals {
    pub compositor: CompositorState,
    pub shm: ShmState,
    pub xdg_shell: XdgShellState,
    pub seat: SeatState<Kiosk>,
    _output: OutputManagerState,
    _viewporter: ViewporterState,
    _fractional_scale: FractionalScaleManagerState,
    _presentation: PresentationState,
    _single_pixel_buffer: SinglePixelBufferState,
    _cursor_shape: CursorShapeManagerState,
}

impl Globals {
    fn new(display: &DisplayHandle, clock: &Clock<Monotonic>) -> Self {
        Self {
            compositor: CompositorState::new::<Kiosk>(display),
            shm: ShmState::new::<Kiosk>(display, []),
            xdg_shell: XdgShellState::new::<Kiosk>(display),
            seat: SeatState::new(),
            _output: OutputManagerState::new_with_xdg_output::<Kiosk>(display),
            _viewporter: ViewporterState::new::<Kiosk>(display),
            _fractional_scale: FractionalScaleManagerState::new::<Kiosk>(display),
            _presentation: PresentationState::new::<Kiosk>(display, clock.id() as u32),
            _single_pixel_buffer: SinglePixelBufferState::new::<Kiosk>(display),
            _cursor_shape: CursorShapeManagerState::new::<Kiosk>(display),
        }
    }
}

/// The seat's three devices, which exist whether or not hardware is plugged in.
#[derive(Debug)]
#[allow(missing_docs)]
pub struct Devices {
    pub keyboard: KeyboardHandle<Kiosk>,
    pub pointer: PointerHandle<Kiosk>,
    pub touch: TouchHandle<Kiosk>,
    _seat: Seat<Kiosk>,
}

impl Devices {
    fn new(display: &DisplayHandle, state: &mut SeatState<Kiosk>) -> Result<Self, Error> {
        let mut seat = state.new_wl_seat(display, "seat0");
        let layout = XkbConfig {
            layout: LAYOUT,
            ..XkbConfig::default()
        };
        let keyboard = seat
            .add_keyboard(layout, REPEAT_DELAY, REPEAT_RATE)
            .map_err(|source| Error::Keymap {
                layout: LAYOUT,
                source,
            })?;
        // The key itself is not on the policy's list, so the keypad types digits for good.
        keyboard.set_modifier_state(ModifiersState {
            num_lock: true,
            ..ModifiersState::default()
        });
        Ok(Self {
            keyboard,
            pointer: seat.add_pointer(),
            touch: seat.add_touch(),
            _seat: seat,
        })
    }
}

/// A screen that is lit.
#[derive(Debug)]
pub struct Lit {
    /// The screen.
    pub output: Output,
    global: GlobalId,
}

/// The state of the compositor.
#[derive(Debug)]
pub struct Kiosk {
    /// The Wayland display.
    pub display: DisplayHandle,
    /// The event loop.
    pub events: LoopHandle<'static, Kiosk>,
    /// What clients can bind.
    pub globals: Globals,
    /// Keyboard, pointer, touch.
    pub devices: Devices,
    /// Which keys pass.
    pub gate: KeyGate,
    /// The pointer's picture and place.
    pub pointer: Pointer,
    /// The one client.
    pub admission: Admission,
    /// Its windows, oldest first.
    pub windows: Windows,
    /// Their popups.
    pub popups: PopupManager,
    /// The screen, once there is one.
    pub lit: Option<Lit>,
    /// What draws on it.
    pub backend: Backend,
    /// Where the current frame is on its way.
    pub frame: Frame,
    /// The clock of all time stamps.
    pub clock: Clock<Monotonic>,
    /// Set to end the loop: well, or with the reason why not.
    pub end: Option<Result<(), Error>>,
}

impl Kiosk {
    /// The state before there is a screen.
    pub fn new(
        display: DisplayHandle,
        events: LoopHandle<'static, Self>,
        backend: Backend,
    ) -> Result<Self, Error> {
        let clock = Clock::new();
        let mut globals = Globals::new(&display, &clock);
        let devices = Devices::new(&display, &mut globals.seat)?;
        Ok(Self {
            display,
            events,
            globals,
            devices,
            gate: KeyGate::default(),
            pointer: Pointer::default(),
            admission: Admission::default(),
            windows: Windows::default(),
            popups: PopupManager::default(),
            lit: None,
            backend,
            frame: Frame::default(),
            clock,
            end: None,
        })
    }

    /// The screen's size; empty while there is none.
    pub fn size(&self) -> Size<i32, Logical> {
        self.mode()
            .map_or_else(Size::default, |mode| mode.size.to_logical(1))
    }

    /// The screen's mode.
    pub fn mode(&self) -> Option<Mode> {
        self.lit.as_ref().and_then(|lit| lit.output.current_mode())
    }

    /// Takes a new screen into use in place of the old one, which may be gone (`None`).
    pub fn set_screen(&mut self, output: Option<Output>) {
        self.frame.reset(&self.events);
        if self.lit.as_ref().map(|lit| &lit.output) != output.as_ref() {
            if let Some(old) = self.lit.take() {
                for window in &self.windows {
                    old.output.leave(window.wl_surface());
                }
                self.display.remove_global::<Self>(old.global);
            }
            self.lit = output.map(|output| Lit {
                global: output.create_global::<Self>(&self.display),
                output,
            });
        }
        self.configure_windows();
        self.queue_redraw();
    }
}
