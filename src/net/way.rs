//! Which way a socket leaves this host: from an address, through a device. Who wants that, and why, is decided elsewhere.

use std::io;
use std::net::IpAddr;
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
