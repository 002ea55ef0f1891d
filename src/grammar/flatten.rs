//! Flattens what `compile` has built: what is reached without a word becomes part of the state it is reached from, and
//! states and edges are laid down side by side.
//!
//! Also here: what a restricted line may not use.

use super::compile::index;
use super::graph::{
    Accept, ArgumentEdge, Graph, Guard, NONE, Notes, RESTRICTED, State, Step, WordEdge,
};
use super::keywords::key;
use super::resolve::Resolved;

/// What leads out of a state while the graph is built. All indices in it were answered by whoever made the thing.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry {
    pub(super) token: Token,
    pub(super) step: Step,
    pub(super) help: &'static str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token {
    Word(u32),
    Argument(u32),
    /// Straight on to the target, without a word.
    Straight,
    Accept(u32),
}

pub(super) type Entries = Vec<Entry>;

/// Adds the states that can be reached to the graph.
///
/// # Errors
/// Notes that do not fit an edge.
pub(super) fn flatten(
    mut graph: Graph,
    states: &[Entries],
    commands: &[Resolved],
) -> Result<Graph, String> {
    // State 0 is there before any command, and every target is a number of `states`.
    let mut numbers = vec![NONE; states.len()];
    let mut order = vec![0_u32];
    numbers[0] = 0;
    let mut at = 0;
    while let Some(&state) = order.get(at) {
        at += 1;
        let mut flat = Entries::new();
        gather(states, state, None, &mut Vec::new(), &mut flat)?;
        for entry in &mut flat {
            if matches!(entry.token, Token::Word(_) | Token::Argument(_)) {
                let number = &mut numbers[entry.step.target as usize];
                if *number == NONE {
                    *number = index(order.len());
                    order.push(entry.step.target);
                }
                entry.step.target = *number;
            }
        }
        lay_down(&mut graph, &flat, commands);
    }
    graph.restrict();
    Ok(graph)
}

/// All that leads out of a state, by way of others or not; `behind` is what the way there asks and notes.
fn gather(
    states: &[Entries],
    state: u32,
    behind: Option<(Guard, Notes)>,
    open: &mut Vec<u32>,
    into: &mut Entries,
) -> Result<(), String> {
    if open.contains(&state) {
        return Ok(());
    }
    open.push(state);
    for entry in &states[state as usize] {
        let mut entry = *entry;
        if let Some((guard, notes)) = behind {
            entry.step.guard = guard.and(entry.step.guard);
            entry.step.notes = notes.then(entry.step.notes).ok_or_else(too_deep)?;
        }
        if matches!(entry.token, Token::Straight) {
            gather(
                states,
                entry.step.target,
                Some((entry.step.guard, entry.step.notes)),
                open,
                into,
            )?;
        } else if behind.is_none() || !into.iter().any(|other| is_same(other, &entry)) {
            into.push(entry);
        }
    }
    open.pop();
    Ok(())
}

fn is_same(one: &Entry, other: &Entry) -> bool {
    one.token == other.token && one.step == other.step
}

fn lay_down(graph: &mut Graph, flat: &[Entry], commands: &[Resolved]) {
    let mut state = State {
        words: (index(graph.words.len()), 0),
        arguments: (index(graph.arguments.len()), 0),
        accepts: (index(graph.accepts.len()), 0),
        ..State::default()
    };
    for entry in flat {
        let step = index(graph.steps.len());
        match entry.token {
            Token::Word(keyword) => {
                let word = graph.keywords[keyword as usize];
                state.letters |= letter(word.as_bytes());
                graph.words.push(WordEdge {
                    key: key(word.as_bytes()),
                    keyword,
                    step,
                    length: u8::try_from(word.len()).unwrap_or(u8::MAX),
                    in_full: word.bytes().all(|b| b.is_ascii_digit())
                        || graph.in_full.contains(&keyword),
                });
            }
            Token::Argument(taker) => {
                state.begins_raw |= graph.takers[taker as usize].kind.is_raw();
                graph.arguments.push(ArgumentEdge { taker, step });
            }
            Token::Accept(form) => {
                let command = commands.get(graph.forms[form as usize].command as usize);
                state.takes_pipes |= command.is_some_and(|command| command.stanza.reads);
                let mut guard = entry.step.guard;
                if !command.is_some_and(|command| command.stanza.unprivileged) {
                    guard.forbids |= RESTRICTED;
                }
                graph.accepts.push(Accept { form, guard });
                continue;
            }
            Token::Straight => continue,
        }
        graph.steps.push(entry.step);
        graph.helps.push(entry.help);
    }
    state.words.1 = index(graph.words.len());
    state.arguments.1 = index(graph.arguments.len());
    state.accepts.1 = index(graph.accepts.len());
    let keywords = &graph.keywords;
    if let Some(words) = graph.words.get_mut(state.words.0 as usize..) {
        // Stable: edges of one keyword keep the order of the file.
        words.sort_by_key(|edge| (edge.key, keywords[edge.keyword as usize]));
    }
    graph.states.push(state);
}

impl Graph {
    /// Forbids a restricted line every step that leads to no unprivileged command.
    fn restrict(&mut self) {
        let mut open = vec![false; self.states.len()];
        let mut count = None;
        // Until nothing changes: most states lie behind the ones that lead to them, so a few rounds from the back do.
        while count != Some(open.iter().filter(|open| **open).count()) {
            count = Some(open.iter().filter(|open| **open).count());
            for (number, state) in self.states.iter().enumerate().rev() {
                let words = self.words_in(state).iter().map(|edge| edge.step);
                let arguments = self.arguments_in(state).iter().map(|edge| edge.step);
                let leads_on = |step: u32| {
                    let target = self.step(step).map_or(NONE, |step| step.target);
                    open.get(target as usize).copied().unwrap_or(false)
                };
                let mut accepts = self.accepts_in(state).iter();
                let is_open = accepts.any(|accept| accept.guard.forbids & RESTRICTED == 0)
                    || words.chain(arguments).any(leads_on);
                if let Some(place) = open.get_mut(number) {
                    *place = is_open;
                }
            }
        }
        for step in &mut self.steps {
            if !open.get(step.target as usize).copied().unwrap_or(false) {
                step.guard.forbids |= RESTRICTED;
            }
        }
    }
}

/// The bit of a word's first letter.
#[inline]
pub(super) fn letter(word: &[u8]) -> u32 {
    word.first()
        .map_or(0, |first| 1 << (first.to_ascii_lowercase() & 31))
}

/// What a file must not do.
pub(super) fn too_deep() -> String {
    "too many labels inside labels".into()
}
