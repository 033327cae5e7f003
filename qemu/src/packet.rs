// SPDX-License-Identifier: EUPL-1.2
//! What is in a frame on a cable: IPv4 and IPv6, as far as tests ask.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The address of a network card.
pub type Mac = [u8; 6];

/// TCP's number in IP (IANA).
pub const TCP: u8 = 6;
/// UDP's.
pub const UDP: u8 = 17;
/// The number of ICMP for IPv6.
pub const ICMPV6: u8 = 58;

const IPV4: [u8; 2] = [0x08, 0x00];
const IPV6: [u8; 2] = [0x86, 0xdd];
/// What is before the packet in a frame.
const ETHERNET: usize = 14;
/// What is before the content of a packet of IPv6.
const FIXED: usize = 40;

/// A packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Packet<'a> {
    /// Which card said it.
    pub card: Mac,
    /// Who sent it.
    pub source: IpAddr,
    /// To whom.
    pub destination: IpAddr,
    /// How urgent it is (RFC 2474).
    pub dscp: u8,
    /// What is in it.
    pub protocol: u8,
    /// That.
    pub content: &'a [u8],
}

impl<'a> Packet<'a> {
    /// Reads a frame; none if it is no IP.
    pub fn read(frame: &'a [u8]) -> Option<Self> {
        let (head, packet) = frame.split_at_checked(ETHERNET)?;
        let card = head.get(6..12)?.try_into().ok()?;
        match head.get(12..)?.try_into().ok()? {
            IPV4 => {
                let start = usize::from(packet.first()? & 15) * 4;
                let end = usize::from(u16::from_be_bytes(packet.get(2..4)?.try_into().ok()?));
                let address = |at: usize| {
                    let four: [u8; 4] = packet.get(at..at + 4)?.try_into().ok()?;
                    Some(IpAddr::V4(Ipv4Addr::from(four)))
                };
                Some(Self {
                    card,
                    source: address(12)?,
                    destination: address(16)?,
                    dscp: packet.get(1)? >> 2,
                    protocol: *packet.get(9)?,
                    content: packet.get(start..end)?,
                })
            }
            IPV6 => {
                let length = usize::from(u16::from_be_bytes(packet.get(4..6)?.try_into().ok()?));
                let class = u16::from_be_bytes(packet.get(..2)?.try_into().ok()?) >> 4;
                let address = |at: usize| {
                    let all: [u8; 16] = packet.get(at..at + 16)?.try_into().ok()?;
                    Some(IpAddr::V6(Ipv6Addr::from(all)))
                };
                Some(Self {
                    card,
                    source: address(8)?,
                    destination: address(24)?,
                    dscp: (class as u8) >> 2,
                    protocol: *packet.get(6)?,
                    content: packet.get(FIXED..FIXED + length)?,
                })
            }
            _ => None,
        }
    }

    /// Ports it comes from and goes to, and what is in it, if it is UDP.
    pub fn udp(&self) -> Option<(u16, u16, &'a [u8])> {
        let port = |at: usize| {
            let two = self.content.get(at..at + 2)?;
            Some(u16::from_be_bytes(two.try_into().ok()?))
        };
        let rest = self.content.get(8..)?;
        (self.protocol == UDP).then_some((port(0)?, port(2)?, rest))
    }
}

/// A frame with a packet of IPv6. `checksum` is where in `content` its checksum stands, which is 0 there yet.
pub fn frame_v6(
    cards: (Mac, Mac),
    (from, to): (Ipv6Addr, Ipv6Addr),
    protocol: u8,
    content: &[u8],
    checksum: usize,
) -> Vec<u8> {
    let length = content.len() as u16;
    let mut pseudo = Vec::new();
    pseudo.extend(from.octets());
    pseudo.extend(to.octets());
    pseudo.extend(u32::from(length).to_be_bytes());
    pseudo.extend([0, 0, 0, protocol]);
    pseudo.extend(content);
    let sum = pseudo.chunks(2).fold(0_u32, |sum, two| {
        let low = two.get(1).copied().unwrap_or_default();
        sum + u32::from(u16::from_be_bytes([two[0], low]))
    });
    let folded = (sum & 0xffff) + (sum >> 16);
    let folded = !((folded & 0xffff) + (folded >> 16)) as u16;
    let mut frame = Vec::new();
    frame.extend(cards.1);
    frame.extend(cards.0);
    frame.extend(IPV6);
    frame.extend([0x60, 0, 0, 0]);
    frame.extend(length.to_be_bytes());
    // What finds neighbours has to say that it crossed no router.
    frame.extend([protocol, 255]);
    frame.extend(from.octets());
    frame.extend(to.octets());
    let start = frame.len() + checksum;
    frame.extend(content);
    if let Some(place) = frame.get_mut(start..start + 2) {
        place.copy_from_slice(&folded.to_be_bytes());
    }
    frame
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Proves O9: a packet that is written is read again; what is cut off or something else is none.
    #[test]
    fn packets_are_read() {
        let (a, b) = ("fe80::1".parse().unwrap(), "fe80::2".parse().unwrap());
        let udp = [0, 7, 0, 9, 0, 10, 0, 0, 0xaa, 0xbb];
        let frame = frame_v6(([1; 6], [2; 6]), (a, b), UDP, &udp, 6);
        let packet = Packet::read(&frame).unwrap();
        assert_eq!(packet.card, [1; 6]);
        assert_eq!((packet.source, packet.destination), (a.into(), b.into()));
        assert_eq!(packet.udp(), Some((7, 9, &[0xaa, 0xbb][..])));
        assert_eq!(packet.dscp, 0);
        for end in 0..frame.len() {
            assert_eq!(Packet::read(&frame[..end]), None);
        }
        // RFC 1071's checksum over all, with the one that stands there, is 0.
        let mut all: Vec<u8> = frame[22..].to_vec();
        all.extend([0, UDP, 0, 10]);
        let sum: u32 = all
            .chunks(2)
            .map(|two| u32::from(u16::from_be_bytes([two[0], two[1]])))
            .sum();
        assert_eq!((sum & 0xffff) + (sum >> 16), 0xffff);
        let mut v4 = vec![0; 12];
        v4.extend([8, 0, 0x45, 0xb8, 0, 28, 0, 0, 0, 0, 64, UDP, 0, 0]);
        v4.extend([192, 0, 2, 1, 192, 0, 2, 2, 0, 1, 0, 2, 0, 8, 0, 0]);
        let packet = Packet::read(&v4).unwrap();
        assert_eq!((packet.dscp, packet.udp()), (46, Some((1, 2, &[][..]))));
    }
}
