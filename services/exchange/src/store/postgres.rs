// SPDX-License-Identifier: EUPL-1.2
//! PostgreSQL: how it is reached, and what to do where it is not.

use std::fmt;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions, PgSslMode};
use sqlx::{ConnectOptions as _, Connection as _, PgPool};
use tokio::time::{Instant, sleep, timeout};

use super::StoreError;
use crate::config::{Postgres, Server};
use crate::given;

/// Connections at once: a few are quicker than many, as the server has one process for each.
const CONNECTIONS: u32 = 8;
/// A connection is made, or had, in this time, or the database is away.
pub const REACH: Duration = Duration::from_secs(3);
/// A connection that was used answers in this time, or is given up: one whose other end vanished would be waited for for minutes.
const ANSWER: Duration = Duration::from_secs(2);
/// Whoever begins to serve waits so long for a database that is not there yet.
pub const BEGIN: Duration = Duration::from_secs(30);
/// And asks again after so long.
const AGAIN: Duration = Duration::from_millis(500);
/// The name of systemd's credential that has the password.
const CREDENTIAL: &str = "exchange.database";

/// Where the database is, and what we prove ourselves with. It is shown nowhere.
#[derive(Clone)]
pub struct Reach {
    named: Postgres,
    options: PgConnectOptions,
}

impl fmt::Debug for Reach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Reach").field(&self.named).finish()
    }
}

impl Reach {
    /// Reads what the configuration names; nothing is asked of the network.
    pub fn read(named: &Postgres) -> Result<Self, StoreError> {
        let mut options = PgConnectOptions::new_without_pgpass()
            .port(named.port)
            .username(&named.user)
            .database(&named.database)
            .application_name("exchange");
        options = match &named.server {
            Server::Socket(dir) => options.socket(dir).ssl_mode(PgSslMode::Disable),
            Server::Host(host) => options.host(host).ssl_mode(PgSslMode::VerifyFull),
        };
        if let Some(path) = &named.authority {
            options = options.ssl_root_cert_from_pem(given::certificates(path)?.0);
        }
        if let Some(password) = given::secret(named.password.as_deref(), CREDENTIAL)? {
            options = options.password(password.expose());
        }
        Ok(Self {
            named: named.clone(),
            // Statements are no news; what fails is told by whoever asked.
            options: options.disable_statement_logging(),
        })
    }

    /// Makes a pool when the database answers; waits for it for up to `patience`.
    pub async fn pool(&self, patience: Duration) -> Result<PgPool, StoreError> {
        let end = Instant::now() + patience;
        let mut told = false;
        while let Err(error) = self.probe().await {
            if !is_passing(&error) || Instant::now() >= end {
                return Err(self.unreached(error));
            }
            if !std::mem::replace(&mut told, true) {
                tracing::warn!("waits for the database ({}): {error}", self.named);
            }
            sleep(AGAIN).await;
        }
        let pool = PgPoolOptions::new()
            .max_connections(CONNECTIONS)
            .acquire_timeout(REACH)
            .after_release(|connection, _| {
                Box::pin(async move {
                    match timeout(ANSWER, connection.ping()).await {
                        Ok(answered) => answered.map(|()| true),
                        Err(_) => Err(sqlx::Error::PoolTimedOut),
                    }
                })
            })
            .connect_lazy_with(self.options.clone());
        Ok(pool)
    }

    /// Asks by a connection of its own: a pool says only that it has none.
    pub async fn probe(&self) -> Result<(), sqlx::Error> {
        let asked = async {
            let mut connection = self.options.connect().await?;
            connection.ping().await?;
            connection.close().await
        };
        timeout(REACH, asked).await.unwrap_or_else(|_| {
            let silent = std::io::Error::new(std::io::ErrorKind::TimedOut, "it does not answer");
            Err(silent.into())
        })
    }

    fn unreached(&self, said: sqlx::Error) -> StoreError {
        let database = self.named.to_string();
        let Postgres {
            user,
            database: name,
            ..
        } = &self.named;
        let code = match &said {
            sqlx::Error::Database(error) => error.code().unwrap_or_default().into_owned(),
            _ => String::new(),
        };
        let help = match (&said, code.as_str()) {
            (error, _) if is_tls(error) => {
                "the server has to offer TLS (`ssl = on`), with a certificate for the name in `url`; `authority` in `[store]` names who certified it".to_owned()
            }
            (_, "28P01" | "28000") => format!(
                "is the password in the file that `[store]` names that of `{user}`, and does the server's pg_hba.conf let it in from here?"
            ),
            (_, "3D000") => format!("make it: `createdb --owner={user} {name}`"),
            (sqlx::Error::Database(_), _) => "the server's log says more".to_owned(),
            _ => "does PostgreSQL run there, and does a firewall let this machine through to it?".to_owned(),
        };
        StoreError::Unreached {
            database,
            help,
            said,
        }
    }
}

/// Somebody does not prove who they are, or speaks no TLS.
fn is_tls(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Tls(_) => true,
        // A handshake that fails.
        sqlx::Error::Io(error) => {
            matches!(error.get_ref(), Some(inner) if inner.is::<rustls::Error>())
        }
        _ => false,
    }
}

/// What may be over in a moment: nobody listens yet, the server starts or ends, or has too many connections.
fn is_passing(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_) => !is_tls(error),
        sqlx::Error::Database(error) => error
            .code()
            .is_some_and(|code| code.starts_with("57P") || code.starts_with("53")),
        _ => false,
    }
}
