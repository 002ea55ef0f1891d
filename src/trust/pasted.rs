//! What operators paste: certificates and key containers in base 64, with or without the lines that PEM has around them. Bytes
//! come out; what they mean is for others. Bounded, and nothing here remembers what it read.

use zeroize::Zeroizing;

use super::pem;

/// Why lines are not what was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    #[error("nothing was entered")]
    Nothing,
    #[error("more than {MOST} characters were entered")]
    TooLong,
    #[error("not base 64")]
    Base64,
    #[error("the text is cut off: its last END line is missing")]
    Cut,
    #[error("enter one certificate; there are several")]
    Several,
    #[error("no certificate was entered")]
    Other,
}

/// Characters that are read: more than the largest certificate or key container that is taken.
pub const MOST: usize = 256 << 10;

/// One part of a text in PEM.
pub(super) struct Part {
    /// What stands between `BEGIN` and the dashes.
    pub(super) kind: Kind,
    pub(super) bytes: Zeroizing<Vec<u8>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Certificate,
    Pkcs8,
    /// PKCS#8 under a passphrase.
    Sealed,
    Pkcs1,
    Sec1,
    Other,
}

/// The one certificate of the lines.
pub fn certificate(lines: &[String]) -> Result<Vec<u8>, Unreadable> {
    let text = joined(lines)?;
    let Some(parts) = parts(&text)? else {
        return base64(&text).map(|bytes| bytes.to_vec());
    };
    let mut certificates = parts
        .into_iter()
        .filter(|part| part.kind == Kind::Certificate);
    let first = certificates.next().ok_or(Unreadable::Other)?;
    match certificates.next() {
        None => Ok(first.bytes.to_vec()),
        Some(_) => Err(Unreadable::Several),
    }
}

/// The lines as one text, ends of lines normal.
pub(super) fn joined(lines: &[String]) -> Result<Zeroizing<String>, Unreadable> {
    let length: usize = lines.iter().map(|line| line.len() + 1).sum();
    if length > MOST {
        return Err(Unreadable::TooLong);
    }
    let mut text = Zeroizing::new(String::with_capacity(length));
    for line in lines {
        let line = line.trim();
        if !line.is_empty() {
            text.push_str(line);
            text.push('\n');
        }
    }
    if text.is_empty() {
        return Err(Unreadable::Nothing);
    }
    Ok(text)
}

/// The bytes of bare base 64, blanks between the characters allowed.
pub(super) fn base64(text: &str) -> Result<Zeroizing<Vec<u8>>, Unreadable> {
    let bytes = pem::base64(text.as_bytes()).ok_or(Unreadable::Base64)?;
    Ok(Zeroizing::new(bytes))
}

/// The parts of a text in PEM, in order; what stands between them is skipped. `None` where the text has none.
pub(super) fn parts(text: &str) -> Result<Option<Vec<Part>>, Unreadable> {
    let Some(blocks) = pem::blocks(text.as_bytes()) else {
        return Ok(None);
    };
    let is_cut = text.rfind("-----BEGIN ") > text.rfind("-----END ");
    let broken = match is_cut {
        true => Unreadable::Cut,
        false => Unreadable::Base64,
    };
    let part = |block: pem::Block| {
        let kind = match block.label.as_str() {
            "CERTIFICATE" => Kind::Certificate,
            "PRIVATE KEY" => Kind::Pkcs8,
            "ENCRYPTED PRIVATE KEY" => Kind::Sealed,
            "RSA PRIVATE KEY" => Kind::Pkcs1,
            "EC PRIVATE KEY" => Kind::Sec1,
            _ => Kind::Other,
        };
        let bytes = Zeroizing::new(block.bytes.ok_or(broken)?);
        Ok(Part { kind, bytes })
    };
    blocks
        .into_iter()
        .map(part)
        .collect::<Result<_, _>>()
        .map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<String> {
        text.lines().map(str::to_owned).collect()
    }

    #[test]
    fn base_64_is_read_with_and_without_the_lines_of_pem() {
        let bare = "AAEC\nAwQ=\n";
        assert_eq!(certificate(&lines(bare)), Ok(vec![0, 1, 2, 3, 4]));
        let pem =
            format!("subject=x\n-----BEGIN CERTIFICATE-----\n\n{bare}-----END CERTIFICATE-----");
        assert_eq!(certificate(&lines(&pem)), Ok(vec![0, 1, 2, 3, 4]));
    }

    #[test]
    fn what_is_no_certificate_says_what_it_is() {
        let one = "-----BEGIN CERTIFICATE-----\nAAEC\n-----END CERTIFICATE-----\n";
        let key = one.replace("CERTIFICATE", "PRIVATE KEY");
        for (text, expected) in [
            ("", Unreadable::Nothing),
            ("\n  \n", Unreadable::Nothing),
            ("this is no base 64!", Unreadable::Base64),
            ("-----BEGIN CERTIFICATE-----\nAAEC\n", Unreadable::Cut),
            (&one.replace("AAEC", "AA!C"), Unreadable::Base64),
            (&format!("{one}{one}"), Unreadable::Several),
            (&key, Unreadable::Other),
            (&"A".repeat(MOST + 1), Unreadable::TooLong),
        ] {
            assert_eq!(certificate(&lines(text)), Err(expected), "{text:.40}");
        }
    }
}
