//! `logging rate-limit` as an ASA has it: so many messages in so many seconds, of one number or of one severity (D103). The
//! one of IOS, for the whole device, stands with the other settings.

use std::fmt;
use std::num::NonZeroU32;
use std::sync::Arc;

use super::logging::Logging;
use super::refusal::{Kind, Notices, Refusal};
use super::render::Lines;
use crate::command::logging_filters::{Limited as Typed, LoggingRateLimitMessages};
use crate::message::Severity;

/// Whose messages are counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Limited {
    /// By number; it wins over the limit of the severity.
    Message(u32),
    /// All of exactly this severity that have no limit of their own.
    Level(Severity),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageLimit {
    /// What one message is set to, to be out of the limit of its severity.
    Unlimited,
    /// The first `number` of each `interval` seconds pass.
    Limited { number: u32, interval: NonZeroU32 },
}

impl From<&Typed> for Limited {
    fn from(typed: &Typed) -> Self {
        match typed {
            Typed::Message { message } => Self::Message(*message),
            Typed::Level { level } => Self::Level(level.0),
        }
    }
}

impl fmt::Display for Limited {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Message(number) => write!(f, "message {number}"),
            Self::Level(level) => write!(f, "level {}", level.keyword()),
        }
    }
}

pub(super) fn set(logging: &mut Logging, c: &LoggingRateLimitMessages) {
    let limit = match c.number {
        Some(number) => MessageLimit::Limited {
            number,
            interval: c
                .interval
                .and_then(NonZeroU32::new)
                .unwrap_or(NonZeroU32::MIN),
        },
        None => MessageLimit::Unlimited,
    };
    Arc::make_mut(&mut logging.message_limits).insert((&c.limited).into(), limit);
}

/// The figures that are typed are not looked at, as on the device.
pub(super) fn unset(
    logging: &mut Logging,
    c: &LoggingRateLimitMessages,
) -> Result<Notices, Refusal> {
    let limited = Limited::from(&c.limited);
    if !logging.message_limits.contains_key(&limited) {
        return Err(Refusal::NotDefined {
            kind: Kind::Limit,
            name: limited.to_string().into(),
        });
    }
    Arc::make_mut(&mut logging.message_limits).remove(&limited);
    Ok(Notices::new())
}

impl Logging {
    pub(super) fn limit_lines(&self, out: &mut Lines) {
        for (limited, limit) in self.message_limits.iter() {
            match limit {
                MessageLimit::Unlimited => {
                    out.line(0, format_args!("logging rate-limit unlimited {limited}"))
                }
                MessageLimit::Limited { number, interval } => {
                    out.line(
                        0,
                        format_args!("logging rate-limit {number} {interval} {limited}"),
                    );
                }
            }
        }
    }
}
