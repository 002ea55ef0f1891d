//! When a periodic message is due by the device's clock, and which times a device picks where the configuration leaves them out.
//! Pure: what has run, what was missed and who is told are matters of `timetable`.

use std::fmt;

use chrono::{DateTime, Datelike, Days, Months, NaiveDate, NaiveDateTime, TimeDelta, Utc};
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::config::call_home::{AlertGroup, Periodic, TimeOfDay, Weekday};
use crate::message::zone::Offsets;

/// How often and when, with every part known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cycle {
    /// Whenever the minutes since 1970 leave that remainder.
    Interval {
        minutes: u8,
        remainder: u8,
    },
    Hourly {
        minute: u8,
    },
    Daily {
        time: TimeOfDay,
    },
    Weekly {
        day: Weekday,
        time: TimeOfDay,
    },
    /// 1 to 31; a shorter month is served on its last day.
    Monthly {
        date: u8,
        time: TimeOfDay,
    },
}

/// When a group of a profile is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Plan {
    cycle: Cycle,
    /// Minutes after what the cycle says.
    later: u8,
}

/// A configuration follows the inventory of its profile by so many minutes, as devices do.
const BEHIND_INVENTORY: u8 = 15;

const HOUR: i64 = 3600;
const DAY_MINUTES: u32 = 24 * 60;

impl Plan {
    /// What `periodic` means for a group of a profile; `inventory` is the schedule of the same profile's inventory. `device` is
    /// what tells devices apart.
    pub(super) fn new(
        device: &str,
        profile: &str,
        group: AlertGroup,
        periodic: Periodic,
        inventory: Option<Periodic>,
    ) -> Self {
        let slot = Slot::of(device, profile, group);
        let exactly = |cycle| Self { cycle, later: 0 };
        if group != AlertGroup::Configuration || is_whole(periodic) {
            return exactly(slot.fill(periodic));
        }
        // Without an inventory of the same kind it is as if there were one.
        let leader = inventory.filter(|inventory| is_alike(*inventory, periodic));
        let leader = slot.fill(leader.unwrap_or(periodic));
        let behind = Self {
            cycle: leader,
            later: BEHIND_INVENTORY,
        };
        let same_day = |time: TimeOfDay| after_minutes(time, BEHIND_INVENTORY).0;
        match (periodic, leader) {
            (Periodic::Weekly { day: Some(own), .. }, Cycle::Weekly { day, time })
                if own != day =>
            {
                exactly(Cycle::Weekly {
                    day: own,
                    time: same_day(time),
                })
            }
            (
                Periodic::Monthly {
                    date: Some(own), ..
                },
                Cycle::Monthly { date, time },
            ) if own != date => exactly(Cycle::Monthly {
                date: own,
                time: same_day(time),
            }),
            _ => behind,
        }
    }

    /// The first time strictly after a moment; `None` at the end of the calendar.
    pub(super) fn next(&self, after: DateTime<Utc>, zone: &dyn Offsets) -> Option<DateTime<Utc>> {
        let later = TimeDelta::minutes(self.later.into());
        let first = self.cycle.next(after.checked_sub_signed(later)?, zone)?;
        first.checked_add_signed(later)
    }

    /// What an operator reads.
    pub(super) fn shown(&self) -> Cycle {
        match self.cycle {
            Cycle::Daily { time } => Cycle::Daily {
                time: after_minutes(time, self.later).0,
            },
            Cycle::Weekly { day, time } => {
                let (time, is_next_day) = after_minutes(time, self.later);
                let day = if is_next_day { day_after(day) } else { day };
                Cycle::Weekly { day, time }
            }
            Cycle::Monthly { date, time } => {
                let (time, is_next_day) = after_minutes(time, self.later);
                // Behind a month's last day comes the first.
                let date = if is_next_day { date % 31 + 1 } else { date };
                Cycle::Monthly { date, time }
            }
            other => other,
        }
    }

    /// The longest that two runs are apart, summer time aside.
    pub(super) fn period(&self) -> TimeDelta {
        match self.cycle {
            Cycle::Interval { minutes, .. } => TimeDelta::minutes(minutes.into()),
            Cycle::Hourly { .. } => TimeDelta::hours(1),
            Cycle::Daily { .. } => TimeDelta::days(1),
            Cycle::Weekly { .. } => TimeDelta::days(7),
            Cycle::Monthly { .. } => TimeDelta::days(31),
        }
    }
}

/// The times that one device picks for one group of one profile: always the same, and others on other devices, so that a server
/// does not hear from all of them at once.
struct Slot {
    minute_of_day: u32,
    minute: u32,
    weekday: u32,
    /// 1 to 28: days that every month has.
    date: u32,
    remainder: u32,
}

impl Slot {
    /// Inventory and configuration have the same.
    fn of(device: &str, profile: &str, group: AlertGroup) -> Self {
        let group = match group {
            AlertGroup::Configuration => AlertGroup::Inventory,
            other => other,
        };
        let mut hash = Sha256::new();
        for part in [device, profile, group.keyword()] {
            hash.update(part.as_bytes());
            hash.update([0]);
        }
        let hash = hash.finalize();
        let mut words = hash.chunks_exact(4).map(|word| {
            word.iter()
                .fold(0u32, |sum, byte| sum << 8 | u32::from(*byte))
        });
        let mut word = || words.next().unwrap_or_default();
        // The configuration that follows is sent on the same day.
        let minutes = match group {
            AlertGroup::Inventory => DAY_MINUTES - u32::from(BEHIND_INVENTORY),
            _ => DAY_MINUTES,
        };
        Self {
            minute_of_day: word() % minutes,
            minute: word() % 60,
            weekday: word() % 7,
            date: word() % 28 + 1,
            remainder: word(),
        }
    }

    /// Every part that is left out is the slot's.
    fn fill(&self, periodic: Periodic) -> Cycle {
        let time = |time: Option<TimeOfDay>| time.unwrap_or_else(|| of_minutes(self.minute_of_day));
        match periodic {
            Periodic::Interval { minutes } => Cycle::Interval {
                minutes: minutes.max(1),
                remainder: small(self.remainder % u32::from(minutes.max(1))),
            },
            Periodic::Hourly { minute } => Cycle::Hourly {
                minute: minute.unwrap_or(small(self.minute)),
            },
            Periodic::Daily { time: at } => Cycle::Daily { time: time(at) },
            Periodic::Weekly { day, time: at } => Cycle::Weekly {
                day: day.unwrap_or_else(|| weekday(self.weekday)),
                time: time(at),
            },
            Periodic::Monthly { date, time: at } => Cycle::Monthly {
                date: date.unwrap_or(small(self.date)),
                time: time(at),
            },
        }
    }
}

/// Whether no part is left out.
const fn is_whole(periodic: Periodic) -> bool {
    match periodic {
        Periodic::Interval { .. } => true,
        Periodic::Hourly { minute } => minute.is_some(),
        Periodic::Daily { time }
        | Periodic::Weekly { time, .. }
        | Periodic::Monthly { time, .. } => time.is_some(),
    }
}

fn is_alike(one: Periodic, other: Periodic) -> bool {
    std::mem::discriminant(&one) == std::mem::discriminant(&other)
}

impl Cycle {
    fn next(self, after: DateTime<Utc>, zone: &dyn Offsets) -> Option<DateTime<Utc>> {
        match self {
            Self::Interval { minutes, remainder } => {
                let (step, remainder) = (i64::from(minutes) * 60, i64::from(remainder) * 60);
                let behind = (after.timestamp() - remainder).rem_euclid(step);
                DateTime::from_timestamp(after.timestamp().checked_add(step - behind)?, 0)
            }
            Self::Hourly { minute } => hourly(minute, after, zone),
            Self::Daily { time } => days(after, zone)?
                .take(5)
                .filter_map(|day| {
                    let moment = moment(at(day, time)?, zone)?;
                    // A day that the calendar of a place has left out is no day.
                    (shown(moment, zone)?.date() == day || has(day, zone)).then_some(moment)
                })
                .find(|moment| *moment > after),
            Self::Weekly { day, time } => days(after, zone)?
                .take(16)
                .filter(|date| date.weekday().num_days_from_monday() == day as u32)
                .filter_map(|date| moment(at(date, time)?, zone))
                .find(|moment| *moment > after),
            Self::Monthly { date, time } => {
                let first = shown(after, zone)?.date().with_day(1)?;
                (0..4)
                    .filter_map(|months| first.checked_add_months(Months::new(months)))
                    .filter_map(|month| moment(at(of_month(month, date)?, time)?, zone))
                    .find(|moment| *moment > after)
            }
        }
    }
}

/// Every hour that passes, by the minutes that the clock shows: an hour that comes twice is two hours, one that is left out is none.
/// A clock that is set forward by half an hour over the minute runs when it is set.
fn hourly(minute: u8, after: DateTime<Utc>, zone: &dyn Offsets) -> Option<DateTime<Utc>> {
    // From `from` on, the clock shows `seconds` more than Greenwich.
    let showing = |from: i64, seconds: i32| {
        let wait = (i64::from(minute) * 60 - from - i64::from(seconds)).rem_euclid(HOUR);
        DateTime::from_timestamp(from.checked_add(wait)?, 0)
    };
    let seconds = zone.seconds_east(after);
    let shown = showing(after.timestamp().checked_add(1)?, seconds)?;
    let Some((turn, set)) = next_turn(after, shown, zone) else {
        return Some(shown);
    };
    let shown = showing(turn.timestamp(), set)?;
    let is_left_out = set > seconds && shown - after > TimeDelta::hours(1);
    Some(if is_left_out { turn } else { shown })
}

/// The days from the one that the clock shows.
fn days(after: DateTime<Utc>, zone: &dyn Offsets) -> Option<impl Iterator<Item = NaiveDate>> {
    let today = shown(after, zone)?.date();
    Some((0..).map_while(move |days| today.checked_add_days(Days::new(days))))
}

/// Whether a place has that day at all.
fn has(day: NaiveDate, zone: &dyn Offsets) -> bool {
    let midnight = moment(day.and_time(Default::default()), zone);
    midnight
        .and_then(|midnight| shown(midnight, zone))
        .is_some_and(|shown| shown.date() == day)
}

/// What the clock shows.
fn shown(utc: DateTime<Utc>, zone: &dyn Offsets) -> Option<NaiveDateTime> {
    let seconds = TimeDelta::seconds(zone.seconds_east(utc).into());
    utc.naive_utc().checked_add_signed(seconds)
}

/// No clock is set by as much as that at once.
const REACH: TimeDelta = TimeDelta::days(2);

/// The first moment at which the clock shows that time or, where it leaves it out, the first one behind the gap.
fn moment(local: NaiveDateTime, zone: &dyn Offsets) -> Option<DateTime<Utc>> {
    let greenwich = local.and_utc();
    let about = TimeDelta::seconds(zone.seconds_east(greenwich).into());
    let mut from = greenwich
        .checked_sub_signed(about)?
        .checked_sub_signed(REACH)?;
    let mut seconds = zone.seconds_east(from);
    loop {
        let shown = greenwich.checked_sub_signed(TimeDelta::seconds(seconds.into()))?;
        if shown <= from {
            return Some(from);
        }
        match next_turn(from, shown, zone) {
            Some((turn, set)) => (from, seconds) = (turn, set),
            None => return Some(shown),
        }
    }
}

/// No clock is set twice within that time.
const STEP: TimeDelta = TimeDelta::hours(6);

/// When the clock is first set after `from` and until `end`, and how far it is from Greenwich then.
fn next_turn(
    from: DateTime<Utc>,
    end: DateTime<Utc>,
    zone: &dyn Offsets,
) -> Option<(DateTime<Utc>, i32)> {
    let before = zone.seconds_east(from);
    let mut low = from;
    while low < end {
        let high = low.checked_add_signed(STEP)?.min(end);
        if zone.seconds_east(high) != before {
            return turn_between(low.timestamp(), high.timestamp(), before, zone);
        }
        low = high;
    }
    None
}

/// At `low` the clock is `before` from Greenwich, at `high` it is not.
fn turn_between(
    mut low: i64,
    mut high: i64,
    before: i32,
    zone: &dyn Offsets,
) -> Option<(DateTime<Utc>, i32)> {
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        if zone.seconds_east(DateTime::from_timestamp(middle, 0)?) == before {
            low = middle;
        } else {
            high = middle;
        }
    }
    let turn = DateTime::from_timestamp(high, 0)?;
    Some((turn, zone.seconds_east(turn)))
}

fn at(day: NaiveDate, time: TimeOfDay) -> Option<NaiveDateTime> {
    day.and_hms_opt(time.hour.into(), time.minute.into(), 0)
}

/// That date of a month that begins on `first`, or its last one.
fn of_month(first: NaiveDate, date: u8) -> Option<NaiveDate> {
    (28..=31)
        .rev()
        .map(|last| u32::from(date).min(last))
        .find_map(|date| first.with_day(date))
}

fn of_minutes(minutes: u32) -> TimeOfDay {
    TimeOfDay {
        hour: small(minutes / 60 % 24),
        minute: small(minutes % 60),
    }
}

/// The time so many minutes later, and whether that is on the next day.
fn after_minutes(time: TimeOfDay, later: u8) -> (TimeOfDay, bool) {
    let minutes = u32::from(time.hour) * 60 + u32::from(time.minute) + u32::from(later);
    (of_minutes(minutes), minutes >= DAY_MINUTES)
}

fn day_after(day: Weekday) -> Weekday {
    weekday(day as u32 + 1)
}

/// From Monday.
const fn weekday(number: u32) -> Weekday {
    match number % 7 {
        0 => Weekday::Monday,
        1 => Weekday::Tuesday,
        2 => Weekday::Wednesday,
        3 => Weekday::Thursday,
        4 => Weekday::Friday,
        5 => Weekday::Saturday,
        _ => Weekday::Sunday,
    }
}

fn small(number: u32) -> u8 {
    u8::try_from(number).unwrap_or(u8::MAX)
}

/// What follows `is scheduled`, as devices say it.
impl fmt::Display for Cycle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Interval { minutes: 1, .. } => f.write_str("every minute"),
            Self::Interval { minutes, .. } => write!(f, "every {minutes} minutes"),
            Self::Hourly { minute } => write!(f, "hourly at minute {minute}"),
            Self::Daily { time } => write!(f, "daily at {time}"),
            Self::Weekly { day, time } => write!(f, "every {} at {time}", day.keyword()),
            Self::Monthly { date, time } => write!(f, "every {date} day of the month at {time}"),
        }
    }
}

#[cfg(test)]
#[path = "schedule_tests.rs"]
mod tests;
