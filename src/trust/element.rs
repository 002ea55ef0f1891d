//! DER, element by element: what signed messages, revocation lists and answers of responders are read with, so that what was
//! signed is verified as it was sent. Definite lengths in their shortest form only; nothing is copied, nothing is followed
//! into depth. What is only BER is made DER in ber.rs.

use chrono::NaiveDate;

pub(super) const INTEGER: u8 = 0x02;
pub(super) const BIT_STRING: u8 = 0x03;
pub(super) const OCTET_STRING: u8 = 0x04;
pub(super) const NULL: u8 = 0x05;
pub(super) const OBJECT_IDENTIFIER: u8 = 0x06;
pub(super) const ENUMERATED: u8 = 0x0a;
pub(super) const UTC_TIME: u8 = 0x17;
pub(super) const GENERALIZED_TIME: u8 = 0x18;
pub(super) const SEQUENCE: u8 = 0x30;
pub(super) const SET: u8 = 0x31;
/// `[0]` and `[1]`, constructed.
pub(super) const CONTEXT_0: u8 = 0xa0;
pub(super) const CONTEXT_1: u8 = 0xa1;

/// One element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Element<'a> {
    pub(super) tag: u8,
    pub(super) content: &'a [u8],
    /// With tag and length.
    pub(super) whole: &'a [u8],
}

impl<'a> Element<'a> {
    pub(super) fn elements(&self) -> Elements<'a> {
        Elements(self.content)
    }
}

/// Elements one after the other.
#[derive(Clone, Copy, Debug)]
pub(super) struct Elements<'a>(pub(super) &'a [u8]);

impl<'a> Elements<'a> {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The next one, whatever it is.
    pub(super) fn any(&mut self) -> Option<Element<'a>> {
        let (&tag, rest) = self.0.split_first()?;
        // Numbers of tags beyond 30 occur in nothing that is read here.
        if tag & 0x1f == 0x1f {
            return None;
        }
        let (&first, rest) = rest.split_first()?;
        let (length, rest) = match first {
            0..=0x7f => (usize::from(first), rest),
            0x81..=0x84 => long(usize::from(first & 0x7f), rest)?,
            _ => return None,
        };
        let (content, behind) = rest.split_at_checked(length)?;
        let whole = self.0.get(..self.0.len() - behind.len())?;
        self.0 = behind;
        Some(Element {
            tag,
            content,
            whole,
        })
    }

    /// The next one, which has to be a `tag`.
    pub(super) fn take(&mut self, tag: u8) -> Option<Element<'a>> {
        self.take_if(tag)?
    }

    /// The next one if it is a `tag`; the outer `None` is a broken encoding.
    #[expect(clippy::option_option, reason = "absent and broken are different")]
    pub(super) fn take_if(&mut self, tag: u8) -> Option<Option<Element<'a>>> {
        if self.0.first() != Some(&tag) {
            return Some(None);
        }
        self.any().map(Some)
    }
}

/// The only element of `bytes`.
pub(super) fn only(bytes: &[u8], tag: u8) -> Option<Element<'_>> {
    let mut elements = Elements(bytes);
    let element = elements.take(tag)?;
    elements.is_empty().then_some(element)
}

fn long(count: usize, bytes: &[u8]) -> Option<(usize, &[u8])> {
    let (digits, rest) = bytes.split_at_checked(count)?;
    let length = digits
        .iter()
        .fold(0usize, |sum, &digit| sum << 8 | usize::from(digit));
    let is_shortest = length >= 0x80 && digits.first() != Some(&0);
    is_shortest.then_some((length, rest))
}

/// `UTCTime` or `GeneralizedTime` as RFC 5280, 4.1.2.5 has them, in seconds since 1970.
pub(super) fn time(element: Element<'_>) -> Option<i64> {
    let text = std::str::from_utf8(element.content).ok()?;
    let digits = text.strip_suffix('Z')?;
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let (year, rest) = match (element.tag, digits.len()) {
        (UTC_TIME, 12) => {
            let short: i32 = digits.get(..2)?.parse().ok()?;
            (
                short + if short < 50 { 2000 } else { 1900 },
                digits.get(2..)?,
            )
        }
        (GENERALIZED_TIME, 14) => (digits.get(..4)?.parse().ok()?, digits.get(4..)?),
        _ => return None,
    };
    let part = |at: usize| rest.get(at..at + 2)?.parse::<u32>().ok();
    let day = NaiveDate::from_ymd_opt(year, part(0)?, part(2)?)?;
    let at = day.and_hms_opt(part(4)?, part(6)?, part(8)?)?;
    Some(at.and_utc().timestamp())
}

/// The bits of a `BIT STRING` of whole bytes.
pub(super) fn whole_bits(element: Element<'_>) -> Option<&[u8]> {
    match element.content.split_first()? {
        (0, bits) => Some(bits),
        _ => None,
    }
}

/// An element made of its content.
pub(super) fn encoded(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    put(&mut out, tag, content);
    out
}

/// Writes an element behind others.
pub(super) fn put(out: &mut Vec<u8>, tag: u8, content: &[u8]) {
    out.push(tag);
    let length = content.len().to_be_bytes();
    let zeros = length.iter().take_while(|digit| **digit == 0).count();
    match length.get(zeros..).unwrap_or_default() {
        [] => out.push(0),
        [short] if *short < 0x80 => out.push(*short),
        // Eight digits at most.
        digits => {
            out.push(0x80 | u8::try_from(digits.len()).unwrap_or(8));
            out.extend(digits);
        }
    }
    out.extend(content);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_encoded_reads_back_whatever_its_length() {
        for length in [0, 1, 127, 128, 255, 256, 65_535, 65_536] {
            let content = vec![7; length];
            let whole = encoded(SEQUENCE, &content);
            let read = only(&whole, SEQUENCE).expect("one element");
            assert_eq!(read.content, content);
            assert_eq!(read.whole, whole);
        }
    }

    #[test]
    fn lengths_that_are_not_the_shortest_or_lie_are_refused() {
        for bad in [
            &[][..],
            &[0x30],
            &[0x30, 0x80, 0, 0],
            &[0x30, 0x81, 0x01, 0],
            &[0x30, 0x82, 0x00, 0x80],
            &[0x30, 0x85, 1, 1, 1, 1, 1],
            &[0x30, 0x84, 0xff, 0xff, 0xff, 0xff],
            &[0x30, 0x02, 0],
            &[0x1f, 0x21, 0x00],
            &[0x30, 0x00, 0x00],
            &[0x31, 0x00],
        ] {
            assert_eq!(only(bad, SEQUENCE), None, "{bad:02x?}");
        }
    }

    #[test]
    fn elements_are_taken_one_by_one_and_none_beyond_the_end() {
        let mut elements = Elements(&[2, 1, 5, 0xa0, 0, 4, 9]);
        assert_eq!(elements.take(INTEGER).map(|e| e.content), Some(&[5][..]));
        assert_eq!(elements.take(SET), None);
        assert_eq!(elements.take_if(SET), Some(None));
        assert!(elements.take_if(CONTEXT_0).flatten().is_some());
        assert_eq!(elements.any(), None);
        assert!(!elements.is_empty());
    }

    #[test]
    fn times_are_those_of_certificates_and_no_others() {
        let read = |tag, text: &str| {
            let whole = encoded(tag, text.as_bytes());
            time(only(&whole, tag).expect("an element"))
        };
        assert_eq!(read(UTC_TIME, "700101000000Z"), Some(0));
        assert_eq!(read(UTC_TIME, "261124000000Z"), Some(1_795_478_400));
        assert_eq!(
            read(GENERALIZED_TIME, "20261124000000Z"),
            Some(1_795_478_400)
        );
        assert_eq!(read(UTC_TIME, "500101000000Z"), Some(-631_152_000));
        for bad in [
            "",
            "Z",
            "2611240000Z",
            "261124000000",
            "261324000000Z",
            "261124000000+0100",
            "+61124000000Z",
        ] {
            assert_eq!(read(UTC_TIME, bad), None, "{bad}");
        }
        assert_eq!(read(GENERALIZED_TIME, "20261124000000.5Z"), None);
    }
}
