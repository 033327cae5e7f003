// SPDX-License-Identifier: EUPL-1.2
//! Kamailio's configuration. Everything that is put in was checked before: host names, addresses, numbers, and secrets of our own
//! alphabet, so that nothing can change the meaning of a line.

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};

use crate::config::Config;
use crate::queue::RING_PROXY;
use crate::state::Secrets;

/// What `autheph_check` answers when an account has ended.
const EXPIRED: i32 = -7;

/// Where Debian keeps the modules.
const MODULES: &str = "/usr/lib/x86_64-linux-gnu/kamailio/modules/";

/// The files that Kamailio reads.
#[derive(Clone, Debug)]
pub struct Files {
    /// `kamailio.cfg`.
    pub main: PathBuf,
    /// `tls.cfg`.
    pub tls: PathBuf,
    /// The certificate chain.
    pub chain: PathBuf,
    /// The private key.
    pub key: PathBuf,
}

/// `kamailio.cfg`.
pub fn main(config: &Config, secrets: &Secrets, files: &Files) -> String {
    let ports = config.ports;
    let advertise = |port: u16| match config.public_address {
        Some(address) => format!(" advertise {}", SocketAddr::new(address, port)),
        None => String::new(),
    };
    let address = match config.address {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => format!("[{address}]"),
    };
    let values: &[(&str, String)] = &[
        ("domain", config.domain.clone()),
        ("page", config.page()),
        ("control", config.control().to_string()),
        ("token", secrets.control.expose().to_owned()),
        ("secret", secrets.sip.expose().to_owned()),
        ("nonce", secrets.nonce.expose().to_owned()),
        ("address", address),
        ("sip", ports.sip.to_string()),
        ("wss", ports.wss.to_string()),
        ("advertise_sip", advertise(ports.sip)),
        ("advertise_wss", advertise(ports.wss)),
        ("tls", files.tls.display().to_string()),
        ("modules", MODULES.to_owned()),
        ("ring", RING_PROXY.as_millis().to_string()),
        // Counted over two seconds.
        (
            "density",
            (u32::from(config.limits.sip_requests) * 2).to_string(),
        ),
        ("expired", EXPIRED.to_string()),
    ];
    fill(include_str!("kamailio.cfg"), values)
}

/// `tls.cfg`: TLS 1.2 and 1.3 with the suites of BSI TR-02102-2 that have forward secrecy.
pub fn tls(files: &Files) -> String {
    format!(
        "# Made by `exchange`.\n\
         [server:default]\n\
         method = TLSv1.2+\n\
         private_key = {}\n\
         certificate = {}\n\
         verify_certificate = no\n\
         require_certificate = no\n\
         cipher_list = {CIPHERS}\n\
         [client:default]\n\
         method = TLSv1.2+\n\
         verify_certificate = yes\n\
         require_certificate = yes\n",
        files.key.display(),
        files.chain.display(),
    )
}

/// For TLS 1.2; all of 1.3 have forward secrecy.
pub const CIPHERS: &str = "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256";

/// MiB of memory that its processes share for all connections, and, in KiB, for each desk and each terminal: an encrypted connection
/// takes 140 KiB, and whoever finds none left is not answered. It is taken from the machine as it is used.
const SHARED: usize = 128;
const SHARED_EACH: usize = 256;

/// The arguments: in the foreground, with sockets and the process id where only this user is.
pub fn arguments(config: &Config, files: &Files, run: &Path) -> Vec<String> {
    let text = |path: &Path| path.display().to_string();
    let each = config.desks.len() + config.terminals.len();
    let shared = SHARED + each * SHARED_EACH / 1024;
    ["-DD", "-E", "-M", "16", "-m"]
        .into_iter()
        .map(str::to_owned)
        .chain([
            shared.to_string(),
            "-f".to_owned(),
            text(&files.main),
            "-Y".to_owned(),
            text(run),
            "-w".to_owned(),
            text(run),
        ])
        .collect()
}

/// Puts values where a template has `{name}`; `{{` and `}}` are braces of the template's own. What is no name stays.
pub(crate) fn fill(template: &str, values: &[(&str, String)]) -> String {
    let mut out = String::with_capacity(template.len() * 2);
    let mut rest = template;
    while let Some(at) = rest.find(['{', '}']) {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        if let Some(after) = from.strip_prefix("{{") {
            out.push('{');
            rest = after;
            continue;
        }
        if let Some(after) = from.strip_prefix("}}") {
            out.push('}');
            rest = after;
            continue;
        }
        let value = from.strip_prefix('{').and_then(|inside| {
            let (name, after) = inside.split_once('}')?;
            let (_, value) = values.iter().find(|(known, _)| *known == name)?;
            Some((value, after))
        });
        if let Some((value, after)) = value {
            out.push_str(value);
            rest = after;
        } else {
            let mut chars = from.chars();
            out.extend(chars.next());
            rest = chars.as_str();
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_are_filled() {
        let values = [("a", "1".to_owned()), ("b", "{a}".to_owned())];
        assert_eq!(
            fill("x {a} {{b}} {b} {\n} {c} }", &values),
            "x 1 {b} {a} {\n} {c} }"
        );
    }
}
