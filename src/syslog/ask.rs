//! What the plane answers at a balanced moment: counters and states, the history buffer, and whether everything has been
//! handed on.

use std::sync::mpsc::SyncSender;
use std::time::Duration;

use super::api::{HostStatus, InputStatus, Listener, LocalStatus, SenderStatus, Status, Tables};
use super::plan::Place;
use super::plane::Plane;
use crate::intake::input::Input;
use crate::message::Own;

/// A question that waits for the end of the turn.
#[derive(Debug)]
pub enum Ask {
    Status(SyncSender<Status>),
    Buffer(SyncSender<Vec<u8>>),
    XmlBuffer(SyncSender<Vec<u8>>),
    Senders(SyncSender<Vec<SenderStatus>>),
    Tables(SyncSender<Tables>),
}

/// Somebody who waits until queues have run empty.
#[derive(Debug)]
pub struct Drain {
    pub until: Duration,
    pub done: SyncSender<()>,
}

/// Who has drained is about to leave, or goes on as before.
const REST: Duration = Duration::from_secs(1);

/// Messages of the device's own start and configuration: nobody waits for them on leaving (C1.3).
pub fn is_chatter(own: &Own) -> bool {
    match &*own.facility {
        "SYS" => {
            own.mnemonic.starts_with("CONFIG_")
                || own.mnemonic.starts_with("LOGGINGHOST_")
                || own.mnemonic.starts_with("LOGGINGINPUT_")
                || &*own.mnemonic == "RESTART"
        }
        "ASA" => own.mnemonic.starts_with("111"),
        _ => false,
    }
}

impl Plane<'_> {
    /// Answers everybody who has asked. One who has gone meanwhile is no concern of ours.
    pub(super) fn answer(&mut self, now: Duration) {
        for ask in std::mem::take(&mut self.asks) {
            match ask {
                Ask::Status(reply) => drop(reply.try_send(self.status(now))),
                Ask::Senders(reply) => drop(reply.try_send(self.core.senders())),
                Ask::Tables(reply) => drop(reply.try_send(self.core.tables())),
                Ask::XmlBuffer(reply) => drop(reply.try_send(self.core.xml_buffer())),
                Ask::Buffer(reply) => drop(reply.try_send(self.core.buffer())),
            }
        }
    }

    /// Ends waits whose time is over or that have nothing left to wait for; the first `seen` began before this turn looked
    /// at its sockets.
    pub(super) fn end_drains(&mut self, seen: usize, now: Duration) {
        if self.drains.is_empty() {
            return;
        }
        let empty = self.is_dry()
            && self.core.is_filed()
            && self.core.is_mailed()
            && (0..self.sessions.len()).all(|session| self.is_drained(session));
        let mut number = 0;
        let drains = self.drains.len();
        self.drains.retain(|drain| {
            let ends = drain.until <= now || empty && number < seen;
            number += 1;
            if ends {
                let _gone = drain.done.try_send(());
            }
            !ends
        });
        if self.drains.len() < drains {
            self.rests = now + REST;
        }
    }

    /// Nothing waits in this session's queue that leaving should wait for.
    fn is_drained(&self, number: usize) -> bool {
        let queue = self.core.queue(number);
        let Some(session) = self.sessions.get(number) else {
            return true;
        };
        // What is on disk is kept; leaving waits for no link that is missing.
        if self.core.is_stored(number) && !session.is_up() && !session.is_connecting() {
            return true;
        }
        let never = !session.was_connected() && queue.received == 0 && session.born == self.spoken;
        let is_empty = queue.messages == 0 && self.is_settled(number);
        is_empty || session.hopeless || never
    }

    fn status(&mut self, now: Duration) -> Status {
        self.inputs.iter_mut().for_each(Input::count_drops);
        let hosts = (0..self.sessions.len())
            .filter_map(|session| self.host_status(session, now))
            .collect();
        Status {
            since: self.since,
            device: self.core.device(),
            console: self.terminal_status(Listener::Console),
            monitor: self.terminal_status(Listener::Monitor),
            buffer: self.core.status_inside(Place::Buffer),
            xml_buffer: self.core.status_inside(Place::XmlBuffer),
            history: self.core.status_inside(Place::History),
            persistent: self.core.status_inside(Place::Persistent),
            mail: self.core.status_inside(Place::Mail),
            mail_sending: self.core.mail_sending(),
            hosts,
            inputs: self.inputs.iter().map(input_status).collect(),
            left_on_disk: self.core.left_on_disk(),
            faults: self.around.kept.faults,
        }
    }

    fn terminal_status(&mut self, who: Listener) -> LocalStatus {
        LocalStatus {
            listeners: self.listeners(who).len(),
            lost: self.listeners(who).lost(),
            ..self.core.status_inside(who.place())
        }
    }

    fn host_status(&mut self, number: usize, now: Duration) -> Option<HostStatus> {
        let (queue, counters) = (self.core.queue(number), self.core.host(number));
        let (oldest, repeats) = (self.core.waits_for(number), self.core.repeats(number));
        let hits = self.core.hits(number);
        let session = self.sessions.get_mut(number)?;
        Some(HostStatus {
            key: session.key.clone(),
            counters,
            hits,
            correlation: self.core.correlation(number),
            link: session.state(),
            queue_bytes: queue.bytes as u64,
            queue_limit: queue.limit as u64,
            queue: self.core.queue_kept(number),
            most_queued: queue.most as u64,
            full_in: session.pace.full_in(queue, now),
            address: session.address(),
            since: session.since,
            oldest,
            outages: session.outage.list(counters, repeats),
        })
    }
}

fn input_status(input: &Input) -> InputStatus {
    let tally = input.tally();
    InputStatus {
        key: input.key().clone(),
        listening: input.listening().map_err(str::to_owned),
        received: tally.received,
        malformed: tally.malformed,
        dropped: tally.dropped,
        refused: tally.refused,
        last_error: tally.last_error.clone(),
        connections: input.connections(),
        own: tally.own,
        unkept: tally.unkept,
        position: input.position(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::Severity;

    #[test]
    fn start_and_configuration_are_chatter_and_an_operators_words_are_not() {
        let sys = |mnemonic| Own::sys(Severity::Notifications, mnemonic, "");
        for own in [
            sys("CONFIG_I"),
            sys("RESTART"),
            sys("LOGGINGHOST_STARTSTOP"),
            Own::asa(Severity::Notifications, 111_008, ""),
        ] {
            assert!(is_chatter(&own), "{own:?}");
        }
        for own in [sys("USERLOG"), Own::asa(Severity::Errors, 717_009, "")] {
            assert!(!is_chatter(&own), "{own:?}");
        }
    }
}
