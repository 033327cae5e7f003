// SPDX-License-Identifier: EUPL-1.2
//! Usage figures (O5): how often, how long, which service, how satisfied. Never who, and never when.
//!
//! A session becomes one count in a [`Cell`] for each service used. What leaves the device comes from
//! [`Usage::take_figures`]:
//!
//! * every figure stands for at least [`K`] counts; cells with fewer are put together with others by leaving out one
//!   property after the other;
//! * every count is in at most one figure and there are no totals, so nothing can be had by subtracting (this is what
//!   complementary suppression is for, which a table without margins does not need);
//! * what was taken is no longer there, so nothing can be had by comparing two exports either. What stays are fewer
//!   than [`K`] counts.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use api::session::Outcome;
use serde::{Deserialize, Serialize};

use crate::course::Record;

/// No figure stands for fewer.
pub const K: u64 = 5;
/// The most bytes of the file: more than all cells that a site can have.
const MAX_FILE: u64 = 8 << 20;
/// The form of the file.
const VERSION: u32 = 1;
/// A service that the site configuration does not name, or none.
pub const OTHER: &str = "other";

/// How long a session took.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Length {
    /// Less than two minutes.
    Brief,
    /// Less than ten.
    Short,
    /// Less than thirty.
    Medium,
    /// More.
    Long,
}

impl From<Duration> for Length {
    fn from(lasted: Duration) -> Self {
        match lasted.as_secs() / 60 {
            0..2 => Self::Brief,
            2..10 => Self::Short,
            10..30 => Self::Medium,
            _ => Self::Long,
        }
    }
}

/// What counts are told apart by; nothing where a figure leaves it out.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cell {
    /// The service, by its id.
    pub service: Option<String>,
    /// How satisfied: 1 to 3, or 0 for no answer.
    pub rating: Option<u8>,
    /// How it went.
    pub outcome: Option<Outcome>,
    /// How long it took.
    pub length: Option<Length>,
    /// Which language.
    pub language: Option<String>,
}

impl Cell {
    /// What is left out, step by step, until enough are alike: what matters most to the evaluation last.
    const STEPS: [fn(&mut Self); 5] = [
        |cell| cell.language = None,
        |cell| cell.length = None,
        |cell| cell.outcome = None,
        |cell| cell.rating = None,
        |cell| cell.service = None,
    ];
}

/// A cell and its count.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Figure {
    /// What was counted.
    pub cell: Cell,
    /// How often.
    pub count: u64,
}

/// The counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    cells: BTreeMap<Cell, u64>,
}

/// The file as it is written.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    version: u32,
    figures: Vec<Figure>,
}

/// Why the counts cannot be kept.
#[derive(Debug, thiserror::Error)]
pub enum UsageError {
    /// The file failed.
    #[error("cannot {operation} {path}")]
    File {
        /// What was tried.
        operation: &'static str,
        /// Which file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The file is not ours.
    #[error("{path} does not hold usage figures")]
    Form {
        /// Which file.
        path: PathBuf,
        /// Where.
        #[source]
        source: serde_json::Error,
    },
    /// The file is from another version, or larger than any of ours.
    #[error("{path} holds usage figures of another form")]
    Version {
        /// Which file.
        path: PathBuf,
    },
}

impl Usage {
    /// Counts a session.
    pub fn count(&mut self, record: &Record) {
        let mut add = |service: &str| {
            let cell = Cell {
                service: Some(service.to_owned()),
                rating: Some(record.rating),
                outcome: Some(record.outcome),
                length: Some(record.lasted.into()),
                language: Some(record.language.tag().to_owned()),
            };
            let count = self.cells.entry(cell).or_default();
            *count = count.saturating_add(1);
        };
        if record.services.is_empty() {
            add(OTHER);
        }
        for service in &record.services {
            add(service);
        }
    }

    /// How many counts there are: for the device itself, never to be told.
    pub fn total(&self) -> u64 {
        self.cells.values().fold(0, |sum, n| sum.saturating_add(*n))
    }

    /// Takes out what may leave the device.
    pub fn take_figures(&mut self) -> Vec<Figure> {
        let mut figures = Vec::new();
        let mut cells = std::mem::take(&mut self.cells);
        let mut steps = Cell::STEPS.iter();
        loop {
            let mut few = BTreeMap::new();
            for (cell, count) in cells {
                if count >= K {
                    figures.push(Figure { cell, count });
                } else {
                    few.insert(cell, count);
                }
            }
            let Some(step) = steps.next() else {
                self.cells = few;
                return figures;
            };
            cells = BTreeMap::new();
            for (mut cell, count) in few {
                step(&mut cell);
                let sum: &mut u64 = cells.entry(cell).or_default();
                *sum = sum.saturating_add(count);
            }
        }
    }

    /// Reads the file; one that does not exist has no counts.
    pub fn load(path: &Path) -> Result<Self, UsageError> {
        let failed = |source| UsageError::File {
            operation: "read",
            path: path.to_owned(),
            source,
        };
        let file = match File::open(path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Self::default()),
            file => file.map_err(failed)?,
        };
        let mut text = Vec::new();
        file.take(MAX_FILE + 1)
            .read_to_end(&mut text)
            .map_err(failed)?;
        let version = || UsageError::Version {
            path: path.to_owned(),
        };
        if text.len() as u64 > MAX_FILE {
            return Err(version());
        }
        let written: Written =
            serde_json::from_slice(&text).map_err(|source| UsageError::Form {
                path: path.to_owned(),
                source,
            })?;
        if written.version != VERSION {
            return Err(version());
        }
        let cells = written.figures.into_iter().map(|f| (f.cell, f.count));
        Ok(Self {
            cells: cells.collect(),
        })
    }

    /// Writes the file anew, beside the old one and then in its place: a power cut leaves one of them whole.
    pub fn save(&self, path: &Path) -> Result<(), UsageError> {
        let failed = |operation| {
            move |source| UsageError::File {
                operation,
                path: path.to_owned(),
                source,
            }
        };
        let figures = self.cells.iter().map(|(cell, count)| Figure {
            cell: cell.clone(),
            count: *count,
        });
        let written = Written {
            version: VERSION,
            figures: figures.collect(),
        };
        let text = serde_json::to_vec(&written).map_err(|source| UsageError::Form {
            path: path.to_owned(),
            source,
        })?;
        let new = path.with_extension("new");
        let mut file = File::create(&new).map_err(failed("make"))?;
        file.write_all(&text).map_err(failed("write"))?;
        file.sync_all().map_err(failed("write"))?;
        std::fs::rename(&new, path).map_err(failed("replace"))?;
        let dir = path.parent().unwrap_or(Path::new("."));
        File::open(dir)
            .and_then(|dir| dir.sync_all())
            .map_err(failed("keep"))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use site::Language;

    use super::*;

    fn record(service: usize, minutes: u64, language: usize, outcome: usize, rating: u8) -> Record {
        Record {
            services: [format!("service-{service}")].into(),
            lasted: Duration::from_mins(minutes),
            language: Language::ALL[language],
            outcome: Outcome::ALL[outcome],
            rating,
        }
    }

    proptest! {
        /// Proves O5: no figure that leaves the device stands for fewer than K, none is told twice, and no count is
        /// invented or lost; fewer than K stay, and the next export has nothing to compare with.
        #[test]
        fn figures_hide_everyone(sessions in prop::collection::vec((0..6usize, 0..40u64, 0..5usize, 0..4usize, 0..4u8), 0..300)) {
            let mut usage = Usage::default();
            for (service, minutes, language, outcome, rating) in sessions {
                usage.count(&record(service, minutes, language, outcome, rating));
            }
            let before = usage.total();
            let figures = usage.take_figures();
            let mut cells: Vec<_> = figures.iter().map(|figure| figure.cell.clone()).collect();
            cells.sort();
            cells.dedup();
            prop_assert_eq!(cells.len(), figures.len());
            prop_assert!(figures.iter().all(|figure| figure.count >= K));
            prop_assert_eq!(figures.iter().map(|figure| figure.count).sum::<u64>() + usage.total(), before);
            prop_assert!(usage.total() < K);
            prop_assert_eq!(usage.take_figures(), []);
        }
    }

    /// Proves O5: what many had in common is told exactly, what few had is told only together.
    #[test]
    fn figures_are_as_exact_as_they_may_be() {
        let mut usage = Usage::default();
        for _ in 0..7 {
            usage.count(&record(1, 3, 0, 0, 3));
        }
        for language in 0..5 {
            usage.count(&record(2, 3, language, 0, 2));
        }
        let figures = usage.take_figures();
        assert_eq!(figures.len(), 2);
        assert_eq!(figures[0].count, 7);
        assert_eq!(figures[0].cell.language.as_deref(), Some("de"));
        assert_eq!((figures[1].count, &figures[1].cell.language), (5, &None));
        assert_eq!(figures[1].cell.service.as_deref(), Some("service-2"));
    }

    /// Proves O5, O2: counts survive in the file, whatever a power cut left beside it, and a damaged file is told apart.
    #[test]
    fn counts_are_kept() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("usage.json");
        assert_eq!(Usage::load(&path).unwrap(), Usage::default());
        let mut usage = Usage::default();
        usage.count(&record(1, 3, 0, 0, 3));
        usage.save(&path).unwrap();
        std::fs::write(dir.path().join("usage.new"), "{\"vers").unwrap();
        assert_eq!(Usage::load(&path).unwrap(), usage);
        usage.count(&record(1, 3, 0, 0, 3));
        usage.save(&path).unwrap();
        assert_eq!(Usage::load(&path).unwrap().total(), 2);
        for bad in [
            "",
            "{}",
            "{\"version\":2,\"figures\":[]}",
            "{\"version\":1,\"figures\":[{\"cell\":{},\"count\":-1}]}",
        ] {
            std::fs::write(&path, bad).unwrap();
            assert!(Usage::load(&path).is_err(), "{bad}");
        }
    }
}
