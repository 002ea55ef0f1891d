//! Show output for call-home messages: a second, silent Session runs the lines, so that a message contains exactly what an
//! operator would have seen. A command that takes long or prints without end is stopped, and says so.

use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};
use std::thread;
use std::time::Duration;

use crate::call_home::engine::Collect;
use crate::exec::Caller;
use crate::exec::chassis::Chassis;
use crate::shell::session::{Io, Opening, Session, Start};

/// How long a command may take.
const LONGEST: Duration = Duration::from_secs(10);

/// Bytes that a command may print: the longest message there can be.
const MOST: usize = 3_145_728;

/// A collector over a chassis that is put together later; before that, and after its end, it collects nothing. It runs
/// commands that read and no others.
pub(super) fn collector(chassis: Arc<OnceLock<Weak<Chassis>>>) -> Collect {
    Arc::new(move |lines| {
        let Some(chassis) = chassis.get().and_then(Weak::upgrade) else {
            return Vec::new();
        };
        lines
            .iter()
            .map(|line| (line.to_string(), output(&chassis, line)))
            .collect()
    })
}

fn output(chassis: &Arc<Chassis>, line: &Arc<str>) -> String {
    let (chassis, line) = (chassis.clone(), line.clone());
    within(LONGEST, move |out, interrupt| {
        let caller = Caller {
            user: "call-home".into(),
            application: "call-home",
            ..Caller::of_this_host(false)
        };
        let opening = Opening {
            start: Start::Scripted,
            caller,
            enables_freely: false,
            holds_engines: false,
        };
        let mut session = Session::new(chassis, opening);
        if session.only_reads(&line) {
            let err = &mut io::sink();
            session.feed(
                &line,
                &mut Io {
                    out,
                    err,
                    interrupt,
                },
            );
        }
    })
}

/// What `work` prints within that time. Beyond it, work that does not look at the interrupt goes on for itself.
fn within(
    limit: Duration,
    work: impl FnOnce(&mut dyn Write, &AtomicBool) + Send + 'static,
) -> String {
    let printed = Printed::default();
    let interrupt = Arc::new(AtomicBool::new(false));
    let (done, ended) = channel();
    let begun = thread::Builder::new().spawn({
        let (mut printed, interrupt) = (printed.clone(), interrupt.clone());
        move || {
            work(&mut printed, &interrupt);
            // Nobody may be waiting any more.
            done.send(()).ok();
        }
    });
    if begun.is_err() {
        return "ERROR: the command could not be run\n".to_owned();
    }
    let is_late = ended.recv_timeout(limit) == Err(RecvTimeoutError::Timeout);
    interrupt.store(true, Ordering::Relaxed);
    printed.take(is_late.then_some(limit))
}

/// The output so far, no more than `MOST` of it.
#[derive(Clone, Default)]
struct Printed(Arc<Mutex<(Vec<u8>, bool)>>);

impl Printed {
    fn lock(&self) -> MutexGuard<'_, (Vec<u8>, bool)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self, late: Option<Duration>) -> String {
        let (bytes, is_cut) = std::mem::take(&mut *self.lock());
        let mut text = String::from_utf8_lossy(&bytes).into_owned();
        let ends = match late {
            Some(limit) => format!("ERROR: stopped after {} seconds\n", limit.as_secs()),
            None if is_cut => format!("ERROR: cut behind {MOST} bytes\n"),
            None => return text,
        };
        if !text.is_empty() && !text.ends_with('\n') {
            text.push('\n');
        }
        text + &ends
    }
}

impl Write for Printed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut printed = self.lock();
        let room = MOST - printed.0.len();
        printed.0.extend(bytes.iter().take(room));
        if bytes.len() > room {
            printed.1 = true;
            // As if the reader had gone: the command ends.
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_that_takes_too_long_is_stopped_and_what_it_printed_counts() {
        let (over, ended) = channel();
        let text = within(Duration::ZERO, move |out, interrupt| {
            out.write_all(b"half a li").unwrap_or_default();
            while !interrupt.load(Ordering::Relaxed) {
                thread::yield_now();
            }
            over.send(()).unwrap_or_default();
        });
        assert!(text.ends_with("ERROR: stopped after 0 seconds\n"), "{text}");
        ended.recv().expect("it saw the interrupt");
    }

    #[test]
    fn endless_output_is_cut() {
        let text = within(
            LONGEST,
            |out, _| while out.write_all(&[b'x'; 4096]).is_ok() {},
        );
        let end = "x\nERROR: cut behind 3145728 bytes\n";
        assert_eq!(
            (text.len(), text.ends_with(end)),
            (MOST + end.len() - 1, true)
        );
    }

    #[test]
    fn a_command_that_ends_in_time_says_what_it_says() {
        let text = within(LONGEST, |out, _| {
            out.write_all(b"fine\n").unwrap_or_default()
        });
        assert_eq!(text, "fine\n");
    }
}
