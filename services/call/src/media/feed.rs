// SPDX-License-Identifier: EUPL-1.2
//! A camera that may be away: pulled out, fallen, or not there yet. A black picture takes its place until it is back, and the call goes on.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use gstreamer as gst;
use gstreamer::glib;
use gstreamer::prelude::*;

use super::camera::Camera;
use super::make::{MediaError, chain, with};

/// A camera that is away is looked for again after so long.
const AGAIN: Duration = Duration::from_secs(2);

/// What comes from a camera, or in its place.
pub struct Feed(Arc<Inner>);

struct Inner {
    camera: Camera,
    /// Is told whether it is there.
    tell: Box<dyn Fn(bool) + Send + Sync>,
    /// What it is a part of; that knows this in turn.
    bin: glib::WeakRef<gst::Bin>,
    /// Where pictures go.
    to: gst::Pad,
    now: Mutex<Option<Source>>,
    /// Held while the source is changed; whether it is not any more.
    closed: Mutex<bool>,
}

/// What pictures come from now.
struct Source {
    bin: gst::Bin,
    is_camera: bool,
}

impl Feed {
    /// Lets `camera` feed the pad `to` of an element in `bin`; `tell` is told whether it is there, now and whenever that changes.
    pub fn new(
        camera: &Camera,
        bin: &gst::Bin,
        to: gst::Pad,
        tell: impl Fn(bool) + Send + Sync + 'static,
    ) -> Result<Self, MediaError> {
        let inner = Arc::new(Inner {
            camera: camera.clone(),
            tell: Box::new(tell),
            bin: bin.downgrade(),
            to,
            now: Mutex::default(),
            closed: Mutex::default(),
        });
        if !inner.open() {
            tracing::warn!("there is no camera: a black picture is sent");
            inner.stand_in()?;
            again(&inner);
        }
        Ok(Self(inner))
    }

    /// Changes nothing any more: what it is a part of can be taken down.
    pub fn close(&self) {
        *self.0.closed.lock().unwrap_or_else(PoisonError::into_inner) = true;
    }

    /// Takes in what fell, if it is the camera; says whether it is.
    pub fn falls(&self, error: &gst::message::Error) -> bool {
        let Some(fallen) = error.src() else {
            return false;
        };
        let mut now = self.0.lock();
        let Some(source) = now.as_mut() else {
            return false;
        };
        if !fallen.has_as_ancestor(&source.bin) {
            return false;
        }
        if std::mem::take(&mut source.is_camera) {
            let detail = error.debug().unwrap_or_default();
            tracing::warn!("the camera has fallen: {} ({detail})", error.error());
            // It cannot be taken down by its own thread, which tells this.
            let inner = Arc::downgrade(&self.0);
            source.bin.call_async(move |_| {
                if let Some(inner) = inner.upgrade() {
                    if let Err(error) = inner.stand_in() {
                        tracing::error!("nothing takes the camera's place: {error}");
                    }
                    again(&inner);
                }
            });
        }
        true
    }
}

/// Looks for the camera again, after a while.
fn again(inner: &Arc<Inner>) {
    let inner = Arc::downgrade(inner);
    std::thread::spawn(move || {
        loop {
            std::thread::sleep(AGAIN);
            let Some(inner) = inner.upgrade() else {
                return;
            };
            if inner.is_closed() || inner.has_camera() {
                return;
            }
            if inner.open() {
                tracing::info!("the camera is back");
                return;
            }
        }
    });
}

impl Inner {
    fn lock(&self) -> MutexGuard<'_, Option<Source>> {
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn has_camera(&self) -> bool {
        self.lock().as_ref().is_some_and(|source| source.is_camera)
    }

    fn is_closed(&self) -> bool {
        *self.closed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets the camera feed; says whether it is there.
    fn open(&self) -> bool {
        let bin = gst::Bin::new();
        let opened = self.camera.chain().and_then(|elements| {
            close(&bin, &elements)?;
            // A camera is opened by this.
            bin.set_state(gst::State::Ready).map_err(MediaError::Run)
        });
        if let Err(error) = opened {
            tracing::debug!("no camera: {error}");
            let _ = bin.set_state(gst::State::Null);
            return false;
        }
        let feeds = self.swap(Source {
            bin,
            is_camera: true,
        });
        if !feeds && let Err(error) = self.stand_in() {
            tracing::error!("nothing takes the camera's place: {error}");
        }
        feeds
    }

    /// Lets a black picture feed.
    fn stand_in(&self) -> Result<(), MediaError> {
        let bin = gst::Bin::new();
        let bin_time = self
            .bin
            .upgrade()
            .and_then(|bin| bin.current_running_time());
        let begun = bin_time.unwrap_or_default();
        let black = with("videotestsrc", |source| {
            source
                .property("is-live", true)
                .property("timestamp-offset", begun.nseconds().cast_signed())
                .property_from_str("pattern", "black")
        })?;
        close(&bin, &[black])?;
        self.swap(Source {
            bin,
            is_camera: false,
        });
        Ok(())
    }

    /// Puts a source in the place of the one before; says whether it feeds.
    fn swap(&self, new: Source) -> bool {
        let closed = self.closed.lock().unwrap_or_else(PoisonError::into_inner);
        let bin = self.bin.upgrade().filter(|_| !*closed);
        let Some(bin) = bin else {
            let _ = new.bin.set_state(gst::State::Null);
            return false;
        };
        let (source, is_camera) = (new.bin.clone(), new.is_camera);
        let old = self.lock().replace(new);
        if let Some(old) = old {
            let _ = old.bin.set_state(gst::State::Null);
            let _ = bin.remove(&old.bin);
        }
        let pad = source.static_pad("src");
        let feeds = bin.add(&source).is_ok()
            && pad.is_some_and(|pad| pad.link(&self.to).is_ok())
            && source.sync_state_with_parent().is_ok();
        (self.tell)(is_camera && feeds);
        feeds
    }
}

/// Makes one source of `elements`, whose end is not the end of what is sent.
fn close(bin: &gst::Bin, elements: &[gst::Element]) -> Result<(), MediaError> {
    chain(bin, "camera", elements)?;
    let last = elements.last().and_then(|last| last.static_pad("src"));
    let wrong = |source| MediaError::Link {
        chain: "camera",
        source,
    };
    let missing = || wrong(glib::bool_error!("it has no way out"));
    let pad = gst::GhostPad::with_target(&last.ok_or_else(missing)?).map_err(wrong)?;
    pad.add_probe(gst::PadProbeType::EVENT_DOWNSTREAM, |_, info| {
        match info.event().map(|event| event.type_()) {
            Some(gst::EventType::Eos) => gst::PadProbeReturn::Drop,
            _ => gst::PadProbeReturn::Ok,
        }
    });
    bin.add_pad(&pad).map_err(wrong)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::sync::mpsc::channel;

    use super::super::ends::{Frame, Give, Picture, Take};
    use super::super::make::{element, start};
    use super::*;

    /// Proves T1, T11: a camera that is not there at first, and falls later, is seen once it is there, and black until then; pictures never end.
    #[test]
    fn a_camera_comes_falls_and_comes_back() {
        const DEADLINE: Duration = Duration::from_secs(20);
        const FRAMES: usize = 600;
        start().unwrap();
        let pipeline = gst::Pipeline::new();
        let (made, cameras) = channel();
        let calls = Mutex::new(0);
        let camera = Camera::Made(Give::new(move || {
            let mut calls = calls.lock().unwrap();
            *calls += 1;
            // At first it is away, and after it has fallen too.
            if *calls == 1 || *calls == 3 {
                return None;
            }
            let red = with("videotestsrc", |source| {
                source
                    .property("is-live", true)
                    .property("do-timestamp", true)
                    .property_from_str("pattern", "red")
            });
            let red = red.unwrap();
            made.send(red.clone()).unwrap();
            Some(vec![red])
        }));
        let (told, frames) = channel();
        let picture = Picture::Frames(Take::new(move |frame: Frame| {
            let _ = told.send(frame.rgb.get(..3).map(|rgb| rgb[0] > 100));
        }));
        let first = element("queue").unwrap();
        let rest = [
            first.clone(),
            element("videoconvert").unwrap(),
            picture.sink().unwrap(),
        ];
        chain(pipeline.upcast_ref(), "test", &rest).unwrap();
        let to = first.static_pad("sink").unwrap();
        // The other side would be told that nothing more comes.
        let ended = Arc::new(AtomicBool::new(false));
        let ends = ended.clone();
        to.add_probe(gst::PadProbeType::EVENT_DOWNSTREAM, move |_, info| {
            let event = info.event().map(|event| event.type_());
            ends.fetch_or(event == Some(gst::EventType::Eos), Ordering::Relaxed);
            gst::PadProbeReturn::Ok
        });
        let (told, there) = channel();
        let feed = Feed::new(&camera, pipeline.upcast_ref(), to, move |is| {
            let _ = told.send(is);
        });
        let feed = feed.unwrap();
        let feed = Arc::new(feed);
        let falls = feed.clone();
        pipeline.bus().unwrap().set_sync_handler(move |_, message| {
            if let gst::MessageView::Error(error) = message.view() {
                assert!(falls.falls(error), "{error:?}");
            }
            gst::BusSyncReply::Drop
        });
        pipeline.set_state(gst::State::Playing).unwrap();
        let wait = |red: bool| {
            let mut some = (0..FRAMES).map(|_| frames.recv_timeout(DEADLINE).unwrap());
            assert!(
                some.any(|frame| frame == Some(red)),
                "no picture, red: {red}"
            );
        };
        for _ in 0..2 {
            wait(false);
            wait(true);
            // As Video4Linux tells that a camera was pulled out.
            let camera = cameras.recv_timeout(DEADLINE).unwrap();
            let pad = camera.static_pad("src").unwrap();
            assert!(pad.push_event(gst::event::Eos::new()));
            gst::element_error!(camera, gst::ResourceError::Read, ("gone"));
        }
        let there: Vec<bool> = there.try_iter().collect();
        assert!(there.starts_with(&[false, true, false, true]), "{there:?}");
        assert!(!ended.load(Ordering::Relaxed));
        feed.close();
        pipeline.bus().unwrap().unset_sync_handler();
        pipeline.set_state(gst::State::Null).unwrap();
    }
}
