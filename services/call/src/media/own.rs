// SPDX-License-Identifier: EUPL-1.2
//! The own picture: small, in a corner of the other side's, and mirrored as people know themselves.

use std::sync::{Arc, Mutex, PoisonError};

use gstreamer as gst;
use gstreamer::prelude::*;
use gstreamer_video as video;

use super::ends::appsink;
use super::make::{MediaError, element};

/// Its pixels across; as many down as its shape needs.
const WIDTH: i32 = 192;
/// No shape of a camera needs more.
const MAX_HEIGHT: u32 = 1024;
/// So many of it lie side by side in the other picture.
const SHARE: u32 = 5;
/// Between it and the corner: the other picture's width by this.
const MARGIN: u32 = 60;
/// Its edge: pixels, and their blue, green, red and opacity.
const EDGE: (usize, [u8; 4]) = (2, [0xf0, 0xf6, 0xfa, 0xff]);

/// What was seen last.
#[derive(Clone, Debug, Default)]
pub struct Own(Arc<Mutex<Option<Seen>>>);

#[derive(Clone, Debug)]
struct Seen {
    pixels: gst::Buffer,
    height: u32,
}

impl Own {
    /// The chain that takes in what the camera sees.
    pub fn sink(&self) -> Result<Vec<gst::Element>, MediaError> {
        let own = self.clone();
        let caps = gst::Caps::builder("video/x-raw")
            .field("format", "BGRA")
            .field("width", WIDTH)
            .field("pixel-aspect-ratio", gst::Fraction::new(1, 1));
        let sink = appsink(&caps.build(), move |sample| {
            if let Some(seen) = sample.buffer().zip(sample.caps()).and_then(mirrored) {
                *own.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(seen);
            }
        });
        Ok(vec![element("videoscale")?, element("videoconvert")?, sink])
    }

    /// The element that lays it into the pictures that go through it.
    pub fn lay(&self) -> Result<gst::Element, MediaError> {
        let overlay = element("overlaycomposition")?;
        let own = self.clone();
        overlay.connect("draw", false, move |values| {
            let sample = values.get(1)?.get::<gst::Sample>().ok()?;
            let seen = own.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
            let composition = seen.and_then(|seen| seen.beside(sample.caps()?));
            Some(composition.to_value())
        });
        Ok(overlay)
    }
}

impl Seen {
    /// Where it lies in a picture of these `caps`.
    fn beside(&self, caps: &gst::CapsRef) -> Option<video::VideoOverlayComposition> {
        let other = video::VideoInfo::from_caps(caps).ok()?;
        // Colours are known for pairs of pixels: what begins or ends within one has a shadow.
        let even = |pixels: u32| pixels & !1;
        let width = even(other.width() / SHARE);
        let height = even(width * self.height / WIDTH as u32);
        let margin = other.width() / MARGIN;
        let x = even(other.width().checked_sub(width + margin)?);
        let y = even(other.height().checked_sub(height + margin)?);
        if width == 0 || height == 0 {
            return None;
        }
        let rectangle = video::VideoOverlayRectangle::new_raw(
            &self.pixels,
            i32::try_from(x).ok()?,
            i32::try_from(y).ok()?,
            width,
            height,
            video::VideoOverlayFormatFlags::empty(),
        );
        video::VideoOverlayComposition::new([&rectangle]).ok()
    }
}

/// What a mirror would show, with an edge.
fn mirrored((buffer, caps): (&gst::BufferRef, &gst::CapsRef)) -> Option<Seen> {
    const PIXEL: usize = 4;
    let info = video::VideoInfo::from_caps(caps).ok()?;
    let (width, height) = (info.width(), info.height());
    if info.format() != video::VideoFormat::Bgra || width != WIDTH as u32 || height > MAX_HEIGHT {
        return None;
    }
    let (across, down) = (width as usize, height as usize);
    let stride = usize::try_from(*info.stride().first()?).ok()?;
    let from = buffer.map_readable().ok()?;
    let mut pixels = Vec::with_capacity(across * down * PIXEL);
    let (edge, colour) = EDGE;
    for (y, row) in from.chunks(stride).take(down).enumerate() {
        let row = row.get(..across * PIXEL)?;
        for (x, pixel) in row.rchunks_exact(PIXEL).enumerate() {
            let inner = (edge..across - edge).contains(&x)
                && (edge..down.saturating_sub(edge)).contains(&y);
            pixels.extend_from_slice(if inner { pixel } else { &colour });
        }
    }
    let mut pixels = gst::Buffer::from_mut_slice(pixels);
    video::VideoMeta::add(
        pixels.get_mut()?,
        video::VideoFrameFlags::empty(),
        video::VideoFormat::Bgra,
        width,
        height,
    )
    .ok()?;
    Some(Seen { pixels, height })
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;
    use std::time::Duration;

    use super::super::ends::{Frame, Picture, Take};
    use super::super::make::{chain, start, with};
    use super::*;

    /// Pictures of the other side, blue, with what the camera sees (bars from white to blue) in their corner.
    fn pictures(width: i32, height: i32) -> (gst::Pipeline, std::sync::mpsc::Receiver<Frame>) {
        start().unwrap();
        let pipeline = gst::Pipeline::new();
        let own = Own::default();
        let (told, frames) = channel();
        let picture = Picture::Frames(Take::new(move |frame| {
            let _ = told.send(frame);
        }));
        let source = |pattern| {
            with("videotestsrc", |source| {
                source
                    .property("is-live", true)
                    .property_from_str("pattern", pattern)
            })
        };
        let caps = |width, height| {
            let caps = gst::Caps::builder("video/x-raw")
                .field("format", "I420")
                .field("width", width)
                .field("height", height);
            with("capsfilter", |filter| filter.property("caps", caps.build())).unwrap()
        };
        let mut mine = vec![source("smpte").unwrap(), caps(640, 480)];
        mine.extend(own.sink().unwrap());
        chain(pipeline.upcast_ref(), "mine", &mine).unwrap();
        let theirs = [
            source("blue").unwrap(),
            caps(width, height),
            own.lay().unwrap(),
            element("videoconvert").unwrap(),
            picture.sink().unwrap(),
        ];
        chain(pipeline.upcast_ref(), "theirs", &theirs).unwrap();
        pipeline.set_state(gst::State::Playing).unwrap();
        (pipeline, frames)
    }

    fn at(frame: &Frame, x: usize, y: usize) -> [bool; 3] {
        let pixel = (y * frame.width + x) * 3;
        [0, 1, 2].map(|colour| frame.rgb[pixel + colour] > 100)
    }

    /// Proves T1: who talks sees the own picture small in the corner of the other side's, mirrored, and nothing else is covered.
    #[test]
    fn it_lies_mirrored_in_a_corner() {
        const DEADLINE: Duration = Duration::from_secs(20);
        const FRAMES: usize = 300;
        const BLUE: [bool; 3] = [false, false, true];
        const WHITE: [bool; 3] = [true, true, true];
        const RED: [bool; 3] = [true, false, false];
        for (width, height) in [(640, 480), (320, 240), (1280, 720)] {
            let (pipeline, frames) = pictures(width, height);
            let (width, height) = (width as usize, height as usize);
            // A fifth of the width, three quarters of that high, in the lower right corner.
            let (across, margin) = (width / 5, width / 60);
            let left = (width - margin - across) & !1;
            let top = (height - margin - across * 3 / 4) & !1;
            let middle = top + across / 4;
            let there = |frame: &Frame| at(frame, left + across * 13 / 14, middle) == WHITE;
            let mut some = (0..FRAMES).map(|_| frames.recv_timeout(DEADLINE).unwrap());
            let frame = some.find(there).expect("the first bar on the right");
            // The bars' order is turned: the last two, red and blue, come first.
            assert_eq!(at(&frame, left + across / 14, middle), BLUE);
            assert_eq!(at(&frame, left + across * 3 / 14, middle), RED);
            assert_eq!(at(&frame, left, middle), WHITE, "the edge");
            for (x, y) in [
                (0, 0),
                (width - 1, 0),
                (0, height - 1),
                (left - 2, middle),
                (width - 1, height - 1),
                (left + across / 2, top - 2),
            ] {
                assert_eq!(at(&frame, x, y), BLUE, "{x} {y}");
            }
            pipeline.set_state(gst::State::Null).unwrap();
        }
    }
}
