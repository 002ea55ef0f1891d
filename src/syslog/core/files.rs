//! The log on its way to files: what `logging persistent` has not written yet, and a buffer that has come round. The files
//! are written elsewhere; one write is under way at a time.

use std::sync::Arc;
use std::time::Duration;

use super::{Core, Now};
use crate::config::persistent::Persistent;
use crate::syslog::backlog::Backlog;
use crate::syslog::log_files::{Saved, Saving, Write, Written};
use crate::syslog::plan::Plan;
use crate::syslog::queue::Entering;

/// What waits for a file.
#[derive(Debug, Default)]
pub(super) struct ToFiles {
    /// As it was configured last: what was logged before it was taken away is written all the same.
    settings: Option<Arc<Persistent>>,
    is_on: bool,
    backlog: Backlog,
    /// When the oldest of them came.
    since: Option<Duration>,
    /// Messages of the write that is under way.
    asked: usize,
    overflowed: u64,
    /// The buffer is being saved, or was so lately that it waits.
    saving: bool,
    saved_at: Option<Duration>,
}

impl ToFiles {
    pub(super) fn review(&mut self, plan: &Plan) {
        self.is_on = plan.persistent.is_some();
        if let Some(settings) = &plan.persistent {
            self.settings = Some(settings.clone());
        }
    }

    /// A line of `logging persistent`.
    pub(super) fn push(&mut self, message: &Entering, line: &[u8], now: &Now) {
        self.backlog.push(message, &[line, &[], &[]], line.len());
        self.since.get_or_insert(now.monotonic);
        while self.backlog.bytes() > MOST && self.backlog.overflow() {
            self.overflowed += 1;
        }
    }

    pub(super) fn queued(&self) -> u64 {
        (self.backlog.messages() + self.asked) as u64
    }

    pub(super) fn overflowed(&self) -> u64 {
        self.overflowed
    }

    /// When what waits is written, however little it is.
    fn writes_at(&self) -> Option<Duration> {
        let since = self.since.filter(|_| self.asked == 0)?;
        let is_now = self.settings.as_ref().is_none_or(|settings| {
            !self.is_on
                || settings.immediate
                || self.backlog.bytes() >= settings.effective_batch() as usize
        });
        Some(if is_now { since } else { since + PATIENCE })
    }
}

impl Core {
    /// Lines to be written now; with `at_once` also those that would wait for more.
    pub fn take_write(&mut self, at_once: bool) -> Option<Write> {
        let files = &mut self.files;
        let is_due = files.writes_at()? <= self.now.monotonic;
        if !is_due && !at_once {
            return None;
        }
        let batch = files.backlog.take(PIECE);
        files.since = (!files.backlog.is_empty()).then_some(self.now.monotonic);
        files.asked = batch.items.len();
        Some(Write {
            settings: files.settings.clone()?,
            batch,
            utc: self.now.utc,
        })
    }

    /// The end of a write.
    pub fn written(&mut self, written: Written) {
        self.files.asked = 0;
        self.files.overflowed += written.failed as u64;
    }

    /// The buffer, when it has come round since it was saved last and is to be saved.
    pub fn take_saving(&mut self) -> Option<Saving> {
        if !self.plan.bufferwrap.on || self.files.saving || !self.history.has_come_round() {
            return None;
        }
        let now = self.now.monotonic;
        if self.files.saved_at.is_some_and(|at| now < at + SELDOM) {
            return None;
        }
        (self.files.saving, self.files.saved_at) = (true, Some(now));
        let mut lines = self.history.take_round();
        lines.push(b'\n');
        Some(Saving {
            settings: self.plan.bufferwrap.clone(),
            lines,
            utc: self.now.utc,
        })
    }

    pub fn saved(&mut self, _saved: Saved) {
        self.files.saving = false;
    }

    /// Everything of the log that is to be in a file is there.
    pub fn is_filed(&self) -> bool {
        self.files.queued() == 0 && !self.files.saving
    }

    /// When something is to be written without an event.
    pub fn files_at(&self) -> Option<Duration> {
        self.files.writes_at()
    }
}

/// Bytes that wait at most: what is beyond them overflows.
const MOST: usize = 4 << 20;
/// Bytes of one write at most.
const PIECE: usize = 1 << 20;
/// How long a line waits for others to be written with.
const PATIENCE: Duration = Duration::from_secs(5);
/// Buffers are saved so far apart at least.
const SELDOM: Duration = Duration::from_secs(1);
