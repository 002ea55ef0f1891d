//! One question to one name server: the addresses of a name, or why there are none. Nothing is kept, no other server is asked and
//! no file is read; which servers there are, and in which order they are asked, is decided elsewhere.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::str::FromStr;
use std::time::Duration;

use hickory_resolver::Resolver;
use hickory_resolver::config::{
    ConnectionConfig, NameServerConfig, ResolveHosts, ResolverConfig, ResolverOpts,
};
use hickory_resolver::net::runtime::iocompat::AsyncIoTokioAsStd;
use hickory_resolver::net::runtime::{RuntimeProvider, TokioRuntimeProvider};
use hickory_resolver::net::{DnsError, NetError};
use hickory_resolver::proto::op::ResponseCode;
use hickory_resolver::proto::rr::{Name, RData, Record, RecordType};
use tokio::net::{TcpSocket, TcpStream, UdpSocket};
use tokio::time::timeout;

use super::only_to::{OnlyTo, Outside};
use super::way::Way;

/// A name server and the way to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    pub at: SocketAddr,
    pub way: Way,
}

/// What a server says that a name stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// At least one, at most `MOST_ADDRESSES`, IPv4 first.
    pub addresses: Vec<IpAddr>,
    /// How long that holds: the shortest of all records that led there.
    pub ttl: Duration,
}

/// Why a server has no address to offer; its text is what `show dns` says.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoAnswer {
    #[error(transparent)]
    NotPermitted(#[from] Outside),
    #[error("no answer")]
    Silent,
    #[error("no such name")]
    NoName,
    #[error("no address for name")]
    NoAddress,
    #[error("answers {0}")]
    Code(String),
    /// Records that do not lead from the name to an address: loops, chains that are too long.
    #[error("the answer is not valid")]
    Invalid,
    #[error("the name is not valid")]
    NotAName,
    #[error("{0}")]
    Failed(String),
}

/// Asks for both families at once, over UDP, over TCP where the answer does not fit; `patience` for all of it.
pub async fn ask(
    server: &Server,
    host: &str,
    patience: Duration,
    fence: &OnlyTo,
) -> Result<Answer, NoAnswer> {
    fence.check(server.at.ip())?;
    let name = absolute(host)?;
    let resolver = resolver(server, patience).map_err(|error| because(&error))?;
    let of = async |kind| -> Result<Answer, NoAnswer> {
        let lookup = resolver.lookup(name.clone(), kind).await;
        let lookup = lookup.map_err(|error| because(&error))?;
        addresses(&name, lookup.answers())
    };
    let both = async { tokio::join!(of(RecordType::A), of(RecordType::AAAA)) };
    let both = timeout(patience, both).await;
    match both.map_err(|_| NoAnswer::Silent)? {
        (Ok(v4), Ok(v6)) => Ok(Answer {
            ttl: v4.ttl.min(v6.ttl),
            addresses: [v4.addresses, v6.addresses].concat(),
        }),
        (Ok(one), Err(_)) | (Err(_), Ok(one)) => Ok(one),
        // That a name has no IPv6 address says nothing, if nothing is known of IPv4.
        (Err(v4), Err(_)) => Err(v4),
    }
}

/// A name in full: nothing is ever put behind it.
fn absolute(host: &str) -> Result<Name, NoAnswer> {
    let mut name = Name::from_str(host).map_err(|_| NoAnswer::NotAName)?;
    if name.num_labels() == 0 {
        return Err(NoAnswer::NotAName);
    }
    name.set_fqdn(true);
    Ok(name)
}

fn resolver(server: &Server, patience: Duration) -> Result<Resolver<Bound>, NetError> {
    let bind = server.way.source.map(|source| SocketAddr::new(source, 0));
    let connections = [ConnectionConfig::udp(), ConnectionConfig::tcp()].map(|mut connection| {
        connection.port = server.at.port();
        connection.bind_addr = bind;
        connection
    });
    let server_config = NameServerConfig::new(server.at.ip(), true, connections.into());
    let config = ResolverConfig::from_parts(None, Vec::new(), vec![server_config]);
    let mut options = ResolverOpts::default();
    options.timeout = patience;
    // One server, one question: whether to ask again is not decided here.
    options.attempts = 0;
    options.cache_size = 0;
    options.use_hosts_file = ResolveHosts::Never;
    let bound = Bound {
        tokio: TokioRuntimeProvider::default(),
        way: server.way.clone(),
    };
    Resolver::builder_with_config(config, bound)
        .with_options(options)
        .build()
}

/// Sockets that leave the way that the server is reached by.
#[derive(Clone)]
struct Bound {
    tokio: TokioRuntimeProvider,
    way: Way,
}

type Opened<T> = Pin<Box<dyn Send + Future<Output = io::Result<T>>>>;

impl RuntimeProvider for Bound {
    type Handle = <TokioRuntimeProvider as RuntimeProvider>::Handle;
    type Timer = <TokioRuntimeProvider as RuntimeProvider>::Timer;
    type Udp = UdpSocket;
    type Tcp = AsyncIoTokioAsStd<TcpStream>;

    fn create_handle(&self) -> Self::Handle {
        self.tokio.create_handle()
    }

    fn connect_tcp(
        &self,
        to: SocketAddr,
        from: Option<SocketAddr>,
        limit: Option<Duration>,
    ) -> Opened<Self::Tcp> {
        let way = self.way.clone();
        Box::pin(async move {
            let socket = if to.is_ipv4() {
                TcpSocket::new_v4()
            } else {
                TcpSocket::new_v6()
            }?;
            way.tie(&socket)?;
            if let Some(from) = from {
                socket.bind(from)?;
            }
            socket.set_nodelay(true)?;
            let connected = timeout(limit.unwrap_or(TO_CONNECT), socket.connect(to)).await;
            Ok(AsyncIoTokioAsStd(
                connected.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))??,
            ))
        })
    }

    fn bind_udp(&self, from: SocketAddr, _: SocketAddr) -> Opened<Self::Udp> {
        let way = self.way.clone();
        Box::pin(async move {
            let kind = socket2::Type::DGRAM.nonblocking().cloexec();
            let socket = socket2::Socket::new(socket2::Domain::for_address(from), kind, None)?;
            way.tie(&socket)?;
            socket.bind(&from.into())?;
            UdpSocket::from_std(socket.into())
        })
    }
}

const TO_CONNECT: Duration = Duration::from_secs(5);

/// Where the records of one answer lead from a name: along at most `MOST_ALIASES` of them to addresses.
pub fn addresses(name: &Name, records: &[Record]) -> Result<Answer, NoAnswer> {
    let mut at = name;
    let mut ttl = LONGEST;
    for _ in 0..=MOST_ALIASES {
        let here = || records.iter().filter(|record| record.name == *at);
        let found: Vec<_> = here()
            .filter_map(|record| Some((ip(&record.data)?, record.ttl)))
            .take(MOST_ADDRESSES)
            .collect();
        if !found.is_empty() {
            let shortest = found.iter().map(|(_, ttl)| *ttl).min().unwrap_or(ttl);
            return Ok(Answer {
                addresses: found.into_iter().map(|(address, _)| address).collect(),
                ttl: Duration::from_secs(ttl.min(shortest).into()),
            });
        }
        let alias = here().find_map(|record| match &record.data {
            RData::CNAME(target) => Some((&target.0, record.ttl)),
            _ => None,
        });
        let Some((target, of_alias)) = alias else {
            return Err(NoAnswer::NoAddress);
        };
        ttl = ttl.min(of_alias);
        at = target;
    }
    Err(NoAnswer::Invalid)
}

/// Nobody can be reached at an address that stands for none or for many.
fn ip(data: &RData) -> Option<IpAddr> {
    let address = match data {
        RData::A(v4) => IpAddr::V4(v4.0),
        RData::AAAA(v6) => IpAddr::V6(v6.0),
        _ => return None,
    };
    let is_broadcast = address == IpAddr::V4(std::net::Ipv4Addr::BROADCAST);
    (!address.is_unspecified() && !address.is_multicast() && !is_broadcast).then_some(address)
}

fn because(error: &NetError) -> NoAnswer {
    match error {
        NetError::Timeout => NoAnswer::Silent,
        NetError::Dns(DnsError::NoRecordsFound(none)) => match none.response_code {
            ResponseCode::NXDomain => NoAnswer::NoName,
            ResponseCode::NoError => NoAnswer::NoAddress,
            code => NoAnswer::Code(code.to_str().to_owned()),
        },
        NetError::Dns(DnsError::ResponseCode(code)) => NoAnswer::Code(code.to_str().to_owned()),
        NetError::Io(error) if error.kind() == io::ErrorKind::TimedOut => NoAnswer::Silent,
        NetError::Io(error) => NoAnswer::Failed(super::http::io_words(error)),
        NetError::Proto(_) | NetError::Truncated => NoAnswer::Invalid,
        other => NoAnswer::Failed(other.to_string()),
    }
}

/// RFC 8767, 4: a longer time is not believed.
const LONGEST: u32 = 7 * 24 * 60 * 60;
const MOST_ALIASES: usize = 8;
/// Of either family.
pub const MOST_ADDRESSES: usize = 16;

#[cfg(test)]
#[path = "resolve_tests.rs"]
mod tests;
