//! `show startup-config errors`: the lines that were refused when it was read last.

use std::fmt;

use serde::Serialize;

/// In the order of the file; secrets are masked already.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Errors {
    pub errors: Vec<Error>,
}

#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Error {
    /// From 1.
    pub line: usize,
    /// From 1, in characters; 0 where the whole line is meant.
    pub column: usize,
    pub text: String,
    /// In the device's words.
    pub error: String,
}

impl fmt::Display for Errors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.errors.is_empty() {
            return writeln!(f, "INFO: No configuration errors");
        }
        for Error {
            line, text, error, ..
        } in &self.errors
        {
            writeln!(f, "line {line}: \"{text}\"")?;
            writeln!(f, "  {error}")?;
        }
        Ok(())
    }
}
