//! What `show logging` says of e-mails: which messages, how many, to whom, and why not.

use std::fmt;

use serde::Serialize;

use super::logging::CountersView;
use super::logging_admitted::Admitted;
use super::sanitised::sanitised;
use crate::config::RunningConfig;
use crate::config::logging::LocalSession;
use crate::config::logging_class::ClassPlace;
use crate::syslog::api::Status;

/// `logging mail`.
#[derive(Debug, Serialize)]
pub struct MailView {
    #[serde(flatten)]
    pub admitted: Admitted,
    pub from: Option<String>,
    pub recipients: Vec<RecipientView>,
    /// In the order in which they are tried.
    pub smtp_servers: Vec<String>,
    /// E-mails that a server took.
    pub emails_sent: u64,
    /// Why nothing is sent, or what went wrong last.
    pub reason: Option<String>,
    #[serde(flatten)]
    pub counters: CountersView,
}

#[derive(Debug, Serialize)]
pub struct RecipientView {
    pub address: String,
    /// `None` for everything that is sent by e-mail.
    pub level: Option<&'static str>,
}

pub(super) fn settings(config: &RunningConfig, status: &Status) -> MailView {
    let logging = &config.logging;
    let mail = &logging.mail;
    let servers = config.system.smtp_servers.as_ref();
    let session = mail.session.as_ref();
    let admitted = Admitted::of(
        logging,
        ClassPlace::Mail,
        session.map(LocalSession::effective_level),
        session.and_then(|session| session.list.as_deref()),
    );
    let missing = mail.missing(servers).filter(|_| !admitted.is_off());
    let fault = status.mail_sending.fault.as_deref().map(sanitised);
    MailView {
        admitted,
        from: mail.from.as_deref().map(str::to_owned),
        recipients: mail
            .recipients
            .iter()
            .map(|recipient| RecipientView {
                address: recipient.address.to_string(),
                level: recipient.level.map(|level| level.keyword()),
            })
            .collect(),
        smtp_servers: servers
            .into_iter()
            .flat_map(|servers| servers.in_order())
            .map(ToString::to_string)
            .collect(),
        emails_sent: status.mail_sending.emails,
        reason: missing.map(str::to_owned).or(fault),
        counters: status.mail.counters.into(),
    }
}

/// Nothing where it is off.
impl fmt::Display for MailView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.admitted.is_off() {
            return Ok(());
        }
        let c = &self.counters;
        writeln!(
            f,
            "    Mail logging: {}, {} messages logged",
            self.admitted, c.message_lines_logged
        )?;
        writeln!(
            f,
            "        {}, {} e-mails sent",
            c.balance(),
            self.emails_sent
        )?;
        match &self.reason {
            Some(reason) => writeln!(f, "        not sent: {reason}"),
            None => Ok(()),
        }
    }
}
