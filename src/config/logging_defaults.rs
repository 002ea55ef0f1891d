//! The severities that an ASA gives to messages by itself, as far as this project knows them: those that it makes, and those
//! that its sources print. No catalogue of everything an ASA can say.

use crate::message::Severity::{self, *};

/// By number, in their order.
pub const DEFAULT_LEVELS: [(u32, Severity); 38] = [
    (106_023, Warnings),
    (110_002, Informational),
    (111_008, Notifications),
    (111_009, Debugging),
    (111_010, Notifications),
    (120_001, Notifications),
    (120_002, Notifications),
    (120_003, Informational),
    (120_004, Warnings),
    (120_005, Warnings),
    (120_006, Warnings),
    (120_007, Informational),
    (120_008, Notifications),
    (120_009, Notifications),
    (120_010, Errors),
    (120_011, Warnings),
    (120_012, Notifications),
    (201_008, Errors),
    (305_011, Informational),
    (305_012, Informational),
    (403_503, Errors),
    (414_003, Errors),
    (414_005, Errors),
    (414_006, Errors),
    (502_103, Notifications),
    (611_102, Informational),
    (711_001, Debugging),
    (717_009, Errors),
    (717_026, Warnings),
    (717_027, Errors),
    (717_031, Warnings),
    (717_054, Alerts),
    (717_055, Alerts),
    (717_056, Informational),
    (717_057, Errors),
    (717_058, Informational),
    (717_071, Errors),
    (717_072, Notifications),
];

pub fn default_level(number: u32) -> Option<Severity> {
    let at = DEFAULT_LEVELS.binary_search_by_key(&number, |(known, _)| *known);
    at.ok().map(|at| DEFAULT_LEVELS[at].1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stand_in_order_so_that_each_is_found() {
        assert!(DEFAULT_LEVELS.is_sorted_by(|one, next| one.0 < next.0));
        for (number, level) in DEFAULT_LEVELS {
            assert_eq!(default_level(number), Some(level));
        }
        assert_eq!(default_level(106_015), None);
    }
}
