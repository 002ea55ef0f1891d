//! The `crypto ca` commands and those of its sub-modes. What they change stands in `config::crypto`.

pub mod values;

use std::sync::Arc;

use serde::Deserialize;

use super::call_home::texts::Text;
use super::call_home::{MailAddress, NoMailAddress, NoText};
use values::{CrlPolicy, CrlProtocol, DayTime, RevocationMethod, Serial};

/// What changes the `crypto ca` sections.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub enum Command {
    EnterCaTrustpoint(Named),
    NoCaTrustpoint(NoTrustpoint),
    EnterCaTrustpool,
    NoCaTrustpool,
    EnterCaRefIdentity(Named),
    NoCaRefIdentity(Named),
    EnterCertChain(Named),
    CaAlertsExpiration(AlertsExpiration),
    NoCaAlertsExpiration,
    DefaultCaAlertsExpiration,
    NoCertChain(Named),
    // A trust point.
    Enrollment(Enrollment),
    NoEnrollment(NoEnrollment),
    Fqdn(Fqdn),
    NoFqdn(Fqdn),
    SubjectName(SubjectName),
    NoSubjectName(NoText),
    TrustpointEmail(MailAddress),
    NoTrustpointEmail(NoMailAddress),
    TrustpointIpAddress(IpAddress),
    NoTrustpointIpAddress(NoIpAddress),
    TrustpointSerialNumber,
    NoTrustpointSerialNumber,
    Keypair(Named),
    NoKeypair(NoKeypair),
    ValidationUsage(ValidationUsages),
    NoValidationUsage,
    DefaultValidationUsage,
    EnterCaCrl,
    NoCaCrl,
    // Revocation lists of a trust point, and the policy of the trust pool.
    RevocationCheck(RevocationCheck),
    NoRevocationCheck(NoRevocationCheck),
    CrlPolicy(PolicyOfCrl),
    NoCrlPolicy(NoPolicyOfCrl),
    CrlUrl(CrlUrl),
    NoCrlUrl(NoCrlUrl),
    CrlProtocol(ProtocolOfCrl),
    NoCrlProtocol(ProtocolOfCrl),
    CrlCacheTime(CrlCacheTime),
    NoCrlCacheTime(NoCrlCacheTime),
    CrlEnforceNextUpdate,
    NoCrlEnforceNextUpdate,
    DefaultCrlEnforceNextUpdate,
    MatchCertificate(MatchCertificate),
    NoMatchCertificate(MatchCertificate),
    AutoImport(AutoImport),
    AutoImportUrl,
    NoAutoImport,
    // A reference identity.
    CnId(ReferenceId),
    NoCnId(ReferenceId),
    DnsId(ReferenceId),
    NoDnsId(ReferenceId),
    SrvId(ReferenceId),
    NoSrvId(ReferenceId),
    UriId(ReferenceId),
    NoUriId(ReferenceId),
    // A certificate chain.
    Certificate(Certificate),
    NoCertificate(NoCertificate),
}

/// Opens a named object and makes it where there is none.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Named {
    pub name: Arc<str>,
}

/// Each line says all of it: what is left out is the default again.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct AlertsExpiration {
    /// Days before the end, 1 to 90.
    pub begin: Option<u8>,
    /// Days, 1 to 14.
    pub repeat: Option<u8>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct NoKeypair {
    pub name: Option<Arc<str>>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct NoTrustpoint {
    pub name: Arc<str>,
    /// A device asks without it; this one never does (D45).
    #[serde(default)]
    pub noconfirm: bool,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Enrollment {
    pub method: EnrollmentMethod,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct NoEnrollment {
    /// May be repeated; changes nothing.
    pub method: Option<EnrollmentMethod>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum EnrollmentMethod {
    /// The device signs its own certificate.
    #[serde(rename = "self")]
    Itself,
    Terminal,
    Url {
        url: Arc<str>,
    },
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Fqdn {
    #[serde(default)]
    pub none: bool,
    pub fqdn: Option<Arc<str>>,
}

/// An X.500 name, kept as typed.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct SubjectName {
    pub text: Text<500>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct IpAddress {
    pub address: Arc<str>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct NoIpAddress {
    pub address: Option<Arc<str>>,
}

/// In order of preference; `none` ends the list.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct RevocationCheck {
    pub first: RevocationMethod,
    pub second: Option<RevocationMethod>,
    pub third: Option<RevocationMethod>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct NoRevocationCheck {
    pub first: Option<RevocationMethod>,
    pub second: Option<RevocationMethod>,
    pub third: Option<RevocationMethod>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ValidationUsages {
    #[serde(default)]
    pub ipsec_client: bool,
    #[serde(default)]
    pub ssl_client: bool,
    #[serde(default)]
    pub ssl_server: bool,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct PolicyOfCrl {
    pub policy: CrlPolicy,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct NoPolicyOfCrl {
    pub policy: Option<CrlPolicy>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct CrlUrl {
    /// 1 to 5.
    pub index: u8,
    pub url: Arc<str>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct NoCrlUrl {
    pub index: u8,
    pub url: Option<Arc<str>>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ProtocolOfCrl {
    pub protocol: CrlProtocol,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct CrlCacheTime {
    /// 1 to 1440.
    pub minutes: u16,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct NoCrlCacheTime {
    pub minutes: Option<u16>,
}

/// `match certificate` of the trust pool's policy.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct MatchCertificate {
    pub map: Arc<str>,
    pub action: Option<MatchAction>,
}

#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum MatchAction {
    /// `allow expired-certificate`
    Allow,
    /// `skip revocation-check`
    Skip,
}

/// Each line says all of it: what is left out is the default again.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct AutoImport {
    pub time: Option<DayTime>,
    /// `url default`
    #[serde(default)]
    pub default: bool,
    pub url: Option<Arc<str>>,
}

/// A value of `cn-id`, `dns-id`, `srv-id` or `uri-id`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ReferenceId {
    pub value: Arc<str>,
}

/// `certificate [ca] SERIAL`, which opens a block of hexadecimal lines up to `quit`. The grammar leaves `hex` empty; the Session
/// reads the block and applies the command with it.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Certificate {
    #[serde(default)]
    pub ca: bool,
    pub serial: Serial,
    /// The block's lines, joined; blanks between digits are allowed.
    pub hex: Option<Arc<str>>,
}

impl Certificate {
    /// The word that ends the block.
    pub const END: &'static str = "quit";

    /// The same command with the block that was read.
    #[must_use]
    pub fn with_block(mut self, lines: &[impl AsRef<str>]) -> Self {
        let joined: Vec<_> = lines.iter().map(|line| line.as_ref().trim()).collect();
        self.hex = Some(joined.join(" ").into());
        self
    }
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct NoCertificate {
    #[serde(default)]
    pub ca: bool,
    pub serial: Serial,
}

/// `show crypto ca crls`, `clear crypto ca crls`; all of them without `which`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Crls {
    pub which: Option<WhichCrls>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum WhichCrls {
    Trustpool,
    Trustpoint { name: Arc<str> },
}
