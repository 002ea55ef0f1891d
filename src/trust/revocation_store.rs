//! What is known about revocation for a while: lists by their place, answers of responders by certificate, failures by place.
//! Bounded in number and bytes; plain data, the time is told.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::certificate::Certificate;
use super::crl::List;
use super::ocsp::{self, Answer, Status};
use super::revocation::Settings;

/// Lists that are kept; and answers, and failures.
pub(super) const MOST_LISTS: usize = 64;
pub(super) const MOST_LIST_BYTES: usize = 64 * 1024 * 1024;
const MOST_ANSWERS: usize = 1024;

/// A place that failed is not asked again before, in seconds.
pub(super) const PAUSE: i64 = 10;

/// The pool stands for itself as `None`.
pub(super) type Associated = BTreeSet<Option<Arc<str>>>;

#[derive(Clone, Debug)]
pub(super) struct KeptList {
    pub(super) list: List,
    /// Seconds since 1970.
    pub(super) fetched_at: i64,
    /// Until when the last who used it does, in seconds since 1970.
    pub(super) until: i64,
    pub(super) trustpoints: Associated,
}

#[derive(Debug)]
struct KeptAnswer {
    status: Status,
    fetched_at: i64,
    end: i64,
}

#[derive(Debug, Default)]
pub(super) struct Store {
    lists: BTreeMap<Arc<str>, KeptList>,
    answers: BTreeMap<String, KeptAnswer>,
    failures: BTreeMap<String, (i64, String)>,
}

/// Whether the list that was fetched is the one that is used now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Stored {
    Newest,
    /// The one that was there is newer, and stays.
    Older(i64),
}

impl Store {
    /// A list of `issuer` that the settings still allow.
    pub(super) fn list(
        &mut self,
        place: &str,
        issuer: &Certificate,
        settings: &Settings,
        trustpoint: Option<&Arc<str>>,
        now: i64,
    ) -> Option<List> {
        let kept = self.lists.get_mut(place)?;
        let until = end_of(&kept.list, kept.fetched_at, settings);
        let is_fresh = kept.list.issuer() == issuer
            && (kept.fetched_at..until).contains(&now)
            && kept
                .list
                .in_time(now, settings.enforces_next_update)
                .is_ok();
        if !is_fresh {
            return None;
        }
        kept.until = until;
        kept.trustpoints.insert(trustpoint.cloned());
        Some(kept.list.clone())
    }

    /// Keeps what was fetched, unless what is there is newer: an old list may be a replay.
    pub(super) fn keep_list(
        &mut self,
        place: &Arc<str>,
        list: List,
        settings: &Settings,
        trustpoint: Option<&Arc<str>>,
        now: i64,
    ) -> Stored {
        self.failures.remove(&**place);
        let mut trustpoints = Associated::from([trustpoint.cloned()]);
        if let Some(old) = self.lists.get_mut(place) {
            trustpoints.append(&mut old.trustpoints.clone());
            if old.list.issuer() == list.issuer()
                && old.list.this_update() > list.this_update()
                && old.list.in_time(now, true).is_ok()
            {
                old.fetched_at = now;
                old.until = end_of(&old.list, now, settings);
                old.trustpoints = trustpoints;
                return Stored::Older(old.list.this_update());
            }
        }
        let kept = KeptList {
            until: end_of(&list, now, settings),
            list,
            fetched_at: now,
            trustpoints,
        };
        self.lists.insert(place.clone(), kept);
        self.shrink();
        Stored::Newest
    }

    /// The lists that were fetched longest ago go first.
    fn shrink(&mut self) {
        let bytes = |lists: &BTreeMap<_, KeptList>| {
            lists.values().map(|kept| kept.list.bytes()).sum::<usize>()
        };
        while self.lists.len() > MOST_LISTS || bytes(&self.lists) > MOST_LIST_BYTES {
            let oldest = self.lists.iter().min_by_key(|(_, kept)| kept.fetched_at);
            let Some(oldest) = oldest.map(|(place, _)| place.clone()) else {
                return;
            };
            self.lists.remove(&oldest);
        }
    }

    pub(super) fn answer(&self, about: &str, settings: &Settings, now: i64) -> Option<Status> {
        let kept = self.answers.get(about)?;
        let end = kept.end.min(kept.fetched_at + settings.cache_time);
        (kept.fetched_at..end)
            .contains(&now)
            .then(|| kept.status.clone())
    }

    pub(super) fn keep_answer(&mut self, about: String, answer: &Answer, now: i64) {
        let end = answer.next_update.unwrap_or(answer.this_update + ocsp::DAY);
        bound(&mut self.answers, |kept| kept.fetched_at);
        self.answers.insert(
            about,
            KeptAnswer {
                status: answer.status.clone(),
                fetched_at: now,
                end,
            },
        );
    }

    /// Why `place` failed a moment ago.
    pub(super) fn failure(&self, place: &str, now: i64) -> Option<String> {
        let (at, why) = self.failures.get(place)?;
        (*at..*at + PAUSE).contains(&now).then(|| why.clone())
    }

    pub(super) fn keep_failure(&mut self, place: &str, why: &str, now: i64) {
        bound(&mut self.failures, |(at, _)| *at);
        self.failures
            .insert(place.to_owned(), (now, why.to_owned()));
    }

    pub(super) fn lists(&self) -> impl Iterator<Item = (&Arc<str>, &KeptList)> {
        self.lists.iter()
    }

    /// Forgets the lists of `of`, all of them where it is `None`; how many.
    #[expect(clippy::option_option, reason = "None is all, Some(None) the pool")]
    pub(super) fn forget(&mut self, of: Option<Option<&str>>) -> usize {
        let before = self.lists.len();
        self.failures.clear();
        if of.is_none() {
            self.answers.clear();
        }
        self.lists.retain(|_, kept| {
            if let Some(of) = of {
                kept.trustpoints.retain(|known| known.as_deref() != of);
                !kept.trustpoints.is_empty()
            } else {
                false
            }
        });
        before - self.lists.len()
    }
}

/// The earlier of next update and cache time; the latter alone where the next update is not enforced.
fn end_of(list: &List, fetched_at: i64, settings: &Settings) -> i64 {
    let end = fetched_at.saturating_add(settings.cache_time);
    if settings.enforces_next_update {
        end.min(list.next_update())
    } else {
        end
    }
}

fn bound<T>(kept: &mut BTreeMap<String, T>, at: impl Fn(&T) -> i64) {
    if kept.len() >= MOST_ANSWERS {
        let oldest = kept.iter().min_by_key(|(_, kept)| at(kept));
        if let Some(oldest) = oldest.map(|(key, _)| key.clone()) {
            kept.remove(&oldest);
        }
    }
}
