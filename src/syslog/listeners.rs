//! Terminals that listen: each has a bounded channel of lines. One that does not keep up loses lines, not time of ours, and
//! is told how many when it has caught up; unless lines are guaranteed: then those that find no room wait here, and whoever
//! reads inputs is told to hold back those that can wait (C5b.5).

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::time::Duration;

/// A rendered line, without its line end.
pub type Line = Arc<[u8]>;

/// The listeners of one kind.
#[derive(Debug, Default)]
pub struct Listeners {
    ears: Vec<Ear>,
    /// Lines wait instead of being lost.
    guaranteed: bool,
    lost: u64,
}

#[derive(Debug)]
struct Ear {
    lines: SyncSender<Line>,
    lost: u64,
    /// Guaranteed lines that found no room, and their bytes.
    waiting: VecDeque<Line>,
    bytes: usize,
    /// When it took a line last, or began to let lines wait.
    moved: Duration,
}

/// It has gone.
struct Gone;

/// The two ends of a listener's channel.
pub fn channel() -> (SyncSender<Line>, Receiver<Line>) {
    sync_channel(LINES)
}

impl Listeners {
    pub fn add(&mut self, lines: SyncSender<Line>) {
        self.ears.push(Ear {
            lines,
            lost: 0,
            waiting: VecDeque::new(),
            bytes: 0,
            moved: Duration::ZERO,
        });
    }

    pub fn len(&self) -> usize {
        self.ears.len()
    }

    pub fn is_empty(&self) -> bool {
        self.ears.is_empty()
    }

    /// Lines that listeners lost, in all.
    pub fn lost(&self) -> u64 {
        self.lost
    }

    /// `logging console guaranteed`. What waits when that ends is still handed on.
    pub fn guarantee(&mut self, guaranteed: bool) {
        self.guaranteed = guaranteed;
    }

    /// Hands a turn's lines to everybody; who is gone is forgotten.
    pub fn hand(&mut self, lines: &[Line], now: Duration) {
        let guaranteed = self.guaranteed;
        let mut lost = 0;
        self.ears.retain_mut(|ear| {
            let handed = ear.catch_up(now);
            let each = |line| ear.hand(line, guaranteed, now);
            let handed = handed.and_then(|()| lines.iter().map(each).sum::<Result<u64, Gone>>());
            lost += handed.as_ref().copied().unwrap_or(0);
            handed.is_ok()
        });
        self.lost += lost;
    }

    /// Whether a terminal makes inputs wait: lines wait for it, and it has taken one within the last second.
    pub fn holds(&self, now: Duration) -> bool {
        let holds =
            |ear: &Ear| !ear.waiting.is_empty() && now.saturating_sub(ear.moved) < PROGRESSING;
        self.guaranteed && self.ears.iter().any(holds)
    }

    /// When to look whether a terminal has room again; nothing tells us.
    pub fn wakes_at(&self, now: Duration) -> Option<Duration> {
        let waits = self.ears.iter().any(|ear| !ear.waiting.is_empty());
        waits.then(|| now + LOOK)
    }
}

impl Ear {
    /// Hands on what waits, as far as there is room.
    fn catch_up(&mut self, now: Duration) -> Result<(), Gone> {
        while let Some(line) = self.waiting.front() {
            match self.lines.try_send(line.clone()) {
                Ok(()) => {
                    self.bytes -= line.len();
                    self.waiting.pop_front();
                    self.moved = now;
                }
                Err(TrySendError::Full(_)) => return Ok(()),
                Err(TrySendError::Disconnected(_)) => return Err(Gone),
            }
        }
        Ok(())
    }

    /// How many lines are lost by handing on this one.
    fn hand(&mut self, line: &Line, guaranteed: bool, now: Duration) -> Result<u64, Gone> {
        if !self.waiting.is_empty() {
            return Ok(self.keep(line, guaranteed));
        }
        if self.lost > 0 {
            let notice = format!(" {} messages lost", self.lost);
            match self.lines.try_send(notice.into_bytes().into()) {
                Ok(()) => self.lost = 0,
                Err(TrySendError::Full(_)) => {}
                Err(TrySendError::Disconnected(_)) => return Err(Gone),
            }
        }
        match self.lines.try_send(line.clone()) {
            Ok(()) => Ok(0),
            Err(TrySendError::Full(_)) => {
                self.moved = now;
                Ok(self.keep(line, guaranteed))
            }
            Err(TrySendError::Disconnected(_)) => Err(Gone),
        }
    }

    /// Lets a line wait if it may and there is room; else it is lost.
    fn keep(&mut self, line: &Line, guaranteed: bool) -> u64 {
        if guaranteed && self.lost == 0 && self.bytes + line.len() <= WAITING {
            self.bytes += line.len();
            self.waiting.push_back(line.clone());
            return 0;
        }
        self.lost += 1;
        1
    }
}

/// Lines that wait for one terminal at most.
const LINES: usize = 1024;
/// Bytes of guaranteed lines that wait for one terminal besides.
const WAITING: usize = 16 << 20;
/// A terminal that has taken nothing for so long holds nobody back.
const PROGRESSING: Duration = Duration::from_secs(1);
const LOOK: Duration = Duration::from_millis(10);

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Duration = Duration::from_secs(60);

    fn lines(numbers: std::ops::Range<usize>) -> Vec<Line> {
        numbers
            .map(|n| format!("line {n}").into_bytes().into())
            .collect()
    }

    fn text(line: &[u8]) -> String {
        String::from_utf8_lossy(line).into_owned()
    }

    #[test]
    fn a_slow_terminal_loses_lines_and_is_told_how_many_before_the_next_one() {
        let mut listeners = Listeners::default();
        let (sender, receiver) = channel();
        listeners.add(sender);
        listeners.hand(&lines(0..LINES + 10), NOW);
        assert_eq!(receiver.try_iter().count(), LINES);
        listeners.hand(&lines(5000..5002), NOW);
        let got: Vec<_> = receiver.try_iter().map(|line| text(&line)).collect();
        assert_eq!(got, [" 10 messages lost", "line 5000", "line 5001"]);
    }

    #[test]
    fn a_terminal_that_is_gone_is_forgotten() {
        let mut listeners = Listeners::default();
        let ((sender, receiver), (other, _listening)) = (channel(), channel());
        listeners.add(sender);
        listeners.add(other);
        drop(receiver);
        listeners.hand(&lines(0..1), NOW);
        assert_eq!(listeners.len(), 1);
    }

    #[test]
    fn guaranteed_lines_wait_for_a_slow_terminal_and_inputs_wait_with_them() {
        let mut listeners = Listeners::default();
        listeners.guarantee(true);
        let (sender, receiver) = channel();
        listeners.add(sender);
        listeners.hand(&lines(0..LINES), NOW);
        assert!(!listeners.holds(NOW));
        assert_eq!(listeners.wakes_at(NOW), None);
        listeners.hand(&lines(LINES..3 * LINES), NOW);
        assert!(listeners.holds(NOW));
        assert_eq!(listeners.wakes_at(NOW), Some(NOW + LOOK));
        // It takes some within the second: the rest is still waited for.
        let mut got: Vec<_> = receiver.try_iter().take(1).collect();
        let later = NOW + PROGRESSING / 2;
        listeners.hand(&[], later);
        assert!(listeners.holds(later + PROGRESSING / 2));
        // And none for a second: nobody is held back, and nothing is lost.
        assert!(!listeners.holds(later + PROGRESSING));
        while listeners.wakes_at(later).is_some() {
            got.extend(receiver.try_iter());
            listeners.hand(&[], later);
        }
        got.extend(receiver.try_iter());
        assert_eq!(got, lines(0..3 * LINES));
        assert_eq!(listeners.lost(), 0);
    }

    #[test]
    fn what_waits_for_a_terminal_is_bounded_and_what_is_lost_is_said_behind_it() {
        let mut listeners = Listeners::default();
        listeners.guarantee(true);
        let (sender, receiver) = channel();
        listeners.add(sender);
        let long: Line = vec![b'x'; 64 << 10].into();
        let fits = LINES + WAITING / long.len();
        listeners.hand(&vec![long.clone(); fits + 7], NOW);
        listeners.hand(&lines(0..1), NOW);
        assert_eq!(listeners.lost(), 8);
        let mut got = Vec::new();
        while listeners.wakes_at(NOW).is_some() {
            got.extend(receiver.try_iter());
            listeners.hand(&[], NOW);
        }
        got.extend(receiver.try_iter());
        assert_eq!(got, vec![long; fits]);
        listeners.hand(&lines(1..2), NOW);
        let got: Vec<_> = receiver.try_iter().map(|line| text(&line)).collect();
        assert_eq!(got, [" 8 messages lost", "line 1"]);
    }
}
