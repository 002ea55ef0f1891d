//! From a host to addresses: a literal as it is, anything else by whoever was named to know; else by the system's resolver,
//! which may take its time and is therefore asked on a thread of its own, with a limit.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
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

/// Finds what names stand for; the answer comes within a time limit of its own.
pub trait Find: Send + Sync {
    fn find<'a>(&'a self, host: &'a str) -> Finding<'a>;
}

pub type Finding<'a> = Pin<Box<dyn Future<Output = Result<Vec<IpAddr>, Unresolved>> + Send + 'a>>;

/// Who knows what a name stands for.
#[derive(Clone)]
pub struct Names {
    source: Source,
    every: Duration,
}

#[derive(Clone)]
enum Source {
    System,
    /// For tests.
    Table(Arc<Table>),
    Other(Arc<dyn Find>),
}

type Table = dyn Fn(&str) -> Vec<IpAddr> + Send + Sync;

impl Default for Names {
    fn default() -> Self {
        Self {
            source: Source::System,
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
            source: Source::Table(Arc::new(table)),
            every,
        }
    }

    pub fn found_by(finder: Arc<dyn Find>) -> Self {
        Self {
            source: Source::Other(finder),
            ..Self::default()
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
        let found = match &self.source {
            Source::System => ask_system(host).await?,
            Source::Table(table) => table(host),
            Source::Other(finder) => finder.find(host).await?,
        };
        let of = |address| SocketAddr::new(address, port);
        let mut addresses: Vec<_> = found.into_iter().map(of).collect();
        addresses.sort_by_key(|address| address.is_ipv6() != ipv6);
        if addresses.is_empty() {
            Err(Unresolved::NoAddress)
        } else {
            Ok(addresses)
        }
    }
}

/// The system's resolver, whatever the configuration says.
pub async fn ask_system(host: &str) -> Result<Vec<IpAddr>, Unresolved> {
    let asked = tokio::time::timeout(LIMIT, tokio::net::lookup_host((host, 0)));
    let answer: io::Result<Vec<_>> = asked
        .await
        .map_err(|_| Unresolved::TimedOut)?
        .map(|found| found.map(|address| address.ip()).collect());
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
            let addresses = Names::default().resolve(host, 514, false).await;
            let addresses = addresses.expect("a literal");
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
