//! `logging synchronous`: log lines of a console that wait until output is done. When output begins and ends, and how a line
//! is printed, is decided elsewhere.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use crate::config::terminal_lines::Synchronous;
use crate::message::{self, Kind, Severity};

/// Between the threads that bring log lines and the one that prints output.
#[derive(Debug, Default)]
pub(super) struct Gate(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    /// While output is printed, and lines have to wait for that.
    closed: Option<Closed>,
    waiting: VecDeque<String>,
    dropped: u64,
}

#[derive(Clone, Copy, Debug)]
struct Closed {
    /// This severity and those that are less severe wait.
    from: Severity,
    limit: usize,
}

impl Gate {
    /// Output begins.
    pub(super) fn close(&self, synchronous: Option<Synchronous>) {
        self.state().closed = synchronous.map(|synchronous| Closed {
            from: synchronous.from(),
            limit: synchronous.limit(),
        });
    }

    /// Output is done: what has waited, and how many lines found no room.
    pub(super) fn open(&self) -> Vec<String> {
        let mut state = self.state();
        state.closed = None;
        let mut lines = Vec::from(std::mem::take(&mut state.waiting));
        let dropped = std::mem::take(&mut state.dropped);
        if dropped > 0 {
            lines.push(format!(" {dropped} messages lost\n"));
        }
        lines
    }

    /// The line back if it is to be printed now.
    pub(super) fn pass(&self, line: String) -> Option<String> {
        let mut state = self.state();
        let Some(closed) = state.closed else {
            return Some(line);
        };
        // A line without a header is a debugging message's.
        let severity = match message::parse(line.trim_end().as_bytes()) {
            parsed if parsed.kind == Kind::Cisco => parsed.severity,
            _ => Severity::Debugging,
        };
        if severity < closed.from {
            return Some(line);
        }
        if state.waiting.len() < closed.limit {
            state.waiting.push_back(line);
        } else {
            state.dropped += 1;
        }
        None
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::terminal_lines::Waits;

    fn line(severity: u8) -> String {
        format!("*Mar  1 18:46:11.000: %TST-{severity}-TAG: body\n")
    }

    fn passing(gate: &Gate) -> Vec<u8> {
        let passes = |severity: &u8| gate.pass(line(*severity)).is_some();
        (0..8).filter(passes).collect()
    }

    #[test]
    fn lines_pass_where_nothing_is_configured_or_no_output_is_printed() {
        let gate = Gate::default();
        assert_eq!(passing(&gate).len(), 8);
        gate.close(None);
        assert_eq!(passing(&gate).len(), 8);
        gate.close(Some(Synchronous::default()));
        gate.open();
        assert_eq!(passing(&gate).len(), 8);
        assert_eq!(gate.open(), [""; 0]);
    }

    #[test]
    fn what_is_less_severe_waits_and_is_handed_out_in_order() {
        let gate = Gate::default();
        gate.close(Some(Synchronous::default()));
        assert_eq!(passing(&gate), [0, 1]);
        let expected: Vec<_> = (2..8).map(line).collect();
        assert_eq!(gate.open(), expected);
        assert_eq!(gate.open(), [""; 0]);
    }

    #[test]
    fn with_level_all_everything_waits() {
        let gate = Gate::default();
        let level = Some(Waits::All);
        gate.close(Some(Synchronous { level, limit: None }));
        assert_eq!(passing(&gate), [0; 0]);
    }

    #[test]
    fn more_than_the_limit_is_dropped_and_counted() {
        let gate = Gate::default();
        let level = Some(Waits::From(Severity::Warnings));
        let limit = Some(2);
        gate.close(Some(Synchronous { level, limit }));
        assert_eq!(passing(&gate), [0, 1, 2, 3]);
        assert_eq!(
            gate.open(),
            [line(4), line(5), " 2 messages lost\n".to_owned()]
        );
    }

    #[test]
    fn a_line_without_a_header_is_as_little_severe_as_can_be() {
        let gate = Gate::default();
        let level = Some(Waits::From(Severity::Debugging));
        gate.close(Some(Synchronous { level, limit: None }));
        assert_eq!(gate.pass("IP: s=192.0.2.1, len 100\n".to_owned()), None);
    }
}
