//! What control and the consoles tell the plane, and what it reports. One channel, so that everything takes effect in the
//! order in which it was said.

use std::net::{SocketAddr, TcpStream, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, SyncSender, TryRecvError, channel};
use std::time::Duration;

use mio::Waker;

use super::api::{Listener, SenderStatus, Status, Tables};
use super::batch::Answer;
use super::letter::{Letter, Mailed};
use super::log_files::{Saved, Written};
use super::plan::Plan;
use crate::config::logging::SessionKey;
use crate::message::Own;

/// To the plane.
#[derive(Debug)]
pub enum Order {
    /// A message of the device itself.
    Say(Own),
    /// A new plan, from now on.
    Swap {
        plan: Arc<Plan>,
        generation: u64,
    },
    /// The link of a session is established.
    Link {
        key: SessionKey,
        attempt: u64,
        socket: Socket,
        peer: SocketAddr,
    },
    /// The link of a session cannot be established, or must not be kept.
    Unreachable {
        key: SessionKey,
        reason: String,
        hopeless: bool,
    },
    /// Counters and states at a balanced moment.
    Status(SyncSender<Status>),
    Buffer(SyncSender<Vec<u8>>),
    Senders(SyncSender<Vec<SenderStatus>>),
    Tables(SyncSender<Tables>),
    ClearBuffer,
    /// What the disk did for a session.
    Spooled(Answer),
    /// The end of a write to files of the log, and of saving the buffer.
    Written(Written),
    Saved(Saved),
    /// What became of a letter.
    Mailed(Mailed),
    XmlBuffer(SyncSender<Vec<u8>>),
    ClearXmlBuffer,
    /// What lies on disk of sessions that are not configured goes.
    ClearLeftOnDisk,
    Listen(Listener, SyncSender<Arc<[u8]>>),
    /// Answer when queues have run empty, or after that time.
    Drain {
        limit: Duration,
        done: SyncSender<()>,
    },
    Stop,
    /// A fault of ours, for the tests of what comes after it.
    #[cfg(test)]
    Panic,
}

/// An established link, as control hands it over: non-blocking.
#[derive(Debug)]
pub enum Socket {
    Udp(UdpSocket),
    Tcp(TcpStream),
}

/// From the plane.
#[derive(Debug)]
pub enum Report {
    /// A plan is in force, its inputs open or their failure noted. The old plan comes back to be dropped.
    Swapped { generation: u64, old: Arc<Plan> },
    /// A link is gone and wanted again. `proven`: it had carried something, or had lasted.
    Lost {
        key: SessionKey,
        attempt: u64,
        proven: bool,
    },
    /// Messages to be sent by e-mail.
    Letter(Arc<Letter>),
    /// After a fault of ours: every link is gone and wanted again.
    Restarted,
}

/// The sending end.
#[derive(Clone, Debug)]
pub struct Orders {
    sender: Sender<Order>,
    waker: Arc<Waker>,
    said: Arc<Said>,
}

/// The plane's end.
#[derive(Debug)]
pub struct Inbox {
    receiver: Receiver<Order>,
    said: Arc<Said>,
}

/// The bound on messages of our own.
#[derive(Debug, Default)]
struct Said {
    waiting: AtomicU64,
    lost: AtomicU64,
}

pub fn orders(waker: Waker) -> (Orders, Inbox) {
    let (sender, receiver) = channel();
    let said = Arc::<Said>::default();
    (
        Orders {
            sender,
            waker: Arc::new(waker),
            said: said.clone(),
        },
        Inbox { receiver, said },
    )
}

impl Orders {
    /// Never blocks. `false` when the plane is gone.
    pub fn give(&self, order: Order) -> bool {
        // A waker that fails has a full counter, and so has woken already.
        self.sender.send(order).is_ok() && self.waker.wake().is_ok()
    }

    /// A message of our own; lost and counted when too many wait.
    pub fn say(&self, message: Own) {
        if self.said.waiting.fetch_add(1, Ordering::Relaxed) >= WAITING {
            self.said.waiting.fetch_sub(1, Ordering::Relaxed);
            self.said.lost.fetch_add(1, Ordering::Relaxed);
        } else {
            self.give(Order::Say(message));
        }
    }
}

impl Inbox {
    /// The next order; `Stop` when nobody is left to give one.
    pub fn next(&self) -> Option<Order> {
        match self.receiver.try_recv() {
            Ok(Order::Say(message)) => {
                self.said.waiting.fetch_sub(1, Ordering::Relaxed);
                Some(Order::Say(message))
            }
            Ok(order) => Some(order),
            Err(TryRecvError::Empty) => None,
            Err(TryRecvError::Disconnected) => Some(Order::Stop),
        }
    }

    /// Messages of our own that were lost since the last call.
    pub fn take_lost(&self) -> u64 {
        self.said.lost.swap(0, Ordering::Relaxed)
    }
}

/// Messages of our own that may wait.
const WAITING: u64 = 4096;
