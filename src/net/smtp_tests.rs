//! Dialogues with a server that answers as a test wants.

use std::time::Duration;

use tokio::net::TcpStream;

use super::*;
use crate::net::smtp_sink::{Sink, Taken};

const TEXT: &[u8] = b"Subject: one\r\n\r\n.a dot\r\nand more\r\n";

async fn send_to(sink: &Sink, to: &[&str]) -> Result<Vec<(usize, Refusal)>, SmtpFault> {
    let stream = TcpStream::connect(sink.at).await.expect("a connection");
    let to: Vec<Arc<str>> = to.iter().map(|to| Arc::from(*to)).collect();
    let envelope = Envelope {
        from: "asa@example.net",
        to: &to,
        text: TEXT,
    };
    send(stream, "ciscoasa", &envelope, Duration::from_secs(10)).await
}

/// A server that answers one line its own way.
fn answering(line: &'static str, answer: &'static str) -> Sink {
    Sink::open(move |said| said.starts_with(line).then_some(answer))
}

async fn fault(line: &'static str, answer: &'static str) -> SmtpFault {
    let sink = answering(line, answer);
    let sent = send_to(&sink, &["a@example.net"]).await;
    sent.expect_err("it is not taken")
}

#[tokio::test]
async fn an_email_is_taken_as_it_was_sent() {
    let sink = Sink::open(|_| None);
    let refused = send_to(&sink, &["a@example.net", "b@example.net"]).await;
    assert_eq!(refused.expect("it is taken"), []);
    let wanted = Taken {
        hello: "EHLO ciscoasa".to_owned(),
        from: "<asa@example.net>".to_owned(),
        to: vec!["<a@example.net>".to_owned(), "<b@example.net>".to_owned()],
        text: ["Subject: one", "", ".a dot", "and more", ""]
            .map(str::to_owned)
            .to_vec(),
        said_goodbye: true,
    };
    assert_eq!(sink.mail(), wanted);
}

#[tokio::test]
async fn a_server_without_ehlo_is_greeted_with_helo() {
    let sink = answering("EHLO", "502 5.5.1 what?");
    let sent = send_to(&sink, &["a@example.net"]).await;
    assert!(sent.is_ok(), "{sent:?}");
    assert_eq!(sink.mail().hello, "HELO ciscoasa");
}

#[tokio::test]
async fn who_is_refused_is_named_and_the_others_have_it() {
    let sink = answering("RCPT TO:<b@", "550 5.1.1 no such user");
    let sent = send_to(&sink, &["a@example.net", "b@example.net", "c@example.net"]).await;
    let refused = sent.expect("it is taken");
    let [(place, refusal)] = &refused[..] else {
        panic!("{refused:?}");
    };
    assert_eq!(*place, 1);
    assert!(refusal.is_final());
    assert_eq!(sink.mail().to, ["<a@example.net>", "<c@example.net>"]);
}

#[tokio::test]
async fn what_is_refused_has_the_servers_words_and_whether_they_are_final() {
    for (line, answer, words, is_final) in [
        ("connected", "554 not you", "554 not you", true),
        ("connected", "421 too busy", "421 too busy", false),
        ("EHLO", "421 not now", "421 not now", false),
        ("MAIL", "451 try later", "451 try later", false),
        ("RCPT", "550 relay denied", "550 relay denied", true),
        ("DATA", "452 no room", "452 no room", false),
        ("text", "554 spam", "554 spam", true),
    ] {
        let fault = fault(line, answer).await;
        assert_eq!(fault.to_string(), words, "{line}");
        assert_eq!(fault.is_final(), is_final, "{line}");
    }
}

#[tokio::test]
async fn a_server_that_hangs_up_or_speaks_something_else_is_a_fault_that_may_pass() {
    for (line, answer) in [
        ("connected", ""),
        ("connected", "HTTP/1.1 400 Bad Request"),
        ("EHLO", ""),
        ("MAIL", ""),
        ("DATA", ""),
        ("text", ""),
    ] {
        let fault = fault(line, answer).await;
        assert!(!fault.is_final(), "{line}: {fault}");
        assert!(
            matches!(fault, SmtpFault::Protocol | SmtpFault::Io(_)),
            "{line}: {fault}"
        );
    }
}

#[tokio::test]
async fn a_server_that_says_nothing_is_given_up() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a listener");
    let at = listener.local_addr().expect("its address");
    let stream = TcpStream::connect(at).await.expect("a connection");
    let envelope = Envelope {
        from: "asa@example.net",
        to: &["a@example.net".into()],
        text: TEXT,
    };
    let sent = send(stream, "ciscoasa", &envelope, Duration::from_millis(100)).await;
    assert!(matches!(sent, Err(SmtpFault::TimedOut)), "{sent:?}");
}

#[test]
fn a_servers_words_are_one_line_of_text() {
    assert_eq!(one_line(" a\r\nb\x1b[2J\n"), "a  b [2J");
    assert_eq!(one_line(&"x".repeat(500)).len(), 120);
}
