// SPDX-License-Identifier: EUPL-1.2
//! All figures of all repetitions.

use std::collections::BTreeMap;

use serde_json::{Value, json};

/// What one repetition has shown, by name.
pub type Figures = BTreeMap<String, f64>;

/// The figures by compositor.
#[derive(Debug, Default)]
pub struct Report(BTreeMap<&'static str, BTreeMap<String, Vec<f64>>>);

impl Report {
    /// Adds one repetition.
    pub fn add(&mut self, compositor: &'static str, figures: Figures) {
        let all = self.0.entry(compositor).or_default();
        for (name, value) in figures {
            all.entry(name).or_default().push(value);
        }
    }

    /// As an object for a program.
    pub fn object(&self, seconds: u64) -> Value {
        json!({"phase_seconds": seconds, "compositors": self.0})
    }
}
