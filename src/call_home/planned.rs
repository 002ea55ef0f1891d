//! What a configuration has to run by the clock: which groups of which profiles, when, and what keeps them from being sent. Pure.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::api::NotDue;
use super::schedule::Plan;
use super::timetable::{Key, Wanted};
use crate::config::RunningConfig;
use crate::config::call_home::{AlertGroup, CISCO_TAC_1, CallHome, Periodic, Profile};
use crate::device::clock::Clock;
use crate::message::zone::{Offsets, Zone};

/// One periodic subscription.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Planned {
    pub(super) key: Key,
    pub(super) wanted: Wanted,
    /// Why it is not sent.
    pub(super) not_due: Option<NotDue>,
}

/// All of them, by profile. `device` is what tells devices apart.
pub(super) fn planned(config: &RunningConfig, device: &str) -> Vec<Planned> {
    let call_home = &config.call_home;
    let mut all = Vec::new();
    for (name, profile) in &call_home.profiles {
        for group in AlertGroup::ALL {
            let Some(periodic) = periodic_of(profile, group) else {
                continue;
            };
            let inventory = periodic_of(profile, AlertGroup::Inventory);
            all.push(Planned {
                key: Key {
                    profile: Arc::clone(name),
                    group,
                },
                wanted: Wanted {
                    periodic,
                    plan: Plan::new(device, name, group, periodic, inventory),
                },
                not_due: not_due(call_home, profile, group),
            });
        }
    }
    all
}

fn periodic_of(profile: &Profile, group: AlertGroup) -> Option<Periodic> {
    profile.subscriptions.groups.get(&group)?.periodic
}

fn not_due(call_home: &CallHome, profile: &Profile, group: AlertGroup) -> Option<NotDue> {
    if !call_home.service {
        Some(NotDue::ServiceOff)
    } else if !profile.is_active() {
        Some(NotDue::ProfileInactive)
    } else if !call_home.is_enabled(group) {
        Some(NotDue::GroupOff)
    } else {
        None
    }
}

/// Whether the device may tell the vendor whose it is, once: the feature and the predefined profile are on, the contact is known,
/// and the profile has a destination that may be used.
pub(super) fn may_register(config: &RunningConfig) -> bool {
    let call_home = &config.call_home;
    let is_on = |profile: &Arc<Profile>| {
        not_due(call_home, profile, AlertGroup::Inventory).is_none()
            && profile.subscribes_to(AlertGroup::Inventory)
            && (call_home.vendor_permit || !profile.goes_to_the_vendor())
    };
    call_home.contact_email_addr.is_some() && call_home.profile(CISCO_TAC_1).is_some_and(is_on)
}

/// The zone by which a device plans: its own if one is configured, else the host's.
pub(super) enum DeviceZone<'a> {
    Configured(Zone),
    Host(&'a dyn Clock),
}

impl<'a> DeviceZone<'a> {
    pub(super) fn new(config: &RunningConfig, clock: &'a dyn Clock) -> Self {
        match (&config.clock.timezone, &config.clock.summer_time) {
            (None, None) => Self::Host(clock),
            _ => Self::Configured(config.clock.zone()),
        }
    }
}

impl Offsets for DeviceZone<'_> {
    fn seconds_east(&self, at: DateTime<Utc>) -> i32 {
        match self {
            Self::Configured(zone) => zone.seconds_east(at),
            Self::Host(clock) => clock.host_seconds_east(at),
        }
    }
}
