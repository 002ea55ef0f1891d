//! Text around DER: PEM blocks (RFC 7468) and the base 64 in them, read leniently and written as everybody writes them.

/// One block; `bytes` is `None` where what stands between its lines is no base 64.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// `CERTIFICATE`.
    pub label: String,
    pub bytes: Option<Vec<u8>>,
}

const BEGIN: &str = "-----BEGIN ";
const END: &str = "-----END ";
const DASHES: &str = "-----";

/// The blocks of a text, in order; what stands between them is a comment. A block without an end has no bytes. `None` where
/// there is no block at all.
pub fn blocks(text: &[u8]) -> Option<Vec<Block>> {
    let text = String::from_utf8_lossy(text);
    let mut blocks = Vec::new();
    let mut rest: &str = &text;
    while let Some((_, behind)) = rest.split_once(BEGIN) {
        let (label, behind) = behind.split_once(DASHES).unwrap_or((behind, ""));
        let inside = behind.split_once(END);
        let bytes = inside.and_then(|(inside, _)| base64(inside.as_bytes()));
        blocks.push(Block {
            label: label.to_owned(),
            bytes,
        });
        rest = inside.map_or("", |(_, behind)| behind);
    }
    (!blocks.is_empty()).then_some(blocks)
}

/// One block of 64 digits a line.
pub fn block(label: &str, bytes: &[u8]) -> String {
    let digits = to_base64(bytes);
    let mut text = format!("{BEGIN}{label}{DASHES}\n");
    let mut rest = digits.as_str();
    while !rest.is_empty() {
        // Digits are ASCII, so every place is a boundary.
        let (line, behind) = rest.split_at(rest.len().min(64));
        text.push_str(line);
        text.push('\n');
        rest = behind;
    }
    text.push_str(END);
    text.push_str(label);
    text.push_str(DASHES);
    text.push('\n');
    text
}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// RFC 4648, 4; blanks and line ends between digits are left out. `None` for anything else.
pub fn base64(text: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let (mut group, mut digits, mut padding) = (0_u32, 0, 0);
    for byte in text.iter().filter(|byte| !byte.is_ascii_whitespace()) {
        let digit = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            b'=' if padding < 2 => {
                padding += 1;
                continue;
            }
            _ => return None,
        };
        if padding > 0 {
            return None;
        }
        group = (group << 6) | u32::from(digit);
        digits += 1;
        if digits == 4 {
            bytes.extend(group.to_be_bytes().get(1..)?);
            (group, digits) = (0, 0);
        }
    }
    match (digits, padding) {
        (0, 0) => {}
        (2, 2) => bytes.extend((group << 12).to_be_bytes().get(1..2)?),
        (3, 1) => bytes.extend((group << 6).to_be_bytes().get(1..3)?),
        _ => return None,
    }
    Some(bytes)
}

fn to_base64(bytes: &[u8]) -> String {
    let digit = |six: u32| {
        let digit = usize::try_from(six & 63).ok();
        char::from(
            digit
                .and_then(|at| ALPHABET.get(at))
                .copied()
                .unwrap_or(b'='),
        )
    };
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for three in bytes.chunks(3) {
        let part = |at: usize| u32::from(three.get(at).copied().unwrap_or(0));
        let group = (part(0) << 16) | (part(1) << 8) | part(2);
        text.push(digit(group >> 18));
        text.push(digit(group >> 12));
        text.push(if three.len() > 1 {
            digit(group >> 6)
        } else {
            '='
        });
        text.push(if three.len() > 2 { digit(group) } else { '=' });
    }
    text
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn blocks_are_found_among_comments_and_a_broken_one_has_no_bytes() {
        let text =
            b"about\n-----BEGIN CERTIFICATE-----\r\nAQID\r\n-----END CERTIFICATE-----\nsubject\n\
            -----BEGIN PKCS7-----\n!!\n-----END PKCS7-----\n-----BEGIN X-----\nAQ==\n";
        let found = blocks(text).expect("blocks");
        let found: Vec<_> = found
            .iter()
            .map(|block| (block.label.as_str(), block.bytes.as_deref()))
            .collect();
        assert_eq!(
            found,
            [
                ("CERTIFICATE", Some(&[1, 2, 3][..])),
                ("PKCS7", None),
                ("X", None)
            ]
        );
        assert_eq!(blocks(b"nothing"), None);
    }

    #[test]
    fn base_64_is_what_the_rfc_says() {
        for (text, bytes) in [
            ("", ""),
            ("Zg==", "f"),
            ("Zm8=", "fo"),
            ("Zm9v", "foo"),
            ("Zm 9v\nYg==", "foob"),
        ] {
            assert_eq!(base64(text.as_bytes()).as_deref(), Some(bytes.as_bytes()));
        }
        for text in ["Z", "Zg", "Zg=", "Zg===", "Zg==Zg==", "Zm9v=", "Zm-_", "é"] {
            assert_eq!(base64(text.as_bytes()), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let read = blocks(block("CERTIFICATE", &bytes).as_bytes());
            prop_assert_eq!(read, Some(vec![Block { label: "CERTIFICATE".to_owned(), bytes: Some(bytes) }]));
        }
    }
}
