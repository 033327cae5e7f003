// SPDX-License-Identifier: EUPL-1.2
//! Documents, good ones and others.

use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::Command;

/// A PDF of A4 pages with a line of text each.
pub fn pdf(lines: &[&str]) -> Vec<u8> {
    let texts: Vec<String> = lines
        .iter()
        .map(|line| format!("BT /F 28 Tf 70 700 Td ({line}) Tj ET"))
        .collect();
    let pages: Vec<(&str, &str)> = texts
        .iter()
        .map(|text| ("[0 0 595 842]", text.as_str()))
        .collect();
    pdf_of(&pages)
}

/// A PDF of pages with these boxes and contents.
pub fn pdf_of(pages: &[(&str, &str)]) -> Vec<u8> {
    let mut objects = vec!["<< /Type /Catalog /Pages 2 0 R >>".to_owned()];
    let kids: Vec<String> = (0..pages.len())
        .map(|i| format!("{} 0 R", 4 + 2 * i))
        .collect();
    let (kids, count) = (kids.join(" "), pages.len());
    objects.push(format!("<< /Type /Pages /Kids [{kids}] /Count {count} >>"));
    objects.push("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_owned());
    for (i, (media, content)) in pages.iter().enumerate() {
        let length = content.len();
        objects.push(format!(
            "<< /Type /Page /Parent 2 0 R /MediaBox {media} /Contents {} 0 R /Resources << /Font << /F 3 0 R >> >> >>",
            5 + 2 * i
        ));
        objects.push(format!(
            "<< /Length {length} >>\nstream\n{content}\nendstream"
        ));
    }
    let mut out = "%PDF-1.7\n".to_owned();
    let mut places = Vec::new();
    for (i, object) in objects.iter().enumerate() {
        places.push(out.len());
        write!(out, "{} 0 obj\n{object}\nendobj\n", i + 1).unwrap();
    }
    let (table, size) = (out.len(), objects.len() + 1);
    write!(out, "xref\n0 {size}\n0000000000 65535 f \n").unwrap();
    for place in places {
        writeln!(out, "{place:010} 00000 n ").unwrap();
    }
    write!(
        out,
        "trailer << /Size {size} /Root 1 0 R >>\nstartxref\n{table}\n%%EOF\n"
    )
    .unwrap();
    out.into_bytes()
}

/// A PNG of this size with pixels by `colour`.
pub fn png(width: u32, height: u32, colour: impl Fn(u32, u32) -> [u8; 3]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut encoder = png::Encoder::new(&mut out, width, height);
    encoder.set_color(png::ColorType::Rgb);
    let mut writer = encoder.write_header().unwrap();
    let mut pixels = Vec::new();
    for y in 0..height {
        for x in 0..width {
            pixels.extend_from_slice(&colour(x, y));
        }
    }
    writer.write_image_data(&pixels).unwrap();
    writer.finish().unwrap();
    out
}

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

/// What arrived at the printer as a PDF: by CUPS' own reader of rasters.
pub fn as_pdf(arrived: &Path, format: &str, to: &Path) {
    let mut command = Command::new("/usr/lib/cups/filter/rastertopdf");
    command
        .args(["1", "user", "title", "1", ""])
        .arg(arrived)
        .env("CONTENT_TYPE", format)
        .env("FINAL_CONTENT_TYPE", "application/pdf");
    fs::write(to, run(&mut command)).unwrap();
}

/// A page of a PDF as a grey picture: width, height, pixels.
pub fn pixels(pdf: &Path, page: u32, dpi: u32) -> (usize, usize, Vec<u8>) {
    let (page, dpi) = (page.to_string(), dpi.to_string());
    let out = run(Command::new("pdftoppm")
        .args(["-gray", "-f", &page, "-l", &page, "-r", &dpi])
        .arg(pdf));
    let mut fields = out.splitn(4, |c| *c == b'\n' || *c == b' ');
    let mut number = || -> usize {
        std::str::from_utf8(fields.next().unwrap())
            .unwrap()
            .parse()
            .unwrap_or(5)
    };
    let (_, width, height) = (number(), number(), number());
    let rest = fields.next().unwrap();
    // After the greatest value.
    let start = rest.iter().position(|c| *c == b'\n').unwrap() + 1;
    (width, height, rest[start..].to_vec())
}

/// The text of a page of a PDF of pictures, read by tesseract.
pub fn read(pdf: &Path, page: u32, dir: &Path) -> String {
    let (name, page) = (dir.join("page"), page.to_string());
    run(Command::new("pdftoppm")
        .args([
            "-gray",
            "-r",
            "150",
            "-singlefile",
            "-f",
            &page,
            "-l",
            &page,
        ])
        .arg(pdf)
        .arg(&name));
    let picture = dir.join("page.pgm");
    let said = run(Command::new("tesseract")
        .arg(picture)
        .args(["-", "--psm", "6"]));
    String::from_utf8_lossy(&said).into_owned()
}
