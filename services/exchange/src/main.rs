// SPDX-License-Identifier: EUPL-1.2
//! The program of the exchange.

use std::io::{IsTerminal as _, Read as _};
use std::path::{Path, PathBuf};

use api::secret::Secret;
use clap::{Args, Parser, Subcommand};
use exchange::api::enrol::{CODE, HOLDS};
use exchange::config::{self, Config};
use exchange::exchange::since_1970;
use exchange::openid::Providers;
use exchange::serve::{self, ServeError};
use exchange::state::State;
use exchange::store::Store;
use exchange::{random, rules};
use miette::{IntoDiagnostic as _, WrapErr as _, bail};
use password::Hash;
use tokio::signal::unix::{SignalKind, signal};

/// Fewest characters of a desk's password.
const PASSWORD: usize = 12;

/// The sample municipality.
const SAMPLE: &str = include_str!("../sample.toml");

/// The server side of a consultation: who may call whom. Kamailio and coturn do the telephony, configured from one file.
#[derive(Debug, Parser)]
#[command(version)]
struct Cli {
    /// The configuration.
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        default_value = "/etc/exchange/exchange.toml"
    )]
    config: PathBuf,
    /// Where secrets, the database and what is generated are kept, for this user alone.
    #[arg(
        long,
        global = true,
        value_name = "DIR",
        default_value = "/var/lib/exchange"
    )]
    state: PathBuf,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Check the configuration, and say where it is wrong.
    Check,
    /// Write the configurations of Kamailio and coturn, and say where.
    Generate,
    /// Print what a firewall has to let through.
    Rules(Rules),
    /// Run everything until SIGTERM.
    Serve(Serve),
    /// Run the sample municipality on loopback, to be tried out, and say what to open; passwords are made by themselves.
    Try(Try),
    /// Set the password of a desk; it is read from standard input.
    Password(Desk),
    /// Print a one-time code with which a terminal enrols.
    Enrol(Terminal),
    /// End a terminal's certificate.
    Revoke(Terminal),
}

#[derive(Debug, Args)]
struct Rules {
    /// Only the file for `nft -f`.
    #[arg(long, conflicts_with = "table")]
    nft: bool,
    /// Only the table for people.
    #[arg(long)]
    table: bool,
}

#[derive(Debug, Args)]
struct Serve {
    /// The directory that the desk's page was built into.
    #[arg(long, value_name = "DIR")]
    page: Option<PathBuf>,
}

#[derive(Debug, Args)]
struct Try {
    #[command(flatten)]
    serve: Serve,
    /// How whoever reads this calls the state directory.
    #[arg(long, hide = true, value_name = "DIR")]
    seen: Option<PathBuf>,
}

#[derive(Debug, Args)]
struct Desk {
    /// Its id in the configuration.
    desk: String,
}

#[derive(Debug, Args)]
struct Terminal {
    /// Its id in the configuration.
    terminal: String,
}

fn main() -> miette::Result<()> {
    let cli = Cli::parse();
    journal::start("info,sqlx=warn");
    let config = match &cli.command {
        Command::Try(_) => {
            config::parse("sample.toml", SAMPLE).map_err(config::ConfigError::from)?
        }
        _ => config::load(&cli.config)?,
    };
    match &cli.command {
        Command::Check => {
            let store = Store::check(&config)?;
            let providers = Providers::read(&config)?.count();
            println!(
                "{} is right: {} authorities ({providers} with an identity provider), {} departments, {} desks, {} terminals; kept in {store}",
                cli.config.display(),
                config.authorities.len(),
                config.departments.len(),
                config.desks.len(),
                config.terminals.len()
            );
            Ok(())
        }
        Command::Generate => {
            let generated = serve::generate(&config, &State::open(&cli.state)?)?;
            for file in [
                &generated.kamailio.main,
                &generated.kamailio.tls,
                &generated.coturn.main,
            ] {
                println!("{}", file.display());
            }
            Ok(())
        }
        Command::Rules(which) => {
            if !which.table {
                print!("{}", rules::nftables(&config));
            }
            if !which.nft {
                print!(
                    "{}{}",
                    if which.table { "" } else { "\n" },
                    commented(&rules::table(&config), !which.table)
                );
            }
            Ok(())
        }
        command => {
            let runtime = tokio::runtime::Runtime::new()
                .into_diagnostic()
                .wrap_err("cannot start")?;
            runtime.block_on(run(command, config, &cli.state))
        }
    }
}

/// Both together are a file for `nft` still.
fn commented(table: &str, with: bool) -> String {
    if !with {
        return table.to_owned();
    }
    table
        .lines()
        .map(|line| format!("# {line}").trim_end().to_owned() + "\n")
        .collect()
}

async fn run(command: &Command, config: Config, dir: &Path) -> miette::Result<()> {
    let state = State::open(dir)?;
    match command {
        Command::Serve(options) => Ok(serve_all(config, &state, options).await?),
        Command::Try(options) => {
            let seen = options.seen.as_deref().unwrap_or(state.dir());
            println!("{}", sample(&config, &state, seen).await?);
            Ok(serve_all(config, &state, &options.serve).await?)
        }
        Command::Password(Desk { desk }) => {
            if config.desk(desk).is_none() {
                bail!(
                    help = "its id has to be in the configuration",
                    "there is no desk `{desk}`"
                );
            }
            let hash = Hash::of(&password()?)
                .into_diagnostic()
                .wrap_err("cannot keep the password")?;
            Store::open(&config, &state)
                .await?
                .set_hash(desk, hash.as_str())
                .await?;
            println!("{desk} signs in with this password from now on");
            Ok(())
        }
        Command::Enrol(Terminal { terminal }) => {
            if config.terminal(terminal).is_none() {
                bail!(
                    help = "its id has to be in the configuration",
                    "there is no terminal `{terminal}`"
                );
            }
            let code = random::word::<CODE>()?;
            let store = Store::open(&config, &state).await?;
            store.allow(terminal, &code, since_1970() + HOLDS).await?;
            println!("{}", grouped(&code));
            Ok(())
        }
        Command::Revoke(Terminal { terminal }) => {
            let store = Store::open(&config, &state).await?;
            if !store.revoke(terminal).await? {
                bail!("the terminal `{terminal}` is not enrolled");
            }
            println!("{terminal} is not let in any more");
            Ok(())
        }
        Command::Check | Command::Generate | Command::Rules(_) => Ok(()),
    }
}

/// Makes what people would be told, and says it: nothing of it is kept but by those who read it.
async fn sample(config: &Config, state: &State, seen: &Path) -> miette::Result<String> {
    let store = Store::open(config, state).await?;
    let text = state.keep("sample.password", || Ok(random::word::<16>()?))?;
    let password = Secret::new(text.clone()).into_diagnostic()?;
    let mut lines = vec![
        format!(
            "desk's page  {}  (the authority of its certificate: {})",
            config.page(),
            seen.join("authority.pem").display()
        ),
        format!(
            "terminals    https://{}:{}/api/terminal",
            config.domain, config.ports.terminals
        ),
        format!("password     {text}  for every desk:"),
    ];
    for desk in &config.desks {
        let hash = Hash::of(&password).into_diagnostic()?;
        store.set_hash(&desk.id, hash.as_str()).await?;
        let served: Vec<&str> = desk.departments.iter().map(String::as_str).collect();
        lines.push(format!(
            "             {:<16} {}",
            desk.id,
            served.join(", ")
        ));
    }
    for terminal in &config.terminals {
        let code = random::word::<CODE>()?;
        store
            .allow(&terminal.id, &code, since_1970() + HOLDS)
            .await?;
        lines.push(format!(
            "enrolment    {:<16} {}",
            terminal.id,
            grouped(&code)
        ));
    }
    lines.push("end it with Ctrl-C".to_owned());
    Ok(lines.join("\n"))
}

/// Codes are read out and typed.
fn grouped(code: &str) -> String {
    let groups: Vec<&str> = [0..4, 4..8, 8..12]
        .into_iter()
        .filter_map(|part| code.get(part))
        .collect();
    groups.join("-")
}

/// Never an argument: those are seen by everybody on the machine.
fn password() -> miette::Result<Secret> {
    if std::io::stdin().is_terminal() {
        eprintln!(
            "The new password, at least {PASSWORD} characters, is shown while you type; then Enter and Ctrl-D:"
        );
    }
    let mut text = String::new();
    std::io::stdin()
        .take(1024)
        .read_to_string(&mut text)
        .into_diagnostic()
        .wrap_err("cannot read a password from standard input")?;
    let line = text.lines().next().unwrap_or_default().to_owned();
    if line.chars().count() < PASSWORD {
        bail!(
            help = "four words are easy to keep",
            "the password has fewer than {PASSWORD} characters"
        );
    }
    Secret::new(line)
        .into_diagnostic()
        .wrap_err("cannot use this password")
}

async fn serve_all(config: Config, state: &State, options: &Serve) -> Result<(), ServeError> {
    let mut terminate = signal(SignalKind::terminate()).map_err(ServeError::Signals)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(ServeError::Signals)?;
    let stop = async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    };
    let ready = |exchange: &exchange::exchange::Exchange| {
        tracing::info!("the exchange listens: {}", exchange.config.page());
        // Not started by systemd: then there is nobody to tell.
        let _ = sd_notify::notify(false, &[sd_notify::NotifyState::Ready]);
    };
    serve::run(config, state, options.page.as_deref(), ready, stop).await
}
