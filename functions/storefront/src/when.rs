//! Dates and times as a visitor reads them. The zone of a visitor is not known, so a time says its own.

use jiff::{Timestamp, civil::Date, tz::TimeZone};

/// A date: `Monday 30 November 2026`.
pub(crate) fn date(time: Timestamp) -> String {
    shown(time, "%A %-d %B %Y")
}

/// A date without its weekday: `30 November 2026`.
pub(crate) fn short_date(time: Timestamp) -> String {
    shown(time, "%-d %B %Y")
}

/// A time of day: `09:12 UTC`.
pub(crate) fn time(time: Timestamp) -> String {
    shown(time, "%H:%M UTC")
}

/// The time of a day that is today, and the date of another one.
pub(crate) fn time_or_date(at: Timestamp, now: Timestamp) -> String {
    let is_today = shown(at, "%F") == shown(now, "%F");
    if is_today { time(at) } else { shown(at, "%-d %b, %H:%M UTC") }
}

/// The start of a day that was entered, `2026-11-30`, or its end. `None` if it is no day.
pub(crate) fn midnight(day: &str, is_end: bool) -> Option<Timestamp> {
    let day: Date = day.trim().parse().ok()?;
    let day = if is_end { day.tomorrow().ok()? } else { day };
    Some(day.to_zoned(TimeZone::UTC).ok()?.timestamp())
}

fn shown(time: Timestamp, format: &str) -> String {
    time.to_zoned(TimeZone::UTC).strftime(format).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_says_its_zone_and_a_date_its_day() {
        let at: Timestamp = "2026-11-30T09:12:40Z".parse().unwrap();
        assert_eq!((date(at).as_str(), short_date(at).as_str()), ("Monday 30 November 2026", "30 November 2026"));
        assert_eq!(time(at), "09:12 UTC");
        assert_eq!(time_or_date(at, at), "09:12 UTC");
        let later = "2026-12-01T00:00:00Z".parse().unwrap();
        assert_eq!(time_or_date(at, later), "30 Nov, 09:12 UTC");
    }

    #[test]
    fn a_day_begins_and_ends_at_midnight() {
        assert_eq!(midnight("2026-11-30", false).unwrap().to_string(), "2026-11-30T00:00:00Z");
        assert_eq!(midnight("2026-11-30", true).unwrap().to_string(), "2026-12-01T00:00:00Z");
        assert_eq!((midnight("soon", false), midnight("9999-12-31", true)), (None, None));
    }
}
