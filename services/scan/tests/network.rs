// SPDX-License-Identifier: EUPL-1.2
//! A scanner that speaks eSCL, through `sane-airscan`, with the configuration that the service makes of the site's.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A test ends at the first surprise.

mod common;

use api::scan::{ScanError, Trouble};
use common::Place;
use common::escl::{Manner, Scanner};
use common::paper::drawn;

/// Proves T6, C13: a scanner that the site names is found; one that is pulled out in the middle of a page is told, what was scanned
/// before stays and can be handed in, and nothing is stuck.
#[test]
fn a_scanner_that_is_pulled_out_is_told() {
    let place = Place::new();
    let scanner = Scanner::start();
    let service = place.service_at(&scanner.url);
    service.until_scanner(true);
    let page = service.page();
    *scanner.manner.lock().unwrap() = Manner::Pulled;
    assert_eq!(service.trouble(), Trouble::Gone);
    assert_eq!(service.pages(), [page]);
    service.until_scanner(false);
    let none = service.proxy.scan();
    assert!(matches!(none, Err(ScanError::NoScanner(_))), "{none:?}");
    let pdf = place.document(service.finish("Eine Seite"));
    let drawn = drawn(&pdf, 1);
    let [red, white] = [drawn.at(600, 800), drawn.at(1900, 2700)];
    assert!(
        red[0].abs_diff(200) < 8 && red[1] < 8 && red[2] < 8,
        "{red:?}"
    );
    assert!(white.iter().all(|value| *value > 247), "{white:?}");
}

/// Proves T6: where there is none, none is found, and nothing else is looked for.
#[test]
fn where_there_is_none_none_is_found() {
    let place = Place::new();
    let free = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = free.local_addr().unwrap().port();
    drop(free);
    let service = place.service_at(&format!("https://127.0.0.1:{port}/eSCL"));
    assert!(matches!(service.proxy.scan(), Err(ScanError::NoScanner(_))));
}
