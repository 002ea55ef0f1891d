//! Off a terminal the console session writes to standard error (docs/PROMISES.md).

use std::io::{self, Write};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use super::device::Device;
use super::say;
use crate::show::sanitised::write_harmless;
use crate::syslog::api::Listener;

/// A thread that prints the lines of `logging console` as they come, and how many it has printed. There is none until the
/// configuration has a console session.
#[derive(Default)]
pub(super) struct ConsoleLines {
    printed: Option<Arc<(Mutex<u64>, Condvar)>>,
}

/// How long leaving waits for standard error to take what is left.
const PATIENCE: Duration = Duration::from_secs(1);

impl ConsoleLines {
    /// Whether a line may have been handed on.
    pub(super) const fn has_begun(&self) -> bool {
        self.printed.is_some()
    }

    /// Prints from now on if the configuration says so; to be called before what has changed in it is published.
    pub(super) fn follow(&mut self, device: &Device) {
        if self.printed.is_none() && has_session(device) {
            self.printed = Some(Self::print(device));
        }
    }

    fn print(device: &Device) -> Arc<(Mutex<u64>, Condvar)> {
        let printed: Arc<(Mutex<u64>, Condvar)> = Arc::default();
        let lines = device.chassis.syslog.listen(Listener::Console);
        let counted = printed.clone();
        let begun = std::thread::Builder::new()
            .name("console-lines".into())
            .spawn(move || {
                let (count, changed) = &*counted;
                while let Ok(line) = lines.lines.recv() {
                    let mut err = io::stderr().lock();
                    let told = write_harmless(&line, &mut err).and_then(|()| err.write_all(b"\n"));
                    *count.lock().unwrap_or_else(PoisonError::into_inner) += 1;
                    changed.notify_all();
                    if told.is_err() {
                        return;
                    }
                }
            });
        if let Err(error) = begun {
            say(&format!("console lines cannot be printed: {error}"));
        }
        printed
    }

    /// Waits until every line that was handed on is printed; call it when the queues are drained.
    pub(super) fn finish(&self, device: &Device) {
        let Some(printed) = self.printed.as_ref().filter(|_| has_session(device)) else {
            return;
        };
        let handed = device.chassis.syslog.status().console.counters.delivered;
        let (count, changed) = &**printed;
        let count = count.lock().unwrap_or_else(PoisonError::into_inner);
        drop(changed.wait_timeout_while(count, PATIENCE, |printed| *printed < handed));
    }
}

fn has_session(device: &Device) -> bool {
    let owner = &device.chassis.owner;
    owner.with(|config| config.logging.console_session().is_some())
}
