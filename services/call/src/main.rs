// SPDX-License-Identifier: EUPL-1.2
//! `call`: the service that answers `de.amtsnah.Call1`, and before that the enrolment of the device at its exchange.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use call::exchange::enrol::{Enrolment, enrol};
use call::exchange::identity::{Device, Keeper};
use call::exchange::place::Queues;
use call::media::{Camera, Ends, Microphone, Picture, Speaker};
use call::service;
use clap::{Args, Parser, Subcommand};
use miette::{IntoDiagnostic, WrapErr};
use site::LastGood;

/// The most bytes of what the installer wrote.
const WRITTEN: usize = 1024;

/// Calls departments face to face; answers de.amtsnah.Call1 on the system bus.
#[derive(Debug, Parser)]
#[command(version)]
struct Options {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    places: Places,
    /// The camera.
    #[arg(long, default_value = "/dev/video0")]
    camera: PathBuf,
    /// The microphone, as ALSA names it.
    #[arg(long, default_value = "default")]
    microphone: String,
    /// The speaker, as ALSA names it.
    #[arg(long, default_value = "default")]
    speaker: String,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Enrol the device at the exchange of its site; ends when it is, or when there is no code that could work.
    Enrol {
        /// The file with the terminal's name and its one-time code.
        enrolment: PathBuf,
    },
}

#[derive(Debug, Args)]
struct Places {
    /// The image's site configuration.
    #[arg(long, default_value = "/usr/share/amtsnah/site/site.toml")]
    site: PathBuf,
    /// The store of newer ones.
    #[arg(long, default_value = "/var/lib/site")]
    site_store: PathBuf,
    /// Where the device's key and certificate are.
    #[arg(long, default_value = "/var/lib/call")]
    state: PathBuf,
}

fn main() -> ExitCode {
    // The SIP stack writes whole messages to its log: who calls whom is nobody's business.
    journal::start("info,rsipstack=off");
    let options = Options::parse();
    let result = match &options.command {
        Some(Command::Enrol { enrolment }) => enrol_at(&options.places, enrolment),
        None => run(options),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:?}");
            ExitCode::FAILURE
        }
    }
}

fn enrol_at(places: &Places, enrolment: &Path) -> miette::Result<()> {
    let written = site::read_bounded(enrolment, WRITTEN)
        .into_diagnostic()
        .wrap_err_with(|| format!("cannot read {}", enrolment.display()))?;
    let Some(enrolment) = Enrolment::parse(&String::from_utf8_lossy(&written)) else {
        tracing::info!("nobody has written a code to enrol with: calls are not set up");
        return Ok(());
    };
    let loaded = LastGood::new(&places.site, &places.site_store)
        .accepted()
        .wrap_err("there is no site configuration")?;
    let Some(call) = &loaded.site.call else {
        tracing::info!("the site names no exchange: calls are not set up");
        return Ok(());
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .into_diagnostic()
        .wrap_err("cannot start the tasks of enrolment")?;
    let keeper = Keeper::new(&places.state);
    match runtime.block_on(enrol(call, &enrolment, &keeper)) {
        Ok(()) => tracing::info!("the device is enrolled at {}", call.exchange.as_str()),
        Err(error) if error.is_passing() => {
            return Err(error)
                .into_diagnostic()
                .wrap_err("cannot enrol the device now");
        }
        // Trying again would not help: somebody has to write another code.
        Err(error) => tracing::error!("cannot enrol the device: {error}"),
    }
    Ok(())
}

fn run(options: Options) -> miette::Result<()> {
    let connection = api::bus::system()
        .into_diagnostic()
        .wrap_err("cannot reach the system bus")?;
    let ends = Ends {
        camera: Camera::Device(options.camera),
        microphone: Microphone::Alsa(options.microphone),
        own: true,
        hands_free: true,
        picture: Picture::Wayland,
        speaker: Speaker::Alsa(options.speaker),
    };
    let Places {
        site,
        site_store,
        state,
    } = options.places;
    let device = Device::new(&site, &site_store, Keeper::new(state));
    service::run(&connection, Queues(device), ends, || {
        sd_notify::notify(false, &[sd_notify::NotifyState::Ready])
            .into_diagnostic()
            .wrap_err("cannot tell systemd that the service is there")
    })
}
