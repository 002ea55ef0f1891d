//! Show commands: gather the newest configuration, the rooms' status and the host's facts, make the view, print it.

use std::fmt::Display;
use std::sync::PoisonError;

use serde::Serialize;

use super::{Call, Failure, Format, Outcome};
use crate::command::exec::{ShowClock, ShowRunningConfig, ShowStartupConfig};
use crate::show;

/// A view in the form that was asked for.
pub(super) fn print(
    call: &mut Call<'_>,
    view: &(impl Serialize + Display),
) -> Result<Outcome, Failure> {
    match call.format {
        Format::Text => show::text(view, call.out)?,
        Format::Json => show::json(view, call.out)?,
    }
    Ok(Outcome::Done)
}

/// Configuration text: as it is, or its lines with their depth.
pub(super) fn print_config(call: &mut Call<'_>, text: &str) -> Result<Outcome, Failure> {
    match call.format {
        Format::Text => call.out.write_all(text.as_bytes())?,
        Format::Json => show::json(&show::running_config::lines(text), call.out)?,
    }
    Ok(Outcome::Done)
}

pub(super) fn version(call: &mut Call<'_>) -> Result<Outcome, Failure> {
    let chassis = call.chassis.clone();
    let changed = chassis
        .last_change
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .clone();
    let changed = changed.map(|change| (change.user, change.at));
    let view = show::version::view(
        &chassis.owner.current(),
        &*chassis.facts,
        &*chassis.clock,
        changed,
    );
    print(call, &view)
}

pub(super) fn clock(call: &mut Call<'_>, command: &ShowClock) -> Result<Outcome, Failure> {
    let zone = call.chassis.owner.current().clock.zone();
    let view = show::clock::view(&*call.chassis.clock, &zone, command.detail);
    print(call, &view)
}

pub(super) fn inventory(call: &mut Call<'_>) -> Result<Outcome, Failure> {
    let view = show::inventory::view(&*call.chassis.facts);
    print(call, &view)
}

pub(super) fn running_config(
    call: &mut Call<'_>,
    command: &ShowRunningConfig,
) -> Result<Outcome, Failure> {
    let config = call.chassis.owner.current();
    let text = match &command.section {
        Some(section) => show::running_config::section(&config, command.all, known(section)),
        None => show::running_config::whole(&config, &*call.chassis.facts, command.all),
    };
    print_config(call, &text)
}

/// A section in full; a word that is none finds nothing.
fn known(section: &str) -> &str {
    crate::config::section(section).unwrap_or(section)
}

pub(super) fn startup_config(
    call: &mut Call<'_>,
    command: &ShowStartupConfig,
) -> Result<Outcome, Failure> {
    if command.errors {
        let errors = call
            .chassis
            .startup_errors
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        let of = |error: super::chassis::StartupError| show::startup::Error {
            line: error.line,
            column: error.column,
            text: error.text,
            error: error.error,
        };
        let view = show::startup::Errors {
            errors: errors.into_iter().map(of).collect(),
        };
        return print(call, &view);
    }
    match super::startup::read_startup(call)? {
        Some(text) => print_config(call, &text),
        None if call.format == Format::Json => print_config(call, ""),
        None => {
            writeln!(call.out, "No Configuration")?;
            Ok(Outcome::Done)
        }
    }
}

/// With `last`, so many lines of the buffer and no more.
pub(super) fn logging(call: &mut Call<'_>, last: Option<u32>) -> Result<Outcome, Failure> {
    let chassis = call.chassis.clone();
    let config = chassis.owner.current();
    let buffer = chassis.syslog.buffer();
    let view = show::logging::view(&config, &chassis.syslog.status(), &buffer, last);
    print(call, &view)
}

pub(super) fn logging_brief(call: &mut Call<'_>) -> Result<Outcome, Failure> {
    let view = show::logging_brief::view(&call.chassis.syslog.status());
    print(call, &view)
}

pub(super) fn logging_outages(call: &mut Call<'_>) -> Result<Outcome, Failure> {
    let view = show::logging_outages::view(&call.chassis.syslog.status());
    print(call, &view)
}

pub(super) fn logging_correlator(call: &mut Call<'_>) -> Result<Outcome, Failure> {
    let chassis = call.chassis.clone();
    let config = chassis.owner.current();
    let view = show::logging_correlator::view(&config.logging, &chassis.syslog.status());
    print(call, &view)
}

pub(super) fn logging_persistent(call: &mut Call<'_>) -> Result<Outcome, Failure> {
    let chassis = call.chassis.clone();
    let status = chassis.syslog.status();
    let config = chassis.owner.current();
    let disk0 = chassis.state.disk0();
    let fault = |fault: crate::state::StateFault| Failure::Action(fault.to_string());
    let mut files = Vec::new();
    if let Some(persistent) = &config.logging.persistent {
        let mut entries = disk0.list().map_err(fault)?;
        entries.retain(|entry| persistent.is_file(&entry.name));
        entries.sort_by(|a, b| a.name.cmp(&b.name));
        for entry in entries {
            // One that was removed to make room since it was listed is none any more.
            if let Ok(bytes) = disk0.read(&entry.name) {
                files.push((entry.name, bytes));
            }
        }
    }
    let view = show::logging_persistent::view(&config.logging, &status, files);
    print(call, &view)
}

pub(super) fn logging_input(call: &mut Call<'_>) -> Result<Outcome, Failure> {
    let zone = call.chassis.owner.current().clock.zone();
    let view = show::logging_input::view(&call.chassis.syslog.status(), &zone);
    print(call, &view)
}

pub(super) fn nameif(call: &mut Call<'_>) -> Result<Outcome, Failure> {
    let interfaces = call.chassis.owner.current().interfaces.clone();
    let view = show::nameif::view(&interfaces, &call.chassis.facts.interfaces());
    print(call, &view)
}

pub(super) fn logging_input_senders(call: &mut Call<'_>) -> Result<Outcome, Failure> {
    let view = show::logging_senders::view(&call.chassis.syslog.senders());
    print(call, &view)
}
