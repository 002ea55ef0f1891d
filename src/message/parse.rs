//! A received message taken apart, once, into slices of its bytes: every header a Cisco device, an RFC 3164 or an RFC 5424
//! sender puts before the text. Nothing is copied and nothing panics; what a stamp means and how a message is written
//! stands in `wire`.

use super::Severity;

/// What kind of message it is, by its header.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    /// `%FAC-SEV-MNEM: body`, with whatever stood before it.
    Cisco,
    /// A device's debug line: its prefix is Cisco's, but no `%` header follows. It has no facility and no mnemonic.
    Debug,
    /// Another program's: RFC 3164, RFC 5424, or text without any header.
    #[default]
    Program,
}

/// The parts of one message. A part that is absent is empty.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Parsed<'a> {
    /// 0 to 191.
    pub pri: Option<u8>,
    pub kind: Kind,
    /// Of the header; of the PRI where there is no header; else notifications, debugging for a debug line.
    pub severity: Severity,
    /// Of a program its name as it came; it counts in upper case. `SYSLOG` where it named none.
    pub facility: &'a [u8],
    /// `MSG` where a program gave no MSGID.
    pub mnemonic: &'a [u8],
    pub body: &'a [u8],
    /// The device's message number (`logging message-counter syslog`).
    pub counter: &'a [u8],
    /// The device's other number (`service sequence-numbers`).
    pub sequence: &'a [u8],
    /// The host that the message names: ORIGIN, HOSTNAME or device-id.
    pub host: &'a [u8],
    /// `[syslog@9 ...]`.
    pub session: &'a [u8],
    /// As it came, with its `*` or `.` and its zone.
    pub stamp: &'a [u8],
    /// The text behind the stamp: header and body as they came, or the body alone.
    pub text: &'a [u8],
    /// `stamp: text` where the message has it in one piece.
    pub line: &'a [u8],
    /// A program's PROCID.
    pub process: &'a [u8],
    /// STRUCTURED-DATA of RFC 5424.
    pub structured: &'a [u8],
}

/// Takes a message apart. Any bytes are some message.
pub fn parse(bytes: &[u8]) -> Parsed<'_> {
    let (pri, at) = pri(bytes);
    if starts_with(bytes, at, b"1 ")
        && pri.is_some()
        && let Some(parsed) = rfc5424(bytes, pri, at + 2)
    {
        return parsed;
    }
    cisco(bytes, pri, at).unwrap_or_else(|| program(bytes, pri, at))
}

/// `<PRI>` and where it ends.
fn pri(bytes: &[u8]) -> (Option<u8>, usize) {
    let (value, end) = match *bytes {
        [b'<', a @ b'0'..=b'9', b'>', ..] => (u16::from(a - b'0'), 3),
        [b'<', a @ b'1'..=b'9', b @ b'0'..=b'9', b'>', ..] => {
            (u16::from(a - b'0') * 10 + u16::from(b - b'0'), 4)
        }
        [b'<', b'1', b @ b'0'..=b'9', c @ b'0'..=b'9', b'>', ..] => {
            (100 + u16::from(b - b'0') * 10 + u16::from(c - b'0'), 5)
        }
        _ => return (None, 0),
    };
    match u8::try_from(value) {
        Ok(pri @ 0..=191) => (Some(pri), end),
        _ => (None, 0),
    }
}

/// `%FAC-SEV-MNEM: body`.
struct Header<'a> {
    severity: Severity,
    facility: &'a [u8],
    mnemonic: &'a [u8],
    body: &'a [u8],
}

/// The header whose `%` stands at `at`.
fn header(bytes: &[u8], at: usize) -> Option<Header<'_>> {
    let name = bytes.get(at + 1..)?;
    let colon = memchr::memchr(b':', name.get(..LONGEST_HEADER).unwrap_or(name))?;
    let (head, body) = name.split_at_checked(colon)?;
    // Some trains put a blank before the colon.
    let head = head.strip_suffix(b" ").unwrap_or(head);
    let hyphen = head
        .windows(3)
        .position(|w| w[0] == b'-' && w[2] == b'-' && matches!(w[1], b'0'..=b'7'))?;
    let (facility, rest) = head.split_at_checked(hyphen)?;
    let [_, digit, _, mnemonic @ ..] = rest else {
        return None;
    };
    if !is_name_start(*facility.first()?)
        || mnemonic.is_empty()
        || !head.iter().all(|b| IN_HEADER[usize::from(*b)])
    {
        return None;
    }
    let severity = Severity::from_number(digit.wrapping_sub(b'0'))?;
    let body = match body {
        [b':', b' ', body @ ..] | [b':', body @ ..] => body,
        _ => return None,
    };
    Some(Header {
        severity,
        facility,
        mnemonic,
        body,
    })
}

/// `[COUNTER: ][ORIGIN: ][[syslog@9 ...]: ][SEQNO: ][STAMP: ]%FAC-SEV-MNEM: text` and its relatives; `None` when the bytes
/// do not go on like that.
#[inline]
fn cisco(bytes: &[u8], pri: Option<u8>, start: usize) -> Option<Parsed<'_>> {
    let mut parsed = Parsed {
        pri,
        kind: Kind::Cisco,
        ..Parsed::default()
    };
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
                return Some(parsed);
            }
            // Behind `STAMP: ` only the header may follow.
            _ if is_debug => break,
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
                let behind = behind_stamp(bytes, at, end)?;
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
        let (origin, next) = origin(bytes, at)?;
        if !parsed.host.is_empty() && !is_relayed {
            return None;
        }
        parsed.host = origin;
        at = next;
    }
    let text = bytes.get(at..).filter(|_| is_debug)?;
    Some(Parsed {
        kind: Kind::Debug,
        severity: pri
            .and_then(|pri| Severity::from_number(pri & 7))
            .unwrap_or(Severity::Debugging),
        body: text,
        text,
        line: line_at
            .and_then(|from| bytes.get(from..))
            .unwrap_or_default(),
        ..parsed
    })
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
fn behind_stamp(bytes: &[u8], from: usize, end: usize) -> Option<BehindStamp<'_>> {
    let rest = bytes.get(end..)?.strip_prefix(b" ")?;
    let plain = bytes.get(from..end)?;
    // The common case first: a zone and the colon.
    let letters = rest
        .iter()
        .take(9)
        .take_while(|b| b.is_ascii_alphabetic())
        .count();
    if (1..=8).contains(&letters) && starts_with(rest, letters, b": ") {
        let stamp = bytes.get(from..end + 1 + letters)?;
        return Some(BehindStamp {
            stamp,
            host: None,
            counter: None,
            is_colon: true,
            next: end + letters + 3,
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

/// RFC 5424, section 6, from behind the version.
fn rfc5424(bytes: &[u8], pri: Option<u8>, start: usize) -> Option<Parsed<'_>> {
    let mut at = start;
    let mut field = |longest: usize| {
        let rest = bytes.get(at..)?;
        let length = rest
            .iter()
            .take(longest + 1)
            .take_while(|b| **b != b' ')
            .count();
        let field = rest
            .get(..length)
            .filter(|_| rest.get(length) == Some(&b' '))?;
        at += length + 1;
        Some(if field == b"-" { &[] } else { field })
    };
    let (time, host, app, process, message_id) = (
        field(40)?,
        field(255)?,
        field(128)?,
        field(128)?,
        field(128)?,
    );
    if !time.is_empty() && iso(time, 0) != Some(time.len()) {
        return None;
    }
    let rest = bytes.get(at..)?;
    let length = if rest.first() == Some(&b'-') {
        1
    } else {
        structured_data(rest)?
    };
    let (structured, rest) = rest.split_at_checked(length)?;
    let message = match rest {
        [] => rest,
        [b' ', message @ ..] => message,
        _ => return None,
    };
    // The byte order mark, or the three letters that IOS XE writes instead.
    let message = message.strip_prefix(b"\xef\xbb\xbf").unwrap_or(message);
    let message = if message.starts_with(b"BOM%") {
        message.get(3..)?
    } else {
        message
    };
    let parsed = Parsed {
        pri,
        host,
        stamp: time,
        process,
        structured: if length == 1 { &[] } else { structured },
        text: message,
        ..Parsed::default()
    };
    if let Some(found) = (message.first() == Some(&b'%'))
        .then(|| header(message, 0))
        .flatten()
    {
        return Some(Parsed {
            kind: Kind::Cisco,
            severity: found.severity,
            facility: found.facility,
            mnemonic: found.mnemonic,
            body: found.body,
            ..parsed
        });
    }
    Some(Parsed {
        kind: Kind::Program,
        severity: severity_of(pri),
        facility: if app.is_empty() { FACILITY } else { app },
        mnemonic: if message_id.is_empty() {
            MNEMONIC
        } else {
            message_id
        },
        body: message,
        ..parsed
    })
}

/// The length of `[id name="value" ...]...`, quoted and escaped as RFC 5424, 6.3 has it.
fn structured_data(bytes: &[u8]) -> Option<usize> {
    let mut at = 0;
    while bytes.get(at) == Some(&b'[') {
        let mut is_quoted = false;
        loop {
            at += 1;
            match (bytes.get(at)?, is_quoted) {
                (b'\\', true) => at += 1,
                (b'"', _) => is_quoted = !is_quoted,
                (b']', false) => break,
                _ => {}
            }
        }
        at += 1;
    }
    (at > 0).then_some(at)
}

/// RFC 3164 and everything else: stamp, host, `TAG[pid]: `, each where it is there.
fn program(bytes: &[u8], pri: Option<u8>, start: usize) -> Parsed<'_> {
    let mut parsed = Parsed {
        pri,
        severity: severity_of(pri),
        facility: FACILITY,
        mnemonic: MNEMONIC,
        ..Parsed::default()
    };
    let mut rest = bytes.get(start..).unwrap_or_default();
    if let Some((stamp, behind)) =
        stamp(bytes, start).and_then(|end| bytes.get(start..)?.split_at_checked(end - start))
        && let Some(behind) = behind.strip_prefix(b" ")
    {
        parsed.stamp = stamp;
        rest = behind;
        if tag(rest).is_none()
            && let Some(blank) = rest.iter().take(256).position(|b| *b == b' ')
            && let Some((host, behind)) = rest.split_at_checked(blank)
            && !host.is_empty()
        {
            parsed.host = host;
            rest = behind.get(1..).unwrap_or_default();
        }
    }
    if let Some((name, process, body)) = tag(rest) {
        parsed.facility = name;
        parsed.process = process;
        rest = body;
    }
    parsed.body = rest;
    parsed.text = rest;
    parsed
}

/// `TAG: body` or `TAG[pid]: body`.
fn tag(bytes: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let length = bytes
        .iter()
        .take(LONGEST_TAG + 1)
        .take_while(|b| IN_HEADER[usize::from(**b)])
        .count();
    let (name, rest) = bytes.split_at_checked(length)?;
    if !is_name_start(*name.first()?) || length > LONGEST_TAG {
        return None;
    }
    let (process, rest) = match rest.strip_prefix(b"[") {
        Some(inside) => {
            let end = inside.iter().take(129).position(|b| *b == b']')?;
            let (process, rest) = inside.split_at_checked(end)?;
            (process, rest.get(1..)?)
        }
        None => (&rest[..0], rest),
    };
    let body = match rest {
        [b':', b' ', body @ ..] => body,
        [b':'] => &rest[1..],
        [b' ', body @ ..] if !process.is_empty() => body,
        _ => return None,
    };
    Some((name, process, body))
}

/// Where the stamp that begins at `at` ends, its `*` or `.` included, its zone not; `None` when none begins there.
fn stamp(bytes: &[u8], at: usize) -> Option<usize> {
    match bytes.get(at)? {
        b'*' | b'.' => time(bytes, at + 1),
        _ => time(bytes, at),
    }
}

fn time(bytes: &[u8], at: usize) -> Option<usize> {
    if bytes.get(at)?.is_ascii_digit() {
        return iso(bytes, at).or_else(|| uptime(bytes, at)).or_else(|| {
            // NX-OS puts the year first.
            let year = bytes.get(at..at + 5)?;
            let is_year = matches!(year, [a, b, c, d, b' '] if are_digits(&[*a, *b, *c, *d]));
            date(bytes, at + 5).filter(|_| is_year)
        });
    }
    date(bytes, at)
}

/// `Mar  1 18:46:11`, `Jan  1 2006 23:15:29.365`.
fn date(bytes: &[u8], at: usize) -> Option<usize> {
    let [m1, m2, m3, b' ', tens, ones, b' '] = *bytes.get(at..at + 7)? else {
        return None;
    };
    let is_day = (tens == b' ' || matches!(tens, b'0'..=b'3')) && ones.is_ascii_digit();
    if !is_day || month([m1, m2, m3]).is_none() {
        return None;
    }
    let at = at + 7;
    let year = bytes.get(at..at + 5)?;
    let is_year = matches!(year, [a, b, c, d, b' '] if are_digits(&[*a, *b, *c, *d]));
    clock(bytes, if is_year { at + 5 } else { at })
}

/// The month's number, 1 to 12, of its three letters.
pub(crate) fn month(letters: [u8; 3]) -> Option<u32> {
    Some(match &letters {
        b"Jan" => 1,
        b"Feb" => 2,
        b"Mar" => 3,
        b"Apr" => 4,
        b"May" => 5,
        b"Jun" => 6,
        b"Jul" => 7,
        b"Aug" => 8,
        b"Sep" => 9,
        b"Oct" => 10,
        b"Nov" => 11,
        b"Dec" => 12,
        _ => return None,
    })
}

/// `18:46:11`, with fractions of a second where they follow.
fn clock(bytes: &[u8], at: usize) -> Option<usize> {
    let [h1, h2, b':', m1, m2, b':', s1, s2] = *bytes.get(at..at + 8)? else {
        return None;
    };
    if !are_digits(&[h1, h2, m1, m2, s1, s2]) {
        return None;
    }
    let end = at + 8;
    if bytes.get(end) != Some(&b'.') {
        return Some(end);
    }
    let digits = count_digits(bytes, end + 1);
    Some(if digits == 0 { end } else { end + 1 + digits })
}

/// `2018-06-27T12:17:46Z`, with its offset.
fn iso(bytes: &[u8], at: usize) -> Option<usize> {
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2, b'T'] = *bytes.get(at..at + 11)? else {
        return None;
    };
    if !are_digits(&[y1, y2, y3, y4, m1, m2, d1, d2]) {
        return None;
    }
    let end = clock(bytes, at + 11)?;
    match bytes.get(end) {
        Some(b'Z') => Some(end + 1),
        Some(b'+' | b'-') => {
            let [h1, h2, b':', m1, m2] = *bytes.get(end + 1..end + 6)? else {
                return Some(end);
            };
            Some(if are_digits(&[h1, h2, m1, m2]) {
                end + 6
            } else {
                end
            })
        }
        _ => Some(end),
    }
}

/// `00:00:46`, `1d02h`, `3w1d`, `2y10w`.
fn uptime(bytes: &[u8], at: usize) -> Option<usize> {
    if let Some(end) = clock(bytes, at) {
        return Some(end);
    }
    let number = |at: usize| {
        let digits = count_digits(bytes, at);
        (1..=4).contains(&digits).then_some(at + digits)
    };
    let unit = number(at)?;
    let second = number(unit + 1)?;
    let is_uptime = matches!(
        (bytes.get(unit)?, bytes.get(second)?),
        (b'd', b'h') | (b'w', b'd') | (b'y', b'w')
    );
    is_uptime.then_some(second + 1)
}

/// `UTC`, `NewYork`, `+02:00`; a host has a digit, a dot or a hyphen in its name, or is longer.
fn is_zone(word: &[u8]) -> bool {
    match word {
        [b'+' | b'-', digits @ ..] => digits.iter().all(|b| b.is_ascii_digit() || *b == b':'),
        _ => word.len() <= 8 && word.iter().all(u8::is_ascii_alphabetic),
    }
}

fn severity_of(pri: Option<u8>) -> Severity {
    pri.and_then(|pri| Severity::from_number(pri & 7))
        .unwrap_or(Severity::Notifications)
}

/// Digits in a row from `at`; 20 make the longest number there is.
fn count_digits(bytes: &[u8], at: usize) -> usize {
    let mut end = at;
    while end < at + 20 && matches!(bytes.get(end), Some(b'0'..=b'9')) {
        end += 1;
    }
    end - at
}

/// What a facility or a program's name begins with.
fn is_name_start(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'_')
}

fn are_digits(bytes: &[u8]) -> bool {
    bytes.iter().all(u8::is_ascii_digit)
}

fn starts_with<const N: usize>(bytes: &[u8], at: usize, what: &[u8; N]) -> bool {
    bytes.get(at..at + N).is_some_and(|found| found == what)
}

/// What a program without a name counts as (C3.1, RFC 3164 section 4.3.3).
const FACILITY: &[u8] = b"SYSLOG";
const MNEMONIC: &[u8] = b"MSG";

const LONGEST_HEADER: usize = 128;
const LONGEST_ORIGIN: usize = 96;
const LONGEST_TAG: usize = 64;
/// Counter, origin, session, sequence, stamp: five, and one of a relay.
const MOST_ELEMENTS: usize = 6;

/// What facilities, mnemonics and program names are made of.
const IN_HEADER: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = matches!(byte as u8, b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-' | b'/' | b'.' | b'@' | b'+');
        byte += 1;
    }
    table
};
