//! What becomes of messages in the windows of one session, and when the windows end.

use std::net::Ipv4Addr;
use std::sync::Arc;

use super::settings::Flapping;
use super::*;
use crate::message::parse;

/// One session on a clock of its own.
struct Play {
    correlator: Correlator,
    now: Duration,
    made: Vec<Made>,
}

fn play(asks: Correlation) -> Play {
    let mut correlator = Correlator::default();
    correlator.ask(&asks);
    Play {
        correlator,
        now: Duration::ZERO,
        made: Vec::new(),
    }
}

fn duplicates(seconds: u64) -> Play {
    play(Correlation {
        duplicates: Some(Duration::from_secs(seconds)),
        ..Correlation::default()
    })
}

fn flapping(changes: usize, seconds: u64) -> Play {
    play(Correlation {
        flapping: Some(Flapping {
            changes,
            within: Duration::from_secs(seconds),
        }),
        ..Correlation::default()
    })
}

fn header(facility: &str, mnemonic: &str) -> Header {
    Header {
        facility: facility.into(),
        mnemonic: mnemonic.into(),
    }
}

fn rules(seconds: u64) -> Arc<[Rule]> {
    [Rule {
        timeout: Duration::from_secs(seconds),
        cause: header("LINK", "UPDOWN"),
        symptoms: vec![header("OSPF", "ADJCHG"), header("BGP", "ADJCHANGE")],
    }]
    .into()
}

fn rule(seconds: u64) -> Play {
    play(Correlation {
        rules: rules(seconds),
        ..Correlation::default()
    })
}

impl Play {
    fn says(&mut self, sender: &str, text: &str) -> Fate {
        let message = parse(text.as_bytes());
        let event = Event {
            message: &message,
            text: text.as_bytes(),
            is_own: false,
            peer: Some(Ipv4Addr::LOCALHOST.into()),
            sender: sender.as_bytes(),
        };
        self.correlator.meet(&event, self.now, &mut self.made)
    }

    fn wait(&mut self, seconds: u64) {
        self.now += Duration::from_secs(seconds);
        self.correlator.close_due(self.now, &mut self.made);
    }

    /// What left its window since the last look.
    fn said(&mut self) -> Vec<String> {
        let line =
            |made: Made| String::from_utf8_lossy(&made.kept.text).into_owned() + &made.remark;
        self.made.drain(..).map(line).collect()
    }
}

const DOWN: &str =
    "<187>44: Mar  1 18:48:50: %LINK-3-UPDOWN: Interface Gi0/1, changed state to down";
const UP: &str = "<189>45: Mar  1 18:48:51: %LINK-5-UPDOWN: Interface Gi0/1, changed state to up";
const OSPF: &str = "%OSPF-5-ADJCHG: Process 1, Nbr 10.0.0.1 on Gi0/1 from FULL to DOWN";

#[test]
fn ten_equal_messages_are_the_first_and_one_that_counts_the_others() {
    let mut play = duplicates(30);
    assert_eq!(play.says("sw1", DOWN), Fate::Passes);
    for _ in 0..9 {
        play.wait(1);
        assert_eq!(play.says("sw1", DOWN), Fate::Merged);
    }
    play.wait(20);
    assert_eq!(play.said(), [""; 0]);
    play.wait(1);
    assert_eq!(play.said(), [format!("{DOWN} (repeated 9 times)")]);
    assert_eq!(play.says("sw1", DOWN), Fate::Passes);
    assert_eq!(
        (play.correlator.merged(), play.correlator.summaries()),
        (9, 1)
    );
}

#[test]
fn a_single_message_gives_no_summary() {
    let mut play = duplicates(30);
    play.says("sw1", DOWN);
    play.wait(3600);
    assert_eq!(play.said(), [""; 0]);
    assert_eq!(play.correlator.due(), None);
}

#[test]
fn the_same_message_has_another_stamp_and_number_and_the_last_one_is_told() {
    let mut play = duplicates(30);
    play.says("sw1", "<187>1: Mar  1 18:48:50: %LINK-3-UPDOWN: down");
    let last = "<187>2: Mar  1 18:48:59: %LINK-3-UPDOWN: down";
    assert_eq!(play.says("sw1", last), Fate::Merged);
    play.wait(30);
    assert_eq!(play.said(), [format!("{last} (repeated 1 times)")]);
}

#[test]
fn messages_of_two_hosts_or_with_another_header_or_body_are_not_the_same() {
    let mut play = duplicates(30);
    for (sender, text) in [
        ("sw1", "%LINK-3-UPDOWN: a"),
        ("sw2", "%LINK-3-UPDOWN: a"),
        ("sw1", "%LINK-4-UPDOWN: a"),
        ("sw1", "%LINK-3-UPDOW: a"),
        ("sw1", "%LIN-3-UPDOWN: a"),
        ("sw1", "%LINK-3-UPDOWN: b"),
    ] {
        assert_eq!(play.says(sender, text), Fate::Passes, "{sender} {text}");
    }
}

#[test]
fn an_object_that_changes_too_often_is_damped_until_it_has_calmed_down() {
    let mut play = flapping(3, 10);
    for text in [DOWN, UP, DOWN] {
        assert_eq!(play.says("sw1", text), Fate::Passes);
        play.wait(1);
    }
    // The fourth change within ten seconds.
    assert_eq!(play.says("sw1", UP), Fate::Merged);
    assert_eq!(
        play.said(),
        [format!("{UP} (flapping, more than 3 changes within 10 s)")]
    );
    for text in [DOWN, UP, UP, DOWN] {
        play.wait(2);
        assert_eq!(play.says("sw1", text), Fate::Merged);
        assert_eq!(play.said(), [""; 0]);
    }
    // Now at 11 s, with changes at 3, 5, 7 and 11 s: they are three in the last ten seconds from 13 s on.
    play.wait(1);
    assert_eq!(play.said(), [""; 0]);
    play.wait(1);
    assert_eq!(
        play.said(),
        [format!("{DOWN} (flapping ended, 4 more kept back)")]
    );
    assert_eq!(
        (play.correlator.merged(), play.correlator.summaries()),
        (5, 2)
    );
    play.wait(10);
    assert_eq!(play.correlator.due(), None);
    assert_eq!(play.says("sw1", UP), Fate::Passes);
}

#[test]
fn few_changes_other_objects_and_bodies_without_a_state_pass() {
    let mut play = flapping(2, 10);
    for number in 0..20 {
        let text = format!("%LINK-3-UPDOWN: Interface Gi0/{number}, changed state to down");
        assert_eq!(play.says("sw1", &text), Fate::Passes);
        assert_eq!(
            play.says("sw1", &text),
            Fate::Passes,
            "the same state again"
        );
        let no_state = "%SYS-5-CONFIG_I: Configured from console";
        assert_eq!(play.says("sw1", no_state), Fate::Passes);
    }
    play.wait(10);
    for _ in 0..5 {
        assert_eq!(play.says("sw1", UP), Fate::Passes);
        play.wait(5);
        assert_eq!(play.says("sw1", DOWN), Fate::Passes);
        play.wait(5);
    }
    assert_eq!(play.said(), [""; 0]);
}

#[test]
fn a_cause_waits_for_its_symptoms_and_tells_how_many_they_were() {
    let mut play = rule(10);
    assert_eq!(
        play.says("sw1", OSPF),
        Fate::Passes,
        "no cause is there yet"
    );
    assert_eq!(play.says("sw1", DOWN), Fate::Held);
    assert_eq!(play.says("sw1", OSPF), Fate::Merged);
    assert_eq!(play.says("sw2", OSPF), Fate::Passes, "another host");
    let bgp = "%BGP-5-ADJCHANGE: neighbor 10.1.1.1 Down";
    assert_eq!(play.says("sw1", bgp), Fate::Merged);
    assert_eq!(play.says("sw1", "%SYS-5-CONFIG_I: x"), Fate::Passes);
    play.wait(10);
    assert_eq!(play.said(), [format!("{DOWN} (symptoms: 2)")]);
    assert_eq!(play.says("sw1", OSPF), Fate::Passes, "too late");
    let correlator = &play.correlator;
    let counts = (
        correlator.merged(),
        correlator.summaries(),
        correlator.held(),
    );
    assert_eq!(counts, (3, 1, 0));
}

#[test]
fn a_cause_without_symptoms_goes_on_as_it_came() {
    let mut play = rule(10);
    play.says("sw1", DOWN);
    assert_eq!(play.correlator.held(), 1);
    play.wait(9);
    assert_eq!(play.said(), [""; 0]);
    play.wait(1);
    assert_eq!(play.said(), [DOWN]);
    assert_eq!((play.correlator.merged(), play.correlator.held()), (0, 0));
}

#[test]
fn a_cause_is_told_before_its_repeats_where_both_windows_end_at_once() {
    let mut play = play(Correlation {
        duplicates: Some(Duration::from_secs(30)),
        rules: rules(30),
        ..Correlation::default()
    });
    assert_eq!(play.says("sw1", DOWN), Fate::Held);
    play.wait(10);
    assert_eq!(play.says("sw1", DOWN), Fate::Merged);
    play.wait(20);
    assert_eq!(
        play.said(),
        [DOWN.to_owned(), format!("{DOWN} (repeated 1 times)")]
    );
}

#[test]
fn a_symptom_belongs_to_the_newest_cause() {
    let mut play = rule(10);
    play.says("sw1", DOWN);
    play.wait(1);
    play.says("sw1", UP);
    play.says("sw1", OSPF);
    play.wait(9);
    assert_eq!(play.said(), [DOWN]);
    play.wait(1);
    assert_eq!(play.said(), [format!("{UP} (symptoms: 1)")]);
}

#[test]
fn repeats_are_taken_out_before_changes_are_counted_and_changes_before_symptoms() {
    let mut play = play(Correlation {
        duplicates: Some(Duration::from_secs(60)),
        flapping: Some(Flapping {
            changes: 2,
            within: Duration::from_secs(60),
        }),
        rules: rule(5).correlator.asks.rules,
    });
    assert_eq!(play.says("sw1", DOWN), Fate::Held);
    assert_eq!(play.says("sw1", DOWN), Fate::Merged);
    assert_eq!(play.says("sw1", UP), Fate::Held);
    play.wait(60);
    assert_eq!(
        play.said(),
        [
            DOWN.to_owned(),
            UP.to_owned(),
            format!("{DOWN} (repeated 1 times)")
        ]
    );
}

#[test]
fn closing_all_says_what_is_open() {
    let mut play = flapping(2, 10);
    for text in [DOWN, UP, DOWN, UP] {
        play.says("sw1", text);
    }
    play.said();
    let mut made = Vec::new();
    play.correlator.close_all(&mut made);
    play.made = made;
    assert_eq!(
        play.said(),
        [format!("{UP} (flapping ended, 1 more kept back)")]
    );
    assert_eq!(play.correlator.due(), None);
}

#[test]
fn ten_thousand_keys_are_watched_and_the_oldest_is_closed_with_its_summary() {
    let mut play = duplicates(3600);
    play.says("sw1", "%X-5-Y: 0");
    play.says("sw1", "%X-5-Y: 0");
    for number in 1..10_000 {
        play.wait(0);
        play.says("sw1", &format!("%X-5-Y: {number}"));
    }
    assert_eq!(play.said(), [""; 0]);
    assert_eq!(play.correlator.status().watched, 10_000);
    play.says("sw1", "%X-5-Y: one more");
    assert_eq!(play.said(), ["%X-5-Y: 0 (repeated 1 times)"]);
    assert_eq!(play.correlator.status().watched, 10_000);
}

#[test]
fn a_thousand_causes_are_held_and_the_oldest_goes_first() {
    let mut play = rule(600);
    for number in 0..1001 {
        play.says(&format!("sw{number}"), &format!("%LINK-3-UPDOWN: {number}"));
    }
    assert_eq!(play.said(), ["%LINK-3-UPDOWN: 0"]);
    assert_eq!(play.correlator.held(), 1000);
}

#[test]
fn long_messages_are_kept_within_a_bound() {
    let mut play = duplicates(3600);
    for number in 0..1000 {
        let text = format!("%X-5-Y: {number} {}", "x".repeat(60_000));
        play.says("sw1", &text);
        play.says("sw1", &text);
    }
    let all = play.correlator.repeats.bytes();
    assert!(all <= MOST_BYTES, "{all}");
    let told = play.said().len() as u64;
    assert_eq!(told + play.correlator.status().watched, 1000);
}
