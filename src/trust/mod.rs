//! The living room of trust: which certificates are believed, and the verifiers that every TLS connection gets from here.
//! Others see `api` alone. Sockets and handshakes are in `net`.

pub mod api;
