//! Percentiles of what was timed.

/// The value that `share` (0 to 1) of the values do not exceed.
pub(crate) fn percentile(values: &[f64], share: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let last = sorted.len().saturating_sub(1);
    sorted
        .get((last as f64 * share).ceil() as usize)
        .copied()
        .unwrap_or(0.0)
}
