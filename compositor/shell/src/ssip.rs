// SPDX-License-Identifier: EUPL-1.2
//! The way to Speech Dispatcher: utterances in, its protocol (SSIP) out, on a thread of its own, so that a voice that hangs
//! keeps nobody waiting.

use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

use site::Language;
use ssip_client_async::fifo::synchronous::Builder;
use ssip_client_async::types::{ClientName, ClientScope, MessageScope, Priority};
use ssip_client_async::{Client, ClientError, ClientResult};

use crate::voice::Utterance;

/// Where Speech Dispatcher listens on a device.
pub const SOCKET: &str = "/run/voice/ssip.sock";
/// A voice that does not answer for this long is asked again from the beginning. It starts with the first words, which takes
/// 0.3 s on a quiet machine and far longer on one that has just been switched on.
const PATIENCE: Duration = Duration::from_secs(30);
/// The longest text that is said at once, in bytes: a page of a description is far shorter.
const LONGEST: usize = 8 * 1024;

/// Volumes for -2 to 2, of -100 (nothing) to 100: steps of 4.6 dB, 18 dB in all (EN 301 549, 8.2.1.1). What is louder is clipped.
const VOLUMES: [i8; 5] = [-83, -70, -50, -15, 45];
/// Rates for -2 to 2, of -100 to 100.
const RATES: [i8; 5] = [-50, -25, 0, 30, 60];

/// The way to the voice.
#[derive(Debug)]
pub struct Link(Sender<Utterance>);

impl Link {
    /// Starts the thread. It connects when there is something to say, and not before.
    pub fn start(socket: &Path) -> std::io::Result<Self> {
        let socket = socket.to_owned();
        let (sender, inbox) = channel();
        thread::Builder::new()
            .name("voice".into())
            .spawn(move || Speaker::new(socket).run(&inbox))?;
        Ok(Self(sender))
    }

    /// Says something, or is silent.
    pub fn say(&self, utterance: Utterance) {
        // The other end lives as long as the process.
        let _ = self.0.send(utterance);
    }
}

/// What the voice has been told of how to speak.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Manner {
    volume: i8,
    rate: i8,
}

struct Speaker {
    socket: PathBuf,
    client: Option<Client<UnixStream>>,
    manner: Manner,
    language: Option<&'static str>,
}

impl Speaker {
    const fn new(socket: PathBuf) -> Self {
        Self {
            socket,
            client: None,
            manner: Manner { volume: 0, rate: 0 },
            language: None,
        }
    }

    fn run(&mut self, inbox: &Receiver<Utterance>) {
        while let Ok(first) = inbox.recv() {
            let mut waiting = vec![first];
            waiting.extend(inbox.try_iter());
            // What was not said yet when somebody went on is never said.
            let last = waiting.iter().rposition(|u| *u == Utterance::Stop);
            for (at, utterance) in waiting.into_iter().enumerate() {
                let is_late = last.is_some_and(|last| at < last);
                let speaks = matches!(utterance, Utterance::Text(..) | Utterance::Char(..));
                if is_late && speaks {
                    continue;
                }
                // A voice that fell since is another one now.
                let knew = self.client.is_some();
                let told = match self.tell(&utterance) {
                    Err(_) if knew => {
                        self.client = None;
                        self.tell(&utterance)
                    }
                    told => told,
                };
                if let Err(error) = told {
                    tracing::warn!("the voice does not speak: {error}");
                    self.client = None;
                }
            }
        }
    }

    fn tell(&mut self, utterance: &Utterance) -> ClientResult<()> {
        match utterance {
            Utterance::Close => self.client = None,
            // Who is not there is silent.
            Utterance::Stop => {
                if let Some(client) = &mut self.client {
                    client.cancel(MessageScope::Last)?.receive()?;
                }
            }
            Utterance::Manner { volume, rate } => {
                self.manner = Manner {
                    volume: *volume,
                    rate: *rate,
                };
                if let Some(client) = &mut self.client {
                    set_manner(client, self.manner)?;
                }
            }
            Utterance::Text(text, language) => {
                let text = one_line(text);
                if !text.is_empty() {
                    let client = self.client(*language)?;
                    client.speak()?.check_receiving_data()?;
                    client.send_line(&text)?.receive_message_id()?;
                }
            }
            Utterance::Char(c, language) => {
                let client = self.client(*language)?;
                client.speak_char(*c)?.receive_message_id()?;
            }
        }
        Ok(())
    }

    /// The client, speaking `language`.
    fn client(&mut self, language: Language) -> ClientResult<&mut Client<UnixStream>> {
        if self.client.is_none() {
            let mut client = Builder::new()
                .path(&self.socket)
                .timeout(PATIENCE)
                .build()
                .map_err(ClientError::from)?;
            client
                .set_client_name(ClientName::new("shell", "amtsnah"))?
                .check_client_name_set()?;
            // Each waits for the one before.
            client.set_priority(Priority::Message)?.receive()?;
            set_manner(&mut client, self.manner)?;
            self.language = None;
            self.client = Some(client);
        }
        let tag = tag(language);
        let is_new = self.language.replace(tag) != Some(tag);
        let Some(client) = &mut self.client else {
            return Err(ClientError::NotReady);
        };
        if is_new {
            client.set_language(ClientScope::Current, tag)?.receive()?;
        }
        Ok(client)
    }
}

fn set_manner(client: &mut Client<UnixStream>, manner: Manner) -> ClientResult<()> {
    let of = |steps: [i8; 5], step: i8| steps[usize::from((step.clamp(-2, 2) + 2).unsigned_abs())];
    client
        .set_volume(ClientScope::Current, of(VOLUMES, manner.volume))?
        .receive()?;
    client
        .set_rate(ClientScope::Current, of(RATES, manner.rate))?
        .receive()?;
    Ok(())
}

/// The voice for a language. Names in Upper Sorbian are read as German is.
const fn tag(language: Language) -> &'static str {
    match language {
        Language::De | Language::DeLeicht | Language::Hsb => "de",
        Language::En => "en",
        Language::Ar => "ar",
    }
}

/// A text as the protocol takes it: one line, no control characters, none that begins as its end does.
fn one_line(text: &str) -> String {
    let mut line = String::new();
    for word in text.split(|c: char| c.is_whitespace() || c.is_control()) {
        if word.is_empty() || line.len() + word.len() > LONGEST {
            continue;
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    line.trim_start_matches('.').trim().to_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Proves T12: no text can end the message it is in or begin a command.
        #[test]
        fn a_text_is_one_line(text in ".{0,400}") {
            let line = one_line(&text);
            prop_assert!(!line.contains(|c: char| c.is_control()));
            prop_assert!(!line.starts_with('.'));
            prop_assert!(line.len() <= LONGEST + 1);
        }
    }
}
