//! What an event means on one configuration: which profiles tell of it, where each message goes, or why it goes nowhere. Pure; what
//! is wrong with a destination is found here as far as the configuration alone tells it.

use std::collections::BTreeMap;
use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use super::event::{Audience, Event, SyslogText};
use super::message::{Customer, Kind};
use super::outcome::{Outcome, Reason};
use crate::config::call_home::{
    AlertGroup, AlertSeverity, CallHome, Export, Format, HttpDestination, PrivacyLevel, Profile,
    Reporting, Subscription, SyslogSelector,
};
use crate::config::{RunningConfig, masking, pattern, url};
use crate::net::url::Url;
use crate::vendor;

/// One event and the messages that tell of it.
#[derive(Debug)]
pub(super) struct Order {
    pub(super) event: Event,
    pub(super) hostname: String,
    pub(super) customer: Customer,
    /// What the operator should know before anything is sent.
    pub(super) notes: Vec<String>,
    /// Never empty; one message each.
    pub(super) parts: Vec<Part>,
    /// The vendor's number of the case that it belongs to.
    pub(super) service_number: Option<String>,
}

/// The message of one profile.
#[derive(Debug)]
pub(super) struct Part {
    /// Bytes of a whole message.
    pub(super) size_limit: usize,
    /// The commands whose output is attached, in this order.
    pub(super) commands: Vec<Arc<str>>,
    /// Never empty.
    pub(super) targets: Vec<Target>,
}

/// One destination of one profile.
#[derive(Debug)]
pub(super) struct Target {
    pub(super) destination: Destination,
    pub(super) format: Format,
    /// Where to, or what becomes of the message without an attempt.
    pub(super) route: Result<Route, Outcome>,
}

/// What tells one destination from another, in memory and on disk.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Destination {
    pub(super) profile: Arc<str>,
    pub(super) address: Address,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Address {
    /// A URL as typed.
    Http(Arc<str>),
    Email(Arc<str>),
    /// The profile has none.
    Nowhere,
}

/// How a destination is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Route {
    Http {
        url: Url,
        /// The reference identity that the server must show; its host when `None`.
        identity: Option<Arc<str>>,
    },
    Email,
}

/// For the operator and for messages; carries no password.
impl fmt::Display for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.address {
            Address::Http(url) => f.write_str(&masking::mask_output(url)),
            Address::Email(address) => f.write_str(&masking::mask_output(address)),
            Address::Nowhere => write!(f, "profile {}", self.profile),
        }
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

/// Works out an event; a test is sent whatever is off, the rest wants the feature (D27).
pub(super) fn order(
    config: &RunningConfig,
    event: Event,
    audience: &Audience,
) -> Result<Order, Nothing> {
    let call_home = &config.call_home;
    if let Some(group) = event.group() {
        if !call_home.service {
            return Err(Nothing::ServiceOff);
        }
        if !call_home.is_enabled(group) {
            return Err(Nothing::GroupOff(group.keyword()));
        }
    }
    let profiles: Vec<Named<'_>> = match audience {
        Audience::Mailbox {
            address,
            commands,
            service_number,
        } => {
            if !call_home.service {
                return Err(Nothing::ServiceOff);
            }
            let part = mailbox(call_home, address, commands);
            return Ok(Order {
                hostname: config.system.hostname().to_owned(),
                customer: customer(call_home),
                notes: Vec::new(),
                parts: vec![part],
                service_number: service_number.as_deref().map(str::to_owned),
                event,
            });
        }
        Audience::Named(name) => vec![named(call_home, name)?],
        Audience::Subscriber(name) => vec![named(call_home, name)?],
        Audience::Subscribers => call_home.profiles.iter().collect(),
    };
    let by_name = matches!(audience, Audience::Named(_));
    let wants = |profile: &Profile| by_name || profile.is_active() && wants(profile, &event);
    let profiles: Vec<Named<'_>> = profiles
        .into_iter()
        .filter(|(_, profile)| wants(profile))
        .collect();
    if profiles.is_empty() {
        return Err(Nothing::NobodySubscribes(event.kind.word()));
    }
    let part = |(name, profile): &Named<'_>| Part {
        size_limit: usize::try_from(profile.message_size_limit()).unwrap_or(usize::MAX),
        commands: commands(call_home, profile, event.kind),
        targets: targets(call_home, name, profile),
    };
    let parts = profiles.iter().map(part).collect();
    Ok(Order {
        hostname: config.system.hostname().to_owned(),
        customer: customer(call_home),
        notes: notes(call_home, &profiles),
        parts,
        service_number: None,
        event,
    })
}

/// How a destination is reached now; `None` where the configuration has no such destination.
pub(super) fn route(
    config: &RunningConfig,
    destination: &Destination,
) -> Option<Result<Route, Outcome>> {
    let call_home = &config.call_home;
    if let (true, Address::Email(address)) = (destination.profile.is_empty(), &destination.address)
    {
        return Some(mail_route(call_home, address));
    }
    let profile = call_home.profile(&destination.profile)?;
    let methods = profile.methods();
    match &destination.address {
        Address::Http(url) if methods.http => {
            let known = profile.http.iter().find(|known| known.url == *url)?;
            Some(http_route(call_home, profile, known))
        }
        Address::Email(address) if methods.email => {
            let known = profile.email.iter().find(|known| *known == address)?;
            Some(email_route(call_home, profile, known))
        }
        _ => None,
    }
}

/// Whether a destination's name can only be found by DNS, and no server is configured (120011).
pub(super) fn wants_dns(config: &RunningConfig, destination: &Destination) -> bool {
    matches!(route(config, destination), Some(Ok(route)) if is_by_name(config, &route))
}

/// The same of a way that is known.
pub(super) fn is_by_name(config: &RunningConfig, route: &Route) -> bool {
    let Route::Http { url, .. } = route else {
        return false;
    };
    let host = url.host().trim_matches(['[', ']']);
    let is_known = config.system.names.values().any(|name| **name == *host);
    config.dns.servers().is_empty() && !is_known && host.parse::<IpAddr>().is_err()
}

/// Whether a profile subscribes to what an event is.
fn wants(profile: &Profile, event: &Event) -> bool {
    let Some(group) = event.group() else {
        return false;
    };
    if !profile.subscribes_to(group) {
        return false;
    }
    let subscriptions = &profile.subscriptions;
    if subscriptions.all && !subscriptions.groups.contains_key(&group) {
        return true;
    }
    match (group, &event.syslog) {
        (AlertGroup::Syslog, Some(text)) => {
            subscriptions.all || is_selected(&subscriptions.syslog, event.severity, text)
        }
        _ => subscriptions
            .groups
            .get(&group)
            .is_none_or(|subscription| event.severity >= threshold(group, subscription)),
    }
}

/// Only groups of alerts have one.
fn threshold(group: AlertGroup, subscription: &Subscription) -> AlertSeverity {
    if group.has_severity() {
        subscription.effective_severity()
    } else {
        AlertSeverity::Debugging
    }
}

/// One selector whose parts all hold is enough.
fn is_selected(
    selectors: &BTreeMap<SyslogSelector, Option<AlertSeverity>>,
    severity: AlertSeverity,
    text: &SyslogText,
) -> bool {
    selectors.iter().any(|(selector, least)| {
        let selects = match selector {
            SyslogSelector::Any => true,
            SyslogSelector::Messages(ids) => text.number.is_some_and(|number| ids.contains(number)),
            SyslogSelector::Pattern(pattern) => {
                // It was checked when it was typed.
                pattern::compile(pattern).is_ok_and(|regex| regex.is_match(text.line.as_bytes()))
            }
        };
        selects && least.is_none_or(|least| severity >= least)
    })
}

/// A snapshot has the operator's commands, every other kind its own; `export minimum` leaves out the two configurations.
fn commands(call_home: &CallHome, profile: &Profile, kind: Kind) -> Vec<Arc<str>> {
    if kind == Kind::Group(AlertGroup::Snapshot) {
        return call_home.snapshot_commands.clone();
    }
    let subscription = profile.subscriptions.groups.get(&AlertGroup::Configuration);
    let export = subscription.and_then(|subscription| subscription.export);
    let is_short =
        kind == Kind::Group(AlertGroup::Configuration) && export == Some(Export::Minimum);
    let of_kind = kind.commands().iter();
    let wanted = of_kind.filter(|line| !is_short || !LONG.contains(*line));
    wanted.map(|line| (*line).into()).collect()
}

const LONG: [&str; 2] = ["show running-config", "show startup-config"];

type Named<'a> = (&'a Arc<str>, &'a Arc<Profile>);

fn named<'a>(call_home: &'a CallHome, name: &Arc<str>) -> Result<Named<'a>, Nothing> {
    call_home
        .profiles
        .get_key_value(&**name)
        .ok_or_else(|| Nothing::NoProfile(Arc::clone(name)))
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
fn targets(call_home: &CallHome, name: &Arc<str>, profile: &Profile) -> Vec<Target> {
    let target = |address, is_vendor, route| Target {
        destination: Destination {
            profile: name.clone(),
            address,
        },
        // The vendor's back end reads nothing else.
        format: if is_vendor {
            Format::Xml
        } else {
            profile.format()
        },
        route,
    };
    let methods = profile.methods();
    let mut targets = Vec::new();
    if methods.http {
        targets.extend(profile.http.iter().map(|known| {
            let route = http_route(call_home, profile, known);
            let is_vendor =
                matches!(&route, Ok(Route::Http { url, .. }) if vendor::is_vendor_host(url.host()));
            target(Address::Http(known.url.clone()), is_vendor, route)
        }));
    }
    if methods.email {
        targets.extend(profile.email.iter().map(|address| {
            let route = email_route(call_home, profile, address);
            target(Address::Email(address.clone()), is_vendor(address), route)
        }));
    }
    if targets.is_empty() {
        targets.push(target(Address::Nowhere, false, Err(no_method(profile))));
    }
    targets
}

fn http_route(
    call_home: &CallHome,
    profile: &Profile,
    destination: &HttpDestination,
) -> Result<Route, Outcome> {
    let typed: url::Url = destination
        .url
        .parse()
        .map_err(|fault| dropped("BAD_URL", &format!("{fault}")))?;
    let url = Url::new(typed.is_https, &typed.host, typed.port, &typed.target)
        .ok_or_else(|| dropped("BAD_URL", "not a valid URL"))?;
    if vendor::is_vendor_host(url.host()) {
        vendor_permitted(call_home)?;
    }
    private_enough(call_home, profile)?;
    let identity = profile.reference_identity_of(destination).cloned();
    Ok(Route::Http { url, identity })
}

/// More privacy than there is was asked for: nothing is sent rather than too much.
fn private_enough(call_home: &CallHome, profile: &Profile) -> Result<(), Outcome> {
    if profile.anonymous_only {
        let detail = "anonymous-reporting-only: nothing else is sent there";
        return Err(dropped("NO_PRIVACY", detail));
    }
    let asked = if call_home.ios.privacy_of_hostname {
        "data-privacy hostname"
    } else if call_home.ios.privacy_level() != PrivacyLevel::Normal {
        "data-privacy level high"
    } else if profile.reporting == Some(Reporting::SmartLicensingData) {
        "reporting smart-licensing-data"
    } else {
        return Ok(());
    };
    Err(dropped("NO_PRIVACY", &format!("{asked} is not available")))
}

fn email_route(call_home: &CallHome, profile: &Profile, address: &str) -> Result<Route, Outcome> {
    private_enough(call_home, profile)?;
    mail_route(call_home, address)
}

/// What an operator sends to an address: nobody's profile, as a long text.
fn mailbox(call_home: &CallHome, address: &Arc<str>, commands: &[Arc<str>]) -> Part {
    let target = Target {
        destination: Destination {
            profile: Arc::default(),
            address: Address::Email(address.clone()),
        },
        format: Format::LongText,
        route: mail_route(call_home, address),
    };
    let limit = Profile::default().message_size_limit();
    Part {
        size_limit: usize::try_from(limit).unwrap_or(usize::MAX),
        commands: commands.to_vec(),
        targets: vec![target],
    }
}

fn mail_route(call_home: &CallHome, address: &str) -> Result<Route, Outcome> {
    if is_vendor(address) {
        vendor_permitted(call_home)?;
    }
    if call_home.from_address().is_none() {
        let detail = "configure sender from or contact-email-addr";
        return Err(dropped("NO_SENDER", detail));
    }
    if call_home.mail_servers.is_empty() {
        return Err(dropped("NO_MAIL_SERVER", "configure mail-server"));
    }
    Ok(Route::Email)
}

fn is_vendor(address: &str) -> bool {
    address
        .rsplit_once('@')
        .is_some_and(|(_, domain)| vendor::is_vendor_host(domain))
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
