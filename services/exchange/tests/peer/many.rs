// SPDX-License-Identifier: EUPL-1.2
//! The usual run of many at once, for seconds; `cargo os toolbox cargo bench -p exchange` has it for longer, and with more.

use std::time::Duration;

use crate::load::Load;
use crate::postgres::Postgres;

const LOAD: Load = Load {
    terminals: 150,
    desks: 60,
    together: 3,
    rate: 20,
    time: Duration::from_secs(5),
};

fn goes_well(store: &str, database: Option<u32>) {
    let outcome = LOAD.run(store, database);
    assert!(outcome.failures.is_empty(), "{:?}", outcome.failures);
    assert_eq!(outcome.calls.len(), 100);
    // What the benchmark shows.
    let longest = outcome
        .calls
        .iter()
        .map(|call| call.ticket + call.turn + call.set_up + call.end);
    println!(
        "{:?} of {:?}: {:?}",
        longest.max(),
        outcome.took,
        outcome.cpu
    );
}

/// Proves X6: many call at once, and every call is set up and ended.
#[test]
fn many_calls_at_once() {
    goes_well("", None);
}

/// Proves X6: the same with PostgreSQL.
#[test]
fn many_calls_at_once_in_postgres() {
    let database = Postgres::new();
    goes_well(&database.by_tls(), Some(database.id()));
}
