//! `show logging`: the state of every session, the discriminators, the device-wide counters and the buffer. Its layout is
//! not here.

use chrono::SecondsFormat;
use serde::Serialize;

use super::logging_admitted::Admitted;
use super::logging_mail::{self, MailView};
use super::logging_persistent::{self, PersistentView};
use super::logging_session::SessionView;
use super::logging_source::SourceInterfaces;
use super::sanitised::harmless;
use crate::config::RunningConfig;
use crate::config::discriminator::{Discriminator, DiscriminatorName, Match};
use crate::config::logging::{Host, LocalSession, Logging, Output, Transport};
use crate::config::logging_class::ClassPlace;
use crate::message::Severity;
use crate::syslog::api::{Counters, HostStatus, Link, LocalStatus, QueueKept, Status};

/// `show logging`. The names of the counters are those of docs/PROMISES.md.
#[derive(Debug, Serialize)]
pub struct View {
    pub enabled: bool,
    /// RFC 3339, UTC.
    pub counting_since: String,
    pub received_by_inputs: u64,
    pub own: u64,
    pub disabled_by_logging_message: u64,
    pub discarded_by_global_rate_limit: u64,
    pub offered: u64,
    /// Overflowed in all sessions together.
    pub dropped: u64,
    pub faults: u64,
    /// Some session has XML lines.
    pub xml: bool,
    /// Some session is `filtered`.
    pub filtering: bool,
    /// Kept and not loaded.
    pub filter_modules: Vec<FilterModule>,
    /// Kept and shown; nothing is ever denied here.
    pub permit_hostdown: bool,
    pub active_discriminators: Vec<DiscriminatorView>,
    pub inactive_discriminators: Vec<DiscriminatorView>,
    pub console: LocalView,
    pub monitor: LocalView,
    pub buffer: LocalView,
    pub persistent: PersistentView,
    /// Messages in the XML buffer so far; `None` when it is off.
    pub xml_buffer: Option<u64>,
    /// `logging count`.
    pub counting: bool,
    /// What the history table saves, and how many it has.
    pub history: Admitted,
    pub history_logged: u64,
    pub mail: MailView,
    pub trap: TrapView,
    pub source_interfaces: SourceInterfaces,
    /// Bytes.
    pub buffer_size: u32,
    /// How many lines were asked for, by `last`.
    pub last: Option<u32>,
    /// Oldest first; control characters of received text as `\xNN`.
    pub log_buffer: Vec<String>,
}

#[derive(Debug, Serialize)]
pub struct FilterModule {
    pub url: String,
    pub args: Option<String>,
}

#[derive(Debug, Serialize)]
pub struct DiscriminatorView {
    pub name: String,
    pub severity_group: Option<CriterionView>,
    pub facility: Option<CriterionView>,
    pub mnemonics: Option<CriterionView>,
    pub msg_body: Option<CriterionView>,
    pub sender: Option<CriterionView>,
    /// Seconds in which repeats are counted.
    pub duplicates: Option<u16>,
    pub flapping: Option<FlappingView>,
    /// Messages a second.
    pub rate_limit_not_to_exceed: Option<u16>,
    /// Severities 0 to this one are exempt.
    pub rate_limit_except: Option<u8>,
}

#[derive(Debug, Serialize)]
pub struct FlappingView {
    pub changes: u16,
    pub within_seconds: u16,
}

#[derive(Debug, Serialize)]
pub struct CriterionView {
    /// `drops` or `includes`.
    pub action: &'static str,
    pub pattern: String,
}

#[derive(Debug, Serialize)]
pub struct LocalView {
    #[serde(flatten)]
    pub admitted: Admitted,
    pub discriminator: Option<String>,
    pub xml: bool,
    pub filtering: bool,
    /// Terminals that listen; the buffer has none.
    pub listeners: usize,
    /// Lines that they were too slow for.
    pub lost_by_terminals: u64,
    /// `logging console guaranteed`.
    pub guaranteed: bool,
    #[serde(flatten)]
    pub counters: CountersView,
}

#[derive(Debug, Serialize)]
pub struct TrapView {
    #[serde(flatten)]
    pub admitted: Admitted,
    /// Lines offered to all hosts together.
    pub message_lines_logged: u64,
    pub hosts: Vec<HostView>,
}

#[derive(Debug, Serialize)]
pub struct HostView {
    #[serde(flatten)]
    pub session: SessionView,
    /// The `nameif` that it leaves by.
    pub interface: Option<String>,
    pub audit: bool,
    pub authentication: bool,
    pub encryption: bool,
    pub link_up: bool,
    /// Why the link is down.
    pub reason: Option<String>,
    pub address: Option<String>,
    pub discriminator: Option<String>,
    pub xml: bool,
    pub sequence_number: bool,
    pub filtering: bool,
    /// The only stream that it gets.
    pub stream: Option<u16>,
    pub tls_profile: Option<String>,
    pub queue_bytes: u64,
    pub queue_limit_bytes: u64,
    /// Seconds until the queue is full at the present rate.
    pub full_in_seconds: Option<u64>,
    /// `memory` or `disk`, as it is kept.
    pub queue: &'static str,
    /// Messages that are not on disk yet.
    pub waiting_for_disk: usize,
    /// Why it is not on disk, where it should be.
    pub disk_fault: Option<String>,
    #[serde(flatten)]
    pub counters: CountersView,
}

/// `received = message_lines_logged + dropped_by_md + rate_limited + merged + queued + overflowed`.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct CountersView {
    /// While this session was there; `offered + restored + summaries = below_its_level + received`.
    pub offered: u64,
    /// From before the start, out of a queue on disk.
    pub restored: u64,
    pub below_its_level: u64,
    pub received: u64,
    pub message_lines_logged: u64,
    pub dropped_by_md: u64,
    pub rate_limited: u64,
    pub merged: u64,
    pub queued: u64,
    pub overflowed: u64,
    /// Of those received, the ones that correlation made.
    pub summaries: u64,
    pub possibly_repeated: u64,
    pub cut: u64,
}

impl From<Counters> for CountersView {
    fn from(c: Counters) -> Self {
        Self {
            offered: c.offered,
            restored: c.restored,
            below_its_level: c.below_level,
            received: c.received,
            message_lines_logged: c.delivered,
            dropped_by_md: c.filtered,
            rate_limited: c.rate_limited,
            merged: c.merged,
            queued: c.queued,
            overflowed: c.overflowed,
            summaries: c.summaries,
            possibly_repeated: c.possibly_repeated,
            cut: c.cut,
        }
    }
}

/// The view of a configuration, a status and the bytes of the buffer, of which only the last so many lines may be wanted.
pub fn view(config: &RunningConfig, status: &Status, buffer: &[u8], last: Option<u32>) -> View {
    let logging = &config.logging;
    let (active, inactive): (Vec<_>, Vec<_>) = logging
        .discriminators
        .iter()
        .partition(|(name, _)| logging.is_attached(name));
    let described = |found: Vec<(&DiscriminatorName, &std::sync::Arc<Discriminator>)>| {
        found
            .into_iter()
            .map(|(name, found)| describe(name, found))
            .collect()
    };
    let local = logging.buffer();
    let lines: Vec<&[u8]> = buffer
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty())
        .collect();
    let skipped = last.map_or(0, |last| lines.len().saturating_sub(last as usize));
    View {
        enabled: logging.is_on(),
        counting_since: status.since.to_rfc3339_opts(SecondsFormat::Secs, true),
        received_by_inputs: status.device.received_by_inputs,
        own: status.device.own,
        disabled_by_logging_message: status.device.disabled_by_logging_message,
        discarded_by_global_rate_limit: status.device.discarded_by_global_rate_limit,
        offered: status.device.offered,
        dropped: sessions(status).map(|counters| counters.overflowed).sum(),
        faults: status.faults,
        xml: logging.buffered_xml.is_some()
            || has_session(logging, |local| local.xml, |host| host == Output::Xml),
        filtering: has_session(
            logging,
            |local| local.filtered,
            |host| matches!(host, Output::Filtered { .. }),
        ),
        filter_modules: filter_modules(logging),
        permit_hostdown: logging.permit_hostdown,
        active_discriminators: described(active),
        inactive_discriminators: described(inactive),
        console: LocalView {
            guaranteed: logging.console_guaranteed,
            ..local_view(
                logging,
                ClassPlace::Console,
                logging.console_session(),
                &status.console,
            )
        },
        monitor: local_view(
            logging,
            ClassPlace::Monitor,
            logging.monitor_session(),
            &status.monitor,
        ),
        buffer: local_view(
            logging,
            ClassPlace::Buffered,
            local.as_ref(),
            &status.buffer,
        ),
        persistent: logging_persistent::settings(logging, status),
        xml_buffer: logging
            .buffered_xml
            .is_some()
            .then_some(status.xml_buffer.counters.delivered),
        counting: logging.count,
        history: admitted(logging, ClassPlace::History, logging.history.as_ref()),
        history_logged: status.history.counters.delivered,
        mail: logging_mail::settings(config, status),
        trap: trap_view(logging, &status.hosts),
        source_interfaces: SourceInterfaces::of(&logging.form),
        buffer_size: local.map_or(0, |local| local.effective_size()),
        last,
        log_buffer: lines
            .into_iter()
            .skip(skipped)
            .map(|line| String::from_utf8_lossy(&harmless(line)).into_owned())
            .collect(),
    }
}

/// Whether a buffer or a terminal is so, or a host.
fn has_session(
    logging: &Logging,
    local: impl Fn(&LocalSession) -> bool,
    host: impl Fn(Output) -> bool,
) -> bool {
    let buffer = logging.buffer();
    let terminals = [logging.console_session(), logging.monitor_session()];
    let mut locals = buffer
        .as_ref()
        .into_iter()
        .chain(terminals.into_iter().flatten());
    let hosts = logging.hosts.in_order();
    locals.any(local)
        || hosts
            .iter()
            .any(|(_, known)| known.output.is_some_and(&host))
}

fn filter_modules(logging: &Logging) -> Vec<FilterModule> {
    let filters = logging.streams.filters.iter();
    let module = filters.map(|filter| FilterModule {
        url: filter.url.to_string(),
        args: filter.args.as_deref().map(str::to_owned),
    });
    module.collect()
}

fn trap_view(logging: &Logging, hosts: &[HostStatus]) -> TrapView {
    TrapView {
        admitted: Admitted::of(
            logging,
            ClassPlace::Trap,
            logging.trap_level(),
            logging.trap_list.as_deref(),
        ),
        message_lines_logged: hosts.iter().map(|host| host.counters.delivered).sum(),
        hosts: hosts.iter().map(|host| host_view(logging, host)).collect(),
    }
}

fn admitted(logging: &Logging, place: ClassPlace, session: Option<&LocalSession>) -> Admitted {
    Admitted::of(
        logging,
        place,
        session.map(LocalSession::effective_level),
        session.and_then(|session| session.list.as_deref()),
    )
}

fn sessions(status: &Status) -> impl Iterator<Item = &Counters> {
    let locals = [
        &status.console,
        &status.monitor,
        &status.buffer,
        &status.persistent,
        &status.mail,
    ]
    .map(|local| &local.counters);
    locals
        .into_iter()
        .chain(status.hosts.iter().map(|host| &host.counters))
}

fn describe(name: &DiscriminatorName, found: &Discriminator) -> DiscriminatorView {
    let criterion = |found: &Option<Match>| {
        found.as_ref().map(|m| CriterionView {
            action: m.sense.keyword(),
            pattern: m.pattern.to_string(),
        })
    };
    DiscriminatorView {
        name: name.as_str().to_owned(),
        severity_group: found.severity.as_ref().map(|s| CriterionView {
            action: s.sense.keyword(),
            pattern: s.list.as_str().to_owned(),
        }),
        facility: criterion(&found.facility),
        mnemonics: criterion(&found.mnemonics),
        msg_body: criterion(&found.msg_body),
        sender: criterion(&found.sender),
        duplicates: found.duplicates,
        flapping: found.flapping.map(|flapping| FlappingView {
            changes: flapping.changes,
            within_seconds: flapping.within,
        }),
        rate_limit_not_to_exceed: found.rate_limit.map(|limit| limit.limit),
        rate_limit_except: found
            .rate_limit
            .and_then(|limit| limit.except)
            .map(Severity::number),
    }
}

fn local_view(
    logging: &Logging,
    place: ClassPlace,
    session: Option<&LocalSession>,
    status: &LocalStatus,
) -> LocalView {
    LocalView {
        admitted: admitted(logging, place, session),
        discriminator: session
            .and_then(|s| s.discriminator.as_ref())
            .map(|name| name.as_str().to_owned()),
        xml: session.is_some_and(|session| session.xml),
        filtering: session.is_some_and(|session| session.filtered),
        listeners: status.listeners,
        lost_by_terminals: status.lost,
        guaranteed: false,
        counters: status.counters.into(),
    }
}

fn host_view(logging: &Logging, status: &HostStatus) -> HostView {
    // A session that was removed this instant is still in the status.
    let none = Host::default();
    let configured = logging.hosts.get(&status.key).map_or(&none, |host| host);
    let (link_up, reason) = match &status.link {
        Link::Up => (true, None),
        Link::Down { reason } => (false, Some(reason.clone())),
    };
    HostView {
        session: SessionView::of(&status.key),
        interface: configured
            .egress
            .as_ref()
            .map(|egress| egress.interface.to_string()),
        audit: configured.audit,
        authentication: configured.sasl.is_some(),
        encryption: configured.tls.is_some() || status.key.transport == Transport::Tls,
        link_up,
        reason,
        address: status.address.map(|address| address.ip().to_string()),
        discriminator: logging
            .discriminator_of(configured)
            .map(|name| name.as_str().to_owned()),
        xml: configured.output == Some(Output::Xml),
        sequence_number: configured.sequence_num_session,
        filtering: matches!(configured.output, Some(Output::Filtered { .. })),
        stream: match configured.output {
            Some(Output::Filtered { stream }) => stream,
            _ => None,
        },
        tls_profile: configured.tls_profile.as_deref().map(str::to_owned),
        queue_bytes: status.queue_bytes,
        queue_limit_bytes: status.queue_limit,
        full_in_seconds: status.full_in.map(|left| left.as_secs()),
        queue: match status.queue {
            QueueKept::OnDisk { .. } => "disk",
            QueueKept::InMemory | QueueKept::InMemoryFor { .. } => "memory",
        },
        waiting_for_disk: match status.queue {
            QueueKept::OnDisk { waiting } => waiting,
            QueueKept::InMemory | QueueKept::InMemoryFor { .. } => 0,
        },
        disk_fault: match &status.queue {
            QueueKept::InMemoryFor { reason } => Some(reason.clone()),
            QueueKept::InMemory | QueueKept::OnDisk { .. } => None,
        },
        counters: status.counters.into(),
    }
}
