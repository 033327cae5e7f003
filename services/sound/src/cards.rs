// SPDX-License-Identifier: EUPL-1.2
//! The sound cards there are, and when that changes.

use std::collections::BTreeSet;
use std::fs::{read, read_to_string};
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsRawFd, OwnedFd};
use std::path::Path;

use alsa::ctl::{Ctl, DeviceIter, ElemIface};
use alsa::hctl::HCtl;
use alsa::poll::{Descriptors, Flags, poll, pollfd};
use alsa::{Direction, card};
use rustix::fs::inotify;
use rustix::io::Errno;
use site::UsbId;

use crate::ear::Card;
use crate::terminals::{self, Terminal};

/// Where the kernel lists its sound cards.
const CLASS: &str = "/sys/class/sound";
/// Where the device nodes appear.
const NODES: &str = "/dev/snd";
/// No device describes itself with more bytes.
const MAX_DESCRIPTORS: usize = 64 * 1024;

/// All cards that can play. One that cannot be opened, as while it is being unplugged, is left out.
pub fn list() -> Vec<Card> {
    let cards = card::Iter::new().filter_map(Result::ok);
    cards
        .filter_map(|card| match look(card) {
            Ok(found) => found,
            Err(error) => {
                tracing::debug!("cannot look at sound card {}: {error}", card.get_index());
                None
            }
        })
        .collect()
}

fn look(card: alsa::Card) -> alsa::Result<Option<Card>> {
    let ctl = Ctl::from_card(&card, true)?;
    let plays = DeviceIter::new(&ctl).any(|device| {
        let device = u32::try_from(device).unwrap_or_default();
        ctl.pcm_info(device, 0, Direction::Playback).is_ok()
    });
    if !plays {
        return Ok(None);
    }
    let id = ctl.card_info()?.get_id()?.to_owned();
    let number = u32::try_from(card.get_index()).unwrap_or_default();
    Ok(Some(Card {
        number,
        id,
        usb: usb(&Path::new(CLASS).join(format!("card{number}"))),
        jack: jack(card)?,
    }))
}

/// The USB device of a card.
fn usb(card: &Path) -> Option<(UsbId, BTreeSet<Terminal>)> {
    // The card belongs to an interface of the device, which is the directory above.
    let device = card.join("device").canonicalize().ok()?;
    let device = device.parent()?;
    let word = |name: &str| read_to_string(device.join(name)).ok();
    let id = format!("{}:{}", word("idVendor")?.trim(), word("idProduct")?.trim());
    let mut said = read(device.join("descriptors")).unwrap_or_default();
    said.truncate(MAX_DESCRIPTORS);
    Some((UsbId::parse(&id)?, terminals::outputs(&said)))
}

/// Whether something is in the card's jack for headphones.
fn jack(card: alsa::Card) -> alsa::Result<Option<bool>> {
    let hctl = HCtl::from_card(&card, true)?;
    hctl.load()?;
    let mut plugged = None;
    for element in hctl.elem_iter() {
        let id = element.get_id()?;
        let name = id.get_name()?;
        // As the kernel calls them: "Headphone Jack", "Front Headphone Jack" (sound/hda/hda_jack.c).
        if id.get_interface() == ElemIface::Card
            && name.contains("Headphone")
            && name.ends_with("Jack")
        {
            let is_in = element.read()?.get_boolean(0).unwrap_or_default();
            plugged = Some(plugged.unwrap_or_default() || is_in);
        }
    }
    Ok(plugged)
}

/// Tells when cards come and go, and when something is put into a jack.
pub struct Watch {
    nodes: OwnedFd,
}

impl Watch {
    /// Watches from the next [`Watch::wait`] on.
    pub fn new() -> io::Result<Self> {
        let flags = inotify::CreateFlags::CLOEXEC | inotify::CreateFlags::NONBLOCK;
        let nodes = inotify::init(flags)?;
        Ok(Self { nodes })
    }

    /// Waits until there may be something else than `cards`.
    pub fn wait(&self, cards: &[Card]) -> io::Result<()> {
        self.watch_nodes()?;
        let open = cards.iter().filter_map(|card| events(card.number).ok());
        let open: Vec<Ctl> = open.collect();
        // From here on every change is told. What came before it shows here.
        if list() != cards {
            return Ok(());
        }
        let nodes = pollfd {
            fd: self.nodes.as_raw_fd(),
            events: Flags::IN.bits(),
            revents: 0,
        };
        let mut waits = vec![nodes];
        for ctl in &open {
            waits.extend(ctl.get().map_err(io::Error::other)?);
        }
        poll(&mut waits, -1).map_err(io::Error::other)?;
        let mut buffer = [const { MaybeUninit::uninit() }; 4096];
        let mut reader = inotify::Reader::new(&self.nodes, &mut buffer);
        while reader.next().is_ok() {}
        Ok(())
    }

    /// The directory of the nodes comes with the first card: until then the one above tells.
    fn watch_nodes(&self) -> io::Result<()> {
        let come_and_go = inotify::WatchFlags::CREATE | inotify::WatchFlags::DELETE;
        // A node can be opened only after udev has given it to our group.
        let given = come_and_go | inotify::WatchFlags::ATTRIB;
        inotify::add_watch(&self.nodes, "/dev", come_and_go)?;
        match inotify::add_watch(&self.nodes, NODES, given) {
            Ok(_) | Err(Errno::NOENT) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

/// What happens on a card from now on.
fn events(number: u32) -> alsa::Result<Ctl> {
    let ctl = Ctl::new(&format!("hw:{number}"), true)?;
    ctl.subscribe_events(true)?;
    Ok(ctl)
}
