//! `show conn count`: the TCP connections of the host; and `show local-host`: the hosts that it knows on its links.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use super::interface::nameif;
use crate::config::interfaces::Interfaces;
use crate::device::routes::Neighbour;

/// `show conn count`. JSON: `in_use` and `most_used`, since this program was started; null where the host does not count.
#[derive(Debug, Serialize)]
pub struct Count {
    pub in_use: Option<u64>,
    pub most_used: Option<u64>,
}

pub fn count(connections: Option<(u64, u64)>) -> Count {
    Count {
        in_use: connections.map(|(now, _)| now),
        most_used: connections.map(|(_, most)| most),
    }
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.in_use, self.most_used) {
            (Some(now), Some(most)) => writeln!(f, "{now} in use, {most} most used"),
            _ => writeln!(f, "Connections are not counted by this host"),
        }
    }
}

/// `show local-host`. JSON: an array of interfaces, each with its hosts.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub struct LocalHosts {
    pub interfaces: Vec<OnInterface>,
}

#[derive(Debug, Serialize)]
pub struct OnInterface {
    pub interface: String,
    pub nameif: Option<String>,
    pub hosts: Vec<Neighbour>,
}

pub fn local_hosts(configured: &Interfaces, neighbours: Vec<Neighbour>) -> LocalHosts {
    let mut by_interface: BTreeMap<String, Vec<Neighbour>> = BTreeMap::new();
    for neighbour in neighbours {
        let of = by_interface.entry(neighbour.interface.clone());
        of.or_default().push(neighbour);
    }
    let shown = |(interface, mut hosts): (String, Vec<Neighbour>)| {
        hosts.sort_by_key(|host| host.address);
        OnInterface {
            nameif: nameif(configured, &interface),
            interface,
            hosts,
        }
    };
    LocalHosts {
        interfaces: by_interface.into_iter().map(shown).collect(),
    }
}

impl fmt::Display for LocalHosts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.interfaces.is_empty() {
            return writeln!(f, "No hosts are known on any interface");
        }
        for shown in &self.interfaces {
            let interface = &shown.interface;
            let name = shown.nameif.as_deref().unwrap_or(interface);
            let active = shown.hosts.len();
            writeln!(
                f,
                "Interface {name}: {active} active, on interface {interface}"
            )?;
            for host in &shown.hosts {
                match host.mac {
                    Some(mac) => writeln!(f, "local host: <{}>, MAC address {mac}", host.address)?,
                    None => writeln!(f, "local host: <{}>", host.address)?,
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::MacAddress;

    #[test]
    fn connections_are_counted_in_one_line() {
        assert_eq!(
            count(Some((18, 25))).to_string(),
            "18 in use, 25 most used\n"
        );
        assert_eq!(
            count(None).to_string(),
            "Connections are not counted by this host\n"
        );
    }

    #[test]
    fn hosts_stand_below_their_interface_in_order_of_address() {
        let host = |address: &str, interface: &str| Neighbour {
            address: address.parse().expect("an address"),
            mac: Some(MacAddress([2, 0xfc, 0, 0, 0, 5])),
            interface: interface.to_owned(),
        };
        let hosts = vec![
            host("192.0.2.10", "eth1"),
            host("192.0.2.9", "eth1"),
            host("198.51.100.1", "eth0"),
        ];
        let expected = "\
Interface eth0: 1 active, on interface eth0
local host: <198.51.100.1>, MAC address 02fc.0000.0005
Interface eth1: 2 active, on interface eth1
local host: <192.0.2.9>, MAC address 02fc.0000.0005
local host: <192.0.2.10>, MAC address 02fc.0000.0005
";
        let view = local_hosts(&Interfaces::default(), hosts);
        assert_eq!(view.to_string(), expected);
        let of_collector: Vec<_> = expected
            .lines()
            .filter(|line| line.contains("interface"))
            .collect();
        assert_eq!(of_collector.len(), 2);
        assert_eq!(
            local_hosts(&Interfaces::default(), Vec::new()).to_string(),
            "No hosts are known on any interface\n"
        );
    }
}
