// SPDX-License-Identifier: EUPL-1.2
//! The packing of both rasters: equal lines are counted, then runs of equal pixels, as `PackBits` does with bytes.

/// The most lines, or pixels, that one count tells.
const LINES: usize = 256;
const PIXELS: usize = 128;

/// Appends `pixels`, `line` bytes a line and `samples` bytes a pixel, to `out`.
pub fn pack(out: &mut Vec<u8>, pixels: &[u8], line: usize, samples: usize) {
    let mut lines = pixels.chunks_exact(line.max(1)).peekable();
    while let Some(this) = lines.next() {
        let mut same = 1;
        while same < LINES && lines.next_if_eq(&this).is_some() {
            same += 1;
        }
        out.push((same - 1) as u8);
        pack_line(out, this, samples.max(1));
    }
}

fn pack_line(out: &mut Vec<u8>, line: &[u8], samples: usize) {
    let mut rest = line;
    while rest.len() >= samples {
        let pixel = &rest[..samples];
        let equal = run(rest, samples, |next, _| next == pixel);
        if equal > 1 {
            out.push((equal - 1) as u8);
            out.extend_from_slice(pixel);
            rest = &rest[equal * samples..];
            continue;
        }
        // Up to where two are equal.
        let unequal =
            1 + run(&rest[samples..], samples, |next, after| after != Some(next)).min(PIXELS - 1);
        if unequal == 1 {
            out.push(0);
        } else {
            out.push((257 - unequal) as u8);
        }
        out.extend_from_slice(&rest[..unequal * samples]);
        rest = &rest[unequal * samples..];
    }
}

/// How many pixels from the first on are such, by themselves and the one after them.
fn run(pixels: &[u8], samples: usize, such: impl Fn(&[u8], Option<&[u8]>) -> bool) -> usize {
    let mut count = 0;
    let mut each = pixels.chunks_exact(samples).peekable();
    while count < PIXELS
        && let Some(pixel) = each.next()
        && such(pixel, each.peek().copied())
    {
        count += 1;
    }
    count
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// As the standard tells it.
    fn unpack(packed: &[u8], line: usize, samples: usize) -> Vec<u8> {
        let (mut out, mut at) = (Vec::new(), 0);
        while at < packed.len() {
            let lines = usize::from(packed[at]) + 1;
            at += 1;
            let mut this = Vec::new();
            while this.len() < line {
                let code = usize::from(packed[at]);
                at += 1;
                if code < 128 {
                    for _ in 0..=code {
                        this.extend_from_slice(&packed[at..at + samples]);
                    }
                    at += samples;
                } else {
                    let raw = (257 - code) * samples;
                    this.extend_from_slice(&packed[at..at + raw]);
                    at += raw;
                }
            }
            assert_eq!(this.len(), line);
            for _ in 0..lines {
                out.extend_from_slice(&this);
            }
        }
        out
    }

    /// Proves T7: an empty page is sent in a few hundred bytes.
    #[test]
    fn white_is_small() {
        let mut out = Vec::new();
        pack(&mut out, &vec![255; 2480 * 3508], 2480, 1);
        assert!(out.len() < 1000, "{}", out.len());
        assert_eq!(unpack(&out, 2480, 1), vec![255; 2480 * 3508]);
    }

    proptest! {
        /// Proves T7: what a printer unpacks is what was packed, in grey and in colour.
        #[test]
        fn what_is_packed_is_unpacked(
            samples in prop::sample::select(vec![1_usize, 3]),
            width in 1_usize..400,
            lines in prop::collection::vec((any::<u64>(), 1_usize..300), 1..4),
        ) {
            let mut pixels = Vec::new();
            for (seed, times) in lines {
                // Long runs, short ones and none.
                let line: Vec<u8> = (0..width * samples)
                    .map(|i| (seed.rotate_left((i / samples / 5) as u32) & seed & 3) as u8)
                    .collect();
                for _ in 0..times {
                    pixels.extend_from_slice(&line);
                }
            }
            let mut out = Vec::new();
            pack(&mut out, &pixels, width * samples, samples);
            prop_assert_eq!(unpack(&out, width * samples, samples), pixels);
        }
    }
}
