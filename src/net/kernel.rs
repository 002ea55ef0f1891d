//! What the kernel alone knows: how much of a TCP stream the peer's host has acknowledged, how many datagrams a full receive
//! buffer has cost, whether anything disciplines the clock; and what the C library alone is told, where large blocks of memory
//! come from. The one file with `unsafe`: neither std, nix, socket2 nor rustix does it. Everything else is theirs, elsewhere.

#![allow(unsafe_code)]

use std::io;
use std::os::fd::{AsRawFd, BorrowedFd};

/// Octets of ours that the peer's host has acknowledged on this connection, `TCP_INFO`'s `tcpi_bytes_acked` less the one that
/// stands for the SYN. Answers for a connection that was reset, too.
pub fn acknowledged(socket: BorrowedFd<'_>) -> io::Result<u64> {
    let mut answer = [0; TCP_INFO_LENGTH];
    let length = option(socket, libc::IPPROTO_TCP, libc::TCP_INFO, &mut answer)?;
    let octets = answer
        .get(BYTES_ACKED..BYTES_ACKED + 8)
        .filter(|_| length >= BYTES_ACKED + 8);
    let octets: [u8; 8] = octets
        .and_then(|o| o.try_into().ok())
        .ok_or(io::ErrorKind::Unsupported)?;
    Ok(u64::from_ne_bytes(octets).saturating_sub(1))
}

/// Datagrams that found the receive buffer full since the socket was opened, modulo 2^32; `SO_MEMINFO`'s `SK_MEMINFO_DROPS`.
pub fn drops(socket: BorrowedFd<'_>) -> io::Result<u32> {
    let mut answer = [0; MEMINFO_LENGTH];
    let length = option(socket, libc::SOL_SOCKET, libc::SO_MEMINFO, &mut answer)?;
    let octets = answer.get(DROPS..DROPS + 4).filter(|_| length >= DROPS + 4);
    let octets: [u8; 4] = octets
        .and_then(|o| o.try_into().ok())
        .ok_or(io::ErrorKind::Unsupported)?;
    Ok(u32::from_ne_bytes(octets))
}

/// Whether a time server disciplines the clock, `adjtimex(2)`; `None` where the kernel does not answer, as in some containers.
pub fn is_clock_synchronised() -> Option<bool> {
    // SAFETY: all of it may be zero, integers alone; `modes` is 0, so nothing is set.
    let mut state: libc::timex = unsafe { std::mem::zeroed() };
    // SAFETY: the kernel writes into `state` and keeps no pointer.
    match unsafe { libc::adjtimex(&raw mut state) } {
        -1 => None,
        libc::TIME_ERROR => Some(false),
        _ => Some(state.status & libc::STA_UNSYNC == 0),
    }
}

/// Blocks of memory from this size on are the kernel's again as soon as they are free. glibc raises the bound to the size of
/// whatever was freed, and queues that grow and shrink for hours then leave holes between small blocks. Nothing elsewhere.
pub fn return_large_blocks() {
    #[cfg(target_env = "gnu")]
    // SAFETY: it sets a number of the allocator, under the allocator's own lock, and keeps no pointer.
    unsafe {
        libc::mallopt(libc::M_MMAP_THRESHOLD, LARGE_BLOCK);
    }
}

#[cfg(target_env = "gnu")]
const LARGE_BLOCK: libc::c_int = 256 * 1024;

/// Fills `answer` as far as the kernel has something to say; its length.
fn option(socket: BorrowedFd<'_>, level: i32, name: i32, answer: &mut [u8]) -> io::Result<usize> {
    let mut length =
        libc::socklen_t::try_from(answer.len()).map_err(|_| io::ErrorKind::InvalidInput)?;
    // SAFETY: the descriptor is borrowed, so it is open; `answer` is writable for `length` octets, any of which may be any
    // value; the kernel writes no more than `length` of them and keeps neither pointer.
    let result = unsafe {
        libc::getsockopt(
            socket.as_raw_fd(),
            level,
            name,
            answer.as_mut_ptr().cast(),
            &raw mut length,
        )
    };
    if result == 0 {
        Ok(length as usize)
    } else {
        Err(io::Error::last_os_error())
    }
}

// Offsets in `struct tcp_info` and in the array of `SO_MEMINFO` (linux/tcp.h, linux/sock_diag.h): parts of the kernel's
// promise to programs, so they never move; newer kernels only append.
const BYTES_ACKED: usize = 120;
const TCP_INFO_LENGTH: usize = 256;
const DROPS: usize = 8 * 4;
const MEMINFO_LENGTH: usize = 16 * 4;

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::{TcpListener, TcpStream, UdpSocket};
    use std::os::fd::AsFd;

    use super::*;

    #[test]
    fn what_a_peer_has_read_is_acknowledged_even_after_a_reset() {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a listener");
        let mut ours =
            TcpStream::connect(listener.local_addr().expect("its address")).expect("a connection");
        let (mut theirs, _) = listener.accept().expect("the peer");
        assert_eq!(acknowledged(ours.as_fd()).expect("an answer"), 0);
        ours.write_all(&[7; 1000]).expect("room in the buffer");
        theirs.read_exact(&mut [0; 900]).expect("what was written");
        drop(theirs);
        // Octets were left unread, so the peer's end is a reset; reading tells that it has arrived.
        assert!(ours.read(&mut [0; 1]).is_err());
        assert_eq!(acknowledged(ours.as_fd()).expect("an answer"), 1000);
    }

    #[test]
    fn the_kernel_says_the_same_of_its_clock_when_it_is_asked_again() {
        assert_eq!(is_clock_synchronised(), is_clock_synchronised());
    }

    #[test]
    fn datagrams_beyond_the_buffer_are_counted() {
        let socket = UdpSocket::bind("127.0.0.1:0").expect("a socket");
        socket2::SockRef::from(&socket)
            .set_recv_buffer_size(4096)
            .expect("a small buffer");
        let sender = UdpSocket::bind("127.0.0.1:0").expect("a socket");
        let to = socket.local_addr().expect("its address");
        let sent = (0..100)
            .map(|_| sender.send_to(&[0; 1000], to))
            .filter(Result::is_ok)
            .count();
        socket.set_nonblocking(true).expect("a flag");
        let mut got = 0;
        while socket.recv(&mut [0; 2000]).is_ok() {
            got += 1;
        }
        assert!(got < sent);
        assert_eq!(
            drops(socket.as_fd()).expect("an answer") as usize,
            sent - got
        );
    }
}
