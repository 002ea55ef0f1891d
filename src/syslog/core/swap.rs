//! Another plan under a core that goes on: which sessions stay, what they keep, and what becomes of the gone. What a single
//! session does with its new plan is its own affair.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Core, HOSTS, Now, counting};
use crate::syslog::count::Count;
use crate::syslog::plan::Plan;
use crate::syslog::remote::Remote;
use crate::syslog::screen::ScreenPlan;

impl Core {
    /// Changes the plan between two batches. Sessions are matched by key: one that stays keeps queue, link, numbers, rate
    /// window and counters, at its place in the new plan's list; what a gone session had queued is overflowed. Returns the
    /// old plan, to be dropped where that costs nobody time.
    pub fn swap(&mut self, plan: Arc<Plan>, now: Now) -> Arc<Plan> {
        self.begin(now);
        let was: BTreeMap<_, _> = self
            .plan
            .hosts
            .iter()
            .enumerate()
            .map(|(place, host)| (&host.key, place))
            .collect();
        let was: Vec<Option<usize>> = plan
            .hosts
            .iter()
            .map(|host| was.get(&host.key).copied())
            .collect();
        let was_at = |session: usize| match session.checked_sub(HOSTS) {
            None => Some(session),
            Some(host) => was
                .get(host)
                .copied()
                .flatten()
                .map(|before| before + HOSTS),
        };
        let will_be = |session: usize| match session.checked_sub(HOSTS) {
            None => Some(session),
            Some(host) => was
                .iter()
                .position(|was| *was == Some(host))
                .map(|after| after + HOSTS),
        };
        self.close_changed_windows(&plan.correlations, will_be);
        // Stamps of the old plan are none of the new one's.
        self.renderer.begin();
        self.hits_before = self.hits_before(&plan, was_at);
        let judge = self.judge.succeed(&plan.filter, was_at);
        let mut gone: Vec<Option<Remote>> = self.remotes.drain(..).map(Some).collect();
        for (host, before) in plan.hosts.iter().zip(&was) {
            let kept = before.and_then(|before| gone.get_mut(before)?.take());
            self.remotes.push(match kept {
                Some(mut remote) => {
                    remote.adopt(host);
                    remote.is_full = false;
                    remote
                }
                None => Remote::new(host, self.counts.offered),
            });
        }
        for (place, remote) in gone.iter().enumerate() {
            if let Some(remote) = remote {
                let mut counters = self.remote_counters(remote, place);
                counters.overflowed += std::mem::take(&mut counters.queued);
                counting::add(&mut self.retired, &counters);
                self.spooling.forget(remote);
            }
        }
        self.judge = judge;
        self.correlating.adopt(&plan.correlations, was_at);
        self.full.clear();
        self.dirty.clear();
        for (session, remote) in self.remotes.iter_mut().enumerate() {
            remote.is_dirty = remote.has_waiting();
            if remote.is_dirty {
                self.dirty.push(session);
            }
        }
        self.screen
            .adopt(self.plan.screen.as_ref(), plan.screen.as_ref());
        self.history.resize(plan.buffer.size);
        self.spooling.review(&plan, &mut self.remotes);
        self.files.review(&plan);
        self.mail.review(&plan);
        self.xml_buffer.resize(plan.xml_buffer.size);
        self.history_table.resize(plan.history.size);
        if !plan.screen.as_ref().is_some_and(ScreenPlan::counts) {
            self.counted = Count::default();
        }
        std::mem::replace(&mut self.plan, plan)
    }
}
