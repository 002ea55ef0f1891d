//! Laws of the core under random plans, messages, links and swaps: nothing is lost or counted twice, what leaves is what was
//! counted, and the filter agrees with a naive one written here.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;

use proptest::collection::vec;
use proptest::prelude::*;

use super::filter_tests::limit;
use super::mail_tests::mailing;
use super::tests::{at, define, key, name, plan, written};
use super::{Core, HOSTS};
use crate::config::correlator::{CorrelatorRule, Header};
use crate::config::discriminator::{
    Discriminator, Flapping, Match, Sense, SeverityList, SeverityMatch,
};
use crate::config::logging::{
    Host, Local, LocalSession, Logging, Output, RateLimit, SessionKey, Transport, Trap,
};
use crate::message::{Own, Severity, parse};
use crate::syslog::api::{Counters, Listener};
use crate::syslog::letter::{Letter, Mailed};
use crate::syslog::plan::{Framing, Place, Plan};
use crate::syslog::sender::Sender;
use crate::syslog::verdict::Judgement;

/// One criterion: whether it drops, and the words of which one must occur, as in `LINK|SYS`.
type Words = Option<(bool, Vec<&'static str>)>;

#[derive(Clone, Debug)]
struct Session {
    port: u16,
    udp: bool,
    numbered: bool,
    severities: Option<(bool, Vec<u8>)>,
    facility: Words,
    mnemonics: Words,
    body: Words,
    /// Whether it drops, and which of `SENDERS`.
    sender: Option<(bool, usize)>,
    rate: Option<u16>,
    duplicates: Option<u16>,
    flapping: Option<Flapping>,
}

#[derive(Clone, Debug)]
struct Shape {
    sessions: Vec<Session>,
    trap: u8,
    buffered: bool,
    console: bool,
    global: Option<u16>,
    queue_limit: Option<u32>,
    /// `LINK UPDOWN` causes `OSPF ADJCHG` and `SYS CONFIG_I`.
    rule: bool,
    /// The level of `logging mail`.
    mail: Option<u8>,
}

#[derive(Clone, Debug)]
enum Step {
    Receive(u8, u8, u8, u8, u8),
    Own,
    OwnBeside(usize),
    Up(usize, bool),
    Down(usize, bool),
    Write(usize, usize),
    Second,
    Leave,
    /// A letter is taken.
    Letter(bool),
    /// It is sent, or is not.
    Mailed(bool),
    Swap(usize),
}

const FACILITIES: [&str; 3] = ["LINK", "SYS", "OSPF"];
const MNEMONICS: [&str; 3] = ["UPDOWN", "CONFIG_I", "ADJCHG"];
const BODIES: [&str; 4] = ["link down", "link up", "by console", "x"];
const PEERS: [[u8; 4]; 3] = [[10, 0, 0, 1], [10, 0, 1, 1], [127, 0, 0, 1]];
/// Patterns for `sender`, and which of `PEERS` they match.
const SENDERS: [(&str, [bool; 3]); 4] = [
    ("10.0.0.0/16", [true, true, false]),
    ("10.0.1.0/24", [false, true, false]),
    ("^127", [false, false, true]),
    ("0.0.1", [true, true, true]),
];

fn words(from: &'static [&'static str]) -> impl Strategy<Value = Words> {
    proptest::option::weighted(
        0.4,
        (any::<bool>(), proptest::sample::subsequence(from, 1..=2)),
    )
}

fn session() -> impl Strategy<Value = Session> {
    let severities = proptest::option::weighted(0.3, (any::<bool>(), vec(0..8_u8, 1..4)));
    let criteria = (
        severities,
        words(&FACILITIES),
        words(&MNEMONICS),
        words(&BODIES),
        proptest::option::weighted(0.3, (any::<bool>(), 0..SENDERS.len())),
    );
    let rate = proptest::option::weighted(0.2, 1..4_u16);
    let flapping = (2..4_u16, 1..4_u16).prop_map(|(changes, within)| Flapping { changes, within });
    let correlation = (
        proptest::option::weighted(0.3, 1..4_u16),
        proptest::option::weighted(0.3, flapping),
    );
    (
        600..606_u16,
        any::<bool>(),
        any::<bool>(),
        criteria,
        rate,
        correlation,
    )
        .prop_map(
            |(port, udp, numbered, criteria, rate, (duplicates, flapping))| {
                let (severities, facility, mnemonics, body, sender) = criteria;
                Session {
                    port,
                    udp,
                    numbered,
                    severities,
                    facility,
                    mnemonics,
                    body,
                    sender,
                    rate,
                    duplicates,
                    flapping,
                }
            },
        )
}

fn shape() -> impl Strategy<Value = Shape> {
    let global = proptest::option::weighted(0.2, 1..5_u16);
    let limit = proptest::option::weighted(0.3, 1..6_u32);
    (
        vec(session(), 0..5),
        0..8_u8,
        any::<bool>(),
        any::<bool>(),
        global,
        limit,
        proptest::bool::weighted(0.3),
        proptest::option::weighted(0.7, 0..8_u8),
    )
        .prop_map(
            |(sessions, trap, buffered, console, global, queue_limit, rule, mail)| Shape {
                sessions,
                trap,
                buffered,
                console,
                global,
                queue_limit,
                rule,
                mail,
            },
        )
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => (0..3_u8, 0..8_u8, 0..3_u8, 0..4_u8, 0..3_u8).prop_map(|(f, s, m, b, p)| Step::Receive(f, s, m, b, p)),
        1 => Just(Step::Own),
        1 => (0..6_usize).prop_map(Step::OwnBeside),
        2 => (0..6_usize, any::<bool>()).prop_map(|(session, retain)| Step::Up(session, retain)),
        1 => (0..6_usize, any::<bool>()).prop_map(|(session, knows)| Step::Down(session, knows)),
        4 => (0..6_usize, 0..400_usize).prop_map(|(session, bytes)| Step::Write(session, bytes)),
        2 => Just(Step::Second),
        1 => Just(Step::Leave),
        2 => any::<bool>().prop_map(Step::Letter),
        2 => any::<bool>().prop_map(Step::Mailed),
        1 => (0..3_usize).prop_map(Step::Swap),
    ]
}

fn criterion(words: &Words) -> Option<Match> {
    let (drops, words) = words.as_ref()?;
    let sense = if *drops {
        Sense::Drops
    } else {
        Sense::Includes
    };
    Some(Match {
        sense,
        pattern: words.join("|").into(),
    })
}

fn severity(number: u8) -> Severity {
    Severity::from_number(number).unwrap_or_default()
}

fn plan_of(shape: &Shape) -> Arc<Plan> {
    plan(&mailing(|logging: &mut Logging| {
        logging.mail.session = shape.mail.map(|level| LocalSession {
            level: Some(severity(level)),
            ..LocalSession::default()
        });
        logging.trap = Some(Trap::On {
            level: Some(severity(shape.trap)),
            rfc5424: false,
        });
        logging.queue_limit = shape.queue_limit;
        logging.rate_limit = shape.global.map(|limit| RateLimit {
            limit,
            all: true,
            except: None,
        });
        if !shape.buffered {
            logging.buffered = Some(Local::Off);
        }
        if shape.console {
            logging.console = Some(Local::On(LocalSession {
                level: Some(Severity::Warnings),
                ..LocalSession::default()
            }));
        }
        if shape.rule {
            let header = |facility: &str, mnemonic: &str| Header {
                facility: facility.into(),
                mnemonic: mnemonic.into(),
            };
            let rule = CorrelatorRule {
                timeout: Some(2),
                cause: Some(header("LINK", "UPDOWN")),
                symptoms: vec![header("OSPF", "ADJCHG"), header("SYS", "CONFIG_I")],
                applied: true,
            };
            Arc::make_mut(&mut logging.correlator).insert("r".into(), rule);
        }
        // What is attached to a host is attached to the buffer and the console as well.
        let attached = (!shape.sessions.is_empty()).then(|| name("d0"));
        for local in [&mut logging.buffered, &mut logging.console] {
            match local {
                Some(Local::On(session)) => session.discriminator.clone_from(&attached),
                Some(Local::Off) => {}
                None => {
                    *local = Some(Local::On(LocalSession {
                        discriminator: attached.clone(),
                        ..LocalSession::default()
                    }));
                }
            }
        }
        for (place, session) in shape.sessions.iter().enumerate() {
            let list = |list: &[u8]| {
                SeverityList::new(&list.iter().map(u8::to_string).collect::<Vec<_>>().join(","))
            };
            let severity = session.severities.as_ref().and_then(|(drops, severities)| {
                let sense = if *drops {
                    Sense::Drops
                } else {
                    Sense::Includes
                };
                list(severities).map(|list| SeverityMatch { sense, list })
            });
            let discriminator = Discriminator {
                severity,
                facility: criterion(&session.facility),
                mnemonics: criterion(&session.mnemonics),
                msg_body: criterion(&session.body),
                sender: session.sender.map(|(drops, pattern)| Match {
                    sense: if drops { Sense::Drops } else { Sense::Includes },
                    pattern: SENDERS[pattern].0.into(),
                }),
                duplicates: session.duplicates,
                flapping: session.flapping,
                rate_limit: session.rate.and_then(limit),
            };
            define(logging, &format!("d{place}"), discriminator);
            let discriminator = Some(name(&format!("d{place}")));
            // Every other session has it as the rule of its stream (D124).
            let stream = (10..).nth(place).filter(|_| session.port % 2 == 1);
            if let Some((stream, rule)) = stream.zip(discriminator.clone()) {
                let streams = Arc::make_mut(&mut logging.streams);
                streams.rules.insert(stream, rule);
            }
            let host = Host {
                discriminator: discriminator.filter(|_| stream.is_none()),
                output: stream.map(|_| Output::Filtered { stream }),
                sequence_num_session: session.numbered,
                ..Host::default()
            };
            logging.hosts.set(key_of(session), host);
        }
    }))
}

fn key_of(session: &Session) -> SessionKey {
    key(
        if session.udp {
            Transport::Udp
        } else {
            Transport::Tcp
        },
        session.port,
    )
}

/// The naive filter, in the manual's words.
fn passes(
    session: &Session,
    trap: u8,
    (facility, severity, mnemonic, body): (&str, u8, &str, &str),
    peer: u8,
) -> bool {
    let agrees = |words: &Words, text: &str| match words {
        None => true,
        Some((drops, words)) => words.iter().any(|word| text.contains(word)) != *drops,
    };
    severity <= trap
        && session
            .severities
            .as_ref()
            .is_none_or(|(drops, list)| list.contains(&severity) != *drops)
        && agrees(&session.facility, facility)
        && agrees(&session.mnemonics, mnemonic)
        && agrees(&session.body, body)
        && session
            .sender
            .is_none_or(|(drops, pattern)| SENDERS[pattern].1[usize::from(peer)] != drops)
}

fn balanced(counters: &Counters) -> bool {
    let c = counters;
    c.offered + c.summaries == c.below_level + c.received
        && c.received
            == c.delivered + c.filtered + c.rate_limited + c.merged + c.queued + c.overflowed
}

fn check(core: &mut Core, seen: &BTreeMap<SessionKey, u64>) -> Result<(), TestCaseError> {
    let device = core.device();
    prop_assert_eq!(
        device.received_by_inputs + device.own,
        device.disabled_by_logging_message + device.discarded_by_global_rate_limit + device.offered
    );
    prop_assert!(balanced(&core.retired()), "{:?}", core.retired());
    for local in [
        core.buffered(),
        core.terminal(Listener::Console),
        core.terminal(Listener::Monitor),
        core.inside(Place::Mail),
    ] {
        prop_assert!(
            balanced(&local) && local.offered == device.offered,
            "{:?}",
            local
        );
    }
    for session in 0..core.sessions() {
        let counters = core.host(session);
        prop_assert!(balanced(&counters), "{:?}", counters);
        prop_assert_eq!(core.blocks(session).total(), counters.filtered);
        let correlation = core.correlation(session);
        prop_assert_eq!(
            correlation.merged_duplicates
                + correlation.merged_flapping
                + correlation.merged_symptoms,
            counters.merged
        );
        let hits = core.hits(session);
        prop_assert!(hits.limitable >= hits.rate_limited && hits.received >= hits.blocks.total());
        let key = &core.plan().hosts[session].key;
        let written = seen.get(key).copied().unwrap_or_default();
        prop_assert_eq!(
            counters.delivered + counters.possibly_repeated,
            written,
            "messages on the wire of {:?}",
            key
        );
        prop_assert_eq!(core.queue(session).messages as u64, counters.queued);
        // What waits behind an empty wire would wait for ever.
        prop_assert!(
            !core.is_up(session)
                || counters.queued == correlation.held
                || !core.bytes(session).is_empty()
        );
    }
    Ok(())
}

/// Lets the kernel take some bytes, or datagrams, of a session; how many messages it took the end of.
fn write(core: &mut Core, session: usize, bytes: usize) -> u64 {
    if core.plan().hosts[session].framing == Framing::Datagram {
        let count = core.datagrams(session).count().min(bytes / 100);
        core.advance_datagrams(session, count);
        return count as u64;
    }
    let taken = bytes.min(core.bytes(session).len());
    let ends = core.bytes(session)[..taken]
        .iter()
        .filter(|byte| **byte == b'\n')
        .count();
    core.advance(session, taken);
    ends as u64
}

fn peer(number: u8) -> IpAddr {
    Ipv4Addr::from(PEERS[usize::from(number)]).into()
}

fn line(f: u8, s: u8, m: u8, b: u8) -> String {
    format!(
        "<{}>%{}-{s}-{}: {}",
        184 + s,
        FACILITIES[usize::from(f)],
        MNEMONICS[usize::from(m)],
        BODIES[usize::from(b)]
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn counters_balance_whatever_happens(shapes in vec(shape(), 3), steps in vec(step(), 1..120)) {
        let mut core = Core::new(plan_of(&shapes[0]), at(0));
        let mut second = 0;
        let (mut letter, mut mailed): (Option<Arc<Letter>>, u64) = (None, 0);
        // Messages whose end was written since a session was configured; its stream bytes since the link came up.
        let mut seen: BTreeMap<SessionKey, u64> = BTreeMap::new();
        for step in steps {
            let sessions = core.sessions();
            match step {
                Step::Receive(f, s, m, b, p) => {
                    core.message(Some(peer(p)), line(f, s, m, b).as_bytes());
                }
                Step::Own => core.own(&Own::sys(Severity::Notifications, "CONFIG_I", "by console")),
                Step::OwnBeside(session) => {
                    core.own_beside(&Own::sys(Severity::Errors, "LOGGINGHOST_FAIL", "went down"), Some(session));
                }
                Step::Up(session, retain) if session < sessions && !core.is_up(session) => {
                    // Datagrams are never acknowledged.
                    let retain = retain && core.plan().hosts[session].framing != Framing::Datagram;
                    core.link_up(session, None, retain);
                }
                Step::Down(session, knows) => core.link_down(session, knows.then_some(60)),
                Step::Write(session, bytes) if session < sessions => {
                    let ends = write(&mut core, session, bytes);
                    *seen.entry(core.plan().hosts[session].key.clone()).or_default() += ends;
                }
                Step::Second => {
                    second += 1;
                    core.begin(at(second));
                }
                Step::Leave => {
                    core.close_windows();
                    for session in 0..sessions {
                        let left = core.correlation(session);
                        prop_assert_eq!((left.held, left.watched), (0, 0));
                    }
                }
                Step::Letter(at_once) => {
                    let taken = core.take_letter(at_once);
                    prop_assert!(letter.is_none() || taken.is_none(), "one is under way");
                    letter = letter.or(taken);
                }
                Step::Mailed(is_sent) => {
                    if let Some(letter) = letter.take() {
                        let again = (!is_sent).then(|| Duration::from_secs(1));
                        // Now and then somebody has it.
                        let somebody = (letter.id % 3 == 0 && !is_sent).then(|| "a@example.net".into());
                        let served = somebody.into_iter().collect();
                        core.mailed(Mailed { id: letter.id, again, served, ..Mailed::default() });
                        mailed += if is_sent { letter.batch.items.len() as u64 } else { 0 };
                    }
                }
                Step::Swap(shape) => {
                    core.swap(plan_of(&shapes[shape]), at(second));
                    let plan = core.plan().clone();
                    seen.retain(|key, _| plan.host(key).is_some());
                }
                Step::Up(..) | Step::Write(..) => {}
            }
            core.fold();
            check(&mut core, &seen)?;
            prop_assert_eq!(core.inside(Place::Mail).delivered, mailed);
        }
    }

    #[test]
    fn the_filter_agrees_with_a_naive_one(shape in shape(), messages in vec((0..3_u8, 0..8_u8, 0..3_u8, 0..4_u8, 0..3_u8), 1..60)) {
        let mut shape = shape;
        shape.global = None;
        shape.queue_limit = None;
        shape.rule = false;
        shape.sessions.iter_mut().for_each(|session| {
            session.udp = false;
            session.rate = None;
            session.duplicates = None;
            session.flapping = None;
        });
        let mut core = Core::new(plan_of(&shape), at(0));
        for session in 0..core.sessions() {
            core.link_up(session, None, false);
        }
        for (f, s, m, b, p) in &messages {
            core.message(Some(peer(*p)), line(*f, *s, *m, *b).as_bytes());
        }
        for session in 0..core.sessions() {
            let key = core.plan().hosts[session].key.clone();
            // Of two with one key the later one counts (R9).
            let configured = shape.sessions.iter().rev().find(|session| key_of(session) == key);
            let wanted: Vec<String> = messages
                .iter()
                .filter(|(f, s, m, b, p)| {
                    let parts = (FACILITIES[usize::from(*f)], *s, MNEMONICS[usize::from(*m)], BODIES[usize::from(*b)]);
                    configured.is_some_and(|session| passes(session, shape.trap, parts, *p))
                })
                .map(|(f, s, m, b, _)| line(*f, *s, *m, *b))
                .collect();
            let got = String::from_utf8_lossy(&written(&mut core, session)).into_owned();
            let got: Vec<_> = got.lines().filter_map(|line| line.find('%').map(|at| line[at..].to_owned())).collect();
            let wanted: Vec<_> = wanted.iter().filter_map(|line| line.find('%').map(|at| line[at..].to_owned())).collect();
            prop_assert_eq!(got, wanted);
            // What an operator asks by hand is answered the same.
            for (f, s, m, b, p) in &messages {
                let text = line(*f, *s, *m, *b);
                let message = parse(text.as_bytes());
                let sender = Sender::of(&message, Some(peer(*p)), "here");
                let judgement = core.plan().filter.judgement(HOSTS + session, &message, &sender);
                let parts = (FACILITIES[usize::from(*f)], *s, MNEMONICS[usize::from(*m)], BODIES[usize::from(*b)]);
                let passes = configured.is_some_and(|session| passes(session, shape.trap, parts, *p));
                prop_assert_eq!(judgement == Judgement::Passes, passes);
            }
        }
    }
}
