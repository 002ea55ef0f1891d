//! From a name to addresses by what is configured: the group of name servers, and for a collector's name the further steps of the
//! manual. Nothing here changes the configuration. How servers are asked is in names/asking.rs, one question to one server in `net::resolve`.

mod asking;
mod known;

use std::collections::{BTreeMap, VecDeque};
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::timeout;

use super::api::names::{NameService, Search, Server, Status, Step};
use crate::config::dns::Dns;
use crate::config::interfaces::Interfaces;
use crate::config::{Published, RunningConfig};
use crate::device::Facts;
use crate::device::clock::Clock;
use crate::message::{Own, Say, Severity};
use crate::net::dhcp;
use crate::net::names::{Find, Finding, Names, Unresolved, ask_system};
use crate::net::only_to::{self, OnlyTo};
use crate::net::way::Way;
use crate::vendor;
use asking::{Candidate, IN_PASSING, Patience, candidates};
use known::Cache;

/// All that the search needs of the world.
pub struct Outside {
    pub published: watch::Receiver<Published>,
    pub clock: Arc<dyn Clock>,
    pub facts: Arc<dyn Facts>,
    pub only_to: OnlyTo,
    /// Of every name server: `PORT`, but in tests.
    pub port: u16,
}

/// Looks for names; one for the whole device.
pub struct Finder {
    outside: Outside,
    state: Mutex<State>,
    debug: AtomicBool,
    say: OnceLock<Arc<dyn Say>>,
}

#[derive(Default)]
struct State {
    /// What the rest was learned under.
    dns: Arc<Dns>,
    cache: Cache,
    learned: Option<Learned>,
    tallies: BTreeMap<Asked, Tally>,
    last: VecDeque<Search>,
}

/// Name servers of a DHCP server, by the interface and its address.
#[derive(Clone)]
struct Learned {
    client: dhcp::Client,
    servers: Vec<IpAddr>,
    until: Duration,
}

type Asked = (Step, IpAddr, Option<Arc<str>>);

#[derive(Default)]
struct Tally {
    asked: u64,
    answered: u64,
    failure: Option<String>,
}

/// What the steps came to so far, and for whom.
struct Trace<'a> {
    finder: &'a Finder,
    host: &'a str,
    is_said: bool,
    steps: Vec<(Step, String)>,
}

impl Trace<'_> {
    fn note(&mut self, step: Step, what: String) {
        if self.is_said {
            let number = step.number();
            self.finder
                .debug_line(&format!("{}: step {number}: {what}", self.host));
        }
        if self.steps.len() < MOST_NOTES {
            self.steps.push((step, what));
        }
    }
}

impl Finder {
    pub fn new(outside: Outside) -> Arc<Self> {
        Arc::new(Self {
            outside,
            state: Mutex::default(),
            debug: AtomicBool::new(false),
            say: OnceLock::new(),
        })
    }

    /// Who takes messages; before that nothing is said.
    pub fn say_to(&self, say: Arc<dyn Say>) {
        self.say.set(say).ok();
    }

    /// For the names of hosts: the configured servers alone.
    pub fn hosts(self: &Arc<Self>) -> Names {
        Names::found_by(Arc::new(Hosts(self.clone())))
    }

    /// For the names of collectors: every step that is permitted.
    pub fn collectors(self: &Arc<Self>) -> Names {
        Names::found_by(Arc::new(Collectors(self.clone())))
    }

    async fn search(&self, host: &str, last: Step) -> Result<Vec<IpAddr>, Unresolved> {
        let config = self.outside.published.borrow().config.clone();
        if let Some(known) = self.known(&config, host, last) {
            return Ok(known);
        }
        let mut trace = Trace {
            finder: self,
            host,
            is_said: last > Step::Configured && self.debug.load(Ordering::Relaxed),
            steps: Vec::new(),
        };
        let mut found = self.configured(&config, last, &mut trace).await;
        if found.is_err() && last >= Step::Dhcp {
            let answer = self.by_dhcp(&config, &mut trace).await;
            found = answer.or(found);
        }
        if found.is_err() && last >= Step::Vendor && vendor::is_collector(host) {
            let answer = self.by_vendor(&config, &mut trace).await;
            found = answer.or(found);
        }
        let steps = trace.steps;
        let mut state = self.state(&config);
        if state.last.len() >= MOST_SEARCHES {
            state.last.pop_front();
        }
        state.last.push_back(Search {
            host: host.into(),
            steps,
            is_found: found.is_ok(),
        });
        drop(state);
        if found.is_err() && last > Step::Configured {
            let body = format!("Name lookup failed for hostname {host}");
            self.say(Own::asa(Severity::Warnings, 717_026, body));
        }
        found
    }

    fn known(&self, config: &RunningConfig, host: &str, last: Step) -> Option<Vec<IpAddr>> {
        let now = self.outside.clock.monotonic();
        let (addresses, step) = self.state(config).cache.get(host, last, now)?;
        if last > Step::Configured && self.debug.load(Ordering::Relaxed) {
            let number = step.number();
            self.debug_line(&format!(
                "{host}: known by step {number}: {}",
                list(&addresses)
            ));
        }
        Some(addresses)
    }

    /// Step 1. The host's resolver, which keeps no time, is asked anew each time.
    async fn configured(
        &self,
        config: &RunningConfig,
        last: Step,
        trace: &mut Trace<'_>,
    ) -> Result<Vec<IpAddr>, Unresolved> {
        let (dns, host) = (&config.dns, trace.host);
        let Some(group) = dns.in_use().filter(|group| !group.servers.is_empty()) else {
            let limit = if last > Step::Configured {
                OF_SYSTEM
            } else {
                OF_HOSTS
            };
            let found = timeout(limit, ask_system(host)).await;
            let found = found.map_err(|_| Unresolved::TimedOut).flatten();
            let what = match &found {
                Ok(addresses) => list(addresses),
                Err(error) => error.to_string(),
            };
            let who = "no name server is configured, this host's resolver";
            trace.note(Step::Configured, format!("{who}: {what}"));
            return found;
        };
        let candidates = candidates(dns, &config.interfaces, self.outside.port);
        let names = match dns.domain() {
            Some(domain) if !host.contains('.') => {
                vec![format!("{host}.{domain}"), host.to_owned()]
            }
            _ => vec![host.to_owned()],
        };
        let patience = Patience {
            first: Duration::from_secs(group.timeout().into()),
            retries: group.retries(),
            whole: OF_HOSTS,
        };
        self.ask_each(config, &candidates, &names, patience, trace)
            .await
    }

    /// Step 2.
    async fn by_dhcp(
        &self,
        config: &RunningConfig,
        trace: &mut Trace<'_>,
    ) -> Result<Vec<IpAddr>, Unresolved> {
        let step = Step::Dhcp;
        let (nameif, client) = match self.client(&config.interfaces) {
            Ok(client) => client,
            Err(why) => {
                trace.note(step, why);
                return Err(Unresolved::NoAddress);
            }
        };
        let servers = match self.learn(config, &client).await {
            Ok(servers) => servers,
            Err(why) => {
                trace.note(step, format!("DHCPINFORM on {nameif}: {why}"));
                return Err(Unresolved::NoAddress);
            }
        };
        trace.note(step, format!("DHCPINFORM on {nameif}: {}", list(&servers)));
        let of = |server: &IpAddr| Candidate {
            step,
            at: SocketAddr::new(*server, self.outside.port),
            interface: Some(nameif.clone()),
            way: Ok(Way {
                source: Some(client.address.into()),
                device: None,
            }),
        };
        let candidates: Vec<_> = servers.iter().map(of).collect();
        let names = [trace.host.to_owned()];
        self.ask_each(config, &candidates, &names, IN_PASSING, trace)
            .await
    }

    /// The interface with the highest security level, if it can ask: the first one of several.
    fn client(&self, interfaces: &Interfaces) -> Result<(Arc<str>, dhcp::Client), String> {
        let named = interfaces.by_name.iter().rev();
        let named =
            named.filter_map(|(name, i)| Some((name, i.nameif.clone()?, i.security_level?)));
        let Some((name, nameif, _)) = named.max_by_key(|(_, _, level)| *level) else {
            return Err("no interface has a security level".to_owned());
        };
        let facts = self.outside.facts.interfaces();
        let here = facts.iter().find(|interface| *interface.name == **name);
        let address = here.and_then(|interface| {
            let mut all = interface.addresses.iter();
            all.find_map(|address| match address.address {
                IpAddr::V4(v4) => Some(v4),
                IpAddr::V6(_) => None,
            })
        });
        let Some(address) = address else {
            return Err(format!("interface {nameif} has no IPv4 address"));
        };
        let hardware = here.and_then(|interface| interface.mac).map(|mac| mac.0);
        let Some(hardware) = hardware else {
            return Err(format!("interface {nameif} has no hardware address"));
        };
        let client = dhcp::Client {
            device: name.to_string(),
            address,
            hardware,
        };
        Ok((nameif, client))
    }

    /// What is learned is kept for a while; it is never written into the configuration.
    async fn learn(
        &self,
        config: &RunningConfig,
        client: &dhcp::Client,
    ) -> Result<Vec<IpAddr>, String> {
        let now = self.outside.clock.monotonic();
        let learned = self.state(config).learned.clone();
        let is_good = |learned: &Learned| learned.client == *client && learned.until > now;
        if let Some(learned) = learned.filter(is_good) {
            return Ok(learned.servers);
        }
        let told = dhcp::inform(client, OF_DHCP, &self.outside.only_to).await;
        let told = told.map_err(|error| error.to_string())?;
        let servers: Vec<_> = told.into_iter().map(IpAddr::from).collect();
        self.state(config).learned = Some(Learned {
            client: client.clone(),
            servers: servers.clone(),
            until: now + LEARNED,
        });
        Ok(servers)
    }

    /// Steps 3 and 4, for the vendor's own host and nobody else's, and with both words for it.
    async fn by_vendor(
        &self,
        config: &RunningConfig,
        trace: &mut Trace<'_>,
    ) -> Result<Vec<IpAddr>, Unresolved> {
        let call_home = &config.call_home;
        if !(call_home.service && call_home.vendor_permit) {
            trace.note(
                Step::Vendor,
                "not permitted by call-home vendor permit".to_owned(),
            );
            return Err(Unresolved::NoAddress);
        }
        let of = |server: &IpAddr| Candidate {
            step: Step::Vendor,
            at: SocketAddr::new(*server, self.outside.port),
            interface: None,
            way: Ok(Way::default()),
        };
        let candidates: Vec<_> = config.dns.vendor_servers.iter().map(of).collect();
        if candidates.is_empty() {
            trace.note(Step::Vendor, NONE_OF_THE_VENDORS.to_owned());
        }
        let names = [trace.host.to_owned()];
        let found = self
            .ask_each(config, &candidates, &names, IN_PASSING, trace)
            .await;
        if found.is_ok() {
            return found;
        }
        let fence = &self.outside.only_to;
        let mut addresses = config.dns.vendor_collector.clone();
        let why = match addresses.is_empty() {
            true => NONE_OF_THE_VENDORS.to_owned(),
            false => only_to::Outside.to_string(),
        };
        addresses.retain(|address| fence.check(*address).is_ok());
        let Some(address) = random(&addresses) else {
            trace.note(Step::BuiltIn, why);
            return found;
        };
        trace.note(Step::BuiltIn, address.to_string());
        Ok(vec![address])
    }

    /// What was learned under other servers is forgotten first.
    fn state(&self, config: &RunningConfig) -> MutexGuard<'_, State> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if !Arc::ptr_eq(&state.dns, &config.dns) {
            if state.dns != config.dns {
                let last = std::mem::take(&mut state.last);
                *state = State {
                    last,
                    ..State::default()
                };
            }
            state.dns = config.dns.clone();
        }
        state
    }

    fn say(&self, message: Own) {
        if let Some(say) = self.say.get() {
            say.say(message);
        }
    }

    /// As an ASA makes a message of a debug line (D183).
    fn debug_line(&self, text: &str) {
        self.say(Own::asa(
            Severity::Debugging,
            711_001,
            format!("call-home: {text}"),
        ));
    }
}

impl NameService for Finder {
    fn status(&self) -> Status {
        let config = self.outside.published.borrow().config.clone();
        let now = self.outside.clock.monotonic();
        let state = self.state(&config);
        let server = |((step, address, interface), tally): (&Asked, &Tally)| Server {
            step: *step,
            address: *address,
            interface: interface.clone(),
            asked: tally.asked,
            answered: tally.answered,
            failure: tally.failure.clone(),
        };
        Status {
            servers: state.tallies.iter().map(server).collect(),
            known: state.cache.shown(now),
            last: state.last.iter().cloned().collect(),
            debug: self.debug.load(Ordering::Relaxed),
        }
    }

    fn forget(&self) {
        let config = self.outside.published.borrow().config.clone();
        let mut state = self.state(&config);
        state.cache.clear();
        state.learned = None;
    }

    fn debug(&self, is_on: bool) {
        self.debug.store(is_on, Ordering::Relaxed);
    }
}

/// As likely the one as the other.
fn random(addresses: &[IpAddr]) -> Option<IpAddr> {
    let mut number = [0; 4];
    getrandom::fill(&mut number).ok()?;
    let number = u32::from_le_bytes(number) as usize;
    addresses.get(number.checked_rem(addresses.len())?).copied()
}

fn list(addresses: &[IpAddr]) -> String {
    let all: Vec<_> = addresses.iter().map(ToString::to_string).collect();
    all.join(", ")
}

struct Hosts(Arc<Finder>);

impl Find for Hosts {
    fn find<'a>(&'a self, host: &'a str) -> Finding<'a> {
        Box::pin(self.0.search(host, Step::Configured))
    }
}

struct Collectors(Arc<Finder>);

impl Find for Collectors {
    fn find<'a>(&'a self, host: &'a str) -> Finding<'a> {
        Box::pin(self.0.search(host, Step::BuiltIn))
    }
}

/// Where name servers are.
pub const PORT: u16 = 53;
const NONE_OF_THE_VENDORS: &str = "no address of the vendor's is configured";
const OF_HOSTS: Duration = Duration::from_secs(10);
const OF_SYSTEM: Duration = Duration::from_secs(5);
const OF_DHCP: Duration = Duration::from_secs(4);
const LEARNED: Duration = Duration::from_secs(600);
const MOST_NOTES: usize = 64;
const MOST_SEARCHES: usize = 16;

#[cfg(test)]
#[path = "names/tests.rs"]
mod tests;
