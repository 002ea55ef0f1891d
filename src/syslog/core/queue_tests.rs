//! Queues, links, and what stays over a change of plan.

use super::Core;
use super::filter_tests::limit;
use super::tests::{
    CONFIG, UPDOWN, at, config, core, define, host, includes, lines, name, plan, receive, written,
};
use crate::config::discriminator::Discriminator;
use crate::config::logging::{Facility, Host, Logging, Trap};
use crate::message::{Own, Severity};
use crate::syslog::api::Counters;

#[test]
fn a_message_about_a_session_goes_to_the_others() {
    let mut core = core(|logging| {
        define(
            logging,
            "body",
            Discriminator {
                msg_body: includes("failed"),
                ..Discriminator::default()
            },
        );
        for port in 601..604 {
            host(logging, port, |h| {
                h.discriminator = (port != 602).then(|| name("body"))
            });
        }
    });
    for session in 0..3 {
        core.own_beside(
            &Own::sys(
                Severity::Errors,
                "LOGGINGHOST_FAIL",
                "Logging to host A failed",
            ),
            Some(session),
        );
    }
    core.fold();
    for session in 0..3 {
        let counters = core.host(session);
        assert_eq!(
            (
                counters.offered,
                counters.received,
                counters.queued,
                counters.filtered
            ),
            (2, 2, 2, 0)
        );
    }
    assert_eq!(core.device().own, 3);
}

#[test]
fn a_wire_asks_to_be_written_once_it_is_full() {
    let mut core = core(|logging| host(logging, 601, |_| {}));
    let mut count = 0;
    while core.take_full().is_none() {
        receive(&mut core, &[UPDOWN]);
        count += 1;
        assert!(count < 2000, "64 KiB are fewer than 2000 lines");
    }
    assert!(core.bytes(0).len() >= 64 << 10);
    receive(&mut core, &[UPDOWN]);
    assert_eq!(core.take_full(), None, "once until it is advanced");
    assert_eq!(core.take_dirty(), Some(0));
    assert_eq!(core.take_dirty(), None);
    core.advance(0, 1000);
    receive(
        &mut core,
        &[
            UPDOWN, UPDOWN, UPDOWN, UPDOWN, UPDOWN, UPDOWN, UPDOWN, UPDOWN, UPDOWN, UPDOWN, UPDOWN,
        ],
    );
    assert_eq!(core.take_full(), Some(0), "again once it was advanced");
}

#[test]
fn overflow_drops_the_oldest_of_the_least_severe() {
    let mut core = Core::new(
        plan(&config(|logging| {
            host(logging, 601, |_| {});
            logging.queue_limit = Some(3);
        })),
        at(0),
    );
    let lines_in: Vec<_> = [(6, 1), (3, 2), (6, 3), (5, 4), (3, 5)]
        .map(|(s, n)| format!("%X-{s}-Y: {n}"))
        .to_vec();
    receive(
        &mut core,
        &lines_in.iter().map(String::as_str).collect::<Vec<_>>(),
    );
    assert_eq!((core.host(0).overflowed, core.host(0).queued), (2, 3));
    core.link_up(0, None, false);
    let left: Vec<_> = lines(&mut core, 0)
        .iter()
        .filter_map(|line| line.chars().last())
        .collect();
    assert_eq!(left, ['2', '4', '5'], "merged in the device's order");
    assert_eq!(core.host(0).delivered, 3);
}

/// What a link that takes nothing holds of 40 debugging messages and as many emergencies as its queue may hold, once it
/// took `taken` octets of the first: the severities that leave.
fn left_of_a_stalled_link(change: impl FnOnce(&mut Logging), taken: usize) -> Vec<char> {
    let mut core = core(|logging| {
        logging.queue_limit = Some(10);
        host(logging, 601, |_| {});
        change(logging);
    });
    receive(&mut core, &["%X-7-Y: first"]);
    core.advance(0, taken);
    receive(&mut core, &["%X-7-Y: old"; 39]);
    receive(&mut core, &["%X-0-Y: new"; 10]);
    let counters = core.host(0);
    assert_eq!((counters.queued, counters.overflowed), (10, 40));
    assert!(
        !core.bytes(0).is_empty(),
        "an empty wire is never written again"
    );
    let left = String::from_utf8_lossy(&written(&mut core, 0)).into_owned();
    assert_eq!(core.host(0).delivered, 10);
    left.split("%X-")
        .skip(1)
        .filter_map(|behind| behind.chars().next())
        .collect()
}

#[test]
fn the_most_severe_stay_though_the_wire_was_full_of_others() {
    assert_eq!(left_of_a_stalled_link(|_| {}, 0), ['0'; 10]);
    let counted = |logging: &mut Logging| {
        logging.trap = Some(Trap::On {
            level: Some(Severity::Debugging),
            rfc5424: true,
        });
    };
    assert_eq!(left_of_a_stalled_link(counted, 0), ['0'; 10]);
}

#[test]
fn a_message_that_the_kernel_has_begun_to_take_leaves_whole() {
    let left = left_of_a_stalled_link(|_| {}, 5);
    assert_eq!(left[0], '7');
    assert_eq!(left[1..], ['0'; 9]);
}

#[test]
fn what_was_delivered_once_never_overflows() {
    let mut core = core(|logging| {
        logging.queue_limit = Some(2);
        host(logging, 601, |_| {});
    });
    core.link_down(0, None);
    core.link_up(0, None, true);
    receive(&mut core, &["%X-7-Y: once", "%X-7-Y: twice"]);
    let once = lines(&mut core, 0);
    core.link_down(0, Some(0));
    core.link_up(0, None, true);
    receive(
        &mut core,
        &["%X-7-Y: a", "%X-7-Y: b", "%X-0-Y: c", "%X-0-Y: d"],
    );
    let left = lines(&mut core, 0);
    assert_eq!(left[..2], once);
    assert!(
        left.len() == 4 && left[2].ends_with("c") && left[3].ends_with("d"),
        "{left:?}"
    );
    let counters = core.host(0);
    assert_eq!((counters.overflowed, counters.possibly_repeated), (2, 2));
}

#[test]
fn a_backlog_longer_than_a_wire_leaves_whole_and_in_order() {
    let mut core = Core::new(plan(&config(|logging| host(logging, 601, |_| {}))), at(0));
    let all: Vec<_> = (0..3000_u32)
        .map(|n| format!("%X-{}-Y: {n} {}", n % 8, "x".repeat(100)))
        .collect();
    receive(
        &mut core,
        &all.iter().map(String::as_str).collect::<Vec<_>>(),
    );
    core.link_up(0, None, false);
    assert!(
        core.bytes(0).len() < 128 << 10,
        "only a wire's worth is in one piece"
    );
    let left: Vec<_> = lines(&mut core, 0)
        .iter()
        .filter_map(|line| line.split(' ').rev().nth(1).map(str::to_owned))
        .collect();
    assert_eq!(
        left,
        (0..3000).map(|n: u32| n.to_string()).collect::<Vec<_>>()
    );
    assert_eq!((core.host(0).delivered, core.queue(0).bytes), (3000, 0));
}

#[test]
fn a_queue_is_bounded_in_bytes() {
    let mut core = Core::new(
        plan(&config(|logging| {
            host(logging, 601, |h| h.queue_memory = Some(1))
        })),
        at(0),
    );
    let line = format!("%X-5-Y: {}", "x".repeat(1000));
    for _ in 0..2000 {
        receive(&mut core, &[&line]);
    }
    let (queue, counters) = (core.queue(0), core.host(0));
    assert!(
        queue.bytes <= 1 << 20 && queue.bytes > 1000 << 10,
        "{queue:?}"
    );
    assert_eq!(counters.queued + counters.overflowed, 2000);
    assert_eq!(queue.received, queue.messages);
}

#[test]
fn our_own_messages_are_told_apart_in_a_queue_without_a_link() {
    let mut core = Core::new(plan(&config(|logging| host(logging, 601, |_| {}))), at(0));
    core.own(&Own::sys(Severity::Notifications, "CONFIG_I", "x"));
    assert_eq!((core.queue(0).messages, core.queue(0).received), (1, 0));
    receive(&mut core, &[UPDOWN]);
    assert_eq!((core.queue(0).messages, core.queue(0).received), (2, 1));
}

#[test]
fn a_cut_message_is_sent_whole_after_a_reconnection() {
    let mut core = core(|logging| host(logging, 601, |_| {}));
    receive(&mut core, &[UPDOWN, CONFIG]);
    let first = core
        .bytes(0)
        .iter()
        .position(|b| *b == b'\n')
        .unwrap_or_default()
        + 1;
    core.advance(0, first + 10);
    assert_eq!((core.host(0).delivered, core.host(0).queued), (1, 1));
    core.link_down(0, None);
    assert!(core.bytes(0).is_empty() && !core.is_up(0));
    receive(&mut core, &[UPDOWN]);
    core.link_up(0, None, false);
    assert_eq!(core.take_dirty(), Some(0));
    let again = lines(&mut core, 0);
    assert!(
        again[0].starts_with("<189>2: ") && again[0].ends_with("console"),
        "{}",
        again[0]
    );
    assert!(again[1].starts_with("<187>3: "));
    let counters = core.host(0);
    assert_eq!(
        (
            counters.delivered,
            counters.queued,
            counters.possibly_repeated
        ),
        (3, 0, 0)
    );
}

#[test]
fn what_the_peer_had_not_acknowledged_goes_again_and_counts_once() {
    let mut core = core(|logging| host(logging, 601, |_| {}));
    core.link_up(0, None, true);
    receive(&mut core, &[UPDOWN, CONFIG, UPDOWN]);
    let bytes = written(&mut core, 0);
    let first = bytes.iter().position(|b| *b == b'\n').unwrap_or_default() + 1;
    assert_eq!(core.host(0).delivered, 3);
    core.acknowledged(0, first as u64);
    // Five bytes of the second message: it goes again whole.
    core.link_down(0, Some(first as u64 + 5));
    core.link_up(0, None, true);
    assert_eq!(core.bytes(0), &bytes[first..]);
    assert_eq!(core.host(0).queued, 0, "they were delivered once");
    let again = written(&mut core, 0);
    assert_eq!(again, &bytes[first..]);
    let counters = core.host(0);
    assert_eq!((counters.delivered, counters.possibly_repeated), (3, 2));
    core.acknowledged(0, again.len() as u64);
    core.link_down(0, Some(again.len() as u64));
    core.link_up(0, None, true);
    assert!(core.bytes(0).is_empty());
}

#[test]
fn a_session_that_stays_keeps_queue_numbers_and_counters_over_a_swap() {
    let numbered = |h: &mut Host| h.sequence_num_session = true;
    let mut core = core(|logging| {
        host(logging, 601, |_| {});
        host(logging, 602, numbered);
    });
    receive(&mut core, &[UPDOWN, CONFIG]);
    core.link_down(0, None);
    let next = plan(&config(|logging| {
        host(logging, 602, numbered);
        host(logging, 603, |_| {});
        logging.facility = Some(Facility(16));
    }));
    let old = core.swap(next, at(1));
    assert_eq!(old.hosts.len(), 2);
    assert_eq!(
        (
            core.retired().overflowed,
            core.retired().queued,
            core.retired().offered
        ),
        (2, 0, 2)
    );
    assert_eq!(core.take_dirty(), Some(0));
    receive(&mut core, &[UPDOWN]);
    let kept = lines(&mut core, 0);
    assert!(
        kept[1].contains(r#"s_sn="2""#)
            && kept[2].contains(r#"s_sn="3""#)
            && kept[2].starts_with("<131>3: ")
    );
    assert_eq!((core.host(0).offered, core.host(0).delivered), (3, 3));
    assert_eq!(
        (core.host(1).offered, core.host(1).queued),
        (1, 1),
        "a new session counts from its beginning"
    );
}

#[test]
fn a_rate_window_goes_on_over_a_swap() {
    let limited = |logging: &mut Logging| {
        define(
            logging,
            "two",
            Discriminator {
                rate_limit: limit(2),
                ..Discriminator::default()
            },
        );
        host(logging, 601, |h| h.discriminator = Some(name("two")));
    };
    let mut core = core(limited);
    receive(&mut core, &[CONFIG]);
    core.swap(plan(&config(limited)), at(0));
    receive(&mut core, &[CONFIG, CONFIG]);
    assert_eq!(core.host(0).rate_limited, 1);
}

#[test]
fn many_distinct_headers_are_judged_right_and_remembered_in_bounds() {
    let mut core = core(|logging| {
        define(
            logging,
            "odd",
            Discriminator {
                mnemonics: includes("[13579]$"),
                ..Discriminator::default()
            },
        );
        host(logging, 601, |h| h.discriminator = Some(name("odd")));
    });
    for round in 0..3 {
        for n in 0..10_000 {
            receive(&mut core, &[&format!("%X-5-M{n}: {round}")]);
            written(&mut core, 0);
        }
    }
    let Counters {
        delivered,
        filtered,
        ..
    } = core.host(0);
    assert_eq!((delivered, filtered), (15_000, 15_000));
}

#[test]
fn more_than_64_sessions_have_their_own_share() {
    let mut core = core(|logging| {
        for n in 0..150_u16 {
            let body = Discriminator {
                msg_body: includes(&format!("^body {n}$")),
                ..Discriminator::default()
            };
            define(logging, &n.to_string(), body);
            host(logging, 1000 + n, |h| {
                h.discriminator = Some(name(&n.to_string()))
            });
        }
    });
    let all: Vec<_> = (0..150).map(|n| format!("%X-5-Y: body {n}")).collect();
    receive(
        &mut core,
        &all.iter().map(String::as_str).collect::<Vec<_>>(),
    );
    for (session, body) in all.iter().enumerate() {
        let got = lines(&mut core, session);
        assert!(
            got.len() == 1 && got[0].ends_with(body.as_str()),
            "{session}: {got:?}"
        );
        assert_eq!(
            (core.host(session).filtered, core.blocks(session).msg_body),
            (149, 149)
        );
    }
}
