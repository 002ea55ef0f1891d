//! Reading a configuration as text: `-f`, `copy FILE running-config`, the startup-config, `reload`. The same grammar and the
//! same walk up the modes as for what is typed; refusals are told with file, line and column, and counted (C1.6, C1.7).

mod reader;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Read, Write};
use std::path::Path;
use std::sync::{Arc, PoisonError};

pub use reader::read;

use super::wording;
use crate::command::Config;
use crate::config::{self, Notice, Notices, Refusal, RunningConfig, Scope};
use crate::exec::chassis::StartupError;
use crate::exec::configure::{configure, sealed};
use crate::exec::{self, Caller, Chassis, Failure};
use crate::show::sanitised::{sanitised, write_harmless};

/// What became of a text's lines; blank lines and comments are none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub applied: usize,
    refused: BTreeMap<String, usize>,
}

impl Tally {
    pub fn refused(&self) -> usize {
        self.refused.values().sum()
    }

    /// The line that ends the reading, with its end.
    pub fn summary(&self) -> String {
        let mut refused: Vec<_> = self
            .refused
            .iter()
            .map(|(keyword, times)| (sanitised(&beginning(keyword)), *times))
            .collect();
        refused.sort_by_key(|(_, times)| std::cmp::Reverse(*times));
        wording::summary(self.applied, &refused)
    }
}

/// Something to tell about a line: why it was refused, or a warning although it was applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    /// The line with its secrets masked.
    pub text: String,
    pub what: What,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    Refused(Refusal),
    /// Applied, and of no use here.
    Unusable,
    Warning(String),
}

/// Where the lines go.
pub trait Target {
    fn apply(&mut self, scope: &Scope, command: &Config) -> Result<Notices, Refusal>;
}

/// The running-config, line by line on the newest.
struct Running<'a>(&'a Arc<Chassis>);

impl Target for Running<'_> {
    fn apply(&mut self, scope: &Scope, command: &Config) -> Result<Notices, Refusal> {
        configure(self.0, scope, command)
    }
}

/// A configuration that nobody runs yet.
impl Target for RunningConfig {
    fn apply(&mut self, scope: &Scope, command: &Config) -> Result<Notices, Refusal> {
        config::apply(self, scope, &*sealed(command, None)?)
    }
}

/// Reads `text` into the running-config, tells its findings and the summary on `err`, and makes one message for the command
/// that read it.
pub fn into_running(
    chassis: &Arc<Chassis>,
    caller: &Caller,
    name: &str,
    text: &str,
    err: &mut dyn Write,
) -> Tally {
    let tally = read(text, &mut Running(chassis), &mut |finding| {
        tell(name, &finding, err)
    });
    // Who does not listen to standard error is told nothing.
    err.write_all(tally.summary().as_bytes())
        .and_then(|()| err.flush())
        .unwrap_or_default();
    let command = format!("copy {name} running-config");
    chassis
        .syslog
        .say(wording::executed(&caller.user, &command));
    chassis.syslog.say(wording::changed(
        &caller.user,
        caller.application,
        &caller.address,
        &command,
    ));
    tally
}

/// `-f FILE`: any path of this host.
pub fn file(
    chassis: &Arc<Chassis>,
    caller: &Caller,
    path: &Path,
    err: &mut dyn Write,
) -> io::Result<Tally> {
    let text = text_at(path)?;
    let name = path.display().to_string();
    Ok(into_running(chassis, caller, &name, &text, err))
}

/// The configuration text of a file of this host.
///
/// # Errors
/// It cannot be read, or it is longer than 64 MiB.
pub fn text_at(path: &Path) -> io::Result<String> {
    let mut bytes = Vec::new();
    fs::File::open(path)?
        .take(LARGEST + 1)
        .read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LARGEST {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    Ok(text_of(bytes))
}

/// Configuration text of a file; bytes that are no UTF-8 are replaced (D26).
pub fn text_of(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes)
        .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

/// What reading a startup-config gave.
#[derive(Clone, Debug, Default)]
pub struct Reading {
    pub config: RunningConfig,
    /// Refusals and warnings, in the order of the lines.
    pub findings: Vec<Finding>,
    pub tally: Tally,
}

impl Reading {
    pub fn of(text: &str) -> Self {
        let mut reading = Self::default();
        // Reading nothing needs no grammar; a start without a startup-config is the common one of a script.
        if !text.trim_ascii().is_empty() {
            let findings = &mut reading.findings;
            reading.tally = read(text, &mut reading.config, &mut |found| findings.push(found));
        }
        reading
    }

    /// The lines that were refused or are of no use, for `show startup-config errors`.
    pub fn errors(&self) -> Vec<StartupError> {
        let listed = |finding: &Finding| {
            let error = match &finding.what {
                What::Warning(_) => return None,
                What::Unusable => Notice::Unusable.to_string(),
                What::Refused(refusal) => refusal.to_string(),
            };
            Some(StartupError {
                line: finding.line,
                column: finding.column,
                text: finding.text.clone(),
                error,
                is_refused: finding.what != What::Unusable,
            })
        };
        self.findings.iter().filter_map(listed).collect()
    }

    /// Its findings and its summary. Who does not listen to standard error is told nothing.
    fn tell(&self, err: &mut dyn Write) {
        for finding in &self.findings {
            tell(STARTUP, finding, err);
        }
        err.write_all(self.tally.summary().as_bytes())
            .and_then(|()| err.flush())
            .unwrap_or_default();
    }

    /// What a start that read a startup-config has to say: one message for the command that reads it, the findings and the
    /// summary. At a terminal the console says itself what was refused (C2.2).
    pub fn tell_start(&self, chassis: &Chassis, caller: &Caller, err: &mut dyn Write) {
        let command = format!("copy {STARTUP} running-config");
        chassis
            .syslog
            .say(wording::executed(&caller.user, &command));
        if !caller.is_terminal {
            self.tell(err);
        }
    }
}

/// The configuration a startup-config says, and its lines that were refused.
pub fn load(text: &str) -> (RunningConfig, Vec<StartupError>, Tally) {
    let reading = Reading::of(text);
    let errors = reading.errors();
    (reading.config, errors, reading.tally)
}

/// Replaces the running-config by the startup-config; an unreadable one changes nothing, an absent one is empty (C2.3).
/// What was unsaved is kept first.
pub fn reload(
    chassis: &Arc<Chassis>,
    caller: &Caller,
    err: &mut dyn Write,
) -> Result<Tally, Failure> {
    let action = |fault: &dyn std::fmt::Display| Failure::Action(fault.to_string());
    let bytes = chassis
        .state
        .read_startup()
        .map_err(|fault| action(&fault))?
        .unwrap_or_default();
    let kept = exec::startup::keep_unsaved(chassis).map_err(|fault| action(&fault))?;
    let reading = Reading::of(&text_of(bytes));
    if let Some(notice) = kept {
        writeln!(err, "{notice}").unwrap_or_default();
    }
    reading.tell(err);
    *chassis
        .startup_errors
        .lock()
        .unwrap_or_else(PoisonError::into_inner) = reading.errors();
    chassis.owner.replace(reading.config);
    chassis
        .syslog
        .say(wording::executed(&caller.user, "reload"));
    Ok(reading.tally)
}

/// One finding: `FILE:LINE:COLUMN`, and for a refusal the line with its caret.
pub fn tell(file: &str, finding: &Finding, err: &mut dyn Write) {
    let at = wording::located(file, finding.line, finding.column);
    let told = match &finding.what {
        What::Warning(text) => format!("{at}WARNING: {text}\n"),
        What::Unusable => format!("{at}{}\n", Notice::Unusable),
        What::Refused(refusal @ Refusal::Invalid { .. }) if finding.column <= REPEATED => {
            let caret = wording::caret(finding.column - 1);
            format!("{at}{refusal}\n{}\n{caret}", beginning(&finding.text))
        }
        What::Refused(refusal) => format!("{at}{refusal}\n{}\n", beginning(&finding.text)),
    };
    // The line came from a file; no file drives a terminal (C3.4).
    write_harmless(told.as_bytes(), err).unwrap_or_default();
}

/// A line as it is repeated: enough of it to be known by (D58).
fn beginning(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(REPEATED) {
        Some((end, _)) => Cow::Owned(format!("{}...", text.get(..end).unwrap_or_default())),
        None => Cow::Borrowed(text),
    }
}

const REPEATED: usize = 200;
/// Bytes of a configuration file, as many as `disk0:` holds.
const LARGEST: u64 = 64 << 20;

/// The name of the startup-config in findings.
const STARTUP: &str = "startup-config";
