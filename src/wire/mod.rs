//! Formats on the wire, without I/O and without a clock: how a syslog message is written and framed, what a stamp means;
//! how a host asks for name servers.
//! Nothing here panics on any input; sockets and TLS are elsewhere.

#![forbid(unsafe_code)]
#![warn(clippy::indexing_slicing, clippy::unwrap_used)]

pub mod dhcp;
pub mod stamp;
pub mod syslog;
