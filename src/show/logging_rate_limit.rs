//! `show logging rate-limit`: the limits of single messages and severities, and what each discarded (D103).

use std::fmt;

use serde::Serialize;

use super::table::{Column, Table};
use crate::config::logging::Logging;
use crate::config::logging_limit::{Limited, MessageLimit};
use crate::syslog::api::{Status, Tables};

/// `show logging rate-limit`.
#[derive(Debug, Serialize)]
pub struct View {
    /// `logging rate-limit N`, for the whole device.
    pub device: Option<String>,
    pub limits: Vec<LimitView>,
    /// By all of these together.
    pub discarded_by_global_rate_limit: u64,
}

#[derive(Debug, Serialize)]
pub struct LimitView {
    pub message: Option<u32>,
    pub level: Option<&'static str>,
    /// `None`: unlimited.
    pub number: Option<u32>,
    /// Seconds.
    pub interval: Option<u32>,
    pub passed: u64,
    pub discarded: u64,
}

pub fn view(logging: &Logging, status: &Status, tables: &Tables) -> View {
    let of = |(limited, limit): (&Limited, &MessageLimit)| {
        let counted = tables
            .limits
            .iter()
            .find(|status| status.limited == *limited);
        let (message, level) = match limited {
            Limited::Message(number) => (Some(*number), None),
            Limited::Level(level) => (None, Some(level.keyword())),
        };
        let (number, interval) = match limit {
            MessageLimit::Unlimited => (None, None),
            MessageLimit::Limited { number, interval } => (Some(*number), Some(interval.get())),
        };
        LimitView {
            message,
            level,
            number,
            interval,
            passed: counted.map_or(0, |counted| counted.passed),
            discarded: counted.map_or(0, |counted| counted.discarded),
        }
    };
    View {
        device: logging.rate_limit.map(|limit| limit.to_string()),
        limits: logging.message_limits.iter().map(of).collect(),
        discarded_by_global_rate_limit: status.device.discarded_by_global_rate_limit,
    }
}

impl fmt::Display for View {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(device) = &self.device {
            writeln!(f, "All messages: {device} per second")?;
        }
        let mut table = Table::new([
            Column::left("Limit of", 21),
            Column::right("Messages", 10),
            Column::right("Seconds", 10),
            Column::right("Passed", 10),
            Column::right("Discarded", 10),
        ])
        .ruled();
        for limit in &self.limits {
            let of = match (limit.message, limit.level) {
                (Some(number), _) => format!("message {number}"),
                (None, level) => format!("level {}", level.unwrap_or_default()),
            };
            let or_none = |figure: Option<u32>| {
                figure.map_or_else(|| "-".to_owned(), |figure| figure.to_string())
            };
            table.row([
                of,
                limit
                    .number
                    .map_or_else(|| "unlimited".to_owned(), |number| number.to_string()),
                or_none(limit.interval),
                limit.passed.to_string(),
                limit.discarded.to_string(),
            ]);
        }
        if self.limits.is_empty() {
            writeln!(f, "No message and no severity is limited.")?;
        } else {
            write!(f, "{table}")?;
        }
        writeln!(
            f,
            "{} messages discarded by global rate limit",
            self.discarded_by_global_rate_limit
        )
    }
}
