//! The interactive console: a person at the process's own terminal.

use super::device::Device;

/// Runs until the console is left.
pub(super) fn run(_: &Device) -> bool {
    false
}
