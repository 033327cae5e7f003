// SPDX-License-Identifier: EUPL-1.2
//! What each screen looks like: pure functions from the state to a tree of boxes, one screen a file.

mod application;
mod aside;
mod attract;
mod call;
mod case;
mod choices;
mod department;
mod divide;
mod end;
mod frame;
mod home;
mod keys;
mod languages;
mod notice;
mod pages;
mod papers;
mod parts;
mod pin;
mod print;
mod reader;
mod recovery;
mod scan;
mod scan_asked;
mod search;
mod services;
mod start;
mod topics;
mod voice;

use std::cell::RefCell;

pub(crate) use reader::{link_text, title as part_title};

use crate::canvas::Canvas;
use crate::i18n::{Speech, Texts};
use crate::node::{Content, Look, Node, column};
use crate::scene::{self, Dress, Scene};
use crate::state::{Place, Screen, State};
use crate::text::Engine;

/// At most so many choices at once; more become pages.
pub const CHOICES: usize = 6;

/// What a screen is made from.
pub(crate) struct Cx<'a, 'e> {
    state: &'a State,
    speech: Speech<'a>,
    /// The part of the screen that is used: all of it, or the lower part.
    canvas: &'a Canvas,
    /// How large text is.
    text_scale: f32,
    /// How large text is in the normal size.
    normal_scale: f32,
    engine: &'a RefCell<&'e mut Engine>,
}

/// How much smaller text may become, in steps, where a screen that cannot turn pages has much to say on little room.
const SMALLER: [f32; 6] = [1.0, 0.93, 0.86, 0.79, 0.72, 0.65];

/// The present screen of `state` on `canvas`, with text as large as there is room for.
pub fn show(state: &State, texts: &Texts, canvas: &Canvas, engine: &mut Engine) -> Scene {
    let mut scene = Scene::default();
    let used = if state.modes.lower {
        canvas.lower(state.modes.text.factor())
    } else {
        *canvas
    };
    let largest = canvas.text_scale() * state.modes.text.factor();
    // A screen that cannot turn pages goes from the size asked for down to the smallest of the normal size.
    let mut scales: Vec<f32> = SMALLER.iter().map(|smaller| largest * smaller).collect();
    let least = canvas.text_scale() * SMALLER[SMALLER.len() - 1];
    while let Some(last) = scales.last().copied()
        && last > least * 1.01
    {
        scales.push((last * 0.92).max(least));
    }
    for text_scale in scales {
        let engine = RefCell::new(&mut *engine);
        let cx = Cx {
            state,
            speech: texts.speak(state.language),
            canvas: &used,
            text_scale,
            normal_scale: canvas.text_scale(),
            engine: &engine,
        };
        scene = attempt(&cx, canvas);
        scene.shrunk *= text_scale / largest;
        if !scene.crowded && scene.cut.is_empty() {
            break;
        }
    }
    scene
}

fn attempt(cx: &Cx, canvas: &Canvas) -> Scene {
    let state = cx.state;
    let mut root = match state.screen() {
        Screen::Start => start::start(cx),
        Screen::Wait(task) => start::wait(cx, task),
        Screen::Attract => attract::attract(cx),
        Screen::At(place) => at(cx, place),
        Screen::Languages => languages::languages(cx),
        Screen::Voice => voice::voice(cx),
        Screen::NoVoice => notice::no_voice(cx),
        Screen::TimeLeft => end::time_left(cx),
        Screen::End => end::end(cx),
        Screen::Pin => pin::pin(cx),
        Screen::NewPin { again } => pin::new_pin(cx, again),
        Screen::Recovery => recovery::recovery(cx),
        Screen::Call(view) => call::view(cx, view),
        Screen::Case(view) => case::view(cx, view),
        Screen::Application => application::application(cx),
    };
    if state.modes.lower {
        // What is out of reach shows the place.
        let picture = Node {
            content: Content::Picture,
            ..Node::default()
        };
        let above = picture.look(Look::default()).grow(1.0);
        root = column(0.0, vec![above, root.height(cx.canvas.h()).rigid()]);
    }
    if state.language.is_rtl() {
        turn(&mut root);
    }
    let root = scene::fill(root, canvas);
    let dress = Dress {
        language: state.language,
        theme: state.modes.theme,
        pressed: state.pressed,
        focus: state.focus,
    };
    let mut engine = cx.engine.borrow_mut();
    scene::lay_out(&root, canvas, &mut engine, dress)
}

fn at(cx: &Cx, place: Place) -> Node {
    match place {
        Place::Home => home::home(cx),
        Place::Authorities(way) => topics::authorities(cx, way),
        Place::Topics(way, authority) => topics::topics(cx, way, authority),
        Place::Services(i) => services::services(cx, i),
        Place::Service(n) => reader::service(cx, n),
        Place::Form(n) => services::form(cx, n),
        Place::Print(n) => print::print(cx, n),
        Place::Search => search::search(cx),
        Place::Found => search::found(cx),
        Place::Department(i) => department::department(cx, i),
        Place::Talk(i) => call::talk(cx, i),
        Place::Deliver if cx.state.can_scan() => scan::deliver(cx),
        Place::Deliver => notice::deliver(cx),
        Place::Scan(purpose) => scan::scan(cx, purpose),
        Place::Help => notice::help(cx),
        Place::Outage(outage) => notice::outage(cx, outage),
    }
}

/// Everything from right to left, but what says it stays as it is.
fn turn(node: &mut Node) {
    if node.keeps_direction {
        return;
    }
    node.style.direction = taffy::Direction::Rtl;
    node.children.iter_mut().for_each(turn);
}
