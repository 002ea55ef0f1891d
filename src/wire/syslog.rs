//! A syslog message on the wire: PRI, numbers, RFC 5424 (D22) and XML forms, octet counting (D21). Each function appends
//! to the bytes it is given; what goes where, and to whom, is decided elsewhere.

use crate::message::Severity;

/// A number that is counted up where it stands, in decimal, with room for a PRI before it and `: ` behind it: formatting
/// one per message would cost more than its message.
#[derive(Clone, Debug)]
pub struct Decimal {
    /// The PRI's room, the digits, a colon and a blank.
    bytes: [u8; PRI + DIGITS + 2],
    /// Digits in use.
    length: usize,
    /// Octets of the PRI before them.
    pri: usize,
}

/// Octets of the longest PRI, `<191>`, and digits of the longest number.
const PRI: usize = 5;
const DIGITS: usize = 20;
/// Digits of a sequence number.
const SEQUENCE: usize = 6;

impl Decimal {
    /// 0, padded with zeros to `width` digits (20 at most).
    pub fn new(width: usize) -> Self {
        let mut bytes = [b'0'; PRI + DIGITS + 2];
        if let Some(end) = bytes.last_chunk_mut::<2>() {
            *end = *b": ";
        }
        Self {
            bytes,
            length: width.clamp(1, DIGITS),
            pri: 0,
        }
    }

    /// Adds one.
    #[inline]
    pub fn increment(&mut self) {
        match self.bytes.get_mut(PRI + DIGITS - 1) {
            Some(last @ b'0'..=b'8') => *last += 1,
            _ => self.carry(),
        }
    }

    fn carry(&mut self) {
        let mut length = 0;
        for digit in self.bytes.iter_mut().rev().skip(2).take(DIGITS) {
            length += 1;
            match *digit {
                b'0'..=b'8' => {
                    *digit += 1;
                    break;
                }
                b'9' => *digit = b'0',
                // The number grows into the room where a PRI was written.
                _ => {
                    *digit = b'1';
                    break;
                }
            }
        }
        self.length = self.length.max(length);
    }

    /// Its value.
    pub fn value(&self) -> u64 {
        self.as_bytes().iter().fold(0, |value: u64, digit| {
            value
                .saturating_mul(10)
                .saturating_add(u64::from(digit.wrapping_sub(b'0')))
        })
    }

    /// Goes on from this value, unless it is beyond it already.
    pub fn set_at_least(&mut self, value: u64) {
        if self.value() < value {
            let digits = value.to_string();
            let width = digits.len().max(self.length);
            *self = Self::new(width);
            let end = PRI + DIGITS;
            if let Some(room) = self.bytes.get_mut(end - digits.len()..end) {
                room.copy_from_slice(digits.as_bytes());
            }
        }
    }

    pub fn as_bytes(&self) -> &[u8] {
        self.bytes
            .get(PRI + DIGITS - self.length..PRI + DIGITS)
            .unwrap_or_default()
    }

    /// Writes a PRI before the digits; it stands there until the number is counted up.
    #[inline]
    pub fn put_pri(&mut self, pri: u8) {
        let digits = PRI + DIGITS - self.length;
        let (text, length) = pri_text(pri);
        if let Some(room) = self.bytes.get_mut(digits - PRI..digits) {
            room.copy_from_slice(&text);
        }
        self.pri = length;
    }

    /// `<189>30: `, as `put_pri` made it.
    #[inline]
    pub fn with_pri(&self) -> &[u8] {
        self.bytes
            .get(PRI + DIGITS - self.length - self.pri..)
            .unwrap_or_default()
    }
}

/// A PRI at the end of five octets, and how many of them it is.
fn pri_text(pri: u8) -> ([u8; PRI], usize) {
    let digit = |number: u8| b'0' + number % 10;
    match pri {
        0..10 => ([0, 0, b'<', digit(pri), b'>'], 3),
        10..100 => ([0, b'<', digit(pri / 10), digit(pri), b'>'], 4),
        _ => (
            [b'<', digit(pri / 100), digit(pri / 10), digit(pri), b'>'],
            5,
        ),
    }
}

/// The PRI's number: facility and severity in one (RFC 5424, section 6.2.1).
pub fn pri(facility: u8, severity: Severity) -> u8 {
    facility.min(23) * 8 + severity.number()
}

/// `<189>`.
pub fn write_pri(out: &mut Vec<u8>, pri: u8) {
    let (text, length) = pri_text(pri);
    out.extend_from_slice(text.get(PRI - length..).unwrap_or_default());
}

/// In decimal, without leading zeros.
pub fn write_number(out: &mut Vec<u8>, number: usize) {
    let mut digits = [0; 20];
    let mut rest = number;
    let mut length = 0;
    for digit in digits.iter_mut().rev() {
        *digit = b'0' + u8::try_from(rest % 10).unwrap_or(0);
        rest /= 10;
        length += 1;
        if rest == 0 {
            break;
        }
    }
    out.extend_from_slice(digits.get(digits.len() - length..).unwrap_or_default());
}

/// The number of `service sequence-numbers`: six digits at least.
pub fn write_sequence(out: &mut Vec<u8>, number: u64) {
    let start = out.len();
    write_number(out, usize::try_from(number).unwrap_or(usize::MAX));
    let missing = SEQUENCE.saturating_sub(out.len() - start);
    out.splice(start..start, std::iter::repeat_n(b'0', missing));
}

/// A field of the RFC 5424 header with the longest it may be: what is no printable ASCII becomes `_`, an empty one `-`.
pub fn write_field(out: &mut Vec<u8>, field: &[u8], longest: usize) {
    if field.is_empty() {
        out.push(b'-');
    }
    out.extend(
        field
            .iter()
            .take(longest)
            .map(|&b| if b.is_ascii_graphic() { b } else { b'_' }),
    );
}

/// `longest` of `write_field`, by field.
pub mod longest {
    pub const HOSTNAME: usize = 255;
    pub const APP_NAME: usize = 48;
    pub const PROCID: usize = 128;
    pub const MSGID: usize = 32;
}

/// `name="value"` with a blank before it, escaped as RFC 5424, 6.3.3 wants.
pub fn write_param(out: &mut Vec<u8>, name: &str, value: &[u8]) {
    out.push(b' ');
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b"=\"");
    for &byte in value {
        if matches!(byte, b'"' | b'\\' | b']') {
            out.push(b'\\');
        }
        out.push(byte);
    }
    out.push(b'"');
}

/// One element of the XML form; the argument list, which nobody has but the device that made the message, is its body.
pub struct XmlMessage<'a> {
    /// Empty in a debug line, as is `mnemonic`.
    pub facility: &'a [u8],
    pub severity: Severity,
    pub mnemonic: &'a [u8],
    pub time: &'a [u8],
    pub body: &'a [u8],
}

/// `<ios-log-msg>...</ios-log-msg>`.
pub fn write_xml(out: &mut Vec<u8>, message: &XmlMessage<'_>) {
    out.extend_from_slice(b"<ios-log-msg>");
    let mut element = |name: &str, text: &[u8]| {
        if !text.is_empty() {
            out.push(b'<');
            out.extend_from_slice(name.as_bytes());
            out.push(b'>');
            write_escaped(out, text);
            out.extend_from_slice(b"</");
            out.extend_from_slice(name.as_bytes());
            out.push(b'>');
        }
    };
    element("facility", message.facility);
    element("severity", &[b'0' + message.severity.number()]);
    element("msg-id", message.mnemonic);
    element("time", message.time);
    out.extend_from_slice(b"<args><arg id=\"0\">");
    write_escaped(out, message.body);
    out.extend_from_slice(b"</arg></args></ios-log-msg>");
}

/// Markup escaped. Control characters, which XML 1.0 cannot carry, become blanks; octets that are no UTF-8, and the two
/// characters that are none, become U+FFFD: the element is well formed whatever came in (D93).
fn write_escaped(out: &mut Vec<u8>, text: &[u8]) {
    for chunk in text.utf8_chunks() {
        for c in chunk.valid().chars() {
            match c {
                '&' => out.extend_from_slice(b"&amp;"),
                '<' => out.extend_from_slice(b"&lt;"),
                '>' => out.extend_from_slice(b"&gt;"),
                '"' => out.extend_from_slice(b"&quot;"),
                '\0'..='\x08' | '\n'..='\x1f' => out.push(b' '),
                '\u{fffe}' | '\u{ffff}' => out.extend_from_slice("\u{fffd}".as_bytes()),
                _ => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
            }
        }
        if !chunk.invalid().is_empty() {
            out.extend_from_slice("\u{fffd}".as_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn behind_pri(number: &mut Decimal, pri: u8) -> &[u8] {
        number.put_pri(pri);
        number.with_pri()
    }

    #[test]
    fn a_decimal_counts_up_in_place() {
        let mut number = Decimal::new(1);
        for n in 1..=12_345_u32 {
            number.increment();
            assert_eq!(number.as_bytes(), n.to_string().as_bytes());
            assert_eq!(
                behind_pri(&mut number, 189),
                format!("<189>{n}: ").as_bytes()
            );
        }
        let mut padded = Decimal::new(6);
        padded.increment();
        assert_eq!(padded.as_bytes(), b"000001");
        assert_eq!(behind_pri(&mut padded, 5), b"<5>000001: ");
    }

    #[test]
    fn a_pri_has_no_leading_zeros() {
        let mut number = Decimal::new(1);
        for pri in 0..=191 {
            let mut out = Vec::new();
            write_pri(&mut out, pri);
            assert_eq!(String::from_utf8_lossy(&out), format!("<{pri}>"));
            assert_eq!(
                String::from_utf8_lossy(behind_pri(&mut number, pri)),
                format!("<{pri}>0: ")
            );
        }
    }

    #[test]
    fn numbers_have_no_leading_zeros() {
        for number in [0, 7, 10, 147, usize::MAX] {
            let mut out = Vec::new();
            write_number(&mut out, number);
            assert_eq!(out, number.to_string().as_bytes());
        }
    }

    #[test]
    fn a_sequence_number_has_six_digits_at_least() {
        for number in [1, 99, 999_999, 1_000_000, u64::MAX] {
            let mut out = b"x".to_vec();
            write_sequence(&mut out, number);
            assert_eq!(out, format!("x{number:06}").into_bytes());
        }
    }

    #[test]
    fn a_header_field_is_printable_and_bounded() {
        let mut out = Vec::new();
        write_field(&mut out, b"a b\xff\x01c", 4);
        out.push(b' ');
        write_field(&mut out, b"", 4);
        assert_eq!(out, b"a_b_ -");
    }

    #[test]
    fn a_parameter_is_escaped() {
        let mut out = Vec::new();
        write_param(&mut out, "s_id", br#"a"b\c]d"#);
        assert_eq!(out, br#" s_id="a\"b\\c\]d""#);
    }

    proptest! {
        /// A parser takes any element and gives the body back.
        #[test]
        fn any_octets_make_a_well_formed_element(body: Vec<u8>, text in "\\PC*") {
            for body in [body.as_slice(), text.as_bytes()] {
                let mut out = Vec::new();
                let message = XmlMessage {
                    facility: body,
                    severity: Severity::Errors,
                    mnemonic: b"M",
                    time: body,
                    body,
                };
                write_xml(&mut out, &message);
                let element = String::from_utf8(out).expect("UTF-8");
                let mut reader = quick_xml::Reader::from_str(&element);
                let (mut depth, mut names) = (0_i32, Vec::new());
                loop {
                    match reader.read_event().expect("well formed") {
                        quick_xml::events::Event::Start(start) => {
                            depth += 1;
                            names.push(start.name().as_ref().to_owned());
                        }
                        quick_xml::events::Event::End(_) => depth -= 1,
                        quick_xml::events::Event::Eof => break,
                        _ => {}
                    }
                }
                prop_assert_eq!(depth, 0);
                prop_assert_eq!(names.first().map(String::as_str), Some("ios-log-msg"));
                let is_char = |c: char| c >= ' ' || c == '\t';
                prop_assert!(element.chars().all(is_char));
            }
        }
    }

    #[test]
    fn xml_is_well_formed_whatever_the_body_says() {
        let mut out = Vec::new();
        let message = XmlMessage {
            facility: b"SYS",
            severity: Severity::Notifications,
            mnemonic: b"CONFIG_I",
            time: b"00:04:20",
            body: b"<a & \"b\">\x07\xff",
        };
        write_xml(&mut out, &message);
        let want = "<ios-log-msg><facility>SYS</facility><severity>5</severity><msg-id>CONFIG_I</msg-id>\
                    <time>00:04:20</time><args><arg id=\"0\">&lt;a &amp; &quot;b&quot;&gt; \u{fffd}</arg></args></ios-log-msg>";
        assert_eq!(String::from_utf8_lossy(&out), want);
    }
}
