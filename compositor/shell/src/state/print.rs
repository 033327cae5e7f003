// SPDX-License-Identifier: EUPL-1.2
//! The printer, and what the visitor prints.

use api::print::{Failure, Hindrance, Job, JobState, Printer};

use super::State;

/// What can be on paper.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paper {
    /// The description of a service, by its number.
    Service(usize),
    /// What the visitor has scanned.
    Scanned,
    /// What the other side of a conversation has asked to be printed, by the number of what was asked.
    Asked(u32),
}

impl From<usize> for Paper {
    fn from(service: usize) -> Self {
        Self::Service(service)
    }
}

/// What the visitor wanted printed last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Printing {
    /// What.
    pub paper: Paper,
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

    /// Where it stands with what the visitor wanted printed, if it is this.
    pub fn print_job(&self, paper: impl Into<Paper>) -> Option<Job> {
        let paper = paper.into();
        let printing = self.printing.filter(|printing| printing.paper == paper)?;
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
        let paper = self.printing.map(|printing| printing.paper);
        let job = paper.and_then(|paper| self.print_job(paper));
        job.is_some_and(|job| job.state.is_under_way())
    }
}
