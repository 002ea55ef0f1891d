//! Lines of `logging` that are kept and shown while nobody acts on them: what belongs to functions that this device has not.
//! Each is kept as the line it is printed as (D107).

use std::collections::BTreeMap;
use std::sync::Arc;

use super::logging::Logging;
use super::logging_list;
use super::refusal::{Notices, Refusal};
use super::render::Lines;
use crate::command::logging_kept::Command;
use crate::message::Severity;

/// A line by what it is about, in the order in which they are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    Asdm,
    AsdmBufferSize,
    Standby,
    FtpBufferwrap,
    FtpServer,
    FlowExportSyslogs,
    SnmpTrap(Severity),
    Exception,
    Reload,
    Buginf,
    EsmConfig,
    EsmQueueLimit,
    CnsEvents,
    Dmvpn,
    PolicyFirewall,
    Alarm,
    ServerArp,
}

pub type Kept = BTreeMap<Subject, Arc<str>>;

/// One arm a command.
pub(super) fn apply(logging: &mut Logging, command: &Command) -> Result<Notices, Refusal> {
    let keyword = |level: Severity| level.keyword().to_owned();
    let (subject, line) = match command {
        Command::LoggingAsdm(c) => {
            let list = logging_list::defined(logging, c.list.as_ref())?;
            let what = list
                .as_deref()
                .or(c.level.map(|level| level.0.keyword()))
                .unwrap_or_default();
            (Subject::Asdm, format!("logging asdm {what}"))
        }
        Command::LoggingAsdmBufferSize(c) => (
            Subject::AsdmBufferSize,
            format!("logging asdm-buffer-size {}", c.size),
        ),
        Command::LoggingStandby => (Subject::Standby, "logging standby".into()),
        Command::LoggingFtpBufferwrap => (Subject::FtpBufferwrap, "logging ftp-bufferwrap".into()),
        Command::LoggingFtpServer(c) => {
            let (server, path, user, sealed) = (&c.server, &c.path, &c.user, &c.password);
            (
                Subject::FtpServer,
                format!("logging ftp-server {server} {path} {user} {sealed} encrypted"),
            )
        }
        Command::LoggingFlowExportSyslogs(c) if c.disable => (
            Subject::FlowExportSyslogs,
            "logging flow-export-syslogs disable".into(),
        ),
        Command::LoggingFlowExportSyslogs(_) => {
            forget(logging, Subject::FlowExportSyslogs);
            return Ok(Notices::new());
        }
        Command::LoggingSnmpTrap(c) => (
            Subject::SnmpTrap(c.level.0),
            format!("logging snmp-trap {}", c.level.0.keyword()),
        ),
        Command::LoggingException(c) => {
            (Subject::Exception, format!("logging exception {}", c.size))
        }
        Command::LoggingReload(c) => {
            let limit = c
                .message_limit
                .map(|limit| format!(" message-limit {limit}"))
                .unwrap_or_default();
            let level = c
                .level
                .map(|level| format!(" {}", keyword(level.0)))
                .unwrap_or_default();
            (Subject::Reload, format!("logging reload{limit}{level}"))
        }
        Command::NoLoggingBuginf => (Subject::Buginf, "no logging buginf".into()),
        Command::LoggingEsmConfig => (Subject::EsmConfig, "logging esm config".into()),
        Command::LoggingQueueLimitEsm(c) => (
            Subject::EsmQueueLimit,
            format!("logging queue-limit esm {}", c.size),
        ),
        Command::LoggingCnsEvents(c) => (
            Subject::CnsEvents,
            format!("logging cns-events {}", keyword(c.level.0)),
        ),
        Command::LoggingDmvpn(c) => {
            let limit = c
                .limit
                .map(|limit| format!(" rate-limit {limit}"))
                .unwrap_or_default();
            (Subject::Dmvpn, format!("logging dmvpn{limit}"))
        }
        Command::LoggingPolicyFirewall(c) => (
            Subject::PolicyFirewall,
            format!("logging policy-firewall rate-limit {}", c.limit),
        ),
        Command::LoggingAlarm(c) => {
            let severity = c
                .severity
                .as_ref()
                .map(|severity| format!(" {severity}"))
                .unwrap_or_default();
            (Subject::Alarm, format!("logging alarm{severity}"))
        }
        Command::LoggingServerArp => (Subject::ServerArp, "logging server-arp".into()),
        Command::NoLoggingSnmpTrap(c) => {
            let is_named = |level: Severity| c.level.is_none_or(|named| named.0 == level);
            let all = Severity::ALL.into_iter().filter(|level| is_named(*level));
            all.for_each(|level| forget(logging, Subject::SnmpTrap(level)));
            return Ok(Notices::new());
        }
        gone => {
            forget(logging, taken_back(gone));
            return Ok(Notices::new());
        }
    };
    Arc::make_mut(&mut logging.kept).insert(subject, line.into());
    Ok(Notices::new())
}

/// What a negative form takes back.
fn taken_back(command: &Command) -> Subject {
    match command {
        Command::NoLoggingAsdm(_) => Subject::Asdm,
        Command::NoLoggingAsdmBufferSize(_) => Subject::AsdmBufferSize,
        Command::NoLoggingStandby => Subject::Standby,
        Command::NoLoggingFtpBufferwrap => Subject::FtpBufferwrap,
        Command::NoLoggingFtpServer(_) => Subject::FtpServer,
        Command::NoLoggingFlowExportSyslogs(_) => Subject::FlowExportSyslogs,
        Command::NoLoggingException(_) => Subject::Exception,
        Command::NoLoggingReload(_) => Subject::Reload,
        Command::NoLoggingEsmConfig => Subject::EsmConfig,
        Command::NoLoggingQueueLimitEsm(_) => Subject::EsmQueueLimit,
        Command::NoLoggingCnsEvents(_) => Subject::CnsEvents,
        Command::NoLoggingDmvpn(_) => Subject::Dmvpn,
        Command::NoLoggingPolicyFirewall(_) => Subject::PolicyFirewall,
        Command::NoLoggingAlarm(_) => Subject::Alarm,
        Command::NoLoggingServerArp => Subject::ServerArp,
        // On by default.
        _ => Subject::Buginf,
    }
}

fn forget(logging: &mut Logging, subject: Subject) {
    if logging.kept.contains_key(&subject) {
        Arc::make_mut(&mut logging.kept).remove(&subject);
    }
}

impl Logging {
    /// Whether a line that is kept names the list.
    pub(super) fn keeps_list(&self, name: &str) -> bool {
        let line = self.kept.get(&Subject::Asdm);
        line.is_some_and(|line| line.rsplit(' ').next() == Some(name))
    }

    pub(super) fn kept_lines(&self, out: &mut Lines) {
        for line in self.kept.values() {
            out.line(0, format_args!("{line}"));
        }
    }
}
