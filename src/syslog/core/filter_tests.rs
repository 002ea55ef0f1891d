//! Who gets a message and who does not, for which reason, and what the rate limits let through.

use super::tests::{CONFIG, UPDOWN, at, core, define, host, includes, key, lines, name, receive};
use crate::config::discriminator::{Discriminator, Match, Sense, SeverityList, SeverityMatch};
use crate::config::logging::{Host, Local, LocalSession, Output, RateLimit, Transport, Trap};
use crate::message::Severity;
use crate::syslog::api::{Blocks, Listener};

fn drops(pattern: &str) -> Option<Match> {
    Some(Match {
        sense: Sense::Drops,
        pattern: pattern.into(),
    })
}

fn severities(sense: Sense, list: &str) -> Option<SeverityMatch> {
    SeverityList::new(list).map(|list| SeverityMatch { sense, list })
}

pub(super) fn limit(limit: u16) -> Option<RateLimit> {
    Some(RateLimit {
        limit,
        all: true,
        except: None,
    })
}

#[test]
fn session_numbers_have_no_gap_for_what_the_filter_kept_back() {
    let mut core = core(|logging| {
        let sys = Discriminator {
            facility: includes("SYS"),
            rate_limit: limit(2),
            ..Discriminator::default()
        };
        define(logging, "sys", sys);
        host(logging, 601, |h| {
            h.sequence_num_session = true;
            h.discriminator = Some(name("sys"));
        });
    });
    receive(&mut core, &[CONFIG, UPDOWN, CONFIG, CONFIG]);
    core.begin(at(1));
    receive(&mut core, &[CONFIG]);
    let numbers: Vec<_> = lines(&mut core, 0)
        .iter()
        .map(|line| line.split('"').nth(1).map(str::to_owned))
        .collect();
    assert_eq!(numbers, ["1", "2", "3"].map(|n| Some(n.to_owned())));
    let counters = core.host(0);
    assert_eq!(
        (counters.delivered, counters.filtered, counters.rate_limited),
        (3, 1, 1)
    );
}

#[test]
fn a_stream_that_nothing_is_assigned_to_stays_empty() {
    let filtered = |stream| Host {
        output: Some(Output::Filtered { stream }),
        ..Host::default()
    };
    let mut core = core(|logging| {
        logging.hosts.set(key(Transport::Tcp, 601), filtered(None));
        logging
            .hosts
            .set(key(Transport::Tcp, 602), filtered(Some(10)));
    });
    receive(&mut core, &[UPDOWN]);
    assert_eq!(
        (lines(&mut core, 0).len(), lines(&mut core, 1).len()),
        (1, 0)
    );
}

#[test]
fn a_stream_has_what_passes_the_discriminator_of_its_rule() {
    let filtered = Host {
        output: Some(Output::Filtered { stream: Some(10) }),
        ..Host::default()
    };
    let mut core = core(|logging| {
        let links = Discriminator {
            facility: includes("LINK"),
            ..Discriminator::default()
        };
        define(logging, "links", links);
        let streams = std::sync::Arc::make_mut(&mut logging.streams);
        streams.rules.insert(10, name("links"));
        logging.hosts.set(key(Transport::Tcp, 601), filtered);
    });
    receive(&mut core, &[UPDOWN, "%SYS-5-CONFIG_I: Configured"]);
    assert_eq!(lines(&mut core, 0).len(), 1);
    let counters = core.host(0);
    assert_eq!((counters.delivered, counters.filtered), (1, 1));
}

#[test]
fn criteria_are_checked_in_their_order_and_counted_by_reason() {
    let mut core = core(|logging| {
        let strict = Discriminator {
            severity: severities(Sense::Drops, "6,7"),
            facility: drops("LINK"),
            mnemonics: includes("CONFIG_I|UPDOWN"),
            msg_body: drops("console"),
            ..Discriminator::default()
        };
        define(logging, "strict", strict);
        host(logging, 601, |h| h.discriminator = Some(name("strict")));
        logging.trap = Some(Trap::On {
            level: Some(Severity::Informational),
            rfc5424: false,
        });
    });
    receive(
        &mut core,
        &[
            "%LINK-7-X: below the level",
            "%LINK-6-UPDOWN: console",
            "%LINK-3-UPDOWN: console",
            "%SYS-3-RESTART: console",
            "%SYS-3-CONFIG_I: console",
            "%SYS-3-CONFIG_I: passes",
        ],
    );
    assert_eq!(
        core.blocks(0),
        Blocks {
            severity: 1,
            facility: 1,
            mnemonics: 1,
            msg_body: 1,
            sender: 0
        }
    );
    let counters = core.host(0);
    assert_eq!(
        (
            counters.offered,
            counters.below_level,
            counters.received,
            counters.filtered
        ),
        (6, 1, 5, 4)
    );
    assert_eq!(lines(&mut core, 0).len(), 1);
}

#[test]
fn includes_blocks_a_debug_line_and_drops_lets_it_pass() {
    let mut core = core(|logging| {
        define(
            logging,
            "in",
            Discriminator {
                facility: includes(".*"),
                ..Discriminator::default()
            },
        );
        define(
            logging,
            "out",
            Discriminator {
                mnemonics: drops(".*"),
                ..Discriminator::default()
            },
        );
        host(logging, 601, |h| h.discriminator = Some(name("in")));
        host(logging, 602, |h| h.discriminator = Some(name("out")));
    });
    receive(
        &mut core,
        &["<191>45: *Mar  1 00:00:12.345: IP: s=10.0.0.1"],
    );
    assert_eq!(
        (lines(&mut core, 0).len(), lines(&mut core, 1).len()),
        (0, 1)
    );
}

#[test]
fn a_programs_name_is_matched_in_upper_case() {
    let mut core = core(|logging| {
        define(
            logging,
            "ssh",
            Discriminator {
                facility: includes("^SSHD$"),
                ..Discriminator::default()
            },
        );
        host(logging, 601, |h| h.discriminator = Some(name("ssh")));
    });
    receive(&mut core, &["<38>sshd[5]: x", "<38>su: x"]);
    assert_eq!(lines(&mut core, 0).len(), 1);
}

#[test]
fn the_global_limit_comes_before_every_session() {
    let mut core = core(|logging| {
        host(logging, 601, |_| {});
        logging.rate_limit = Some(RateLimit {
            limit: 2,
            all: false,
            except: Some(Severity::Errors),
        });
    });
    receive(
        &mut core,
        &[
            CONFIG,
            CONFIG,
            CONFIG,
            UPDOWN,
            "<191>%X-7-Y: debugging is exempt",
            CONFIG,
        ],
    );
    core.begin(at(1));
    receive(&mut core, &[CONFIG]);
    let device = core.device();
    assert_eq!(
        (
            device.received_by_inputs,
            device.discarded_by_global_rate_limit,
            device.offered
        ),
        (7, 2, 5)
    );
    assert_eq!(core.host(0).offered, 5);
    // The numbers show the gap.
    assert!(lines(&mut core, 0)[2].starts_with("<187>4: "));
}

#[test]
fn the_console_has_a_limit_of_its_own() {
    let mut core = core(|logging| {
        logging.console = Some(Local::On(LocalSession::default()));
        logging.console_rate_limit = Some(RateLimit {
            limit: 1,
            all: true,
            except: None,
        });
    });
    receive(&mut core, &[CONFIG, CONFIG, CONFIG]);
    let counters = core.terminal(Listener::Console);
    assert_eq!((counters.delivered, counters.rate_limited), (1, 2));
    assert_eq!(core.buffered().delivered, 3);
}

#[test]
fn no_logging_on_leaves_the_console_alone() {
    let mut core = core(|logging| {
        logging.on = Some(false);
        logging.console = Some(Local::On(LocalSession::default()));
        host(logging, 601, |_| {});
    });
    receive(&mut core, &[CONFIG]);
    assert_eq!(
        (
            core.terminal(Listener::Console).delivered,
            core.buffered().delivered
        ),
        (1, 0)
    );
    assert_eq!((core.host(0).below_level, core.host(0).received), (1, 0));
}

#[test]
fn a_wall_clock_that_jumps_moves_no_window_and_loses_nothing() {
    let mut core = core(|logging| {
        logging.rate_limit = limit(2);
        host(logging, 601, |_| {});
    });
    let jumps = [
        0,
        86_400 * 400,
        -86_400 * 4000,
        1,
        -1,
        i64::from(i32::MAX),
        0,
    ];
    for (second, jump) in jumps.into_iter().enumerate() {
        let mut now = at(second as u64);
        now.utc += chrono::TimeDelta::seconds(jump);
        core.begin(now);
        receive(&mut core, &["%SYS-5-A: no stamp", CONFIG, UPDOWN]);
    }
    assert_eq!(core.device().discarded_by_global_rate_limit, 7);
    let sent = lines(&mut core, 0);
    assert_eq!(sent.len(), 14, "two in each second, whatever the date is");
    let numbers: Vec<_> = sent
        .iter()
        .filter_map(|line| {
            line.split_once('>')?
                .1
                .split_once(':')?
                .0
                .parse::<u64>()
                .ok()
        })
        .collect();
    assert!(numbers.len() == 14 && numbers.is_sorted(), "{sent:?}");
    let counters = core.host(0);
    assert_eq!((counters.delivered, counters.queued), (14, 0));
}
