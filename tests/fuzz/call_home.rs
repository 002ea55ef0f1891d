//! Call-home messages with anything in them, in every format and within any limit: well-formed, short enough, and with what is
//! attached whole or marked.

use chrono::DateTime;
use watchfire::call_home::document::{TooLong, documents};
use watchfire::call_home::letter::{Addresses, letter};
use watchfire::call_home::message::{Attachment, Customer, Device, Kind, Message};
use watchfire::config::call_home::Format;

use super::random::{Random, text};

const LIKELY: &[u8] =
    b"a ]]><![CDATA[&amp;\"'\0\x01\x1b\r\n\t#\xc3\xb6\xef\xbf\xbe\xf0\x9f\x98\x80\x85=_-.:%";

fn message(random: &mut Random) -> Message {
    let mut any = |most| text(&random.bytes(LIKELY, most));
    let device = Device {
        name: any(40),
        product: any(20),
        software_version: any(20),
        model: any(40),
        hardware_version: any(20),
        serial: any(20),
        description: any(300),
    };
    let customer = Customer {
        contact_name: any(60),
        contact_email: any(60),
        phone_number: any(20),
        street_address: any(200),
        customer_id: any(64),
        site_id: any(64),
        contract_id: any(64),
    };
    let (description, case) = (any(500), any(20));
    let mut attachments = Vec::new();
    for _ in 0..random.below(5) {
        let output = text(&random.bytes(LIKELY, 3_000));
        let name = text(&random.bytes(LIKELY, 40));
        attachments.push(Attachment::captured(name, &output, "fw"));
    }
    let kind = *random.pick(&Kind::ALL);
    let at = DateTime::from_timestamp(random.below(4_000_000_000) as i64, 0).unwrap_or_default();
    Message {
        kind,
        subtype: kind.subtype(),
        severity: kind.severity(),
        description,
        event_time: at.fixed_offset(),
        created: at.fixed_offset(),
        number: random.below(usize::MAX) as u64,
        device,
        customer,
        attachments,
        service_number: random.once_in(2).then_some(case),
        anonymous: random.once_in(4).then_some(random.below(usize::MAX) as u64),
    }
}

#[test]
fn any_message_is_well_formed_and_within_its_limit_or_too_long() {
    let mut random = Random::new(44);
    let (mut whole, mut parted, mut refused) = (0, 0, 0);
    for _ in 0..1_500 {
        let message = message(&mut random);
        let most = *random.pick(&[6_000, 6_000, 20_000]);
        let limit = random.below(most);
        for format in [Format::Xml, Format::LongText, Format::ShortText] {
            let written = match documents(&message, format, limit) {
                Ok(written) => written,
                Err(TooLong { least, .. }) => {
                    assert!(least > limit);
                    refused += 1;
                    continue;
                }
            };
            if written.len() == 1 {
                whole += 1;
            } else {
                parted += 1;
            }
            let mut attached = 0;
            for document in &written {
                assert!(document.bytes.len() <= limit);
                let read = std::str::from_utf8(&document.bytes).expect("UTF-8");
                if format == Format::Xml {
                    let read = roxmltree::Document::parse(read).expect("well-formed");
                    let elements = read.descendants();
                    attached += elements
                        .filter(|node| node.tag_name().name() == "Attachment")
                        .count();
                }
                let addresses = Addresses {
                    from: &message.customer.contact_email,
                    reply_to: Some(&message.customer.contact_name),
                    to: "noc@example.com",
                };
                let mail = letter(document, &message, &addresses);
                assert!(mail_parser::MessageParser::default().parse(&mail).is_some());
                assert!(
                    mail.split(|byte| *byte == b'\n')
                        .all(|line| line.len() <= 999)
                );
            }
            if format == Format::Xml {
                assert_eq!(attached, message.attachments.len(), "none is lost");
            }
        }
    }
    assert!(
        whole > 500 && parted > 100 && refused > 300,
        "{whole} {parted} {refused}"
    );
}
