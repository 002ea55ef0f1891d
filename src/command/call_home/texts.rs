//! Texts of call-home that an operator chooses freely, within a length and a form: what is typed, and how it is printed so that it
//! reads the same again.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, de};

use super::values::read_from_text;

/// Free text of 1 to `MOST` characters. Taken bare or in quotes; printed bare unless that would read differently.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Text<const MOST: usize>(Arc<str>);

impl<const MOST: usize> Text<MOST> {
    /// From a line's tail: outer blanks and one pair of outer quotes are not part of it.
    pub fn new(typed: &str) -> Option<Self> {
        let typed = typed.trim();
        let text = typed
            .strip_prefix('"')
            .and_then(|rest| rest.strip_suffix('"'))
            .unwrap_or(typed);
        let fits =
            (1..=MOST).contains(&text.chars().count()) && !text.chars().any(char::is_control);
        (fits && !text.trim().is_empty()).then(|| Self(text.into()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn shared(&self) -> Arc<str> {
        Arc::clone(&self.0)
    }
}

/// In quotes when it has blanks or begins with a quote itself (D49).
#[derive(Clone, Copy, Debug)]
pub struct Quoted<'a>(pub &'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(text) = self;
        if text.is_empty() || text.starts_with('"') || text.contains(char::is_whitespace) {
            write!(f, "\"{text}\"")
        } else {
            f.write_str(text)
        }
    }
}

/// A profile's name: 1 to 31 printable characters without blanks and quotes, case sensitive. `all` is a keyword, not a name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProfileName(Arc<str>);

impl ProfileName {
    pub const MOST: usize = 31;

    pub fn new(text: &str) -> Option<Self> {
        let printable = |c: char| !c.is_whitespace() && !c.is_control() && c != '"';
        let fits = (1..=Self::MOST).contains(&text.chars().count()) && text.chars().all(printable);
        (fits && !text.eq_ignore_ascii_case("all")).then(|| Self(text.into()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn shared(&self) -> Arc<str> {
        Arc::clone(&self.0)
    }
}

/// An e-mail address of at most 200 characters, as typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address(Arc<str>);

impl Address {
    pub const MOST: usize = 200;

    pub fn new(text: &str) -> Option<Self> {
        let plain = |c: char| !c.is_whitespace() && !c.is_control();
        let (name, domain) = text.rsplit_once('@')?;
        let fits = text.chars().count() <= Self::MOST && !name.is_empty() && !domain.is_empty();
        (fits && text.chars().all(plain)).then(|| Self(text.into()))
    }

    pub fn shared(&self) -> Arc<str> {
        Arc::clone(&self.0)
    }
}

read_from_text!(
    ProfileName,
    "a name of 1 to 31 characters without blanks, other than all"
);
read_from_text!(Address, "an e-mail address of at most 200 characters");
read_from_text!(Text<MOST>, format_args!("1 to {MOST} characters"), MOST);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_lose_one_pair_of_quotes_and_no_more() {
        let text = |typed: &str| Text::<5>::new(typed).map(|text| text.as_str().to_owned());
        assert_eq!(text(" \"a b\" "), Some("a b".to_owned()));
        assert_eq!(text("a\"b"), Some("a\"b".to_owned()));
        assert_eq!(text("äöüßé"), Some("äöüßé".to_owned()));
        for wrong in ["", "\"\"", "\"  \"", "abcdef", "a\tb", "a\u{85}b"] {
            assert_eq!(text(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn profile_names_are_one_word() {
        assert!(
            ProfileName::new("CiscoTAC-1").is_some() && ProfileName::new(&"x".repeat(31)).is_some()
        );
        for wrong in ["", "a b", "all", "ALL", "a\"b", &"x".repeat(32)] {
            assert_eq!(ProfileName::new(wrong), None, "{wrong}");
        }
    }
}
