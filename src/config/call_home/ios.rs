//! What the call-home block of IOS has and that of an ASA has not: the way out, whom to authorize, what to keep out of messages. All
//! of it is kept and shown; the call-home room acts on the way out alone, and where that matters to privacy the operator is told.

use std::net::IpAddr;
use std::sync::Arc;

use super::PrivacyLevel;
use crate::command::call_home::Command;
use crate::config::render::Lines;
use crate::config::{Notice, Notices};

/// The settings of the block that IOS alone has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IosSettings {
    /// `http resolve-hostname ipv4-first`.
    pub ipv4_first: bool,
    /// `no http secure server-identity-check`.
    pub no_server_identity_check: bool,
    /// As typed.
    pub source_interface: Option<Arc<str>>,
    pub source_ip_address: Option<IpAddr>,
    pub vrf: Option<Arc<str>>,
    /// `aaa-authorization`.
    pub authorization: bool,
    pub authorization_username: Option<Arc<str>>,
    pub privacy_level: Option<PrivacyLevel>,
    /// `data-privacy hostname`.
    pub privacy_of_hostname: bool,
    /// `no syslog-throttling`.
    pub no_syslog_throttling: bool,
    pub diagnostic_signature: bool,
}

/// Effective values: the one place of each default.
impl IosSettings {
    pub const DEFAULT_USERNAME: &str = "callhome";

    pub fn authorization_username(&self) -> &str {
        self.authorization_username
            .as_deref()
            .unwrap_or(Self::DEFAULT_USERNAME)
    }

    pub fn privacy_level(&self) -> PrivacyLevel {
        self.privacy_level.unwrap_or_default()
    }

    pub(super) fn apply(&mut self, command: &Command) -> Notices {
        let before = self.kept_out();
        match command {
            Command::HttpResolveIpv4First => self.ipv4_first = true,
            Command::NoHttpResolveIpv4First | Command::DefaultHttpResolveIpv4First => {
                self.ipv4_first = false
            }
            Command::HttpServerIdentityCheck | Command::DefaultHttpServerIdentityCheck => {
                self.no_server_identity_check = false
            }
            Command::NoHttpServerIdentityCheck => self.no_server_identity_check = true,
            Command::SourceInterface(c) => self.source_interface = Some(c.interface.clone()),
            Command::NoSourceInterface(_) => self.source_interface = None,
            Command::SourceIpAddress(c) => self.source_ip_address = Some(c.address),
            Command::NoSourceIpAddress(_) => self.source_ip_address = None,
            Command::CallHomeVrf(c) => self.vrf = Some(c.vrf.clone()),
            Command::NoCallHomeVrf(_) => self.vrf = None,
            Command::AaaAuthorization => self.authorization = true,
            Command::NoAaaAuthorization | Command::DefaultAaaAuthorization => {
                self.authorization = false
            }
            Command::AaaAuthorizationUsername(c) => {
                self.authorization_username = Some(c.username.clone())
            }
            Command::NoAaaAuthorizationUsername(_)
            | Command::DefaultAaaAuthorizationUsername(_) => self.authorization_username = None,
            Command::DataPrivacyLevel(c) => self.privacy_level = Some(c.level),
            Command::NoDataPrivacyLevel(_) | Command::DefaultDataPrivacyLevel(_) => {
                self.privacy_level = None
            }
            Command::DataPrivacyHostname => self.privacy_of_hostname = true,
            Command::NoDataPrivacyHostname | Command::DefaultDataPrivacyHostname => {
                self.privacy_of_hostname = false
            }
            Command::SyslogThrottling | Command::DefaultSyslogThrottling => {
                self.no_syslog_throttling = false
            }
            Command::NoSyslogThrottling => self.no_syslog_throttling = true,
            Command::DiagnosticSignature => self.diagnostic_signature = true,
            Command::NoDiagnosticSignature => self.diagnostic_signature = false,
            _ => {}
        }
        if self.kept_out() > before {
            vec![only_secrets()]
        } else {
            Notices::new()
        }
    }

    /// How many things besides secrets were asked to be kept out of messages.
    fn kept_out(&self) -> u8 {
        u8::from(self.privacy_level() == PrivacyLevel::High) + u8::from(self.privacy_of_hostname)
    }

    pub(super) fn lines(&self, out: &mut Lines) {
        if self.ipv4_first {
            out.line(1, format_args!("http resolve-hostname ipv4-first"));
        }
        if self.no_server_identity_check {
            out.line(1, format_args!("no http secure server-identity-check"));
        } else if out.is_all() {
            out.line(1, format_args!("http secure server-identity-check"));
        }
        if let Some(interface) = &self.source_interface {
            out.line(1, format_args!("source-interface {interface}"));
        }
        if let Some(address) = &self.source_ip_address {
            out.line(1, format_args!("source-ip-address {address}"));
        }
        if let Some(vrf) = &self.vrf {
            out.line(1, format_args!("vrf {vrf}"));
        }
        if self.authorization {
            out.line(1, format_args!("aaa-authorization"));
        } else if out.is_all() {
            out.line(1, format_args!("no aaa-authorization"));
        }
        if self.authorization_username.is_some() || out.is_all() {
            out.line(
                1,
                format_args!(
                    "aaa-authorization username {}",
                    self.authorization_username()
                ),
            );
        }
        if self.privacy_level.is_some() || out.is_all() {
            out.line(
                1,
                format_args!("data-privacy level {}", self.privacy_level().keyword()),
            );
        }
        if self.privacy_of_hostname {
            out.line(1, format_args!("data-privacy hostname"));
        }
        if self.no_syslog_throttling {
            out.line(1, format_args!("no syslog-throttling"));
        } else if out.is_all() {
            out.line(1, format_args!("syslog-throttling"));
        }
        if self.diagnostic_signature {
            out.line(1, format_args!("diagnostic-signature"));
        }
    }
}

/// The operator has asked for more to be kept out of messages than is.
fn only_secrets() -> Notice {
    Notice::Info(
        "Only secrets can be kept out of messages; with more data-privacy than level normal nothing is sent."
            .into(),
    )
}
