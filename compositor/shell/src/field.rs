// SPDX-License-Identifier: EUPL-1.2
//! Typing into the field of a search: pure, like all of [`crate::update`].

use crate::event::Action;
use crate::state::{MAX_QUERY, Place, Search, State};

/// Takes in what a key does; says whether it was one that does something here.
pub fn press(state: &mut State, action: Action) -> bool {
    let languages = state.site.languages.clone();
    let Some(search) = &mut state.search else {
        return false;
    };
    let keyboard = &mut search.keyboard;
    match action {
        Action::Type(c) => {
            let first = search.text.chars() == 0;
            if is_typed(c) && !(first && c == ' ') && search.text.chars() < MAX_QUERY {
                search.text.push(c);
            }
            recase(state);
            find(state);
        }
        Action::Delete => {
            search.text.pop();
            find(state);
        }
        Action::Shift if keyboard.layout.has_capitals() => {
            keyboard.shift = !keyboard.shift;
            follow(state);
        }
        Action::Signs if keyboard.layout.signs().is_some() => {
            keyboard.signs = !keyboard.signs;
            keyboard.part = 0;
        }
        // The screen knows how many parts there are, and shows the last one where there are fewer.
        Action::MoreKeys(part) => keyboard.part = part.min(PARTS),
        Action::Keys(layout) if keyboard.layout.next(&languages) == layout => {
            *keyboard = crate::keyboard::Keyboard::new(layout);
        }
        _ => return false,
    }
    true
}

/// No keyboard has more parts than this.
const PARTS: usize = 60;

/// What can be looked for: letters of any language, digits, and the signs of names and addresses.
fn is_typed(c: char) -> bool {
    c == ' '
        || c.is_alphanumeric()
        || c.is_ascii_punctuation()
        || matches!(c, '§' | '€' | '،' | '؛' | '؟')
}

/// A letter was typed: what the keyboard had chosen is now called by its small letter.
fn recase(state: &mut State) {
    if let Some(search) = &mut state.search
        && search.keyboard.shift
    {
        search.keyboard.typed();
        follow(state);
    }
}

/// Keys have changed their case, and the focus stays on its key.
fn follow(state: &mut State) {
    let Some(search) = &state.search else { return };
    let types = |c: char| {
        let small = c.to_lowercase().next().unwrap_or(c);
        search.keyboard.types(small)
    };
    if let Some(Action::Type(c)) = state.focus {
        state.focus = Some(Action::Type(types(c)));
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
