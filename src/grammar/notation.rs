//! Reads a `.cli` file into its head, its definitions and its stanzas; errors carry line and column.
//!
//! Lines and annotations only: a syntax itself is read by `syntax`, and what names stand for is decided in `resolve`.

use super::syntax::{self, Node};
use super::{FileError, Source};

/// A file as it was written.
#[derive(Debug, Default)]
pub(super) struct File {
    pub(super) head: Head,
    pub(super) types: Vec<TypeDefinition>,
    pub(super) fragments: Vec<FragmentDefinition>,
    pub(super) stanzas: Vec<Stanza>,
    pub(super) errors: Vec<FileError>,
}

#[derive(Debug, Default)]
pub(super) struct Head {
    pub(super) mode: Option<&'static str>,
    pub(super) parent: Option<&'static str>,
    pub(super) prompt: &'static str,
    pub(super) title: Option<&'static str>,
    pub(super) abbreviation_wins: bool,
}

/// `type NAME = …`
#[derive(Debug)]
pub(super) struct TypeDefinition {
    pub(super) name: &'static str,
    /// What stands behind the `=`, with its `as PLACEHOLDER`.
    pub(super) text: &'static str,
    pub(super) help: Vec<HelpLine>,
}

/// `Name = …`
#[derive(Debug)]
pub(super) struct FragmentDefinition {
    pub(super) name: &'static str,
    pub(super) node: Node,
    pub(super) help: Vec<HelpLine>,
}

/// One command: a syntax and its annotations.
#[derive(Debug)]
pub(super) struct Stanza {
    pub(super) syntax: Node,
    pub(super) text: &'static str,
    pub(super) outcome: Outcome,
    pub(super) negatives: Vec<Negative>,
    pub(super) reads: bool,
    pub(super) unprivileged: bool,
    pub(super) secrets: Vec<&'static str>,
    /// Keywords that are never abbreviated.
    pub(super) in_full: Vec<&'static str>,
    pub(super) help: Vec<HelpLine>,
}

/// `=> Name`, `=> enter MODE`, `~> Name  reason`
#[derive(Debug, Clone, Copy)]
pub(super) struct Outcome {
    /// The variant, or the mode that is entered.
    pub(super) name: &'static str,
    pub(super) enters: bool,
    /// For `~>`: why nobody acts on it; may be empty.
    pub(super) kept_only: Option<&'static str>,
}

/// `no`, `no SYNTAX`, `default`, `default SYNTAX`
#[derive(Debug)]
pub(super) struct Negative {
    pub(super) is_default: bool,
    /// The syntax and its text; `None` for the whole line.
    pub(super) own: Option<(Node, &'static str)>,
}

/// `? token  text`
#[derive(Debug, Clone, Copy)]
pub(super) struct HelpLine {
    pub(super) token: &'static str,
    pub(super) text: &'static str,
}

/// An error at the place where `at`, a slice of the file's text, stands.
pub(super) fn error_at(source: Source, at: &str, message: impl Into<String>) -> FileError {
    let offset = (at.as_ptr() as usize).saturating_sub(source.text.as_ptr() as usize);
    let before = source.text.get(..offset).unwrap_or(source.text);
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    FileError {
        file: source.file,
        line: before.matches('\n').count() + 1,
        column: before.get(start..).map_or(0, |text| text.chars().count()) + 1,
        message: message.into(),
    }
}

/// The first word and what follows it, trimmed.
pub(super) fn first_word(text: &'static str) -> (&'static str, &'static str) {
    let end = text.bytes().position(|b| b.is_ascii_whitespace());
    let (word, rest) = text.split_at(end.unwrap_or(text.len()));
    (word, rest.trim_ascii())
}

/// Reads a whole file; what could not be read is in `errors`, and everything else is there.
pub(super) fn read(source: Source) -> File {
    let mut reader = Reader {
        source,
        file: File::default(),
    };
    let mut block: Vec<&'static str> = Vec::new();
    let mut in_head = true;
    for line in source.text.lines() {
        let content = line.trim_ascii();
        if content.starts_with('#') {
            continue;
        }
        // An annotation that can be nothing else needs no indentation.
        let hangs = line.starts_with([' ', '\t', '?'])
            || content.starts_with("=>")
            || content.starts_with("~>");
        let starts_a_block = content.is_empty() || !(in_head || hangs);
        if starts_a_block && !block.is_empty() {
            reader.block(&block);
            block.clear();
            in_head = false;
        }
        if !content.is_empty() {
            in_head = in_head && (!block.is_empty() || first_word(content).0 == "mode");
            if block.is_empty() && hangs && !in_head {
                reader.error(
                    content,
                    "this belongs to a line above it, and there is none",
                );
                continue;
            }
            block.push(line);
        }
    }
    if !block.is_empty() {
        reader.block(&block);
    }
    reader.file
}

struct Reader {
    source: Source,
    file: File,
}

/// The slice of `whole` from the start of `first` to the end of `last`, both slices of it.
fn span(whole: &'static str, first: &'static str, last: &'static str) -> &'static str {
    let base = whole.as_ptr() as usize;
    let start = (first.as_ptr() as usize).saturating_sub(base);
    let end = (last.as_ptr() as usize).saturating_sub(base) + last.len();
    whole.get(start..end).unwrap_or(first)
}

impl Reader {
    fn error(&mut self, at: &'static str, message: impl Into<String>) {
        self.file.errors.push(error_at(self.source, at, message));
    }

    fn block(&mut self, lines: &[&'static str]) {
        let Some(&first) = lines.first() else { return };
        let (word, rest) = first_word(first.trim_ascii());
        if word == "mode" && self.file.head.mode.is_none() && self.file.stanzas.is_empty() {
            self.head(lines);
        } else if word == "type" && first_word(rest).1.starts_with('=') {
            self.type_definition(lines, rest);
        } else if word.starts_with(|c: char| c.is_ascii_uppercase())
            && rest.starts_with('=')
            && !rest.starts_with("=>")
        {
            self.fragment_definition(lines, word, rest);
        } else {
            self.stanza(lines);
        }
    }

    fn head(&mut self, lines: &[&'static str]) {
        for line in lines {
            let line = line.trim_ascii();
            let (word, rest) = first_word(line);
            if rest.is_empty() {
                self.error(line, format!("`{word}` wants a value"));
                continue;
            }
            let head = &mut self.file.head;
            match word {
                "mode" => head.mode = Some(rest),
                "parent" => head.parent = Some(rest),
                "prompt" => head.prompt = rest,
                "title" => head.title = Some(rest),
                "abbreviated-keyword" if rest == "loses to argument" => {
                    head.abbreviation_wins = false
                }
                "abbreviated-keyword"
                    if rest == "wins to argument" || rest == "wins over argument" =>
                {
                    head.abbreviation_wins = true
                }
                "abbreviated-keyword" => {
                    self.error(rest, "expected `loses to argument` or `wins to argument`")
                }
                _ => self.error(
                    word,
                    "expected `mode`, `parent`, `prompt`, `title` or `abbreviated-keyword`",
                ),
            }
        }
    }

    /// The help lines of a definition, and the text in front of them.
    fn definition(
        &mut self,
        lines: &[&'static str],
        text: &'static str,
    ) -> (&'static str, Vec<HelpLine>) {
        let mut last = text;
        let mut help = Vec::new();
        for line in lines.iter().skip(1) {
            let content = line.trim_ascii();
            match content.strip_prefix('?') {
                Some(rest) => help.extend(self.help_line(rest.trim_ascii())),
                None if help.is_empty() => last = line.trim_ascii_end(),
                None => self.error(content, "expected another `? token  text`"),
            }
        }
        (span(self.source.text, text, last), help)
    }

    fn type_definition(&mut self, lines: &[&'static str], rest: &'static str) {
        let (name, rest) = first_word(rest);
        let text = rest.strip_prefix('=').unwrap_or(rest).trim_ascii_start();
        let (text, help) = self.definition(lines, text);
        self.file.types.push(TypeDefinition {
            name,
            text: text.trim_ascii(),
            help,
        });
    }

    fn fragment_definition(
        &mut self,
        lines: &[&'static str],
        name: &'static str,
        rest: &'static str,
    ) {
        let text = rest.strip_prefix('=').unwrap_or(rest).trim_ascii_start();
        let (text, help) = self.definition(lines, text);
        if let Some(node) = self.syntax(text) {
            self.file
                .fragments
                .push(FragmentDefinition { name, node, help });
        }
    }

    fn syntax(&mut self, text: &'static str) -> Option<Node> {
        match syntax::read(text) {
            Ok(node) => Some(node),
            Err(wanted) => {
                self.error(wanted.at, format!("expected {}", wanted.what));
                None
            }
        }
    }

    fn help_line(&mut self, text: &'static str) -> Option<HelpLine> {
        // An argument's token may be followed by anything; its end is its bracket.
        let end = if text.starts_with('<') {
            text.find('>').map(|at| at + 1)
        } else {
            text.find(|c: char| c.is_ascii_whitespace())
        };
        let (token, help) = text.split_at(end.unwrap_or(text.len()));
        if token.is_empty() || help.trim_ascii().is_empty() {
            self.error(text, "expected `? token  text`");
            return None;
        }
        Some(HelpLine {
            token,
            text: help.trim_ascii(),
        })
    }

    fn stanza(&mut self, lines: &[&'static str]) {
        let mut reading = Annotations::default();
        // What a continuation line continues: the syntax, or the newest `no SYNTAX`.
        let mut open: Option<(Part, &'static str, &'static str)> = None;
        for (number, line) in lines.iter().enumerate() {
            let content = line.trim_ascii();
            let (word, rest) = first_word(content);
            if number == 0 {
                open = Some((Part::Syntax, content, content));
                continue;
            }
            let part = match word {
                "no" => Part::Negative(false),
                "default" => Part::Negative(true),
                "=>" | "~>" | "?" | "secret" | "in-full" => Part::Line,
                "reads" | "unprivileged" if rest.is_empty() => Part::Line,
                _ if content.starts_with('?') => Part::Line,
                _ => {
                    match &mut open {
                        Some((_, _, last)) => *last = content,
                        None => self.error(content, "expected `=>`, `~>`, `no`, `default`, `reads`, `unprivileged`, `secret` or `?`"),
                    }
                    continue;
                }
            };
            self.close(open.take(), &mut reading);
            match part {
                Part::Negative(is_default) if rest.is_empty() => reading.negatives.push(Negative {
                    is_default,
                    own: None,
                }),
                Part::Negative(_) => open = Some((part, rest, rest)),
                _ => self.annotation(content, word, rest, &mut reading),
            }
        }
        self.close(open.take(), &mut reading);
        let Some((syntax, text)) = reading.syntax else {
            return;
        };
        let Some(outcome) = reading.outcome else {
            self.error(
                text,
                "this command has no `=> Name`, `=> enter MODE` or `~> Name`",
            );
            return;
        };
        let Annotations {
            negatives,
            reads,
            unprivileged,
            secrets,
            in_full,
            help,
            ..
        } = reading;
        self.file.stanzas.push(Stanza {
            syntax,
            text,
            outcome,
            negatives,
            reads,
            unprivileged,
            secrets,
            in_full,
            help,
        });
    }

    fn close(&mut self, open: Option<(Part, &'static str, &'static str)>, into: &mut Annotations) {
        let Some((part, first, last)) = open else {
            return;
        };
        let text = span(self.source.text, first, last);
        let Some(node) = self.syntax(text) else {
            return;
        };
        match part {
            Part::Negative(is_default) => into.negatives.push(Negative {
                is_default,
                own: Some((node, text)),
            }),
            Part::Syntax | Part::Line => into.syntax = Some((node, text)),
        }
    }

    fn annotation(
        &mut self,
        line: &'static str,
        word: &'static str,
        rest: &'static str,
        into: &mut Annotations,
    ) {
        match word {
            "=>" | "~>" => {
                let (mut name, mut reason) = first_word(rest);
                let enters = name == "enter";
                if enters {
                    (name, reason) = first_word(reason);
                }
                if into.outcome.is_some() {
                    self.error(line, "a command has one outcome");
                } else if name.is_empty() || !(enters || is_variant(name)) {
                    self.error(rest, "expected a Name, or `enter` and a mode");
                } else if word == "=>" && !reason.is_empty() {
                    self.error(reason, "expected the end of the line");
                } else {
                    into.outcome = Some(Outcome {
                        name,
                        enters,
                        kept_only: (word == "~>").then_some(reason),
                    });
                }
            }
            "in-full" if rest.is_empty() => self.error(line, "expected a keyword: `in-full word`"),
            "in-full" => into.in_full.push(rest),
            "reads" => into.reads = true,
            "unprivileged" => into.unprivileged = true,
            "secret" => match rest
                .strip_prefix('<')
                .and_then(|rest| rest.strip_suffix('>'))
            {
                Some(name) => into.secrets.push(name),
                None => self.error(rest, "expected an argument: `secret <name>`"),
            },
            _ => {
                let text = line.strip_prefix('?').unwrap_or(line).trim_ascii();
                into.help.extend(self.help_line(text));
            }
        }
    }
}

fn is_variant(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_uppercase())
        && name.chars().all(|c| c.is_ascii_alphanumeric())
}

#[derive(Debug, Clone, Copy)]
enum Part {
    Syntax,
    /// Whether it is `default`.
    Negative(bool),
    Line,
}

#[derive(Default)]
struct Annotations {
    syntax: Option<(Node, &'static str)>,
    outcome: Option<Outcome>,
    negatives: Vec<Negative>,
    reads: bool,
    unprivileged: bool,
    secrets: Vec<&'static str>,
    in_full: Vec<&'static str>,
    help: Vec<HelpLine>,
}
