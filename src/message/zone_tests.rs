//! Clocks around their turns, in both hemispheres.

use chrono::{DateTime, NaiveDateTime, Utc, Weekday};
use proptest::prelude::*;

use super::{Rule, Summer, Turn, Week, Zone};

fn at(text: &str) -> DateTime<Utc> {
    text.parse().expect("a time")
}

fn local(text: &str) -> NaiveDateTime {
    NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").expect("a time")
}

fn turn(week: Week, month: u32, hour: u32) -> Turn {
    Turn {
        week,
        weekday: Weekday::Sun,
        month,
        minutes: hour * 60,
    }
}

fn zone(name: &str, hours: i32, summer: &str, start: Turn, end: Turn) -> Zone {
    let rule = Rule::Recurring { start, end };
    Zone {
        name: name.into(),
        seconds: hours * 3600,
        summer: Some(Summer {
            name: summer.into(),
            seconds: 3600,
            rule,
        }),
    }
}

fn berlin() -> Zone {
    let (start, end) = (turn(Week::Last, 3, 2), turn(Week::Last, 10, 3));
    zone("CET", 1, "CEST", start, end)
}

fn new_york() -> Zone {
    let (start, end) = (
        turn(Week::Numbered(2), 3, 2),
        turn(Week::Numbered(1), 11, 2),
    );
    zone("EST", -5, "EDT", start, end)
}

/// Summer from October to April.
fn sydney() -> Zone {
    let (start, end) = (
        turn(Week::Numbered(1), 10, 2),
        turn(Week::Numbered(1), 4, 3),
    );
    zone("AEST", 10, "AEDT", start, end)
}

fn shown(zone: &Zone, utc: &str) -> String {
    let shown = zone.at(at(utc));
    format!("{} {}", shown.local.format("%Y-%m-%d %H:%M:%S"), shown.zone)
}

#[test]
fn clocks_are_set_forward_and_back_at_their_turns() {
    for (zone, utc, want) in [
        (berlin(), "2026-03-29T00:59:59Z", "2026-03-29 01:59:59 CET"),
        (berlin(), "2026-03-29T01:00:00Z", "2026-03-29 03:00:00 CEST"),
        (berlin(), "2026-10-25T00:59:59Z", "2026-10-25 02:59:59 CEST"),
        (berlin(), "2026-10-25T01:00:00Z", "2026-10-25 02:00:00 CET"),
        (berlin(), "2026-12-31T23:30:00Z", "2027-01-01 00:30:00 CET"),
        (
            new_york(),
            "2026-03-08T06:59:59Z",
            "2026-03-08 01:59:59 EST",
        ),
        (
            new_york(),
            "2026-03-08T07:00:00Z",
            "2026-03-08 03:00:00 EDT",
        ),
        (
            new_york(),
            "2026-11-01T05:59:59Z",
            "2026-11-01 01:59:59 EDT",
        ),
        (
            new_york(),
            "2026-11-01T06:00:00Z",
            "2026-11-01 01:00:00 EST",
        ),
        (sydney(), "2026-01-01T00:00:00Z", "2026-01-01 11:00:00 AEDT"),
        (sydney(), "2025-12-31T13:30:00Z", "2026-01-01 00:30:00 AEDT"),
        (sydney(), "2026-04-04T15:59:59Z", "2026-04-05 02:59:59 AEDT"),
        (sydney(), "2026-04-04T16:00:00Z", "2026-04-05 02:00:00 AEST"),
        (sydney(), "2026-07-01T00:00:00Z", "2026-07-01 10:00:00 AEST"),
        (sydney(), "2026-10-03T15:59:59Z", "2026-10-04 01:59:59 AEST"),
        (sydney(), "2026-10-03T16:00:00Z", "2026-10-04 03:00:00 AEDT"),
    ] {
        assert_eq!(shown(&zone, utc), want, "{utc}");
    }
}

#[test]
fn the_last_week_is_the_fifth_or_the_fourth() {
    let last = |year| turn(Week::Last, 2, 0).of_year(year).expect("a day");
    assert_eq!(last(2004), local("2004-02-29 00:00"));
    assert_eq!(last(2026), local("2026-02-22 00:00"));
}

#[test]
fn the_hour_that_comes_twice_is_the_one_nearer_to_the_arrival() {
    let twice = local("2026-10-25 02:30");
    let instant = |near| berlin().instant(twice, at(near));
    assert_eq!(
        instant("2026-10-25T00:31:00Z"),
        Some(at("2026-10-25T00:30:00Z"))
    );
    assert_eq!(
        instant("2026-10-25T01:31:00Z"),
        Some(at("2026-10-25T01:30:00Z"))
    );
    // Its name tells them apart.
    let named = |name| berlin().instant_in(name, twice, at("2026-10-25T00:31:00Z"));
    assert_eq!(named("CEST"), Some(at("2026-10-25T00:30:00Z")));
    assert_eq!(named("CET"), Some(at("2026-10-25T01:30:00Z")));
    assert_eq!(named("EST"), None);
}

#[test]
fn the_hour_that_is_left_out_is_one_of_a_clock_that_was_not_set_forward() {
    let never = local("2026-03-29 02:30");
    assert_eq!(
        berlin().instant(never, at("2026-03-29T01:31:00Z")),
        Some(at("2026-03-29T01:30:00Z"))
    );
}

#[test]
fn a_zone_whose_summer_has_the_same_name_goes_by_its_rule() {
    let mut one = new_york();
    one.name = "NewYork".into();
    if let Some(summer) = &mut one.summer {
        summer.name = "NewYork".into();
    }
    let july = local("2026-07-01 12:00");
    let instant = one.instant_in("NewYork", july, at("2026-07-01T16:00:00Z"));
    assert_eq!(instant, Some(at("2026-07-01T16:00:00Z")));
}

#[test]
fn summer_can_be_one_span_of_time() {
    let mut once = berlin();
    if let Some(summer) = &mut once.summer {
        summer.rule = Rule::Once {
            start: local("2026-03-29 02:00"),
            end: local("2026-10-25 03:00"),
        };
    }
    assert_eq!(
        shown(&once, "2026-03-29T00:59:59Z"),
        "2026-03-29 01:59:59 CET"
    );
    assert_eq!(
        shown(&once, "2026-07-01T00:00:00Z"),
        "2026-07-01 02:00:00 CEST"
    );
    assert_eq!(
        shown(&once, "2026-10-25T01:00:00Z"),
        "2026-10-25 02:00:00 CET"
    );
    assert_eq!(
        shown(&once, "2027-07-01T00:00:00Z"),
        "2027-07-01 01:00:00 CET"
    );
    assert_eq!(once.summer_around(at("2027-01-01T00:00:00Z")), None);
}

#[test]
fn the_summer_around_an_instant_is_the_present_or_the_next_one() {
    let around = |zone: Zone, utc| zone.summer_around(at(utc)).expect("a summer");
    let of = |start, end| (at(start), at(end));
    assert_eq!(
        around(berlin(), "2026-01-01T00:00:00Z"),
        of("2026-03-29T01:00:00Z", "2026-10-25T01:00:00Z")
    );
    assert_eq!(
        around(berlin(), "2026-11-01T00:00:00Z"),
        of("2027-03-28T01:00:00Z", "2027-10-31T01:00:00Z")
    );
    assert_eq!(
        around(sydney(), "2026-01-01T00:00:00Z"),
        of("2025-10-04T16:00:00Z", "2026-04-04T16:00:00Z")
    );
    assert_eq!(
        around(sydney(), "2026-05-01T00:00:00Z"),
        of("2026-10-03T16:00:00Z", "2027-04-03T16:00:00Z")
    );
}

proptest! {
    /// What a clock shows names the instant again, wherever it is.
    #[test]
    fn a_time_that_is_shown_names_its_instant(
        seconds in 0_i64..4_000_000_000,
        which in 0_usize..3,
    ) {
        let zone = vec![berlin(), new_york(), sydney()].swap_remove(which);
        let utc = DateTime::from_timestamp(seconds, 0).expect("a time");
        let shown = zone.at(utc);
        prop_assert_eq!(zone.instant(shown.local, utc), Some(utc));
        prop_assert_eq!(zone.instant_in(shown.zone, shown.local, utc), Some(utc));
        let (start, end) = zone.summer_around(utc).expect("a summer");
        prop_assert_eq!(shown.is_summer, (start..end).contains(&utc));
    }

    /// Nothing at the ends of the calendar panics.
    #[test]
    fn any_rule_at_any_time_is_answered(
        seconds in any::<i64>(),
        (hours, offset) in (-23_i32..24, 1_i32..1441),
        (weeks, months) in ((0_u8..5, 0_u8..5), (1_u32..13, 1_u32..13)),
        minutes in (0_u32..1440, 0_u32..1440),
    ) {
        let week = |week| if week == 0 { Week::Last } else { Week::Numbered(week) };
        let turn = |week_of, month, minutes| Turn { minutes, ..turn(week(week_of), month, 0) };
        let mut zone = zone(
            "A",
            hours,
            "B",
            turn(weeks.0, months.0, minutes.0),
            turn(weeks.1, months.1, minutes.1),
        );
        if let Some(summer) = &mut zone.summer {
            summer.seconds = offset * 60;
        }
        let instants = [DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC];
        let any = DateTime::from_timestamp(seconds % 8_000_000_000_000, 0);
        for utc in instants.into_iter().chain(any) {
            let shown = zone.at(utc);
            zone.instant(shown.local, utc);
            zone.summer_around(utc);
        }
    }
}
