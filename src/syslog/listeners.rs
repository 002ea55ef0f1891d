//! Terminals that listen: each has a bounded channel of lines. One that does not keep up loses lines, not time of ours, and
//! is told how many when it has caught up.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};

/// A rendered line, without its line end.
pub type Line = Arc<[u8]>;

/// The listeners of one kind.
#[derive(Debug, Default)]
pub struct Listeners(Vec<Ear>);

#[derive(Debug)]
struct Ear {
    lines: SyncSender<Line>,
    lost: u64,
}

/// The two ends of a listener's channel.
pub fn channel() -> (SyncSender<Line>, Receiver<Line>) {
    sync_channel(LINES)
}

impl Listeners {
    pub fn add(&mut self, lines: SyncSender<Line>) {
        self.0.push(Ear { lines, lost: 0 });
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Hands a turn's lines to everybody; who is gone is forgotten.
    pub fn hand(&mut self, lines: &[Line]) {
        self.0.retain_mut(|ear| ear.hand(lines));
    }
}

impl Ear {
    /// Whether somebody still listens.
    fn hand(&mut self, lines: &[Line]) -> bool {
        for line in lines {
            if self.lost > 0 {
                let notice = format!(" {} messages lost", self.lost);
                match self.lines.try_send(notice.into_bytes().into()) {
                    Ok(()) => self.lost = 0,
                    Err(TrySendError::Full(_)) => {}
                    Err(TrySendError::Disconnected(_)) => return false,
                }
            }
            match self.lines.try_send(line.clone()) {
                Ok(()) => {}
                Err(TrySendError::Full(_)) => self.lost += 1,
                Err(TrySendError::Disconnected(_)) => return false,
            }
        }
        true
    }
}

/// Lines that wait for one terminal at most.
const LINES: usize = 1024;

#[cfg(test)]
mod tests {
    use super::*;

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
        listeners.hand(&lines(0..LINES + 10));
        assert_eq!(receiver.try_iter().count(), LINES);
        listeners.hand(&lines(5000..5002));
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
        listeners.hand(&lines(0..1));
        assert_eq!(listeners.len(), 1);
    }
}
