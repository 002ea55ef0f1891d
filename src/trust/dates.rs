//! How a date that does not fit is told: with what the clock says, as it may be the clock that is wrong. A clock that stands
//! before this release was made evidently is.

use chrono::{DateTime, Utc};

/// Seconds since 1970: 2026-01-01.
const MADE: i64 = 1_767_225_600;

/// As `2026-11-24`.
pub(super) fn day(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d").to_string()
}

/// Such as `the clock says 2026-11-24`.
pub(super) fn clock(now: DateTime<Utc>) -> String {
    let evidently = match now.timestamp() < MADE {
        true => ", which is evidently wrong",
        false => "",
    };
    format!("the clock says {}{evidently}", day(now))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_before_this_release_is_evidently_wrong() {
        let says = |seconds| clock(DateTime::from_timestamp(seconds, 0).expect("a time"));
        assert_eq!(
            says(MADE - 1),
            "the clock says 2025-12-31, which is evidently wrong"
        );
        assert_eq!(says(MADE), "the clock says 2026-01-01");
    }
}
