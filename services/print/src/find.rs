// SPDX-License-Identifier: EUPL-1.2
//! Which printer it is, and talking to it beside the worker: it may take seconds to answer.

use std::sync::mpsc::{Receiver, Sender};

use api::print::{Hindrance, Printer};
use site::{Site, UsbKind};

use crate::course::Look;
use crate::marker::Marker;
use crate::printer::{Device, Target};

/// Where ipp-usb has the printers that are plugged in (`recipes/printing`): from its first port on, one each.
const USB: std::ops::Range<u16> = 60_000..60_004;

/// What the printer is asked or told.
#[derive(Debug)]
pub enum Ask {
    /// How it is. With a job, of the printer that has it: our number of it, and the printer's if it has one.
    Look(Option<Held>),
    /// To forget the job that is marked.
    Revoke,
    /// The job that is marked is done.
    Forget,
}

/// A job that is under way.
#[derive(Clone, Debug)]
pub struct Held {
    /// The printer.
    pub printer: Target,
    /// Our number of it, and the printer's.
    pub numbers: Option<(u64, i32)>,
}

/// What was found.
#[derive(Clone, Debug)]
pub struct Found {
    /// How it is.
    pub look: Look,
    /// The printer, where one answers.
    pub printer: Option<Target>,
}

/// The printers that the site may use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidates {
    printers: Vec<Target>,
    /// Whether there has to be one.
    expected: bool,
}

impl Candidates {
    /// Those of `site`: what it names, then what is plugged in.
    pub fn of(site: &Site) -> Self {
        let named = site.print.printers.iter().map(|printer| Target {
            uri: printer.address.to_string(),
            certificate: printer.certificate,
        });
        let usb = USB.map(|port| Target::at(format!("ipp://localhost:{port}/ipp/print")));
        Self {
            expected: !site.print.printers.is_empty()
                || site.devices.expected.contains(&UsbKind::Printer),
            printers: named.chain(usb).collect(),
        }
    }

    /// The printer at `uri`. One that the site does not name any more is told nothing but to forget, whoever it is.
    fn at(&self, uri: String) -> Target {
        let known = self.printers.iter().find(|printer| printer.uri == uri);
        known.cloned().unwrap_or_else(|| Target::at(uri))
    }
}

/// Talks to the printer.
#[derive(Debug)]
pub struct Finder {
    candidates: Candidates,
    marker: Marker,
    revokes: bool,
}

impl Finder {
    /// A printer may still have what is marked: it is told to forget it first of all.
    pub fn new(candidates: Candidates, marker: Marker) -> Self {
        Self {
            candidates,
            marker,
            revokes: true,
        }
    }

    /// Does what is asked until nobody asks any more.
    pub fn run<T>(mut self, asks: &Receiver<Ask>, found: &Sender<T>, wrap: impl Fn(Found) -> T) {
        for ask in asks {
            match ask {
                Ask::Revoke => {
                    self.revokes = true;
                    self.revoke();
                }
                Ask::Forget => self.unmark(),
                Ask::Look(held) => {
                    if held.is_none() && self.revokes {
                        self.revoke();
                    }
                    let answer = match held {
                        Some(held) => look_at(&held),
                        None => self.search(),
                    };
                    if found.send(wrap(answer)).is_err() {
                        return;
                    }
                }
            }
        }
    }

    fn revoke(&mut self) {
        match self.marker.read() {
            Ok(Some((uri, number))) => {
                let device = Device::new(&self.candidates.at(uri));
                match device.and_then(|device| device.cancel(number)) {
                    Ok(()) => self.unmark(),
                    // It is told again as soon as it answers.
                    Err(error) => tracing::warn!("a job is not taken back yet: {error}"),
                }
            }
            Ok(None) => self.revokes = false,
            Err(error) => tracing::error!("cannot read which job was sent: {error}"),
        }
    }

    fn unmark(&mut self) {
        self.revokes = false;
        if let Err(error) = self.marker.clear() {
            tracing::error!("cannot forget which job was sent: {error}");
        }
    }

    /// The first printer that prints; otherwise the first that answers.
    fn search(&mut self) -> Found {
        let mut first = None;
        for target in &self.candidates.printers {
            let state = Device::new(target).and_then(|device| device.state());
            let Ok(printer) = state else {
                continue;
            };
            let found = Found {
                look: Look { printer, job: None },
                printer: Some(target.clone()),
            };
            if printer == Printer::Ready {
                first = Some(found);
                break;
            }
            first.get_or_insert(found);
        }
        let missing = if self.candidates.expected {
            Printer::Hindered(Hindrance::Offline)
        } else {
            Printer::Absent
        };
        first.unwrap_or(Found {
            look: Look {
                printer: missing,
                job: None,
            },
            printer: None,
        })
    }
}

/// The printer that has a job, and no other.
fn look_at(held: &Held) -> Found {
    let device = Device::new(&held.printer);
    let offline = Printer::Hindered(Hindrance::Offline);
    let state = device.as_ref().ok().and_then(|device| device.state().ok());
    let printer = state.unwrap_or(offline);
    let job = held.numbers.filter(|_| printer != offline);
    let job = job
        .zip(device.ok())
        .and_then(|((id, number), device)| Some((id, device.progress(number).ok()?)));
    Found {
        look: Look { printer, job },
        printer: Some(held.printer.clone()),
    }
}
