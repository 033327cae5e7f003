// SPDX-License-Identifier: EUPL-1.2
//! The printer, and what the visitor prints.

use api::print::{Failure, Hindrance, Job, JobState, Printer};

use super::State;

/// What the visitor wanted printed last: the description of a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Printing {
    /// The service, by its number.
    pub service: usize,
    /// What became of it.
    pub request: Request,
}

/// What became of a wish to print.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Request {
    /// The paper is being made, or the printing service has not answered yet.
    Made,
    /// The printing service has it as this job.
    Taken(u64),
    /// The printing service did not take it.
    Refused,
}

impl State {
    /// The printer.
    pub fn printer(&self) -> Printer {
        self.print.map_or(Printer::Absent, |print| print.printer)
    }

    /// Whether something can be printed at all, now or when somebody has seen to the printer.
    pub fn has_printer(&self) -> bool {
        self.printer() != Printer::Absent
    }

    /// What keeps the printer from printing.
    pub fn hindrance(&self) -> Option<Hindrance> {
        self.printer().hindrance()
    }

    /// Where it stands with what the visitor wanted printed, if it is of this service.
    pub fn print_job(&self, service: usize) -> Option<Job> {
        let printing = self
            .printing
            .filter(|printing| printing.service == service)?;
        let with = |state| Job {
            state,
            ..Job::default()
        };
        Some(match (printing.request, self.print) {
            // Who printed has gone, and the paper with it.
            (_, None) => with(JobState::Failed(Failure::Gone)),
            (Request::Refused, _) => with(JobState::Failed(Failure::Rejected)),
            (Request::Taken(id), Some(print)) if print.job.id == id => print.job,
            // It is told of in a moment.
            (Request::Made | Request::Taken(_), Some(_)) => with(JobState::Waiting),
        })
    }

    /// Whether something is on its way to the paper.
    pub fn is_printing(&self) -> bool {
        let service = self.printing.map(|printing| printing.service);
        let job = service.and_then(|service| self.print_job(service));
        job.is_some_and(|job| job.state.is_under_way())
    }
}
