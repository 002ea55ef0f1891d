//! How often each criterion of a session's discriminator let pass and blocked: what is counted since the session began, less
//! what was counted when its discriminator was attached, or defined as it is now.

use super::{Core, HOSTS};
use crate::syslog::api::Hits;
use crate::syslog::plan::{Place, Plan};

impl Core {
    /// Of a remote session.
    pub fn hits(&mut self, session: usize) -> Hits {
        self.hits_at(session + HOSTS)
    }

    /// Of a session inside the device.
    pub fn hits_inside(&mut self, place: Place) -> Hits {
        self.hits_at(place as usize)
    }

    fn hits_at(&mut self, session: usize) -> Hits {
        self.fold();
        let all = self.all_hits(session);
        let Some(before) = self.hits_before.get(session) else {
            return all;
        };
        Hits {
            received: all.received - before.received,
            blocks: all.blocks.since(&before.blocks),
            repeats: all.repeats - before.repeats,
            damped: all.damped - before.damped,
            limitable: all.limitable - before.limitable,
            rate_limited: all.rate_limited - before.rate_limited,
        }
    }

    /// Since the session began; after `fold`.
    fn all_hits(&self, session: usize) -> Hits {
        let counters = match session.checked_sub(HOSTS) {
            None => self.local_counters(session),
            Some(host) => self
                .remotes
                .get(host)
                .map_or_else(Default::default, |remote| {
                    self.remote_counters(remote, host)
                }),
        };
        let blocks = self.judge.tally(session).blocks;
        let correlation = self.correlation_at(session);
        // What a queue on disk brought from before the start was judged then.
        let received = counters.received - counters.restored;
        Hits {
            received: received - counters.summaries,
            blocks,
            repeats: correlation.merged_duplicates,
            damped: correlation.merged_flapping,
            limitable: received - counters.filtered - counters.merged - correlation.held,
            rate_limited: counters.rate_limited,
        }
    }

    /// What is to be taken off under another plan, for each of its sessions; `was` gives the one it was before.
    pub(super) fn hits_before(
        &mut self,
        plan: &Plan,
        was: impl Fn(usize) -> Option<usize>,
    ) -> Vec<Hits> {
        self.fold();
        let (before, after) = (
            &self.plan.filter.discriminators,
            &plan.filter.discriminators,
        );
        let of = |session: usize| {
            let Some(place) = was(session) else {
                return Hits::default();
            };
            if before.get(place) == after.get(session) {
                self.hits_before.get(place).copied().unwrap_or_default()
            } else {
                self.all_hits(place)
            }
        };
        (0..after.len()).map(of).collect()
    }
}
