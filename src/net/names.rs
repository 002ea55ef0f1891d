//! From a host to addresses: a literal as it is, anything else by the system's resolver, which may take its time and is
//! therefore asked on a thread of its own, with a limit. Names that the configuration knows are looked up before that.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

/// Why a host has no address; its text is the reason that `show` gives.
#[derive(Debug, thiserror::Error)]
pub enum Unresolved {
    #[error("no address for name")]
    NoAddress,
    #[error("name server did not answer")]
    TimedOut,
}

/// Who knows what a name stands for: the system's resolver, or a table for tests.
#[derive(Clone)]
pub struct Names {
    table: Option<Arc<Table>>,
    every: Duration,
}

type Table = dyn Fn(&str) -> Vec<IpAddr> + Send + Sync;

impl Default for Names {
    fn default() -> Self {
        Self {
            table: None,
            every: Duration::from_secs(300),
        }
    }
}

impl Names {
    /// The table's answers, as they are when it is asked.
    pub fn told_by(
        table: impl Fn(&str) -> Vec<IpAddr> + Send + Sync + 'static,
        every: Duration,
    ) -> Self {
        Self {
            table: Some(Arc::new(table)),
            every,
        }
    }

    /// How often a name is worth asking for again while its address works.
    pub fn every(&self) -> Duration {
        self.every
    }

    /// All addresses of `host`, at least one; those of the wanted family first.
    pub async fn resolve(
        &self,
        host: &str,
        port: u16,
        ipv6: bool,
    ) -> Result<Vec<SocketAddr>, Unresolved> {
        let literal = host
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'))
            .unwrap_or(host);
        if let Ok(address) = literal.parse::<IpAddr>() {
            return Ok(vec![SocketAddr::new(address, port)]);
        }
        let mut addresses = match &self.table {
            Some(table) => {
                let of = |address| SocketAddr::new(address, port);
                table(host).into_iter().map(of).collect()
            }
            None => ask_system(host, port).await?,
        };
        addresses.sort_by_key(|address| address.is_ipv6() != ipv6);
        if addresses.is_empty() {
            Err(Unresolved::NoAddress)
        } else {
            Ok(addresses)
        }
    }
}

/// `Names::resolve` by the system.
pub async fn resolve(host: &str, port: u16, ipv6: bool) -> Result<Vec<SocketAddr>, Unresolved> {
    Names::default().resolve(host, port, ipv6).await
}

async fn ask_system(host: &str, port: u16) -> Result<Vec<SocketAddr>, Unresolved> {
    let asked = tokio::time::timeout(LIMIT, tokio::net::lookup_host((host, port)));
    let answer: io::Result<Vec<_>> = asked
        .await
        .map_err(|_| Unresolved::TimedOut)?
        .map(Iterator::collect);
    answer.map_err(|_| Unresolved::NoAddress)
}

/// The system's resolver usually gives up by itself before that.
const LIMIT: Duration = Duration::from_secs(15);

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_wanted_family_comes_first_and_no_address_is_a_reason() {
        let table = |name: &str| match name {
            "both" => ["127.0.0.1", "::1"]
                .map(|text| text.parse().expect("an address"))
                .to_vec(),
            _ => Vec::new(),
        };
        let names = Names::told_by(table, LIMIT);
        let first = async |ipv6| names.resolve("both", 514, ipv6).await.expect("addresses")[0];
        assert_eq!(first(false).await.to_string(), "127.0.0.1:514");
        assert_eq!(first(true).await.to_string(), "[::1]:514");
        let none = names.resolve("none", 514, false).await;
        assert_eq!(
            none.expect_err("nothing").to_string(),
            "no address for name"
        );
    }

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
