// SPDX-License-Identifier: EUPL-1.2
//! Braille lines by their numbers: most are no human interface devices for the kernel, but serial ports or something of their
//! vendor's own.

use crate::UsbId;

/// Vendors and their products, as brltty knows them. Chips that are in any serial adapter too are not here (0403:6001, 10c4:ea60 and
/// the like), nor numbers that anybody may use: lines behind those are not used.
const LINES: &[(u16, &[u16])] = &[
    // FTDI, for Baum, Hedo and Papenmeier
    (
        0x0403,
        &[
            0xde58, 0xde59, 0xf208, 0xfe70, 0xfe71, 0xfe72, 0xfe73, 0xfe74, 0xfe75, 0xfe76, 0xfe77,
        ],
    ),
    // Metec
    (0x0452, &[0x0100]),
    // Microsoft, for HIMS
    (0x045e, &[0x930a, 0x930b, 0x940a]),
    // STMicroelectronics, for Orbit
    (0x0483, &[0xa1d3, 0xa366]),
    // Alva
    (0x06b0, &[0x0001]),
    // Voyager and Alva
    (0x0798, &[0x0001, 0x0600, 0x0624, 0x0640, 0x0680]),
    // Baum and Frank Audiodata
    (
        0x0904,
        &[
            0x1016, 0x1017, 0x2000, 0x2001, 0x2002, 0x2007, 0x2008, 0x2009, 0x2010, 0x2011, 0x2014,
            0x2015, 0x2016, 0x3000, 0x3001, 0x4004, 0x4005, 0x4007, 0x4008, 0x6001, 0x6002, 0x6003,
            0x6004, 0x6005, 0x6006, 0x6007, 0x6008, 0x6009, 0x600a, 0x6011, 0x6012, 0x6013, 0x6101,
            0x6102, 0x6103,
        ],
    ),
    // GoHubs, for Handy Tech
    (0x0921, &[0x1200]),
    // Freedom Scientific
    (0x0f4e, &[0x0100, 0x0111, 0x0112, 0x0114]),
    // KGS, for BrailleMemo
    (0x1148, &[0x0301]),
    // pid.codes, for Inceptor
    (0x1209, &[0xabc0]),
    // HumanWare and APH
    (
        0x1c71,
        &[
            0xc004, 0xc005, 0xc006, 0xc00a, 0xc021, 0xc101, 0xc104, 0xc111, 0xc114, 0xc121, 0xc124,
            0xc131, 0xc141, 0xce01, 0xce04,
        ],
    ),
    // Handy Tech
    (
        0x1fe4,
        &[
            0x0003, 0x0044, 0x0054, 0x0055, 0x0061, 0x0064, 0x0074, 0x0081, 0x0082, 0x0083, 0x0084,
            0x0086, 0x0087, 0x008a, 0x008b, 0x0092, 0x0093, 0x0094, 0x0096, 0x0097, 0x009a, 0x009c,
            0x00a4, 0x00a6, 0x00a8,
        ],
    ),
    // Pegasus
    (0x4242, &[0x0001]),
    // Keil, for EuroBraille
    (0xc251, &[0x1122, 0x1124, 0x1126, 0x1128, 0x1130]),
];

/// Interfaces that a Braille line may have: human interface device, and its vendor's own. A line that is a serial port by the
/// specification (CDC) has the class of network cards too, and is used where the site names it.
const CLASSES: [u8; 2] = [0x03, 0xff];

/// All Braille lines that are known by number.
pub fn braille_lines() -> impl Iterator<Item = UsbId> {
    let of = |(vendor, products): &'static (u16, &[u16])| {
        let id = |product: &u16| UsbId {
            vendor: *vendor,
            product: *product,
        };
        products.iter().map(id)
    };
    LINES.iter().flat_map(of)
}

/// Whether a device with these classes of interfaces may be a Braille line.
pub fn is_braille_line(id: UsbId, classes: impl IntoIterator<Item = u8>) -> bool {
    let mut classes = classes.into_iter().peekable();
    let known = braille_lines().any(|line| line == id);
    known && classes.peek().is_some() && classes.all(|class| CLASSES.contains(&class))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    const RULES: &str =
        include_str!("../../../recipes/braille/mkosi.extra/usr/lib/udev/rules.d/70-braille.rules");

    /// Proves T10: every line that is let in is given to brltty, and nothing else is.
    #[test]
    fn lines_are_brlttys() {
        let mut given = BTreeSet::new();
        for rule in RULES.lines().filter(|rule| rule.contains("{idVendor}")) {
            let quoted: Vec<&str> = rule.split('"').skip(1).step_by(2).collect();
            for product in quoted[1].split('|') {
                let id = UsbId::parse(&format!("{}:{product}", quoted[0])).unwrap();
                assert!(given.insert(id), "{id:?} twice");
            }
        }
        assert!(given.len() > 80);
        assert_eq!(given, braille_lines().collect());
    }
}
