//! All that others see of the call-home room: what it can be told to do, and what it says of itself. Plain data.

use std::fmt;
use std::sync::Arc;
use std::sync::mpsc::Receiver;

use chrono::{DateTime, FixedOffset, Utc};
use serde::Serialize;

pub use super::schedule::Cycle;
use crate::config::TakenOver;
use crate::config::call_home::{AlertGroup, AlertSeverity};

/// The call-home room from outside.
pub trait CallHome: Send + Sync {
    /// Starts an action; its result lines stream through the receiver, which ends when the action has ended.
    fn act(&self, action: Do) -> Receiver<Line>;
    fn status(&self) -> Status;
    /// Every periodic subscription and when it is sent next.
    fn schedules(&self) -> Vec<Scheduled>;
    /// How far the room has got with what was published.
    fn taken_over(&self) -> Arc<TakenOver>;
    /// Before the end of the process: what was delivered leaves the disk.
    fn close(&self);
}

/// What an operator can make happen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Do {
    /// `call-home test ["TEXT"] profile NAME`.
    Test {
        text: Option<String>,
        profile: Arc<str>,
    },
    /// `call-home send alert-group GROUP [profile NAME]`; without a profile, every active one that subscribes to the group.
    Send {
        group: AlertGroup,
        profile: Option<Arc<str>>,
    },
    /// `call-home send "CLI"`: the outputs of commands that change nothing, as a long text.
    SendCommands {
        commands: Vec<Arc<str>>,
        /// The vendor's address for what belongs to a case when `None`.
        email: Option<Arc<str>>,
        /// The vendor's number of the case.
        service_number: Option<Arc<str>>,
    },
    /// `call-home test reporting anonymous`.
    TestAnonymous,
}

/// One line for the operator while an action works. An action gives one `Succeeded` or `Failed` for each destination, at
/// least one in all; a stream that ends without any was abandoned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line {
    /// What is going on; the text after `INFO: `.
    Info(String),
    /// A destination took the message; the text after `INFO: `.
    Succeeded(String),
    /// A destination did not; the text after `ERROR: `. Gives exit status 1.
    Failed(String),
}

impl Line {
    pub const fn is_failure(&self) -> bool {
        matches!(self, Self::Failed(_))
    }
}

/// As a device prints it.
impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Info(text) | Self::Succeeded(text) => write!(f, "INFO: {text}"),
            Self::Failed(text) => write!(f, "ERROR: {text}"),
        }
    }
}

/// What the room says of itself; a message counts once for each destination.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Status {
    /// Delivered.
    pub sent: u64,
    /// Attempts that failed.
    pub failed: u64,
    /// Refused by `--only-to` or because the vendor's destinations are not permitted.
    pub denied: u64,
    /// Given up, or never tried: too long, or no way to send it as configured; what was denied is among them.
    pub dropped: u64,
    /// Faults of ours, and of the disk under the outbox.
    pub faults: u64,
    pub statistics: Statistics,
    /// In the order of the configuration.
    pub mail_servers: Vec<MailServerState>,
    /// What is being worked on, the oldest of each destination first; not all of very many.
    pub events: Vec<ActiveEvent>,
}

/// Counters since the start of the process.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Statistics {
    /// Kinds that there was something of.
    pub messages: Vec<MessageCount>,
    pub events: Vec<EventCount>,
    /// Messages for one destination each that were accepted for sending, those of an earlier run that still waited included:
    /// `accepted = delivered + given_up + waiting`.
    pub accepted: u64,
    pub delivered: u64,
    pub given_up: u64,
    pub waiting: u64,
    pub last_sent: Option<DateTime<Utc>>,
}

/// Messages of one kind that go one way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MessageCount {
    /// `inventory`, `test`, ...
    pub kind: &'static str,
    /// By HTTP otherwise.
    pub is_email: bool,
    pub success: u64,
    pub in_delivering: u64,
    pub in_queue: u64,
    pub dropped: u64,
    /// Attempts.
    pub failed: u64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EventCount {
    pub kind: &'static str,
    pub detected: u64,
    pub in_processing: u64,
    pub dropped: u64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailServerState {
    pub host: Arc<str>,
    pub priority: u8,
    pub availability: Availability,
}

/// Whether a mail server took something the last time it was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Availability {
    Available,
    NotAvailable,
    /// It was not asked yet.
    Unknown,
}

/// A message on its way to one destination.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActiveEvent {
    pub profile: Arc<str>,
    pub kind: &'static str,
    pub severity: AlertSeverity,
    /// Carries no password.
    pub destination: String,
    pub accepted: DateTime<Utc>,
    /// The id that the message says of itself.
    pub message: Arc<str>,
}

/// A periodic subscription of a profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scheduled {
    pub profile: Arc<str>,
    pub group: AlertGroup,
    /// Parts that the configuration leaves out are the device's choice.
    pub cycle: Cycle,
    /// By the device's clock; `None` at the end of the calendar.
    pub next: Result<Option<DateTime<FixedOffset>>, NotDue>,
}

/// Why a periodic message is not sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(rename_all = "kebab-case")]
pub enum NotDue {
    #[error("service call-home is off")]
    ServiceOff,
    #[error("the profile is inactive")]
    ProfileInactive,
    #[error("the alert group is off")]
    GroupOff,
}
