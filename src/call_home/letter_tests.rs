//! E-mails as a mail program reads them, with a reader that is not of the library that writes.

use mail_parser::{MessageParser, MimeHeaders, PartType};
use proptest::prelude::*;

use super::super::document::documents;
use super::super::document::tests::golden;
use super::super::message::tests::message;
use super::super::message::{Attachment, Kind};
use super::*;
use crate::config::call_home::AlertGroup;

const ADDRESSES: Addresses<'_> = Addresses {
    from: "fw@example.com",
    reply_to: Some("noc@example.com"),
    to: "ops@example.org",
};

fn mail(message: &Message, format: Format) -> Vec<u8> {
    let documents = documents(message, format, 3_145_728).expect("short enough");
    letter(&documents[0], message, &ADDRESSES)
}

const INVENTORY: Kind = Kind::Group(AlertGroup::Inventory);

#[test]
fn e_mails_are_written_as_always() {
    for (kind, format, name) in [
        (INVENTORY, Format::Xml, "inventory.xml.eml"),
        (Kind::Command, Format::LongText, "command.long.eml"),
        (
            Kind::Group(AlertGroup::Syslog),
            Format::ShortText,
            "syslog.short.eml",
        ),
    ] {
        golden(name, &mail(&message(kind), format));
    }
}

#[test]
fn xml_is_attached_byte_for_byte_behind_a_text_for_people() {
    let message = message(INVENTORY);
    let documents = documents(&message, Format::Xml, 3_145_728).expect("short enough");
    let bytes = letter(&documents[0], &message, &ADDRESSES);
    let mail = MessageParser::default().parse(&bytes).expect("an e-mail");
    assert_eq!(
        mail.subject(),
        Some("System Notification From edge-1 - inventory - 2029-11-21 15:20:03 GMT+01:00")
    );
    assert_eq!(mail.message_id(), Some("M1A+S1+70A69495@edge-1"));
    assert_eq!(
        mail.date().expect("a date").to_rfc3339(),
        "2029-11-21T15:20:05+01:00"
    );
    let address = |list: Option<&mail_parser::Address<'_>>| {
        let first = list.and_then(|list| list.first());
        first.and_then(|one| one.address()).map(str::to_owned)
    };
    assert_eq!(address(mail.from()).as_deref(), Some("fw@example.com"));
    assert_eq!(address(mail.reply_to()).as_deref(), Some("noc@example.com"));
    assert_eq!(address(mail.to()).as_deref(), Some("ops@example.org"));
    let text = mail.body_text(0).expect("a text").replace("\r\n", "\n");
    assert_eq!(text, text::long(&message));
    assert_eq!(mail.text_body_count(), 1);
    assert_eq!(mail.attachment_count(), 1);
    let attachment = mail.attachment(0).expect("the document");
    assert_eq!(
        attachment.attachment_name(),
        Some("inventory-M1A-S1-70A69495.xml")
    );
    let content_type = attachment.content_type().expect("a type");
    assert_eq!(
        (content_type.ctype(), content_type.subtype()),
        ("application", Some("xml"))
    );
    assert_eq!(attachment.contents(), &documents[0].bytes[..]);
}

#[test]
fn the_number_of_the_case_stands_in_the_subject() {
    let subject = subject(&message(Kind::Command));
    assert_eq!(
        subject,
        "System Notification From edge-1 - command - 2029-11-21 15:20:03 GMT+01:00 - SR 600000001"
    );
}

#[test]
fn the_same_document_makes_the_same_e_mail() {
    let message = message(INVENTORY);
    assert_eq!(mail(&message, Format::Xml), mail(&message, Format::Xml));
    let mut next = message.clone();
    next.number += 2;
    assert_ne!(mail(&message, Format::Xml), mail(&next, Format::Xml));
}

#[test]
fn a_text_that_has_the_line_between_the_parts_ends_no_part() {
    let mut message = message(INVENTORY);
    let line = format!("--{}", boundary(&message.id(), ""));
    let output = format!("{line}\nContent-Type: text/html\n\nforged\n{line}--\n");
    message.attachments = vec![Attachment::captured("show x".to_owned(), &output, "edge-1")];
    let bytes = mail(&message, Format::Xml);
    let mail = MessageParser::default().parse(&bytes).expect("an e-mail");
    assert_eq!((mail.text_body_count(), mail.attachment_count()), (1, 1));
    assert!(mail.body_text(0).expect("a text").contains("forged"));
}

#[test]
fn each_document_of_a_long_message_is_a_mail_of_its_own() {
    let mut message = message(INVENTORY);
    message.attachments = ["show version", "show inventory"]
        .map(|name| Attachment::captured(name.to_owned(), &"x\n".repeat(400), "edge-1"))
        .into();
    let documents = documents(&message, Format::Xml, 4_000).expect("in parts");
    assert_eq!(documents.len(), 2);
    for (document, id) in documents
        .iter()
        .zip(["M1A+S1+70A69495", "M1A_1+S1+70A69495"])
    {
        let bytes = letter(document, &message, &ADDRESSES);
        let mail = MessageParser::default().parse(&bytes).expect("an e-mail");
        assert_eq!(mail.message_id(), Some(&*format!("{id}@edge-1")));
        let attachment = mail.attachment(0).expect("the document");
        assert_eq!(attachment.contents(), &document.bytes[..]);
        let text = mail.body_text(0).expect("a text");
        assert!(text.contains("Message Name : inventory"));
        let has_outputs = text.contains("Command Output Name : show version");
        assert_eq!(has_outputs, document.id == message.id());
    }
}

#[test]
fn nothing_adds_a_header() {
    let mut message = message(Kind::Group(AlertGroup::Syslog));
    let evil = "x\r\nBcc: thief@example.net\r\n\r\nbody";
    message.device.name = evil.to_owned();
    message.device.serial = evil.to_owned();
    message.service_number = Some(evil.to_owned());
    message.description = evil.to_owned();
    for format in [Format::Xml, Format::LongText, Format::ShortText] {
        let documents = documents(&message, format, 3_145_728).expect("short enough");
        let addresses = Addresses {
            from: evil,
            reply_to: Some(evil),
            to: evil,
        };
        let bytes = letter(&documents[0], &message, &addresses);
        let mail = MessageParser::default().parse(&bytes).expect("an e-mail");
        assert!(mail.bcc().is_none());
        let text = String::from_utf8_lossy(&bytes);
        let head = text.split("\r\n\r\n").next().unwrap_or_default();
        assert!(head.lines().all(|line| !line.starts_with("Bcc")), "{head}");
    }
}

proptest! {
    #[test]
    fn any_text_makes_an_e_mail_of_short_ascii_lines(
        name in any::<String>(),
        description in any::<String>(),
        output in "(\\PC|[\0\r\n\u{80}\u{2028}.])*",
        repeated in 0..50_usize,
    ) {
        let mut message = message(INVENTORY);
        message.device.name.clone_from(&name);
        message.device.serial = name;
        message.description = description;
        message.attachments = vec![Attachment::captured("show x".to_owned(), &output.repeat(repeated), "edge-1")];
        for format in [Format::Xml, Format::LongText, Format::ShortText] {
            let bytes = mail(&message, format);
            prop_assert!(bytes.iter().all(|byte| matches!(byte, b' '..=b'~' | b'\r' | b'\n' | b'\t')));
            let text = std::str::from_utf8(&bytes).expect("ASCII");
            for line in text.split("\r\n") {
                prop_assert!(line.len() <= 998);
                prop_assert!(!line.contains(['\r', '\n']));
            }
            let mail = MessageParser::default().parse(&bytes).expect("an e-mail");
            let PartType::Text(read) = &mail.text_part(0).expect("a text").body else {
                panic!("a text");
            };
            let written = match format {
                Format::Xml | Format::LongText => text::long(&message),
                Format::ShortText => text::short(&message),
            };
            prop_assert_eq!(read.replace("\r\n", "\n"), written);
        }
    }
}
