// SPDX-License-Identifier: EUPL-1.2
//! What is sent: from the ends to the connection, as much of it as the line carries.

use std::sync::{Mutex, PoisonError};

use gstreamer as gst;
use gstreamer::prelude::*;

use super::ends::Ends;
use super::make::{MediaError, chain, element, with};
use crate::budget::{Budget, START, Share, Size, Video};

/// Numbers packets across sound and picture, so that the other side can tell when each of them arrived.
const TRANSPORT_WIDE: &str =
    "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01";

/// The chains that send.
pub struct Sender {
    camera: gst::Element,
    microphone: gst::Element,
    size: gst::Element,
    picture: gst::Element,
    voice: gst::Element,
    budget: Mutex<Budget>,
    state: Mutex<State>,
}

#[derive(Clone, Copy, Default)]
struct State {
    paused: bool,
    muted: bool,
    /// The line carries no picture.
    starved: bool,
}

impl Sender {
    /// Builds the chains in `bin`, up to the pads of `connection`.
    pub fn new(bin: &gst::Bin, ends: &Ends, connection: &gst::Element) -> Result<Self, MediaError> {
        let share = Budget::default().share(START);
        let voice = with("opusenc", |encoder| {
            encoder
                .property_from_str("audio-type", "voice")
                .property_from_str("bandwidth", "auto")
                .property("bitrate", share.sound as i32)
                .property("dtx", true)
                .property("inband-fec", true)
                .property("packet-loss-percentage", 10_i32)
        })?;
        let microphone = valve()?;
        let pay = with("rtpopuspay", |pay| pay.property("pt", 97_u32))?;
        let caps = rtp("audio", "OPUS", 97)
            .field("clock-rate", 48_000_i32)
            .field("encoding-params", "2")
            .field("useinbandfec", "1")
            .field("usedtx", "1");
        let caps = filter(caps.build())?;
        let source = ends.microphone.source()?;
        let elements = [
            &source,
            &waiting()?,
            &element("audioconvert")?,
            &element("audioresample")?,
            &microphone,
            &voice,
            &pay,
            &caps,
        ];
        chain(bin, "microphone", elements)?;
        join(&caps, connection, "microphone")?;

        let picture = with("vp8enc", |encoder| {
            encoder
                .property("deadline", 1_i64)
                .property("cpu-used", 8_i32)
                .property("threads", 2_i32)
                .property("lag-in-frames", 0_i32)
                .property_from_str("end-usage", "cbr")
                .property_from_str("error-resilient", "default")
                .property("keyframe-max-dist", 1000_i32)
                .property("min-quantizer", 4_i32)
                .property("max-quantizer", 56_i32)
                .property("undershoot", 100_i32)
                .property("buffer-size", 600_i32)
                .property("buffer-initial-size", 300_i32)
                .property("buffer-optimal-size", 400_i32)
        })?;
        let size = element("capsfilter")?;
        let camera = valve()?;
        let pay = with("rtpvp8pay", |pay| {
            pay.property("pt", 96_u32)
                .property_from_str("picture-id-mode", "15-bit")
        })?;
        let caps = rtp("video", "VP8", 96)
            .field("clock-rate", 90_000_i32)
            .field("rtcp-fb-nack", true)
            .field("rtcp-fb-nack-pli", true)
            .field("rtcp-fb-ccm-fir", true);
        let caps = filter(caps.build())?;
        let source = ends.camera.source()?;
        let tee = element("tee")?;
        let elements = [
            &source,
            &waiting()?,
            &element("videoconvert")?,
            &element("videoscale")?,
            &with("videorate", |rate| rate.property("drop-only", false))?,
            &size,
            &tee,
            &waiting()?,
            &camera,
            &picture,
            &pay,
            &caps,
        ];
        chain(bin, "camera", elements)?;
        join(&caps, connection, "camera")?;
        let own = [&waiting()?, &element("videoconvert")?, &ends.own.sink()?];
        chain(bin, "own picture", own)?;
        let [first, ..] = own;
        tee.link(first).map_err(|source| MediaError::Link {
            chain: "own picture",
            source,
        })?;
        let sender = Self {
            camera,
            microphone,
            size,
            picture,
            voice,
            budget: Mutex::default(),
            state: Mutex::default(),
        };
        sender.fit(START);
        Ok(sender)
    }

    /// Sends as much as the line carries: `estimate` bits a second.
    pub fn fit(&self, estimate: u32) {
        let share = self
            .budget
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .share(estimate);
        let Share { sound, video } = share;
        tracing::debug!(estimate, sound, ?video, "what the line carries");
        self.voice.set_property("bitrate", sound as i32);
        if let Some(Video { bits, size }) = video {
            self.picture.set_property("target-bitrate", bits as i32);
            let caps = raw(size);
            if self.size.property::<Option<gst::Caps>>("caps").as_ref() != Some(&caps) {
                self.size.set_property("caps", caps);
            }
        }
        self.set(|state| state.starved = video.is_none());
    }

    /// Sends nothing while it is so.
    pub fn pause(&self, paused: bool) {
        self.set(|state| state.paused = paused);
    }

    /// Sends no sound while it is so.
    pub fn mute(&self, muted: bool) {
        self.set(|state| state.muted = muted);
    }

    fn set(&self, change: impl FnOnce(&mut State)) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut state);
        let State {
            paused,
            muted,
            starved,
        } = *state;
        self.microphone.set_property("drop", paused || muted);
        self.camera.set_property("drop", paused || starved);
    }
}

/// The congestion control, which says what the line carries.
pub fn congestion() -> Result<gst::Element, MediaError> {
    with("rtpgccbwe", |control| {
        control
            .property("estimated-bitrate", START)
            .property("min-bitrate", crate::budget::LEAST)
            .property("max-bitrate", crate::budget::MOST)
    })
}

fn valve() -> Result<gst::Element, MediaError> {
    with("valve", |valve| valve.property("drop", false))
}

/// A queue that holds back nothing: what is late is dropped.
fn waiting() -> Result<gst::Element, MediaError> {
    with("queue", |queue| {
        queue
            .property("max-size-buffers", 8_u32)
            .property("max-size-bytes", 0_u32)
            .property("max-size-time", 200_000_000_u64)
            .property_from_str("leaky", "downstream")
    })
}

fn filter(caps: gst::Caps) -> Result<gst::Element, MediaError> {
    with("capsfilter", |filter| filter.property("caps", caps))
}

fn rtp(media: &str, encoding: &str, payload: i32) -> gst::caps::Builder<gst::caps::NoFeature> {
    gst::Caps::builder("application/x-rtp")
        .field("media", media)
        .field("encoding-name", encoding)
        .field("payload", payload)
        .field("extmap-1", TRANSPORT_WIDE)
        .field("rtcp-fb-transport-cc", true)
}

fn raw(size: Size) -> gst::Caps {
    gst::Caps::builder("video/x-raw")
        .field("format", "I420")
        .field("width", size.width)
        .field("height", size.height)
        .field("framerate", gst::Fraction::new(size.rate, 1))
        .field("pixel-aspect-ratio", gst::Fraction::new(1, 1))
        .build()
}

fn join(
    from: &gst::Element,
    connection: &gst::Element,
    name: &'static str,
) -> Result<(), MediaError> {
    from.link_pads(Some("src"), connection, Some("sink_%u"))
        .map_err(|source| MediaError::Link {
            chain: name,
            source,
        })
}
