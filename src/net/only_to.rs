//! The rehearsal's fence: the networks to which anything may leave. Everything that opens a connection or sends a datagram
//! asks here first (C1.12).

use std::net::IpAddr;
use std::str::FromStr;
use std::sync::Arc;

use ipnet::IpNet;

/// `--only-to ADDRESS/LEN[,...]`; without it everything may be reached.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OnlyTo(Option<Arc<[IpNet]>>);

/// Why something was not sent; its text is the reason that `show` gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not in --only-to")]
pub struct Outside;

/// What is wrong with the argument.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is no network such as 10.0.0.0/8 or 127.0.0.1/32")]
pub struct NoNetwork(pub String);

impl OnlyTo {
    /// No fence.
    pub const fn anywhere() -> Self {
        Self(None)
    }

    pub const fn is_anywhere(&self) -> bool {
        self.0.is_none()
    }

    /// Asked before each connection and for each connected datagram socket.
    pub fn check(&self, address: IpAddr) -> Result<(), Outside> {
        let address = address.to_canonical();
        match &self.0 {
            None => Ok(()),
            Some(networks) if networks.iter().any(|network| network.contains(&address)) => Ok(()),
            Some(_) => Err(Outside),
        }
    }
}

impl FromStr for OnlyTo {
    type Err = NoNetwork;

    /// A bare address is a network of one.
    fn from_str(text: &str) -> Result<Self, NoNetwork> {
        let network = |part: &str| {
            let part = part.trim();
            part.parse::<IpNet>()
                .or_else(|_| part.parse::<IpAddr>().map(IpNet::from))
                .map_err(|_| NoNetwork(part.to_owned()))
        };
        text.split(',')
            .map(network)
            .collect::<Result<Arc<[_]>, _>>()
            .map(|all| Self(Some(all)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn without_a_fence_everything_may_be_reached() {
        assert_eq!(OnlyTo::anywhere().check(ip("192.0.2.1")), Ok(()));
    }

    #[test]
    fn only_the_named_networks_may_be_reached() {
        let fence: OnlyTo = "127.0.0.0/8, 2001:db8::/32,192.0.2.7"
            .parse()
            .expect("three networks");
        for inside in [
            "127.0.0.1",
            "127.255.0.1",
            "2001:db8::1",
            "192.0.2.7",
            "::ffff:127.0.0.1",
        ] {
            assert_eq!(fence.check(ip(inside)), Ok(()), "{inside}");
        }
        for outside in ["192.0.2.8", "128.0.0.1", "2001:db9::1", "::1"] {
            assert_eq!(fence.check(ip(outside)), Err(Outside), "{outside}");
        }
        assert_eq!(Outside.to_string(), "not in --only-to");
    }

    #[test]
    fn what_is_no_network_is_named_and_never_widens_the_fence() {
        for bad in [
            "",
            "10.0.0.0/8,",
            "10.0.0.0/33",
            "localhost",
            "10.0.0.0/8,,127.0.0.1",
        ] {
            assert!(bad.parse::<OnlyTo>().is_err(), "{bad}");
        }
    }
}
