// SPDX-License-Identifier: EUPL-1.2
//! Congestion control: what the line carries, as `rtpgccbwe` finds out from when packets arrive.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use gstreamer as gst;
use gstreamer::glib;
use gstreamer::prelude::*;

use super::make::{MediaError, with};
use super::send::Sender;
use crate::budget::{LEAST, MOST, START};
use crate::congestion::{Fall, Losses, Trial};

/// What the other side's reports become (`rtpsession`).
const REPORT: &str = "RTPTWCCPackets";
/// What `rtpgccbwe` thinks that the line carries, in bits a second. Setting it sets what it goes on from.
const ESTIMATE: &str = "estimated-bitrate";

/// Lets the sender follow what the line carries.
pub fn follow(connection: &gst::Element, sender: &Arc<Sender>) {
    let sender = sender.clone();
    connection.connect("request-aux-sender", false, move |_| {
        match control(&sender) {
            Ok(control) => Some(control.to_value()),
            Err(error) => {
                tracing::error!("a call without congestion control: {error}");
                None
            }
        }
    });
}

/// What is known beside it.
struct Known {
    losses: Losses,
    trial: Trial,
    fall: Fall,
    /// The estimate before the last report, and whether its losses alone are no congestion.
    before: u32,
    is_excused: bool,
}

fn control(sender: &Arc<Sender>) -> Result<gst::Element, MediaError> {
    let control = with("rtpgccbwe", |control| {
        control
            .property(ESTIMATE, START)
            .property("min-bitrate", LEAST)
            .property("max-bitrate", MOST)
    })?;
    let known = Arc::new(Mutex::new(Known {
        losses: Losses::default(),
        trial: Trial::new(Duration::ZERO, START),
        fall: Fall::default(),
        before: START,
        is_excused: false,
    }));
    let begun = Instant::now();
    let (sender, reported) = (sender.clone(), known.clone());
    control.connect_notify(Some(ESTIMATE), move |control, _| {
        let estimate = control.property::<u32>(ESTIMATE);
        let right = {
            let mut known = lock(&reported);
            let before = known.before;
            match estimate < before {
                // For losses alone. If it falls for a delay too, the next report without any says so again.
                true if known.is_excused => before,
                true => known.fall.limit(begun.elapsed(), before, estimate),
                false => estimate,
            }
        };
        if right == estimate {
            sender.fit(estimate);
        } else {
            control.set_property(ESTIMATE, right);
        }
    });
    if let Some(pad) = control.static_pad("src") {
        let weak = control.downgrade();
        pad.add_probe(gst::PadProbeType::EVENT_UPSTREAM, move |_, info| {
            let report = info.event().and_then(|event| read(event));
            if let (Some((packets, lost)), Some(control)) = (report, weak.upgrade()) {
                let estimate = control.property(ESTIMATE);
                let more = {
                    let mut known = lock(&known);
                    let is_full = known.losses.report(packets, lost);
                    known.before = estimate;
                    known.is_excused = lost > 0 && !is_full;
                    known.trial.estimate(begun.elapsed(), estimate, MOST)
                };
                if let Some(more) = more {
                    control.set_property(ESTIMATE, more);
                }
            }
            gst::PadProbeReturn::Ok
        });
    }
    Ok(control)
}

fn lock(known: &Mutex<Known>) -> MutexGuard<'_, Known> {
    known.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How many packets a report is about, and how many of them are lost.
fn read(event: &gst::EventRef) -> Option<(u32, u32)> {
    let structure = event.structure().filter(|s| s.name() == REPORT)?;
    let all = structure.get::<glib::ValueArray>("packets").ok()?;
    let is_lost = |packet: &&glib::Value| {
        let packet = packet.get::<gst::Structure>().ok();
        packet.and_then(|packet| packet.get::<bool>("lost").ok()) != Some(false)
    };
    let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    Some((count(all.len()), count(all.iter().filter(is_lost).count())))
}
