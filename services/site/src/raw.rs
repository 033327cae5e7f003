// SPDX-License-Identifier: EUPL-1.2
//! The file as it is written, with the place of every value, before anything is checked against anything.

use std::ops::Range;

use serde::Deserialize;
use toml::Spanned;

use crate::{Icon, Kind, Language, SecondScreen, Text, UsbKind};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    pub languages: Spanned<Vec<Spanned<Language>>>,
    pub place: Place,
    pub operator: Operator,
    pub help: Option<Help>,
    #[serde(default)]
    pub session: Session,
    #[serde(default)]
    pub clerk: Clerk,
    pub authority: Spanned<Vec<Authority>>,
    pub department: Spanned<Vec<Department>>,
    pub application: Option<Spanned<Vec<Application>>>,
    pub screen: Option<Screen>,
    pub devices: Option<Devices>,
    pub print: Option<Print>,
    pub scan: Option<Scan>,
    pub network: Option<Network>,
    pub call: Option<Call>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Help {
    pub department: Spanned<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Screen {
    pub main: Option<Spanned<String>>,
    pub rotation: Option<Spanned<u16>>,
    pub millimetres: Option<Spanned<(u16, u16)>>,
    pub scale: Option<Spanned<u16>>,
    pub second: Option<SecondScreen>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Devices {
    pub usb_kinds: Option<Vec<UsbKind>>,
    pub usb: Option<Spanned<Vec<Spanned<String>>>>,
    pub inputs: Option<Spanned<Vec<Spanned<String>>>>,
    pub ears: Option<Spanned<Vec<Spanned<String>>>>,
    pub expected: Option<Vec<UsbKind>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Print {
    pub printers: Option<Spanned<Vec<Printer>>>,
    pub outlet: Option<Spanned<Text>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Printer {
    pub address: Spanned<String>,
    pub certificate: Option<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scan {
    pub scanners: Option<Spanned<Vec<Spanned<String>>>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Network {
    pub uplink: Option<Spanned<i64>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Call {
    pub exchange: Spanned<String>,
    pub address: Option<Spanned<String>>,
    pub https: Option<Spanned<i64>>,
    pub terminals: Option<Spanned<i64>>,
    pub authority: Spanned<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    pub name: Spanned<Text>,
    pub region: Spanned<Text>,
    pub picture: Spanned<String>,
    pub time_zone: Option<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Operator {
    pub name: Spanned<Text>,
    pub phone: Spanned<String>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Session {
    pub idle: Option<Spanned<i64>>,
    pub warning: Option<Spanned<i64>>,
    pub longest: Option<Spanned<i64>>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Clerk {
    pub lock: Option<Spanned<i64>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Authority {
    pub id: Spanned<String>,
    pub kind: Kind,
    pub name: Spanned<Text>,
    #[serde(default)]
    pub organisations: Option<Spanned<Vec<Spanned<String>>>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Department {
    pub id: Spanned<String>,
    pub authority: Spanned<String>,
    pub name: Spanned<Text>,
    pub official: Spanned<Text>,
    pub about: Spanned<Text>,
    #[serde(default)]
    pub bring: Option<Spanned<Vec<Spanned<Text>>>>,
    pub icon: Option<Icon>,
    #[serde(default)]
    pub organisations: Option<Spanned<Vec<Spanned<String>>>>,
    pub hours: Hours,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Application {
    pub id: Spanned<String>,
    pub name: Spanned<Text>,
    pub icon: Option<Icon>,
    pub rdp: Rdp,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rdp {
    pub host: Spanned<String>,
    pub port: Option<Spanned<i64>>,
    pub certificate: Spanned<String>,
    pub program: Option<Spanned<String>>,
    pub domain: Option<Spanned<String>>,
}

/// The time ranges of a day.
pub type Periods = Option<Spanned<Vec<Spanned<String>>>>;

/// The opening hours of a week: `{ mo = ["9:00-12:00"], … }`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)] // Each is its day.
pub struct Hours {
    pub mo: Periods,
    pub tu: Periods,
    pub we: Periods,
    pub th: Periods,
    pub fr: Periods,
    pub sa: Periods,
    pub su: Periods,
}

impl Hours {
    /// From Monday to Sunday.
    pub fn days(self) -> [Periods; 7] {
        [
            self.mo, self.tu, self.we, self.th, self.fr, self.sa, self.su,
        ]
    }
}

/// Parses the TOML; the error has the place, as far as the parser knows it, and the message.
pub fn read(text: &str) -> Result<File, (Option<Range<usize>>, String)> {
    toml::from_str(text).map_err(|error| (error.span(), error.message().to_owned()))
}
