// SPDX-License-Identifier: EUPL-1.2
//! The queue with its clock and its store, shared by all connections.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex as SyncMutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use api::secret::Secret;
use password::Hash;
use tokio::sync::{Mutex, Semaphore, watch};

use crate::account::{Account, Holder, account};
use crate::config::Config;
use crate::identity::Authority;
use crate::keeper::Keeper;
use crate::openid::Providers;
use crate::openid::pending::{Begun, Pending};
use crate::queue::{DepartmentPlan, Effect, Plan, Queue, Refusal};
use crate::session::{Known, NoPlace, Person, Sessions, Tries};
use crate::state::Secrets;
use crate::store::{Store, StoreError};

/// What has to be kept is mostly written before it is answered; nobody waits longer for that, least of all the proxy, which gives up
/// after a second.
const PATIENCE: Duration = Duration::from_millis(500);
/// Whoever takes a ticket hears so long afterwards at the latest that it could not be kept.
const INSIST: Duration = Duration::from_secs(5);

/// What a request can be refused for.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The queue refuses.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The database is not to be had.
    #[error("the database is away")]
    Away,
    /// What had been begun was not finished.
    #[error("the exchange is stopping")]
    Stopping,
}

/// Everything that connections share.
#[derive(Debug)]
pub struct Exchange {
    /// The configuration.
    pub config: Config,
    /// What is kept.
    pub store: Store,
    /// What is still to be written there.
    pub keeper: Keeper,
    /// Who certifies terminals.
    pub authority: Authority,
    /// Where clerks sign in with accounts of their authority.
    pub providers: Providers,
    secrets: Secrets,
    clocked: Mutex<Clocked>,
    changes: watch::Sender<u64>,
    watchers: SyncMutex<BTreeMap<String, usize>>,
    sessions: SyncMutex<Sessions>,
    pending: SyncMutex<Pending>,
    tries: SyncMutex<Tries>,
    known: SyncMutex<Known>,
    /// Password hashes are computed a few at a time: each takes 19 MiB.
    hashing: Semaphore,
}

#[derive(Debug)]
struct Clocked {
    queue: Queue,
    last: Duration,
}

impl Clocked {
    /// Seconds since 1970, which never go back.
    fn now(&mut self) -> Duration {
        self.last = self.last.max(since_1970());
        self.last
    }
}

/// The clock on the wall, since 1970.
pub fn since_1970() -> Duration {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
}

/// What the queue has to know of a configuration.
pub fn plan(config: &Config) -> Plan {
    let department = |department: &crate::config::Department| {
        let plan = DepartmentPlan {
            overflow: department.overflow.clone(),
        };
        (department.id.clone(), plan)
    };
    Plan {
        departments: config.departments.iter().map(department).collect(),
        desks: config
            .desks
            .iter()
            .map(|desk| (desk.id.clone(), desk.departments.clone()))
            .collect(),
    }
}

fn lock<T>(mutex: &SyncMutex<T>) -> std::sync::MutexGuard<'_, T> {
    // What is behind these locks is consistent between any two statements.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Exchange {
    /// Begins with what the store kept.
    pub async fn begin(
        config: Config,
        secrets: Secrets,
        authority: Authority,
        providers: Providers,
        store: Store,
    ) -> Result<Arc<Self>, StoreError> {
        let mut clocked = Clocked {
            queue: Queue::new(plan(&config)),
            last: Duration::ZERO,
        };
        let (tickets, paces) = store.queue().await?;
        let now = clocked.now();
        let effects = clocked.queue.restore(now, tickets, paces);
        store.keep(&effects).await?;
        let this = Arc::new(Self {
            config,
            store: store.clone(),
            keeper: Keeper::default(),
            authority,
            providers,
            secrets,
            clocked: Mutex::new(clocked),
            changes: watch::Sender::new(0),
            watchers: SyncMutex::default(),
            sessions: SyncMutex::default(),
            pending: SyncMutex::default(),
            tries: SyncMutex::default(),
            known: SyncMutex::default(),
            hashing: Semaphore::new(2),
        });
        tokio::spawn(this.clone().keep_time());
        let keeps = this.clone();
        tokio::spawn(async move { keeps.keeper.run(store).await });
        Ok(this)
    }

    /// Does something with the queue, tells everybody who watches, and has written what has to be kept, where the database is there. It
    /// is done whole, even where the connection that asked for it breaks meanwhile.
    pub async fn act<T: Send + 'static>(
        self: &Arc<Self>,
        f: impl FnOnce(&mut Queue, Duration) -> Result<(T, Vec<Effect>), Refusal> + Send + 'static,
    ) -> Result<T, Fault> {
        let this = self.clone();
        let done = tokio::spawn(async move {
            let (value, owed) = this.turn(f).await?;
            if let Some(owed) = owed {
                this.keeper.written(owed, PATIENCE).await;
            }
            Ok(value)
        });
        done.await.unwrap_or(Err(Fault::Stopping))
    }

    /// The same for what may not get lost once it was confirmed: where it cannot be written, it is undone.
    pub async fn insist<T: Send + 'static>(
        self: &Arc<Self>,
        f: impl FnOnce(&mut Queue, Duration) -> Result<(T, Vec<Effect>), Refusal> + Send + 'static,
        undo: impl FnOnce(&mut Queue, Duration) -> Result<Vec<Effect>, Refusal> + Send + 'static,
    ) -> Result<T, Fault> {
        if self.keeper.is_away() {
            return Err(Fault::Away);
        }
        let this = self.clone();
        let done = tokio::spawn(async move {
            let (value, owed) = this.turn(f).await?;
            match owed {
                Some(owed) if !this.keeper.written(owed, INSIST).await => {
                    this.turn(|queue, now| undo(queue, now).map(|effects| ((), effects)))
                        .await?;
                    Err(Fault::Away)
                }
                _ => Ok(value),
            }
        });
        done.await.unwrap_or(Err(Fault::Stopping))
    }

    /// One turn at the queue; by which number the keeper knows what comes of it.
    async fn turn<T>(
        &self,
        f: impl FnOnce(&mut Queue, Duration) -> Result<(T, Vec<Effect>), Refusal>,
    ) -> Result<(T, Option<u64>), Refusal> {
        let mut clocked = self.clocked.lock().await;
        let now = clocked.now();
        let (value, effects) = f(&mut clocked.queue, now)?;
        // Before the next turn: they are written in the queue's order.
        let owed = (!effects.is_empty()).then(|| self.keeper.owe(effects));
        drop(clocked);
        self.changes
            .send_modify(|version| *version = version.wrapping_add(1));
        Ok((value, owed))
    }

    /// The same where only what has to be kept comes of it.
    pub async fn tell(
        self: &Arc<Self>,
        f: impl FnOnce(&mut Queue, Duration) -> Result<Vec<Effect>, Refusal> + Send + 'static,
    ) -> Result<(), Fault> {
        self.act(|queue, now| f(queue, now).map(|effects| ((), effects)))
            .await
    }

    /// Looks at the queue.
    pub async fn look<T>(&self, f: impl FnOnce(&Queue, Duration) -> T) -> T {
        let mut clocked = self.clocked.lock().await;
        let now = clocked.now();
        f(&clocked.queue, now)
    }

    /// Changes whenever the queue may have.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    /// Lets time pass for the queue and for sessions.
    async fn keep_time(self: Arc<Self>) {
        let mut changes = self.changes();
        loop {
            let (now, next) = self.look(|queue, now| (now, queue.deadline(now))).await;
            // Sessions end by the minute.
            let wait = next.map_or(Duration::from_mins(1), |at| {
                at.saturating_sub(now).min(Duration::from_mins(1))
            });
            tokio::select! {
                () = tokio::time::sleep(wait) => {
                    for desk in self.expired_sessions() {
                        let this = self.clone();
                        tokio::spawn(async move { this.signed_out(desk).await });
                    }
                    if let Err(error) = self.tell(|queue, now| Ok(queue.tick(now))).await {
                        tracing::error!("cannot go on with the queue: {error}");
                    }
                    changes.mark_unchanged();
                }
                told = changes.changed() => if told.is_err() { return },
            }
        }
    }

    fn expired_sessions(&self) -> Vec<String> {
        let open = lock(&self.watchers)
            .keys()
            .filter_map(|what| what.strip_prefix("desk.").map(str::to_owned))
            .collect();
        let mut sessions = lock(&self.sessions);
        sessions.touch(since_1970(), &open);
        sessions.expire(since_1970())
    }

    /// Somebody watches: a desk's or a ticket's stream. True if nobody did before.
    pub fn watch(&self, what: &str) -> bool {
        let mut watchers = lock(&self.watchers);
        let count = watchers.entry(what.to_owned()).or_default();
        *count += 1;
        *count == 1
    }

    /// Somebody does not any more. True if nobody else does.
    pub fn unwatch(&self, what: &str) -> bool {
        let mut watchers = lock(&self.watchers);
        let Some(count) = watchers.get_mut(what) else {
            return false;
        };
        *count -= 1;
        if *count > 0 {
            return false;
        }
        watchers.remove(what);
        true
    }

    /// A new account.
    pub fn account(&self, holder: Holder<'_>) -> Account {
        account(
            &self.config,
            &self.secrets.sip,
            &self.secrets.turn,
            holder,
            since_1970(),
        )
    }

    /// Whether this is what Kamailio proves itself with.
    pub fn is_control(&self, token: &str) -> bool {
        // Compared by digest: how long it takes tells nothing of the secret.
        use sha2::{Digest as _, Sha256};
        Sha256::digest(token.as_bytes()) == Sha256::digest(self.secrets.control.expose().as_bytes())
    }

    /// Counts a try; an error says how long to wait before the next.
    pub fn begin_try(&self, from: IpAddr, what: &str) -> Result<(), Duration> {
        lock(&self.tries).begin(since_1970(), from, what)
    }

    /// The try was right.
    pub fn right_try(&self, from: IpAddr, what: &str) {
        lock(&self.tries).right(from, what);
    }

    /// What the store answered; where it did not, the keeper finds out why.
    fn asked<T>(&self, answer: Result<T, StoreError>) -> Result<T, StoreError> {
        if answer.is_err() {
            self.keeper.doubt();
        }
        answer
    }

    /// The terminal whose certificate this is. It is looked up each time, so that one which was revoked ends at once; while the
    /// database is away, whoever was known shortly before is still known.
    pub async fn terminal_of(&self, certificate: &[u8]) -> Result<Option<String>, Fault> {
        if !self.keeper.is_away() {
            match self.asked(self.store.terminal(certificate).await) {
                Ok(found) => {
                    lock(&self.known).remember(since_1970(), certificate, found.as_deref());
                    return Ok(found);
                }
                Err(error) => tracing::warn!("{error}"),
            }
        }
        let known = lock(&self.known).terminal(since_1970(), certificate);
        known.map(Some).ok_or(Fault::Away)
    }

    /// Enrols a terminal; false if the code is not its own.
    pub async fn enrol(
        &self,
        terminal: &str,
        code: &str,
        certificate: &[u8],
    ) -> Result<bool, Fault> {
        let enrolled = self.store.enrol(terminal, code, certificate, since_1970());
        Ok(self.asked(enrolled.await)?)
    }

    /// Whether this is the password of a desk. It takes as long where there is none.
    pub async fn is_password(&self, desk: &str, password: Secret) -> Result<bool, Fault> {
        if self.keeper.is_away() {
            return Err(Fault::Away);
        }
        let known = self.asked(self.store.hash(desk).await)?;
        let Ok(_turn) = self.hashing.acquire().await else {
            return Err(Fault::Stopping);
        };
        let checked =
            tokio::task::spawn_blocking(move || match known.map(|hash| Hash::parse(&hash)) {
                Some(Ok(hash)) => hash.is_of(&password).unwrap_or(false),
                Some(Err(error)) => {
                    tracing::error!("an account is damaged: {error}");
                    false
                }
                None => Hash::of(&password).is_err(),
            });
        checked.await.map_err(|_| Fault::Stopping)
    }

    /// A session begins; false if there are too many.
    pub fn begin_session(&self, token: &str, desk: &str) -> bool {
        lock(&self.sessions).begin(since_1970(), token, desk)
    }

    /// A session of somebody whom a provider knows begins, at the desk that it gives.
    pub fn sit(&self, token: &str, desks: &[String], person: Person) -> Result<String, NoPlace> {
        lock(&self.sessions).sit(since_1970(), token, desks, person)
    }

    /// Who it is whose session this is, where a provider said so.
    pub fn person_of(&self, token: &str) -> Option<Person> {
        lock(&self.sessions).person(token).cloned()
    }

    /// Somebody is sent to a provider; false if there are too many.
    pub fn send_off(&self, from: IpAddr, words: (&str, &str), begun: Begun) -> bool {
        lock(&self.pending).begin(since_1970(), from, words, begun)
    }

    /// Somebody comes back from one; nothing if they were not sent, or not with this browser.
    pub fn come_back(&self, state: &str, browser: &str) -> Option<Begun> {
        lock(&self.pending).take(since_1970(), state, browser)
    }

    /// The desk whose session this is.
    pub fn desk_of(&self, token: &str) -> Option<String> {
        lock(&self.sessions).desk(since_1970(), token)
    }

    /// A session ends: the desk whose it was, and who it was.
    pub fn end_session(&self, token: &str) -> Option<(String, Option<Person>)> {
        lock(&self.sessions).end(token)
    }

    /// Nobody is signed in at a desk any more.
    pub async fn signed_out(self: &Arc<Self>, desk: String) {
        if let Err(error) = self
            .tell(move |queue, now| Ok(queue.sign_out(now, &desk)))
            .await
        {
            tracing::error!("cannot sign a desk out: {error}");
        }
    }
}
