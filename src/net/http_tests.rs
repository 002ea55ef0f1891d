//! Requests against servers on loopback: what arrives byte by byte, and the words for everything that goes wrong, trust
//! included. Nothing leaves the machine.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::mpsc;
use std::thread;

use hyper::Uri;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore, ServerConfig, ServerConnection, StreamOwned};

use super::*;

/// Reads one request whole (its length is stated), then says `answer` and hangs up.
fn serve(mut stream: impl Read + Write, answer: &[u8]) -> String {
    let mut request = Vec::new();
    let mut byte = [0];
    while !request.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|read| read == 1) {
        request.push(byte[0]);
    }
    let mut head = String::from_utf8_lossy(&request).into_owned();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: ")?.parse().ok())
        .unwrap_or(0);
    let mut body = vec![0; length];
    if stream.read_exact(&mut body).is_ok() {
        head.push_str(&String::from_utf8_lossy(&body));
    }
    // The client may have hung up already; its own assertion tells.
    stream.write_all(answer).and_then(|()| stream.flush()).ok();
    head
}

/// A server for one connection: its port, and what it was sent.
fn server(answer: &'static [u8]) -> (u16, mpsc::Receiver<String>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("loopback");
    let port = listener.local_addr().expect("bound").port();
    let (requests, received) = mpsc::channel();
    thread::spawn(move || {
        let (stream, _) = listener.accept().expect("a client");
        requests.send(serve(stream, answer)).ok();
    });
    (port, received)
}

async fn post_with(client: Client, only_to: &str, url: &str) -> Result<StatusCode, HttpFault> {
    let only_to = if only_to.is_empty() {
        OnlyTo::anywhere()
    } else {
        only_to.parse().expect("networks")
    };
    let names = BTreeMap::from([(
        "127.0.0.1".parse().expect("an address"),
        "collector.example".into(),
    )]);
    let way = Way {
        only_to: &only_to,
        names: &names,
        finder: &Names::default(),
        tls: Some(&client),
        limit: Duration::from_millis(900),
    };
    let url: Uri = url.parse().expect("a URL");
    let is_https = url.scheme_str() == Some("https");
    let host = url.host().expect("a host").trim_matches(['[', ']']);
    let port = url.port_u16().expect("a port");
    let target = url.path_and_query().expect("a path");
    let url = Url::new(is_https, host, port, target.as_str()).expect("a URL");
    super::post(
        &way,
        &url,
        "text/xml; charset=UTF-8",
        Bytes::from_static(b"<a/>"),
    )
    .await
}

async fn post(url: &str) -> Result<StatusCode, HttpFault> {
    post_with(trusting(&[]), "", url).await
}

fn words(answer: Result<StatusCode, HttpFault>) -> String {
    answer.map_or_else(|fault| fault.to_string(), |status| status.to_string())
}

const OK: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

#[tokio::test]
async fn a_request_says_host_type_length_and_body() {
    let (port, received) = server(OK);
    let answer = post(&format!("http://collector.example:{port}/its/service?x=1")).await;
    assert_eq!(words(answer), "200 OK");
    let request = received.recv().expect("a request");
    let (head, body) = request.split_once("\r\n\r\n").expect("head and body");
    let mut lines: Vec<_> = head.lines().collect();
    assert_eq!(lines.remove(0), "POST /its/service?x=1 HTTP/1.1");
    lines.sort_unstable();
    let host = format!("host: collector.example:{port}");
    let agent = concat!("user-agent: Watchfire/", env!("CARGO_PKG_VERSION"));
    let expected = [
        "connection: close",
        "content-length: 4",
        "content-type: text/xml; charset=UTF-8",
        &host,
        agent,
    ];
    assert_eq!(lines, expected);
    assert_eq!(body, "<a/>");
}

#[tokio::test]
async fn every_status_comes_back_and_no_redirect_is_followed() {
    for (answer, status) in [
        (&b"HTTP/1.1 204 No Content\r\n\r\n"[..], "204 No Content"),
        (
            b"HTTP/1.1 302 Found\r\nlocation: http://192.0.2.1/\r\ncontent-length: 0\r\n\r\n",
            "302 Found",
        ),
        (
            b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n",
            "404 Not Found",
        ),
        (
            b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 503 Service Unavailable\r\n\r\nbusy",
            "503 Service Unavailable",
        ),
        (
            b"HTTP/1.1 200 OK\r\ncontent-length: 99999999\r\n\r\ncut short",
            "200 OK",
        ),
    ] {
        let (port, _received) = server(answer);
        assert_eq!(
            words(post(&format!("http://127.0.0.1:{port}/")).await),
            status
        );
    }
}

#[tokio::test]
async fn what_is_no_answer_is_worded_for_an_operator() {
    for (answer, reason) in [
        (&b""[..], "connection closed without an answer"),
        (b"HTTP/1.1 2", "connection closed without an answer"),
        (b"220 mail.example ESMTP\r\n", "the answer is not HTTP"),
    ] {
        let (port, _received) = server(answer);
        assert_eq!(
            words(post(&format!("http://127.0.0.1:{port}/")).await),
            reason
        );
    }
}

#[tokio::test]
async fn a_closed_port_is_a_refused_connection() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("loopback");
    let address = listener.local_addr().expect("bound");
    drop(listener);
    assert_eq!(
        words(post(&format!("http://{address}/")).await),
        format!("{address}: connection refused")
    );
}

#[tokio::test]
async fn a_peer_that_never_answers_costs_the_time_limit_and_no_more() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("loopback");
    let address = listener.local_addr().expect("bound");
    let fault = post(&format!("http://{address}/"))
        .await
        .expect_err("nobody answers");
    assert!(
        matches!(
            fault,
            HttpFault::Timeout {
                stage: "answer",
                ..
            }
        ),
        "{fault}"
    );
    let fault = post(&format!("https://{address}/"))
        .await
        .expect_err("nobody shakes hands");
    assert!(
        matches!(
            fault,
            HttpFault::Timeout {
                stage: "TLS handshake",
                ..
            }
        ),
        "{fault}"
    );
}

#[tokio::test]
async fn outside_of_only_to_no_connection_is_made() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("loopback");
    let address = listener.local_addr().expect("bound");
    listener.set_nonblocking(true).expect("a socket");
    let answer = post_with(trusting(&[]), "192.0.2.0/24", &format!("http://{address}/")).await;
    assert_eq!(words(answer), "not in --only-to");
    assert_eq!(
        listener.accept().expect_err("nobody came").kind(),
        io::ErrorKind::WouldBlock
    );
    let (port, _received) = server(OK);
    let answer = post_with(
        trusting(&[]),
        "127.0.0.0/8",
        &format!("http://127.0.0.1:{port}/"),
    )
    .await;
    assert_eq!(words(answer), "200 OK");
}

/// A client that believes these authorities alone.
fn trusting(authorities: &[&CertificateDer<'static>]) -> Client {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(authorities.iter().map(|&authority| authority.clone()));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder =
        ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let config = builder
        .expect("ring")
        .with_root_certificates(roots)
        .with_no_client_auth();
    Client {
        config: Arc::new(config),
        vet: None,
    }
}

fn authority() -> CertifiedIssuer<'static, KeyPair> {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().expect("a key")).expect("an authority")
}

/// An HTTPS server for one connection, with a certificate for `name` that `issuer` signed.
fn https_server(issuer: &CertifiedIssuer<'static, KeyPair>, name: &str) -> u16 {
    let params = CertificateParams::new([name.to_owned()]).expect("a name");
    let key = KeyPair::generate().expect("a key");
    let certificate = params.signed_by(&key, issuer).expect("a certificate");
    let key = PrivateKeyDer::try_from(key.serialize_der()).expect("PKCS #8");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("ring")
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .expect("key and certificate match");
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("loopback");
    let port = listener.local_addr().expect("bound").port();
    thread::spawn(move || {
        let (stream, _) = listener.accept().expect("a client");
        let connection = ServerConnection::new(Arc::new(config)).expect("a connection");
        serve(StreamOwned::new(connection, stream), OK);
    });
    port
}

#[tokio::test]
async fn a_server_whose_issuer_is_trusted_gets_the_request() {
    let issuer = authority();
    for name in ["collector.example", "127.0.0.1"] {
        let port = https_server(&issuer, name);
        let answer = post_with(
            trusting(&[issuer.der()]),
            "",
            &format!("https://{name}:{port}/"),
        )
        .await;
        assert_eq!(words(answer), "200 OK");
    }
}

/// Its words are the verifier's (trust).
#[tokio::test]
async fn an_unknown_issuer_is_refused() {
    let port = https_server(&authority(), "collector.example");
    let fault = post(&format!("https://collector.example:{port}/"))
        .await
        .expect_err("not trusted");
    assert!(matches!(fault, HttpFault::Tls(TlsFault::Certificate(_))));
}

#[tokio::test]
async fn a_server_without_tls_is_no_https_server() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("loopback");
    let address = listener.local_addr().expect("bound");
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a client");
        stream
            .write_all(b"220 mail.example ESMTP\r\n")
            .expect("a greeting");
        stream.read_to_end(&mut Vec::new()).ok();
    });
    let fault = post(&format!("https://{address}/"))
        .await
        .expect_err("no TLS");
    assert!(
        matches!(fault, HttpFault::Tls(TlsFault::Protocol(_))),
        "{fault:?}"
    );
}

/// Has its own opinion of a server.
#[derive(Debug)]
struct Opinion(Result<(), String>);

impl tls::Vet for Opinion {
    fn vet<'a>(&'a self, shown: &'a [CertificateDer<'static>]) -> tls::Vetting<'a> {
        assert_eq!(shown.len(), 1, "the server's certificates");
        Box::pin(std::future::ready(self.0.clone()))
    }
}

#[tokio::test]
async fn a_second_look_decides_before_the_first_byte() {
    let issuer = authority();
    for (opinion, expected) in [
        (Ok(()), "200 OK"),
        (
            Err("certificate is revoked".to_owned()),
            "certificate is revoked",
        ),
    ] {
        let port = https_server(&issuer, "collector.example");
        let client = Client {
            vet: Some(Arc::new(Opinion(opinion))),
            ..trusting(&[issuer.der()])
        };
        let answer = post_with(client, "", &format!("https://collector.example:{port}/")).await;
        assert_eq!(words(answer), expected);
    }
}
