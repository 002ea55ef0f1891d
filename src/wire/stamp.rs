//! Time stamps on a syslog line: written in every form that a device has, and read back to an instant where the form names
//! one. When a message without a stamp gets one, and which, is decided elsewhere.

use std::time::Duration;

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Timelike, Utc};

use crate::message::month;
use crate::message::zone::Zone;

/// What a date on a line shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shows {
    pub milliseconds: bool,
    pub zone: bool,
    pub year: bool,
}

/// `Mar  1 18:46:11.485 UTC`, in the zone given.
pub fn write_date(out: &mut Vec<u8>, utc: DateTime<Utc>, zone: &Zone, shows: Shows) {
    let shown = zone.at(utc);
    let local = shown.local;
    out.extend_from_slice(month_name(local).as_bytes());
    out.push(b' ');
    out.push(if local.day() < 10 {
        b' '
    } else {
        digit(local.day() / 10)
    });
    out.push(digit(local.day() % 10));
    out.push(b' ');
    if shows.year {
        write_four(out, local.year().unsigned_abs());
        out.push(b' ');
    }
    write_clock(out, local, shows.milliseconds);
    if shows.zone {
        out.push(b' ');
        out.extend_from_slice(shown.zone.as_bytes());
    }
}

/// `Aug 15 2019 13:44:38`, as an ASA writes it: the day has two digits, and nothing tells the zone.
pub fn write_asa_date(out: &mut Vec<u8>, utc: DateTime<Utc>, zone: &Zone) {
    let local = zone.at(utc).local;
    out.extend_from_slice(month_name(local).as_bytes());
    out.push(b' ');
    write_two(out, local.day());
    out.push(b' ');
    write_four(out, local.year().unsigned_abs());
    out.push(b' ');
    write_clock(out, local, false);
}

/// `00:00:46`, `1d02h`, `3w1d`, `2y10w`.
pub fn write_uptime(out: &mut Vec<u8>, uptime: Duration) {
    let seconds = uptime.as_secs();
    let (days, weeks, years) = (seconds / 86_400, seconds / 604_800, seconds / 31_536_000);
    let text = if days == 0 {
        format!(
            "{:02}:{:02}:{:02}",
            seconds / 3600,
            seconds / 60 % 60,
            seconds % 60
        )
    } else if weeks == 0 {
        format!("{days}d{:02}h", seconds / 3600 % 24)
    } else if years == 0 {
        format!("{weeks}w{}d", days % 7)
    } else {
        format!("{years}y{:02}w", (days - years * 365) / 7)
    };
    out.extend_from_slice(text.as_bytes());
}

/// `2019-10-04T14:05:28.546Z`.
pub fn write_rfc3339(out: &mut Vec<u8>, utc: DateTime<Utc>) {
    write_iso(out, utc, true);
}

/// `2018-06-27T12:17:46Z`, as an ASA writes it.
pub fn write_rfc3339_seconds(out: &mut Vec<u8>, utc: DateTime<Utc>) {
    write_iso(out, utc, false);
}

fn write_iso(out: &mut Vec<u8>, utc: DateTime<Utc>, milliseconds: bool) {
    let time = utc.naive_utc();
    write_four(out, time.year().unsigned_abs());
    out.push(b'-');
    write_two(out, time.month());
    out.push(b'-');
    write_two(out, time.day());
    out.push(b'T');
    write_clock(out, time, milliseconds);
    out.push(b'Z');
}

/// The instant of a received stamp (C3.6): one without zone is `zone`'s, one without year is of the nearest year. `None` where
/// the arrival time counts instead: with `*`, of uptime, in an unknown zone, more than a day from the arrival.
pub fn instant(stamp: &[u8], zone: &Zone, arrival: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let stamp = std::str::from_utf8(stamp).ok()?;
    let stamp = stamp.strip_prefix('.').unwrap_or(stamp);
    let instant = if stamp.as_bytes().get(4) == Some(&b'-') {
        match DateTime::parse_from_rfc3339(stamp) {
            Ok(instant) => instant.to_utc(),
            Err(_) => zone.instant(
                NaiveDateTime::parse_from_str(stamp, "%Y-%m-%dT%H:%M:%S%.f").ok()?,
                arrival,
            )?,
        }
    } else {
        dated(stamp, zone, arrival)?
    };
    ((instant - arrival).abs() <= TimeDelta::days(1)).then_some(instant)
}

/// `[YYYY ]Mmm dd [YYYY ]hh:mm:ss[.mmm][ ZONE]`.
fn dated(stamp: &str, zone: &Zone, arrival: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let mut words = stamp.split_ascii_whitespace().peekable();
    let year_of = |word: &&str| {
        (word.len() == 4)
            .then(|| word.parse::<i32>().ok())
            .flatten()
    };
    let mut year = words.peek().and_then(year_of);
    if year.is_some() {
        words.next();
    }
    let month = month(words.next()?.as_bytes().try_into().ok()?)?;
    let day = words.next()?.parse().ok()?;
    if let Some(second) = words.peek().and_then(year_of) {
        year = Some(second);
        words.next();
    }
    let time = NaiveTime::parse_from_str(words.next()?, "%H:%M:%S%.f").ok()?;
    let name = words.next();
    let at = |year| {
        let local = NaiveDate::from_ymd_opt(year, month, day)?.and_time(time);
        match name {
            None => zone.instant(local, arrival),
            Some(name) => zone
                .instant_in(name, local, arrival)
                .or_else(|| to_utc(local, offset(name)?)),
        }
    };
    match year {
        Some(year) => at(year),
        None => (arrival.year() - 1..=arrival.year() + 1)
            .filter_map(at)
            .min_by_key(|instant| (*instant - arrival).abs()),
    }
}

fn to_utc(local: NaiveDateTime, seconds: i32) -> Option<DateTime<Utc>> {
    local
        .checked_sub_signed(TimeDelta::seconds(seconds.into()))
        .map(|utc| utc.and_utc())
}

/// Seconds east of Greenwich of the abbreviations that RFC 822, section 5 knows and of Europe's and Japan's; a device may
/// name its zone anything, and then nobody else knows where it is.
fn offset(name: &str) -> Option<i32> {
    if let Some((sign, digits)) = name
        .strip_prefix('+')
        .map(|d| (1, d))
        .or_else(|| name.strip_prefix('-').map(|d| (-1, d)))
    {
        let digits = digits.replace(':', "");
        let number: i32 = digits.parse().ok().filter(|_| digits.len() == 4)?;
        return Some(sign * (number / 100 * 3600 + number % 100 * 60));
    }
    let hours = match name {
        "UTC" | "GMT" | "Z" | "WET" => 0,
        "CET" | "BST" | "WEST" => 1,
        "CEST" | "EET" => 2,
        "EEST" => 3,
        "JST" => 9,
        "EDT" => -4,
        "EST" | "CDT" => -5,
        "CST" | "MDT" => -6,
        "MST" | "PDT" => -7,
        "PST" => -8,
        _ => return None,
    };
    Some(hours * 3600)
}

fn write_clock(out: &mut Vec<u8>, time: NaiveDateTime, milliseconds: bool) {
    write_two(out, time.hour());
    out.push(b':');
    write_two(out, time.minute());
    out.push(b':');
    write_two(out, time.second());
    if milliseconds {
        // A leap second is written as the last instant of the second before it.
        let milliseconds = (time.nanosecond() / 1_000_000).min(999);
        out.push(b'.');
        out.push(digit(milliseconds / 100));
        write_two(out, milliseconds % 100);
    }
}

fn month_name(time: NaiveDateTime) -> &'static str {
    let month = usize::try_from(time.month0()).ok();
    month
        .and_then(|month| MONTHS.get(month).copied())
        .unwrap_or("Jan")
}

fn write_two(out: &mut Vec<u8>, number: u32) {
    out.extend_from_slice(&[digit(number / 10), digit(number % 10)]);
}

fn write_four(out: &mut Vec<u8>, number: u32) {
    write_two(out, number / 100);
    write_two(out, number % 100);
}

/// The last digit of a number.
fn digit(number: u32) -> u8 {
    b'0' + u8::try_from(number % 10).unwrap_or(0)
}

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

#[cfg(test)]
mod tests {
    use chrono::Weekday;

    use super::*;
    use crate::message::zone::{Rule, Summer, Turn, Week};

    fn at(text: &str) -> DateTime<Utc> {
        DateTime::parse_from_rfc3339(text)
            .map(|t| t.to_utc())
            .unwrap_or_default()
    }

    fn date(zone: &Zone, shows: Shows) -> String {
        let mut out = Vec::new();
        write_date(&mut out, at("2006-01-01T23:15:29.365Z"), zone, shows);
        String::from_utf8(out).unwrap_or_default()
    }

    #[test]
    fn dates_are_written_as_on_a_device() {
        let utc = Zone::default();
        assert_eq!(date(&utc, Shows::default()), "Jan  1 23:15:29");
        assert_eq!(
            date(
                &utc,
                Shows {
                    milliseconds: true,
                    zone: true,
                    year: true
                }
            ),
            "Jan  1 2006 23:15:29.365 UTC"
        );
        let cet = Zone {
            name: "CET".into(),
            seconds: 3600,
            summer: None,
        };
        assert_eq!(
            date(
                &cet,
                Shows {
                    zone: true,
                    ..Shows::default()
                }
            ),
            "Jan  2 00:15:29 CET"
        );
    }

    /// Central Europe's, with its summer.
    fn berlin() -> Zone {
        let turn = |month, hour: u32| Turn {
            week: Week::Last,
            weekday: Weekday::Sun,
            month,
            minutes: hour * 60,
        };
        let rule = Rule::Recurring {
            start: turn(3, 2),
            end: turn(10, 3),
        };
        Zone {
            name: "CET".into(),
            seconds: 3600,
            summer: Some(Summer {
                name: "CEST".into(),
                seconds: 3600,
                rule,
            }),
        }
    }

    #[test]
    fn a_date_is_of_the_zone_that_its_instant_has() {
        let shows = Shows {
            zone: true,
            ..Shows::default()
        };
        for (instant, text) in [
            ("2026-03-29T00:59:59Z", "Mar 29 01:59:59 CET"),
            ("2026-03-29T01:00:00Z", "Mar 29 03:00:00 CEST"),
            ("2026-10-25T00:30:00Z", "Oct 25 02:30:00 CEST"),
            ("2026-10-25T01:30:00Z", "Oct 25 02:30:00 CET"),
        ] {
            let mut out = Vec::new();
            write_date(&mut out, at(instant), &berlin(), shows);
            assert_eq!(String::from_utf8_lossy(&out), text);
            // And it reads back as the same instant.
            assert_eq!(
                super::instant(&out, &berlin(), at(instant)),
                Some(at(instant))
            );
        }
    }

    #[test]
    fn a_received_stamp_of_summer_is_an_hour_earlier() {
        let read = |stamp: &str| instant(stamp.as_bytes(), &berlin(), at("2026-07-01T10:00:00Z"));
        let ten = Some(at("2026-07-01T10:00:00Z"));
        assert_eq!(read("Jul  1 12:00:00"), ten);
        assert_eq!(read("2026-07-01T12:00:00"), ten);
        assert_eq!(read("Jul  1 12:00:00 CEST"), ten);
        assert_eq!(read("Jul  1 11:00:00 CET"), ten);
        assert_eq!(read("Jul  1 10:00:00 UTC"), ten);
    }

    #[test]
    fn uptimes_are_written_in_two_units() {
        for (seconds, text) in [
            (46, "00:00:46"),
            (86_399, "23:59:59"),
            (93_600, "1d02h"),
            (22 * 86_400, "3w1d"),
            (2 * 31_536_000 + 70 * 86_400, "2y10w"),
        ] {
            let mut out = Vec::new();
            write_uptime(&mut out, Duration::from_secs(seconds));
            assert_eq!(String::from_utf8_lossy(&out), text);
        }
    }

    #[test]
    fn rfc_3339_is_utc_with_milliseconds() {
        let mut out = Vec::new();
        write_rfc3339(&mut out, at("2019-10-04T14:05:28.546Z"));
        assert_eq!(out, b"2019-10-04T14:05:28.546Z");
    }

    #[test]
    fn a_received_stamp_is_an_instant() {
        let arrival = at("2026-01-01T00:30:00Z");
        let cet = Zone {
            name: "CET".into(),
            seconds: 3600,
            summer: None,
        };
        for (stamp, zone, want) in [
            // Without a year it is of the nearest year.
            (
                "Dec 31 23:59:00",
                &Zone::default(),
                Some("2025-12-31T23:59:00Z"),
            ),
            (
                "Jan  1 00:31:00.250",
                &Zone::default(),
                Some("2026-01-01T00:31:00.250Z"),
            ),
            // Without a zone it is of the device's zone.
            ("Jan  1 01:31:00", &cet, Some("2026-01-01T00:31:00Z")),
            ("Jan  1 00:31:00 UTC", &cet, Some("2026-01-01T00:31:00Z")),
            (
                ".Jan  1 2026 00:31:00.000 EST",
                &cet,
                Some("2026-01-01T05:31:00Z"),
            ),
            (
                "2026 Jan  1 00:31:00",
                &Zone::default(),
                Some("2026-01-01T00:31:00Z"),
            ),
            (
                "2026-01-01T01:31:00+01:00",
                &cet,
                Some("2026-01-01T00:31:00Z"),
            ),
            ("2026-01-01T01:31:00", &cet, Some("2026-01-01T00:31:00Z")),
            // The arrival time counts instead.
            ("*Jan  1 00:31:00", &Zone::default(), None),
            ("00:00:46", &Zone::default(), None),
            ("2y10w", &Zone::default(), None),
            ("Jan  3 00:31:00", &Zone::default(), None),
            ("Jan  1 00:31:00 NewYork", &Zone::default(), None),
            ("Feb 30 00:31:00", &Zone::default(), None),
            ("", &Zone::default(), None),
        ] {
            assert_eq!(
                instant(stamp.as_bytes(), zone, arrival),
                want.map(at),
                "{stamp}"
            );
        }
    }
}
