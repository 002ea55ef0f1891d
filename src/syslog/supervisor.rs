//! Looks after the plane: its thread, and a new plane after a fault of ours. What a faulty plane held in memory is gone and
//! its links are made again; the plan and the terminals that listen are kept.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use mio::{Poll, Waker};

use super::listeners::Listeners;
use super::orders::{Inbox, Orders, Report, orders};
use super::plan::Plan;
use super::plane::{Kept, Plane, Surroundings, WAKER};
use super::spool::{Shelf, Spool};
use crate::device::clock::Clock;
use crate::intake::grounds::Grounds;

/// Starts the plane's thread; the receiver is disconnected when the plane has ended and what inputs and queues keep is on
/// disk.
pub fn start(
    plan: Arc<Plan>,
    clock: Arc<dyn Clock>,
    grounds: Grounds,
    (spool, shelf): (Spool, Shelf),
    report: impl Fn(Report) + Send + 'static,
) -> io::Result<(Orders, Receiver<()>)> {
    let poll = Poll::new()?;
    let (running, ended) = channel();
    let (orders, inbox) = orders(Waker::new(poll.registry(), WAKER)?);
    std::thread::Builder::new()
        .name("syslog-plane".to_owned())
        .spawn(move || {
            supervise(
                poll,
                &inbox,
                plan,
                &*clock,
                (&grounds, &spool),
                shelf,
                &report,
            );
            grounds.close();
            spool.finish();
            drop(running);
        })?;
    Ok((orders, ended))
}

fn supervise(
    mut poll: Poll,
    inbox: &Inbox,
    plan: Arc<Plan>,
    clock: &dyn Clock,
    (grounds, spool): (&Grounds, &Spool),
    shelf: Shelf,
    report: &dyn Fn(Report),
) {
    let (console, monitor) = (Listeners::default(), Listeners::default());
    let mut kept = Kept {
        plan,
        console,
        monitor,
        shelf,
        faults: 0,
    };
    loop {
        // Nothing of the plane that could be half changed is used again but `kept`, whose parts are replaced as a whole.
        let ended = catch_unwind(AssertUnwindSafe(|| {
            let (poll, kept) = (&mut poll, &mut kept);
            Plane::new(Surroundings {
                poll,
                inbox,
                clock,
                grounds,
                spool,
                report,
                kept,
            })
            .run();
        }));
        if ended.is_ok() {
            return;
        }
        kept.faults += 1;
        kept.shelf = spool.settle();
        report(Report::Restarted);
        // A fault that comes back at once must not take the whole machine.
        std::thread::sleep(PAUSE);
    }
}

const PAUSE: Duration = Duration::from_millis(20);
