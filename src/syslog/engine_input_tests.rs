//! Inputs that lie on this host, in the whole room: real files and sockets, the host's clock, no sleeping.

use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::net::UnixDatagram;
use std::path::PathBuf;

use super::bench::*;
use super::*;
use crate::config::logging::{Host, InputKey, InputTransport, SessionKey, Transport};
use crate::intake::Position;
use crate::syslog::api::Link;

fn path(bench: &Bench, name: &str) -> (PathBuf, Arc<str>) {
    let path = bench.folder.path().join(name);
    let text = path.to_str().expect("a plain path").into();
    (path, text)
}

fn append(path: &PathBuf, text: &str) {
    let mut options = OpenOptions::new();
    let file = options.create(true).append(true).open(path);
    file.expect("a file")
        .write_all(text.as_bytes())
        .expect("written");
}

#[test]
fn what_programs_of_this_host_say_is_of_this_host_and_a_file_may_name_another() {
    let mut bench = Bench::start();
    let (datagrams, udp) = Datagrams::open();
    bench.host(Transport::Udp, udp);
    let ((socket, name), (file, log)) = (path(&bench, "log"), path(&bench, "app.log"));
    append(&file, "");
    bench.add_input(InputKey::Unix(name));
    bench.add_input(InputKey::File(log));
    let sender = UnixDatagram::unbound().expect("a socket");
    sender
        .send_to(b"<38>Oct 11 22:14:15 sshd[5]: unix-one", &socket)
        .expect("sent");
    let line = datagrams.line_with("unix-one");
    assert!(line.starts_with("<38>"), "{line}");
    assert!(
        line.ends_with(": Oct 11 22:14:15: %SSHD-6-MSG: unix-one"),
        "{line}"
    );
    append(&file, "Oct 11 22:14:15 host app[5]: file-one\n");
    let line = datagrams.line_with("file-one");
    assert!(
        line.ends_with(": host: Oct 11 22:14:15: %APP-5-MSG: file-one"),
        "a file names the host: {line}"
    );
}

#[test]
fn leaving_removes_the_socket_and_keeps_the_place() {
    let mut bench = Bench::start();
    let ((socket, name), (file, log)) = (path(&bench, "log"), path(&bench, "app.log"));
    let inputs = [InputKey::Unix(name), InputKey::File(log)];
    append(&file, "");
    inputs.iter().for_each(|key| bench.add_input(key.clone()));
    append(&file, &message("one"));
    append(&file, "\n");
    eventually("it is read", || {
        bench.status_of_input(&inputs[1]).received == 1
    });
    bench.engine.drain(LIMIT);
    // What is written while it leaves waits for the next one.
    append(&file, &(message("two") + "\n"));
    let mut bench = bench.restarted();
    assert!(!socket.exists());
    let (datagrams, udp) = Datagrams::open();
    bench.host(Transport::Udp, udp);
    inputs.iter().for_each(|key| bench.add_input(key.clone()));
    append(&file, &(message("three") + "\n"));
    assert_eq!(datagrams.bodies(2), ["two", "three"]);
    assert!(socket.exists());
}

#[test]
fn a_file_waits_for_a_session_that_makes_progress() {
    let mut bench = Bench::start();
    let (listener, at) = listener();
    bench.host(Transport::Tcp, at);
    let mut stream = Stream::accept(&listener);
    eventually("the link is up", || {
        bench.status_of(Transport::Tcp, at).link == Link::Up
    });
    let (file, log) = path(&bench, "app.log");
    let filler = "x".repeat(8000);
    let key = InputKey::File(log);
    bench.add_input(key.clone());
    let lines = 2000;
    let text: String = (0..lines)
        .map(|n| message(&format!("n{n} {filler}\n")))
        .collect();
    append(&file, &text);
    for n in 0..lines {
        let got = stream.bodies(1);
        let begins = format!("n{n} ");
        assert!(got.iter().all(|body| body.starts_with(&begins)), "{n}");
    }
    let counters = bench.status_of(Transport::Tcp, at).counters;
    assert_eq!(counters.overflowed, 0, "16 MB went through 8 MiB");
    let (offset, size) = (text.len() as u64, text.len() as u64);
    let status = bench.status_of_input(&key);
    assert_eq!(status.received, lines);
    assert_eq!(status.position, Some(Position::File { offset, size }));
}

#[test]
fn an_input_that_cannot_be_opened_is_said_at_once() {
    let mut bench = Bench::start();
    let (datagrams, udp) = Datagrams::open();
    bench.host(Transport::Udp, udp);
    bench.add_input(InputKey::File("/etc/hostname".into()));
    let line = datagrams.line_with("LOGGINGINPUT");
    assert!(
        line.contains(
            "%SYS-3-LOGGINGINPUT_FAIL: Logging input file /etc/hostname is not open: \
             not below /var/log, /run or an --input-root"
        ),
        "{line}"
    );
}

#[test]
fn a_session_to_a_name_that_means_our_own_input_is_refused_until_the_input_is_gone() {
    let mut bench = Bench::start();
    for (transport, input) in [
        (Transport::Udp, InputTransport::Udp),
        (Transport::Tcp, InputTransport::Tcp),
    ] {
        let at = bench.input(input);
        let key = SessionKey {
            host: "localhost".into(),
            ..key(transport, at)
        };
        bench.configure(|logging| logging.hosts.set(key.clone(), Host::default()));
        let link = |bench: &Bench| {
            let hosts = bench.engine.status().hosts;
            let host = hosts.into_iter().find(|host| host.key == key);
            host.expect("the session").link
        };
        let refused = Link::Down {
            reason: "it is an input of this device".to_owned(),
        };
        eventually("it is refused", || link(&bench) == refused);
        bench.configure(|logging| Arc::make_mut(&mut logging.inputs).clear());
        eventually("it is tried again", || link(&bench) != refused);
    }
}
