//! `call-home test` and `call-home send`: the action is the call-home room's; its lines are printed while it works.

use std::sync::atomic::Ordering;
use std::sync::mpsc::RecvTimeoutError;
use std::time::Duration;

use super::{Call, Failure, Outcome};
use crate::call_home::api::{Do, Line};

/// How often a waiting command looks whether it was interrupted.
const LOOK: Duration = Duration::from_millis(50);

/// Starts the action and prints its lines as they come; one that failed gives exit status 1. Ctrl-C stops the waiting,
/// not the delivery.
pub(super) fn act(call: &mut Call<'_>, action: Do) -> Result<Outcome, Failure> {
    let lines = call.chassis.call_home.act(action);
    let mut failed = false;
    loop {
        match lines.recv_timeout(LOOK) {
            Ok(Line::Info(text)) => writeln!(call.out, "INFO: {text}")?,
            Ok(Line::Succeeded(text)) => writeln!(call.out, "INFO: {text}")?,
            Ok(Line::Failed(text)) => {
                failed = true;
                writeln!(call.out, "ERROR: {text}")?;
            }
            Err(RecvTimeoutError::Timeout) if call.interrupt.load(Ordering::Relaxed) => {
                return Ok(Outcome::Done);
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) if failed => return Err(Failure::Said),
            Err(RecvTimeoutError::Disconnected) => return Ok(Outcome::Done),
        }
        call.out.flush()?;
    }
}
