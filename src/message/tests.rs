//! Every captured form of a header, taken apart.

use super::{Kind, Parsed, Severity, parse};

/// The parts that a test names; a part that it leaves out must be absent.
#[derive(Default)]
struct Want {
    pri: Option<u8>,
    severity: u8,
    facility: &'static str,
    mnemonic: &'static str,
    body: &'static str,
    counter: &'static str,
    sequence: &'static str,
    host: &'static str,
    session: &'static str,
    stamp: &'static str,
    process: &'static str,
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn expect(kind: Kind, line: &str, want: &Want) {
    let got = parse(line.as_bytes());
    assert_eq!(got.kind, kind, "{line}");
    assert_eq!(
        (got.pri, got.severity.number()),
        (want.pri, want.severity),
        "{line}"
    );
    for (name, got, want) in [
        ("facility", got.facility, want.facility),
        ("mnemonic", got.mnemonic, want.mnemonic),
        ("body", got.body, want.body),
        ("counter", got.counter, want.counter),
        ("sequence", got.sequence, want.sequence),
        ("host", got.host, want.host),
        ("session", got.session, want.session),
        ("stamp", got.stamp, want.stamp),
        ("process", got.process, want.process),
    ] {
        assert_eq!(text(got), want, "{name} of {line}");
    }
    line_is_stamp_and_text(line, &got);
}

/// `line` is either absent or exactly the message from its stamp on.
fn line_is_stamp_and_text(line: &str, got: &Parsed<'_>) {
    if !got.line.is_empty() {
        assert_eq!(
            text(got.line),
            format!("{}: {}", text(got.stamp), text(got.text)),
            "{line}"
        );
        assert!(line.as_bytes().ends_with(got.line), "{line}");
    }
}

fn config_i() -> Want {
    Want {
        pri: Some(189),
        severity: 5,
        facility: "SYS",
        mnemonic: "CONFIG_I",
        body: "x",
        ..Want::default()
    }
}

#[test]
fn captured_ios_lines_are_taken_apart() {
    let cases = [
        (
            "<189>30: *Jan  2 00:10:53: %SYS-5-CONFIG_I: x",
            Want {
                counter: "30",
                stamp: "*Jan  2 00:10:53",
                ..config_i()
            },
        ),
        (
            "<189>7662: Nov 23 22:23:27.921 NewYork: %SYS-5-CONFIG_I: x",
            Want {
                counter: "7662",
                stamp: "Nov 23 22:23:27.921 NewYork",
                ..config_i()
            },
        ),
        (
            "<189>179767: fakhost: Nov 23 22:23:27.833 NewYork: %SYS-5-CONFIG_I: x",
            Want {
                counter: "179767",
                host: "fakhost",
                stamp: "Nov 23 22:23:27.833 NewYork",
                ..config_i()
            },
        ),
        (
            "<189>421370: 421366: Nov 23 22:23:27: %SYS-5-CONFIG_I: x",
            Want {
                counter: "421370",
                sequence: "421366",
                stamp: "Nov 23 22:23:27",
                ..config_i()
            },
        ),
        (
            "<165>7433: ASR920: 007439: 2y10w: %SYS-5-CONFIG_I: x",
            Want {
                pri: Some(165),
                counter: "7433",
                host: "ASR920",
                sequence: "007439",
                stamp: "2y10w",
                ..config_i()
            },
        ),
        (
            "<189>3132813: custom.string: 3132809: Jul 11 2023 19:32:08.116 UTC: %SYS-5-CONFIG_I: x",
            Want {
                counter: "3132813",
                host: "custom.string",
                sequence: "3132809",
                stamp: "Jul 11 2023 19:32:08.116 UTC",
                ..config_i()
            },
        ),
        (
            "<189>3132785: 0.0.0.0: 3132781: Jul 11 2023 19:30:04.771 UTC: %SYS-5-CONFIG_I: x",
            Want {
                counter: "3132785",
                host: "0.0.0.0",
                sequence: "3132781",
                stamp: "Jul 11 2023 19:30:04.771 UTC",
                ..config_i()
            },
        ),
        (
            "<189>3132783: ::: 3132779: Jul 11 2023 19:25:44.568 UTC: %SYS-5-CONFIG_I: x",
            Want {
                counter: "3132783",
                host: "::",
                sequence: "3132779",
                stamp: "Jul 11 2023 19:25:44.568 UTC",
                ..config_i()
            },
        ),
    ];
    for (line, want) in &cases {
        expect(Kind::Cisco, line, want);
    }
}

#[test]
fn the_session_element_is_taken_off_with_or_without_its_stray_blank() {
    let stamped = |session, counter, stamp| Want {
        session,
        counter,
        stamp,
        ..config_i()
    };
    let cases = [
        (
            r#"<189>98: [syslog@9 s_sn="9"]: *Jan  1 2006 23:15:29.365: %SYS-5-CONFIG_I: x"#,
            stamped(r#"[syslog@9 s_sn="9"]"#, "98", "*Jan  1 2006 23:15:29.365"),
        ),
        (
            r#"<189>102: [syslog@9 s_id="testswitch:514"]: *Jan  1 2006 23:16:34.813: %SYS-5-CONFIG_I: x"#,
            stamped(
                r#"[syslog@9 s_id="testswitch:514"]"#,
                "102",
                "*Jan  1 2006 23:16:34.813",
            ),
        ),
        (
            r#"<189>111: [syslog@9 s_sn="22" s_id="0.0.0.0:514"]: 000107: *Jan  1 2006 23:18:01.098: %SYS-5-CONFIG_I: x"#,
            Want {
                sequence: "000107",
                ..stamped(
                    r#"[syslog@9 s_sn="22" s_id="0.0.0.0:514"]"#,
                    "111",
                    "*Jan  1 2006 23:18:01.098",
                )
            },
        ),
        (
            r#"<189>165: [syslog@9 s_sn="84" s_id ="sw1:666"]: 000161: *Jan  2 00:20:41: %SYS-5-CONFIG_I: x"#,
            Want {
                sequence: "000161",
                ..stamped(
                    r#"[syslog@9 s_sn="84" s_id ="sw1:666"]"#,
                    "165",
                    "*Jan  2 00:20:41",
                )
            },
        ),
    ];
    for (line, want) in &cases {
        expect(Kind::Cisco, line, want);
    }
}

#[test]
fn captured_asa_lines_are_taken_apart() {
    let asa = |pri, mnemonic, severity| Want {
        pri: Some(pri),
        severity,
        facility: "ASA",
        mnemonic,
        body: "Built",
        ..Want::default()
    };
    let cases = [
        (
            "<166>Aug 15 2019 13:44:38: %ASA-6-305011: Built",
            Want {
                stamp: "Aug 15 2019 13:44:38",
                ..asa(166, "305011", 6)
            },
        ),
        (
            "<166>Mar 09 2017 10:25:04 MDF-ASA5515X : %ASA-6-305012: Built",
            Want {
                stamp: "Mar 09 2017 10:25:04",
                host: "MDF-ASA5515X",
                ..asa(166, "305012", 6)
            },
        ),
        ("<164>%ASA-4-106023: Built", asa(164, "106023", 4)),
        (
            "<164>HQ-ASA5585 : %ASA-4-106023: Built",
            Want {
                host: "HQ-ASA5585",
                ..asa(164, "106023", 4)
            },
        ),
        (
            "<166>:2018-06-27T12:17:46Z: %ASA-6-110002: Built",
            Want {
                stamp: "2018-06-27T12:17:46Z",
                ..asa(166, "110002", 6)
            },
        ),
        (
            "<166>2018-06-27T12:17:46Z asa : %ASA-6-110002: Built",
            Want {
                stamp: "2018-06-27T12:17:46Z",
                host: "asa",
                ..asa(166, "110002", 6)
            },
        ),
        (
            "<166>Nov 23 22:23:27 fw01 %ASA-6-302013: Built",
            Want {
                stamp: "Nov 23 22:23:27",
                host: "fw01",
                ..asa(166, "302013", 6)
            },
        ),
    ];
    for (line, want) in &cases {
        expect(Kind::Cisco, line, want);
    }
}

#[test]
fn relatives_of_the_ios_line_are_taken_apart() {
    let cases = [
        (
            "%SYS-5-CONFIG_I: x",
            Want {
                pri: None,
                ..config_i()
            },
        ),
        (
            "<189>: *Jan  2 00:10:53: %SYS-5-CONFIG_I: x",
            Want {
                stamp: "*Jan  2 00:10:53",
                ..config_i()
            },
        ),
        (
            "<189>00:00:46: %SYS-5-CONFIG_I: x",
            Want {
                stamp: "00:00:46",
                ..config_i()
            },
        ),
        (
            "<189>1d02h: %SYS-5-CONFIG_I: x",
            Want {
                stamp: "1d02h",
                ..config_i()
            },
        ),
        (
            "<189>3w1d: %SYS-5-CONFIG_I: x",
            Want {
                stamp: "3w1d",
                ..config_i()
            },
        ),
        // The device's own stamp beats the relay's.
        (
            "<189>Nov 23 22:23:30 10.1.1.1 7662: Nov 23 22:23:27.921: %SYS-5-CONFIG_I: x",
            Want {
                counter: "7662",
                host: "10.1.1.1",
                stamp: "Nov 23 22:23:27.921",
                ..config_i()
            },
        ),
        (
            "<189>: 2014 Jan 23 17:45:44.012 UTC: %SYS-5-CONFIG_I: x",
            Want {
                stamp: "2014 Jan 23 17:45:44.012 UTC",
                ..config_i()
            },
        ),
        (
            "<189>.Jan  2 00:10:53.001 UTC: %SYS-5-CONFIG_I : x",
            Want {
                stamp: ".Jan  2 00:10:53.001 UTC",
                ..config_i()
            },
        ),
    ];
    for (line, want) in &cases {
        expect(Kind::Cisco, line, want);
    }
    let line = parse(cases[1].0.as_bytes()).line;
    assert_eq!(text(line), "*Jan  2 00:10:53: %SYS-5-CONFIG_I: x");
    let line = parse(b"<189>1: r1: Nov 23 22:23:27.833 NewYork: %SYS-5-CONFIG_I: x").line;
    assert_eq!(
        text(line),
        "Nov 23 22:23:27.833 NewYork: %SYS-5-CONFIG_I: x"
    );
}

#[test]
fn a_facility_may_have_a_second_part() {
    let got = parse(b"<187>1: %CARD-SEATREADY-3-UPDOWN: y");
    assert_eq!(
        (text(got.facility), text(got.mnemonic)),
        ("CARD-SEATREADY".into(), "UPDOWN".into())
    );
    assert_eq!(got.severity, Severity::Errors);
}

#[test]
fn the_severity_of_the_header_beats_the_pri() {
    assert_eq!(
        parse(b"<190>5: %LINK-3-UPDOWN: y").severity,
        Severity::Errors
    );
}

#[test]
fn a_debug_line_has_neither_facility_nor_mnemonic() {
    expect(
        Kind::Debug,
        "<191>45: *Mar  1 00:00:12.345: IP: s=10.0.0.1 (local), d=10.0.0.2, len 100",
        &Want {
            pri: Some(191),
            severity: 7,
            body: "IP: s=10.0.0.1 (local), d=10.0.0.2, len 100",
            counter: "45",
            stamp: "*Mar  1 00:00:12.345",
            ..Want::default()
        },
    );
}

#[test]
fn rfc_3164_programs_become_facilities() {
    let program = |facility, body| Want {
        pri: Some(13),
        severity: 5,
        facility,
        mnemonic: "MSG",
        body,
        ..Want::default()
    };
    let cases = [
        (
            "<13>Oct 11 22:14:15 sshd[5]: unix-one",
            Want {
                stamp: "Oct 11 22:14:15",
                process: "5",
                ..program("sshd", "unix-one")
            },
        ),
        (
            "<34>Oct 11 22:14:15 mymachine su: 'su root' failed for lonvick on /dev/pts/8",
            Want {
                pri: Some(34),
                severity: 2,
                stamp: "Oct 11 22:14:15",
                host: "mymachine",
                ..program("su", "'su root' failed for lonvick on /dev/pts/8")
            },
        ),
        (
            "<13>Feb  5 17:32:18 10.0.0.99 Use the BFG!",
            Want {
                stamp: "Feb  5 17:32:18",
                host: "10.0.0.99",
                ..program("SYSLOG", "Use the BFG!")
            },
        ),
        (
            "Oct 11 22:14:15 host app[5]: file-one",
            Want {
                pri: None,
                stamp: "Oct 11 22:14:15",
                host: "host",
                process: "5",
                ..program("app", "file-one")
            },
        ),
        (
            "<13>postfix/smtpd[77]: connect",
            Want {
                process: "77",
                ..program("postfix/smtpd", "connect")
            },
        ),
        (
            "<13>Oct 11 22:14:15 fe80::1 kernel: [12.3] usb: %SYS-5-CONFIG_I: no",
            Want {
                stamp: "Oct 11 22:14:15",
                host: "fe80::1",
                ..program("kernel", "[12.3] usb: %SYS-5-CONFIG_I: no")
            },
        ),
    ];
    for (line, want) in &cases {
        expect(Kind::Program, line, want);
    }
}

#[test]
fn a_nil_host_is_no_host() {
    assert!(parse(b"<13>Oct 11 22:14:15 - app: x").host.is_empty());
}

#[test]
fn text_without_any_header_is_a_message() {
    let plain = |pri, severity, body| Want {
        pri,
        severity,
        facility: "SYSLOG",
        mnemonic: "MSG",
        body,
        ..Want::default()
    };
    for (line, want) in [
        ("hello world", plain(None, 5, "hello world")),
        ("<34>hello", plain(Some(34), 2, "hello")),
        ("<192>hello", plain(None, 5, "<192>hello")),
        ("<1", plain(None, 5, "<1")),
        ("", plain(None, 5, "")),
        (
            "http://example.org/ is up",
            plain(None, 5, "http://example.org/ is up"),
        ),
        ("100% of it", plain(None, 5, "100% of it")),
    ] {
        expect(Kind::Program, line, &want);
    }
}

#[test]
fn rfc_5424_messages_are_taken_apart() {
    let line = r#"<165>1 2003-10-11T22:14:15.003Z mymachine.example.com evntslog - ID47 [exampleSDID@32473 iut="3" eventID="10\"]11"] An entry"#;
    expect(
        Kind::Program,
        line,
        &Want {
            pri: Some(165),
            severity: 5,
            facility: "evntslog",
            mnemonic: "ID47",
            body: "An entry",
            host: "mymachine.example.com",
            stamp: "2003-10-11T22:14:15.003Z",
            ..Want::default()
        },
    );
    assert_eq!(
        text(parse(line.as_bytes()).structured),
        r#"[exampleSDID@32473 iut="3" eventID="10\"]11"]"#
    );
    let marked =
        parse(b"<34>1 2003-10-11T22:14:15.003Z h su - ID47 - \xef\xbb\xbf'su root' failed");
    assert_eq!(text(marked.body), "'su root' failed");
    let nothing = parse(b"<34>1 - - - - - -");
    assert_eq!(
        (
            text(nothing.facility),
            text(nothing.mnemonic),
            text(nothing.body)
        ),
        ("SYSLOG".into(), "MSG".into(), String::new())
    );
}

#[test]
fn what_ios_xe_calls_rfc_5424_is_a_cisco_message() {
    expect(
        Kind::Cisco,
        "<190>1 2019-10-04T14:05:28.546Z - - - - - BOM%SYS-6-LOGOUT: bye",
        &Want {
            pri: Some(190),
            severity: 6,
            facility: "SYS",
            mnemonic: "LOGOUT",
            body: "bye",
            stamp: "2019-10-04T14:05:28.546Z",
            ..Want::default()
        },
    );
}

#[test]
fn bytes_that_are_no_text_go_through() {
    let got = parse(b"<189>1: %SYS-5-CONFIG_I: \xff\xfe\x00end");
    assert_eq!(got.body, b"\xff\xfe\x00end");
}

#[test]
fn the_short_way_says_what_the_long_way_says() {
    let mut short = 0;
    let pieces: [&[&str]; 6] = [
        &["", "7", "000123", "123456789012345678901"],
        &[": ", ":", " "],
        &["", "*", ".", "x"],
        &[
            "Mar  1 18:46:11",
            "Dec 31 23:59:59.365",
            "Jan 40 00:00:00.",
            "Jan  1 2006 23:15:29",
            "Jun 3x 00:0a:00",
            "00:00:46",
        ],
        &["", " UTC", " NewYork", " ABCDEFGHI", " +02:00", " r1"],
        &[
            ": %SYS-5-CONFIG_I: x",
            ": %CARD-SEATREADY-3-UPDOWN: y",
            ": %VERYLONGFACILITY-3-UPDOWN : y",
            " %SYS-5-A: b",
            ": %SYS-9-A: b",
            ": no header",
            ":",
            "",
        ],
    ];
    let mut lines = vec![String::new()];
    for choices in pieces {
        let longer = |line: &String| {
            choices
                .iter()
                .map(|piece| format!("{line}{piece}"))
                .collect::<Vec<_>>()
        };
        lines = lines.iter().flat_map(longer).collect();
    }
    for line in lines {
        let bytes = line.as_bytes();
        let mut long = Parsed::default();
        if let Some(found) = super::cisco::usual(bytes, None, 0) {
            short += 1;
            assert!(super::cisco::cisco(bytes, 0, &mut long).is_some(), "{line}");
            assert_eq!(found, long, "{line}");
        }
    }
    assert!(short > 50, "{short}");
}
