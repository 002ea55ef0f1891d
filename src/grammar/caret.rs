//! The place of the caret: where a line has ceased to match.
//!
//! Looked for only when no thread is left.

use super::argument::Check;
use super::graph::{Graph, NONE};
use super::threads::Walker;
use super::words::Word;

impl Walker {
    /// The first character of a word at which no open keyword and no open argument matches any more.
    pub(super) fn caret(&self, graph: &Graph, line: &str, word: Word<'_>) -> usize {
        let mut furthest = None;
        for thread in &self.threads {
            if thread.raw != NONE {
                // Raw text takes anything but a control character, as long as there is room.
                match thread.check_line(graph, line, word.end()) {
                    Check::Wrong(at) => furthest = furthest.max(Some(at)),
                    Check::Begun | Check::Accepted => return word.end(),
                }
                continue;
            }
            let begun = graph.longest_beginning(thread.state, thread.seen, word.text);
            furthest = furthest.max(Some(word.start + begun));
            for edge in graph.arguments_in(graph.state(thread.state)) {
                if !graph
                    .step(edge.step)
                    .is_some_and(|step| step.guard.admits(thread.seen))
                {
                    continue;
                }
                let reached = match graph
                    .taker(edge.taker)
                    .map(|taker| taker.kind.check(word.text))
                {
                    Some(Check::Wrong(at)) => at,
                    Some(Check::Begun | Check::Accepted) => word.text.len(),
                    None => 0,
                };
                furthest = furthest.max(Some(word.start + reached));
            }
        }
        furthest.unwrap_or(word.start)
    }
}
