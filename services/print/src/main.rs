// SPDX-License-Identifier: EUPL-1.2
//! `print`: the service that answers `de.amtsnah.Print1`, and the process of each of its jobs.

use std::path::PathBuf;
use std::process::ExitCode;

use api::session::Kind;
use clap::{Parser, Subcommand, ValueEnum};
use miette::{IntoDiagnostic, WrapErr};
use print::drawing::Order;
use print::find::Candidates;
use print::printer::Target;
use print::service::{self, Place};
use print::{send, show};
use site::{Fingerprint, LastGood};

/// Prints documents on the device's printer; answers de.amtsnah.Print1 on the system bus.
#[derive(Debug, Parser)]
#[command(version)]
struct Args {
    #[command(subcommand)]
    command: Option<Command>,
    /// The image's site configuration.
    #[arg(long, default_value = "/usr/share/amtsnah/site/site.toml")]
    site: PathBuf,
    /// The directory of newer ones.
    #[arg(long, default_value = "/var/lib/site")]
    site_store: PathBuf,
    /// A directory in memory that outlives the service.
    #[arg(long, default_value = "/run/print")]
    runtime: PathBuf,
    /// The program that prints one document.
    #[arg(long, default_value = "/usr/lib/amtsnah/print")]
    program: PathBuf,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Prints the document on standard input (sealed memory), and says how far it is.
    Send {
        /// The printer's address.
        #[arg(long)]
        printer: String,
        /// The SHA-256 fingerprint of its certificate, where it is known.
        #[arg(long, value_parser = fingerprint)]
        certificate: Option<Fingerprint>,
        /// What the document is.
        #[arg(long)]
        kind: Sort,
        /// How often it is printed.
        #[arg(long)]
        copies: u32,
    },
    /// Draws a page of the document on standard input (sealed memory) for the screen, and hands it over on standard output, a socket.
    Show {
        /// What the document is.
        #[arg(long)]
        kind: Sort,
        /// Which page, from 1 on.
        #[arg(long)]
        page: u32,
        /// How many pixels across there is room for.
        #[arg(long)]
        width: u16,
        /// How many down.
        #[arg(long)]
        height: u16,
    },
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Sort {
    Pdf,
    Png,
    Jpeg,
}

impl From<Sort> for Kind {
    fn from(sort: Sort) -> Self {
        match sort {
            Sort::Pdf => Self::Pdf,
            Sort::Png => Self::Png,
            Sort::Jpeg => Self::Jpeg,
        }
    }
}

fn fingerprint(text: &str) -> Result<Fingerprint, &'static str> {
    Fingerprint::parse(text).ok_or("64 hexadecimal digits")
}

fn main() -> ExitCode {
    journal::start("info");
    match run(Args::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:?}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: Args) -> miette::Result<()> {
    match args.command {
        Some(Command::Send {
            printer,
            certificate,
            kind,
            copies,
        }) => {
            confine(send::SECONDS)?;
            let printer = Target {
                uri: printer,
                certificate,
            };
            send::run(&printer, kind.into(), copies);
            Ok(())
        }
        Some(Command::Show {
            kind,
            page,
            width,
            height,
        }) => {
            confine(show::SECONDS)?;
            let order = Order {
                kind: kind.into(),
                page,
                width,
                height,
            };
            show::run(order);
            Ok(())
        }
        None => serve(&args),
    }
}

/// Keeps a process that reads a document within limits.
fn confine(seconds: u64) -> miette::Result<()> {
    // A message could have something of the document in it.
    std::panic::set_hook(Box::new(|_| eprintln!("a document could not be drawn")));
    send::confine(seconds)
        .into_diagnostic()
        .wrap_err("cannot set the limits of a document's process")
}

fn serve(args: &Args) -> miette::Result<()> {
    let site = LastGood::new(&args.site, &args.site_store)
        .accepted()
        .into_diagnostic()
        .wrap_err("there is no site configuration")?;
    let connection = api::bus::system()
        .into_diagnostic()
        .wrap_err("cannot reach the system bus")?;
    let place = Place {
        program: args.program.clone(),
        runtime: args.runtime.clone(),
    };
    service::run(&connection, Candidates::of(&site.site), place, || {
        sd_notify::notify(false, &[sd_notify::NotifyState::Ready])
            .into_diagnostic()
            .wrap_err("cannot tell systemd that the service is there")
    })
}
