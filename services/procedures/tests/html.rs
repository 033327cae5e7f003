// SPDX-License-Identifier: EUPL-1.2
//! What becomes of the HTML in a text, harmless or not.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A test ends at the first surprise.
#![allow(clippy::format_collect, clippy::format_push_string)] // Files to try things with may cost something.

mod common;

use common::{escape, message, module, parse, service};
use procedures::{Block, Kind};
use proptest::prelude::*;
use site::Language;

fn blocks(html: &str) -> Vec<Block> {
    let text = message(&service("1", &module("06", &[("de", &escape(html))])));
    let procedures = parse(text).unwrap();
    let procedure = procedures.get("1").unwrap();
    procedure
        .of_kind(Kind::Description, Language::De)
        .flat_map(|part| part.blocks.to_vec())
        .collect()
}

/// One line a block: `# heading`, `paragraph`, `- item`, `1 step`, two more spaces a level.
fn shown(html: &str) -> String {
    let mut lines = Vec::new();
    for block in blocks(html) {
        match block {
            Block::Heading(text) => lines.push(format!("# {text}")),
            Block::Paragraph(text) => lines.push(text),
            Block::List { ordered, items } => {
                let sign = if ordered { '1' } else { '-' };
                lines.extend(
                    items
                        .iter()
                        .map(|item| format!("{:1$}{sign} {2}", "", item.depth * 2, item.text)),
                );
            }
        }
    }
    lines.join("\n")
}

/// Proves T4: the HTML that portals write becomes headings, paragraphs and lists.
#[test]
fn usual_html_is_read() {
    let cases = [
        ("Nur Text.", "Nur Text."),
        ("<p>Eins.</p>\n<p>Zwei<br/>Drei</p>", "Eins.\nZwei\nDrei"),
        (
            "<h2>Vor dem <em>Termin</em></h2><p>Text",
            "# Vor dem Termin\nText",
        ),
        (
            "Davor<ul><li>A</li><li>B <b>fett</b></ul>Danach",
            "Davor\n- A\n- B fett\nDanach",
        ),
        (
            "<ol><li><p>A</p><p>A2</p></li><li>B</li></ol>",
            "1 A A2\n1 B",
        ),
        (
            "<ul><li>A<ul><li>A1<ol><li>A11<ul><li>tief</ul></ol></ul><li>B</ul>",
            "- A\n  - A1\n    - A11\n    - tief\n- B",
        ),
        ("<ul><li>A</ul><ul><li>B</ul>", "- A\n- B"),
        ("<li>allein</li>Text", "- allein\nText"),
        (
            "<table><tr><th>Alter<th>Preis<tr><td>24<td>37&nbsp;&euro;</table>",
            "Alter, Preis\n24, 37 €",
        ),
        (
            "<p>Gr&ouml;&szlig;e &sect;&nbsp;4 &#8211; &quot;a&quot; &unbekannt; & b</p>",
            "Größe § 4 – \"a\" &unbekannt; & b",
        ),
        (
            "<a href='https://www.example.de/a'>Antrag</a>.",
            "Antrag (www.example.de/a).",
        ),
        (
            "<a href='mailto:a@example.de'>a@example.de</a>",
            "a@example.de",
        ),
        ("<a href='https://example.de/'> </a>", "example.de"),
        ("<a href='#x'>oben</a> <a name=y>hier</a>", "oben hier"),
        ("<dl><dt>A<dd>B</dl>", "A\nB"),
        ("", ""),
    ];
    for (html, expected) in cases {
        assert_eq!(shown(html), expected, "{html}");
    }
}

/// Proves T12: no script, picture, frame, hidden text or trick gets through; what is around them does.
#[test]
fn hostile_html_is_text_or_nothing() {
    let cases = [
        ("a<script>alert(1)</script>b", "ab"),
        ("a<script><!-- <script> </script> x --></script>b", "ab"),
        ("a<script>unclosed", "a"),
        ("a<SCRIPT SRC=//x.example>x</SCRIPT >b", "ab"),
        ("a<scr<script>ipt>alert(1)</script>b", "aipt>alert(1)b"),
        ("a<style>p{}</style><style>", "a"),
        ("a<iframe src=x><p>in</p></iframe>b", "ab"),
        (
            "a<svg onload=alert(1)><text>in<script>x</script></text></svg>b",
            "ab",
        ),
        ("a<svg/>b<math><mtext>x</mtext></math>c", "abc"),
        ("a<img src=x onerror=alert(1) alt='Bild'>b", "ab"),
        ("<p onclick=\"alert('x')\">a</p>", "a"),
        ("<a href='javascript:alert(1)'>a</a>", "a"),
        (
            "<a href='https://bank.example@evil.example/'>Bank</a>",
            "Bank (evil.example)",
        ),
        (
            "a<object><embed>x</object><template>x<template>y</template>z</template>b",
            "ab",
        ),
        (
            "<form action=x>a<input value=x><select><option>x</select><textarea><b>x</textarea>b</form>",
            "ab",
        ),
        (
            "a<span hidden>x<span>y</span>z</span>b<i aria-hidden=TRUE>x</i>",
            "ab",
        ),
        (
            "a<span style='DISPLAY : none'>x</span><b style='color:red;visibility:hidden'>x</b>b",
            "ab",
        ),
        (
            "a<i style='dis/**/play:no\\ne'>x</i><i style='font-size:0px'>x</i><i style='opacity:.0'>x</i>b",
            "ab",
        ),
        ("a<i style='opacity:0.9;display:block'>x</i>b", "axb"),
        ("a\u{202e}gnp.exe\u{202c}b\u{200b}\u{ad}", "agnp.exeb"),
        ("a&#x202e;b&#0;&zwnj;&rlm;c", "ab\u{fffd}c"),
        ("a<!-- <b>x</b> -->b<!DOCTYPE html><?php x ?>c", "abc"),
        ("a<![CDATA[x]]>b", "ab"),
        ("<plaintext>x</plaintext>", ""),
        ("a<xmp><script></xmp>b", "ab"),
        (
            "<title>x</title><head><meta http-equiv=refresh></head>a",
            "a",
        ),
        ("a</p></ul></li></script></a></b>b", "a\nb"),
        ("<<<p>>a<b", "<<\n>a"),
        ("a<b", "a"),
    ];
    for (html, expected) in cases {
        assert_eq!(shown(html), expected, "{html}");
    }
}

/// Proves T4: a text that is all nesting, attributes or references takes no longer than others and overflows nothing.
#[test]
fn heavy_html_is_read_in_time() {
    // Escaped, `<` and `>` are four bytes each.
    let filled = |piece: &str| {
        let escaped = escape(piece).len();
        piece.repeat((procedures::limits::TEXT - 100) / escaped)
    };
    let mut attributes = String::new();
    for n in 0.. {
        attributes += &format!(" {n:x}");
        if attributes.len() > procedures::limits::TEXT - 100 {
            break;
        }
    }
    let heavy = [
        filled("<div>"),
        filled("<ul>"),
        filled("<b>"),
        filled("<svg>"),
        filled("<a href=x>"),
        filled("<td>x"),
        filled("<span hidden>"),
        filled("&amp;"),
        filled("&"),
        filled("<!--"),
        filled("e\u{301}"),
        format!("<p{}>", filled(" x")),
        format!("<p{attributes}>a"),
        format!("<p style='{}'>a", filled("/*")),
        format!("<script>{}", filled("<!--<script>")),
    ];
    let began = std::time::Instant::now();
    for html in &heavy {
        for block in blocks(html) {
            assert!(block != Block::Paragraph(String::new()));
        }
    }
    let took = began.elapsed();
    assert!(took.as_secs() < 20, "{took:?}");
}

fn texts(blocks: &[Block]) -> Vec<&str> {
    blocks
        .iter()
        .flat_map(|block| match block {
            Block::Heading(text) | Block::Paragraph(text) => vec![text.as_str()],
            Block::List { items, .. } => items.iter().map(|item| item.text.as_str()).collect(),
        })
        .collect()
}

proptest! {
    /// Proves T4: whatever stands in a text, what comes out is lines that say something.
    #[test]
    fn any_html_is_lines(html in "(<(/?)(p|ul|li|h1|a|br|script|b|svg|td)( (href|hidden|style)='[^'<>&]{0,9}')?>|&[a-z]{0,6};?|[^<>\u{0}-\u{1f}]{0,6}|<|>){0,40}") {
        let blocks = blocks(&html);
        for text in texts(&blocks) {
            prop_assert!(!text.is_empty() && text.trim() == text && !text.contains(['\n', '\t', '\u{202e}']), "{text:?}");
        }
    }
}
