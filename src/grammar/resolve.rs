//! Turns the stanzas of a mode into trees in which every name is looked up: fragments put in place, types found, help
//! attached, negative forms written out.
//!
//! What is built here is the meaning of a file; how it is matched is `graph`'s business.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use super::hash::{Fnv, Map};
use super::notation::{File, HelpLine, Negative, Stanza, error_at};
use super::syntax::Node;
use super::tree::{Argument, Part, Tree, cut, first_keyword, in_sequence, makes_an_enum, pascal};
use super::types::{Definitions, Spec};
use super::{FileError, Form, Source};

/// The forms of one command, in the order of the file.
#[derive(Debug)]
pub(super) struct Resolved {
    pub(super) stanza: Stanza,
    pub(super) trees: Vec<Tree>,
}

const NO_HELP: &str = "Negate a command or set its defaults";
const DEFAULT_HELP: &str = "Set a command to its defaults";

/// What is wrong with a file. The `findings` are faults that leave the mode usable, such as a keyword without help.
#[derive(Debug, Default)]
pub(super) struct Faults {
    pub(super) errors: Vec<FileError>,
    pub(super) findings: Vec<FileError>,
}

pub(super) fn resolve(
    source: Source,
    file: &mut File,
    outer: &Definitions,
    faults: &mut Faults,
) -> Vec<Resolved> {
    let (own, errors) = Definitions::read(source, file, Some(outer));
    faults.errors.extend(errors);
    let mut resolver = Resolver {
        source,
        own,
        outer,
        faults,
        told: Map::default(),
    };
    let stanzas = std::mem::take(&mut file.stanzas);
    stanzas
        .into_iter()
        .enumerate()
        .filter_map(|(number, stanza)| resolver.stanza(number, stanza))
        .collect()
}

struct Resolver<'a> {
    source: Source,
    own: Definitions,
    outer: &'a Definitions,
    faults: &'a mut Faults,
    /// Help by the hash of a token path, and the number of the stanza that told it.
    told: Map<u64, (&'static str, usize)>,
}

/// What expanding one stanza needs to know.
struct Scope<'s> {
    secrets: &'s [&'static str],
    used_secrets: Vec<&'static str>,
    fragments: Vec<&'static str>,
    help: Vec<HelpLine>,
}

/// The help lines of one stanza, and which of them were of use.
struct Telling<'s> {
    number: usize,
    lines: &'s [HelpLine],
    used: Vec<bool>,
    met: Vec<bool>,
    /// Tokens without help, each told once.
    bare: Vec<String>,
}

impl Resolver<'_> {
    fn error(&mut self, at: &str, message: impl Into<String>) {
        self.faults.errors.push(error_at(self.source, at, message));
    }

    fn finding(&mut self, at: &str, message: impl Into<String>) {
        self.faults
            .findings
            .push(error_at(self.source, at, message));
    }

    fn stanza(&mut self, number: usize, stanza: Stanza) -> Option<Resolved> {
        let mut scope = Scope {
            secrets: &stanza.secrets,
            used_secrets: Vec::new(),
            fragments: Vec::new(),
            help: Vec::new(),
        };
        let count = stanza.help.len();
        let mut telling = Telling {
            number,
            lines: &stanza.help,
            used: vec![false; count],
            met: vec![false; count],
            bare: Vec::new(),
        };
        let mut plain = self.expand(&stanza.syntax, &mut scope)?;
        self.check_labels(&plain);
        self.tell(&mut plain, 0, &mut telling);

        let name = stanza.outcome.name;
        let (plain_name, stem) = match stanza.outcome.enters {
            true => (format!("Enter{}", pascal(name)), pascal(name)),
            false => (name.to_string(), name.to_string()),
        };
        let mut trees = Vec::with_capacity(1 + stanza.negatives.len());
        for Negative { is_default, own } in &stanza.negatives {
            let part = match own {
                None => cut(&plain),
                Some((node, _)) => {
                    let mut part = self.expand(node, &mut scope)?;
                    self.check_labels(&part);
                    self.tell(&mut part, 0, &mut telling);
                    part
                }
            };
            let (form, word, help, prefix) = match is_default {
                false => (Form::No, "no", NO_HELP, "No"),
                true => (Form::Default, "default", DEFAULT_HELP, "Default"),
            };
            let part = in_sequence(Part::Keyword { word, help }, part);
            let text = own.as_ref().map(|(_, text)| *text);
            trees.push(Tree {
                form,
                name: format!("{prefix}{stem}"),
                part,
                text,
            });
        }
        trees.insert(
            0,
            Tree {
                form: Form::Plain,
                name: plain_name,
                part: plain,
                text: None,
            },
        );
        self.check_help(&stanza, &telling);
        let unused = stanza
            .secrets
            .iter()
            .filter(|name| !scope.used_secrets.contains(name));
        for name in unused {
            self.finding(name, format!("this command has no argument <{name}>"));
        }
        Some(Resolved { stanza, trees })
    }

    fn check_help(&mut self, stanza: &Stanza, telling: &Telling<'_>) {
        for token in &telling.bare {
            self.finding(stanza.text, format!("`{token}` has no help"));
        }
        for (number, line) in stanza.help.iter().enumerate() {
            let is_used = telling.used.get(number).copied().unwrap_or(false);
            let is_met = telling.met.get(number).copied().unwrap_or(false);
            if stanza
                .help
                .iter()
                .take(number)
                .any(|other| other.token == line.token)
            {
                self.finding(
                    line.token,
                    format!("`{}` has help already in this command", line.token),
                );
            } else if !is_met {
                self.finding(line.token, format!("this command has no `{}`", line.token));
            } else if !is_used {
                self.finding(
                    line.token,
                    format!("`{}` has help already in an earlier command", line.token),
                );
            }
        }
    }

    fn expand(&mut self, node: &Node, scope: &mut Scope<'_>) -> Option<Part> {
        Some(match node {
            Node::Word(word) => {
                let help = scope
                    .help
                    .iter()
                    .rev()
                    .find(|line| line.token == *word)
                    .map_or("", |line| line.text);
                Part::Keyword { word, help }
            }
            Node::Argument {
                name,
                kind,
                repeated,
            } => Part::Argument(self.argument(name, kind, *repeated, scope)?),
            Node::Fragment(name) => self.fragment(name, scope)?,
            Node::Sequence(items) => {
                let mut parts = Vec::with_capacity(items.len());
                for item in items {
                    match self.expand(item, scope)? {
                        Part::Sequence(inner) => parts.extend(inner),
                        part => parts.push(part),
                    }
                }
                Part::Sequence(parts)
            }
            Node::Choice {
                label,
                optional,
                arms,
                at,
            } => {
                let arms = arms
                    .iter()
                    .map(|arm| self.expand(arm, scope))
                    .collect::<Option<Vec<_>>>()?;
                if let (Some(label), true, [Part::Keyword { .. }]) =
                    (label, optional, arms.as_slice())
                {
                    self.error(at, format!("a lone keyword binds itself: drop `{label}:`"));
                }
                Part::Choice {
                    label: *label,
                    optional: *optional,
                    arms,
                }
            }
            Node::AnyOrder(members) => Part::AnyOrder(
                members
                    .iter()
                    .map(|member| self.expand(member, scope))
                    .collect::<Option<_>>()?,
            ),
        })
    }

    fn fragment(&mut self, name: &'static str, scope: &mut Scope<'_>) -> Option<Part> {
        let Some(fragment) = self
            .own
            .fragment(name)
            .or_else(|| self.outer.fragment(name))
            .map(Arc::clone)
        else {
            self.error(name, format!("there is no fragment `{name}`"));
            return None;
        };
        if scope.fragments.contains(&name) || scope.fragments.len() > 16 {
            self.error(name, format!("the fragment `{name}` contains itself"));
            return None;
        }
        scope.fragments.push(name);
        let known = scope.help.len();
        scope.help.extend(&fragment.help);
        let part = self.expand(&fragment.node, scope);
        scope.help.truncate(known);
        scope.fragments.pop();
        part
    }

    fn argument(
        &mut self,
        name: &'static str,
        kind: &'static str,
        repeated: bool,
        scope: &mut Scope<'_>,
    ) -> Option<Argument> {
        let of = match self.own.named(kind).or_else(|| self.outer.named(kind)) {
            Some(found) => Arc::clone(found),
            None => match self.own.expression(kind, Some(self.outer)) {
                Ok(new) => Arc::new(new),
                Err((at, message)) => {
                    self.error(at, message);
                    return None;
                }
            },
        };
        if repeated && matches!(&of.spec, Spec::One(kind) if kind.is_raw()) {
            self.error(name, "raw text is not repeated");
        }
        let secret = scope.secrets.contains(&name);
        if secret {
            scope.used_secrets.push(name);
        }
        let own = scope
            .help
            .iter()
            .rev()
            .find(|line| is_token_of(line.token, name));
        let help = own.map_or(of.help, |line| line.text);
        Some(Argument {
            name,
            of,
            help,
            secret,
            repeated,
        })
    }

    /// Every arm under a label that makes an enum begins with a keyword: it names the variant.
    fn check_labels(&mut self, part: &Part) {
        match part {
            Part::Keyword { .. } | Part::Argument(_) => {}
            Part::Sequence(parts) | Part::AnyOrder(parts) => {
                parts.iter().for_each(|part| self.check_labels(part))
            }
            Part::Choice {
                label,
                optional,
                arms,
            } => {
                if let Some(label) = label
                    && makes_an_enum(*optional, arms)
                    && arms.iter().any(|arm| first_keyword(arm).is_none())
                {
                    self.error(
                        label,
                        format!("every arm of `{label}:` must begin with a keyword"),
                    );
                }
                arms.iter().for_each(|arm| self.check_labels(arm));
            }
        }
    }

    /// Attaches help along the token path; answers the path behind the part, taking the first arm of every choice.
    fn tell(&mut self, part: &mut Part, path: u64, telling: &mut Telling<'_>) -> u64 {
        match part {
            Part::Keyword { word, help } => {
                let path = step(path, word, false);
                self.tell_token(Some(word), help, path, telling, |line| line.token == *word);
                path
            }
            Part::Argument(argument) => {
                let path = step(path, argument.name, true);
                let name = argument.name;
                // The keywords of a type may have theirs with the type.
                let has_own = match &argument.of.spec {
                    Spec::One(_) => false,
                    Spec::Keywords { words, ranges } => {
                        words.iter().all(|(_, help)| !help.is_empty())
                            && ranges.iter().all(|range| !range.help.is_empty())
                    }
                };
                let token = if has_own {
                    None
                } else {
                    Some(format!("<{name}>"))
                };
                self.tell_token(
                    token.as_deref(),
                    &mut argument.help,
                    path,
                    telling,
                    |line| is_token_of(line.token, name),
                );
                path
            }
            Part::Sequence(parts) => parts
                .iter_mut()
                .fold(path, |path, part| self.tell(part, path, telling)),
            Part::AnyOrder(members) => {
                for member in members {
                    self.tell(member, path, telling);
                }
                path
            }
            Part::Choice { optional, arms, .. } => {
                let mut behind = None;
                for arm in arms {
                    let end = self.tell(arm, path, telling);
                    behind.get_or_insert(end);
                }
                if *optional {
                    path
                } else {
                    behind.unwrap_or(path)
                }
            }
        }
    }

    /// `token` is what is told to be bare when nothing helps; `None` when it may be.
    fn tell_token(
        &mut self,
        token: Option<&str>,
        help: &mut &'static str,
        path: u64,
        telling: &mut Telling<'_>,
        is_meant: impl Fn(&HelpLine) -> bool,
    ) {
        let line = telling.lines.iter().position(is_meant);
        if let Some(met) = line.and_then(|line| telling.met.get_mut(line)) {
            *met = true;
        }
        if let Some((earlier, by)) = self.told.get(&path) {
            *help = earlier;
            if *by == telling.number
                && let Some(used) = line.and_then(|line| telling.used.get_mut(line))
            {
                *used = true;
            }
            return;
        }
        if let Some(found) = line.and_then(|line| telling.lines.get(line)) {
            *help = found.text;
            self.told.insert(path, (help, telling.number));
            if let Some(used) = line.and_then(|line| telling.used.get_mut(line)) {
                *used = true;
            }
        }
        if let Some(token) = token.filter(|_| help.is_empty())
            && !telling.bare.iter().any(|bare| bare == token)
        {
            telling.bare.push(token.to_string());
        }
    }
}

fn is_token_of(token: &str, name: &str) -> bool {
    token
        .strip_prefix('<')
        .and_then(|token| token.strip_suffix('>'))
        == Some(name)
}

fn step(path: u64, token: &str, is_argument: bool) -> u64 {
    let mut hasher = Fnv::default();
    (path, token, is_argument).hash(&mut hasher);
    hasher.finish()
}
