//! What sessions ask of correlation, worked out with the plan: by session, and as a set for the message path.

use std::sync::Arc;
use std::time::Duration;

use crate::config::correlator::CorrelatorRule;
use crate::config::discriminator::Discriminator;
use crate::syslog::discriminator::Sessions;

/// What one session asks; nothing by default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Correlation {
    /// How long repeats of a message are counted.
    pub duplicates: Option<Duration>,
    pub flapping: Option<Flapping>,
    pub rules: Arc<[Rule]>,
}

/// More than so many changes of an object within this time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flapping {
    pub changes: usize,
    pub within: Duration,
}

/// A rule that is applied and complete.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    pub timeout: Duration,
    pub cause: Header,
    pub symptoms: Vec<Header>,
}

/// Facility and mnemonic, in upper case as a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    pub facility: Arc<str>,
    pub mnemonic: Arc<str>,
}

impl Correlation {
    pub fn is_none(&self) -> bool {
        self.duplicates.is_none() && self.flapping.is_none() && self.rules.is_empty()
    }
}

/// What all sessions ask, in the order of the filter's sessions.
#[derive(Clone, Debug, Default)]
pub struct Correlations {
    pub(in crate::syslog) by_session: Vec<Correlation>,
    /// Those that ask for anything.
    pub(in crate::syslog) sessions: Sessions,
    pub(in crate::syslog) is_any: bool,
}

impl Correlations {
    /// Of sessions with these discriminators; `None` is a session that is off.
    pub fn of<'a>(
        sessions: impl Iterator<Item = Option<Option<&'a Discriminator>>>,
        rules: &[Rule],
    ) -> Self {
        let rules: Arc<[Rule]> = rules.into();
        let correlation = |session: Option<Option<&Discriminator>>| {
            let Some(discriminator) = session else {
                return Correlation::default();
            };
            Correlation {
                duplicates: discriminator
                    .and_then(|d| d.duplicates)
                    .map(|seconds| Duration::from_secs(seconds.into())),
                flapping: discriminator
                    .and_then(|d| d.flapping)
                    .map(|flapping| Flapping {
                        changes: flapping.changes.into(),
                        within: Duration::from_secs(flapping.within.into()),
                    }),
                rules: rules.clone(),
            }
        };
        let by_session: Vec<Correlation> = sessions.map(correlation).collect();
        let mut sessions = vec![0; by_session.len().div_ceil(64)].into_boxed_slice();
        for (session, asks) in by_session.iter().enumerate() {
            if let (false, Some(word)) = (asks.is_none(), sessions.get_mut(session / 64)) {
                *word |= 1 << (session % 64);
            }
        }
        Self {
            is_any: sessions.iter().any(|word| *word != 0),
            by_session,
            sessions,
        }
    }
}

/// The rules that act: applied, with a root cause and a symptom.
pub fn rules<'a>(all: impl Iterator<Item = &'a CorrelatorRule>) -> Vec<Rule> {
    let header = |header: &crate::config::correlator::Header| Header {
        facility: header.facility.clone(),
        mnemonic: header.mnemonic.clone(),
    };
    let acts = all.filter(|rule| rule.applied && !rule.symptoms.is_empty());
    acts.filter_map(|rule| {
        Some(Rule {
            timeout: Duration::from_secs(rule.effective_timeout().into()),
            cause: header(rule.cause.as_ref()?),
            symptoms: rule.symptoms.iter().map(header).collect(),
        })
    })
    .collect()
}
