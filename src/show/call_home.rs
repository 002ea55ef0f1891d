//! `show call-home`: settings, alert groups and profiles of the running-config, in the layout of an ASA for the settings and of IOS XE
//! for the profiles. What has been sent is counted in the call-home room and not shown here.

use std::fmt;

use serde::Serialize;

use super::sanitised::sanitised;
use super::table::{Column, Table};
use crate::config::RunningConfig;
use crate::config::call_home::{
    AlertGroup, AlertSeverity, CallHome, Method, Periodic, Profile, Subscription, SyslogSelector,
};

const UNSET: &str = "Not yet set up";

/// `show call-home`. In JSON what is not configured is null.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Settings {
    pub enabled: bool,
    /// Whether messages may go to the vendor's own destinations.
    pub vendor_permitted: bool,
    /// Effective: the contact person's where the sender has none of its own.
    pub from_address: Option<String>,
    pub reply_to_address: Option<String>,
    pub contact_name: Option<String>,
    pub contact_email_address: Option<String>,
    pub phone_number: Option<String>,
    pub street_address: Option<String>,
    pub customer_id: Option<String>,
    pub contract_id: Option<String>,
    pub site_id: Option<String>,
    /// In the order in which they are tried.
    pub mail_servers: Vec<MailServer>,
    pub http_proxy: Option<String>,
    /// Messages a minute.
    pub rate_limit: u8,
    pub snapshot_commands: Vec<String>,
    pub alert_groups: AlertGroups,
    /// Names, in order.
    pub profiles: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MailServer {
    pub address: String,
    pub priority: u8,
}

/// `show call-home alert-group`. JSON: an array.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct AlertGroups {
    pub groups: Vec<GroupState>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct GroupState {
    pub keyword: &'static str,
    pub enabled: bool,
    pub description: &'static str,
}

/// `show call-home profile`. JSON: an array.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Profiles {
    pub profiles: Vec<ProfileState>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ProfileState {
    pub name: String,
    pub active: bool,
    pub preferred_message_format: &'static str,
    /// Bytes.
    pub message_size_limit: u32,
    pub http: Destinations,
    pub email: Destinations,
    pub reference_identity: Option<String>,
    pub subscriptions: Vec<SubscriptionState>,
    pub syslog: Vec<SyslogState>,
}

/// The addresses of one transport method, and whether the profile uses it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Destinations {
    pub in_use: bool,
    pub addresses: Vec<DestinationState>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DestinationState {
    pub address: String,
    pub reference_identity: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SubscriptionState {
    pub alert_group: &'static str,
    /// Effective; null for a group that is not sent by severity.
    pub severity: Option<AlertSeverity>,
    /// As configured, `monthly 27 09:15`; null without a schedule.
    pub periodic: Option<String>,
}

/// Syslog messages that are subscribed to: by number, by pattern, or all of them when both are null.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SyslogState {
    pub messages: Option<String>,
    pub pattern: Option<String>,
    pub severity: AlertSeverity,
}

/// `show call-home detail`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Detail {
    pub settings: Settings,
    pub profiles: Profiles,
}

pub fn settings(config: &RunningConfig) -> Settings {
    let call_home = &config.call_home;
    let text = |text: Option<&std::sync::Arc<str>>| text.map(|text| sanitised(text));
    let mail_servers = call_home.mail_servers.iter();
    Settings {
        enabled: call_home.service,
        vendor_permitted: call_home.vendor_permit,
        from_address: text(call_home.from_address()),
        reply_to_address: text(call_home.reply_to_address()),
        contact_name: text(call_home.contact_name.as_ref()),
        contact_email_address: text(call_home.contact_email_addr.as_ref()),
        phone_number: text(call_home.phone_number.as_ref()),
        street_address: text(call_home.street_address.as_ref()),
        customer_id: text(call_home.customer_id.as_ref()),
        contract_id: text(call_home.contract_id.as_ref()),
        site_id: text(call_home.site_id.as_ref()),
        mail_servers: mail_servers
            .map(|server| MailServer {
                address: sanitised(&server.host),
                priority: server.priority,
            })
            .collect(),
        http_proxy: call_home
            .http_proxy
            .as_ref()
            .map(|proxy| format!("{} port {}", sanitised(&proxy.host), proxy.port)),
        rate_limit: call_home.rate_limit(),
        snapshot_commands: call_home
            .snapshot_commands
            .iter()
            .map(|command| sanitised(command))
            .collect(),
        alert_groups: alert_groups(config),
        profiles: call_home
            .profiles
            .keys()
            .map(|name| sanitised(name))
            .collect(),
    }
}

/// By keyword, as a device lists them.
pub fn alert_groups(config: &RunningConfig) -> AlertGroups {
    let state = |group: AlertGroup| GroupState {
        keyword: group.keyword(),
        enabled: config.call_home.is_enabled(group),
        description: group.description(),
    };
    let mut groups: Vec<_> = AlertGroup::ALL.map(state).into();
    groups.sort_by_key(|group| group.keyword);
    AlertGroups { groups }
}

/// Every profile, by name.
pub fn profiles(config: &RunningConfig) -> Profiles {
    let CallHome { profiles, .. } = &*config.call_home;
    Profiles {
        profiles: profiles
            .iter()
            .map(|(name, profile)| state(name, profile))
            .collect(),
    }
}

/// One profile; `None` where there is none of that name.
pub fn profile(config: &RunningConfig, name: &str) -> Option<Profiles> {
    let profile = config.call_home.profile(name)?;
    Some(Profiles {
        profiles: vec![state(name, profile)],
    })
}

pub fn detail(config: &RunningConfig) -> Detail {
    Detail {
        settings: settings(config),
        profiles: profiles(config),
    }
}

fn state(name: &str, profile: &Profile) -> ProfileState {
    let methods = profile.methods();
    let http = profile.http.iter().map(|destination| DestinationState {
        address: sanitised(&destination.url),
        reference_identity: destination.reference_identity.as_deref().map(sanitised),
    });
    let email = profile.email.iter().map(|address| DestinationState {
        address: sanitised(address),
        reference_identity: None,
    });
    ProfileState {
        name: sanitised(name),
        active: profile.is_active(),
        preferred_message_format: profile.format().keyword(),
        message_size_limit: profile.message_size_limit(),
        http: Destinations {
            in_use: methods.has(Method::Http),
            addresses: http.collect(),
        },
        email: Destinations {
            in_use: methods.has(Method::Email),
            addresses: email.collect(),
        },
        reference_identity: profile.reference_identity.as_deref().map(sanitised),
        subscriptions: subscriptions(profile),
        syslog: syslog(profile),
    }
}

/// Every group but syslog that the profile is subscribed to, by keyword.
fn subscriptions(profile: &Profile) -> Vec<SubscriptionState> {
    let everything = Subscription::default();
    let state = |group: AlertGroup| {
        let configured = profile.subscriptions.groups.get(&group);
        let subscription =
            configured.or_else(|| profile.subscriptions.all.then_some(&everything))?;
        Some(SubscriptionState {
            alert_group: group.keyword(),
            severity: group
                .has_severity()
                .then(|| subscription.effective_severity()),
            periodic: subscription
                .periodic
                .map(|periodic: Periodic| periodic.to_string()),
        })
    };
    let groups = AlertGroup::ALL
        .into_iter()
        .filter(|group| *group != AlertGroup::Syslog);
    let mut subscriptions: Vec<_> = groups.filter_map(state).collect();
    subscriptions.sort_by_key(|subscription| subscription.alert_group);
    subscriptions
}

fn syslog(profile: &Profile) -> Vec<SyslogState> {
    let state = |selector: &SyslogSelector, severity: Option<AlertSeverity>| SyslogState {
        messages: if let SyslogSelector::Messages(ids) = selector {
            Some(ids.to_string())
        } else {
            None
        },
        pattern: if let SyslogSelector::Pattern(pattern) = selector {
            Some(sanitised(pattern))
        } else {
            None
        },
        severity: severity.unwrap_or(AlertSeverity::Debugging),
    };
    let configured = &profile.subscriptions.syslog;
    if profile.subscriptions.all && !configured.contains_key(&SyslogSelector::Any) {
        let all = [state(&SyslogSelector::Any, None)].into_iter();
        return all
            .chain(
                configured
                    .iter()
                    .map(|(selector, severity)| state(selector, *severity)),
            )
            .collect();
    }
    configured
        .iter()
        .map(|(selector, severity)| state(selector, *severity))
        .collect()
}

impl fmt::Display for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let set = |text: &Option<String>| text.clone().unwrap_or_else(|| UNSET.into());
        let switch = |on: bool| if on { "enable" } else { "disable" };
        writeln!(f, "Current Smart Call-Home settings:")?;
        writeln!(f, " Smart Call-Home feature : {}", switch(self.enabled))?;
        writeln!(
            f,
            " Smart Call-Home messages to the vendor: {}",
            switch(self.vendor_permitted)
        )?;
        writeln!(
            f,
            " Smart Call-Home message's from address: {}",
            set(&self.from_address)
        )?;
        writeln!(
            f,
            " Smart Call-Home message's reply-to address: {}",
            set(&self.reply_to_address)
        )?;
        writeln!(f, " contact person's name: {}", set(&self.contact_name))?;
        writeln!(
            f,
            " contact person's email address: {}",
            set(&self.contact_email_address)
        )?;
        writeln!(f, " contact person's phone: {}", set(&self.phone_number))?;
        writeln!(f, " street address: {}", set(&self.street_address))?;
        writeln!(f, " customer ID: {}", set(&self.customer_id))?;
        writeln!(f, " contract ID: {}", set(&self.contract_id))?;
        writeln!(f, " site ID: {}", set(&self.site_id))?;
        if self.mail_servers.is_empty() {
            writeln!(f, " Mail-server: {UNSET}")?;
        }
        for (place, MailServer { address, priority }) in self.mail_servers.iter().enumerate() {
            writeln!(
                f,
                " Mail-server[{}]: Address: {address} Priority: {priority}",
                place + 1
            )?;
        }
        writeln!(f, " http proxy: {}", set(&self.http_proxy))?;
        writeln!(f, " Rate-limit: {} message(s) per minute", self.rate_limit)?;
        if self.snapshot_commands.is_empty() {
            writeln!(f, " Snapshot command: {UNSET}")?;
        }
        for (place, command) in self.snapshot_commands.iter().enumerate() {
            writeln!(f, " Snapshot command[{place}]: {command}")?;
        }
        write!(f, "\n{}\nProfiles:\n", self.alert_groups)?;
        self.profiles
            .iter()
            .try_for_each(|name| writeln!(f, " Profile Name: {name}"))
    }
}

impl fmt::Display for AlertGroups {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let columns = [
            Column::left("Keyword", 24),
            Column::left("State", 7),
            Column::left("Description", 31),
        ];
        let mut table = Table::new(columns).indent(1).gap(1).ruled();
        for GroupState {
            keyword,
            enabled,
            description,
        } in &self.groups
        {
            table.row([
                *keyword,
                if *enabled { "Enable" } else { "Disable" },
                *description,
            ]);
        }
        write!(f, "Available alert groups:\n{table}")
    }
}

impl fmt::Display for Profiles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, profile) in self.profiles.iter().enumerate() {
            let gap = if place == 0 { "" } else { "\n" };
            write!(f, "{gap}{profile}")?;
        }
        Ok(())
    }
}

impl fmt::Display for ProfileState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "Profile Name: {}", self.name)?;
        writeln!(
            f,
            "    Profile status: {}",
            if self.active { "ACTIVE" } else { "INACTIVE" }
        )?;
        writeln!(
            f,
            "    Preferred Message Format: {}",
            self.preferred_message_format
        )?;
        writeln!(
            f,
            "    Message Size Limit: {} Bytes",
            self.message_size_limit
        )?;
        let methods = match (self.http.in_use, self.email.in_use) {
            (true, true) => "http and email",
            (true, false) => "http",
            (false, true) => "email",
            (false, false) => UNSET,
        };
        writeln!(f, "    Transport Method: {methods}")?;
        self.destinations(f)?;
        if let Some(identity) = &self.reference_identity {
            writeln!(f, "    Reference Identity: {identity}")?;
        }
        for subscription in &self.subscriptions {
            if let Some(periodic) = &subscription.periodic {
                writeln!(
                    f,
                    "\n    Periodic {} info message is configured {periodic}",
                    subscription.alert_group
                )?;
            }
        }
        writeln!(f)?;
        self.groups(f)?;
        writeln!(f)?;
        self.patterns(f)
    }
}

impl ProfileState {
    /// The addresses in use by method, then those of a method that is not used.
    fn destinations(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let texts = |destinations: &Destinations| {
            destinations
                .addresses
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
        };
        let mut others = Vec::new();
        for (title, destinations) in [
            ("HTTP  address", &self.http),
            ("Email address(es)", &self.email),
        ] {
            match destinations.in_use {
                true if destinations.addresses.is_empty() => addresses(f, title, &[UNSET.into()])?,
                true => addresses(f, title, &texts(destinations))?,
                false => others.extend(texts(destinations)),
            }
        }
        addresses(f, "Other address(es)", &others)
    }

    fn groups(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut table = Table::new([
            Column::left("Alert-group", 24),
            Column::left("Severity", 12),
        ])
        .indent(4)
        .ruled();
        for subscription in &self.subscriptions {
            table.row([
                subscription.alert_group,
                subscription.severity.map_or("n/a", AlertSeverity::keyword),
            ]);
        }
        if table.is_empty() {
            table.row(["N/A", "N/A"]);
        }
        write!(f, "{table}")
    }

    fn patterns(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut table = Table::new([
            Column::left("Syslog-Pattern", 24),
            Column::left("Severity", 12),
        ])
        .indent(4)
        .ruled();
        for SyslogState {
            messages,
            pattern,
            severity,
        } in &self.syslog
        {
            let what = match (messages, pattern) {
                (Some(ids), _) => format!("message {ids}"),
                (None, Some(pattern)) => pattern.clone(),
                (None, None) => ".*".into(),
            };
            table.row([what.as_str(), severity.keyword()]);
        }
        if table.is_empty() {
            table.row(["N/A", "N/A"]);
        }
        write!(f, "{table}")
    }
}

/// The first beside the title, the others below it; nothing at all for none.
fn addresses(f: &mut fmt::Formatter<'_>, title: &str, addresses: &[String]) -> fmt::Result {
    for (place, address) in addresses.iter().enumerate() {
        match place {
            0 => writeln!(f, "    {title}: {address}")?,
            _ => writeln!(f, "    {:1$}{address}", "", title.len() + 2)?,
        }
    }
    Ok(())
}

impl fmt::Display for DestinationState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.address)?;
        self.reference_identity.as_ref().map_or(Ok(()), |identity| {
            write!(f, " (reference-identity {identity})")
        })
    }
}

impl fmt::Display for Detail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n{}", self.settings, self.profiles)
    }
}

#[cfg(test)]
#[path = "call_home_tests.rs"]
mod tests;
