//! Files of `disk0:`, the only ones that EXEC commands name: `more`, `dir`, `delete`, and the ends of `copy` (C2.6).

use super::{Ask, Call, Failure, Outcome, SessionAction};

/// The plain name behind `disk0:`; the prefix may be left off.
fn name(file: &str) -> &str {
    file.strip_prefix("disk0:/")
        .or_else(|| file.strip_prefix("disk0:"))
        .unwrap_or(file)
}

/// `logging persistent protected`: the files of the log are no command's to change (D112).
fn check_unprotected(call: &Call<'_>, file: &str) -> Result<(), Failure> {
    let is_protected = call.chassis.owner.with(|config| {
        let persistent = config.logging.persistent.as_ref();
        persistent.is_some_and(|persistent| persistent.protected && persistent.is_file(name(file)))
    });
    if is_protected {
        return Err(Failure::Action(format!(
            "disk0:{} is protected by logging persistent",
            name(file)
        )));
    }
    Ok(())
}

pub(super) fn write(call: &mut Call<'_>, file: &str, bytes: &[u8]) -> Result<Outcome, Failure> {
    check_unprotected(call, file)?;
    call.chassis
        .state
        .disk0()
        .write(name(file), bytes)
        .map_err(|fault| Failure::Action(fault.to_string()))?;
    writeln!(call.out, "{} bytes copied", bytes.len())?;
    Ok(Outcome::Done)
}

fn read(call: &Call<'_>, file: &str) -> Result<Vec<u8>, Failure> {
    call.chassis
        .state
        .disk0()
        .read(name(file))
        .map_err(|fault| Failure::Action(fault.to_string()))
}

pub(super) fn copy_to_running(call: &mut Call<'_>, file: &str) -> Result<Outcome, Failure> {
    let text = String::from_utf8_lossy(&read(call, file)?).into_owned();
    Ok(Outcome::Session(SessionAction::Merge {
        name: format!("disk0:{}", name(file)),
        text,
    }))
}

pub(super) fn more(call: &mut Call<'_>, file: &str) -> Result<Outcome, Failure> {
    let bytes = read(call, file)?;
    call.out.write_all(&bytes)?;
    if !bytes.ends_with(b"\n") && !bytes.is_empty() {
        writeln!(call.out)?;
    }
    Ok(Outcome::Done)
}

pub(super) fn dir(call: &mut Call<'_>) -> Result<Outcome, Failure> {
    let disk0 = call.chassis.state.disk0();
    let fault = |fault: crate::state::StateFault| Failure::Action(fault.to_string());
    let entries = disk0.list().map_err(fault)?;
    let free = disk0.free().map_err(fault)?;
    let files = entries
        .into_iter()
        .map(|entry| (entry.name, entry.size, entry.modified.into()));
    let view = crate::show::files::Directory::new(files.collect(), free);
    super::show::print(call, &view)
}

pub(super) fn delete(call: &mut Call<'_>, file: &str) -> Result<Outcome, Failure> {
    let file = name(file).to_owned();
    if !crate::state::Disk0::is_name(&file) {
        return Err(Failure::Action(format!(
            "%Error deleting disk0:{file} (not a name of disk0:)"
        )));
    }
    check_unprotected(call, &file)?;
    if call.caller.is_terminal {
        writeln!(call.out)?;
    }
    Ok(Outcome::Ask(Ask {
        text: format!("Delete disk0:{file}? [confirm] "),
        echo: true,
        default: "y".into(),
        then: Box::new(move |answer, call| {
            if super::startup::is_confirmed(&answer) {
                call.chassis
                    .state
                    .disk0()
                    .delete(&file)
                    .map_err(|fault| Failure::Action(fault.to_string()))?;
            }
            Ok(Outcome::Done)
        }),
    }))
}
