// SPDX-License-Identifier: EUPL-1.2
//! Streams of server-sent events that follow the queue, and tell it that somebody watches.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::stream::{Stream, unfold};
use tokio::time::{Instant, sleep_until};

use crate::exchange::Exchange;

/// A stream says something at least so often, so that a broken connection is noticed.
const ALIVE: Duration = Duration::from_secs(10);

/// And looks at the queue no more often than so: where many call at once, most changes concern few of those who watch.
const BREATH: Duration = Duration::from_millis(100);

/// What a stream shows: a text to compare and the text to send, or none when it is over.
pub type View = Pin<Box<dyn Future<Output = Option<(String, String)>> + Send>>;

/// Called when the stream is over.
pub type Over = Box<dyn FnOnce() + Send>;

struct Watching {
    over: Option<Over>,
}

impl Drop for Watching {
    fn drop(&mut self) {
        if let Some(over) = self.over.take() {
            over();
        }
    }
}

/// Sends `view` now and whenever the queue changed what it shows; `over` is called when nobody listens any more.
pub fn follow<F: Fn() -> View + Send + 'static>(
    exchange: &Arc<Exchange>,
    view: F,
    over: Over,
) -> Sse<impl Stream<Item = Result<Event, Infallible>> + use<F>> {
    let changes = exchange.changes();
    let watching = Watching { over: Some(over) };
    let begin = (changes, None::<String>, watching, view, false);
    let stream = unfold(
        begin,
        |(mut changes, mut shown, watching, view, done)| async move {
            if done {
                return None;
            }
            loop {
                changes.mark_unchanged();
                let Some((key, text)) = view().await else {
                    let event = Event::default().event("over").data("{}");
                    return Some((Ok(event), (changes, shown, watching, view, true)));
                };
                if shown.as_ref() != Some(&key) {
                    shown = Some(key);
                    let event = Event::default().event("state").data(text);
                    return Some((Ok(event), (changes, shown, watching, view, false)));
                }
                let looked = Instant::now();
                if changes.changed().await.is_err() {
                    return None;
                }
                // After a while without changes the first is seen at once.
                sleep_until(looked + BREATH).await;
            }
        },
    );
    Sse::new(stream).keep_alive(KeepAlive::new().interval(ALIVE))
}
