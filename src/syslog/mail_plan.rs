//! What the running configuration asks of e-mails with messages: from whom to whom, through which servers, and how severe a
//! message must be for anybody to want it (D130).

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

use super::admission::Admission;
use super::discriminator::Asks;
use crate::config::RunningConfig;
use crate::config::logging::LocalSession;
use crate::config::logging_class::ClassPlace;
use crate::message::Severity;

/// All that sending takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailPlan {
    pub hostname: Arc<str>,
    pub from: Arc<str>,
    /// At least one, each with the least severe that it gets.
    pub recipients: Vec<(Arc<str>, Severity)>,
    /// In the order in which they are tried; at least one.
    pub servers: Vec<MailServer>,
    /// The host's own name for the interface of `logging source-interface`, whose address e-mails leave from.
    pub interface: Option<Arc<str>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailServer {
    /// As configured.
    pub host: Arc<str>,
    /// What the configuration's own names make of it.
    pub address: Option<IpAddr>,
    pub port: u16,
}

impl MailPlan {
    /// `None` where nothing is to be sent, or something is missing that sending takes.
    pub(super) fn of(config: &RunningConfig) -> Option<Self> {
        let logging = &config.logging;
        let mail = &logging.mail;
        let servers = config.system.smtp_servers.as_ref();
        if !logging.is_on() || !logging.sends_mail() || mail.recipients.is_empty() {
            return None;
        }
        let recipients = mail.recipients.iter().map(|recipient| {
            let level = recipient.level.unwrap_or(Severity::Debugging);
            (recipient.address.clone(), level)
        });
        let servers = servers?.in_order().map(|server| MailServer {
            host: server.host.clone(),
            address: named(&server.host, &config.system.names),
            port: server.effective_port(),
        });
        let interface = logging.form.sources.get(&None).map(|name| {
            let named = config.interfaces.named(name);
            named.map_or_else(|| name.clone(), |(own, _)| own.clone())
        });
        Some(Self {
            interface,
            hostname: config.system.hostname().into(),
            from: mail.from.clone()?,
            recipients: recipients.collect(),
            servers: servers.collect(),
        })
    }

    /// What nobody wants is not let in.
    pub(super) fn asks(plan: Option<&Self>, config: &RunningConfig) -> Asks {
        let Some(loosest) = plan.and_then(Self::loosest) else {
            return Asks::default();
        };
        let logging = &config.logging;
        let session = logging.mail.session.as_ref();
        let level = session.map(LocalSession::effective_level);
        let list = session.and_then(|session| session.list.as_ref());
        let admission = Admission::of(logging, Some(ClassPlace::Mail), level, list);
        Asks {
            level: level.map(|level| level.min(loosest)),
            admission: admission.map(|admission| admission.at_most(loosest)),
            ..Asks::default()
        }
    }

    fn loosest(&self) -> Option<Severity> {
        self.recipients.iter().map(|(_, level)| *level).max()
    }
}

fn named(host: &str, names: &BTreeMap<IpAddr, Arc<str>>) -> Option<IpAddr> {
    let known = names.iter().find(|(_, name)| ***name == *host);
    known.map(|(address, _)| *address)
}
