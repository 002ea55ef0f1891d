//! Messages on their way to a mailbox: what goes together, and the e-mails that are made of it, one for each level of
//! recipients (D130). Pure; when one goes is the core's matter, how it travels is `post`'s.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use mail_send::mail_builder::MessageBuilder;
use mail_send::mail_builder::headers::address::Address;
use mail_send::mail_builder::headers::raw::Raw;

use super::batch::Batch;
use super::mail_plan::MailPlan;
use crate::message::{Kind, Parsed, Severity};

/// Messages that are sent together.
#[derive(Debug, PartialEq, Eq)]
pub struct Letter {
    /// An answer to another letter is nobody's.
    pub id: u64,
    pub plan: Arc<MailPlan>,
    /// Each is its heading, a line feed, its line.
    pub batch: Batch,
    /// Who has them already.
    pub served: Vec<Arc<str>>,
    pub utc: DateTime<Utc>,
}

/// What became of a letter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mailed {
    pub id: u64,
    /// E-mails that a server took.
    pub emails: u64,
    /// Who has it now, or refused it for good while others have it.
    pub served: Vec<Arc<str>>,
    /// What went wrong last.
    pub fault: Option<String>,
    /// Not all have it: so long until the next try.
    pub again: Option<Duration>,
}

/// One e-mail, ready to be sent.
#[derive(Debug, PartialEq, Eq)]
pub struct Email {
    pub to: Vec<Arc<str>>,
    pub subject: String,
    pub lines: Vec<String>,
}

impl Letter {
    /// An e-mail for each level; recipients who want none of it are in none.
    pub fn emails(&self) -> Vec<Email> {
        let mut levels: BTreeMap<Severity, Vec<Arc<str>>> = BTreeMap::new();
        for (address, level) in &self.plan.recipients {
            if !self.served.contains(address) {
                levels.entry(*level).or_default().push(address.clone());
            }
        }
        let email = |(level, to)| self.email(level, to);
        levels.into_iter().filter_map(email).collect()
    }

    fn email(&self, level: Severity, to: Vec<Arc<str>>) -> Option<Email> {
        let wanted = || self.batch.iter().filter(|(item, _)| item.severity <= level);
        // The first of the most severe names the e-mail.
        let (_, first) = wanted().min_by_key(|(item, _)| item.severity)?;
        let lines: Vec<String> = wanted().map(|(_, bytes)| legible(split(bytes).1)).collect();
        let heading: String = legible(split(first).0).chars().take(HEADING).collect();
        let more = match lines.len() - 1 {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        Some(Email {
            to,
            subject: format!("{} syslog: {heading}{more}", self.plan.hostname),
            lines,
        })
    }

    /// The text of an e-mail as it is sent, with CR LF. `token` tells one from all others.
    pub fn text(&self, email: &Email, token: u64) -> Vec<u8> {
        let plan = &self.plan;
        let address = |text: &str| Address::new_address(None::<&str>, text.to_owned());
        let to = email.to.iter().map(|to| address(to)).collect();
        let mut body = email.lines.join("\r\n");
        body.push_str("\r\n");
        let seconds = self.utc.timestamp();
        let message = MessageBuilder::new()
            .from(address(&plan.from))
            .to(Address::new_list(to))
            .subject(email.subject.as_str())
            .date(seconds)
            .message_id(format!(
                "{seconds}.{}.{token:016x}@{}",
                self.id, plan.hostname
            ))
            .header("Auto-Submitted", Raw::new("auto-generated"))
            .text_body(body);
        let mut text = Vec::new();
        message.serialize(&mut text);
        text
    }
}

/// `%FAC-SEV-MNEM`, or the beginning of a line that has no such header.
pub(super) fn write_heading(out: &mut Vec<u8>, message: &Parsed<'_>, line: &[u8]) {
    out.clear();
    if message.facility.is_empty() {
        out.extend_from_slice(line.get(..HEADING).unwrap_or(line));
        return;
    }
    out.push(b'%');
    out.extend_from_slice(message.facility);
    if message.kind == Kind::Program {
        out.make_ascii_uppercase();
    }
    out.extend_from_slice(&[b'-', b'0' + message.severity.number()]);
    if !message.mnemonic.is_empty() {
        out.push(b'-');
        out.extend_from_slice(message.mnemonic);
    }
    out.truncate(HEADING);
}

fn split(bytes: &[u8]) -> (&[u8], &[u8]) {
    let at = memchr::memchr(b'\n', bytes).unwrap_or(bytes.len());
    let (heading, line) = bytes.split_at(at);
    (heading, line.get(1..).unwrap_or_default())
}

/// Control characters, and bytes that are no text, as `\xNN` (D36).
fn legible(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    let escape = |out: &mut String, bytes: &[u8]| {
        bytes
            .iter()
            .for_each(|byte| out.push_str(&format!("\\x{byte:02X}")));
    };
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            if c.is_control() && c != '\t' {
                escape(&mut out, c.encode_utf8(&mut [0; 4]).as_bytes());
            } else {
                out.push(c);
            }
        }
        escape(&mut out, chunk.invalid());
    }
    out
}

/// Octets of a heading at most.
const HEADING: usize = 120;

#[cfg(test)]
#[path = "letter_tests.rs"]
mod tests;
