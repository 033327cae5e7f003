// SPDX-License-Identifier: EUPL-1.2
//! Many desks and many terminals at once. Each does what a real one does: a terminal takes a ticket and its account by mTLS, watches the
//! ticket, and calls it over TLS when it is called; desks are registered over secure WebSocket and watch their queue, one of those that
//! ring answers, and is free again after the call.

mod desk;
mod https;
mod terminal;

use std::collections::{BTreeMap, HashSet, VecDeque};
use std::fmt::Write as _;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use api::secret::Secret;
use exchange::config;
use exchange::state::State;
use exchange::store::Store;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::place::{PASSWORD, Place};
use terminal::Terminal;

/// Milliseconds in which the kernel counts processor time, for programs.
const TICK: u64 = 10;

/// How much.
#[derive(Clone, Copy, Debug)]
pub struct Load {
    /// Terminals that are enrolled.
    pub terminals: usize,
    /// Desks that are registered and free.
    pub desks: usize,
    /// So many of them serve the same department, and ring together.
    pub together: usize,
    /// Calls that begin in a second.
    pub rate: u32,
    /// For so long.
    pub time: Duration,
}

/// What came of a call.
#[derive(Clone, Copy, Debug)]
pub struct Call {
    /// From the wish to the ticket.
    pub ticket: Duration,
    /// From the ticket to its turn, as the terminal hears it.
    pub turn: Duration,
    /// From the INVITE to the answer, with the challenge.
    pub set_up: Duration,
    /// From the BYE to its confirmation.
    pub end: Duration,
}

/// What came of all.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Calls that went well.
    pub calls: Vec<Call>,
    /// What did not, and how often.
    pub failures: BTreeMap<String, usize>,
    /// Processor time of each program meanwhile.
    pub cpu: BTreeMap<String, Duration>,
    /// How long it took.
    pub took: Duration,
}

/// What all share who play.
struct Shared {
    place: Place,
    /// Calls that a desk has answered: the others let it ring.
    claimed: Mutex<HashSet<String>>,
    failures: Mutex<BTreeMap<String, usize>>,
    over: AtomicBool,
}

impl Shared {
    fn failed(&self, what: &str) {
        if !self.over.load(Ordering::Relaxed) {
            let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
            *failures.entry(what.to_owned()).or_default() += 1;
        }
    }

    /// Whether this desk is the first for this call.
    fn claim(&self, call: &str) -> bool {
        let mut claimed = self.claimed.lock().unwrap_or_else(PoisonError::into_inner);
        claimed.insert(call.to_owned())
    }
}

impl Load {
    fn configuration(&self) -> String {
        let always = ["mo", "tu", "we", "th", "fr", "sa", "su"]
            .map(|day| format!("{day} = [\"0:00-24:00\"]"))
            .join(", ");
        let mut text =
            "\n[[authority]]\nid = \"town\"\nkind = \"municipality\"\nname = \"Stadt\"\n"
                .to_owned();
        for department in 0..self.departments() {
            let _ = write!(
                text,
                "[[department]]\nid = \"d{department}\"\nauthority = \"town\"\nname = \"Amt {department}\"\nhours = {{ {always} }}\n"
            );
        }
        for desk in 0..self.desks {
            let department = desk / self.together;
            let _ = write!(
                text,
                "[[desk]]\nid = \"k{desk}\"\ndepartments = [\"d{department}\"]\n"
            );
        }
        for terminal in 0..self.terminals {
            let _ = write!(
                text,
                "[[terminal]]\nid = \"t{terminal}\"\nauthorities = [\"town\"]\n"
            );
        }
        text
    }

    fn departments(&self) -> usize {
        self.desks.div_ceil(self.together)
    }

    /// Sets everybody up, lets them call, and counts. `store` says where it is kept, `database` is a server's process.
    pub fn run(self, store: &str, database: Option<u32>) -> Outcome {
        // Everybody's connections are this process's.
        let most = getrlimit(Resource::Nofile);
        let limit = Rlimit {
            current: most.maximum,
            ..most
        };
        setrlimit(Resource::Nofile, limit).unwrap();
        let mut place = Place::configured(&format!("{store}{}", self.configuration()), 5000);
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let codes = runtime.block_on(prepare(&place, self));
        place.serve_quietly();
        let shared = Arc::new(Shared {
            place,
            claimed: Mutex::default(),
            failures: Mutex::default(),
            over: AtomicBool::new(false),
        });
        let terminals = everybody(self.terminals, |n| {
            Terminal::enrol(&shared.place, &format!("t{n}"), &codes[n])
        });
        let desks = everybody(self.desks, |n| {
            desk::Desk::begin(&shared.place, &format!("k{n}"))
        });
        let desks: Vec<_> = desks
            .into_iter()
            .map(|desk| {
                let shared = shared.clone();
                thread::spawn(move || desk.work(&shared))
            })
            .collect();
        let programs = [
            ("exchange", Some(shared.place.id())),
            ("PostgreSQL", database),
        ];
        let before = cpu(&programs);
        let begun = Instant::now();
        let calls = self.call(&shared, terminals);
        let took = begun.elapsed();
        let cpu = cpu(&programs)
            .into_iter()
            .map(|(name, after)| {
                let spent = after.saturating_sub(before.get(&name).copied().unwrap_or_default());
                (name, spent)
            })
            .collect();
        shared.over.store(true, Ordering::Relaxed);
        let failures = std::mem::take(&mut *shared.failures.lock().unwrap());
        if !failures.is_empty() {
            let log = shared.place.log();
            let lines: Vec<&str> = log.lines().collect();
            eprintln!("{}", lines[lines.len().saturating_sub(60)..].join("\n"));
        }
        // Desks end with what they are connected to.
        shared.place.stop();
        for desk in desks {
            desk.join().unwrap();
        }
        Outcome {
            calls,
            failures,
            cpu,
            took,
        }
    }

    /// Calls begin evenly, whether those before are over or not.
    fn call(self, shared: &Arc<Shared>, terminals: Vec<Terminal>) -> Vec<Call> {
        let total = self.rate * u32::try_from(self.time.as_secs()).unwrap();
        let departments = self.departments();
        let (done, calls) = channel();
        let idle = Arc::new(Mutex::new(VecDeque::from(terminals)));
        let begin = Instant::now();
        for n in 0..total {
            let at = begin + Duration::from_secs(1) * n / self.rate;
            thread::sleep(at.saturating_duration_since(Instant::now()));
            let Some(terminal) = idle.lock().unwrap().pop_front() else {
                shared.failed("no terminal is free: calls take too long");
                continue;
            };
            let (shared, idle, done) = (shared.clone(), idle.clone(), done.clone());
            let department = format!("d{}", n as usize % departments);
            thread::spawn(move || {
                let called =
                    std::panic::AssertUnwindSafe(|| terminal.call(&shared.place, &department));
                match std::panic::catch_unwind(called) {
                    Ok(Ok(call)) => done.send(call).unwrap(),
                    Ok(Err(what)) => shared.failed(&what),
                    Err(_) => shared.failed("a terminal fell"),
                }
                idle.lock().unwrap().push_back(terminal);
            });
        }
        drop(done);
        calls.iter().collect()
    }
}

/// Before it runs: all desks have the same password, and each terminal has a code.
async fn prepare(place: &Place, load: Load) -> Vec<String> {
    let config = config::load(&place.config()).unwrap();
    let state = State::open(&place.state()).unwrap();
    let store = Store::open(&config, &state).await.unwrap();
    let password = Secret::new(PASSWORD.to_owned()).unwrap();
    let hash = password::Hash::of(&password).unwrap();
    for n in 0..load.desks {
        store
            .set_hash(&format!("k{n}"), hash.as_str())
            .await
            .unwrap();
    }
    let holds = exchange::exchange::since_1970() + Duration::from_hours(1);
    let mut codes = Vec::new();
    for n in 0..load.terminals {
        let code = exchange::random::word::<{ exchange::api::enrol::CODE }>().unwrap();
        store.allow(&format!("t{n}"), &code, holds).await.unwrap();
        codes.push(code);
    }
    codes
}

/// A few at a time.
fn everybody<T: Send>(count: usize, make: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let next = std::sync::atomic::AtomicUsize::new(0);
    let ready = Mutex::new(Vec::with_capacity(count));
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                loop {
                    let n = next.fetch_add(1, Ordering::Relaxed);
                    if n >= count {
                        return;
                    }
                    let one = make(n);
                    ready.lock().unwrap().push(one);
                }
            });
        }
    });
    ready.into_inner().unwrap()
}

/// Processor time of these processes and what came of them, by the name of the program.
fn cpu(programs: &[(&str, Option<u32>)]) -> BTreeMap<String, Duration> {
    let mut all = BTreeMap::new();
    for (name, id) in programs {
        let mut left: Vec<u32> = id.iter().copied().collect();
        let mut depth = 0;
        while !left.is_empty() {
            let mut next = Vec::new();
            for id in left {
                let Some((called, spent, children)) = process(id) else {
                    continue;
                };
                // Kamailio and coturn are the exchange's children; whatever is below PostgreSQL is PostgreSQL.
                let called = match *name {
                    "exchange" if depth > 0 => called,
                    name => name.to_owned(),
                };
                *all.entry(called).or_default() += spent;
                next.extend(children);
            }
            left = next;
            depth += 1;
        }
    }
    all.insert(
        "the players".to_owned(),
        process(std::process::id()).unwrap().1,
    );
    all
}

fn process(id: u32) -> Option<(String, Duration, Vec<u32>)> {
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    let (before, after) = stat.rsplit_once(") ")?;
    let name = before.split_once('(')?.1.to_owned();
    let fields: Vec<&str> = after.split(' ').collect();
    let ticks: u64 = fields.get(11)?.parse::<u64>().ok()? + fields.get(12)?.parse::<u64>().ok()?;
    let threads = std::fs::read_dir(format!("/proc/{id}/task")).ok()?;
    let children = threads
        .flatten()
        .filter_map(|thread| std::fs::read_to_string(thread.path().join("children")).ok())
        .flat_map(|text| {
            let ids = text.split_whitespace().filter_map(|id| id.parse().ok());
            ids.collect::<Vec<u32>>()
        })
        .collect();
    let spent = Duration::from_millis(ticks * TICK);
    Some((name, spent, children))
}
