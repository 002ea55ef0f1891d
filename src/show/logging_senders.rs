//! `show logging input senders`: who sends here, how much, and what never came (C3.8).

use std::fmt;

use serde::Serialize;

use super::clock::Elapsed;
use super::table::{Column, Table};
use crate::syslog::api::SenderStatus;

/// `show logging input senders`.
#[derive(Debug, Serialize)]
pub struct View {
    /// By name; 10,000 at most.
    pub senders: Vec<SenderView>,
}

#[derive(Debug, Serialize)]
pub struct SenderView {
    /// The host its messages name, else the address they come from.
    pub host: String,
    pub messages: u64,
    /// Messages a second over the last minute.
    pub rate: f64,
    /// Seconds ago.
    pub last_seen: Elapsed,
    /// Numbers of its own counter that never came.
    pub missing: u64,
    pub reordered: u64,
    /// How often its counter began anew.
    pub restarts: u64,
    /// `logging input silence` has said so.
    pub silent: bool,
}

pub fn view(senders: &[SenderStatus]) -> View {
    let of = |sender: &SenderStatus| SenderView {
        host: sender.host.clone(),
        messages: sender.messages,
        rate: (sender.rate * 10.0).round() / 10.0,
        last_seen: Elapsed(sender.last_seen),
        missing: sender.missing,
        reordered: sender.reordered,
        restarts: sender.restarts,
        silent: sender.is_silent,
    };
    View {
        senders: senders.iter().map(of).collect(),
    }
}

impl fmt::Display for View {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.senders.is_empty() {
            return writeln!(f, "No host has sent a message.");
        }
        let mut table = Table::new([
            Column::left("Host", 16),
            Column::right("Messages", 10),
            Column::right("Rate/s", 8),
            Column::right("Missing", 8),
            Column::right("Late", 6),
            Column::right("Restarts", 8),
            Column::left("Last seen", 0),
        ])
        .ruled();
        for sender in &self.senders {
            let silent = if sender.silent { ", silent" } else { "" };
            table.row([
                sender.host.clone(),
                sender.messages.to_string(),
                format!("{:.1}", sender.rate),
                sender.missing.to_string(),
                sender.reordered.to_string(),
                sender.restarts.to_string(),
                format!("{} ago{silent}", sender.last_seen),
            ]);
        }
        write!(f, "{table}")
    }
}
