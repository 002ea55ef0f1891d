//! Lines of the real grammar as commands, for tests of what commands do. Only whole lines and modes; prompts, abbreviations across
//! modes and blocks are the Session's.

use crate::command::{Command, Config, GRAMMAR, parse};
use crate::grammar::sentences::{Samples, sentences as made};
use crate::grammar::{Walk, Walker};

/// A line that a mode or one of its parents takes.
pub(crate) struct Typed {
    pub(crate) config: Config,
    /// The mode that took it.
    pub(crate) mode: String,
    /// The mode it opens.
    pub(crate) opens: Option<String>,
}

/// Innermost mode first; `None` when no mode takes the line as a configuration command.
pub(crate) fn typed(mode: &str, line: &str) -> Option<Typed> {
    let mut mode = GRAMMAR.mode(mode);
    while let Some(inner) = mode {
        if let Walk::Matched(found) = inner.walk(&mut Walker::default(), line.trim()) {
            let Ok(Command::Config(config)) = parse(&found) else {
                return None;
            };
            let opens = found
                .command()
                .enters()
                .filter(|_| !found.name().starts_with("No"))
                .map(str::to_owned);
            return Some(Typed {
                config: *config,
                mode: inner.name().to_owned(),
                opens,
            });
        }
        mode = inner.parent().and_then(|parent| GRAMMAR.mode(parent));
    }
    None
}

/// A spread of what can be typed in a mode.
pub(crate) fn sentences(mode: &str) -> Vec<String> {
    let samples = Samples::default()
        .with("profile", &["Xq7", "\"zZ-9\""])
        .with("new-name", &["Xq8"])
        .with("percent", &["85-90", "0-100"])
        .with("ids", &["106100", "106100-106103,111008"])
        .with("time", &["07:45", "23:59"])
        .with(
            "value",
            &["xq7.example.net", "_sip.example.net", "sip:xq7.example.net"],
        );
    let Some(mode) = GRAMMAR.mode(mode) else {
        return Vec::new();
    };
    made(mode, &samples, 60)
        .into_iter()
        .map(|sentence| sentence.text)
        .collect()
}
