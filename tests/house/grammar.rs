//! The grammar against the types: sentences are generated and each parses to its one command; every `=>` has a variant and
//! every variant a `=>`; shortest abbreviations are a snapshot; COMMANDS.md is generated.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use watchfire::command::{self, GRAMMAR};
use watchfire::grammar::sentences::{Samples, sentences};
use watchfire::grammar::{Mode, Walk, Walker, abbreviations};

use super::golden;

/// Sentences of each command and form.
const CAP: usize = 400;

pub(super) fn modes() -> Vec<&'static Mode> {
    GRAMMAR
        .mode_names()
        .filter_map(|name| GRAMMAR.mode(name))
        .collect()
}

/// What fits types whose values the grammar cannot judge alone.
pub(super) fn samples() -> Samples {
    Samples::default()
        .with("hostname", &["fw-9"])
        .with("interface", &["outside"])
        .with("interface-name", &["Ethernet", "dmz"])
        .with("interface-unit", &["0/0"])
        .with("percent", &["85-90"])
        .with("percent-range", &["85-90"])
        .with("device-id", &["HQ-5585"])
        .with("zone-name", &["NewYork"])
        .with("clock-time", &["22:00:00"])
        .with("new-name", &["ops2"])
        .with("profile", &["ops", "CiscoTAC-1"])
}

#[test]
fn the_files_are_sound() {
    if let Err(errors) = GRAMMAR.read_all() {
        let text: Vec<_> = errors.iter().map(ToString::to_string).collect();
        panic!("{}", text.join("\n"));
    }
}

#[test]
fn every_sentence_parses_to_its_one_command() {
    let mut walker = Walker::default();
    let mut count = 0;
    let mut wrong = Vec::new();
    for mode in modes() {
        for sentence in sentences(mode, &samples(), CAP) {
            count += 1;
            let said = match mode.walk(&mut walker, &sentence.text) {
                Walk::Matched(found) if found.name() != sentence.name => {
                    format!("becomes {}", found.name())
                }
                Walk::Matched(found) => match command::parse(&found) {
                    Ok(_) => continue,
                    Err(error) => format!("is no {}: {error:?}", sentence.name),
                },
                _ => "does not match".to_owned(),
            };
            wrong.push(format!("{}: `{}` {said}", mode.name(), sentence.text));
        }
    }
    wrong.truncate(20);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(count > 4_000, "{count} sentences");
}

#[test]
fn every_outcome_has_a_variant_and_every_variant_an_outcome() {
    let variants: BTreeSet<&str> = command::variants().collect();
    let mut outcomes = BTreeSet::new();
    for mode in modes() {
        for command in mode.commands() {
            outcomes.insert(command.name().to_owned());
            outcomes.extend(command.negatives().map(|(_, name, _)| name.to_owned()));
        }
    }
    let without_variant: Vec<_> = outcomes
        .iter()
        .filter(|name| !variants.contains(name.as_str()))
        .collect();
    let without_outcome: Vec<_> = variants
        .iter()
        .filter(|name| !outcomes.contains(**name))
        .collect();
    assert!(
        without_variant.is_empty() && without_outcome.is_empty(),
        "no variant: {without_variant:?}; no outcome: {without_outcome:?}"
    );
}

/// What a device has in a mode and in its parent. The line is the child's while that is open (D187), so that the parent's own
/// has to be printed before any child is opened; a law holds that.
pub(super) const SHARED: [(&str, &str); 1] = [("dns-server-group", "domain-name")];

fn is_shared(child: &str, sentence: &str) -> bool {
    let own = sentence.strip_prefix("no ").unwrap_or(sentence);
    let own = own.split(' ').next().unwrap_or_default();
    SHARED.contains(&(child, own))
}

#[test]
fn no_sentence_of_a_parent_is_an_exact_sentence_of_a_child() {
    let mut walker = Walker::default();
    let mut shared = Vec::new();
    for child in modes() {
        let mut parent = child.parent();
        while let Some(mode) = parent.and_then(|name| GRAMMAR.mode(name)) {
            for sentence in sentences(mode, &samples(), 60) {
                if let Walk::Matched(found) = child.walk(&mut walker, &sentence.text)
                    && found.is_exact()
                    && !is_shared(child.name(), &sentence.text)
                {
                    shared.push(format!(
                        "`{}` of {} is {} in {}",
                        sentence.text,
                        mode.name(),
                        found.name(),
                        child.name()
                    ));
                }
            }
            parent = mode.parent();
        }
    }
    shared.truncate(20);
    assert!(shared.is_empty(), "{}", shared.join("\n"));
}

/// A command, once released, keeps its abbreviation.
#[test]
fn shortest_abbreviations_are_a_promise() {
    let mut text = String::new();
    for mode in modes() {
        let _ = writeln!(text, "# {}", mode.name());
        for (full, short) in abbreviations(mode) {
            let _ = writeln!(text, "{short}  {full}");
        }
    }
    golden::check("tests/house/abbreviations.txt", &text);
}

#[test]
fn the_reference_of_commands_is_fresh() {
    let shown = transcripts();
    let reference = watchfire::grammar::reference::reference(&GRAMMAR, &|mode, command| {
        shown
            .get(&(mode.name().to_owned(), command.name().to_owned()))
            .cloned()
            .unwrap_or_default()
    });
    golden::check("docs/COMMANDS.md", &reference);
}

/// Which transcripts type a command, by mode and variant.
fn transcripts() -> BTreeMap<(String, String), Vec<String>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/transcripts");
    let mut shown: BTreeMap<(String, String), Vec<String>> = BTreeMap::new();
    let mut walker = Walker::default();
    for file in texts(&root) {
        let name = file
            .strip_prefix(&root)
            .map(|path| path.to_string_lossy().into_owned())
            .unwrap_or_default();
        for line in fs::read_to_string(&file).unwrap_or_default().lines() {
            let Some((prompt, typed)) = line.split_once(['#', '>']) else {
                continue;
            };
            let mode = modes().into_iter().find(|mode| {
                prompt
                    .strip_prefix("ciscoasa")
                    .is_some_and(|tail| format!("{tail}#") == mode.prompt())
            });
            let Some(mode) = mode else { continue };
            for mode in [Some(mode), GRAMMAR.mode("exec")].into_iter().flatten() {
                if let Walk::Matched(found) = mode.walk(&mut walker, typed.trim()) {
                    let files = shown
                        .entry((mode.name().to_owned(), found.command().name().to_owned()))
                        .or_default();
                    if !files.contains(&name) {
                        files.push(name.clone());
                    }
                    break;
                }
            }
        }
    }
    shown
}

fn texts(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(texts(&path));
        } else if path.extension().is_some_and(|kind| kind == "txt") {
            found.push(path);
        }
    }
    found.sort();
    found
}
