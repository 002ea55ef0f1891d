//! What the running configuration asks of the message path, worked out once per publication: sessions in order of entry,
//! their filters compiled, inputs, device-wide settings. Pure; nothing here opens or resolves anything.

mod host;

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

pub use host::{DATAGRAM, Form, Framing, HostPlan, Origin, Target};
use host::{host_plan, target};

use super::admission::Admission;
use super::api::Listener;
use super::correlate::settings::{self, Correlations};
use super::discriminator::{Asks, FilterPlan};
use super::mail_plan::MailPlan;
use super::screen::ScreenPlan;
use crate::config::RunningConfig;
use crate::config::logging::{
    Input, InputKey, LocalSession, Logging, OriginId, RateLimit, SessionKey, Timestamp,
};
use crate::config::logging_class::ClassPlace;
use crate::config::logging_form::{AsaStamp, DeviceId};
use crate::config::persistent::{Bufferwrap, Persistent};
use crate::message::Severity;
use crate::message::zone::Zone;

/// Everything the core and the plane act on.
#[derive(Clone, Debug)]
pub struct Plan {
    pub hostname: Arc<str>,
    /// Of the device's clock, for `localtime` and for received stamps that name none.
    pub zone: Zone,
    /// `logging on`.
    pub on: bool,
    pub buffer: LocalPlan,
    /// `logging buffered xml`.
    pub xml_buffer: LocalPlan,
    /// `logging history`.
    pub history: LocalPlan,
    /// `logging mail`, where all is configured that sending takes.
    pub mail: Option<Arc<MailPlan>>,
    pub console: LocalPlan,
    /// `logging console guaranteed`.
    pub console_guaranteed: bool,
    pub monitor: LocalPlan,
    /// `logging persistent`, where logging is on.
    pub persistent: Option<Arc<Persistent>>,
    pub bufferwrap: Bufferwrap,
    /// Remote sessions in order of entry; the core's session numbers are places in this list.
    pub hosts: Vec<HostPlan>,
    pub inputs: Vec<InputPlan>,
    /// Minutes after which a host that sent here counts as silent (C3.8).
    pub silence: Option<u16>,
    /// `logging rate-limit`, before every session (C5b.1).
    pub rate_limit: Option<RateLimit>,
    /// What is configured about single messages; `None` where nothing is.
    pub screen: Option<ScreenPlan>,
    /// `logging facility`: replaces the facility of everything that leaves (C3.5).
    pub facility: Option<u8>,
    /// The device's message number leads a remote line.
    pub message_counter: bool,
    /// `service sequence-numbers`.
    pub sequence_numbers: bool,
    /// Stamps of lines that brought none, for log and for debug lines.
    pub stamp: Timestamp,
    pub debug_stamp: Timestamp,
    /// `logging origin-id`: what our own lines carry as ORIGIN.
    pub origin: Option<Origin>,
    /// Foreign lines carry the host they came from as ORIGIN (C3.5).
    pub origin_of_sender: bool,
    /// What lines of an ASA's form are like.
    pub asa: AsaLines,
    /// The levels and discriminators of all sessions, compiled.
    pub filter: FilterPlan,
    /// What each session asks of correlation.
    pub correlations: Correlations,
    /// Patterns that did not compile and so match nothing, in words; empty unless something went very wrong.
    pub faults: Vec<String>,
}

/// The sessions inside the device, in the order of the filter's sessions; the remote ones follow them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    Buffer,
    Console,
    Monitor,
    /// `logging buffered xml`: a buffer of its own.
    XmlBuffer,
    /// `logging history`.
    History,
    /// `logging persistent`.
    Persistent,
    /// `logging mail`.
    Mail,
}

impl Listener {
    /// Where what it hears is decided.
    pub fn place(self) -> Place {
        match self {
            Self::Console => Place::Console,
            Self::Monitor => Place::Monitor,
        }
    }
}

impl Place {
    pub const ALL: [Self; 7] = [
        Self::Buffer,
        Self::Console,
        Self::Monitor,
        Self::XmlBuffer,
        Self::History,
        Self::Persistent,
        Self::Mail,
    ];
}

/// `logging timestamp`, `device-id`, `emblem` and `debug-trace`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AsaLines {
    pub stamp: Option<AsaStamp>,
    /// What this device calls itself there.
    pub device_id: Option<Arc<str>>,
    /// The interface whose address that is, by the host's name for it; looked up by those who may.
    pub device_id_of: Option<Arc<str>>,
    /// Lines inside the device have the EMBLEM form.
    pub emblem: bool,
    /// Debug lines are messages of their own.
    pub debug_trace: bool,
}

/// A session inside the device.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LocalPlan {
    /// Configured and, where `logging on` matters, on.
    pub on: bool,
    pub xml: bool,
    /// A buffer's bytes, the history table's entries; 0 for the others.
    pub size: usize,
}

/// A place messages come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InputPlan {
    pub key: InputKey,
    from: Vec<(u32, u32)>,
}

impl InputPlan {
    /// Whether `from` lets this sender in; everybody is let in when no `from` is configured.
    pub fn admits(&self, sender: IpAddr) -> bool {
        let address = match sender.to_canonical() {
            IpAddr::V4(v4) => Some(u32::from(v4)),
            IpAddr::V6(_) => None,
        };
        self.from.is_empty()
            || address.is_some_and(|a| self.from.iter().any(|(net, mask)| a & mask == *net))
    }
}

impl Plan {
    /// The plan of a configuration. The same configuration gives the same plan.
    pub fn from(config: &RunningConfig) -> Self {
        let logging = &config.logging;
        let hostname: Arc<str> = config.system.hostname().into();
        let on = logging.is_on();
        let buffer = logging.buffer().filter(|_| on);
        let console = logging.console_session();
        let monitor = logging.monitor_session().filter(|_| on);
        let persistent = logging.persistent.as_ref().filter(|_| on);
        let xml_buffer = logging.buffered_xml.as_ref().filter(|_| on);
        let history = logging.history.as_ref().filter(|_| on);
        let has_history = history.is_some() || on && logging.routes_classes_to(ClassPlace::History);
        let mail = MailPlan::of(config).map(Arc::new);
        let hosts = logging.hosts.in_order();
        let trap = logging.trap_level().filter(|_| on);

        let discriminator = |name: Option<&_>| {
            name.and_then(|name| logging.discriminators.get(name))
                .cloned()
        };
        let local = |session: Option<&LocalSession>, place: Option<ClassPlace>| {
            let level = session.map(LocalSession::effective_level);
            let list = session.and_then(|session| session.list.as_ref());
            Asks {
                level,
                admission: Admission::of(logging, place, level, list),
                discriminator: discriminator(session.and_then(|s| s.discriminator.as_ref())),
                rate_limit: None,
            }
        };
        // `no logging on` leaves the console alone.
        let class = |place| Some(place).filter(|place| on || *place == ClassPlace::Console);
        let console_asks = Asks {
            rate_limit: logging.console_rate_limit,
            ..local(console, class(ClassPlace::Console))
        };
        let mut asks: Vec<Asks> = Place::ALL
            .iter()
            .map(|place| match place {
                Place::Buffer => local(buffer.as_ref(), class(ClassPlace::Buffered)),
                Place::Console => console_asks.clone(),
                Place::Monitor => local(monitor, class(ClassPlace::Monitor)),
                Place::XmlBuffer => local(xml_buffer, None),
                Place::History => local(history, class(ClassPlace::History)),
                Place::Persistent => Asks {
                    level: persistent.map(|_| Severity::Debugging),
                    ..Asks::default()
                },
                Place::Mail => MailPlan::asks(mail.as_deref(), config),
            })
            .collect();
        let of_trap = Admission::of(
            logging,
            class(ClassPlace::Trap),
            trap,
            logging.trap_list.as_ref().filter(|_| on),
        );
        asks.extend(hosts.iter().map(|(_, host)| Asks {
            level: trap.filter(|_| logging.has_messages(host)),
            admission: of_trap.clone().filter(|_| logging.has_messages(host)),
            discriminator: discriminator(logging.discriminator_of(host)),
            rate_limit: None,
        }));
        let (filter, faults) = FilterPlan::compile(&asks);
        let correlations = Correlations::of(
            asks.iter()
                .map(|asks| asks.level.map(|_| asks.discriminator.as_deref())),
            &settings::rules(logging.correlator.values()),
        );

        let default_queue = default_queue(hosts.len());
        Self {
            zone: config.clock.zone(),
            on,
            buffer: LocalPlan {
                on: buffer.is_some(),
                xml: buffer.as_ref().is_some_and(|s| s.xml),
                size: match &buffer {
                    Some(buffer) => buffer.effective_size() as usize,
                    // Classes are routed there all the same.
                    None if on && logging.routes_classes_to(ClassPlace::Buffered) => {
                        Logging::DEFAULT_BUFFER_SIZE as usize
                    }
                    None => 0,
                },
            },
            xml_buffer: LocalPlan {
                on: xml_buffer.is_some(),
                xml: true,
                size: xml_buffer.map_or(0, |session| session.effective_size() as usize),
            },
            history: LocalPlan {
                on: has_history,
                xml: false,
                size: if has_history {
                    usize::from(logging.history_entries())
                } else {
                    0
                },
            },
            mail,
            console_guaranteed: console.is_some() && logging.console_guaranteed,
            console: LocalPlan {
                on: console.is_some(),
                xml: console.is_some_and(|s| s.xml),
                size: 0,
            },
            monitor: LocalPlan {
                on: monitor.is_some(),
                xml: monitor.is_some_and(|s| s.xml),
                size: 0,
            },
            persistent: persistent.cloned().map(Arc::new),
            bufferwrap: logging.bufferwrap.clone(),
            hosts: hosts
                .iter()
                .map(|(key, host)| {
                    let target = target(key, &config.system.names);
                    let hosts_own = |name: &Arc<str>| {
                        let named = config.interfaces.named(name);
                        named.map_or_else(|| name.clone(), |(own, _)| own.clone())
                    };
                    let interface = match &host.egress {
                        Some(egress) => Some(&egress.interface),
                        None => logging.form.sources.get(&key.vrf),
                    };
                    let interface = interface.map(hosts_own);
                    let vrf = key.vrf.as_ref().map(hosts_own);
                    let plan = host_plan(
                        key,
                        host,
                        target,
                        (logging.is_rfc5424(), logging.form.has_delimiter()),
                        logging.queue_messages(),
                        default_queue,
                        &hostname,
                    );
                    HostPlan {
                        interface,
                        permits: logging.permit_hostdown,
                        vrf,
                        ..plan
                    }
                })
                .collect(),
            inputs: logging
                .inputs
                .iter()
                .map(|(key, input)| input_plan(key, input))
                .collect(),
            silence: logging.input_silence,
            rate_limit: logging.rate_limit,
            screen: ScreenPlan::of(logging),
            facility: logging.facility.map(|facility| facility.0),
            message_counter: logging.has_message_counter(),
            sequence_numbers: logging.sequence_numbers,
            stamp: logging.timestamps.log.unwrap_or(Timestamp::DEFAULT),
            debug_stamp: logging.timestamps.debug.unwrap_or(Timestamp::DEFAULT),
            origin: logging.origin_id.as_ref().map(|id| match id {
                OriginId::Hostname => Origin::Text(hostname.clone()),
                OriginId::Ip => Origin::Ipv4,
                OriginId::Ipv6 => Origin::Ipv6,
                OriginId::Text(text) => Origin::Text(text.clone()),
            }),
            origin_of_sender: !logging.no_origin_id_sender,
            asa: asa_lines(config, &hostname),
            hostname,
            filter,
            correlations,
            faults,
        }
    }

    /// The place of a session in the order of entry.
    pub fn host(&self, key: &SessionKey) -> Option<usize> {
        self.hosts.iter().position(|host| host.key == *key)
    }
}

fn asa_lines(config: &RunningConfig, hostname: &Arc<str>) -> AsaLines {
    let form = &config.logging.form;
    let (device_id, device_id_of) = match &form.device_id {
        Some(DeviceId::Hostname) => (Some(hostname.clone()), None),
        Some(DeviceId::Text(text)) => (Some(text.clone()), None),
        Some(DeviceId::Address(nameif)) => {
            let known = config.interfaces.named(nameif);
            (None, known.map(|(name, _)| name.clone()))
        }
        Some(DeviceId::ContextName | DeviceId::ClusterId) | None => (None, None),
    };
    AsaLines {
        stamp: form.timestamp,
        device_id,
        device_id_of,
        emblem: form.emblem,
        debug_trace: form.debug_trace.is_some(),
    }
}

fn input_plan(key: &InputKey, input: &Input) -> InputPlan {
    let admitted = |(net, mask): &(Ipv4Addr, Ipv4Addr)| {
        let mask = u32::from(*mask);
        (u32::from(*net) & mask, mask)
    };
    InputPlan {
        key: key.clone(),
        from: input.from.iter().map(admitted).collect(),
    }
}

/// The queue of a session that names no bound: 8 MiB (C5b.5), less where there are so many sessions that all queues
/// together would pass `DEFAULT_QUEUES` (D55).
fn default_queue(sessions: usize) -> usize {
    (DEFAULT_QUEUES / sessions.max(1)).clamp(SMALLEST_QUEUE, DEFAULT_QUEUE)
}

const DEFAULT_QUEUE: usize = 8 << 20;
const DEFAULT_QUEUES: usize = 512 << 20;
const SMALLEST_QUEUE: usize = 64 << 10;
