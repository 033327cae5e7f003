// SPDX-License-Identifier: EUPL-1.2
//! What the desk asks to be scanned, and how far it is with it. Pure.

use api::call::papers::ScanAnswer;
use api::scan::Trouble;

/// What the terminal says of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scanning {
    /// This has been answered.
    Answered(ScanAnswer),
    /// Something else that was asked is not done yet.
    NotNow,
}

impl Scanning {
    /// Its number on the way, and that of its reason; 0 where there is none.
    pub fn codes(self) -> (u8, u8) {
        match self {
            Self::Answered(ScanAnswer::Agreed) => (1, 0),
            Self::Answered(ScanAnswer::Hindered(trouble)) => (2, code(trouble)),
            Self::Answered(ScanAnswer::Declined) => (3, 0),
            Self::Answered(ScanAnswer::Sent) => (4, 0),
            Self::Answered(ScanAnswer::Failed(trouble)) => (5, code(trouble)),
            Self::NotNow => (6, 0),
        }
    }

    /// Reads them.
    pub fn of(codes: (u8, u8)) -> Option<Self> {
        let answer = match codes {
            (1, 0) => ScanAnswer::Agreed,
            (2, reason) => ScanAnswer::Hindered(trouble(reason)?),
            (3, 0) => ScanAnswer::Declined,
            (4, 0) => ScanAnswer::Sent,
            (5, reason) => ScanAnswer::Failed(trouble(reason)?),
            (6, 0) => return Some(Self::NotNow),
            _ => return None,
        };
        Some(Self::Answered(answer))
    }
}

/// The number of a trouble on the way: its place among all of them, from 1 on.
fn code(trouble: Trouble) -> u8 {
    let place = Trouble::ALL.iter().position(|one| *one == trouble);
    place.map_or(0, |place| place as u8 + 1)
}

fn trouble(code: u8) -> Option<Trouble> {
    Trouble::ALL
        .into_iter()
        .find(|one| self::code(*one) == code)
}

/// A scan that the desk has asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scan {
    /// Its number.
    pub request: u32,
    /// What the terminal has answered last.
    pub answer: Option<ScanAnswer>,
}

impl Scan {
    /// One that nobody has answered.
    pub const fn new(request: u32) -> Self {
        Self {
            request,
            answer: None,
        }
    }

    /// Whether the desk waits for more.
    pub fn is_open(&self) -> bool {
        self.answer.is_none_or(|answer| !answer.is_last())
    }

    /// Takes an answer, if it may come now.
    pub fn answer(&mut self, answer: ScanAnswer) -> bool {
        let fits = answer.follows(self.answer);
        if fits {
            self.answer = Some(answer);
        }
        fits
    }
}
