//! What the configuration asks of one remote session: where to, in which form and framing, with how much of a queue.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

use crate::config::logging::{Egress, Host, Output, SessionId, SessionKey, Transport};
use crate::syslog::outage::Named;

/// A remote session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostPlan {
    pub key: SessionKey,
    pub target: Target,
    /// The host's own name for the interface that it leaves by; its address is looked up when the link is established.
    pub interface: Option<Arc<str>>,
    /// The VRF that it leaves through, or the host's own name for the interface that serves as one.
    pub vrf: Option<Arc<str>>,
    pub form: Form,
    pub framing: Framing,
    /// The `nameif` that it was written with, as an ASA writes it.
    pub nameif: Option<Arc<str>>,
    /// `logging permit-hostdown`.
    pub permits: bool,
    /// `sequence-num-session`.
    pub numbered: bool,
    /// The tag of `session-id`; the session's port follows it on the wire.
    pub session_id: Option<Origin>,
    /// Bytes its queue holds at most (C5b.5).
    pub queue_bytes: usize,
    /// Its queue is on disk (C5b.6).
    pub on_disk: bool,
    /// Messages its queue holds at most, by `logging queue-limit`.
    pub queue_messages: Option<usize>,
}

impl HostPlan {
    /// As messages name it.
    pub fn named(&self) -> Named<'_> {
        Named {
            key: &self.key,
            nameif: self.nameif.as_deref(),
            permits: self.permits,
        }
    }
}

/// Where a session goes: an address as typed or from the `name` table, or a name that the network must resolve.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    Address(IpAddr),
    Name(Arc<str>),
}

/// What a line names as its origin. The session's own address is known once its link is up; unset it reads `0.0.0.0` or `::`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    Text(Arc<str>),
    Ipv4,
    Ipv6,
}

/// How a message is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Form {
    /// `<PRI>COUNTER: ORIGIN: [syslog@9 ...]: SEQNO: STAMP: %FAC-SEV-MNEM: body`.
    Ios,
    /// `logging trap ... syslog-format rfc5424`.
    Rfc5424,
    /// `<ios-log-msg>`.
    Xml,
    /// `<PRI>STAMP DEVICE : %FAC-SEV-MNEM: body`.
    Asa,
    /// `<PRI>:STAMP: %FAC-SEV-MNEM: body`.
    Emblem,
}

/// How messages are told apart on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Framing {
    /// One message a datagram, at most `DATAGRAM` octets (C5b.7).
    Datagram,
    /// A line feed behind each.
    LineFeed,
    /// RFC 6587 octet counting.
    Counted,
    /// Nothing, as classic IOS: `no logging delimiter tcp`.
    Bare,
}

/// Octets of a datagram at most; what is longer is cut and counted (C5b.7).
pub const DATAGRAM: usize = 8192;

/// An address as typed, else the `name` table's, else a name to resolve.
pub(super) fn target(key: &SessionKey, names: &BTreeMap<IpAddr, Arc<str>>) -> Target {
    if let Ok(address) = key.host.parse() {
        return Target::Address(address);
    }
    let known = names.iter().find(|(_, name)| **name == key.host);
    known.map_or_else(
        || Target::Name(key.host.clone()),
        |(address, _)| Target::Address(*address),
    )
}

pub(super) fn host_plan(
    key: &SessionKey,
    host: &Host,
    target: Target,
    (rfc5424, has_delimiter): (bool, bool),
    queue_limit: Option<u32>,
    default_queue: usize,
    hostname: &Arc<str>,
) -> HostPlan {
    let form = match (&host.output, &host.egress) {
        (Some(Output::Xml), _) => Form::Xml,
        (_, Some(Egress { emblem: true, .. })) => Form::Emblem,
        _ if rfc5424 => Form::Rfc5424,
        (_, Some(_)) => Form::Asa,
        (_, None) => Form::Ios,
    };
    HostPlan {
        key: key.clone(),
        target,
        interface: None,
        nameif: host.egress.as_ref().map(|egress| egress.interface.clone()),
        permits: false,
        vrf: None,
        form,
        framing: match key.transport {
            Transport::Udp | Transport::Beep => Framing::Datagram,
            // RFC 5425, 4.3: TLS always counts octets.
            Transport::Tls => Framing::Counted,
            Transport::Tcp if form == Form::Rfc5424 => Framing::Counted,
            Transport::Tcp if has_delimiter || form == Form::Asa => Framing::LineFeed,
            Transport::Tcp => Framing::Bare,
        },
        numbered: host.sequence_num_session,
        session_id: host.session_id.as_ref().map(|id| match id {
            SessionId::Hostname => Origin::Text(hostname.clone()),
            SessionId::Ipv4 => Origin::Ipv4,
            SessionId::Ipv6 => Origin::Ipv6,
            SessionId::Text(text) => Origin::Text(text.clone()),
        }),
        queue_bytes: host
            .queue_memory
            .or(host.queue_disk)
            .map_or(default_queue, |mib| usize::from(mib) << 20),
        on_disk: host.queue_disk.is_some(),
        queue_messages: queue_limit.map(|limit| limit as usize),
    }
}
