//! When messages were numbered: a mark a second instead of a time a message, and fewer of them the longer ago. Who asks
//! for the age of what, is decided elsewhere.

use std::time::Duration;

/// Marks of a number and the time from which on messages had it or a higher one.
#[derive(Debug, Default)]
pub(super) struct Stamps(Vec<(u64, Duration)>);

impl Stamps {
    /// The next message will have this number.
    #[inline]
    pub(super) fn mark(&mut self, number: u64, now: Duration) {
        match self.0.last_mut() {
            Some((last, at)) if *last == number => *at = now,
            Some((_, at)) if now.saturating_sub(*at) < APART => {}
            _ => self.add(number, now),
        }
    }

    fn add(&mut self, number: u64, now: Duration) {
        if self.0.len() >= MOST {
            self.thin(now);
        }
        self.0.push((number, now));
    }

    /// Drops marks between whose neighbours little time passed for how long ago that was.
    fn thin(&mut self, now: Duration) {
        let mut kept = Vec::with_capacity(MOST);
        let mut marks = self.0.iter().copied().peekable();
        while let Some(mark) = marks.next() {
            let before = kept.last().map(|(_, at): &(u64, Duration)| *at);
            let behind = marks.peek().map(|(_, at)| *at);
            let is_between = before.zip(behind).is_some_and(|(before, behind)| {
                behind.saturating_sub(before) <= now.saturating_sub(behind) / EXACT
            });
            if !is_between {
                kept.push(mark);
            }
        }
        self.0 = kept;
    }

    /// When the message with this number came; a second early, or a 64th of its age where that is more.
    pub(super) fn of(&self, number: u64) -> Option<Duration> {
        let behind = self.0.partition_point(|(first, _)| *first <= number);
        let (_, at) = self.0.get(behind.checked_sub(1)?)?;
        Some(*at)
    }
}

const APART: Duration = Duration::from_secs(1);
/// So many marks are thinned; what is left of a year are fewer than 1800.
const MOST: usize = 2048;
/// Neighbours stay within this part of their age.
const EXACT: u32 = 64;

#[cfg(test)]
mod tests {
    use super::*;

    fn secs(secs: u64) -> Duration {
        Duration::from_secs(secs)
    }

    #[test]
    fn a_message_has_the_time_of_the_second_in_which_it_was_numbered() {
        let mut stamps = Stamps::default();
        assert_eq!(stamps.of(1), None);
        stamps.mark(1, secs(5));
        // Nothing came until the tenth second.
        stamps.mark(1, secs(10));
        stamps.mark(40, Duration::from_millis(10_500));
        stamps.mark(100, secs(11));
        assert_eq!(stamps.of(1), Some(secs(10)));
        assert_eq!(stamps.of(99), Some(secs(10)));
        assert_eq!(stamps.of(100), Some(secs(11)));
    }

    #[test]
    fn marks_are_bounded_and_what_is_recent_stays_exact() {
        let mut stamps = Stamps::default();
        for second in 0..100_000 {
            stamps.mark(second * 10, secs(second));
        }
        assert!(stamps.0.len() <= MOST);
        assert_eq!(stamps.of(999_990), Some(secs(99_999)));
        assert_eq!(stamps.of(999_000), Some(secs(99_900)));
        for number in (0..1_000_000).step_by(7919) {
            let (came, said) = (number / 10, stamps.of(number).expect("a mark").as_secs());
            let age = 100_000 - came;
            assert!(
                said <= came && came - said <= 1 + age / 64,
                "{came}: {said}"
            );
        }
    }
}
