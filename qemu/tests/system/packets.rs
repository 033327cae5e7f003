// SPDX-License-Identifier: EUPL-1.2
//! What a neighbour in the device's network gets to hear: nothing that was not asked for.

use std::net::{IpAddr, Ipv6Addr};
use std::time::{Duration, Instant};

use qemu::packet::{ICMPV6, Mac, Packet, TCP, UDP, frame_v6};
use qemu::{Addon, Deadline, Machine, Usb, Wire};

use crate::device::{SITE, boot, soon, terminal, wait_home};
use crate::probe::{Probe, citizen};

/// The neighbour.
const CARD: Mac = [0x52, 0x54, 0, 0xee, 0xee, 0xee];
const ADDRESS: Ipv6Addr = Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 0xeeee);
/// Kinds of messages (RFC 4443, RFC 4861).
const ECHO: u8 = 128;
const SOLICIT: u8 = 135;
const ADVERTISE: u8 = 136;
/// Where the checksum of each stands.
const SUM_ICMP: usize = 2;
const SUM_TCP: usize = 16;
const SUM_UDP: usize = 6;
/// The port that a device's programs send to.
const SINK: u16 = 9;
/// What a line carries, in kbit/s, and how long it is flooded.
const LINE: f64 = 1000.0;
const FLOOD: Duration = Duration::from_secs(10);

/// Somebody on the same cable.
struct Neighbour {
    wire: Wire,
    device: Option<(Mac, Ipv6Addr)>,
}

impl Neighbour {
    fn new() -> Self {
        Self {
            wire: Wire::new().unwrap(),
            device: None,
        }
    }

    /// The next frame that `look` takes; who asks for the neighbour is answered meanwhile.
    fn wait<T>(
        &mut self,
        what: &str,
        deadline: Deadline,
        mut look: impl FnMut(Instant, &Packet<'_>) -> Option<T>,
    ) -> T {
        loop {
            let (at, frame) = self
                .wire
                .hear(deadline)
                .unwrap_or_else(|| panic!("no {what}"));
            let Some(packet) = Packet::read(&frame) else {
                continue;
            };
            if let IpAddr::V6(source) = packet.source
                && source.is_unicast_link_local()
            {
                self.device = Some((packet.card, source));
                self.answer(&packet);
            }
            if let Some(found) = look(at, &packet) {
                return found;
            }
        }
    }

    fn say(&self, protocol: u8, content: &[u8], checksum: usize) {
        let (card, address) = self.device.unwrap();
        let frame = frame_v6(
            (CARD, card),
            (ADDRESS, address),
            protocol,
            content,
            checksum,
        );
        self.wire.say(&frame).unwrap();
    }

    /// Says where it is, to who asks.
    fn answer(&self, packet: &Packet<'_>) {
        let asks = packet.protocol == ICMPV6
            && packet.content.first() == Some(&SOLICIT)
            && packet.content.get(8..24) == Some(&ADDRESS.octets()[..]);
        if asks {
            // Asked for, and to be believed.
            let mut content = vec![ADVERTISE, 0, 0, 0, 0x60, 0, 0, 0];
            content.extend(ADDRESS.octets());
            content.extend([2, 1]);
            content.extend(CARD);
            self.say(ICMPV6, &content, SUM_ICMP);
        }
    }

    /// Asks where the device is, which it has to say.
    fn ask(&self) {
        let mut content = vec![SOLICIT, 0, 0, 0, 0, 0, 0, 0];
        content.extend(self.device.unwrap().1.octets());
        content.extend([1, 1]);
        content.extend(CARD);
        self.say(ICMPV6, &content, SUM_ICMP);
    }

    /// Tries to begin something with the device: ping, TCP, UDP.
    fn knock(&self) {
        self.say(ICMPV6, &[ECHO, 0, 0, 0, 0, 1, 0, 1], SUM_ICMP);
        for port in [22_u16, 80, 443, 631, 5355, 8080, 60_000] {
            let [high, low] = port.to_be_bytes();
            let mut syn = vec![0x77, 0x77, high, low, 0, 0, 0, 1, 0, 0, 0, 0, 0x50, 2];
            syn.extend([0xff, 0xff, 0, 0, 0, 0]);
            self.say(TCP, &syn, SUM_TCP);
            let [high, low] = port.wrapping_add(1).to_be_bytes();
            let udp = [0x77, 0x77, high, low, 0, 12, 0, 0, b'a', b's', b'k', b'!'];
            self.say(UDP, &udp, SUM_UDP);
        }
    }
}

/// A terminal on the neighbour's cable whose programs send when something is plugged in.
fn machine(neighbour: &Neighbour) -> Machine {
    let site = SITE.replacen(
        "[session]",
        &format!("[network]\nuplink = {LINE}\n[session]"),
        1,
    );
    let runs = |what: &str| citizen(&format!("{what} {ADDRESS}"));
    let whose = |user: &str| format!("[Service]\nUser={user}");
    let probe = Probe::new()
        .citizen()
        .site(site, &["uplink", "shell"])
        .when_plugged(&Usb::CardReader, &whose("shell"), &[&runs("send")])
        .when_plugged(&Usb::Audio, &whose("call"), &[&runs("flood")]);
    let machine = terminal()
        .copy()
        .without_network()
        .nic(neighbour.wire.nic());
    let esp = machine.state().disk().unwrap().esp().unwrap();
    esp.write(&Addon::place("probe"), &probe.sign()).unwrap();
    machine
}

/// Proves T12, T11, X3: nobody in the device's network gets an answer from it but that it is there; the shell cannot send anything, whatever
/// it would run; who may send is held to what the line carries, and speech is neither lost nor late behind the rest.
#[test]
fn a_neighbour_hears_nothing() {
    let mut neighbour = Neighbour::new();
    let vm = machine(&neighbour).start().unwrap();
    vm.wait_state_open(boot()).unwrap();
    wait_home(&vm);
    let is_here = |_: Instant, packet: &Packet<'_>| {
        matches!(packet.source, IpAddr::V6(source) if source.is_unicast_link_local()).then_some(())
    };
    neighbour.wait("word of the device", soon(), is_here);
    neighbour.knock();
    neighbour.ask();
    neighbour.wait("its own place", soon(), |_, packet| {
        let is_icmp = packet.protocol == ICMPV6;
        let kind = packet.content.first().filter(|_| is_icmp);
        // What it says by itself: it looks for routers and neighbours, and for an address.
        let is_asked = kind.is_some_and(|kind| [SOLICIT, ADVERTISE, 133, 143].contains(kind));
        let seeks =
            packet.protocol == 0 || packet.udp().is_some_and(|(_, to, _)| to == 67 || to == 547);
        assert!(is_asked || seeks, "it answers: {packet:?}");
        (kind == Some(&ADVERTISE)).then_some(())
    });

    let mark = vm.mark();
    vm.plug("reader", &Usb::CardReader).unwrap();
    vm.wait_serial_since(mark, "citizen: refused", soon())
        .unwrap();

    vm.plug("sound", &Usb::Audio).unwrap();
    let (mut bulk, mut speech) = (Vec::new(), Vec::new());
    neighbour.wait("the end of the flood", boot(), |at, packet| {
        let (.., content) = packet.udp().filter(|(_, to, _)| *to == SINK)?;
        match (content.first()?, packet.dscp) {
            (0x80, dscp) => {
                assert_eq!(dscp, 46);
                let number = u16::from_be_bytes([*content.get(2)?, *content.get(3)?]);
                speech.push((at, number));
            }
            (b'E', _) => return Some(()),
            _ => bulk.push((at, packet.content.len())),
        }
        None
    });
    let numbers: Vec<u16> = speech.iter().map(|(_, number)| *number).collect();
    let all: Vec<u16> = (0..numbers.len() as u16).collect();
    assert_eq!(numbers, all, "speech is lost");
    let span = bulk.last().unwrap().0 - bulk[0].0;
    let bytes: usize = bulk.iter().skip(1).map(|(_, bytes)| bytes).sum();
    let rate = bytes as f64 * 8.0 / 1000.0 / span.as_secs_f64();
    println!(
        "{} packets of speech, {rate:.0} kbit/s of others in {span:?}",
        numbers.len()
    );
    assert!(span >= FLOOD / 2, "{span:?}");
    assert!(rate < LINE && rate > LINE / 4.0, "{rate} kbit/s");
}
