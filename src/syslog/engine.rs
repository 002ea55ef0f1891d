//! The syslog engine: starts plane and control, and stands before them as `api::Syslog`. Nothing here blocks for longer
//! than it says, and nothing here knows a message's meaning.

use std::collections::HashMap;
use std::io;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, channel as events, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

use super::api::{
    Lines, Listener, LocalStatus, Ping, Pinged, SenderStatus, Status, Syslog, Tables,
};
use super::control::Control;
use super::listeners::channel;
use super::lookups::Lookups;
use super::orders::{Order, Orders};
use super::own_address::Looks;
use super::plan::Plan;
use super::post::Post;
use super::spool;
use super::supervisor;
use crate::config::{Published, RunningConfig, TakenOver};
use crate::device::clock::Clock;
use crate::intake::grounds::Grounds;
use crate::message::Own;
use crate::net::names::Names;
use crate::net::only_to::OnlyTo;
use crate::net::ping;
use crate::state::Folder;

/// What the room has of the world around it.
pub struct Outside {
    pub clock: Arc<dyn Clock>,
    pub fence: OnlyTo,
    /// Where inputs keep their places, and queues on disk lie.
    pub state: Arc<Folder>,
    /// `--input-root`.
    pub input_roots: Vec<PathBuf>,
    pub names: Names,
}

/// Starts the syslog room; it follows what is published and leaves with the value it returns. Fails only when the system
/// has no room for a thread or a descriptor.
pub fn start(
    runtime: &Handle,
    published: watch::Receiver<Published>,
    outside: Outside,
) -> io::Result<Arc<dyn Syslog>> {
    Ok(Arc::new(launch(runtime, published, outside)?))
}

fn launch(
    runtime: &Handle,
    mut published: watch::Receiver<Published>,
    outside: Outside,
) -> io::Result<Engine> {
    let Outside {
        clock,
        fence,
        state,
        input_roots,
        names,
    } = outside;
    let plan = Arc::new(Plan::from(&RunningConfig::default()));
    let since = clock.now();
    let (report, reports) = mpsc::unbounded_channel();
    let (spool, keeper) = spool::open(Some(state.clone()));
    let disk = (spool.clone(), keeper.stored());
    let grounds = Grounds::new(state, input_roots);
    let (orders, ended) =
        supervisor::start(plan.clone(), clock.clone(), grounds, disk, move |said| {
            drop(report.send(said));
        })?;
    let taken_over = Arc::<TakenOver>::default();
    let config = published.borrow_and_update().clone();
    let kept = keeper.start(
        &spool,
        orders.clone(),
        taken_over.clone(),
        config.generation,
    )?;
    let control = Control {
        orders: orders.clone(),
        published,
        reports,
        taken_over: taken_over.clone(),
        fence: fence.clone(),
        plan,
        config,
        sessions: HashMap::new(),
        attempts: JoinSet::new(),
        attempted: HashMap::new(),
        planning: JoinSet::new(),
        post: Post::new(names.clone(), fence.clone()),
        lookups: Lookups::new(names.clone()),
        looks: Looks::default(),
    };
    runtime.spawn(control.run());
    let last = Mutex::new(Status {
        since,
        device: Default::default(),
        console: LocalStatus::default(),
        monitor: LocalStatus::default(),
        buffer: LocalStatus::default(),
        xml_buffer: LocalStatus::default(),
        history: LocalStatus::default(),
        persistent: LocalStatus::default(),
        mail: LocalStatus::default(),
        mail_sending: Default::default(),
        hosts: Vec::new(),
        inputs: Vec::new(),
        left_on_disk: Vec::new(),
        faults: 0,
    });
    Ok(Engine {
        orders,
        runtime: runtime.clone(),
        clock,
        fence,
        names,
        taken_over,
        last,
        ended: Mutex::new([ended, kept]),
    })
}

/// The room from outside.
struct Engine {
    orders: Orders,
    runtime: Handle,
    clock: Arc<dyn Clock>,
    fence: OnlyTo,
    names: Names,
    taken_over: Arc<TakenOver>,
    /// What was answered last, for the moment in which the plane is being restarted.
    last: Mutex<Status>,
    /// Disconnected when the plane and the disk behind it have ended.
    ended: Mutex<[Receiver<()>; 2]>,
}

impl Engine {
    /// Asks the plane; `None` when it does not answer in time.
    fn ask<T>(
        &self,
        limit: Duration,
        order: impl FnOnce(std::sync::mpsc::SyncSender<T>) -> Order,
    ) -> Option<T> {
        let (reply, answer) = sync_channel(1);
        self.orders.give(order(reply));
        answer.recv_timeout(limit).ok()
    }
}

impl Syslog for Engine {
    fn say(&self, message: Own) {
        self.orders.say(message);
    }

    fn status(&self) -> Status {
        let answer = self.ask(PATIENCE, Order::Status);
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(status) = answer {
            *last = status;
        }
        last.clone()
    }

    fn senders(&self) -> Vec<SenderStatus> {
        self.ask(PATIENCE, Order::Senders).unwrap_or_default()
    }

    fn tables(&self) -> Tables {
        self.ask(PATIENCE, Order::Tables).unwrap_or_default()
    }

    fn xml_buffer(&self) -> Vec<u8> {
        self.ask(PATIENCE, Order::XmlBuffer).unwrap_or_default()
    }

    fn clear_xml_buffer(&self) {
        self.orders.give(Order::ClearXmlBuffer);
    }

    fn clear_left_on_disk(&self) {
        self.orders.give(Order::ClearLeftOnDisk);
    }

    fn buffer(&self) -> Vec<u8> {
        self.ask(PATIENCE, Order::Buffer).unwrap_or_default()
    }

    fn clear_buffer(&self) {
        self.orders.give(Order::ClearBuffer);
    }

    fn listen(&self, who: Listener) -> Lines {
        let (sender, lines) = channel();
        self.orders.give(Order::Listen(who, sender));
        Lines { lines }
    }

    fn taken_over(&self) -> Arc<TakenOver> {
        self.taken_over.clone()
    }

    fn ping(&self, ping: Ping) -> Receiver<Pinged> {
        let (said, heard) = events();
        let clock = self.clock.clone();
        let tries = ping::tcp(
            ping,
            self.names.clone(),
            self.fence.clone(),
            move || clock.monotonic(),
            move |event| said.send(event).is_ok(),
        );
        self.runtime.spawn(tries);
        heard
    }

    fn drain(&self, limit: Duration) {
        // The plane answers at the end of the time by itself; a little more is given to a plane that is being restarted.
        let _drained = self.ask(limit.saturating_add(PATIENCE), |done| Order::Drain {
            limit,
            done,
        });
    }

    fn close(&self) {
        self.orders.give(Order::Stop);
        let ended = self.ended.lock().unwrap_or_else(PoisonError::into_inner);
        for ended in ended.iter() {
            let _ended = ended.recv_timeout(FAREWELL);
        }
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.orders.give(Order::Stop);
    }
}

/// The plane answers within a turn, which takes milliseconds.
const PATIENCE: Duration = Duration::from_secs(1);
/// What closing inputs and writing down their places may take.
const FAREWELL: Duration = Duration::from_secs(3);

#[cfg(test)]
#[path = "engine_bench.rs"]
mod bench;
#[cfg(test)]
#[path = "engine_delivery_tests.rs"]
mod delivery_tests;
#[cfg(test)]
#[path = "engine_disk_tests.rs"]
mod disk_tests;
#[cfg(test)]
#[path = "engine_filter_tests.rs"]
mod filter_tests;
#[cfg(test)]
#[path = "engine_input_tests.rs"]
mod input_tests;
#[cfg(test)]
#[path = "engine_mail_tests.rs"]
mod mail_tests;
#[cfg(test)]
#[path = "engine_tests.rs"]
mod tests;
#[cfg(test)]
#[path = "engine_way_tests.rs"]
mod way_tests;
