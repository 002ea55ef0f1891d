//! THE verdict: which sessions get a message, and for what reason the others do not. Severity, facility, mnemonics, body,
//! sender, then rate limit; the first that blocks ends it (R26, R27). Nothing else in the house filters.

use super::api::Blocks;
use super::discriminator::{FilterPlan, Pattern, set};
use super::sender::Sender;
use crate::config::logging::RateLimit;
use crate::message::{Kind, Parsed, Severity};

/// A criterion of a discriminator, in the order in which they are checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Criterion {
    Severity,
    Facility,
    Mnemonics,
    MsgBody,
    Sender,
}

/// What the filter says of one message and one session, rate limits apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judgement {
    Passes,
    BelowLevel,
    Blocked(Criterion),
}

/// What one session did not get, by reason.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub below_level: u64,
    pub blocks: Blocks,
    pub rate_limited: u64,
}

/// One second of a rate limit (C5b.1).
#[derive(Clone, Copy, Debug, Default)]
pub struct Window {
    second: u64,
    used: u16,
}

impl Window {
    /// Whether a message of this severity passes in this second; counted if it does.
    pub fn admits(&mut self, limit: &RateLimit, severity: Severity, second: u64) -> bool {
        if limit.except.is_some_and(|exempt| severity <= exempt)
            || (severity == Severity::Debugging && !limit.all)
        {
            return true;
        }
        if self.second != second {
            *self = Self { second, used: 0 };
        }
        let admits = self.used < limit.limit;
        self.used += u16::from(admits);
        admits
    }
}

/// The sets that a header sorts all sessions into: those that do not get the message, by reason, and those it lets pass.
#[derive(Clone, Copy)]
pub(super) enum Mask {
    Below,
    Severity,
    Facility,
    Mnemonics,
    Passes,
    /// Of those that it lets pass, the ones with a body criterion.
    Bodies,
}

pub(super) const MASKS: usize = 6;

impl FilterPlan {
    /// What the filter says of one message and one session: the same that decides for all of them.
    pub fn judgement(
        &self,
        session: usize,
        message: &Parsed<'_>,
        sender: &Sender<'_>,
    ) -> Judgement {
        let sets = self.judge_header(message);
        let (word, bit) = (session / 64, 1 << (session % 64));
        let has = |mask: Mask| {
            sets.get(mask as usize * self.words + word)
                .is_some_and(|set| set & bit != 0)
        };
        let is_blocked_by_body = || {
            let blocks = |criterion: &Pattern| {
                criterion.blocks(criterion.is_match(message.body))[word] & bit != 0
            };
            has(Mask::Bodies) && self.bodies.iter().any(blocks)
        };
        let is_blocked_by_sender = || {
            let blocked = self.sender_blocks(sender);
            blocked.get(word).is_some_and(|blocked| blocked & bit != 0)
        };
        match () {
            () if has(Mask::Severity) => Judgement::Blocked(Criterion::Severity),
            () if has(Mask::Facility) => Judgement::Blocked(Criterion::Facility),
            () if has(Mask::Mnemonics) => Judgement::Blocked(Criterion::Mnemonics),
            () if !has(Mask::Passes) => Judgement::BelowLevel,
            () if is_blocked_by_body() => Judgement::Blocked(Criterion::MsgBody),
            () if is_blocked_by_sender() => Judgement::Blocked(Criterion::Sender),
            () => Judgement::Passes,
        }
    }

    /// Sorts all sessions by what a header alone says: `MASKS` sets, `Mask` in order.
    pub(super) fn judge_header(&self, message: &Parsed<'_>) -> Vec<u64> {
        let words = self.words;
        let severity = usize::from(message.severity.number());
        let (mut level, unblocked) = (&self.level[severity], &self.severity[severity]);
        let mut admitted;
        if !self.admissions.is_empty() {
            admitted = level.clone();
            for (session, admission) in &self.admissions {
                set(&mut admitted, *session, admission.admits(message));
            }
            level = &admitted;
        }
        let mut sets = vec![0; MASKS * words];
        for word in 0..words {
            let all = if word * 64 + 64 <= self.sessions {
                u64::MAX
            } else {
                (1 << (self.sessions % 64)) - 1
            };
            sets[Mask::Below as usize * words + word] = all & !level[word];
            sets[Mask::Severity as usize * words + word] = level[word] & !unblocked[word];
            sets[Mask::Passes as usize * words + word] = level[word] & unblocked[word];
        }
        let upper;
        let facility = if message.kind == Kind::Program {
            upper = message.facility.to_ascii_uppercase();
            &upper
        } else {
            message.facility
        };
        let steps = [
            (Mask::Facility, &self.facility, facility),
            (Mask::Mnemonics, &self.mnemonics, message.mnemonic),
        ];
        for (mask, criteria, text) in steps {
            for criterion in criteria {
                // A debug line has neither, so `includes` blocks it and `drops` lets it pass.
                let is_match = message.kind != Kind::Debug && criterion.is_match(text);
                for (word, blocks) in criterion.blocks(is_match).iter().enumerate() {
                    let blocked = sets[Mask::Passes as usize * words + word] & blocks;
                    sets[mask as usize * words + word] |= blocked;
                    sets[Mask::Passes as usize * words + word] &= !blocked;
                }
            }
        }
        for word in 0..words {
            sets[Mask::Bodies as usize * words + word] =
                sets[Mask::Passes as usize * words + word] & self.asks_body[word];
        }
        sets
    }
}
