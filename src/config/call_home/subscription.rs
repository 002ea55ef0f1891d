//! What a call-home profile subscribes to: the struct, what adds to it and takes from it, its text lines. Whether a message is sent
//! because of it is decided in the call-home room.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use super::{AlertGroup, AlertSeverity, Export, MessageIds, Periodic};
use crate::command::call_home::Subscription as Given;
use crate::command::call_home::texts::{Quoted, Text};
use crate::config::render::Lines;
use crate::config::{Refusal, pattern};

/// What a profile subscribes to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Subscriptions {
    /// `subscribe-to-alert-group all`.
    pub all: bool,
    /// Every group but syslog, which can be subscribed to several times.
    pub groups: BTreeMap<AlertGroup, Subscription>,
    pub syslog: BTreeMap<SyslogSelector, Option<AlertSeverity>>,
}

/// Each group uses those of the parts that the grammar gives it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Subscription {
    pub severity: Option<AlertSeverity>,
    pub export: Option<Export>,
    pub periodic: Option<Periodic>,
}

/// Which syslog messages.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SyslogSelector {
    Any,
    Messages(MessageIds),
    /// A regular expression over the whole message.
    Pattern(Arc<str>),
}

impl Subscription {
    /// Debugging, which lets everything through, unless configured.
    pub fn effective_severity(&self) -> AlertSeverity {
        self.severity.unwrap_or(AlertSeverity::Debugging)
    }
}

impl Subscriptions {
    /// A group that is subscribed to already gets the new terms.
    pub(super) fn add(&mut self, given: &Given) -> Result<(), Refusal> {
        let terms = read(given);
        if let Terms::Syslog(SyslogSelector::Pattern(pattern), _) = &terms {
            pattern::check(pattern).map_err(|error| Refusal::Pattern {
                why: error.to_string(),
            })?;
        }
        match terms {
            Terms::All => self.all = true,
            Terms::Group(group, subscription) => drop(self.groups.insert(group, subscription)),
            Terms::Syslog(selector, severity) => drop(self.syslog.insert(selector, severity)),
        }
        Ok(())
    }

    /// `all` removes everything, a group all of its subscriptions, a syslog selector that one. What only `all` covers cannot be
    /// taken out of it.
    pub(super) fn remove(&mut self, given: &Given) -> Result<(), Refusal> {
        let was = match read(given) {
            Terms::All => {
                *self = Self::default();
                return Ok(());
            }
            Terms::Group(group, _) => self.groups.remove(&group).is_some(),
            Terms::Syslog(SyslogSelector::Any, None) => {
                let was = !self.syslog.is_empty();
                self.syslog.clear();
                was
            }
            Terms::Syslog(selector, _) => self.syslog.remove(&selector).is_some(),
        };
        if self.all && !was {
            return Err(Refusal::NotAllowed {
                why: "The profile subscribes to all alert groups; remove that subscription first",
            });
        }
        Ok(())
    }

    /// What `base` has and this has not comes first: behind `all` it could no longer be taken away.
    pub(super) fn lines(&self, base: &Self, out: &mut Lines) {
        for group in base
            .groups
            .keys()
            .filter(|group| !self.groups.contains_key(group))
        {
            out.line(
                2,
                format_args!("no subscribe-to-alert-group {}", group.keyword()),
            );
        }
        if self.all {
            out.line(2, format_args!("subscribe-to-alert-group all"));
        }
        for group in AlertGroup::ALL {
            if let Some(subscription) = self.groups.get(&group) {
                out.line(
                    2,
                    format_args!("subscribe-to-alert-group {}{subscription}", group.keyword()),
                );
            }
            if group == AlertGroup::Syslog {
                for (selector, severity) in &self.syslog {
                    let severity = Subscription {
                        severity: *severity,
                        ..Subscription::default()
                    };
                    out.line(
                        2,
                        format_args!("subscribe-to-alert-group syslog{severity}{selector}"),
                    );
                }
            }
        }
    }
}

/// A subscription as this file keeps it.
enum Terms {
    All,
    Group(AlertGroup, Subscription),
    Syslog(SyslogSelector, Option<AlertSeverity>),
}

fn read(given: &Given) -> Terms {
    let terms = |group, severity, export, periodic| {
        Terms::Group(
            group,
            Subscription {
                severity,
                export,
                periodic,
            },
        )
    };
    match given {
        Given::All => Terms::All,
        Given::Diagnostic { severity } => terms(AlertGroup::Diagnostic, *severity, None, None),
        Given::Environment { severity } => terms(AlertGroup::Environment, *severity, None, None),
        Given::Threat { severity } => terms(AlertGroup::Threat, *severity, None, None),
        Given::Inventory { periodic } => terms(AlertGroup::Inventory, None, None, *periodic),
        Given::Configuration { export, periodic } => {
            terms(AlertGroup::Configuration, None, *export, *periodic)
        }
        Given::Telemetry { periodic } => terms(AlertGroup::Telemetry, None, None, *periodic),
        Given::Snapshot { periodic } => terms(AlertGroup::Snapshot, None, None, *periodic),
        Given::Syslog {
            severity,
            ids,
            pattern,
        } => Terms::Syslog(selector(ids.as_ref(), pattern.as_ref()), *severity),
    }
}

fn selector(ids: Option<&MessageIds>, pattern: Option<&Text<80>>) -> SyslogSelector {
    match (ids, pattern) {
        (Some(ids), _) => SyslogSelector::Messages(ids.clone()),
        (None, Some(pattern)) => SyslogSelector::Pattern(pattern.shared()),
        (None, None) => SyslogSelector::Any,
    }
}

/// What follows the group's keyword, with a blank before each part.
impl fmt::Display for Subscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.severity.map_or(Ok(()), |severity| {
            write!(f, " severity {}", severity.keyword())
        })?;
        self.export
            .map_or(Ok(()), |export| write!(f, " export {}", export.keyword()))?;
        self.periodic
            .map_or(Ok(()), |periodic| write!(f, " periodic {periodic}"))
    }
}

impl fmt::Display for SyslogSelector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => Ok(()),
            Self::Messages(ids) => write!(f, " message {ids}"),
            Self::Pattern(pattern) => write!(f, " pattern {}", Quoted(pattern)),
        }
    }
}
