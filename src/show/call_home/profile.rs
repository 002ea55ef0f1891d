//! `show call-home profile`: one profile or all of them in the layout of IOS XE, which says more than that of an ASA (D28).

use std::fmt;

use serde::Serialize;

use super::UNSET;
use crate::call_home::api::{Cycle, NotDue, Scheduled};
use crate::config::RunningConfig;
use crate::config::call_home::{
    AlertGroup, AlertSeverity, CallHome, Method, Periodic, Profile, Reporting, Subscription,
    SyslogSelector,
};
use crate::show::sanitised::sanitised;
use crate::show::table::{Column, Table};

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
    /// It gets anonymous reports and nothing else.
    pub anonymous_reporting_only: bool,
    pub reporting: Option<Reporting>,
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
    /// Null without a schedule.
    pub schedule: Option<ScheduleState>,
}

/// When a message is sent by the clock; parts that are not configured are the device's choice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ScheduleState {
    pub cycle: Cycle,
    /// RFC 3339, with the device's offset; null while it is not sent.
    pub next: Option<String>,
    pub not_due: Option<NotDue>,
    /// `2026-12-01 09:00 GMT+01:00`.
    #[serde(skip)]
    shown: String,
}

/// Syslog messages that are subscribed to: by number, by pattern, or all of them when both are null.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SyslogState {
    pub messages: Option<String>,
    pub pattern: Option<String>,
    pub severity: AlertSeverity,
}

/// Every profile, by name.
pub fn profiles(config: &RunningConfig, schedules: &[Scheduled]) -> Profiles {
    let CallHome { profiles, .. } = &*config.call_home;
    Profiles {
        profiles: profiles
            .iter()
            .map(|(name, profile)| state(name, profile, schedules))
            .collect(),
    }
}

/// One profile; `None` where there is none of that name.
pub fn profile(config: &RunningConfig, name: &str, schedules: &[Scheduled]) -> Option<Profiles> {
    let profile = config.call_home.profile(name)?;
    Some(Profiles {
        profiles: vec![state(name, profile, schedules)],
    })
}

fn state(name: &str, profile: &Profile, schedules: &[Scheduled]) -> ProfileState {
    let schedules = schedules.iter();
    let schedules: Vec<_> = schedules.filter(|it| *it.profile == *name).collect();
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
        anonymous_reporting_only: profile.anonymous_only,
        reporting: profile.reporting,
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
        subscriptions: subscriptions(profile, &schedules),
        syslog: syslog(profile),
    }
}

/// Every group but syslog that the profile is subscribed to, by keyword.
fn subscriptions(profile: &Profile, schedules: &[&Scheduled]) -> Vec<SubscriptionState> {
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
            schedule: schedules
                .iter()
                .find(|it| it.group == group)
                .map(|scheduled| ScheduleState::from(*scheduled)),
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

impl From<&Scheduled> for ScheduleState {
    fn from(scheduled: &Scheduled) -> Self {
        let next = scheduled.next.ok().flatten();
        Self {
            cycle: scheduled.cycle,
            next: next.map(|next| next.to_rfc3339()),
            not_due: scheduled.next.err(),
            shown: next
                .map(|next| next.format("%Y-%m-%d %H:%M GMT%:z").to_string())
                .unwrap_or_default(),
        }
    }
}

/// `daily at 00:00 (next 2026-12-01 00:00 GMT+01:00)`.
impl fmt::Display for ScheduleState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.not_due {
            Some(why) => write!(f, "{} (not sent: {why})", self.cycle),
            None => write!(f, "{} (next {})", self.cycle, self.shown),
        }
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
        if self.anonymous_reporting_only {
            writeln!(f, "    Profile mode: Anonymous Reporting Only")?;
        }
        if let Some(reporting) = self.reporting {
            let data = match reporting {
                Reporting::All => "Smart Call Home, Smart Licensing",
                Reporting::SmartCallHomeData => "Smart Call Home",
                Reporting::SmartLicensingData => "Smart Licensing",
            };
            writeln!(f, "    Reporting Data: {data}")?;
        }
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
            if let Some(schedule) = &subscription.schedule {
                writeln!(
                    f,
                    "\n    Periodic {} info message is scheduled {schedule}",
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
