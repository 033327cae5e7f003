// SPDX-License-Identifier: EUPL-1.2
//! Compares our compositor with others: `cargo os bench screen` runs this in the toolbox.
//!
//! Every compositor shows the same client (`client`) on a screen in memory, drawn by pixman. The client goes through the
//! phases and says where it is; meanwhile the kernel is asked what the compositor has used (`usage`). The answer is one
//! JSON object on standard output: for each compositor and figure the values of all repetitions.

mod client;
mod peer;
mod report;
mod usage;

use std::{path::PathBuf, time::Duration};

use clap::{Args, Parser, Subcommand};
use miette::{IntoDiagnostic, Result};

/// Measures compositors with one client on a screen in memory.
#[derive(Debug, Parser)]
struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Measure all compositors, one after the other, several times.
    Compare(Compare),
    /// Be the client.
    Client(client::Options),
}

#[derive(Debug, Args)]
struct Compare {
    /// Our compositor's program
    #[arg(long, value_name = "PROGRAM")]
    ours: PathBuf,
    /// How often each compositor is measured
    #[arg(long, default_value_t = 5)]
    repetitions: u32,
    /// How long each phase is
    #[arg(long, default_value_t = 20)]
    seconds: u64,
}

fn main() -> Result<()> {
    match Arguments::parse().what {
        What::Compare(options) => {
            let seconds = Duration::from_secs(options.seconds);
            let mut report = report::Report::default();
            for round in 1..=options.repetitions {
                for kind in peer::Kind::ALL {
                    eprintln!("{} {round}/{}", kind.name(), options.repetitions);
                    report.add(kind.name(), peer::measure(kind, &options.ours, seconds)?);
                }
            }
            let object = report.object(options.seconds);
            println!("{}", serde_json::to_string(&object).into_diagnostic()?);
            Ok(())
        }
        What::Client(options) => client::run(&options),
    }
}
