// SPDX-License-Identifier: EUPL-1.2
//! One graphics card: its connectors, the mode, and the canvas on it.

use std::{
    fs::OpenOptions,
    io,
    os::{fd::OwnedFd, unix::fs::OpenOptionsExt},
    path::{Path, PathBuf},
};

use rustix::fs::OFlags;
use smithay::{
    backend::drm::{DrmDevice, DrmDeviceFd, DrmEvent, DrmEventMetadata},
    output::{Mode, Output},
    reexports::{
        calloop::{LoopHandle, RegistrationToken},
        drm::control::{self, Device as _, ModeTypeFlags, connector, crtc},
    },
    utils::{DeviceFd, Transform},
};

use super::{Drawing, canvas::Canvas};
use crate::{
    heads::Head,
    screens::{Placed, Role, Wishes, arrange},
    state::Kiosk,
};

/// Why a card cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CardError {
    /// The device node.
    #[error("open {path}: {source}")]
    Open {
        /// Which.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// A question to the driver.
    #[error("read the card's {what}: {source}")]
    Read {
        /// What was asked.
        what: &'static str,
        /// Why there is no answer.
        source: io::Error,
    },
    /// The driver's set-up.
    #[error("set up the card: {0}")]
    Drm(#[from] smithay::backend::drm::DrmError),
    /// The event source.
    #[error("watch the card: {0}")]
    Watch(calloop::Error),
    /// No display controller can feed the connector.
    #[error("no free CRTC for connector {0}")]
    NoCrtc(String),
    /// The canvas.
    #[error("set up drawing on {connector}: {reason}")]
    Canvas {
        /// On which connector.
        connector: String,
        /// Why not.
        reason: String,
    },
}

/// A connected screen and how to drive it.
#[derive(Debug, PartialEq)]
struct Screen {
    connector: connector::Handle,
    name: String,
    mode: control::Mode,
    modes: Vec<Mode>,
    millimetres: (u32, u32),
}

/// A screen in use.
#[derive(Debug)]
struct Lit {
    screen: Screen,
    crtc: crtc::Handle,
    placed: Placed,
    /// What it is drawn on, and the output that this was made for.
    canvas: Option<(Output, Box<dyn Canvas>)>,
    /// Whether it has failed beside the main screen: it stays dark until it is plugged in anew.
    given_up: bool,
}

/// What a look at the connectors has brought.
#[derive(Debug)]
pub enum Update {
    /// Nothing new on the main screen.
    Same,
    /// Another main screen, or the same in another mode, turned or scaled otherwise.
    New(Output),
    /// No screen is left.
    Dark,
}

/// An open card.
#[derive(Debug)]
pub struct Card {
    path: PathBuf,
    // Before the device: canvases give their buffers back through it.
    lit: Vec<Lit>,
    drm: DrmDevice,
    token: RegistrationToken,
}

impl Card {
    /// Opens a card; `None` if no screen is connected to it.
    pub fn open(
        path: &Path,
        events: &LoopHandle<'static, Kiosk>,
        on_event: fn(DrmEvent, &mut Option<DrmEventMetadata>, &mut Kiosk),
    ) -> Result<Option<Self>, CardError> {
        let node = OpenOptions::new()
            .read(true)
            .write(true)
            .custom_flags(
                (OFlags::CLOEXEC | OFlags::NOCTTY | OFlags::NONBLOCK)
                    .bits()
                    .cast_signed(),
            )
            .open(path)
            .map_err(|source| CardError::Open {
                path: path.to_owned(),
                source,
            })?;
        let fd = DrmDeviceFd::new(DeviceFd::from(OwnedFd::from(node)));
        if screens(&fd, &Wishes::default())?.is_empty() {
            return Ok(None);
        }
        let (drm, notifier) = DrmDevice::new(fd, true)?;
        tracing::info!(card = %path.display(), atomic = drm.is_atomic(), "graphics card");
        let token = events
            .insert_source(notifier, on_event)
            .map_err(|error| CardError::Watch(error.error))?;
        Ok(Some(Self {
            path: path.to_owned(),
            lit: Vec::new(),
            drm,
            token,
        }))
    }

    /// Its device node.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether a device node is still this card (names are given again).
    pub fn is_at(&self, path: &Path) -> bool {
        self.path == path
            && rustix::fs::stat(path).is_ok_and(|stat| stat.st_rdev == self.drm.device_id())
    }

    /// What to draw on: each screen with its canvas, the main one first.
    pub fn canvases(&mut self) -> Vec<(&Placed, &mut (dyn Canvas + 'static))> {
        let mut all: Vec<_> = self
            .lit
            .iter_mut()
            .filter_map(|lit| {
                let (_, canvas) = lit.canvas.as_mut()?;
                Some((&lit.placed, canvas.as_mut()))
            })
            .collect();
        all.sort_by_key(|(placed, _)| placed.role != Role::Main);
        all
    }

    /// Its screens, as they are told of.
    pub fn heads(&self) -> Vec<Head> {
        self.lit.iter().map(|lit| Head::from(&lit.placed)).collect()
    }

    /// The canvas that a display controller feeds, and what its screen is for.
    pub fn canvas_of(&mut self, crtc: crtc::Handle) -> Option<(Role, &mut dyn Canvas)> {
        let lit = self.lit.iter_mut().find(|lit| lit.crtc == crtc)?;
        let role = lit.placed.role;
        let (_, canvas) = lit.canvas.as_mut()?;
        Some((role, canvas.as_mut()))
    }

    /// What the main screen is drawn on.
    pub fn main_canvas(&self) -> Option<&dyn Canvas> {
        let (_, canvas) = self.main()?.canvas.as_ref()?;
        Some(canvas.as_ref())
    }

    /// The same, to draw on.
    pub fn main_canvas_mut(&mut self) -> Option<&mut (dyn Canvas + 'static)> {
        let mut all = self.lit.iter_mut();
        let main = all.find(|lit| lit.placed.role == Role::Main)?;
        let (_, canvas) = main.canvas.as_mut()?;
        Some(canvas.as_mut())
    }

    /// Lets a screen beside the main one stay dark; one that fails must not take the citizen's with it.
    pub fn give_up(&mut self, output: &Output) {
        for lit in &mut self.lit {
            if lit.placed.output == *output && lit.placed.role != Role::Main {
                lit.canvas = None;
                lit.given_up = true;
            }
        }
    }

    fn main(&self) -> Option<&Lit> {
        self.lit.iter().find(|lit| lit.placed.role == Role::Main)
    }

    /// Looks at the connectors and follows a change. A screen beside the main one that cannot be used stays dark.
    pub fn update(&mut self, drawing: Drawing, wishes: &Wishes) -> Result<Update, CardError> {
        let found = screens(self.drm.device_fd(), wishes)?;
        let before = self.main().map(|lit| lit.placed.output.clone());
        let looked = before.as_ref().map(look);
        self.lit.retain(|lit| found.contains(&lit.screen));
        for screen in found {
            if !self.lit.iter().any(|lit| lit.screen == screen) {
                match self.crtc_for(&screen) {
                    Ok(crtc) => self.lit.push(Lit {
                        placed: placed(&screen),
                        screen,
                        crtc,
                        canvas: None,
                        given_up: false,
                    }),
                    Err(error) if !self.lit.is_empty() => {
                        tracing::warn!(%error, "a screen stays dark");
                    }
                    Err(error) => return Err(error),
                }
            }
        }
        let name = before.as_ref().map(Output::name);
        let placed = self.lit.iter_mut().map(|lit| &mut lit.placed);
        let Some(main) = arrange(placed, wishes, name.as_deref()) else {
            return Ok(before.map_or(Update::Same, |_| Update::Dark));
        };
        for lit in &mut self.lit {
            match lit.make_canvas(drawing, &mut self.drm) {
                Ok(()) => {}
                Err(error) if lit.placed.role == Role::Main => return Err(error),
                Err(error) => tracing::warn!(%error, "a screen stays dark"),
            }
        }
        Ok(
            if before.as_ref() == Some(&main) && looked == Some(look(&main)) {
                Update::Same
            } else {
                Update::New(main)
            },
        )
    }

    /// Closes the card.
    pub fn close(self, events: &LoopHandle<'static, Kiosk>) {
        events.remove(self.token);
    }

    fn crtc_for(&self, screen: &Screen) -> Result<crtc::Handle, CardError> {
        let read = |what| move |source| CardError::Read { what, source };
        let resources = self.drm.resource_handles().map_err(read("resources"))?;
        let connector = self
            .drm
            .get_connector(screen.connector, false)
            .map_err(read("connector"))?;
        connector
            .encoders()
            .iter()
            .filter_map(|encoder| self.drm.get_encoder(*encoder).ok())
            .flat_map(|encoder| resources.filter_crtcs(encoder.possible_crtcs()))
            .find(|crtc| !self.lit.iter().any(|lit| lit.crtc == *crtc))
            .ok_or_else(|| CardError::NoCrtc(screen.name.clone()))
    }
}

/// How a screen is turned and scaled.
fn look(output: &Output) -> (Transform, f64) {
    let scale = output.current_scale().fractional_scale();
    (output.current_transform(), scale)
}

/// The connected screens that have a mode.
fn screens(card: &DrmDeviceFd, wishes: &Wishes) -> Result<Vec<Screen>, CardError> {
    let resources = card.resource_handles().map_err(|source| CardError::Read {
        what: "resources",
        source,
    })?;
    let connected = resources.connectors().iter().filter_map(|handle| {
        // Asking with a probe reads the monitor's description anew.
        let info = card.get_connector(*handle, true).ok()?;
        let name = format!("{}-{}", info.interface().as_str(), info.interface_id());
        let mut offered = info.modes().to_vec();
        // The preferred one first; drivers sort the others, the best first.
        offered.sort_by_key(|mode| !mode.mode_type().contains(ModeTypeFlags::PREFERRED));
        let mut modes: Vec<Mode> = offered.iter().copied().map(Mode::from).collect();
        let wanted = wishes.mode(&name, &modes)?;
        let mode = offered
            .into_iter()
            .find(|mode| Mode::from(*mode) == wanted)?;
        // Some differ only in what cannot be seen.
        modes.dedup();
        (info.state() == connector::State::Connected).then(|| Screen {
            connector: *handle,
            name,
            mode,
            modes,
            millimetres: info.size().unwrap_or_default(),
        })
    });
    Ok(connected.collect())
}

fn placed(screen: &Screen) -> Placed {
    let (width, height) = screen.millimetres;
    let millimetres = (width.cast_signed(), height.cast_signed());
    let modes = screen.modes.clone();
    Placed::new(&screen.name, modes, Mode::from(screen.mode), millimetres)
}

impl Lit {
    /// Makes the canvas, unless there is one for this output.
    fn make_canvas(&mut self, drawing: Drawing, drm: &mut DrmDevice) -> Result<(), CardError> {
        if self.given_up && self.placed.role != Role::Main {
            return Ok(());
        }
        let output = &self.placed.output;
        if self
            .canvas
            .as_ref()
            .is_some_and(|(made_for, _)| made_for == output)
        {
            return Ok(());
        }
        // The old one has to let go of the display controller first.
        self.canvas = None;
        let screen = &self.screen;
        let canvas = super::canvas::new(
            drawing,
            drm,
            self.crtc,
            screen.mode,
            screen.connector,
            output,
        )
        .map_err(|reason| CardError::Canvas {
            connector: screen.name.clone(),
            reason,
        })?;
        tracing::info!(
            connector = screen.name,
            role = ?self.placed.role,
            mode = ?screen.mode.size(),
            hertz = screen.mode.vrefresh(),
            millimetres = ?output.physical_properties().size,
            rotation = ?output.current_transform(),
            canvas = canvas.name(),
            "screen"
        );
        self.canvas = Some((output.clone(), canvas));
        Ok(())
    }
}
