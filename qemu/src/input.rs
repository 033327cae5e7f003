// SPDX-License-Identifier: EUPL-1.2
//! What a person does to the machine: touches, keys, plugs.

use std::path::Path;

use serde_json::{Value, json};

use crate::{
    args::{SILENCE, usb_driver},
    deadline::Deadline,
    error::{Error, Result},
    hardware::{Pointer, Usb},
    keys::Layout,
    screen::Rect,
    sound::Outlet,
    vm::Vm,
};

/// Upper end of QEMU's absolute coordinates.
const AXIS_END: u64 = 0x7fff;

/// Something that was found on the screen of a machine.
#[derive(Clone, Copy)]
pub struct Found<'vm> {
    vm: &'vm Vm,
    place: Rect,
}

impl<'vm> Found<'vm> {
    pub(crate) fn new(vm: &'vm Vm, place: Rect) -> Self {
        Self { vm, place }
    }

    /// Where it stands.
    pub fn place(&self) -> Rect {
        self.place
    }

    /// Touches its middle.
    pub fn tap(&self) -> Result<()> {
        let (x, y) = self.place.middle();
        self.vm.tap(x, y)
    }
}

impl std::fmt::Debug for Found<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Found({:?})", self.place)
    }
}

impl Vm {
    /// Touches a point of the screen for a moment, with a finger or, where there is no touch screen, by tablet.
    pub fn tap(&self, x: u32, y: u32) -> Result<()> {
        match self.hardware().pointer {
            Pointer::Touch | Pointer::Both => {
                self.finger_down(0, x, y)?;
                self.finger_up(0)
            }
            Pointer::Tablet => {
                self.point(x, y)?;
                self.button(true)?;
                self.button(false)
            }
            Pointer::None => Err(Error::Machine("there is nothing to point with".to_owned())),
        }
    }

    /// Puts a finger (0 to 9) on the screen.
    pub fn finger_down(&self, finger: u8, x: u32, y: u32) -> Result<()> {
        let id = i64::from(finger) + 1;
        let mut events = vec![touch("begin", finger, id, "x", 0)];
        events.extend(self.touch_point(finger, id, x, y));
        if self.hardware().pointer == Pointer::Touch && finger == 0 {
            events.insert(
                0,
                json!({ "type": "btn", "data": { "down": true, "button": "touch" } }),
            );
        }
        self.send_input(&events)
    }

    /// Moves a finger that is on the screen.
    pub fn finger_move(&self, finger: u8, x: u32, y: u32) -> Result<()> {
        let id = i64::from(finger) + 1;
        let mut events = vec![touch("update", finger, id, "x", 0)];
        events.extend(self.touch_point(finger, id, x, y));
        self.send_input(&events)
    }

    /// Lifts a finger.
    pub fn finger_up(&self, finger: u8) -> Result<()> {
        let mut events = vec![touch("end", finger, -1, "x", 0)];
        // Only one of two pointing devices would get the button, and not necessarily the touch screen.
        if self.hardware().pointer == Pointer::Touch && finger == 0 {
            events.insert(
                0,
                json!({ "type": "btn", "data": { "down": false, "button": "touch" } }),
            );
        }
        self.send_input(&events)
    }

    /// Moves the tablet's pointer.
    pub fn point(&self, x: u32, y: u32) -> Result<()> {
        let (x, y) = self.axes(x, y);
        let axis = |axis, value| json!({ "type": "abs", "data": { "axis": axis, "value": value } });
        self.send_input(&[axis("x", x), axis("y", y)])
    }

    /// Presses or releases the tablet's left button.
    pub fn button(&self, down: bool) -> Result<()> {
        self.send_input(&[json!({ "type": "btn", "data": { "down": down, "button": "left" } })])
    }

    /// Presses keys together and releases them, by QEMU's names: `&["ctrl", "alt", "f2"]`, `&["alt", "sysrq", "b"]`.
    pub fn keys(&self, keys: &[&str]) -> Result<()> {
        let keys: Vec<Value> = keys
            .iter()
            .map(|key| json!({ "type": "qcode", "data": key }))
            .collect();
        // QEMU plays keys one after the other by the guest's clock, so a slow guest loses none.
        self.command("send-key", &json!({ "keys": keys, "hold-time": 40 }))
            .map(drop)
    }

    /// Presses or releases one key.
    pub fn key(&self, key: &str, down: bool) -> Result<()> {
        let data = json!({ "down": down, "key": { "type": "qcode", "data": key } });
        self.send_input(&[json!({ "type": "key", "data": data })])
    }

    /// Types a text.
    pub fn type_text(&self, text: &str, layout: Layout) -> Result<()> {
        for c in text.chars() {
            let keys = layout.keys(c)?;
            let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
            self.keys(&keys)?;
        }
        Ok(())
    }

    /// Plugs something into a USB socket while the machine runs; `id` is for unplugging it.
    pub fn plug(&self, id: &str, device: &Usb) -> Result<()> {
        self.plug_in(id, device, None)
    }

    /// The same with a serial number, by which the guest can tell it from others of its kind.
    pub fn plug_numbered(&self, id: &str, device: &Usb, serial: u64) -> Result<()> {
        self.plug_in(id, device, Some(serial))
    }

    fn plug_in(&self, id: &str, device: &Usb, serial: Option<u64>) -> Result<()> {
        let mut arguments = json!({ "driver": usb_driver(device), "bus": "usb.0", "id": id });
        if let Some(serial) = serial {
            arguments["serial"] = json!(serial.to_string());
        }
        match device {
            Usb::Storage(image) => {
                let node = format!("{id}-drive");
                self.add_drive(&node, image)?;
                arguments["drive"] = json!(node);
            }
            Usb::Network => {
                let net = format!("{id}-net");
                self.command(
                    "netdev_add",
                    &json!({ "type": "user", "id": net, "restrict": true }),
                )?;
                arguments["netdev"] = json!(net);
            }
            Usb::Audio => arguments["audiodev"] = json!(SILENCE),
            Usb::Handset => arguments["audiodev"] = json!(Outlet::Handset.id()),
            _ => {}
        }
        self.command("device_add", &arguments).map(drop)
    }

    /// Pulls out what was plugged in, without asking the guest.
    pub fn unplug(&self, id: &str, deadline: Deadline) -> Result<()> {
        let mark = self.mark();
        self.command("device_del", &json!({ "id": id }))?;
        self.wait_event_since(mark, "DEVICE_DELETED", deadline)
            .map(drop)
    }

    fn add_drive(&self, node: &str, image: &Path) -> Result<()> {
        let file = json!({ "driver": "file", "filename": image });
        let arguments = json!({ "driver": "raw", "node-name": node, "file": file });
        self.command("blockdev-add", &arguments).map(drop)
    }

    fn send_input(&self, events: &[Value]) -> Result<()> {
        self.command("input-send-event", &json!({ "events": events }))
            .map(drop)
    }

    fn touch_point(&self, finger: u8, id: i64, x: u32, y: u32) -> [Value; 2] {
        let (x, y) = self.axes(x, y);
        [
            touch("data", finger, id, "x", x),
            touch("data", finger, id, "y", y),
        ]
    }

    /// Pixels to QEMU's absolute coordinates.
    fn axes(&self, x: u32, y: u32) -> (u64, u64) {
        let (width, height) = self.size();
        let scale = |pixel: u32, size: u32| {
            let last = u64::from(size.saturating_sub(1)).max(1);
            u64::from(pixel).min(last) * AXIS_END / last
        };
        (scale(x, width), scale(y, height))
    }
}

fn touch(kind: &str, finger: u8, id: i64, axis: &str, value: u64) -> Value {
    let data =
        json!({ "type": kind, "slot": finger, "tracking-id": id, "axis": axis, "value": value });
    json!({ "type": "mtt", "data": data })
}
