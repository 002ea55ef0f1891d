//! Which session to a logging host a row is about: the fields of its JSON, and how its columns name it. What a row says of
//! the session is elsewhere.

use serde::Serialize;

use crate::config::logging::SessionKey;

/// A session to a logging host.
#[derive(Debug, Serialize)]
pub struct SessionView {
    pub host: String,
    pub vrf: Option<String>,
    pub transport: &'static str,
    pub port: u16,
    pub channel: Option<u8>,
}

impl SessionView {
    pub(super) fn of(key: &SessionKey) -> Self {
        let SessionKey {
            host,
            vrf,
            transport,
            port,
            channel,
        } = key;
        Self {
            host: host.to_string(),
            vrf: vrf.as_deref().map(str::to_owned),
            transport: transport.keyword(),
            port: *port,
            channel: *channel,
        }
    }

    /// `192.0.2.7`, `192.0.2.7 (Mgmt)`.
    pub(super) fn destination(&self) -> String {
        let host = &self.host;
        match &self.vrf {
            Some(vrf) => format!("{host} ({vrf})"),
            None => host.clone(),
        }
    }

    /// `udp/514`, `beep/601/3`.
    pub(super) fn carried(&self) -> String {
        let (transport, port) = (self.transport, self.port);
        match self.channel {
            Some(channel) => format!("{transport}/{port}/{channel}"),
            None => format!("{transport}/{port}"),
        }
    }
}
