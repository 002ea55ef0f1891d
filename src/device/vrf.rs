//! The routing domains of this host: Linux's VRFs, which are devices, and plain interfaces that serve as one.

use std::path::Path;

/// What a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Vrf {
    /// A VRF of the kernel: sockets can be tied to it.
    Device,
    /// An interface: sockets can leave from its addresses.
    Interface,
    Absent,
}

impl Vrf {
    pub fn of(name: &str) -> Self {
        Self::within(Path::new("/sys/class/net"), name)
    }

    fn within(folder: &Path, name: &str) -> Self {
        // A name is a part of a path here, and nothing else.
        if name.is_empty() || name.starts_with('.') || name.contains('/') {
            return Self::Absent;
        }
        let place = folder.join(name);
        let kind = std::fs::read_to_string(place.join("uevent")).unwrap_or_default();
        if kind.lines().any(|line| line == "DEVTYPE=vrf") {
            Self::Device
        } else if place.join("ifindex").exists() {
            Self::Interface
        } else {
            Self::Absent
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_vrf_is_told_from_an_interface_and_from_nothing() {
        let folder = tempfile::tempdir().expect("a folder");
        let device = |name: &str, uevent: &str| {
            let place = folder.path().join(name);
            std::fs::create_dir(&place).expect("a folder");
            std::fs::write(place.join("uevent"), uevent).expect("a file");
            std::fs::write(place.join("ifindex"), "7\n").expect("a file");
        };
        device("blue", "DEVTYPE=vrf\nINTERFACE=blue\nIFINDEX=7\n");
        device("eth0", "INTERFACE=eth0\nIFINDEX=7\n");
        let of = |name| Vrf::within(folder.path(), name);
        assert_eq!(of("blue"), Vrf::Device);
        assert_eq!(of("eth0"), Vrf::Interface);
        for name in ["red", "", ".", "..", "../eth0", "blue/../eth0"] {
            assert_eq!(of(name), Vrf::Absent, "{name:?}");
        }
    }

    #[test]
    fn the_loopback_is_an_interface() {
        assert_eq!(Vrf::of("lo"), Vrf::Interface);
    }
}
