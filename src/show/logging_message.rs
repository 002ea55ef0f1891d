//! `show logging message [ID | all]`: messages that are turned off or have another severity (D102).

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use crate::config::logging::Logging;
use crate::config::logging_defaults::{DEFAULT_LEVELS, default_level};
use crate::message::Severity;
use crate::syslog::api::{CountedMessage, Tables};

/// `show logging message`.
#[derive(Debug, Serialize)]
pub struct View {
    /// By number.
    pub messages: Vec<MessageView>,
}

#[derive(Debug, Serialize)]
pub struct MessageView {
    pub message: u32,
    /// The severity it came with last, else the one that an ASA gives it; `None` when neither is known.
    pub default_level: Option<&'static str>,
    /// When it has been given another.
    pub current_level: Option<&'static str>,
    pub enabled: bool,
    /// Messages that were not made because it is turned off.
    pub disabled_by_logging_message: u64,
}

/// Which messages are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    Changed,
    One(u32),
    /// Those that are changed, those whose severity an ASA's documents say, and those that have come while `logging count` was on.
    All,
}

pub fn view(logging: &Logging, tables: &Tables, which: Which) -> View {
    let mut seen: BTreeMap<u32, Option<Severity>> = BTreeMap::new();
    match which {
        Which::Changed => {}
        Which::One(number) => drop(seen.insert(number, None)),
        Which::All => {
            let counted = tables.counted.iter().filter_map(CountedMessage::number);
            let known = DEFAULT_LEVELS.iter().map(|(number, _)| *number);
            seen.extend(counted.chain(known).map(|number| (number, None)));
        }
    }
    if !matches!(which, Which::One(_)) {
        seen.extend(logging.messages.keys().map(|number| (*number, None)));
    }
    for (number, severity) in &mut seen {
        let rule = tables
            .messages
            .iter()
            .find(|status| status.number == *number);
        let counted = || {
            tables
                .counted
                .iter()
                .find(|counted| counted.number() == Some(*number))
        };
        *severity = rule.and_then(|rule| rule.default).or_else(|| {
            // Counted under the severity that it was given.
            counted()
                .filter(|_| rule.is_none())
                .map(|counted| counted.severity)
                .or_else(|| default_level(*number))
        });
    }
    let of = |(number, default): (u32, Option<Severity>)| {
        let rule = logging.messages.get(&number).copied().unwrap_or_default();
        let status = tables
            .messages
            .iter()
            .find(|status| status.number == number);
        MessageView {
            message: number,
            default_level: default.map(Severity::keyword),
            current_level: rule.level.map(Severity::keyword),
            enabled: !rule.disabled,
            disabled_by_logging_message: status.map_or(0, |status| status.disabled),
        }
    };
    View {
        messages: seen.into_iter().map(of).collect(),
    }
}

impl fmt::Display for View {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.messages.is_empty() {
            return writeln!(f, "No message is changed.");
        }
        for message in &self.messages {
            write!(f, "syslog {}:", message.message)?;
            if let Some(level) = message.default_level {
                write!(f, " default-level {level}")?;
            }
            if let Some(level) = message.current_level {
                let comma = if message.default_level.is_some() {
                    ","
                } else {
                    ""
                };
                write!(f, "{comma} current-level {level}")?;
            }
            writeln!(
                f,
                " ({})",
                if message.enabled {
                    "enabled"
                } else {
                    "disabled"
                }
            )?;
        }
        Ok(())
    }
}
