// SPDX-License-Identifier: EUPL-1.2
//! The kiosk's screen.

use std::{num::NonZeroU16, path::PathBuf, str::FromStr};

use clap::Parser;
use compositor::{Compositor, Drawing, Rank, Rules, Screen, Settings};
use miette::{IntoDiagnostic, Result};
use site::LastGood;

/// Shows a shell on the whole screen and one application at a time in its frame.
///
/// The shell connects to the socket that the service manager passes under the name "shell", applications to the one under the
/// name "applications"; no other way in exists. Logs go to standard error; `RUST_LOG` sets how much (default: info).
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// For development: listen on this path instead of the passed socket (mode 0600)
    #[arg(long, value_name = "PATH")]
    socket: Option<PathBuf>,

    /// For tests: draw into memory, a screen of so many pixels, and use no device
    #[arg(long, value_name = "WIDTHxHEIGHT")]
    headless: Option<Size>,

    /// The image's site configuration: how the screens hang, which input devices are heard
    #[arg(long, value_name = "FILE")]
    site: Option<PathBuf>,

    /// The directory of newer ones, which are followed as they come; it need not exist
    #[arg(long, value_name = "FOLDER", default_value = "/var/lib/site")]
    site_store: PathBuf,

    /// What draws the picture
    #[arg(long, value_enum, default_value_t)]
    drawing: Drawing,
}

#[derive(Clone, Copy, Debug)]
struct Size {
    width: NonZeroU16,
    height: NonZeroU16,
}

impl FromStr for Size {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || format!("\"{text}\" is not a size such as 1920x1080");
        let (width, height) = text.split_once('x').ok_or_else(wrong)?;
        Ok(Self {
            width: width.parse().map_err(|_| wrong())?,
            height: height.parse().map_err(|_| wrong())?,
        })
    }
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    // smithay warns of what is usual on pixman: framebuffers the old way, blobs that the kernel has dropped.
    journal::start("info,smithay=error");
    let (shell, applications) = match &arguments.socket {
        Some(path) => compositor::development_socket(path).map(|socket| (socket, None)),
        None => compositor::passed_sockets(),
    }
    .into_diagnostic()?;
    let screen = match arguments.headless {
        Some(size) => Screen::Memory {
            width: size.width.get(),
            height: size.height.get(),
        },
        None => Screen::Card(arguments.drawing),
    };
    let site = arguments
        .site
        .map(|site| LastGood::new(site, arguments.site_store));
    let settings = site.as_ref().map_or_else(Settings::default, Settings::of);
    let mut compositor = Compositor::new(screen, settings, Rules::kiosk()).into_diagnostic()?;
    if let Some(site) = site {
        compositor.follow(site).into_diagnostic()?;
    }
    compositor.listen(shell, Rank::Shell).into_diagnostic()?;
    if let Some(socket) = applications {
        compositor
            .listen(socket, Rank::Application)
            .into_diagnostic()?;
    }
    compositor.run().into_diagnostic()
}
