// SPDX-License-Identifier: EUPL-1.2
//! Every screen, in every language and theme: what is written, drawn, framed or focused can be seen, measured on the
//! painted pixels.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A test ends at the first surprise.

mod common;

use std::num::NonZero;
use std::thread;

use common::matrix::{self, Setting, Shown, USUAL, each_page};
use common::measure::{self, Gauge, Painted};
use shell::canvas::{Canvas, Rect};
use shell::event::Action;
use shell::i18n::Texts;
use shell::paint::Painter;
use shell::scene::{Paint, Scene};
use shell::screens;
use shell::state::{Modes, State};
use shell::text::Engine;
use shell::theme::Theme;
use site::Language;
use tiny_skia::Pixmap;

/// What frames, icons and the focus ring need.
const SHAPE: f32 = 3.0;

/// What text needs.
fn text(theme: Theme) -> f32 {
    match theme {
        Theme::Paper => 4.5,
        Theme::Light | Theme::Dark => 7.0,
    }
}

/// What was seen.
#[derive(Default)]
struct Found {
    wrong: Vec<String>,
    seen: usize,
}

impl Found {
    /// Asserts that nothing was wrong in all of it.
    fn finish(all: Vec<Self>) {
        let seen: usize = all.iter().map(|found| found.seen).sum();
        let wrong: Vec<String> = all.into_iter().flat_map(|found| found.wrong).collect();
        assert!(seen > 1000, "{seen} things are too few");
        let few: Vec<_> = wrong.iter().take(40).collect();
        assert!(wrong.is_empty(), "{} of {seen}: {few:#?}", wrong.len());
    }
}

/// Looks at screens, and remembers what was wrong.
struct Eye {
    gauge: Gauge,
    texts: Texts,
    engine: Engine,
    painter: Painter,
    found: Found,
}

impl Eye {
    fn new() -> Self {
        Self {
            gauge: Gauge::default(),
            texts: Texts::default(),
            engine: common::engine(),
            painter: common::painter(),
            found: Found::default(),
        }
    }

    fn needs(&mut self, what: impl FnOnce() -> String, is: f32, least: f32) {
        self.found.seen += 1;
        if is < least {
            self.found
                .wrong
                .push(format!("{}: {is:.2}, needs {least}", what()));
        }
    }

    fn paint(&mut self, scene: &Scene, canvas: &Canvas) -> Painted {
        let size = (canvas.width, canvas.height);
        Painted::new(scene, size, &mut self.painter, &mut self.engine)
    }

    /// Everything written and drawn within `part`.
    fn written(&mut self, name: &str, scene: &Scene, painted: &Painted, part: &Rect) {
        for item in scene.items.iter().filter(|item| item.rect.lies_in(part)) {
            match &item.paint {
                Paint::Words(words) if !words.text.trim().is_empty() => {
                    // About three letters of a line.
                    let piece = (words.size * 1.6, words.size * 1.32);
                    let is = self.gauge.written(painted, &item.rect, piece);
                    let what = || format!("{name}: {:?}", words.text);
                    self.needs(what, is, text(scene.theme));
                }
                Paint::Glyph(glyph, ..) => {
                    let piece = (item.rect.w, item.rect.h);
                    let is = self.gauge.written(painted, &item.rect, piece);
                    self.needs(|| format!("{name}: {glyph:?}"), is, SHAPE);
                }
                Paint::Words(_) | Paint::Look(_) | Paint::Picture(_) | Paint::Preview(..) => {}
            }
        }
    }

    /// Everything with an edge, and everything that can be touched, is a box that stands out.
    fn framed(&mut self, name: &str, scene: &Scene, whole: &Pixmap, canvas: &Canvas) {
        let mut touched: Vec<(Action, Rect)> = scene
            .tree
            .controls()
            .map(|control| (control.action, control.rect))
            .collect();
        for item in &scene.items {
            let Paint::Look(look) = item.paint else {
                continue;
            };
            let all = touched.len();
            touched.retain(|(_, rect)| *rect != item.rect);
            if touched.len() < all || look.edge.is_some() {
                let depth = look.edge.map_or(canvas.scale, |(_, width)| width);
                let is = self.gauge.boxed(whole, &item.rect, look.radius, depth);
                self.needs(|| format!("{name}: frame of {:?}", item.rect), is, SHAPE);
            }
        }
        for (action, _) in touched {
            self.needs(|| format!("{name}: a frame around {action:?}"), 0.0, SHAPE);
        }
    }

    /// What changes when something is focused or pressed can be seen as well.
    fn handled(&mut self, name: &str, shown: &Shown, painted: &Painted, canvas: &Canvas) {
        let controls = shown.scene.tree.controls();
        for (action, rect) in controls.map(|c| (c.action, c.rect)).collect::<Vec<_>>() {
            let mut show = |focus, pressed| {
                let state = State {
                    focus,
                    pressed,
                    ..shown.state.clone()
                };
                screens::show(&state, &self.texts, canvas, &mut self.engine)
            };
            let (focused, pressed) = (show(Some(action), None), show(None, Some(action)));
            let ring = focused.items.last().unwrap();
            let Paint::Look(look) = ring.paint else {
                panic!("{name}: no ring around {action:?}")
            };
            let part = ring.rect.outset(4.0);
            let Self {
                engine,
                painter: brush,
                ..
            } = self;
            let mut after = painted.clone();
            brush.paint(&focused, &part, engine, &mut after.whole);
            let is = self
                .gauge
                .ring(&after.whole, &painted.whole, &ring.rect, look.radius);
            after.again(&pressed, &part, brush, engine);
            self.needs(|| format!("{name}: focus of {action:?}"), is, SHAPE);
            let name = format!("{name}, {action:?} pressed");
            self.written(&name, &pressed, &after, &rect);
        }
    }
}

/// Looks at every page of every screen in this setting. Half the pixels on each side are as many units, painted faster.
fn each(eye: &mut Eye, setting: &Setting, look: impl Fn(&mut Eye, &str, &Canvas, &Shown)) {
    let canvas = setting.device.canvas(2);
    let (language, modes) = (setting.language, setting.modes);
    let pages = each_page(language, modes, &canvas, &eye.texts, &mut eye.engine);
    for shown in pages {
        look(eye, &setting.name(&shown.name), &canvas, &shown);
    }
}

fn in_theme(theme: Theme) {
    let settings = if matrix::soak() {
        matrix::everything()
    } else {
        matrix::sample()
    };
    let settings: Vec<Setting> = settings
        .into_iter()
        .filter(|s| s.modes.theme == theme)
        .collect();
    let threads = thread::available_parallelism().map_or(1, NonZero::get);
    let share = settings.len().div_ceil(threads);
    let found = thread::scope(|scope| {
        let looking: Vec<_> = settings
            .chunks(share)
            .map(|some| scope.spawn(|| look_at(some)))
            .collect();
        looking
            .into_iter()
            .map(|found| found.join().unwrap())
            .collect()
    });
    Found::finish(found);
}

fn look_at(settings: &[Setting]) -> Found {
    let mut eye = Eye::new();
    for setting in settings {
        each(&mut eye, setting, |eye, name, canvas, shown| {
            let painted = eye.paint(&shown.scene, canvas);
            let all = measure::all(&painted.whole);
            eye.written(name, &shown.scene, &painted, &all);
            eye.framed(name, &shown.scene, &painted.whole, canvas);
        });
    }
    eye.found
}

/// Proves T13: on warm paper text has a contrast of 4.5:1, and icons and frames of 3:1, on every screen in every language,
/// with the smallest and the largest text.
#[test]
fn on_paper_everything_can_be_seen() {
    in_theme(Theme::Paper);
}

/// Proves T13: in black on white text has 7:1.
#[test]
fn in_black_on_white_everything_can_be_seen() {
    in_theme(Theme::Light);
}

/// Proves T13: in white on black text has 7:1.
#[test]
fn in_white_on_black_everything_can_be_seen() {
    in_theme(Theme::Dark);
}

/// Proves T13: whatever has the focus of the keyboard has a ring of 3:1 on all its sides, to what is outside and what is inside
/// of it; and what a finger is on can still be read.
#[test]
fn focus_and_finger_can_be_seen() {
    let mut eye = Eye::new();
    for theme in Theme::ALL {
        let modes = Modes {
            theme,
            ..Modes::default()
        };
        let setting = Setting {
            device: USUAL,
            language: Language::De,
            modes,
        };
        each(&mut eye, &setting, |eye, name, canvas, shown| {
            let painted = eye.paint(&shown.scene, canvas);
            eye.handled(name, shown, &painted, canvas);
        });
    }
    Found::finish(vec![eye.found]);
}
