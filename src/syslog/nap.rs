//! Whether to sleep for a moment before the next datagrams: at high rates a fuller batch saves more than the moment costs.
//! Pure: counts and time in, a nap out.

use std::time::Duration;

use crate::net::udp::BATCH;

/// How many datagrams came lately.
#[derive(Clone, Debug, Default)]
pub struct Nap {
    since: Duration,
    datagrams: usize,
    /// Datagrams a second in the last window.
    rate: u64,
}

impl Nap {
    /// After a turn that took so many datagrams. Streams alone never make it sleep, and neither do full batches.
    pub fn after(&mut self, datagrams: usize, now: Duration) -> Option<Duration> {
        self.datagrams += datagrams;
        let elapsed = now.saturating_sub(self.since);
        if elapsed >= WINDOW {
            self.rate = self.datagrams as u64 * 1_000_000 / elapsed.as_micros().max(1) as u64;
            (self.since, self.datagrams) = (now, 0);
        }
        (self.rate > FAST && datagrams > 0 && datagrams < BATCH).then_some(NAP)
    }
}

const WINDOW: Duration = Duration::from_millis(20);
const FAST: u64 = 10_000;
const NAP: Duration = Duration::from_micros(300);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_short_batches_at_a_high_rate_make_it_sleep() {
        let mut nap = Nap::default();
        let mut at = |micros: u64, datagrams| nap.after(datagrams, Duration::from_micros(micros));
        assert_eq!(at(1_000, 5), None);
        assert_eq!(at(20_000, 995), None, "a full batch");
        assert_eq!(at(20_100, 5), Some(NAP), "50,000 a second");
        assert_eq!(at(20_200, 0), None, "nothing came");
        assert_eq!(at(45_000, 5), None, "it has become quiet");
    }
}
