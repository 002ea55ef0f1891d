//! The vendor's public names, in one place. Nothing is ever sent to them unless the operator configured `call-home vendor permit`
//! (D19); whoever would send asks that question first: call home for its messages, the trust room for bundles and for the last
//! steps to the collector's name. What an operator configures of the vendor's stands in the configuration, not here.

/// The vendor's collector, the HTTP destination of `CiscoTAC-1`.
pub const COLLECTOR_URL: &str = "https://tools.cisco.com/its/service/oddce/services/DDCEService";

/// The vendor's mailbox for messages, the e-mail destination of `CiscoTAC-1`.
pub const COLLECTOR_EMAIL: &str = "callhome@cisco.com";

/// The vendor's mailbox for what belongs to a case.
pub const CASE_EMAIL: &str = "attach@cisco.com";

/// The vendor's bundle of authorities, the default of `auto-import`.
pub const TRUSTPOOL_URL: &str = "http://www.cisco.com/security/pki/trs/ios_core.p7b";

/// The host of `COLLECTOR_URL`. Which name servers of the vendor's know it, and its addresses, no document says (D186).
pub const COLLECTOR: &str = "tools.cisco.com";

/// Whether a host name is the collector's, in any case, with or without the root's dot.
pub fn is_collector(host: &str) -> bool {
    let host = host.strip_suffix('.').unwrap_or(host);
    host.eq_ignore_ascii_case(COLLECTOR)
}

/// Every host of the vendor's lies in this domain.
const DOMAIN: &str = "cisco.com";

/// Whether a host name is one of the vendor's: its domain or anything below it, in any case, with or without the root's dot.
pub fn is_vendor_host(host: &str) -> bool {
    let host = host.strip_suffix('.').unwrap_or(host).as_bytes();
    let domain = DOMAIN.as_bytes();
    let Some(start) = host.len().checked_sub(domain.len()) else {
        return false;
    };
    let (below, tail) = host.split_at(start);
    tail.eq_ignore_ascii_case(domain) && below.last().is_none_or(|byte| *byte == b'.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_a_vendor_host_is_one() {
        for host in [
            "tools.cisco.com",
            "TOOLS.Cisco.COM",
            "tools.cisco.com.",
            "cisco.com",
            "a.b.cisco.com",
        ] {
            assert!(is_vendor_host(host), "{host}");
        }
    }

    #[test]
    fn the_collector_is_one_host_and_the_one_of_its_url() {
        assert!(COLLECTOR_URL.starts_with(&format!("https://{COLLECTOR}/")));
        assert!(is_collector("Tools.cisco.com."));
        for host in ["www.cisco.com", "cisco.com", "tools.cisco.com.example.com"] {
            assert!(!is_collector(host), "{host}");
        }
    }

    #[test]
    fn a_host_that_only_resembles_the_vendors_is_not_one() {
        for host in [
            "notcisco.com",
            "cisco.com.example.com",
            "cisco.co",
            "example.com",
            "",
            ".",
            "192.0.2.1",
            "é-cisco.com",
        ] {
            assert!(!is_vendor_host(host), "{host}");
        }
    }
}
