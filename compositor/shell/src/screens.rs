// SPDX-License-Identifier: EUPL-1.2
//! What each screen looks like: pure functions from the state to a tree of boxes, one screen a file.

mod department;
mod frame;
mod home;
mod languages;
mod parts;
mod pin;
mod recovery;
mod start;

use crate::canvas::Canvas;
use crate::i18n::{Speech, Texts};
use crate::node::Node;
use crate::scene::{self, Scene};
use crate::state::{Screen, State};
use crate::text::Engine;

/// At most so many choices at once; more become pages.
pub const CHOICES: usize = 6;

/// What a screen is made from.
pub(crate) struct Cx<'a> {
    state: &'a State,
    speech: Speech<'a>,
    canvas: &'a Canvas,
    text_scale: f32,
}

/// How much smaller text may become, in steps, where a screen has much to say on little room.
const SMALLER: [f32; 5] = [1.0, 0.93, 0.86, 0.79, 0.72];

/// The present screen of `state` on `canvas`, with text as large as there is room for.
pub fn show(state: &State, texts: &Texts, canvas: &Canvas, engine: &mut Engine) -> Scene {
    let mut scene = Scene::default();
    for smaller in SMALLER {
        let text_scale = canvas.text_scale() * smaller;
        let speech = texts.speak(state.language);
        scene = attempt(
            &Cx {
                state,
                speech,
                canvas,
                text_scale,
            },
            engine,
        );
        if !scene.crowded && scene.cut.is_empty() {
            break;
        }
    }
    scene
}

fn attempt(cx: &Cx, engine: &mut Engine) -> Scene {
    let (state, canvas) = (cx.state, cx.canvas);
    let mut root = match state.screen() {
        Screen::Start => start::start(cx),
        Screen::Wait(task) => start::wait(cx, task),
        Screen::Home => home::home(cx),
        Screen::Department(i) => department::department(cx, i),
        Screen::Languages => languages::languages(cx),
        Screen::Pin => pin::pin(cx),
        Screen::NewPin { again } => pin::new_pin(cx, again),
        Screen::Recovery => recovery::recovery(cx),
    };
    if state.language.is_rtl() {
        turn(&mut root);
    }
    let root = scene::fill(root, canvas);
    scene::lay_out(&root, canvas, engine, state.pressed, state.focus)
}

/// Everything from right to left, but what says it stays as it is.
fn turn(node: &mut Node) {
    if node.keeps_direction {
        return;
    }
    node.style.direction = taffy::Direction::Rtl;
    node.children.iter_mut().for_each(turn);
}
