//! What stands before all sessions and is about single messages: those turned off by their number, those given another
//! severity, limits of one message or of one severity (D102, D103), and the count of them all. A device on which nothing of this is configured has no
//! screen, and pays one branch.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
use std::sync::Arc;

use super::admission::number;
use super::api::{LimitStatus, MessageStatus};
use crate::config::logging::Logging;
use crate::config::logging_limit::{Limited, MessageLimit};
use crate::config::logging_message::MessageRule;
use crate::message::{Kind, Parsed, Severity};

/// What is configured.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScreenPlan {
    messages: Arc<BTreeMap<u32, MessageRule>>,
    limits: Arc<BTreeMap<Limited, MessageLimit>>,
    counts: bool,
}

impl ScreenPlan {
    /// `None` where nothing is configured.
    pub fn of(logging: &Logging) -> Option<Self> {
        let is_idle =
            logging.messages.is_empty() && logging.message_limits.is_empty() && !logging.count;
        (!is_idle).then(|| Self {
            messages: logging.messages.clone(),
            limits: logging.message_limits.clone(),
            counts: logging.count,
        })
    }

    /// `logging count`.
    pub fn counts(&self) -> bool {
        self.counts
    }
}

/// What became of the messages that something is configured about.
#[derive(Debug, Default)]
pub(super) struct Screen {
    messages: HashMap<u32, Seen>,
    limits: HashMap<Limited, Window>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Seen {
    /// The severity it came with last, before it was given another.
    severity: Option<Severity>,
    disabled: u64,
}

#[derive(Clone, Copy, Debug, Default)]
struct Window {
    /// The interval at hand, counted from the start of the process.
    interval: u64,
    used: u32,
    passed: u64,
    discarded: u64,
}

/// What the screen says of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Screened {
    Passes(Severity),
    Disabled,
    Discarded(Severity),
}

impl Screen {
    /// Judges a message in this second of the process, and counts it.
    pub(super) fn judge(
        &mut self,
        plan: &ScreenPlan,
        message: &Parsed<'_>,
        second: u64,
    ) -> Screened {
        let number = number(message);
        let mut severity = message.severity;
        if let Some(number) = number
            && let Some(rule) = plan.messages.get(&number)
        {
            let seen = self.messages.entry(number).or_default();
            seen.severity = Some(severity);
            if rule.disabled {
                seen.disabled += 1;
                return Screened::Disabled;
            }
            severity = rule.level.unwrap_or(severity);
        }
        if plan.limits.is_empty() {
            return Screened::Passes(severity);
        }
        let by_number = number
            .map(Limited::Message)
            .filter(|own| plan.limits.contains_key(own));
        let limited = by_number.unwrap_or(Limited::Level(severity));
        let Some(MessageLimit::Limited { number, interval }) = plan.limits.get(&limited) else {
            return Screened::Passes(severity);
        };
        let window = self.limits.entry(limited).or_default();
        let at = second / u64::from(interval.get());
        if window.interval != at {
            (window.interval, window.used) = (at, 0);
        }
        if window.used >= *number {
            window.discarded += 1;
            return Screened::Discarded(severity);
        }
        window.used += 1;
        window.passed += 1;
        Screened::Passes(severity)
    }

    /// Forgets what is not configured any more. Windows of limits that changed begin anew.
    pub(super) fn adopt(&mut self, before: Option<&ScreenPlan>, plan: Option<&ScreenPlan>) {
        let none = ScreenPlan::default();
        let (before, plan) = (before.unwrap_or(&none), plan.unwrap_or(&none));
        self.messages
            .retain(|number, _| plan.messages.contains_key(number));
        self.limits.retain(|limited, window| {
            if before.limits.get(limited) != plan.limits.get(limited) {
                (window.interval, window.used) = (0, 0);
            }
            plan.limits.contains_key(limited)
        });
    }

    /// By number, one for each rule.
    pub(super) fn messages(&self, plan: Option<&ScreenPlan>) -> Vec<MessageStatus> {
        let rules = plan.into_iter().flat_map(|plan| plan.messages.keys());
        let of = |number: &u32| {
            let seen = self.messages.get(number).copied().unwrap_or_default();
            MessageStatus {
                number: *number,
                default: seen.severity,
                disabled: seen.disabled,
            }
        };
        rules.map(of).collect()
    }

    /// In the order of the configuration.
    pub(super) fn limits(&self, plan: Option<&ScreenPlan>) -> Vec<LimitStatus> {
        let limits = plan.into_iter().flat_map(|plan| plan.limits.keys());
        let of = |limited: &Limited| {
            let window = self.limits.get(limited).copied().unwrap_or_default();
            LimitStatus {
                limited: *limited,
                passed: window.passed,
                discarded: window.discarded,
            }
        };
        limits.map(of).collect()
    }
}

/// All of a message of which the severity is another one, into `out`, and the place of its `text` there. Where the header is
/// written when the message is, nothing changes.
pub(super) fn with_severity(
    out: &mut Vec<u8>,
    all: &[u8],
    message: &Parsed<'_>,
    severity: Severity,
) -> Range<usize> {
    out.clear();
    out.extend_from_slice(all);
    // `text` is a piece of `all`.
    let start = (message.text.as_ptr() as usize).wrapping_sub(all.as_ptr() as usize);
    let place = start..start.wrapping_add(message.text.len());
    let digit = out
        .get_mut(place.clone())
        // `%FACILITY-N-`
        .and_then(|text| text.get_mut(message.facility.len() + 2));
    if let (Kind::Cisco, Some(digit @ b'0'..=b'7')) = (message.kind, digit) {
        *digit = b'0' + severity.number();
    }
    place
}
