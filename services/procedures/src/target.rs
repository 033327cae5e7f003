// SPDX-License-Identifier: EUPL-1.2
//! Where a link leads, as text: something to write down, as there is nothing to open at a terminal.

/// The longest address that somebody would copy by hand.
const LONGEST: usize = 60;

/// The address behind `href` as one would write it, or nothing if it is not one for people.
pub fn target(href: &str) -> Option<String> {
    // Browsers take line breaks and tabs out of addresses.
    let href: String = href.trim().chars().filter(|c| !c.is_control()).collect();
    let (scheme, rest) = href.split_once(':')?;
    match scheme.to_ascii_lowercase().as_str() {
        "http" | "https" => web(rest.strip_prefix("//")?),
        "mailto" => mail(rest),
        "tel" => phone(rest),
        _ => None,
    }
}

/// Host and path. What stands before an `@` only pretends to be the host.
fn web(rest: &str) -> Option<String> {
    let end = rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let host = authority.rsplit('@').next()?.to_ascii_lowercase();
    let ok =
        |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':' | 'ä' | 'ö' | 'ü' | 'ß');
    if host.is_empty() || !host.chars().all(ok) || host.chars().count() > LONGEST {
        return None;
    }
    let path = path
        .split(['?', '#'])
        .next()
        .unwrap_or_default()
        .trim_end_matches('/');
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '.' | '-' | '_' | '~');
    if path.chars().all(plain) && host.chars().count() + path.len() <= LONGEST {
        return Some(host + path);
    }
    Some(host)
}

fn mail(rest: &str) -> Option<String> {
    let address = rest.split('?').next()?;
    let ok = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '+' | '@');
    let (name, host) = address.split_once('@')?;
    (!name.is_empty()
        && host.contains('.')
        && !host.contains('@')
        && address.len() <= LONGEST
        && address.chars().all(ok))
    .then(|| address.to_owned())
}

fn phone(rest: &str) -> Option<String> {
    let ok = |c: char| c.is_ascii_digit() || matches!(c, ' ' | '+' | '-' | '/' | '(' | ')');
    let number = rest.trim();
    ((3..=24).contains(&number.len())
        && number.chars().all(ok)
        && number.contains(|c: char| c.is_ascii_digit()))
    .then(|| number.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Proves T4: an address is shown as one would copy it, and only the real host is.
    #[test]
    fn addresses_are_for_people() {
        let shown = |href: &str| target(href).unwrap_or_default();
        assert_eq!(
            shown("https://www.example.de/amt/antrag.pdf?session=1#x"),
            "www.example.de/amt/antrag.pdf"
        );
        assert_eq!(shown(" HTTPS://Example.DE/ "), "example.de");
        assert_eq!(
            shown("https://sparkasse.de@evil.example/x"),
            "evil.example/x"
        );
        assert_eq!(
            shown(&format!("https://example.de/{}", "x".repeat(90))),
            "example.de"
        );
        assert_eq!(shown("mailto:amt@example.de?subject=x"), "amt@example.de");
        assert_eq!(shown("tel:+49 3581 000"), "+49 3581 000");
        for nothing in [
            "javascript:alert(1)",
            "java\nscript:alert(1)",
            "data:text/html,x",
            "file:///etc/passwd",
            "/relativ",
            "#top",
            "",
            "https:",
            "https://",
            "https://\u{202e}ed.example",
            "mailto:x",
            "tel:x",
            "vbscript:x",
            "//example.de",
        ] {
            assert_eq!(target(nothing), None, "{nothing:?}");
        }
    }
}
