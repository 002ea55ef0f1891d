//! Sessions with a queue on disk against a disk that is a list: nothing is lost or counted twice whatever the disk, the link
//! and the plan do, and after a kill everything that was accepted arrives.

use std::collections::BTreeSet;
use std::time::Duration;

use proptest::collection::vec;
use proptest::prelude::*;

use super::spooling_bench::{Bench, Disk, core, number_behind, planned};
use super::tests::{at, config, host, plan, receive};
use super::{Core, Now};
use crate::syslog::api::{Counters, QueueKept};
use crate::syslog::batch::{Answer, Batch};
use crate::syslog::on_disk::Turn;

#[derive(Clone, Debug)]
enum Step {
    Receive(u8),
    Turn,
    Up,
    Down(u64),
    Write(usize),
    Acknowledge,
    Refuse(bool),
    Swap(Option<u32>),
    Later,
    Kill,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => (0..8_u8).prop_map(Step::Receive),
        8 => Just(Step::Turn),
        2 => Just(Step::Up),
        1 => (0..400_u64).prop_map(Step::Down),
        4 => (0..400_usize).prop_map(Step::Write),
        2 => Just(Step::Acknowledge),
        1 => any::<bool>().prop_map(Step::Refuse),
        1 => proptest::option::of(2..6_u32).prop_map(Step::Swap),
        1 => Just(Step::Later),
        1 => Just(Step::Kill),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn nothing_is_lost_or_counted_twice_whatever_the_disk_does(
        most in proptest::option::of(2..8_u32),
        steps in vec(step(), 1..150),
    ) {
        let mut bench = Bench::new(most);
        let mut most = most;
        let mut entered = 0_u64;
        // What entered and was not lost by a kill before it was accepted.
        let mut alive = BTreeSet::new();
        for step in steps {
            match step {
                Step::Receive(severity) => {
                    entered += 1;
                    receive(&mut bench.core, &[&format!("%X-{severity}-Y: text {entered}")]);
                    alive.insert(entered);
                }
                Step::Turn => drop(bench.turn()),
                Step::Up => bench.up(),
                Step::Down(behind) => {
                    let acknowledged = bench.octets.saturating_sub(behind);
                    bench.core.link_down(0, Some(acknowledged));
                }
                Step::Write(count) => bench.write(count),
                Step::Acknowledge => bench.core.acknowledged(0, bench.octets),
                Step::Refuse(refuses) => bench.disk.refuses = refuses,
                Step::Swap(limit) => {
                    most = limit;
                    bench.core.swap(planned(limit), at(bench.second));
                }
                Step::Later => {
                    bench.second += 6;
                    bench.core.begin(at(bench.second));
                }
                Step::Kill => {
                    bench.disk.restart();
                    bench.core = core(most, &bench.disk);
                    bench.second = 0;
                    bench.line.clear();
                    prop_assert_eq!(bench.counters().restored, bench.disk.rows.len() as u64);
                    let rows = bench.disk.rows.values();
                    alive = rows.map(|(_, text)| number_behind(text, "text ")).collect();
                    alive.extend(&bench.arrived);
                }
            }
            let counters = bench.counters();
            prop_assert_eq!(bench.core.queue(0).messages as u64, counters.queued);
        }
        bench.finish();
        let counters = bench.counters();
        prop_assert_eq!(counters.queued, 0);
        prop_assert!(bench.disk.rows.is_empty(), "{:?}", bench.disk.rows);
        let missing = alive.difference(&bench.arrived).count() as u64;
        // What a life before had sent may overflow, too.
        prop_assert!(missing <= counters.overflowed, "{} missing, {:?}", missing, counters);
    }
}

#[test]
fn a_message_stands_on_the_wire_only_when_it_is_on_disk_and_leaves_the_disk_when_it_has_arrived() {
    let mut bench = Bench::new(None);
    bench.up();
    receive(&mut bench.core, &["%X-3-Y: one", "%X-3-Y: two"]);
    assert!(bench.core.bytes(0).is_empty());
    bench.turn();
    assert!(bench.core.bytes(0).is_empty(), "the job is under way");
    assert_eq!(bench.counters().queued, 2);
    bench.turn();
    assert_eq!(bench.disk.rows.len(), 2);
    bench.write(usize::MAX);
    assert_eq!(
        (bench.counters().delivered, bench.sent.as_slice()),
        (2, [1, 2].as_slice())
    );
    bench.turn();
    assert_eq!(bench.disk.rows.len(), 2, "nobody knows that they arrived");
    bench.core.acknowledged(0, bench.octets);
    bench.turn();
    bench.turn();
    assert!(bench.disk.rows.is_empty());
    assert!(bench.core.is_stored(0));
}

#[test]
fn after_a_kill_what_was_accepted_arrives_with_its_number_and_what_may_have_left_counts_as_repeated()
 {
    let mut bench = Bench::new(None);
    bench.up();
    receive(&mut bench.core, &["%X-3-Y: one", "%X-3-Y: two"]);
    bench.turn();
    bench.turn();
    bench.write(usize::MAX);
    bench.core.link_down(0, Some(0));
    receive(&mut bench.core, &["%X-3-Y: three"]);
    bench.turn();
    bench.turn();
    bench.disk.restart();
    bench.core = core(None, &bench.disk);
    bench.sent.clear();
    receive(&mut bench.core, &["%X-3-Y: four"]);
    bench.finish();
    assert_eq!(bench.sent, [1, 2, 3, 4]);
    let counters = bench.counters();
    assert_eq!(
        (
            counters.restored,
            counters.offered,
            counters.delivered,
            counters.possibly_repeated
        ),
        (3, 1, 4, 2)
    );
}

#[test]
fn the_age_of_what_waits_on_disk_goes_on_over_a_start() {
    let mut bench = Bench::new(None);
    let later = |seconds| Now {
        utc: at(0).utc + Duration::from_secs(seconds),
        ..at(seconds)
    };
    let age = |bench: &Bench| bench.core.waits_for(0).map(|age| age.as_secs());
    bench.core.begin(later(0));
    assert_eq!(age(&bench), None);
    receive(&mut bench.core, &["%X-3-Y: one"]);
    bench.core.begin(later(10));
    assert_eq!(age(&bench), Some(10));
    bench.turn();
    assert_eq!(age(&bench), Some(10), "on its way to the disk");
    bench.turn();
    assert_eq!(age(&bench), Some(10), "there");
    bench.core.begin(later(30));
    receive(&mut bench.core, &["%X-3-Y: two"]);
    bench.turn();
    bench.turn();
    assert_eq!(age(&bench), Some(30));
    bench.disk.restart();
    bench.core = core(None, &bench.disk);
    bench.core.begin(later(40));
    assert_eq!(age(&bench), Some(40), "right after a start");
    bench.second = 40;
    bench.up();
    bench.turn();
    bench.turn();
    assert_eq!(age(&bench), Some(40), "on the wire");
    let first = bench.core.bytes(0).iter().position(|b| *b == b'\n');
    bench.write(first.expect("a line") + 1);
    bench.core.acknowledged(0, bench.octets);
    bench.turn();
    bench.turn();
    assert_eq!(age(&bench), Some(10), "the second alone");
    bench.finish();
    assert_eq!(age(&bench), None);
}

#[test]
fn what_was_judged_before_the_start_is_no_hit_of_a_discriminator() {
    let mut bench = Bench::new(None);
    receive(&mut bench.core, &["%X-3-Y: one"]);
    bench.turn();
    bench.turn();
    bench.disk.restart();
    bench.core = core(None, &bench.disk);
    receive(&mut bench.core, &["%X-3-Y: two", "%X-3-Y: three"]);
    let hits = bench.core.hits(0);
    assert_eq!((hits.received, hits.limitable), (2, 2));
    assert_eq!(bench.counters().received, 3);
}

#[test]
fn a_disk_that_takes_nothing_is_said_once_and_the_session_goes_on_in_memory() {
    let mut bench = Bench::new(None);
    receive(&mut bench.core, &["%X-3-Y: one"]);
    bench.turn();
    bench.turn();
    bench.disk.refuses = true;
    receive(&mut bench.core, &["%X-3-Y: two"]);
    bench.turn();
    assert_eq!(bench.turn(), Some(Turn::Fails("full".to_owned())));
    let kept = QueueKept::InMemoryFor {
        reason: "full".to_owned(),
    };
    assert_eq!(bench.core.queue_kept(0), kept);
    receive(&mut bench.core, &["%X-3-Y: three"]);
    assert_eq!((bench.turn(), bench.turn()), (None, None));
    bench.up();
    for _ in 0..4 {
        bench.turn();
        bench.write(usize::MAX);
    }
    assert_eq!(bench.sent, [1, 2, 3], "what is on disk leaves first");
    receive(&mut bench.core, &["%X-3-Y: four"]);
    bench.write(usize::MAX);
    assert_eq!(bench.sent.len(), 4, "and then nothing waits for it");
    bench.disk.refuses = false;
    bench.core.begin(at(60));
    assert_eq!(bench.core.asks_disk_at().map(|at| at.as_secs()), Some(5));
    bench.turn();
    assert_eq!(bench.turn(), Some(Turn::Returns));
    assert_eq!(bench.core.queue_kept(0), QueueKept::OnDisk { waiting: 0 });
}

#[test]
fn a_session_that_is_gone_takes_its_rows_with_it_and_one_that_never_was_leaves_them() {
    let mut bench = Bench::new(None);
    receive(&mut bench.core, &["%X-3-Y: one"]);
    bench.turn();
    bench.turn();
    let none = plan(&config(|_| {}));
    bench.core.swap(none.clone(), at(1));
    assert_eq!(bench.core.retired().overflowed, 1);
    assert_eq!(
        bench.core.take_forgotten().as_deref(),
        Some("tcp 192.0.2.7 601 0 ")
    );
    assert_eq!(bench.core.take_forgotten(), None);
    let mut core = Core::new(none.clone(), at(0));
    let name = crate::syslog::batch::name(&planned(None).hosts[0].key);
    core.restore([(name, bench.disk.stored())].into_iter().collect(), 0);
    core.swap(none, at(1));
    assert_eq!(core.take_forgotten(), None);
    core.swap(planned(None), at(2));
    assert_eq!(core.host(0).restored, 1, "it is configured at last");
}

#[test]
fn a_queue_that_is_to_be_in_memory_sends_what_is_on_disk_first() {
    let mut bench = Bench::new(None);
    receive(&mut bench.core, &["%X-3-Y: one", "%X-3-Y: two"]);
    bench.turn();
    bench.turn();
    let memory = plan(&config(|logging| {
        host(logging, 601, |h| h.sequence_num_session = true)
    }));
    bench.core.swap(memory, at(1));
    receive(&mut bench.core, &["%X-3-Y: three"]);
    bench.finish();
    assert_eq!(bench.sent, [1, 2, 3]);
    for _ in 0..3 {
        bench.turn();
    }
    assert!(
        bench.core.spooled().is_empty(),
        "the disk has nothing to do with it any more"
    );
    receive(&mut bench.core, &["%X-3-Y: four"]);
    bench.write(usize::MAX);
    assert_eq!(bench.sent, [1, 2, 3, 4]);
    let counters = bench.counters();
    assert_eq!((counters.delivered, counters.restored), (4, 0));
}

#[test]
fn a_disk_that_lost_everything_costs_what_was_there_and_no_more() {
    let mut bench = Bench::new(None);
    receive(&mut bench.core, &["%X-3-Y: one", "%X-3-Y: two"]);
    bench.turn();
    bench.turn();
    receive(&mut bench.core, &["%X-3-Y: three"]);
    bench.turn();
    let mut job = bench.disk.job.take().expect("a job");
    bench.disk = Disk::default();
    let lost = Answer {
        refused: Some((std::mem::take(&mut job.store), "damaged".to_owned())),
        session: job.session,
        life: job.life,
        lost: true,
        ..Answer::default()
    };
    bench.core.answer(lost);
    let counters = bench.counters();
    assert_eq!((counters.overflowed, counters.queued), (2, 1));
    bench.finish();
    assert_eq!(bench.sent, [3]);
}

#[test]
fn a_queue_that_was_on_disk_and_is_to_be_in_memory_has_all_the_memory_that_it_may_have() {
    let mut bench = Bench::new(None);
    let memory = plan(&config(|logging| {
        host(logging, 601, |h| h.queue_memory = Some(16));
    }));
    bench.core.swap(memory, at(1));
    let long = format!("%X-3-Y: {}", "x".repeat(60_000));
    for _ in 0..160 {
        receive(&mut bench.core, &[&long]);
    }
    let counters = bench.counters();
    assert_eq!((counters.queued, counters.overflowed), (160, 0));
    assert!(bench.core.spooled().is_empty());
}

/// Its place on disk is no number of the device's.
#[test]
fn what_was_on_the_wire_when_the_disk_lost_everything_keeps_its_age_and_its_turn() {
    let mut bench = Bench::new(None);
    let later = |seconds| Now {
        utc: at(0).utc + Duration::from_secs(seconds),
        ..at(seconds)
    };
    bench.disk.last = 1000;
    receive(&mut bench.core, &["%X-3-Y: one", "%X-4-Y: two"]);
    bench.up();
    for _ in 0..3 {
        bench.turn();
    }
    assert_eq!(bench.core.queue(0).messages, 2);
    assert!(bench.core.settled(false) == 2 && bench.core.bytes(0).ends_with(b"two\n"));
    bench.core.begin(later(100));
    receive(&mut bench.core, &["%X-3-Y: three"]);
    bench.turn();
    let mut job = bench.disk.job.take().expect("a job");
    let lost = Answer {
        refused: Some((std::mem::take(&mut job.store), "damaged".to_owned())),
        session: job.session,
        life: job.life,
        lost: true,
        ..Answer::default()
    };
    bench.core.answer(lost);
    let age = bench.core.waits_for(0).map(|age| age.as_secs());
    assert_eq!(age, Some(100), "the age of the first");
    assert_eq!(bench.core.settled(false), 2, "the third is in memory");
    bench.disk = Disk::default();
    // From now on in memory, where three messages have room.
    let memory = plan(&config(|logging| {
        host(logging, 601, |h| h.sequence_num_session = true);
        logging.queue_limit = Some(3);
    }));
    bench.core.swap(memory, later(110));
    for second in [120, 130, 140] {
        bench.core.begin(later(second));
        bench.turn();
    }
    assert!(bench.core.spooled().is_empty());
    receive(&mut bench.core, &["%X-3-Y: four"]);
    assert_eq!(bench.counters().overflowed, 1);
    bench.write(usize::MAX);
    bench.write(usize::MAX);
    assert_eq!(
        bench.sent,
        [1, 2, 4],
        "the oldest that was not on the wire went"
    );
}

#[test]
fn rows_that_are_counted_and_not_there_are_not_asked_for_without_end() {
    let mut bench = Bench::new(None);
    receive(&mut bench.core, &["%X-3-Y: one"]);
    bench.turn();
    bench.turn();
    bench.disk.rows.clear();
    bench.finish();
    assert_eq!(bench.counters().overflowed, 1);
}

#[test]
fn an_answer_to_a_session_before_this_one_is_nobodys() {
    let mut bench = Bench::new(None);
    receive(&mut bench.core, &["%X-3-Y: one"]);
    bench.turn();
    let job = bench.disk.job.take().expect("a job");
    bench.core.swap(plan(&config(|_| {})), at(1));
    bench.core.swap(planned(None), at(2));
    let answer = Answer {
        handed: Batch::default(),
        ..bench.disk.carry_out(job)
    };
    assert_eq!(bench.core.answer(answer), None);
    assert_eq!(bench.counters(), Counters::default());
}
