// SPDX-License-Identifier: EUPL-1.2
//! What is generated, judged by those it is for.

use std::process::Command;

use crate::place::{Place, is_private, output};

fn config_with(find: &str, replace: &str) -> Place {
    let place = Place::new();
    let text = std::fs::read_to_string(place.config()).unwrap();
    assert!(text.contains(find), "{find}");
    std::fs::write(place.config(), text.replacen(find, replace, 1)).unwrap();
    place
}

/// Proves X1: Kamailio takes the configuration, behind a router too; it hears nothing but TLS; secrets are this user's alone.
#[test]
fn kamailio_takes_its_configuration() {
    for public in ["", "public-address = \"198.51.100.7\"\n"] {
        let place = config_with("holidays", &format!("{public}holidays"));
        let printed = place.printed(&["generate"]);
        for file in printed.lines() {
            assert!(is_private(file.as_ref()), "{file}");
        }
        let main = printed.lines().next().unwrap();
        let checked = Command::new("kamailio")
            .args(["-c", "-f", main])
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&checked.stderr).into_owned()
            + &String::from_utf8_lossy(&checked.stdout);
        assert!(checked.status.success(), "{said}");
        let listeners = said
            .lines()
            .filter(|line| line.contains(&place.address.to_string()));
        let listeners: Vec<&str> = listeners.map(str::trim).collect();
        assert_eq!(listeners.len(), 2, "{said}");
        assert!(
            listeners.iter().all(|line| line.starts_with("tls:")),
            "{said}"
        );
        let text = std::fs::read_to_string(main).unwrap();
        assert_eq!(
            text.contains(" advertise 198.51.100.7:5061"),
            !public.is_empty()
        );
    }
}

/// Proves X1: the firewall's rules are what nftables takes, and name every port that is listened on and no other.
#[test]
fn nftables_takes_the_rules() {
    let place = Place::new();
    for arguments in [&["rules"][..], &["rules", "--nft"]] {
        let rules = place.printed(arguments);
        let checked = output(Command::new("nft").args(["-c", "-f", "-"]), &rules);
        assert!(
            checked.status.success(),
            "{}\n{rules}",
            String::from_utf8_lossy(&checked.stderr)
        );
        let ports: Vec<&str> = rules
            .lines()
            .filter_map(|line| line.split_once(" dport ")?.1.split(' ').next())
            .collect();
        assert_eq!(
            ports,
            [
                "8080",
                "8443",
                "5061",
                "8444",
                "3478",
                "5349",
                "20000-20063"
            ]
        );
    }
    let table = place.printed(&["rules", "--table"]);
    assert!(table.contains("8444") && !table.contains("nft"), "{table}");
}

/// Proves X1, X4: a mistake is told with its line, its column and the next step; nothing of it reaches another program.
#[test]
fn mistakes_are_pointed_at() {
    for (find, replace, at, help) in [
        (
            "\"exchange.test\"",
            "\"exchange.test\\\" evil\"",
            "\"exchange.test",
            "small letters",
        ),
        (
            "control = ",
            "control = 8080 # ",
            "8080 #",
            "give each its own",
        ),
        (
            "authority = \"town\"",
            "authority = \"twon\"",
            "\"twon\"",
            "known are: district, town",
        ),
        (
            "departments = [\"registration\"]",
            "departments = [\"registration\", \"vehicles\"]",
            "\"vehicles\"]",
            "make two desks",
        ),
        (
            "hours = {}",
            "hours = {}\noverflow = { to = \"vehicles\", after = 60 }",
            "\"vehicles\", after",
            "same authority",
        ),
        (
            "[ports]",
            "[[absence]]\nauthority = \"town\"\nfrom = 2026-12-31\nto = 2026-12-24\n[ports]",
            "2026-12-24",
            "last day",
        ),
    ] {
        let place = config_with(find, replace);
        let text = std::fs::read_to_string(place.config()).unwrap();
        let (before, _) = text.split_at(text.find(at).unwrap());
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap().len() + 1;
        let checked = place.run(&["check"], "");
        let said = String::from_utf8_lossy(&checked.stderr);
        assert!(!checked.status.success());
        assert!(
            said.contains(&format!("exchange.toml:{line}:{column}")),
            "{line}:{column}: {said}"
        );
        assert!(said.contains(help), "{said}");
        assert!(!place.run(&["generate"], "").status.success());
        assert!(!place.state().exists());
    }
}

/// Proves X1: the unit is sandboxed as every service of ours.
#[test]
fn the_unit_is_sandboxed() {
    let unit = concat!(env!("CARGO_MANIFEST_DIR"), "/exchange.service");
    let judged = Command::new("systemd-analyze")
        .args([
            "security",
            "--offline=true",
            "--threshold=20",
            "--no-pager",
            unit,
        ])
        .output()
        .unwrap();
    assert!(
        judged.status.success(),
        "{}",
        String::from_utf8_lossy(&judged.stdout)
    );
}
