//! Writes the reference of all commands: mode by mode the syntax, the help, the negative form, and a list of what is
//! accepted without being acted on.
//!
//! Everything comes from the grammar files; the caller says which transcript shows a command.

use std::fmt::Write as _;

use super::tree::Part;
use super::types::Spec;
use super::{Command, Form, Grammar, Mode};

/// The reference in Markdown. `shown_in` answers the transcripts that show a variant, which may be none.
pub fn reference(grammar: &Grammar, shown_in: &dyn Fn(&Mode, &Command) -> Vec<String>) -> String {
    let mut out = String::from(
        "# Commands\n\nWritten from the files in `grammar/`; change those, not this.\n",
    );
    let modes: Vec<&Mode> = grammar
        .mode_names()
        .filter_map(|name| grammar.mode(name))
        .collect();
    // Writing to a String cannot fail.
    for mode in &modes {
        _ = write!(out, "\n## {}\n\nPrompt `{}`", mode.name(), mode.prompt());
        match mode.parent() {
            Some(parent) => _ = writeln!(out, ", inside `{parent}`."),
            None => out.push_str(".\n"),
        }
        for command in mode.commands() {
            write_command(&mut out, command, &shown_in(mode, command));
        }
    }
    out.push_str("\n## Accepted, stored and shown, but acted on by nobody\n\n");
    for mode in modes {
        for command in mode
            .commands()
            .iter()
            .filter(|command| command.is_kept_only())
        {
            let reason = command
                .reason()
                .map(|reason| format!(": {reason}"))
                .unwrap_or_default();
            _ = writeln!(out, "- `{}` ({}){reason}", title(command), mode.name());
        }
    }
    out
}

/// The leading keywords, by which a command is known.
fn title(command: &Command) -> String {
    let Some(tree) = command.trees.first() else {
        return String::new();
    };
    let one = std::slice::from_ref(&tree.part);
    let parts = if let Part::Sequence(parts) = &tree.part {
        parts.as_slice()
    } else {
        one
    };
    let words: Vec<&str> = parts
        .iter()
        .map_while(|part| {
            if let Part::Keyword { word, .. } = part {
                Some(*word)
            } else {
                None
            }
        })
        .collect();
    if words.is_empty() {
        flat(command.syntax())
    } else {
        words.join(" ")
    }
}

/// A syntax on one line, without comments.
fn flat(syntax: &str) -> String {
    let lines = syntax
        .lines()
        .map(str::trim)
        .filter(|line| !line.starts_with('#'));
    lines
        .flat_map(str::split_whitespace)
        .collect::<Vec<_>>()
        .join(" ")
}

fn write_command(out: &mut String, command: &Command, transcripts: &[String]) {
    _ = writeln!(
        out,
        "\n### {}\n\n```\n{}\n```\n",
        title(command),
        flat(command.syntax())
    );
    let mut rows = Vec::new();
    for tree in &command.trees {
        collect(&tree.part, &mut rows);
    }
    for (token, help) in rows {
        _ = writeln!(out, "- `{token}` {help}");
    }
    for (form, _, own) in command.negatives() {
        let word = if form == Form::Default {
            "default"
        } else {
            "no"
        };
        match own {
            Some(syntax) => _ = writeln!(out, "\nNegative: `{word} {}`", flat(syntax)),
            None => {
                _ = writeln!(
                    out,
                    "\nNegative: `{word} …`, with everything from the first argument or option on, or without."
                )
            }
        }
    }
    if let Some(mode) = command.enters() {
        _ = writeln!(out, "\nOpens `{mode}`.");
    }
    if command.reads() {
        out.push_str("\nChanges nothing; takes `|`.\n");
    }
    if command.is_kept_only() {
        _ = writeln!(
            out,
            "\nStored and shown; acted on by nobody{}.",
            command
                .reason()
                .map(|reason| format!(": {reason}"))
                .unwrap_or_default()
        );
    }
    // A few are enough to see it work.
    let shown: Vec<String> = transcripts
        .iter()
        .take(3)
        .map(|name| format!("`{name}`"))
        .collect();
    if !shown.is_empty() {
        _ = writeln!(out, "\nShown in {}.", shown.join(", "));
    }
}

/// Every token once, with its help.
fn collect<'p>(part: &'p Part, rows: &mut Vec<(String, &'p str)>) {
    let mut add = |token: String, help: &'p str| {
        let is_new = !rows
            .iter()
            .any(|(known, told)| *known == token && *told == help);
        if is_new
            && !help.is_empty()
            && !(matches!(token.as_str(), "no" | "default") && rows.is_empty())
        {
            rows.push((token, help));
        }
    };
    match part {
        Part::Keyword {
            word: "no" | "default",
            ..
        } => {}
        Part::Keyword { word, help } => add((*word).to_string(), help),
        Part::Argument(argument) => match &argument.of.spec {
            Spec::One(_) => add(
                format!("<{}> {}", argument.name, argument.of.placeholder),
                argument.help,
            ),
            Spec::Keywords { words, ranges } => {
                let helped = |own: &'static str| if own.is_empty() { argument.help } else { own };
                for (word, help) in words {
                    add((*word).to_string(), helped(help));
                }
                for range in ranges {
                    add(range.placeholder.clone(), helped(range.help));
                }
            }
        },
        Part::Sequence(parts) | Part::AnyOrder(parts) | Part::Choice { arms: parts, .. } => {
            for part in parts {
                collect(part, rows);
            }
        }
    }
}
