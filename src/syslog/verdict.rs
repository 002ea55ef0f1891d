//! THE verdict: which sessions get a message, and for what reason the others do not. Severity, facility, mnemonics, body,
//! then rate limit; the first that blocks ends it (R26, R27). Nothing else in the house filters.

use regex_automata::{Input, PatternID, PatternSet};

use super::discriminator::{FilterPlan, Pattern, SEPARATE};
use crate::config::logging::RateLimit;
use crate::message::{Kind, Parsed, Severity};

/// A criterion of a discriminator, in the order in which they are checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Criterion {
    Severity,
    Facility,
    Mnemonics,
    MsgBody,
}

/// What the filter says of one message and one session, rate limits apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judgement {
    Passes,
    BelowLevel,
    Blocked(Criterion),
}

/// How often each criterion blocked a message that the level had let in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Blocks {
    pub severity: u64,
    pub facility: u64,
    pub mnemonics: u64,
    pub msg_body: u64,
}

impl Blocks {
    pub fn total(&self) -> u64 {
        self.severity + self.facility + self.mnemonics + self.msg_body
    }
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

/// Judges messages under one `FilterPlan`, and remembers what it found of each distinct header: there are few hundred of
/// them in a network. The memory is bounded whatever the network sends.
#[derive(Debug)]
pub struct Judge {
    words: usize,
    /// By hash: the entry's number plus one.
    index: Box<[u32]>,
    entries: Vec<Entry>,
    /// `MASKS` sets of each entry.
    masks: Vec<u64>,
    /// Entries with hits that are not in the tallies yet.
    touched: Vec<u32>,
    tallies: Vec<Tally>,
    windows: Vec<[Window; 2]>,
    passing: Vec<u64>,
    matched: PatternSet,
}

/// What is known of a header.
#[derive(Debug)]
struct Entry {
    hash: u64,
    kind: Kind,
    severity: Severity,
    facility_length: usize,
    /// Facility and mnemonic, one behind the other.
    key: Box<[u8]>,
    /// Body patterns that sessions ask of messages that come this far.
    patterns: Box<[u16]>,
    hits: u64,
}

/// The sets of an entry: those that the header alone sorts out, by reason, and those that it lets pass.
#[derive(Clone, Copy)]
enum Mask {
    Below,
    Severity,
    Facility,
    Mnemonics,
    Passes,
    /// Of those that it lets pass, the ones with a body criterion.
    Bodies,
}

const MASKS: usize = 6;
const MOST_ENTRIES: usize = 4096;
const SLOTS: usize = 2 * MOST_ENTRIES;
/// Slots looked at for one header; a sender who knows the hash can make us judge anew, never search long.
const PROBES: usize = 8;

impl Judge {
    pub fn new(plan: &FilterPlan) -> Self {
        Self {
            words: plan.words,
            index: vec![0; SLOTS].into_boxed_slice(),
            entries: Vec::new(),
            masks: Vec::new(),
            touched: Vec::new(),
            tallies: vec![Tally::default(); plan.sessions],
            windows: vec![<[Window; 2]>::default(); plan.sessions],
            passing: vec![0; plan.words],
            matched: PatternSet::new(plan.bodies.len()),
        }
    }

    /// The judge of another plan. `was` gives for each of its sessions the one it was here, whose tally and windows go on.
    pub fn succeed(&mut self, plan: &FilterPlan, was: impl Fn(usize) -> Option<usize>) -> Self {
        self.fold();
        let mut next = Self::new(plan);
        for session in 0..plan.sessions {
            if let Some(before) = was(session)
                && let (Some(tally), Some(windows)) =
                    (self.tallies.get(before), self.windows.get(before))
            {
                next.tallies[session] = *tally;
                next.windows[session] = *windows;
            }
        }
        next
    }

    /// Judges a message in this second; whether any session gets it. `beside` is a session that is not concerned at all.
    pub fn judge(
        &mut self,
        plan: &FilterPlan,
        message: &Parsed<'_>,
        second: u64,
        beside: Option<usize>,
    ) -> bool {
        let entry = self.entry(plan, message);
        let found = &mut self.entries[entry];
        if found.hits == 0 {
            self.touched.push(entry as u32); // Below `MOST_ENTRIES`.
        }
        found.hits += 1;
        let at = (entry * MASKS + Mask::Passes as usize) * self.words;
        self.passing
            .copy_from_slice(&self.masks[at..at + self.words]);
        if let Some(session) = beside {
            self.leave_out(entry, session);
        }
        if !self.entries[entry].patterns.is_empty() {
            self.judge_body(plan, entry, message.body);
        }
        let mut any = 0;
        for word in 0..self.words {
            let mut limited = self.passing[word] & plan.limited[word];
            while limited != 0 {
                let bit = limited.trailing_zeros();
                limited &= limited - 1;
                let session = word * 64 + bit as usize;
                let mut windows = self.windows[session].iter_mut().zip(&plan.limits[session]);
                if !windows.all(|(window, limit)| window.admits(limit, message.severity, second)) {
                    self.tallies[session].rate_limited += 1;
                    self.passing[word] &= !(1 << bit);
                }
            }
            any |= self.passing[word];
        }
        any != 0
    }

    /// The sessions that get the message judged last, one bit each.
    pub fn passing(&self) -> &[u64] {
        &self.passing
    }

    /// Brings the tallies up to date.
    pub fn fold(&mut self) {
        while let Some(entry) = self.touched.pop() {
            self.fold_entry(entry as usize);
        }
    }

    /// What a session did not get; as of the last `fold`.
    pub fn tally(&self, session: usize) -> Tally {
        self.tallies.get(session).copied().unwrap_or_default()
    }

    fn judge_body(&mut self, plan: &FilterPlan, entry: usize, body: &[u8]) {
        let Self {
            entries,
            passing,
            tallies,
            matched,
            words,
            ..
        } = self;
        let patterns = &entries[entry].patterns;
        let automaton = plan
            .automaton
            .as_ref()
            .filter(|_| patterns.len() > SEPARATE);
        if let Some(automaton) = automaton {
            matched.clear();
            automaton.which_overlapping_matches(&Input::new(body), matched);
        }
        for &pattern in patterns {
            let pattern = usize::from(pattern);
            let criterion = &plan.bodies[pattern];
            let is_match = match automaton {
                Some(_) => PatternID::new(pattern).is_ok_and(|pattern| matched.contains(pattern)),
                None => criterion.is_match(body),
            };
            for (passing, blocked) in passing.iter_mut().zip(criterion.blocks(is_match)) {
                *passing &= !blocked;
            }
        }
        // `fold_entry` counts every message of this header as blocked by its body; those that were not are taken off here,
        // because they are few and are gone through anyway.
        for word in 0..*words {
            let mut passed = passing[word] & plan.asks_body[word];
            while passed != 0 {
                let session = word * 64 + passed.trailing_zeros() as usize;
                passed &= passed - 1;
                let blocks = &mut tallies[session].blocks;
                blocks.msg_body = blocks.msg_body.wrapping_sub(1);
            }
        }
    }

    /// Takes a session out of the message judged now, and its hit out of the tally that will get it.
    fn leave_out(&mut self, entry: usize, session: usize) {
        let (word, bit) = (session / 64, 1 << (session % 64));
        let has = |mask: Mask| {
            self.masks
                .get((entry * MASKS + mask as usize) * self.words + word)
                .is_some_and(|set| set & bit != 0)
        };
        let masks = [Mask::Below, Mask::Severity, Mask::Facility, Mask::Mnemonics];
        let (reason, is_body) = (masks.into_iter().find(|mask| has(*mask)), has(Mask::Bodies));
        let Some(tally) = self.tallies.get_mut(session) else {
            return;
        };
        let blocks = &mut tally.blocks;
        let count = if let Some(reason) = reason {
            match reason {
                Mask::Below => &mut tally.below_level,
                Mask::Severity => &mut blocks.severity,
                Mask::Facility => &mut blocks.facility,
                _ => &mut blocks.mnemonics,
            }
        } else {
            self.passing[word] &= !bit;
            if !is_body {
                return;
            }
            &mut blocks.msg_body
        };
        *count = count.wrapping_sub(1);
    }

    /// The entry of a message's header; judged now if it is not known yet.
    fn entry(&mut self, plan: &FilterPlan, message: &Parsed<'_>) -> usize {
        let seed = u64::from(message.severity.number()) << 8 | message.kind as u64;
        let hash = hash(hash(seed, message.facility), message.mnemonic);
        let start = (hash >> 40) as usize % SLOTS;
        let mut free = None;
        for probe in 0..PROBES {
            let slot = (start + probe) % SLOTS;
            let Some(entry) = (self.index[slot] as usize).checked_sub(1) else {
                free = Some(slot);
                break;
            };
            let found = &self.entries[entry];
            if found.hash == hash && found.is_of(message) {
                return entry;
            }
        }
        if free.is_some() && self.entries.len() == MOST_ENTRIES {
            self.fold();
            self.entries.clear();
            self.masks.clear();
            self.index.fill(0);
            free = Some(start);
        }
        self.learn(plan, message, hash, free.ok_or(start))
    }

    /// Judges a header and remembers it in a free slot, or in place of another.
    fn learn(
        &mut self,
        plan: &FilterPlan,
        message: &Parsed<'_>,
        hash: u64,
        slot: Result<usize, usize>,
    ) -> usize {
        let sets = plan.judge_header(message);
        let passes = &sets[Mask::Passes as usize * self.words..][..self.words];
        let patterns = plan
            .bodies
            .iter()
            .enumerate()
            .filter(|(_, criterion)| criterion.concerns(passes));
        let entry = Entry {
            hash,
            kind: message.kind,
            severity: message.severity,
            facility_length: message.facility.len(),
            key: [message.facility, message.mnemonic]
                .concat()
                .into_boxed_slice(),
            // Far fewer than 65,536 sessions fit a configuration's discriminators.
            patterns: patterns
                .filter_map(|(number, _)| u16::try_from(number).ok())
                .collect(),
            hits: 0,
        };
        match slot {
            Ok(free) => {
                self.entries.push(entry);
                self.masks.extend_from_slice(&sets);
                self.index[free] = self.entries.len() as u32; // At most `MOST_ENTRIES`.
                self.entries.len() - 1
            }
            Err(taken) => {
                let number = self.index[taken] as usize - 1; // All probed slots are taken, this one too.
                self.fold();
                let at = number * MASKS * self.words;
                self.masks[at..at + sets.len()].copy_from_slice(&sets);
                self.entries[number] = entry;
                number
            }
        }
    }

    fn fold_entry(&mut self, entry: usize) {
        let hits = std::mem::take(&mut self.entries[entry].hits);
        let Self {
            masks,
            tallies,
            words,
            ..
        } = self;
        let sets = &masks[entry * MASKS * *words..][..MASKS * *words];
        let each = |mask: Mask, tallies: &mut [Tally], count: fn(&mut Tally) -> &mut u64| {
            for (word, set) in sets[mask as usize * *words..][..*words].iter().enumerate() {
                let mut set = *set;
                while set != 0 {
                    let session = word * 64 + set.trailing_zeros() as usize;
                    set &= set - 1;
                    let count = count(&mut tallies[session]);
                    *count = count.wrapping_add(hits);
                }
            }
        };
        each(Mask::Below, tallies, |tally| &mut tally.below_level);
        each(Mask::Severity, tallies, |tally| &mut tally.blocks.severity);
        each(Mask::Facility, tallies, |tally| &mut tally.blocks.facility);
        each(Mask::Mnemonics, tallies, |tally| {
            &mut tally.blocks.mnemonics
        });
        each(Mask::Bodies, tallies, |tally| &mut tally.blocks.msg_body);
    }
}

impl Entry {
    fn is_of(&self, message: &Parsed<'_>) -> bool {
        let (facility, mnemonic) = self.key.split_at(self.facility_length);
        self.severity == message.severity
            && self.kind == message.kind
            && facility == message.facility
            && mnemonic == message.mnemonic
    }
}

impl FilterPlan {
    /// What the filter says of one message and one session: the same that decides for all of them.
    pub fn judgement(&self, session: usize, message: &Parsed<'_>) -> Judgement {
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
        match () {
            () if has(Mask::Severity) => Judgement::Blocked(Criterion::Severity),
            () if has(Mask::Facility) => Judgement::Blocked(Criterion::Facility),
            () if has(Mask::Mnemonics) => Judgement::Blocked(Criterion::Mnemonics),
            () if !has(Mask::Passes) => Judgement::BelowLevel,
            () if is_blocked_by_body() => Judgement::Blocked(Criterion::MsgBody),
            () => Judgement::Passes,
        }
    }

    /// Sorts all sessions by what a header alone says: `MASKS` sets, `Mask` in order.
    fn judge_header(&self, message: &Parsed<'_>) -> Vec<u64> {
        let words = self.words;
        let severity = usize::from(message.severity.number());
        let (level, unblocked) = (&self.level[severity], &self.severity[severity]);
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

/// Spreads a text over 64 bits, eight bytes at a time.
fn hash(seed: u64, text: &[u8]) -> u64 {
    const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;
    let mix = |hash: u64, part: u64| (hash ^ part).wrapping_mul(SPREAD).rotate_left(29);
    let (eights, rest) = text.as_chunks::<8>();
    let mut hash = mix(seed, text.len() as u64);
    for eight in eights {
        hash = mix(hash, u64::from_le_bytes(*eight));
    }
    let tail = rest
        .iter()
        .fold(0, |tail, byte| tail << 8 | u64::from(*byte));
    mix(hash, tail)
}
