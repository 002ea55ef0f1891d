//! `logging count`: how often each message came, and when last. Bounded whatever the network sends; what has no room is
//! counted together. Which messages are counted is decided elsewhere.

use std::collections::HashMap;
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::core::Now;
use crate::message::{Kind, Parsed, Severity};

/// Messages by severity, facility and name.
#[derive(Debug, Default)]
pub(super) struct Count {
    /// Keys are `Count::key`.
    messages: HashMap<Box<[u8]>, Counted>,
    /// Those that had no room.
    others: u64,
    key: Vec<u8>,
}

#[derive(Clone, Copy, Debug)]
struct Counted {
    count: u64,
    utc: DateTime<Utc>,
    uptime: Duration,
    synchronised: Option<bool>,
}

/// One message of the table, with the clocks of its last time.
#[derive(Clone, Debug)]
pub(super) struct Row<'a> {
    pub(super) facility: &'a [u8],
    pub(super) name: &'a [u8],
    pub(super) severity: Severity,
    pub(super) count: u64,
    pub(super) last: Now,
}

impl Count {
    /// Counts a message. A debug line has no name and is not counted.
    pub(super) fn note(&mut self, message: &Parsed<'_>, now: &Now) {
        if message.kind == Kind::Debug {
            return;
        }
        let cut = |text: &'_ [u8]| text.len().min(LONGEST);
        self.key.clear();
        // At most 255, so it fits.
        self.key.push(cut(message.facility) as u8);
        self.key.push(message.severity.number());
        let facility = message.facility.iter().take(LONGEST);
        if message.kind == Kind::Program {
            self.key.extend(facility.map(u8::to_ascii_uppercase));
        } else {
            self.key.extend(facility);
        }
        self.key.extend(message.mnemonic.iter().take(LONGEST));
        let last = Counted {
            count: 1,
            utc: now.utc,
            uptime: now.uptime,
            synchronised: now.synchronised,
        };
        let has_room = self.messages.len() < MOST;
        match self.messages.get_mut(self.key.as_slice()) {
            Some(counted) => {
                *counted = Counted {
                    count: counted.count + 1,
                    ..last
                };
            }
            None if has_room => {
                self.messages.insert(self.key.as_slice().into(), last);
            }
            None => self.others += 1,
        }
    }

    /// By facility, then by name.
    pub(super) fn rows(&self) -> Vec<Row<'_>> {
        let mut rows: Vec<_> = self
            .messages
            .iter()
            .filter_map(|(key, counted)| row(key, counted))
            .collect();
        rows.sort_unstable_by_key(|row| (row.facility, row.name, row.severity));
        rows
    }

    pub(super) fn others(&self) -> u64 {
        self.others
    }
}

fn row<'a>(key: &'a [u8], counted: &Counted) -> Option<Row<'a>> {
    let [length, severity, names @ ..] = key else {
        return None;
    };
    let (facility, name) = names.split_at_checked(usize::from(*length))?;
    Some(Row {
        facility,
        name,
        severity: Severity::from_number(*severity)?,
        count: counted.count,
        last: Now {
            monotonic: Duration::ZERO,
            utc: counted.utc,
            uptime: counted.uptime,
            synchronised: counted.synchronised,
        },
    })
}

/// Names of the table.
const MOST: usize = 10_000;
/// Octets of a facility and of a name that tell messages apart.
const LONGEST: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::parse;

    fn now(second: u64) -> Now {
        Now {
            monotonic: Duration::from_secs(second),
            utc: DateTime::UNIX_EPOCH + Duration::from_secs(second),
            uptime: Duration::from_secs(second),
            synchronised: Some(true),
        }
    }

    #[test]
    fn messages_are_counted_by_facility_name_and_severity() {
        let mut count = Count::default();
        let lines = [
            "%SYS-5-CONFIG_I: a",
            "%LINK-3-UPDOWN: b",
            "%SYS-5-CONFIG_I: c",
            "%SYS-6-CONFIG_I: d",
            "<13>sshd: e",
        ];
        for (second, line) in lines.iter().enumerate() {
            count.note(&parse(line.as_bytes()), &now(second as u64));
        }
        let rows: Vec<_> = count
            .rows()
            .into_iter()
            .map(|row| {
                let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
                (
                    text(row.facility),
                    text(row.name),
                    row.severity.number(),
                    row.count,
                    row.last.uptime.as_secs(),
                )
            })
            .collect();
        let row = |facility: &str, name: &str, severity, count, last| {
            (facility.to_owned(), name.to_owned(), severity, count, last)
        };
        assert_eq!(
            rows,
            [
                row("LINK", "UPDOWN", 3, 1, 1),
                row("SSHD", "MSG", 5, 1, 4),
                row("SYS", "CONFIG_I", 5, 2, 2),
                row("SYS", "CONFIG_I", 6, 1, 3),
            ]
        );
    }

    #[test]
    fn a_sender_of_ever_new_names_does_not_make_the_table_grow() {
        let mut count = Count::default();
        let beyond = 500;
        for number in 0..MOST + beyond {
            count.note(&parse(format!("%X-5-M{number}: x").as_bytes()), &now(1));
        }
        count.note(&parse(b"%X-5-M1: x"), &now(2));
        assert_eq!(count.rows().len(), MOST);
        assert_eq!(count.others(), beyond as u64);
        let long = format!("%{}-5-{}: x", "F".repeat(90), "M".repeat(90));
        count.note(&parse(long.as_bytes()), &now(3));
        assert!(
            count
                .messages
                .keys()
                .all(|key| key.len() <= 2 + 2 * LONGEST)
        );
    }
}
