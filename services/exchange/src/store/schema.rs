// SPDX-License-Identifier: EUPL-1.2
//! The form of the tables, in steps: a database of any age is brought to today's when it is opened.

use super::{StoreError, failed, with};

/// What the last step makes.
pub const FORM: i64 = STEPS.len() as i64;

/// A step in the dialects of both databases; everything else that is said to them is one text for both.
struct Step {
    sqlite: &'static [&'static str],
    postgres: &'static [&'static str],
}

/// The steps, never changed once they were released. The first meets databases that were made before steps were counted.
const STEPS: &[Step] = &[Step {
    sqlite: &[
        "CREATE TABLE IF NOT EXISTS account (desk TEXT PRIMARY KEY, hash TEXT NOT NULL) STRICT",
        "CREATE TABLE IF NOT EXISTS terminal (id TEXT PRIMARY KEY, fingerprint BLOB NOT NULL UNIQUE, since INTEGER NOT NULL) STRICT",
        "CREATE TABLE IF NOT EXISTS code (terminal TEXT PRIMARY KEY, hash BLOB NOT NULL, expires INTEGER NOT NULL) STRICT",
        "CREATE TABLE IF NOT EXISTS ticket (id TEXT PRIMARY KEY, number INTEGER NOT NULL UNIQUE, terminal TEXT NOT NULL, \
         department TEXT NOT NULL, taken INTEGER NOT NULL) STRICT",
        "CREATE TABLE IF NOT EXISTS outcome (day TEXT NOT NULL, department TEXT NOT NULL, outcome TEXT NOT NULL, count INTEGER NOT NULL, \
         PRIMARY KEY (day, department, outcome)) STRICT",
        "CREATE TABLE IF NOT EXISTS pace (department TEXT PRIMARY KEY, mean INTEGER NOT NULL, count INTEGER NOT NULL) STRICT",
    ],
    postgres: &[
        "CREATE TABLE account (desk TEXT PRIMARY KEY, hash TEXT NOT NULL)",
        "CREATE TABLE terminal (id TEXT PRIMARY KEY, fingerprint BYTEA NOT NULL UNIQUE, since BIGINT NOT NULL)",
        "CREATE TABLE code (terminal TEXT PRIMARY KEY, hash BYTEA NOT NULL, expires BIGINT NOT NULL)",
        "CREATE TABLE ticket (id TEXT PRIMARY KEY, number BIGINT NOT NULL UNIQUE, terminal TEXT NOT NULL, \
         department TEXT NOT NULL, taken BIGINT NOT NULL)",
        "CREATE TABLE outcome (day TEXT NOT NULL, department TEXT NOT NULL, outcome TEXT NOT NULL, count BIGINT NOT NULL, \
         PRIMARY KEY (day, department, outcome))",
        "CREATE TABLE pace (department TEXT PRIMARY KEY, mean BIGINT NOT NULL, count BIGINT NOT NULL)",
    ],
}];

/// Whoever opens a database of PostgreSQL at the same moment waits; any number that nobody else in this database has.
const LOCK: &str = "SELECT pg_advisory_xact_lock(7305818)";

/// Brings a database to today's form, whole or not at all.
pub async fn bring(pool: &super::Pool) -> Result<(), StoreError> {
    let operation = || failed("make the database's tables");
    let is_postgres = matches!(pool, super::Pool::Postgres(_));
    with!(pool, pool => {
        let mut transaction = pool
            .begin_with(if is_postgres { "BEGIN" } else { "BEGIN IMMEDIATE" })
            .await
            .map_err(operation())?;
        if is_postgres {
            sqlx::query(LOCK).execute(&mut *transaction).await.map_err(operation())?;
        }
        sqlx::query("CREATE TABLE IF NOT EXISTS form (number BIGINT NOT NULL)")
            .execute(&mut *transaction)
            .await
            .map_err(operation())?;
        let known: Option<i64> = sqlx::query_scalar("SELECT MAX(number) FROM form")
            .fetch_one(&mut *transaction)
            .await
            .map_err(operation())?;
        let known = known.unwrap_or_default();
        if known > FORM {
            return Err(StoreError::Newer);
        }
        for step in STEPS.iter().skip(known.unsigned_abs() as usize) {
            for statement in if is_postgres { step.postgres } else { step.sqlite } {
                sqlx::query(statement)
                    .execute(&mut *transaction)
                    .await
                    .map_err(operation())?;
            }
        }
        if known < FORM {
            sqlx::query("INSERT INTO form (number) VALUES ($1)")
                .bind(FORM)
                .execute(&mut *transaction)
                .await
                .map_err(operation())?;
        }
        transaction.commit().await.map_err(operation())
    })
}
