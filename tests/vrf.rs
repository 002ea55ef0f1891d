//! A session in a VRF of the kernel: one address stands in the VRF and in the default table, and each session reaches its own.
//! The test makes itself a network name space; where it may not, or the kernel knows no VRF, it says so and passes.

use std::io::{BufRead, BufReader, ErrorKind, Write};
use std::net::{SocketAddr, TcpListener, UdpSocket};
use std::process::{Command, Stdio};
use std::time::Duration;

use socket2::{Domain, Socket, Type};

/// What is waited for longer than this does not come.
const PATIENCE: Duration = Duration::from_secs(30);
const INSIDE: &str = "WATCHFIRE_TEST_INSIDE";
const NAME: &str = "a_session_in_a_vrf_arrives_there_and_not_in_the_default_table";

/// Runs to its end; what it said where it failed.
fn run(command: &mut Command) -> Result<(), String> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .map_err(|error| error.to_string())?;
    if output.status.success() {
        return Ok(());
    }
    let said = [output.stdout, output.stderr].concat();
    Err(String::from_utf8_lossy(&said).into_owned())
}

fn ip(line: &str) -> Result<(), String> {
    run(Command::new("ip").args(line.split(' ')))
}

#[test]
fn a_session_in_a_vrf_arrives_there_and_not_in_the_default_table() {
    if std::env::var_os(INSIDE).is_some() {
        return inside();
    }
    let possible = run(Command::new("unshare").args([
        "--net", "ip", "link", "add", "red", "type", "vrf", "table", "10",
    ]));
    if let Err(why) = possible {
        // Past the harness, which keeps what tests that pass have printed.
        writeln!(
            std::io::stderr(),
            "skipped: no VRF can be made: {}",
            why.trim()
        )
        .expect("written");
        return;
    }
    let this = std::env::current_exe().expect("this test");
    let ended = run(Command::new("unshare")
        .arg("--net")
        .arg(this)
        .args(["--exact", NAME, "--nocapture"])
        .env(INSIDE, "1"));
    if let Err(said) = ended {
        panic!("in the name space: {said}");
    }
}

/// A socket on the address that stands in both, in the VRF or in the default table.
fn socket(kind: Type, port: u16, vrf: Option<&str>) -> Socket {
    let at: SocketAddr = ([192, 0, 2, 7], port).into();
    let socket = Socket::new(Domain::IPV4, kind, None).expect("a socket");
    socket
        .bind_device(vrf.map(str::as_bytes))
        .expect("a device");
    socket.bind(&at.into()).expect("its address");
    if kind == Type::STREAM {
        socket.listen(8).expect("a listener");
    }
    socket
}

/// What has arrived by now.
fn arrived(socket: &UdpSocket) -> Vec<String> {
    socket.set_nonblocking(true).expect("a socket");
    let (mut room, mut lines) = ([0; 8192], Vec::new());
    loop {
        match socket.recv(&mut room) {
            Ok(length) => lines.push(String::from_utf8_lossy(&room[..length]).into_owned()),
            Err(error) if error.kind() == ErrorKind::WouldBlock => return lines,
            Err(error) => panic!("{error}"),
        }
    }
}

fn inside() {
    for line in [
        "link set lo up",
        "link add red type vrf table 10",
        "link set red up",
        "address add 192.0.2.7/32 dev red",
        "address add 192.0.2.7/32 dev lo",
    ] {
        ip(line).unwrap_or_else(|said| panic!("ip {line}: {said}"));
    }
    let red_udp: UdpSocket = socket(Type::DGRAM, 5140, Some("red")).into();
    let udp: UdpSocket = socket(Type::DGRAM, 5140, None).into();
    let red_tcp: TcpListener = socket(Type::STREAM, 5141, Some("red")).into();
    let tcp: TcpListener = socket(Type::STREAM, 5141, None).into();
    let folder = tempfile::tempdir().expect("a folder");
    let lines = [
        "configure terminal",
        "logging host 192.0.2.7 vrf red transport udp port 5140 session-id string red",
        "logging host 192.0.2.7 vrf red transport tcp port 5141 session-id string red",
        "logging host 192.0.2.7 transport udp port 5140 session-id string default",
        "end",
        "send log 5 which way",
    ];
    run(Command::new(env!("CARGO_BIN_EXE_watchfire"))
        .arg("--state")
        .arg(folder.path().join("state"))
        .args(lines.iter().flat_map(|line| ["-c", line])))
    .unwrap_or_else(|said| panic!("the device: {said}"));
    // What the device sent was delivered when it had ended: it never left this host.
    for (socket, tag) in [(&red_udp, "red:5140"), (&udp, "default:5140")] {
        let lines = arrived(socket);
        assert!(lines.iter().all(|line| line.contains(tag)), "{lines:?}");
        assert!(lines.iter().any(|line| line.contains("which way")), "{tag}");
    }
    red_tcp.set_nonblocking(true).expect("a socket");
    let (stream, _) = red_tcp.accept().expect("a connection in the VRF");
    stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
    let lines: Vec<String> = BufReader::new(stream)
        .lines()
        .map_while(Result::ok)
        .collect();
    assert!(
        lines.iter().any(|line| line.contains("which way")),
        "{lines:?}"
    );
    tcp.set_nonblocking(true).expect("a socket");
    let strayed = tcp.accept().map(drop).map_err(|error| error.kind());
    assert_eq!(strayed, Err(ErrorKind::WouldBlock));
}
