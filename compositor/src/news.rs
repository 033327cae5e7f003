// SPDX-License-Identifier: EUPL-1.2
//! A newer site configuration is noticed when its store comes and when it is put there, and is followed at once.

use std::os::fd::AsFd;

use site::{
    LastGood, Origin, Site,
    store::{Arrival, Changes},
};
use smithay::reexports::calloop::{Interest, Mode, PostAction, generic::Generic};

use crate::{Error, Settings, state::Kiosk};

/// Where newer site configurations come from.
#[derive(Debug)]
pub struct News {
    site: LastGood,
    arrival: Arrival,
    changes: Changes,
    /// What was there at the last look.
    seen: Option<Site>,
}

impl News {
    /// What is in the store, if it can be used and is another than at the last look.
    fn read(&mut self) -> Option<Settings> {
        let site = match self.site.accepted() {
            Ok(loaded) if loaded.origin == Origin::Image => return None,
            Ok(loaded) => loaded.site,
            Err(error) => {
                tracing::error!(%error, "site configuration, going on with the one in use");
                return None;
            }
        };
        if self.seen.as_ref() == Some(&site) {
            return None;
        }
        self.seen = Some(site.clone());
        Some(Settings::from(site))
    }

    fn have_come(&mut self) -> bool {
        let changed = self.changes.has_changed().unwrap_or_else(|error| {
            tracing::error!(%error, "watch the store of site configurations");
            // A look too many does no harm.
            true
        });
        self.arrival.has_come() || changed
    }
}

/// Begins to watch, and follows what has come since the start. Where nothing can be watched the screen is lit all the same.
pub fn follow(kiosk: &mut Kiosk, site: LastGood) -> Result<(), Error> {
    let arrival = Arrival::watch(site.store());
    let watch = || {
        let changes = Changes::watch(site.store())?;
        let events = changes.as_fd().try_clone_to_owned()?;
        Ok::<_, std::io::Error>((Arrival::mounts()?, changes, events))
    };
    let (mounts, changes, events) = match watch() {
        Ok(watched) => watched,
        Err(error) => {
            tracing::error!(%error, "newer site configurations cannot be watched for");
            return Ok(());
        }
    };
    // The list of mounts can be read at any time; only its changes are news.
    let mounts = Generic::new(mounts, Interest::READ, Mode::Edge);
    let events = Generic::new(events, Interest::READ, Mode::Level);
    kiosk
        .events
        .insert_source(mounts, |_, _, kiosk| {
            look(kiosk);
            Ok(PostAction::Continue)
        })
        .map_err(|error| Error::Loop(error.error))?;
    kiosk
        .events
        .insert_source(events, |_, _, kiosk| {
            look(kiosk);
            Ok(PostAction::Continue)
        })
        .map_err(|error| Error::Loop(error.error))?;
    let mut news = News {
        site,
        arrival,
        changes,
        seen: None,
    };
    let newer = news.read();
    kiosk.news = Some(news);
    if let Some(settings) = newer {
        kiosk.apply(settings);
    }
    Ok(())
}

fn look(kiosk: &mut Kiosk) {
    let Some(news) = &mut kiosk.news else {
        return;
    };
    if news.have_come()
        && let Some(settings) = news.read()
    {
        kiosk.apply(settings);
    }
}

impl Kiosk {
    /// Follows other settings. What is the same stays untouched: a screen that changes flickers, and fingers on it are lost.
    fn apply(&mut self, settings: Settings) {
        tracing::info!("site configuration from the store");
        if settings.devices.inputs != self.settings.devices.inputs {
            self.hear(&settings.devices);
        }
        // The shell may have asked for others meanwhile: from now on it is the site's that count.
        if settings.wishes != *self.backend.wishes() {
            self.wish(settings.wishes.clone());
        }
        self.settings = settings;
    }
}
