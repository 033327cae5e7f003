// SPDX-License-Identifier: EUPL-1.2
//! A SIP user agent that says exactly what a test wants, over TLS: as desks and terminals do, or as somebody who should not.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::time::Instant;

use exchange::random;
use md5::{Digest as _, Md5};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, StreamOwned};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio_rustls::TlsConnector;

use crate::place::{DEADLINE, DOMAIN, Place};

/// A message that was received.
#[derive(Clone, Debug)]
pub struct Message {
    pub head: String,
    pub body: String,
}

impl Message {
    pub fn first(&self) -> &str {
        self.head.lines().next().unwrap_or_default()
    }

    /// The status of an answer, 0 of a request.
    pub fn status(&self) -> u16 {
        let status = self
            .first()
            .strip_prefix("SIP/2.0 ")
            .and_then(|rest| rest.get(..3));
        status
            .and_then(|status| status.parse().ok())
            .unwrap_or_default()
    }

    pub fn headers<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> + use<'a> {
        let name = name.to_owned();
        self.head.lines().filter_map(move |line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(&name).then_some(value.trim())
        })
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers(name)
            .next()
            .unwrap_or_else(|| panic!("no {name} in\n{}", self.head))
    }

    /// Where in-dialog requests of this message's sender's peer go.
    pub fn contact(&self) -> &str {
        let contact = self.header("Contact");
        contact
            .split_once('<')
            .unwrap()
            .1
            .split_once('>')
            .unwrap()
            .0
    }
}

/// User and password of an account.
#[derive(Clone, Debug)]
pub struct Credentials {
    pub user: String,
    pub password: String,
}

impl Credentials {
    /// Those that the exchange gave.
    pub fn of(account: &Value) -> Self {
        let text = |key: &str| account[key].as_str().unwrap().to_owned();
        Self {
            user: text("user"),
            password: text("password"),
        }
    }
}

pub struct Phone {
    stream: StreamOwned<ClientConnection, TcpStream>,
    pub name: String,
    /// `SIP/2.0/TLS 127.0.0.1:1234`, or a browser's, which does not know where it is.
    via: String,
    contact: String,
    buffer: Vec<u8>,
    framed: bool,
    patient: bool,
    /// Told of every provisional answer to a call.
    pub rings: Option<Sender<()>>,
}

/// TLS that trusts this exchange's authority.
fn trusting(place: &Place) -> Arc<ClientConfig> {
    let mut roots = rustls::RootCertStore::empty();
    let pem = std::fs::read(place.state().join("authority.pem")).unwrap();
    roots
        .add(CertificateDer::from_pem_slice(&pem).unwrap())
        .unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    Arc::new(config)
}

fn encrypted(place: &Place, port: u16) -> StreamOwned<ClientConnection, TcpStream> {
    let server = ServerName::try_from(DOMAIN).unwrap();
    let connection = ClientConnection::new(trusting(place), server).unwrap();
    let socket = TcpStream::connect(place.at(port)).unwrap();
    socket.set_read_timeout(Some(DEADLINE)).unwrap();
    socket.set_nodelay(true).unwrap();
    StreamOwned::new(connection, socket)
}

/// Does TLS for a program that cannot: what comes in plain on loopback goes to Kamailio.
pub struct Tunnel {
    pub address: SocketAddr,
    _runtime: tokio::runtime::Runtime,
}

impl Tunnel {
    pub fn to(place: &Place) -> Self {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        let (tls, there) = (TlsConnector::from(trusting(place)), place.at(5061));
        runtime.spawn(async move {
            while let Ok((mut plain, _)) = listener.accept().await {
                let socket = tokio::net::TcpStream::connect(there).await.unwrap();
                let server = ServerName::try_from(DOMAIN).unwrap();
                let mut encrypted = tls.connect(server, socket).await.unwrap();
                // However it ends, it is over.
                let _ = tokio::io::copy_bidirectional(&mut plain, &mut encrypted).await;
            }
        });
        Self {
            address,
            _runtime: runtime,
        }
    }
}

fn hex(text: &str) -> String {
    format!("{:x}", Md5::digest(text.as_bytes()))
}

fn quoted<'a>(challenge: &'a str, key: &str) -> &'a str {
    let start = challenge.find(&format!("{key}=\"")).unwrap() + key.len() + 2;
    challenge[start..].split_once('"').unwrap().0
}

impl Phone {
    /// SIP over TLS, as terminals do.
    pub fn connect(place: &Place, name: &str) -> Self {
        let stream = encrypted(place, 5061);
        let here = stream.sock.local_addr().unwrap();
        Self {
            stream,
            name: name.to_owned(),
            via: format!("SIP/2.0/TLS {here}"),
            contact: format!("<sip:{name}@{here};transport=tls>"),
            buffer: Vec::new(),
            framed: false,
            patient: false,
            rings: None,
        }
    }

    /// SIP over secure WebSocket, as a page from `origin` does; an error is the answer to the handshake.
    pub fn browse(place: &Place, name: &str, origin: &str) -> Result<Self, String> {
        let mut stream = encrypted(place, 8444);
        let handshake = format!(
            "GET / HTTP/1.1\r\nHost: {DOMAIN}:8444\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nOrigin: {origin}\r\n\
             Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: sip\r\n\r\n"
        );
        stream.write_all(handshake.as_bytes()).unwrap();
        let mut answer = Vec::new();
        while !answer.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            stream
                .read_exact(&mut byte)
                .map_err(|error| error.to_string())?;
            answer.extend(byte);
        }
        let answer = String::from_utf8(answer).unwrap();
        if !answer.starts_with("HTTP/1.1 101 ") {
            return Err(answer);
        }
        let nowhere = format!("{}.invalid", random::word::<12>().unwrap());
        Ok(Self {
            stream,
            name: name.to_owned(),
            via: format!("SIP/2.0/WSS {nowhere}"),
            contact: format!(
                "<sip:{}@{nowhere};transport=ws>",
                random::word::<8>().unwrap()
            ),
            buffer: Vec::new(),
            framed: true,
            patient: false,
            rings: None,
        })
    }

    pub fn send(&mut self, lines: &[String], body: &str) {
        let lines = lines.join("\r\n");
        let text = format!("{lines}\r\nContent-Length: {}\r\n\r\n{body}", body.len());
        if self.framed {
            // One text frame, masked with zeros (RFC 6455, 5.2).
            let length = u16::try_from(text.len()).unwrap().to_be_bytes();
            let head = [0x81, 0x80 | 0x7e, length[0], length[1], 0, 0, 0, 0];
            self.stream.write_all(&head).unwrap();
        }
        self.stream.write_all(text.as_bytes()).unwrap();
        self.stream.flush().unwrap();
    }

    /// Takes the next bytes of messages into the buffer; false at the end.
    fn fill(&mut self) -> bool {
        if !self.framed {
            let mut bytes = [0; 8192];
            return match self.stream.read(&mut bytes) {
                Ok(0) | Err(_) => false,
                Ok(n) => {
                    self.buffer.extend_from_slice(&bytes[..n]);
                    true
                }
            };
        }
        let mut head = [0; 2];
        if self.stream.read_exact(&mut head).is_err() {
            return false;
        }
        let length = match head[1] {
            126 => {
                let mut length = [0; 2];
                self.stream.read_exact(&mut length).unwrap();
                usize::from(u16::from_be_bytes(length))
            }
            short => usize::from(short),
        };
        let mut bytes = vec![0; length];
        self.stream.read_exact(&mut bytes).unwrap();
        match head[0] & 0xf {
            1 | 2 => self.buffer.append(&mut bytes),
            // Kamailio asks whether somebody is there.
            9 => {
                let mut pong = vec![0x8a, 0x80 | u8::try_from(length).unwrap(), 0, 0, 0, 0];
                pong.append(&mut bytes);
                self.stream.write_all(&pong).unwrap();
            }
            8 => return false,
            _ => {}
        }
        true
    }

    /// The next message; none when the other side hangs up.
    pub fn receive(&mut self) -> Option<Message> {
        let deadline = Instant::now() + DEADLINE;
        loop {
            // Keep-alives between messages.
            while self.buffer.starts_with(b"\r\n") {
                self.buffer.drain(..2);
            }
            let end = self
                .buffer
                .windows(4)
                .position(|window| window == b"\r\n\r\n");
            if let Some(end) = end {
                let head = String::from_utf8(self.buffer[..end].to_vec()).unwrap();
                let message = Message {
                    head,
                    body: String::new(),
                };
                let length: usize = message.header("Content-Length").parse().unwrap();
                if self.buffer.len() >= end + 4 + length {
                    let body = self.buffer[end + 4..end + 4 + length].to_vec();
                    self.buffer.drain(..end + 4 + length);
                    let body = String::from_utf8(body).unwrap();
                    return Some(Message { body, ..message });
                }
            }
            // Keep-alives go on for as long as the connection does.
            if (!self.patient && Instant::now() >= deadline) || !self.fill() {
                return None;
            }
        }
    }

    /// Waits for messages for as long as the connection lasts.
    pub fn wait_long(&mut self) {
        self.stream.sock.set_read_timeout(None).unwrap();
        self.patient = true;
    }

    /// The next message that is no provisional "Trying".
    pub fn next(&mut self) -> Message {
        loop {
            let message = self
                .receive()
                .unwrap_or_else(|| panic!("{} was cut off", self.name));
            if message.status() != 100 {
                return message;
            }
        }
    }

    /// The lines of a request outside a dialog.
    pub fn lines(&self, method: &str, uri: &str, call: &str, number: u32) -> Vec<String> {
        let to = if method == "REGISTER" {
            format!("sip:{}@{DOMAIN}", self.name)
        } else {
            uri.to_owned()
        };
        vec![
            format!("{method} {uri} SIP/2.0"),
            format!(
                "Via: {};rport;branch=z9hG4bK{}",
                self.via,
                random::word::<20>().unwrap()
            ),
            "Max-Forwards: 70".to_owned(),
            format!("From: <sip:{}@{DOMAIN}>;tag=from", self.name),
            format!("To: <{to}>"),
            format!("Call-ID: {call}"),
            format!("CSeq: {number} {method}"),
            format!("Contact: {}", self.contact),
        ]
    }

    /// The line that answers a challenge.
    pub fn proof(
        challenge: &Message,
        method: &str,
        uri: &str,
        credentials: &Credentials,
    ) -> String {
        let (asked, answered) = match challenge.status() {
            401 => ("WWW-Authenticate", "Authorization"),
            _ => ("Proxy-Authenticate", "Proxy-Authorization"),
        };
        let challenge = challenge.header(asked);
        let (realm, nonce) = (quoted(challenge, "realm"), quoted(challenge, "nonce"));
        let Credentials { user, password } = credentials;
        let one = hex(&format!("{user}:{realm}:{password}"));
        let two = hex(&format!("{method}:{uri}"));
        let response = hex(&format!("{one}:{nonce}:00000001:c:auth:{two}"));
        format!(
            "{answered}: Digest username=\"{user}\",realm=\"{realm}\",nonce=\"{nonce}\",uri=\"{uri}\",response=\"{response}\",\
             algorithm=MD5,qop=auth,nc=00000001,cnonce=\"c\""
        )
    }

    /// Registers; the final answer, and the proof that was given.
    pub fn register(&mut self, credentials: &Credentials) -> (Message, String) {
        let (uri, call) = (format!("sip:{DOMAIN}"), random::word::<16>().unwrap());
        self.send(&self.lines("REGISTER", &uri, &call, 1), "");
        let challenge = self.next();
        assert_eq!(challenge.status(), 401, "{}", challenge.head);
        let proof = Self::proof(&challenge, "REGISTER", &uri, credentials);
        let mut lines = self.lines("REGISTER", &uri, &call, 2);
        lines.push(proof.clone());
        self.send(&lines, "");
        (self.next(), proof)
    }

    /// Calls; the Call-ID and the first answer to the call that proves itself, or the refusal before.
    pub fn invite(
        &mut self,
        uri: &str,
        credentials: &Credentials,
        more: &[&str],
    ) -> (String, Message) {
        let call = random::word::<16>().unwrap();
        let offer = "v=0\r\n";
        let content = || {
            more.iter()
                .copied()
                .chain(["Content-Type: application/sdp"])
                .map(str::to_owned)
        };
        let mut lines = self.lines("INVITE", uri, &call, 1);
        lines.extend(content());
        self.send(&lines, offer);
        let challenge = self.next();
        if challenge.status() != 407 {
            return (call, challenge);
        }
        self.acknowledge(uri, &call, 1, &challenge);
        let mut lines = self.lines("INVITE", uri, &call, 2);
        lines.extend(content());
        lines.push(Self::proof(&challenge, "INVITE", uri, credentials));
        self.send(&lines, offer);
        let mut answer = self.next();
        while answer.status() < 200 {
            if let Some(rings) = &self.rings {
                rings.send(()).unwrap();
            }
            answer = self.next();
        }
        if answer.status() >= 300 {
            self.acknowledge(uri, &call, 2, &answer);
        }
        (call, answer)
    }

    /// ACK of a refusal.
    pub fn acknowledge(&mut self, uri: &str, call: &str, number: u32, refusal: &Message) {
        let mut lines = self.lines("ACK", uri, call, number);
        lines[1] = format!("Via: {}", refusal.header("Via"));
        lines[4] = format!("To: {}", refusal.header("To"));
        self.send(&lines, "");
    }

    /// A request within a call that `ok` accepted.
    pub fn within(&mut self, method: &str, call: &str, number: u32, ok: &Message) {
        let mut lines = self.lines(method, ok.contact(), call, number);
        lines[4] = format!("To: {}", ok.header("To"));
        let mut routes: Vec<&str> = ok.headers("Record-Route").collect();
        routes.reverse();
        lines.extend(routes.into_iter().map(|route| format!("Route: {route}")));
        self.send(&lines, "");
    }

    /// A request within a call, from the side that was called by `invite` and answered with its own tag.
    pub fn within_as_called(&mut self, method: &str, number: u32, invite: &Message) {
        let mut lines = self.lines(method, invite.contact(), invite.header("Call-ID"), number);
        lines[3] = format!("From: {};tag={}", invite.header("To"), self.name);
        lines[4] = format!("To: {}", invite.header("From"));
        lines.extend(
            invite
                .headers("Record-Route")
                .map(|route| format!("Route: {route}")),
        );
        self.send(&lines, "");
    }

    /// Answers a request.
    pub fn answer(&mut self, request: &Message, status: &str, body: &str) {
        let mut lines = vec![format!("SIP/2.0 {status}")];
        for name in ["Via", "Record-Route", "From", "Call-ID", "CSeq"] {
            lines.extend(
                request
                    .headers(name)
                    .map(|value| format!("{name}: {value}")),
            );
        }
        let to = request.header("To");
        let tag = if to.contains(";tag=") {
            String::new()
        } else {
            format!(";tag={}", self.name)
        };
        lines.push(format!("To: {to}{tag}"));
        lines.push(format!("Contact: {}", self.contact));
        lines.push("X-Secret: of the desk".to_owned());
        self.send(&lines, body);
    }
}
