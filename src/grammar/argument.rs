//! The kinds of argument a command takes, and the check of one word against each.
//!
//! A check is about spelling only: whether a name exists or an address answers is somebody else's question.

use super::address::{
    check_host, check_ipv4, check_ipv6, check_mask, check_name, check_prefix, check_url,
};
use super::words::{self, Word};

/// What one word is to a kind of argument.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Check {
    Accepted,
    /// Not yet, but it is the beginning of something that would be.
    Begun,
    /// The byte offset at which it ceased to be the beginning of anything acceptable.
    Wrong(usize),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// One word of `least` to `most` characters.
    Word {
        least: usize,
        most: usize,
    },
    /// One word that begins with a letter, where no keyword and no other argument takes it.
    Name {
        least: usize,
        most: usize,
    },
    /// One word, or one quoted string, of `least` to `most` characters without its quotes.
    Text {
        least: usize,
        most: usize,
    },
    /// The rest of the line, whole, of `least` to `most` characters without quotes around it.
    Line {
        least: usize,
        most: usize,
    },
    /// Raw text to the end of the line, or to a keyword that may follow, spelled in full.
    Pattern,
    Host,
    Ipv4,
    Ipv6,
    Ip,
    Mask,
    Prefix,
    Url,
    /// An address of at most `most` characters.
    Email {
        most: usize,
    },
    Time,
    Hex,
    Range(i64, i64),
    /// `tcp/514`: these letters, in either case, and a number right behind them.
    Led(&'static str, i64, i64),
    /// `0,2-4`: numbers and ranges of numbers between commas.
    List(i64, i64),
}

impl Kind {
    /// The built-in type of that name.
    pub(super) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "word" => Self::Word {
                least: 1,
                most: usize::MAX,
            },
            "string" => Self::Text {
                least: 0,
                most: usize::MAX,
            },
            "line" => Self::Line {
                least: 0,
                most: usize::MAX,
            },
            "pattern" => Self::Pattern,
            "host" => Self::Host,
            "ipv4" => Self::Ipv4,
            "ipv6" => Self::Ipv6,
            "ip" => Self::Ip,
            "mask" => Self::Mask,
            "prefix" => Self::Prefix,
            "url" => Self::Url,
            "email" => Self::Email { most: usize::MAX },
            "time" => Self::Time,
            "hex" => Self::Hex,
            _ => return None,
        })
    }

    /// The built-in type of that name with bounds on its length; `None` for one that has no length of its own.
    pub(super) fn bounded(name: &str, least: usize, most: usize) -> Option<Self> {
        Some(match name {
            "word" => Self::Word { least, most },
            "name" => Self::Name { least, most },
            "string" => Self::Text { least, most },
            "line" => Self::Line { least, most },
            "email" => Self::Email { most },
            _ => return None,
        })
    }

    /// Raw text runs over the borders of words.
    pub(super) const fn is_raw(self) -> bool {
        matches!(self, Self::Line { .. } | Self::Pattern)
    }

    /// What `?` prints for it.
    pub(super) fn placeholder(self) -> String {
        match self {
            Self::Word {
                most: usize::MAX, ..
            }
            | Self::Email { most: usize::MAX } => "WORD".into(),
            Self::Word { most, .. } | Self::Name { most, .. } | Self::Email { most } => {
                format!("WORD < {} char", most + 1)
            }
            Self::Text {
                most: usize::MAX, ..
            }
            | Self::Line {
                most: usize::MAX, ..
            }
            | Self::Pattern => "LINE".into(),
            Self::Text { most, .. } | Self::Line { most, .. } => {
                format!("LINE < {} char", most + 1)
            }
            Self::Host => "Hostname or A.B.C.D".into(),
            Self::Ipv4 | Self::Mask => "A.B.C.D".into(),
            Self::Ipv6 => "X:X:X:X::X".into(),
            Self::Ip => "A.B.C.D or X:X:X:X::X".into(),
            Self::Prefix => "A.B.C.D/nn or X:X:X:X::X/<0-128>".into(),
            Self::Url => "URL".into(),
            Self::Time => "hh:mm".into(),
            Self::Hex => "HEX".into(),
            Self::Range(low, high) => format!("<{low}-{high}>"),
            Self::Led(lead, low, high) => format!("{lead}<{low}-{high}>"),
            Self::List(low, high) => format!("<{low}-{high}>[,<{low}-{high}>]"),
        }
    }

    /// Checks one word; a `line` as far as it has come.
    pub(super) fn check(self, word: &str) -> Check {
        match self {
            Self::Pattern => Check::Accepted,
            Self::Text { least, most } | Self::Line { least, most } => {
                check_text(word, least, most)
            }
            Self::Word { least, most } => check_word(word, least, most),
            Self::Name { .. } if !word.starts_with(|c: char| c.is_ascii_alphabetic()) => {
                Check::Wrong(0)
            }
            Self::Name { least, most } => check_word(word, least, most),
            Self::Host => check_host(word),
            Self::Ipv4 => check_ipv4(word),
            Self::Ipv6 => check_ipv6(word),
            Self::Ip => better(check_ipv4(word), check_ipv6(word)),
            Self::Mask => check_mask(word),
            Self::Prefix => check_prefix(word),
            Self::Url => check_url(word),
            Self::Email { most } => check_email(word, most),
            Self::Time => check_time(word),
            Self::Hex => word
                .find(|c: char| !c.is_ascii_hexdigit())
                .map_or(Check::Accepted, Check::Wrong),
            Self::Range(low, high) => check_range(word, low, high),
            Self::Led(lead, low, high) => check_led(word, lead, low, high),
            Self::List(low, high) => check_list(word, low, high),
        }
    }
}

fn better(one: Check, other: Check) -> Check {
    match (one, other) {
        (Check::Accepted, _) | (_, Check::Accepted) => Check::Accepted,
        (Check::Begun, _) | (_, Check::Begun) => Check::Begun,
        (Check::Wrong(one), Check::Wrong(other)) => Check::Wrong(one.max(other)),
    }
}

/// The check of a part that starts `by` bytes further on.
pub(super) fn shifted(check: Check, by: usize) -> Check {
    match check {
        Check::Wrong(at) => Check::Wrong(at + by),
        other => other,
    }
}

fn check_word(word: &str, least: usize, most: usize) -> Check {
    if word.starts_with('"')
        && let Some(at) = word.find(words::is_blank)
    {
        return Check::Wrong(at);
    }
    let mut length = 0;
    for (at, _) in word.char_indices() {
        if length == most {
            return Check::Wrong(at);
        }
        length += 1;
    }
    if length < least {
        Check::Begun
    } else {
        Check::Accepted
    }
}

/// Looks at no more than `most` characters: a line is checked again with every word that joins it.
fn check_text(typed: &str, least: usize, most: usize) -> Check {
    let inner = Word {
        text: typed,
        start: 0,
    }
    .unquoted();
    if let Some(at) = too_long(inner.text, most) {
        Check::Wrong(inner.start + at)
    } else if inner.text.chars().take(least).count() < least {
        Check::Begun
    } else {
        Check::Accepted
    }
}

/// The byte offset of the first character too many.
fn too_long(text: &str, most: usize) -> Option<usize> {
    if text.len() <= most {
        return None;
    }
    text.char_indices().nth(most).map(|(at, _)| at)
}

pub(super) fn check_range(word: &str, low: i64, high: i64) -> Check {
    let (digits, negative) = match word.strip_prefix('-') {
        Some(_) if low >= 0 => return Check::Wrong(0),
        Some(digits) => (digits, true),
        None => (word, false),
    };
    let sign = word.len() - digits.len();
    // Magnitudes on this side of nought.
    let (least, most) = match negative {
        false => (low.max(0), high),
        true => (high.min(0).saturating_neg(), low.saturating_neg()),
    };
    let mut value = 0_i64;
    for (at, c) in digits.char_indices() {
        let next = c
            .to_digit(10)
            .and_then(|digit| value.checked_mul(10)?.checked_add(i64::from(digit)));
        match next {
            // Leading noughts are no harm, a hundred of them are.
            Some(next) if at < 20 && leads_into(next, least, most) => value = next,
            _ => return Check::Wrong(sign + at),
        }
    }
    if digits.is_empty() || value < least || value > most {
        Check::Begun
    } else {
        Check::Accepted
    }
}

fn check_led(word: &str, lead: &str, low: i64, high: i64) -> Check {
    let same = word
        .bytes()
        .zip(lead.bytes())
        .take_while(|(typed, wanted)| typed.eq_ignore_ascii_case(wanted))
        .count();
    match word.get(lead.len()..) {
        Some(number) if same == lead.len() => shifted(check_range(number, low, high), lead.len()),
        _ if same == word.len() => Check::Begun,
        _ => Check::Wrong(same),
    }
}

/// Whether `value` itself, or `value` with more digits behind it, is within the bounds.
fn leads_into(value: i64, least: i64, most: i64) -> bool {
    let (mut from, mut to) = (value, value);
    loop {
        if from > most {
            return false;
        }
        if to >= least {
            return true;
        }
        from = from.saturating_mul(10);
        to = to.saturating_mul(10).saturating_add(9);
    }
}

fn check_list(word: &str, low: i64, high: i64) -> Check {
    let mut start = 0;
    let mut last = Check::Begun;
    // Byte by byte: lists are short, the text searches of the standard library are made for long ones.
    for element in word.as_bytes().split(|byte| *byte == b',') {
        let element = word.get(start..start + element.len()).unwrap_or_default();
        if last == Check::Begun && start > 0 {
            // An element that was only begun stood before a comma.
            return Check::Wrong(start - 1);
        }
        let dash = element.bytes().position(|byte| byte == b'-');
        let ends = dash.and_then(|at| Some((element.get(..at)?, element.get(at + 1..)?)));
        last = match ends {
            Some((from, to)) if low >= 0 => match check_range(from, low, high) {
                Check::Accepted => {
                    let least = from.parse().unwrap_or(low);
                    shifted(check_range(to, least, high), start + from.len() + 1)
                }
                Check::Begun => Check::Wrong(start + from.len()),
                wrong => shifted(wrong, start),
            },
            _ => shifted(check_range(element, low, high), start),
        };
        if let Check::Wrong(_) = last {
            return last;
        }
        start += element.len() + 1;
    }
    last
}

fn check_email(word: &str, most: usize) -> Check {
    match (check_address(word), too_long(word, most)) {
        (Check::Wrong(at), Some(end)) => Check::Wrong(at.min(end)),
        (_, Some(end)) => Check::Wrong(end),
        (check, None) => check,
    }
}

fn check_address(word: &str) -> Check {
    if let Some(at) = word.find(|c: char| c.is_whitespace() || "<>()\",;:\\[]".contains(c)) {
        return Check::Wrong(at);
    }
    match word.split_once('@') {
        None => Check::Begun,
        Some(("", _)) => Check::Wrong(0),
        Some((local, domain)) => shifted(check_name(domain), local.len() + 1),
    }
}

/// `hh:mm`, 00:00 to 23:59; the hour may have one digit.
fn check_time(word: &str) -> Check {
    match word.split_once(':') {
        None => match check_range(word, 0, 23) {
            Check::Accepted if word.len() > 2 => Check::Wrong(2),
            Check::Accepted => Check::Begun,
            other => other,
        },
        Some((hour, minute)) => match check_range(hour, 0, 23) {
            Check::Accepted if hour.len() > 2 => Check::Wrong(2),
            Check::Accepted => match check_range(minute, 0, 59) {
                Check::Accepted if minute.len() < 2 => Check::Begun,
                Check::Accepted if minute.len() > 2 => Check::Wrong(hour.len() + 3),
                other => shifted(other, hour.len() + 1),
            },
            Check::Begun => Check::Wrong(hour.len()),
            wrong => wrong,
        },
    }
}

#[cfg(test)]
#[path = "argument_tests.rs"]
mod tests;
