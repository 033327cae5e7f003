// SPDX-License-Identifier: EUPL-1.2
//! The strip at the top: link, devices, battery, case, time. It says only what something that knows has told.

use accesskit::Role;
use api::inventory::{Condition, Device};
use api::network::{self, Kind};
use api::session::SessionState;

use crate::icons::Glyph;
use crate::node::{Meaning, Node, column, glyph, grid, row, words};
use crate::screens::Cx;
use crate::state::clerk::Power;
use crate::text::{Along, Words};
use crate::theme::{Tone, size};

/// The strip, as large as the clerk asked for.
pub fn strip(cx: &Cx) -> Node {
    let time = words(Words {
        bold: true,
        along: Along::End,
        wrap: false,
        ..cx.words(
            cx.speech.time(cx.state.now.time),
            cx.grown(size::HEADING * 0.9),
        )
    });
    let mut cells = vec![link(cx), devices(cx), battery(cx)];
    if cx.state.is_signed_in() {
        cells.push(case(cx));
    }
    let strip = if cx.canvas.is_portrait() {
        cells.push(time);
        grid(2, 4.0, cells)
    } else {
        let mut cells: Vec<Node> = cells.into_iter().map(|cell| cell.grow(1.0)).collect();
        cells.push(time.rigid());
        row(6.0, cells)
    };
    let banner = Meaning::new(Role::Banner, &cx.t("strip"));
    column(0.0, vec![strip]).rigid().means(banner)
}

fn cell(cx: &Cx, icon: Glyph, text: String, warns: bool) -> Node {
    let tone = if warns { Tone::Warning } else { Tone::Ink };
    let text = words(Words {
        bold: true,
        color: tone,
        ..cx.words(text, cx.grown(size::SMALL))
    });
    row(2.5, vec![glyph(icon, tone, cx.icon(7.5)), text.grow(1.0)])
}

/// The network that is used, or what to look at where none is.
fn link(cx: &Cx) -> Node {
    let Some(link) = cx.state.link.told else {
        return cell(cx, Glyph::Link, cx.t("link-unknown"), false);
    };
    let kind = match link.kind {
        Kind::None => Kind::Other,
        kind => kind,
    };
    match link.condition {
        network::Condition::Connected => {
            let text = cx.t(&format!("link-{}", kind.as_str()));
            cell(cx, Glyph::Link, text, false)
        }
        network::Condition::Connecting => cell(cx, Glyph::Link, cx.t("link-connecting"), false),
        network::Condition::NoCarrier if link.kind == Kind::None => {
            cell(cx, Glyph::Link, cx.t("link-none"), false)
        }
        network::Condition::NoCarrier => {
            let text = cx.t(&format!("link-no-{}", kind.as_str()));
            cell(cx, Glyph::Warning, text, true)
        }
    }
}

/// What is missing or refused; else what is there.
fn devices(cx: &Cx) -> Node {
    let devices = cx
        .state
        .clerk
        .as_ref()
        .and_then(|clerk| clerk.devices.as_ref());
    let Some(devices) = devices else {
        return cell(cx, Glyph::Plug, cx.t("devices-unknown"), false);
    };
    let Some(first) = devices.first() else {
        return cell(cx, Glyph::Plug, cx.t("devices-none"), false);
    };
    let name = |device: &Device| cx.t(&format!("device-{}", device.kind.as_str()));
    let named = [("device", name(first).into())];
    let warning = match first.condition {
        Condition::Missing => Some(cx.speech.with("device-missing", &named)),
        Condition::Refused => Some(cx.t("device-refused")),
        Condition::Ready => None,
    };
    if let Some(warning) = warning {
        return cell(cx, Glyph::Warning, warning, true);
    }
    let text = if devices.len() == 1 {
        name(first)
    } else {
        let count = [("count", devices.len().into())];
        cx.speech.with("devices-count", &count)
    };
    cell(cx, Glyph::Plug, text, false)
}

fn battery(cx: &Cx) -> Node {
    let battery = cx.state.clerk.as_ref().and_then(|clerk| clerk.battery);
    let Some(battery) = battery else {
        return cell(cx, Glyph::Power, cx.t("battery-unknown"), false);
    };
    let percent = [("percent", battery.percent.into())];
    let text = match battery.power {
        Power::Mains => cx.t("battery-mains"),
        Power::Charging => cx.speech.with("battery-charging", &percent),
        Power::Battery => cx.speech.with("battery-percent", &percent),
        Power::Full => cx.t("battery-full"),
    };
    let icon = if battery.is_low() {
        Glyph::Warning
    } else {
        Glyph::Power
    };
    cell(cx, icon, text, battery.is_low())
}

fn case(cx: &Cx) -> Node {
    let session = cx.state.session.as_ref();
    if session.is_some_and(|session| session.state == SessionState::Ending) {
        return cell(cx, Glyph::Folder, cx.t("deleting-title"), false);
    }
    let since = cx.state.clerk.as_ref().and_then(|clerk| clerk.since);
    let text = match since {
        _ if !cx.state.has_case() => cx.t("case-none"),
        None => cx.t("case-open"),
        Some(time) => {
            let time = cx.speech.time(time);
            cx.speech.with("case-since", &[("time", time.into())])
        }
    };
    cell(cx, Glyph::Folder, text, false)
}
