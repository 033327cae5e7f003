// SPDX-License-Identifier: EUPL-1.2
//! Opening hours: up to three periods a weekday.

use std::fmt;

/// A day of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)] // Each is what it is called.
pub enum Weekday {
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

impl Weekday {
    /// All days from Monday on.
    pub const ALL: [Self; 7] = [
        Self::Monday,
        Self::Tuesday,
        Self::Wednesday,
        Self::Thursday,
        Self::Friday,
        Self::Saturday,
        Self::Sunday,
    ];

    /// The days from this one on, once round the week.
    pub fn week_from(self) -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().cycle().skip(self as usize).take(7)
    }
}

/// A time of day in whole minutes, 0:00 to 24:00.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TimeOfDay(u16);

impl TimeOfDay {
    /// The minutes of a whole day, and the largest value.
    pub const MINUTES: u16 = 24 * 60;

    /// `minutes` after midnight, if that is not after the day's end.
    pub fn from_minutes(minutes: u16) -> Option<Self> {
        (minutes <= Self::MINUTES).then_some(Self(minutes))
    }

    /// Minutes after midnight.
    pub const fn minutes(self) -> u16 {
        self.0
    }

    fn parse(text: &str) -> Option<Self> {
        let (hour, minute) = text.trim().split_once(':')?;
        let digits = |part: &str, least: usize| {
            (part.len() >= least && part.len() <= 2 && part.bytes().all(|b| b.is_ascii_digit()))
                .then(|| part.parse::<u16>().ok())?
        };
        let (hour, minute) = (digits(hour, 1)?, digits(minute, 2)?);
        if minute > 59 {
            return None;
        }
        Self::from_minutes(hour * 60 + minute)
    }
}

impl fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{:02}", self.0 / 60, self.0 % 60)
    }
}

/// From one time of day to a later one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Period {
    /// When it opens.
    pub from: TimeOfDay,
    /// When it closes.
    pub to: TimeOfDay,
}

impl Period {
    /// Reads `9:00-12:00`; the error says what is wrong with it.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let shape = || format!("`{text}` is not a time range");
        let (from, to) = text.split_once(['-', '–']).ok_or_else(shape)?;
        let (Some(from), Some(to)) = (TimeOfDay::parse(from), TimeOfDay::parse(to)) else {
            return Err(shape());
        };
        if from < to {
            Ok(Self { from, to })
        } else {
            Err(format!("the time range `{text}` ends before it begins"))
        }
    }

    /// Whether `time` lies in it.
    pub fn contains(self, time: TimeOfDay) -> bool {
        self.from <= time && time < self.to
    }
}

/// The opening hours of a week. A day without periods is closed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hours(pub(crate) [Vec<Period>; 7]);

impl Hours {
    /// The periods of a day, in order.
    pub fn on(&self, day: Weekday) -> &[Period] {
        self.0.get(day as usize).map_or(&[], Vec::as_slice)
    }

    /// The period that is running at this moment.
    pub fn running(&self, day: Weekday, time: TimeOfDay) -> Option<Period> {
        self.on(day)
            .iter()
            .copied()
            .find(|period| period.contains(time))
    }

    /// When it opens next after this moment: in how many days, on which day, and in which period.
    pub fn next(&self, day: Weekday, time: TimeOfDay) -> Option<(usize, Weekday, Period)> {
        let today = self
            .on(day)
            .iter()
            .copied()
            .find(|period| period.from > time)
            .map(|period| (0, day, period));
        today.or_else(|| {
            // The same weekday of the next week comes last.
            (1..=7)
                .zip(day.week_from().skip(1).chain([day]))
                .find_map(|(days, day)| Some((days, day, *self.on(day).first()?)))
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn time(text: &str) -> TimeOfDay {
        TimeOfDay::parse(text).unwrap()
    }

    /// Proves T3: outside the hours the next ones are found, also over the week's end.
    #[test]
    fn next_opening_is_found() {
        let mut hours = Hours::default();
        hours.0[Weekday::Tuesday as usize] = vec![
            Period::parse("9:00-12:00").unwrap(),
            Period::parse("13:00–18:00").unwrap(),
        ];
        assert_eq!(
            hours.running(Weekday::Tuesday, time("11:59")).unwrap().to,
            time("12:00")
        );
        assert_eq!(hours.running(Weekday::Tuesday, time("12:00")), None);
        assert_eq!(
            hours.next(Weekday::Tuesday, time("12:00")).unwrap().2.from,
            time("13:00")
        );
        assert_eq!(hours.next(Weekday::Tuesday, time("18:00")).unwrap().0, 7);
        assert_eq!(hours.next(Weekday::Saturday, time("0:00")).unwrap().0, 3);
        assert_eq!(Hours::default().next(Weekday::Monday, time("0:00")), None);
    }

    proptest! {
        /// Proves T3: no text panics, and what is accepted is in order and of this day.
        #[test]
        fn any_text_is_safe(text in "[0-9:\\- –]{0,14}|.{0,20}") {
            if let Ok(period) = Period::parse(&text) {
                prop_assert!(period.from < period.to && period.to.minutes() <= TimeOfDay::MINUTES);
            }
        }
    }
}
