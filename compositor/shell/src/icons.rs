// SPDX-License-Identifier: EUPL-1.2
//! The icons, drawn by ourselves on a field of 48 by 48 with lines of one width. They stand beside words only.

use site::Icon;

use crate::theme::Rgb;

/// Every icon of the shell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Glyph {
    /// One that a department has.
    Department(Icon),
    /// Back.
    Back,
    /// On, to the next page.
    Next,
    /// The languages.
    Languages,
    /// End.
    Finish,
    /// Chosen.
    Check,
    /// Not that.
    No,
    /// Take the last one away.
    Delete,
    /// Opening hours.
    Clock,
    /// Something to bring.
    Folder,
    /// A thing of a list.
    Dot,
    /// Something went wrong.
    Warning,
    /// The telephone.
    Phone,
    /// A secret.
    Lock,
    /// Waiting.
    Hourglass,
    /// Talk to somebody.
    Talk,
    /// Something to read.
    Read,
    /// Look for something.
    Search,
    /// A form, or a paper to read.
    Form,
    /// Something on paper.
    Print,
    /// Turn a page.
    Turn,
    /// Hand something in.
    Deliver,
    /// Call for help.
    Help,
    /// Larger text.
    Larger,
    /// More contrast.
    Contrast,
    /// Read out.
    Voice,
    /// Everything lower.
    Lower,
    /// The page before.
    Up,
    /// The next page.
    Down,
    /// It was good.
    Good,
    /// It was neither good nor bad.
    Fair,
    /// It was bad.
    Poor,
    /// What connects a case.
    Link,
    /// What feeds a case.
    Power,
    /// To see what is hidden.
    Eye,
    /// The keyboard on the screen.
    Keys,
    /// What is plugged in.
    Plug,
    /// End a call.
    HangUp,
    /// Both see each other.
    Camera,
    /// Pause.
    Pause,
    /// Sound goes out.
    Microphone,
    /// No sound goes out.
    Mute,
}

impl Glyph {
    const fn lines(self) -> &'static str {
        match self {
            Self::Department(icon) => department(icon),
            Self::Back => include_str!("../icons/back.svg"),
            Self::Next => include_str!("../icons/next.svg"),
            Self::Languages => include_str!("../icons/languages.svg"),
            Self::Finish => include_str!("../icons/finish.svg"),
            Self::Check => include_str!("../icons/check.svg"),
            Self::No => include_str!("../icons/no.svg"),
            Self::Delete => include_str!("../icons/delete.svg"),
            Self::Clock => include_str!("../icons/clock.svg"),
            Self::Folder => include_str!("../icons/folder.svg"),
            Self::Dot => include_str!("../icons/dot.svg"),
            Self::Warning => include_str!("../icons/warning.svg"),
            Self::Phone => include_str!("../icons/phone.svg"),
            Self::Lock => include_str!("../icons/lock.svg"),
            Self::Hourglass => include_str!("../icons/hourglass.svg"),
            Self::Talk => include_str!("../icons/talk.svg"),
            Self::Read => include_str!("../icons/read.svg"),
            Self::Search => include_str!("../icons/search.svg"),
            Self::Form => include_str!("../icons/paper.svg"),
            Self::Print => include_str!("../icons/print.svg"),
            Self::Turn => include_str!("../icons/turn.svg"),
            Self::Deliver => include_str!("../icons/deliver.svg"),
            Self::Help => include_str!("../icons/help.svg"),
            Self::Larger => include_str!("../icons/larger.svg"),
            Self::Contrast => include_str!("../icons/contrast.svg"),
            Self::Voice => include_str!("../icons/voice.svg"),
            Self::Lower => include_str!("../icons/lower.svg"),
            Self::Up => include_str!("../icons/up.svg"),
            Self::Down => include_str!("../icons/down.svg"),
            Self::Good => include_str!("../icons/good.svg"),
            Self::Fair => include_str!("../icons/fair.svg"),
            Self::Poor => include_str!("../icons/poor.svg"),
            Self::Link => include_str!("../icons/link.svg"),
            Self::Power => include_str!("../icons/power.svg"),
            Self::Eye => include_str!("../icons/eye.svg"),
            Self::Keys => include_str!("../icons/keys.svg"),
            Self::Plug => include_str!("../icons/plug.svg"),
            Self::HangUp => include_str!("../icons/hang-up.svg"),
            Self::Camera => include_str!("../icons/camera.svg"),
            Self::Pause => include_str!("../icons/pause.svg"),
            Self::Microphone => include_str!("../icons/microphone.svg"),
            Self::Mute => include_str!("../icons/mute.svg"),
        }
    }

    /// The SVG in this colour. `mirrored` turns round what points along the line of reading.
    pub fn svg(self, color: Rgb, mirrored: bool) -> String {
        let svg = self.lines().replace("currentColor", &color.hex());
        if mirrored
            && matches!(
                self,
                Self::Back | Self::Next | Self::Finish | Self::Delete | Self::Voice
            )
        {
            // The whole drawing turned round the middle of its field.
            let inner = svg.replacen(
                "viewBox=\"0 0 48 48\">",
                "viewBox=\"0 0 48 48\"><g transform=\"matrix(-1 0 0 1 48 0)\">",
                1,
            );
            return inner.replace("</svg>", "</g></svg>");
        }
        svg
    }

    /// All icons.
    pub fn all() -> impl Iterator<Item = Self> {
        let own = [
            Self::Back,
            Self::Next,
            Self::Languages,
            Self::Finish,
            Self::Check,
            Self::No,
            Self::Delete,
            Self::Clock,
            Self::Folder,
            Self::Dot,
            Self::Warning,
            Self::Phone,
            Self::Lock,
            Self::Hourglass,
            Self::Talk,
            Self::Read,
            Self::Search,
            Self::Print,
            Self::Turn,
            Self::Form,
            Self::Deliver,
            Self::Help,
            Self::Larger,
            Self::Contrast,
            Self::Voice,
            Self::Lower,
            Self::Up,
            Self::Down,
            Self::Good,
            Self::Fair,
            Self::Poor,
            Self::Link,
            Self::Power,
            Self::Eye,
        ];
        Icon::ALL.into_iter().map(Self::Department).chain(own)
    }
}

const fn department(icon: Icon) -> &'static str {
    match icon {
        Icon::IdCard => include_str!("../icons/id-card.svg"),
        Icon::Rings => include_str!("../icons/rings.svg"),
        Icon::House => include_str!("../icons/house.svg"),
        Icon::Pram => include_str!("../icons/pram.svg"),
        Icon::Blocks => include_str!("../icons/blocks.svg"),
        Icon::Car => include_str!("../icons/car.svg"),
        Icon::DrivingLicence => include_str!("../icons/driving-licence.svg"),
        Icon::Graduation => include_str!("../icons/graduation.svg"),
        Icon::Wheelchair => include_str!("../icons/wheelchair.svg"),
        Icon::Dog => include_str!("../icons/dog.svg"),
        Icon::Certificate => include_str!("../icons/certificate.svg"),
        Icon::Building => include_str!("../icons/building.svg"),
        Icon::Family => include_str!("../icons/family.svg"),
        Icon::Coins => include_str!("../icons/coins.svg"),
        Icon::Paper => include_str!("../icons/paper.svg"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Proves T13: every icon is a drawing that can be read, in either direction.
    #[test]
    fn icons_are_drawings() {
        for glyph in Glyph::all() {
            for mirrored in [false, true] {
                let svg = glyph.svg(Rgb(0, 0, 0), mirrored);
                let tree = resvg::usvg::Tree::from_str(&svg, &resvg::usvg::Options::default());
                assert!(
                    tree.is_ok_and(|tree| tree.root().has_children()),
                    "{glyph:?}"
                );
                assert!(!svg.contains("currentColor"));
            }
        }
    }
}
