//! What others hold of the room: actions go in, what the room says of itself comes out. The work is the engine's.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, Sender, channel};

use tokio::sync::{mpsc, watch};

use super::api::{
    ActiveEvent, CallHome, Do, Line, MailServerState, MessageCount, Scheduled, Status,
};
use super::lanes::Entry;
use super::room::Room;
use crate::config::call_home::MailServer;
use crate::config::{Published, TakenOver};

/// What others hold of the room.
pub(super) struct Door {
    pub(super) room: Arc<Room>,
    pub(super) actions: mpsc::UnboundedSender<Asked>,
    pub(super) newest: watch::Receiver<Published>,
}

/// An action on its way to the engine.
pub(super) struct Asked {
    pub(super) action: Do,
    pub(super) lines: Sender<Line>,
}

impl CallHome for Door {
    fn act(&self, action: Do) -> Receiver<Line> {
        let (lines, told) = channel();
        if let Err(mpsc::error::SendError(asked)) = self.actions.send(Asked { action, lines }) {
            // The reader is at hand: it is returned below.
            asked
                .lines
                .send(Line::Failed(
                    "Failed: the call-home engine has ended".to_owned(),
                ))
                .ok();
        }
        told
    }

    fn status(&self) -> Status {
        let room = &self.room;
        let newest = self.newest.borrow().clone();
        let servers = newest.config.call_home.mail_servers.iter();
        let server = |server: &MailServer| MailServerState {
            host: server.host.clone(),
            priority: server.priority,
            availability: room.courier.mail_servers.availability(&server.host),
        };
        let event = |entry: Arc<Entry>| ActiveEvent {
            profile: entry.destination.profile.clone(),
            kind: entry.kind.word(),
            severity: entry.severity,
            destination: entry.destination.to_string(),
            accepted: entry.accepted,
            message: entry.message.clone(),
        };
        let (counters, lanes) = (room.counters(), room.lanes());
        let statistics = counters.read(&lanes);
        let sum =
            |of: &dyn Fn(&MessageCount) -> u64| -> u64 { statistics.messages.iter().map(of).sum() };
        let denied = counters.denied();
        Status {
            sent: sum(&|count| count.success),
            failed: sum(&|count| count.failed),
            denied,
            dropped: sum(&|count| count.dropped).saturating_sub(denied),
            faults: room.faults.load(Ordering::Relaxed),
            mail_servers: servers.map(server).collect(),
            events: lanes.entries(SHOWN).into_iter().map(event).collect(),
            statistics,
        }
    }

    fn schedules(&self) -> Vec<Scheduled> {
        self.room.schedules.scheduled()
    }

    fn taken_over(&self) -> Arc<TakenOver> {
        Arc::clone(&self.room.taken_over)
    }

    fn close(&self) {
        self.room.schedules.keep();
        self.room.outbox.finish();
    }
}

/// Messages that are shown as being worked on.
const SHOWN: usize = 200;
