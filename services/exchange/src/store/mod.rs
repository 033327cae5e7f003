// SPDX-License-Identifier: EUPL-1.2
//! What outlives a restart, in SQLite or PostgreSQL: accounts of desks, certificates and enrolment codes of terminals, tickets, and how
//! long conversations take. Nothing of a citizen.

mod postgres;
mod schema;

use std::fmt;
use std::path::Path;
use std::time::Duration;

use sha2::{Digest as _, Sha256};
use sqlx::PgPool;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use tokio::time::timeout;

use crate::config::Config;
use crate::given::GivenError;
use crate::queue::{Effect, Pace, Ticket};
use crate::state::State;

pub use postgres::BEGIN;
use postgres::Reach;

/// Whatever is asked of a database is answered in this time, or the database is away.
const ANSWER: Duration = Duration::from_secs(5);

/// The store failed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A statement failed.
    #[error("cannot {operation}: {said}")]
    Failed {
        /// What was tried.
        operation: &'static str,
        /// What the database said.
        said: sqlx::Error,
    },
    /// It said nothing.
    #[error("the database does not answer")]
    Silent,
    /// A server is not to be had.
    #[error("cannot use the database ({database}): {said}")]
    Unreached {
        /// Which.
        database: String,
        /// What to do.
        help: String,
        /// What was said.
        said: sqlx::Error,
    },
    /// A file with which we prove ourselves, or the server itself.
    #[error(transparent)]
    File(#[from] GivenError),
    /// It is of tomorrow.
    #[error("the database was used by a newer exchange")]
    Newer,
}

impl miette::Diagnostic for StoreError {
    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        let help: &str = match self {
            Self::Unreached { help, .. } => help,
            Self::File(_) => {
                "`[store]` names files that the exchange's user may read; the password's is for nobody else (`chmod o= FILE`)"
            }
            Self::Newer => "use that version, or a backup of the database from before it",
            Self::Failed { .. } | Self::Silent => {
                "is there room on the disk, do the state directory and the database's tables belong to this user?"
            }
        };
        Some(Box::new(help))
    }
}

fn failed(operation: &'static str) -> impl FnOnce(sqlx::Error) -> StoreError {
    move |said| StoreError::Failed { operation, said }
}

/// Both databases understand the same statements (`$1` is the first value): they differ in their types alone.
#[derive(Clone)]
enum Pool {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

/// Does the same with whichever pool it is.
macro_rules! with {
    ($pool:expr, $name:ident => $body:expr) => {
        match $pool {
            $crate::store::Pool::Sqlite($name) => $body,
            $crate::store::Pool::Postgres($name) => $body,
        }
    };
}
use with;

/// The database.
#[derive(Clone)]
pub struct Store {
    pool: Pool,
    /// How a server is reached.
    reach: Option<Reach>,
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Store").field(&self.reach).finish()
    }
}

impl Store {
    /// Opens the one that the configuration names, or makes it.
    pub async fn open(config: &Config, state: &State) -> Result<Self, StoreError> {
        Self::open_within(config, state, Duration::ZERO).await
    }

    /// The same; a server that is not there yet is waited for.
    pub async fn open_within(
        config: &Config,
        state: &State,
        patience: Duration,
    ) -> Result<Self, StoreError> {
        let Some(named) = &config.store else {
            return Self::in_file(&state.database()).await;
        };
        let reach = Reach::read(named)?;
        let pool = Pool::Postgres(reach.pool(patience).await?);
        schema::bring(&pool).await?;
        let reach = Some(reach);
        Ok(Self { pool, reach })
    }

    /// Opens SQLite's in this file, or makes it.
    pub async fn in_file(path: &Path) -> Result<Self, StoreError> {
        let pool = Pool::Sqlite(sqlite(path).await?);
        schema::bring(&pool).await?;
        Ok(Self { pool, reach: None })
    }

    /// Whether all is there that is needed to reach it: files, but nothing is asked of the network. What it is called.
    pub fn check(config: &Config) -> Result<String, StoreError> {
        let Some(named) = &config.store else {
            return Ok("SQLite, in the state directory".to_owned());
        };
        Reach::read(named)?;
        Ok(named.to_string())
    }

    /// Whether it can be asked.
    pub async fn probe(&self) -> Result<(), StoreError> {
        let failed = failed("ask the database");
        if let Some(reach) = &self.reach {
            return reach.probe().await.map_err(failed);
        }
        with!(&self.pool, pool => sqlx::query("SELECT 1").execute(pool).await.map(drop).map_err(failed))
    }

    /// Waits for an answer, but not for ever.
    async fn answered<T>(
        &self,
        answer: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        timeout(ANSWER, answer)
            .await
            .unwrap_or(Err(StoreError::Silent))
    }

    /// The hash of a desk's password.
    pub async fn hash(&self, desk: &str) -> Result<Option<String>, StoreError> {
        self.answered(async {
            with!(&self.pool, pool => sqlx::query_scalar("SELECT hash FROM account WHERE desk = $1")
                .bind(desk)
                .fetch_optional(pool)
                .await
                .map_err(failed("read an account")))
        })
        .await
    }

    /// Sets it.
    pub async fn set_hash(&self, desk: &str, hash: &str) -> Result<(), StoreError> {
        const SET: &str = "INSERT INTO account (desk, hash) VALUES ($1, $2) \
             ON CONFLICT (desk) DO UPDATE SET hash = excluded.hash";
        self.answered(async {
            with!(&self.pool, pool => sqlx::query(SET)
                .bind(desk)
                .bind(hash)
                .execute(pool)
                .await
                .map(drop)
                .map_err(failed("write an account")))
        })
        .await
    }

    /// Lets a terminal be enrolled once with this code; an older one for it ends.
    pub async fn allow(
        &self,
        terminal: &str,
        code: &str,
        expires: Duration,
    ) -> Result<(), StoreError> {
        const ALLOW: &str = "INSERT INTO code (terminal, hash, expires) VALUES ($1, $2, $3) \
             ON CONFLICT (terminal) DO UPDATE SET hash = excluded.hash, expires = excluded.expires";
        self.answered(async {
            with!(&self.pool, pool => sqlx::query(ALLOW)
                .bind(terminal)
                .bind(digest(code.as_bytes()))
                .bind(seconds(expires))
                .execute(pool)
                .await
                .map(drop)
                .map_err(failed("write an enrolment code")))
        })
        .await
    }

    /// Enrols a terminal with the certificate of this digest, if the code is its own; false otherwise. The code is used up, and a
    /// certificate that it had before ends.
    pub async fn enrol(
        &self,
        terminal: &str,
        code: &str,
        certificate: &[u8],
        now: Duration,
    ) -> Result<bool, StoreError> {
        const USE: &str = "DELETE FROM code WHERE terminal = $1 AND hash = $2 AND expires > $3";
        const ENROL: &str = "INSERT INTO terminal (id, fingerprint, since) VALUES ($1, $2, $3) \
             ON CONFLICT (id) DO UPDATE SET fingerprint = excluded.fingerprint, since = excluded.since";
        let operation = || failed("enrol a terminal");
        self.answered(async {
            with!(&self.pool, pool => {
                let mut transaction = pool.begin().await.map_err(operation())?;
                let used = sqlx::query(USE)
                    .bind(terminal)
                    .bind(digest(code.as_bytes()))
                    .bind(seconds(now))
                    .execute(&mut *transaction)
                    .await
                    .map_err(operation())?;
                if used.rows_affected() != 1 {
                    return Ok(false);
                }
                sqlx::query(ENROL)
                    .bind(terminal)
                    .bind(digest(certificate))
                    .bind(seconds(now))
                    .execute(&mut *transaction)
                    .await
                    .map_err(operation())?;
                transaction.commit().await.map_err(operation())?;
                Ok(true)
            })
        })
        .await
    }

    /// The terminal whose certificate this is.
    pub async fn terminal(&self, certificate: &[u8]) -> Result<Option<String>, StoreError> {
        self.answered(async {
            with!(&self.pool, pool => sqlx::query_scalar("SELECT id FROM terminal WHERE fingerprint = $1")
                .bind(digest(certificate))
                .fetch_optional(pool)
                .await
                .map_err(failed("look up a terminal")))
        })
        .await
    }

    /// Ends a terminal's certificate and its code; false if it had neither.
    pub async fn revoke(&self, terminal: &str) -> Result<bool, StoreError> {
        let operation = || failed("revoke a terminal");
        self.answered(async {
            with!(&self.pool, pool => {
                let mut gone = 0;
                for statement in [
                    "DELETE FROM terminal WHERE id = $1",
                    "DELETE FROM code WHERE terminal = $1",
                ] {
                    let done = sqlx::query(statement).bind(terminal).execute(pool).await;
                    gone += done.map_err(operation())?.rows_affected();
                }
                Ok(gone != 0)
            })
        })
        .await
    }

    /// The tickets and paces that were kept.
    pub async fn queue(&self) -> Result<(Vec<Ticket>, Vec<(String, Pace)>), StoreError> {
        const TICKETS: &str =
            "SELECT id, number, terminal, department, taken FROM ticket ORDER BY number";
        let operation = || failed("read the tickets");
        let (tickets, paces) = self
            .answered(async {
                with!(&self.pool, pool => {
                    let tickets: Vec<(String, i64, String, String, i64)> =
                        sqlx::query_as(TICKETS).fetch_all(pool).await.map_err(operation())?;
                    let paces: Vec<(String, i64, i64)> =
                        sqlx::query_as("SELECT department, mean, count FROM pace")
                            .fetch_all(pool)
                            .await
                            .map_err(operation())?;
                    Ok((tickets, paces))
                })
            })
            .await?;
        let ticket = |(id, number, terminal, department, taken): (_, i64, _, _, i64)| Ticket {
            id,
            number: number.unsigned_abs(),
            terminal,
            department,
            taken: Duration::from_millis(taken.unsigned_abs()),
        };
        let pace = |(department, mean, count): (_, i64, i64)| {
            let pace = Pace {
                mean: Duration::from_millis(mean.unsigned_abs()),
                count: u32::try_from(count).unwrap_or_default(),
            };
            (department, pace)
        };
        Ok((
            tickets.into_iter().map(ticket).collect(),
            paces.into_iter().map(pace).collect(),
        ))
    }

    /// Keeps what the queue says, all of it or nothing. Said twice, it is the same: but that an outcome counts twice whose first
    /// confirmation was lost.
    pub async fn keep(&self, effects: &[Effect]) -> Result<(), StoreError> {
        const TICKET: &str = "INSERT INTO ticket (id, number, terminal, department, taken) VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT (id) DO UPDATE SET department = excluded.department";
        const PACE: &str = "INSERT INTO pace (department, mean, count) VALUES ($1, $2, $3) \
             ON CONFLICT (department) DO UPDATE SET mean = excluded.mean, count = excluded.count";
        const OUTCOME: &str = "INSERT INTO outcome (day, department, outcome, count) VALUES ($1, $2, $3, 1) \
             ON CONFLICT (day, department, outcome) DO UPDATE SET count = outcome.count + 1";
        let operation = || failed("write the tickets");
        self.answered(async {
            with!(&self.pool, pool => {
                let mut transaction = pool.begin().await.map_err(operation())?;
                for effect in effects {
                    let query = match effect {
                        Effect::Keep(ticket) => sqlx::query(TICKET)
                            .bind(&ticket.id)
                            .bind(i64::try_from(ticket.number).unwrap_or(i64::MAX))
                            .bind(&ticket.terminal)
                            .bind(&ticket.department)
                            .bind(milliseconds(ticket.taken)),
                        Effect::Forget(id) => {
                            sqlx::query("DELETE FROM ticket WHERE id = $1").bind(id)
                        }
                        Effect::Learned(department, pace) => sqlx::query(PACE)
                            .bind(department)
                            .bind(milliseconds(pace.mean))
                            .bind(i64::from(pace.count)),
                        Effect::Counted {
                            day,
                            department,
                            outcome,
                        } => sqlx::query(OUTCOME)
                            .bind(day)
                            .bind(department)
                            .bind(*outcome),
                    };
                    query.execute(&mut *transaction).await.map_err(operation())?;
                }
                transaction.commit().await.map_err(operation())
            })
        })
        .await
    }
}

/// What was answered is on the disk: a cut of power loses nothing that somebody was told.
async fn sqlite(path: &Path) -> Result<SqlitePool, StoreError> {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(Duration::from_secs(3));
    SqlitePoolOptions::new()
        .max_connections(4)
        .connect_with(options)
        .await
        .map_err(failed("open the database"))
}

fn digest(bytes: &[u8]) -> Vec<u8> {
    Sha256::digest(bytes).to_vec()
}

fn seconds(time: Duration) -> i64 {
    i64::try_from(time.as_secs()).unwrap_or(i64::MAX)
}

fn milliseconds(time: Duration) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX)
}
