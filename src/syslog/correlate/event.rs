//! What goes into the windows of a session, and what comes out of them.

use std::net::IpAddr;

use crate::message::Parsed;

/// A message that the criteria let pass, once for all sessions.
#[derive(Debug)]
pub(in crate::syslog) struct Event<'a> {
    pub(in crate::syslog) message: &'a Parsed<'a>,
    /// All of it, as it came.
    pub(in crate::syslog) text: &'a [u8],
    pub(in crate::syslog) is_own: bool,
    pub(in crate::syslog) peer: Option<IpAddr>,
    /// The sending host; sameness ends there.
    pub(in crate::syslog) sender: &'a [u8],
}

/// What becomes of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::syslog) enum Fate {
    Passes,
    /// It is counted in an open window, and goes no further.
    Merged,
    /// It waits for its symptoms.
    Held,
}

/// A message that leaves a window: what was kept, and what is added to its body.
#[derive(Debug)]
pub(in crate::syslog) struct Made {
    pub(in crate::syslog) kept: Kept,
    /// Empty where a message that was held goes on as it came.
    pub(in crate::syslog) remark: String,
}

/// A message that is kept.
#[derive(Debug, Default)]
pub(in crate::syslog) struct Kept {
    pub(in crate::syslog) text: Vec<u8>,
    pub(in crate::syslog) is_own: bool,
    pub(in crate::syslog) peer: Option<IpAddr>,
}

impl Kept {
    /// What it weighs then.
    pub(super) fn take(&mut self, event: &Event<'_>) -> usize {
        self.text.clear();
        if self.text.capacity() > 2 * event.text.len() + 256 {
            self.text = Vec::new();
        }
        self.text.extend_from_slice(event.text);
        (self.is_own, self.peer) = (event.is_own, event.peer);
        self.text.capacity()
    }
}
