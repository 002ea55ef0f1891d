//! THE walk: a line against a mode, word by word, with a small set of threads in step.
//!
//! Decides the match, the ambiguity and the place of the caret. What was captured becomes a type in `capture`; what may
//! come next is read off the surviving threads in `expect`.

use super::Mode;
use super::argument::{Check, Kind};
use super::capture::{Match, Note};
use super::compile::letter;
use super::graph::{Graph, NONE, RESTRICTED, Step};
use super::words::{Word, Words};

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

/// Scratch space of the walk, to be used again for the next line.
#[derive(Debug, Default)]
pub struct Walker {
    pub(super) threads: Vec<Thread>,
    candidates: Vec<Candidate>,
    /// What the threads have noted down: lists that share their beginnings.
    pub(super) notes: Vec<Noted>,
    /// Where the first control character stands: no word may hold one.
    control: usize,
    /// `RESTRICTED`, or nothing.
    restricted: u64,
}

/// One way to read the line so far.
#[derive(Debug, Clone, Copy)]
pub(super) struct Thread {
    pub(super) state: u32,
    /// The newest note; `NONE` when there is none.
    pub(super) noted: u32,
    /// Members of `&` groups that have come.
    pub(super) seen: u64,
    /// The step and the start of raw text that goes on; `NONE` when none does.
    pub(super) raw: u32,
    raw_start: u32,
    /// Raw text that no keyword ends.
    pub(super) whole: bool,
    exact: bool,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Noted {
    before: u32,
    pub(super) note: Note,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rank {
    Exact,
    Abbreviated,
    Argument,
    /// Raw text that begins, goes on, or is left at a keyword: nothing shadows it.
    Raw,
}

#[derive(Debug, Clone, Copy)]
struct Candidate {
    /// The thread as it is before the step's notes are taken.
    thread: Thread,
    rank: Rank,
    /// The step to note down; `NONE` when raw text just goes on.
    step: u32,
    keyword: u32,
}

/// How far a walk over some words came.
pub(super) enum Progress<'l> {
    Through,
    Pipe(usize),
    Ambiguous(Word<'l>),
    Failed(usize),
}

/// Threads beyond this many are dropped, the latest first: a bound for hostile lines, far above what any line needs.
const MOST_THREADS: usize = 128;

impl Mode {
    /// Matches a whole line against this mode. The line holds no comment and no `do`.
    pub fn walk<'m, 'l>(&'m self, walker: &mut Walker, line: &'l str) -> Walk<'m, 'l> {
        let mut words = Words::new(line);
        let mut end = 0;
        walker.begin(line);
        let pipe = match walker.advance(self, &mut words, usize::MAX, &mut end) {
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
        let accepted = walker.threads.iter().find_map(|thread| {
            let form = self.graph.accepted(thread.state, thread.seen)?;
            (pipe.is_none() || self.takes_pipes(form)).then_some((*thread, form))
        });
        match accepted {
            Some((thread, form)) => {
                Walk::Matched(walker.matched(self, line, thread, form, end, pipe))
            }
            None => Walk::Incomplete { column: end },
        }
    }

    fn takes_pipes(&self, form: u32) -> bool {
        let form = self.graph.forms.get(form as usize);
        form.and_then(|form| self.commands.get(form.command as usize))
            .is_some_and(super::Command::reads)
    }
}

impl Walker {
    /// From now on the commands that are not marked `unprivileged` are there for nobody, or are there again. In a mode
    /// without such marks a restricted line matches nothing.
    pub const fn restrict(&mut self, restricted: bool) {
        self.restricted = if restricted { RESTRICTED } else { 0 };
    }

    pub(super) fn begin(&mut self, line: &str) {
        self.control = if line.bytes().all(|b| matches!(b, b' '..=b'~')) {
            usize::MAX
        } else {
            line.find(|c: char| c.is_control() && c != '\t')
                .unwrap_or(usize::MAX)
        };
        // What a very long line has claimed is given back.
        if self.notes.capacity() > 1 << 16 {
            self.notes = Vec::new();
        }
        self.notes.clear();
        self.threads.clear();
        self.threads.push(Thread {
            state: 0,
            noted: NONE,
            seen: self.restricted,
            raw: NONE,
            raw_start: 0,
            whole: false,
            exact: true,
        });
    }

    /// Goes over the words that end at `until` at the latest; `end` is just behind the last word taken.
    pub(super) fn advance<'l>(
        &mut self,
        mode: &Mode,
        words: &mut Words<'l>,
        until: usize,
        end: &mut usize,
    ) -> Progress<'l> {
        let graph = &mode.graph;
        let mut letters = None;
        loop {
            let mut ahead = words.clone();
            let Some(word) = ahead.next() else {
                return Progress::Through;
            };
            if word.end() > until {
                return Progress::Through;
            }
            *words = ahead;
            if word.end() > self.control {
                return Progress::Failed(self.caret(graph, word).min(self.control));
            }
            // Nothing but raw text, and a word that cannot end it.
            let open = *letters.get_or_insert_with(|| self.letters_of_raw(graph));
            if open & letter(word.text.as_bytes()) == 0 && open != u32::MAX {
                *end = word.end();
                continue;
            }
            if word.text == "|" && self.may_pipe(graph) {
                return Progress::Pipe(word.start);
            }
            letters = None;
            self.collect(graph, word, *end);
            if self.candidates.is_empty() {
                return Progress::Failed(self.caret(graph, word));
            }
            if self.shadow(graph, mode.abbreviation_wins) {
                return Progress::Ambiguous(word);
            }
            self.take(graph, word, *end);
            *end = word.end();
        }
    }

    /// The first letters that can end the raw text; all bits when not every thread is in raw text.
    fn letters_of_raw(&self, graph: &Graph) -> u32 {
        let mut letters = 0;
        for thread in &self.threads {
            let state = graph.state(thread.state);
            if thread.raw == NONE {
                return u32::MAX;
            }
            if !thread.whole {
                letters |= state.letters;
            }
            if state.takes_pipes {
                letters |= letter(b"|");
            }
        }
        letters
    }

    pub(super) fn may_pipe(&self, graph: &Graph) -> bool {
        let ends = |thread: &Thread| {
            graph.state(thread.state).takes_pipes
                && graph.accepted(thread.state, thread.seen).is_some()
        };
        self.threads.iter().any(ends)
    }

    /// Every step that takes the word.
    fn collect(&mut self, graph: &Graph, word: Word<'_>, before: usize) {
        self.candidates.clear();
        for thread in &self.threads {
            if thread.raw != NONE {
                // Leave first, then go on.
                if !thread.whole {
                    for (edge, is_exact) in graph
                        .beginning_with(thread.state, word.text)
                        .take_while(|(_, is_exact)| *is_exact)
                    {
                        debug_assert!(is_exact);
                        push(
                            &mut self.candidates,
                            graph,
                            *thread,
                            Rank::Raw,
                            edge.step,
                            edge.keyword,
                        );
                    }
                }
                self.candidates.push(Candidate {
                    thread: *thread,
                    rank: Rank::Raw,
                    step: NONE,
                    keyword: NONE,
                });
                continue;
            }
            for (edge, is_exact) in graph.beginning_with(thread.state, word.text) {
                let rank = if is_exact {
                    Rank::Exact
                } else {
                    Rank::Abbreviated
                };
                push(
                    &mut self.candidates,
                    graph,
                    *thread,
                    rank,
                    edge.step,
                    edge.keyword,
                );
            }
            for edge in graph.arguments_of(thread.state) {
                let Some(taker) = graph.taker(edge.taker) else {
                    continue;
                };
                if taker.kind.is_raw() {
                    let thread = Thread {
                        whole: taker.kind == Kind::Line,
                        ..*thread
                    };
                    push(
                        &mut self.candidates,
                        graph,
                        thread,
                        Rank::Raw,
                        edge.step,
                        NONE,
                    );
                } else if taker.kind.check(word.text) == Check::Accepted {
                    push(
                        &mut self.candidates,
                        graph,
                        *thread,
                        Rank::Argument,
                        edge.step,
                        NONE,
                    );
                }
            }
        }
        debug_assert!(before <= word.start);
    }

    /// Drops what is shadowed; true when the word is ambiguous.
    fn shadow(&mut self, graph: &Graph, abbreviation_wins: bool) -> bool {
        if let [_] = self.candidates.as_slice() {
            return false;
        }
        let has = |rank: Rank| {
            self.candidates
                .iter()
                .any(|candidate| candidate.rank == rank)
        };
        let (exact, argument, raw) = (has(Rank::Exact), has(Rank::Argument), has(Rank::Raw));
        let mut abbreviated = self
            .candidates
            .iter()
            .filter(|candidate| candidate.rank == Rank::Abbreviated);
        let several = abbreviated.next().is_some_and(|first| {
            abbreviated.any(|other| {
                other.keyword != first.keyword
                    && graph.keyword(other.keyword) != graph.keyword(first.keyword)
            })
        });
        if several && !exact && !argument && !raw {
            return true;
        }
        if exact {
            self.candidates
                .retain(|candidate| matches!(candidate.rank, Rank::Exact | Rank::Raw));
        } else if several || (argument && !abbreviation_wins) {
            self.candidates
                .retain(|candidate| candidate.rank != Rank::Abbreviated);
        } else if has(Rank::Abbreviated) {
            self.candidates
                .retain(|candidate| candidate.rank != Rank::Argument);
        }
        false
    }

    /// Makes the candidates the threads, and notes down what their steps say.
    fn take(&mut self, graph: &Graph, word: Word<'_>, before: usize) {
        self.threads.clear();
        for candidate in &self.candidates {
            let Candidate {
                mut thread,
                rank,
                step,
                keyword,
            } = *candidate;
            if let Some(step_of) = graph.step(step) {
                // Raw text ends in front of the keyword that leaves it.
                let left = std::mem::replace(&mut thread.raw, NONE);
                if let Some(left) = graph.step(left) {
                    let place = (thread.raw_start, offset(before));
                    note_down(&mut self.notes, &mut thread.noted, left, NONE, place);
                }
                if rank == Rank::Raw && keyword == NONE {
                    thread.raw = step;
                    thread.raw_start = offset(word.start);
                } else {
                    let place = (offset(word.start), offset(word.end()));
                    note_down(&mut self.notes, &mut thread.noted, step_of, keyword, place);
                }
                thread.state = step_of.target;
                thread.seen |= step_of.guard.sets;
                thread.exact &= rank != Rank::Abbreviated;
            }
            if self.threads.len() < MOST_THREADS
                && !self.threads.iter().any(|other| is_same(other, &thread))
            {
                self.threads.push(thread);
            }
        }
    }

    fn matched<'m, 'l>(
        &mut self,
        mode: &'m Mode,
        line: &'l str,
        mut thread: Thread,
        form: u32,
        end: usize,
        pipe: Option<usize>,
    ) -> Match<'m, 'l> {
        self.close_raw(&mode.graph, &mut thread, end);
        let notes = self.notes_back_from(thread.noted).map(|noted| noted.note);
        Match::new(mode, line, form, thread.exact, pipe, notes)
    }

    /// Notes down raw text that ends with the line.
    pub(super) fn close_raw(&mut self, graph: &Graph, thread: &mut Thread, end: usize) {
        if let Some(step) = graph.step(thread.raw) {
            note_down(
                &mut self.notes,
                &mut thread.noted,
                step,
                NONE,
                (thread.raw_start, offset(end)),
            );
        }
    }

    /// The notes of a thread, the newest first.
    pub(super) fn notes_back_from(&self, newest: u32) -> impl Iterator<Item = &Noted> {
        let mut at = newest;
        std::iter::from_fn(move || {
            let noted = self.notes.get(at as usize)?;
            at = noted.before;
            Some(noted)
        })
    }

    /// The first character of a word at which no open keyword and no open argument matches any more.
    pub(super) fn caret(&self, graph: &Graph, word: Word<'_>) -> usize {
        let mut furthest = 0;
        for thread in &self.threads {
            if thread.raw != NONE {
                // Raw text takes anything but a control character.
                return word.end();
            }
            furthest = furthest.max(graph.longest_beginning(thread.state, thread.seen, word.text));
            for edge in graph.arguments_of(thread.state) {
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
                furthest = furthest.max(reached);
            }
        }
        word.start + furthest
    }
}

/// Notes down what a step says about the bytes at `place`, behind the newest note.
fn note_down(
    notes: &mut Vec<Noted>,
    newest: &mut u32,
    step: &Step,
    keyword: u32,
    place: (u32, u32),
) {
    let (start, end) = place;
    for capture in step.notes.as_slice() {
        let note = Note {
            capture: *capture,
            keyword: u16::try_from(keyword).unwrap_or(u16::MAX),
            start,
            end,
        };
        notes.push(Noted {
            before: *newest,
            note,
        });
        *newest = offset(notes.len() - 1);
    }
}

fn push(
    candidates: &mut Vec<Candidate>,
    graph: &Graph,
    thread: Thread,
    rank: Rank,
    step: u32,
    keyword: u32,
) {
    if graph
        .step(step)
        .is_some_and(|step| step.guard.admits(thread.seen))
    {
        candidates.push(Candidate {
            thread,
            rank,
            step,
            keyword,
        });
    }
}

fn is_same(one: &Thread, other: &Thread) -> bool {
    one.state == other.state && one.seen == other.seen && one.raw == other.raw
}

/// Lines are shorter than four gigabytes; a longer one is cut off where it is read.
fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}
