//! Messages put to one discriminator, one by one: what each is taken for, and what the verdict of the engine says. Nothing is counted
//! and nothing leaves.

use std::net::IpAddr;
use std::sync::Arc;

use super::discriminator::{Asks, FilterPlan};
use super::sender::Sender;
use super::verdict::{Criterion, Judgement};
use crate::config::discriminator::Discriminator;
use crate::message::{self, Kind, Severity};

/// What became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trial {
    /// In upper case where it counts so; empty for a debug line, as is `mnemonic`.
    pub facility: Vec<u8>,
    pub severity: Severity,
    pub mnemonic: Vec<u8>,
    pub body: Vec<u8>,
    pub sender: Vec<u8>,
    /// `None` when it passes; rate limits and correlation apart.
    pub blocked_by: Option<Criterion>,
}

/// A discriminator as the engine compiles it.
pub struct Trier {
    plan: FilterPlan,
}

impl Trier {
    pub fn new(discriminator: &Arc<Discriminator>) -> Self {
        let asks = Asks {
            level: Some(Severity::Debugging),
            discriminator: Some(discriminator.clone()),
            ..Asks::default()
        };
        let (plan, _) = FilterPlan::compile(&[asks]);
        Self { plan }
    }

    /// Judges a message that came from this address, or over no network.
    pub fn try_on(&self, text: &[u8], peer: Option<IpAddr>, hostname: &str) -> Trial {
        let message = message::parse(text);
        let sender = Sender::of(&message, peer, hostname);
        let mut host = Vec::new();
        sender.write(&mut host);
        let facility = if message.kind == Kind::Program {
            message.facility.to_ascii_uppercase()
        } else {
            message.facility.to_vec()
        };
        Trial {
            facility,
            severity: message.severity,
            mnemonic: message.mnemonic.to_vec(),
            body: message.body.to_vec(),
            sender: host,
            blocked_by: match self.plan.judgement(0, &message, &sender) {
                Judgement::Blocked(criterion) => Some(criterion),
                Judgement::Passes | Judgement::BelowLevel => None,
            },
        }
    }
}
