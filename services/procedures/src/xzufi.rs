// SPDX-License-Identifier: EUPL-1.2
//! The file as it is written: elements of XZuFi with their places, before anything is checked against anything.

use std::ops::Range;

use crate::Kind;
use crate::limits;
use crate::xml::{Checked, Element, Xml};
use site::Fault;

/// What a file says, as far as people meet it.
#[derive(Default)]
pub struct File {
    pub services: Vec<Service>,
    pub responsibilities: Vec<Responsibility>,
    units: usize,
}

/// An id is unique together with the agency that gave it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Id {
    pub agency: Option<String>,
    pub value: String,
}

/// An organisational unit that offers a service.
pub struct Responsibility {
    pub unit: Id,
    pub service: Id,
}

/// A `leistung`.
pub struct Service {
    pub id: Id,
    pub leika: Option<String>,
    pub modules: Vec<Module>,
    pub keywords: Vec<Version>,
    pub span: Range<usize>,
}

/// What a module is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// The official name.
    Official,
    /// The name in the words of citizens.
    Name,
    /// A text.
    Kind(Kind),
}

/// A module: one text in several languages.
pub struct Module {
    pub purpose: Purpose,
    pub position: Option<u32>,
    pub texts: Vec<Version>,
    pub links: Vec<Link>,
    pub span: Range<usize>,
}

/// A text in one language.
#[derive(Clone)]
pub struct Version {
    pub tag: Option<String>,
    pub text: String,
    pub span: Range<usize>,
}

/// A link beside a text, in one language.
pub struct Link {
    pub tag: Option<String>,
    pub title: String,
    pub uri: String,
}

/// Reads a file from its beginning to its end.
pub fn read(text: &str) -> Checked<File> {
    let mut xml = Xml::new(text);
    let root = xml.root()?;
    if !root.ours {
        return Err(Fault::new(
            root.span,
            "procedures::not-xzufi",
            format!("<{}> is not a message of XZuFi 2", root.name),
            "export the service descriptions of the state portal as XZuFi, version 2.1 or later",
        ));
    }
    let mut file = File::default();
    container(&mut xml, &mut file)?;
    xml.end()?;
    if file.services.is_empty() {
        return Err(Fault::new(
            root.span,
            "procedures::none",
            "there is no service description in the file",
            "export those of your town: elements <leistung>",
        ));
    }
    Ok(file)
}

/// A message, or something in it that only holds objects. How many levels there are is limited by the reader.
fn container(xml: &mut Xml, file: &mut File) -> Checked<()> {
    while let Some(element) = xml.child()? {
        match (element.ours, element.name.as_str()) {
            (true, "leistung") => {
                if file.services.len() == limits::PROCEDURES {
                    return Err(too_many(&element, limits::PROCEDURES));
                }
                let service = service(xml, element.span)?;
                file.services.push(service);
            }
            (true, "organisationseinheit") => unit(xml, &element, file)?,
            (true, "zustaendigkeitTransferObjekt") => {
                responsibilities(xml, &element, file, "uebergeordnetesObjektID")?;
            }
            (true, "loesche") => {
                return Err(Fault::new(
                    element.span,
                    "procedures::partial",
                    "the file deletes something: it is an update, not the whole",
                    "export all service descriptions of your town",
                ));
            }
            (true, "nachrichtenkopf" | "spezialisierung" | "onlinedienst") | (false, _) => {
                xml.skip()?;
            }
            (true, _) => container(xml, file)?,
        }
    }
    Ok(())
}

fn service(xml: &mut Xml, span: Range<usize>) -> Checked<Service> {
    let (mut found, mut leika) = (None, None);
    let (mut modules, mut keywords) = (Vec::new(), Vec::new());
    while let Some(element) = xml.child()? {
        match element.name.as_str() {
            _ if !element.ours => xml.skip()?,
            "id" => found = Some(id(xml, &element)?),
            "referenzLeiKa" => leika = leika.or(code(xml)?),
            "modulText" | "modulKosten" | "modulBearbeitungsdauer" | "modulFrist" => {
                if modules.len() == limits::MODULES {
                    return Err(too_many(&element, limits::MODULES));
                }
                modules.extend(module(xml, &element)?);
            }
            "modulBegriffImKontext" => terms(xml, &mut keywords)?,
            _ => xml.skip()?,
        }
    }
    let Some(id) = found else {
        return Err(missing(span, "leistung", "id"));
    };
    Ok(Service {
        id,
        leika,
        modules,
        keywords,
        span,
    })
}

/// Words by which a service is looked for: synonyms and the like, one in each `begriffImKontext`.
fn terms(xml: &mut Xml, keywords: &mut Vec<Version>) -> Checked<()> {
    while let Some(term) = xml.child()? {
        if !term.ours || term.name != "begriffImKontext" {
            xml.skip()?;
            continue;
        }
        while let Some(inner) = xml.child()? {
            if !inner.ours || inner.name != "begriff" {
                xml.skip()?;
                continue;
            }
            if keywords.len() == limits::KEYWORDS {
                return Err(too_many(&inner, limits::KEYWORDS));
            }
            keywords.push(Version {
                tag: inner.attribute("languageCode").map(str::to_owned),
                text: xml.text(&inner, limits::ATTRIBUTE)?,
                span: inner.span,
            });
        }
    }
    Ok(())
}

/// A module, if it is one that people read.
fn module(xml: &mut Xml, element: &Element) -> Checked<Option<Module>> {
    let mut purpose = match element.name.as_str() {
        "modulKosten" => Some(Purpose::Kind(Kind::Costs)),
        "modulBearbeitungsdauer" => Some(Purpose::Kind(Kind::Duration)),
        "modulFrist" => Some(Purpose::Kind(Kind::Deadline)),
        _ => None,
    };
    let in_words = if purpose.is_some() {
        "beschreibung"
    } else {
        "inhalt"
    };
    let (mut position, mut texts, mut links) = (None, Vec::new(), Vec::new());
    while let Some(inner) = xml.child()? {
        match inner.name.as_str() {
            _ if !inner.ours => xml.skip()?,
            "leikaTextmodul" => purpose = code(xml)?.and_then(|code| purpose_of(&code)),
            "positionDarstellung" => position = xml.text(&inner, limits::ID)?.trim().parse().ok(),
            name if name == in_words => {
                // One a language is enough, and there are not more languages than that.
                if texts.len() == limits::MODULES {
                    return Err(too_many(&inner, limits::MODULES));
                }
                let text = xml.text(&inner, limits::TEXT)?;
                texts.push(Version {
                    tag: inner.attribute("languageCode").map(str::to_owned),
                    text,
                    span: inner.span,
                });
            }
            "weiterfuehrenderLink" => {
                if links.len() == limits::LINKS {
                    return Err(too_many(&inner, limits::LINKS));
                }
                links.push(link(xml, &inner)?);
            }
            _ => xml.skip()?,
        }
    }
    Ok(purpose.map(|purpose| Module {
        purpose,
        position,
        texts,
        links,
        span: element.span.clone(),
    }))
}

fn link(xml: &mut Xml, element: &Element) -> Checked<Link> {
    let (mut title, mut uri) = (String::new(), String::new());
    while let Some(inner) = xml.child()? {
        match inner.name.as_str() {
            "titel" => title = xml.text(&inner, limits::ATTRIBUTE)?,
            "uri" => uri = xml.text(&inner, limits::ATTRIBUTE)?,
            _ => xml.skip()?,
        }
    }
    let tag = element.attribute("languageCode").map(str::to_owned);
    Ok(Link { tag, title, uri })
}

/// The codes of `urn:de:xzufi:codeliste:leistungstextmodulleika`, as far as people read what they stand for.
fn purpose_of(code: &str) -> Option<Purpose> {
    Some(Purpose::Kind(match code {
        "02" => return Some(Purpose::Official),
        "03" => return Some(Purpose::Name),
        "05" => Kind::Summary,
        "06" => Kind::Description,
        "07" => Kind::LegalBasis,
        "08" => Kind::Documents,
        "09" => Kind::Requirements,
        "11" => Kind::Steps,
        "14" => Kind::Forms,
        "15" => Kind::FurtherInformation,
        "16" => Kind::Notes,
        "22" => Kind::Office,
        "23" => Kind::Contact,
        "24" => Kind::Teaser,
        "25" => Kind::Appeal,
        _ => return None,
    }))
}

fn unit(xml: &mut Xml, element: &Element, file: &mut File) -> Checked<()> {
    if file.units == limits::ORGANISATIONS {
        return Err(too_many(element, limits::ORGANISATIONS));
    }
    file.units += 1;
    responsibilities(xml, element, file, "id")
}

/// What the unit is responsible for that is named by the element `whose`.
fn responsibilities(xml: &mut Xml, element: &Element, file: &mut File, whose: &str) -> Checked<()> {
    let (mut found, mut services) = (None, Vec::new());
    while let Some(inner) = xml.child()? {
        match inner.name.as_str() {
            _ if !inner.ours => xml.skip()?,
            name if name == whose => found = Some(id(xml, &inner)?),
            "zustaendigkeit" => responsibility(xml, &mut services)?,
            _ => xml.skip()?,
        }
    }
    responsible(file, element, found, whose, services)
}

fn responsible(
    file: &mut File,
    element: &Element,
    unit: Option<Id>,
    name: &str,
    services: Vec<Id>,
) -> Checked<()> {
    let Some(unit) = unit else {
        return Err(missing(element.span.clone(), &element.name, name));
    };
    for service in services {
        if file.responsibilities.len() == limits::RESPONSIBILITIES {
            return Err(too_many(element, limits::RESPONSIBILITIES));
        }
        let unit = unit.clone();
        file.responsibilities.push(Responsibility { unit, service });
    }
    Ok(())
}

fn responsibility(xml: &mut Xml, services: &mut Vec<Id>) -> Checked<()> {
    while let Some(inner) = xml.child()? {
        if inner.ours && inner.name == "leistungID" {
            if services.len() == limits::RESPONSIBILITIES {
                return Err(too_many(&inner, limits::RESPONSIBILITIES));
            }
            services.push(id(xml, &inner)?);
        } else {
            xml.skip()?;
        }
    }
    Ok(())
}

fn id(xml: &mut Xml, element: &Element) -> Checked<Id> {
    let value = xml.text(element, limits::ATTRIBUTE)?.trim().to_owned();
    let agency = element.attribute("schemeAgencyID").map(str::trim);
    let agency = agency
        .filter(|agency| !agency.is_empty())
        .map(str::to_owned);
    let ok = |id: &str| id.len() <= limits::ID && id.chars().all(|c| c.is_ascii_graphic());
    if value.is_empty() || !ok(&value) || agency.as_deref().is_some_and(|agency| !ok(agency)) {
        return Err(Fault::new(
            element.span.clone(),
            "procedures::bad-id",
            "this cannot be an id",
            format!(
                "letters, digits and signs without spaces, at most {} of them",
                limits::ID
            ),
        ));
    }
    Ok(Id { agency, value })
}

/// The `code` of an element whose values are codes. It belongs to no namespace in the schema, to XZuFi's in some files.
fn code(xml: &mut Xml) -> Checked<Option<String>> {
    let mut code = None;
    while let Some(inner) = xml.child()? {
        if inner.name == "code" {
            code = Some(xml.text(&inner, limits::ID)?.trim().to_owned());
        } else {
            xml.skip()?;
        }
    }
    Ok(code)
}

fn missing(span: Range<usize>, element: &str, child: &str) -> Fault {
    Fault::new(
        span,
        "procedures::missing",
        format!("this <{element}> has no <{child}>"),
        "complete it in the portal's editor and export again",
    )
}

fn too_many(element: &Element, most: usize) -> Fault {
    Fault::new(
        element.span.clone(),
        "procedures::too-many",
        format!(
            "this <{}> is one too many: {most} are allowed",
            element.name
        ),
        "export only what belongs to your town",
    )
}
