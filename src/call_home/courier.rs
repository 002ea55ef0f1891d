//! One attempt to bring a document to a destination: posted over HTTP or HTTPS, or mailed through the first mail server that takes
//! it. What became of it is an outcome with its reason; who is told, and whether it is tried again, is decided elsewhere.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper::body::Bytes;
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};

use super::document::{Document, content_type};
use super::engine::Outside;
use super::mail_servers::MailServers;
use super::outcome::{Outcome, Reason};
use super::plan::{Address, Destination, Route};
use crate::config::call_home::{MailServer, Secure};
use crate::config::{Published, RunningConfig};
use crate::device::{self, vrf::Vrf};
use crate::net::http::{HttpFault, Way};
use crate::net::http_link::{self, Link, Proxy};
use crate::net::names::Unresolved;
use crate::net::smtp::{self, Envelope, Login, Protection, Server, SmtpFault};
use crate::net::tcp::{self, NoConnection};
use crate::net::tls::{Client, TlsFault};
use crate::net::way::Leave;
use crate::trust::api::Service;

/// What every attempt needs.
pub(super) struct Courier {
    pub(super) outside: Outside,
    pub(super) mail_servers: MailServers,
}

impl Courier {
    /// Any 2xx answer, or that of a mail server, is a delivery, everything else is not. All of it ends within `limit`. `link` is
    /// the connection of an earlier attempt, and holds one for the next where it can.
    pub(super) async fn carry(
        &self,
        published: &Published,
        destination: &Destination,
        route: &Route,
        document: &Document,
        link: &mut Option<Link>,
        limit: Duration,
    ) -> Outcome {
        let config = &*published.config;
        let leave = match leave(config) {
            Ok(leave) => leave,
            Err(reason) => return Outcome::Failed(reason),
        };
        match (route, &destination.address) {
            (Route::Http { .. }, _) => {
                self.post(published, route, document, leave, link, limit)
                    .await
            }
            (Route::Email, Address::Email(to)) => {
                self.mail(config, to, &document.bytes, &leave, limit).await
            }
            (Route::Email, _) => Outcome::Dropped(Reason::new("NO_TX_METHOD", "no e-mail address")),
        }
    }

    async fn post(
        &self,
        published: &Published,
        route: &Route,
        document: &Document,
        leave: Leave,
        link: &mut Option<Link>,
        limit: Duration,
    ) -> Outcome {
        let Route::Http { url, identity } = route else {
            return Outcome::Dropped(Reason::new("NO_TX_METHOD", "no URL"));
        };
        let (config, generation) = (&*published.config, published.generation);
        let client = if url.is_https() {
            let trust = &self.outside.trust;
            match trust.client(Service::CallHome, url.host(), identity.as_deref()) {
                Ok(client) => Some(client),
                Err(missing) => {
                    return Outcome::Dropped(Reason::new("NO_IDENTITY", missing.to_string()));
                }
            }
        } else {
            None
        };
        let proxy = config.call_home.http_proxy.as_ref().map(|proxy| Proxy {
            host: bare(&proxy.host).to_owned(),
            port: proxy.port,
        });
        let by = http_link::Route {
            way: Way {
                only_to: &self.outside.only_to,
                names: &config.system.names,
                finder: &self.outside.names,
                tls: client.as_ref(),
                limit,
            },
            leave,
            proxy,
            generation,
        };
        let content_type = content_type(document.format);
        let posted = http_link::post(link, &by, url, content_type, document.bytes.clone()).await;
        let status = match posted {
            Ok(status) => status,
            Err(fault) => return outcome_of(&fault),
        };
        let reason = || Reason::new("HTTP_STATUS", status.to_string());
        match status.as_u16() {
            200..=299 => Outcome::Delivered,
            // The server is busy, or broken, and says so.
            408 | 429 | 500..=599 => Outcome::Failed(reason()),
            300..=399 => {
                let detail = format!("{status}, redirects are not followed");
                Outcome::Refused(Reason::new("HTTP_STATUS", detail))
            }
            _ => Outcome::Refused(reason()),
        }
    }

    /// Through the first server that takes it; given up where every server refuses it for good.
    async fn mail(
        &self,
        config: &RunningConfig,
        to: &Arc<str>,
        letter: &Bytes,
        leave: &Leave,
        limit: Duration,
    ) -> Outcome {
        let call_home = &config.call_home;
        let Some(from) = call_home.from_address() else {
            return Outcome::Dropped(Reason::new("NO_SENDER", "configure sender from"));
        };
        let to = [to.clone()];
        let envelope = Envelope {
            from,
            to: &to,
            text: letter,
        };
        let until = Instant::now() + limit;
        let mut faults: Vec<(&str, NotTaken)> = Vec::new();
        let servers = self.mail_servers.in_order(&call_home.mail_servers);
        for (tried, server) in servers.iter().enumerate() {
            let left = until.saturating_duration_since(Instant::now());
            let left = left / u32::try_from(servers.len() - tried).unwrap_or(1).max(1);
            let tried = timeout_at(
                Instant::now() + left,
                self.server(config, server, &envelope, leave, left),
            );
            let fault = match tried.await {
                Ok(Ok(())) => {
                    self.mail_servers.note(&server.host, true);
                    return Outcome::Delivered;
                }
                Ok(Err(fault)) => fault,
                Err(_) => NotTaken::Smtp(SmtpFault::TimedOut),
            };
            self.mail_servers.note(&server.host, fault.is_an_answer());
            faults.push((&server.host, fault));
        }
        outcome_of_all(&faults)
    }

    async fn server(
        &self,
        config: &RunningConfig,
        server: &MailServer,
        envelope: &Envelope<'_>,
        leave: &Leave,
        limit: Duration,
    ) -> Result<(), NotTaken> {
        let host = bare(&server.host);
        let known = config.system.names.iter();
        let known: Vec<SocketAddr> = known
            .filter(|(_, name)| &***name == host)
            .map(|(address, _)| SocketAddr::new(*address, server.port()))
            .collect();
        let addresses = match known.is_empty() {
            false => known,
            true => {
                self.outside
                    .names
                    .resolve(host, server.port(), false)
                    .await?
            }
        };
        let client = match server.secure {
            Some(Secure::None) => None,
            _ => Some(self.mail_client(host)),
        };
        let mut fault = NotTaken::Name(Unresolved::NoAddress);
        for address in addresses {
            match self
                .address(
                    config,
                    server,
                    client.as_ref(),
                    address,
                    envelope,
                    leave,
                    limit,
                )
                .await
            {
                Ok(()) => return Ok(()),
                Err(error) => fault = error,
            }
        }
        Err(fault)
    }

    #[expect(clippy::too_many_arguments, reason = "one dialogue has so many sides")]
    async fn address(
        &self,
        config: &RunningConfig,
        server: &MailServer,
        client: Option<&Client>,
        address: SocketAddr,
        envelope: &Envelope<'_>,
        leave: &Leave,
        limit: Duration,
    ) -> Result<(), NotTaken> {
        let protection = match (server.secure, client) {
            (Some(Secure::Starttls), Some(client)) => Protection::StartTls(client),
            (Some(Secure::Tls), Some(client)) => Protection::Tls(client),
            (None, Some(client)) => Protection::IfOffered(client),
            _ => Protection::Plain,
        };
        let password = match &server.login {
            None => None,
            Some(login) => {
                let folder = self.outside.state.as_ref();
                let password = folder.and_then(|folder| folder.unseal(&login.password));
                Some(password.ok_or(NotTaken::Password)?)
            }
        };
        let login = server.login.as_ref().zip(password.as_ref());
        let login = login.map(|(login, password)| (&*login.username, password.as_str()));
        let mut speak = Server {
            hello: config.system.hostname(),
            host: bare(&server.host),
            protection,
            login: login.map(|(name, password)| Login { name, password }),
        };
        let stream = self.connect(address, leave).await?;
        match smtp::deliver(stream, &speak, envelope, limit).await {
            Ok(_) => Ok(()),
            // Where nobody asked for TLS, a server that offers it and has a certificate that nobody believes is no worse than one
            // that does not offer it.
            Err(SmtpFault::Tls(_))
                if matches!(protection, Protection::IfOffered(_)) && login.is_none() =>
            {
                speak.protection = Protection::Plain;
                let stream = self.connect(address, leave).await?;
                Ok(smtp::deliver(stream, &speak, envelope, limit)
                    .await
                    .map(drop)?)
            }
            Err(fault) => Err(fault.into()),
        }
    }

    async fn connect(&self, address: SocketAddr, leave: &Leave) -> Result<TcpStream, NotTaken> {
        let way = leave.way(address);
        let stream = tcp::connect(address, &way, &self.outside.only_to).await?;
        Ok(TcpStream::from_std(stream).map_err(NoConnection::Failed)?)
    }

    /// A mail server is believed as a collector is; it is not offered HTTP.
    fn mail_client(&self, host: &str) -> Client {
        let trust = &self.outside.trust;
        // Without an identity there is none that could be missing.
        let client = trust.client(Service::CallHome, host, None);
        let mut client = client.unwrap_or_else(|missing| {
            unreachable!("no identity was asked for, and there is none: {missing}")
        });
        let mut config = (*client.config).clone();
        config.alpn_protocols.clear();
        client.config = Arc::new(config);
        client
    }
}

/// Why a server did not take an e-mail.
#[derive(Debug, thiserror::Error)]
enum NotTaken {
    #[error(transparent)]
    Name(#[from] Unresolved),
    #[error(transparent)]
    Connection(#[from] NoConnection),
    #[error(transparent)]
    Smtp(#[from] SmtpFault),
    #[error("the password was sealed by another state folder; enter it again")]
    Password,
}

impl NotTaken {
    fn is_final(&self) -> bool {
        matches!(self, Self::Smtp(fault) if fault.is_final())
    }

    /// It is there, whatever it thinks of the e-mail; 421 says that it is going.
    fn is_an_answer(&self) -> bool {
        matches!(self, Self::Smtp(SmtpFault::Refused(refusal)) if refusal.code != 421)
    }

    const fn word(&self) -> &'static str {
        match self {
            Self::Name(_) => "NAME_LOOKUP_FAILED",
            Self::Password => "AUTH_FAILED",
            Self::Connection(NoConnection::Outside(_)) => "NOT_PERMITTED",
            Self::Connection(NoConnection::Failed(_)) => "CONNECT_FAILED",
            Self::Smtp(fault) => match fault {
                SmtpFault::Refused(_) => "MAIL_REFUSED",
                SmtpFault::Io(_) => "CONNECT_FAILED",
                SmtpFault::Protocol => "BAD_ANSWER",
                SmtpFault::TimedOut => "TIMEOUT",
                SmtpFault::Tls(TlsFault::Certificate(_) | TlsFault::Vetted(_)) => {
                    "CERTIFICATE_REFUSED"
                }
                SmtpFault::Tls(_) => "TLS_FAILED",
                SmtpFault::NoTls | SmtpFault::NoTlsForLogin => "NO_TLS",
                SmtpFault::NoAuth | SmtpFault::LoginRefused(_) => "AUTH_FAILED",
            },
        }
    }
}

/// The first server that could still take it names the reason, else the first of all; every one has its say.
fn outcome_of_all(faults: &[(&str, NotTaken)]) -> Outcome {
    let temporary = faults.iter().find(|(_, fault)| !fault.is_final());
    let Some((_, named)) = temporary.or(faults.first()) else {
        return Outcome::Dropped(Reason::new("NO_MAIL_SERVER", "configure mail-server"));
    };
    let word = named.word();
    let detail: Vec<String> = faults
        .iter()
        .map(|(host, fault)| format!("{host}: {fault}"))
        .collect();
    let reason = Reason::new(word, detail.join("; "));
    match (temporary, word) {
        (None, _) => Outcome::Refused(reason),
        (_, "NOT_PERMITTED") => Outcome::Denied(reason),
        (_, "CERTIFICATE_REFUSED") => Outcome::Distrusted(reason),
        _ => Outcome::Failed(reason),
    }
}

fn outcome_of(fault: &HttpFault) -> Outcome {
    let reason = |word| Reason::new(word, fault.to_string());
    match fault {
        HttpFault::NotPermitted => Outcome::Denied(reason("NOT_PERMITTED")),
        HttpFault::Lookup { .. } => Outcome::Failed(reason("NAME_LOOKUP_FAILED")),
        HttpFault::Connect { .. } => Outcome::Failed(reason("CONNECT_FAILED")),
        HttpFault::Tls(TlsFault::Certificate(_) | TlsFault::Vetted(_)) => {
            Outcome::Distrusted(reason("CERTIFICATE_REFUSED"))
        }
        HttpFault::Tls(_) => Outcome::Failed(reason("TLS_FAILED")),
        HttpFault::Proxy(_) => Outcome::Failed(reason("PROXY_REFUSED")),
        HttpFault::Protocol(_) | HttpFault::TooLong { .. } => Outcome::Failed(reason("BAD_ANSWER")),
        HttpFault::Timeout { .. } => Outcome::Failed(reason("TIMEOUT")),
    }
}

/// Out of the interface, the address and the VRF that are configured; as sessions of the log, by the host's routes where an
/// interface has no address of the peer's family.
fn leave(config: &RunningConfig) -> Result<Leave, Reason> {
    let ios = &config.call_home.ios;
    let mut leave = Leave::default();
    if let Some(address) = ios.source_ip_address {
        leave.sources = vec![address];
    } else if let Some(name) = &ios.source_interface {
        let named = config.interfaces.named(name);
        let own = named.map_or(name, |(own, _)| own);
        leave.sources = device::addresses_of(own);
    }
    if let Some(vrf) = &ios.vrf {
        match Vrf::of(vrf) {
            Vrf::Device => leave.device = Some(vrf.to_string()),
            Vrf::Interface if leave.sources.is_empty() => {
                leave.sources = device::addresses_of(vrf);
            }
            Vrf::Interface => {}
            Vrf::Absent => {
                let detail = format!("VRF {vrf} does not exist");
                return Err(Reason::new("NO_VRF", detail));
            }
        }
    }
    Ok(leave)
}

/// Without the brackets of an IPv6 address.
fn bare(host: &str) -> &str {
    host.strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
        .unwrap_or(host)
}

#[cfg(test)]
#[path = "courier_tests.rs"]
mod tests;
