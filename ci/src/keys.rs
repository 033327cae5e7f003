// SPDX-License-Identifier: EUPL-1.2
//! The signing keys of images: a development set made on first use, or a directory that is named.
//!
//! A directory holds `NAME.crt` beside `NAME.key`, and what firmware enrols (`enrolment`). A build does not need the private keys of PK, KEK and operator: they belong in a safe.

use std::path::{Path, PathBuf};

use crate::cache::Cache;
use crate::children::{self, Partial};
use crate::enrolment;
use crate::error::{Error, FileContext, Result};
use crate::host;
use crate::progress::Progress;
use crate::toolbox::Toolbox;

/// A key of the set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Role {
    /// File name without ending.
    pub name: &'static str,
    /// What it is for; part of the certificate's subject.
    pub purpose: &'static str,
    /// RSA bits. UEFI firmware and TPMs are only required to know 2048.
    bits: u16,
    /// Whether a build signs with it.
    signs: bool,
}

/// All keys of a set. `PK` owns the firmware's keys, `KEK` may change `db`, and `db` signs boot loader, UKI and the system's root
/// hash, which the kernel only accepts from a key that the firmware knows.
pub const ROLES: &[Role] = &[
    Role {
        name: "PK",
        purpose: "platform owner",
        bits: 2048,
        signs: false,
    },
    Role {
        name: "KEK",
        purpose: "signature database update",
        bits: 2048,
        signs: false,
    },
    Role {
        name: "db",
        purpose: "boot and system signing",
        bits: 2048,
        signs: true,
    },
    Role {
        name: "pcr",
        purpose: "measurement signing",
        bits: 2048,
        signs: true,
    },
    Role {
        name: "operator",
        purpose: "recovery key escrow",
        bits: 3072,
        signs: false,
    },
];

/// Where in the toolbox the keys are. Below /usr, since mkosi shows no more than that to the programs it runs (image/ukify.conf).
pub const INSIDE: &str = "/usr/lib/amtsnah-keys";

/// A complete and checked set of keys.
#[derive(Debug, Clone)]
pub struct Keys {
    dir: PathBuf,
}

impl Keys {
    /// The set that is named, or the development set, made now if this is its first use.
    pub fn ready(
        given: Option<&Path>,
        cache: &Cache,
        toolbox: &Toolbox,
        progress: &Progress,
    ) -> Result<Self> {
        let named = given.map(Path::to_owned).or_else(|| {
            std::env::var_os("AMTSNAH_KEYS")
                .filter(|v| !v.is_empty())
                .map(PathBuf::from)
        });
        let dir = if let Some(dir) = named {
            std::path::absolute(&dir).at("find", &dir)?
        } else {
            development(cache, toolbox, progress)?
        };
        if !dir.is_dir() {
            let what = format!("there is no keys directory {}", dir.display());
            return Err(Error::needs(
                what,
                "name another one with --keys, or none for development keys",
            ));
        }
        let keys = Self { dir };
        keys.check(toolbox)?;
        keys.enrolment(toolbox, progress)?;
        Ok(keys)
    }

    /// The directory on the host.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// mkosi's options for a key and its certificate.
    pub fn mkosi(option: &str, name: &str) -> [String; 2] {
        [
            format!("--{option}-key={INSIDE}/{name}.key"),
            format!("--{option}-certificate={INSIDE}/{name}.crt"),
        ]
    }

    /// Compares the public half of every key with its certificate.
    fn check(&self, toolbox: &Toolbox) -> Result<()> {
        let script = "if [ ! -f $n.crt ]; then echo \"missing $n.crt\"; continue; fi; \
            c=$(openssl x509 -in $n.crt -noout -pubkey 2>/dev/null) || { echo \"broken $n.crt\"; continue; }; \
            if [ ! -f $n.key ]; then [ $signs = false ] || echo \"missing $n.key\"; continue; fi; \
            k=$(openssl pkey -in $n.key -pubout -passin pass: 2>/dev/null) || { echo \"broken $n.key\"; continue; }; \
            [ \"$c\" = \"$k\" ] || echo \"unfit $n.key\"";
        match findings(&self.each(toolbox, script)?).into_iter().next() {
            None => Ok(()),
            Some(finding) => Err(Error::needs(
                format!("{finding} in {}", self.dir.display()),
                "put the right file there; for development keys remove the directory and they are made anew",
            )),
        }
    }

    /// Checks what firmware enrols; made now if it is not there and the keys that sign it are.
    fn enrolment(&self, toolbox: &Toolbox, progress: &Progress) -> Result<()> {
        if let Some(file) = enrolment::missing(&self.dir).first() {
            let keys = ["PK.key", "KEK.key"].map(|key| self.dir.join(key));
            if !keys.iter().all(|key| key.exists()) {
                return Err(Error::needs(
                    format!("{file} is missing in {}", self.dir.display()),
                    enrolment::MISSING,
                ));
            }
            progress.stage("enrolment files", |_| enrolment::make(toolbox, &self.dir))?;
        }
        enrolment::check(toolbox, &self.dir)
    }

    /// Names and SHA-256 fingerprints of the certificates.
    pub fn fingerprints(&self, toolbox: &Toolbox) -> Result<Vec<(String, String)>> {
        let script = "openssl x509 -in $n.crt -noout -fingerprint -sha256";
        let printed = self.each(toolbox, script)?;
        let prints = printed.lines().map(|line| {
            line.rsplit('=')
                .next()
                .unwrap_or_default()
                .replace(':', "")
                .to_lowercase()
        });
        Ok(ROLES
            .iter()
            .map(|role| role.name.to_owned())
            .zip(prints)
            .collect())
    }

    /// Runs a script in the directory for every role: `$n` is its name, `$signs` whether a build signs with it.
    fn each(&self, toolbox: &Toolbox, script: &str) -> Result<String> {
        let mut command = toolbox
            .enter()
            .offline()
            .show(&self.dir, INSIDE)
            .command("sh")?;
        let script = format!(
            "cd {INSIDE} || exit 1; for r in \"$@\"; do n=${{r%:*}} signs=${{r#*:}}; {script}; done"
        );
        command.args(["-c", &script, "sh"]).args(
            ROLES
                .iter()
                .map(|role| format!("{}:{}", role.name, role.signs)),
        );
        children::output(&mut command)
    }
}

/// The development set of this cache, made on its first use, and anew when it is of an older form.
fn development(cache: &Cache, toolbox: &Toolbox, progress: &Progress) -> Result<PathBuf> {
    let dir = cache.place("keys")?;
    let _busy = cache.exclusive("development keys")?;
    if dir.exists() && is_older(&dir) {
        // Devices that have them still want their recovery key.
        let older = dir.with_extension("older");
        if older.exists() {
            return Err(Error::needs(
                format!(
                    "{} is of an older form, and so is {}",
                    dir.display(),
                    older.display()
                ),
                "move one of them away",
            ));
        }
        progress.line(&format!(
            "the development keys are of an older form: made anew; the old ones are in {}",
            older.display()
        ));
        host::rename(&dir, &older)?;
    }
    if !dir.exists() {
        progress.stage("development keys", |stage| {
            stage.note("making RSA keys");
            make(toolbox, &dir)
        })?;
    }
    Ok(dir)
}

/// Whether a development set was made when one key was everything to the firmware.
fn is_older(dir: &Path) -> bool {
    dir.join("db.crt").exists() && !dir.join("PK.crt").exists() && !dir.join("KEK.crt").exists()
}

/// What the check printed, as sentences.
fn findings(printed: &str) -> Vec<String> {
    let sentence = |line: &str| {
        let (kind, file) = line.split_once(' ')?;
        Some(match kind {
            "missing" => format!("{file} is missing"),
            "broken" => format!("{file} cannot be read: damaged, or encrypted with a passphrase"),
            "unfit" => format!("{file} does not fit {}", file.replace(".key", ".crt")),
            _ => return None,
        })
    };
    printed.lines().filter_map(sentence).collect()
}

/// Makes a development set. Its certificates are valid from before any build until long after: clocks of devices are wrong.
fn make(toolbox: &Toolbox, dir: &Path) -> Result<()> {
    let partial = Partial::at(dir.with_extension("partial"))?;
    std::fs::create_dir_all(partial.path()).at("create", partial.path())?;
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o700);
    std::fs::set_permissions(partial.path(), mode).at("protect", partial.path())?;
    for Role {
        name,
        purpose,
        bits,
        ..
    } in ROLES
    {
        let mut command = toolbox
            .enter()
            .offline()
            .umask("077")
            .lend(partial.path(), INSIDE)
            .command("openssl")?;
        command.args([
            "req",
            "-x509",
            "-sha256",
            "-nodes",
            "-newkey",
            &format!("rsa:{bits}"),
        ]);
        command.args([
            "-not_before",
            "20200101000000Z",
            "-not_after",
            "20991231235959Z",
        ]);
        command.args([
            "-subj",
            &format!("/CN=Amtsnah development {purpose}"),
            "-addext",
            "basicConstraints=critical,CA:FALSE",
        ]);
        command.args([
            "-keyout",
            &format!("{INSIDE}/{name}.key"),
            "-out",
            &format!("{INSIDE}/{name}.crt"),
        ]);
        children::output(&mut command)?;
    }
    enrolment::make(toolbox, partial.path())?;
    host::rename(partial.path(), dir)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_with_a_key_is_one_sentence() {
        let found = findings("unfit db.key\nmissing PK.crt\nbroken pcr.key\nother words\n");
        assert_eq!(found[0], "db.key does not fit db.crt");
        assert_eq!(found[1], "PK.crt is missing");
        assert_eq!(found.len(), 3);
    }

    /// Proves O1: only a set from the time of one key for everything is made anew, not one that lacks some file.
    #[test]
    fn only_an_older_form_is_made_anew() {
        let dir = tempfile::tempdir().unwrap();
        let put = |name: &str| std::fs::write(dir.path().join(name), "x").unwrap();
        assert!(!is_older(dir.path()));
        put("db.crt");
        assert!(is_older(dir.path()));
        put("KEK.crt");
        assert!(!is_older(dir.path()));
    }

    /// Proves O1: boot chain and measurements are signed by a build, the firmware's owner is not needed for it.
    #[test]
    fn a_build_needs_few_private_keys() {
        let signing: Vec<&str> = ROLES.iter().filter(|r| r.signs).map(|r| r.name).collect();
        assert_eq!(signing, ["db", "pcr"]);
    }
}
