//! All that others see of the call-home room: what it can be told to do, and what it says of itself. Plain data.

use std::fmt;
use std::sync::Arc;
use std::sync::mpsc::Receiver;

use crate::config::TakenOver;
use crate::config::call_home::AlertGroup;

/// The call-home room from outside.
pub trait CallHome: Send + Sync {
    /// Starts an action; its result lines stream through the receiver, which ends when the action has ended.
    fn act(&self, action: Do) -> Receiver<Line>;
    fn status(&self) -> Status;
    /// How far the room has got with what was published.
    fn taken_over(&self) -> Arc<TakenOver>;
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

/// Counters of the room; a message counts once for each destination.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Status {
    pub sent: u64,
    /// Tried and not taken.
    pub failed: u64,
    /// Refused by `--only-to` or because the vendor's destinations are not permitted.
    pub denied: u64,
    /// Never tried: too long, or no way to send it as configured.
    pub dropped: u64,
    /// Faults of ours that ended an action.
    pub faults: u64,
}
