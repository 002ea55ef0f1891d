//! A message as bytes in the format that a destination wants, within its limit. What the formats look like stands in `xml` and
//! `text`; where documents go is decided elsewhere.

use hyper::body::Bytes;

use super::message::Message;
use super::{text, xml};
use crate::config::call_home::Format;

/// Bytes that are sent as they are; lines end in LF.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    pub format: Format,
    /// Its own message id; a message in several documents has several.
    pub id: String,
    pub bytes: Bytes,
}

/// Why a message cannot be sent: what is left when all is left out that may be left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{least} bytes, message-size-limit {limit}")]
pub struct TooLong {
    pub least: usize,
    pub limit: usize,
}

/// The documents of a message, each of `limit` bytes at most, in the order in which they are sent; never none.
pub fn documents(
    message: &Message,
    format: Format,
    limit: usize,
) -> Result<Vec<Document>, TooLong> {
    let written = match format {
        Format::Xml => xml::blocks(message, limit)?,
        Format::LongText => vec![text::within(text::long(message), limit)?.into()],
        Format::ShortText => vec![text::within(text::short(message), limit)?.into()],
    };
    let document = |(part, bytes): (usize, Vec<u8>)| Document {
        format,
        id: message.id_of(part),
        bytes: bytes.into(),
    };
    Ok(written.into_iter().enumerate().map(document).collect())
}

/// What an HTTP request says of its body.
pub(super) const fn content_type(format: Format) -> &'static str {
    match format {
        Format::Xml => "text/xml; charset=UTF-8",
        Format::LongText | Format::ShortText => "text/plain; charset=UTF-8",
    }
}

#[cfg(test)]
#[path = "document_tests.rs"]
pub(super) mod tests;
