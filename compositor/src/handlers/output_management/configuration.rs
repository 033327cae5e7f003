// SPDX-License-Identifier: EUPL-1.2
//! `zwlr_output_configuration`: what the shell asks of the screens, all at once.

use std::sync::{Arc, Mutex, PoisonError};

use smithay::reexports::{
    wayland_protocols_wlr::output_management::v1::server::{
        zwlr_output_configuration_head_v1::{self, ZwlrOutputConfigurationHeadV1},
        zwlr_output_configuration_v1::{self, ZwlrOutputConfigurationV1},
        zwlr_output_head_v1::ZwlrOutputHeadV1,
        zwlr_output_manager_v1::ZwlrOutputManagerV1,
    },
    wayland_server::{Client, DataInit, Dispatch, DisplayHandle, Resource, backend::ClientId},
};

use super::{OutputManagement, Told};
use crate::{
    heads::{Asked, AskedMode, decide},
    state::Kiosk,
};

/// So many configurations may be open; a client needs one.
const MAX_OPEN: usize = 16;

/// How far a configuration is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// It is being written.
    Open,
    /// It was applied or tested.
    Answered,
    /// It was cancelled without being asked; its client may not know yet.
    Cancelled,
}

/// A head that is to be on, with what is asked of it, or off.
type Wanted = (ZwlrOutputHeadV1, Option<Arc<Mutex<Asked>>>);

/// A configuration.
#[derive(Debug)]
pub struct Configuration {
    manager: ZwlrOutputManagerV1,
    serial: u32,
    written: Mutex<(Stage, Vec<Wanted>)>,
}

/// What is written of one head.
#[derive(Debug)]
pub struct ConfigurationHead {
    head: ZwlrOutputHeadV1,
    asked: Arc<Mutex<Asked>>,
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Configuration {
    /// Nothing is asked yet. `serial` says what its client knew of the heads.
    pub fn new(manager: &ZwlrOutputManagerV1, serial: u32) -> Self {
        Self {
            manager: manager.clone(),
            serial,
            written: Mutex::new((Stage::Open, Vec::new())),
        }
    }

    /// Cancels one that was not answered yet.
    pub fn cancel(resource: &ZwlrOutputConfigurationV1) {
        if let Some(this) = resource.data::<Self>() {
            let mut written = lock(&this.written);
            if written.0 == Stage::Open {
                written.0 = Stage::Cancelled;
                resource.cancelled();
            }
        }
    }

    /// Whether more can be written. One that was answered is at its end; one that was cancelled is let talk.
    fn is_open(stage: Stage, resource: &ZwlrOutputConfigurationV1) -> bool {
        if stage == Stage::Answered {
            resource.post_error(
                zwlr_output_configuration_v1::Error::AlreadyUsed,
                "the configuration was applied or tested",
            );
        }
        stage == Stage::Open
    }

    fn add(&self, resource: &ZwlrOutputConfigurationV1, wanted: Wanted) {
        let mut written = lock(&self.written);
        let (stage, heads) = &mut *written;
        if !Self::is_open(*stage, resource) {
            return;
        }
        if heads.iter().any(|(head, _)| *head == wanted.0) {
            resource.post_error(
                zwlr_output_configuration_v1::Error::AlreadyConfiguredHead,
                "the head is in the configuration already",
            );
            return;
        }
        heads.push(wanted);
    }

    fn answer(&self, state: &mut Kiosk, resource: &ZwlrOutputConfigurationV1, apply: bool) {
        // What has changed since the last turn counts too.
        state.tell_heads();
        let wanted = {
            let mut written = lock(&self.written);
            if !Self::is_open(written.0, resource) {
                return;
            }
            written.0 = Stage::Answered;
            std::mem::take(&mut written.1)
        };
        let management = &mut state.globals.output_management;
        management.configurations.retain(|open| open != resource);
        if self.serial != management.serial {
            resource.cancelled();
            return;
        }
        let known = management.heads_of(&self.manager);
        let is_wanted = |told: &Told| wanted.iter().any(|(head, _)| *head == told.resource);
        if !known
            .iter()
            .all(|told| !told.resource.is_alive() || is_wanted(told))
        {
            resource.post_error(
                zwlr_output_configuration_v1::Error::UnconfiguredHead,
                "a head is missing in the configuration",
            );
            return;
        }
        let mut asked = Vec::new();
        for (head, on) in &wanted {
            let Some(told) = known.iter().find(|told| told.resource == *head) else {
                resource.failed();
                return;
            };
            if let Some(on) = on {
                asked.push((told.head.fixed.name.clone(), *lock(on)));
            }
        }
        let decided = decide(&management.heads, &asked, state.backend.wishes());
        let good = match decided {
            Ok(wishes) => !apply || state.rearrange(wishes),
            Err(refusal) => {
                tracing::warn!(%refusal, "the shell asks for screens that cannot be");
                false
            }
        };
        if good {
            resource.succeeded();
        } else {
            resource.failed();
        }
    }
}

impl OutputManagement {
    /// Notes an open configuration, to be cancelled when a head goes.
    pub(super) fn keep(&mut self, configuration: ZwlrOutputConfigurationV1) {
        if self.configurations.len() < MAX_OPEN {
            self.configurations.push(configuration);
        } else {
            Configuration::cancel(&configuration);
        }
    }

    fn heads_of(&self, manager: &ZwlrOutputManagerV1) -> &[Told] {
        let mut known = self.managers.iter();
        let manager = known.find(|known| known.resource == *manager);
        manager.map_or(&[], |manager| &manager.heads)
    }

    fn told(&self, head: &ZwlrOutputHeadV1) -> Option<&Told> {
        let mut all = self.managers.iter().flat_map(|manager| &manager.heads);
        all.find(|told| told.resource == *head)
    }
}

impl Dispatch<ZwlrOutputConfigurationV1, Configuration> for Kiosk {
    fn request(
        state: &mut Self,
        _: &Client,
        resource: &ZwlrOutputConfigurationV1,
        request: zwlr_output_configuration_v1::Request,
        data: &Configuration,
        _: &DisplayHandle,
        init: &mut DataInit<'_, Self>,
    ) {
        match request {
            zwlr_output_configuration_v1::Request::EnableHead { id, head } => {
                let asked = Arc::new(Mutex::new(Asked::default()));
                let of_head = ConfigurationHead {
                    head: head.clone(),
                    asked: Arc::clone(&asked),
                };
                init.init(id, of_head);
                data.add(resource, (head, Some(asked)));
            }
            zwlr_output_configuration_v1::Request::DisableHead { head } => {
                data.add(resource, (head, None));
            }
            zwlr_output_configuration_v1::Request::Apply => data.answer(state, resource, true),
            zwlr_output_configuration_v1::Request::Test => data.answer(state, resource, false),
            _ => {}
        }
    }

    fn destroyed(
        state: &mut Self,
        _: ClientId,
        resource: &ZwlrOutputConfigurationV1,
        _: &Configuration,
    ) {
        let open = &mut state.globals.output_management.configurations;
        open.retain(|open| open != resource);
    }
}

impl Dispatch<ZwlrOutputConfigurationHeadV1, ConfigurationHead> for Kiosk {
    fn request(
        state: &mut Self,
        _: &Client,
        resource: &ZwlrOutputConfigurationHeadV1,
        request: zwlr_output_configuration_head_v1::Request,
        data: &ConfigurationHead,
        _: &DisplayHandle,
        _: &mut DataInit<'_, Self>,
    ) {
        use zwlr_output_configuration_head_v1::{Error, Request};

        let mut asked = lock(&data.asked);
        let again = match request {
            Request::SetMode { mode } => {
                let Some(told) = state.globals.output_management.told(&data.head) else {
                    // The head is gone, and the configuration cancelled.
                    return;
                };
                let mut modes = told.modes.iter();
                let Some((mode, _)) = modes.find(|(_, object)| *object == mode) else {
                    resource.post_error(Error::InvalidMode, "the mode is another head's");
                    return;
                };
                asked.mode.replace(AskedMode::Offered(*mode)).is_some()
            }
            Request::SetCustomMode {
                width,
                height,
                refresh,
            } => {
                if width <= 0 || height <= 0 || refresh < 0 {
                    resource.post_error(Error::InvalidCustomMode, "no screen has such a mode");
                    return;
                }
                asked.mode.replace(AskedMode::Custom).is_some()
            }
            Request::SetPosition { x, y } => asked.position.replace((x, y).into()).is_some(),
            Request::SetTransform { transform } => {
                let Ok(transform) = transform.into_result() else {
                    resource.post_error(Error::InvalidTransform, "no such transform");
                    return;
                };
                asked.transform.replace(transform.into()).is_some()
            }
            Request::SetScale { scale } => {
                if scale.is_nan() || scale <= 0.0 {
                    resource.post_error(Error::InvalidScale, "a scale is more than zero");
                    return;
                }
                asked.scale.replace(scale).is_some()
            }
            _ => false,
        };
        if again {
            resource.post_error(Error::AlreadySet, "that was asked of the head already");
        }
    }
}
