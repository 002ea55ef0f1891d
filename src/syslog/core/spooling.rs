//! Sessions with a queue on disk: which there are, what they ask of the disk, and who an answer is for.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use super::Core;
use crate::syslog::api::{LeftOnDisk, QueueKept};
use crate::syslog::batch::{self, Answer, Job, Stored};
use crate::syslog::on_disk::Turn;
use crate::syslog::plan::Plan;
use crate::syslog::remote::Remote;

/// What the core knows of the disk besides its sessions.
#[derive(Debug, Default)]
pub(super) struct Spooling {
    /// Remote sessions that have to do with it.
    sessions: Vec<usize>,
    /// What lies there of sessions that are not configured.
    shelf: HashMap<Arc<str>, Stored>,
    /// Sessions that are gone, and their rows with them.
    forgotten: Vec<Arc<str>>,
    lives: u64,
}

impl Spooling {
    /// Gives the disk to sessions that want it, or of which something lies there.
    pub(super) fn review(&mut self, plan: &Plan, remotes: &mut [Remote]) {
        self.sessions.clear();
        for (number, (host, remote)) in plan.hosts.iter().zip(remotes).enumerate() {
            if remote.disk.is_none() && (host.on_disk || !self.shelf.is_empty()) {
                let name = batch::name(&host.key);
                let stored = self.shelf.remove(&name);
                if host.on_disk || stored.is_some_and(|stored| stored.tally.messages > 0) {
                    self.lives += 1;
                    remote.open_disk(name, self.lives, stored);
                    remote.adopt(host);
                }
            }
            remote.leave_disk();
            if remote.disk.is_some() {
                self.sessions.push(number);
            }
        }
    }

    pub(super) fn forget(&mut self, remote: &Remote) {
        let name = remote.disk.as_ref().map(|disk| disk.name.clone());
        self.forgotten.extend(name);
    }
}

impl Core {
    /// What lies on disk from before, and where the log goes; `lives` keeps answers to a core before this one from it. Before anything else.
    pub fn restore(&mut self, shelf: HashMap<Arc<str>, Stored>, lives: u64) {
        (self.spooling.shelf, self.spooling.lives) = (shelf, lives);
        self.spooling.review(&self.plan, &mut self.remotes);
        self.files.review(&self.plan);
        self.mail.begin(lives);
    }

    /// Remote sessions that have to do with the disk.
    pub fn spooled(&self) -> &[usize] {
        &self.spooling.sessions
    }

    /// What a session asks of the disk now; nothing while a job of its is under way.
    pub fn take_job(&mut self, session: usize) -> Option<Job> {
        let now = self.now;
        let mut job = self.remotes.get_mut(session)?.take_job(now.monotonic)?;
        for item in &mut job.store.items {
            let came = self.stamps.of(item.number).unwrap_or(now.monotonic);
            let age = now.monotonic.saturating_sub(came).as_secs();
            item.came = now.utc.timestamp().saturating_sub_unsigned(age);
        }
        Some(job)
    }

    /// An answer of the disk; the session it was for, when there is something to say of it.
    pub fn answer(&mut self, answer: Answer) -> Option<(usize, Turn)> {
        let is_asked = |session: &&usize| {
            let disk = self
                .remotes
                .get(**session)
                .and_then(|remote| remote.disk.as_ref());
            disk.is_some_and(|disk| disk.life == answer.life && disk.name == answer.session)
        };
        let session = *self.spooling.sessions.iter().find(is_asked)?;
        let remote = self.remotes.get_mut(session)?;
        let turn = remote.answer(answer, self.now.monotonic);
        if !remote.is_dirty && remote.has_waiting() {
            remote.is_dirty = true;
            self.dirty.push(session);
        }
        if remote.disk.is_none() {
            self.spooling.sessions.retain(|known| *known != session);
        }
        turn.map(|turn| (session, turn))
    }

    /// A session that is gone, whose rows are to go.
    pub fn take_forgotten(&mut self) -> Option<Arc<str>> {
        self.spooling.forgotten.pop()
    }

    /// What lies there of sessions that are not configured, in order of their names.
    pub fn left_on_disk(&self) -> Vec<LeftOnDisk> {
        let shelf = self.spooling.shelf.iter();
        let mut left: Vec<_> = shelf
            .filter(|(_, stored)| stored.tally.messages > 0)
            .collect();
        left.sort_unstable_by_key(|(name, _)| *name);
        let of = |(name, stored): (&Arc<str>, &Stored)| batch::left(name, stored.tally);
        left.into_iter().map(of).collect()
    }

    /// Drops it: the rows are to go.
    pub fn clear_left_on_disk(&mut self) {
        let names = self.spooling.shelf.drain().map(|(name, _)| name);
        self.spooling.forgotten.extend(names);
    }

    /// When the disk is to be asked again without an event.
    pub fn asks_disk_at(&self) -> Option<Duration> {
        let disks = self.spooling.sessions.iter();
        disks
            .filter_map(|session| self.remotes.get(*session)?.disk.as_ref()?.wakes_at())
            .min()
    }

    /// Where a session's queue is kept.
    pub fn queue_kept(&self, session: usize) -> QueueKept {
        let remote = self.remotes.get(session);
        remote.map_or(QueueKept::InMemory, Remote::queue_kept)
    }

    /// More waits for the disk than should (C5b.5).
    pub fn waits_for_disk(&self) -> bool {
        let mut disks = self.spooling.sessions.iter();
        disks.any(|session| self.remotes.get(*session).is_some_and(Remote::is_behind))
    }

    /// Everything in its queue is on disk, and the disk knows what has arrived.
    pub fn is_stored(&self, session: usize) -> bool {
        self.held(session) == 0 && self.remotes.get(session).is_some_and(Remote::is_stored)
    }

    /// Something was written whose arrival is not known.
    pub fn is_unacknowledged(&self, session: usize) -> bool {
        self.remotes
            .get(session)
            .is_some_and(Remote::is_unacknowledged)
    }
}
