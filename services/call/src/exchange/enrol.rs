// SPDX-License-Identifier: EUPL-1.2
//! A terminal's first word to the exchange: a one-time code and a request for a certificate of its key.
//!
//! Whoever installs the device writes the terminal's name and the code (`exchange enrol NAME` prints it) into a file on the EFI system
//! partition, when the image is flashed or later; no image takes settings in by another way, and no keyboard has to be there. The code is
//! worth nothing once it was used, and everywhere but at the exchange of the site configuration.

use hyper::{Method, StatusCode};
use rcgen::{CertificateParams, KeyPair};
use serde::Deserialize;
use thiserror::Error;

use super::client::{Client, ClientError, Identity};
use super::identity::{FileError, Keeper, way};

/// The most bytes of a terminal's name.
const NAME: usize = 40;
/// The characters of a code, and those that people put between them.
const CODE: usize = 12;

/// Why a terminal is not enrolled.
#[derive(Debug, Error)]
pub enum EnrolError {
    /// What the installer wrote is no name and code.
    #[error("what was written for the enrolment is not a terminal's name and a code")]
    Form,
    /// The exchange did not do it.
    #[error(transparent)]
    Exchange(#[from] ClientError),
    /// A file failed.
    #[error(transparent)]
    File(#[from] FileError),
    /// No request could be made with the key.
    #[error("cannot make a request for a certificate")]
    Request(#[source] rcgen::Error),
}

impl EnrolError {
    /// Whether it may go better by itself.
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Exchange(ClientError::Unreachable(_)) => true,
            Self::Exchange(ClientError::Refused { status, .. }) => {
                status.is_server_error() || *status == StatusCode::TOO_MANY_REQUESTS
            }
            _ => false,
        }
    }
}

/// What the installer was given: the terminal's name and its code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Enrolment {
    terminal: String,
    code: String,
}

impl Enrolment {
    /// Reads `NAME CODE`, in one line or in two.
    pub fn parse(text: &str) -> Option<Self> {
        let mut words = text.split_whitespace();
        let (terminal, code) = (words.next()?, words.next()?);
        let plain = |c: u8| c.is_ascii_alphanumeric() || b"-_.".contains(&c);
        let is_name = terminal.len() <= NAME && terminal.bytes().all(plain);
        let code: String = code.chars().filter(|c| *c != '-').collect();
        let is_code = code.len() == CODE && code.bytes().all(|c| c.is_ascii_alphanumeric());
        (is_name && is_code && words.next().is_none()).then(|| Self {
            terminal: terminal.to_owned(),
            code,
        })
    }
}

#[derive(Deserialize)]
struct Answer {
    certificate: String,
}

/// Enrols the terminal at the exchange of the site, and keeps what it got.
pub async fn enrol(
    call: &site::call::Call,
    enrolment: &Enrolment,
    keeper: &Keeper,
) -> Result<(), EnrolError> {
    const OPERATION: &str = "enrol";
    let key = keeper.key()?;
    let pair = KeyPair::from_pem(&key).map_err(EnrolError::Request)?;
    // The exchange takes nothing of it over but the key.
    let request = CertificateParams::default()
        .serialize_request(&pair)
        .and_then(|request| request.pem())
        .map_err(EnrolError::Request)?;
    let asked = serde_json::json!({
        "terminal": enrolment.terminal,
        "code": enrolment.code,
        "request": request,
    });
    let client = Client::new(way(call), call.https, None)?;
    let answer = client
        .ask(
            OPERATION,
            (Method::POST, "/enrol"),
            Some(asked.to_string()),
            StatusCode::CREATED,
        )
        .await?;
    let form = || ClientError::Form(OPERATION);
    let Answer { certificate } = serde_json::from_slice(&answer).map_err(|_| form())?;
    let identity = Identity { certificate, key };
    // One that TLS cannot use would be in the way of a second try.
    Client::new(way(call), call.terminals, Some(&identity)).map_err(|_| form())?;
    Ok(keeper.certify(&identity.certificate)?)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Proves X1: a name and a code are read as the exchange prints them and as people write them.
    #[test]
    fn codes_are_read() {
        let expected = Enrolment {
            terminal: "town-hall".into(),
            code: "abcd2345efgh".into(),
        };
        for text in [
            "town-hall abcd-2345-efgh",
            "town-hall\nabcd2345efgh\n",
            "  town-hall\tabcd-2345efgh\r\n",
        ] {
            assert_eq!(Enrolment::parse(text), Some(expected.clone()), "{text:?}");
        }
        for text in [
            "",
            "none",
            "town-hall",
            "town-hall abcd",
            "town/hall abcd-2345-efgh",
            "town-hall abcd-2345-efgh more",
        ] {
            assert_eq!(Enrolment::parse(text), None, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_safe(text in ".{0,200}") {
            if let Some(enrolment) = Enrolment::parse(&text) {
                prop_assert!(enrolment.code.len() == CODE && enrolment.terminal.len() <= NAME);
            }
        }
    }
}
