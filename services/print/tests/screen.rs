// SPDX-License-Identifier: EUPL-1.2
//! Pages drawn for the screen, by the service as it runs on a device.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A test ends at the first surprise.

mod common;

use std::fmt::Write;
use std::process::Command;
use std::sync::mpsc::channel;

use api::print::{JobState, MAX_DRAWINGS, MAX_SIDE, PrintError, Printer};
use api::session::{Kind, document};
use common::documents::{pdf, pdf_of, png, run};
use common::{DEADLINE, Place, Service, free_port, go_on, has_begun, pipe};

const A4: &str = "[0 0 595 842]";

/// A drawn page.
struct Drawn {
    size: (u32, u32),
    pages: u32,
    pixels: Vec<u8>,
}

impl Drawn {
    /// Reads what was handed over: sealed memory with a PNG in it.
    fn read(memory: impl std::os::fd::AsFd, pages: u32) -> Self {
        let content = document::read(memory).unwrap();
        let decoder = png::Decoder::new(std::io::Cursor::new(content.as_slice()));
        let mut reader = decoder.read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut pixels).unwrap();
        assert_eq!(info.color_type, png::ColorType::Rgb);
        Self {
            size: (info.width, info.height),
            pages,
            pixels,
        }
    }

    /// The colour at a place, in percent of width and height.
    fn at(&self, x: u32, y: u32) -> [u8; 3] {
        let (w, h) = self.size;
        let at = ((y * h / 100 * w + x * w / 100) * 3) as usize;
        self.pixels[at..at + 3].try_into().unwrap()
    }
}

fn draw(
    service: &Service,
    kind: Kind,
    content: &[u8],
    page: u32,
    (w, h): (u32, u32),
) -> Result<Drawn, PrintError> {
    let sealed = document::seal(content).unwrap();
    let (picture, pages) = service.proxy.draw(kind, sealed.into(), page, w, h)?;
    Ok(Drawn::read(picture, pages))
}

/// Proves D3, T5: each page of a document, and each picture, is drawn as it is read, as large as there is room for; no printer is needed.
#[test]
fn pages_are_drawn_for_the_screen() {
    let place = Place::new();
    let service = place.service(free_port());
    let square = "0 g 200 300 195 242 re f";
    let two = pdf_of(&[(A4, ""), (A4, square)]);
    let first = draw(&service, Kind::Pdf, &two, 1, (800, 842)).unwrap();
    assert_eq!((first.size, first.pages), ((595, 842), 2));
    assert!(first.pixels.iter().all(|value| *value == 255));
    let second = draw(&service, Kind::Pdf, &two, 2, (800, 842)).unwrap();
    assert_eq!(second.size, (595, 842));
    assert_eq!(second.at(50, 50), [0; 3]);
    assert_eq!(second.at(50, 30), [255; 3]);
    assert_eq!(second.at(20, 50), [255; 3]);
    // What lies stays so, and what is small becomes large.
    let lies = pdf_of(&[("[0 0 842 595]", "1 0 0 rg 0 0 421 595 re f")]);
    let lies = draw(&service, Kind::Pdf, &lies, 1, (1684, 4000)).unwrap();
    assert_eq!(lies.size, (1684, 1190));
    assert_eq!((lies.at(25, 50), lies.at(75, 50)), ([255, 0, 0], [255; 3]));
    let picture = png(90, 60, |x, _| if x < 45 { [0, 0, 255] } else { [255; 3] });
    let (original, converted) = (place.path("picture.png"), place.path("picture.jpg"));
    std::fs::write(&original, &picture).unwrap();
    run(Command::new("convert").arg(&original).arg(&converted));
    let jpeg = std::fs::read(&converted).unwrap();
    for (kind, content) in [(Kind::Png, picture), (Kind::Jpeg, jpeg)] {
        let drawn = draw(&service, kind, &content, 1, (450, 450)).unwrap();
        assert_eq!((drawn.size, drawn.pages), ((450, 300), 1), "{kind:?}");
        let [r, g, b] = drawn.at(25, 50);
        assert!(r < 40 && g < 40 && b > 215, "{kind:?}: {r} {g} {b}");
        assert!(drawn.at(75, 50).iter().all(|value| *value > 215));
    }
    // The smallest and the largest there is.
    let dot = draw(&service, Kind::Pdf, &two, 1, (1, MAX_SIDE)).unwrap();
    assert_eq!(dot.size, (1, 1));
    let all = draw(&service, Kind::Pdf, &two, 2, (MAX_SIDE, MAX_SIDE)).unwrap();
    assert_eq!(all.size.1, MAX_SIDE);
}

/// Proves T7, D3: a page is drawn while another document is printed, and that goes on.
#[test]
fn pages_are_drawn_while_something_is_printed() {
    let place = Place::new();
    let (whole, paper) = (place.path("whole"), place.path("paper"));
    pipe(&whole);
    pipe(&paper);
    let printer = place.printer("image/pwg-raster", ": > whole; read < paper");
    let service = place.service(printer.port);
    service.until_printer(Printer::Ready);
    service.print(Kind::Pdf, &pdf(&["eins"]), 1).unwrap();
    has_begun(&whole);
    let drawn = draw(&service, Kind::Pdf, &pdf(&["zwei"]), 1, (300, 300)).unwrap();
    assert_eq!((drawn.size.1, drawn.pages), (300, 1));
    assert!(service.job().state.is_under_way());
    go_on(&paper);
    assert_eq!(service.until_over().state, JobState::Done);
}

/// Proves T12, D3: what cannot be drawn is refused with its reason, and the service goes on.
#[test]
fn what_cannot_be_drawn_is_refused() {
    let place = Place::new();
    let service = place.service(free_port());
    let good = pdf(&["eins", "zwei"]);
    let (open, locked) = (place.path("open.pdf"), place.path("locked.pdf"));
    std::fs::write(&open, &good).unwrap();
    run(Command::new("qpdf")
        .args(["--encrypt", "user", "owner", "256", "--"])
        .arg(&open)
        .arg(&locked));
    let locked = std::fs::read(&locked).unwrap();
    let huge = pdf_of(&[("[0 0 900000 900000]", "")]);
    let noise: Vec<u8> = (0..10_000_u32)
        .map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8)
        .collect();
    let tall = png(1, 20_001, |_, _| [0; 3]);
    for (name, kind, content, page, says) in [
        ("no page 0", Kind::Pdf, &good, 0, "pages 1 to 2"),
        ("no page 3", Kind::Pdf, &good, 3, "pages 1 to 2"),
        ("last page", Kind::Pdf, &good, u32::MAX, "pages 1 to 2"),
        ("locked", Kind::Pdf, &locked, 1, "locked"),
        ("huge", Kind::Pdf, &huge, 1, "too large"),
        ("tall", Kind::Png, &tall, 1, "too large"),
        ("noise", Kind::Pdf, &noise, 1, "damaged"),
        ("noise", Kind::Png, &noise, 1, "damaged"),
        ("noise", Kind::Jpeg, &noise, 1, "damaged"),
        ("torn", Kind::Pdf, &good[..40].to_vec(), 1, "damaged"),
        ("another kind", Kind::Jpeg, &good, 1, "damaged"),
        ("text", Kind::Text, &good, 1, "plain text"),
    ] {
        match draw(&service, kind, content, page, (100, 100)) {
            Err(PrintError::BadInput(text)) => assert!(text.contains(says), "{name}: {text}"),
            Err(error) => panic!("{name}: {error:?}"),
            Ok(_) => panic!("{name} was drawn"),
        }
    }
    // No sealed memory.
    let file = std::fs::File::open(&open).unwrap();
    let content = std::os::fd::OwnedFd::from(file).into();
    let refused = service.proxy.draw(Kind::Pdf, content, 1, 100, 100);
    assert!(
        matches!(refused, Err(PrintError::BadInput(_))),
        "{refused:?}"
    );
    assert!(draw(&service, Kind::Pdf, &good, 2, (100, 100)).is_ok());
}

/// A page on which each of so many forms is drawn twice by the one before: as good as endless.
fn endless() -> Vec<u8> {
    let levels = 40;
    let mut form = String::from("q Q");
    let mut objects = vec![
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        format!(
            "<< /Type /Page /Parent 2 0 R /MediaBox {A4} /Contents 4 0 R /Resources << /XObject << /X {} 0 R >> >> >>",
            4 + levels
        ),
        "<< /Length 5 >>\nstream\n/X Do\nendstream".to_owned(),
    ];
    for level in 0..levels {
        let next = 4 + level;
        objects.push(format!(
            "<< /Type /XObject /Subtype /Form /BBox {A4} /Resources << /XObject << /X {next} 0 R >> >> /Length {} >>\nstream\n{form}\nendstream",
            form.len()
        ));
        form = String::from("/X Do /X Do");
    }
    let mut out = "%PDF-1.7\n".to_owned();
    for (i, object) in objects.iter().enumerate() {
        write!(out, "{} 0 obj\n{object}\nendobj\n", i + 1).unwrap();
    }
    out.push_str("trailer << /Root 1 0 R >>\n%%EOF\n");
    out.into_bytes()
}

/// Proves T12, T15: a page that would be drawn for ever is ended, no more than a few are drawn at the same time, and whoever wants
/// something else of the service gets it meanwhile.
#[test]
fn endless_pages_are_ended() {
    let place = Place::new();
    let service = place.service(free_port());
    let endless = endless();
    let (tell, told) = channel();
    for _ in 0..=MAX_DRAWINGS {
        let (proxy, tell) = (service.proxy.clone(), tell.clone());
        let content = document::seal(&endless).unwrap();
        std::thread::spawn(move || {
            let drawn = proxy.draw(Kind::Pdf, content.into(), 1, 1000, 1000);
            tell.send(drawn.map(drop)).unwrap();
        });
    }
    // One of them is too many, and is told so at once.
    let first = told.recv_timeout(DEADLINE).unwrap();
    assert!(
        matches!(first, Err(PrintError::NotExpected(_))),
        "{first:?}"
    );
    let print = service.print(Kind::Pdf, &pdf(&["eins"]), 1);
    assert!(matches!(print, Err(PrintError::NoPrinter(_))), "{print:?}");
    for _ in 0..MAX_DRAWINGS {
        let ended = told.recv_timeout(DEADLINE).unwrap();
        let Err(PrintError::BadInput(text)) = ended else {
            panic!("{ended:?}")
        };
        assert!(text.contains("too much"), "{text}");
    }
    assert!(draw(&service, Kind::Pdf, &pdf(&["eins"]), 1, (100, 100)).is_ok());
}
