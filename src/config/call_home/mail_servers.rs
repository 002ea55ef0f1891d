//! The mail servers of call-home: in which order they are tried, what adds and removes them, their text lines. Nothing is sent
//! through them yet.

use std::sync::Arc;

use super::CallHome;
use crate::command::call_home::ios::Secure;
use crate::config::Refusal;
use crate::config::refusal::Kind;
use crate::config::render::Lines;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailServer {
    /// Address or name as typed.
    pub host: Arc<str>,
    /// 1 to 100; the lowest is tried first.
    pub priority: u8,
    /// Not at all unless configured.
    pub secure: Option<Secure>,
}

impl CallHome {
    /// A known host gets the new priority and goes behind its equals.
    pub(super) fn set_mail_server(&mut self, server: MailServer) -> Result<(), Refusal> {
        let known = self
            .mail_servers
            .iter()
            .position(|other| other.host == server.host);
        if known.is_none() && self.mail_servers.len() >= Self::MOST_MAIL_SERVERS {
            return Err(Refusal::Limit {
                kind: Kind::MailServer,
                most: Self::MOST_MAIL_SERVERS,
            });
        }
        if known.is_some_and(|at| self.mail_servers.get(at) == Some(&server)) {
            return Ok(());
        }
        self.mail_servers.retain(|other| other.host != server.host);
        self.mail_servers.push(server);
        self.mail_servers.sort_by_key(|server| server.priority);
        Ok(())
    }

    /// All of them without a host.
    pub(super) fn remove_mail_server(&mut self, host: Option<&Arc<str>>) -> Result<(), Refusal> {
        let Some(host) = host else {
            self.mail_servers.clear();
            return Ok(());
        };
        if self.mail_servers.iter().all(|server| server.host != *host) {
            return Err(Refusal::NotDefined {
                kind: Kind::MailServer,
                name: host.clone(),
            });
        }
        self.mail_servers.retain(|server| server.host != *host);
        Ok(())
    }

    pub(super) fn mail_server_lines(&self, out: &mut Lines) {
        for MailServer {
            host,
            priority,
            secure,
        } in &self.mail_servers
        {
            match secure {
                Some(secure) => out.line(
                    1,
                    format_args!(
                        "mail-server {host} priority {priority} secure {}",
                        secure.keyword()
                    ),
                ),
                None => out.line(1, format_args!("mail-server {host} priority {priority}")),
            }
        }
    }
}
