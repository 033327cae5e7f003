// SPDX-License-Identifier: EUPL-1.2
//! The public holidays of Saxony, computed (`SächsSFG` § 1).

use jiff::ToSpan as _;
use jiff::civil::{Date, Weekday};

/// A public holiday.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // Each is what it is called.
pub enum Holiday {
    NewYear,
    GoodFriday,
    EasterMonday,
    LabourDay,
    Ascension,
    WhitMonday,
    GermanUnity,
    Reformation,
    Repentance,
    Christmas,
    BoxingDay,
}

impl Holiday {
    /// All of a year.
    const ALL: [Self; 11] = [
        Self::NewYear,
        Self::GoodFriday,
        Self::EasterMonday,
        Self::LabourDay,
        Self::Ascension,
        Self::WhitMonday,
        Self::GermanUnity,
        Self::Reformation,
        Self::Repentance,
        Self::Christmas,
        Self::BoxingDay,
    ];

    /// A word that translations are looked up by.
    pub const fn word(self) -> &'static str {
        match self {
            Self::NewYear => "new-year",
            Self::GoodFriday => "good-friday",
            Self::EasterMonday => "easter-monday",
            Self::LabourDay => "labour-day",
            Self::Ascension => "ascension",
            Self::WhitMonday => "whit-monday",
            Self::GermanUnity => "german-unity",
            Self::Reformation => "reformation",
            Self::Repentance => "repentance",
            Self::Christmas => "christmas",
            Self::BoxingDay => "boxing-day",
        }
    }

    /// The day in a year.
    pub fn in_year(self, year: i16) -> Option<Date> {
        let fixed = |month, day| Date::new(year, month, day).ok();
        let from_easter = |days: i64| easter(year)?.checked_add(days.days()).ok();
        match self {
            Self::NewYear => fixed(1, 1),
            Self::GoodFriday => from_easter(-2),
            Self::EasterMonday => from_easter(1),
            Self::LabourDay => fixed(5, 1),
            Self::Ascension => from_easter(39),
            Self::WhitMonday => from_easter(50),
            Self::GermanUnity => fixed(10, 3),
            Self::Reformation => fixed(10, 31),
            // Buß- und Bettag: the Wednesday before the 23rd of November.
            Self::Repentance => {
                let last = fixed(11, 22)?;
                let after = last.weekday().since(Weekday::Wednesday);
                last.checked_sub(i64::from(after).days()).ok()
            }
            Self::Christmas => fixed(12, 25),
            Self::BoxingDay => fixed(12, 26),
        }
    }
}

/// The holiday that a day is, if any.
pub fn holiday(day: Date) -> Option<Holiday> {
    Holiday::ALL
        .into_iter()
        .find(|holiday| holiday.in_year(day.year()) == Some(day))
}

/// Easter Sunday of the Gregorian calendar (Meeus, Jones, Butcher), with the letters of the books.
#[allow(clippy::many_single_char_names)]
fn easter(year: i16) -> Option<Date> {
    let year = i32::from(year);
    let (a, b, c) = (year % 19, year / 100, year % 100);
    let (d, e) = (b / 4, b % 4);
    let g = (8 * b + 13) / 25;
    let h = (19 * a + b - d - g + 15) % 30;
    let (i, k) = (c / 4, c % 4);
    let l = (32 + 2 * e + 2 * i - h - k) % 7;
    let m = (a + 11 * h + 19 * l) / 433;
    let n = (h + l - 7 * m + 90) / 25;
    let p = (h + l - 7 * m + 33 * n + 19) % 32;
    Date::new(
        i16::try_from(year).ok()?,
        i8::try_from(n).ok()?,
        i8::try_from(p).ok()?,
    )
    .ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use jiff::civil::date;

    use super::*;

    /// Proves X4: the holidays of Saxony, as its calendars print them.
    #[test]
    fn as_printed() {
        let days = |year| Holiday::ALL.map(|holiday| holiday.in_year(year).unwrap());
        assert_eq!(
            days(2026),
            [
                date(2026, 1, 1),
                date(2026, 4, 3),
                date(2026, 4, 6),
                date(2026, 5, 1),
                date(2026, 5, 14),
                date(2026, 5, 25),
                date(2026, 10, 3),
                date(2026, 10, 31),
                date(2026, 11, 18),
                date(2026, 12, 25),
                date(2026, 12, 26),
            ]
        );
        // The day of repentance is early when the 23rd is a Wednesday, and late when the 22nd is.
        assert_eq!(Holiday::Repentance.in_year(2022), Some(date(2022, 11, 16)));
        assert_eq!(Holiday::Repentance.in_year(2023), Some(date(2023, 11, 22)));
        for (year, month, day) in [(2024, 3, 31), (2025, 4, 20), (2038, 4, 25), (2285, 3, 22)] {
            assert_eq!(easter(year), Some(date(year, month, day)));
        }
    }

    proptest! {
        /// Proves X4: every year has eleven holidays, Easter is a Sunday of spring, the day of repentance a Wednesday in its week.
        #[test]
        fn every_year(year in 1995_i16..4000) {
            let sunday = easter(year).unwrap();
            prop_assert_eq!(sunday.weekday(), Weekday::Sunday);
            prop_assert!(sunday >= date(year, 3, 22) && sunday <= date(year, 4, 25));
            let repentance = Holiday::Repentance.in_year(year).unwrap();
            prop_assert_eq!(repentance.weekday(), Weekday::Wednesday);
            prop_assert!((16..=22).contains(&repentance.day()));
            for kind in Holiday::ALL {
                prop_assert!(holiday(kind.in_year(year).unwrap()).is_some());
            }
        }
    }
}
