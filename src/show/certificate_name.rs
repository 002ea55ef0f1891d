//! The name of a certificate's subject or issuer, part by part, as the commands that show certificates and lists have it. On one
//! line the trust room writes it.

use serde::Serialize;

/// `cn=value`.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Part {
    pub kind: &'static str,
    pub value: String,
}

/// The most specific part first.
pub fn parts(name: &[(&'static str, String)]) -> Vec<Part> {
    let part = |(kind, value): &(&'static str, String)| Part {
        kind,
        value: value.clone(),
    };
    name.iter().rev().map(part).collect()
}
