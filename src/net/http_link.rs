//! Posts over a connection that is kept for the next one: straight to the server or through a proxy (CONNECT for https, absolute
//! form for http), from the address that is configured. Whose connection it is, and what an answer means, is decided elsewhere.

use std::net::SocketAddr;
use std::time::Duration;

use http_body_util::Full;
use hyper::body::Bytes;
use hyper::client::conn::http1::{self, SendRequest};
use hyper::header::{CONNECTION, HOST, HeaderValue};
use hyper::{Method, Request, StatusCode, Uri};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout_at};

use super::http::{self, Deadline, HttpFault, Way};
use super::only_to::OnlyTo;
use super::tcp::{self, NoConnection};
use super::tls::{self, TlsFault};
use super::url::Url;
use super::way::Leave;

/// How posts travel.
pub struct Route<'a> {
    pub way: Way<'a>,
    pub leave: Leave,
    pub proxy: Option<Proxy>,
    /// A connection that was made under another one is not used: trust and configuration may have changed.
    pub generation: u64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proxy {
    /// A name, or an address without brackets.
    pub host: String,
    pub port: u16,
}

/// A connection that waits for the next post; it ends when it is dropped.
#[derive(Debug)]
pub struct Link {
    sender: SendRequest<Full<Bytes>>,
    /// Dropping it ends the connection.
    driver: JoinSet<()>,
    to: To,
    used: Instant,
}

/// What a connection is for.
#[derive(Clone, Debug, PartialEq, Eq)]
struct To {
    is_https: bool,
    host_header: HeaderValue,
    proxy: Option<Proxy>,
    leave: Leave,
    generation: u64,
}

/// Posts `body` and returns the answer's status, whatever it is. `kept` is used where it can be, and holds the connection
/// afterwards where it can be used again. One that the server had closed meanwhile is replaced, so that a server may get a
/// body twice.
pub async fn post(
    kept: &mut Option<Link>,
    route: &Route<'_>,
    url: &Url,
    content_type: &'static str,
    body: Bytes,
) -> Result<StatusCode, HttpFault> {
    let to = To {
        is_https: url.is_https(),
        host_header: url.host_header().clone(),
        proxy: route.proxy.clone(),
        leave: route.leave.clone(),
        generation: route.generation,
    };
    let request = || request(url, route.proxy.is_some(), content_type, body.clone());
    let is_usable =
        |link: &Link| link.to == to && !link.sender.is_closed() && link.used.elapsed() < LONGEST;
    if let Some(link) = kept.take().filter(is_usable) {
        let deadline = Deadline::of(&route.way);
        match deadline.within("answer", link.ask(request()?)).await? {
            Ok((status, link)) => {
                *kept = link;
                return Ok(status);
            }
            // It was closed while nothing was said.
            Err(error) if is_stale(&error) => {}
            Err(error) => return Err(error.into()),
        }
    }
    let (link, deadline) = open(route, url, to).await?;
    let (status, link) = deadline.within("answer", link.ask(request()?)).await??;
    *kept = link;
    Ok(status)
}

fn is_stale(error: &hyper::Error) -> bool {
    let is_io =
        std::error::Error::source(error).is_some_and(|source| source.is::<std::io::Error>());
    error.is_incomplete_message() || error.is_canceled() || error.is_closed() || is_io
}

impl Link {
    /// The answer's status, and the connection where it can be used again.
    async fn ask(
        mut self,
        request: Request<Full<Bytes>>,
    ) -> Result<(StatusCode, Option<Self>), hyper::Error> {
        self.sender.ready().await?;
        let answer = self.sender.send_request(request).await?;
        let status = answer.status();
        let is_whole = http::drain(answer).await;
        self.used = Instant::now();
        Ok((status, is_whole.then_some(self)))
    }

    /// Nobody has used it for so long.
    pub fn is_idle(&self) -> bool {
        self.sender.is_closed() || self.used.elapsed() >= LONGEST
    }
}

/// How long a connection is kept that nobody uses.
pub const LONGEST: Duration = Duration::from_secs(30);

/// The time limit begins when the address is known, which is for the finder to limit.
async fn open(route: &Route<'_>, url: &Url, to: To) -> Result<(Link, Deadline), HttpFault> {
    let addresses = match &route.proxy {
        None => http::lookup(&route.way, url).await?,
        Some(proxy) => {
            fenced(route, url).await?;
            let at = Url::new(false, &proxy.host, proxy.port, "/").ok_or(TlsFault::Name)?;
            http::lookup(&route.way, &at).await?
        }
    };
    let deadline = Deadline::of(&route.way);
    let stream = connect(route, &addresses, &deadline).await?;
    if !url.is_https() {
        return Ok((handshake(stream, to, &deadline).await?, deadline));
    }
    let client = route.way.tls.ok_or(TlsFault::Name)?;
    if route.proxy.is_none() {
        let stream = deadline.within("TLS handshake", tls::connect(client, url.host(), stream));
        let link = handshake(stream.await??, to, &deadline).await?;
        return Ok((link, deadline));
    }
    let tunnel = deadline.within("answer from the proxy", tunnel(stream, url));
    let (stream, mut tunnelling) = tunnel.await??;
    let stream = deadline.within("TLS handshake", tls::connect(client, url.host(), stream));
    let mut link = handshake(stream.await??, to, &deadline).await?;
    // The tunnel lives as long as what goes through it.
    link.driver
        .spawn(async move { while tunnelling.join_next().await.is_some() {} });
    Ok((link, deadline))
}

/// A rehearsal's fence holds behind a proxy, too.
async fn fenced(route: &Route<'_>, url: &Url) -> Result<(), HttpFault> {
    let fence: &OnlyTo = route.way.only_to;
    if fence.is_anywhere() {
        return Ok(());
    }
    let addresses = http::lookup(&route.way, url).await?;
    let inside = |address: &SocketAddr| fence.check(address.ip()).is_ok();
    if addresses.iter().all(inside) {
        Ok(())
    } else {
        Err(HttpFault::NotPermitted)
    }
}

/// The first address that takes the connection; else the last one's failure.
async fn connect(
    route: &Route<'_>,
    addresses: &[SocketAddr],
    deadline: &Deadline,
) -> Result<TcpStream, HttpFault> {
    let fence = route.way.only_to;
    let permitted: Vec<SocketAddr> = addresses
        .iter()
        .copied()
        .filter(|address| fence.check(address.ip()).is_ok())
        .collect();
    let mut last = HttpFault::NotPermitted;
    for (tried, &address) in permitted.iter().enumerate() {
        let way = route.leave.way(address);
        let attempt = tcp::connect(address, &way, fence);
        let failed = |error| HttpFault::Connect { address, error };
        last = match timeout_at(deadline.share(permitted.len() - tried), attempt).await {
            Ok(Ok(stream)) => return TcpStream::from_std(stream).map_err(failed),
            Ok(Err(NoConnection::Failed(error))) => failed(error),
            Ok(Err(NoConnection::Outside(_))) => HttpFault::NotPermitted,
            Err(_) => HttpFault::Timeout {
                stage: "connection",
                limit: deadline.limit,
            },
        };
    }
    Err(last)
}

async fn handshake<S>(stream: S, to: To, deadline: &Deadline) -> Result<Link, HttpFault>
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let shaken = deadline.within("connection", http1::handshake(TokioIo::new(stream)));
    let (sender, connection) = shaken.await??;
    let mut driver = JoinSet::new();
    driver.spawn(async move {
        // Whoever asks hears of a failure.
        let _ended = connection.await;
    });
    Ok(Link {
        sender,
        driver,
        to,
        used: Instant::now(),
    })
}

type Tunnel = TokioIo<hyper::upgrade::Upgraded>;

/// RFC 9110, 9.3.6.
async fn tunnel(stream: TcpStream, url: &Url) -> Result<(Tunnel, JoinSet<()>), HttpFault> {
    let (mut sender, connection) = http1::handshake::<_, Full<Bytes>>(TokioIo::new(stream)).await?;
    let mut driver = JoinSet::new();
    driver.spawn(async move {
        let _ended = connection.with_upgrades().await;
    });
    let host = match url.host().contains(':') {
        true => format!("[{}]:{}", url.host(), url.port()),
        false => format!("{}:{}", url.host(), url.port()),
    };
    let mut request = http::request(url, Method::CONNECT, None, Bytes::new());
    *request.uri_mut() = host.parse().map_err(|_| TlsFault::Name)?;
    let header = HeaderValue::from_str(&host).map_err(|_| TlsFault::Name)?;
    request.headers_mut().insert(HOST, header);
    request.headers_mut().remove(CONNECTION);
    let answer = sender.send_request(request).await?;
    if !answer.status().is_success() {
        return Err(HttpFault::Proxy(answer.status()));
    }
    let upgraded = hyper::upgrade::on(answer).await?;
    Ok((TokioIo::new(upgraded), driver))
}

/// One that leaves the connection open; towards a proxy with the whole URL (RFC 9112, 3.2.2).
fn request(
    url: &Url,
    by_proxy: bool,
    content_type: &'static str,
    body: Bytes,
) -> Result<Request<Full<Bytes>>, HttpFault> {
    let mut request = http::request(url, Method::POST, Some(content_type), body);
    request.headers_mut().remove(CONNECTION);
    if by_proxy && !url.is_https() {
        let host = url.host_header().to_str().map_err(|_| TlsFault::Name)?;
        let whole = format!("http://{host}{}", url.target());
        *request.uri_mut() = whole.parse::<Uri>().map_err(|_| TlsFault::Name)?;
    }
    Ok(request)
}

#[cfg(test)]
#[path = "http_link_tests.rs"]
mod tests;
