// SPDX-License-Identifier: EUPL-1.2
//! The firmware's Secure Boot variables as files, which systemd-boot enrols on a factory-new device (`/loader/keys/auto`).
//!
//! An authenticated variable (UEFI 2.10, section 8.2.2) is a time stamp, a PKCS#7 signature, and a signature list with our certificate.
//! The files are made with the keys and not with an image, so that a build does not need the private halves of PK and KEK.
//!
//! Microsoft's certificates are not among them: an appliance starts no foreign loader, and its screen and storage need no option ROM.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::children::{self, Partial};
use crate::error::{Error, FileContext, Result};
use crate::keys::INSIDE;
use crate::toolbox::Toolbox;

/// A Secure Boot variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Variable {
    /// Its name, and that of the certificate in it.
    pub name: &'static str,
    /// The key that signs it.
    signer: &'static str,
    /// Its vendor GUID as it is signed.
    vendor: [u8; 16],
}

/// `EFI_GLOBAL_VARIABLE`.
const GLOBAL: [u8; 16] = [
    0x61, 0xdf, 0xe4, 0x8b, 0xca, 0x93, 0xd2, 0x11, 0xaa, 0x0d, 0x00, 0xe0, 0x98, 0x03, 0x2b, 0x8c,
];

/// `EFI_IMAGE_SECURITY_DATABASE_GUID`.
const SECURITY: [u8; 16] = [
    0xcb, 0xb2, 0x19, 0xd7, 0x3a, 0x3d, 0x96, 0x45, 0xa3, 0xbc, 0xda, 0xd0, 0x0e, 0x67, 0x65, 0x6f,
];

/// What is enrolled. Each variable is signed by the one above it.
pub const VARIABLES: [Variable; 3] = [
    Variable {
        name: "PK",
        signer: "PK",
        vendor: GLOBAL,
    },
    Variable {
        name: "KEK",
        signer: "PK",
        vendor: GLOBAL,
    },
    Variable {
        name: "db",
        signer: "KEK",
        vendor: SECURITY,
    },
];

/// The attributes that systemd-boot sets the variables with: kept, for boot and runtime, changed only by who signs a newer time.
const ATTRIBUTES: u32 = 0x27;

/// The start of 2020, when our certificates begin: any later change is newer, and the same keys always give the same file.
const TIME: [u8; 16] = [0xe4, 0x07, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

/// `EFI_CERT_X509_GUID`.
const X509: [u8; 16] = [
    0xa1, 0x59, 0xc0, 0xa5, 0xe4, 0x94, 0xa7, 0x4a, 0x87, 0xb5, 0xab, 0x15, 0x5c, 0x2b, 0xf0, 0x72,
];

/// `EFI_CERT_TYPE_PKCS7_GUID`.
const PKCS7: [u8; 16] = [
    0x9d, 0xd2, 0xaf, 0x4a, 0xdf, 0x68, 0xee, 0x49, 0x8a, 0xa9, 0x34, 0x7d, 0x37, 0x56, 0x65, 0xa7,
];

/// Who put the certificates there, as firmware setup shows it: a number of our own.
const OWNER: [u8; 16] = [
    0x5e, 0x0d, 0x1f, 0x5b, 0x83, 0x7a, 0x57, 0x4c, 0x9d, 0x0b, 0x3a, 0x4e, 0x6f, 0x2c, 0x81, 0xd7,
];

/// How a person comes to the files when the private keys are elsewhere.
pub const MISSING: &str = "run `cargo os keys` where PK.key and KEK.key are files in that directory, and copy PK.auth, KEK.auth and db.auth";

/// The first two certificates that are equal.
fn same(certificates: &[Vec<u8>]) -> Option<(usize, usize)> {
    certificates
        .iter()
        .enumerate()
        .find_map(|(i, one)| Some((certificates[..i].iter().position(|other| other == one)?, i)))
}

/// The files that are missing in a directory of keys.
pub fn missing(dir: &Path) -> Vec<String> {
    VARIABLES
        .iter()
        .map(|variable| format!("{}.auth", variable.name))
        .filter(|file| !dir.join(file).exists())
        .collect()
}

/// Makes the files in a directory that holds the private keys of PK and KEK.
pub fn make(toolbox: &Toolbox, dir: &Path) -> Result<()> {
    let work = toolbox.scratch("enrolment")?;
    for (variable, certificate) in VARIABLES.iter().zip(certificates(toolbox, dir)?) {
        let Variable { name, signer, .. } = variable;
        let list = list(&certificate);
        put(&work.join("data"), &variable.signed(&TIME, &list))?;
        let mut command = toolbox
            .enter()
            .offline()
            .show(dir, INSIDE)
            .lend(&work, "/stage")
            .command("openssl")?;
        command
            .args(["smime", "-sign", "-binary", "-noattr", "-md", "sha256"])
            .args(["-in", "/stage/data", "-outform", "DER", "-out", "/stage/p7"])
            .args(["-signer", &format!("{INSIDE}/{signer}.crt")])
            .args(["-inkey", &format!("{INSIDE}/{signer}.key")])
            .args(["-passin", "pass:"]);
        children::output(&mut command)?;
        let path = work.join("p7");
        let signature = std::fs::read(&path).at("read", &path)?;
        let file = file(&signature, &list).ok_or_else(|| unfit(dir, name, "cannot be made"))?;
        let partial = Partial::at(dir.join(format!("{name}.auth.partial")))?;
        put(partial.path(), &file)?;
        partial.keep_as(&dir.join(format!("{name}.auth")))?;
    }
    Ok(())
}

/// Checks that every file enrols the certificate of its name and is signed by the right key.
pub fn check(toolbox: &Toolbox, dir: &Path) -> Result<()> {
    let work = toolbox.scratch("enrolment")?;
    let certificates = certificates(toolbox, dir)?;
    if let Some((one, other)) = same(&certificates) {
        let (one, other) = (VARIABLES[one].name, VARIABLES[other].name);
        return Err(Error::needs(
            format!(
                "{one}.crt and {other}.crt in {} are the same",
                dir.display()
            ),
            "PK, KEK and db are three keys, so that each can be exchanged by the one above it",
        ));
    }
    for (variable, certificate) in VARIABLES.iter().zip(certificates) {
        let name = variable.name;
        let path = dir.join(format!("{name}.auth"));
        let bytes = std::fs::read(&path).at("read", &path)?;
        let parts = Parts::of(&bytes).ok_or_else(|| unfit(dir, name, "is damaged"))?;
        if !holds(parts.list, &certificate) {
            return Err(unfit(dir, name, &format!("does not hold {name}.crt")));
        }
        put(&work.join(format!("{name}.p7")), &wrapped(parts.pkcs7))?;
        let data = variable.signed(parts.time, parts.list);
        put(&work.join(format!("{name}.data")), &data)?;
    }
    let script = "cd /stage || exit 1; for v in \"$@\"; do n=${v%:*}; \
        openssl smime -verify -binary -inform DER -in $n.p7 -content $n.data -noverify -nointern \
        -certfile /usr/lib/amtsnah-keys/${v#*:}.crt -out /dev/null 2>/dev/null || echo $v; done";
    let mut command = toolbox
        .enter()
        .offline()
        .show(dir, INSIDE)
        .show(&work, "/stage")
        .command("sh")?;
    command
        .args(["-c", script, "sh"])
        .args(VARIABLES.iter().map(|v| format!("{}:{}", v.name, v.signer)));
    let bad = children::output(&mut command)?;
    match bad.lines().find_map(|line| line.split_once(':')) {
        None => Ok(()),
        Some((name, signer)) => Err(unfit(dir, name, &format!("is not signed by {signer}.crt"))),
    }
}

fn unfit(dir: &Path, name: &str, what: &str) -> Error {
    Error::needs(
        format!("{name}.auth {what} in {}", dir.display()),
        format!("remove it, then {MISSING}"),
    )
}

fn put(path: &Path, bytes: &[u8]) -> Result<()> {
    std::fs::write(path, bytes).at("write", path)
}

/// The certificates that are enrolled (DER); read in the toolbox, since keys may be root's.
fn certificates(toolbox: &Toolbox, dir: &Path) -> Result<Vec<Vec<u8>>> {
    let script = "set -e; cd /usr/lib/amtsnah-keys; \
        for n in \"$@\"; do openssl x509 -in $n.crt -outform DER | base64 -w0; echo; done";
    let mut command = toolbox.enter().offline().show(dir, INSIDE).command("sh")?;
    command
        .args(["-c", script, "sh"])
        .args(VARIABLES.iter().map(|variable| variable.name));
    let printed = children::output(&mut command)?;
    // What cannot be decoded is no certificate, and fits nothing.
    Ok(printed
        .lines()
        .map(|line| STANDARD.decode(line).unwrap_or_default())
        .collect())
}

impl Variable {
    /// What the signature is over.
    fn signed(&self, time: &[u8], list: &[u8]) -> Vec<u8> {
        let mut data: Vec<u8> = self
            .name
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        data.extend(self.vendor);
        data.extend(ATTRIBUTES.to_le_bytes());
        data.extend(time);
        data.extend(list);
        data
    }
}

/// What is in front of the certificate in a list that holds one: type, three lengths, owner.
const LIST_HEADER: usize = 44;

/// An `EFI_SIGNATURE_LIST` with one certificate.
fn list(certificate: &[u8]) -> Vec<u8> {
    let mut list = X509.to_vec();
    for number in [
        LIST_HEADER + certificate.len(),
        0,
        OWNER.len() + certificate.len(),
    ] {
        list.extend((number as u32).to_le_bytes());
    }
    list.extend(OWNER);
    list.extend(certificate);
    list
}

/// Whether a list holds this certificate and nothing else, whoever put it there.
fn holds(found: &[u8], certificate: &[u8]) -> bool {
    let ours = list(certificate);
    let without_owner =
        |list: &[u8]| [&list[..LIST_HEADER - OWNER.len()], &list[LIST_HEADER..]].concat();
    found.len() == ours.len() && without_owner(found) == without_owner(&ours)
}

/// What is in front of the signature: its length, revision 2.0, the type of a signature with a GUID, and that GUID.
const SIGNATURE_HEADER: usize = 24;

/// A file that is enrolled: `EFI_VARIABLE_AUTHENTICATION_2` and the list.
fn file(signature: &[u8], list: &[u8]) -> Option<Vec<u8>> {
    let pkcs7 = unwrapped(signature)?;
    let mut file = TIME.to_vec();
    file.extend(((SIGNATURE_HEADER + pkcs7.len()) as u32).to_le_bytes());
    file.extend([0x00, 0x02, 0xf1, 0x0e]);
    file.extend(PKCS7);
    file.extend(pkcs7);
    file.extend(list);
    Some(file)
}

/// A file that is enrolled, taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Parts<'a> {
    time: &'a [u8],
    pkcs7: &'a [u8],
    list: &'a [u8],
}

impl<'a> Parts<'a> {
    fn of(bytes: &'a [u8]) -> Option<Self> {
        let (time, rest) = bytes.split_at_checked(TIME.len())?;
        let (length, _) = rest.split_first_chunk::<4>()?;
        let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
        let (signature, list) = rest.split_at_checked(length)?;
        let pkcs7 = signature.get(SIGNATURE_HEADER..)?;
        Some(Self { time, pkcs7, list })
    }
}

/// The object identifier of signed data, which OpenSSL has around a signature and firmware has not.
const SIGNED_DATA: [u8; 11] = [
    0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02,
];

fn wrapped(signed_data: &[u8]) -> Vec<u8> {
    let mut content = SIGNED_DATA.to_vec();
    content.extend(layer(0xa0, signed_data));
    layer(0x30, &content)
}

fn unwrapped(content: &[u8]) -> Option<&[u8]> {
    peeled(0xa0, peeled(0x30, content)?.strip_prefix(&SIGNED_DATA)?)
}

/// A layer of DER.
fn layer(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut bytes = vec![tag, 0x84];
    bytes.extend((content.len() as u32).to_be_bytes());
    bytes.extend(content);
    bytes
}

/// What is in a layer of DER of at least 128 bytes.
fn peeled(tag: u8, bytes: &[u8]) -> Option<&[u8]> {
    let [first, lengths, rest @ ..] = bytes else {
        return None;
    };
    let (length, content) = rest.split_at_checked(usize::from(lengths.checked_sub(0x80)?))?;
    let length = length.iter().try_fold(0usize, |sum, byte| {
        sum.checked_mul(256)?.checked_add(usize::from(*byte))
    })?;
    (*first == tag && content.len() == length).then_some(content)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Proves O2: one key in two places is noticed.
    #[test]
    fn keys_are_different() {
        assert_eq!(same(&[vec![1], vec![2], vec![3]]), None);
        assert_eq!(same(&[vec![1], vec![2], vec![1]]), Some((0, 2)));
    }

    /// Proves O1: a file holds the list and the signature that went into it, and a part of one is not taken for one.
    #[test]
    fn a_file_is_put_together_and_taken_apart() {
        let list = list(b"certificate");
        assert_eq!(list[16..28], [55, 0, 0, 0, 0, 0, 0, 0, 27, 0, 0, 0]);
        assert_eq!(list[LIST_HEADER..], *b"certificate");
        assert!(holds(&list, b"certificate") && !holds(&list, b"certificatE"));
        let bytes = file(&wrapped(b"signature"), &list).unwrap();
        let parts = Parts::of(&bytes).unwrap();
        assert_eq!(
            (parts.time, parts.pkcs7, parts.list),
            (&TIME[..], &b"signature"[..], &list[..])
        );
        for end in 0..bytes.len() {
            let cut = Parts::of(&bytes[..end]);
            assert_ne!(cut.map(|parts| parts.list), Some(&list[..]), "{end}");
        }
    }

    /// Proves O1: the signature is over the variable's name and place as well, so that one file cannot stand for another.
    #[test]
    fn the_name_is_signed_too() {
        let all = VARIABLES.map(|v| v.signed(&TIME, b"list"));
        assert!(all[0].starts_with(b"P\0K\0\x61\xdf\xe4\x8b"));
        assert_eq!(all[0][20..24], [0x27, 0, 0, 0]);
        assert!(all[0].ends_with(b"list"));
        assert!(all[0] != all[1] && all[1] != all[2]);
    }

    /// Proves O1: the outermost layer of a signature comes off as OpenSSL writes it, and nothing else is taken for one.
    #[test]
    fn signatures_are_unwrapped() {
        let content = [&SIGNED_DATA[..], &[0xa0, 0x81, 3, 1, 2, 3]].concat();
        let short = [&[0x30, 0x82, 0, content.len() as u8][..], &content].concat();
        assert_eq!(unwrapped(&short), Some(&[1, 2, 3][..]));
        assert_eq!(unwrapped(&wrapped(b"signature")), Some(&b"signature"[..]));
        for end in 0..short.len() {
            assert_eq!(unwrapped(&short[..end]), None, "{end}");
        }
        assert_eq!(unwrapped(&[0x30, 0xff, 1, 2]), None);
    }
}
