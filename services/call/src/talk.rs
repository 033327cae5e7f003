// SPDX-License-Identifier: EUPL-1.2
//! One call: its signalling, its media, and the descriptions that go between them.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::sync::Arc;
use std::time::Duration;

use api::call::Reason;
use tokio::runtime::Handle;

use crate::account::Account;
use crate::course::Event;
use crate::media::{self, Ends, MediaError, Peer};
use crate::signalling::sdp::{self, Direction, Remote};
use crate::signalling::{self, Agent, Failure};
use crate::spread::Size;

/// Nothing for so long is a loss.
const SILENCE: Duration = Duration::from_secs(2);

/// What happens to a call.
#[derive(Clone, Debug)]
pub enum Input {
    /// In the media of so manyth connection.
    Media(u32, media::Event),
    /// In signalling.
    Signal(signalling::Event),
}

/// Where a call tells what happens: from any thread.
pub type Tell = Arc<dyn Fn(Input) + Send + Sync>;

/// A call under way. Dropping it ends it.
pub struct Talk {
    runtime: Handle,
    account: Account,
    department: String,
    ends: Ends,
    tell: Tell,
    /// Begun once we can describe ourselves.
    agent: Option<Agent>,
    peer: Option<Peer>,
    /// How many connections there were.
    peers: u32,
    /// How many of them were offered.
    offered: u32,
    /// The session that our descriptions belong to, and how many there were.
    session: (u64, u32),
    /// Our description, as it was last offered.
    ours: String,
    /// The other side's, as it was last agreed on.
    theirs: Option<Remote>,
    /// The version of our description with which a new connection was offered that waits for the other side's.
    renewal: Option<u32>,
    hushed: bool,
    muted: bool,
    /// The other side shares its screen.
    shares: bool,
    room: Option<Size>,
    flow: Flow,
}

/// What has come, and when.
#[derive(Clone, Copy, Debug, Default)]
struct Flow {
    packets: u64,
    at: Option<Duration>,
}

impl Talk {
    /// Opens the ends, and calls `department` as soon as it is known how we are reached. There is so much `room` for its picture, if that is
    /// known.
    pub fn begin(
        runtime: Handle,
        account: Account,
        department: String,
        (ends, room): (Ends, Option<Size>),
        tell: Tell,
    ) -> Result<Self, MediaError> {
        let mut talk = Self {
            runtime,
            account,
            department,
            ends,
            tell,
            agent: None,
            peer: None,
            peers: 0,
            offered: 0,
            // Positive and not to be guessed; nothing depends on it.
            session: (RandomState::new().hash_one(0) >> 2, 0),
            ours: String::new(),
            theirs: None,
            renewal: None,
            hushed: false,
            muted: false,
            shares: false,
            room,
            flow: Flow::default(),
        };
        talk.connect()?;
        Ok(talk)
    }

    /// Makes a connection, in place of the one before.
    fn connect(&mut self) -> Result<(), MediaError> {
        // The ends can be had once only.
        self.peer = None;
        self.peers += 1;
        self.renewal = None;
        self.flow = Flow::default();
        let (tell, number) = (self.tell.clone(), self.peers);
        let tell: media::peer::Tell = Arc::new(move |event| tell(Input::Media(number, event)));
        let Account {
            relays,
            only_relays,
            ..
        } = &self.account;
        let peer = Peer::new(&self.ends, relays, *only_relays, &tell)?;
        peer.pause(self.hushed);
        peer.mute(self.muted);
        peer.share(self.shares);
        if let Some(room) = self.room {
            peer.room(room);
        }
        self.peer = Some(peer);
        Ok(())
    }

    /// Connects anew.
    pub fn mend(&mut self) -> Result<(), MediaError> {
        if self.renewal.is_some() {
            // What was offered is still being answered.
            return Ok(());
        }
        self.connect()
    }

    /// Takes in what happened, with us having paused the call, or having lost the link; gives what that means.
    pub fn take(&mut self, input: Input, paused: bool, lost: bool) -> Vec<Event> {
        match input {
            Input::Media(number, event) if number == self.peers => {
                self.media(event, paused).into_iter().collect()
            }
            Input::Media(..) => Vec::new(),
            Input::Signal(event) => self.signal(event, paused, lost),
        }
    }

    fn media(&mut self, event: media::Event, paused: bool) -> Option<Event> {
        match event {
            media::Event::Described(text) => {
                self.describe(&text, paused);
                None
            }
            media::Event::NoWay => Some(match self.agent {
                Some(_) => Event::NoWay,
                None => Event::Failed(Reason::Unreachable),
            }),
            media::Event::Broken(what) => {
                tracing::error!("media: {what}");
                match self.theirs {
                    // The channels of text fall when the other side goes, which it is about to tell.
                    Some(_) if what.starts_with("sctp") => None,
                    Some(_) => Some(Event::Stalled),
                    None => Some(Event::Failed(Reason::Device)),
                }
            }
            media::Event::Camera(there) => Some(Event::Camera(there)),
            media::Event::Failed => Some(Event::Stalled),
            media::Event::Connected => {
                self.flow = Flow::default();
                Some(Event::Flows)
            }
            media::Event::Picture
            | media::Event::TextOpen
            | media::Event::Text(_)
            | media::Event::PapersOpen
            | media::Event::Papers(_) => None,
        }
    }

    /// Calls, or tells the other side of a new connection.
    fn describe(&mut self, text: &str, paused: bool) {
        // The first is as it is.
        let certificate = self.peer.as_ref().and_then(Peer::certificate);
        let text = sdp::with_screen(text);
        self.ours = match certificate {
            Some(certificate) => sdp::proven(&text, &certificate, self.offered),
            None => text,
        };
        self.offered += 1;
        let direction = if paused {
            Direction::None
        } else {
            Direction::Both
        };
        let offer = self.version(direction);
        let (_, version) = self.session;
        tracing::debug!(version, peer = self.peers, "described");
        self.renewal = Some(version);
        if let Some(agent) = &self.agent {
            agent.offer(version, offer);
            return;
        }
        let tell = self.tell.clone();
        self.agent = Some(Agent::call(
            &self.runtime,
            self.account.clone(),
            self.department.clone(),
            offer,
            move |event| tell(Input::Signal(event)),
        ));
    }

    fn signal(&mut self, event: signalling::Event, paused: bool, lost: bool) -> Vec<Event> {
        match event {
            signalling::Event::Ringing => vec![Event::Rings],
            signalling::Event::Answered(body) => match self.agreed(1, &body) {
                Ok(remote) => vec![Event::Answered, Event::Held(holds(&remote))],
                Err(error) => {
                    tracing::warn!("the other side's answer: {error}");
                    vec![Event::Failed(Reason::Failed)]
                }
            },
            signalling::Event::Agreed(version, body) => {
                let renews = self.renewal == Some(version);
                match self.agreed(version, &body) {
                    Ok(_) if renews => vec![Event::Agreed],
                    Ok(_) => Vec::new(),
                    Err(error) => {
                        tracing::warn!("the other side's answer: {error}");
                        Vec::new()
                    }
                }
            }
            signalling::Event::Offered(body) => self.offered(&body, paused).into_iter().collect(),
            signalling::Event::Declined(version) => {
                // A connection that is not agreed to is made again when its time comes.
                if self.renewal == Some(version) {
                    self.renewal = None;
                }
                Vec::new()
            }
            signalling::Event::Failed(failure) => vec![Event::Failed(reason(failure))],
            signalling::Event::Ended => vec![Event::OtherEnded],
            signalling::Event::Line(true) if !lost => {
                // The exchange learns where we are now.
                let direction = if paused {
                    Direction::None
                } else {
                    Direction::Both
                };
                if self.theirs.is_some() {
                    let offer = self.version(direction);
                    self.offer(offer);
                }
                Vec::new()
            }
            signalling::Event::Line(_) => Vec::new(),
        }
    }

    /// Takes in the other side's answer to a version of our description.
    fn agreed(&mut self, version: u32, body: &[u8]) -> Result<Remote, sdp::Unfit> {
        let renews = self.renewal == Some(version);
        tracing::debug!(version, renews, "agreed");
        if renews {
            self.renewal = None;
        }
        let mut remote = Remote::new(body)?;
        remote.answers(&self.ours)?;
        if renews {
            if let Some(known) = &self.theirs {
                remote.reached_as(known);
            }
            if let Some(peer) = &self.peer {
                peer.answer(&remote.text).map_err(|_| sdp::Unfit::Form)?;
            }
            self.flow = Flow::default();
        } else if let Some(known) = &self.theirs {
            remote.continues(known)?;
            // What was sent before the other side has gone on was not looked at.
            if let Some(peer) = &self.peer {
                peer.refresh();
            }
        }
        self.theirs = Some(remote.clone());
        Ok(remote)
    }

    /// Takes in what the other side offers: to pause, to go on, or the same again.
    fn offered(&mut self, body: &[u8], paused: bool) -> Option<Event> {
        let checked = Remote::new(body).and_then(|remote| {
            if let Some(known) = &self.theirs {
                remote.continues(known)?;
            }
            Ok(remote)
        });
        let agent = self.agent.as_ref()?;
        let remote = match checked {
            Ok(remote) => remote,
            Err(error) => {
                tracing::warn!("the other side's offer: {error}");
                agent.agree(None);
                return None;
            }
        };
        let held = holds(&remote);
        let (id, version) = &mut self.session;
        *version += 1;
        let mut answer = sdp::answer(&self.ours, *id, *version, &remote);
        if paused {
            answer = sdp::directed(&answer, *id, *version, Direction::None);
        }
        agent.agree(Some(answer));
        Some(Event::Held(held))
    }

    /// Tells the other side that we pause, or go on.
    pub fn tell(&mut self, paused: bool) {
        let offer = self.version(if paused {
            Direction::None
        } else {
            Direction::Both
        });
        self.offer(offer);
    }

    /// Lets sound and picture flow, or not.
    pub fn hush(&mut self, hushed: bool) {
        self.hushed = hushed;
        self.flow = Flow::default();
        if let Some(peer) = &self.peer {
            peer.pause(hushed);
        }
    }

    /// Sends our sound, or not.
    pub fn mute(&mut self, muted: bool) {
        self.muted = muted;
        if let Some(peer) = &self.peer {
            peer.mute(muted);
        }
    }

    /// Shows what the other side shares of its screen, or nothing of it any more.
    pub fn share(&mut self, shares: bool) {
        self.shares = shares;
        if let Some(peer) = &self.peer {
            peer.share(shares);
        }
    }

    /// There is so much room for its picture.
    pub fn room(&mut self, room: Size) {
        self.room = Some(room);
        if let Some(peer) = &self.peer {
            peer.room(room);
        }
    }

    /// Sends text; says whether there was a way for it.
    pub fn send(&self, piece: &str) -> bool {
        self.peer.as_ref().is_some_and(|peer| peer.send(piece))
    }

    /// Whether this is the connection that there is now.
    pub fn is(&self, number: u32) -> bool {
        self.peers == number
    }

    /// Sends a message about papers, where there is a way for it.
    pub fn pass(&self, message: &[u8]) {
        if let Some(peer) = &self.peer {
            peer.pass(message);
        }
    }

    /// Whether something has come since it was looked last; nothing to say where it is too early.
    pub fn flow(&mut self, now: Duration) -> Option<bool> {
        let packets = self.peer.as_ref()?.packets();
        let at = *self.flow.at.get_or_insert(now);
        if packets != self.flow.packets {
            self.flow = Flow {
                packets,
                at: Some(now),
            };
            return Some(true);
        }
        (now >= at + SILENCE).then_some(false)
    }

    /// Our description once more, as the next version.
    fn version(&mut self, direction: Direction) -> String {
        let (id, version) = &mut self.session;
        *version += 1;
        sdp::directed(&self.ours, *id, *version, direction)
    }

    fn offer(&self, offer: String) {
        if let Some(agent) = &self.agent {
            agent.offer(self.session.1, offer);
        }
    }
}

/// Whether the other side lets nothing of ours through: it has paused.
fn holds(remote: &Remote) -> bool {
    matches!(remote.direction, Direction::Send)
}

fn reason(failure: Failure) -> Reason {
    match failure {
        Failure::Unreachable => Reason::Unreachable,
        Failure::Untrusted => Reason::Untrusted,
        Failure::Credentials => Reason::Credentials,
        Failure::Unknown => Reason::Unknown,
        Failure::Busy => Reason::Busy,
        Failure::Unanswered => Reason::Unanswered,
        Failure::Other(_) => Reason::Failed,
    }
}
