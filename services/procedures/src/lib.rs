// SPDX-License-Identifier: EUPL-1.2
//! Service descriptions: what a person needs to know before they come.
//!
//! The state portals exchange them as XZuFi, an XÖV standard. [`parse`] reads such a message and makes
//! [`Procedures`] of it, in which every text can be shown and read aloud, or a [`Diagnostic`] that points at the place.
//!
//! Read are versions 2.1 to 2.3 (namespaces `http://xoev.de/schemata/xzufi/2_…`): how the message itself is called
//! differs from version to version and is not looked at. What is read of it:
//!
//! ```text
//! any message
//! └─ schreibe*                                    objects may also lie elsewhere in a message
//!    ├─ leistung                  id (schemeAgencyID), referenzLeiKa/code
//!    │  ├─ modulText*             leikaTextmodul/code, positionDarstellung, inhalt* (languageCode),
//!    │  │                         weiterfuehrenderLink* (languageCode; titel, uri)
//!    │  ├─ modulBegriffImKontext     begriffImKontext*/begriff (languageCode)
//!    │  └─ modulKosten, modulBearbeitungsdauer, modulFrist    positionDarstellung, beschreibung* (languageCode)
//!    ├─ organisationseinheit      id, zustaendigkeit*/leistungID*
//!    └─ zustaendigkeitTransferObjekt    uebergeordnetesObjektID, zustaendigkeit/leistungID*
//! ```
//!
//! The schemas are in the XRepository (`urn:xoev-de:xzufi`), the codes of text modules in its list
//! `urn:de:xzufi:codeliste:leistungstextmodulleika`. The names above were compared with two programs that read what the
//! states deliver to the Portalverbund: `codedust/xzufi` (`parse-xzufi.py`) and `rongem/pvog` (`src/model/rest`).
//! Amounts, periods and areas that are not written out in words are left out.
//!
//! Who is responsible is an organisational unit of the portal; the site configuration says where at this place it is
//! found (`organisations` of an authority or a department). Units and languages of others are passed over.

mod check;
mod html;
mod language;
mod last_good;
pub mod limits;
mod plain;
mod tags;
mod target;
mod xml;
mod xzufi;

use site::{Fault, Language, Localized, Site, Text};

pub use html::{Block, Item};
pub use last_good::{LastGood, Loaded};
pub use site::Diagnostic;

/// The service descriptions of a place, in the order of the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Procedures {
    all: Vec<Procedure>,
}

impl Procedures {
    /// All of them.
    pub fn all(&self) -> &[Procedure] {
        &self.all
    }

    /// The one with this id.
    pub fn get(&self, id: &str) -> Option<&Procedure> {
        self.all.iter().find(|procedure| procedure.id == id)
    }

    /// Those that a department offers.
    pub fn of_department<'a>(&'a self, id: &'a str) -> impl Iterator<Item = &'a Procedure> {
        self.all
            .iter()
            .filter(move |procedure| procedure.departments.iter().any(|known| known == id))
    }

    /// Those that an authority offers, in a department or without one.
    pub fn of_authority<'a>(&'a self, id: &'a str) -> impl Iterator<Item = &'a Procedure> {
        self.all
            .iter()
            .filter(move |procedure| procedure.authorities.iter().any(|known| known == id))
    }
}

/// One thing that an authority does for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Procedure {
    /// Unique in the file: the agency that gave it, and its id.
    pub id: String,
    /// The key in the federal list of services (LeiKa), if it has one.
    pub leika: Option<String>,
    /// The departments that offer it, by their ids in the site configuration.
    pub departments: Vec<String>,
    /// The authorities that offer it, likewise.
    pub authorities: Vec<String>,
    name: Text,
    official: Option<Text>,
    keywords: Vec<(Language, String)>,
    modules: Vec<Module>,
}

impl Procedure {
    /// What people call it, in German where nobody translated it.
    pub fn name(&self, language: Language) -> &str {
        self.name.get(language)
    }

    /// The name in every language.
    pub fn names(&self) -> &Text {
        &self.name
    }

    /// What the authority calls it, if the file says so.
    pub fn official(&self, language: Language) -> Option<&str> {
        self.official.as_ref().map(|name| name.get(language))
    }

    /// Other words by which people look for it, each in its language.
    pub fn keywords(&self) -> impl Iterator<Item = (Language, &str)> {
        self.keywords
            .iter()
            .map(|(language, word)| (*language, word.as_str()))
    }

    /// Its texts, in the order of the file; at least one.
    pub fn modules(&self, language: Language) -> impl Iterator<Item = Part<'_>> {
        self.modules.iter().map(move |module| module.part(language))
    }

    /// Its texts of one kind, mostly one or none.
    pub fn of_kind(&self, kind: Kind, language: Language) -> impl Iterator<Item = Part<'_>> {
        self.modules(language).filter(move |part| part.kind == kind)
    }

    /// The forms it needs.
    pub fn forms(&self, language: Language) -> impl Iterator<Item = &Link> {
        self.of_kind(Kind::Forms, language)
            .flat_map(|part| part.links)
    }
}

/// What a text is about, in the order in which people ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// One sentence that makes people read on.
    Teaser,
    /// What it is, in short.
    Summary,
    /// What it is, in full.
    Description,
    /// Who can have it.
    Requirements,
    /// What to bring.
    Documents,
    /// What it costs.
    Costs,
    /// How it goes.
    Steps,
    /// How long it takes.
    Duration,
    /// Until when it has to be done.
    Deadline,
    /// What has to be filled in.
    Forms,
    /// Who does it.
    Office,
    /// Whom to ask.
    Contact,
    /// What else matters.
    Notes,
    /// Where to read on.
    FurtherInformation,
    /// What to do against a decision.
    Appeal,
    /// Which law it follows.
    LegalBasis,
}

/// A text about one thing, in every language in which it is there.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Module {
    kind: Kind,
    text: Localized<Vec<Block>>,
    links: Localized<Vec<Link>>,
}

impl Module {
    fn part(&self, language: Language) -> Part<'_> {
        Part {
            kind: self.kind,
            language: self.text.language(language),
            blocks: self.text.version(language),
            links: self.links.version(language),
        }
    }
}

/// A text about one thing, in one language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part<'a> {
    /// What it is about.
    pub kind: Kind,
    /// The language it is really in: the one that was asked for, or German.
    pub language: Language,
    /// The text.
    pub blocks: &'a [Block],
    /// What it points to.
    pub links: &'a [Link],
}

/// Something to look up elsewhere. Nothing opens from here, so its address is text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// What it is.
    pub title: String,
    /// Where it is, such as `www.example.de/antrag.pdf`, if people can go there.
    pub target: Option<String>,
}

/// Reads and checks a file for this place; `name` is how diagnostics call the file.
pub fn parse(name: &str, bytes: &[u8], site: &Site) -> Result<Procedures, Box<Diagnostic>> {
    if bytes.len() > limits::FILE {
        return Err(too_large(name, bytes));
    }
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => return Err(not_utf8(name, bytes, error.valid_up_to())),
    };
    xzufi::read(text)
        .and_then(|file| check::check(file, site))
        .map_err(|fault| fault.in_file(name, text))
}

/// The place is where the limit is crossed: the last tag that begins before it.
fn too_large(name: &str, bytes: &[u8]) -> Box<Diagnostic> {
    let start = bytes.get(..limits::FILE).unwrap_or(bytes);
    let start = String::from_utf8_lossy(start);
    let at = start.rfind('<').unwrap_or(start.len());
    Fault::new(
        at..start.len(),
        "procedures::too-large",
        format!(
            "the file has more than the {} bytes that are allowed; this is where they end",
            limits::FILE
        ),
        "export only the service descriptions of your town, and no pictures in them",
    )
    .in_file(name, &start)
}

fn not_utf8(name: &str, bytes: &[u8], at: usize) -> Box<Diagnostic> {
    let good = String::from_utf8_lossy(bytes.get(..at).unwrap_or_default());
    let message = match bytes {
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => "the file is UTF-16",
        _ => "the file is not UTF-8 from here on",
    };
    Fault::new(
        at..at,
        "procedures::not-utf8",
        message,
        "export or save it as UTF-8",
    )
    .in_file(name, &good)
}
