//! The levels and discriminators of all sessions compiled into one `FilterPlan`: sets of sessions, one bit each, and every
//! distinct pattern once. What happens to a message is decided in `verdict`, with this as its law.

use std::collections::BTreeMap;
use std::sync::Arc;

use regex::bytes::Regex;
use regex_automata::util::syntax;
use regex_automata::{MatchKind, meta};

use super::admission::Admission;
use super::sender::SenderPattern;
use crate::config::discriminator::{Discriminator, Match, Sense};
use crate::config::logging::RateLimit;
use crate::config::pattern::{self, PatternError};
use crate::message::Severity;

/// What one session lets through.
#[derive(Clone, Debug, Default)]
pub struct Asks {
    /// Severities 0 to this one pass; `None` lets nothing pass.
    pub level: Option<Severity>,
    /// In place of the level.
    pub admission: Option<Arc<Admission>>,
    pub discriminator: Option<Arc<Discriminator>>,
    /// A limit besides the discriminator's: `logging rate-limit console`.
    pub rate_limit: Option<RateLimit>,
}

/// A set of sessions: bit n of word n / 64 is session n.
pub(super) type Sessions = Box<[u64]>;

/// The filter of all sessions of a plan.
#[derive(Clone, Debug, Default)]
pub struct FilterPlan {
    pub(super) sessions: usize,
    /// By session.
    pub(super) discriminators: Vec<Option<Arc<Discriminator>>>,
    /// Words of each set.
    pub(super) words: usize,
    /// By severity: whose level lets it in, and whose severity criterion does not block it.
    pub(super) level: [Sessions; 8],
    /// The sessions that ask more of a header than its severity, to be let in.
    pub(super) admissions: Vec<(usize, Arc<Admission>)>,
    pub(super) severity: [Sessions; 8],
    pub(super) facility: Vec<Pattern>,
    pub(super) mnemonics: Vec<Pattern>,
    pub(super) bodies: Vec<Pattern>,
    /// Sessions with a body criterion.
    pub(super) asks_body: Sessions,
    /// All of `bodies` in one automaton, in the same order; `None` when there are too few for it to pay.
    pub(super) automaton: Option<meta::Regex>,
    /// Who drops or includes which senders; none where no session asks.
    pub(super) senders: Vec<SenderPattern>,
    /// By session, checked in this order; and the sessions that have any.
    pub(super) limits: Vec<Vec<RateLimit>>,
    pub(super) limited: Sessions,
}

/// One pattern, and who drops or includes what it matches.
#[derive(Clone, Debug)]
pub(super) struct Pattern {
    /// `None` matches nothing: it did not compile.
    regex: Option<Regex>,
    pub(super) drops: Sessions,
    pub(super) includes: Sessions,
}

impl Pattern {
    pub(super) fn is_match(&self, text: &[u8]) -> bool {
        self.regex
            .as_ref()
            .is_some_and(|regex| regex.is_match(text))
    }

    /// Whether any of these sessions drops or includes it.
    pub(super) fn concerns(&self, sessions: &[u64]) -> bool {
        let sets = self.drops.iter().zip(&self.includes).zip(sessions);
        sets.into_iter()
            .any(|((drops, includes), sessions)| (drops | includes) & sessions != 0)
    }

    /// The sessions that a match, or its absence, blocks.
    pub(super) fn blocks(&self, is_match: bool) -> &[u64] {
        if is_match {
            &self.drops
        } else {
            &self.includes
        }
    }
}

impl FilterPlan {
    /// The filter of all sessions, numbered as given, and what did not compile in words.
    pub fn compile(asks: &[Asks]) -> (Self, Vec<String>) {
        let words = asks.len().div_ceil(64);
        let none = || vec![0; words].into_boxed_slice();
        let mut plan = Self {
            sessions: asks.len(),
            discriminators: asks.iter().map(|asks| asks.discriminator.clone()).collect(),
            words,
            level: std::array::from_fn(|_| none()),
            severity: std::array::from_fn(|_| none()),
            asks_body: none(),
            limited: none(),
            limits: vec![Vec::new(); asks.len()],
            ..Self::default()
        };
        let mut faults = Vec::new();
        let mut patterns = [BTreeMap::new(), BTreeMap::new(), BTreeMap::new()];
        for (session, asks) in asks.iter().enumerate() {
            let discriminator = asks.discriminator.as_deref();
            let admissions = asks
                .admission
                .iter()
                .map(|admission| (session, admission.clone()));
            plan.admissions.extend(admissions);
            for severity in Severity::ALL {
                let number = usize::from(severity.number());
                let is_blocked =
                    discriminator
                        .and_then(|d| d.severity.as_ref())
                        .is_some_and(|criterion| {
                            criterion.list.contains(severity) == (criterion.sense == Sense::Drops)
                        });
                set(
                    &mut plan.level[number],
                    session,
                    asks.admission.is_none() && asks.level.is_some_and(|level| severity <= level),
                );
                set(&mut plan.severity[number], session, !is_blocked);
            }
            let Some(discriminator) = discriminator else {
                plan.limit(session, asks.rate_limit);
                continue;
            };
            let matches = [
                &discriminator.facility,
                &discriminator.mnemonics,
                &discriminator.msg_body,
            ];
            for (found, patterns) in matches.into_iter().zip(&mut patterns) {
                if let Some(Match { sense, pattern }) = found {
                    let (drops, includes) = patterns
                        .entry(pattern.clone())
                        .or_insert_with(|| (none(), none()));
                    set(
                        if *sense == Sense::Drops {
                            drops
                        } else {
                            includes
                        },
                        session,
                        true,
                    );
                }
            }
            set(
                &mut plan.asks_body,
                session,
                discriminator.msg_body.is_some(),
            );
            if let Some(found) = &discriminator.sender {
                let place = plan
                    .senders
                    .iter()
                    .position(|known| known.text() == &*found.pattern)
                    .unwrap_or_else(|| {
                        plan.senders
                            .push(SenderPattern::new(&found.pattern, words, &mut faults));
                        plan.senders.len() - 1
                    });
                if let Some(known) = plan.senders.get_mut(place) {
                    set(known.set_of(found.sense), session, true);
                }
            }
            plan.limit(session, discriminator.rate_limit);
            plan.limit(session, asks.rate_limit);
        }
        let [facility, mnemonics, bodies] = patterns;
        plan.automaton = automaton(bodies.keys(), &mut faults);
        plan.facility = criteria(facility, &mut faults);
        plan.mnemonics = criteria(mnemonics, &mut faults);
        plan.bodies = criteria(bodies, &mut faults);
        (plan, faults)
    }

    fn limit(&mut self, session: usize, limit: Option<RateLimit>) {
        if let (Some(limit), Some(limits)) = (limit, self.limits.get_mut(session)) {
            limits.push(limit);
            set(&mut self.limited, session, true);
        }
    }
}

/// By pattern: who drops and who includes what it matches.
type Patterns = BTreeMap<Arc<str>, (Sessions, Sessions)>;

fn criteria(patterns: Patterns, faults: &mut Vec<String>) -> Vec<Pattern> {
    let compiled = patterns.into_iter().map(|(pattern, (drops, includes))| {
        let regex = pattern::compile(&pattern)
            .map_err(|error| faults.push(format!("{pattern}: {error}")))
            .ok();
        Pattern {
            regex,
            drops,
            includes,
        }
    });
    compiled.collect()
}

/// All patterns in one automaton. Its cache is bounded, and large enough that many patterns do not make it start over.
fn automaton<'a>(
    patterns: impl ExactSizeIterator<Item = &'a Arc<str>>,
    faults: &mut Vec<String>,
) -> Option<meta::Regex> {
    let count = patterns.len();
    if count <= SEPARATE {
        return None;
    }
    let translated: Result<Vec<String>, PatternError> = patterns
        .map(|pattern| pattern::translate(pattern))
        .collect();
    let config = meta::Config::new()
        .match_kind(MatchKind::All)
        .utf8_empty(false)
        .nfa_size_limit(Some(64 << 20))
        .hybrid_cache_capacity((4 << 20) + count * (512 << 10));
    let syntax = syntax::Config::new()
        .unicode(false)
        .utf8(false)
        .dot_matches_new_line(true);
    let built = translated
        .map_err(|error| error.to_string())
        .and_then(|patterns| {
            let mut builder = meta::Builder::new();
            builder.configure(config).syntax(syntax);
            builder
                .build_many(&patterns)
                .map_err(|error| error.to_string())
        });
    match built {
        Ok(automaton) => Some(automaton),
        // Each pattern still has its own.
        Err(error) => {
            faults.push(error);
            None
        }
    }
}

pub(super) fn set(sessions: &mut Sessions, session: usize, is_in: bool) {
    if let (true, Some(word)) = (is_in, sessions.get_mut(session / 64)) {
        *word |= 1 << (session % 64);
    }
}

/// Up to this many patterns are matched one by one: each has a literal to look for first, and most messages have none of them.
pub(super) const SEPARATE: usize = 3;
