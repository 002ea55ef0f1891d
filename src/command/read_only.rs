//! Which EXEC commands may be run on behalf of nobody who watches: those that the grammar says change nothing. Asked when such a
//! command is configured or sent, not only when it is run.

use super::GRAMMAR;
use crate::grammar::{Walk, Walker};

/// Why a command is not run for call home.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotReadOnly {
    Unknown,
    Changes,
    /// What stands behind a bar is no filter.
    Redirected,
}

impl NotReadOnly {
    /// For a refusal.
    pub const fn why(self) -> &'static str {
        match self {
            Self::Unknown => "Not a command of privileged EXEC",
            Self::Changes => "Only commands that change nothing are run for call home",
            Self::Redirected => {
                "What a command prints for call home cannot go anywhere else, such as into a file"
            }
        }
    }
}

/// The filters that change what is printed and nothing else.
const FILTERS: [&str; 7] = [
    "begin", "count", "exclude", "grep", "include", "json", "section",
];

/// # Errors
/// It is none, or it does more than print.
pub fn check(line: &str) -> Result<(), NotReadOnly> {
    if line.chars().any(char::is_control) {
        return Err(NotReadOnly::Unknown);
    }
    let (command, filters) = match line.split_once('|') {
        None => (line, None),
        Some((command, filters)) => (command, Some(filters)),
    };
    let mode = GRAMMAR.mode("exec").ok_or(NotReadOnly::Unknown)?;
    let mut walker = Walker::default();
    match mode.walk(&mut walker, command) {
        Walk::Matched(found) if !found.command().reads() => return Err(NotReadOnly::Changes),
        Walk::Matched(_) => {}
        Walk::Incomplete { .. } | Walk::Ambiguous { .. } | Walk::Invalid { .. } => {
            return Err(NotReadOnly::Unknown);
        }
    }
    // A bar without blanks is part of a pattern.
    let words = filters.into_iter().flat_map(|filters| filters.split(" | "));
    for words in words {
        let word = words.split_whitespace().next().unwrap_or_default();
        let word = word.to_ascii_lowercase();
        if word.is_empty() || FILTERS.iter().all(|filter| !filter.starts_with(&*word)) {
            return Err(NotReadOnly::Redirected);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_prints_is_taken_with_its_filters() {
        for line in [
            "show version",
            "sh ver",
            "show running-config | include ^logging | exclude a|b",
            "show logging | count error",
        ] {
            assert_eq!(check(line), Ok(()), "{line}");
        }
    }

    #[test]
    fn what_changes_something_is_not() {
        for line in [
            "reload",
            "write memory",
            "clear logging",
            "clear configure all",
            "enable",
        ] {
            assert_eq!(check(line), Err(NotReadOnly::Changes), "{line}");
        }
    }

    #[test]
    fn what_is_no_command_or_several_is_not() {
        for line in [
            "",
            "hostname x",
            "show",
            "show version; reload",
            "show version\nreload",
        ] {
            assert_eq!(check(line), Err(NotReadOnly::Unknown), "{line}");
        }
    }

    #[test]
    fn output_goes_nowhere_else() {
        for line in [
            "show version | redirect disk0:x",
            "show version | tee disk0:x",
            "show version | include a | append disk0:x",
            "show version |",
        ] {
            assert_eq!(check(line), Err(NotReadOnly::Redirected), "{line}");
        }
    }
}
