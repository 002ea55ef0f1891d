//! Which way a socket leaves this host: from an address, through a device. Who wants that, and why, is decided elsewhere.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::os::fd::AsFd;

use nix::sys::socket::{setsockopt, sockopt};

/// What is not said is left to the host's routing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Way {
    pub source: Option<IpAddr>,
    /// An interface, or a VRF, by the kernel's name.
    pub device: Option<String>,
}

impl Way {
    /// Ties a socket to the device (`SO_BINDTODEVICE`, since Linux 5.7 without any privilege); to be done before it is bound.
    pub(super) fn tie(&self, socket: &impl AsFd) -> io::Result<()> {
        match &self.device {
            Some(device) => Ok(setsockopt(socket, sockopt::BindToDevice, &device.into())?),
            None => Ok(()),
        }
    }
}

/// Where connections leave this host from, whatever they go to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Leave {
    /// One of them, where one suits the peer.
    pub sources: Vec<IpAddr>,
    /// An interface, or a VRF, by the kernel's name.
    pub device: Option<String>,
}

impl Leave {
    pub fn way(&self, to: SocketAddr) -> Way {
        Way {
            source: suitable(&self.sources, to.ip()),
            device: self.device.clone(),
        }
    }
}

/// The first address of the peer's family; one that is valid on its link alone only for a peer that is, too.
pub fn suitable(addresses: &[IpAddr], to: IpAddr) -> Option<IpAddr> {
    let is_local = |address: &IpAddr| match address {
        IpAddr::V4(v4) => v4.is_link_local(),
        IpAddr::V6(v6) => v6.is_unicast_link_local(),
    };
    let mut same = addresses
        .iter()
        .filter(|address| address.is_ipv4() == to.is_ipv4());
    same.find(|address| !is_local(address) || is_local(&to))
        .copied()
}
