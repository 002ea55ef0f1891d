//! UDP sockets and their batches: many datagrams for one system call, in and out. What a datagram says, and who may send
//! one, is decided elsewhere.

use std::io::{self, IoSlice, IoSliceMut};
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::os::fd::AsRawFd;

use nix::sys::socket::{
    AddressFamily, MsgFlags, MultiHeaders, SockaddrLike, SockaddrStorage, recvmmsg, sendmmsg,
    setsockopt, sockopt,
};
use socket2::{Domain, SockRef, Socket, Type};

use super::only_to::OnlyTo;
use super::tcp::NoConnection;
use super::way::Way;

/// A non-blocking socket that receives, with the largest receive buffer that the system grants; `any` as the IPv6 wildcard
/// receives from IPv4 as well.
pub fn listen(at: SocketAddr) -> io::Result<UdpSocket> {
    let socket = Socket::new(
        Domain::for_address(at),
        Type::DGRAM.nonblocking().cloexec(),
        None,
    )?;
    if at.is_ipv6() {
        socket.set_only_v6(!at.ip().is_unspecified())?;
    }
    // Beyond the system's limit only with the privilege for it; a smaller buffer is no reason not to receive.
    if setsockopt(&socket, sockopt::RcvBufForce, &RECEIVE_BUFFER).is_err() {
        socket.set_recv_buffer_size(RECEIVE_BUFFER)?;
    }
    socket.bind(&at.into())?;
    Ok(socket.into())
}

/// A non-blocking socket that sends to one address.
pub fn connect(to: SocketAddr, way: &Way, fence: &OnlyTo) -> Result<UdpSocket, NoConnection> {
    fence.check(to.ip())?;
    let socket = Socket::new(
        Domain::for_address(to),
        Type::DGRAM.nonblocking().cloexec(),
        None,
    )?;
    SockRef::from(&socket).set_send_buffer_size(SEND_BUFFER)?;
    way.tie(&socket)?;
    if let Some(source) = way.source {
        socket.bind(&SocketAddr::new(source, 0).into())?;
    }
    socket.connect(&to.into())?;
    Ok(socket.into())
}

/// Room for one batch of datagrams of any size; shared by all inputs of a plane. Pages that no datagram reached cost nothing.
pub struct Datagrams {
    room: Vec<u8>,
}

impl Default for Datagrams {
    fn default() -> Self {
        Self {
            room: vec![0; BATCH * LARGEST],
        }
    }
}

/// The kernel's headers of one socket's batches. Each socket has its own: the room for a sender's address keeps the size
/// of the last one.
pub struct Headers(MultiHeaders<SockaddrStorage>);

impl Default for Headers {
    fn default() -> Self {
        // A control buffer must not be reused: the kernel shrinks it.
        Self(MultiHeaders::preallocate(BATCH, None))
    }
}

impl std::fmt::Debug for Headers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Headers")
    }
}

/// One system call: hands each datagram with its sender to `take` and says how many there were; fewer than `BATCH` means
/// that the socket was empty.
pub fn receive(
    socket: &impl AsRawFd,
    headers: &mut Headers,
    datagrams: &mut Datagrams,
    mut take: impl FnMut(IpAddr, &[u8]),
) -> io::Result<usize> {
    let mut slices: Vec<[IoSliceMut<'_>; 1]> = datagrams
        .room
        .chunks_exact_mut(LARGEST)
        .map(|room| [IoSliceMut::new(room)])
        .collect();
    let results = recvmmsg(
        socket.as_raw_fd(),
        &mut headers.0,
        slices.iter_mut(),
        MsgFlags::MSG_DONTWAIT,
        None,
    )?;
    let mut count = 0;
    for result in results {
        count += 1;
        let bytes = result.iovs().next().unwrap_or_default();
        take(sender(result.address.as_ref()), bytes);
    }
    Ok(count)
}

/// The unspecified address where the kernel named none.
fn sender(address: Option<&SockaddrStorage>) -> IpAddr {
    let unspecified = IpAddr::from([0, 0, 0, 0]);
    let Some(address) = address else {
        return unspecified;
    };
    match address.family() {
        Some(AddressFamily::Inet) => address
            .as_sockaddr_in()
            .map_or(unspecified, |a| a.ip().into()),
        Some(AddressFamily::Inet6) => address
            .as_sockaddr_in6()
            .map_or(unspecified, |a| a.ip().to_canonical()),
        _ => unspecified,
    }
}

/// Sends up to `BATCH` datagrams on a connected socket with one system call; how many the kernel took, at least one.
pub fn send<'a>(
    socket: &impl AsRawFd,
    datagrams: impl Iterator<Item = &'a [u8]>,
) -> io::Result<usize> {
    let slices: Vec<[IoSlice<'_>; 1]> = datagrams
        .take(BATCH)
        .map(|datagram| [IoSlice::new(datagram)])
        .collect();
    let flags = MsgFlags::MSG_DONTWAIT | MsgFlags::MSG_NOSIGNAL;
    if let [[one]] = slices.as_slice() {
        nix::sys::socket::send(socket.as_raw_fd(), one, flags)?;
        return Ok(1);
    }
    let mut headers = MultiHeaders::<SockaddrStorage>::preallocate(slices.len(), None);
    let nobody = vec![None::<SockaddrStorage>; slices.len()];
    Ok(sendmmsg(
        socket.as_raw_fd(),
        &mut headers,
        slices.iter(),
        &nobody,
        [],
        flags,
    )?
    .count())
}

/// Datagrams of one system call.
pub const BATCH: usize = 64;
/// No datagram of the network is larger; a local one that fills it has more than 64 KiB.
const LARGEST: usize = 64 * 1024 + 1;
const RECEIVE_BUFFER: usize = 16 * 1024 * 1024;
const SEND_BUFFER: usize = 1024 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> SocketAddr {
        text.parse().expect("an address")
    }

    fn pair() -> (UdpSocket, UdpSocket) {
        let receiving = listen(at("127.0.0.1:0")).expect("a socket");
        let to = receiving.local_addr().expect("its address");
        (
            receiving,
            connect(to, &Way::default(), &OnlyTo::anywhere()).expect("a socket"),
        )
    }

    #[test]
    fn a_batch_arrives_whole_in_order_and_with_its_sender() {
        let (receiving, sending) = pair();
        let texts: Vec<String> = (0..100)
            .map(|n| format!("datagram {n} {}", "x".repeat(n * 10)))
            .collect();
        let first = send(&sending, texts.iter().map(String::as_bytes)).expect("sent");
        assert_eq!(first, BATCH);
        let rest = send(&sending, texts.iter().skip(first).map(String::as_bytes)).expect("sent");
        assert_eq!(first + rest, texts.len());
        let (mut headers, mut room, mut got) =
            (Headers::default(), Datagrams::default(), Vec::new());
        let mut take = |from: IpAddr, bytes: &[u8]| {
            assert_eq!(from, at("127.0.0.1:0").ip());
            got.push(String::from_utf8_lossy(bytes).into_owned());
        };
        assert_eq!(
            receive(&receiving, &mut headers, &mut room, &mut take).expect("a batch"),
            BATCH
        );
        assert_eq!(
            receive(&receiving, &mut headers, &mut room, &mut take).expect("a batch"),
            rest
        );
        let empty =
            receive(&receiving, &mut headers, &mut room, &mut take).map_err(|error| error.kind());
        assert_eq!(empty, Err(io::ErrorKind::WouldBlock));
        assert_eq!(got, texts);
    }

    #[test]
    fn the_largest_and_the_empty_datagram_arrive() {
        let (receiving, sending) = pair();
        let largest = vec![b'x'; 65_507];
        for datagram in [largest.as_slice(), b""] {
            assert_eq!(send(&sending, std::iter::once(datagram)).expect("sent"), 1);
        }
        let mut lengths = Vec::new();
        let count = receive(
            &receiving,
            &mut Headers::default(),
            &mut Datagrams::default(),
            |_, bytes| {
                lengths.push(bytes.len());
            },
        );
        assert_eq!((count.ok(), lengths), (Some(2), vec![65_507, 0]));
    }

    #[test]
    fn senders_of_both_families_are_told_apart_on_a_wildcard_socket() {
        let Ok(receiving) = listen(at("[::]:0")) else {
            return;
        };
        let port = receiving.local_addr().expect("its address").port();
        for to in ["127.0.0.1", "[::1]"] {
            let sending = connect(
                at(&format!("{to}:{port}")),
                &Way::default(),
                &OnlyTo::anywhere(),
            )
            .expect("a socket");
            send(&sending, std::iter::once(to.as_bytes())).expect("sent");
        }
        let mut senders = Vec::new();
        let count = receive(
            &receiving,
            &mut Headers::default(),
            &mut Datagrams::default(),
            |from, _| {
                senders.push(from.to_string());
            },
        );
        assert_eq!(
            (count.ok(), senders),
            (Some(2), vec!["127.0.0.1".to_owned(), "::1".to_owned()])
        );
    }

    #[test]
    fn datagrams_leave_from_the_address_that_is_given() {
        let receiving = listen(at("127.0.0.1:0")).expect("a socket");
        let to = receiving.local_addr().expect("its address");
        let from = at("127.0.0.2:0").ip();
        let way = Way {
            source: Some(from),
            device: Some("lo".to_owned()),
        };
        let sending = connect(to, &way, &OnlyTo::anywhere()).expect("a socket");
        send(&sending, std::iter::once(b"x".as_slice())).expect("sent");
        let mut senders = Vec::new();
        let count = receive(
            &receiving,
            &mut Headers::default(),
            &mut Datagrams::default(),
            |sender, _| senders.push(sender),
        );
        assert_eq!((count.ok(), senders), (Some(1), vec![from]));
    }

    #[test]
    fn no_datagram_leaves_outside_the_fence() {
        let fence = "192.0.2.0/24".parse().expect("a network");
        assert_eq!(
            connect(at("127.0.0.1:9"), &Way::default(), &fence)
                .expect_err("outside")
                .to_string(),
            "not in --only-to"
        );
    }
}
