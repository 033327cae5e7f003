// SPDX-License-Identifier: EUPL-1.2
//! A call over a village's line, beside one from Chromium over the same: what arrives at a clerk's browser, as that counts it.
//!
//! Both send the same picture (colour bars and snow, 640x480, 25 a second) and a tone to a Chromium, by a relay; between the sender and the
//! relay lies the line, thin, long and with losses both ways.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A benchmark ends at the first surprise.

#[path = "../tests/common/mod.rs"]
mod common;

use std::time::Duration;

use api::call::CallState;
use clap::Parser;
use common::children::wait_for;
use common::desk::{Counts, Desk, Sends};
use common::exchange::{DOMAIN, Exchange};
use common::relay::Relay;
use common::shaper::{Line, Shaper};
use common::terminal::Terminal;

/// Bits a second and the share of packets that is lost, of each line.
const LINES: [(f64, f64); 5] = [
    (1e6, 0.0),
    (1e6, 0.02),
    (1e6, 0.05),
    (5e5, 0.02),
    (3e5, 0.02),
];
/// There and back again in 80 ms.
const DELAY: Duration = Duration::from_millis(40);
/// What routers of such lines hold.
const QUEUE: Duration = Duration::from_millis(200);

/// Options; cargo gives `--bench` too.
#[derive(Debug, Parser)]
struct Options {
    /// How often each is measured.
    #[arg(long, default_value_t = 3)]
    repetitions: usize,
    /// Seconds in which a call finds out what the line carries; they are not measured.
    #[arg(long, default_value_t = 20)]
    before: u64,
    /// Seconds that are measured.
    #[arg(long, default_value_t = 20)]
    seconds: u64,
    /// Only ours, without the peer.
    #[arg(long)]
    alone: bool,
    #[arg(long, hide = true)]
    bench: bool,
}

/// What arrived in a call.
#[derive(Clone, Copy, Debug)]
struct Measured {
    rate: f64,
    height: f64,
    frozen: f64,
    concealed: f64,
}

/// Makes a call over a line, and measures it.
type Peer = fn(Line, &Options) -> Measured;

const PEERS: [(&str, Peer); 2] = [("amtsnah", ours), ("chromium", chromium)];

fn main() {
    let options = Options::parse();
    println!(
        "{:24} {:>9}  {:>18}  {:>15}  {:>16}  {:>16}",
        "line", "", "pictures a second", "lines", "standing, %", "sound made up, %"
    );
    for (rate, loss) in LINES {
        let line = Line {
            rate,
            delay: DELAY,
            loss,
            queue: QUEUE,
        };
        let title = format!("{:.0} kbit/s, {:.0} % lost", rate / 1e3, loss * 100.0);
        // By turns, so that what else this machine does hits both.
        let peers = if options.alone { &PEERS[..1] } else { &PEERS };
        let runs: Vec<Vec<Measured>> = (0..options.repetitions)
            .map(|_| peers.iter().map(|(_, call)| call(line, &options)).collect())
            .collect();
        for (column, (name, _)) in peers.iter().enumerate() {
            let cell = |pick: fn(&Measured) -> f64, decimals| {
                spread(runs.iter().map(|run| pick(&run[column])), decimals)
            };
            println!(
                "{title:24} {name:>9}  {:>18}  {:>15}  {:>16}  {:>16}",
                cell(|m| m.rate, 1),
                cell(|m| m.height, 0),
                cell(|m| m.frozen, 1),
                cell(|m| m.concealed, 2),
            );
        }
    }
}

/// "24.9 (24.1–25.0)": the median and the range.
fn spread(values: impl Iterator<Item = f64>, decimals: usize) -> String {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    let [least, most] = [values[0], values[values.len() - 1]];
    let median = values[values.len() / 2];
    format!("{median:.decimals$} ({least:.decimals$}–{most:.decimals$})")
}

fn ours(line: Line, options: &Options) -> Measured {
    let exchange = Exchange::start();
    let relay = Relay::start();
    let line = Shaper::lay(relay.address().ip(), relay.address(), line);
    let desk = Desk::start(&exchange, "desk", Some(&relay));
    let mut account = exchange.account("terminal", 600);
    account.relays = vec![Relay::entry_at(line.address())];
    account.only_relays = true;
    let terminal = Terminal::start(account);
    terminal.call().call("desk".into()).unwrap();
    desk.answer();
    terminal.wait_for(CallState::Talking);
    measure(&desk, options)
}

fn chromium(line: Line, options: &Options) -> Measured {
    let exchange = Exchange::start();
    let relay = Relay::start();
    let line = Shaper::lay(relay.address().ip(), relay.address(), line);
    let desk = Desk::start(&exchange, "desk", Some(&relay));
    let servers = Relay::servers_at(line.address());
    let sends = Sends {
        bars: true,
        ..Sends::default()
    };
    let caller = Desk::start_with(&exchange, "terminal", Some(servers), sends);
    caller.act(&format!("call('sip:desk@{DOMAIN}')"));
    desk.answer();
    measure(&desk, options)
}

fn measure(desk: &Desk, options: &Options) -> Measured {
    wait_for("picture and sound", || {
        let counts = desk.counts();
        (counts.frames > 0 && counts.samples > 0).then_some(())
    });
    std::thread::sleep(Duration::from_secs(options.before));
    let before = desk.counts();
    let begun = std::time::Instant::now();
    std::thread::sleep(Duration::from_secs(options.seconds));
    let after = desk.counts();
    let seconds = begun.elapsed().as_secs_f64();
    let share = |count: fn(&Counts) -> f64, of: f64| 100.0 * (count(&after) - count(&before)) / of;
    let samples = (after.samples - before.samples) as f64;
    Measured {
        rate: (after.frames - before.frames) as f64 / seconds,
        height: f64::from(after.height),
        frozen: share(|c| c.frozen, seconds),
        concealed: share(|c| c.concealed as f64, samples),
    }
}
