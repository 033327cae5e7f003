// SPDX-License-Identifier: EUPL-1.2
//! Which applications have a window (`ext_foreign_toplevel_list_v1`), and whether somebody is there while one is in front
//! (`ext_idle_notify_v1`): what is touched then does not come to the shell.

use smithay_client_toolkit::dispatch2::Dispatch2;
use smithay_client_toolkit::foreign_toplevel_list::{
    ForeignToplevelList, ForeignToplevelListHandler,
};
use smithay_client_toolkit::reexports::client::globals::GlobalList;
use smithay_client_toolkit::reexports::client::protocol::wl_seat::WlSeat;
use smithay_client_toolkit::reexports::client::{Connection, QueueHandle};
use smithay_client_toolkit::reexports::protocols::ext::foreign_toplevel_list::v1::client::ext_foreign_toplevel_handle_v1::ExtForeignToplevelHandleV1;
use smithay_client_toolkit::reexports::protocols::ext::idle_notify::v1::client::{
    ext_idle_notification_v1::{Event as Told, ExtIdleNotificationV1},
    ext_idle_notifier_v1::ExtIdleNotifierV1,
};

use super::silent::Silent;
use super::window::App;
use crate::event::Event;

/// Between two touches that are further apart there was nobody; in milliseconds. Both ends of such a pause are told, so that
/// whoever never pauses needs no word for each touch.
const PAUSE: u32 = 1000;
/// So many characters of a title are kept.
const TITLE: usize = 80;

/// The applications with a window, the newest last.
pub struct Applications {
    list: ForeignToplevelList,
    windows: Vec<ExtForeignToplevelHandleV1>,
    notifier: Option<ExtIdleNotifierV1>,
    /// While there is a window.
    notification: Option<ExtIdleNotificationV1>,
    /// Whether somebody was there since the last pause: the first one of a notification ends nothing.
    somebody: bool,
}

impl Applications {
    /// Begins to listen.
    pub fn new(globals: &GlobalList, queue: &QueueHandle<App>) -> Self {
        Self {
            list: ForeignToplevelList::new(globals, queue),
            windows: Vec::new(),
            notifier: globals.bind(queue, 1..=1, Silent).ok(),
            notification: None,
            somebody: false,
        }
    }

    /// The title of the newest window.
    fn title(&self) -> Option<String> {
        let info = self.list.info(self.windows.last()?)?;
        Some(info.title.chars().take(TITLE).collect())
    }

    /// Follows the visitor as long as there is a window.
    fn watch(&mut self, queue: &QueueHandle<App>, seat: Option<&WlSeat>) {
        if self.windows.is_empty() {
            if let Some(notification) = self.notification.take() {
                notification.destroy();
            }
            self.somebody = false;
        } else if let (None, Some(notifier), Some(seat)) =
            (&self.notification, &self.notifier, seat)
        {
            self.notification = Some(notifier.get_idle_notification(PAUSE, seat, queue, Idle));
        }
    }
}

/// What hears that nobody is there, or somebody is again.
pub struct Idle;

impl App {
    fn applications_changed(&mut self, queue: &QueueHandle<Self>) {
        let seat = self.seats.seats().next();
        self.applications.watch(queue, seat.as_ref());
        let title = self.applications.title();
        let known = self.runtime.state().application.as_ref();
        if known.map(|known| &known.title) != title.as_ref() {
            self.event(Event::Application(title));
        }
    }
}

impl ForeignToplevelListHandler for App {
    fn foreign_toplevel_list_state(&mut self) -> &mut ForeignToplevelList {
        &mut self.applications.list
    }

    fn new_toplevel(
        &mut self,
        _: &Connection,
        queue: &QueueHandle<Self>,
        window: ExtForeignToplevelHandleV1,
    ) {
        self.applications.windows.push(window);
        self.event(Event::Application(None));
        self.applications_changed(queue);
    }

    fn update_toplevel(
        &mut self,
        _: &Connection,
        queue: &QueueHandle<Self>,
        _: ExtForeignToplevelHandleV1,
    ) {
        self.applications_changed(queue);
    }

    fn toplevel_closed(
        &mut self,
        _: &Connection,
        queue: &QueueHandle<Self>,
        window: ExtForeignToplevelHandleV1,
    ) {
        self.applications.windows.retain(|other| *other != window);
        self.applications_changed(queue);
    }
}

impl Dispatch2<ExtIdleNotificationV1, App> for Idle {
    fn event(
        &self,
        app: &mut App,
        _: &ExtIdleNotificationV1,
        event: Told,
        _: &Connection,
        _: &QueueHandle<App>,
    ) {
        let resumes = matches!(event, Told::Resumed);
        let was_there = std::mem::replace(&mut app.applications.somebody, resumes);
        // When a pause begins, somebody was there a moment ago.
        if resumes || was_there {
            app.event(Event::Presence);
        }
    }
}
