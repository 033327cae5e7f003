// SPDX-License-Identifier: EUPL-1.2
//! `applications`: the service that answers `de.amtsnah.Applications1`.

use std::path::PathBuf;
use std::process::ExitCode;

use applications::program::Place;
use applications::service;
use clap::Parser;
use miette::{IntoDiagnostic, WrapErr};
use site::LastGood;

/// Runs the applications released to clerks; answers de.amtsnah.Applications1 on the system bus.
#[derive(Debug, Parser)]
#[command(version)]
struct Args {
    /// The image's site configuration.
    #[arg(long, default_value = "/usr/share/amtsnah/site/site.toml")]
    site: PathBuf,
    /// The directory of newer ones.
    #[arg(long, default_value = "/var/lib/site")]
    site_store: PathBuf,
    /// The compositor's socket for applications.
    #[arg(long, default_value = "/run/applications/wayland")]
    socket: PathBuf,
    /// A directory in memory that ends with the service.
    #[arg(long, default_value = "/tmp")]
    home: PathBuf,
    /// The program that shows a session of a terminal server.
    #[arg(long, default_value = "/usr/bin/wlfreerdp3")]
    program: PathBuf,
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
    let site = LastGood::new(&args.site, &args.site_store);
    let connection = api::bus::system()
        .into_diagnostic()
        .wrap_err("cannot reach the system bus")?;
    let place = Place {
        program: args.program,
        socket: args.socket,
        home: args.home,
    };
    service::run(&connection, &site, place, || {
        sd_notify::notify(false, &[sd_notify::NotifyState::Ready])
            .into_diagnostic()
            .wrap_err("cannot tell systemd that the service is there")
    })
}
