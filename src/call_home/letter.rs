//! A document as an e-mail (RFC 5322, MIME), ready for an SMTP server: whatever a text contains, header lines are those that stand
//! here, and every line is short enough and ASCII. Which server takes it is decided elsewhere.

use std::borrow::Cow;

use mail_send::mail_builder::MessageBuilder;
use mail_send::mail_builder::headers::address::Address;
use mail_send::mail_builder::headers::content_type::ContentType;
use mail_send::mail_builder::headers::raw::Raw;
use mail_send::mail_builder::mime::MimePart;

use super::document::Document;
use super::message::{Message, time};
use super::text;
use crate::config::call_home::Format;

/// Who writes to whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Addresses<'a> {
    pub from: &'a str,
    pub reply_to: Option<&'a str>,
    pub to: &'a str,
}

/// The e-mail that carries a document of a message: a text as it is, XML as an attachment behind a text for people (D202). Of the
/// same document it is always the same, so that a repeated one is seen as such.
pub fn letter(document: &Document, message: &Message, addresses: &Addresses<'_>) -> Vec<u8> {
    let mailbox = |text: &str| Address::new_address(None::<&str>, header(text).into_owned());
    let mut mail = MessageBuilder::new()
        .from(mailbox(addresses.from))
        .to(mailbox(addresses.to))
        // Unlike chrono's own form it knows no year that it cannot write.
        .header(
            "Date",
            Raw::new(
                message
                    .created
                    .format("%a, %d %b %Y %H:%M:%S %z")
                    .to_string(),
            ),
        )
        .message_id(format!(
            "{}@{}",
            atom(&document.id),
            atom(&message.device.name)
        ))
        .header("Auto-Submitted", Raw::new("auto-generated"));
    let subject = subject(message);
    // An encoded subject is one that nobody finds any more, so only what has to be is encoded.
    mail = if subject.is_ascii() && subject.split(' ').all(|word| word.len() < 200) {
        mail.header("Subject", Raw::new(subject))
    } else {
        mail.subject(subject)
    };
    if let Some(address) = addresses.reply_to {
        mail = mail.reply_to(mailbox(address));
    }
    let written = String::from_utf8_lossy(&document.bytes);
    let body = match document.format {
        Format::LongText | Format::ShortText => readable(&written),
        Format::Xml => {
            // What is attached to further documents of a message stands in the mail of the first.
            let long = if document.id == message.id() {
                text::long(message)
            } else {
                text::fields(message)
            };
            // A prefix of the whole is a text as well: the whole stands in the attachment.
            let long = text::within(long, READABLE).unwrap_or_default();
            let parts = vec![readable(&long), attachment(document, message)];
            let boundary = boundary(&document.id, &long);
            MimePart::new(
                ContentType::new("multipart/mixed").attribute("boundary", boundary),
                parts,
            )
        }
    };
    let mut out = Vec::new();
    mail.body(body).serialize(&mut out);
    out
}

/// `System Notification From HOST - inventory - 2029-11-21 14:20:05 GMT+00:00`, with the number of the case if there is one.
pub fn subject(message: &Message) -> String {
    let name = if message.device.name.is_empty() {
        &message.device.product
    } else {
        &message.device.name
    };
    let (kind, time) = (message.kind.word(), time(message.event_time));
    let mut subject = format!("System Notification From {name} - {kind} - {time}");
    if let Some(number) = &message.service_number {
        subject.push_str(" - SR ");
        subject.push_str(number);
    }
    header(&subject).into_owned()
}

fn readable(text: &str) -> MimePart<'static> {
    // In whatever encoding, a line of a mail ends in CR LF.
    MimePart::new("text/plain", text.replace('\n', "\r\n"))
}

fn attachment(document: &Document, message: &Message) -> MimePart<'static> {
    let name = format!("{}-{}.xml", message.kind.word(), plain(&document.id));
    let content_type = ContentType::new("application/xml")
        .attribute("charset", "utf-8")
        .attribute("name", name.clone());
    MimePart::new(content_type, document.bytes.to_vec()).attachment(name)
}

/// A line that does not stand in the text; XML is written in base64, which has none of these characters.
fn boundary(id: &str, text: &str) -> String {
    let mut boundary = format!("=_{}", plain(id).chars().take(40).collect::<String>());
    while text.contains(&boundary) {
        boundary.push('_');
    }
    boundary
}

/// A header's text is one line without control characters.
fn header(text: &str) -> Cow<'_, str> {
    if text.contains(char::is_control) {
        text.replace(char::is_control, " ").into()
    } else {
        text.into()
    }
}

/// Letters, digits, hyphens and dots.
fn plain(id: &str) -> String {
    id.replace(|c: char| !c.is_ascii_alphanumeric() && c != '.', "-")
}

/// What may stand in a message id (RFC 5322, 3.2.3), different for different texts.
fn atom(text: &str) -> String {
    let mut atom = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b':' => atom.push('+'),
            b'.' => atom.push('_'),
            _ if byte.is_ascii_alphanumeric() || byte == b'-' => atom.push(byte.into()),
            _ => atom.push_str(&format!("={byte:02X}")),
        }
    }
    if atom.is_empty() {
        atom.push_str("localhost");
    }
    atom
}

/// Bytes of the text for people that stands before XML.
const READABLE: usize = 64 * 1024;

#[cfg(test)]
#[path = "letter_tests.rs"]
mod tests;
