//! `logging message`: messages by number, turned off or given another severity, for the whole device (D102).

use std::sync::Arc;

use super::logging::Logging;
use super::render::Lines;
use crate::command::logging_filters::LoggingMessage;
use crate::message::Severity;

/// What is configured about one message; by default nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MessageRule {
    pub disabled: bool,
    /// In place of its own severity.
    pub level: Option<Severity>,
    /// Kept: there is no standby unit.
    pub standby: bool,
}

/// `logging message ID` turns it on again; with `level` or `standby` it changes that and nothing else.
pub(super) fn set(logging: &mut Logging, c: &LoggingMessage) {
    change(logging, c.message, |rule| match c.level {
        Some(level) => rule.level = Some(level.0),
        None if c.standby => rule.standby = true,
        None => rule.disabled = false,
    });
}

/// `no logging message ID` turns it off; with `level` or `standby` it takes that back and nothing else.
pub(super) fn unset(logging: &mut Logging, c: &LoggingMessage) {
    change(logging, c.message, |rule| match c.level {
        Some(_) => rule.level = None,
        None if c.standby => rule.standby = false,
        None => rule.disabled = true,
    });
}

fn change(logging: &mut Logging, number: u32, change: impl FnOnce(&mut MessageRule)) {
    let mut rule = logging.messages.get(&number).copied().unwrap_or_default();
    change(&mut rule);
    if rule != MessageRule::default() {
        Arc::make_mut(&mut logging.messages).insert(number, rule);
    } else if logging.messages.contains_key(&number) {
        Arc::make_mut(&mut logging.messages).remove(&number);
    }
}

impl Logging {
    pub(super) fn message_lines(&self, out: &mut Lines) {
        for (number, rule) in self.messages.iter() {
            if let Some(level) = rule.level {
                out.line(
                    0,
                    format_args!("logging message {number} level {}", level.keyword()),
                );
            }
            if rule.standby {
                out.line(0, format_args!("logging message {number} standby"));
            }
            if rule.disabled {
                out.line(0, format_args!("no logging message {number}"));
            }
        }
    }
}
