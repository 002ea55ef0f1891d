//! The part of `show call-home` that IOS alone has, in its words. A line stands there only for what is configured, so that the layout
//! is an ASA's otherwise; JSON has all of it.

use std::fmt;

use serde::Serialize;

use crate::config::call_home::{self, PrivacyLevel};
use crate::show::sanitised::sanitised;

/// Flat among the settings of `show call-home`. What is not configured is null, or as it is by default.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct IosSettings {
    pub vrf: Option<String>,
    pub source_ip_address: Option<String>,
    pub source_interface: Option<String>,
    pub server_identity_check: bool,
    pub resolve_ipv4_first: bool,
    pub diagnostic_signature: bool,
    pub aaa_authorization: bool,
    /// As configured; `callhome` without.
    pub aaa_authorization_username: Option<String>,
    pub data_privacy_level: PrivacyLevel,
    pub data_privacy_hostname: bool,
    pub syslog_throttling: bool,
}

pub(super) fn settings(ios: &call_home::IosSettings) -> IosSettings {
    IosSettings {
        vrf: ios.vrf.as_deref().map(sanitised),
        source_ip_address: ios.source_ip_address.map(|address| address.to_string()),
        source_interface: ios.source_interface.as_deref().map(sanitised),
        server_identity_check: !ios.no_server_identity_check,
        resolve_ipv4_first: ios.ipv4_first,
        diagnostic_signature: ios.diagnostic_signature,
        aaa_authorization: ios.authorization,
        aaa_authorization_username: ios.authorization_username.as_deref().map(sanitised),
        data_privacy_level: ios.privacy_level(),
        data_privacy_hostname: ios.privacy_of_hostname,
        syslog_throttling: !ios.no_syslog_throttling,
    }
}

impl fmt::Display for IosSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let texts = [
            ("vrf for call-home messages", &self.vrf),
            ("source ip address", &self.source_ip_address),
            ("source interface", &self.source_interface),
        ];
        for (label, text) in texts {
            if let Some(text) = text {
                writeln!(f, " {label}: {text}")?;
            }
        }
        if !self.server_identity_check {
            writeln!(f, " http secure server identity check: disabled")?;
        }
        if self.resolve_ipv4_first {
            writeln!(f, " http resolve-hostname: ipv4-first")?;
        }
        if self.diagnostic_signature {
            writeln!(f, " Diagnostic signature: enabled")?;
        }
        if self.aaa_authorization {
            writeln!(f, " aaa-authorization: enable")?;
        }
        if let Some(user) = &self.aaa_authorization_username {
            writeln!(f, " aaa-authorization username: {user}")?;
        }
        let level = self.data_privacy_level.keyword();
        match (self.data_privacy_level, self.data_privacy_hostname) {
            (PrivacyLevel::Normal, false) => {}
            (_, false) => writeln!(f, " data-privacy: {level}")?,
            (_, true) => writeln!(f, " data-privacy: {level} hostname")?,
        }
        if !self.syslog_throttling {
            writeln!(f, " syslog throttling: disable")?;
        }
        Ok(())
    }
}
