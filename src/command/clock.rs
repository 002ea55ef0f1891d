//! The `clock` commands. Words become numbers here; whether a date exists is the configuration's matter.

use std::sync::Arc;

use chrono::{Month, Weekday};
use serde::{Deserialize, Deserializer, de};

use crate::message::zone::Week;

/// Every command of this section; a negative form is a variant of its own.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub enum Command {
    ClockTimezone(ClockTimezone),
    NoClockTimezone(NoClockTimezone),
    ClockSummerTimeRecurring(ClockSummerTimeRecurring),
    NoClockSummerTimeRecurring(ClockSummerTimeRecurring<Option<ZoneName>>),
    ClockSummerTimeDate(ClockSummerTimeDate),
    NoClockSummerTimeDate(ClockSummerTimeDate),
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ClockTimezone {
    pub zone: ZoneName,
    pub hours: i32,
    pub minutes: Option<i32>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct NoClockTimezone {
    pub zone: Option<ZoneName>,
    pub hours: Option<i32>,
    pub minutes: Option<i32>,
}

/// All of the two turns, or nothing of them; with `no` as much of the line as somebody types, the zone too.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ClockSummerTimeRecurring<Zone = ZoneName> {
    pub zone: Zone,
    pub start_week: Option<WeekOf>,
    pub start_weekday: Option<WeekdayOf>,
    pub start_month: Option<MonthOf>,
    pub start_time: Option<TimeOfDay>,
    pub end_week: Option<WeekOf>,
    pub end_weekday: Option<WeekdayOf>,
    pub end_month: Option<MonthOf>,
    pub end_time: Option<TimeOfDay>,
    /// Minutes.
    pub offset: Option<i32>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ClockSummerTimeDate {
    pub zone: ZoneName,
    pub start_day: u32,
    pub start_month: MonthOf,
    pub start_year: i32,
    pub start_time: TimeOfDay,
    pub end_day: u32,
    pub end_month: MonthOf,
    pub end_year: i32,
    pub end_time: TimeOfDay,
    /// Minutes.
    pub offset: Option<i32>,
}

/// What a stamp carries behind its time: letters, digits and signs, or the stamp could not be told from what follows.
#[derive(Clone, Debug, PartialEq)]
pub struct ZoneName(pub Arc<str>);

/// `first`, `last`, or a number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WeekOf(pub Week);

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WeekdayOf(pub Weekday);

/// 1 to 12.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MonthOf(pub u32);

/// Minutes since midnight.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TimeOfDay(pub u32);

impl<'de> Deserialize<'de> for ZoneName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = Arc::<str>::deserialize(deserializer)?;
        let fits = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'_');
        if name.bytes().all(fits) {
            Ok(Self(name))
        } else {
            Err(de::Error::custom("letters, digits and signs"))
        }
    }
}

impl<'de> Deserialize<'de> for WeekOf {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Ok(Self(match text.as_str() {
            "last" => Week::Last,
            "first" => Week::Numbered(1),
            number => number
                .parse()
                .map(Week::Numbered)
                .map_err(|_| de::Error::custom("a week"))?,
        }))
    }
}

impl<'de> Deserialize<'de> for WeekdayOf {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse()
            .map(Self)
            .map_err(|_| de::Error::custom("a day of the week"))
    }
}

impl<'de> Deserialize<'de> for MonthOf {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse()
            .map(|month: Month| Self(month.number_from_month()))
            .map_err(|_| de::Error::custom("a month"))
    }
}

impl<'de> Deserialize<'de> for TimeOfDay {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let minutes = text.split_once(':').and_then(|(hours, minutes)| {
            Some(hours.parse::<u32>().ok()? * 60 + minutes.parse::<u32>().ok()?)
        });
        minutes
            .map(Self)
            .ok_or_else(|| de::Error::custom("a time of day"))
    }
}
