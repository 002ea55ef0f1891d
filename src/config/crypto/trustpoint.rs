//! A trust point: how its certificate would be asked for, what it may be used for, how revocation lists are fetched. Kept and
//! printed; acted on by nobody.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{revocation_line, revocation_methods};
use crate::command::call_home::texts::Quoted;
use crate::command::crypto::values::{CrlPolicy, CrlProtocol, RevocationMethod, ValidationUsage};
use crate::command::crypto::{Command, EnrollmentMethod, ValidationUsages};
use crate::config::refusal::Kind;
use crate::config::render::Lines;
use crate::config::url::Url;
use crate::config::{Notice, Notices, Refusal};

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trustpoint {
    pub enrollment: Option<Enrollment>,
    pub fqdn: Option<Fqdn>,
    /// An X.500 name as typed.
    pub subject_name: Option<Arc<str>>,
    pub email: Option<Arc<str>>,
    pub ip_address: Option<Arc<str>>,
    pub serial_number: bool,
    pub keypair: Option<Arc<str>>,
    /// In order of preference; empty when not configured.
    pub revocation_check: Vec<RevocationMethod>,
    pub validation_usage: Option<Usage>,
    /// `crl configure`; `None` until it was entered.
    pub crl: Option<Crl>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Enrollment {
    /// The device signs its own certificate.
    Itself,
    /// By cut and paste.
    Terminal,
    Url(Arc<str>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fqdn {
    /// `fqdn none`: the certificate names no host.
    Absent,
    Name(Arc<str>),
}

/// What certificates under a trust point may be accepted for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Usage {
    /// `no validation-usage`: for nobody who connects to this device.
    Nothing,
    These(BTreeSet<ValidationUsage>),
}

/// How revocation lists are fetched.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Crl {
    pub policy: Option<CrlPolicy>,
    /// By index, 1 to 5.
    pub urls: BTreeMap<u8, Arc<str>>,
    /// Switched off by `no protocol`.
    pub protocols_off: BTreeSet<CrlProtocol>,
    /// Minutes, 1 to 1440.
    pub cache_time: Option<u16>,
    /// `no enforcenextupdate`: a list past its next update may still be used.
    pub ignores_next_update: bool,
}

impl Usage {
    /// Whether certificates of SSL servers are accepted.
    pub fn includes_servers(&self) -> bool {
        matches!(self, Self::These(usages) if usages.contains(&ValidationUsage::SslServer))
    }
}

impl Trustpoint {
    /// The commands of the trust point and those of its revocation lists.
    pub(super) fn apply(&mut self, command: &Command) -> Result<Notices, Refusal> {
        match command {
            Command::Enrollment(c) => {
                self.enrollment = Some(match &c.method {
                    EnrollmentMethod::Itself => Enrollment::Itself,
                    EnrollmentMethod::Terminal => Enrollment::Terminal,
                    EnrollmentMethod::Url { url } => Enrollment::Url(url.clone()),
                });
            }
            Command::NoEnrollment(_) => self.enrollment = None,
            Command::Fqdn(c) => self.fqdn = Some(c.fqdn.clone().map_or(Fqdn::Absent, Fqdn::Name)),
            Command::NoFqdn(_) => self.fqdn = None,
            Command::SubjectName(c) => self.subject_name = Some(c.text.shared()),
            Command::NoSubjectName(_) => self.subject_name = None,
            Command::TrustpointEmail(c) => self.email = Some(c.address.shared()),
            Command::NoTrustpointEmail(_) => self.email = None,
            Command::TrustpointIpAddress(c) => self.ip_address = Some(c.address.clone()),
            Command::NoTrustpointIpAddress(_) => self.ip_address = None,
            Command::TrustpointSerialNumber => self.serial_number = true,
            Command::NoTrustpointSerialNumber => self.serial_number = false,
            Command::Keypair(c) => self.keypair = Some(c.name.clone()),
            Command::NoKeypair(_) => self.keypair = None,
            Command::RevocationCheck(c) => self.revocation_check = revocation_methods(c)?,
            Command::NoRevocationCheck(_) => self.revocation_check.clear(),
            Command::ValidationUsage(c) => self.validation_usage = Some(Usage::These(usages(c)?)),
            Command::NoValidationUsage => self.validation_usage = Some(Usage::Nothing),
            Command::DefaultValidationUsage => self.validation_usage = None,
            Command::EnterCaCrl => drop(self.crl.get_or_insert_default()),
            Command::NoCaCrl => self.crl = None,
            _ => {
                let mut crl = self.crl.clone().unwrap_or_default();
                let notices = crl.apply(command)?;
                self.crl = Some(crl);
                return Ok(notices);
            }
        }
        Ok(Notices::new())
    }

    /// In the order in which devices print them.
    pub(super) fn lines(&self, name: &str, out: &mut Lines) {
        out.line(0, format_args!("crypto ca trustpoint {name}"));
        revocation_line(&self.revocation_check, out);
        match &self.enrollment {
            None => {}
            Some(Enrollment::Itself) => out.line(1, format_args!("enrollment self")),
            Some(Enrollment::Terminal) => out.line(1, format_args!("enrollment terminal")),
            Some(Enrollment::Url(url)) => out.line(1, format_args!("enrollment url {url}")),
        }
        match &self.fqdn {
            None => {}
            Some(Fqdn::Absent) => out.line(1, format_args!("fqdn none")),
            Some(Fqdn::Name(name)) => out.line(1, format_args!("fqdn {name}")),
        }
        if let Some(address) = &self.email {
            out.line(1, format_args!("email {address}"));
        }
        match &self.subject_name {
            None => {}
            // Quotes around the whole of it would be taken for ours.
            Some(text) if text.starts_with('"') => {
                out.line(1, format_args!("subject-name {}", Quoted(text)))
            }
            Some(text) => out.line(1, format_args!("subject-name {text}")),
        }
        if let Some(address) = &self.ip_address {
            out.line(1, format_args!("ip-address {address}"));
        }
        if self.serial_number {
            out.line(1, format_args!("serial-number"));
        }
        if let Some(name) = &self.keypair {
            out.line(1, format_args!("keypair {name}"));
        }
        match &self.validation_usage {
            None => {}
            Some(Usage::Nothing) => out.line(1, format_args!("no validation-usage")),
            Some(Usage::These(usages)) => {
                let words: Vec<_> = usages.iter().map(|usage| usage.keyword()).collect();
                out.line(1, format_args!("validation-usage {}", words.join(" ")));
            }
        }
        if let Some(crl) = &self.crl {
            crl.lines(out);
        }
    }
}

/// One at least.
fn usages(command: &ValidationUsages) -> Result<BTreeSet<ValidationUsage>, Refusal> {
    let usages = [
        (command.ipsec_client, ValidationUsage::IpsecClient),
        (command.ssl_client, ValidationUsage::SslClient),
        (command.ssl_server, ValidationUsage::SslServer),
    ];
    let usages: BTreeSet<_> = usages
        .into_iter()
        .filter_map(|(given, usage)| given.then_some(usage))
        .collect();
    if usages.is_empty() {
        Err(Refusal::Incomplete)
    } else {
        Ok(usages)
    }
}

impl Crl {
    fn apply(&mut self, command: &Command) -> Result<Notices, Refusal> {
        match command {
            Command::CrlPolicy(c) => self.policy = Some(c.policy),
            Command::NoCrlPolicy(_) => self.policy = None,
            Command::CrlUrl(c) => {
                self.urls.insert(c.index, c.url.clone());
                if !c.url.parse().is_ok_and(|url: Url| !url.is_https) {
                    let text = "Lists are fetched by HTTP alone; this URL is not asked";
                    return Ok(vec![Notice::Warning(text.into())]);
                }
            }
            Command::NoCrlUrl(c) => {
                self.urls
                    .remove(&c.index)
                    .ok_or_else(|| Refusal::NotDefined {
                        kind: Kind::Destination,
                        name: c.index.to_string().into(),
                    })?;
            }
            Command::CrlProtocol(c) => drop(self.protocols_off.remove(&c.protocol)),
            Command::NoCrlProtocol(c) => drop(self.protocols_off.insert(c.protocol)),
            Command::CrlCacheTime(c) => self.cache_time = Some(c.minutes),
            Command::NoCrlCacheTime(_) => self.cache_time = None,
            Command::CrlEnforceNextUpdate | Command::DefaultCrlEnforceNextUpdate => {
                self.ignores_next_update = false
            }
            Command::NoCrlEnforceNextUpdate => self.ignores_next_update = true,
            _ => {}
        }
        Ok(Notices::new())
    }

    fn lines(&self, out: &mut Lines) {
        out.line(1, format_args!("crl configure"));
        if let Some(policy) = self.policy {
            out.line(2, format_args!("policy {}", policy.keyword()));
        }
        for (index, url) in &self.urls {
            out.line(2, format_args!("url {index} {url}"));
        }
        for protocol in &self.protocols_off {
            out.line(2, format_args!("no protocol {}", protocol.keyword()));
        }
        if let Some(minutes) = self.cache_time {
            out.line(2, format_args!("cache-time {minutes}"));
        }
        if self.ignores_next_update {
            out.line(2, format_args!("no enforcenextupdate"));
        }
    }
}
