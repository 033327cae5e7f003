// SPDX-License-Identifier: EUPL-1.2
//! Somebody who uses a device: a program that scenarios lay into it with a signed add-on.

use std::error::Error;
use std::fs::{self, File};
use std::io::ErrorKind;
use std::net::{Ipv6Addr, SocketAddrV6, UdpSocket};
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
    /// Tries to send something to a neighbour.
    Send { to: Ipv6Addr },
    /// Sends a neighbour more than a line carries, and speech beside it.
    Flood { to: Ipv6Addr },
    /// Searches the opened volume for the canaries of so many people, whose seeds follow each other.
    Search { seed: u64, people: u64 },
}

fn main() -> ExitCode {
    let result = match Args::parse().what {
        What::Come { seed } => come(seed),
        What::Search { seed, people } => find(seed, people),
        What::Send { to } => send(to),
        What::Flood { to } => flood(to),
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

/// The port that nobody listens at.
const SINK: u16 = 9;

/// A neighbour, by way of each network card.
fn ways(to: Ipv6Addr) -> Result<Vec<SocketAddrV6>, Box<dyn Error>> {
    let mut ways = Vec::new();
    for card in fs::read_dir("/sys/class/net")? {
        let card = card?;
        if card.file_name() != "lo" {
            let index = fs::read_to_string(card.path().join("ifindex"))?;
            ways.push(SocketAddrV6::new(to, SINK, 0, index.trim().parse()?));
        }
    }
    Ok(ways)
}

fn send(to: Ipv6Addr) -> Result<(), Box<dyn Error>> {
    let socket = UdpSocket::bind("[::]:0")?;
    let ways = ways(to)?;
    let is_refused = |way: &SocketAddrV6| {
        let sent = socket.send_to(b"hello", way);
        sent.is_err_and(|error| error.kind() == ErrorKind::PermissionDenied)
    };
    let said = if !ways.is_empty() && ways.iter().all(is_refused) {
        "refused"
    } else {
        "not refused"
    };
    println!("citizen: {said}");
    Ok(())
}

/// For so many steps of so long, each with a packet of speech (Opus: 20 ms) and ten large others.
const STEPS: u16 = 500;
const STEP: Duration = Duration::from_millis(20);
const OTHERS: usize = 10;

fn flood(to: Ipv6Addr) -> Result<(), Box<dyn Error>> {
    let way = ways(to)?.into_iter().next().ok_or("no network card")?;
    let socket = || -> std::io::Result<UdpSocket> {
        let socket = UdpSocket::bind("[::]:0")?;
        // What has no room is lost, and not waited for.
        socket.set_nonblocking(true)?;
        socket.connect(way)?;
        Ok(socket)
    };
    let (speech, others, end) = (socket()?, socket()?, socket()?);
    let large = [b'x'; 1200];
    for number in 0..STEPS {
        let [high, low] = number.to_be_bytes();
        // RTP with the payload type of a call's speech.
        let mut rtp = vec![0x80, 97, high, low];
        rtp.resize(120, 0);
        speech.send(&rtp)?;
        for _ in 0..OTHERS {
            let _ = others.send(&large);
        }
        std::thread::sleep(STEP);
    }
    for _ in 0..OTHERS {
        end.send(b"End")?;
    }
    Ok(())
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
