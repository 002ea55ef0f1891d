//! `crypto ca alerts expiration`: whether and when the end of certificates is told.

use crate::config::render::Lines;

/// On by default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Alerts {
    /// `no crypto ca alerts expiration`.
    pub off: bool,
    /// Days before the end, 1 to 90.
    pub begin: Option<u8>,
    /// Days, 1 to 14.
    pub repeat: Option<u8>,
}

impl Alerts {
    /// The days before the end from which it is told, and those until it is told again; `None` when it is not.
    pub fn days(&self) -> Option<(u8, u8)> {
        (!self.off).then(|| (self.begin.unwrap_or(60), self.repeat.unwrap_or(7)))
    }

    pub(super) fn lines(&self, out: &mut Lines) {
        let Some((begin, repeat)) = self.days() else {
            return out.line(0, format_args!("no crypto ca alerts expiration"));
        };
        let shown = |configured: Option<u8>, word: &str, days: u8| match configured {
            None if !out.is_all() => String::new(),
            _ => format!(" {word} {days}"),
        };
        let days = shown(self.begin, "begin", begin) + &shown(self.repeat, "repeat", repeat);
        if !days.is_empty() {
            out.line(0, format_args!("crypto ca alerts expiration{days}"));
        }
    }
}
