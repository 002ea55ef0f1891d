//! Commands of the terminal lines.

use serde::Deserialize;

use super::logging::Level;

/// Every command of this section; a negative form is a variant of its own.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub enum Command {
    EnterLine(Line),
    NoLine(Line),
    LoggingSynchronous(LoggingSynchronous),
    NoLoggingSynchronous(LoggingSynchronous),
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Line {
    pub line: Which,
}

#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Which {
    Console,
    Vty { first: u8, last: Option<u8> },
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct LoggingSynchronous {
    pub severity: Option<Level>,
    #[serde(default)]
    pub all: bool,
    pub limit: Option<u32>,
}
