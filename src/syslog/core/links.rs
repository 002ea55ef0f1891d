//! What whoever moves the bytes calls: links that come and go, bytes to write, and how far the kernel took them.

use std::net::IpAddr;
use std::time::Duration;

use super::{Core, HOSTS, Queue};
use crate::syslog::remote::Remote;

impl Core {
    /// A session whose wire has grown past 120 KiB (or half its bound) within this turn and should be written now. Call
    /// until `None` after each message; it costs one comparison. A session is named once until it is advanced.
    pub fn take_full(&mut self) -> Option<usize> {
        self.full.pop()
    }

    /// A session that has something to write. Call until `None` at the end of a turn; what the kernel did not take then is
    /// not named again before something new enters.
    pub fn take_dirty(&mut self) -> Option<usize> {
        let session = self.dirty.pop()?;
        if let Some(remote) = self.remotes.get_mut(session) {
            remote.is_dirty = false;
        }
        Some(session)
    }

    /// The link of a session is established: from now on its wire fills. `source` is our address on it. With `retain`
    /// written bytes are kept until `acknowledged` says that the peer's host has them (C5b.4).
    pub fn link_up(&mut self, session: usize, source: Option<IpAddr>, retain: bool) {
        if let (Some(remote), Some(host)) =
            (self.remotes.get_mut(session), self.plan.hosts.get(session))
        {
            remote.link_up(host, source, retain);
            if remote.has_waiting() && !remote.is_dirty {
                remote.is_dirty = true;
                self.dirty.push(session);
            }
        }
    }

    /// The link is gone; the queue stays. A message whose last byte was not written goes again whole. With `retain`,
    /// whole messages behind the `acknowledged`th byte since `link_up` go again, counted as possibly repeated.
    pub fn link_down(&mut self, session: usize, acknowledged: Option<u64>) {
        if let Some(remote) = self.remotes.get_mut(session) {
            remote.link_down(acknowledged);
        }
    }

    pub fn is_up(&self, session: usize) -> bool {
        self.remotes.get(session).is_some_and(Remote::is_up)
    }

    /// What a stream session has to write now, contiguous; empty when nothing waits. After `advance` there may be more.
    pub fn bytes(&self, session: usize) -> &[u8] {
        self.remotes.get(session).map_or(&[], Remote::waiting)
    }

    /// The kernel took the first `count` of `bytes`. Messages whose last byte was among them are delivered.
    pub fn advance(&mut self, session: usize, count: usize) {
        if let Some(remote) = self.remotes.get_mut(session) {
            remote.advance(count);
        }
    }

    /// The peer's host has acknowledged this many bytes since `link_up`; only with `retain`.
    pub fn acknowledged(&mut self, session: usize, total: u64) {
        if let Some(remote) = self.remotes.get_mut(session) {
            remote.acknowledge(total);
        }
    }

    /// What a datagram session has to send now, one message each, oldest first.
    pub fn datagrams(&self, session: usize) -> impl Iterator<Item = &[u8]> {
        self.remotes
            .get(session)
            .into_iter()
            .flat_map(Remote::datagrams)
    }

    /// The kernel took the first `count` of `datagrams`: they are delivered.
    pub fn advance_datagrams(&mut self, session: usize, count: usize) {
        if let Some(remote) = self.remotes.get_mut(session) {
            remote.advance_datagrams(count);
        }
    }

    /// For how long the oldest of what is queued has waited, to the second or, of a long time, about.
    pub fn waits_for(&self, session: usize) -> Option<Duration> {
        let remote = self.remotes.get(session)?;
        let came = (remote.oldest()).and_then(|number| self.stamps.of(number));
        let held = self.correlating.at(session + HOSTS);
        let held = held.and_then(|correlator| correlator.held_since());
        let first = came.into_iter().chain(held).min();
        let here = first.map(|first| self.now.monotonic.saturating_sub(first));
        // The clock may have been set back meanwhile.
        let on_disk = remote.oldest_on_disk().map(|came| {
            let age = self.now.utc.timestamp().saturating_sub(came);
            Duration::from_secs(age.try_into().unwrap_or(0))
        });
        here.into_iter().chain(on_disk).max()
    }

    /// Messages that were delivered once and will be sent again over the next link, or are about to be.
    pub fn repeats(&self, session: usize) -> u64 {
        self.remotes.get(session).map_or(0, Remote::repeats)
    }

    /// Causes of a session that wait for their symptoms.
    pub(super) fn held(&self, session: usize) -> usize {
        self.correlating
            .at(session + HOSTS)
            .map_or(0, |correlator| correlator.held() as usize)
    }

    pub fn queue(&self, session: usize) -> Queue {
        self.remotes
            .get(session)
            .map_or_else(Queue::default, |remote| Queue {
                most: remote.most_queued(),
                bytes: remote.queued_bytes(),
                messages: remote.queued_messages() + self.held(session),
                limit: remote.most_bytes(),
                received: remote.queued_received(),
            })
    }
}
