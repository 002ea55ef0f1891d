//! From a host to addresses: a literal as it is, anything else by the system's resolver, which may take its time and is
//! therefore asked on a thread of its own, with a limit. Names that the configuration knows are looked up before that.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

/// Why a host has no address; its text is the reason that `show` gives.
#[derive(Debug, thiserror::Error)]
pub enum Unresolved {
    #[error("no address for name")]
    NoAddress,
    #[error("name server did not answer")]
    TimedOut,
}

/// All addresses of `host`, at least one; those of the wanted family first.
pub async fn resolve(host: &str, port: u16, ipv6: bool) -> Result<Vec<SocketAddr>, Unresolved> {
    let literal = host
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
        .unwrap_or(host);
    if let Ok(address) = literal.parse::<IpAddr>() {
        return Ok(vec![SocketAddr::new(address, port)]);
    }
    let asked = tokio::time::timeout(LIMIT, tokio::net::lookup_host((host, port)));
    let answer: io::Result<Vec<_>> = asked
        .await
        .map_err(|_| Unresolved::TimedOut)?
        .map(Iterator::collect);
    let mut addresses = answer.map_err(|_| Unresolved::NoAddress)?;
    addresses.sort_by_key(|address| address.is_ipv6() != ipv6);
    if addresses.is_empty() {
        Err(Unresolved::NoAddress)
    } else {
        Ok(addresses)
    }
}

/// The system's resolver usually gives up by itself before that.
const LIMIT: Duration = Duration::from_secs(15);

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_literal_needs_no_asking_with_or_without_brackets() {
        for (host, expected) in [
            ("192.0.2.1", "192.0.2.1:514"),
            ("2001:db8::1", "[2001:db8::1]:514"),
            ("[2001:db8::1]", "[2001:db8::1]:514"),
        ] {
            let addresses = resolve(host, 514, false).await.expect("a literal");
            assert_eq!(
                addresses
                    .iter()
                    .map(ToString::to_string)
                    .collect::<Vec<_>>(),
                [expected]
            );
        }
    }
}
