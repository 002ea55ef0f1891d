//! The chassis: everything that one device is, shared by all of its Sessions. A value, never a global; tests make as many
//! as they like.

use std::sync::{Arc, Mutex};

use super::owner::Owner;
use crate::call_home::api::CallHome;
use crate::device::Facts;
use crate::device::clock::Clock;
use crate::device::history::History;
use crate::message::{Own, Say};
use crate::state::Folder;
use crate::syslog::api::Syslog;
use crate::trust::api::names::NameService;
use crate::trust::api::{Crls, Trust};

/// The running-config's owner, the living rooms by their apis, the state folder, the clock and the host's facts.
pub struct Chassis {
    pub owner: Owner,
    pub clock: Arc<dyn Clock>,
    pub facts: Arc<dyn Facts>,
    /// What the facts were in the last minutes.
    pub history: Arc<History>,
    pub state: Arc<Folder>,
    pub syslog: Arc<dyn Syslog>,
    pub call_home: Arc<dyn CallHome>,
    pub crls: Arc<dyn Crls>,
    pub trust: Arc<dyn Trust>,
    pub names: Arc<dyn NameService>,
    /// Lines of the startup-config that were refused when it was read last, for `show startup-config errors`.
    pub startup_errors: Mutex<Vec<StartupError>>,
    /// Who changed the configuration last, and when.
    pub last_change: Mutex<Option<LastChange>>,
}

/// A line of the startup-config that was refused or is of no use, its secrets already masked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StartupError {
    /// From 1.
    pub line: usize,
    /// From 1, in characters; 0 where the whole line is meant.
    pub column: usize,
    pub text: String,
    /// In the device's words.
    pub error: String,
    /// False for a line that was applied and is of no use here (C2.7).
    pub is_refused: bool,
}

/// Who changed the configuration last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastChange {
    pub user: Arc<str>,
    pub at: chrono::DateTime<chrono::Utc>,
}

impl Say for Chassis {
    fn say(&self, message: Own) {
        self.syslog.say(message);
    }
}
