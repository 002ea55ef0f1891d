//! Waiting for what a room has to tell a command, while the operator may have had enough. What the command makes of it is the
//! command's own matter.

use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use super::Call;

/// How often a waiting command looks whether it was interrupted.
const LOOK: Duration = Duration::from_millis(50);

/// How a wait ended.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Waited<T> {
    Told(T),
    /// Ctrl-C.
    Interrupted,
    /// The room has nothing more to tell.
    Over,
}

impl Call<'_> {
    pub(super) fn wait<T>(&self, room: &Receiver<T>) -> Waited<T> {
        loop {
            match room.recv_timeout(LOOK) {
                Ok(told) => return Waited::Told(told),
                Err(RecvTimeoutError::Disconnected) => return Waited::Over,
                Err(RecvTimeoutError::Timeout) if self.interrupt.load(Ordering::Relaxed) => {
                    return Waited::Interrupted;
                }
                Err(RecvTimeoutError::Timeout) => {}
            }
        }
    }
}
