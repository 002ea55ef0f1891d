//! Whether a port takes connections: one connection after the other, each closed at once. Who asks, and how it is shown, is
//! not here.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use super::names::Names;
use super::only_to::OnlyTo;
use super::reason::reason;
use super::udp;
use super::way::Way;

/// What is to be tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ping {
    /// A name or an address.
    pub host: Arc<str>,
    pub port: u16,
    /// Addresses of ours to connect from, the first of the host's family; without one the host's routing chooses.
    pub from: Vec<IpAddr>,
    pub tries: u16,
    /// For each try.
    pub patience: Duration,
}

/// What happened, in this order: why nothing can be tried, or where it goes and then the outcome of each try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pinged {
    Impossible(String),
    Begins {
        to: SocketAddr,
        from: IpAddr,
    },
    /// A connection was established in that time.
    Answered(Duration),
    Refused,
    /// Nothing was heard in time.
    Silent,
    Unreachable(String),
}

/// Tries until all tries are over, or `said` tells that nobody listens any more. `clock` is any that only goes forward.
pub async fn tcp(
    ping: Ping,
    names: Names,
    fence: OnlyTo,
    clock: impl Fn() -> Duration,
    said: impl Fn(Pinged) -> bool,
) {
    let (to, way, from) = match route(&ping, &names, &fence).await {
        Ok(route) => route,
        Err(why) => {
            said(Pinged::Impossible(why));
            return;
        }
    };
    let mut listens = said(Pinged::Begins { to, from });
    for _ in 0..ping.tries {
        if !listens {
            return;
        }
        let began = clock();
        let outcome = match tokio::time::timeout(ping.patience, connect(to, &way)).await {
            Err(_) => Pinged::Silent,
            Ok(Ok(())) => Pinged::Answered(clock().saturating_sub(began)),
            Ok(Err(error)) => match error.kind() {
                io::ErrorKind::ConnectionRefused | io::ErrorKind::ConnectionReset => {
                    Pinged::Refused
                }
                io::ErrorKind::TimedOut => Pinged::Silent,
                _ => Pinged::Unreachable(reason(&error)),
            },
        };
        listens = said(outcome);
    }
}

/// The first address of the host, the way there, and our address on it, which the kernel knows without sending anything.
async fn route(
    ping: &Ping,
    names: &Names,
    fence: &OnlyTo,
) -> Result<(SocketAddr, Way, IpAddr), String> {
    let addresses = names.resolve(&ping.host, ping.port, false).await;
    let addresses = addresses.map_err(|fault| fault.to_string())?;
    let to = *addresses.first().ok_or("no address for name")?;
    let mut ours = ping.from.iter().copied();
    let way = Way {
        source: ours.find(|from| from.is_ipv4() == to.is_ipv4() && !is_of_link(from)),
        ..Way::default()
    };
    let socket = udp::connect(to, &way, fence).map_err(|fault| fault.to_string())?;
    let from = socket.local_addr().map_err(|error| reason(&error))?;
    Ok((to, way, from.ip()))
}

/// It is valid on its link alone.
fn is_of_link(address: &IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => v4.is_link_local(),
        IpAddr::V6(v6) => v6.is_unicast_link_local(),
    }
}

async fn connect(to: SocketAddr, way: &Way) -> io::Result<()> {
    let socket = if to.is_ipv4() {
        tokio::net::TcpSocket::new_v4()
    } else {
        tokio::net::TcpSocket::new_v6()
    }?;
    if let Some(source) = way.source {
        socket.bind(SocketAddr::new(source, 0))?;
    }
    let stream = socket.connect(to).await?;
    // A connection to a free port of this machine can meet itself (RFC 9293, 3.5: simultaneous open).
    if stream.local_addr()? == stream.peer_addr()? {
        return Err(io::ErrorKind::ConnectionRefused.into());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;
    use std::sync::Mutex;

    use super::*;

    fn at(listener: &TcpListener) -> SocketAddr {
        listener.local_addr().expect("its address")
    }

    fn listener() -> TcpListener {
        TcpListener::bind("127.0.0.1:0").expect("a listener")
    }

    const HOST: &str = "host.example";

    /// Whoever asks this host's resolver learns nothing of it.
    fn names() -> Names {
        let known = |host: &str| match host {
            HOST => vec![IpAddr::from([127, 0, 0, 1])],
            _ => Vec::new(),
        };
        Names::told_by(known, Duration::MAX)
    }

    /// What is said of a port, until so much has been heard.
    async fn heard(to: SocketAddr, fence: OnlyTo, most: usize) -> Vec<Pinged> {
        heard_from(&[], to, fence, most).await
    }

    async fn heard_from(
        from: &[IpAddr],
        to: SocketAddr,
        fence: OnlyTo,
        most: usize,
    ) -> Vec<Pinged> {
        let said = Mutex::new(Vec::new());
        let ping = Ping {
            host: HOST.into(),
            port: to.port(),
            from: from.to_vec(),
            tries: 3,
            patience: Duration::from_secs(20),
        };
        let ticks = Mutex::new(Duration::ZERO);
        let clock = || {
            let mut ticks = ticks.lock().expect("no panic elsewhere");
            *ticks += Duration::from_millis(4);
            *ticks
        };
        let say = |pinged| {
            let mut said = said.lock().expect("no panic elsewhere");
            said.push(pinged);
            said.len() < most
        };
        tcp(ping, names(), fence, clock, say).await;
        said.into_inner().expect("no panic elsewhere")
    }

    #[tokio::test]
    async fn an_open_port_answers_every_try() {
        let listener = listener();
        let to = at(&listener);
        let answer = Pinged::Answered(Duration::from_millis(4));
        let expected = [
            Pinged::Begins { to, from: to.ip() },
            answer.clone(),
            answer.clone(),
            answer,
        ];
        assert_eq!(heard(to, OnlyTo::anywhere(), 99).await, expected);
    }

    #[tokio::test]
    async fn it_leaves_from_the_address_of_the_hosts_family() {
        let listener = listener();
        let from = ["::1", "127.0.0.2"].map(|text| text.parse().expect("an address"));
        let said = heard_from(&from, at(&listener), OnlyTo::anywhere(), 99).await;
        let begins = Pinged::Begins {
            to: at(&listener),
            from: from[1],
        };
        assert_eq!(said.first(), Some(&begins));
        let (_, peer) = listener.accept().expect("a connection");
        assert_eq!(peer.ip(), from[1]);
    }

    #[tokio::test]
    async fn a_port_where_nobody_listens_refuses() {
        let to = at(&listener());
        let said = heard(to, OnlyTo::anywhere(), 99).await;
        assert_eq!(
            said.get(1..),
            Some(&[Pinged::Refused, Pinged::Refused, Pinged::Refused][..])
        );
    }

    #[tokio::test]
    async fn nothing_is_tried_outside_the_fence() {
        let listener = listener();
        let fence = "192.0.2.0/24".parse().expect("a network");
        let said = heard(at(&listener), fence, 99).await;
        assert_eq!(said, [Pinged::Impossible("not in --only-to".to_owned())]);
        listener.set_nonblocking(true).expect("it can be");
        let nobody = listener.accept().map_err(|error| error.kind());
        assert!(matches!(nobody, Err(io::ErrorKind::WouldBlock)));
    }

    #[tokio::test]
    async fn it_ends_when_nobody_listens_any_more() {
        let listener = listener();
        assert_eq!(heard(at(&listener), OnlyTo::anywhere(), 2).await.len(), 2);
    }
}
