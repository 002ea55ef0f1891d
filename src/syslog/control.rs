//! Control of the message path: turns publications into plans, keeps every session's link established, and tells the plane.
//! One task; nothing in it waits for a name, a connection or the plane.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::task::{AbortHandle, Id, JoinError, JoinSet};

use super::attempt::{Attempt, Established, NoLink, is_own_input};
use super::letter::Mailed;
use super::lookups::{Found, Lookups};
use super::orders::{Order, Orders, Report};
use super::own_address::{self, Addresses, Looks};
use super::plan::Plan;
use super::post::Post;
use crate::config::logging::SessionKey;
use crate::config::{Published, TakenOver};
use crate::net::backoff::{Backoff, random};
use crate::net::only_to::OnlyTo;

/// What control is told.
enum Input {
    /// A newer configuration; `None` when there will be none any more.
    Published(Option<Published>),
    Planned(Published, Arc<Plan>),
    /// `None` when the plane has ended for good.
    Report(Option<Report>),
    Attempted(Id, Result<Outcome, JoinError>),
    Found(Found),
    Mailed(Mailed),
    /// It is time to look at our own addresses.
    Look,
}

type Outcome = (SessionKey, Result<Established, NoLink>);

/// The state of the one task.
pub struct Control {
    pub orders: Orders,
    pub published: watch::Receiver<Published>,
    pub reports: mpsc::UnboundedReceiver<Report>,
    pub taken_over: Arc<TakenOver>,
    pub fence: OnlyTo,
    /// In force, or on its way to the plane.
    pub plan: Arc<Plan>,
    pub config: Published,
    pub sessions: HashMap<SessionKey, Outgoing>,
    pub attempts: JoinSet<Outcome>,
    /// Which session an attempt is for.
    pub attempted: HashMap<Id, SessionKey>,
    pub planning: JoinSet<(Published, Arc<Plan>)>,
    pub lookups: Lookups,
    pub post: Post,
    pub looks: Looks,
}

/// A session's link, from outside.
#[derive(Debug, Default)]
pub struct Outgoing {
    /// Counts attempts, so that a late report of an old link is known.
    attempt: u64,
    backoff: Backoff,
    running: Option<AbortHandle>,
    address: Option<std::net::SocketAddr>,
    /// The address that the link was told to have.
    source: Option<IpAddr>,
    hopeless: bool,
}

impl Control {
    /// Until nobody publishes any more, or the plane is gone.
    pub async fn run(mut self) {
        self.plan_for(self.config.clone());
        let mut publishes = true;
        loop {
            let input = tokio::select! {
                changed = self.published.changed(), if publishes && self.planning.is_empty() => {
                    Input::Published(changed.is_ok().then(|| self.published.borrow_and_update().clone()))
                }
                Some(Ok((published, plan))) = self.planning.join_next() => Input::Planned(published, plan),
                report = self.reports.recv() => Input::Report(report),
                found = self.lookups.next(), if self.lookups.has_any() => Input::Found(found),
                Some(mailed) = self.post.next(), if self.post.is_busy() => Input::Mailed(mailed),
                () = self.looks.next(), if own_address::is_asked(&self.plan) && self.planning.is_empty() => Input::Look,
                Some(attempted) = self.attempts.join_next_with_id() => match attempted {
                    Ok((id, outcome)) => Input::Attempted(id, Ok(outcome)),
                    Err(error) => Input::Attempted(error.id(), Err(error)),
                },
            };
            match input {
                Input::Published(Some(published)) => self.plan_for(published),
                Input::Published(None) => publishes = false,
                Input::Planned(published, plan) => self.take_over(published, plan),
                Input::Report(Some(report)) => self.hear(report),
                Input::Report(None) => return,
                Input::Attempted(id, outcome) => self.attempted(id, outcome),
                Input::Found(found) => self.look_at(&found),
                Input::Look => self.look_at_own_addresses(),
                Input::Mailed(mailed) => {
                    self.orders.give(Order::Mailed(mailed));
                }
            }
        }
    }

    /// Compiling patterns takes time; the task goes on meanwhile, and what is published meanwhile waits for the next plan.
    /// Without a pattern the plan is made at once: a thread would cost more.
    fn plan_for(&mut self, published: Published) {
        if !published.config.logging.attaches_any() {
            let plan = plan_of(&published);
            self.take_over(published, Arc::new(plan));
            return;
        }
        self.planning.spawn_blocking(move || {
            let plan = plan_of(&published);
            (published, Arc::new(plan))
        });
    }

    /// Sends the plan, then begins what it asks for; sessions that did not change see nothing.
    fn take_over(&mut self, published: Published, plan: Arc<Plan>) {
        let generation = published.generation;
        let before = std::mem::replace(&mut self.plan, plan.clone());
        self.lookups.adopt(&plan);
        self.config = published;
        self.sessions.retain(|key, session| {
            let stays = plan.host(key).is_some();
            if !stays && let Some(running) = &session.running {
                running.abort();
            }
            stays
        });
        self.orders.give(Order::Swap {
            plan: plan.clone(),
            generation,
        });
        // A session that leaves another way is established anew.
        let left_by: HashMap<&SessionKey, _> = before
            .hosts
            .iter()
            .map(|host| (&host.key, (&host.interface, &host.vrf)))
            .collect();
        for host in &plan.hosts {
            let session = self.sessions.entry(host.key.clone()).or_default();
            let own = session
                .address
                .is_some_and(|address| is_own_input(&plan, &host.key, address));
            if own {
                self.give_up(&host.key, &NoLink::OwnInput);
            } else if session.hopeless
                || (session.attempt == 0 && session.running.is_none())
                || left_by
                    .get(&host.key)
                    .is_some_and(|before| *before != (&host.interface, &host.vrf))
            {
                self.begin(&host.key, Duration::ZERO);
            }
        }
    }

    /// A name whose address is another one now: the session goes there.
    fn look_at(&mut self, (key, addresses): &Found) {
        let moved = self.sessions.get(key).is_some_and(|session| {
            let address = session.address.filter(|_| session.running.is_none());
            address.is_some_and(|address| !addresses.contains(&address))
        });
        if moved {
            self.begin(key, Duration::ZERO);
        }
    }

    /// A session leaves from another address when its interface has got one. Another address of the interface that names
    /// this device is another plan of the same configuration.
    fn look_at_own_addresses(&mut self) {
        let mut addresses = Addresses::default();
        for host in &self.plan.clone().hosts {
            let session = self.sessions.get(&host.key);
            let settled = session.filter(|session| session.running.is_none());
            let link = settled.and_then(|session| Some((session.address?, session.source)));
            if link.is_some_and(|(peer, source)| addresses.call_for(host, peer, source)) {
                self.begin(&host.key, Duration::ZERO);
            }
        }
        let named = &self.plan.asa;
        let of = named.device_id_of.as_deref();
        if of.is_some_and(|interface| own_address::of(interface) != named.device_id) {
            self.plan_for(self.config.clone());
        }
    }

    fn hear(&mut self, report: Report) {
        match report {
            Report::Swapped { generation, old } => {
                self.taken_over.report(generation);
                // A large plan is dropped where that costs nobody time.
                if Arc::strong_count(&old) == 1 {
                    drop(tokio::task::spawn_blocking(move || drop(old)));
                }
            }
            Report::Lost {
                key,
                attempt,
                proven,
            } => {
                let Some(session) = self
                    .sessions
                    .get_mut(&key)
                    .filter(|session| session.attempt == attempt)
                else {
                    return;
                };
                session.address = None;
                if proven {
                    session.backoff.reset();
                }
                let wait = session.backoff.next(random());
                self.begin(&key, wait);
            }
            Report::Letter(letter) => self.post.send(letter, self.plan.clone()),
            Report::Restarted => {
                self.orders.give(Order::Swap {
                    plan: self.plan.clone(),
                    generation: self.config.generation,
                });
                for host in self.plan.clone().hosts.iter() {
                    self.begin(&host.key, Duration::ZERO);
                }
            }
        }
    }

    /// An attempt after a wait, in place of one that may be under way. What needs no waiting is done here and now, so that
    /// it has happened when the generation is reported (C1.2).
    fn begin(&mut self, key: &SessionKey, wait: Duration) {
        let Some(host) = self
            .plan
            .host(key)
            .and_then(|place| self.plan.hosts.get(place))
            .cloned()
        else {
            return;
        };
        let ipv6 = self
            .config
            .config
            .logging
            .hosts
            .get(key)
            .is_some_and(|host| host.ipv6);
        let attempt = Attempt {
            host,
            ipv6,
            plan: self.plan.clone(),
            fence: self.fence.clone(),
            names: self.lookups.names().clone(),
        };
        let session = self.sessions.entry(key.clone()).or_default();
        session.attempt += 1;
        if let Some(running) = session.running.take() {
            running.abort();
        }
        let at_once = if wait.is_zero() {
            attempt.at_once()
        } else {
            None
        };
        match at_once {
            Some(outcome) => self.conclude(key, outcome),
            None => {
                let key = key.clone();
                let running = self.attempts.spawn({
                    let key = key.clone();
                    async move { (key, attempt.run(wait).await) }
                });
                self.attempted.insert(running.id(), key.clone());
                if let Some(session) = self.sessions.get_mut(&key) {
                    session.running = Some(running);
                }
            }
        }
    }

    /// The end of an attempt, also of one that was given up or has failed by a fault of ours.
    fn attempted(&mut self, id: Id, outcome: Result<Outcome, JoinError>) {
        let Some(key) = self.attempted.remove(&id) else {
            return;
        };
        let Some(session) = self.sessions.get_mut(&key) else {
            return;
        };
        if session
            .running
            .as_ref()
            .is_none_or(|running| running.id() != id)
        {
            return;
        }
        session.running = None;
        match outcome {
            Ok((key, outcome)) => self.conclude(&key, outcome),
            Err(_) => {
                let wait = session.backoff.next(random());
                self.unreachable(&key, "internal fault".to_owned(), false);
                self.begin(&key, wait);
            }
        }
    }

    fn conclude(&mut self, key: &SessionKey, outcome: Result<Established, NoLink>) {
        let Some(session) = self.sessions.get_mut(key) else {
            return;
        };
        match outcome {
            Ok(Established {
                socket,
                peer,
                source,
            }) => {
                (session.address, session.hopeless) = (Some(peer), false);
                session.source = source;
                let (key, attempt) = (key.clone(), session.attempt);
                self.orders.give(Order::Link {
                    key,
                    attempt,
                    socket,
                    peer,
                });
            }
            Err(fault) if fault.is_hopeless() => self.give_up(key, &fault),
            Err(fault) => {
                let wait = session.backoff.next(random());
                self.unreachable(key, fault.to_string(), false);
                self.begin(key, wait);
            }
        }
    }

    /// Until the configuration changes.
    fn give_up(&mut self, key: &SessionKey, fault: &NoLink) {
        if let Some(session) = self.sessions.get_mut(key) {
            (session.hopeless, session.address) = (true, None);
            if let Some(running) = session.running.take() {
                running.abort();
            }
        }
        self.unreachable(key, fault.to_string(), true);
    }

    fn unreachable(&self, key: &SessionKey, reason: String, hopeless: bool) {
        self.orders.give(Order::Unreachable {
            key: key.clone(),
            reason,
            hopeless,
        });
    }
}

/// The plan, and what it needs to know of this host.
fn plan_of(published: &Published) -> Plan {
    let mut plan = Plan::from(&published.config);
    if let Some(interface) = &plan.asa.device_id_of {
        plan.asa.device_id = own_address::of(interface);
    }
    plan
}
