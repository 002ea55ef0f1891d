//! The mail servers of call-home: in which order they are tried, what adds and removes them, their text lines.

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
    /// That of the protocol unless configured.
    pub port: Option<u16>,
    pub login: Option<MailLogin>,
}

/// Who this device is to a mail server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailLogin {
    pub username: Arc<str>,
    /// Sealed by the state folder: the exec room seals before it applies.
    pub password: Arc<str>,
}

impl MailServer {
    /// 465 where TLS begins with the connection (RFC 8314, 3.3), else 25.
    pub fn port(&self) -> u16 {
        self.port.unwrap_or(match self.secure {
            Some(Secure::Tls) => 465,
            _ => 25,
        })
    }
}

impl CallHome {
    /// A known host gets the new priority and goes behind its equals.
    pub(super) fn set_mail_server(&mut self, server: MailServer) -> Result<(), Refusal> {
        if server.login.is_some() && server.secure == Some(Secure::None) {
            return Err(Refusal::NotAllowed {
                why: "A password is not sent without TLS; a mail server with a username cannot be secure none",
            });
        }
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
        for server in &self.mail_servers {
            let MailServer {
                host,
                priority,
                secure,
                port,
                login,
            } = server;
            let port = port.map_or_else(String::new, |port| format!(" port {port}"));
            let secure = secure.map_or_else(String::new, |secure| {
                format!(" secure {}", secure.keyword())
            });
            let login = login.as_ref().map_or_else(String::new, |login| {
                let MailLogin { username, password } = login;
                format!(" username {username} password {password} encrypted")
            });
            out.line(
                1,
                format_args!("mail-server {host} priority {priority}{port}{secure}{login}"),
            );
        }
    }
}
