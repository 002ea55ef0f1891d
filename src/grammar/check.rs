//! Checks the files of a grammar: each by itself, and the modes against each other.
//!
//! What can be seen only by matching sentences (two commands that share one) is in `sentences`.

use std::collections::HashMap;

use super::notation::{self, Head, error_at};
use super::resolve::Faults;
use super::types::Definitions;
use super::{FileError, Mode, Source};

struct Seen {
    source: Source,
    head: Head,
    enters: Vec<&'static str>,
}

pub(super) fn check(types: Source, modes: &'static [Source]) -> Result<(), Vec<FileError>> {
    let mut file = notation::read(types);
    let mut wrong = std::mem::take(&mut file.errors);
    wrong.extend(file.stanzas.iter().map(|stanza| {
        error_at(
            types,
            stanza.text,
            "no command stands in the file of the types",
        )
    }));
    wrong.extend(
        file.head
            .mode
            .map(|name| error_at(types, name, "the file of the types is no mode")),
    );
    let (definitions, errors) = Definitions::read(types, &mut file, None);
    wrong.extend(errors);

    let mut seen = Vec::new();
    for source in modes {
        let mut faults = Faults::default();
        let mode = Mode::read(*source, &definitions, &mut faults);
        let mut of_file = faults.errors;
        of_file.append(&mut faults.findings);
        if let Some(mode) = mode {
            of_file.extend(super::sentences::conflicts(*source, &mode));
        }
        of_file.sort_by_key(|error| (error.line, error.column));
        wrong.append(&mut of_file);
        let file = notation::read(*source);
        let enters = file
            .stanzas
            .iter()
            .filter(|stanza| stanza.outcome.enters)
            .map(|stanza| stanza.outcome.name)
            .collect();
        seen.push(Seen {
            source: *source,
            head: file.head,
            enters,
        });
    }
    wrong.extend(between(&seen));
    if wrong.is_empty() { Ok(()) } else { Err(wrong) }
}

/// Parents form a tree, every mode that is entered is there, every mode with a parent is entered from somewhere.
fn between(seen: &[Seen]) -> Vec<FileError> {
    let mut wrong = Vec::new();
    let parents: HashMap<&str, Option<&str>> = seen
        .iter()
        .filter_map(|one| Some((one.head.mode?, one.head.parent)))
        .collect();
    for Seen {
        source,
        head,
        enters,
    } in seen
    {
        for mode in enters.iter().filter(|mode| !parents.contains_key(**mode)) {
            wrong.push(error_at(
                *source,
                mode,
                format!("there is no mode `{mode}`"),
            ));
        }
        let Some(name) = head.mode else { continue };
        let Some(parent) = head.parent else { continue };
        if !parents.contains_key(parent) {
            wrong.push(error_at(
                *source,
                parent,
                format!("there is no mode `{parent}`"),
            ));
        }
        let mut above = Some(parent);
        for _ in 0..parents.len() {
            above = above.and_then(|mode| parents.get(mode).copied().flatten());
        }
        if above.is_some() {
            wrong.push(error_at(
                *source,
                parent,
                format!("`{name}` is its own ancestor"),
            ));
        }
        // A mode right inside the outermost one may be opened by a command of any name.
        let is_near_the_top = parents.get(parent).is_none_or(Option::is_none);
        if !is_near_the_top && !seen.iter().any(|other| other.enters.contains(&name)) {
            wrong.push(error_at(
                *source,
                name,
                format!("no command enters `{name}`"),
            ));
        }
    }
    wrong
}
