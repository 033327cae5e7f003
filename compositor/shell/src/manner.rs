// SPDX-License-Identifier: EUPL-1.2
//! The visitor's modes as one word, by which the session service keeps them from one process of the shell to the next:
//! `150-dark-lower`. What does not differ from the usual is left out.

use crate::state::{Modes, STEPS};
use crate::theme::{TextSize, Theme};

const LOWER: &str = "lower";
const VOICE: &str = "voice";

const fn text(size: TextSize) -> Option<&'static str> {
    match size {
        TextSize::Normal => None,
        TextSize::Large => Some("150"),
        TextSize::Largest => Some("200"),
    }
}

const fn theme(theme: Theme) -> Option<&'static str> {
    match theme {
        Theme::Paper => None,
        Theme::Light => Some("light"),
        Theme::Dark => Some("dark"),
    }
}

/// The word for `modes`; empty for the usual ones.
pub fn to_word(modes: Modes) -> String {
    let parts = [
        text(modes.text),
        theme(modes.theme),
        modes.lower.then_some(LOWER),
        modes.voice.then_some(VOICE),
    ];
    let parts = parts.into_iter().flatten().map(str::to_owned);
    let steps = [step('v', modes.volume), step('r', modes.rate)];
    let parts: Vec<_> = parts.chain(steps.into_iter().flatten()).collect();
    parts.join("-")
}

/// The modes that `word` stands for. What is not understood, as from another version, is as usual.
pub fn from_word(word: &str) -> Modes {
    let mut modes = Modes::default();
    for part in word.split('-') {
        if let Some(size) = TextSize::ALL
            .into_iter()
            .find(|size| text(*size) == Some(part))
        {
            modes.text = size;
        } else if let Some(known) = Theme::ALL
            .into_iter()
            .find(|known| theme(*known) == Some(part))
        {
            modes.theme = known;
        } else if part == LOWER {
            modes.lower = true;
        } else if part == VOICE {
            modes.voice = true;
        } else if let Some(step) = of_step('v', part) {
            modes.volume = step;
        } else if let Some(step) = of_step('r', part) {
            modes.rate = step;
        }
    }
    modes
}

/// A step away from the usual as a letter and a number, `v4`.
fn step(letter: char, step: i8) -> Option<String> {
    (step != 0).then(|| format!("{letter}{}", step.clamp(-STEPS, STEPS) + STEPS))
}

/// The step that such a word stands for.
fn of_step(letter: char, word: &str) -> Option<i8> {
    let number: i8 = word.strip_prefix(letter)?.parse().ok()?;
    (0..=2 * STEPS).contains(&number).then(|| number - STEPS)
}

#[cfg(test)]
mod tests {
    use api::session::is_manner;

    use super::*;

    /// Proves T13: every choice of modes comes back as it was, and the service takes its word.
    #[test]
    fn words_are_understood() {
        for size in TextSize::ALL {
            for theme in Theme::ALL {
                for (lower, voice) in [(false, false), (true, false), (false, true), (true, true)] {
                    for (volume, rate) in [(0, 0), (-2, 1), (2, -2)] {
                        let modes = Modes {
                            text: size,
                            theme,
                            lower,
                            voice,
                            volume,
                            rate,
                        };
                        let word = to_word(modes);
                        assert!(is_manner(&word), "{word}");
                        assert_eq!(from_word(&word), modes, "{word}");
                    }
                }
            }
        }
        assert_eq!(to_word(Modes::default()), "");
        for strange in ["", "-", "---", "7-purple", "lowest", "v", "v5", "r-1"] {
            assert_eq!(from_word(strange), Modes::default(), "{strange}");
        }
    }
}
