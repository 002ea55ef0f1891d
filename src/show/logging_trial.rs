//! `test logging discriminator`: what a message is taken for, and which criterion blocks it.

use std::fmt;

use serde::Serialize;

use super::sanitised::harmless;
use crate::config::discriminator::{Discriminator, DiscriminatorName};
use crate::syslog::api::{Criterion, Trial};

/// What became of the message.
#[derive(Debug, Serialize)]
pub struct View {
    pub discriminator: String,
    /// Empty for a debug line, as is `mnemonic`.
    pub facility: String,
    pub severity: u8,
    pub severity_name: &'static str,
    pub mnemonic: String,
    /// Control characters as `\xNN`.
    pub body: String,
    pub sender: String,
    pub passes: bool,
    /// The criterion as it is configured.
    pub blocked_by: Option<String>,
}

pub fn view(name: &DiscriminatorName, discriminator: &Discriminator, trial: &Trial) -> View {
    let text = |bytes: &[u8]| String::from_utf8_lossy(&harmless(bytes)).into_owned();
    View {
        discriminator: name.as_str().to_owned(),
        facility: text(&trial.facility),
        severity: trial.severity.number(),
        severity_name: trial.severity.keyword(),
        mnemonic: text(&trial.mnemonic),
        body: text(&trial.body),
        sender: text(&trial.sender),
        passes: trial.blocked_by.is_none(),
        blocked_by: trial.blocked_by.map(|by| criterion(discriminator, by)),
    }
}

/// As it is configured.
pub(super) fn criterion(discriminator: &Discriminator, by: Criterion) -> String {
    let found = match by {
        Criterion::Severity => {
            let found = discriminator.severity.as_ref();
            return found.map_or_else(String::new, |s| {
                format!("severity {} {}", s.sense.keyword(), s.list.as_str())
            });
        }
        Criterion::Facility => ("facility", &discriminator.facility),
        Criterion::Mnemonics => ("mnemonics", &discriminator.mnemonics),
        Criterion::MsgBody => ("msg-body", &discriminator.msg_body),
        Criterion::Sender => ("sender", &discriminator.sender),
    };
    let (field, found) = found;
    found.as_ref().map_or_else(String::new, |m| {
        format!("{field} {} {}", m.sense.keyword(), m.pattern)
    })
}

impl fmt::Display for View {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let none = |text: &str| {
            if text.is_empty() {
                "none".to_owned()
            } else {
                text.to_owned()
            }
        };
        writeln!(f, "Severity:  {} ({})", self.severity, self.severity_name)?;
        writeln!(f, "Facility:  {}", none(&self.facility))?;
        writeln!(f, "Mnemonic:  {}", none(&self.mnemonic))?;
        writeln!(f, "Body:      {}", none(&self.body))?;
        writeln!(f, "Sender:    {}", none(&self.sender))?;
        match &self.blocked_by {
            None => writeln!(f, "MD {}: passes", self.discriminator),
            Some(by) => writeln!(f, "MD {}: blocked by {by}", self.discriminator),
        }
    }
}
