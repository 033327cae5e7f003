// SPDX-License-Identifier: EUPL-1.2
//! The Debian mirror that this host already uses, so that a site mirror works without being told twice.

use std::path::Path;

use crate::error::{Error, FileContext, Result};

/// Debian's public archive of every package that ever was.
const SNAPSHOT: &str = "https://snapshot.debian.org/archive";

/// One entry of an apt sources file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Addresses, all serving the same.
    pub uris: Vec<String>,
    /// Suites.
    pub suites: Vec<String>,
    /// Components.
    pub components: Vec<String>,
}

/// Which archive a package comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Archive {
    /// The release and its point updates.
    Debian,
    /// Security updates.
    Security,
}

impl Archive {
    /// Its name in the lock and at the snapshot service.
    pub fn name(self) -> &'static str {
        match self {
            Self::Debian => "debian",
            Self::Security => "debian-security",
        }
    }

    /// The archive of that name.
    pub fn named(name: &str) -> Option<Self> {
        [Self::Debian, Self::Security]
            .into_iter()
            .find(|archive| archive.name() == name)
    }
}

/// The addresses to take packages from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mirrors {
    /// Address of the Debian archive, without a slash at the end.
    pub debian: String,
    /// Address of the security archive, without a slash at the end.
    pub security: String,
    /// Address of the snapshot service, without a slash at the end.
    pub snapshot: String,
}

impl Mirrors {
    /// What the host's apt uses; `AMTSNAH_MIRROR`, `AMTSNAH_MIRROR_SECURITY` and `AMTSNAH_SNAPSHOT` come first.
    pub fn of_host() -> Result<Self> {
        let sources = read_sources(Path::new("/etc/apt"))?;
        let given = |name| std::env::var(name).ok().filter(|v| !v.is_empty());
        let snapshot = given("AMTSNAH_SNAPSHOT").unwrap_or_else(|| SNAPSHOT.to_owned());
        choose(
            &sources,
            given("AMTSNAH_MIRROR"),
            given("AMTSNAH_MIRROR_SECURITY"),
            &snapshot,
        )
        .ok_or_else(|| {
            Error::needs(
                "this host's apt configuration names no Debian archive",
                "add one to /etc/apt/sources.list.d, or set AMTSNAH_MIRROR=http://<mirror>/debian",
            )
        })
    }

    /// The address of one archive.
    pub fn address(&self, archive: Archive) -> &str {
        match archive {
            Archive::Debian => &self.debian,
            Archive::Security => &self.security,
        }
    }

    /// The sources list that apt resolves a set from.
    pub fn sources_list(&self, keyring: &str) -> String {
        let Self {
            debian, security, ..
        } = self;
        format!(
            "deb [signed-by={keyring}] {debian} trixie main\n\
             deb [signed-by={keyring}] {debian} trixie-updates main\n\
             deb [signed-by={keyring}] {security} trixie-security main\n"
        )
    }
}

/// Reads all sources files below apt's configuration directory.
fn read_sources(etc: &Path) -> Result<Vec<Source>> {
    let mut sources = Vec::new();
    let list = etc.join("sources.list");
    if let Ok(text) = std::fs::read_to_string(&list) {
        sources.extend(parse_list(&text));
    }
    let parts = etc.join("sources.list.d");
    let mut files: Vec<_> = match std::fs::read_dir(&parts) {
        Ok(dir) => dir
            .filter_map(|entry| entry.ok().map(|e| e.path()))
            .collect(),
        Err(_) => Vec::new(),
    };
    files.sort();
    for file in files {
        let parse = match file.extension().and_then(|e| e.to_str()) {
            Some("list") => parse_list,
            Some("sources") => parse_deb822,
            _ => continue,
        };
        let text = std::fs::read_to_string(&file).at("read", &file)?;
        sources.extend(parse(&text));
    }
    for source in &mut sources {
        for uri in &mut source.uris {
            follow_mirror_file(uri);
        }
    }
    Ok(sources)
}

/// Cloud images name a file of mirrors instead of a mirror: take its first one.
fn follow_mirror_file(uri: &mut String) {
    if let Some(path) = uri.strip_prefix("mirror+file:")
        && let Ok(text) = std::fs::read_to_string(path)
        && let Some(first) = text
            .lines()
            .map(str::trim)
            .find(|line| !line.is_empty() && !line.starts_with('#'))
        && let Some(address) = first.split_whitespace().next()
    {
        address.clone_into(uri);
    }
}

/// Reads the one-line format (`deb [options] uri suite components`).
pub fn parse_list(text: &str) -> Vec<Source> {
    text.lines().filter_map(parse_list_line).collect()
}

fn parse_list_line(line: &str) -> Option<Source> {
    let line = line.split('#').next()?.trim();
    let mut rest = line
        .strip_prefix("deb")?
        .strip_prefix([' ', '\t'])?
        .trim_start();
    if rest.starts_with('[') {
        rest = rest.split_once(']')?.1.trim_start();
    }
    let mut words = rest.split_whitespace().map(str::to_owned);
    let uri = words.next()?;
    let suite = words.next()?;
    Some(Source {
        uris: vec![uri],
        suites: vec![suite],
        components: words.collect(),
    })
}

/// Reads the deb822 format (`Types: deb` and so on).
pub fn parse_deb822(text: &str) -> Vec<Source> {
    let mut sources = Vec::new();
    let mut fields: Vec<(String, String)> = Vec::new();
    for line in text.lines().chain(std::iter::once("")) {
        if line.starts_with('#') {
            continue;
        }
        if line.trim().is_empty() {
            sources.extend(deb822_source(&fields));
            fields.clear();
        } else if line.starts_with([' ', '\t']) {
            if let Some((_, value)) = fields.last_mut() {
                value.push(' ');
                value.push_str(line.trim());
            }
        } else if let Some((key, value)) = line.split_once(':') {
            fields.push((key.trim().to_ascii_lowercase(), value.trim().to_owned()));
        }
    }
    sources
}

fn deb822_source(fields: &[(String, String)]) -> Option<Source> {
    let words = |key: &str| -> Vec<String> {
        let value = fields
            .iter()
            .find(|(k, _)| k == key)
            .map_or("", |(_, v)| v.as_str());
        value.split_whitespace().map(str::to_owned).collect()
    };
    let disabled = words("enabled")
        .iter()
        .any(|v| v.eq_ignore_ascii_case("no") || v.eq_ignore_ascii_case("false"));
    if disabled || !words("types").iter().any(|t| t == "deb") || words("uris").is_empty() {
        return None;
    }
    Some(Source {
        uris: words("uris"),
        suites: words("suites"),
        components: words("components"),
    })
}

/// Picks Debian's archive and its security archive among the host's sources.
pub fn choose(
    sources: &[Source],
    debian: Option<String>,
    security: Option<String>,
    snapshot: &str,
) -> Option<Mirrors> {
    let usable = |uri: &&String| !uri.starts_with("cdrom:") && uri.contains(":/");
    let uri_of = |matches: &dyn Fn(&Source, &str) -> bool| {
        sources
            .iter()
            .flat_map(|source| {
                source
                    .uris
                    .iter()
                    .filter(usable)
                    .map(move |uri| (source, uri.trim_end_matches('/')))
            })
            .find(|(source, uri)| matches(source, uri))
            .map(|(_, uri)| uri.to_owned())
    };
    let is_security = |source: &Source, uri: &str| {
        uri.ends_with("/debian-security")
            || source
                .suites
                .iter()
                .any(|s| s.ends_with("-security") || s.ends_with("/updates"))
    };
    let has_main = |source: &Source| source.components.iter().any(|c| c == "main");
    let is_release = |source: &Source| {
        let known = [
            "bookworm",
            "trixie",
            "forky",
            "stable",
            "oldstable",
            "testing",
            "sid",
            "unstable",
        ];
        source
            .suites
            .iter()
            .any(|suite| known.contains(&suite.as_str()))
    };
    let named =
        || uri_of(&|s, uri| has_main(s) && !is_security(s, uri) && uri.ends_with("/debian"));
    let by_suite = || uri_of(&|s, uri| has_main(s) && !is_security(s, uri) && is_release(s));
    let chosen = debian.map(|d| d.trim_end_matches('/').to_owned());
    let overridden = chosen.is_some();
    let debian = chosen.or_else(named).or_else(by_suite)?;
    let beside = || {
        debian
            .strip_suffix("debian")
            .map(|base| format!("{base}debian-security"))
    };
    let of_host = || uri_of(&|s, uri| is_security(s, uri));
    let found = if overridden {
        beside().or_else(of_host)
    } else {
        of_host().or_else(beside)
    };
    let security = security
        .map(|s| s.trim_end_matches('/').to_owned())
        .or(found)?;
    Some(Mirrors {
        debian,
        security,
        snapshot: snapshot.trim_end_matches('/').to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEB822: &str = "# a comment\nTypes: deb deb-src\nURIs: http://mirror.example/debian/\nSuites: bookworm\n bookworm-updates\n\
        Components: main\nSigned-By: /k\n\nTypes: deb\nURIs: http://mirror.example/debian-security\nSuites: bookworm-security\nComponents: main\n";

    #[test]
    fn deb822_with_folded_fields() {
        let found = choose(&parse_deb822(DEB822), None, None, SNAPSHOT).unwrap();
        assert_eq!(found.debian, "http://mirror.example/debian");
        assert_eq!(found.security, "http://mirror.example/debian-security");
    }

    #[test]
    fn disabled_and_foreign_sources_are_not_taken() {
        let text = format!(
            "Types: deb\nEnabled: no\nURIs: http://off/debian\nSuites: trixie\nComponents: main\n\n{DEB822}"
        );
        let mut sources = parse_list(
            "deb [arch=amd64 signed-by=/k] https://packages.example/apt tools main # x\ndeb-src http://s/debian sid main\n",
        );
        sources.extend(parse_list("deb cdrom:[Debian 13]/ trixie main"));
        sources.extend(parse_deb822(&text));
        assert_eq!(
            choose(&sources, None, None, SNAPSHOT).unwrap().debian,
            "http://mirror.example/debian"
        );
    }

    #[test]
    fn one_line_format_and_missing_security() {
        let sources = parse_list(
            "deb http://proxy.example:3142/mirror.example/debian trixie main non-free-firmware\n",
        );
        let found = choose(&sources, None, None, SNAPSHOT).unwrap();
        assert_eq!(
            found.security,
            "http://proxy.example:3142/mirror.example/debian-security"
        );
    }

    #[test]
    fn a_mirror_under_another_name_is_known_by_its_suite() {
        let sources = parse_list(
            "deb http://intern/stable-amd64 bookworm main\ndeb http://intern/sec bookworm-security main",
        );
        let found = choose(&sources, None, None, SNAPSHOT).unwrap();
        assert_eq!(
            (found.debian.as_str(), found.security.as_str()),
            ("http://intern/stable-amd64", "http://intern/sec")
        );
    }

    #[test]
    fn what_a_person_names_comes_first() {
        let sources = parse_deb822(DEB822);
        let given =
            |mirror: &str| choose(&sources, Some(mirror.to_owned()), None, SNAPSHOT).unwrap();
        assert_eq!(
            given("http://near/debian/").security,
            "http://near/debian-security"
        );
        assert_eq!(
            given("http://near/trixie").security,
            "http://mirror.example/debian-security"
        );
    }

    #[test]
    fn no_debian_at_all() {
        assert_eq!(
            choose(
                &parse_list("deb https://packages.example/apt tools main"),
                None,
                None,
                SNAPSHOT
            ),
            None
        );
    }
}
