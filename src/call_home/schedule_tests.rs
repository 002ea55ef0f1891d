//! Schedules over ten years on clocks of several places: every hour, day, week and month is served once, whatever the clocks do.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use chrono::Timelike;
use proptest::prelude::*;

use super::*;
use crate::message::zone::{Rule, Summer, Turn, Week, Zone};

fn utc(text: &str) -> DateTime<Utc> {
    text.parse().expect("a time")
}

fn turn(week: Week, weekday: chrono::Weekday, month: u32, minutes: u32) -> Turn {
    Turn {
        week,
        weekday,
        month,
        minutes,
    }
}

fn zone(minutes: i32, ahead: i32, start: Turn, end: Turn) -> Zone {
    Zone {
        name: "STD".into(),
        seconds: minutes * 60,
        summer: Some(Summer {
            name: "DST".into(),
            seconds: ahead * 60,
            rule: Rule::Recurring { start, end },
        }),
    }
}

fn fixed(minutes: i32) -> Zone {
    Zone {
        seconds: minutes * 60,
        ..Zone::default()
    }
}

fn berlin() -> Zone {
    use chrono::Weekday::Sun;
    let start = turn(Week::Last, Sun, 3, 120);
    zone(60, 60, start, turn(Week::Last, Sun, 10, 180))
}

/// Where clocks are set at midnight, so that a day begins at one.
fn beirut() -> Zone {
    use chrono::Weekday::Sun;
    let start = turn(Week::Last, Sun, 3, 0);
    zone(120, 60, start, turn(Week::Last, Sun, 10, 0))
}

/// Where they are set by half an hour.
fn lord_howe() -> Zone {
    use chrono::Weekday::Sun;
    let start = turn(Week::Numbered(1), Sun, 10, 120);
    zone(630, 30, start, turn(Week::Numbered(1), Sun, 4, 120))
}

fn new_york() -> Zone {
    use chrono::Weekday::Sun;
    let start = turn(Week::Numbered(2), Sun, 3, 120);
    zone(-300, 60, start, turn(Week::Numbered(1), Sun, 11, 120))
}

/// Has no 30 December 2011: the clocks went from ten hours behind to fourteen ahead.
struct Apia;

impl Offsets for Apia {
    fn seconds_east(&self, at: DateTime<Utc>) -> i32 {
        if at < utc("2011-12-30T10:00:00Z") {
            -36_000
        } else {
            50_400
        }
    }
}

static PLACES: LazyLock<Vec<Zone>> = LazyLock::new(|| {
    vec![
        fixed(0),
        berlin(),
        beirut(),
        lord_howe(),
        new_york(),
        fixed(345),
        fixed(14 * 60),
    ]
});

fn time(hour: u8, minute: u8) -> TimeOfDay {
    TimeOfDay { hour, minute }
}

fn exactly(cycle: Cycle) -> Plan {
    Plan { cycle, later: 0 }
}

const START: &str = "2026-01-01T12:00:00Z";

/// All runs of ten years, as they follow each other.
fn decade(plan: Plan, zone: &dyn Offsets) -> Vec<DateTime<Utc>> {
    let (start, end) = (utc(START), utc("2036-01-01T12:00:00Z"));
    let runs = std::iter::successors(plan.next(start, zone), |run| plan.next(*run, zone));
    runs.take_while(|run| *run < end).collect()
}

fn local(zone: &Zone, run: DateTime<Utc>) -> NaiveDateTime {
    zone.at(run).local
}

fn any_time() -> impl Strategy<Value = TimeOfDay> {
    (0u8..24, 0u8..60).prop_map(|(hour, minute)| time(hour, minute))
}

/// Times that the clocks of the places leave out or show twice come often.
fn critical_time() -> impl Strategy<Value = TimeOfDay> {
    prop_oneof![
        any_time(),
        (0u8..4, 0u8..60).prop_map(|(hour, minute)| time(hour, minute)),
        Just(time(23, 59)),
    ]
}

fn any_place() -> impl Strategy<Value = &'static Zone> {
    (0..PLACES.len()).prop_map(|place| &PLACES[place])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, ..ProptestConfig::default() })]

    #[test]
    fn every_day_has_one_daily_run(zone in any_place(), at in critical_time()) {
        let runs = decade(exactly(Cycle::Daily { time: at }), zone);
        let mut dates = BTreeMap::<_, u32>::new();
        for run in &runs {
            *dates.entry(local(zone, *run).date()).or_default() += 1;
            // A time that is left out comes as soon as the clock is behind it.
            let shown = local(zone, *run).time();
            let minutes = shown.num_seconds_from_midnight() / 60;
            let wanted = u32::from(at.hour) * 60 + u32::from(at.minute);
            prop_assert!(minutes == wanted || (minutes > wanted && minutes - wanted <= 60), "{shown}");
        }
        let (first, last) = (local(zone, runs[0]).date(), local(zone, runs[runs.len() - 1]).date());
        for day in first.iter_days().take_while(|day| *day <= last) {
            prop_assert_eq!(dates.get(&day), Some(&1), "{}", day);
        }
        for pair in runs.windows(2) {
            let apart = pair[1] - pair[0];
            prop_assert!((TimeDelta::hours(22)..=TimeDelta::hours(25)).contains(&apart), "{pair:?}");
        }
    }

    #[test]
    fn every_month_has_one_monthly_run(zone in any_place(), at in critical_time(), date in 1u8..=31) {
        let runs = decade(exactly(Cycle::Monthly { date, time: at }), zone);
        prop_assert!(runs.len() >= 119);
        let mut months = BTreeMap::<_, u32>::new();
        for run in &runs {
            let shown = local(zone, *run).date();
            *months.entry((shown.year(), shown.month())).or_default() += 1;
            let last = of_month(shown.with_day(1).expect("every month has it"), 31).expect("a day");
            prop_assert_eq!(shown.day(), u32::from(date).min(last.day()));
        }
        prop_assert!(months.values().all(|runs| *runs == 1));
        prop_assert_eq!(months.len(), runs.len());
        for pair in runs.windows(2) {
            prop_assert!(pair[1] - pair[0] <= TimeDelta::days(31) + TimeDelta::hours(1));
        }
    }

    #[test]
    fn every_week_has_one_weekly_run(zone in any_place(), at in critical_time(), day in 0u32..7) {
        let runs = decade(exactly(Cycle::Weekly { day: weekday(day), time: at }), zone);
        prop_assert!(runs.len() >= 521);
        for run in &runs {
            prop_assert_eq!(local(zone, *run).weekday().num_days_from_monday(), day);
        }
        for pair in runs.windows(2) {
            prop_assert!((pair[1] - pair[0] - TimeDelta::days(7)).abs() <= TimeDelta::hours(2));
        }
    }

    #[test]
    fn every_hour_has_one_hourly_run(minute in 0u8..60, zone in prop_oneof![Just(berlin()), Just(new_york()), Just(fixed(345))]) {
        for start in ["2026-03-07T00:00:00Z", "2026-03-28T12:00:00Z", "2026-10-24T12:00:00Z", "2026-10-31T12:00:00Z"] {
            let mut run = utc(start);
            for place in 0..48 {
                let next = exactly(Cycle::Hourly { minute }).next(run, &zone).expect("a time");
                prop_assert_eq!(local(&zone, next).minute(), u32::from(minute));
                prop_assert!(place == 0 || next - run == TimeDelta::hours(1));
                run = next;
            }
        }
    }

    #[test]
    fn half_hours_leave_no_hour_out(minute in 0u8..60) {
        let mut run = utc("2026-01-01T00:00:00Z");
        while run < utc("2027-01-01T00:00:00Z") {
            let next = exactly(Cycle::Hourly { minute }).next(run, &lord_howe()).expect("a time");
            prop_assert!(next > run && next - run <= TimeDelta::minutes(90), "{run} {next}");
            run = next;
        }
    }

    #[test]
    fn an_interval_is_kept_whatever_the_clock_shows(minutes in 1u8..=60, remainder in any::<u8>(), seconds in 0i64..4_000_000_000) {
        let plan = exactly(Cycle::Interval { minutes, remainder: remainder % minutes });
        let after = DateTime::from_timestamp(seconds, 5).expect("a time");
        let first = plan.next(after, &berlin()).expect("a time");
        let second = plan.next(first, &berlin()).expect("a time");
        prop_assert!(first > after && first - after <= TimeDelta::minutes(minutes.into()));
        prop_assert_eq!(second - first, TimeDelta::minutes(minutes.into()));
    }

    #[test]
    fn the_next_run_of_any_moment_is_the_first_behind_it(
        zone in any_place(),
        seconds in 1_760_000_000i64..1_900_000_000,
        date in 1u8..=31,
        at in critical_time(),
    ) {
        let after = DateTime::from_timestamp(seconds, 999_999_999).expect("a time");
        for cycle in [
            Cycle::Daily { time: at },
            Cycle::Weekly { day: weekday(date.into()), time: at },
            Cycle::Monthly { date, time: at },
            Cycle::Hourly { minute: at.minute },
        ] {
            let plan = exactly(cycle);
            let next = plan.next(after, zone).expect("a time");
            prop_assert!(next > after);
            // No run lies between: from every moment on the way it is the same one.
            let middle = after + (next - after) / 2;
            prop_assert_eq!(plan.next(middle, zone), Some(next));
            prop_assert_eq!(plan.next(next - TimeDelta::seconds(1), zone), Some(next));
        }
    }

    #[test]
    fn nothing_panics_at_the_ends_of_the_calendar(hours in 0i64..100, minutes in 1u8..=60) {
        for end in [DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC] {
            for moment in [end.checked_add_signed(TimeDelta::hours(hours)), end.checked_sub_signed(TimeDelta::hours(hours))] {
                let Some(moment) = moment else { continue };
                for cycle in [
                    Cycle::Interval { minutes, remainder: 0 },
                    Cycle::Hourly { minute: 0 },
                    Cycle::Daily { time: time(23, 59) },
                    Cycle::Weekly { day: Weekday::Sunday, time: time(0, 0) },
                    Cycle::Monthly { date: 31, time: time(0, 0) },
                ] {
                    for later in [0, BEHIND_INVENTORY] {
                        if let Some(next) = (Plan { cycle, later }).next(moment, &berlin()) {
                            prop_assert!(next > moment);
                        }
                    }
                }
            }
        }
    }
}

fn next(cycle: Cycle, after: &str, zone: &dyn Offsets) -> String {
    let next = exactly(cycle).next(utc(after), zone).expect("a time");
    next.format("%Y-%m-%d %H:%M").to_string()
}

#[test]
fn a_time_that_is_left_out_comes_when_the_clock_is_behind_it() {
    let daily = Cycle::Daily { time: time(2, 30) };
    assert_eq!(
        next(daily, "2026-03-28T12:00:00Z", &berlin()),
        "2026-03-29 01:00"
    );
    assert_eq!(
        next(daily, "2026-03-29T01:00:00Z", &berlin()),
        "2026-03-30 00:30"
    );
}

#[test]
fn a_time_that_comes_twice_is_the_first_one() {
    let daily = Cycle::Daily { time: time(2, 30) };
    assert_eq!(
        next(daily, "2026-10-24T12:00:00Z", &berlin()),
        "2026-10-25 00:30"
    );
    assert_eq!(
        next(daily, "2026-10-25T00:30:00Z", &berlin()),
        "2026-10-26 01:30"
    );
}

#[test]
fn the_last_day_stands_for_dates_that_a_month_has_not() {
    let monthly = Cycle::Monthly {
        date: 31,
        time: time(9, 0),
    };
    for (after, expected) in [
        ("2026-01-31T09:00:00Z", "2026-02-28 09:00"),
        ("2026-02-28T09:00:00Z", "2026-03-31 09:00"),
        ("2026-04-01T00:00:00Z", "2026-04-30 09:00"),
        ("2028-02-01T00:00:00Z", "2028-02-29 09:00"),
    ] {
        assert_eq!(next(monthly, after, &fixed(0)), expected);
    }
}

#[test]
fn a_day_that_a_place_has_left_out_is_no_day_but_its_week_and_month_are_served() {
    let at = time(9, 0);
    let daily = Cycle::Daily { time: at };
    assert_eq!(
        next(daily, "2011-12-29T19:00:00Z", &Apia),
        "2011-12-30 19:00"
    );
    let weekly = Cycle::Weekly {
        day: Weekday::Friday,
        time: at,
    };
    assert_eq!(
        next(weekly, "2011-12-29T19:00:00Z", &Apia),
        "2011-12-30 10:00"
    );
    assert_eq!(
        next(weekly, "2011-12-30T10:00:00Z", &Apia),
        "2012-01-05 19:00"
    );
    let monthly = Cycle::Monthly { date: 30, time: at };
    assert_eq!(
        next(monthly, "2011-12-01T10:00:00Z", &Apia),
        "2011-12-30 10:00"
    );
}

#[test]
fn another_zone_moves_what_is_to_come() {
    let daily = Cycle::Daily { time: time(9, 0) };
    assert_eq!(
        next(daily, "2026-06-01T09:00:00Z", &fixed(0)),
        "2026-06-02 09:00"
    );
    assert_eq!(
        next(daily, "2026-06-01T09:00:00Z", &fixed(-300)),
        "2026-06-01 14:00"
    );
    assert_eq!(
        next(daily, "2026-06-01T09:00:00Z", &fixed(540)),
        "2026-06-02 00:00"
    );
}

/// What a device picks for two groups of a profile whose subscriptions leave everything out.
fn picked(device: &str, periodic: Periodic) -> (Plan, Plan) {
    let plan = |group| Plan::new(device, "ops", group, periodic, Some(periodic));
    (plan(AlertGroup::Inventory), plan(AlertGroup::Configuration))
}

const BARE: [Periodic; 3] = [
    Periodic::Daily { time: None },
    Periodic::Weekly {
        day: None,
        time: None,
    },
    Periodic::Monthly {
        date: None,
        time: None,
    },
];

#[test]
fn a_device_picks_the_same_times_always_and_others_than_its_neighbours() {
    let monthly = BARE[2];
    assert_eq!(picked("S1", monthly), picked("S1", monthly));
    let mut dates = BTreeMap::<u8, u32>::new();
    let mut minutes = std::collections::BTreeSet::new();
    for device in 0..2800 {
        let Cycle::Monthly { date, time } = picked(&device.to_string(), monthly).0.cycle else {
            panic!("another cycle");
        };
        *dates.entry(date).or_default() += 1;
        minutes.insert(time);
    }
    // A hundred devices a date on average, and no date that many more or few have.
    assert_eq!(
        dates.keys().copied().collect::<Vec<_>>(),
        (1..=28).collect::<Vec<_>>()
    );
    assert!(
        dates.values().all(|devices| (50..=150).contains(devices)),
        "{dates:?}"
    );
    assert!(minutes.len() > 1000, "{}", minutes.len());
}

#[test]
fn groups_and_profiles_have_times_of_their_own() {
    let daily = Periodic::Daily { time: None };
    let plan = |profile, group| Plan::new("S1", profile, group, daily, None);
    assert_ne!(
        plan("ops", AlertGroup::Inventory),
        plan("ops", AlertGroup::Telemetry)
    );
    assert_ne!(
        plan("ops", AlertGroup::Inventory),
        plan("lab", AlertGroup::Inventory)
    );
}

#[test]
fn a_configuration_follows_the_inventory_by_a_quarter_of_an_hour() {
    for device in 0..200 {
        for periodic in BARE {
            let (inventory, configuration) = picked(&device.to_string(), periodic);
            let start = utc(START);
            let first = inventory.next(start, &berlin()).expect("a time");
            let second = configuration.next(first, &berlin()).expect("a time");
            assert_eq!(second - first, TimeDelta::minutes(15));
            assert_eq!(
                local(&berlin(), first).date(),
                local(&berlin(), second).date()
            );
        }
    }
}

#[test]
fn what_is_left_out_of_a_configurations_schedule_follows_what_the_inventorys_says() {
    let monthly = |date, time| Periodic::Monthly { date, time };
    let plan = |own, inventory| {
        Plan::new("S1", "ops", AlertGroup::Configuration, own, inventory)
            .shown()
            .to_string()
    };
    let ninth = Some(monthly(Some(9), Some(time(23, 50))));
    assert_eq!(
        plan(monthly(None, None), ninth),
        "every 10 day of the month at 00:05"
    );
    assert_eq!(
        plan(monthly(Some(27), None), ninth),
        "every 27 day of the month at 00:05"
    );
    assert_eq!(
        plan(monthly(Some(27), Some(time(1, 2))), ninth),
        "every 27 day of the month at 01:02"
    );
    // An inventory of another kind says nothing.
    let daily = Some(Periodic::Daily {
        time: Some(time(8, 0)),
    });
    assert_eq!(
        plan(monthly(None, None), daily),
        plan(monthly(None, None), None)
    );
}

#[test]
fn a_cycle_is_told_in_the_devices_words() {
    let at = time(9, 0);
    for (cycle, words) in [
        (
            Cycle::Interval {
                minutes: 1,
                remainder: 0,
            },
            "every minute",
        ),
        (
            Cycle::Interval {
                minutes: 30,
                remainder: 4,
            },
            "every 30 minutes",
        ),
        (Cycle::Hourly { minute: 7 }, "hourly at minute 7"),
        (Cycle::Daily { time: at }, "daily at 09:00"),
        (
            Cycle::Weekly {
                day: Weekday::Monday,
                time: at,
            },
            "every monday at 09:00",
        ),
        (
            Cycle::Monthly { date: 1, time: at },
            "every 1 day of the month at 09:00",
        ),
    ] {
        assert_eq!(cycle.to_string(), words);
    }
}
