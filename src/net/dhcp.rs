//! Asks the DHCP servers of a network which name servers there are. No lease is taken and nothing is changed; the two messages
//! are in `wire::dhcp`, and whether anybody may be asked is decided elsewhere.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use nix::sys::socket::{setsockopt, sockopt};
use socket2::{Domain, Socket, Type};
use tokio::net::UdpSocket;
use tokio::time::{Instant, timeout_at};

use super::http::io_words;
use super::only_to::{OnlyTo, Outside};
use crate::wire::dhcp::Inform;

/// Who asks, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    /// The interface by the kernel's name.
    pub device: String,
    pub address: Ipv4Addr,
    pub hardware: [u8; 6],
}

/// Why no server named any; its text is what `show dns` says.
#[derive(Debug, thiserror::Error)]
pub enum NoServers {
    #[error(transparent)]
    NotPermitted(#[from] Outside),
    #[error("no answer from a DHCP server")]
    Silent,
    #[error("the DHCP server names no name server")]
    None,
    #[error("{}", io_words(.0))]
    Failed(#[from] io::Error),
}

/// Asks by broadcast, again and again within `patience`, until a server answers; a few name servers, in its order.
pub async fn inform(
    client: &Client,
    patience: Duration,
    fence: &OnlyTo,
) -> Result<Vec<Ipv4Addr>, NoServers> {
    fence.check(Ipv4Addr::BROADCAST.into())?;
    let socket = socket(&client.device)?;
    let mut number = [0; 4];
    getrandom::fill(&mut number).map_err(|error| io::Error::other(error.to_string()))?;
    let asked = Inform {
        number: u32::from_be_bytes(number),
        address: client.address,
        hardware: client.hardware,
    };
    let question = asked.question();
    let end = Instant::now() + patience;
    let mut pause = FIRST_PAUSE;
    let mut buffer = [0; LONGEST];
    while Instant::now() < end {
        let to = SocketAddr::new(Ipv4Addr::BROADCAST.into(), SERVER_PORT);
        socket.send_to(&question, to).await?;
        let next = (Instant::now() + pause).min(end);
        pause *= 2;
        while let Ok(received) = timeout_at(next, socket.recv_from(&mut buffer)).await {
            let (length, from) = received?;
            let bytes = buffer.get(..length).unwrap_or_default();
            if from.port() != SERVER_PORT {
                continue;
            }
            if let Some(servers) = asked.name_servers(bytes) {
                return if servers.is_empty() {
                    Err(NoServers::None)
                } else {
                    Ok(servers)
                };
            }
        }
    }
    Err(NoServers::Silent)
}

/// Beside a DHCP client that has the port, too, where that one permits it.
fn socket(device: &str) -> io::Result<UdpSocket> {
    let socket = Socket::new(Domain::IPV4, Type::DGRAM.nonblocking().cloexec(), None)?;
    socket.set_reuse_address(true)?;
    socket.set_broadcast(true)?;
    setsockopt(&socket, sockopt::BindToDevice, &device.into())?;
    socket.bind(&SocketAddr::new(Ipv4Addr::UNSPECIFIED.into(), CLIENT_PORT).into())?;
    UdpSocket::from_std(socket.into())
}

const CLIENT_PORT: u16 = 68;
const SERVER_PORT: u16 = 67;
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST: usize = 1500;

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn nobody_outside_the_fence_is_asked() {
        let client = Client {
            device: "lo".to_owned(),
            address: Ipv4Addr::new(192, 0, 2, 9),
            hardware: [2, 0, 0, 0, 0, 9],
        };
        let fence = "192.0.2.0/24".parse().expect("a network");
        let asked = inform(&client, Duration::from_secs(1), &fence).await;
        assert!(matches!(asked, Err(NoServers::NotPermitted(_))));
    }
}
