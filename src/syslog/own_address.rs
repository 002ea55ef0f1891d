//! The address that `logging device-id ipaddress` names and those that sessions leave from, looked at now and then: nothing
//! tells when an interface of this host gets another one. What is done about it is decided by control.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, Interval, interval_at};

use super::plan::{HostPlan, Plan};
use crate::config::logging::Transport;
use crate::device::{self, vrf::Vrf};
use crate::net::way::suitable;

/// What an interface is called by its address: the first one of IPv4, else of IPv6, as a session that leaves by it has.
pub fn of(interface: &str) -> Option<Arc<str>> {
    let addresses = device::addresses_of(interface);
    let any: [IpAddr; 2] = [Ipv4Addr::UNSPECIFIED.into(), Ipv6Addr::UNSPECIFIED.into()];
    let address = any.into_iter().find_map(|any| suitable(&addresses, any))?;
    Some(address.to_string().into())
}

/// Whether a plan has to do with addresses of interfaces.
pub fn is_asked(plan: &Plan) -> bool {
    let is_bound = |host: &HostPlan| host.interface.is_some() || host.vrf.is_some();
    plan.asa.device_id_of.is_some() || plan.hosts.iter().any(is_bound)
}

/// What one look has seen, by interface.
#[derive(Default)]
pub struct Addresses(HashMap<Arc<str>, Vec<IpAddr>>);

impl Addresses {
    /// Whether a session is to be established anew: its interface, or the one that is its VRF, calls for another address
    /// than it has.
    pub fn call_for(&mut self, host: &HostPlan, peer: SocketAddr, source: Option<IpAddr>) -> bool {
        let vrf = host.vrf.iter();
        let vrf = vrf.filter(|vrf| Vrf::of(vrf) == Vrf::Interface);
        let interfaces: Vec<&Arc<str>> = host.interface.iter().chain(vrf).collect();
        for interface in &interfaces {
            let seen = self.0.entry((*interface).clone());
            seen.or_insert_with(|| device::addresses_of(interface));
        }
        let known = interfaces.iter().filter_map(|name| self.0.get(*name));
        is_stale(host.key.transport, known.map(Vec::as_slice), peer, source)
    }
}

/// A connection stays as long as its interface has its address (D147).
fn is_stale<'a>(
    transport: Transport,
    mut addresses: impl Iterator<Item = &'a [IpAddr]> + Clone,
    peer: SocketAddr,
    source: Option<IpAddr>,
) -> bool {
    let has = |source| addresses.clone().any(|of| of.contains(&source));
    let stays = transport == Transport::Tcp && source.is_some_and(has);
    !stays && addresses.find_map(|of| suitable(of, peer.ip())) != source
}

/// When to look again.
#[derive(Default)]
pub struct Looks(Option<Interval>);

impl Looks {
    /// May be dropped while it waits, nothing is lost then.
    pub async fn next(&mut self) {
        let first = || interval_at(Instant::now() + EVERY, EVERY);
        self.0.get_or_insert_with(first).tick().await;
    }
}

const EVERY: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_stays_while_its_address_does_and_datagrams_leave_from_the_first() {
        let ip = |text: &str| text.parse::<IpAddr>().expect("an address");
        let peer = SocketAddr::new(ip("198.51.100.7"), 514);
        let [first, second] = ["192.0.2.1", "192.0.2.2"].map(ip);
        let has_to_go = |transport, has: &[IpAddr], source| {
            is_stale(transport, [has].into_iter(), peer, source)
        };
        for (has, source, udp, tcp) in [
            (&[first, second][..], Some(first), false, false),
            (&[first, second], Some(second), true, false),
            (&[second], Some(first), true, true),
            (&[], Some(first), true, true),
            (&[first], None, true, true),
            (&[], None, false, false),
            (&[ip("2001:db8::1")], None, false, false),
        ] {
            assert_eq!(
                (
                    has_to_go(Transport::Udp, has, source),
                    has_to_go(Transport::Tcp, has, source)
                ),
                (udp, tcp),
                "{has:?} {source:?}"
            );
        }
    }
}
