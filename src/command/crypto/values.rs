//! The words of `crypto ca`: revocation methods, usages, the time of a download, hexadecimal serials, identities. Each is checked
//! once, when it is read from a line.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::command::call_home::values::two_digits;

/// How it is found out whether a certificate was revoked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum RevocationMethod {
    Crl,
    Ocsp,
    None,
}

impl RevocationMethod {
    pub const fn keyword(self) -> &'static str {
        match self {
            Self::Crl => "crl",
            Self::Ocsp => "ocsp",
            Self::None => "none",
        }
    }
}

/// What a certificate under a trust point may be accepted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ValidationUsage {
    IpsecClient,
    SslClient,
    SslServer,
}

impl ValidationUsage {
    pub const fn keyword(self) -> &'static str {
        match self {
            Self::IpsecClient => "ipsec-client",
            Self::SslClient => "ssl-client",
            Self::SslServer => "ssl-server",
        }
    }
}

/// Where the place of a revocation list is taken from: the certificate, the configuration, or both.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CrlPolicy {
    Both,
    Cdp,
    Static,
}

impl CrlPolicy {
    pub const fn keyword(self) -> &'static str {
        match self {
            Self::Both => "both",
            Self::Cdp => "cdp",
            Self::Static => "static",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CrlProtocol {
    Http,
    Ldap,
    Scep,
}

impl CrlProtocol {
    pub const ALL: [Self; 3] = [Self::Http, Self::Ldap, Self::Scep];

    pub const fn keyword(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Ldap => "ldap",
            Self::Scep => "scep",
        }
    }
}

/// `hh:mm:ss`, in the device's zone; `hh:mm` is taken for the full minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DayTime {
    pub hour: u8,
    pub minute: u8,
    pub second: u8,
}

impl DayTime {
    pub fn new(text: &str) -> Option<Self> {
        let (hour, rest) = text.split_once(':')?;
        let (minute, second) = rest.split_once(':').unwrap_or((rest, "00"));
        Some(Self {
            hour: two_digits(hour, 23)?,
            minute: two_digits(minute, 59)?,
            second: two_digits(second, 59)?,
        })
    }
}

impl fmt::Display for DayTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}:{:02}", self.hour, self.minute, self.second)
    }
}

impl<'de> Deserialize<'de> for DayTime {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::new(&text).ok_or_else(|| de::Error::custom("a time of day, hh:mm:ss"))
    }
}

impl Serialize for DayTime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A certificate's serial number: hexadecimal digits, at most 64, in lower case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Serial(Arc<str>);

impl Serial {
    pub fn new(text: &str) -> Option<Self> {
        let fits =
            (1..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        fits.then(|| Self(text.to_ascii_lowercase().into()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn shared(&self) -> Arc<str> {
        Arc::clone(&self.0)
    }
}

impl<'de> Deserialize<'de> for Serial {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::new(&text).ok_or_else(|| de::Error::custom("1 to 64 hexadecimal digits"))
    }
}
