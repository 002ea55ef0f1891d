//! `show logging outages`: when sessions to logging hosts had no link, why, and what it cost; the last sixteen of each.

use std::fmt;

use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;

use super::logging_session::SessionView;
use super::table::{Column, Table};
use crate::config::logging::SessionKey;
use crate::syslog::api::{Outage, Status};

/// `show logging outages`.
#[derive(Debug, Serialize)]
pub struct View {
    /// By session in order of entry, then oldest first.
    pub outages: Vec<Row>,
}

#[derive(Debug, Serialize)]
pub struct Row {
    #[serde(flatten)]
    pub session: SessionView,
    /// RFC 3339, UTC.
    pub from: String,
    /// `None` as long as it lasts.
    pub to: Option<String>,
    pub reason: String,
    /// The most messages and bytes that waited meanwhile.
    pub queue_peak: u64,
    pub queue_peak_bytes: u64,
    pub overflowed: u64,
    pub repeated: u64,
}

pub fn view(status: &Status) -> View {
    let of_host = |(key, outages): (&SessionKey, &[Outage])| -> Vec<Row> {
        outages.iter().map(|outage| row(key, outage)).collect()
    };
    View {
        outages: status
            .hosts
            .iter()
            .map(|host| (&host.key, host.outages.as_slice()))
            .flat_map(of_host)
            .collect(),
    }
}

fn row(key: &SessionKey, outage: &Outage) -> Row {
    let time = |time: DateTime<Utc>| time.to_rfc3339_opts(SecondsFormat::Secs, true);
    Row {
        session: SessionView::of(key),
        from: time(outage.from),
        to: outage.to.map(time),
        reason: outage.reason.clone(),
        queue_peak: outage.queue_peak,
        queue_peak_bytes: outage.queue_peak_bytes,
        overflowed: outage.overflowed,
        repeated: outage.repeated,
    }
}

impl fmt::Display for View {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.outages.is_empty() {
            return writeln!(f, "No session to a logging host was down.");
        }
        let mut table = Table::new([
            Column::left("Destination", 16),
            Column::left("Transport", 0),
            Column::left("From", 20),
            Column::left("To", 20),
            Column::right("Queue peak", 0),
            Column::right("Bytes", 0),
            Column::right("Overflowed", 0),
            Column::right("Repeated", 0),
            Column::left("Reason", 0),
        ])
        .ruled();
        for row in &self.outages {
            table.row([
                row.session.destination(),
                row.session.carried(),
                row.from.clone(),
                row.to.clone().unwrap_or_else(|| "lasting".to_owned()),
                row.queue_peak.to_string(),
                row.queue_peak_bytes.to_string(),
                row.overflowed.to_string(),
                row.repeated.to_string(),
                row.reason.clone(),
            ]);
        }
        write!(f, "{table}")
    }
}
