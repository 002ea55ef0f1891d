//! Who sends here (C3.8): messages, rate, last seen, and the gaps in each host's own message counter. A host is the one a
//! message names, else the address it came from. Pure; at most 10,000 hosts, of more the ones seen longest ago give way.

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::Duration;

use super::api::SenderStatus;
use crate::message::{Own, Severity};

/// All hosts that were seen.
#[derive(Debug, Default)]
pub struct Senders {
    by_name: HashMap<Box<[u8]>, usize>,
    all: Vec<Sender>,
    /// Whom the message before came from; most come in runs.
    last: usize,
    /// Its address, when it was known by that.
    last_address: Option<IpAddr>,
    /// Where the next search for one to give way begins.
    hand: usize,
    /// When silence is looked for again.
    next_look: Duration,
}

#[derive(Debug)]
struct Sender {
    name: Box<[u8]>,
    messages: u64,
    last_seen: Duration,
    /// Seen since the hand passed.
    is_recent: bool,
    is_silent: bool,
    rate: Rate,
    counter: Counter,
}

impl Senders {
    /// One whole message; `host` is the host it names, `counter` the digits of its own message number.
    #[inline]
    pub fn note(
        &mut self,
        now: Duration,
        address: Option<IpAddr>,
        host: &[u8],
        counter: &[u8],
    ) -> Option<Own> {
        let is_last = match self.all.get(self.last) {
            Some(_) if host.is_empty() => address.is_some() && self.last_address == address,
            Some(sender) => *sender.name == *host,
            None => false,
        };
        if !is_last {
            let mut space = [0; 17];
            (self.last, self.last_address) = if host.is_empty() {
                (self.find(plain(address?, &mut space), now), address)
            } else {
                (self.find(host, now), None)
            };
        }
        let sender = self.all.get_mut(self.last)?;
        let silent =
            std::mem::take(&mut sender.is_silent).then(|| now.saturating_sub(sender.last_seen));
        sender.messages += 1;
        sender.last_seen = now;
        sender.is_recent = true;
        sender.rate.note(now);
        if !counter.is_empty() {
            sender.counter.note(counter);
        }
        let minutes = silent?.as_secs() / 60;
        let text = format!(
            "{} sends again after {minutes} minutes",
            readable(&sender.name)
        );
        Some(Own::sys(
            Severity::Notifications,
            "LOGGINGINPUT_RETURN",
            text,
        ))
    }

    fn find(&mut self, name: &[u8], now: Duration) -> usize {
        if let Some(place) = self.by_name.get(name) {
            return *place;
        }
        let sender = Sender {
            name: name.into(),
            messages: 0,
            last_seen: now,
            is_recent: true,
            is_silent: false,
            rate: Rate::default(),
            counter: Counter::default(),
        };
        let place = if self.all.len() < MOST {
            self.all.len()
        } else {
            self.give_way()
        };
        self.by_name.insert(name.into(), place);
        match self.all.get_mut(place) {
            Some(old) => *old = sender,
            None => self.all.push(sender),
        }
        place
    }

    /// The place of a host that was not seen lately; found in a few steps even when every message names another host.
    fn give_way(&mut self) -> usize {
        loop {
            let place = self.hand % self.all.len().max(1);
            self.hand = place + 1;
            let Some(sender) = self.all.get_mut(place) else {
                return place;
            };
            if !std::mem::take(&mut sender.is_recent) {
                self.by_name.remove(&sender.name);
                return place;
            }
        }
    }

    /// When `look` should be called next.
    pub fn wakes_at(&self) -> Option<Duration> {
        (!self.all.is_empty()).then_some(self.next_look)
    }

    /// Hosts that have been silent for `minutes` and were not before: a message each.
    pub fn look(&mut self, now: Duration, minutes: u16) -> Vec<Own> {
        if now < self.next_look {
            return Vec::new();
        }
        self.next_look = now + LOOK;
        let limit = Duration::from_secs(u64::from(minutes) * 60);
        let gone = |sender: &&mut Sender| {
            !sender.is_silent && now.saturating_sub(sender.last_seen) >= limit
        };
        let say = |sender: &mut Sender| {
            sender.is_silent = true;
            let text = format!(
                "{} has been silent for {minutes} minutes",
                readable(&sender.name)
            );
            Own::sys(Severity::Warnings, "LOGGINGINPUT_SILENCE", text)
        };
        self.all.iter_mut().filter(gone).map(say).collect()
    }

    /// By name.
    pub fn status(&self, now: Duration) -> Vec<SenderStatus> {
        let of = |sender: &Sender| SenderStatus {
            host: readable(&sender.name),
            messages: sender.messages,
            rate: sender.rate.per_second(now),
            last_seen: now.saturating_sub(sender.last_seen),
            missing: sender.counter.missing,
            reordered: sender.counter.reordered,
            restarts: sender.counter.restarts,
            is_silent: sender.is_silent,
        };
        let mut all: Vec<_> = self.all.iter().map(of).collect();
        all.sort_by(|a, b| a.host.cmp(&b.host));
        all
    }
}

/// An address as a name; no name in a message begins with NUL.
fn plain(address: IpAddr, space: &mut [u8; 17]) -> &[u8] {
    let bits = match address.to_canonical() {
        IpAddr::V4(address) => address.to_ipv6_mapped(),
        IpAddr::V6(address) => address,
    };
    space
        .iter_mut()
        .skip(1)
        .zip(bits.octets())
        .for_each(|(to, octet)| *to = octet);
    space
}

fn readable(name: &[u8]) -> String {
    match name {
        [0, octets @ ..] => <[u8; 16]>::try_from(octets)
            .map(|octets| IpAddr::from(octets).to_canonical().to_string())
            .unwrap_or_default(),
        name => String::from_utf8_lossy(name).into_owned(),
    }
}

/// Messages of this minute and of the one before.
#[derive(Debug, Default)]
struct Rate {
    minute: u64,
    now: u64,
    before: u64,
}

impl Rate {
    fn note(&mut self, now: Duration) {
        self.turn(now.as_secs() / 60);
        self.now += 1;
    }

    fn turn(&mut self, minute: u64) {
        if minute != self.minute {
            self.before = if minute == self.minute + 1 {
                self.now
            } else {
                0
            };
            (self.minute, self.now) = (minute, 0);
        }
    }

    /// Over the last minute, the older part of it taken as even.
    fn per_second(&self, now: Duration) -> f64 {
        let (minute, into) = (now.as_secs() / 60, now.as_secs_f64() % 60.0);
        let (current, before) = match minute.saturating_sub(self.minute) {
            0 => (self.now, self.before),
            1 => (0, self.now),
            _ => (0, 0),
        };
        (before as f64).mul_add((60.0 - into) / 60.0, current as f64) / 60.0
    }
}

/// What a host's own numbers tell: how many are missing, came late, and how often it began anew.
#[derive(Debug, Default)]
struct Counter {
    highest: Option<u64>,
    /// Bit n: `highest - n` has come.
    seen: u64,
    missing: u64,
    reordered: u64,
    restarts: u64,
    /// A number that had come before. When the one behind it follows, the host has begun anew.
    again: Option<u64>,
}

impl Counter {
    fn note(&mut self, digits: &[u8]) {
        let Some(number) = number(digits) else {
            return;
        };
        let Some(highest) = self.highest else {
            return self.begin(number);
        };
        if number > highest {
            let step = number - highest;
            // A jump that long is another device or another count, not a loss.
            if step > JUMP {
                self.restarts += 1;
                return self.begin(number);
            }
            self.missing += step - 1;
            self.seen = if step < 64 { self.seen << step | 1 } else { 1 };
            (self.highest, self.again) = (Some(number), None);
            return;
        }
        let late = highest - number;
        if late < 64 && self.seen & (1 << late) == 0 {
            self.seen |= 1 << late;
            self.missing = self.missing.saturating_sub(1);
            self.reordered += 1;
        } else if self
            .again
            .is_some_and(|again| number == again.wrapping_add(1))
        {
            self.restarts += 1;
            self.begin(number);
        } else {
            self.again = Some(number);
        }
    }

    fn begin(&mut self, number: u64) {
        // What came before the first number is nobody's loss.
        (self.highest, self.seen, self.again) = (Some(number), u64::MAX, None);
    }
}

fn number(digits: &[u8]) -> Option<u64> {
    let (mut number, mut is_number) = (0_u64, digits.len() <= DIGITS);
    for digit in digits.iter().take(DIGITS) {
        let digit = digit.wrapping_sub(b'0');
        is_number &= digit < 10;
        number = number.wrapping_mul(10).wrapping_add(digit.into());
    }
    is_number.then_some(number)
}

const MOST: usize = 10_000;
/// More than that may be no 64 bits; no device counts so far.
const DIGITS: usize = 19;
const LOOK: Duration = Duration::from_secs(5);
const JUMP: u64 = 1_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    const A: Option<IpAddr> = Some(IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1)));

    fn counted(numbers: &[u64]) -> (u64, u64, u64) {
        let mut counter = Counter::default();
        numbers
            .iter()
            .for_each(|n| counter.note(n.to_string().as_bytes()));
        (counter.missing, counter.reordered, counter.restarts)
    }

    #[test]
    fn numbers_in_a_row_have_no_gap_wherever_they_begin() {
        assert_eq!(counted(&[7, 8, 9, 10]), (0, 0, 0));
    }

    #[test]
    fn a_gap_counts_what_is_missing_until_it_comes_late() {
        assert_eq!(counted(&[1, 2, 5]), (2, 0, 0));
        assert_eq!(counted(&[1, 2, 5, 3, 4, 6]), (0, 2, 0));
        assert_eq!(counted(&[1, 200, 201]), (198, 0, 0));
    }

    #[test]
    fn a_repeated_number_is_neither_a_gap_nor_a_restart() {
        assert_eq!(counted(&[1, 2, 3, 3, 4, 5]), (0, 0, 0));
    }

    #[test]
    fn a_host_that_begins_anew_is_a_restart_and_no_gap() {
        assert_eq!(counted(&[400, 401, 402, 1, 2, 3, 4]), (0, 0, 1));
        assert_eq!(counted(&[40, 41, 1, 2, 3, 5]), (1, 0, 1));
        assert_eq!(counted(&[1, 2, 90_000_000, 90_000_001]), (0, 0, 1));
    }

    #[test]
    fn a_number_that_is_none_is_passed_over() {
        let mut counter = Counter::default();
        counter.note(b"99999999999999999999999999");
        counter.note(b"\xff");
        assert_eq!(counter.highest, None);
    }

    #[test]
    fn a_host_is_the_one_a_message_names_else_its_address() {
        let mut senders = Senders::default();
        let now = Duration::from_secs(1);
        senders.note(now, A, b"", b"1");
        senders.note(now, A, b"sw1", b"5");
        senders.note(now, A, b"sw1", b"7");
        let all = senders.status(now);
        let of = |s: &SenderStatus| (s.host.clone(), s.messages, s.missing);
        let found: Vec<_> = all.iter().map(of).collect();
        assert_eq!(found, [("192.0.2.1".into(), 1, 0), ("sw1".into(), 2, 1)]);
    }

    #[test]
    fn silence_and_return_are_said_once_each() {
        let mut senders = Senders::default();
        let at = Duration::from_secs;
        assert_eq!(senders.note(at(0), A, b"", b""), None);
        assert_eq!(senders.look(at(100), 2), []);
        let said = senders.look(at(125), 2);
        assert_eq!(said.len(), 1);
        assert_eq!(said[0].body, "192.0.2.1 has been silent for 2 minutes");
        assert_eq!(senders.look(at(300), 2), []);
        let back = senders.note(at(600), A, b"", b"").expect("it was silent");
        assert_eq!(back.body, "192.0.2.1 sends again after 10 minutes");
        assert_eq!(senders.note(at(601), A, b"", b""), None);
    }

    #[test]
    fn of_more_than_ten_thousand_hosts_the_ones_seen_longest_ago_give_way() {
        let mut senders = Senders::default();
        let name = |n: usize| format!("h{n}").into_bytes();
        (0..MOST).for_each(|n| drop(senders.note(Duration::ZERO, None, &name(n), b"")));
        senders.note(Duration::ZERO, None, &name(MOST), b"");
        senders.note(Duration::ZERO, None, &name(5), b"");
        (MOST + 1..MOST + 100)
            .for_each(|n| drop(senders.note(Duration::ZERO, None, &name(n), b"")));
        let all = senders.status(Duration::ZERO);
        assert_eq!(all.len(), MOST);
        assert_eq!(senders.by_name.len(), MOST);
        assert!(
            all.iter().any(|sender| sender.host == "h5"),
            "seen just now"
        );
    }

    #[test]
    fn the_rate_is_that_of_the_last_minute() {
        let mut rate = Rate::default();
        (0..120).for_each(|second| rate.note(Duration::from_secs(second)));
        assert!((rate.per_second(Duration::from_secs(120)) - 1.0).abs() < 0.05);
        assert!(rate.per_second(Duration::from_secs(1000)) < f64::EPSILON);
    }
}
