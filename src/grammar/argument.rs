//! The kinds of argument a command takes, and the check of one word against each.
//!
//! A check is about spelling only: whether a name exists or an address answers is somebody else's question.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::words;

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
    /// One word, or one quoted string.
    Text,
    /// The rest of the line, whole.
    Line,
    /// Raw text to the end of the line, or to a keyword that may follow, spelled in full.
    Pattern,
    Host,
    Ipv4,
    Ipv6,
    Ip,
    Mask,
    Prefix,
    Url,
    Email,
    Time,
    Hex,
    Range(i64, i64),
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
            "string" => Self::Text,
            "line" => Self::Line,
            "pattern" => Self::Pattern,
            "host" => Self::Host,
            "ipv4" => Self::Ipv4,
            "ipv6" => Self::Ipv6,
            "ip" => Self::Ip,
            "mask" => Self::Mask,
            "prefix" => Self::Prefix,
            "url" => Self::Url,
            "email" => Self::Email,
            "time" => Self::Time,
            "hex" => Self::Hex,
            _ => return None,
        })
    }

    /// Raw text runs over the borders of words.
    pub(super) const fn is_raw(self) -> bool {
        matches!(self, Self::Line | Self::Pattern)
    }

    /// What `?` prints for it.
    pub(super) fn placeholder(self) -> String {
        match self {
            Self::Word {
                most: usize::MAX, ..
            }
            | Self::Email => "WORD".into(),
            Self::Word { most, .. } => format!("WORD < {} char", most + 1),
            Self::Text | Self::Line | Self::Pattern => "LINE".into(),
            Self::Host => "Hostname or A.B.C.D".into(),
            Self::Ipv4 | Self::Mask => "A.B.C.D".into(),
            Self::Ipv6 => "X:X:X:X::X".into(),
            Self::Ip => "A.B.C.D or X:X:X:X::X".into(),
            Self::Prefix => "A.B.C.D/nn or X:X:X:X::X/<0-128>".into(),
            Self::Url => "URL".into(),
            Self::Time => "hh:mm".into(),
            Self::Hex => "HEX".into(),
            Self::Range(low, high) => format!("<{low}-{high}>"),
            Self::List(low, high) => format!("<{low}-{high}>[,<{low}-{high}>]"),
        }
    }

    /// Checks one word. Raw text accepts any.
    pub(super) fn check(self, word: &str) -> Check {
        match self {
            Self::Line | Self::Pattern | Self::Text => Check::Accepted,
            Self::Word { least, most } => check_word(word, least, most),
            Self::Host => check_host(word),
            Self::Ipv4 => check_ipv4(word),
            Self::Ipv6 => check_ipv6(word),
            Self::Ip => better(check_ipv4(word), check_ipv6(word)),
            Self::Mask => check_mask(word),
            Self::Prefix => check_prefix(word),
            Self::Url => check_url(word),
            Self::Email => check_email(word),
            Self::Time => check_time(word),
            Self::Hex => word
                .find(|c: char| !c.is_ascii_hexdigit())
                .map_or(Check::Accepted, Check::Wrong),
            Self::Range(low, high) => check_range(word, low, high),
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
fn shifted(check: Check, by: usize) -> Check {
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

fn check_range(word: &str, low: i64, high: i64) -> Check {
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
    for element in word.split(',') {
        if last == Check::Begun && start > 0 {
            // An element that was only begun stood before a comma.
            return Check::Wrong(start - 1);
        }
        last = match element.split_once('-') {
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

fn check_ipv4(word: &str) -> Check {
    if word.parse::<Ipv4Addr>().is_ok() {
        return Check::Accepted;
    }
    let mut start = 0;
    for (count, octet) in word.split('.').enumerate() {
        if count == 4 {
            return Check::Wrong(start - 1);
        }
        if octet.is_empty() && start < word.len() {
            return Check::Wrong(start);
        }
        let checked = match octet.strip_prefix('0') {
            Some(rest) if !rest.is_empty() => Check::Wrong(1),
            _ if octet.is_empty() => Check::Begun,
            _ => check_range(octet, 0, 255),
        };
        if let Check::Wrong(_) = checked {
            return shifted(checked, start);
        }
        start += octet.len() + 1;
    }
    Check::Begun
}

fn check_ipv6(word: &str) -> Check {
    if word.parse::<Ipv6Addr>().is_ok() {
        return Check::Accepted;
    }
    // As far as the longest beginning that some ending makes an address.
    const ENDINGS: [&str; 9] = ["", ":", "::", "::1", ":1", "0", "0:0", ".0.0.0", "0::"];
    let mut last = 0;
    for end in 1..=word.len().min(46) {
        let Some(beginning) = word.get(..end) else {
            return Check::Wrong(last);
        };
        if !is_ipv6_beginning(beginning, &ENDINGS) {
            return Check::Wrong(last);
        }
        last = end;
    }
    if word.len() > 46 {
        Check::Wrong(last)
    } else {
        Check::Begun
    }
}

fn is_ipv6_beginning(beginning: &str, endings: &[&str]) -> bool {
    let mut text = [0_u8; 64];
    let tries = |ending: &&str| {
        let mut length = 0;
        for byte in beginning.bytes().chain(ending.bytes()) {
            match text.get_mut(length) {
                Some(place) => *place = byte,
                None => return false,
            }
            length += 1;
        }
        text.get(..length)
            .and_then(|bytes| std::str::from_utf8(bytes).ok())
            .is_some_and(|text| text.parse::<Ipv6Addr>().is_ok())
    };
    if beginning.contains('.') {
        return endings_of_a_dotted_tail(beginning);
    }
    if beginning
        .bytes()
        .any(|b| !b.is_ascii_hexdigit() && b != b':')
    {
        return false;
    }
    // A whole address has eight groups: fill up the ones that are missing.
    let groups = beginning
        .split(':')
        .filter(|group| !group.is_empty())
        .count();
    let open = beginning.len() - beginning.rfind(':').map_or(0, |at| at + 1);
    if open > 4
        || groups > 8
        || beginning.starts_with(':') && beginning.len() > 1 && !beginning.starts_with("::")
    {
        return false;
    }
    endings.iter().any(tries)
        || (groups < 8 && !beginning.contains("::") && !beginning.contains(":::"))
}

/// `::ffff:192.0` is on its way to `::ffff:192.0.2.7`.
fn endings_of_a_dotted_tail(beginning: &str) -> bool {
    let Some(at) = beginning.rfind(':') else {
        return false;
    };
    let (head, tail) = beginning.split_at(at + 1);
    let head_is_fine =
        head.parse::<Ipv6Addr>().is_ok() || format!("{head}0.0.0.0").parse::<Ipv6Addr>().is_ok();
    head_is_fine && !matches!(check_ipv4(tail), Check::Wrong(_))
}

/// Letters, digits, hyphens and underscores between dots (RFC 1123, 2.1; the underscore is common in the field).
fn check_name(word: &str) -> Check {
    let mut label = 0;
    let mut before = '.';
    for (at, c) in word.char_indices() {
        let fits = match c {
            '.' => label > 0 && before != '-',
            '-' => label > 0,
            _ => c.is_ascii_alphanumeric() || c == '_',
        };
        label = if c == '.' { 0 } else { label + 1 };
        if !fits || label > 63 || at >= 253 {
            return Check::Wrong(at);
        }
        before = c;
    }
    if word.is_empty() || before == '-' {
        Check::Begun
    } else {
        Check::Accepted
    }
}

fn check_host(word: &str) -> Check {
    if word.contains(':') {
        return check_ipv6(word);
    }
    if word.bytes().all(|b| b.is_ascii_digit() || b == b'.') && word.contains('.') {
        return check_ipv4(word);
    }
    check_name(word)
}

fn check_mask(word: &str) -> Check {
    let address = check_ipv4(word);
    if matches!(address, Check::Wrong(_)) {
        return address;
    }
    let mut start = 0;
    let mut over = false;
    for octet in word.split('.') {
        let Ok(bits) = octet.parse::<u8>() else { break };
        let is_last = start + octet.len() == word.len();
        let fits = if over {
            bits == 0
        } else {
            bits.leading_ones() + bits.trailing_zeros().min(8) >= 8
        };
        if !fits {
            // `2` and `25` are on their way to `255`.
            let begun = is_last
                && !over
                && ["128", "192", "224", "240", "248", "252", "254", "255"]
                    .iter()
                    .any(|m| m.starts_with(octet));
            return if begun {
                Check::Begun
            } else {
                Check::Wrong(start)
            };
        }
        over |= bits != 255;
        start += octet.len() + 1;
    }
    address
}

fn check_prefix(word: &str) -> Check {
    match word.split_once('/') {
        None => match Kind::Ip.check(word) {
            Check::Accepted => Check::Begun,
            other => other,
        },
        Some((address, length)) => {
            let most = if address.contains(':') { 128 } else { 32 };
            match Kind::Ip.check(address) {
                Check::Accepted => shifted(check_range(length, 0, most), address.len() + 1),
                Check::Begun => Check::Wrong(address.len()),
                wrong => wrong,
            }
        }
    }
}

/// The offset of the first character that differs from `wanted`, when one does before either ends.
fn first_difference(word: &str, wanted: &str) -> Option<usize> {
    let same = word
        .bytes()
        .zip(wanted.bytes())
        .take_while(|(a, b)| a.eq_ignore_ascii_case(b))
        .count();
    (same < word.len() && same < wanted.len()).then_some(same)
}

fn check_url(word: &str) -> Check {
    let scheme = match (
        first_difference(word, "http://"),
        first_difference(word, "https://"),
    ) {
        (Some(one), Some(other)) => return Check::Wrong(one.max(other)),
        (None, _) => "http://".len(),
        (_, None) => "https://".len(),
    };
    let Some(rest) = word.get(scheme..) else {
        return Check::Begun;
    };
    if let Some(at) = word.find(|c: char| {
        c.is_whitespace() || matches!(c, '"' | '<' | '>' | '\\' | '^' | '`' | '{' | '|' | '}')
    }) {
        return Check::Wrong(at);
    }
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let user = authority.rfind('@').map_or(0, |at| at + 1);
    let checked = shifted(check_authority(&authority[user..]), scheme + user);
    match checked {
        Check::Begun if !path.is_empty() => Check::Wrong(scheme + end),
        other => other,
    }
}

/// `host`, `host:port` or `[address]:port`.
fn check_authority(text: &str) -> Check {
    let (host, port) = match text.strip_prefix('[') {
        Some(inner) => match inner.split_once(']') {
            None => {
                return match check_ipv6(inner) {
                    Check::Wrong(at) => Check::Wrong(at + 1),
                    _ => Check::Begun,
                };
            }
            Some((address, port)) => match check_ipv6(address) {
                Check::Accepted => (address.len() + 2, port),
                Check::Begun => return Check::Wrong(address.len() + 1),
                wrong => return shifted(wrong, 1),
            },
        },
        None => {
            let end = text.find(':').unwrap_or(text.len());
            let (host, port) = text.split_at(end);
            match check_host(host) {
                Check::Accepted => (end, port),
                Check::Begun if port.is_empty() => return Check::Begun,
                Check::Begun => return Check::Wrong(end),
                wrong => return wrong,
            }
        }
    };
    match port.strip_prefix(':') {
        Some(number) => shifted(check_range(number, 1, 65535), host + 1),
        None if port.is_empty() => Check::Accepted,
        None => Check::Wrong(host),
    }
}

fn check_email(word: &str) -> Check {
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
