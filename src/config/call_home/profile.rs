//! A call-home profile: where its messages go, how, and whether at all. The struct, its defaults, its `apply` function and its text
//! lines. The predefined profile is one that always exists and has defaults of its own.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::subscription::{Subscription, Subscriptions};
use super::{AlertGroup, Format, Method, Periodic, Reporting, vendor_denied};
use crate::command::call_home::{Command, DestinationToRemove};
use crate::config::refusal::Kind;
use crate::config::url::Url;
use crate::config::{Notice, Notices, Refusal, RunningConfig};
use crate::vendor;

/// The predefined profile. It always exists, inactive until told otherwise (D18).
pub const CISCO_TAC_1: &str = "CiscoTAC-1";

/// Who gets what, and how.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Profile {
    /// The profile that always exists; its defaults are its own.
    pub predefined: bool,
    pub active: Option<bool>,
    /// `anonymous-reporting-only`: gets anonymous reports and nothing else.
    pub anonymous_only: bool,
    pub reporting: Option<Reporting>,
    /// In order of entry.
    pub http: Vec<HttpDestination>,
    /// In order of entry.
    pub email: Vec<Arc<str>>,
    pub methods: Option<Methods>,
    pub format: Option<Format>,
    /// Bytes, 50 to 3145728.
    pub message_size_limit: Option<u32>,
    /// For the destinations that name none themselves.
    pub reference_identity: Option<Arc<str>>,
    pub subscriptions: Subscriptions,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpDestination {
    /// `http://` or `https://`, as typed.
    pub url: Arc<str>,
    /// `reference-identity` on the destination's own line.
    pub reference_identity: Option<Arc<str>>,
}

/// The methods that were switched on or off by name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Methods {
    pub http: bool,
    pub email: bool,
}

impl Profile {
    pub const DEFAULT_SIZE_LIMIT: u32 = 3_145_728;

    /// As every device has it out of the box.
    pub fn cisco_tac_1() -> Self {
        let on = |periodic| Subscription {
            periodic,
            ..Subscription::default()
        };
        let monthly = Some(Periodic::Monthly {
            date: None,
            time: None,
        });
        Self {
            predefined: true,
            http: vec![HttpDestination {
                url: vendor::COLLECTOR_URL.into(),
                reference_identity: None,
            }],
            email: vec![vendor::COLLECTOR_EMAIL.into()],
            methods: Some(Methods {
                http: true,
                email: false,
            }),
            subscriptions: Subscriptions {
                groups: BTreeMap::from([
                    (AlertGroup::Diagnostic, on(None)),
                    (AlertGroup::Environment, on(None)),
                    (AlertGroup::Inventory, on(monthly)),
                    (AlertGroup::Configuration, on(monthly)),
                    (
                        AlertGroup::Telemetry,
                        on(Some(Periodic::Daily { time: None })),
                    ),
                ]),
                ..Subscriptions::default()
            },
            ..Self::default()
        }
    }

    /// A profile is active unless told otherwise; the predefined one is not.
    pub fn is_active(&self) -> bool {
        self.active.unwrap_or(!self.predefined)
    }

    /// E-mail unless configured.
    pub fn methods(&self) -> Methods {
        self.methods.unwrap_or(Methods {
            http: false,
            email: true,
        })
    }

    pub fn format(&self) -> Format {
        self.format.unwrap_or_default()
    }

    /// Bytes of a message, all of it.
    pub fn message_size_limit(&self) -> u32 {
        self.message_size_limit.unwrap_or(Self::DEFAULT_SIZE_LIMIT)
    }

    /// The identity that the server of `destination` must show: the destination's own, else the profile's.
    pub fn reference_identity_of<'a>(
        &'a self,
        destination: &'a HttpDestination,
    ) -> Option<&'a Arc<str>> {
        destination
            .reference_identity
            .as_ref()
            .or(self.reference_identity.as_ref())
    }

    pub fn subscribes_to(&self, group: AlertGroup) -> bool {
        let subscriptions = &self.subscriptions;
        let syslog = group == AlertGroup::Syslog && !subscriptions.syslog.is_empty();
        subscriptions.all || syslog || subscriptions.groups.contains_key(&group)
    }
}

/// Whether a command speaks of the profile that is open, rather than of the block around it.
pub(super) fn is_of_a_profile(command: &Command) -> bool {
    matches!(
        command,
        Command::Active
            | Command::NoActive
            | Command::DefaultActive
            | Command::AnonymousReportingOnly
            | Command::NoAnonymousReportingOnly
            | Command::DefaultAnonymousReportingOnly
            | Command::Reporting(_)
            | Command::NoReporting(_)
            | Command::DefaultReporting(_)
            | Command::DestinationAddress(_)
            | Command::DestinationEmail(_)
            | Command::NoDestinationAddress(_)
            | Command::TransportMethod(_)
            | Command::NoTransportMethod(_)
            | Command::DefaultTransportMethod(_)
            | Command::PreferredMsgFormat(_)
            | Command::NoPreferredMsgFormat(_)
            | Command::DefaultPreferredMsgFormat(_)
            | Command::MessageSizeLimit(_)
            | Command::NoMessageSizeLimit(_)
            | Command::DefaultMessageSizeLimit(_)
            | Command::ProfileReferenceIdentity(_)
            | Command::NoProfileReferenceIdentity(_)
            | Command::Subscribe(_)
            | Command::SubscribeToEvents(_)
            | Command::NoSubscribe(_)
    )
}

/// The commands of the profile `name`.
pub(super) fn apply(
    config: &mut RunningConfig,
    name: &Arc<str>,
    command: &Command,
) -> Result<Notices, Refusal> {
    if let Some(identity) = named_identity(command)
        && !config.crypto.reference_identities.contains_key(identity)
    {
        return Err(Refusal::NotDefined {
            kind: Kind::ReferenceIdentity,
            name: identity.clone(),
        });
    }
    let vendor_permit = config.call_home.vendor_permit;
    let Some(profile) = Arc::make_mut(&mut config.call_home)
        .profiles
        .get_mut(name)
        .map(Arc::make_mut)
    else {
        return Err(Refusal::NotDefined {
            kind: Kind::Profile,
            name: name.clone(),
        });
    };
    let was_unreadable = profile.is_unreadable_to_the_vendor();
    match command {
        Command::Active => {
            let is_new = !profile.is_active();
            let denied = !vendor_permit && is_new && profile.goes_to_the_vendor();
            let registers = is_new && profile.predefined;
            profile.active = Some(true);
            let mut notices = Notices::new();
            if denied {
                notices.push(vendor_denied());
            }
            if registers {
                notices.extend(config.call_home.nameless_registration());
            }
            return Ok(notices);
        }
        // The predefined profile is inactive anyway, and its `no active` is printed either way.
        Command::NoActive => profile.active = (!profile.predefined).then_some(false),
        Command::DefaultActive => profile.active = None,
        Command::AnonymousReportingOnly => {
            let is_new = !std::mem::replace(&mut profile.anonymous_only, true);
            return Ok(if is_new {
                vec![anonymous_alone()]
            } else {
                Notices::new()
            });
        }
        Command::NoAnonymousReportingOnly | Command::DefaultAnonymousReportingOnly => {
            profile.anonymous_only = false
        }
        Command::Reporting(c) => profile.reporting = Some(c.reporting),
        Command::NoReporting(_) | Command::DefaultReporting(_) => profile.reporting = None,
        // Better said now than at every sending.
        Command::DestinationAddress(c) => match c.url.parse::<Url>() {
            Ok(_) => profile.set_http(&c.url, c.reference_identity.as_ref()),
            Err(fault) => return Err(Refusal::NotAllowed { why: fault.why() }),
        },
        Command::DestinationEmail(c) => {
            let address = c.address.shared();
            if !profile.email.contains(&address) {
                profile.email.push(address);
            }
        }
        Command::NoDestinationAddress(c) => profile.remove_destination(&c.address)?,
        Command::TransportMethod(c) => {
            *profile.methods.get_or_insert_default().entry(c.method) = true
        }
        Command::NoTransportMethod(c) => profile.remove_method(c.method),
        Command::DefaultTransportMethod(_) => profile.methods = profile.base().methods,
        Command::PreferredMsgFormat(c) => profile.format = Some(c.format),
        Command::NoPreferredMsgFormat(_) | Command::DefaultPreferredMsgFormat(_) => {
            profile.format = None
        }
        Command::MessageSizeLimit(c) => profile.message_size_limit = Some(c.bytes),
        Command::NoMessageSizeLimit(_) | Command::DefaultMessageSizeLimit(_) => {
            profile.message_size_limit = None
        }
        Command::ProfileReferenceIdentity(c) => {
            profile.reference_identity = Some(c.reference_identity.clone())
        }
        Command::NoProfileReferenceIdentity(_) => profile.reference_identity = None,
        Command::Subscribe(c) | Command::SubscribeToEvents(c) => {
            profile.subscriptions.add(&c.group)?
        }
        Command::NoSubscribe(c) => profile.subscriptions.remove(&c.group)?,
        _ => {}
    }
    if profile.is_unreadable_to_the_vendor() && !was_unreadable {
        return Ok(vec![xml_all_the_same(profile.format())]);
    }
    Ok(Notices::new())
}

/// The vendor's back end reads nothing else (D204).
fn xml_all_the_same(format: Format) -> Notice {
    let format = format.keyword();
    Notice::Warning(format!(
        "The vendor's own destinations of this profile get xml, not {format}."
    ))
}

/// It gets nothing as long as nobody enables them.
fn anonymous_alone() -> Notice {
    Notice::Info(
        "This profile gets anonymous reports alone, with \"call-home reporting anonymous\".".into(),
    )
}

/// The reference identity that a command refers to.
fn named_identity(command: &Command) -> Option<&Arc<str>> {
    match command {
        Command::DestinationAddress(c) => c.reference_identity.as_ref(),
        Command::ProfileReferenceIdentity(c) => Some(&c.reference_identity),
        _ => None,
    }
}

impl Profile {
    /// Whether one of its destinations would get a format that it cannot read.
    fn is_unreadable_to_the_vendor(&self) -> bool {
        self.format() != Format::Xml && self.goes_to_the_vendor()
    }

    /// Whether one of its destinations is the vendor's own.
    pub fn goes_to_the_vendor(&self) -> bool {
        let is_vendors = |http: &HttpDestination| {
            let url = http.url.parse::<Url>();
            url.is_ok_and(|url| vendor::is_vendor_host(&url.host))
        };
        self.http.iter().any(is_vendors)
            || self.email.iter().any(|address| {
                address
                    .rsplit_once('@')
                    .is_some_and(|(_, host)| vendor::is_vendor_host(host))
            })
    }

    /// Whether `identity` is referred to.
    pub(in crate::config) fn uses_identity(&self, identity: &str) -> bool {
        let named = self
            .http
            .iter()
            .map(|destination| &destination.reference_identity);
        named
            .chain([&self.reference_identity])
            .any(|name| name.as_deref() == Some(identity))
    }

    /// A known destination keeps its place.
    fn set_http(&mut self, url: &Arc<str>, reference_identity: Option<&Arc<str>>) {
        let new = HttpDestination {
            url: url.clone(),
            reference_identity: reference_identity.cloned(),
        };
        match self
            .http
            .iter_mut()
            .find(|destination| destination.url == *url)
        {
            Some(known) => *known = new,
            None => self.http.push(new),
        }
    }

    fn remove_destination(&mut self, address: &DestinationToRemove) -> Result<(), Refusal> {
        let default = self.base();
        let (known, name) = match address {
            DestinationToRemove::All => {
                self.http.clear();
                self.email.clear();
                return Ok(());
            }
            DestinationToRemove::Http { url, .. } => {
                let is = |destination: &HttpDestination| destination.url == *url;
                (self.http.iter().chain(&default.http).any(is), url)
            }
            DestinationToRemove::Email { address } => (
                self.email
                    .iter()
                    .chain(&default.email)
                    .any(|known| known == address),
                address,
            ),
        };
        // The absence of a predefined destination is printed, so saying it again must be possible.
        if !known {
            return Err(Refusal::NotDefined {
                kind: Kind::Destination,
                name: name.clone(),
            });
        }
        self.http.retain(|destination| destination.url != *name);
        self.email.retain(|known| known != name);
        Ok(())
    }

    /// Without any method left, a profile is back at its default, unless it was the default that was taken away.
    fn remove_method(&mut self, method: Method) {
        let mut methods = self.methods();
        *methods.entry(method) = false;
        let is_back = methods == Methods::default() && method == Method::Http && !self.predefined;
        self.methods = (!is_back).then_some(methods);
    }

    /// What a profile of this kind is before anything is configured.
    pub(super) fn base(&self) -> Self {
        if self.predefined {
            Self::cisco_tac_1()
        } else {
            Self::default()
        }
    }
}

impl Methods {
    pub const fn has(self, method: Method) -> bool {
        match method {
            Method::Http => self.http,
            Method::Email => self.email,
        }
    }

    const fn entry(&mut self, method: Method) -> &mut bool {
        match method {
            Method::Http => &mut self.http,
            Method::Email => &mut self.email,
        }
    }
}
