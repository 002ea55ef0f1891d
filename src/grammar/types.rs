//! Types and fragments by name: `type severity = { … | 0-7 }`, `type tag = word 1-8 as TAG`, `Match = action:{ … }`.
//!
//! What a word must look like for a built-in type is in `argument`; this file says what a name stands for.

use std::sync::Arc;

use super::argument::Kind;
use super::hash::Map;
use super::notation::{File, FragmentDefinition, TypeDefinition, error_at};
use super::{FileError, Source};

/// The type of an argument.
#[derive(Debug)]
pub(super) struct Type {
    /// As written: `severity`, `1-65535`.
    pub(super) name: &'static str,
    pub(super) spec: Spec,
    /// What `?` prints for it; for keywords, what the reference prints.
    pub(super) placeholder: String,
    /// The help of an argument that has none of its own; may be empty.
    pub(super) help: &'static str,
}

#[derive(Debug, Clone)]
pub(super) enum Spec {
    One(Kind),
    Keywords {
        words: Vec<(&'static str, &'static str)>,
        ranges: Vec<Bounds>,
    },
}

/// A range among the keywords of a type; what must stand before the number may be nothing.
#[derive(Debug, Clone)]
pub(super) struct Bounds {
    pub(super) kind: Kind,
    pub(super) placeholder: String,
    pub(super) help: &'static str,
}

#[derive(Debug, Default)]
pub(super) struct Definitions {
    types: Map<&'static str, Arc<Type>>,
    fragments: Map<&'static str, Arc<FragmentDefinition>>,
}

/// What is wrong with a type, and where.
pub(super) type Wrong = (&'static str, String);

impl Definitions {
    /// Takes the definitions out of a file; `outer` are those of types.cli.
    pub(super) fn read(
        source: Source,
        file: &mut File,
        outer: Option<&Self>,
    ) -> (Self, Vec<FileError>) {
        let mut found = Self::default();
        let mut errors = Vec::new();
        for definition in file.types.drain(..) {
            let is_known =
                found.types.contains_key(definition.name) || Kind::named(definition.name).is_some();
            if is_known || outer.is_some_and(|outer| outer.types.contains_key(definition.name)) {
                errors.push(error_at(
                    source,
                    definition.name,
                    format!("there is a type `{}` already", definition.name),
                ));
                continue;
            }
            match found.define(&definition, outer) {
                Ok((new, notes)) => {
                    errors.extend(
                        notes
                            .into_iter()
                            .map(|(at, message)| error_at(source, at, message)),
                    );
                    found.types.insert(definition.name, Arc::new(new));
                }
                Err((at, message)) => errors.push(error_at(source, at, message)),
            }
        }
        for fragment in file.fragments.drain(..) {
            let name = fragment.name;
            if found.fragments.insert(name, Arc::new(fragment)).is_some() {
                errors.push(error_at(
                    source,
                    name,
                    format!("there is a fragment `{name}` already"),
                ));
            }
        }
        (found, errors)
    }

    pub(super) fn fragment(&self, name: &str) -> Option<&Arc<FragmentDefinition>> {
        self.fragments.get(name)
    }

    pub(super) fn named(&self, name: &str) -> Option<&Arc<Type>> {
        self.types.get(name)
    }

    fn define(
        &self,
        definition: &TypeDefinition,
        outer: Option<&Self>,
    ) -> Result<(Type, Vec<Wrong>), Wrong> {
        let (text, placeholder) = match split_placeholder(definition.text) {
            Some((text, placeholder)) => (text, Some(placeholder)),
            None => (definition.text, None),
        };
        let mut new = self.expression(text, outer)?;
        new.name = definition.name;
        if let Some(placeholder) = placeholder {
            new.placeholder = placeholder.into();
        }
        let notes = new.take_help(definition);
        Ok((new, notes))
    }

    /// `{ a | 0-7 }`, `list of 0-7`, `word 1-8`, `line 1-200`, `1-65535`, or the name of another type.
    pub(super) fn expression(
        &self,
        text: &'static str,
        outer: Option<&Self>,
    ) -> Result<Type, Wrong> {
        if let Some(named) = self.named(text).or_else(|| outer?.named(text)) {
            let Type {
                name,
                spec,
                placeholder,
                help,
            } = &**named;
            return Ok(Type {
                name,
                spec: spec.clone(),
                placeholder: placeholder.clone(),
                help,
            });
        }
        if let Some(inside) = text
            .strip_prefix('{')
            .and_then(|rest| rest.strip_suffix('}'))
        {
            return Ok(Type {
                name: text,
                spec: keywords(inside)?,
                placeholder: text.into(),
                help: "",
            });
        }
        let kind = if let Some(kind) = Kind::named(text) {
            kind
        } else if let Some(bounds) = text.strip_prefix("list of ") {
            let (low, high) = range(bounds.trim())
                .ok_or_else(|| (bounds, "expected bounds such as 0-7".to_string()))?;
            Kind::List(low, high)
        } else if let Some((name, bounds)) = text
            .split_once(' ')
            .filter(|(name, _)| Kind::bounded(name, 1, 1).is_some())
        {
            length(bounds)
                .and_then(|(least, most)| Kind::bounded(name, least, most))
                .ok_or_else(|| (bounds, "expected a length such as 1-8".to_string()))?
        } else if let Some((low, high)) = range(text) {
            Kind::Range(low, high)
        } else {
            return Err((text, format!("there is no type `{text}`")));
        };
        Ok(Type {
            name: text,
            spec: Spec::One(kind),
            placeholder: kind.placeholder(),
            help: "",
        })
    }
}

impl Type {
    /// Gives the lines under the type to its keywords, or to itself; the ones that fit nothing are wrong.
    fn take_help(&mut self, definition: &TypeDefinition) -> Vec<Wrong> {
        let mut wrong = Vec::new();
        for line in &definition.help {
            let bare = line.token.trim_start_matches('<').trim_end_matches('>');
            let place = match &mut self.spec {
                Spec::Keywords { words, ranges } => words
                    .iter_mut()
                    .find(|(word, _)| *word == line.token)
                    .map(|(_, help)| help)
                    .or((bare == definition.name && bare != line.token).then_some(&mut self.help))
                    .or_else(|| {
                        ranges
                            .iter_mut()
                            .find(|range| range.placeholder.replace(['<', '>'], "") == bare)
                            .map(|range| &mut range.help)
                    }),
                Spec::One(_) if bare == definition.name => Some(&mut self.help),
                Spec::One(_) => None,
            };
            match place {
                Some(help) => *help = line.text,
                None => wrong.push((
                    line.token,
                    format!("the type `{}` has no `{}`", definition.name, line.token),
                )),
            }
        }
        for (number, line) in definition.help.iter().enumerate() {
            if definition
                .help
                .iter()
                .take(number)
                .any(|other| other.token == line.token)
            {
                wrong.push((line.token, format!("`{}` has help already", line.token)));
            }
        }
        wrong
    }
}

/// `word 1-8 as TAG`: the text in front of the `as`, and what is behind it.
fn split_placeholder(text: &'static str) -> Option<(&'static str, &'static str)> {
    let (head, placeholder) = match text.rfind('}') {
        Some(at) => (
            text.get(..=at)?,
            text.get(at + 1..)?.trim().strip_prefix("as ")?,
        ),
        None => text.split_once(" as ")?,
    };
    Some((head.trim_end(), placeholder.trim()))
}

/// `1-65535`, `-12-14`.
fn range(text: &str) -> Option<(i64, i64)> {
    let at = text.get(1..)?.find('-')? + 1;
    let (low, high) = (
        text.get(..at)?.parse().ok()?,
        text.get(at + 1..)?.parse().ok()?,
    );
    (low <= high).then_some((low, high))
}

/// `0-7`, or `tcp/1-65535`.
fn numbers(item: &'static str) -> Option<Kind> {
    if let Some((low, high)) = range(item) {
        return Some(Kind::Range(low, high));
    }
    let digits = item.find('/')? + 1;
    let (lead, bounds) = (item.get(..digits)?, item.get(digits..)?);
    let is_lead = lead.len() > 1 && lead.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'/');
    let (low, high) = range(bounds).filter(|_| is_lead)?;
    Some(Kind::Led(lead, low, high))
}

/// `1-8`, in characters.
fn length(bounds: &str) -> Option<(usize, usize)> {
    let (least, most) = range(bounds.trim())?;
    let (least, most) = (usize::try_from(least).ok()?, usize::try_from(most).ok()?);
    (most > 0).then_some((least, most))
}

fn keywords(inside: &'static str) -> Result<Spec, Wrong> {
    let (mut words, mut ranges) = (Vec::new(), Vec::new());
    for item in inside.split('|').map(str::trim) {
        if let Some(kind) = numbers(item) {
            ranges.push(Bounds {
                kind,
                placeholder: kind.placeholder(),
                help: "",
            });
        } else if item.is_empty()
            || item.len() > super::LONGEST_KEYWORD
            || !item
                .chars()
                .all(|c| c.is_ascii_graphic() && !"<>{}[]()&\"".contains(c))
        {
            return Err((item, "expected a keyword or a range such as 0-7".into()));
        } else if words.iter().any(|(word, _)| *word == item) {
            return Err((item, format!("`{item}` stands here already")));
        } else {
            words.push((item, ""));
        }
    }
    Ok(Spec::Keywords { words, ranges })
}
