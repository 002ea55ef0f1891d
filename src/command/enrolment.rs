//! EXEC commands about certificates and keys: what they are given. What they do stands in exec/authorities.rs,
//! exec/enrolment.rs and exec/key_pairs.rs.

use std::fmt;
use std::sync::Arc;

use serde::Deserialize;

/// `crypto ca authenticate`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct CaAuthenticate {
    /// Of the trust point.
    pub name: Arc<str>,
    /// As typed.
    pub fingerprint: Option<Arc<str>>,
    #[serde(default)]
    pub nointeractive: bool,
}

/// A trust point, or all of them.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct OfTrustpoint {
    pub name: Option<Arc<str>>,
}

/// `crypto key generate rsa`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct KeyGenerateRsa {
    pub label: Option<Arc<str>>,
    /// Bits; not all of them can be made.
    pub modulus: Option<u16>,
    #[serde(default)]
    pub noconfirm: bool,
}

/// `crypto key generate ecdsa`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct KeyGenerateEcdsa {
    pub label: Option<Arc<str>>,
    /// Bits; not all of them can be made.
    pub curve: Option<u16>,
    #[serde(default)]
    pub noconfirm: bool,
}

/// `crypto key zeroize`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct KeyZeroize {
    pub kind: KeyKind,
    /// All of the kind without it.
    pub label: Option<Arc<str>>,
    #[serde(default)]
    pub noconfirm: bool,
}

/// `show crypto key mypubkey`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct KeysOfKind {
    pub kind: KeyKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum KeyKind {
    Rsa,
    Ecdsa,
}

/// `crypto ca enroll`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct CaEnroll {
    pub name: Arc<str>,
    #[serde(default)]
    pub noconfirm: bool,
}

/// `crypto ca import NAME certificate`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct CaImportCertificate {
    pub name: Arc<str>,
}

/// `crypto ca export NAME identity-certificate`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct CaExportIdentity {
    pub name: Arc<str>,
}

/// `crypto ca import NAME pkcs12` and `crypto ca export NAME pkcs12`.
#[derive(Clone, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Container {
    pub name: Arc<str>,
    /// In clear.
    pub passphrase: Arc<str>,
}

impl fmt::Debug for Container {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Container({})", self.name)
    }
}
