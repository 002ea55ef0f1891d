//! The words and numbers of call-home: alert groups, severities, schedules, limits. Each is checked once, when it is read from a
//! line, and printed the way it is stored. What they do to a message is decided in the call-home room.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, de};

/// The eight groups, in the order in which a profile's subscriptions are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum AlertGroup {
    Diagnostic,
    Environment,
    Threat,
    Syslog,
    Inventory,
    Configuration,
    Telemetry,
    Snapshot,
}

impl AlertGroup {
    /// All eight, in the order of the enum.
    pub const ALL: [Self; 8] = [
        Self::Diagnostic,
        Self::Environment,
        Self::Threat,
        Self::Syslog,
        Self::Inventory,
        Self::Configuration,
        Self::Telemetry,
        Self::Snapshot,
    ];

    pub const fn keyword(self) -> &'static str {
        match self {
            Self::Diagnostic => "diagnostic",
            Self::Environment => "environment",
            Self::Threat => "threat",
            Self::Syslog => "syslog",
            Self::Inventory => "inventory",
            Self::Configuration => "configuration",
            Self::Telemetry => "telemetry",
            Self::Snapshot => "snapshot",
        }
    }

    /// What `show call-home alert-group` says of it.
    pub const fn description(self) -> &'static str {
        match self {
            Self::Diagnostic => "diagnostic info",
            Self::Environment => "environmental info",
            Self::Threat => "threat detection info",
            Self::Syslog => "syslog info",
            Self::Inventory => "inventory info",
            Self::Configuration => "configuration info",
            Self::Telemetry => "telemetry info",
            Self::Snapshot => "snapshot info",
        }
    }

    /// Whether a severity decides what of it is sent.
    pub const fn has_severity(self) -> bool {
        matches!(
            self,
            Self::Diagnostic | Self::Environment | Self::Threat | Self::Syslog
        )
    }
}

/// How bad an alert is: 0 debugging to 9 catastrophic, the other way round than a syslog severity. The order is the level's.
/// Syslog's own words are taken too where call-home has no such word of its own; `critical` is always call-home's (D51).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum AlertSeverity {
    Debugging,
    #[serde(alias = "informational")]
    Normal,
    #[serde(alias = "notifications")]
    Notification,
    #[serde(alias = "warnings")]
    Warning,
    #[serde(alias = "errors")]
    Minor,
    Major,
    #[serde(alias = "alert")]
    Critical,
    #[serde(alias = "emergencies")]
    Fatal,
    Disaster,
    Catastrophic,
}

impl AlertSeverity {
    /// From the least severe on.
    pub const ALL: [Self; 10] = [
        Self::Debugging,
        Self::Normal,
        Self::Notification,
        Self::Warning,
        Self::Minor,
        Self::Major,
        Self::Critical,
        Self::Fatal,
        Self::Disaster,
        Self::Catastrophic,
    ];

    /// 0 to 9, the number in a message's `Severity` element.
    pub const fn level(self) -> u8 {
        self as u8
    }

    pub const fn keyword(self) -> &'static str {
        match self {
            Self::Debugging => "debugging",
            Self::Normal => "normal",
            Self::Notification => "notification",
            Self::Warning => "warning",
            Self::Minor => "minor",
            Self::Major => "major",
            Self::Critical => "critical",
            Self::Fatal => "fatal",
            Self::Disaster => "disaster",
            Self::Catastrophic => "catastrophic",
        }
    }
}

/// When a time-based group is sent. A part that is left out is the device's choice and stays left out in the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Periodic {
    /// Every so many minutes, 1 to 60; the snapshot group alone.
    Interval {
        minutes: u8,
    },
    /// At this minute, 0 to 59; snapshot and telemetry alone.
    Hourly {
        minute: Option<u8>,
    },
    Daily {
        time: Option<TimeOfDay>,
    },
    Weekly {
        day: Option<Weekday>,
        time: Option<TimeOfDay>,
    },
    /// On this date, 1 to 31; a month that has no such date is served on its last one.
    Monthly {
        date: Option<u8>,
        time: Option<TimeOfDay>,
    },
}

/// As typed after `periodic`.
impl fmt::Display for Periodic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (word, first, second) = match *self {
            Self::Interval { minutes } => ("interval", Some(minutes.to_string()), None),
            Self::Hourly { minute } => ("hourly", minute.map(|minute| minute.to_string()), None),
            Self::Daily { time } => ("daily", None, time),
            Self::Weekly { day, time } => ("weekly", day.map(|day| day.keyword().into()), time),
            Self::Monthly { date, time } => ("monthly", date.map(|date| date.to_string()), time),
        };
        f.write_str(word)?;
        first.map_or(Ok(()), |part| write!(f, " {part}"))?;
        second.map_or(Ok(()), |time| write!(f, " {time}"))
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
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
    pub const fn keyword(self) -> &'static str {
        match self {
            Self::Monday => "monday",
            Self::Tuesday => "tuesday",
            Self::Wednesday => "wednesday",
            Self::Thursday => "thursday",
            Self::Friday => "friday",
            Self::Saturday => "saturday",
            Self::Sunday => "sunday",
        }
    }
}

/// `hh:mm`, in the device's zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TimeOfDay {
    pub hour: u8,
    pub minute: u8,
}

impl TimeOfDay {
    pub fn new(text: &str) -> Option<Self> {
        let (hour, minute) = text.split_once(':')?;
        Some(Self {
            hour: two_digits(hour, 23)?,
            minute: two_digits(minute, 59)?,
        })
    }
}

impl fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.hour, self.minute)
    }
}

/// One or two digits, at most `most`.
pub(crate) fn two_digits(text: &str, most: u8) -> Option<u8> {
    let digits = (1..=2).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    digits
        .then(|| text.parse().ok())
        .flatten()
        .filter(|number| *number <= most)
}

/// `threshold ... LOW-HIGH`, percent, 0 to 100: raised at `high`, cleared at `low`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Threshold {
    pub low: u8,
    pub high: u8,
}

impl Threshold {
    /// What both thresholds are when nothing is configured.
    pub const DEFAULT: Self = Self { low: 85, high: 90 };

    pub fn new(text: &str) -> Option<Self> {
        let percent = |text: &str| {
            let digits =
                (1..=3).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
            digits
                .then(|| text.parse().ok())
                .flatten()
                .filter(|percent| *percent <= 100u8)
        };
        let (low, high) = text.split_once('-')?;
        let (low, high) = (percent(low)?, percent(high)?);
        (low <= high).then_some(Self { low, high })
    }
}

impl fmt::Display for Threshold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.low, self.high)
    }
}

/// Numbers of syslog messages: `106100`, `106100-106103`, or several of these with commas. Each from 1 to 999999.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MessageIds(Arc<[(u32, u32)]>);

impl MessageIds {
    pub fn new(text: &str) -> Option<Self> {
        let number = |text: &str| {
            let digits =
                (1..=6).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
            digits
                .then(|| text.parse::<u32>().ok())
                .flatten()
                .filter(|number| *number > 0)
        };
        text.split(',')
            .map(|part| {
                let (first, last) = part.split_once('-').unwrap_or((part, part));
                let (first, last) = (number(first)?, number(last)?);
                (first <= last).then_some((first, last))
            })
            .collect::<Option<Arc<[_]>>>()
            .map(Self)
    }

    pub fn contains(&self, number: u32) -> bool {
        self.0
            .iter()
            .any(|(first, last)| (*first..=*last).contains(&number))
    }
}

impl fmt::Display for MessageIds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, (first, last)) in self.0.iter().enumerate() {
            let comma = if place == 0 { "" } else { "," };
            if first == last {
                write!(f, "{comma}{first}")?
            } else {
                write!(f, "{comma}{first}-{last}")?
            }
        }
        Ok(())
    }
}

/// How a message is written. The vendor's server takes XML alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    LongText,
    ShortText,
    #[default]
    Xml,
}

impl Format {
    pub const fn keyword(self) -> &'static str {
        match self {
            Self::LongText => "long-text",
            Self::ShortText => "short-text",
            Self::Xml => "xml",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Method {
    Http,
    Email,
}

impl Method {
    pub const fn keyword(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Email => "email",
        }
    }
}

/// How much of the configuration the configuration group carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Export {
    Full,
    Minimum,
}

impl Export {
    pub const fn keyword(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Minimum => "minimum",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Metric {
    Cpu,
    Memory,
}

impl Metric {
    pub const fn keyword(self) -> &'static str {
        match self {
            Self::Cpu => "cpu",
            Self::Memory => "memory",
        }
    }
}

/// Reads a value that is a word with rules of its own.
macro_rules! read_from_text {
    ($type:ty, $expected:expr $(, $most:ident)?) => {
        impl<'de $(, const $most: usize)?> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                Self::new(&text).ok_or_else(|| de::Error::custom($expected))
            }
        }
    };
}

pub(super) use read_from_text;

read_from_text!(TimeOfDay, "a time of day, hh:mm");
read_from_text!(Threshold, "two percentages, LOW-HIGH, each 0 to 100");
read_from_text!(
    MessageIds,
    "message numbers such as 106100 or 106100-106103"
);

impl Serialize for TimeOfDay {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
#[path = "values_tests.rs"]
mod tests;
