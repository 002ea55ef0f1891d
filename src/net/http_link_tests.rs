//! Posts to servers and proxies of the test's own on loopback, which count their connections.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream as Stream};
use std::sync::mpsc::{Receiver, channel};
use std::thread;

use super::*;

/// One request as a server got it: the number of its connection, the first line, the body.
type Asked = (usize, String, String);

/// Reads one request; `None` at the end of the stream.
fn request_of(reader: &mut BufReader<Stream>) -> Option<(String, String)> {
    let (mut first, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        let line = line.trim_end();
        if line.is_empty() {
            break;
        }
        if first.is_empty() {
            first = line.to_owned();
        }
        if let Some(text) = line.to_ascii_lowercase().strip_prefix("content-length: ") {
            length = text.parse().ok()?;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some((first, String::from_utf8_lossy(&body).into_owned()))
}

/// Answers so many requests on each connection, then closes it.
fn server(each: usize, answer: &'static str) -> (u16, Receiver<Asked>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("loopback");
    let port = listener.local_addr().expect("bound").port();
    let (asked, received) = channel();
    thread::spawn(move || {
        for (number, stream) in listener.incoming().map_while(Result::ok).enumerate() {
            let mut reader = BufReader::new(stream.try_clone().expect("one more end"));
            for _ in 0..each {
                let Some((first, body)) = request_of(&mut reader) else {
                    break;
                };
                if asked.send((number, first, body)).is_err() {
                    return;
                }
                (&stream).write_all(answer.as_bytes()).ok();
            }
        }
    });
    (port, received)
}

async fn post_by(
    kept: &mut Option<Link>,
    port: u16,
    proxy: Option<u16>,
    fence: &str,
    generation: u64,
) -> Result<StatusCode, HttpFault> {
    let names = BTreeMap::new();
    let fence: OnlyTo = fence.parse().expect("networks");
    let route = Route {
        way: Way {
            only_to: &fence,
            names: &names,
            finder: &super::super::names::Names::default(),
            tls: None,
            limit: Duration::from_secs(10),
        },
        leave: Leave::default(),
        proxy: proxy.map(|port| Proxy {
            host: "127.0.0.1".to_owned(),
            port,
        }),
        generation,
    };
    let url = Url::new(false, "127.0.0.1", port, "/in?a=b").expect("a URL");
    post(kept, &route, &url, "text/xml", Bytes::from_static(b"<x/>")).await
}

const TAKEN: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
const LOOPBACK: &str = "127.0.0.0/8";

#[tokio::test]
async fn one_connection_serves_many_posts_until_what_it_depends_on_changes() {
    let (port, asked) = server(usize::MAX, TAKEN);
    let mut kept = None;
    for (generation, connection) in [(1, 0), (1, 0), (1, 0)] {
        let status = post_by(&mut kept, port, None, LOOPBACK, generation).await;
        assert_eq!(status.expect("an answer"), StatusCode::OK);
        let post = "POST /in?a=b HTTP/1.1".to_owned();
        assert_eq!(
            asked.recv().expect("a post"),
            (connection, post, "<x/>".to_owned())
        );
    }
    drop(kept.take());
    post_by(&mut kept, port, None, LOOPBACK, 1)
        .await
        .expect("an answer");
    assert_eq!(asked.recv().expect("a post").0, 1);
    let old = kept.take();
    assert!(old.as_ref().is_some_and(|link| !link.is_idle()));
    kept = old;
    // The server takes one after the other: it sees the new one when the old one is gone.
    post_by(&mut kept, port, None, LOOPBACK, 2)
        .await
        .expect("an answer");
    assert_eq!(asked.recv().expect("a post").0, 2);
}

#[tokio::test]
async fn a_connection_that_the_server_has_closed_is_replaced() {
    let (port, asked) = server(1, TAKEN);
    let mut kept = None;
    for connection in 0..4 {
        let status = post_by(&mut kept, port, None, LOOPBACK, 1).await;
        assert_eq!(status.expect("an answer"), StatusCode::OK);
        assert_eq!(asked.recv().expect("a post").0, connection);
    }
}

#[tokio::test]
async fn an_answer_without_an_end_is_not_waited_for_and_ends_the_connection() {
    let endless = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
    let (port, _asked) = server(1, endless);
    let mut kept = None;
    let status = post_by(&mut kept, port, None, LOOPBACK, 1).await;
    assert_eq!(status.expect("an answer"), StatusCode::OK);
    assert!(kept.is_none());
}

#[tokio::test]
async fn a_proxy_gets_the_whole_url() {
    let (proxy, asked) = server(usize::MAX, TAKEN);
    let mut kept = None;
    for _ in 0..2 {
        let status = post_by(&mut kept, 9, Some(proxy), LOOPBACK, 1).await;
        assert_eq!(status.expect("an answer"), StatusCode::OK);
        let (number, first, _) = asked.recv().expect("a post");
        assert_eq!(
            (number, &*first),
            (0, "POST http://127.0.0.1:9/in?a=b HTTP/1.1")
        );
    }
}

#[tokio::test]
async fn a_fence_holds_behind_a_proxy() {
    let (proxy, asked) = server(usize::MAX, TAKEN);
    let names = BTreeMap::new();
    let fence: OnlyTo = LOOPBACK.parse().expect("networks");
    let route = Route {
        way: Way {
            only_to: &fence,
            names: &names,
            finder: &super::super::names::Names::default(),
            tls: None,
            limit: Duration::from_secs(10),
        },
        leave: Leave::default(),
        proxy: Some(Proxy {
            host: "127.0.0.1".to_owned(),
            port: proxy,
        }),
        generation: 1,
    };
    let url = Url::new(false, "192.0.2.1", 80, "/").expect("a URL");
    let posted = post(&mut None, &route, &url, "text/xml", Bytes::new()).await;
    let fault = posted.expect_err("outside");
    assert_eq!(fault.to_string(), "not in --only-to");
    assert!(asked.try_recv().is_err());
}

/// A proxy that refuses, or one that connects and then says what it heard.
fn tunnels(answer: &'static str) -> (u16, Receiver<(String, Vec<u8>)>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("loopback");
    let port = listener.local_addr().expect("bound").port();
    let (heard, hears) = channel();
    thread::spawn(move || {
        let (stream, _) = listener.accept().expect("a client");
        let mut reader = BufReader::new(stream.try_clone().expect("one more end"));
        let (first, _) = request_of(&mut reader).expect("a request");
        (&stream).write_all(answer.as_bytes()).ok();
        let mut hello = [0; 1];
        let read = reader.read(&mut hello).unwrap_or_default();
        heard
            .send((first, hello.get(..read).unwrap_or_default().to_vec()))
            .ok();
    });
    (port, hears)
}

async fn post_through(proxy: u16) -> HttpFault {
    let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("ring")
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth();
    let client = tls::Client {
        config: std::sync::Arc::new(config),
        vet: None,
    };
    let names = BTreeMap::new();
    let route = Route {
        way: Way {
            only_to: &OnlyTo::anywhere(),
            names: &names,
            finder: &super::super::names::Names::default(),
            tls: Some(&client),
            limit: Duration::from_secs(10),
        },
        leave: Leave::default(),
        proxy: Some(Proxy {
            host: "127.0.0.1".to_owned(),
            port: proxy,
        }),
        generation: 1,
    };
    let url = Url::new(true, "collector.invalid", 443, "/").expect("a URL");
    let posted = post(&mut None, &route, &url, "text/xml", Bytes::new()).await;
    posted.expect_err("nobody answers there")
}

#[tokio::test]
async fn a_proxy_is_asked_to_connect_and_hears_a_handshake_then() {
    let (proxy, hears) = tunnels("HTTP/1.1 200 Connection established\r\n\r\n");
    let fault = post_through(proxy).await;
    assert!(matches!(fault, HttpFault::Tls(_)), "{fault}");
    let (first, hello) = hears.recv().expect("it heard something");
    assert_eq!(first, "CONNECT collector.invalid:443 HTTP/1.1");
    assert_eq!(hello, [22], "a TLS handshake record");
}

#[tokio::test]
async fn a_proxy_that_refuses_is_named() {
    let (proxy, _hears) = tunnels("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n");
    let fault = post_through(proxy).await;
    let words = "the proxy answers 407 Proxy Authentication Required";
    assert_eq!(fault.to_string(), words);
}
