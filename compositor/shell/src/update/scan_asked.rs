// SPDX-License-Identifier: EUPL-1.2
//! What the other side of a conversation asks to be scanned: only the visitor scans it, and only the visitor sends it. Pure, like all of
//! [`crate::update`].

use api::call::papers::{ScanAnswer, SentState};
use api::scan::{Trouble, Work};

use super::scan;
use crate::event::{Action, Effect, PapersRequest, ScanRequest};
use crate::state::State;
use crate::state::papers::{SETTLE, Step};
use crate::state::scan::Purpose;
use crate::state::scan_asked::{ScanAsked, ScanOver, ScanStep, Scans};

fn answer(request: u32, answer: ScanAnswer) -> Effect {
    Effect::Papers(PapersRequest::AnswerScan(request, answer))
}

/// Does what the visitor wants of what is asked; nothing where something else was meant.
pub fn act(state: &mut State, action: Action) -> Option<Effect> {
    let settled = |asked: &ScanAsked| state.now.uptime >= asked.since + SETTLE;
    let asked = state.scan.asked?;
    let request = asked.request;
    match (asked.step, action) {
        (ScanStep::Question, Action::Agree) if settled(&asked) => {
            step(state, ScanStep::Scans(Scans::default()));
            state.scan.clears = !state.scan.is_clear();
            Some(answer(request, ScanAnswer::Agreed))
        }
        (ScanStep::Question, Action::Decline) if settled(&asked) => {
            step(state, ScanStep::Settled);
            Some(answer(request, ScanAnswer::Declined))
        }
        (ScanStep::Scans(scans), action) => scans_act(state, request, scans, action),
        (ScanStep::Over(_), Action::Understood) => {
            step(state, ScanStep::Settled);
            None
        }
        _ => None,
    }
}

/// The same while pages are put on the scanner.
fn scans_act(state: &mut State, request: u32, scans: Scans, action: Action) -> Option<Effect> {
    let is_under_way = state.scan.work().is_under_way();
    match action {
        // Nothing has gone, and nothing goes.
        Action::Decline if !is_under_way => {
            step(state, ScanStep::Settled);
            state.scan.clears = true;
            let end = scans.told.map_or(ScanAnswer::Declined, ScanAnswer::Failed);
            Some(answer(request, end))
        }
        _ if !scans.is_clear => None,
        Action::Agree if !is_under_way => {
            let good = state.scan.last().map(|page| page.id);
            step(state, ScanStep::Scans(Scans { good, ..scans }));
            None
        }
        Action::ScanNow
        | Action::ScanAgain
        | Action::StopScanning
        | Action::TurnPage
        | Action::FinishScan => {
            let effect = scan::act(state, Purpose::Keep, action)?;
            let sends = action == Action::FinishScan;
            step(state, ScanStep::Scans(Scans { sends, ..scans }));
            Some(effect)
        }
        _ => None,
    }
}

fn step(state: &mut State, step: ScanStep) {
    if let Some(asked) = &mut state.scan.asked {
        asked.step = step;
    }
}

/// What became of handing this document to the service of calls: its number there, or nothing if it was not taken.
pub fn sent(state: &mut State, document: u64, id: Option<u32>) -> Option<Effect> {
    let asked = state.scan.asked?;
    let waits = ScanStep::Goes { document, id: None };
    if asked.step != waits {
        return None;
    }
    if id.is_some() {
        step(state, ScanStep::Goes { document, id });
        return None;
    }
    step(state, ScanStep::Over(ScanOver::NotSent));
    Some(answer(asked.request, ScanAnswer::Failed(Trouble::Other)))
}

/// What has to follow from what has happened.
pub fn follow(state: &mut State) -> Vec<Effect> {
    let mut effects = Vec::new();
    if state.call.stands().is_answered() && state.visit.here().is_some() {
        effects.extend(ask(state));
        effects.extend(look(state));
        effects.extend(go(state));
    } else if let Some(asked) = state.scan.asked.take() {
        // Pages that were meant for the other side are nobody's any more.
        state.scan.clears |= matches!(asked.step, ScanStep::Scans(_));
    }
    if std::mem::take(&mut state.scan.clears) {
        effects.push(Effect::Scan(ScanRequest::Clear));
    }
    effects
}

/// Asks the visitor what the other side has asked.
fn ask(state: &mut State) -> Option<Effect> {
    let told = &state.call.papers.status.scan;
    let (request, is_answered) = (told.request, !told.answer.is_empty());
    let before = ScanAnswer::parse(&told.answer, &told.reason);
    let known = state.scan.asked;
    if known.is_some_and(|known| known.request == request) {
        return None;
    }
    let asked = |step| ScanAsked {
        request,
        since: state.now.uptime,
        step,
    };
    if request == 0 || is_answered {
        // Nobody waits for an answer any more.
        if known.is_some_and(|known| known.step == ScanStep::Question) {
            state.scan.asked = None;
        }
        // A process of the shell that has fallen had agreed: what became of it nobody knows.
        let is_lost = known.is_none() && before.is_some_and(|answer| !answer.is_last());
        return is_lost.then(|| {
            state.scan.asked = Some(asked(ScanStep::Settled));
            state.scan.clears = true;
            answer(request, ScanAnswer::Failed(Trouble::Other))
        });
    }
    // One after the other.
    let prints = state.call.papers.asked.as_ref().map(|print| print.step);
    let is_printing = matches!(prints, Some(Step::Question | Step::Agreed | Step::Printing));
    if is_printing || known.is_some_and(|known| known.step.is_open()) {
        return None;
    }
    let can = state.scan.is_there();
    let first = if can {
        ScanStep::Question
    } else {
        ScanStep::Over(ScanOver::NoScanner)
    };
    state.scan.asked = Some(asked(first));
    // What is asked comes first; nothing of what was written is lost.
    state.call.keyboard = None;
    if let Some(print) = &mut state.call.papers.asked {
        print.step = Step::Settled;
    }
    // Nobody is asked for what cannot be done.
    (!can).then(|| answer(request, ScanAnswer::Failed(Trouble::Gone)))
}

/// Looks how far the pages are, and hands them over as one document where the visitor has wanted that.
fn look(state: &mut State) -> Option<Effect> {
    let asked = state.scan.asked?;
    let ScanStep::Scans(scans) = asked.step else {
        return None;
    };
    let work = state.scan.work();
    if !scans.is_clear {
        if !state.scan.is_clear() {
            return None;
        }
        let is_clear = true;
        step(state, ScanStep::Scans(Scans { is_clear, ..scans }));
        return look(state);
    }
    let status = state.scan.status.as_ref();
    let document = status.and_then(|status| status.document);
    if let (true, Work::Done, Some(document)) = (scans.sends, work, document) {
        step(state, ScanStep::Goes { document, id: None });
        return Some(Effect::Send(document));
    }
    let told = state.scan_trouble();
    if told == scans.told {
        return None;
    }
    step(state, ScanStep::Scans(Scans { told, ..scans }));
    let now = told.map_or(ScanAnswer::Agreed, ScanAnswer::Hindered);
    Some(answer(asked.request, now))
}

/// Looks how far the document is on its way, and tells the other side of the end.
fn go(state: &mut State) -> Option<Effect> {
    let asked = state.scan.asked?;
    let ScanStep::Goes { id, .. } = asked.step else {
        return None;
    };
    let (over, end) = match state.sent(id)?.state {
        SentState::Going => return None,
        SentState::Whole => (ScanOver::Sent, ScanAnswer::Sent),
        SentState::Refused => (ScanOver::NotSent, ScanAnswer::Failed(Trouble::Other)),
    };
    step(state, ScanStep::Over(over));
    Some(answer(asked.request, end))
}
