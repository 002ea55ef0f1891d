//! The requirements on filters and limits that no other test names, each by its number.

use std::sync::Arc;

use super::filter_tests::limit;
use super::tests::{
    CONFIG, UPDOWN, at, config, core, define, host, includes, lines, name, plan, receive,
};
use crate::config::discriminator::{Discriminator, Match, Sense, SeverityList, SeverityMatch};
use crate::config::logging::{Logging, RateLimit};
use crate::message::Severity;

fn drops(pattern: &str) -> Option<Match> {
    Some(Match {
        sense: Sense::Drops,
        pattern: pattern.into(),
    })
}

fn attached(logging: &mut Logging, port: u16, md: &str) {
    host(logging, port, |h| h.discriminator = Some(name(md)));
}

/// R16, R35: the generic discriminator is the device-wide configuration; without any, a session gets everything.
#[test]
fn a_session_without_a_discriminator_gets_every_message() {
    let mut core = core(|logging| host(logging, 601, |_| {}));
    receive(
        &mut core,
        &[CONFIG, UPDOWN, "<191>1: Mar  1 00:00:12: debug"],
    );
    assert_eq!(lines(&mut core, 0).len(), 3);
}

/// R35, R37: the global limit is the rate limit of the generic discriminator and holds for every destination alike.
#[test]
fn the_global_limit_is_the_generic_discriminators_and_holds_for_all() {
    let mut core = core(|logging| {
        logging.rate_limit = limit(2);
        host(logging, 601, |_| {});
        host(logging, 602, |_| {});
        define(logging, "empty", Discriminator::default());
        attached(logging, 603, "empty");
    });
    receive(&mut core, &[CONFIG; 5]);
    for session in 0..3 {
        assert_eq!(lines(&mut core, session).len(), 2);
        assert_eq!(core.host(session).rate_limited, 0);
    }
    assert_eq!(core.buffered().delivered, 2);
    assert_eq!(core.device().discarded_by_global_rate_limit, 3);
}

/// R36: without a global limit all messages go to the remote hosts.
#[test]
fn without_a_global_limit_nothing_is_discarded() {
    let mut core = core(|logging| host(logging, 601, |_| {}));
    receive(&mut core, &[CONFIG; 5000]);
    assert_eq!(core.device().discarded_by_global_rate_limit, 0);
    assert_eq!(lines(&mut core, 0).len(), 5000);
}

/// R38: what the slowest host can bear has to be configured for the whole device, or for that host alone (R39).
#[test]
fn a_session_can_be_slower_than_the_device() {
    let mut core = core(|logging| {
        define(
            logging,
            "slow",
            Discriminator {
                rate_limit: limit(1),
                ..Discriminator::default()
            },
        );
        attached(logging, 601, "slow");
        host(logging, 602, |_| {});
    });
    receive(&mut core, &[CONFIG; 5]);
    assert_eq!(
        (lines(&mut core, 0).len(), lines(&mut core, 1).len()),
        (1, 5)
    );
}

/// R40: the limit of a discriminator is a ceiling, no promise.
#[test]
fn with_both_limits_the_session_gets_what_the_global_one_leaves() {
    let mut core = core(|logging| {
        logging.rate_limit = limit(1);
        define(
            logging,
            "fast",
            Discriminator {
                rate_limit: limit(100),
                ..Discriminator::default()
            },
        );
        attached(logging, 601, "fast");
    });
    for second in 0..3 {
        core.begin(at(second));
        receive(&mut core, &[CONFIG; 50]);
    }
    assert_eq!(lines(&mut core, 0).len(), 3);
    assert_eq!(core.host(0).rate_limited, 0);
}

/// R28: what is over the limit of a discriminator is discarded, and counted; severities that are exempt are not limited.
#[test]
fn the_most_severe_are_spared_by_a_rate_limit_that_excepts_them() {
    let mut core = core(|logging| {
        define(
            logging,
            "storm",
            Discriminator {
                rate_limit: Some(RateLimit {
                    limit: 1,
                    all: true,
                    except: Some(Severity::Errors),
                }),
                ..Discriminator::default()
            },
        );
        attached(logging, 601, "storm");
    });
    receive(&mut core, &[CONFIG, CONFIG, UPDOWN, UPDOWN, CONFIG, UPDOWN]);
    let sent = lines(&mut core, 0);
    assert_eq!(sent.len(), 4);
    assert_eq!(
        sent.iter().filter(|line| line.contains("LINK-3")).count(),
        3
    );
    assert_eq!(core.host(0).rate_limited, 2);
}

/// R26, R27: several `drops` are an or, several `includes` an and; the order of typing plays no part.
#[test]
fn drops_combine_to_drop_and_includes_combine_to_pass() {
    let mut core = core(|logging| {
        define(
            logging,
            "or",
            Discriminator {
                facility: drops("SYS"),
                msg_body: drops("down"),
                ..Discriminator::default()
            },
        );
        define(
            logging,
            "and",
            Discriminator {
                facility: includes("LINK"),
                msg_body: includes("down"),
                ..Discriminator::default()
            },
        );
        attached(logging, 601, "or");
        attached(logging, 602, "and");
    });
    receive(
        &mut core,
        &[
            "%SYS-5-A: up",
            "%LINK-5-A: down",
            "%LINK-5-A: up",
            "%SYS-5-A: down",
        ],
    );
    let (or, and) = (lines(&mut core, 0), lines(&mut core, 1));
    assert!(or.len() == 1 && or[0].ends_with("%LINK-5-A: up"), "{or:?}");
    assert!(
        and.len() == 1 && and[0].ends_with("%LINK-5-A: down"),
        "{and:?}"
    );
}

/// R25, R30, R31, R32: a discriminator belongs to sessions, not to hosts; several share it, others have none.
#[test]
fn filtering_depends_on_the_session_and_one_discriminator_serves_several() {
    let mut core = core(|logging| {
        let errors = SeverityList::new("3").map(|list| SeverityMatch {
            sense: Sense::Includes,
            list,
        });
        define(
            logging,
            "three",
            Discriminator {
                severity: errors,
                ..Discriminator::default()
            },
        );
        attached(logging, 601, "three");
        host(logging, 602, |_| {});
        attached(logging, 603, "three");
    });
    receive(&mut core, &[CONFIG, UPDOWN]);
    let counts = [0, 1, 2].map(|session| lines(&mut core, session).len());
    assert_eq!(counts, [1, 2, 1]);
}

/// R33: an empty discriminator passes everything.
#[test]
fn an_empty_discriminator_passes_everything() {
    let mut core = core(|logging| {
        define(logging, "empty", Discriminator::default());
        attached(logging, 601, "empty");
    });
    receive(&mut core, &[CONFIG, UPDOWN, "text"]);
    assert_eq!(lines(&mut core, 0).len(), 3);
    assert_eq!(core.host(0).filtered, 0);
}

/// R9, R34: a second attachment replaces the first.
#[test]
fn a_session_has_the_discriminator_that_was_attached_last_and_no_other() {
    let with = |md: &'static str| {
        config(move |logging: &mut Logging| {
            define(
                logging,
                "nosys",
                Discriminator {
                    facility: drops("SYS"),
                    ..Discriminator::default()
                },
            );
            define(
                logging,
                "nolink",
                Discriminator {
                    facility: drops("LINK"),
                    ..Discriminator::default()
                },
            );
            attached(logging, 601, "nosys");
            attached(logging, 601, md);
        })
    };
    let mut core = super::Core::new(plan(&with("nolink")), at(0));
    core.link_up(0, None, false);
    receive(&mut core, &[CONFIG, UPDOWN]);
    let sent = lines(&mut core, 0);
    assert!(sent.len() == 1 && sent[0].contains("SYS-5"), "{sent:?}");
    assert_eq!(core.sessions(), 1);
}

/// R32: the sessions that share a discriminator see another definition of it at the same message.
#[test]
fn a_definition_changes_for_all_sessions_at_once() {
    let shared = |word: &'static str| {
        config(move |logging: &mut Logging| {
            define(
                logging,
                "md",
                Discriminator {
                    mnemonics: includes(word),
                    msg_body: includes(word),
                    ..Discriminator::default()
                },
            );
            (601..605).for_each(|port| attached(logging, port, "md"));
        })
    };
    let plans = [plan(&shared("ONE")), plan(&shared("TWO"))];
    let mut core = super::Core::new(Arc::clone(&plans[0]), at(0));
    (0..4).for_each(|session| core.link_up(session, None, false));
    for round in 0..40 {
        for text in [
            "%X-5-ONE: ONE",
            "%X-5-TWO: TWO",
            "%X-5-ONE: TWO",
            "%X-5-TWO: ONE",
        ] {
            receive(&mut core, &[text]);
        }
        core.swap(Arc::clone(&plans[(round + 1) % 2]), at(0));
    }
    let first = lines(&mut core, 0);
    assert_eq!(
        first.len(),
        40,
        "a message that fits neither definition came through"
    );
    for session in 1..4 {
        assert_eq!(lines(&mut core, session), first);
    }
}
