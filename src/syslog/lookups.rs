//! Names of sessions over UDP, asked for again now and then: nothing tells such a session that its peer has moved. Other
//! sessions ask whenever they are established. What is done about a new address is decided by control.

use std::net::SocketAddr;

use tokio::task::JoinSet;
use tokio::time::{Instant, Interval, interval_at};

use super::plan::{Plan, Target};
use crate::config::logging::{SessionKey, Transport};
use crate::net::names::Names;

/// The names that are asked for again.
pub struct Lookups {
    names: Names,
    wanted: Vec<SessionKey>,
    interval: Option<Interval>,
    asked: JoinSet<Option<Found>>,
}

/// All addresses that a session's name has now.
pub type Found = (SessionKey, Vec<SocketAddr>);

impl Lookups {
    pub fn new(names: Names) -> Self {
        Self {
            names,
            wanted: Vec::new(),
            interval: None,
            asked: JoinSet::new(),
        }
    }

    pub fn names(&self) -> &Names {
        &self.names
    }

    /// Goes by another plan.
    pub fn adopt(&mut self, plan: &Plan) {
        let is_meant = |target: &Target, key: &SessionKey| {
            matches!(target, Target::Name(_)) && key.transport == Transport::Udp
        };
        let hosts = plan.hosts.iter();
        self.wanted = hosts
            .filter(|host| is_meant(&host.target, &host.key))
            .map(|host| host.key.clone())
            .collect();
    }

    pub fn has_any(&self) -> bool {
        !self.wanted.is_empty() || !self.asked.is_empty()
    }

    /// The next answer. May be dropped while it waits, nothing is lost then.
    pub async fn next(&mut self) -> Found {
        let every = self.names.every();
        loop {
            let interval = self
                .interval
                .get_or_insert_with(|| interval_at(Instant::now() + every, every));
            tokio::select! {
                _ = interval.tick() => self.ask(),
                Some(answer) = self.asked.join_next() => {
                    if let Ok(Some(found)) = answer {
                        return found;
                    }
                }
            }
        }
    }

    /// One round; a round that takes longer than the interval is not joined by another.
    fn ask(&mut self) {
        if !self.asked.is_empty() {
            return;
        }
        for key in self.wanted.clone() {
            let names = self.names.clone();
            self.asked.spawn(async move {
                let found = names.resolve(&key.host, key.port, false).await.ok()?;
                Some((key, found))
            });
        }
    }
}
