//! Sockets and what is asked of them: who may be reached, how a name becomes an address, how long to wait before the next
//! try, how TCP and UDP sockets are opened. Nothing here knows the configuration; what it needs is passed in.

pub mod backoff;
pub mod dhcp;
pub mod fetch;
pub mod http;
pub mod http_link;
pub mod kernel;
pub mod names;
pub mod only_to;
pub mod ping;
#[cfg(test)]
#[path = "../../tests/loopback/ports.rs"]
pub(crate) mod ports;
pub mod reason;
pub mod resolve;
pub mod smtp;
#[cfg(test)]
pub mod smtp_sink;
pub mod tcp;
pub mod tls;
#[cfg(test)]
pub mod toy_dns;
pub mod udp;
pub mod url;
pub mod way;
