//! Names that have been found, as long as their servers said that it holds. Bounded, and told what time it is.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use crate::net::resolve::Answer;
use crate::trust::api::names::{Known, Step};

/// Answers by name in lower case and the step that gave them.
#[derive(Debug, Default)]
pub(super) struct Cache {
    entries: BTreeMap<Arc<str>, Entry>,
}

#[derive(Debug)]
struct Entry {
    addresses: Vec<IpAddr>,
    step: Step,
    until: Duration,
}

impl Cache {
    /// What is known of a name by one of the steps up to `last`.
    pub(super) fn get(&self, host: &str, last: Step, now: Duration) -> Option<(Vec<IpAddr>, Step)> {
        let entry = self.entries.get(&*host.to_ascii_lowercase())?;
        (entry.until > now && entry.step <= last).then(|| (entry.addresses.clone(), entry.step))
    }

    /// Of too many, the one that would be the first to go anyway makes room.
    pub(super) fn put(&mut self, host: &str, step: Step, answer: &Answer, now: Duration) {
        if answer.ttl.is_zero() {
            return;
        }
        self.entries.retain(|_, entry| entry.until > now);
        let host: Arc<str> = host.to_ascii_lowercase().into();
        if self.entries.len() >= MOST && !self.entries.contains_key(&host) {
            let first = self.entries.iter().min_by_key(|(_, entry)| entry.until);
            if let Some(first) = first.map(|(host, _)| host.clone()) {
                self.entries.remove(&first);
            }
        }
        let entry = Entry {
            addresses: answer.addresses.clone(),
            step,
            until: now.saturating_add(answer.ttl),
        };
        self.entries.insert(host, entry);
    }

    pub(super) fn clear(&mut self) {
        self.entries.clear();
    }

    pub(super) fn shown(&self, now: Duration) -> Vec<Known> {
        let alive = self.entries.iter().filter(|(_, entry)| entry.until > now);
        alive
            .map(|(host, entry)| Known {
                host: host.clone(),
                addresses: entry.addresses.clone(),
                step: entry.step,
                left: entry.until.saturating_sub(now),
            })
            .collect()
    }
}

pub(super) const MOST: usize = 256;

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(ttl: u64) -> Answer {
        Answer {
            addresses: vec!["192.0.2.1".parse().expect("an address")],
            ttl: Duration::from_secs(ttl),
        }
    }

    const fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn a_name_is_known_as_long_as_its_server_said() {
        let mut cache = Cache::default();
        cache.put("Host.example", Step::Configured, &answer(60), at(100));
        let found = |cache: &Cache, now| cache.get("HOST.example", Step::Configured, at(now));
        assert!(found(&cache, 159).is_some());
        assert!(found(&cache, 160).is_none());
        assert_eq!(cache.shown(at(130))[0].left, at(30));
        assert_eq!(cache.shown(at(160)), []);
        cache.put("host.example", Step::Configured, &answer(0), at(200));
        assert!(found(&cache, 200).is_none(), "no time at all");
    }

    #[test]
    fn what_a_later_step_found_is_for_those_who_may_take_it() {
        let mut cache = Cache::default();
        cache.put("host", Step::Dhcp, &answer(60), at(0));
        assert!(cache.get("host", Step::Configured, at(1)).is_none());
        assert!(cache.get("host", Step::Dhcp, at(1)).is_some());
    }

    #[test]
    fn many_names_find_no_more_room_than_there_is() {
        let mut cache = Cache::default();
        for number in 0..2 * MOST as u64 {
            let ttl = if number == 3 { 10 } else { 1000 + number };
            cache.put(
                &format!("host{number}"),
                Step::Configured,
                &answer(ttl),
                at(0),
            );
            assert!(cache.entries.len() <= MOST);
        }
        assert!(cache.get("host3", Step::Configured, at(1)).is_none());
        assert!(cache.get("host511", Step::Configured, at(1)).is_some());
    }
}
