//! `test logging discriminator NAME buffer`: what a discriminator would have done with each line of the log buffer.

use std::fmt;

use serde::Serialize;

use super::logging_trial::criterion;
use super::sanitised::harmless;
use crate::config::discriminator::{Discriminator, DiscriminatorName};
use crate::syslog::api::Criterion;

/// What became of the lines.
#[derive(Debug, Serialize)]
pub struct View {
    pub discriminator: String,
    /// The oldest first.
    pub lines: Vec<LineView>,
    pub passed: u64,
    pub blocked: u64,
    /// Criteria that blocked any, in the order in which they are asked.
    pub blocked_by: Vec<CriterionView>,
}

#[derive(Debug, Serialize)]
pub struct LineView {
    /// Control characters as `\xNN`.
    pub line: String,
    pub passes: bool,
    /// The criterion as it is configured.
    pub blocked_by: Option<String>,
}

#[derive(Debug, Serialize)]
pub struct CriterionView {
    pub criterion: String,
    pub lines: u64,
}

pub fn view<'a>(
    name: &DiscriminatorName,
    discriminator: &Discriminator,
    trials: impl Iterator<Item = (&'a [u8], Option<Criterion>)>,
) -> View {
    let mut counts = ORDER.map(|by| (by, 0_u64));
    let lines: Vec<_> = trials
        .map(|(line, blocked_by)| {
            for (by, count) in &mut counts {
                *count += u64::from(blocked_by == Some(*by));
            }
            LineView {
                line: String::from_utf8_lossy(&harmless(line)).into_owned(),
                passes: blocked_by.is_none(),
                blocked_by: blocked_by.map(|by| criterion(discriminator, by)),
            }
        })
        .collect();
    let blocked = counts.iter().map(|(_, count)| count).sum();
    let blocked_by = counts
        .iter()
        .filter(|(_, count)| *count > 0)
        .map(|(by, count)| CriterionView {
            criterion: criterion(discriminator, *by),
            lines: *count,
        });
    View {
        discriminator: name.as_str().to_owned(),
        passed: lines.len() as u64 - blocked,
        blocked,
        blocked_by: blocked_by.collect(),
        lines,
    }
}

impl fmt::Display for View {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in &self.lines {
            match &line.blocked_by {
                None => writeln!(f, "passes: {}", line.line)?,
                Some(by) => writeln!(f, "blocked by {by}: {}", line.line)?,
            }
        }
        writeln!(
            f,
            "MD {}: {} lines of the log buffer pass, {} are blocked",
            self.discriminator, self.passed, self.blocked
        )?;
        for by in &self.blocked_by {
            writeln!(f, "    {} by {}", by.lines, by.criterion)?;
        }
        Ok(())
    }
}

/// As the verdict asks them.
const ORDER: [Criterion; 5] = [
    Criterion::Severity,
    Criterion::Facility,
    Criterion::Mnemonics,
    Criterion::MsgBody,
    Criterion::Sender,
];
