//! `logging history`: the newest messages in a table of few entries, each with its number, as `show logging history` has
//! them. Which messages enter is decided elsewhere.

use std::collections::VecDeque;
use std::time::Duration;

use super::api::HistoryEntry;
use crate::message::{Kind, Parsed};

#[derive(Debug, Default)]
pub(super) struct HistoryTable {
    entries: VecDeque<HistoryEntry>,
    /// Entries at most; 0 while it is off.
    size: usize,
    /// Of the entry that came last.
    number: u64,
    flushed: u64,
}

impl HistoryTable {
    pub(super) fn new(size: usize) -> Self {
        Self {
            size,
            ..Self::default()
        }
    }

    pub(super) fn push(&mut self, message: &Parsed<'_>, uptime: Duration) {
        if self.size == 0 {
            return;
        }
        self.number += 1;
        let text =
            |text: &[u8]| String::from_utf8_lossy(text.get(..LONGEST).unwrap_or(text)).into_owned();
        let mut facility = text(message.facility);
        if message.kind == Kind::Program {
            facility.make_ascii_uppercase();
        }
        self.entries.push_back(HistoryEntry {
            number: self.number,
            facility,
            severity: message.severity,
            mnemonic: text(message.mnemonic),
            body: text(message.body),
            uptime,
        });
        self.keep();
    }

    /// Another number of entries; the newest stay.
    pub(super) fn resize(&mut self, size: usize) {
        self.size = size;
        self.keep();
    }

    fn keep(&mut self) {
        let gone = self.entries.len().saturating_sub(self.size);
        self.entries.drain(..gone);
        self.flushed += gone as u64;
    }

    /// Oldest first.
    pub(super) fn entries(&self) -> Vec<HistoryEntry> {
        self.entries.iter().cloned().collect()
    }

    pub(super) fn flushed(&self) -> u64 {
        self.flushed
    }
}

/// Octets of a text that an entry keeps: so many has the MIB (CISCO-SYSLOG-MIB, `clogHistMsgText`).
const LONGEST: usize = 255;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::parse;

    #[test]
    fn the_newest_entries_stay_and_numbers_go_on() {
        let mut table = HistoryTable::default();
        table.resize(2);
        for line in ["%SYS-5-A: one", "%SYS-5-B: two", "%SYS-5-C: three"] {
            table.push(&parse(line.as_bytes()), Duration::from_millis(11_100));
        }
        let entries = table.entries();
        let numbers: Vec<_> = entries
            .iter()
            .map(|entry| (entry.number, entry.body.as_str()))
            .collect();
        assert_eq!(numbers, [(2, "two"), (3, "three")]);
        assert_eq!(table.flushed(), 1);
        table.resize(1);
        assert_eq!((table.entries().len(), table.flushed()), (1, 2));
    }

    #[test]
    fn a_text_is_cut_whatever_its_bytes_are() {
        let mut table = HistoryTable::default();
        table.resize(1);
        let line = format!("%SYS-5-A: {}", "\u{e4}".repeat(300));
        table.push(&parse(line.as_bytes()), Duration::ZERO);
        assert!(table.entries()[0].body.chars().count() <= LONGEST);
    }
}
