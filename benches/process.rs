//! What a process has used so far, as Linux tells it.

use std::fs;

use crate::measure::Running;

/// Seconds of CPU time so far, in steps of a clock tick.
pub(crate) fn cpu(relay: &Running) -> f64 {
    let stat = fs::read_to_string(format!("/proc/{}/stat", relay.0.id())).unwrap_or_default();
    let fields = stat.rsplit_once(')').map_or("", |(_, fields)| fields);
    let ticks = fields
        .split_whitespace()
        .skip(11)
        .take(2)
        .filter_map(|field| field.parse::<f64>().ok());
    ticks.sum::<f64>() / TICKS_PER_SECOND
}

/// What Linux says on every platform it is built for here (`getconf CLK_TCK`).
const TICKS_PER_SECOND: f64 = 100.0;

/// The most memory that was resident at a time, in KiB.
pub(crate) fn peak_kib(relay: &Running) -> f64 {
    let status = fs::read_to_string(format!("/proc/{}/status", relay.0.id())).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|rest| rest.split_whitespace().next()?.parse().ok())
        .unwrap_or(0.0)
}
