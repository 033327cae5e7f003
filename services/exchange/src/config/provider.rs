// SPDX-License-Identifier: EUPL-1.2
//! Where the clerks of an authority sign in with the accounts that they have already (OpenID Connect).

use std::collections::BTreeMap;
use std::path::PathBuf;

use site::{Text, written};
use toml::Spanned;
use url::{Host, Url};

use super::check::{Checked, fault, limits, path};
use super::{Desk, raw};

const CODE: &str = "exchange::identity-provider";

/// An identity provider. No secret is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provider {
    /// What it calls itself: letter for letter as its own description and its tokens do.
    pub issuer: String,
    /// What it calls us.
    pub client: String,
    /// The file with the secret between both; without one systemd hands it over.
    pub secret: Option<PathBuf>,
    /// Who certifies it, in PEM, beside the authorities of this machine.
    pub authority: Option<PathBuf>,
    /// What we ask for beside `openid`.
    pub scopes: Vec<String>,
    /// The claim that names a person: shown to themself.
    pub person: String,
    /// The claim that says what a person belongs to.
    pub groups: String,
    /// Whether desks of the authority are also signed in at with their passwords.
    pub passwords: bool,
    /// What the button says, where it is not the usual.
    pub label: Option<Text>,
    /// The desks that each group may sit at, in the order of the file.
    pub desks: BTreeMap<String, Vec<String>>,
}

/// A desk that an authority's identity provider names, to be looked up when all desks are known.
pub struct Placed {
    authority: String,
    desk: Spanned<String>,
}

pub fn provider(
    raw: raw::Provider,
    authority: &str,
    placed: &mut Vec<Placed>,
) -> Checked<Provider> {
    let pem = "a file in PEM form";
    Ok(Provider {
        issuer: issuer(raw.issuer)?,
        client: word(raw.client, "what the identity provider calls the exchange")?,
        secret: raw
            .secret
            .map(|raw| path(raw, "a file with the secret, and nothing else"))
            .transpose()?,
        authority: raw.authority.map(|raw| path(raw, pem)).transpose()?,
        scopes: scopes(raw.scopes)?,
        person: claim(raw.person, "preferred_username")?,
        groups: claim(raw.groups, "groups")?,
        passwords: raw.passwords.unwrap_or(true),
        label: raw
            .label
            .map(|label| written::words(label, limits::NAME))
            .transpose()?,
        desks: desks(raw.desks, authority, placed)?,
    })
}

/// Its own description and its tokens are compared with it letter for letter, and addresses are built on it.
fn issuer(raw: Spanned<String>) -> Checked<String> {
    let (span, text) = (raw.span(), raw.into_inner());
    let wrong = |message: &str| {
        let help = "its address as it calls itself, such as `https://login.weissbach.example/realms/town`: at that address with `/.well-known/openid-configuration` behind it, it says so as `issuer`";
        fault(span.clone(), CODE, message, help)
    };
    let Ok(url) = Url::parse(&text) else {
        return wrong("this is not the address of an identity provider");
    };
    if url.scheme() != "https" {
        return wrong("an identity provider is reached by https alone");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return wrong("no name and no password belong in this address");
    }
    if url.query().is_some() || url.fragment().is_some() {
        return wrong("this address may have neither `?` nor `#`");
    }
    if !matches!(
        url.host(),
        Some(Host::Domain(_) | Host::Ipv4(_) | Host::Ipv6(_))
    ) || text.len() > limits::ISSUER
        || text.chars().any(|c| c.is_whitespace() || c.is_control())
    {
        return wrong("this is not the address of an identity provider");
    }
    Ok(text)
}

fn is_word(text: &str) -> bool {
    let most = limits::CLAIM;
    !text.trim().is_empty() && text.chars().count() <= most && !text.chars().any(char::is_control)
}

fn word(raw: Spanned<String>, what: &str) -> Checked<String> {
    let (span, text) = (raw.span(), raw.into_inner());
    if is_word(&text) {
        return Ok(text);
    }
    let help = format!("{what}, up to {} characters", limits::CLAIM);
    fault(span, CODE, "this is not a name", help)
}

fn claim(raw: Option<Spanned<String>>, usual: &str) -> Checked<String> {
    let help = "the name of a claim in its tokens, such as `groups`";
    raw.map_or(Ok(usual.to_owned()), |raw| word(raw, help))
}

fn scopes(raw: Option<Spanned<Vec<Spanned<String>>>>) -> Checked<Vec<String>> {
    let Some(raw) = raw else {
        return Ok(vec!["profile".to_owned()]);
    };
    written::count(&raw, 0, limits::SCOPES, "scopes")?;
    let mut scopes = Vec::new();
    for raw in raw.into_inner() {
        let (span, scope) = (raw.span(), raw.into_inner());
        // RFC 6749, 3.3.
        let allowed = |c: char| c.is_ascii_graphic() && !matches!(c, '"' | '\\');
        if scope.is_empty() || scope.len() > limits::CLAIM || !scope.chars().all(allowed) {
            let help = "a word without spaces, such as `profile`";
            return fault(span, CODE, "this is not a scope", help);
        }
        // It is always asked for. Somebody who is away is nobody who signs in.
        if scope == "offline_access" {
            let help = "the exchange asks nothing of the provider once somebody is signed in";
            return fault(span, CODE, "this scope is not needed", help);
        }
        if scope != "openid" && !scopes.contains(&scope) {
            scopes.push(scope);
        }
    }
    Ok(scopes)
}

fn desks(
    raw: Spanned<BTreeMap<String, Spanned<Vec<Spanned<String>>>>>,
    authority: &str,
    placed: &mut Vec<Placed>,
) -> Checked<BTreeMap<String, Vec<String>>> {
    let span = raw.span();
    let groups = raw.into_inner();
    let help = "for each group its desks: `desks = { meldestelle = [\"town-1\", \"town-2\"] }`";
    if groups.is_empty() || groups.len() > limits::GROUPS {
        let message = format!("from 1 to {} groups have desks", limits::GROUPS);
        return fault(span, CODE, message, help);
    }
    let mut desks = BTreeMap::new();
    for (group, raw) in groups {
        let span = raw.span();
        if !is_word(&group) {
            return fault(span, CODE, "this is not the name of a group", help);
        }
        let mut named = Vec::new();
        for desk in raw.into_inner() {
            named.push(desk.get_ref().clone());
            placed.push(Placed {
                authority: authority.to_owned(),
                desk,
            });
        }
        if named.is_empty() {
            let message = format!("the group `{group}` has no desk");
            return fault(span, CODE, message, help);
        }
        desks.insert(group, named);
    }
    Ok(desks)
}

/// All desks that are named exist and belong to the authority.
pub fn placed(placed: Vec<Placed>, desks: &[Desk]) -> Checked<()> {
    let known: BTreeMap<&str, &str> = desks
        .iter()
        .map(|desk| (desk.id.as_str(), desk.authority.as_str()))
        .collect();
    for Placed { authority, desk } in placed {
        let id = desk.get_ref();
        let message = match known.get(id.as_str()) {
            Some(whose) if *whose == authority => continue,
            Some(_) => format!("the desk `{id}` belongs to another authority"),
            None => format!("there is no desk `{id}`"),
        };
        let help = "a `[[desk]]` that serves departments of this authority";
        return fault(desk.span(), CODE, message, help);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::config::parse;

    const RIGHT: &str = "issuer = \"https://login.example/town\"\nclient = \"amtsnah\"\ndesks = { clerks = [\"town-1\"] }";

    fn parsed(provider: &str) -> Result<Provider, String> {
        let sample = include_str!("../../sample.toml");
        let table = format!(
            "[authority.identity-provider]\n{provider}\n\n[[authority]]\nid = \"district\""
        );
        let text = sample.replacen("[[authority]]\nid = \"district\"", &table, 1);
        match parse("sample.toml", &text) {
            Ok(mut config) => Ok(config.authorities.remove(0).provider.unwrap()),
            Err(error) => Err(format!("{:?}", miette::Report::from(*error))),
        }
    }

    /// Proves D2, X1: what is not said of an identity provider is the usual, and passwords go on beside it.
    #[test]
    fn little_has_to_be_said() {
        let provider = parsed(RIGHT).unwrap();
        assert_eq!(provider.scopes, ["profile"]);
        assert_eq!(
            (&*provider.person, &*provider.groups),
            ("preferred_username", "groups")
        );
        assert!(provider.passwords && provider.secret.is_none());
        assert_eq!(provider.desks["clerks"], ["town-1"]);
    }

    /// Proves X1: what cannot be is told with its place and the next step, before anybody signs in.
    #[test]
    fn what_cannot_be_is_told() {
        let issuer = |issuer: &str| RIGHT.replace("https://login.example/town", issuer);
        let desks = |desks: &str| RIGHT.replace("{ clerks = [\"town-1\"] }", desks);
        for (wrong, said) in [
            (issuer("http://login.example/town"), "https alone"),
            (issuer("http://127.0.0.1/town"), "https alone"),
            (issuer("login.example"), "not the address"),
            (issuer("https://a:b@login.example"), "no password belong"),
            (issuer("https://login.example/?realm=town"), "neither"),
            (issuer("https://login.example/to wn"), "not the address"),
            (desks("{}"), "groups have desks"),
            (desks("{ clerks = [] }"), "has no desk"),
            (desks("{ clerks = [\"town-9\"] }"), "no desk `town-9`"),
            (desks("{ clerks = [\"district-1\"] }"), "another authority"),
            (desks("{ \" \" = [\"town-1\"] }"), "name of a group"),
            (RIGHT.replace("amtsnah", ""), "not a name"),
            (format!("{RIGHT}\nscopes = [\"a b\"]"), "not a scope"),
            (
                format!("{RIGHT}\nscopes = [\"offline_access\"]"),
                "not needed",
            ),
            (format!("{RIGHT}\nsecret = \"\""), "not a path"),
            (format!("{RIGHT}\ngroups = \"\""), "not a name"),
            (format!("{RIGHT}\npassword = \"geheim\""), "unknown field"),
            (format!("{RIGHT}\nlabel = \" \""), "empty"),
        ] {
            let told = parsed(&wrong).unwrap_err();
            assert!(told.contains(said), "{wrong}: {told}");
        }
    }

    proptest! {
        /// Proves X1: no text in an issuer or a group panics, and only https is taken.
        #[test]
        fn any_text_is_judged(issuer in "(https?://)?[a-z0-9.:/@?#\\[\\] ü-]{0,40}", group in ".{0,20}") {
            let text = format!("issuer = {issuer:?}\nclient = \"a\"\ndesks = {{ {group:?} = [\"town-1\"] }}");
            if let Ok(provider) = parsed(&text) {
                prop_assert!(provider.issuer.starts_with("https://"));
                prop_assert_eq!(provider.issuer, issuer);
            }
        }
    }
}
