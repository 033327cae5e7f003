// SPDX-License-Identifier: EUPL-1.2
//! An exchange: Kamailio with nothing but encrypted transports, and short-lived accounts as the real one gives them out.

use std::fmt::Write;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{SystemTime, UNIX_EPOCH};

use api::secret::Secret;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use call::account::Account;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, PublicKeyData};
use sha2::{Digest, Sha256};
use tempfile::TempDir;

use super::children::{Process, port, wait_for_port};

/// The domain of all addresses.
pub const DOMAIN: &str = "exchange.test";
/// What accounts are made with.
const SECRET: &str = "a secret of the test";

/// A running exchange.
pub struct Exchange {
    kamailio: Option<Process>,
    dir: TempDir,
    /// Where SIP over TLS is.
    pub port: u16,
    /// Where SIP over secure WebSocket is.
    pub wss: u16,
    /// The certificate that has signed the exchange's.
    pub roots: String,
    /// The fingerprint of the exchange's key, as Chromium takes it.
    pub key: String,
}

impl Exchange {
    /// Starts one with certificates of its own.
    pub fn start() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let mut root = CertificateParams::new([]).unwrap();
        root.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let root = CertifiedIssuer::self_signed(root, KeyPair::generate().unwrap()).unwrap();
        let key = KeyPair::generate().unwrap();
        let leaf = CertificateParams::new([DOMAIN.to_owned()]).unwrap();
        let leaf = leaf.signed_by(&key, &root).unwrap();
        fs::write(dir.path().join("cert.pem"), leaf.pem()).unwrap();
        fs::write(dir.path().join("key.pem"), key.serialize_pem()).unwrap();
        let mut exchange = Self {
            kamailio: None,
            port: port(),
            wss: port(),
            roots: root.pem(),
            key: STANDARD.encode(Sha256::digest(key.subject_public_key_info())),
            dir,
        };
        exchange.run();
        exchange
    }

    /// Starts Kamailio, again after [`Self::stop`].
    pub fn run(&mut self) {
        let dir = self.dir.path();
        let config = dir.join("kamailio.cfg");
        fs::write(&config, self.config()).unwrap();
        let mut command = Command::new("kamailio");
        command
            .args(["-DD", "-E", "-n", "2", "-m", "64", "-M", "8"])
            .arg("-f")
            .arg(&config)
            .arg("-Y")
            .arg(dir)
            .arg("-w")
            .arg(dir);
        self.kamailio = Some(Process::start(&mut command, &dir.join("kamailio.log")));
        wait_for_port(self.port);
        wait_for_port(self.wss);
    }

    /// Ends Kamailio as a power cut would.
    pub fn stop(&mut self) {
        self.kamailio = None;
    }

    /// What Kamailio has said.
    pub fn log(&self) -> String {
        fs::read_to_string(self.dir.path().join("kamailio.log")).unwrap_or_default()
    }

    /// The account of a terminal, good for `seconds` from now.
    pub fn account(&self, name: &str, seconds: i64) -> Account {
        let (user, password) = credentials(name, seconds);
        Account {
            domain: DOMAIN.to_owned(),
            server: ("127.0.0.1".to_owned(), self.port),
            roots: self.roots.clone(),
            name: name.to_owned(),
            user,
            password: Secret::new(password).unwrap(),
            relays: Vec::new(),
            only_relays: false,
        }
    }

    fn config(&self) -> String {
        let mut text = String::new();
        for module in [
            "tls",
            "tm",
            "sl",
            "rr",
            "pv",
            "maxfwd",
            "textops",
            "siputils",
            "xlog",
            "sanity",
            "auth",
            "auth_ephemeral",
            "usrloc",
            "registrar",
            "nathelper",
            "xhttp",
            "websocket",
        ] {
            writeln!(text, "loadmodule \"{module}.so\"").unwrap();
        }
        let dir: PathBuf = self.dir.path().to_owned();
        let dir = dir.display();
        format!(
            r#"#!KAMAILIO
debug=1
log_stderror=yes
children=2
tcp_children=2
enable_tls=yes
dns=no
rev_dns=no
auto_aliases=no
alias="{DOMAIN}"
listen=tls:127.0.0.1:{sip}
listen=tls:127.0.0.1:{wss}
tcp_accept_no_cl=yes
tcp_connection_lifetime=600
tcp_rd_buf_size=65536
mpath="/usr/lib/x86_64-linux-gnu/kamailio/modules/"
{text}
modparam("tls", "private_key", "{dir}/key.pem")
modparam("tls", "certificate", "{dir}/cert.pem")
modparam("tls", "tls_method", "TLSv1.2+")
modparam("tm", "fr_inv_timer", 60000)
modparam("auth_ephemeral", "secret", "{SECRET}")
modparam("usrloc", "db_mode", 0)
modparam("registrar", "received_avp", "$avp(received)")
modparam("nathelper", "received_avp", "$avp(received)")

request_route {{
    force_rport();
    if (!mf_process_maxfwd_header("10")) {{ sl_send_reply("483", "Too Many Hops"); exit; }}
    if (is_method("CANCEL")) {{ if (t_check_trans()) {{ t_relay(); }} exit; }}
    if (has_totag()) {{
        if (!loose_route()) {{
            if (is_method("ACK") && t_check_trans()) {{ t_relay(); exit; }}
            sl_send_reply("404", "Not Here"); exit;
        }}
        if ($du == $null) {{ handle_ruri_alias(); }}
        if (is_method("INVITE|UPDATE")) {{ add_contact_alias(); record_route(); t_on_reply("ALIAS"); }}
        t_relay();
        exit;
    }}
    if (!autheph_check("{DOMAIN}")) {{
        if (is_method("REGISTER")) {{ www_challenge("{DOMAIN}", "1"); }} else {{ proxy_challenge("{DOMAIN}", "1"); }}
        exit;
    }}
    if ($(aU{{s.after,:}}) != $fU) {{ xlog("L_ERR", "foreign: $aU as $fU\n"); sl_send_reply("403", "Forbidden"); exit; }}
    consume_credentials();
    if (is_method("REGISTER")) {{
        fix_nated_register();
        save("location");
        exit;
    }}
    if (is_method("INVITE")) {{
        if (!lookup("location")) {{ sl_send_reply("404", "Not Found"); exit; }}
        add_contact_alias();
        record_route();
        t_on_reply("ALIAS");
        t_relay();
        exit;
    }}
    sl_send_reply("405", "Method Not Allowed");
}}
onreply_route[ALIAS] {{ add_contact_alias(); }}
event_route[xhttp:request] {{
    if ($hdr(Upgrade) =~ "websocket" && ws_handle_handshake()) {{ exit; }}
    xhttp_reply("404", "Not Found", "", "");
}}
"#,
            sip = self.port,
            wss = self.wss,
        )
    }
}

/// User and password of an account that is good for `seconds` from now.
pub fn credentials(name: &str, seconds: i64) -> (String, String) {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let user = format!("{}:{name}", i64::try_from(now.as_secs()).unwrap() + seconds);
    let password = sign(&user, SECRET);
    (user, password)
}

/// HMAC-SHA1 in Base64, as Kamailio and coturn take it.
pub fn sign(text: &str, secret: &str) -> String {
    let mut openssl = Command::new("openssl")
        .args(["dgst", "-sha1", "-binary", "-hmac", secret])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("openssl is part of the toolbox");
    std::io::Write::write_all(&mut openssl.stdin.take().unwrap(), text.as_bytes()).unwrap();
    STANDARD.encode(openssl.wait_with_output().unwrap().stdout)
}
