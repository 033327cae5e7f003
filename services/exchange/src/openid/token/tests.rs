// SPDX-License-Identifier: EUPL-1.2
use proptest::prelude::*;
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _,
};
use serde_json::json;

use super::*;

const NOW: Duration = Duration::from_secs(1_795_856_528);
const EXPECTED: Expected<'_> = Expected {
    issuer: "https://login.example/town",
    client: "amtsnah",
    nonce: "nonce-of-this-sign-in",
};

/// A provider with a key on P-256 and one of Ed25519.
struct Signer {
    p256: EcdsaKeyPair,
    ed: Ed25519KeyPair,
    random: SystemRandom,
}

fn encoded(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

impl Signer {
    fn new() -> Self {
        let random = SystemRandom::new();
        let kind = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let p256 = EcdsaKeyPair::generate_pkcs8(kind, &random).unwrap();
        let ed = Ed25519KeyPair::generate_pkcs8(&random).unwrap();
        Self {
            p256: EcdsaKeyPair::from_pkcs8(kind, p256.as_ref(), &random).unwrap(),
            ed: Ed25519KeyPair::from_pkcs8(ed.as_ref()).unwrap(),
            random,
        }
    }

    fn keys(&self) -> Value {
        let point = self.p256.public_key().as_ref();
        json!({"keys": [
            {"kty": "oct", "k": "c2VjcmV0", "kid": "secret"},
            {"kty": "new", "kid": "of tomorrow"},
            {"kty": "EC", "crv": "P-256", "kid": "p", "use": "sig", "alg": "ES256",
                "x": encoded(&point[1..33]), "y": encoded(&point[33..])},
            {"kty": "OKP", "crv": "Ed25519", "kid": "e", "x": encoded(self.ed.public_key().as_ref())},
        ]})
    }

    fn read(&self) -> Keys {
        Keys::read(self.keys().to_string().as_bytes()).unwrap()
    }

    fn sign(&self, header: &Value, claims: &Value) -> String {
        let message = format!(
            "{}.{}",
            encoded(header.to_string()),
            encoded(claims.to_string())
        );
        let signature = match header["alg"].as_str().unwrap() {
            "EdDSA" => self.ed.sign(message.as_bytes()).as_ref().to_vec(),
            "none" => Vec::new(),
            _ => {
                let signed = self.p256.sign(&self.random, message.as_bytes()).unwrap();
                signed.as_ref().to_vec()
            }
        };
        format!("{message}.{}", encoded(signature))
    }
}

fn header() -> Value {
    json!({"alg": "ES256", "kid": "p"})
}

fn claims() -> Value {
    json!({
        "iss": EXPECTED.issuer, "aud": EXPECTED.client, "sub": "17", "nonce": EXPECTED.nonce,
        "iat": NOW.as_secs(), "exp": NOW.as_secs() + 300, "groups": ["clerks"],
    })
}

/// Proves D2, X1: a token of the provider, for us, of now and for this sign-in is believed.
#[test]
fn a_right_token_is_believed() {
    let signer = Signer::new();
    let keys = signer.read();
    for header in [
        header(),
        json!({"alg": "EdDSA", "kid": "e"}),
        // Which key it is need not be said.
        json!({"alg": "ES256"}),
        json!({"alg": "EdDSA", "typ": "JWT"}),
    ] {
        let read = check(&signer.sign(&header, &claims()), &keys, EXPECTED, NOW).unwrap();
        assert_eq!(read["groups"], json!(["clerks"]));
    }
    let mut several = claims();
    several["aud"] = json!([EXPECTED.client]);
    several["azp"] = json!(EXPECTED.client);
    several["iat"] = json!(NOW.as_secs_f64() - 0.5);
    assert!(check(&signer.sign(&header(), &several), &keys, EXPECTED, NOW).is_ok());
}

/// Proves X1: nobody gets in with a token that somebody else signed, or nobody, or in a way that proves nothing.
#[test]
fn signatures_are_checked() {
    let (signer, stranger) = (Signer::new(), Signer::new());
    let keys = signer.read();
    let refused = |token: &str| check(token, &keys, EXPECTED, NOW).unwrap_err();
    assert_eq!(
        refused(&stranger.sign(&header(), &claims())),
        TokenError::Forged
    );
    for (alg, kid, error) in [
        ("none", "p", TokenError::Algorithm),
        ("HS256", "secret", TokenError::Algorithm),
        ("HS256", "p", TokenError::Algorithm),
        ("ES384", "p", TokenError::Algorithm),
        ("ES256", "q", TokenError::NoKey),
        // A key for one way is none for another.
        ("ES256", "e", TokenError::NoKey),
        ("EdDSA", "p", TokenError::NoKey),
        ("RS256", "p", TokenError::NoKey),
        ("ES256", "of tomorrow", TokenError::NoKey),
    ] {
        let token = signer.sign(&json!({"alg": alg, "kid": kid}), &claims());
        assert_eq!(refused(&token), error, "{alg} {kid}");
    }
    let critical = json!({"alg": "ES256", "kid": "p", "crit": ["b64"], "b64": false});
    assert_eq!(
        refused(&signer.sign(&critical, &claims())),
        TokenError::Algorithm
    );
    // A key that is there to encrypt signs nothing, and one for another way not in this one.
    let right = signer.sign(&header(), &claims());
    for (name, value) in [
        ("use", json!("enc")),
        ("alg", json!("ES384")),
        ("key_ops", json!(["sign"])),
    ] {
        let mut other = signer.keys();
        other["keys"][2][name] = value;
        let other = Keys::read(other.to_string().as_bytes()).unwrap();
        assert_eq!(check(&right, &other, EXPECTED, NOW), Err(TokenError::NoKey));
    }
    for wrong in [
        "",
        ".",
        "..",
        "a.b.c",
        right.trim_end_matches(|c| c != '.'),
        &format!("{right}.x"),
    ] {
        assert!(check(wrong, &keys, EXPECTED, NOW).is_err(), "{wrong}");
    }
    assert_eq!(
        refused(&format!("{right}{}", "A".repeat(ALL))),
        TokenError::Form
    );
}

/// Proves X1: a token of another provider, for another client, of another time, of another sign-in or of nobody is refused.
#[test]
fn claims_are_checked() {
    let signer = Signer::new();
    let keys = signer.read();
    let at = |seconds: i64| json!(NOW.as_secs().checked_add_signed(seconds).unwrap());
    for (name, value, error) in [
        (
            "iss",
            json!("https://login.example/town/"),
            TokenError::Issuer,
        ),
        ("iss", json!([EXPECTED.issuer]), TokenError::Issuer),
        ("aud", json!("another"), TokenError::Audience),
        (
            "aud",
            json!([EXPECTED.client, "another"]),
            TokenError::Audience,
        ),
        ("aud", json!([]), TokenError::Audience),
        ("azp", json!("another"), TokenError::Audience),
        ("exp", at(-61), TokenError::Time),
        ("exp", json!(null), TokenError::Time),
        ("exp", json!("tomorrow"), TokenError::Time),
        ("exp", json!(-1), TokenError::Time),
        ("iat", at(61), TokenError::Time),
        ("iat", at(-661), TokenError::Time),
        ("nbf", at(61), TokenError::Time),
        ("nbf", json!("now"), TokenError::Time),
        ("nonce", json!("nonce-of-another"), TokenError::Nonce),
        ("nonce", json!(null), TokenError::Nonce),
        ("sub", json!(""), TokenError::Subject),
        ("sub", json!(17), TokenError::Subject),
    ] {
        let mut wrong = claims();
        wrong[name] = value.clone();
        let token = signer.sign(&header(), &wrong);
        let told = check(&token, &keys, EXPECTED, NOW);
        assert_eq!(told, Err(error), "{name}: {value}");
    }
}

/// RFC 7515, A.2: RS256.
const RS256: &str = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";
const RS256_KEY: &str = r#"{"keys": [{"kty": "RSA", "e": "AQAB", "n": "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ"}]}"#;

/// Proves X1: RSA is read as the standard's own example has it. (PS256 is in the tests with a provider.)
#[test]
fn the_standards_example_is_proven() {
    let keys = Keys::read(RS256_KEY.as_bytes()).unwrap();
    // Signed by the key; what it says is none of ours.
    assert_eq!(check(RS256, &keys, EXPECTED, NOW), Err(TokenError::Issuer));
    let forged = RS256.replace("cC4hi", "cC4hj");
    assert_eq!(
        check(&forged, &keys, EXPECTED, NOW),
        Err(TokenError::Forged)
    );
}

proptest! {
    /// Proves X1: whatever comes as a token or as keys, nothing panics, and nobody gets in.
    #[test]
    fn nothing_else_gets_in(token in "[A-Za-z0-9_.=-]{0,120}", keys in ".{0,80}", cut in 0_usize..400, put in "[A-Za-z0-9_-]") {
        let signer = Signer::new();
        let known = signer.read();
        prop_assert!(check(&token, &known, EXPECTED, NOW).is_err());
        let _ = Keys::read(keys.as_bytes());
        // One character is another one.
        let right = signer.sign(&header(), &claims());
        let mut other = right.clone();
        let at = cut % other.len();
        other.replace_range(at..=at, &put);
        // The last one of a part has bits that mean nothing; they have to be zero.
        prop_assert!(other == right || check(&other, &known, EXPECTED, NOW).is_err());
    }
}
