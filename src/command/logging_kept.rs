//! The `logging` commands of functions that this device has not: read, kept, and acted on by nobody.

use std::sync::Arc;

use serde::Deserialize;

use super::logging::Level;
use super::logging_filters::{LevelOrList, NoSize, Size};

/// Every one of them.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub enum Command {
    LoggingAsdm(LevelOrList),
    NoLoggingAsdm(LevelOrList),
    LoggingAsdmBufferSize(Size),
    NoLoggingAsdmBufferSize(NoSize),
    LoggingStandby,
    NoLoggingStandby,
    LoggingFtpBufferwrap,
    NoLoggingFtpBufferwrap,
    LoggingFtpServer(FtpServer),
    NoLoggingFtpServer(NoFtpServer),
    LoggingFlowExportSyslogs(FlowExportSyslogs),
    NoLoggingFlowExportSyslogs(FlowExportSyslogs),
    LoggingSnmpTrap(OneLevel),
    NoLoggingSnmpTrap(NoLevel),
    LoggingException(Size),
    NoLoggingException(NoSize),
    LoggingReload(Reload),
    NoLoggingReload(Reload),
    LoggingBuginf,
    NoLoggingBuginf,
    LoggingEsmConfig,
    NoLoggingEsmConfig,
    LoggingQueueLimitEsm(Size),
    NoLoggingQueueLimitEsm(NoSize),
    LoggingCnsEvents(OneLevel),
    NoLoggingCnsEvents(NoLevel),
    LoggingDmvpn(Limit),
    NoLoggingDmvpn(Limit),
    LoggingPolicyFirewall(PolicyFirewall),
    NoLoggingPolicyFirewall(Limit),
    LoggingAlarm(Alarm),
    NoLoggingAlarm(Alarm),
    LoggingServerArp,
    NoLoggingServerArp,
}

/// A clear password is sealed by the exec room before the command is applied.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct FtpServer {
    pub server: Arc<str>,
    pub path: Arc<str>,
    pub user: Arc<str>,
    pub password: Arc<str>,
    #[serde(default)]
    pub encrypted: bool,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct NoFtpServer {
    pub server: Option<Arc<str>>,
    pub path: Option<Arc<str>>,
    pub user: Option<Arc<str>>,
    pub password: Option<Arc<str>>,
    #[serde(default)]
    pub encrypted: bool,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct FlowExportSyslogs {
    /// The default.
    #[serde(default)]
    pub enable: bool,
    #[serde(default)]
    pub disable: bool,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct OneLevel {
    pub level: Level,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct NoLevel {
    pub level: Option<Level>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Reload {
    pub message_limit: Option<u32>,
    pub level: Option<Level>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Limit {
    pub limit: Option<u32>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct PolicyFirewall {
    /// Seconds.
    pub limit: u32,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Alarm {
    /// A keyword, or 1 to 4.
    pub severity: Option<Arc<str>>,
}
