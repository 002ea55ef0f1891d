//! The `logging` section as text, in the device's order: services, switch, discriminators, inputs, settings, then remote
//! sessions in order of entry.

use super::logging::{
    Egress, Facility, Host, Local, LocalSession, Logging, OriginId, Output, RateLimit, SessionId,
    SessionKey, Timestamp, Transport, Trap,
};
use super::persistent;
use super::render::Lines;
use crate::command::call_home::texts::Quoted;
use std::fmt;

impl Logging {
    pub(super) fn lines(&self, out: &mut Lines) {
        self.service_lines(out);
        match self.on {
            Some(false) => out.line(0, format_args!("no logging on")),
            Some(true) => out.line(0, format_args!("logging on")),
            None if out.is_all() => out.line(0, format_args!("logging on")),
            None => {}
        }
        self.form.asa_lines(out);
        for (name, discriminator) in self.discriminators.iter() {
            discriminator.line(name, out);
        }
        self.streams.lines(out);
        self.correlator_lines(out);
        self.list_lines(out);
        super::logging_class::lines(&self.classes, out);
        self.message_lines(out);
        self.input_lines(out);
        self.silence_line(out);
        self.setting_lines(out);
        self.form.ios_lines(out);
        persistent::lines(self, out);
        for (key, host) in self.hosts.in_order() {
            out.line(0, format_args!("logging host {}", HostLine(key, host)));
        }
    }

    fn service_lines(&self, out: &mut Lines) {
        for (kind, stamp) in [
            ("log", self.timestamps.log),
            ("debug", self.timestamps.debug),
        ] {
            match stamp {
                Some(Timestamp::Off) => out.line(0, format_args!("no service timestamps {kind}")),
                Some(stamp) => out.line(0, format_args!("service timestamps {kind} {stamp}")),
                None if out.is_all() => out.line(
                    0,
                    format_args!("service timestamps {kind} {}", Timestamp::DEFAULT),
                ),
                None => {}
            }
        }
        if self.sequence_numbers {
            out.line(0, format_args!("service sequence-numbers"));
        }
    }

    fn silence_line(&self, out: &mut Lines) {
        if let Some(minutes) = self.input_silence {
            out.line(0, format_args!("logging input silence {minutes}"));
        }
    }

    fn setting_lines(&self, out: &mut Lines) {
        let locals = [
            ("buffered", &self.buffered, true),
            ("console", &self.console, false),
            ("monitor", &self.monitor, false),
        ];
        for (name, local, is_buffer) in locals {
            let of = |session| LocalLine {
                session,
                is_buffer,
                is_all: out.is_all(),
            };
            match local {
                Some(Local::Off) => out.line(0, format_args!("no logging {name}")),
                Some(Local::On(session)) => {
                    let line = of(session);
                    out.line(0, format_args!("logging {name}{line}"));
                }
                None if out.is_all() && is_buffer => {
                    let session = LocalSession::default();
                    let line = LocalLine {
                        session: &session,
                        is_buffer,
                        is_all: true,
                    };
                    out.line(0, format_args!("logging {name}{line}"));
                }
                None if out.is_all() => out.line(0, format_args!("no logging {name}")),
                None => {}
            }
        }
        if self.console_guaranteed {
            out.line(0, format_args!("logging console guaranteed"));
        }
        self.table_lines(out);
        self.mail.lines(out);
        match &self.trap {
            Some(Trap::Off) => out.line(0, format_args!("no logging trap")),
            Some(Trap::On { level, rfc5424 }) => {
                let level = match (&self.trap_list, level) {
                    (Some(list), _) => format!(" {list}"),
                    (None, Some(level)) => format!(" {}", level.keyword()),
                    (None, None) => String::new(),
                };
                let format = if *rfc5424 {
                    " syslog-format rfc5424"
                } else {
                    ""
                };
                out.line(0, format_args!("logging trap{level}{format}"));
            }
            None if out.is_all() => out.line(0, format_args!("logging trap informational")),
            None => {}
        }
        match self.facility {
            Some(facility) => out.line(0, format_args!("logging facility {}", facility.keyword())),
            None if out.is_all() => out.line(
                0,
                format_args!("logging facility {}", Facility::DEFAULT.keyword()),
            ),
            None => {}
        }
        match self.message_counter_syslog {
            Some(false) => out.line(0, format_args!("no logging message-counter syslog")),
            Some(true) => out.line(0, format_args!("logging message-counter syslog")),
            None if out.is_all() => out.line(0, format_args!("logging message-counter syslog")),
            None => {}
        }
        let kept = [
            ("debug", self.message_counter_debug),
            ("log", self.message_counter_log),
        ];
        for (counter, _) in kept.into_iter().filter(|(_, on)| *on) {
            out.line(0, format_args!("logging message-counter {counter}"));
        }
        match &self.origin_id {
            Some(OriginId::Hostname) => out.line(0, format_args!("logging origin-id hostname")),
            Some(OriginId::Ip) => out.line(0, format_args!("logging origin-id ip")),
            Some(OriginId::Ipv6) => out.line(0, format_args!("logging origin-id ipv6")),
            Some(OriginId::Text(text)) => {
                out.line(0, format_args!("logging origin-id string {}", Quoted(text)))
            }
            None => {}
        }
        if self.no_origin_id_sender {
            out.line(0, format_args!("no logging origin-id sender"));
        } else if out.is_all() {
            out.line(0, format_args!("logging origin-id sender"));
        }
        if self.userinfo {
            out.line(0, format_args!("logging userinfo"));
        }
        if self.permit_hostdown {
            out.line(0, format_args!("logging permit-hostdown"));
        }
        if let Some(limit) = self.rate_limit {
            out.line(0, format_args!("logging rate-limit {limit}"));
        }
        if let Some(limit) = self.console_rate_limit {
            out.line(0, format_args!("logging rate-limit console {limit}"));
        }
        self.limit_lines(out);
        if let Some(limit) = self.queue_limit {
            out.line(0, format_args!("logging queue-limit {limit}"));
        }
        self.queue_lines(out);
        self.kept_lines(out);
    }
}

pub(super) struct LocalLine<'a> {
    session: &'a LocalSession,
    is_buffer: bool,
    is_all: bool,
}

impl<'a> LocalLine<'a> {
    pub(super) fn of_buffer(session: &'a LocalSession, is_all: bool) -> Self {
        Self {
            session,
            is_buffer: true,
            is_all,
        }
    }
}

impl fmt::Display for LocalLine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let session = self.session;
        if let Some(name) = &session.discriminator {
            write!(f, " discriminator {}", name.as_str())?;
        }
        if session.filtered {
            f.write_str(" filtered")?;
        }
        if session.xml {
            f.write_str(" xml")?;
        }
        match session.size {
            Some(size) => write!(f, " {size}")?,
            None if self.is_all && self.is_buffer => write!(f, " {}", session.effective_size())?,
            None => {}
        }
        // The device never shows `debugging` among what is configured: it is the default.
        match session.level {
            _ if session.list.is_some() => {
                write!(f, " {}", session.list.as_deref().unwrap_or_default())
            }
            Some(level) => write!(f, " {}", level.keyword()),
            None if self.is_all => write!(f, " {}", session.effective_level().keyword()),
            None => Ok(()),
        }
    }
}

/// A remote session as the configuration prints it, without `logging host`; `show logging` has its own layout.
struct HostLine<'a>(&'a SessionKey, &'a Host);

impl fmt::Display for HostLine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(key, host) = self;
        if let Some(egress) = &host.egress {
            return egress_line(key, egress, f);
        }
        if host.ipv6 {
            f.write_str("ipv6 ")?;
        }
        f.write_str(&key.host)?;
        if let Some(vrf) = &key.vrf {
            write!(f, " vrf {vrf}")?;
        }
        if let Some(name) = &host.discriminator {
            write!(f, " discriminator {}", name.as_str())?;
        }
        match host.output {
            Some(Output::Filtered { stream: None }) => f.write_str(" filtered")?,
            Some(Output::Filtered {
                stream: Some(stream),
            }) => write!(f, " filtered stream {stream}")?,
            Some(Output::Xml) => f.write_str(" xml")?,
            None => {}
        }
        transport(key, host, f)?;
        if host.sequence_num_session {
            f.write_str(" sequence-num-session")?;
        }
        match &host.session_id {
            Some(SessionId::Hostname) => f.write_str(" session-id hostname")?,
            Some(SessionId::Ipv4) => f.write_str(" session-id ipv4")?,
            Some(SessionId::Ipv6) => f.write_str(" session-id ipv6")?,
            Some(SessionId::Text(text)) => write!(f, " session-id string {}", Quoted(text))?,
            None => {}
        }
        match (host.queue_memory, host.queue_disk) {
            (Some(mib), _) => write!(f, " queue memory {mib}"),
            (None, Some(mib)) => write!(f, " queue disk {mib}"),
            (None, None) => Ok(()),
        }
    }
}

/// Protocols are printed by number, UDP's own port not at all.
fn egress_line(key: &SessionKey, egress: &Egress, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    write!(f, "{} {}", egress.interface, key.host)?;
    match key.transport {
        Transport::Udp if key.port == Transport::Udp.default_port() => {}
        Transport::Udp => write!(f, " 17/{}", key.port)?,
        Transport::Tcp | Transport::Tls | Transport::Beep => write!(f, " 6/{}", key.port)?,
    }
    if egress.emblem {
        f.write_str(" format emblem")?;
    }
    if key.transport == Transport::Tls {
        f.write_str(" secure")?;
    }
    egress
        .reference_identity
        .as_ref()
        .map_or(Ok(()), |name| write!(f, " reference-identity {name}"))
}

fn transport(key: &SessionKey, host: &Host, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let has_default_port = key.port == key.transport.default_port();
    if key.transport == Transport::Udp && has_default_port {
        return Ok(());
    }
    write!(f, " transport {}", key.transport.keyword())?;
    if host.audit {
        f.write_str(" audit")?;
    }
    if !has_default_port {
        write!(f, " port {}", key.port)?;
    }
    if let Some(channel) = key.channel {
        write!(f, " channel {channel}")?;
    }
    if let Some(sasl) = &host.sasl {
        write!(f, " sasl {sasl}")?;
    }
    if let Some(tls) = &host.tls {
        f.write_str(" tls cipher")?;
        if let Some(cipher) = tls.cipher {
            write!(f, " {cipher}")?;
        }
        write!(f, " trustpoint {}", tls.trustpoint)?;
    }
    host.tls_profile
        .as_ref()
        .map_or(Ok(()), |profile| write!(f, " profile {profile}"))
}

impl fmt::Display for RateLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.all {
            f.write_str("all ")?;
        }
        write!(f, "{}", self.limit)?;
        self.except
            .map_or(Ok(()), |level| write!(f, " except {}", level.keyword()))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Off => Ok(()),
            Self::Uptime => f.write_str("uptime"),
            Self::Datetime {
                msec,
                localtime,
                show_timezone,
                year,
            } => {
                f.write_str("datetime")?;
                let words = [
                    (msec, " msec"),
                    (localtime, " localtime"),
                    (show_timezone, " show-timezone"),
                    (year, " year"),
                ];
                words
                    .iter()
                    .filter(|(on, _)| *on)
                    .try_for_each(|(_, word)| f.write_str(word))
            }
        }
    }
}
