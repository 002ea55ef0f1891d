//! The flat form a mode is matched with: states, the word and argument edges between them, accepts, guards, captures.
//!
//! `compile` builds it from resolved trees; `walk` and `expect` read it. Nothing here knows a line.

use std::sync::Arc;

use super::Form;
use super::argument::{Check, Kind};
use super::flatten::letter;
use super::tree::Argument;

pub(super) const NONE: u32 = u32::MAX;

/// All that matching a mode needs, in flat vectors that refer to each other by index.
#[derive(Debug, Default)]
pub(super) struct Graph {
    pub(super) states: Vec<State>,
    pub(super) words: Vec<WordEdge>,
    pub(super) arguments: Vec<ArgumentEdge>,
    pub(super) accepts: Vec<Accept>,
    pub(super) steps: Vec<Step>,
    /// The help of each step.
    pub(super) helps: Vec<&'static str>,
    /// Every keyword once.
    pub(super) keywords: Vec<&'static str>,
    pub(super) takers: Vec<Taker>,
    pub(super) captures: Vec<Capture>,
    pub(super) scopes: Vec<Scope>,
    pub(super) forms: Vec<FormOf>,
}

/// Ranges into the vectors of the graph. State 0 is where every line starts.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct State {
    pub(super) words: (u32, u32),
    pub(super) arguments: (u32, u32),
    pub(super) accepts: (u32, u32),
    /// One bit per first letter of its keywords; a quick no for the words of raw text.
    pub(super) letters: u32,
    /// A command that takes pipes may end here.
    pub(super) takes_pipes: bool,
    /// Raw text may begin here.
    pub(super) begins_raw: bool,
}

/// A keyword that leads on. The edges of a state are sorted by `key`, then by keyword.
#[derive(Debug, Clone, Copy)]
pub(super) struct WordEdge {
    /// The first eight bytes in lower case, big end first: a prefix is a range of keys.
    pub(super) key: u64,
    pub(super) keyword: u32,
    pub(super) step: u32,
    pub(super) length: u8,
    /// Numbers are never abbreviated.
    pub(super) is_number: bool,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct ArgumentEdge {
    pub(super) taker: u32,
    pub(super) step: u32,
}

/// What a word is among the keywords of a state.
#[derive(Debug, Clone, Copy)]
pub(super) enum Typed<'g> {
    /// No keyword begins with it.
    Other,
    /// One in full; longer ones may begin with it.
    Whole(&'g WordEdge),
    /// The beginning of one.
    Beginning(&'g WordEdge),
    Several,
}

/// Where an edge leads, under which condition, and what it notes down.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Step {
    pub(super) target: u32,
    pub(super) guard: Guard,
    /// Indices of captures, from the outermost scope to the value.
    pub(super) notes: Notes,
}

/// The bit of a line that may only use unprivileged commands; what leads to none of those forbids it.
pub(super) const RESTRICTED: u64 = 1 << 63;

/// Which members of `&` groups must be there, must not, and are from here on: one bit each, below `RESTRICTED`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Guard {
    pub(super) needs: u64,
    pub(super) forbids: u64,
    pub(super) sets: u64,
}

impl Guard {
    pub(super) const fn admits(self, seen: u64) -> bool {
        seen & self.needs == self.needs && seen & self.forbids == 0
    }

    pub(super) const fn and(self, other: Self) -> Self {
        Self {
            needs: self.needs | other.needs,
            forbids: self.forbids | other.forbids,
            sets: self.sets | other.sets,
        }
    }
}

/// A few indices of captures, in place.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Notes {
    items: [u16; Self::MOST],
    count: u8,
}

impl Notes {
    pub(super) const MOST: usize = 6;

    /// `None` when there is no room left.
    pub(super) fn with(mut self, item: u16) -> Option<Self> {
        *self.items.get_mut(usize::from(self.count))? = item;
        self.count += 1;
        Some(self)
    }

    /// These, then the others.
    pub(super) fn then(self, other: Self) -> Option<Self> {
        other
            .as_slice()
            .iter()
            .try_fold(self, |notes, item| notes.with(*item))
    }

    pub(super) fn as_slice(&self) -> &[u16] {
        self.items
            .get(..usize::from(self.count))
            .unwrap_or_default()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Accept {
    pub(super) form: u32,
    pub(super) guard: Guard,
}

/// Something that takes a word: a kind of argument with the names under which `?` shows it.
#[derive(Debug, Clone)]
pub(super) struct Taker {
    pub(super) kind: Kind,
    pub(super) placeholder: Arc<str>,
    pub(super) name: &'static str,
    pub(super) type_name: &'static str,
}

/// What a step notes down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Capture {
    /// What follows belongs to this scope.
    Open { scope: u32 },
    /// A keyword that is a whole arm.
    Flag { scope: u32, name: &'static str },
    /// An argument.
    Value {
        scope: u32,
        name: &'static str,
        secret: bool,
        text: bool,
    },
}

impl Capture {
    pub(super) const fn scope(self) -> u32 {
        match self {
            Self::Open { scope } | Self::Flag { scope, .. } | Self::Value { scope, .. } => scope,
        }
    }
}

/// A level of captures: the command itself, an arm under a label, a labelled struct. A scope lies inside the scopes
/// whose `own..=last` holds its number.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scope {
    /// The label; empty for the command itself.
    pub(super) label: &'static str,
    /// The variant, unless the label is a struct.
    pub(super) arm: Option<&'static str>,
    /// An arm that can capture is a struct variant, even when it has captured nothing.
    pub(super) can_capture: bool,
    pub(super) last: u32,
}

/// A command in one of its forms.
#[derive(Debug)]
pub(super) struct FormOf {
    pub(super) command: u32,
    pub(super) form: Form,
    /// The variant.
    pub(super) name: String,
    pub(super) scope: u32,
    pub(super) reads: bool,
    pub(super) has_secrets: bool,
}

/// The bytes of a word in lower case, the first eight of them as one number.
pub(super) fn key(word: &[u8]) -> u64 {
    let Some(head) = word.first_chunk() else {
        let bytes = word
            .iter()
            .fold(0, |bytes, byte| bytes << 8 | u64::from(*byte));
        // No word, no shift by all 64 bits.
        let open = 8 * (8 - u32::try_from(word.len()).unwrap_or(8));
        return lower_case(bytes.checked_shl(open).unwrap_or(0));
    };
    lower_case(u64::from_be_bytes(*head))
}

/// Eight bytes at once: the bit that tells the letters apart is set in each that is one of `A` to `Z`.
const fn lower_case(bytes: u64) -> u64 {
    const EACH: u64 = u64::MAX / 255;
    let low = bytes & (EACH * 0x7f);
    let above_z = low + EACH * (0x7f - b'Z' as u64);
    let from_a = low + EACH * (0x80 - b'A' as u64);
    let is_upper = (from_a & !above_z & !bytes) & (EACH * 0x80);
    bytes | is_upper >> 2
}

impl State {
    const fn nowhere() -> Self {
        Self {
            words: (0, 0),
            arguments: (0, 0),
            accepts: (0, 0),
            letters: 0,
            takes_pipes: false,
            begins_raw: false,
        }
    }
}

/// Where the edges with this key or a greater one begin.
fn first_at(edges: &[WordEdge], key: u64) -> usize {
    if edges.len() <= 12 {
        edges
            .iter()
            .position(|edge| edge.key >= key)
            .unwrap_or(edges.len())
    } else {
        edges.partition_point(|edge| edge.key < key)
    }
}

impl Graph {
    pub(super) fn words_in(&self, state: &State) -> &[WordEdge] {
        let (from, to) = state.words;
        self.words
            .get(from as usize..to as usize)
            .unwrap_or_default()
    }

    pub(super) fn arguments_in(&self, state: &State) -> &[ArgumentEdge] {
        let (from, to) = state.arguments;
        self.arguments
            .get(from as usize..to as usize)
            .unwrap_or_default()
    }

    pub(super) fn accepts_in(&self, state: &State) -> &[Accept] {
        let (from, to) = state.accepts;
        self.accepts
            .get(from as usize..to as usize)
            .unwrap_or_default()
    }

    pub(super) fn state(&self, state: u32) -> &State {
        const NOWHERE: &State = &State::nowhere();
        self.states.get(state as usize).unwrap_or(NOWHERE)
    }

    pub(super) fn step(&self, step: u32) -> Option<&Step> {
        self.steps.get(step as usize)
    }

    pub(super) fn help(&self, step: u32) -> &'static str {
        self.helps.get(step as usize).copied().unwrap_or_default()
    }

    pub(super) fn keyword(&self, keyword: u32) -> &'static str {
        self.keywords
            .get(keyword as usize)
            .copied()
            .unwrap_or_default()
    }

    pub(super) fn taker(&self, taker: u32) -> Option<&Taker> {
        self.takers.get(taker as usize)
    }

    /// Whether a word is a whole argument of that kind.
    pub(super) fn takes(&self, taker: u32, word: &str) -> bool {
        self.taker(taker)
            .is_some_and(|taker| taker.kind.check(word) == Check::Accepted)
    }

    pub(super) fn capture(&self, capture: u16) -> Option<Capture> {
        self.captures.get(usize::from(capture)).copied()
    }

    /// The first form that may end in this state with these members seen.
    pub(super) fn accepted(&self, state: u32, seen: u64) -> Option<u32> {
        self.accepts_in(self.state(state))
            .iter()
            .find(|accept| accept.guard.admits(seen))
            .map(|accept| accept.form)
    }

    /// Whether a form belongs to a command that reads, and so takes pipes.
    pub(super) fn reads(&self, form: u32) -> bool {
        self.forms.get(form as usize).is_some_and(|form| form.reads)
    }

    /// The edges of the keyword `typed`, whatever the case.
    pub(super) fn exactly(&self, state: &State, typed: &str) -> &[WordEdge] {
        let edges = self.words_in(state);
        let bytes = typed.as_bytes();
        let key = key(bytes);
        let is_it = |edge: &&WordEdge| {
            edge.key == key
                && usize::from(edge.length) == bytes.len()
                && (bytes.len() <= 8 || self.keyword(edge.keyword).eq_ignore_ascii_case(typed))
        };
        let alike = edges.get(first_at(edges, key)..).unwrap_or_default();
        let before = alike
            .iter()
            .take_while(|edge| edge.key == key && !is_it(edge))
            .count();
        let found = alike.get(before..).unwrap_or_default();
        let count = found.iter().take_while(is_it).count();
        found.get(..count).unwrap_or_default()
    }

    /// The edges from the first on that can begin with `typed`, and the greatest key of those that do.
    fn edges_from(&self, state: &State, typed: &[u8]) -> (&[WordEdge], u64) {
        let edges = self.words_in(state);
        let low = key(typed);
        let open = 8_usize.saturating_sub(typed.len());
        let high = low
            | u64::MAX
                .checked_shr(64 - 8 * u32::try_from(open).unwrap_or(0))
                .unwrap_or(0);
        let from = edges.get(first_at(edges, low)..).unwrap_or_default();
        (from, high)
    }

    /// Whether `typed` is all of the keyword, or a beginning that may stand for it; the key has told that it begins alike.
    fn stands_for(&self, edge: &WordEdge, typed: &[u8]) -> Option<bool> {
        let length = usize::from(edge.length);
        if typed.len() > 8 {
            let head = self.keyword(edge.keyword).as_bytes().get(..typed.len())?;
            if !head.eq_ignore_ascii_case(typed) {
                return None;
            }
        }
        let is_whole = length == typed.len();
        (is_whole || (length > typed.len() && !edge.is_number)).then_some(is_whole)
    }

    /// The keywords of a state that begin with `typed`, whatever the case, and whether it is all of them.
    pub(super) fn beginning_with(
        &self,
        state: &State,
        typed: &str,
    ) -> impl Iterator<Item = (&WordEdge, bool)> {
        let typed = typed.as_bytes();
        let (from, high) = self.edges_from(state, typed);
        from.iter()
            .take_while(move |edge| edge.key <= high)
            .filter_map(move |edge| Some((edge, self.stands_for(edge, typed)?)))
    }

    /// What `typed` is among the keywords of a state.
    pub(super) fn only_keyword(&self, state: &State, typed: &str) -> Typed<'_> {
        let typed = typed.as_bytes();
        if state.letters & letter(typed) == 0 {
            return Typed::Other;
        }
        let (from, high) = self.edges_from(state, typed);
        let mut found = Typed::Other;
        for edge in from {
            if edge.key > high {
                break;
            }
            found = match (self.stands_for(edge, typed), found) {
                (None, found) => found,
                (Some(true), Typed::Other) => Typed::Whole(edge),
                (Some(false), Typed::Other) => Typed::Beginning(edge),
                (Some(false), Typed::Whole(edge)) => return Typed::Whole(edge),
                (Some(_), _) => return Typed::Several,
            };
        }
        found
    }

    /// How many bytes of `word` are the beginning of some keyword that may stand in this state.
    pub(super) fn longest_beginning(&self, state: u32, seen: u64, word: &str) -> usize {
        let open = self.words_in(self.state(state)).iter().filter(|edge| {
            self.step(edge.step)
                .is_some_and(|step| step.guard.admits(seen))
        });
        open.map(|edge| {
            let keyword = self.keyword(edge.keyword);
            keyword
                .bytes()
                .zip(word.bytes())
                .take_while(|(a, b)| a.eq_ignore_ascii_case(b))
                .count()
        })
        .max()
        .unwrap_or(0)
    }

    pub(super) fn taker_of(argument: &Argument, kind: Kind, placeholder: &str) -> Taker {
        Taker {
            kind,
            placeholder: Arc::from(placeholder),
            name: argument.name,
            type_name: argument.of.name,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_the_first_eight_bytes_in_lower_case() {
        for word in [
            "",
            "a",
            "Z",
            "AbCdEfG",
            "ABCDEFGH",
            "abcdefghij",
            "@[`{AZaz",
            "É\u{7f}\u{80}0-9",
        ] {
            let mut eight = [0; 8];
            for (place, byte) in eight.iter_mut().zip(word.bytes()) {
                *place = byte.to_ascii_lowercase();
            }
            assert_eq!(key(word.as_bytes()), u64::from_be_bytes(eight), "{word}");
        }
    }
}
