//! Up to which message everything is settled: delivered, dropped by a rule, or on disk, whatever remote session it was
//! meant for. Asked by whoever keeps places of inputs, a few times a second; no message costs anything here.

use super::Core;

/// Causes that wait for their symptoms are in no queue, and enter one under a later number.
#[derive(Debug, Default)]
pub(super) struct Settling {
    /// The last message at a look when none waited.
    quiet: u64,
    /// While any waits, and until what they became is settled: what `quiet` was, and the last number of what they became.
    held: Option<(u64, Option<u64>)>,
}

impl Core {
    /// The number of the last message.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// All messages up to this number are settled. What the kernel took is when `leaves`; else when the peer has it.
    pub fn settled(&mut self, leaves: bool) -> u64 {
        let waiting = self.remotes.iter();
        let first = waiting.filter_map(|remote| remote.unsettled(leaves)).min();
        let settled = first.map_or(self.number, |first| first.saturating_sub(1));
        let holds = (0..self.remotes.len()).any(|session| self.held(session) > 0);
        let (number, settling) = (self.number, &mut self.settling);
        match &mut settling.held {
            None if !holds => {}
            None => settling.held = Some((settling.quiet, None)),
            Some((_, until)) if holds => *until = None,
            // What they became has numbers up to this one.
            Some((_, until @ None)) => *until = Some(number),
            Some(_) => {}
        }
        match settling.held {
            Some((_, Some(until))) if until <= settled => settling.held = None,
            Some((before, _)) => return settled.min(before),
            None => {}
        }
        settling.quiet = number;
        settled
    }
}
