// SPDX-License-Identifier: EUPL-1.2
//! One picture of a screen that the other side shares and of its face: on the terminal's screen a conversation has one window.
//!
//! The face's pictures set the pace, since a screen stands still for long; what is shared is kept until the next of it comes.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use gstreamer as gst;
use gstreamer::prelude::*;
use gstreamer_app as app;
use gstreamer_video as video;
use gstreamer_video::prelude::*;

use super::make::{MediaError, start};
use crate::spread::{Place, Size, Spread};

/// Black, in the three planes of a picture.
const BLACK: [u8; 3] = [16, 128, 128];
/// So many pictures may wait for their time, which is that of the sound; where there are more, the oldest are dropped.
const WAITING: u64 = 16;

/// Puts both together while something is shared.
#[derive(Clone)]
pub struct Board(Arc<Inner>);

struct Inner {
    out: app::AppSrc,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Something is shared.
    shares: bool,
    room: Option<Size>,
    /// What of it came last.
    screen: Option<Picture>,
    /// And of the face.
    face: Option<Picture>,
    sheet: Option<Sheet>,
}

/// A picture that was decoded.
struct Picture {
    buffer: gst::Buffer,
    info: video::VideoInfo,
}

/// A picture of both, as yet without a face.
struct Sheet {
    info: video::VideoInfo,
    caps: gst::Caps,
    pixels: gst::Buffer,
    /// What draws the face into it.
    face: Option<Stamp>,
}

/// Draws pictures of one form at a place of another.
struct Stamp {
    place: Place,
    /// Of the place.
    info: video::VideoInfo,
    /// Nothing where they are as large as it.
    scales: Option<video::VideoConverter>,
}

impl Board {
    /// An empty one, and where its pictures come from.
    pub fn new() -> Result<(Self, gst::Element), MediaError> {
        start()?;
        let out = app::AppSrc::builder()
            .format(gst::Format::Time)
            .is_live(true)
            .max_bytes(0)
            .build();
        out.set_property("max-buffers", WAITING);
        out.set_property_from_str("leaky-type", "downstream");
        let element = out.clone().upcast();
        let state = Mutex::default();
        Ok((Self(Arc::new(Inner { out, state })), element))
    }

    /// Something is shared from now on, or nothing any more: then nothing of it is kept.
    pub fn share(&self, shares: bool) {
        let mut state = self.lock();
        let room = state.room;
        *state = State {
            shares,
            room,
            ..State::default()
        };
    }

    /// Whether something is shared.
    pub fn shares(&self) -> bool {
        self.lock().shares
    }

    /// There is so much room for both.
    pub fn room(&self, room: Size) {
        let mut state = self.lock();
        state.room = Some(room);
        state.sheet = None;
    }

    /// Takes in a picture of what is shared.
    pub fn screen(&self, sample: &gst::Sample) {
        let Some((buffer, info)) = sample.buffer_owned().zip(sample.caps().and_then(info)) else {
            return;
        };
        let mut state = self.lock();
        if !state.shares {
            return;
        }
        let pts = buffer.pts();
        state.screen = Some(Picture { buffer, info });
        state.sheet = None;
        // The face may stand still, or not be there at all.
        self.push(&mut state, pts);
    }

    /// Takes in a picture of the face; says whether it is shown here, and not by itself.
    pub fn face(&self, buffer: &gst::Buffer, caps: &gst::CapsRef) -> bool {
        let mut state = self.lock();
        if state.screen.is_none() {
            return false;
        }
        let Some(info) = info(caps) else { return false };
        if state.face.as_ref().map(|face| &face.info) != Some(&info) {
            state.sheet = None;
        }
        let buffer = buffer.clone();
        let pts = buffer.pts();
        state.face = Some(Picture { buffer, info });
        self.push(&mut state, pts)
    }

    /// Hands on a picture of both; says whether there was one.
    fn push(&self, state: &mut State, pts: Option<gst::ClockTime>) -> bool {
        let State {
            room,
            screen,
            face,
            sheet,
            ..
        } = state;
        if sheet.is_none() {
            *sheet = screen
                .as_ref()
                .and_then(|screen| Sheet::new(*room, screen, face.as_ref()));
        }
        let Some(sheet) = sheet else { return false };
        let Some(buffer) = sheet.with(face.as_ref(), pts) else {
            return false;
        };
        let sample = gst::Sample::builder().buffer(&buffer).caps(&sheet.caps);
        // Refused only while it is taken down.
        let _ = self.0.out.push_sample(&sample.build());
        true
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Sheet {
    fn new(room: Option<Size>, screen: &Picture, face: Option<&Picture>) -> Option<Self> {
        let size = |picture: &Picture| (picture.info.width(), picture.info.height());
        let spread = Spread::new(room, size(screen), face.map(size))?;
        let (width, height) = spread.size;
        let info = plain((width, height), &screen.info)?;
        let mut pixels = gst::Buffer::with_size(info.size()).ok()?;
        let whole = pixels.get_mut()?;
        let mut frame = video::VideoFrameRef::from_buffer_ref_writable(whole, &info).ok()?;
        for (plane, value) in (0..).zip(BLACK) {
            frame.plane_data_mut(plane).ok()?.fill(value);
        }
        Stamp::new(&screen.info, spread.screen)?.draw(screen, &mut frame)?;
        drop(frame);
        let caps = info.to_caps().ok()?;
        let face = match face.zip(spread.face) {
            Some((face, place)) => Some(Stamp::new(&face.info, place)?),
            None => None,
        };
        Some(Self {
            info,
            caps,
            pixels,
            face,
        })
    }

    /// The whole picture of a moment.
    fn with(&self, face: Option<&Picture>, pts: Option<gst::ClockTime>) -> Option<gst::Buffer> {
        let mut buffer = self.pixels.copy_deep().ok()?;
        let whole = buffer.get_mut()?;
        whole.set_pts(pts);
        if let (Some(face), Some(stamp)) = (face, &self.face) {
            let mut frame =
                video::VideoFrameRef::from_buffer_ref_writable(whole, &self.info).ok()?;
            stamp.draw(face, &mut frame)?;
        }
        Some(buffer)
    }
}

impl Stamp {
    /// For pictures like `from`.
    fn new(from: &video::VideoInfo, place: Place) -> Option<Self> {
        let info = plain((place.width, place.height), from)?;
        let is_same = from.format() == info.format()
            && (from.width(), from.height()) == (info.width(), info.height());
        // Told to draw at a place of a larger picture, a converter spoils what is beside it.
        let scales = if is_same {
            None
        } else {
            Some(video::VideoConverter::new(from, &info, None).ok()?)
        };
        Some(Self {
            place,
            info,
            scales,
        })
    }

    fn draw(&self, picture: &Picture, onto: &mut Frame<'_>) -> Option<()> {
        let from = video::VideoFrameRef::from_buffer_ref_readable(&picture.buffer, &picture.info);
        let from = from.ok()?;
        let Some(scales) = &self.scales else {
            return self.copy(&from, onto);
        };
        let mut buffer = gst::Buffer::with_size(self.info.size()).ok()?;
        let whole = buffer.get_mut()?;
        let mut small = Frame::from_buffer_ref_writable(whole, &self.info).ok()?;
        scales.frame_ref(&from, &mut small);
        drop(small);
        let small = video::VideoFrameRef::from_buffer_ref_readable(&buffer, &self.info).ok()?;
        self.copy(&small, onto)
    }

    /// Row by row, plane by plane; the planes of colours have a half of both.
    fn copy(
        &self,
        from: &video::VideoFrameRef<&gst::BufferRef>,
        onto: &mut Frame<'_>,
    ) -> Option<()> {
        let whole = [
            self.place.x,
            self.place.y,
            self.place.width,
            self.place.height,
        ];
        for (plane, part) in [(0, 1), (1, 2), (2, 2)] {
            let [x, y, width, height] = whole.map(|length| (length / part) as usize);
            let stride = |strides: &[i32]| usize::try_from(*strides.get(plane as usize)?).ok();
            let (near, far) = (stride(from.plane_stride())?, stride(onto.plane_stride())?);
            let rows = from.plane_data(plane).ok()?.chunks(near).take(height);
            let to = onto.plane_data_mut(plane).ok()?.chunks_mut(far).skip(y);
            for (row, to) in rows.zip(to) {
                to.get_mut(x..x + width)?.copy_from_slice(row.get(..width)?);
            }
        }
        Some(())
    }
}

/// A picture that is being drawn.
type Frame<'a> = video::VideoFrameRef<&'a mut gst::BufferRef>;

/// The form of a picture of this size, in colours like those of another.
fn plain((width, height): Size, colours: &video::VideoInfo) -> Option<video::VideoInfo> {
    video::VideoInfo::builder(video::VideoFormat::I420, width, height)
        .fps(gst::Fraction::new(0, 1))
        .colorimetry(&colours.colorimetry())
        .build()
        .ok()
}

/// The form of a picture, without its pace: nobody converts that here.
fn info(caps: &gst::CapsRef) -> Option<video::VideoInfo> {
    let info = video::VideoInfo::from_caps(caps).ok()?;
    video::VideoInfo::builder(info.format(), info.width(), info.height())
        .fps(gst::Fraction::new(0, 1))
        .colorimetry(&info.colorimetry())
        .build()
        .ok()
}
