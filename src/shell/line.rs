//! One line as it was typed, pasted or read: indentation, comments, the header lines of a printed configuration, `do`, and
//! characters that no line may hold. What the words mean is the grammar's business.

use std::borrow::Cow;

/// What a line is before the grammar looks at it. Offsets are bytes of the cleaned line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line<'l> {
    /// Blank, a comment, or a header line of a printed configuration.
    Nothing,
    Command(Typed<'l>),
}

/// A line that says something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Typed<'l> {
    /// The cleaned line, whole, without blanks at its end.
    pub whole: &'l str,
    /// Blanks before the first word.
    pub indent: usize,
    /// Where the command begins: the first word, or the one behind `do`.
    pub at: usize,
    /// `do` came first: an EXEC command and nothing else.
    pub is_do: bool,
}

impl<'l> Typed<'l> {
    pub fn command(&self) -> &'l str {
        self.whole.get(self.at..).unwrap_or_default()
    }
}

/// Tabs become blanks, byte for byte, so that offsets hold.
pub fn clean(raw: &str) -> Cow<'_, str> {
    if raw.as_bytes().contains(&b'\t') {
        Cow::Owned(raw.replace('\t', " "))
    } else {
        Cow::Borrowed(raw)
    }
}

/// The byte of the first control character, if there is one: no key and no sender of a configuration means it.
pub fn control_character(line: &str) -> Option<usize> {
    // The usual line is looked at once, many bytes at a time.
    if line
        .bytes()
        .fold(true, |is_plain, b| is_plain & matches!(b, b' '..=b'~'))
    {
        return None;
    }
    line.char_indices()
        .find(|(_, c)| c.is_control())
        .map(|(at, _)| at)
}

/// Sorts a cleaned line. `in_configuration` lets `do` and the printed header's own lines count.
pub fn sort(line: &str, in_configuration: bool) -> Line<'_> {
    let whole = line.trim_end_matches(' ');
    let indent = whole.len() - whole.trim_start_matches(' ').len();
    let text = whole.get(indent..).unwrap_or_default();
    if text.is_empty() || text.starts_with(['!', ':']) || (in_configuration && is_header(text)) {
        return Line::Nothing;
    }
    let (at, is_do) = match behind_do(text) {
        Some(behind) if in_configuration => (indent + behind, true),
        _ => (indent, false),
    };
    Line::Command(Typed {
        whole,
        indent,
        at,
        is_do,
    })
}

/// The byte of the command behind `do`, which may not be there yet.
fn behind_do(text: &str) -> Option<usize> {
    if text.eq_ignore_ascii_case("do") {
        return Some(text.len());
    }
    let rest = text
        .get(..3)
        .filter(|word| word.eq_ignore_ascii_case("do "))
        .and_then(|_| text.get(3..))?;
    Some(text.len() - rest.trim_start_matches(' ').len())
}

/// Lines that `show running-config` prints around the configuration and no command makes.
fn is_header(text: &str) -> bool {
    ["ASA Version ", "Watchfire Version ", "Cryptochecksum:"]
        .iter()
        .any(|start| text.starts_with(start))
}

/// In a script a line that ends in a blank and `?` asks for help on what stands before; so does a `?` alone (C1.4).
pub fn asks_for_help(line: &str) -> Option<&str> {
    let before = line.trim_end_matches(' ').strip_suffix('?')?;
    (before.is_empty() || before.ends_with([' ', '\t'])).then_some(before)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(line: &str, in_configuration: bool) -> Typed<'_> {
        match sort(line, in_configuration) {
            Line::Command(typed) => typed,
            Line::Nothing => panic!("{line:?} says something"),
        }
    }

    #[test]
    fn blank_lines_and_comments_say_nothing() {
        for line in ["", "   ", "!", " ! a comment", ": Saved", ":", ": end"] {
            assert_eq!(sort(line, false), Line::Nothing, "{line:?}");
        }
    }

    #[test]
    fn the_printed_header_is_taken_where_configuration_is_read() {
        for line in [
            "ASA Version 9.8(2) ",
            "Cryptochecksum:283abb71ec510b066c40e86a84c0387c",
        ] {
            assert_eq!(sort(line, true), Line::Nothing);
            assert_ne!(sort(line, false), Line::Nothing);
        }
    }

    #[test]
    fn do_leads_an_exec_command_in_configuration_alone() {
        let line = typed("  DO   show version ", true);
        assert_eq!(
            (line.indent, line.is_do, line.command()),
            (2, true, "show version")
        );
        assert!(!typed("do show version", false).is_do);
        assert!(!typed("domain x", true).is_do);
        assert_eq!(typed("do", true).command(), "", "a command must follow");
        assert_eq!(typed("do", false).command(), "do");
    }

    #[test]
    fn tabs_are_blanks_and_offsets_hold() {
        let line = clean("\tshow\tversion");
        assert_eq!(line, " show version");
        assert_eq!(typed(&line, false).indent, 1);
    }

    #[test]
    fn control_characters_are_found_where_they_stand() {
        assert_eq!(control_character("show\u{0}version"), Some(4));
        assert_eq!(control_character("ä\u{9b}2J"), Some(2));
        assert_eq!(control_character("plain ä text"), None);
    }

    #[test]
    fn a_blank_and_a_question_mark_ask_in_scripts() {
        assert_eq!(asks_for_help("show ?"), Some("show "));
        assert_eq!(asks_for_help("?"), Some(""));
        assert_eq!(
            asks_for_help("logging discriminator d msg-body drops a?"),
            None
        );
    }
}
