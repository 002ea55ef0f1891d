//! One message: severity, facility, mnemonic, body, stamp. Received bytes are parsed once, here, into ranges; what a room
//! says of itself is an `Own`; `zone` is what a clock shows. Which session gets a message, and how it is written, is decided elsewhere.

#[cfg(test)]
#[path = "message/captured_tests.rs"]
mod captured_tests;
#[path = "message/cisco.rs"]
mod cisco;
#[path = "message/parse.rs"]
mod parse;
#[path = "message/program.rs"]
mod program;
#[path = "message/stamp.rs"]
mod stamp;
#[cfg(test)]
#[path = "message/tests.rs"]
mod tests;
#[path = "message/zone.rs"]
pub mod zone;

use std::sync::Arc;

pub use parse::{Kind, Parsed, parse};
pub(crate) use stamp::month;

/// How bad it is: 0 emergencies (worst) to 7 debugging, as in RFC 5424 section 6.2.1 and on every device.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    Emergencies,
    Alerts,
    Critical,
    Errors,
    Warnings,
    #[default]
    Notifications,
    Informational,
    Debugging,
}

impl Severity {
    /// All eight, worst first.
    pub const ALL: [Self; 8] = [
        Self::Emergencies,
        Self::Alerts,
        Self::Critical,
        Self::Errors,
        Self::Warnings,
        Self::Notifications,
        Self::Informational,
        Self::Debugging,
    ];

    /// From its number; `None` above 7.
    pub const fn from_number(number: u8) -> Option<Self> {
        Some(match number {
            0 => Self::Emergencies,
            1 => Self::Alerts,
            2 => Self::Critical,
            3 => Self::Errors,
            4 => Self::Warnings,
            5 => Self::Notifications,
            6 => Self::Informational,
            7 => Self::Debugging,
            _ => return None,
        })
    }

    /// 0 to 7.
    pub const fn number(self) -> u8 {
        self as u8
    }

    /// The keyword of the command line, `emergencies` to `debugging`.
    pub const fn keyword(self) -> &'static str {
        match self {
            Self::Emergencies => "emergencies",
            Self::Alerts => "alerts",
            Self::Critical => "critical",
            Self::Errors => "errors",
            Self::Warnings => "warnings",
            Self::Notifications => "notifications",
            Self::Informational => "informational",
            Self::Debugging => "debugging",
        }
    }

    /// From the keyword in full or the number as typed.
    pub fn from_keyword(text: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|s| s.keyword() == text)
            .or_else(|| match text.as_bytes() {
                [digit @ b'0'..=b'7'] => Self::from_number(digit - b'0'),
                _ => None,
            })
    }
}

/// A message of the device itself: `%FACILITY-SEVERITY-MNEMONIC: body`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Own {
    /// Upper case, `SYS`, `ASA` (then the mnemonic is the six-digit number).
    pub facility: Arc<str>,
    pub severity: Severity,
    pub mnemonic: Arc<str>,
    /// One line; CR and LF become blanks on the way out.
    pub body: String,
}

impl Own {
    /// `%ASA-severity-number: body`.
    pub fn asa(severity: Severity, number: u32, body: impl Into<String>) -> Self {
        Self {
            facility: "ASA".into(),
            severity,
            mnemonic: number.to_string().into(),
            body: body.into(),
        }
    }

    /// `%SYS-severity-mnemonic: body`.
    pub fn sys(severity: Severity, mnemonic: &str, body: impl Into<String>) -> Self {
        Self {
            facility: "SYS".into(),
            severity,
            mnemonic: mnemonic.into(),
            body: body.into(),
        }
    }
}

/// How a room says its own messages without knowing who listens. Never blocks; what cannot be taken is counted by the taker.
pub trait Say: Send + Sync {
    fn say(&self, message: Own);
}
