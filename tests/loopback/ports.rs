//! Ports for processes that tests start: nobody has one, and no test that runs at the same time is given it, in this process
//! or in another. What a test can open itself it opens as port 0 and keeps.

use std::net::{TcpListener, UdpSocket};
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::sync::Mutex;

/// Those that a system gives to connections and to port 0 begin above; here only who asks for one by its number gets it.
const FIRST: u32 = 10_000;
const COUNT: u32 = 22_000;

/// A port of UDP and TCP on loopback, this process's until it ends.
pub(crate) fn free() -> u16 {
    // A name without a file is one process's at a time, and gone with it, however it ends.
    static CLAIMS: Mutex<Vec<UnixDatagram>> = Mutex::new(Vec::new());
    let mut claims = CLAIMS.lock().expect("nobody panics");
    let start = std::process::id().wrapping_mul(64);
    for step in 0..COUNT {
        let port = FIRST + start.wrapping_add(step) % COUNT;
        let port = u16::try_from(port).expect("a port");
        let name = SocketAddr::from_abstract_name(format!("watchfire-test-port-{port}"))
            .expect("a short name");
        let Ok(claim) = UnixDatagram::bind_addr(&name) else {
            continue;
        };
        let at = ("127.0.0.1", port);
        if TcpListener::bind(at).is_ok() && UdpSocket::bind(at).is_ok() {
            claims.push(claim);
            return port;
        }
    }
    panic!("no port is free");
}
