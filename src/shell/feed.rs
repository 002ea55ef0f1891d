//! Log lines on their way to a console: threads of their own, which wait for lines and print them harmless, without
//! spoiling what is being typed. Which lines there are is the syslog room's business.

use std::collections::BTreeMap;
use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crate::show::sanitised::harmless;

/// Which lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Feed {
    /// `logging console`.
    Console,
    /// `terminal monitor`.
    Monitor,
}

/// Prints one line with its end; false when it cannot any more.
pub type Print = Box<dyn FnMut(String) -> bool + Send>;

/// The feeds of one console.
#[derive(Default)]
pub struct Feeds {
    running: BTreeMap<Feed, Running>,
}

struct Running {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<()>,
}

/// How soon a feed notices that it is no longer wanted.
const LOOK: Duration = Duration::from_millis(100);

impl Feeds {
    pub fn has(&self, feed: Feed) -> bool {
        self.running.contains_key(&feed)
    }

    /// Prints what comes until it is stopped or the sender has gone.
    pub fn print(&mut self, feed: Feed, lines: Receiver<Arc<[u8]>>, mut print: Print) {
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = stop.clone();
        let thread = thread::spawn(move || {
            loop {
                match lines.recv_timeout(LOOK) {
                    Ok(line) => {
                        if !print(format!("{}\n", String::from_utf8_lossy(&harmless(&line)))) {
                            return;
                        }
                    }
                    Err(RecvTimeoutError::Timeout) if !stopped.load(Ordering::Relaxed) => {}
                    Err(_) => return,
                }
            }
        });
        self.running.insert(feed, Running { stop, thread });
    }

    /// Has the monitor's feed run exactly while `wanted`, as `terminal monitor` says, for a Session off a terminal.
    pub fn follow(
        &mut self,
        wanted: bool,
        lines: impl FnOnce() -> Receiver<Arc<[u8]>>,
        print: impl FnOnce() -> Print,
    ) {
        if !wanted {
            self.stop(Feed::Monitor);
        } else if !self.has(Feed::Monitor) {
            self.print(Feed::Monitor, lines(), print());
        }
    }

    /// Ends one feed; what has come by now is still printed.
    pub fn stop(&mut self, feed: Feed) {
        if let Some(running) = self.running.remove(&feed) {
            running.stop.store(true, Ordering::Relaxed);
        }
    }

    /// Ends all of them and waits until they have printed what has come by now.
    pub fn close(&mut self) {
        self.running
            .values()
            .for_each(|running| running.stop.store(true, Ordering::Relaxed));
        for running in std::mem::take(&mut self.running).into_values() {
            // A feed that panicked has printed its last line already.
            running.thread.join().unwrap_or_default();
        }
    }
}

/// For a console that is no terminal: to `out`, line by line.
pub fn plain(mut out: impl Write + Send + 'static) -> Print {
    Box::new(move |line| {
        out.write_all(line.as_bytes())
            .and_then(|()| out.flush())
            .is_ok()
    })
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[test]
    fn closing_prints_first_what_has_come() {
        let (sender, lines) = mpsc::channel();
        let (printed, seen) = mpsc::channel();
        let mut feeds = Feeds::default();
        feeds.print(
            Feed::Console,
            lines,
            Box::new(move |line| printed.send(line).is_ok()),
        );
        for text in ["%SYS-5-X: a\x1b[2J", "%SYS-5-X: b"] {
            sender
                .send(Arc::from(text.as_bytes()))
                .expect("the feed listens");
        }
        feeds.close();
        assert_eq!(
            seen.iter().collect::<Vec<_>>(),
            ["%SYS-5-X: a\\x1B[2J\n", "%SYS-5-X: b\n"]
        );
        assert!(!feeds.has(Feed::Console));
    }

    #[test]
    fn a_feed_ends_with_its_sender() {
        let (sender, lines) = mpsc::channel();
        let (printed, seen) = mpsc::channel();
        let mut feeds = Feeds::default();
        feeds.print(
            Feed::Monitor,
            lines,
            Box::new(move |line| printed.send(line).is_ok()),
        );
        drop(sender);
        // The iteration ends because the feed's thread has dropped its end.
        assert_eq!(seen.iter().count(), 0);
    }
}
