//! Whether a session makes progress, and so whether inputs that can wait have to wait for it (C5b.5); and when its queue
//! will be full. Pure: queue and time in, judgement out.

use std::time::Duration;

use super::core::Queue;

/// What a session has sent lately, against what it had to send.
#[derive(Clone, Debug)]
pub struct Pace {
    /// A second of judgement: when it began, what was queued then, what was sent since.
    since: Duration,
    queued: usize,
    sent: usize,
    progressing: bool,
    holds: bool,
    /// The second over which growth is measured: when it began, what was queued then, octets a second of the last one.
    growth_since: Duration,
    growth_queued: usize,
    growth: i64,
}

impl Pace {
    /// A session that just got its link is taken to make progress until a second has shown that it does not.
    pub fn new(now: Duration) -> Self {
        Self {
            since: now,
            queued: 0,
            sent: 0,
            progressing: true,
            holds: false,
            growth_since: now,
            growth_queued: 0,
            growth: 0,
        }
    }

    /// The link is there again: the benefit of the doubt begins anew.
    pub fn restart(&mut self, now: Duration) {
        (self.progressing, self.holds, self.since, self.sent) = (true, false, now, 0);
    }

    /// The kernel took octets.
    pub fn sent(&mut self, octets: usize) {
        self.sent += octets;
    }

    /// Whether inputs that can wait are held back for this session; once a turn.
    pub fn judge(&mut self, queue: Queue, up: bool, now: Duration) -> bool {
        self.measure(queue, now);
        let much = queue.bytes >= HOLD.min(queue.limit / 2);
        if !much || !up {
            (self.progressing, self.holds) = (up, false);
            return false;
        }
        if self.progressing && !self.holds {
            (self.holds, self.since, self.queued, self.sent) = (true, now, queue.bytes, 0);
        } else if now.saturating_sub(self.since) >= SECOND {
            self.progressing = self.sent >= self.queued / 8;
            self.holds = self.progressing;
            (self.since, self.queued, self.sent) = (now, queue.bytes, 0);
        }
        self.holds
    }

    /// When the judgement may change without an event.
    pub fn wakes_at(&self) -> Option<Duration> {
        self.holds.then(|| self.since + SECOND)
    }

    /// When the queue will be full if it goes on growing as in the last second; `None` when it does not grow.
    pub fn full_in(&mut self, queue: Queue, now: Duration) -> Option<Duration> {
        self.measure(queue, now);
        let left = queue.limit.saturating_sub(queue.bytes) as u64;
        u64::try_from(self.growth)
            .ok()
            .and_then(|growth| left.checked_div(growth))
            .map(Duration::from_secs)
    }

    fn measure(&mut self, queue: Queue, now: Duration) {
        let elapsed = now.saturating_sub(self.growth_since);
        if elapsed >= SECOND {
            let growth = queue.bytes as i128 - self.growth_queued as i128;
            self.growth =
                i64::try_from(growth * 1000 / elapsed.as_millis().max(1) as i128).unwrap_or(0);
            (self.growth_since, self.growth_queued) = (now, queue.bytes);
        }
    }
}

/// Octets queued from which on inputs are held back, or half the queue's limit if that is less.
const HOLD: usize = 512 * 1024;
const SECOND: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: usize = 8 << 20;

    fn queue(bytes: usize) -> Queue {
        Queue {
            bytes,
            limit: LIMIT,
            ..Queue::default()
        }
    }

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    #[test]
    fn a_session_with_little_queued_holds_nobody_back() {
        let mut pace = Pace::new(ms(0));
        assert!(!pace.judge(queue(HOLD - 1), true, ms(10)));
        assert_eq!(pace.wakes_at(), None);
    }

    #[test]
    fn a_session_that_sends_an_eighth_a_second_holds_inputs_back_as_long_as_it_has_much() {
        let mut pace = Pace::new(ms(0));
        assert!(pace.judge(queue(HOLD), true, ms(10)));
        for second in 1..20 {
            pace.sent(HOLD / 8);
            assert!(
                pace.judge(queue(HOLD), true, ms(10 + 1000 * second)),
                "second {second}"
            );
        }
        assert!(!pace.judge(queue(HOLD - 1), true, ms(30_000)));
    }

    #[test]
    fn a_stalled_session_holds_inputs_back_for_one_second_and_no_more() {
        let mut pace = Pace::new(ms(0));
        pace.judge(queue(0), true, ms(500));
        pace.sent(100_000_000);
        assert!(pace.judge(queue(HOLD), true, ms(600)));
        assert_eq!(pace.wakes_at(), Some(ms(1600)));
        assert!(pace.judge(queue(HOLD), true, ms(1599)));
        assert!(!pace.judge(queue(HOLD), true, ms(1600)));
        for later in [1700, 2600, 5000, 60_000] {
            assert!(!pace.judge(queue(LIMIT), true, ms(later)), "{later}");
        }
    }

    #[test]
    fn a_session_that_moves_again_is_waited_for_again() {
        let mut pace = Pace::new(ms(0));
        pace.judge(queue(HOLD), true, ms(0));
        assert!(!pace.judge(queue(HOLD * 2), true, ms(1000)));
        pace.sent(HOLD);
        assert!(pace.judge(queue(HOLD), true, ms(2000)));
    }

    #[test]
    fn a_session_without_its_link_holds_nobody_back() {
        let mut pace = Pace::new(ms(0));
        assert!(!pace.judge(queue(LIMIT), false, ms(10)));
        pace.restart(ms(20));
        assert!(pace.judge(queue(LIMIT), true, ms(30)));
    }

    #[test]
    fn a_small_queue_holds_from_half_its_limit_on() {
        let mut pace = Pace::new(ms(0));
        let small = |bytes| Queue {
            bytes,
            limit: 100_000,
            ..Queue::default()
        };
        assert!(!pace.judge(small(49_999), true, ms(1)));
        assert!(pace.judge(small(50_000), true, ms(2)));
    }

    #[test]
    fn a_queue_that_grows_is_full_in_a_foreseeable_time() {
        let mut pace = Pace::new(ms(0));
        assert_eq!(pace.full_in(queue(0), ms(500)), None);
        assert_eq!(
            pace.full_in(queue(1 << 20), ms(1000)),
            Some(Duration::from_secs(7))
        );
        assert_eq!(pace.full_in(queue(1 << 20), ms(2000)), None);
        assert_eq!(pace.full_in(queue(0), ms(3000)), None);
    }
}
