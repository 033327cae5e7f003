// SPDX-License-Identifier: EUPL-1.2
//! `de.amtsnah.Sound1`: whether there is something that only one person hears.
//!
//! What the device reads out is private, so it goes to a handset, a headset or headphones and to nothing else (EN 301 549,
//! 5.1.3). `Ear` names the sound card for it, and is empty where there is none. Whoever plays something takes ALSA's
//! `default` device, which is that card while there is one and nothing otherwise; after a change of `Ear` what is open has
//! to be closed and opened anew.
//!
//! A server calls [`serve`]; a client uses [`Sound1Proxy`] or [`Sound1ProxyBlocking`]. `xml/de.amtsnah.Sound1.xml` is the same
//! contract for readers without Rust.

use std::sync::{Arc, Mutex, PoisonError};

/// The well-known bus name.
pub const BUS_NAME: &str = "de.amtsnah.Sound1";
/// The only object.
pub const PATH: &str = "/de/amtsnah/Sound1";
/// The interface.
pub const INTERFACE: &str = "de.amtsnah.Sound1";

/// The object at [`PATH`]. Made by [`serve`].
#[derive(Debug)]
pub struct Sound1 {
    ear: Arc<Mutex<String>>,
}

/// Sound that only one person hears.
#[zbus::interface(
    name = "de.amtsnah.Sound1",
    proxy(
        default_service = "de.amtsnah.Sound1",
        default_path = "/de/amtsnah/Sound1",
        gen_blocking = true
    )
)]
impl Sound1 {
    /// The sound card that only one person hears, by its ALSA id; empty if there is none.
    #[zbus(property)]
    fn ear(&self) -> String {
        self.ear
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

/// Publishes what changes.
#[derive(Clone, Debug)]
pub struct Publisher {
    connection: zbus::blocking::Connection,
    ear: Arc<Mutex<String>>,
}

impl Publisher {
    /// Publishes that `ear` is the card from now on; empty if there is none.
    pub fn set(&self, ear: &str) -> zbus::Result<()> {
        ear.clone_into(&mut self.ear.lock().unwrap_or_else(PoisonError::into_inner));
        let server = self.connection.object_server();
        let object = server.interface::<_, Sound1>(PATH)?;
        let (sound, emitter) = (object.get(), object.signal_emitter());
        zbus::block_on(sound.ear_changed(emitter))
    }
}

/// Puts the object on `connection`, first without an ear. Request the bus name only afterwards, so that nobody meets a name
/// without an object.
pub fn serve(connection: &zbus::blocking::Connection) -> zbus::Result<Publisher> {
    let ear = Arc::new(Mutex::new(String::new()));
    let object = Sound1 {
        ear: Arc::clone(&ear),
    };
    connection.object_server().at(PATH, object)?;
    Ok(Publisher {
        connection: connection.clone(),
        ear,
    })
}
