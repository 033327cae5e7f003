// SPDX-License-Identifier: EUPL-1.2
//! Where sound and picture come from and where they go to: values, so that a test has other ends than a device.

use std::fmt;
use std::sync::Arc;

use gstreamer as gst;
use gstreamer::prelude::*;
use gstreamer_app as app;
use gstreamer_video as video;

use super::camera::Camera;
use super::make::{MediaError, with};

/// Samples a second of sound.
pub const SAMPLES: i32 = 48_000;

/// Where the sound comes from.
#[derive(Clone, Debug)]
pub enum Microphone {
    /// A card (ALSA), by its name there.
    Alsa(String),
    /// A tone of so many hertz.
    Tone(f64),
    /// Somebody gives the samples.
    Samples(Give<Samples>),
}

/// Where a picture goes to.
#[derive(Clone, Debug)]
pub enum Picture {
    /// Nobody sees it.
    None,
    /// A surface of the compositor.
    Wayland,
    /// Somebody takes the frames.
    Frames(Take<Frame>),
}

/// Where the sound goes to.
#[derive(Clone, Debug)]
pub enum Speaker {
    /// Nobody hears it.
    None,
    /// A card (ALSA), by its name there.
    Alsa(String),
    /// Somebody takes the samples.
    Samples(Take<Samples>),
}

/// Somebody who takes what arrives.
#[derive(Clone)]
pub struct Take<T>(Arc<dyn Fn(T) + Send + Sync>);

impl<T> Take<T> {
    /// Calls `take` with each.
    pub fn new(take: impl Fn(T) + Send + Sync + 'static) -> Self {
        Self(Arc::new(take))
    }
}

impl<T> fmt::Debug for Take<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Take(…)")
    }
}

/// Somebody who gives what is sent: as it comes about, waiting for it.
#[derive(Clone)]
pub struct Give<T>(Arc<dyn Fn() -> Option<T> + Send + Sync>);

impl<T> Give<T> {
    /// Calls `give` for each; there are no more once it gives nothing.
    pub fn new(give: impl Fn() -> Option<T> + Send + Sync + 'static) -> Self {
        Self(Arc::new(give))
    }

    /// The next one.
    pub(super) fn ask(&self) -> Option<T> {
        self.0()
    }
}

impl<T> fmt::Debug for Give<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Give(…)")
    }
}

/// A picture that has arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// Pixels across.
    pub width: usize,
    /// Pixels down.
    pub height: usize,
    /// Red, green and blue of each pixel, row by row.
    pub rgb: Vec<u8>,
}

/// Sound: one channel, [`SAMPLES`] a second.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Samples(pub Vec<i16>);

/// All ends of a call.
#[derive(Clone, Debug)]
pub struct Ends {
    /// Our picture.
    pub camera: Camera,
    /// Our sound.
    pub microphone: Microphone,
    /// Whether we see ourselves, small in a corner of the other side.
    pub own: bool,
    /// Whether the microphone hears the speaker: then what is heard is taken out of what is said.
    pub hands_free: bool,
    /// Where we see the other side.
    pub picture: Picture,
    /// Where we hear it.
    pub speaker: Speaker,
}

impl Microphone {
    pub(super) fn source(&self) -> Result<gst::Element, MediaError> {
        match self {
            Self::Alsa(device) => {
                let device = device.clone();
                with("alsasrc", |source| source.property("device", device))
            }
            Self::Tone(hertz) => with("audiotestsrc", |source| {
                source
                    .property("is-live", true)
                    .property("freq", *hertz)
                    .property("volume", 0.5)
            }),
            Self::Samples(give) => Ok(appsrc(give.clone())),
        }
    }
}

impl Picture {
    pub(super) fn sink(&self) -> Result<gst::Element, MediaError> {
        match self {
            Self::None => with("fakesink", |sink| sink.property("sync", false)),
            // A late picture is better than none, to whoever waits for what was lost and to a slow device.
            Self::Wayland => with("waylandsink", |sink| sink.property("max-lateness", -1_i64)),
            Self::Frames(take) => {
                let take = take.clone();
                let caps = gst::Caps::builder("video/x-raw").field("format", "RGB");
                Ok(appsink(&caps.build(), move |sample| {
                    let (Some(buffer), Some(caps)) = (sample.buffer(), sample.caps()) else {
                        return;
                    };
                    if let Some(frame) = frame(buffer, caps) {
                        take.0(frame);
                    }
                }))
            }
        }
    }
}

impl Speaker {
    pub(super) fn sink(&self) -> Result<gst::Element, MediaError> {
        match self {
            Self::None => with("fakesink", |sink| sink.property("sync", true)),
            Self::Alsa(device) => {
                let device = device.clone();
                with("alsasink", |sink| sink.property("device", device))
            }
            Self::Samples(take) => {
                let take = take.clone();
                Ok(appsink(&plain(), move |sample| {
                    let map = sample
                        .buffer()
                        .and_then(|buffer| buffer.map_readable().ok());
                    if let Some(map) = map {
                        let pairs = map.as_slice().chunks_exact(2);
                        let samples = pairs
                            .filter_map(|pair| Some(i16::from_le_bytes(pair.try_into().ok()?)));
                        take.0(Samples(samples.collect()));
                    }
                }))
            }
        }
    }
}

/// The one form of [`Samples`].
pub(super) fn plain() -> gst::Caps {
    gst::Caps::builder("audio/x-raw")
        .field("format", "S16LE")
        .field("layout", "interleaved")
        .field("rate", SAMPLES)
        .field("channels", 1_i32)
        .build()
}

/// An end that `give` is asked for sound; what it gives lies without a gap in time, however late it is given.
fn appsrc(give: Give<Samples>) -> gst::Element {
    let (mut begun, mut given) = (None, 0);
    let callbacks = app::AppSrcCallbacks::builder()
        .need_data(move |source, _| {
            let Some(Samples(samples)) = give.ask() else {
                // Refused only while it is taken down, as below.
                let _ = source.end_of_stream();
                return;
            };
            let begun = *begun.get_or_insert_with(|| source.current_running_time());
            let after = gst::ClockTime::SECOND.mul_div_floor(given, SAMPLES as u64);
            given += samples.len() as u64;
            let bytes = samples.into_iter().flat_map(i16::to_le_bytes);
            let mut buffer = gst::Buffer::from_slice(bytes.collect::<Vec<u8>>());
            if let Some(buffer) = buffer.get_mut() {
                buffer.set_pts(begun.zip(after).map(|(begun, after)| begun + after));
            }
            let _ = source.push_buffer(buffer);
        })
        .build();
    let source = app::AppSrc::builder()
        .caps(&plain())
        .format(gst::Format::Time)
        .is_live(true)
        .callbacks(callbacks)
        .build();
    source.upcast()
}

/// An end whose pictures or sound `take` is called with.
pub(super) fn appsink(
    caps: &gst::Caps,
    take: impl Fn(&gst::Sample) + Send + 'static,
) -> gst::Element {
    let callbacks = app::AppSinkCallbacks::builder()
        .new_sample(move |sink| {
            let sample = sink.pull_sample().map_err(|_| gst::FlowError::Eos)?;
            take(&sample);
            Ok(gst::FlowSuccess::Ok)
        })
        .build();
    // Who takes too slowly loses the oldest.
    let sink = app::AppSink::builder()
        .caps(caps)
        .max_buffers(4)
        .drop(true)
        .callbacks(callbacks)
        .build();
    sink.upcast()
}

fn frame(buffer: &gst::BufferRef, caps: &gst::CapsRef) -> Option<Frame> {
    let info = video::VideoInfo::from_caps(caps).ok()?;
    let map = video::VideoFrameRef::from_buffer_ref_readable(buffer, &info).ok()?;
    let (width, height) = (info.width() as usize, info.height() as usize);
    let stride = usize::try_from(*info.stride().first()?).ok()?;
    let data = map.plane_data(0).ok()?;
    let rows = data.chunks(stride).take(height);
    let rgb = rows
        .filter_map(|row| row.get(..width * 3))
        .flatten()
        .copied();
    Some(Frame {
        width,
        height,
        rgb: rgb.collect(),
    })
}
