//! The header of a Cisco device's line, and everything that may stand before it: numbers, origin, session, stamp, and what
//! relays and other trains put between them.

use super::Severity;
use super::parse::{Kind, Parsed, starts_with};
use super::program::is_name_start;
use super::stamp::{PLAIN, are_digits, count_digits, fraction, is_plain, stamp};

/// `%FAC-SEV-MNEM: body`.
pub(super) struct Header<'a> {
    pub(super) severity: Severity,
    pub(super) facility: &'a [u8],
    pub(super) mnemonic: &'a [u8],
    pub(super) body: &'a [u8],
}

/// The header whose `%` stands at `at`.
pub(super) fn header(bytes: &[u8], at: usize) -> Option<Header<'_>> {
    let name = bytes.get(at + 1..)?;
    let near = name.get(..LONGEST_HEADER).unwrap_or(name);
    let end = memchr::memchr2(b':', b' ', near)?;
    let (head, rest) = name.split_at_checked(end)?;
    // Some trains put a blank before the colon.
    let body = match rest {
        [b':', b' ', body @ ..] | [b' ', b':', b' ', body @ ..] => body,
        [b':', body @ ..] | [b' ', b':', body @ ..] => body,
        _ => return None,
    };
    let mut hyphen = 0;
    let (facility, digit, mnemonic) = loop {
        hyphen += 1 + find_hyphen(near.get(hyphen + 1..)?)?;
        if let (facility, [b'-', digit @ b'0'..=b'7', b'-', mnemonic @ ..]) =
            head.split_at_checked(hyphen)?
        {
            break (facility, *digit, mnemonic);
        }
    };
    if !is_name_start(*facility.first()?) || mnemonic.is_empty() {
        return None;
    }
    Some(Header {
        severity: Severity::from_number(digit - b'0')?,
        facility,
        mnemonic,
        body,
    })
}

/// The first hyphen; most stand within eight bytes, and those are looked at all at once.
#[inline]
fn find_hyphen(bytes: &[u8]) -> Option<usize> {
    const HYPHENS: u64 = u64::from_le_bytes([b'-'; 8]);
    const ONES: u64 = u64::from_le_bytes([1; 8]);
    const HIGHEST: u64 = u64::from_le_bytes([0x80; 8]);
    if let Some(eight) = bytes.first_chunk() {
        let hyphens = u64::from_le_bytes(*eight) ^ HYPHENS;
        // The highest bit of each byte that was a hyphen, and perhaps of some behind the first.
        let found = hyphens.wrapping_sub(ONES) & !hyphens & HIGHEST;
        if found != 0 {
            return Some(found.trailing_zeros() as usize / 8);
        }
    }
    memchr::memchr(b'-', bytes)
}

/// What nearly every device sends, `COUNTER: STAMP[ ZONE]: %FAC-SEV-MNEM: text` with the commonest stamp: what `cisco` says
/// of it, found with less looking around. `None` says nothing.
#[inline]
pub(super) fn usual(bytes: &[u8], pri: Option<u8>, start: usize) -> Option<Parsed<'_>> {
    let digits = count_digits(bytes, start);
    let counter = bytes.get(start..start + digits).filter(|_| digits > 0)?;
    let line = bytes.get(start + digits..)?.strip_prefix(b": ")?;
    let mark = usize::from(matches!(line.first()?, b'*' | b'.'));
    if !is_plain(line.get(mark..)?.first_chunk()?) {
        return None;
    }
    let end = fraction(line, mark + PLAIN);
    let behind = line.get(end..)?;
    let zone = match behind {
        [b' ', zone @ ..] => {
            let letters = zone.iter().take(9).take_while(|b| b.is_ascii_alphabetic());
            Some(letters.count()).filter(|letters| (1..=8).contains(letters))? + 1
        }
        _ => 0,
    };
    let text = behind.get(zone..)?.strip_prefix(b": ")?;
    let found = text.starts_with(b"%").then(|| header(text, 0)).flatten()?;
    Some(Parsed {
        pri,
        kind: Kind::Cisco,
        severity: found.severity,
        facility: found.facility,
        mnemonic: found.mnemonic,
        body: found.body,
        counter,
        stamp: line.get(..end + zone)?,
        text,
        line,
        ..Parsed::default()
    })
}

/// `[COUNTER: ][ORIGIN: ][[syslog@9 ...]: ][SEQNO: ][STAMP: ]%FAC-SEV-MNEM: text` and its relatives, into what has its PRI
/// and nothing else; `None` when the bytes do not go on like that, and then what was found is void.
#[inline]
pub(super) fn cisco<'a>(bytes: &'a [u8], start: usize, parsed: &mut Parsed<'a>) -> Option<()> {
    parsed.kind = Kind::Cisco;
    let mut at = start;
    if starts_with(bytes, at, b": ") {
        at += 2;
    } else if starts_with(bytes, at, b":") && !starts_with(bytes, at, b"::") {
        // EMBLEM puts a colon behind the PRI.
        at += 1;
    }
    let mut line_at = None;
    let mut is_debug = false;
    let mut is_relayed = false;
    for _ in 0..MOST_ELEMENTS {
        match bytes.get(at) {
            Some(b'%') => {
                let Some(found) = header(bytes, at) else {
                    break;
                };
                parsed.severity = found.severity;
                parsed.facility = found.facility;
                parsed.mnemonic = found.mnemonic;
                parsed.body = found.body;
                parsed.text = bytes.get(at..)?;
                parsed.line = line_at
                    .and_then(|from| bytes.get(from..))
                    .unwrap_or_default();
                return Some(());
            }
            // Behind `STAMP: ` only the header may follow, or IOS XR's process.
            _ if is_debug => {
                let Some((process, next)) = xr_process(bytes, at) else {
                    break;
                };
                parsed.process = process;
                line_at = None;
                at = next;
                continue;
            }
            Some(b'0'..=b'9') => {
                let digits = count_digits(bytes, at);
                if starts_with(bytes, at + digits, b": ") {
                    let number = bytes.get(at..at + digits)?;
                    let is_first =
                        at == start || parsed.counter.is_empty() && parsed.sequence.is_empty();
                    if is_first && parsed.host.is_empty() && parsed.session.is_empty() {
                        parsed.counter = number;
                    } else {
                        parsed.sequence = number;
                    }
                    at += digits + 2;
                    continue;
                }
            }
            Some(b'[') if starts_with(bytes, at, b"[syslog@9 ") => {
                let rest = bytes.get(at..)?;
                let end = rest.windows(3).take(512).position(|w| w == b"]: ")?;
                parsed.session = rest.get(..end + 1)?;
                at += end + 3;
                continue;
            }
            Some(_) => {}
            None => break,
        }
        // What a relay put before the device's own stamp gives way to it.
        if (parsed.stamp.is_empty() || is_relayed)
            && let Some(end) = stamp(bytes, at)
        {
            if starts_with(bytes, end, b": ") {
                parsed.stamp = bytes.get(at..end)?;
                line_at = Some(at);
                is_debug = true;
                at = end + 2;
            } else {
                let is_device = at > start || matches!(bytes.get(at), Some(b'*' | b'.'));
                let behind = behind_stamp(bytes, at, end, is_device)?;
                line_at = (behind.host.is_none() && behind.is_colon).then_some(at);
                is_debug = line_at.is_some();
                is_relayed = behind.host.is_some();
                parsed.stamp = behind.stamp;
                parsed.host = behind.host.unwrap_or(parsed.host);
                parsed.counter = behind.counter.unwrap_or(parsed.counter);
                at = behind.next;
            }
            continue;
        }
        if let Some((host, next)) = xr_node(bytes, at) {
            if !host.is_empty() {
                parsed.host = host;
            }
            at = next;
            continue;
        }
        let (origin, next) = origin(bytes, at)?;
        // A wireless controller names the task that speaks.
        if let Some(task) = origin.strip_prefix(b"*") {
            parsed.process = task;
            at = next;
            continue;
        }
        if !parsed.host.is_empty() && !is_relayed {
            return None;
        }
        parsed.host = origin;
        at = next;
    }
    let text = bytes.get(at..).filter(|_| is_debug)?;
    parsed.kind = Kind::Debug;
    parsed.severity = parsed
        .pri
        .and_then(|pri| Severity::from_number(pri & 7))
        .unwrap_or(Severity::Debugging);
    parsed.body = text;
    parsed.text = text;
    parsed.line = line_at
        .and_then(|from| bytes.get(from..))
        .unwrap_or_default();
    Some(())
}

/// A stamp that no colon follows at once, and what stands between it and the next element.
struct BehindStamp<'a> {
    /// With its zone.
    stamp: &'a [u8],
    host: Option<&'a [u8]>,
    counter: Option<&'a [u8]>,
    /// A colon and a blank end it, not the blank before a `%`.
    is_colon: bool,
    next: usize,
}

/// A zone, a device-id (`fw1 :`), or a relay's host with the first number behind it, after the stamp `from..end`.
/// `is_device`: something tells already that a device speaks, not a program whose name would look like a zone.
fn behind_stamp(bytes: &[u8], from: usize, end: usize, is_device: bool) -> Option<BehindStamp<'_>> {
    let rest = bytes.get(end..)?.strip_prefix(b" ")?;
    let plain = bytes.get(from..end)?;
    // The common case first: a zone and the colon.
    let letters = rest
        .iter()
        .take(9)
        .take_while(|b| b.is_ascii_alphabetic())
        .count();
    if (1..=8).contains(&letters) && starts_with(rest, letters, b": ") {
        let next = end + letters + 3;
        if !is_device && !is_abbreviation(rest.get(..letters)?) && header_at(bytes, next).is_none()
        {
            return None;
        }
        let stamp = bytes.get(from..end + 1 + letters)?;
        return Some(BehindStamp {
            stamp,
            host: None,
            counter: None,
            is_colon: true,
            next,
        });
    }
    let near = rest.get(..rest.len().min(LONGEST_ORIGIN))?;
    if near.first() == Some(&b'%') {
        return Some(BehindStamp {
            stamp: plain,
            host: None,
            counter: None,
            is_colon: false,
            next: end + 1,
        });
    }
    let colon = near.windows(2).position(|w| w == b": ");
    let percent = near.windows(2).position(|w| w == b" %");
    let percent = percent.filter(|percent| colon.is_none_or(|colon| *percent < colon));
    let (words, next) = match (percent, colon) {
        (Some(percent), _) => (near.get(..percent)?, end + 1 + percent + 1),
        (None, Some(colon)) => (near.get(..colon)?, end + 1 + colon + 2),
        (None, None) => return None,
    };
    let mut behind = BehindStamp {
        stamp: plain,
        host: None,
        counter: None,
        is_colon: percent.is_none(),
        next,
    };
    let mut parts = words
        .split(|&b| b == b' ')
        .filter(|part| !part.is_empty())
        .peekable();
    let is_device_id = words.last() == Some(&b' ');
    if let Some(zone) = parts
        .peek()
        .filter(|word| is_zone(word) && !(is_device_id && words.len() == word.len() + 1))
    {
        behind.stamp = bytes.get(from..end + 1 + zone.len())?;
        parts.next();
    }
    behind.host = parts.next();
    behind.counter = parts.next();
    let is_number = behind.counter.is_none_or(are_digits);
    (is_number && parts.next().is_none()).then_some(behind)
}

/// A word that ends in a colon and a blank, a configured origin.
fn origin(bytes: &[u8], at: usize) -> Option<(&[u8], usize)> {
    let rest = bytes.get(at..)?;
    let near = rest.get(..rest.len().min(LONGEST_ORIGIN))?;
    let end = near.windows(2).position(|w| w == b": ")?;
    let origin = near.get(..end)?.trim_ascii();
    (!origin.is_empty()).then_some((origin, at + end + 2))
}

/// IOS XR's `RP/0/RSP0/CPU0:` right before a stamp, with the host it may have before that: the host, and where the stamp begins.
fn xr_node(bytes: &[u8], at: usize) -> Option<(&[u8], usize)> {
    let rest = bytes.get(at..)?;
    let near = rest.get(..rest.len().min(LONGEST_ORIGIN))?;
    let end = memchr::memchr(b':', near)?;
    let mut words = near.get(..end)?.rsplitn(2, |b| *b == b' ');
    let (node, host) = (words.next()?, words.next().unwrap_or_default());
    let is_node = node.contains(&b'/') && !host.contains(&b' ');
    (is_node && stamp(bytes, at + end + 1).is_some()).then_some((host, at + end + 1))
}

/// IOS XR's `ifmgr[227]: ` right before the header: it, and where the header begins.
fn xr_process(bytes: &[u8], at: usize) -> Option<(&[u8], usize)> {
    let (process, next) = origin(bytes, at)?;
    let (name, number) = process
        .strip_suffix(b"]")?
        .split_at_checked(memchr::memchr(b'[', process)?)?;
    let is_process =
        !name.contains(&b' ') && are_digits(number.get(1..)?) && header_at(bytes, next).is_some();
    is_process.then_some((process, next))
}

fn header_at(bytes: &[u8], at: usize) -> Option<Header<'_>> {
    (bytes.get(at) == Some(&b'%'))
        .then(|| header(bytes, at))
        .flatten()
}

/// `UTC`, `CEST`: what a zone is called where nothing but a word tells.
fn is_abbreviation(word: &[u8]) -> bool {
    (2..=5).contains(&word.len()) && word.iter().all(u8::is_ascii_uppercase)
}

/// `UTC`, `NewYork`, `+02:00`; a host has a digit, a dot or a hyphen in its name, or is longer.
fn is_zone(word: &[u8]) -> bool {
    match word {
        [b'+' | b'-', digits @ ..] => digits.iter().all(|b| b.is_ascii_digit() || *b == b':'),
        _ => word.len() <= 8 && word.iter().all(u8::is_ascii_alphabetic),
    }
}

const LONGEST_HEADER: usize = 128;
const LONGEST_ORIGIN: usize = 96;
/// Counter, origin, session, sequence, stamp: five, and one of a relay.
const MOST_ELEMENTS: usize = 6;

#[cfg(test)]
#[path = "cisco_tests.rs"]
mod tests;
