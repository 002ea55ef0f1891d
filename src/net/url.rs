//! A URL in the form in which a request carries it. Whether what an operator typed is one is judged where it is configured.

use std::sync::Arc;

use hyper::Uri;
use hyper::header::HeaderValue;

/// Where a request goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Url {
    is_https: bool,
    host: Arc<str>,
    port: u16,
    host_header: HeaderValue,
    target: Uri,
}

impl Url {
    /// `host` without brackets, `target` in origin form; `None` when HTTP cannot say them.
    pub fn new(is_https: bool, host: &str, port: u16, target: &str) -> Option<Self> {
        let is_default = port == if is_https { 443 } else { 80 };
        let mut header = if host.contains(':') {
            format!("[{host}]")
        } else {
            host.to_owned()
        };
        if !is_default {
            header.push_str(&format!(":{port}"));
        }
        Some(Self {
            is_https,
            host: host.into(),
            port,
            host_header: HeaderValue::from_str(&header).ok()?,
            target: target.parse().ok()?,
        })
    }

    pub const fn is_https(&self) -> bool {
        self.is_https
    }

    /// A name, or an address without brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    pub const fn port(&self) -> u16 {
        self.port
    }

    /// The `Host` header: with brackets for IPv6, with the port unless it is the scheme's own (RFC 9110, 7.2).
    pub const fn host_header(&self) -> &HeaderValue {
        &self.host_header
    }

    /// Path and query (RFC 9112, 3.2.1: origin form).
    pub const fn target(&self) -> &Uri {
        &self.target
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_header_has_brackets_and_a_port_where_they_are_needed() {
        for (is_https, host, port, header) in [
            (false, "c.example", 80, "c.example"),
            (false, "c.example", 443, "c.example:443"),
            (true, "192.0.2.1", 443, "192.0.2.1"),
            (false, "2001:db8::1", 80, "[2001:db8::1]"),
            (true, "::1", 8443, "[::1]:8443"),
        ] {
            let url = Url::new(is_https, host, port, "/").expect("a URL");
            assert_eq!(url.host_header().as_bytes(), header.as_bytes());
        }
    }

    #[test]
    fn what_http_cannot_say_is_no_url() {
        assert_eq!(Url::new(false, "h", 80, "/a b"), None);
        assert_eq!(Url::new(false, "h\n", 80, "/"), None);
    }
}
