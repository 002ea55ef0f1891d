//! Text without its secrets (C2.8, C2.9): the grammar marks them in a line that parses; in one that does not, what follows a
//! word such as `password`, or nearly such a word, is taken for one; output of commands is judged word by word. Sealing
//! what must be kept is not done here.

mod output;

pub use output::mask_output;

use std::borrow::Cow;
use std::ops::Range;

/// What stands in place of a secret.
pub const MASK: &str = "*****";

/// Words that announce a secret, whole or as a part between hyphens; three letters and more of an abbreviation count, and
/// from five letters on a slip of the finger.
const ANNOUNCERS: [&str; 10] = [
    "password",
    "passwd",
    "pwd",
    "passphrase",
    "secret",
    "key",
    "community",
    "token",
    "credential",
    "psk",
];

/// Letters of the longest of them.
const LONGEST: usize = 10;

/// The first words of the commands that take secrets.
const HOLDERS: [&str; 4] = ["crypto", "enable", "mail-server", "username"];

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

/// Whether a line that was refused may hold a secret, wherever its words went wrong: no history keeps it.
pub fn may_hold_a_secret(refused: &str) -> bool {
    let mut words = refused.split_whitespace();
    let first = words.find(|word| !["no", "default", "do"].contains(word));
    let begins_like_a_holder = first.is_some_and(|first| {
        let first = first.to_ascii_lowercase();
        let is_like = |holder: &str| holder.starts_with(&first) || is_a_slip_from(&first, holder);
        HOLDERS.into_iter().any(is_like)
    });
    begins_like_a_holder || mask_unparsed(refused) != refused
}

fn announces(word: &str) -> bool {
    let is_one = |part: &str| {
        let stem = part.trim_end_matches(|c: char| c.is_ascii_digit());
        // None is longer, and a line may have very many words.
        if !(3..=LONGEST + 1).contains(&stem.len()) {
            return false;
        }
        let stem = &*stem.to_ascii_lowercase();
        ANNOUNCERS.iter().any(|full| {
            let is_slip = full.len() >= 5 && is_a_slip_from(stem, full);
            full.starts_with(stem) || stem.strip_suffix('s') == Some(full) || is_slip
        }) && !matches!(stem, "com" | "comm" | "cre" | "cred" | "tok")
    };
    // `logging ftp-server HOST PATH USER SECRET`: no word announces it.
    let is_server = |word: &str| {
        word.get(..5)
            .is_some_and(|start| start.eq_ignore_ascii_case("ftp-s"))
    };
    let word = word.trim_matches(|c: char| !c.is_alphanumeric());
    is_server(word) || word.split(['-', '_']).any(is_one)
}

/// Whether one letter too many, too few or wrong, or two in the wrong order, made `typed` of `word`.
fn is_a_slip_from(typed: &str, word: &str) -> bool {
    let (typed, word) = (typed.as_bytes(), word.as_bytes());
    if typed.len().abs_diff(word.len()) > 1 {
        return false;
    }
    let before = typed.iter().zip(word).take_while(|(a, b)| a == b).count();
    let (typed, word) = (behind(typed, before), behind(word, before));
    let ends = typed.iter().rev().zip(word.iter().rev());
    let same = ends.take_while(|(a, b)| a == b).count();
    match (without_last(typed, same), without_last(word, same)) {
        ([] | [_], [] | [_]) => true,
        ([a, b], [c, d]) => a == d && b == c,
        _ => false,
    }
}

fn behind(bytes: &[u8], count: usize) -> &[u8] {
    bytes.get(count..).unwrap_or_default()
}

fn without_last(bytes: &[u8], count: usize) -> &[u8] {
    bytes.get(..bytes.len() - count).unwrap_or_default()
}

/// The user part of an address such as `http://user:secret@host` masked.
pub fn mask_userinfo(line: &str) -> Cow<'_, str> {
    userinfo(line).map_or(Cow::Borrowed(line), |place| mask(line, &[place]))
}

/// Where the user part of the first address in a text stands.
fn userinfo(text: &str) -> Option<Range<usize>> {
    let start = text.find("://")? + 3;
    let rest = text.get(start..)?;
    let end = rest.find(|c: char| c == '/' || c.is_whitespace());
    let authority = rest.get(..end.unwrap_or(rest.len()))?;
    Some(start..start + authority.rfind('@')?)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::command::GRAMMAR;
    use crate::grammar::sentences::{Samples, sentences};
    use crate::grammar::{Walk, Walker};

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
            ("enable passwrod hunter2", "enable passwrod *****"),
            ("username ana pasword hunter2", "username ana pasword *****"),
            ("x secrets hunter2", "x secrets *****"),
            ("x secert hunter2", "x secert *****"),
            ("x pwd hunter2", "x pwd *****"),
            ("enable password hunter2 now", "enable password *****"),
            ("enable passw  hunter2", "enable passw  *****"),
            (" pre-shared-key hunter2", " pre-shared-key *****"),
            (
                "tacacs-server host 1.2.3.4 key 7 0822455D0A16",
                "tacacs-server host 1.2.3.4 key *****",
            ),
            ("x password=hunter2", "x password=*****"),
            (
                "logging ftp-serv 192.0.2.9 ops hunter2",
                "logging ftp-serv *****",
            ),
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
            "select x",
            "passive x",
            "",
        ] {
            assert_eq!(mask_unparsed(line), line);
        }
    }

    #[test]
    fn a_refused_line_that_begins_like_one_with_a_secret_may_hold_one() {
        for line in [
            "username ana hunter2",
            "usrename ana hunter2",
            "  no user ana hunter2",
            "do enable hunter2",
            "EN pw hunter2",
            "tacacs secrte hunter2",
            "http-proxy http://ann:hunter2@h port 1",
            "logging ftp-ser 192.0.2.9 ops hunter2",
            "no logging ftp-server 192.0.2.9 / ops hunter2 x",
        ] {
            assert!(may_hold_a_secret(line), "{line}");
        }
        for line in ["", "no", "logging zzz", "show verzion", "hostname a b"] {
            assert!(!may_hold_a_secret(line), "{line}");
        }
    }

    #[test]
    fn every_command_that_takes_a_secret_begins_with_a_known_word() {
        let mut found = BTreeSet::new();
        let mut walker = Walker::default();
        for mode in GRAMMAR.mode_names().filter_map(|name| GRAMMAR.mode(name)) {
            for sentence in sentences(mode, &Samples::default(), 100) {
                if let Walk::Matched(command) = mode.walk(&mut walker, &sentence.text)
                    && !command.secrets().is_empty()
                    // Behind this word everything is masked, wherever it stands.
                    && !sentence.text.contains(" ftp-server ")
                {
                    let text = &sentence.text;
                    let text = text.strip_prefix("no ").unwrap_or(text);
                    let first = text.split(' ').next().unwrap_or_default();
                    found.insert(first.to_owned());
                }
            }
        }
        assert_eq!(found.into_iter().collect::<Vec<_>>(), HOLDERS);
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
