//! The EXEC commands of the trust pool. Its policy is configuration and stands in `crypto`.

use std::sync::Arc;

use serde::Deserialize;

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct TrustpoolImport {
    /// What was imported before goes.
    #[serde(default)]
    pub clean: bool,
    pub from: ImportFrom,
    pub confirmed: Option<Confirmed>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum ImportFrom {
    Url {
        url: Arc<str>,
    },
    /// The built-in root set.
    Default,
}

/// Nobody is asked.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Confirmed {
    #[serde(default)]
    pub signature_required: bool,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct TrustpoolExport {
    pub file: Arc<str>,
    pub form: Option<ExportForm>,
}

#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum ExportForm {
    Pem,
    Pkcs7,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct TrustpoolRemove {
    /// As typed, with colons or without.
    pub fingerprint: Arc<str>,
    #[serde(default)]
    pub noconfirm: bool,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ClearTrustpool {
    #[serde(default)]
    pub noconfirm: bool,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ShowTrustpool {
    #[serde(default)]
    pub detail: bool,
}
