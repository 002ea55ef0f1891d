//! `show logging discriminator`: each discriminator with its criteria in the order in which they are checked, and how often
//! each of them blocked and let pass, by session and in sum.

use std::fmt;

use serde::Serialize;

use super::table::{Column, Table};
use crate::config::discriminator::{Discriminator, DiscriminatorName, Flapping, Match};
use crate::config::logging::{LocalSession, Logging, SessionKey};
use crate::syslog::api::{Hits, Status};

/// `show logging discriminator [NAME]`.
#[derive(Debug, Serialize)]
pub struct View {
    /// By name.
    pub discriminators: Vec<DiscriminatorView>,
}

#[derive(Debug, Serialize)]
pub struct DiscriminatorView {
    pub name: String,
    /// The sessions that it is attached to.
    pub sessions: Vec<String>,
    pub criteria: Vec<CriterionView>,
}

/// One criterion, or what stands behind them: `duplicates`, `flapping`, the rate limit.
#[derive(Debug, Serialize)]
pub struct CriterionView {
    /// As it is configured.
    pub criterion: String,
    pub blocked: u64,
    pub passed: u64,
    /// In the order of the discriminator's sessions.
    pub by_session: Vec<CountView>,
}

#[derive(Debug, Serialize)]
pub struct CountView {
    pub session: String,
    pub blocked: u64,
    pub passed: u64,
}

/// The view of one discriminator, or of all of them.
pub fn view(logging: &Logging, status: &Status, only: Option<&DiscriminatorName>) -> View {
    let found = logging
        .discriminators
        .iter()
        .filter(|(name, _)| only.is_none_or(|only| only == *name));
    View {
        discriminators: found
            .map(|(name, discriminator)| describe(name, discriminator, logging, status))
            .collect(),
    }
}

fn describe(
    name: &DiscriminatorName,
    discriminator: &Discriminator,
    logging: &Logging,
    status: &Status,
) -> DiscriminatorView {
    let sessions = attached(name, logging, status);
    let criteria = criteria(discriminator)
        .into_iter()
        .map(|(criterion, step)| {
            let by_session: Vec<CountView> = sessions
                .iter()
                .map(|(session, hits)| {
                    let (met, blocked) = counts(hits, step);
                    CountView {
                        session: session.clone(),
                        blocked,
                        passed: met.saturating_sub(blocked),
                    }
                })
                .collect();
            CriterionView {
                criterion,
                blocked: by_session.iter().map(|count| count.blocked).sum(),
                passed: by_session.iter().map(|count| count.passed).sum(),
                by_session,
            }
        });
    DiscriminatorView {
        name: name.as_str().to_owned(),
        criteria: criteria.collect(),
        sessions: sessions.into_iter().map(|(session, _)| session).collect(),
    }
}

/// The sessions that name it, and what it did there.
fn attached(name: &DiscriminatorName, logging: &Logging, status: &Status) -> Vec<(String, Hits)> {
    let names = |session: Option<&LocalSession>| {
        session.is_some_and(|session| session.discriminator.as_ref() == Some(name))
    };
    let inside = [
        ("console", names(logging.console_session()), &status.console),
        ("monitor", names(logging.monitor_session()), &status.monitor),
        ("buffer", names(logging.buffer().as_ref()), &status.buffer),
    ];
    let inside = inside
        .into_iter()
        .filter(|(_, is_attached, _)| *is_attached)
        .map(|(session, _, status)| (session.to_owned(), status.hits));
    let is_attached = |key: &SessionKey| {
        let host = logging.hosts.get(key);
        host.is_some_and(|host| logging.discriminator_of(host) == Some(name))
    };
    let hosts = status
        .hosts
        .iter()
        .filter(|host| is_attached(&host.key))
        .map(|host| (label(&host.key), host.hits));
    inside.chain(hosts).collect()
}

/// `192.0.2.7 udp 514`, `host3 beep 601 channel 3`.
pub(super) fn label(key: &SessionKey) -> String {
    let channel = key
        .channel
        .map_or_else(String::new, |channel| format!(" channel {channel}"));
    let vrf = key
        .vrf
        .as_ref()
        .map_or_else(String::new, |vrf| format!(" vrf {vrf}"));
    let (host, transport, port) = (&key.host, key.transport.keyword(), key.port);
    format!("{host}{vrf} {transport} {port}{channel}")
}

/// The place of a criterion in the order in which they are checked.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd)]
enum Step {
    Severity,
    Facility,
    Mnemonics,
    MsgBody,
    Sender,
    Duplicates,
    Flapping,
    RateLimit,
}

fn criteria(discriminator: &Discriminator) -> Vec<(String, Step)> {
    let mut found = Vec::new();
    if let Some(severity) = &discriminator.severity {
        let (sense, list) = (severity.sense.keyword(), severity.list.as_str());
        found.push((format!("severity {sense} {list}"), Step::Severity));
    }
    let matches = [
        ("facility", &discriminator.facility, Step::Facility),
        ("mnemonics", &discriminator.mnemonics, Step::Mnemonics),
        ("msg-body", &discriminator.msg_body, Step::MsgBody),
        ("sender", &discriminator.sender, Step::Sender),
    ];
    for (field, criterion, step) in matches {
        if let Some(Match { sense, pattern }) = criterion {
            found.push((format!("{field} {} {pattern}", sense.keyword()), step));
        }
    }
    if let Some(seconds) = discriminator.duplicates {
        found.push((format!("duplicates {seconds}"), Step::Duplicates));
    }
    if let Some(Flapping { changes, within }) = discriminator.flapping {
        found.push((
            format!("flapping {changes} within {within}"),
            Step::Flapping,
        ));
    }
    if let Some(limit) = discriminator.rate_limit {
        let except = limit
            .except
            .map_or_else(String::new, |except| format!(" except {}", except.number()));
        found.push((
            format!("rate-limit {}{except}", limit.limit),
            Step::RateLimit,
        ));
    }
    found
}

/// How many messages a criterion met, and how many of them it blocked. One that is not configured blocks none.
fn counts(hits: &Hits, step: Step) -> (u64, u64) {
    let blocks = hits.blocks;
    let steps = [
        (Step::Severity, blocks.severity),
        (Step::Facility, blocks.facility),
        (Step::Mnemonics, blocks.mnemonics),
        (Step::MsgBody, blocks.msg_body),
        (Step::Sender, blocks.sender),
        (Step::Duplicates, hits.repeats),
        (Step::Flapping, hits.damped),
    ];
    let before = steps.iter().filter(|(known, _)| *known < step);
    let met = hits.received - before.map(|(_, blocked)| blocked).sum::<u64>();
    let own = steps.iter().find(|(known, _)| *known == step);
    own.map_or((hits.limitable, hits.rate_limited), |(_, blocked)| {
        (met, *blocked)
    })
}

impl fmt::Display for View {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.discriminators.is_empty() {
            return writeln!(f, "No Message Discriminator.");
        }
        let mut table = Table::new([
            Column::left("MD", 8),
            Column::left("Criterion", 30),
            Column::left("Session", 22),
            Column::right("Blocked", 9),
            Column::right("Passed", 9),
        ])
        .ruled();
        for found in &self.discriminators {
            rows(&mut table, found);
        }
        write!(f, "{table}")
    }
}

fn rows(table: &mut Table, found: &DiscriminatorView) {
    let mut name = found.name.clone();
    let unattached = found.sessions.is_empty();
    if found.criteria.is_empty() {
        let sessions = if unattached {
            "not attached".to_owned()
        } else {
            found.sessions.join(", ")
        };
        let none = "none, all pass".to_owned();
        table.row([name, none, sessions, String::new(), String::new()]);
        return;
    }
    for criterion in &found.criteria {
        let mut what = criterion.criterion.clone();
        let mut row = |session: &str, counts: Option<(u64, u64)>| {
            let [blocked, passed] = match counts {
                Some((blocked, passed)) => [blocked.to_string(), passed.to_string()],
                None => [String::new(), String::new()],
            };
            let (name, what) = (std::mem::take(&mut name), std::mem::take(&mut what));
            table.row([name, what, session.to_owned(), blocked, passed]);
        };
        if unattached {
            row("not attached", None);
        }
        for count in &criterion.by_session {
            row(&count.session, Some((count.blocked, count.passed)));
        }
        if criterion.by_session.len() > 1 {
            row("all sessions", Some((criterion.blocked, criterion.passed)));
        }
    }
}
