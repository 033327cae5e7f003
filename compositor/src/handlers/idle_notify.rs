// SPDX-License-Identifier: EUPL-1.2
//! `ext_idle_notify`: tells when nobody has touched anything for a while; only for the shell.
//!
//! smithay's own would set timers in calloop, whose next one cannot be asked for (`wait`). There is one seat and nothing that
//! inhibits idleness, so both kinds of notification are the same.

use std::time::{Duration, Instant};

use smithay::reexports::{
    wayland_protocols::ext::idle_notify::v1::server::{
        ext_idle_notification_v1::{self, ExtIdleNotificationV1},
        ext_idle_notifier_v1::{self, ExtIdleNotifierV1},
    },
    wayland_server::{
        Client, DataInit, Dispatch, DisplayHandle, GlobalDispatch, New,
        backend::{ClientId, GlobalId},
    },
};

use crate::{client::is_shell, state::Kiosk};

/// The version that is offered.
const VERSION: u32 = 2;

/// Who wants to hear of idleness.
#[derive(Debug)]
pub struct IdleNotifier {
    _global: GlobalId,
    watches: Vec<Watch>,
}

#[derive(Debug)]
struct Watch {
    notification: ExtIdleNotificationV1,
    /// So long nobody must have touched anything.
    timeout: Duration,
    /// When that will be; `None` once it was told.
    due: Option<Instant>,
}

impl IdleNotifier {
    /// Offers it.
    pub fn new(display: &DisplayHandle) -> Self {
        Self {
            _global: display.create_global::<Kiosk, ExtIdleNotifierV1, ()>(VERSION, ()),
            watches: Vec::new(),
        }
    }

    /// When somebody is to be told next.
    pub fn due(&self) -> Option<Instant> {
        self.watches.iter().filter_map(|watch| watch.due).min()
    }

    /// Tells those whose time has come.
    pub fn tell(&mut self, now: Instant) {
        for watch in &mut self.watches {
            if watch.due.take_if(|due| *due <= now).is_some() {
                watch.notification.idled();
            }
        }
    }

    /// Somebody has touched something.
    pub fn note_activity(&mut self) {
        if self.watches.is_empty() {
            return;
        }
        let now = Instant::now();
        for watch in &mut self.watches {
            if watch.due.replace(now + watch.timeout).is_none() {
                watch.notification.resumed();
            }
        }
    }
}

impl GlobalDispatch<ExtIdleNotifierV1, ()> for Kiosk {
    fn bind(
        _: &mut Self,
        _: &DisplayHandle,
        _: &Client,
        notifier: New<ExtIdleNotifierV1>,
        (): &(),
        init: &mut DataInit<'_, Self>,
    ) {
        init.init(notifier, ());
    }

    fn can_view(client: Client, (): &()) -> bool {
        is_shell(&client)
    }
}

impl Dispatch<ExtIdleNotifierV1, ()> for Kiosk {
    fn request(
        state: &mut Self,
        _: &Client,
        _: &ExtIdleNotifierV1,
        request: ext_idle_notifier_v1::Request,
        (): &(),
        _: &DisplayHandle,
        init: &mut DataInit<'_, Self>,
    ) {
        use ext_idle_notifier_v1::Request;
        let (Request::GetIdleNotification { id, timeout, .. }
        | Request::GetInputIdleNotification { id, timeout, .. }) = request
        else {
            return;
        };
        let timeout = Duration::from_millis(timeout.into());
        state.globals.idle_notifier.watches.push(Watch {
            notification: init.init(id, ()),
            timeout,
            due: Some(Instant::now() + timeout),
        });
    }
}

impl Dispatch<ExtIdleNotificationV1, ()> for Kiosk {
    fn request(
        _: &mut Self,
        _: &Client,
        _: &ExtIdleNotificationV1,
        _: ext_idle_notification_v1::Request,
        (): &(),
        _: &DisplayHandle,
        _: &mut DataInit<'_, Self>,
    ) {
    }

    fn destroyed(state: &mut Self, _: ClientId, notification: &ExtIdleNotificationV1, (): &()) {
        let watches = &mut state.globals.idle_notifier.watches;
        watches.retain(|watch| watch.notification != *notification);
    }
}
