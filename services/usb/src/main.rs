// SPDX-License-Identifier: EUPL-1.2
//! Decides on one USB device that was plugged in.

use std::path::{Path, PathBuf};

use clap::Parser;
use miette::{IntoDiagnostic as _, Result, WrapErr as _};
use site::{Devices, LastGood};
use usb::{descriptors, device::Device, policy};

/// The directory of all block devices.
const BLOCKS: &str = "/sys/class/block";

/// Lets the kernel talk to a USB device if the site allows it.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// The image's site configuration
    #[arg(long, value_name = "FILE")]
    site: PathBuf,
    /// The directory of newer site configurations; it need not exist
    #[arg(long, value_name = "FOLDER", default_value = "/var/lib/site")]
    site_store: PathBuf,
    /// The device's directory below /sys/devices
    #[arg(value_name = "DEVICE")]
    device: PathBuf,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    journal::start("info");
    let device = Device::at(&arguments.device);
    let place = arguments.device.display();
    let was = match device.is_authorised() {
        // Gone again before anybody could look at it.
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        was => was
            .into_diagnostic()
            .wrap_err_with(|| format!("read {place}"))?,
    };
    let site = LastGood::new(&arguments.site, &arguments.site_store);
    let good = judge(&device, &allowed(&site), &arguments.device)?;
    if good != was {
        device
            .authorise(good)
            .into_diagnostic()
            .wrap_err_with(|| format!("authorise {place}: {good}"))?;
    }
    Ok(())
}

fn judge(device: &Device, site: &Devices, path: &Path) -> Result<bool> {
    let place = path.display();
    let bytes = device
        .descriptors()
        .into_diagnostic()
        .wrap_err_with(|| format!("read the descriptors of {place}"))?;
    let said = match descriptors::parse(&bytes) {
        Ok(said) => said,
        Err(error) => {
            tracing::warn!(%place, %error, "USB device refused");
            return Ok(false);
        }
    };
    let runs_system = device
        .runs_system(Path::new(BLOCKS))
        .into_diagnostic()
        .wrap_err("look for the system's disks")?;
    let verdict = policy::decide(&said, site, runs_system);
    let id = format!("{:04x}:{:04x}", said.id.vendor, said.id.product);
    if verdict.is_good() {
        tracing::info!(%place, id, ?verdict, "USB device");
    } else {
        tracing::warn!(%place, id, ?verdict, classes = ?said.classes, "USB device refused");
    }
    Ok(verdict.is_good())
}

/// What the site allows. A site configuration that cannot be used allows what every terminal has.
fn allowed(site: &LastGood) -> Devices {
    match site.accepted() {
        Ok(loaded) => loaded.site.devices,
        Err(error) => {
            tracing::error!("{error}");
            Devices::default()
        }
    }
}
