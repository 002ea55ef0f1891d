//! `logging host` in both forms, as typed: an IOS router's with its options in any order, and an ASA's with its interface.

use std::net::IpAddr;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, de};

/// A remote session: who it is and what it does, as typed.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct LoggingHost {
    pub host: Option<Arc<str>>,
    pub vrf: Option<Arc<str>>,
    pub ipv6: Option<Arc<str>>,
    /// The older form `logging A.B.C.D`.
    pub address: Option<Arc<str>>,
    pub discriminator: Option<Arc<str>>,
    pub output: Option<Output>,
    pub transport: Option<Transport>,
    #[serde(default)]
    pub sequence_num_session: bool,
    pub session_id: Option<SessionId>,
    pub queue_memory: Option<u16>,
    pub queue_disk: Option<u16>,
}

/// A remote session as an ASA writes it.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct LoggingHostInterface {
    /// The `nameif` of an interface.
    pub interface: Arc<str>,
    pub address: IpAddr,
    pub protocol: Option<Protocol>,
    pub format: Option<HostFormat>,
    pub secure: Option<Secure>,
}

/// `tcp`, `tcp/PORT`, `6`, `6/PORT`, and the same with `udp` and `17`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Protocol {
    pub is_tcp: bool,
    pub port: Option<u16>,
}

impl<'de> Deserialize<'de> for Protocol {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?.to_ascii_lowercase();
        let (name, port) = match text.split_once('/') {
            Some((name, port)) => (name, Some(port)),
            None => (text.as_str(), None),
        };
        let wrong = || de::Error::custom("tcp or udp, and a port");
        let is_tcp = match name {
            "tcp" | "6" => true,
            "udp" | "17" => false,
            _ => return Err(wrong()),
        };
        let port = port.map(str::parse).transpose().map_err(|_| wrong())?;
        Ok(Self { is_tcp, port })
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HostFormat {
    Emblem,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Secure {
    pub reference_identity: Option<Arc<str>>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Output {
    Filtered { stream: Option<u16> },
    Xml,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Transport {
    Udp {
        port: Option<u16>,
    },
    Tcp {
        #[serde(default)]
        audit: bool,
        port: Option<u16>,
    },
    Beep {
        #[serde(default)]
        audit: bool,
        channel: Option<u8>,
        sasl: Option<Arc<str>>,
        tls: Option<BeepTls>,
        port: Option<u16>,
    },
    Tls {
        port: Option<u16>,
        profile: Option<Arc<str>>,
    },
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct BeepTls {
    pub cipher: Option<u8>,
    pub trustpoint: Arc<str>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum SessionId {
    Hostname,
    Ipv4,
    Ipv6,
    String { text: Arc<str> },
}
