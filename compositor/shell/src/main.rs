// SPDX-License-Identifier: EUPL-1.2
//! The shell's program: the window on a device, or a picture of one screen for documents and tests.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use clap::Parser;
use shell::canvas::Canvas;
use shell::catalogue::Catalogue;
use shell::paint::Painter;
use shell::runtime::Runtime;
use shell::state::State;
use shell::store::Arrival;
use shell::system::{Clock, OS_RELEASE, identity};
use shell::text::{Engine, FONT_DIR};
use shell::wayland;
use site::LastGood;

mod picture;

/// What citizens and clerks meet on the screen.
#[derive(Debug, Parser)]
#[command(version)]
struct Args {
    /// The image's site configuration.
    #[arg(long, default_value = "/usr/share/amtsnah/site/site.toml")]
    site: PathBuf,
    /// The image's service descriptions.
    #[arg(long, default_value = "/usr/share/amtsnah/site/procedures.xml")]
    procedures: PathBuf,
    /// The directory of newer site configurations and service descriptions; it need not exist.
    #[arg(long, default_value = "/var/lib/site")]
    site_store: PathBuf,
    /// The directory of brltty's socket; it need not exist.
    #[arg(long, default_value = "/run/braille/api")]
    braille: PathBuf,
    /// The directory of the fonts.
    #[arg(long, default_value = FONT_DIR)]
    fonts: PathBuf,
    /// What the image says of itself.
    #[arg(long, default_value = OS_RELEASE)]
    os_release: PathBuf,
    /// For development: do not wait for the services, show the first screen at once.
    #[arg(long)]
    no_trust: bool,
    /// Width and height where the compositor leaves them to the shell, and of a picture.
    #[arg(long, default_value = "1280x800", value_parser = picture::size)]
    size: (u32, u32),
    /// For development: the size of the screen in millimetres, such as 309x174.
    #[arg(long, value_parser = picture::size)]
    mm: Option<(u32, u32)>,
    #[command(flatten)]
    picture: picture::PictureArgs,
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
    use miette::IntoDiagnostic;

    let site = LastGood::new(&args.site, &args.site_store);
    let store = Arrival::watch(&args.site_store);
    let procedures = procedures::LastGood::new(&args.procedures, &args.site_store);
    let loaded = site.load()?;
    let catalogue = Catalogue::new(procedures.load(&loaded.site).procedures, &loaded.site);
    let engine = Engine::new(&args.fonts).into_diagnostic()?;
    let mut painter = Painter::default();
    if let Err(error) = painter.load_picture(&loaded.picture) {
        tracing::warn!("{error}");
    }
    let clock = Clock::new(&loaded.site.place.time_zone);
    let (now, _) = clock.now();
    let state = State {
        catalogue: Arc::new(catalogue),
        ..State::new(
            Arc::new(loaded.site),
            identity(Path::new(&args.os_release)),
            now,
            args.no_trust,
        )
    };
    let canvas = Canvas::new(
        args.size.0,
        args.size.1,
        args.mm.map(|(w, h)| (w as f32, h as f32)),
    );
    if args.picture.wanted() {
        return args.picture.make(state, engine, painter, canvas);
    }
    let runtime = Runtime::new(state, engine, painter, canvas);
    let connection = wayland::connect().into_diagnostic()?;
    let options = wayland::Options {
        site,
        procedures,
        store,
        services: !args.no_trust,
        braille: args.braille.clone(),
        fonts: args.fonts.clone(),
        clock,
        size: args.size,
    };
    wayland::run(&connection, runtime, options).into_diagnostic()
}
