//! Commands that say how names become addresses.

use std::net::IpAddr;
use std::sync::Arc;

use serde::Deserialize;

/// Every command of this section; a negative form is a variant of its own.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub enum Command {
    DnsDomainLookup(DomainLookup),
    NoDnsDomainLookup(DomainLookup),
    EnterDnsServerGroup(Named),
    NoDnsServerGroup(Named),
    DnsNameServer(NameServers),
    NoDnsNameServer(NameServers),
    DnsVendorNameServer(Servers),
    NoDnsVendorNameServer(Servers),
    DnsVendorCollector(Addresses),
    NoDnsVendorCollector(Addresses),
    DnsGroup(Named),
    NoDnsGroup(MaybeNamed),
    DomainName(Domain),
    NoDomainName(MaybeDomain),
    NameServer(NameServers),
    NoNameServer(NameServers),
    GroupDomainName(Domain),
    NoGroupDomainName(MaybeDomain),
    Retries(Retries),
    NoRetries(MaybeRetries),
    DefaultRetries(MaybeRetries),
    Timeout(Timeout),
    NoTimeout(MaybeTimeout),
    DefaultTimeout(MaybeTimeout),
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct DomainLookup {
    /// A `nameif`.
    pub interface: Arc<str>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Named {
    pub name: Arc<str>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct MaybeNamed {
    pub name: Option<Arc<str>>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct NameServers {
    /// At least one.
    pub servers: Vec<IpAddr>,
    /// A `nameif`.
    pub interface: Option<Arc<str>>,
}

/// Without any, all are meant.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Servers {
    #[serde(default)]
    pub servers: Vec<IpAddr>,
}

/// Without any, all are meant.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Addresses {
    #[serde(default)]
    pub addresses: Vec<IpAddr>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Domain {
    pub domain: Arc<str>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct MaybeDomain {
    pub domain: Option<Arc<str>>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Retries {
    /// 0 to 10.
    pub retries: u8,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct MaybeRetries {
    pub retries: Option<u8>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Timeout {
    /// Seconds, 1 to 30.
    pub timeout: u8,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct MaybeTimeout {
    pub timeout: Option<u8>,
}
