// SPDX-License-Identifier: EUPL-1.2
//! Pictures of every page of every screen in every language and mode, and a page to look at them: `cargo os gallery`.
//!
//! What is shown is what the tests walk. The page needs no script and nothing from elsewhere.

#[path = "../tests/common/mod.rs"]
#[allow(clippy::unwrap_used)] // What the tests walk is made of what is known to be there.
mod common;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use clap::Parser;
use common::matrix::{self, Setting, each_page};
use common::measure::all;
use miette::{IntoDiagnostic, Result, WrapErr, miette};
use shell::i18n::Texts;
use shell::theme::{TextSize, Theme};
use site::Language;
use tiny_skia::Pixmap;

/// Makes the pictures and the page.
#[derive(Debug, Parser)]
struct Arguments {
    /// Where to
    #[arg(long)]
    out: PathBuf,
    /// Every setting there is, not only those that the tests look at
    #[arg(long)]
    all: bool,
}

/// A picture, and what it shows.
struct Picture {
    setting: Setting,
    screen: String,
    page: usize,
    file: String,
    size: (u32, u32),
    /// Where it comes in the order of screens and settings.
    place: (usize, usize),
}

fn main() -> Result<()> {
    let Arguments { out, all } = Arguments::parse();
    let settings = if all {
        matrix::everything()
    } else {
        matrix::sample()
    };
    std::fs::create_dir_all(&out)
        .into_diagnostic()
        .wrap_err_with(|| format!("cannot create {}", out.display()))?;
    let (next, done) = (
        Mutex::new(settings.iter().enumerate()),
        Mutex::new(Vec::new()),
    );
    let work = || -> Result<()> {
        loop {
            let taken = next.lock().ok().and_then(|mut next| next.next());
            let Some((number, setting)) = taken else {
                return Ok(());
            };
            let pictures = pictures(&out, number, setting)?;
            if let Ok(mut done) = done.lock() {
                done.push(pictures);
                println!("{}/{}", done.len(), settings.len());
            }
        }
    };
    std::thread::scope(|scope| {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        threads.into_iter().try_for_each(|thread| {
            thread
                .join()
                .map_err(|_| miette!("a picture could not be made"))?
        })
    })?;
    let mut pictures: Vec<Picture> = done
        .into_inner()
        .unwrap_or_default()
        .into_iter()
        .flatten()
        .collect();
    pictures.sort_by_key(|picture| picture.place);
    write(&out.join("index.html"), page(&pictures).as_bytes())
}

fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    std::fs::write(path, bytes)
        .into_diagnostic()
        .wrap_err_with(|| format!("cannot write {}", path.display()))
}

/// Makes all pictures of one setting.
fn pictures(out: &Path, number: usize, setting: &Setting) -> Result<Vec<Picture>> {
    // No side of a picture is longer than 960; it has as many units as the screen.
    let (w, h) = setting.device.pixels;
    let canvas = setting.device.canvas(w.max(h).div_ceil(960));
    let (texts, mut engine, mut painter) = (Texts::default(), common::engine(), common::painter());
    let pages = each_page(
        setting.language,
        setting.modes,
        &canvas,
        &texts,
        &mut engine,
    );
    let mut pixels = Pixmap::new(canvas.width, canvas.height)
        .ok_or_else(|| miette!("no picture can be {} x {}", canvas.width, canvas.height))?;
    let mut pictures = Vec::new();
    let (mut screens, mut page) = (0, 0);
    for shown in pages {
        let new = pictures
            .last()
            .is_none_or(|last: &Picture| last.screen != shown.screen);
        if new {
            (screens, page) = (screens + 1, 0);
        }
        page += 1;
        let part = all(&pixels);
        painter.paint(&shown.scene, &part, &mut engine, &mut pixels);
        let file = format!("{number:03}-{}-{page}.png", shown.screen);
        let png = pixels.encode_png().into_diagnostic()?;
        write(&out.join(&file), &png)?;
        pictures.push(Picture {
            setting: *setting,
            screen: shown.screen,
            page,
            file,
            size: (canvas.width, canvas.height),
            place: (screens, number),
        });
    }
    Ok(pictures)
}

/// A filter of the page: its name, what can be chosen, and what a picture is in it.
struct Filter {
    name: &'static str,
    choices: Vec<(String, String)>,
    of: fn(&Setting) -> String,
}

fn filters() -> Vec<Filter> {
    let choice = |value: &str, label: &str| (value.to_owned(), label.to_owned());
    let languages = Language::ALL.map(|language| choice(language.tag(), language.tag()));
    let themes = [
        (Theme::Paper, "paper"),
        (Theme::Light, "black on white"),
        (Theme::Dark, "white on black"),
    ];
    let sizes = TextSize::ALL.map(|text| {
        let percent = text.percent().to_string();
        choice(&percent, &format!("{percent} %"))
    });
    let devices = matrix::devices();
    vec![
        Filter {
            name: "language",
            choices: languages.into(),
            of: |setting| setting.language.tag().to_owned(),
        },
        Filter {
            name: "colours",
            choices: themes
                .map(|(theme, label)| choice(&format!("{theme:?}"), label))
                .into(),
            of: |setting| format!("{:?}", setting.modes.theme),
        },
        Filter {
            name: "text",
            choices: sizes.into(),
            of: |setting| setting.modes.text.percent().to_string(),
        },
        Filter {
            name: "height",
            choices: vec![choice("false", "all"), choice("true", "low")],
            of: |setting| setting.modes.lower.to_string(),
        },
        Filter {
            name: "device",
            choices: devices
                .iter()
                .map(|device| choice(device.name, device.name))
                .collect(),
            of: |setting| setting.device.name.to_owned(),
        },
    ]
}

fn page(pictures: &[Picture]) -> String {
    let filters = filters();
    let (mut head, mut rules, mut body) = (String::new(), String::new(), String::new());
    for Filter { name, choices, of } in &filters {
        let used = |value: &str| pictures.iter().any(|picture| of(&picture.setting) == value);
        let _ = write!(
            head,
            "<fieldset><legend>{name}</legend><label><input type=radio name={name} checked>any</label>"
        );
        for (i, (value, label)) in choices.iter().enumerate() {
            if used(value) {
                let id = format!("{name}-{i}");
                let _ = write!(
                    head,
                    "<label><input type=radio name={name} id={id}>{label}</label>"
                );
                let _ = writeln!(
                    rules,
                    "body:has(#{id}:checked) figure:not([data-{name}=\"{value}\"]){{display:none}}"
                );
            }
        }
        head.push_str("</fieldset>\n");
    }
    for screen in pictures.chunk_by(|a, b| a.screen == b.screen) {
        let name = &screen[0].screen;
        let _ = writeln!(body, "<section id={name}><h2>{name}</h2>");
        for picture in screen {
            let Picture {
                setting,
                page,
                file,
                size: (w, h),
                ..
            } = picture;
            let page = if *page > 1 {
                format!(", page {page}")
            } else {
                String::new()
            };
            let caption = setting.name(&format!("{name}{page}"));
            let mut data = String::new();
            for filter in &filters {
                let _ = write!(data, " data-{}=\"{}\"", filter.name, (filter.of)(setting));
            }
            let _ = writeln!(
                body,
                "<figure{data}><a href=\"{file}\"><img loading=lazy width={w} height={h} src=\"{file}\" alt=\"{caption}\"></a><figcaption>{caption}</figcaption></figure>"
            );
        }
        body.push_str("</section>\n");
    }
    let count = pictures.len();
    format!(
        "<!doctype html>\n<html lang=en><meta charset=utf-8><meta name=viewport content=\"width=device-width\">\n\
         <title>Amtsnah: every screen</title>\n<style>\n{STYLE}{rules}</style>\n\
         <header><h1>Every screen <small>{count} pictures</small></h1>\n<form>{head}</form></header>\n\
         <main>\n{body}</main>\n</html>\n"
    )
}

const STYLE: &str = "\
body{margin:0;background:#faf7f0;color:#1c1b1a;font:16px/1.4 'Atkinson Hyperlegible',system-ui,sans-serif}
header{position:sticky;top:0;background:#f1ece0;border-bottom:1px solid #8b8376;padding:.5rem 1.5rem;z-index:1}
h1{font-size:1.2rem;margin:0 0 .3rem}
h1 small{font-weight:normal;color:#4c4842}
form{display:flex;flex-wrap:wrap;gap:.3rem 1.2rem}
fieldset{border:0;padding:0;margin:0;display:flex;flex-wrap:wrap;gap:0 .7rem;align-items:baseline}
legend{float:left;font-weight:bold;padding:0 .5rem 0 0}
label{white-space:nowrap}
main{padding:0 1.5rem 3rem}
section{display:flex;flex-wrap:wrap;gap:1rem;align-items:flex-start}
section:not(:has(figure)){display:none}
h2{flex-basis:100%;margin:1.5rem 0 0;font-size:1.1rem;scroll-margin-top:8rem}
figure{margin:0}
img{width:auto;height:270px;border:1px solid #8b8376;border-radius:4px;display:block}
figcaption{font-size:.8rem;color:#4c4842;max-width:30rem}
";
