//! The outages of a remote session's link, and what is said of them: that it failed, came back, or that its queue
//! overflows; at most one message a minute of each kind (C3.7). Pure: events and time in, messages out.

use std::collections::VecDeque;
use std::time::Duration;

use super::api::{self, Counters};
use super::core::{Now, Queue};
use super::on_disk::Turn;
use crate::config::logging::{SessionKey, Transport};
use crate::message::{Own, Severity};

/// The troubles of one session.
#[derive(Clone, Debug, Default)]
pub struct Outage {
    down: Option<Down>,
    /// The last ones that ended, oldest first.
    ended: VecDeque<api::Outage>,
    overflows: bool,
    failed_said: Option<Duration>,
    returned_said: Option<Duration>,
    overflow_said: Option<Duration>,
    disk_said: Option<Duration>,
    disk_failed: bool,
}

/// An outage that has not ended.
#[derive(Clone, Debug)]
struct Down {
    since: Now,
    reason: String,
    /// The session's counters when it began.
    before: Counters,
    peak: Peak,
}

/// The most that was queued during an outage.
#[derive(Clone, Copy, Debug, Default)]
struct Peak {
    messages: u64,
    bytes: u64,
}

/// A session as its messages name it.
#[derive(Clone, Copy, Debug)]
pub struct Named<'a> {
    pub key: &'a SessionKey,
    /// The `nameif` that it leaves by, for one that was written as an ASA writes it.
    pub nameif: Option<&'a str>,
    /// `logging permit-hostdown`.
    pub permits: bool,
}

impl Named<'_> {
    /// What an ASA says when a server that it reaches over TCP does not respond, or does again (D120); nothing for other
    /// sessions.
    fn asa(&self, number: u32, what: &str) -> Option<Own> {
        let SessionKey { host, port, .. } = self.key;
        let nameif = self.nameif?;
        self.asa_policy(number, &format!(" {nameif}: {host}/{port} {what}"))
    }

    fn asa_policy(&self, number: u32, what: &str) -> Option<Own> {
        let is_stream = matches!(self.key.transport, Transport::Tcp | Transport::Tls);
        self.nameif.filter(|_| is_stream)?;
        // Nothing is ever denied here; an ASA gives its policy as the reason.
        let policy = if self.permits {
            "permitted based on logging permit-hostdown policy"
        } else {
            "permitted"
        };
        let text = format!("TCP Syslog Server{what}. New connections are {policy}.");
        Some(Own::asa(Severity::Errors, number, text))
    }
}

impl Outage {
    /// The link went down, or could not be established. Said once for an outage.
    pub fn fails(
        &mut self,
        named: Named<'_>,
        reason: &str,
        counters: Counters,
        now: &Now,
    ) -> Vec<Own> {
        if self.down.is_some() {
            return Vec::new();
        }
        self.down = Some(Down {
            since: *now,
            reason: reason.to_owned(),
            before: counters,
            peak: Peak::default(),
        });
        if !due(&mut self.failed_said, now.monotonic) {
            return Vec::new();
        }
        let text = format!("Logging to host {} failed", place(named.key));
        let said = Own::sys(Severity::Errors, "LOGGINGHOST_FAIL", text);
        let asa = named.asa(414_003, "not responding");
        [said].into_iter().chain(asa).collect()
    }

    /// The link is there; said only when it had been missed. `repeats` messages are about to be sent again.
    pub fn returns(
        &mut self,
        named: Named<'_>,
        counters: Counters,
        repeats: u64,
        now: &Now,
    ) -> Vec<Own> {
        let Some(down) = self.down.take() else {
            return Vec::new();
        };
        let ended = api::Outage {
            to: Some(now.utc),
            ..down.so_far(counters, repeats)
        };
        let text = format!(
            "Logging to host {} started - reconnection (down {} s, overflowed {}, repeated {})",
            place(named.key),
            now.monotonic.saturating_sub(down.since.monotonic).as_secs(),
            ended.overflowed,
            ended.repeated,
        );
        if self.ended.len() == KEPT {
            self.ended.pop_front();
        }
        self.ended.push_back(ended);
        if !due(&mut self.returned_said, now.monotonic) {
            return Vec::new();
        }
        let said = Own::sys(Severity::Informational, "LOGGINGHOST_STARTSTOP", text);
        let asa = named.asa(414_005, "connected");
        [said].into_iter().chain(asa).collect()
    }

    /// The queue has discarded something since it was last well below its limit.
    pub fn overflows(&mut self, named: Named<'_>, now: &Now) -> Vec<Own> {
        if std::mem::replace(&mut self.overflows, true)
            || !due(&mut self.overflow_said, now.monotonic)
        {
            return Vec::new();
        }
        let text = format!(
            "Logging to host {}: queue is full, messages are discarded",
            place(named.key)
        );
        let said = Own::sys(Severity::Warnings, "LOGGINGHOST_OVERFLOW", text);
        let asa = named.asa_policy(414_006, " configured and logging queue is full");
        [said].into_iter().chain(asa).collect()
    }

    pub fn is_down(&self) -> bool {
        self.down.is_some()
    }

    /// The disk takes nothing, or takes something again.
    pub fn disk(&mut self, key: &SessionKey, turn: &Turn, now: Duration) -> Option<Own> {
        let place = place(key);
        match turn {
            Turn::Fails(reason) => {
                let text = format!(
                    "Logging to host {place}: queue is kept in memory, not on disk: {reason}"
                );
                self.disk_failed = due(&mut self.disk_said, now);
                self.disk_failed
                    .then(|| Own::sys(Severity::Errors, "LOGGINGHOST_SPOOL", text))
            }
            // Said when its failure was.
            Turn::Returns => std::mem::take(&mut self.disk_failed).then(|| {
                let text = format!("Logging to host {place}: queue is kept on disk again");
                Own::sys(Severity::Informational, "LOGGINGHOST_SPOOL", text)
            }),
        }
    }

    /// The queue has room again.
    pub fn has_room(&mut self) {
        self.overflows = false;
    }

    /// What waits, as long as the link is missed.
    #[inline]
    pub fn waits(&mut self, queue: Queue) {
        if let Some(down) = &mut self.down {
            down.peak.messages = down.peak.messages.max(queue.messages as u64);
            down.peak.bytes = down.peak.bytes.max(queue.bytes as u64);
        }
    }

    /// The last sixteen outages, oldest first; one that has not ended is the last.
    pub fn list(&self, counters: Counters, repeats: u64) -> Vec<api::Outage> {
        let lasting = self
            .down
            .as_ref()
            .map(|down| down.so_far(counters, repeats));
        let ended = self.ended.len() + usize::from(lasting.is_some());
        let skipped = ended.saturating_sub(KEPT);
        self.ended
            .iter()
            .cloned()
            .chain(lasting)
            .skip(skipped)
            .collect()
    }
}

impl Down {
    fn so_far(&self, counters: Counters, repeats: u64) -> api::Outage {
        api::Outage {
            from: self.since.utc,
            to: None,
            reason: self.reason.clone(),
            queue_peak: self.peak.messages,
            queue_peak_bytes: self.peak.bytes,
            overflowed: counters.overflowed.saturating_sub(self.before.overflowed),
            repeated: repeats,
        }
    }
}

/// Sessions were configured.
pub fn started(keys: &[&SessionKey]) -> Vec<Own> {
    startstop(keys, "started")
}

/// Sessions were removed.
pub fn stopped(keys: &[&SessionKey]) -> Vec<Own> {
    startstop(keys, "stopped")
}

/// One message each; one for all when there are very many, because each goes to all the other sessions (D55).
fn startstop(keys: &[&SessionKey], what: &str) -> Vec<Own> {
    let say = |text| Own::sys(Severity::Informational, "LOGGINGHOST_STARTSTOP", text);
    if keys.len() > MANY {
        let text = format!("Logging to {} hosts {what} - CLI initiated", keys.len());
        return vec![say(text)];
    }
    let one = |key: &&SessionKey| {
        say(format!(
            "Logging to host {} {what} - CLI initiated",
            place(key)
        ))
    };
    keys.iter().map(one).collect()
}

/// Sessions that start or stop at once and are still named one by one.
const MANY: usize = 16;

/// `A port N`, with the vrf behind it as a device prints it.
fn place(key: &SessionKey) -> String {
    let vrf = key
        .vrf
        .as_ref()
        .map_or_else(String::new, |vrf| format!(" ({vrf})"));
    format!("{} port {}{vrf}", key.host, key.port)
}

fn due(said: &mut Option<Duration>, now: Duration) -> bool {
    let due = said.is_none_or(|said| now.saturating_sub(said) >= MINUTE);
    if due {
        *said = Some(now);
    }
    due
}

const MINUTE: Duration = Duration::from_secs(60);
/// Outages that are remembered of a session.
const KEPT: usize = 16;

#[cfg(test)]
#[path = "outage_tests.rs"]
mod tests;
