//! How a configuration reaches the living rooms: the newest whole one, numbered, and each room's word on how far it has got.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use super::RunningConfig;

/// One publication. Rooms hold the newest and never miss a state they would have had to act on.
#[derive(Clone, Debug)]
pub struct Published {
    /// Rises by one with each publication, from 1.
    pub generation: u64,
    pub config: Arc<RunningConfig>,
}

/// The newest generation a room has taken over: sockets open, or their failure noted.
#[derive(Debug, Default)]
pub struct TakenOver {
    generation: Mutex<u64>,
    changed: Condvar,
}

impl TakenOver {
    /// The room's report. An older generation than the one reported last changes nothing.
    pub fn report(&self, generation: u64) {
        let mut newest = self
            .generation
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *newest = (*newest).max(generation);
        self.changed.notify_all();
    }

    /// Waits until `generation` is taken over, at most for `limit`; whether it was.
    pub fn wait(&self, generation: u64, limit: Duration) -> bool {
        let newest = self
            .generation
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        self.changed
            .wait_timeout_while(newest, limit, |newest| *newest < generation)
            .map_or_else(
                |poisoned| *poisoned.into_inner().0 >= generation,
                |(newest, _)| *newest >= generation,
            )
    }
}
