//! `logging mail`, `from-address`, `recipient-address` and `smtp-server`: which messages go to whom by e-mail, and through
//! which servers (D130, D131). Nothing is sent here.

use std::fmt;
use std::sync::Arc;

use super::logging::{LocalSession, Logging};
use super::logging_class::ClassPlace;
use super::logging_list;
use super::refusal::{Kind, Notices, Refusal};
use super::render::Lines;
use crate::command::logging_filters::LevelOrList;
use crate::command::logging_mail::{NoSmtpServer, RecipientAddress, SmtpServer};
use crate::message::Severity;

/// What is configured about e-mails with messages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mail {
    /// `logging mail`.
    pub session: Option<LocalSession>,
    pub from: Option<Arc<str>>,
    /// In order of entry, each once; `MOST_RECIPIENTS` at most.
    pub recipients: Vec<Recipient>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recipient {
    pub address: Arc<str>,
    /// Everything that `logging mail` lets in when absent.
    pub level: Option<Severity>,
}

/// `smtp-server`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SmtpServers {
    pub primary: Server,
    pub backup: Option<Server>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// An address or a name.
    pub host: Arc<str>,
    /// `None` is 25.
    pub port: Option<u16>,
}

impl Mail {
    pub const MOST_RECIPIENTS: usize = 5;

    /// What sending takes and is not configured; nothing is collected before it is there.
    pub fn missing(&self, servers: Option<&SmtpServers>) -> Option<&'static str> {
        if servers.is_none() {
            return Some("no smtp-server");
        }
        if self.from.is_none() {
            return Some("no logging from-address");
        }
        self.recipients
            .is_empty()
            .then_some("no logging recipient-address")
    }

    pub(super) fn lines(&self, out: &mut Lines) {
        if let Some(session) = &self.session {
            let level = session.effective_level().keyword();
            let what = session.list.as_deref().unwrap_or(level);
            out.line(0, format_args!("logging mail {what}"));
        }
        if let Some(from) = &self.from {
            out.line(0, format_args!("logging from-address {from}"));
        }
        for Recipient { address, level } in &self.recipients {
            match level {
                Some(level) => out.line(
                    0,
                    format_args!(
                        "logging recipient-address {address} level {}",
                        level.keyword()
                    ),
                ),
                None => out.line(0, format_args!("logging recipient-address {address}")),
            }
        }
    }
}

impl Server {
    const PORT: u16 = 25;

    pub fn effective_port(&self) -> u16 {
        self.port.unwrap_or(Self::PORT)
    }
}

impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.port {
            Some(port) => write!(f, "{} port {port}", self.host),
            None => f.write_str(&self.host),
        }
    }
}

impl SmtpServers {
    pub(super) fn new(c: &SmtpServer) -> Self {
        let server = |host: &Arc<str>, port: Option<u16>| Server {
            host: host.clone(),
            port: port.filter(|port| *port != Server::PORT),
        };
        Self {
            primary: server(&c.primary, c.primary_port),
            backup: c.backup.as_ref().map(|host| server(host, c.backup_port)),
        }
    }

    /// What a negative form names that is not configured.
    pub(super) fn stranger(servers: Option<&Self>, c: &NoSmtpServer) -> Option<Arc<str>> {
        let primary = servers.map(|servers| &servers.primary);
        let backup = servers.and_then(|servers| servers.backup.as_ref());
        [(primary, &c.primary), (backup, &c.backup)]
            .into_iter()
            .filter_map(|(known, named)| Some((known, named.as_ref()?)))
            .find(|(known, named)| known.is_none_or(|known| known.host != **named))
            .map(|(_, named)| named.clone())
    }

    /// In the order in which they are tried.
    pub fn in_order(&self) -> impl Iterator<Item = &Server> {
        [&self.primary].into_iter().chain(&self.backup)
    }
}

impl fmt::Display for SmtpServers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.primary)?;
        self.backup
            .as_ref()
            .map_or(Ok(()), |backup| write!(f, " {backup}"))
    }
}

impl Logging {
    /// Whether any message is to be sent by e-mail.
    pub fn sends_mail(&self) -> bool {
        self.mail.session.is_some() || self.routes_classes_to(ClassPlace::Mail)
    }
}

pub(super) fn session(logging: &mut Logging, c: &LevelOrList) -> Result<Notices, Refusal> {
    let list = logging_list::defined(logging, c.list.as_ref())?;
    logging.mail.session = Some(LocalSession {
        level: c.level.map(|level| level.0),
        list,
        ..LocalSession::default()
    });
    Ok(Notices::new())
}

/// One that is there already has the level that is typed.
pub(super) fn add_recipient(
    logging: &mut Logging,
    c: &RecipientAddress,
) -> Result<Notices, Refusal> {
    let recipients = &mut logging.mail.recipients;
    let (address, level) = (c.address.shared(), c.level.map(|level| level.0));
    if let Some(known) = recipients.iter_mut().find(|known| known.address == address) {
        known.level = level;
    } else if recipients.len() >= Mail::MOST_RECIPIENTS {
        return Err(Refusal::Limit {
            kind: Kind::Recipient,
            most: Mail::MOST_RECIPIENTS,
        });
    } else {
        recipients.push(Recipient { address, level });
    }
    Ok(Notices::new())
}

pub(super) fn remove_recipient(
    logging: &mut Logging,
    c: &RecipientAddress,
) -> Result<Notices, Refusal> {
    let address = c.address.shared();
    let recipients = &mut logging.mail.recipients;
    if recipients.iter().all(|known| known.address != address) {
        return Err(Refusal::NotDefined {
            kind: Kind::Recipient,
            name: address,
        });
    }
    recipients.retain(|known| known.address != address);
    Ok(Notices::new())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::call_home::script::Script;

    #[test]
    fn a_recipient_is_there_once_and_six_are_one_too_many() {
        let five: String = (1..=5)
            .map(|number| format!("logging recipient-address r{number}@example.net\n"))
            .collect();
        let again = format!("{five}logging recipient-address r5@example.net level 2\n");
        let config = Script::accepts(&again);
        let recipients = &config.logging.mail.recipients;
        assert_eq!(recipients.len(), 5);
        assert_eq!(recipients[4].level, Some(Severity::Critical));
        Script::refuses(
            &five,
            "logging recipient-address r6@example.net",
            &Refusal::Limit {
                kind: Kind::Recipient,
                most: 5,
            },
        );
    }

    #[test]
    fn a_negative_form_that_names_other_servers_is_refused() {
        let line = "smtp-server 192.0.2.1 port 25 mx.example.net port 2525\n";
        let config = Script::accepts(line);
        let servers = config.system.smtp_servers.clone().expect("two servers");
        assert_eq!(servers.to_string(), "192.0.2.1 mx.example.net port 2525");
        assert_eq!(servers.primary.effective_port(), 25);
        for (other, named) in [
            ("no smtp-server 192.0.2.2", "192.0.2.2"),
            ("no smtp-server 192.0.2.1 other", "other"),
        ] {
            Script::refuses(
                line,
                other,
                &Refusal::NotDefined {
                    kind: Kind::MailServer,
                    name: named.into(),
                },
            );
        }
        for same in [
            "no smtp-server",
            "no smtp-server 192.0.2.1",
            "no smtp-server 192.0.2.1 mx.example.net",
        ] {
            let config = Script::accepts(&format!("{line}{same}"));
            assert_eq!(config.system.smtp_servers, None, "{same}");
        }
    }
}
