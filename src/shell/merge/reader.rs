//! One text, line by line: the walk up the modes, blocks of certificates, what is indented below a refused line.

use super::{Finding, Tally, Target, What};
use crate::command::crypto::{self, Certificate};
use crate::command::{self, Command, Config, Session as Own};
use crate::config::{Notice, Notices, Refusal, Scope, masking};
use crate::grammar::Form;
use crate::shell::line::{self, Line, Typed};
use crate::shell::place::{Found, Place, Tries, Unmatched};
use crate::show::running_config::first_keyword;

/// Reads `text` into `target`, beginning in global configuration; `tell` gets the findings in order.
pub fn read(text: &str, target: &mut dyn Target, tell: &mut dyn FnMut(Finding)) -> Tally {
    // An editor's byte order mark is none of the text.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let place = Place::in_configuration();
    let mut reader = Reader {
        place,
        target,
        tell,
        tally: Tally::default(),
        refused_indent: None,
        block: None,
    };
    let mut rest = text;
    let mut number = 0;
    while !rest.is_empty() {
        // The search of the standard library costs more than the usual line is long.
        let end = memchr::memchr(b'\n', rest.as_bytes());
        let (raw, behind) = rest.split_at(end.unwrap_or(rest.len()));
        rest = behind.get(1..).unwrap_or_default();
        number += 1;
        reader.line(number, raw.trim_end_matches('\r'));
    }
    if let Some(block) = reader.block.take() {
        reader.refuse(block.line, &block.typed, 0, Refusal::Incomplete);
    }
    reader.tally
}

struct Reader<'a> {
    place: Place,
    target: &'a mut dyn Target,
    tell: &'a mut dyn FnMut(Finding),
    tally: Tally,
    /// Blanks before the refused line; what is indented deeper is refused with it (D43).
    refused_indent: Option<usize>,
    block: Option<Block>,
}

/// A certificate whose lines come next.
struct Block {
    line: usize,
    typed: String,
    scope: Scope,
    certificate: Certificate,
    lines: Vec<String>,
}

impl Reader<'_> {
    fn line(&mut self, number: usize, raw: &str) {
        let cleaned = line::clean(raw);
        if let Some(block) = self.block.take() {
            return self.block(block, &cleaned);
        }
        let Line::Command(typed) = line::sort(&cleaned, true) else {
            return;
        };
        if self
            .refused_indent
            .is_some_and(|above| typed.indent > above)
        {
            let (text, column) = (self.place.masked(typed.whole), typed.indent);
            return self.note_refused(number, &typed, text, column, Refusal::Invalid { column });
        }
        self.refused_indent = None;
        // What `do` leads is no configuration.
        let wrong = line::control_character(typed.whole).or(typed.is_do.then_some(typed.indent));
        match wrong {
            Some(column) => self.refuse(number, typed.whole, column, Refusal::Invalid { column }),
            None => self.command(number, &typed),
        }
    }

    fn command(&mut self, number: usize, typed: &Typed<'_>) {
        if self.moves(typed.command()) {
            self.tally.applied += 1;
            return;
        }
        let found = match self.place.find(typed.command(), Tries::ConfigurationAlone) {
            Ok(found) => found,
            Err(Unmatched { column, refusal }) => {
                let column = typed.at + column;
                return self.refuse(number, typed.whole, column, refusal);
            }
        };
        match command::parse(&found.command) {
            Ok(Command::Config(config)) => self.configure(number, typed, &found, &config),
            Ok(Command::Exec(_) | Command::Session(_)) => {
                let column = typed.at;
                self.refuse(number, typed.whole, column, Refusal::Invalid { column });
            }
            Err(error) => {
                let column = typed.at + error.column;
                self.refuse(number, typed.whole, column, Refusal::Invalid { column });
            }
        }
    }

    /// `exit`, `end` and `configure terminal`, which a configuration may hold although they are EXEC commands. The text
    /// goes on in global configuration.
    fn moves(&mut self, text: &str) -> bool {
        if !matches!(text, "exit" | "quit" | "end" | "configure terminal") {
            return false;
        }
        let Ok(found) = self.place.find(text, Tries::All) else {
            return false;
        };
        match command::parse(&found.command) {
            Ok(Command::Session(Own::Exit | Own::Quit)) if self.place.depth() > 1 => {
                self.place.exit()
            }
            Ok(Command::Session(Own::Exit | Own::Quit)) => {}
            Ok(Command::Session(Own::End | Own::EnterConfig)) => self.place.configure(),
            _ => return false,
        }
        true
    }

    fn configure(&mut self, number: usize, typed: &Typed<'_>, found: &Found<'_>, config: &Config) {
        if let Some(at) = found.at {
            self.place.return_to(at);
        }
        let scope = self.place.scope(found.at);
        let text = || {
            let secrets = found
                .command
                .secrets()
                .iter()
                .map(|secret| typed.at + secret.start..typed.at + secret.end);
            masking::mask(typed.whole, &secrets.collect::<Vec<_>>()).into_owned()
        };
        if let Config::Crypto(crypto::Command::Certificate(certificate)) = config
            && certificate.hex.is_none()
        {
            self.block = Some(Block {
                line: number,
                typed: text(),
                scope,
                certificate: certificate.clone(),
                lines: Vec::new(),
            });
            return;
        }
        match self.target.apply(&scope, config) {
            Err(refusal) => self.note_refused(number, typed, text(), typed.at, refusal),
            Ok(notices) => {
                self.tally.applied += 1;
                let opens = (found.command.form() == Form::Plain)
                    .then(|| found.command.command().enters())
                    .flatten();
                if let (Some(mode), Some(opened)) = (opens, scope.opened_by(config)) {
                    self.place.enter(mode, opened);
                }
                let is_unusable = notices.contains(&Notice::Unusable);
                let shown = if is_unusable { text() } else { String::new() };
                self.warn(number, typed.at + 1, &shown, &notices);
            }
        }
    }

    /// One line of a certificate, which stands for one line of configuration.
    fn block(&mut self, mut block: Block, line: &str) {
        if line.trim() != Certificate::END {
            block.lines.push(line.to_owned());
            self.block = Some(block);
            return;
        }
        let config = Config::Crypto(crypto::Command::Certificate(
            block.certificate.with_block(&block.lines),
        ));
        match self.target.apply(&block.scope, &config) {
            Ok(notices) => {
                self.tally.applied += 1;
                self.warn(block.line, 1, &block.typed, &notices);
            }
            Err(refusal) => self.refuse(block.line, &block.typed, 0, refusal),
        }
    }

    fn warn(&mut self, line: usize, column: usize, text: &str, notices: &Notices) {
        for notice in notices {
            let (what, text) = match notice {
                Notice::Warning(text) => (What::Warning(text.clone()), String::new()),
                Notice::Unusable => (What::Unusable, text.to_owned()),
                _ => continue,
            };
            (self.tell)(Finding {
                line,
                column,
                text,
                what,
            });
        }
    }

    /// A line that no mode takes.
    fn refuse(&mut self, number: usize, whole: &str, column: usize, refusal: Refusal) {
        let text = self.place.masked(whole);
        // A caret behind the mask points at the mask.
        let column = if *text == *whole {
            column
        } else {
            column.min(text.len())
        };
        let indent = whole.len() - whole.trim_start_matches(' ').len();
        let typed = Typed {
            whole,
            indent,
            at: indent,
            is_do: false,
        };
        self.note_refused(number, &typed, text, column, refusal);
    }

    fn note_refused(
        &mut self,
        line: usize,
        typed: &Typed<'_>,
        text: String,
        column: usize,
        refusal: Refusal,
    ) {
        if self.refused_indent.is_none() {
            self.refused_indent = Some(typed.indent);
        }
        *self
            .tally
            .refused
            .entry(first_keyword(typed.whole).to_owned())
            .or_default() += 1;
        let column = text.get(..column).unwrap_or(&text).chars().count() + 1;
        (self.tell)(Finding {
            line,
            column,
            text,
            what: What::Refused(refusal),
        });
    }
}
