//! `show logging host brief`: a row for each session to a logging host. What became of single messages is in
//! `show logging`.

use std::fmt;
use std::time::Duration;

use chrono::SecondsFormat;
use serde::Serialize;

use super::logging_session::SessionView;
use super::table::{Column, Table};
use crate::syslog::api::{HostStatus, Link, Status};

/// `show logging host brief`.
#[derive(Debug, Serialize)]
pub struct View {
    /// In order of entry.
    pub sessions: Vec<Row>,
}

#[derive(Debug, Serialize)]
pub struct Row {
    #[serde(flatten)]
    pub session: SessionView,
    pub link_up: bool,
    /// Why the link is down.
    pub reason: Option<String>,
    /// Since when the link is as it is; RFC 3339, UTC.
    pub since: String,
    pub delivered: u64,
    pub filtered: u64,
    pub limited: u64,
    pub queued: u64,
    /// Seconds for which the oldest message has been queued.
    pub oldest_queued_seconds: Option<u64>,
    pub overflowed: u64,
    pub repeated: u64,
}

pub fn view(status: &Status) -> View {
    View {
        sessions: status.hosts.iter().map(row).collect(),
    }
}

fn row(status: &HostStatus) -> Row {
    let counters = &status.counters;
    Row {
        session: SessionView::of(&status.key),
        link_up: status.link == Link::Up,
        reason: match &status.link {
            Link::Up => None,
            Link::Down { reason } => Some(reason.clone()),
        },
        since: status.since.to_rfc3339_opts(SecondsFormat::Secs, true),
        delivered: counters.delivered,
        filtered: counters.filtered,
        limited: counters.rate_limited,
        queued: counters.queued,
        oldest_queued_seconds: status.oldest.map(|age| age.as_secs()),
        overflowed: counters.overflowed,
        repeated: counters.possibly_repeated,
    }
}

impl fmt::Display for View {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.sessions.is_empty() {
            return writeln!(f, "No logging host is configured.");
        }
        let mut table = Table::new([
            Column::left("Destination", 16),
            Column::left("Transport", 0),
            Column::left("Link", 4),
            Column::left("Since", 20),
            Column::right("Delivered", 0),
            Column::right("Filtered", 0),
            Column::right("Limited", 0),
            Column::right("Queued", 0),
            Column::right("Oldest", 0),
            Column::right("Overflowed", 0),
            Column::right("Repeated", 0),
        ])
        .ruled();
        for row in &self.sessions {
            let oldest = row.oldest_queued_seconds.map(Duration::from_secs);
            table.row([
                row.session.destination(),
                row.session.carried(),
                if row.link_up { "up" } else { "down" }.to_owned(),
                row.since.clone(),
                row.delivered.to_string(),
                row.filtered.to_string(),
                row.limited.to_string(),
                row.queued.to_string(),
                oldest.map_or_else(|| "-".to_owned(), short),
                row.overflowed.to_string(),
                row.repeated.to_string(),
            ]);
        }
        write!(f, "{table}")
    }
}

/// A span of time in one unit, `45s`, `12m`, `3h`, `2d`.
pub(super) fn short(span: Duration) -> String {
    match span.as_secs() {
        seconds @ 0..120 => format!("{seconds}s"),
        seconds @ 120..7_200 => format!("{}m", seconds / 60),
        seconds @ 7_200..172_800 => format!("{}h", seconds / 3_600),
        seconds => format!("{}d", seconds / 86_400),
    }
}
