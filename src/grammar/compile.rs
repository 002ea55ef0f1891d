//! Compiles resolved trees into the graph, from the back: each part is given the state that follows it and answers the
//! edges that lead into it, so the arms of a choice share what comes behind them.
//!
//! The leading keywords of all commands share one trie. Guards keep the members of `&` groups in order.

use super::flatten::{Entries, Entry, Token, flatten, too_deep};
use super::graph::{Capture, FormOf, Graph, Guard, NONE, Notes, RESTRICTED, Scope, Step, Taker};
use super::hash::Map;
use super::notation::Stanza;
use super::resolve::Resolved;
use super::tree::{Argument, Part, Tree, can_capture, first_keyword, makes_an_enum, may_be_empty};
use super::types::Spec;

/// Compiles all commands of a mode.
///
/// # Errors
/// The number of the command that cannot be compiled, and why.
pub(super) fn compile(commands: &[Resolved]) -> Result<Graph, (usize, String)> {
    let mut compiler = Compiler::default();
    compiler.new_state();
    for (number, command) in commands.iter().enumerate() {
        for word in &command.stanza.in_full {
            let keyword = compiler.keyword(word);
            compiler.graph.in_full.push(keyword);
        }
        for tree in &command.trees {
            compiler
                .tree(number, &command.stanza, tree)
                .map_err(|message| (number, message))?;
        }
    }
    flatten(compiler.graph, &compiler.states, commands).map_err(|message| (0, message))
}

#[derive(Default)]
struct Compiler {
    graph: Graph,
    /// Indexed by what `new_state` has answered and by nothing else; so are `keywords` and `forms` of the graph.
    states: Vec<Entries>,
    keywords: Map<&'static str, u32>,
    trie: Map<(u32, u32), u32>,
    /// `&` members of the command at hand.
    members: u32,
}

impl Compiler {
    fn new_state(&mut self) -> u32 {
        self.states.push(Vec::new());
        index(self.states.len() - 1)
    }

    fn keyword(&mut self, word: &'static str) -> u32 {
        let new = index(self.graph.keywords.len());
        let found = *self.keywords.entry(word).or_insert(new);
        if found == new {
            self.graph.keywords.push(word);
        }
        found
    }

    fn capture(&mut self, capture: Capture) -> Result<u16, String> {
        let number = u16::try_from(self.graph.captures.len())
            .map_err(|_| "this mode has too many arguments".to_string())?;
        self.graph.captures.push(capture);
        Ok(number)
    }

    fn open_scope(
        &mut self,
        label: &'static str,
        arm: Option<&'static str>,
        can_capture: bool,
    ) -> u32 {
        let number = index(self.graph.scopes.len());
        self.graph.scopes.push(Scope {
            label,
            arm,
            can_capture,
            last: number,
        });
        number
    }

    fn close_scope(&mut self, number: u32) {
        let last = index(self.graph.scopes.len() - 1);
        if let Some(scope) = self.graph.scopes.get_mut(number as usize) {
            scope.last = last;
        }
    }

    fn tree(&mut self, command: usize, stanza: &Stanza, tree: &Tree) -> Result<(), String> {
        self.members = 0;
        let scope = self.open_scope("", None, can_capture(&tree.part));
        let form = index(self.graph.forms.len());
        self.graph.forms.push(FormOf {
            command: index(command),
            form: tree.form,
            name: tree.name.clone(),
            scope,
            reads: stanza.reads,
            has_secrets: !stanza.secrets.is_empty(),
        });
        let end = self.new_state();
        self.states[end as usize].push(plain(Token::Accept(form), NONE, ""));

        let one = std::slice::from_ref(&tree.part);
        let parts = if let Part::Sequence(parts) = &tree.part {
            parts.as_slice()
        } else {
            one
        };
        let mut node = 0;
        let mut rest = parts;
        while let [Part::Keyword { word, help }, more @ ..] = rest {
            node = self.trie_step(node, word, help);
            rest = more;
        }
        let entries = self.sequence(rest, end, scope)?;
        self.states[node as usize].extend(entries);
        self.close_scope(scope);
        Ok(())
    }

    fn trie_step(&mut self, node: u32, word: &'static str, help: &'static str) -> u32 {
        let keyword = self.keyword(word);
        if let Some(&known) = self.trie.get(&(node, keyword)) {
            // The first to tell the help of a shared word need not be the first to use it.
            let edges = self.states[node as usize].iter_mut();
            for edge in edges.filter(|edge| edge.step.target == known && edge.help.is_empty()) {
                edge.help = help;
            }
            return known;
        }
        let new = self.new_state();
        self.trie.insert((node, keyword), new);
        self.states[node as usize].push(plain(Token::Word(keyword), new, help));
        new
    }

    fn part(&mut self, part: &Part, next: u32, scope: u32) -> Result<Entries, String> {
        match part {
            Part::Keyword { word, help } => {
                Ok(vec![plain(Token::Word(self.keyword(word)), next, help)])
            }
            Part::Argument(argument) => self.argument(argument, next, scope),
            Part::Sequence(parts) => self.sequence(parts, next, scope),
            Part::Choice {
                label,
                optional,
                arms,
            } => {
                let mut entries = Entries::new();
                for arm in arms {
                    entries.extend(match label {
                        Some(label) => {
                            self.labelled(label, arm, makes_an_enum(*optional, arms), arms, next)?
                        }
                        None => self.arm(arm, next, scope)?,
                    });
                }
                if *optional {
                    entries.push(plain(Token::Straight, next, ""));
                }
                Ok(entries)
            }
            Part::AnyOrder(members) => self.any_order(members, next, scope),
        }
    }

    fn sequence(&mut self, parts: &[Part], next: u32, scope: u32) -> Result<Entries, String> {
        match parts {
            [] => Ok(vec![plain(Token::Straight, next, "")]),
            [one] => self.part(one, next, scope),
            [first, rest @ ..] => {
                // Scopes are numbered in reading order, so the state in between is made before what follows it.
                let between = self.new_state();
                let entries = self.part(first, between, scope)?;
                self.states[between as usize] = self.sequence(rest, next, scope)?;
                Ok(entries)
            }
        }
    }

    fn argument(&mut self, argument: &Argument, next: u32, scope: u32) -> Result<Entries, String> {
        let text = matches!(
            argument.of.spec,
            Spec::One(super::argument::Kind::Text { .. })
        );
        let capture = Capture::Value {
            scope,
            name: argument.name,
            secret: argument.secret,
            text,
        };
        let note = self.capture(capture)?;
        let target = if argument.repeated {
            self.new_state()
        } else {
            next
        };
        let mut entries = Entries::new();
        match &argument.of.spec {
            Spec::One(kind) => {
                let taker = Graph::taker_of(argument, *kind, &argument.of.placeholder);
                entries.push(self.taking(taker, target, argument.help));
            }
            Spec::Keywords { words, ranges } => {
                // A keyword of a type without a help of its own has that of the argument.
                let helped = |own: &'static str| if own.is_empty() { argument.help } else { own };
                for (word, help) in words {
                    let help = helped(help);
                    entries.push(plain(Token::Word(self.keyword(word)), target, help));
                }
                for range in ranges {
                    let taker = Graph::taker_of(argument, range.kind, &range.placeholder);
                    entries.push(self.taking(taker, target, helped(range.help)));
                }
            }
        }
        note_first(&mut entries, note)?;
        if argument.repeated {
            let mut again = entries.clone();
            again.push(plain(Token::Straight, next, ""));
            self.states[target as usize] = again;
        }
        Ok(entries)
    }

    fn taking(&mut self, taker: Taker, target: u32, help: &'static str) -> Entry {
        self.graph.takers.push(taker);
        plain(
            Token::Argument(index(self.graph.takers.len() - 1)),
            target,
            help,
        )
    }

    fn arm(&mut self, arm: &Part, next: u32, scope: u32) -> Result<Entries, String> {
        let mut entries = self.part(arm, next, scope)?;
        if let Part::Keyword { word, .. } = arm {
            let note = self.capture(Capture::Flag { scope, name: word })?;
            note_first(&mut entries, note)?;
        }
        Ok(entries)
    }

    fn labelled(
        &mut self,
        label: &'static str,
        arm: &Part,
        is_enum: bool,
        arms: &[Part],
        next: u32,
    ) -> Result<Entries, String> {
        let variant = if is_enum { first_keyword(arm) } else { None };
        // Arms that begin alike are one variant and have one shape.
        let shape = arms
            .iter()
            .filter(|other| first_keyword(other) == variant || !is_enum)
            .any(can_capture);
        let inner = self.open_scope(label, variant, shape);
        let note = self.capture(Capture::Open { scope: inner })?;
        let mut entries = self.part(arm, next, inner)?;
        self.close_scope(inner);
        if may_be_empty(arm) {
            return Err(format!("what stands under `{label}:` may not be empty"));
        }
        note_first(&mut entries, note)?;
        Ok(entries)
    }

    /// A hub: each member leads back to it once, and what follows is open when all that must come have come.
    fn any_order(&mut self, members: &[Part], next: u32, scope: u32) -> Result<Entries, String> {
        let hub = self.new_state();
        let mut needs = 0;
        let mut inside = Entries::new();
        for member in members {
            if 1_u64 << self.members == RESTRICTED {
                return Err("more than 63 members of `&` groups in one command".into());
            }
            let bit = 1_u64 << self.members;
            self.members += 1;
            let mut entries = self.part(member, hub, scope)?;
            entries.retain(|entry| {
                !(matches!(entry.token, Token::Straight) && entry.step.target == hub)
            });
            if !may_be_empty(member) {
                needs |= bit;
            }
            for entry in &mut entries {
                entry.step.guard = entry.step.guard.and(Guard {
                    needs: 0,
                    forbids: bit,
                    sets: bit,
                });
            }
            inside.extend(entries);
        }
        let mut exit = plain(Token::Straight, next, "");
        exit.step.guard.needs = needs;
        inside.push(exit);
        self.states[hub as usize] = inside;
        Ok(vec![plain(Token::Straight, hub, "")])
    }
}

fn note_first(entries: &mut Entries, note: u16) -> Result<(), String> {
    let first = Notes::default().with(note).ok_or_else(too_deep)?;
    for entry in entries {
        entry.step.notes = first.then(entry.step.notes).ok_or_else(too_deep)?;
    }
    Ok(())
}

fn plain(token: Token, target: u32, help: &'static str) -> Entry {
    Entry {
        token,
        step: Step {
            target,
            guard: Guard::default(),
            notes: Notes::default(),
        },
        help,
    }
}

/// Everything is counted in files of some hundred kilobytes.
pub(super) fn index(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(NONE)
}
