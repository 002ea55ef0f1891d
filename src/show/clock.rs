//! `show clock`, and how the device writes a time and a span of time wherever it shows one.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, NaiveDateTime, SecondsFormat, TimeDelta, Utc};
use serde::{Serialize, Serializer};

use crate::device::clock;
use crate::message::zone::Zone;

/// A time as the device writes it, in its zone, `16:20:05.001 UTC Thu Nov 22 2029`; in JSON RFC 3339 with milliseconds, UTC.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceTime {
    utc: DateTime<Utc>,
    local: NaiveDateTime,
    zone: Arc<str>,
}

impl DeviceTime {
    pub fn new(utc: DateTime<Utc>, zone: &Zone) -> Self {
        let shown = zone.at(utc);
        Self {
            utc,
            local: shown.local,
            zone: shown.zone.clone(),
        }
    }
}

impl DeviceTime {
    /// `02:00:00 CET Mar 29 2026`.
    pub(super) fn without_weekday(&self) -> String {
        let (time, date) = (
            self.local.format("%H:%M:%S"),
            self.local.format("%b %-d %Y"),
        );
        format!("{time} {} {date}", self.zone)
    }

    /// `02:00:00 CET Sun Mar 29 2026`.
    pub(super) fn to_the_second(&self) -> String {
        let (time, date) = (
            self.local.format("%H:%M:%S"),
            self.local.format("%a %b %-d %Y"),
        );
        format!("{time} {} {date}", self.zone)
    }
}

impl fmt::Display for DeviceTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (time, date) = (
            self.local.format("%H:%M:%S%.3f"),
            self.local.format("%a %b %-d %Y"),
        );
        write!(f, "{time} {} {date}", self.zone)
    }
}

impl Serialize for DeviceTime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.utc.to_rfc3339_opts(SecondsFormat::Millis, true))
    }
}

/// A span of time in its two greatest units, `3 days 4 hours`, as after `up` in `show version`; in JSON whole seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Elapsed(pub Duration);

impl fmt::Display for Elapsed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.as_secs();
        let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400);
        let units = [
            (days / 365, "year"),
            (days % 365, "day"),
            (hours % 24, "hour"),
            (minutes % 60, "min"),
            (seconds % 60, "sec"),
        ];
        let first = units
            .iter()
            .position(|(count, _)| *count > 0)
            .unwrap_or(units.len() - 1);
        let mut blank = "";
        for (count, unit) in units.iter().skip(first).take(2) {
            let plural = if *count == 1 { "" } else { "s" };
            write!(f, "{blank}{count} {unit}{plural}")?;
            blank = " ";
        }
        Ok(())
    }
}

impl Serialize for Elapsed {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(self.0.as_secs())
    }
}

/// `show clock [detail]`. JSON: `time`, `summer_starts` and `summer_ends` are RFC 3339 in UTC; `synchronised` is null when the
/// host does not tell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Clock {
    pub time: DeviceTime,
    pub zone: Arc<str>,
    /// Seconds east of Greenwich, summer time included.
    pub utc_offset: i32,
    pub is_summer_time: bool,
    pub synchronised: Option<bool>,
    /// It was, at some time.
    #[serde(skip)]
    was_synchronised: bool,
    /// The present summer time or the next one, as clocks show it that are about to be set.
    pub summer_starts: Option<DeviceTime>,
    pub summer_ends: Option<DeviceTime>,
    /// Says where the time comes from as well.
    #[serde(skip)]
    pub detail: bool,
}

/// What the clock shows now.
pub fn view(clock: &dyn clock::Clock, zone: &Zone, detail: bool) -> Clock {
    let now = clock.now();
    let shown = zone.at(now);
    let summer = zone.summer_around(now);
    Clock {
        time: DeviceTime::new(now, zone),
        zone: shown.zone.clone(),
        utc_offset: shown.seconds,
        is_summer_time: shown.is_summer,
        synchronised: clock.is_synchronised(),
        was_synchronised: clock.was_synchronised(),
        summer_starts: summer.map(|(start, _)| before(start, zone)),
        summer_ends: summer.map(|(_, end)| before(end, zone)),
        detail,
    }
}

/// What a clock would show at a turn if nobody set it.
fn before(turn: DateTime<Utc>, zone: &Zone) -> DeviceTime {
    let moment = TimeDelta::milliseconds(1);
    let shown = zone.at(turn.checked_sub_signed(moment).unwrap_or(turn));
    DeviceTime {
        utc: turn,
        local: shown
            .local
            .checked_add_signed(moment)
            .unwrap_or(shown.local),
        zone: shown.zone.clone(),
    }
}

impl fmt::Display for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // As before the time of a message.
        match (self.synchronised, self.was_synchronised) {
            (Some(false), true) => f.write_str(".")?,
            (Some(false), false) => f.write_str("*")?,
            _ => {}
        }
        writeln!(f, "{}", self.time)?;
        if !self.detail {
            return Ok(());
        }
        let source = match self.synchronised {
            Some(true) => "NTP",
            Some(false) => "the host, not synchronised",
            None => "the host",
        };
        writeln!(f, "Time source is {source}")?;
        if let Some(starts) = &self.summer_starts {
            writeln!(f, "Summer time starts {}", starts.to_the_second())?;
        }
        if let Some(ends) = &self.summer_ends {
            writeln!(f, "Summer time ends {}", ends.to_the_second())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::clock::VirtualClock;

    fn shown(now: &str, synchronised: Option<bool>, detail: bool) -> Clock {
        let clock = VirtualClock::new(time(now));
        clock.set_synchronised(synchronised);
        view(&clock, &Zone::default(), detail)
    }

    fn time(text: &str) -> DateTime<Utc> {
        text.parse().expect("a time")
    }

    #[test]
    fn the_clock_is_written_as_the_device_writes_it() {
        let view = shown("2029-11-22T16:20:05.001Z", None, false);
        assert_eq!(view.to_string(), "16:20:05.001 UTC Thu Nov 22 2029\n");
        let json = serde_json::to_string(&view).expect("JSON");
        assert_eq!(
            json,
            r#"{"time":"2029-11-22T16:20:05.001Z","zone":"UTC","utc_offset":0,"is_summer_time":false,"synchronised":null,"summer_starts":null,"summer_ends":null}"#
        );
    }

    #[test]
    fn the_day_of_the_month_is_not_padded() {
        assert_eq!(
            DeviceTime::new(time("2024-06-06T09:40:52.309Z"), &Zone::default()).to_string(),
            "09:40:52.309 UTC Thu Jun 6 2024"
        );
    }

    #[test]
    fn the_detail_says_where_the_time_comes_from() {
        let view = |synchronised| shown("2024-06-06T09:40:52Z", synchronised, true).to_string();
        assert_eq!(
            view(Some(true)),
            "09:40:52.000 UTC Thu Jun 6 2024\nTime source is NTP\n"
        );
        assert!(view(Some(false)).ends_with("\nTime source is the host, not synchronised\n"));
        assert!(view(None).ends_with("\nTime source is the host\n"));
    }

    #[test]
    fn a_time_that_nobody_vouches_for_has_a_mark() {
        let clock = VirtualClock::new(time("2024-06-06T09:40:52Z"));
        let mark = |clock: &VirtualClock| {
            let shown = view(clock, &Zone::default(), false).to_string();
            shown.chars().next().filter(|c| !c.is_ascii_digit())
        };
        assert_eq!(mark(&clock), None);
        clock.set_synchronised(Some(false));
        assert_eq!(mark(&clock), Some('*'));
        clock.set_synchronised(Some(true));
        assert_eq!(mark(&clock), None);
        clock.set_synchronised(Some(false));
        assert_eq!(mark(&clock), Some('.'));
    }

    #[test]
    fn a_span_is_written_in_its_two_greatest_units() {
        let written = |seconds| Elapsed(Duration::from_secs(seconds)).to_string();
        assert_eq!(written(0), "0 secs");
        assert_eq!(written(61), "1 min 1 sec");
        assert_eq!(written(3 * 86_400 + 4 * 3600 + 59), "3 days 4 hours");
        assert_eq!(written(462 * 86_400), "1 year 97 days");
        assert_eq!(written(86_400), "1 day 0 hours");
        assert_eq!(written(u64::MAX), "584942417355 years 26 days");
    }
}
