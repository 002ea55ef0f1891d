//! One e-mail over a stream that is connected: EHLO or HELO, STARTTLS (RFC 3207), AUTH (RFC 4954), MAIL, RCPT, DATA, QUIT
//! (RFC 5321). What is in the e-mail, which server it is, and when it is tried again, is decided elsewhere.

use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use mail_send::smtp::AssertReply;
use mail_send::smtp::message::Parameters;
use mail_send::{Credentials, Error, SmtpClient};
use smtp_proto::{EXT_START_TLS, EhloResponse};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout, timeout_at};
use tokio_rustls::client::TlsStream;

use super::reason::reason;
use super::tls::{self, Client, TlsFault};

/// How a server is spoken to.
pub struct Server<'a> {
    /// What this host calls itself.
    pub hello: &'a str,
    /// Who the certificate has to be for, and whether there is one.
    pub host: &'a str,
    pub protection: Protection<'a>,
    /// Never said without TLS.
    pub login: Option<Login<'a>>,
}

/// Whether the connection is protected.
#[derive(Clone, Copy)]
pub enum Protection<'a> {
    Plain,
    /// Where the server offers it, after its greeting.
    IfOffered(&'a Client),
    /// After its greeting; without it nothing is sent.
    StartTls(&'a Client),
    /// From the first byte.
    Tls(&'a Client),
}

#[derive(Clone, Copy)]
pub struct Login<'a> {
    pub name: &'a str,
    pub password: &'a str,
}

/// An e-mail as a server gets it.
pub struct Envelope<'a> {
    pub from: &'a str,
    pub to: &'a [Arc<str>],
    /// Headers and body, lines that end in CR LF.
    pub text: &'a [u8],
}

/// Why a server did not take an e-mail; its text is the reason that `show` gives.
#[derive(Debug, thiserror::Error)]
pub enum SmtpFault {
    #[error("{0}")]
    Refused(Refusal),
    #[error("{}", reason(.0))]
    Io(#[from] io::Error),
    #[error("the answer is not SMTP")]
    Protocol,
    #[error("no answer in time")]
    TimedOut,
    #[error(transparent)]
    Tls(#[from] TlsFault),
    #[error("the server offers no STARTTLS")]
    NoTls,
    /// A password is not said to everybody.
    #[error("the server offers no TLS, and AUTH needs it")]
    NoTlsForLogin,
    #[error("the server offers no AUTH that this device has")]
    NoAuth,
    /// An operator may correct it.
    #[error("AUTH refused: {0}")]
    LoginRefused(Refusal),
}

/// The answer of a server that refuses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    pub code: u16,
    /// One line of plain text.
    pub text: String,
}

impl Refusal {
    /// Asking again would not change it (RFC 5321, 4.2.1).
    pub fn is_final(&self) -> bool {
        self.code / 100 == 5
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.code)?;
        if self.text.is_empty() {
            return Ok(());
        }
        write!(f, " {}", self.text)
    }
}

impl SmtpFault {
    /// Asking this server again would not change it.
    pub fn is_final(&self) -> bool {
        matches!(self, Self::Refused(refusal) if refusal.is_final())
    }
}

/// Sends an e-mail without TLS; the recipients that were refused while others were not, by their place.
pub async fn send(
    stream: TcpStream,
    hello: &str,
    envelope: &Envelope<'_>,
    limit: Duration,
) -> Result<Vec<(usize, Refusal)>, SmtpFault> {
    let server = Server {
        hello,
        host: "",
        protection: Protection::Plain,
        login: None,
    };
    deliver(stream, &server, envelope, limit).await
}

/// Sends an e-mail; the recipients that were refused while others were not, by their place.
pub async fn deliver(
    stream: TcpStream,
    server: &Server<'_>,
    envelope: &Envelope<'_>,
    limit: Duration,
) -> Result<Vec<(usize, Refusal)>, SmtpFault> {
    let until = Instant::now() + limit;
    let ready = timeout_at(until, begin(stream, server, limit)).await;
    match ready.unwrap_or(Err(SmtpFault::TimedOut))? {
        Ready::Plain(client, _) if server.login.is_some() => {
            drop(client);
            Err(SmtpFault::NoTlsForLogin)
        }
        Ready::Plain(client, offer) => finish(client, server, offer, envelope, until).await,
        Ready::Tls(client, offer) => finish(*client, server, offer, envelope, until).await,
    }
}

/// A server that was greeted.
enum Ready {
    Plain(SmtpClient<TcpStream>, Offer),
    Tls(Box<SmtpClient<TlsStream<TcpStream>>>, Offer),
}

/// As far as the connection is as it should be.
async fn begin(
    stream: TcpStream,
    server: &Server<'_>,
    limit: Duration,
) -> Result<Ready, SmtpFault> {
    if let Protection::Tls(tls) = server.protection {
        let stream = tls::connect(tls, server.host, stream).await?;
        let mut client = SmtpClient {
            stream,
            timeout: limit,
        };
        client.read().await?.assert_code(220)?;
        let offer = greet(&mut client, server.hello).await?;
        return Ok(Ready::Tls(Box::new(client), offer));
    }
    let mut client = SmtpClient {
        stream,
        timeout: limit,
    };
    client.read().await?.assert_code(220)?;
    let offer = greet(&mut client, server.hello).await?;
    let is_offered = offer
        .as_ref()
        .is_some_and(|offer| offer.has_capability(EXT_START_TLS));
    let tls = match server.protection {
        Protection::StartTls(_) if !is_offered => return Err(SmtpFault::NoTls),
        Protection::StartTls(tls) => tls,
        Protection::IfOffered(tls) if is_offered => tls,
        _ => return Ok(Ready::Plain(client, offer)),
    };
    client.cmd("STARTTLS\r\n").await?.assert_code(220)?;
    // What was said in the clear is forgotten, the server's offer too (RFC 3207, 4.2).
    let stream = tls::connect(tls, server.host, client.stream).await?;
    let mut client = SmtpClient {
        stream,
        timeout: limit,
    };
    let offer = greet(&mut client, server.hello).await?;
    Ok(Ready::Tls(Box::new(client), offer))
}

type Offer = Option<EhloResponse<String>>;

/// What the server offers; nothing where it knows no EHLO.
async fn greet<S>(client: &mut SmtpClient<S>, hello: &str) -> Result<Offer, SmtpFault>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    match client.ehlo(hello).await {
        Ok(offer) => Ok(Some(offer)),
        Err(Error::UnexpectedReply(reply)) if reply.code / 100 == 5 => {
            let hello = format!("HELO {hello}\r\n");
            client.cmd(hello).await?.assert_positive_completion()?;
            Ok(None)
        }
        Err(error) => Err(error.into()),
    }
}

/// What is decided is decided: a server that does not say goodbye changes nothing.
async fn finish<S>(
    mut client: SmtpClient<S>,
    server: &Server<'_>,
    offer: Offer,
    envelope: &Envelope<'_>,
    until: Instant,
) -> Result<Vec<(usize, Refusal)>, SmtpFault>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let sent = timeout_at(until, async {
        if let Some(login) = server.login {
            log_in(&mut client, login, offer).await?;
        }
        talk(&mut client, envelope).await
    });
    let sent = sent.await.unwrap_or(Err(SmtpFault::TimedOut));
    if sent.is_ok() || matches!(sent, Err(SmtpFault::Refused(_))) {
        let _farewell = timeout(FAREWELL, client.quit()).await;
    }
    sent
}

async fn log_in<S>(
    client: &mut SmtpClient<S>,
    login: Login<'_>,
    offer: Offer,
) -> Result<(), SmtpFault>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let credentials = Credentials::new(login.name, login.password);
    let Some(offer) = offer else {
        return Err(SmtpFault::NoAuth);
    };
    match client.authenticate(&credentials, &offer).await {
        Ok(_) => Ok(()),
        Err(Error::AuthenticationFailed(reply) | Error::UnexpectedReply(reply)) => {
            Err(SmtpFault::LoginRefused(Refusal {
                code: reply.code,
                text: one_line(&reply.message),
            }))
        }
        Err(Error::UnsupportedAuthMechanism) => Err(SmtpFault::NoAuth),
        Err(error) => Err(error.into()),
    }
}

async fn talk<S>(
    client: &mut SmtpClient<S>,
    envelope: &Envelope<'_>,
) -> Result<Vec<(usize, Refusal)>, SmtpFault>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let none = Parameters::default();
    client.mail_from(envelope.from, &none).await?;
    let mut refused = Vec::new();
    for (place, recipient) in envelope.to.iter().enumerate() {
        match client
            .rcpt_to(recipient, &none)
            .await
            .map_err(SmtpFault::from)
        {
            Ok(()) => {}
            Err(SmtpFault::Refused(refusal)) => refused.push((place, refusal)),
            Err(fault) => return Err(fault),
        }
    }
    if refused.len() == envelope.to.len() {
        // One who may be served later counts more than those who never will.
        let later = refused.iter().find(|(_, refusal)| !refusal.is_final());
        return match later.or(refused.first()) {
            Some((_, refusal)) => Err(SmtpFault::Refused(refusal.clone())),
            None => Ok(refused),
        };
    }
    client.data(envelope.text).await?;
    Ok(refused)
}

impl From<Error> for SmtpFault {
    fn from(error: Error) -> Self {
        match error {
            Error::Io(error) => Self::Io(error),
            Error::Timeout => Self::TimedOut,
            Error::UnexpectedReply(reply) => Self::Refused(Refusal {
                code: reply.code,
                text: one_line(&reply.message),
            }),
            _ => Self::Protocol,
        }
    }
}

fn one_line(text: &str) -> String {
    let plain = |c: char| if c.is_control() { ' ' } else { c };
    let text: String = text.trim().chars().map(plain).take(LONGEST).collect();
    text.trim_end().to_owned()
}

/// Characters of an answer that are repeated.
const LONGEST: usize = 120;
const FAREWELL: Duration = Duration::from_secs(2);

#[cfg(test)]
#[path = "smtp_tests.rs"]
mod tests;
