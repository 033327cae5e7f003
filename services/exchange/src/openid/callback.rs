// SPDX-License-Identifier: EUPL-1.2
//! What a browser brings back from a provider (RFC 6749, 4.1.2; RFC 9207). Pure.

use url::form_urlencoded;

use crate::random;

/// Bytes of all of it.
const ALL: usize = 8 * 1024;
/// Characters of a code.
const CODE: usize = 4096;
/// Characters of a provider's word for why not.
const WORD: usize = 64;
/// Characters of our `state`: 130 bits.
pub const STATE: usize = 26;

/// What was brought back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Callback {
    /// Which sign-in it is.
    pub state: String,
    /// The code, or the provider's word for why there is none.
    pub said: Result<String, String>,
    /// Who the provider says that it is.
    pub issuer: Option<String>,
}

/// Whether this is a word of a program: the only thing that is repeated of a refusal, in a log.
pub fn is_word(text: &str) -> bool {
    let allowed = |c: char| c.is_ascii_lowercase() || c == '_';
    (1..=WORD).contains(&text.len()) && text.chars().all(allowed)
}

impl Callback {
    /// Reads the part behind `?`; none if it is no answer of a provider to a question of ours.
    pub fn read(query: &str) -> Option<Self> {
        if query.len() > ALL {
            return None;
        }
        let (mut state, mut code, mut error, mut issuer) = (None, None, None, None);
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let known = match &*name {
                "state" => &mut state,
                "code" => &mut code,
                "error" => &mut error,
                "iss" => &mut issuer,
                _ => continue,
            };
            // Nothing is said twice.
            if known.replace(value.into_owned()).is_some() {
                return None;
            }
        }
        let said = match (code, error) {
            (Some(code), None) => {
                let fits = (1..=CODE).contains(&code.len());
                Ok(Some(code).filter(|code| fits && code.chars().all(|c| c.is_ascii_graphic()))?)
            }
            (None, Some(error)) => Err(if is_word(&error) {
                error
            } else {
                "other".to_owned()
            }),
            _ => return None,
        };
        Some(Self {
            state: state.filter(|state| random::is_word(state, STATE))?,
            said,
            issuer,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const OURS: &str = "abcdefghijkmnpqrstuvwxyz23";

    /// Proves X1: a code or a refusal is taken, with our own state, each once; anything else is no answer.
    #[test]
    fn answers_are_read() {
        let read = |query: &str| Callback::read(&query.replace("OURS", OURS));
        let right =
            read("code=a%2Fb&state=OURS&iss=https%3A%2F%2Flogin.example&session_state=x").unwrap();
        assert_eq!(right.said.as_deref(), Ok("a/b"));
        assert_eq!(right.issuer.as_deref(), Some("https://login.example"));
        let refused = read("error=access_denied&error_description=Nein&state=OURS").unwrap();
        assert_eq!(refused.said.as_deref(), Err(&"access_denied".to_owned()));
        let odd = read("error=%0Aforged+line&state=OURS").unwrap();
        assert_eq!(odd.said.as_deref(), Err(&"other".to_owned()));
        for wrong in [
            "",
            "state=OURS",
            "code=a",
            "code=&state=OURS",
            "code=a&code=b&state=OURS",
            "code=a&state=OURS&state=OURS",
            "code=a&error=b&state=OURS",
            "code=a%20b&state=OURS",
            "code=a&state=OURSx",
            "code=a&state=abcdefghijkmnpqrstuvwxyz2!",
        ] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
        let long = format!("code={}&state=OURS", "a".repeat(CODE + 1));
        assert_eq!(read(&long), None);
        let much = format!("code=a&state=OURS&more={}", "a".repeat(ALL));
        assert_eq!(read(&much), None);
    }

    proptest! {
        /// Proves X1: nothing that somebody sends panics, and what is taken keeps its bounds.
        #[test]
        fn anything_is_read(query in "(code|state|error|iss|[a-z%&=+]{0,3}|=|&|%[0-9a-fA-F]{2}|.){0,60}") {
            if let Some(read) = Callback::read(&query) {
                prop_assert!(random::is_word(&read.state, STATE));
                let (Ok(text) | Err(text)) = read.said;
                prop_assert!(!text.is_empty() && text.chars().all(|c| c.is_ascii_graphic()));
            }
        }

        /// Proves X1: whatever code a provider makes comes through as it is.
        #[test]
        fn codes_come_through(code in "[!-~]{1,200}") {
            let query = form_urlencoded::Serializer::new(String::new())
                .append_pair("state", OURS)
                .append_pair("code", &code)
                .finish();
            prop_assert_eq!(Callback::read(&query).unwrap().said, Ok(code));
        }
    }
}
