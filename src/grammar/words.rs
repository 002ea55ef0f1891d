//! Splits a line into words with their places, and quotes a text so that it is read back as one word.
//!
//! Knows blanks and quotes; comments, `do` and pipes are the reader's business.

use std::borrow::Cow;

/// What stands between words.
pub fn is_blank(c: char) -> bool {
    c == ' ' || c == '\t'
}

/// A word and where it stands, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Word<'l> {
    pub text: &'l str,
    pub start: usize,
}

impl<'l> Word<'l> {
    /// The byte offset just behind the word.
    pub const fn end(&self) -> usize {
        self.start + self.text.len()
    }

    /// Whether the word is one quoted string.
    pub fn is_quoted(&self) -> bool {
        self.text.len() >= 2 && self.text.starts_with('"') && self.text.ends_with('"')
    }

    /// The text and its start, quotes stripped.
    pub fn unquoted(&self) -> Self {
        match self.text.get(1..self.text.len().saturating_sub(1)) {
            Some(text) if self.is_quoted() => Self {
                text,
                start: self.start + 1,
            },
            _ => *self,
        }
    }
}

/// The words of a line, from the left. A quote opens a quoted word only when it starts a word and its end stands before
/// a blank or the end of the line; any other quote is an ordinary character. Takes time linear in the line.
#[derive(Debug, Clone)]
pub struct Words<'l> {
    line: &'l str,
    at: usize,
    /// No closing quote was found from here on, so none will be.
    no_more_quotes: bool,
}

impl<'l> Words<'l> {
    pub const fn new(line: &'l str) -> Self {
        Self {
            line,
            at: 0,
            no_more_quotes: false,
        }
    }

    /// All of the line, words that were taken included.
    pub const fn line(&self) -> &'l str {
        self.line
    }

    fn closing_quote(&mut self, open: usize) -> Option<usize> {
        if self.no_more_quotes {
            return None;
        }
        let bytes = self.line.as_bytes();
        let found = (open + 1..bytes.len()).find(|&at| {
            bytes.get(at) == Some(&b'"') && matches!(bytes.get(at + 1), None | Some(b' ' | b'\t'))
        });
        self.no_more_quotes = found.is_none();
        found
    }
}

impl<'l> Iterator for Words<'l> {
    type Item = Word<'l>;

    #[inline]
    fn next(&mut self) -> Option<Word<'l>> {
        let bytes = self.line.as_bytes();
        let mut start = self.at;
        while matches!(bytes.get(start), Some(b' ' | b'\t')) {
            start += 1;
        }
        let first = *bytes.get(start)?;
        let quoted = if first == b'"' {
            self.closing_quote(start)
        } else {
            None
        };
        let end = match quoted {
            Some(close) => close + 1,
            None => start + first_blank(bytes.get(start..).unwrap_or_default()),
        };
        self.at = end;
        // Both ends stand beside an ASCII byte or an end of the line, so they are borders of characters.
        self.line.get(start..end).map(|text| Word { text, start })
    }
}

/// How many bytes stand in front of the first blank, eight at a time.
fn first_blank(bytes: &[u8]) -> usize {
    const EACH: u64 = u64::MAX / 255;
    // The uppermost bit of each byte that is nought, and of no byte below the first of them.
    let noughts = |eight: u64| eight.wrapping_sub(EACH) & !eight & (EACH * 0x80);
    let mut rest = bytes;
    while let Some((eight, behind)) = rest.split_first_chunk() {
        let eight = u64::from_le_bytes(*eight);
        let found = noughts(eight ^ (EACH * 0x20)) | noughts(eight ^ (EACH * 0x09));
        if found != 0 {
            return bytes.len() - rest.len() + found.trailing_zeros() as usize / 8;
        }
        rest = behind;
    }
    let found = rest.iter().position(|b| matches!(b, b' ' | b'\t'));
    bytes.len() - rest.len() + found.unwrap_or(rest.len())
}

/// The text as one word of a line: in quotes when it would otherwise be split, or lose the quotes it has.
pub fn quoted(text: &str) -> Cow<'_, str> {
    if text.is_empty() || text.contains(is_blank) || text.starts_with('"') {
        Cow::Owned(format!("\"{text}\""))
    } else {
        Cow::Borrowed(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(line: &str) -> Vec<&str> {
        Words::new(line).map(|word| word.text).collect()
    }

    #[test]
    fn words_stand_between_blanks_and_know_their_places() {
        let words: Vec<_> = Words::new("  a\tbc  d ")
            .map(|word| (word.text, word.start, word.end()))
            .collect();
        assert_eq!(words, [("a", 2, 3), ("bc", 4, 6), ("d", 8, 9)]);
    }

    #[test]
    fn a_quoted_string_is_one_word_only_if_its_end_stands_before_a_blank_or_the_end() {
        assert_eq!(split(r#"x "a b" c"#), ["x", r#""a b""#, "c"]);
        assert_eq!(split(r#"x "a b"c d"#), ["x", r#""a"#, r#"b"c"#, "d"]);
        assert_eq!(split(r#"x "a b"#), ["x", r#""a"#, "b"]);
        assert_eq!(split(r#"x "" y"#), ["x", r#""""#, "y"]);
        assert_eq!(split(r#"x a"b c" y"#), ["x", r#"a"b"#, r#"c""#, "y"]);
        assert_eq!(split(r#"""#), [r#"""#]);
    }

    #[test]
    fn a_word_ends_at_its_first_blank_wherever_that_stands() {
        for length in 0..20 {
            for blank in [" ", "\t", "!", "\u{89}", ""] {
                let text = format!("{}{blank}\t b\u{a0}", "ö!".repeat(length));
                let expected = text.find(is_blank).unwrap_or(text.len());
                assert_eq!(first_blank(text.as_bytes()), expected, "{text:?}");
            }
        }
    }

    #[test]
    fn characters_of_several_bytes_stay_whole() {
        assert_eq!(split("größe \u{a0}x 日本"), ["größe", "\u{a0}x", "日本"]);
    }

    #[test]
    fn what_was_quoted_is_read_back() {
        for text in [
            "plain",
            "two words",
            "",
            "\"",
            "\"a",
            "a\"b",
            " lead",
            "日 本",
        ] {
            let line = format!("x {} y", quoted(text));
            let word = Words::new(&line).nth(1).expect("the quoted text is there");
            assert_eq!(word.unquoted().text, text, "{line}");
        }
    }

    #[test]
    fn a_megabyte_of_opening_quotes_is_searched_once() {
        let line = "\"a ".repeat(300_000);
        let started = std::time::Instant::now();
        assert_eq!(Words::new(&line).count(), 300_000);
        assert!(started.elapsed().as_secs() < 2, "not linear");
    }
}
