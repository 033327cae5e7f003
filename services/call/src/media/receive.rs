// SPDX-License-Identifier: EUPL-1.2
//! What is received: from the connection to the ends.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use gstreamer as gst;
use gstreamer::prelude::*;
use gstreamer_video as video;

use super::board::Board;
use super::echo::EchoCanceller;
use super::ends::{Ends, Picture, Speaker, appsink};
use super::make::{MediaError, chain, element, with};
use super::own::Own;
use super::patience::Patience;
use crate::spread::Size;

/// More media than are taken in: what is beyond is thrown away.
const PADS: u64 = 8;

/// A whole picture of a face is asked for at most so often.
const FACE: Duration = Duration::from_secs(1);
/// And one of a screen, which has ten times as many pixels.
const SCREEN: Duration = Duration::from_secs(5);

/// The chains that receive.
pub struct Receiver {
    picture: Picture,
    speaker: Speaker,
    /// What lies in the corner of the picture.
    own: Option<Own>,
    echo: Option<EchoCanceller>,
    patience: Patience,
    /// Where what the other side shares meets its face, and where that comes from.
    board: Board,
    drawn: gst::Element,
    /// Where all pictures go.
    window: Mutex<Option<gst::Element>>,
    /// What decodes what is shared.
    screen: Mutex<Option<gst::Element>>,
    seen: AtomicBool,
    heard: AtomicBool,
    pads: AtomicU64,
    /// Packets that have arrived.
    packets: Arc<AtomicU64>,
    /// Nothing is let through.
    paused: Arc<AtomicBool>,
}

impl Receiver {
    /// For these ends, with `own` in the corner of the picture, and `echo` told of what is heard.
    pub fn new(
        ends: &Ends,
        own: Option<Own>,
        echo: Option<EchoCanceller>,
        patience: Patience,
    ) -> Result<Self, MediaError> {
        let (board, drawn) = Board::new()?;
        Ok(Self {
            picture: ends.picture.clone(),
            speaker: ends.speaker.clone(),
            own,
            echo,
            patience,
            board,
            drawn,
            window: Mutex::default(),
            screen: Mutex::default(),
            seen: AtomicBool::new(false),
            heard: AtomicBool::new(false),
            pads: AtomicU64::new(0),
            packets: Arc::default(),
            paused: Arc::default(),
        })
    }

    /// How many packets have arrived.
    pub fn packets(&self) -> u64 {
        self.packets.load(Ordering::Relaxed)
    }

    /// Lets nothing through while it is so.
    pub fn pause(&self, paused: bool) {
        self.paused.store(paused, Ordering::Relaxed);
    }

    /// Shows what the other side shares from now on, or nothing of it any more.
    pub fn share(&self, shares: bool) {
        if shares == self.board.shares() {
            return;
        }
        self.board.share(shares);
        let screen = lock(&self.screen);
        if let Some(pad) = screen.as_ref().and_then(|screen| screen.static_pad("src"))
            && shares
        {
            // What is shared may stand still for long: all of it is asked for, and not only what changes.
            let event = video::UpstreamForceKeyUnitEvent::builder().build();
            // Refused only while it is taken down.
            let _ = pad.send_event(event);
        }
    }

    /// There is so much room for what is shared and the face.
    pub fn room(&self, room: Size) {
        self.board.room(room);
    }

    /// Takes over a new pad of the connection, on which a screen comes or else something of the other side itself; calls `first` with the
    /// first picture of its face that was decoded.
    pub fn take(
        &self,
        bin: &gst::Bin,
        pad: &gst::Pad,
        is_screen: bool,
        first: impl Fn() + Send + Sync + 'static,
    ) -> Result<(), MediaError> {
        if self.pads.fetch_add(1, Ordering::Relaxed) >= PADS {
            return Ok(());
        }
        let packets = self.packets.clone();
        let count = move |_: &gst::Pad, _: &mut gst::PadProbeInfo<'_>| {
            packets.fetch_add(1, Ordering::Relaxed);
            gst::PadProbeReturn::Ok
        };
        let kinds = gst::PadProbeType::BUFFER | gst::PadProbeType::BUFFER_LIST;
        pad.add_probe(kinds, count);
        let caps = pad.current_caps().unwrap_or_else(|| pad.query_caps(None));
        let encoding = caps
            .structure(0)
            .and_then(|caps| caps.get::<String>("encoding-name").ok())
            .unwrap_or_default();
        let mut window = None;
        let (name, elements) = match encoding.as_str() {
            "OPUS" if !is_screen && !self.heard.swap(true, Ordering::Relaxed) => {
                let elements = self.sound()?;
                self.gate(elements.last());
                ("speaker", elements)
            }
            "VP8" if !is_screen && !self.seen.swap(true, Ordering::Relaxed) => {
                window = Some(self.window(bin)?);
                ("picture", self.face(first)?)
            }
            "VP8" if is_screen && lock(&self.screen).is_none() => {
                self.window(bin)?;
                ("screen", self.screen()?)
            }
            _ => (
                "rest",
                vec![with("fakesink", |sink| sink.property("sync", false))?],
            ),
        };
        if encoding == "VP8" {
            self.patience.have(pad);
        }
        chain(bin, name, &elements)?;
        if let (Some(window), Some(last)) = (&window, elements.last()) {
            last.link(window).map_err(|source| MediaError::Link {
                chain: name,
                source,
            })?;
        }
        start_all(&elements);
        let sink = elements.first().and_then(|first| first.static_pad("sink"));
        if let Some(sink) = sink {
            // Refused only while it is taken down.
            let _ = pad.link(&sink);
        }
        Ok(())
    }

    fn sound(&self) -> Result<Vec<gst::Element>, MediaError> {
        let mut elements = vec![
            element("queue")?,
            element("rtpopusdepay")?,
            with("opusdec", |decoder| {
                decoder
                    .property("use-inband-fec", true)
                    .property("plc", true)
            })?,
            element("audioconvert")?,
            element("audioresample")?,
        ];
        if let Some(echo) = &self.echo {
            elements.extend(echo.speaker()?);
        }
        elements.push(self.speaker.sink()?);
        Ok(elements)
    }

    /// The chain of the other side's face, up to the window.
    fn face(
        &self,
        first: impl Fn() + Send + Sync + 'static,
    ) -> Result<Vec<gst::Element>, MediaError> {
        let decoder = decoder()?;
        let (told, board) = (AtomicBool::new(false), self.board.clone());
        if let Some(decoded) = decoder.static_pad("src") {
            decoded.add_probe(gst::PadProbeType::BUFFER, move |pad, info| {
                if !told.swap(true, Ordering::Relaxed) {
                    first();
                }
                let taken = info
                    .buffer()
                    .zip(pad.current_caps())
                    .is_some_and(|(buffer, caps)| board.face(buffer, &caps, Instant::now()));
                if taken {
                    gst::PadProbeReturn::Drop
                } else {
                    gst::PadProbeReturn::Ok
                }
            });
        }
        let mut elements = decoding(decoder, FACE)?;
        if let Some(own) = &self.own {
            elements.push(own.lay()?);
        }
        Ok(elements)
    }

    /// The chain of what the other side shares, up to the board.
    fn screen(&self) -> Result<Vec<gst::Element>, MediaError> {
        let decoder = decoder()?;
        *lock(&self.screen) = Some(decoder.clone());
        let board = self.board.clone();
        let caps = gst::Caps::builder("video/x-raw").field("format", "I420");
        let sink = appsink(&caps.build(), move |sample| board.screen(sample));
        // It is shown with the face of its time.
        sink.set_property("sync", false);
        let mut elements = decoding(decoder, SCREEN)?;
        elements.push(sink);
        Ok(elements)
    }

    /// Where all pictures go: the face's, or those of the board.
    fn window(&self, bin: &gst::Bin) -> Result<gst::Element, MediaError> {
        let mut window = lock(&self.window);
        if let Some(window) = &*window {
            return Ok(window.clone());
        }
        let funnel = element("funnel")?;
        let elements = [
            funnel.clone(),
            element("videoconvert")?,
            self.picture.sink()?,
        ];
        self.gate(elements.last());
        chain(bin, "window", &elements)?;
        chain(bin, "board", [&self.drawn])?;
        self.drawn
            .link(&funnel)
            .map_err(|source| MediaError::Link {
                chain: "board",
                source,
            })?;
        start_all(&elements);
        start_all(std::slice::from_ref(&self.drawn));
        Ok(window.insert(funnel).clone())
    }

    /// What reaches the end is dropped while the call is paused.
    fn gate(&self, sink: Option<&gst::Element>) {
        let paused = self.paused.clone();
        if let Some(pad) = sink.and_then(|sink| sink.static_pad("sink")) {
            pad.add_probe(gst::PadProbeType::BUFFER, move |_, _| {
                if paused.load(Ordering::Relaxed) {
                    gst::PadProbeReturn::Drop
                } else {
                    gst::PadProbeReturn::Ok
                }
            });
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn decoder() -> Result<gst::Element, MediaError> {
    with("vp8dec", |decoder| decoder.property("threads", 2_u32))
}

fn decoding(decoder: gst::Element, pause: Duration) -> Result<Vec<gst::Element>, MediaError> {
    let depay = with("rtpvp8depay", |depay| {
        depay
            .property("request-keyframe", true)
            .property("wait-for-keyframe", true)
    })?;
    sparing(&depay, pause);
    Ok(vec![element("queue")?, depay, decoder])
}

/// Asks for whole pictures sparingly. What waits for one asks again with each picture that is none, and the other side would send nothing
/// else: on a thin line each takes the place of many, and so loses some of itself, and is asked for again.
fn sparing(depay: &gst::Element, pause: Duration) {
    let Some(pad) = depay.static_pad("sink") else {
        return;
    };
    let last: Mutex<Option<Instant>> = Mutex::default();
    pad.add_probe(gst::PadProbeType::EVENT_UPSTREAM, move |_, info| {
        let asks = info
            .event()
            .is_some_and(|event| video::ForceKeyUnitEvent::is(event));
        let now = Instant::now();
        let mut last = lock(&last);
        if asks && last.is_some_and(|last| now.duration_since(last) < pause) {
            return gst::PadProbeReturn::Drop;
        }
        if asks {
            *last = Some(now);
        }
        gst::PadProbeReturn::Ok
    });
}

/// Lets elements run, the last of them first.
fn start_all(elements: &[gst::Element]) {
    for element in elements.iter().rev() {
        // One that does not start tells so on the bus.
        let _ = element.sync_state_with_parent();
    }
}
