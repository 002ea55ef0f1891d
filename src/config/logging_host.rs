//! `logging host`: what is configured about remote sessions, and their order of entry. What was typed becomes this in
//! `logging_commands`; the text is `logging_lines`'.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::discriminator::DiscriminatorName;

/// A remote session is (host, vrf, transport, port, channel) (R24).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionKey {
    /// Address or name as typed.
    pub host: Arc<str>,
    pub vrf: Option<Arc<str>>,
    pub transport: Transport,
    pub port: u16,
    /// BEEP only: 1, 3, ... 15.
    pub channel: Option<u8>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Transport {
    Udp,
    Tcp,
    Beep,
    Tls,
}

impl Transport {
    pub const fn keyword(self) -> &'static str {
        match self {
            Self::Udp => "udp",
            Self::Tcp => "tcp",
            Self::Beep => "beep",
            Self::Tls => "tls",
        }
    }

    /// The port of a session that names none.
    pub const fn default_port(self) -> u16 {
        match self {
            Self::Udp => 514,
            Self::Tcp | Self::Beep => 601,
            Self::Tls => 6514,
        }
    }
}

/// What a remote session does, apart from who it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Host {
    /// Typed with `ipv6` before the host.
    pub ipv6: bool,
    pub discriminator: Option<DiscriminatorName>,
    pub output: Option<Output>,
    pub audit: bool,
    pub sasl: Option<Arc<str>>,
    pub tls: Option<HostTls>,
    /// `profile NAME` of `transport tls`.
    pub tls_profile: Option<Arc<str>>,
    pub sequence_num_session: bool,
    pub session_id: Option<SessionId>,
    /// MiB of memory for the queue (C5b.5).
    pub queue_memory: Option<u16>,
    /// MiB on disk for the queue, in place of memory (C5b.6).
    pub queue_disk: Option<u16>,
    /// Typed as an ASA writes it, with the interface that messages leave by (D60).
    pub egress: Option<Egress>,
}

/// `logging host INTERFACE ADDRESS ...`; transport and port are the key's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Egress {
    /// The `nameif`, spelled as it is configured.
    pub interface: Arc<str>,
    /// `format emblem`; kept.
    pub emblem: bool,
    /// Behind `secure`; kept.
    pub reference_identity: Option<Arc<str>>,
}

/// What a session gets instead of the plain lines; one of these or a discriminator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Output {
    Filtered { stream: Option<u16> },
    Xml,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostTls {
    pub cipher: Option<u8>,
    pub trustpoint: Arc<str>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SessionId {
    Hostname,
    Ipv4,
    Ipv6,
    Text(Arc<str>),
}

/// Remote sessions by key, each with its place in the order of entry.
#[derive(Clone, Debug, Default)]
pub struct Hosts {
    by_key: Arc<BTreeMap<SessionKey, (u64, Arc<Host>)>>,
    next: u64,
}

/// The same sessions in the same order; what was removed in between leaves no trace.
impl PartialEq for Hosts {
    fn eq(&self, other: &Self) -> bool {
        self.by_key.len() == other.by_key.len() && self.in_order() == other.in_order()
    }
}

impl Eq for Hosts {}

impl Hosts {
    /// In order of entry (R24).
    pub fn in_order(&self) -> Vec<(&SessionKey, &Arc<Host>)> {
        let mut all: Vec<_> = self.by_key.iter().collect();
        all.sort_by_key(|(_, (place, _))| *place);
        all.into_iter()
            .map(|(key, (_, host))| (key, host))
            .collect()
    }

    pub fn get(&self, key: &SessionKey) -> Option<&Arc<Host>> {
        self.by_key.get(key).map(|(_, host)| host)
    }

    pub fn is_empty(&self) -> bool {
        self.by_key.is_empty()
    }

    /// Whether a session names a discriminator.
    pub(super) fn attach_any(&self) -> bool {
        let mut hosts = self.by_key.values();
        hosts.any(|(_, host)| host.discriminator.is_some())
    }

    /// Whether a session names this one.
    pub(super) fn attach(&self, name: &DiscriminatorName) -> bool {
        let mut hosts = self.by_key.values();
        hosts.any(|(_, host)| host.discriminator.as_ref() == Some(name))
    }

    /// Takes a discriminator off every session that has it; how many had.
    pub(super) fn detach(&mut self, name: &DiscriminatorName) -> usize {
        if !self.attach(name) {
            return 0;
        }
        let mut sessions = 0;
        for (_, host) in Arc::make_mut(&mut self.by_key).values_mut() {
            if host.discriminator.as_ref() == Some(name) {
                Arc::make_mut(host).discriminator = None;
                sessions += 1;
            }
        }
        sessions
    }

    /// Whether a session leaves by the interface of that name.
    pub fn leave_by(&self, nameif: &str) -> bool {
        let by = |host: &Host| {
            let egress = host.egress.as_ref();
            egress.is_some_and(|egress| egress.interface.eq_ignore_ascii_case(nameif))
        };
        self.by_key.values().any(|(_, host)| by(host))
    }

    /// A session that names the trust point, as it is called to an operator.
    pub(in crate::config) fn user_of_trustpoint(&self, name: &str) -> Option<String> {
        self.user(|host| {
            host.tls
                .as_ref()
                .is_some_and(|tls| *tls.trustpoint == *name)
        })
    }

    /// A session that names the reference identity, as it is called to an operator.
    pub(in crate::config) fn user_of_identity(&self, name: &str) -> Option<String> {
        self.user(|host| {
            let egress = host.egress.as_ref();
            egress.and_then(|egress| egress.reference_identity.as_deref()) == Some(name)
        })
    }

    fn user(&self, uses: impl Fn(&Host) -> bool) -> Option<String> {
        let user = |(key, host): (&SessionKey, &Arc<Host>)| {
            uses(host).then(|| format!("logging host {}", key.host))
        };
        self.in_order().into_iter().find_map(user)
    }

    /// A new session goes last; a known one keeps its place.
    pub fn set(&mut self, key: SessionKey, host: Host) {
        let next = self.next;
        let entry = Arc::make_mut(&mut self.by_key)
            .entry(key)
            .or_insert_with(|| (next, Arc::default()));
        if entry.0 == next {
            self.next += 1;
        }
        entry.1 = Arc::new(host);
    }

    pub fn remove(&mut self, key: &SessionKey) -> bool {
        self.by_key.contains_key(key) && Arc::make_mut(&mut self.by_key).remove(key).is_some()
    }
}
