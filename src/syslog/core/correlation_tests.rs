//! How correlation counts and what leaves, for sessions inside the device and outside, across time, limits and swaps.

use std::sync::Arc;
use std::time::Duration;

use super::Core;
use super::filter_tests::limit;
use super::tests::{at, config, core, define, host, key, lines, name, plan, receive};
use crate::config::correlator::{CorrelatorRule, Header};
use crate::config::discriminator::{Discriminator, Flapping};
use crate::config::logging::{Local, LocalSession, Logging, Transport};
use crate::message::{Own, Severity};
use crate::syslog::api::{Counters, Listener};

const DOWN: &str =
    "<187>1: sw1: Mar  1 18:48:50: %LINK-3-UPDOWN: Interface Gi0/1, changed state to down";
const OSPF: &str = "<189>2: sw1: Mar  1 18:48:51: %OSPF-5-ADJCHG: Nbr 10.0.0.1 from FULL to DOWN";

fn once() -> Discriminator {
    Discriminator {
        duplicates: Some(30),
        ..Discriminator::default()
    }
}

/// A session with this discriminator.
fn with(discriminator: Discriminator) -> impl FnOnce(&mut Logging) {
    move |logging| {
        define(logging, "md", discriminator);
        host(logging, 601, |h| h.discriminator = Some(name("md")));
    }
}

fn rule(logging: &mut Logging) {
    let header = |facility: &str, mnemonic: &str| Header {
        facility: facility.into(),
        mnemonic: mnemonic.into(),
    };
    let rule = CorrelatorRule {
        timeout: Some(10),
        cause: Some(header("LINK", "UPDOWN")),
        symptoms: vec![header("OSPF", "ADJCHG")],
        applied: true,
    };
    Arc::make_mut(&mut logging.correlator).insert("link".into(), rule);
}

fn bodies(core: &mut Core) -> Vec<String> {
    let all = lines(core, 0);
    let body = |line: &String| line.split_once(": %").map(|(_, body)| body.to_owned());
    all.iter().filter_map(body).collect()
}

/// Received, delivered, merged, queued.
fn of(c: Counters) -> [u64; 4] {
    [c.received, c.delivered, c.merged, c.queued]
}

/// R29, R29a.
#[test]
fn a_summary_is_received_once_more_and_leaves_with_a_number_of_its_own() {
    let mut core = core(|logging| {
        with(once())(logging);
        host(logging, 601, |h| {
            h.discriminator = Some(name("md"));
            h.sequence_num_session = true;
        });
    });
    receive(&mut core, &[DOWN; 10]);
    assert_eq!(of(core.host(0)), [10, 0, 9, 1]);
    assert_eq!(core.closes_at(), Some(at(30).monotonic));
    core.begin(at(30));
    let sent = lines(&mut core, 0);
    let [first, summary] = sent.as_slice() else {
        panic!("{sent:?}");
    };
    assert!(first.starts_with("<187>1: sw1: [syslog@9 s_sn=\"1\"]: Mar  1 18:48:50: %LINK"));
    assert!(summary.starts_with("<187>11: sw1: [syslog@9 s_sn=\"2\"]: Mar  1 18:48:50: %LINK"));
    assert!(summary.ends_with("changed state to down (repeated 9 times)"));
    let counters = core.host(0);
    assert_eq!(of(counters), [11, 2, 9, 0]);
    assert_eq!((counters.offered, counters.summaries), (10, 1));
    assert_eq!(core.closes_at(), None);
}

#[test]
fn sessions_without_correlation_get_everything() {
    let mut core = core(|logging| {
        with(once())(logging);
        host(logging, 602, |_| {});
    });
    receive(&mut core, &[DOWN; 3]);
    assert_eq!(
        (lines(&mut core, 0).len(), lines(&mut core, 1).len()),
        (1, 3)
    );
    assert_eq!(core.buffered().delivered, 3);
}

#[test]
fn a_summary_meets_the_rate_limit_alone() {
    let mut core = core(with(Discriminator {
        rate_limit: limit(1),
        ..once()
    }));
    core.begin(at(1));
    receive(&mut core, &[DOWN, DOWN]);
    core.begin(at(31));
    // The summary is the one of this second.
    receive(&mut core, &["%SYS-5-CONFIG_I: x"]);
    assert_eq!(bodies(&mut core).len(), 2);
    let counters = core.host(0);
    assert_eq!((counters.rate_limited, counters.merged), (1, 1));
}

#[test]
fn what_the_criteria_block_is_not_correlated() {
    let mut core = core(with(Discriminator {
        msg_body: Some(crate::config::discriminator::Match {
            sense: crate::config::discriminator::Sense::Drops,
            pattern: "down".into(),
        }),
        ..once()
    }));
    receive(&mut core, &[DOWN; 3]);
    assert_eq!((core.host(0).filtered, core.host(0).merged), (3, 0));
    assert_eq!(core.correlation(0).watched, 0);
}

/// R29c.
#[test]
fn a_held_cause_counts_as_queued_and_then_as_merged_with_its_symptoms() {
    let mut core = core(|logging| {
        host(logging, 601, |_| {});
        rule(logging);
    });
    receive(&mut core, &[DOWN, OSPF, OSPF]);
    assert_eq!(of(core.host(0)), [3, 0, 2, 1]);
    assert_eq!(core.queue(0).messages, 1);
    core.begin(at(4));
    assert_eq!(core.waits_for(0), Some(Duration::from_secs(4)));
    core.begin(at(10));
    assert_eq!(
        bodies(&mut core),
        ["LINK-3-UPDOWN: Interface Gi0/1, changed state to down (symptoms: 2)"]
    );
    assert_eq!(of(core.host(0)), [4, 1, 3, 0]);
}

#[test]
fn the_buffer_the_console_and_terminals_correlate_as_well() {
    let mut core = core(|logging| {
        define(logging, "md", once());
        let session = || {
            Some(Local::On(LocalSession {
                discriminator: Some(name("md")),
                ..LocalSession::default()
            }))
        };
        (logging.buffered, logging.console, logging.monitor) = (session(), session(), session());
    });
    core.listen(Listener::Console, true);
    core.listen(Listener::Monitor, true);
    receive(&mut core, &[DOWN; 5]);
    core.begin(at(30));
    for who in [Listener::Console, Listener::Monitor] {
        let lines = core.take_lines(who);
        assert_eq!(lines.len(), 2);
        assert!(lines[1].ends_with(b"(repeated 4 times)"));
        assert_eq!(of(core.terminal(who)), [6, 2, 4, 0]);
    }
    let buffer = String::from_utf8_lossy(&core.buffer()).into_owned();
    assert_eq!(buffer.lines().count(), 2);
    assert_eq!(of(core.buffered()), [6, 2, 4, 0]);
}

#[test]
fn the_devices_own_messages_are_correlated_by_themselves() {
    let mut core = core(with(once()));
    let own = Own::sys(
        Severity::Notifications,
        "CONFIG_I",
        "Configured from console",
    );
    core.own(&own);
    core.own(&own);
    receive(&mut core, &["%SYS-5-CONFIG_I: Configured from console"]);
    core.close_windows();
    assert_eq!(
        bodies(&mut core).len(),
        3,
        "one of each, and a summary of ours"
    );
}

#[test]
fn what_a_session_asks_anew_ends_its_windows_and_what_it_asks_again_does_not() {
    let mut core = core(with(once()));
    receive(&mut core, &[DOWN, DOWN]);
    core.swap(
        plan(&config(|logging| {
            with(Discriminator {
                rate_limit: limit(100),
                ..once()
            })(logging);
            host(logging, 602, |_| {});
        })),
        at(1),
    );
    receive(&mut core, &[DOWN]);
    assert_eq!(of(core.host(0)), [3, 0, 2, 1]);
    core.swap(plan(&config(with(Discriminator::default()))), at(2));
    assert_eq!(core.host(0).summaries, 1);
    receive(&mut core, &[DOWN]);
    let sent = bodies(&mut core);
    assert_eq!(sent.len(), 3);
    assert!(sent[1].ends_with("(repeated 2 times)"));
    assert_eq!(of(core.host(0)), [5, 3, 2, 0]);
}

#[test]
fn a_session_that_is_removed_loses_what_it_held_as_overflowed() {
    let mut core = core(|logging| {
        host(logging, 601, |_| {});
        rule(logging);
    });
    receive(&mut core, &[DOWN, OSPF]);
    core.swap(plan(&config(|_| {})), at(1));
    let gone = core.retired();
    assert_eq!(of(gone), [2, 0, 1, 0]);
    assert_eq!(gone.overflowed, 1);
}

#[test]
fn a_session_that_is_configured_again_begins_with_no_window() {
    let mut core = core(with(once()));
    receive(&mut core, &[DOWN, DOWN]);
    core.swap(plan(&config(|_| {})), at(1));
    core.swap(plan(&config(with(once()))), at(1));
    receive(&mut core, &[DOWN]);
    assert_eq!(of(core.host(0)), [1, 0, 0, 1]);
}

#[test]
fn sessions_change_places_with_their_windows() {
    let both = |first: u16, second: u16| {
        plan(&config(|logging| {
            define(logging, "md", once());
            for port in [first, second] {
                host(logging, port, |h| h.discriminator = Some(name("md")));
            }
        }))
    };
    let mut core = Core::new(both(601, 602), at(0));
    receive(&mut core, &[DOWN, DOWN]);
    core.swap(both(602, 601), at(1));
    let place = core.plan().host(&key(Transport::Tcp, 601)).unwrap_or(9);
    assert_eq!(place, 1);
    receive(&mut core, &[DOWN]);
    assert_eq!((core.host(0).merged, core.host(1).merged), (2, 2));
}

/// R29b.
#[test]
fn damping_has_a_beginning_an_end_and_nothing_between() {
    let mut core = core(with(Discriminator {
        flapping: Some(Flapping {
            changes: 2,
            within: 10,
        }),
        ..Discriminator::default()
    }));
    let up = DOWN.replace("down", "up");
    for _ in 0..20 {
        receive(&mut core, &[DOWN, &up]);
    }
    core.begin(at(10));
    let sent = bodies(&mut core);
    assert_eq!(sent.len(), 4, "{sent:?}");
    assert!(sent[2].ends_with("down (flapping, more than 2 changes within 10 s)"));
    assert!(sent[3].ends_with("up (flapping ended, 37 more kept back)"));
    assert_eq!(of(core.host(0)), [42, 4, 38, 0]);
}

#[test]
fn a_message_without_pri_or_header_and_one_of_rfc_5424_have_summaries_that_read_like_them() {
    let mut core = core(with(once()));
    for text in [
        "just text",
        "<165>1 2003-10-11T22:14:15.003Z h app 8 ID47 [x@1 a=\"b\"] An entry",
        "<13>Feb  5 17:32:18 h2 su[12]: 'su root' failed",
    ] {
        receive(&mut core, &[text, text]);
    }
    core.close_windows();
    let sent = bodies(&mut core);
    assert_eq!(
        sent[3..],
        [
            "SYSLOG-5-MSG: just text (repeated 1 times)",
            "APP-5-ID47: An entry (repeated 1 times)",
            "SU-5-MSG: 'su root' failed (repeated 1 times)"
        ]
    );
}
