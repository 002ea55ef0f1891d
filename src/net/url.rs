//! An `http` or `https` URL as a destination of the configuration has it: strictly checked once, in the parts that a
//! request needs. Nothing is looked up and nothing is sent here.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
use std::str::FromStr;
use std::sync::Arc;

use hyper::Uri;
use hyper::header::HeaderValue;

/// `http[s]://HOST[:PORT][/PATH][?QUERY]`. Prints as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Url {
    text: Arc<str>,
    https: bool,
    host: Arc<str>,
    port: u16,
    host_header: HeaderValue,
    target: Uri,
}

/// What is wrong with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UrlFault {
    #[error("a URL begins with http:// or https://")]
    Scheme,
    #[error("the URL names no valid host")]
    Host,
    #[error("the URL's port is not 1 to 65535")]
    Port,
    #[error("a user name or password in a URL is not supported")]
    Userinfo,
    #[error("not a valid URL")]
    Malformed,
}

impl Url {
    pub const fn is_https(&self) -> bool {
        self.https
    }

    /// A name, or an address without brackets; in the case it was written in.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// 80 or 443 where the URL names none.
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// The `Host` header: with brackets for IPv6, with the port unless it is the scheme's own (RFC 9110, 7.2).
    pub const fn host_header(&self) -> &HeaderValue {
        &self.host_header
    }

    /// Path and query, `/` at least (RFC 9112, 3.2.1: origin form).
    pub const fn target(&self) -> &Uri {
        &self.target
    }
}

impl FromStr for Url {
    type Err = UrlFault;

    fn from_str(text: &str) -> Result<Self, UrlFault> {
        let (https, rest) = scheme(text).ok_or(UrlFault::Scheme)?;
        // A fragment never travels; hyper's parser would drop it silently.
        if text.contains('#') {
            return Err(UrlFault::Malformed);
        }
        let authority = rest.split(['/', '?']).next().unwrap_or_default();
        if authority.contains('@') {
            return Err(UrlFault::Userinfo);
        }
        let (host, port) = authority_parts(authority)?;
        let default_port = if https { 443 } else { 80 };
        let port = port.unwrap_or(default_port);
        let bare = host
            .strip_prefix('[')
            .and_then(|host| host.strip_suffix(']'))
            .unwrap_or(host);
        let header = if port == default_port {
            host.to_owned()
        } else {
            format!("{host}:{port}")
        };
        Ok(Self {
            text: text.into(),
            https,
            host: bare.into(),
            port,
            host_header: HeaderValue::from_str(&header).map_err(|_| UrlFault::Host)?,
            target: target(rest.get(authority.len()..).unwrap_or_default())?,
        })
    }
}

impl fmt::Display for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Whether it is https, and what follows the two slashes.
fn scheme(text: &str) -> Option<(bool, &str)> {
    let (scheme, rest) = text.split_once("://")?;
    match scheme {
        _ if scheme.eq_ignore_ascii_case("https") => Some((true, rest)),
        _ if scheme.eq_ignore_ascii_case("http") => Some((false, rest)),
        _ => None,
    }
}

/// Host (an IPv6 address still in its brackets) and port.
fn authority_parts(authority: &str) -> Result<(&str, Option<u16>), UrlFault> {
    let (host, port) = match authority.rsplit_once(':') {
        // The last colon of `[2001:db8::1]` is the address's own.
        Some((_, tail)) if tail.ends_with(']') => (authority, None),
        Some((host, port)) => (host, Some(port)),
        None => (authority, None),
    };
    if !is_host(host) {
        return Err(UrlFault::Host);
    }
    let port = port.map(|port| {
        let digits = port.bytes().all(|byte| byte.is_ascii_digit());
        port.parse::<u16>()
            .ok()
            .filter(|number| digits && *number > 0)
            .ok_or(UrlFault::Port)
    });
    Ok((host, port.transpose()?))
}

/// A bracketed IPv6 address, an IPv4 address, or a name of letters, digits, hyphens, underscores and single dots
/// (RFC 1123, 2.1, and the underscore of many private names).
fn is_host(host: &str) -> bool {
    if let Some(inner) = host.strip_prefix('[') {
        return inner
            .strip_suffix(']')
            .is_some_and(|address| address.parse::<Ipv6Addr>().is_ok());
    }
    let name = host.strip_suffix('.').unwrap_or(host);
    let labels_fit = name.split('.').all(|label| {
        (1..=63).contains(&label.len())
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
    });
    // `127.1` and `1.2.3.4.5` are addresses to some resolvers and names to none.
    let numeric = name
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b'.');
    labels_fit && name.len() <= 253 && (!numeric || host.parse::<IpAddr>().is_ok())
}

fn target(tail: &str) -> Result<Uri, UrlFault> {
    let tail = if tail.starts_with('/') {
        tail.to_owned()
    } else {
        format!("/{tail}")
    };
    tail.parse().map_err(|_| UrlFault::Malformed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        text.parse().expect("a URL")
    }

    #[test]
    fn the_parts_of_a_url_are_what_a_request_needs() {
        for (text, https, host, port, header, target) in [
            (
                "http://collector.example.com",
                false,
                "collector.example.com",
                80,
                "collector.example.com",
                "/",
            ),
            (
                "https://c.example/ddce?x=1",
                true,
                "c.example",
                443,
                "c.example",
                "/ddce?x=1",
            ),
            (
                "HTTP://C.example:8080/a/b",
                false,
                "C.example",
                8080,
                "C.example:8080",
                "/a/b",
            ),
            (
                "https://192.0.2.1:443/",
                true,
                "192.0.2.1",
                443,
                "192.0.2.1",
                "/",
            ),
            (
                "http://[2001:db8::1]/x",
                false,
                "2001:db8::1",
                80,
                "[2001:db8::1]",
                "/x",
            ),
            (
                "http://[::1]:8080?q",
                false,
                "::1",
                8080,
                "[::1]:8080",
                "/?q",
            ),
            ("http://host_a.:1/", false, "host_a.", 1, "host_a.:1", "/"),
        ] {
            let url = url(text);
            assert_eq!(
                (
                    url.is_https(),
                    url.host(),
                    url.port(),
                    url.host_header().as_bytes(),
                    url.target().to_string().as_str()
                ),
                (https, host, port, header.as_bytes(), target),
                "{text}"
            );
            assert_eq!(url.to_string(), text);
        }
    }

    #[test]
    fn what_is_wrong_with_a_url_is_named() {
        use UrlFault::{Host, Malformed, Port, Scheme, Userinfo};
        for (text, fault) in [
            ("", Scheme),
            ("collector.example.com", Scheme),
            ("ftp://h/", Scheme),
            ("http:/h/", Scheme),
            ("http://", Host),
            ("http:///path", Host),
            ("http://:80/", Host),
            ("http://a b/", Host),
            ("http://a..b/", Host),
            ("http://[::1/", Host),
            ("http://[::g]/", Host),
            ("http://::1/", Host),
            ("http://1.2.3/", Host),
            ("http://bücher.example/", Host),
            ("http://h:/", Port),
            ("http://h:0/", Port),
            ("http://h:65536/", Port),
            ("http://h:+80/", Port),
            ("http://user:secret@h/", Userinfo),
            ("http://h/a b", Malformed),
            ("http://h/#part", Malformed),
        ] {
            assert_eq!(text.parse::<Url>(), Err(fault), "{text}");
        }
    }
}
