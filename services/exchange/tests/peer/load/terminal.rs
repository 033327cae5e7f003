// SPDX-License-Identifier: EUPL-1.2
//! A terminal that is enrolled, and calls.

use std::sync::Arc;
use std::time::Instant;

use rustls::ClientConfig;
use serde_json::json;

use super::Call;
use super::https::{Https, tls};
use crate::phone::{Credentials, Phone};
use crate::place::Place;

/// Its own listener.
const PORT: u16 = 8443;

pub struct Terminal {
    name: String,
    tls: Arc<ClientConfig>,
}

impl Terminal {
    pub fn enrol(place: &Place, name: &str, code: &str) -> Self {
        let key = rcgen::KeyPair::generate().unwrap();
        let params = rcgen::CertificateParams::new(Vec::new()).unwrap();
        let request = params.serialize_request(&key).unwrap().pem().unwrap();
        let body = json!({"terminal": name, "code": code, "request": request}).to_string();
        let mut https = Https::connect(place, 8080, &tls(place, None)).unwrap();
        let answer = https.ask("POST /enrol", "", &body).unwrap();
        let answer = answer.hoped("enrol", 201).unwrap().json();
        let certificate = answer["certificate"].as_str().unwrap();
        Self {
            name: name.to_owned(),
            tls: tls(place, Some((certificate, &key.serialize_pem()))),
        }
    }

    /// From the wish to the end.
    pub fn call(&self, place: &Place, department: &str) -> Result<Call, String> {
        let begun = Instant::now();
        // A terminal connects anew for each request.
        let connect = || Https::connect(place, PORT, &self.tls);
        let body = json!({"department": department}).to_string();
        let taken = connect()?.ask("POST /api/terminal/tickets", "", &body)?;
        let taken = taken.hoped("ticket", 201)?.json();
        let ticket = begun.elapsed();
        let path = format!("/api/terminal/tickets/{}", taken["id"].as_str().unwrap());
        let taken_at = Instant::now();
        let mut watched = connect()?;
        watched.follow(&path, "", |state| state["phase"] == "called")?;
        let turn = taken_at.elapsed();
        let account = connect()?.ask("GET /api/terminal/account", "", "")?;
        let account = Credentials::of(&account.hoped("account", 200)?.json());
        let mut phone = Phone::connect(place, &format!("terminal.{}", self.name));
        let called = Instant::now();
        let uri = taken["uri"].as_str().unwrap();
        let (call, ok) = phone.invite(uri, &account, &[]);
        if ok.status() != 200 {
            return Err(format!("INVITE: {}", ok.first()));
        }
        let set_up = called.elapsed();
        phone.within("ACK", &call, 2, &ok);
        let ending = Instant::now();
        phone.within("BYE", &call, 3, &ok);
        // That another desk rings may be heard after the answer.
        let mut over = phone.next();
        while over.status() < 200 || !over.header("CSeq").ends_with("BYE") {
            over = phone.next();
        }
        if over.status() != 200 {
            return Err(format!("BYE: {}", over.first()));
        }
        let end = ending.elapsed();
        // The ticket is gone with the call.
        watched.until(|state| state == &json!({}))?;
        Ok(Call {
            ticket,
            turn,
            set_up,
            end,
        })
    }
}
