// SPDX-License-Identifier: EUPL-1.2
//! The papers of a conversation: shown as the other side wishes, and printed only as the visitor wishes. Pure, like all of
//! [`crate::update`].

use api::call::papers::{PrintAnswer, Status};
use api::print::{Failure, Job, JobState};
use api::session::Kind;

use crate::event::{Action, Effect, Papers, PapersRequest};
use crate::state::State;
use crate::state::papers::{Asked, Drawn, SETTLE, Step, Wish, plain};
use crate::state::print::{Paper, Printing, Request};
use crate::state::scan_asked::ScanStep;

/// Takes in what the service tells.
pub fn news(state: &mut State, news: Papers) {
    let papers = &mut state.call.papers;
    match news {
        Papers::Gone => papers.status = Status::default(),
        Papers::Status(status) => {
            if papers.status.shown != status.shown {
                papers.pointer = None;
            }
            papers.status = status;
        }
        Papers::Points(at) => papers.pointer = at.filter(|_| papers.status.shown.id > 0),
    }
}

/// The screen has so many pixels for a page now, or none.
pub fn room(state: &mut State, room: Option<(u32, u32)>) {
    state.call.papers.room = room;
}

/// Takes in a drawn page, or that it cannot be drawn, if it is still the one that is wanted.
pub fn drawn(state: &mut State, wish: Wish, drawn: Option<Drawn>) {
    let papers = &mut state.call.papers;
    if papers.wish == Some(wish) {
        papers.drawn = Some((wish, drawn));
    }
}

/// Does what the visitor wants of what is asked; nothing where something else was meant.
pub fn act(state: &mut State, action: Action) -> Option<Effect> {
    let now = state.now.uptime;
    let asked = state.call.papers.asked.as_mut()?;
    let settled = now >= asked.since + SETTLE;
    let request = asked.request;
    match (asked.step, action) {
        (Step::Question, Action::Agree) if settled => {
            asked.step = Step::Agreed;
            Some(answer(request, PrintAnswer::Agreed))
        }
        (Step::Question, Action::Decline) if settled => {
            asked.step = Step::Settled;
            Some(answer(request, PrintAnswer::Declined))
        }
        (Step::Over(_), Action::Understood) => {
            asked.step = Step::Settled;
            None
        }
        (Step::Printing, Action::StopPrinting) => {
            let job = state.print_job(Paper::Asked(request))?;
            let is_taken = matches!(state.printing?.request, Request::Taken(_));
            (is_taken && job.state.is_under_way()).then_some(Effect::StopPrinting(job.id))
        }
        _ => None,
    }
}

fn answer(request: u32, answer: PrintAnswer) -> Effect {
    Effect::Papers(PapersRequest::Answer(request, answer))
}

/// What has to follow from what has happened.
pub fn follow(state: &mut State) -> Vec<Effect> {
    if !state.call.stands().is_answered() || state.visit.here().is_none() {
        state.call.papers.put_away();
        return Vec::new();
    }
    let mut effects: Vec<Effect> = ask(state).into_iter().collect();
    effects.extend(print(state));
    effects.extend(look(state));
    effects.extend(want(state));
    effects
}

/// Asks the visitor what the other side has asked.
fn ask(state: &mut State) -> Option<Effect> {
    let told = state.call.papers.status.print.clone();
    let known = state.call.papers.asked.as_ref();
    let is_open = told.request > 0 && told.answer.is_empty();
    // A process of the shell that has fallen had agreed: what became of it nobody knows.
    let is_lost =
        told.request > 0 && told.answer == PrintAnswer::Agreed.as_str() && known.is_none();
    if known.is_some_and(|known| known.request == told.request) {
        return None;
    }
    if !is_open {
        // Nobody waits for an answer any more. What is on its way to the paper stays.
        if known.is_some_and(|known| known.step == Step::Question) {
            state.call.papers.asked = None;
        }
        return is_lost.then(|| {
            state.call.papers.asked = Some(Asked {
                step: Step::Settled,
                ..asked(state, told.request, told.id, told.copies)
            });
            answer(told.request, PrintAnswer::Failed)
        });
    }
    // One after the other.
    let scans = state.scan.asked.is_some_and(|scan| scan.step.is_open());
    if scans || known.is_some_and(|known| matches!(known.step, Step::Agreed | Step::Printing)) {
        return None;
    }
    if let Some(scan) = &mut state.scan.asked {
        scan.step = ScanStep::Settled;
    }
    state.call.papers.asked = Some(asked(state, told.request, told.id, told.copies));
    // What is asked comes first; nothing of what was written is lost.
    state.call.keyboard = None;
    None
}

fn asked(state: &State, request: u32, document: u32, copies: u32) -> Asked {
    let known = state.call.papers.document(document);
    Asked {
        request,
        document,
        kind: known.map_or(Kind::Pdf, |known| known.kind),
        name: known.map(|known| plain(&known.name)).unwrap_or_default(),
        copies,
        since: state.now.uptime,
        step: Step::Question,
    }
}

/// Hands what the visitor has agreed to to the printer, when it is free.
fn print(state: &mut State) -> Option<Effect> {
    let is_printing = state.is_printing();
    let can = state.has_printer() && state.hindrance().is_none();
    let asked = state.call.papers.asked.as_mut()?;
    if asked.step != Step::Agreed || is_printing && can {
        return None;
    }
    let failure = match asked.kind {
        _ if !can => Some(Failure::Rejected),
        Kind::Text => Some(Failure::Damaged),
        Kind::Pdf | Kind::Png | Kind::Jpeg => None,
    };
    if let Some(failure) = failure {
        asked.step = Step::Over(Job {
            state: JobState::Failed(failure),
            ..Job::default()
        });
        return Some(answer(asked.request, PrintAnswer::Failed));
    }
    asked.step = Step::Printing;
    let (document, kind, copies) = (asked.document, asked.kind, asked.copies);
    state.printing = Some(Printing {
        paper: Paper::Asked(asked.request),
        request: Request::Made,
    });
    Some(Effect::Papers(PapersRequest::Print {
        document,
        kind,
        copies,
    }))
}

/// Looks how far the printer is, and tells the other side of the end.
fn look(state: &mut State) -> Option<Effect> {
    let asked = state.call.papers.asked.as_ref()?;
    if asked.step != Step::Printing {
        return None;
    }
    let gone = Job {
        state: JobState::Failed(Failure::Gone),
        ..Job::default()
    };
    let job = state.print_job(Paper::Asked(asked.request)).unwrap_or(gone);
    if job.state.is_under_way() {
        return None;
    }
    let asked = state.call.papers.asked.as_mut()?;
    asked.step = Step::Over(job);
    let end = match job.state {
        JobState::Done => PrintAnswer::Printed,
        _ => PrintAnswer::Failed,
    };
    Some(answer(asked.request, end))
}

/// Has the page drawn that is shown, as large as there is room for.
fn want(state: &mut State) -> Option<Effect> {
    let papers = &mut state.call.papers;
    let wish = papers.shown().zip(papers.room);
    let wish = wish.map(|((shown, document), (width, height))| Wish {
        document: shown.id,
        kind: document.kind,
        page: shown.page,
        width,
        height,
    });
    if papers.wish == wish {
        return None;
    }
    papers.wish = wish;
    // A page that comes larger or smaller is seen as it was until then.
    let same = |drawn: &Wish| {
        wish.is_some_and(|wish| (wish.document, wish.page) == (drawn.document, drawn.page))
    };
    if !papers.drawn.as_ref().is_some_and(|(drawn, _)| same(drawn)) {
        papers.drawn = None;
    }
    wish.map(Effect::Draw)
}
