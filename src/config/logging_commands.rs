//! What the `logging` and `service` commands do to their section: check everything first, change last.

use std::sync::Arc;

use super::discriminator::{self, DiscriminatorName};
use super::interfaces::Interfaces;
use super::logging::{
    Facility, Host, HostTls, InputKey, Local, LocalSession, Logging, OriginId, Output, RateLimit,
    SessionId, SessionKey, Timestamp, Transport, Trap,
};
use super::refusal::{Kind, Notices, Refusal};
use super::{
    logging_class, logging_egress, logging_input, logging_limit, logging_list, logging_mail,
    logging_message, logging_tables,
};
use crate::command::logging::{self as typed, Command};
use crate::message::Severity;

/// One arm per command.
pub(super) fn apply(
    logging: &mut Logging,
    interfaces: &Interfaces,
    command: &Command,
) -> Result<Notices, Refusal> {
    match command {
        Command::LoggingOn | Command::LoggingEnable => logging.on = Some(true),
        Command::NoLoggingOn | Command::NoLoggingEnable => logging.on = Some(false),
        Command::DefaultLoggingOn => logging.on = None,
        Command::LoggingDiscriminator(c) => return discriminator::define(logging, c),
        Command::NoLoggingDiscriminator(c) => return discriminator::delete(logging, &c.name),
        Command::LoggingInput(c) => return logging_input::port(logging, c),
        Command::NoLoggingInput(c) => return logging_input::no_port(logging, c),
        Command::LoggingStream(c) => {
            // R8: a rule may only name a discriminator that exists.
            if let Some(name) = defined(logging, Some(&c.discriminator))? {
                let rules = &mut Arc::make_mut(&mut logging.streams).rules;
                rules.insert(c.stream, name);
            }
        }
        Command::NoLoggingStream(c) => {
            let rule = logging.streams.rules.get(&c.stream);
            let named = c.discriminator.as_deref();
            if rule.is_some_and(|rule| named.is_none_or(|named| rule.as_str() == named)) {
                Arc::make_mut(&mut logging.streams).rules.remove(&c.stream);
            }
        }
        Command::LoggingFilter(c) => Arc::make_mut(&mut logging.streams).add(c)?,
        Command::NoLoggingFilter(c) => {
            if !Arc::make_mut(&mut logging.streams).remove(c) {
                return Err(Refusal::NotDefined {
                    kind: Kind::Filter,
                    name: c.url.clone(),
                });
            }
        }
        Command::LoggingInputUnix(c) => {
            logging_input::enter(logging, logging_input::unix(&c.path)?);
        }
        Command::NoLoggingInputUnix(c) => {
            logging_input::remove(logging, &logging_input::unix(&c.path)?)?;
        }
        Command::LoggingInputFile(c) => {
            logging_input::enter(logging, logging_input::file(&c.path)?);
        }
        Command::NoLoggingInputFile(c) => {
            logging_input::remove(logging, &logging_input::file(&c.path)?)?;
        }
        Command::LoggingInputJournal => logging_input::enter(logging, InputKey::Journal),
        Command::NoLoggingInputJournal => logging_input::remove(logging, &InputKey::Journal)?,
        Command::LoggingList(c) => return logging_list::add(logging, c),
        Command::NoLoggingList(c) => return logging_list::remove(logging, c),
        Command::LoggingClass(c) => return logging_class::set(logging, c),
        Command::NoLoggingClass(c) => return logging_class::remove(logging, c),
        Command::LoggingMessage(c) => logging_message::set(logging, c),
        Command::NoLoggingMessage(c) => logging_message::unset(logging, c),
        Command::LoggingBuffered(c) => {
            let to = local(logging, logging.buffered.as_ref(), &LocalTyped::from(c))?;
            if c.size.is_some() {
                logging.buffer_size = None;
            }
            logging.buffered = Some(to);
        }
        Command::NoLoggingBuffered(c) => {
            logging.buffered = no_local(
                logging.buffered.take(),
                c.discriminator.as_ref(),
                Some(Local::Off),
            )
        }
        Command::DefaultLoggingBuffered(_) => logging.buffered = None,
        Command::LoggingBufferedXml(c) => return logging_tables::buffered_xml(logging, c),
        Command::NoLoggingBufferedXml(_) | Command::DefaultLoggingBufferedXml(_) => {
            logging.buffered_xml = None
        }
        Command::LoggingBufferSize(c) => logging_tables::buffer_size(logging, c.size),
        Command::NoLoggingBufferSize(_) => logging.buffer_size = None,
        Command::LoggingCount => logging.count = true,
        Command::NoLoggingCount => logging.count = false,
        Command::LoggingMail(c) => return logging_mail::session(logging, c),
        Command::NoLoggingMail(_) => logging.mail.session = None,
        Command::LoggingFromAddress(c) => logging.mail.from = Some(c.address.shared()),
        Command::NoLoggingFromAddress(_) => logging.mail.from = None,
        Command::LoggingRecipientAddress(c) => return logging_mail::add_recipient(logging, c),
        Command::NoLoggingRecipientAddress(c) => return logging_mail::remove_recipient(logging, c),
        Command::LoggingHistory(c) => return logging_tables::history(logging, c),
        Command::NoLoggingHistory(_) | Command::DefaultLoggingHistory(_) => logging.history = None,
        Command::LoggingHistorySize(c) => logging.history_size = u16::try_from(c.size).ok(),
        Command::NoLoggingHistorySize(_) | Command::DefaultLoggingHistorySize(_) => {
            logging.history_size = None
        }
        Command::LoggingConsole(c) => {
            let to = local(logging, logging.console.as_ref(), &LocalTyped::from(c))?;
            logging.console = Some(to);
        }
        Command::NoLoggingConsole(c) => {
            logging.console = no_local(logging.console.take(), c.discriminator.as_ref(), None)
        }
        Command::DefaultLoggingConsole(_) => logging.console = None,
        Command::LoggingConsoleGuaranteed => logging.console_guaranteed = true,
        Command::NoLoggingConsoleGuaranteed => logging.console_guaranteed = false,
        Command::LoggingMonitor(c) => {
            let to = local(logging, logging.monitor.as_ref(), &LocalTyped::from(c))?;
            logging.monitor = Some(to);
        }
        Command::NoLoggingMonitor(c) => {
            logging.monitor = no_local(logging.monitor.take(), c.discriminator.as_ref(), None)
        }
        Command::DefaultLoggingMonitor(_) => logging.monitor = None,
        Command::LoggingTrap(c) => {
            logging.trap_list = logging_list::defined(logging, c.list.as_ref())?;
            logging.trap = Some(Trap::On {
                level: c.level.map(|level| level.0),
                rfc5424: c.format.is_some(),
            });
        }
        Command::NoLoggingTrap => {
            (logging.trap, logging.trap_list) = (Some(Trap::Off), None);
        }
        Command::DefaultLoggingTrap => (logging.trap, logging.trap_list) = (None, None),
        Command::LoggingFacility(c) => {
            let facility = Facility::from_keyword(&c.facility).ok_or(Refusal::Value {
                expected: "a facility".into(),
            })?;
            logging.facility = Some(facility);
        }
        Command::NoLoggingFacility(_) | Command::DefaultLoggingFacility(_) => {
            logging.facility = None
        }
        Command::LoggingMessageCounter => logging.message_counter_syslog = Some(true),
        Command::NoLoggingMessageCounter => logging.message_counter_syslog = Some(false),
        Command::DefaultLoggingMessageCounter => logging.message_counter_syslog = None,
        Command::LoggingMessageCounterDebug => logging.message_counter_debug = true,
        Command::NoLoggingMessageCounterDebug => logging.message_counter_debug = false,
        Command::LoggingMessageCounterLog => logging.message_counter_log = true,
        Command::NoLoggingMessageCounterLog => logging.message_counter_log = false,
        Command::LoggingOriginId(c) => logging.origin_id = Some(origin_id(&c.origin)),
        Command::NoLoggingOriginId => logging.origin_id = None,
        Command::LoggingOriginIdSender => logging.no_origin_id_sender = false,
        Command::NoLoggingOriginIdSender => logging.no_origin_id_sender = true,
        Command::LoggingUserinfo => logging.userinfo = true,
        Command::NoLoggingUserinfo => logging.userinfo = false,
        Command::LoggingPermitHostdown => logging.permit_hostdown = true,
        Command::NoLoggingPermitHostdown => logging.permit_hostdown = false,
        Command::LoggingInputSilence(c) => logging.input_silence = Some(c.minutes),
        Command::NoLoggingInputSilence(_) => logging.input_silence = None,
        Command::LoggingRateLimit(c) => logging.rate_limit = Some(rate_limit(c)),
        Command::NoLoggingRateLimit => logging.rate_limit = None,
        Command::LoggingRateLimitConsole(c) => logging.console_rate_limit = Some(rate_limit(c)),
        Command::NoLoggingRateLimitConsole => logging.console_rate_limit = None,
        Command::LoggingRateLimitMessages(c) => logging_limit::set(logging, c),
        Command::NoLoggingRateLimitMessages(c) => return logging_limit::unset(logging, c),
        Command::LoggingQueueLimit(c) => logging.queue_limit = Some(c.limit),
        Command::NoLoggingQueueLimit => logging.queue_limit = None,
        Command::LoggingQueueLimitTrap(c) => logging.queue_limit_trap = Some(c.size),
        Command::NoLoggingQueueLimitTrap(_) => logging.queue_limit_trap = None,
        Command::LoggingQueue(c) => logging.queue = Some(c.size),
        Command::NoLoggingQueue(_) => logging.queue = None,
        Command::LoggingHost(c) | Command::LoggingAddress(c) => return host(logging, c),
        Command::NoLoggingHost(c) | Command::NoLoggingAddress(c) => return no_host(logging, c),
        Command::LoggingHostInterface(c) => return logging_egress::host(logging, interfaces, c),
        Command::NoLoggingHostInterface(c) => return logging_egress::no_host(logging, c),
        Command::ServiceTimestampsLog(c) => logging.timestamps.log = Some(timestamp(c)),
        Command::NoServiceTimestampsLog => logging.timestamps.log = Some(Timestamp::Off),
        Command::DefaultServiceTimestampsLog => logging.timestamps.log = None,
        Command::ServiceTimestampsDebug(c) => logging.timestamps.debug = Some(timestamp(c)),
        Command::NoServiceTimestampsDebug => logging.timestamps.debug = Some(Timestamp::Off),
        Command::DefaultServiceTimestampsDebug => logging.timestamps.debug = None,
        Command::ServiceSequenceNumbers => logging.sequence_numbers = true,
        Command::NoServiceSequenceNumbers => logging.sequence_numbers = false,
    }
    Ok(Notices::new())
}

/// R8: a session may only name a discriminator that exists (D4).
fn defined(
    logging: &Logging,
    name: Option<&Arc<str>>,
) -> Result<Option<DiscriminatorName>, Refusal> {
    let Some(name) = name else { return Ok(None) };
    DiscriminatorName::shared(name)
        .filter(|known| logging.discriminators.contains_key(known))
        .map(Some)
        .ok_or_else(|| Refusal::NotDefined {
            kind: Kind::Discriminator,
            name: name.clone(),
        })
}

/// What `logging buffered`, `console` and `monitor` have in common.
struct LocalTyped<'a> {
    discriminator: Option<&'a Arc<str>>,
    filtered: bool,
    xml: bool,
    size: Option<u32>,
    level: Option<Severity>,
    list: Option<&'a Arc<str>>,
}

impl<'a> From<&'a typed::LoggingBuffered> for LocalTyped<'a> {
    fn from(c: &'a typed::LoggingBuffered) -> Self {
        let level = c.level.map(|level| level.0);
        Self {
            discriminator: c.discriminator.as_ref(),
            filtered: c.filtered,
            xml: false,
            size: c.size,
            level,
            list: c.list.as_ref(),
        }
    }
}

impl<'a> From<&'a typed::LoggingLocal> for LocalTyped<'a> {
    fn from(c: &'a typed::LoggingLocal) -> Self {
        let level = c.level.map(|level| level.0);
        Self {
            discriminator: c.discriminator.as_ref(),
            filtered: c.filtered,
            xml: c.xml,
            size: None,
            level,
            list: c.list.as_ref(),
        }
    }
}

/// What is typed changes, the rest stays; discriminator, filtered and xml are alternatives (R9, D12).
fn local(logging: &Logging, before: Option<&Local>, c: &LocalTyped<'_>) -> Result<Local, Refusal> {
    let discriminator = defined(logging, c.discriminator)?;
    let list = logging_list::defined(logging, c.list)?;
    let mut session = match before {
        Some(Local::On(session)) => session.clone(),
        _ => LocalSession::default(),
    };
    if discriminator.is_some() || c.filtered || c.xml {
        (session.discriminator, session.filtered, session.xml) = (discriminator, c.filtered, c.xml);
    }
    session.size = c.size.or(session.size);
    if let Some(level) = c.level {
        // Debugging is the default and never shown.
        session.level = Some(level).filter(|level| *level != Severity::Debugging);
        session.list = None;
    }
    if list.is_some() {
        (session.level, session.list) = (None, list);
    }
    Ok(Local::On(session))
}

/// `no logging buffered discriminator NAME` detaches, and is silent when it was not attached; anything else turns off (D12).
fn no_local(before: Option<Local>, name: Option<&Arc<str>>, off: Option<Local>) -> Option<Local> {
    let Some(name) = name else { return off };
    match before {
        Some(Local::On(mut session))
            if session
                .discriminator
                .as_ref()
                .is_some_and(|known| known.as_str() == &**name) =>
        {
            session.discriminator = None;
            Some(Local::On(session))
        }
        other => other,
    }
}

fn session(c: &typed::LoggingHost) -> (SessionKey, Host) {
    let host = c
        .host
        .as_ref()
        .or(c.ipv6.as_ref())
        .or(c.address.as_ref())
        .cloned()
        .unwrap_or_else(|| "".into());
    let mut what = Host {
        ipv6: c.ipv6.is_some(),
        ..Host::default()
    };
    let (transport, port, channel) = match &c.transport {
        None => (Transport::Udp, None, None),
        Some(typed::Transport::Udp { port }) => (Transport::Udp, *port, None),
        Some(typed::Transport::Tcp { audit, port }) => {
            what.audit = *audit;
            (Transport::Tcp, *port, None)
        }
        Some(typed::Transport::Beep {
            audit,
            channel,
            sasl,
            tls,
            port,
        }) => {
            what.audit = *audit;
            what.sasl.clone_from(sasl);
            what.tls = tls.as_ref().map(|tls| HostTls {
                cipher: tls.cipher,
                trustpoint: tls.trustpoint.clone(),
            });
            (Transport::Beep, *port, *channel)
        }
        Some(typed::Transport::Tls { port, profile }) => {
            what.tls_profile.clone_from(profile);
            (Transport::Tls, *port, None)
        }
    };
    what.output = c.output.as_ref().map(|output| match output {
        typed::Output::Filtered { stream } => Output::Filtered { stream: *stream },
        typed::Output::Xml => Output::Xml,
    });
    what.sequence_num_session = c.sequence_num_session;
    what.session_id = c.session_id.as_ref().map(|id| match id {
        typed::SessionId::Hostname => SessionId::Hostname,
        typed::SessionId::Ipv4 => SessionId::Ipv4,
        typed::SessionId::Ipv6 => SessionId::Ipv6,
        typed::SessionId::String { text } => SessionId::Text(text.clone()),
    });
    what.queue_memory = c.queue_memory;
    what.queue_disk = c.queue_disk;
    let port = port.unwrap_or_else(|| transport.default_port());
    (
        SessionKey {
            host,
            vrf: c.vrf.clone(),
            transport,
            port,
            channel,
        },
        what,
    )
}

fn host(logging: &mut Logging, c: &typed::LoggingHost) -> Result<Notices, Refusal> {
    let (key, mut what) = session(c);
    what.discriminator = defined(logging, c.discriminator.as_ref())?;
    logging.hosts.set(key, what);
    Ok(Notices::new())
}

/// `no logging host H` removes every session of H; with a transport, the one session it names (D35).
fn no_host(logging: &mut Logging, c: &typed::LoggingHost) -> Result<Notices, Refusal> {
    let (key, _) = session(c);
    let gone: Vec<SessionKey> = if c.transport.is_some() {
        logging
            .hosts
            .get(&key)
            .map(|_| key.clone())
            .into_iter()
            .collect()
    } else {
        let same = |known: &SessionKey| known.host == key.host && known.vrf == key.vrf;
        logging
            .hosts
            .in_order()
            .into_iter()
            .map(|(known, _)| known)
            .filter(|known| same(known))
            .cloned()
            .collect()
    };
    if gone.is_empty() {
        let one = format!(
            "{} transport {} port {}",
            key.host,
            key.transport.keyword(),
            key.port
        );
        return Err(Refusal::NotDefined {
            kind: Kind::Session,
            name: if c.transport.is_some() {
                one.into()
            } else {
                key.host
            },
        });
    }
    gone.iter().for_each(|key| {
        logging.hosts.remove(key);
    });
    Ok(Notices::new())
}

fn origin_id(origin: &typed::Origin) -> OriginId {
    match origin {
        typed::Origin::Hostname => OriginId::Hostname,
        typed::Origin::Ip => OriginId::Ip,
        typed::Origin::Ipv6 => OriginId::Ipv6,
        typed::Origin::String { text } => OriginId::Text(text.clone()),
    }
}

fn rate_limit(c: &typed::LoggingRateLimit) -> RateLimit {
    RateLimit {
        limit: c.limit,
        all: c.all,
        except: c.except.map(|level| level.0),
    }
}

fn timestamp(c: &typed::ServiceTimestamps) -> Timestamp {
    match c.style {
        None => Timestamp::DEFAULT,
        Some(typed::TimestampStyle::Uptime) => Timestamp::Uptime,
        Some(typed::TimestampStyle::Datetime {
            msec,
            localtime,
            show_timezone,
            year,
        }) => Timestamp::Datetime {
            msec,
            localtime,
            show_timezone,
            year,
        },
    }
}
