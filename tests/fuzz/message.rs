//! Random and mutated bytes through the parser and the core: nothing panics, every part is a piece of what came in, and
//! every frame that leaves is whole.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;

use chrono::DateTime;
use watchfire::config::RunningConfig;
use watchfire::config::clock::{Clock, SummerTime};
use watchfire::config::logging::{Egress, Host, Logging, Output, SessionKey, Transport, Trap};
use watchfire::config::logging_form::{AsaStamp, DebugTrace, DeviceId};
use watchfire::message::{Kind, Severity, parse};
use watchfire::syslog::core::{Core, Now};
use watchfire::syslog::plan::Plan;

use super::random::Random;

const SEEDS: [&str; 18] = [
    "<189>30: *Jan  2 00:10:53: %SYS-5-CONFIG_I: Configured from console by console",
    "<189>7662: Nov 23 22:23:27.921 NewYork: %SEC_LOGIN-5-LOGIN_SUCCESS: Login Success",
    "<165>7433: ASR920: 007439: 2y10w: %SEC_LOGIN-5-LOGIN_SUCCESS: x",
    "<190>3132783: ::: 3132779: Jul 11 2023 19:25:44.568 UTC: %SYS-5-CONFIG_I: x",
    "<189>111: [syslog@9 s_sn=\"22\" s_id=\"0.0.0.0:514\"]: 000107: *Jan  1 2006 23:18:01.098: %SYS-5-CONFIG_I: x",
    "<166>Mar 09 2017 10:25:04 MDF-ASA5515X : %ASA-6-305012: Built",
    "<166>:2018-06-27T12:17:46Z: %ASA-6-110002: Failed",
    "<166>Nov 23 22:23:27 fw01 %ASA-6-302013: Built",
    "<189>Nov 23 22:23:30 10.1.1.1 7662: Nov 23 22:23:27.921: %SYS-5-CONFIG_I: x",
    "<189>: 2014 Jan 23 17:45:44.012 UTC: %ETHPORT-5-IF_UP : x",
    "<191>45: *Mar  1 00:00:12.345: IP: s=10.0.0.1 (local)",
    "<34>Oct 11 22:14:15 mymachine su[12]: 'su root' failed",
    "<13>Feb  5 17:32:18 10.0.0.99 Use the BFG!",
    "<165>1 2003-10-11T22:14:15.003Z h evntslog 8 ID47 [x@1 a=\"b\\\"]\"] An entry",
    "<190>1 2019-10-04T14:05:28.546Z - - - - - BOM%SYS-6-LOGOUT: bye",
    "<187>1: %CARD-SEATREADY-3-UPDOWN: y",
    "just text",
    "<1",
];

/// Bytes that headers are made of, and some that they are not.
const LIKELY: &[u8] = b"<>:%-[]. *+/_\"\\ 0123456789 JanMarOct ABC \r\n\0\xff\xef\xbb\xbf";

fn message(random: &mut Random) -> Vec<u8> {
    if random.once_in(8) {
        return random.bytes(LIKELY, 120);
    }
    random.mutated(&SEEDS, LIKELY, 5)
}

#[test]
fn every_part_is_a_piece_of_the_message() {
    let mut random = Random::new(1);
    for _ in 0..60_000 {
        let bytes = message(&mut random);
        let parsed = parse(&bytes);
        let whole = bytes.as_ptr_range();
        for part in [
            parsed.facility,
            parsed.mnemonic,
            parsed.body,
            parsed.counter,
            parsed.sequence,
            parsed.host,
            parsed.session,
            parsed.stamp,
            parsed.text,
            parsed.line,
            parsed.process,
            parsed.structured,
        ] {
            let range = part.as_ptr_range();
            let is_inside = whole.start <= range.start && range.end <= whole.end;
            assert!(
                part.is_empty() || is_inside || part == b"SYSLOG" || part == b"MSG",
                "{bytes:?}"
            );
        }
        assert!(
            bytes.ends_with(parsed.body) && parsed.text.ends_with(parsed.body),
            "{bytes:?}"
        );
        assert!(
            parsed.line.is_empty() || bytes.ends_with(parsed.line),
            "{bytes:?}"
        );
        match parsed.kind {
            Kind::Cisco => assert!(
                !parsed.facility.is_empty() && !parsed.mnemonic.is_empty(),
                "{bytes:?}"
            ),
            Kind::Debug => assert!(
                parsed.facility.is_empty() && parsed.mnemonic.is_empty(),
                "{bytes:?}"
            ),
            Kind::Program => assert!(parsed.line.is_empty(), "{bytes:?}"),
        }
        if let (Some(pri), true) = (parsed.pri, parsed.kind != Kind::Cisco) {
            assert_eq!(parsed.severity.number(), pri & 7, "{bytes:?}");
        }
    }
}

fn config(rfc5424: bool) -> RunningConfig {
    let mut logging = Logging {
        trap: Some(Trap::On {
            level: Some(Severity::Debugging),
            rfc5424,
        }),
        ..Logging::default()
    };
    for (port, transport, output) in [
        (601, Transport::Tcp, None),
        (602, Transport::Tcp, Some(Output::Xml)),
        (514, Transport::Udp, None),
    ] {
        let key = SessionKey {
            host: "192.0.2.7".into(),
            vrf: None,
            transport,
            port,
            channel: None,
        };
        logging.hosts.set(
            key,
            Host {
                output,
                sequence_num_session: true,
                ..Host::default()
            },
        );
    }
    RunningConfig {
        logging: Arc::new(logging),
        ..RunningConfig::default()
    }
}

fn now() -> Now {
    Now {
        monotonic: Duration::ZERO,
        utc: DateTime::from_timestamp(1_772_390_771, 0).unwrap_or_default(),
        uptime: Duration::ZERO,
        synchronised: None,
    }
}

fn core(rfc5424: bool) -> Core {
    let mut core = Core::new(Arc::new(Plan::from(&config(rfc5424))), now());
    for session in 0..core.sessions() {
        core.link_up(session, None, false);
    }
    core
}

/// What a stream session has to write, all taken.
fn take(core: &mut Core, session: usize) -> Vec<u8> {
    let bytes = core.bytes(session).to_vec();
    core.advance(session, bytes.len());
    bytes
}

#[test]
fn every_line_that_leaves_is_one_message() {
    let mut random = Random::new(2);
    let mut core = core(false);
    let far: IpAddr = Ipv4Addr::new(10, 0, 0, 9).into();
    for _ in 0..20_000 {
        let bytes = message(&mut random);
        let taken = core.message((random.below(2) == 0).then_some(far), &bytes);
        for session in 0..2 {
            let out = take(&mut core, session);
            assert_eq!(
                out.iter().filter(|byte| **byte == b'\n').count(),
                usize::from(taken),
                "{bytes:?}"
            );
            assert!(
                !taken || out.starts_with(b"<") && out.ends_with(b"\n"),
                "{bytes:?}"
            );
        }
        assert_eq!(core.datagrams(2).count(), usize::from(taken), "{bytes:?}");
        core.advance_datagrams(2, 1);
    }
}

#[test]
fn every_counted_frame_has_its_length_and_reads_back_the_same() {
    let mut random = Random::new(3);
    let mut core = core(true);
    for _ in 0..20_000 {
        let bytes = message(&mut random);
        if !core.message(None, &bytes) {
            continue;
        }
        let out = take(&mut core, 0);
        let blank = out
            .iter()
            .position(|byte| *byte == b' ')
            .unwrap_or_default();
        let length: usize = String::from_utf8_lossy(&out[..blank])
            .parse()
            .unwrap_or_default();
        assert_eq!(out.len(), blank + 1 + length, "{bytes:?}");
        let read = parse(&out[blank + 1..]);
        assert!(
            read.pri.is_some() && !read.host.is_empty() && !read.stamp.is_empty(),
            "{bytes:?}"
        );
        assert!(read.structured.starts_with(b"[syslog@9 s_sn="), "{bytes:?}");
    }
}

/// A device whose sessions have an ASA's forms, stamps in a zone with a summer, and a name for itself.
fn asa(rfc5424: bool) -> Core {
    let mut device = config(false);
    let mut logging = Logging {
        trap: device.logging.trap.clone(),
        ..Logging::default()
    };
    logging.form.timestamp = Some(if rfc5424 {
        AsaStamp::Rfc5424
    } else {
        AsaStamp::Plain
    });
    logging.form.device_id = Some(DeviceId::Hostname);
    logging.form.emblem = true;
    logging.form.debug_trace = Some(DebugTrace { persistent: false });
    for (port, emblem) in [(514, false), (515, true)] {
        let key = SessionKey {
            host: "192.0.2.7".into(),
            vrf: None,
            transport: Transport::Udp,
            port,
            channel: None,
        };
        let egress = Egress {
            interface: "outside".into(),
            emblem,
            reference_identity: None,
        };
        let host = Host {
            egress: Some(egress),
            ..Host::default()
        };
        logging.hosts.set(key, host);
    }
    device.logging = Arc::new(logging);
    device.clock = Arc::new(Clock {
        timezone: None,
        summer_time: Some(SummerTime {
            name: "SUM".into(),
            rule: None,
            offset: None,
        }),
    });
    let mut core = Core::new(Arc::new(Plan::from(&device)), now());
    for session in 0..core.sessions() {
        core.link_up(session, None, false);
    }
    core
}

#[test]
fn every_line_of_an_asas_form_is_one_message_and_keeps_its_header() {
    let mut random = Random::new(4);
    let far: IpAddr = Ipv4Addr::new(10, 0, 0, 9).into();
    for rfc5424 in [false, true] {
        let mut core = asa(rfc5424);
        for _ in 0..20_000 {
            // Line ends become blanks before anybody reads it.
            let mut bytes = message(&mut random);
            bytes.retain(|byte| !b"\r\n\0".contains(byte));
            if !core.message((random.below(2) == 0).then_some(far), &bytes) {
                continue;
            }
            let came = parse(&bytes);
            for session in 0..2 {
                let lines: Vec<Vec<u8>> = core.datagrams(session).map(<[u8]>::to_vec).collect();
                core.advance_datagrams(session, 1);
                let [line] = lines.as_slice() else {
                    panic!("{} lines of {bytes:?}", lines.len());
                };
                assert!(
                    line.starts_with(b"<") && !line.contains(&b'\n'),
                    "{bytes:?}"
                );
                let went = parse(line);
                assert!(went.pri.is_some(), "{bytes:?}");
                if came.kind == Kind::Debug {
                    assert!(
                        line.windows(15).any(|w| w == b"%ASA-7-711001: "),
                        "{bytes:?}"
                    );
                }
                if came.kind == Kind::Cisco && came.host.is_empty() {
                    let header = (came.facility, came.severity, came.mnemonic);
                    assert_eq!(
                        (went.facility, went.severity, went.mnemonic),
                        header,
                        "{}",
                        String::from_utf8_lossy(line)
                    );
                }
            }
        }
        assert!(!core.buffer().is_empty());
    }
}
