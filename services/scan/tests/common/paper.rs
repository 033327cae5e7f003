// SPDX-License-Identifier: EUPL-1.2
//! Papers as they come out, looked at by other programs: SANE's own, and poppler.

use std::path::Path;
use std::process::Command;

/// Runs a program of the toolbox.
pub fn run(command: &mut Command) -> Vec<u8> {
    let out = command.output().unwrap();
    assert!(
        out.status.success(),
        "{command:?}: {}",
        String::from_utf8_lossy(&out.stderr)
    );
    out.stdout
}

/// A picture: red, green and blue of each pixel.
pub struct Pixels {
    pub width: usize,
    pub height: usize,
    pub values: Vec<u8>,
}

impl Pixels {
    /// A PNM in colour.
    fn read(content: &[u8]) -> Self {
        let lines = content.split_inclusive(|byte| *byte == b'\n');
        let (mut words, mut start) = (Vec::new(), 0);
        for line in lines {
            if words.len() >= 4 {
                break;
            }
            start += line.len();
            if !line.starts_with(b"#") {
                let line = std::str::from_utf8(line).unwrap();
                words.extend(line.split_whitespace().map(str::to_owned));
            }
        }
        assert_eq!((words[0].as_str(), words[3].as_str()), ("P6", "255"));
        Self {
            width: words[1].parse().unwrap(),
            height: words[2].parse().unwrap(),
            values: content[start..].to_vec(),
        }
    }

    pub fn at(&self, x: usize, y: usize) -> [u8; 3] {
        let at = (y * self.width + x) * 3;
        [self.values[at], self.values[at + 1], self.values[at + 2]]
    }

    /// Turned by a quarter, clockwise.
    pub fn turned(&self) -> Self {
        let (width, height) = (self.height, self.width);
        let mut values = Vec::with_capacity(self.values.len());
        for y in 0..height {
            for x in 0..width {
                values.extend(self.at(y, self.height - 1 - x));
            }
        }
        Self {
            width,
            height,
            values,
        }
    }

    /// The mean of each square of so many dots.
    fn squares(&self) -> Vec<Vec<[f64; 3]>> {
        let square = |x: usize, y: usize| {
            let mut sum = [0.0; 3];
            for (y, x) in (y..y + SQUARE).flat_map(|y| (x..x + SQUARE).map(move |x| (y, x))) {
                for (sum, value) in sum.iter_mut().zip(self.at(x, y)) {
                    *sum += f64::from(value);
                }
            }
            sum.map(|sum| sum / (SQUARE * SQUARE) as f64)
        };
        let last = |side: usize| side - SQUARE + 1;
        let row = |y| {
            (0..last(self.width))
                .step_by(SQUARE)
                .map(|x| square(x, y))
                .collect()
        };
        (0..last(self.height)).step_by(SQUARE).map(row).collect()
    }

    /// How far what is seen is apart, in the mean of where both are: the same sheet drawn by two is a hair off.
    pub fn apart(&self, other: &Self) -> f64 {
        let (mut sum, mut count) = (0.0, 0.0);
        for (here, there) in self.squares().iter().zip(other.squares()) {
            for (here, there) in here.iter().zip(there) {
                sum += here
                    .iter()
                    .zip(there)
                    .map(|(a, b)| (a - b).abs())
                    .sum::<f64>();
                count += 3.0;
            }
        }
        sum / count
    }
}

/// The side of a square that is looked at as one.
const SQUARE: usize = 16;

/// As large, and white.
pub fn white(like: &Pixels) -> Pixels {
    let values = vec![255; like.values.len()];
    Pixels { values, ..*like }
}

/// What SANE's own program gets from the same scanner.
pub fn scanned(sane: &Path) -> Pixels {
    let mut command = Command::new("scanimage");
    command
        .env("SANE_CONFIG_DIR", sane)
        .args(["--format=pnm", "--mode=Color", "--resolution=300"])
        .args(["-x", "210", "-y", "297"]);
    Pixels::read(&run(&mut command))
}

/// A page of a PDF as poppler draws it, with 300 dots per inch.
pub fn drawn(pdf: &Path, page: u32) -> Pixels {
    let page = page.to_string();
    let mut command = Command::new("pdftoppm");
    command
        .args(["-r", "300", "-f", &page, "-l", &page])
        .arg(pdf);
    Pixels::read(&run(&mut command))
}

/// What poppler says of a PDF.
pub fn info(pdf: &Path) -> String {
    String::from_utf8(run(Command::new("pdfinfo").args(["-l", "-1"]).arg(pdf))).unwrap()
}

/// What a PDF says of itself (XMP).
pub fn about(pdf: &Path) -> String {
    String::from_utf8(run(Command::new("pdfinfo").arg("-meta").arg(pdf))).unwrap()
}

/// The pictures of a PDF as they are in it, the first.
pub fn first_picture(pdf: &Path) -> Pixels {
    let dir = pdf.with_extension("pictures");
    std::fs::create_dir_all(&dir).unwrap();
    run(Command::new("pdfimages")
        .args(["-l", "1"])
        .arg(pdf)
        .arg(dir.join("p")));
    let entry = std::fs::read_dir(&dir).unwrap().next().unwrap().unwrap();
    run(Command::new("convert")
        .arg(entry.path())
        .arg(dir.join("all.ppm")));
    Pixels::read(&std::fs::read(dir.join("all.ppm")).unwrap())
}

/// The kinds of a PDF's pictures: a line each.
pub fn pictures(pdf: &Path) -> Vec<String> {
    let list = String::from_utf8(run(Command::new("pdfimages").arg("-list").arg(pdf))).unwrap();
    list.lines().skip(2).map(str::to_owned).collect()
}
