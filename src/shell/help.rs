//! `?` and Tab: what may come next at the cursor, in the sections of the modes that would take the line, and names that the
//! configuration knows. How the rows are laid out is the grammar's business.

use std::ops::Bound;

use super::line::{self, Line};
use super::pipe;
use super::place::{Tries, Unmatched};
use super::session::Session;
use super::wording;
use crate::command::GRAMMAR;
use crate::config::{Refusal, RunningConfig};
use crate::grammar::help::lay_out;
use crate::grammar::{Expectations, Expected, Mode};

/// What Tab found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Completion {
    /// The byte at which the word at the cursor begins.
    pub start: usize,
    /// The words it may become, sorted; one alone is complete and ends in a blank.
    pub words: Vec<String>,
}

impl Completion {
    /// The longest beginning that all words share.
    pub fn common(&self) -> &str {
        let Some(first) = self.words.first() else {
            return "";
        };
        let shared = |word: &String| {
            first
                .bytes()
                .zip(word.bytes())
                .take_while(|(a, b)| a == b)
                .count()
        };
        let mut end = self.words.iter().map(shared).min().unwrap_or(0);
        while !first.is_char_boundary(end) {
            end -= 1;
        }
        first.get(..end).unwrap_or_default()
    }
}

/// One mode's answer.
struct Section {
    mode: &'static Mode,
    expected: Expectations,
}

impl Session {
    /// The text that `?` prints behind `typed`, the line up to the cursor.
    pub fn help(&mut self, typed: &str) -> String {
        if self.waiting.is_some() {
            return String::new();
        }
        let cleaned = line::clean(typed);
        let (at, text, tries) = self.asked(&cleaned);
        if let Some((_, items, complete)) = self.behind_bar(text, tries) {
            return lay_out(
                self.place.mode().map_or("exec", Mode::title),
                &items,
                complete,
            );
        }
        let (sections, furthest) = self.sections(text, tries);
        if sections.is_empty() {
            // What the line itself would be told, where a word in it has several meanings.
            if let Err(Unmatched {
                refusal: refusal @ Refusal::Ambiguous { .. },
                ..
            }) = self.find(text.trim_end(), tries)
            {
                return format!("{refusal}\n");
            }
            let before = cleaned
                .get(..at + furthest)
                .unwrap_or(&cleaned)
                .chars()
                .count();
            return format!(
                "{}{}\n",
                wording::caret(self.prompt().chars().count() + before),
                wording::INVALID
            );
        }
        let laid_out = |section: &Section| {
            lay_out(
                section.mode.title(),
                &section.expected.items,
                section.expected.complete,
            )
        };
        sections.iter().map(laid_out).collect()
    }

    /// What Tab makes of `typed`, the line up to the cursor.
    pub fn complete(&mut self, typed: &str) -> Completion {
        if self.waiting.is_some() {
            return Completion::default();
        }
        let cleaned = line::clean(typed);
        let (at, text, tries) = self.asked(&cleaned);
        let (start, mut words) = match self.behind_bar(text, tries) {
            Some((start, items, _)) => (start, keywords(&items)),
            None => self.candidates(text, tries),
        };
        words.sort_unstable();
        words.dedup();
        if let [only] = words.as_mut_slice() {
            only.push(' ');
        }
        Completion {
            start: at + start,
            words,
        }
    }

    /// Where the command begins, the command, and where it is tried.
    fn asked<'l>(&self, cleaned: &'l str) -> (usize, &'l str, Tries) {
        let blanks = cleaned.len() - cleaned.trim_start_matches(' ').len();
        // A blank at the end tells that the word before is complete; sorting drops it.
        match line::sort(cleaned, self.place.is_configuration()) {
            Line::Command(typed) if typed.is_do => (
                typed.at,
                cleaned.get(typed.at..).unwrap_or_default(),
                Tries::ExecAlone,
            ),
            _ if cleaned.eq_ignore_ascii_case("do ") && self.place.is_configuration() => {
                (3, "", Tries::ExecAlone)
            }
            _ => (
                blanks,
                cleaned.get(blanks..).unwrap_or_default(),
                Tries::All,
            ),
        }
    }

    /// What the filters expect, when the cursor stands behind a bar that ends a command.
    fn behind_bar(&mut self, text: &str, tries: Tries) -> Option<(usize, Vec<Expected>, bool)> {
        if !text.contains('|') {
            return None;
        }
        let modes = self.place.modes(tries);
        let walker = self.place.walker();
        let bar = modes
            .into_iter()
            .find_map(|(_, mode)| mode.expect(walker, text).pipe)?;
        Some(pipe::expect(text, bar))
    }

    /// The answers of the configuration modes that go on; of EXEC when none does. And the furthest place at which a mode
    /// stopped matching.
    fn sections(&mut self, text: &str, tries: Tries) -> (Vec<Section>, usize) {
        let (mut sections, mut furthest) = (Vec::new(), 0);
        for (at, mode) in self.place.modes(tries) {
            if at.is_none() && !sections.is_empty() {
                break;
            }
            let expected = self.expect(mode, text);
            furthest = furthest.max(expected.refused.unwrap_or(0));
            if expected.refused.is_none() && (expected.complete || !expected.items.is_empty()) {
                sections.push(Section { mode, expected });
            }
        }
        if self.place.is_configuration()
            && let Some(last) = sections.last_mut()
        {
            self.add_ways_out(text, &mut last.expected.items);
        }
        (sections, furthest)
    }

    /// Words of EXEC that one needs in every configuration mode; the rest of EXEC works there too and would drown the list.
    fn add_ways_out(&mut self, text: &str, items: &mut Vec<Expected>) {
        let Some(exec) = GRAMMAR.mode("exec") else {
            return;
        };
        let expected = self.expect(exec, text);
        if expected.word_start != 0 || expected.refused.is_some() {
            return;
        }
        let is_way_out = |item: &Expected| matches!(item.token.as_str(), "exit" | "help" | "show");
        items.extend(expected.items.into_iter().filter(is_way_out));
        if "do".starts_with(&text.to_ascii_lowercase()) {
            items.push(Expected {
                token: "do".into(),
                help: wording::DO.into(),
                is_keyword: true,
                argument: None,
            });
        }
        items.sort_by(|a, b| a.token.cmp(&b.token));
        items.dedup_by(|a, b| a.token == b.token);
    }

    fn expect(&mut self, mode: &'static Mode, text: &str) -> Expectations {
        let is_restricted = !self.is_privileged();
        let walker = self.place.walker();
        walker.restrict(is_restricted);
        mode.expect(walker, text)
    }

    /// The words of the innermost mode that has any: ambiguity is judged within one mode (C1.5).
    fn candidates(&mut self, text: &str, tries: Tries) -> (usize, Vec<String>) {
        for (_, mode) in self.place.modes(tries) {
            let expected = self.expect(mode, text);
            let partial = text.get(expected.word_start..).unwrap_or_default();
            let mut words = keywords(&expected.items);
            words.extend(self.names(&expected.items, partial));
            if !words.is_empty() {
                return (expected.word_start, words);
            }
        }
        (text.len(), Vec::new())
    }

    /// What the configuration calls things of the kinds that are expected.
    fn names(&self, items: &[Expected], partial: &str) -> Vec<String> {
        let kinds = items.iter().filter_map(|item| item.argument.as_ref());
        let names = |config: &RunningConfig| {
            kinds
                .flat_map(|(name, of)| known(config, name, of, partial))
                .collect::<Vec<_>>()
        };
        self.chassis.owner.with(names)
    }
}

fn keywords(items: &[Expected]) -> Vec<String> {
    items
        .iter()
        .filter(|item| item.is_keyword)
        .map(|item| item.token.clone())
        .collect()
}

/// The names of the configuration that fit an argument of this name and type and begin with `partial`. There may be very
/// many discriminators, and the owner's lock is held: of those only what fits is looked at.
fn known(config: &RunningConfig, name: &str, of: &str, partial: &str) -> Vec<String> {
    fn fitting<'n>(names: impl Iterator<Item = &'n str>, partial: &str) -> Vec<String> {
        names
            .filter(|name| name.starts_with(partial))
            .map(str::to_owned)
            .collect()
    }
    match (name, of) {
        (_, "discriminator-name") => config
            .logging
            .discriminators
            .range::<str, _>((Bound::Included(partial), Bound::Unbounded))
            .map(|(name, _)| name.as_str())
            .take_while(|name| name.starts_with(partial))
            .map(str::to_owned)
            .collect(),
        ("profile", _) | (_, "profile-name") => fitting(
            config.call_home.profiles.keys().map(|name| &**name),
            partial,
        ),
        ("trustpoint", _) => fitting(
            config.crypto.trustpoints.keys().map(|name| &**name),
            partial,
        ),
        ("interface", "nameif") => fitting(config.interfaces.nameifs(), partial),
        ("reference-identity", _) => fitting(
            config
                .crypto
                .reference_identities
                .keys()
                .map(|name| &**name),
            partial,
        ),
        ("host", _) => fitting(
            config
                .logging
                .hosts
                .in_order()
                .iter()
                .map(|(key, _)| &*key.host),
            partial,
        ),
        _ => Vec::new(),
    }
}
