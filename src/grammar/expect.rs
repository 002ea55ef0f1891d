//! What may follow, or complete, what has been typed: the answer to `?` and to Tab.
//!
//! Reads the edges of the threads that survive the walk; how the answer is laid out is in `help`.

use std::ops::Range;

use super::Mode;
use super::argument::Check;
use super::capture::secrets_among;
use super::graph::{Capture, NONE, Step, Taker};
use super::thread::Thread;
use super::threads::{Progress, Walker};
use super::words::{Word, Words, is_blank};

/// What may come next. All places are byte offsets into what was typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Expectations {
    /// Sorted as `?` shows them: placeholders, then keywords.
    pub items: Vec<Expected>,
    /// The line may end here.
    pub complete: bool,
    /// Where the word at the cursor starts; the length of what was typed when it stands behind a blank.
    pub word_start: usize,
    /// Where the text matches no longer; nothing is expected then.
    pub refused: Option<usize>,
    /// A `|` at this place ends the command: what follows is a filter, of which the grammar knows nothing.
    pub pipe: Option<usize>,
}

/// One thing that may come next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expected {
    /// A keyword, or a placeholder such as `WORD` or `<1-65535>`.
    pub token: String,
    pub help: String,
    pub is_keyword: bool,
    /// The name and the type of an argument.
    pub argument: Option<(String, String)>,
}

const PIPE_HELP: &str = "Output modifiers";

impl Mode {
    /// What may follow or complete `typed`, which is everything left of the cursor.
    pub fn expect(&self, walker: &mut Walker, typed: &str) -> Expectations {
        let partial = match Words::new(typed).last() {
            Some(word) if word.end() == typed.len() && !typed.ends_with(is_blank) => word,
            _ => Word {
                text: "",
                start: typed.len(),
            },
        };
        let mut expectations = Expectations {
            word_start: partial.start,
            ..Expectations::default()
        };
        let mut end = 0;
        walker.begin(typed);
        let before = typed.get(..partial.start).unwrap_or_default();
        match walker.advance(self, &mut Words::new(before), &mut end) {
            Progress::Through => {}
            Progress::Pipe(at) => {
                expectations.pipe = Some(at);
                return expectations;
            }
            Progress::Ambiguous(word) => {
                expectations.refused = Some(word.end());
                return expectations;
            }
            Progress::Failed(column) => {
                expectations.refused = Some(column);
                return expectations;
            }
        }
        for thread in &walker.threads {
            self.after(thread, typed, partial, &mut expectations.items);
        }
        if "|".starts_with(partial.text) && walker.may_pipe(&self.graph) {
            expectations.items.push(keyword("|", PIPE_HELP));
        }
        expectations
            .items
            .sort_by(|one, other| one.token.cmp(&other.token));
        expectations
            .items
            .dedup_by(|later, kept| later.token == kept.token);
        if partial.text.is_empty() {
            expectations.complete = walker.threads.iter().any(|thread| {
                self.graph.accepted(thread.state, thread.seen).is_some()
                    && thread.check_line(&self.graph, typed, end) == Check::Accepted
            });
        } else if expectations.items.is_empty() {
            expectations.refused = Some(walker.caret(&self.graph, typed, partial));
        }
        expectations
    }

    fn after(&self, thread: &Thread, typed: &str, partial: Word<'_>, items: &mut Vec<Expected>) {
        let graph = &self.graph;
        let text = partial.text;
        let is_open = |step: u32| {
            graph
                .step(step)
                .is_some_and(|step: &Step| step.guard.admits(thread.seen))
        };
        if thread.raw != NONE {
            // The raw text may go on, unless it is too long already.
            let begun = graph
                .arguments
                .iter()
                .find(|edge| edge.step == thread.raw)
                .and_then(|edge| graph.taker(edge.taker))
                .filter(|_| {
                    !matches!(
                        thread.check_line(graph, typed, partial.end()),
                        Check::Wrong(_)
                    )
                });
            items.extend(begun.map(|taker| argument(taker, graph.help(thread.raw))));
        } else {
            for edge in graph
                .arguments_in(graph.state(thread.state))
                .iter()
                .filter(|edge| is_open(edge.step))
            {
                let fits = |taker: &&Taker| {
                    text.is_empty() || !matches!(taker.kind.check(text), Check::Wrong(_))
                };
                items.extend(
                    graph
                        .taker(edge.taker)
                        .filter(fits)
                        .map(|taker| argument(taker, graph.help(edge.step))),
                );
            }
        }
        if !thread.is_in_line() {
            for edge in graph
                .going_on(graph.state(thread.state), text)
                .filter(|edge| is_open(edge.step))
            {
                items.push(keyword(graph.keyword(edge.keyword), graph.help(edge.step)));
            }
        }
    }

    /// The byte ranges of a line that may not be repeated to anybody, whether or not the line is a command: secret
    /// arguments, and the rest of the line when it goes wrong in or just behind one.
    pub fn secrets(&self, walker: &mut Walker, line: &str) -> Vec<Range<usize>> {
        if !self.has_secrets {
            return Vec::new();
        }
        let mut end = 0;
        walker.begin(line);
        let progress = walker.advance(self, &mut Words::new(line), &mut end);
        let went_wrong = matches!(progress, Progress::Failed(_) | Progress::Ambiguous(_));
        let mut found: Vec<Range<usize>> = Vec::new();
        for number in 0..walker.threads.len() {
            let Some(mut thread) = walker.threads.get(number).copied() else {
                break;
            };
            let wanted = went_wrong && self.wants_a_secret(&thread);
            walker.close_raw(&self.graph, &mut thread, end);
            let notes: Vec<_> = walker.notes_back_from(thread.noted).collect();
            let mut secrets = secrets_among(&self.graph, notes.iter());
            if went_wrong {
                let is_last = |range: &&mut Range<usize>| range.end == end;
                secrets
                    .iter_mut()
                    .find(is_last)
                    .into_iter()
                    .for_each(|range| range.end = line.len());
            }
            if wanted {
                let start = line.get(end..).map_or(end, |rest| {
                    line.len() - rest.trim_start_matches(is_blank).len()
                });
                secrets.push(start..line.len());
            }
            found.append(&mut secrets);
        }
        found.sort_by_key(|range| (range.start, std::cmp::Reverse(range.end)));
        found.dedup_by(|later, kept| later.start < kept.end);
        found
    }

    fn wants_a_secret(&self, thread: &Thread) -> bool {
        let graph = &self.graph;
        let is_secret = |note: &u16| {
            matches!(
                graph.capture(*note),
                Some(Capture::Value { secret: true, .. })
            )
        };
        let edges = graph.arguments_in(graph.state(thread.state)).iter();
        edges
            .filter_map(|edge| graph.step(edge.step))
            .any(|step| step.notes.as_slice().iter().any(is_secret))
    }
}

fn keyword(token: &str, help: &str) -> Expected {
    Expected {
        token: token.into(),
        help: help.into(),
        is_keyword: true,
        argument: None,
    }
}

fn argument(taker: &Taker, help: &str) -> Expected {
    Expected {
        token: taker.placeholder.as_ref().into(),
        help: help.into(),
        is_keyword: false,
        argument: Some((taker.name.into(), taker.type_name.into())),
    }
}
