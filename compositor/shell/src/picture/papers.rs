// SPDX-License-Identifier: EUPL-1.2
//! What happens before a picture of a conversation with papers.

use std::sync::Arc;

use api::call::papers::{Print, Received, Shown, Status};
use api::session::Kind;
use shell::event::{Action, Event, Papers};
use shell::node::Pixels;
use shell::state::papers::{Drawn, SETTLE, Wish};
use tiny_skia::Pixmap;

use super::{moment, sheet};

/// The room before the screen says how much there is.
const ROOM: (u32, u32) = (620, 877);

fn told(shown: Shown, print: Print) -> Event {
    let notice = Received {
        id: 1,
        kind: Kind::Pdf,
        name: "Bescheid Wohngeld.pdf".into(),
        bytes: 1,
        had: 1,
        whole: true,
    };
    Event::Papers(Papers::Status(Status {
        received: vec![notice],
        shown,
        print,
        ..Status::default()
    }))
}

/// The desk shows a page.
pub fn offered() -> Vec<Event> {
    let shown = Shown { id: 1, page: 2 };
    vec![Event::Room(Some(ROOM)), told(shown, Print::default())]
}

/// A page with some lines.
pub fn page() -> Option<Arc<Pixmap>> {
    sheet().map(Arc::new)
}

/// The page is there, and the desk points at it; or it cannot be drawn.
pub fn shows(page: Option<Arc<Pixmap>>) -> Vec<Event> {
    let wish = Wish {
        document: 1,
        kind: Kind::Pdf,
        page: 2,
        width: ROOM.0,
        height: ROOM.1,
    };
    let drawn = page.map(|pixels| Drawn {
        pixels: Pixels(pixels),
        pages: 3,
    });
    let points = Event::Papers(Papers::Points(Some((24_000, 21_000))));
    [offered(), vec![Event::Drawn(wish, drawn), points]].concat()
}

/// The desk asks for a print.
pub fn asks() -> Vec<Event> {
    let print = Print {
        request: 1,
        id: 1,
        copies: 1,
        answer: String::new(),
    };
    vec![told(Shown::default(), print)]
}

/// The visitor agrees, after a moment.
pub fn agrees() -> Vec<Event> {
    let later = moment(SETTLE.as_secs() + 1, 615);
    let agreed = [Event::Tick(later), Event::Act(Action::Agree)];
    [asks(), agreed.to_vec()].concat()
}
