//! Anonymous reporting: what was answered to the question about it, the trust point that it brings, and who needs that one. The
//! certificate is the root of the vendor's servers, one of the built-in root set.

use std::sync::{Arc, LazyLock};

use crate::config::crypto::{Certificate, Crl, Trustpoint, Usage};
use crate::config::refusal::{Notice, Notices};
use crate::config::render::Lines;
use crate::config::{RunningConfig, system};
use crate::vendor;

/// What was decided about anonymous reporting.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AnonymousReporting {
    /// Nothing yet: who configures at the console is asked.
    #[default]
    Undecided,
    /// Later; so often it may be put off again (D215).
    Postponed(u8),
    Refused,
    Enabled,
}

/// The trust point that comes with anonymous reporting.
pub const TRUSTPOINT: &str = "_SmartCallHome_ServerCA";

/// IdenTrust Commercial Root CA 1.
const SERIAL: &str = "0a0142800000014523c844b500000002";
const SERIAL_BYTES: [u8; 16] = [
    0x0a, 0x01, 0x42, 0x80, 0x00, 0x00, 0x01, 0x45, 0x23, 0xc8, 0x44, 0xb5, 0x00, 0x00, 0x00, 0x02,
];

/// The root of the vendor's servers; `None` in a release whose root set has it no more.
static ROOT: LazyLock<Option<Arc<[u8]>>> = LazyLock::new(|| {
    webpki_root_certs::TLS_SERVER_ROOT_CERTS
        .iter()
        .find(|der| {
            // The serial number stands before the issuer.
            let head = der.get(..64).unwrap_or_default();
            head.windows(SERIAL_BYTES.len())
                .any(|bytes| bytes == SERIAL_BYTES)
        })
        .map(|der| der.as_ref().into())
});

impl AnonymousReporting {
    /// How often it may be put off behind the first time; then it counts as refused.
    const FURTHER: u8 = 2;

    /// What putting it off once more comes to.
    pub fn put_off(self) -> Self {
        match self {
            Self::Postponed(0 | 1) => Self::Refused,
            Self::Postponed(left) => Self::Postponed(left - 1),
            _ => Self::Postponed(Self::FURTHER),
        }
    }

    pub(in crate::config) fn lines(self, out: &mut Lines) {
        match self {
            Self::Undecided => {}
            Self::Postponed(left) => out.line(
                0,
                format_args!("call-home reporting anonymous prompt {left}"),
            ),
            Self::Refused => out.line(0, format_args!("no call-home reporting anonymous")),
            Self::Enabled => out.line(0, format_args!("call-home reporting anonymous")),
        }
    }

    /// The profile of its reports, for `show running-config all` alone. It cannot be configured: reading it back changes nothing
    /// (D216).
    pub(in crate::config) fn profile_lines(self, out: &mut Lines) {
        if !out.is_all() {
            return;
        }
        let active = match self {
            Self::Enabled => "active",
            _ => "no active",
        };
        let url = vendor::COLLECTOR_URL;
        out.line(1, format_args!("! Anonymous reporting, built in"));
        for line in [
            active,
            "anonymous-reporting-only",
            &format!("destination address http {url}"),
            "destination preferred-msg-format xml",
            "destination transport-method http",
            "subscribe-to-alert-group inventory periodic monthly",
        ] {
            out.line(1, format_args!("!  {line}"));
        }
    }
}

/// `call-home reporting anonymous`.
pub(super) fn enable(config: &mut RunningConfig) -> Notices {
    if config.system.anonymous == AnonymousReporting::Enabled {
        return Notices::new();
    }
    let is_created = !is_trusted(config);
    if let (true, Some(root)) = (is_created, &*ROOT) {
        install(config, root);
    }
    system_mut(config).anonymous = AnonymousReporting::Enabled;
    let mut notices = vec![Notice::AnonymousReporting {
        is_created: is_created && ROOT.is_some(),
    }];
    if !config.call_home.vendor_permit {
        notices.push(super::vendor_denied());
    }
    notices
}

pub(super) fn decide(config: &mut RunningConfig, decided: AnonymousReporting) {
    system_mut(config).anonymous = decided;
}

fn system_mut(config: &mut RunningConfig) -> &mut system::System {
    Arc::make_mut(&mut config.system)
}

/// Whether one of the trust points vouches for the vendor's servers already.
fn is_trusted(config: &RunningConfig) -> bool {
    config
        .crypto
        .trustpoints
        .keys()
        .any(|name| holds_root(config, name))
}

/// Whether call home believes the root because of this trust point.
fn holds_root(config: &RunningConfig, name: &str) -> bool {
    let serves = config.crypto.trustpoints.get(name).is_some_and(|point| {
        let usage = point.validation_usage.as_ref();
        usage.is_none_or(|usage| *usage == Usage::Nothing || usage.includes_servers())
    });
    let chain = config.crypto.chains.get(name);
    let is_root = |known: &Certificate| known.ca && Some(&known.der) == ROOT.as_ref();
    serves && chain.is_some_and(|chain| chain.certificates.iter().any(is_root))
}

/// An authority for one service vouches for nothing else.
fn install(config: &mut RunningConfig, root: &Arc<[u8]>) {
    let crypto = Arc::make_mut(&mut config.crypto);
    let point = Trustpoint {
        validation_usage: Some(Usage::Nothing),
        crl: Some(Crl::default()),
        ..Trustpoint::default()
    };
    Arc::make_mut(&mut crypto.trustpoints).insert(TRUSTPOINT.into(), Arc::new(point));
    let chain = Arc::make_mut(&mut crypto.chains)
        .entry(TRUSTPOINT.into())
        .or_default();
    Arc::make_mut(chain).certificates.push(Certificate {
        ca: true,
        serial: SERIAL.into(),
        der: root.clone(),
    });
}

/// Who needs this trust point, or its authority's certificate, for anonymous reports.
pub(in crate::config) fn user_of_trustpoint(config: &RunningConfig, name: &str) -> Option<String> {
    let is_needed = config.system.anonymous == AnonymousReporting::Enabled
        && holds_root(config, name)
        && (name == TRUSTPOINT || {
            let mut names = config.crypto.trustpoints.keys();
            names.all(|other| **other == *name || !holds_root(config, other))
        });
    is_needed.then(|| "call-home reporting anonymous".to_owned())
}

/// The same for one certificate of its chain.
pub(in crate::config) fn user_of_certificate(
    config: &RunningConfig,
    name: &str,
    serial: &str,
) -> Option<String> {
    let user = user_of_trustpoint(config, name);
    user.filter(|_| serial == SERIAL)
}
