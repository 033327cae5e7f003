// SPDX-License-Identifier: EUPL-1.2
//! Which graphics cards there are.

use std::path::PathBuf;

use smithay::backend::udev::{all_gpus, primary_gpu};

use crate::backend::libinput::SEAT;

/// The device nodes of the seat's cards, the one that the firmware has used first.
pub fn cards() -> Vec<PathBuf> {
    let all = all_gpus(SEAT).unwrap_or_else(|error| {
        tracing::error!(%error, "ask udev for graphics cards");
        Vec::new()
    });
    let first = primary_gpu(SEAT).ok().flatten();
    order(all, first)
}

fn order(mut all: Vec<PathBuf>, first: Option<PathBuf>) -> Vec<PathBuf> {
    if let Some(first) = first {
        all.retain(|path| *path != first);
        all.insert(0, first);
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_boot_card_comes_first() {
        let paths = |names: &[&str]| names.iter().map(PathBuf::from).collect::<Vec<_>>();
        let all = paths(&["card0", "card1", "card2"]);
        assert_eq!(
            order(all.clone(), Some("card1".into())),
            paths(&["card1", "card0", "card2"])
        );
        assert_eq!(order(all.clone(), None), all);
    }
}
