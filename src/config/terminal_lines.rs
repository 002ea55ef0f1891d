//! `line console 0`, `line vty FIRST LAST`: what log lines do to a terminal at which somebody works. Terminals themselves are
//! not known here.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use super::refusal::{Kind, Notices, Refusal};
use super::render::Lines;
use super::{RunningConfig, Scope};
use crate::command::line::{Command, LoggingSynchronous, Which};
use crate::message::Severity;

/// The lines that were entered, each with what is configured of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TerminalLines {
    pub by_line: BTreeMap<LineId, TerminalLine>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LineId {
    Console,
    /// 0 to 98.
    Vty(u8),
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TerminalLine {
    pub synchronous: Option<Synchronous>,
}

/// `logging synchronous`, as typed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Synchronous {
    pub level: Option<Waits>,
    pub limit: Option<u32>,
}

/// Which lines wait until output is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Waits {
    All,
    /// This severity and those that are less severe.
    From(Severity),
}

/// The lines that a mode speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LineRange {
    first: LineId,
    last: LineId,
}

impl fmt::Display for LineId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Console => f.write_str("console 0"),
            Self::Vty(number) => write!(f, "vty {number}"),
        }
    }
}

impl LineRange {
    pub const CONSOLE: Self = Self {
        first: LineId::Console,
        last: LineId::Console,
    };

    fn typed(which: Which) -> Self {
        match which {
            Which::Console => Self::CONSOLE,
            Which::Vty { first, last } => Self {
                first: LineId::Vty(first),
                last: LineId::Vty(last.unwrap_or(first)),
            },
        }
    }

    fn has(&self, line: &LineId) -> bool {
        (self.first..=self.last).contains(line)
    }

    fn each(&self) -> Vec<LineId> {
        match (self.first, self.last) {
            (LineId::Vty(first), LineId::Vty(last)) => (first..=last).map(LineId::Vty).collect(),
            (first, _) => vec![first],
        }
    }
}

/// The scope that an `enter` command of this section opens.
pub(super) fn scope(command: &Command) -> Option<Scope> {
    match command {
        Command::EnterLine(c) => Some(Scope::Line(LineRange::typed(c.line))),
        _ => None,
    }
}

/// The commands of this file.
pub(super) fn apply(
    config: &mut RunningConfig,
    scope: &Scope,
    command: &Command,
) -> Result<Notices, Refusal> {
    let range = match (command, scope) {
        (Command::EnterLine(c) | Command::NoLine(c), _) => LineRange::typed(c.line),
        (_, Scope::Line(range)) => *range,
        // The grammar offers the rest in none of the other scopes.
        _ => {
            return Err(Refusal::NotAllowed {
                why: "No object is open that this command could change",
            });
        }
    };
    if range.first > range.last {
        return Err(Refusal::Value {
            expected: "a last line that is not before the first".into(),
        });
    }
    let lines = &mut Arc::make_mut(&mut config.terminal_lines).by_line;
    match command {
        Command::NoLine(_) => lines.retain(|line, _| !range.has(line)),
        Command::EnterLine(_) => range.each().into_iter().for_each(|line| {
            lines.entry(line).or_default();
        }),
        Command::LoggingSynchronous(c) => {
            let synchronous = Some(synchronous(c));
            lines_of(lines, &range)?.for_each(|line| line.synchronous = synchronous);
        }
        Command::NoLoggingSynchronous(_) => {
            lines_of(lines, &range)?.for_each(|line| line.synchronous = None);
        }
    }
    Ok(Notices::new())
}

/// Those that are still there of the lines that a mode was entered for.
fn lines_of<'l>(
    lines: &'l mut BTreeMap<LineId, TerminalLine>,
    range: &'l LineRange,
) -> Result<impl Iterator<Item = &'l mut TerminalLine>, Refusal> {
    if !lines.keys().any(|line| range.has(line)) {
        return Err(Refusal::NotDefined {
            kind: Kind::Line,
            name: range.first.to_string().into(),
        });
    }
    let within = lines.iter_mut().filter(|(line, _)| range.has(line));
    Ok(within.map(|(_, line)| line))
}

fn synchronous(c: &LoggingSynchronous) -> Synchronous {
    let from = c.severity.map(|level| Waits::From(level.0));
    Synchronous {
        level: if c.all { Some(Waits::All) } else { from },
        limit: c.limit,
    }
}

impl Synchronous {
    /// The most severe of those that wait: 2 unless configured.
    pub fn from(&self) -> Severity {
        match self.level {
            Some(Waits::All) => Severity::Emergencies,
            Some(Waits::From(severity)) => severity,
            None => Severity::Critical,
        }
    }

    /// Lines that wait at most: 20 unless configured.
    pub fn limit(&self) -> usize {
        self.limit.unwrap_or(20) as usize
    }
}

impl TerminalLines {
    /// `logging synchronous` of the console.
    pub fn console(&self) -> Option<Synchronous> {
        self.by_line.get(&LineId::Console)?.synchronous
    }

    /// Neighbours that are alike are one line of text.
    pub(super) fn lines(&self, out: &mut Lines) {
        let mut all = self.by_line.iter().peekable();
        while let Some((line, what)) = all.next() {
            let LineId::Vty(first) = *line else {
                out.line(0, format_args!("line {line}"));
                what.lines(out);
                continue;
            };
            let mut last = first;
            while let Some((LineId::Vty(next), _)) = all.next_if(|(line, like)| {
                **line == LineId::Vty(last.saturating_add(1)) && *like == what
            }) {
                last = *next;
            }
            if first == last {
                out.line(0, format_args!("line {line}"));
            } else {
                out.line(0, format_args!("line vty {first} {last}"));
            }
            what.lines(out);
        }
    }
}

impl TerminalLine {
    fn lines(&self, out: &mut Lines) {
        let Some(synchronous) = &self.synchronous else {
            if out.is_all() {
                out.line(1, format_args!("no logging synchronous"));
            }
            return;
        };
        let level = match synchronous.level {
            None => String::new(),
            Some(Waits::All) => " level all".to_owned(),
            Some(Waits::From(severity)) => format!(" level {}", severity.number()),
        };
        let limit = synchronous.limit.map(|limit| format!(" limit {limit}"));
        let limit = limit.unwrap_or_default();
        out.line(1, format_args!("logging synchronous{level}{limit}"));
    }
}
