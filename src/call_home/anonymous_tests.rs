//! What anonymous reports leave out, and when they come.

use super::*;
use crate::device::FixedFacts;

fn at(text: &str) -> DateTime<Utc> {
    text.parse().expect("an instant")
}

#[test]
fn addresses_of_every_kind_are_left_out_and_what_only_looks_alike_stays() {
    let left_out = |text: &str| without(text, &[]);
    for address in [
        "192.0.2.1",
        "2001:db8::1",
        "::1",
        "00:11:22:aa:BB:cc",
        "00-11-22-aa-bb-cc",
        "0011.22aa.bbcc",
        "root@example.com",
    ] {
        assert_eq!(
            left_out(&format!("a {address}, b")),
            "a *****, b",
            "{address}"
        );
        assert_eq!(left_out(address), "*****");
    }
    for other in [
        "up 10:11:12",
        "6.1.0-12",
        "a: b::",
        "Version 0.1.0",
        "50% - 60%",
    ] {
        assert_eq!(left_out(other), other);
    }
}

#[test]
fn names_are_left_out_in_any_case_but_not_inside_of_words() {
    let names = ["fw.example.com".to_owned(), "fw".to_owned()];
    assert_eq!(
        without("FW up, fw.example.com# /srv/fw_1 fwd", &names),
        "***** up, *****# /srv/*****_1 fwd"
    );
    assert_eq!(without("größe fw", &names), "größe *****");
}

#[test]
fn a_report_comes_once_a_month_for_years_and_never_twice_within_a_day() {
    for day in [1, 28] {
        let slot = Slot { day, minute: 1439 };
        let (mut last, since) = (None, at("2026-01-31T23:59:30Z"));
        let mut reports = Vec::new();
        for _ in 0..36 {
            let due = due(slot, last, since, None);
            reports.push(due);
            last = Some(due);
        }
        let months: Vec<u32> = reports.iter().map(Datelike::month).collect();
        assert!(reports.iter().all(|report| report.day() == day));
        for (earlier, later) in months.iter().zip(months.iter().skip(1)) {
            assert_eq!(*later, earlier % 12 + 1);
        }
    }
}

#[test]
fn a_start_reports_unless_the_last_report_is_fresh() {
    let slot = Slot { day: 10, minute: 0 };
    let begun = at("2026-03-20T00:00:00Z");
    let start = Some(begun + OF_A_START);
    assert_eq!(due(slot, None, begun, start), begun + OF_A_START);
    let fresh = begun - TimeDelta::hours(1);
    assert_eq!(due(slot, Some(fresh), begun, start), fresh + DAY);
    // Missed while the device was down: caught up once, with the start.
    let old = at("2026-01-10T00:00:00Z");
    assert!(due(slot, Some(old), begun, None) < begun);
}

#[test]
fn a_device_keeps_its_minute_and_devices_differ() {
    let slot = |serial: &str| {
        Slot::of(&FixedFacts {
            serial: Some(serial.to_owned()),
            ..FixedFacts::default()
        })
    };
    assert_eq!(slot("S1"), slot("S1"));
    assert_ne!(slot("S1"), slot("S2"));
    for serial in 0..1000 {
        let Slot { day, minute } = slot(&serial.to_string());
        assert!((1..=28).contains(&day) && minute < 1440);
    }
}
