//! Secrets are never repeated (C2.9): the grammar marks them in a line that parses; in one that does not, what follows a
//! word such as `password` is taken for one. Sealing what must be kept is not done here.

use std::borrow::Cow;
use std::ops::Range;

/// What stands in place of a secret.
pub const MASK: &str = "*****";

/// Words that announce a secret, whole or as a part between hyphens; three letters and more of an abbreviation count.
const ANNOUNCERS: [&str; 9] = [
    "password",
    "passwd",
    "passphrase",
    "secret",
    "key",
    "community",
    "token",
    "credential",
    "psk",
];

/// `line` with the byte ranges `secrets` (in order, apart) masked.
pub fn mask<'l>(line: &'l str, secrets: &[Range<usize>]) -> Cow<'l, str> {
    if secrets.is_empty() {
        return Cow::Borrowed(line);
    }
    let mut masked = String::with_capacity(line.len());
    let mut from = 0;
    for secret in secrets {
        masked.push_str(line.get(from..secret.start).unwrap_or_default());
        masked.push_str(MASK);
        from = secret.end.max(from);
    }
    masked.push_str(line.get(from..).unwrap_or_default());
    Cow::Owned(masked)
}

/// `line`, which does not parse, with everything masked that follows a word that announces a secret, and the user part of
/// addresses such as `http://user:secret@host`.
pub fn mask_unparsed(line: &str) -> Cow<'_, str> {
    match secret_tail(line) {
        Some(at) => Cow::Owned(format!("{}{MASK}", line.get(..at).unwrap_or_default())),
        None => mask_userinfo(line),
    }
}

/// The byte at which the guessed secret of a line that does not parse begins.
pub fn secret_tail(line: &str) -> Option<usize> {
    let mut at = 0;
    for word in line.split_inclusive(char::is_whitespace) {
        let name = word
            .find(['=', ':'])
            .map_or(word, |end| word.get(..end).unwrap_or(word));
        if announces(name) {
            let behind = at + name.len();
            let rest = line.get(behind..).unwrap_or_default();
            let secret =
                rest.trim_start_matches(|c: char| c.is_whitespace() || c == '=' || c == ':');
            return (!secret.is_empty()).then(|| line.len() - secret.len());
        }
        at += word.len();
    }
    None
}

fn announces(word: &str) -> bool {
    let is_one = |part: &str| {
        let part = part.to_ascii_lowercase();
        let stem = part.trim_end_matches(|c: char| c.is_ascii_digit());
        ANNOUNCERS.iter().any(|full| {
            stem.len() >= 3 && (full.starts_with(stem) || stem.strip_suffix('s') == Some(full))
        }) && !matches!(stem, "com" | "comm" | "cre" | "cred" | "tok")
    };
    word.trim_matches(|c: char| !c.is_alphanumeric())
        .split(['-', '_'])
        .any(is_one)
}

/// The user part of an address such as `http://user:secret@host` masked.
pub fn mask_userinfo(line: &str) -> Cow<'_, str> {
    let Some(scheme) = line.find("://") else {
        return Cow::Borrowed(line);
    };
    let start = scheme + 3;
    let rest = line.get(start..).unwrap_or_default();
    let authority = rest
        .split(|c: char| c == '/' || c.is_whitespace())
        .next()
        .unwrap_or_default();
    match authority.rfind('@') {
        Some(end) => {
            let before = line.get(..start).unwrap_or_default();
            let behind = line.get(start + end..).unwrap_or_default();
            Cow::Owned(format!("{before}{MASK}{behind}"))
        }
        None => Cow::Borrowed(line),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marked_arguments_are_masked_where_they_stand() {
        let line = "username ann password s3cret privilege 15";
        assert_eq!(
            mask(line, std::slice::from_ref(&(22..28))),
            format!("username ann password {MASK} privilege 15")
        );
        assert_eq!(mask(line, &[]), line);
    }

    #[test]
    fn behind_a_word_that_announces_a_secret_all_is_masked() {
        for (line, shown) in [
            ("enable passwrod hunter2", "enable passwrod hunter2"),
            ("enable password hunter2 now", "enable password *****"),
            ("enable passw  hunter2", "enable passw  *****"),
            (" pre-shared-key hunter2", " pre-shared-key *****"),
            (
                "tacacs-server host 1.2.3.4 key 7 0822455D0A16",
                "tacacs-server host 1.2.3.4 key *****",
            ),
            ("x password=hunter2", "x password=*****"),
            ("x \"Secret\" \"hunter 2\"", "x \"Secret\" *****"),
            (
                "snmp-server community public RO",
                "snmp-server community *****",
            ),
        ] {
            assert_eq!(mask_unparsed(line), shown);
        }
    }

    #[test]
    fn a_line_without_such_a_word_stays_as_it_is() {
        for line in [
            "zzz nonsense here",
            "enable password",
            "enable password  ",
            "keyboard x",
            "command x",
            "",
        ] {
            assert_eq!(mask_unparsed(line), line);
        }
    }

    #[test]
    fn an_address_keeps_its_user_to_itself() {
        assert_eq!(
            mask_unparsed("copy http://ann:pw@h/x disk0:x"),
            "copy http://*****@h/x disk0:x"
        );
        assert_eq!(
            mask_unparsed("copy http://h/x@y disk0:x"),
            "copy http://h/x@y disk0:x"
        );
    }
}
