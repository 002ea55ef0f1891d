//! `show call-home`: the settings and alert groups of the running-config in the layout of an ASA; profiles stand in `profile`. What
//! has been sent stands in `activity`.

mod activity;
mod ios;
mod profile;

use std::fmt;

use serde::Serialize;

use super::sanitised::sanitised;
use super::table::{Column, Table};
use crate::call_home::api::Scheduled;
use crate::config::RunningConfig;
use crate::config::call_home::{AlertGroup, Secure};

pub use activity::{active_events, mail_server_states, statistics};
pub use ios::IosSettings;
pub use profile::{
    DestinationState, Destinations, ProfileState, Profiles, SubscriptionState, SyslogState,
    profile, profiles,
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
    pub contact: Option<String>,
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
    #[serde(flatten)]
    pub ios: IosSettings,
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
    pub port: Option<u16>,
    pub secure: Option<Secure>,
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
        contact: text(call_home.contact.as_ref()),
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
                port: server.port,
                secure: server.secure,
            })
            .collect(),
        http_proxy: call_home
            .http_proxy
            .as_ref()
            .map(|proxy| format!("{} port {}", sanitised(&proxy.host), proxy.port)),
        ios: ios::settings(&call_home.ios),
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

pub fn detail(config: &RunningConfig, schedules: &[Scheduled]) -> Detail {
    Detail {
        settings: settings(config),
        profiles: profiles(config, schedules),
    }
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
        if let Some(contact) = &self.contact {
            writeln!(f, " contact: {contact}")?;
        }
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
        for (place, server) in self.mail_servers.iter().enumerate() {
            writeln!(f, " Mail-server[{}]: {server}", place + 1)?;
        }
        writeln!(f, " http proxy: {}", set(&self.http_proxy))?;
        write!(f, "{}", self.ios)?;
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

impl fmt::Display for MailServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Address: {} Priority: {}", self.address, self.priority)?;
        self.port
            .map_or(Ok(()), |port| write!(f, " Port: {port}"))?;
        self.secure
            .map_or(Ok(()), |secure| write!(f, " Secure: {}", secure.keyword()))
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

impl fmt::Display for Detail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n{}", self.settings, self.profiles)
    }
}

#[cfg(test)]
mod tests;
