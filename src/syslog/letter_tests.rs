//! What is made of messages: who gets which, and how it reads.

use super::*;
use crate::message::parse;
use crate::syslog::batch::Item;
use crate::syslog::mail_plan::MailServer;

fn letter(recipients: &[(&str, Severity)], messages: &[&[u8]]) -> Letter {
    let mut batch = Batch::default();
    for (number, line) in (1..).zip(messages) {
        let message = parse(line);
        let mut bytes = Vec::new();
        write_heading(&mut bytes, &message, line);
        bytes.push(b'\n');
        bytes.extend_from_slice(line);
        let item = Item {
            number,
            length: bytes.len() as u32,
            severity: message.severity,
            is_received: true,
            is_doubtful: false,
            came: 0,
        };
        batch.push(item, &bytes);
    }
    Letter {
        id: 7,
        plan: Arc::new(MailPlan {
            interface: None,
            hostname: "edge-1".into(),
            from: "edge-1@example.net".into(),
            recipients: recipients
                .iter()
                .map(|(address, level)| (Arc::from(*address), *level))
                .collect(),
            servers: vec![MailServer {
                host: "192.0.2.25".into(),
                address: None,
                port: 25,
            }],
        }),
        batch,
        served: Vec::new(),
        utc: DateTime::from_timestamp(1_772_390_771, 0).expect("a time"),
    }
}

const ALL: Severity = Severity::Debugging;

#[test]
fn each_level_of_recipients_has_an_email_of_what_it_wants() {
    let letter = letter(
        &[
            ("noc@example.net", ALL),
            ("boss@example.net", Severity::Alerts),
            ("ops@example.net", ALL),
            ("night@example.net", Severity::Emergencies),
        ],
        &[
            b"%SYS-5-CONFIG_I: one",
            b"%LINK-1-DOWN: two",
            b"%SYS-5-CONFIG_I: three",
        ],
    );
    let emails = letter.emails();
    let seen: Vec<_> = emails
        .iter()
        .map(|email| (email.to.len(), email.subject.as_str(), email.lines.len()))
        .collect();
    // Nobody is woken at night for less than an emergency.
    assert_eq!(
        seen,
        [
            (1, "edge-1 syslog: %LINK-1-DOWN", 1),
            (2, "edge-1 syslog: %LINK-1-DOWN and 2 more", 3),
        ]
    );
}

#[test]
fn who_has_it_already_is_in_no_email() {
    let mut letter = letter(&[("a@x", ALL), ("b@x", ALL)], &[b"%SYS-5-CONFIG_I: one"]);
    letter.served = vec!["a@x".into()];
    let emails = letter.emails();
    assert_eq!(emails.len(), 1);
    assert_eq!(emails[0].to, [Arc::from("b@x")]);
    letter.served.push("b@x".into());
    assert_eq!(letter.emails(), []);
}

#[test]
fn an_email_reads_as_the_buffer_does_and_holds_nothing_that_drives_a_terminal() {
    let letter = letter(
        &[("noc@example.net", ALL)],
        &[
            b"%SYS-5-CONFIG_I: a \x1b[2J b\xff",
            b".a dot at the beginning of a line",
        ],
    );
    let emails = letter.emails();
    let text = String::from_utf8(letter.text(&emails[0], 1)).expect("it is text");
    let (head, body) = text.split_once("\r\n\r\n").expect("head and body");
    for header in [
        "From: <edge-1@example.net>",
        "To: <noc@example.net>",
        "Subject: edge-1 syslog: %SYS-5-CONFIG_I and 1 more",
        "Date: Sun, 1 Mar 2026 18:46:11 +0000",
        "Message-ID: <1772390771.7.0000000000000001@edge-1>",
        "Auto-Submitted: auto-generated",
        "MIME-Version: 1.0",
    ] {
        assert!(head.lines().any(|line| line == header), "{header}: {head}");
    }
    assert_eq!(
        body,
        "%SYS-5-CONFIG_I: a \\x1B[2J b\\xFF\r\n.a dot at the beginning of a line\r\n"
    );
    assert!(!text.replace("\r\n", "").contains(['\r', '\n']));
}

#[test]
fn text_that_is_not_ascii_is_encoded_in_subject_and_body() {
    let letter = letter(
        &[("noc@example.net", ALL)],
        &["<11>gerät[1]: über alles".as_bytes()],
    );
    let mut email = letter.emails().remove(0);
    email.subject.push_str(" größer");
    let text = String::from_utf8(letter.text(&email, 1)).expect("it is text");
    assert!(text.is_ascii(), "{text}");
    assert!(text.contains("Subject: =?utf-8?"), "{text}");
    assert!(text.contains("=C3=BCber alles"), "{text}");
}

#[test]
fn no_header_can_be_made_up_by_a_message() {
    let long = format!("%{}-1-X: x", "A".repeat(400));
    for line in [
        &b"%SYS\r\nBcc: x@y-1-Y: z"[..],
        b"\x00\x01\x02",
        b"%-0-: x",
        long.as_bytes(),
        "\u{2028}%A-1-B: \u{85}".as_bytes(),
    ] {
        let letter = letter(&[("noc@example.net", ALL)], &[line]);
        for email in letter.emails() {
            let text = letter.text(&email, 1);
            let text = String::from_utf8(text).expect("it is text");
            let head = text.split("\r\n\r\n").next().unwrap_or_default();
            assert!(!head.lines().any(|line| line.starts_with("Bcc")), "{head}");
            assert!(head.lines().all(|line| line.len() < 998), "{head}");
        }
    }
}

#[test]
fn a_long_line_is_folded_so_that_every_server_takes_it() {
    let long = format!("%SYS-1-X: {}", "x".repeat(60_000));
    let letter = letter(&[("noc@example.net", ALL)], &[long.as_bytes()]);
    let text = letter.text(&letter.emails()[0], 1);
    assert!(
        text.split(|byte| *byte == b'\n')
            .all(|line| line.len() < 1000)
    );
}
