//! Programs of others that make what a test needs.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use super::brought;

/// Runs a program in `folder`; false, with the reason printed, where it is not on this machine.
pub(crate) fn ran(folder: &Path, program: &str, arguments: &str) -> bool {
    let path = brought::program(program).unwrap_or_else(|| program.into());
    let run = Command::new(path)
        .args(arguments.split(' '))
        .current_dir(folder)
        .stdin(Stdio::null())
        .output();
    match run {
        Err(error) => {
            writeln!(std::io::stderr(), "skipped: {program}: {error}").ok();
            false
        }
        Ok(done) => {
            let errors = String::from_utf8_lossy(&done.stderr).into_owned();
            assert!(done.status.success(), "{program} {arguments}: {errors}");
            true
        }
    }
}
