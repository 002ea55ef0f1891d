//! What has no meaning on a Linux host: one line for each, as a device prints it on which the function is not configured
//! (D205). Nothing is looked up, because nothing could be found.

use std::fmt;

use serde::{Serialize, Serializer};

/// A function of an ASA that this device has not. JSON: `feature`, `configured` (false) and the `text` of its line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Absent {
    Failover,
    Contexts,
    Translations,
    AccessLists,
    VpnSessions,
    VpnLoadBalancing,
    PhoneProxy,
    ThreatDetection,
    DynamicFilter,
    Shunning,
    Clustering,
}

impl Absent {
    /// `failover`, for programs.
    pub const fn feature(self) -> &'static str {
        match self {
            Self::Failover => "failover",
            Self::Contexts => "context",
            Self::Translations => "xlate",
            Self::AccessLists => "access-list",
            Self::VpnSessions => "vpn-sessiondb",
            Self::VpnLoadBalancing => "vpn-load-balancing",
            Self::PhoneProxy => "phone-proxy",
            Self::ThreatDetection => "threat-detection",
            Self::DynamicFilter => "dynamic-filter",
            Self::Shunning => "shun",
            Self::Clustering => "cluster",
        }
    }

    /// Its line.
    pub const fn line(self) -> &'static str {
        match self {
            Self::Failover => "Failover Off",
            Self::Contexts => "Security context mode: single",
            Self::Translations => "0 in use, 0 most used",
            Self::AccessLists => "No access lists are configured; 0 elements",
            Self::VpnSessions => "INFO: There are presently no active sessions",
            Self::VpnLoadBalancing => "VPN load balancing is not configured",
            Self::PhoneProxy => "Phone proxy is not configured",
            Self::ThreatDetection => "Threat detection is not configured",
            Self::DynamicFilter => "Dynamic filter is not configured",
            Self::Shunning => "No hosts are shunned",
            Self::Clustering => "Clustering is not configured",
        }
    }
}

impl fmt::Display for Absent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.line())
    }
}

impl Serialize for Absent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct View {
            feature: &'static str,
            configured: bool,
            text: &'static str,
        }
        let view = View {
            feature: self.feature(),
            configured: false,
            text: self.line(),
        };
        view.serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_absent_function_has_one_line_and_an_object() {
        assert_eq!(Absent::Failover.to_string(), "Failover Off\n");
        let json = serde_json::to_string(&Absent::Clustering).expect("JSON");
        assert_eq!(
            json,
            r#"{"feature":"cluster","configured":false,"text":"Clustering is not configured"}"#
        );
    }

    #[test]
    fn what_collectors_filter_for_is_in_the_line() {
        assert!(Absent::AccessLists.line().contains("elements"));
    }
}
