// SPDX-License-Identifier: EUPL-1.2
//! One picture of a screen that the other side shares and of its face: on the terminal's screen a conversation has one window.
//!
//! The face's pictures set the pace, since a screen stands still for long; what is shared is kept until the next of it comes.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

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
    /// Until then no face is drawn beside it.
    rests: Option<Instant>,
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

    /// Takes in a picture of the face that comes `now`; says whether it is shown here, and not by itself.
    pub fn face(&self, buffer: &gst::Buffer, caps: &gst::CapsRef, now: Instant) -> bool {
        let mut state = self.lock();
        if state.screen.is_none() {
            return false;
        }
        // A device that needs longer to draw both than the next face is away shows fewer of them, and has time for what else there is.
        if state.rests.is_some_and(|rests| now < rests) {
            return state.sheet.is_some();
        }
        let Some(info) = info(caps) else { return false };
        if state.face.as_ref().map(|face| &face.info) != Some(&info) {
            state.sheet = None;
        }
        let buffer = buffer.clone();
        let pts = buffer.pts();
        state.face = Some(Picture { buffer, info });
        let begun = Instant::now();
        let shown = self.push(&mut state, pts);
        state.rests = Some(now + 2 * begun.elapsed());
        shown
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

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
    use std::time::Duration;

    use super::super::ends::{Frame as Pixels, Picture as End, Take};
    use super::super::make::{chain, element};
    use super::*;

    const DEADLINE: Duration = Duration::from_secs(20);
    /// Where no picture came for so long, none comes.
    const STILL: Duration = Duration::from_millis(300);

    /// A board, and what comes of it.
    fn board() -> (gst::Pipeline, Board, Receiver<Pixels>) {
        let (board, drawn) = Board::new().unwrap();
        let pipeline = gst::Pipeline::new();
        let (told, pictures) = channel();
        let end = End::Frames(Take::new(move |frame| {
            let _ = told.send(frame);
        }));
        let convert = element("videoconvert").unwrap();
        let sink = end.sink().unwrap();
        sink.set_property("sync", false);
        chain(pipeline.upcast_ref(), "test", [&drawn, &convert, &sink]).unwrap();
        pipeline.set_state(gst::State::Playing).unwrap();
        (pipeline, board, pictures)
    }

    /// A picture in one colour, by its three planes.
    fn picture((width, height): Size, colour: [u8; 3]) -> gst::Sample {
        let info = video::VideoInfo::builder(video::VideoFormat::I420, width, height);
        let info = info.build().unwrap();
        let mut buffer = gst::Buffer::with_size(info.size()).unwrap();
        let whole = buffer.get_mut().unwrap();
        whole.set_pts(gst::ClockTime::ZERO);
        let mut frame = Frame::from_buffer_ref_writable(whole, &info).unwrap();
        for (plane, value) in (0..).zip(colour) {
            frame.plane_data_mut(plane).unwrap().fill(value);
        }
        drop(frame);
        let caps = info.to_caps().unwrap();
        gst::Sample::builder().buffer(&buffer).caps(&caps).build()
    }

    /// A face that comes so many hours from now.
    fn face_at(board: &Board, colour: [u8; 3], hours: u64) -> bool {
        let sample = picture((64, 48), colour);
        let buffer = sample.buffer_owned().unwrap();
        let then = Instant::now() + Duration::from_hours(hours);
        board.face(&buffer, sample.caps().unwrap(), then)
    }

    const WHITE: [u8; 3] = [235, 128, 128];
    const GREY: [u8; 3] = [126, 128, 128];

    /// Proves D3, T15: the face stands beside what is shared and changes nothing of it, each of its pictures is one of both; a face that stands
    /// still holds up nothing; and once nothing is shared any more, the face is by itself and nothing that was shared comes again.
    #[test]
    fn a_screen_and_a_face_are_one_picture() {
        let (pipeline, board, pictures) = board();
        let hours = AtomicU64::new(0);
        // Each comes when the one before is long drawn.
        let face = |board, colour| face_at(board, colour, hours.fetch_add(1, Ordering::Relaxed));
        let light = |frame: &Pixels, x: usize, y: usize| frame.rgb[(y * frame.width + x) * 3];
        let next = || pictures.recv_timeout(DEADLINE).unwrap();
        let none = || assert_eq!(pictures.recv_timeout(STILL), Err(RecvTimeoutError::Timeout));
        let screen = |colour| board.screen(&picture((320, 240), colour));
        // Nobody has said that something is shared.
        screen(WHITE);
        assert!(!face(&board, GREY));
        none();
        board.share(true);
        assert!(!face(&board, GREY));
        screen(WHITE);
        let alone = next();
        assert_eq!((alone.width, alone.height), (320, 240));
        assert!(face(&board, GREY));
        for frame in [next()].iter().chain(&{
            assert!(face(&board, GREY));
            screen(WHITE);
            [next(), next()]
        }) {
            assert_eq!((frame.width, frame.height), (400, 240));
            for y in [0, 60, 119, 120, 180, 239] {
                for x in [0, 100, 318] {
                    assert!(light(frame, x, y) > 250, "{x} {y}");
                }
            }
            let middle = light(frame, 360, 120);
            assert!((100..160).contains(&middle), "{middle}");
            assert!(light(frame, 360, 10) < 5);
        }
        board.room((240, 400));
        assert!(face(&board, GREY));
        let upright = next();
        assert!(light(&upright, 120, 10) > 250 && upright.height > upright.width);
        board.share(false);
        assert!(!face(&board, GREY));
        board.share(true);
        assert!(!face(&board, GREY));
        none();
        pipeline.set_state(gst::State::Null).unwrap();
    }

    /// Proves D3: what takes longer to draw than the next face is away is drawn less often, and holds up nobody.
    #[test]
    fn who_is_slow_shows_fewer_faces() {
        let (pipeline, board, pictures) = board();
        board.share(true);
        board.screen(&picture((320, 240), WHITE));
        pictures.recv_timeout(DEADLINE).unwrap();
        assert!(face_at(&board, GREY, 1));
        pictures.recv_timeout(DEADLINE).unwrap();
        assert!(face_at(&board, GREY, 0));
        // Nor is one of another size shown by itself meanwhile.
        let sample = picture((32, 24), GREY);
        let buffer = sample.buffer_owned().unwrap();
        assert!(board.face(&buffer, sample.caps().unwrap(), Instant::now()));
        assert_eq!(pictures.recv_timeout(STILL), Err(RecvTimeoutError::Timeout));
        assert!(face_at(&board, GREY, 2));
        pictures.recv_timeout(DEADLINE).unwrap();
        pipeline.set_state(gst::State::Null).unwrap();
    }
}
