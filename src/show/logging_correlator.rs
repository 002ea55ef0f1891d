//! `show logging correlator`: the rules, and what correlation does for each session that asks for it.

use std::fmt;

use serde::Serialize;

use super::logging_discriminator::label;
use super::table::{Column, Table};
use crate::config::correlator::{CorrelatorRule, Header};
use crate::config::logging::Logging;
use crate::syslog::api::{CorrelationStatus, Status};

/// `show logging correlator`.
#[derive(Debug, Serialize)]
pub struct View {
    /// By name.
    pub rules: Vec<RuleView>,
    /// Those that ask for correlation, or did.
    pub sessions: Vec<SessionView>,
}

#[derive(Debug, Serialize)]
pub struct RuleView {
    pub name: String,
    pub applied: bool,
    /// Applied, and with a cause and a symptom.
    pub acts: bool,
    pub timeout_seconds: u16,
    /// `FACILITY MNEMONIC`.
    pub rootcause: Option<String>,
    pub nonrootcauses: Vec<String>,
}

#[derive(Debug, Serialize)]
pub struct SessionView {
    pub session: String,
    #[serde(flatten)]
    pub found: CorrelationStatus,
}

pub fn view(logging: &Logging, status: &Status) -> View {
    let inside = [
        ("console", &status.console),
        ("monitor", &status.monitor),
        ("buffer", &status.buffer),
        ("xml buffer", &status.xml_buffer),
        ("history", &status.history),
        ("persistent", &status.persistent),
        ("mail", &status.mail),
    ];
    let inside = inside.map(|(session, status)| (session.to_owned(), status.correlation));
    let hosts = status
        .hosts
        .iter()
        .map(|host| (label(&host.key), host.correlation));
    let sessions = inside.into_iter().chain(hosts);
    View {
        rules: logging
            .correlator
            .iter()
            .map(|(name, rule)| rule_view(name, rule))
            .collect(),
        sessions: sessions
            .filter(|(_, found)| found.is_asked || found.summaries > 0)
            .map(|(session, found)| SessionView { session, found })
            .collect(),
    }
}

fn rule_view(name: &str, rule: &CorrelatorRule) -> RuleView {
    let header = |header: &Header| format!("{} {}", header.facility, header.mnemonic);
    RuleView {
        name: name.to_owned(),
        applied: rule.applied,
        acts: rule.applied && rule.cause.is_some() && !rule.symptoms.is_empty(),
        timeout_seconds: rule.effective_timeout(),
        rootcause: rule.cause.as_ref().map(header),
        nonrootcauses: rule.symptoms.iter().map(header).collect(),
    }
}

impl fmt::Display for View {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.rules.is_empty() {
            writeln!(f, "No correlator rule.")?;
        }
        for rule in &self.rules {
            let state = match (rule.applied, rule.acts) {
                (_, true) => "applied",
                (true, false) => "applied, but incomplete",
                (false, _) => "not applied",
            };
            let none = || "none".to_owned();
            writeln!(f, "Correlator rule {}: {state}", rule.name)?;
            writeln!(f, "    Timeout:       {} seconds", rule.timeout_seconds)?;
            let cause = rule.rootcause.clone().unwrap_or_else(none);
            writeln!(f, "    Rootcause:     {cause}")?;
            let symptoms = match rule.nonrootcauses.as_slice() {
                [] => none(),
                symptoms => symptoms.join(", "),
            };
            writeln!(f, "    Nonrootcauses: {symptoms}")?;
        }
        writeln!(f)?;
        if self.sessions.is_empty() {
            return writeln!(f, "No session asks for correlation.");
        }
        let mut table = Table::new([
            Column::left("Session", 22),
            Column::right("Watched", 7),
            Column::right("Damped", 6),
            Column::right("Held", 5),
            Column::right("Duplicates", 10),
            Column::right("Flapping", 8),
            Column::right("Symptoms", 8),
            Column::right("Summaries", 9),
        ])
        .ruled();
        for SessionView { session, found } in &self.sessions {
            let counts = [
                found.watched,
                found.damped,
                found.held,
                found.merged_duplicates,
                found.merged_flapping,
                found.merged_symptoms,
                found.summaries,
            ];
            let counts = counts.iter().map(u64::to_string);
            table.row(
                std::iter::once(session.clone())
                    .chain(counts)
                    .collect::<Vec<_>>(),
            );
        }
        write!(f, "{table}")
    }
}
