// SPDX-License-Identifier: EUPL-1.2
//! `de.amtsnah.Inventory1`: which devices are plugged in, and which should be.
//!
//! `Devices` lists what people work with (printers, scanners, readers), not what only connects (hubs) or is there anyway
//! (keyboards). Each entry is a kind and a state, as [`Kind::as_str`] and [`Condition::as_str`] write them; what is missing
//! stands first, then what is refused.
//!
//! A server calls [`serve`]; a client uses [`Inventory1Proxy`] or [`Inventory1ProxyBlocking`].
//! `xml/de.amtsnah.Inventory1.xml` is the same contract for readers without Rust.

use std::sync::{Arc, Mutex, PoisonError};

/// The well-known bus name.
pub const BUS_NAME: &str = "de.amtsnah.Inventory1";
/// The only object.
pub const PATH: &str = "/de/amtsnah/Inventory1";
/// The interface.
pub const INTERFACE: &str = "de.amtsnah.Inventory1";
/// More devices than a client takes in.
pub const MAX_DEVICES: usize = 64;

/// What a device is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// It prints.
    Printer,
    /// It scans.
    Scanner,
    /// It reads smart cards.
    CardReader,
    /// It takes pictures.
    Camera,
    /// It plays or records.
    Sound,
    /// A Braille line.
    Braille,
    /// Something that the site names.
    Other,
}

impl Kind {
    /// All kinds.
    pub const ALL: [Self; 7] = [
        Self::Printer,
        Self::Scanner,
        Self::CardReader,
        Self::Camera,
        Self::Sound,
        Self::Braille,
        Self::Other,
    ];

    /// The word on the bus.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Printer => "printer",
            Self::Scanner => "scanner",
            Self::CardReader => "card-reader",
            Self::Camera => "camera",
            Self::Sound => "sound",
            Self::Braille => "braille",
            Self::Other => "other",
        }
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

/// How it stands with a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Condition {
    /// The site expects it, and it is not there.
    Missing,
    /// It is there, and may not be used.
    Refused,
    /// It is there and can be used.
    Ready,
}

impl Condition {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Missing, Self::Refused, Self::Ready];

    /// The word on the bus.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Refused => "refused",
            Self::Ready => "ready",
        }
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }
}

/// A device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Device {
    /// How it stands with it.
    pub condition: Condition,
    /// What it is for.
    pub kind: Kind,
}

/// Reads what is on the bus: words that this version does not know are left out, and what is too much.
pub fn devices_from(words: &[(String, String)]) -> Vec<Device> {
    let known = words.iter().filter_map(|(kind, condition)| {
        Some(Device {
            condition: Condition::parse(condition)?,
            kind: Kind::parse(kind)?,
        })
    });
    known.take(MAX_DEVICES).collect()
}

fn words_of(devices: &[Device]) -> Vec<(String, String)> {
    let words = devices.iter().take(MAX_DEVICES).map(|device| {
        let (kind, condition) = (device.kind.as_str(), device.condition.as_str());
        (kind.to_owned(), condition.to_owned())
    });
    words.collect()
}

/// The object at [`PATH`]. Made by [`serve`].
#[derive(Debug)]
pub struct Inventory1 {
    devices: Arc<Mutex<Vec<Device>>>,
}

/// What is plugged in.
#[zbus::interface(
    name = "de.amtsnah.Inventory1",
    proxy(
        default_service = "de.amtsnah.Inventory1",
        default_path = "/de/amtsnah/Inventory1",
        gen_blocking = true
    )
)]
impl Inventory1 {
    /// The devices: kind and condition of each.
    #[zbus(property)]
    fn devices(&self) -> Vec<(String, String)> {
        words_of(&self.devices.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Publishes what changes.
#[derive(Clone, Debug)]
pub struct Publisher {
    connection: zbus::blocking::Connection,
    devices: Arc<Mutex<Vec<Device>>>,
}

impl Publisher {
    /// Publishes that these are the devices from now on.
    pub fn set(&self, devices: Vec<Device>) -> zbus::Result<()> {
        *self.devices.lock().unwrap_or_else(PoisonError::into_inner) = devices;
        let server = self.connection.object_server();
        let object = server.interface::<_, Inventory1>(PATH)?;
        let (inventory, emitter) = (object.get(), object.signal_emitter());
        zbus::block_on(inventory.devices_changed(emitter))
    }
}

/// Puts the object on `connection`, first without devices. Request the bus name only afterwards, so that nobody meets a name
/// without an object.
pub fn serve(connection: &zbus::blocking::Connection) -> zbus::Result<Publisher> {
    let devices = Arc::new(Mutex::new(Vec::new()));
    let object = Inventory1 {
        devices: Arc::clone(&devices),
    };
    connection.object_server().at(PATH, object)?;
    Ok(Publisher {
        connection: connection.clone(),
        devices,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Proves C1: every word is read as it was written; unknown ones and too many do no harm.
    #[test]
    fn words_are_read_as_written() {
        let mut all = Vec::new();
        for kind in Kind::ALL {
            for condition in Condition::ALL {
                all.push(Device { condition, kind });
            }
        }
        assert_eq!(devices_from(&words_of(&all)), all);
        let strange = vec![("printer".to_owned(), "on fire".to_owned()); 3];
        assert_eq!(devices_from(&strange), []);
        let many = vec![("printer".to_owned(), "ready".to_owned()); 1000];
        assert_eq!(devices_from(&many).len(), MAX_DEVICES);
    }
}
