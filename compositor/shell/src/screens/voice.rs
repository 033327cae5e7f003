// SPDX-License-Identifier: EUPL-1.2
//! How loud and how fast is read out.

use super::Cx;
use super::choices::{Choices, card, choices};
use crate::event::Action;
use crate::icons::Glyph;
use crate::node::{Node, column};
use crate::state::STEPS;

pub fn voice(cx: &Cx) -> Node {
    let modes = &cx.state.modes;
    let level = |step: i8| i64::from(step + STEPS + 1).into();
    let of = i64::from(2 * STEPS + 1);
    let values = [
        ("volume", level(modes.volume)),
        ("rate", level(modes.rate)),
        ("of", of.into()),
    ];
    let levels = cx.speech.with("voice-levels", &values);
    let heading = cx.heading(cx.t("voice-question"));
    let cell = |icon, key: &str, action| card(cx, Some(icon), &cx.t(key), "", action);
    choices(
        cx,
        Choices {
            head: column(1.5, vec![heading, cx.body(levels).live()]),
            cells: vec![
                cell(Glyph::Up, "voice-louder", Action::Louder),
                cell(Glyph::Down, "voice-quieter", Action::Quieter),
                cell(Glyph::Next, "voice-faster", Action::Faster),
                cell(Glyph::Back, "voice-slower", Action::Slower),
                cell(Glyph::Finish, "voice-off", Action::Silence),
            ],
            back: true,
            at_once: false,
        },
    )
}
