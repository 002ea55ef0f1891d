//! What is on its way to files: when it goes, what is counted, and what happens when nobody writes it.

use super::Core;
use super::tests::{at, config, plan, receive};
use crate::config::logging::{Local, LocalSession, Logging};
use crate::config::persistent::{Bufferwrap, Persistent};
use crate::syslog::log_files::{Saved, Written};
use crate::syslog::plan::Place;

fn core(change: impl FnOnce(&mut Logging)) -> Core {
    let plan = plan(&config(change));
    let mut core = Core::new(plan, at(0));
    core.restore(Default::default(), 0);
    core
}

fn persistent(change: impl FnOnce(&mut Persistent)) -> impl FnOnce(&mut Logging) {
    |logging| {
        let mut persistent = Persistent::default();
        change(&mut persistent);
        logging.persistent = Some(persistent);
    }
}

#[test]
fn a_line_waits_for_others_and_not_for_long() {
    let mut core = core(persistent(|_| {}));
    receive(&mut core, &["%X-3-Y: one", "%X-7-Y: two"]);
    assert!(core.take_write(false).is_none());
    assert_eq!(core.files_at().map(|at| at.as_secs()), Some(5));
    core.begin(at(5));
    let write = core.take_write(false).expect("it is time");
    assert_eq!(write.batch.items.len(), 2);
    receive(&mut core, &["%X-3-Y: three"]);
    assert!(core.take_write(true).is_none(), "one write at a time");
    let counters = core.inside(Place::Persistent);
    assert_eq!(
        (counters.received, counters.queued, counters.delivered),
        (3, 3, 0)
    );
    core.written(Written {
        messages: 1,
        failed: 1,
    });
    let counters = core.inside(Place::Persistent);
    assert_eq!(
        (counters.queued, counters.delivered, counters.overflowed),
        (1, 1, 1)
    );
    assert!(core.take_write(true).is_some(), "leaving does not wait");
    assert!(!core.is_filed());
    core.written(Written {
        messages: 1,
        failed: 0,
    });
    assert!(core.is_filed());
}

#[test]
fn a_batch_or_immediate_is_written_at_once() {
    let mut few = core(persistent(|p| p.immediate = true));
    receive(&mut few, &["%X-3-Y: one"]);
    assert!(few.take_write(false).is_some());
    let mut many = core(persistent(|p| p.batch = Some(4096)));
    let line = format!("%X-3-Y: {}", "x".repeat(500));
    for _ in 0..8 {
        assert!(many.take_write(false).is_none());
        receive(&mut many, &[&line]);
    }
    assert!(many.take_write(false).is_some());
}

#[test]
fn what_was_logged_before_it_was_taken_away_is_written_all_the_same() {
    let mut core = core(persistent(|_| {}));
    receive(&mut core, &["%X-3-Y: one"]);
    core.swap(plan(&config(|_| {})), at(1));
    receive(&mut core, &["%X-3-Y: two"]);
    let write = core.take_write(false).expect("the rest");
    assert_eq!(
        (write.batch.items.len(), write.settings.name()),
        (1, "syslog")
    );
}

#[test]
fn what_waits_is_bounded_and_the_most_severe_stay() {
    let mut core = core(persistent(|_| {}));
    receive(&mut core, &["%X-2-Y: severe"]);
    let line = format!("%X-6-Y: {}", "x".repeat(60_000));
    for _ in 0..100 {
        receive(&mut core, &[&line]);
    }
    let counters = core.inside(Place::Persistent);
    assert_eq!(counters.received, 101);
    assert_eq!(counters.received, counters.queued + counters.overflowed);
    assert!(counters.overflowed > 20, "{counters:?}");
    let write = core.take_write(true).expect("lines");
    assert!(write.batch.bytes.ends_with(b"x") && write.batch.items[0].length < 100);
}

#[test]
fn the_buffer_is_saved_when_it_has_come_round_and_not_more_often_than_once_a_second() {
    let mut core = core(|logging: &mut Logging| {
        logging.buffered = Some(Local::On(LocalSession {
            size: Some(4096),
            ..LocalSession::default()
        }));
        logging.bufferwrap = Bufferwrap {
            on: true,
            ..Bufferwrap::default()
        };
    });
    let line = format!("%X-3-Y: {}", "x".repeat(1000));
    let round = [&*line; 5];
    receive(&mut core, &round[..3]);
    assert!(core.take_saving().is_none());
    receive(&mut core, &round[3..]);
    let saving = core.take_saving().expect("it has come round");
    assert!(saving.lines.ends_with(b"x\n"));
    receive(&mut core, &round);
    core.begin(at(2));
    assert!(core.take_saving().is_none(), "one is being saved");
    core.saved(Saved { is_saved: true });
    assert!(core.take_saving().is_some());
    core.saved(Saved { is_saved: true });
    receive(&mut core, &round);
    assert!(core.take_saving().is_none(), "within a second");
    core.begin(at(3));
    assert!(core.take_saving().is_some());
}
