// SPDX-License-Identifier: EUPL-1.2
//! What a client hears of the connected screens, and how it asks for others.

use wayland_client::{
    Connection, Dispatch, QueueHandle, WEnum, delegate_noop, protocol::wl_output::Transform,
};
use wayland_protocols_wlr::output_management::v1::client::{
    zwlr_output_configuration_head_v1::ZwlrOutputConfigurationHeadV1,
    zwlr_output_configuration_v1::{self, ZwlrOutputConfigurationV1},
    zwlr_output_head_v1::{self, ZwlrOutputHeadV1},
    zwlr_output_manager_v1::{self, ZwlrOutputManagerV1},
    zwlr_output_mode_v1::{self, ZwlrOutputModeV1},
};

use super::client::Seen;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    Succeeded,
    Failed,
    Cancelled,
}

#[derive(Debug)]
pub struct Mode {
    pub proxy: ZwlrOutputModeV1,
    pub size: (i32, i32),
    pub refresh: i32,
    pub preferred: bool,
}

#[derive(Debug)]
pub struct Head {
    pub proxy: ZwlrOutputHeadV1,
    pub name: String,
    pub description: String,
    pub millimetres: Option<(i32, i32)>,
    pub modes: Vec<Mode>,
    pub on: bool,
    pub current: Option<ZwlrOutputModeV1>,
    pub position: Option<(i32, i32)>,
    pub transform: Option<Transform>,
    pub scale: Option<f64>,
}

impl Head {
    pub fn mode(&self) -> Option<(i32, i32)> {
        let current = self.current.as_ref()?;
        let mut modes = self.modes.iter();
        Some(modes.find(|mode| mode.proxy == *current)?.size)
    }
}

/// What a client knows of heads; those that have finished are no longer among them.
#[derive(Debug, Default)]
pub struct Heads {
    pub all: Vec<Head>,
    pub serial: u32,
    pub done: usize,
    pub finished: usize,
    pub answers: Vec<Answer>,
}

impl Heads {
    pub fn named(&self, name: &str) -> &Head {
        self.all.iter().find(|head| head.name == name).unwrap()
    }
}

impl Dispatch<ZwlrOutputManagerV1, ()> for Seen {
    fn event(
        seen: &mut Self,
        _: &ZwlrOutputManagerV1,
        event: zwlr_output_manager_v1::Event,
        (): &(),
        _: &Connection,
        _: &QueueHandle<Self>,
    ) {
        match event {
            zwlr_output_manager_v1::Event::Head { head } => seen.heads.all.push(Head {
                proxy: head,
                name: String::new(),
                description: String::new(),
                millimetres: None,
                modes: Vec::new(),
                on: false,
                current: None,
                position: None,
                transform: None,
                scale: None,
            }),
            zwlr_output_manager_v1::Event::Done { serial } => {
                seen.heads.serial = serial;
                seen.heads.done += 1;
            }
            zwlr_output_manager_v1::Event::Finished => seen.heads.finished += 1,
            _ => {}
        }
    }

    wayland_client::event_created_child!(Seen, ZwlrOutputManagerV1, [
        zwlr_output_manager_v1::EVT_HEAD_OPCODE => (ZwlrOutputHeadV1, ()),
    ]);
}

impl Dispatch<ZwlrOutputHeadV1, ()> for Seen {
    fn event(
        seen: &mut Self,
        proxy: &ZwlrOutputHeadV1,
        event: zwlr_output_head_v1::Event,
        (): &(),
        _: &Connection,
        _: &QueueHandle<Self>,
    ) {
        use zwlr_output_head_v1::Event;

        let Some(head) = seen.heads.all.iter_mut().find(|head| head.proxy == *proxy) else {
            return;
        };
        match event {
            Event::Name { name } => head.name = name,
            Event::Description { description } => head.description = description,
            Event::PhysicalSize { width, height } => head.millimetres = Some((width, height)),
            Event::Mode { mode } => head.modes.push(Mode {
                proxy: mode,
                size: (0, 0),
                refresh: 0,
                preferred: false,
            }),
            Event::Enabled { enabled } => head.on = enabled != 0,
            Event::CurrentMode { mode } => head.current = Some(mode),
            Event::Position { x, y } => head.position = Some((x, y)),
            Event::Transform {
                transform: WEnum::Value(transform),
            } => head.transform = Some(transform),
            Event::Scale { scale } => head.scale = Some(scale),
            Event::Finished => {
                proxy.release();
                seen.heads.all.retain(|head| head.proxy != *proxy);
            }
            _ => {}
        }
    }

    wayland_client::event_created_child!(Seen, ZwlrOutputHeadV1, [
        zwlr_output_head_v1::EVT_MODE_OPCODE => (ZwlrOutputModeV1, ()),
    ]);
}

impl Dispatch<ZwlrOutputModeV1, ()> for Seen {
    fn event(
        seen: &mut Self,
        proxy: &ZwlrOutputModeV1,
        event: zwlr_output_mode_v1::Event,
        (): &(),
        _: &Connection,
        _: &QueueHandle<Self>,
    ) {
        let mut modes = seen.heads.all.iter_mut().flat_map(|head| &mut head.modes);
        let Some(mode) = modes.find(|mode| mode.proxy == *proxy) else {
            return;
        };
        match event {
            zwlr_output_mode_v1::Event::Size { width, height } => mode.size = (width, height),
            zwlr_output_mode_v1::Event::Refresh { refresh } => mode.refresh = refresh,
            zwlr_output_mode_v1::Event::Preferred => mode.preferred = true,
            _ => {}
        }
    }
}

impl Dispatch<ZwlrOutputConfigurationV1, ()> for Seen {
    fn event(
        seen: &mut Self,
        _: &ZwlrOutputConfigurationV1,
        event: zwlr_output_configuration_v1::Event,
        (): &(),
        _: &Connection,
        _: &QueueHandle<Self>,
    ) {
        seen.heads.answers.push(match event {
            zwlr_output_configuration_v1::Event::Succeeded => Answer::Succeeded,
            zwlr_output_configuration_v1::Event::Failed => Answer::Failed,
            _ => Answer::Cancelled,
        });
    }
}

delegate_noop!(Seen: ignore ZwlrOutputConfigurationHeadV1);
