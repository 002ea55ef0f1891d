//! Where sessions go and where they leave from: IPv6, names whose addresses move, source interfaces, VRFs; and how their
//! lines are told apart on a stream.

use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, UdpSocket};
use std::sync::{Mutex, PoisonError};

use super::bench::*;
use super::*;
use crate::config::logging::{Host, SessionKey, Transport};
use crate::config::logging_form::DeviceId;
use crate::message::Severity;
use crate::syslog::api::Link;

fn say(bench: &Bench, body: &str) {
    bench
        .engine
        .say(Own::sys(Severity::Notifications, "TEST", body));
}

fn named(host: &str, transport: Transport, port: u16) -> SessionKey {
    SessionKey {
        host: host.into(),
        vrf: None,
        transport,
        port,
        channel: None,
    }
}

fn link_of(bench: &Bench, key: &SessionKey) -> Link {
    let hosts = bench.engine.status().hosts;
    let session = hosts.into_iter().find(|host| host.key == *key);
    session.expect("the session").link
}

/// A name whose address a test changes.
fn moving(first: IpAddr) -> (Arc<Mutex<IpAddr>>, Bench) {
    let address = Arc::new(Mutex::new(first));
    let bench = Bench::naming({
        let address = address.clone();
        move |_| vec![*address.lock().unwrap_or_else(PoisonError::into_inner)]
    });
    (address, bench)
}

fn set(address: &Mutex<IpAddr>, to: IpAddr) {
    *address.lock().unwrap_or_else(PoisonError::into_inner) = to;
}

#[test]
fn a_host_may_have_an_ipv6_address() {
    let mut bench = Bench::start();
    let listening = TcpListener::bind((Ipv6Addr::LOCALHOST, 0)).expect("IPv6 on loopback");
    let at = listening.local_addr().expect("its address");
    let socket = UdpSocket::bind((Ipv6Addr::LOCALHOST, 0)).expect("a socket");
    socket.set_read_timeout(Some(LIMIT)).expect("a timeout");
    let datagrams = Datagrams(socket);
    bench.configure(|logging| {
        logging.origin_id = Some(crate::config::logging::OriginId::Ipv6);
        let host = || Host {
            ipv6: true,
            ..Host::default()
        };
        logging.hosts.set(key(Transport::Tcp, at), host());
        let udp = datagrams.0.local_addr().expect("its address");
        logging.hosts.set(key(Transport::Udp, udp), host());
    });
    let mut stream = Stream::accept(&listening);
    // What comes before the link is there cannot have its address.
    let tcp = key(Transport::Tcp, at);
    eventually("the link is there", || link_of(&bench, &tcp) == Link::Up);
    say(&bench, "over six");
    let datagram = datagrams.line_with("over six");
    assert!(datagram.contains(": ::1: "), "{datagram}");
    let line = stream.line_with("over six");
    assert!(line.contains(": ::1: "), "{line}");
}

#[test]
fn a_name_is_asked_for_again_when_its_connection_is_lost() {
    let first: IpAddr = Ipv4Addr::new(127, 0, 0, 2).into();
    let second: IpAddr = Ipv4Addr::new(127, 0, 0, 3).into();
    let (address, mut bench) = moving(first);
    let one = TcpListener::bind((first, 0)).expect("a listener");
    let port = one.local_addr().expect("its address").port();
    let two = TcpListener::bind((second, port)).expect("a listener");
    let key = named("collector.example", Transport::Tcp, port);
    bench.configure(|logging| logging.hosts.set(key.clone(), Host::default()));
    let stream = Stream::accept(&one);
    set(&address, second);
    drop((stream, one));
    let _next = Stream::accept(&two);
    eventually("the session is there", || link_of(&bench, &key) == Link::Up);
}

#[test]
fn a_name_without_an_address_is_a_reason_and_asked_for_again() {
    let known = Arc::new(Mutex::new(Vec::new()));
    let mut bench = Bench::naming({
        let known = known.clone();
        move |_| known.lock().unwrap_or_else(PoisonError::into_inner).clone()
    });
    let (datagrams, at) = Datagrams::open();
    let key = named("collector.example", Transport::Udp, at.port());
    bench.configure(|logging| logging.hosts.set(key.clone(), Host::default()));
    eventually("the reason is shown", || {
        link_of(&bench, &key)
            == Link::Down {
                reason: "no address for name".to_owned(),
            }
    });
    say(&bench, "waits");
    known
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .push(at.ip());
    datagrams.line_with("waits");
}

#[test]
fn a_session_over_udp_follows_its_name() {
    let (address, mut bench) = moving(Ipv4Addr::new(127, 0, 0, 2).into());
    let open = |ip: IpAddr, port| {
        let socket = UdpSocket::bind((ip, port)).expect("a socket");
        socket.set_read_timeout(Some(LIMIT)).expect("a timeout");
        Datagrams(socket)
    };
    let one = open(Ipv4Addr::new(127, 0, 0, 2).into(), 0);
    let port = one.0.local_addr().expect("its address").port();
    let two = open(Ipv4Addr::new(127, 0, 0, 3).into(), port);
    let key = named("collector.example", Transport::Udp, port);
    bench.configure(|logging| logging.hosts.set(key.clone(), Host::default()));
    say(&bench, "to the first");
    one.line_with("to the first");
    set(&address, Ipv4Addr::new(127, 0, 0, 3).into());
    let there: IpAddr = Ipv4Addr::new(127, 0, 0, 3).into();
    eventually("the session has moved", || {
        let hosts = bench.engine.status().hosts;
        hosts
            .iter()
            .any(|host| host.address.is_some_and(|at| at.ip() == there))
    });
    say(&bench, "to the second");
    two.line_with("to the second");
}

/// Where the datagram with a text came from.
fn from(datagrams: &Datagrams, text: &str) -> SocketAddr {
    let mut room = [0; 2048];
    loop {
        let (length, from) = datagrams
            .0
            .recv_from(&mut room)
            .expect("a datagram in time");
        if String::from_utf8_lossy(&room[..length]).contains(text) {
            return from;
        }
    }
}

#[test]
fn a_session_leaves_from_its_source_interface() {
    let mut bench = Bench::start();
    let (datagrams, at) = Datagrams::open();
    bench.configure(|logging| {
        logging.form.sources.insert(None, "lo".into());
        logging.origin_id = Some(crate::config::logging::OriginId::Ip);
    });
    bench.host(Transport::Udp, at);
    say(&bench, "from lo");
    let before = from(&datagrams, "from lo");
    assert_eq!(before.ip(), IpAddr::from(Ipv4Addr::LOCALHOST));
    // One that this host has not leaves it to the routing, on a new socket.
    bench.configure(|logging| {
        logging.form.sources.insert(None, "none-such".into());
    });
    eventually("the session leaves another way", || {
        say(&bench, "by routing");
        from(&datagrams, "by routing") != before
    });
}

/// In a network of its own, on a thread that nobody else uses; its interface `wf0` has 192.0.2.1.
fn in_a_network(test: impl FnOnce() + Send + 'static) {
    let there = std::thread::spawn(|| {
        if let Err(error) = nix::sched::unshare(nix::sched::CloneFlags::CLONE_NEWNET) {
            return skipped(&format!("no network of its own: {error}"));
        }
        let made = "link set lo up; link add wf0 type veth peer name wf1; address add 192.0.2.1/24 dev wf0; link set wf0 up";
        if !made.split("; ").all(ip) {
            return skipped("no ip, or no pair of interfaces");
        }
        // The second of two addresses of one network goes with the first unless it is promoted.
        std::fs::write("/proc/sys/net/ipv4/conf/wf0/promote_secondaries", "1").expect("a setting");
        test();
    });
    assert!(there.join().is_ok(), "what was said above");
}

#[test]
fn sessions_follow_the_address_of_their_source_interface() {
    in_a_network(|| {
        let mut bench = Bench::start();
        let (datagrams, udp) = Datagrams::open();
        let (listening, tcp) = listener();
        socket2::SockRef::from(&listening)
            .set_read_timeout(Some(LIMIT))
            .expect("a timeout");
        bench.configure(|logging| {
            logging.form.sources.insert(None, "wf0".into());
            logging.hosts.set(key(Transport::Udp, udp), Host::default());
            logging.hosts.set(key(Transport::Tcp, tcp), Host::default());
        });
        let accept = |from: &str| {
            let (stream, peer) = listening.accept().expect("a connection");
            assert_eq!(peer.ip().to_string(), from);
            Stream::of(stream)
        };
        let mut stream = accept("192.0.2.1");
        say(&bench, "first");
        assert_eq!(from(&datagrams, "first").ip().to_string(), "192.0.2.1");
        stream.line_with("first");
        for (changes, address) in [
            (
                "address add 192.0.2.7/24 dev wf0; address del 192.0.2.1/24 dev wf0",
                "192.0.2.7",
            ),
            // Without one the host's routing chooses.
            ("address flush dev wf0", "127.0.0.1"),
            ("address add 192.0.2.8/24 dev wf0", "192.0.2.8"),
        ] {
            assert!(changes.split("; ").all(ip), "{changes}");
            let mut next = accept(address);
            eventually(changes, || {
                say(&bench, "again");
                from(&datagrams, "again").ip().to_string() == address
            });
            say(&bench, address);
            next.line_with(address);
        }
    });
}

#[test]
fn device_id_follows_the_address_of_its_interface() {
    in_a_network(|| {
        let mut bench = Bench::start();
        let (datagrams, at) = Datagrams::open();
        bench.interfaces.by_name.insert(
            "wf0".into(),
            crate::config::interfaces::Interface {
                nameif: Some("outside".into()),
                security_level: None,
            },
        );
        bench.configure(|logging| {
            logging.form.device_id = Some(DeviceId::Address("outside".into()));
            let egress = crate::config::logging::Egress {
                interface: "inside".into(),
                emblem: false,
                reference_identity: None,
            };
            let host = Host {
                egress: Some(egress),
                ..Host::default()
            };
            logging.hosts.set(key(Transport::Udp, at), host);
        });
        say(&bench, "first");
        let line = datagrams.line_with("first");
        assert!(line.contains("192.0.2.1 : %SYS-5-TEST"), "{line}");
        for (change, named) in [
            ("address add 192.0.2.7/24 dev wf0", "192.0.2.1 : "),
            ("address del 192.0.2.1/24 dev wf0", "192.0.2.7 : "),
            ("address flush dev wf0", ">%SYS"),
            ("address add 192.0.2.8/24 dev wf0", "192.0.2.8 : "),
        ] {
            assert!(ip(change), "{change}");
            eventually(change, || {
                say(&bench, "again");
                datagrams.line_with("again").contains(named)
            });
        }
    });
}

fn ip(arguments: &str) -> bool {
    let ran = std::process::Command::new("ip")
        .args(arguments.split(' '))
        .status();
    ran.is_ok_and(|status| status.success())
}

fn skipped(reason: &str) {
    writeln!(io::stderr(), "skipped: {reason}").expect("written");
}

#[test]
fn a_vrf_that_is_not_there_is_the_reason_and_an_interface_can_be_one() {
    let mut bench = Bench::start();
    let (datagrams, at) = Datagrams::open();
    let of = |vrf: &str, at: SocketAddr| SessionKey {
        vrf: Some(vrf.into()),
        ..key(Transport::Udp, at)
    };
    let (red, lo) = (of("red", at), of("lo", at));
    bench.configure(|logging| {
        logging.hosts.set(red.clone(), Host::default());
        logging.hosts.set(lo.clone(), Host::default());
    });
    assert_eq!(
        link_of(&bench, &red),
        Link::Down {
            reason: "VRF red does not exist".to_owned()
        }
    );
    assert_eq!(link_of(&bench, &lo), Link::Up);
    say(&bench, "through lo");
    datagrams.line_with("through lo");
}

/// R7: both ends have one transport. Where only datagrams are taken no connection comes up, and the other way round.
#[test]
fn a_session_is_up_only_where_its_transport_is_taken() {
    let mut bench = Bench::start();
    let (datagrams, at) = Datagrams::open();
    let (listening, connections) = listener();
    bench.host(Transport::Tcp, at);
    bench.host(Transport::Udp, connections);
    let tcp = key(Transport::Tcp, at);
    let refused = Link::Down {
        reason: "connection refused".to_owned(),
    };
    eventually("it is refused", || link_of(&bench, &tcp) == refused);
    say(&bench, "to nobody");
    eventually("the datagrams have left", || {
        bench
            .status_of(Transport::Udp, connections)
            .counters
            .delivered
            > 0
    });
    datagrams.0.set_nonblocking(true).expect("a socket");
    let got = datagrams.0.recv(&mut [0; 1]).map_err(|error| error.kind());
    assert_eq!(got, Err(io::ErrorKind::WouldBlock));
    listening.set_nonblocking(true).expect("a socket");
    let accepted = listening.accept().map(drop).map_err(|error| error.kind());
    assert_eq!(accepted, Err(io::ErrorKind::WouldBlock));
}

#[test]
fn without_a_delimiter_nothing_stands_between_messages() {
    let mut bench = Bench::start();
    let (listening, at) = listener();
    bench.configure(|logging| logging.form.delimiter = Some(false));
    bench.host(Transport::Tcp, at);
    let (mut stream, _) = listening.accept().expect("a connection");
    stream.set_read_timeout(Some(LIMIT)).expect("a timeout");
    say(&bench, "one");
    say(&bench, "two");
    let mut got = Vec::new();
    let mut room = [0; 1024];
    while !got.ends_with(b"two") {
        let length = stream.read(&mut room).expect("bytes in time");
        assert!(length > 0, "the stream has ended");
        got.extend_from_slice(&room[..length]);
    }
    let got = String::from_utf8_lossy(&got);
    assert!(!got.contains('\n'), "{got}");
    assert!(got.contains("%SYS-5-TEST: one<189>"), "{got}");
}
