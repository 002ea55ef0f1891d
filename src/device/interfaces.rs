//! The network interfaces: what `/sys/class/net` states about each, and the addresses the kernel lists. Nothing is changed
//! and no socket stays open.

use std::net::IpAddr;
use std::path::Path;

use nix::ifaddrs::getifaddrs;
use nix::sys::socket::{SockaddrLike, SockaddrStorage};

use super::host::has_device;
use super::proc::value;
use super::{Address, Duplex, Interface, LinkState, MacAddress};

/// `IFF_UP` of netdevice(7).
const IFF_UP: u64 = 1;

/// Every interface under `folder` (`/sys/class/net`), in order of index; `addresses` names the interface of each address.
pub(super) fn interfaces(folder: &Path, addresses: &[(String, Address)]) -> Vec<Interface> {
    read(folder, &names(folder), addresses)
}

/// Those of them that are the machine's ports. Of a host that has many others, only what its devices state is read.
pub(super) fn ports(folder: &Path, addresses: &[(String, Address)]) -> Vec<Interface> {
    let names = names(folder);
    let (own, others): (Vec<_>, Vec<_>) = names
        .into_iter()
        .partition(|name| has_device(&folder.join(name)));
    let mut ports = read(folder, &own, addresses);
    ports.retain(|port| port.mac.is_some());
    if ports.is_empty() {
        ports = read(folder, &others, addresses);
        ports.retain(|port| port.mac.is_some());
    }
    ports
}

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .filter_map(|entry| entry.file_name().into_string().ok())
        .collect()
}

fn read(folder: &Path, names: &[String], addresses: &[(String, Address)]) -> Vec<Interface> {
    let mut found: Vec<Interface> = names
        .iter()
        // `bonding_masters` is a file among the folders.
        .filter_map(|name| interface(&folder.join(name), name.clone(), addresses))
        .collect();
    found.sort_by(|a, b| a.index.cmp(&b.index).then_with(|| a.name.cmp(&b.name)));
    found
}

fn interface(path: &Path, name: String, addresses: &[(String, Address)]) -> Option<Interface> {
    let index = value(&path.join("ifindex"))?.parse().ok()?;
    let flags = value(&path.join("flags"))
        .and_then(|flags| u64::from_str_radix(flags.trim_start_matches("0x"), 16).ok());
    let addresses = addresses
        .iter()
        .filter(|(of, _)| *of == name)
        .map(|(_, address)| *address)
        .collect();
    // Most interfaces of a host with containers belong to no device; nothing more is asked about that.
    let physical = has_device(path);
    Some(Interface {
        index,
        mac: value(&path.join("address")).and_then(|text| mac(&text)),
        state: value(&path.join("operstate"))
            .map_or(LinkState::Unknown, |state| link_state(&state)),
        enabled: flags.unwrap_or(0) & IFF_UP != 0,
        mtu: value(&path.join("mtu")).and_then(|mtu| mtu.parse().ok()),
        // A link that is down states -1, or refuses to be read.
        speed: value(&path.join("speed"))
            .and_then(|speed| speed.parse().ok())
            .filter(|speed| *speed != u32::MAX),
        irq: physical.then(|| irq(&path.join("device"))).flatten(),
        duplex: match value(&path.join("duplex")).as_deref() {
            Some("full") => Some(Duplex::Full),
            Some("half") => Some(Duplex::Half),
            _ => None,
        },
        driver: physical.then(|| driver(&path.join("device"))).flatten(),
        physical,
        name,
        addresses,
    })
}

/// A virtio device has no interrupt line, the device that carries it has.
fn irq(device: &Path) -> Option<u32> {
    let link = std::fs::read_link(device).ok();
    let kind = link
        .as_deref()
        .and_then(Path::file_name)
        .and_then(|name| name.to_str());
    let file = if kind.is_some_and(|kind| kind.starts_with("virtio")) {
        "../irq"
    } else {
        "irq"
    };
    value(&device.join(file))?
        .parse()
        .ok()
        .filter(|irq| *irq > 0)
}

fn driver(device: &Path) -> Option<String> {
    let link = std::fs::read_link(device.join("driver")).ok()?;
    Some(link.file_name()?.to_str()?.to_owned())
}

/// `52:54:00:12:34:56`; the all-zero address of the loopback is none.
pub(super) fn mac(text: &str) -> Option<MacAddress> {
    let mut octets = [0; 6];
    let mut words = text.split(':');
    for octet in &mut octets {
        *octet = u8::from_str_radix(words.next()?, 16).ok()?;
    }
    (words.next().is_none() && octets != [0; 6]).then_some(MacAddress(octets))
}

/// The words of `operstate`, kernel documentation "Operational States".
fn link_state(text: &str) -> LinkState {
    match text {
        "up" => LinkState::Up,
        "down" => LinkState::Down,
        "dormant" => LinkState::Dormant,
        "testing" => LinkState::Testing,
        "lowerlayerdown" => LinkState::LowerLayerDown,
        "notpresent" => LinkState::NotPresent,
        _ => LinkState::Unknown,
    }
}

/// The addresses of this host with the interface of each; none when the kernel does not tell.
pub(super) fn addresses() -> Vec<(String, Address)> {
    let Ok(listed) = getifaddrs() else {
        return Vec::new();
    };
    listed
        .filter_map(|entry| {
            let address = ip(entry.address?)?;
            let whole = if address.is_ipv4() { 32 } else { 128 };
            let prefix = entry.netmask.and_then(ip).map_or(whole, prefix);
            Some((entry.interface_name, Address { address, prefix }))
        })
        .collect()
}

fn ip(storage: SockaddrStorage) -> Option<IpAddr> {
    storage.family()?;
    let v4 = storage.as_sockaddr_in().map(|v4| IpAddr::V4(v4.ip()));
    v4.or_else(|| storage.as_sockaddr_in6().map(|v6| IpAddr::V6(v6.ip())))
}

/// The leading ones of a mask.
fn prefix(mask: IpAddr) -> u8 {
    let ones = match mask {
        IpAddr::V4(mask) => mask.to_bits().leading_ones(),
        IpAddr::V6(mask) => mask.to_bits().leading_ones(),
    };
    u8::try_from(ones).unwrap_or(u8::MAX)
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    fn file(folder: &Path, name: &str, content: &str) {
        std::fs::create_dir_all(folder).expect("a folder");
        std::fs::write(folder.join(name), content).expect("a file");
    }

    #[test]
    fn interfaces_come_in_the_kernels_order_with_their_own_addresses() {
        let sys = tempfile::tempdir().expect("a folder");
        let eth = sys.path().join("eth0");
        file(&eth, "ifindex", "2\n");
        file(&eth, "address", "52:54:00:12:34:56\n");
        file(&eth, "operstate", "up\n");
        file(&eth, "flags", "0x1003\n");
        file(&eth, "mtu", "1500\n");
        file(&eth, "speed", "1000\n");
        file(&eth, "duplex", "full\n");
        file(&eth.join("device"), "irq", "11\n");
        let lo = sys.path().join("lo");
        file(&lo, "ifindex", "1\n");
        file(&lo, "address", "00:00:00:00:00:00\n");
        file(&lo, "operstate", "unknown\n");
        file(&lo, "flags", "0x8\n");
        file(&lo, "speed", "-1\n");
        file(sys.path(), "bonding_masters", "\n");
        let address = Address {
            address: Ipv4Addr::new(192, 0, 2, 1).into(),
            prefix: 24,
        };

        let found = interfaces(
            sys.path(),
            &[("eth0".to_owned(), address), ("eth1".to_owned(), address)],
        );

        let expected_lo = Interface {
            index: 1,
            name: "lo".to_owned(),
            ..Interface::default()
        };
        let expected_eth = Interface {
            index: 2,
            name: "eth0".to_owned(),
            mac: Some(MacAddress([0x52, 0x54, 0, 0x12, 0x34, 0x56])),
            state: LinkState::Up,
            enabled: true,
            mtu: Some(1500),
            speed: Some(1000),
            irq: Some(11),
            physical: true,
            duplex: Some(Duplex::Full),
            driver: None,
            addresses: vec![address],
        };
        assert_eq!(found, [expected_lo, expected_eth]);
    }

    #[test]
    fn the_ports_are_those_of_devices_or_all_where_there_are_none() {
        let sys = tempfile::tempdir().expect("a folder");
        for (name, index, mac) in [
            ("br0", "3", "52:54:00:12:34:57"),
            ("eth0", "2", "52:54:00:12:34:56"),
            ("lo", "1", "00:00:00:00:00:00"),
        ] {
            file(&sys.path().join(name), "ifindex", index);
            file(&sys.path().join(name), "address", mac);
        }
        let named = || -> Vec<String> {
            let ports = ports(sys.path(), &[]);
            ports.into_iter().map(|port| port.name).collect()
        };
        assert_eq!(named(), ["eth0", "br0"]);
        file(&sys.path().join("eth0/device"), "irq", "11\n");
        assert_eq!(named(), ["eth0"]);
    }

    #[test]
    fn a_hardware_address_of_another_kind_is_none() {
        assert_eq!(mac("52:54:00:12:34"), None);
        assert_eq!(mac("52:54:00:12:34:56:78:9a"), None);
        assert_eq!(mac("52:54:00:12:34:zz"), None);
        assert_eq!(mac("00:00:00:00:00:00"), None);
        assert_eq!(
            mac("52:54:00:12:34:56").map(|mac| mac.to_string()),
            Some("5254.0012.3456".to_owned())
        );
    }

    #[test]
    fn the_loopback_address_of_this_host_is_listed_with_its_prefix() {
        let loopback = Address {
            address: Ipv4Addr::LOCALHOST.into(),
            prefix: 8,
        };
        assert!(addresses().iter().any(|(_, address)| *address == loopback));
    }

    #[test]
    fn a_host_without_the_folder_has_no_interfaces() {
        assert_eq!(interfaces(Path::new("/nonexistent"), &[]), []);
    }
}
