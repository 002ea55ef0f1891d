//! How name servers are asked: the configured ones and through which interfaces, in their order, again where they are silent,
//! counted each. Which servers a step has is the business of names.rs.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::time::timeout;

use super::{Finder, Trace, list};
use crate::config::RunningConfig;
use crate::config::dns::Dns;
use crate::config::interfaces::Interfaces;
use crate::device;
use crate::device::vrf::Vrf;
use crate::net::names::Unresolved;
use crate::net::resolve::{self, Answer, NoAnswer};
use crate::net::way::{Way, suitable};
use crate::trust::api::names::Step;

/// A server that a step would ask.
#[derive(Clone)]
pub(super) struct Candidate {
    pub(super) step: Step,
    pub(super) at: SocketAddr,
    pub(super) interface: Option<Arc<str>>,
    pub(super) way: Result<Way, String>,
}

/// How patiently the servers of a step are asked.
#[derive(Clone, Copy)]
pub(super) struct Patience {
    pub(super) first: Duration,
    pub(super) retries: u8,
    /// For all servers and retries together.
    pub(super) whole: Duration,
}

/// For servers that nobody configured.
pub(super) const IN_PASSING: Patience = Patience {
    first: Duration::from_secs(2),
    retries: 0,
    whole: Duration::from_secs(4),
};
const MOST_TALLIES: usize = 64;

impl Finder {
    /// In their order; those that are silent once more, with twice the time. What an answer says is kept for as long as it says.
    pub(super) async fn ask_each(
        &self,
        config: &RunningConfig,
        candidates: &[Candidate],
        names: &[String],
        patience: Patience,
        trace: &mut Trace<'_>,
    ) -> Result<Vec<IpAddr>, Unresolved> {
        let mut open: Vec<&Candidate> = candidates.iter().collect();
        let mut is_denied = false;
        let rounds = async {
            let mut limit = patience.first;
            for _ in 0..=patience.retries {
                let mut silent = Vec::new();
                for candidate in open {
                    let answer = self.ask(config, candidate, names, limit).await;
                    let server = candidate.at.ip();
                    match answer {
                        Ok(answer) => {
                            let addresses = list(&answer.addresses);
                            trace.note(candidate.step, format!("{server}: {addresses}"));
                            return Some((candidate.step, answer));
                        }
                        Err(why) => {
                            trace.note(candidate.step, format!("{server}: {why}"));
                            match why {
                                NoAnswer::Silent => silent.push(candidate),
                                _ => is_denied = true,
                            }
                        }
                    }
                }
                if silent.is_empty() {
                    break;
                }
                open = silent;
                limit = limit.saturating_mul(2);
            }
            None
        };
        let found = timeout(patience.whole, rounds).await;
        let Some((step, answer)) = found.unwrap_or(None) else {
            return Err(if is_denied {
                Unresolved::NoAddress
            } else {
                Unresolved::TimedOut
            });
        };
        let now = self.outside.clock.monotonic();
        self.state(config).cache.put(trace.host, step, &answer, now);
        Ok(answer.addresses)
    }

    /// One server, every form of the name.
    async fn ask(
        &self,
        config: &RunningConfig,
        candidate: &Candidate,
        names: &[String],
        limit: Duration,
    ) -> Result<Answer, NoAnswer> {
        let mut result = Err(NoAnswer::NoName);
        match &candidate.way {
            Err(why) => result = Err(NoAnswer::Failed(why.clone())),
            Ok(way) => {
                let server = resolve::Server {
                    at: candidate.at,
                    way: way.clone(),
                };
                for name in names {
                    result = resolve::ask(&server, name, limit, &self.outside.only_to).await;
                    if !matches!(result, Err(NoAnswer::NoName | NoAnswer::NoAddress)) {
                        break;
                    }
                }
            }
        }
        let mut state = self.state(config);
        let key = (
            candidate.step,
            candidate.at.ip(),
            candidate.interface.clone(),
        );
        if state.tallies.len() < MOST_TALLIES || state.tallies.contains_key(&key) {
            let tally = state.tallies.entry(key).or_default();
            tally.asked += 1;
            match &result {
                Ok(_) => tally.answered += 1,
                Err(NoAnswer::NoName | NoAnswer::NoAddress) => {
                    tally.answered += 1;
                    tally.failure = result.as_ref().err().map(ToString::to_string);
                }
                Err(why) => tally.failure = Some(why.to_string()),
            }
        }
        result
    }
}

/// The configured servers, one without an interface once for each that may be used (D181).
pub(super) fn candidates(dns: &Dns, interfaces: &Interfaces, port: u16) -> Vec<Candidate> {
    let mut all = Vec::new();
    for server in dns.servers() {
        let of = |interface: Option<&Arc<str>>| Candidate {
            step: Step::Configured,
            at: SocketAddr::new(server.address, port),
            interface: interface.cloned(),
            way: interface.map_or(Ok(Way::default()), |nameif| {
                way(interfaces, nameif, server.address)
            }),
        };
        match &server.interface {
            Some(nameif) => all.push(of(Some(nameif))),
            None if dns.lookup.is_empty() => all.push(of(None)),
            None => all.extend(dns.lookup.iter().map(|nameif| of(Some(nameif)))),
        }
    }
    all
}

/// From an address of the interface; tied to it where it is a VRF of the kernel.
fn way(interfaces: &Interfaces, nameif: &str, to: IpAddr) -> Result<Way, String> {
    let Some((name, _)) = interfaces.named(nameif) else {
        return Err(format!("there is no interface {nameif}"));
    };
    if Vrf::of(name) == Vrf::Device {
        return Ok(Way {
            source: None,
            device: Some(name.to_string()),
        });
    }
    let source = suitable(&device::addresses_of(name), to);
    let source = source.ok_or_else(|| format!("interface {nameif} has no address for it"))?;
    Ok(Way {
        source: Some(source),
        device: None,
    })
}
