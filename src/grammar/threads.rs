//! THE walk: the words of a line against the graph of a mode, with a small set of threads in step.
//!
//! One stepping rule serves matching, `?` and Tab, ambiguity and the caret: `walk` and `expect` look at the threads that
//! are left, and the caret is looked for only when none is.

use super::Mode;
use super::argument::{Check, Kind};
use super::capture::Note;
use super::flatten::letter;
use super::graph::{Graph, NONE, RESTRICTED, State, Step, Taker};
use super::keywords::Typed;
use super::thread::{Thread, is_same};
use super::words::{Word, Words};

/// Scratch space of the walk, to be used again for the next line.
#[derive(Debug, Default)]
pub struct Walker {
    pub(super) threads: Vec<Thread>,
    candidates: Vec<Candidate>,
    /// What the threads have noted down: lists that share their beginnings.
    notes: Vec<Noted>,
    /// Where the first control character stands: no word may hold one.
    control: usize,
    /// `RESTRICTED`, or nothing.
    restricted: u64,
}

#[derive(Debug, Clone, Copy)]
struct Noted {
    before: u32,
    note: Note,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rank {
    Exact,
    Abbreviated,
    Argument,
    /// A name: it gives way to everything else.
    Name,
    /// Raw text that begins, goes on, or is left at a keyword: nothing shadows it.
    Raw,
}

#[derive(Debug, Clone, Copy)]
struct Candidate {
    /// The thread as it is before the step is taken.
    thread: Thread,
    rank: Rank,
    /// The step to take; `NONE` when raw text just goes on.
    step: u32,
    keyword: u32,
}

/// Where the threads stand, at a glance.
#[derive(Debug, Clone, Copy)]
struct Outlook {
    /// The thread that is in no raw text.
    stepping: Option<usize>,
    /// The first letters that can end the raw text of the others.
    letters: u32,
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

impl Walker {
    /// From now on the commands that are not marked `unprivileged` are there for nobody, or are there again. In a mode
    /// without such marks a restricted line matches nothing.
    pub const fn restrict(&mut self, restricted: bool) {
        self.restricted = if restricted { RESTRICTED } else { 0 };
    }

    pub(super) fn begin(&mut self, line: &str) {
        // Without a way out of the loop many bytes are looked at at a time.
        let is_plain = line
            .bytes()
            .fold(true, |is_plain, b| is_plain & matches!(b, b' '..=b'~'));
        self.control = if is_plain {
            usize::MAX
        } else {
            let is_refused = |c: char| c.is_control() && c != '\t';
            line.find(is_refused).unwrap_or(usize::MAX)
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
            line: NONE,
            exact: true,
        });
    }

    /// Goes over the words; `end` is just behind the last one taken.
    pub(super) fn advance<'l>(
        &mut self,
        mode: &Mode,
        words: &mut Words<'l>,
        end: &mut usize,
    ) -> Progress<'l> {
        let graph = &mode.graph;
        let line = words.line();
        // Worked out again when raw text has begun or ended.
        let mut outlook = None;
        for word in words {
            if word.end() > self.control {
                return Progress::Failed(self.caret(graph, line, word).min(self.control));
            }
            if word.text == "|" && self.may_pipe(graph) {
                return Progress::Pipe(word.start);
            }
            let seen = *outlook.get_or_insert_with(|| self.outlook(graph));
            if let Some(Outlook { stepping, letters }) = seen
                && letters & letter(word.text.as_bytes()) == 0
            {
                let Some(number) = stepping else {
                    *end = word.end();
                    continue;
                };
                if let Some(begins_raw) = self.only_step(graph, number, word) {
                    if begins_raw {
                        outlook = None;
                    }
                    *end = word.end();
                    continue;
                }
            }
            outlook = None;
            self.collect(graph, line, word);
            if self.candidates.is_empty() {
                return Progress::Failed(self.caret(graph, line, word));
            }
            if self.shadow(graph, mode.abbreviation_wins) {
                return Progress::Ambiguous(word);
            }
            self.take(graph, word, *end);
            *end = word.end();
        }
        Progress::Through
    }

    /// Where the threads stand; `None` when that takes more than a glance to tell: several may step, or raw text may not
    /// become as long as it likes.
    fn outlook(&self, graph: &Graph) -> Option<Outlook> {
        let mut outlook = Outlook {
            stepping: None,
            letters: 0,
        };
        for (number, thread) in self.threads.iter().enumerate() {
            if thread.raw != NONE {
                outlook.letters |= thread.raw_ends_at(graph)?;
            } else if outlook.stepping.replace(number).is_some() {
                return None;
            }
        }
        Some(outlook)
    }

    /// Has a thread take its step when it is plain at first sight that there is just one: the usual case, in which nothing
    /// need be collected and compared. All others stay as they are. Whether raw text begins; `None` when nothing was done.
    fn only_step(&mut self, graph: &Graph, number: usize, word: Word<'_>) -> Option<bool> {
        let is_alone = self.threads.len() == 1;
        let mut thread = *self.threads.get(number)?;
        let state = graph.state(thread.state);
        let arguments = graph.arguments_in(state);
        let (step, keyword) = match graph.only_keyword(state, word.text) {
            Typed::Whole(edge) if !state.begins_raw => (edge.step, edge.keyword),
            Typed::Beginning(edge) if arguments.is_empty() => {
                thread.exact = false;
                (edge.step, edge.keyword)
            }
            Typed::Other => {
                let [edge] = arguments else { return None };
                let Taker { kind, .. } = graph.taker(edge.taker)?;
                if kind.check(word.text) != Check::Accepted {
                    return None;
                }
                if kind.is_raw() {
                    thread.raw = edge.step;
                    thread.raw_start = offset(word.start);
                    thread.line = line_of(*kind, edge.taker);
                }
                (edge.step, NONE)
            }
            _ => return None,
        };
        let step = graph.step(step)?;
        if !step.guard.admits(thread.seen) {
            return None;
        }
        thread.state = step.target;
        thread.seen |= step.guard.sets;
        if !is_alone && self.threads.iter().any(|other| is_same(other, &thread)) {
            return None;
        }
        let begins_raw = thread.raw != NONE;
        if !begins_raw {
            let place = (offset(word.start), offset(word.end()));
            note_down(&mut self.notes, &mut thread.noted, step, keyword, place);
        }
        *self.threads.get_mut(number)? = thread;
        Some(begins_raw)
    }

    pub(super) fn may_pipe(&self, graph: &Graph) -> bool {
        self.threads.iter().any(|thread| {
            graph.state(thread.state).takes_pipes
                && graph.accepted(thread.state, thread.seen).is_some()
        })
    }

    /// Every step that takes the word.
    fn collect(&mut self, graph: &Graph, line: &str, word: Word<'_>) {
        self.candidates.clear();
        let first = letter(word.text.as_bytes());
        for thread in &self.threads {
            let state = graph.state(thread.state);
            if thread.raw == NONE {
                collect_words(&mut self.candidates, graph, state, *thread, word);
                collect_arguments(&mut self.candidates, graph, state, *thread, word);
                continue;
            }
            // Leave first, then go on.
            if thread.line == NONE && state.letters & first != 0 {
                for edge in graph.exactly(state, word.text) {
                    let (step, keyword) = (edge.step, edge.keyword);
                    push(
                        &mut self.candidates,
                        graph,
                        *thread,
                        Rank::Raw,
                        step,
                        keyword,
                    );
                }
            }
            if matches!(thread.check_line(graph, line, word.end()), Check::Wrong(_)) {
                continue;
            }
            self.candidates.push(Candidate {
                thread: *thread,
                rank: Rank::Raw,
                step: NONE,
                keyword: NONE,
            });
        }
    }

    /// Drops what is shadowed; true when the word is ambiguous.
    fn shadow(&mut self, graph: &Graph, abbreviation_wins: bool) -> bool {
        if self.candidates.len() == 1 {
            return false;
        }
        if self.candidates.iter().any(|other| other.rank != Rank::Name) {
            self.candidates.retain(|other| other.rank != Rank::Name);
        }
        let has = |rank: Rank| {
            self.candidates
                .iter()
                .any(|candidate| candidate.rank == rank)
        };
        let (exact, argument) = (has(Rank::Exact), has(Rank::Argument));
        let is_abbreviated = |candidate: &&Candidate| candidate.rank == Rank::Abbreviated;
        let mut abbreviated = self.candidates.iter().filter(is_abbreviated);
        let several = abbreviated.next().is_some_and(|first| {
            abbreviated.any(|other| graph.keyword(other.keyword) != graph.keyword(first.keyword))
        });
        if several && !exact && !argument && !has(Rank::Raw) {
            return true;
        }
        if exact {
            let stays = |rank: Rank| matches!(rank, Rank::Exact | Rank::Raw);
            self.candidates.retain(|candidate| stays(candidate.rank));
        } else if several || (argument && !abbreviation_wins) {
            self.candidates
                .retain(|candidate| candidate.rank != Rank::Abbreviated);
        } else if has(Rank::Abbreviated) {
            self.candidates
                .retain(|candidate| candidate.rank != Rank::Argument);
        }
        false
    }

    /// Makes the candidates the threads; `before` is the end of the word before.
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
            let is_known = self.threads.iter().any(|other| is_same(other, &thread));
            if !is_known && self.threads.len() < MOST_THREADS {
                self.threads.push(thread);
            }
        }
    }

    /// Notes down raw text that ends with the line.
    pub(super) fn close_raw(&mut self, graph: &Graph, thread: &mut Thread, end: usize) {
        if let Some(step) = graph.step(thread.raw) {
            let place = (thread.raw_start, offset(end));
            note_down(&mut self.notes, &mut thread.noted, step, NONE, place);
        }
    }

    /// The notes of a thread, the newest first.
    pub(super) fn notes_back_from(&self, newest: u32) -> impl Iterator<Item = Note> + Clone {
        let mut at = newest;
        std::iter::from_fn(move || {
            let noted = self.notes.get(at as usize)?;
            at = noted.before;
            Some(noted.note)
        })
    }
}

/// What takes raw text that no keyword ends.
const fn line_of(kind: Kind, taker: u32) -> u32 {
    match kind {
        Kind::Line { .. } => taker,
        _ => NONE,
    }
}

fn collect_words(
    into: &mut Vec<Candidate>,
    graph: &Graph,
    state: &State,
    thread: Thread,
    word: Word<'_>,
) {
    for (edge, is_exact) in graph.beginning_with(state, word.text) {
        let rank = if is_exact {
            Rank::Exact
        } else {
            Rank::Abbreviated
        };
        push(into, graph, thread, rank, edge.step, edge.keyword);
    }
}

fn collect_arguments(
    into: &mut Vec<Candidate>,
    graph: &Graph,
    state: &State,
    thread: Thread,
    word: Word<'_>,
) {
    for edge in graph.arguments_in(state) {
        let Some(taker) = graph.taker(edge.taker) else {
            continue;
        };
        if taker.kind.is_raw() {
            if matches!(taker.kind.check(word.text), Check::Wrong(_)) {
                continue;
            }
            let line = line_of(taker.kind, edge.taker);
            let thread = Thread { line, ..thread };
            push(into, graph, thread, Rank::Raw, edge.step, NONE);
        } else if graph.takes(edge.taker, word.text) {
            let rank = match taker.kind {
                Kind::Name { .. } => Rank::Name,
                _ => Rank::Argument,
            };
            push(into, graph, thread, rank, edge.step, NONE);
        }
    }
}

fn push(
    into: &mut Vec<Candidate>,
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
        into.push(Candidate {
            thread,
            rank,
            step,
            keyword,
        });
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
        let keyword = u16::try_from(keyword).unwrap_or(u16::MAX);
        let note = Note {
            capture: *capture,
            keyword,
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

/// Lines are shorter than four gigabytes; a longer one is cut off where it is read.
fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}
