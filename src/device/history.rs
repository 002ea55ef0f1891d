//! Readings of the last five minutes, so that a load and a rate can be told: processor time every five seconds, the
//! network's counters every thirty. Bounded in age, in number and in interfaces. Who takes the readings, and when, is not
//! decided here.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::Serialize;

use super::counters::{Counters, Direction, Exchanged, Protocols};
use super::{Facts, ProcessorTime};

/// Between two readings of the processor time.
pub const EVERY: Duration = Duration::from_secs(5);
/// So many of them make one reading of the network's counters.
const TO_TRAFFIC: u32 = 6;
/// The longest span that anything is told of.
const LONGEST: Duration = Duration::from_secs(300);
/// Over less time nothing is told: it would be chance.
const SHORTEST: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);
/// Interfaces of which readings are kept.
pub const MOST_INTERFACES: usize = 256;

/// The readings of one device. Times are of the clock's `monotonic`.
#[derive(Debug, Default)]
pub struct History {
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    samples: u32,
    processor: Series<ProcessorTime>,
    network: Series<Arc<Network>>,
    /// `clear traffic`, `clear` of what counts from then on.
    cleared: Option<(Duration, Arc<Network>)>,
    most_connections: u64,
}

/// All counters at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Network {
    interfaces: Vec<Counters>,
    protocols: Option<Protocols>,
}

impl Network {
    fn read(facts: &dyn Facts) -> Self {
        let mut interfaces = facts.counters();
        interfaces.truncate(MOST_INTERFACES);
        Self {
            interfaces,
            protocols: facts.protocols(),
        }
    }

    fn of(&self, interface: &str) -> Option<&Counters> {
        self.interfaces
            .iter()
            .find(|counters| counters.interface == interface)
    }
}

/// Percent busy over the last five seconds, minute and five minutes; over less where less is known, absent before that.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ProcessorLoad {
    pub five_seconds: Option<u8>,
    pub one_minute: Option<u8>,
    pub five_minutes: Option<u8>,
}

/// The traffic of the interfaces, in the kernel's order, and of the protocols.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Traffic {
    /// What the totals count over; absent where the host does not tell its age.
    pub since: Option<Duration>,
    pub interfaces: Vec<InterfaceTraffic>,
    pub protocols: Option<ProtocolTraffic>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct InterfaceTraffic {
    /// Since they were cleared.
    pub counters: Counters,
    pub one_minute: Option<Rates>,
    pub five_minutes: Option<Rates>,
}

/// A second. `dropped` counts both ways.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Rates {
    pub received_packets: u64,
    pub received_bytes: u64,
    pub sent_packets: u64,
    pub sent_bytes: u64,
    pub dropped: u64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ProtocolTraffic {
    /// Since the start of the host.
    pub total: Protocols,
    /// A second, since the newest reading but those of the last seconds.
    pub current: Option<Protocols>,
    pub one_minute: Option<Protocols>,
    pub five_minutes: Option<Protocols>,
    /// A second, since the start of the host.
    pub average: Option<Protocols>,
}

impl History {
    /// Takes one reading; called every [`EVERY`].
    pub fn sample(&self, facts: &dyn Facts, at: Duration) {
        let turn = self.kept().samples;
        let processor = facts.processor_time();
        let network = turn
            .is_multiple_of(TO_TRAFFIC)
            .then(|| Arc::new(Network::read(facts)));
        let mut kept = self.kept();
        kept.samples = turn.wrapping_add(1);
        if let Some(reading) = processor {
            kept.processor.add(at, reading);
        }
        if let Some(reading) = network {
            kept.saw_connections(reading.protocols);
            kept.network.add(at, reading);
        }
    }

    pub fn processor(&self, facts: &dyn Facts, now: Duration) -> ProcessorLoad {
        let Some(reading) = facts.processor_time() else {
            return ProcessorLoad::default();
        };
        let kept = self.kept();
        let over = |span| reading.load_since(*kept.processor.about(now, span)?.1);
        ProcessorLoad {
            five_seconds: over(EVERY),
            one_minute: over(MINUTE),
            five_minutes: over(LONGEST),
        }
    }

    pub fn traffic(&self, facts: &dyn Facts, now: Duration) -> Traffic {
        let network = Network::read(facts);
        let kept = self.kept();
        let of_interface = |counters: &Counters| {
            let rates = |span| {
                let (at, before) = kept.network.about(now, span)?;
                Rates::between(
                    counters,
                    before.of(&counters.interface)?,
                    now.checked_sub(at)?,
                )
            };
            let cleared = kept
                .cleared
                .as_ref()
                .and_then(|(_, then)| then.of(&counters.interface));
            InterfaceTraffic {
                one_minute: rates(MINUTE),
                five_minutes: rates(LONGEST),
                counters: cleared.map_or_else(|| counters.clone(), |then| counters.since(then)),
            }
        };
        let of_protocols = |total: Protocols| {
            let over = |span| {
                let (at, before) = kept.network.about(now, span)?;
                total.a_second_since(&before.protocols?, now.checked_sub(at)?)
            };
            ProtocolTraffic {
                total,
                current: over(EVERY),
                one_minute: over(MINUTE),
                five_minutes: over(LONGEST),
                average: facts
                    .host_uptime()
                    .and_then(|age| total.a_second_since(&Protocols::default(), age)),
            }
        };
        Traffic {
            since: match &kept.cleared {
                Some((at, _)) => Some(now.saturating_sub(*at)),
                None => facts.host_uptime(),
            },
            interfaces: network.interfaces.iter().map(of_interface).collect(),
            protocols: network.protocols.map(of_protocols),
        }
    }

    /// Totals of interfaces count from now on; rates and what the kernel counts stay.
    pub fn clear_traffic(&self, facts: &dyn Facts, now: Duration) {
        let network = Arc::new(Network::read(facts));
        self.kept().cleared = Some((now, network));
    }

    /// The connections that are established, and the most that a reading has found.
    pub fn connections(&self, facts: &dyn Facts) -> Option<(u64, u64)> {
        let protocols = facts.protocols()?;
        let mut kept = self.kept();
        kept.saw_connections(Some(protocols));
        Some((protocols.tcp_established, kept.most_connections))
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn saw_connections(&mut self, protocols: Option<Protocols>) {
        let now = protocols.map_or(0, |protocols| protocols.tcp_established);
        self.most_connections = self.most_connections.max(now);
    }
}

/// Readings in order of time; the oldest is just older than the longest span.
#[derive(Debug)]
struct Series<T> {
    readings: VecDeque<(Duration, T)>,
}

impl<T> Default for Series<T> {
    fn default() -> Self {
        Self {
            readings: VecDeque::new(),
        }
    }
}

impl<T> Series<T> {
    /// Twice what the longest span needs; more come only from a caller that is in a hurry.
    const MOST: usize = 128;

    fn add(&mut self, at: Duration, reading: T) {
        self.readings.push_back((at, reading));
        let is_old = |reading: Option<&(Duration, T)>| {
            reading.is_some_and(|(then, _)| at.saturating_sub(*then) >= LONGEST)
        };
        while self.readings.len() > Self::MOST || is_old(self.readings.get(1)) {
            self.readings.pop_front();
        }
    }

    /// The reading whose age comes nearest to `span`.
    fn about(&self, now: Duration, span: Duration) -> Option<(Duration, &T)> {
        let wanted = now.saturating_sub(span);
        let nearest = self
            .readings
            .iter()
            .filter(|(at, _)| now.saturating_sub(*at) >= SHORTEST)
            .min_by_key(|(at, _)| at.abs_diff(wanted));
        nearest.map(|(at, reading)| (*at, reading))
    }
}

impl Rates {
    /// `None` where no time has passed, or an interface of that name has come anew.
    fn between(now: &Counters, then: &Counters, passed: Duration) -> Option<Self> {
        let rate = |now: u64, then: u64| a_second(now.checked_sub(then)?, passed);
        let dropped = |counters: &Counters| {
            counters
                .received
                .dropped
                .saturating_add(counters.sent.dropped)
        };
        Some(Self {
            received_packets: rate(now.received.packets, then.received.packets)?,
            received_bytes: rate(now.received.bytes, then.received.bytes)?,
            sent_packets: rate(now.sent.packets, then.sent.packets)?,
            sent_bytes: rate(now.sent.bytes, then.sent.bytes)?,
            dropped: rate(dropped(now), dropped(then))?,
        })
    }
}

/// Rounded; `None` for no time at all.
fn a_second(count: u64, passed: Duration) -> Option<u64> {
    let millis = passed.as_millis();
    if millis == 0 {
        return None;
    }
    u64::try_from((u128::from(count) * 1000 + millis / 2) / millis).ok()
}

impl Counters {
    /// What was counted since `then`; all of it where the interface has come anew.
    fn since(&self, then: &Self) -> Self {
        let way = |now: Direction, then: Direction| {
            Some(Direction {
                packets: now.packets.checked_sub(then.packets)?,
                bytes: now.bytes.checked_sub(then.bytes)?,
                errors: now.errors.checked_sub(then.errors)?,
                dropped: now.dropped.checked_sub(then.dropped)?,
                fifo: now.fifo.checked_sub(then.fifo)?,
            })
        };
        let counted = || {
            Some(Self {
                interface: self.interface.clone(),
                received: way(self.received, then.received)?,
                sent: way(self.sent, then.sent)?,
                multicast: self.multicast.checked_sub(then.multicast)?,
                frame: self.frame.checked_sub(then.frame)?,
                collisions: self.collisions.checked_sub(then.collisions)?,
                carrier: self.carrier.checked_sub(then.carrier)?,
            })
        };
        counted().unwrap_or_else(|| self.clone())
    }
}

impl Protocols {
    /// Rates; connections that are established stay what they are.
    fn a_second_since(&self, then: &Self, passed: Duration) -> Option<Self> {
        let rate = |now: u64, then: u64| a_second(now.saturating_sub(then), passed);
        let both = |now: Exchanged, then: Exchanged| {
            Some(Exchanged {
                received: rate(now.received, then.received)?,
                sent: rate(now.sent, then.sent)?,
            })
        };
        Some(Self {
            tcp_opened: rate(self.tcp_opened, then.tcp_opened)?,
            tcp_accepted: rate(self.tcp_accepted, then.tcp_accepted)?,
            tcp_established: self.tcp_established,
            tcp: both(self.tcp, then.tcp)?,
            udp: both(self.udp, then.udp)?,
            icmp: both(self.icmp, then.icmp)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::FixedFacts;

    fn seconds(count: u64) -> Duration {
        Duration::from_secs(count)
    }

    /// A machine with one processor, half busy, one interface with ten packets a second, one connection a second.
    fn after(age: u64) -> FixedFacts {
        FixedFacts {
            processor_time: Some(ProcessorTime {
                busy: age * 50,
                total: age * 100 + 1,
            }),
            counters: vec![Counters {
                interface: "eth0".to_owned(),
                received: Direction {
                    packets: age * 10,
                    bytes: age * 1000,
                    ..Direction::default()
                },
                ..Counters::default()
            }],
            protocols: Some(Protocols {
                tcp_opened: age,
                tcp_established: age % 7,
                ..Protocols::default()
            }),
            host_uptime: Some(seconds(age)),
            ..FixedFacts::default()
        }
    }

    /// Sampled from the first second on.
    fn history(until: u64) -> History {
        let history = History::default();
        for age in (0..=until).step_by(5) {
            history.sample(&after(age), seconds(age));
        }
        history
    }

    #[test]
    fn without_a_reading_nothing_is_told() {
        let history = History::default();
        assert_eq!(
            history.processor(&after(9), seconds(9)),
            ProcessorLoad::default()
        );
        let traffic = history.traffic(&after(9), seconds(9));
        assert!(
            traffic
                .interfaces
                .iter()
                .all(|i| i.one_minute.is_none() && i.counters.received.packets == 90)
        );
        assert_eq!(traffic.since, Some(seconds(9)));
    }

    #[test]
    fn a_load_is_told_over_the_span_that_is_asked_for() {
        let history = History::default();
        let at = |age: u64, busy: u64| FixedFacts {
            processor_time: Some(ProcessorTime {
                busy,
                total: age * 100,
            }),
            ..FixedFacts::default()
        };
        // Four minutes idle, then busy.
        for age in (0..=295).step_by(5) {
            history.sample(&at(age, (age * 100).saturating_sub(24_000)), seconds(age));
        }
        let load = history.processor(&at(300, 6000), seconds(300));
        let expected = ProcessorLoad {
            five_seconds: Some(100),
            one_minute: Some(100),
            five_minutes: Some(20),
        };
        assert_eq!(load, expected);
    }

    #[test]
    fn rates_are_told_as_soon_as_there_are_two_readings() {
        let traffic = history(0).traffic(&after(20), seconds(20));
        let rates = traffic.interfaces.first().and_then(|i| i.one_minute);
        assert_eq!(
            rates,
            Some(Rates {
                received_packets: 10,
                received_bytes: 1000,
                ..Rates::default()
            })
        );
        let protocols = traffic.protocols.and_then(|p| p.five_minutes);
        assert_eq!(protocols.map(|rates| rates.tcp_opened), Some(1));
    }

    #[test]
    fn nothing_is_told_over_less_than_a_second() {
        let history = history(0);
        let soon = Duration::from_millis(999);
        assert_eq!(history.processor(&after(1), soon).one_minute, None);
        let traffic = history.traffic(&after(1), soon);
        assert!(traffic.interfaces.iter().all(|i| i.one_minute.is_none()));
        let load = history.processor(&after(1), seconds(1));
        assert_eq!(load.one_minute, Some(50));
    }

    #[test]
    fn no_more_is_kept_than_the_longest_span_needs() {
        let history = history(3600);
        let kept = history.kept();
        assert_eq!(kept.processor.readings.len(), 61);
        assert_eq!(kept.network.readings.len(), 11);
        drop(kept);
        let hurried = History::default();
        for _ in 0..10_000 {
            hurried.sample(&after(1), seconds(1));
        }
        assert!(hurried.kept().processor.readings.len() <= Series::<ProcessorTime>::MOST);
    }

    #[test]
    fn clearing_counts_from_then_on_and_keeps_the_rates() {
        let history = history(60);
        history.clear_traffic(&after(60), seconds(60));
        let traffic = history.traffic(&after(70), seconds(70));
        assert_eq!(traffic.since, Some(seconds(10)));
        let eth0 = traffic.interfaces.first().expect("an interface");
        assert_eq!(eth0.counters.received.packets, 100);
        assert_eq!(
            eth0.one_minute.map(|rates| rates.received_packets),
            Some(10)
        );
    }

    #[test]
    fn an_interface_that_came_anew_has_no_rate_and_all_of_its_packets() {
        let history = history(120);
        history.clear_traffic(&after(120), seconds(120));
        let traffic = history.traffic(&after(1), seconds(130));
        let eth0 = traffic.interfaces.first().expect("an interface");
        assert_eq!(
            (eth0.counters.received.packets, eth0.one_minute),
            (10, None)
        );
    }

    #[test]
    fn the_most_connections_are_remembered() {
        let history = history(60);
        let (now, most) = history.connections(&after(63)).expect("a host that tells");
        assert_eq!(now, 0);
        assert!(most > 0);
    }
}
