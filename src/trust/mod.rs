//! The living room of trust: which certificates are believed, and the verifiers that every TLS connection gets from here.
//! Others see `api` alone. Sockets and handshakes are in `net`.

pub mod api;
pub mod certificate;
pub mod engine;
pub mod identity;
pub mod path;
mod plan;
pub mod verifier;

#[cfg(test)]
mod engine_tests;
#[cfg(test)]
mod identity_tests;
#[cfg(test)]
mod verifier_tests;
