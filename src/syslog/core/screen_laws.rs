//! Laws of what stands before the sessions and of lists and classes, under random rules, messages and swaps: every message
//! is disabled, discarded or offered; each session's counters balance; and a naive model written here agrees.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::sync::Arc;

use proptest::collection::vec;
use proptest::prelude::*;

use super::Core;
use super::tests::{at, config, host, lines, plan};
use crate::config::logging::{Local, LocalSession, Logging, Trap};
use crate::config::logging_class::{Class, ClassPlace};
use crate::config::logging_limit::{Limited, MessageLimit};
use crate::config::logging_list::ListLine;
use crate::config::logging_message::MessageRule;
use crate::message::Severity;
use crate::syslog::api::{Counters, Listener};
use crate::syslog::plan::Place;

#[derive(Clone, Debug)]
struct Shape {
    /// By number: turned off, or another severity.
    rules: BTreeMap<u32, (bool, Option<u8>)>,
    /// Of a number or of a severity: so many in two seconds.
    limits: Vec<(Option<u32>, u8, u32)>,
    list: Option<Vec<(u8, bool)>>,
    class: Option<u8>,
    trap: Option<u8>,
    tables: bool,
}

/// Two of class session, one of config, one of no class at all.
const NUMBERS: [u32; 4] = [106_015, 302_013, 111_008, 120_003];

fn number() -> impl Strategy<Value = u32> {
    proptest::sample::select(&NUMBERS[..])
}

fn shape() -> impl Strategy<Value = Shape> {
    use proptest::option::of;
    let rules = proptest::collection::btree_map(number(), (any::<bool>(), of(0..8_u8)), 0..3);
    let limits = vec((of(number()), 0..8_u8, 0..3_u32), 0..3);
    let list = of(vec((0..8_u8, any::<bool>()), 1..3));
    (rules, limits, list, of(0..8_u8), of(0..8_u8), any::<bool>()).prop_map(
        |(rules, limits, list, class, trap, tables)| Shape {
            rules,
            limits,
            list,
            class,
            trap,
            tables,
        },
    )
}

fn severity(number: u8) -> Severity {
    Severity::from_number(number).unwrap_or_default()
}

fn class(keyword: &str) -> Class {
    Class::from_keyword(keyword).expect("a class")
}

fn configure(logging: &mut Logging, shape: &Shape) {
    let rule = |(number, (disabled, level)): (&u32, &(bool, Option<u8>))| {
        let rule = MessageRule {
            disabled: *disabled,
            level: level.map(severity),
            standby: false,
        };
        (*number, rule)
    };
    logging.messages = Arc::new(shape.rules.iter().map(rule).collect());
    let limit = |(number, level, most): &(Option<u32>, u8, u32)| {
        let limited = number.map_or(Limited::Level(severity(*level)), Limited::Message);
        let two = NonZeroU32::new(2).expect("two");
        (
            limited,
            MessageLimit::Limited {
                number: *most,
                interval: two,
            },
        )
    };
    logging.message_limits = Arc::new(shape.limits.iter().map(limit).collect());
    if let Some(list) = &shape.list {
        let line = |(level, of_class): &(u8, bool)| ListLine::Level {
            level: severity(*level),
            class: of_class.then(|| class("config")),
        };
        logging.lists = Arc::new([("vpn".into(), list.iter().map(line).collect())].into());
        logging.trap_list = Some("vpn".into());
    }
    if let Some(level) = shape.class {
        let levels = [
            ClassPlace::Trap,
            ClassPlace::Console,
            ClassPlace::History,
            ClassPlace::Buffered,
        ];
        let levels = levels.map(|place| (place, severity(level)));
        logging.classes = Arc::new([(class("session"), levels.into())].into());
    }
    logging.trap = Some(match shape.trap {
        Some(level) => Trap::On {
            level: Some(severity(level)),
            rfc5424: false,
        },
        None if shape.list.is_some() => Trap::On {
            level: None,
            rfc5424: false,
        },
        None => Trap::Off,
    });
    if shape.tables {
        logging.buffered = Some(Local::Off);
        logging.history = Some(LocalSession {
            level: Some(Severity::Warnings),
            ..LocalSession::default()
        });
        logging.buffered_xml = Some(LocalSession::default());
        logging.count = true;
    }
    host(logging, 601, |_| {});
}

/// Whether the session lets a message in; the number is 0 for one of IOS form.
fn admits(shape: &Shape, number: u32, level: u8) -> bool {
    let is_session = matches!(number, 106_015 | 302_013);
    if let (true, Some(most)) = (is_session, shape.class) {
        return level <= most;
    }
    match &shape.list {
        Some(list) => list
            .iter()
            .any(|(most, of_class)| level <= *most && (!of_class || number == 111_008)),
        None => shape.trap.is_some_and(|most| level <= most),
    }
}

fn line(number: u32, level: u8) -> String {
    match number {
        0 => format!("%LINK-{level}-UPDOWN: x"),
        number => format!("%ASA-{level}-{number}: x"),
    }
}

fn balanced(c: &Counters) -> bool {
    c.offered == c.below_level + c.received
        && c.received
            == c.delivered + c.filtered + c.rate_limited + c.merged + c.queued + c.overflowed
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn every_message_is_disabled_discarded_or_offered(
        shapes in vec(shape(), 2),
        steps in vec((proptest::option::weighted(0.7, number()), 0..8_u8, 0..10_u8), 1..80),
    ) {
        let of = |shape: &Shape| plan(&config(|logging| configure(logging, shape)));
        let mut core = Core::new(of(&shapes[0]), at(0));
        core.link_up(0, None, false);
        let (mut now, mut second, mut received, mut disabled) = (0, 0, 0, 0);
        for (number, level, what) in steps {
            match what {
                0 => {
                    now = 1 - now;
                    core.swap(of(&shapes[now]), at(second));
                }
                1 => {
                    second += 1;
                    core.begin(at(second));
                }
                _ => {
                    let shape = &shapes[now];
                    let number = number.unwrap_or(0);
                    let rule = shape.rules.get(&number).copied().unwrap_or_default();
                    let discarded = core.device().discarded_by_global_rate_limit;
                    core.message(None, line(number, level).as_bytes());
                    received += 1;
                    disabled += u64::from(rule.0);
                    let level = rule.1.unwrap_or(level);
                    let is_discarded = core.device().discarded_by_global_rate_limit > discarded;
                    prop_assert!(!is_discarded || !shape.limits.is_empty());
                    let sent = lines(&mut core, 0);
                    let wanted = !rule.0 && !is_discarded && admits(shape, number, level);
                    prop_assert_eq!(sent.len(), usize::from(wanted), "{:?} of {:?}", sent, shape);
                    if let Some(sent) = sent.first() {
                        prop_assert!(sent.ends_with(&line(number, level)), "{}", sent);
                        prop_assert!(sent.contains(&format!("<{}>", 8 * if number == 0 { 23 } else { 20 } + u32::from(level))), "{}", sent);
                    }
                }
            }
            let device = core.device();
            prop_assert_eq!(device.received_by_inputs, received);
            prop_assert_eq!(device.disabled_by_logging_message, disabled);
            prop_assert_eq!(received, disabled + device.discarded_by_global_rate_limit + device.offered);
            let tables = core.tables();
            let mut all = vec![core.host(0), core.buffered(), core.inside(Place::History), core.inside(Place::XmlBuffer)];
            all.extend([Listener::Console, Listener::Monitor].map(|who| core.terminal(who)));
            for counters in all {
                prop_assert!(balanced(&counters) && counters.offered == device.offered, "{:?}", counters);
            }
            prop_assert!(tables.history.len() <= 1);
        }
    }
}
