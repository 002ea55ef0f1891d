//! `send log` and `clear logging`.

use std::sync::Arc;

use super::{Ask, Call, Failure, Outcome};
use crate::command::exec::{LoggingSavelog, SendLog};
use crate::config::Refusal;
use crate::message::{Own, Severity};
use crate::syslog::api::{Syslog, savelog_name};

/// Makes one local message (C3.9); facility USER, mnemonic LOG and severity informational unless said otherwise (D9).
pub(super) fn send(call: &mut Call<'_>, command: &SendLog) -> Result<Outcome, Failure> {
    if is_unfinished(command) {
        return Err(Refusal::Incomplete.into());
    }
    let severity = match command.severity {
        Some(number) => Severity::from_number(number).ok_or(Refusal::Value {
            expected: "<0-7>".into(),
        })?,
        None => Severity::Informational,
    };
    let facility = word(command.facility.as_ref(), "USER")?;
    let mnemonic = word(command.mnemonics.as_ref(), "LOG")?;
    call.chassis.syslog.say(Own {
        facility,
        severity,
        mnemonic,
        body: command.text.to_string(),
    });
    Ok(Outcome::Done)
}

/// Whether what was taken for the text is a severity, a facility or a mnemonic that no text follows.
fn is_unfinished(command: &SendLog) -> bool {
    let mut words = command.text.split_ascii_whitespace();
    let first = words.next().unwrap_or_default();
    let is = |keyword: &str| first.len() >= 3 && keyword.starts_with(first);
    let is_severity = matches!(first.as_bytes(), [b'0'..=b'7']) && command.severity.is_none();
    let is_facility = is("facility") && command.facility.is_none();
    let is_mnemonics = is("mnemonics") && command.mnemonics.is_none();
    match words.count() {
        0 => is_severity || is_facility || is_mnemonics,
        1 => is_facility || is_mnemonics,
        _ => false,
    }
}

/// Letters, digits and underscores, printed in upper case: anything else would not be read back as a header.
fn word(given: Option<&Arc<str>>, default: &str) -> Result<Arc<str>, Refusal> {
    let text = given.map_or(default, |given| given);
    if text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
        Ok(text.to_ascii_uppercase().into())
    } else {
        Err(Refusal::Value {
            expected: "letters, digits and underscores".into(),
        })
    }
}

/// `logging savelog`: the buffer goes to a file; without a name to one named by the time (D114).
pub(super) fn save(call: &mut Call<'_>, command: &LoggingSavelog) -> Result<Outcome, Failure> {
    let mut lines = call.chassis.syslog.buffer();
    if !lines.is_empty() {
        lines.push(b'\n');
    }
    let name = match &command.file {
        Some(file) => file.to_string(),
        None => {
            let entries = call.chassis.state.disk0().list();
            let entries = entries.map_err(|fault| Failure::Action(fault.to_string()))?;
            let taken = |name: &str| entries.iter().any(|entry| entry.name == name);
            let name = savelog_name(call.chassis.clock.now(), taken);
            writeln!(call.out, "Saving the log buffer to disk0:{name}")?;
            name
        }
    };
    super::files::write(call, &name, &lines)
}

pub(super) fn clear(_: &mut Call<'_>) -> Result<Outcome, Failure> {
    Ok(confirmed("Clear logging buffer", |syslog| {
        syslog.clear_buffer();
    }))
}

pub(super) fn clear_xml(_: &mut Call<'_>) -> Result<Outcome, Failure> {
    Ok(confirmed("Clear XML logging buffer", |syslog| {
        syslog.clear_xml_buffer();
    }))
}

/// What lies on disk of sessions that are not configured goes (D110).
pub(super) fn clear_left_on_disk(_: &mut Call<'_>) -> Result<Outcome, Failure> {
    let what = "Drop messages on disk of hosts that are not configured";
    Ok(confirmed(what, |syslog| syslog.clear_left_on_disk()))
}

fn confirmed(what: &str, then: fn(&dyn Syslog)) -> Outcome {
    Outcome::Ask(Ask {
        text: format!("{what} [confirm] "),
        echo: true,
        default: "y".into(),
        then: Box::new(move |answer, call| {
            if super::startup::is_confirmed(&answer) {
                then(&*call.chassis.syslog);
            }
            Ok(Outcome::Done)
        }),
    })
}
