//! `show logging history`: the syslog history table (D104).

use std::fmt;

use serde::Serialize;

use super::sanitised::sanitised;
use crate::config::logging::Logging;
use crate::config::logging_class::ClassPlace;
use crate::syslog::api::{HistoryEntry, Status, Tables};

/// `show logging history`.
#[derive(Debug, Serialize)]
pub struct View {
    /// `logging history`.
    pub enabled: bool,
    pub maximum_table_entries: u16,
    pub level: Option<&'static str>,
    pub list: Option<String>,
    /// Below the level.
    pub messages_ignored: u64,
    pub saved: u64,
    pub table_entries_flushed: u64,
    /// Oldest first.
    pub entries: Vec<EntryView>,
}

#[derive(Debug, Serialize)]
pub struct EntryView {
    pub number: u64,
    pub facility: String,
    pub severity: u8,
    pub mnemonic: String,
    pub body: String,
    /// The device's uptime in hundredths of a second.
    pub timestamp: u128,
}

pub fn view(logging: &Logging, status: &Status, tables: &Tables) -> View {
    let of = |entry: &HistoryEntry| EntryView {
        number: entry.number,
        facility: sanitised(&entry.facility),
        severity: entry.severity.number(),
        mnemonic: sanitised(&entry.mnemonic),
        body: sanitised(&entry.body),
        timestamp: entry.uptime.as_millis() / 10,
    };
    let session = logging.history.as_ref();
    let has_list = session.is_some_and(|session| session.list.is_some());
    View {
        enabled: logging.is_on()
            && (session.is_some() || logging.routes_classes_to(ClassPlace::History)),
        maximum_table_entries: logging.history_entries(),
        level: session
            .filter(|_| !has_list)
            .map(|session| session.effective_level().keyword()),
        list: session
            .and_then(|session| session.list.as_deref())
            .map(str::to_owned),
        messages_ignored: status.history.counters.below_level,
        saved: status.history.counters.delivered,
        table_entries_flushed: tables.history_flushed,
        entries: tables.history.iter().map(of).collect(),
    }
}

impl fmt::Display for View {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.enabled {
            return writeln!(f, "Syslog History Table: disabled");
        }
        writeln!(
            f,
            "Syslog History Table: {} maximum table entries,",
            self.maximum_table_entries
        )?;
        match (&self.list, self.level) {
            (Some(list), _) => writeln!(f, "saving list {list}")?,
            (None, Some(level)) => writeln!(f, "saving level {level} or higher")?,
            (None, None) => writeln!(f, "saving classes of messages")?,
        }
        let (ignored, flushed) = (self.messages_ignored, self.table_entries_flushed);
        writeln!(
            f,
            " {ignored} messages ignored, 0 dropped, {flushed} table entries flushed,"
        )?;
        writeln!(f, " SNMP notifications not enabled")?;
        for entry in &self.entries {
            let EntryView {
                number,
                facility,
                severity,
                mnemonic,
                ..
            } = entry;
            writeln!(
                f,
                "   entry number {number}: {facility}-{severity}-{mnemonic}"
            )?;
            writeln!(f, "    {}", entry.body)?;
            writeln!(f, "    timestamp: {}", entry.timestamp)?;
        }
        Ok(())
    }
}
