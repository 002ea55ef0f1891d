//! `show interface [NAME]`: each interface of the host with its state, addresses, counters and rates. The lines are those of
//! an ASA, and strict parsers know them all; a figure that the kernel does not keep has no line.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr};

use serde::Serialize;

use crate::config::interfaces::Interfaces;
use crate::device::history::{InterfaceTraffic, Rates, Traffic};
use crate::device::{self, Duplex, LinkState};

/// `show interface`. JSON: an array; each interface with its facts, its `name` in the configuration, `counters` since the
/// start of the host or of the interface, or since `clear traffic`, and rates a second, null before there are readings.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub struct View {
    pub interfaces: Vec<Shown>,
}

#[derive(Debug, Serialize)]
pub struct Shown {
    #[serde(flatten)]
    pub interface: device::Interface,
    pub nameif: Option<String>,
    #[serde(flatten)]
    pub traffic: Option<InterfaceTraffic>,
}

/// All interfaces of the host, or the one of that name, the host's or the configuration's; `None` when there is none.
pub fn view(
    configured: &Interfaces,
    of_host: Vec<device::Interface>,
    mut traffic: Traffic,
    only: Option<&str>,
) -> Option<View> {
    let mut shown: Vec<Shown> = of_host
        .into_iter()
        .map(|interface| {
            let nameif = nameif(configured, &interface.name);
            let place = traffic
                .interfaces
                .iter()
                .position(|of| of.counters.interface == interface.name);
            Shown {
                traffic: place.map(|place| traffic.interfaces.swap_remove(place)),
                interface,
                nameif,
            }
        })
        .collect();
    if let Some(only) = only {
        // As everywhere, the name of an interface may be typed in either case; the host's own may not.
        shown.retain(|shown| {
            let named = shown.nameif.as_deref();
            shown.interface.name == only || named.is_some_and(|n| n.eq_ignore_ascii_case(only))
        });
        if shown.is_empty() {
            return None;
        }
    }
    Some(View { interfaces: shown })
}

/// What the configuration calls an interface of the host.
pub(super) fn nameif(configured: &Interfaces, interface: &str) -> Option<String> {
    let known = configured.by_name.get(interface)?;
    Some(known.nameif.as_ref()?.to_string())
}

impl fmt::Display for View {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.interfaces.iter().try_for_each(|shown| shown.fmt(f))
    }
}

/// Before what stands below an interface's `Hardware` line.
const DEEP: &str = "        ";

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let interface = &self.interface;
        let name = self.nameif.as_deref().unwrap_or("");
        let (state, protocol) = states(interface);
        writeln!(
            f,
            "Interface {} \"{name}\", is {state}, line protocol is {protocol}",
            interface.name
        )?;
        self.write_hardware(f)?;
        let mut v4 = interface
            .addresses
            .iter()
            .filter_map(|at| match at.address {
                IpAddr::V4(address) => Some((address, at.prefix)),
                IpAddr::V6(_) => None,
            });
        match v4.next() {
            Some(first) => std::iter::once(first)
                .chain(v4)
                .try_for_each(|(address, prefix)| {
                    let mask = mask(prefix);
                    writeln!(f, "{DEEP}IP address {address}, subnet mask {mask}")
                })?,
            None => writeln!(f, "{DEEP}IP address unassigned")?,
        }
        match &self.traffic {
            Some(traffic) => self.write_traffic(f, traffic),
            None => Ok(()),
        }
    }
}

impl Shown {
    fn write_hardware(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let interface = &self.interface;
        // Parsers take letters, digits and blanks.
        let kind = interface.driver.as_deref().unwrap_or("Virtual");
        let kind: String = kind
            .chars()
            .map(|c| {
                if c.is_alphanumeric() || c == '_' {
                    c
                } else {
                    ' '
                }
            })
            .collect();
        let mac = interface
            .mac
            .map_or_else(|| "N/A".to_owned(), |mac| mac.to_string());
        let mtu = interface
            .mtu
            .map_or_else(|| "not set".to_owned(), |mtu| mtu.to_string());
        match interface.speed {
            Some(speed) => {
                // The delay is no measurement: a device states it by the bandwidth.
                let delay = match speed {
                    0..100 => 1000,
                    100..1000 => 100,
                    _ => 10,
                };
                writeln!(f, "  Hardware is {kind}, BW {speed} Mbps, DLY {delay} usec")?;
                let duplex = match interface.duplex {
                    Some(Duplex::Full) => Some("Full"),
                    Some(Duplex::Half) => Some("Half"),
                    None => None,
                };
                if let Some(duplex) = duplex {
                    writeln!(
                        f,
                        "{DEEP}Auto-Duplex({duplex}-duplex), Auto-Speed({speed} Mbps)"
                    )?;
                }
                writeln!(f, "{DEEP}MAC address {mac}, MTU {mtu}")
            }
            None => writeln!(f, "  Hardware is {kind}, MAC address {mac}, MTU {mtu}"),
        }
    }

    fn write_traffic(&self, f: &mut fmt::Formatter<'_>, traffic: &InterfaceTraffic) -> fmt::Result {
        let counters = &traffic.counters;
        let (received, sent) = (counters.received, counters.sent);
        writeln!(
            f,
            "{DEEP}{} packets input, {} bytes, {} multicasts",
            received.packets, received.bytes, counters.multicast
        )?;
        writeln!(
            f,
            "{DEEP}{} input errors, {} frame, {} overrun, {} packets dropped",
            received.errors, counters.frame, received.fifo, received.dropped
        )?;
        writeln!(
            f,
            "{DEEP}{} packets output, {} bytes, {} underruns",
            sent.packets, sent.bytes, sent.fifo
        )?;
        writeln!(
            f,
            "{DEEP}{} output errors, {} collisions, {} carrier errors, {} packets dropped",
            sent.errors, counters.collisions, counters.carrier, sent.dropped
        )?;
        if traffic.one_minute.is_none() && traffic.five_minutes.is_none() {
            return Ok(());
        }
        let name = self.nameif.as_deref().unwrap_or(&self.interface.name);
        writeln!(f, "  Traffic Statistics for \"{name}\":")?;
        write_rates(f, 1, traffic.one_minute)?;
        write_rates(f, 5, traffic.five_minutes)
    }
}

/// Three lines for a span; none before there are readings.
pub(super) fn write_rates(
    f: &mut fmt::Formatter<'_>,
    minutes: u8,
    rates: Option<Rates>,
) -> fmt::Result {
    let Some(rates) = rates else { return Ok(()) };
    writeln!(
        f,
        "      {minutes} minute input rate {} pkts/sec,  {} bytes/sec",
        rates.received_packets, rates.received_bytes
    )?;
    writeln!(
        f,
        "      {minutes} minute output rate {} pkts/sec,  {} bytes/sec",
        rates.sent_packets, rates.sent_bytes
    )?;
    writeln!(
        f,
        "      {minutes} minute drop rate, {} pkts/sec",
        rates.dropped
    )
}

/// Of the interface and of its link. An interface that detects no carrier has a link while it is up.
fn states(interface: &device::Interface) -> (&'static str, &'static str) {
    match interface.state {
        _ if !interface.enabled => ("administratively down", "down"),
        LinkState::Up | LinkState::Unknown => ("up", "up"),
        LinkState::Dormant | LinkState::Testing => ("up", "down"),
        LinkState::Down | LinkState::LowerLayerDown | LinkState::NotPresent => ("down", "down"),
    }
}

/// As dotted octets.
pub(super) fn mask(prefix: u8) -> Ipv4Addr {
    let hosts = 32_u32.saturating_sub(u32::from(prefix));
    Ipv4Addr::from(u32::MAX.checked_shl(hosts).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::config::interfaces::Interface;
    use crate::device::counters::{Counters, Direction};
    use crate::device::{Address, MacAddress};

    fn of_host() -> Vec<device::Interface> {
        let at = |address: IpAddr, prefix| Address { address, prefix };
        vec![
            device::Interface {
                index: 1,
                name: "lo".to_owned(),
                enabled: true,
                mtu: Some(65_536),
                addresses: vec![at(Ipv4Addr::LOCALHOST.into(), 8)],
                ..device::Interface::default()
            },
            device::Interface {
                index: 2,
                name: "eth0".to_owned(),
                mac: Some(MacAddress([0xfa, 0x16, 0x3e, 0xb0, 0xc3, 0xd3])),
                enabled: true,
                state: LinkState::Up,
                mtu: Some(1500),
                speed: Some(1000),
                duplex: Some(Duplex::Full),
                driver: Some("virtio_net".to_owned()),
                physical: true,
                addresses: vec![
                    at(Ipv4Addr::new(10, 0, 0, 5).into(), 30),
                    at("fe80::1".parse().expect("an address"), 64),
                ],
                ..device::Interface::default()
            },
            device::Interface {
                index: 3,
                name: "eth1".to_owned(),
                ..device::Interface::default()
            },
        ]
    }

    fn traffic() -> Traffic {
        let way = |packets, bytes| Direction {
            packets,
            bytes,
            errors: 1,
            dropped: 2,
            fifo: 3,
        };
        Traffic {
            interfaces: vec![InterfaceTraffic {
                counters: Counters {
                    interface: "eth0".to_owned(),
                    received: way(330_272, 37_681_894),
                    sent: way(2147, 182_735),
                    multicast: 4,
                    frame: 5,
                    collisions: 6,
                    carrier: 7,
                },
                one_minute: Some(Rates {
                    received_packets: 6,
                    received_bytes: 848,
                    sent_packets: 5,
                    sent_bytes: 453,
                    dropped: 1,
                }),
                five_minutes: None,
            }],
            ..Traffic::default()
        }
    }

    fn configured() -> Interfaces {
        let mut configured = Interfaces::default();
        let outside: Arc<str> = "outside".into();
        configured.by_name.insert(
            "eth0".into(),
            Interface {
                nameif: Some(outside),
                security_level: Some(0),
            },
        );
        configured
    }

    #[test]
    fn an_interface_is_laid_out_as_an_asas() {
        let expected = "\
Interface eth0 \"outside\", is up, line protocol is up
  Hardware is virtio_net, BW 1000 Mbps, DLY 10 usec
        Auto-Duplex(Full-duplex), Auto-Speed(1000 Mbps)
        MAC address fa16.3eb0.c3d3, MTU 1500
        IP address 10.0.0.5, subnet mask 255.255.255.252
        330272 packets input, 37681894 bytes, 4 multicasts
        1 input errors, 5 frame, 3 overrun, 2 packets dropped
        2147 packets output, 182735 bytes, 3 underruns
        1 output errors, 6 collisions, 7 carrier errors, 2 packets dropped
  Traffic Statistics for \"outside\":
      1 minute input rate 6 pkts/sec,  848 bytes/sec
      1 minute output rate 5 pkts/sec,  453 bytes/sec
      1 minute drop rate, 1 pkts/sec
";
        for name in ["eth0", "OUTSIDE"] {
            let view = view(&configured(), of_host(), traffic(), Some(name));
            assert_eq!(view.expect("an interface").to_string(), expected);
        }
    }

    #[test]
    fn interfaces_without_speed_name_or_counters_say_no_more_than_they_know() {
        let view = view(&configured(), of_host(), traffic(), None).expect("all");
        let text = view.to_string();
        assert!(text.starts_with(
            "Interface lo \"\", is up, line protocol is up\n  \
             Hardware is Virtual, MAC address N/A, MTU 65536\n        \
             IP address 127.0.0.1, subnet mask 255.0.0.0\n\
             Interface eth0 "
        ));
        assert!(text.ends_with(
            "Interface eth1 \"\", is administratively down, line protocol is down\n  \
             Hardware is Virtual, MAC address N/A, MTU not set\n        \
             IP address unassigned\n"
        ));
        let json = serde_json::to_value(&view).expect("JSON");
        assert_eq!(json[1]["nameif"], "outside");
        assert_eq!(json[1]["counters"]["received"]["packets"], 330_272);
        assert_eq!(json[1]["addresses"][1]["address"], "fe80::1");
        assert_eq!(json[1]["one_minute"]["received_bytes"], 848);
    }

    #[test]
    fn a_name_that_nobody_has_finds_nothing() {
        assert!(view(&configured(), of_host(), traffic(), Some("ETH0")).is_none());
        assert!(view(&configured(), of_host(), traffic(), Some("dmz")).is_none());
    }

    #[test]
    fn masks_are_ones_then_noughts() {
        assert_eq!(mask(0), Ipv4Addr::UNSPECIFIED);
        assert_eq!(mask(25), Ipv4Addr::new(255, 255, 255, 128));
        assert_eq!(mask(200), Ipv4Addr::BROADCAST);
    }
}
