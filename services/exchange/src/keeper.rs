// SPDX-License-Identifier: EUPL-1.2
//! What the queue says is written in the background, in its order and many at a time: nobody waits for a database while they hold the
//! queue. Where the database is away, calls go on; what has to be written waits in memory until it is back.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio::time::{sleep, timeout};

use crate::queue::Effect;
use crate::store::{Store, StoreError};

/// Written at once at most.
const BATCH: usize = 512;
/// A database that is away is asked again after so long, then after twice as long, and so on.
const FIRST: Duration = Duration::from_millis(250);
/// The longest.
const LONGEST: Duration = Duration::from_secs(5);

/// How far it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Progress {
    /// So many effects were written since the start.
    written: u64,
    /// The database is not to be had.
    away: bool,
}

#[derive(Debug, Default)]
struct Owed {
    effects: Vec<Effect>,
    /// So many effects there were since the start.
    count: u64,
}

/// What is still to be written, and who waits for it.
#[derive(Debug, Default)]
pub struct Keeper {
    owed: Mutex<Owed>,
    wake: Notify,
    progress: watch::Sender<Progress>,
}

impl Keeper {
    /// Takes what has to be written; the number by which [`Self::written`] knows it. Called in the queue's order.
    pub fn owe(&self, effects: Vec<Effect>) -> u64 {
        let mut owed = self.owed();
        owed.count += effects.len() as u64;
        owed.effects.extend(effects);
        self.wake.notify_one();
        owed.count
    }

    /// Waits until all that is owed is written, for so long; how much is not.
    pub async fn finish(&self, patience: Duration) -> u64 {
        let count = self.owed().count;
        self.written(count, patience).await;
        count - self.progress.borrow().written
    }

    /// Whether the database is known to be away.
    pub fn is_away(&self) -> bool {
        self.progress.borrow().away
    }

    /// Somebody had no answer: whether it is away is found out.
    pub fn doubt(&self) {
        self.progress
            .send_if_modified(|progress| !std::mem::replace(&mut progress.away, true));
        self.wake.notify_one();
    }

    /// Waits until everything up to this number is written: for so long, and not where the database is away. Whether it is.
    pub async fn written(&self, number: u64, patience: Duration) -> bool {
        let mut progress = self.progress.subscribe();
        let known = timeout(
            patience,
            progress.wait_for(|progress| progress.written >= number || progress.away),
        );
        match known.await {
            Ok(Ok(progress)) => progress.written >= number,
            _ => false,
        }
    }

    /// Writes until it is dropped.
    pub async fn run(&self, store: Store) {
        let mut wait = FIRST;
        let mut told = false;
        loop {
            let batch = self.batch();
            if batch.is_empty() && !self.is_away() {
                self.wake.notified().await;
                continue;
            }
            if let Err(error) = self.write(&store, &batch).await {
                if std::mem::replace(&mut told, true) {
                    tracing::warn!("the database is still away: {error}");
                } else {
                    tracing::error!("the database is away: {error}");
                    tracing::error!(
                        "calls go on and who waits keeps their place, but nobody takes a ticket and no desk signs in until it is back"
                    );
                }
                self.progress.send_modify(|progress| progress.away = true);
                sleep(wait).await;
                wait = (wait * 2).min(LONGEST);
                continue;
            }
            wait = FIRST;
            let is_all = {
                let mut owed = self.owed();
                owed.effects.drain(..batch.len());
                owed.effects.is_empty()
            };
            if is_all && std::mem::take(&mut told) {
                tracing::info!("the database is back, and nothing was lost");
            }
            self.progress.send_modify(|progress| {
                progress.written += batch.len() as u64;
                progress.away = false;
            });
        }
    }

    fn owed(&self) -> MutexGuard<'_, Owed> {
        // Between any two statements it is consistent.
        self.owed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn batch(&self) -> Vec<Effect> {
        self.owed().effects.iter().take(BATCH).cloned().collect()
    }

    async fn write(&self, store: &Store, batch: &[Effect]) -> Result<(), StoreError> {
        if self.is_away() {
            store.probe().await?;
        }
        if batch.is_empty() {
            return Ok(());
        }
        let Err(error) = store.keep(batch).await else {
            return Ok(());
        };
        // A pool says only that it has no connection; asked anew, it is known why.
        store.probe().await.and(Err(error))
    }
}
