// SPDX-License-Identifier: EUPL-1.2
//! Typing into the field of a search, and what its keys have in common with those of a password: pure, like all of [`crate::update`].

use site::Language;

use crate::event::Action;
use crate::keyboard::Keyboard;
use crate::state::{MAX_QUERY, Place, Search, State};

/// Takes in what a key does; says whether it was one that does something here.
pub fn press(state: &mut State, action: Action) -> bool {
    let languages = state.site.languages.clone();
    let Some(search) = &mut state.search else {
        return false;
    };
    match action {
        Action::Type(c) => {
            let first = search.text.chars() == 0;
            if is_typed(c) && !(first && c == ' ') && search.text.chars() < MAX_QUERY {
                search.text.push(c);
            }
            if search.keyboard.shift {
                search.keyboard.typed();
                recase(&search.keyboard, &mut state.focus);
            }
            find(state);
        }
        Action::Delete => {
            search.text.pop();
            find(state);
        }
        action => {
            if !keys(&mut search.keyboard, action, &languages) {
                return false;
            }
            if action == Action::Shift {
                recase(&search.keyboard, &mut state.focus);
            }
        }
    }
    true
}

/// Takes in what a key does to the keyboard itself; says whether it was one that does.
pub fn keys(keyboard: &mut Keyboard, action: Action, languages: &[Language]) -> bool {
    match action {
        Action::Shift if keyboard.layout.has_capitals() => keyboard.shift = !keyboard.shift,
        Action::Signs if keyboard.layout.signs().is_some() => {
            keyboard.signs = !keyboard.signs;
            keyboard.part = 0;
        }
        // The screen knows how many parts there are, and shows the last one where there are fewer.
        Action::MoreKeys(part) => keyboard.part = part.min(PARTS),
        Action::Keys(layout) if keyboard.layout.next(languages) == layout => {
            *keyboard = Keyboard::new(layout);
        }
        _ => return false,
    }
    true
}

/// No keyboard has more parts than this.
const PARTS: usize = 60;

/// What can be typed: letters of any language, digits, and the signs of names and addresses.
pub fn is_typed(c: char) -> bool {
    c == ' '
        || c.is_alphanumeric()
        || c.is_ascii_punctuation()
        || matches!(c, '§' | '€' | '،' | '؛' | '؟')
}

/// Keys have changed their case: what the keyboard had chosen is now called by its other letter, and stays chosen.
pub fn recase(keyboard: &Keyboard, focus: &mut Option<Action>) {
    if let Some(Action::Type(c)) = *focus {
        let small = c.to_lowercase().next().unwrap_or(c);
        *focus = Some(Action::Type(keyboard.types(small)));
    }
}

/// Finds what fits what was typed, from the first page on.
pub fn find(state: &mut State) {
    let language = state.language;
    if let Some(search) = &mut state.search {
        search.found = state.catalogue.find(search.text.expose(), language);
    }
    let stops = state.visit.stops.iter_mut();
    for stop in stops.filter(|stop| matches!(stop.place, Place::Search | Place::Found)) {
        stop.page = 0;
    }
}

/// What was typed stays as long as the way of the visitor leads through the field, and no longer.
pub fn keep(state: &mut State) {
    let leads = state
        .visit
        .stops
        .iter()
        .any(|stop| stop.place == Place::Search);
    match (leads, &state.search) {
        (true, None) => state.search = Some(Search::new(state.language)),
        (false, Some(_)) => state.search = None,
        _ => {}
    }
}
