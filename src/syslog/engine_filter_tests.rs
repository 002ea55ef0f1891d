//! Discriminators and correlation in the whole room: sockets, the host's clock, and configurations that change under traffic.

use std::net::UdpSocket;

use super::bench::*;
use super::*;
use crate::config::discriminator::{Discriminator, DiscriminatorName, Match, Sense};
use crate::config::logging::{Host, InputTransport, Logging, Transport};

fn name() -> DiscriminatorName {
    DiscriminatorName::new("md").expect("a short name")
}

fn define(logging: &mut Logging, discriminator: Discriminator) {
    Arc::make_mut(&mut logging.discriminators).insert(name(), Arc::new(discriminator));
}

fn attached() -> Host {
    Host {
        discriminator: Some(name()),
        ..Host::default()
    }
}

#[test]
fn a_window_ends_without_any_message_to_wake_the_plane() {
    let mut bench = Bench::start();
    let (datagrams, at) = Datagrams::open();
    bench.configure(|logging| {
        define(
            logging,
            Discriminator {
                duplicates: Some(1),
                ..Discriminator::default()
            },
        );
        logging.hosts.set(key(Transport::Udp, at), attached());
    });
    let input = bench.input(InputTransport::Udp);
    let sender = UdpSocket::bind("127.0.0.1:0").expect("a socket");
    for _ in 0..3 {
        sender
            .send_to(message("again").as_bytes(), input)
            .expect("sent");
    }
    assert_eq!(datagrams.bodies(2), ["again", "again (repeated 2 times)"]);
}

#[test]
fn leaving_delivers_what_open_windows_have_to_say() {
    let mut bench = Bench::start();
    let (listening, at) = listener();
    bench.configure(|logging| {
        define(
            logging,
            Discriminator {
                duplicates: Some(3600),
                ..Discriminator::default()
            },
        );
        logging.hosts.set(key(Transport::Tcp, at), attached());
    });
    let input = bench.input(InputTransport::Udp);
    let sender = UdpSocket::bind("127.0.0.1:0").expect("a socket");
    for _ in 0..5 {
        sender
            .send_to(message("again").as_bytes(), input)
            .expect("sent");
    }
    bench.engine.drain(LIMIT);
    drop(bench);
    assert_eq!(
        Stream::accept(&listening).bodies(2),
        ["again", "again (repeated 4 times)"]
    );
}

/// R32: a definition that changes under traffic is the old one or the new one for all sessions of a message.
#[test]
fn no_message_is_judged_half_by_the_old_and_half_by_the_new_definition() {
    let mut bench = Bench::start();
    let (first, first_at) = Datagrams::open();
    let (second, second_at) = Datagrams::open();
    let only = |word: &str| Discriminator {
        msg_body: Some(Match {
            sense: Sense::Includes,
            pattern: word.into(),
        }),
        ..Discriminator::default()
    };
    bench.configure(|logging| {
        define(logging, only("odd"));
        logging.hosts.set(key(Transport::Udp, first_at), attached());
        logging
            .hosts
            .set(key(Transport::Udp, second_at), attached());
    });
    let input = bench.input(InputTransport::Udp);
    let sender = UdpSocket::bind("127.0.0.1:0").expect("a socket");
    for round in 0..50 {
        for n in 0..10 {
            let word = if n % 2 == 0 { "even" } else { "odd" };
            sender
                .send_to(message(&format!("{word} {round} {n}")).as_bytes(), input)
                .expect("sent");
        }
        let word = if round % 2 == 0 { "even" } else { "odd" };
        bench.configure(|logging| define(logging, only(word)));
    }
    bench.configure(|logging| define(logging, only("last")));
    sender
        .send_to(message("last").as_bytes(), input)
        .expect("sent");
    let until_last = |datagrams: &Datagrams| {
        let mut got = Vec::new();
        while got.last().is_none_or(|body| body != "last") {
            got.extend(datagrams.bodies(1));
        }
        got
    };
    let got = until_last(&first);
    assert!(got.len() > 50, "{}", got.len());
    assert_eq!(got, until_last(&second));
}
