//! Arguments of the call-home commands that IOS alone has, in the block and in a profile. The commands themselves stand with all the
//! others; what they change stands in `config::call_home`.

use std::net::IpAddr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct SourceInterface {
    pub interface: Arc<str>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct NoSourceInterface {
    pub interface: Option<Arc<str>>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct SourceIpAddress {
    pub address: IpAddr,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct NoSourceIpAddress {
    pub address: Option<IpAddr>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Vrf {
    pub vrf: Arc<str>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct NoVrf {
    pub vrf: Option<Arc<str>>,
}

/// Whom the commands of a message are authorized for.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Username {
    pub username: Arc<str>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct NoUsername {
    pub username: Option<Arc<str>>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Privacy {
    pub level: PrivacyLevel,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct NoPrivacy {
    pub level: Option<PrivacyLevel>,
}

/// How much of a configuration is kept out of messages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum PrivacyLevel {
    High,
    #[default]
    Normal,
}

impl PrivacyLevel {
    pub const fn keyword(self) -> &'static str {
        match self {
            Self::High => "high",
            Self::Normal => "normal",
        }
    }
}

/// How the connection to a mail server is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Secure {
    None,
    Starttls,
    Tls,
}

impl Secure {
    pub const fn keyword(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Starttls => "starttls",
            Self::Tls => "tls",
        }
    }
}

/// `reporting` of a profile.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct SetReporting {
    pub reporting: Reporting,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct NoReporting {
    pub reporting: Option<Reporting>,
}

/// Which messages a profile is there for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reporting {
    All,
    SmartCallHomeData,
    SmartLicensingData,
}

impl Reporting {
    pub const fn keyword(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::SmartCallHomeData => "smart-call-home-data",
            Self::SmartLicensingData => "smart-licensing-data",
        }
    }
}
