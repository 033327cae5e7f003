// SPDX-License-Identifier: EUPL-1.2
//! From the file as written to [`Procedures`] that can be relied on.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use site::{Fault, Language, Localized, Site, Text};

use crate::html::{Block, blocks};
use crate::language::language;
use crate::plain::plain;
use crate::target::target;
use crate::xml::Checked;
use crate::xzufi::{self, File, Purpose, Version};
use crate::{Link, Module, Procedure, Procedures, limits};

pub fn check(file: File, site: &Site) -> Checked<Procedures> {
    let mut all: Vec<Procedure> = Vec::new();
    let mut places = HashMap::new();
    for service in file.services {
        if places.insert(service.id.clone(), all.len()).is_some() {
            return Err(Fault::new(
                service.span,
                "procedures::duplicate-id",
                format!("the id `{}` is used twice", service.id.value),
                "every <leistung> has its own; remove one of them",
            ));
        }
        all.push(procedure(service)?);
    }
    let units = units(site);
    for xzufi::Responsibility { unit, service } in file.responsibilities {
        // Units of other places and services that are not in the file are none of ours.
        let (Some(unit), Some(place)) = (units.get(unit.value.as_str()), places.get(&service))
        else {
            continue;
        };
        if let Some(procedure) = all.get_mut(*place) {
            add(&mut procedure.authorities, unit.authority);
            if let Some(department) = unit.department {
                add(&mut procedure.departments, department);
            }
        }
    }
    Ok(Procedures { all })
}

/// Where an organisational unit of the portal is found at this place.
struct Unit<'a> {
    authority: &'a str,
    department: Option<&'a str>,
}

fn units(site: &Site) -> HashMap<&str, Unit<'_>> {
    let authorities = site.authorities.iter().flat_map(|authority| {
        authority.organisations.iter().map(|id| {
            let unit = Unit {
                authority: &authority.id,
                department: None,
            };
            (id.as_str(), unit)
        })
    });
    let departments = site.departments.iter().flat_map(|department| {
        department.organisations.iter().map(|id| {
            let unit = Unit {
                authority: &department.authority,
                department: Some(&department.id),
            };
            (id.as_str(), unit)
        })
    });
    authorities.chain(departments).collect()
}

fn add(list: &mut Vec<String>, id: &str) {
    if !list.iter().any(|known| known == id) {
        list.push(id.to_owned());
    }
}

fn procedure(service: xzufi::Service) -> Checked<Procedure> {
    let (mut official, mut name) = (None, None);
    let mut modules = Vec::new();
    for module in service.modules {
        match module.purpose {
            Purpose::Official => once(&mut official, &module)?,
            Purpose::Name => once(&mut name, &module)?,
            Purpose::Kind(kind) => {
                let links = links(module.links);
                let text = localized(module.texts, &module.span, text)?;
                if text.is_some() || links != Localized::default() {
                    let text = text.unwrap_or_default();
                    modules.push((module.position, Module { kind, text, links }));
                }
            }
        }
    }
    let keywords = service.keywords.iter().filter_map(|keyword| {
        let word = Some(plain(&keyword.text)).filter(|word| !word.is_empty())?;
        Some((language(keyword.tag.as_deref())?, word))
    });
    let keywords = keywords.collect();
    let id = match service.id.agency {
        Some(agency) => format!("{agency}_{}", service.id.value),
        None => service.id.value,
    };
    // The words of citizens come first, but not every portal has them.
    let Some(name) = name.or_else(|| official.clone()) else {
        return Err(Fault::new(
            service.span,
            "procedures::no-name",
            format!("the service `{id}` has no German name"),
            "it is the module with the code 03 or 02",
        ));
    };
    if modules.is_empty() {
        return Err(Fault::new(
            service.span,
            "procedures::no-text",
            format!("the service `{id}` has a name but no text"),
            "write at least a summary, the module with the code 05",
        ));
    }
    for language in Language::ALL {
        let parts = modules.iter().map(|(_, module)| module.part(language));
        let n: usize = parts.flat_map(|part| part.blocks).map(Block::bytes).sum();
        if n > limits::WHOLE {
            let message = format!(
                "the texts of the service `{id}` have {n} bytes in `{}`; {} are allowed",
                language.tag(),
                limits::WHOLE
            );
            return Err(Fault::new(
                service.span,
                "procedures::long-service",
                message,
                "shorten them in the portal's editor: nobody reads that much standing",
            ));
        }
    }
    // Where the file does not say an order, the one in which people ask.
    modules.sort_by_key(|(position, module)| (position.unwrap_or(u32::MAX), module.kind));
    Ok(Procedure {
        id,
        leika: service
            .leika
            .filter(|key| key.len() == 14 && key.bytes().all(|b| b.is_ascii_digit())),
        name,
        official,
        keywords,
        modules: modules.into_iter().map(|(_, module)| module).collect(),
        departments: Vec::new(),
        authorities: Vec::new(),
    })
}

/// A name, of which there is only one.
fn once(place: &mut Option<Text>, module: &xzufi::Module) -> Checked<()> {
    let Some(text) = localized(module.texts.clone(), &module.span, one_line)? else {
        return Ok(());
    };
    if place.replace(text).is_some() {
        return Err(Fault::new(
            module.span.clone(),
            "procedures::duplicate-name",
            "the service has two names of the same kind",
            "remove one of them",
        ));
    }
    Ok(())
}

/// What somebody wrote in the languages we speak. German must be among them; an empty text counts as none.
fn localized<T: Default>(
    versions: Vec<Version>,
    span: &Range<usize>,
    read: impl Fn(&Version) -> Checked<Option<T>>,
) -> Checked<Option<Localized<T>>> {
    let mut seen = HashSet::new();
    let mut whole = Localized::default();
    for version in versions {
        let Some(language) = language(version.tag.as_deref()) else {
            continue;
        };
        let Some(value) = read(&version)? else {
            continue;
        };
        if !seen.insert(language) {
            return Err(Fault::new(
                version.span,
                "procedures::duplicate-language",
                format!("the text is there twice in `{}`", language.tag()),
                "remove one of them",
            ));
        }
        whole.insert(language, value);
    }
    if seen.is_empty() {
        return Ok(None);
    }
    if !seen.contains(&Language::De) {
        return Err(Fault::new(
            span.clone(),
            "procedures::no-german",
            "the text is there in other languages, but not in German",
            "add it with languageCode=\"de\": it is what is shown where a language is missing",
        ));
    }
    Ok(Some(whole))
}

fn one_line(version: &Version) -> Checked<Option<String>> {
    let line = plain(&version.text);
    let n = line.chars().count();
    if n > limits::NAME {
        return Err(Fault::new(
            version.span.clone(),
            "procedures::long-name",
            format!("the name has {n} characters; {} are allowed", limits::NAME),
            "say it shorter: it has to fit on a button",
        ));
    }
    Ok((!line.is_empty()).then_some(line))
}

fn text(version: &Version) -> Checked<Option<Vec<Block>>> {
    let blocks = blocks(&version.text);
    let n: usize = blocks.iter().map(Block::lines).sum();
    if n > limits::BLOCKS {
        return Err(Fault::new(
            version.span.clone(),
            "procedures::long-text",
            format!(
                "the text has {n} paragraphs and list items; {} are allowed",
                limits::BLOCKS
            ),
            "shorten it in the portal's editor: nobody reads that much standing",
        ));
    }
    Ok((!blocks.is_empty()).then_some(blocks))
}

/// Links that say what they lead to. A language without links has the German ones.
fn links(raw: Vec<xzufi::Link>) -> Localized<Vec<Link>> {
    let mut lists: HashMap<Language, Vec<Link>> = HashMap::new();
    for link in raw {
        let Some(language) = language(link.tag.as_deref()) else {
            continue;
        };
        let target = target(&link.uri);
        let title = Some(plain(&link.title)).filter(|title| !title.is_empty());
        if let Some(title) = title.or_else(|| target.clone()) {
            lists
                .entry(language)
                .or_default()
                .push(Link { title, target });
        }
    }
    let mut whole = Localized::default();
    for (language, list) in lists {
        whole.insert(language, list);
    }
    whole
}
