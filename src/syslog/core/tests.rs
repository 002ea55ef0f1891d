//! What leaves for what came in: each form of line, who gets it and how that counts, on plans made from configurations.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;

use chrono::DateTime;

use super::{Core, Now};
use crate::config::RunningConfig;
use crate::config::discriminator::{Discriminator, DiscriminatorName, Match, Sense};
use crate::config::logging::{
    Facility, Host, Local, LocalSession, Logging, OriginId, Output, SessionId, SessionKey,
    Timestamp, Transport, Trap,
};
use crate::message::{Own, Severity};
use crate::syslog::api::Listener;
use crate::syslog::plan::Plan;

pub(super) const UPDOWN: &str =
    "<187>44: Mar  1 18:48:50.483 UTC: %LINK-3-UPDOWN: Interface Gi0/1, changed state to down";
pub(super) const CONFIG: &str =
    "<189>45: Mar  1 18:48:51.001 UTC: %SYS-5-CONFIG_I: Configured from console";

/// A turn that begins `seconds` after the process started.
pub(super) fn at(seconds: u64) -> Now {
    Now {
        monotonic: Duration::from_secs(seconds),
        utc: DateTime::from_timestamp(1_772_390_771, 485_000_000).unwrap_or_default(),
        uptime: Duration::from_secs(46 + seconds),
        synchronised: Some(true),
    }
}

pub(super) fn config(change: impl FnOnce(&mut Logging)) -> RunningConfig {
    let mut logging = Logging {
        trap: Some(Trap::On {
            level: Some(Severity::Debugging),
            rfc5424: false,
        }),
        ..Logging::default()
    };
    change(&mut logging);
    RunningConfig {
        logging: Arc::new(logging),
        ..RunningConfig::default()
    }
}

pub(super) fn key(transport: Transport, port: u16) -> SessionKey {
    SessionKey {
        host: "192.0.2.7".into(),
        vrf: None,
        transport,
        port,
        channel: None,
    }
}

/// Adds a TCP session.
pub(super) fn host(logging: &mut Logging, port: u16, change: impl FnOnce(&mut Host)) {
    let mut host = Host::default();
    change(&mut host);
    logging.hosts.set(key(Transport::Tcp, port), host);
}

pub(super) fn name(text: &str) -> DiscriminatorName {
    DiscriminatorName::new(text).expect("a test's names are short")
}

pub(super) fn define(logging: &mut Logging, text: &str, discriminator: Discriminator) {
    Arc::make_mut(&mut logging.discriminators).insert(name(text), Arc::new(discriminator));
}

pub(super) fn plan(config: &RunningConfig) -> Arc<Plan> {
    Arc::new(Plan::from(config))
}

/// A core with every link up.
pub(super) fn core(change: impl FnOnce(&mut Logging)) -> Core {
    let mut core = Core::new(plan(&config(change)), at(0));
    for session in 0..core.sessions() {
        core.link_up(session, Some(Ipv4Addr::new(192, 0, 2, 1).into()), false);
    }
    core
}

pub(super) fn receive(core: &mut Core, lines: &[&str]) {
    for line in lines {
        assert!(
            core.message(Some(Ipv4Addr::LOCALHOST.into()), line.as_bytes()),
            "{line}"
        );
    }
    core.fold();
}

/// Writes all that a session has, and what it was.
pub(super) fn written(core: &mut Core, session: usize) -> Vec<u8> {
    let mut all = Vec::new();
    while !core.bytes(session).is_empty() {
        all.extend_from_slice(core.bytes(session));
        core.advance(session, core.bytes(session).len());
    }
    all
}

pub(super) fn lines(core: &mut Core, session: usize) -> Vec<String> {
    let all = String::from_utf8_lossy(&written(core, session)).into_owned();
    all.lines().map(str::to_owned).collect()
}

/// One line in, the line that leaves.
fn through(change: impl FnOnce(&mut Logging), line: &str) -> String {
    let mut core = core(|logging| {
        host(logging, 601, |_| {});
        change(logging);
    });
    receive(&mut core, &[line]);
    lines(&mut core, 0).concat()
}

pub(super) fn includes(pattern: &str) -> Option<Match> {
    Some(Match {
        sense: Sense::Includes,
        pattern: pattern.into(),
    })
}

#[test]
fn the_devices_number_replaces_the_received_one() {
    let line = through(|_| {}, UPDOWN);
    assert_eq!(
        line,
        "<187>1: Mar  1 18:48:50.483 UTC: %LINK-3-UPDOWN: Interface Gi0/1, changed state to down"
    );
}

#[test]
fn without_message_counter_the_number_and_its_colon_are_gone() {
    let line = through(
        |logging| logging.message_counter_syslog = Some(false),
        UPDOWN,
    );
    assert!(
        line.starts_with("<187>Mar  1 18:48:50.483 UTC: %LINK-3-UPDOWN: "),
        "{line}"
    );
}

#[test]
fn service_sequence_numbers_put_six_digits_before_the_stamp() {
    let line = through(
        |logging| logging.sequence_numbers = true,
        "<189>7: 000009: *Jan  2 00:10:53: %SYS-5-CONFIG_I: x",
    );
    assert_eq!(line, "<189>1: 000001: *Jan  2 00:10:53: %SYS-5-CONFIG_I: x");
}

#[test]
fn a_received_stamp_stays_as_it_came() {
    for stamp in [
        "*Mar  1 18:46:11.485",
        ".Jan  1 2006 23:15:29.365",
        "2y10w",
        "Nov 23 22:23:27.921 NewYork",
    ] {
        let line = through(|_| {}, &format!("<189>7: {stamp}: %SYS-5-CONFIG_I: x"));
        assert_eq!(line, format!("<189>1: {stamp}: %SYS-5-CONFIG_I: x"));
    }
}

#[test]
fn the_severity_of_the_message_beats_its_pri_and_the_facility_is_received_configured_or_default() {
    assert!(
        through(|_| {}, "<166>%LINK-3-UPDOWN: x").starts_with("<163>"),
        "local4 with severity 3"
    );
    assert!(
        through(|_| {}, "%LINK-3-UPDOWN: x").starts_with("<187>"),
        "local7 where there is no PRI"
    );
    assert!(
        through(|_| {}, "%ASA-6-305011: x").starts_with("<166>"),
        "20 for messages of ASA form"
    );
    assert!(
        through(|_| {}, "just text").starts_with("<13>"),
        "13 for text"
    );
    let fixed = through(
        |logging| logging.facility = Some(Facility(16)),
        "<187>%LINK-3-UPDOWN: x",
    );
    assert!(fixed.starts_with("<131>"), "{fixed}");
}

#[test]
fn a_foreign_message_carries_its_host_as_origin() {
    let mut core = core(|logging| host(logging, 601, |_| {}));
    let far: IpAddr = Ipv4Addr::new(10, 34, 7, 1).into();
    for (sender, line) in [
        (
            Some(far),
            "<189>1: *Jan  2 00:10:53: %SYS-5-CONFIG_I: unnamed",
        ),
        (
            Some(far),
            "<189>1: r1: *Jan  2 00:10:53: %SYS-5-CONFIG_I: named",
        ),
        (
            Some("::1".parse().expect("an address")),
            "<189>1: *Jan  2 00:10:53: %SYS-5-CONFIG_I: here",
        ),
        (
            None,
            "<189>1: ciscoasa: *Jan  2 00:10:53: %SYS-5-CONFIG_I: ours",
        ),
        (
            Some("2001:db8::5".parse().expect("an address")),
            "<189>1: *Jan  2 00:10:53: %SYS-5-CONFIG_I: six",
        ),
    ] {
        core.message(sender, line.as_bytes());
    }
    assert_eq!(
        lines(&mut core, 0),
        [
            "<189>1: 10.34.7.1: *Jan  2 00:10:53: %SYS-5-CONFIG_I: unnamed",
            "<189>2: r1: *Jan  2 00:10:53: %SYS-5-CONFIG_I: named",
            "<189>3: *Jan  2 00:10:53: %SYS-5-CONFIG_I: here",
            "<189>4: *Jan  2 00:10:53: %SYS-5-CONFIG_I: ours",
            "<189>5: 2001:db8::5: *Jan  2 00:10:53: %SYS-5-CONFIG_I: six",
        ]
    );
}

#[test]
fn a_configured_origin_names_us_on_our_own_lines() {
    let cases = [
        (OriginId::Hostname, "ciscoasa"),
        (OriginId::Ip, "192.0.2.1"),
        (OriginId::Ipv6, "::"),
        (OriginId::Text("edge 7".into()), "edge 7"),
    ];
    for (origin, text) in cases {
        let mut core = core(|logging| {
            host(logging, 601, |_| {});
            logging.origin_id = Some(origin);
        });
        core.own(&Own::sys(Severity::Notifications, "CONFIG_I", "x"));
        core.message(
            Some(Ipv4Addr::new(10, 0, 0, 1).into()),
            b"<189>1: r1: %SYS-5-CONFIG_I: foreign",
        );
        let got = lines(&mut core, 0);
        assert_eq!(
            got[0],
            format!("<189>1: {text}: Mar  1 18:46:11.485: %SYS-5-CONFIG_I: x")
        );
        assert_eq!(
            got[1],
            "<189>2: r1: Mar  1 18:46:11.485: %SYS-5-CONFIG_I: foreign"
        );
    }
}

#[test]
fn our_own_stamp_shows_the_state_of_the_clock() {
    let mut core = core(|logging| host(logging, 601, |_| {}));
    let own = Own::sys(Severity::Notifications, "RESTART", "x");
    let unknown = Now {
        synchronised: Some(false),
        ..at(0)
    };
    let mut never = Core::new(core.plan().clone(), unknown);
    never.link_up(0, None, false);
    never.own(&own);
    assert!(lines(&mut never, 0)[0].contains(": *Mar  1 18:46:11.485: "));
    core.own(&own);
    assert!(lines(&mut core, 0)[0].contains(": Mar  1 18:46:11.485: "));
    core.begin(unknown);
    core.own(&own);
    assert!(lines(&mut core, 0)[0].contains(": .Mar  1 18:46:11.485: "));
}

#[test]
fn service_timestamps_stamps_what_brought_no_stamp() {
    let stamped = |stamp| {
        through(
            |logging| logging.timestamps.log = Some(stamp),
            "<189>%SYS-5-CONFIG_I: x",
        )
    };
    assert_eq!(stamped(Timestamp::Off), "<189>1: %SYS-5-CONFIG_I: x");
    assert_eq!(
        stamped(Timestamp::Uptime),
        "<189>1: 00:00:46: %SYS-5-CONFIG_I: x"
    );
    let full = Timestamp::Datetime {
        msec: false,
        localtime: false,
        show_timezone: true,
        year: true,
    };
    assert_eq!(
        stamped(full),
        "<189>1: Mar  1 2026 18:46:11 UTC: %SYS-5-CONFIG_I: x"
    );
}

#[test]
fn other_programs_take_the_cisco_form() {
    let line = through(
        |_| {},
        "<38>Oct 11 22:14:15 web1 sshd[5]: Accepted password",
    );
    assert_eq!(
        line,
        "<38>1: web1: Oct 11 22:14:15: %SSHD-6-MSG: Accepted password"
    );
    let line = through(
        |_| {},
        "<165>1 2003-10-11T22:14:15.003Z h evntslog 8 ID47 - An entry",
    );
    assert_eq!(
        line,
        "<165>1: h: 2003-10-11T22:14:15.003Z: %EVNTSLOG-5-ID47: An entry"
    );
}

#[test]
fn a_debug_line_gets_no_header() {
    let line = through(|_| {}, "<191>45: *Mar  1 00:00:12.345: IP: s=10.0.0.1");
    assert_eq!(line, "<191>1: *Mar  1 00:00:12.345: IP: s=10.0.0.1");
}

#[test]
fn line_ends_inside_become_blanks_and_other_bytes_pass() {
    let mut core = core(|logging| host(logging, 601, |_| {}));
    assert!(core.message(None, b"<189>%SYS-5-CONFIG_I: a\r\nb\xff\x1b[2Jc\n\0"));
    assert!(written(&mut core, 0).ends_with(b": %SYS-5-CONFIG_I: a  b\xff\x1b[2Jc\n"));
    assert!(
        !core.message(None, b"\r\n\0\n"),
        "an empty frame is no message"
    );
    assert_eq!(core.device().received_by_inputs, 1);
}

#[test]
fn session_number_and_id_stand_in_one_element() {
    let mut core = core(|logging| {
        host(logging, 601, |h| {
            h.sequence_num_session = true;
            h.session_id = Some(SessionId::Text("edge-7".into()));
        });
        host(logging, 602, |h| h.session_id = Some(SessionId::Hostname));
        host(logging, 603, |h| h.session_id = Some(SessionId::Ipv4));
        host(logging, 604, |h| h.sequence_num_session = true);
    });
    receive(&mut core, &[UPDOWN, CONFIG]);
    let heads: Vec<_> = (0..4)
        .map(|session| lines(&mut core, session)[1].clone())
        .collect();
    assert!(heads[0].starts_with(
        r#"<189>2: [syslog@9 s_sn="2" s_id="edge-7:601"]: Mar  1 18:48:51.001 UTC: %SYS"#
    ));
    assert!(
        heads[1].starts_with(r#"<189>2: [syslog@9 s_id="ciscoasa:602"]: Mar"#),
        "{}",
        heads[1]
    );
    assert!(
        heads[2].starts_with(r#"<189>2: [syslog@9 s_id="192.0.2.1:603"]: Mar"#),
        "{}",
        heads[2]
    );
    assert!(
        heads[3].starts_with(r#"<189>2: [syslog@9 s_sn="2"]: Mar"#),
        "{}",
        heads[3]
    );
}

#[test]
fn rfc_5424_counts_octets_and_fills_its_fields() {
    let mut core = core(|logging| {
        logging.trap = Some(Trap::On {
            level: Some(Severity::Debugging),
            rfc5424: true,
        });
        host(logging, 601, |h| h.sequence_num_session = true);
        host(logging, 602, |_| {});
    });
    let far = Some(Ipv4Addr::new(10, 0, 0, 9).into());
    core.message(
        far,
        b"<187>44: Mar  1 18:46:10.483 UTC: %LINK-3-UPDOWN: down",
    );
    core.message(
        far,
        b"<165>1 2026-03-01T18:46:09.003Z h evntslog 8 ID47 [x@1 a=\"b\"] \xef\xbb\xbfAn entry",
    );
    core.message(None, b"<13>no stamp");
    core.own(&Own::asa(
        Severity::Notifications,
        111_008,
        "User 'x' executed",
    ));
    let numbered = String::from_utf8_lossy(&written(&mut core, 0)).into_owned();
    let first = r#"<187>1 2026-03-01T18:46:10.483Z 10.0.0.9 LINK - UPDOWN [syslog@9 s_sn="1"] %LINK-3-UPDOWN: down"#;
    assert!(
        numbered.starts_with(&format!("{} {first}", first.len())),
        "{numbered}"
    );
    let plain = String::from_utf8_lossy(&written(&mut core, 1)).into_owned();
    let want = [
        "<187>1 2026-03-01T18:46:10.483Z 10.0.0.9 LINK - UPDOWN - %LINK-3-UPDOWN: down",
        r#"<165>1 2026-03-01T18:46:09.003Z h evntslog 8 ID47 [x@1 a="b"] An entry"#,
        "<13>1 2026-03-01T18:46:11.485Z ciscoasa SYSLOG - MSG - no stamp",
        "<165>1 2026-03-01T18:46:11.485Z ciscoasa ASA - 111008 - %ASA-5-111008: User 'x' executed",
    ];
    assert_eq!(
        plain,
        want.map(|line| format!("{} {line}", line.len())).concat()
    );
}

#[test]
fn an_xml_session_gets_elements() {
    let line = through(
        |logging| {
            logging.hosts.set(
                key(Transport::Tcp, 601),
                Host {
                    output: Some(Output::Xml),
                    ..Host::default()
                },
            )
        },
        "<189>7: 00:04:20: %SYS-5-CONFIG_I: by <console>",
    );
    let want = "<189><ios-log-msg><facility>SYS</facility><severity>5</severity><msg-id>CONFIG_I</msg-id>\
                <time>00:04:20</time><args><arg id=\"0\">by &lt;console&gt;</arg></args></ios-log-msg>";
    assert_eq!(line, want);
}

#[test]
fn a_datagram_is_cut_at_8192_octets_and_counted() {
    let mut core = core(|logging| logging.hosts.set(key(Transport::Udp, 514), Host::default()));
    let long = format!("<189>1: %SYS-5-CONFIG_I: {}", "x".repeat(9000));
    receive(&mut core, &[&long, UPDOWN]);
    let lengths: Vec<_> = core.datagrams(0).map(<[u8]>::len).collect();
    assert_eq!((lengths.len(), lengths[0]), (2, 8192));
    assert!(
        core.datagrams(0)
            .nth(1)
            .is_some_and(|d| d.starts_with(b"<187>2: ") && !d.ends_with(b"\n"))
    );
    core.advance_datagrams(0, 1);
    assert_eq!(
        (
            core.host(0).delivered,
            core.host(0).cut,
            core.queue(0).messages
        ),
        (1, 1, 1)
    );
}

#[test]
fn what_a_relay_wrapped_leaves_as_the_device_said_it() {
    let wrapped =
        "<189>1 2026-03-01T18:46:11Z sw1 30 - - - *Mar  1 18:46:10.123: %SYS-3-CONFIG_I: x";
    assert_eq!(
        through(|_| {}, wrapped),
        "<187>1: sw1: *Mar  1 18:46:10.123: %SYS-3-CONFIG_I: x"
    );
    let of_xr =
        "<187>9: RP/0/RSP0/CPU0:Mar  1 18:46:11.485 UTC: ifmgr[227]: %PKT_INFRA-LINK-3-UPDOWN : y";
    assert_eq!(
        through(|_| {}, of_xr),
        "<187>1: Mar  1 18:46:11.485 UTC: %PKT_INFRA-LINK-3-UPDOWN : y"
    );
    let kernel = "<14>Mar  1 18:46:11 kernel: text";
    assert_eq!(
        through(|_| {}, kernel),
        "<14>1: Mar  1 18:46:11: %KERNEL-6-MSG: text"
    );
}

#[test]
fn a_datagram_is_not_cut_within_a_character() {
    for filling in ["\u{e9}", "\u{20ac}", "\u{1f525}"] {
        let mut core = core(|logging| logging.hosts.set(key(Transport::Udp, 514), Host::default()));
        for shift in ["", "x", "xx", "xxx"] {
            let body = format!("{shift}{}", filling.repeat(6000));
            receive(&mut core, &[&format!("%SYS-5-CONFIG_I: {body}")]);
        }
        for datagram in core.datagrams(0) {
            assert!((8189..=8192).contains(&datagram.len()), "{filling}");
            assert!(std::str::from_utf8(datagram).is_ok(), "{filling}");
        }
        assert_eq!((core.datagrams(0).count(), core.host(0).cut), (4, 4));
    }
    let mut core = core(|logging| logging.hosts.set(key(Transport::Udp, 514), Host::default()));
    core.message(None, &[b"%SYS-5-CONFIG_I: ", &[0x9f; 9000][..]].concat());
    let no_text = core.datagrams(0).next().map_or(0, <[u8]>::len);
    assert_eq!(no_text, 8192, "what is no UTF-8 has no characters to spare");
}

#[test]
fn lines_inside_the_device_have_neither_pri_nor_number() {
    let mut core = core(|logging| {
        logging.console = Some(Local::On(LocalSession {
            level: Some(Severity::Errors),
            ..LocalSession::default()
        }));
        logging.monitor = Some(Local::On(LocalSession::default()));
    });
    core.listen(Listener::Console, true);
    core.listen(Listener::Monitor, true);
    core.message(Some(Ipv4Addr::new(10, 0, 0, 1).into()), UPDOWN.as_bytes());
    core.message(None, CONFIG.as_bytes());
    let line = b"Mar  1 18:48:50.483 UTC: %LINK-3-UPDOWN: Interface Gi0/1, changed state to down";
    assert_eq!(
        core.take_lines(Listener::Console)
            .iter()
            .map(|l| &**l)
            .collect::<Vec<_>>(),
        [line]
    );
    assert_eq!(core.take_lines(Listener::Monitor).len(), 2);
    assert!(core.take_lines(Listener::Monitor).is_empty());
    let buffer = core.buffer();
    assert_eq!(buffer.split(|b| *b == b'\n').next(), Some(line.as_slice()));
    assert_eq!(
        (
            core.buffered().delivered,
            core.terminal(Listener::Console).below_level
        ),
        (2, 1)
    );
    core.clear_buffer();
    assert!(core.buffer().is_empty());
}
