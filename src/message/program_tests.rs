//! Devices' messages that a relay put into RFC 5424, and programs' that only look like them.

use crate::message::{Kind, Severity, parse};

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap_or("no text")
}

#[test]
fn a_relay_that_wraps_a_device_hides_nothing() {
    let message = "*Jan  2 00:10:53.123: %SYS-5-CONFIG_I: x";
    // Header, then MSG: counter, host.
    for (header, msg, counter, host) in [
        ("sw1 30 - - -", message.to_owned(), "30", "sw1"),
        ("sw1 - - - -", format!(" 30: {message}"), "30", "sw1"),
        ("sw1 app 7 ID -", format!("30: r1: {message}"), "30", "sw1"),
        ("- - - - -", format!("30: r1: {message}"), "30", "r1"),
        ("- 30 - - -", format!("\u{feff}{message}"), "30", ""),
    ] {
        let line = format!("<190>1 2023-03-01T18:46:11Z {header} {msg}");
        let parsed = parse(line.as_bytes());
        assert_eq!(parsed.kind, Kind::Cisco, "{line}");
        assert_eq!(parsed.pri, Some(190), "{line}");
        assert_eq!(parsed.severity, Severity::Notifications, "{line}");
        assert_eq!(
            [parsed.facility, parsed.mnemonic, parsed.body, parsed.stamp].map(text),
            ["SYS", "CONFIG_I", "x", "*Jan  2 00:10:53.123"],
            "{line}"
        );
        assert_eq!(
            (text(parsed.counter), text(parsed.host)),
            (counter, host),
            "{line}"
        );
        assert_eq!(text(parsed.text), "%SYS-5-CONFIG_I: x", "{line}");
        assert_eq!(text(parsed.line), message, "{line}");
    }
}

#[test]
fn a_device_without_a_stamp_has_the_relays() {
    let line = r#"<189>1 2023-03-01T18:46:11Z sw1 30 - - [x@1 y="z"] 31: %SYS-5-CONFIG_I: x"#;
    let parsed = parse(line.as_bytes());
    assert_eq!(
        [parsed.stamp, parsed.counter, parsed.structured, parsed.line].map(text),
        ["2023-03-01T18:46:11Z", "31", r#"[x@1 y="z"]"#, ""]
    );
}

#[test]
fn a_program_that_quotes_a_device_stays_a_program() {
    for msg in [
        "usb: %SYS-5-CONFIG_I: x",
        "seen %SYS-5-CONFIG_I: x",
        "Jan  2 00:10:53: debugging",
        "30: 100% of it",
    ] {
        let line = format!("<189>1 2023-03-01T18:46:11Z h app 7 ID - {msg}");
        let parsed = parse(line.as_bytes());
        assert_eq!(parsed.kind, Kind::Program, "{line}");
        assert_eq!(
            [
                parsed.facility,
                parsed.mnemonic,
                parsed.body,
                parsed.process
            ]
            .map(text),
            ["app", "ID", msg, "7"],
            "{line}"
        );
    }
}
