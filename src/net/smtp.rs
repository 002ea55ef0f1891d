//! One e-mail over a stream that is connected: EHLO or HELO, MAIL, RCPT, DATA, QUIT (RFC 5321), without authentication and
//! without TLS. What is in the e-mail, which server it is, and when it is tried again, is decided elsewhere.

use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use mail_send::smtp::AssertReply;
use mail_send::smtp::message::Parameters;
use mail_send::{Error, SmtpClient};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::reason::reason;

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

/// Sends an e-mail; the recipients that were refused while others were not, by their place.
pub async fn send(
    stream: TcpStream,
    hello: &str,
    envelope: &Envelope<'_>,
    limit: Duration,
) -> Result<Vec<(usize, Refusal)>, SmtpFault> {
    let mut client = SmtpClient {
        stream,
        timeout: limit,
    };
    let sent = timeout(limit, talk(&mut client, hello, envelope)).await;
    let sent = sent.unwrap_or(Err(SmtpFault::TimedOut));
    if sent.is_ok() || matches!(sent, Err(SmtpFault::Refused(_))) {
        // It has been decided already; a server that does not say goodbye changes nothing.
        let _farewell = timeout(FAREWELL, client.quit()).await;
    }
    sent
}

async fn talk(
    client: &mut SmtpClient<TcpStream>,
    hello: &str,
    envelope: &Envelope<'_>,
) -> Result<Vec<(usize, Refusal)>, SmtpFault> {
    client.read().await?.assert_code(220)?;
    match client.ehlo(hello).await {
        Ok(_) => {}
        Err(Error::UnexpectedReply(reply)) if reply.code / 100 == 5 => {
            let hello = format!("HELO {hello}\r\n");
            client.cmd(hello).await?.assert_positive_completion()?;
        }
        Err(error) => return Err(error.into()),
    }
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
