//! `logging host INTERFACE ADDRESS ...`, a remote session as an ASA writes it (D60): check everything first, change last.
//! Other ways to write a session are not here.

use std::sync::Arc;

use super::Notices;
use super::interfaces::Interfaces;
use super::logging::{Egress, Host, Logging, SessionKey, Transport};
use super::refusal::{Kind, Refusal};
use crate::command::logging::{LoggingHostInterface, Protocol};

/// An ASA's own port for syslog over TCP.
const TCP_PORT: u16 = 1470;

/// Takes the place of a session with the same address, transport and port, however that one was written.
pub(super) fn host(
    logging: &mut Logging,
    interfaces: &Interfaces,
    c: &LoggingHostInterface,
) -> Result<Notices, Refusal> {
    let known = interfaces.named(&c.interface);
    let Some(interface) = known.and_then(|(_, interface)| interface.nameif.clone()) else {
        return Err(Refusal::NotDefined {
            kind: Kind::Nameif,
            name: c.interface.clone(),
        });
    };
    let is_tcp = c.protocol.is_some_and(|protocol| protocol.is_tcp);
    if c.format.is_some() && is_tcp {
        return Err(Refusal::NotAllowed {
            why: "The EMBLEM format is for UDP only",
        });
    }
    if c.secure.is_some() && !is_tcp {
        return Err(Refusal::NotAllowed {
            why: "A secure connection needs TCP",
        });
    }
    let (transport, port) = session(c.protocol, c.secure.is_some());
    let key = SessionKey {
        host: c.address.to_string().into(),
        vrf: None,
        transport,
        port,
        channel: None,
    };
    let egress = Egress {
        interface,
        emblem: c.format.is_some(),
        reference_identity: c
            .secure
            .as_ref()
            .and_then(|secure| secure.reference_identity.clone()),
    };
    let host = Host {
        egress: Some(egress),
        ..Host::default()
    };
    logging.hosts.set(key, host);
    Ok(Notices::new())
}

fn session(protocol: Option<Protocol>, is_secure: bool) -> (Transport, u16) {
    match protocol {
        Some(Protocol { is_tcp: true, port }) => {
            let transport = if is_secure {
                Transport::Tls
            } else {
                Transport::Tcp
            };
            (transport, port.unwrap_or(TCP_PORT))
        }
        Some(Protocol {
            is_tcp: false,
            port,
        }) => (
            Transport::Udp,
            port.unwrap_or(Transport::Udp.default_port()),
        ),
        None => (Transport::Udp, Transport::Udp.default_port()),
    }
}

/// Removes the sessions to the address that leave by the interface; with a protocol, those of its transport and port.
pub(super) fn no_host(logging: &mut Logging, c: &LoggingHostInterface) -> Result<Notices, Refusal> {
    let address = c.address.to_string();
    let (transport, port) = session(c.protocol, c.secure.is_some());
    let is_meant = |key: &SessionKey, host: &Host| {
        let leaves = |egress: &Egress| egress.interface.eq_ignore_ascii_case(&c.interface);
        *key.host == *address
            && host.egress.as_ref().is_some_and(leaves)
            && (c.protocol.is_none() || (key.transport == transport && key.port == port))
    };
    let gone: Vec<SessionKey> = logging
        .hosts
        .in_order()
        .into_iter()
        .filter(|(key, host)| is_meant(key, host))
        .map(|(key, _)| key.clone())
        .collect();
    if gone.is_empty() {
        let name: Arc<str> = match (c.protocol, transport) {
            (None, _) => format!("{} {address}", c.interface).into(),
            (Some(_), Transport::Udp) => format!("{} {address} 17/{port}", c.interface).into(),
            (Some(_), _) => format!("{} {address} 6/{port}", c.interface).into(),
        };
        return Err(Refusal::NotDefined {
            kind: Kind::Session,
            name,
        });
    }
    gone.iter().for_each(|key| {
        logging.hosts.remove(key);
    });
    Ok(Notices::new())
}
