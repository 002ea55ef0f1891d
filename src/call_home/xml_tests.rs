//! Well-formedness whatever the texts contain, as a reader sees it that is not of the library that writes; and what becomes of
//! attachments when a message needs several documents.

use proptest::prelude::*;
use roxmltree::Node;

use super::super::message::tests::message;
use super::super::message::{Customer, Device};
use super::*;

/// (local name, text) of the elements that have text, in order; panics where the document is not well-formed.
pub(in super::super) fn texts(document: &str) -> Vec<(String, String)> {
    let document = roxmltree::Document::parse(document).expect("well-formed");
    let elements = document.descendants().filter(Node::is_element);
    let text = |node: Node<'_, '_>| {
        assert!(
            node.tag_name().namespace().is_some(),
            "{node:?} has a namespace"
        );
        let text = node
            .children()
            .filter(Node::is_text)
            .map(|child| child.text());
        let text: String = text.flatten().collect();
        (node.tag_name().name().to_owned(), text)
    };
    let texts = elements.map(text);
    texts.filter(|(_, text)| !text.trim().is_empty()).collect()
}

fn text_of<'a>(texts: &'a [(String, String)], name: &str) -> &'a str {
    texts
        .iter()
        .find(|(local, _)| local == name)
        .map_or("", |(_, text)| text)
}

fn written(message: &Message, limit: usize) -> Vec<String> {
    let documents = blocks(message, limit).expect("in parts");
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    documents.into_iter().map(text).collect()
}

fn encoded(message: &Message) -> String {
    written(message, usize::MAX).remove(0)
}

/// The names and texts of what is attached, the line feed before each text left out.
fn attached(document: &str) -> Vec<(String, String)> {
    let document = roxmltree::Document::parse(document).expect("well-formed");
    let elements = document.descendants();
    let attachments = elements.filter(|node| node.has_tag_name((BLOCK, "Attachment")));
    let text = |node: Node<'_, '_>, name| {
        let mut children = node.children();
        let child = children.find(|child| child.has_tag_name((BLOCK, name)));
        let parts = child.expect("an element").children();
        parts.filter_map(|part| part.text()).collect::<String>()
    };
    attachments
        .map(|node| {
            let data = text(node, "Data");
            (
                text(node, "Name"),
                data.strip_prefix('\n')
                    .expect("a line of its own")
                    .to_owned(),
            )
        })
        .collect()
}

const BLOCK: &str = "http://www.cisco.com/2004/01/aml-block";

#[test]
fn what_was_said_comes_back_when_it_is_read() {
    let texts = texts(&encoded(&message(Kind::Group(AlertGroup::Inventory))));
    for (name, text) in [
        ("Type", "http://www.cisco.com/2005/05/callhome/inventory"),
        ("MessageDescription", "Full Inventory"),
        ("EventTime", "2029-11-21 15:20:03 GMT+01:00"),
        ("Contact", "NOC & friends"),
        ("DeviceId", "R1 <rack>@C@S1"),
        ("MessageId", "M1A:S1:70A69495"),
        ("Severity", "1"),
        ("Data", "\na <b> & \"c\" ]]> d\nedge-1#"),
    ] {
        assert_eq!(text_of(&texts, name), text);
    }
}

#[test]
fn an_inventory_has_a_namespace_of_its_own() {
    for kind in Kind::ALL {
        let text = encoded(&message(kind));
        let document = roxmltree::Document::parse(&text).expect("well-formed");
        let mut elements = document.descendants();
        let call_home = elements
            .find(|node| node.tag_name().name() == "CallHome")
            .expect("the content");
        let (namespace, prefix) = match kind {
            Kind::Group(AlertGroup::Inventory) => (format!("{CALL_HOME}/inventory"), "ch-inv"),
            _ => (CALL_HOME.to_owned(), "ch"),
        };
        assert_eq!(call_home.tag_name().namespace(), Some(&*namespace));
        assert_eq!(call_home.lookup_prefix(&namespace), Some(prefix));
    }
}

#[test]
fn blocks_of_one_group_are_numbered_and_the_first_is_waited_for() {
    let mut message = message(Kind::Group(AlertGroup::Telemetry));
    let attach = |name: &str| Attachment {
        name: name.to_owned(),
        text: "x".repeat(1_000),
    };
    message.attachments = ["a", "b", "c"].map(attach).into();
    let frame = encoded(&Message {
        attachments: Vec::new(),
        ..message.clone()
    });
    let documents = written(&message, frame.len() + 1_500);
    let facts: Vec<Vec<String>> = documents
        .iter()
        .map(|document| {
            let texts = texts(document);
            let names = [
                "MessageId",
                "GroupId",
                "Number",
                "IsLast",
                "IsPrimary",
                "WaitForPrimary",
            ];
            names.map(|name| text_of(&texts, name).to_owned()).into()
        })
        .collect();
    let group = "G1B:S1:70A69495";
    assert_eq!(
        facts,
        [
            ["M1A:S1:70A69495", group, "0", "false", "true", "false"],
            ["M1A.1:S1:70A69495", group, "1", "false", "false", "true"],
            ["M1A.2:S1:70A69495", group, "2", "true", "false", "true"],
        ]
    );
}

#[test]
fn what_fits_to_the_byte_is_one_document() {
    let message = message(Kind::Group(AlertGroup::Diagnostic));
    let whole = encoded(&message);
    assert_eq!(written(&message, whole.len()), std::slice::from_ref(&whole));
    assert!(written(&message, whole.len() - 1).len() > 1);
}

#[test]
fn an_attachment_too_long_for_a_document_says_what_is_left_out_before_its_prompt() {
    let mut message = message(Kind::Group(AlertGroup::Snapshot));
    let output: String = (0..1_000).map(|n| format!("line {n} ]]>\n")).collect();
    message.attachments = ["a", "b"]
        .map(|name| Attachment::captured(name.to_owned(), &output, "edge-1"))
        .into();
    let documents = written(&message, 6_000);
    assert_eq!(documents.len(), 2);
    for document in documents {
        assert!(
            document.len() <= 6_000 && document.len() > 5_900,
            "{}",
            document.len()
        );
        let attachments = attached(&document);
        let [(_, text)] = attachments.as_slice() else {
            panic!("one attachment");
        };
        let (kept, rest) = text.split_once("--- ").expect("a mark");
        assert!(output.starts_with(kept) && kept.ends_with('\n'));
        let missing = output.len() - kept.len();
        assert_eq!(rest, format!("{missing} bytes left out ---\nedge-1#"));
    }
}

#[test]
fn a_message_without_attachments_cannot_be_made_shorter() {
    let mut message = message(Kind::Test);
    message.attachments.clear();
    let least = encoded(&message).len();
    assert_eq!(
        blocks(&message, least - 1),
        Err(TooLong {
            least,
            limit: least - 1
        })
    );
}

proptest! {
    #[test]
    fn any_text_at_all_makes_a_well_formed_document(description in any::<String>(), output in any::<String>()) {
        let mut message = message(Kind::Group(AlertGroup::Configuration));
        message.description = description.clone();
        message.device.description = description.clone();
        message.device.serial = description.clone();
        message.attachments = vec![Attachment { name: description.clone(), text: format!("{output}#") }];
        let document = encoded(&message);
        let texts = texts(&document);
        let expected = one_line(&description);
        // A reader normalises what Unicode counts among line ends only in XML 1.1; here they stay.
        if !description.trim().is_empty() {
            prop_assert_eq!(text_of(&texts, "MessageDescription"), &*expected);
        }
        let ends = output.replace("\r\n", "\n").replace('\r', "\n");
        let data = format!("{}#", permitted(&ends));
        prop_assert_eq!(&attached(&document)[0].1, &data);
    }

    #[test]
    fn attachments_come_back_whole_and_in_order_from_however_many_documents(
        outputs in proptest::collection::vec("[a-z<&>\\]\u{1}\u{fffe}ö\n]{0,400}", 1..8),
        spare in 0..2_000_usize,
    ) {
        let mut message = message(Kind::Group(AlertGroup::Telemetry));
        message.device = Device::default();
        message.customer = Customer::default();
        let attach = |(n, output): (usize, &String)| Attachment::captured(format!("show {n}"), output, "edge-1");
        message.attachments = outputs.iter().enumerate().map(attach).collect();
        // Enough for the longest attachment alone.
        let alone = message.attachments.iter().map(|attachment| {
            let attachments = vec![attachment.clone()];
            encoded(&Message { attachments, ..message.clone() }).len()
        });
        let limit = alone.max().unwrap_or(0) + 5 + spare;
        let documents = written(&message, limit);
        let mut back = Vec::new();
        for document in &documents {
            prop_assert!(document.len() <= limit);
            back.extend(attached(document));
        }
        let sent: Vec<(String, String)> = message.attachments.iter()
            .map(|attachment| (attachment.name.clone(), permitted(&attachment.text).into_owned()))
            .collect();
        prop_assert_eq!(back, sent);
    }

    #[test]
    fn a_shortened_attachment_says_exactly_what_is_missing(
        output in "[a-z>\\]\u{1}ö\n]{0,3000}",
        room in 150..4_000_usize,
    ) {
        let attachment = Attachment::captured("show x".to_owned(), &output, "edge-1");
        let body = attachment.body();
        match shortened(&attachment, room) {
            Ok(bytes) => {
                prop_assert!(bytes.len() <= room);
                let document = format!("<x xmlns:aml-block='{BLOCK}'>{}</x>", String::from_utf8_lossy(&bytes));
                let attachments = attached(&document);
                let text = &attachments[0].1;
                let (kept, rest) = text.split_once("--- ").expect("a mark");
                let kept = kept.replace('\u{FFFD}', "\u{1}");
                let whole = body.starts_with(&kept);
                let kept = if whole { &*kept } else { kept.strip_suffix('\n').expect("added") };
                prop_assert!(body.starts_with(kept));
                prop_assert_eq!(rest, format!("{} bytes left out ---\nedge-1#", body.len() - kept.len()));
            }
            Err(least) => prop_assert!(least > room),
        }
    }
}
