// SPDX-License-Identifier: EUPL-1.2
//! Somebody who uses a device: a program that scenarios lay into it with a signed add-on.

use std::error::Error;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use api::session::{Kind, Session1ProxyBlocking, document};
use clap::{Parser, Subcommand};
use qemu::residue::{CANARIES, Canaries, Hits, picture, search_all, text, utf16};
use zbus::blocking::connection::Builder;

/// Where the bus is in a device.
const BUS: &str = "unix:path=/run/dbus/system_bus_socket";
/// Canaries in a document: the store has room for 32.
const IN_DOCUMENT: u64 = 4;
/// Where a file on the device's own volume would be.
const VOLUME: &str = "/var";
/// Canaries of nobody, written to the volume, so that a search that finds them there can find others.
const CONTROL: u64 = u64::MAX;

/// Uses the session of a device.
#[derive(Debug, Parser)]
struct Args {
    /// What to do.
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Fills the session's store with the canaries of `seed`, as a scanner would, and stays with them.
    Come { seed: u64 },
    /// Searches the opened volume for the canaries of so many people, whose seeds follow each other.
    Search { seed: u64, people: u64 },
}

fn main() -> ExitCode {
    let result = match Args::parse().what {
        What::Come { seed } => come(seed),
        What::Search { seed, people } => find(seed, people),
    };
    if let Err(error) = result {
        println!("citizen: {error}");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

fn come(seed: u64) -> Result<(), Box<dyn Error>> {
    let session = Session1ProxyBlocking::new(&Builder::address(BUS)?.build()?)?;
    let mut held = Vec::new();
    for first in (0..CANARIES).step_by(usize::try_from(IN_DOCUMENT)?) {
        let numbers = first..first + IN_DOCUMENT;
        let mut letter: Vec<u8> = Vec::new();
        let mut image: Vec<u8> = Vec::new();
        for number in numbers {
            let text = text(seed, number);
            letter.extend(utf16(&text));
            letter.extend(text.bytes());
            image.extend(picture(seed, number));
        }
        for (kind, content) in [(Kind::Text, &letter), (Kind::Png, &image)] {
            let id = session.create_document(kind, document::seal(content)?.into())?;
            let opened = session.open_document(id)?;
            held.push((document::read(&opened)?, opened));
        }
    }
    println!("citizen: {} documents", held.len());
    loop {
        std::thread::park_timeout(Duration::from_hours(1));
    }
}

/// The device that holds the volume, as the kernel names it.
fn device_of(volume: &str) -> Result<PathBuf, Box<dyn Error>> {
    let mounts = fs::read_to_string("/proc/self/mountinfo")?;
    let source = mounts.lines().find_map(|line| {
        let (place, kind) = line.split_once(" - ")?;
        let is_volume = place.split(' ').nth(4)? == volume;
        is_volume.then(|| kind.split(' ').nth(1))?
    });
    source
        .map(PathBuf::from)
        .ok_or_else(|| format!("nothing is mounted on {volume}").into())
}

fn find(seed: u64, people: u64) -> Result<(), Box<dyn Error>> {
    let control = Path::new(VOLUME).join("control");
    fs::write(&control, text(CONTROL, 0))?;
    File::open(&control)?.sync_all()?;
    rustix::fs::sync();
    let device = device_of(VOLUME)?;
    let seeds = [CONTROL].into_iter().chain(seed..seed + people);
    let canaries: Vec<Canaries> = seeds.map(Canaries::of).collect();
    let all = search_all(&device, &canaries)?;
    match all.split_first() {
        Some((known, hits)) if known.utf8 > 0 => {
            let clean = hits.iter().filter(|hits| **hits == Hits::default()).count();
            println!("citizen: nothing of {clean} people on the volume");
            Ok(())
        }
        _ => Err(format!("{} cannot be searched", device.display()).into()),
    }
}
