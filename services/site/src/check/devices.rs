// SPDX-License-Identifier: EUPL-1.2
//! The section `[devices]`.

use std::collections::BTreeSet;

use toml::Spanned;

use super::{Checked, count, fault, limits};
use crate::{Bus, DeviceInput, Devices, UsbId, raw};

pub fn devices(raw: Option<raw::Devices>) -> Checked<Devices> {
    let usual = Devices::default();
    let Some(raw) = raw else { return Ok(usual) };
    let usb_kinds = raw.usb_kinds.map_or(usual.usb_kinds, BTreeSet::from_iter);
    let usb = usb_ids(raw.usb)?;
    let ears = usb_ids(raw.ears)?;
    let inputs = match raw.inputs {
        None => usual.inputs,
        Some(list) => list_of(
            list,
            DeviceInput::parse,
            "says no bus of input devices",
            &format!(
                "one of {}, alone or with vendor and product: `usb:046d:c31c`",
                Bus::names().join(", ")
            ),
        )?,
    };
    Ok(Devices {
        usb_kinds,
        usb,
        inputs,
        ears,
        expected: BTreeSet::from_iter(raw.expected.unwrap_or_default()),
    })
}

fn usb_ids(list: Option<Spanned<Vec<Spanned<String>>>>) -> Checked<BTreeSet<UsbId>> {
    let Some(list) = list else {
        return Ok(BTreeSet::new());
    };
    list_of(
        list,
        UsbId::parse,
        "is not vendor and product of a USB device",
        "four hexadecimal digits each, such as `04b8:0142`",
    )
}

fn list_of<T: Ord>(
    list: Spanned<Vec<Spanned<String>>>,
    parse: impl Fn(&str) -> Option<T>,
    wrong: &str,
    help: &str,
) -> Checked<BTreeSet<T>> {
    count(&list, 0, limits::DEVICES, "devices")?;
    let mut found = BTreeSet::new();
    for item in list.into_inner() {
        let Some(value) = parse(item.get_ref()) else {
            let message = format!("`{}` {wrong}", item.get_ref());
            return fault(item.span(), "site::device", message, help);
        };
        found.insert(value);
    }
    Ok(found)
}
