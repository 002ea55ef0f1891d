//! A received message taken apart, once, into slices of its bytes. Nothing is copied and nothing panics. The headers stand
//! in `cisco`, `program` and `stamp`; what a stamp means and how a message is written stands in `wire`.

use super::Severity;
use super::cisco::{cisco, usual};
use super::program::{program, rfc5424};

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
    // An ASA now and then puts a blank behind the line feed of a TCP message.
    let bytes = match bytes {
        [b' ', rest @ ..] if rest.trim_ascii_start().starts_with(b"<") => rest.trim_ascii_start(),
        bytes => bytes,
    };
    let (pri, at) = pri(bytes);
    if let Some(parsed) = usual(bytes, pri, at) {
        return parsed;
    }
    if starts_with(bytes, at, b"1 ")
        && pri.is_some()
        && let Some(parsed) = rfc5424(bytes, pri, at + 2)
    {
        return parsed;
    }
    let mut parsed = Parsed {
        pri,
        ..Parsed::default()
    };
    if cisco(bytes, at, &mut parsed).is_none() {
        parsed = program(bytes, pri, at);
    }
    // RFC 5424's NILVALUE, as relays carry it on.
    if parsed.host == b"-" {
        parsed.host = &[];
    }
    parsed
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

pub(super) fn severity_of(pri: Option<u8>) -> Severity {
    pri.and_then(|pri| Severity::from_number(pri & 7))
        .unwrap_or(Severity::Notifications)
}

pub(super) fn starts_with<const N: usize>(bytes: &[u8], at: usize, what: &[u8; N]) -> bool {
    bytes.get(at..at + N).is_some_and(|found| found == what)
}
