// SPDX-License-Identifier: EUPL-1.2
//! `inventory`: the service that answers `de.amtsnah.Inventory1`.

use std::path::PathBuf;
use std::process::ExitCode;

use api::inventory::{BUS_NAME, serve};
use clap::Parser;
use inventory::judge::judge;
use inventory::look::look;
use inventory::watch::Watch;
use miette::{IntoDiagnostic, WrapErr};
use site::{Devices, LastGood};

/// Knows which devices are plugged in; answers de.amtsnah.Inventory1 on the system bus.
#[derive(Debug, Parser)]
#[command(version)]
struct Args {
    /// The image's site configuration.
    #[arg(long, default_value = "/usr/share/amtsnah/site/site.toml")]
    site: PathBuf,
    /// The directory of newer ones.
    #[arg(long, default_value = "/var/lib/site")]
    site_store: PathBuf,
    /// Where the kernel lists its USB devices.
    #[arg(long, default_value = "/sys/bus/usb/devices")]
    devices: PathBuf,
    /// Where udev writes down what comes and goes.
    #[arg(long, default_value = "/run/udev/data")]
    database: PathBuf,
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
    let connection = api::bus::system()
        .into_diagnostic()
        .wrap_err("cannot reach the system bus")?;
    let publisher = serve(&connection)
        .into_diagnostic()
        .wrap_err("cannot serve de.amtsnah.Inventory1")?;
    api::bus::end_when_gone(&connection)
        .into_diagnostic()
        .wrap_err("cannot hear of the end of the system bus")?;
    let watch = Watch::new(&args.database)
        .into_diagnostic()
        .wrap_err_with(|| format!("cannot watch {}", args.database.display()))?;
    let store = LastGood::new(&args.site, &args.site_store);
    let mut last = None;
    loop {
        let plugged = look(&args.devices)
            .into_diagnostic()
            .wrap_err_with(|| format!("cannot list {}", args.devices.display()))?;
        let devices = judge(&plugged, &allowed(&store));
        if last.as_ref() != Some(&devices) {
            let words: Vec<String> = devices
                .iter()
                .map(|device| format!("{} {}", device.kind.as_str(), device.condition.as_str()))
                .collect();
            tracing::info!("devices: {}", words.join(", "));
            publisher
                .set(devices.clone())
                .into_diagnostic()
                .wrap_err("cannot publish the devices")?;
            if last.replace(devices).is_none() {
                // What was there from the start is published before anybody can ask.
                connection
                    .request_name(BUS_NAME)
                    .into_diagnostic()
                    .wrap_err_with(|| format!("cannot take the name {BUS_NAME}"))?;
                sd_notify::notify(false, &[sd_notify::NotifyState::Ready])
                    .into_diagnostic()
                    .wrap_err("cannot tell systemd that the service is there")?;
            }
        }
        watch
            .wait()
            .into_diagnostic()
            .wrap_err("cannot wait for devices")?;
    }
}

/// What the site says of devices. A site configuration that cannot be used expects nothing.
fn allowed(store: &LastGood) -> Devices {
    match store.load() {
        Ok(loaded) => loaded.site.devices,
        Err(error) => {
            tracing::warn!("cannot read which devices are expected: {error}");
            Devices::default()
        }
    }
}
