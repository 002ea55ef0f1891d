//! What a message looks like on the wire: golden documents, and well-formedness whatever the texts contain.

use std::path::PathBuf;

use chrono::DateTime;
use proptest::prelude::*;
use quick_xml::events::Event;
use quick_xml::reader::NsReader;

use super::super::message::{Customer, Device};
use super::*;

/// A message with a fixed device, customer and time.
pub(in super::super) fn message(kind: Kind) -> Message {
    let at = |seconds| DateTime::from_timestamp(seconds, 0).unwrap_or_default();
    let outputs: &[&str] = match kind {
        Kind::Test => &[
            "Watchfire Software Version 0.1.0\n",
            "Name: \"Chassis\"\nPID: R1 , VID: , SN: S1\n",
        ],
        Kind::Group(AlertGroup::Configuration) => &["enable password $9$salt$hash\nend\n", ""],
        Kind::Group(_) => &["a <b> & \"c\" ]]> d\n", "\u{1b}[1mbold\u{1b}[0m\r\nschön\n"],
    };
    let attachments = kind
        .commands()
        .iter()
        .zip(outputs)
        .map(|(command, output)| Attachment::captured((*command).to_owned(), output, "edge-1"));
    Message {
        kind,
        description: kind.description().to_owned(),
        event_time: at(1_889_965_203),
        created: at(1_889_965_205),
        number: 0x1A,
        device: Device {
            name: "edge-1".to_owned(),
            product: "Watchfire".to_owned(),
            software_version: "0.1.0".to_owned(),
            model: "R1 <rack>".to_owned(),
            hardware_version: "A2".to_owned(),
            serial: "S1".to_owned(),
            description: "Watchfire 0.1.0,\n\"Linux\" 6.1".to_owned(),
        },
        customer: Customer {
            contact_name: "NOC & friends".to_owned(),
            contact_email: "noc@example.com".to_owned(),
            phone_number: "+1-555-555-0100".to_owned(),
            street_address: "1 Any Street, Any City".to_owned(),
            customer_id: "ExampleCorp".to_owned(),
            site_id: String::new(),
            contract_id: "X123".to_owned(),
        },
        attachments: attachments.collect(),
    }
}

fn encoded(message: &Message) -> String {
    String::from_utf8(encode(message).expect("memory takes every write")).expect("UTF-8")
}

/// Compares with the golden document, or with UPDATE=1 writes it.
fn golden(name: &str, document: &str) {
    let path = PathBuf::from(file!())
        .with_file_name("../../tests/call_home")
        .join(name);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, document).expect("the folder of golden documents is there");
    }
    let expected = std::fs::read_to_string(&path).expect("the golden document is there");
    assert_eq!(document, expected, "{name}");
}

/// Reads a document with a reader that checks nesting and namespaces; gives (local name, text) of the elements that have
/// text, in order.
pub(in super::super) fn texts(document: &str) -> Vec<(String, String)> {
    let mut reader = NsReader::from_str(document);
    reader.config_mut().check_end_names = true;
    let mut open: Vec<(String, String)> = Vec::new();
    let mut texts = Vec::new();
    loop {
        let (namespace, event) = reader.read_resolved_event().expect("well-formed");
        match event {
            Event::Start(start) => {
                assert!(
                    matches!(namespace, quick_xml::name::ResolveResult::Bound(_)),
                    "{start:?} has a namespace"
                );
                open.push((start.local_name().as_ref().to_owned(), String::new()));
            }
            Event::End(_) => texts.extend(open.pop().filter(|(_, text)| !text.trim().is_empty())),
            Event::Text(text) => push(&mut open, &text.xml10_content()),
            Event::CData(text) => push(&mut open, &text.xml10_content()),
            Event::GeneralRef(reference) => {
                let known = quick_xml::escape::resolve_xml_entity(&reference).map(str::to_owned);
                let text = known.or_else(|| {
                    reference
                        .resolve_char_ref()
                        .ok()
                        .flatten()
                        .map(String::from)
                });
                push(&mut open, &text.expect("a reference of XML itself"));
            }
            Event::Eof => break,
            _ => {}
        }
    }
    assert!(open.is_empty(), "everything is closed");
    texts
}

fn push(open: &mut [(String, String)], text: &str) {
    match open.last_mut() {
        Some((_, so_far)) => so_far.push_str(text),
        None => assert!(
            text.trim().is_empty(),
            "text outside the document: {text:?}"
        ),
    }
}

fn text_of<'a>(texts: &'a [(String, String)], name: &str) -> &'a str {
    texts
        .iter()
        .find(|(local, _)| local == name)
        .map_or("", |(_, text)| text)
}

#[test]
fn a_test_message_is_written_as_always() {
    golden("test.xml", &encoded(&message(Kind::Test)));
}

#[test]
fn an_inventory_message_is_written_as_always() {
    golden(
        "inventory.xml",
        &encoded(&message(Kind::Group(AlertGroup::Inventory))),
    );
}

#[test]
fn a_configuration_message_is_written_as_always() {
    golden(
        "configuration.xml",
        &encoded(&message(Kind::Group(AlertGroup::Configuration))),
    );
}

#[test]
fn a_device_that_tells_nothing_is_written_with_empty_elements() {
    let mut message = message(Kind::Test);
    message.device = Device::default();
    message.customer = Customer::default();
    message.attachments.clear();
    golden("bare.xml", &encoded(&message));
}

#[test]
fn what_was_said_comes_back_when_it_is_read() {
    let texts = texts(&encoded(&message(Kind::Group(AlertGroup::Inventory))));
    for (name, text) in [
        ("Type", "http://www.cisco.com/2005/05/callhome/inventory"),
        ("MessageDescription", "Full Inventory"),
        ("Contact", "NOC & friends"),
        ("DeviceId", "R1 <rack>@C@S1"),
        ("MessageId", "M1A:S1:70A69495"),
        ("Severity", "1"),
        ("Data", "\na <b> & \"c\" ]]> d\nedge-1#"),
    ] {
        assert_eq!(text_of(&texts, name), text);
    }
}

proptest! {
    #[test]
    fn any_text_at_all_makes_a_well_formed_document(description in any::<String>(), output in any::<String>()) {
        let mut message = message(Kind::Group(AlertGroup::Configuration));
        message.description = description.clone();
        message.device.description = description.clone();
        message.attachments = vec![Attachment { name: description.clone(), text: format!("{output}#") }];
        let document = encoded(&message);
        let texts = texts(&document);
        let expected = one_line(&description);
        // A reader normalises what Unicode counts among line ends only in XML 1.1; here they stay.
        if !description.trim().is_empty() {
            prop_assert_eq!(text_of(&texts, "MessageDescription"), &*expected);
        }
        let ends = output.replace("\r\n", "\n").replace('\r', "\n");
        let data = format!("\n{}#", permitted(&ends));
        prop_assert_eq!(text_of(&texts, "Data"), data.as_str());
    }
}
