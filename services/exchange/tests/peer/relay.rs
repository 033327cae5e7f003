// SPDX-License-Identifier: EUPL-1.2
//! Media through the real coturn, by its own client.

use std::process::Command;

use serde_json::Value;

use crate::place::Place;

fn relays(place: &Place, user: &str, password: &str) -> bool {
    // Two clients relay to one another, some packets.
    let ran = Command::new("turnutils_uclient")
        .args([
            "-y", "-n", "10", "-m", "2", "-l", "170", "-u", user, "-w", password, "-p", "3478",
        ])
        .arg(place.address.to_string())
        .output()
        .unwrap();
    let said =
        String::from_utf8_lossy(&ran.stdout).into_owned() + &String::from_utf8_lossy(&ran.stderr);
    ran.status.success() && said.contains("Total lost packets 0 (0.000000%)")
}

/// Proves X1, X2: coturn relays for an account of ours; not for one that has ended, with a wrong password, or without any.
#[test]
fn only_good_accounts_relay() {
    let place = Place::start();
    let one = place.sign_in("one");
    let account: Value = one.json("/api/desk/account");
    let server = &account["ice"][0];
    let (user, password) = (
        server["username"].as_str().unwrap(),
        server["credential"].as_str().unwrap(),
    );
    assert!(relays(&place, user, password));
    assert!(!relays(&place, user, "wrong"));
    let secret = std::fs::read_to_string(place.state().join("turn.secret")).unwrap();
    let secret = api::secret::Secret::new(secret).unwrap();
    let user = "1700000000:desk.one";
    assert!(!relays(
        &place,
        user,
        &exchange::account::password(&secret, user)
    ));
    // A SIP password is none of the relay's.
    assert!(!relays(
        &place,
        account["user"].as_str().unwrap(),
        account["password"].as_str().unwrap()
    ));
}
