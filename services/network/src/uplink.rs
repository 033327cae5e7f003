// SPDX-License-Identifier: EUPL-1.2
//! What the line carries, told to systemd-networkd: a queue of the device's own (CAKE) sends a little less than that, so that what is
//! urgent never waits in a modem.

use std::fs;
use std::io;
use std::path::Path;

use site::Network;

/// Of what a line carries, so much is sent, in per cent: what is below IP also takes room.
const SHARE: u64 = 92;
/// The part of the configuration, in `systemd.network(5)`'s directory for the network: instead of the one of this name in the image, since
/// two sections of queues do not become one.
const NAME: &str = "50-uplink.conf";
/// The same while it is written.
const NEW: &str = "50-uplink.new";

/// What stands in the part, if the image's own does not hold.
pub fn part(network: Network) -> Option<String> {
    let kbit = network.uplink?;
    let bits = u64::from(kbit) * 10 * SHARE;
    Some(format!(
        "[CAKE]\nPriorityQueueingPreset=diffserv4\nBandwidth={bits}\n"
    ))
}

/// Puts the part into `dir`, which exists, or takes it away; true if that changed anything.
pub fn write(dir: &Path, network: Network) -> io::Result<bool> {
    let path = dir.join(NAME);
    let before = match fs::read_to_string(&path) {
        Ok(text) => Some(text),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(error),
    };
    let now = part(network);
    if now == before {
        return Ok(false);
    }
    match now {
        None => fs::remove_file(&path)?,
        Some(text) => {
            // networkd may read at any time, and only what ends in `.conf`.
            let whole = dir.join(NEW);
            fs::write(&whole, text)?;
            fs::rename(&whole, &path)?;
        }
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Proves X3, T11: a little less than the line carries is sent; without a figure nothing is held back; what stays the same is not
    /// written again.
    #[test]
    fn the_part_follows_the_site() {
        let dir = tempfile::tempdir().unwrap();
        let line = |uplink| Network { uplink };
        let text = || fs::read_to_string(dir.path().join(NAME)).ok();
        assert!(!write(dir.path(), line(None)).unwrap());
        assert!(write(dir.path(), line(Some(1000))).unwrap());
        let said =
            |bits: &str| format!("[CAKE]\nPriorityQueueingPreset=diffserv4\nBandwidth={bits}\n");
        assert_eq!(text().unwrap(), said("920000"));
        assert!(!write(dir.path(), line(Some(1000))).unwrap());
        assert!(write(dir.path(), line(Some(10_000_000))).unwrap());
        assert_eq!(text().unwrap(), said("9200000000"));
        assert!(write(dir.path(), line(None)).unwrap());
        assert_eq!(text(), None);
    }
}
