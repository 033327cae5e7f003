// SPDX-License-Identifier: EUPL-1.2
//! A desk that is registered, and answers.

use std::collections::HashMap;
use std::sync::Arc;
use std::thread;

use rustls::ClientConfig;
use serde_json::json;

use super::Shared;
use super::https::{Https, tls};
use crate::phone::{Credentials, Message, Phone};
use crate::place::{DOMAIN, PASSWORD, Place};

/// The desks' listener.
const PORT: u16 = 8080;

pub struct Desk {
    phone: Phone,
    cookie: String,
    tls: Arc<ClientConfig>,
}

impl Desk {
    /// Signs in, registers over secure WebSocket, watches, and is free.
    pub fn begin(place: &Place, name: &str) -> Self {
        let tls = tls(place, None);
        let mut https = Https::connect(place, PORT, &tls).unwrap();
        let body = json!({"desk": name, "password": PASSWORD}).to_string();
        let answer = https.ask("POST /api/desk/sign-in", "", &body).unwrap();
        let cookie = answer.hoped("sign in", 204).unwrap().cookie.unwrap();
        let cookie = format!("Cookie: {cookie}\r\n");
        let account = https.ask("GET /api/desk/account", &cookie, "").unwrap();
        let account = Credentials::of(&account.hoped("account", 200).unwrap().json());
        let page = format!("https://{DOMAIN}:{PORT}");
        let mut phone = Phone::browse(place, &format!("desk.{name}"), &page).unwrap();
        assert_eq!(phone.register(&account).0.status(), 200);
        phone.wait_long();
        let mut watched = Https::connect(place, PORT, &tls).unwrap();
        watched
            .follow("/api/desk/events", &cookie, |_| true)
            .unwrap();
        thread::spawn(move || watched.drain());
        let this = Self { phone, cookie, tls };
        this.free(place).unwrap();
        this
    }

    fn free(&self, place: &Place) -> Result<(), String> {
        let mut https = Https::connect(place, PORT, &self.tls)?;
        self.say(&mut https, "presence", "free")
    }

    fn say(&self, https: &mut Https, what: &str, word: &str) -> Result<(), String> {
        let body = json!({what: word}).to_string();
        let request = format!("POST /api/desk/{what}");
        https
            .ask(&request, &self.cookie, &body)?
            .hoped(what, 204)
            .map(drop)
    }

    /// How it was left, and the next one, please.
    fn finish(&self, place: &Place) -> Result<(), String> {
        let mut https = Https::connect(place, PORT, &self.tls)?;
        self.say(&mut https, "outcome", "done")?;
        self.say(&mut https, "presence", "free")
    }

    /// Takes calls until it is cut off.
    pub fn work(mut self, shared: &Shared) {
        let mut rings: HashMap<String, Message> = HashMap::new();
        loop {
            let Some(message) = self.phone.receive() else {
                shared.failed("a desk was cut off");
                return;
            };
            let call = message.header("Call-ID").to_owned();
            match message.first().split(' ').next().unwrap_or_default() {
                "INVITE" => {
                    self.phone.answer(&message, "180 Ringing", "");
                    if shared.claim(&call) {
                        self.phone.answer(&message, "200 OK", "v=0\r\n");
                    } else {
                        rings.insert(call, message);
                    }
                }
                "CANCEL" => {
                    self.phone.answer(&message, "200 OK", "");
                    if let Some(invite) = rings.remove(&call) {
                        self.phone.answer(&invite, "487 Request Terminated", "");
                    }
                }
                "BYE" => {
                    self.phone.answer(&message, "200 OK", "");
                    if let Err(what) = self.finish(&shared.place) {
                        shared.failed(&format!("a desk: {what}"));
                    }
                }
                _ => {}
            }
        }
    }
}
