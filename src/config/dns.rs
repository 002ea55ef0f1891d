//! `dns ...`, `dns-group` and `domain-name`: which name servers are asked, by which interfaces, how patiently. Asking them is the
//! trust room's; a name is never looked up here.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::Arc;

use super::crypto::reference_identity::is_domain_name;
use super::interfaces::Interfaces;
use super::refusal::{Kind, Notices, Refusal};
use super::render::Lines;
use super::{RunningConfig, Scope};
use crate::command::dns::{Command, Domain, MaybeDomain, NameServers};

/// The group that is asked as long as `dns-group` names no other.
pub const DEFAULT_GROUP: &str = "DefaultDNS";

/// Servers of a group, as on an ASA.
const MOST_SERVERS: usize = 6;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dns {
    /// `dns domain-lookup`: interfaces by their `nameif`.
    pub lookup: BTreeSet<Arc<str>>,
    pub groups: BTreeMap<Arc<str>, ServerGroup>,
    /// `dns-group`.
    pub group: Option<Arc<str>>,
    pub domain_name: Option<Arc<str>>,
    /// `dns vendor name-server` (D186).
    pub vendor_servers: Vec<IpAddr>,
    /// `dns vendor collector` (D186).
    pub vendor_collector: Vec<IpAddr>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServerGroup {
    /// In the order in which they are asked, each address once.
    pub servers: Vec<NameServer>,
    pub domain_name: Option<Arc<str>>,
    pub retries: Option<u8>,
    /// Seconds.
    pub timeout: Option<u8>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameServer {
    pub address: IpAddr,
    /// The `nameif` that questions leave by.
    pub interface: Option<Arc<str>>,
}

impl ServerGroup {
    /// How often the servers that have not answered are asked again.
    pub fn retries(&self) -> u8 {
        self.retries.unwrap_or(2)
    }

    /// Seconds; doubled with each retry.
    pub fn timeout(&self) -> u8 {
        self.timeout.unwrap_or(2)
    }
}

impl Dns {
    /// The group that is asked, if it is there.
    pub fn in_use(&self) -> Option<&ServerGroup> {
        self.groups.get(self.group_name())
    }

    pub fn group_name(&self) -> &str {
        self.group.as_deref().unwrap_or(DEFAULT_GROUP)
    }

    /// The servers that are asked; none where the host's own resolver is (D180).
    pub fn servers(&self) -> &[NameServer] {
        self.in_use().map_or(&[], |group| &group.servers)
    }

    /// What stands behind a name without a dot.
    pub fn domain(&self) -> Option<&Arc<str>> {
        let own = self.in_use().and_then(|group| group.domain_name.as_ref());
        own.or(self.domain_name.as_ref())
    }

    /// Whether a line names this interface.
    pub(super) fn names(&self, nameif: &str) -> bool {
        let servers = self.groups.values().flat_map(|group| &group.servers);
        let of_servers = servers.filter_map(|server| server.interface.as_ref());
        let mut all = of_servers.chain(&self.lookup);
        all.any(|known| known.eq_ignore_ascii_case(nameif))
    }

    /// `clear configure dns`; the group that `dns-group` names is gone with the others.
    pub(super) fn without_groups(&self) -> Arc<Self> {
        Arc::new(Self {
            group: None,
            domain_name: self.domain_name.clone(),
            ..Self::default()
        })
    }

    pub(super) fn lines(&self, out: &mut Lines) {
        // Behind a group's lines it would be read as the group's own.
        if let Some(domain) = &self.domain_name {
            out.line(0, format_args!("domain-name {domain}"));
        }
        for interface in &self.lookup {
            out.line(0, format_args!("dns domain-lookup {interface}"));
        }
        for (name, group) in &self.groups {
            out.line(0, format_args!("dns server-group {name}"));
            group.lines(out);
        }
        for (what, addresses) in [
            ("name-server", &self.vendor_servers),
            ("collector", &self.vendor_collector),
        ] {
            for address in addresses {
                out.line(0, format_args!("dns vendor {what} {address}"));
            }
        }
        if let Some(group) = &self.group {
            out.line(0, format_args!("dns-group {group}"));
        }
    }
}

impl ServerGroup {
    fn lines(&self, out: &mut Lines) {
        for NameServer { address, interface } in &self.servers {
            match interface {
                Some(interface) => out.line(1, format_args!("name-server {address} {interface}")),
                None => out.line(1, format_args!("name-server {address}")),
            }
        }
        if let Some(domain) = &self.domain_name {
            out.line(1, format_args!("domain-name {domain}"));
        }
        if self.retries.is_some() || out.is_all() {
            out.line(1, format_args!("retries {}", self.retries()));
        }
        if self.timeout.is_some() || out.is_all() {
            out.line(1, format_args!("timeout {}", self.timeout()));
        }
    }

    /// A server that is known keeps its place and gets the interface.
    fn add(&mut self, interfaces: &Interfaces, c: &NameServers) -> Result<(), Refusal> {
        let interface = c.interface.as_ref();
        let interface = interface.map(|name| known(interfaces, name)).transpose()?;
        let mut servers = self.servers.clone();
        for address in &c.servers {
            match servers.iter_mut().find(|known| known.address == *address) {
                Some(known) => known.interface.clone_from(&interface),
                None => servers.push(NameServer {
                    address: *address,
                    interface: interface.clone(),
                }),
            }
        }
        if servers.len() > MOST_SERVERS {
            return Err(Refusal::Limit {
                kind: Kind::NameServer,
                most: MOST_SERVERS,
            });
        }
        self.servers = servers;
        Ok(())
    }

    /// All of them or none; with an interface, those that have it.
    fn remove(&mut self, c: &NameServers) -> Result<(), Refusal> {
        let leaves = |server: &NameServer, by: &str| {
            let own = server.interface.as_deref();
            own.is_some_and(|own| own.eq_ignore_ascii_case(by))
        };
        let is_meant = |server: &NameServer, address: &IpAddr| {
            let by = c.interface.as_deref();
            server.address == *address && by.is_none_or(|by| leaves(server, by))
        };
        let is_known = |address: &IpAddr| self.servers.iter().any(|s| is_meant(s, address));
        if let Some(unknown) = c.servers.iter().find(|address| !is_known(address)) {
            return Err(Refusal::NotDefined {
                kind: Kind::NameServer,
                name: unknown.to_string().into(),
            });
        }
        self.servers
            .retain(|server| !c.servers.iter().any(|address| is_meant(server, address)));
        Ok(())
    }
}

/// The scope that an `enter` command of this section opens.
pub(super) fn scope(command: &Command) -> Option<Scope> {
    match command {
        Command::EnterDnsServerGroup(c) => Some(Scope::DnsServerGroup(c.name.clone())),
        _ => None,
    }
}

/// The commands of this file.
pub(super) fn apply(
    config: &mut RunningConfig,
    scope: &Scope,
    command: &Command,
) -> Result<Notices, Refusal> {
    let interfaces = config.interfaces.clone();
    let dns = Arc::make_mut(&mut config.dns);
    match command {
        Command::DnsDomainLookup(c) => {
            dns.lookup.insert(known(&interfaces, &c.interface)?);
        }
        Command::NoDnsDomainLookup(c) => {
            let before = dns.lookup.len();
            dns.lookup
                .retain(|known| !known.eq_ignore_ascii_case(&c.interface));
            if dns.lookup.len() == before {
                return Err(undefined(Kind::Nameif, &c.interface));
            }
        }
        Command::EnterDnsServerGroup(c) => {
            dns.groups.entry(c.name.clone()).or_default();
        }
        Command::NoDnsServerGroup(c) => {
            if !dns.groups.contains_key(&c.name) {
                return Err(undefined(Kind::ServerGroup, &c.name));
            }
            if dns.group.as_ref() == Some(&c.name) {
                return Err(Refusal::NotAllowed {
                    why: "The server group is in use by dns-group",
                });
            }
            dns.groups.remove(&c.name);
        }
        Command::DnsNameServer(c) => {
            let mut group = dns.groups.get(DEFAULT_GROUP).cloned().unwrap_or_default();
            group.add(&interfaces, c)?;
            dns.groups.insert(DEFAULT_GROUP.into(), group);
        }
        Command::NoDnsNameServer(c) => {
            let group = dns.groups.get_mut(DEFAULT_GROUP);
            let group = group.ok_or_else(|| undefined(Kind::ServerGroup, &DEFAULT_GROUP.into()))?;
            group.remove(c)?;
        }
        Command::DnsVendorNameServer(c) => {
            join(Kind::NameServer, &mut dns.vendor_servers, &c.servers)?
        }
        Command::NoDnsVendorNameServer(c) => {
            part(Kind::NameServer, &mut dns.vendor_servers, &c.servers)?
        }
        Command::DnsVendorCollector(c) => {
            join(Kind::Destination, &mut dns.vendor_collector, &c.addresses)?
        }
        Command::NoDnsVendorCollector(c) => {
            part(Kind::Destination, &mut dns.vendor_collector, &c.addresses)?
        }
        Command::DnsGroup(c) => {
            if !dns.groups.contains_key(&c.name) {
                return Err(undefined(Kind::ServerGroup, &c.name));
            }
            dns.group = (&*c.name != DEFAULT_GROUP).then(|| c.name.clone());
        }
        Command::NoDnsGroup(c) => {
            if let Some(name) = &c.name
                && dns.group_name() != &**name
            {
                return Err(undefined(Kind::ServerGroup, name));
            }
            dns.group = None;
        }
        Command::DomainName(c) => dns.domain_name = Some(domain(c)?),
        Command::NoDomainName(c) => forget(&mut dns.domain_name, c)?,
        inner => match scope {
            Scope::DnsServerGroup(name) => match dns.groups.get_mut(name) {
                Some(group) => change(group, &interfaces, inner)?,
                None => return Err(undefined(Kind::ServerGroup, name)),
            },
            // The grammar offers the rest in none of the other scopes.
            _ => {
                return Err(Refusal::NotAllowed {
                    why: "No object is open that this command could change",
                });
            }
        },
    }
    Ok(Notices::new())
}

/// What is said in the group's own mode.
fn change(
    group: &mut ServerGroup,
    interfaces: &Interfaces,
    command: &Command,
) -> Result<(), Refusal> {
    match command {
        Command::NameServer(c) => group.add(interfaces, c)?,
        Command::NoNameServer(c) => group.remove(c)?,
        Command::GroupDomainName(c) => group.domain_name = Some(domain(c)?),
        Command::NoGroupDomainName(c) => forget(&mut group.domain_name, c)?,
        Command::Retries(c) => group.retries = Some(c.retries),
        Command::NoRetries(_) | Command::DefaultRetries(_) => group.retries = None,
        Command::Timeout(c) => group.timeout = Some(c.timeout),
        Command::NoTimeout(_) | Command::DefaultTimeout(_) => group.timeout = None,
        // Global commands have had their turn.
        _ => {}
    }
    Ok(())
}

/// The name as the interface has it.
fn known(interfaces: &Interfaces, nameif: &Arc<str>) -> Result<Arc<str>, Refusal> {
    let found = interfaces.named(nameif);
    found
        .and_then(|(_, interface)| interface.nameif.clone())
        .ok_or_else(|| undefined(Kind::Nameif, nameif))
}

fn domain(c: &Domain) -> Result<Arc<str>, Refusal> {
    if is_domain_name(&c.domain) {
        Ok(c.domain.clone())
    } else {
        Err(Refusal::Value {
            expected: "a domain name, such as example.com".to_owned(),
        })
    }
}

/// Behind those that are there, each once.
fn join(kind: Kind, addresses: &mut Vec<IpAddr>, more: &[IpAddr]) -> Result<(), Refusal> {
    let mut all = addresses.clone();
    for address in more {
        if !all.contains(address) {
            all.push(*address);
        }
    }
    if all.len() > MOST_SERVERS {
        return Err(Refusal::Limit {
            kind,
            most: MOST_SERVERS,
        });
    }
    *addresses = all;
    Ok(())
}

/// All of `less` or none; without any, nothing is left.
fn part(kind: Kind, addresses: &mut Vec<IpAddr>, less: &[IpAddr]) -> Result<(), Refusal> {
    if let Some(unknown) = less.iter().find(|address| !addresses.contains(address)) {
        return Err(Refusal::NotDefined {
            kind,
            name: unknown.to_string().into(),
        });
    }
    addresses.retain(|address| !less.is_empty() && !less.contains(address));
    Ok(())
}

fn forget(domain: &mut Option<Arc<str>>, c: &MaybeDomain) -> Result<(), Refusal> {
    if let Some(other) = &c.domain
        && domain.as_ref() != Some(other)
    {
        return Err(undefined(Kind::Name, other));
    }
    *domain = None;
    Ok(())
}

fn undefined(kind: Kind, name: &Arc<str>) -> Refusal {
    Refusal::NotDefined {
        kind,
        name: name.clone(),
    }
}

#[cfg(test)]
#[path = "dns_tests.rs"]
mod tests;
