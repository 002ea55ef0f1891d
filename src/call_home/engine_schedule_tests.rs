//! What the clock makes the room send: to whom, with what, and how often.

use super::*;
use crate::config::call_home::{Export, Periodic, TimeOfDay};

/// Forty minutes after the beginning, on 21 November 2029.
const THREE: Periodic = Periodic::Daily {
    time: Some(TimeOfDay {
        hour: 15,
        minute: 0,
    }),
};

const HOUR: Duration = Duration::from_secs(3600);

/// Subscribes to the groups at three o'clock.
fn at_three(groups: &[AlertGroup]) -> impl FnOnce(&mut Profile) {
    move |profile| {
        for group in groups {
            let subscription = Subscription {
                periodic: Some(THREE),
                ..Subscription::default()
            };
            profile.subscriptions.groups.insert(*group, subscription);
        }
    }
}

/// The next message; a test that gets none tells what was said.
fn arrived(bench: &Bench, bodies: &Receiver<String>) -> String {
    let arrived = bodies.recv_timeout(Duration::from_secs(10));
    arrived.unwrap_or_else(|_| panic!("no message; said {:?}", bench.log.take()))
}

#[test]
fn what_is_due_goes_to_the_profile_that_scheduled_it_alone() {
    let (url, bodies) = collector("200 OK", 2);
    let mut config = config(&[&url], at_three(&[AlertGroup::Telemetry]));
    let mut other = Profile::clone(&config.call_home.profiles["ops"]);
    other.http = vec![HttpDestination {
        url: "http://127.0.0.1:9/".into(),
        reference_identity: None,
    }];
    let subscription = Subscription::default();
    let groups = &mut other.subscriptions.groups;
    groups.insert(AlertGroup::Telemetry, subscription);
    Arc::make_mut(&mut config.call_home)
        .profiles
        .insert("lab".into(), Arc::new(other));
    let bench = Bench::new(config, LOOPBACK);
    assert!(bench.log.wait_for("Call-Home Module started"));
    bench.clock.advance(HOUR);
    let body = arrived(&bench, &bodies);
    assert!(body.contains("<ch:Type>telemetry</ch:Type>"), "{body}");
    assert!(bench.log.wait_for("delivered"));
    // The next day's is the next one; a message of its own tells that nothing came between.
    bench.clock.advance(24 * HOUR);
    let body = arrived(&bench, &bodies);
    assert!(body.contains("2029-11-22 15:"), "{body}");
    let said = bench.log.take();
    assert!(
        !said.iter().any(|line| line.contains("127.0.0.1:9")),
        "{said:?}"
    );
}

#[test]
fn a_minimum_leaves_the_two_configurations_out() {
    let (url, bodies) = collector("200 OK", 1);
    let config = config(&[&url], |profile| {
        let subscription = Subscription {
            export: Some(Export::Minimum),
            periodic: Some(THREE),
            ..Subscription::default()
        };
        let groups = &mut profile.subscriptions.groups;
        groups.insert(AlertGroup::Configuration, subscription);
    });
    let bench = Bench::new(config, LOOPBACK);
    assert!(bench.log.wait_for("Call-Home Module started"));
    bench.clock.advance(HOUR);
    let body = arrived(&bench, &bodies);
    assert!(body.contains("<aml-block:Name>show context"), "{body}");
    for long in ["show running-config", "show startup-config"] {
        assert!(!body.contains(long), "{long} in {body}");
    }
}

#[test]
fn a_snapshot_has_the_operators_commands() {
    let (url, bodies) = collector("200 OK", 1);
    let mut config = config(&[&url], at_three(&[AlertGroup::Snapshot]));
    Arc::make_mut(&mut config.call_home).snapshot_commands = vec!["show clock".into()];
    let bench = Bench::new(config, LOOPBACK);
    assert!(bench.log.wait_for("Call-Home Module started"));
    bench.clock.advance(HOUR);
    let body = arrived(&bench, &bodies);
    assert!(body.contains("output of show clock"), "{body}");
}

#[test]
fn the_room_tells_when_each_message_is_due() {
    let config = config(&[], at_three(&[AlertGroup::Telemetry]));
    let bench = Bench::new(config, LOOPBACK);
    assert!(bench.room.taken_over().wait(1, Duration::from_secs(10)));
    let schedules = bench.room.schedules();
    let telemetry = schedules.iter().find(|it| *it.profile == *"ops");
    let next = telemetry
        .and_then(|it| it.next.ok()?)
        .map(|next| next.to_rfc3339());
    assert_eq!(next.as_deref(), Some("2029-11-21T15:00:00+00:00"));
}
