//! What is promised of delivery, on loopback, one sentence a test: real sockets, the host's clock, no sleeping.

use std::io::Write;
use std::net::{TcpStream, UdpSocket};

use super::bench::*;
use super::*;
use crate::config::logging::{InputTransport, Local, LocalSession};

fn console(guaranteed: bool) -> Bench {
    let mut bench = Bench::start();
    bench.configure(|logging| {
        logging.console = Some(Local::On(LocalSession::default()));
        logging.console_guaranteed = guaranteed;
    });
    bench
}

/// Messages of a test that a terminal got, until it has this many.
fn heard(lines: &Lines, count: usize) -> Vec<String> {
    let mut got = Vec::new();
    while got.len() < count {
        got.extend(body(
            &lines.lines.recv_timeout(LIMIT).expect("a line in time"),
        ));
    }
    got
}

#[test]
fn a_guaranteed_console_gets_every_line_however_slow_it_is() {
    let mut bench = console(true);
    let lines = bench.engine.listen(Listener::Console);
    let input = bench.input(InputTransport::Tcp);
    let count = 30_000;
    let feeding = std::thread::spawn(move || {
        let mut peer = TcpStream::connect(input).expect("a connection");
        for n in 0..count {
            peer.write_all(format!("{}\n", message(&format!("n{n}"))).as_bytes())
                .expect("written");
        }
    });
    // The input is held back before anything is taken: the rest comes as there is room for it.
    eventually("lines wait for the console", || {
        bench.input_status(input).received > 2000
    });
    assert_eq!(heard(&lines, count), numbered(0..count));
    feeding.join().expect("fed");
    assert_eq!(bench.engine.status().console.lost, 0);
}

#[test]
fn any_other_console_loses_lines_and_is_told_how_many() {
    let mut bench = console(false);
    let lines = bench.engine.listen(Listener::Console);
    let input = bench.input(InputTransport::Udp);
    let sender = UdpSocket::bind("127.0.0.1:0").expect("a socket");
    let send = |n: usize| {
        let text = message(&format!("n{n}"));
        sender.send_to(text.as_bytes(), input).expect("sent");
    };
    for n in 0..2000 {
        send(n);
        if n % 100 == 99 {
            eventually("they have come", || {
                bench.input_status(input).received > n as u64
            });
        }
    }
    let lost = bench.engine.status().console.lost;
    assert!(lost > 900, "{lost}");
    let kept = 2000 - usize::try_from(lost).expect("a small number");
    // Our own lines are among those that were kept.
    let mut got = Vec::new();
    while let Ok(line) = lines.lines.try_recv() {
        got.extend(body(&line));
    }
    assert!(got.len() <= kept + 10 && got.len() > 900, "{}", got.len());
    send(2000);
    let notice = lines.lines.recv_timeout(LIMIT).expect("a line in time");
    let notice = String::from_utf8_lossy(&notice).into_owned();
    assert_eq!(notice, format!(" {lost} messages lost"));
    assert_eq!(heard(&lines, 1), ["n2000"]);
}
