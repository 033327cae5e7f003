// SPDX-License-Identifier: EUPL-1.2
//! What is received: from the connection to the ends.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use gstreamer as gst;
use gstreamer::prelude::*;

use super::echo::EchoCanceller;
use super::ends::{Ends, Picture, Speaker};
use super::make::{MediaError, chain, element, with};
use super::own::Own;

/// More media than are taken in: what is beyond is thrown away.
const PADS: u64 = 8;

/// The chains that receive.
pub struct Receiver {
    picture: Picture,
    speaker: Speaker,
    /// What lies in the corner of the picture.
    own: Option<Own>,
    echo: Option<EchoCanceller>,
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
    pub fn new(ends: &Ends, own: Option<Own>, echo: Option<EchoCanceller>) -> Self {
        Self {
            picture: ends.picture.clone(),
            speaker: ends.speaker.clone(),
            own,
            echo,
            seen: AtomicBool::new(false),
            heard: AtomicBool::new(false),
            pads: AtomicU64::new(0),
            packets: Arc::default(),
            paused: Arc::default(),
        }
    }

    /// How many packets have arrived.
    pub fn packets(&self) -> u64 {
        self.packets.load(Ordering::Relaxed)
    }

    /// Lets nothing through while it is so.
    pub fn pause(&self, paused: bool) {
        self.paused.store(paused, Ordering::Relaxed);
    }

    /// Takes over a new pad of the connection; calls `first` with the first picture that was decoded.
    pub fn take(
        &self,
        bin: &gst::Bin,
        pad: &gst::Pad,
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
        let (name, elements) = match encoding.as_str() {
            "OPUS" if !self.heard.swap(true, Ordering::Relaxed) => ("speaker", self.sound()?),
            "VP8" if !self.seen.swap(true, Ordering::Relaxed) => {
                let decoder = with("vp8dec", |decoder| decoder.property("threads", 2_u32))?;
                let told = AtomicBool::new(false);
                if let Some(decoded) = decoder.static_pad("src") {
                    decoded.add_probe(gst::PadProbeType::BUFFER, move |_, _| {
                        if !told.swap(true, Ordering::Relaxed) {
                            first();
                        }
                        gst::PadProbeReturn::Ok
                    });
                }
                ("picture", self.pictures(decoder)?)
            }
            _ => (
                "rest",
                vec![with("fakesink", |sink| sink.property("sync", false))?],
            ),
        };
        self.gate(elements.last());
        chain(bin, name, &elements)?;
        for element in elements.iter().rev() {
            // One that does not start tells so on the bus.
            let _ = element.sync_state_with_parent();
        }
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

    fn pictures(&self, decoder: gst::Element) -> Result<Vec<gst::Element>, MediaError> {
        let mut elements = vec![
            element("queue")?,
            with("rtpvp8depay", |depay| {
                depay
                    .property("request-keyframe", true)
                    .property("wait-for-keyframe", true)
            })?,
            decoder,
        ];
        if let Some(own) = &self.own {
            elements.push(own.lay()?);
        }
        elements.extend([element("videoconvert")?, self.picture.sink()?]);
        Ok(elements)
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
