// SPDX-License-Identifier: EUPL-1.2
//! The screen on a graphics card, without logind: the first to open the card is its master.
//!
//! The card and its screen are looked for at the start and whenever udev reports a change below `drm`, so a driver that
//! loads late, the early firmware framebuffer that a real driver replaces, a monitor switched on after the device, and
//! one exchanged for another are all the same case.

mod canvas;
mod card;
mod find;
#[cfg(feature = "gles")]
mod gles;

use std::time::{Duration, Instant};

use smithay::{
    backend::{
        allocator::dmabuf::Dmabuf,
        drm::{DrmEvent, DrmEventMetadata, DrmEventTime},
    },
    reexports::{
        calloop::{Interest, Mode as Trigger, PostAction, generic::Generic},
        drm::control::crtc,
        udev::{MonitorBuilder, MonitorSocket},
        wayland_protocols::wp::presentation_time::server::wp_presentation_feedback::Kind,
    },
    utils::{Monotonic, Time},
};

use super::{Backend, Drawn};
use crate::{
    Error,
    handlers::dmabuf::Import,
    heads::Head,
    scene::Scene,
    screens::{Role, Wishes},
    state::Kiosk,
};
use card::Card;

/// After a failure to show anything on the card, how long until the next try; doubled with each failure in a row.
const RETRY: Duration = Duration::from_millis(500);
/// So often it is doubled: a card that never works is tried every 16 seconds.
const DOUBLED: u32 = 5;

/// What draws the picture.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Drawing {
    /// The GPU where there is one, else the processor.
    #[default]
    Auto,
    /// The processor.
    Pixman,
    /// The GPU, also one that is not known to be faster; the processor where there is none.
    Gles,
}

/// The card in use.
#[derive(Debug)]
pub struct Kms {
    drawing: Drawing,
    wishes: Wishes,
    card: Option<Card>,
    broken: bool,
    failures: u32,
    /// When a card that has failed is tried again.
    retry: Option<Instant>,
}

impl Kms {
    /// No card yet.
    #[must_use]
    pub fn new(drawing: Drawing, wishes: Wishes) -> Self {
        Self {
            drawing,
            wishes,
            card: None,
            broken: false,
            failures: 0,
            retry: None,
        }
    }

    /// When a card that has failed is tried again.
    pub fn due(&self) -> Option<Instant> {
        self.retry
    }

    /// Wants the screens otherwise; seen by the next [`rescan`].
    pub fn wish(&mut self, wishes: Wishes) {
        self.wishes = wishes;
    }

    /// How the screens are wanted.
    pub fn wishes(&self) -> &Wishes {
        &self.wishes
    }

    /// The connected screens, as they are told of.
    pub fn heads(&self) -> Vec<Head> {
        self.card.as_ref().map_or_else(Vec::new, Card::heads)
    }

    /// What of the GPU's memory the main screen is drawn with.
    pub fn import(&self) -> Option<Import> {
        self.card.as_ref()?.main_canvas()?.import().cloned()
    }

    /// Whether the main screen can be drawn with a client's buffer.
    pub fn try_import(&mut self, dmabuf: &Dmabuf) -> Result<(), String> {
        let canvas = self.card.as_mut().and_then(Card::main_canvas_mut);
        canvas.ok_or("there is no screen")?.try_import(dmabuf)
    }

    /// Whether the card has failed since the last look at it.
    pub fn is_broken(&self) -> bool {
        self.broken
    }

    /// Draws a scene and hands it to the card. Whatever the card itself refuses is not the scene's fault: the screen is
    /// set up anew.
    pub fn draw(&mut self, scene: &Scene) -> Result<Drawn, String> {
        let Some(card) = &mut self.card else {
            return Ok(Drawn::Dark);
        };
        let (mut main, mut failed) = (Drawn::Dark, Vec::new());
        for (placed, canvas) in card.canvases() {
            match canvas.draw(scene, placed) {
                Ok(drawn) if placed.role == Role::Main => main = drawn,
                Ok(_) => {}
                Err(canvas::Failure::Scene(error)) => return Err(error),
                Err(canvas::Failure::Card(error)) if placed.role != Role::Main => {
                    tracing::error!(error, "a second screen fails and stays dark");
                    failed.push(placed.output.clone());
                }
                Err(canvas::Failure::Card(error)) => {
                    tracing::error!(error, "the card does not show the frame");
                    self.broken = true;
                    return Ok(Drawn::Dark);
                }
            }
        }
        for output in failed {
            card.give_up(&output);
        }
        Ok(main)
    }

    /// The last frame is on the screen that a display controller feeds; returns what that screen is for.
    fn flipped(&mut self, crtc: crtc::Handle) -> Option<Role> {
        let (role, canvas) = self.card.as_mut()?.canvas_of(crtc)?;
        match canvas.flipped() {
            // Its next frame will fail too, which ends it.
            Err(error) if role != Role::Main => {
                tracing::error!(error, "page flip of a second screen");
            }
            Err(error) => {
                tracing::error!(error, "page flip");
                self.broken = true;
            }
            Ok(()) => self.failures = 0,
        }
        Some(role)
    }

    /// Whether the card has failed since the last call; it is given up then.
    pub fn take_broken(&mut self) -> bool {
        std::mem::take(&mut self.broken)
    }
}

/// Begins to watch udev and takes the first card into use if it is there already.
pub fn start(kiosk: &mut Kiosk) -> Result<(), Error> {
    // The watch begins before the first look, so that nothing falls in between.
    let monitor = MonitorBuilder::new()
        .and_then(|builder| builder.match_subsystem("drm"))
        .and_then(MonitorBuilder::listen)
        .map_err(Error::Udev)?;
    kiosk
        .events
        .insert_source(
            Generic::new(monitor, Interest::READ, Trigger::Level),
            |_, monitor, kiosk| {
                drain(monitor);
                rescan(kiosk);
                Ok(PostAction::Continue)
            },
        )
        .map_err(|error| Error::Loop(error.error))?;
    rescan(kiosk);
    if kiosk.lit.is_none() {
        tracing::info!("no screen yet, waiting for one");
    }
    Ok(())
}

fn drain(monitor: &MonitorSocket) {
    for event in monitor.iter() {
        tracing::debug!(kind = ?event.event_type(), device = ?event.sysname(), "udev");
    }
}

/// Gives the card up after a failure and tries again later.
pub fn recover(kiosk: &mut Kiosk) {
    let events = kiosk.events.clone();
    let Backend::Kms(kms) = &mut kiosk.backend else {
        return;
    };
    if let Some(card) = kms.card.take() {
        card.close(&events);
    }
    // Whatever else was asked of it, with the site's wishes it has worked.
    kms.wishes.clone_from(&kiosk.settings.wishes);
    let delay = RETRY * 2u32.pow(kms.failures.min(DOUBLED));
    kms.failures = kms.failures.saturating_add(1);
    kms.retry = Some(Instant::now() + delay);
    kiosk.set_screen(None);
}

/// Tries the card again if it is time to.
pub fn retry(kiosk: &mut Kiosk, now: Instant) {
    if let Backend::Kms(kms) = &mut kiosk.backend
        && kms.retry.take_if(|due| *due <= now).is_some()
    {
        rescan(kiosk);
    }
}

/// Compares what there is with what is in use, and changes over.
pub fn rescan(kiosk: &mut Kiosk) {
    let events = kiosk.events.clone();
    kiosk.globals.output_management.note();
    let Backend::Kms(kms) = &mut kiosk.backend else {
        return;
    };
    let paths = find::cards();
    if let Some(card) = kms
        .card
        .take_if(|card| !paths.iter().any(|path| card.is_at(path)))
    {
        tracing::info!(card = %card.path().display(), "the card is gone");
        card.close(&events);
        kiosk.frame.reset();
    }
    if kms.card.is_none() {
        kms.card = paths
            .iter()
            .find_map(|path| match Card::open(path, &events, on_card_event) {
                Ok(card) => card,
                Err(error) => {
                    // Right after the node appears its permissions may not be set, or another program lets go of it.
                    tracing::warn!(card = %path.display(), %error, "the card cannot be used");
                    kms.broken = true;
                    None
                }
            });
    }
    let Some(card) = &mut kms.card else {
        return kiosk.set_screen(None);
    };
    kms.broken = false;
    match card.update(kms.drawing, &kms.wishes) {
        // Another screen may wait for its first frame.
        Ok(card::Update::Same) => kiosk.queue_redraw(),
        Ok(card::Update::New(output)) => kiosk.set_screen(Some(output)),
        Ok(card::Update::Dark) => {
            tracing::info!("no screen is connected");
            kiosk.set_screen(None);
        }
        Err(error) => {
            tracing::error!(%error, "set up the screen");
            kms.broken = true;
        }
    }
}

fn on_card_event(event: DrmEvent, metadata: &mut Option<DrmEventMetadata>, kiosk: &mut Kiosk) {
    match event {
        DrmEvent::VBlank(crtc) => {
            let role = match &mut kiosk.backend {
                Backend::Kms(kms) => kms.flipped(crtc),
                Backend::Headless(_) => None,
            };
            // Clients are told of the main screen's frames alone.
            if role != Some(Role::Main) {
                return;
            }
            let sequence = metadata
                .as_ref()
                .map_or(0, |metadata| u64::from(metadata.sequence));
            let (time, clock) = match metadata.as_ref().map(|metadata| metadata.time) {
                Some(DrmEventTime::Monotonic(time)) if !time.is_zero() => {
                    (Time::<Monotonic>::from(time), Kind::HwClock)
                }
                _ => (kiosk.clock.now(), Kind::empty()),
            };
            kiosk.presented(time, sequence, Kind::Vsync | Kind::HwCompletion | clock);
        }
        DrmEvent::Error(error) => tracing::error!(%error, "read the card's events"),
    }
}
