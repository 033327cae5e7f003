// SPDX-License-Identifier: EUPL-1.2
//! `trust`: the service that opens `/var` and answers `de.amtsnah.Trust1`.

use std::path::{Path, PathBuf};

use api::secret::Secret;
use api::trust::{
    Answer, BUS_NAME, Publisher, RecoveryKey, Request, Status, Task, TrustError, pin_is_acceptable,
};
use async_channel::Receiver;
use clap::{Parser, ValueEnum};
use miette::{IntoDiagnostic, WrapErr, miette};
use trust::binding::{self, Identity, Verdict};
use trust::course::{Action, Course, Event, Found, Refusal, Unlock};
use trust::disk::{Disk, Kind, Partition};
use trust::luks::Header;
use trust::{escrow, volume};

const SYSFS: &str = "/sys";

/// Opens the data volume of this device and answers de.amtsnah.Trust1 on the system bus.
#[derive(Debug, Parser)]
#[command(version)]
struct Args {
    /// What opens the volume.
    #[arg(long, value_enum)]
    unlock: By,
    /// A directory in memory that only this service can read.
    #[arg(long, default_value = "/run/trust")]
    runtime: PathBuf,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum By {
    /// The TPM alone: the terminal.
    Alone,
    /// The TPM and a PIN: the case.
    Pin,
}

impl From<By> for Unlock {
    fn from(by: By) -> Self {
        match by {
            By::Alone => Self::Alone,
            By::Pin => Self::Pin,
        }
    }
}

fn main() -> miette::Result<()> {
    journal::start("info");
    let args = Args::parse();
    let connection = api::bus::system()
        .into_diagnostic()
        .wrap_err("cannot reach the system bus")?;
    let course = Course::new(args.unlock.into());
    let (publisher, requests) = api::trust::serve(&connection, course.status(""))
        .into_diagnostic()
        .wrap_err("cannot serve de.amtsnah.Trust1")?;
    connection
        .request_name(BUS_NAME)
        .into_diagnostic()
        .wrap_err_with(|| format!("cannot take the name {BUS_NAME}"))?;
    Worker {
        runtime: args.runtime,
        disk: None,
        code: String::new(),
        key: None,
        publisher,
        requests,
        course,
    }
    .run()
}

/// What a request brought along.
#[derive(Debug, Default)]
struct Brought {
    secret: Option<Secret>,
    answer: Option<Answer>,
}

/// The I/O around a [`Course`].
struct Worker {
    runtime: PathBuf,
    disk: Option<Disk>,
    /// What a person reads to the operator.
    code: String,
    /// A recovery key that opened the volume, kept until the volume is sealed again.
    key: Option<RecoveryKey>,
    publisher: Publisher,
    requests: Receiver<Request>,
    course: Course,
}

impl Worker {
    fn run(mut self) -> miette::Result<()> {
        let found = self.inspect();
        let mut event = found.map_or_else(
            |error| {
                tracing::error!("cannot look at the boot disk: {error:?}");
                Event::Refused(Refusal::Failed)
            },
            Event::Inspected,
        );
        let mut brought = Brought::default();
        loop {
            let (course, action) = self.course.next(event);
            self.course = course;
            let result = match event {
                // An open volume is a success for whoever asked, even if it could not be sealed again.
                Event::Refused(refusal) if action != Action::Finish => Err(refusal),
                _ => Ok(()),
            };
            if action == Action::Wait || action == Action::Finish {
                self.publish()?;
                if let Some(answer) = brought.answer.take() {
                    answer.send(result.map_err(error_of));
                }
            }
            match action {
                Action::Finish => {
                    self.key = None;
                    // var.mount waits for this.
                    sd_notify::notify(false, &[sd_notify::NotifyState::Ready])
                        .into_diagnostic()
                        .wrap_err("cannot tell systemd that the volume is open")?;
                    return self.refuse_further_calls();
                }
                Action::Wait => (event, brought) = self.wait()?,
                action => {
                    event = match self.act(action, brought.secret.take()) {
                        Ok(()) => Event::Done,
                        Err(refusal) => Event::Refused(refusal),
                    };
                }
            }
        }
    }

    fn publish(&self) -> miette::Result<()> {
        let status: Status = self.course.status(&self.code);
        tracing::info!(
            state = status.state.as_str(),
            reason = status.reason,
            "state"
        );
        self.publisher
            .set(status)
            .into_diagnostic()
            .wrap_err("cannot publish the state")
    }

    /// Waits for a call that fits; the others are answered here.
    fn wait(&self) -> miette::Result<(Event, Brought)> {
        loop {
            let Request {
                call: (task, secret),
                answer,
            } = self
                .requests
                .recv_blocking()
                .into_diagnostic()
                .wrap_err("the bus went away")?;
            if self.course.accepts(task).is_err() {
                answer.send(Err(TrustError::NotExpected("not in this state".into())));
                continue;
            }
            let secret = match secret.read() {
                Ok(secret) => secret,
                Err(error) => {
                    answer.send(Err(TrustError::BadInput(error.to_string())));
                    continue;
                }
            };
            let well_formed = match task {
                Task::ChoosePin => pin_is_acceptable(secret.expose()),
                Task::SubmitPin => !secret.expose().is_empty(),
                Task::SubmitRecoveryKey => RecoveryKey::parse(secret.expose()).is_ok(),
            };
            if !well_formed {
                answer.send(Err(TrustError::BadInput("not well formed".into())));
                continue;
            }
            let brought = Brought {
                secret: Some(secret),
                answer: Some(answer),
            };
            return Ok((Event::Secret(task), brought));
        }
    }

    /// After the volume is open there is nothing to ask for any more.
    fn refuse_further_calls(&self) -> miette::Result<()> {
        loop {
            let request = self
                .requests
                .recv_blocking()
                .into_diagnostic()
                .wrap_err("the bus went away")?;
            request
                .answer
                .send(Err(TrustError::NotExpected("the volume is open".into())));
        }
    }

    fn inspect(&mut self) -> miette::Result<Found> {
        let disk = Disk::below_mapping(Path::new(SYSFS), "usr").into_diagnostic()?;
        let partition = disk.partition(Kind::Var).into_diagnostic()?;
        self.disk = Some(disk);
        let Some(Partition { node, .. }) = partition else {
            return Ok(Found::Nothing);
        };
        let header = Header::read(&node)
            .into_diagnostic()
            .wrap_err_with(|| format!("cannot read {}", node.display()))?;
        Ok(match header {
            Some(header) if header.is_finished() => {
                self.code = escrow::code(&header.uuid);
                Found::Volume
            }
            _ => {
                tracing::info!("the making of the volume was interrupted; it holds nothing");
                Found::Nothing
            }
        })
    }

    fn act(&mut self, action: Action, secret: Option<Secret>) -> Result<(), Refusal> {
        match action {
            Action::Make => self.make(secret.as_ref()).map_err(|error| {
                tracing::error!("cannot make the volume: {error:?}");
                Refusal::Failed
            }),
            Action::Unseal => {
                volume::unseal(&self.node()?, secret.as_ref())?;
                // Opened by the TPM but unknown to it: only the recovery key proves that such a volume is ours.
                Self::check(|verdict| verdict == Verdict::Ours)
            }
            Action::OpenByKey => {
                let key = secret
                    .and_then(|secret| RecoveryKey::parse(secret.expose()).ok())
                    .ok_or(Refusal::WrongKey)?;
                volume::open_by_key(&self.node()?, &self.runtime, &key)?;
                Self::check(|verdict| verdict != Verdict::Foreign)?;
                self.key = Some(key);
                Ok(())
            }
            Action::Seal => self.seal(secret.as_ref()).map_err(|error| {
                tracing::error!("cannot seal the volume to this TPM: {error:?}");
                Refusal::Failed
            }),
            Action::Wait | Action::Finish => Ok(()),
        }
    }

    fn node(&self) -> Result<PathBuf, Refusal> {
        self.state_partition().map_err(|error| {
            tracing::error!("cannot find the volume: {error:?}");
            Refusal::Failed
        })
    }

    fn state_partition(&self) -> miette::Result<PathBuf> {
        let disk = self
            .disk
            .as_ref()
            .ok_or_else(|| miette!("the boot disk is not known"))?;
        disk.partition(Kind::Var)
            .into_diagnostic()?
            .map(|partition| partition.node)
            .ok_or_else(|| miette!("{} has no data partition", disk.node.display()))
    }

    /// Closes the volume again unless the TPM's memory of it is good enough.
    fn check(enough: impl FnOnce(Verdict) -> bool) -> Result<(), Refusal> {
        let verdict = Identity::measured(Path::new(SYSFS))
            .and_then(|identity| Ok(identity.judge(binding::remembered()?.as_deref())));
        match verdict {
            Ok(verdict) if enough(verdict) => return Ok(()),
            Ok(verdict) => tracing::error!(?verdict, "this is not the volume of this device"),
            Err(error) => tracing::error!(%error, "cannot tell whose volume this is"),
        }
        if let Err(error) = volume::close() {
            tracing::error!(%error, "the volume stays set up, but is not mounted");
        }
        Err(Refusal::Foreign)
    }

    /// Every step can be cut off: the volume counts only once the last one is done.
    fn make(&mut self, pin: Option<&Secret>) -> miette::Result<()> {
        let disk = self
            .disk
            .clone()
            .ok_or_else(|| miette!("the boot disk is not known"))?;
        let key = volume::new_recovery_key().into_diagnostic()?;
        volume::make(&disk, &self.runtime, &key).into_diagnostic()?;
        let node = self.state_partition()?;
        let header = Header::read(&node)
            .into_diagnostic()?
            .ok_or_else(|| miette!("{} is no LUKS2 volume", node.display()))?;
        self.code = escrow::code(&header.uuid);
        let esp = disk
            .partition(Kind::Esp)
            .into_diagnostic()?
            .ok_or_else(|| miette!("{} has no EFI system partition", disk.node.display()))?;
        escrow::lay_down(&esp.node, &self.runtime.join("esp"), &header.uuid, &key)
            .into_diagnostic()?;
        volume::relax(&node, &self.runtime, &key).into_diagnostic()?;
        volume::seal(&node, &self.runtime, &key, pin).into_diagnostic()?;
        volume::unseal(&node, pin)
            .map_err(|refusal| miette!("the new volume does not open: {}", refusal.reason()))?;
        let identity = Identity::measured(Path::new(SYSFS)).into_diagnostic()?;
        binding::remember(&identity).into_diagnostic()?;
        volume::finish(&node).into_diagnostic()
    }

    fn seal(&mut self, pin: Option<&Secret>) -> miette::Result<()> {
        let key = self
            .key
            .take()
            .ok_or_else(|| miette!("there is no recovery key to seal with"))?;
        let node = self.state_partition()?;
        volume::remove_seals(&node).into_diagnostic()?;
        volume::seal(&node, &self.runtime, &key, pin).into_diagnostic()?;
        let identity = Identity::measured(Path::new(SYSFS)).into_diagnostic()?;
        binding::remember(&identity).into_diagnostic()
    }
}

fn error_of(refusal: Refusal) -> TrustError {
    let text = refusal.reason().to_owned();
    match refusal {
        Refusal::WrongPin => TrustError::WrongPin(text),
        Refusal::LockedOut => TrustError::LockedOut(text),
        Refusal::WrongKey | Refusal::Foreign => TrustError::WrongKey(text),
        Refusal::Sealed | Refusal::Failed => TrustError::Failed(text),
    }
}
