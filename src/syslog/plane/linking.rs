//! The links of the plane: taken from control, written, taken away when they broke; and who holds back inputs.

use super::Plane;
use crate::message::Own;
use crate::syslog::core::Now;
use crate::syslog::link::Link;
use crate::syslog::orders::Report;

impl Plane<'_> {
    pub(super) fn link(&mut self, session: usize, link: Link, now: &Now) {
        self.take_link(session, String::new(), now);
        self.core.link_up(
            session,
            link.source().map(|source| source.ip()),
            link.acknowledges(),
        );
        let (counters, repeats) = (self.core.host(session), self.core.repeats(session));
        let plan = self.core.plan().clone();
        let (Some(linked), Some(host)) = (self.sessions.get_mut(session), plan.hosts.get(session))
        else {
            return;
        };
        linked.link(link, now);
        let said = linked.outage.returns(host.named(), counters, repeats, now);
        self.say_beside(session, said);
    }

    /// There is no link any more, or still none.
    pub(super) fn unlink(&mut self, session: usize, reason: String, now: &Now) -> Option<Link> {
        let counters = self.core.host(session);
        let plan = self.core.plan().clone();
        if let (Some(lost), Some(host)) = (self.sessions.get_mut(session), plan.hosts.get(session))
        {
            let said = lost.outage.fails(host.named(), &reason, counters, now);
            self.say_beside(session, said);
        }
        self.take_link(session, reason, now)
    }

    pub(super) fn take_link(&mut self, session: usize, reason: String, now: &Now) -> Option<Link> {
        let link = self.sessions.get_mut(session)?.unlink(reason, now)?;
        self.core.link_down(session, link.acknowledged());
        Some(link)
    }

    /// Messages about a session, for the others (C3.7), in the next turn.
    pub(super) fn say_beside(&mut self, session: usize, said: Vec<Own>) {
        let Some(session) = self.sessions.get(session) else {
            return;
        };
        let beside = |own| (own, Some(session.key.clone()));
        self.later.extend(said.into_iter().map(beside));
    }

    pub(super) fn write_sessions(&mut self) {
        for (number, session) in self.sessions.iter_mut().enumerate() {
            if session.unfinished {
                session.write(&mut self.core, number);
            }
        }
        while let Some(number) = self.core.take_dirty() {
            if let Some(session) = self.sessions.get_mut(number) {
                session.write(&mut self.core, number);
            }
        }
    }

    /// Links that were found broken go back to control.
    pub(super) fn take_broken(&mut self, now: &Now) {
        for number in 0..self.sessions.len() {
            let Some(session) = self.sessions.get_mut(number) else {
                return;
            };
            let Some(reason) = session.take_broken() else {
                continue;
            };
            let key = session.key.clone();
            if let Some(link) = self.unlink(number, reason, now) {
                let (attempt, proven) = (link.attempt, link.is_proven(now.monotonic));
                (self.around.report)(Report::Lost {
                    key,
                    attempt,
                    proven,
                });
            }
        }
    }

    /// Who holds back inputs, and whose queue discards.
    pub(super) fn judge(&mut self, now: &Now) {
        self.held = self.around.kept.console.holds(now.monotonic) || self.core.waits_for_disk();
        let plan = self.core.plan().clone();
        for (number, (session, host)) in self.sessions.iter_mut().zip(&plan.hosts).enumerate() {
            let queue = self.core.queue(number);
            session.outage.waits(queue);
            self.held |= session.pace.judge(queue, session.is_up(), now.monotonic);
            let eighths = |part: usize| {
                let reached =
                    |have: usize, most: usize| have.saturating_mul(8) >= most.saturating_mul(part);
                reached(queue.bytes, queue.limit)
                    || host
                        .queue_messages
                        .is_some_and(|most| reached(queue.messages, most))
            };
            if eighths(6) {
                let overflowed = self.core.host(number).overflowed;
                if std::mem::replace(&mut session.overflowed, overflowed) < overflowed {
                    let said = session.outage.overflows(host.named(), now);
                    let beside = |own| (own, Some(session.key.clone()));
                    self.later.extend(said.into_iter().map(beside));
                }
            } else if !eighths(4) {
                session.outage.has_room();
            }
        }
    }
}
