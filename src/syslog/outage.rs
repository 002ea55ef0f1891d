//! What is said of a remote session's link: that it failed, came back, or that its queue overflows; at most one message a
//! minute of each kind (C3.7). Pure: events and time in, messages out.

use std::time::Duration;

use crate::config::logging::SessionKey;
use crate::message::{Own, Severity};

use super::api::Counters;

/// The troubles of one session.
#[derive(Clone, Debug, Default)]
pub struct Outage {
    /// Since when, and the session's counters then.
    down: Option<(Duration, Counters)>,
    overflows: bool,
    failed_said: Option<Duration>,
    returned_said: Option<Duration>,
    overflow_said: Option<Duration>,
}

impl Outage {
    /// The link went down, or could not be established. Said once for an outage.
    pub fn fails(&mut self, key: &SessionKey, counters: Counters, now: Duration) -> Option<Own> {
        if self.down.is_some() {
            return None;
        }
        self.down = Some((now, counters));
        let text = format!("Logging to host {} failed", place(key));
        due(&mut self.failed_said, now)
            .then(|| Own::sys(Severity::Errors, "LOGGINGHOST_FAIL", text))
    }

    /// The link is there; said only when it had been missed.
    pub fn returns(&mut self, key: &SessionKey, counters: Counters, now: Duration) -> Option<Own> {
        let (since, before) = self.down.take()?;
        let text = format!(
            "Logging to host {} started - reconnection (down {} s, overflowed {}, repeated {})",
            place(key),
            now.saturating_sub(since).as_secs(),
            counters.overflowed.saturating_sub(before.overflowed),
            counters
                .possibly_repeated
                .saturating_sub(before.possibly_repeated),
        );
        due(&mut self.returned_said, now)
            .then(|| Own::sys(Severity::Informational, "LOGGINGHOST_STARTSTOP", text))
    }

    /// The queue has discarded something since it was last well below its limit.
    pub fn overflows(&mut self, key: &SessionKey, now: Duration) -> Option<Own> {
        if std::mem::replace(&mut self.overflows, true) {
            return None;
        }
        let text = format!(
            "Logging to host {}: queue is full, messages are discarded",
            place(key)
        );
        due(&mut self.overflow_said, now)
            .then(|| Own::sys(Severity::Warnings, "LOGGINGHOST_OVERFLOW", text))
    }

    /// The queue has room again.
    pub fn has_room(&mut self) {
        self.overflows = false;
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::logging::Transport;

    fn key() -> SessionKey {
        SessionKey {
            host: "192.0.2.1".into(),
            vrf: None,
            transport: Transport::Tcp,
            port: 601,
            channel: None,
        }
    }

    fn secs(secs: u64) -> Duration {
        Duration::from_secs(secs)
    }

    fn counters(overflowed: u64, possibly_repeated: u64) -> Counters {
        Counters {
            overflowed,
            possibly_repeated,
            ..Counters::default()
        }
    }

    #[test]
    fn an_outage_is_said_once_and_its_end_with_what_it_cost() {
        let mut outage = Outage::default();
        let said = outage
            .fails(&key(), counters(1, 2), secs(100))
            .expect("a message");
        assert_eq!(
            (said.severity, &*said.mnemonic),
            (Severity::Errors, "LOGGINGHOST_FAIL")
        );
        assert_eq!(said.body, "Logging to host 192.0.2.1 port 601 failed");
        assert_eq!(outage.fails(&key(), counters(1, 2), secs(170)), None);
        let said = outage
            .returns(&key(), counters(8, 5), secs(190))
            .expect("a message");
        assert_eq!(
            (said.severity, &*said.mnemonic),
            (Severity::Informational, "LOGGINGHOST_STARTSTOP")
        );
        assert_eq!(
            said.body,
            "Logging to host 192.0.2.1 port 601 started - reconnection (down 90 s, overflowed 7, repeated 3)"
        );
    }

    #[test]
    fn a_first_connection_is_no_return() {
        assert_eq!(
            Outage::default().returns(&key(), counters(0, 0), secs(1)),
            None
        );
    }

    #[test]
    fn a_flapping_link_is_said_at_most_once_a_minute() {
        let mut outage = Outage::default();
        let mut said = 0;
        for second in 0..120 {
            said += usize::from(outage.fails(&key(), counters(0, 0), secs(second)).is_some());
            said += usize::from(
                outage
                    .returns(&key(), counters(0, 0), secs(second))
                    .is_some(),
            );
        }
        assert_eq!(said, 4);
    }

    #[test]
    fn an_overflow_is_said_when_it_starts() {
        let mut outage = Outage::default();
        assert!(outage.overflows(&key(), secs(0)).is_some());
        assert_eq!(outage.overflows(&key(), secs(100)), None);
        outage.has_room();
        assert!(outage.overflows(&key(), secs(200)).is_some());
        outage.has_room();
        assert_eq!(outage.overflows(&key(), secs(201)), None);
    }

    #[test]
    fn configuration_names_the_session_and_its_vrf() {
        let key = SessionKey {
            vrf: Some("Mgmt".into()),
            ..key()
        };
        assert_eq!(
            started(&[&key])[0].body,
            "Logging to host 192.0.2.1 port 601 (Mgmt) started - CLI initiated"
        );
        assert_eq!(
            stopped(&[&key])[0].body,
            "Logging to host 192.0.2.1 port 601 (Mgmt) stopped - CLI initiated"
        );
    }

    #[test]
    fn very_many_sessions_are_counted_instead_of_named() {
        let keys: Vec<SessionKey> = (1..=17).map(|port| SessionKey { port, ..key() }).collect();
        let keys: Vec<&SessionKey> = keys.iter().collect();
        let said = started(&keys);
        assert_eq!(said.len(), 1);
        assert_eq!(said[0].body, "Logging to 17 hosts started - CLI initiated");
        assert_eq!(started(&keys[1..]).len(), 16);
    }
}
