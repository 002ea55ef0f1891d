//! A bundle of certificates from bytes, in any of the forms that are in use: PEM, one or several certificates in DER, PKCS#7 in
//! DER, BER, PEM or an e-mail's form. What a certificate says is certificate.rs's business, whether a signature holds cms.rs's.

use super::ber::{self, Malformed};
use super::cms::Message;
use super::element::{Elements, INTEGER, OBJECT_IDENTIFIER, SEQUENCE, only};
use super::pem;

/// Bytes of a bundle at most.
pub const MOST_BYTES: usize = 4 << 20;

/// Certificates of a bundle at most.
pub const MOST_CERTIFICATES: usize = 2_000;

/// Why bytes are no bundle; the text is an operator's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotABundle {
    #[error("the file is empty")]
    Empty,
    #[error("the file is larger than {} bytes", MOST_BYTES)]
    TooLarge,
    #[error("the file has more than {} certificates", MOST_CERTIFICATES)]
    TooMany,
    #[error("the file has no certificates")]
    NoCertificates,
    #[error("the file is neither PEM, DER nor PKCS#7")]
    Form,
    #[error("the PKCS#7 message cannot be read: {0}")]
    Message(#[from] Malformed),
}

/// What a file held.
#[derive(Clone, Debug, Default)]
pub struct Bundle {
    /// Each as it was encoded, not yet looked into.
    pub certificates: Vec<Vec<u8>>,
    /// Blocks that are no base 64.
    pub broken: usize,
    /// The message whose signature would cover the certificates.
    pub message: Option<Message>,
}

/// Reads a bundle.
///
/// # Errors
/// It is none, or beyond the bounds.
pub fn read(bytes: &[u8]) -> Result<Bundle, NotABundle> {
    let bundle = at_depth(bytes, 0)?;
    match bundle.certificates.len() {
        0 if bundle.broken == 0 => Err(NotABundle::NoCertificates),
        0..=MOST_CERTIFICATES => Ok(bundle),
        _ => Err(NotABundle::TooMany),
    }
}

/// A message in a message in a message is the most.
const DEEPEST: usize = 2;

fn at_depth(bytes: &[u8], depth: usize) -> Result<Bundle, NotABundle> {
    if bytes.len() > MOST_BYTES {
        return Err(NotABundle::TooLarge);
    }
    let trimmed = bytes.trim_ascii();
    match bytes {
        _ if trimmed.is_empty() => Err(NotABundle::Empty),
        // Longer than 127 bytes is every certificate; a digit of text is followed by other text.
        [SEQUENCE, 0x80..=0xff, ..] => binary(bytes, depth),
        _ => match pem::blocks(bytes) {
            Some(blocks) => of_blocks(blocks, depth),
            None => {
                let bytes = pem::base64(of_an_email(trimmed)).ok_or(NotABundle::Form)?;
                binary(&bytes, depth)
            }
        },
    }
}

/// What follows the header lines of an e-mail (RFC 8551, 3.2); all of it where there are none.
fn of_an_email(text: &[u8]) -> &[u8] {
    let begins = |with: &[u8]| {
        text.get(..with.len())
            .is_some_and(|begin| begin.eq_ignore_ascii_case(with))
    };
    if !begins(b"MIME-Version:") && !begins(b"Content-") {
        return text;
    }
    let lines = || memchr::memchr_iter(b'\n', text);
    lines()
        .zip(lines().skip(1))
        .find(|(end, next)| {
            let line = text.get(end + 1..*next).unwrap_or_default();
            line.trim_ascii().is_empty()
        })
        .and_then(|(_, next)| text.get(next + 1..))
        .unwrap_or_default()
}

fn of_blocks(blocks: Vec<pem::Block>, depth: usize) -> Result<Bundle, NotABundle> {
    let mut bundle = Bundle::default();
    let wanted = |label: &str| match label {
        "CERTIFICATE" | "X509 CERTIFICATE" | "TRUSTED CERTIFICATE" => Some(false),
        "PKCS7" | "CMS" | "PKCS #7 SIGNED DATA" => Some(true),
        _ => None,
    };
    let (mut messages, mut plain) = (0, 0);
    for pem::Block { label, bytes } in blocks {
        match (wanted(&label), bytes) {
            (None, _) => {}
            (Some(_), None) => bundle.broken += 1,
            (Some(false), Some(der)) => {
                plain += 1;
                bundle.certificates.push(der);
            }
            (Some(true), Some(bytes)) => {
                messages += 1;
                let inner = binary(&bytes, depth)?;
                bundle.certificates.extend(inner.certificates);
                bundle.broken += inner.broken;
                bundle.message = inner.message;
            }
        }
    }
    // A signature covers what is in its message and nothing beside it.
    match (messages, plain) {
        (0, _) | (1, 0) => Ok(bundle),
        _ => Err(NotABundle::Form),
    }
}

/// Told apart by what comes first inside: an object identifier, a version, or the body of a certificate.
fn binary(bytes: &[u8], depth: usize) -> Result<Bundle, NotABundle> {
    let (der, taken) = ber::to_der(bytes).map_err(|_| NotABundle::Form)?;
    let first = only(&der, SEQUENCE).and_then(|whole| whole.elements().any());
    let message = match first.ok_or(NotABundle::Form)?.tag {
        OBJECT_IDENTIFIER => Message::of_content_info(&der)?,
        INTEGER => Message::of_signed_data(&der)?,
        _ => return certificates(bytes),
    };
    let behind = bytes.get(taken..).unwrap_or_default();
    if !behind.trim_ascii().is_empty() {
        return Err(NotABundle::Form);
    }
    of_message(message, depth)
}

/// Several certificates may follow each other.
fn certificates(bytes: &[u8]) -> Result<Bundle, NotABundle> {
    let (mut elements, mut bundle) = (Elements(bytes), Bundle::default());
    while !elements.0.trim_ascii().is_empty() {
        let element = elements.take(SEQUENCE).ok_or(NotABundle::Form)?;
        bundle.certificates.push(element.whole.to_vec());
        if bundle.certificates.len() > MOST_CERTIFICATES {
            return Err(NotABundle::TooMany);
        }
    }
    Ok(bundle)
}

/// A signature covers the content and not the certificates that travel with it: where there is one, what is imported is the
/// content's.
fn of_message(message: Message, depth: usize) -> Result<Bundle, NotABundle> {
    let (certificates, broken) = match message.signed_content() {
        Some(_) if depth >= DEEPEST => return Err(Malformed::TooDeep.into()),
        Some(content) => {
            let inner = at_depth(content, depth + 1)?;
            (inner.certificates, inner.broken)
        }
        None => (message.certificates().to_vec(), 0),
    };
    Ok(Bundle {
        certificates,
        broken,
        message: Some(message),
    })
}

#[cfg(test)]
#[path = "bundle_tests.rs"]
mod tests;
