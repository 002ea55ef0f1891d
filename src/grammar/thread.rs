//! One way to read a line, and how much room the rest of the line has that it is reading.
//!
//! How threads step is in `threads`.

use super::argument::{Check, Kind, shifted};
use super::flatten::letter;
use super::graph::{Graph, NONE};

/// One way to read the line so far.
#[derive(Debug, Clone, Copy)]
pub(super) struct Thread {
    pub(super) state: u32,
    /// The newest note; `NONE` when there is none.
    pub(super) noted: u32,
    /// Members of `&` groups that have come.
    pub(super) seen: u64,
    /// The step of raw text that goes on; `NONE` when none does.
    pub(super) raw: u32,
    pub(super) raw_start: u32,
    /// What takes raw text that no keyword ends; `NONE` when a keyword may end it.
    pub(super) line: u32,
    /// Every keyword was typed in full.
    pub(super) exact: bool,
}

impl Thread {
    /// Raw text is going on, and nothing but the end of the line ends it.
    pub(super) const fn is_in_line(&self) -> bool {
        self.raw != NONE && self.line != NONE
    }

    /// It may not become as long as it likes.
    pub(super) fn is_bounded(&self, graph: &Graph) -> bool {
        let Some(taker) = graph.taker(self.line) else {
            return false;
        };
        matches!(taker.kind, Kind::Line { most, .. } if most != usize::MAX)
    }

    /// The first letters of what can end the raw text that is going on; `None` when none is, or when it may not become as
    /// long as it likes.
    #[inline]
    pub(super) fn raw_ends_at(&self, graph: &Graph) -> Option<u32> {
        if self.raw == NONE || self.is_bounded(graph) {
            return None;
        }
        let state = graph.state(self.state);
        let keywords = if self.line == NONE { state.letters } else { 0 };
        let bar = if state.takes_pipes { letter(b"|") } else { 0 };
        Some(keywords | bar)
    }

    /// What the rest of the line, as far as `end`, is to the argument that takes it; byte offsets are those of `line`.
    pub(super) fn check_line(&self, graph: &Graph, line: &str, end: usize) -> Check {
        let start = self.raw_start as usize;
        match (graph.taker(self.line), line.get(start..end)) {
            (Some(taker), Some(text)) if self.is_in_line() => {
                shifted(taker.kind.check(text), start)
            }
            _ => Check::Accepted,
        }
    }
}

#[inline]
pub(super) fn is_same(one: &Thread, other: &Thread) -> bool {
    one.state == other.state && one.seen == other.seen && one.raw == other.raw
}
