// SPDX-License-Identifier: EUPL-1.2
//! Speaking hands-free: what the speaker says is taken out of what the microphone hears, so that nobody hears themselves again.
//!
//! It is what browsers do (WebRTC's audio processing), by GStreamer's own element for it.

use gstreamer as gst;
use gstreamer::prelude::*;

use super::ends::{Ends, plain};
use super::make::{MediaError, element, filter, with};

/// So far times may be off before sound is left out or silence put in: as far as a sound card's are for GStreamer.
const TOLERANCE: gst::ClockTime = gst::ClockTime::from_mseconds(40);
/// So long before it is played sound may still be under way to its end: what GStreamer's sinks allow for.
const HANDLING: gst::ClockTime = gst::ClockTime::from_mseconds(20);

/// Takes what is heard out of what is said. It belongs to one microphone and one speaker.
#[derive(Clone, Debug)]
pub struct EchoCanceller {
    /// Knows what is heard.
    far: gst::Element,
    /// Takes it out.
    near: gst::Element,
}

impl EchoCanceller {
    /// The one of these ends, where they need one. The hum of the room is taken out too, and quiet people are made louder.
    pub fn of(ends: &Ends) -> Result<Option<Self>, MediaError> {
        if !ends.hands_free {
            return Ok(None);
        }
        let far = element("webrtcechoprobe")?;
        // It is found by its name.
        let name = far.name();
        let near = with("webrtcdsp", |near| near.property("probe", name.to_string()))?;
        if let Some(pad) = far.static_pad("src") {
            pad.add_probe(gst::PadProbeType::EVENT_UPSTREAM, |pad, info| {
                align(pad, info);
                gst::PadProbeReturn::Ok
            });
        }
        Ok(Some(Self { far, near }))
    }

    /// What goes before the speaker.
    pub(super) fn speaker(&self) -> Result<Vec<gst::Element>, MediaError> {
        Ok(vec![
            filter(plain())?,
            even()?,
            self.far.clone(),
            element("audioconvert")?,
        ])
    }

    /// What goes behind the microphone.
    pub(super) fn microphone(&self) -> Result<Vec<gst::Element>, MediaError> {
        Ok(vec![filter(plain())?, even()?, self.near.clone()])
    }
}

/// Tells of another latency. GStreamer's element takes what is played so much later than it should as sound has needed to come here,
/// and what is heard before it was played is an echo of nothing. So it gets that much more; and less what times may be off, where the
/// sound is here that much before it is played.
fn align(pad: &gst::Pad, info: &mut gst::PadProbeInfo<'_>) {
    let Some(gst::PadProbeData::Event(event)) = &mut info.data else {
        return;
    };
    let gst::EventView::Latency(latency) = event.view() else {
        return;
    };
    let mut query = gst::query::Latency::new();
    if pad.query(&mut query) {
        let (_, before, _) = query.result();
        let early = latency.latency().saturating_sub(before + HANDLING);
        let told = latency.latency() + before - early.min(TOLERANCE);
        *event = gst::event::Latency::new(told);
    }
}

/// What makes times even: both are compared by them, and every millisecond that one jumps is an echo that is not known again.
fn even() -> Result<gst::Element, MediaError> {
    with("audiorate", |rate| {
        rate.property("tolerance", TOLERANCE.nseconds())
            .property("skip-to-first", true)
    })
}

#[cfg(test)]
mod tests {
    use std::f64::consts::TAU;

    use gstreamer_app as app;

    use super::super::Camera;
    use super::super::ends::{Microphone, Picture, SAMPLES, Speaker};
    use super::super::make::{chain, start};
    use super::*;

    const SECOND: usize = SAMPLES as usize;
    /// So many samples at a time: 20 ms.
    const PIECE: usize = SECOND / 50;
    /// What sound needs to come here, and to be played after that, as it is said.
    const LATENCY: gst::ClockTime = gst::ClockTime::from_mseconds(240);
    const BEFORE: gst::ClockTime = gst::ClockTime::from_mseconds(200);

    /// A voice at a moment: sixteen harmonics of a pitch that rises and falls, in syllables.
    fn voice(pitch: f64, at: usize) -> f64 {
        let time = at as f64 / SECOND as f64;
        let syllable = (TAU * 2.3 * time).sin().max(0.0);
        let phase = TAU * pitch * time + 4.0 * (TAU * 0.7 * time).sin();
        let harmonics = (1..=16).map(f64::from);
        let sum: f64 = harmonics.map(|k| (phase * k).sin() / k).sum();
        syllable * sum * 6000.0
    }

    fn far(at: usize) -> f64 {
        voice(130.0, at)
    }

    fn near(at: usize) -> f64 {
        voice(210.0, at + SECOND / 5)
    }

    fn silence(_: usize) -> f64 {
        0.0
    }

    fn samples(sum: impl Iterator<Item = f64>) -> Vec<i16> {
        sum.map(|one| one.clamp(-32768.0, 32767.0) as i16).collect()
    }

    /// One chain, with where sound goes in and comes out.
    fn pipe(pipeline: &gst::Pipeline, elements: Vec<gst::Element>) -> (app::AppSrc, app::AppSink) {
        let source = app::AppSrc::builder()
            .caps(&plain())
            .format(gst::Format::Time)
            .build();
        let sink = app::AppSink::builder().sync(false).async_(false).build();
        let mut all = vec![source.clone().upcast()];
        all.extend(elements);
        all.push(sink.clone().upcast());
        chain(pipeline.upcast_ref(), "test", &all).unwrap();
        (source, sink)
    }

    /// The strength (RMS) of what is sent in the last five of ten seconds: `there` is heard from the speaker and, `way` later and at half
    /// the strength, by the microphone, beside what `here` says. Times are off by up to `jitter`.
    fn sent(there: fn(usize) -> f64, here: fn(usize) -> f64, way: u64, jitter: u64) -> f64 {
        start().unwrap();
        let ends = Ends {
            camera: Camera::Bars,
            microphone: Microphone::Tone(440.0),
            own: false,
            hands_free: true,
            picture: Picture::None,
            speaker: Speaker::None,
        };
        let echo = EchoCanceller::of(&ends).unwrap().unwrap();
        let pipeline = gst::Pipeline::new();
        pipeline.set_latency(LATENCY);
        let (speaker, played) = pipe(&pipeline, echo.speaker().unwrap());
        let (microphone, goes) = pipe(&pipeline, echo.microphone().unwrap());
        let comes = speaker.static_pad("src").unwrap();
        comes.add_probe(gst::PadProbeType::QUERY_UPSTREAM, |_, info| {
            if let Some(gst::PadProbeData::Query(query)) = &mut info.data
                && let gst::QueryViewMut::Latency(latency) = query.view_mut()
            {
                latency.set(true, BEFORE, None);
                return gst::PadProbeReturn::Handled;
            }
            gst::PadProbeReturn::Ok
        });
        pipeline.set_state(gst::State::Playing).unwrap();
        let piece = |number: usize, sound: &dyn Fn(usize) -> f64| {
            let all = number * PIECE..(number + 1) * PIECE;
            samples(all.map(sound))
        };
        let push = |to: &app::AppSrc, number: usize, later: u64, sound: Vec<i16>| {
            let at = gst::ClockTime::from_mseconds(number as u64 * 20 + later);
            let bytes = sound.into_iter().flat_map(i16::to_le_bytes);
            let mut buffer = gst::Buffer::from_slice(bytes.collect::<Vec<u8>>());
            buffer.get_mut().unwrap().set_pts(at);
            to.push_buffer(buffer).unwrap();
        };
        let way = usize::try_from(way).unwrap() * SECOND / 1000;
        let echo = |at: usize| at.checked_sub(way).map_or(0.0, there) / 2.0;
        let heard = |at: usize| echo(at) + here(at);
        // So much of it is here before it is played.
        let ahead = usize::try_from((LATENCY - BEFORE).mseconds() / 20).unwrap();
        let pieces = 10 * SECOND / PIECE;
        let mut sum = 0.0;
        for number in 0..pieces + ahead {
            let off = jitter * (number as u64 * 7 % 5) / 4;
            push(&speaker, number, off, piece(number, &there));
            pull(&played);
            let Some(number) = number.checked_sub(ahead) else {
                continue;
            };
            let off = jitter * (number as u64 * 3 % 4) / 3;
            let heard = piece(number, &heard);
            push(&microphone, number, LATENCY.mseconds() + off, heard);
            let sent = pull(&goes);
            if number >= pieces / 2 {
                sum += sent.iter().map(|one| f64::from(*one).powi(2)).sum::<f64>();
            }
        }
        pipeline.set_state(gst::State::Null).unwrap();
        (sum / (pieces / 2 * PIECE) as f64).sqrt()
    }

    /// A piece of what comes out.
    fn pull(from: &app::AppSink) -> Vec<i16> {
        let mut piece = Vec::new();
        while piece.len() < PIECE {
            let sample = from.try_pull_sample(gst::ClockTime::from_seconds(20));
            let sample = sample.expect("sound");
            let map = sample.buffer().unwrap().map_readable().unwrap();
            let pairs = map.chunks_exact(2);
            piece.extend(pairs.map(|pair| i16::from_le_bytes([pair[0], pair[1]])));
        }
        assert_eq!(piece.len(), PIECE);
        piece
    }

    /// Proves T1: what is heard from the speaker is not sent back, in a small room and with slow sound cards, with times that are off; who
    /// speaks there is sent, alone and while the other side speaks too.
    #[test]
    fn what_is_heard_is_not_sent_back() {
        // As strong as the other voice when it is heard.
        let voice = sent(silence, near, 0, 0);
        assert!(voice > 2000.0, "{voice}");
        for (way, jitter) in [(3, 0), (60, 0), (3, 30), (60, 30)] {
            let echo = sent(far, silence, way, jitter);
            assert!(
                echo < 50.0,
                "{echo} comes back after {way} ms, {jitter} ms off"
            );
            let both = sent(far, near, way, jitter);
            let change = both / voice;
            assert!((0.5..2.0).contains(&change), "{voice} alone, {both} both");
        }
    }
}
