//! `clock timezone` and `clock summer-time`: the zone of the device's clock. The time itself is the host's.

use std::fmt;
use std::sync::Arc;

use chrono::{Datelike, NaiveDate, NaiveDateTime, Timelike, Weekday};

use super::RunningConfig;
use super::refusal::{Notices, Refusal};
use super::render::Lines;
use crate::command::clock::{self as typed, Command, MonthOf, TimeOfDay, WeekOf, WeekdayOf};
use crate::message::zone::{Rule, Summer, Turn, Week, Zone};

/// The `clock` section.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Clock {
    pub timezone: Option<Timezone>,
    pub summer_time: Option<SummerTime>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timezone {
    pub name: Arc<str>,
    /// East of Greenwich; minutes go in the direction of the hours.
    pub hours: i32,
    pub minutes: i32,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SummerTime {
    pub name: Arc<str>,
    /// `None` for the rule of the United States, which both devices have when nothing but `recurring` is said.
    pub rule: Option<Rule>,
    /// Minutes; an hour unless said.
    pub offset: Option<i32>,
}

/// From the second Sunday of March to the first Sunday of November, as in the United States since 2007.
const UNITED_STATES: Rule = Rule::Recurring {
    start: Turn {
        week: Week::Numbered(2),
        weekday: Weekday::Sun,
        month: 3,
        minutes: 120,
    },
    end: Turn {
        week: Week::Numbered(1),
        weekday: Weekday::Sun,
        month: 11,
        minutes: 120,
    },
};
const OFFSET: i32 = 60;

impl Clock {
    /// The zone as those want it who print times.
    pub fn zone(&self) -> Zone {
        let summer = self.summer_time.as_ref().map(|summer| Summer {
            name: summer.name.clone(),
            seconds: summer.offset.unwrap_or(OFFSET) * 60,
            rule: summer.rule.unwrap_or(UNITED_STATES),
        });
        match &self.timezone {
            Some(zone) => {
                let minutes = zone.hours.abs() * 60 + zone.minutes;
                Zone {
                    name: zone.name.clone(),
                    seconds: minutes * 60 * if zone.hours < 0 { -1 } else { 1 },
                    summer,
                }
            }
            None => Zone {
                summer,
                ..Zone::default()
            },
        }
    }

    pub(super) fn lines(&self, out: &mut Lines) {
        if let Some(zone) = &self.timezone {
            out.line(0, format_args!("clock timezone {zone}"));
        }
        if let Some(summer) = &self.summer_time {
            out.line(0, format_args!("clock summer-time {summer}"));
        }
    }
}

/// The commands of this file.
pub(super) fn apply(config: &mut RunningConfig, command: &Command) -> Result<Notices, Refusal> {
    let mut clock = Clock::clone(&config.clock);
    match command {
        Command::ClockTimezone(c) => {
            clock.timezone = Some(Timezone {
                name: c.zone.0.clone(),
                hours: c.hours,
                minutes: c.minutes.unwrap_or(0),
            });
        }
        Command::NoClockTimezone(_) => clock.timezone = None,
        Command::ClockSummerTimeRecurring(c) => {
            clock.summer_time = Some(SummerTime {
                name: c.zone.0.clone(),
                rule: recurring(c),
                offset: c.offset.filter(|offset| *offset != OFFSET),
            });
        }
        Command::ClockSummerTimeDate(c) => {
            clock.summer_time = Some(SummerTime {
                name: c.zone.0.clone(),
                rule: Some(once(c)?),
                offset: c.offset.filter(|offset| *offset != OFFSET),
            });
        }
        Command::NoClockSummerTimeRecurring(_) | Command::NoClockSummerTimeDate(_) => {
            clock.summer_time = None;
        }
    }
    config.clock = Arc::new(clock);
    Ok(Notices::new())
}

fn recurring(c: &typed::ClockSummerTimeRecurring) -> Option<Rule> {
    let turn = |week: Option<WeekOf>,
                weekday: Option<WeekdayOf>,
                month: Option<MonthOf>,
                time: Option<TimeOfDay>| {
        Some(Turn {
            week: week?.0,
            weekday: weekday?.0,
            month: month?.0,
            minutes: time?.0,
        })
    };
    Some(Rule::Recurring {
        start: turn(c.start_week, c.start_weekday, c.start_month, c.start_time)?,
        end: turn(c.end_week, c.end_weekday, c.end_month, c.end_time)?,
    })
}

fn once(c: &typed::ClockSummerTimeDate) -> Result<Rule, Refusal> {
    let moment = |year, month: MonthOf, day, time: TimeOfDay| {
        NaiveDate::from_ymd_opt(year, month.0, day)
            .and_then(|date| date.and_hms_opt(time.0 / 60, time.0 % 60, 0))
            .ok_or_else(|| Refusal::Value {
                expected: "a day that the month has".into(),
            })
    };
    let start = moment(c.start_year, c.start_month, c.start_day, c.start_time)?;
    let end = moment(c.end_year, c.end_month, c.end_day, c.end_time)?;
    if end <= start {
        return Err(Refusal::Value {
            expected: "an end after the start".into(),
        });
    }
    Ok(Rule::Once { start, end })
}

impl fmt::Display for Timezone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.name, self.hours)?;
        match self.minutes {
            0 => Ok(()),
            minutes => write!(f, " {minutes}"),
        }
    }
}

impl fmt::Display for SummerTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        match &self.rule {
            None => f.write_str(" recurring")?,
            Some(Rule::Recurring { start, end }) => {
                f.write_str(" recurring ")?;
                write_turn(f, start)?;
                f.write_str(" ")?;
                write_turn(f, end)?;
            }
            Some(Rule::Once { start, end }) => {
                f.write_str(" date ")?;
                write_moment(f, start)?;
                f.write_str(" ")?;
                write_moment(f, end)?;
            }
        }
        self.offset.map_or(Ok(()), |offset| write!(f, " {offset}"))
    }
}

/// `2 Sun Mar 2:00`.
fn write_turn(f: &mut fmt::Formatter<'_>, turn: &Turn) -> fmt::Result {
    match turn.week {
        Week::Numbered(week) => write!(f, "{week}")?,
        Week::Last => f.write_str("last")?,
    }
    let month = u8::try_from(turn.month)
        .ok()
        .and_then(|month| chrono::Month::try_from(month).ok());
    let month = month.and_then(|month| month.name().get(..3)).unwrap_or("");
    let (hours, minutes) = (turn.minutes / 60, turn.minutes % 60);
    write!(f, " {} {month} {hours}:{minutes:02}", turn.weekday)
}

/// `Mar 29 2026 2:00`.
fn write_moment(f: &mut fmt::Formatter<'_>, moment: &NaiveDateTime) -> fmt::Result {
    let (month, day, year) = (moment.format("%b"), moment.day(), moment.year());
    let (hours, minutes) = (moment.hour(), moment.minute());
    write!(f, "{month} {day} {year} {hours}:{minutes:02}")
}
