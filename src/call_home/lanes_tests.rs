//! Lanes on a clock that nobody waits for.

use proptest::prelude::*;

use super::super::outbox::Outbox;
use super::*;
use crate::message::{Own, Say};

struct Silent;

impl Say for Silent {
    fn say(&self, _: Own) {}
}

fn destination(name: &str) -> Destination {
    Destination {
        profile: "ops".into(),
        address: Address::Http(name.into()),
    }
}

fn entry(id: u64, to: &str) -> Entry {
    let outbox = Outbox::new(None, Arc::new(Silent), Arc::default());
    Entry {
        id,
        message: format!("M{id}").into(),
        kind: Kind::Test,
        severity: AlertSeverity::Normal,
        destination: destination(to),
        format: Format::Xml,
        accepted: DateTime::UNIX_EPOCH,
        deadline: LIFE,
        is_found: false,
        is_reminded: AtomicBool::new(false),
        place: None,
        paper: Arc::new(Paper::new(None, outbox.room(1, 1).expect("room"))),
    }
}

fn ids(entries: &[Arc<Entry>]) -> Vec<u64> {
    entries.iter().map(|entry| entry.id).collect()
}

fn at(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

#[test]
fn a_destination_gets_its_messages_in_order_and_one_at_a_time() {
    let mut lanes = Lanes::default();
    for id in 1..=3 {
        lanes.add(entry(id, "a"), false);
    }
    for id in 1..=3 {
        assert_eq!(ids(&lanes.due(at(0))), [id]);
        assert_eq!(ids(&lanes.due(at(0))), [0_u64; 0]);
        lanes.settle(&destination("a"), Verdict::Settled, at(0), 0);
    }
    assert_eq!(ids(&lanes.due(at(0))), [0_u64; 0]);
    assert_eq!(lanes.next(), None);
    assert!(lanes.lanes.is_empty(), "nothing is kept of it");
}

#[test]
fn what_fails_is_tried_again_within_half_a_minute_and_then_less_and_less_often() {
    let mut lanes = Lanes::default();
    lanes.add(entry(1, "a"), false);
    lanes.add(entry(2, "a"), false);
    let (mut now, mut waits) = (at(0), Vec::new());
    while now < LIFE {
        let due = lanes.due(now);
        assert_eq!(ids(&due), [1], "the second one waits behind the first");
        lanes.settle(&destination("a"), Verdict::Again, now, 0);
        let next = lanes.next().expect("it is tried again");
        waits.push(next - now);
        if next >= LIFE {
            break;
        }
        now = next;
    }
    assert!(waits[0] <= at(30), "{:?}", waits[0]);
    let longest = waits.iter().max().copied().unwrap_or_default();
    assert_eq!(longest, at(300));
    // A receiver that is gone for a day is asked some hundred times, not some thousand.
    assert!(waits.len() < 7 * 300, "{}", waits.len());
    assert_eq!(ids(&lanes.expired(LIFE)), [1, 2]);
    assert_eq!(lanes.next(), None);
}

#[test]
fn a_destination_that_fails_delays_no_other() {
    let mut lanes = Lanes::default();
    lanes.add(entry(1, "a"), false);
    lanes.add(entry(2, "b"), false);
    assert_eq!(ids(&lanes.due(at(0))), [1, 2]);
    lanes.settle(&destination("a"), Verdict::Again, at(0), 0);
    lanes.settle(&destination("b"), Verdict::Settled, at(0), 0);
    lanes.add(entry(3, "b"), false);
    assert_eq!(ids(&lanes.due(at(1))), [3]);
}

#[test]
fn after_a_success_the_waits_begin_anew() {
    let mut lanes = Lanes::default();
    lanes.add(entry(1, "a"), false);
    let mut now = at(0);
    for _ in 0..20 {
        lanes.due(now);
        lanes.settle(&destination("a"), Verdict::Again, now, 0);
        now = lanes.next().expect("again");
    }
    lanes.add(entry(2, "a"), false);
    lanes.due(now);
    lanes.settle(&destination("a"), Verdict::Settled, now, 0);
    assert_eq!(ids(&lanes.due(now)), [2]);
    lanes.settle(&destination("a"), Verdict::Again, now, 0);
    assert_eq!(lanes.next(), Some(now + FIRST));
}

#[test]
fn what_cannot_be_tried_waits_for_a_change_and_expires_all_the_same() {
    let mut lanes = Lanes::default();
    lanes.add(entry(1, "a"), false);
    lanes.due(at(0));
    lanes.settle(&destination("a"), Verdict::Waits, at(0), 0);
    lanes.add(entry(2, "a"), true);
    assert_eq!(ids(&lanes.due(at(1000))), [0_u64; 0]);
    assert_eq!(lanes.next(), Some(LIFE));
    lanes.wake();
    assert_eq!(ids(&lanes.due(at(1000))), [1]);
    lanes.settle(&destination("a"), Verdict::Waits, at(1000), 0);
    assert_eq!(ids(&lanes.parked()), [1, 2]);
    assert!(lanes.lanes.is_empty());
}

#[test]
fn what_is_being_tried_is_not_taken_away() {
    let mut lanes = Lanes::default();
    lanes.add(entry(1, "a"), false);
    lanes.due(at(0));
    assert_eq!(ids(&lanes.expired(LIFE)), [0_u64; 0]);
    let delivered = lanes.settle(&destination("a"), Verdict::Settled, LIFE, 0);
    assert_eq!(delivered.map(|entry| entry.id), Some(1));
}

#[test]
fn an_operator_who_waits_hurries_a_destination() {
    let mut lanes = Lanes::default();
    lanes.add(entry(1, "a"), false);
    lanes.due(at(0));
    lanes.settle(&destination("a"), Verdict::Again, at(0), 0);
    lanes.add(entry(2, "a"), false);
    assert_eq!(ids(&lanes.due(at(1))), [0_u64; 0]);
    lanes.add(entry(3, "a"), true);
    assert_eq!(ids(&lanes.due(at(1))), [1]);
}

proptest! {
    /// Whatever happens, every entry is waiting or has left once, and each destination's leave in order.
    #[test]
    fn what_was_added_has_left_or_waits(steps in prop::collection::vec((0_u8..6, 0_usize..3, 0_u64..400), 1..200)) {
        let names = ["a", "b", "c"];
        let (mut lanes, mut now, mut last) = (Lanes::default(), 0, 0);
        let mut left: Vec<(Destination, u64)> = Vec::new();
        let mut under_way: Vec<Arc<Entry>> = Vec::new();
        for (step, which, seconds) in steps {
            match step {
                0 | 1 => {
                    last += 1;
                    let mut new = entry(last, names[which]);
                    new.deadline = at(now + 1000);
                    lanes.add(new, step == 0);
                }
                2 => under_way.extend(lanes.due(at(now))),
                3 if !under_way.is_empty() => {
                    let tried = under_way.swap_remove(which % under_way.len());
                    let verdict = [Verdict::Settled, Verdict::Again, Verdict::Waits][which];
                    let gone = lanes.settle(&tried.destination, verdict, at(now), 7);
                    prop_assert_eq!(gone.is_some(), verdict == Verdict::Settled);
                    if let Some(gone) = gone {
                        prop_assert_eq!(gone.id, tried.id);
                        left.push((gone.destination.clone(), gone.id));
                    }
                }
                4 => {
                    now += seconds;
                    let old = lanes.expired(at(now));
                    left.extend(old.iter().map(|entry| (entry.destination.clone(), entry.id)));
                }
                _ => lanes.wake(),
            }
            let waiting: u64 = lanes.loads().values().map(|load| load.waiting + load.at_work).sum();
            prop_assert_eq!(last, waiting + left.len() as u64);
            for name in names {
                let own: Vec<u64> = left.iter().filter(|(to, _)| *to == destination(name)).map(|(_, id)| *id).collect();
                prop_assert!(own.is_sorted());
            }
        }
    }
}
