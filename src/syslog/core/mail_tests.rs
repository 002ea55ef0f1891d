//! What goes by e-mail, when, and how that counts when nobody takes it.

use std::sync::Arc;
use std::time::Duration;

use super::Core;
use super::tests::{at, config, receive};
use crate::config::RunningConfig;
use crate::config::logging::{LocalSession, Logging};
use crate::config::logging_mail::{Recipient, Server, SmtpServers};
use crate::config::system::System;
use crate::message::Severity;
use crate::syslog::letter::{Letter, Mailed};
use crate::syslog::plan::{Place, Plan};

pub(super) fn recipient(address: &str, level: Option<Severity>) -> Recipient {
    Recipient {
        address: address.into(),
        level,
    }
}

/// Everything goes by e-mail to one recipient, before the change.
pub(super) fn mailing(change: impl FnOnce(&mut Logging)) -> RunningConfig {
    let server = Server {
        host: "192.0.2.25".into(),
        port: None,
    };
    let config = config(|logging| {
        logging.mail.session = Some(LocalSession::default());
        logging.mail.from = Some("asa@example.net".into());
        logging.mail.recipients = vec![recipient("a@example.net", None)];
        change(logging);
    });
    let system = System {
        smtp_servers: Some(SmtpServers {
            primary: server,
            backup: None,
        }),
        ..System::default()
    };
    RunningConfig {
        system: Arc::new(system),
        ..config
    }
}

fn plan(change: impl FnOnce(&mut Logging)) -> Arc<Plan> {
    Arc::new(Plan::from(&mailing(change)))
}

fn core(change: impl FnOnce(&mut Logging)) -> Core {
    Core::new(plan(change), at(0))
}

fn sent(letter: &Letter) -> Mailed {
    Mailed {
        id: letter.id,
        emails: 1,
        ..Mailed::default()
    }
}

fn failed(letter: &Letter) -> Mailed {
    Mailed {
        id: letter.id,
        fault: Some("192.0.2.25: connection refused".to_owned()),
        again: Some(Duration::from_secs(5)),
        ..Mailed::default()
    }
}

/// Received, delivered, queued, overflowed.
fn counts(core: &mut Core) -> (u64, u64, u64, u64) {
    let c = core.inside(Place::Mail);
    assert_eq!(c.offered, c.below_level + c.received);
    assert_eq!(c.received, c.delivered + c.queued + c.overflowed);
    (c.received, c.delivered, c.queued, c.overflowed)
}

#[test]
fn messages_wait_ten_seconds_for_others_and_alerts_one() {
    let mut core = core(|_| {});
    receive(&mut core, &["%X-5-Y: one"]);
    assert!(core.take_letter(false).is_none());
    assert_eq!(core.mails_at(), Some(Duration::from_secs(10)));
    core.begin(at(3));
    receive(&mut core, &["%X-1-Y: two"]);
    assert_eq!(core.mails_at(), Some(Duration::from_secs(4)));
    core.begin(at(4));
    let letter = core.take_letter(false).expect("it is time");
    assert_eq!(letter.batch.items.len(), 2);
    receive(&mut core, &["%X-1-Y: three"]);
    core.begin(at(60));
    assert!(core.take_letter(true).is_none(), "one at a time");
    assert_eq!(counts(&mut core), (3, 0, 3, 0));
    assert_eq!(core.mailed(sent(&letter)), None);
    assert_eq!(counts(&mut core), (3, 2, 1, 0));
    let letter = core.take_letter(false).expect("the third");
    core.mailed(sent(&letter));
    assert_eq!(counts(&mut core), (3, 3, 0, 0));
    assert_eq!(core.mail_sending().emails, 2);
    assert!(core.is_mailed() && core.mails_at().is_none());
}

#[test]
fn what_nobody_took_is_tried_again_with_what_came_meanwhile() {
    let mut core = core(|_| {});
    receive(&mut core, &["%X-1-Y: one", "%X-5-Y: two"]);
    let letter = core.take_letter(true).expect("leaving does not wait");
    receive(&mut core, &["%X-1-Y: three"]);
    assert!(!core.is_mailed());
    let said = core.mailed(failed(&letter)).expect("it is said");
    assert_eq!(
        (&*said.mnemonic, &*said.body),
        (
            "LOGGINGMAIL_FAIL",
            "Logging by e-mail failed: 192.0.2.25: connection refused"
        )
    );
    assert!(
        core.is_mailed(),
        "nobody waits for a server that is not there"
    );
    assert_eq!(counts(&mut core), (3, 0, 3, 0));
    assert!(core.take_letter(true).is_none(), "not before its time");
    core.begin(at(5));
    let letter = core.take_letter(false).expect("again");
    let numbers: Vec<_> = letter.batch.items.iter().map(|item| item.number).collect();
    assert_eq!(numbers, [1, 2, 3]);
    assert_eq!(core.mailed(failed(&letter)), None, "once a minute");
    core.begin(at(60));
    let letter = core.take_letter(false).expect("again");
    assert!(core.mailed(failed(&letter)).is_some());
    core.begin(at(65));
    let letter = core.take_letter(false).expect("again");
    core.mailed(sent(&letter));
    assert_eq!(counts(&mut core), (3, 3, 0, 0));
    assert_eq!(core.mail_sending().fault, None);
}

fn partly(letter: &Letter, served: &[&str], wait: u64) -> Mailed {
    Mailed {
        emails: 1,
        served: served.iter().map(|who| Arc::from(*who)).collect(),
        again: Some(Duration::from_secs(wait)),
        ..failed(letter)
    }
}

fn numbers(letter: &Letter) -> Vec<u64> {
    letter.batch.items.iter().map(|item| item.number).collect()
}

#[test]
fn who_has_it_does_not_get_it_again_and_others_wait_for_nobody() {
    let mut core = core(|_| {});
    receive(&mut core, &["%X-1-Y: one"]);
    let letter = core.take_letter(true).expect("a letter");
    receive(&mut core, &["%X-1-Y: two"]);
    core.mailed(partly(&letter, &["a@example.net"], 20));
    assert_eq!(counts(&mut core), (2, 0, 2, 0));
    core.begin(at(1));
    let letter = core.take_letter(false).expect("for everybody, at once");
    assert_eq!((numbers(&letter), letter.served.len()), (vec![2], 0));
    core.mailed(partly(&letter, &["a@example.net"], 20));
    assert!(core.is_mailed(), "leaving has tried");
    assert_eq!(core.mails_at(), Some(Duration::from_secs(20)));
    receive(&mut core, &["%X-1-Y: three"]);
    core.begin(at(2));
    let letter = core.take_letter(false).expect("for everybody");
    core.mailed(sent(&letter));
    assert_eq!(counts(&mut core), (3, 1, 2, 0));
    core.begin(at(20));
    let letter = core.take_letter(false).expect("for the others");
    assert_eq!(numbers(&letter), [1, 2], "together and in order");
    assert_eq!(letter.served, [Arc::from("a@example.net")]);
    core.mailed(partly(&letter, &[], 20));
    assert_eq!(counts(&mut core), (3, 1, 2, 0));
    core.begin(at(40));
    let letter = core.take_letter(false).expect("again");
    assert_eq!(letter.served, [Arc::from("a@example.net")]);
    core.mailed(sent(&letter));
    assert_eq!(counts(&mut core), (3, 3, 0, 0));
    assert_eq!(core.mails_at(), None);
}

#[test]
fn what_single_recipients_lack_has_bounds_of_its_own_and_goes_with_the_mail() {
    let mut core = core(|_| {});
    for second in 0..3 {
        (0..100).for_each(|_| receive(&mut core, &["%X-6-Y: many"]));
        core.begin(at(second));
        let letter = core.take_letter(true).expect("a letter");
        core.mailed(partly(&letter, &["a@example.net"], 100));
    }
    assert_eq!(counts(&mut core), (300, 0, 256, 44));
    receive(&mut core, &["%X-6-Y: there is room"]);
    assert_eq!(counts(&mut core), (301, 0, 257, 44));
    core.swap(plan(|logging| logging.mail.session = None), at(4));
    assert_eq!(counts(&mut core), (301, 0, 0, 301));
    assert_eq!(core.mails_at(), None);
}

#[test]
fn what_waits_is_bounded_and_the_most_severe_stay() {
    let mut core = core(|_| {});
    receive(&mut core, &["%X-1-Y: severe"]);
    for _ in 0..400 {
        receive(&mut core, &["%X-6-Y: many"]);
    }
    assert_eq!(counts(&mut core), (401, 0, 256, 145));
    let letter = core.take_letter(true).expect("a letter");
    assert_eq!(letter.batch.items[0].severity, Severity::Alerts);
    // What is under way counts, too.
    receive(&mut core, &["%X-0-Y: no room"]);
    assert_eq!(counts(&mut core), (402, 0, 256, 146));
    core.mailed(failed(&letter));
    receive(&mut core, &["%X-0-Y: now it waits"]);
    assert_eq!(counts(&mut core), (403, 0, 256, 147));
    let long = format!("%X-6-Y: {}", "x".repeat(60_000));
    for _ in 0..10 {
        receive(&mut core, &[&long]);
    }
    core.begin(at(5));
    let letter = core.take_letter(false).expect("a letter");
    assert!(letter.batch.bytes.len() <= 256 << 10);
    let severities = letter.batch.items.iter().map(|item| item.severity);
    assert_eq!(severities.filter(|s| *s <= Severity::Alerts).count(), 2);
}

#[test]
fn what_waits_when_mail_is_turned_off_is_discarded_and_counted() {
    let mut core = core(|_| {});
    receive(&mut core, &["%X-1-Y: one"]);
    let letter = core.take_letter(true).expect("a letter");
    receive(&mut core, &["%X-1-Y: two"]);
    core.swap(plan(|logging| logging.mail.session = None), at(1));
    receive(&mut core, &["%X-1-Y: three"]);
    assert_eq!(counts(&mut core), (2, 0, 1, 1));
    assert_eq!(core.mailed(failed(&letter)), None);
    assert_eq!(counts(&mut core), (2, 0, 0, 2));
    assert_eq!(core.mails_at(), None);
}

#[test]
fn another_configuration_is_tried_at_once() {
    let mut core = core(|_| {});
    receive(&mut core, &["%X-1-Y: one"]);
    let letter = core.take_letter(true).expect("a letter");
    core.mailed(failed(&letter));
    let another = |logging: &mut Logging| logging.mail.from = Some("fw@example.net".into());
    core.swap(plan(another), at(1));
    let letter = core.take_letter(false).expect("at once");
    assert_eq!(&*letter.plan.from, "fw@example.net");
}

#[test]
fn an_answer_to_a_core_before_this_one_is_nobodys() {
    let mut core = core(|_| {});
    core.restore(Default::default(), 1 << 32);
    receive(&mut core, &["%X-1-Y: one"]);
    let letter = core.take_letter(true).expect("a letter");
    core.mailed(Mailed {
        id: 1,
        emails: 1,
        ..Mailed::default()
    });
    assert_eq!(counts(&mut core), (1, 0, 1, 0));
    core.mailed(sent(&letter));
    assert_eq!(counts(&mut core), (1, 1, 0, 0));
}

#[test]
fn nothing_is_let_in_that_nobody_wants_or_that_cannot_be_sent() {
    let received = |change: &dyn Fn(&mut Logging)| {
        let mut core = core(change);
        receive(&mut core, &["%X-1-Y: a", "%X-3-Y: b", "%ASA-6-302013: c"]);
        counts(&mut core).0
    };
    assert_eq!(received(&|_| {}), 3);
    assert_eq!(received(&|logging| logging.mail.from = None), 0);
    assert_eq!(received(&|logging| logging.mail.recipients.clear()), 0);
    assert_eq!(received(&|logging| logging.mail.session = None), 0);
    assert_eq!(received(&|logging| logging.on = Some(false)), 0);
    let errors = |logging: &mut Logging| {
        logging.mail.recipients = vec![
            recipient("a@x", Some(Severity::Errors)),
            recipient("b@x", Some(Severity::Alerts)),
        ];
    };
    assert_eq!(received(&errors), 2);
    // Its own level holds, too.
    assert_eq!(
        received(&|logging| {
            errors(logging);
            logging.mail.session = Some(LocalSession {
                level: Some(Severity::Alerts),
                ..LocalSession::default()
            });
        }),
        1
    );
    let mut core = Core::new(
        Arc::new(Plan::from(&RunningConfig {
            system: Arc::default(),
            ..mailing(|_| {})
        })),
        at(0),
    );
    receive(&mut core, &["%X-1-Y: a"]);
    assert_eq!(counts(&mut core).0, 0, "no server");
}
