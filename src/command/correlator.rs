//! Commands that define correlator rules.

use std::sync::Arc;

use serde::Deserialize;

/// Every command of this section; a negative form is a variant of its own.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub enum Command {
    EnterCorrelatorRule(Rule),
    NoCorrelatorRule(Rule),
    CorrelatorApply(Rule),
    NoCorrelatorApply(Rule),
    CorrelatorTimeout(Timeout),
    NoCorrelatorTimeout(NoTimeout),
    DefaultCorrelatorTimeout(NoTimeout),
    Rootcause(Header),
    NoRootcause(NoHeader),
    Nonrootcause(Header),
    NoNonrootcause(Header),
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Rule {
    pub name: Arc<str>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Timeout {
    pub seconds: u16,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct NoTimeout {
    pub seconds: Option<u16>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Header {
    pub facility: Arc<str>,
    pub mnemonic: Arc<str>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct NoHeader {
    pub facility: Option<Arc<str>>,
    pub mnemonic: Option<Arc<str>>,
}
