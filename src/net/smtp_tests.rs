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

/// A server with STARTTLS or TLS from the start, and who believes it: one dialogue, the lines it got in the clear and behind TLS.
struct Guarded {
    at: std::net::SocketAddr,
    lines: std::sync::mpsc::Receiver<(bool, String)>,
    client: Client,
}

impl Guarded {
    fn open(is_tls_from_start: bool, offers: &'static str, login: &'static str) -> Self {
        let issued = rcgen::generate_simple_self_signed(["mail.example".to_owned()]);
        let issued = issued.expect("a certificate");
        let key = rustls::pki_types::PrivateKeyDer::try_from(issued.signing_key.serialize_der());
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let server = rustls::ServerConfig::builder_with_provider(provider.clone())
            .with_safe_default_protocol_versions()
            .expect("ring")
            .with_no_client_auth()
            .with_single_cert(vec![issued.cert.der().clone()], key.expect("PKCS #8"))
            .expect("key and certificate match");
        let mut roots = rustls::RootCertStore::empty();
        roots.add(issued.cert.der().clone()).expect("a root");
        let config = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("ring")
            .with_root_certificates(roots)
            .with_no_client_auth();
        let client = Client {
            config: Arc::new(config),
            vet: None,
        };
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a listener");
        let at = listener.local_addr().expect("its address");
        let (said, lines) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().expect("a client");
            if !is_tls_from_start
                && !answer_lines(&mut stream, true, offers, login, &|line| {
                    said.send((false, line.to_owned())).ok();
                })
            {
                return;
            }
            let session = rustls::ServerConnection::new(Arc::new(server)).expect("a session");
            let mut stream = rustls::StreamOwned::new(session, stream);
            answer_lines(&mut stream, is_tls_from_start, "", login, &|line| {
                said.send((true, line.to_owned())).ok();
            });
        });
        Self { at, lines, client }
    }

    async fn send(
        &self,
        protection: Protection<'_>,
        login: Option<Login<'_>>,
    ) -> Result<Vec<(usize, Refusal)>, SmtpFault> {
        let stream = TcpStream::connect(self.at).await.expect("a connection");
        let envelope = Envelope {
            from: "asa@example.net",
            to: &["a@example.net".into()],
            text: TEXT,
        };
        let server = Server {
            hello: "ciscoasa",
            host: "mail.example",
            protection,
            login,
        };
        deliver(stream, &server, &envelope, Duration::from_secs(10)).await
    }

    /// The lines that came behind TLS, and in the clear.
    fn heard(&self) -> (Vec<String>, Vec<String>) {
        let lines: Vec<_> = self.lines.iter().collect();
        let of = |tls: bool| {
            let lines = lines.iter().filter(|(is_tls, _)| *is_tls == tls);
            lines.map(|(_, line)| line.clone()).collect()
        };
        (of(true), of(false))
    }
}

/// Answers lines to the end; whether it ended with STARTTLS.
fn answer_lines(
    stream: &mut (impl io::Read + io::Write),
    greets: bool,
    offers: &str,
    login: &str,
    said: &dyn Fn(&str),
) -> bool {
    let say = |stream: &mut dyn io::Write, text: &str| {
        stream.write_all(format!("{text}\r\n").as_bytes()).is_ok() && stream.flush().is_ok()
    };
    if greets && !say(stream, "220 guarded") {
        return false;
    }
    let (mut line, mut in_text) = (Vec::new(), false);
    loop {
        let mut byte = [0];
        if !matches!(stream.read(&mut byte), Ok(1)) {
            return false;
        }
        line.push(byte[0]);
        if !line.ends_with(b"\r\n") {
            continue;
        }
        let text = String::from_utf8_lossy(&line).trim_end().to_owned();
        line.clear();
        if in_text && text != "." {
            continue;
        }
        if !in_text {
            said(&text);
        }
        let answer = match text.split(' ').next().unwrap_or_default() {
            "EHLO" if offers.is_empty() => "250-guarded\r\n250 AUTH PLAIN".to_owned(),
            "EHLO" => format!("250-guarded\r\n250 {offers}"),
            "AUTH" => login.to_owned(),
            "DATA" => "354 go on".to_owned(),
            "STARTTLS" => "220 go on".to_owned(),
            _ => "250 ok".to_owned(),
        };
        in_text = text == "DATA";
        if !say(stream, &answer) {
            return false;
        }
        if text == "STARTTLS" {
            return true;
        }
    }
}

const LOGIN: Login<'_> = Login {
    name: "fw",
    password: "s3cret",
};

#[tokio::test]
async fn behind_starttls_the_server_is_greeted_anew_and_the_password_is_said() {
    let server = Guarded::open(false, "STARTTLS", "235 welcome");
    let sent = server
        .send(Protection::StartTls(&server.client), Some(LOGIN))
        .await;
    assert_eq!(sent.expect("it is taken"), []);
    let (behind, clear) = server.heard();
    assert_eq!(clear, ["EHLO ciscoasa", "STARTTLS"]);
    assert_eq!(behind[0], "EHLO ciscoasa");
    assert_eq!(behind[1], "AUTH PLAIN AGZ3AHMzY3JldA==");
    assert_eq!(behind[2], "MAIL FROM:<asa@example.net>");
}

#[tokio::test]
async fn tls_from_the_start_has_nothing_in_the_clear() {
    let server = Guarded::open(true, "", "235 welcome");
    let sent = server
        .send(Protection::Tls(&server.client), Some(LOGIN))
        .await;
    assert_eq!(sent.expect("it is taken"), []);
    let (behind, clear) = server.heard();
    assert_eq!(clear, Vec::<String>::new());
    assert!(behind.iter().any(|line| line.starts_with("RCPT")));
}

#[tokio::test]
async fn starttls_that_was_asked_for_never_falls_back_and_that_which_is_offered_is_used() {
    let server = Guarded::open(false, "8BITMIME", "");
    let sent = server
        .send(Protection::StartTls(&server.client), None)
        .await;
    assert!(matches!(sent, Err(SmtpFault::NoTls)), "{sent:?}");
    assert_eq!(server.heard().1, ["EHLO ciscoasa"]);
    let server = Guarded::open(false, "STARTTLS", "");
    let sent = server
        .send(Protection::IfOffered(&server.client), None)
        .await;
    assert!(sent.is_ok(), "{sent:?}");
    assert!(server.heard().0.iter().any(|line| line == "DATA"));
    let server = Guarded::open(false, "8BITMIME", "");
    let sent = server
        .send(Protection::IfOffered(&server.client), None)
        .await;
    assert!(sent.is_ok(), "{sent:?}");
    assert!(server.heard().1.iter().any(|line| line == "DATA"));
}

#[tokio::test]
async fn a_password_is_never_said_in_the_clear() {
    for offers in ["AUTH PLAIN", "8BITMIME"] {
        let server = Guarded::open(false, offers, "235 welcome");
        let client = server.client.clone();
        for protection in [Protection::IfOffered(&client), Protection::Plain] {
            let server = Guarded::open(false, offers, "235 welcome");
            let sent = server.send(protection, Some(LOGIN)).await;
            assert!(matches!(sent, Err(SmtpFault::NoTlsForLogin)), "{sent:?}");
            let (_, clear) = server.heard();
            assert_eq!(clear, ["EHLO ciscoasa"]);
        }
    }
}

#[tokio::test]
async fn a_wrong_password_and_a_wrong_name_may_be_corrected() {
    let server = Guarded::open(false, "STARTTLS", "535 no");
    let sent = server
        .send(Protection::StartTls(&server.client), Some(LOGIN))
        .await;
    let fault = sent.expect_err("refused");
    assert_eq!(fault.to_string(), "AUTH refused: 535 no");
    assert!(!fault.is_final());
    let (server, other) = (
        Guarded::open(false, "STARTTLS", ""),
        Guarded::open(false, "STARTTLS", ""),
    );
    // The certificate of one is not that of the other.
    let sent = server
        .send(Protection::IfOffered(&other.client), None)
        .await;
    assert!(matches!(sent, Err(SmtpFault::Tls(_))), "{sent:?}");
}
