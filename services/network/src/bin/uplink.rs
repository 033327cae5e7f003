// SPDX-License-Identifier: EUPL-1.2
//! `uplink`: tells systemd-networkd what the site says of the line, and ends.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use miette::{IntoDiagnostic, WrapErr};
use network::networkd::reload;
use network::uplink::write;
use site::LastGood;

/// Tells systemd-networkd how much the line carries, as the site configuration says ([network] uplink).
#[derive(Debug, Parser)]
#[command(version)]
struct Args {
    /// The image's site configuration.
    #[arg(long, default_value = "/usr/share/amtsnah/site/site.toml")]
    site: PathBuf,
    /// The directory of newer ones.
    #[arg(long, default_value = "/var/lib/site")]
    site_store: PathBuf,
    /// The directory for parts of the configuration of the network that the line belongs to.
    #[arg(long, default_value = "/run/systemd/network/20-wired.network.d")]
    parts: PathBuf,
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
    let loaded = LastGood::new(&args.site, &args.site_store)
        .accepted()
        .wrap_err("no site configuration")?;
    let changed = write(&args.parts, loaded.site.network)
        .into_diagnostic()
        .wrap_err_with(|| format!("cannot write in {}", args.parts.display()))?;
    if changed {
        tracing::info!("uplink: {:?} kbit/s", loaded.site.network.uplink);
        let connection = api::bus::system()
            .into_diagnostic()
            .wrap_err("cannot reach the system bus")?;
        reload(&connection)
            .into_diagnostic()
            .wrap_err("systemd-networkd does not read its configuration again")?;
    }
    Ok(())
}
