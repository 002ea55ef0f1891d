//! A remote session as the plane sees it: its link or why there is none, its pace, its troubles. Queue, numbers and
//! counters are the core's.

use std::net::SocketAddr;

use chrono::{DateTime, Utc};
use mio::event::Event;

use super::api;
use super::core::{Core, Now};
use super::link::{Link, Written};
use super::outage::Outage;
use super::pace::Pace;
use crate::config::logging::SessionKey;

/// One remote session; its number is its place in the plan's list.
#[derive(Debug)]
pub struct Session {
    pub key: SessionKey,
    link: Option<Link>,
    /// Why there is no link.
    reason: String,
    /// Since when there is one, or none.
    pub since: DateTime<Utc>,
    /// There was a link once (C1.3).
    connected: bool,
    /// There will be no link as things are.
    pub hopeless: bool,
    pub pace: Pace,
    pub outage: Outage,
    /// What it discarded up to the last look.
    pub overflowed: u64,
    /// Messages of the device itself that matter, before this session was configured (C1.3).
    pub born: u64,
    /// The kernel takes more, and there may be more.
    pub unfinished: bool,
    /// The link was lost while it was written.
    broken: Option<String>,
}

impl Session {
    pub fn new(key: SessionKey, born: u64, now: &Now) -> Self {
        Self {
            key,
            link: None,
            reason: "connecting".to_owned(),
            since: now.utc,
            connected: false,
            hopeless: false,
            pace: Pace::new(now.monotonic),
            outage: Outage::default(),
            overflowed: 0,
            born,
            unfinished: false,
            broken: None,
        }
    }

    /// The link, or why there is none.
    pub fn state(&self) -> api::Link {
        match &self.link {
            Some(_) => api::Link::Up,
            None => api::Link::Down {
                reason: self.reason.clone(),
            },
        }
    }

    pub fn address(&self) -> Option<SocketAddr> {
        self.link.as_ref().map(|link| link.peer)
    }

    pub fn is_up(&self) -> bool {
        self.link.is_some()
    }

    pub fn was_connected(&self) -> bool {
        self.connected
    }

    /// The link is there.
    pub fn link(&mut self, link: Link, now: &Now) {
        self.link = Some(link);
        (self.connected, self.hopeless, self.unfinished) = (true, false, true);
        self.since = now.utc;
        self.pace.restart(now.monotonic);
    }

    /// Takes the link away, if there was one.
    pub fn unlink(&mut self, reason: String, now: &Now) -> Option<Link> {
        (self.broken, self.unfinished, self.reason) = (None, false, reason);
        self.link.take().inspect(|_| self.since = now.utc)
    }

    /// Notes an event; whether it was this session's.
    pub fn ready(&mut self, event: &Event) -> bool {
        match &mut self.link {
            Some(link) if link.token() == event.token() => {
                self.unfinished |= link.ready(event);
                true
            }
            _ => false,
        }
    }

    /// Something is to be done without waiting for an event.
    pub fn is_busy(&self) -> bool {
        self.unfinished
            || self.broken.is_some()
            || self.link.as_ref().is_some_and(Link::is_readable)
    }

    /// Looks whether the peer is still there.
    pub fn check(&mut self) {
        if let Some(link) = &mut self.link
            && self.broken.is_none()
        {
            self.broken = link.check();
        }
    }

    /// Octets that the peer's host has acknowledged.
    pub fn acknowledged(&self) -> Option<u64> {
        self.link.as_ref().and_then(Link::acknowledged)
    }

    /// There was no link yet, and no reason why there should be none.
    pub fn is_connecting(&self) -> bool {
        self.link.is_none() && !self.connected && !self.outage.is_down()
    }

    /// Writes what the core has for it.
    pub fn write(&mut self, core: &mut Core, session: usize) {
        let Some(link) = self.link.as_mut().filter(|_| self.broken.is_none()) else {
            return;
        };
        let (octets, written) = link.write(core, session);
        self.pace.sent(octets);
        self.unfinished = written == Written::More;
        if let Written::Lost(reason) = written {
            self.broken = Some(reason);
        }
    }

    /// Why the link is to be taken away.
    pub fn take_broken(&mut self) -> Option<String> {
        self.broken.take()
    }
}
