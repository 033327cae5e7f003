// SPDX-License-Identifier: EUPL-1.2
//! Many desks and terminals at once, for a minute: what fails, how long people wait, and what it costs. With SQLite and with PostgreSQL.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A benchmark ends at the first surprise.
#![allow(dead_code)] // The tests use more of what they share.

#[path = "../tests/peer/client.rs"]
mod client;
#[path = "../tests/peer/load/mod.rs"]
mod load;
#[path = "../tests/peer/phone.rs"]
mod phone;
#[path = "../tests/peer/place.rs"]
mod place;
#[path = "../tests/peer/postgres.rs"]
mod postgres;

use std::time::Duration;

use clap::Parser;
use load::{Call, Load, Outcome};
use postgres::Postgres;

/// Options; cargo gives `--bench` too.
#[derive(Debug, Parser)]
struct Options {
    /// Terminals that are enrolled.
    #[arg(long, default_value_t = 500)]
    terminals: usize,
    /// Desks that are registered.
    #[arg(long, default_value_t = 500)]
    desks: usize,
    /// Desks that ring together.
    #[arg(long, default_value_t = 5)]
    together: usize,
    /// Calls a second.
    #[arg(long, default_value_t = 50)]
    rate: u32,
    /// Seconds.
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// Only with SQLite, or only with PostgreSQL.
    #[arg(long, value_parser = ["sqlite", "postgres"])]
    only: Option<String>,
    #[arg(long, hide = true)]
    bench: bool,
}

/// Median, 95th and 99th of a hundred, in milliseconds.
fn spread(calls: &[Call], of: impl Fn(&Call) -> Duration) -> String {
    let mut all: Vec<f64> = calls
        .iter()
        .map(|call| of(call).as_secs_f64() * 1e3)
        .collect();
    all.sort_by(f64::total_cmp);
    let at = |share: f64| {
        let index = (share * all.len() as f64) as usize;
        all.get(index.min(all.len().saturating_sub(1)))
            .copied()
            .unwrap_or(f64::NAN)
    };
    format!("{:.0} / {:.0} / {:.0}", at(0.5), at(0.95), at(0.99))
}

fn show(name: &str, outcome: &Outcome) {
    let calls = &outcome.calls;
    println!("\n| {name} | |\n|---|---|");
    println!(
        "| calls, in s | {}, {:.1} |",
        calls.len(),
        outcome.took.as_secs_f64()
    );
    println!("| failures | {:?} |", outcome.failures);
    let rows = [
        ("ticket", spread(calls, |call| call.ticket)),
        ("its turn is heard", spread(calls, |call| call.turn)),
        ("INVITE to answer", spread(calls, |call| call.set_up)),
        ("BYE to its confirmation", spread(calls, |call| call.end)),
    ];
    for (what, spread) in rows {
        println!("| {what}, ms (median / 95 % / 99 %) | {spread} |");
    }
    for (program, spent) in &outcome.cpu {
        let share = spent.as_secs_f64() / outcome.took.as_secs_f64();
        println!(
            "| processor time of {program}, of one core | {:.0} % |",
            share * 100.0
        );
    }
}

fn main() {
    let options = Options::parse();
    let load = Load {
        terminals: options.terminals,
        desks: options.desks,
        together: options.together,
        rate: options.rate,
        time: Duration::from_secs(options.seconds),
    };
    println!("{load:?}");
    if options.only.as_deref() != Some("postgres") {
        show("SQLite", &load.run("", None));
    }
    if options.only.as_deref() != Some("sqlite") {
        let database = Postgres::new();
        show(
            "PostgreSQL",
            &load.run(&database.by_tls(), Some(database.id())),
        );
    }
}
