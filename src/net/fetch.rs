//! One request whose answer is wanted whole and within a bound: a file is got, or a question is posted. The way there and
//! the one time limit are those of http.rs; no redirects, no second attempt.

use std::net::SocketAddr;

use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::{Method, Response, StatusCode};

use super::http::{self, HttpFault, Known, Way, request};
use super::url::Url;

/// What is asked.
#[derive(Clone, Debug)]
pub enum Ask {
    Get,
    Post {
        content_type: &'static str,
        body: Bytes,
    },
}

/// What came back, whatever its status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    pub status: StatusCode,
    pub body: Bytes,
}

/// Asks once. A body of more than `most` bytes is a fault. `connected` is told both ends of the connection, this host's
/// first, before anything is sent.
pub async fn fetch(
    way: &Way<'_>,
    url: &Url,
    ask: Ask,
    most: usize,
    connected: impl FnOnce(SocketAddr, SocketAddr),
) -> Result<Answer, HttpFault> {
    let request = match ask {
        Ask::Get => request(url, Method::GET, None, Bytes::new()),
        Ask::Post { content_type, body } => request(url, Method::POST, Some(content_type), body),
    };
    let finish = |answer| whole(answer, most);
    let known = Known::in_time(way, url).await?;
    http::ask(way, url, known, request, connected, finish).await
}

async fn whole(answer: Response<Incoming>, most: usize) -> Result<Answer, HttpFault> {
    let status = answer.status();
    let body = Limited::new(answer.into_body(), most).collect().await;
    let body = body.map_err(|error| match error.downcast::<hyper::Error>() {
        Ok(error) => HttpFault::Protocol(*error),
        Err(other) => {
            debug_assert!(other.is::<LengthLimitError>());
            HttpFault::TooLong { most }
        }
    })?;
    Ok(Answer {
        status,
        body: body.to_bytes(),
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::io::{Read, Write};
    use std::net::TcpListener;
    use std::sync::mpsc;
    use std::thread;
    use std::time::Duration;

    use super::super::names::Names;
    use super::super::only_to::OnlyTo;
    use super::*;

    /// Says `answer` to one client, and what that asked.
    fn server(answer: &'static [u8]) -> (u16, mpsc::Receiver<String>) {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("loopback");
        let port = listener.local_addr().expect("bound").port();
        let (requests, received) = mpsc::channel();
        thread::spawn(move || {
            let (mut stream, _) = listener.accept().expect("a client");
            let mut request = [0; 4096];
            let read = stream.read(&mut request).unwrap_or_default();
            let text = String::from_utf8_lossy(request.get(..read).unwrap_or_default());
            requests.send(text.into_owned()).ok();
            stream.write_all(answer).ok();
        });
        (port, received)
    }

    async fn get(port: u16, only_to: &OnlyTo) -> Result<Answer, HttpFault> {
        let way = Way {
            only_to,
            names: &BTreeMap::new(),
            finder: &Names::default(),
            tls: None,
            limit: Duration::from_secs(5),
        };
        let url = Url::new(false, "127.0.0.1", port, "/a.crl").expect("a URL");
        fetch(&way, &url, Ask::Get, 8, |local, peer| {
            assert!(local.ip().is_loopback());
            assert_eq!(peer.port(), port);
        })
        .await
    }

    #[tokio::test]
    async fn a_file_is_got_whole_up_to_its_bound() {
        let anywhere = OnlyTo::anywhere();
        let (port, asked) = server(b"HTTP/1.1 200 OK\r\ncontent-length: 8\r\n\r\n12345678");
        let answer = get(port, &anywhere).await.expect("an answer");
        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!(&answer.body[..], b"12345678");
        let asked = asked.recv().expect("a request");
        assert!(asked.starts_with("GET /a.crl HTTP/1.1\r\n"), "{asked}");
        assert!(!asked.contains("content-type"), "{asked}");

        let (port, _asked) = server(b"HTTP/1.1 200 OK\r\n\r\n123456789");
        let fault = get(port, &anywhere).await.expect_err("too long");
        assert_eq!(fault.to_string(), "the answer is longer than 8 bytes");

        let (port, _asked) = server(b"HTTP/1.1 200 OK\r\ncontent-length: 8\r\n\r\n123");
        let fault = get(port, &anywhere).await.expect_err("cut off");
        assert!(matches!(fault, HttpFault::Protocol(_)), "{fault}");
    }

    #[tokio::test]
    async fn nothing_is_got_outside_the_fence() {
        let fence = "192.0.2.0/24".parse().expect("a network");
        let (port, asked) = server(b"");
        let fault = get(port, &fence).await.expect_err("outside");
        assert_eq!(fault.to_string(), "not in --only-to");
        assert!(asked.try_recv().is_err());
    }
}
