//! The plane and the disk: jobs of sessions whose queue is there, answers to them, and acknowledgements that have to be
//! known soon (C5b.6). Without such a session it is one look at an empty list a turn.

use std::time::Duration;

use super::api::QueueKept;
use super::batch::Answer;
use super::log_files::{Saved, Written};
use super::plane::Plane;
use crate::message::{Own, Severity};

impl Plane<'_> {
    /// Gives the disk what it is to have, and asks it for what the wires have room for.
    pub(super) fn tend_disk(&mut self, now: Duration) {
        while let Some(session) = self.core.take_forgotten() {
            self.around.spool.forget(session);
        }
        self.tend_files();
        if self.core.spooled().is_empty() {
            return;
        }
        if self.acknowledges_at <= now {
            self.acknowledges_at = now + SOON;
            self.look_at_acknowledgements();
        }
        for place in 0..self.core.spooled().len() {
            let Some(&session) = self.core.spooled().get(place) else {
                break;
            };
            let Some(job) = self.core.take_job(session) else {
                continue;
            };
            if let Err(mut job) = self.around.spool.give(job) {
                let answer = Answer {
                    refused: Some((std::mem::take(&mut job.store), "internal fault".to_owned())),
                    session: job.session,
                    life: job.life,
                    ..Answer::default()
                };
                self.hear_disk(answer);
            }
        }
    }

    /// Says what the start found on disk of sessions that it did not configure (D110).
    pub(super) fn say_left_on_disk(&mut self) {
        let left = self.core.left_on_disk();
        if left.is_empty() {
            return;
        }
        let messages: u64 = left.iter().map(|left| left.messages).sum();
        let mut text = format!("{messages} messages on disk are of hosts not configured");
        let mut between = ": ";
        for left in left.iter().take(NAMED) {
            text.push_str(between);
            text.push_str(&format!(
                "{} for host {} {} port {}",
                left.messages, left.host, left.transport, left.port
            ));
            between = ", ";
        }
        if let Some(more) = left.len().checked_sub(NAMED).filter(|more| *more > 0) {
            text.push_str(&format!(", and {more} hosts more"));
        }
        let own = Own::sys(Severity::Warnings, "LOGGER_SPOOL", text);
        self.later.push((own, None));
    }

    fn tend_files(&mut self) {
        if let Some(write) = self.core.take_write(!self.drains.is_empty())
            && let Err(write) = self.around.spool.write(write)
        {
            self.core.written(Written {
                messages: 0,
                failed: write.batch.items.len(),
            });
        }
        if let Some(saving) = self.core.take_saving()
            && !self.around.spool.save(saving)
        {
            self.core.saved(Saved::default());
        }
    }

    /// What has arrived need not be sent again after a kill.
    fn look_at_acknowledgements(&mut self) {
        for place in 0..self.core.spooled().len() {
            let Some(&session) = self.core.spooled().get(place) else {
                return;
            };
            if self.core.is_unacknowledged(session)
                && let Some(link) = self.sessions.get(session)
                && let Some(octets) = link.acknowledged()
            {
                self.core.acknowledged(session, octets);
            }
        }
    }

    pub(super) fn hear_disk(&mut self, answer: Answer) {
        let now = self.around.clock.monotonic();
        let Some((number, turn)) = self.core.answer(answer) else {
            return;
        };
        if let Some(session) = self.sessions.get_mut(number) {
            let said = session.outage.disk(&session.key, &turn, now);
            self.later.extend(said.map(|own| (own, None)));
        }
    }

    /// When there is something to do for the disk without an event.
    pub(super) fn disk_wakes_at(&self) -> Option<Duration> {
        let mut spooled = self.core.spooled().iter();
        let looks = spooled.any(|session| self.core.is_unacknowledged(*session));
        let looks = looks.then_some(self.acknowledges_at);
        let disk = self.core.asks_disk_at().into_iter();
        disk.chain(self.core.files_at()).chain(looks).min()
    }

    /// Leaving need not wait for the disk or for what the peer has to say of this session.
    pub(super) fn is_settled(&self, number: usize) -> bool {
        // A disk that takes nothing would be waited for in vain.
        !matches!(self.core.queue_kept(number), QueueKept::OnDisk { .. })
            || (self.core.is_stored(number) && !self.core.is_unacknowledged(number))
    }
}

/// Hosts that a line names.
const NAMED: usize = 8;
/// How long an acknowledgement may go unseen: half of what may repeat after a kill.
const SOON: Duration = Duration::from_millis(50);
