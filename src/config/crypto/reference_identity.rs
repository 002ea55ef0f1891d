//! Reference identities: the names that a server must be able to show (RFC 6125). Their form is checked here; comparing them with a
//! certificate is the trust room's.

use std::net::IpAddr;
use std::sync::Arc;

use crate::command::crypto::Command;
use crate::config::refusal::Kind;
use crate::config::render::Lines;
use crate::config::{Notices, Refusal};

/// Values of a kind in order of entry.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReferenceIdentity {
    /// Common names that have the form of a domain name.
    pub cn_ids: Vec<Arc<str>>,
    pub dns_ids: Vec<Arc<str>>,
    /// `_service.domain` (RFC 4985).
    pub srv_ids: Vec<Arc<str>>,
    /// With a scheme and a host.
    pub uri_ids: Vec<Arc<str>>,
}

impl ReferenceIdentity {
    pub(super) fn apply(&mut self, command: &Command) -> Result<Notices, Refusal> {
        match command {
            Command::CnId(c) => add(
                &mut self.cn_ids,
                &c.value,
                is_domain_name,
                "a domain name without wildcards",
            )?,
            Command::DnsId(c) => add(
                &mut self.dns_ids,
                &c.value,
                is_domain_name,
                "a domain name without wildcards",
            )?,
            Command::SrvId(c) => add(
                &mut self.srv_ids,
                &c.value,
                is_service_name,
                "a service and a domain name, such as _imaps.example.net",
            )?,
            Command::UriId(c) => add(
                &mut self.uri_ids,
                &c.value,
                is_uri,
                "a URI with a scheme and a host, such as sip:voice.example.edu",
            )?,
            Command::NoCnId(c) => remove(&mut self.cn_ids, &c.value)?,
            Command::NoDnsId(c) => remove(&mut self.dns_ids, &c.value)?,
            Command::NoSrvId(c) => remove(&mut self.srv_ids, &c.value)?,
            Command::NoUriId(c) => remove(&mut self.uri_ids, &c.value)?,
            _ => {}
        }
        Ok(Notices::new())
    }

    pub(super) fn lines(&self, name: &str, out: &mut Lines) {
        out.line(0, format_args!("crypto ca reference-identity {name}"));
        let kinds = [
            ("cn-id", &self.cn_ids),
            ("dns-id", &self.dns_ids),
            ("srv-id", &self.srv_ids),
            ("uri-id", &self.uri_ids),
        ];
        for (keyword, values) in kinds {
            for value in values {
                out.line(1, format_args!("{keyword} {value}"));
            }
        }
    }
}

/// Names differ in more than the case of their letters.
fn add(
    values: &mut Vec<Arc<str>>,
    value: &Arc<str>,
    is_one: fn(&str) -> bool,
    expected: &str,
) -> Result<(), Refusal> {
    if !is_one(value) {
        return Err(Refusal::Value {
            expected: expected.into(),
        });
    }
    if values
        .iter()
        .all(|known| !known.eq_ignore_ascii_case(value))
    {
        values.push(value.clone());
    }
    Ok(())
}

fn remove(values: &mut Vec<Arc<str>>, value: &Arc<str>) -> Result<(), Refusal> {
    if values
        .iter()
        .all(|known| !known.eq_ignore_ascii_case(value))
    {
        return Err(Refusal::NotDefined {
            kind: Kind::Name,
            name: value.clone(),
        });
    }
    values.retain(|known| !known.eq_ignore_ascii_case(value));
    Ok(())
}

/// RFC 1034 section 3.5 in A-label form, underscores allowed; RFC 6125 section 1.7.2: an address is no domain name.
pub(in crate::config) fn is_domain_name(text: &str) -> bool {
    let label = |label: &str| {
        let inner = label
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
        (1..=63).contains(&label.len()) && inner && !label.starts_with('-') && !label.ends_with('-')
    };
    text.len() <= 253 && text.split('.').all(label) && text.parse::<IpAddr>().is_err()
}

/// RFC 4985 section 2.
fn is_service_name(text: &str) -> bool {
    let Some((service, domain)) = text.strip_prefix('_').and_then(|rest| rest.split_once('.'))
    else {
        return false;
    };
    !service.is_empty()
        && service
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        && is_domain_name(domain)
}

/// RFC 3986 section 3.1 for the scheme; the host stands behind `//` or right behind the colon, as in `sip:host`.
fn is_uri(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else {
        return false;
    };
    let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'));
    let authority = rest
        .strip_prefix("//")
        .unwrap_or(rest)
        .split(['/', '?', '#', ';'])
        .next()
        .unwrap_or_default();
    let host = authority
        .rsplit_once('@')
        .map_or(authority, |(_, host)| host);
    let host = host.split_once(':').map_or(host, |(host, _)| host);
    is_scheme && is_domain_name(host) && !text.contains(char::is_control)
}
