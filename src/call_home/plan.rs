//! What an action means on one configuration: which message to which destinations, or why none. Pure; what is wrong with a
//! destination is found here as far as the configuration alone tells it.

use std::net::IpAddr;
use std::sync::Arc;

use super::api::Do;
use super::message::{Customer, Kind};
use super::outcome::{Outcome, Reason};
use crate::config::call_home::{
    AlertGroup, CallHome, Format, HttpDestination, PrivacyLevel, Profile, Reporting,
};
use crate::config::{RunningConfig, masking, url};
use crate::net::url::Url;
use crate::vendor;

/// One message and everybody who gets it.
#[derive(Debug)]
pub(super) struct Order {
    pub(super) kind: Kind,
    pub(super) description: String,
    pub(super) hostname: String,
    pub(super) customer: Customer,
    /// The commands whose output is attached, in this order.
    pub(super) commands: Vec<Arc<str>>,
    /// What the operator should know before anything is sent.
    pub(super) notes: Vec<String>,
    /// Never empty.
    pub(super) targets: Vec<Target>,
}

/// One destination of one profile.
#[derive(Debug)]
pub(super) struct Target {
    /// For the operator and for messages; carries no password.
    pub(super) name: String,
    /// Bytes of the whole message.
    pub(super) size_limit: usize,
    /// Where to, or what becomes of the message without an attempt.
    pub(super) route: Result<Url, Outcome>,
    /// The reference identity that the server must show; its host when `None`.
    pub(super) identity: Option<Arc<str>>,
}

impl Target {
    /// Whether its name can only be found by DNS, and no server is configured (120011).
    pub(super) fn wants_dns(&self, config: &RunningConfig) -> bool {
        let Ok(url) = &self.route else {
            return false;
        };
        let host = url.host().trim_matches(['[', ']']);
        let is_known = config.system.names.values().any(|name| **name == *host);
        config.dns.servers().is_empty() && !is_known && host.parse::<IpAddr>().is_err()
    }
}

/// Why there is nothing to send at all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Nothing {
    #[error("NOT_DEFINED(there is no profile {0})")]
    NoProfile(Arc<str>),
    #[error("DISABLED(configure service call-home)")]
    ServiceOff,
    #[error("DISABLED(alert-group {0} is off)")]
    GroupOff(&'static str),
    #[error("NO_SUBSCRIBER(no active profile subscribes to alert-group {0})")]
    NobodySubscribes(&'static str),
}

/// The kind of message that an action makes.
pub(super) const fn kind(action: &Do) -> Kind {
    match action {
        Do::Test { .. } => Kind::Test,
        Do::Send { group, .. } => Kind::Group(*group),
    }
}

/// Works out an action; a test is sent whatever is off, the rest wants the feature (D27).
pub(super) fn order(config: &RunningConfig, action: &Do) -> Result<Order, Nothing> {
    let call_home = &config.call_home;
    let kind = kind(action);
    let (text, profiles) = match action {
        Do::Test { text, profile } => (text.as_deref(), vec![named(call_home, profile)?]),
        Do::Send { group, profile } => {
            let group = *group;
            if !call_home.service {
                return Err(Nothing::ServiceOff);
            }
            if !call_home.is_enabled(group) {
                return Err(Nothing::GroupOff(group.keyword()));
            }
            let profiles = match profile {
                Some(name) => vec![named(call_home, name)?],
                None => subscribers(call_home, group),
            };
            if profiles.is_empty() {
                return Err(Nothing::NobodySubscribes(group.keyword()));
            }
            (None, profiles)
        }
    };
    Ok(Order {
        kind,
        description: text
            .filter(|text| !text.trim().is_empty())
            .unwrap_or(kind.description())
            .to_owned(),
        hostname: config.system.hostname().to_owned(),
        customer: customer(call_home),
        commands: commands(call_home, kind),
        notes: notes(call_home, &profiles),
        targets: profiles
            .iter()
            .flat_map(|(name, profile)| targets(call_home, name, profile))
            .collect(),
    })
}

/// A snapshot has the operator's commands, every other kind its own.
fn commands(call_home: &CallHome, kind: Kind) -> Vec<Arc<str>> {
    if kind == Kind::Group(AlertGroup::Snapshot) {
        return call_home.snapshot_commands.clone();
    }
    kind.commands().iter().map(|line| (*line).into()).collect()
}

type Named<'a> = (&'a Arc<str>, &'a Arc<Profile>);

fn named<'a>(call_home: &'a CallHome, name: &Arc<str>) -> Result<Named<'a>, Nothing> {
    call_home
        .profiles
        .get_key_value(&**name)
        .ok_or_else(|| Nothing::NoProfile(Arc::clone(name)))
}

fn subscribers(call_home: &CallHome, group: AlertGroup) -> Vec<Named<'_>> {
    let all = call_home.profiles.iter();
    all.filter(|(_, profile)| profile.is_active() && profile.subscribes_to(group))
        .collect()
}

/// Only a profile that was named can be inactive here, and only a test gets this far while the feature is off.
fn notes(call_home: &CallHome, profiles: &[Named<'_>]) -> Vec<String> {
    let mut notes = Vec::new();
    if !call_home.service {
        notes.push("Call-home is off (no service call-home): nothing but tests is sent".to_owned());
    }
    let inactive = profiles.iter().filter(|(_, profile)| !profile.is_active());
    notes.extend(
        inactive.map(|(name, _)| format!("Profile {name} is inactive: only what names it is sent")),
    );
    notes
}

fn customer(call_home: &CallHome) -> Customer {
    let text = |value: &Option<Arc<str>>| value.as_deref().unwrap_or_default().to_owned();
    Customer {
        contact_name: text(&call_home.contact_name),
        contact_email: text(&call_home.contact_email_addr),
        phone_number: text(&call_home.phone_number),
        street_address: text(&call_home.street_address),
        customer_id: text(&call_home.customer_id),
        site_id: text(&call_home.site_id),
        contract_id: text(&call_home.contract_id),
    }
}

/// Every destination of the methods that the profile uses; one that says why, if there is none.
fn targets(call_home: &CallHome, name: &str, profile: &Profile) -> Vec<Target> {
    let size_limit = usize::try_from(profile.message_size_limit()).unwrap_or(usize::MAX);
    let target = |name: &str, route| Target {
        name: masking::mask_output(name),
        size_limit,
        route,
        identity: None,
    };
    let methods = profile.methods();
    let mut targets = Vec::new();
    if methods.http {
        let route = |destination| http_route(call_home, profile, destination);
        targets.extend(profile.http.iter().map(|destination| Target {
            identity: profile.reference_identity_of(destination).cloned(),
            ..target(&destination.url, route(destination))
        }));
    }
    if methods.email {
        targets.extend(
            profile
                .email
                .iter()
                .map(|address| target(address, Err(by_email(call_home, address)))),
        );
    }
    if targets.is_empty() {
        targets.push(target(&format!("profile {name}"), Err(no_method(profile))));
    }
    targets
}

fn http_route(
    call_home: &CallHome,
    profile: &Profile,
    destination: &HttpDestination,
) -> Result<Url, Outcome> {
    let typed: url::Url = destination
        .url
        .parse()
        .map_err(|fault| dropped("BAD_URL", &format!("{fault}")))?;
    let url = Url::new(typed.is_https, &typed.host, typed.port, &typed.target)
        .ok_or_else(|| dropped("BAD_URL", "not a valid URL"))?;
    if vendor::is_vendor_host(url.host()) {
        vendor_permitted(call_home)?;
    }
    if profile.format() != Format::Xml {
        let format = profile.format().keyword();
        return Err(dropped(
            "NO_FORMAT",
            &format!("preferred-msg-format {format} is not available, xml is"),
        ));
    }
    // More privacy than there is was asked for: nothing is sent rather than too much.
    let asked = if profile.anonymous_only {
        Some("anonymous-reporting-only")
    } else if call_home.ios.privacy_of_hostname {
        Some("data-privacy hostname")
    } else if call_home.ios.privacy_level() != PrivacyLevel::Normal {
        Some("data-privacy level high")
    } else if profile.reporting == Some(Reporting::SmartLicensingData) {
        Some("reporting smart-licensing-data")
    } else {
        None
    };
    if let Some(asked) = asked {
        return Err(dropped("NO_PRIVACY", &format!("{asked} is not available")));
    }
    Ok(url)
}

/// E-mail is configured and shown; delivering it is not available.
fn by_email(call_home: &CallHome, address: &str) -> Outcome {
    let is_vendor = address
        .rsplit_once('@')
        .is_some_and(|(_, domain)| vendor::is_vendor_host(domain));
    let unavailable = dropped(
        "NO_TX_METHOD",
        "transport-method email is not available, http is",
    );
    if is_vendor {
        vendor_permitted(call_home).err().unwrap_or(unavailable)
    } else {
        unavailable
    }
}

/// Both switches, always: a configuration pasted from a device must not register this host under somebody's contract (D19).
fn vendor_permitted(call_home: &CallHome) -> Result<(), Outcome> {
    let denied = |missing| {
        Err(Outcome::Denied(Reason::new(
            "VENDOR_DENIED",
            format!("configure {missing}"),
        )))
    };
    match (call_home.service, call_home.vendor_permit) {
        (true, true) => Ok(()),
        (_, false) => denied("call-home vendor permit"),
        (false, true) => denied("service call-home"),
    }
}

fn no_method(profile: &Profile) -> Outcome {
    let methods = profile.methods();
    let detail = match (methods.http, methods.email) {
        (false, true) if !profile.http.is_empty() => "configure destination transport-method http",
        (true, _) => "no destination address http",
        (false, true) => "no destination address email",
        (false, false) => "no destination transport-method",
    };
    dropped("NO_TX_METHOD", detail)
}

fn dropped(word: &'static str, detail: &str) -> Outcome {
    Outcome::Dropped(Reason::new(word, detail))
}

#[cfg(test)]
#[path = "plan_tests.rs"]
mod tests;
