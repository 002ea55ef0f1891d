//! The flat form a mode is matched with: states, the word and argument edges between them, accepts, guards, captures.
//!
//! `compile` builds it from resolved trees; `walk` and `expect` read it. Nothing here knows a line.

use std::sync::Arc;

use super::Form;
use super::argument::{Check, Kind};
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
    /// Those of `in-full`.
    pub(super) in_full: Vec<u32>,
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
    /// Never abbreviated: a number, or what `in-full` names.
    pub(super) in_full: bool,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct ArgumentEdge {
    pub(super) taker: u32,
    pub(super) step: u32,
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

// The walk asks these for every word of a line, from other modules.
impl Graph {
    #[inline]
    pub(super) fn words_in(&self, state: &State) -> &[WordEdge] {
        let (from, to) = state.words;
        self.words
            .get(from as usize..to as usize)
            .unwrap_or_default()
    }

    #[inline]
    pub(super) fn arguments_in(&self, state: &State) -> &[ArgumentEdge] {
        let (from, to) = state.arguments;
        self.arguments
            .get(from as usize..to as usize)
            .unwrap_or_default()
    }

    #[inline]
    pub(super) fn accepts_in(&self, state: &State) -> &[Accept] {
        let (from, to) = state.accepts;
        self.accepts
            .get(from as usize..to as usize)
            .unwrap_or_default()
    }

    #[inline]
    pub(super) fn state(&self, state: u32) -> &State {
        const NOWHERE: &State = &State::nowhere();
        self.states.get(state as usize).unwrap_or(NOWHERE)
    }

    #[inline]
    pub(super) fn step(&self, step: u32) -> Option<&Step> {
        self.steps.get(step as usize)
    }

    pub(super) fn help(&self, step: u32) -> &'static str {
        self.helps.get(step as usize).copied().unwrap_or_default()
    }

    #[inline]
    pub(super) fn keyword(&self, keyword: u32) -> &'static str {
        self.keywords
            .get(keyword as usize)
            .copied()
            .unwrap_or_default()
    }

    #[inline]
    pub(super) fn taker(&self, taker: u32) -> Option<&Taker> {
        self.takers.get(taker as usize)
    }

    /// Whether a word is a whole argument of that kind.
    pub(super) fn takes(&self, taker: u32, word: &str) -> bool {
        self.taker(taker)
            .is_some_and(|taker| taker.kind.check(word) == Check::Accepted)
    }

    #[inline]
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

    pub(super) fn taker_of(argument: &Argument, kind: Kind, placeholder: &str) -> Taker {
        Taker {
            kind,
            placeholder: Arc::from(placeholder),
            name: argument.name,
            type_name: argument.of.name,
        }
    }
}
