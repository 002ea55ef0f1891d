//! Secrets in captured output: whatever leaves the machine carries `*****` in place of every one, sealed or not. Judged by
//! the words around it, so that a secret of a command nobody thought of here is masked as well; too much is masked rather
//! than too little.

use super::{ANNOUNCERS, MASK, mask, userinfo};

/// Words of others, beside those that announce a secret, after which one comes.
const BEFORE: [&str; 2] = ["key-string", "pre-shared-key"];

/// The text with its secrets masked; runs of blanks and everything else stay as they are.
pub fn mask_output(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut in_private_key = false;
    for line in text.split_inclusive('\n') {
        if line.contains("PRIVATE KEY-----") {
            in_private_key = line.contains("-----BEGIN ");
            out.push_str(line);
        } else if in_private_key {
            let end = line.trim_end_matches(['\r', '\n']).len();
            out.push_str(MASK);
            out.push_str(line.get(end..).unwrap_or_default());
        } else {
            mask_line(line, &mut out);
        }
    }
    out
}

fn mask_line(line: &str, out: &mut String) {
    let mut next = Next::Word;
    for piece in Pieces(line) {
        let blank = piece.starts_with(char::is_whitespace);
        if blank {
            out.push_str(piece);
            continue;
        }
        next = match next {
            // `password 7 094F471A1A0A`: the digit is the secret's kind.
            Next::Secret if is_kind(piece) => {
                out.push_str(piece);
                Next::SecretOfKind
            }
            Next::Secret | Next::SecretOfKind => {
                out.push_str(MASK);
                Next::Word
            }
            Next::Word if is_sealed(piece) => {
                out.push_str(MASK);
                Next::Word
            }
            Next::Word => {
                push_url(piece, out);
                let mut before = ANNOUNCERS.iter().chain(&BEFORE);
                if before.any(|word| piece.eq_ignore_ascii_case(word)) {
                    Next::Secret
                } else {
                    Next::Word
                }
            }
        };
    }
}

/// What the next word of a line is.
#[derive(Clone, Copy)]
enum Next {
    Word,
    Secret,
    SecretOfKind,
}

/// One digit, as devices mark the kind of what follows.
fn is_kind(word: &str) -> bool {
    matches!(word.as_bytes(), [b'0' | b'5'..=b'9'])
}

/// `$9$salt$hash` and its relatives, quoted or not: a short kind between two dollar signs.
fn is_sealed(word: &str) -> bool {
    let Some(rest) = word.trim_start_matches('"').strip_prefix('$') else {
        return false;
    };
    rest.split_once('$').is_some_and(|(kind, hash)| {
        (1..=8).contains(&kind.len())
            && kind
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !hash.is_empty()
    })
}

/// A word, with the password of `scheme://user:password@host` masked.
fn push_url(word: &str, out: &mut String) {
    let password = userinfo(word).and_then(|user| {
        let colon = word.get(user.clone())?.find(':')?;
        Some(user.start + colon + 1..user.end)
    });
    out.push_str(&mask(word, password.as_slice()));
}

/// A line in alternating runs of blanks and words; a quoted string is one word.
struct Pieces<'a>(&'a str);

impl<'a> Iterator for Pieces<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        let first = self.0.chars().next()?;
        let end = if first.is_whitespace() {
            self.0.find(|c: char| !c.is_whitespace())
        } else if first == '"' {
            // Up to the blank behind the closing quote; an open one runs to the end of the line.
            let inside = self.0.get(1..).unwrap_or_default();
            let close = inside.find('"').map_or(self.0.len(), |at| at + 2);
            let tail = self.0.get(close..).unwrap_or_default();
            tail.find(char::is_whitespace).map(|at| close + at)
        } else {
            self.0.find(char::is_whitespace)
        };
        let (piece, rest) = self.0.split_at(end.unwrap_or(self.0.len()));
        self.0 = rest;
        Some(piece)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_a_secret_is_masked() {
        for (line, expected) in [
            (
                "enable password $9$nhEmQVczB7dqsO$X.HsgL6x1",
                "enable password *****",
            ),
            (
                "username ops password $9$a$b privilege 15",
                "username ops password ***** privilege 15",
            ),
            (
                "username ops password 7 094F471A1A0A",
                "username ops password 7 *****",
            ),
            (
                "username ops secret 5 $1$ab$cd",
                "username ops secret 5 *****",
            ),
            (" key-string  \"two words\" x", " key-string  ***** x"),
            (
                "snmp-server community public ro",
                "snmp-server community ***** ro",
            ),
            ("tacacs-server KEY hunter2", "tacacs-server KEY *****"),
            ("password *****", "password *****"),
            ("something new $8$salt$hash", "something new *****"),
            (
                "copy https://ops:hunter2@h/x?a=b y",
                "copy https://ops:*****@h/x?a=b y",
            ),
            ("password \"open quote", "password *****"),
        ] {
            assert_eq!(mask_output(line), expected);
        }
    }

    #[test]
    fn what_is_no_secret_stays_byte_for_byte() {
        for line in [
            "hostname ciscoasa\r\n",
            "logging host 192.0.2.7  discriminator quiet\n",
            "logging discriminator d mnemonics drops \"A$B$\"\n",
            " destination address http https://collector.example.com/ddce\n",
            "The password-recovery mechanism is disabled.\n",
            "passwords are masked\n",
            "\n",
            "é \u{3000} \"open\n",
        ] {
            assert_eq!(mask_output(line), line);
        }
    }

    #[test]
    fn a_private_key_keeps_its_frame_and_nothing_else() {
        let text =
            "a\n-----BEGIN RSA PRIVATE KEY-----\nMIIE\n  xyz\n-----END RSA PRIVATE KEY-----\nb\n";
        assert_eq!(
            mask_output(text),
            "a\n-----BEGIN RSA PRIVATE KEY-----\n*****\n*****\n-----END RSA PRIVATE KEY-----\nb\n"
        );
    }
}
