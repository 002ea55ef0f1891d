//! Messages under a screen: turned off, given another severity, or discarded by a limit of their own, before anything else is
//! done with them.

use super::Core;
use crate::message::Parsed;
use crate::syslog::screen::{Screened, with_severity};

impl Core {
    /// One that is turned off is not made at all: it takes no number. One that a limit discards does, like those of the
    /// device's limit.
    pub(super) fn screened(
        &mut self,
        message: &Parsed<'_>,
        text: &[u8],
        is_own: bool,
        beside: Option<usize>,
    ) {
        let second = self.now.monotonic.as_secs();
        let Some(plan) = &self.plan.screen else {
            return self.pass(message, text, is_own, beside);
        };
        let counts = plan.counts();
        let screened = self.screen.judge(plan, message, second);
        let severity = match screened {
            Screened::Disabled => {
                self.counts.disabled_by_logging_message += 1;
                return;
            }
            Screened::Discarded(severity) | Screened::Passes(severity) => severity,
        };
        let mut changed = std::mem::take(&mut self.changed);
        let (mut message, mut text) = (*message, text);
        if severity != message.severity {
            let place = with_severity(&mut changed, text, &message, severity);
            text = &changed;
            message = Parsed {
                severity,
                text: text.get(place).unwrap_or_default(),
                line: &[],
                ..message
            };
        }
        if counts {
            self.counted.note(&message, &self.now);
        }
        if matches!(screened, Screened::Passes(_)) {
            self.pass(&message, text, is_own, beside);
        } else {
            self.number += 1;
            self.renderer.count();
            self.counts.discarded_by_global_rate_limit += 1;
        }
        self.changed = changed;
    }
}
