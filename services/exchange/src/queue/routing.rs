// SPDX-License-Identifier: EUPL-1.2
//! From a waiting ticket to a conversation.

use std::collections::BTreeSet;
use std::time::Duration;

use super::{CALL, Desk, Effect, FORKS, Failure, GRACE, Presence, Queue, RING, Refusal, Step};

impl Queue {
    /// The terminal calls its ticket: the desks that ring.
    pub fn invite(
        &mut self,
        now: Duration,
        id: &str,
        terminal: &str,
    ) -> Result<(Vec<String>, Vec<Effect>), Refusal> {
        let effects = self.after(now);
        let number = self.of_terminal(id, terminal)?;
        let entry = self.entries.get_mut(&number).ok_or(Refusal::NoTicket)?;
        let Step::Called { desks, .. } = &entry.step else {
            return Err(Refusal::NotItsTurn);
        };
        let desks = desks.clone();
        entry.step = Step::Ringing {
            until: now + RING,
            desks: desks.clone(),
        };
        Ok((desks.into_iter().collect(), effects))
    }

    /// A desk took the call. Said twice, it is true once.
    pub fn answered(
        &mut self,
        now: Duration,
        id: &str,
        desk: &str,
    ) -> Result<Vec<Effect>, Refusal> {
        let Some(number) = self.find(id) else {
            self.practice_answered(id, desk)?;
            return Ok(self.after(now));
        };
        let entry = self.entries.get_mut(&number).ok_or(Refusal::NoTicket)?;
        match &entry.step {
            Step::Talking { desk: first } if first == desk => return Ok(Vec::new()),
            Step::Ringing { desks, .. } if desks.contains(desk) => {}
            _ => return Err(Refusal::NotItsTurn),
        }
        let department = entry.ticket.department.clone();
        // After a restart nobody knows whether they still talk: then the ticket is not called again.
        let mut effects = vec![Effect::Forget(id.to_owned())];
        let before = std::mem::replace(
            &mut entry.step,
            Step::Talking {
                desk: desk.to_owned(),
            },
        );
        self.release(&before);
        if let Some(desk) = self.desks.get_mut(desk) {
            desk.talks = Some(id.to_owned());
            desk.presence = Presence::Busy;
            desk.work = Some((department, now));
            desk.unsaid = true;
        }
        self.settle(now, &mut effects);
        Ok(effects)
    }

    /// A clerk hands the one they talk with to another department. Their ticket waits there as long as it has waited already: nobody
    /// queues twice.
    pub fn hand_over(
        &mut self,
        now: Duration,
        desk: &str,
        department: &str,
    ) -> Result<Vec<Effect>, Refusal> {
        let known = self.desks.get(desk).ok_or(Refusal::NoDesk)?;
        let id = known.talks.clone().ok_or(Refusal::NoConversation)?;
        if !self.plan.departments.contains_key(department) {
            return Err(Refusal::NoDepartment);
        }
        let number = self.find(&id).ok_or(Refusal::NoTicket)?;
        if let Some(known) = self.desks.get_mut(desk) {
            known.talks = None;
        }
        let mut effects = Vec::new();
        if let Some(entry) = self.entries.get_mut(&number) {
            entry.step = Step::Waiting;
            department.clone_into(&mut entry.ticket.department);
            effects.push(Effect::Keep(entry.ticket.clone()));
        }
        self.settle(now, &mut effects);
        Ok(effects)
    }

    /// A clerk says how their last conversation was left: for which department it was. Once for each.
    pub fn outcome(&mut self, desk: &str) -> Result<String, Refusal> {
        let known = self.desks.get_mut(desk).ok_or(Refusal::NoDesk)?;
        match &known.work {
            Some((department, _)) if known.unsaid => {
                known.unsaid = false;
                Ok(department.clone())
            }
            _ => Err(Refusal::NoConversation),
        }
    }

    /// The call came to nothing. Desks that let it ring go on a break: nobody is there.
    pub fn failed(
        &mut self,
        now: Duration,
        id: &str,
        failure: Failure,
    ) -> Result<Vec<Effect>, Refusal> {
        let Some(number) = self.find(id) else {
            self.practice_failed(id, failure)?;
            return Ok(self.after(now));
        };
        let entry = self.entries.get(&number).ok_or(Refusal::NoTicket)?;
        let Step::Ringing { desks, .. } = &entry.step else {
            return Err(Refusal::NotItsTurn);
        };
        let mut effects = Vec::new();
        match failure {
            Failure::Cancelled => self.remove(number, &mut effects),
            Failure::Unanswered => self.missed(number),
            Failure::Unreached => {
                for desk in desks.clone() {
                    if let Some(desk) = self.desks.get_mut(&desk) {
                        desk.registered = None;
                    }
                }
            }
        }
        self.settle(now, &mut effects);
        Ok(effects)
    }

    /// The proxy has started anew: it knows no desk and no call any more, so that no call's end will be told of. Whoever talks
    /// goes on, since their media do not pass it; their tickets have done what they were for.
    pub fn proxy_fell(&mut self, now: Duration) -> Vec<Effect> {
        for desk in self.desks.values_mut() {
            desk.registered = None;
            if let Some(practice) = &mut desk.practice {
                practice.proxy_fell();
            }
        }
        let talk = |(number, entry): (&u64, &super::Entry)| {
            matches!(entry.step, Step::Talking { .. }).then_some(*number)
        };
        let talking: Vec<u64> = self.entries.iter().filter_map(talk).collect();
        let mut effects = Vec::new();
        for number in talking {
            self.remove(number, &mut effects);
        }
        self.settle(now, &mut effects);
        effects
    }

    /// The conversation is over.
    pub fn ended(&mut self, now: Duration, id: &str) -> Result<Vec<Effect>, Refusal> {
        let Some(number) = self.find(id) else {
            self.practice_ended(id)?;
            return Ok(self.after(now));
        };
        let entry = self.entries.get(&number).ok_or(Refusal::NoTicket)?;
        let Step::Talking { desk } = &entry.step else {
            return Err(Refusal::NotItsTurn);
        };
        let desk = desk.clone();
        let mut effects = Vec::new();
        self.remove(number, &mut effects);
        // Whoever said during the call that they are free after it, is.
        let free = |desk: &Desk| desk.presence == Presence::Free;
        if self.desks.get(&desk).is_some_and(free) {
            effects.extend(self.presence(now, &desk, Presence::Free)?);
        }
        self.settle(now, &mut effects);
        Ok(effects)
    }

    /// When time alone changes something next.
    pub fn deadline(&self, now: Duration) -> Option<Duration> {
        let entries = self.entries.values().flat_map(|entry| {
            let step = match entry.step {
                Step::Called { until, .. } | Step::Ringing { until, .. } => Some(until),
                Step::Waiting => self.overflow_at(entry),
                Step::Talking { .. } => None,
            };
            let gone = match entry.step {
                Step::Talking { .. } => None,
                _ => entry.unwatched_since.map(|since| since + GRACE),
            };
            [step, gone]
        });
        let desks = self.desks.values().flat_map(|desk| {
            let [call, gone] = desk
                .practice
                .as_ref()
                .map_or([None, None], super::practice::Practice::deadlines);
            [
                desk.registered,
                desk.unwatched_since.map(|since| since + GRACE),
                call,
                gone,
            ]
        });
        entries.chain(desks).flatten().filter(|at| *at > now).min()
    }

    fn overflow_at(&self, entry: &super::Entry) -> Option<Duration> {
        let plan = self.plan.departments.get(&entry.ticket.department)?;
        let (_, after) = plan.overflow.as_ref()?;
        Some(entry.ticket.taken + *after)
    }

    /// The departments whose desks may take it at this moment.
    pub(super) fn served_by(&self, now: Duration, entry: &super::Entry) -> Vec<&str> {
        let plan = self
            .plan
            .departments
            .get_key_value(&entry.ticket.department);
        let Some((own, plan)) = plan else {
            return Vec::new();
        };
        let mut departments = vec![own.as_str()];
        if let Some((other, after)) = &plan.overflow
            && now >= entry.ticket.taken + *after
        {
            departments.push(other);
        }
        departments
    }

    /// Brings everything to where it has to be at this moment.
    pub(super) fn settle(&mut self, now: Duration, effects: &mut Vec<Effect>) {
        self.expire(now, effects);
        let waiting: Vec<u64> = self
            .entries
            .iter()
            .filter(|(_, entry)| entry.step == Step::Waiting)
            .map(|(number, _)| *number)
            .collect();
        for number in waiting {
            let Some(entry) = self.entries.get(&number) else {
                continue;
            };
            let departments = self.served_by(now, entry);
            let desks: BTreeSet<String> = self
                .desks
                .iter()
                .filter(|(id, desk)| {
                    desk.may_ring(now)
                        && self.plan.desks.get(*id).is_some_and(|served| {
                            departments
                                .iter()
                                .any(|department| served.contains(*department))
                        })
                })
                .map(|(id, _)| id.clone())
                .take(FORKS)
                .collect();
            if desks.is_empty() {
                continue;
            }
            let id = entry.ticket.id.clone();
            for desk in &desks {
                if let Some(desk) = self.desks.get_mut(desk) {
                    desk.rings = Some(id.clone());
                }
            }
            if let Some(entry) = self.entries.get_mut(&number) {
                entry.step = Step::Called {
                    until: now + CALL,
                    desks,
                };
            }
        }
    }

    fn expire(&mut self, now: Duration, effects: &mut Vec<Effect>) {
        self.expire_practice(now);
        let over = |since: Option<Duration>| since.is_some_and(|since| now >= since + GRACE);
        let unreachable: Vec<String> = self
            .desks
            .iter()
            .filter(|(_, desk)| desk.rings.is_some() && !desk.is_reachable(now))
            .map(|(id, _)| id.clone())
            .collect();
        for desk in unreachable {
            self.unreserve(&desk);
        }
        let lost: Vec<String> = self
            .desks
            .iter()
            .filter(|(_, desk)| over(desk.unwatched_since))
            .map(|(id, _)| id.clone())
            .collect();
        for desk in lost {
            // Whoever comes back says that they are free.
            self.lose(&desk, effects);
            if let Some(desk) = self.desks.get_mut(&desk) {
                desk.presence = Presence::Break;
            }
        }
        let numbers: Vec<u64> = self.entries.keys().copied().collect();
        for number in numbers {
            let Some(entry) = self.entries.get(&number) else {
                continue;
            };
            let talks = matches!(entry.step, Step::Talking { .. });
            match entry.step {
                _ if !talks && over(entry.unwatched_since) => self.remove(number, effects),
                // A terminal that does not call when it is called is not there.
                Step::Called { until, .. } if now >= until => self.remove(number, effects),
                Step::Ringing { until, .. } if now >= until => self.missed(number),
                _ => {}
            }
        }
    }

    /// A ticket waits again, and whoever let it ring is on a break.
    fn missed(&mut self, number: u64) {
        let Some(entry) = self.entries.get_mut(&number) else {
            return;
        };
        let before = std::mem::replace(&mut entry.step, Step::Waiting);
        self.release(&before);
        if let Step::Ringing { desks, .. } = before {
            for desk in desks {
                if let Some(desk) = self.desks.get_mut(&desk) {
                    desk.presence = Presence::Break;
                }
            }
        }
    }

    /// Gives back the desks of a step.
    fn release(&mut self, step: &Step) {
        match step {
            Step::Waiting => {}
            Step::Called { desks, .. } | Step::Ringing { desks, .. } => {
                for desk in desks {
                    if let Some(desk) = self.desks.get_mut(desk) {
                        desk.rings = None;
                    }
                }
            }
            Step::Talking { desk } => {
                if let Some(desk) = self.desks.get_mut(desk) {
                    desk.talks = None;
                }
            }
        }
    }

    pub(super) fn remove(&mut self, number: u64, effects: &mut Vec<Effect>) {
        if let Some(entry) = self.entries.remove(&number) {
            self.release(&entry.step);
            effects.push(Effect::Forget(entry.ticket.id));
        }
    }

    /// A desk does not ring any more. A ticket for which no desk is left waits again.
    pub(super) fn unreserve(&mut self, id: &str) {
        let ticket = self.desks.get_mut(id).and_then(|desk| desk.rings.take());
        let number = ticket.and_then(|ticket| self.find(&ticket));
        let Some(entry) = number.and_then(|number| self.entries.get_mut(&number)) else {
            return;
        };
        if let Step::Called { desks, .. } | Step::Ringing { desks, .. } = &mut entry.step {
            desks.remove(id);
            if desks.is_empty() {
                entry.step = Step::Waiting;
            }
        }
    }

    /// A desk is gone. The ticket it talked with waits again.
    pub(super) fn lose(&mut self, id: &str, effects: &mut Vec<Effect>) {
        self.unreserve(id);
        let ticket = self.desks.get_mut(id).and_then(|desk| {
            desk.work = None;
            desk.practice = None;
            desk.talks.take()
        });
        let number = ticket.and_then(|ticket| self.find(&ticket));
        if let Some(entry) = number.and_then(|number| self.entries.get_mut(&number)) {
            entry.step = Step::Waiting;
            effects.push(Effect::Keep(entry.ticket.clone()));
        }
    }
}

impl Desk {
    pub(super) fn is_reachable(&self, now: Duration) -> bool {
        self.watched && self.registered.is_some_and(|until| until > now)
    }

    /// Whether it could ring for somebody at this moment.
    pub(super) fn may_ring(&self, now: Duration) -> bool {
        self.presence == Presence::Free
            && self.rings.is_none()
            && self.talks.is_none()
            && self.practice.is_none()
            && self.is_reachable(now)
    }
}
