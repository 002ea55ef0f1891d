//! The startup-config and the running-config as wholes: `write`, `copy`, `reload`, `clear configure`.

use super::{Ask, Call, Failure, Outcome, SessionAction};
use crate::config::{self, Notice, RunningConfig};
use crate::show::running_config::{self, Checksum};

/// `write memory`, and what `copy running-config startup-config` does once it is answered.
pub(super) fn write_memory(call: &mut Call<'_>) -> Result<Outcome, Failure> {
    let begun = call.chassis.clock.monotonic();
    writeln!(call.out, "Building configuration...")?;
    save(call)?;
    let text = running_config::whole(&call.chassis.owner.current(), &*call.chassis.facts, false);
    let secs = (call.chassis.clock.monotonic() - begun).as_secs_f64();
    writeln!(
        call.out,
        "Cryptochecksum: {} \n",
        body_checksum(&text).grouped()
    )?;
    writeln!(call.out, "{} bytes copied in {secs:.3} secs", text.len())?;
    writeln!(call.out, "[OK]")?;
    Ok(Outcome::Done)
}

/// The number that stands in the text's own `Cryptochecksum:` line.
fn body_checksum(text: &str) -> Checksum {
    Checksum::of(
        text.rfind("Cryptochecksum:")
            .and_then(|end| text.get(..end))
            .unwrap_or(text),
    )
}

/// Writes the startup-config; quiet.
pub fn save(call: &Call<'_>) -> Result<(), Failure> {
    let text = running_config::whole(&call.chassis.owner.current(), &*call.chassis.facts, false);
    call.chassis
        .state
        .write_startup(text.as_bytes())
        .map_err(|fault| Failure::Action(fault.to_string()))?;
    call.chassis.owner.note_saved();
    Ok(())
}

/// `copy running-config startup-config` asks for the source first, as an ASA does.
pub(super) fn copy_running_startup(call: &mut Call<'_>) -> Result<Outcome, Failure> {
    if call.caller.is_terminal {
        writeln!(call.out)?;
    }
    Ok(Outcome::Ask(Ask {
        text: "Source filename [running-config]? ".into(),
        echo: true,
        default: "running-config".into(),
        then: Box::new(|answer, call| match answer.as_str() {
            "running-config" => write_memory(call),
            other => Err(Failure::Action(format!(
                "%Error opening {other} (No such file)"
            ))),
        }),
    }))
}

pub(super) fn copy_running_file(call: &mut Call<'_>, file: &str) -> Result<Outcome, Failure> {
    let text = running_config::whole(&call.chassis.owner.current(), &*call.chassis.facts, false);
    super::files::write(call, file, text.as_bytes())
}

pub(super) fn copy_startup_file(call: &mut Call<'_>, file: &str) -> Result<Outcome, Failure> {
    let text = read_startup(call)?.ok_or_else(no_startup)?;
    super::files::write(call, file, text.as_bytes())
}

pub(super) fn copy_startup_running(call: &mut Call<'_>) -> Result<Outcome, Failure> {
    let text = read_startup(call)?.ok_or_else(no_startup)?;
    Ok(Outcome::Session(SessionAction::Merge {
        name: "startup-config".into(),
        text,
    }))
}

fn no_startup() -> Failure {
    Failure::Action("%Error opening startup-config (No such file)".into())
}

/// The startup-config's text; bytes that are no UTF-8 are replaced.
pub fn read_startup(call: &Call<'_>) -> Result<Option<String>, Failure> {
    let bytes = call
        .chassis
        .state
        .read_startup()
        .map_err(|fault| Failure::Action(fault.to_string()))?;
    Ok(bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()))
}

pub(super) fn write_erase(_: &mut Call<'_>) -> Result<Outcome, Failure> {
    Ok(Outcome::Ask(Ask {
        text: "Erase configuration in flash memory? [confirm] ".into(),
        echo: true,
        default: "y".into(),
        then: Box::new(|answer, call| {
            if is_confirmed(&answer) {
                call.chassis
                    .state
                    .erase_startup()
                    .map_err(|fault| Failure::Action(fault.to_string()))?;
                writeln!(call.out, "[OK]")?;
            }
            Ok(Outcome::Done)
        }),
    }))
}

/// Enter, `y` and `yes` confirm; anything else does not.
pub(super) fn is_confirmed(answer: &str) -> bool {
    let answer = answer.trim();
    answer.is_empty() || answer.eq_ignore_ascii_case("y") || answer.eq_ignore_ascii_case("yes")
}

/// `reload`: first what is unsaved, then the last word; off a terminal no, then yes.
pub(super) fn reload(call: &mut Call<'_>) -> Result<Outcome, Failure> {
    Ok(if call.chassis.owner.is_unsaved() {
        ask_to_save()
    } else {
        proceed()
    })
}

/// An answer that is none is asked for again.
fn ask_to_save() -> Outcome {
    Outcome::Ask(Ask {
        text: "System config has been modified. Save? [Y]es/[N]o: ".into(),
        echo: true,
        default: "N".into(),
        then: Box::new(|answer, call| {
            match answer.trim().to_ascii_lowercase().as_str() {
                "y" | "yes" => save(call)?,
                "n" | "no" => {}
                _ => return Ok(ask_to_save()),
            }
            Ok(proceed())
        }),
    })
}

fn proceed() -> Outcome {
    Outcome::Ask(Ask {
        text: "Proceed with reload? [confirm] ".into(),
        echo: true,
        default: "y".into(),
        then: Box::new(|answer, _| {
            Ok(if is_confirmed(&answer) {
                Outcome::Session(SessionAction::Reload)
            } else {
                Outcome::Done
            })
        }),
    })
}

/// `clear configure all`: as a device that was never configured.
pub(super) fn clear_all(call: &mut Call<'_>) -> Result<Outcome, Failure> {
    call.edit(|config| {
        *config = RunningConfig::default();
        Ok::<_, Failure>(())
    })?;
    Ok(Outcome::Done)
}

/// `clear configure SECTION`: the lines that `show running-config SECTION` prints go back to their defaults.
pub(super) fn clear_section(call: &mut Call<'_>, section: &str) -> Result<Outcome, Failure> {
    let section = config::section(section).unwrap_or(section);
    call.edit(|config| config.clear(section))?;
    Ok(Outcome::Done)
}

/// Keeps what is unsaved where it can be found again; for `reload` and for a terminal that vanished (C1.10, C2.3).
pub fn keep_unsaved(chassis: &super::Chassis) -> Result<Option<Notice>, crate::state::StateFault> {
    if !chassis.owner.is_unsaved() {
        return Ok(None);
    }
    let text = running_config::whole(&chassis.owner.current(), &*chassis.facts, false);
    chassis
        .state
        .disk0()
        .write("unsaved-config", text.as_bytes())?;
    Ok(Some(Notice::Info(
        "what was unsaved is in disk0:unsaved-config".into(),
    )))
}
