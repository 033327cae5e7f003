// SPDX-License-Identifier: EUPL-1.2
//! All of it, running: the files for the children, the listeners, and the end.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::api::page::{self, Page, PageError};
use crate::api::{bounded, control, desk, enrol, provider, terminal};
use crate::config::Config;
use crate::exchange::Exchange;
use crate::identity::{Authority, IdentityError};
use crate::openid::{ProviderError, Providers};
use crate::server::{ServerError, listen, serve, tls};
use crate::state::{Secrets, State, StateError, write};
use crate::store::{self, Store, StoreError};
use crate::supervise::{Course, Kept, Program};
use crate::{coturn, kamailio};

/// At the end, the database has so long to take what is still to be written.
const LAST: Duration = Duration::from_secs(3);

/// Why an exchange does not run.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
#[allow(missing_docs)] // Each says so itself.
pub enum ServeError {
    #[error(transparent)]
    #[diagnostic(transparent)]
    State(#[from] StateError),
    #[error(transparent)]
    #[diagnostic(transparent)]
    Identity(#[from] IdentityError),
    #[error(transparent)]
    #[diagnostic(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    #[diagnostic(transparent)]
    Provider(#[from] ProviderError),
    #[error(transparent)]
    #[diagnostic(transparent)]
    Server(#[from] ServerError),
    #[error(transparent)]
    #[diagnostic(transparent)]
    Page(#[from] PageError),
    #[error("cannot read {}", .path.display())]
    #[diagnostic(help(
        "`[certificate]` names a chain and its private key that this user may read"
    ))]
    Certificate {
        path: PathBuf,
        #[source]
        source: std::io::Error,
    },
    #[error("cannot wait for signals")]
    Signals(#[source] std::io::Error),
}

/// What was generated from a configuration.
#[derive(Debug)]
pub struct Generated {
    /// The secrets in it.
    pub secrets: Secrets,
    /// Who certifies terminals.
    pub authority: Authority,
    /// The chain and the key of the exchange, in PEM.
    pub identity: (String, String),
    /// What Kamailio reads.
    pub kamailio: kamailio::Files,
    /// What coturn reads.
    pub coturn: coturn::Files,
}

/// Writes the configurations of the children; secrets, keys and certificates that are missing are made.
pub fn generate(config: &Config, state: &State) -> Result<Generated, ServeError> {
    let secrets = state.secrets()?;
    let authority = Authority::open(state)?;
    let dir = state.generated();
    let read = |path: &Path| {
        std::fs::read_to_string(path).map_err(|source| ServeError::Certificate {
            path: path.to_owned(),
            source,
        })
    };
    let (identity, chain, key) = if let Some(certificate) = &config.certificate {
        let identity = (read(&certificate.chain)?, read(&certificate.key)?);
        (identity, certificate.chain.clone(), certificate.key.clone())
    } else {
        let identity = authority.server(state, &config.domain)?;
        let chain = dir.join("chain.pem");
        write(&chain, &identity.0)?;
        (identity, chain, state.dir().join("server.key"))
    };
    let kamailio = kamailio::Files {
        main: dir.join("kamailio.cfg"),
        tls: dir.join("tls.cfg"),
        chain: chain.clone(),
        key: key.clone(),
    };
    write(&kamailio.main, &kamailio::main(config, &secrets, &kamailio))?;
    write(&kamailio.tls, &kamailio::tls(&kamailio))?;
    let coturn = coturn::Files {
        main: dir.join("turnserver.conf"),
        chain,
        key,
        users: state.run().join("turn.sqlite"),
        pid: state.run().join("turn.pid"),
    };
    write(&coturn.main, &coturn::main(config, &secrets, &coturn))?;
    Ok(Generated {
        secrets,
        authority,
        identity,
        kamailio,
        coturn,
    })
}

/// What the page may do: talk to us and to Kamailio, and show what it was given.
fn policy(config: &Config) -> String {
    format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; font-src 'self'; \
         connect-src 'self' wss://{}:{}; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
        config.domain, config.ports.wss
    )
}

/// Runs until the end of `stop`; `ready` is called when everything listens.
pub async fn run(
    config: Config,
    state: &State,
    page: Option<&Path>,
    ready: impl FnOnce(&Exchange),
    stop: impl Future<Output = ()>,
) -> Result<(), ServeError> {
    let generated = generate(&config, state)?;
    let (chain, key) = &generated.identity;
    let public_tls = tls(chain, key, None)?;
    let terminal_tls = tls(chain, key, Some(generated.authority.pem()))?;
    let providers = Providers::read(&config)?;
    let page = page.map(Page::load).transpose()?.unwrap_or_default();
    // Before anything is asked by it: whoever cannot listen starts no children.
    let public = listen(config.listen(config.ports.https)).await?;
    let terminals = listen(config.listen(config.ports.terminals)).await?;
    let loopback = listen(config.control()).await?;
    let policy = policy(&config);
    let store = Store::open_within(&config, state, store::BEGIN).await?;
    tracing::info!("what is kept is in {}", Store::check(&config)?);
    let Generated {
        secrets,
        authority,
        kamailio,
        coturn,
        ..
    } = generated;
    let exchange = Exchange::begin(config, secrets, authority, providers, store).await?;

    let public_app = Router::new()
        .nest("/api/desk", desk::routes().merge(provider::routes()))
        .merge(enrol::routes())
        .with_state(exchange.clone())
        .fallback_service(get(page::file).with_state(page));
    let terminal_app = Router::new()
        .nest("/api/terminal", terminal::routes())
        .with_state(exchange.clone());
    let control_app = Router::new()
        .nest("/control", control::routes())
        .with_state(exchange.clone());
    let mut tasks = JoinSet::new();
    tasks.spawn(serve(
        public,
        Some(public_tls),
        bounded(public_app, &policy),
    ));
    tasks.spawn(serve(
        terminals,
        Some(terminal_tls),
        bounded(terminal_app, "default-src 'none'"),
    ));
    tasks.spawn(serve(
        loopback,
        None,
        bounded(control_app, "default-src 'none'"),
    ));

    let (tell, told) = mpsc::unbounded_channel();
    let children = children(&exchange.config, state, &kamailio, &coturn)
        .map(|program| Kept::start(program, tell.clone()));
    tasks.spawn(follow(exchange.clone(), told));
    ready(&exchange);
    stop.await;
    for child in children {
        child.end().await;
    }
    tasks.shutdown().await;
    let lost = exchange.keeper.finish(LAST).await;
    if lost > 0 {
        tracing::error!("the database is away: {lost} changes of the queue are not written");
    }
    Ok(())
}

fn children(
    config: &Config,
    state: &State,
    kamailio: &kamailio::Files,
    coturn: &coturn::Files,
) -> [Program; 2] {
    let run = state.run();
    [
        Program {
            name: "kamailio",
            path: "/usr/sbin/kamailio".into(),
            arguments: kamailio::arguments(config, kamailio, &run),
            directory: run.clone(),
        },
        Program {
            name: "coturn",
            path: "/usr/bin/turnserver".into(),
            arguments: coturn::arguments(coturn),
            directory: run,
        },
    ]
}

/// A proxy that started anew knows nobody.
async fn follow(
    exchange: Arc<Exchange>,
    mut told: mpsc::UnboundedReceiver<(&'static str, Course)>,
) {
    while let Some((name, course)) = told.recv().await {
        match course {
            Course::Runs(id) => tracing::info!("{name} runs ({id})"),
            Course::Fell(wait) => {
                tracing::error!("{name} fell; again in {wait:?}");
                if name == "kamailio" {
                    let told = exchange.tell(|queue, now| Ok(queue.proxy_fell(now))).await;
                    if let Err(error) = told {
                        tracing::error!("{error}");
                    }
                }
            }
        }
    }
}
