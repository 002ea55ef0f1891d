//! Lines that are nearly a device's, and devices whose lines are nearly IOS's.

use crate::message::{Kind, Parsed, Severity, parse};

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap_or("no text")
}

/// Facility, mnemonic and body.
fn header<'a>(parsed: &Parsed<'a>) -> (&'a str, &'a str, &'a str) {
    (
        std::str::from_utf8(parsed.facility).unwrap_or("no text"),
        std::str::from_utf8(parsed.mnemonic).unwrap_or("no text"),
        std::str::from_utf8(parsed.body).unwrap_or("no text"),
    )
}

#[test]
fn a_program_that_names_no_host_is_no_zone() {
    for name in ["kernel", "su", "cron", "NewYork", "LONGER", "Z"] {
        let line = format!("<14>Jan  2 00:10:53 {name}: text: more");
        let parsed = parse(line.as_bytes());
        assert_eq!(parsed.kind, Kind::Program, "{line}");
        assert_eq!(header(&parsed), (name, "MSG", "text: more"), "{line}");
        assert_eq!(text(parsed.stamp), "Jan  2 00:10:53", "{line}");
        assert!(parsed.host.is_empty(), "{line}");
    }
}

#[test]
fn a_zone_is_known_by_its_form_or_by_what_stands_around_it() {
    for line in [
        "<191>Jan  2 00:10:53 CEST: IP: s=10.0.0.1",
        "<191>*Jan  2 00:10:53 NewYork: IP: s=10.0.0.1",
        "<191>.Jan  2 00:10:53 NewYork: IP: s=10.0.0.1",
        "<191>45: Jan  2 00:10:53 NewYork: IP: s=10.0.0.1",
        "<191>: Jan  2 00:10:53 NewYork: IP: s=10.0.0.1",
    ] {
        let parsed = parse(line.as_bytes());
        assert_eq!(parsed.kind, Kind::Debug, "{line}");
        assert_eq!(text(parsed.body), "IP: s=10.0.0.1", "{line}");
    }
    let parsed = parse(b"<189>Jan  2 00:10:53 NewYork: %SYS-5-CONFIG_I: x");
    assert_eq!(header(&parsed), ("SYS", "CONFIG_I", "x"));
    assert_eq!(text(parsed.stamp), "Jan  2 00:10:53 NewYork");
}

#[test]
fn ios_xr_puts_a_node_before_its_stamp_and_a_process_behind_it() {
    for (prefix, counter, host) in [
        ("123: RP/0/RSP0/CPU0:", "123", ""),
        ("RP/0/RSP0/CPU0:", "", ""),
        ("0/RP0/ADMIN0:", "", ""),
        ("123: pe1 RP/0/RSP0/CPU0:", "123", "pe1"),
        (
            "Mar  1 18:46:12 10.0.0.1 123: LC/0/1/CPU0:",
            "123",
            "10.0.0.1",
        ),
    ] {
        let line = format!(
            "<187>{prefix}Mar  1 18:46:11.485 UTC: ifmgr[227]: %PKT_INFRA-LINK-3-UPDOWN : y"
        );
        let parsed = parse(line.as_bytes());
        assert_eq!(parsed.kind, Kind::Cisco, "{line}");
        assert_eq!(header(&parsed), ("PKT_INFRA-LINK", "UPDOWN", "y"), "{line}");
        assert_eq!(parsed.severity, Severity::Errors, "{line}");
        assert_eq!(text(parsed.stamp), "Mar  1 18:46:11.485 UTC", "{line}");
        assert_eq!(text(parsed.process), "ifmgr[227]", "{line}");
        assert_eq!((text(parsed.counter), text(parsed.host)), (counter, host));
        assert!(parsed.line.is_empty(), "not in one piece: {line}");
    }
}

#[test]
fn a_wireless_controller_names_a_task_behind_itself() {
    let parsed = parse(b"<134>WLC-1: *apfTask: Mar 01 18:46:11.485: %APF-6-X: y");
    assert_eq!(header(&parsed), ("APF", "X", "y"));
    assert_eq!(text(parsed.host), "WLC-1");
    assert_eq!(text(parsed.process), "apfTask");
    assert_eq!(text(parsed.line), "Mar 01 18:46:11.485: %APF-6-X: y");
}

#[test]
fn a_message_number_is_no_facility() {
    let parsed = parse(b"<187>123: something else");
    assert_eq!(header(&parsed), ("SYSLOG", "MSG", "123: something else"));
}

#[test]
fn a_stray_blank_before_the_priority_is_passed_over() {
    let line = b" <166>Aug 15 2019 13:44:38: %ASA-6-305011: x";
    assert_eq!(parse(line), parse(&line[1..]));
    assert_eq!(parse(line).pri, Some(166));
    assert_eq!(text(parse(b" plain").body), " plain");
}
