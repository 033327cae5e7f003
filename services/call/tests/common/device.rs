// SPDX-License-Identifier: EUPL-1.2
//! A device of a town, and whoever stands at it.

use std::fs;
use std::net::IpAddr;
use std::path::PathBuf;

use call::exchange::enrol::{EnrolError, Enrolment, enrol};
use call::exchange::identity::{Device, Keeper};
use call::exchange::place::Means;
use exchange::random;
use hyper::{Method, StatusCode};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use super::children::wait_for;
use super::terminal::Terminal;
use super::town::{Clerk, TERMINAL, Town};

const SAMPLE: &str = include_str!("../../../../recipes/site/site.toml");
/// Departments of a town; the last is never open.
pub const DEPARTMENTS: [&str; 3] = ["meldestelle", "standesamt", "nie"];

/// An address of our own on loopback.
pub fn address() -> IpAddr {
    let [b, c, d] = random::bytes::<3>().unwrap();
    IpAddr::from([127, b, c, d.clamp(2, 254)])
}

/// The files of a device.
pub struct Files {
    dir: TempDir,
    /// Its site configuration.
    pub site: PathBuf,
}

impl Files {
    /// Of one whose site names this exchange.
    pub fn at(town: &Town) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let site = dir.path().join("site.toml");
        let text = SAMPLE.replacen("[session]", &format!("{}\n[session]", town.section()), 1);
        fs::write(&site, text).unwrap();
        fs::write(dir.path().join("picture.svg"), "<svg/>").unwrap();
        fs::create_dir(dir.path().join("call")).unwrap();
        Self { dir, site }
    }

    fn keeper(&self) -> Keeper {
        Keeper::new(self.dir.path().join("call"))
    }

    /// The device.
    pub fn device(&self) -> Device {
        Device::new(&self.site, &self.dir.path().join("store"), self.keeper())
    }

    fn call(&self) -> site::call::Call {
        let text = fs::read_to_string(&self.site).unwrap();
        site::parse("site.toml", &text).unwrap().call.unwrap()
    }

    /// Sets it up with a code.
    pub fn enrol(&self, code: &str) -> Result<(), EnrolError> {
        let enrolment = Enrolment::parse(&format!("{TERMINAL} {code}")).unwrap();
        let runtime = Runtime::new().unwrap();
        runtime.block_on(enrol(&self.call(), &enrolment, &self.keeper()))
    }

    /// How many tickets the exchange knows of this terminal.
    pub fn tickets(&self) -> usize {
        let client = self.device().client().unwrap().unwrap();
        let request = (Method::GET, "/api/terminal/tickets");
        let runtime = Runtime::new().unwrap();
        let answer = runtime.block_on(client.ask("look", request, None, StatusCode::OK));
        let all: Vec<serde_json::Value> = serde_json::from_slice(&answer.unwrap()).unwrap();
        all.len()
    }
}

/// Waits until both sides see each other move. After some seconds Chromium takes its own beeps for noise: a call that lasts is not heard.
pub fn sees(terminal: &Terminal, clerk: &Clerk) {
    let frames = || clerk.looks().map_or(0, |seen| seen.frames);
    let pictures = || terminal.arrived(|arrived| arrived.frames.len());
    let before = (frames(), pictures());
    wait_for("moving pictures at both sides", || {
        (frames() > before.0 + 10 && pictures() > before.1 + 10).then_some(())
    });
}

/// Waits until both sides see each other move, and hear each other.
pub fn sees_and_hears(terminal: &Terminal, clerk: &Clerk) {
    let before = clerk.looks().map_or(0, |seen| seen.frames);
    wait_for("moving bars and a tone at the desk", || {
        let seen = clerk.looks()?;
        // Yellow and red.
        let bars =
            seen.left[1] > 110 && seen.left[2] < 90 && seen.right[0] > 110 && seen.right[1] < 90;
        (bars && seen.frames > before + 10 && seen.level > 0.1).then_some(())
    });
    let look = || {
        terminal.arrived(|arrived| {
            let loudest = arrived.samples.iter().map(|s| s.unsigned_abs()).max();
            let picture = arrived.frame.as_ref().map(|frame| frame.rgb.clone());
            (arrived.frames.len(), picture, loudest.unwrap_or_default())
        })
    };
    let (came, picture, _) = look();
    wait_for("moving pictures and beeps at the terminal", || {
        let (frames, now, loudest) = look();
        (frames > came + 10 && now != picture && loudest > 2000).then_some(())
    });
}
