// SPDX-License-Identifier: EUPL-1.2
//! That nothing of a document stays: neither in the service nor on disk, and that the printer is told to forget it.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A test ends at the first surprise.

mod common;

use std::fs;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use api::print::{JobState, Printer};
use api::session::Kind;
use common::documents::pdf;
use common::relay::Relay;
use common::{Place, go_on, has_begun, pipe};
use print::printer::{Device, Stand};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, PidfdFlags, pidfd_open};

const CANARY: &str = "KANARIENVOGEL-4711";

/// How often the canary is in the memory of a process.
fn in_memory(process: u32) -> usize {
    let maps = fs::read_to_string(format!("/proc/{process}/maps")).unwrap();
    let mut memory = fs::File::open(format!("/proc/{process}/mem")).unwrap();
    let mut found = 0;
    for line in maps.lines() {
        let mut fields = line.split(' ');
        let (range, rights) = (fields.next().unwrap(), fields.next().unwrap());
        if !rights.starts_with('r') || line.contains("[vvar") || line.contains("[vsyscall]") {
            continue;
        }
        let (start, end) = range.split_once('-').unwrap();
        let [start, end] = [start, end].map(|at| u64::from_str_radix(at, 16).unwrap());
        let mut piece = vec![0; usize::try_from(end - start).unwrap()];
        memory.seek(SeekFrom::Start(start)).unwrap();
        if memory.read_exact(&mut piece).is_ok() {
            found += count(&piece);
        }
    }
    found
}

fn count(bytes: &[u8]) -> usize {
    let canary = CANARY.as_bytes();
    bytes
        .windows(canary.len())
        .filter(|piece| piece == &canary)
        .count()
}

/// How often it is in the files below `dir`.
fn in_files(dir: &Path) -> usize {
    let entries = fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let found = entries.map(|path| {
        if path.is_dir() {
            in_files(&path)
        } else {
            count(&fs::read(&path).unwrap())
        }
    });
    found.sum()
}

fn pid(process: u32) -> Pid {
    Pid::from_raw(process.cast_signed()).unwrap()
}

/// The process that a process has started.
fn child_of(process: u32) -> u32 {
    let path = format!("/proc/{process}/task/{process}/children");
    let of_thread = |path: &Path| fs::read_to_string(path).unwrap_or_default();
    let mut children = of_thread(Path::new(&path));
    for thread in fs::read_dir(format!("/proc/{process}/task")).unwrap() {
        children += &of_thread(&thread.unwrap().path().join("children"));
    }
    children
        .split(' ')
        .next()
        .unwrap()
        .parse()
        .expect("a child")
}

/// Proves T15: while a document is printed it is in the memory of its job's process alone; when the session ends, and with it the
/// service, the printer is told to forget it, and there is nothing of it in the service that starts anew or in its files.
#[test]
fn nothing_of_a_document_stays() {
    let place = Place::new();
    pipe(&place.path("paper"));
    let printer = place.printer("image/pwg-raster", "read < paper");
    // The printer has begun to take the document, and does not take more of it.
    let mut relay = Relay::to(printer.port, 3000);
    let mut service = place.service(relay.port);
    service.until_printer(Printer::Ready);
    service
        .print(Kind::Pdf, &pdf(&[CANARY, CANARY]), 1)
        .unwrap();
    service.until(JobState::Printing);
    relay.stalled.recv_timeout(common::DEADLINE).unwrap();
    let job = child_of(service.process.id());
    assert!(in_memory(job) > 0, "the search finds nothing");
    assert_eq!(in_memory(service.process.id()), 0);
    assert_eq!(in_files(&place.path("run")), 0);
    let marker = fs::read_to_string(place.path("run").join("job")).unwrap();
    let number = marker.lines().nth(1).unwrap().parse().unwrap();
    let device = Device::new(&printer.target()).unwrap();
    assert_ne!(device.progress(number).unwrap().stand, Stand::GivenUp);

    let ends = pidfd_open(pid(job), PidfdFlags::empty()).unwrap();
    service.process.kill();
    relay.cut();
    // It ends a moment later than its parent; a process that has ended has no memory.
    let mut ends = [PollFd::new(&ends, PollFlags::IN)];
    let left = Timespec::try_from(common::DEADLINE).unwrap();
    assert_eq!(poll(&mut ends, Some(&left)), Ok(1), "the job goes on");
    let anew = place.service(printer.port);
    anew.until_printer(Printer::Ready);
    assert_eq!(anew.job().state, JobState::None);
    assert_eq!(in_memory(anew.process.id()), 0);
    assert_eq!(in_files(&place.path("run")), 0);
}

/// Proves T15: a job that the printer has whole when the session ends is taken back, so that the next person does not find it.
#[test]
fn what_the_printer_has_is_taken_back() {
    let place = Place::new();
    let (whole, paper) = (place.path("whole"), place.path("paper"));
    pipe(&whole);
    pipe(&paper);
    let printer = place.printer("image/pwg-raster", ": > whole; read < paper");
    let mut service = place.service(printer.port);
    service.until_printer(Printer::Ready);
    service.print(Kind::Pdf, &pdf(&["eins"]), 1).unwrap();
    has_begun(&whole);
    let marker = fs::read_to_string(place.path("run").join("job")).unwrap();
    let number = marker.lines().nth(1).unwrap().parse().unwrap();
    service.process.kill();
    let anew = place.service(printer.port);
    anew.until_printer(Printer::Ready);
    assert!(!place.path("run").join("job").exists());
    go_on(&paper);
    // When the next one comes out, the one before has come to its end.
    anew.print(Kind::Pdf, &pdf(&["zwei"]), 1).unwrap();
    has_begun(&whole);
    go_on(&paper);
    assert_eq!(anew.until_over().state, JobState::Done);
    let device = Device::new(&printer.target()).unwrap();
    let stand = device.progress(number).unwrap().stand;
    assert_eq!(stand, Stand::GivenUp);
}
