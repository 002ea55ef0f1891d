//! The interactive console: a person at the process's own terminal, and what signals mean to it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal};

use super::device::Device;
use super::{say, status};
use crate::command::GRAMMAR;
use crate::exec::Caller;
use crate::exec::chassis::Chassis;
use crate::exec::startup::keep_unsaved;
use crate::grammar::Walker;
use crate::shell::feed::Feed;
use crate::shell::place::Place;
use crate::shell::session::{Opening, Session, Start};
use crate::shell::terminal::{self, Console};
use crate::syslog::api::Listener;

/// Runs until the console is left; whether it could be used at all.
pub(super) fn run(device: &Device, drain: Duration) -> bool {
    let opening = Opening {
        start: Start::Interactive,
        caller: Caller::of_this_host(true),
        enables_freely: true,
        holds_engines: true,
    };
    read_ahead(device);
    let session = Session::new(device.chassis.clone(), opening);
    let interrupt = Arc::new(AtomicBool::new(false));
    receive_signals(device, interrupt.clone(), drain);
    let chassis = device.chassis.clone();
    let console = Console {
        interrupt,
        listen: Box::new(move |feed| {
            let who = match feed {
                Feed::Console => Listener::Console,
                Feed::Monitor => Listener::Monitor,
            };
            chassis.syslog.listen(who).lines
        }),
        history: Some(device.chassis.state.history_path("console")),
    };
    match terminal::run(session, console) {
        Ok(_) => true,
        Err(error) => {
            say(&format!("the terminal cannot be used: {error}"));
            false
        }
    }
}

/// Reads the commands of the first modes beside the console, so that no key waits for it.
fn read_ahead(device: &Device) {
    device.runtime().spawn_blocking(|| {
        let mut walker = Walker::default();
        for name in [Place::EXEC, Place::CONFIGURATION] {
            if let Some(mode) = GRAMMAR.mode(name) {
                drop(mode.expect(&mut walker, ""));
            }
        }
    });
}

/// SIGINT interrupts the command at work. SIGHUP is a hangup, and SIGTERM is treated alike: what is unsaved is kept, the
/// queues get their time, the terminal its mode (C1.10).
fn receive_signals(device: &Device, interrupt: Arc<AtomicBool>, drain: Duration) {
    let chassis = device.chassis.clone();
    device.runtime().spawn(async move {
        let (Ok(mut interrupts), Ok(mut hangups), Ok(mut ends)) = (
            signal(SignalKind::interrupt()),
            signal(SignalKind::hangup()),
            signal(SignalKind::terminate()),
        ) else {
            return;
        };
        loop {
            tokio::select! {
                _ = interrupts.recv() => interrupt.store(true, Ordering::Relaxed),
                _ = hangups.recv() => break,
                _ = ends.recv() => break,
            }
        }
        // The main thread sits in a read that nothing but a key ends.
        let left = tokio::task::spawn_blocking(move || leave(&chassis, drain));
        left.await.unwrap_or_default();
    });
}

fn leave(chassis: &Arc<Chassis>, drain: Duration) {
    terminal::restore();
    if let Err(fault) = keep_unsaved(chassis) {
        say(&format!("what was unsaved cannot be kept: {fault}"));
    }
    chassis.syslog.drain(drain);
    chassis.syslog.close();
    std::process::exit(i32::from(status::HANGUP));
}
