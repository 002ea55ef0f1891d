//! `show logging count`: how often each message came and when last, a block a facility.

use std::fmt;

use serde::Serialize;

use super::sanitised::harmless;
use crate::config::logging::{Logging, Timestamp};
use crate::syslog::api::{CountedMessage, Tables};

/// `show logging count`.
#[derive(Debug, Serialize)]
pub struct View {
    /// `logging count`.
    pub enabled: bool,
    /// By facility, then by name; 10,000 at most.
    pub messages: Vec<CountView>,
    /// Messages whose names found no room.
    pub others: u64,
}

#[derive(Debug, Serialize)]
pub struct CountView {
    pub facility: String,
    pub name: String,
    pub severity: u8,
    pub count: u64,
    /// As `service timestamps log` writes it.
    pub last_time: String,
}

pub fn view(logging: &Logging, tables: &Tables) -> View {
    // With milliseconds there is no room for the zone.
    let hides_zone = matches!(
        logging.timestamps.log,
        Some(Timestamp::Datetime {
            msec: true,
            show_timezone: true,
            ..
        })
    );
    let text = |bytes: &[u8]| String::from_utf8_lossy(&harmless(bytes)).into_owned();
    let of = |counted: &CountedMessage| {
        let mut last_time = text(&counted.last);
        if hides_zone && let Some(zone) = last_time.rfind(' ') {
            last_time.truncate(zone);
        }
        CountView {
            facility: text(&counted.facility),
            name: text(&counted.name),
            severity: counted.severity.number(),
            count: counted.count,
            last_time,
        }
    };
    View {
        enabled: logging.count,
        messages: tables.counted.iter().map(of).collect(),
        others: tables.counted_others,
    }
}

impl fmt::Display for View {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.enabled {
            return writeln!(f, "Count and timestamp logging messages: disabled");
        }
        writeln!(
            f,
            "Facility       Message Name                     Sev Occur      Last Time"
        )?;
        writeln!(f, "{:=<82}", "")?;
        for block in self
            .messages
            .chunk_by(|one, other| one.facility == other.facility)
        {
            block.iter().try_for_each(|row| write!(f, "{row}"))?;
            writeln!(f, "{:-<13}  {:-<31}  {:-<34}", "", "", "")?;
            let facility = block.first().map_or("", |row| &row.facility);
            let total: u64 = block.iter().map(|row| row.count).sum();
            writeln!(f, "{:<50} {total:>5}", format!("{facility} TOTAL"))?;
        }
        if self.others > 0 {
            writeln!(f, "{} messages of further names", self.others)?;
        }
        Ok(())
    }
}

/// A row; a name that is too long has a line for itself.
impl fmt::Display for CountView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            facility,
            name,
            severity,
            count,
            last_time,
        } = self;
        let (mut facility, mut name) = (facility.as_str(), name.as_str());
        if facility.chars().count() > 14 || name.chars().count() > 32 {
            writeln!(f, "{facility:<14} {name}")?;
            (facility, name) = ("", "");
        }
        writeln!(
            f,
            "{facility:<15}{name:<33}{severity:>3}{count:>5} {last_time}"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::Severity;

    fn shown(logging: &Logging, rows: &[(&str, &str, u8, u64, &str)]) -> String {
        let counted = |(facility, name, severity, count, last): &(&str, &str, u8, u64, &str)| {
            CountedMessage {
                facility: facility.as_bytes().to_vec(),
                name: name.as_bytes().to_vec(),
                severity: Severity::from_number(*severity).expect("a severity"),
                count: *count,
                last: last.as_bytes().to_vec(),
            }
        };
        let tables = Tables {
            counted: rows.iter().map(counted).collect(),
            ..Tables::default()
        };
        view(logging, &tables).to_string()
    }

    fn counting() -> Logging {
        Logging {
            count: true,
            ..Logging::default()
        }
    }

    #[test]
    fn the_table_looks_as_captured() {
        let rows = [
            ("SYS", "CONFIG_I", 5, 1, "*May  1 06:13:57.803"),
            ("SYS", "LOGGINGHOST_STARTSTOP", 6, 2, "*May  1 06:13:56.862"),
        ];
        let captured = "\
Facility       Message Name                     Sev Occur      Last Time
==================================================================================
SYS            CONFIG_I                           5    1 *May  1 06:13:57.803
SYS            LOGGINGHOST_STARTSTOP              6    2 *May  1 06:13:56.862
-------------  -------------------------------  ----------------------------------
SYS TOTAL                                              3
";
        assert_eq!(shown(&counting(), &rows), captured);
    }

    #[test]
    fn with_milliseconds_there_is_no_zone_and_a_long_name_has_its_own_line() {
        let mut logging = counting();
        logging.timestamps.log = Some(Timestamp::Datetime {
            msec: true,
            localtime: false,
            show_timezone: true,
            year: false,
        });
        let name = "A_NAME_OF_A_MESSAGE_THAT_IS_LONGER_THAN_ITS_COLUMN";
        let shown = shown(&logging, &[("SYS", name, 5, 1, "May  1 06:13:57.803 UTC")]);
        let rows: Vec<_> = shown.lines().skip(2).take(2).collect();
        assert_eq!(rows[0], format!("SYS            {name}"));
        assert_eq!(rows[1], format!("{:50}5    1 May  1 06:13:57.803", ""));
    }

    #[test]
    fn no_name_can_drive_a_terminal() {
        let shown = shown(&counting(), &[("SYS", "A\u{1b}[2J", 5, 1, "x")]);
        assert!(shown.contains("A\\x1B[2J"), "{shown}");
    }
}
