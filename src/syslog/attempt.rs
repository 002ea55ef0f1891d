//! One attempt to establish the link of a session: its name, its addresses, the fence, our own inputs, the connection.
//! When to try, and what to do with the outcome, is decided by control.

use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::sync::Arc;
use std::time::Duration;

use super::orders::Socket;
use super::plan::{HostPlan, Plan, Target};
use crate::config::logging::{
    InputAddress, InputKey, InputPort, InputTransport, SessionKey, Transport,
};
use crate::device::{self, vrf::Vrf};
use crate::net::names::{Names, Unresolved};
use crate::net::only_to::OnlyTo;
use crate::net::tcp::{self, NoConnection};
use crate::net::udp;
use crate::net::way::{Way, suitable};

/// What an attempt needs to know.
#[derive(Clone)]
pub struct Attempt {
    pub host: HostPlan,
    /// Addresses of that family come first.
    pub ipv6: bool,
    pub plan: Arc<Plan>,
    pub fence: OnlyTo,
    pub names: Names,
}

/// A link.
pub struct Established {
    pub socket: Socket,
    pub peer: SocketAddr,
    /// The address that it was told to have; `None` leaves it to the host's routing.
    pub source: Option<IpAddr>,
}

/// Why there is no link; its text is the reason that `show logging` gives.
#[derive(Debug, thiserror::Error)]
pub enum NoLink {
    #[error(transparent)]
    Name(#[from] Unresolved),
    #[error(transparent)]
    Connection(#[from] NoConnection),
    #[error("it is an input of this device")]
    OwnInput,
    /// What a name means may change.
    #[error("it is an input of this device")]
    NamesOwnInput,
    #[error("VRF {0} does not exist")]
    NoVrf(Arc<str>),
    #[error("VRF {0} has no address of that family")]
    NoAddress(Arc<str>),
    #[error("transport {} is not supported", .0.keyword())]
    Unsupported(Transport),
}

impl NoLink {
    /// Trying again changes nothing as long as the configuration stays.
    pub fn is_hopeless(&self) -> bool {
        match self {
            Self::OwnInput | Self::Unsupported(_) | Self::Connection(NoConnection::Outside(_)) => {
                true
            }
            Self::Name(_)
            | Self::NamesOwnInput
            | Self::Connection(NoConnection::Failed(_))
            | Self::NoVrf(_)
            | Self::NoAddress(_) => false,
        }
    }
}

impl Attempt {
    /// After a wait, the first address that can be reached.
    pub async fn run(self, wait: Duration) -> Result<Established, NoLink> {
        if !wait.is_zero() {
            tokio::time::sleep(wait).await;
        }
        if let Some(known) = self.at_once() {
            return known;
        }
        let key = &self.host.key;
        let name = match &self.host.target {
            Target::Address(address) => address.to_string(),
            Target::Name(name) => name.to_string(),
        };
        let mut fault = NoLink::Name(Unresolved::NoAddress);
        let addresses = self.names.resolve(&name, key.port, self.ipv6).await?;
        let is_own = |address: &SocketAddr| is_own_input(&self.plan, key, *address);
        // One address of several is enough: the name means this device.
        if matches!(self.host.target, Target::Name(_)) && addresses.iter().any(is_own) {
            return Err(NoLink::NamesOwnInput);
        }
        for address in addresses {
            match self.connect(address).await {
                Ok(established) => return Ok(established),
                Err(error) => fault = error,
            }
        }
        Err(fault)
    }

    /// What needs no waiting: a datagram socket to a known address, or a refusal.
    pub fn at_once(&self) -> Option<Result<Established, NoLink>> {
        match (&self.host.target, self.host.key.transport) {
            (_, transport @ (Transport::Beep | Transport::Tls)) => {
                Some(Err(NoLink::Unsupported(transport)))
            }
            (Target::Address(address), Transport::Udp) => {
                Some(self.datagrams(SocketAddr::new(*address, self.host.key.port)))
            }
            _ => None,
        }
    }

    async fn connect(&self, peer: SocketAddr) -> Result<Established, NoLink> {
        match self.host.key.transport {
            Transport::Udp => self.datagrams(peer),
            Transport::Tcp => {
                self.check(peer)?;
                let way = self.way(peer)?;
                Ok(Established {
                    socket: Socket::Tcp(tcp::connect(peer, &way, &self.fence).await?),
                    peer,
                    source: way.source,
                })
            }
            transport @ (Transport::Beep | Transport::Tls) => Err(NoLink::Unsupported(transport)),
        }
    }

    fn datagrams(&self, peer: SocketAddr) -> Result<Established, NoLink> {
        self.check(peer)?;
        let way = self.way(peer)?;
        Ok(Established {
            socket: Socket::Udp(udp::connect(peer, &way, &self.fence)?),
            peer,
            source: way.source,
        })
    }

    /// Out of the interface and the VRF that the session names.
    fn way(&self, to: SocketAddr) -> Result<Way, NoLink> {
        let source = self.source(to);
        let Some(vrf) = &self.host.vrf else {
            return Ok(Way {
                source,
                device: None,
            });
        };
        match Vrf::of(vrf) {
            Vrf::Device => Ok(Way {
                source,
                device: Some(vrf.to_string()),
            }),
            Vrf::Interface => {
                let own = || suitable(&device::addresses_of(vrf), to.ip());
                Ok(Way {
                    source: Some(
                        source
                            .or_else(own)
                            .ok_or_else(|| NoLink::NoAddress(vrf.clone()))?,
                    ),
                    device: None,
                })
            }
            Vrf::Absent => Err(NoLink::NoVrf(vrf.clone())),
        }
    }

    /// The address of the interface that the session leaves by; none leaves it to the host's routing.
    fn source(&self, to: SocketAddr) -> Option<IpAddr> {
        source(self.host.interface.as_deref()?, to)
    }

    fn check(&self, address: SocketAddr) -> Result<(), NoLink> {
        if is_own_input(&self.plan, &self.host.key, address) {
            Err(NoLink::OwnInput)
        } else {
            Ok(())
        }
    }
}

/// The address of an interface of this host that a socket to there should have.
pub fn source(interface: &str, to: SocketAddr) -> Option<IpAddr> {
    suitable(&device::addresses_of(interface), to.ip())
}

/// A session that feeds our own input would never end (C3.2).
pub fn is_own_input(plan: &Plan, key: &SessionKey, address: SocketAddr) -> bool {
    let transport = match key.transport {
        Transport::Udp => InputTransport::Udp,
        Transport::Tcp => InputTransport::Tcp,
        Transport::Beep | Transport::Tls => return false,
    };
    let ours = |input: &InputPort| {
        input.transport == transport
            && input.port == address.port()
            && reaches(address.ip(), input.address)
    };
    plan.inputs
        .iter()
        .any(|input| matches!(&input.key, InputKey::Port(port) if ours(port)))
}

fn reaches(to: IpAddr, listening: InputAddress) -> bool {
    // Who connects to the unspecified address meets this machine.
    let to = to.to_canonical();
    match listening {
        InputAddress::One(at) => {
            at.to_canonical() == to || (to.is_unspecified() && at.is_loopback())
        }
        InputAddress::Any => to.is_unspecified() || to.is_loopback() || is_local(to),
    }
}

/// Only an address of this machine can be bound.
fn is_local(address: IpAddr) -> bool {
    UdpSocket::bind((address, 0)).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::RunningConfig;
    use crate::config::interfaces::{Interface, Interfaces};
    use crate::config::logging::{Egress, Host, Logging};

    fn ip(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    /// The attempt of a session to 127.0.0.2 that leaves by an interface of that name.
    fn attempt(interface: &str) -> Attempt {
        let mut interfaces = Interfaces::default();
        let named = Interface {
            nameif: Some("inside".into()),
            security_level: None,
        };
        interfaces.by_name.insert(interface.into(), named);
        let mut logging = Logging::default();
        let key = SessionKey {
            host: "127.0.0.2".into(),
            vrf: None,
            transport: Transport::Udp,
            port: 514,
            channel: None,
        };
        let egress = Egress {
            interface: "Inside".into(),
            emblem: false,
            reference_identity: None,
        };
        let host = Host {
            egress: Some(egress),
            ..Host::default()
        };
        logging.hosts.set(key, host);
        let config = RunningConfig {
            interfaces: Arc::new(interfaces),
            logging: Arc::new(logging),
            ..RunningConfig::default()
        };
        let plan = Plan::from(&config);
        Attempt {
            host: plan.hosts.first().expect("the session").clone(),
            ipv6: false,
            plan: Arc::new(plan),
            fence: OnlyTo::anywhere(),
            names: Names::default(),
        }
    }

    #[test]
    fn an_interface_of_this_host_gives_its_address_and_another_none() {
        let to = SocketAddr::new(ip("127.0.0.2"), 514);
        assert_eq!(attempt("lo").source(to), Some(ip("127.0.0.1")));
        assert_eq!(attempt("none-such").source(to), None);
    }

    #[test]
    fn the_source_is_the_first_address_of_the_peers_family() {
        let addresses = ["fe80::1", "192.0.2.1", "192.0.2.2", "2001:db8::1"].map(ip);
        let of = |to: &str| suitable(&addresses, ip(to));
        assert_eq!(of("198.51.100.7"), Some(ip("192.0.2.1")));
        assert_eq!(of("2001:db8:1::7"), Some(ip("2001:db8::1")));
        assert_eq!(of("fe80::7"), Some(ip("fe80::1")));
        assert_eq!(suitable(&[ip("fe80::1")], ip("2001:db8::7")), None);
        assert_eq!(suitable(&[], ip("198.51.100.7")), None);
    }
}
