// SPDX-License-Identifier: EUPL-1.2
//! `call`: the service that answers `de.amtsnah.Call1`.

use std::path::PathBuf;
use std::process::ExitCode;

use call::accounts::AccountFile;
use call::media::{Camera, Ends, Microphone, Picture, Speaker};
use call::service;
use clap::Parser;
use miette::{IntoDiagnostic, WrapErr};

/// Calls departments face to face; answers de.amtsnah.Call1 on the system bus.
#[derive(Debug, Parser)]
#[command(version)]
struct Args {
    /// The account to call with, read anew for each call.
    #[arg(long, default_value = "/run/call/account.json")]
    account: PathBuf,
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

fn main() -> ExitCode {
    // The SIP stack writes whole messages to its log: who calls whom is nobody's business.
    journal::start("info,rsipstack=off");
    match run(Args::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:?}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: Args) -> miette::Result<()> {
    let connection = zbus::blocking::Connection::system()
        .into_diagnostic()
        .wrap_err("cannot reach the system bus")?;
    let ends = Ends {
        camera: Camera::Device(args.camera),
        microphone: Microphone::Alsa(args.microphone),
        own: Picture::None,
        picture: Picture::Wayland,
        speaker: Speaker::Alsa(args.speaker),
    };
    service::run(&connection, AccountFile(args.account), ends, || {
        sd_notify::notify(false, &[sd_notify::NotifyState::Ready])
            .into_diagnostic()
            .wrap_err("cannot tell systemd that the service is there")
    })
}
