// SPDX-License-Identifier: EUPL-1.2
//! The kiosk's state: what every protocol handler and backend works on.

use smithay::{
    desktop::{PopupGrab, PopupManager},
    input::{
        Seat, SeatState,
        keyboard::{KeyboardHandle, ModifiersState, XkbConfig},
        pointer::PointerHandle,
        touch::TouchHandle,
    },
    output::{Mode, Output},
    reexports::{
        calloop::LoopHandle,
        wayland_protocols::xdg::shell::server::xdg_surface::XdgSurface,
        wayland_server::{
            Client, DisplayHandle,
            backend::{ClientId, GlobalId},
            protocol::wl_surface::WlSurface,
        },
    },
    utils::{Clock, Logical, Monotonic, Point, Size},
    wayland::{
        compositor::CompositorState,
        cursor_shape::CursorShapeManagerState,
        foreign_toplevel_list::ForeignToplevelListState,
        fractional_scale::FractionalScaleManagerState,
        input_method::InputMethodManagerState,
        output::OutputManagerState,
        presentation::PresentationState,
        security_context::SecurityContextState,
        selection::data_device::DataDeviceState,
        session_lock::{LockSurface, SessionLockManagerState},
        shell::{wlr_layer::WlrLayerShellState, xdg::XdgShellState},
        shm::ShmState,
        single_pixel_buffer::SinglePixelBufferState,
        text_input::TextInputManagerState,
        viewporter::ViewporterState,
        virtual_keyboard::VirtualKeyboardManagerState,
    },
};

use crate::{
    Error,
    backend::{Backend, libinput::Hearing},
    client::{Admission, is_shell},
    fingers::Fingers,
    frame::Frame,
    handlers::{
        dmabuf::Dmabufs, idle_notify::IdleNotifier, output_management::OutputManagement,
        session_lock::Lock, text_input::Field,
    },
    layers::{Layers, Placed},
    news::News,
    pings::Pings,
    pointer::Pointer,
    policy::KeyGate,
    rules::Rules,
    screens::logical_size,
    settings::Settings,
    windows::{Window, Windows},
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
    pub layer_shell: WlrLayerShellState,
    pub seat: SeatState<Kiosk>,
    _output: OutputManagerState,
    _viewporter: ViewporterState,
    _fractional_scale: FractionalScaleManagerState,
    _presentation: PresentationState,
    _single_pixel_buffer: SinglePixelBufferState,
    _cursor_shape: CursorShapeManagerState,
    pub data_device: DataDeviceState,
    pub dmabufs: Dmabufs,
    pub session_lock: SessionLockManagerState,
    pub idle_notifier: IdleNotifier,
    pub toplevel_list: ForeignToplevelListState,
    _text_input: TextInputManagerState,
    _input_method: InputMethodManagerState,
    _virtual_keyboard: VirtualKeyboardManagerState,
    _security_context: SecurityContextState,
    pub output_management: OutputManagement,
}

impl Globals {
    fn new(display: &DisplayHandle, clock: &Clock<Monotonic>) -> Self {
        Self {
            compositor: CompositorState::new::<Kiosk>(display),
            shm: ShmState::new::<Kiosk>(display, []),
            xdg_shell: XdgShellState::new::<Kiosk>(display),
            layer_shell: WlrLayerShellState::new_with_filter::<Kiosk, _>(display, is_shell),
            seat: SeatState::new(),
            _output: OutputManagerState::new_with_xdg_output::<Kiosk>(display),
            _viewporter: ViewporterState::new::<Kiosk>(display),
            _fractional_scale: FractionalScaleManagerState::new::<Kiosk>(display),
            _presentation: PresentationState::new::<Kiosk>(display, clock.id() as u32),
            _single_pixel_buffer: SinglePixelBufferState::new::<Kiosk>(display),
            _cursor_shape: CursorShapeManagerState::new::<Kiosk>(display),
            data_device: DataDeviceState::new::<Kiosk>(display),
            dmabufs: Dmabufs::new(),
            session_lock: SessionLockManagerState::new::<Kiosk, _>(display, is_shell),
            idle_notifier: IdleNotifier::new(display),
            toplevel_list: ForeignToplevelListState::new_with_filter::<Kiosk>(display, is_shell),
            _text_input: TextInputManagerState::new::<Kiosk>(display),
            _input_method: InputMethodManagerState::new::<Kiosk, _>(display, is_shell),
            _virtual_keyboard: VirtualKeyboardManagerState::new::<Kiosk, _>(display, is_shell),
            _security_context: SecurityContextState::new::<Kiosk, _>(display, is_shell),
            output_management: OutputManagement::new(display),
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
    pub seat: Seat<Kiosk>,
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
            seat,
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
    /// Which fingers are down, and on what.
    pub fingers: Fingers<WlSurface>,
    /// The pointer's picture and place.
    pub pointer: Pointer,
    /// What differs between a kiosk and a test.
    pub rules: Rules,
    /// Who is let in.
    pub admission: Admission,
    /// The windows, bottom to top.
    pub windows: Windows,
    /// The shell's bars and backgrounds.
    pub layers: Layers,
    /// Popups of both.
    pub popups: PopupManager,
    /// The popups that have taken the keyboard.
    pub popup_grab: Option<PopupGrab<Kiosk>>,
    /// Who has asked for the keyboard last.
    pub keyboard_wish: Option<WlSurface>,
    /// Who has the keyboard, popups aside.
    pub keyboard_target: Option<WlSurface>,
    /// The `xdg_surface` whose request is being handled.
    pub making: Option<XdgSurface>,
    /// What the pointer was aimed at last.
    pub aim: Option<(WlSurface, Point<f64, Logical>)>,
    /// Who has filled the clipboard.
    pub clipboard_owner: Option<Client>,
    /// Whether an input method is there.
    pub has_input_method: bool,
    /// The surface whose fields have been told that they have the focus.
    pub fields_focus: Option<WlSurface>,
    /// Fields that wait for an input method.
    pub fields: Vec<Field>,
    /// Whether the session is locked.
    pub lock: Lock,
    /// A client whose connection was ended while no client was being read; what it leaves is still to be swept.
    pub sweep: Option<ClientId>,
    /// Who has not answered yet.
    pub pings: Pings,
    /// The screen, once there is one.
    pub lit: Option<Lit>,
    /// What the site has said last.
    pub settings: Settings,
    /// Where it says more.
    pub news: Option<News>,
    /// The input devices, on a machine.
    pub hearing: Option<Hearing>,
    /// What draws on the screen.
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
        settings: Settings,
        rules: Rules,
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
            fingers: Fingers::default(),
            pointer: Pointer::default(),
            rules,
            admission: Admission::new(rules.everyone_is_shell),
            windows: Windows::default(),
            layers: Layers::default(),
            popups: PopupManager::default(),
            popup_grab: None,
            keyboard_wish: None,
            keyboard_target: None,
            making: None,
            aim: None,
            clipboard_owner: None,
            has_input_method: false,
            fields_focus: None,
            fields: Vec::new(),
            lock: Lock::default(),
            sweep: None,
            pings: Pings::default(),
            lit: None,
            settings,
            news: None,
            hearing: None,
            backend,
            frame: Frame::default(),
            clock,
            end: None,
        })
    }

    /// The screen's size; empty while there is none.
    pub fn size(&self) -> Size<i32, Logical> {
        self.lit
            .as_ref()
            .map_or_else(Size::default, |lit| logical_size(&lit.output))
    }

    /// Pixels of the screen for one of a client's.
    pub fn scale(&self) -> f64 {
        self.lit
            .as_ref()
            .map_or(1.0, |lit| lit.output.current_scale().fractional_scale())
    }

    /// The screen's mode.
    pub fn mode(&self) -> Option<Mode> {
        self.lit.as_ref().and_then(|lit| lit.output.current_mode())
    }

    /// Takes a new screen into use in place of the old one, which may be gone (`None`).
    pub fn set_screen(&mut self, output: Option<Output>) {
        self.frame.reset();
        self.globals.output_management.note();
        // A finger that is down would go on elsewhere.
        self.cancel_touches();
        if self.lit.as_ref().map(|lit| &lit.output) != output.as_ref() {
            if let Some(old) = self.lit.take() {
                for root in self.roots() {
                    old.output.leave(&root);
                }
                self.display.remove_global::<Self>(old.global);
            }
            self.lit = output.map(|output| Lit {
                global: output.create_global::<Self>(&self.display),
                output,
            });
        }
        for root in self.roots() {
            self.enter_screen(&root);
        }
        if self.lit.is_none() {
            // Nothing is seen, so a lock that is asked for holds.
            self.lock.drawn();
            self.lock.seen();
        }
        self.offer_dmabufs();
        self.arrange_layers();
        self.configure_windows();
        self.configure_lock();
        self.queue_redraw();
    }

    /// Tells a surface that it is on the screen, and how the screen is scaled.
    pub fn enter_screen(&self, root: &WlSurface) {
        if let Some(lit) = &self.lit {
            lit.output.enter(root);
            self.tell_scale(root);
        }
    }

    /// The surfaces of all windows, of the layers and of the lock.
    fn roots(&self) -> Vec<WlSurface> {
        let windows = self.windows.iter().map(Window::surface);
        let layers = self.layers.living().map(Placed::surface);
        let lock = self.lock.surface().map(LockSurface::wl_surface);
        windows.chain(layers).chain(lock).cloned().collect()
    }
}
