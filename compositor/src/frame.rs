// SPDX-License-Identifier: EUPL-1.2
//! One frame's way: something changes, it is drawn once, shown, and the client is told.
//!
//! Nothing here runs by itself. A frame is drawn when one is wanted and none is on its way, so a still screen costs
//! nothing, and a client cannot make the compositor draw faster than the screen shows.

use std::time::{Duration, Instant};

use smithay::{
    desktop::utils::{
        OutputPresentationFeedback, send_frames_surface_tree,
        take_presentation_feedback_surface_tree,
    },
    output::Output,
    reexports::{
        wayland_protocols::wp::presentation_time::server::wp_presentation_feedback::Kind,
        wayland_server::Resource,
    },
    utils::Time,
    wayland::presentation::Refresh,
};

use crate::{
    Error,
    backend::Drawn,
    client::{disconnect, is_connected},
    scene::Scene,
    state::Kiosk,
};

/// Where the current frame is.
#[derive(Debug, Default)]
pub struct Frame {
    wanted: bool,
    on_its_way: bool,
    feedback: Option<OutputPresentationFeedback>,
    /// When the next frame may be drawn, on a screen without page flips.
    due: Option<Instant>,
    /// The same while the wanted frame waits for nothing else.
    early_until: Option<Instant>,
    announced: bool,
}

impl Frame {
    /// Forgets the frame on its way; its screen is gone.
    pub fn reset(&mut self) {
        self.on_its_way = false;
        // Dropping a feedback tells the client that its frame was never seen.
        self.feedback = None;
        self.due = None;
    }

    /// Asks for a new frame.
    pub fn want(&mut self) {
        self.wanted = true;
    }

    /// When the wanted frame may be drawn, if it waits for nothing else.
    pub fn early_until(&self) -> Option<Instant> {
        self.early_until
    }

    fn look_at_the_time(&mut self) {
        let waits = self.wanted && !self.on_its_way;
        let due = self.due.filter(|_| waits);
        self.early_until = due.filter(|due| Instant::now() < *due);
    }
}

impl Kiosk {
    /// Asks for a new frame.
    pub fn queue_redraw(&mut self) {
        self.frame.want();
    }

    /// Draws the wanted frame, unless another one is on its way. Called once in each turn of the event loop.
    pub fn redraw(&mut self) {
        self.refocus();
        if self.frame.wanted {
            self.aim_resting_pointer();
        }
        self.frame.look_at_the_time();
        if self.is_frame_overdue() {
            self.draw();
            self.frame.look_at_the_time();
        }
    }

    /// Whether a frame is wanted and waits for nothing.
    pub fn is_frame_overdue(&self) -> bool {
        let frame = &self.frame;
        frame.wanted && !frame.on_its_way && frame.early_until.is_none() && self.lit.is_some()
    }

    fn draw(&mut self) {
        let Some(output) = self.lit.as_ref().map(|lit| lit.output.clone()) else {
            return;
        };
        self.frame.wanted = false;
        let scene = self.scene();
        let drawn = match self.backend.draw(&scene) {
            Err(error) if !scene.surfaces.is_empty() => {
                // What cannot be drawn is most likely a buffer that its client has cut short; smithay ends the connection
                // of a client whose memory it could not read.
                tracing::error!(error, "a client's picture cannot be drawn");
                if scene
                    .surfaces
                    .iter()
                    .all(|part| is_connected(&part.surface))
                {
                    self.disconnect_shown(&scene);
                }
                self.windows.retain(|window| window.surface().is_alive());
                self.sweep = scene
                    .surfaces
                    .iter()
                    .find_map(|part| Some(part.surface.client()?.id()));
                self.frame.wanted = true;
                self.backend.draw(&Scene::default())
            }
            drawn => drawn,
        };
        match drawn {
            Ok(Drawn::Dark) => {
                self.lock.drawn();
                self.lock.seen();
            }
            Ok(drawn) => {
                self.lock.drawn();
                self.frame.on_its_way = true;
                self.frame.feedback = Some(take_feedback(&scene, &output));
                if drawn == Drawn::Done {
                    let now = self.clock.now();
                    self.presented(now, 0, Kind::empty());
                    self.rest();
                }
            }
            Err(error) => self.end = Some(Err(Error::Draw(error))),
        }
    }

    /// The frame on its way is seen.
    pub fn presented(&mut self, time: Time<smithay::utils::Monotonic>, sequence: u64, kind: Kind) {
        if !std::mem::take(&mut self.frame.on_its_way) {
            return;
        }
        self.lock.seen();
        let refresh = Refresh::fixed(self.refresh());
        if let Some(mut feedback) = self.frame.feedback.take() {
            feedback.presented(time, refresh, sequence, kind);
        }
        if let Some(output) = self.lit.as_ref().map(|lit| lit.output.clone()) {
            for part in self.scene().surfaces {
                send_frames_surface_tree(&part.surface, &output, time, None, |_, _| {
                    Some(output.clone())
                });
            }
        }
        if !std::mem::replace(&mut self.frame.announced, true) {
            tracing::info!("the screen is lit");
            if let Err(error) = sd_notify::notify(false, &[sd_notify::NotifyState::Ready]) {
                tracing::warn!(%error, "tell the service manager");
            }
        }
    }

    /// After a frame without a page flip: the next one is drawn when the screen would show it, and not before.
    fn rest(&mut self) {
        let now = Instant::now();
        let due = self.frame.due.unwrap_or(now) + self.refresh();
        // Ticks in a row keep their distance; after a pause they begin anew.
        self.frame.due = Some(if due > now { due } else { now + self.refresh() });
    }

    fn refresh(&self) -> Duration {
        let millihertz = self.mode().map_or(0, |mode| mode.refresh);
        Duration::from_secs_f64(1000.0 / f64::from(millihertz.clamp(1_000, 500_000)))
    }

    /// Ends the connection of all that are seen, after a failure that is nobody's for sure.
    fn disconnect_shown(&self, scene: &Scene) {
        for client in scene
            .surfaces
            .iter()
            .filter_map(|part| part.surface.client())
        {
            disconnect(&client, &self.display, "the picture cannot be drawn");
        }
    }

    /// What is to be seen now.
    pub fn scene(&self) -> Scene {
        Scene {
            pointer: self.pointer.drawn(),
            surfaces: self.shown(),
        }
    }
}

fn take_feedback(scene: &Scene, output: &Output) -> OutputPresentationFeedback {
    let mut feedback = OutputPresentationFeedback::new(output);
    for part in &scene.surfaces {
        take_presentation_feedback_surface_tree(
            &part.surface,
            &mut feedback,
            |_, _| Some(output.clone()),
            |_, _| Kind::empty(),
        );
    }
    feedback
}
