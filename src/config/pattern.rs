//! The regular expressions of a device, translated to those of the `regex` crate: `.` `*` `+` `?` `^` `$` `( )` `|`
//! `[ ]` and `\`, and `_` for a delimiter (D32). Which fields take one, and what a match does, is decided elsewhere.

mod warning;

use regex::bytes::{Regex, RegexBuilder};

pub use warning::warning;

/// Why a pattern cannot be used, in words for the operator.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    #[error("a pattern has at most {MOST} characters")]
    TooLong,
    #[error("`{0}` has nothing to repeat")]
    NothingToRepeat(char),
    #[error("`{0}` repeats a repetition")]
    Nested(char),
    #[error("`(` without its `)`")]
    GroupOpen,
    #[error("`)` without its `(`")]
    GroupClosed,
    #[error("groups are nested too deeply")]
    TooDeep,
    #[error("`[` without its `]`")]
    ClassOpen,
    #[error("`[{0}-{1}]` is an empty range")]
    EmptyRange(char, char),
    #[error("`{0}` cannot stand between brackets")]
    NotInClass(char),
    #[error("`\\{0}`: what a group has matched cannot be referred to")]
    BackReference(char),
    #[error("a pattern cannot end in a backslash")]
    Dangling,
    /// The translation is right by construction; this says that it was not.
    #[error("{0}")]
    Engine(String),
}

/// Whether the pattern can be used. One pass over its text; nothing is compiled.
pub fn check(pattern: &str) -> Result<(), PatternError> {
    translate_into(&mut Unwanted, pattern)
}

/// The same pattern in the syntax of the `regex` crate.
pub fn translate(pattern: &str) -> Result<String, PatternError> {
    let mut out = String::with_capacity(pattern.len() + 16);
    translate_into(&mut out, pattern)?;
    Ok(out)
}

/// Takes a translation.
trait Sink {
    fn push(&mut self, c: char);
    fn push_str(&mut self, text: &str);
}

impl Sink for String {
    fn push(&mut self, c: char) {
        self.push(c);
    }

    fn push_str(&mut self, text: &str) {
        self.push_str(text);
    }
}

/// For whoever only wants to know that there is a translation.
struct Unwanted;

impl Sink for Unwanted {
    fn push(&mut self, _: char) {}

    fn push_str(&mut self, _: &str) {}
}

fn translate_into(out: &mut impl Sink, pattern: &str) -> Result<(), PatternError> {
    if pattern.len() > MOST {
        return Err(PatternError::TooLong);
    }
    let mut chars = pattern.chars();
    let mut depth = 0;
    let mut before = Before::Nothing;
    while let Some(c) = chars.next() {
        before = match c {
            '*' | '+' | '?' => {
                match before {
                    Before::Nothing => return Err(PatternError::NothingToRepeat(c)),
                    Before::Repetition => return Err(PatternError::Nested(c)),
                    Before::Item => out.push(c),
                }
                Before::Repetition
            }
            '(' => {
                depth += 1;
                if depth > DEEPEST {
                    return Err(PatternError::TooDeep);
                }
                out.push_str("(?:");
                Before::Nothing
            }
            ')' => {
                depth = usize::checked_sub(depth, 1).ok_or(PatternError::GroupClosed)?;
                out.push(')');
                Before::Item
            }
            '|' => {
                out.push('|');
                Before::Nothing
            }
            '^' => {
                out.push('^');
                Before::Nothing
            }
            '.' | '$' => {
                out.push(c);
                Before::Item
            }
            // The manual lists comma, braces, parentheses, blank, start and end; in the field `mnemonics drops CONFIG_I`
            // works, so the underscore itself is one of them (D32).
            '_' => {
                out.push_str("(?:[,{}() _]|^|$)");
                Before::Item
            }
            '[' => {
                class(&mut chars, out)?;
                Before::Item
            }
            '\\' => {
                match chars.next() {
                    None => return Err(PatternError::Dangling),
                    Some(digit @ '1'..='9') => return Err(PatternError::BackReference(digit)),
                    Some(literal) => push_literal(out, literal),
                }
                Before::Item
            }
            literal => {
                push_literal(out, literal);
                Before::Item
            }
        };
    }
    if depth > 0 {
        Err(PatternError::GroupOpen)
    } else {
        Ok(())
    }
}

/// Ready to search bytes; unanchored and case sensitive, as on a device.
pub fn compile(pattern: &str) -> Result<Regex, PatternError> {
    let translated = translate(pattern)?;
    RegexBuilder::new(&translated)
        .unicode(false)
        .dot_matches_new_line(true)
        .size_limit(SIZE_LIMIT)
        .build()
        .map_err(|error| PatternError::Engine(error.to_string()))
}

/// What stands before a repetition.
enum Before {
    Nothing,
    Item,
    Repetition,
}

/// The rest of a `[...]`, behind its bracket.
fn class(chars: &mut std::str::Chars<'_>, out: &mut impl Sink) -> Result<(), PatternError> {
    out.push('[');
    let mut c = chars.next().ok_or(PatternError::ClassOpen)?;
    if c == '^' {
        out.push('^');
        c = chars.next().ok_or(PatternError::ClassOpen)?;
    }
    // A bracket in the first place stands for itself.
    let mut first = true;
    while c != ']' || first {
        first = false;
        let low = class_member(c, chars)?;
        let mut ahead = chars.clone();
        if ahead.next() == Some('-') && ahead.clone().next().is_some_and(|high| high != ']') {
            *chars = ahead;
            let high = chars.next().ok_or(PatternError::ClassOpen)?;
            let high = class_member(high, chars)?;
            if low > high {
                return Err(PatternError::EmptyRange(low, high));
            }
            push_literal(out, low);
            out.push('-');
            push_literal(out, high);
        } else {
            push_literal(out, low);
        }
        c = chars.next().ok_or(PatternError::ClassOpen)?;
    }
    out.push(']');
    Ok(())
}

/// One character between brackets; a backslash quotes what is no letter or digit, else it stands for itself.
fn class_member(c: char, chars: &mut std::str::Chars<'_>) -> Result<char, PatternError> {
    let quoted = chars
        .clone()
        .next()
        .filter(|next| c == '\\' && next.is_ascii_punctuation());
    let member = match quoted {
        Some(next) => {
            chars.next();
            next
        }
        None => c,
    };
    if member.is_ascii() {
        Ok(member)
    } else {
        Err(PatternError::NotInClass(member))
    }
}

fn push_literal(out: &mut impl Sink, c: char) {
    // The `regex` crate lets every punctuation mark be escaped, between brackets too, but these two, which are none of its own.
    if c.is_ascii_punctuation() && !matches!(c, '<' | '>') {
        out.push('\\');
    }
    out.push(c);
}

const MOST: usize = 1000;
/// Far below the nesting that the engine itself refuses.
const DEEPEST: usize = 100;
const SIZE_LIMIT: usize = 16 << 20;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn matches(pattern: &str, text: &str) -> bool {
        compile(pattern).is_ok_and(|regex| regex.is_match(text.as_bytes()))
    }

    #[test]
    fn an_underscore_is_a_delimiter_an_end_or_itself() {
        for text in ["CONFIG_I", "CONFIG I", "CONFIG,I", "CONFIG(I"] {
            assert!(matches("CONFIG_I", text), "{text}");
        }
        assert!(!matches("CONFIG_I", "CONFIGXI"));
        assert!(matches("_65000_", "65000"));
        assert!(matches("_65000_", "1 65000 2"));
        assert!(!matches("_65000_", "165000 2"));
    }

    #[test]
    fn alternatives_groups_classes_and_repetitions_work_as_on_a_device() {
        assert!(matches("DOT1X|AUTHMGR", "AUTHMGR"));
        let noise = "(Speed: [0-6]|Board.Temperature: [1-4]|compliance violation)";
        assert!(matches(noise, "Fan Speed: 3") && matches(noise, "Board Temperature: 4"));
        assert!(!matches(noise, "Fan Speed: 7"));
        assert!(matches("^SYS$|^PARSER$", "SYS") && !matches("^SYS$|^PARSER$", "SYSMGR"));
        assert!(
            matches(r"10\.34\.[0-9]+\.[0-9]+", "from 10.34.7.1") && !matches(r"10\.34\.", "10x34x")
        );
        assert!(matches("Gi0/[^1-4]", "Gi0/7") && !matches("^Gi0/[^1-4]$", "Gi0/3"));
        assert!(matches("[]x]", "]") && matches("[a-]", "-") && matches(r"[\]]", "]"));
    }

    #[test]
    fn every_punctuation_mark_stands_for_itself_between_brackets() {
        for c in (' '..='~').filter(|c| c.is_ascii_punctuation()) {
            let pattern = format!("[\\{c}]");
            assert!(matches(&pattern, &c.to_string()), "{pattern}");
        }
        assert!(matches("[<>]", "a > b") && matches("[<-?]", "="));
    }

    #[test]
    fn braces_and_quotes_stand_for_themselves() {
        assert!(matches("a{2}", "a{2}") && !matches("a{2}", "aa"));
        assert!(!matches("\"up\"", "state up") && matches("\"up\"", "\"up\""));
    }

    #[test]
    fn the_search_is_case_sensitive_and_takes_any_byte() {
        assert!(!matches("updown", "UPDOWN"));
        assert!(
            compile("a.b").is_ok_and(|regex| regex.is_match(b"a\xffb") && regex.is_match(b"a\nb"))
        );
        assert!(matches("Zürich", "in Zürich"));
    }

    #[test]
    fn a_pattern_that_cannot_be_used_says_why() {
        for (pattern, error) in [
            ("*abc", PatternError::NothingToRepeat('*')),
            ("(?i)x", PatternError::NothingToRepeat('?')),
            ("a|+", PatternError::NothingToRepeat('+')),
            ("a+*", PatternError::Nested('*')),
            ("(ab", PatternError::GroupOpen),
            ("ab)", PatternError::GroupClosed),
            ("[ab", PatternError::ClassOpen),
            ("[]", PatternError::ClassOpen),
            ("[z-a]", PatternError::EmptyRange('z', 'a')),
            ("[ü]", PatternError::NotInClass('ü')),
            (r"(a)\1", PatternError::BackReference('1')),
            ("ab\\", PatternError::Dangling),
        ] {
            assert_eq!(check(pattern), Err(error), "{pattern}");
        }
        assert_eq!(check(&"x".repeat(1001)), Err(PatternError::TooLong));
        assert_eq!(check(&"(".repeat(200)), Err(PatternError::TooDeep));
    }

    proptest! {
        #[test]
        fn what_passes_the_check_compiles(pattern in r"[\x20-\x7eäÜ]{0,40}") {
            if check(&pattern).is_ok() {
                prop_assert!(compile(&pattern).is_ok());
            }
        }

        #[test]
        fn dense_patterns_never_panic(pattern in r"[\[\]()|*+?^$._\\a1\-{},]{0,24}") {
            let checked = check(&pattern);
            prop_assert_eq!(checked.is_ok(), compile(&pattern).is_ok());
        }
    }
}
