//! What is known of mail servers: whether each took something the last time it was asked, and hence in which order they are asked.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::api::Availability;
use crate::config::call_home::MailServer;

/// By host.
#[derive(Debug, Default)]
pub(super) struct MailServers {
    known: Mutex<BTreeMap<Arc<str>, Known>>,
}

#[derive(Clone, Copy, Debug)]
struct Known {
    is_available: bool,
    at: Instant,
}

impl MailServers {
    /// Those that failed a moment ago come last; the others, and those, by priority.
    pub(super) fn in_order(&self, configured: &[MailServer]) -> Vec<MailServer> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let has_failed = |server: &MailServer| {
            known
                .get(&server.host)
                .is_some_and(|known| !known.is_available && known.at.elapsed() < REMEMBERED)
        };
        let mut servers = configured.to_vec();
        servers.sort_by_key(|server| (has_failed(server), server.priority));
        servers
    }

    pub(super) fn note(&self, host: &Arc<str>, is_available: bool) {
        let at = Instant::now();
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(host.clone(), Known { is_available, at });
    }

    /// Nothing is remembered of servers that are not configured any more.
    pub(super) fn keep(&self, configured: &[MailServer]) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|host, _| configured.iter().any(|server| server.host == *host));
    }

    pub(super) fn availability(&self, host: &str) -> Availability {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        match known.get(host) {
            None => Availability::Unknown,
            Some(known) if known.is_available => Availability::Available,
            Some(_) => Availability::NotAvailable,
        }
    }
}

/// How long a server that failed is asked last.
const REMEMBERED: Duration = Duration::from_secs(120);

#[cfg(test)]
mod tests {
    use super::*;

    fn server(host: &str, priority: u8) -> MailServer {
        MailServer {
            host: host.into(),
            priority,
            secure: None,
            port: None,
            login: None,
        }
    }

    #[test]
    fn a_server_that_failed_a_moment_ago_is_asked_last_and_remembered() {
        let configured = [server("a", 1), server("b", 2), server("c", 3)];
        let servers = MailServers::default();
        let order = || -> Vec<String> {
            let order = servers.in_order(&configured).into_iter();
            order.map(|server| server.host.to_string()).collect()
        };
        assert_eq!(order(), ["a", "b", "c"]);
        servers.note(&"a".into(), false);
        assert_eq!(order(), ["b", "c", "a"]);
        servers.note(&"b".into(), false);
        assert_eq!(order(), ["c", "a", "b"]);
        servers.note(&"a".into(), true);
        assert_eq!(order(), ["a", "c", "b"]);
        assert_eq!(servers.availability("a"), Availability::Available);
        assert_eq!(servers.availability("b"), Availability::NotAvailable);
        assert_eq!(servers.availability("c"), Availability::Unknown);
        servers.keep(&configured[..1]);
        assert_eq!(servers.availability("b"), Availability::Unknown);
    }
}
