// SPDX-License-Identifier: EUPL-1.2
//! What terminals and desks may see of it: of others only how many, and for how long.

use std::time::Duration;

use serde::Serialize;

use super::estimate::wait;
use super::{Presence, Queue, Refusal, Step};

/// How far a ticket is, for its terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// Others are first, or no desk is free.
    Waiting,
    /// The terminal has to call now.
    Called,
    /// Desks ring.
    Ringing,
    /// A desk talks with it.
    Talking,
}

/// Where a ticket stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// How far it is.
    pub phase: Phase,
    /// Its place among those who wait for the same department, from 1.
    pub position: usize,
    /// How long it will still wait, if that is known.
    pub wait: Option<Duration>,
}

/// Somebody who waits, as a desk sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiter {
    /// For which department.
    pub department: String,
    /// For how long.
    pub waited: Duration,
    /// Whether this desk rings for it.
    pub rings: bool,
}

impl Queue {
    /// Where a ticket stands, for the terminal whose it is.
    pub fn standing(&self, now: Duration, id: &str, terminal: &str) -> Result<Standing, Refusal> {
        let number = self.of_terminal(id, terminal)?;
        let entry = self.entries.get(&number).ok_or(Refusal::NoTicket)?;
        let phase = match entry.step {
            Step::Waiting => Phase::Waiting,
            Step::Called { .. } => Phase::Called,
            Step::Ringing { .. } => Phase::Ringing,
            Step::Talking { .. } => Phase::Talking,
        };
        let department = &entry.ticket.department;
        let ahead = self
            .waiting(department)
            .filter(|other| *other < number)
            .count();
        let wait = match phase {
            Phase::Waiting => self.wait(now, department, ahead),
            _ => Some(Duration::ZERO),
        };
        Ok(Standing {
            phase,
            position: ahead + 1,
            wait,
        })
    }

    /// The ticket that a terminal has.
    pub fn ticket_of(&self, terminal: &str) -> Option<&str> {
        self.entries
            .values()
            .find(|entry| entry.ticket.terminal == terminal)
            .map(|entry| entry.ticket.id.as_str())
    }

    /// How long somebody would wait who took a ticket now, and how many wait already.
    pub fn outlook(&self, now: Duration, department: &str) -> (usize, Option<Duration>) {
        let waiting = self.waiting(department).count();
        (waiting, self.wait(now, department, waiting))
    }

    /// The numbers of tickets of a department that no desk has taken yet.
    fn waiting(&self, department: &str) -> impl Iterator<Item = u64> {
        self.entries
            .iter()
            .filter(move |(_, entry)| {
                entry.ticket.department == department && !matches!(entry.step, Step::Talking { .. })
            })
            .map(|(number, _)| *number)
    }

    fn wait(&self, now: Duration, department: &str, ahead: usize) -> Option<Duration> {
        let pace = self.paces.get(department)?.known()?;
        let desks = self.desks.iter().filter_map(|(id, desk)| {
            let serves = self.plan.desks.get(id)?.contains(department);
            let away = desk.presence == Presence::Break || desk.practice.is_some();
            if !serves || away || !desk.watched {
                return None;
            }
            Some(match &desk.work {
                // Longer than usual already: nobody knows.
                Some((_, since)) => pace
                    .saturating_sub(now.saturating_sub(*since))
                    .max(pace / 10),
                None if desk.presence == Presence::Busy => pace / 2,
                None => Duration::ZERO,
            })
        });
        wait(desks, ahead, pace)
    }

    /// What a desk sees: its presence, those who wait for the departments it serves, and whether it talks.
    pub fn desk(&self, now: Duration, id: &str) -> Result<(Presence, Vec<Waiter>, bool), Refusal> {
        let desk = self.desks.get(id).ok_or(Refusal::NoDesk)?;
        let served = self.plan.desks.get(id).ok_or(Refusal::NoDesk)?;
        let waiters = self
            .entries
            .values()
            .filter(|entry| !matches!(entry.step, Step::Talking { .. }))
            .filter(|entry| {
                self.served_by(now, entry)
                    .iter()
                    .any(|department| served.contains(*department))
            })
            .map(|entry| Waiter {
                department: entry.ticket.department.clone(),
                waited: now.saturating_sub(entry.ticket.taken),
                rings: desk.rings.as_ref() == Some(&entry.ticket.id),
            })
            .collect();
        Ok((desk.presence, waiters, desk.talks.is_some()))
    }
}
