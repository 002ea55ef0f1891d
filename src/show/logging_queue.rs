//! `show logging queue`: what waits for the syslog servers, and what found no room (D106).

use std::fmt;

use serde::Serialize;

use super::table::{Column, Table};
use crate::config::logging::Logging;
use crate::syslog::api::{HostStatus, LeftOnDisk, Status};

/// `show logging queue`.
#[derive(Debug, Serialize)]
pub struct View {
    /// Messages that a session's queue holds at most; `None` where bytes alone bound it.
    pub length_limit: Option<u32>,
    /// By all sessions together.
    pub discarded: u64,
    pub on_queue: u64,
    /// The longest that any session's queue has been.
    pub most_on_queue: u64,
    pub sessions: Vec<SessionView>,
    /// Of hosts that are not configured.
    pub left_on_disk: Vec<LeftOnDisk>,
}

#[derive(Debug, Serialize)]
pub struct SessionView {
    pub host: String,
    pub transport: &'static str,
    pub port: u16,
    pub discarded: u64,
    pub on_queue: u64,
    pub most_on_queue: u64,
    pub bytes: u64,
    pub limit_bytes: u64,
}

pub fn view(logging: &Logging, status: &Status) -> View {
    let of = |host: &HostStatus| SessionView {
        host: host.key.host.to_string(),
        transport: host.key.transport.keyword(),
        port: host.key.port,
        discarded: host.counters.overflowed,
        on_queue: host.counters.queued,
        most_on_queue: host.most_queued,
        bytes: host.queue_bytes,
        limit_bytes: host.queue_limit,
    };
    let sessions: Vec<_> = status.hosts.iter().map(of).collect();
    View {
        length_limit: logging.queue_messages(),
        discarded: sessions.iter().map(|session| session.discarded).sum(),
        on_queue: sessions.iter().map(|session| session.on_queue).sum(),
        most_on_queue: sessions
            .iter()
            .map(|session| session.most_on_queue)
            .max()
            .unwrap_or(0),
        sessions,
        left_on_disk: status.left_on_disk.clone(),
    }
}

impl fmt::Display for View {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.length_limit {
            Some(limit) => writeln!(f, "Logging Queue length limit : {limit} msg(s)")?,
            None => writeln!(f, "Logging Queue length limit : none")?,
        }
        writeln!(
            f,
            "{} msg(s) discarded due to queue overflow",
            self.discarded
        )?;
        writeln!(f, "0 msg(s) discarded due to memory allocation failure")?;
        writeln!(
            f,
            "Current {} msg on queue, {} msgs most on queue",
            self.on_queue, self.most_on_queue
        )?;
        self.write_sessions(f)?;
        self.write_left_on_disk(f)
    }
}

impl View {
    fn write_sessions(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.sessions.is_empty() {
            return Ok(());
        }
        let mut table = Table::new([
            Column::left("Host", 16),
            Column::left("Transport", 9),
            Column::right("Port", 5),
            Column::right("Current", 8),
            Column::right("Most", 8),
            Column::right("Discarded", 9),
            Column::right("Bytes", 8),
            Column::right("Limit", 8),
        ])
        .ruled();
        for session in &self.sessions {
            table.row([
                session.host.clone(),
                session.transport.to_owned(),
                session.port.to_string(),
                session.on_queue.to_string(),
                session.most_on_queue.to_string(),
                session.discarded.to_string(),
                session.bytes.to_string(),
                session.limit_bytes.to_string(),
            ]);
        }
        write!(f, "\n{table}")
    }

    /// What is there, whatever becomes of it: a host that is configured again sends it.
    fn write_left_on_disk(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.left_on_disk.is_empty() {
            return Ok(());
        }
        let mut table = Table::new([
            Column::left("Host", 16),
            Column::left("Transport", 9),
            Column::right("Port", 5),
            Column::right("Messages", 8),
            Column::right("Bytes", 8),
        ])
        .ruled();
        for left in &self.left_on_disk {
            let mut host = left.host.clone();
            if let Some(vrf) = &left.vrf {
                host.push_str(" vrf ");
                host.push_str(vrf);
            }
            if let Some(channel) = &left.channel {
                host.push_str(" channel ");
                host.push_str(channel);
            }
            table.row([
                host,
                left.transport.clone(),
                left.port.to_string(),
                left.messages.to_string(),
                left.bytes.to_string(),
            ]);
        }
        write!(f, "\nOn disk, of hosts that are not configured\n{table}")
    }
}
