//! Ids, times, severities, and what an anonymous message leaves out; a message for everybody's tests.

use chrono::DateTime;

use super::super::document::documents;
use super::super::xml::tests::texts;
use super::*;
use crate::config::call_home::Format;

/// A message with a fixed device, customer and time.
pub(in super::super) fn message(kind: Kind) -> Message {
    let clock = FixedOffset::east_opt(3600).expect("less than a day");
    let at = |seconds| {
        let utc = DateTime::from_timestamp(seconds, 0).unwrap_or_default();
        utc.with_timezone(&clock)
    };
    let outputs: &[&str] = match kind {
        Kind::Test => &[
            "Watchfire Software Version 0.1.0\n",
            "Name: \"Chassis\"\nPID: R1 , VID: , SN: S1\n",
        ],
        Kind::Group(AlertGroup::Configuration) => &["enable password $9$salt$hash\nend\n", ""],
        Kind::Group(_) => &["a <b> & \"c\" ]]> d\n", "\u{1b}[1mbold\u{1b}[0m\r\nschön\n"],
        Kind::Command => &["14:20:03.123 CET Wed Nov 21 2029\n"],
    };
    let severity = match kind {
        Kind::Group(AlertGroup::Environment) => AlertSeverity::Minor,
        Kind::Group(AlertGroup::Diagnostic | AlertGroup::Threat) => AlertSeverity::Major,
        Kind::Group(AlertGroup::Syslog) => AlertSeverity::Critical,
        kind => kind.severity(),
    };
    let commands = match kind.commands() {
        [] => &["show clock"],
        commands => commands,
    };
    let attachments = commands
        .iter()
        .zip(outputs)
        .map(|(command, output)| Attachment::captured((*command).to_owned(), output, "edge-1"));
    Message {
        kind,
        subtype: kind.subtype_at(severity),
        severity,
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
        service_number: (kind == Kind::Command).then(|| "600000001".to_owned()),
        anonymous: None,
    }
}

#[test]
fn ids_carry_number_serial_and_second_in_hexadecimal() {
    let mut message = message(Kind::Group(AlertGroup::Inventory));
    message.number = 0x450;
    message.created = DateTime::from_timestamp(0x51AE_AC68, 0)
        .unwrap_or_default()
        .fixed_offset();
    message.device.serial = "FOC123".to_owned();
    assert_eq!(message.id(), "M450:FOC123:51AEAC68");
    assert_eq!(message.group_id(), "G451:FOC123:51AEAC68");
    assert_eq!(message.id_of(0), message.id());
    assert_eq!(message.id_of(12), "M450.12:FOC123:51AEAC68");
    message.device.serial.clear();
    message.device.name = "edge-1".to_owned();
    assert_eq!(message.id(), "M450:edge-1:51AEAC68");
}

#[test]
fn a_time_before_1970_makes_an_id_all_the_same() {
    let mut message = message(Kind::Test);
    message.created = DateTime::<Utc>::MIN_UTC.fixed_offset();
    assert!(message.id().ends_with(":00000000"));
}

#[test]
fn an_attachment_ends_with_the_prompt_on_its_own_line() {
    for (output, text) in [
        ("a\r\nb\r\n", "a\nb\nfw#"),
        ("a", "a\nfw#"),
        ("", "fw#"),
        ("a\n\n", "a\n\nfw#"),
    ] {
        let attachment = Attachment::captured("show x".to_owned(), output, "fw");
        assert_eq!(attachment.text, text);
        assert_eq!(attachment.prompt(), "fw#");
        assert_eq!(format!("{}fw#", attachment.body()), text);
    }
}

#[test]
fn a_severity_of_call_home_is_seven_less_that_of_syslog() {
    for severity in Severity::ALL {
        assert_eq!(
            alert_severity(severity).level(),
            7 - severity.number(),
            "{severity:?}"
        );
    }
}

#[test]
fn an_alert_says_how_bad_it_is_and_a_report_how_much_it_tells() {
    for (kind, severity, subtype) in [
        (
            Kind::Group(AlertGroup::Environment),
            AlertSeverity::Minor,
            "minor",
        ),
        (
            Kind::Group(AlertGroup::Environment),
            AlertSeverity::Normal,
            "normal",
        ),
        (
            Kind::Group(AlertGroup::Syslog),
            AlertSeverity::Fatal,
            "fatal",
        ),
        (
            Kind::Group(AlertGroup::Inventory),
            AlertSeverity::Normal,
            "full",
        ),
        (Kind::Test, AlertSeverity::Notification, "test"),
    ] {
        assert_eq!(kind.subtype_at(severity), subtype, "{kind:?}");
    }
}

#[test]
fn times_are_those_of_the_devices_clock() {
    let at = DateTime::from_timestamp(1_889_965_203, 0).unwrap_or_default();
    for (hours, shown) in [
        (0, "2029-11-21 14:20:03 GMT+00:00"),
        (9, "2029-11-21 23:20:03 GMT+09:00"),
        (-5, "2029-11-21 09:20:03 GMT-05:00"),
    ] {
        let zone = Zone {
            seconds: hours * 3600,
            ..Zone::default()
        };
        assert_eq!(time(local(at, &zone)), shown);
    }
}

#[test]
fn an_anonymous_message_tells_nothing_of_whose_it_is() {
    for kind in Kind::ALL {
        let known = message(kind);
        let Customer {
            contact_name,
            contact_email,
            phone_number,
            street_address,
            customer_id,
            contract_id,
            ..
        } = known.customer.clone();
        let private = [
            "hello from the operator".to_owned(),
            "600000001".to_owned(),
            "edge-1".to_owned(),
            "S1:".to_owned(),
            ">S1<".to_owned(),
            "@S1".to_owned(),
            contact_name.replace('&', "&amp;"),
            contact_email,
            phone_number,
            street_address,
            customer_id,
            contract_id,
        ];
        let named = Message {
            description: "hello from the operator".to_owned(),
            ..known
        };
        let anonymous = named.clone().into_anonymous(0xABCD);
        for format in [Format::Xml, Format::LongText, Format::ShortText] {
            let text = |message: &Message| {
                let documents = documents(message, format, usize::MAX).expect("no limit");
                String::from_utf8_lossy(&documents[0].bytes).into_owned()
            };
            let (named, anonymous) = (text(&named), text(&anonymous));
            for value in &private {
                assert!(!anonymous.contains(value), "{value} in {anonymous}");
            }
            assert!(named.contains("edge-1"), "the same in a message with names");
            if format == Format::Xml {
                assert!(!texts(&anonymous).is_empty());
                assert!(
                    anonymous.contains("<aml-session:MessageId>M1A:000000000000ABCD:70A69495<")
                );
            }
        }
    }
}
