//! Where a Session or a reader of configurations stands: EXEC, or a stack of configuration modes with the objects they
//! speak of; and how a line finds its mode (C1.5). What a found command does is not known here.

use std::ops::Range;

use crate::command::GRAMMAR;
use crate::config::{Refusal, Scope, masking};
use crate::grammar::{Match, Mode, Walk, Walker};

/// The mode stack. Empty is EXEC.
#[derive(Default)]
pub struct Place {
    levels: Vec<Level>,
    walker: Walker,
}

struct Level {
    mode: &'static Mode,
    scope: Scope,
}

/// Where a line may be tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tries {
    /// From the innermost mode out to global configuration, then EXEC.
    All,
    /// What `do` leads.
    ExecAlone,
    /// What is read from a file.
    ConfigurationAlone,
}

/// The level at which a line was found; EXEC is none.
pub type At = Option<usize>;

/// A line that a mode takes as a whole.
pub struct Found<'l> {
    pub command: Match<'static, 'l>,
    pub at: At,
}

/// A line that no mode takes: the refusal whose caret is furthest right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unmatched {
    /// Byte offset in the text that was tried.
    pub column: usize,
    pub refusal: Refusal,
}

impl Place {
    pub const EXEC: &'static str = "exec";
    pub const CONFIGURATION: &'static str = "config";

    /// Global configuration.
    pub fn in_configuration() -> Self {
        let mut place = Self::default();
        place.configure();
        place
    }

    pub fn is_configuration(&self) -> bool {
        !self.levels.is_empty()
    }

    /// Goes to global configuration, from wherever.
    pub fn configure(&mut self) {
        self.levels.clear();
        self.enter(Self::CONFIGURATION, Scope::Global);
    }

    /// Goes to EXEC.
    pub fn end(&mut self) {
        self.levels.clear();
    }

    /// One level up.
    pub fn exit(&mut self) {
        self.levels.pop();
    }

    /// The mode of that level is the current one.
    pub fn return_to(&mut self, at: usize) {
        self.levels.truncate(at + 1);
    }

    /// Opens a mode; one that the grammar does not have opens nothing.
    pub fn enter(&mut self, mode: &str, scope: Scope) {
        if let Some(mode) = GRAMMAR.mode(mode) {
            self.levels.push(Level { mode, scope });
        }
    }

    /// What the commands of a level speak of.
    pub fn scope(&self, at: At) -> Scope {
        at.and_then(|at| self.levels.get(at))
            .map_or(Scope::Global, |level| level.scope.clone())
    }

    pub fn depth(&self) -> usize {
        self.levels.len()
    }

    /// The current mode.
    pub fn mode(&self) -> Option<&'static Mode> {
        self.levels
            .last()
            .map(|level| level.mode)
            .or_else(|| GRAMMAR.mode(Self::EXEC))
    }

    /// The modes a line is tried in, innermost first, with their levels.
    pub fn modes(&self, tries: Tries) -> Vec<(At, &'static Mode)> {
        let mut modes = Vec::with_capacity(self.levels.len() + 1);
        if tries != Tries::ExecAlone {
            modes.extend(
                self.levels
                    .iter()
                    .enumerate()
                    .rev()
                    .map(|(at, level)| (Some(at), level.mode)),
            );
        }
        if tries != Tries::ConfigurationAlone {
            modes.extend(GRAMMAR.mode(Self::EXEC).map(|mode| (None, mode)));
        }
        modes
    }

    pub fn walker(&mut self) -> &mut Walker {
        &mut self.walker
    }

    /// A line that may not parse, without its secrets: what any mode marks as one, and what follows a word that
    /// announces one.
    pub fn masked(&mut self, line: &str) -> String {
        let mut secrets: Vec<Range<usize>> = Vec::new();
        for (_, mode) in self.modes(Tries::All) {
            secrets.extend(mode.secrets(&mut self.walker, line));
        }
        secrets.extend(masking::secret_tail(line).map(|at| at..line.len()));
        secrets.sort_by_key(|secret| secret.start);
        // Modes may mark the same words.
        let mut apart: Vec<Range<usize>> = Vec::new();
        for secret in secrets {
            match apart.last_mut() {
                Some(last) if secret.start <= last.end => last.end = last.end.max(secret.end),
                _ => apart.push(secret),
            }
        }
        masking::mask_userinfo(&masking::mask(line, &apart)).into_owned()
    }

    /// Finds the mode that takes `text`: every keyword in full beats an abbreviation, then the innermost mode wins. What is
    /// the beginning of a mode's own commands as far as it goes abbreviates none of an outer mode (D63).
    pub fn find<'l>(&mut self, text: &'l str, tries: Tries) -> Result<Found<'l>, Unmatched> {
        let mut abbreviated = None;
        let mut is_begun = false;
        let end = text.trim_end().len();
        let mut furthest: Option<Unmatched> = None;
        let levels = if tries == Tries::ExecAlone {
            0
        } else {
            self.levels.len()
        };
        let exec = (tries != Tries::ConfigurationAlone).then_some(None);
        for at in (0..levels).rev().map(Some).chain(exec) {
            let mode = match at.and_then(|at| self.levels.get(at)) {
                Some(level) => Some(level.mode),
                None => GRAMMAR.mode(Self::EXEC),
            };
            let Some(mode) = mode else { continue };
            let unmatched = match mode.walk(&mut self.walker, text) {
                Walk::Matched(command) if command.is_exact() => return Ok(Found { command, at }),
                Walk::Matched(command) => {
                    if abbreviated.is_none() && !is_begun {
                        abbreviated = Some(Found { command, at });
                    }
                    continue;
                }
                Walk::Incomplete { column } => Unmatched {
                    column,
                    refusal: Refusal::Incomplete,
                },
                Walk::Ambiguous { column, word } => Unmatched {
                    column,
                    refusal: Refusal::Ambiguous {
                        text: word.to_owned(),
                    },
                },
                Walk::Invalid { column } => Unmatched {
                    column,
                    refusal: Refusal::Invalid { column },
                },
            };
            is_begun |=
                unmatched.column >= end && !matches!(unmatched.refusal, Refusal::Invalid { .. });
            if furthest
                .as_ref()
                .is_none_or(|furthest| unmatched.column > furthest.column)
            {
                furthest = Some(unmatched);
            }
        }
        abbreviated.ok_or_else(|| {
            furthest.unwrap_or(Unmatched {
                column: 0,
                refusal: Refusal::Invalid { column: 0 },
            })
        })
    }
}
