// SPDX-License-Identifier: EUPL-1.2
//! From the file as written to a [`Config`] that can be relied on.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::ops::{Range, RangeInclusive};
use std::path::PathBuf;
use std::time::Duration;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use site::{Fault, written};
use toml::Spanned;

use super::{
    Absence, Absent, Authority, Certificate, Config, Department, Desk, Limits, Terminal, ports,
    provider, raw, store,
};

/// How much of everything.
pub mod limits {
    use super::RangeInclusive;

    /// Bytes of the file: a state with all its offices.
    pub const FILE: usize = 8 * 1024 * 1024;
    /// Authorities.
    pub const AUTHORITIES: usize = 512;
    /// Departments.
    pub const DEPARTMENTS: usize = 8192;
    /// Desks.
    pub const DESKS: usize = 16_384;
    /// Terminals.
    pub const TERMINALS: usize = 4096;
    /// Absences.
    pub const ABSENCES: usize = 8192;
    /// Characters of a name.
    pub const NAME: usize = 60;
    /// Groups of an identity provider that have desks.
    pub const GROUPS: usize = 1024;
    /// Characters of the name of a group, a claim or a client.
    pub const CLAIM: usize = 200;
    /// Scopes that a provider is asked for.
    pub const SCOPES: usize = 16;
    /// Characters of an issuer.
    pub const ISSUER: usize = 400;
    /// Characters of a note.
    pub const NOTE: usize = 160;
    /// Seconds until another department helps out.
    pub const OVERFLOW: RangeInclusive<i64> = 10..=3600;
    /// SIP requests a second from one address: an office has one address for all.
    pub const SIP_REQUESTS: RangeInclusive<i64> = 5..=5000;
    /// Relayed kbit/s.
    pub const RELAY_KBIT: RangeInclusive<i64> = 200..=20_000;
}

pub type Checked<T> = Result<T, Fault>;

pub fn fault<T>(
    span: Range<usize>,
    code: &'static str,
    message: impl Into<String>,
    help: impl Into<String>,
) -> Checked<T> {
    Err(Fault::new(span, code, message, help))
}

pub fn run(text: &str) -> Checked<Config> {
    if text.len() > limits::FILE {
        let message = format!("the file has more than {} bytes", limits::FILE);
        return fault(
            0..0,
            "exchange::too-large",
            message,
            "split it among several exchanges",
        );
    }
    let file: raw::File = toml::from_str(text).map_err(|error| Fault {
        span: error.span().unwrap_or(text.len()..text.len()),
        code: "exchange::syntax",
        message: error.message().to_owned(),
        help: None,
    })?;
    let address = address(&file.exchange.address)?;
    let public_address = file
        .exchange
        .public_address
        .as_ref()
        .map(self::address)
        .transpose()?;
    let (authorities, placed) = authorities(file.authority)?;
    let departments = departments(file.department, &authorities)?;
    let desks = desks(file.desk, &departments)?;
    provider::placed(placed, &desks)?;
    let terminals = terminals(file.terminal, &authorities)?;
    let absences = absences(file.absence, &authorities, &departments)?;
    let default = Limits {
        sip_requests: 100,
        relay_kbit: 2500,
    };
    let within = |raw: Option<&Spanned<i64>>, allowed, default, what| {
        number(raw, allowed, default, "exchange::limit", what)
    };
    Ok(Config {
        domain: domain(file.exchange.domain)?,
        address,
        public_address,
        time_zone: time_zone(file.exchange.time_zone)?,
        holidays: file.exchange.holidays,
        ports: ports::ports(&file.ports)?,
        certificate: file.certificate.map(certificate).transpose()?,
        store: file.store.map(store::store).transpose()?,
        limits: Limits {
            sip_requests: within(
                file.limits.sip_requests.as_ref(),
                limits::SIP_REQUESTS,
                i64::from(default.sip_requests),
                "requests a second",
            )? as u16,
            relay_kbit: within(
                file.limits.relay_kbit.as_ref(),
                limits::RELAY_KBIT,
                i64::from(default.relay_kbit),
                "kbit/s",
            )? as u32,
        },
        authorities,
        departments,
        desks,
        terminals,
        absences,
    })
}

/// It is written into other programs' configurations, so nothing but a host name passes.
fn domain(raw: Spanned<String>) -> Checked<String> {
    let (span, domain) = (raw.span(), raw.into_inner());
    let label = |label: &str| {
        let inside = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        !label.is_empty()
            && label.len() <= 63
            && label.chars().all(inside)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    if domain.len() > 253 || !domain.split('.').all(label) || domain.parse::<IpAddr>().is_ok() {
        return fault(
            span,
            "exchange::domain",
            format!("`{domain}` is not a host name"),
            "the name in its certificate, in small letters: `exchange.weissbach.example`",
        );
    }
    Ok(domain)
}

fn address(raw: &Spanned<String>) -> Checked<IpAddr> {
    match raw.get_ref().parse::<IpAddr>() {
        // Kamailio and coturn are told one address; a SIP server that does not know its own relays for strangers.
        Ok(address) if !address.is_unspecified() && !address.is_multicast() => Ok(address),
        _ => fault(
            raw.span(),
            "exchange::address",
            format!("`{}` is not an address of one machine", raw.get_ref()),
            "the fixed address of this server, such as `192.0.2.10`; a name or `0.0.0.0` is none",
        ),
    }
}

fn time_zone(raw: Option<Spanned<String>>) -> Checked<TimeZone> {
    let (span, name) = raw.map_or((0..0, "Europe/Berlin".to_owned()), |raw| {
        (raw.span(), raw.into_inner())
    });
    TimeZone::get(&name).or_else(|_| {
        fault(
            span,
            "exchange::time-zone",
            format!("there is no time zone `{name}` on this machine"),
            "for example `Europe/Berlin`, from the package `tzdata`",
        )
    })
}

fn certificate(raw: raw::Certificate) -> Checked<Certificate> {
    Ok(Certificate {
        chain: path(raw.chain, "a file in PEM form")?,
        key: path(raw.key, "a file in PEM form")?,
    })
}

pub fn path(raw: Spanned<String>, help: &str) -> Checked<PathBuf> {
    let (span, path) = (raw.span(), raw.into_inner());
    // It may be written into other programs' configurations, between quotes.
    if path.is_empty()
        || path.contains(|c: char| c.is_control() || matches!(c, '"' | '\'' | '#' | '\\'))
    {
        return fault(span, "exchange::path", "this is not a path", help);
    }
    Ok(PathBuf::from(path))
}

fn number(
    raw: Option<&Spanned<i64>>,
    allowed: RangeInclusive<i64>,
    default: i64,
    code: &'static str,
    what: &str,
) -> Checked<i64> {
    match raw {
        None => Ok(default),
        Some(raw) if allowed.contains(raw.get_ref()) => Ok(*raw.get_ref()),
        Some(raw) => fault(
            raw.span(),
            code,
            format!("{} {what} are not possible here", raw.get_ref()),
            format!("from {} to {}", allowed.start(), allowed.end()),
        ),
    }
}

/// And which desks their identity providers' people sit at: those are only known later.
fn authorities(
    raw: Spanned<Vec<raw::Authority>>,
) -> Checked<(Vec<Authority>, Vec<provider::Placed>)> {
    written::count(&raw, 1, limits::AUTHORITIES, "authorities")?;
    let mut taken = BTreeSet::new();
    let mut placed = Vec::new();
    let authorities: Checked<Vec<_>> = raw
        .into_inner()
        .into_iter()
        .map(|raw| {
            let id = id(raw.id, &mut taken)?;
            Ok(Authority {
                kind: raw.kind,
                name: written::words(raw.name, limits::NAME)?,
                provider: raw
                    .provider
                    .map(|raw| provider::provider(raw, &id, &mut placed))
                    .transpose()?,
                id,
            })
        })
        .collect();
    Ok((authorities?, placed))
}

fn departments(
    raw: Spanned<Vec<raw::Department>>,
    authorities: &[Authority],
) -> Checked<Vec<Department>> {
    written::count(&raw, 1, limits::DEPARTMENTS, "departments")?;
    let known: BTreeSet<&str> = authorities.iter().map(|a| a.id.as_str()).collect();
    let mut taken = BTreeSet::new();
    let mut departments = Vec::new();
    let mut overflows = Vec::new();
    for raw in raw.into_inner() {
        let id = id(raw.id, &mut taken)?;
        let overflow = match raw.overflow {
            None => None,
            Some(raw) => {
                let seconds = number(
                    Some(&raw.after),
                    limits::OVERFLOW,
                    0,
                    "exchange::overflow",
                    "seconds",
                )?;
                overflows.push((departments.len(), raw.to.clone()));
                Some((
                    raw.to.into_inner(),
                    Duration::from_secs(seconds.unsigned_abs()),
                ))
            }
        };
        departments.push(Department {
            id,
            authority: one_of(raw.authority, &known, "authority")?,
            name: written::words(raw.name, limits::NAME)?,
            hours: written::hours(raw.hours)?,
            overflow,
        });
    }
    for (from, to) in overflows {
        let help = |message| {
            fault(
                to.span(),
                "exchange::overflow",
                message,
                "another department of the same authority",
            )
        };
        let Some(department) = departments.get(from) else {
            continue;
        };
        match departments.iter().find(|other| other.id == *to.get_ref()) {
            None => return help(format!("there is no department `{}`", to.get_ref())),
            Some(other) if other.id == department.id => {
                return help("a department cannot help itself out".to_owned());
            }
            // Desks see only what belongs to their authority.
            Some(other) if other.authority != department.authority => {
                return help(format!("`{}` belongs to another authority", to.get_ref()));
            }
            Some(_) => {}
        }
    }
    Ok(departments)
}

fn desks(raw: Option<Spanned<Vec<raw::Desk>>>, departments: &[Department]) -> Checked<Vec<Desk>> {
    let Some(raw) = raw else {
        return Ok(Vec::new());
    };
    written::count(&raw, 0, limits::DESKS, "desks")?;
    let by_id: std::collections::BTreeMap<&str, &str> = departments
        .iter()
        .map(|department| (department.id.as_str(), department.authority.as_str()))
        .collect();
    let known: BTreeSet<&str> = by_id.keys().copied().collect();
    let mut taken = BTreeSet::new();
    raw.into_inner()
        .into_iter()
        .map(|raw| {
            let id = id(raw.id, &mut taken)?;
            let span = raw.departments.span();
            let mut served = BTreeSet::new();
            let mut authority: Option<&str> = None;
            for department in raw.departments.into_inner() {
                let span = department.span();
                let department = one_of(department, &known, "department")?;
                let whose = by_id.get(department.as_str()).copied();
                if authority.is_some() && authority != whose {
                    return fault(
                        span,
                        "exchange::two-authorities",
                        format!("`{department}` belongs to another authority than the others of this desk"),
                        "a desk sees only what belongs to its authority: make two desks",
                    );
                }
                authority = whose;
                served.insert(department);
            }
            let Some(authority) = authority else {
                return fault(span, "exchange::desk", "this desk serves nobody", "name a department");
            };
            Ok(Desk { id, authority: authority.to_owned(), departments: served })
        })
        .collect()
}

fn terminals(
    raw: Option<Spanned<Vec<raw::Terminal>>>,
    authorities: &[Authority],
) -> Checked<Vec<Terminal>> {
    let Some(raw) = raw else {
        return Ok(Vec::new());
    };
    written::count(&raw, 0, limits::TERMINALS, "terminals")?;
    let known: BTreeSet<&str> = authorities.iter().map(|a| a.id.as_str()).collect();
    let mut taken = BTreeSet::new();
    raw.into_inner()
        .into_iter()
        .map(|raw| {
            Ok(Terminal {
                id: id(raw.id, &mut taken)?,
                authorities: raw
                    .authorities
                    .into_inner()
                    .into_iter()
                    .map(|authority| one_of(authority, &known, "authority"))
                    .collect::<Checked<_>>()?,
            })
        })
        .collect()
}

fn absences(
    raw: Option<Spanned<Vec<raw::Absence>>>,
    authorities: &[Authority],
    departments: &[Department],
) -> Checked<Vec<Absence>> {
    let Some(raw) = raw else {
        return Ok(Vec::new());
    };
    written::count(&raw, 0, limits::ABSENCES, "absences")?;
    let authorities: BTreeSet<&str> = authorities.iter().map(|a| a.id.as_str()).collect();
    let departments: BTreeSet<&str> = departments.iter().map(|d| d.id.as_str()).collect();
    raw.into_inner()
        .into_iter()
        .map(|raw| {
            let (from, to) = (day(&raw.from)?, day(&raw.to)?);
            if to < from {
                return fault(
                    raw.to.span(),
                    "exchange::absence",
                    "this absence ends before it begins",
                    "`to` is the last day of it",
                );
            }
            let of = match (raw.authority, raw.department) {
                (Some(id), None) => Absent::Authority(one_of(id, &authorities, "authority")?),
                (None, Some(id)) => Absent::Department(one_of(id, &departments, "department")?),
                _ => {
                    return fault(
                        raw.from.span(),
                        "exchange::absence",
                        "whose absence is this?",
                        "name either an `authority` or a `department`",
                    );
                }
            };
            let note = raw
                .note
                .map(|note| written::words(note, limits::NOTE))
                .transpose()?;
            Ok(Absence { of, from, to, note })
        })
        .collect()
}

fn day(raw: &Spanned<raw::Day>) -> Checked<Date> {
    let date = raw.get_ref().0;
    let (Ok(year), Ok(month), Ok(day)) = (
        i16::try_from(date.year),
        i8::try_from(date.month),
        i8::try_from(date.day),
    ) else {
        return fault(
            raw.span(),
            "exchange::absence",
            "there is no such day",
            "such as 2026-12-24",
        );
    };
    Date::new(year, month, day).or_else(|_| {
        fault(
            raw.span(),
            "exchange::absence",
            "there is no such day",
            "such as 2026-12-24",
        )
    })
}

/// Ids of a state are many: they are looked up, not searched.
fn id(raw: Spanned<String>, taken: &mut BTreeSet<String>) -> Checked<String> {
    let span = raw.span();
    let id = written::id(raw, std::iter::empty())?;
    if !taken.insert(id.clone()) {
        return fault(
            span,
            "exchange::duplicate-id",
            format!("the id `{id}` is used twice"),
            "every id names one thing only",
        );
    }
    Ok(id)
}

fn one_of(raw: Spanned<String>, known: &BTreeSet<&str>, what: &str) -> Checked<String> {
    let (span, id) = (raw.span(), raw.into_inner());
    if known.contains(id.as_str()) {
        return Ok(id);
    }
    let some: Vec<&str> = known.iter().copied().take(12).collect();
    let help = match (known.len(), some.len()) {
        (all, shown) if all > shown => format!("known are: {}, …", some.join(", ")),
        _ => format!("known are: {}", some.join(", ")),
    };
    fault(
        span,
        "exchange::unknown",
        format!("there is no {what} `{id}`"),
        help,
    )
}
