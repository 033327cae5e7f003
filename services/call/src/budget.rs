// SPDX-License-Identifier: EUPL-1.2
//! How what the line carries is shared between sound and picture. Pure.
//!
//! Sound first: it keeps its part whatever is left. The picture gives way in its size before it does in its rate, since sign
//! language needs motion (EN 301 549 6.5: 20 pictures a second), and it stops where it would be of no use to anybody.

/// Where the estimate of the line begins, in bits a second: what a poor line carries.
pub const START: u32 = 600_000;
/// The most that is ever sent: a line of 1.0 Mbit/s is shared with nobody else's call, but with what steers ours.
pub const MOST: u32 = 950_000;
/// The least that is counted on.
pub const LEAST: u32 = 40_000;
/// Below this the picture gets only what the sound leaves.
pub const SPEECH_FIRST: u32 = 300_000;
/// Headers of sound: 50 packets a second, each with about 60 bytes of RTP, SRTP, UDP and IP.
const SOUND_HEADERS: u32 = 24_000;
/// A picture of fewer bits a second helps nobody.
const NO_PICTURE: u32 = 60_000;

/// A picture's size and rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Pixels across.
    pub width: i32,
    /// Pixels down.
    pub height: i32,
    /// Pictures a second.
    pub rate: i32,
}

/// What is sent of the picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Video {
    /// Bits a second.
    pub bits: u32,
    /// How large.
    pub size: Size,
}

/// The parts of what the line carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    /// Bits a second of sound, without headers.
    pub sound: u32,
    /// The picture, where there is room for one.
    pub video: Option<Video>,
}

/// From how many bits a second a size is used. All have the same shape, so that no picture changes its own within a call.
const STEPS: [(u32, Size); 5] = [
    (650_000, size(720, 540, 25)),
    (230_000, size(640, 480, 25)),
    (190_000, size(640, 480, 20)),
    (110_000, size(480, 360, 20)),
    (NO_PICTURE, size(320, 240, 15)),
];

const fn size(width: i32, height: i32, rate: i32) -> Size {
    Size {
        width,
        height,
        rate,
    }
}

/// Shares an estimate; remembers the size, so that it does not jump to and fro.
#[derive(Clone, Debug, Default)]
pub struct Budget {
    now: Option<Size>,
}

impl Budget {
    /// The parts of a line that carries `estimate` bits a second.
    pub fn share(&mut self, estimate: u32) -> Share {
        let total = estimate.clamp(LEAST, MOST);
        let sound = match total {
            SPEECH_FIRST.. => 32_000,
            120_000.. => 24_000,
            _ => 16_000,
        };
        let rest = total.saturating_sub(sound + SOUND_HEADERS);
        // Headers of the picture, and what is sent twice.
        let bits = rest - rest / 10;
        self.now = self.size(bits);
        let video = self.now.map(|size| Video { bits, size });
        Share { sound, video }
    }

    fn size(&self, bits: u32) -> Option<Size> {
        let (_, best) = STEPS.into_iter().find(|(from, _)| bits >= *from)?;
        let Some((from, now)) = self
            .now
            .and_then(|now| STEPS.into_iter().find(|(_, size)| *size == now))
        else {
            return Some(best);
        };
        // Up only with room to spare.
        let pixels = |size: Size| size.width * size.height * size.rate;
        if pixels(best) > pixels(now) {
            let roomy = bits - bits / 6;
            let (_, best) = STEPS.into_iter().find(|(from, _)| roomy >= *from)?;
            return Some(if pixels(best) > pixels(now) {
                best
            } else {
                now
            });
        }
        Some(if bits >= from { now } else { best })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn fresh(estimate: u32) -> Share {
        Budget::default().share(estimate)
    }

    /// Proves T11: on a line of 1 Mbit/s the picture is at least 640x480 at 20 a second, and so it is down to 300 kbit/s.
    #[test]
    fn a_line_of_a_megabit_carries_signs() {
        for estimate in [START, 1_000_000, 5_000_000, SPEECH_FIRST] {
            let video = fresh(estimate).video.unwrap();
            assert!(
                video.size.height >= 480 && video.size.rate >= 20,
                "{estimate}"
            );
        }
        assert_eq!(fresh(1_000_000).video.unwrap().size.width, 720);
    }

    /// Proves T11: where the line is poor the picture gives way, speech does not.
    #[test]
    fn speech_is_first() {
        assert_eq!(fresh(SPEECH_FIRST).sound, 32_000);
        assert_eq!(fresh(200_000).sound, 24_000);
        let poor = fresh(90_000);
        assert_eq!((poor.sound, poor.video), (16_000, None));
        assert_eq!(fresh(0).sound, 16_000);
    }

    /// Proves T11: an estimate that trembles does not make the picture jump.
    #[test]
    fn sizes_do_not_flutter() {
        let mut budget = Budget::default();
        let mut sizes = Vec::new();
        for estimate in [320_000, 330_000].into_iter().cycle().take(20) {
            sizes.push(budget.share(estimate).video.unwrap().size);
        }
        sizes.dedup();
        assert_eq!(sizes.len(), 1, "{sizes:?}");
    }

    proptest! {
        /// Proves T11: what is sent never exceeds the estimate or the line's limit, and frames are kept where size can be given up.
        #[test]
        fn shares_fit(estimates in prop::collection::vec(0_u32..3_000_000, 1..40)) {
            let mut budget = Budget::default();
            for estimate in estimates {
                let Share { sound, video } = budget.share(estimate);
                let bits = video.map_or(0, |video| video.bits);
                prop_assert!(sound + SOUND_HEADERS + bits <= estimate.clamp(LEAST, MOST));
                if let Some(Video { size, .. }) = video {
                    prop_assert!(size.rate >= 20 || size.height <= 240);
                }
            }
        }
    }
}
