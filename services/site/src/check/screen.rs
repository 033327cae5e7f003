// SPDX-License-Identifier: EUPL-1.2
//! The section `[screen]`.

use super::{Checked, fault, limits};
use crate::{Screen, raw};

pub fn screen(raw: Option<raw::Screen>) -> Checked<Screen> {
    let usual = Screen::default();
    let Some(raw) = raw else { return Ok(usual) };
    let quarters = match raw.rotation {
        None => usual.quarters,
        Some(degrees) => match degrees.get_ref() {
            0 => 0,
            90 => 1,
            180 => 2,
            270 => 3,
            other => {
                let message = format!("a screen cannot be turned by {other} degrees");
                return fault(
                    degrees.span(),
                    "site::rotation",
                    message,
                    "0, 90, 180 or 270, clockwise as seen from the front",
                );
            }
        },
    };
    let millimetres = match raw.millimetres {
        None => None,
        Some(size) => {
            let &(width, height) = size.get_ref();
            if !limits::MILLIMETRES.contains(&width) || !limits::MILLIMETRES.contains(&height) {
                let message = format!("no screen is {width} by {height} mm large");
                return fault(
                    size.span(),
                    "site::millimetres",
                    message,
                    "width and height of the visible area, before the screen was turned",
                );
            }
            Some((width, height))
        }
    };
    let scale_percent = match raw.scale {
        None => usual.scale_percent,
        Some(scale) => {
            let percent = *scale.get_ref();
            if !(100..=300).contains(&percent) || percent % 25 != 0 {
                let message = format!("the scale cannot be {percent} per cent");
                return fault(
                    scale.span(),
                    "site::scale",
                    message,
                    "100 to 300 in steps of 25",
                );
            }
            percent
        }
    };
    let main = match raw.main {
        None => None,
        Some(name) => {
            let ok = |c: char| c.is_ascii_alphanumeric() || c == '-';
            let text = name.get_ref();
            if text.is_empty() || text.len() > limits::ID || !text.chars().all(ok) {
                let message = format!("`{text}` is not the name of a connector");
                return fault(
                    name.span(),
                    "site::connector",
                    message,
                    "for example `HDMI-A-1` or `DP-2`",
                );
            }
            Some(name.into_inner())
        }
    };
    Ok(Screen {
        main,
        quarters,
        millimetres,
        scale_percent,
        second: raw.second.unwrap_or_default(),
    })
}
