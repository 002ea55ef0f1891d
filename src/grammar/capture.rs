//! A matched line: which command, in which form, and where in the line its captures stand.
//!
//! How captures become a typed value is in `fields`.

use std::fmt;
use std::ops::Range;

use serde::de::DeserializeOwned;

use super::fields::{CaptureError, Level, Variant};
use super::graph::{Capture, Graph};
use super::{Command, Form, Mode};

/// Something the walk noted down: a capture of the graph, and the bytes of the line it is about.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Note {
    pub(super) capture: u16,
    /// The keyword in full, when the value is one; `u16::MAX` when it is not.
    pub(super) keyword: u16,
    pub(super) start: u32,
    pub(super) end: u32,
}

/// A line that is a command.
#[derive(Debug)]
pub struct Match<'m, 'l> {
    mode: &'m Mode,
    line: &'l str,
    form: u32,
    exact: bool,
    pipe: Option<usize>,
    few: [Note; Match::FEW],
    count: usize,
    /// All of them, when they are more than a few.
    many: Vec<Note>,
    secrets: Vec<Range<usize>>,
}

impl<'m, 'l> Match<'m, 'l> {
    const FEW: usize = 16;

    pub(super) fn new<'n>(
        mode: &'m Mode,
        line: &'l str,
        form: u32,
        exact: bool,
        pipe: Option<usize>,
        newest_first: impl Iterator<Item = Note> + 'n,
    ) -> Self {
        let mut new = Self {
            mode,
            line,
            form,
            exact,
            pipe,
            few: [Note::default(); 16],
            count: 0,
            many: Vec::new(),
            secrets: Vec::new(),
        };
        for note in newest_first {
            match new.few.get_mut(new.count) {
                Some(place) if new.many.is_empty() => {
                    *place = note;
                    new.count += 1;
                }
                _ => {
                    if new.many.is_empty() {
                        new.many.extend_from_slice(&new.few);
                    }
                    new.many.push(note);
                }
            }
        }
        new.few.get_mut(..new.count).unwrap_or_default().reverse();
        new.many.reverse();
        if mode.has_secrets {
            new.secrets = secrets_among(&mode.graph, new.notes().iter());
        }
        new
    }

    fn notes(&self) -> &[Note] {
        if self.many.is_empty() {
            self.few.get(..self.count).unwrap_or_default()
        } else {
            &self.many
        }
    }

    /// The command the line is a form of.
    pub fn command(&self) -> &'m Command {
        let command = self
            .mode
            .graph
            .forms
            .get(self.form as usize)
            .map_or(0, |form| form.command as usize);
        // A form is only made for a command of its mode.
        &self.mode.commands[command]
    }

    /// Plain, negated, or set to its default.
    pub fn form(&self) -> Form {
        self.mode
            .graph
            .forms
            .get(self.form as usize)
            .map_or(Form::Plain, |form| form.form)
    }

    /// The variant the line becomes: `Reload`, `NoReload`, `DefaultReload`, `EnterInnerMode`.
    pub fn name(&self) -> &'m str {
        self.mode
            .graph
            .forms
            .get(self.form as usize)
            .map_or("", |form| form.name.as_str())
    }

    /// Whether every keyword was typed in full.
    pub const fn is_exact(&self) -> bool {
        self.exact
    }

    /// The byte ranges of the secret arguments in the line, from the left.
    pub fn secrets(&self) -> &[Range<usize>] {
        &self.secrets
    }

    /// The byte offset of the first `|` that is a word of its own, when the command takes pipes.
    pub const fn pipe(&self) -> Option<usize> {
        self.pipe
    }

    /// The typed command: a value of the enum `T`, whose variant is `name()`.
    ///
    /// # Errors
    /// A type refused an argument (`column` is the argument's byte offset), or `T` does not fit the grammar.
    pub fn typed<T: DeserializeOwned>(&self) -> Result<T, CaptureError> {
        T::deserialize(Variant {
            level: self.level(),
            name: self.name(),
        })
    }

    fn level(&self) -> Level<'_> {
        let graph = &self.mode.graph;
        let scope = graph
            .forms
            .get(self.form as usize)
            .map_or(0, |form| form.scope);
        Level {
            graph,
            line: self.line,
            scope,
            notes: self.notes(),
            column: 0,
        }
    }
}

impl fmt::Display for Match<'_, '_> {
    /// The variant and its captures, secrets included: for tests and for whoever writes a grammar file.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.name(), self.level())
    }
}

/// The places of the secrets among some notes.
pub(super) fn secrets_among<'n>(
    graph: &Graph,
    notes: impl Iterator<Item = &'n Note>,
) -> Vec<Range<usize>> {
    let is_secret = |note: &&Note| {
        matches!(
            graph.capture(note.capture),
            Some(Capture::Value { secret: true, .. })
        )
    };
    notes
        .filter(is_secret)
        .map(|note| note.start as usize..note.end as usize)
        .collect()
}
