//! What is said of links and what is remembered of outages.

use chrono::{DateTime, TimeZone, Utc};

use super::*;

fn key() -> SessionKey {
    SessionKey {
        host: "192.0.2.1".into(),
        vrf: None,
        transport: Transport::Tcp,
        port: 601,
        channel: None,
    }
}

fn named(key: &SessionKey) -> Named<'_> {
    Named {
        key,
        nameif: None,
        permits: false,
    }
}

fn utc(secs: u64) -> DateTime<Utc> {
    let start = Utc.with_ymd_and_hms(2026, 3, 1, 18, 0, 0).single();
    start.expect("a time that exists") + Duration::from_secs(secs)
}

fn secs(secs: u64) -> Now {
    let monotonic = Duration::from_secs(secs);
    Now {
        monotonic,
        utc: utc(secs),
        uptime: monotonic,
        synchronised: Some(true),
    }
}

fn counters(overflowed: u64) -> Counters {
    Counters {
        overflowed,
        ..Counters::default()
    }
}

/// As a collector reads them.
fn lines(said: Vec<Own>) -> Vec<String> {
    let line = |own: Own| {
        let Own {
            facility,
            severity,
            mnemonic,
            body,
        } = own;
        format!("%{facility}-{}-{mnemonic}: {body}", severity.number())
    };
    said.into_iter().map(line).collect()
}

#[test]
fn an_outage_is_said_once_and_its_end_with_what_it_cost() {
    let (key, mut outage) = (key(), Outage::default());
    assert_eq!(
        lines(outage.fails(named(&key), "connection refused", counters(1), &secs(100))),
        ["%SYS-3-LOGGINGHOST_FAIL: Logging to host 192.0.2.1 port 601 failed"]
    );
    let again = outage.fails(named(&key), "timed out", counters(1), &secs(170));
    assert_eq!(again, []);
    assert_eq!(
        lines(outage.returns(named(&key), counters(8), 3, &secs(190))),
        [
            "%SYS-6-LOGGINGHOST_STARTSTOP: Logging to host 192.0.2.1 port 601 started - reconnection (down 90 s, overflowed 7, repeated 3)"
        ]
    );
}

#[test]
fn a_first_connection_is_no_return() {
    let key = key();
    let said = Outage::default().returns(named(&key), counters(0), 0, &secs(1));
    assert_eq!(said, []);
}

#[test]
fn a_flapping_link_is_said_at_most_once_a_minute() {
    let (key, mut outage) = (key(), Outage::default());
    let mut said = 0;
    for second in 0..120 {
        let now = secs(second);
        said += outage.fails(named(&key), "", counters(0), &now).len();
        said += outage.returns(named(&key), counters(0), 0, &now).len();
    }
    assert_eq!(said, 4);
}

#[test]
fn an_overflow_is_said_when_it_starts() {
    let (key, mut outage) = (key(), Outage::default());
    assert_eq!(
        lines(outage.overflows(named(&key), &secs(0))),
        [
            "%SYS-4-LOGGINGHOST_OVERFLOW: Logging to host 192.0.2.1 port 601: queue is full, messages are discarded"
        ]
    );
    assert_eq!(outage.overflows(named(&key), &secs(100)), []);
    outage.has_room();
    assert_eq!(outage.overflows(named(&key), &secs(200)).len(), 1);
    outage.has_room();
    assert_eq!(outage.overflows(named(&key), &secs(201)), []);
}

#[test]
fn a_stream_that_leaves_by_an_interface_is_spoken_of_as_an_asa_does_too() {
    let key = key();
    let mut named = Named {
        nameif: Some("inside"),
        permits: true,
        ..named(&key)
    };
    let mut outage = Outage::default();
    let mut said = outage.fails(named, "timed out", counters(0), &secs(0));
    said.extend(outage.returns(named, counters(0), 0, &secs(1)));
    named.permits = false;
    said.extend(outage.overflows(named, &secs(2)));
    let said = lines(said);
    let of_asa: Vec<_> = said
        .iter()
        .filter(|line| line.starts_with("%ASA"))
        .collect();
    assert_eq!(said.len(), 6);
    assert_eq!(
        of_asa,
        [
            "%ASA-3-414003: TCP Syslog Server inside: 192.0.2.1/601 not responding. New connections are permitted based on logging permit-hostdown policy.",
            "%ASA-3-414005: TCP Syslog Server inside: 192.0.2.1/601 connected. New connections are permitted based on logging permit-hostdown policy.",
            "%ASA-3-414006: TCP Syslog Server configured and logging queue is full. New connections are permitted."
        ]
    );
}

#[test]
fn an_asa_says_nothing_of_datagrams() {
    let key = SessionKey {
        transport: Transport::Udp,
        ..key()
    };
    let named = Named {
        nameif: Some("inside"),
        ..named(&key)
    };
    let said = Outage::default().fails(named, "no route", counters(0), &secs(0));
    assert_eq!(said.len(), 1);
}

#[test]
fn an_outage_is_remembered_with_its_reason_its_peak_and_its_cost() {
    let (key, mut outage) = (key(), Outage::default());
    let waiting = |messages, bytes| Queue {
        messages,
        bytes,
        ..Queue::default()
    };
    outage.waits(waiting(900, 90_000));
    outage.fails(named(&key), "connection refused", counters(2), &secs(5));
    outage.waits(waiting(30, 4000));
    outage.waits(waiting(20, 5000));
    let lasting = api::Outage {
        from: utc(5),
        to: None,
        reason: "connection refused".into(),
        queue_peak: 30,
        queue_peak_bytes: 5000,
        overflowed: 1,
        repeated: 4,
    };
    assert_eq!(outage.list(counters(3), 4), std::slice::from_ref(&lasting));
    outage.returns(named(&key), counters(3), 4, &secs(65));
    let ended = api::Outage {
        to: Some(utc(65)),
        ..lasting
    };
    assert_eq!(outage.list(counters(90), 0), [ended]);
}

#[test]
fn sixteen_outages_are_remembered_the_lasting_one_among_them() {
    let (key, mut outage) = (key(), Outage::default());
    for second in 0..40 {
        outage.fails(named(&key), "", counters(0), &secs(2 * second));
        outage.returns(named(&key), counters(0), 0, &secs(2 * second + 1));
    }
    let began = |outage: &Outage| -> Vec<_> {
        let list = outage.list(counters(0), 0);
        list.iter().map(|outage| outage.from).collect()
    };
    let expected = |seconds: std::ops::RangeInclusive<u64>| -> Vec<_> {
        seconds.map(|second| utc(2 * second)).collect()
    };
    assert_eq!(began(&outage), expected(24..=39));
    outage.fails(named(&key), "", counters(0), &secs(80));
    assert_eq!(began(&outage), expected(25..=40));
}

#[test]
fn configuration_names_the_session_and_its_vrf() {
    let key = SessionKey {
        vrf: Some("Mgmt".into()),
        ..key()
    };
    assert_eq!(
        started(&[&key])[0].body,
        "Logging to host 192.0.2.1 port 601 (Mgmt) started - CLI initiated"
    );
    assert_eq!(
        stopped(&[&key])[0].body,
        "Logging to host 192.0.2.1 port 601 (Mgmt) stopped - CLI initiated"
    );
}

#[test]
fn very_many_sessions_are_counted_instead_of_named() {
    let keys: Vec<SessionKey> = (1..=17).map(|port| SessionKey { port, ..key() }).collect();
    let keys: Vec<&SessionKey> = keys.iter().collect();
    let said = started(&keys);
    assert_eq!(said.len(), 1);
    assert_eq!(said[0].body, "Logging to 17 hosts started - CLI initiated");
    assert_eq!(started(&keys[1..]).len(), 16);
}
