//! The values of call-home as they are typed and printed.

use super::*;

#[test]
fn message_numbers_are_ranges_between_commas() {
    let ids = MessageIds::new("106100-106103,111008").map(|ids| {
        (
            ids.to_string(),
            ids.contains(106_102),
            ids.contains(106_104),
            ids.contains(111_008),
        )
    });
    assert_eq!(
        ids,
        Some(("106100-106103,111008".to_owned(), true, false, true))
    );
    for wrong in ["", "0", "1000000", "2-1", "1,", "1-2-3", "-1", "a"] {
        assert_eq!(MessageIds::new(wrong), None, "{wrong}");
    }
}

#[test]
fn thresholds_are_two_percentages_in_order() {
    assert_eq!(Threshold::new("85-90"), Some(Threshold::DEFAULT));
    assert_eq!(
        Threshold::new("0-100").map(|threshold| threshold.to_string()),
        Some("0-100".to_owned())
    );
    for wrong in ["90-85", "85", "85-101", "-5", "85-", "+1-2", "85-90-95"] {
        assert_eq!(Threshold::new(wrong), None, "{wrong}");
    }
}

#[test]
fn schedules_are_printed_as_they_were_typed() {
    let time = TimeOfDay::new("9:05");
    let schedules = [
        (Periodic::Interval { minutes: 5 }, "interval 5"),
        (Periodic::Hourly { minute: None }, "hourly"),
        (Periodic::Hourly { minute: Some(0) }, "hourly 0"),
        (Periodic::Daily { time }, "daily 09:05"),
        (
            Periodic::Weekly {
                day: Some(Weekday::Monday),
                time,
            },
            "weekly monday 09:05",
        ),
        (
            Periodic::Monthly {
                date: Some(27),
                time: None,
            },
            "monthly 27",
        ),
    ];
    for (periodic, text) in schedules {
        assert_eq!(periodic.to_string(), text);
    }
    for wrong in ["24:00", "1:60", "1", "1:2:3", "001:00", "a:b", "+1:00"] {
        assert_eq!(TimeOfDay::new(wrong), None, "{wrong}");
    }
}

#[test]
fn severities_rise_from_debugging_to_catastrophic() {
    assert_eq!(
        (
            AlertSeverity::Debugging.level(),
            AlertSeverity::Catastrophic.level()
        ),
        (0, 9)
    );
    assert!(AlertSeverity::Critical > AlertSeverity::Major);
}
