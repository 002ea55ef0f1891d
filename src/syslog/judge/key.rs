//! What of a message its entry in a judge's memory is found by, and how that is spread over the slots.

use crate::message::{Kind, Parsed, Severity};

/// What of a message its entry is found by.
#[derive(Clone, Copy, Debug)]
pub(super) struct Key<'a> {
    pub(super) kind: Kind,
    pub(super) severity: Severity,
    pub(super) facility_length: usize,
    /// Facility and mnemonic; of a Cisco header all of it in one piece, which is quicker, and nothing.
    pub(super) parts: [&'a [u8]; 2],
}

impl<'a> Key<'a> {
    #[inline]
    pub(super) fn of(message: &Parsed<'a>, by_name: bool) -> Self {
        let mut key = Self {
            kind: Kind::default(),
            severity: message.severity,
            facility_length: 0,
            parts: [&[]; 2],
        };
        if by_name {
            key.kind = message.kind;
            key.facility_length = message.facility.len();
            // `FAC-SEV-MNEM` behind its `%`.
            let header = 1..4 + message.facility.len() + message.mnemonic.len();
            key.parts = match message.text.get(header) {
                Some(header) if message.kind == Kind::Cisco => [header, &[]],
                _ => [message.facility, message.mnemonic],
            };
        }
        key
    }

    #[inline]
    pub(super) fn hash(&self) -> u64 {
        let seed = (self.severity as u64) << 8 | self.kind as u64;
        let [first, second] = self.parts;
        let hash = hash(seed ^ SPREAD, first);
        if second.is_empty() {
            hash
        } else {
            self::hash(hash, second)
        }
    }
}

/// Spreads a text over 64 bits, sixteen bytes at a time.
#[inline]
pub(super) fn hash(seed: u64, text: &[u8]) -> u64 {
    let mut hash = seed ^ text.len() as u64;
    // Some bytes twice are as good as a loop over the rest.
    let (low, high) = match (text.first_chunk::<8>(), text.last_chunk::<8>()) {
        (Some(first), Some(last)) => {
            let mut rest = text;
            while rest.len() > 16
                && let Some((sixteen, behind)) = rest.split_first_chunk::<16>()
            {
                let sixteen = u128::from_le_bytes(*sixteen);
                hash = fold(hash ^ sixteen as u64, SPREAD ^ (sixteen >> 64) as u64);
                rest = behind;
            }
            let first = rest.first_chunk::<8>().unwrap_or(first);
            (u64::from_le_bytes(*first), u64::from_le_bytes(*last))
        }
        _ => match (text.first_chunk::<4>(), text.last_chunk::<4>()) {
            (Some(first), Some(last)) => (
                u32::from_le_bytes(*first).into(),
                u32::from_le_bytes(*last).into(),
            ),
            _ => (
                text.iter().fold(0, |all, byte| all << 8 | u64::from(*byte)),
                0,
            ),
        },
    };
    fold(hash ^ low, SPREAD ^ high)
}

/// Both halves of a product, one over the other.
#[inline]
fn fold(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    product as u64 ^ (product >> 64) as u64
}

const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;
