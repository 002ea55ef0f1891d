//! Log lines on their way to a console: threads of their own, which wait for lines and print them harmless, without
//! spoiling what is being typed. Which lines there are is the syslog room's business.

use std::collections::BTreeMap;
use std::io::Write;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::{Duration, Instant};

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
pub struct Feeds {
    running: BTreeMap<Feed, Running>,
    /// `GRACE`, but in tests.
    grace: Duration,
}

impl Default for Feeds {
    fn default() -> Self {
        Self {
            running: BTreeMap::new(),
            grace: GRACE,
        }
    }
}

struct Running {
    stopped: Arc<OnceLock<Instant>>,
    /// Closed when the feed's thread ends.
    ended: Receiver<()>,
}

/// What has come when a feed is stopped is printed within so long. The thread of one that waits for a line cannot be woken
/// without one: it ends at the next line, unprinted, or with the sender.
const GRACE: Duration = Duration::from_millis(100);

impl Feeds {
    pub fn has(&self, feed: Feed) -> bool {
        self.running.contains_key(&feed)
    }

    /// Prints what comes until it is stopped or the sender has gone.
    pub fn print(&mut self, feed: Feed, lines: Receiver<Arc<[u8]>>, mut print: Print) {
        let stopped = Arc::new(OnceLock::new());
        let (end, ended) = channel();
        let (feeding, grace) = (stopped.clone(), self.grace);
        let thread = thread::Builder::new().name("console-feed".to_owned());
        // Without a thread nothing is printed, and `close` waits for nobody.
        drop(thread.spawn(move || run(&lines, &mut print, &feeding, grace, end)));
        self.running.insert(feed, Running { stopped, ended });
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
            running.stopped.get_or_init(Instant::now);
        }
    }

    /// Ends all of them and waits until they have printed what has come by now.
    pub fn close(&mut self) {
        for running in self.running.values() {
            running.stopped.get_or_init(Instant::now);
        }
        for running in std::mem::take(&mut self.running).into_values() {
            let left = running
                .stopped
                .get()
                .map_or(self.grace, |at| self.grace.saturating_sub(at.elapsed()));
            // Nothing is ever sent: it ends, or the time is over.
            running.ended.recv_timeout(left).unwrap_or_default();
        }
    }
}

/// Prints lines until it is stopped, and then what comes without delay. `_end` goes when the thread does.
fn run(
    lines: &Receiver<Arc<[u8]>>,
    print: &mut Print,
    stopped: &OnceLock<Instant>,
    grace: Duration,
    _end: Sender<()>,
) {
    loop {
        let left = stopped.get().map(|at| grace.saturating_sub(at.elapsed()));
        let line = match left {
            None => lines.recv().ok(),
            Some(left) => lines.recv_timeout(left).ok(),
        };
        let is_over = stopped.get().is_some_and(|at| at.elapsed() >= grace);
        let Some(line) = line.filter(|_| !is_over) else {
            return;
        };
        if !print(format!("{}\n", String::from_utf8_lossy(&harmless(&line)))) {
            return;
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
    use super::*;

    #[test]
    fn closing_prints_first_what_has_come() {
        let (sender, lines) = channel();
        let (printed, seen) = channel();
        let mut feeds = Feeds {
            // A machine with other work is no failure.
            grace: Duration::from_secs(60),
            ..Feeds::default()
        };
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
        let closing = thread::spawn(move || {
            feeds.close();
            feeds
        });
        // Its thread may wait for a line already, and only this wakes it then.
        drop(sender);
        let feeds = closing.join().expect("it closes");
        assert_eq!(
            seen.try_iter().collect::<Vec<_>>(),
            ["%SYS-5-X: a\\x1B[2J\n", "%SYS-5-X: b\n"]
        );
        assert!(!feeds.has(Feed::Console));
    }

    #[test]
    fn a_feed_ends_with_its_sender() {
        let (sender, lines) = channel();
        let (printed, seen) = channel();
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
