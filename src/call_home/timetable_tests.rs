//! What is due on a clock that runs, stands, jumps and is set back, over restarts at any moment.

use proptest::prelude::*;

use super::*;
use crate::config::call_home::TimeOfDay;
use crate::message::zone::{Rule, Summer, Turn, Week, Zone};

fn utc(text: &str) -> DateTime<Utc> {
    text.parse().expect("a time")
}

fn berlin() -> Zone {
    let turn = |month, minutes| Turn {
        week: Week::Last,
        weekday: chrono::Weekday::Sun,
        month,
        minutes,
    };
    Zone {
        name: "CET".into(),
        seconds: 3600,
        summer: Some(Summer {
            name: "CEST".into(),
            seconds: 3600,
            rule: Rule::Recurring {
                start: turn(3, 120),
                end: turn(10, 180),
            },
        }),
    }
}

fn key(group: AlertGroup) -> Key {
    Key {
        profile: "ops".into(),
        group,
    }
}

fn wanted(periodics: &[(AlertGroup, Periodic)]) -> BTreeMap<Key, Wanted> {
    let wanted = |(group, periodic): &(AlertGroup, Periodic)| {
        let plan = Plan::new("S1", "ops", *group, *periodic, None);
        let periodic = *periodic;
        (key(*group), Wanted { periodic, plan })
    };
    periodics.iter().map(wanted).collect()
}

fn daily() -> BTreeMap<Key, Wanted> {
    let time = TimeOfDay { hour: 9, minute: 0 };
    wanted(&[(AlertGroup::Telemetry, Periodic::Daily { time: Some(time) })])
}

/// A device that wants its daily telemetry from now on.
fn begun(now: &str) -> Timetable {
    let mut timetable = Timetable::default();
    timetable.take_over(daily(), utc(now));
    timetable
}

/// How many things run at that time; each of them ends.
fn run(timetable: &mut Timetable, now: &str) -> usize {
    let due = timetable.due(utc(now), &Zone::default());
    due.iter().for_each(|key| timetable.finish(key));
    due.len()
}

fn read(timetable: &Timetable, now: &str) -> Timetable {
    let again = Timetable::of_text(&timetable.to_text()).expect("what was written");
    again.starts(utc(now))
}

/// The process is ended and started again with the same configuration.
fn restarted(timetable: &Timetable, now: &str) -> Timetable {
    let mut again = read(timetable, now);
    again.take_over(daily(), utc(now));
    again
}

#[test]
fn what_was_just_subscribed_to_waits_for_its_next_time() {
    let mut timetable = begun("2026-06-01T09:00:30Z");
    assert_eq!(run(&mut timetable, "2026-06-01T09:00:31Z"), 0);
    assert_eq!(run(&mut timetable, "2026-06-02T08:59:59Z"), 0);
    assert_eq!(run(&mut timetable, "2026-06-02T09:00:00Z"), 1);
    assert_eq!(run(&mut timetable, "2026-06-02T09:00:00Z"), 0);
}

#[test]
fn a_week_that_was_missed_is_caught_up_once() {
    let mut timetable = begun("2026-06-01T10:00:00Z");
    assert_eq!(run(&mut timetable, "2026-06-08T12:00:00Z"), 1);
    assert_eq!(run(&mut timetable, "2026-06-08T12:00:01Z"), 0);
    assert_eq!(run(&mut timetable, "2026-06-09T09:00:00Z"), 1);
}

#[test]
fn a_restart_neither_repeats_nor_loses() {
    let timetable = begun("2026-06-01T08:00:00Z");
    let mut timetable = restarted(&timetable, "2026-06-01T08:30:00Z");
    assert_eq!(run(&mut timetable, "2026-06-01T09:00:00Z"), 1);
    let mut timetable = restarted(&timetable, "2026-06-01T09:00:00Z");
    assert_eq!(run(&mut timetable, "2026-06-01T09:00:00Z"), 0);
    // Off from before nine until after nine.
    let mut timetable = restarted(&timetable, "2026-06-02T11:00:00Z");
    assert_eq!(run(&mut timetable, "2026-06-02T11:00:00Z"), 1);
    assert_eq!(run(&mut timetable, "2026-06-03T08:59:00Z"), 0);
}

#[test]
fn what_was_begun_and_not_ended_is_begun_again_after_a_restart() {
    let mut timetable = begun("2026-06-01T08:00:00Z");
    let now = utc("2026-06-01T09:00:00Z");
    assert_eq!(timetable.due(now, &Zone::default()).len(), 1);
    assert_eq!(timetable.due(now, &Zone::default()).len(), 0);
    assert_eq!(timetable.next(&Zone::default()), None);
    let mut again = restarted(&timetable, "2026-06-01T09:00:05Z");
    assert_eq!(run(&mut again, "2026-06-01T09:00:05Z"), 1);
}

#[test]
fn another_schedule_begins_anew_and_one_that_was_removed_is_forgotten() {
    let mut timetable = begun("2026-06-01T08:00:00Z");
    let weekly = Periodic::Weekly {
        day: None,
        time: None,
    };
    timetable.take_over(
        wanted(&[(AlertGroup::Telemetry, weekly)]),
        utc("2026-06-04T08:00:00Z"),
    );
    assert_eq!(run(&mut timetable, "2026-06-04T08:00:00Z"), 0);
    timetable.take_over(BTreeMap::new(), utc("2026-06-04T09:00:00Z"));
    timetable.take_over(daily(), utc("2026-06-20T12:00:00Z"));
    assert_eq!(run(&mut timetable, "2026-06-20T12:00:00Z"), 0);
}

#[test]
fn a_configuration_that_comes_after_the_start_goes_on_where_it_was() {
    let timetable = begun("2026-06-01T08:00:00Z");
    let again = || read(&timetable, "2026-06-03T08:00:00Z");
    let mut soon = again();
    soon.take_over(BTreeMap::new(), utc("2026-06-03T08:00:00Z"));
    soon.take_over(daily(), utc("2026-06-03T08:00:20Z"));
    assert_eq!(run(&mut soon, "2026-06-03T08:00:20Z"), 1);
    let mut late = again();
    late.take_over(BTreeMap::new(), utc("2026-06-03T08:00:00Z"));
    late.take_over(daily(), utc("2026-06-03T08:30:00Z"));
    assert_eq!(run(&mut late, "2026-06-03T08:30:00Z"), 0);
}

#[test]
fn a_clock_that_is_set_back_repeats_nothing() {
    let mut timetable = begun("2026-06-01T08:00:00Z");
    assert_eq!(run(&mut timetable, "2026-06-01T09:00:00Z"), 1);
    for now in [
        "2026-05-31T08:00:00Z",
        "2026-05-31T09:00:00Z",
        "2026-06-01T09:00:00Z",
    ] {
        assert_eq!(run(&mut timetable, now), 0, "{now}");
    }
    assert_eq!(run(&mut timetable, "2026-06-02T09:00:00Z"), 1);
}

#[test]
fn a_clock_that_was_years_ahead_silences_nobody_for_years() {
    let mut timetable = begun("2026-06-01T08:00:00Z");
    assert_eq!(run(&mut timetable, "2036-06-01T09:00:00Z"), 1);
    assert_eq!(run(&mut timetable, "2026-06-01T08:01:00Z"), 0);
    assert_eq!(run(&mut timetable, "2026-06-01T09:00:00Z"), 1);
    let mut timetable = restarted(&timetable, "2020-01-01T00:00:00Z");
    assert_eq!(run(&mut timetable, "2020-01-01T00:00:00Z"), 0);
    assert_eq!(run(&mut timetable, "2020-01-01T09:00:00Z"), 1);
}

#[test]
fn a_device_registers_once_and_again_when_it_could_not_meanwhile() {
    let mut timetable = Timetable::default();
    assert!(!timetable.registers(false));
    assert!(timetable.registers(true));
    assert!(!timetable.registers(true));
    timetable.registered();
    // After a restart, too, even if the configuration comes a little later.
    let mut timetable = Timetable::of_text(&timetable.to_text()).expect("what was written");
    assert!(!timetable.registers(false));
    assert!(!timetable.registers(true));
    assert!(!timetable.registers(false));
    assert!(timetable.registers(true));
    // It was begun, and nobody knows whether it has been sent.
    let mut timetable = Timetable::of_text(&timetable.to_text()).expect("what was written");
    assert!(timetable.registers(true));
}

#[test]
fn a_file_of_something_else_is_none() {
    let text = begun("2026-06-01T08:00:00Z").to_text();
    assert!(Timetable::of_text(&text).is_some());
    for damaged in [
        "",
        "{}",
        &text[1..],
        &text[..text.len() - 1],
        &text.replace("\"version\":1", "\"version\":2"),
        &text.replace("telemetry", "telepathy"),
        &text.replace("\"done\":1", "\"done\":9999999999999"),
    ] {
        assert!(Timetable::of_text(damaged).is_none(), "{damaged}");
    }
}

/// What may happen to a device.
#[derive(Clone, Copy, Debug)]
enum Happening {
    /// So many steps of the engine pass.
    Passes(i64),
    Restart,
    /// Off for so many minutes.
    Off(i64),
}

/// Minutes.
const STEP: i64 = 13;

fn happening() -> impl Strategy<Value = Happening> {
    prop_oneof![
        6 => (1i64..40).prop_map(Happening::Passes),
        1 => Just(Happening::Restart),
        1 => (1i64..10_000).prop_map(Happening::Off),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn no_run_is_lost_or_repeated_whatever_happens(
        happenings in prop::collection::vec(happening(), 1..12),
        hour in 0u8..24,
    ) {
        let zone = berlin();
        let time = Some(TimeOfDay { hour, minute: 30 });
        let wants = wanted(&[
            (AlertGroup::Telemetry, Periodic::Hourly { minute: Some(20) }),
            (AlertGroup::Inventory, Periodic::Daily { time }),
            (AlertGroup::Snapshot, Periodic::Interval { minutes: 45 }),
            (AlertGroup::Configuration, Periodic::Monthly { date: Some(31), time }),
        ]);
        let mut now = utc("2026-03-27T12:00:00Z");
        let mut timetable = Timetable::default();
        timetable.take_over(wants.clone(), now);
        let mut last: BTreeMap<Key, DateTime<Utc>> = wants.keys().map(|key| (key.clone(), now)).collect();
        for happening in happenings {
            let (steps, minutes, is_off) = match happening {
                Happening::Passes(steps) => (steps, STEP, false),
                Happening::Restart => (1, 0, true),
                Happening::Off(minutes) => (1, minutes, true),
            };
            if is_off {
                let start = now + TimeDelta::minutes(minutes);
                timetable = Timetable::of_text(&timetable.to_text()).expect("what was written").starts(start);
            }
            for _ in 0..steps {
                now += TimeDelta::minutes(minutes);
                if is_off {
                    timetable.take_over(wants.clone(), now);
                }
                let expected: Vec<Key> = wants
                    .iter()
                    .filter(|(key, wanted)| wanted.plan.next(last[*key], &zone).is_some_and(|next| next <= now))
                    .map(|(key, _)| key.clone())
                    .collect();
                let is_due = timetable.next(&zone).is_some_and(|next| next <= now);
                prop_assert_eq!(is_due, !expected.is_empty());
                let due = timetable.due(now, &zone);
                prop_assert_eq!(&due, &expected, "{}", now);
                for key in due {
                    timetable.finish(&key);
                    last.insert(key, now);
                }
            }
        }
    }
}
