// SPDX-License-Identifier: EUPL-1.2
//! The course of opening `/var`, as a pure state machine: no device, no bus, no clock.
//!
//! ```text
//!              ┌─ missing or unfinished ─► (case: ChoosingPin) ─► Making ─► Open
//! Inspecting ──┤
//!              └─ finished ─► Unsealing ─► Open
//!                   (case:      │ ▲ wrong PIN, at most [`MAX_WRONG_PINS`] times
//!                 AskingPin) ───┘ │
//!                               ▼ refused, foreign
//!                           AskingKey ◄─ wrong key, foreign ─┐
//!                               └─► OpeningByKey ────────────┤
//!                                                            └─► (case: ChoosingPin) ─► Sealing ─► Open
//! ```
//!
//! A power cut anywhere starts again at Inspecting: a volume counts as finished only when everything is in place.

use api::trust::{Status, Task, TrustState};

/// Wrong PINs in one boot before the recovery key is asked for. The TPM counts on its own as well.
pub const MAX_WRONG_PINS: u8 = 5;

/// How this flavour opens its volume.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unlock {
    /// The terminal: by the TPM alone.
    Alone,
    /// The case: by the TPM and a PIN.
    Pin,
}

/// What was found on the boot disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// There is no volume, or one whose making was interrupted: it holds nothing.
    Nothing,
    /// A volume that was finished once.
    Volume,
}

/// Why the volume did not open, or was closed again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The TPM said the PIN is wrong.
    WrongPin,
    /// The TPM takes no PIN for a while.
    LockedOut,
    /// The secret is not sealed to this TPM in this state: another board, another firmware, another boot chain.
    Sealed,
    /// The recovery key opens nothing here.
    WrongKey,
    /// It opened, but it is not the volume that this device made.
    Foreign,
    /// The device or a tool failed.
    Failed,
}

impl Refusal {
    /// The word in `Reason`.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::WrongPin => "wrong-pin",
            Self::LockedOut => "locked-out",
            Self::Sealed => "tpm-mismatch",
            Self::WrongKey => "wrong-key",
            Self::Foreign => "foreign-volume",
            Self::Failed => "failed",
        }
    }
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// The boot disk was looked at.
    Inspected(Found),
    /// The shell sent a secret.
    Secret(Task),
    /// The action that was asked for last succeeded.
    Done,
    /// The action that was asked for last failed.
    Refused(Refusal),
}

/// What to do next. The secret, where one is needed, is the one that came with the event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Wait for the shell to send a secret.
    Wait,
    /// Make the volume, seal it, give the recovery key to the operator, open it and bind it.
    Make,
    /// Open by the TPM, with the PIN if one was sent.
    Unseal,
    /// Open by the recovery key.
    OpenByKey,
    /// Seal the open volume to this TPM (with the PIN if one was sent) and bind it.
    Seal,
    /// Nothing more: `/var` can be mounted.
    Finish,
}

/// What a call of the shell meets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotExpected {
    /// The call does not fit the present state.
    State,
}

/// Where a chosen PIN goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Then {
    Make,
    Seal,
}

/// A phase; each variant owns only its phase's data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// The boot disk is being looked at.
    Inspecting,
    /// A person has to choose a PIN.
    ChoosingPin(Then),
    /// The volume is being made.
    Making,
    /// A person has to enter the PIN; so many were wrong.
    AskingPin(u8),
    /// The TPM is at work; so many PINs were wrong before.
    Unsealing(u8),
    /// A person has to enter the recovery key.
    AskingKey(Refusal),
    /// The recovery key is being tried.
    OpeningByKey(Refusal),
    /// The open volume is being sealed to this TPM.
    Sealing,
    /// The volume is open.
    Open,
}

/// The state machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Course {
    unlock: Unlock,
    phase: Phase,
}

impl Course {
    /// At power-on.
    pub const fn new(unlock: Unlock) -> Self {
        Self {
            unlock,
            phase: Phase::Inspecting,
        }
    }

    /// Whether the volume is open.
    pub fn is_open(&self) -> bool {
        self.phase == Phase::Open
    }

    /// What the bus shows; `code` is what a person reads to the operator.
    pub fn status(&self, code: &str) -> Status {
        let (state, reason) = match self.phase {
            Phase::Inspecting | Phase::Making | Phase::Unsealing(_) | Phase::Sealing => {
                (TrustState::Opening, "")
            }
            Phase::ChoosingPin(_) => (TrustState::NewPin, ""),
            Phase::AskingPin(0) => (TrustState::Pin, ""),
            Phase::AskingPin(_) => (TrustState::Pin, Refusal::WrongPin.reason()),
            // The key is tried behind the same screen, which says itself that it is waiting.
            Phase::AskingKey(refusal) | Phase::OpeningByKey(refusal) => {
                (TrustState::Recovery, refusal.reason())
            }
            Phase::Open => (TrustState::Open, ""),
        };
        let code = if state == TrustState::Recovery {
            code.to_owned()
        } else {
            String::new()
        };
        Status {
            state,
            code,
            reason: reason.to_owned(),
        }
    }

    /// Whether a call of the shell fits now.
    pub fn accepts(&self, task: Task) -> Result<(), NotExpected> {
        match (self.phase, task) {
            (Phase::ChoosingPin(_), Task::ChoosePin)
            | (Phase::AskingPin(_), Task::SubmitPin)
            | (Phase::AskingKey(_), Task::SubmitRecoveryKey) => Ok(()),
            _ => Err(NotExpected::State),
        }
    }

    /// The next phase and what to do in it. An event that does not fit changes nothing.
    #[must_use]
    pub fn next(self, event: Event) -> (Self, Action) {
        let (phase, action) = match (self.phase, event) {
            (Phase::Inspecting, Event::Inspected(Found::Nothing)) => match self.unlock {
                Unlock::Alone => (Phase::Making, Action::Make),
                Unlock::Pin => (Phase::ChoosingPin(Then::Make), Action::Wait),
            },
            (Phase::Inspecting, Event::Inspected(Found::Volume)) => match self.unlock {
                Unlock::Alone => (Phase::Unsealing(0), Action::Unseal),
                Unlock::Pin => (Phase::AskingPin(0), Action::Wait),
            },
            (Phase::ChoosingPin(then), Event::Secret(Task::ChoosePin)) => match then {
                Then::Make => (Phase::Making, Action::Make),
                Then::Seal => (Phase::Sealing, Action::Seal),
            },
            (Phase::AskingPin(wrong), Event::Secret(Task::SubmitPin)) => {
                (Phase::Unsealing(wrong), Action::Unseal)
            }
            (Phase::AskingKey(refusal), Event::Secret(Task::SubmitRecoveryKey)) => {
                (Phase::OpeningByKey(refusal), Action::OpenByKey)
            }
            (Phase::Unsealing(wrong), Event::Refused(Refusal::WrongPin))
                if self.unlock == Unlock::Pin && wrong + 1 < MAX_WRONG_PINS =>
            {
                (Phase::AskingPin(wrong + 1), Action::Wait)
            }
            (Phase::OpeningByKey(earlier), Event::Refused(Refusal::WrongKey)) => {
                (Phase::AskingKey(earlier), Action::Wait)
            }
            (
                Phase::Inspecting | Phase::Making | Phase::Unsealing(_) | Phase::OpeningByKey(_),
                Event::Refused(refusal),
            ) => (Phase::AskingKey(refusal), Action::Wait),
            (Phase::OpeningByKey(_), Event::Done) => match self.unlock {
                Unlock::Alone => (Phase::Sealing, Action::Seal),
                Unlock::Pin => (Phase::ChoosingPin(Then::Seal), Action::Wait),
            },
            // The volume is open and proven to be ours; if it cannot be sealed again, the device works today and asks for the
            // recovery key at the next boot.
            (Phase::Sealing, Event::Done | Event::Refused(_))
            | (Phase::Making | Phase::Unsealing(_), Event::Done) => (Phase::Open, Action::Finish),
            (phase, _) => (phase, Action::Wait),
        };
        (Self { phase, ..self }, action)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn event() -> impl Strategy<Value = Event> {
        prop_oneof![
            Just(Event::Inspected(Found::Nothing)),
            Just(Event::Inspected(Found::Volume)),
            Just(Event::Secret(Task::ChoosePin)),
            Just(Event::Secret(Task::SubmitPin)),
            Just(Event::Secret(Task::SubmitRecoveryKey)),
            Just(Event::Done),
            Just(Event::Refused(Refusal::WrongPin)),
            Just(Event::Refused(Refusal::LockedOut)),
            Just(Event::Refused(Refusal::Sealed)),
            Just(Event::Refused(Refusal::WrongKey)),
            Just(Event::Refused(Refusal::Foreign)),
            Just(Event::Refused(Refusal::Failed)),
        ]
    }

    fn run(unlock: Unlock, events: &[Event]) -> Vec<(Course, Action)> {
        let mut course = Course::new(unlock);
        events
            .iter()
            .map(|event| {
                let (next, action) = course.next(*event);
                course = next;
                (course, action)
            })
            .collect()
    }

    proptest! {
        /// Proves O2: the volume counts as open only after something that opened it was reported done.
        #[test]
        fn open_only_after_done(pin: bool, events in proptest::collection::vec(event(), 0..30)) {
            let unlock = if pin { Unlock::Pin } else { Unlock::Alone };
            let steps = run(unlock, &events);
            if let Some(opened) = steps.iter().position(|(course, _)| course.is_open()) {
                let done = events.iter().take(opened + 1).any(|event| *event == Event::Done);
                prop_assert!(done);
            }
        }

        /// Proves C6: a case never asks its TPM without a PIN, and never makes or seals without one.
        #[test]
        fn the_case_always_has_a_pin(events in proptest::collection::vec(event(), 0..40)) {
            for ((_, action), event) in run(Unlock::Pin, &events).iter().zip(&events) {
                match action {
                    Action::Make | Action::Seal => prop_assert_eq!(*event, Event::Secret(Task::ChoosePin)),
                    Action::Unseal => prop_assert_eq!(*event, Event::Secret(Task::SubmitPin)),
                    _ => {}
                }
            }
        }

        /// Proves O2: nothing that holds data is ever made anew: `Make` follows only on finding nothing.
        #[test]
        fn a_finished_volume_is_never_made_anew(pin: bool, events in proptest::collection::vec(event(), 0..40)) {
            let unlock = if pin { Unlock::Pin } else { Unlock::Alone };
            let events: Vec<Event> = std::iter::once(Event::Inspected(Found::Volume)).chain(events).collect();
            for (_, action) in run(unlock, &events) {
                prop_assert_ne!(action, Action::Make);
            }
        }

        /// Proves O2: whenever the machine waits before the volume is open, some secret gets it on, or it is inspecting or at work.
        #[test]
        fn there_is_always_a_way_on(pin: bool, events in proptest::collection::vec(event(), 0..40)) {
            let unlock = if pin { Unlock::Pin } else { Unlock::Alone };
            for (course, _) in run(unlock, &events) {
                let asks = [Task::ChoosePin, Task::SubmitPin, Task::SubmitRecoveryKey].into_iter().any(|task| course.accepts(task).is_ok());
                let state = course.status("ABCD-EFGH").state;
                let waits_for_a_person = matches!(state, TrustState::NewPin | TrustState::Pin | TrustState::Recovery);
                prop_assert!(!waits_for_a_person || asks || matches!(course.phase, Phase::OpeningByKey(_)));
            }
        }
    }

    /// Proves C6: after too many wrong PINs the recovery key is asked for.
    #[test]
    fn wrong_pins_end_in_recovery() {
        let mut course = Course::new(Unlock::Pin)
            .next(Event::Inspected(Found::Volume))
            .0;
        for _ in 0..MAX_WRONG_PINS {
            assert_eq!(course.status("").state, TrustState::Pin);
            course = course.next(Event::Secret(Task::SubmitPin)).0;
            course = course.next(Event::Refused(Refusal::WrongPin)).0;
        }
        assert_eq!(course.status("C").state, TrustState::Recovery);
        assert_eq!(course.status("C").reason, "wrong-pin");
    }

    /// Proves O2: a foreign volume stays closed, whichever key opens it.
    #[test]
    fn a_foreign_volume_stays_closed() {
        let (course, _) = Course::new(Unlock::Alone).next(Event::Inspected(Found::Volume));
        let (course, _) = course.next(Event::Refused(Refusal::Foreign));
        let (course, action) = course.next(Event::Secret(Task::SubmitRecoveryKey));
        assert_eq!(action, Action::OpenByKey);
        let (course, action) = course.next(Event::Refused(Refusal::Foreign));
        assert_eq!(action, Action::Wait);
        assert_eq!(course.status("C").reason, "foreign-volume");
    }
}
