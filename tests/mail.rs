//! A script of the real program whose messages go by e-mail alone, to a mail server of the test's own on loopback. What an
//! e-mail holds, and what becomes of one that nobody takes, is tried elsewhere.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Stdio};

/// Takes one e-mail; its lines.
fn take(stream: &TcpStream) -> Vec<String> {
    let mut writer = stream;
    let mut answer = |text: &str| {
        writer
            .write_all(format!("{text}\r\n").as_bytes())
            .expect("answered");
    };
    let mut lines = BufReader::new(stream).lines().map_while(Result::ok);
    let mut text = Vec::new();
    answer("220 here");
    while let Some(line) = lines.next() {
        match line.as_str() {
            "DATA" => {
                answer("354 go on");
                text = lines.by_ref().take_while(|line| line != ".").collect();
                answer("250 taken");
            }
            "QUIT" => {
                answer("221 bye");
                break;
            }
            _ => answer("250 ok"),
        }
    }
    text
}

#[test]
fn a_script_that_leaves_waits_until_its_emails_are_sent() {
    let server = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = server.local_addr().expect("its address").port();
    let state = tempfile::tempdir().expect("a folder");
    let serving = std::thread::spawn(move || take(&server.accept().expect("a client").0));
    let mut device = Command::new(env!("CARGO_BIN_EXE_watchfire"))
        .arg("--state")
        .arg(state.path())
        .args(["--only-to", "127.0.0.0/8"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program");
    let script = format!(
        "configure terminal\nsmtp-server 127.0.0.1 port {port}\nlogging from-address fw@example.net\n\
         logging recipient-address noc@example.net\nlogging mail notifications\nend\nsend log 5 said by the script\n"
    );
    let mut lines = device.stdin.take().expect("its input");
    lines.write_all(script.as_bytes()).expect("written");
    drop(lines);
    assert!(device.wait().expect("it ends").success());
    // Nothing is sent any more: where no e-mail came, this ends the wait for it.
    drop(TcpStream::connect(("127.0.0.1", port)));
    let text = serving.join().expect("an e-mail");
    assert!(
        text.iter().any(|line| line.ends_with("said by the script")),
        "{text:?}"
    );
}
