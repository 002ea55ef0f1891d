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
    notes: Notes,
    secrets: Box<[Range<usize>]>,
}

/// The notes of a line from the left; in place, unless there are many.
#[derive(Debug)]
enum Notes {
    Few(usize, [Note; Self::FEW]),
    Many(Box<[Note]>),
}

impl Notes {
    const FEW: usize = 10;

    fn new(newest_first: impl Iterator<Item = Note> + Clone) -> Self {
        let count = newest_first.clone().count();
        let mut few = [Note::default(); Self::FEW];
        let Some(places) = few.get_mut(..count) else {
            let mut many: Box<[Note]> = newest_first.collect();
            many.reverse();
            return Self::Many(many);
        };
        for (place, note) in places.iter_mut().rev().zip(newest_first) {
            *place = note;
        }
        Self::Few(count, few)
    }

    fn as_slice(&self) -> &[Note] {
        match self {
            Self::Few(count, few) => few.get(..*count).unwrap_or_default(),
            Self::Many(many) => many,
        }
    }
}

impl<'m, 'l> Match<'m, 'l> {
    pub(super) fn new(
        mode: &'m Mode,
        line: &'l str,
        form: u32,
        exact: bool,
        pipe: Option<usize>,
        newest_first: impl Iterator<Item = Note> + Clone,
    ) -> Self {
        let notes = Notes::new(newest_first);
        let has_secrets = mode
            .graph
            .forms
            .get(form as usize)
            .is_some_and(|form| form.has_secrets);
        let secrets = if has_secrets {
            secrets_among(&mode.graph, notes.as_slice().iter()).into()
        } else {
            Box::default()
        };
        Self {
            mode,
            line,
            form,
            exact,
            pipe,
            notes,
            secrets,
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
            notes: self.notes.as_slice(),
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
