//! The address that `logging device-id ipaddress` names, looked at now and then: nothing tells when an interface of this
//! host gets another one. What is done about it is decided by control.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, Interval, interval_at};

use super::attempt::suitable;
use crate::device;

/// What an interface is called by its address: the first one of IPv4, else of IPv6, as a session that leaves by it has.
pub fn of(interface: &str) -> Option<Arc<str>> {
    let addresses = device::addresses_of(interface);
    let any: [IpAddr; 2] = [Ipv4Addr::UNSPECIFIED.into(), Ipv6Addr::UNSPECIFIED.into()];
    let address = any.into_iter().find_map(|any| suitable(&addresses, any))?;
    Some(address.to_string().into())
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
