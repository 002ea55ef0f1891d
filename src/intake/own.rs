//! Whether a program's message is Watchfire's own, that came back by way of this host's log (C3.2): taken in again it would
//! go round for ever.

use crate::message::{Kind, parse};

/// A message of a program of that name.
pub(super) fn is_own(message: &[u8]) -> bool {
    // Nearly no message has the name in it anywhere.
    memchr::memmem::find(message, NAME).is_some() && {
        let parsed = parse(message);
        parsed.kind == Kind::Program && is_name(parsed.facility)
    }
}

/// The name of this program.
pub(super) fn is_name(program: &[u8]) -> bool {
    program == NAME
}

const NAME: &[u8] = env!("CARGO_PKG_NAME").as_bytes();

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_this_program_says_is_its_own() {
        for own in [
            "<13>Oct 11 22:14:15 watchfire[7]: x",
            "<13>Oct 11 22:14:15 host watchfire: x",
            "<13>1 2026-03-01T18:46:11Z host watchfire 7 - - x",
        ] {
            assert!(is_own(own.as_bytes()), "{own}");
        }
        for other in [
            "<13>Oct 11 22:14:15 host sudo[7]: watchfire: x",
            "<13>Oct 11 22:14:15 watchfire sshd[7]: x",
            "<189>30: watchfire: Jan  2 00:10:53: %SYS-5-CONFIG_I: x",
            "<13>Oct 11 22:14:15 watchfire2[7]: x",
        ] {
            assert!(!is_own(other.as_bytes()), "{other}");
        }
    }
}
