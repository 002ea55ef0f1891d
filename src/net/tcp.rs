//! TCP sockets as the message path wants them: connections with a bounded send buffer and keep-alive, listeners that may
//! take over a port that was just in use. Who connects when, and what is written, is decided elsewhere.

use std::io;
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use socket2::{Domain, SockRef, Socket, TcpKeepalive, Type};

use super::only_to::{OnlyTo, Outside};
use super::reason::reason;
use super::way::Way;

/// Why there is no connection; its text is the reason that `show` gives.
#[derive(Debug, thiserror::Error)]
pub enum NoConnection {
    #[error(transparent)]
    Outside(#[from] Outside),
    #[error("{}", reason(.0))]
    Failed(#[from] io::Error),
}

/// One non-blocking connection, or the reason why there is none after ten seconds.
pub async fn connect(to: SocketAddr, way: &Way, fence: &OnlyTo) -> Result<TcpStream, NoConnection> {
    fence.check(to.ip())?;
    let socket = if to.is_ipv4() {
        tokio::net::TcpSocket::new_v4()
    } else {
        tokio::net::TcpSocket::new_v6()
    }?;
    socket.set_send_buffer_size(SEND_BUFFER)?;
    way.tie(&socket)?;
    if let Some(source) = way.source {
        socket.bind(SocketAddr::new(source, 0))?;
    }
    let connected = tokio::time::timeout(LIMIT, socket.connect(to)).await;
    let stream = connected
        .map_err(|_| io::Error::from(io::ErrorKind::TimedOut))??
        .into_std()?;
    // A connection to a free port of this machine can meet itself (RFC 9293, 3.5: simultaneous open).
    if stream.local_addr()? == stream.peer_addr()? {
        return Err(io::Error::from(io::ErrorKind::ConnectionRefused).into());
    }
    stream.set_nodelay(true)?;
    SockRef::from(&stream).set_tcp_keepalive(&KEEPALIVE)?;
    Ok(stream)
}

/// A non-blocking listener; `any` as the IPv6 wildcard listens for IPv4 as well.
pub fn listen(at: SocketAddr) -> io::Result<std::net::TcpListener> {
    let socket = Socket::new(
        Domain::for_address(at),
        Type::STREAM.nonblocking().cloexec(),
        None,
    )?;
    socket.set_reuse_address(true)?;
    if at.is_ipv6() {
        socket.set_only_v6(!at.ip().is_unspecified())?;
    }
    socket.bind(&at.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

/// What the kernel keeps of ours, which bounds what must be kept to be sent again (C5b.4).
pub const SEND_BUFFER: u32 = 256 * 1024;
const LIMIT: Duration = Duration::from_secs(10);
const BACKLOG: i32 = 256;
/// A peer that vanished while nothing was to be said is noticed within two minutes.
const KEEPALIVE: TcpKeepalive = TcpKeepalive::new()
    .with_time(Duration::from_secs(60))
    .with_interval(Duration::from_secs(15))
    .with_retries(4);

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> SocketAddr {
        text.parse().expect("an address")
    }

    #[tokio::test]
    async fn a_connection_is_handed_over_ready_to_be_polled() {
        let listener = listen(at("127.0.0.1:0")).expect("a listener");
        let to = listener.local_addr().expect("its address");
        let stream = connect(to, &Way::default(), &OnlyTo::anywhere())
            .await
            .expect("a connection");
        let would_block = stream.peek(&mut [0]).map_err(|error| error.kind());
        assert_eq!(would_block, Err(io::ErrorKind::WouldBlock));
    }

    #[tokio::test]
    async fn a_connection_leaves_from_the_address_that_is_given() {
        let listener = listen(at("127.0.0.1:0")).expect("a listener");
        let to = listener.local_addr().expect("its address");
        let from = at("127.0.0.2:0").ip();
        let way = Way {
            source: Some(from),
            device: Some("lo".to_owned()),
        };
        let stream = connect(to, &way, &OnlyTo::anywhere())
            .await
            .expect("a connection");
        assert_eq!(stream.local_addr().expect("its address").ip(), from);
    }

    #[tokio::test]
    async fn a_connection_through_a_device_that_is_not_there_is_none() {
        let listener = listen(at("127.0.0.1:0")).expect("a listener");
        let to = listener.local_addr().expect("its address");
        let way = Way {
            device: Some("none-such".to_owned()),
            ..Way::default()
        };
        let fault = connect(to, &way, &OnlyTo::anywhere())
            .await
            .expect_err("there is no such device");
        assert_eq!(fault.to_string(), "no such device");
    }

    #[tokio::test]
    async fn a_refusal_is_said_in_words() {
        let listener = listen(at("127.0.0.1:0")).expect("a listener");
        let to = listener.local_addr().expect("its address");
        drop(listener);
        let fault = connect(to, &Way::default(), &OnlyTo::anywhere())
            .await
            .expect_err("nobody listens");
        assert_eq!(fault.to_string(), "connection refused");
    }

    #[tokio::test]
    async fn nothing_leaves_outside_the_fence() {
        let listener = listen(at("127.0.0.1:0")).expect("a listener");
        let to = listener.local_addr().expect("its address");
        let fence = "192.0.2.0/24".parse().expect("a network");
        let fault = connect(to, &Way::default(), &fence)
            .await
            .expect_err("outside");
        assert_eq!(fault.to_string(), "not in --only-to");
        let nobody = listener.accept().map_err(|error| error.kind());
        assert!(matches!(nobody, Err(io::ErrorKind::WouldBlock)));
    }
}
