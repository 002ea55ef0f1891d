//! The grammar room: `.cli` files in, matched lines out. A line is matched word by word against the graph of a mode;
//! the same walk tells the match, the place of the caret, the ambiguity, and what may come next.
//!
//! It has never heard of a product: which commands there are stands in the files, what they do is for others to say.
//! The notation is described in docs/GRAMMAR.md.

mod abbreviations;
mod address;
mod argument;
mod capture;
mod caret;
mod check;
mod compile;
mod expect;
mod fields;
mod flatten;
mod graph;
mod hash;
pub mod help;
mod keywords;
mod notation;
pub mod reference;
mod resolve;
pub mod sentences;
mod syntax;
mod texts;
mod thread;
mod threads;
mod tree;
mod types;
mod variants;
mod walk;
pub mod words;

use std::fmt;
use std::sync::OnceLock;

pub use abbreviations::abbreviations;
pub use capture::Match;
pub use expect::{Expectations, Expected};
pub use fields::CaptureError;
pub use hash::Map;
pub use threads::Walker;
pub use variants::variants_of;
pub use walk::Walk;

use graph::Graph;
use resolve::Faults;
use tree::Tree;
use types::Definitions;

/// Longer keywords are an error of the file.
const LONGEST_KEYWORD: usize = 64;

/// A `.cli` file: its name (`inner.cli`; the mode is named like the stem) and its text.
#[derive(Debug, Clone, Copy)]
pub struct Source {
    pub file: &'static str,
    pub text: &'static str,
}

impl Source {
    fn stem(&self) -> &'static str {
        self.file.strip_suffix(".cli").unwrap_or(self.file)
    }
}

/// Something wrong with a `.cli` file. Lines and columns count from 1, columns in characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileError {
    pub file: &'static str,
    pub line: usize,
    pub column: usize,
    pub message: String,
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}:{}:{}: {}",
            self.file, self.line, self.column, self.message
        )
    }
}

impl std::error::Error for FileError {}

/// All modes. Each is read when it is first needed.
#[derive(Debug)]
pub struct Grammar {
    types: Source,
    modes: &'static [Source],
    definitions: OnceLock<Definitions>,
    read: OnceLock<Box<[OnceLock<Option<Mode>>]>>,
}

impl Grammar {
    /// `types` holds the types and fragments that all modes share.
    pub const fn new(types: Source, modes: &'static [Source]) -> Self {
        Self {
            types,
            modes,
            definitions: OnceLock::new(),
            read: OnceLock::new(),
        }
    }

    /// The mode of that name. `None` when there is no such mode or its file is broken; `read_all` tells how.
    pub fn mode(&self, name: &str) -> Option<&Mode> {
        let number = self.modes.iter().position(|source| source.stem() == name)?;
        let read = self
            .read
            .get_or_init(|| self.modes.iter().map(|_| OnceLock::new()).collect());
        let (source, place) = (self.modes.get(number)?, read.get(number)?);
        place
            .get_or_init(|| Mode::read(*source, self.definitions(), &mut Faults::default()))
            .as_ref()
    }

    /// The names of all modes, broken ones included, in the order they were given.
    pub fn mode_names(&self) -> impl Iterator<Item = &'static str> {
        self.modes.iter().map(Source::stem)
    }

    /// Reads every file and checks it: by itself, and against the others.
    ///
    /// # Errors
    /// All that is wrong, in the order of the files.
    pub fn read_all(&self) -> Result<(), Vec<FileError>> {
        check::check(self.types, self.modes)
    }

    fn definitions(&self) -> &Definitions {
        self.definitions.get_or_init(|| {
            let mut file = notation::read(self.types);
            Definitions::read(self.types, &mut file, None).0
        })
    }
}

/// The form a command was written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Form {
    Plain,
    No,
    Default,
}

/// The commands that can be typed in one mode.
#[derive(Debug)]
pub struct Mode {
    name: &'static str,
    parent: Option<&'static str>,
    prompt: &'static str,
    title: &'static str,
    abbreviation_wins: bool,
    has_secrets: bool,
    commands: Vec<Command>,
    graph: Graph,
}

impl Mode {
    /// `None` when the file has errors; `faults` holds them, and the findings.
    fn read(source: Source, definitions: &Definitions, faults: &mut Faults) -> Option<Self> {
        let mut file = notation::read(source);
        faults.errors.append(&mut file.errors);
        let resolved = resolve::resolve(source, &mut file, definitions, faults);
        let head = file.head;
        let Some(name) = head.mode else {
            faults.errors.push(notation::error_at(
                source,
                source.text,
                "expected `mode NAME` at the head of the file",
            ));
            return None;
        };
        if name != source.stem() {
            faults.errors.push(notation::error_at(
                source,
                name,
                "a mode and its file have the same name",
            ));
        }
        let graph = match compile::compile(&resolved) {
            Ok(graph) => graph,
            Err((number, message)) => {
                let at = resolved
                    .get(number)
                    .map_or(source.text, |command| command.stanza.text);
                faults.errors.push(notation::error_at(source, at, message));
                return None;
            }
        };
        if !faults.errors.is_empty() {
            return None;
        }
        let has_secrets = resolved
            .iter()
            .any(|command| !command.stanza.secrets.is_empty());
        let commands = resolved
            .into_iter()
            .map(|command| Command::new(source, command))
            .collect();
        Some(Self {
            name,
            parent: head.parent,
            prompt: head.prompt,
            title: head.title.unwrap_or(name),
            abbreviation_wins: head.abbreviation_wins,
            has_secrets,
            commands,
            graph,
        })
    }

    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// The mode that lines of this one may also be meant for.
    pub const fn parent(&self) -> Option<&'static str> {
        self.parent
    }

    /// What stands behind the host's name: `(config)#`.
    pub const fn prompt(&self) -> &'static str {
        self.prompt
    }

    /// The word in front of `mode commands/options:`.
    pub const fn title(&self) -> &'static str {
        self.title
    }

    /// The commands in the order of the file.
    pub fn commands(&self) -> &[Command] {
        &self.commands
    }
}

/// A command of a mode, as its file states it.
#[derive(Debug)]
pub struct Command {
    name: String,
    enters: Option<&'static str>,
    kept_only: Option<&'static str>,
    reads: bool,
    unprivileged: bool,
    syntax: &'static str,
    source: Source,
    trees: Vec<Tree>,
}

impl Command {
    fn new(source: Source, resolved: resolve::Resolved) -> Self {
        let resolve::Resolved { stanza, trees } = resolved;
        Self {
            name: trees
                .first()
                .map(|tree| tree.name.clone())
                .unwrap_or_default(),
            enters: stanza.outcome.enters.then_some(stanza.outcome.name),
            kept_only: stanza.outcome.kept_only,
            reads: stanza.reads,
            unprivileged: stanza.unprivileged,
            syntax: stanza.text,
            source,
            trees,
        }
    }

    /// The variant of the plain form.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The mode this command opens.
    pub const fn enters(&self) -> Option<&'static str> {
        self.enters
    }

    /// Whether it is stored and shown, and acted on by nobody (`~>`).
    pub const fn is_kept_only(&self) -> bool {
        self.kept_only.is_some()
    }

    /// Why nobody acts on it, when the file says so.
    pub fn reason(&self) -> Option<&'static str> {
        self.kept_only.filter(|reason| !reason.is_empty())
    }

    /// Whether it changes nothing; such a command takes pipes.
    pub const fn reads(&self) -> bool {
        self.reads
    }

    /// Whether it is there for a line that is restricted to such commands.
    pub const fn is_unprivileged(&self) -> bool {
        self.unprivileged
    }

    /// The syntax as written, line breaks included.
    pub const fn syntax(&self) -> &'static str {
        self.syntax
    }

    /// The negative forms: which, the variant, and the syntax when it is not simply the whole line.
    pub fn negatives(&self) -> impl Iterator<Item = (Form, &str, Option<&'static str>)> {
        self.trees
            .iter()
            .filter(|tree| tree.form != Form::Plain)
            .map(|tree| (tree.form, tree.name.as_str(), tree.text))
    }

    /// The line of the file on which it starts, from 1.
    pub fn line(&self) -> usize {
        notation::error_at(self.source, self.syntax, "").line
    }
}

#[cfg(test)]
mod tests;
