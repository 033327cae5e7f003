// SPDX-License-Identifier: EUPL-1.2
//! `zwlr_output_manager`: the connected screens, and how they are turned, scaled and chosen; only for the shell.
//!
//! The site configuration is the start. What the shell asks for stays until the next site configuration comes, or until the
//! card fails with it. What may be asked at all says [`crate::heads`].

mod configuration;

use smithay::{
    output::Mode,
    reexports::{
        wayland_protocols_wlr::output_management::v1::server::{
            zwlr_output_configuration_v1::ZwlrOutputConfigurationV1,
            zwlr_output_head_v1::{self, ZwlrOutputHeadV1},
            zwlr_output_manager_v1::{self, ZwlrOutputManagerV1},
            zwlr_output_mode_v1::{self, ZwlrOutputModeV1},
        },
        wayland_server::{
            Client, DataInit, Dispatch, DisplayHandle, GlobalDispatch, New, Resource,
            backend::{ClientId, GlobalId, InvalidId},
        },
    },
};

use crate::{client::is_shell, heads::Head, state::Kiosk};
use configuration::Configuration;

/// Without adaptive refresh, which no screen here has.
const VERSION: u32 = 3;
/// So many managers are told; a client needs one.
const MAX_MANAGERS: usize = 8;

/// A head that a manager knows.
#[derive(Debug)]
struct Told {
    resource: ZwlrOutputHeadV1,
    modes: Vec<(Mode, ZwlrOutputModeV1)>,
    head: Head,
}

/// A manager and what it knows.
#[derive(Debug)]
struct Manager {
    resource: ZwlrOutputManagerV1,
    heads: Vec<Told>,
}

/// Who is told of screens.
#[derive(Debug)]
pub struct OutputManagement {
    _global: GlobalId,
    managers: Vec<Manager>,
    configurations: Vec<ZwlrOutputConfigurationV1>,
    /// The heads as they were at the last look.
    heads: Vec<Head>,
    /// Counts their changes.
    serial: u32,
    /// Whether they may have changed since.
    stale: bool,
}

impl OutputManagement {
    /// Offers it to the shell.
    pub fn new(display: &DisplayHandle) -> Self {
        Self {
            _global: display.create_global::<Kiosk, ZwlrOutputManagerV1, ()>(VERSION, ()),
            managers: Vec::new(),
            configurations: Vec::new(),
            heads: Vec::new(),
            serial: 0,
            stale: true,
        }
    }

    /// Notes that a screen may have changed.
    pub fn note(&mut self) {
        self.stale = true;
    }
}

impl Kiosk {
    /// Tells the managers what has changed, once for all changes of a turn.
    pub fn tell_heads(&mut self) {
        let management = &mut self.globals.output_management;
        if !std::mem::take(&mut management.stale) {
            return;
        }
        let heads = self.backend.heads();
        if heads == management.heads {
            return;
        }
        let is_there = |old: &Head| heads.iter().any(|head| head.fixed == old.fixed);
        if !management.heads.iter().all(is_there) {
            for configuration in management.configurations.drain(..) {
                Configuration::cancel(&configuration);
            }
        }
        management.heads = heads;
        management.serial = management.serial.wrapping_add(1);
        let (heads, serial) = (&management.heads, management.serial);
        management
            .managers
            .retain_mut(|manager| manager.tell(&self.display, heads, serial).is_ok());
    }
}

impl Manager {
    /// Tells what has changed. An error means that the client is gone.
    fn tell(
        &mut self,
        display: &DisplayHandle,
        heads: &[Head],
        serial: u32,
    ) -> Result<(), InvalidId> {
        self.heads.retain(|told| {
            let stays = heads.iter().any(|head| head.fixed == told.head.fixed);
            if !stays {
                told.finish();
            }
            stays
        });
        for head in heads {
            let known = self
                .heads
                .iter_mut()
                .find(|told| told.head.fixed == head.fixed);
            match known {
                Some(told) => told.update(head),
                None => self.heads.push(Told::new(&self.resource, display, head)?),
            }
        }
        self.resource.done(serial);
        Ok(())
    }
}

impl Told {
    fn new(
        manager: &ZwlrOutputManagerV1,
        display: &DisplayHandle,
        head: &Head,
    ) -> Result<Self, InvalidId> {
        let client = manager.client().ok_or(InvalidId)?;
        let version = manager.version();
        let resource =
            client.create_resource::<ZwlrOutputHeadV1, (), Kiosk>(display, version, ())?;
        manager.head(&resource);
        resource.name(head.fixed.name.clone());
        resource.description(head.fixed.description.clone());
        let size = head.fixed.millimetres;
        if size.w > 0 && size.h > 0 {
            resource.physical_size(size.w, size.h);
        }
        let mut modes = Vec::new();
        for mode in &head.fixed.modes {
            let object =
                client.create_resource::<ZwlrOutputModeV1, (), Kiosk>(display, version, ())?;
            resource.mode(&object);
            object.size(mode.size.w, mode.size.h);
            object.refresh(mode.refresh);
            if modes.is_empty() {
                object.preferred();
            }
            modes.push((*mode, object));
        }
        let mut told = Self {
            resource,
            modes,
            head: head.clone(),
        };
        told.tell(None);
        Ok(told)
    }

    fn update(&mut self, head: &Head) {
        let before = std::mem::replace(&mut self.head, head.clone());
        self.tell(Some(&before));
    }

    /// Tells what differs from before. What a head that was off is like is not known.
    fn tell(&mut self, before: Option<&Head>) {
        let (head, resource) = (&self.head, &self.resource);
        if before.is_none_or(|before| before.is_on() != head.is_on()) {
            resource.enabled(head.is_on().into());
        }
        if !head.is_on() {
            return;
        }
        let before = before.filter(|before| before.is_on());
        if before.is_none_or(|before| before.mode != head.mode)
            && let Some((_, mode)) = self.modes.iter().find(|(mode, _)| Some(*mode) == head.mode)
        {
            resource.current_mode(mode);
        }
        if before.is_none() {
            resource.position(0, 0);
        }
        if before.is_none_or(|before| before.transform != head.transform) {
            resource.transform(head.transform.into());
        }
        if before.is_none_or(|before| (before.scale - head.scale).abs() > f64::EPSILON) {
            resource.scale(head.scale);
        }
    }

    fn finish(&self) {
        for (_, mode) in &self.modes {
            mode.finished();
        }
        self.resource.finished();
    }
}

impl GlobalDispatch<ZwlrOutputManagerV1, ()> for Kiosk {
    fn bind(
        state: &mut Self,
        display: &DisplayHandle,
        _: &Client,
        new: New<ZwlrOutputManagerV1>,
        (): &(),
        init: &mut DataInit<'_, Self>,
    ) {
        let resource = init.init(new, ());
        state.tell_heads();
        let management = &mut state.globals.output_management;
        if management.managers.len() >= MAX_MANAGERS {
            resource.finished();
            return;
        }
        let mut manager = Manager {
            resource,
            heads: Vec::new(),
        };
        let told = manager.tell(display, &management.heads, management.serial);
        if told.is_ok() {
            management.managers.push(manager);
        }
    }

    fn can_view(client: Client, (): &()) -> bool {
        is_shell(&client)
    }
}

impl Dispatch<ZwlrOutputManagerV1, ()> for Kiosk {
    fn request(
        state: &mut Self,
        _: &Client,
        manager: &ZwlrOutputManagerV1,
        request: zwlr_output_manager_v1::Request,
        (): &(),
        _: &DisplayHandle,
        init: &mut DataInit<'_, Self>,
    ) {
        match request {
            zwlr_output_manager_v1::Request::CreateConfiguration { id, serial } => {
                let configuration = init.init(id, Configuration::new(manager, serial));
                state.globals.output_management.keep(configuration);
            }
            zwlr_output_manager_v1::Request::Stop => {
                manager.finished();
                state.globals.output_management.forget(manager);
            }
            _ => {}
        }
    }

    fn destroyed(state: &mut Self, _: ClientId, manager: &ZwlrOutputManagerV1, (): &()) {
        state.globals.output_management.forget(manager);
    }
}

impl OutputManagement {
    fn forget(&mut self, manager: &ZwlrOutputManagerV1) {
        self.managers.retain(|known| known.resource != *manager);
    }
}

// What heads and modes are asked is only to be forgotten.
impl Dispatch<ZwlrOutputHeadV1, ()> for Kiosk {
    fn request(
        _: &mut Self,
        _: &Client,
        _: &ZwlrOutputHeadV1,
        _: zwlr_output_head_v1::Request,
        (): &(),
        _: &DisplayHandle,
        _: &mut DataInit<'_, Self>,
    ) {
    }
}

impl Dispatch<ZwlrOutputModeV1, ()> for Kiosk {
    fn request(
        _: &mut Self,
        _: &Client,
        _: &ZwlrOutputModeV1,
        _: zwlr_output_mode_v1::Request,
        (): &(),
        _: &DisplayHandle,
        _: &mut DataInit<'_, Self>,
    ) {
    }
}
