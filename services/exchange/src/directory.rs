// SPDX-License-Identifier: EUPL-1.2
//! Who is there when: opening hours, holidays and absences together (T3, X4). Pure: the time is passed in.

use jiff::Zoned;
use jiff::civil::{Date, DateTime};
use site::{Period, TimeOfDay, Weekday};

use crate::calendar::{Holiday, holiday};
use crate::config::{Absence, Absent, Config, Department, Holidays};

/// So many days ahead the next opening is looked for.
const AHEAD: i32 = 60;

/// Whether a department can be called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Opening<'a> {
    /// Somebody is there until then.
    Open {
        /// When it closes, on the same day.
        until: TimeOfDay,
    },
    /// Nobody is there.
    Closed {
        /// Why, if it is not just outside the hours.
        why: Option<Why<'a>>,
        /// When it opens next, if within two months.
        next: Option<(Date, Period)>,
    },
}

/// Why a department is closed on a day on which it otherwise is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why<'a> {
    /// A public holiday.
    Holiday(Holiday),
    /// Somebody is away.
    Absence(&'a Absence),
}

/// Whether `department` is open at `now`.
pub fn opening<'a>(config: &'a Config, department: &Department, now: &Zoned) -> Opening<'a> {
    let local = now.with_time_zone(config.time_zone.clone()).datetime();
    at(config, department, local)
}

fn at<'a>(config: &'a Config, department: &Department, now: DateTime) -> Opening<'a> {
    let (today, time) = (now.date(), time_of_day(now));
    let why = closed_on(config, department, today);
    if why.is_none()
        && let Some(period) = department.hours.running(weekday(today), time)
    {
        return Opening::Open { until: period.to };
    }
    let later = |period: &&Period| period.from > time;
    let first = department.hours.on(weekday(today)).iter().find(later);
    let next = match first {
        Some(period) if why.is_none() => Some((today, *period)),
        _ => next(config, department, today),
    };
    let would_open = !department.hours.on(weekday(today)).is_empty();
    Opening::Closed {
        why: why.filter(|_| would_open),
        next,
    }
}

fn next(config: &Config, department: &Department, today: Date) -> Option<(Date, Period)> {
    std::iter::successors(today.tomorrow().ok(), |day| day.tomorrow().ok())
        .take(AHEAD as usize)
        .find_map(|day| {
            let period = department.hours.on(weekday(day)).first()?;
            closed_on(config, department, day)
                .is_none()
                .then_some((day, *period))
        })
}

fn closed_on<'a>(config: &'a Config, department: &Department, day: Date) -> Option<Why<'a>> {
    let of_us = |absence: &&Absence| {
        let ours = match &absence.of {
            Absent::Authority(id) => *id == department.authority,
            Absent::Department(id) => *id == department.id,
        };
        ours && absence.from <= day && day <= absence.to
    };
    if config.holidays == Holidays::Saxony
        && let Some(holiday) = holiday(day)
    {
        return Some(Why::Holiday(holiday));
    }
    config.absences.iter().find(of_us).map(Why::Absence)
}

fn weekday(day: Date) -> Weekday {
    match day.weekday() {
        jiff::civil::Weekday::Monday => Weekday::Monday,
        jiff::civil::Weekday::Tuesday => Weekday::Tuesday,
        jiff::civil::Weekday::Wednesday => Weekday::Wednesday,
        jiff::civil::Weekday::Thursday => Weekday::Thursday,
        jiff::civil::Weekday::Friday => Weekday::Friday,
        jiff::civil::Weekday::Saturday => Weekday::Saturday,
        jiff::civil::Weekday::Sunday => Weekday::Sunday,
    }
}

fn time_of_day(time: DateTime) -> TimeOfDay {
    let minutes = i32::from(time.hour()) * 60 + i32::from(time.minute());
    u16::try_from(minutes)
        .ok()
        .and_then(TimeOfDay::from_minutes)
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    const FILE: &str = r#"
        [exchange]
        domain = "exchange.weissbach.example"
        address = "192.0.2.10"

        [[authority]]
        id = "town"
        kind = "municipality"
        name = "Stadtverwaltung"

        [[department]]
        id = "registration"
        authority = "town"
        name = "Ausweis"
        hours = { mo = ["9:00-12:00"], tu = ["9:00-12:00", "13:00-18:00"], we = ["9:00-12:00"], th = ["9:00-12:00"] }

        [[absence]]
        authority = "town"
        from = 2026-11-19
        to = 2026-11-23
        note = "Betriebsausflug"
    "#;

    fn at(hour: i8, minute: i8, day: Date) -> (Config, DateTime) {
        (
            crate::config::parse("x", FILE).unwrap(),
            day.at(hour, minute, 0, 0),
        )
    }

    fn look(config: &Config, now: DateTime) -> Opening<'_> {
        super::at(config, &config.departments[0], now)
    }

    /// Proves T3, X4: open, the lunch break, the evening, a holiday, an absence, and when it opens again after all of them.
    #[test]
    fn hours_holidays_and_absences() {
        let tuesday = date(2026, 11, 17);
        let (config, now) = at(11, 59, tuesday);
        let Opening::Open { until } = look(&config, now) else {
            panic!()
        };
        assert_eq!(until.to_string(), "12:00");
        let (config, now) = at(12, 0, tuesday);
        let Opening::Closed {
            why: None,
            next: Some((day, period)),
        } = look(&config, now)
        else {
            panic!()
        };
        assert_eq!(
            (day, period.from.to_string()),
            (tuesday, "13:00".to_owned())
        );
        // Wednesday is the day of repentance, then the absence until Monday.
        let (config, now) = at(18, 0, tuesday);
        let Opening::Closed {
            why: None,
            next: Some((day, _)),
        } = look(&config, now)
        else {
            panic!()
        };
        assert_eq!(day, date(2026, 11, 24));
        let (config, now) = at(10, 0, date(2026, 11, 18));
        let Opening::Closed {
            why: Some(Why::Holiday(Holiday::Repentance)),
            next: Some((day, _)),
        } = look(&config, now)
        else {
            panic!()
        };
        assert_eq!(day, date(2026, 11, 24));
        let (config, now) = at(10, 0, date(2026, 11, 19));
        let Opening::Closed {
            why: Some(Why::Absence(absence)),
            ..
        } = look(&config, now)
        else {
            panic!()
        };
        assert_eq!(
            absence.note.as_ref().unwrap().get(site::Language::De),
            "Betriebsausflug"
        );
        // A Friday has no hours: nobody is told of an absence then.
        let (config, now) = at(10, 0, date(2026, 11, 20));
        assert!(matches!(
            look(&config, now),
            Opening::Closed { why: None, .. }
        ));
    }

    /// Proves X4: hours are those of the clock on the wall, in summer and in winter.
    #[test]
    fn hours_follow_the_clock_on_the_wall() {
        let (config, _) = at(0, 0, date(2026, 1, 1));
        let open = |utc: &str| {
            let now: jiff::Timestamp = utc.parse().unwrap();
            let now = now.to_zoned(jiff::tz::TimeZone::UTC);
            matches!(
                opening(&config, &config.departments[0], &now),
                Opening::Open { .. }
            )
        };
        assert!(open("2026-07-06T07:30:00Z") && !open("2026-07-06T10:30:00Z"));
        assert!(!open("2026-02-02T07:30:00Z") && open("2026-02-02T10:30:00Z"));
    }
}
