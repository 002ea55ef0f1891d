//! The one owner of the running-config: a lock held for the microseconds of one `apply`, the sender that publishes, and
//! the rooms' reports of how far they have got. No Session keeps a copy; every line meets the newest configuration.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::watch;

use crate::command::Config;
use crate::config::{self, Notices, Published, Refusal, RunningConfig, Scope, TakenOver};

/// Holds the running-config for all Sessions of one device.
#[derive(Debug)]
pub struct Owner {
    newest: Mutex<Newest>,
    published: watch::Sender<Published>,
    rooms: Mutex<Vec<Arc<TakenOver>>>,
}

#[derive(Debug)]
struct Newest {
    config: RunningConfig,
    /// Rises with every change; tells whether something waits for publication or is unsaved.
    revision: u64,
    published: u64,
    /// The revision that was last loaded or saved.
    saved: u64,
}

impl Owner {
    /// The configuration the device starts with; it counts as loaded and is published at once as generation 1.
    pub fn new(config: RunningConfig) -> Self {
        let first = Published {
            generation: 1,
            config: Arc::new(config.clone()),
        };
        Self {
            newest: Mutex::new(Newest {
                config,
                revision: 0,
                published: 0,
                saved: 0,
            }),
            published: watch::Sender::new(first),
            rooms: Mutex::default(),
        }
    }

    /// For a living room: the newest publication, now and whenever it changes.
    pub fn subscribe(&self) -> watch::Receiver<Published> {
        self.published.subscribe()
    }

    /// A room whose reports `settle` waits for.
    pub fn wait_for(&self, room: Arc<TakenOver>) {
        self.rooms
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(room);
    }

    /// The newest configuration, published or not. Cheap: sections are shared.
    pub fn current(&self) -> RunningConfig {
        self.newest().config.clone()
    }

    /// Looks at the newest configuration under the lock; `look` must be short.
    pub fn with<T>(&self, look: impl FnOnce(&RunningConfig) -> T) -> T {
        look(&self.newest().config)
    }

    /// One line on the newest configuration. A refusal has changed nothing. The change is published later, with what
    /// arrives together with it.
    pub fn apply(&self, scope: &Scope, command: &Config) -> Result<Notices, Refusal> {
        let mut newest = self.newest();
        let notices = config::apply(&mut newest.config, scope, command)?;
        newest.revision += 1;
        Ok(notices)
    }

    /// A change that is no single command, such as `clear configure`; what `change` returns. A refusal has changed nothing.
    pub fn edit<T, E>(
        &self,
        change: impl FnOnce(&mut RunningConfig) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut newest = self.newest();
        let done = change(&mut newest.config)?;
        newest.revision += 1;
        Ok(done)
    }

    /// Replaces the whole configuration, as `reload` does; it counts as loaded.
    pub fn replace(&self, config: RunningConfig) {
        let mut newest = self.newest();
        newest.config = config;
        newest.revision += 1;
        newest.saved = newest.revision;
    }

    /// What is running was just written to (or read from) the startup-config.
    pub fn note_saved(&self) {
        let mut newest = self.newest();
        newest.saved = newest.revision;
    }

    /// Whether something changed since it was last loaded or saved.
    pub fn is_unsaved(&self) -> bool {
        let newest = self.newest();
        newest.saved != newest.revision
    }

    /// Publishes what waits; the newest generation.
    pub fn publish(&self) -> u64 {
        let mut newest = self.newest();
        if newest.published == newest.revision {
            return self.published.borrow().generation;
        }
        newest.published = newest.revision;
        let generation = self.published.borrow().generation + 1;
        self.published.send_replace(Published {
            generation,
            config: Arc::new(newest.config.clone()),
        });
        generation
    }

    /// Publishes, then waits until every room has taken it over, at most `limit` in all; whether they all have (C1.2).
    pub fn settle(&self, limit: Duration) -> bool {
        let generation = self.publish();
        let rooms = self
            .rooms
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        let until = Instant::now() + limit;
        rooms
            .iter()
            .all(|room| room.wait(generation, until.saturating_duration_since(Instant::now())))
    }

    fn newest(&self) -> MutexGuard<'_, Newest> {
        // A panic under the lock cannot leave a half-made configuration: `apply` checks first and changes last.
        self.newest.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_that_was_refused_is_neither_unsaved_nor_published() {
        let owner = Owner::new(RunningConfig::default());
        assert_eq!(owner.edit(|_| Err::<(), _>("in use")), Err("in use"));
        assert!(!owner.is_unsaved());
        assert_eq!(owner.publish(), 1);
        assert_eq!(owner.edit(|_| Ok::<_, &str>(7)), Ok(7));
        assert!(owner.is_unsaved());
        assert_eq!(owner.publish(), 2);
    }
}
