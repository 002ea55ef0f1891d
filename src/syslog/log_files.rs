//! Files of `disk0:` that hold the log: those of `logging persistent`, one behind the other, and the buffer that
//! `logging flash-bufferwrap` saves. None is kept open between two writes, so that one may be moved away at any time.

use std::sync::Arc;

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};

use super::batch::Batch;
use crate::config::persistent::{Bufferwrap, Persistent};
use crate::message::{Own, Severity};
use crate::state::{Disk0, Entry, StateFault};

/// Lines for the files of `logging persistent`.
#[derive(Clone, Debug)]
pub struct Write {
    pub settings: Arc<Persistent>,
    pub batch: Batch,
    pub utc: DateTime<Utc>,
}

/// How many messages of a write are in their files, and how many could not be written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Written {
    pub messages: usize,
    pub failed: usize,
}

/// The buffer, to be kept in a file of its own.
#[derive(Clone, Debug)]
pub struct Saving {
    pub settings: Bufferwrap,
    pub lines: Vec<u8>,
    pub utc: DateTime<Utc>,
}

/// The end of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Saved {
    pub is_saved: bool,
}

/// Who writes them.
#[derive(Debug)]
pub(super) struct Files {
    disk0: Disk0,
    /// It was said that the threshold is passed.
    warned: bool,
    /// It was said that nothing can be written: lines, the buffer.
    failed: bool,
    failed_to_save: bool,
}

/// A name for the buffer saved at this time, without a file of that name in `taken`.
pub fn savelog_name(utc: DateTime<Utc>, taken: impl Fn(&str) -> bool) -> String {
    let stamp = utc.format("%Y-%m-%d-%H%M%S");
    let name = format!("LOG-{stamp}.TXT");
    let more = (2..100).map(|number| format!("LOG-{stamp}-{number:02}.TXT"));
    std::iter::once(name.clone())
        .chain(more)
        .find(|name| !taken(name))
        .unwrap_or(name)
}

impl Files {
    pub(super) fn new(disk0: Disk0) -> Self {
        Self {
            disk0,
            warned: false,
            failed: false,
            failed_to_save: false,
        }
    }

    /// Nothing of it is written.
    pub(super) fn refuse(write: &Write, why: &str) -> (Written, Vec<Own>) {
        let failed = write.batch.items.len();
        let text = format!("Log files cannot be written: {why}");
        let written = Written {
            messages: 0,
            failed,
        };
        (written, vec![file_message(Severity::Errors, text)])
    }

    /// Appends lines, begins new files when one is full, and removes the oldest when there is no room.
    pub(super) fn write(&mut self, write: &Write) -> (Written, Vec<Own>) {
        let mut said = Vec::new();
        let mut written = Written::default();
        match self.write_all(write, &mut written, &mut said) {
            Ok(used) => {
                self.failed = false;
                self.look_at_threshold(&write.settings, used, &mut said);
            }
            Err(fault) => {
                if !std::mem::replace(&mut self.failed, true) {
                    let text = format!("Log files cannot be written: {fault}");
                    said.push(file_message(Severity::Errors, text));
                }
            }
        }
        written.failed = write.batch.items.len() - written.messages;
        (written, said)
    }

    /// Bytes that all files have in the end.
    fn write_all(
        &self,
        write: &Write,
        written: &mut Written,
        said: &mut Vec<Own>,
    ) -> Result<u64, StateFault> {
        let settings = &*write.settings;
        let most = u64::from(settings.effective_filesize());
        let mut files = self.files(settings)?;
        let mut lines = write.batch.iter().map(|(_, line)| line).peekable();
        let mut piece = Vec::new();
        while lines.peek().is_some() {
            let mut has = files.last().map_or(most, |file| file.size);
            let mut count = 0;
            piece.clear();
            while let Some(line) = lines.peek() {
                let length = fitting(line, most).len() as u64 + 1;
                if has + piece.len() as u64 + length > most {
                    if count > 0 {
                        break;
                    }
                    // A new file, and the line is in it.
                    has = 0;
                }
                if count == 0 && has == 0 {
                    files.push(Entry {
                        name: next_name(settings.name(), write.utc, files.last()),
                        size: 0,
                        modified: write.utc.into(),
                    });
                }
                piece.extend_from_slice(fitting(line, most));
                piece.push(b'\n');
                count += 1;
                lines.next();
            }
            self.append(settings, &mut files, &piece, said)?;
            written.messages += count;
        }
        Ok(files.iter().map(|file| file.size).sum())
    }

    /// Appends to the newest of the files; the older ones make room.
    fn append(
        &self,
        settings: &Persistent,
        files: &mut Vec<Entry>,
        piece: &[u8],
        said: &mut Vec<Own>,
    ) -> Result<(), StateFault> {
        let length = piece.len() as u64;
        let most = u64::from(settings.effective_size());
        loop {
            let used: u64 = files.iter().map(|file| file.size).sum();
            if used + length > most && files.len() > 1 {
                self.remove_oldest(settings, files, said)?;
                continue;
            }
            let Some(newest) = files.last_mut() else {
                return Ok(());
            };
            match self.disk0.append(&newest.name, piece) {
                Ok(()) => {
                    newest.size += length;
                    return Ok(());
                }
                Err(StateFault::Full { .. }) if files.len() > 1 => {
                    self.remove_oldest(settings, files, said)?;
                }
                Err(fault) => return Err(fault),
            }
        }
    }

    fn remove_oldest(
        &self,
        settings: &Persistent,
        files: &mut Vec<Entry>,
        said: &mut Vec<Own>,
    ) -> Result<(), StateFault> {
        let oldest = files.remove(0);
        match self.disk0.delete(&oldest.name) {
            Ok(()) | Err(StateFault::NotFound { .. }) => {}
            Err(fault) => return Err(fault),
        }
        if settings.notify {
            let text = format!("Log file disk0:{} removed to make room", oldest.name);
            said.push(file_message(Severity::Notifications, text));
        }
        Ok(())
    }

    /// The files of the log, the oldest first.
    fn files(&self, settings: &Persistent) -> Result<Vec<Entry>, StateFault> {
        let mut files = self.disk0.list()?;
        files.retain(|file| settings.is_file(&file.name));
        files.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(files)
    }

    fn look_at_threshold(&mut self, settings: &Persistent, used: u64, said: &mut Vec<Own>) {
        let Some(threshold) = settings.threshold else {
            self.warned = false;
            return;
        };
        let size = u64::from(settings.effective_size());
        let is_passed = used * 100 >= size * u64::from(threshold.percent);
        if is_passed && !self.warned {
            let severity = if threshold.alert {
                Severity::Alerts
            } else {
                Severity::Warnings
            };
            let percent = threshold.percent;
            let text = format!("Log files have taken {percent} percent of {size} bytes");
            said.push(file_message(severity, text));
        }
        self.warned = is_passed;
    }

    /// Keeps the buffer in a file of its own; the oldest saved ones make room.
    pub(super) fn save(&mut self, saving: &Saving) -> (Saved, Vec<Own>) {
        match self.try_to_save(saving) {
            Ok(()) => {
                self.failed_to_save = false;
                (Saved { is_saved: true }, Vec::new())
            }
            Err(fault) => {
                let text = format!("The log buffer cannot be saved: {fault}");
                let said = (!std::mem::replace(&mut self.failed_to_save, true))
                    .then(|| file_message(Severity::Errors, text));
                (Saved::default(), said.into_iter().collect())
            }
        }
    }

    fn try_to_save(&self, saving: &Saving) -> Result<(), StateFault> {
        let mut saved = self.disk0.list()?;
        saved.retain(|file| is_savelog(&file.name));
        saved.sort_by(|a, b| a.name.cmp(&b.name));
        let length = saving.lines.len() as u64;
        let most = u64::from(saving.settings.maximum_allocation()) << 10;
        let free = u64::from(saving.settings.minimum_free()) << 10;
        loop {
            let used: u64 = saved.iter().map(|file| file.size).sum();
            let left = self.disk0.free()?;
            if used + length <= most && left >= free + length {
                break;
            }
            if saved.is_empty() {
                return Err(StateFault::Full {
                    needed: length,
                    free: left.saturating_sub(free).min(most),
                });
            }
            self.disk0.delete(&saved.remove(0).name)?;
        }
        let taken = |name: &str| saved.iter().any(|file| file.name == name);
        self.disk0
            .write(&savelog_name(saving.utc, taken), &saving.lines)
    }
}

/// `LOG-2026-11-24-133100.TXT`, as `savelog_name` makes it.
fn is_savelog(name: &str) -> bool {
    let stamp = name
        .strip_prefix("LOG-")
        .and_then(|rest| rest.strip_suffix(".TXT"));
    stamp.is_some_and(|stamp| {
        stamp.len() >= "2026-11-24-133100".len()
            && stamp
                .bytes()
                .all(|byte| byte.is_ascii_digit() || byte == b'-')
    })
}

/// A name that sorts behind the newest.
fn next_name(name: &str, utc: DateTime<Utc>, newest: Option<&Entry>) -> String {
    let wanted = format!("{name}_{}", utc.format(STAMP));
    let Some(newest) = newest.map(|file| &*file.name) else {
        return wanted;
    };
    // Also when the clock was set back.
    if wanted.as_str() > newest {
        return wanted;
    }
    let stamp = newest.get(..wanted.len()).unwrap_or(newest);
    let number = newest.get(wanted.len() + 1..).unwrap_or_default();
    let number = number.parse().unwrap_or(1_u32) + 1;
    if number <= 9999 {
        return format!("{stamp}-{number:04}");
    }
    let time = stamp.get(name.len() + 1..).unwrap_or_default();
    let time = NaiveDateTime::parse_from_str(time, STAMP).unwrap_or(utc.naive_utc());
    let next = time
        .checked_add_signed(TimeDelta::seconds(1))
        .unwrap_or(time);
    format!("{name}_{}", next.format(STAMP))
}

/// The time in a name.
const STAMP: &str = "%Y%m%d-%H%M%S";

/// As much of a line as a file has room for.
fn fitting(line: &[u8], most: u64) -> &[u8] {
    let most = usize::try_from(most.saturating_sub(1)).unwrap_or(usize::MAX);
    line.get(..most).unwrap_or(line)
}

fn file_message(severity: Severity, text: String) -> Own {
    Own::sys(severity, "LOGGER_FILE", text)
}

#[cfg(test)]
#[path = "log_files_tests.rs"]
mod tests;
