// SPDX-License-Identifier: EUPL-1.2
//! One connection to the other side: `webrtcbin`, with the chains that send and receive.
//!
//! `webrtcbin` cannot begin a connection anew (an ICE restart) in place. A lost one is replaced by another [`Peer`] whose
//! description says so to the other side: new ICE credentials and a new certificate in the same media.

use std::fmt::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use gstreamer as gst;
use gstreamer::prelude::*;
use gstreamer_sdp as sdp;
use gstreamer_webrtc as webrtc;

use super::control;
use super::echo::EchoCanceller;
use super::ends::Ends;
use super::make::{MediaError, start, with};
use super::own::Own;
use super::patience::{self, Patience};
use super::receive::Receiver;
use super::send::{Sender, pictures};
use crate::account::{Relay, RelayTransport};
use crate::papers::frame::FRAME;
use crate::spread::Size;
use crate::text;

/// Ways to us are looked for so long; what is found later is not told.
pub const GATHERING: Duration = Duration::from_millis(1500);
/// The channel of real-time text (RFC 8865), agreed on beforehand so that a new connection has it at once.
pub const TEXT: (&str, i32) = ("text", 0);
/// The channel of papers.
pub const PAPERS: (&str, i32) = ("papers", 1);

/// What happens to a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// Our description, once ways to us were looked for.
    Described(String),
    /// There is no way to us.
    NoWay,
    /// The connection stands.
    Connected,
    /// It does not, and will not.
    Failed,
    /// The first picture of the other side was decoded.
    Picture,
    /// The channel for text is open.
    TextOpen,
    /// Text has come.
    Text(String),
    /// The channel for papers is open.
    PapersOpen,
    /// A message about papers has come: unchecked, but not too large to be one.
    Papers(Vec<u8>),
    /// Our camera is there, or away; speech goes on.
    Camera(bool),
    /// A part fell.
    Broken(String),
}

/// Where a peer tells what happens: from any thread, and it must not wait.
pub type Tell = Arc<dyn Fn(Event) + Send + Sync>;

/// A connection. Dropping it ends it.
pub struct Peer {
    pipeline: gst::Pipeline,
    connection: gst::Element,
    sender: Arc<Sender>,
    receiver: Arc<Receiver>,
    text: Option<webrtc::WebRTCDataChannel>,
    papers: Option<webrtc::WebRTCDataChannel>,
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.sender.close();
        // There is nothing to do about one that does not stop.
        let _ = self.pipeline.set_state(gst::State::Null);
    }
}

impl Peer {
    /// Opens the ends and begins to look for ways to us.
    pub fn new(
        ends: &Ends,
        relays: &[Relay],
        only_relays: bool,
        tell: &Tell,
    ) -> Result<Self, MediaError> {
        start()?;
        let pipeline = gst::Pipeline::new();
        let latency = u32::try_from(patience::SOUND.mseconds()).unwrap_or_default();
        let policy = if only_relays { "relay" } else { "all" };
        let connection = with("webrtcbin", |bin| {
            bin.property_from_str("bundle-policy", "max-bundle")
                .property_from_str("ice-transport-policy", policy)
                .property("latency", latency)
        })?;
        restrict(&connection);
        pipeline
            .add(&connection)
            .map_err(|source| MediaError::Link {
                chain: "connection",
                source,
            })?;
        for relay in relays.iter().take(crate::account::RELAYS) {
            let address = address(relay);
            if !connection.emit_by_name::<bool>("add-turn-server", &[&address]) {
                return Err(MediaError::Relay(relay.host.clone()));
            }
        }
        let own = ends.own.then(Own::default);
        let echo = EchoCanceller::of(ends)?;
        let bin = pipeline.upcast_ref();
        let told = tell.clone();
        let camera = move |there| told(Event::Camera(there));
        let own_picture = own.as_ref();
        let sender = Sender::new(bin, ends, own_picture, echo.as_ref(), &connection, camera)?;
        let sender = Arc::new(sender);
        let receiver = Receiver::new(ends, own, echo, Patience::of(&connection))?;
        let receiver = Arc::new(receiver);
        control::follow(&connection, &sender);
        prioritise(&connection);
        let screen = screen(&connection);
        receive(&pipeline, &connection, (&receiver, screen), tell);
        watch(&pipeline, &connection, &sender, tell);
        // Channels can be made from here on.
        pipeline
            .set_state(gst::State::Ready)
            .map_err(MediaError::Run)?;
        let text = channel(&connection, TEXT, "t140");
        if let Some(text) = &text {
            listen(text, tell);
        }
        let papers = channel(&connection, PAPERS, "");
        if let Some(papers) = &papers {
            take_papers(papers, tell);
        }
        offer_once(&connection, tell);
        pipeline
            .set_state(gst::State::Playing)
            .map_err(MediaError::Run)?;
        Ok(Self {
            pipeline,
            connection,
            sender,
            receiver,
            text,
            papers,
        })
    }

    /// Takes in the other side's answer.
    pub fn answer(&self, text: &str) -> Result<(), MediaError> {
        let message = sdp::SDPMessage::parse_buffer(text.as_bytes());
        let message = message.map_err(|_| MediaError::Description)?;
        let answer = webrtc::WebRTCSessionDescription::new(webrtc::WebRTCSDPType::Answer, message);
        let promise = gst::Promise::with_change_func(|reply| {
            if let Ok(Some(reply)) = reply
                && reply.has_field("error")
            {
                tracing::warn!("a description was not taken in: {reply:?}");
            }
        });
        self.connection
            .emit_by_name::<()>("set-remote-description", &[&answer, &promise]);
        Ok(())
    }

    /// The certificate that our description names, as DER.
    pub fn certificate(&self) -> Option<Vec<u8>> {
        let pad = self.connection.sink_pads().into_iter().next()?;
        let transceiver = pad.property::<Option<webrtc::WebRTCRTPTransceiver>>("transceiver")?;
        let transport = transceiver.sender()?.transport()?;
        let pem = transport.property::<Option<String>>("certificate")?;
        let lines = pem.lines().filter(|line| !line.starts_with("-----"));
        STANDARD.decode(lines.collect::<String>()).ok()
    }

    /// How many packets have arrived.
    pub fn packets(&self) -> u64 {
        self.receiver.packets()
    }

    /// Sends and shows nothing while it is so.
    pub fn pause(&self, paused: bool) {
        self.sender.pause(paused);
        self.receiver.pause(paused);
    }

    /// Shows what the other side shares of its screen, or not any more.
    pub fn share(&self, shares: bool) {
        self.receiver.share(shares);
    }

    /// There is so much room for what is shared and the face.
    pub fn room(&self, room: Size) {
        self.receiver.room(room);
    }

    /// Makes the next picture one that needs no other before it.
    pub fn refresh(&self) {
        self.sender.refresh();
    }

    /// Sends no sound while it is so.
    pub fn mute(&self, muted: bool) {
        self.sender.mute(muted);
    }

    /// Sends text; says whether there was a way for it.
    pub fn send(&self, text: &str) -> bool {
        self.text.as_ref().is_some_and(|channel| {
            channel.ready_state() == webrtc::WebRTCDataChannelState::Open
                && channel.send_string_full(Some(text)).is_ok()
        })
    }

    /// Sends a message about papers. Where there is no way for it, it is said anew once there is one.
    pub fn pass(&self, message: &[u8]) {
        if let Some(papers) = &self.papers
            && papers.ready_state() == webrtc::WebRTCDataChannelState::Open
            && let Err(error) = papers.send_data_full(Some(&gst::glib::Bytes::from(message)))
        {
            tracing::warn!("cannot send a message about papers: {error}");
        }
    }
}

/// How ways to the other side are looked for. Media over TCP are for relays; and no router is asked to open a port (UPnP): what the
/// network lets through is for whoever runs it to say.
fn restrict(connection: &gst::Element) {
    let inner = |object: &gst::glib::Object, name| {
        let known = object.has_property_with_type(name, gst::glib::Object::static_type());
        known.then(|| object.property::<Option<gst::glib::Object>>(name))?
    };
    let Some(ice) = inner(connection.upcast_ref(), "ice-agent") else {
        return;
    };
    let agent = inner(&ice, "agent");
    for (object, name) in [(Some(ice), "ice-tcp"), (agent, "upnp")] {
        if let Some(object) =
            object.filter(|object| object.has_property_with_type(name, bool::static_type()))
        {
            object.set_property(name, false);
        }
    }
}

/// The address of a relay, with its credentials, as `webrtcbin` wants it.
fn address(relay: &Relay) -> String {
    let (scheme, transport) = match relay.transport {
        RelayTransport::Udp => ("turn", "udp"),
        RelayTransport::Tcp => ("turn", "tcp"),
        RelayTransport::Tls => ("turns", "tcp"),
    };
    format!(
        "{scheme}://{}:{}@{}:{}?transport={transport}",
        escaped(&relay.user),
        escaped(relay.password.expose()),
        relay.host,
        relay.port
    )
}

/// `text` as a part of an address.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a string does not fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

/// Asks for what is lost of pictures, and for packets to be marked (RFC 8837). GStreamer 1.26 takes the priority and leaves the
/// sockets at DSCP 0 all the same: that has still to be solved.
fn prioritise(connection: &gst::Element) {
    for pad in connection.sink_pads() {
        let transceiver = pad.property::<Option<webrtc::WebRTCRTPTransceiver>>("transceiver");
        let Some(transceiver) = transceiver else {
            continue;
        };
        // A picture can be asked for again; sound has its own redundancy, and browsers take no other.
        let pictures = transceiver.kind() == webrtc::WebRTCKind::Video || pad.name() == "sink_1";
        transceiver.set_property("do-nack", pictures);
        if let Some(sender) = transceiver.sender() {
            sender.set_priority(webrtc::WebRTCPriorityType::High);
        }
    }
}

/// Offers to take in a screen of the other side (a second picture, which we send nothing for), from the beginning: what begins later needs
/// nobody to agree on anything then.
fn screen(connection: &gst::Element) -> webrtc::WebRTCRTPTransceiver {
    let direction = webrtc::WebRTCRTPTransceiverDirection::Recvonly;
    let caps = pictures().build();
    let transceiver = connection
        .emit_by_name::<webrtc::WebRTCRTPTransceiver>("add-transceiver", &[&direction, &caps]);
    transceiver.set_property("do-nack", true);
    transceiver
}

fn receive(
    pipeline: &gst::Pipeline,
    connection: &gst::Element,
    (receiver, screen): (&Arc<Receiver>, webrtc::WebRTCRTPTransceiver),
    tell: &Tell,
) {
    let (receiver, tell) = (receiver.clone(), tell.clone());
    let pipeline = pipeline.downgrade();
    connection.connect_pad_added(move |_, pad| {
        if pad.direction() != gst::PadDirection::Src {
            return;
        }
        let Some(pipeline) = pipeline.upgrade() else {
            return;
        };
        let of = pad.property::<Option<webrtc::WebRTCRTPTransceiver>>("transceiver");
        let is_screen = of.as_ref() == Some(&screen);
        let first = tell.clone();
        let first = move || first(Event::Picture);
        if let Err(error) = receiver.take(pipeline.upcast_ref(), pad, is_screen, first) {
            tell(Event::Broken(error.to_string()));
        }
    });
}

/// Tells how the connection stands, and what falls.
fn watch(pipeline: &gst::Pipeline, connection: &gst::Element, sender: &Arc<Sender>, tell: &Tell) {
    connection.connect_notify(Some("ice-connection-state"), |connection, _| {
        let state = connection.property::<webrtc::WebRTCICEConnectionState>("ice-connection-state");
        tracing::debug!(?state, "ways");
    });
    let told = tell.clone();
    connection.connect_notify(Some("connection-state"), move |connection, _| {
        let state = connection.property::<webrtc::WebRTCPeerConnectionState>("connection-state");
        tracing::debug!(?state, "connection");
        match state {
            webrtc::WebRTCPeerConnectionState::Connected => told(Event::Connected),
            webrtc::WebRTCPeerConnectionState::Failed => told(Event::Failed),
            _ => {}
        }
    });
    let (told, sender) = (tell.clone(), Arc::downgrade(sender));
    if let Some(bus) = pipeline.bus() {
        bus.set_sync_handler(move |_, message| {
            if let gst::MessageView::Error(error) = message.view()
                && !sender.upgrade().is_some_and(|sender| sender.falls(error))
            {
                let source = error.src().map(|source| source.name().to_string());
                let source = source.unwrap_or_default();
                // What GStreamer's elements have to say is in there more often than in the error.
                let detail = error.debug().unwrap_or_default();
                told(Event::Broken(format!(
                    "{source}: {} ({detail})",
                    error.error()
                )));
            }
            gst::BusSyncReply::Drop
        });
    }
}

fn channel(
    connection: &gst::Element,
    (label, id): (&str, i32),
    protocol: &str,
) -> Option<webrtc::WebRTCDataChannel> {
    let options = gst::Structure::builder("options")
        .field("ordered", true)
        .field("negotiated", true)
        .field("id", id)
        .field("protocol", protocol)
        .build();
    connection.emit_by_name::<Option<webrtc::WebRTCDataChannel>>(
        "create-data-channel",
        &[&label, &options],
    )
}

fn listen(channel: &webrtc::WebRTCDataChannel, tell: &Tell) {
    let told = tell.clone();
    channel.connect_on_open(move |_| told(Event::TextOpen));
    let told = tell.clone();
    channel.connect_on_message_string(move |_, message| {
        if let Some(text) = message.and_then(text::received) {
            told(Event::Text(text));
        }
    });
}

fn take_papers(channel: &webrtc::WebRTCDataChannel, tell: &Tell) {
    let told = tell.clone();
    channel.connect_on_open(move |_| told(Event::PapersOpen));
    let told = tell.clone();
    channel.connect_on_message_data(move |_, message| {
        if let Some(message) = message.filter(|message| message.len() <= FRAME) {
            told(Event::Papers(message.to_vec()));
        }
    });
}

/// Describes us once all that is sent is known, and ways to us were looked for.
fn offer_once(connection: &gst::Element, tell: &Tell) {
    let (begun, described) = (AtomicBool::new(false), Arc::new(AtomicBool::new(false)));
    let (gathered, whole) = (tell.clone(), described.clone());
    connection.connect_notify(Some("ice-gathering-state"), move |connection, _| {
        let state = connection.property::<webrtc::WebRTCICEGatheringState>("ice-gathering-state");
        tracing::debug!(?state, "gathering");
        if state == webrtc::WebRTCICEGatheringState::Complete {
            describe(connection, &whole, &gathered);
        }
    });
    let tell = tell.clone();
    connection.connect("on-negotiation-needed", false, move |values| {
        let connection = values.first()?.get::<gst::Element>().ok()?;
        if begun.swap(true, Ordering::Relaxed) {
            return None;
        }
        let (made, tell, described) = (connection.clone(), tell.clone(), described.clone());
        let promise = gst::Promise::with_change_func(move |reply| {
            let offer = reply
                .ok()
                .flatten()
                .and_then(|reply| reply.get::<webrtc::WebRTCSessionDescription>("offer").ok());
            let Some(offer) = offer else {
                tell(Event::Broken("no description could be made".into()));
                return;
            };
            made.emit_by_name::<()>("set-local-description", &[&offer, &None::<gst::Promise>]);
            // Relays that do not answer are not waited for.
            made.call_async(move |made| {
                std::thread::sleep(GATHERING);
                describe(made, &described, &tell);
            });
        });
        connection.emit_by_name::<()>("create-offer", &[&None::<gst::Structure>, &promise]);
        None
    });
}

fn describe(connection: &gst::Element, described: &AtomicBool, tell: &Tell) {
    if described.swap(true, Ordering::Relaxed) {
        return;
    }
    let description =
        connection.property::<Option<webrtc::WebRTCSessionDescription>>("local-description");
    let text = description.and_then(|description| description.sdp().as_text().ok());
    match text {
        Some(text) if text.contains("a=candidate:") => tell(Event::Described(text)),
        Some(_) => tell(Event::NoWay),
        None => tell(Event::Broken("no description could be read".into())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Proves X1: no router is asked to open a port, and media go over TCP for a relay alone.
    #[test]
    fn ways_are_restricted() {
        start().unwrap();
        let connection = with("webrtcbin", |bin| bin).unwrap();
        restrict(&connection);
        let ice = connection.property::<gst::glib::Object>("ice-agent");
        let agent = ice.property::<gst::glib::Object>("agent");
        assert!(!ice.property::<bool>("ice-tcp"));
        assert!(!agent.property::<bool>("upnp"));
    }
}
