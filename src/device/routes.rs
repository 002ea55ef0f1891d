//! The kernel's main routing tables as `/proc/net/route` and `/proc/net/ipv6_route` state them, and the hosts that it knows on
//! its links (`/proc/net/arp`). Who made a route is not told there.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use serde::Serialize;

use super::MacAddress;

/// More are not read: a host with a full table has a router's software to show it.
const MOST: usize = 10_000;

/// One route of a main table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Route {
    pub destination: IpAddr,
    /// 0 to 32 or 128.
    pub prefix: u8,
    /// Absent where the destination is on the link itself.
    pub gateway: Option<IpAddr>,
    pub interface: String,
    pub metric: u32,
    pub kind: RouteKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RouteKind {
    /// An address of this host.
    Local,
    /// On the link.
    Connected,
    /// By a gateway.
    Static,
}

/// A host on a link.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Neighbour {
    pub address: IpAddr,
    pub mac: Option<MacAddress>,
    pub interface: String,
}

/// `RTF_UP`, `RTF_GATEWAY`, `RTF_REJECT` of `linux/route.h`.
const UP: u32 = 0x1;
const GATEWAY: u32 = 0x2;
const REJECT: u32 = 0x200;
/// `RTF_LOCAL` and `RTF_ANYCAST` of `linux/ipv6_route.h`.
const LOCAL: u32 = 0x8000_0000;
const ANYCAST: u32 = 0x0010_0000;

/// `Iface Destination Gateway Flags RefCnt Use Metric Mask ...`; addresses in the order of the machine's octets.
pub(super) fn v4(route: &str) -> Vec<Route> {
    let one = |line: &str| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let &[
            interface,
            destination,
            gateway,
            flags,
            _,
            _,
            metric,
            mask,
            ..,
        ] = words.as_slice()
        else {
            return None;
        };
        let address = |hex: &str| {
            let number = u32::from_str_radix(hex, 16).ok()?;
            Some(Ipv4Addr::from(number.to_ne_bytes()))
        };
        let flags = u32::from_str_radix(flags, 16).ok()?;
        let prefix = address(mask)?.to_bits().leading_ones();
        if flags & UP == 0 || flags & REJECT != 0 {
            return None;
        }
        let by_gateway = flags & GATEWAY != 0;
        Some(Route {
            destination: address(destination)?.into(),
            prefix: u8::try_from(prefix).ok()?,
            gateway: address(gateway).filter(|_| by_gateway).map(IpAddr::V4),
            interface: interface.to_owned(),
            metric: metric.parse().ok()?,
            kind: if by_gateway {
                RouteKind::Static
            } else {
                RouteKind::Connected
            },
        })
    };
    route.lines().skip(1).filter_map(one).take(MOST).collect()
}

/// `destination length source length next-hop metric references uses flags interface`, all in hexadecimal. Multicast and
/// what is refused are left out.
pub(super) fn v6(route: &str) -> Vec<Route> {
    let one = |line: &str| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let &[
            destination,
            length,
            _,
            _,
            hop,
            metric,
            _,
            _,
            flags,
            interface,
        ] = words.as_slice()
        else {
            return None;
        };
        let address = |hex: &str| u128::from_str_radix(hex, 16).ok().map(Ipv6Addr::from);
        let number = |hex: &str| u32::from_str_radix(hex, 16).ok();
        let (destination, flags) = (address(destination)?, number(flags)?);
        let is_shown = flags & UP != 0 && flags & (REJECT | ANYCAST) == 0;
        if !is_shown || destination.is_multicast() {
            return None;
        }
        let gateway = address(hop).filter(|_| flags & GATEWAY != 0);
        Some(Route {
            destination: destination.into(),
            prefix: u8::from_str_radix(length, 16).ok()?,
            gateway: gateway.map(IpAddr::V6),
            interface: interface.to_owned(),
            metric: number(metric)?,
            kind: if flags & LOCAL != 0 {
                RouteKind::Local
            } else if gateway.is_some() {
                RouteKind::Static
            } else {
                RouteKind::Connected
            },
        })
    };
    route.lines().filter_map(one).take(MOST).collect()
}

/// `address type flags hardware-address mask device`; those that have answered (`ATF_COM`).
pub(super) fn neighbours(arp: &str) -> Vec<Neighbour> {
    let one = |line: &str| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let &[address, _, flags, mac, _, interface] = words.as_slice() else {
            return None;
        };
        let flags = u32::from_str_radix(flags.trim_start_matches("0x"), 16).ok()?;
        (flags & 0x2 != 0).then_some(Neighbour {
            address: address.parse().ok()?,
            mac: super::interfaces::mac(mac),
            interface: interface.to_owned(),
        })
    };
    arp.lines().skip(1).filter_map(one).take(MOST).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_of_ipv4_is_read_in_the_machines_order_of_octets() {
        let hex = |a, b, c, d| format!("{:08X}", u32::from_ne_bytes([a, b, c, d]));
        let (any, net, gateway, mask) = (
            hex(0, 0, 0, 0),
            hex(192, 0, 2, 0),
            hex(192, 0, 2, 1),
            hex(255, 255, 255, 0),
        );
        let text = format!(
            "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT\n\
             eth0\t{any}\t{gateway}\t0003\t0\t0\t100\t{any}\t0\t0\t0\n\
             eth0\t{net}\t{any}\t0001\t0\t0\t0\t{mask}\t0\t0\t0\n\
             *\t{net}\t{any}\t0201\t0\t0\t0\t{mask}\t0\t0\t0\n\
             eth1\t{net}\n"
        );
        let expected = [
            Route {
                destination: Ipv4Addr::UNSPECIFIED.into(),
                prefix: 0,
                gateway: Some(Ipv4Addr::new(192, 0, 2, 1).into()),
                interface: "eth0".to_owned(),
                metric: 100,
                kind: RouteKind::Static,
            },
            Route {
                destination: Ipv4Addr::new(192, 0, 2, 0).into(),
                prefix: 24,
                gateway: None,
                interface: "eth0".to_owned(),
                metric: 0,
                kind: RouteKind::Connected,
            },
        ];
        assert_eq!(v4(&text), expected);
        assert_eq!(v4(""), []);
    }

    #[test]
    fn a_table_of_ipv6_leaves_out_multicast_and_what_is_refused() {
        let text = "\
fd000000000000000000000000000000 40 00000000000000000000000000000000 00 00000000000000000000000000000000 00000100 00000001 00000000 00000001     eth0
00000000000000000000000000000000 00 00000000000000000000000000000000 00 fd000000000000000000000000000001 00000400 00000002 00000000 00000003     eth0
fd000000000000000000000000000002 80 00000000000000000000000000000000 00 00000000000000000000000000000000 00000000 00000003 00000000 80200001     eth0
ff000000000000000000000000000000 08 00000000000000000000000000000000 00 00000000000000000000000000000000 00000100 00000003 00000000 00000001     eth0
00000000000000000000000000000000 00 00000000000000000000000000000000 00 00000000000000000000000000000000 ffffffff 00000001 00000000 00200200       lo
zz 00
";
        let told: Vec<_> = v6(text)
            .into_iter()
            .map(|route| {
                (
                    format!("{}/{}", route.destination, route.prefix),
                    route.kind,
                )
            })
            .collect();
        assert_eq!(
            told,
            [
                ("fd00::/64".to_owned(), RouteKind::Connected),
                ("::/0".to_owned(), RouteKind::Static),
                ("fd00::2/128".to_owned(), RouteKind::Local),
            ]
        );
    }

    #[test]
    fn neighbours_are_those_that_have_answered() {
        let arp = "IP address       HW type     Flags       HW address            Mask     Device\n\
            192.0.2.7        0x1         0x0         00:00:00:00:00:00     *        eth0\n\
            192.0.2.1        0x1         0x2         02:fc:00:00:00:05     *        eth0\n\
            broken\n";
        let expected = Neighbour {
            address: Ipv4Addr::new(192, 0, 2, 1).into(),
            mac: Some(MacAddress([2, 0xfc, 0, 0, 0, 5])),
            interface: "eth0".to_owned(),
        };
        assert_eq!(neighbours(arp), [expected]);
    }
}
