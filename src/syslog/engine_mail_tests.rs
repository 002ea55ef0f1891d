//! `logging mail` from an input to a mail server, the whole room in one process on loopback. Alerts go after a second, so
//! that no test waits for long.

use std::net::{SocketAddr, UdpSocket};
use std::sync::atomic::{AtomicUsize, Ordering};

use super::bench::*;
use super::*;
use crate::config::logging::{InputTransport, LocalSession, Logging};
use crate::config::logging_mail::{Recipient, Server, SmtpServers};
use crate::config::system::System;
use crate::net::smtp_sink::Sink;

/// Alerts go to one recipient through these servers.
fn mail(bench: &mut Bench, servers: &[SocketAddr]) {
    let server = |at: &SocketAddr| Server {
        host: at.ip().to_string().into(),
        port: Some(at.port()),
    };
    bench.system = System {
        smtp_servers: servers.first().map(|primary| SmtpServers {
            primary: server(primary),
            backup: servers.get(1).map(server),
        }),
        ..System::default()
    };
    bench.configure(|logging| {
        logging.mail.session = Some(LocalSession {
            level: Some(Severity::Alerts),
            ..LocalSession::default()
        });
        logging.mail.from = Some("asa@example.net".into());
        logging.mail.recipients = vec![recipient("noc@example.net")];
    });
}

use crate::message::Severity;

fn recipient(address: &str) -> Recipient {
    Recipient {
        address: address.into(),
        level: None,
    }
}

fn alert(input: SocketAddr, body: &str) {
    let sender = UdpSocket::bind("127.0.0.1:0").expect("a socket");
    let text = format!("<185>7: Jan  5 10:00:00: %TST-1-TAG: {body}");
    sender.send_to(text.as_bytes(), input).expect("sent");
}

/// Delivered, queued, overflowed; of what was received, nothing is missing.
fn counts(bench: &Bench) -> (u64, u64, u64) {
    let c = bench.engine.status().mail.counters;
    assert_eq!(c.received, c.delivered + c.queued + c.overflowed, "{c:?}");
    (c.delivered, c.queued, c.overflowed)
}

fn fault(bench: &Bench) -> Option<String> {
    bench.engine.status().mail_sending.fault
}

#[test]
fn alerts_of_a_second_arrive_in_one_email() {
    let sink = Sink::open(|_| None);
    let mut bench = Bench::start();
    mail(&mut bench, &[sink.at]);
    let input = bench.input(InputTransport::Udp);
    alert(input, "one");
    alert(input, "two");
    let mail = sink.mail();
    assert_eq!(mail.hello, "EHLO ciscoasa");
    assert_eq!(mail.from, "<asa@example.net>");
    assert_eq!(mail.to, ["<noc@example.net>"]);
    assert_eq!(
        mail.header("Subject"),
        Some("ciscoasa syslog: %TST-1-TAG and 1 more")
    );
    let bodies: Vec<_> = mail.body().into_iter().filter_map(end).collect();
    assert_eq!(bodies, ["one", "two"]);
    assert!(mail.said_goodbye);
    eventually("it is counted", || counts(&bench) == (2, 0, 0));
    assert_eq!(bench.engine.status().mail_sending.emails, 1);
}

/// Of a test's line.
fn end(line: &str) -> Option<&str> {
    line.split_once("%TST-1-TAG: ").map(|(_, body)| body)
}

#[test]
fn what_a_server_refuses_for_now_or_for_good_is_tried_again() {
    for refusal in ["451 4.7.1 try later", "550 5.7.1 relay denied"] {
        let tries = AtomicUsize::new(0);
        let sink = Sink::open(move |line| {
            let refuses = line.starts_with("RCPT") && tries.fetch_add(1, Ordering::Relaxed) == 0;
            refuses.then_some(refusal)
        });
        let mut bench = Bench::start();
        mail(&mut bench, &[sink.at]);
        let input = bench.input(InputTransport::Udp);
        alert(input, "one");
        let lines = bench.engine.listen(Listener::Console);
        bench.configure(|logging| logging.console = Some(on()));
        let words: String = refusal.chars().filter(|c| !c.is_control()).collect();
        let code = &words[..3];
        let said = console_line(&lines, "LOGGINGMAIL_FAIL");
        assert!(
            said.contains(&format!("failed: 127.0.0.1: {code} ")),
            "{said}"
        );
        assert!(sink.mail().body().into_iter().filter_map(end).eq(["one"]));
        eventually("it is counted", || counts(&bench) == (1, 0, 0));
        assert_eq!(fault(&bench), None);
    }
}

fn on() -> crate::config::logging::Local {
    crate::config::logging::Local::On(LocalSession::default())
}

fn console_line(lines: &Lines, text: &str) -> String {
    loop {
        let line = lines.lines.recv_timeout(LIMIT).expect("a line in time");
        let line = String::from_utf8_lossy(&line).into_owned();
        if line.contains(text) {
            return line;
        }
    }
}

#[test]
fn what_is_said_while_no_server_is_there_arrives_when_it_is_back() {
    let at = free_port();
    let mut bench = Bench::start();
    mail(&mut bench, &[at]);
    let input = bench.input(InputTransport::Udp);
    alert(input, "one");
    eventually("it is known why", || {
        fault(&bench).as_deref() == Some("127.0.0.1: connection refused")
    });
    alert(input, "two");
    eventually("both wait", || counts(&bench) == (0, 2, 0));
    let sink = Sink::open_at(at, |_| None);
    let mail = sink.mail();
    assert!(mail.body().into_iter().filter_map(end).eq(["one", "two"]));
    eventually("it is counted", || counts(&bench) == (2, 0, 0));
    assert_eq!(fault(&bench), None);
}

#[test]
fn the_backup_takes_what_the_primary_does_not() {
    let absent = free_port();
    let backup = Sink::open(|_| None);
    let mut bench = Bench::start();
    mail(&mut bench, &[absent, backup.at]);
    let input = bench.input(InputTransport::Udp);
    alert(input, "one");
    assert!(backup.mail().body().into_iter().filter_map(end).eq(["one"]));
    eventually("it is counted", || counts(&bench) == (1, 0, 0));
}

#[test]
fn a_recipient_that_is_refused_for_good_holds_up_nobody() {
    let sink = Sink::open(|line| {
        line.starts_with("RCPT TO:<gone@")
            .then_some("550 5.1.1 no such user")
    });
    let mut bench = Bench::start();
    mail(&mut bench, &[sink.at]);
    bench.configure(|logging: &mut Logging| {
        // Another level, and so another e-mail.
        logging.mail.recipients.push(Recipient {
            address: "gone@example.net".into(),
            level: Some(Severity::Alerts),
        });
    });
    let input = bench.input(InputTransport::Udp);
    alert(input, "one");
    assert_eq!(sink.mail().to, ["<noc@example.net>"]);
    eventually("it is counted", || counts(&bench) == (1, 0, 0));
    assert_eq!(
        fault(&bench).as_deref(),
        Some("127.0.0.1: 550 no such user")
    );
    alert(input, "two");
    assert!(sink.mail().body().into_iter().filter_map(end).eq(["two"]));
}

#[test]
fn a_recipient_that_is_refused_for_now_holds_up_nobody_and_gets_it_later() {
    let refuses = Arc::new(std::sync::atomic::AtomicBool::new(true));
    let sink = Sink::open({
        let refuses = refuses.clone();
        move |line| {
            let is_meant = line.starts_with("RCPT TO:<late@") && refuses.load(Ordering::Relaxed);
            is_meant.then_some("451 4.7.1 greylisted")
        }
    });
    let mut bench = Bench::start();
    mail(&mut bench, &[sink.at]);
    bench.configure(|logging: &mut Logging| {
        logging.mail.recipients.push(recipient("late@example.net"));
    });
    let input = bench.input(InputTransport::Udp);
    for body in ["one", "two", "three"] {
        alert(input, body);
        let mail = sink.mail();
        assert_eq!(mail.to, ["<noc@example.net>"]);
        assert!(mail.body().into_iter().filter_map(end).eq([body]));
    }
    refuses.store(false, Ordering::Relaxed);
    let mut late = Vec::new();
    while late.len() < 3 {
        let mail = sink.mail();
        assert_eq!(mail.to, ["<late@example.net>"]);
        late.extend(mail.body().into_iter().filter_map(end).map(str::to_owned));
    }
    assert_eq!(late, ["one", "two", "three"]);
    eventually("it is counted", || counts(&bench) == (3, 0, 0));
}

#[test]
fn nothing_is_sent_outside_the_fence_or_to_an_input_of_ours() {
    let sink = Sink::open(|_| None);
    let mut bench = Bench::fenced("127.0.0.2/32".parse().expect("a network"));
    let own = bench.input(InputTransport::Tcp);
    mail(&mut bench, &[sink.at, own]);
    let input = bench.input(InputTransport::Udp);
    alert(input, "one");
    eventually("it is known why", || {
        let reason = "127.0.0.1: not in --only-to; 127.0.0.1: it is an input of this device";
        fault(&bench).as_deref() == Some(reason)
    });
    assert_eq!(sink.mails(), []);
    assert_eq!(counts(&bench), (0, 1, 0));
}

#[test]
fn leaving_sends_what_waits_and_waits_for_no_server_that_is_not_there() {
    let sink = Sink::open(|_| None);
    let mut bench = Bench::start();
    mail(&mut bench, &[sink.at]);
    bench.configure(|logging| logging.mail.session = Some(LocalSession::default()));
    let input = bench.input(InputTransport::Udp);
    let sender = UdpSocket::bind("127.0.0.1:0").expect("a socket");
    sender
        .send_to(message("late").as_bytes(), input)
        .expect("sent");
    eventually("it waits", || counts(&bench).1 > 0);
    bench.engine.drain(LIMIT);
    assert!(sink.mails().len() == 1);
    assert_eq!(counts(&bench).1, 0);
    let absent = free_port();
    mail(&mut bench, &[absent]);
    alert(input, "nobody");
    let began = std::time::Instant::now();
    bench.engine.drain(LIMIT);
    assert!(began.elapsed() < LIMIT / 2, "{:?}", began.elapsed());
}
