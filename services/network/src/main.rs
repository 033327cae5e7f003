// SPDX-License-Identifier: EUPL-1.2
//! `network`: the service that answers `de.amtsnah.Network1`.

use std::process::ExitCode;
use std::time::Duration;

use api::network::{BUS_NAME, Link, serve};
use clap::Parser;
use miette::{IntoDiagnostic, WrapErr};
use network::describe::cards;
use network::judge::{judge, look_again};
use network::networkd::Networkd;
use zbus::blocking::connection::Builder;

/// Longer than any answer on the bus takes; whoever does not answer then will not.
const ANSWER: Duration = Duration::from_secs(30);

/// Says how the device's link stands; answers de.amtsnah.Network1 on the system bus.
#[derive(Debug, Parser)]
#[command(version)]
struct Args {}

fn main() -> ExitCode {
    journal::start("info");
    Args::parse();
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:?}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> miette::Result<()> {
    let connection = Builder::system()
        .and_then(|bus| api::bus::connect(bus.method_timeout(ANSWER)))
        .into_diagnostic()
        .wrap_err("cannot reach the system bus")?;
    let publisher = serve(&connection)
        .into_diagnostic()
        .wrap_err("cannot serve de.amtsnah.Network1")?;
    let networkd = Networkd::new(&connection)
        .into_diagnostic()
        .wrap_err("cannot follow systemd-networkd")?;
    let (mut last, mut looks) = (None, 0_u32);
    loop {
        let link = look(&networkd)?;
        looks = looks.saturating_add(1);
        if last != Some(link) {
            looks = 1;
            tracing::info!("link: {} {}", link.kind.as_str(), link.condition.as_str());
            publisher
                .set(link)
                .into_diagnostic()
                .wrap_err("cannot publish the link")?;
            if last.replace(link).is_none() {
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
        networkd
            .wait(look_again(link, looks))
            .into_diagnostic()
            .wrap_err("cannot wait for changes: the bus has ended")?;
    }
}

/// How the link stands now.
fn look(networkd: &Networkd) -> miette::Result<Link> {
    let said = networkd
        .describe()
        .into_diagnostic()
        .wrap_err("cannot ask systemd-networkd")?;
    let Some(said) = said else {
        return Ok(Link::UNKNOWN);
    };
    Ok(match cards(&said) {
        Ok(cards) => judge(&cards),
        Err(error) => {
            tracing::warn!("cannot read what networkd says of its cards: {error}");
            Link::UNKNOWN
        }
    })
}
