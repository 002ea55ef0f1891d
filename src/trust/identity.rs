//! Whether a certificate shows a name that is expected of a server: RFC 6125, section 6. Chains and signatures are verified
//! elsewhere; here names meet names.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use super::certificate::Presented;

/// What a server must be able to show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expected {
    /// The host of the address that was dialled: a domain name or an IP address. No common name counts for it.
    Host(Arc<str>),
    /// `crypto ca reference-identity NAME`.
    Reference(Arc<Reference>),
}

/// A reference identity; lists in order of entry, values as they were typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reference {
    pub name: Arc<str>,
    pub cn_ids: Vec<Arc<str>>,
    pub dns_ids: Vec<Arc<str>>,
    pub srv_ids: Vec<Arc<str>>,
    pub uri_ids: Vec<Arc<str>>,
}

/// The certificate is for somebody else. Its text names both sides.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("certificate is for {presented}, expected {expected}")]
pub struct Mismatch {
    pub expected: String,
    pub presented: String,
}

impl Expected {
    /// Holds the names of a certificate against what is expected; one that matches is enough.
    pub fn verify(&self, presented: &Presented) -> Result<(), Mismatch> {
        let matches = match self {
            Self::Host(host) => host_matches(host, presented),
            Self::Reference(reference) => reference.matches(presented),
        };
        if matches {
            return Ok(());
        }
        Err(Mismatch {
            expected: self.to_string(),
            presented: presented.to_string(),
        })
    }
}

fn host_matches(host: &str, presented: &Presented) -> bool {
    let bare = host
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
        .unwrap_or(host);
    match bare.parse::<IpAddr>() {
        Ok(address) => presented.addresses.contains(&address),
        Err(_) => presented.dns.iter().any(|name| domain_matches(host, name)),
    }
}

impl Reference {
    fn matches(&self, presented: &Presented) -> bool {
        let any = |wanted: &[Arc<str>], shown: &[String], same: fn(&str, &str) -> bool| {
            wanted
                .iter()
                .any(|wanted| shown.iter().any(|shown| same(wanted, shown)))
        };
        any(&self.dns_ids, &presented.dns, domain_matches)
            || any(&self.srv_ids, &presented.srv, service_matches)
            || any(&self.uri_ids, &presented.uri, uri_matches)
            || self.common_name_matches(presented)
    }

    /// A last resort where other kinds are asked for as well: then it counts only for a certificate that shows none of them
    /// (RFC 6125, 6.4.4).
    fn common_name_matches(&self, presented: &Presented) -> bool {
        let others =
            !self.dns_ids.is_empty() || !self.srv_ids.is_empty() || !self.uri_ids.is_empty();
        let shows_none =
            presented.dns.is_empty() && presented.srv.is_empty() && presented.uri.is_empty();
        (!others || shows_none)
            && presented.common_name.as_deref().is_some_and(|name| {
                self.cn_ids
                    .iter()
                    .any(|wanted| domain_matches(wanted, name))
            })
    }
}

/// RFC 6125, 6.4.1 to 6.4.3: labels compare as A-labels without regard to case. A wildcard is the whole leftmost label of what
/// is shown, stands for one label that is no A-label, and has two labels at least behind it.
fn domain_matches(wanted: &str, shown: &str) -> bool {
    let Some(wanted) = a_labels(wanted) else {
        return false;
    };
    if let Some(parent) = shown.strip_prefix("*.") {
        let (Some(parent), Some((first, rest))) = (a_labels(parent), wanted.split_once('.')) else {
            return false;
        };
        return parent.contains('.') && !first.starts_with("xn--") && rest == parent;
    }
    a_labels(shown).is_some_and(|shown| shown == wanted)
}

/// The name in lower-case A-labels, without a dot at its end. `None` for what is no domain name: an address, a wildcard, a text
/// with other characters.
fn a_labels(name: &str) -> Option<String> {
    let name = name.strip_suffix('.').unwrap_or(name);
    let ascii = idna::domain_to_ascii(name).ok()?;
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
    };
    (ascii.len() <= 253 && ascii.split('.').all(is_label) && ascii.parse::<IpAddr>().is_err())
        .then_some(ascii)
}

/// RFC 6125, 6.5.1: the service is the same, the domain matches, without wildcards (RFC 4985 has none).
fn service_matches(wanted: &str, shown: &str) -> bool {
    let (Some((service, domain)), Some((shown_service, shown_domain))) =
        (wanted.split_once('.'), shown.split_once('.'))
    else {
        return false;
    };
    service.starts_with('_')
        && service.eq_ignore_ascii_case(shown_service)
        && !shown_domain.contains('*')
        && domain_matches(domain, shown_domain)
}

/// RFC 6125, 6.5.2: the scheme is the same and the host matches; what else an URI holds does not count. No wildcards.
fn uri_matches(wanted: &str, shown: &str) -> bool {
    let (Some((scheme, host)), Some((shown_scheme, shown_host))) =
        (scheme_and_host(wanted), scheme_and_host(shown))
    else {
        return false;
    };
    scheme.eq_ignore_ascii_case(shown_scheme)
        && !shown_host.contains('*')
        && domain_matches(host, shown_host)
}

/// The host stands behind `//`, or right behind the colon as in `sip:host`.
fn scheme_and_host(uri: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = uri.split_once(':')?;
    let authority = rest
        .strip_prefix("//")
        .unwrap_or(rest)
        .split(['/', '?', '#', ';'])
        .next()?;
    let host = authority
        .rsplit_once('@')
        .map_or(authority, |(_, host)| host);
    let host = host.split_once(':').map_or(host, |(host, _)| host);
    (!scheme.is_empty() && !host.is_empty()).then_some((scheme, host))
}

/// Such as `reference identity collector (dns-id collector.example, cn-id old.example)`.
impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let reference = match self {
            Self::Host(host) => return write!(f, "{host}"),
            Self::Reference(reference) => reference,
        };
        write!(f, "reference identity {} (", reference.name)?;
        let kinds = [
            ("dns-id", &reference.dns_ids),
            ("srv-id", &reference.srv_ids),
            ("uri-id", &reference.uri_ids),
            ("cn-id", &reference.cn_ids),
        ];
        let all: Vec<_> = kinds
            .iter()
            .flat_map(|(kind, values)| values.iter().map(move |value| format!("{kind} {value}")))
            .collect();
        if all.is_empty() {
            write!(f, "which is empty)")
        } else {
            write!(f, "{})", all.join(", "))
        }
    }
}

/// A message tells so many names of a certificate.
const MOST_TOLD: usize = 10;

/// Such as `dns-id a.example, cn-id a`.
impl fmt::Display for Presented {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut all = Vec::new();
        for (kind, values) in [
            ("dns-id", &self.dns),
            ("srv-id", &self.srv),
            ("uri-id", &self.uri),
        ] {
            all.extend(values.iter().map(|value| format!("{kind} {value}")));
        }
        all.extend(
            self.addresses
                .iter()
                .map(|address| format!("address {address}")),
        );
        all.extend(self.common_name.iter().map(|name| format!("cn-id {name}")));
        if all.is_empty() {
            return f.write_str("nobody");
        }
        let more = all.len().saturating_sub(MOST_TOLD);
        all.truncate(MOST_TOLD);
        f.write_str(&all.join(", "))?;
        if more > 0 {
            write!(f, " and {more} more")?;
        }
        Ok(())
    }
}
