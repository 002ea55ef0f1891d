//! Unix inputs on real sockets in a folder of the test's own.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixDatagram;
use std::time::Duration;

use super::bench::Bench;

#[test]
fn datagrams_of_any_program_are_taken_and_the_socket_goes_with_its_input() {
    let mut bench = Bench::new();
    let mut input = bench.unix("log");
    assert_eq!(input.listening(), Ok(()));
    let path = bench.path("log");
    let mode = fs::metadata(&path)
        .expect("the socket")
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o666);
    let sender = UnixDatagram::bind(bench.path("sender")).expect("a socket");
    for text in [
        &b"<13>Oct 11 22:14:15 sshd[5]: one"[..],
        b"",
        b"<13>Oct 11 22:14:15 watchfire[5]: of our own",
        b"two\xff\0",
    ] {
        sender.send_to(text, &path).expect("sent");
    }
    bench.settle(&mut input);
    assert_eq!(bench.taken.octets, b"two\xff\0");
    assert_eq!(bench.take().len(), 2);
    let tally = input.tally();
    assert_eq!((tally.received, tally.malformed, tally.own), (2, 1, 1));
    drop(input);
    assert!(!path.exists());
}

#[test]
fn a_datagram_over_64_kib_is_malformed() {
    let mut bench = Bench::new();
    let mut input = bench.unix("log");
    let sender = UnixDatagram::unbound().expect("a socket");
    for length in [64 * 1024, 64 * 1024 + 1, 100_000] {
        sender
            .send_to(&vec![b'x'; length], bench.path("log"))
            .expect("sent");
        bench.settle(&mut input);
    }
    input.count_drops();
    let tally = input.tally();
    assert_eq!((tally.received, tally.malformed, tally.dropped), (1, 2, 0));
    assert_eq!(tally.last_error.as_deref(), Some("datagram over 64 KiB"));
}

#[test]
fn a_dead_socket_is_replaced_and_nothing_else() {
    let mut bench = Bench::new();
    let path = bench.path("log");
    drop(UnixDatagram::bind(&path).expect("a socket"));
    assert!(path.exists(), "left behind");
    let input = bench.unix("log");
    assert_eq!(input.listening(), Ok(()));
    let mut second = bench.unix("log");
    assert_eq!(second.listening(), Err("address already in use"));
    drop(input);
    bench.now += Duration::from_secs(1);
    bench.settle(&mut second);
    assert_eq!(second.listening(), Ok(()), "retried");
    drop(second);
    let stream = std::os::unix::net::UnixListener::bind(&path).expect("a socket");
    assert_eq!(
        bench.unix("log").listening(),
        Err("address already in use"),
        "of another kind"
    );
    drop(stream);
    fs::remove_file(&path).expect("removed");
    fs::write(&path, "precious").expect("a file");
    assert_eq!(
        bench.unix("log").listening(),
        Err("something that is no socket has this name")
    );
    assert_eq!(fs::read(&path).expect("the file"), b"precious");
}

#[test]
fn a_socket_whose_name_was_taken_is_made_again_and_not_removed() {
    let mut bench = Bench::new();
    let path = bench.path("log");
    let mut input = bench.unix("log");
    fs::remove_file(&path).expect("removed");
    bench.now += Duration::from_secs(6);
    bench.settle(&mut input);
    assert_eq!(input.listening(), Err("somebody removed the socket"));
    bench.now += Duration::from_secs(1);
    bench.settle(&mut input);
    assert_eq!(input.listening(), Ok(()));
    fs::remove_file(&path).expect("removed");
    let other = UnixDatagram::bind(&path).expect("a socket");
    drop(input);
    assert!(path.exists(), "that of another");
    drop(other);
}
