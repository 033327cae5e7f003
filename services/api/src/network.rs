// SPDX-License-Identifier: EUPL-1.2
//! `de.amtsnah.Network1`: how the device's link stands.
//!
//! `Link` is one answer for all network cards: the kind of the link that is used, or would be, and its condition, as
//! [`Kind::as_str`] and [`Condition::as_str`] write them. Connected means an address and a way out of the place's network; whether
//! the town hall answers there is not said.
//!
//! A server calls [`serve`]; a client uses [`Network1Proxy`] or [`Network1ProxyBlocking`].
//! `xml/de.amtsnah.Network1.xml` is the same contract for readers without Rust.

use std::sync::{Arc, Mutex, PoisonError};

/// The well-known bus name.
pub const BUS_NAME: &str = "de.amtsnah.Network1";
/// The only object.
pub const PATH: &str = "/de/amtsnah/Network1";
/// The interface.
pub const INTERFACE: &str = "de.amtsnah.Network1";

/// What a link is made of; the first ones are preferred.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A cable.
    Wired,
    /// A wireless network of the place.
    Wireless,
    /// A mobile network.
    Mobile,
    /// Something else.
    Other,
    /// There is nothing to make a link with, or nobody knows of it (yet).
    None,
}

impl Kind {
    /// All kinds.
    pub const ALL: [Self; 5] = [
        Self::Wired,
        Self::Wireless,
        Self::Mobile,
        Self::Other,
        Self::None,
    ];

    /// The word on the bus.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Wired => "wired",
            Self::Wireless => "wireless",
            Self::Mobile => "mobile",
            Self::Other => "other",
            Self::None => "none",
        }
    }

    /// Reads the word; one that this version does not know is something else.
    pub fn parse(word: &str) -> Self {
        let known = Self::ALL.into_iter().find(|kind| kind.as_str() == word);
        known.unwrap_or(Self::Other)
    }
}

/// How it stands with a link; the first ones are better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Condition {
    /// It has an address and a way out.
    Connected,
    /// It is being set up.
    Connecting,
    /// Nothing comes in: no cable, no reception, or nothing to receive with.
    NoCarrier,
}

impl Condition {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Connected, Self::Connecting, Self::NoCarrier];

    /// The word on the bus.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Connected => "connected",
            Self::Connecting => "connecting",
            Self::NoCarrier => "no-carrier",
        }
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }
}

/// The device's link; a smaller one is used before a larger one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Link {
    /// How it stands with it.
    pub condition: Condition,
    /// What it is made of.
    pub kind: Kind,
}

impl Link {
    /// Nothing is known yet.
    pub const UNKNOWN: Self = Self {
        condition: Condition::Connecting,
        kind: Kind::None,
    };

    /// Whether something beyond the device can be reached.
    pub fn is_connected(self) -> bool {
        self.condition == Condition::Connected
    }

    /// Reads what is on the bus; nothing where this version does not know the condition.
    pub fn from_words((kind, condition): &(String, String)) -> Option<Self> {
        Some(Self {
            condition: Condition::parse(condition)?,
            kind: Kind::parse(kind),
        })
    }

    fn words(self) -> (String, String) {
        let (kind, condition) = (self.kind.as_str(), self.condition.as_str());
        (kind.to_owned(), condition.to_owned())
    }
}

/// The object at [`PATH`]. Made by [`serve`].
#[derive(Debug)]
pub struct Network1 {
    link: Arc<Mutex<Link>>,
}

/// How the link stands.
#[zbus::interface(
    name = "de.amtsnah.Network1",
    proxy(
        default_service = "de.amtsnah.Network1",
        default_path = "/de/amtsnah/Network1",
        gen_blocking = true
    )
)]
impl Network1 {
    /// The link: kind and condition.
    #[zbus(property)]
    fn link(&self) -> (String, String) {
        self.link
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .words()
    }
}

/// Publishes what changes.
#[derive(Clone, Debug)]
pub struct Publisher {
    connection: zbus::blocking::Connection,
    link: Arc<Mutex<Link>>,
}

impl Publisher {
    /// Publishes that the link stands so from now on.
    pub fn set(&self, link: Link) -> zbus::Result<()> {
        *self.link.lock().unwrap_or_else(PoisonError::into_inner) = link;
        let server = self.connection.object_server();
        let object = server.interface::<_, Network1>(PATH)?;
        let (network, emitter) = (object.get(), object.signal_emitter());
        zbus::block_on(network.link_changed(emitter))
    }
}

/// Puts the object on `connection`, first with [`Link::UNKNOWN`]. Request the bus name only afterwards, so that nobody meets a name
/// without an object.
pub fn serve(connection: &zbus::blocking::Connection) -> zbus::Result<Publisher> {
    let link = Arc::new(Mutex::new(Link::UNKNOWN));
    let object = Network1 {
        link: Arc::clone(&link),
    };
    connection.object_server().at(PATH, object)?;
    Ok(Publisher {
        connection: connection.clone(),
        link,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Proves C13: every word is read as it was written; a kind that is not known is another one, a condition that is not known says
    /// nothing.
    #[test]
    fn words_are_read_as_written() {
        for kind in Kind::ALL {
            for condition in Condition::ALL {
                let link = Link { condition, kind };
                assert_eq!(Link::from_words(&link.words()), Some(link));
            }
        }
        let strange = |kind: &str, condition: &str| {
            Link::from_words(&(kind.to_owned(), condition.to_owned()))
        };
        let other = Link {
            condition: Condition::Connected,
            kind: Kind::Other,
        };
        assert_eq!(strange("by pigeon", "connected"), Some(other));
        assert_eq!(strange("wired", "on fire"), None);
    }
}
