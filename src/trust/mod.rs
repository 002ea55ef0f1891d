//! The living room of trust: which certificates are believed, and the verifiers that every TLS connection gets from here.
//! Others see `api` alone. Sockets and handshakes are in `net`.

pub mod alerts;
pub mod api;
pub mod authority;
mod auto_import;
mod ber;
pub mod bundle;
pub mod certificate;
pub mod cms;
pub mod crl;
mod dates;
mod element;
pub mod engine;
pub mod enrol;
mod expiry;
pub mod identity;
pub mod import;
pub mod keys;
pub mod names;
pub mod ocsp;
pub mod pasted;
pub mod path;
pub mod pem;
pub mod pkcs12;
mod plan;
pub mod pool;
pub mod revocation;
pub mod revocation_check;
pub mod revocation_desk;
mod revocation_fetch;
mod revocation_store;
mod signature;
mod signed;
mod signer;
pub mod store;
pub mod subject;
pub mod verifier;
mod vetter;

#[cfg(test)]
mod bench;
#[cfg(test)]
mod engine_tests;
#[cfg(test)]
mod identity_real_tests;
#[cfg(test)]
mod identity_tests;
#[cfg(test)]
mod ocsp_tests;
#[cfg(test)]
mod revocation_real_tests;
#[cfg(test)]
mod revocation_tests;
#[cfg(test)]
mod verifier_tests;

#[cfg(test)]
#[path = "../../tests/loopback/s_server.rs"]
mod s_server;
