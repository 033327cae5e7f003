// SPDX-License-Identifier: EUPL-1.2
//! A scanner that speaks eSCL by TLS, as far as `sane-airscan` asks, and can be pulled out in the middle of a page. Debian has no such server.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use jpeg_encoder::{ColorType, Encoder};
use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};

const CAPABILITIES: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<scan:ScannerCapabilities xmlns:scan="http://schemas.hp.com/imaging/escl/2011/05/03" xmlns:pwg="http://www.pwg.org/schemas/2010/12/sm">
<pwg:Version>2.6</pwg:Version><pwg:MakeAndModel>Test</pwg:MakeAndModel><pwg:SerialNumber>1</pwg:SerialNumber>
<scan:Platen><scan:PlatenInputCaps>
<scan:MinWidth>16</scan:MinWidth><scan:MaxWidth>2550</scan:MaxWidth>
<scan:MinHeight>16</scan:MinHeight><scan:MaxHeight>3508</scan:MaxHeight>
<scan:MaxScanRegions>1</scan:MaxScanRegions>
<scan:SettingProfiles><scan:SettingProfile>
<scan:ColorModes><scan:ColorMode>Grayscale8</scan:ColorMode><scan:ColorMode>RGB24</scan:ColorMode></scan:ColorModes>
<scan:DocumentFormats><pwg:DocumentFormat>image/jpeg</pwg:DocumentFormat></scan:DocumentFormats>
<scan:SupportedResolutions><scan:DiscreteResolutions>
<scan:DiscreteResolution><scan:XResolution>300</scan:XResolution><scan:YResolution>300</scan:YResolution></scan:DiscreteResolution>
</scan:DiscreteResolutions></scan:SupportedResolutions>
</scan:SettingProfile></scan:SettingProfiles>
</scan:PlatenInputCaps></scan:Platen>
</scan:ScannerCapabilities>"#;

const STATUS: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<scan:ScannerStatus xmlns:scan="http://schemas.hp.com/imaging/escl/2011/05/03" xmlns:pwg="http://www.pwg.org/schemas/2010/12/sm">
<pwg:Version>2.6</pwg:Version><pwg:State>Idle</pwg:State></scan:ScannerStatus>"#;

/// A4 with 300 dots per inch: the upper left quarter red, everything else white.
pub fn page() -> Vec<u8> {
    let (width, height) = (2480_u16, 3508_u16);
    let mut pixels = Vec::new();
    for y in 0..height {
        for x in 0..width {
            let is_red = x < width / 2 && y < height / 2;
            pixels.extend(if is_red { [200, 0, 0] } else { [255; 3] });
        }
    }
    let mut out = Vec::new();
    let encoder = Encoder::new(&mut out, 90);
    encoder
        .encode(&pixels, width, height, ColorType::Rgb)
        .unwrap();
    out
}

/// What the scanner does with the next page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// It sends it.
    Whole,
    /// It is pulled out in the middle of it, and says nothing any more.
    Pulled,
}

/// The scanner.
pub struct Scanner {
    pub url: String,
    pub port: u16,
    pub manner: Arc<Mutex<Manner>>,
    /// What lies on it, a JPEG.
    pub page: Arc<Mutex<Vec<u8>>>,
}

impl Scanner {
    pub fn start() -> Self {
        Self::with(page())
    }

    /// `page` is what lies on it, a JPEG.
    pub fn with(page: Vec<u8>) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let manner = Arc::new(Mutex::new(Manner::Whole));
        let page = Arc::new(Mutex::new(page));
        let (jobs, lies) = (Arc::new(Mutex::new(0)), Arc::clone(&page));
        let (now, tls) = (Arc::clone(&manner), tls());
        thread::spawn(move || {
            let mut is_pulled = false;
            for stream in listener.incoming() {
                let stream = stream.unwrap();
                // Nobody is there any more: what was connected is closed.
                is_pulled |= *now.lock().unwrap() == Manner::Pulled && *jobs.lock().unwrap() < 0;
                if is_pulled {
                    continue;
                }
                let (now, jobs, page) = (Arc::clone(&now), Arc::clone(&jobs), Arc::clone(&lies));
                let tls = ServerConnection::new(Arc::clone(&tls)).unwrap();
                let stream = StreamOwned::new(tls, stream);
                thread::spawn(move || answer(stream, &now, &jobs, &page));
            }
        });
        Self {
            url: format!("https://127.0.0.1:{port}/eSCL"),
            port,
            manner,
            page,
        }
    }
}

/// What it says of itself: such devices sign their own certificates.
fn tls() -> Arc<ServerConfig> {
    let own = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = PrivateKeyDer::try_from(own.signing_key.serialize_der()).unwrap();
    let config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![own.cert.der().clone()], key);
    Arc::new(config.unwrap())
}

/// Requests of one connection. `jobs` is how many pages are to be sent; below 0 it was pulled out.
fn answer(
    stream: StreamOwned<ServerConnection, TcpStream>,
    now: &Mutex<Manner>,
    jobs: &Mutex<i32>,
    page: &Mutex<Vec<u8>>,
) {
    let mut lines = BufReader::new(stream);
    loop {
        let (mut first, mut length, mut host) = (String::new(), 0, String::new());
        if !matches!(lines.read_line(&mut first), Ok(n) if n > 0) {
            return;
        }
        loop {
            let mut line = String::new();
            lines.read_line(&mut line).unwrap();
            if line.trim().is_empty() {
                break;
            }
            let (name, value) = line.split_once(':').unwrap();
            if name.eq_ignore_ascii_case("content-length") {
                length = value.trim().parse().unwrap();
            } else if name.eq_ignore_ascii_case("host") {
                value.trim().clone_into(&mut host);
            }
        }
        let mut body = vec![0; length];
        lines.read_exact(&mut body).unwrap();
        let mut words = first.split_whitespace();
        let (method, path) = (words.next().unwrap(), words.next().unwrap());
        let out = lines.get_mut();
        let mut send = |status: &str, more: &str, body: &[u8], most: usize| {
            let head = format!(
                "HTTP/1.1 {status}\r\nContent-Length: {}\r\n{more}\r\n",
                body.len()
            );
            out.write_all(head.as_bytes())
                .and_then(|()| out.write_all(&body[..most]))
                .and_then(|()| out.flush())
        };
        let xml = "Content-Type: text/xml\r\n";
        let written = match (method, path.rsplit('/').next().unwrap()) {
            ("GET", "ScannerCapabilities") => {
                send("200 OK", xml, CAPABILITIES.as_bytes(), CAPABILITIES.len())
            }
            ("GET", "ScannerStatus") => send("200 OK", xml, STATUS.as_bytes(), STATUS.len()),
            ("POST", "ScanJobs") => {
                *jobs.lock().unwrap() = 1;
                // Whoever asks may know it by another name.
                let place = format!("Location: https://{host}/eSCL/ScanJobs/1\r\n");
                send("201 Created", &place, b"", 0)
            }
            ("GET", "NextDocument") if *jobs.lock().unwrap() > 0 => {
                let jpeg = "Content-Type: image/jpeg\r\n";
                let page = page.lock().unwrap().clone();
                if *now.lock().unwrap() == Manner::Pulled {
                    *jobs.lock().unwrap() = -1;
                    let _ = send("200 OK", jpeg, &page, page.len() / 2);
                    return;
                }
                *jobs.lock().unwrap() = 0;
                send("200 OK", jpeg, &page, page.len())
            }
            ("DELETE", _) => send("200 OK", "", b"", 0),
            _ => send("404 Not Found", "", b"", 0),
        };
        if written.is_err() {
            return;
        }
    }
}
