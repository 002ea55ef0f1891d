//! One POST over HTTP or HTTPS: the URL, the name's addresses, the connection, the request, the answer's status. No
//! redirects, no cookies, no proxy, no second attempt; everything together ends within one time limit.

use std::collections::BTreeMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1;
use hyper::header::{CONNECTION, CONTENT_TYPE, HOST, USER_AGENT};
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout, timeout_at};

use super::names::{Names, Unresolved};
use super::only_to::{OnlyTo, Outside};
use super::tls::{self, Client, TlsFault};
use super::url::Url;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum HttpFault {
    /// `--only-to` names none of the host's addresses (C1.12); nothing was sent.
    #[error("{Outside}")]
    NotPermitted,
    #[error("{host}: {error}")]
    Lookup { host: Arc<str>, error: Unresolved },
    #[error("{address}: {}", io_words(.error))]
    Connect {
        address: SocketAddr,
        error: io::Error,
    },
    #[error("{0}")]
    Tls(#[from] TlsFault),
    /// What came back is no HTTP, or the peer hung up before it answered.
    #[error("{}", protocol_words(.0))]
    Protocol(#[from] hyper::Error),
    /// More than was asked for, in bytes.
    #[error("the answer is longer than {most} bytes")]
    TooLong { most: usize },
    /// The proxy does not connect to the destination.
    #[error("the proxy answers {0}")]
    Proxy(StatusCode),
    #[error("no {stage} within {} s", .limit.as_secs())]
    Timeout {
        stage: &'static str,
        limit: Duration,
    },
}

/// How requests leave: what they may reach, who is believed, how long they may take.
pub struct Way<'a> {
    pub only_to: &'a OnlyTo,
    /// The names of the configuration, which come before the resolver's.
    pub names: &'a BTreeMap<IpAddr, Arc<str>>,
    /// Who knows any other name.
    pub finder: &'a Names,
    /// For https; without it there is no such connection.
    pub tls: Option<&'a Client>,
    /// For connection, handshake, request and answer; for the name before it where one is fetched, not where one is posted.
    pub limit: Duration,
}

/// Posts `body` once and returns the answer's status, whatever it is. The time limit begins when the address is known, which
/// is for the finder to limit. The answer's body is read up to a bound and dropped.
pub async fn post(
    way: &Way<'_>,
    url: &Url,
    content_type: &'static str,
    body: Bytes,
) -> Result<StatusCode, HttpFault> {
    let addresses = lookup(way, url).await?;
    let known = Known {
        addresses,
        deadline: Deadline::of(way),
    };
    let request = request(url, Method::POST, Some(content_type), body);
    let finish = |answer: Response<Incoming>| async move {
        let status = answer.status();
        drain(answer).await;
        Ok(status)
    };
    ask(way, url, known, request, |_, _| {}, finish).await
}

/// Where a URL's host is, and how long the rest may take.
pub(super) struct Known {
    addresses: Vec<SocketAddr>,
    deadline: Deadline,
}

impl Known {
    /// The name's addresses, within the one time limit.
    pub(super) async fn in_time(way: &Way<'_>, url: &Url) -> Result<Self, HttpFault> {
        let deadline = Deadline::of(way);
        let lookup = deadline.within("answer from the name server", lookup(way, url));
        let addresses = lookup.await??;
        Ok(Self {
            addresses,
            deadline,
        })
    }
}

/// Sends one request the whole way there, within the one time limit; `finish` makes of the answer what is wanted of it.
/// `connected` is told both ends of the connection, this host's first, before anything is sent.
pub(super) async fn ask<T, F>(
    way: &Way<'_>,
    url: &Url,
    known: Known,
    request: Request<Full<Bytes>>,
    connected: impl FnOnce(SocketAddr, SocketAddr),
    finish: impl FnOnce(Response<Incoming>) -> F,
) -> Result<T, HttpFault>
where
    F: Future<Output = Result<T, HttpFault>>,
{
    let Known {
        addresses,
        deadline,
    } = known;
    let stream = connect(way.only_to, &addresses, &deadline).await?;
    if let (Ok(local), Ok(peer)) = (stream.local_addr(), stream.peer_addr()) {
        connected(local, peer);
    }
    if url.is_https() {
        let client = way.tls.ok_or(TlsFault::Name)?;
        let handshake = tls::connect(client, url.host(), stream);
        let stream = deadline.within("TLS handshake", handshake).await??;
        exchange(stream, request, finish, &deadline).await
    } else {
        exchange(stream, request, finish, &deadline).await
    }
}

/// The one time limit that all steps share.
pub(super) struct Deadline {
    at: Instant,
    pub(super) limit: Duration,
}

impl Deadline {
    pub(super) fn of(way: &Way<'_>) -> Self {
        Self {
            at: Instant::now() + way.limit,
            limit: way.limit,
        }
    }

    pub(super) async fn within<T>(
        &self,
        stage: &'static str,
        step: impl Future<Output = T>,
    ) -> Result<T, HttpFault> {
        timeout_at(self.at, step)
            .await
            .map_err(|_| HttpFault::Timeout {
                stage,
                limit: self.limit,
            })
    }

    /// An equal share of what is left, so that one silent address leaves time for the others.
    pub(super) fn share(&self, of: usize) -> Instant {
        let now = Instant::now();
        let left = self.at.saturating_duration_since(now);
        now + left / u32::try_from(of.max(1)).unwrap_or(u32::MAX)
    }
}

/// The configuration's own names first, in any family; literals and all other names by `names`.
pub(super) async fn lookup(way: &Way<'_>, url: &Url) -> Result<Vec<SocketAddr>, HttpFault> {
    let known = way.names.iter().filter(|(_, name)| &***name == url.host());
    let known: Vec<_> = known
        .map(|(address, _)| SocketAddr::new(*address, url.port()))
        .collect();
    if !known.is_empty() {
        return Ok(known);
    }
    let found = way.finder.resolve(url.host(), url.port(), false).await;
    found.map_err(|error| HttpFault::Lookup {
        host: url.host().into(),
        error,
    })
}

/// The first address that takes the connection, in the resolver's order; else the last one's failure.
async fn connect(
    only_to: &OnlyTo,
    addresses: &[SocketAddr],
    deadline: &Deadline,
) -> Result<TcpStream, HttpFault> {
    let permitted: Vec<_> = addresses
        .iter()
        .filter(|address| only_to.check(address.ip()).is_ok())
        .collect();
    let mut last = HttpFault::NotPermitted;
    for (tried, &address) in permitted.iter().enumerate() {
        let attempt = timeout_at(
            deadline.share(permitted.len() - tried),
            TcpStream::connect(address),
        );
        last = match attempt.await {
            Ok(Ok(stream)) => {
                // Without it only the last small segment may wait a moment; not worth a failure.
                stream.set_nodelay(true).ok();
                return Ok(stream);
            }
            Ok(Err(error)) => HttpFault::Connect {
                address: *address,
                error,
            },
            Err(_) => HttpFault::Timeout {
                stage: "connection",
                limit: deadline.limit,
            },
        };
    }
    Err(last)
}

/// A request as every one is written here: with a host, with our name, for one answer.
pub(super) fn request(
    url: &Url,
    method: Method,
    content_type: Option<&'static str>,
    body: Bytes,
) -> Request<Full<Bytes>> {
    let mut request = Request::new(Full::new(body));
    *request.method_mut() = method;
    *request.uri_mut() = url.target().clone();
    let headers = request.headers_mut();
    // hyper's connection adds no Host of its own.
    headers.insert(HOST, url.host_header().clone());
    headers.insert(USER_AGENT, PRODUCT);
    if let Some(content_type) = content_type {
        let content_type = hyper::header::HeaderValue::from_static(content_type);
        headers.insert(CONTENT_TYPE, content_type);
    }
    headers.insert(CONNECTION, hyper::header::HeaderValue::from_static("close"));
    request
}

async fn exchange<S, T, F>(
    stream: S,
    request: Request<Full<Bytes>>,
    finish: impl FnOnce(Response<Incoming>) -> F,
    deadline: &Deadline,
) -> Result<T, HttpFault>
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    F: Future<Output = Result<T, HttpFault>>,
{
    deadline
        .within("answer", async {
            let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
            // Dropping the set ends the connection, also when the time is over.
            let mut driver = JoinSet::new();
            driver.spawn(connection);
            finish(sender.send_request(request).await?).await
        })
        .await?
}

/// Reads what the peer still says, so that it does not see its answer cut off. The status is known: nothing that happens
/// here changes it, and a body that is too long or too slow is left unread.
/// Whether it was read to its end.
pub(super) async fn drain(answer: Response<Incoming>) -> bool {
    let rest = Limited::new(answer.into_body(), MOST_OF_AN_ANSWER).collect();
    matches!(timeout(PATIENCE_FOR_A_BODY, rest).await, Ok(Ok(_)))
}

/// An I/O failure as an operator reads it, without error numbers.
pub(super) fn io_words(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::Other | io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => {
            error.to_string()
        }
        io::ErrorKind::UnexpectedEof => "connection closed".to_owned(),
        _ if error.raw_os_error().is_some() => without_number(&error.to_string()).to_lowercase(),
        kind => kind.to_string(),
    }
}

/// `Connection refused (os error 111)` without the bracket.
fn without_number(text: &str) -> &str {
    text.rsplit_once(" (os error")
        .map_or(text, |(words, _)| words)
}

fn protocol_words(error: &hyper::Error) -> String {
    if error.is_incomplete_message() || error.is_canceled() || error.is_closed() {
        "connection closed without an answer".to_owned()
    } else if error.is_parse() {
        "the answer is not HTTP".to_owned()
    } else {
        let mut source = std::error::Error::source(error);
        while let Some(cause) = source {
            if let Some(io) = cause.downcast_ref::<io::Error>() {
                return io_words(io);
            }
            source = cause.source();
        }
        error.to_string()
    }
}

const PRODUCT: hyper::header::HeaderValue =
    hyper::header::HeaderValue::from_static(concat!("Watchfire/", env!("CARGO_PKG_VERSION")));
const MOST_OF_AN_ANSWER: usize = 64 * 1024;
const PATIENCE_FOR_A_BODY: Duration = Duration::from_millis(500);

#[cfg(test)]
#[path = "http_tests.rs"]
mod tests;
