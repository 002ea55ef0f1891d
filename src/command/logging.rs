//! The `logging` commands and the services that shape log lines.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use serde::{Deserialize, Deserializer, de};

use super::logging_filters::{
    LevelOrList, LoggingBufferedXml, LoggingClass, LoggingList, LoggingMessage,
    LoggingRateLimitMessages, NoLoggingList, NoSize, Size,
};
use super::logging_mail::{FromAddress, NoFromAddress, RecipientAddress};
use super::shared;
use crate::message::Severity;

/// Every command of this section; a negative form is a variant of its own.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub enum Command {
    LoggingOn,
    NoLoggingOn,
    DefaultLoggingOn,
    LoggingEnable,
    NoLoggingEnable,
    LoggingDiscriminator(LoggingDiscriminator),
    NoLoggingDiscriminator(NoLoggingDiscriminator),
    LoggingInput(LoggingInput),
    NoLoggingInput(LoggingInput),
    LoggingStream(LoggingStream),
    NoLoggingStream(NoLoggingStream),
    LoggingFilter(LoggingFilter),
    NoLoggingFilter(NoLoggingFilter),
    LoggingInputUnix(LoggingInputPath),
    NoLoggingInputUnix(LoggingInputPath),
    LoggingInputFile(LoggingInputPath),
    NoLoggingInputFile(LoggingInputPath),
    LoggingInputJournal,
    NoLoggingInputJournal,
    LoggingList(LoggingList),
    NoLoggingList(NoLoggingList),
    LoggingClass(LoggingClass),
    NoLoggingClass(LoggingClass),
    LoggingMessage(LoggingMessage),
    NoLoggingMessage(LoggingMessage),
    LoggingBuffered(LoggingBuffered),
    NoLoggingBuffered(LoggingBuffered),
    DefaultLoggingBuffered(LoggingBuffered),
    LoggingBufferedXml(LoggingBufferedXml),
    NoLoggingBufferedXml(LoggingBufferedXml),
    DefaultLoggingBufferedXml(LoggingBufferedXml),
    LoggingBufferSize(Size),
    NoLoggingBufferSize(NoSize),
    LoggingCount,
    NoLoggingCount,
    LoggingMail(LevelOrList),
    NoLoggingMail(LevelOrList),
    LoggingFromAddress(FromAddress),
    NoLoggingFromAddress(NoFromAddress),
    LoggingRecipientAddress(RecipientAddress),
    NoLoggingRecipientAddress(RecipientAddress),
    LoggingHistory(LevelOrList),
    NoLoggingHistory(LevelOrList),
    DefaultLoggingHistory(LevelOrList),
    LoggingHistorySize(Size),
    NoLoggingHistorySize(NoSize),
    DefaultLoggingHistorySize(NoSize),
    LoggingConsole(LoggingLocal),
    NoLoggingConsole(LoggingLocal),
    DefaultLoggingConsole(LoggingLocal),
    LoggingConsoleGuaranteed,
    NoLoggingConsoleGuaranteed,
    LoggingMonitor(LoggingLocal),
    NoLoggingMonitor(LoggingLocal),
    DefaultLoggingMonitor(LoggingLocal),
    LoggingTrap(LoggingTrap),
    NoLoggingTrap,
    DefaultLoggingTrap,
    LoggingFacility(LoggingFacility),
    NoLoggingFacility(NoLoggingFacility),
    DefaultLoggingFacility(NoLoggingFacility),
    LoggingMessageCounter,
    NoLoggingMessageCounter,
    DefaultLoggingMessageCounter,
    LoggingMessageCounterDebug,
    NoLoggingMessageCounterDebug,
    LoggingMessageCounterLog,
    NoLoggingMessageCounterLog,
    LoggingOriginId(LoggingOriginId),
    NoLoggingOriginId,
    LoggingOriginIdSender,
    NoLoggingOriginIdSender,
    LoggingUserinfo,
    NoLoggingUserinfo,
    LoggingPermitHostdown,
    NoLoggingPermitHostdown,
    LoggingInputSilence(LoggingInputSilence),
    NoLoggingInputSilence(NoLoggingInputSilence),
    LoggingRateLimit(LoggingRateLimit),
    NoLoggingRateLimit,
    LoggingRateLimitConsole(LoggingRateLimit),
    NoLoggingRateLimitConsole,
    LoggingRateLimitMessages(LoggingRateLimitMessages),
    NoLoggingRateLimitMessages(LoggingRateLimitMessages),
    LoggingQueueLimit(LoggingQueueLimit),
    NoLoggingQueueLimit,
    LoggingQueueLimitTrap(Size),
    NoLoggingQueueLimitTrap(NoSize),
    LoggingQueue(Size),
    NoLoggingQueue(NoSize),
    LoggingHost(LoggingHost),
    NoLoggingHost(LoggingHost),
    LoggingHostInterface(LoggingHostInterface),
    NoLoggingHostInterface(LoggingHostInterface),
    LoggingAddress(LoggingHost),
    NoLoggingAddress(LoggingHost),
    ServiceTimestampsLog(ServiceTimestamps),
    NoServiceTimestampsLog,
    DefaultServiceTimestampsLog,
    ServiceTimestampsDebug(ServiceTimestamps),
    NoServiceTimestampsDebug,
    DefaultServiceTimestampsDebug,
    ServiceSequenceNumbers,
    NoServiceSequenceNumbers,
}

/// A severity by keyword or number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Level(pub Severity);

impl<'de> Deserialize<'de> for Level {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Severity::from_keyword(&text)
            .map(Self)
            .ok_or_else(|| de::Error::custom("a severity"))
    }
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct LoggingDiscriminator {
    #[serde(deserialize_with = "shared")]
    pub name: Arc<str>,
    pub facility: Option<Criterion>,
    pub mnemonics: Option<Criterion>,
    pub msg_body: Option<Criterion>,
    pub severity: Option<SeverityCriterion>,
    pub sender: Option<Criterion>,
    pub duplicates: Option<u16>,
    pub flapping: Option<u16>,
    /// Behind `flapping` alone.
    pub within: Option<u16>,
    pub rate_limit: Option<u16>,
    /// Behind `rate-limit` alone.
    pub except: Option<Level>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Criterion {
    pub action: Action,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Action {
    Drops {
        #[serde(deserialize_with = "shared")]
        pattern: Arc<str>,
    },
    Includes {
        #[serde(deserialize_with = "shared")]
        pattern: Arc<str>,
    },
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct SeverityCriterion {
    pub action: SeverityAction,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum SeverityAction {
    Drops {
        #[serde(deserialize_with = "shared")]
        severities: Arc<str>,
    },
    Includes {
        #[serde(deserialize_with = "shared")]
        severities: Arc<str>,
    },
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct NoLoggingDiscriminator {
    pub name: Arc<str>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct LoggingInput {
    pub transport: InputTransport,
    /// All local addresses.
    #[serde(default)]
    pub any: bool,
    pub address: Option<IpAddr>,
    pub port: Option<u16>,
    pub from: Option<Ipv4Addr>,
    pub mask: Option<Ipv4Addr>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct LoggingInputPath {
    pub path: Arc<str>,
}

#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum InputTransport {
    Udp,
    Tcp,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct LoggingStream {
    pub stream: u16,
    pub discriminator: Arc<str>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct NoLoggingStream {
    pub stream: u16,
    pub discriminator: Option<Arc<str>>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct LoggingFilter {
    pub url: Arc<str>,
    /// From 1.
    pub position: Option<u16>,
    pub args: Option<Arc<str>>,
}

/// Position and arguments may stand there and change nothing.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct NoLoggingFilter {
    pub url: Arc<str>,
    pub position: Option<u16>,
    pub args: Option<Arc<str>>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct LoggingBuffered {
    pub discriminator: Option<Arc<str>>,
    #[serde(default)]
    pub filtered: bool,
    pub size: Option<u32>,
    pub level: Option<Level>,
    pub list: Option<Arc<str>>,
}

/// `logging console` and `logging monitor`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct LoggingLocal {
    pub discriminator: Option<Arc<str>>,
    #[serde(default)]
    pub filtered: bool,
    #[serde(default)]
    pub xml: bool,
    pub level: Option<Level>,
    pub list: Option<Arc<str>>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct LoggingTrap {
    pub level: Option<Level>,
    pub list: Option<Arc<str>>,
    pub format: Option<SyslogFormat>,
}

#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
pub enum SyslogFormat {
    #[serde(rename = "rfc5424")]
    Rfc5424,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct LoggingFacility {
    pub facility: Arc<str>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct NoLoggingFacility {
    pub facility: Option<Arc<str>>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct LoggingOriginId {
    pub origin: Origin,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Origin {
    Hostname,
    Ip,
    Ipv6,
    String { text: Arc<str> },
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct LoggingRateLimit {
    #[serde(default)]
    pub all: bool,
    pub limit: u16,
    pub except: Option<Level>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct LoggingInputSilence {
    pub minutes: u16,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct NoLoggingInputSilence {
    pub minutes: Option<u16>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct LoggingQueueLimit {
    pub limit: u32,
}

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

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ServiceTimestamps {
    pub style: Option<TimestampStyle>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(
    rename_all = "kebab-case",
    rename_all_fields = "kebab-case",
    deny_unknown_fields
)]
pub enum TimestampStyle {
    Uptime,
    Datetime {
        #[serde(default)]
        msec: bool,
        #[serde(default)]
        localtime: bool,
        #[serde(default)]
        show_timezone: bool,
        #[serde(default)]
        year: bool,
    },
}
