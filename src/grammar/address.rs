//! The check of one word against the kinds of argument that say where something is: addresses, names, masks, URLs.
//!
//! Spelling only, as in `argument`: nothing is looked up.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::argument::{Check, Kind, check_range, shifted};

pub(super) fn check_ipv4(word: &str) -> Check {
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

pub(super) fn check_ipv6(word: &str) -> Check {
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
pub(super) fn check_name(word: &str) -> Check {
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

pub(super) fn check_host(word: &str) -> Check {
    if word.contains(':') {
        return check_ipv6(word);
    }
    if word.bytes().all(|b| b.is_ascii_digit() || b == b'.') && word.contains('.') {
        return check_ipv4(word);
    }
    check_name(word)
}

pub(super) fn check_mask(word: &str) -> Check {
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

pub(super) fn check_prefix(word: &str) -> Check {
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

pub(super) fn check_url(word: &str) -> Check {
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
