//! How long to wait before the next try of something that failed. Pure: attempts and a random number in, a delay out.
//! Who waits, and what counts as success, is the caller's business.

use std::time::Duration;

/// Grows by half with each failure, from half a second to twenty seconds, each delay shortened by up to a quarter so that
/// many devices that lost the same receiver do not return in step (C5b.3).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Backoff {
    failures: u32,
}

impl Backoff {
    /// The delay before the next try. `random` is any evenly spread number.
    pub fn next(&mut self, random: u32) -> Duration {
        self.between(FIRST, LONGEST, random)
    }

    /// The same between two other bounds, for what is tried less often.
    pub fn between(&mut self, first: Duration, longest: Duration, random: u32) -> Duration {
        let mut delay = first;
        for _ in 0..self.failures {
            delay = delay * 3 / 2;
            if delay >= longest {
                delay = longest;
                break;
            }
        }
        self.failures = self.failures.saturating_add(1);
        let shortened = u64::from(random) * (delay.as_micros() as u64 / 4) / u64::from(u32::MAX);
        delay - Duration::from_micros(shortened)
    }

    /// After a success that lasted.
    pub fn reset(&mut self) {
        self.failures = 0;
    }
}

/// An evenly spread number for the jitter; zero when the system has none, which only costs the jitter.
pub fn random() -> u32 {
    getrandom::u32().unwrap_or(0)
}

const FIRST: Duration = Duration::from_millis(500);
const LONGEST: Duration = Duration::from_secs(20);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_try_comes_within_a_second_whatever_the_jitter() {
        for random in [0, 1, u32::MAX / 2, u32::MAX] {
            let delay = Backoff::default().next(random);
            assert!(
                delay > Duration::from_millis(300) && delay < Duration::from_secs(1),
                "{delay:?}"
            );
        }
    }

    #[test]
    fn delays_grow_gradually_and_end_at_twenty_seconds() {
        let mut backoff = Backoff::default();
        let delays: Vec<_> = (0..40).map(|_| backoff.next(0)).collect();
        for pair in delays.windows(2) {
            assert!(pair[1] >= pair[0] && pair[1] <= pair[0] * 3 / 2, "{pair:?}");
        }
        assert_eq!(delays.last(), Some(&LONGEST));
        assert_eq!(delays.iter().filter(|d| **d < LONGEST).count(), 10);
    }

    #[test]
    fn jitter_shortens_by_a_quarter_at_most() {
        let mut backoff = Backoff { failures: 30 };
        assert_eq!(backoff.next(u32::MAX), LONGEST * 3 / 4);
    }

    #[test]
    fn a_success_begins_anew() {
        let mut backoff = Backoff { failures: 30 };
        backoff.reset();
        assert_eq!(backoff.next(0), FIRST);
    }

    /// Two hundred devices lose one receiver for ten minutes, on a clock that nobody waits for.
    #[test]
    fn many_that_lost_one_receiver_do_not_come_back_in_step() {
        const OUTAGE: Duration = Duration::from_secs(600);
        let mut state = 1_u64;
        let mut random = || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            (state >> 32) as u32
        };
        let mut tries = vec![0; 600];
        for _ in 0..200 {
            let (mut backoff, mut now, mut last) = (Backoff::default(), Duration::ZERO, None);
            loop {
                let delay = backoff.next(random());
                now += delay;
                assert!(delay <= LONGEST, "{delay:?}");
                if now >= OUTAGE {
                    // Whoever comes back is seen within the bound.
                    assert!(last.is_some_and(|last| now - last <= LONGEST));
                    break;
                }
                last = Some(now);
                tries[now.as_secs() as usize] += 1;
            }
        }
        let late = &tries[200..];
        let sum: u32 = late.iter().sum();
        // Every 17.5 seconds on the average, and no second has three times its share.
        let each = f64::from(sum) / 200.0 / 400.0;
        assert!((1.0 / 18.5..1.0 / 16.5).contains(&each), "{each}");
        let most = late.iter().max().copied().unwrap_or_default();
        let share = f64::from(sum) / 400.0;
        assert!(f64::from(most) < 3.0 * share, "{most} of {share}");
    }
}
