// SPDX-License-Identifier: EUPL-1.2
//! `scan`: the service that answers `de.amtsnah.Scan1`, and the processes of its pages and documents.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use miette::{IntoDiagnostic, WrapErr};
use scan::find::Addresses;
use scan::sane::{Sane, configure};
use scan::service::{self, Place};
use scan::{bind, take};
use site::LastGood;

/// Scans papers on the device's scanner; answers de.amtsnah.Scan1 on the system bus.
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
    /// A directory in memory for SANE's configuration, which is made from the site's.
    #[arg(long, default_value = "/run/scan")]
    runtime: PathBuf,
    /// A directory with another configuration of SANE instead.
    #[arg(long)]
    sane: Option<PathBuf>,
    /// SANE's program that scans.
    #[arg(long, default_value = "/usr/bin/scanimage")]
    scanimage: PathBuf,
    /// The program that packs pages and makes documents.
    #[arg(long, default_value = "/usr/lib/amtsnah/scan")]
    program: PathBuf,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Packs the picture on standard input, and hands it over at standard output, a socket.
    Take,
    /// Makes a document of the pages that come in at the socket on standard input and output.
    Bind,
}

fn main() -> ExitCode {
    journal::start("info");
    match run(&Args::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:?}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &Args) -> miette::Result<()> {
    let work = match args.command {
        Some(Command::Take) => take::run,
        Some(Command::Bind) => bind::run,
        None => return serve(args),
    };
    // A message could have something of the page in it.
    std::panic::set_hook(Box::new(|_| eprintln!("a page could not be read")));
    take::confine(None)
        .into_diagnostic()
        .wrap_err("cannot set the limits of a page")?;
    work();
    Ok(())
}

fn serve(args: &Args) -> miette::Result<()> {
    let (configuration, addresses) = if let Some(directory) = &args.sane {
        (directory.clone(), Addresses::default())
    } else {
        let site = LastGood::new(&args.site, &args.site_store)
            .accepted()
            .into_diagnostic()
            .wrap_err("there is no site configuration")?;
        let directory = args.runtime.join("sane.d");
        configure(&directory, &site.site)
            .into_diagnostic()
            .wrap_err_with(|| format!("cannot write {}", directory.display()))?;
        (directory, Addresses::of(&site.site))
    };
    let connection = api::bus::system()
        .into_diagnostic()
        .wrap_err("cannot reach the system bus")?;
    let place = Place {
        program: args.program.clone(),
        sane: Sane {
            program: args.scanimage.clone(),
            configuration,
        },
        addresses,
    };
    service::run(&connection, place, || {
        sd_notify::notify(false, &[sd_notify::NotifyState::Ready])
            .into_diagnostic()
            .wrap_err("cannot tell systemd that the service is there")
    })
}
