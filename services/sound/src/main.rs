// SPDX-License-Identifier: EUPL-1.2
//! `sound`: the service that answers `de.amtsnah.Sound1`.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::ExitCode;

use api::sound::{BUS_NAME, serve};
use clap::Parser;
use miette::{IntoDiagnostic, WrapErr};
use site::{LastGood, UsbId};
use sound::cards::{self, Watch};
use sound::{ear, settings};

/// Finds the sound card that only one person hears; answers de.amtsnah.Sound1 on the system bus.
#[derive(Debug, Parser)]
#[command(version)]
struct Args {
    /// The image's site configuration.
    #[arg(long, default_value = "/usr/share/amtsnah/site/site.toml")]
    site: PathBuf,
    /// The directory of newer ones.
    #[arg(long, default_value = "/var/lib/site")]
    site_store: PathBuf,
    /// The file that tells ALSA which card is the default one.
    #[arg(long, default_value = "/run/sound/asound.conf")]
    default: PathBuf,
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
        .wrap_err("cannot serve de.amtsnah.Sound1")?;
    api::bus::end_when_gone(&connection)
        .into_diagnostic()
        .wrap_err("cannot hear of the end of the system bus")?;
    let watch = Watch::new()
        .into_diagnostic()
        .wrap_err("cannot watch for sound cards")?;
    let store = LastGood::new(&args.site, &args.site_store);
    let mut last = None;
    loop {
        let cards = cards::list();
        let ear = ear::choose(&cards, &named(&store));
        if last.as_ref() != Some(&ear.cloned()) {
            settings::write_default(&args.default, ear)
                .into_diagnostic()
                .wrap_err_with(|| format!("cannot write {}", args.default.display()))?;
            if let Some(card) = ear
                && let Err(error) = settings::open_up(card)
            {
                tracing::warn!("cannot set how loud {} plays: {error}", card.id);
            }
            let id = ear.map_or("", |card| card.id.as_str());
            tracing::info!("the ear is `{id}`");
            publisher
                .set(id)
                .into_diagnostic()
                .wrap_err("cannot publish the ear")?;
            if last.replace(ear.cloned()).is_none() {
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
            .wait(&cards)
            .into_diagnostic()
            .wrap_err("cannot wait for sound cards")?;
    }
}

/// The devices that the site says only one person hears.
fn named(store: &LastGood) -> BTreeSet<UsbId> {
    match store.load() {
        Ok(loaded) => loaded.site.devices.ears,
        Err(error) => {
            tracing::warn!("cannot read which devices one person hears: {error}");
            BTreeSet::new()
        }
    }
}
