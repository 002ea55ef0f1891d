//! What every kind of message looks like in every format: golden documents, and their limits.

use std::path::PathBuf;

use proptest::prelude::*;

use super::super::message::tests::message;
use super::super::message::{Attachment, Customer, Device, Kind};
use super::*;
use crate::config::call_home::AlertGroup;

/// Compares with the golden document, or with UPDATE=1 writes it.
pub(in super::super) fn golden(name: &str, document: &[u8]) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/call_home")
        .join(name);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, document).expect("the folder of golden documents is there");
    }
    let expected = std::fs::read(&path).expect("the golden document is there");
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    assert_eq!(text(document), text(&expected), "{name}");
}

const FORMATS: [(Format, &str); 3] = [
    (Format::Xml, "xml"),
    (Format::LongText, "long.txt"),
    (Format::ShortText, "short.txt"),
];

#[test]
fn every_kind_is_written_in_every_format_as_always() {
    for kind in Kind::ALL {
        for (format, suffix) in FORMATS {
            let documents = documents(&message(kind), format, 3_145_728).expect("short enough");
            let [document] = documents.as_slice() else {
                panic!("one document");
            };
            assert_eq!(document.id, "M1A:S1:70A69495");
            golden(&format!("{}.{suffix}", kind.word()), &document.bytes);
        }
    }
}

#[test]
fn a_device_that_tells_nothing_is_written_with_empty_values() {
    let mut message = message(Kind::Test);
    message.device = Device::default();
    message.customer = Customer::default();
    message.attachments.clear();
    for (format, suffix) in FORMATS {
        let documents = documents(&message, format, 3_000).expect("short enough");
        golden(&format!("bare.{suffix}"), &documents[0].bytes);
    }
}

#[test]
fn a_message_in_several_documents_is_written_as_always() {
    let mut message = message(Kind::Group(AlertGroup::Telemetry));
    message.attachments = ["show traffic", "show conn count", "show route"]
        .map(|name| Attachment::captured(name.to_owned(), &"0123456789\n".repeat(60), "edge-1"))
        .into();
    message.attachments[1].text = "2 in use\nedge-1#".to_owned();
    let documents = documents(&message, Format::Xml, 4_200).expect("in parts");
    assert_eq!(documents.len(), 2);
    for (number, document) in documents.iter().enumerate() {
        golden(&format!("part-{number}.xml"), &document.bytes);
    }
    assert_eq!(documents[1].id, "M1A.1:S1:70A69495");
}

#[test]
fn what_is_too_short_for_anything_is_refused_with_what_is_needed() {
    let message = message(Kind::Test);
    let TooLong { least, limit } =
        documents(&message, Format::Xml, 50).expect_err("XML has a frame");
    assert_eq!(limit, 50);
    assert!((2_000..4_000).contains(&least), "{least}");
    documents(&message, Format::Xml, least - 1).expect_err("one byte less");
    assert_eq!(
        TooLong { least, limit }.to_string(),
        format!("{least} bytes, message-size-limit 50")
    );
    documents(&message, Format::LongText, 10).expect_err("no room for what says so");
}

#[test]
fn the_longest_text_fits_the_least_limit() {
    let mut message = message(Kind::Test);
    message.attachments[0].text = "x".repeat(3_000_000);
    for format in [Format::LongText, Format::ShortText] {
        let documents = documents(&message, format, 50).expect("cut");
        assert!(documents[0].bytes.ends_with(b" bytes left out ---\n"));
    }
}

#[test]
fn a_text_that_is_too_long_ends_with_what_is_left_out() {
    let message = message(Kind::Test);
    let whole = text::long(&message);
    let documents = documents(&message, Format::LongText, 200).expect("cut");
    let cut = std::str::from_utf8(&documents[0].bytes).expect("UTF-8");
    assert!(cut.len() <= 200);
    let (kept, mark) = cut.split_once("--- ").expect("a mark");
    assert!(whole.starts_with(kept) && kept.ends_with('\n'));
    let missing = whole.len() - kept.len();
    assert_eq!(mark, format!("{missing} bytes left out ---\n"));
}

proptest! {
    #[test]
    fn no_document_is_longer_than_its_limit(
        description in any::<String>(),
        outputs in proptest::collection::vec(any::<String>(), 0..4),
        limit in 0..5_000_usize,
    ) {
        let mut message = message(Kind::Group(AlertGroup::Diagnostic));
        message.description = description;
        let attach = |output: &String| Attachment::captured("show x".to_owned(), output, "edge-1");
        message.attachments = outputs.iter().map(attach).collect();
        for (format, _) in FORMATS {
            match documents(&message, format, limit) {
                Ok(documents) => {
                    prop_assert!(!documents.is_empty());
                    for document in documents {
                        prop_assert!(document.bytes.len() <= limit);
                        prop_assert!(std::str::from_utf8(&document.bytes).is_ok());
                    }
                }
                Err(TooLong { least, .. }) => prop_assert!(least > limit),
            }
        }
    }

    #[test]
    fn a_text_has_no_control_characters_but_line_ends_and_tabulators(text in any::<String>()) {
        let mut message = message(Kind::Test);
        message.description = text.clone();
        message.attachments = vec![Attachment { name: text.clone(), text: text.clone() }];
        let long = text::long(&message);
        prop_assert!(!long.contains(|c: char| c.is_control() && c != '\n' && c != '\t'));
        // A text of others begins no line of its own before the outputs.
        let short = text::short(&message);
        prop_assert_eq!(short.lines().count(), 5);
        let labels = |line: &&str| line.starts_with("Error Message :");
        prop_assert_eq!(short.lines().filter(labels).count(), 1);
    }
}
