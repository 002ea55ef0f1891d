//! A hash of short words for maps whose keys are ours, such as the names in a grammar file: FNV-1a. Nobody chooses such keys to
//! collide, and hashing them must cost less than what it saves.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// A map whose keys no operator and no peer chooses.
pub type Map<K, V> = HashMap<K, V, BuildHasherDefault<Fnv>>;

#[derive(Debug, Clone, Copy)]
pub struct Fnv(u64);

const PRIME: u64 = 0x0100_0000_01b3;

impl Default for Fnv {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Hasher for Fnv {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(PRIME);
        }
    }

    fn write_u32(&mut self, number: u32) {
        self.write_u64(number.into());
    }

    fn write_u64(&mut self, number: u64) {
        // In one step; the upper bits reach the lower ones, from which a map takes the place.
        let mixed = (self.0 ^ number).wrapping_mul(PRIME);
        self.0 = mixed ^ mixed >> 32;
    }

    fn finish(&self) -> u64 {
        // A map looks at the uppermost bits first, which the last bytes have hardly reached.
        self.0 ^ self.0.rotate_left(32)
    }
}
