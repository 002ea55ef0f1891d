//! The zone of a device's clock: what it shows at an instant, with the rule of its summer time, and which instant a time on
//! it names. What is printed, and where a zone is configured, is decided elsewhere.

use std::sync::Arc;

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveDateTime, TimeDelta, Utc, Weekday};

/// The zone of a clock; UTC by default.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone {
    /// As `show-timezone` prints it, `UTC`.
    pub name: Arc<str>,
    /// Seconds east of Greenwich.
    pub seconds: i32,
    pub summer: Option<Summer>,
}

/// Summer time: when, and what the clocks show then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summer {
    /// As `show-timezone` prints it, `CEST`.
    pub name: Arc<str>,
    /// Seconds that the clocks are set forward.
    pub seconds: i32,
    pub rule: Rule,
}

/// Starts are read from clocks that show standard time, ends from clocks that show summer time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// Every year. South of the equator it ends in the year after the one in which it started.
    Recurring { start: Turn, end: Turn },
    Once {
        start: NaiveDateTime,
        end: NaiveDateTime,
    },
}

/// A moment of every year: `last Sun Mar 2:00`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Turn {
    pub week: Week,
    pub weekday: Weekday,
    /// 1 to 12.
    pub month: u32,
    /// Since midnight, 0 to 1439.
    pub minutes: u32,
}

/// Which of the days of a month that have the same name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Week {
    /// 1 to 4.
    Numbered(u8),
    Last,
}

/// What a clock shows at an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shown<'a> {
    pub local: NaiveDateTime,
    /// Seconds east of Greenwich, summer time included.
    pub seconds: i32,
    pub zone: &'a Arc<str>,
    pub is_summer: bool,
}

/// How far a clock is from Greenwich: all that is needed to plan by it, whoever keeps its rules.
pub trait Offsets {
    /// Seconds east of Greenwich at an instant, summer time included.
    fn seconds_east(&self, at: DateTime<Utc>) -> i32;
}

impl Offsets for Zone {
    fn seconds_east(&self, at: DateTime<Utc>) -> i32 {
        self.at(at).seconds
    }
}

impl Default for Zone {
    fn default() -> Self {
        Self {
            name: "UTC".into(),
            seconds: 0,
            summer: None,
        }
    }
}

impl Zone {
    /// What the clock shows at an instant. At the end of the calendar it stands still.
    pub fn at(&self, utc: DateTime<Utc>) -> Shown<'_> {
        let summer = self
            .summer
            .as_ref()
            .filter(|summer| self.is_summer(summer, utc.naive_utc()));
        let (seconds, zone) = match summer {
            Some(summer) => (self.seconds + summer.seconds, &summer.name),
            None => (self.seconds, &self.name),
        };
        Shown {
            local: shifted(utc.naive_utc(), seconds).unwrap_or(utc.naive_utc()),
            seconds,
            zone,
            is_summer: summer.is_some(),
        }
    }

    /// The instant at which the clock shows that time. Of an hour that comes twice it is the instant nearer to `near`; an
    /// hour that is left out is read from a clock that nobody has set forward.
    pub fn instant(&self, local: NaiveDateTime, near: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let of = |seconds: i32| shifted(local, -seconds).map(|utc| utc.and_utc());
        let standard = of(self.seconds);
        let Some(summer) = &self.summer else {
            return standard;
        };
        let set_forward = self.seconds + summer.seconds;
        let is_shown = |instant: &DateTime<Utc>| self.at(*instant).local == local;
        let shown = [standard, of(set_forward)].into_iter().flatten();
        shown
            .filter(is_shown)
            .min_by_key(|instant| (*instant - near).abs())
            .or(standard)
    }

    /// The instant of a time that is said to be of a zone of this name; `None` when the clock has no such zone.
    pub fn instant_in(
        &self,
        name: &str,
        local: NaiveDateTime,
        near: DateTime<Utc>,
    ) -> Option<DateTime<Utc>> {
        let summer = self.summer.as_ref().filter(|summer| *summer.name == *name);
        let seconds = match (*self.name == *name, summer) {
            // Both are called alike, so the name says nothing.
            (true, Some(_)) => return self.instant(local, near),
            (true, None) => self.seconds,
            (false, Some(summer)) => self.seconds + summer.seconds,
            (false, None) => return None,
        };
        shifted(local, -seconds).map(|utc| utc.and_utc())
    }

    /// The summer time that an instant is in, or the next one, as instants; `None` when there is none any more.
    pub fn summer_around(&self, utc: DateTime<Utc>) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
        let summer = self.summer.as_ref()?;
        let utc = utc.naive_utc();
        let found = match summer.rule {
            Rule::Once { start, end } => {
                let (start, end) = self.turns(summer, start, end)?;
                Some((start, end)).filter(|(_, end)| utc < *end)
            }
            Rule::Recurring { .. } => {
                let starts = years(utc).filter_map(|year| Some(self.of_year(summer, year)?.0));
                let ends = years(utc).filter_map(|year| Some(self.of_year(summer, year)?.1));
                let end = ends.filter(|end| *end > utc).min()?;
                let start = starts.filter(|start| *start < end).max()?;
                Some((start, end))
            }
        };
        found.map(|(start, end)| (start.and_utc(), end.and_utc()))
    }

    fn is_summer(&self, summer: &Summer, utc: NaiveDateTime) -> bool {
        match summer.rule {
            Rule::Once { start, end } => self
                .turns(summer, start, end)
                .is_some_and(|(start, end)| (start..end).contains(&utc)),
            // Whichever turn came last, in whichever hemisphere.
            Rule::Recurring { .. } => years(utc)
                .filter_map(|year| self.of_year(summer, year))
                .flat_map(|(start, end)| [(start, true), (end, false)])
                .filter(|(turn, _)| *turn <= utc)
                .max_by_key(|(turn, is_start)| (*turn, !*is_start))
                .is_some_and(|(_, is_start)| is_start),
        }
    }

    /// The turns of a year, in UTC.
    fn of_year(&self, summer: &Summer, year: i32) -> Option<(NaiveDateTime, NaiveDateTime)> {
        let Rule::Recurring { start, end } = summer.rule else {
            return None;
        };
        self.turns(summer, start.of_year(year)?, end.of_year(year)?)
    }

    /// Local turns in UTC.
    fn turns(
        &self,
        summer: &Summer,
        start: NaiveDateTime,
        end: NaiveDateTime,
    ) -> Option<(NaiveDateTime, NaiveDateTime)> {
        Some((
            shifted(start, -self.seconds)?,
            shifted(end, -(self.seconds + summer.seconds))?,
        ))
    }
}

/// The years whose turns may concern an instant, wherever the clock is.
fn years(utc: NaiveDateTime) -> impl Iterator<Item = i32> {
    utc.year().saturating_sub(1)..=utc.year().saturating_add(1)
}

fn shifted(time: NaiveDateTime, seconds: i32) -> Option<NaiveDateTime> {
    time.checked_add_signed(TimeDelta::seconds(seconds.into()))
}

impl Turn {
    fn of_year(self, year: i32) -> Option<NaiveDateTime> {
        let day = match self.week {
            Week::Numbered(week) => {
                NaiveDate::from_weekday_of_month_opt(year, self.month, self.weekday, week)?
            }
            Week::Last => {
                let fourth =
                    NaiveDate::from_weekday_of_month_opt(year, self.month, self.weekday, 4)?;
                let fifth = fourth.checked_add_days(Days::new(7));
                fifth
                    .filter(|fifth| fifth.month() == self.month)
                    .unwrap_or(fourth)
            }
        };
        day.and_hms_opt(self.minutes / 60, self.minutes % 60, 0)
    }
}

#[cfg(test)]
#[path = "zone_tests.rs"]
mod tests;
