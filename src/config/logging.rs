//! `logging ...`: the section as a whole, local sessions, and what is in force where nothing is configured. Its parts, the
//! commands (`logging_commands`) and the text (`logging_lines`) stand beside it.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::correlator::CorrelatorRules;
use super::discriminator::{Discriminator, DiscriminatorName};
use super::logging_class::ClassLevels;
use super::logging_form::LineForm;
pub use super::logging_host::{
    Egress, Host, HostTls, Hosts, Output, SessionId, SessionKey, Transport,
};
pub use super::logging_input::{Input, InputAddress, InputKey, InputPort, InputTransport};
use super::logging_kept::Kept;
use super::logging_limit::{Limited, MessageLimit};
use super::logging_list::ListLine;
use super::logging_mail::Mail;
use super::logging_message::MessageRule;
use super::logging_stream::Streams;
use super::persistent::{Bufferwrap, Persistent};
use crate::message::Severity;

/// The `logging` section.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Logging {
    /// `logging on`; on unless `Some(false)`.
    pub on: Option<bool>,
    pub discriminators: Arc<BTreeMap<DiscriminatorName, Arc<Discriminator>>>,
    pub correlator: Arc<CorrelatorRules>,
    /// By name, each with its lines in order of entry; no list is empty.
    pub lists: Arc<BTreeMap<Arc<str>, Vec<ListLine>>>,
    pub classes: Arc<ClassLevels>,
    /// By number.
    pub messages: Arc<BTreeMap<u32, MessageRule>>,
    pub inputs: Arc<BTreeMap<InputKey, Input>>,
    /// `logging stream` and `logging filter`.
    pub streams: Arc<Streams>,
    pub buffered: Option<Local>,
    /// `logging buffered xml`: a buffer of its own.
    pub buffered_xml: Option<LocalSession>,
    /// `logging buffer-size`: the buffer's bytes, in an ASA's words; `logging buffered` has it in IOS's.
    pub buffer_size: Option<u32>,
    /// `logging history`: off until configured (D104).
    pub history: Option<LocalSession>,
    /// 1 to 500.
    pub history_size: Option<u16>,
    /// `logging count`.
    pub count: bool,
    pub mail: Mail,
    pub console: Option<Local>,
    /// `logging console guaranteed`: inputs wait for the console.
    pub console_guaranteed: bool,
    pub monitor: Option<Local>,
    pub trap: Option<Trap>,
    /// A list in place of the level of `trap`.
    pub trap_list: Option<Arc<str>>,
    pub facility: Option<Facility>,
    /// The device's own message number leads a remote line unless `Some(false)` (`no logging message-counter syslog`).
    pub message_counter_syslog: Option<bool>,
    /// Kept and shown: there are no debug messages here, and every log message has the number of `syslog`.
    pub message_counter_debug: bool,
    pub message_counter_log: bool,
    pub origin_id: Option<OriginId>,
    /// `no logging origin-id sender`: messages from other machines go out without their host as ORIGIN (C3.5).
    pub no_origin_id_sender: bool,
    /// `logging userinfo`: a raised privilege is said as IOS says it, too.
    pub userinfo: bool,
    /// `logging permit-hostdown`: kept; nothing is ever denied here.
    pub permit_hostdown: bool,
    /// `logging input silence`: minutes, 1 to 1440 (C3.8).
    pub input_silence: Option<u16>,
    pub rate_limit: Option<RateLimit>,
    pub console_rate_limit: Option<RateLimit>,
    pub message_limits: Arc<BTreeMap<Limited, MessageLimit>>,
    /// Messages a remote session's queue holds at most, besides its bound in bytes (C5b.5).
    pub queue_limit: Option<u32>,
    pub persistent: Option<Persistent>,
    pub bufferwrap: Bufferwrap,
    /// `logging queue-limit trap`: the same, and wins.
    pub queue_limit_trap: Option<u32>,
    /// `logging queue`, in an ASA's words; 0 for no bound (D106).
    pub queue: Option<u32>,
    pub kept: Arc<Kept>,
    pub timestamps: Timestamps,
    /// `service sequence-numbers`.
    pub sequence_numbers: bool,
    /// How lines look on sessions of an ASA's form, and where sessions leave from.
    pub form: LineForm,
    pub hosts: Hosts,
}

/// A session inside the device: buffer, console or monitor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Local {
    Off,
    On(LocalSession),
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LocalSession {
    pub discriminator: Option<DiscriminatorName>,
    pub xml: bool,
    pub filtered: bool,
    /// The buffer's bytes, 4096 to 2147483647; the buffer alone has it.
    pub size: Option<u32>,
    /// Debugging when absent.
    pub level: Option<Severity>,
    /// A list in place of the level.
    pub list: Option<Arc<str>>,
}

/// `logging trap`: what remote sessions get.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trap {
    Off,
    On {
        level: Option<Severity>,
        rfc5424: bool,
    },
}

/// A syslog facility, 0 (kern) to 23 (local7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facility(pub u8);

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OriginId {
    Hostname,
    Ip,
    Ipv6,
    Text(Arc<str>),
}

/// `logging rate-limit`: messages a second for the whole device or for the console.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimit {
    /// 1 to 10000.
    pub limit: u16,
    /// `all` counts debugging messages too; without it they are exempt.
    pub all: bool,
    /// Severities 0 to this one are exempt.
    pub except: Option<Severity>,
}

/// `service timestamps`: how a line's stamp looks; log and debug lines apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Timestamps {
    pub log: Option<Timestamp>,
    pub debug: Option<Timestamp>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timestamp {
    Off,
    Uptime,
    Datetime {
        msec: bool,
        localtime: bool,
        show_timezone: bool,
        year: bool,
    },
}

impl Timestamp {
    /// What modern images come with.
    pub const DEFAULT: Self = Self::Datetime {
        msec: true,
        localtime: false,
        show_timezone: false,
        year: false,
    };
}

impl Facility {
    /// local7, for messages of IOS form.
    pub const DEFAULT: Self = Self(23);

    /// In the order of RFC 5424 section 6.2.1. IOS calls 9 to 14 `sys9` to `sys14` and 15 `cron` (D8).
    const KEYWORDS: [&'static str; 24] = [
        "kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "sys9", "sys10",
        "sys11", "sys12", "sys13", "sys14", "cron", "local0", "local1", "local2", "local3",
        "local4", "local5", "local6", "local7",
    ];

    /// From the keyword in full, or a number as an ASA takes it.
    pub fn from_keyword(text: &str) -> Option<Self> {
        let by_name = Self::KEYWORDS
            .iter()
            .position(|keyword| *keyword == text)
            .and_then(|n| u8::try_from(n).ok());
        by_name
            .or_else(|| text.parse().ok().filter(|n| *n <= 23))
            .map(Self)
    }

    pub fn keyword(self) -> &'static str {
        Self::KEYWORDS
            .get(usize::from(self.0))
            .copied()
            .unwrap_or("local7")
    }
}

/// Effective values: the one place of each default (docs/PROMISES.md).
impl Logging {
    pub const DEFAULT_BUFFER_SIZE: u32 = 4096;

    pub fn is_on(&self) -> bool {
        self.on.unwrap_or(true)
    }

    /// The buffer is on at debugging unless configured otherwise.
    pub fn buffer(&self) -> Option<LocalSession> {
        match &self.buffered {
            None => Some(LocalSession {
                size: self.buffer_size,
                ..LocalSession::default()
            }),
            Some(Local::Off) => None,
            Some(Local::On(session)) => Some(LocalSession {
                size: session.size.or(self.buffer_size),
                ..session.clone()
            }),
        }
    }

    /// Entries of the history table.
    pub fn history_entries(&self) -> u16 {
        self.history_size.unwrap_or(1)
    }

    /// Console and monitor are off unless configured.
    pub fn console_session(&self) -> Option<&LocalSession> {
        local_on(self.console.as_ref())
    }

    pub fn monitor_session(&self) -> Option<&LocalSession> {
        local_on(self.monitor.as_ref())
    }

    /// Messages that a remote session's queue holds at most: the lower of what IOS and ASA have for it.
    pub fn queue_messages(&self) -> Option<u32> {
        let limits = [
            self.queue_limit_trap.or(self.queue_limit),
            self.queue.filter(|limit| *limit > 0),
        ];
        limits.into_iter().flatten().min()
    }

    /// The level of remote sessions; `None` when trap logging is off.
    pub fn trap_level(&self) -> Option<Severity> {
        match self.trap {
            None | Some(Trap::On { level: None, .. }) => Some(Severity::Informational),
            Some(Trap::On { level, .. }) => level,
            Some(Trap::Off) => None,
        }
    }

    /// The discriminator of a session: its own, or that of the stream which it gets.
    pub fn discriminator_of<'a>(&'a self, host: &'a Host) -> Option<&'a DiscriminatorName> {
        match host.output {
            Some(Output::Filtered {
                stream: Some(stream),
            }) => self.streams.rules.get(&stream),
            _ => host.discriminator.as_ref(),
        }
    }

    /// Whether a session gets any message: a stream without a rule has none (D124).
    pub fn has_messages(&self, host: &Host) -> bool {
        let is_stream = matches!(host.output, Some(Output::Filtered { stream: Some(_) }));
        !is_stream || self.discriminator_of(host).is_some()
    }

    pub fn is_rfc5424(&self) -> bool {
        matches!(self.trap, Some(Trap::On { rfc5424: true, .. }))
    }

    pub fn has_message_counter(&self) -> bool {
        self.message_counter_syslog.unwrap_or(true)
    }
}

impl LocalSession {
    pub fn effective_level(&self) -> Severity {
        self.level.unwrap_or(Severity::Debugging)
    }

    pub fn effective_size(&self) -> u32 {
        self.size.unwrap_or(Logging::DEFAULT_BUFFER_SIZE)
    }
}

impl Logging {
    /// Takes a discriminator off every session that has it; how many had.
    pub(super) fn detach(&mut self, name: &DiscriminatorName) -> usize {
        let mut sessions = 0;
        for local in [&mut self.buffered, &mut self.console, &mut self.monitor] {
            if let Some(Local::On(session)) = local
                && session.discriminator.as_ref() == Some(name)
            {
                session.discriminator = None;
                sessions += 1;
            }
        }
        let streams = self.streams.naming(name);
        if streams > 0 {
            let rules = &mut Arc::make_mut(&mut self.streams).rules;
            rules.retain(|_, rule| rule != name);
            sessions += streams;
        }
        sessions + self.hosts.detach(name)
    }

    /// Whether messages go anywhere beyond this process and its terminals; else nothing is ever queued.
    pub fn leaves_the_process(&self) -> bool {
        !self.hosts.is_empty()
            || self.sends_mail()
            || self.persistent.is_some()
            || self.bufferwrap.on
    }

    /// Whether any session names a discriminator.
    pub fn attaches_any(&self) -> bool {
        let of_local = |local: &Option<Local>| {
            local_on(local.as_ref()).is_some_and(|session| session.discriminator.is_some())
        };
        [&self.buffered, &self.console, &self.monitor]
            .into_iter()
            .any(of_local)
            || self.hosts.attach_any()
    }

    /// Whether any session names it.
    pub fn is_attached(&self, name: &DiscriminatorName) -> bool {
        let locals = [&self.buffered, &self.console, &self.monitor];
        let of_local = |local: &Option<Local>| {
            local_on(local.as_ref()).is_some_and(|s| s.discriminator.as_ref() == Some(name))
        };
        locals.into_iter().any(of_local) || self.streams.naming(name) > 0 || self.hosts.attach(name)
    }
}

fn local_on(local: Option<&Local>) -> Option<&LocalSession> {
    match local {
        Some(Local::On(session)) => Some(session),
        _ => None,
    }
}
