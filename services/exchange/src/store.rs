// SPDX-License-Identifier: EUPL-1.2
//! What outlives a restart, in SQLite: accounts of desks, certificates and enrolment codes of terminals, tickets, and how long
//! conversations take. Nothing of a citizen.

use std::path::Path;
use std::time::Duration;

use sha2::{Digest as _, Sha256};
use sqlx::Row as _;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};

use crate::queue::{Effect, Pace, Ticket};

/// The form of the tables.
const SCHEMA: &[&str] = &[
    "CREATE TABLE IF NOT EXISTS account (desk TEXT PRIMARY KEY, hash TEXT NOT NULL) STRICT",
    "CREATE TABLE IF NOT EXISTS terminal (id TEXT PRIMARY KEY, fingerprint BLOB NOT NULL UNIQUE, since INTEGER NOT NULL) STRICT",
    "CREATE TABLE IF NOT EXISTS code (terminal TEXT PRIMARY KEY, hash BLOB NOT NULL, expires INTEGER NOT NULL) STRICT",
    "CREATE TABLE IF NOT EXISTS ticket (id TEXT PRIMARY KEY, number INTEGER NOT NULL UNIQUE, terminal TEXT NOT NULL, \
     department TEXT NOT NULL, taken INTEGER NOT NULL) STRICT",
    "CREATE TABLE IF NOT EXISTS outcome (day TEXT NOT NULL, department TEXT NOT NULL, outcome TEXT NOT NULL, count INTEGER NOT NULL, \
     PRIMARY KEY (day, department, outcome)) STRICT",
    "CREATE TABLE IF NOT EXISTS pace (department TEXT PRIMARY KEY, mean INTEGER NOT NULL, count INTEGER NOT NULL) STRICT",
];

/// The store failed.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
#[error("cannot {operation}")]
#[diagnostic(help("is there room on the disk, and does the state directory belong to this user?"))]
pub struct StoreError {
    operation: &'static str,
    #[source]
    source: sqlx::Error,
}

fn failed(operation: &'static str) -> impl FnOnce(sqlx::Error) -> StoreError {
    move |source| StoreError { operation, source }
}

/// The database.
#[derive(Clone, Debug)]
pub struct Store(SqlitePool);

impl Store {
    /// Opens it, or makes it. What was answered is on the disk: a cut of power loses nothing that somebody was told.
    pub async fn open(path: &Path) -> Result<Self, StoreError> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(Duration::from_secs(5));
        let pool = SqlitePoolOptions::new()
            .max_connections(4)
            .connect_with(options)
            .await
            .map_err(failed("open the database"))?;
        for statement in SCHEMA {
            sqlx::query(statement)
                .execute(&pool)
                .await
                .map_err(failed("make the database's tables"))?;
        }
        Ok(Self(pool))
    }

    /// The hash of a desk's password.
    pub async fn hash(&self, desk: &str) -> Result<Option<String>, StoreError> {
        sqlx::query("SELECT hash FROM account WHERE desk = ?")
            .bind(desk)
            .fetch_optional(&self.0)
            .await
            .and_then(|row| row.map(|row| row.try_get(0)).transpose())
            .map_err(failed("read an account"))
    }

    /// Sets it.
    pub async fn set_hash(&self, desk: &str, hash: &str) -> Result<(), StoreError> {
        sqlx::query("INSERT INTO account VALUES (?, ?) ON CONFLICT (desk) DO UPDATE SET hash = excluded.hash")
            .bind(desk)
            .bind(hash)
            .execute(&self.0)
            .await
            .map(drop)
            .map_err(failed("write an account"))
    }

    /// Lets a terminal be enrolled once with this code; an older one for it ends.
    pub async fn allow(
        &self,
        terminal: &str,
        code: &str,
        expires: Duration,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO code VALUES (?, ?, ?) ON CONFLICT (terminal) DO UPDATE SET hash = excluded.hash, expires = excluded.expires",
        )
        .bind(terminal)
        .bind(digest(code.as_bytes()))
        .bind(seconds(expires))
        .execute(&self.0)
        .await
        .map(drop)
        .map_err(failed("write an enrolment code"))
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
        let operation = || failed("enrol a terminal");
        let mut transaction = self.0.begin().await.map_err(operation())?;
        let used = sqlx::query("DELETE FROM code WHERE terminal = ? AND hash = ? AND expires > ?")
            .bind(terminal)
            .bind(digest(code.as_bytes()))
            .bind(seconds(now))
            .execute(&mut *transaction)
            .await
            .map_err(operation())?;
        if used.rows_affected() != 1 {
            return Ok(false);
        }
        sqlx::query(
            "INSERT INTO terminal VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE SET fingerprint = excluded.fingerprint, since = excluded.since",
        )
        .bind(terminal)
        .bind(digest(certificate))
        .bind(seconds(now))
        .execute(&mut *transaction)
        .await
        .map_err(operation())?;
        transaction.commit().await.map_err(operation())?;
        Ok(true)
    }

    /// The terminal whose certificate this is.
    pub async fn terminal(&self, certificate: &[u8]) -> Result<Option<String>, StoreError> {
        sqlx::query("SELECT id FROM terminal WHERE fingerprint = ?")
            .bind(digest(certificate))
            .fetch_optional(&self.0)
            .await
            .and_then(|row| row.map(|row| row.try_get(0)).transpose())
            .map_err(failed("look up a terminal"))
    }

    /// Ends a terminal's certificate and its code; false if it had neither.
    pub async fn revoke(&self, terminal: &str) -> Result<bool, StoreError> {
        let mut gone = 0;
        for statement in [
            "DELETE FROM terminal WHERE id = ?",
            "DELETE FROM code WHERE terminal = ?",
        ] {
            gone += sqlx::query(statement)
                .bind(terminal)
                .execute(&self.0)
                .await
                .map_err(failed("revoke a terminal"))?
                .rows_affected();
        }
        Ok(gone != 0)
    }

    /// The tickets and paces that were kept.
    pub async fn queue(&self) -> Result<(Vec<Ticket>, Vec<(String, Pace)>), StoreError> {
        let operation = || failed("read the tickets");
        let rows = sqlx::query(
            "SELECT id, number, terminal, department, taken FROM ticket ORDER BY number",
        )
        .fetch_all(&self.0)
        .await
        .map_err(operation())?;
        let tickets = rows
            .iter()
            .map(|row| {
                Ok(Ticket {
                    id: row.try_get(0)?,
                    number: row.try_get::<i64, _>(1)?.unsigned_abs(),
                    terminal: row.try_get(2)?,
                    department: row.try_get(3)?,
                    taken: Duration::from_millis(row.try_get::<i64, _>(4)?.unsigned_abs()),
                })
            })
            .collect::<Result<_, _>>()
            .map_err(operation())?;
        let rows = sqlx::query("SELECT department, mean, count FROM pace")
            .fetch_all(&self.0)
            .await
            .map_err(operation())?;
        let paces = rows
            .iter()
            .map(|row| {
                let pace = Pace {
                    mean: Duration::from_millis(row.try_get::<i64, _>(1)?.unsigned_abs()),
                    count: u32::try_from(row.try_get::<i64, _>(2)?).unwrap_or_default(),
                };
                Ok((row.try_get(0)?, pace))
            })
            .collect::<Result<_, _>>()
            .map_err(operation())?;
        Ok((tickets, paces))
    }

    /// Counts how a conversation was left: a day, a department and a number, and nobody.
    pub async fn count(
        &self,
        day: &str,
        department: &str,
        outcome: &str,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO outcome VALUES (?, ?, ?, 1) ON CONFLICT (day, department, outcome) DO UPDATE SET count = count + 1",
        )
        .bind(day)
        .bind(department)
        .bind(outcome)
        .execute(&self.0)
        .await
        .map(drop)
        .map_err(failed("count an outcome"))
    }

    /// Keeps what the queue says, all of it or nothing.
    pub async fn keep(&self, effects: &[Effect]) -> Result<(), StoreError> {
        let operation = || failed("write the tickets");
        let mut transaction = self.0.begin().await.map_err(operation())?;
        for effect in effects {
            let query = match effect {
                Effect::Keep(ticket) => sqlx::query("INSERT INTO ticket VALUES (?, ?, ?, ?, ?)")
                    .bind(&ticket.id)
                    .bind(i64::try_from(ticket.number).unwrap_or(i64::MAX))
                    .bind(&ticket.terminal)
                    .bind(&ticket.department)
                    .bind(milliseconds(ticket.taken)),
                Effect::Forget(id) => sqlx::query("DELETE FROM ticket WHERE id = ?").bind(id),
                Effect::Learned(department, pace) => sqlx::query(
                    "INSERT INTO pace VALUES (?, ?, ?) ON CONFLICT (department) DO UPDATE SET mean = excluded.mean, count = excluded.count",
                )
                .bind(department)
                .bind(milliseconds(pace.mean))
                .bind(i64::from(pace.count)),
            };
            query
                .execute(&mut *transaction)
                .await
                .map_err(operation())?;
        }
        transaction.commit().await.map_err(operation())
    }
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
