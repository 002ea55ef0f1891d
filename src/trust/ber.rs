//! BER turned into DER, for bundles that come in it: definite lengths, the shortest there are, octet strings in one piece. Every
//! step is bounded by the length of what is read and by a depth. DER is taken apart in element.rs.

use super::element::{OCTET_STRING, only, put};

/// Why bytes are no encoding that is read here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    #[error("it is cut off")]
    CutOff,
    #[error("it is nested too deeply")]
    TooDeep,
    #[error("a part of it is not what it should be")]
    Unexpected,
}

const CONSTRUCTED: u8 = 0x20;
const DEEPEST: usize = 24;

/// Tag, bytes up to the content, and the content's length, which an indefinite one does not tell. Tags of more than a byte
/// stand in nothing that is read here.
fn header(bytes: &[u8]) -> Result<(u8, usize, Option<usize>), Malformed> {
    let [tag, first, rest @ ..] = bytes else {
        return Err(Malformed::CutOff);
    };
    if tag & 0x1f == 0x1f {
        return Err(Malformed::Unexpected);
    }
    match first {
        0x80 => Ok((*tag, 2, None)),
        0x00..=0x7f => Ok((*tag, 2, Some(usize::from(*first)))),
        _ => {
            let count = usize::from(first & 0x7f);
            let digits = rest.get(..count).ok_or(Malformed::CutOff)?;
            let zeros = digits.iter().take_while(|digit| **digit == 0).count();
            if count - zeros > 4 {
                return Err(Malformed::CutOff);
            }
            let length = digits
                .iter()
                .fold(0, |length, digit| (length << 8) | usize::from(*digit));
            Ok((*tag, 2 + count, Some(length)))
        }
    }
}

/// The first element of `ber` in DER, and how many bytes it took. What is DER already comes back as it is.
pub(super) fn to_der(ber: &[u8]) -> Result<(Vec<u8>, usize), Malformed> {
    let mut der = Vec::new();
    let taken = convert(ber, 0, &mut der)?;
    Ok((der, taken))
}

fn convert(ber: &[u8], depth: usize, der: &mut Vec<u8>) -> Result<usize, Malformed> {
    if depth > DEEPEST {
        return Err(Malformed::TooDeep);
    }
    let (tag, header, length) = header(ber)?;
    let rest = ber.get(header..).unwrap_or_default();
    let bounded = match length {
        Some(length) => rest.get(..length).ok_or(Malformed::CutOff)?,
        None if tag & CONSTRUCTED == 0 => return Err(Malformed::Unexpected),
        None => rest,
    };
    if tag & CONSTRUCTED == 0 {
        put(der, tag, bounded);
        return Ok(header + bounded.len());
    }
    let is_octets = tag == OCTET_STRING | CONSTRUCTED;
    let (mut inside, mut at) = (Vec::new(), 0);
    let taken = loop {
        let left = bounded.get(at..).unwrap_or_default();
        match length {
            Some(length) if at == length => break header + length,
            None if left.starts_with(&[0, 0]) => break header + at + 2,
            _ => {}
        }
        let before = inside.len();
        at += convert(left, depth + 1, &mut inside)?;
        if is_octets {
            let piece = inside.get(before..).unwrap_or_default();
            let piece = only(piece, OCTET_STRING).ok_or(Malformed::Unexpected)?;
            let piece = piece.content.to_vec();
            inside.truncate(before);
            inside.extend(piece);
        }
    };
    put(der, if is_octets { OCTET_STRING } else { tag }, &inside);
    Ok(taken)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn der(ber: &[u8]) -> Result<Vec<u8>, Malformed> {
        to_der(ber).map(|(der, taken)| {
            assert_eq!(taken, ber.len());
            der
        })
    }

    #[test]
    fn what_is_der_stays_as_it_is() {
        let long = [
            &[0x30, 0x82, 0x01, 0x04, 0x04, 0x82, 0x01, 0x00][..],
            &[7; 256],
        ]
        .concat();
        for bytes in [&[0x30, 3, 2, 1, 5][..], &[0x05, 0], &long] {
            assert_eq!(der(bytes), Ok(bytes.to_vec()));
        }
    }

    #[test]
    fn indefinite_lengths_long_lengths_and_pieces_of_octets_become_definite() {
        assert_eq!(
            der(&[0x30, 0x80, 2, 0x81, 1, 5, 0, 0]),
            Ok(vec![0x30, 3, 2, 1, 5])
        );
        assert_eq!(
            der(&[0x24, 0x80, 4, 2, 1, 2, 0x24, 3, 4, 1, 3, 0, 0]),
            Ok(vec![4, 3, 1, 2, 3])
        );
    }

    #[test]
    fn what_is_cut_off_or_too_deep_is_refused() {
        for bytes in [
            &[][..],
            &[0x30],
            &[0x30, 0x80],
            &[0x30, 0x80, 2, 1],
            &[0x30, 5, 2, 1, 5],
            &[0x30, 0x85, 1, 0, 0, 0, 0],
            &[0x30, 0xff],
        ] {
            assert_eq!(to_der(bytes), Err(Malformed::CutOff), "{bytes:02x?}");
        }
        assert_eq!(to_der(&[4, 0x80, 0, 0]), Err(Malformed::Unexpected));
        assert_eq!(to_der(&[0x24, 3, 2, 1, 5]), Err(Malformed::Unexpected));
        assert_eq!(
            to_der(&[0x30, 0x80].repeat(100_000)),
            Err(Malformed::TooDeep)
        );
    }
}
