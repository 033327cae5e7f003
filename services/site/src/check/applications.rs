// SPDX-License-Identifier: EUPL-1.2
//! The tables `[[application]]`.

use toml::Spanned;

use super::{Checked, count, fault, id, limits, words};
use crate::applications::{Application, Domain, Fingerprint, Host, Program, RDP_PORT, Rdp};
use crate::raw;

pub fn applications(raw: Option<Spanned<Vec<raw::Application>>>) -> Checked<Vec<Application>> {
    let Some(raw) = raw else {
        return Ok(Vec::new());
    };
    count(&raw, 0, limits::APPLICATIONS, "applications")?;
    let mut applications: Vec<Application> = Vec::new();
    for application in raw.into_inner() {
        let taken = applications.iter().map(|other| other.id.as_str());
        applications.push(Application {
            id: id(application.id, taken)?,
            name: words(application.name, limits::NAME)?,
            icon: application.icon,
            rdp: rdp(application.rdp)?,
        });
    }
    Ok(applications)
}

fn rdp(raw: raw::Rdp) -> Checked<Rdp> {
    let host = read(
        &raw.host,
        Host::parse,
        "site::host",
        "is neither a whole host name nor an IPv4 address",
        "such as `registry.example`; a port stands in `port`",
    )?;
    let port = match raw.port {
        None => RDP_PORT,
        Some(port) => match u16::try_from(*port.get_ref()) {
            Ok(number) if number > 0 => number,
            _ => {
                return fault(
                    port.span(),
                    "site::port",
                    format!("{} is not a port", port.get_ref()),
                    "from 1 to 65535",
                );
            }
        },
    };
    let certificate = fingerprint(&raw.certificate)?;
    let program = raw.program.map(|program| {
        read(
            &program,
            Program::parse,
            "site::program",
            "is not the path of a program",
            "letters, digits, spaces and \\ / : . _ - ( )",
        )
    });
    let domain = raw.domain.map(|domain| {
        read(
            &domain,
            Domain::parse,
            "site::domain",
            "is not the name of a domain",
            "such as `STADT`",
        )
    });
    Ok(Rdp {
        host,
        port,
        certificate,
        program: program.transpose()?,
        domain: domain.transpose()?,
    })
}

/// The SHA-256 of a certificate.
pub fn fingerprint(raw: &Spanned<String>) -> Checked<Fingerprint> {
    read(
        raw,
        Fingerprint::parse,
        "site::certificate",
        "is not the SHA-256 fingerprint of a certificate",
        "64 hexadecimal digits: `openssl x509 -in server.pem -noout -fingerprint -sha256`",
    )
}

fn read<T>(
    raw: &Spanned<String>,
    parse: impl Fn(&str) -> Option<T>,
    code: &'static str,
    wrong: &str,
    help: &str,
) -> Checked<T> {
    match parse(raw.get_ref()) {
        Some(value) => Ok(value),
        None => fault(
            raw.span(),
            code,
            format!("`{}` {wrong}", raw.get_ref()),
            help,
        ),
    }
}
