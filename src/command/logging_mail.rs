//! What an ASA says of e-mails: who sends messages to whom, and through which servers.

use std::sync::Arc;

use serde::Deserialize;

use super::call_home::texts::Address;
use super::logging::Level;

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct FromAddress {
    pub address: Address,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct NoFromAddress {
    pub address: Option<Address>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct RecipientAddress {
    pub address: Address,
    pub level: Option<Level>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct SmtpServer {
    pub primary: Arc<str>,
    pub primary_port: Option<u16>,
    pub backup: Option<Arc<str>>,
    pub backup_port: Option<u16>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct NoSmtpServer {
    pub primary: Option<Arc<str>>,
    pub primary_port: Option<u16>,
    pub backup: Option<Arc<str>>,
    pub backup_port: Option<u16>,
}
