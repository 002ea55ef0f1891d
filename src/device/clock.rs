//! The device's clocks: the time of day and the time since the start. Everything that needs a time gets it from here or as
//! a parameter. Time zones are a matter of those who print.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, Datelike, Local, TimeDelta, TimeZone, Utc};

use crate::net::kernel;

/// Where the time comes from.
pub trait Clock: Send + Sync {
    /// The time of day. It may jump when the host's clock is set.
    fn now(&self) -> DateTime<Utc>;
    /// Since the start of the process; never goes back.
    fn monotonic(&self) -> Duration;
    /// Whether a time server disciplines the host's clock; `None` when the host does not tell.
    fn is_synchronised(&self) -> Option<bool>;
    /// Whether one did at any time when it was asked.
    fn was_synchronised(&self) -> bool;
    /// Seconds east of Greenwich of the host's own zone at an instant: that of `TZ` (a name or a POSIX rule), else of
    /// `/etc/localtime`, else UTC.
    fn host_seconds_east(&self, at: DateTime<Utc>) -> i32;
}

/// The host's clock.
#[derive(Debug)]
pub struct SystemClock {
    start: Instant,
    was_synchronised: AtomicBool,
}

impl SystemClock {
    /// The device's uptime counts from here.
    pub fn start() -> Self {
        Self {
            start: Instant::now(),
            was_synchronised: AtomicBool::new(false),
        }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::start()
    }
}

impl Clock for SystemClock {
    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }

    fn monotonic(&self) -> Duration {
        self.start.elapsed()
    }

    fn is_synchronised(&self) -> Option<bool> {
        let is_synchronised = kernel::is_clock_synchronised();
        if is_synchronised == Some(true) {
            self.was_synchronised.store(true, Ordering::Relaxed);
        }
        is_synchronised
    }

    fn was_synchronised(&self) -> bool {
        self.was_synchronised.load(Ordering::Relaxed)
    }

    fn host_seconds_east(&self, at: DateTime<Utc>) -> i32 {
        // POSIX: an empty TZ is UTC. Tables and rules of zones speak of these centuries.
        let is_utc = std::env::var_os("TZ").is_some_and(|zone| zone.is_empty());
        if is_utc || !(1900..3000).contains(&at.year()) {
            return 0;
        }
        Local
            .offset_from_utc_datetime(&at.naive_utc())
            .local_minus_utc()
    }
}

/// A clock that moves when it is told to.
#[derive(Debug)]
pub struct VirtualClock {
    state: Mutex<Reading>,
}

#[derive(Clone, Copy, Debug)]
struct Reading {
    now: DateTime<Utc>,
    monotonic: Duration,
    synchronised: Option<bool>,
    was_synchronised: bool,
}

impl VirtualClock {
    /// Shows `now`, and no time has passed since the start.
    pub fn new(now: DateTime<Utc>) -> Self {
        Self {
            state: Mutex::new(Reading {
                now,
                monotonic: Duration::ZERO,
                synchronised: None,
                was_synchronised: false,
            }),
        }
    }

    /// Time passes: both clocks move. At the end of the calendar the time of day stands still.
    pub fn advance(&self, by: Duration) {
        self.change(|reading| {
            reading.monotonic = reading.monotonic.saturating_add(by);
            let later = TimeDelta::from_std(by)
                .ok()
                .and_then(|by| reading.now.checked_add_signed(by));
            reading.now = later.unwrap_or(reading.now);
        });
    }

    /// The time of day jumps, as when an operator sets it; no time passes.
    pub fn set(&self, now: DateTime<Utc>) {
        self.change(|reading| reading.now = now);
    }

    pub fn set_synchronised(&self, synchronised: Option<bool>) {
        self.change(|reading| {
            reading.synchronised = synchronised;
            reading.was_synchronised |= synchronised == Some(true);
        });
    }

    fn change(&self, change: impl FnOnce(&mut Reading)) {
        change(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner));
    }

    fn read(&self) -> Reading {
        *self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clock for VirtualClock {
    fn now(&self) -> DateTime<Utc> {
        self.read().now
    }

    fn monotonic(&self) -> Duration {
        self.read().monotonic
    }

    fn is_synchronised(&self) -> Option<bool> {
        self.read().synchronised
    }

    fn was_synchronised(&self) -> bool {
        self.read().was_synchronised
    }

    /// A virtual host is in Greenwich.
    fn host_seconds_east(&self, _: DateTime<Utc>) -> i32 {
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noon() -> DateTime<Utc> {
        DateTime::from_timestamp(1_889_784_000, 0).unwrap_or_default()
    }

    #[test]
    fn advancing_moves_the_time_of_day_and_the_uptime_together() {
        let clock = VirtualClock::new(noon());
        clock.advance(Duration::from_millis(1500));
        assert_eq!(clock.monotonic(), Duration::from_millis(1500));
        assert_eq!(clock.now() - noon(), TimeDelta::milliseconds(1500));
    }

    #[test]
    fn setting_the_time_of_day_leaves_the_uptime_alone() {
        let clock = VirtualClock::new(noon());
        clock.advance(Duration::from_secs(5));
        clock.set(noon() - TimeDelta::days(1));
        assert_eq!(clock.monotonic(), Duration::from_secs(5));
        assert_eq!(clock.now(), noon() - TimeDelta::days(1));
    }

    #[test]
    fn advancing_beyond_the_calendar_does_not_panic() {
        let clock = VirtualClock::new(DateTime::<Utc>::MAX_UTC);
        clock.advance(Duration::MAX);
        clock.advance(Duration::MAX);
        assert_eq!(clock.now(), DateTime::<Utc>::MAX_UTC);
        assert_eq!(clock.monotonic(), Duration::MAX);
    }

    #[test]
    fn the_uptime_of_the_system_clock_never_goes_back() {
        let clock = SystemClock::start();
        let first = clock.monotonic();
        assert!(clock.monotonic() >= first);
    }
}
