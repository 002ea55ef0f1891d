//! `show call-home statistics`, `mail-server status` and `events`: what the call-home room counts and works on, in the layout of an
//! ASA. What the numbers mean stands in the room's `api`.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Serialize, Serializer};

use super::super::sanitised::sanitised;
use super::super::table::{Column, Table};
use crate::call_home::api::{Availability, EventCount, MessageCount, Status};
use crate::config::call_home::{AlertSeverity, CallHome};

/// `show call-home statistics`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StatisticsView {
    /// Each kind of message, by e-mail and by HTTP.
    pub messages: Vec<Messages>,
    pub events: Vec<Events>,
    #[serde(serialize_with = "rfc3339")]
    pub last_sent: Option<DateTime<Utc>>,
    /// Messages for one destination each, those of an earlier run that still waited included; accepted is the sum of the others.
    pub accepted: u64,
    pub delivered: u64,
    pub given_up: u64,
    pub waiting: u64,
    /// Faults of this program, and of the disk under the outbox.
    pub faults: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Messages {
    pub kind: &'static str,
    pub transport: &'static str,
    pub success: u64,
    pub in_delivering: u64,
    pub in_queue: u64,
    pub dropped: u64,
    pub failed: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Events {
    pub kind: &'static str,
    pub detected: u64,
    pub in_processing: u64,
    pub dropped: u64,
}

/// `show call-home mail-server status`. JSON: an array.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct MailServerStates {
    pub servers: Vec<MailServerState>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MailServerState {
    pub address: String,
    pub priority: u8,
    #[serde(serialize_with = "in_words")]
    pub status: Availability,
}

/// `show call-home events`. JSON: an array.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct ActiveEvents {
    pub events: Vec<ActiveEvent>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ActiveEvent {
    pub profile: String,
    pub alert_group: &'static str,
    pub severity: AlertSeverity,
    /// Since it was accepted.
    pub active_seconds: u64,
    pub destination: String,
    /// The id that the message says of itself.
    pub message: String,
}

pub fn statistics(status: &Status) -> StatisticsView {
    let counted = &status.statistics;
    let message = |count: &MessageCount| Messages {
        kind: count.kind,
        transport: if count.is_email { "email" } else { "http" },
        success: count.success,
        in_delivering: count.in_delivering,
        in_queue: count.in_queue,
        dropped: count.dropped,
        failed: count.failed,
    };
    let event = |count: &EventCount| Events {
        kind: count.kind,
        detected: count.detected,
        in_processing: count.in_processing,
        dropped: count.dropped,
    };
    StatisticsView {
        messages: counted.messages.iter().map(message).collect(),
        events: counted.events.iter().map(event).collect(),
        last_sent: counted.last_sent,
        accepted: counted.accepted,
        delivered: counted.delivered,
        given_up: counted.given_up,
        waiting: counted.waiting,
        faults: status.faults,
    }
}

/// Those of the configuration; nobody knows anything of one that was added a moment ago.
pub fn mail_server_states(config: &CallHome, status: &Status) -> MailServerStates {
    let known = |host: &str| {
        let mut known = status.mail_servers.iter();
        known.find(|server| *server.host == *host)
    };
    let servers = config.mail_servers.iter().map(|server| MailServerState {
        address: sanitised(&server.host),
        priority: server.priority,
        status: known(&server.host).map_or(Availability::Unknown, |known| known.availability),
    });
    MailServerStates {
        servers: servers.collect(),
    }
}

pub fn active_events(status: &Status, now: DateTime<Utc>) -> ActiveEvents {
    let event = |event: &crate::call_home::api::ActiveEvent| ActiveEvent {
        profile: sanitised(&event.profile),
        alert_group: event.kind,
        severity: event.severity,
        active_seconds: u64::try_from((now - event.accepted).num_seconds()).unwrap_or(0),
        destination: sanitised(&event.destination),
        message: sanitised(&event.message),
    };
    ActiveEvents {
        events: status.events.iter().map(event).collect(),
    }
}

const fn words(status: Availability) -> &'static str {
    match status {
        Availability::Available => "Available",
        Availability::NotAvailable => "Not Available",
        Availability::Unknown => "Unknown",
    }
}

fn in_words<S: Serializer>(status: &Availability, serializer: S) -> Result<S::Ok, S::Error> {
    let words = words(*status).to_ascii_lowercase().replace(' ', "-");
    serializer.serialize_str(&words)
}

fn rfc3339<S: Serializer>(at: &Option<DateTime<Utc>>, serializer: S) -> Result<S::Ok, S::Error> {
    let text = at.map(|at| at.format("%Y-%m-%dT%H:%M:%SZ").to_string());
    text.serialize(serializer)
}

/// A row of the totals, and one below it for each kind that there is something of.
fn rows(table: &mut Table, title: &str, all: &[Messages], of: impl Fn(&Messages) -> u64) {
    let sum = |email: Option<bool>, kind: Option<&str>| -> String {
        let wanted = |row: &&Messages| {
            let is_email = row.transport == "email";
            email.is_none_or(|email| email == is_email) && kind.is_none_or(|kind| kind == row.kind)
        };
        let sum: u64 = all.iter().filter(wanted).map(&of).sum();
        sum.to_string()
    };
    let mut row = |title: String, kind: Option<&str>| {
        table.row([
            title,
            sum(None, kind),
            sum(Some(true), kind),
            sum(Some(false), kind),
        ]);
    };
    row(title.to_owned(), None);
    let mut kinds: Vec<&str> = all
        .iter()
        .filter(|row| of(row) > 0)
        .map(|row| row.kind)
        .collect();
    kinds.dedup();
    for kind in kinds {
        row(format!(" {kind}"), Some(kind));
    }
}

impl fmt::Display for StatisticsView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let columns = [
            Column::left("Message Types", 20),
            Column::left("Total", 16),
            Column::left("Email", 16),
            Column::left("HTTP", 16),
        ];
        let mut table = Table::new(columns).gap(1).ruled();
        let all = &self.messages;
        rows(&mut table, "Total Success", all, |row| row.success);
        rows(&mut table, "Total In-Delivering", all, |row| {
            row.in_delivering
        });
        rows(&mut table, "Total In-Queue", all, |row| row.in_queue);
        rows(&mut table, "Total Dropped", all, |row| row.dropped);
        rows(&mut table, "Tx Failed", all, |row| row.failed);
        writeln!(f, "{table}")?;
        let columns = [Column::left("Event Types", 20), Column::left("Total", 16)];
        let mut table = Table::new(columns).gap(1).ruled();
        let of: [(&str, CountOf); 3] = [
            ("Total Detected", |row| row.detected),
            ("Total In-Processing", |row| row.in_processing),
            ("Total Dropped", |row| row.dropped),
        ];
        for (place, (title, of)) in of.into_iter().enumerate() {
            if place == 2 {
                // What is asked for is worked on at once.
                table.row(["Total In-Queue".to_owned(), "0".to_owned()]);
            }
            let sum: u64 = self.events.iter().map(of).sum();
            table.row([title.to_owned(), sum.to_string()]);
            for row in self.events.iter().filter(|row| of(row) > 0) {
                table.row([format!(" {}", row.kind), of(row).to_string()]);
            }
        }
        writeln!(f, "{table}")?;
        match self.last_sent {
            None => writeln!(f, "Last call-home message sent time: n/a"),
            Some(at) => {
                let at = at.format("%Y-%m-%d %H:%M:%S GMT%:z");
                writeln!(f, "Last call-home message sent time: {at}")
            }
        }
    }
}

impl fmt::Display for MailServerStates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.servers.is_empty() {
            return writeln!(f, "No mail server is configured.");
        }
        for (place, server) in self.servers.iter().enumerate() {
            let MailServerState {
                address,
                priority,
                status,
            } = server;
            let (number, status) = (place + 1, words(*status));
            writeln!(
                f,
                "Mail-server[{number}]: Address: {address} Priority: {priority} [{status}]"
            )?;
        }
        Ok(())
    }
}

/// One of the counts of a kind.
type CountOf = fn(&Events) -> u64;

impl fmt::Display for ActiveEvents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let columns = [
            Column::left("Event client", 20),
            Column::left("alert-group", 20),
            Column::left("severity", 12),
            Column::left("active (sec)", 12),
            Column::left("destination", 11),
        ];
        let mut table = Table::new(columns).gap(1).ruled();
        for event in &self.events {
            table.row([
                event.profile.clone(),
                event.alert_group.to_owned(),
                event.severity.keyword().to_owned(),
                event.active_seconds.to_string(),
                event.destination.clone(),
            ]);
        }
        write!(f, "Active event list:\n{table}")
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::call_home::api;
    use crate::config::call_home::script::Script;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(seconds, 0).unwrap_or_default()
    }

    fn counted() -> Status {
        let count = |kind, is_email, success, dropped, failed| MessageCount {
            kind,
            is_email,
            success,
            dropped,
            failed,
            ..MessageCount::default()
        };
        Status {
            faults: 1,
            statistics: api::Statistics {
                messages: vec![
                    count("configuration", true, 0, 2, 2),
                    MessageCount {
                        in_queue: 4,
                        in_delivering: 1,
                        ..count("inventory", false, 3, 1, 1)
                    },
                    count("inventory", true, 0, 2, 2),
                ],
                events: vec![EventCount {
                    kind: "inventory",
                    detected: 2,
                    in_processing: 0,
                    dropped: 1,
                }],
                accepted: 13,
                delivered: 3,
                given_up: 5,
                waiting: 5,
                last_sent: Some(at(1_889_965_205)),
            },
            mail_servers: vec![api::MailServerState {
                host: "b".into(),
                priority: 2,
                availability: Availability::NotAvailable,
            }],
            events: vec![api::ActiveEvent {
                profile: "ops".into(),
                kind: "inventory",
                severity: AlertSeverity::Normal,
                destination: "http://a/".to_owned(),
                accepted: at(100),
                message: Arc::from("M1A:S1:70A69495"),
            }],
            ..Status::default()
        }
    }

    const STATISTICS: &str = "\
Message Types        Total            Email            HTTP
-------------------- ---------------- ---------------- ----------------
Total Success        3                0                3
 inventory           3                0                3
Total In-Delivering  1                0                1
 inventory           1                0                1
Total In-Queue       4                0                4
 inventory           4                0                4
Total Dropped        5                4                1
 configuration       2                2                0
 inventory           3                2                1
Tx Failed            5                4                1
 configuration       2                2                0
 inventory           3                2                1

Event Types          Total
-------------------- ----------------
Total Detected       2
 inventory           2
Total In-Processing  0
Total In-Queue       0
Total Dropped        1
 inventory           1

Last call-home message sent time: 2029-11-21 14:20:05 GMT+00:00
";

    #[test]
    fn statistics_have_totals_and_a_row_for_each_kind_that_there_is_something_of() {
        assert_eq!(statistics(&counted()).to_string(), STATISTICS);
        let nothing = statistics(&Status::default()).to_string();
        assert!(nothing.contains("Total Success        0                0                0\n"));
        assert!(nothing.ends_with("sent time: n/a\n"));
        let json = serde_json::to_value(statistics(&counted())).expect("JSON");
        assert_eq!(json["messages"][1]["transport"], "http");
        assert_eq!(json["accepted"], 13);
        assert_eq!(json["last_sent"], "2029-11-21T14:20:05Z");
    }

    #[test]
    fn mail_servers_are_shown_with_what_is_known_of_them() {
        let config =
            Script::accepts("call-home\nmail-server a priority 1\nmail-server b priority 2\n");
        let view = mail_server_states(&config.call_home, &counted());
        assert_eq!(
            view.to_string(),
            "Mail-server[1]: Address: a Priority: 1 [Unknown]\n\
             Mail-server[2]: Address: b Priority: 2 [Not Available]\n"
        );
        let json = serde_json::to_value(&view).expect("JSON");
        assert_eq!(json[1]["status"], "not-available");
        let none = mail_server_states(&CallHome::default(), &counted());
        assert_eq!(none.to_string(), "No mail server is configured.\n");
    }

    #[test]
    fn what_is_being_worked_on_is_listed_with_its_age() {
        let view = active_events(&counted(), at(115));
        assert_eq!(
            view.to_string(),
            "\
Active event list:
Event client         alert-group          severity     active (sec) destination
-------------------- -------------------- ------------ ------------ -----------
ops                  inventory            normal       15           http://a/
"
        );
        let json = serde_json::to_value(&view).expect("JSON");
        assert_eq!(json[0]["message"], "M1A:S1:70A69495");
    }
}
