//! The hosts that send here, as the core sees them: who a message is from, and what it says of those that fall silent and
//! return (C3.8). The list itself, and when one counts as silent, is kept in `senders`.

use std::time::Duration;

use super::Core;
use crate::message::{Own, Parsed};
use crate::syslog::api::SenderStatus;

impl Core {
    /// Notes who a received message is from.
    pub(super) fn note_sender(&mut self, message: &Parsed<'_>) {
        let now = self.now.monotonic;
        let said = self
            .senders
            .note(now, self.peer.address, message.host, message.counter);
        if let Some(said) = said {
            self.said.push(said);
        }
    }

    /// The hosts that send here.
    pub fn senders(&self) -> Vec<SenderStatus> {
        self.senders.status(self.now.monotonic)
    }

    /// When a turn should look for hosts that have fallen silent; `None` when nobody wants to know.
    pub fn looks_at(&self) -> Option<Duration> {
        self.plan.silence.and_then(|_| self.senders.wakes_at())
    }

    /// What the core itself has to say after a batch: hosts that fell silent and returned (C3.8). The caller gives it back
    /// as messages of the device.
    pub fn take_said(&mut self) -> impl Iterator<Item = Own> + use<> {
        if let Some(minutes) = self.plan.silence {
            let silent = self.senders.look(self.now.monotonic, minutes);
            self.said.extend(silent);
        } else {
            // Nobody asked; a host marked before `no logging input silence` returns without a word.
            self.said.clear();
        }
        std::mem::take(&mut self.said).into_iter()
    }
}
