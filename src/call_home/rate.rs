//! `rate-limit`: how many messages may begin within a minute. Pure.

use std::collections::VecDeque;
use std::time::Duration;

/// When the messages of the last minute began, since the start; sixty at most.
#[derive(Debug, Default)]
pub(super) struct Rate {
    begun: VecDeque<Duration>,
}

impl Rate {
    /// Whether one more may begin, which it does then.
    pub(super) fn admits(&mut self, now: Duration, most: u8) -> bool {
        while self
            .begun
            .front()
            .is_some_and(|at| now.saturating_sub(*at) >= MINUTE)
        {
            self.begun.pop_front();
        }
        let is_admitted = self.begun.len() < usize::from(most);
        if is_admitted {
            self.begun.push_back(now);
        }
        is_admitted
    }
}

const MINUTE: Duration = Duration::from_secs(60);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_minute_has_more_than_its_share() {
        let mut rate = Rate::default();
        let begun: Vec<u64> = (0..300)
            .filter(|second| rate.admits(Duration::from_secs(*second), 10))
            .collect();
        assert_eq!(begun.len(), 50);
        for from in 0..300 {
            let within = begun.iter().filter(|at| (from..from + 60).contains(*at));
            assert!(within.count() <= 10, "from {from}");
        }
    }

    #[test]
    fn a_lower_limit_counts_what_has_begun_before() {
        let mut rate = Rate::default();
        let at = Duration::from_secs;
        assert!((0..3).all(|_| rate.admits(at(0), 3)));
        assert!(!rate.admits(at(1), 3));
        assert!(rate.admits(at(1), 4));
        assert!(!rate.admits(at(60), 1));
        assert!(rate.admits(at(61), 1));
    }
}
