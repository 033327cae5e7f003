// SPDX-License-Identifier: EUPL-1.2
//! The authority that certifies terminals, and, where the operator gave none, a certificate for the exchange itself.

use rcgen::{
    BasicConstraints, CertificateParams, CertificateSigningRequestParams, DistinguishedName,
    DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

use crate::state::{State, StateError};

/// The longest signing request, in bytes of PEM.
pub const REQUEST: usize = 8 * 1024;

/// Why nobody was certified.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum IdentityError {
    /// The request is none, or its signature is not its key's.
    #[error("this is not a certificate signing request")]
    Request,
    /// A key or certificate could not be made or read.
    #[error("cannot {operation}")]
    Certify {
        /// What was tried.
        operation: &'static str,
        /// Why not.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The state directory failed.
    #[error(transparent)]
    #[diagnostic(transparent)]
    State(#[from] StateError),
}

fn failed<E: std::error::Error + Send + Sync + 'static>(
    operation: &'static str,
) -> impl FnOnce(E) -> IdentityError {
    move |source| IdentityError::Certify {
        operation,
        source: Box::new(source),
    }
}

/// The authority: its certificate in PEM, and what signs.
pub struct Authority {
    pem: String,
    issuer: Issuer<'static, KeyPair>,
}

impl std::fmt::Debug for Authority {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Authority(…)")
    }
}

fn named(name: &str) -> DistinguishedName {
    let mut distinguished = DistinguishedName::new();
    distinguished.push(DnType::CommonName, name);
    distinguished
}

impl Authority {
    /// Takes the one in the state directory, or makes it.
    pub fn open(state: &State) -> Result<Self, IdentityError> {
        let key = key(state, "authority.key")?;
        let pem = state.keep("authority.pem", || {
            let mut params = CertificateParams::default();
            params.distinguished_name = named("Amtsnah terminals");
            params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
            params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
            validity(&mut params, 30);
            let made = params
                .self_signed(&key)
                .map(|certificate| certificate.pem());
            made.map_err(|_| StateError::Damaged {
                path: state.dir().join("authority.key"),
            })
        })?;
        let issuer = Issuer::from_ca_cert_pem(&pem, key)
            .map_err(failed("read the authority's certificate"))?;
        Ok(Self { pem, issuer })
    }

    /// Its certificate.
    pub fn pem(&self) -> &str {
        &self.pem
    }

    /// Certifies the key of a request for a terminal: (PEM, DER). Nothing else of the request is taken over.
    pub fn certify(
        &self,
        terminal: &str,
        request: &str,
    ) -> Result<(String, Vec<u8>), IdentityError> {
        if request.len() > REQUEST {
            return Err(IdentityError::Request);
        }
        let request = CertificateSigningRequestParams::from_pem(request)
            .map_err(|_| IdentityError::Request)?;
        let mut params = CertificateParams::default();
        params.distinguished_name = named(terminal);
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        validity(&mut params, 5);
        let certificate = params
            .signed_by(&request.public_key, &self.issuer)
            .map_err(failed("certify a terminal"))?;
        Ok((certificate.pem(), certificate.der().to_vec()))
    }

    /// A certificate for `domain`, for trying out: (chain, key) in PEM.
    pub fn server(&self, state: &State, domain: &str) -> Result<(String, String), IdentityError> {
        let key = key(state, "server.key")?;
        let mut params = CertificateParams::new(vec![domain.to_owned()])
            .map_err(failed("name the exchange in a certificate"))?;
        params.distinguished_name = named(domain);
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        validity(&mut params, 1);
        let certificate = params
            .signed_by(&key, &self.issuer)
            .map_err(failed("certify the exchange"))?;
        Ok((
            format!("{}{}", certificate.pem(), self.pem),
            key.serialize_pem(),
        ))
    }
}

fn key(state: &State, name: &str) -> Result<KeyPair, IdentityError> {
    let pem = state.keep(name, || {
        let made = KeyPair::generate().map(|key| key.serialize_pem());
        made.map_err(|_| StateError::Damaged {
            path: state.dir().join(name),
        })
    })?;
    KeyPair::from_pem(&pem).map_err(failed("read a private key"))
}

/// From yesterday, since clocks differ, for so many years.
fn validity(params: &mut CertificateParams, years: i16) {
    let today = jiff::Zoned::now().date();
    let yesterday = today.yesterday().unwrap_or(today);
    let number = |part: i8| part.unsigned_abs();
    params.not_before = rcgen::date_time_ymd(
        i32::from(yesterday.year()),
        number(yesterday.month()),
        number(yesterday.day()),
    );
    // The first of a month is a day of every year.
    params.not_after =
        rcgen::date_time_ymd(i32::from(today.year() + years), number(today.month()), 1);
}

/// The certificates of a PEM text.
pub fn certificates(pem: &str) -> Result<Vec<CertificateDer<'static>>, IdentityError> {
    CertificateDer::pem_slice_iter(pem.as_bytes())
        .collect::<Result<_, _>>()
        .map_err(failed("read a certificate"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn authority() -> (tempfile::TempDir, Authority) {
        let root = tempfile::tempdir().unwrap();
        let state = State::open(&root.path().join("state")).unwrap();
        let authority = Authority::open(&state).unwrap();
        assert_eq!(Authority::open(&state).unwrap().pem(), authority.pem());
        (root, authority)
    }

    /// Proves X1: of a request nothing is taken over but its key, and one that its key did not sign is refused.
    #[test]
    fn only_the_key_is_certified() {
        let (_root, authority) = authority();
        let key = KeyPair::generate().unwrap();
        let mut params =
            CertificateParams::new(vec!["exchange.weissbach.example".to_owned()]).unwrap();
        params.distinguished_name = named("terminal-of-somebody-else");
        let request = params.serialize_request(&key).unwrap().pem().unwrap();
        let (pem, der) = authority.certify("lobby", &request).unwrap();
        assert_eq!(certificates(&pem).unwrap()[0].as_ref(), der);
        let contains = |text: &str| {
            der.windows(text.len())
                .any(|window| window == text.as_bytes())
        };
        assert!(contains("lobby") && !contains("somebody-else") && !contains("weissbach"));
        let mut forged = request.clone().into_bytes();
        let middle = forged.len() - 60;
        forged[middle] = if forged[middle] == b'A' { b'B' } else { b'A' };
        let forged = String::from_utf8(forged).unwrap();
        assert!(matches!(
            authority.certify("lobby", &forged),
            Err(IdentityError::Request)
        ));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        /// Proves X1: no request panics.
        #[test]
        fn any_request_is_safe(body in "[A-Za-z0-9+/=\n]{0,400}", bare in any::<bool>()) {
            let (_root, authority) = authority();
            let text = if bare { body } else {
                format!("-----BEGIN CERTIFICATE REQUEST-----\n{body}\n-----END CERTIFICATE REQUEST-----\n")
            };
            prop_assert!(authority.certify("lobby", &text).is_err());
        }
    }
}
