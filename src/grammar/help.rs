//! Lays out what `?` prints.
//!
//! Which items there are is in `expect`; where they are printed is the shell's business.

use std::fmt::Write as _;

use super::Expected;

/// A blank line, the heading, one line per item with the tokens padded to the longest, `<cr>` last.
pub fn lay_out(title: &str, items: &[Expected], complete: bool) -> String {
    let width = items
        .iter()
        .map(|item| item.token.chars().count())
        .max()
        .unwrap_or(0);
    let mut out = format!("\n{title} mode commands/options:\n");
    for item in items {
        // Writing to a String cannot fail.
        _ = writeln!(
            out,
            "{}",
            format!("  {:width$}  {}", item.token, item.help).trim_end()
        );
    }
    if complete {
        out.push_str("  <cr>\n");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(token: &str, help: &str) -> Expected {
        Expected {
            token: token.into(),
            help: help.into(),
            is_keyword: true,
            argument: None,
        }
    }

    #[test]
    fn tokens_are_padded_to_the_longest_and_two_more() {
        let items = [
            item("<0-7>", "Level (0 - 7)"),
            item("emergencies", "System is unusable"),
        ];
        let wanted = "\nconfigure mode commands/options:\n  <0-7>        Level (0 - 7)\n  emergencies  System is unusable\n  <cr>\n";
        assert_eq!(lay_out("configure", &items, true), wanted);
    }

    #[test]
    fn a_line_that_can_only_end_shows_nothing_but_cr() {
        assert_eq!(
            lay_out("exec", &[], true),
            "\nexec mode commands/options:\n  <cr>\n"
        );
    }
}
