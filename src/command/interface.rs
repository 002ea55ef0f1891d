//! Commands that name the interfaces of this host.

use std::sync::Arc;

use serde::Deserialize;

/// Every command of this section; a negative form is a variant of its own.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub enum Command {
    EnterInterface(Interface),
    NoInterface(Interface),
    Nameif(Nameif),
    NoNameif(NoNameif),
    SecurityLevel(SecurityLevel),
    NoSecurityLevel(NoSecurityLevel),
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Interface {
    /// As the host calls it.
    pub name: Arc<str>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Nameif {
    pub nameif: Arc<str>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct NoNameif {
    pub nameif: Option<Arc<str>>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct SecurityLevel {
    /// 0 to 100.
    pub level: u8,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct NoSecurityLevel {
    pub level: Option<u8>,
}
