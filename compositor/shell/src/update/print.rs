// SPDX-License-Identifier: EUPL-1.2
//! Printing: what the service tells, and what the visitor wants. Pure, like all of [`crate::update`].

use api::print::Status;

use super::outage;
use crate::event::{Action, Effect};
use crate::state::print::{Paper, Printing, Request};
use crate::state::{Outage, Place, State};

/// Takes in what the service tells; nothing if it is not there.
pub fn news(state: &mut State, told: Option<Status>) {
    state.print = told;
    let is_out = state.hindrance().is_some();
    if is_out != state.outages.contains(&Outage::Printer) {
        outage(state, Outage::Printer, is_out);
    }
}

/// What became of the wish to print: the number of the job, or nothing if it was not taken.
pub fn answer(state: &mut State, job: Option<u64>) {
    if let Some(printing) = &mut state.printing
        && printing.request == Request::Made
    {
        printing.request = job.map_or(Request::Refused, Request::Taken);
    }
}

/// Does what the visitor wants on the screen for printing this service.
pub fn act(state: &mut State, service: usize, action: Action) -> Option<Effect> {
    match action {
        Action::PrintNow => {
            let can = state.has_printer() && state.hindrance().is_none() && !state.is_printing();
            if !can || state.catalogue.get(service).is_none() {
                return None;
            }
            state.printing = Some(Printing {
                paper: Paper::Service(service),
                request: Request::Made,
            });
            Some(Effect::Print(service))
        }
        Action::StopPrinting => {
            let job = state.print_job(service)?;
            let is_taken = matches!(state.printing?.request, Request::Taken(_));
            (is_taken && job.state.is_under_way()).then_some(Effect::StopPrinting(job.id))
        }
        _ => None,
    }
}

/// Begins anew with what came to an end, when somebody comes to print again.
pub fn enter(state: &mut State, place: Place) {
    if matches!(place, Place::Print(_) | Place::Scan(_)) && !state.is_printing() {
        state.printing = None;
    }
}
