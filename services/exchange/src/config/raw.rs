// SPDX-License-Identifier: EUPL-1.2
//! The file as it is written, with the place of every value.

use std::collections::BTreeMap;

use serde::Deserialize;
use site::written::Hours;
use site::{Kind, Text};
use toml::Spanned;
use toml::value::Date;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    pub exchange: Exchange,
    #[serde(default)]
    pub ports: Ports,
    pub certificate: Option<Certificate>,
    pub store: Option<Store>,
    #[serde(default)]
    pub limits: Limits,
    pub authority: Spanned<Vec<Authority>>,
    pub department: Spanned<Vec<Department>>,
    #[serde(default)]
    pub desk: Option<Spanned<Vec<Desk>>>,
    #[serde(default)]
    pub terminal: Option<Spanned<Vec<Terminal>>>,
    #[serde(default)]
    pub absence: Option<Spanned<Vec<Absence>>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Exchange {
    pub domain: Spanned<String>,
    pub address: Spanned<String>,
    pub public_address: Option<Spanned<String>>,
    pub time_zone: Option<Spanned<String>>,
    #[serde(default)]
    pub holidays: super::Holidays,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Ports {
    pub https: Option<Spanned<i64>>,
    pub terminals: Option<Spanned<i64>>,
    pub sip: Option<Spanned<i64>>,
    pub wss: Option<Spanned<i64>>,
    pub turn: Option<Spanned<i64>>,
    pub turns: Option<Spanned<i64>>,
    pub control: Option<Spanned<i64>>,
    pub relay: Option<Spanned<(i64, i64)>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Certificate {
    pub chain: Spanned<String>,
    pub key: Spanned<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Store {
    pub url: Spanned<String>,
    pub password: Option<Spanned<String>>,
    pub authority: Option<Spanned<String>>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Limits {
    pub sip_requests: Option<Spanned<i64>>,
    pub relay_kbit: Option<Spanned<i64>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Authority {
    pub id: Spanned<String>,
    pub kind: Kind,
    pub name: Spanned<Text>,
    #[serde(rename = "identity-provider")]
    pub provider: Option<Provider>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Provider {
    pub issuer: Spanned<String>,
    pub client: Spanned<String>,
    pub secret: Option<Spanned<String>>,
    pub authority: Option<Spanned<String>>,
    pub scopes: Option<Spanned<Vec<Spanned<String>>>>,
    pub person: Option<Spanned<String>>,
    pub groups: Option<Spanned<String>>,
    pub passwords: Option<bool>,
    pub label: Option<Spanned<Text>>,
    pub desks: Spanned<BTreeMap<String, Spanned<Vec<Spanned<String>>>>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Department {
    pub id: Spanned<String>,
    pub authority: Spanned<String>,
    pub name: Spanned<Text>,
    pub hours: Hours,
    pub overflow: Option<Overflow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Overflow {
    pub to: Spanned<String>,
    pub after: Spanned<i64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Desk {
    pub id: Spanned<String>,
    pub departments: Spanned<Vec<Spanned<String>>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Terminal {
    pub id: Spanned<String>,
    pub authorities: Spanned<Vec<Spanned<String>>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Absence {
    pub authority: Option<Spanned<String>>,
    pub department: Option<Spanned<String>>,
    pub from: Spanned<Day>,
    pub to: Spanned<Day>,
    pub note: Option<Spanned<Text>>,
}

/// A date: TOML has its own, without quotes.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(try_from = "toml::value::Datetime")]
pub struct Day(pub Date);

impl TryFrom<toml::value::Datetime> for Day {
    type Error = &'static str;

    fn try_from(value: toml::value::Datetime) -> Result<Self, Self::Error> {
        match (value.date, value.time) {
            (Some(date), None) => Ok(Self(date)),
            _ => Err("a day is wanted, such as 2026-12-24"),
        }
    }
}
