// SPDX-License-Identifier: EUPL-1.2
//! A camera: in which of its ways it is used, and what makes pictures for a call out of that.
//!
//! Cameras give large pictures only seldom in a second, unless as JPEG, and GStreamer takes the largest of all: five pictures a second.

use std::path::PathBuf;

use gstreamer as gst;
use gstreamer::prelude::*;

use super::ends::Give;
use super::make::{MediaError, filter, with};

/// Where the picture comes from.
#[derive(Clone, Debug)]
pub enum Camera {
    /// A camera (Video4Linux).
    Device(PathBuf),
    /// Colour bars.
    Bars,
    /// Elements that somebody makes; nothing while there is no camera.
    Made(Give<Vec<gst::Element>>),
}

/// Pictures a second, from the best on: what a call sends, what is still movement, and whatever there is.
const RATES: [i32; 3] = [25, 15, 1];
/// Lines of a picture, from the best on: no fewer than are sent at best, a little fewer, more than are of use, and whatever there is.
const HEIGHTS: [(i32, i32); 4] = [(540, 720), (480, 539), (721, 2160), (1, 479)];
/// No camera gives more pictures in a second, or more pixels across.
const MOST: (i32, i32) = (240, 4096);
/// What comes as it is, and what has to be decoded.
const KINDS: [&str; 2] = [RAW, JPEG];
const RAW: &str = "video/x-raw";
const JPEG: &str = "image/jpeg";

impl Camera {
    /// The chain of elements that gives its pictures.
    pub(super) fn chain(&self) -> Result<Vec<gst::Element>, MediaError> {
        match self {
            Self::Device(path) => device(path.to_string_lossy().into_owned()),
            Self::Bars => Ok(vec![with("videotestsrc", |source| {
                source.property("is-live", true)
            })?]),
            Self::Made(give) => give.ask().ok_or(MediaError::Away),
        }
    }
}

fn device(path: String) -> Result<Vec<gst::Element>, MediaError> {
    let source = with("v4l2src", |source| source.property("device", path))?;
    // It has to be opened to be asked. One that cannot be says why when the call starts it.
    let opened = source.set_state(gst::State::Ready).is_ok();
    let pad = source.static_pad("src").filter(|_| opened);
    let way = pad.and_then(|pad| best(&pad.query_caps(None)));
    let mut elements = vec![source];
    elements.extend(prepared(way)?);
    Ok(elements)
}

/// What makes pictures of one shape out of what comes in this way.
fn prepared(way: Option<gst::Caps>) -> Result<Vec<gst::Element>, MediaError> {
    let mut elements = Vec::new();
    if let Some(way) = way {
        tracing::debug!(%way, "the camera's way");
        let is_jpeg = way.structure(0).is_some_and(|way| way.name() == JPEG);
        elements.push(filter(way)?);
        if is_jpeg {
            // A picture that came damaged is left out.
            elements.push(with("jpegdec", |jpeg| jpeg.property("max-errors", -1_i32))?);
        }
    }
    // All that is sent has this shape: at the sides of a wide picture nobody sits.
    elements.push(with("aspectratiocrop", |crop| {
        crop.property("aspect-ratio", gst::Fraction::new(4, 3))
    })?);
    Ok(elements)
}

/// The best of the ways that a camera has; within it the camera's own order decides.
fn best(has: &gst::Caps) -> Option<gst::Caps> {
    let ways = RATES
        .into_iter()
        .flat_map(|rate| HEIGHTS.map(|lines| (rate, lines)));
    let mut ways = ways.flat_map(|(rate, lines)| KINDS.map(|kind| wanted(kind, rate, lines)));
    ways.find(|wanted| has.can_intersect(wanted))
}

fn wanted(kind: &str, rate: i32, (least, most): (i32, i32)) -> gst::Caps {
    let (rate, fastest) = (gst::Fraction::new(rate, 1), gst::Fraction::new(MOST.0, 1));
    gst::Caps::builder(kind)
        .field("framerate", gst::FractionRange::new(rate, fastest))
        .field("width", gst::IntRange::new(1, MOST.1))
        .field("height", gst::IntRange::new(least, most))
        .build()
}

#[cfg(test)]
mod tests {
    use std::str::FromStr;
    use std::sync::mpsc::channel;
    use std::time::Duration;

    use super::super::ends::{Frame, Picture, Take};
    use super::super::make::{chain, element, start};
    use super::*;

    /// A plain web camera: large raw pictures come slowly.
    const PLAIN: &str = "\
        video/x-raw, format=YUY2, width=1920, height=1080, framerate=5/1; \
        video/x-raw, format=YUY2, width=1280, height=720, framerate={ 10/1, 5/1 }; \
        video/x-raw, format=YUY2, width=640, height=480, framerate={ 30/1, 15/1 }";
    /// What it has beside these.
    const PACKED: &str = "\
        image/jpeg, width=1920, height=1080, framerate=30/1; \
        image/jpeg, width=1280, height=720, framerate={ 30/1, 15/1 }";

    fn chosen(has: &str) -> Option<String> {
        start().unwrap();
        let has = gst::Caps::from_str(has).unwrap();
        let mut way = best(&has)?.intersect(&has);
        way.fixate();
        let way = way.structure(0)?;
        let (width, height) = (way.get::<i32>("width"), way.get::<i32>("height"));
        let rate = way.get::<gst::Fraction>("framerate").unwrap();
        let rate = rate.numer() / rate.denom();
        let kind = way.name();
        Some(format!(
            "{kind} {}x{} {rate}",
            width.unwrap(),
            height.unwrap()
        ))
    }

    /// Proves T1, T11: a camera is used in a way that shows movement, and then as large as is sent; only then without decoding.
    #[test]
    fn movement_is_first_then_size() {
        let both = format!("{PLAIN}; {PACKED}");
        assert_eq!(chosen(&both).unwrap(), "image/jpeg 1280x720 30");
        assert_eq!(chosen(PLAIN).unwrap(), "video/x-raw 640x480 30");
        let good = "video/x-raw, format=NV12, width=1280, height=720, framerate=30/1";
        assert_eq!(
            chosen(&format!("{PACKED}; {good}")).unwrap(),
            "video/x-raw 1280x720 30"
        );
        let slow = "video/x-raw, format=YUY2, width=800, height=600, framerate=10/1";
        assert_eq!(chosen(slow).unwrap(), "video/x-raw 800x600 10");
        assert_eq!(chosen("audio/x-raw"), None);
    }

    /// Proves T1: pictures that come as JPEG are seen, and lose their sides where they are wide.
    #[test]
    fn jpeg_is_decoded_and_wide_is_cropped() {
        const DEADLINE: Duration = Duration::from_secs(20);
        start().unwrap();
        let pipeline = gst::Pipeline::new();
        let (told, frames) = channel();
        let picture = Picture::Frames(Take::new(move |frame: Frame| {
            let _ = told.send((frame.width, frame.height));
        }));
        let caps = gst::Caps::from_str("video/x-raw, width=1280, height=720, framerate=30/1");
        let source = [
            element("videotestsrc").unwrap(),
            filter(caps.unwrap()).unwrap(),
            element("jpegenc").unwrap(),
        ];
        let has = "image/jpeg, width=1280, height=720, framerate=30/1";
        let way = best(&gst::Caps::from_str(has).unwrap());
        let mut all = source.to_vec();
        all.extend(prepared(way).unwrap());
        all.extend([element("videoconvert").unwrap(), picture.sink().unwrap()]);
        chain(pipeline.upcast_ref(), "test", &all).unwrap();
        pipeline.set_state(gst::State::Playing).unwrap();
        assert_eq!(frames.recv_timeout(DEADLINE).unwrap(), (960, 720));
        pipeline.set_state(gst::State::Null).unwrap();
    }
}
