// SPDX-License-Identifier: EUPL-1.2
//! What is sent: from the ends to the connection, as much of it as the line carries.

use std::sync::{Mutex, PoisonError};

use gstreamer as gst;
use gstreamer::prelude::*;
use gstreamer_video as video;

use super::echo::EchoCanceller;
use super::ends::Ends;
use super::feed::Feed;
use super::make::{MediaError, chain, element, filter, with};
use super::own::Own;
use crate::budget::{Budget, START, Share, Size, Video};

/// Numbers packets across sound and picture, so that the other side can tell when each of them arrived.
const TRANSPORT_WIDE: &str =
    "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01";

/// The chains that send.
pub struct Sender {
    feed: Feed,
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
    /// Builds the chains in `bin`, up to the pads of `connection`; what the camera sees goes to `own` too, and `echo` is taken out of
    /// what is said. `camera` is told whether there is one.
    pub fn new(
        bin: &gst::Bin,
        ends: &Ends,
        own: Option<&Own>,
        echo: Option<&EchoCanceller>,
        connection: &gst::Element,
        camera: impl Fn(bool) + Send + Sync + 'static,
    ) -> Result<Self, MediaError> {
        let (microphone, voice) = speech(bin, ends, echo, connection)?;
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
        // A picture of the size before may be under way when another one is wanted; refused, it would end the chain.
        let size = with("capsfilter", |filter| {
            filter.property_from_str("caps-change-mode", "delayed")
        })?;
        let eye = valve()?;
        let pay = with("rtpvp8pay", |pay| {
            pay.property("pt", 96_u32)
                .property_from_str("picture-id-mode", "15-bit")
        })?;
        let caps = filter(pictures().build())?;
        let tee = element("tee")?;
        let first = waiting()?;
        let elements = [
            first.clone(),
            element("videoconvert")?,
            element("videoscale")?,
            with("videorate", |rate| rate.property("drop-only", false))?,
            size.clone(),
            tee.clone(),
            waiting()?,
            eye.clone(),
            picture.clone(),
            pay,
            caps.clone(),
        ];
        chain(bin, "picture", &elements)?;
        join(&caps, connection, "picture")?;
        if let Some(own) = own {
            let first = waiting()?;
            let mut elements = vec![first.clone()];
            elements.extend(own.sink()?);
            chain(bin, "own picture", &elements)?;
            tee.link(&first).map_err(|source| MediaError::Link {
                chain: "own picture",
                source,
            })?;
        }
        let to = first.static_pad("sink").ok_or(MediaError::Away)?;
        let feed = Feed::new(&ends.camera, bin, to, camera)?;
        let sender = Self {
            feed,
            camera: eye,
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

    /// Changes nothing of its chains any more: they can be taken down.
    pub fn close(&self) {
        self.feed.close();
    }

    /// Takes in what fell, if the call can go on without it; says whether it can.
    pub fn falls(&self, error: &gst::message::Error) -> bool {
        self.feed.falls(error)
    }

    /// Sends nothing while it is so.
    pub fn pause(&self, paused: bool) {
        self.set(|state| state.paused = paused);
    }

    /// Sends no sound while it is so.
    pub fn mute(&self, muted: bool) {
        self.set(|state| state.muted = muted);
    }

    /// Makes the next picture one that needs no other before it: whoever has just begun to look, or has missed some, sees it at once.
    pub fn refresh(&self) {
        let event = video::UpstreamForceKeyUnitEvent::builder()
            .all_headers(true)
            .build();
        if let Some(pad) = self.picture.static_pad("src") {
            // Refused only while it is taken down.
            let _ = pad.send_event(event);
        }
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
        let shut = paused || starved;
        // A browser forgets what it has decoded when it is told of a pause.
        if !shut && self.camera.property("drop") {
            self.refresh();
        }
        self.camera.set_property("drop", shut);
    }
}

/// The chain of sound, up to a pad of `connection`: its valve and its encoder.
fn speech(
    bin: &gst::Bin,
    ends: &Ends,
    echo: Option<&EchoCanceller>,
    connection: &gst::Element,
) -> Result<(gst::Element, gst::Element), MediaError> {
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
    let mut elements = vec![
        ends.microphone.source()?,
        waiting()?,
        element("audioconvert")?,
        element("audioresample")?,
    ];
    if let Some(echo) = echo {
        elements.extend(echo.microphone()?);
    }
    elements.extend([microphone.clone(), voice.clone(), pay, caps.clone()]);
    chain(bin, "microphone", &elements)?;
    join(&caps, connection, "microphone")?;
    Ok((microphone, voice))
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

fn rtp(media: &str, encoding: &str, payload: i32) -> gst::caps::Builder<gst::caps::NoFeature> {
    gst::Caps::builder("application/x-rtp")
        .field("media", media)
        .field("encoding-name", encoding)
        .field("payload", payload)
        .field("extmap-1", TRANSPORT_WIDE)
        .field("rtcp-fb-transport-cc", true)
}

/// How pictures travel.
pub fn pictures() -> gst::caps::Builder<gst::caps::NoFeature> {
    rtp("video", "VP8", 96)
        .field("clock-rate", 90_000_i32)
        .field("rtcp-fb-nack", true)
        .field("rtcp-fb-nack-pli", true)
        .field("rtcp-fb-ccm-fir", true)
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::mpsc::{RecvTimeoutError, channel};
    use std::time::Duration;

    use super::*;
    use crate::media::{Camera, Microphone, Picture, Speaker, start};

    /// What is sent of bars and a tone, into nothing.
    fn sends() -> (gst::Pipeline, Sender) {
        start().unwrap();
        let pipeline = gst::Pipeline::new();
        let (funnel, sink) = (element("funnel").unwrap(), element("fakesink").unwrap());
        sink.set_property("async", false);
        chain(pipeline.upcast_ref(), "test", [&funnel, &sink]).unwrap();
        let ends = Ends {
            camera: Camera::Bars,
            microphone: Microphone::Tone(440.0),
            own: false,
            hands_free: false,
            picture: Picture::None,
            speaker: Speaker::None,
        };
        let sender =
            Sender::new(pipeline.upcast_ref(), &ends, None, None, &funnel, |_| {}).unwrap();
        (pipeline, sender)
    }

    /// Proves T1, T11: the line changes when it likes, also while a picture of the size before is under way, and pictures go on.
    #[test]
    fn sizes_change_while_pictures_are_under_way() {
        const DEADLINE: Duration = Duration::from_secs(20);
        const POOR: u32 = 250_000;
        const GOOD: u32 = 950_000;
        let (pipeline, sender) = sends();
        let sender = Arc::new(sender);
        let pad = |element: &gst::Element, name| element.static_pad(name).unwrap();
        let upstream = |element: &gst::Element| pad(element, "sink").peer()?.parent_element();
        let (picture, size) = (sender.picture.clone(), sender.size.clone());
        // Between what makes the size and what wants it.
        let rate = upstream(&size).unwrap();
        let (changes, mut good) = (Arc::downgrade(&sender), false);
        let mut under_way = 0;
        let change = Mutex::new(move || {
            under_way += 1;
            if under_way % 3 == 0 {
                good = !good;
                if let Some(sender) = changes.upgrade() {
                    sender.fit(if good { GOOD } else { POOR });
                }
            }
        });
        pad(&rate, "sink").add_probe(gst::PadProbeType::BUFFER, move |_, _| {
            (change.lock().unwrap())();
            gst::PadProbeReturn::Ok
        });
        let (told, sizes) = channel();
        pad(&picture, "sink").add_probe(gst::PadProbeType::BUFFER, move |pad, _| {
            let caps = pad.current_caps();
            let width = caps.and_then(|caps| caps.structure(0)?.get::<i32>("width").ok());
            let _ = told.send(width.unwrap_or_default());
            gst::PadProbeReturn::Ok
        });
        pipeline.set_state(gst::State::Playing).unwrap();
        let mut seen = Vec::new();
        for _ in 0..100 {
            let width = sizes.recv_timeout(DEADLINE).unwrap();
            if seen.last() != Some(&width) {
                seen.push(width);
            }
        }
        let error = pipeline
            .bus()
            .unwrap()
            .pop_filtered(&[gst::MessageType::Error]);
        assert!(error.is_none(), "{error:?}");
        assert!(seen.len() >= 10, "{seen:?}");
        pipeline.set_state(gst::State::Null).unwrap();
    }

    /// Proves T1, D2: after every pause the first picture that goes out needs no other before it, and so it is when it is asked for.
    #[test]
    fn the_first_picture_after_a_pause_is_whole() {
        const DEADLINE: Duration = Duration::from_secs(20);
        let (pipeline, sender) = sends();
        let (told, pictures) = channel();
        let encoded = sender.picture.static_pad("src").unwrap();
        encoded.add_probe(gst::PadProbeType::BUFFER, move |_, info| {
            let whole = info
                .buffer()
                .is_some_and(|buffer| !buffer.flags().contains(gst::BufferFlags::DELTA_UNIT));
            let _ = told.send(whole);
            gst::PadProbeReturn::Ok
        });
        pipeline.set_state(gst::State::Playing).unwrap();
        let next = || pictures.recv_timeout(DEADLINE).unwrap();
        assert!(next());
        for _ in 0..3 {
            while next() {}
            sender.pause(true);
            // What was under way comes out yet; then there is nothing.
            let still = loop {
                match pictures.recv_timeout(Duration::from_millis(400)) {
                    Ok(_) => {}
                    Err(error) => break error,
                }
            };
            assert_eq!(still, RecvTimeoutError::Timeout);
            sender.pause(false);
            assert!(next(), "a picture that needs another one");
        }
        while next() {}
        sender.refresh();
        assert!((0..25).any(|_| next()), "no picture was made anew");
        pipeline.set_state(gst::State::Null).unwrap();
    }
}
