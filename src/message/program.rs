//! The messages of programs: RFC 5424, RFC 3164, and text that has no header at all.

use super::cisco::cisco;
use super::parse::{Kind, Parsed, severity_of};
use super::stamp::{are_digits, iso, stamp};

/// RFC 5424, section 6, from behind the version.
pub(super) fn rfc5424(bytes: &[u8], pri: Option<u8>, start: usize) -> Option<Parsed<'_>> {
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
    if let Some(device) = device_message(message) {
        return Some(wrapped(&parsed, app, device));
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

/// A device's message in MSG, as relays wrap it, whose templates may put a blank before it.
fn device_message(message: &[u8]) -> Option<Parsed<'_>> {
    memchr::memchr(b'%', message.get(..LONGEST_PREFIX).unwrap_or(message))?;
    let message = message.trim_ascii_start();
    let mut device = Parsed::default();
    cisco(message, 0, &mut device)?;
    // `usb: %SYS-5-X: y` is a program's text; a device would say when, or which of its messages it is.
    let is_named_only = !device.host.is_empty()
        && device.stamp.is_empty()
        && device.counter.is_empty()
        && device.session.is_empty();
    (device.kind == Kind::Cisco && !is_named_only).then_some(device)
}

/// The device's message in a relay's header: of what both name the device's own counts, but for the host.
fn wrapped<'a>(relay: &Parsed<'a>, app: &'a [u8], device: Parsed<'a>) -> Parsed<'a> {
    Parsed {
        pri: relay.pri,
        host: either(relay.host, device.host),
        stamp: either(device.stamp, relay.stamp),
        process: either(device.process, relay.process),
        structured: relay.structured,
        // A relay that knows no devices takes the number for a program's name.
        counter: either(device.counter, if are_digits(app) { app } else { &[] }),
        ..device
    }
}

fn either<'a>(one: &'a [u8], other: &'a [u8]) -> &'a [u8] {
    if one.is_empty() { other } else { one }
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
pub(super) fn program(bytes: &[u8], pri: Option<u8>, start: usize) -> Parsed<'_> {
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
        .take_while(|b| is_in_name(**b))
        .count();
    let (name, rest) = bytes.split_at_checked(length)?;
    // Digits alone are a device's message number.
    if !is_name_start(*name.first()?) || length > LONGEST_TAG || are_digits(name) {
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

/// What facilities, mnemonics and program names are made of.
fn is_in_name(byte: u8) -> bool {
    let is_letter = (byte | 0x20).wrapping_sub(b'a') < 26;
    // Hyphen, dot, slash and the digits stand in a row.
    is_letter
        | (byte.wrapping_sub(b'-') <= b'9' - b'-')
        | (byte == b'_')
        | (byte == b'@')
        | (byte == b'+')
}

/// What a facility or a program's name begins with.
pub(super) fn is_name_start(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'_')
}

/// What a program without a name counts as (C3.1, RFC 3164 section 4.3.3).
const FACILITY: &[u8] = b"SYSLOG";
const MNEMONIC: &[u8] = b"MSG";

const LONGEST_TAG: usize = 64;
/// Octets within which the `%` of a device's header stands.
const LONGEST_PREFIX: usize = 512;

#[cfg(test)]
#[path = "program_tests.rs"]
mod tests;
