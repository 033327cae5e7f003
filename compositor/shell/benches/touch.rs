// SPDX-License-Identifier: EUPL-1.2
//! From a touch to changed pixels on the heaviest screens at 1920x1080: layout and partial painting. Two frames of a
//! screen with 60 Hz are 33 ms: `cargo bench -p shell --bench touch`.

#![allow(missing_docs, clippy::unwrap_used)] // The macros of criterion write none; a bench ends at the first surprise.

#[path = "../tests/common/mod.rs"]
mod common;

use criterion::{Criterion, criterion_group, criterion_main};
use shell::canvas::Canvas;
use shell::event::{Action, Event};
use shell::press::{Finger, Motion};
use shell::runtime::Runtime;
use shell::state::State;

fn shell(state: State) -> Runtime {
    let mut shell = common::runtime(state, Canvas::new(1920, 1080, None));
    shell.paint();
    shell
}

fn touch(shell: &mut Runtime, action: Action) {
    let (x, y) = shell.scene().tree.control(action).unwrap().rect.centre();
    for motion in [Motion::Down(x, y), Motion::Up] {
        shell.finger(Finger::Touch(1), motion);
        shell.paint();
    }
}

fn touches(criterion: &mut Criterion) {
    let informed = common::after(common::open(), [Event::Catalogue(common::catalogue())]);
    let inform = [Action::Begin, Action::Inform];
    let inform = common::way(informed, &inform);
    // A key of the keyboard, beside five results that change: down and up, so two pictures each.
    let search = common::way(inform.clone(), &[Action::Search]);
    let mut search = shell(common::way(search, &common::letters("auswei")));
    let mut keys = [Action::Type('s'), Action::Delete].into_iter().cycle();
    criterion.bench_function("a key, down and up", |bench| {
        bench.iter(|| touch(&mut search, keys.next().unwrap()));
    });
    // Another page of a description: all of it changes.
    let read = [
        Action::Authority(0),
        Action::Department(0),
        Action::Service(0),
    ];
    let mut read = shell(common::way(inform, &read));
    let mut pages = [Action::Page(1), Action::Page(0)].into_iter().cycle();
    criterion.bench_function("a page, down and up", |bench| {
        bench.iter(|| touch(&mut read, pages.next().unwrap()));
    });
}

criterion_group!(benches, touches);
criterion_main!(benches);
