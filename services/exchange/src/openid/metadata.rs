// SPDX-License-Identifier: EUPL-1.2
//! How a provider describes itself (OpenID Connect Discovery 1.0). Pure.

use serde::Deserialize;
use url::Url;

/// Bytes of a description.
pub const ALL: usize = 128 * 1024;
/// Characters of an address in it.
const ADDRESS: usize = 2048;

#[derive(Deserialize)]
struct Raw {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
    userinfo_endpoint: Option<String>,
    end_session_endpoint: Option<String>,
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
    code_challenge_methods_supported: Option<Vec<String>>,
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
}

/// Where a provider is asked for what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Metadata {
    /// Where a browser is sent to.
    pub authorization: Url,
    /// Where a code becomes a token.
    pub token: Url,
    /// Where its keys are.
    pub keys: Url,
    /// Where it says more of a person.
    pub person: Option<Url>,
    /// Where somebody signs out.
    pub end: Option<Url>,
    /// The secret goes in the body of a request: it takes none in the head.
    pub in_body: bool,
    /// It says who it is when it sends a browser back (RFC 9207).
    pub says_issuer: bool,
}

fn address(text: &str, what: &'static str) -> Result<Url, &'static str> {
    let url = Url::parse(text).ok().filter(|_| text.len() <= ADDRESS);
    let url = url.filter(|url| url.scheme() == "https" && url.fragment().is_none());
    url.filter(|url| url.has_host() && url.username().is_empty() && url.password().is_none())
        .ok_or(what)
}

impl Metadata {
    /// Where a provider describes itself.
    pub fn place(issuer: &str) -> Option<Url> {
        let issuer = issuer.trim_end_matches('/');
        Url::parse(&format!("{issuer}/.well-known/openid-configuration")).ok()
    }

    /// Reads a description; an error says what is wrong with it.
    pub fn read(bytes: &[u8], issuer: &str) -> Result<Self, &'static str> {
        let raw: Raw = serde_json::from_slice(bytes)
            .map_err(|_| "its description is none of OpenID Connect")?;
        if raw.issuer != issuer {
            return Err("it calls itself by another `issuer` than the configuration");
        }
        let methods = raw.token_endpoint_auth_methods_supported;
        let takes = |name: &str| match &methods {
            // What is meant where nothing is said.
            None => name == "client_secret_basic",
            Some(methods) => methods.iter().any(|method| method == name),
        };
        let (in_head, in_body) = (takes("client_secret_basic"), takes("client_secret_post"));
        if !in_head && !in_body {
            return Err("it takes no secret of a client");
        }
        let challenges = raw.code_challenge_methods_supported;
        if challenges.is_some_and(|methods| !methods.iter().any(|method| method == "S256")) {
            return Err("it does not know PKCE with S256");
        }
        let optional = |text: Option<String>, what| match text {
            None => Ok(None),
            Some(text) => address(&text, what).map(Some),
        };
        Ok(Self {
            authorization: address(
                &raw.authorization_endpoint,
                "its `authorization_endpoint` is no address by https",
            )?,
            token: address(
                &raw.token_endpoint,
                "its `token_endpoint` is no address by https",
            )?,
            keys: address(&raw.jwks_uri, "its `jwks_uri` is no address by https")?,
            person: optional(
                raw.userinfo_endpoint,
                "its `userinfo_endpoint` is no address by https",
            )?,
            end: optional(
                raw.end_session_endpoint,
                "its `end_session_endpoint` is no address by https",
            )?,
            in_body: !in_head,
            says_issuer: raw.authorization_response_iss_parameter_supported,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    const ISSUER: &str = "https://login.example/town";

    fn described() -> Value {
        json!({
            "issuer": ISSUER,
            "authorization_endpoint": "https://login.example/town/auth?tenant=1",
            "token_endpoint": "https://login.example/town/token",
            "jwks_uri": "https://keys.example/town",
            "end_session_endpoint": "https://login.example/town/end",
            "code_challenge_methods_supported": ["plain", "S256"],
        })
    }

    fn read(value: &Value) -> Result<Metadata, &'static str> {
        Metadata::read(value.to_string().as_bytes(), ISSUER)
    }

    /// Proves D2, X1: a description is believed by the name that the configuration has, with addresses by https alone.
    #[test]
    fn descriptions_are_checked() {
        let right = read(&described()).unwrap();
        assert!(right.end.is_some() && right.person.is_none() && !right.in_body);
        assert_eq!(
            Metadata::place(ISSUER).unwrap().as_str(),
            "https://login.example/town/.well-known/openid-configuration"
        );
        let mut post = described();
        post["token_endpoint_auth_methods_supported"] = json!(["client_secret_post"]);
        assert!(read(&post).unwrap().in_body);
        for (name, value, said) in [
            ("issuer", json!("https://login.example/town/"), "another"),
            ("issuer", json!(null), "none of"),
            (
                "token_endpoint",
                json!("http://login.example/token"),
                "https",
            ),
            (
                "token_endpoint",
                json!("https://a:b@login.example/"),
                "https",
            ),
            ("jwks_uri", json!("file:///etc/passwd"), "https"),
            (
                "end_session_endpoint",
                json!("javascript:alert(1)"),
                "https",
            ),
            ("authorization_endpoint", json!("/auth"), "https"),
            ("code_challenge_methods_supported", json!(["plain"]), "PKCE"),
            (
                "token_endpoint_auth_methods_supported",
                json!(["private_key_jwt"]),
                "no secret",
            ),
        ] {
            let mut wrong = described();
            wrong[name] = value;
            let told = read(&wrong).unwrap_err();
            assert!(told.contains(said), "{name}: {told}");
        }
    }

    proptest! {
        /// Proves X1: nothing that a provider says panics.
        #[test]
        fn anything_is_read(bytes in prop::collection::vec(any::<u8>(), 0..200), address in ".{0,40}") {
            let _ = Metadata::read(&bytes, ISSUER);
            let mut odd = described();
            odd["jwks_uri"] = json!(address);
            if let Ok(read) = read(&odd) {
                prop_assert_eq!(read.keys.scheme(), "https");
            }
        }
    }
}
