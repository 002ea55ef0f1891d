//! What is open for some time under a key that the network chose: found by its key, closed in order of time, the oldest first
//! when there is too much. What is kept there, and what closing means, is decided elsewhere.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

/// Open windows, each of them due at some time.
#[derive(Debug)]
pub(super) struct Windows<T> {
    by_key: HashMap<Arc<[u8]>, usize>,
    slots: Vec<Option<Window<T>>>,
    free: Vec<usize>,
    due: BTreeSet<(Duration, usize)>,
    /// Of all keys, and what the owner says of what it keeps there.
    bytes: usize,
}

#[derive(Debug)]
struct Window<T> {
    key: Arc<[u8]>,
    due: Duration,
    bytes: usize,
    what: T,
}

impl<T> Default for Windows<T> {
    fn default() -> Self {
        Self {
            by_key: HashMap::new(),
            slots: Vec::new(),
            free: Vec::new(),
            due: BTreeSet::new(),
            bytes: 0,
        }
    }
}

impl<T> Windows<T> {
    pub(super) fn len(&self) -> usize {
        self.due.len()
    }

    /// What all of them take, about.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// The place of the window that was opened last under this key.
    pub(super) fn find(&self, key: &[u8]) -> Option<usize> {
        self.by_key.get(key).copied()
    }

    pub(super) fn at(&mut self, place: usize) -> Option<&mut T> {
        Some(&mut self.slots.get_mut(place)?.as_mut()?.what)
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &T> {
        self.slots.iter().flatten().map(|window| &window.what)
    }

    /// Opens a window; one that is open under the same key stays, and is found no more.
    pub(super) fn open(&mut self, key: &[u8], due: Duration, what: T) -> usize {
        let key: Arc<[u8]> = key.into();
        let bytes = key.len() + OVERHEAD;
        let window = Window {
            key: key.clone(),
            due,
            bytes,
            what,
        };
        let place = match self.free.pop() {
            Some(place) => place,
            None => {
                self.slots.push(None);
                self.slots.len() - 1
            }
        };
        if let Some(slot) = self.slots.get_mut(place) {
            *slot = Some(window);
        }
        // An entry keeps the key that it has: taken out first, so that the key is not kept twice.
        self.by_key.remove(&key);
        self.by_key.insert(key, place);
        self.due.insert((due, place));
        self.bytes += bytes;
        place
    }

    /// Says anew how much a window keeps besides its key.
    pub(super) fn weigh(&mut self, place: usize, kept: usize) {
        if let Some(window) = self.slots.get_mut(place).and_then(Option::as_mut) {
            let bytes = window.key.len() + OVERHEAD + kept;
            self.bytes = self.bytes - window.bytes + bytes;
            window.bytes = bytes;
        }
    }

    /// Says anew when it is due, too.
    pub(super) fn set(&mut self, place: usize, due: Duration, kept: usize) {
        self.weigh(place, kept);
        if let Some(window) = self.slots.get_mut(place).and_then(Option::as_mut)
            && window.due != due
        {
            self.due.remove(&(window.due, place));
            self.due.insert((due, place));
            window.due = due;
        }
    }

    /// The one that is due first, and when.
    pub(super) fn first(&self) -> Option<(Duration, usize)> {
        self.due.first().copied()
    }

    pub(super) fn close(&mut self, place: usize) -> Option<T> {
        let window = self.slots.get_mut(place)?.take()?;
        self.due.remove(&(window.due, place));
        if self.by_key.get(&window.key) == Some(&place) {
            self.by_key.remove(&window.key);
        }
        self.bytes -= window.bytes;
        self.free.push(place);
        if self.due.is_empty() {
            // What a storm made large goes back.
            *self = Self::default();
        }
        Some(window.what)
    }
}

/// What a window takes besides its key and what it keeps, about.
const OVERHEAD: usize = 200;

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn windows_are_closed_in_order_of_time() {
        let mut windows = Windows::default();
        windows.open(b"b", at(2), 'b');
        let a = windows.open(b"a", at(1), 'a');
        windows.open(b"c", at(3), 'c');
        windows.set(a, at(4), 0);
        let mut closed = String::new();
        while let Some((_, place)) = windows.first() {
            closed.extend(windows.close(place));
        }
        assert_eq!(closed, "bca");
        assert_eq!((windows.len(), windows.bytes()), (0, 0));
    }

    #[test]
    fn the_window_opened_last_is_found_and_the_other_stays_open() {
        let mut windows = Windows::default();
        let first = windows.open(b"a", at(1), 1);
        let second = windows.open(b"a", at(2), 2);
        assert_eq!(windows.find(b"a"), Some(second));
        assert_eq!(windows.close(first), Some(1));
        assert_eq!(windows.find(b"a"), Some(second));
        assert_eq!(windows.close(second), Some(2));
        assert_eq!(windows.find(b"a"), None);
    }

    #[test]
    fn what_is_kept_is_weighed() {
        let mut windows = Windows::default();
        let place = windows.open(b"abc", at(1), ());
        let empty = windows.bytes();
        windows.set(place, at(1), 100);
        assert_eq!(windows.bytes(), empty + 100);
        windows.set(place, at(1), 10);
        assert_eq!(windows.bytes(), empty + 10);
    }
}
