//! The one judge of `http` and `https` URLs: strictly checked when they are typed, in the parts that a request needs. Nothing
//! is looked up and nothing is sent here.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
use std::str::FromStr;

/// `http[s]://HOST[:PORT][/PATH][?QUERY]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Url {
    pub is_https: bool,
    /// A name, or an address without brackets; in the case it was written in.
    pub host: String,
    /// 80 or 443 where the URL names none.
    pub port: u16,
    /// Path and query, `/` at least (RFC 9112, 3.2.1: origin form).
    pub target: String,
}

/// What is wrong with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UrlFault {
    Scheme,
    Host,
    Port,
    /// It would be shown, saved and sent in clear (C2.8).
    Userinfo,
    /// RFC 9112, 3.2: what is sent has no fragment, and RFC 3986 characters alone.
    Characters,
}

impl UrlFault {
    /// In the words of a refusal.
    pub const fn why(self) -> &'static str {
        match self {
            Self::Scheme => "A URL begins with http:// or https://",
            Self::Host => "The URL names no valid host",
            Self::Port => "The port of a URL is 1 to 65535",
            Self::Userinfo => "A URL may not carry a user name or a password",
            Self::Characters => "A URL has plain characters and no #; others are written as %XX",
        }
    }
}

impl fmt::Display for UrlFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.why())
    }
}

impl FromStr for Url {
    type Err = UrlFault;

    fn from_str(text: &str) -> Result<Self, UrlFault> {
        let (is_https, rest) = scheme(text).ok_or(UrlFault::Scheme)?;
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        if authority.contains('@') {
            return Err(UrlFault::Userinfo);
        }
        if !text.chars().all(is_of_a_url) {
            return Err(UrlFault::Characters);
        }
        let (host, port) = authority_parts(authority)?;
        let bare = host
            .strip_prefix('[')
            .and_then(|host| host.strip_suffix(']'))
            .unwrap_or(host);
        let tail = rest.get(authority.len()..).unwrap_or_default();
        let slash = if tail.starts_with('/') { "" } else { "/" };
        Ok(Self {
            is_https,
            host: bare.to_owned(),
            port: port.unwrap_or(if is_https { 443 } else { 80 }),
            target: format!("{slash}{tail}"),
        })
    }
}

/// RFC 3986, 2: reserved and unreserved, but the fragment's own.
fn is_of_a_url(c: char) -> bool {
    c.is_ascii_graphic()
        && !matches!(
            c,
            '#' | '"' | '<' | '>' | '\\' | '^' | '`' | '{' | '|' | '}'
        )
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_of_a_url_are_what_a_request_needs() {
        for (text, is_https, host, port, target) in [
            (
                "http://collector.example.com",
                false,
                "collector.example.com",
                80,
                "/",
            ),
            (
                "https://c.example/ddce?x=1",
                true,
                "c.example",
                443,
                "/ddce?x=1",
            ),
            (
                "HTTP://C.example:8080/a/b",
                false,
                "C.example",
                8080,
                "/a/b",
            ),
            ("https://192.0.2.1:443/", true, "192.0.2.1", 443, "/"),
            ("http://[2001:db8::1]/x", false, "2001:db8::1", 80, "/x"),
            ("http://[::1]:8080?q", false, "::1", 8080, "/?q"),
            ("http://host_a.:1/%C3%A4", false, "host_a.", 1, "/%C3%A4"),
        ] {
            let expected = Url {
                is_https,
                host: host.into(),
                port,
                target: target.into(),
            };
            assert_eq!(text.parse(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_is_wrong_with_a_url_is_named() {
        use UrlFault::{Characters, Host, Port, Scheme, Userinfo};
        for (text, fault) in [
            ("", Scheme),
            ("collector.example.com", Scheme),
            ("ftp://h/", Scheme),
            ("http:/h/", Scheme),
            ("http://", Host),
            ("http:///path", Host),
            ("http://:80/", Host),
            ("http://a..b/", Host),
            ("http://[::1/", Host),
            ("http://[::g]/", Host),
            ("http://::1/", Host),
            ("http://1.2.3/", Host),
            ("http://h:/", Port),
            ("http://h:0/", Port),
            ("http://h:65536/", Port),
            ("http://h:+80/", Port),
            ("http://user:secret@h/", Userinfo),
            ("http://user:secret@h/#part", Userinfo),
            ("http://b\u{fc}cher.example/", Characters),
            ("http://h/\u{e4}", Characters),
            ("http://a b/", Characters),
            ("http://h/a b", Characters),
            ("http://h/a|b", Characters),
            ("http://h/#part", Characters),
            ("http://h#part", Characters),
        ] {
            assert_eq!(text.parse::<Url>(), Err(fault), "{text}");
        }
    }
}
