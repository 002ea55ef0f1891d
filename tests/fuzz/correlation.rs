//! Random and mutated messages through sessions that correlate, at random times: nothing panics, every message is accounted
//! for, and what is kept stays within its bounds.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;

use chrono::DateTime;
use watchfire::config::RunningConfig;
use watchfire::config::correlator::{CorrelatorRule, Header};
use watchfire::config::discriminator::{Discriminator, DiscriminatorName, Flapping, Match, Sense};
use watchfire::config::logging::{Host, Logging, SessionKey, Transport, Trap};
use watchfire::message::Severity;
use watchfire::syslog::core::{Core, Now};
use watchfire::syslog::plan::Plan;

use super::random::Random;

const SEEDS: [&str; 8] = [
    "<187>44: sw1: Mar  1 18:48:50: %LINK-3-UPDOWN: Interface Gi0/1, changed state to down",
    "<189>45: sw1: Mar  1 18:48:51: %LINK-5-UPDOWN: Interface Gi0/1, changed state to up",
    "<189>46: sw1: Mar  1 18:48:52: %OSPF-5-ADJCHG: Process 1, Nbr 10.0.0.1 on Gi0/1 from FULL to DOWN, Neighbor Down: Dead timer expired",
    "%EIGRP-5-NBRCHANGE: Neighbor 10.1.1.1 (Gi0/1) is down: holding time expired",
    "<34>Oct 11 22:14:15 mymachine su[12]: 'su root' failed",
    "<165>1 2003-10-11T22:14:15.003Z h app 8 ID47 [x@1 a=\"b\\\"]\"] link restored.",
    "up",
    "<1",
];
const LIKELY: &[u8] = b"<>:%-[]. ,:updownUPfull/_\"\\ 0123456789\r\n\0\xff\xef";

fn at(milliseconds: u64) -> Now {
    Now {
        monotonic: Duration::from_millis(milliseconds),
        utc: DateTime::from_timestamp(1_772_390_771, 0).unwrap_or_default(),
        uptime: Duration::from_millis(milliseconds),
        synchronised: None,
    }
}

fn plan() -> Arc<Plan> {
    let mut logging = Logging {
        trap: Some(Trap::On {
            level: Some(Severity::Debugging),
            rfc5424: false,
        }),
        ..Logging::default()
    };
    let header = |facility: &str, mnemonic: &str| Header {
        facility: facility.into(),
        mnemonic: mnemonic.into(),
    };
    let rule = CorrelatorRule {
        timeout: Some(3),
        cause: Some(header("LINK", "UPDOWN")),
        symptoms: vec![header("OSPF", "ADJCHG"), header("SU", "MSG")],
        applied: true,
    };
    Arc::make_mut(&mut logging.correlator).insert("r".into(), rule);
    let flapping = Some(Flapping {
        changes: 2,
        within: 5,
    });
    let sender = Some(Match {
        sense: Sense::Drops,
        pattern: "10.0.0.2/31".into(),
    });
    for (port, duplicates, flapping, sender) in [
        (601, Some(2), None, None),
        (602, None, flapping, None),
        (603, Some(4), flapping, sender),
        (604, None, None, None),
    ] {
        let text = port.to_string();
        let name = DiscriminatorName::new(&text).expect("a short name");
        let discriminator = Discriminator {
            duplicates,
            flapping,
            sender,
            ..Discriminator::default()
        };
        Arc::make_mut(&mut logging.discriminators).insert(name.clone(), Arc::new(discriminator));
        let key = SessionKey {
            host: "192.0.2.7".into(),
            vrf: None,
            transport: Transport::Tcp,
            port,
            channel: None,
        };
        let host = Host {
            discriminator: Some(name),
            ..Host::default()
        };
        logging.hosts.set(key, host);
    }
    let config = RunningConfig {
        logging: Arc::new(logging),
        ..RunningConfig::default()
    };
    Arc::new(Plan::from(&config))
}

#[test]
fn whatever_is_said_and_whenever_every_message_is_accounted_for() {
    let mut random = Random::new(9);
    let mut core = Core::new(plan(), at(0));
    let mut now = 0;
    for round in 0..60_000 {
        if random.once_in(4) {
            now += random.below(1500) as u64;
            core.begin(at(now));
        }
        let text = if random.once_in(2) {
            random.pick(&SEEDS).as_bytes().to_vec()
        } else {
            random.mutated(&SEEDS, LIKELY, 2)
        };
        let peer = IpAddr::V4(Ipv4Addr::new(10, 0, 0, random.below(4) as u8));
        core.message(Some(peer), &text);
        if round % 100 > 0 {
            continue;
        }
        if random.once_in(10) {
            core.close_windows();
        }
        for session in 0..core.sessions() {
            let c = core.host(session);
            assert_eq!(
                c.received,
                c.delivered + c.filtered + c.rate_limited + c.merged + c.queued + c.overflowed
            );
            assert_eq!(c.offered + c.summaries, c.below_level + c.received);
        }
    }
    for session in 0..4 {
        let merged = core.host(session).merged;
        assert!(merged > 100, "{session}: {merged}");
    }
}
