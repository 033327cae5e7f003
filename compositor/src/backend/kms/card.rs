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
    output::{Mode, Output, PhysicalProperties, Subpixel},
    reexports::{
        calloop::{LoopHandle, RegistrationToken},
        drm::control::{self, Device as _, ModeTypeFlags, connector, crtc},
    },
    utils::DeviceFd,
};

use super::{Drawing, canvas::Canvas};
use crate::state::Kiosk;

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
    millimetres: (u32, u32),
}

/// What a look at the connectors has brought.
#[derive(Debug)]
pub enum Update {
    /// Nothing new.
    Same,
    /// Another screen or another mode.
    New(Output),
    /// The screen is gone.
    Dark,
}

/// An open card.
#[derive(Debug)]
pub struct Card {
    path: PathBuf,
    // Before the device: the canvas gives its buffers back through it.
    lit: Option<(Screen, Box<dyn Canvas>)>,
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
        if screens(&fd)?.is_empty() {
            return Ok(None);
        }
        let (drm, notifier) = DrmDevice::new(fd, true)?;
        tracing::info!(card = %path.display(), atomic = drm.is_atomic(), "graphics card");
        let token = events
            .insert_source(notifier, on_event)
            .map_err(|error| CardError::Watch(error.error))?;
        Ok(Some(Self {
            path: path.to_owned(),
            lit: None,
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

    /// What to draw on, while a screen is connected.
    pub fn canvas(&mut self) -> Option<&mut dyn Canvas> {
        match &mut self.lit {
            Some((_, canvas)) => Some(canvas.as_mut()),
            None => None,
        }
    }

    /// Looks at the connectors and follows a change.
    pub fn update(&mut self, drawing: Drawing) -> Result<Update, CardError> {
        let found = screens(self.drm.device_fd())?;
        let current = self.lit.as_ref().map(|(screen, _)| screen);
        if current.is_some_and(|current| found.contains(current)) {
            return Ok(Update::Same);
        }
        let was_lit = self.lit.take().is_some();
        let Some(screen) = found.into_iter().next() else {
            return Ok(if was_lit { Update::Dark } else { Update::Same });
        };
        let crtc = self.crtc_for(&screen)?;
        let output = output_of(&screen);
        let canvas = super::canvas::new(
            drawing,
            &mut self.drm,
            crtc,
            screen.mode,
            screen.connector,
            &output,
        )
        .map_err(|reason| CardError::Canvas {
            connector: screen.name.clone(),
            reason,
        })?;
        tracing::info!(
            connector = screen.name,
            mode = ?screen.mode.size(),
            hertz = screen.mode.vrefresh(),
            millimetres = ?screen.millimetres,
            canvas = canvas.name(),
            "screen"
        );
        self.lit = Some((screen, canvas));
        Ok(Update::New(output))
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
            .next()
            .ok_or_else(|| CardError::NoCrtc(screen.name.clone()))
    }
}

/// The connected screens that have a mode.
fn screens(card: &DrmDeviceFd) -> Result<Vec<Screen>, CardError> {
    let resources = card.resource_handles().map_err(|source| CardError::Read {
        what: "resources",
        source,
    })?;
    let connected = resources.connectors().iter().filter_map(|handle| {
        // Asking with a probe reads the monitor's description anew.
        let info = card.get_connector(*handle, true).ok()?;
        let name = format!("{}-{}", info.interface().as_str(), info.interface_id());
        let mode = pick_mode(info.modes())?;
        (info.state() == connector::State::Connected).then(|| Screen {
            connector: *handle,
            name,
            mode,
            millimetres: info.size().unwrap_or_default(),
        })
    });
    Ok(connected.collect())
}

/// The mode that the screen prefers, else the first, which drivers sort to be the best.
fn pick_mode(modes: &[control::Mode]) -> Option<control::Mode> {
    let preferred = |mode: &&control::Mode| mode.mode_type().contains(ModeTypeFlags::PREFERRED);
    modes
        .iter()
        .find(preferred)
        .or_else(|| modes.first())
        .copied()
}

fn output_of(screen: &Screen) -> Output {
    let (width, height) = screen.millimetres;
    let output = Output::new(
        screen.name.clone(),
        PhysicalProperties {
            size: (width.cast_signed(), height.cast_signed()).into(),
            subpixel: Subpixel::Unknown,
            make: "unknown".to_owned(),
            model: "unknown".to_owned(),
        },
    );
    let mode = Mode::from(screen.mode);
    output.change_current_state(Some(mode), None, None, Some((0, 0).into()));
    output.set_preferred(mode);
    output
}
