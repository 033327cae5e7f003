// SPDX-License-Identifier: EUPL-1.2
//! The site configuration: what makes a device this town's device.
//!
//! One TOML file names the place, who to call, the languages, the authorities and their departments. [`parse`] turns
//! it into a [`Site`] in which everything refers to something that exists, or into a [`Diagnostic`] that points at
//! the line. A device keeps the last file it could accept: see [`LastGood`].
//!
//! ```
//! let site = site::parse("site.toml", r#"
//!     languages = ["de", "en"]
//!
//!     [place]
//!     name = "Weißbach"
//!     region = "Freistaat Sachsen"
//!     picture = "picture.svg"
//!
//!     [operator]
//!     name = "IT der Stadtverwaltung"
//!     phone = "03581 000"
//!
//!     [[authority]]
//!     id = "town"
//!     kind = "municipality"
//!     name = { de = "Stadtverwaltung", en = "Town council" }
//!
//!     [[department]]
//!     id = "dog-tax"
//!     authority = "town"
//!     name = "Hund anmelden"
//!     official = "Hundesteuer"
//!     about = "Sie melden hier Ihren Hund an."
//!     bring = ["Ausweis"]
//!     icon = "dog"
//!     hours = { tu = ["9:00-12:00", "13:00-18:00"] }
//! "#)?;
//! assert_eq!(site.departments[0].hours.on(site::Weekday::Tuesday).len(), 2);
//! # Ok::<(), Box<site::Diagnostic>>(())
//! ```

mod applications;
mod braille;
pub mod call;
mod check;
mod devices;
mod diagnostic;
mod hours;
mod last_good;
mod network;
mod print;
mod raw;
mod scan;
mod screen;
mod shelf;
pub mod store;
mod text;

use std::time::Duration;

use serde::Deserialize;

pub use applications::{Application, Domain, Fingerprint, Host, Program, Rdp};
pub use braille::{braille_lines, is_braille_line};
pub use check::limits;
pub use devices::{Bus, Devices, Input as DeviceInput, UsbId, UsbKind};
pub use diagnostic::{Diagnostic, Fault};
pub use hours::{Hours, Period, TimeOfDay, Weekday};
pub use last_good::{LastGood, LoadError, Loaded};
pub use network::Network;
pub use print::{Address, Print, Printer};
pub use scan::{Scan, ScannerAddress};
pub use screen::{Screen, SecondScreen};
pub use shelf::{Names, Notice, Origin, Shelf, read_bounded};
pub use text::{Language, Localized, Text};

/// Parts of a file as they are written, and how they are checked, for other files that have them too.
pub mod written {
    pub use crate::check::{count, hours, id, words};
    pub use crate::raw::Hours;
}

/// Everything a device has to know of its place, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    /// The place itself.
    pub place: Place,
    /// Who helps when the device cannot help itself.
    pub operator: Operator,
    /// How long a session lasts.
    pub session: Session,
    /// What holds for the clerk of a case.
    pub clerk: Clerk,
    /// The languages offered, German first.
    pub languages: Vec<Language>,
    /// The authorities, in the order of the file.
    pub authorities: Vec<Authority>,
    /// The departments, in the order of the file; each names an authority of this list.
    pub departments: Vec<Department>,
    /// The department (by its number in the list) that is called where somebody needs help at the device itself, if there is one.
    pub help: Option<usize>,
    /// The applications released to clerks, in the order of the file.
    pub applications: Vec<Application>,
    /// The screens.
    pub screen: Screen,
    /// The devices that may be used.
    pub devices: Devices,
    /// What documents are printed on.
    pub print: Print,
    /// What papers are scanned on.
    pub scan: Scan,
    /// The line to the town hall.
    pub network: Network,
    /// Where departments are called; nothing where calls are not set up.
    pub call: Option<call::Call>,
}

impl Site {
    /// The departments of `authority`, in the order of the file.
    pub fn departments_of<'a>(
        &'a self,
        authority: &'a str,
    ) -> impl Iterator<Item = &'a Department> {
        self.departments
            .iter()
            .filter(move |department| department.authority == authority)
    }
}

/// The place where the device stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// "Weißbach an der Löbnitz".
    pub name: Text,
    /// The line below it: "Landkreis Görlitz · Freistaat Sachsen".
    pub region: Text,
    /// The name of an SVG file beside the configuration.
    pub picture: String,
    /// The IANA name of the time zone, by default Europe/Berlin.
    pub time_zone: String,
}

/// The people who keep the device running.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operator {
    /// How they are called: "IT der Stadtverwaltung".
    pub name: Text,
    /// The number a person standing in front of the device dials.
    pub phone: String,
}

/// When a session ends by itself. Whoever needs more time says so, as often as they want.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Session {
    /// After this time without a touch the device asks whether somebody is there.
    pub idle: Duration,
    /// For this long it asks; then it ends.
    pub warning: Duration,
    /// After this time it asks in any case.
    pub longest: Duration,
}

impl Default for Session {
    fn default() -> Self {
        Self {
            idle: Duration::from_mins(2),
            warning: Duration::from_mins(1),
            longest: Duration::from_hours(1),
        }
    }
}

/// What holds for the clerk of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clerk {
    /// After this time without a touch the case locks.
    pub lock: Duration,
}

impl Default for Clerk {
    fn default() -> Self {
        Self {
            lock: Duration::from_mins(5),
        }
    }
}

/// Who is responsible.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authority {
    /// A short word that departments refer to.
    pub id: String,
    /// Which level it belongs to.
    pub kind: Kind,
    /// What people call it.
    pub name: Text,
    /// The ids of its organisational units in the state portal's service descriptions.
    pub organisations: Vec<String>,
}

/// The level an authority belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Stadt or Gemeinde.
    Municipality,
    /// Landkreis.
    District,
    /// Freistaat or Land.
    State,
    /// Bund.
    Federal,
    /// A bank, an insurer, a health fund.
    ThirdParty,
}

/// One thing a citizen can come for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Department {
    /// A short word, unique in the file.
    pub id: String,
    /// The authority's id.
    pub authority: String,
    /// In the words of citizens: "Hund anmelden".
    pub name: Text,
    /// What the authority calls it: "Hundesteuer".
    pub official: Text,
    /// One or two sentences on what it is for.
    pub about: Text,
    /// When somebody is there.
    pub hours: Hours,
    /// What to bring.
    pub bring: Vec<Text>,
    /// The picture beside the name, if any.
    pub icon: Option<Icon>,
    /// The ids of its organisational units in the state portal's service descriptions.
    pub organisations: Vec<String>,
}

/// The pictures the shell can draw beside a department's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs)] // Each is what it is called.
pub enum Icon {
    IdCard,
    Rings,
    House,
    Pram,
    Blocks,
    Car,
    DrivingLicence,
    Graduation,
    Wheelchair,
    Dog,
    Certificate,
    Building,
    Family,
    Coins,
    Paper,
}

impl Icon {
    /// All icons.
    pub const ALL: [Self; 15] = [
        Self::IdCard,
        Self::Rings,
        Self::House,
        Self::Pram,
        Self::Blocks,
        Self::Car,
        Self::DrivingLicence,
        Self::Graduation,
        Self::Wheelchair,
        Self::Dog,
        Self::Certificate,
        Self::Building,
        Self::Family,
        Self::Coins,
        Self::Paper,
    ];
}

/// Reads and checks a site configuration; `name` is how diagnostics call the file.
pub fn parse(name: &str, text: &str) -> Result<Site, Box<Diagnostic>> {
    check::check(name, text)
}
