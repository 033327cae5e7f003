// SPDX-License-Identifier: EUPL-1.2
//! Service descriptions on the screen: whole, in their own language and direction, whatever is in the file.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A test ends at the first surprise.

mod common;

use std::sync::Arc;

use accesskit::Role;
use common::{after, open, way};
use shell::canvas::Canvas;
use shell::catalogue::Catalogue;
use shell::event::{Action, Event};
use shell::i18n::Texts;
use shell::scene::{Paint, Scene};
use shell::screens;
use shell::state::{Modes, Place, Screen, State, Stop, Visit};
use shell::text::Engine;
use shell::theme::TextSize;
use site::Language;

/// A visitor who reads about a service.
fn reads(catalogue: Arc<Catalogue>, service: usize, language: Language) -> State {
    let open = after(open(), [Event::Catalogue(catalogue)]);
    let place = Place::Service(service);
    State {
        language,
        visit: Visit {
            stops: vec![
                Stop {
                    place: Place::Home,
                    page: 0,
                },
                Stop { place, page: 0 },
            ],
        },
        ..open
    }
}

/// All pages of what is read.
fn pages(state: &State, canvas: &Canvas, engine: &mut Engine) -> Vec<Scene> {
    let texts = Texts::default();
    let mut all = Vec::new();
    let mut state = state.clone();
    loop {
        let scene = screens::show(&state, &texts, canvas, engine);
        let next = Action::Page(state.page() + 1);
        let more = scene.tree.control(next).is_some();
        all.push(scene);
        if !more {
            return all;
        }
        state = way(state, &[next]);
    }
}

/// All text, without spaces and what was added to divide words.
fn text(scenes: &[Scene]) -> String {
    let items = scenes.iter().flat_map(|scene| &scene.items);
    let words = items.filter_map(|item| match &item.paint {
        Paint::Words(words) => Some(words.text.as_str()),
        _ => None,
    });
    bare(&words.collect::<String>())
}

fn bare(text: &str) -> String {
    text.replace(['-', '\u{200b}', ' '], "")
}

fn catalogue_of(text: &str) -> Arc<Catalogue> {
    let escaped = text.replace('&', "&amp;").replace('<', "&lt;");
    let module = |code: &str, text: &str| {
        format!(
            "<x:modulText><x:leikaTextmodul><code>{code}</code></x:leikaTextmodul>\
             <x:inhalt languageCode=\"de\">{text}</x:inhalt></x:modulText>"
        )
    };
    let file = format!(
        "<x:t xmlns:x=\"http://xoev.de/schemata/xzufi/2_2_0\"><x:leistung><x:id>1</x:id>{}{}</x:leistung></x:t>",
        module("03", "Hund anmelden"),
        module("06", &escaped),
    );
    let procedures = procedures::parse("test.xml", file.as_bytes(), &common::site()).unwrap();
    Arc::new(Catalogue::new(procedures, &common::site()))
}

/// Proves T4, C14: every description of the place is shown whole: each of its texts is on one of the pages.
#[test]
fn descriptions_are_shown_whole() {
    use procedures::Block;

    let (canvas, mut engine) = (Canvas::new(1920, 1080, None), common::engine());
    let catalogue = common::catalogue();
    assert_eq!(catalogue.len(), 30);
    for number in 0..catalogue.len() {
        let state = reads(common::catalogue(), number, Language::De);
        assert_eq!(state.screen(), Screen::At(Place::Service(number)));
        let scenes = pages(&state, &canvas, &mut engine);
        let shown = text(&scenes);
        let service = catalogue.get(number).unwrap();
        assert!(shown.contains(&bare(service.name(Language::De))));
        for block in service.modules(Language::De).flat_map(|part| part.blocks) {
            let lines = match block {
                Block::Heading(text) | Block::Paragraph(text) => vec![text],
                Block::List { items, .. } => items.iter().map(|item| &item.text).collect(),
            };
            for line in lines {
                assert!(shown.contains(&bare(line)), "{number}: {line}");
            }
        }
        for scene in &scenes {
            assert!(
                !scene.crowded && scene.cut.is_empty(),
                "{number}: {:?}",
                scene.cut
            );
        }
    }
}

/// Proves T13, T14: in Arabic what is there in German only is told and written as German, from left to right, and the screen
/// says so in Arabic; headings and paragraphs are told as what they are.
#[test]
fn german_in_arabic_stays_german() {
    let (canvas, mut engine) = (Canvas::new(1920, 1080, None), common::engine());
    let state = reads(common::catalogue(), 0, Language::Ar);
    let scenes = pages(&state, &canvas, &mut engine);
    let scene = &scenes[0];
    let words = |needle: &str| {
        let mut items = scene.items.iter();
        let found = items.find_map(|item| match &item.paint {
            Paint::Words(words) if words.text.contains(needle) => Some((words, item.rect)),
            _ => None,
        });
        found.unwrap_or_else(|| panic!("{needle} is missing"))
    };
    let german = "Sie wohnen in";
    assert_eq!(words(german).0.language, Language::De);
    assert_eq!(words("متاح هنا بالألمانية").0.language, Language::Ar);
    // The dot stands on the left of the German line.
    let line = words(german).1;
    let dot = scene.items.iter().find(|item| {
        let beside = item.rect.centre().1 > line.y && item.rect.bottom() < line.bottom();
        matches!(item.paint, Paint::Look(_))
            && beside
            && item.rect.w < 20.0
            && (line.x - item.rect.x).abs() < 80.0
    });
    assert!(dot.is_some_and(|dot| dot.rect.right() < line.x));
    let nodes = scene.tree.nodes();
    let told = nodes
        .iter()
        .find(|node| node.value().is_some_and(|text| text.contains(german)));
    assert_eq!(told.unwrap().language(), Some("de"));
    let many = |role| nodes.iter().filter(|node| node.role() == role).count();
    assert_eq!(
        nodes.iter().filter(|node| node.level() == Some(1)).count(),
        1
    );
    assert!(many(Role::Paragraph) >= 1 && many(Role::ListItem) >= 3);
    assert!(
        nodes
            .iter()
            .any(|node| node.role() == Role::Heading && node.level() == Some(2))
    );
}

/// Proves T4: hostile and endless texts are shown to their end, on pages, with nothing over anything, in every size of text.
#[test]
fn endless_texts_are_pages() {
    let mut engine = common::engine();
    let sentence = "§ Das ist ein Satz mit einigen Wörtern. ".repeat(300);
    let word = "§Donaudampfschifffahrtsgesellschaft".repeat(60);
    let address = format!(
        "<a href=\"https://www.example.de/{}\">x</a>",
        "a/".repeat(28)
    );
    for html in [
        sentence.clone(),
        word.clone(),
        format!("<ul><li>{word}</li></ul><ol><li>{sentence}</li></ol>"),
        address,
        "<script>alert(1)</script><p>Sicher</p><img src=x onerror=alert(1)>".to_owned(),
        format!("<h2>{word}</h2>"),
    ] {
        let catalogue = catalogue_of(&html);
        for (canvas, size) in [
            (Canvas::new(1920, 1080, None), TextSize::Normal),
            (Canvas::new(1080, 1920, None), TextSize::Largest),
        ] {
            let state = State {
                modes: Modes {
                    text: size,
                    ..Modes::default()
                },
                ..reads(Arc::clone(&catalogue), 0, Language::De)
            };
            let scenes = pages(&state, &canvas, &mut engine);
            for scene in &scenes {
                assert!(
                    !scene.crowded && scene.cut.is_empty(),
                    "{size:?} {html:.60}"
                );
            }
            let shown = text(&scenes);
            let start: String = html.chars().take(20).collect();
            assert!(!shown.contains("alert") && !shown.contains('<'), "{start}");
            // A sign that no division can tear apart.
            let many = |text: &str| text.matches('§').count();
            assert_eq!(many(&shown), many(&html), "{start}");
        }
    }
}
