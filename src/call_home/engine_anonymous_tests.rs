//! Anonymous reports and outputs of an operator's commands, from the room's door to whoever gets them.

use super::*;
use crate::config::call_home::AnonymousReporting;
use crate::vendor;

const FAILED: &str = "503 Service Unavailable";

/// A profile for anonymous reports alone; the operator is somebody whose name must not be told.
fn reporting(urls: &[&str]) -> RunningConfig {
    let mut config = config(urls, |profile| profile.anonymous_only = true);
    let call_home = Arc::make_mut(&mut config.call_home);
    call_home.contact_name = Some("Ada Lovelace".into());
    call_home.street_address = Some("12 St James's Square".into());
    call_home.customer_id = Some("Analytical-Engines".into());
    call_home.site_id = Some("LONDON-9".into());
    call_home.phone_number = Some("+44 20 7946 0000".into());
    let system = Arc::make_mut(&mut config.system);
    system.hostname = Some("engine-room".into());
    system.anonymous = AnonymousReporting::Enabled;
    config
}

/// What every command prints: everything that there is to know about somebody.
fn telltale() -> Collect {
    Arc::new(|lines| {
        let output = |line: &Arc<str>| {
            let text = "engine-room up 2 days 10:11:12\nSerial Number: S1\nENGINE-ROOM#\n\
                        eth0 10.20.30.40/24, fe80::1, 52:54:00:ab:cd:ef, 5254.00ab.cdef\n\
                        noc@example.com Ada Lovelace LONDON-9 Analytical-Engines\n\
                        Watchfire Software Version 0.1.0\n";
            (line.to_string(), text.to_owned())
        };
        lines.iter().map(output).collect()
    })
}

const IDENTIFYING: [&str; 12] = [
    "engine-room",
    "ENGINE-ROOM",
    ":S1:",
    "Number: S1",
    "@S1",
    "10.20.30.40",
    "fe80::1",
    "52:54:00",
    "5254.00ab",
    "noc@example.com",
    "Lovelace",
    "LONDON-9",
];

#[test]
fn a_test_of_anonymous_reporting_is_tried_three_times_with_one_id_and_tells_nobodys_name() {
    let (url, bodies) = answers(&[FAILED, "404 Not Found", "200 OK"]);
    let bench = Bench::with_collect(reporting(&[&url]), LOOPBACK, telltale());
    assert_eq!(
        bench.lines(Do::TestAnonymous),
        [
            format!("INFO: Sending test message to {url}..."),
            format!("INFO: Try 1 of 3 failed: HTTP_STATUS({FAILED})"),
            "INFO: Try 2 of 3 failed: HTTP_STATUS(404 Not Found)".to_owned(),
            "INFO: Succeeded".to_owned(),
        ]
    );
    let first = bodies.recv().expect("a post");
    assert_eq!(bodies.recv().expect("another"), first);
    assert_eq!(bodies.recv().expect("the last"), first);
    for value in IDENTIFYING {
        assert!(!first.contains(value), "{value} in {first}");
    }
    for told in ["Watchfire Software Version 0.1.0", "10:11:12", "up 2 days"] {
        assert!(first.contains(told), "{told} in {first}");
    }
    assert_eq!(bench.counts().sent, 1);
}

#[test]
fn what_three_tries_do_not_bring_is_dropped_and_said_so() {
    let (url, _bodies) = answers(&[FAILED; 3]);
    let bench = Bench::new(reporting(&[&url]), LOOPBACK);
    let lines = bench.lines(Do::TestAnonymous);
    let last = format!("ERROR: Failed: HTTP_STATUS({FAILED})");
    assert_eq!(lines.last(), Some(&last));
    let log = bench.log.take();
    let said = |number: &str| log.iter().filter(|line| line.contains(number)).count();
    assert_eq!(
        (said("%ASA-4-120006"), said("%ASA-4-120005")),
        (3, 1),
        "{log:?}"
    );
    let status = bench.room.status();
    assert_eq!((status.failed, status.dropped), (3, 1));
    assert_eq!(status.statistics.accepted, 0, "nothing waits anywhere");
}

#[test]
fn the_vendor_is_not_asked_without_the_second_word_and_smart_call_home_may_be_off() {
    let mut config = config(&[], |_| {});
    Arc::make_mut(&mut config.call_home).service = false;
    let bench = Bench::new(config.clone(), LOOPBACK);
    let url = vendor::COLLECTOR_URL;
    assert_eq!(
        bench.lines(Do::TestAnonymous),
        [
            format!("INFO: Sending test message to {url}..."),
            "ERROR: Failed: VENDOR_DENIED(configure call-home vendor permit)".to_owned(),
        ]
    );
    Arc::make_mut(&mut config.call_home).vendor_permit = true;
    // Nowhere is permitted: every try ends before anything leaves.
    let mut permitted = config;
    let system = Arc::make_mut(&mut permitted.system);
    let address = std::net::IpAddr::from([192, 0, 2, 1]);
    Arc::make_mut(&mut system.names).insert(address, vendor::COLLECTOR.into());
    let bench = Bench::new(permitted, LOOPBACK);
    let lines = bench.lines(Do::TestAnonymous);
    let last = lines.last().expect("a line");
    assert!(last.contains("NOT_PERMITTED"), "{last}");
}

#[test]
fn outputs_of_commands_are_mailed_as_a_long_text_with_the_number_of_the_case() {
    let server = delivery::sink(1, |_| None);
    let config = delivery::by_mail(&[], &[&server]);
    let bench = Bench::new(config, LOOPBACK);
    let action = Do::SendCommands {
        commands: vec!["show version".into(), "show clock".into()],
        email: Some("a@example.com".into()),
        service_number: Some("600000001".into()),
    };
    assert_eq!(
        bench.lines(action),
        [
            "INFO: Sending command message to a@example.com...",
            "INFO: Succeeded",
        ]
    );
    let mail = server.mail();
    assert_eq!(mail.to, ["<a@example.com>"]);
    let head = mail.text.iter().take_while(|line| !line.is_empty());
    let head: Vec<&str> = head.map(String::as_str).collect();
    assert!(head.concat().contains("SR 600000001"), "{head:?}");
}

#[test]
fn without_an_address_they_are_for_the_vendor_who_has_to_be_permitted() {
    let server = delivery::sink(1, |_| None);
    let bench = Bench::new(delivery::by_mail(&[], &[&server]), LOOPBACK);
    let action = Do::SendCommands {
        commands: vec!["show version".into()],
        email: None,
        service_number: None,
    };
    assert_eq!(
        bench.lines(action),
        [
            "INFO: Sending command message to attach@cisco.com...",
            "ERROR: Failed: VENDOR_DENIED(configure call-home vendor permit)",
        ]
    );
}

#[test]
fn a_group_that_is_switched_while_the_module_runs_says_so() {
    let mut config = config(&[], |_| {});
    let bench = Bench::new(config.clone(), LOOPBACK);
    assert!(bench.publish(2, config.clone()));
    bench.log.take();
    let call_home = Arc::make_mut(&mut config.call_home);
    call_home.disabled_groups.insert(AlertGroup::Syslog);
    assert!(bench.publish(3, config.clone()));
    Arc::make_mut(&mut config.call_home).disabled_groups.clear();
    assert!(bench.publish(4, config));
    assert_eq!(
        bench.log.take(),
        [
            "%ASA-5-120009: SCH client syslog is deactivated.",
            "%ASA-5-120008: SCH client syslog is activated.",
        ]
    );
}
