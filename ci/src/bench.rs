// SPDX-License-Identifier: EUPL-1.2
//! The screen beside its peers: measured by the compositor's example `bench`, printed as a table.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::build;
use crate::cli::Bench;
use crate::error::{Error, Result};
use crate::progress::Progress;
use crate::toolbox::Toolbox;

/// The compositors as the example calls them, ours first.
const COMPOSITORS: &[&str] = &["amtsnah", "cage", "weston"];

/// Figures as the example calls them, what people call them, the divisor to the unit, and the decimals.
const ROWS: &[(&str, &str, f64, usize)] = &[
    ("socket_ms", "start to socket, ms", 1.0, 1),
    ("first_frame_ms", "start to first frame, ms", 1.0, 1),
    ("pss_kib", "memory (PSS), MiB", 1024.0, 1),
    ("full_fps", "full damage, frames a second", 1.0, 1),
    ("full_cpu_s", "full damage, CPU s", 1.0, 3),
    (
        "full_cpu_ms_per_frame",
        "full damage, CPU ms a frame",
        1.0,
        3,
    ),
    ("slight_fps", "slight damage, frames a second", 1.0, 1),
    ("slight_cpu_s", "slight damage, CPU s", 1.0, 3),
    (
        "slight_cpu_ms_per_frame",
        "slight damage, CPU ms a frame",
        1.0,
        3,
    ),
    ("still_cpu_s", "still, CPU s", 1.0, 3),
    ("still_switches", "still, wake-ups", 1.0, 0),
];

/// All values of all repetitions.
#[derive(Debug)]
pub struct Figures(Value);

/// Compiles the compositor as for an image and measures it beside the toolbox's.
pub fn screen(toolbox: &Toolbox, options: &Bench, progress: &Progress) -> Result<Figures> {
    let dir = build::programs_with_example(toolbox, "compositor", "bench", progress)?;
    let mut answer = None;
    progress.stage("measure screen", |stage| {
        let seconds = options.repetitions * options.seconds * 3 * COMPOSITORS.len() as u32;
        stage.note(&format!("{} minutes or more", seconds / 60));
        let program = dir.join("examples/bench").display().to_string();
        let mut command = toolbox.enter().offline().command(&program)?;
        command
            .arg("compare")
            .arg("--ours")
            .arg(dir.join("compositor"));
        command.arg(format!("--repetitions={}", options.repetitions));
        command.arg(format!("--seconds={}", options.seconds));
        let bar = stage.bar();
        stage.run_with(&mut command, |line| match serde_json::from_str(line) {
            Ok(value @ Value::Object(_)) => answer = Some(value),
            _ => bar.set_message(line.to_owned()),
        })
    })?;
    answer.map(Figures).ok_or_else(|| {
        Error::needs(
            "measuring the screen gave no figures",
            "look into the log of this stage in the cache",
        )
    })
}

impl Figures {
    /// As a table for a person: a row a figure, a column a compositor; the median and the range.
    pub fn table(&self) -> String {
        let mut lines = vec![[String::new(), head(0), head(1), head(2)]];
        for &(name, label, divisor, decimals) in ROWS {
            let cell = |compositor: &&str| {
                let values = self.values(compositor, name);
                spread(values, divisor, decimals).unwrap_or_else(|| "-".to_owned())
            };
            let [ours, cage, weston] = [0, 1, 2].map(|column| cell(&COMPOSITORS[column]));
            lines.push([label.to_owned(), ours, cage, weston]);
        }
        let width = |column: usize| {
            let cells = lines.iter().map(|line| line[column].chars().count());
            cells.max().unwrap_or_default()
        };
        let widths = [0, 1, 2, 3].map(width);
        let line = |cells: &[String; 4]| {
            let cells: Vec<String> = cells
                .iter()
                .zip(widths)
                .map(|(cell, width)| format!("{cell:width$}"))
                .collect();
            cells.join("  ").trim_end().to_owned() + "\n"
        };
        lines.iter().map(line).collect()
    }

    /// As an object for a program: every value, and the medians.
    pub fn object(&self) -> Value {
        let mut object = self.0.clone();
        let mut medians: BTreeMap<&str, BTreeMap<&str, f64>> = BTreeMap::new();
        for compositor in COMPOSITORS {
            for (name, ..) in ROWS {
                if let Some([_, median, _]) = extremes(self.values(compositor, name)) {
                    medians.entry(compositor).or_default().insert(name, median);
                }
            }
        }
        object["medians"] = serde_json::json!(medians);
        object
    }

    fn values(&self, compositor: &str, name: &str) -> Vec<f64> {
        let list = &self.0["compositors"][compositor][name];
        let values = list.as_array().into_iter().flatten();
        values.filter_map(Value::as_f64).collect()
    }
}

fn head(column: usize) -> String {
    COMPOSITORS[column].to_owned()
}

/// The least, the median and the greatest.
fn extremes(mut values: Vec<f64>) -> Option<[f64; 3]> {
    values.sort_by(f64::total_cmp);
    let (first, last) = (*values.first()?, *values.last()?);
    let (low, high) = (values[(values.len() - 1) / 2], values[values.len() / 2]);
    Some([first, f64::midpoint(low, high), last])
}

/// "7.1 (6.9–8.0)".
fn spread(values: Vec<f64>, divisor: f64, decimals: usize) -> Option<String> {
    let [least, median, most] = extremes(values)?.map(|value| value / divisor);
    Some(format!(
        "{median:.decimals$} ({least:.decimals$}–{most:.decimals$})"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_table_has_medians_and_ranges() {
        let figures = Figures(json!({"compositors": {
            "amtsnah": {"socket_ms": [8.0, 7.04, 6.0], "pss_kib": [15_234.0]},
            "cage": {"socket_ms": [5.0, 6.0]},
        }}));
        let table = figures.table();
        let row = |name: &str| {
            let line = table.lines().find(|line| line.starts_with(name)).unwrap();
            line.split_whitespace().collect::<Vec<_>>().join(" ")
        };
        assert_eq!(
            row("start to socket"),
            "start to socket, ms 7.0 (6.0–8.0) 5.5 (5.0–6.0) -"
        );
        assert_eq!(row("memory"), "memory (PSS), MiB 14.9 (14.9–14.9) - -");
        assert_eq!(figures.object()["medians"]["cage"]["socket_ms"], 5.5);
    }
}
