//! The `logging` commands that say how a line looks, how lines are told apart and where they leave from.

use std::sync::Arc;

use serde::{Deserialize, Deserializer, de};

use super::interface::{Interface, Typed, Unit};

/// Every command of this section; a negative form is a variant of its own.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub enum Command {
    LoggingTimestamp(LoggingTimestamp),
    NoLoggingTimestamp(LoggingTimestamp),
    LoggingEmblem,
    NoLoggingEmblem,
    LoggingDeviceId(LoggingDeviceId),
    NoLoggingDeviceId(NoLoggingDeviceId),
    LoggingDeviceIdKept(LoggingDeviceIdKept),
    NoLoggingDeviceIdKept(LoggingDeviceIdKept),
    LoggingHideUsername,
    NoLoggingHideUsername,
    DefaultLoggingHideUsername,
    LoggingDebugTrace(LoggingDebugTrace),
    NoLoggingDebugTrace(LoggingDebugTrace),
    LoggingDelimiterTcp,
    NoLoggingDelimiterTcp,
    DefaultLoggingDelimiterTcp,
    LoggingSourceInterface(LoggingSourceInterface),
    NoLoggingSourceInterface(LoggingSourceInterface),
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct LoggingTimestamp {
    #[serde(default)]
    pub rfc5424: bool,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct LoggingDeviceId {
    pub id: DeviceId,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct NoLoggingDeviceId {
    pub id: Option<DeviceId>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum DeviceId {
    Hostname,
    /// The `nameif` of an interface.
    Ipaddress {
        interface: Arc<str>,
    },
    String {
        text: DeviceText,
    },
}

/// What an ASA takes: none of `&'"<>?`.
#[derive(Clone, Debug, PartialEq)]
pub struct DeviceText(pub Arc<str>);

impl<'de> Deserialize<'de> for DeviceText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Arc::<str>::deserialize(deserializer)?;
        if text.contains(['&', '\'', '"', '<', '>', '?']) {
            return Err(de::Error::custom("a text without these"));
        }
        Ok(Self(text))
    }
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct LoggingDeviceIdKept {
    pub id: KeptId,
}

#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KeptId {
    ContextName,
    ClusterId,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct LoggingDebugTrace {
    #[serde(default)]
    pub persistent: bool,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(try_from = "TypedSource")]
pub struct LoggingSourceInterface {
    /// As the host calls it, or its `nameif`; only `no` may leave it out.
    pub interface: Option<Interface>,
    pub vrf: Option<Arc<str>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct TypedSource {
    name: Option<Arc<str>>,
    unit: Option<Unit>,
    vrf: Option<Arc<str>>,
}

impl TryFrom<TypedSource> for LoggingSourceInterface {
    type Error = &'static str;

    fn try_from(typed: TypedSource) -> Result<Self, Self::Error> {
        let TypedSource { name, unit, vrf } = typed;
        let interface = name.map(|name| Interface::try_from(Typed { name, unit }));
        Ok(Self {
            interface: interface.transpose()?,
            vrf,
        })
    }
}
