// SPDX-License-Identifier: EUPL-1.2
//! From the file as written to a [`Site`] that can be relied on.

mod applications;
mod call;
mod devices;
mod network;
mod print;
mod scan;
mod screen;

use std::collections::HashSet;
use std::ops::{Range, RangeInclusive};
use std::time::Duration;

use toml::Spanned;

use crate::{
    Authority, Clerk, Department, Diagnostic, Fault, Hours, Language, Operator, Period, Place,
    Session, Site, Text, raw,
};

/// How much of everything a screen for citizens can show.
pub mod limits {
    use super::RangeInclusive;

    /// Bytes of the file.
    pub const FILE: usize = 256 * 1024;
    /// Authorities: more do not fit above the grid.
    pub const AUTHORITIES: usize = 5;
    /// Departments of one authority: two pages of six.
    pub const DEPARTMENTS: usize = 12;
    /// Things to bring.
    pub const BRING: usize = 6;
    /// Organisational units of one authority or department.
    pub const ORGANISATIONS: usize = 8;
    /// Characters of an organisational unit's id.
    pub const ORGANISATION: usize = 80;
    /// Periods a day.
    pub const PERIODS: usize = 3;
    /// Seconds without a touch: enough to read a page, and not so many that the next person finds it.
    pub const IDLE: RangeInclusive<i64> = 30..=900;
    /// Seconds in which somebody can say that they need more time (WCAG 2.2.1 asks for 20).
    pub const WARNING: RangeInclusive<i64> = 20..=300;
    /// Seconds after which the device asks in any case.
    pub const LONGEST: RangeInclusive<i64> = 300..=14_400;
    /// Seconds without a touch after which a case locks: a form can be read, and no break is taken beside an open case.
    pub const LOCK: RangeInclusive<i64> = 30..=1800;
    /// Characters of an id.
    pub const ID: usize = 40;
    /// Characters of a name.
    pub const NAME: usize = 60;
    /// Characters of a thing to bring.
    pub const ITEM: usize = 110;
    /// Characters of a description.
    pub const ABOUT: usize = 320;
    /// Applications: large tiles on one screen.
    pub const APPLICATIONS: usize = 6;
    /// Printers in the network.
    pub const PRINTERS: usize = 4;
    /// Scanners in the network.
    pub const SCANNERS: usize = 4;
    /// What a line carries, in kbit/s.
    pub const UPLINK: RangeInclusive<u32> = 100..=10_000_000;
    /// Devices in a list.
    pub const DEVICES: usize = 64;
    /// Width or height of a screen in millimetres.
    pub const MILLIMETRES: RangeInclusive<u16> = 50..=3000;
}

type Checked<T> = Result<T, Fault>;

fn fault<T>(
    span: Range<usize>,
    code: &'static str,
    message: impl Into<String>,
    help: impl Into<String>,
) -> Checked<T> {
    Err(Fault::new(span, code, message, help))
}

pub fn check(name: &str, text: &str) -> Result<Site, Box<Diagnostic>> {
    run(text).map_err(|fault| fault.in_file(name, text))
}

fn run(text: &str) -> Checked<Site> {
    if text.len() > limits::FILE {
        let message = format!(
            "the file has {} bytes; {} are allowed",
            text.len(),
            limits::FILE
        );
        return fault(
            0..0,
            "site::too-large",
            message,
            "a site configuration holds texts and hours only, no pictures",
        );
    }
    let file = raw::read(text).map_err(|(span, message)| Fault {
        // A parser that knows no place means the end: that is where something is missing.
        span: span.unwrap_or(text.len()..text.len()),
        code: "site::syntax",
        message,
        help: None,
    })?;
    let languages = languages(file.languages)?;
    let mut taken = HashSet::new();
    let authorities = authorities(file.authority, &mut taken)?;
    let departments = departments(file.department, &authorities, &mut taken)?;
    let applications = applications::applications(file.application)?;
    Ok(Site {
        place: place(file.place)?,
        operator: operator(file.operator)?,
        help: help(file.help, &departments)?,
        session: session(&file.session)?,
        clerk: clerk(&file.clerk)?,
        languages,
        authorities,
        departments,
        applications,
        screen: screen::screen(file.screen)?,
        devices: devices::devices(file.devices)?,
        print: print::print(file.print)?,
        scan: scan::scan(file.scan)?,
        network: network::network(file.network)?,
        call: call::call(file.call)?,
    })
}

fn place(raw: raw::Place) -> Checked<Place> {
    let picture = raw.picture.get_ref();
    let plain = picture
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_'));
    let is_svg = picture
        .strip_suffix(".svg")
        .is_some_and(|stem| !stem.is_empty() && !stem.starts_with('.'));
    if !plain || !is_svg {
        let message = format!("`{picture}` is not the name of an SVG file");
        return fault(
            raw.picture.span(),
            "site::picture",
            message,
            "the file lies beside the configuration, e.g. `picture.svg`",
        );
    }
    let time_zone = match raw.time_zone {
        None => "Europe/Berlin".to_owned(),
        Some(zone) => {
            let ok = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '_' | '-' | '+');
            if zone.get_ref().is_empty() || !zone.get_ref().chars().all(ok) {
                return fault(
                    zone.span(),
                    "site::time-zone",
                    "this is not the name of a time zone",
                    "for example `Europe/Berlin`",
                );
            }
            zone.into_inner()
        }
    };
    Ok(Place {
        name: words(raw.name, limits::NAME)?,
        region: words(raw.region, limits::NAME)?,
        picture: raw.picture.into_inner(),
        time_zone,
    })
}

fn operator(raw: raw::Operator) -> Checked<Operator> {
    let phone = raw.phone.get_ref();
    let ok = |c: char| c.is_ascii_digit() || matches!(c, ' ' | '+' | '-' | '/' | '(' | ')');
    if !(3..=24).contains(&phone.len())
        || !phone.chars().all(ok)
        || !phone.contains(|c: char| c.is_ascii_digit())
    {
        return fault(
            raw.phone.span(),
            "site::phone",
            "this is not a telephone number",
            "digits, spaces and `+ - / ( )`, at most 24 characters",
        );
    }
    Ok(Operator {
        name: words(raw.name, limits::NAME)?,
        phone: raw.phone.into_inner(),
    })
}

fn help(raw: Option<raw::Help>, departments: &[Department]) -> Checked<Option<usize>> {
    let Some(raw) = raw else {
        return Ok(None);
    };
    let id = raw.department.get_ref();
    match departments.iter().position(|known| known.id == *id) {
        Some(number) => Ok(Some(number)),
        None => fault(
            raw.department.span(),
            "site::help",
            format!("there is no department `{id}`"),
            "who is called for help is one of the departments in this file",
        ),
    }
}

fn session(raw: &raw::Session) -> Checked<Session> {
    let default = Session::default();
    let session = Session {
        idle: seconds(
            raw.idle.as_ref(),
            limits::IDLE,
            default.idle,
            "site::session",
        )?,
        warning: seconds(
            raw.warning.as_ref(),
            limits::WARNING,
            default.warning,
            "site::session",
        )?,
        longest: seconds(
            raw.longest.as_ref(),
            limits::LONGEST,
            default.longest,
            "site::session",
        )?,
    };
    let span = raw.longest.as_ref().or(raw.idle.as_ref());
    match span {
        Some(span) if session.longest <= session.idle => fault(
            span.span(),
            "site::session",
            "`longest` is not longer than `idle`",
            "a session that is used has to last longer than one that is not",
        ),
        _ => Ok(session),
    }
}

fn clerk(raw: &raw::Clerk) -> Checked<Clerk> {
    let Clerk { lock } = Clerk::default();
    Ok(Clerk {
        lock: seconds(raw.lock.as_ref(), limits::LOCK, lock, "site::clerk")?,
    })
}

/// A number of seconds within bounds.
fn seconds(
    raw: Option<&Spanned<i64>>,
    allowed: RangeInclusive<i64>,
    default: Duration,
    code: &'static str,
) -> Checked<Duration> {
    let Some(raw) = raw else { return Ok(default) };
    match u64::try_from(*raw.get_ref()) {
        Ok(seconds) if allowed.contains(raw.get_ref()) => Ok(Duration::from_secs(seconds)),
        _ => fault(
            raw.span(),
            code,
            format!("{} seconds are not possible here", raw.get_ref()),
            format!("from {} to {} seconds", allowed.start(), allowed.end()),
        ),
    }
}

fn languages(raw: Spanned<Vec<Spanned<Language>>>) -> Checked<Vec<Language>> {
    let span = raw.span();
    let mut languages = Vec::new();
    for language in raw.into_inner() {
        if languages.contains(language.get_ref()) {
            let message = format!(
                "the language `{}` is listed twice",
                language.get_ref().tag()
            );
            return fault(
                language.span(),
                "site::duplicate-language",
                message,
                "remove one of them",
            );
        }
        languages.push(language.into_inner());
    }
    if languages.first() != Some(&Language::De) {
        return fault(
            span,
            "site::german-first",
            "German has to be the first language",
            "begin the list with \"de\"",
        );
    }
    Ok(languages)
}

fn authorities(
    raw: Spanned<Vec<raw::Authority>>,
    taken: &mut HashSet<String>,
) -> Checked<Vec<Authority>> {
    count(&raw, 1, limits::AUTHORITIES, "authorities")?;
    let mut authorities: Vec<Authority> = Vec::new();
    for authority in raw.into_inner() {
        let id = id(
            authority.id,
            authorities.iter().map(|other| other.id.as_str()),
        )?;
        authorities.push(Authority {
            id,
            kind: authority.kind,
            name: words(authority.name, limits::NAME)?,
            organisations: organisations(authority.organisations, taken)?,
        });
    }
    Ok(authorities)
}

fn departments(
    raw: Spanned<Vec<raw::Department>>,
    authorities: &[Authority],
    taken: &mut HashSet<String>,
) -> Checked<Vec<Department>> {
    count(
        &raw,
        1,
        limits::DEPARTMENTS * limits::AUTHORITIES,
        "departments",
    )?;
    let mut departments: Vec<Department> = Vec::new();
    for department in raw.into_inner() {
        let id = id(
            department.id,
            departments.iter().map(|other| other.id.as_str()),
        )?;
        let span = department.authority.span();
        let authority = department.authority.into_inner();
        if !authorities.iter().any(|known| known.id == authority) {
            let known: Vec<_> = authorities.iter().map(|known| known.id.as_str()).collect();
            let message = format!("there is no authority `{authority}`");
            return fault(
                span,
                "site::unknown-authority",
                message,
                format!("known are: {}", known.join(", ")),
            );
        }
        if departments
            .iter()
            .filter(|other| other.authority == authority)
            .count()
            == limits::DEPARTMENTS
        {
            let message = format!(
                "`{authority}` has more than {} departments",
                limits::DEPARTMENTS
            );
            return fault(
                span,
                "site::too-many",
                message,
                "put some of them together: nobody finds one among so many",
            );
        }
        departments.push(Department {
            id,
            authority,
            name: words(department.name, limits::NAME)?,
            official: words(department.official, limits::NAME)?,
            about: words(department.about, limits::ABOUT)?,
            hours: hours(department.hours)?,
            bring: bring(department.bring)?,
            icon: department.icon,
            organisations: organisations(department.organisations, taken)?,
        });
    }
    Ok(departments)
}

fn bring(raw: Option<Spanned<Vec<Spanned<Text>>>>) -> Checked<Vec<Text>> {
    let Some(raw) = raw else {
        return Ok(Vec::new());
    };
    count(&raw, 0, limits::BRING, "things to bring")?;
    raw.into_inner()
        .into_iter()
        .map(|item| words(item, limits::ITEM))
        .collect()
}

/// Ids that somebody else gave: a unit belongs to one authority or department only.
fn organisations(
    raw: Option<Spanned<Vec<Spanned<String>>>>,
    taken: &mut HashSet<String>,
) -> Checked<Vec<String>> {
    let Some(raw) = raw else {
        return Ok(Vec::new());
    };
    count(&raw, 0, limits::ORGANISATIONS, "organisational units")?;
    raw.into_inner()
        .into_iter()
        .map(|id| {
            let (span, id) = (id.span(), id.into_inner());
            if id.is_empty()
                || id.len() > limits::ORGANISATION
                || !id.chars().all(|c| c.is_ascii_graphic())
            {
                return fault(
                    span,
                    "site::bad-organisation",
                    "this cannot be the id of an organisational unit",
                    "copy it from the portal's service descriptions: `id` of an `organisationseinheit`",
                );
            }
            if !taken.insert(id.clone()) {
                return fault(
                    span,
                    "site::duplicate-organisation",
                    format!("the organisational unit `{id}` is listed twice"),
                    "name it where people go with their matter",
                );
            }
            Ok(id)
        })
        .collect()
}

/// The opening hours of a week, in order.
pub fn hours(raw: raw::Hours) -> Checked<Hours> {
    let mut week = Hours::default();
    for (day, periods) in week.0.iter_mut().zip(raw.days()) {
        let Some(periods) = periods else { continue };
        count(&periods, 0, limits::PERIODS, "time ranges a day")?;
        for written in periods.into_inner() {
            let help = "write it like \"9:00-12:00\"";
            let period = match Period::parse(written.get_ref()) {
                Ok(period) => period,
                Err(message) => return fault(written.span(), "site::hours", message, help),
            };
            if day
                .last()
                .is_some_and(|last: &Period| last.to > period.from)
            {
                let message = format!(
                    "`{}` begins before the range before it ends",
                    written.get_ref()
                );
                return fault(
                    written.span(),
                    "site::hours",
                    message,
                    "put the ranges of a day in order",
                );
            }
            day.push(period);
        }
    }
    Ok(week)
}

/// Not fewer and not more of something.
pub fn count<T>(list: &Spanned<Vec<T>>, least: usize, most: usize, what: &str) -> Checked<()> {
    let n = list.get_ref().len();
    if n < least {
        return fault(
            list.span(),
            "site::too-few",
            format!("there have to be {what}"),
            format!("add at least {least}"),
        );
    }
    if n > most {
        return fault(
            list.span(),
            "site::too-many",
            format!("{n} {what}; {most} are allowed"),
            "a screen shows no more than that",
        );
    }
    Ok(())
}

/// A short word that is not taken.
pub fn id<'a>(raw: Spanned<String>, mut taken: impl Iterator<Item = &'a str>) -> Checked<String> {
    let (span, id) = (raw.span(), raw.into_inner());
    let ok = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if id.is_empty() || id.len() > limits::ID || !id.chars().all(ok) {
        let message = format!("`{id}` cannot be an id");
        return fault(
            span,
            "site::bad-id",
            message,
            format!(
                "small letters, digits and `-`, at most {} of them",
                limits::ID
            ),
        );
    }
    if taken.any(|other| other == id) {
        return fault(
            span,
            "site::duplicate-id",
            format!("the id `{id}` is used twice"),
            "every id names one thing only",
        );
    }
    Ok(id)
}

/// Text that fits its place, says something, and has no characters that could garble a line.
pub fn words(raw: Spanned<Text>, most: usize) -> Checked<Text> {
    let (span, text) = (raw.span(), raw.into_inner());
    for (language, version) in text.versions() {
        let tag = language.tag();
        let n = version.chars().count();
        if version.trim().is_empty() {
            return fault(
                span,
                "site::empty-text",
                format!("the text is empty in `{tag}`"),
                "write it, or leave the language out",
            );
        }
        if n > most {
            let message = format!("the text has {n} characters in `{tag}`; {most} are allowed");
            return fault(
                span,
                "site::long-text",
                message,
                "say it shorter: it has to be read while standing",
            );
        }
        let garbles = |c: char| {
            c.is_control()
                || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
        };
        if version.contains(garbles) {
            let message = format!("the text has control characters in `{tag}`");
            return fault(
                span,
                "site::control-character",
                message,
                "line breaks and direction marks are the shell's business",
            );
        }
    }
    Ok(text)
}
