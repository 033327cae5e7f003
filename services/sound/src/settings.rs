// SPDX-License-Identifier: EUPL-1.2
//! ALSA's default device, and how loud a card plays.

use std::fs::{rename, write};
use std::io;
use std::path::Path;

use alsa::Round;
use alsa::mixer::{MilliBel, Mixer, Selem};

use crate::ear::Card;

/// Names what players of the first card share; any number will do.
const IPC_KEY: u32 = 0x616d_7473;

/// The file for ALSA that makes `ear` the default device; without one whatever is played is heard by nobody.
fn text(ear: Option<&Card>) -> String {
    match ear {
        // Players ask for no period. Straight on a card they get its shortest, and run dry on a busy machine; with `dmix` they get
        // these, and the card plays on when one comes late. A word is soon heard, and soon silent.
        Some(Card { number, .. }) => format!(
            "pcm.!default {{ type plug slave.pcm {{ type dmix ipc_key {} slave {{ pcm {{ type hw card {number} }} period_time 25000 buffer_time 100000 }} }} }}\n\
             ctl.!default {{ type hw card {number} }}\n",
            IPC_KEY + number
        ),
        None => "pcm.!default { type null }\n".to_owned(),
    }
}

/// Writes that to `path`. Whoever reads it meanwhile finds the old one or the new one.
pub fn write_default(path: &Path, ear: Option<&Card>) -> io::Result<()> {
    let new = path.with_extension("new");
    write(&new, text(ear))?;
    rename(&new, path)
}

/// Outputs of a card with a jack that a room would hear.
const ROOM: [&str; 3] = ["Speaker", "Line Out", "Mono"];

/// Lets a card play as loud as it was made for, and nothing of it that a room would hear. How loud something really is, is
/// the business of who plays it: what one person chose does not stay for the next.
pub fn open_up(card: &Card) -> alsa::Result<()> {
    let mixer = Mixer::new(&format!("hw:{}", card.number), false)?;
    for output in mixer.iter().filter_map(Selem::new) {
        if !output.has_playback_volume() && !output.has_playback_switch() {
            continue;
        }
        let id = output.get_id();
        let room = id
            .get_name()
            .is_ok_and(|name| ROOM.iter().any(|room| name.contains(room)));
        let silent = card.jack.is_some() && room;
        if output.has_playback_switch() {
            output.set_playback_switch_all(i32::from(!silent))?;
        }
        if output.has_playback_volume() {
            let (least, most) = output.get_playback_volume_range();
            if silent {
                output.set_playback_volume_all(least)?;
            } else if output
                .set_playback_db_all(MilliBel(0), Round::Floor)
                .is_err()
            {
                // A card that knows no decibels.
                output.set_playback_volume_all(most)?;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Proves T17: without an ear the default device plays nothing.
    #[test]
    fn without_an_ear_nothing_is_heard() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("asound.conf");
        write_default(&path, None).unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), text(None));
        assert!(text(None).contains("null") && !text(None).contains("hw"));
        let card = Card {
            number: 3,
            ..Card::default()
        };
        write_default(&path, Some(&card)).unwrap();
        let now = std::fs::read_to_string(&path).unwrap();
        assert!(now.contains("card 3") && !now.contains("null"), "{now}");
    }
}
