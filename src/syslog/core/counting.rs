//! The counters of the core, put together so that their equations hold (docs/PROMISES.md): device-wide, of each session,
//! and of those that are gone.

use super::{Core, HOSTS};
use crate::syslog::api::{
    Blocks, CountedMessage, Counters, DeviceCounters, Listener, LocalStatus, Tables,
};
use crate::syslog::count::Row;
use crate::syslog::plan::Place;
use crate::syslog::remote::Remote;
use crate::syslog::render::Renderer;

impl Core {
    /// Folds first, so it is always balanced; so are the three below.
    pub fn device(&mut self) -> DeviceCounters {
        self.fold();
        self.counts
    }

    pub fn host(&mut self, session: usize) -> Counters {
        self.fold();
        self.remotes
            .get(session)
            .map_or_else(Counters::default, |remote| {
                self.remote_counters(remote, session)
            })
    }

    /// Of a session inside the device.
    pub fn inside(&mut self, place: Place) -> Counters {
        self.fold();
        let mut counters = self.local_counters(place as usize);
        // What the others let in, they have.
        let (queued, overflowed) = match place {
            Place::Persistent => (self.files.queued(), self.files.overflowed()),
            Place::Mail => (self.mail.queued(), self.mail.overflowed()),
            _ => return counters,
        };
        counters.queued += queued;
        counters.overflowed += overflowed;
        counters.delivered = counters.delivered.saturating_sub(queued + overflowed);
        counters
    }

    /// What there is to say of it; who listens is not known here.
    pub fn status_inside(&mut self, place: Place) -> LocalStatus {
        LocalStatus {
            counters: self.inside(place),
            hits: self.hits_inside(place),
            correlation: self.correlation_inside(place),
            ..LocalStatus::default()
        }
    }

    pub fn terminal(&mut self, who: Listener) -> Counters {
        self.inside(who.place())
    }

    pub fn buffered(&mut self) -> Counters {
        self.inside(Place::Buffer)
    }

    /// The counters of sessions that are gone, summed; `queued` is 0 there.
    pub fn retired(&self) -> Counters {
        self.retired
    }

    /// How often each criterion of a remote session's discriminator blocked.
    pub fn blocks(&mut self, session: usize) -> Blocks {
        self.fold();
        self.judge.tally(session + HOSTS).blocks
    }

    /// What is counted by message.
    pub fn tables(&mut self) -> Tables {
        self.fold();
        let plan = self.plan.screen.as_ref();
        Tables {
            messages: self.screen.messages(plan),
            limits: self.screen.limits(plan),
            counted: self
                .counted
                .rows()
                .iter()
                .map(|row| self.counted_message(row))
                .collect(),
            counted_others: self.counted.others(),
            history: self.history_table.entries(),
            history_flushed: self.history_table.flushed(),
        }
    }

    fn counted_message(&self, row: &Row<'_>) -> CountedMessage {
        CountedMessage {
            facility: row.facility.to_vec(),
            name: row.name.to_vec(),
            severity: row.severity,
            count: row.count,
            last: Renderer::stamp_at(&self.plan, &row.last, self.was_synchronised),
        }
    }

    /// After `fold`, as the one below.
    pub(super) fn local_counters(&self, session: usize) -> Counters {
        let tally = self.judge.tally(session);
        let offered = self.counts.offered;
        let correlated = Correlated::of(self, session);
        let received = offered - tally.below_level + correlated.summaries;
        let filtered = tally.blocks.total();
        Counters {
            offered,
            below_level: tally.below_level,
            received,
            filtered,
            rate_limited: tally.rate_limited,
            merged: correlated.merged,
            queued: correlated.held,
            summaries: correlated.summaries,
            delivered: received
                - filtered
                - tally.rate_limited
                - correlated.merged
                - correlated.held,
            ..Counters::default()
        }
    }

    pub(super) fn remote_counters(&self, remote: &Remote, session: usize) -> Counters {
        let tally = self.judge.tally(session + HOSTS);
        let offered = self.counts.offered - remote.counts.offered_before;
        let correlated = Correlated::of(self, session + HOSTS);
        Counters {
            offered,
            below_level: tally.below_level,
            restored: remote.restored(),
            received: offered - tally.below_level + remote.restored() + correlated.summaries,
            delivered: remote.counts.delivered,
            filtered: tally.blocks.total(),
            rate_limited: tally.rate_limited,
            merged: correlated.merged,
            queued: remote.queued_messages() as u64 + correlated.held,
            overflowed: remote.counts.overflowed,
            summaries: correlated.summaries,
            possibly_repeated: remote.counts.repeated,
            cut: remote.counts.cut,
        }
    }
}

/// What correlation did to a session's messages.
#[derive(Default)]
struct Correlated {
    merged: u64,
    held: u64,
    summaries: u64,
}

impl Correlated {
    fn of(core: &Core, session: usize) -> Self {
        core.correlating
            .at(session)
            .map_or_else(Self::default, |correlator| Self {
                merged: correlator.merged(),
                held: correlator.held(),
                summaries: correlator.summaries(),
            })
    }
}

pub(super) fn add(sum: &mut Counters, more: &Counters) {
    sum.offered += more.offered;
    sum.below_level += more.below_level;
    sum.restored += more.restored;
    sum.received += more.received;
    sum.delivered += more.delivered;
    sum.filtered += more.filtered;
    sum.rate_limited += more.rate_limited;
    sum.merged += more.merged;
    sum.queued += more.queued;
    sum.overflowed += more.overflowed;
    sum.summaries += more.summaries;
    sum.possibly_repeated += more.possibly_repeated;
    sum.cut += more.cut;
}
