//! What became of a line: the match, the ambiguity, or the place of the caret.
//!
//! How the words of a line are gone through is in `threads`; what may come next is in `expect`.

use super::Mode;
use super::argument::Check;
use super::capture::Match;
use super::threads::{Progress, Walker};
use super::words::Words;

/// What became of a line. All columns are byte offsets into the line.
#[derive(Debug)]
pub enum Walk<'m, 'l> {
    Matched(Match<'m, 'l>),
    /// More must come; `column` is just behind the last word.
    Incomplete {
        column: usize,
    },
    /// `word` abbreviates several keywords; `column` is just behind it.
    Ambiguous {
        column: usize,
        word: &'l str,
    },
    /// `column` is the first character at which nothing matches any more.
    Invalid {
        column: usize,
    },
}

impl Mode {
    /// Matches a whole line against this mode. The line holds no comment and no `do`.
    pub fn walk<'m, 'l>(&'m self, walker: &mut Walker, line: &'l str) -> Walk<'m, 'l> {
        let mut end = 0;
        walker.begin(line);
        let pipe = match walker.advance(self, &mut Words::new(line), &mut end) {
            Progress::Through => None,
            Progress::Pipe(at) => Some(at),
            Progress::Ambiguous(word) => {
                return Walk::Ambiguous {
                    column: word.end(),
                    word: word.text,
                };
            }
            Progress::Failed(column) => return Walk::Invalid { column },
        };
        let graph = &self.graph;
        let accepted = walker.threads.iter().find_map(|thread| {
            let form = graph.accepted(thread.state, thread.seen)?;
            let is_whole = thread.check_line(graph, line, end) == Check::Accepted;
            (is_whole && (pipe.is_none() || graph.reads(form))).then_some((*thread, form))
        });
        let Some((mut thread, form)) = accepted else {
            return Walk::Incomplete { column: end };
        };
        walker.close_raw(graph, &mut thread, end);
        let notes = walker.notes_back_from(thread.noted);
        Walk::Matched(Match::new(self, line, form, thread.exact, pipe, notes))
    }
}
