// SPDX-License-Identifier: EUPL-1.2
//! How long what is missing is waited for: sound not longer than a village's line jitters, pictures until what was lost has been sent again.
//!
//! GStreamer gives everything that is received the same patience, and plays all of it so much later. A conversation cannot wait for pictures,
//! and a picture that is given up needs a whole one, which costs a thin line more than it has. So pictures have more patience than they
//! tell of: as a rule they are on time, and one that was mended comes late.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use gstreamer as gst;
use gstreamer::glib::WeakRef;
use gstreamer::prelude::*;

/// For sound: the jitter of a village's line.
pub const SOUND: gst::ClockTime = gst::ClockTime::from_mseconds(100);
/// For pictures: two rounds of such a line, with what its routers hold. Who waits longer asks more often, and a thin line carries nothing else.
const PICTURES: gst::ClockTime = gst::ClockTime::from_mseconds(400);
/// More that is received at once is nobody's.
const BUFFERS: usize = 16;

/// What waits for missing packets, by what it receives (its SSRC).
#[derive(Clone, Default)]
pub struct Patience(Arc<Mutex<HashMap<u32, WeakRef<gst::Element>>>>);

impl Patience {
    /// Of all that `connection` (a `webrtcbin`) receives.
    pub fn of(connection: &gst::Element) -> Self {
        let patience = Self::default();
        let sessions = connection
            .downcast_ref::<gst::Bin>()
            .and_then(|bin| bin.by_name("rtpbin"));
        if let Some(sessions) = sessions {
            let known = patience.clone();
            sessions.connect("new-jitterbuffer", false, move |values| {
                let buffer = values.get(1)?.get::<gst::Element>().ok()?;
                let ssrc = values.get(3)?.get::<u32>().ok()?;
                let mut known = known.0.lock().unwrap_or_else(PoisonError::into_inner);
                known.retain(|_, buffer| buffer.upgrade().is_some());
                if known.len() < BUFFERS {
                    known.insert(ssrc, buffer.downgrade());
                }
                None
            });
        }
        patience
    }

    /// Has it for the pictures that come out at `pad` of the connection, which tells of no more than sound has.
    pub fn have(&self, pad: &gst::Pad) {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let buffer = ssrc(pad).and_then(|ssrc| known.get(&ssrc)?.upgrade());
        drop(known);
        let Some(buffer) = buffer else {
            tracing::warn!("what waits for a picture's packets is not known");
            return;
        };
        let patience = u32::try_from(PICTURES.mseconds()).unwrap_or_default();
        buffer.set_property("latency", patience);
        // On a thin line packets of a large picture come one after the other for seconds: what was not sent yet is not lost.
        buffer.set_property("rtx-next-seqnum", false);
        let kinds = gst::PadProbeType::QUERY_UPSTREAM | gst::PadProbeType::PULL;
        pad.add_probe(kinds, |_, info| {
            if let Some(query) = info.query_mut()
                && let gst::QueryViewMut::Latency(latency) = query.view_mut()
            {
                let (live, least, most) = latency.result();
                latency.set(live, least.saturating_sub(PICTURES - SOUND), most);
            }
            gst::PadProbeReturn::Ok
        });
    }
}

/// What comes out at a pad of a connection: the pad behind it is `recv_rtp_src_SESSION_SSRC_PT`.
fn ssrc(pad: &gst::Pad) -> Option<u32> {
    let behind = pad.downcast_ref::<gst::GhostPad>()?.target()?.name();
    behind.rsplit('_').nth(1)?.parse().ok()
}
