//! The whole room in one process on loopback: real sockets, the host's clock, no sleeping.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::time::Instant;

use super::bench::*;
use super::*;
use crate::config::interfaces::{Interface, Interfaces};
use crate::config::logging::{Egress, Host, Hosts, Input, InputTransport, Transport};
use crate::message::Severity;
use crate::syslog::api::Link;

#[test]
fn what_a_datagram_brings_leaves_on_every_session_exactly_and_in_order() {
    let mut bench = Bench::start();
    let ((datagrams, udp), (listener, tcp)) = (Datagrams::open(), listener());
    bench.host(Transport::Udp, udp);
    bench.host(Transport::Tcp, tcp);
    let mut stream = Stream::accept(&listener);
    let input = bench.input(InputTransport::Udp);
    let sender = UdpSocket::bind("127.0.0.1:0").expect("a socket");
    for n in 0..300 {
        sender
            .send_to(message(&format!("n{n}")).as_bytes(), input)
            .expect("sent");
    }
    assert_eq!(datagrams.bodies(300), numbered(0..300));
    assert_eq!(stream.bodies(300), numbered(0..300));
    let status = bench.input_status(input);
    assert_eq!(
        (
            status.received,
            status.malformed,
            status.dropped,
            status.refused
        ),
        (300, 0, 0, 0)
    );
    assert_eq!(bench.engine.status().device.received_by_inputs, 300);
}

#[test]
fn both_framings_and_several_peers_arrive_over_tcp() {
    let mut bench = Bench::start();
    let (datagrams, udp) = Datagrams::open();
    bench.host(Transport::Udp, udp);
    let input = bench.input(InputTransport::Tcp);
    let mut peers: Vec<_> = (0..10)
        .map(|_| TcpStream::connect(input).expect("a connection"))
        .collect();
    for (n, peer) in peers.iter_mut().enumerate() {
        let text = message(&format!("peer {n}"));
        let frame = if n % 2 == 0 {
            format!("{text}\n")
        } else {
            format!("{} {text}", text.len())
        };
        peer.write_all(frame.as_bytes()).expect("written");
    }
    let mut got = datagrams.bodies(10);
    got.sort();
    assert_eq!(
        got,
        (0..10).map(|n| format!("peer {n}")).collect::<Vec<_>>()
    );
    assert_eq!(bench.input_status(input).connections, 10);
    drop(peers);
    eventually("peers that left are forgotten", || {
        bench.input_status(input).connections == 0
    });
}

#[test]
fn a_peer_with_an_endless_frame_is_closed_and_the_others_go_on() {
    let mut bench = Bench::start();
    let (datagrams, udp) = Datagrams::open();
    bench.host(Transport::Udp, udp);
    let input = bench.input(InputTransport::Tcp);
    let mut good = TcpStream::connect(input).expect("a connection");
    let mut bad = TcpStream::connect(input).expect("a connection");
    bad.set_read_timeout(Some(LIMIT)).expect("a timeout");
    bad.write_all(format!("70000 {}", message("oversize")).as_bytes())
        .expect("written");
    assert!(
        matches!(bad.read(&mut [0; 1]), Ok(0) | Err(_)),
        "the peer is still there"
    );
    good.write_all(format!("{}\n", message("after")).as_bytes())
        .expect("written");
    assert_eq!(datagrams.bodies(1), ["after"]);
    let status = bench.input_status(input);
    assert_eq!(
        (status.received, status.malformed, status.connections),
        (1, 1, 1)
    );
    assert_eq!(
        status.last_error.as_deref(),
        Some("frame over 64 KiB (127.0.0.1)")
    );
}

#[test]
fn senders_that_are_not_named_are_refused_and_counted() {
    let mut bench = Bench::start();
    let net = |text: &str| text.parse().expect("an address");
    let from = vec![(net("192.0.2.0"), net("255.255.255.0"))];
    let udp = bench.input_from(InputTransport::Udp, Input { from: from.clone() });
    let tcp = bench.input_from(InputTransport::Tcp, Input { from });
    let sender = UdpSocket::bind("127.0.0.1:0").expect("a socket");
    sender.send_to(message("no").as_bytes(), udp).expect("sent");
    let mut peer = TcpStream::connect(tcp).expect("the kernel accepts");
    peer.set_read_timeout(Some(LIMIT)).expect("a timeout");
    assert!(
        matches!(peer.read(&mut [0; 1]), Ok(0) | Err(_)),
        "the peer is still there"
    );
    eventually("both are counted", || {
        bench.input_status(udp).refused == 1 && bench.input_status(tcp).refused == 1
    });
    assert_eq!(bench.engine.status().device.received_by_inputs, 0);
}

#[test]
fn refusing_and_stalled_receivers_do_not_delay_the_others() {
    let mut bench = Bench::start();
    let (stalled, at) = listener();
    socket2::SockRef::from(&stalled)
        .set_recv_buffer_size(4096)
        .expect("a small buffer");
    bench.host(Transport::Tcp, at);
    let _never_read = stalled.accept().expect("a connection");
    bench.host(Transport::Tcp, free_port());
    let (listener, at) = listener();
    bench.host(Transport::Tcp, at);
    let mut stream = Stream::accept(&listener);
    let input = bench.input(InputTransport::Udp);
    let sender = UdpSocket::bind("127.0.0.1:0").expect("a socket");
    let filler = "x".repeat(1000);
    for n in 0..3000 {
        let began = Instant::now();
        sender
            .send_to(message(&format!("n{n} {filler}")).as_bytes(), input)
            .expect("sent");
        let got = stream.bodies(1);
        assert!(
            got.first()
                .is_some_and(|got| got.starts_with(&format!("n{n} "))),
            "{n}: {got:?}"
        );
        assert!(
            began.elapsed() < Duration::from_secs(1),
            "message {n} took {:?}",
            began.elapsed()
        );
    }
}

#[test]
fn a_restarted_receiver_gets_everything_that_was_said_meanwhile() {
    let mut bench = Bench::start();
    let (listening, at) = listener();
    bench.host(Transport::Tcp, at);
    let mut stream = Stream::accept(&listening);
    let (datagrams, udp) = Datagrams::open();
    bench.host(Transport::Udp, udp);
    let input = bench.input(InputTransport::Udp);
    let sender = UdpSocket::bind("127.0.0.1:0").expect("a socket");
    let send = |numbers: std::ops::Range<usize>| {
        for n in numbers {
            sender
                .send_to(message(&format!("n{n}")).as_bytes(), input)
                .expect("sent");
        }
    };
    send(0..50);
    assert_eq!(stream.bodies(50), numbered(0..50));
    drop((stream, listening));
    // The other session hears of the loss, before anything more is written.
    let failed = datagrams.line_with("LOGGINGHOST_FAIL");
    assert!(failed.contains(&format!(
        "%SYS-3-LOGGINGHOST_FAIL: Logging to host 127.0.0.1 port {} failed",
        at.port()
    )));
    assert!(matches!(
        bench.status_of(Transport::Tcp, at).link,
        Link::Down { .. }
    ));
    send(50..100);
    assert_eq!(datagrams.bodies(50), numbered(50..100));
    let listening = TcpListener::bind(at).expect("the same port again");
    let mut stream = Stream::accept(&listening);
    assert_eq!(stream.bodies(50), numbered(50..100));
    let back = datagrams.line_with("reconnection");
    assert!(
        back.contains(&format!(
            "Logging to host 127.0.0.1 port {} started - reconnection (down ",
            at.port()
        )),
        "{back}"
    );
    assert_eq!(bench.status_of(Transport::Tcp, at).link, Link::Up);
}

#[test]
fn what_a_resetting_receiver_had_not_taken_is_sent_again() {
    let mut bench = Bench::start();
    let (listening, at) = listener();
    socket2::SockRef::from(&listening)
        .set_recv_buffer_size(4096)
        .expect("a small buffer");
    bench.host(Transport::Tcp, at);
    let (stream, _) = listening.accept().expect("a connection");
    let input = bench.input(InputTransport::Udp);
    let sender = UdpSocket::bind("127.0.0.1:0").expect("a socket");
    let filler = "x".repeat(900);
    for n in 0..200 {
        sender
            .send_to(message(&format!("n{n} {filler}")).as_bytes(), input)
            .expect("sent");
    }
    eventually("all are on their way", || {
        bench.input_status(input).received == 200
    });
    // The peer's host has taken only what fits its buffer; the rest waits in ours.
    drop(stream);
    let mut again = Stream::accept(&listening);
    let first = again.bodies(1).first().and_then(|body| {
        body.strip_prefix('n')?
            .split(' ')
            .next()?
            .parse::<usize>()
            .ok()
    });
    let first = first.expect("a number");
    assert!(first < 200, "{first}");
    let rest: Vec<_> = again
        .bodies(199 - first)
        .iter()
        .map(|body| body.split(' ').next().unwrap_or("").to_owned())
        .collect();
    assert_eq!(rest, numbered(first + 1..200));
}

#[test]
fn inputs_that_can_wait_are_held_back_so_that_nothing_overflows() {
    let mut bench = Bench::start();
    let (listening, at) = listener();
    socket2::SockRef::from(&listening)
        .set_recv_buffer_size(4096)
        .expect("a small buffer");
    bench.configure(|logging| {
        logging.hosts.set(
            key(Transport::Tcp, at),
            Host {
                queue_memory: Some(1),
                ..Host::default()
            },
        );
    });
    let mut stream = Stream::accept(&listening);
    let input = bench.input(InputTransport::Tcp);
    let count = 20_000;
    let feeding = std::thread::spawn(move || {
        let mut peer = TcpStream::connect(input).expect("a connection");
        let filler = "x".repeat(900);
        for n in 0..count {
            peer.write_all(format!("{}\n", message(&format!("n{n} {filler}"))).as_bytes())
                .expect("written");
        }
    });
    // A receiver that takes little at a time is slower than the sender; nothing else wakes the plane.
    for n in 0..count {
        let got = stream.bodies(1);
        assert!(
            got.first()
                .is_some_and(|got| got.starts_with(&format!("n{n} "))),
            "{n} is missing, {got:?}"
        );
    }
    feeding.join().expect("fed");
    assert_eq!(bench.status_of(Transport::Tcp, at).counters.overflowed, 0);
}

#[test]
fn an_input_whose_port_is_taken_says_so_and_opens_when_it_is_free() {
    let mut bench = Bench::start();
    let taken = UdpSocket::bind("127.0.0.1:0").expect("a socket");
    let at = taken.local_addr().expect("its address");
    bench.configure(|logging| {
        Arc::make_mut(&mut logging.inputs)
            .insert(input_key(InputTransport::Udp, at), Input::default());
    });
    assert_eq!(
        bench.input_status(at).listening,
        Err("address already in use".to_owned())
    );
    drop(taken);
    eventually("the input opens", || {
        bench.input_status(at).listening.is_ok()
    });
    let (datagrams, udp) = Datagrams::open();
    bench.host(Transport::Udp, udp);
    let sender = UdpSocket::bind("127.0.0.1:0").expect("a socket");
    sender
        .send_to(message("at last").as_bytes(), at)
        .expect("sent");
    assert_eq!(datagrams.bodies(1), ["at last"]);
}

#[test]
fn a_changed_configuration_leaves_unchanged_sessions_and_inputs_alone() {
    let mut bench = Bench::start();
    let (listening, at) = listener();
    bench.host(Transport::Tcp, at);
    let mut stream = Stream::accept(&listening);
    let input = bench.input(InputTransport::Tcp);
    let mut peer = TcpStream::connect(input).expect("a connection");
    for n in 0..50 {
        let (_, other) = Datagrams::open();
        bench.host(Transport::Udp, other);
        peer.write_all(format!("{}\n", message(&format!("n{n}"))).as_bytes())
            .expect("written");
        assert_eq!(stream.bodies(1), [format!("n{n}")]);
        bench.configure(|logging| assert!(logging.hosts.remove(&key(Transport::Udp, other))));
    }
    assert_eq!(bench.input_status(input).connections, 1);
}

#[test]
fn a_session_that_gets_another_interface_is_established_anew() {
    let mut bench = Bench::start();
    let (listening, at) = listener();
    let input = bench.input(InputTransport::Udp);
    bench.host(Transport::Tcp, at);
    let mut stream = Stream::accept(&listening);
    let sender = UdpSocket::bind("127.0.0.1:0").expect("a socket");
    let send = |text: &str| {
        sender
            .send_to(message(text).as_bytes(), input)
            .expect("sent")
    };
    send("before");
    assert_eq!(stream.bodies(1), ["before"]);
    let name = |interfaces: &mut Interfaces, of: &str| {
        let interface = Interface {
            nameif: Some("inside".into()),
            security_level: Some(100),
        };
        interfaces.by_name.clear();
        interfaces.by_name.insert(of.into(), interface);
    };
    let egress = || Host {
        egress: Some(Egress {
            interface: "inside".into(),
            emblem: false,
            reference_identity: None,
        }),
        ..Host::default()
    };
    name(&mut bench.interfaces, "lo");
    bench.configure(|logging| logging.hosts.set(key(Transport::Tcp, at), egress()));
    let mut next = Stream::accept(&listening);
    assert_eq!(stream.rest(), Vec::<String>::new());
    send("by lo");
    assert_eq!(next.bodies(1), ["by lo"]);
    name(&mut bench.interfaces, "none-such");
    bench.configure(|_| {});
    let mut last = Stream::accept(&listening);
    assert_eq!(next.rest(), Vec::<String>::new());
    bench.configure(|logging| logging.permit_hostdown = true);
    send("by routing");
    assert_eq!(last.bodies(1), ["by routing"]);
    listening.set_nonblocking(true).expect("a listener");
    assert!(listening.accept().is_err(), "one connection too many");
}

#[test]
fn configured_and_removed_sessions_are_announced() {
    let mut bench = Bench::start();
    let (datagrams, udp) = Datagrams::open();
    bench.host(Transport::Udp, udp);
    let text = datagrams.line_with("started");
    assert!(
        text.contains(&format!(
            "Logging to host 127.0.0.1 port {} started - CLI initiated",
            udp.port()
        )),
        "{text}"
    );
    let (_other, at) = Datagrams::open();
    bench.host(Transport::Udp, at);
    bench.configure(|logging| assert!(logging.hosts.remove(&key(Transport::Udp, at))));
    let text = datagrams.line_with("stopped");
    assert!(
        text.contains(&format!(
            "Logging to host 127.0.0.1 port {} stopped - CLI initiated",
            at.port()
        )),
        "{text}"
    );
}

#[test]
fn a_session_that_points_at_our_own_input_is_refused_until_the_input_is_gone() {
    let mut bench = Bench::start();
    let input = bench.input(InputTransport::Udp);
    bench.host(Transport::Udp, input);
    let down = Link::Down {
        reason: "it is an input of this device".to_owned(),
    };
    assert_eq!(bench.status_of(Transport::Udp, input).link, down);
    bench.configure(|logging| logging.inputs = Arc::default());
    assert_eq!(bench.status_of(Transport::Udp, input).link, Link::Up);
    bench.configure(|logging| {
        Arc::make_mut(&mut logging.inputs)
            .insert(input_key(InputTransport::Udp, input), Input::default());
    });
    eventually("refused again", || {
        bench.status_of(Transport::Udp, input).link == down
    });
}

#[test]
fn nothing_leaves_outside_the_fence() {
    let mut bench = Bench::fenced("192.0.2.0/24".parse().expect("a network"));
    let ((datagrams, udp), (listening, tcp)) = (Datagrams::open(), listener());
    bench.host(Transport::Udp, udp);
    bench.host(Transport::Tcp, tcp);
    bench
        .engine
        .say(Own::sys(Severity::Errors, "USERLOG", "secret"));
    let down = Link::Down {
        reason: "not in --only-to".to_owned(),
    };
    assert_eq!(bench.status_of(Transport::Udp, udp).link, down);
    eventually("refused", || {
        bench.status_of(Transport::Tcp, tcp).link == down
    });
    datagrams.0.set_nonblocking(true).expect("a flag");
    listening.set_nonblocking(true).expect("a flag");
    assert!(datagrams.0.recv(&mut [0; 1]).is_err() && listening.accept().is_err());
}

#[test]
fn a_fault_of_the_plane_is_survived_counted_and_said() {
    let mut bench = Bench::start();
    let ((datagrams, udp), (listening, tcp)) = (Datagrams::open(), listener());
    bench.host(Transport::Udp, udp);
    bench.host(Transport::Tcp, tcp);
    let input = bench.input(InputTransport::Udp);
    let before = Stream::accept(&listening);
    bench.engine.orders.give(Order::Panic);
    let mut stream = Stream::accept(&listening);
    drop(before);
    let said = String::from_utf8_lossy(&stream.line()).into_owned();
    assert!(said.contains("%SYS-2-LOGGER_FAULT: "), "{said}");
    eventually("links are back", || {
        bench
            .engine
            .status()
            .hosts
            .iter()
            .all(|host| host.link == Link::Up)
    });
    let sender = UdpSocket::bind("127.0.0.1:0").expect("a socket");
    sender
        .send_to(message("after").as_bytes(), input)
        .expect("sent");
    assert_eq!(datagrams.bodies(1), ["after"]);
    assert_eq!(stream.bodies(1), ["after"]);
    assert_eq!(bench.engine.status().faults, 1);
    bench.configure(|logging| logging.hosts = Hosts::default());
}

#[test]
fn terminals_hear_lines_from_now_on() {
    let mut bench = Bench::start();
    bench.configure(|logging| {
        logging.monitor = Some(crate::config::logging::Local::On(
            crate::config::logging::LocalSession::default(),
        ));
    });
    bench
        .engine
        .say(Own::sys(Severity::Errors, "USERLOG", "before"));
    let lines = bench.engine.listen(Listener::Monitor);
    bench
        .engine
        .say(Own::sys(Severity::Errors, "USERLOG", "after"));
    let line = lines.lines.recv_timeout(LIMIT).expect("a line");
    assert!(String::from_utf8_lossy(&line).contains("%SYS-3-USERLOG: after"));
    assert_eq!(bench.engine.status().monitor.listeners, 1);
    drop(lines);
    bench
        .engine
        .say(Own::sys(Severity::Errors, "USERLOG", "nobody"));
    assert_eq!(bench.engine.status().monitor.listeners, 0);
}

#[test]
fn the_history_buffer_has_what_was_said_before_it_was_asked_for() {
    let bench = Bench::start();
    for n in 0..100 {
        bench
            .engine
            .say(Own::sys(Severity::Errors, "USERLOG", format!("n{n}")));
        assert!(
            String::from_utf8_lossy(&bench.engine.buffer())
                .contains(&format!("%SYS-3-USERLOG: n{n}"))
        );
    }
    bench.engine.clear_buffer();
    assert!(bench.engine.buffer().is_empty());
}

#[test]
fn draining_waits_for_what_matters_and_for_nothing_else() {
    let mut bench = Bench::start();
    bench.host(Transport::Tcp, free_port());
    bench.engine.say(Own::sys(
        Severity::Notifications,
        "CONFIG_I",
        "Configured from console",
    ));
    let began = Instant::now();
    bench.engine.drain(LIMIT);
    assert!(
        began.elapsed() < LIMIT / 2,
        "only configuration waits, and nobody was ever there"
    );
    bench
        .engine
        .say(Own::sys(Severity::Errors, "USERLOG", "words"));
    let began = Instant::now();
    bench.engine.drain(Duration::from_millis(300));
    assert!(
        began.elapsed() >= Duration::from_millis(300),
        "words wait until the end"
    );
}

#[test]
fn draining_hands_on_everything_that_has_arrived() {
    let mut bench = Bench::start();
    let (listening, at) = listener();
    bench.host(Transport::Tcp, at);
    let input = bench.input(InputTransport::Udp);
    let sender = UdpSocket::bind("127.0.0.1:0").expect("a socket");
    for n in 0..500 {
        sender
            .send_to(message(&format!("n{n}")).as_bytes(), input)
            .expect("sent");
    }
    bench.engine.drain(LIMIT);
    drop(bench);
    assert_eq!(Stream::accept(&listening).bodies(500), numbered(0..500));
}

#[test]
fn a_hundred_publications_in_a_row_end_with_the_newest() {
    let mut bench = Bench::start();
    let (datagrams, udp) = Datagrams::open();
    for n in 0..100 {
        bench.logging.inputs = Arc::new(BTreeMap::new());
        let generation = bench.publisher.borrow().generation + 1;
        let mut logging = bench.logging.clone();
        if n % 2 == 1 {
            logging.hosts.set(key(Transport::Udp, udp), Host::default());
        }
        let config = RunningConfig {
            logging: Arc::new(logging),
            ..RunningConfig::default()
        };
        bench.publisher.send_replace(Published {
            generation,
            config: Arc::new(config),
        });
    }
    bench.host(Transport::Udp, udp);
    bench
        .engine
        .say(Own::sys(Severity::Errors, "USERLOG", "newest"));
    assert!(
        datagrams
            .line_with("newest")
            .contains("%SYS-3-USERLOG: newest")
    );
}
