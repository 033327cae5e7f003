// SPDX-License-Identifier: EUPL-1.2
//! Scanning: what the service tells, and what the visitor wants. Pure, like all of [`crate::update`].

use std::sync::Arc;

use api::scan::{MAX_PAGES, Status, Work};
use tiny_skia::Pixmap;

use crate::event::{Action, Effect, ScanRequest};
use crate::state::print::{Paper, Printing, Request};
use crate::state::scan::{Preview, Purpose};
use crate::state::{Place, Screen, State};

/// Takes in what the service tells; nothing if it is not there.
pub fn news(state: &mut State, told: Option<Status>) -> Vec<Effect> {
    let last = state.scan.last();
    let was_binding = state.scan.work() == Work::Binding;
    state.scan.status = told;
    let mut effects = Vec::new();
    match state.scan.last() {
        None => state.scan.preview = None,
        Some(page) if last.is_none_or(|last| last.id != page.id) => {
            effects.push(Effect::Scan(ScanRequest::Preview(page.id)));
        }
        Some(_) => {}
    }
    // A copy goes to the printer by itself, while the visitor still waits for it.
    let document = state
        .scan
        .status
        .as_ref()
        .and_then(|status| status.document);
    if was_binding
        && state.scan.work() == Work::Done
        && state.screen() == Screen::At(Place::Scan(Purpose::Copy))
    {
        effects.extend(document.and_then(|document| copy(state, document)));
    }
    effects
}

/// The document on paper.
fn copy(state: &mut State, document: u64) -> Option<Effect> {
    state.scan.copied = Some(document);
    if !state.has_printer() || state.is_printing() {
        return None;
    }
    state.printing = Some(Printing {
        paper: Paper::Scanned,
        request: Request::Made,
    });
    Some(Effect::Copy(document))
}

/// Takes in the picture of a page, if it is still the last.
pub fn picture(state: &mut State, page: u64, pixels: Arc<Pixmap>) {
    if state.scan.last().is_some_and(|last| last.id == page) {
        state.scan.preview = Some(Preview { page, pixels });
    }
}

/// Does what the visitor wants on the screen of the scanner.
pub fn act(state: &mut State, purpose: Purpose, action: Action) -> Option<Effect> {
    let is_under_way = state.scan.work().is_under_way();
    let can_scan = state.scan.is_there() && !is_under_way;
    let last = state.scan.last().filter(|_| !is_under_way);
    let request = match action {
        Action::ScanNow if can_scan && state.scan.pages().len() < MAX_PAGES => {
            state.scan.copied = None;
            ScanRequest::Scan
        }
        Action::ScanAgain if can_scan => ScanRequest::Again(last?.id),
        Action::StopScanning if is_under_way => ScanRequest::Cancel,
        Action::TurnPage => ScanRequest::Turn(last?.id),
        Action::FinishScan => {
            last?;
            ScanRequest::Finish
        }
        Action::PrintNow if purpose == Purpose::Copy => {
            let document = state.scan.copied?;
            return copy(state, document);
        }
        Action::StopPrinting => {
            let job = state.print_job(Paper::Scanned)?;
            let is_taken = matches!(state.printing?.request, Request::Taken(_));
            return (is_taken && job.state.is_under_way()).then_some(Effect::StopPrinting(job.id));
        }
        _ => return None,
    };
    Some(Effect::Scan(request))
}
