//! The verdict on many messages: what `verdict` says of each distinct header is remembered, bodies are matched only where a
//! session that the header lets pass asks, and what is not delivered is counted by reason. It decides nothing of its own.

mod key;

use regex_automata::{Input, PatternSet};

use key::Key;

use super::discriminator::{FilterPlan, SEPARATE};
use super::sender::{Known, Sender};
use super::verdict::{MASKS, Mask, Tally, Window};
use crate::message::{Kind, Parsed, Severity};

/// Judges messages under one `FilterPlan`, and remembers what it found of each distinct header: there are few hundred of
/// them in a network. The memory is bounded whatever the network sends.
///
/// Indices hold by construction: every set has `words` words with a bit for each of the plan's sessions and no other, every
/// vector by session has as many elements, and `masks` has `MASKS` sets for each entry. A judge meets its own plan only.
#[derive(Debug)]
pub(super) struct Judge {
    words: usize,
    /// Some session has a criterion for facilities or mnemonics, or lets in by number; else messages differ in their severity only.
    by_name: bool,
    /// Then by severity: the entry's number plus one.
    by_severity: [u32; 8],
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
    /// The sessions whose body criterion includes what matches.
    including: Vec<u64>,
    senders: Known,
}

/// What is known of a header.
#[derive(Debug)]
struct Entry {
    hash: u64,
    kind: Kind,
    severity: Severity,
    facility_length: usize,
    /// `Key::parts`, one behind the other.
    key: Box<[u8]>,
    /// Body patterns that sessions ask of messages that come this far.
    patterns: Box<[u16]>,
    hits: u64,
}

impl Judge {
    pub(super) fn new(plan: &FilterPlan) -> Self {
        Self {
            words: plan.words,
            by_severity: [0; 8],
            by_name: !plan.facility.is_empty()
                || !plan.mnemonics.is_empty()
                || !plan.admissions.is_empty(),
            index: vec![0; SLOTS].into_boxed_slice(),
            entries: Vec::new(),
            masks: Vec::new(),
            touched: Vec::new(),
            tallies: vec![Tally::default(); plan.sessions],
            windows: vec![<[Window; 2]>::default(); plan.sessions],
            passing: vec![0; plan.words],
            matched: PatternSet::new(plan.bodies.len()),
            including: including(plan),
            senders: Known::default(),
        }
    }

    /// The judge of another plan. `was` gives for each of its sessions the one it was here, whose tally and windows go on.
    pub(super) fn succeed(
        &mut self,
        plan: &FilterPlan,
        was: impl Fn(usize) -> Option<usize>,
    ) -> Self {
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

    /// Judges a message by all criteria. `beside` is a session that is not concerned at all; `sender` is asked for where a
    /// session has a criterion for it.
    pub(super) fn judge<'a>(
        &mut self,
        plan: &FilterPlan,
        message: &Parsed<'_>,
        sender: impl FnOnce() -> Sender<'a>,
        beside: Option<usize>,
    ) {
        let entry = self.entry(plan, message);
        let found = &mut self.entries[entry];
        if found.hits == 0 {
            self.touched.push(entry as u32); // Below `MOST_ENTRIES`.
        }
        found.hits += 1;
        let at = (entry * MASKS + Mask::Passes as usize) * self.words;
        for (passing, passes) in self
            .passing
            .iter_mut()
            .zip(&self.masks[at..at + self.words])
        {
            *passing = *passes;
        }
        if let Some(session) = beside {
            self.leave_out(entry, session);
        }
        if !self.entries[entry].patterns.is_empty() {
            self.judge_body(plan, entry, message.body);
        }
        if !plan.senders.is_empty() {
            self.judge_sender(plan, &sender());
        }
    }

    /// Lets the rate limits of this second judge what the criteria let pass; whether any session gets it.
    pub(super) fn limit(&mut self, plan: &FilterPlan, severity: Severity, second: u64) -> bool {
        let mut any = 0;
        for word in 0..self.words {
            let mut limited = self.passing[word] & plan.limited[word];
            while limited != 0 {
                let bit = limited.trailing_zeros();
                limited &= limited - 1;
                let session = word * 64 + bit as usize;
                let mut windows = self.windows[session].iter_mut().zip(&plan.limits[session]);
                if !windows.all(|(window, limit)| window.admits(limit, severity, second)) {
                    self.tallies[session].rate_limited += 1;
                    self.passing[word] &= !(1 << bit);
                }
            }
            any |= self.passing[word];
        }
        any != 0
    }

    /// The same, for who takes some of them out.
    pub(super) fn passing_mut(&mut self) -> &mut [u64] {
        &mut self.passing
    }

    /// Lets a message of one session pass, which no criterion has to judge.
    pub(super) fn let_pass(&mut self, session: usize) {
        self.passing.fill(0);
        if let Some(word) = self.passing.get_mut(session / 64) {
            *word = 1 << (session % 64);
        }
    }

    /// The sessions that get the message judged last, one bit each.
    pub(super) fn passing(&self) -> &[u64] {
        &self.passing
    }

    /// Brings the tallies up to date.
    pub(super) fn fold(&mut self) {
        while let Some(entry) = self.touched.pop() {
            self.fold_entry(entry as usize);
        }
    }

    /// What a session did not get; as of the last `fold`.
    pub(super) fn tally(&self, session: usize) -> Tally {
        self.tallies.get(session).copied().unwrap_or_default()
    }

    fn judge_sender(&mut self, plan: &FilterPlan, sender: &Sender<'_>) {
        let blocked = self.senders.blocked(plan, sender).iter();
        for (word, (passing, blocked)) in self.passing.iter_mut().zip(blocked).enumerate() {
            let mut blocked = *passing & blocked;
            *passing &= !blocked;
            while blocked != 0 {
                let session = word * 64 + blocked.trailing_zeros() as usize;
                blocked &= blocked - 1;
                self.tallies[session].blocks.sender += 1;
            }
        }
    }

    fn judge_body(&mut self, plan: &FilterPlan, entry: usize, body: &[u8]) {
        let Self {
            entries,
            passing,
            tallies,
            matched,
            including,
            ..
        } = self;
        let patterns = &entries[entry].patterns;
        match &plan.automaton {
            Some(automaton) if patterns.len() > SEPARATE => {
                matched.clear();
                automaton.which_overlapping_matches(&Input::new(body), matched);
                admit(plan, matched, including, passing);
            }
            _ => {
                for &pattern in patterns {
                    let criterion = &plan.bodies[usize::from(pattern)];
                    let blocked = criterion.blocks(criterion.is_match(body));
                    for (passing, blocked) in passing.iter_mut().zip(blocked) {
                        *passing &= !blocked;
                    }
                }
            }
        }
        // `fold_entry` counts every message of this header as blocked by its body; those that were not are taken off here,
        // because they are few and are gone through anyway.
        for (word, (passing, asks)) in passing.iter().zip(&plan.asks_body).enumerate() {
            let mut passed = passing & asks;
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
    #[inline]
    fn entry(&mut self, plan: &FilterPlan, message: &Parsed<'_>) -> usize {
        if self.by_name {
            return self.named_entry(plan, message);
        }
        let severity = usize::from(message.severity.number());
        if self.by_severity[severity] == 0 {
            // At most eight of them.
            self.by_severity[severity] = self.named_entry(plan, message) as u32 + 1;
        }
        self.by_severity[severity] as usize - 1
    }

    fn named_entry(&mut self, plan: &FilterPlan, message: &Parsed<'_>) -> usize {
        let key = Key::of(message, self.by_name);
        let hash = key.hash();
        let start = (hash >> 40) as usize % SLOTS;
        let mut free = None;
        for probe in 0..PROBES {
            let slot = (start + probe) % SLOTS;
            let Some(entry) = (self.index[slot] as usize).checked_sub(1) else {
                free = Some(slot);
                break;
            };
            let found = &self.entries[entry];
            if found.hash == hash && found.is_of(&key) {
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
        self.learn(plan, message, &key, hash, free.ok_or(start))
    }

    /// Judges a header and remembers it in a free slot, or in place of another.
    #[cold]
    fn learn(
        &mut self,
        plan: &FilterPlan,
        message: &Parsed<'_>,
        key: &Key<'_>,
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
            kind: key.kind,
            severity: key.severity,
            facility_length: key.facility_length,
            key: key.parts.concat().into_boxed_slice(),
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

/// The sessions whose body criterion includes what matches.
fn including(plan: &FilterPlan) -> Vec<u64> {
    let mut all = vec![0; plan.words];
    for criterion in &plan.bodies {
        for (all, includes) in all.iter_mut().zip(&criterion.includes) {
            *all |= includes;
        }
    }
    all
}

/// Takes out who is blocked by what matched or did not. Each session has one body criterion at most, so whoever includes is
/// out unless its pattern is among the few that matched: the others are not gone through.
fn admit(plan: &FilterPlan, matched: &PatternSet, including: &[u64], passing: &mut [u64]) {
    for (word, (passing, including)) in passing.iter_mut().zip(including).enumerate() {
        let (mut dropped, mut included) = (0, 0);
        if !matched.is_empty() {
            for pattern in matched.iter() {
                // The automaton has a pattern for each body, and every mask of a plan has as many words.
                let criterion = &plan.bodies[pattern.as_usize()];
                dropped |= criterion.drops[word];
                included |= criterion.includes[word];
            }
        }
        *passing &= !dropped & (!including | included);
    }
}

impl Entry {
    #[inline]
    fn is_of(&self, key: &Key<'_>) -> bool {
        let [first, second] = key.parts;
        // An empty text is not compared: it lies nowhere, and the processor is slow to find that out.
        self.severity == key.severity
            && self.kind == key.kind
            && self.facility_length == key.facility_length
            && self.key.len() == first.len() + second.len()
            && (first.is_empty() || self.key.starts_with(first))
            && (second.is_empty() || self.key.ends_with(second))
    }
}

const MOST_ENTRIES: usize = 4096;
const SLOTS: usize = 2 * MOST_ENTRIES;
/// Slots looked at for one header; a sender who knows the hash can make us judge anew, never search long.
const PROBES: usize = 8;

#[cfg(test)]
#[path = "judge_tests.rs"]
mod tests;
