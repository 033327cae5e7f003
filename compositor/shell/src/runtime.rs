// SPDX-License-Identifier: EUPL-1.2
//! Where state, screen and pixels come together. Knows nothing of Wayland: it is the same for a picture file.

use tiny_skia::Pixmap;

use crate::canvas::{Canvas, Rect};
use crate::event::{Action, Effect, Event};
use crate::focus::{self, Step};
use crate::i18n::Texts;
use crate::paint::Painter;
use crate::press::{Finger, Motion, Outcome, Press};
use crate::reading;
use crate::scene::Scene;
use crate::screens;
use crate::state::application::Application;
use crate::state::{Place, Screen, State};
use crate::text::Engine;
use crate::update::update;
use crate::voice::{self, Utterance, Voice};
use site::Language;

/// The running shell, without its window.
pub struct Runtime {
    state: State,
    texts: Texts,
    engine: Engine,
    painter: Painter,
    canvas: Canvas,
    scene: Scene,
    pixels: Option<Pixmap>,
    press: Press,
    /// Whether the state may look different from what was painted last.
    stale: bool,
    /// Whether everything has to be painted.
    whole: bool,
    /// What is read out.
    voice: Voice,
    /// What is to be said, and was not fetched yet.
    spoken: Vec<Utterance>,
    /// What the finger that is down has found and would choose when it leaves.
    found: Option<(Finger, Action)>,
    /// What follows from what was painted, and was not fetched yet.
    wishes: Vec<Effect>,
}

impl Runtime {
    /// A shell on `canvas`.
    pub fn new(state: State, engine: Engine, painter: Painter, canvas: Canvas) -> Self {
        Self {
            state,
            texts: Texts::default(),
            engine,
            painter,
            pixels: Pixmap::new(canvas.width, canvas.height),
            canvas,
            scene: Scene::default(),
            press: Press::default(),
            stale: true,
            whole: true,
            voice: Voice::default(),
            spoken: Vec::new(),
            found: None,
            wishes: Vec::new(),
        }
    }

    /// What has to be done since this was last asked because of what was painted.
    pub fn wishes(&mut self) -> Vec<Effect> {
        std::mem::take(&mut self.wishes)
    }

    /// What is to be said since this was last asked.
    pub fn spoken(&mut self) -> Vec<Utterance> {
        std::mem::take(&mut self.spoken)
    }

    /// Compares what is on the screen with what was said of it.
    fn read_out(&mut self) {
        let pieces = if self.state.is_read_out() {
            reading::pieces(&self.scene.tree)
        } else {
            Vec::new()
        };
        let speech = self.texts.speak(self.state.language);
        let says = self.voice.look(&self.state, &pieces, &speech);
        self.spoken.extend(says);
    }

    /// The paper with the description of a service.
    pub fn paper(&self, service: usize) -> Option<leaflet::Leaflet> {
        crate::paper::paper(&self.state, &self.texts, service)
    }

    /// What a scanned document is, and the language that is said in.
    pub fn scan_title(&self) -> (String, String) {
        let language = self.state.language;
        let speech = self.texts.speak(language);
        let date = [("date", speech.date(&self.state.now).into())];
        let title = speech.with("scan-title", &date);
        (title, language.tag().to_owned())
    }

    /// What a scanned document is called at a desk, where German is read.
    pub fn scan_name(&self) -> String {
        let speech = self.texts.speak(Language::De);
        let date = [("date", speech.date(&self.state.now).into())];
        format!("{}.pdf", speech.with("scan-title", &date))
    }

    /// What the shell knows.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// What is on the screen.
    pub fn scene(&self) -> &Scene {
        &self.scene
    }

    /// The size of the screen.
    pub fn canvas(&self) -> &Canvas {
        &self.canvas
    }

    /// Paints pictures of the place.
    pub fn painter(&mut self) -> &mut Painter {
        self.whole = true;
        &mut self.painter
    }

    /// The pixels painted last.
    pub fn pixels(&self) -> Option<&Pixmap> {
        self.pixels.as_ref()
    }

    /// The screen has another size now.
    pub fn resize(&mut self, canvas: Canvas) {
        if canvas != self.canvas {
            self.canvas = canvas;
            self.pixels = Pixmap::new(canvas.width, canvas.height);
            self.whole = true;
        }
    }

    /// How many pixels across and down an application will have that comes to the front now.
    pub fn room_for_application(&mut self) -> Option<(u32, u32)> {
        let mut state = self.state.clone();
        state.application = Some(Application {
            title: String::new(),
            away: false,
        });
        let scene = screens::show(&state, &self.texts, &self.canvas, &mut self.engine);
        scene.frame.map(|frame| (frame.w as u32, frame.h as u32))
    }

    /// Takes in an event; returns what has to be done outside.
    pub fn handle(&mut self, event: Event) -> Vec<Effect> {
        if matches!(event, Event::Act(Action::Again)) && self.voice.is_on() {
            self.voice.again();
            self.read_out();
        }
        let before = self.state.screen();
        let (state, effects) = update(self.state.clone(), event);
        self.stale |= state != self.state;
        self.state = state;
        let after = self.state.screen();
        if before != after {
            // A finger that is still down meant the old screen.
            self.press.forget();
            if matches!(
                before,
                Screen::Pin
                    | Screen::NewPin { .. }
                    | Screen::Recovery
                    | Screen::At(Place::Search | Place::Found)
                    | Screen::Case(_)
                    | Screen::Call(_)
            ) {
                self.engine.forget();
            }
        }
        effects
    }

    /// Takes in what a finger does.
    pub fn finger(&mut self, finger: Finger, motion: Motion) -> Vec<Effect> {
        let mut effects = Vec::new();
        if motion != Motion::Cancel
            && !(finger == Finger::Pointer && matches!(motion, Motion::Move(..)))
        {
            effects.extend(self.handle(Event::Presence));
            if self.voice.is_on() {
                return self.explore(finger, motion, effects);
            }
            if self.state.focus.is_some() {
                effects.extend(self.handle(Event::Focus(None)));
            }
        }
        if let Motion::Down(x, y) = motion
            && self.scene.tree.at(x, y).is_none()
            && let Some(action) = self.anywhere()
        {
            effects.extend(self.handle(Event::Act(action)));
            return effects;
        }
        match self.press.on(finger, motion, &self.scene, &self.canvas) {
            Outcome::Holds(action) => effects.extend(self.handle(Event::Press(action))),
            Outcome::Done(action) => {
                effects.extend(self.handle(Event::Press(None)));
                effects.extend(self.handle(Event::Act(action)));
            }
            Outcome::Nothing => {}
        }
        effects
    }

    /// Where the screen is read out a finger first finds: what it comes to is said. A second touch of the same thing chooses it.
    fn explore(&mut self, finger: Finger, motion: Motion, mut effects: Vec<Effect>) -> Vec<Effect> {
        let (x, y) = match motion {
            Motion::Down(x, y) => {
                self.spoken.extend(self.voice.interrupt());
                (x, y)
            }
            Motion::Move(x, y) => (x, y),
            Motion::Up => {
                if let Some((_, action)) = self.found.take_if(|(by, _)| *by == finger) {
                    effects.extend(self.handle(Event::Act(action)));
                }
                return effects;
            }
            Motion::Cancel => {
                self.found = None;
                return effects;
            }
        };
        let is_down = matches!(motion, Motion::Down(..));
        match self.scene.tree.at(x, y).map(|control| control.action) {
            Some(action) if Some(action) == self.state.focus => {
                if is_down {
                    self.found = Some((finger, action));
                }
            }
            Some(action) => {
                self.found = None;
                effects.extend(self.handle(Event::Focus(Some(action))));
            }
            None if is_down => {
                self.found = None;
                if let Some(action) = self.anywhere() {
                    effects.extend(self.handle(Event::Act(action)));
                } else {
                    let pieces = reading::pieces(&self.scene.tree);
                    let speech = self.texts.speak(self.state.language);
                    let there = reading::at(&pieces, x, y);
                    let says = there.map(|piece| voice::piece(piece, &speech));
                    self.spoken.extend(says);
                }
            }
            None => self.found = None,
        }
        effects
    }

    /// What a touch beside everything does: where only one thing can be meant, nobody has to hit it.
    fn anywhere(&self) -> Option<Action> {
        match self.state.screen() {
            Screen::Attract => Some(Action::Begin),
            Screen::TimeLeft => Some(Action::MoreTime),
            _ => None,
        }
    }

    /// All touches were taken from us.
    pub fn cancel(&mut self) {
        self.press.forget();
        self.handle(Event::Press(None));
    }

    /// Takes in a key.
    pub fn key(&mut self, key: Key) -> Vec<Effect> {
        let mut effects = self.handle(Event::Presence);
        self.spoken.extend(self.voice.interrupt());
        let offers = |actions: &[Action]| {
            let offered = |action: &&Action| self.scene.tree.control(**action).is_some();
            actions.iter().find(offered).copied()
        };
        // A secret is typed whichever page of its screen is shown.
        let secret = match self.state.screen() {
            Screen::Pin | Screen::NewPin { .. } => Some(Action::Digit as fn(char) -> Action),
            Screen::Recovery => Some(Action::Letter as fn(char) -> Action),
            _ => None,
        };
        let action = match key {
            Key::Step(step) => {
                let focus = focus::step(&self.scene.tree, self.state.focus, step);
                effects.extend(self.handle(Event::Focus(focus)));
                None
            }
            Key::Louder => Some(Action::Louder),
            Key::Quieter => Some(Action::Quieter),
            Key::Again => Some(Action::Again),
            Key::Enter | Key::Space if self.state.focus.is_some() => self.state.focus,
            // Whoever types on a keyboard types into the field, whatever was chosen before.
            Key::Space if self.state.has_field() => Some(Action::Type(' ')),
            Key::Char(c) if self.state.has_field() => {
                effects.extend(self.handle(Event::Focus(None)));
                Some(Action::Type(c))
            }
            Key::Enter if secret.is_some() => Some(Action::Confirm),
            Key::Enter => offers(&[Action::Confirm]).or_else(|| self.anywhere()),
            Key::Space => self.anywhere(),
            // Beside an application, and in a conversation, it is not meant to end everything.
            Key::Escape if matches!(self.state.screen(), Screen::Application | Screen::Call(_)) => {
                offers(&[Action::Back, Action::HideKeys])
            }
            Key::Escape => offers(&[
                Action::MoreTime,
                Action::Back,
                Action::Leave,
                Action::Finish,
            ]),
            Key::Lock => offers(&[Action::Lock]),
            Key::Backspace if secret.is_some() => Some(Action::Delete),
            Key::Backspace => offers(&[Action::Delete]),
            Key::Char(c) => {
                let typed = secret.map(|secret| secret(c.to_ascii_lowercase()));
                typed.or_else(|| offers(&[Action::MoreTime]))
            }
        };
        if let Some(action) = action {
            effects.extend(self.handle(Event::Act(action)));
        }
        effects
    }

    /// Paints what has changed; returns where, or nothing if all is as it was.
    pub fn paint(&mut self) -> Option<Rect> {
        if !self.stale && !self.whole {
            return None;
        }
        let mut scene = screens::show(&self.state, &self.texts, &self.canvas, &mut self.engine);
        // What had the focus may be gone, as when a page was turned: what is there now has it.
        if let Some(lost) = self.state.focus
            && scene.tree.control(lost).is_none()
        {
            let old = self.scene.tree.control(lost).map(|control| control.rect);
            self.state.focus = old.and_then(|place| focus::near(&scene.tree, &place));
            scene = screens::show(&self.state, &self.texts, &self.canvas, &mut self.engine);
        }
        let all = Rect::new(
            0.0,
            0.0,
            self.canvas.width as f32,
            self.canvas.height as f32,
        );
        let damage = if self.whole || scene.theme != self.scene.theme {
            Some(all)
        } else {
            scene.damage(&self.scene)
        };
        self.scene = scene;
        self.stale = false;
        self.whole = false;
        self.read_out();
        let room = self
            .scene
            .sheet
            .map(|sheet| (sheet.w as u32, sheet.h as u32));
        if room != self.state.call.papers.room {
            let effects = self.handle(Event::Room(room));
            self.wishes.extend(effects);
        }
        let frame = self.scene.frame;
        if let Some((width, height)) = frame.map(|frame| (frame.w as u32, frame.h as u32))
            && self.state.call.room != Some((width, height))
        {
            let effects = self.handle(Event::Frame(width, height));
            self.wishes.extend(effects);
        }
        let (damage, pixels) = (damage?, self.pixels.as_mut()?);
        self.painter
            .paint(&self.scene, &damage, &mut self.engine, pixels);
        Some(damage)
    }
}

/// A key of a keyboard, as far as the shell reacts to any.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// Move the focus.
    Step(Step),
    /// Do what has the focus, or confirm.
    Enter,
    /// Do what has the focus.
    Space,
    /// Back, or end.
    Escape,
    /// Delete.
    Backspace,
    /// Read out louder.
    Louder,
    /// Read out more quietly.
    Quieter,
    /// Read everything on the screen out again.
    Again,
    /// Lock a case.
    Lock,
    /// A digit, a letter, a sign.
    Char(char),
}
