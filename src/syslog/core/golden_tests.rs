//! Lines that were captured from devices, as what leaves here: the same settings, message, clock and numbers give the same
//! line. Where a line of ours differs on purpose, the deviation is named.

use std::sync::Arc;
use std::time::Duration;

use super::tests::{config, host, lines};
use super::{Core, Now};
use crate::config::RunningConfig;
use crate::config::clock::{Clock, Timezone};
use crate::config::logging::{
    Egress, Facility, Host, Logging, OriginId, SessionId, SessionKey, Timestamp, Transport, Trap,
};
use crate::config::logging_form::{AsaStamp, DeviceId};
use crate::config::system::System;
use crate::message::{Own, Severity};
use crate::syslog::plan::Plan;

/// A captured line and what the device that wrote it was told.
struct Captured {
    line: &'static str,
    settings: fn(&mut Logging),
    hostname: &'static str,
    /// Name and hours of `clock timezone`.
    zone: (&'static str, i32),
    /// In UTC.
    now: &'static str,
    uptime: u64,
    synchronised: bool,
    /// Numbers of the message: the device's, `service sequence-numbers`', the session's.
    numbers: (u64, u64, u64),
}

const CAPTURED: Captured = Captured {
    line: "",
    settings: |_| {},
    hostname: "ciscoasa",
    zone: ("UTC", 0),
    now: "2026-01-01T00:00:00Z",
    uptime: 0,
    synchronised: true,
    numbers: (1, 1, 1),
};

const DATE: Timestamp = Timestamp::Datetime {
    msec: false,
    localtime: true,
    show_timezone: false,
    year: false,
};
const MILLISECONDS: Timestamp = Timestamp::DEFAULT;
const WITH_ZONE: Timestamp = Timestamp::Datetime {
    msec: true,
    localtime: true,
    show_timezone: true,
    year: false,
};
const ALL: Timestamp = Timestamp::Datetime {
    msec: true,
    localtime: true,
    show_timezone: true,
    year: true,
};
const WITH_YEAR: Timestamp = Timestamp::Datetime {
    msec: true,
    localtime: false,
    show_timezone: false,
    year: true,
};

/// The device's session, over TCP to that port, with these options.
fn session(logging: &mut Logging, port: u16, change: impl FnOnce(&mut Host)) {
    host(logging, port, change);
}

/// As an ASA writes it: by an interface, over UDP.
fn asa(logging: &mut Logging, emblem: bool) {
    let key = SessionKey {
        host: "192.0.2.7".into(),
        vrf: None,
        transport: Transport::Udp,
        port: 514,
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

fn ios(logging: &mut Logging, stamp: Timestamp) {
    logging.timestamps.log = Some(stamp);
    session(logging, 601, |_| {});
}

const LINES: &[Captured] = &[
    Captured {
        line: "<189>30: *Jan  2 00:10:53: %SYS-5-CONFIG_I: Configured from console by console",
        settings: |logging| ios(logging, DATE),
        now: "2026-01-02T00:10:53Z",
        synchronised: false,
        numbers: (30, 1, 1),
        ..CAPTURED
    },
    Captured {
        line: "<189>7662: Nov 23 22:23:27.921 NewYork: %SEC_LOGIN-5-LOGIN_SUCCESS: Login Success [user: admin]",
        settings: |logging| ios(logging, WITH_ZONE),
        zone: ("NewYork", -5),
        now: "2026-11-24T03:23:27.921Z",
        numbers: (7662, 1, 1),
        ..CAPTURED
    },
    Captured {
        line: "<188>179767: fakhost: Nov 23 22:23:27.833 NewYork: %SW_MATM-4-MACFLAP_NOTIF: Host aaaa.bbbb.cccc in vlan 7 is flapping",
        settings: |logging| {
            logging.origin_id = Some(OriginId::Hostname);
            ios(logging, WITH_ZONE);
        },
        hostname: "fakhost",
        zone: ("NewYork", -5),
        now: "2026-11-24T03:23:27.833Z",
        numbers: (179_767, 1, 1),
        ..CAPTURED
    },
    Captured {
        line: "<190>421370: 421366: Nov 23 22:23:27: %SEC-6-IPACCESSLOGP: list ACL-SSH permitted tcp 192.0.2.1(4711) -> 0.0.0.0(22), 1 packet",
        settings: |logging| {
            logging.sequence_numbers = true;
            ios(logging, DATE);
        },
        now: "2026-11-23T22:23:27Z",
        numbers: (421_370, 421_366, 1),
        ..CAPTURED
    },
    Captured {
        line: "<165>7433: ASR920: 007439: 2y10w: %SEC_LOGIN-5-LOGIN_SUCCESS: Login Success",
        settings: |logging| {
            logging.facility = Some(Facility(20));
            logging.origin_id = Some(OriginId::Hostname);
            logging.sequence_numbers = true;
            ios(logging, Timestamp::Uptime);
        },
        hostname: "ASR920",
        uptime: (2 * 365 + 10 * 7) * 86_400,
        numbers: (7433, 7439, 1),
        ..CAPTURED
    },
    Captured {
        line: "<189>3132813: custom.string: 3132809: Jul 11 2023 19:32:08.116 UTC: %SYS-5-CONFIG_I: Configured from console by admin on vty0 (192.0.2.1)",
        settings: |logging| {
            logging.origin_id = Some(OriginId::Text("custom.string".into()));
            logging.sequence_numbers = true;
            ios(logging, ALL);
        },
        now: "2023-07-11T19:32:08.116Z",
        numbers: (3_132_813, 3_132_809, 1),
        ..CAPTURED
    },
    // No link has an address yet.
    Captured {
        line: "<189>3132785: 0.0.0.0: 3132781: Jul 11 2023 19:30:04.771 UTC: %SYS-5-CONFIG_I: Configured from console",
        settings: |logging| {
            logging.origin_id = Some(OriginId::Ip);
            logging.sequence_numbers = true;
            ios(logging, ALL);
        },
        now: "2023-07-11T19:30:04.771Z",
        numbers: (3_132_785, 3_132_781, 1),
        ..CAPTURED
    },
    Captured {
        line: "<190>3132783: ::: 3132779: Jul 11 2023 19:25:44.568 UTC: %SYS-6-LOGOUT: User admin has exited tty session 2(192.0.2.1)",
        settings: |logging| {
            logging.origin_id = Some(OriginId::Ipv6);
            logging.sequence_numbers = true;
            ios(logging, ALL);
        },
        now: "2023-07-11T19:25:44.568Z",
        numbers: (3_132_783, 3_132_779, 1),
        ..CAPTURED
    },
    Captured {
        line: r#"<190>98: [syslog@9 s_sn="9"]: *Jan  1 2006 23:15:29.365: %SYS-6-LOGGINGHOST_STARTSTOP: Logging to host 192.0.2.7 port 514 started - CLI initiated"#,
        settings: |logging| {
            logging.timestamps.log = Some(WITH_YEAR);
            session(logging, 601, |host| host.sequence_num_session = true);
        },
        now: "2006-01-01T23:15:29.365Z",
        synchronised: false,
        numbers: (98, 1, 9),
        ..CAPTURED
    },
    Captured {
        line: r#"<190>102: [syslog@9 s_id="testswitch:514"]: *Jan  1 2006 23:16:34.813: %SYS-6-LOGGINGHOST_STARTSTOP: Logging to host 192.0.2.7 port 514 started - CLI initiated"#,
        settings: |logging| {
            logging.timestamps.log = Some(WITH_YEAR);
            session(logging, 514, |host| {
                host.session_id = Some(SessionId::Hostname)
            });
        },
        hostname: "testswitch",
        now: "2006-01-01T23:16:34.813Z",
        synchronised: false,
        numbers: (102, 1, 1),
        ..CAPTURED
    },
    Captured {
        line: r#"<189>111: [syslog@9 s_sn="22" s_id="0.0.0.0:514"]: 000107: *Jan  1 2006 23:18:01.098: %SYS-5-CONFIG_I: Configured from console"#,
        settings: |logging| {
            logging.timestamps.log = Some(WITH_YEAR);
            logging.sequence_numbers = true;
            session(logging, 514, |host| {
                host.sequence_num_session = true;
                host.session_id = Some(SessionId::Ipv4);
            });
        },
        now: "2006-01-01T23:18:01.098Z",
        synchronised: false,
        numbers: (111, 107, 22),
        ..CAPTURED
    },
    // The image that wrote it has a blank before the equals sign (D39).
    Captured {
        line: r#"<187>165: [syslog@9 s_sn="84" s_id="sw1:666"]: 000161: *Jan  2 00:20:41: %LINK-3-UPDOWN: Interface GigabitEthernet0/15, changed state to down"#,
        settings: |logging| {
            logging.timestamps.log = Some(DATE);
            logging.sequence_numbers = true;
            session(logging, 666, |host| {
                host.sequence_num_session = true;
                host.session_id = Some(SessionId::Text("sw1".into()));
            });
        },
        now: "2026-01-02T00:20:41Z",
        synchronised: false,
        numbers: (165, 161, 84),
        ..CAPTURED
    },
    // Of the counted frame of IOS XE without its quirks (D22).
    Captured {
        line: "<190>1 2019-10-04T14:05:28.546Z router SYS - LOGOUT - %SYS-6-LOGOUT: User admin has exited tty session 1",
        settings: |logging| {
            logging.trap = Some(Trap::On {
                level: None,
                rfc5424: true,
            });
            ios(logging, MILLISECONDS);
        },
        hostname: "router",
        now: "2019-10-04T14:05:28.546Z",
        ..CAPTURED
    },
    // The session's element where RFC 5424 has a place for it.
    Captured {
        line: r#"<190>1 2019-10-04T14:05:28.546Z router SYS - LOGOUT [syslog@9 s_sn="9" s_id="router:601"] %SYS-6-LOGOUT: User admin has exited tty session 1"#,
        settings: |logging| {
            logging.trap = Some(Trap::On {
                level: None,
                rfc5424: true,
            });
            session(logging, 601, |host| {
                host.sequence_num_session = true;
                host.session_id = Some(SessionId::Hostname);
            });
        },
        hostname: "router",
        now: "2019-10-04T14:05:28.546Z",
        numbers: (98, 1, 9),
        ..CAPTURED
    },
    Captured {
        line: "<166>Aug 15 2019 13:44:38: %ASA-6-305011: Built dynamic UDP translation from inside:192.0.2.1/68 to outside:192.0.2.2/68",
        settings: |logging| {
            logging.form.timestamp = Some(AsaStamp::Plain);
            asa(logging, false);
        },
        now: "2019-08-15T13:44:38.9Z",
        ..CAPTURED
    },
    Captured {
        line: "<166>Mar 09 2017 10:25:04 MDF-ASA5515X : %ASA-6-305012: Teardown dynamic TCP translation",
        settings: |logging| {
            logging.form.timestamp = Some(AsaStamp::Plain);
            logging.form.device_id = Some(DeviceId::Hostname);
            asa(logging, false);
        },
        hostname: "MDF-ASA5515X",
        zone: ("EST", -5),
        now: "2017-03-09T15:25:04Z",
        ..CAPTURED
    },
    Captured {
        line: "<164>%ASA-4-106023: Deny udp src dmz:192.0.2.22/123 dst outside:192.0.2.77/123",
        settings: |logging| asa(logging, false),
        ..CAPTURED
    },
    Captured {
        line: "<164>HQ-ASA5585 : %ASA-4-106023: Deny udp src dmz:192.0.2.22/123 dst outside:192.0.2.77/123",
        settings: |logging| {
            logging.form.device_id = Some(DeviceId::Text("HQ-ASA5585".into()));
            asa(logging, false);
        },
        ..CAPTURED
    },
    Captured {
        line: "<166>:2018-06-27T12:17:46Z: %ASA-6-110002: Failed to locate egress interface for protocol from src",
        settings: |logging| {
            logging.form.timestamp = Some(AsaStamp::Rfc5424);
            logging.form.device_id = Some(DeviceId::Hostname);
            asa(logging, true);
        },
        zone: ("CET", 1),
        now: "2018-06-27T12:17:46.2Z",
        ..CAPTURED
    },
    Captured {
        line: "<166>2018-06-27T12:17:46Z asa : %ASA-6-110002: Failed to locate egress interface for protocol from src",
        settings: |logging| {
            logging.form.timestamp = Some(AsaStamp::Rfc5424);
            logging.form.device_id = Some(DeviceId::Hostname);
            asa(logging, false);
        },
        hostname: "asa",
        now: "2018-06-27T12:17:46.2Z",
        ..CAPTURED
    },
];

/// The message of a line, `%FAC-SEV-MNEM: body`, as the device's own.
fn message(line: &str) -> Own {
    let (_, header) = line.split_once('%').expect("a header");
    let (header, body) = header.split_once(": ").expect("a body");
    let mut words = header.splitn(3, '-');
    let mut word = || words.next().expect("three words");
    let (facility, severity, mnemonic) = (word(), word(), word());
    Own {
        facility: facility.into(),
        severity: Severity::from_keyword(severity).expect("a severity"),
        mnemonic: mnemonic.into(),
        body: body.to_owned(),
    }
}

fn device(captured: &Captured) -> RunningConfig {
    let mut device = config(captured.settings);
    device.system = Arc::new(System {
        hostname: Some(captured.hostname.into()),
        ..System::default()
    });
    device.clock = Arc::new(Clock {
        timezone: Some(Timezone {
            name: captured.zone.0.into(),
            hours: captured.zone.1,
            minutes: 0,
        }),
        summer_time: None,
    });
    device
}

#[test]
fn captured_lines_are_written_as_they_were_captured() {
    for captured in LINES {
        let now = Now {
            monotonic: Duration::from_secs(captured.uptime),
            utc: captured.now.parse().expect("a time"),
            uptime: Duration::from_secs(captured.uptime),
            synchronised: Some(captured.synchronised),
        };
        let mut core = Core::new(Arc::new(Plan::from(&device(captured))), now);
        core.link_up(0, None, false);
        let (number, sequence, of_session) = captured.numbers;
        core.set_numbers(number, sequence, of_session);
        core.own(&message(captured.line));
        core.fold();
        let sent: Vec<String> = match core.plan().hosts[0].key.transport {
            Transport::Udp => core
                .datagrams(0)
                .map(|datagram| String::from_utf8_lossy(datagram).into_owned())
                .collect(),
            _ => lines(&mut core, 0),
        };
        let sent = sent.concat();
        // What counts octets has its count before it.
        let counted = format!("{} {}", captured.line.len(), captured.line);
        let is_counted = captured.line.starts_with("<190>1 ");
        assert_eq!(
            sent,
            if is_counted {
                counted.as_str()
            } else {
                captured.line
            }
        );
    }
}

/// Every line above reads back as the message that it carries, at the time it carries.
#[test]
fn what_is_written_is_read_back() {
    for captured in LINES {
        let parsed = crate::message::parse(captured.line.as_bytes());
        let own = message(captured.line);
        assert_eq!(
            parsed.facility,
            own.facility.as_bytes(),
            "{}",
            captured.line
        );
        assert_eq!(parsed.severity, own.severity, "{}", captured.line);
        assert_eq!(
            parsed.mnemonic,
            own.mnemonic.as_bytes(),
            "{}",
            captured.line
        );
        assert_eq!(parsed.body, own.body.as_bytes(), "{}", captured.line);
    }
}

impl Core {
    /// As if so many messages had gone before.
    fn set_numbers(&mut self, number: u64, sequence: u64, of_session: u64) {
        self.renderer.set_numbers(number - 1, sequence - 1);
        if let Some(remote) = self.remotes.first_mut() {
            remote.set_number(of_session - 1);
        }
    }
}
